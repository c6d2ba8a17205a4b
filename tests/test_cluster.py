"""A rebuild on a real Dask cluster of processes: the same bytes as by one, whoever is killed."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

import pytest
from distributed import LocalCluster

from ledger.application import Ledger
from ledger.places import LedgerError
from projections import cluster as cluster_module
from projections.cluster import cluster
from projections.compute import events_to_compute, rows_of_range, world_rows
from projections.parcel import computed, log_parcel, unpacked, world_parcel
from projections.refresh import rebuild
from projections.store.partitions import partitions
from projections.store.settings import ENGINE_VARIABLE, ENGINES
from synthetic.region import region
from tests.command import Kijkglas
from tests.ledgers import import_events
from tests.places import create, open_ledger

pytestmark = [
    # Dask leaves sockets to the collector when a worker is killed, and asks for the old loop.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.map("the bytes of files"),
]

Answer = TypeVar("Answer")

MANY = 12
"""Partitions: enough for a worker to be killed in the midst of them."""


@pytest.fixture(scope="module")
def machines() -> Iterator[LocalCluster]:
    """Give two worker processes of one thread each, restarted when they are killed."""
    with LocalCluster(  # type: ignore[no-untyped-call]  # it has no types
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as made:
        yield made


@pytest.fixture(name="ledger")
def fixture_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """Give a ledger that is computed in many partitions, with pupils who got another PGN."""
    monkeypatch.setattr("projections.store.partitions.EVENTS_PER_PARTITION", 200)
    monkeypatch.setattr("projections.store.parquet_making.EVENTS_PER_FILE", 200)
    with create(tmp_path / "grootboek") as ledger:
        import_events(ledger, region(2025, 400))
        assert ledger.vault.joined()
        yield ledger


def _content(ledger: Ledger) -> dict[str, str]:
    """Return a hash of every file of the read model, without the locks."""
    found = {}
    for path in sorted(ledger.folder.rglob("*")):
        within = path.relative_to(ledger.folder)
        if path.is_file() and within.parts[0].startswith("standen-") and path.suffix != ".slot":
            name = "/".join(within.parts[1:]) or path.suffix
            found[name] = sha256(path.read_bytes()).hexdigest()
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_one_process_more_processes_and_a_cluster_make_the_same_bytes(
    engine: str, ledger: Ledger, machines: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, engine)
    rebuild(ledger, 1).close()
    alone = _content(ledger)
    rebuild(ledger, 2).close()
    together = _content(ledger)
    rebuild(ledger, 2, scheduler=machines.scheduler_address).close()
    assert _content(ledger) == alone == together
    assert any(name.endswith((".sqlite", ".parquet")) for name in alone)


@pytest.mark.parametrize("engine", ENGINES)
def test_histories_of_one_shape_give_the_same_bytes_wherever_they_are_filled_in(
    engine: str, ledger: Ledger, machines: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process meets the shapes in an order of its own, and some of them more than once."""
    monkeypatch.setenv(ENGINE_VARIABLE, engine)
    monkeypatch.setattr("projections.store.partitions.EVENTS_PER_PARTITION", 600)
    monkeypatch.setattr("projections.store.parquet_making.EVENTS_PER_FILE", 600)
    rebuild(ledger, 1).close()
    folded = _content(ledger)
    monkeypatch.setattr("projections.partition.MANY", 1)
    assert _filled(ledger) > 50
    rebuild(ledger, 1).close()
    assert _content(ledger) == folded
    rebuild(ledger, 2).close()
    assert _content(ledger) == folded
    rebuild(ledger, 2, scheduler=machines.scheduler_address).close()
    assert _content(ledger) == folded
    assert True in _told(machines, _uses_shapes).values()


def _filled(ledger: Ledger) -> int:
    """Return how many rows come from templates when the ledger is computed in partitions."""
    until = ledger.position
    beside = unpacked(world_parcel(*world_rows(ledger, until), until))
    return sum(
        len(batch.filled["standen"][0].values)
        for part in partitions(until)
        for batch in rows_of_range(ledger, *part, until, *beside)
    )


def _uses_shapes() -> bool:
    return "projections.shapes.ordinary" in sys.modules


def test_threads_of_one_worker_do_not_get_in_each_other_s_way(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of Dask has as many threads as cores, unless it is told otherwise."""
    monkeypatch.setattr("projections.partition.MANY", 1)
    until = ledger.position
    parcel = world_parcel(*world_rows(ledger, until), until)
    known = unpacked(parcel).world
    logs = [
        log_parcel(events_to_compute(ledger, *part, until, known)) for part in partitions(until)
    ]
    one_by_one = [computed(log, parcel) for log in logs]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            at_once = list(pool.map(computed, logs * 4, [parcel] * len(logs) * 4))
    finally:
        sys.setswitchinterval(before)
    assert at_once == one_by_one * 4


def test_a_worker_that_is_killed_changes_nothing(
    ledger: Ledger, machines: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild(ledger, 1).close()
    alone = _content(ledger)
    done: list[int] = []
    victims = sorted(_pids(machines).values())
    monkeypatch.setattr(cluster_module, "AHEAD", MANY)  # all are waiting when the first is back

    def killing(_: int) -> None:
        done.append(1)
        if len(done) == 1:
            os.kill(victims[0], signal.SIGKILL)

    rebuild(ledger, None, killing, machines.scheduler_address).close()
    assert len(done) >= MANY
    assert _content(ledger) == alone
    assert victims[0] not in _eventually_two(machines)


def test_the_command_computes_on_a_cluster(
    ledger: Ledger, machines: LocalCluster, tmp_path: Path
) -> None:
    position = ledger.position
    ledger.close()
    command = Kijkglas(tmp_path / "grootboek")
    done = command("rebuild", "--scheduler", machines.scheduler_address, "--workers", "2")
    assert done.status == 0, done.err
    assert done.out == f"leesmodel opnieuw gemaakt tot en met gebeurtenis {position}\n"
    assert command("verify").status == 0


def test_a_scheduler_that_is_not_there_is_told(ledger: Ledger, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(
            LedgerError,
            match=r"geen Dask-scheduler bereikt op tcp.*: op poort \d+ luistert niets; kijk of",
        ):
            rebuild(ledger, scheduler=address)
    with open_ledger(tmp_path / "grootboek") as again:
        rebuild(again, 1).close()  # nothing holds the lock of the read model


def test_workers_of_another_version_are_refused(
    machines: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other() -> str:
        return "anders" if _is_this_process(os.getpid()) else "gelijk"

    here = os.getpid()

    def _is_this_process(pid: int, here: int = here) -> bool:
        return pid == here

    monkeypatch.setattr("projections.cluster_trouble.rules_hash", other)
    with (
        pytest.raises(LedgerError, match="staat een andere versie van kijkglas"),
        cluster(machines.scheduler_address),
    ):
        pass


def test_too_few_workers_are_not_waited_for_for_ever(
    machines: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "WAITING", 1)
    said: list[str] = []
    with (
        pytest.raises(LedgerError, match=r"na 1 seconden 2 van de 9 werkers.*--nworkers 7"),
        cluster(machines.scheduler_address, 9, said.append),
    ):
        pass
    (only,) = said
    assert only == (
        "het cluster heeft 2 van de 9 werkers; wacht tot 1 seconden op meer "
        f"(dask worker {machines.scheduler_address})"
    )


def _pids(machines: LocalCluster) -> dict[Any, int]:
    return _told(machines, os.getpid)


def _told(machines: LocalCluster, ask: Callable[[], Answer]) -> dict[Any, Answer]:
    """Return what a function says in each worker."""
    from distributed import Client  # noqa: PLC0415 - with its own loop

    with Client(machines.scheduler_address) as client:  # type: ignore[no-untyped-call]  # no types
        answers: dict[Any, Answer] = client.run(ask)
        return answers


def _eventually_two(machines: LocalCluster) -> set[int]:
    """Return the processes of the workers once there are two again."""
    end = monotonic() + 60
    while monotonic() < end:
        found = set(_pids(machines).values())
        if len(found) == 2:
            return found
        sleep(0.1)
    raise AssertionError("the killed worker did not come back")
