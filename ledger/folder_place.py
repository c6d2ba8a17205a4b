"""A ledger in a folder: its files, its key, its locks."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from ledger.databases import Database
from ledger.failing import reason
from ledger.locks import locked
from ledger.places import LedgerError
from ledger.sealed_disk import is_sealed, sqlite_name
from ledger.sqlite_database import SQLiteDatabase

EVENTS_FILE: Final = "gebeurtenissen.sqlite"
VAULT_FILE: Final = "kluis.sqlite"
KEY_FILE: Final = "kluis.sleutel"


class FolderPlace:
    """A folder with the files of one ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = self.shown = str(folder)
        self.key_path = folder / KEY_FILE
        self.environment = {
            "PERSISTENCE_MODULE": "ledger.sqlite_recorder",
            "SQLITE_DBNAME": sqlite_name(folder / EVENTS_FILE),
            "CREATE_TABLE": "no" if is_sealed(folder) else "yes",
        }

    def make(self) -> None:
        """Make the folder. Raises LedgerError when it has a ledger, or cannot be made."""
        if (self.folder / EVENTS_FILE).exists():
            raise LedgerError(f"in {self.folder} staat al een grootboek")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise LedgerError(f"{self.folder} kan niet worden gemaakt: {reason(error)}") from error

    def check(self) -> None:
        """Look whether the files are there. Raises LedgerError."""
        if not (self.folder / EVENTS_FILE).is_file():
            raise LedgerError(
                f"in {self.folder} staat geen grootboek; maak het met 'kijkglas init'"
            )
        for name in (EVENTS_FILE, VAULT_FILE):
            path = self.folder / name
            if not path.is_file() or path.stat().st_size == 0:
                raise LedgerError(f"{path} ontbreekt of is leeg; zet een kopie terug")

    def vault_database(self) -> Database:
        """Return a new connection to the file of the vault."""
        return SQLiteDatabase(self.folder / VAULT_FILE)

    def locked(self, name: str) -> AbstractContextManager[None]:
        """Hold the lock of a file in the folder; it falls with the process."""
        return locked(self.folder / name)
