"""Ctrl-C once or twice, SIGTERM, a failing job, a killed child: everything ends at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import pytest

from processes.pool import ChildKilledError, child_processes
from projections.refresh import rebuild, refreshed
from synthetic.region import region
from tests.ledgers import import_events, write_feed
from tests.places import create, open_ledger
from tests.processes import PARTED, PATIENCE, ROOT, SMALL_STEPS, Running, size_of_log, start

pytestmark = pytest.mark.map("about processes; a ledger in a folder is enough")

INT, TERM = signal.SIGINT, signal.SIGTERM
HEARING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""A run of the tests in the background of a shell hears no Ctrl-C, nor would what it starts."""
SAID = "Onderbroken."
SLOW = ("projections.store.sqlite_making:SqliteMaking.merge", 0.3)
"""A rebuild of which the end is not near."""


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a ledger with a read model in a file."""
    monkeypatch.setenv("KIJKGLAS_ENGINE", "sqlite")
    with create(tmp_path / "grootboek") as ledger:
        import_events(ledger, region(2025, 120))
        rebuild(ledger, 1).close()
    return tmp_path / "grootboek"


@pytest.mark.parametrize("stage", ["starting", "computing"])
@pytest.mark.parametrize(
    ("number", "times", "group"),
    [(INT, 1, True), (INT, 2, True), (TERM, 1, True), (TERM, 1, False)],
)
def test_a_rebuild_that_is_stopped_ends_with_its_children(
    number: signal.Signals, times: int, group: bool, stage: str, folder: Path
) -> None:
    running = start(folder, "rebuild", "--workers", "3", values=PARTED, pause=SLOW)
    reached = {"starting": partial(_has_children, running), "computing": partial(_has_rows, folder)}
    assert running.wait_until(reached[stage])
    for _ in range(times):
        (os.killpg if group else os.kill)(running.process.pid, number)
        sleep(0.2)
    assert running.process.wait(PATIENCE) == 130
    _assert_nobody_left(running)
    assert running.end().err.strip() == SAID
    assert list(folder.glob("delen-*")) == []
    with open_ledger(folder) as ledger:
        model = refreshed(ledger)
        assert model.generation.startswith("standen-000001.")
        model.close()


def test_a_country_that_is_stopped_half_way_leaves_whole_files(folder: Path) -> None:
    target = folder.parent / "land"
    running = start(folder, "demo", str(target), "--scale", "country", "--feed-only")
    assert running.wait_until(lambda: any(target.glob("*.maken")))
    os.killpg(running.process.pid, INT)
    assert running.process.wait(PATIENCE) == 130
    _assert_nobody_left(running)
    assert running.end().err.strip() == SAID
    assert list(target.glob("*.maken")) == []


def test_a_child_of_a_country_that_is_killed_is_told(folder: Path) -> None:
    target = folder.parent / "land"
    running = start(folder, "demo", str(target), "--scale", "country", "--feed-only")
    assert running.wait_until(lambda: any(target.glob("*.maken")))
    os.kill(_children(running)[0], signal.SIGKILL)
    assert running.process.wait(PATIENCE) == 4
    _assert_nobody_left(running)
    assert running.end().err == (
        "Grootboek: een rekenproces is van buitenaf gestopt, vaak omdat het geheugen op is; "
        "probeer een kleinere --scale\n"
    )


def test_an_import_that_is_stopped_twice_ends_with_130(folder: Path) -> None:
    feed = write_feed(folder.parent / "feed.jsonl", region(7, 600))
    slow = ("ledger.application:Ledger.append", 0.2)
    running = start(folder, "import", str(feed), values=SMALL_STEPS, pause=slow)
    before = size_of_log(folder)
    assert running.wait_until(lambda: size_of_log(folder) > before)
    for _ in range(2):
        os.killpg(running.process.pid, INT)
        sleep(0.2)
    assert running.process.wait(PATIENCE) == 130
    _assert_nobody_left(running)
    assert running.end().err.strip() == SAID


def test_a_job_that_fails_ends_the_others() -> None:
    began = monotonic()
    with pytest.raises(ZeroDivisionError):
        _run_beside_long_jobs(divmod, 1, 0)
    assert monotonic() - began < PATIENCE / 2


def test_a_child_that_is_killed_ends_the_others() -> None:
    began = monotonic()
    with pytest.raises(ChildKilledError, match="van buitenaf gestopt"):
        _run_beside_long_jobs(signal.raise_signal, signal.SIGKILL)
    assert monotonic() - began < PATIENCE / 2


def _run_beside_long_jobs(job: Callable[..., object], *given: object) -> None:
    with child_processes(2) as pool:
        first = pool.submit(job, *given)
        for _ in range(3):
            pool.submit(sleep, PATIENCE)
        first.result(PATIENCE)


LOST = """
import os, signal, time
from processes import stopping
stopping.AGAIN = 1
class Deaf:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000): pass
try:
    with stopping.stoppable():
        Deaf()
        print("verloren", flush=True)
        time.sleep(60)
except KeyboardInterrupt:
    print("gehoord")
"""
HELD = """
import os, signal
from processes.stopping import held, stoppable
try:
    with stoppable():
        with held():
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)
            print("verder")
        print("te ver")
except KeyboardInterrupt:
    print("gehoord")
"""
IGNORED = """
import os, signal
signal.signal(signal.SIGHUP, signal.SIG_IGN)
from processes.stopping import is_asked, stoppable
with stoppable():
    os.kill(os.getpid(), signal.SIGHUP)
    print(is_asked())
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""


@pytest.mark.parametrize(
    ("program", "said"),
    [(LOST, ["verloren", "gehoord"]), (HELD, ["verder", "gehoord"]), (IGNORED, ["False"])],
    ids=["lost", "held", "ignored"],
)
def test_an_interruption_comes_once_and_is_not_lost(program: str, said: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HEARING + program],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    assert done.stdout.split("\n")[:-1] == said


def _children(running: Running) -> list[int]:
    """Return the processes that a command started to compute."""
    return [pid for pid, words in _group(running) if b"spawn_main" in words]


def _has_children(running: Running) -> bool:
    return len(_children(running)) > 1


def _has_rows(folder: Path) -> bool:
    return any(path.stat().st_size for path in folder.glob("delen-*/1.sqlite"))


def _assert_nobody_left(running: Running) -> None:
    """Check that no process of the command lives on; Python's own tracker ends a moment later."""
    end = monotonic() + 10
    while (left := list(_group(running))) and monotonic() < end:
        assert not [words for _, words in left if b"resource_tracker" not in words]
        sleep(0.05)
    assert left == []


def _group(running: Running) -> Iterator[tuple[int, bytes]]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            said = (process / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        # One that has no words any more is ending.
        if int(said[2]) == running.process.pid and said[0] != "Z" and words:
            yield int(process.name), words
