"""The library's own cases of a recorder, on ours: SQLite in a file and in memory, PostgreSQL."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase
from uuid import uuid4

from eventsourcing.tests import persistence as cases

from ledger.folder_place import EVENTS_FILE
from ledger.postgres_recorder import PostgresLedgerRecorder
from ledger.sqlite_recorder import LedgerDatastore, SQLiteLedgerRecorder
from tests.places import postgres_recorder_at, throw_away


def _join_readers() -> None:
    """Wait for the threads that the library's cases leave running."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(timeout=10)


def _sqlite(case: TestCase, name: str) -> SQLiteLedgerRecorder:
    made = SQLiteLedgerRecorder(LedgerDatastore(name))
    made.create_table()
    case.addCleanup(made.datastore.close)
    case.addCleanup(_join_readers)  # runs first: a reader must not outlive its database
    return made


def _in_a_file(case: TestCase) -> SQLiteLedgerRecorder:
    folder = TemporaryDirectory()
    case.addCleanup(folder.cleanup)
    return _sqlite(case, str(Path(folder.name) / EVENTS_FILE))


def _on_postgres(case: TestCase) -> PostgresLedgerRecorder:
    folder = TemporaryDirectory()
    case.addCleanup(folder.cleanup)
    known_by = Path(folder.name)
    case.addCleanup(throw_away, {known_by})
    made = postgres_recorder_at(known_by)
    case.addCleanup(made.datastore.close)
    return made


class TestOnFile(cases.ApplicationRecorderTestCase[SQLiteLedgerRecorder]):
    """A database file."""

    def create_recorder(self) -> SQLiteLedgerRecorder:
        """Make an empty event store."""
        return _in_a_file(self)


class TestInMemory(cases.ApplicationRecorderTestCase[SQLiteLedgerRecorder]):
    """The same in memory."""

    def create_recorder(self) -> SQLiteLedgerRecorder:
        """Make an empty event store."""
        return _sqlite(self, f"file:{uuid4()}?mode=memory&cache=shared")


class TestOnPostgres(cases.ApplicationRecorderTestCase[PostgresLedgerRecorder]):
    """The same on a PostgreSQL server, and who subscribes is told of what is appended."""

    def create_recorder(self) -> PostgresLedgerRecorder:
        """Make an empty event store."""
        return _on_postgres(self)

    def test_insert_subscribe(self) -> None:
        """Run the case that is for recorders that can tell."""
        self.optional_test_insert_subscribe()


class TestNotInterleaving(cases.NonInterleavingNotificationIDsBaseCase):
    """The batches of two writers at once do not mix."""

    def create_recorder(self) -> SQLiteLedgerRecorder:
        """Make an empty event store."""
        return _in_a_file(self)


class TestNotInterleavingOnPostgres(cases.NonInterleavingNotificationIDsBaseCase):
    """Nor do they on PostgreSQL."""

    def create_recorder(self) -> PostgresLedgerRecorder:
        """Make an empty event store."""
        return _on_postgres(self)
