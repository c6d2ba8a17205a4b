"""Tables for a terminal: aligned columns, no more rows than a screen holds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from projections.render import text
from projections.report import Report, Soort, Table

LONGEST_NAME: Final = 10
"""A column name up to this length stays on one line."""

_BOLD: Final = "\x1b[1m{}\x1b[0m"


def _printable(value: object) -> str:
    """Return the text on one line; what a terminal would obey or hide becomes U+FFFD."""
    shown = "" if value is None else str(value)
    if shown.isprintable():
        return shown
    plain = (" " if char.isspace() else char for char in shown)
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in plain)


_FORMATTERS: Final[Mapping[Soort, text.Formatter]] = {
    "tekst": _printable,
    "getal": text.comma_number,
    "datum": text.dutch_date,
    "moment": text.minute,
    "janee": text.ja_nee,
}


def render(report: Report, *, max_rows: int | None = None, colour: bool = False) -> Iterator[bytes]:
    """Yield the heading and the tables; at most `max_rows` rows over all tables together.

    A line under a table says how many of its rows were left out. The widths need all
    rows that are shown, so a table without `max_rows` is held in memory.
    """
    yield _heading(report, colour=colour).encode()
    sizes = [len(table.rijen) for table in report.tabellen]
    shown = sizes if max_rows is None else _shares(sizes, max_rows)
    for table, rows in zip(report.tabellen, shown, strict=True):
        title = "" if report.enkel else _title(table.titel, colour=colour) + "\n"
        yield f"\n{title}{_body(table, rows)}".encode()


def _heading(report: Report, *, colour: bool) -> str:
    title, rest = text.heading_text(report).split("\n", maxsplit=1)
    return f"{_title(title, colour=colour)}\n{rest}"


def _title(title: str, *, colour: bool) -> str:
    return _BOLD.format(title) if colour else title


def _shares(sizes: Sequence[int], screen: int) -> list[int]:
    """Return how many rows each table may show: small ones whole, the large share the rest."""
    shares = [0] * len(sizes)
    left = screen
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    for place, index in enumerate(order):
        shares[index] = min(sizes[index], left // (len(order) - place))
        left -= shares[index]
    return shares


def _body(table: Table, shown: int) -> str:
    if not table.rijen:
        return "(geen rijen)\n"
    lines = _grid(table, table.rijen[:shown]) if shown else ""
    return lines + _left_out(len(table.rijen) - shown)


def _grid(table: Table, rows: Sequence[text.Row]) -> str:
    from tabulate import tabulate  # noqa: PLC0415 - start-up pays only for what is shown

    grid = tabulate(
        list(text.converted(rows, [_FORMATTERS[column.soort] for column in table.kolommen])),
        headers=[_stacked(column.naam) for column in table.kolommen],
        tablefmt="simple",
        disable_numparse=True,
        colalign=["right" if column.soort == "getal" else "left" for column in table.kolommen],
    )
    return "".join(f"{line.rstrip()}\n" for line in grid.splitlines())


def _stacked(name: str) -> str:
    """Return a long column name over several lines: `AANTAL_LAAG_TLV` is wider than its counts."""
    return name if len(name) <= LONGEST_NAME else name.replace("_", "\n")


def _left_out(rows: int) -> str:
    if not rows:
        return ""
    counted = "1 rij" if rows == 1 else f"{rows:,} rijen".replace(",", ".")
    return f"nog {counted} weggelaten; --format csv of -o BESTAND geeft alles\n"
