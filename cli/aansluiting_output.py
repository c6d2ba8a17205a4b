"""Where a reconciliation goes: a screen, a pipe or a file, in the forms that it has."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.output import write_file, write_output, writing_to
from cli.reading import Reading, colourful, show

if TYPE_CHECKING:
    from projections.aansluiting.weergave import Weergave

OWN: Final = {"table": "txt", "json": "json", "html": "html"}
"""The forms that a reconciliation has of its own, with the ending of their files."""


def write(shown: Weergave, reading: Reading) -> None:
    """Write the reconciliation where it was asked: rows, a workbook, or a form of its own."""
    from projections.aansluiting.tabellen import rijen, werkboek

    form = _form(reading)
    if form in OWN:
        _write_own(shown, reading, form)
    else:
        show(werkboek(shown) if form == "xlsx" else rijen(shown), reading)
    if reading.output is not None or form in {"json", "html"}:
        click.echo(shown.vergeleken, err=True)


def _form(reading: Reading) -> str:
    from projections import render

    if reading.format is not None:
        return reading.format
    if reading.output is None:
        return "table" if sys.stdout.isatty() else "csv"
    path = Path(reading.output)
    if path.is_dir() or reading.output.endswith("/") or not path.suffix:
        return "csv-excel"
    try:
        return render.format_of(path)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="-o") from None


def _write_own(shown: Weergave, reading: Reading, form: str) -> None:
    pieces = _pieces(shown, form, colour=reading.output is None)
    if reading.output is None:
        write_output(pieces)
        return
    path = Path(reading.output)
    with writing_to(path, "-o"):
        if path.is_dir() or not path.suffix:
            path.mkdir(parents=True, exist_ok=True)
            path /= f"aansluiting.{OWN[form]}"
        write_file(path, pieces, "-o")
    click.echo(f"geschreven: {path}", err=True)


def _pieces(shown: Weergave, form: str, *, colour: bool) -> Iterator[bytes]:
    from projections.aansluiting import html, samenvatting, tabellen

    if form == "json":
        return tabellen.json(shown)
    if form == "html":
        return html.render(shown)
    return samenvatting.render(shown, colour=colour and sys.stdout.isatty() and colourful())
