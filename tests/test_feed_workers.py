"""A feed prepared by any number of processes, in any parts, books one and the same ledger."""

from __future__ import annotations

import hmac
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import permutations
from multiprocessing.context import ForkProcess
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import feed_import
from ledger.exporting import feed_lines
from ledger.fresh import TOGETHER, FreshIds
from ledger.importing import Imported, Wishes, import_file
from ledger.intake.feed import Parsed, Refused, parse_line, parse_lines
from ledger.intake.parts import parts
from ledger.keyed import KeyedHash
from ledger.workers import Task, prepared_parts
from synthetic.region import region
from tests.ledgers import NOW, write_feed
from tests.places import create, open_ledger
from tests.processes import ROOT, SMALL_STEPS, exported, is_at_end, is_sound, run, start

Line = dict[str, Any]

SOURCE = "gebeurtenissen"
MANY_PARTS = 10_000
HASHED = 2_000
"""Bytes in a part with which the feed is too large to keep its order."""


def _pupil(line: Line) -> str:
    return str(line.get("pgn"))


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """Return a region with everything in it that makes one line depend on another."""
    made: list[Line] = list(region(2025, 60, ordered=False))
    pupils = [line for line in made if "pgn" in line]
    marked = [line for line in pupils if "kenmerk" in line]
    issued = [line for line in pupils if line["type"] == "TlvAfgegeven"]
    known, other = marked[3], marked[-3]
    clashing = {**other, "bron": known["bron"], "kenmerk": known["kenmerk"]}
    elsewhere = {**issued[0], "pgn": issued[-1]["pgn"], "kenmerk": "NIEUW-1"}
    joined = [
        {"type": "LeerlingGeregistreerd", "bekend_op": "2024-06-01", "pgn": pgn}
        | {"geboortedatum": "2013-03-29"}
        for pgn in ("100000004", "111222333")
    ]
    replaced = {"type": "PgnVervangen", "bekend_op": "2025-06-01", "pgn": "100000004"}
    bad = [
        {"type": "Iets", "bekend_op": "2025-01-01"},
        {**marked[5], "pgn": "123456789", "kenmerk": "SLECHT-1"},
        {**pupils[40], "bekend_op": "2999-01-01"},
        {"type": "TlvIngetrokken", "bekend_op": "2025-01-01", "pgn": pupils[9]["pgn"]}
        | {"nummer": "PO9901-2024-99999", "per": "2025-02-01"},
    ]
    made[len(made) // 2 : len(made) // 2] = [*bad, *joined]
    return [*made, clashing, elsewhere, pupils[7], {**replaced, "nieuw_pgn": "111222333"}]


@pytest.fixture(scope="module", params=["pupil by pupil", "mixed"])
def feed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, lines: list[Line]
) -> Path:
    listed = list(lines)
    if request.param == "mixed":
        Random(7).shuffle(listed)  # noqa: S311 - no secret is made
    return write_feed(tmp_path_factory.mktemp("feed") / "feed.jsonl", listed)


def _imported(folder: Path, feed: Path, **wishes: Any) -> tuple[Imported, list[bytes]]:  # noqa: ANN401
    with create(folder) as ledger:
        imported = import_file(ledger, feed, SOURCE, NOW, Wishes(**wishes))
        assert ledger.first_break() is None
        return imported, list(feed_lines(ledger))


def _told(imported: Imported) -> tuple[object, ...]:
    booked = imported.booked
    refused = sorted((one.regelnummer, one.problems, one.line) for one in booked.refused)
    warned = sorted((number, str(problem)) for number, problem in booked.warnings)
    return imported.regels, booked.geboekt, booked.al_bekend, refused, warned


def _one_after_another(folder: Path, feed: Path) -> tuple[Imported, list[bytes]]:
    """Import in one process without anything prepared: every event is shown."""
    return _imported(folder, feed, show=lambda _: None)


@pytest.mark.parametrize("part_bytes", [None, MANY_PARTS])
@pytest.mark.parametrize("workers", [0, 1, 3])
def test_any_number_of_workers_books_what_one_line_after_another_does(
    workers: int,
    part_bytes: int | None,
    feed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow, in_order = _one_after_another(tmp_path / "een", feed)
    assert slow.booked.refused
    assert slow.booked.al_bekend == 1
    assert any("andere leerling gezien" in str(problem) for _, problem in slow.booked.warnings)
    if part_bytes is not None:
        monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=part_bytes))
        assert len(parts(feed, part_bytes)) > 4
    fast, lines = _imported(tmp_path / "twee", feed, workers=workers)
    assert _told(fast) == _told(slow)
    assert lines == in_order


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_feed_too_large_for_its_own_order_is_booked_alike_by_any_number(
    workers: int, feed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=HASHED))
    found = parts(feed, HASHED)
    assert not found.in_order
    alone, in_order = _imported(tmp_path / "een", feed, workers=0)
    together, lines = _imported(tmp_path / "twee", feed, workers=workers)
    assert _told(together) == _told(alone)
    assert lines == in_order


def test_a_dry_run_in_parts_tells_what_the_import_tells(
    feed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a kenmerk and of a tlv number that another part names too."""
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=HASHED))
    with create(tmp_path / "grootboek") as ledger:
        dry = import_file(ledger, feed, SOURCE, NOW, Wishes(dry_run=True))
        assert ledger.position == 0
        booked = import_file(ledger, feed, SOURCE, NOW, Wishes(workers=0))
    assert any("andere leerling gezien" in str(problem) for _, problem in booked.booked.warnings)
    assert _told(dry) == _told(booked)


def test_a_feed_that_is_known_books_nothing_in_parts(
    feed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=MANY_PARTS))
    with create(tmp_path / "grootboek") as ledger:
        first = import_file(ledger, feed, SOURCE, NOW, Wishes(workers=2)).booked
        position = ledger.position
        again = import_file(ledger, feed, SOURCE, NOW, Wishes(workers=2)).booked
        assert ledger.position == position
    assert again.geboekt == 0
    assert again.al_bekend == first.geboekt + first.al_bekend


def test_pupils_that_are_known_and_new_ones_are_booked_together(
    lines: list[Line], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second half of every history comes with the pupils that are new."""
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=MANY_PARTS))
    early = [line for line in lines if _pupil(line)[-1:] in "02468" or "pgn" not in line]
    half = write_feed(tmp_path / "half.jsonl", early[: len(early) // 2])
    whole = write_feed(tmp_path / "heel.jsonl", lines)
    outcomes = []
    for name, wishes in (("een", Wishes(show=lambda _: None)), ("twee", Wishes(workers=2))):
        with create(tmp_path / name) as ledger:
            told = [_told(import_file(ledger, path, SOURCE, NOW, wishes)) for path in (half, whole)]
            outcomes.append((told, list(feed_lines(ledger))))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("part_bytes", [MANY_PARTS // 4, HASHED // 8])
def test_a_line_sees_what_an_earlier_part_says_of_the_pupil_it_was_joined_with(
    part_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two PGN's became one in another import after the parts were found; a third joins them."""
    for one, two, three in permutations(("100000004", "111222333", "123456782")):
        known, feed = _joined_in_two_feeds(tmp_path, one, two, three)
        part_of = {
            json.loads(line)["pgn"]: number
            for number, part in enumerate(parts(feed, part_bytes))
            for _, line in part
        }
        if part_of[one] < part_of[three]:
            break
    else:
        raise AssertionError
    monkeypatch.setattr(feed_import, "parts", lambda path, joined: parts(path, part_bytes))  # noqa: ARG005 - not known yet
    with create(tmp_path / "grootboek") as ledger:
        assert not import_file(ledger, known, SOURCE, NOW, Wishes()).booked.refused
        assert import_file(ledger, feed, SOURCE, NOW, Wishes(workers=0)).booked.refused == ()
        assert len(ledger.vault.joined()) == 2


def _joined_in_two_feeds(folder: Path, one: str, two: str, three: str) -> tuple[Path, Path]:
    birth = {"type": "LeerlingGeregistreerd", "bekend_op": "2024-06-01"}
    births = [birth | {"pgn": pgn, "geboortedatum": "2013-03-29"} for pgn in (one, two, three)]
    replaced = {"type": "PgnVervangen", "bekend_op": "2024-07-01"}
    sleutel = {"instellingscode": "99AA", "volgnummer": "1"}
    enrolled = {"type": "InschrijvingGeregistreerd", "bekend_op": "2024-08-15", "pgn": one}
    first = {"begindatum": "2024-08-01", "vestigingscode": "99AA00", "schoolsoort": "SO"}
    changed = {"type": "InschrijvingGewijzigd", "bekend_op": "2024-09-15", "pgn": three}
    later = {"vanaf": "2024-09-01", "bekostigbaar": False}
    lives = {"type": "WoonplaatsVastgelegd", "bekend_op": "2024-10-01", "pgn": one}
    return (
        write_feed(folder / "bekend.jsonl", [*births, replaced | {"pgn": two, "nieuw_pgn": three}]),
        write_feed(
            folder / "feed.jsonl",
            [
                replaced | {"pgn": one, "nieuw_pgn": two},
                enrolled | sleutel | first,
                *(line for line in region(2025, 10) if "pgn" in line),
                changed | sleutel | later,
                lives | {"vanaf": "2020-01-01", "pc4": "7511"},
            ],
        ),
    )


# The usual form of a line and any other form of it


VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 10**20),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.sampled_from(
        ["", "2025-02-30", "2025-02-01", "99AA", "99AA00", "SO", "duo", "PO9901-2024-00012"]
    ),
    st.text('Aé 9"\\\0{', max_size=5),
    st.lists(st.sampled_from(["PO9901-2024-00012", "VO9901", 3]), max_size=2),
    st.dictionaries(
        st.sampled_from(["pgn", "vanaf"]), st.sampled_from(["", "100000004"]), max_size=1
    ),
)
SAMPLES: list[Line] = list(
    {line["type"]: line for line in region(2025, 60) if "pgn" in line}.values()
)


@given(st.data())
def test_a_line_says_the_same_in_the_usual_form_and_in_any_other(data: st.DataObject) -> None:
    line = dict(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(0, 2))):
        key = data.draw(st.sampled_from([*line, "extra"]))
        if data.draw(st.booleans()):
            line[key] = data.draw(VALUES)
        else:
            line.pop(key, None)
    pgn = {"pgn": line.pop("pgn")} if "pgn" in line else {}
    separators = data.draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    rest = {key: line.pop(key) for key in list(line) if key not in {"type", "bekend_op", "bron"}}
    kenmerk = {"kenmerk": rest.pop("kenmerk")} if "kenmerk" in rest else {}
    usual = _parsed({**line, **kenmerk, **pgn, **rest}, separators)
    other = _parsed({**rest, **line, **kenmerk, **pgn}, separators)
    assert usual == other


def _parsed(line: Line, separators: tuple[str, str]) -> object:
    read = parse_line(1, json.dumps(line, separators=separators).encode(), NOW)
    return read if isinstance(read, Parsed) else sorted(map(str, read.problems))


@given(st.sampled_from(SAMPLES), st.data())
def test_a_damaged_line_is_never_read_as_another_one(line: Line, data: st.DataObject) -> None:
    """Whatever byte is damaged, the line says what JSON makes of it, or is refused."""
    whole = json.dumps(line, separators=(",", ":")).encode()
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :]
    read = parse_line(1, damaged, NOW)
    again = parse_line(1, b" " + damaged.replace(b'"pgn":', b'"pgn" :', 1), NOW)
    if isinstance(read, Refused):
        assert isinstance(again, Refused)
        assert read.problems == again.problems
    else:
        assert read == again


LINES = [json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in SAMPLES]
AN_OBJECT = b'{"type":"InschrijvingVerwijderd","bekend_op":"2025-01-01","pgn":"100000004",'
KEY = b'"instellingscode":"99AA","volgnummer":"1"'


@given(st.data())
def test_lines_read_together_say_what_each_of_them_says(data: st.DataObject) -> None:
    """Whatever was damaged in some of them."""
    lines = data.draw(st.lists(st.sampled_from(LINES), max_size=12))
    for place in data.draw(st.sets(st.integers(0, 11), max_size=3)):
        if place < len(lines):
            line = lines[place]
            at = data.draw(st.integers(0, len(line) - 2))
            some = data.draw(st.sampled_from([b"", b'"', b"{", b"}", b",", b"]", b"\\", b"0"]))
            lines[place] = line[:at] + some + line[at + 1 :]
    _assert_each_says_the_same(lines)


@pytest.mark.parametrize(
    "lines",
    [
        # A text, a list or an object that is open at the end, and what closes it in the next.
        [AN_OBJECT + KEY + b',"reden":"a\n', AN_OBJECT + b'"},{"reden":"b"}\n'],
        [
            AN_OBJECT + KEY + b',"reden":[{"a":1}\n',
            AN_OBJECT + b'"a":2}]}\n',
            AN_OBJECT + KEY + b'},{"a":3}\n',
        ],
        [AN_OBJECT + KEY + b"},{" + KEY + b"}\n"],
        [AN_OBJECT + KEY + b"}\n", AN_OBJECT + KEY + b"}}"],
        [AN_OBJECT + KEY + b"}\n", AN_OBJECT + KEY + b"}"],
        [AN_OBJECT + KEY + b"}\r\n", AN_OBJECT + KEY + b"} \n"],
        [b'"pgn":"100000004",\n', b"x" * 15 + b'",}\n'],
    ],
)
def test_no_line_is_completed_by_the_next_one(lines: list[bytes]) -> None:
    _assert_each_says_the_same(lines)


def _assert_each_says_the_same(lines: list[bytes]) -> None:
    numbers = range(7, 7 + len(lines))
    alone = [parse_line(number, line, NOW) for number, line in zip(numbers, lines, strict=True)]
    assert parse_lines(numbers, lines, NOW) == alone


# What is under it


@given(st.binary(max_size=64), st.binary(max_size=300))
def test_the_keyed_hash_is_the_one_of_the_standard(key: bytes, content: bytes) -> None:
    assert KeyedHash(key).digest(content) == hmac.digest(key, content, "sha256")


def test_fresh_ids_stand_together_and_spread_evenly() -> None:
    fresh = FreshIds()
    ids = [fresh.next() for _ in range(TOGETHER * 160)]
    assert len(set(ids)) == len(ids)
    assert {one.version for one in ids} == {4}
    assert min(one.int >> 96 for one in ids) > 0
    heads = Counter(one.int >> 96 for one in ids)
    assert len(heads) in {160, 161}
    shares = Counter(head >> 28 for head in heads)
    assert set(shares) == set(range(16))
    assert max(shares.values()) <= 12


# Workers that end, and a process that ends before them


PREPARED = {
    **SMALL_STEPS,
    "ledger.intake.parts:PART_BYTES": 10_000,
}


def _empty(folder: Path) -> Path:
    with create(folder):
        return folder


@pytest.fixture
def task(tmp_path: Path, feed: Path) -> Iterator[Task]:
    with create(tmp_path / "grootboek") as ledger:
        yield Task(parts(feed, MANY_PARTS), NOW, ledger.vault, "")


def _nothing_known(_: list[bytes]) -> set[bytes]:
    return set()


def _left_behind(pids: Iterable[int]) -> list[int]:
    """Return the processes of ours that nobody waited for."""
    left = []
    for pid in pids:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
            left.append(pid)
    return left


def test_of_a_worker_that_died_nothing_is_left(task: Task) -> None:
    """No process to wait for, no pipe, no thread."""
    open_before, threads = _open_files(), threading.active_count()
    alone = list(prepared_parts(task, _nothing_known, 0))
    found = prepared_parts(task, _nothing_known, 3)
    first = next(found)
    pids = [int(child.pid or 0) for child in multiprocessing.active_children()]
    os.kill(pids[0], signal.SIGKILL)
    assert sum(one.regels for one in (first, *found)) == sum(one.regels for one in alone)
    assert len(pids) == 3
    assert _left_behind(pids) == []
    assert (_open_files(), threading.active_count()) == (open_before, threads)


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names are all it takes


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_workers_end_when_a_next_one_cannot_start(
    error: type[BaseException], task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted it ends them; on a system that gives no more processes it goes on."""
    open_before, threads = _open_files(), threading.active_count()
    started: list[int] = []
    real = ForkProcess.start

    def start_two(process: ForkProcess) -> None:
        if len(started) == 2:
            raise error
        real(process)
        started.append(int(process.pid or 0))

    monkeypatch.setattr(ForkProcess, "start", start_two)
    found = prepared_parts(task, _nothing_known, 4)
    if error is OSError:
        assert len(list(found)) == len(task.parts)
    else:
        with pytest.raises(error):
            next(found)
    assert len(started) == 2
    assert _left_behind(started) == []
    assert (_open_files(), threading.active_count()) == (open_before, threads)


def test_a_process_with_threads_that_python_does_not_know_is_not_copied() -> None:
    """In a process of its own: DuckDB keeps its threads."""
    asked = (
        "import threading\n"
        "from ledger.workers import workers_for\n"
        "before = workers_for(8)\n"
        "import duckdb\n"
        "connection = duckdb.connect(config={'threads': 4})\n"
        "connection.execute('SELECT sum(i) FROM range(1000000) t(i)').fetchall()\n"
        "print(before, workers_for(8), threading.active_count())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, cwd=ROOT, check=True
    )
    cores = len(os.sched_getaffinity(0))
    assert done.stdout.split() == [str(min(cores, 8) if cores > 1 else 0), "0", "1"]


@pytest.mark.beide
def test_workers_end_with_the_import_that_is_killed(tmp_path: Path, feed: Path) -> None:
    folder = _empty(tmp_path / "grootboek")
    mine, theirs = os.pipe()
    pause = ("ledger.application:Ledger.append", 0.05)
    running = start(folder, "import", str(feed), values=PREPARED, pause=pause, stderr=theirs)
    os.close(theirs)
    try:
        assert running.wait_until(lambda: _position(folder) > 0)
        assert running.kill() == -signal.SIGKILL
        os.set_blocking(mine, False)
        assert is_at_end(mine, seconds=6)
    finally:
        running.clear()
        os.close(mine)
    assert is_sound(folder)


@pytest.mark.beide
def test_an_import_whose_workers_die_does_their_work(tmp_path: Path, feed: Path) -> None:
    """Every worker kills itself before it has done anything."""
    alone, in_order = _imported(tmp_path / "een", feed, workers=0)
    folder = _empty(tmp_path / "twee")
    die = ("ledger.workers:_work", 1, "before")
    done = start(folder, "import", str(feed), values=PREPARED, die=die).end()
    assert done.status == 3, done.err
    assert f"geboekt {alone.booked.geboekt}," in done.out
    assert exported(folder) == sorted(in_order)


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_import_killed_while_pupils_are_entered_goes_on(
    when: str, tmp_path: Path, feed: Path
) -> None:
    _, in_order = _imported(tmp_path / "een", feed, workers=0)
    folder = _empty(tmp_path / "twee")
    died = start(
        folder, "import", str(feed), values=PREPARED, die=("ledger.vault:Vault.enter", 3, when)
    ).end()
    assert died.status == -signal.SIGKILL
    assert run(folder, "import", str(feed)).returncode == 3
    assert exported(folder) == sorted(in_order)
    assert is_sound(folder)


def _position(folder: Path) -> int:
    with open_ledger(folder) as ledger:
        return ledger.position
