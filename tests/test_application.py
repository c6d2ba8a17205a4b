"""The ledger reads back what was booked, as of any position, and books safely (architecture.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import RecordConflictError, StoredEvent

from ledger import booking
from ledger import events as ev
from ledger.application import FIRST_PUPIL, Ledger, reference_stream
from ledger.event_rows import IndexRows, Stamp
from ledger.folder_place import EVENTS_FILE
from ledger.importing import Imported, import_feed
from ledger.intake.feed import format_line
from ledger.places import LedgerError
from ledger.reference import FOREVER
from tests.ledgers import NOW, import_events, ledger_of, write_feed
from tests.places import create, open_ledger

Line = dict[str, Any]

PGN, OTHER = "111222333", "123456782"
SCHOOL = {"instellingscode": "12QN", "volgnummer": "1"}
BIRTH: Line = {
    "type": "LeerlingGeregistreerd",
    "bekend_op": "2024-08-15",
    "pgn": PGN,
    "geboortedatum": "2013-03-29",
}
ENROLLED: Line = {
    "type": "InschrijvingGeregistreerd",
    "bekend_op": "2024-08-20",
    "pgn": PGN,
    **SCHOOL,
    "begindatum": "2024-08-01",
    "vestigingscode": "12QN00",
    "schoolsoort": "SO",
}
LEFT: Line = {
    "type": "UitschrijvingGeregistreerd",
    "bekend_op": "2025-01-15",
    "pgn": PGN,
    **SCHOOL,
    "einddatum": "2025-01-10",
}
LINKED: Line = {
    "type": "VestigingAangesloten",
    "bekend_op": "2024-01-01",
    "vestigingscode": "12QN00",
    "swv": "PO2304",
    "vanaf": "2014-08-01",
}


def test_a_stream_has_its_events_in_order_of_booking() -> None:
    with ledger_of([LEFT, ENROLLED, BIRTH]) as ledger:
        stream = ledger.vault.find([PGN])[PGN].stream
        booked = ledger.events_of([stream])
        assert [event.originator_version for event in booked] == [1, 2, 3]
        assert [event.positie for event in booked] == [1, 2, 3]
        assert {event.originator_id for event in booked} == {stream}
        (enrolled,) = (
            event.fact for event in booked if isinstance(event.fact, ev.InschrijvingGeregistreerd)
        )
        assert enrolled.begindatum == date(2024, 8, 1)


@pytest.mark.beide
def test_events_of_a_stream_stop_at_a_position() -> None:
    with ledger_of([BIRTH, ENROLLED, LEFT]) as ledger:
        stream = ledger.vault.find([PGN])[PGN].stream
        for until in range(5):
            found = [event.positie for event in ledger.events_of([stream], until)]
            assert found == list(range(1, min(until, 3) + 1))


@pytest.mark.beide
def test_an_event_keeps_where_it_came_from() -> None:
    line = {**BIRTH, "bron": "school", "kenmerk": "ROD-1", "bekend_op": "2024-08-15T10:00:00+02:00"}
    with ledger_of() as ledger:
        imported = import_events(ledger, [LINKED, line])
        (event,) = ledger.events_of([ledger.vault.find([PGN])[PGN].stream])
        assert (event.bron, event.kenmerk, event.regel) == ("school", "ROD-1", 2)
        assert event.bestand == imported.sha256
        assert event.bekend_op == datetime(2024, 8, 15, 8, tzinfo=UTC)
        assert ledger.vault.reveal([event])[0].fact == ev.LeerlingGeregistreerd(
            geboortedatum=date(2013, 3, 29)
        )


@pytest.mark.beide
def test_the_log_is_in_order_of_booking_and_complete() -> None:
    with ledger_of([BIRTH, ENROLLED]) as ledger:
        import_events(ledger, [LINKED, LEFT], "twee.jsonl")
        booked = list(ledger.booked())
        assert [event.positie for event in booked] == list(range(1, ledger.position + 1))
        assert [ev.topic_of(event.fact) for event in booked] == [
            "LeerlingGeregistreerd",
            "InschrijvingGeregistreerd",
            "BestandIngelezen",
            "VestigingAangesloten",
            "UitschrijvingGeregistreerd",
            "BestandIngelezen",
        ]
        assert [event.positie for event in ledger.booked(after=2, until=5)] == [3, 4, 5]
        assert [event.positie for event in ledger.events_at([6, 2])] == [2, 6]


@pytest.mark.beide
def test_the_notification_log_of_the_library_gives_the_same_events() -> None:
    with ledger_of([BIRTH, ENROLLED, LINKED]) as ledger:
        section = ledger.notification_log.select(start=1, limit=100)
        assert [one.id for one in section] == [1, 2, 3, 4]
        found = [ledger.mapper.to_domain_event(one) for one in section]
        assert found == list(ledger.booked())
        again = [ledger.mapper.to_stored_event(event) for event in found]
        assert [(one.topic, one.state) for one in again] == [
            (one.topic, one.state) for one in section
        ]


@pytest.mark.beide
def test_pupils_and_reference_objects_are_apart() -> None:
    with ledger_of([BIRTH, LINKED, ENROLLED]) as ledger:
        assert {ev.topic_of(event.fact) for event in ledger.pupil_events()} == {
            "LeerlingGeregistreerd",
            "InschrijvingGeregistreerd",
        }
        assert {ev.topic_of(event.fact) for event in ledger.reference_events()} == {
            "VestigingAangesloten",
            "BestandIngelezen",
        }
        assert all(event.originator_id.hex < FIRST_PUPIL for event in ledger.reference_events())


@pytest.mark.beide
def test_reference_data_as_the_ledger_stood() -> None:
    moved = {**LINKED, "swv": "PO2202", "vanaf": "2024-08-01"}
    with ledger_of([LINKED]) as ledger:
        import_events(ledger, [moved], "twee.jsonl")
        day = date(2025, 2, 1)
        swvs = [
            ledger.reference(until).swv_of_vestiging("12QN00", "PO", day, FOREVER)
            for until in range(5)
        ]
        assert swvs == [None, "PO2304", "PO2304", "PO2202", "PO2202"]
        assert ledger.reference().swv_of_vestiging("12QN00", "PO", day, FOREVER) == "PO2202"


def test_facts_of_one_object_share_a_stream_and_of_others_do_not() -> None:
    linked = ev.VestigingAangesloten(vestigingscode="12QN00", swv="PO2304", vanaf=date(2014, 8, 1))
    named = ev.VestigingGeregistreerd(vestigingscode="12QN00", naam="De School")
    other = ev.VestigingGeregistreerd(vestigingscode="12QN01", naam="De School")
    area = ev.PostcodegebiedToegewezen(pc4="7511", vanaf=date(2014, 8, 1))
    assert reference_stream(linked) == reference_stream(named)
    assert len({reference_stream(fact) for fact in (named, other, area)}) == 3
    with pytest.raises(TypeError):
        reference_stream(ev.LeerlingGeregistreerd(geboortedatum=date(2013, 3, 29)))


def test_the_same_feed_is_booked_once() -> None:
    feed = [BIRTH, LINKED, ENROLLED]
    with ledger_of([LINKED]) as ledger:
        first, again = import_events(ledger, feed), import_events(ledger, feed)
        assert (first.booked.geboekt, first.booked.al_bekend) == (2, 1)
        assert (again.booked.geboekt, again.booked.al_bekend) == (0, 3)
        assert ledger.position == 5


def test_a_file_is_told_of_once_whatever_its_name() -> None:
    """`BestandIngelezen`: booked by the ledger itself, once per file content (events.md 1)."""
    with ledger_of() as ledger:
        one = import_events(ledger, [BIRTH], "een.jsonl")
        two = import_events(ledger, [BIRTH], "twee.jsonl")
        assert one.sha256 == two.sha256
        read = [
            event.fact.sha256
            for event in ledger.booked()
            if isinstance(event.fact, ev.BestandIngelezen)
        ]
        assert read.count(one.sha256) == 1


def test_a_line_whose_type_is_no_text_is_refused() -> None:
    with ledger_of() as ledger:
        odd: list[object] = [["x"], {"x": 1}, 7, None, True]
        imported = import_events(ledger, [*({**BIRTH, "type": kind} for kind in odd), BIRTH])
        assert imported.booked.geboekt == 1
        assert [one.regelnummer for one in imported.booked.refused] == [1, 2, 3, 4, 5]


@pytest.mark.beide
def test_an_append_on_a_stale_version_is_a_conflict() -> None:
    with ledger_of([BIRTH]) as ledger:
        stream = ledger.vault.find([PGN])[PGN].stream
        stale = StoredEvent(stream, 1, "LeerlingGeregistreerd", b"{}")
        before = ledger.head()
        with pytest.raises(RecordConflictError):
            ledger.append([stale], Stamp("nu", "hand"), IndexRows())
        assert (ledger.position, ledger.head()) == (2, before)


@pytest.mark.beide
def test_lines_are_checked_again_when_another_process_booked_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one registers the enrolment that a line of ours wants to register too."""
    with create(tmp_path / "grootboek") as mine, open_ledger(tmp_path / "grootboek") as theirs:
        import_events(mine, [BIRTH])
        rival = {**ENROLLED, "vestigingscode": "12QN01"}
        _meanwhile(monkeypatch, mine, lambda: import_events(theirs, [rival], "rivaal.jsonl"))
        imported = import_events(mine, [ENROLLED, LEFT], "mijn.jsonl")
        assert (imported.booked.geboekt, len(imported.booked.refused)) == (1, 1)
        assert imported.booked.refused[0].problems[0].veld == "volgnummer"
        assert mine.first_break() is None
        assert [ev.topic_of(event.fact) for event in mine.booked()] == [
            "LeerlingGeregistreerd",
            "BestandIngelezen",
            "InschrijvingGeregistreerd",
            "BestandIngelezen",
            "UitschrijvingGeregistreerd",
            "BestandIngelezen",
        ]


@pytest.mark.beide
def test_the_same_lines_of_another_process_are_known_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = [BIRTH, {**ENROLLED, "kenmerk": "ROD-1"}]
    with create(tmp_path / "grootboek") as mine, open_ledger(tmp_path / "grootboek") as theirs:
        _meanwhile(monkeypatch, mine, lambda: import_events(theirs, feed, "hun.jsonl"))
        imported = import_events(mine, feed, "mijn.jsonl")
        assert (imported.booked.geboekt, imported.booked.al_bekend) == (0, 2)
        assert len([event for event in mine.booked() if event.originator_id.hex > FIRST_PUPIL]) == 2


@pytest.mark.beide
def test_what_was_odd_is_told_also_after_a_conflict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the lines were booked before another process interfered: nothing gets lost."""
    monkeypatch.setattr(booking, "BATCH", 1)
    odd = [
        {
            "type": "TlvAfgegeven",
            "bekend_op": f"2024-08-1{serial}",
            "pgn": PGN,
            "nummer": f"PO2304-2024-0000{serial}",
            "categorie": "LAAG",
            "begindatum": "2024-08-01",
            "einddatum": "2026-07-30",
        }
        for serial in range(4)
    ]
    with create(tmp_path / "grootboek") as mine, open_ledger(tmp_path / "grootboek") as theirs:
        import_events(mine, [BIRTH])
        _meanwhile(monkeypatch, mine, lambda: import_events(theirs, [LEFT_ALONE]), call=3)
        imported = import_events(mine, odd, "mijn.jsonl")
        assert imported.booked.geboekt == 4
        assert [number for number, _ in sorted(imported.booked.warnings)] == [1, 2, 3, 4]


def test_it_gives_up_when_others_always_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with create(tmp_path / "grootboek") as ledger:

        def append(*_: object) -> None:
            raise RecordConflictError

        monkeypatch.setattr(ledger, "append", append)
        with pytest.raises(RecordConflictError, match="ander proces"):
            import_events(ledger, [BIRTH])
        monkeypatch.undo()
        assert ledger.position == 0


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    with create(tmp_path / "grootboek") as ledger:
        path = write_feed(tmp_path / "feed.jsonl", [BIRTH, {**BIRTH, "pgn": "1"}])
        imported = _dry(ledger, path)
        assert (imported.booked.geboekt, len(imported.booked.refused)) == (1, 1)
        assert ledger.position == 0
        assert ledger.vault.find([PGN]) == {}
        assert not list(tmp_path.glob("*afgekeurd*"))


@pytest.mark.beide
def test_strict_books_all_or_nothing(tmp_path: Path) -> None:
    with create(tmp_path / "grootboek") as ledger:
        bad = write_feed(tmp_path / "slecht.jsonl", [BIRTH, {**BIRTH, "pgn": "1"}])
        refused = import_feed(ledger, bad, NOW, strict=True)
        assert refused.geweigerd
        assert ledger.position == 0
        good = write_feed(tmp_path / "goed.jsonl", [BIRTH, ENROLLED])
        assert not import_feed(ledger, good, NOW, strict=True).geweigerd
        assert ledger.position == 3


@pytest.mark.map("about the files of a folder")
def test_a_ledger_is_made_once_and_opened_often(tmp_path: Path) -> None:
    folder = tmp_path / "diep" / "grootboek"
    with pytest.raises(LedgerError, match="staat geen grootboek"):
        open_ledger(folder)
    with create(folder) as ledger:
        import_events(ledger, [BIRTH])
    with pytest.raises(LedgerError, match="staat al een grootboek"):
        create(folder)
    for _ in range(2):
        with open_ledger(folder) as ledger:
            assert ledger.position == 2
    assert (folder / EVENTS_FILE).is_file()


def test_a_canonical_line_comes_back_as_it_was() -> None:
    with ledger_of([BIRTH]) as ledger:
        (event,) = ledger.vault.reveal(ledger.pupil_events())
        line = format_line(event, PGN)
        assert line == (
            b'{"type":"LeerlingGeregistreerd","bekend_op":"2024-08-15","pgn":"111222333",'
            b'"geboortedatum":"2013-03-29"}\n'
        )


LEFT_ALONE: Line = {**BIRTH, "bekend_op": "2025-01-01"}


def _dry(ledger: Ledger, path: Path) -> Imported:
    return import_feed(ledger, path, NOW, dry_run=True)


def _meanwhile(
    monkeypatch: pytest.MonkeyPatch, ledger: Ledger, act: Callable[[], object], call: int = 1
) -> None:
    """Let another process act just before the ledger's `call`-th append."""
    real, calls = ledger.append, list[int]()

    def append(stored: Sequence[StoredEvent], stamp: Stamp, index: IndexRows) -> None:
        calls.append(1)
        if len(calls) == call:
            act()
        real(stored, stamp, index)

    monkeypatch.setattr(ledger, "append", append)
