"""Why a count changed: one samenwerkingsverband, between two moments, the question alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.aggregates import Leerlingen, active_of, histories_of, make_aggregates, versions_at
from benchmarks.conftest import Measure
from benchmarks.corpus import AS_OF, NOW, SWV, WIDE_REGION, Corpus, corpus
from benchmarks.rectangles import groups_of
from ledger.application import Ledger, open_ledger
from projections.refresh import refreshed
from projections.store import ask
from projections.store.read_model import ReadModel
from projections.why.explain import count_of, explain

ROUNDS: Final = 10
NEXT: Final = ask.AsOf(date(2026, 2, 1))
"""The next teldatum, as known now: corrections and mutations in one question."""

_corpus = cache(corpus)


@pytest.fixture(name="wide")
def fixture_wide(size: int) -> Corpus:
    return _corpus(size, WIDE_REGION)


@pytest.fixture(name="measure")
def fixture_measure(benchmark: BenchmarkFixture, wide: Corpus) -> Measure:
    return Measure(benchmark, wide.lines, wide.name)


@pytest.fixture(name="opened")
def fixture_opened(wide: Corpus) -> Iterator[tuple[Ledger, ReadModel]]:
    with open_ledger(wide.ledger) as ledger:
        model = refreshed(ledger)
        yield ledger, model
        model.close()


def test_why(measure: Measure, ours: str, opened: tuple[Ledger, ReadModel]) -> None:
    """The whole answer: classes, pupils, their events in words."""
    ledger, model = opened
    selection = count_of(ask.Selection(swv=SWV))

    def run() -> tuple[int, int, int]:
        answer = explain(ledger, model, (AS_OF, NEXT), selection, NOW)
        return answer.van.aantal, answer.naar.aantal, len(answer.leerlingen)

    van, naar, pupils = measure("why", ours, run, rounds=ROUNDS, warmup=1)
    measure.note(van=van, naar=naar, leerlingen=pupils)


def test_both_lists(measure: Measure, opened: tuple[Ledger, ReadModel]) -> None:
    """What a comparison by hand begins with: the rows of both sides, without any cause."""
    _, model = opened
    selection = count_of(ask.Selection(swv=SWV))

    def run() -> int:
        return sum(len(list(ask.standen(model, side, selection))) for side in (AS_OF, NEXT))

    measure("why", "rows of both sides", run, rounds=ROUNDS, warmup=1)


def test_replay_of_both_sides(
    measure: Measure, opened: tuple[Ledger, ReadModel], tmp_path: Path
) -> None:
    """The library: the pupils of both sides, which are given, replayed up to both moments.

    It says what enrolments each had, not who answered for them, whether they counted or why.
    """
    ledger, model = opened
    path = tmp_path / "leerlingen.sqlite"
    groups = sorted({one for side in (AS_OF, NEXT) for one in groups_of(model, side, SWV)})
    told = list(histories_of(ledger, groups))
    make_aggregates(told, path)
    sides = [(versions_at(told, side), side.teldatum) for side in (AS_OF, NEXT)]
    with Leerlingen.on(path) as app:

        def run() -> int:
            return sum(active_of(app, versions, day) for versions, day in sides)

        measure.note(active=measure("why", "replay of both sides", run, rounds=3, warmup=1))
