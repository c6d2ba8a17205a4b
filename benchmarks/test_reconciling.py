"""A reconciliation at the end of a month: every difference with its class and cause."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.conftest import Measure
from benchmarks.corpus import AS_OF, NOW, SWV, TELDATUM, WIDE_REGION, Corpus, corpus
from ledger.application import open_ledger
from projections import render
from projections.aansluiting.aansluiten import aansluiten
from projections.aansluiting.model import per_klasse
from projections.aansluiting.paren import paar_van
from projections.options import Options
from projections.products import answer
from projections.questions import Question
from projections.refresh import refreshed
from projections.store import ask

ROUNDS: Final = 5

_corpus = cache(corpus)


@pytest.fixture(name="wide")
def fixture_wide(size: int) -> Corpus:
    return _corpus(size, WIDE_REGION)


@pytest.fixture(name="measure")
def fixture_measure(benchmark: BenchmarkFixture, wide: Corpus) -> Measure:
    return Measure(benchmark, wide.lines, wide.name)


@pytest.fixture(name="asked")
def fixture_asked(wide: Corpus) -> Iterator[Question]:
    with open_ledger(wide.ledger) as ledger:
        model = refreshed(ledger)
        yield Question(ledger, model, ask.AsOf(TELDATUM), NOW, "kijkglas", "0")
        model.close()


@pytest.fixture(name="files")
def fixture_files(asked: Question, tmp_path: Path) -> dict[str, Path]:
    """Give DUO's 1B and 1A as they were when the count was fixed."""
    then = asked._replace(as_of=AS_OF)
    for product in ("dashboard-1b", "dashboard-1a"):
        render.write(answer(product, then, SWV, Options()), str(tmp_path), "csv-excel")
    names = {"1b": "Bekostigde", "1a": "Aantallen_leerlingen_met"}
    return {side: next(tmp_path.glob(f"{name}*.csv")) for side, name in names.items()}


@pytest.mark.parametrize("sides", [("1b",), ("1a",), ("1a", "1b")], ids="+".join)
def test_reconcile(
    measure: Measure, asked: Question, files: dict[str, Path], sides: tuple[str, ...]
) -> None:
    """Reading the files, comparing, and the events behind every difference."""
    paths = [files[side] for side in sides]
    moments = dict.fromkeys(paths, AS_OF.bekend_op or NOW)

    def run() -> dict[str, int]:
        found = aansluiten(asked, paar_van(asked, paths, momenten=moments))
        return {"sleutels": found.links, **per_klasse(found)}

    counts = measure(f"reconcile {'+'.join(sides)}", "kijkglas", run, rounds=ROUNDS, warmup=1)
    measure.note(**counts)
