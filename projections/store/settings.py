"""Where a user wants the read model of a ledger: which engine, and in which folder.

`leesmodel.toml` in the folder of the ledger says so (`kijkglas init --engine` writes it);
KIJKGLAS_ENGINE and KIJKGLAS_LEESMODEL win over it.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Final, NamedTuple

from ledger.application import Ledger
from ledger.places import POSTGRES, LedgerError

SETTINGS_FILE: Final = "leesmodel.toml"
ENGINE_VARIABLE: Final = "KIJKGLAS_ENGINE"
FOLDER_VARIABLE: Final = "KIJKGLAS_LEESMODEL"
SQLITE: Final = "sqlite"
SERVER: Final = "postgresql"
DUCKDB: Final = "duckdb"
ENGINES: Final = (SQLITE, DUCKDB)


class Setting(NamedTuple):
    """Which engine holds the read model, and where."""

    engine: str
    folder: Path


def setting_of(ledger: Ledger) -> Setting:
    """Return the setting of a ledger.

    Raises LedgerError for one that is not known, and for files without a place of their own.
    """
    if ledger.address.startswith(POSTGRES):
        return _on_a_server()
    said = _said(ledger.folder / SETTINGS_FILE)
    engine = _known(os.environ.get(ENGINE_VARIABLE) or said.get("engine", SQLITE))
    where = Path(os.environ.get(FOLDER_VARIABLE) or said.get("map", "."))
    return Setting(engine, ledger.folder / where)


def choose_engine(ledger: Ledger, engine: str) -> None:
    """Write down which engine a ledger in a folder uses from now on."""
    (ledger.folder / SETTINGS_FILE).write_text(f'engine = "{engine}"\n', encoding="utf-8")


def _on_a_server() -> Setting:
    """Return the setting of a ledger in a database: there, unless Parquet files are asked for."""
    if _known(os.environ.get(ENGINE_VARIABLE) or SQLITE) == SQLITE:
        return Setting(SERVER, Path())
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        raise LedgerError(
            f"{ENGINE_VARIABLE}=duckdb bij een grootboek op PostgreSQL: "
            f"noem met {FOLDER_VARIABLE} de map voor de bestanden"
        )
    return Setting(DUCKDB, Path(folder))


def _known(engine: str) -> str:
    if engine not in ENGINES:
        raise LedgerError(f"engine '{engine}' bestaat niet; kies uit {', '.join(ENGINES)}")
    return engine


def _said(path: Path) -> dict[str, str]:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise LedgerError(f"{path} kan niet worden gelezen: {error}") from error
    wrong = [name for name, value in said.items() if not isinstance(value, str)]
    if wrong or said.keys() - {"engine", "map"}:
        raise LedgerError(f"{path}: alleen 'engine' en 'map' kunnen hier staan, als tekst")
    return said
