"""The stored events of pupils as a partition needs them, and the rows that follow from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from msgspec import Raw
from msgspec.structs import replace

from ledger import events as ev
from ledger.application import FIRST_PUPIL, Ledger
from ledger.mapper import encode_fact, encode_state, state_of
from ledger.seals import StoredRow
from ledger.stored import event_of
from projections.partition import World, ordinary_shapes, partition, world
from projections.store.rows import Batch

PER_BATCH = 500
"""Pupils whose residences are opened at a time."""

AREA = ev.PostcodegebiedToegewezen.__name__
RESIDENCE = ev.WoonplaatsVastgelegd.__name__
RESIDENCE_ONLY = frozenset({RESIDENCE})
"""The one personal fact that attribution needs in clear (rules.md 3, rule 5)."""

_ATTRIBUTED = (b'SO"', b'SBO"')
"""How the codes of attributed schoolsoorten end in a stored state: some too many do no harm."""

_ENROLMENT = frozenset(
    fact.__name__
    for fact in (
        ev.InschrijvingGeregistreerd,
        ev.InschrijvingGewijzigd,
        ev.InschrijvingGecorrigeerd,
    )
)


def world_of(ledger: Ledger, until: int) -> World:
    """Return what computing needs beside events of pupils, as of an event of the log."""
    return world(*world_rows(ledger, until))


def world_rows(ledger: Ledger, until: int) -> tuple[list[StoredRow], dict[str, str]]:
    """Return the stored events of reference data up to an event of the log, and the groups.

    Postcode areas stand under their pseudonyms, as residences do in `rows_to_compute`.
    """
    rows = [
        _area_by_pseudonym(ledger, row) if row.topic == AREA else row
        for row in ledger.store.rows_between("", FIRST_PUPIL)
        if row.positie <= until
    ]
    return rows, {stream.hex: groep.hex for stream, groep in ledger.vault.joined().items()}


def _area_by_pseudonym(ledger: Ledger, row: StoredRow) -> StoredRow:
    fact = event_of(row).fact
    assert isinstance(fact, ev.PostcodegebiedToegewezen)
    return _with_fact(row, replace(fact, pc4=ledger.vault.pseudonym(fact.pc4)))


def rows_of_groups(
    ledger: Ledger, groups: Mapping[UUID, list[UUID]], until: int, known: World
) -> Iterator[Batch]:
    """Yield the rows of some pupils, batch by batch; `groups` gives each its streams."""
    yield from partition(_rows_of(ledger, groups, until), known)


def rows_of_range(
    ledger: Ledger, first: str, beyond: str, until: int, known: World
) -> Iterator[Batch]:
    """Yield the rows of all pupils whose group id (hex) is in a range, batch by batch."""
    rows = rows_to_compute(ledger, first, beyond, until, known)
    yield from partition(rows, known, ordinary_shapes(until))


def rows_to_compute(
    ledger: Ledger, first: str, beyond: str, until: int, known: World
) -> Iterator[StoredRow]:
    """Yield the stored events of all pupils whose group id (hex) is in a range.

    Up to a position of the log; each group's together, and the residences that matter in
    clear, under the pseudonyms of their postcode areas.
    """
    guests: dict[UUID, list[UUID]] = defaultdict(list)
    for stream, groep in known.groups.items():
        if first <= groep < beyond:
            guests[UUID(groep)].append(UUID(stream))
    yield from _rows_of(
        ledger, {groep: [groep, *streams] for groep, streams in guests.items()}, until
    )
    apart = known.groups.keys() | {groep.hex for groep in guests}
    rows = (
        row
        for row in ledger.store.rows_between(first, beyond)
        if row.positie <= until and row.stream not in apart
    )
    yield from _told(ledger, (list(booked) for _, booked in _by_stream(rows)))


def _rows_of(ledger: Ledger, groups: Mapping[UUID, list[UUID]], until: int) -> Iterator[StoredRow]:
    listed = sorted(groups.items())
    for start in range(0, len(listed), PER_BATCH):
        part = dict(listed[start : start + PER_BATCH])
        group_of = {stream.hex: groep for groep, streams in part.items() for stream in streams}
        booked: dict[UUID, list[StoredRow]] = defaultdict(list)
        for row in ledger.store.rows_of(group_of):
            if row.positie <= until:
                booked[group_of[row.stream]].append(row)
        yield from _told(ledger, (rows for _, rows in sorted(booked.items())))


def _by_stream(rows: Iterable[StoredRow]) -> Iterator[tuple[str, Iterator[StoredRow]]]:
    return groupby(rows, key=attrgetter("stream"))


def _told(ledger: Ledger, groups: Iterable[list[StoredRow]]) -> Iterator[StoredRow]:
    """Yield the rows of groups, residences in clear where it matters where a pupil lives."""
    waiting: list[StoredRow] = []
    asking: list[StoredRow] = []
    pupils = 0
    for rows in groups:
        waiting += rows
        pupils += 1
        if any(row.topic == RESIDENCE for row in rows) and _asks(rows):
            asking += [row for row in rows if row.topic == RESIDENCE]
        if pupils == PER_BATCH:
            yield from _opened(ledger, waiting, asking)
            waiting, asking, pupils = [], [], 0
    yield from _opened(ledger, waiting, asking)


def _asks(rows: Iterable[StoredRow]) -> bool:
    """Tell whether a samenwerkingsverband may have to answer for a pupil (rules.md 3)."""
    return any(
        row.topic in _ENROLMENT and any(code in row.state for code in _ATTRIBUTED) for row in rows
    )


def _opened(
    ledger: Ledger, rows: list[StoredRow], residences: list[StoredRow]
) -> Iterable[StoredRow]:
    if not residences:
        return rows
    clear = ledger.vault.reveal(map(event_of, residences), RESIDENCE_ONLY)
    ledger.vault.drop_keys()
    opened = {
        row.positie: _in_clear(ledger, row, event.fact)
        for row, event in zip(residences, clear, strict=True)
    }
    return [opened.get(row.positie, row) for row in rows]


def _in_clear(ledger: Ledger, row: StoredRow, fact: ev.Fact) -> StoredRow:
    """Return a stored residence in clear; that of a forgotten pupil stays encrypted."""
    if not isinstance(fact, ev.WoonplaatsVastgelegd):
        return row
    if fact.pc4 is not None:
        fact = replace(fact, pc4=ledger.vault.pseudonym(fact.pc4))
    return _with_fact(row, fact)


def _with_fact(row: StoredRow, fact: ev.Fact) -> StoredRow:
    versie = ev.VERSIONS.get(row.topic, 1)
    held = replace(state_of(row.state), versie=versie, geheim=None, feit=Raw(encode_fact(fact)))
    return row._replace(state=encode_state(held))
