"""What tests share: golden files, and the ledger of a whole synthetic region."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, settings

from projections.store.settings import ENGINE_VARIABLE, ENGINES
from synthetic.region import region
from tests import places
from tests.command import Kijkglas, ledger_with

Golden = Callable[[Path, bytes], None]

# How long an example takes says something of the machine, and of what else it does.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("vast", _UNTIMED, derandomize=True)
settings.register_profile("zoeken", _UNTIMED, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "vast"))
# The same examples in every run, so that a run says something of the change and not of chance;
# HYPOTHESIS_PROFILE=zoeken looks for new ones.

_ROOM = pytest.StashKey[Path]()
SEED = 2025
PUPILS = 1500


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose an engine, and that write golden files anew."""
    parser.addoption("--engine", choices=ENGINES, help="the engine of every read model in this run")
    parser.addoption(
        "--update-golden", action="store_true", help="write golden files instead of comparing"
    )
    parser.addoption(
        "--grootboek",
        choices=(places.SQLITE, places.POSTGRESQL),
        help="where the ledgers of all tests are; without it in folders, and those of the "
        "tests marked `beide` also in databases of PostgreSQL",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make room for what the processes of this session share; xdist's workers find it made.

    And let every ledger of the run, also of the processes that it starts, use one engine.
    """
    if config.getoption("--engine"):
        os.environ[ENGINE_VARIABLE] = config.getoption("--engine")
    if places.ROOM not in os.environ:
        config.stash[_ROOM] = places.open_room()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if any, and clear the room."""
    if _ROOM in config.stash:
        places.close_room(config.stash[_ROOM])
        del os.environ[places.ROOM]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests marked `beide` on both kinds of ledger, unless one was asked for."""
    asked = metafunc.config.getoption("--grootboek")
    markers = {mark.name for mark in metafunc.definition.iter_markers()}
    if asked is None and "beide" in markers:
        kinds = (places.SQLITE, places.POSTGRESQL)
        metafunc.parametrize("grootboek", kinds, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about files of a folder when the ledger is on PostgreSQL."""
    asked = config.getoption("--grootboek") or places.SQLITE
    left_out = [
        item
        for item in items
        if _kind_of(item, asked) == places.POSTGRESQL and _is_about_a_folder(item)
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _is_about_a_folder(item: pytest.Item) -> bool:
    fixtures = {"engine", "on_sqlite"}.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("map") is not None


def _kind_of(item: pytest.Item, asked: str) -> str:
    """Return the kind of ledger of a test."""
    spec = getattr(item, "callspec", None)
    return asked if spec is None else str(spec.params.get("grootboek", asked))


@pytest.fixture(scope="session", autouse=True)
def grootboek(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the kind of the ledgers that are made meanwhile.

    A fixture wider than a test that makes ledgers asks for `tmp_path_factory`, and so for this.
    """
    asked: str | None = request.config.getoption("--grootboek")
    kind = getattr(request, "param", asked or places.SQLITE)
    places.use(kind)
    yield kind
    places.use(asked or places.SQLITE)


@pytest.fixture(scope="session")
def tmp_path_factory(
    grootboek: str,  # noqa: ARG001 - so that every fixture with a ledger is made per kind
    tmp_path_factory: pytest.TempPathFactory,
) -> pytest.TempPathFactory:
    """Give pytest's own: who makes a folder for a ledger makes it for one kind."""
    return tmp_path_factory


@pytest.fixture(autouse=True)
def cleared(grootboek: str) -> Iterator[None]:
    """Throw away the databases that a test made."""
    before = places.made()
    yield
    if grootboek == places.POSTGRESQL:
        places.throw_away(places.made() - before)


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
