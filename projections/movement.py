"""Who came, who left and who moved over a window (D1, D2] (rules.md 7, Movement).

A pupil is a *member* on a day who has an SO or VSO segment attributed to the
samenwerkingsverband by a tlv on that day, counting or not. Pure: everything is made of
rows of the read model, all as known at one moment, of one samenwerkingsverband. Background:
outputs-and-rules.md 4.1; WPO (2015) art 125b and WVO (2015) art 85d are what it served.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from ledger.codes import Schoolsoort, Sector

if TYPE_CHECKING:
    from projections.store.ask import StandRow
    from projections.windows import Window

Beweging = Literal["instroom", "uitstroom", "doorstroom"]

BEWEGINGEN: Final[tuple[Beweging, ...]] = ("instroom", "uitstroom", "doorstroom")

MEMBER_SCHOOLSOORTEN: Final[tuple[Schoolsoort, ...]] = ("SO", "VSO")

MEMBER_SCHOOLSOORT: Final[dict[Sector, Schoolsoort]] = {"PO": "SO", "VO": "VSO"}
"""Where the members of a samenwerkingsverband are: its tlv fits nothing else but sbo."""

RowKey = tuple[str, str, str, date]


class Movement(NamedTuple):
    """The rows by which one pupil is a member on the first and on the last day of a window.

    None = no member that day; never None on both.
    """

    voor: StandRow | None
    na: StandRow | None

    @property
    def beweging(self) -> Beweging | None:
        """What the pupil did: None for who stayed on the same vestiging."""
        if self.voor is None:
            return "instroom"
        if self.na is None:
            return "uitstroom"
        return "doorstroom" if self.voor.vestigingscode != self.na.vestigingscode else None

    @property
    def flagged(self) -> RowKey:
        """The key of the row that carries the flag: that of D2, for uitstroom that of D1."""
        row = self.na or self.voor
        assert row is not None, "een beweging zonder rij"
        return row_key(row)


def row_key(row: StandRow) -> RowKey:
    """Return what makes a row the only one: its enrolment and its first day."""
    return row.leerling, row.instellingscode, row.volgnummer, row.geldig_van


def is_member(row: StandRow) -> bool:
    """Tell whether a row makes its pupil a member: SO or VSO, decided by a tlv."""
    return row.basis == "TLV" and row.schoolsoort in MEMBER_SCHOOLSOORTEN


def active_on(row: StandRow, day: date) -> bool:
    """Tell whether a row holds on a day."""
    return row.geldig_van <= day and (row.geldig_tot is None or day < row.geldig_tot)


def members(rows: Iterable[StandRow], day: date) -> dict[str, StandRow]:
    """Return, of the pupils who are a member on a day, the one row that stands for each."""
    return chosen(row for row in rows if is_member(row) and active_on(row, day))


def chosen(rows: Iterable[StandRow]) -> dict[str, StandRow]:
    """Return one row per pupil: the one that counts, else the one that began last.

    Began last is said of the row itself, not of its enrolment. Rows that began on the same
    day: the lowest (instellingscode, volgnummer), as in the contest of rules.md 4 (assumption).
    """
    found: dict[str, StandRow] = {}
    for row in rows:
        other = found.get(row.leerling)
        if other is None or _preference(row) < _preference(other):
            found[row.leerling] = row
    return found


def _preference(row: StandRow) -> tuple[bool, int, str, str]:
    return not row.telt, -row.geldig_van.toordinal(), row.instellingscode, row.volgnummer


def movements(rows: Iterable[StandRow], window: Window) -> dict[str, Movement]:
    """Return the movement of every pupil who is a member on either day of a window."""
    rows = list(rows)
    voor, na = members(rows, window.begin), members(rows, window.eind)
    return {leerling: Movement(voor.get(leerling), na.get(leerling)) for leerling in (voor | na)}


def flags(moved: Iterable[Movement]) -> dict[RowKey, Beweging]:
    """Return the one flag that a row carries, by the key of the row."""
    return {one.flagged: one.beweging for one in moved if one.beweging is not None}


def totals(moved: Iterable[Movement]) -> dict[str, int]:
    """Return how many pupils came, left and moved."""
    counted = Counter(one.beweging for one in moved)
    return {beweging: counted[beweging] for beweging in BEWEGINGEN}
