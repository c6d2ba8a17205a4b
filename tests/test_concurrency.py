"""Several processes on one ledger: nothing lost, nothing doubled, never a half state."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.events import LEDGER_FACTS, topic_of
from projections.refresh import as_of_position, rebuild, refreshed
from projections.store.read_model import ReadModel
from projections.verification import verify
from synthetic.region import region
from tests.command import kijkglas
from tests.ledgers import AsOf, dashboard_1a, import_events, stand_rows, write_feed
from tests.places import (
    SQLITE,
    address_of,
    create,
    events_of,
    folder_of,
    generations,
    kind,
    left_over,
    open_ledger,
)
from tests.processes import PARTED, SMALL_STEPS, Running, exported, is_sound, start

Line = dict[str, Any]

pytestmark = pytest.mark.usefixtures("only_sqlite")

TELDATUM = date(2025, 2, 1)
TINY_STEPS = {**SMALL_STEPS, "ledger.booking:BATCH": 15}
PAUSE = ("ledger.application:Ledger.append", 0.03)
"""Some forty appends of a second and a half together: time for others in between."""


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """Return a region whose pupils come with a few that get another number."""
    joined = [
        {"type": "PgnVervangen", "bekend_op": "2025-06-01", "pgn": old, "nieuw_pgn": new}
        for old, new in (("100000004", "111222333"), ("100000041", "123456782"))
    ]
    born = [
        {"type": "LeerlingGeregistreerd", "bekend_op": "2024-06-01", "pgn": pgn}
        | {"geboortedatum": "2013-03-29"}
        for pgn in ("100000004", "111222333", "100000041", "123456782")
    ]
    return [*region(2025, 60), *born, *joined]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, lines: list[Line]) -> list[bytes]:
    """Return what a ledger knows that one process imported, undisturbed."""
    folder = tmp_path_factory.mktemp("alleen") / "grootboek"
    with create(folder) as ledger:
        assert not import_events(ledger, lines).booked.refused
    return exported(folder)


@pytest.mark.beide
@pytest.mark.parametrize("count", [2, 3])
def test_the_same_file_imported_at_once_is_booked_once(
    count: int, tmp_path: Path, lines: list[Line], alone: list[bytes]
) -> None:
    folder = _empty(tmp_path)
    path = write_feed(tmp_path / "feed.jsonl", lines)
    outs = _at_once(folder, [path] * count)
    booked = [int(out.split("geboekt ")[1].split(",")[0]) for out in outs]
    known = [int(out.split("al bekend ")[1].split(",")[0]) for out in outs]
    assert sum(booked) == len(alone)
    assert sum(booked) + sum(known) == count * len(lines)
    _assert_whole(folder, alone, files=1)


@pytest.mark.beide
@pytest.mark.parametrize("count", [2, 3])
def test_files_about_the_same_pupils_imported_at_once_lose_nothing(
    count: int, tmp_path: Path, lines: list[Line], alone: list[bytes]
) -> None:
    """Every pupil is in all of the files; each registers its own enrolments first."""
    folder = _empty(tmp_path)
    paths = [
        write_feed(tmp_path / f"deel{part}.jsonl", _part(lines, part, count))
        for part in range(count)
    ]
    _at_once(folder, paths)
    _assert_whole(folder, alone, files=count)


def test_overlapping_files_imported_at_once_lose_and_double_nothing(
    tmp_path: Path, lines: list[Line], alone: list[bytes]
) -> None:
    folder = _empty(tmp_path)
    third = len(lines) // 3
    paths = [
        write_feed(tmp_path / "een.jsonl", lines),
        write_feed(tmp_path / "twee.jsonl", lines[: 2 * third]),
        write_feed(tmp_path / "drie.jsonl", lines[:third]),
    ]
    _at_once(folder, paths)
    _assert_whole(folder, alone, files=3)


@pytest.mark.beide
def test_one_kenmerk_is_given_to_one_event(tmp_path: Path) -> None:
    """Two sources of the same name say something else under one kenmerk, at once."""
    folder = _empty(tmp_path)
    paths = []
    for number in range(2):
        events = [
            {"type": "SwvGeregistreerd", "bekend_op": "2024-01-01", "kenmerk": f"K{serial}"}
            | {"swv": f"PO{serial:04}", "naam": f"Naam {number}"}
            for serial in range(200)
        ]
        paths.append(write_feed(tmp_path / f"bron{number}.jsonl", events))
    _at_once(folder, paths, expected={0, 3})
    lines = [line for line in exported(folder) if b"SwvGeregistreerd" in line]
    assert len(lines) == 200
    with open_ledger(folder) as ledger:
        kenmerken = [event.kenmerk for event in ledger.booked() if event.kenmerk]
        assert len(set(kenmerken)) == len(kenmerken) == 200
        assert ledger.first_break() is None


@pytest.mark.beide
def test_who_reads_during_an_import_sees_the_ledger_as_it_stood(
    tmp_path: Path, lines: list[Line], alone: list[bytes]
) -> None:
    """Every dashboard is the one of its position; and readers hinder no writer."""
    folder = _empty(tmp_path)
    path = write_feed(tmp_path / "feed.jsonl", lines)
    seen: dict[int, object] = {}
    importing = start(folder, "import", str(path), values=TINY_STEPS, pause=PAUSE)
    while not importing.is_over():
        with open_ledger(folder) as ledger:
            model = refreshed(ledger)
            seen[model.position] = _answers(ledger, model)
            model.close()
    assert importing.end().status == 0
    assert len(seen) >= 3
    with open_ledger(folder) as ledger:
        assert max(seen) <= ledger.position
        for position in sorted(seen)[:: max(1, len(seen) // 8)]:
            with as_of_position(ledger, position) as then:
                assert _answers(ledger, then) == seen[position]
    _assert_whole(folder, alone, files=1)


def test_reports_during_an_import_say_the_position_they_are_of(
    tmp_path: Path, lines: list[Line]
) -> None:
    folder = _empty(tmp_path)
    path = write_feed(tmp_path / "feed.jsonl", lines)
    importing = start(folder, "import", str(path), values=TINY_STEPS, pause=PAUSE)
    reports = []
    while not importing.is_over():
        words = ("stand", "--teldatum", TELDATUM.isoformat(), "--format", "json")
        done = kijkglas("--ledger", address_of(folder), *words)
        assert done.status == 0
        reports.append(done.answer)
    assert importing.end().status == 0
    by_position = {report["herkomst"]["positie"]: report for report in reports}
    assert len(by_position) >= 2
    with open_ledger(folder) as ledger:
        for position, report in list(by_position.items())[:4]:
            assert report["herkomst"]["hoofd"] == ledger.head_at(position)
            then = ("--positie", position, "--format", "json")
            again = kijkglas("--ledger", address_of(folder), "stand", "--teldatum", TELDATUM, *then)
            assert again.rows == report["rows"]


@pytest.mark.beide
def test_several_processes_bring_the_read_model_up_at_once(
    tmp_path: Path, lines: list[Line], alone: list[bytes]
) -> None:
    folder = _empty(tmp_path)
    with create_again(folder) as ledger:
        import_events(ledger, lines[: len(lines) // 2], "een.jsonl")
        refreshed(ledger).close()
        import_events(ledger, lines[len(lines) // 2 :], "twee.jsonl")
    running = [
        start(folder, "stand", "--teldatum", TELDATUM.isoformat(), "--format", "jsonl")
        for _ in range(3)
    ]
    ended = [process.end() for process in running]
    assert [status for status, _, _ in ended] == [0, 0, 0]
    assert len({out for _, out, _ in ended}) == 1
    assert ended[0][1]
    _assert_whole(folder, alone, files=2)


@pytest.mark.beide
def test_rebuilds_at_once_leave_one_good_read_model(
    tmp_path: Path, lines: list[Line], alone: list[bytes]
) -> None:
    folder = _empty(tmp_path)
    with create_again(folder) as ledger:
        import_events(ledger, lines)
    words = ("rebuild", "--workers", "2")
    running = [start(folder, *words, values=PARTED), start(folder, "rebuild")]
    running.append(start(folder, "stand", "--teldatum", TELDATUM.isoformat()))
    ended = [process.end() for process in running]
    assert [status for status, _, _ in ended] == [0, 0, 0], ended
    assert len(generations(folder)) == 1
    assert left_over(folder) == set()
    _assert_whole(folder, alone, files=1)


def test_an_import_and_a_rebuild_at_once(
    tmp_path: Path, lines: list[Line], alone: list[bytes]
) -> None:
    folder = _empty(tmp_path)
    path = write_feed(tmp_path / "feed.jsonl", lines)
    importing = start(folder, "import", str(path), values=TINY_STEPS)
    while not importing.is_over():
        with open_ledger(folder) as ledger:
            rebuild(ledger, 1).close()
    assert importing.end().status == 0
    _assert_whole(folder, alone, files=1)


@pytest.mark.map("counts the statements of SQLite as they are traced")
@pytest.mark.parametrize(
    "words", [("report", "dashboard-1a"), ("report", "dashboard-1b"), ("stand",)]
)
def test_a_report_sees_one_state_while_another_process_catches_up(
    words: tuple[str, ...], tmp_path: Path, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catch-up of another process falls before the first query, the second, and so on."""
    folder = _empty(tmp_path)
    step = len(lines) // 16
    with open_ledger(folder) as theirs:
        import_events(theirs, lines[: 4 * step], "begin.jsonl")
        model = refreshed(theirs)
        asked = (*words, "--swv", _largest(model), "--teldatum", TELDATUM.isoformat())
        model.close()
        for number in range(1, 12):
            before = _asked(folder, asked)
            part = lines[(3 + number) * step : (4 + number) * step]
            acted: list[int] = []
            with monkeypatch.context() as patch:
                _before_query(patch, number, partial(_more, theirs, part, acted))
                found = _asked(folder, asked)
            if not acted:  # the question needs fewer queries than this
                break
            after = _asked(folder, asked)
            assert before != after
            assert found in (before, after), f"query {number}"
        assert number > 3


def test_a_check_during_the_catch_up_of_another_process_finds_nothing_wrong(
    tmp_path: Path, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process brings the read model up between its replay and the comparison."""
    folder = _empty(tmp_path)
    half, other = len(lines) // 2, list[Running]()
    with create_again(folder) as mine, open_ledger(folder) as theirs:
        import_events(mine, lines[:half], "een.jsonl")
        refreshed(mine).close()

        @contextmanager
        def built(ledger: Ledger, position: int) -> Iterator[ReadModel]:
            with as_of_position(ledger, position) as made:
                import_events(theirs, lines[half:], "twee.jsonl")
                other.append(start(folder, "stand", "--teldatum", TELDATUM.isoformat()))
                # It may have to wait for this check; then it catches up afterwards.
                deadline = time.monotonic() + 1.5
                while not other[0].is_over() and time.monotonic() < deadline:
                    time.sleep(0.01)
                yield made

        monkeypatch.setattr("projections.verification.as_of_position", built)
        found = [check for check in verify(mine) if check.gevonden]
        assert other[0].end().status == 0
        assert found == []


@pytest.mark.beide
def test_a_reader_waits_for_nobody(tmp_path: Path, lines: list[Line]) -> None:
    """A writer holds its lock; a read model that is up to date is read all the same."""
    folder = _empty(tmp_path)
    with create_again(folder) as ledger:
        import_events(ledger, lines[:50])
        refreshed(ledger).close()
        with closing(events_of(folder)) as writer, writer.writing():
            if kind() != SQLITE:  # there the lock of an append is one of the table
                writer.execute("LOCK TABLE stored_events IN EXCLUSIVE MODE")
            model = refreshed(ledger)
            assert model.position == ledger.position == 51
            model.close()


def create_again(folder: Path) -> Ledger:
    """Open the empty ledger that was made before."""
    return open_ledger(folder)


def _empty(tmp_path: Path) -> Path:
    with create(tmp_path / "grootboek") as ledger:
        return folder_of(ledger)


def _part(lines: list[Line], part: int, parts: int) -> list[Line]:
    """Return a share of the lines that can be booked by itself.

    Lines about one enrolment, tlv or number stay together; what else is known of a pupil is
    spread, so that all files write to the same streams.
    """
    return [line for line in lines if _share(line) % parts == part]


def _share(line: Line) -> int:
    for field in ("volgnummer", "nummer", "pgn"):
        if field in line and line["type"] not in {"TlvGekoppeld", "TlvOntkoppeld"}:
            return sum(map(ord, f"{line.get('pgn')}{line[field]}"))
    return sum(map(ord, str(line.get("volgnummer", line["type"])) + str(line.get("pgn"))))


def _at_once(folder: Path, paths: Iterable[Path], expected: Iterable[int] = (0,)) -> list[str]:
    """Import files, each in a process of its own, all at once; return what they said."""
    running = [start(folder, "import", str(path), values=TINY_STEPS) for path in paths]
    ended = [process.end() for process in running]
    assert {status for status, _, _ in ended} <= set(expected), ended
    assert all("Traceback" not in err for _, _, err in ended)
    return [out for _, out, _ in ended]


def _assert_whole(folder: Path, alone: list[bytes], files: int) -> None:
    assert exported(folder) == alone
    with open_ledger(folder) as ledger:
        topics = Counter(topic_of(event.fact) for event in ledger.booked())
        assert ledger.position == len(alone) + files
        assert sum(topics[name] for name in LEDGER_FACTS) == files
        identities = [event.identiteit for event in ledger.booked()]
        assert len(set(identities)) == len(identities)
        versions = Counter(
            (event.originator_id, event.originator_version) for event in ledger.booked()
        )
        assert set(versions.values()) == {1}
    assert is_sound(folder)


def _answers(ledger: Ledger, model: ReadModel) -> object:
    as_of = AsOf(TELDATUM)
    swvs = [
        row[0]
        for row in model.execute(
            "SELECT DISTINCT swv FROM standen WHERE swv IS NOT NULL ORDER BY 1 LIMIT 4"
        )
    ]
    tables = [dashboard_1a(model, as_of, swv) for swv in swvs]
    return stand_rows(ledger, model, TELDATUM), tables


def _largest(model: ReadModel) -> str:
    query = "SELECT swv FROM standen WHERE swv LIKE 'PO%' GROUP BY 1 ORDER BY count(*) DESC"
    return str(next(iter(model.execute(query)))[0])


def _asked(folder: Path, words: tuple[str, ...]) -> object:
    """Return the answer to a question with the position and the head in its heading."""
    done = kijkglas("--ledger", address_of(folder), *words, "--format", "json")
    assert done.status == 0, done.err
    answer = dict(done.answer)
    origin = answer.pop("herkomst")
    return answer, origin["positie"], origin["hoofd"]


def _more(ledger: Ledger, part: list[Line], acted: list[int]) -> None:
    acted.append(1)
    import_events(ledger, part, "meer.jsonl")
    refreshed(ledger).close()


def _before_query(patch: pytest.MonkeyPatch, number: int, act: Callable[[], object]) -> None:
    """Let something happen before the n-th SELECT on the read model that is opened first."""
    opened: list[sqlite3.Connection] = []
    seen: list[str] = []
    connect = sqlite3.connect

    def traced(text: str) -> None:
        if text.lstrip().upper().startswith("SELECT"):
            seen.append(text)
            if len(seen) == number:
                act()

    def connecting(database: object, **settings: Any) -> sqlite3.Connection:  # noqa: ANN401 - passed on
        made: sqlite3.Connection = connect(str(database), **settings)
        if not opened and "standen-" in str(database):
            opened.append(made)
            made.set_trace_callback(traced)
        return made

    patch.setattr("projections.store.sqlite_model.sqlite3.connect", connecting)
