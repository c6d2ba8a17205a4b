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
        return _on_a_server(ledger.address)
    path = ledger.folder / SETTINGS_FILE
    said = _said(path)
    folder = ledger.folder / (os.environ.get(FOLDER_VARIABLE) or said.get("map", "."))
    if not _is_same(folder, ledger.folder):
        folder /= _own_name(ledger.folder.resolve().name, str(ledger.folder.resolve()))
    return Setting(_chosen(said.get("engine", SQLITE), path), folder)


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
    if _chosen(SQLITE, SETTINGS_FILE) == SQLITE:
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
        raise LedgerError(
            f"{path} kan niet worden gelezen: {unreadable_toml(error)}; verbeter of verwijder het: "
            f'zonder geldt engine = "{SQLITE}", in de map van het grootboek'
        ) from error
    wrong = [name for name, value in said.items() if not isinstance(value, str)]
    if unknown := sorted(said.keys() - {"engine", "map"}) or wrong:
        raise LedgerError(
            f"{path}: '{unknown[0]}' kan hier niet zo staan; alleen 'engine' en 'map' kunnen hier "
            "staan, als tekst; verbeter of verwijder het"
        )
    return said
