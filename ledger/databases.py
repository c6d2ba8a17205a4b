"""What a vault asks of its database: statements, and transactions that keep others out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol, TypeVar

Value = TypeVar("Value")

WRITER_TIMEOUT: Final = 120
"""Seconds that a writer waits for another one: a transaction takes far less."""

PROCESS_TIMEOUT: Final = 600
"""Seconds that a process waits for another one: a rebuild or an import may take minutes."""


def pieces(values: Iterable[Value], most: int) -> Iterator[list[Value]]:
    """Yield values in lists of so many at most: as many as one query takes."""
    listed = list(values)
    for start in range(0, len(listed), most):
        yield listed[start : start + most]


class Database(Protocol):
    """A connection to a database; SQL as SQLite has it (`ledger.postgres_text`)."""

    name: str
    """What a user calls it; holds no password."""

    def is_broken(self, error: BaseException) -> bool:
        """Tell whether an error says that this is no vault, or a damaged one."""

    def create(self, tables: Sequence[str]) -> None:
        """Make the tables that are not there."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> int:
        """Run a statement for each row and return how many rows it wrote."""

    def select_in(self, statement: str, keys: Iterable[Any], /) -> Iterator[tuple[Any, ...]]:
        """Yield rows for many keys, some at a time; `IN ({})` in the statement takes them."""

    def writing(self) -> AbstractContextManager[None]:
        """Run one transaction that keeps other writers out: all of it or nothing."""

    def reading(self) -> AbstractContextManager[None]:
        """Read the tables as they are at one moment."""

    def close(self) -> None:
        """Close the connection."""
