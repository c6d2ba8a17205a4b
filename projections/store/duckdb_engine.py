"""Where the generations of a read model of Parquet files live: folders beside the ledger."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ledger.locks import locked
from projections.store.duckdb_model import DuckdbReadModel
from projections.store.parquet_files import Held, is_whole, newest
from projections.store.read_model import RULES, Engine, Making, ReadModel, SharedMaking, rules_hash
from projections.store.settings import DUCKDB, check_installed
from projections.store.sqlite_model import LOCK_FILE, next_generation

GENERATION: Final = re.compile(r"standen-(\d{6})\.parquet")
MAKING: Final = "parquet-maken"


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
            # Listed again: what is held now is only the present one if nothing came after it.
            is_present = _generations(self.folder) == folders
            if held is not None:
                if is_present and _is_readable(folders[-1], held):
                    return DuckdbReadModel(folders[-1], held)
                held.release()
            if is_present:
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


def _is_readable(folder: Path, held: Held) -> bool:
    return held.manifest.zaken.get(RULES) == rules_hash() and is_whole(folder, held)


def _generations(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if GENERATION.fullmatch(path.name))
