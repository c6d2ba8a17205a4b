"""Which engine holds the read model of a ledger."""

from __future__ import annotations

from ledger.application import Ledger
from projections.store.read_model import Engine
from projections.store.sqlite_model import SqliteEngine


def engine_of(ledger: Ledger) -> Engine:
    """Return the engine of a ledger's read model."""
    return SqliteEngine(ledger.folder)
