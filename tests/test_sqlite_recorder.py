"""What the event store on SQLite does with its file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from eventsourcing.persistence import InterfaceError, StoredEvent

from ledger.folder_place import EVENTS_FILE
from ledger.sqlite_recorder import Factory, LedgerDatastore, SQLiteLedgerRecorder
from tests.places import create

pytestmark = pytest.mark.map("over het bestand van SQLite zelf")


def test_the_library_finds_our_recorder(tmp_path: Path) -> None:
    with create(tmp_path / "grootboek") as ledger:
        assert isinstance(ledger.factory, Factory)
        assert isinstance(ledger.recorder, SQLiteLedgerRecorder)
        assert isinstance(ledger.factory.datastore, LedgerDatastore)


def test_the_log_is_durable(tmp_path: Path) -> None:
    with create(tmp_path / "grootboek") as ledger:
        found = {
            name: next(iter(ledger.store._query(f"PRAGMA {name}", ())))[0]  # noqa: SLF001 - pragmas
            for name in ("journal_mode", "synchronous")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2}


def test_a_reader_sees_whole_appends_while_one_is_written(tmp_path: Path) -> None:
    with create(tmp_path / "grootboek") as ledger:
        stream = uuid4()
        ledger.store.insert_events([StoredEvent(stream, one, "topic", b"") for one in range(1, 6)])
        with closing(sqlite3.connect(tmp_path / "grootboek" / EVENTS_FILE)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("INSERT INTO stored_events VALUES ('aa', 1, 'T', x'00')")
            assert ledger.position == 5
            assert len(list(ledger.store.rows())) == 5
            writer.rollback()


def test_a_file_that_is_no_database_is_an_error_of_the_library(tmp_path: Path) -> None:
    datastore = LedgerDatastore(str(tmp_path / "geen map" / EVENTS_FILE))
    with closing(datastore), pytest.raises(InterfaceError):
        SQLiteLedgerRecorder(datastore).create_table()
