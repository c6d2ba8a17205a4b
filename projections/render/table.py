"""Tables for a terminal: aligned columns, no more rows than a screen holds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import UNSET

from projections.render import text
from projections.report import Change, Column, Report, Soort, Table

LONGEST_NAME: Final = 10
"""A column name up to this length stays on one line."""

DIFFERENCES_WIDTH: Final = 50
"""What differs in a row is broken off here: with the key before it a line has about 100."""

_BOLD: Final = "\x1b[1m{}\x1b[0m"


def _differing(value: object) -> str:
    """Return what differs over lines that fit: `einddatum: leeg -> 31-7-2025; telt: …`."""
    from textwrap import fill  # noqa: PLC0415 - start-up pays only for what is shown

    assert isinstance(value, tuple), value
    # Lines are broken between columns, never inside one: fill knows no break at this space.
    changes = [
        change.replace(" ", "\N{NO-BREAK SPACE}") for change in map(_change, value) if change
    ]
    filled = fill(
        "; ".join(changes), DIFFERENCES_WIDTH, break_long_words=False, break_on_hyphens=False
    )
    return filled.replace("\N{NO-BREAK SPACE}", " ")


def _change(change: Change) -> str:
    """Return one column, empty when its row is on one side alone and it holds nothing there."""
    sides = [side for side in (change.voor, change.na) if side is not UNSET]
    shown = [str(_FORMATTERS[change.kolom.soort](side)) for side in sides]
    if shown == [""]:
        return ""
    return f"{change.kolom.naam}: {' -> '.join(side or 'leeg' for side in shown)}"


_FORMATTERS: Final[Mapping[Soort, text.Formatter]] = {
    "tekst": text.printable,
    "getal": text.comma_number,
    "datum": text.dutch_date,
    "moment": text.minute,
    "janee": text.ja_nee,
    "verschil": _differing,
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
        yield f"\n{title}{_body(table.scherm or table.kort or table, rows)}".encode()


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
        headers=[_header(column) for column in table.kolommen],
        tablefmt="simple",
        disable_numparse=True,
        colalign=["right" if column.soort == "getal" else "left" for column in table.kolommen],
    )
    return "".join(f"{line.rstrip()}\n" for line in grid.splitlines())


def _header(column: Column) -> str:
    # JSON names such a column by what it holds, a screen by what it tells.
    return "verschil" if column.soort == "verschil" else _stacked(column.naam)


def _stacked(name: str) -> str:
    """Return a long column name over several lines: `AANTAL_LAAG_TLV` is wider than its counts."""
    return name if len(name) <= LONGEST_NAME else name.replace("_", "\n")


def _left_out(rows: int) -> str:
    if not rows:
        return ""
    counted = "1 rij" if rows == 1 else f"{rows:,} rijen".replace(",", ".")
    return f"nog {counted} weggelaten; --format csv of -o BESTAND geeft alles\n"
