"""The event store on SQLite: the library's recorder with our pool, and the rows in order.

`eventsourcing` finds `Factory` in this module (PERSISTENCE_MODULE).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from eventsourcing import sqlite as library  # it looks for one factory among our names
from eventsourcing.persistence import ConnectionPoolClosedError
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

from ledger.databases import WRITER_TIMEOUT, pieces
from ledger.event_rows import IndexRows, NewRows, NumberedRow, Stamp
from ledger.event_tables import SELECT_ROWS, SELECT_ZEGELS, TABLES
from ledger.recorders import LedgerRecorder, Statements
from ledger.seals import StoredRow, Zegel
from ledger.sqlite_database import KEYS_PER_QUERY, with_places


class WritingTransaction(SQLiteTransaction):
    """A transaction that takes the lock at once.

    The library begins as a reader; two writers that both read first would fail.
    """

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        return cursor


class LedgerConnection(SQLiteConnection):
    """A connection whose writing transactions take their lock first."""

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """Run a transaction, a writing one with `commit`; errors are the library's."""
        kind = WritingTransaction if commit else SQLiteTransaction
        with kind(self, commit=commit) as cursor, cursor:
            yield cursor


class LedgerPool(SQLiteConnectionPool):
    """Connections with the pragmas of an event store: durable, and a cache that fits."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        raw = connection._sqlite_conn  # noqa: SLF001 - the library has no hook for pragmas
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA cache_size=-65536")
        raw.execute("PRAGMA wal_autocheckpoint=16384")
        return LedgerConnection(raw, max_age=self.max_age)


class LedgerDatastore(SQLiteDatastore):
    """The library's datastore on our pool."""

    def __init__(self, db_name: str, **settings: Any) -> None:  # noqa: ANN401 - passed through
        super().__init__(db_name, **settings)
        self.pool.close()
        self.pool = LedgerPool(db_name=db_name, lock_timeout=WRITER_TIMEOUT)


class SQLiteLedgerRecorder(LedgerRecorder, SQLiteApplicationRecorder):
    """The event store in a file of its own."""

    def construct_create_table_statements(self) -> list[str]:
        """Add the seals and the indexes to the library's table of events."""
        return [*super().construct_create_table_statements(), *TABLES]

    def insert_rows(self, rows: NewRows, stamp: Stamp, index: IndexRows) -> list[int]:
        """Append rows in their order in one transaction, and return their positions."""
        with self.datastore.transaction(commit=True) as c:
            return self._append(c, rows, stamp, index)

    def _insert_rows(self, c: Statements, rows: Sequence[NumberedRow]) -> None:
        c.executemany(_INSERT.format(self.events_table_name), rows)

    @contextmanager
    def _reading(self) -> Iterator[Statements]:
        with self.datastore.transaction(commit=False) as cursor:
            yield cursor

    @contextmanager
    def chain(self) -> Iterator[tuple[Iterator[StoredRow], Iterator[Zegel]]]:
        """Give all rows and all seals as they were at one moment, whoever books meanwhile."""
        with self.datastore.transaction(commit=False) as cursor:
            connection = cursor.sqlite_cursor.connection
            rows, zegels = (connection.cursor() for _ in range(2))
            rows.row_factory = zegels.row_factory = None
            yield (
                map(StoredRow._make, rows.execute(SELECT_ROWS + "ORDER BY rowid")),
                map(Zegel._make, zegels.execute(SELECT_ZEGELS)),
            )

    def _query(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        pool = self.datastore.pool
        connection = pool.get_connection(is_writer=False)
        cursor: sqlite3.Cursor = connection._sqlite_conn.cursor()  # noqa: SLF001 - to stream
        cursor.row_factory = None
        try:
            # A map, since `yield from` would close the cursor itself outside of what follows.
            yield from map(tuple, cursor.execute(statement, values))
        finally:
            # A reader that stopped half-way may be cleared after the store was closed.
            with suppress(ConnectionPoolClosedError, sqlite3.ProgrammingError):
                cursor.close()
                pool.put_connection(connection)

    def _query_in(self, statement: str, values: Iterable[Any]) -> Iterator[Any]:
        for part in pieces(values, KEYS_PER_QUERY):
            yield from self._query(with_places(statement, part), part)


_INSERT: Final = (
    "INSERT INTO {} (rowid, originator_id, originator_version, topic, state) VALUES (?,?,?,?,?)"
)


class Factory(library.SQLiteFactory):
    """What the library constructs the event store with."""

    application_recorder_class = SQLiteLedgerRecorder

    def __init__(self, env: Any) -> None:  # noqa: ANN401 - the library's environment
        super().__init__(env)
        self.datastore.close()
        self.datastore = LedgerDatastore(
            self.datastore.pool.db_name, originator_id_type=self.datastore.originator_id_type
        )
