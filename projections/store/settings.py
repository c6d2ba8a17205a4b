"""Where a user wants the read model of a ledger: which engine, and in which folder.

`leesmodel.toml` in the folder of the ledger says so (`kijkglas init --engine` writes it);
KIJKGLAS_ENGINE and KIJKGLAS_LEESMODEL win over it.
"""

from __future__ import annotations

import os
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from ledger.application import Ledger
from ledger.failing import reason, unreadable_toml
from ledger.places import POSTGRES, LedgerError

SETTINGS_FILE: Final = "leesmodel.toml"
ENGINE_VARIABLE: Final = "KIJKGLAS_ENGINE"
FOLDER_VARIABLE: Final = "KIJKGLAS_LEESMODEL"
SQLITE: Final = "sqlite"
SERVER: Final = "postgresql"
DUCKDB: Final = "duckdb"
ENGINES: Final = (SQLITE, DUCKDB)
NEEDED: Final = ("duckdb", "pyarrow")
"""What the extra `scale` installs for DuckDB."""


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
    engine = _chosen(said.get("engine", SQLITE), ledger.folder / SETTINGS_FILE)
    where = Path(os.environ.get(FOLDER_VARIABLE) or said.get("map", "."))
    return Setting(engine, ledger.folder / where)


def choose_engine(ledger: Ledger, engine: str) -> None:
    """Write down which engine a ledger in a folder uses from now on."""
    (ledger.folder / SETTINGS_FILE).write_text(f'engine = "{engine}"\n', encoding="utf-8")


def _on_a_server() -> Setting:
    """Return the setting of a ledger in a database: there, unless Parquet files are asked for."""
    if _chosen(SQLITE, SETTINGS_FILE) == SQLITE:
        return Setting(SERVER, Path())
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        raise LedgerError(
            f"{ENGINE_VARIABLE}=duckdb bij een grootboek op PostgreSQL: "
            f"noem met {FOLDER_VARIABLE} de map voor de bestanden"
        )
    return Setting(DUCKDB, Path(folder))


def _chosen(said: str, path: Path | str) -> str:
    """Return the engine of the environment, else the one that a file says."""
    named = os.environ.get(ENGINE_VARIABLE)
    engine = named or said
    if engine not in ENGINES:
        where = ENGINE_VARIABLE if named else path
        raise LedgerError(f"{where}: engine '{engine}' bestaat niet; kies uit {', '.join(ENGINES)}")
    check_installed(engine)
    return engine


def check_engine(engine: str | None) -> None:
    """Look whether the engine that was asked for, here or in the environment, can be used.

    Raises LedgerError.
    """
    _chosen(engine or SQLITE, SETTINGS_FILE)
    if engine is not None:
        check_installed(engine)


def check_installed(engine: str) -> None:
    """Look whether what an engine needs is installed. Raises LedgerError, naming the extra."""
    if engine == DUCKDB and any(find_spec(name) is None for name in NEEDED):
        raise LedgerError(
            "voor een leesmodel met DuckDB is de extra 'scale' nodig: "
            "python3 -m pip install '.[scale]' installeert die"
        )


def _said(path: Path) -> dict[str, str]:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise LedgerError(f"{path} kan niet worden gelezen: {reason(error)}") from error
    except ValueError as error:
        raise LedgerError(f"{path} kan niet worden gelezen: {unreadable_toml(error)}") from error
    wrong = [name for name, value in said.items() if not isinstance(value, str)]
    if unknown := sorted(said.keys() - {"engine", "map"}) or wrong:
        raise LedgerError(
            f"{path}: '{unknown[0]}' kan hier niet zo staan; alleen 'engine' en 'map' kunnen hier "
            "staan, als tekst"
        )
    return said
