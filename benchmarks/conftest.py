"""Sizes, corpora and the one way in which every figure is taken."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import servers
from benchmarks.absent import Absent, without
from benchmarks.corpus import Corpus, corpus, size_name, size_of
from benchmarks.targets import DUCKDB, OURS
from ledger.application import open_ledger
from projections.refresh import refreshed
from projections.store.read_model import ReadModel
from projections.store.settings import ENGINE_VARIABLE

SIZES_VARIABLE: Final = "KIJKGLAS_BENCHMARK_EVENTS"
DEFAULT: Final = 30_000
HEAVY: Final = 1_000_000
HEAVY_ROWS: Final = 100_000
"""Rows of a file with states: more than any samenwerkingsverband has pupils."""


Peer = TypeVar("Peer")
Served = TypeVar("Served", str, Path)

_absences: Final[list[dict[str, str]]] = []
"""What this run could not measure, and why."""


class Measure(NamedTuple):
    """Takes a figure: which row of the report it belongs to, and in which role."""

    benchmark: BenchmarkFixture
    events: int
    size: str

    def __call__(
        self,
        row: str,
        role: str,
        run: Callable[..., Any],
        *,
        rounds: int = 1,
        warmup: int = 0,
        setup: Callable[[], Any] | None = None,
        **extra: object,
    ) -> Any:  # noqa: ANN401 - what `run` returns
        """Run and time, and return what the last run returned: what it worked on, never nothing.

        `setup` runs before each round, outside the time; it can return (args, kwargs).
        """
        info = {"row": row, "role": role, "events": self.events, "size": self.size, **extra}
        self.benchmark.extra_info.update(info)
        self.benchmark.group = f"{row} {self.size}"
        returned = self.benchmark.pedantic(  # type: ignore[no-untyped-call]  # it is untyped
            run, setup=setup, rounds=rounds, warmup_rounds=warmup, iterations=1
        )
        assert returned, f"a measure of nothing: {row}, {role}"
        return returned

    def present(self, row: str, role: str, peer: Peer | Absent) -> Peer:
        """Return the peer; when it is absent the report says why, and there is no figure."""
        if isinstance(peer, Absent):
            absence = {"row": row, "role": role, "size": self.size, "reason": peer.reason}
            _absences.append(absence)
            pytest.skip(peer.reason)
        return peer

    def note(self, **extra: object) -> None:
        """Add to the figure what was only known after the run: what it worked on, never nothing."""
        assert any(extra.values()), f"a measure of nothing: {extra}"
        self.benchmark.extra_info.update(extra)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the sizes."""
    parser.addoption(
        "--events",
        default=os.environ.get(SIZES_VARIABLE, ""),
        help=f"sizes such as 30k,1M (also {SIZES_VARIABLE}); default 30k, with -m heavy 1M",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_json(output_json: dict[str, Any]) -> None:
    """Add to a run what it could not measure."""
    output_json["not_measured"] = _absences


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every benchmark that has a size at the sizes chosen, else at 30 k and, heavy, larger.

    `size` = so many events; `rows` = so many rows of a file with states.
    """
    for name, heavy in (("size", HEAVY), ("rows", HEAVY_ROWS)):
        if name in metafunc.fixturenames:
            sizes = [pytest.param(size, id=size_name(size)) for size in _chosen(metafunc.config)]
            default = [
                pytest.param(DEFAULT, id=size_name(DEFAULT)),
                pytest.param(heavy, id=size_name(heavy), marks=pytest.mark.heavy),
            ]
            metafunc.parametrize(name, sizes or default, scope="session")


@pytest.fixture(name="data", scope="session")
def fixture_data(size: int) -> Corpus:
    return _corpus(size)


@pytest.fixture(name="measure")
def fixture_measure(benchmark: BenchmarkFixture, data: Corpus) -> Measure:
    return Measure(benchmark, data.lines, data.name)


@pytest.fixture(name="model")
def fixture_model(data: Corpus) -> Iterator[ReadModel]:
    with open_ledger(data.ledger) as ledger:
        model = refreshed(ledger)
    yield model
    model.close()


@pytest.fixture(name="ours", params=[OURS, DUCKDB])
def fixture_ours(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give our role on each engine in turn, with every read model of the test on it."""
    role: str = request.param
    if role == DUCKDB and isinstance(without("duckdb", "pyarrow"), Absent):
        pytest.skip("the extra 'scale' is not installed")
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb" if role == DUCKDB else "sqlite")
    return role


@pytest.fixture(name="postgresql", scope="session")
def fixture_postgresql() -> Iterator[str | Absent]:
    """Give the URL of a PostgreSQL server of our own."""
    yield from _served(without("psycopg") or servers.postgresql_bin(), servers.postgresql)


@pytest.fixture(name="mariadb", scope="session")
def fixture_mariadb() -> Iterator[Path | Absent]:
    """Give the socket of a MariaDB server of our own."""
    yield from _served(without("pymysql") or servers.mariadb_bin(), _mariadb)


@contextmanager
def _mariadb(program: Path) -> Iterator[Path]:
    with servers.folder_for_a_server() as folder, servers.mariadb(program, folder) as socket:
        yield socket


def _served(
    found: Path | Absent, run: Callable[[Path], AbstractContextManager[Served]]
) -> Iterator[Served | Absent]:
    """Give what a server is reached by while it runs, or why there is none."""
    if isinstance(found, Absent):
        yield found
        return
    with run(found) as served:
        yield served


@pytest.fixture(name="stack")
def fixture_stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(name="measure_start")
def fixture_measure_start(benchmark: BenchmarkFixture) -> Measure:
    """Return the measure of what has no size: starting up."""
    return Measure(benchmark, 0, "")


@pytest.fixture(name="rounds")
def fixture_rounds(size: int) -> int:
    """Return how often a long run is repeated."""
    return 3 if size < HEAVY else 1


_corpus = cache(corpus)


def _chosen(config: pytest.Config) -> list[int]:
    text: str = config.getoption("--events")
    return [size_of(one.strip()) for one in text.split(",") if one.strip()]
