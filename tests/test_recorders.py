"""The event store keeps our promises, whatever database it is in (architecture.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from ledger.event_rows import IndexRows, NewRows, OpgaveRow, Stamp
from ledger.recorders import LedgerRecorder
from ledger.seals import first_break
from ledger.sqlite_recorder import LedgerDatastore, SQLiteLedgerRecorder
from tests.histories import random_history
from tests.ledgers import import_events, ledger_of
from tests.places import create, open_ledger, recorder_at

pytestmark = pytest.mark.beide


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[LedgerRecorder]:
    made = recorder_at(tmp_path / "gebeurtenissen")
    yield made
    made.datastore.close()  # type: ignore[attr-defined]  # every recorder of the library has one


def test_positions_are_contiguous_over_appends_of_any_size(recorder: LedgerRecorder) -> None:
    sizes, given = (1, 7, 1, 500, 2), list[int]()
    for size in sizes:
        given += recorder.insert_events(_events(uuid4(), size)) or []
    assert given == list(range(1, sum(sizes) + 1))
    assert recorder.last_position() == sum(sizes)
    zegels = list(recorder.zegels())
    assert [zegel.laatste - zegel.eerste + 1 for zegel in zegels] == list(sizes)
    assert first_break(recorder.rows(), zegels) is None


def test_positions_go_on_after_a_refused_append(recorder: LedgerRecorder) -> None:
    stream = uuid4()
    recorder.insert_events(_events(stream, 2))
    with pytest.raises(IntegrityError):
        recorder.insert_events(_events(stream, 3))
    assert recorder.insert_events(_events(uuid4(), 1)) == [3]


def test_an_append_of_nothing_writes_nothing(recorder: LedgerRecorder) -> None:
    assert recorder.insert_events([]) == []
    assert recorder.last_position() == 0
    assert list(recorder.zegels()) == []


def test_a_stale_version_stores_nothing_of_its_batch(recorder: LedgerRecorder) -> None:
    stream, other = uuid4(), uuid4()
    recorder.insert_events(_events(stream, 3))
    before = _content(recorder)
    batch = [*_events(other, 4), *_events(stream, 1, first=3), *_events(uuid4(), 2)]
    with pytest.raises(IntegrityError):
        recorder.insert_events(batch, stamp=Stamp("nu", "hand"), index=_INDEX)
    assert _content(recorder) == before
    assert recorder.select_events(other) == []
    assert recorder.insert_events(_events(other, 4)) == [4, 5, 6, 7]


def test_one_event_twice_in_a_batch_stores_nothing(recorder: LedgerRecorder) -> None:
    event = _events(uuid4(), 1)
    with pytest.raises(IntegrityError):
        recorder.insert_events([*event, *event])
    assert recorder.last_position() == 0


def test_a_kenmerk_that_is_taken_rolls_the_append_back(recorder: LedgerRecorder) -> None:
    recorder.insert_events(_events(uuid4(), 1), index=_INDEX)
    before = _content(recorder)
    with pytest.raises(IntegrityError):
        recorder.insert_events(
            _events(uuid4(), 2),
            index=IndexRows([(b"vrij", b"1"), (b"kenmerk", b"een ander")], [("PO1", "ab")]),
        )
    assert _content(recorder) == before
    assert recorder.identities_of([b"kenmerk", b"vrij"]) == {b"kenmerk": b"identiteit"}


def test_a_tlv_number_can_be_seen_with_two_pupils(recorder: LedgerRecorder) -> None:
    for pupil in ("aa", "bb", "aa"):
        index = IndexRows((), [("PO2304-2024-00001", pupil)])
        recorder.insert_events(_events(uuid4(), 1), index=index)
    assert recorder.pupils_of_tlvs(["PO2304-2024-00001", "PO2304-2024-00002"]) == {
        "PO2304-2024-00001": {"aa", "bb"}
    }


def test_many_streams_and_keys_are_asked_for_at_once(recorder: LedgerRecorder) -> None:
    streams = [uuid4() for _ in range(1200)]
    recorder.insert_events([event for stream in streams for event in _events(stream, 2)])
    kenmerken = [(stream.bytes, stream.hex.encode()) for stream in streams]
    recorder.insert_events(_events(uuid4(), 1), index=IndexRows(kenmerken))
    rows = list(recorder.rows_of(stream.hex for stream in streams))
    assert len(rows) == 2400
    assert recorder.identities_of(key for key, _ in kenmerken) == dict(kenmerken)
    assert [row.positie for row in recorder.rows_at([5, 3, 99_999, 5])] == [3, 5]
    by_stream = [(row.stream, row.version) for row in recorder.rows_between("", "g")]
    assert by_stream == sorted(by_stream)
    assert len(by_stream) == 2401


def test_an_append_without_events_writes_all_that_stands_beside_them(
    recorder: LedgerRecorder,
) -> None:
    pupil = uuid4().hex
    said = OpgaveRow(pupil, "2024-09-01T00:00:00+00:00", "bestand", 1, "duo", b"iets")
    free, kept = b"a" * 16, b"b" * 16
    recorder.insert_events(_events(uuid4(), 1), index=IndexRows([(free, b"1")], opgaven=[said]))
    index = IndexRows(
        kenmerken=[(kept, b"2")],
        tlv_nummers=[("PO9901-2024-00001", pupil)],
        teruggedraaid="bestand",
        vrij=[free],
        opnieuw=[(pupil, "2024-10-01T00:00:00+00:00")],
    )
    assert recorder.insert_rows(NewRows(), Stamp("", ""), index) == []
    assert recorder.identities_of([free, kept]) == {kept: b"2"}
    assert recorder.pupils_of_tlvs(["PO9901-2024-00001"]) == {"PO9901-2024-00001": {pupil}}
    assert list(recorder.opgaven_of([pupil])) == []
    assert recorder.to_tell_again() == {pupil: "2024-10-01T00:00:00+00:00"}
    assert recorder.last_position() == 1


def test_the_notification_log_of_the_library_is_our_log() -> None:
    history = random_history(Random(11), most_pupils=3)  # noqa: S311 - no secret is made
    with ledger_of(history) as ledger:
        ours = list(ledger.store.rows())
        theirs = ledger.store.select_notifications(start=None, limit=10_000)
        assert [
            (row.positie, UUID(row.stream), row.version, row.topic, row.state) for row in ours
        ] == [
            (one.id, one.originator_id, one.originator_version, one.topic, one.state)
            for one in theirs
        ]
        assert len(ours) == ledger.position > 20
        part = ledger.store.select_notifications(start=5, limit=4)
        assert [one.id for one in part] == [row.positie for row in ledger.store.rows(4, 8)]


def test_an_open_reading_does_not_hinder_an_append(tmp_path: Path) -> None:
    folder = tmp_path / "grootboek"
    with create(folder) as mine, open_ledger(folder) as theirs:
        import_events(mine, [_SWV])
        rows = mine.store.rows()
        first = next(rows)
        import_events(theirs, [{**_SWV, "naam": "Een andere naam"}], "twee.jsonl")
        # The stream goes on with what it saw when it began.
        assert [first.positie, *(row.positie for row in rows)] == [1, 2]
        assert theirs.position == 4


_INDEX = IndexRows([(b"kenmerk", b"identiteit")], [("PO2304-2024-00001", "aa")])
_SWV = {"type": "SwvGeregistreerd", "bekend_op": "2024-01-01", "swv": "PO2304", "naam": "Een naam"}


def _events(stream: UUID, count: int, first: int = 1) -> list[StoredEvent]:
    return [
        StoredEvent(stream, version, "topic", f"{stream} {version}".encode())
        for version in range(first, first + count)
    ]


def _content(recorder: LedgerRecorder) -> list[object]:
    """Return all that an append can touch."""
    tables = ("stored_events", "zegels", "kenmerken", "tlv_nummers")
    return [list(recorder._query(f"SELECT * FROM {table}", ())) for table in tables]  # noqa: SLF001 - a whole table


@pytest.mark.parametrize("topic", ["BestandIngelezen", "VerzuimGemeld"])
def test_few_events_are_found_without_reading_the_others(topic: str, tmp_path: Path) -> None:
    """The plan of the query looks in the index; so it does in a ledger that had none."""
    recorder = SQLiteLedgerRecorder(LedgerDatastore(str(tmp_path / "log.sqlite")))
    recorder.create_table()
    stream = uuid4()
    events = [StoredEvent(stream, n, "SwvGeregistreerd", b"{}") for n in range(1, 4)]
    recorder.insert_events([*events, StoredEvent(stream, 4, topic, b"{}")])
    with recorder.datastore.transaction(commit=True) as cursor:
        cursor.execute("DROP INDEX zeldzaam_1")
    recorder.create_table()
    asked: list[str] = []
    with recorder.datastore.get_connection(commit=False) as connection:
        connection._sqlite_conn.set_trace_callback(asked.append)  # noqa: SLF001 - to see it
    assert [row.positie for row in recorder.rows_with(topic, "BestandTeruggedraaid")] == [4]
    assert recorder.streams_with([topic], 4) == [stream.hex]
    assert recorder.streams_with([topic], 3) == []
    queries = [query for query in asked if query.startswith("SELECT")]
    assert len(queries) == 3
    with recorder.datastore.transaction(commit=False) as cursor:
        for query in queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {query}")
            assert "zeldzaam_1" in " ".join(row["detail"] for row in cursor.fetchall())
