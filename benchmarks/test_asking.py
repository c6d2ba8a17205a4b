"""As-of questions to the read model, the query alone, beside a scan of the four bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from benchmarks.conftest import Measure
from benchmarks.corpus import AS_OF, SWV, Corpus
from ledger.application import open_ledger
from projections.dashboard_1a import dashboard_1a
from projections.refresh import refreshed
from projections.store import ask
from projections.store.read_model import ReadModel

ROUNDS: Final = 30
COLUMNS: Final = (
    "SELECT geldig_van, geldig_tot, bekend_van, bekend_tot, telt, "
    "vestigingscode, ondersteuningscategorie, basis FROM standen"
)
COUNTRY: Final = (
    "SELECT vestigingscode, ondersteuningscategorie, basis, count(*) FROM standen "  # noqa: S608 - constants
    f"WHERE {ask.AS_OF} AND telt = 1 GROUP BY 1, 2, 3"
)


@pytest.fixture(name="model")
def fixture_model(data: Corpus) -> Iterator[ReadModel]:
    with open_ledger(data.ledger) as ledger:
        model = refreshed(ledger)
    yield model
    model.close()


def test_rows_of_one_swv(measure: Measure, model: ReadModel) -> None:
    """The state of one samenwerkingsverband: every enrolment, counting or not."""

    def run() -> int:
        return len(list(ask.standen(model, AS_OF, ask.Selection(swv=SWV))))

    measure.note(rows=measure("rows of one swv", "kijkglas", run, rounds=ROUNDS, warmup=1))


def test_dashboard_1a(measure: Measure, model: ReadModel) -> None:
    """Dashboard 1A of one samenwerkingsverband: its three files."""

    def run() -> int:
        return sum(len(rows) for rows in dashboard_1a(model, AS_OF, SWV).values())

    measure.note(rows=measure("1A of one swv", "kijkglas", run, rounds=ROUNDS, warmup=1))


def test_country(measure: Measure, model: ReadModel) -> None:
    """The count of the whole country per vestiging, categorie and basis."""

    def run() -> int:
        return len(list(model.execute(COUNTRY, AS_OF.bounds)))

    plan = [row[3] for row in model.execute(f"EXPLAIN QUERY PLAN {COUNTRY}", AS_OF.bounds)]
    measure("country", "kijkglas", run, rounds=ROUNDS, warmup=1, plan="; ".join(plan))


def test_numpy_scan(measure: Measure, model: ReadModel) -> None:
    """The physical limit: numpy holds the four bounds in memory and counts what lies within."""
    numpy = _numpy()
    van, tot, known, until, _ = _columns(model, numpy)
    t, k = AS_OF.bounds["t"], AS_OF.bounds["k"]

    def run() -> int:
        within = (van <= t) & (tot > t) & (known <= k) & (until > k)
        return int(numpy.count_nonzero(within))

    measure("country", "numpy scan", run, rounds=ROUNDS, warmup=1, rectangles=len(van))


def test_numpy_count(measure: Measure, model: ReadModel) -> None:
    """The same answer as the country count, by numpy from columns that are in memory already."""
    numpy = _numpy()
    van, tot, known, until, codes = _columns(model, numpy)
    t, k = AS_OF.bounds["t"], AS_OF.bounds["k"]

    def run() -> int:
        within = (codes > 0) & (van <= t) & (tot > t) & (known <= k) & (until > k)
        return int(numpy.count_nonzero(numpy.bincount(codes[within])))

    groups = measure("country", "numpy count", run, rounds=ROUNDS, warmup=1)
    assert groups == len(list(model.execute(COUNTRY, AS_OF.bounds)))


def _numpy() -> Any:  # noqa: ANN401 - a module that may be absent
    return pytest.importorskip("numpy", reason="numpy is no dependency")


def _columns(model: ReadModel, numpy: Any) -> list[Any]:  # noqa: ANN401 - idem
    """Return the four bounds, and a code for each cell of the count: 0 = does not count."""
    rows = list(model.execute(COLUMNS))
    cells = [tuple(cell) if telt else None for _, _, _, _, telt, *cell in rows]
    code_of = {cell: code for code, cell in enumerate(dict.fromkeys([None, *cells]))}
    bounds = [numpy.array([row[place] for row in rows]) for place in range(4)]
    return [*bounds, numpy.array([code_of[cell] for cell in cells])]
