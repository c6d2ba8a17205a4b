"""The read model's file: found, opened, measured against the rules, replaced as a whole.

A rebuild makes a file of the next generation beside the present one and publishes it by its
name, so that nobody who reads ever sees half a table. All of it may be deleted at any time.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Final

from ledger.locks import locked
from projections.store.rows import Rows
from projections.store.schema import PUPIL_TABLES, REFERENCE_TABLES

_FILE: Final = re.compile(r"standen-(\d{6})\.sqlite")
_ANY_FILE: Final = re.compile(r"standen-(\d{6})\..*")
LOCK_FILE: Final = "standen.slot"
PER_QUERY: Final = 400

_RULES: Final = {
    "ledger": (
        "codes", "dossier", "events", "facts", "fold", "leerplicht", "reference",
        "reference_facts", "senseless", "times",
    ),
    "projections": (
        "attribution", "compute", "items", "leerling", "standen", "telt", "tracker",
    ),
    "projections.store": ("encoding", "rows", "schema"),
}  # fmt: skip
"""The modules that decide what is in the table."""


@cache
def rules_hash() -> str:
    """Return the hash of the rules and the schema: another one means another table."""
    digest = sha256()
    for package, names in _RULES.items():
        for name in names:
            digest.update(resources.files(package).joinpath(f"{name}.py").read_bytes())
    return digest.hexdigest()


class ReadModel:
    """One generation of the read model, open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.connection.execute("PRAGMA cache_size=-65536")

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @property
    def position(self) -> int:
        """The position of the last event that is in it."""
        return int(self.state("positie") or 0)

    def state(self, name: str) -> str | None:
        """Return one line of what the table says of itself, None when it does not."""
        query = "SELECT waarde FROM stand_van_zaken WHERE naam = ?"
        row = self.connection.execute(query, (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_state(self, name: str, value: str) -> None:
        """Write one line of what the table says of itself."""
        self.connection.execute(
            "INSERT OR REPLACE INTO stand_van_zaken VALUES (?,?)", (name, value)
        )

    def follows_present_rules(self) -> bool:
        """Tell whether it was made by the rules and the schema of this program."""
        try:
            return self.state("regels") == rules_hash()
        except sqlite3.DatabaseError:
            return False

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run one transaction: all of it or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read one state of the table, whatever another process does to it meanwhile."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    def insert(self, rows: Rows) -> None:
        """Insert rows of any tables."""
        for table, listed in rows.items():
            if listed:
                marks = ",".join("?" * len(listed[0]))
                self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", listed)

    def delete_groups(self, groups: list[str]) -> None:
        """Delete all rows of some groups of streams."""
        for start in range(0, len(groups), PER_QUERY):
            part = groups[start : start + PER_QUERY]
            marks = ",".join("?" * len(part))
            for table in PUPIL_TABLES:
                self.connection.execute(f"DELETE FROM {table} WHERE groep IN ({marks})", part)

    def replace_reference(self, rows: Rows) -> None:
        """Put reference data in the place of what was there."""
        for table in REFERENCE_TABLES:
            self.connection.execute(f"DELETE FROM {table}")
        self.insert(rows)

    def groups_depending_on(self, objects: list[int]) -> set[str]:
        """Return the groups of pupils that depend on some reference objects, by token."""
        found: set[str] = set()
        for start in range(0, len(objects), PER_QUERY):
            part = objects[start : start + PER_QUERY]
            marks = ",".join("?" * len(part))
            query = f"SELECT DISTINCT groep FROM afhankelijkheden WHERE object IN ({marks})"
            found.update(row[0] for row in self.connection.execute(query, part))
        return found


def present(folder: Path) -> Path | None:
    """Return the file of the present generation, None when there is none."""
    return max(_generations(folder), default=None)


def next_generation(folder: Path) -> Path:
    """Return a name past every generation, also past what is left of deleted ones.

    A log that stayed behind would be read into a new file of the same name.
    """
    numbers = [int(found[1]) for name in os.listdir(folder) if (found := _ANY_FILE.fullmatch(name))]  # noqa: PTH208 - names only
    return folder / f"standen-{max(numbers, default=0) + 1:06}.sqlite"


def publish(made: Path) -> Path:
    """Give a finished file its name, remove all that is older, and return its path."""
    target = made.with_suffix(".sqlite")
    made.replace(target)
    for name in os.listdir(target.parent):  # noqa: PTH208 - names only
        if _ANY_FILE.fullmatch(name) and not name.startswith(target.name):
            (target.parent / name).unlink(missing_ok=True)
    return target


def refreshing(folder: Path) -> AbstractContextManager[None]:
    """Let one process at a time refresh the read model; the lock falls with the process."""
    return locked(folder / LOCK_FILE)


def _generations(folder: Path) -> list[Path]:
    return [folder / name for name in os.listdir(folder) if _FILE.fullmatch(name)]  # noqa: PTH208 - names only
