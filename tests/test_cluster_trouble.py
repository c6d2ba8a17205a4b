"""A cluster as one runs it by hand, of which something goes wrong half-way."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

import pytest
from distributed import Client

from ledger.places import LedgerError
from projections.cluster import ALONE
from projections.refresh import rebuild, refreshed
from synthetic.region import region
from tests.command import Kijkglas
from tests.ledgers import import_events
from tests.places import create, open_ledger
from tests.processes import PATIENCE, ROOT, Running, start

pytestmark = [
    pytest.mark.usefixtures("only_sqlite"),
    # Dask leaves sockets to the collector when a scheduler is killed.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.map("the kind of ledger makes no difference to a cluster"),
]

Process = subprocess.Popen[bytes]

_REFUSING = """
import sys

class Refusing:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in {"ledger", "processes", "projections"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refusing)
"""

_EMPTY = 150_000
"""More bytes than a read model without rows."""


class Machines(NamedTuple):
    """A scheduler and its workers, each a process of its own."""

    folder: Path
    scheduler: Process
    workers: list[Process]

    @property
    def file(self) -> Path:
        """Where the scheduler says how it is reached."""
        return self.folder / "scheduler.json"

    def start_worker(self, source: Path = ROOT) -> None:
        """Start a worker of one thread with the kijkglas of a folder; wait until it is known."""
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "60")
        self.workers.append(
            _started("worker", self.folder, source, *options, "--local-directory", self.folder)
        )
        with Client(scheduler_file=str(self.file)) as client:  # type: ignore[no-untyped-call]  # no types
            client.wait_for_workers(len(self.workers), timeout=PATIENCE)

    @property
    def address(self) -> str:
        """Return the address of the scheduler."""
        with Client(scheduler_file=str(self.file)) as client:  # type: ignore[no-untyped-call]  # idem
            return str(client.scheduler_info()["address"])


@pytest.fixture(name="machines")
def fixture_machines(tmp_path: Path) -> Iterator[Machines]:
    """Give a scheduler with one worker."""
    options = ("--port", "0", "--host", "127.0.0.1", "--no-dashboard")
    scheduler = _started("scheduler", tmp_path, ROOT, *options)
    made = Machines(tmp_path, scheduler, [])
    try:
        end = monotonic() + PATIENCE
        while not made.file.exists():
            assert monotonic() < end
            sleep(0.01)
        made.start_worker()
        yield made
    finally:
        for process in (*made.workers, scheduler):
            process.kill()
            process.wait(PATIENCE)


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a ledger that is computed in many partitions, with a read model."""
    monkeypatch.setattr("projections.store.partitions.EVENTS_PER_PARTITION", 60)
    with create(tmp_path / "grootboek") as ledger:
        import_events(ledger, region(2025, 200))
        rebuild(ledger, 1).close()
    return tmp_path / "grootboek"


def test_a_worker_of_another_version_that_comes_later_is_refused(
    machines: Machines, folder: Path, tmp_path: Path
) -> None:
    """It computes all that is left: the worker that was checked is gone."""
    changed = _copy_of_the_source(tmp_path / "anders")
    rules = changed / "projections" / "telt.py"
    rules.write_text(rules.read_text(encoding="utf-8") + "\n# een andere regel\n", encoding="utf-8")

    _assert_refused_later(machines, changed, folder)


def test_a_worker_that_cannot_read_what_travels_is_of_another_version(
    machines: Machines, folder: Path, tmp_path: Path
) -> None:
    changed = _copy_of_the_source(tmp_path / "ouder")
    parcel = changed / "projections" / "parcel.py"
    text = parcel.read_text(encoding="utf-8")
    assert text.count("def computed(log: bytes, beside: bytes)") == 1
    parcel.write_text(
        text.replace("def computed(log: bytes, beside: bytes)", "def computed(log: bytes)"),
        encoding="utf-8",
    )

    _assert_refused_later(machines, changed, folder)


def _assert_refused_later(machines: Machines, source: Path, folder: Path) -> None:
    """Check that a worker of other source is refused that computes all that is left."""

    def replace_the_worker() -> None:
        machines.start_worker(source)
        machines.workers[0].kill()

    with (
        open_ledger(folder) as ledger,
        pytest.raises(LedgerError, match="staat een andere versie van kijkglas"),
    ):
        rebuild(ledger, 1, _once(replace_the_worker), machines.address)
    _assert_unchanged(folder)


def test_a_worker_without_kijkglas_is_told(machines: Machines, folder: Path) -> None:
    machines.start_worker(_without_kijkglas(machines.folder / "elders"))
    done = Kijkglas(folder)("rebuild", "--scheduler", machines.address, "--workers", "2")
    assert done.status == 4
    assert re.fullmatch(
        r"Grootboek: op tcp://[\d.:]+ staat geen kijkglas, .*'\.\[cluster\]'.*\n", done.err
    )
    _assert_unchanged(folder)


def test_a_worker_without_kijkglas_that_comes_later_is_told(
    machines: Machines, folder: Path
) -> None:
    def replace_the_worker() -> None:
        machines.start_worker(_without_kijkglas(machines.folder / "elders"))
        machines.workers[0].kill()

    with (
        open_ledger(folder) as ledger,
        pytest.raises(LedgerError, match=r"^op tcp://[\d.:]+ staat geen kijkglas, "),
    ):
        rebuild(ledger, 1, _once(replace_the_worker), machines.address)


def test_a_cluster_that_lost_its_last_worker_is_not_waited_for_for_ever(
    machines: Machines, folder: Path
) -> None:
    running = _rebuilding(machines, folder, ALONE=1)
    assert running.wait_until(lambda: _is_filling(folder))
    machines.workers[0].kill()
    ended = running.end()
    assert ended.status == 4
    assert ended.err == (
        "het cluster heeft geen werkers meer; wacht tot 1 seconden\n"
        "Grootboek: het cluster heeft al 1 seconden geen werkers meer; het leesmodel is niet "
        f"veranderd. Start ze opnieuw met 'dask worker {machines.address}' waar kijkglas staat, "
        "en herhaal de opdracht\n"
    )
    _assert_unchanged(folder)


def test_a_worker_that_comes_back_goes_on(machines: Machines, folder: Path) -> None:
    said: list[str] = []

    def come_back(sentence: str) -> None:
        said.append(sentence)
        machines.start_worker()

    with open_ledger(folder) as ledger:
        kill = _once(machines.workers.pop().kill)
        rebuild(ledger, 1, kill, machines.address, come_back).close()
        model = refreshed(ledger)
        assert model.generation.startswith("standen-000002.")
        model.close()
    assert said == [f"het cluster heeft geen werkers meer; wacht tot {ALONE} seconden"]


def test_a_scheduler_that_is_lost_is_told_in_one_line(machines: Machines, folder: Path) -> None:
    address = machines.address
    running = _rebuilding(machines, folder)
    assert running.wait_until(lambda: _is_filling(folder))
    machines.scheduler.kill()
    ended = running.end()
    assert ended.status == 4
    assert ended.err == (
        f"Grootboek: de verbinding met de Dask-scheduler op {address} is weg; het leesmodel is "
        "niet veranderd. Kijk of de scheduler nog draait, start hem zo nodig opnieuw met 'dask "
        "scheduler', en herhaal de opdracht\n"
    )
    _assert_unchanged(folder)


def test_a_rebuild_on_a_cluster_can_be_interrupted(machines: Machines, folder: Path) -> None:
    running = _rebuilding(machines, folder)
    assert running.wait_until(lambda: _is_filling(folder))
    os.killpg(running.process.pid, signal.SIGINT)
    ended = running.end()
    assert (ended.status, ended.err.strip()) == (130, "Onderbroken.")
    _assert_unchanged(folder)


def _rebuilding(machines: Machines, folder: Path, **values: object) -> Running:
    """Start a rebuild that takes a while."""
    plan = {
        "projections.store.partitions:EVENTS_PER_PARTITION": 60,
        "projections.cluster:LOOKING": 0.1,
        **{f"projections.cluster:{name}": value for name, value in values.items()},
    }
    slow = ("projections.cluster:batches_in", 0.2)
    return start(folder, "rebuild", "--scheduler", machines.address, values=plan, pause=slow)


def _is_filling(folder: Path) -> bool:
    """Tell whether rows of partitions have come in."""
    made = [path.stat().st_size for path in folder.glob("standen-000002.*")]
    return sum(made) > _EMPTY


def _assert_unchanged(folder: Path) -> None:
    """Check that the read model from before is still there, and can be used."""
    with open_ledger(folder) as ledger:
        model = refreshed(ledger)
        assert model.generation.startswith("standen-000001.")
        model.close()


def _once(act: Callable[[], object]) -> Callable[[int], None]:
    """Return what acts the first time that it is called."""
    waiting = [act]

    def called(_: int) -> None:
        while waiting:
            waiting.pop()()

    return called


def _copy_of_the_source(target: Path) -> Path:
    for package in ("ledger", "processes", "projections"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, target / package, ignore=ignored)
    return target


def _without_kijkglas(folder: Path) -> Path:
    """Make a place from which kijkglas cannot be imported, wherever it is installed."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_REFUSING, encoding="utf-8")
    return folder


def _started(role: str, folder: Path, source: Path, *options: object) -> Process:
    module = f"distributed.cli.dask_{role}"
    where = ("--scheduler-file", str(folder / "scheduler.json"))
    with (folder / f"{role}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", module, *where, *map(str, options)],
            stdout=log,
            stderr=log,
            cwd=source,
            env={**os.environ, "PYTHONPATH": str(source)},
        )
