"""Which engine holds the read model of a ledger."""

from __future__ import annotations

from pathlib import Path

from ledger.application import Ledger
from ledger.places import LedgerError
from projections.store.read_model import Engine
from projections.store.settings import DUCKDB, FOLDER_VARIABLE, SERVER, SETTINGS_FILE, setting_of
from projections.store.sqlite_model import SqliteEngine


def engine_of(ledger: Ledger) -> Engine:
    """Return the engine of a ledger's read model, as its setting or the environment says.

    Raises LedgerError for an engine that is not known, or of which the extra is missing, and
    for a folder that cannot be.
    """
    engine, folder = setting_of(ledger)
    if engine == SERVER:
        from projections.store.postgres_model import PostgresEngine  # noqa: PLC0415 - an extra

        return PostgresEngine(ledger.address)
    _make(folder)
    if engine == DUCKDB:
        from projections.store.duckdb_engine import DuckdbEngine  # noqa: PLC0415 - rarely needed

        return DuckdbEngine(folder)
    return SqliteEngine(folder)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"de map {folder} voor het leesmodel kan niet worden gemaakt: {error.strerror}; noem "
            f"een andere met {FOLDER_VARIABLE}, of met 'map' in {SETTINGS_FILE}"
        ) from None
