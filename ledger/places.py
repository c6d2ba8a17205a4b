"""Where a ledger is: a folder with SQLite files, or a database of a PostgreSQL server."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

from ledger.databases import Database

POSTGRES: Final = ("postgresql://", "postgres://")
NO_PSYCOPG: Final = (
    "voor een grootboek op PostgreSQL is de extra 'postgres' nodig: "
    "python3 -m pip install '.[postgres]' installeert die"
)


class LedgerError(Exception):
    """The ledger cannot be opened, or is damaged (exit status 4)."""


class Place(Protocol):
    """Where a ledger is, and what it is opened with."""

    address: str
    """What opens it again, also in another process."""

    shown: str
    """What a user is shown of it; holds no password."""

    key_path: Path
    """Where the key is, unless it is in the environment."""

    environment: dict[str, str]
    """What the library makes the event store with."""

    def make(self) -> None:
        """Make room for an empty ledger. Raises LedgerError when there is one already."""

    def check(self) -> None:
        """Look whether there is a ledger. Raises LedgerError when there is none."""

    def vault_database(self) -> Database:
        """Return a new connection to the database of the vault."""

    def locked(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock between processes; it falls with the process."""


def shown_of(where: Path | str) -> str:
    """Return what a user is shown of a path or an address; holds no password."""
    return place_of(where).shown


def place_of(where: Path | str) -> Place:
    """Return the place that a path or an address names. Raises LedgerError for another kind."""
    name = os.fspath(where)
    if name.startswith(POSTGRES):
        try:
            from ledger.postgres_place import PostgresPlace  # noqa: PLC0415 - an extra
        except ImportError as error:
            if error.name is None or not error.name.startswith("psycopg"):
                raise
            raise LedgerError(NO_PSYCOPG) from None
        return PostgresPlace(name)
    if "://" in name:
        kind = name.split("://", maxsplit=1)[0]
        raise LedgerError(f"{kind}: een grootboek is een map of postgresql://…")
    from ledger.folder_place import FolderPlace  # noqa: PLC0415 - it needs what stands here

    return FolderPlace(Path(where))
