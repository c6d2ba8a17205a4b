"""Where a user wants the read model of a ledger: which engine, and in which folder.

`leesmodel.toml` in the folder of the ledger says so (`kijkglas init --engine` writes it);
KIJKGLAS_ENGINE and KIJKGLAS_LEESMODEL win over it. A folder that is named may hold the read
models of several ledgers: each has a folder of its own in it.
"""

from __future__ import annotations

import json
import os
import tomllib
from hashlib import sha256
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
        return _on_a_server(ledger.address)
    said = {**_said(ledger.folder / SETTINGS_FILE), **_from_environment()}
    folder = ledger.folder / said.get("map", ".")
    if not _is_same(folder, ledger.folder):
        folder /= _own_name(ledger.folder.resolve().name, str(ledger.folder.resolve()))
    return Setting(_known(said.get("engine", SQLITE)), folder)


def choose_engine(ledger: Ledger, engine: str) -> None:
    """Write down which engine a ledger in a folder uses from now on."""
    _write(ledger, {"engine": engine})


def keep_setting(ledger: Ledger) -> None:
    """Write down what the environment says, so that a ledger in a folder goes on so without it.

    Raises LedgerError when that is not known.
    """
    setting_of(ledger)
    if said := _from_environment():
        _write(ledger, said)


def _write(ledger: Ledger, said: dict[str, str]) -> None:
    # A text of JSON is one of TOML.
    lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in said.items())
    (ledger.folder / SETTINGS_FILE).write_text("".join(lines), encoding="utf-8")


def _from_environment() -> dict[str, str]:
    variables = {"engine": ENGINE_VARIABLE, "map": FOLDER_VARIABLE}
    found = {name: os.environ.get(variable, "") for name, variable in variables.items()}
    return {name: value for name, value in found.items() if value}


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two names are of one folder. Raises LedgerError for what is no name at all."""
    try:
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError, ValueError):  # a sign or a link that leads nowhere
        raise LedgerError(
            f"{str(one)!r} kan geen map voor het leesmodel zijn; noem een andere met "
            f"{FOLDER_VARIABLE}, of met 'map' in {SETTINGS_FILE}"
        ) from None


def _own_name(name: str, address: str) -> str:
    """Return the folder of a ledger among others: two of one name are not in one place."""
    return f"{name}-{sha256(os.fsencode(address)).hexdigest()[:8]}"


def _on_a_server(address: str) -> Setting:
    """Return the setting of a ledger in a database: there, unless Parquet files are asked for."""
    if _known(os.environ.get(ENGINE_VARIABLE) or SQLITE) == SQLITE:
        return Setting(SERVER, Path())
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        raise LedgerError(
            f"{ENGINE_VARIABLE}=duckdb bij een grootboek op PostgreSQL: "
            f"noem met {FOLDER_VARIABLE} de map voor de bestanden"
        )
    from ledger.postgres_database import parts_of  # noqa: PLC0415 - an extra

    parts = parts_of(address)
    where = [parts.get(name, "") for name in ("dbname", "host", "port")]
    return Setting(DUCKDB, Path(folder) / _own_name(where[0], "\n".join(where)))


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
        raise LedgerError(
            f"{path} kan niet worden gelezen ({error}); verbeter of verwijder het: zonder geldt "
            f'engine = "{SQLITE}", in de map van het grootboek'
        ) from error
    wrong = [name for name, value in said.items() if not isinstance(value, str)]
    if wrong or said.keys() - {"engine", "map"}:
        raise LedgerError(
            f"{path}: alleen 'engine' en 'map' kunnen hier staan, als tekst; "
            "verbeter of verwijder het"
        )
    return said
