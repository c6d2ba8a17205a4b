"""The stored events of pupils as a partition needs them, and the rows that follow from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final
from uuid import UUID

from msgspec import Raw
from msgspec.structs import replace

from ledger import events as ev
from ledger.application import FIRST_PUPIL, Ledger
from ledger.codes import ATTRIBUTED
from ledger.mapper import encode_fact, encode_state, state_of
from ledger.seals import StoredRow
from ledger.stored import LAPSED, event_of
from projections.partition import World, partition, world
from projections.store.rows import Batch

if TYPE_CHECKING:
    from projections.shapes.ordinary import Ordinary

PER_BATCH = 500
"""Groups of streams that are read at a time."""

PER_READ = 5000
"""Events that are read at a time, and whose residences are opened."""

_WORLD: Final = (ev.REFERENCE_FACTS.keys() - ev.LEDGER_FACTS - {ev.AantallenGemeld.__name__}) | {
    LAPSED
}
"""What decides on rows: not the counts that DUO gave, nor what the ledger notes of files."""

AREA = ev.PostcodegebiedToegewezen.__name__
RESIDENCE = ev.WoonplaatsVastgelegd.__name__
RESIDENCE_ONLY = frozenset({RESIDENCE})
"""The one personal fact that attribution needs in clear (rules.md 3, rule 5)."""

_ASKING: Final = tuple(
    f'{code}"'.encode()
    for code in sorted(ATTRIBUTED)
    if not any(code != other and code.endswith(other) for other in ATTRIBUTED)
)
"""How the codes of attributed schoolsoorten end in a stored state: some too many do no harm.

Those that end as another one does (VSO) are found with it.
"""

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

    Postcode areas stand under their pseudonyms, as residences do in `events_to_compute`. The
    groups are those of this moment: what is computed together is to use one answer.
    """
    rows = [
        _area_by_pseudonym(ledger, row) if row.topic == AREA else row
        for row in ledger.store.rows_between("", FIRST_PUPIL)
        if row.positie <= until and row.topic in _WORLD
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
    yield from partition(_events_of(ledger, groups, until, known), known)


def rows_of_range(
    ledger: Ledger, first: str, beyond: str, until: int, known: World, shapes: Ordinary | None
) -> Iterator[Batch]:
    """Yield the rows of all pupils whose group id (hex) is in a range, batch by batch."""
    yield from partition(events_to_compute(ledger, first, beyond, until, known), known, shapes)


def events_to_compute(
    ledger: Ledger, first: str, beyond: str, until: int, known: World
) -> Iterator[list[StoredRow]]:
    """Yield the stored events of all pupils whose group id (hex) is in a range, many at a time.

    Up to a position of the log; each group's together, and the residences that matter in
    clear, under the pseudonyms of their postcode areas.
    """
    guests: dict[UUID, list[UUID]] = defaultdict(list)
    for stream, groep in known.groups.items():
        if first <= groep < beyond:
            guests[UUID(groep)].append(UUID(stream))
    joined = {groep: [groep, *streams] for groep, streams in guests.items()}
    yield from _events_of(ledger, joined, until, known)
    apart = known.groups.keys() | {groep.hex for groep in guests}
    for rows in _whole_streams(ledger.store.rows_between(first, beyond)):
        kept = [row for row in rows if row[0] <= until and row[1] not in apart]
        yield _told(ledger, kept, known)


def _events_of(
    ledger: Ledger, groups: Mapping[UUID, list[UUID]], until: int, known: World
) -> Iterator[list[StoredRow]]:
    listed = sorted(groups.items())
    for start in range(0, len(listed), PER_BATCH):
        part = dict(listed[start : start + PER_BATCH])
        group_of = {stream.hex: groep for groep, streams in part.items() for stream in streams}
        booked: dict[UUID, list[StoredRow]] = defaultdict(list)
        for row in ledger.store.rows_of(group_of):
            if row.positie <= until:
                booked[group_of[row.stream]].append(row)
        yield _told(ledger, [row for _, rows in sorted(booked.items()) for row in rows], known)


def _whole_streams(rows: Iterator[StoredRow]) -> Iterator[list[StoredRow]]:
    """Yield rows that are sorted by stream many at a time, cut between two streams."""
    begun: list[StoredRow] = []
    while part := list(islice(rows, PER_READ)):
        last = part[-1].stream
        cut = next((at for at in range(len(part), 0, -1) if part[at - 1].stream != last), 0)
        if cut:
            yield begun + part[:cut]
            begun = part[cut:]
        else:
            begun += part
    yield begun


def _told(ledger: Ledger, rows: list[StoredRow], known: World) -> list[StoredRow]:
    """Return rows of groups with residences in clear where it matters where a pupil lives.

    That is where a samenwerkingsverband may have to answer for an enrolment (rules.md 3).
    """
    one, *others = _ASKING
    asking = {
        known.group_of(stream)
        for _, stream, _, topic, state in rows
        if topic in _ENROLMENT and (one in state or any(code in state for code in others))
    }
    residences = [
        row for row in rows if row.topic == RESIDENCE and known.group_of(row.stream) in asking
    ]
    return _opened(ledger, rows, residences) if residences else rows


def _opened(ledger: Ledger, rows: list[StoredRow], residences: list[StoredRow]) -> list[StoredRow]:
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
