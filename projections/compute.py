"""Rows of the read model for any set of pupils: the pure partition function and its feeding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from uuid import UUID

from ledger.application import Ledger
from ledger.events import Event, WoonplaatsVastgelegd
from ledger.reference import Reference
from projections.standen import Touched, rectangles, touched
from projections.store.rows import Rows, pupil_rows

RESIDENCE_ONLY = frozenset({WoonplaatsVastgelegd.__name__})
"""The one personal fact that attribution needs in clear (rules.md 3, rule 5)."""

PER_BATCH = 500
"""Pupils whose personal facts are opened and rows are made at a time."""

PER_READ = 2000


def vestiging_token(ledger: Ledger, code: str) -> int:
    """Return under which token pupils depend on a vestiging."""
    return ledger.vault.token(f"vestiging {code}")


def pc4_token(ledger: Ledger, pc4: str) -> int:
    """Return under which token pupils depend on a postcode area: never in clear."""
    return ledger.vault.token(f"pc4 {pc4}")


def rows_of_groups(
    ledger: Ledger, groups: Mapping[UUID, list[UUID]], until: int, reference: Reference
) -> Iterator[Rows]:
    """Yield the rows of some pupils, batch by batch; `groups` gives each its streams."""
    listed = sorted(groups.items())
    for start in range(0, len(listed), PER_BATCH):
        part = dict(listed[start : start + PER_BATCH])
        group_of = {stream: groep for groep, streams in part.items() for stream in streams}
        booked: dict[UUID, list[Event]] = defaultdict(list)
        for event in ledger.events_of(group_of, until):
            booked[group_of[event.originator_id]].append(event)
        yield _batch_rows(ledger, sorted(booked.items()), reference)


def rows_of_range(
    ledger: Ledger, first: str, beyond: str, until: int, reference: Reference
) -> Iterator[Rows]:
    """Yield the rows of all pupils whose group id (hex) is in a range, batch by batch."""
    joined = ledger.vault.joined()
    elsewhere = {stream for stream in joined if first <= stream.hex < beyond}
    guests: dict[UUID, list[UUID]] = defaultdict(list)
    for stream, groep in joined.items():
        if first <= groep.hex < beyond:
            guests[groep].append(stream)
    hosts = set(guests)
    if hosts:
        yield from rows_of_groups(
            ledger,
            {groep: [groep, *streams] for groep, streams in guests.items()},
            until,
            reference,
        )
    batch: list[tuple[UUID, list[Event]]] = []
    events = ledger.pupil_events(first, beyond, until)
    for stream, booked in groupby(events, key=lambda event: event.originator_id):
        known = [event for event in booked if event.positie <= until]
        if known and stream not in elsewhere and stream not in hosts:
            batch.append((stream, known))
            if len(batch) == PER_BATCH:
                yield _batch_rows(ledger, batch, reference)
                batch = []
    yield _batch_rows(ledger, batch, reference)


def _batch_rows(
    ledger: Ledger, batch: list[tuple[UUID, list[Event]]], reference: Reference
) -> Rows:
    total: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
    clear = ledger.vault.reveal((event for _, booked in batch for event in booked), RESIDENCE_ONLY)
    by_group = iter(clear)
    for groep, sealed in batch:
        booked = [next(by_group) for _ in sealed]
        objects = touched(booked)
        made = rectangles(booked, reference, objects)
        rows = pupil_rows(groep, made, _tokens(ledger, objects))
        for table, listed in rows.items():
            total[table] += listed
    ledger.vault.drop_keys()
    return total


def _tokens(ledger: Ledger, objects: Touched) -> Iterator[int]:
    for code in objects.vestigingen:
        yield vestiging_token(ledger, code)
    for pc4 in objects.pc4s:
        yield pc4_token(ledger, pc4)
