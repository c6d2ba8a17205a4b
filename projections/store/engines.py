"""Which engine holds the read model of a ledger."""

from __future__ import annotations

from ledger.application import Ledger
from ledger.places import POSTGRES
from projections.store.read_model import Engine
from projections.store.sqlite_model import SqliteEngine


def engine_of(ledger: Ledger) -> Engine:
    """Return the engine of a ledger's read model."""
    if ledger.address.startswith(POSTGRES):
        from projections.store.postgres_model import PostgresEngine  # noqa: PLC0415 - an extra

        return PostgresEngine(ledger.address)
    return SqliteEngine(ledger.folder)
