"""The read model as Parquet files, asked by DuckDB (extra `scale`)."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ledger.locks import locked
from projections.store.parquet_files import (
    Held,
    Manifest,
    cleared,
    file_name,
    is_whole,
    newest,
    written,
)
from projections.store.read_model import RULES, Engine, Making, ReadModel, SharedMaking, rules_hash
from projections.store.rows import Rows
from projections.store.schema import PUPIL_TABLES, REFERENCE_TABLES
from projections.store.settings import DUCKDB, check_installed
from projections.store.sqlite_model import LOCK_FILE, next_generation

GENERATION: Final = re.compile(r"standen-(\d{6})\.parquet")
MAKING: Final = "parquet-maken"

_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    # What the SQL texts mean by / and by the order of what is absent, as everywhere else.
    "integer_division": "true",
    "default_null_order": "nulls_first",
    # No reading from the network, whatever a question says.
    "autoinstall_known_extensions": "false",
    # Nothing of a table in the folder where somebody happens to be.
    "temp_directory": "",
}
_VALUE: Final = re.compile(r"(?<![:\w]):([a-z_]\w*)")


class DuckdbReadModel(ReadModel):
    """One generation, open: the version that was the last when it was opened."""

    def __init__(self, folder: Path, held: Held) -> None:
        self.folder = folder
        self._held = held
        self._opened: Any = None
        self._change: _Change | None = None

    @property
    def generation(self) -> str:
        """The name of the folder."""
        return self.folder.name

    def close(self) -> None:
        """Let the files go."""
        self._disconnect()
        self._held.release()

    def execute(
        self, query: str, values: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        text, names = _named(query)
        given = {name: (values or {})[name] for name in names}
        rows: list[tuple[Any, ...]] = self._connection.execute(text, given).fetchall()
        return rows

    def listed(
        self, name: str, keys: Sequence[str] | Sequence[int]
    ) -> tuple[str, dict[str, object]]:
        """Return one list as what stands between the brackets of IN: it may be long."""
        if len(keys) <= FEW:
            return super().listed(name, keys)
        return f"SELECT unnest(:{name})", {name: list(keys)}

    @property
    def per_query(self) -> int:
        """How many keys one question takes: every question reads its columns anew."""
        return 20_000

    def state(self, name: str) -> str | None:
        """Return one line of what the table says of itself, None when it does not."""
        return self._held.manifest.zaken.get(name)

    def set_state(self, name: str, value: str) -> None:
        """Let the version that is being written say something of itself."""
        self._changed.zaken[name] = value

    def reading(self) -> AbstractContextManager[None]:
        """Read one version: an open model never reads another."""
        return nullcontext()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write a new version: what changed is written beside, and published at the end."""
        self._change = _Change()
        try:
            yield
            self._publish(self._change)
        finally:
            self._change = None

    def insert(self, rows: Rows) -> None:
        """Keep rows for the new version, as columns."""
        from projections.store.parquet_tables import columns_of  # noqa: PLC0415 - extra

        for table, listed in rows.items():
            if listed and table in REFERENCE_TABLES:
                self._changed.reference[table] = listed
            elif listed:
                self._changed.inserted[table].append(columns_of(table, listed))
                self._changed.groups.update(str(row[0]) for row in listed)

    def delete_groups(self, groups: Sequence[str]) -> None:
        """Leave some groups out of the new version."""
        self._changed.groups.update(groups)

    def replace_reference(self, rows: Rows) -> None:
        """Put reference data in the place of what was there."""
        self._changed.reference.update({table: rows.get(table, []) for table in REFERENCE_TABLES})

    @property
    def _changed(self) -> _Change:
        assert self._change is not None, "only within writing()"
        return self._change

    def _publish(self, change: _Change) -> None:
        version = self._held.version + 1
        written(self.folder, version, change.onto(self.folder, version, self._held.manifest))
        before, after = self._held, newest(self.folder)
        assert after is not None
        self._held = after
        self._disconnect()
        before.release()
        cleared(self.folder)

    @property
    def _connection(self) -> Any:  # noqa: ANN401 - duckdb is imported where it is used
        if self._opened is None:
            import duckdb  # noqa: PLC0415 - slow to import, an extra

            self._opened = duckdb.connect(config=_SETTINGS)
            self._opened.execute("SET parquet_metadata_cache = true")
            for table, names in _files(self._held.manifest).items():
                listed = ", ".join(f"'{_quoted(self.folder / name)}'" for name in names)
                self._opened.execute(
                    f"CREATE VIEW {table} AS SELECT * FROM read_parquet([{listed}])"
                )
        return self._opened

    def _disconnect(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None


FEW: Final = 50
"""Up to this many keys are told one by one, so that statistics rule out what has none of them."""


class _Change:
    """What a transaction has said so far."""

    def __init__(self) -> None:
        self.groups: set[str] = set()
        self.inserted: defaultdict[str, list[Any]] = defaultdict(list)
        self.reference: Rows = {}
        self.zaken: dict[str, str] = {}

    def onto(self, folder: Path, version: int, manifest: Manifest) -> Manifest:
        """Write the files that change, and return what the new version consists of."""
        from projections.store.parquet_making import rewritten, write_rows  # noqa: PLC0415 - extra

        parts = [
            rewritten(folder, part, file_name("{}", number, version), self.groups, self.inserted)
            for number, part in enumerate(manifest.delen)
        ]
        reference = {
            table: write_rows(folder, table, file_name(table, 0, version), rows)
            for table, rows in self.reference.items()
        }
        zaken = {**manifest.zaken, **self.zaken}
        return Manifest(tuple(parts), {**manifest.referentie, **reference}, zaken)


class DuckdbEngine(Engine):
    """Generations as folders of Parquet files: `standen-000001.parquet` and on.

    Raises LedgerError when what the extra `scale` installs is missing.
    """

    def __init__(self, folder: Path) -> None:
        check_installed(DUCKDB)
        self.folder = folder

    def opened(self) -> ReadModel | None:
        """Return the present generation, None when none is readable and of these rules."""
        while folders := _generations(self.folder):
            held = newest(folders[-1])
            if held is not None:
                if held.manifest.zaken.get(RULES) == rules_hash() and is_whole(folders[-1], held):
                    return DuckdbReadModel(folders[-1], held)
                held.release()
            if _generations(self.folder) == folders:
                break
        return None

    def refreshing(self) -> AbstractContextManager[None]:
        """Hold the lock of the folder."""
        return locked(self.folder / LOCK_FILE)

    def begun(self) -> SharedMaking:
        """Begin the next folder."""
        from projections.store.parquet_making import ParquetMaking  # noqa: PLC0415 - extra

        for left in self.folder.glob(f"standen-*.{MAKING}"):
            shutil.rmtree(left)
        return ParquetMaking(next_generation(self.folder, MAKING))

    @contextmanager
    def apart(self) -> Iterator[Making]:
        """Begin a folder in a temporary one."""
        from projections.store.parquet_making import ParquetMaking  # noqa: PLC0415 - extra

        with TemporaryDirectory(prefix="kijkglas-") as folder:
            yield ParquetMaking(Path(folder) / f"standen-000001.{MAKING}")


def _generations(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if GENERATION.fullmatch(path.name))


def _files(manifest: Manifest) -> dict[str, list[str]]:
    found = {table: [part.bestanden[table] for part in manifest.delen] for table in PUPIL_TABLES}
    return {**found, **{table: [name] for table, name in manifest.referentie.items()}}


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


@lru_cache(maxsize=1024)
def _named(query: str) -> tuple[str, tuple[str, ...]]:
    """Return a question as DuckDB reads it, and the names of the values in it."""
    return _VALUE.sub(r"$\1", query), tuple(dict.fromkeys(_VALUE.findall(query)))
