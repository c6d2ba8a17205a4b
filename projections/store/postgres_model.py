"""The read model on PostgreSQL, in the database of the ledger: a schema per generation.

A rebuild fills the schema of the next generation beside the present one; one row says which
is present. Who has a generation open holds a lock of it, and only one that nobody holds is
dropped, so that nobody who reads ever misses a table. The tables are not logged by the
server: after a crash of it they are empty, and made anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from itertools import count
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from ledger.postgres_database import connected, lock_number, locked
from ledger.postgres_text import postgres_named
from projections.store.postgres_rights import POINTER, check_may_make, told
from projections.store.read_model import RULES, Engine, Making, ReadModel, SharedMaking, rules_hash
from projections.store.rows import Rows
from projections.store.schema import PUPIL_TABLES, REFERENCE_TABLES
from projections.store.table_model import TableReadModel

SCHEMA: Final = "standen_{:06}"
SAID: Final = "stand_van_zaken"
LOCK: Final = "standen.slot"
ROWS_PER_FETCH: Final = 5000

_TYPES: Final = {str: "text", int: "int8"}


class PostgresReadModel(TableReadModel):
    """One generation, open on a connection of its own that finds its tables first."""

    def __init__(self, connection: Connection[tuple[Any, ...]], generation: str) -> None:
        self.connection = connection
        self._generation = generation
        self._numbers = count()

    @property
    def generation(self) -> str:
        """The name of the schema."""
        return self._generation

    def close(self) -> None:
        """Close the connection; the generation may go then."""
        self.connection.close()

    def execute(
        self, query: str, values: Mapping[str, object] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a question, as a stream within `reading`."""
        text = postgres_named(query)
        if self.connection.info.transaction_status is psycopg.pq.TransactionStatus.INTRANS:
            return self._streamed(text, values or {})
        with self.connection.cursor(binary=True) as cursor:
            return iter(cursor.execute(text, values or {}).fetchall())

    def _streamed(self, text: str, values: Mapping[str, object]) -> Iterator[tuple[Any, ...]]:
        cursor = self.connection.cursor(f"vraag_{next(self._numbers)}", binary=True)
        cursor.itersize = ROWS_PER_FETCH
        cursor.execute(text, values)
        try:
            yield from cursor
        finally:
            with suppress(psycopg.Error):  # the transaction may be over
                cursor.close()

    def change(self, statement: str, values: Mapping[str, object] | None = None) -> None:
        """Run a statement that returns nothing."""
        self.connection.execute(postgres_named(statement), values or {})

    def state(self, name: str) -> str | None:
        """Return one line of what the table says of itself, None when it does not."""
        query = f"SELECT waarde FROM {SAID} WHERE naam = %s"
        row = self.connection.execute(query, (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_state(self, name: str, value: str) -> None:
        """Write one line of what the table says of itself."""
        self.connection.execute(
            f"INSERT INTO {SAID} VALUES (%s, %s) "
            "ON CONFLICT (naam) DO UPDATE SET waarde = excluded.waarde",
            (name, value),
        )

    def reading(self) -> AbstractContextManager[None]:
        """Read one state of the table, whatever another process does to it meanwhile."""
        return self._transaction("REPEATABLE READ, READ ONLY")

    def writing(self) -> AbstractContextManager[None]:
        """Run one transaction: all of it or nothing."""
        return self._transaction("READ COMMITTED")

    @contextmanager
    def _transaction(self, level: str) -> Iterator[None]:
        with told(self.connection), self.connection.transaction():
            self.connection.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
            yield

    def insert(self, rows: Rows) -> None:
        """Insert rows of any tables, each table as one stream."""
        for table, listed in rows.items():
            if listed:
                self._copy(table, listed)

    def _copy(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        columns = {**PUPIL_TABLES, **REFERENCE_TABLES}[table].values()
        with (
            self.connection.cursor() as cursor,
            cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types([_TYPES[kind] for kind in columns])
            for row in rows:
                copy.write_row(row)

    def delete_groups(self, groups: Sequence[str]) -> None:
        """Delete all rows of some groups of streams."""
        for table in PUPIL_TABLES:
            self.connection.execute(f"DELETE FROM {table} WHERE groep = ANY(%s)", (list(groups),))

    def replace_reference(self, rows: Rows) -> None:
        """Put reference data in the place of what was there."""
        for table in REFERENCE_TABLES:
            self.connection.execute(f"DELETE FROM {table}")
        self.insert({table: [_storable(row) for row in listed] for table, listed in rows.items()})


def _storable(row: Sequence[object]) -> tuple[object, ...]:
    """Return a row without the one sign that PostgreSQL has no text with; a name may have it."""
    return tuple(
        value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in row
    )


class PostgresEngine(Engine):
    """Generations as schemas of a database: `standen_000001` and on."""

    def __init__(self, address: str) -> None:
        self.address = address

    def opened(self) -> ReadModel | None:
        """Return the present generation, None when there is none of these rules to read."""
        connection = connected(self.address)
        try:
            model = _opened(connection)
        except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
            model = None
        except BaseException:
            connection.close()
            raise
        if model is None:
            connection.close()
        return model

    def refreshing(self) -> AbstractContextManager[None]:
        """Hold a lock of the database."""
        return locked(self.address, LOCK)

    def begun(self) -> SharedMaking:
        """Begin the next schema; what nobody needs any more is dropped."""
        from projections.store.postgres_making import PostgresMaking  # noqa: PLC0415 - rarely needed

        with closing(connected(self.address)) as connection:
            check_may_make(connection)
            drop_unneeded(connection)
            # Past one that was dropped by hand too: what is being made is never the present one.
            last = max([present(connection) or 0, *generations(connection)])
        return PostgresMaking(self.address, last + 1)

    @contextmanager
    def apart(self) -> Iterator[Making]:
        """Begin temporary tables: they go with their connection."""
        from projections.store.postgres_making import TemporaryMaking  # noqa: PLC0415 - idem

        making = TemporaryMaking(self.address)
        try:
            yield making
        finally:
            making.discard()


def _opened(connection: Connection[tuple[Any, ...]]) -> PostgresReadModel | None:
    while (number := present(connection)) is not None:
        connection.execute("SELECT pg_advisory_lock_shared(%s)", (lock_of(number),))
        if present(connection) == number:  # else it may have been dropped before we held it
            break
        connection.execute("SELECT pg_advisory_unlock_shared(%s)", (lock_of(number),))
    else:
        return None
    model = at_generation(connection, number)
    return model if model.state(RULES) == rules_hash() else None


def at_generation(connection: Connection[tuple[Any, ...]], number: int) -> PostgresReadModel:
    """Return the model of a generation on a connection."""
    name = SCHEMA.format(number)
    connection.execute(SQL("SET search_path TO {}").format(Identifier(name)))
    return PostgresReadModel(connection, name)


def present(connection: Connection[tuple[Any, ...]]) -> int | None:
    """Return the number of the present generation, None when there is none."""
    row = connection.execute(
        "SELECT to_regclass(%s) IS NOT NULL", (f"public.{POINTER}",)
    ).fetchone()
    if row is None or not row[0]:
        return None
    row = connection.execute(f"SELECT max(nummer) FROM public.{POINTER}").fetchone()
    return None if row is None else row[0]


def generations(connection: Connection[tuple[Any, ...]], *, own: bool = False) -> list[int]:
    """Return the numbers of all generations, or those this user may drop; also unfinished ones."""
    query = r"SELECT substr(nspname, 9) FROM pg_namespace WHERE nspname ~ '^standen_\d{6}$'"
    if own:
        query += " AND pg_has_role(nspowner, 'USAGE')"
    return [int(row[0]) for row in connection.execute(query)]


def drop_unneeded(connection: Connection[tuple[Any, ...]]) -> None:
    """Drop every generation of this user but the present one, of those that nobody has open.

    Runs under `refreshing`: nobody else makes one meanwhile.
    """
    now = present(connection)
    for number in generations(connection, own=True):
        if number == now:
            continue
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (lock_of(number),)).fetchone()
        if row is None or not row[0]:
            continue
        name = Identifier(SCHEMA.format(number))
        connection.execute("SET client_min_messages TO warning")
        connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
        connection.execute("SELECT pg_advisory_unlock(%s)", (lock_of(number),))


def lock_of(number: int) -> int:
    """Return the number of the lock that a generation is held by."""
    return lock_number(SCHEMA.format(number))
