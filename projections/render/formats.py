"""The formats by name: one report in, bytes out, nothing loaded that is not used."""

from collections.abc import Iterator
from typing import Final

from projections.report import Report

FORMATS: Final = ("table", "csv", "csv-excel", "json", "jsonl")


class UnknownFormat(ValueError):  # noqa: N818 - reads as the name of what went wrong
    """A format, or the ending of a file, that no renderer knows."""

    def __init__(self, name: str) -> None:
        super().__init__(f"formaat '{name}' is onbekend; kies uit {', '.join(FORMATS)}")


def check_format(name: str) -> str:
    """Return the name of the format; raises UnknownFormat when nothing renders it."""
    if name not in FORMATS:
        raise UnknownFormat(name)
    return name


def render(
    report: Report,
    format: str,  # noqa: A002 - the name of the option
    *,
    max_rows: int | None = None,
    colour: bool = False,
) -> Iterator[bytes]:
    """Return the report's bytes in pieces; `max_rows` and `colour` are for `table` alone.

    Raises UnknownFormat at once, not when the first piece is taken.
    """
    # Each renderer is loaded here: a screen needs no JSON and a pipe no tabulate.
    if check_format(format) == "table":
        from projections.render import table  # noqa: PLC0415

        return table.render(report, max_rows=max_rows, colour=colour)
    if format in {"json", "jsonl"}:
        from projections.render import json_files  # noqa: PLC0415

        return (json_files.render_json if format == "json" else json_files.render_jsonl)(report)
    from projections.render import csv_files  # noqa: PLC0415

    return csv_files.render(report, csv_files.EXCEL if format == "csv-excel" else csv_files.PLAIN)
