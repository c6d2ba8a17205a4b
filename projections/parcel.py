"""What travels to a machine that computes a partition, and what comes back: bytes.

The events of a partition travel as Parquet (extra `scale`), since that is how a log is exported;
what they need beside them, and the rows that come back, as MessagePack.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from ledger.seals import StoredRow
from projections.partition import World, ordinary_shapes, partition, world
from projections.store.rows import Batch

_encode = msgspec.msgpack.Encoder().encode
_decode_batches = msgspec.msgpack.Decoder(list[dict[str, list[tuple[Any, ...]]]]).decode
_decode_world = msgspec.msgpack.Decoder(tuple[list[StoredRow], dict[str, str]]).decode


def log_parcel(events: Iterable[Sequence[StoredRow]]) -> bytes:
    """Return stored events, given many at a time, as a Parquet file: a row group each time."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - idem

    kinds = (pa.int64(), pa.string(), pa.int64(), pa.string(), pa.binary())
    schema = pa.schema(list(zip(StoredRow._fields, kinds, strict=True)))
    made = io.BytesIO()
    with pq.ParquetWriter(made, schema, compression="zstd") as file:
        for rows in events:
            columns = list(zip(*rows, strict=True)) or [()] * len(schema)
            file.write_table(pa.table(columns, schema=schema))
    return made.getvalue()


def events_of_log(parcel: bytes) -> Iterator[list[StoredRow]]:
    """Yield the stored events of a parcel as they were given."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - idem

    file = pq.ParquetFile(io.BytesIO(parcel))
    for number in range(file.num_row_groups):
        columns = (column.to_pylist() for column in file.read_row_group(number).columns)
        yield list(map(StoredRow._make, zip(*columns, strict=True)))


def world_parcel(reference: Iterable[StoredRow], groups: Mapping[str, str]) -> bytes:
    """Return what every partition needs: stored events of reference data, and the groups."""
    return _encode((list(reference), dict(groups)))


def computed(log: bytes, beside: bytes) -> bytes:
    """Return the rows of the read model that follow from a parcel of the log.

    The one function that travels. It depends on its arguments alone: whoever computes it, and
    however often, these bytes come out.
    """
    events = list(events_of_log(log))
    shapes = ordinary_shapes(sum(map(len, events)))
    batches = partition(events, _world(beside), shapes)
    return _encode([batch.rows() for batch in batches])


def batches_in(parcel: bytes) -> list[Batch]:
    """Return what came back, batch by batch as it was computed."""
    return list(map(Batch, _decode_batches(parcel)))


@lru_cache(maxsize=1)
def _world(parcel: bytes) -> World:
    """Return the world of a parcel: read once by a worker that computes many partitions."""
    return world(*_decode_world(parcel))
