"""Ledgers for tests: made from events written out in the test, asked through public functions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ledger.application import Ledger
from ledger.importing import Imported, import_feed
from projections.dashboard_1a import dashboard_1a
from projections.dashboard_1b import dashboard_1b
from projections.refresh import refreshed
from projections.stand import stand
from projections.store.ask import AsOf, Selection
from projections.store.read_model import ReadModel
from projections.store.sqlite_model import SqliteReadModel
from tests.places import create, folder_of, throw_away

NOW = datetime(2026, 11, 1, tzinfo=UTC)
"""The moment that tests call now: later than every event in them."""

Feed = Iterable[Mapping[str, Any]]


def write_feed(path: Path, events: Feed) -> Path:
    """Write events as a feed and return its path."""
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return path


def import_events(ledger: Ledger, events: Feed, name: str = "feed.jsonl") -> Imported:
    """Import events into a ledger."""
    return import_feed(ledger, write_feed(folder_of(ledger).parent / name, events), NOW)


def sqlite_of(model: ReadModel) -> sqlite3.Connection:
    """Return the connection of a read model of SQLite, to do it harm."""
    assert isinstance(model, SqliteReadModel)
    return model.connection


@contextmanager
def ledger_of(events: Feed = ()) -> Iterator[Ledger]:
    """Give a ledger in a folder of its own that holds the events."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "grootboek"
        try:
            with create(place) as ledger:
                import_events(ledger, events)
                yield ledger
        finally:
            throw_away({place})


def stand_rows(
    ledger: Ledger, model: ReadModel, teldatum: date, bekend_op: datetime | None = None
) -> list[Mapping[str, object]]:
    """Return the rows of the state."""
    return stand(ledger, model, AsOf(teldatum, bekend_op), Selection())


__all__ = [
    "NOW",
    "AsOf",
    "dashboard_1a",
    "dashboard_1b",
    "import_events",
    "ledger_of",
    "refreshed",
    "sqlite_of",
    "stand_rows",
    "write_feed",
]
