"""The read model as a file of SQLite beside the ledger.

A rebuild makes a file of the next generation beside the present one and publishes it by its
name, so that nobody who reads ever sees half a table.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec

from ledger.locks import locked
from ledger.sealed_disk import sqlite_name
from projections.store.read_model import (
    PER_QUERY,
    RULES,
    Engine,
    Making,
    ReadModel,
    SharedMaking,
    rules_hash,
)
from projections.store.rows import Rows
from projections.store.schema import PUPIL_TABLES, REFERENCE_TABLES
from projections.store.table_model import TableReadModel

FILE: Final = re.compile(r"standen-(\d{6})\.sqlite")
ANY_FILE: Final = re.compile(r"standen-(\d{6})\..*")
OWN_FILE: Final = re.compile(r"standen-\d{6}\.(sqlite.*|maken)")
"""The files of this engine, and what goes with them; those of another one are its own."""
LOCK_FILE: Final = "standen.slot"
SHARDS: Final = "delen-"
"""How the folders begin in which worker processes leave their partitions."""


class SqliteReadModel(TableReadModel):
    """One file of the read model, open.

    Raises sqlite3.OperationalError when the file is not there, unless it is to be a new one.
    """

    def __init__(self, path: Path, *, new: bool = False) -> None:
        self.path = path
        # By itself SQLite would make an empty file of one that was removed a moment ago.
        self.connection = sqlite3.connect(
            sqlite_name(path, new=new), timeout=60, isolation_level=None, uri=True
        )
        self.connection.execute("PRAGMA cache_size=-65536")

    @property
    def generation(self) -> str:
        """The name of the file."""
        return self.path.name

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def execute(
        self, query: str, values: Mapping[str, object] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a question as they are read."""
        return self.connection.execute(query, values or {})

    def listed(
        self, name: str, keys: Sequence[str] | Sequence[int]
    ) -> tuple[str, dict[str, object]]:
        """Return many keys as one list: naming and binding each takes longer."""
        if len(keys) <= PER_QUERY:
            return super().listed(name, keys)
        return f"SELECT value FROM json_each(:{name})", {name: msgspec.json.encode(keys).decode()}

    @property
    def per_query(self) -> int:
        """How many keys one question takes; more are asked in several."""
        return 20_000

    def change(self, statement: str, values: Mapping[str, object] | None = None) -> None:
        """Run a statement that returns nothing."""
        self.connection.execute(statement, values or {})

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

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run one transaction: all of it or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:  # a full disk ends it by itself
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

    def delete_groups(self, groups: Sequence[str]) -> None:
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


class SqliteEngine(Engine):
    """Generations as files in a folder: `standen-000001.sqlite` and on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def opened(self) -> ReadModel | None:
        """Return the present generation, None when none is readable and of these rules."""
        while (path := present(self.folder)) is not None:
            model = _opened(path)
            # Once it was read from, its files are open: it can be removed, not taken away.
            if present(self.folder) == path:
                return model
            if model is not None:
                model.close()
        return None

    def refreshing(self) -> AbstractContextManager[None]:
        """Hold the lock of the folder."""
        return locked(self.folder / LOCK_FILE)

    def begun(self) -> SharedMaking:
        """Begin the next file."""
        from projections.store.sqlite_making import SqliteMaking  # noqa: PLC0415 - rarely needed

        for left in self.folder.glob(f"{SHARDS}*"):
            shutil.rmtree(left)
        return SqliteMaking(next_generation(self.folder, "sqlite").with_suffix(".maken"))

    @contextmanager
    def apart(self) -> Iterator[Making]:
        """Begin a file in a temporary folder."""
        from projections.store.sqlite_making import SqliteMaking  # noqa: PLC0415 - rarely needed

        with TemporaryDirectory(prefix="kijkglas-") as folder:
            yield SqliteMaking(Path(folder) / "standen-000001.maken")


def _opened(path: Path) -> SqliteReadModel | None:
    """Return a generation, None when it cannot be read or is of other rules."""
    try:
        model = SqliteReadModel(path)
    except sqlite3.DatabaseError:
        return None
    try:
        if model.state(RULES) == rules_hash():
            return model
    except sqlite3.DatabaseError:
        pass
    model.close()
    return None


def present(folder: Path) -> Path | None:
    """Return the file of the present generation, None when there is none."""
    return max(_generations(folder), default=None)


def next_generation(folder: Path, suffix: str) -> Path:
    """Return a name past every generation of any engine, also past what is left of deleted ones.

    A log that stayed behind would be read into a new file of the same name.
    """
    numbers = [int(found[1]) for name in os.listdir(folder) if (found := ANY_FILE.fullmatch(name))]  # noqa: PTH208 - names only
    return folder / f"standen-{max(numbers, default=0) + 1:06}.{suffix}"


def _generations(folder: Path) -> list[Path]:
    return [folder / name for name in os.listdir(folder) if FILE.fullmatch(name)]  # noqa: PTH208 - names only
