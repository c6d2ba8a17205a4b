"""As-of questions to the read model, the query alone."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Final

import pytest

from benchmarks import rectangles
from benchmarks.conftest import Measure
from benchmarks.corpus import AS_OF, SWV
from projections.dashboard_1a import dashboard_1a
from projections.store import ask, ask_reference
from projections.store.ask import AsOf
from projections.store.read_model import ReadModel

ROUNDS: Final = 30
OTHERS: Final = (
    AsOf(date(2026, 2, 1)),
    AsOf(date(2025, 2, 1)),
    AsOf(date(2024, 2, 1), datetime(2024, 4, 1, tzinfo=UTC)),
    AsOf(date(2023, 10, 1), datetime(2025, 1, 1, tzinfo=UTC)),
)
"""Other teldata, as known now, soon after and years later."""


def test_rows_of_one_swv(measure: Measure, ours: str, model: ReadModel) -> None:
    """The state of one samenwerkingsverband: every enrolment, counting or not."""

    def run() -> int:
        return len(list(ask.standen(model, AS_OF, ask.Selection(swv=SWV))))

    measure.note(rows=measure("rows of one swv", ours, run, rounds=ROUNDS, warmup=1))


def test_dashboard_1a(measure: Measure, ours: str, model: ReadModel) -> None:
    """Dashboard 1A of one samenwerkingsverband: its three files."""

    def run() -> int:
        return sum(len(rows) for rows in dashboard_1a(model, AS_OF, SWV).values())

    measure.note(rows=measure("1A of one swv", ours, run, rounds=ROUNDS, warmup=1))


@pytest.mark.parametrize("asked", [(AS_OF,), OTHERS], ids=["vastgesteld", "other moments"])
def test_every_dashboard_1a(
    measure: Measure, ours: str, model: ReadModel, asked: tuple[AsOf, ...]
) -> None:
    """Dashboard 1A of every samenwerkingsverband, one after another; the slowest one apart.

    Of several questions the figure is about the one that takes longest.
    """
    taken: dict[AsOf, list[dict[str, float]]] = {as_of: [] for as_of in asked}

    def run() -> int:
        for as_of, passes in taken.items():
            passes.append({swv: _seconds(model, as_of, swv) for swv in swvs})
        return len(swvs)

    swvs = list(ask_reference.names_of_swvs(model, AsOf(AS_OF.teldatum)))
    role = ours if len(asked) == 1 else f"{ours}, other moments"
    measure("1A of every swv", role, run, rounds=5, warmup=1)
    totals = [min(sum(one.values()) for one in passes) for passes in taken.values()]
    slowest = [min(one[swv] for one in passes) for passes in taken.values() for swv in swvs]
    measure.note(total=max(totals), slowest=max(slowest), swvs=len(swvs))


def test_country(measure: Measure, ours: str, model: ReadModel) -> None:
    """The count of the whole country per vestiging, categorie and basis."""

    def run() -> int:
        return len(rectangles.country(model, AS_OF))

    measure("country", ours, run, rounds=ROUNDS, warmup=1)


def test_active(measure: Measure, ours: str, model: ReadModel) -> None:
    """How many enrolments are active per vestiging and categorie: what a fold can answer."""

    def run() -> int:
        return len(rectangles.active(model, AS_OF))

    measure.note(cells=measure("active", ours, run, rounds=ROUNDS, warmup=1))


def _seconds(model: ReadModel, as_of: AsOf, swv: str) -> float:
    start = time.perf_counter()
    dashboard_1a(model, as_of, swv)
    return time.perf_counter() - start
