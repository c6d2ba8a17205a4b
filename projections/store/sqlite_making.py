"""A new file of SQLite with the read model: filled, indexed, published by its name."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from projections.store.read_model import ReadModel, Shard, SharedMaking, TableMaking
from projections.store.rows import Batch, Rows
from projections.store.schema import (
    INDEXES,
    PUPIL_TABLES,
    REFERENCE_TABLES,
    SUM_INDEXES,
    SUM_TABLES,
)
from projections.store.sqlite_bulk import PRAGMAS, can_insert_columns, insert_columns
from projections.store.sqlite_model import OWN_FILE, SHARDS, SqliteReadModel

COLUMNS_FROM: Final = 100_000
"""From this many events on it pays to load what puts in columns."""


SORTING: Final = "cache_size=-8192"
"""Kilobytes that are sorted at a time for an index: more than the processor holds is slower."""

WEIGHED: Final = "analysis_limit=2000"
"""Rows of an index by which SQLite learns how many are alike; all of them tell it little more."""


class SqliteShard(Shard):
    """A file with the tables of pupils, for one partition."""

    def __init__(self, path: Path, *, columns: bool = False) -> None:
        self.path = path
        self.columns = columns and can_insert_columns()

    def write(self, parts: Iterable[Batch]) -> None:
        """Write the rows of the partition."""
        model = _unsafe(self.path)
        create_tables(model.connection)
        for batch in parts:
            if self.columns and batch.filled:
                insert_columns(self.path, batch)
            else:
                with model.writing():
                    model.insert(batch.rows())
        model.close()


class SqliteMaking(TableMaking, SharedMaking):
    """A file that is being filled, without a journal: it is whole, or it is thrown away."""

    model: SqliteReadModel

    def __init__(self, path: Path) -> None:
        self.path = path
        self._columns = False
        self._opened = ExitStack()

    def partitions(self, events: int) -> list[tuple[str, str]]:
        """Return the ranges in which a ledger is computed."""
        self._columns = events >= COLUMNS_FROM and can_insert_columns()
        return super().partitions(events)

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Fill it, then make the indexes: nobody sees it before, so each partition is kept."""
        self.model = _unsafe(self.path)
        self._opened.callback(self.model.close)
        create_tables(self.model.connection)
        yield
        create_indexes(self.model)

    def add(self, number: int, parts: Iterable[Batch]) -> None:
        """Insert the rows of a partition."""
        for batch in parts:
            if self._columns and batch.filled:
                with self.shards() as shards:
                    shard = next(shards)
                    shard.write([batch])
                    self.merge(number, shard)
            else:
                with self.model.writing():
                    self.model.insert(batch.rows())

    @contextmanager
    def shards(self) -> Iterator[Iterator[Shard]]:
        """Give files in a folder beside it, which is gone at the end."""
        with TemporaryDirectory(prefix=SHARDS, dir=self.path.parent) as folder:
            yield (self._shard(Path(folder), number) for number in count())

    def _shard(self, folder: Path, number: int) -> Shard:
        return SqliteShard(folder / f"{number}.sqlite", columns=self._columns)

    def merge(self, number: int, shard: Shard) -> None:
        """Move the rows of a partition into the tables, in their order."""
        del number
        assert isinstance(shard, SqliteShard)
        connection = self.model.connection
        connection.execute("ATTACH ? AS deel", (str(shard.path),))
        with self.model.writing():
            for table in PUPIL_TABLES:
                # In the order of the rows: that is how a table is read. Said so, SQLite would
                # take every row apart instead of moving it as it is.
                connection.execute(f"INSERT INTO main.{table} SELECT * FROM deel.{table}")
        connection.execute("DETACH deel")
        shard.path.unlink()

    def complete(self, reference: Rows, said: Mapping[str, str]) -> None:
        """Insert reference data, and what the table says of itself."""
        with self.model.writing():
            super().complete(reference, said)

    def publish(self) -> ReadModel:
        """Give the finished file its name and open it."""
        self.model.connection.execute("PRAGMA journal_mode=WAL")
        self.model.connection.execute("PRAGMA synchronous=NORMAL")
        self.model.close()
        return SqliteReadModel(_published(self.path))

    def discard(self) -> None:
        """Remove the file; once published it has another name."""
        self._opened.close()
        self.path.unlink(missing_ok=True)


def _published(made: Path) -> Path:
    """Give a finished file its name, remove the files that are older, and return its path."""
    target = made.with_suffix(".sqlite")
    made.replace(target)
    for name in os.listdir(target.parent):  # noqa: PTH208 - names only
        if OWN_FILE.fullmatch(name) and not name.startswith(target.name):
            (target.parent / name).unlink(missing_ok=True)
    return target


def _unsafe(path: Path) -> SqliteReadModel:
    """Open a new file that nobody reads before it is finished."""
    model = SqliteReadModel(path, new=True)
    for pragma in PRAGMAS:
        model.connection.execute(f"PRAGMA {pragma}")
    return model


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables, without indexes, by running the migrations."""
    from sqlite_utils import Database, Migrations  # noqa: PLC0415 - slow to import, rarely needed

    migrations = Migrations("standen")

    @migrations()
    def m001_tables(db: Database) -> None:
        for name, columns in {**PUPIL_TABLES, **REFERENCE_TABLES, **SUM_TABLES}.items():
            db[name].create(columns)  # type: ignore[union-attr]  # never a view
        db["stand_van_zaken"].create({"naam": str, "waarde": str}, pk="naam")  # type: ignore[union-attr]

    migrations.apply(Database(connection))
    # The library notes when: the same events are to give the same bytes, whenever.
    connection.execute("UPDATE _sqlite_migrations SET applied_at = ''")


def create_indexes(model: SqliteReadModel) -> None:
    """Make the indexes that serve the as-of questions, sum up, and let SQLite weigh them."""
    model.change(f"PRAGMA {SORTING}")
    for name, index in INDEXES.items():
        model.change(index.sql(name))
    model.sum_up()
    for name, index in SUM_INDEXES.items():
        model.change(index.sql(name))
    model.change(f"PRAGMA {WEIGHED}")
    model.change("ANALYZE")
