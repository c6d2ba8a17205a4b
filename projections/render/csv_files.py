"""CSV in two dialects: `csv` for programs and `csv-excel`, the one of DUO's own files.

DUO's files have no heading, so neither has ours: the body of one table is exactly the
header line and the rows. Several tables into one file follow one another, each after a
line with its name and before an empty line.

Codes stay text and keep their leading zeros, but a spreadsheet that opens a CSV by
itself may still read them as numbers, and may read a text that starts with `=`, `+`,
`-` or `@` as a formula. Nothing is put before such a text: the bytes are DUO's, and a
file that is read back must give what was written. The columns hold codes that were
checked on the way in and names from a register of schools.
"""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from projections.render import text
from projections.report import Report, Soort, Table

CRLF: Final = "\r\n"


class Dialect(NamedTuple):
    """One way of writing CSV; a sort of column without formatter is written as it is."""

    delimiter: str
    start: bytes
    line_end: str
    formatters: Mapping[Soort, text.Formatter]


PLAIN: Final = Dialect(
    delimiter=",",
    start=b"",
    line_end="\n",
    formatters={"datum": text.iso_date, "moment": text.iso_moment, "janee": text.ja_nee},
)
"""`csv` (cli.md, Common): UTF-8 without BOM, comma, ISO dates."""

EXCEL: Final = Dialect(
    delimiter=";",
    start=BOM_UTF8,
    line_end=CRLF,
    formatters={
        "getal": text.comma_number,
        "datum": text.dutch_date,
        "moment": text.excel_moment,
        "janee": text.ja_nee,
    },
)
"""`csv-excel` (rules.md 7; outputs-and-rules.md 3.2, A-05 to A-07): what DUO's files have."""


class _Lines:
    """What a csv writer writes to: one text per line, always with CRLF at its end."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def write(self, line: str) -> None:
        self._lines.append(line)

    def take(self, line_end: str) -> bytes:
        """Return the lines written since the last time, with this line end."""
        lines, self._lines = self._lines, []
        return "".join(line.removesuffix(CRLF) + line_end for line in lines).encode()


def render(report: Report, dialect: Dialect) -> Iterator[bytes]:
    """Yield the report's tables as CSV, a piece at a time."""
    yield dialect.start
    for table in report.tabellen:
        if report.enkel:
            yield from _table(table, dialect)
        else:
            yield _encode([(table.naam,)], dialect)
            yield from _table(table, dialect)
            yield dialect.line_end.encode()


def _table(table: Table, dialect: Dialect) -> Iterator[bytes]:
    formatters = [dialect.formatters.get(column.soort) for column in table.kolommen]
    yield _encode([tuple(column.naam for column in table.kolommen)], dialect)
    for rows in text.chunks(table.rijen):
        yield _encode(text.converted(rows, formatters), dialect)


def _encode(rows: Iterable[text.Row], dialect: Dialect) -> bytes:
    lines = _Lines()
    # The writer puts quotes around a value that holds a character of its line end, so it
    # is given both: a lone CR or LF inside a name never reads as the end of a line.
    csv.writer(lines, delimiter=dialect.delimiter, lineterminator=CRLF).writerows(rows)
    return lines.take(dialect.line_end)
