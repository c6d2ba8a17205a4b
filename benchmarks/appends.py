"""The limits of an append: the library's own recorder, and SQLite without it."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

Row = tuple[str, int, str, bytes]
"""An event in the library's table."""


@contextmanager
def stock_recorder(path: Path) -> Iterator[SQLiteApplicationRecorder]:
    """Give the library's own recorder with its own pool on a fresh file."""
    remove(path)
    datastore = SQLiteDatastore(str(path))
    recorder = SQLiteApplicationRecorder(datastore)
    recorder.create_table()
    try:
        yield recorder
    finally:
        datastore.close()


def append_stock(
    recorder: SQLiteApplicationRecorder, batches: Iterable[Sequence[StoredEvent]]
) -> int:
    """Append batches of events through the library's recorder, and return how many."""
    return sum(len(recorder.insert_events(batch) or ()) for batch in batches)


def append_raw(path: Path, batches: Iterable[Sequence[Row]]) -> int:
    """Append the same rows with nothing but `executemany`, a transaction per batch.

    Returns how many there were.
    """
    with closing(sqlite3.connect(path)) as connection:
        for batch in batches:
            with connection:
                connection.executemany("INSERT INTO stored_events VALUES (?,?,?,?)", batch)
        return connection.total_changes


def row_of(event: StoredEvent) -> Row:
    """Return an event as a row of the library's table in SQLite."""
    stream = UUID(str(event.originator_id)).hex
    return stream, event.originator_version, event.topic, event.state


def remove(path: Path) -> None:
    """Remove an SQLite file and what stands beside it."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep what was prepared for a peer from slowing it down through the garbage collector."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
