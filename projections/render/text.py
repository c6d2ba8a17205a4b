"""How headings and single values read as text, the same in every format that shows text."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final

from ledger.times import AMSTERDAM, format_date
from projections.report import Report

Formatter = Callable[[object], object]
Row = tuple[object, ...]

CHUNK: Final = 2_000
"""Rows rendered at a time: enough to be quick, few enough to keep memory flat."""


def heading_text(report: Report) -> str:
    """Return the lines that say what a report is and what it was made from.

    Title, times and position, remarks; each ends in a newline. The command line shows
    them on stderr beside a format that has no place for them (csv, jsonl).
    """
    herkomst = report.herkomst
    return "".join(
        f"{line}\n" for line in (report.titel, herkomst.heading(), *herkomst.opmerkingen)
    )


def chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield the rows in pieces of at most CHUNK."""
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def converted(rows: Sequence[Row], formatters: Sequence[Formatter | None]) -> Iterable[Row]:
    """Return the rows with each column through its formatter; None leaves it as it is.

    Column by column, which is twice as quick as cell by cell. Raises ValueError when
    there are not as many values in a row as formatters.
    """
    columns = zip(formatters, zip(*rows, strict=True), strict=True)
    return zip(
        *(map(formatter, column) if formatter else column for formatter, column in columns),
        strict=True,
    )


def printable(value: object) -> str:
    """Return the text on one line; what a terminal would obey or hide becomes U+FFFD."""
    shown = "" if value is None else str(value)
    if shown.isprintable():
        return shown
    plain = (" " if char.isspace() else char for char in shown)
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in plain)


def ja_nee(value: object) -> str:
    """Return `Ja` or `Nee`, the way DUO's files write it; empty for None."""
    return "" if value is None else "Ja" if value else "Nee"


def iso_date(value: object) -> str:
    """Return `2025-02-01`; empty for None."""
    if value is None:
        return ""
    assert isinstance(value, date), value
    return value.isoformat()


def dutch_date(value: object) -> str:
    """Return `1-2-2025`, the way DUO's files show dates (A-05); empty for None."""
    if value is None:
        return ""
    assert isinstance(value, date), value
    return format_date(value)


def amsterdam(value: object) -> datetime | None:
    """Return the moment in Amsterdam time; raises AssertionError for one without zone."""
    if value is None:
        return None
    assert isinstance(value, datetime), value
    assert value.tzinfo is not None, value
    return value.astimezone(AMSTERDAM)


def iso_moment(value: object) -> str:
    """Return `2025-03-03T23:59:00+01:00` (RFC 3339, Amsterdam time); empty for None."""
    moment = amsterdam(value)
    return "" if moment is None else moment.isoformat()


def minute(value: object) -> str:
    """Return `03-03-2025 23:59`, Amsterdam time; empty for None."""
    moment = amsterdam(value)
    return "" if moment is None else f"{moment:%d-%m-%Y %H:%M}"


def excel_moment(value: object) -> str:
    """Return `3-3-2025 23:59:00`, Amsterdam time, which a Dutch Excel reads as a moment.

    The hour that comes twice at the end of summer time reads the same both times; the
    format `csv` tells them apart.
    """
    moment = amsterdam(value)
    return "" if moment is None else f"{format_date(moment)} {moment:%H:%M:%S}"


def comma_number(value: object) -> str:
    """Return the number with a decimal comma, if it has decimals at all; empty for None."""
    return "" if value is None else str(value).replace(".", ",")
