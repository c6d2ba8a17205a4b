"""Rows of the read model as columns, and columns as sorted Parquet files (extra `scale`).

Texts stand in the dictionaries of the file itself, so that no code can get out of step with what
it stands for. The columns of a count are stored as they are, the others compressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from projections.store.rows import Batch, Row
from projections.store.schema import PUPIL_TABLES, REFERENCE_TABLES

if TYPE_CHECKING:
    from projections.shapes.filling import Column

ROW_GROUP: Final = 61_440
"""Rows that are read or left out together: small enough to pass over other regions."""

_DAYS: Final = frozenset(
    {"geldig_van", "geldig_tot", "begindatum", "einddatum", "laatste_dag", "teldatum"}
)
_FLAGS: Final = frozenset(
    {"telt", "bekostigbaar", "gesloten_inrichting", "residentieel", "cluster"}
)
_UNIQUE: Final = frozenset(
    {"groep", "leerling", "pgn_van", "volgnummer", "geopend_door", "gesloten_door", "bekend_van"}
)
"""Columns with so many values that a dictionary of them only takes space."""

_COUNTED: Final = (
    "geldig_van", "geldig_tot", "bekend_van", "bekend_tot", "telt", "schoolsoort", "swv",
    "vestigingscode", "ondersteuningscategorie", "basis", "vo_kenmerk", "verschil",
)  # fmt: skip
"""What a count reads: unpacking these would take longer than reading them."""

_ORDER: Final = {
    # A question of one samenwerkingsverband passes over the others; equal cells lie together.
    "standen": (
        "swv", "vestigingscode", "ondersteuningscategorie", "basis", "geldig_tot", "groep",
    ),
    "verloop": (
        "swv", "vestigingscode", "ondersteuningscategorie", "basis", "geldig_van", "groep",
    ),
    "tlvs": ("nummer", "groep"),
    "koppelingen": ("nummer", "groep"),
    "personen": ("groep", "leerling"),
    "afhankelijkheden": ("object", "groep"),
}  # fmt: skip


def columns_of(table: str, rows: Sequence[Row]) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return rows of a table as an Arrow table."""
    schema = _schema(table)
    values = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [
        pa.array(map(_number, column) if field.type == pa.int8() else column, field.type)
        for field, column in zip(schema, values, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def batch_columns(table: str, batch: Batch) -> list[Any]:
    """Return what a batch holds of a table as Arrow tables: one by one, and filled in."""
    made = [columns_of(table, batch.folded.get(table, []))]
    if table in batch.filled:
        schema = _schema(table)
        arrays = map(_array, batch.filled[table], schema.types)
        made.append(pa.Table.from_arrays(list(arrays), schema=schema))
    return made


def columns_by_group(table: str, batch: Batch) -> Any:  # noqa: ANN401 - idem
    """Return what a batch holds of a table as one Arrow table, in the order of the groups."""
    columns = joined(table, batch_columns(table, batch))
    return columns.take(pc.sort_indices(columns, [("groep", "ascending")]))


def _array(column: Column, kind: Any) -> Any:  # noqa: ANN401 - idem
    """Return a column of numbers, or of words by their places, as Arrow has it."""
    if column.words is None:
        return pa.array(column.values, kind, mask=column.missing)
    words = pa.array(map(_number, column.words) if kind == pa.int8() else column.words, kind)
    places = pa.array(column.values, pa.int32(), mask=column.missing)
    return pa.DictionaryArray.from_arrays(places, words).cast(kind)


def joined(table: str, parts: Sequence[Any]) -> Any:  # noqa: ANN401 - idem
    """Return parts of a table as one."""
    return pa.concat_tables(parts) if parts else _schema(table).empty_table()


def write(path: Path, table: str, columns: Any) -> None:  # noqa: ANN401 - idem
    """Write a table in its order; rows that are equal in it keep theirs."""
    names = columns.column_names
    if table in _ORDER:
        columns = columns.sort_by([(name, "ascending") for name in _ORDER[table]])
    pq.write_table(
        columns,
        path,
        row_group_size=ROW_GROUP,
        use_dictionary=[name for name in names if name not in _UNIQUE],
        compression={name: "none" if name in _COUNTED else "zstd" for name in names},
        store_schema=False,
    )


def is_readable(path: Path) -> bool:
    """Tell whether all of a file can be read, some rows at a time."""
    try:
        with pq.ParquetFile(path) as file:
            for _ in file.iter_batches():
                pass
    except (OSError, pa.ArrowException):
        return False
    return True


def without(path: Path, groups: Sequence[str]) -> Any:  # noqa: ANN401 - idem
    """Return what a file holds of other groups than some."""
    columns = pq.read_table(path, memory_map=False)
    return columns.filter(pc.invert(pc.is_in(columns["groep"], pa.array(groups, pa.string()))))


def _number(value: object) -> int | None:
    return None if value is None else int(value)  # type: ignore[call-overload]


def _schema(table: str) -> Any:  # noqa: ANN401 - idem
    tables: dict[str, dict[str, type]] = {**PUPIL_TABLES, **REFERENCE_TABLES}
    return pa.schema([(name, _type(name, kind)) for name, kind in tables[table].items()])


def _type(name: str, kind: type) -> Any:  # noqa: ANN401 - idem
    if kind is str:
        return pa.string()
    if name in _DAYS:
        return pa.int32()
    return pa.int8() if name in _FLAGS else pa.int64()
