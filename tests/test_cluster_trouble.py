"""A cluster as one runs it by hand, of which something goes wrong half-way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

import pytest
from distributed import Client

from ledger.places import LedgerError
from projections import cluster as cluster_module
from projections.parcel import batches_in
from projections.refresh import rebuild, refreshed
from projections.store.rows import Batch
from synthetic.region import region
from tests.command import Kijkglas
from tests.ledgers import import_events
from tests.places import create, open_ledger
from tests.processes import PATIENCE, ROOT

pytestmark = [
    # Dask leaves sockets to the collector when a scheduler is killed.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.map("the kind of ledger makes no difference to a cluster"),
]

Process = subprocess.Popen[bytes]


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
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "5")
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

    def replace_the_worker() -> None:
        machines.start_worker(changed)
        machines.workers[0].kill()

    with (
        open_ledger(folder) as ledger,
        pytest.raises(LedgerError, match="staat een andere versie van kijkglas"),
    ):
        rebuild(ledger, 1, _once(replace_the_worker), machines.address)
    _assert_unchanged(folder)


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

    def replace_the_worker() -> None:
        machines.start_worker(changed)
        machines.workers[0].kill()

    with (
        open_ledger(folder) as ledger,
        pytest.raises(LedgerError, match="staat een andere versie van kijkglas"),
    ):
        rebuild(ledger, 1, _once(replace_the_worker), machines.address)


def test_a_scheduler_that_is_lost_is_told(
    machines: Machines, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = machines.address
    kill = _once(machines.scheduler.kill)

    def batches(parcel: bytes) -> list[Batch]:
        kill(0)
        return batches_in(parcel)

    monkeypatch.setattr(cluster_module, "batches_in", batches)
    done = Kijkglas(folder)("rebuild", "--scheduler", address)
    assert machines.scheduler.wait(PATIENCE) < 0
    assert done.status == 4
    assert "Grootboek: de verbinding met de Dask-scheduler is weg" in done.err
    assert "herhaal de opdracht" in done.err
    _assert_unchanged(folder)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "foo://bar", "tcp://127.0.0.1:poort"])
def test_an_address_without_a_scheduler_is_told_in_dutch(
    address: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "REACHING", 1)
    done = Kijkglas(folder)("rebuild", "--scheduler", address)
    assert done.status == 4
    assert "Dask-scheduler" in done.err
    assert ("kijk of" in done.err) or ("schrijf tcp://" in done.err)
    assert not {"Timed", "connect", "Traceback", "unknown"}.intersection(done.err.split())


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
