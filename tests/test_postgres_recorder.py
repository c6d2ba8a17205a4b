"""What the event store on PostgreSQL does under its lock, and with whatever bytes it is given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder

from ledger.places import LedgerError
from ledger.postgres_recorder import LedgerDatastore, PostgresLedgerRecorder
from ledger.seals import first_break
from tests.command import kijkglas
from tests.places import create, database_of, open_ledger, postgres_recorder_at, throw_away, use

PATIENCE = 60
"""Seconds after which a test gives up on a thread."""

HELD = 42
"""The advisory lock that keeps an append of the topic `wacht` between insert and commit."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    throw_away({tmp_path})


@pytest.fixture
def recorder(place: Path) -> Iterator[PostgresLedgerRecorder]:
    made = postgres_recorder_at(place)
    yield made
    made.datastore.close()


@pytest.fixture
def on_postgres(grootboek: str, place: Path) -> Iterator[Path]:
    """Give a folder whose ledger is on PostgreSQL."""
    use("postgresql")
    yield place / "grootboek"
    use(grootboek)
    throw_away({place / "grootboek"})


def test_a_reader_who_follows_the_log_passes_no_event(
    recorder: PostgresLedgerRecorder, place: Path
) -> None:
    assert _followed_while_two_append(recorder, place) == [1, 2, 3, 4, 5]


def test_without_the_lock_such_a_reader_does_pass_events(place: Path) -> None:
    """What `POSTGRES_ENABLE_DB_FUNCTIONS` does, and why it is refused; the case can fail."""
    datastore = _WithTypes(database_of(place), enable_db_functions=True)
    with closing(datastore):
        stock = PostgresApplicationRecorder(datastore)
        stock.create_table()
        assert _followed_while_two_append(stock, place) == [4, 5]


def test_functions_in_the_database_are_refused(
    on_postgres: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(on_postgres).close()
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "y")
    with pytest.raises(LedgerError, match="POSTGRES_ENABLE_DB_FUNCTIONS staat aan"):
        open_ledger(on_postgres)
    done = kijkglas("--ledger", database_of(on_postgres), "verify")
    assert done.status == 4
    assert "POSTGRES_ENABLE_DB_FUNCTIONS staat aan" in done.err
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "no")
    open_ledger(on_postgres).close()


ODD = (
    bytes(range(256)),
    b"",
    rb"\.",
    rb"\N",
    b"\t\n\r\\\x00",
    b"\xff\xfe\xef\xbb\xbf",
    '{"naam":"Súdwest-Fryslân é\\u0000"}'.encode(),
    bytes(200_000),
)


def test_whatever_bytes_an_event_holds_come_back(recorder: PostgresLedgerRecorder) -> None:
    stream = uuid4()
    topics = [f"Soort '\"\\ é{number}\t\n" for number in range(len(ODD))]
    events = [
        StoredEvent(stream, version, topic, state)
        for version, (topic, state) in enumerate(zip(topics, ODD, strict=True), 1)
    ]
    recorder.insert_events(events)
    rows = list(recorder.rows())
    assert [(row.topic, row.state) for row in rows] == list(zip(topics, ODD, strict=True))
    assert [UUID(row.stream) for row in rows] == [stream] * len(ODD)
    assert recorder.select_events(stream) == events
    assert first_break(rows, recorder.zegels()) is None


def test_a_refused_append_leaves_nothing_and_no_gap(recorder: PostgresLedgerRecorder) -> None:
    stream = uuid4()
    recorder.insert_events(_events(stream, "een", 2))
    with pytest.raises(IntegrityError):
        recorder.insert_events([*_events(uuid4(), "twee", 7), *_events(stream, "een", 1)])
    assert recorder.insert_events(_events(uuid4(), "drie", 1)) == [3]
    assert first_break(recorder.rows(), recorder.zegels()) is None


def test_positions_of_many_writers_at_once_have_no_gap(
    recorder: PostgresLedgerRecorder, place: Path
) -> None:
    barrier, failures = threading.Barrier(4), list[BaseException]()

    def write() -> None:
        mine = PostgresLedgerRecorder(
            LedgerDatastore(database_of(place)), events_table_name="stored_events"
        )
        with closing(mine.datastore):
            barrier.wait(PATIENCE)
            try:
                for _ in range(10):
                    mine.insert_events(_events(uuid4(), "veel", 7))
            except BaseException as error:
                failures.append(error)
                raise

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert failures == []
    rows, zegels = list(recorder.rows()), list(recorder.zegels())
    assert [row.positie for row in rows] == list(range(1, 281))
    assert len(zegels) == 40
    assert first_break(rows, zegels) is None


def test_a_reader_of_a_large_log_may_stop_half_way(recorder: PostgresLedgerRecorder) -> None:
    """It holds a connection of the pool; more of them than the pool has must come free."""
    recorder.insert_events(_events(uuid4(), "veel", 12_000))
    for _ in range(20):
        rows = recorder.rows()
        assert next(rows).positie == 1
        del rows
    assert sum(1 for _ in recorder.rows()) == 12_000


def _followed_while_two_append(recorder: ApplicationRecorder, place: Path) -> list[int]:
    """Return the positions that a reader who follows the log sees in this order.

    One append stands between its insert and its commit while another one is made: that one
    has to wait for it, or it is done before.
    """
    seen: list[int] = []
    with _connection(place) as holder, _connection(place) as looker:
        _hold_back_commits(holder)
        first = _inserting(recorder, _events(uuid4(), "wacht", 3))
        _wait(lambda: _waiting(looker, "advisory") == 1)
        second = _inserting(recorder, _events(uuid4(), "vlug", 2))
        _wait(lambda: not second.is_alive() or _waiting(looker, "relation") == 1)
        _follow(recorder, seen)
        holder.execute("SELECT pg_advisory_unlock(%s)", (HELD,))
        for thread in (first, second):
            thread.join(PATIENCE)
            assert not thread.is_alive()
    _follow(recorder, seen)
    return seen


def _hold_back_commits(holder: psycopg.Connection[tuple[object, ...]]) -> None:
    """Let an append of the topic `wacht` wait at its commit for a lock that we hold."""
    holder.execute("SELECT pg_advisory_lock(%s)", (HELD,))
    holder.execute(
        "CREATE FUNCTION wachten() RETURNS trigger LANGUAGE plpgsql AS "
        f"'BEGIN PERFORM pg_advisory_xact_lock_shared({HELD}); RETURN NULL; END'"
    )
    holder.execute(
        "CREATE CONSTRAINT TRIGGER wachten AFTER INSERT ON stored_events "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.topic = 'wacht') "
        "EXECUTE FUNCTION wachten()"
    )


def _follow(recorder: ApplicationRecorder, seen: list[int]) -> None:
    last = max(seen, default=0)
    found = recorder.select_notifications(last, 100, inclusive_of_start=False)
    seen.extend(one.id for one in found)


def _inserting(recorder: ApplicationRecorder, events: list[StoredEvent]) -> threading.Thread:
    thread = threading.Thread(target=recorder.insert_events, args=(events,), daemon=True)
    thread.start()
    return thread


def _waiting(looker: psycopg.Connection[tuple[int, ...]], kind: str) -> int:
    """Return how many sessions of this database wait for a lock of a kind."""
    row = looker.execute(
        "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_database d ON d.oid = database "
        "WHERE NOT granted AND locktype = %s AND datname = current_database()",
        (kind,),
    ).fetchone()
    assert row is not None
    return row[0]


def _wait(fact: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE
    while not fact():
        assert monotonic() < deadline


@contextmanager
def _connection(place: Path) -> Iterator[psycopg.Connection[tuple[int, ...]]]:
    with closing(psycopg.connect(database_of(place), autocommit=True)) as connection:
        yield connection


def _events(stream: UUID, topic: str, count: int) -> list[StoredEvent]:
    return [
        StoredEvent(stream, version, topic, f"{stream} {version}".encode())
        for version in range(1, count + 1)
    ]


class _WithTypes(LedgerDatastore):
    """A datastore that also knows the types that the library's functions take."""

    def register_type_adapters(self) -> None:
        super(LedgerDatastore, self).register_type_adapters()
