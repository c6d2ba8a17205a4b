"""Which rows of a product differ between two moments, and in what (cli.md, `diff`). Pure.

Works for every table whose columns say which of them are its key, whatever the product.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec import UNSET

from projections.report import Change, Column, Moment, Report, Table

SoortVerschil = Literal["erbij", "eraf", "gewijzigd"]
"""Only after, only before, on both sides with other values."""

SOORTEN: Final[tuple[SoortVerschil, ...]] = ("erbij", "eraf", "gewijzigd")
SOORT: Final = Column("soort", "tekst", "Of de rij erbij kwam, eraf ging of is gewijzigd.")
KOLOMMEN: Final = Column("kolommen", "verschil", "De kolommen die verschillen, voor en na.")

Row = tuple[object, ...]


class IncomparableError(ValueError):
    """Two tables of which nobody can say which row belongs to which."""


class Difference(msgspec.Struct, frozen=True):
    """A row that differs: its key, and before and after of each column that differs.

    `kolommen` never holds the key; of a row that is on one side alone it holds all others.
    """

    soort: SoortVerschil
    sleutel: Row
    kolommen: tuple[Change, ...]


class _Columns(NamedTuple):
    """The columns of both tables, and the places of the key, the rest, and what is compared."""

    kolommen: tuple[Column, ...]
    sleutel: tuple[int, ...]
    overig: tuple[int, ...]
    vergeleken: tuple[int, ...]

    def key(self, row: Row) -> Row:
        return tuple(row[place] for place in self.sleutel)

    def compared(self, row: Row) -> Row:
        return tuple(row[place] for place in self.vergeleken)

    def changed(self, voor: Row, na: Row) -> tuple[Change, ...]:
        return tuple(
            Change(self.kolommen[place], voor[place], na[place])
            for place in self.vergeleken
            if voor[place] != na[place]
        )

    def gone(self, row: Row) -> Difference:
        values = (Change(self.kolommen[place], row[place], UNSET) for place in self.overig)
        return Difference("eraf", self.key(row), tuple(values))

    def new(self, row: Row) -> Difference:
        values = (Change(self.kolommen[place], UNSET, row[place]) for place in self.overig)
        return Difference("erbij", self.key(row), tuple(values))


def differences(before: Table, after: Table, *, same_teldatum: bool) -> tuple[Difference, ...]:
    """Return the rows that differ between two tables, in the order of their key.

    Columns that follow from the teldatum are compared only when both tables have the same
    one. A key that stands in a table more than once does not say which row became which:
    equal rows cancel out, what is left is `eraf` and `erbij`, never `gewijzigd`.
    Raises IncomparableError for tables without a key or with other columns.
    """
    columns = _columns(before, after, same_teldatum)
    left, right = _by_key(columns, before.rijen), _by_key(columns, after.rijen)
    return tuple(
        difference
        for key in sorted(left.keys() | right.keys(), key=_order)
        for difference in _of_key(columns, left.get(key, []), right.get(key, []))
    )


def diff_report(before: Report, after: Report) -> Report:
    """Return what differs between two reports of one product, table by table.

    The herkomst is that of the second report, with the first moment and the number of
    differences. Raises IncomparableError, as `differences` does.
    """
    van, naar = before.herkomst, after.herkomst
    same_teldatum = van.teldatum == naar.teldatum
    pairs = list(zip(before.tabellen, after.tabellen, strict=True))
    found = [differences(*pair, same_teldatum=same_teldatum) for pair in pairs]
    names = ["" if after.enkel else f"{table.naam}: " for table in after.tabellen]
    counted = [
        f"{name}{count(listed)}" for name, listed in zip(names, found, strict=True) if listed
    ]
    assert van.teldatum is not None, f"{before.product}: een sleutel, maar geen teldatum"
    herkomst = msgspec.structs.replace(
        naar,
        van=Moment(van.teldatum, van.bekend_op),
        opmerkingen=(*naar.opmerkingen, *counted),
    )
    tables = tuple(_table(table, listed) for (_, table), listed in zip(pairs, found, strict=True))
    titel = f"Verschillen: {after.titel}"
    return Report(f"diff-{after.product}", titel, herkomst, tables, after.enkel)


def count(found: Iterable[Difference]) -> str:
    """Return how many differences there are of each sort: `2 erbij, 1 gewijzigd`."""
    counted = Counter(difference.soort for difference in found)
    numbers = ((f"{counted[soort]:,}".replace(",", "."), soort) for soort in SOORTEN)
    return ", ".join(f"{number} {soort}" for number, soort in numbers if number != "0")


def _columns(before: Table, after: Table, same_teldatum: bool) -> _Columns:
    columns = after.kolommen
    if before.kolommen != columns:
        raise IncomparableError(f"tabel '{after.naam}': de twee kanten hebben andere kolommen")
    places = range(len(columns))
    keys = tuple(place for place in places if columns[place].sleutel)
    if not keys:
        raise IncomparableError(f"tabel '{after.naam}' heeft geen sleutel om rijen te vergelijken")
    others = tuple(place for place in places if place not in keys)
    following = {
        place
        for place in others
        if columns[place].volgt_bekend_op or (columns[place].volgt_teldatum and not same_teldatum)
    }
    return _Columns(columns, keys, others, tuple(p for p in others if p not in following))


def _by_key(columns: _Columns, rows: Iterable[Row]) -> Mapping[Row, list[Row]]:
    found: defaultdict[Row, list[Row]] = defaultdict(list)
    for row in rows:
        found[columns.key(row)].append(row)
    return found


def _order(key: Row) -> list[tuple[bool, object]]:
    """Return what a key is ordered by: values of one sort per column, the empty ones first."""
    return [(value is not None, value) for value in key]


def _of_key(columns: _Columns, before: Sequence[Row], after: Sequence[Row]) -> Iterator[Difference]:
    if len(before) == len(after) == 1:
        if changed := columns.changed(before[0], after[0]):
            yield Difference("gewijzigd", columns.key(after[0]), changed)
        return
    yield from map(columns.gone, _beyond(columns, before, after))
    yield from map(columns.new, _beyond(columns, after, before))


def _beyond(columns: _Columns, rows: Sequence[Row], others: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows that are left when each equal one of the others takes one away."""
    spare = Counter(map(columns.compared, others))
    for row in rows:
        value = columns.compared(row)
        spare[value] -= 1
        if spare[value] < 0:
            yield row


def _table(table: Table, found: Sequence[Difference]) -> Table:
    """Return the differences with plain values, and beside it the short form of the same rows."""
    keys = tuple(column for column in table.kolommen if column.sleutel)
    others = [column for column in table.kolommen if not column.sleutel]
    short = [(*one.sleutel, one.soort, one.kolommen) for one in found]
    sides = [side for column in others for side in _sides(column)]
    return Table(
        table.naam,
        table.titel,
        (*keys, SOORT, *sides),
        [(*one.sleutel, one.soort, *_plain(one, others)) for one in found],
        kort=Table(table.naam, table.titel, (*keys, SOORT, KOLOMMEN), short),
    )


def _sides(column: Column) -> Iterator[Column]:
    for word, moment in (("voor", "eerste"), ("na", "tweede")):
        uitleg = f"{column.uitleg} Op het {moment} moment; leeg als de kolom niet verschilt."
        yield Column(f"{column.naam} {word}", column.soort, uitleg)


def _plain(difference: Difference, others: Iterable[Column]) -> Iterator[object]:
    """Yield before and after of every column; both are empty where nothing differs."""
    found = {change.kolom.naam: (change.voor, change.na) for change in difference.kolommen}
    for column in others:
        for value in found.get(column.naam, (None, None)):
            yield None if value is UNSET else value
