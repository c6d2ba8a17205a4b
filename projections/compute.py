"""Rows of the read model for any set of pupils: the pure partition function and its feeding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING
from uuid import UUID

from ledger.application import Ledger, standing_rows
from ledger.events import Event, WoonplaatsVastgelegd
from ledger.reference import Reference
from ledger.seals import StoredRow
from projections.standen import Touched, is_attributed_by, rectangles, touched
from projections.store.rows import Rows, pupil_rows

if TYPE_CHECKING:
    from projections.shapes.ordinary import Ordinary

RESIDENCE_ONLY = frozenset({WoonplaatsVastgelegd.__name__})
"""The one personal fact that attribution needs in clear (rules.md 3, rule 5)."""

PER_BATCH = 500
"""Pupils whose personal facts are opened and rows are made at a time."""

PER_CHUNK = 50_000
"""Events in which histories of the same shape are looked for at a time."""

MANY = 20_000
"""Up to this many events in the log the fold alone is done sooner than numpy is loaded."""


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
    fast = ordinary() if until >= MANY else None
    apart = {stream.hex for stream in (*elsewhere, *hosts)}
    for stored in _chunks(ledger.store.rows_between(first, beyond), until, apart):
        yield _chunk_rows(ledger, stored, reference, fast)


def ordinary() -> Ordinary | None:
    """Return what folds histories of one shape once, None without numpy (extra `scale`)."""
    try:
        from projections.shapes.ordinary import Ordinary  # noqa: PLC0415 - only where it is worth it
    except ImportError:
        return None
    return Ordinary()


def _chunks(rows: Iterable[StoredRow], until: int, apart: set[str]) -> Iterator[list[StoredRow]]:
    """Yield the rows of whole streams, many at a time, without those to be left apart."""
    chunk: list[StoredRow] = []
    for stream, booked in groupby(rows, key=attrgetter("stream")):
        if len(chunk) >= PER_CHUNK:
            yield chunk
            chunk = []
        if stream not in apart:
            chunk += [row for row in booked if row.positie <= until]
    yield chunk


def _chunk_rows(
    ledger: Ledger, stored: list[StoredRow], reference: Reference, fast: Ordinary | None
) -> Rows:
    if fast is None:
        return _folded(ledger, stored, reference)
    booked = {stream: list(rows) for stream, rows in groupby(stored, key=attrgetter("stream"))}
    tables, done = fast.rows(
        stored, cache(lambda stream: _folded(ledger, booked[stream], reference))
    )
    rest = _folded(ledger, [row for row in stored if row.stream not in done], reference)
    for table, columns in tables.items():
        filled = list(zip(*(column.listed() for column in columns), strict=True))
        rest[table] = sorted([*filled, *rest.get(table, [])], key=itemgetter(0))
    return rest


def _folded(ledger: Ledger, stored: list[StoredRow], reference: Reference) -> Rows:
    """Return the rows of pupils by the fold, a batch at a time; each stream is a pupil."""
    total: Rows = defaultdict(list)
    events = standing_rows(stored)
    streams = groupby(events, key=attrgetter("originator_id"))
    batch = [(stream, list(booked)) for stream, booked in islice(streams, PER_BATCH)]
    while batch:
        for table, listed in _batch_rows(ledger, batch, reference).items():
            total[table] += listed
        batch = [(stream, list(booked)) for stream, booked in islice(streams, PER_BATCH)]
    return total


def _batch_rows(
    ledger: Ledger, batch: list[tuple[UUID, list[Event]]], reference: Reference
) -> Rows:
    total: Rows = defaultdict(list)
    asking = {stream for stream, booked in batch if _asks(booked)}
    clear = iter(
        ledger.vault.reveal(
            (event for stream, booked in batch if stream in asking for event in booked),
            RESIDENCE_ONLY,
        )
    )
    for groep, sealed in batch:
        booked = [next(clear) for _ in sealed] if groep in asking else sealed
        objects = touched(booked)
        made = rectangles(booked, reference, objects)
        for table, listed in pupil_rows(groep, made, _tokens(ledger, objects)).items():
            total[table] += listed
    ledger.vault.drop_keys()
    return total


def _asks(booked: Iterable[Event]) -> bool:
    """Tell whether it matters where a pupil lives: an enrolment is attributed (rules.md 3)."""
    return any(is_attributed_by(event.fact) for event in booked)


def _tokens(ledger: Ledger, objects: Touched) -> Iterator[int]:
    for code in objects.vestigingen:
        yield vestiging_token(ledger, code)
    for pc4 in objects.pc4s:
        yield pc4_token(ledger, pc4)
