"""What tests share: golden files, and the ledger of a whole synthetic region."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings

from projections.store.settings import ENGINE_VARIABLE, ENGINES
from synthetic.region import region
from tests.command import Kijkglas, ledger_with

Golden = Callable[[Path, bytes], None]

settings.register_profile("vast", derandomize=True)
settings.register_profile("zoeken", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "vast"))
# The same examples in every run, so that a run says something of the change and not of chance;
# HYPOTHESIS_PROFILE=zoeken looks for new ones.

SEED = 2025
PUPILS = 1500


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose an engine, and that write golden files anew."""
    parser.addoption("--engine", choices=ENGINES, help="the engine of every read model in this run")
    parser.addoption(
        "--update-golden", action="store_true", help="write golden files instead of comparing"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let every ledger of the run, also of the processes that it starts, use one engine."""
    if config.getoption("--engine"):
        os.environ[ENGINE_VARIABLE] = config.getoption("--engine")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the name of each engine in turn, with every ledger of the test on it."""
    name: str = request.param
    monkeypatch.setenv(ENGINE_VARIABLE, name)
    return name


@pytest.fixture
def on_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a test that looks into the file of SQLite on that engine, in every run."""
    monkeypatch.setenv(ENGINE_VARIABLE, "sqlite")


@pytest.fixture(scope="module")
def only_sqlite() -> Iterator[None]:
    """Keep a module that looks into the files of SQLite on that engine, in every run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENGINE_VARIABLE, "sqlite")
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Give what compares bytes with a golden file, or writes it with --update-golden."""
    update = bool(request.config.getoption("--update-golden"))

    def compare(path: Path, found: bytes) -> None:
        if update:
            path.write_bytes(found)
        assert path.read_bytes() == found, f"{path.name}: pytest --update-golden writes it anew"

    return compare


@pytest.fixture(scope="session")
def region_feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the feed of the region that events_samples/region describes."""
    path = tmp_path_factory.mktemp("regio") / "regio.jsonl"
    encode = msgspec.json.Encoder().encode
    path.write_bytes(b"".join(encode(line) + b"\n" for line in region(SEED, PUPILS)))
    return path


@pytest.fixture(scope="session")
def region_ledger(region_feed: Path) -> Kijkglas:
    """Give the ledger of the region; tests that share it only read."""
    return ledger_with(region_feed.parent, region_feed)
