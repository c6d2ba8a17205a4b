"""What travels to a machine that computes a partition, and what comes back: bytes.

The events of a partition travel as Parquet (extra `scale`), since that is how a log is exported;
what they need beside them, and the rows that come back, as MessagePack. Nothing goes along that
the rows do not follow from: not what a source called an event, nor which file it stood in, nor
what is sealed.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import local
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from ledger import events as ev
from ledger.mapper import bare_states, decode_fact, encode_fact, encode_state, state_of
from ledger.places import LedgerError
from ledger.seals import StoredRow
from ledger.stored import event_of
from projections.partition import World, are_many, ordinary_shapes, partition, world
from projections.store.read_model import rules_hash
from projections.store.rows import Batch

if TYPE_CHECKING:
    from projections.shapes.ordinary import Ordinary

OTHER_VERSION: Final = (
    "staat een andere versie van kijkglas; installeer overal dezelfde en begin opnieuw"
)

_BIRTH: Final = ev.LeerlingGeregistreerd.__name__
_RESIDENCE: Final = ev.WoonplaatsVastgelegd.__name__
_SEALED: Final = frozenset(fact.__name__ for fact in ev.LEERPLICHT)
"""Always sealed, and nothing to the rows but an event: a sealed residence says as much."""

_REMOVED: Final = ev.InschrijvingVerwijderd.__name__


class _World(NamedTuple):
    rules: str
    are_many: bool
    reference: list[StoredRow]
    groups: dict[str, str]


class _Computed(NamedTuple):
    rules: str
    batches: list[dict[str, list[tuple[Any, ...]]]]


_encode = msgspec.msgpack.Encoder().encode
_decode_computed = msgspec.msgpack.Decoder(_Computed).decode
_decode_world = msgspec.msgpack.Decoder(_World).decode


class Beside(NamedTuple):
    """What computing needs beside the events of pupils: the world, and the shapes met so far."""

    world: World
    shapes: Ordinary | None


def log_parcel(events: Iterable[Sequence[StoredRow]]) -> bytes:
    """Return stored events, given many at a time, as a Parquet file: a row group each time.

    Bare (`bare`). Raises LedgerError when a row was damaged.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - idem

    kinds = (pa.int64(), pa.string(), pa.int64(), pa.string(), pa.binary())
    schema = pa.schema(list(zip(StoredRow._fields, kinds, strict=True)))
    made = io.BytesIO()
    with pq.ParquetWriter(made, schema, compression="zstd") as file:
        for rows in events:
            columns = list(zip(*bare(rows), strict=True)) or [()] * len(schema)
            file.write_table(pa.table(columns, schema=schema))
    return made.getvalue()


def bare(rows: Sequence[StoredRow]) -> list[StoredRow]:
    """Return stored events with as much in them as rows of the read model follow from.

    That a pupil stayed away from school does not show either. Raises LedgerError when a row was
    damaged.
    """
    try:
        states = bare_states(row.state for row in rows)
    except msgspec.MsgspecError:
        for row in rows:
            event_of(row)  # says which of them it is
        raise
    return [
        StoredRow(
            positie,
            stream,
            version,
            _RESIDENCE if topic in _SEALED else topic,
            state if topic != _REMOVED else _without_reason(state),
        )
        for (positie, stream, version, topic, _), state in zip(rows, states, strict=True)
    ]


def _without_reason(state: bytes) -> bytes:
    """Return the state of a removed enrolment without why, in somebody's words."""
    held = state_of(state)
    fact = decode_fact(_REMOVED, held.versie, held.feit)
    assert isinstance(fact, ev.InschrijvingVerwijderd)
    told = msgspec.Raw(encode_fact(replace(fact, reden=None)))
    return encode_state(replace(held, versie=ev.VERSIONS.get(_REMOVED, 1), feit=told))


def events_of_log(parcel: bytes) -> Iterator[list[StoredRow]]:
    """Yield the stored events of a parcel as they were given."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - idem

    file = pq.ParquetFile(io.BytesIO(parcel))
    for number in range(file.num_row_groups):
        columns = (column.to_pylist() for column in file.read_row_group(number).columns)
        yield list(map(StoredRow._make, zip(*columns, strict=True)))


def world_parcel(reference: Sequence[StoredRow], groups: Mapping[str, str], events: int) -> bytes:
    """Return what every partition needs: stored events of reference data, and the groups.

    With the rules that they are computed by, and whether there are many `events` in all: the
    sender decides, so that one that is small on its own is computed as the others are.
    """
    return _encode(_World(rules_hash(), are_many(events), bare(reference), dict(groups)))


def unpacked(beside: bytes) -> Beside:
    """Return what a parcel of the world holds; its shapes are for one thread."""
    return _beside(_decode_world(beside))


def _beside(held: _World) -> Beside:
    return beside(world(held.reference, held.groups), many=held.are_many)


def beside(known: World, *, many: bool) -> Beside:
    """Return what computing needs in a world; shapes where there are `many` events."""
    return Beside(known, ordinary_shapes() if many else None)


def computed(log: bytes, beside: bytes) -> bytes:
    """Return the rows of the read model that follow from a parcel of the log.

    The one function that travels. It depends on its arguments alone: whoever computes it, and
    however often, these bytes come out. Who computes by other rules says so, and no rows.
    """
    ours = rules_hash()
    if _met.parcel != beside:
        held = _decode_world(beside)
        if held.rules != ours:
            return _encode(_Computed(ours, []))
        _met.parcel, _met.beside = beside, _beside(held)
    batches = partition(events_of_log(log), *_met.beside)
    return _encode(_Computed(ours, [batch.rows() for batch in batches]))


def batches_in(parcel: bytes) -> list[Batch]:
    """Return what came back, batch by batch as it was computed.

    Raises LedgerError when it was computed by other rules than ours.
    """
    try:
        made = _decode_computed(parcel)
    except msgspec.MsgspecError as error:
        raise LedgerError(f"op een werker van het cluster {OTHER_VERSION}") from error
    if made.rules != rules_hash():
        raise LedgerError(f"op een werker van het cluster {OTHER_VERSION}")
    return list(map(Batch, made.batches))


class _Met(local):
    """What a thread of a worker unpacked last: it computes many partitions of one rebuild."""

    parcel = b""
    beside: Beside


_met = _Met()
