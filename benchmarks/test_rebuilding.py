"""Rebuild of the read model, beside the library's replay of the same histories."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from benchmarks.aggregates import Leerlingen, histories, ids_of, make_aggregates, replay_all
from benchmarks.appends import collector_at_rest
from benchmarks.conftest import Measure
from benchmarks.corpus import Corpus
from benchmarks.processes import kijkglas, run_all
from ledger.application import Ledger, open_ledger
from projections.rebuilding import PARALLEL_FROM
from projections.refresh import rebuild


@pytest.fixture(name="ledger")
def fixture_ledger(data: Corpus) -> Iterator[Ledger]:
    with open_ledger(data.ledger) as ledger:
        yield ledger


@pytest.mark.parametrize("workers", [1, 2])
def test_rebuild(measure: Measure, ours: str, ledger: Ledger, rounds: int, workers: int) -> None:
    """Read, compute, insert, index: the whole of `standen` anew."""
    if workers > 1 and ledger.position < PARALLEL_FROM:
        pytest.skip("a ledger this small is one partition")

    def run() -> int:
        model = rebuild(ledger, workers)
        position = model.position
        model.close()
        return position

    role = "one process" if workers == 1 else "two processes"
    made = measure("rebuild", f"{ours}, {role}", run, rounds=rounds)
    assert made == ledger.position


@pytest.mark.parametrize("role", ["replay", "replay, all text"])
def test_replay(measure: Measure, data: Corpus, ledger: Ledger, rounds: int, role: str) -> None:
    """The library's repository.get of every pupil: read and fold only, nothing stored."""
    path = data.folder / f"{role}.sqlite"
    make_aggregates(histories(ledger), path, text=role != "replay")
    ids = ids_of(path)
    with Leerlingen.on(path) as app, collector_at_rest():
        count = measure("rebuild", role, partial(replay_all, app, ids), rounds=rounds)
    measure.note(events=count)


def test_memory(measure: Measure, data: Corpus) -> None:
    """A rebuild on two processes, as a command: the memory of the largest process."""

    def run() -> float:
        (finished,) = run_all(kijkglas(data.ledger, "rebuild", "--workers", "2"))
        return finished.peak_mb

    measure.note(peak_mb=measure("rebuild command", "kijkglas", run))
