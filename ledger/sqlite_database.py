"""An SQLite file as a vault asks for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ledger.databases import WRITER_TIMEOUT, pieces
from ledger.failing import is_no_vault
from ledger.sealed_disk import sqlite_name

KEYS_PER_QUERY: Final = 400
"""Values in one `IN (…)`: well under the oldest limit of SQLite (999)."""

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-65536",
)


def with_places(statement: str, values: Sequence[Any]) -> str:
    """Return a statement with a place for each value in its `IN ({})`."""
    return statement.format(",".join("?" * len(values)))


class SQLiteDatabase:
    """One connection to a file; what is deleted is overwritten."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._db = sqlite3.connect(
            sqlite_name(path), timeout=WRITER_TIMEOUT, isolation_level=None, uri=True
        )

    def is_broken(self, error: BaseException) -> bool:
        """Tell whether an error says that the file is no vault, or a damaged one."""
        return is_no_vault(error)

    def create(self, tables: Sequence[str]) -> None:
        """Make the tables that are not there."""
        for statement in (*_PRAGMAS, *tables):
            self._db.execute(statement)

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        return self._db.execute(statement, values).fetchall()

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> int:
        """Run a statement for each row and return how many rows it wrote."""
        return self._db.executemany(statement, rows).rowcount

    def select_in(self, statement: str, keys: Iterable[Any], /) -> Iterator[tuple[Any, ...]]:
        """Yield rows for many keys, some at a time."""
        for part in pieces(keys, KEYS_PER_QUERY):
            yield from self.execute(with_places(statement, part), part)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run one transaction that takes its lock at once: all of it or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # a full disk ends it by itself
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read the tables as they are at one moment."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
