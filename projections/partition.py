"""The pure partition function: from the stored events of some pupils to rows of the read model.

It knows no ledger, no vault and no database: a partition can be computed anywhere, in this
process, in another one, or on another machine. What comes out depends on the rows and the
world alone; who computes it, and how many others do at the same time, changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from msgspec import MsgspecError

from ledger.reference import Reference
from ledger.seals import StoredRow
from ledger.stored import standing_rows
from projections.standen import Touched, rectangles, touched
from projections.store.rows import Batch, Row, Rows, pupil_rows

if TYPE_CHECKING:
    from projections.shapes.ordinary import Ordinary

PER_CHUNK = 50_000
"""Events in which histories of the same shape are looked for at a time."""

MANY = 20_000
"""Up to this many events the fold alone is done sooner than numpy is loaded."""


class World(NamedTuple):
    """What any partition needs beside its own events; small enough to send along.

    The postcode areas of `reference` stand under the names that residences have in the rows
    (`Vault.pseudonym`). `groups` gives the group (hex) of every stream (hex) that belongs to
    another one (`PgnVervangen`): few.
    """

    reference: Reference
    groups: Mapping[str, str]

    def group_of(self, stream: str) -> str:
        """Return the group of a stream, hex."""
        return self.groups.get(stream, stream)


def world(reference: Iterable[StoredRow], groups: Mapping[str, str]) -> World:
    """Return the world of stored events of reference data, sorted by stream, and the groups."""
    return World(Reference(standing_rows(reference)), groups)


def vestiging_object(code: str) -> int:
    """Return under which number pupils depend on a vestiging."""
    return _number(f"vestiging {code}")


def pc4_object(pseudonym: str) -> int:
    """Return under which number pupils depend on a postcode area, by its pseudonym."""
    return _number(f"pc4 {pseudonym}")


def partition(
    events: Iterable[Sequence[StoredRow]], known: World, ordinary: Ordinary | None = None
) -> Iterator[Batch]:
    """Yield the rows of the read model of all pupils whose events are given, in their order.

    `events` come many at a time, each time whole groups of streams, each group's together, and
    residences in clear where they matter. `ordinary` folds histories of one shape once; without
    it every history is folded, with the same outcome. Raises LedgerError when a row was damaged.
    """
    for chunk in _chunks(events):
        yield _batch(chunk, known, ordinary)


def are_many(events: int) -> bool:
    """Tell whether so many events, in however many partitions, are worth looking for shapes."""
    return events >= MANY


def ordinary_shapes() -> Ordinary | None:
    """Return what folds histories of one shape once; None without numpy (extra `scale`).

    It learns from partition to partition: one thread uses it, for one rebuild.
    """
    try:
        from projections.shapes.ordinary import Ordinary  # noqa: PLC0415 - only where worth it
    except ImportError:
        return None
    return Ordinary()


def _chunks(events: Iterable[Sequence[StoredRow]]) -> Iterator[list[StoredRow]]:
    """Yield the rows of whole groups, many at a time."""
    chunk: list[StoredRow] = []
    for rows in events:
        if chunk and len(chunk) + len(rows) > PER_CHUNK:
            yield chunk
            chunk = []
        chunk += rows
    if chunk:
        yield chunk


def _batch(chunk: list[StoredRow], known: World, ordinary: Ordinary | None) -> Batch:
    if ordinary is None:
        return Batch(_folded(_groups(chunk, known), known))
    # Of who is one stream no other PGN came or went.
    joined = known.groups.keys() | set(known.groups.values())
    alone = [row for row in chunk if row[1] not in joined]
    try:
        filled = ordinary.filled(alone, lambda rows: _folded({rows[0].stream: rows}, known))
    except (MsgspecError, ValueError):  # the fold says which row was damaged
        return Batch(_folded(_groups(chunk, known), known))
    rest = [row for row in chunk if row[1] not in filled.streams]
    folded = _folded(_groups(rest, known), known)
    for table, listed in filled.rows.items():
        folded[table] = [*folded.get(table, []), *listed]
    return Batch(folded, filled.columns)


def _groups(rows: Iterable[StoredRow], known: World) -> dict[str, list[StoredRow]]:
    """Return the rows of each group of streams."""
    groups = groupby(rows, key=lambda row: known.group_of(row.stream))
    return {name: list(listed) for name, listed in groups}


def _folded(groups: Mapping[str, Sequence[StoredRow]], known: World) -> Rows:
    """Return the rows of some groups by the fold."""
    total: defaultdict[str, list[Row]] = defaultdict(list)
    for name, stored in groups.items():
        booked = list(standing_rows(stored))
        objects = touched(booked)
        made = rectangles(booked, known.reference, objects)
        for table, listed in pupil_rows(UUID(name), made, _objects(objects)).items():
            total[table] += listed
    return total


def _objects(objects: Touched) -> Iterator[int]:
    yield from map(vestiging_object, objects.vestigingen)
    yield from map(pc4_object, objects.pc4s)


@cache
def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
