"""A new generation of the read model on PostgreSQL: filled, indexed, published by one row."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any, Final

from psycopg import Connection, Error, errors
from psycopg.sql import SQL, Identifier

from ledger.places import LedgerError
from ledger.postgres_database import connected
from projections.store.postgres_model import (
    SAID,
    SCHEMA,
    PostgresReadModel,
    at_generation,
    drop_unneeded,
    lock_of,
    present,
)
from projections.store.postgres_rights import POINTER, share, share_pointer, told
from projections.store.read_model import ReadModel, Shard, SharedMaking, TableMaking
from projections.store.rows import Batch
from projections.store.schema import (
    INDEXES,
    PUPIL_TABLES,
    REFERENCE_TABLES,
    SUM_INDEXES,
    SUM_TABLES,
)

PATIENCE: Final = 10
"""Seconds that a server gets to let go of what was being made."""

_TYPES: Final = {str: 'text COLLATE "C"', int: "bigint"}  # text in the order of its bytes


class PostgresShard(Shard):
    """The tables themselves: a worker writes its partition there."""

    def __init__(self, address: str, number: int) -> None:
        self.address = address
        self.number = number

    def write(self, parts: Iterable[Batch]) -> None:
        """Write the rows of the partition, all or none."""
        with closing(connected(self.address)) as connection:
            model = at_generation(connection, self.number)
            with model.writing():
                for batch in parts:
                    model.insert(batch.rows())


class _Filling(TableMaking):
    """Tables that are being filled on one connection."""

    model: PostgresReadModel

    def __init__(self, address: str) -> None:
        self.address = address
        self._opened = ExitStack()

    @abstractmethod
    def _made(self, connection: Connection[tuple[Any, ...]]) -> PostgresReadModel:
        """Make the tables."""

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Fill them in one transaction, then make the indexes."""
        connection = connected(self.address)
        self._opened.callback(connection.close)
        with told(connection):
            self.model = self._made(connection)
        with self.model.writing():
            yield
        create_indexes(self.model)

    def discard(self) -> None:
        """Let the tables go with their connection."""
        self._opened.close()


class PostgresMaking(_Filling, SharedMaking):
    """A schema that nobody reads before it is published."""

    def __init__(self, address: str, number: int) -> None:
        super().__init__(address)
        self.number = number

    def _made(self, connection: Connection[tuple[Any, ...]]) -> PostgresReadModel:
        connection.execute("SELECT pg_advisory_lock_shared(%s)", (lock_of(self.number),))
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(SCHEMA.format(self.number))))
        model = at_generation(connection, self.number)
        create_tables(connection, "UNLOGGED")
        return model

    @contextmanager
    def shards(self) -> Iterator[Iterator[Shard]]:
        """Give the tables themselves, as often as there are partitions."""
        yield iter(lambda: PostgresShard(self.address, self.number), None)

    def merge(self, number: int, shard: Shard) -> None:
        """Do nothing: the rows are where they belong."""

    def publish(self) -> ReadModel:
        """Say that this generation is the present one, and drop what nobody reads any more."""
        connection = self.model.connection
        with connection.transaction():
            share(connection, self.model.generation)
            if present(connection) is None:  # to make it takes a right that not all have
                connection.execute(
                    f"CREATE TABLE IF NOT EXISTS public.{POINTER} (nummer bigint NOT NULL)"
                )
            share_pointer(connection)
            connection.execute(f"DELETE FROM public.{POINTER}")
            connection.execute(f"INSERT INTO public.{POINTER} VALUES (%s)", (self.number,))
        with closing(connected(self.address)) as other:
            drop_unneeded(other)
        return self.model

    def discard(self) -> None:
        """Let the schema go, and drop it; the next rebuild does where this cannot."""
        super().discard()
        with suppress(LedgerError, Error), closing(connected(self.address)) as other:
            # Who closes a connection is gone a moment before the server lets its lock go.
            other.execute(f"SET lock_timeout TO '{PATIENCE}s'")
            with suppress(errors.LockNotAvailable):
                other.execute("SELECT pg_advisory_lock(%s)", (lock_of(self.number),))
                other.execute("SELECT pg_advisory_unlock(%s)", (lock_of(self.number),))
            drop_unneeded(other)


class TemporaryMaking(_Filling):
    """Tables of one connection: they go with it, also when the process is killed."""

    def _made(self, connection: Connection[tuple[Any, ...]]) -> PostgresReadModel:
        connection.execute("SET search_path TO pg_temp")
        create_tables(connection, "TEMPORARY")
        return PostgresReadModel(connection, "pg_temp")

    def publish(self) -> ReadModel:
        """Return the tables to read."""
        return self.model


def create_tables(connection: Connection[tuple[Any, ...]], kind: str) -> None:
    """Make the tables, without indexes."""
    tables = {**PUPIL_TABLES, **REFERENCE_TABLES, **SUM_TABLES}
    listed = {
        name: ", ".join(f"{column} {_TYPES[type_]}" for column, type_ in columns.items())
        for name, columns in tables.items()
    }
    listed[SAID] = "naam text PRIMARY KEY, waarde text"
    _at_once(connection, (f"CREATE {kind} TABLE {name} ({text})" for name, text in listed.items()))


def create_indexes(model: PostgresReadModel) -> None:
    """Sum up, make the indexes that serve the as-of questions, and let the server weigh them."""
    model.sum_up()
    indexes = {**INDEXES, **SUM_INDEXES}
    _at_once(model.connection, (index.sql(name) for name, index in indexes.items()))
    # Vacuumed also, so that an index can answer alone.
    tables = (*PUPIL_TABLES, *REFERENCE_TABLES, *SUM_TABLES)
    model.connection.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")


def _at_once(connection: Connection[tuple[Any, ...]], statements: Iterable[str]) -> None:
    """Run statements in one journey to the server, as one transaction."""
    connection.execute("; ".join(statements))
