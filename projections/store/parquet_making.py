"""A new generation of Parquet files: every partition written by whoever computes it."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

from projections.store.duckdb_engine import GENERATION
from projections.store.duckdb_model import DuckdbReadModel
from projections.store.parquet_files import Manifest, Part, file_name, newest, removed, written
from projections.store.parquet_tables import batch_columns, columns_of, joined, without, write
from projections.store.partitions import partitions
from projections.store.read_model import ReadModel, Shard, SharedMaking
from projections.store.rows import Batch, Row, Rows
from projections.store.schema import PUPIL_TABLES

EVENTS_PER_FILE: Final = 125_000
"""A count opens every file; a catch-up writes anew those of the pupils that were touched."""

MOST_FILES: Final = 256
FIRST_VERSION: Final = 1


class ParquetShard(Shard):
    """The files of one partition, under the names that they keep."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.number = number

    def name(self, table: str) -> str:
        """Return the name of the file of a table."""
        return file_name(table, self.number, FIRST_VERSION)

    def write(self, parts: Iterable[Batch]) -> None:
        """Write the rows of the partition, each table in its order."""
        columns: defaultdict[str, list[Any]] = defaultdict(list)
        for batch in parts:
            for table in PUPIL_TABLES:
                columns[table] += batch_columns(table, batch)
        for table in PUPIL_TABLES:
            write(self.folder / self.name(table), table, joined(table, columns.pop(table, [])))


class ParquetMaking(SharedMaking):
    """A folder that is being filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ranges: list[tuple[str, str]] = []
        self._parts: list[Part] = []

    def partitions(self, events: int) -> list[tuple[str, str]]:
        """Return the ranges in which a ledger is computed: one file of each table."""
        self._ranges = partitions(events, EVENTS_PER_FILE, MOST_FILES)
        return self._ranges

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Fill it; nobody sees it before it has its name."""
        self.folder.mkdir()
        yield

    def add(self, number: int, parts: Iterable[Batch]) -> None:
        """Write the files of a partition."""
        shard = ParquetShard(self.folder, number)
        shard.write(parts)
        self.merge(number, shard)

    @contextmanager
    def shards(self) -> Iterator[Iterator[Shard]]:
        """Let every partition be written where it stays."""
        yield (ParquetShard(self.folder, number) for number in count())

    def merge(self, number: int, shard: Shard) -> None:
        """Name the files of a partition in the manifest."""
        assert isinstance(shard, ParquetShard)
        files = {table: shard.name(table) for table in PUPIL_TABLES}
        self._parts.append(Part(*self._ranges[number], files))

    def complete(self, reference: Rows, said: Mapping[str, str]) -> None:
        """Write reference data and the manifest."""
        names = {
            table: write_rows(self.folder, table, file_name(table, 0, FIRST_VERSION), rows)
            for table, rows in reference.items()
        }
        manifest = Manifest(tuple(self._parts), names, dict(said))
        written(self.folder, FIRST_VERSION, manifest)

    def publish(self) -> ReadModel:
        """Give the folder its name and open it; older ones that nobody reads are removed."""
        target = self.folder.with_suffix(".parquet")
        self.folder.replace(target)
        for path in target.parent.iterdir():
            if GENERATION.fullmatch(path.name) and path != target:
                removed(path)
        held = newest(target)
        assert held is not None
        return DuckdbReadModel(target, held)

    def discard(self) -> None:
        """Remove the folder; once published it has another name."""
        shutil.rmtree(self.folder, ignore_errors=True)


def write_rows(folder: Path, table: str, name: str, rows: Sequence[Row]) -> str:
    """Write a small table as a file, and return its name."""
    write(folder / name, table, columns_of(table, rows))
    return name


def rewritten(
    folder: Path,
    part: Part,
    name: str,
    groups: Collection[str],
    inserted: Mapping[str, Sequence[Any]],
) -> Part:
    """Return a partition in which some groups have other rows; untouched, it is the same one.

    `name` is that of the new files, with `{}` in the place of the table.
    """
    touched = sorted(group for group in groups if part.first <= group < part.beyond)
    if not touched:
        return part
    files = {}
    for table, present in part.bestanden.items():
        new = joined(table, [columns_in(columns, part) for columns in inserted.get(table, ())])
        kept = without(folder / present, touched)
        files[table] = name.format(table)
        write(folder / files[table], table, joined(table, [kept.cast(new.schema), new]))
    return Part(part.first, part.beyond, files)


def columns_in(columns: Any, part: Part) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return the rows of the groups that belong in a partition."""
    import pyarrow.compute as pc  # noqa: PLC0415 - with the tables

    groep = columns["groep"]
    within = pc.and_(pc.greater_equal(groep, part.first), pc.less(groep, part.beyond))
    return columns.filter(within)
