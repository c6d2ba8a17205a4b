"""The formats by name: one report in, bytes out, nothing loaded that is not used."""

from collections.abc import Iterator
from typing import Final

from projections.report import Report

FORMATS: Final = ("table", "csv", "csv-excel", "json", "jsonl", "xlsx", "svg", "html")

PICTURES: Final = frozenset({"svg", "html"})
"""Formats that show the waterfall of `why`, and nothing else."""


class NoPictureError(ValueError):
    """A picture of a report that has none."""

    def __init__(self, product: str, name: str) -> None:
        super().__init__(f"{product} heeft geen plaatje: {name} is er voor why; kies een ander")


class UnknownFormat(ValueError):  # noqa: N818 - reads as the name of what went wrong
    """A format, or the ending of a file, that no renderer knows."""

    def __init__(self, name: str) -> None:
        super().__init__(f"formaat '{name}' is onbekend; kies uit {', '.join(FORMATS)}")


def check_format(name: str) -> str:
    """Return the name of the format; raises UnknownFormat when nothing renders it."""
    if name not in FORMATS:
        raise UnknownFormat(name)
    return name


def check(report: Report, name: str) -> str:
    """Return the name of the format, when it can show this report here.

    Raises UnknownFormat and NoPictureError; for `xlsx` also ExtraMissingError and
    TooManyRowsError. All of them are ValueErrors.
    """
    if name in PICTURES and report.verklaring is None:
        raise NoPictureError(report.product, name)
    if check_format(name) == "xlsx":
        from projections.render import xlsx_files  # noqa: PLC0415 - see below

        xlsx_files.check(report)
    return name


def render(
    report: Report,
    format: str,  # noqa: A002 - the name of the option
    *,
    max_rows: int | None = None,
    colour: bool = False,
) -> Iterator[bytes]:
    """Return the report's bytes in pieces; `max_rows` and `colour` are for `table` alone.

    Raises what `check` raises at once, not when the first piece is taken.
    """
    # Each renderer is loaded here: a screen needs no JSON and a pipe no tabulate.
    if check(report, format) == "table":
        if report.verklaring is not None:
            from projections.render import waterfall_text  # noqa: PLC0415

            return waterfall_text.render(report, max_rows=max_rows, colour=colour)
        from projections.render import table  # noqa: PLC0415

        return table.render(report, max_rows=max_rows, colour=colour)
    return _file(report, format)


def _file(report: Report, name: str) -> Iterator[bytes]:
    if name in {"json", "jsonl"}:
        from projections.render import json_files  # noqa: PLC0415

        return (json_files.render_json if name == "json" else json_files.render_jsonl)(report)
    if name == "xlsx":
        from projections.render import xlsx_files  # noqa: PLC0415

        return xlsx_files.render(report)
    if name in PICTURES:
        from projections.render import waterfall_picture  # noqa: PLC0415

        return (waterfall_picture.svg if name == "svg" else waterfall_picture.html)(report)
    from projections.render import csv_files  # noqa: PLC0415

    return csv_files.render(report, csv_files.EXCEL if name == "csv-excel" else csv_files.PLAIN)
