"""Where a user wants the read model of a ledger: which engine, and in which folder.

`leesmodel.toml` in the folder of the ledger says so (`kijkglas init --engine` writes it);
KIJKGLAS_ENGINE and KIJKGLAS_LEESMODEL win over it.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Final, NamedTuple

from ledger.places import LedgerError

SETTINGS_FILE: Final = "leesmodel.toml"
ENGINE_VARIABLE: Final = "KIJKGLAS_ENGINE"
FOLDER_VARIABLE: Final = "KIJKGLAS_LEESMODEL"
ENGINES: Final = ("sqlite", "duckdb")


class Setting(NamedTuple):
    """Which engine holds the read model, and where."""

    engine: str
    folder: Path


def setting_of(folder: Path) -> Setting:
    """Return the setting of a ledger in a folder. Raises LedgerError for one that is not known."""
    said = _said(folder / SETTINGS_FILE)
    engine = os.environ.get(ENGINE_VARIABLE) or said.get("engine", ENGINES[0])
    if engine not in ENGINES:
        raise LedgerError(f"engine '{engine}' bestaat niet; kies uit {', '.join(ENGINES)}")
    where = Path(os.environ.get(FOLDER_VARIABLE) or said.get("map", "."))
    return Setting(engine, folder / where)


def choose_engine(folder: Path, engine: str) -> None:
    """Write down which engine a ledger uses from now on."""
    (folder / SETTINGS_FILE).write_text(f'engine = "{engine}"\n', encoding="utf-8")


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
