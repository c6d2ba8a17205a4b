"""Which engine holds the read model of a ledger."""

from __future__ import annotations

from ledger.application import Ledger
from projections.store.read_model import Engine
from projections.store.settings import DUCKDB, SERVER, setting_of
from projections.store.sqlite_model import SqliteEngine


def engine_of(ledger: Ledger) -> Engine:
    """Return the engine of a ledger's read model, as its setting or the environment says.

    Raises LedgerError for an engine that is not known, or of which the extra is missing.
    """
    engine, folder = setting_of(ledger)
    if engine == SERVER:
        from projections.store.postgres_model import PostgresEngine  # noqa: PLC0415 - an extra

        return PostgresEngine(ledger.address)
    folder.mkdir(parents=True, exist_ok=True)
    if engine == DUCKDB:
        from projections.store.duckdb_model import DuckdbEngine  # noqa: PLC0415 - rarely needed

        return DuckdbEngine(folder)
    return SqliteEngine(folder)
