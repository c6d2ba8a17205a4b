"""The same questions to the peers; what they need is made and loaded before their time starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from benchmarks import columns, folds, mariadb_history, postgresql_ranges, raw_events, rectangles
from benchmarks.absent import Absent, without
from benchmarks.aggregates import Leerlingen, active_of, histories_of, make_aggregates, versions_at
from benchmarks.conftest import Measure
from benchmarks.corpus import AS_OF, SWV, Corpus
from benchmarks.rectangles import Table
from ledger.application import open_ledger
from projections.refresh import refreshed
from projections.store.read_model import ReadModel

if TYPE_CHECKING:
    import duckdb

ROUNDS: Final = 10
GIST: Final = "PostgreSQL, ranges and GiST"
VERSIONED: Final = "MariaDB, system-versioned"
MOST_FOR_MARIADB: Final = 1_100_000
"""Events; beyond that loading, a statement per change, takes most of an hour."""


@pytest.fixture(name="ranges", scope="session")
def fixture_ranges(data: Corpus, postgresql: str | Absent) -> Iterator[Table | Absent]:
    if isinstance(postgresql, Absent):
        yield postgresql
        return
    with closing(_model(data)) as model, postgresql_ranges.loaded(postgresql, model) as ranges:
        yield ranges


@pytest.fixture(name="loaded", scope="session")
def fixture_loaded(data: Corpus, mariadb: Path | Absent) -> Path | Absent:
    """Give the socket of MariaDB with the history of this size in it."""
    if not isinstance(mariadb, Absent) and data.lines > MOST_FOR_MARIADB:
        return Absent("told change by change, more than a million events take most of an hour")
    if not isinstance(mariadb, Absent):
        with closing(_model(data)) as model:
            mariadb_history.load(mariadb, model)
    return mariadb


@pytest.fixture(name="versioned", scope="session")
def fixture_versioned(loaded: Path | Absent) -> Iterator[Table | Absent]:
    with (
        nullcontext(loaded)
        if isinstance(loaded, Absent)
        else mariadb_history.opened(loaded) as table
    ):
        yield table


def _table(request: pytest.FixtureRequest, role: str) -> Table | Absent:
    """Return the peer of a role; the other one, slow to load, is left alone."""
    made: Table | Absent = request.getfixturevalue("ranges" if role == GIST else "versioned")
    return made


@pytest.mark.parametrize("role", [GIST, VERSIONED])
def test_country(
    measure: Measure, model: ReadModel, request: pytest.FixtureRequest, role: str
) -> None:
    """The count of the whole country, from the same rectangles."""
    table = measure.present("country", role, _table(request, role))
    run = partial(table.country, AS_OF)
    found = measure("country", role, run, rounds=ROUNDS, warmup=1)
    assert set(found) == set(rectangles.country(model, AS_OF))


@pytest.mark.parametrize("role", [GIST, VERSIONED])
def test_rows_of_one_swv(
    measure: Measure, model: ReadModel, request: pytest.FixtureRequest, role: str
) -> None:
    """The state of one samenwerkingsverband, from the same rectangles."""
    table = measure.present("rows of one swv", role, _table(request, role))
    run = partial(table.rows, AS_OF, SWV)
    found = measure("rows of one swv", role, run, rounds=ROUNDS, warmup=1)
    assert set(found) == set(rectangles.rows(model, AS_OF, SWV))


def test_rows_by_replay(measure: Measure, model: ReadModel, data: Corpus, tmp_path: Path) -> None:
    """The library: the pupils of the samenwerkingsverband, which are given, replayed up to then."""
    row, role = "rows of one swv", "replay of its pupils"
    path = tmp_path / "leerlingen.sqlite"
    with open_ledger(data.ledger) as ledger:
        told = list(histories_of(ledger, rectangles.groups_of(model, AS_OF, SWV)))
    make_aggregates(told, path)
    versions = versions_at(told, AS_OF)
    with Leerlingen.on(path) as app:
        run = partial(active_of, app, versions, AS_OF.teldatum)
        measure.note(active=measure(row, role, run, rounds=3, warmup=1))


@pytest.mark.parametrize("role", ["numpy scan", "numpy count"])
def test_numpy(measure: Measure, model: ReadModel, role: str) -> None:
    """The physical limit: the columns are in memory already; the scan looks at the bounds alone."""
    measure.present("country", role, without("numpy"))
    held = columns.columns(model)
    run = partial(held.scan if role == "numpy scan" else held.counts, AS_OF)
    measure("country", role, run, rounds=30, warmup=1, rectangles=len(held.van))


@pytest.mark.parametrize("role", ["Parquet scan, DuckDB", "Parquet scan, pyarrow"])
def test_parquet_scan(measure: Measure, model: ReadModel, data: Corpus, role: str) -> None:
    """The four bounds, read from a plain Parquet file each time."""
    measure.present("country", role, without("pyarrow", "duckdb"))
    path = data.folder / "standen.parquet"
    columns.write_parquet(model, path)
    if role == "Parquet scan, pyarrow":
        run = partial(columns.scan_by_pyarrow, path, AS_OF)
    else:
        run = partial(columns.scan_by_duckdb, _duckdb(), path, AS_OF)
    measure("country", role, run, rounds=ROUNDS, warmup=1)


@pytest.mark.parametrize("role", ["DuckDB folding events", "Polars folding events"])
def test_fold(measure: Measure, data: Corpus, role: str) -> None:
    """No read model: the raw events, in Parquet, folded at the moment of the question."""
    engine = "duckdb" if role.startswith("DuckDB") else "polars"
    measure.present("active", role, without("pyarrow", engine))
    path = data.folder / "gebeurtenissen.parquet"
    with open_ledger(data.ledger) as ledger:
        raw_events.write(ledger, path)
    if engine == "duckdb":
        run = partial(folds.by_duckdb, _duckdb(), path, AS_OF)
    else:
        run = partial(folds.by_polars, path, AS_OF)
    measure("active", role, run, rounds=5, warmup=1)


def _model(data: Corpus) -> ReadModel:
    with open_ledger(data.ledger) as ledger:
        return refreshed(ledger)


def _duckdb() -> duckdb.DuckDBPyConnection:
    import duckdb  # noqa: PLC0415 - of the extra `bench`

    return duckdb.connect()
