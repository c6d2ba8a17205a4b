"""The event store on PostgreSQL: the library's recorder, with COPY under its table lock.

`eventsourcing` finds `Factory` in this module (PERSISTENCE_MODULE). Whoever appends holds
the lock of the table until it is committed, so that positions become visible in their order
and a reader who follows the log never passes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from eventsourcing import postgres as library  # it looks for one factory among our names
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.postgres import (
    ConnectionPool,
    PostgresApplicationRecorder,
    PostgresDatastore,
)
from eventsourcing.utils import strtobool
from psycopg import Connection, Cursor, ServerCursor
from psycopg.adapt import Buffer, Loader
from psycopg.pq import Format
from psycopg.rows import DictRow, TupleRow, dict_row, tuple_row

from ledger.databases import WRITER_TIMEOUT, pieces
from ledger.event_rows import IndexRows, NewRows, NumberedRow, Stamp
from ledger.event_tables import SELECT_ROWS, SELECT_ZEGELS, TABLES
from ledger.places import LedgerError
from ledger.postgres_database import CONNECT_TIMEOUT, KEYS_PER_QUERY, SESSION, lock_number
from ledger.postgres_text import postgres
from ledger.recorders import LedgerRecorder, Statements
from ledger.seals import StoredRow, Zegel

ROWS_PER_FETCH: Final = 5000
MOST_CONNECTIONS: Final = 15
POOL_TIMEOUT: Final = 30
"""Seconds that a reader waits for a connection: the server was there just before."""

_COPIED: Final = {
    "INSERT INTO kenmerken VALUES (?,?)": "COPY kenmerken FROM STDIN (FORMAT BINARY)",
}
"""What is inserted in thousands goes in as one stream."""
_COPY_EVENTS: Final = (
    "COPY stored_events (notification_id, originator_id, originator_version, topic, state) "
    "FROM STDIN (FORMAT BINARY)"
)


class _HexLoader(Loader):
    """Loads an id as the hex that the rows of the log have."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        """Return the hex of 16 bytes."""
        return bytes(data).hex()


class PostgresStatements:
    """A cursor that takes our SQL and gives plain rows, ids as hex."""

    def __init__(self, cursor: Cursor[TupleRow]) -> None:
        cursor.adapters.register_loader("uuid", _HexLoader)
        self.cursor = cursor

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> object:
        """Run a statement."""
        return self.cursor.execute(postgres(statement), values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> None:
        """Run a statement for each row."""
        listed = list(rows)
        if listed and statement in _COPIED:
            self.copy(_COPIED[statement], ("bytea", "bytea"), listed)
        elif listed:
            self.cursor.executemany(postgres(statement), listed)

    def copy(self, statement: str, types: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows as one stream."""
        with self.cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def fetchone(self) -> Any:  # noqa: ANN401 - a row of the database
        """Return the next row of the last statement, None after the last."""
        return self.cursor.fetchone()


class LedgerDatastore(PostgresDatastore):
    """The library's datastore on connections to an address of ours."""

    def __init__(self, address: str, **settings: Any) -> None:  # noqa: ANN401 - passed through
        super().__init__("", "", "", "", "", lock_timeout=WRITER_TIMEOUT, **settings)
        self.pool.close()
        self._address = address
        self.pool = self._new_pool()

    def _new_pool(self) -> ConnectionPool[Connection[DictRow]]:
        return ConnectionPool(
            self._address,
            connection_class=Connection[DictRow],
            kwargs={"row_factory": dict_row, "connect_timeout": CONNECT_TIMEOUT},
            min_size=1,
            max_size=MOST_CONNECTIONS,
            open=False,
            configure=_configure,
            timeout=POOL_TIMEOUT,
        )

    @contextmanager
    def without_threads(self) -> Iterator[None]:
        """Close all connections with the threads that look after them; new ones open later."""
        self.pool.close()
        try:
            yield
        finally:
            self.pool = self._new_pool()

    def register_type_adapters(self) -> None:
        """Do nothing: the types of the library serve its functions, and those are not used."""


def _configure(connection: Connection[Any]) -> None:
    connection.autocommit = True
    for statement in SESSION:
        connection.execute(statement)


class PostgresLedgerRecorder(LedgerRecorder, PostgresApplicationRecorder):
    """The event store in a database."""

    datastore: LedgerDatastore

    def create_table(self) -> None:
        """Make the tables: those of the library without its types and functions, and ours."""
        with self.datastore.transaction(commit=True) as c:
            c.execute("SELECT pg_advisory_xact_lock(%s)", (lock_number("tabellen"),))
            c.execute("SET LOCAL client_min_messages TO warning")
            for statement in self.sql_create_statements:
                if statement.as_string().startswith(("CREATE TABLE", "CREATE UNIQUE INDEX")):
                    c.execute(statement)
            for ours in TABLES:
                c.execute(postgres(ours))

    def without_threads(self) -> AbstractContextManager[None]:
        """Keep no threads for connections while it lasts, so that the process can be copied."""
        return self.datastore.without_threads()

    def insert_rows(self, rows: NewRows, stamp: Stamp, index: IndexRows) -> list[int]:
        """Append rows in their order in one transaction, and return their positions."""
        with self.datastore.transaction(commit=True) as c:
            self._lock_table(c)
            if rows:
                self._notify_channel(c)
            with c.connection.cursor(binary=True, row_factory=tuple_row) as cursor:
                return self._append(PostgresStatements(cursor), rows, stamp, index)

    def _insert_rows(self, c: Statements, rows: Sequence[NumberedRow]) -> None:
        assert isinstance(c, PostgresStatements)
        # Positions without gaps: the sequence of the library loses those of a refused append.
        ids = ((row[0], bytes.fromhex(row[1]), *row[2:]) for row in rows)  # as the wire has them
        c.copy(_COPY_EVENTS, ("int8", "bytea", "int8", "text", "bytea"), ids)

    @contextmanager
    def _reading(self) -> Iterator[Statements]:
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(binary=True, row_factory=tuple_row) as cursor,
        ):
            yield PostgresStatements(cursor)

    @contextmanager
    def chain(self) -> Iterator[tuple[Iterator[StoredRow], Iterator[Zegel]]]:
        """Give all rows and all seals as they were at one moment, whoever books meanwhile."""
        with self.datastore.get_connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            with _streaming(connection, "rijen") as rows, _streaming(connection, "zegels") as seals:
                yield (
                    map(StoredRow._make, _streamed(rows, SELECT_ROWS + "ORDER BY rowid")),
                    map(Zegel._make, _streamed(seals, SELECT_ZEGELS)),
                )

    def rows_between(self, first: str, beyond: str) -> Iterator[StoredRow]:
        """Yield the rows of the streams from `first` up to, without, `beyond`, sorted by stream."""
        return super().rows_between(_whole_id(first, "0"), _whole_id(beyond, "0"))

    def _query(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        with (
            self.datastore.get_connection() as connection,
            connection.transaction(),
            _streaming(connection, "rijen") as cursor,
        ):
            yield from _streamed(cursor, statement, values)

    def _query_in(self, statement: str, values: Iterable[Any]) -> Iterator[Any]:
        for part in pieces(values, KEYS_PER_QUERY):
            with self._reading() as c:
                c.execute(statement, (part,))
                assert isinstance(c, PostgresStatements)
                rows = c.cursor.fetchall()
            yield from rows


def _streaming(connection: Connection[Any], name: str) -> ServerCursor[TupleRow]:
    cursor = ServerCursor(connection, name, row_factory=tuple_row)
    cursor.itersize = ROWS_PER_FETCH
    cursor.adapters.register_loader("uuid", _HexLoader)
    return cursor


def _streamed(
    cursor: ServerCursor[TupleRow], statement: str, values: Sequence[Any] = ()
) -> Iterator[TupleRow]:
    cursor.execute(postgres(statement), values, binary=True)
    return iter(cursor)


_LAST_ID: Final = "f" * 32


def _whole_id(part: str, filled: str) -> str:
    """Return an edge between ids as an id: PostgreSQL compares ids, not their text."""
    return _LAST_ID if part > _LAST_ID else part.ljust(len(_LAST_ID), filled)


class Factory(library.PostgresFactory):
    """What the library constructs the event store with."""

    application_recorder_class = PostgresLedgerRecorder

    def __init__(self, env: Any) -> None:  # noqa: ANN401 - the library's environment
        if strtobool(env.get(self.POSTGRES_ENABLE_DB_FUNCTIONS) or "no"):
            raise LedgerError(
                f"{self.POSTGRES_ENABLE_DB_FUNCTIONS} staat aan: dan slaat wie meeleest "
                "gebeurtenissen over; haal het uit de omgeving"
            )
        for name in ("DBNAME", "HOST", "PORT", "USER", "PASSWORD"):
            env.setdefault(f"POSTGRES_{name}", "0")  # it asks for them; ours is one address
        super().__init__(env)
        self.datastore.close()
        self.datastore = LedgerDatastore(env["KIJKGLAS_ADDRESS"])

    def application_recorder(self) -> ApplicationRecorder:
        """Return the event store, on the table that SQLite has too."""
        recorder = PostgresLedgerRecorder(self.datastore, events_table_name="stored_events")
        if self.env_create_table():
            recorder.create_table()
        return recorder
