"""A ledger in a database of PostgreSQL: events, vault and read model together.

Its key is in `KIJKGLAS_KEY`, else in the file that `KIJKGLAS_KEY_FILE` names, else in a file
named after the database in the configuration of the user: never in the database itself.
"""

from __future__ import annotations

import os
import re
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Final

from ledger import event_tables, vault
from ledger.databases import Database
from ledger.failing import reason
from ledger.keys import KEY_FILE_VARIABLE
from ledger.places import LedgerError
from ledger.postgres_database import PostgresDatabase, locked, parts_of, shown, table_names

EVENTS: Final = "stored_events"
"""The table that makes a database a ledger; it is made last."""

OURS: Final = (EVENTS, *table_names((*event_tables.TABLES, *vault.TABLES)))
"""The tables of a ledger; its read model stands in schemas of its own."""

_NOT_IN_A_NAME: Final = re.compile(r"[^\w.-]+")


class PostgresPlace:
    """A database with the tables of one ledger."""

    def __init__(self, address: str) -> None:
        parts = parts_of(address)
        self.address = address
        self.shown = shown(parts)
        self.key_path = _key_path(parts)
        self.environment = {
            "PERSISTENCE_MODULE": "ledger.postgres_recorder",
            "KIJKGLAS_ADDRESS": address,
            "CREATE_TABLE": "no",
        }

    def make(self) -> None:
        """Let the event store make its tables. Raises LedgerError when there is a ledger."""
        with closing(PostgresDatabase(self.address)) as database:
            database.check_encoding()
            if database.has_table(EVENTS):
                raise LedgerError(f"in {self.shown} staat al een grootboek")
            if others := sorted(set(database.tables()) - set(OURS)):
                raise LedgerError(
                    f"{self.shown} is niet leeg: er staan al tabellen van iets anders in, zoals "
                    f"{others[0]}; maak met createdb een database voor het grootboek alleen"
                )
        try:
            self.key_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise LedgerError(
                f"{self.key_path.parent} kan niet worden gemaakt: {reason(error)}"
            ) from error
        self.environment["CREATE_TABLE"] = "yes"

    def check(self) -> None:
        """Look whether the tables are there. Raises LedgerError."""
        with closing(PostgresDatabase(self.address)) as database:
            if not database.has_table(EVENTS):
                raise LedgerError(
                    f"in {self.shown} staat geen grootboek; maak het met 'kijkglas init'"
                )
            missing = [name for name in OURS if not database.has_table(name)]
            if missing:
                raise LedgerError(
                    f"in {self.shown} ontbreekt van het grootboek: {', '.join(missing)}; zet een "
                    "kopie van de database terug"
                )

    def vault_database(self) -> Database:
        """Return a new connection to the database."""
        return PostgresDatabase(self.address)

    def locked(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock of the database; it falls with the process."""
        return locked(self.address, name)


def _key_path(parts: dict[str, str]) -> Path:
    named = os.environ.get(KEY_FILE_VARIABLE)
    if named:
        return Path(named)
    base = os.environ.get("XDG_CONFIG_HOME")
    folder = (Path(base) if base else Path.home() / ".config") / "kijkglas"
    # With the server, since a test and a production server often have the same database.
    name = "-".join(parts[part] for part in ("dbname", "host", "port") if parts.get(part))
    return folder / f"{_NOT_IN_A_NAME.sub('_', name)}.sleutel"
