"""The rectangles as bare columns: the physical limits of a scan, in memory and from a file."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_type_hints

from benchmarks.rectangles import CHUNK, Rectangle, asked, rectangles
from projections.store.ask import AS_OF, AsOf
from projections.store.read_model import ReadModel

if TYPE_CHECKING:
    import duckdb

BOUNDS: Final = ("geldig_van", "geldig_tot", "bekend_van", "bekend_tot")
_QUERY: Final = (
    "SELECT geldig_van, geldig_tot, bekend_van, bekend_tot, telt, "
    "vestigingscode, ondersteuningscategorie, basis FROM standen"
)
_SCAN: Final = f"SELECT count(*) FROM read_parquet($path) WHERE {AS_OF}".replace(":", "$")  # noqa: S608 - constants


class Columns(NamedTuple):
    """The four bounds and a code for each cell of the count (0 = does not count), in numpy."""

    van: Any
    tot: Any
    known: Any
    until: Any
    codes: Any

    def within(self, as_of: AsOf) -> Any:  # noqa: ANN401 - an array of booleans
        """Return which rectangles hold."""
        t, k = as_of.bounds["t"], as_of.bounds["k"]
        return (self.van <= t) & (self.tot > t) & (self.known <= k) & (self.until > k)

    def scan(self, as_of: AsOf) -> int:
        """Return how many rectangles hold: nothing but the four bounds."""
        import numpy as np  # noqa: PLC0415 - of the extra `bench`

        return int(np.count_nonzero(self.within(as_of)))

    def counts(self, as_of: AsOf) -> list[int]:
        """Return the counts of the country, in ascending order."""
        import numpy as np  # noqa: PLC0415 - of the extra `bench`

        counted = np.bincount(self.codes[(self.codes > 0) & self.within(as_of)])
        return sorted(counted[counted > 0].tolist())


def columns(model: ReadModel) -> Columns:
    """Return the columns of all rectangles; they are read in parts."""
    import numpy as np  # noqa: PLC0415 - of the extra `bench`

    code_of: dict[tuple[Any, ...], int] = {}
    parts: list[list[Any]] = [[] for _ in Columns._fields]
    found = asked(model, _QUERY)
    while rows := list(islice(found, CHUNK)):
        for place in range(4):
            parts[place].append(np.array([row[place] for row in rows]))
        parts[4].append(
            np.array([row[4] and code_of.setdefault(row[5:], len(code_of) + 1) for row in rows])
        )
    return Columns(*(np.concatenate(part) for part in parts))


def write_parquet(model: ReadModel, path: Path) -> None:
    """Write the rectangles to a plain Parquet file, if it is not there."""
    if path.exists():
        return
    import pyarrow as pa  # noqa: PLC0415 - of the extra `bench`
    from pyarrow import parquet  # noqa: PLC0415 - idem

    hints = get_type_hints(Rectangle)
    schema = pa.schema(
        [(name, pa.int64() if kind is int else pa.string()) for name, kind in hints.items()]
    )
    making = path.with_suffix(".maken")
    with parquet.ParquetWriter(making, schema) as writer:
        for part in rectangles(model):
            listed = dict(zip(schema.names, map(list, zip(*part, strict=True)), strict=True))
            writer.write_table(pa.table(listed, schema=schema))
    making.rename(path)


def scan_by_duckdb(connection: duckdb.DuckDBPyConnection, path: Path, as_of: AsOf) -> int:
    """Return how many rectangles of a Parquet file hold, by DuckDB."""
    values = {"path": str(path), **as_of.bounds}
    row = connection.execute(_SCAN, values).fetchone()
    assert row is not None
    return int(row[0])


def scan_by_pyarrow(path: Path, as_of: AsOf) -> int:
    """Return how many rectangles of a Parquet file hold, by pyarrow."""
    from pyarrow import dataset  # noqa: PLC0415 - of the extra `bench`

    van, tot, known, until = (dataset.field(name) for name in BOUNDS)
    t, k = as_of.bounds["t"], as_of.bounds["k"]
    within = (van <= t) & (tot > t) & (known <= k) & (until > k)
    return int(dataset.dataset(path).count_rows(filter=within))
