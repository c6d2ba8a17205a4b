"""Every engine of the read model gives the same answers, keeps up, and survives a kill."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.places import LedgerError
from projections.refresh import rebuild, refreshed
from projections.store import ask
from projections.store.ask import AsOf
from projections.store.engines import engine_of
from projections.store.schema import PUPIL_TABLES
from projections.store.settings import ENGINE_VARIABLE, ENGINES, FOLDER_VARIABLE
from projections.verification import verify
from synthetic.region import region
from tests.command import TODAY, Kijkglas, kijkglas, ledger_with
from tests.histories import random_history, random_moment
from tests.ledgers import NOW, import_events, ledger_of, stand_rows, write_feed
from tests.places import copied, create, open_ledger
from tests.processes import SMALL_STEPS, is_sound, run, start
from tests.test_oracle_agrees import assert_answers_equal, booked_of

pytestmark = pytest.mark.map("about the engines of a ledger in a folder")

T = ("--teldatum", "2025-02-01")
PO, VO = ("--swv", "PO9901"), ("--swv", "VO9901")
PGNS = ("pgn", "nieuw_pgn")
JSON = ("--format", "json")
PARTS = {"projections.store.parquet_making:EVENTS_PER_FILE": 60, **SMALL_STEPS}

QUESTIONS: list[tuple[str, ...]] = [
    *(("report", f"dashboard-{name}", *swv, *T) for name in ("1a", "1b", "2") for swv in (PO, VO)),
    *(("report", f"kijkglas-{number}", *PO, *T) for number in (1, 2, 3, 4, 5)),
    *(("report", name, *PO, *T) for name in ("toename", "indicatoren")),
    ("report", "dashboard-1a", *PO, *T, "--bekend-op", "vaststelling"),
    ("stand", *T),
    ("stand", *T, *PO, "--bekend-op", "2025-01-15"),
    ("why", *PO, "--from", "2025-02-01@vaststelling", "--to", "2026-02-01"),
    ("why", *VO, "--from", "2024-02-01", "--to", "2025-02-01"),
    ("when", *PO, *T),
    ("diff", "dashboard-1b", *PO, "--from", "2025-02-01@vaststelling", "--to", "2025-02-01"),
    ("signals", *PO, *T),
    ("signals", *T),
    ("export", "benchmark", *PO, *T),
    ("verify",),
]


@pytest.fixture(scope="module")
def shared(region_feed: Path, tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give the ledger of the region, of which every engine keeps a read model of its own."""
    return ledger_with(tmp_path_factory.mktemp("motoren"), region_feed)


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_every_question_has_the_same_answer(
    words: tuple[str, ...], shared: Kijkglas, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []
    for name in ENGINES:
        monkeypatch.setenv(ENGINE_VARIABLE, name)
        more = () if words == ("verify",) else (*JSON, *TODAY)
        done = shared(*words, *more)
        answers.append((done.status, done.data, done.err))
    assert answers[0] == answers[1]
    assert answers[0][0] in {0, 1}, answers[0]
    assert len(answers[0][1]) > 100


@pytest.mark.parametrize("seed", range(12))
def test_every_engine_agrees_with_the_oracle(seed: int, engine: str) -> None:
    chance = random.Random(seed)  # noqa: S311 - examples, no secrets
    history = random_history(chance, most_pupils=3)
    with ledger_of() as ledger:
        booked = booked_of(ledger, history)
        model = refreshed(ledger)
        assert type(model).__name__.lower().startswith(engine)
        for _ in range(2):
            teldatum, known = random_moment(chance, history)
            assert_answers_equal(ledger, model, booked, teldatum, known)
        model.close()


def test_a_catch_up_in_steps_leaves_what_a_replay_makes(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several partitions, of which a step touches some: the others stay the same files."""
    monkeypatch.setattr("projections.store.parquet_making.EVENTS_PER_FILE", 60)
    monkeypatch.setattr("projections.refresh.SMALL", 10_000)
    lines = list(region(2025, 30))
    del engine
    with ledger_of(lines[: len(lines) // 2]) as ledger:
        refreshed(ledger).close()
        for number, start_at in enumerate(range(len(lines) // 2, len(lines), 60)):
            import_events(ledger, lines[start_at : start_at + 60], f"deel{number}.jsonl")
            refreshed(ledger).close()
        assert [check for check in verify(ledger) if check.gevonden] == []


def test_one_pupil_touches_the_files_of_one_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    monkeypatch.setattr("projections.store.parquet_making.EVENTS_PER_FILE", 60)
    lines: list[dict[str, Any]] = list(region(2025, 40))
    with ledger_of(lines) as ledger:
        refreshed(ledger).close()
        before = _files(ledger.folder)
        joined = {line[name] for line in lines if "nieuw_pgn" in line for name in PGNS}
        pgn = next(line["pgn"] for line in lines if line.get("pgn", None) not in {None, *joined})
        news = {"type": "WoonplaatsVastgelegd", "bekend_op": "2026-09-20", "pgn": pgn}
        import_events(ledger, [{**news, "vanaf": "2026-09-01", "buitenland": True}], "nieuws.jsonl")
        refreshed(ledger).close()
        after = _files(ledger.folder)
        new = {name.split("-")[1] for name in after - before}
        assert len(before) > 5 * len(PUPIL_TABLES)
        assert len(new) == 1
        assert len(after - before) == len(before - after) == len(PUPIL_TABLES)


def test_who_reads_keeps_its_version_through_catch_ups_and_a_rebuild(engine: str) -> None:
    del engine
    lines = list(region(2025, 30))
    day = NOW.date().replace(year=2025, month=2, day=1)
    with ledger_of(lines[:-100]) as ledger:
        old = refreshed(ledger)
        with old.reading():
            before = stand_rows(ledger, old, day)
            for number, at in enumerate((-100, -50)):
                import_events(ledger, lines[at : at + 50 or None], f"meer{number}.jsonl")
                refreshed(ledger).close()
            rebuild(ledger).close()
            assert stand_rows(ledger, old, day) == before
        old.close()
        new = refreshed(ledger)
        assert new.position == ledger.position
        new.close()
        rebuild(ledger).close()
        assert len(list(ledger.folder.glob("standen-*"))) - _beside(ledger.folder) == 1


def test_a_selection_of_many_pupils_is_all_of_them(engine: str) -> None:
    del engine
    with ledger_of(region(2025, 80)) as ledger, closing(refreshed(ledger)) as model:
        as_of = AsOf(NOW.date().replace(year=2025, month=2, day=1))
        every = list(ask.standen(model, as_of, ask.Selection()))
        pupils = tuple({row.leerling for row in every})
        chosen = list(ask.standen(model, as_of, ask.Selection(leerlingen=pupils)))
        assert len(pupils) > 50
        assert sorted(map(repr, chosen)) == sorted(map(repr, every))


@pytest.mark.parametrize("absent", [0, 399, 400, 401, 20_001])
def test_as_many_keys_as_anybody_asks_for_find_their_rows(absent: int, engine: str) -> None:
    del engine
    odd = ["", "'", '"', "\\", "é", "[]", "\n", ":key0", "{}"]
    with ledger_of(region(2025, 40)) as ledger, closing(refreshed(ledger)) as model:
        pupils = {row[0] for row in model.execute("SELECT DISTINCT leerling FROM personen")}
        objects = {row[0] for row in model.execute("SELECT object FROM afhankelijkheden")}
        others = [f"leerling {number}" for number in range(absent)]
        query = "SELECT DISTINCT leerling FROM personen WHERE leerling IN ({})"
        assert {row[0] for row in model.select_in(query, [*others, *odd, *pupils], {})} == pupils
        numbers = set(range(absent)) - objects
        depending = model.groups_depending_on(objects)
        assert depending == model.groups_depending_on([*numbers, 2**62, *objects])
        assert depending
        assert not model.groups_depending_on(numbers)


LATE = {
    "type": "LeerlingGeregistreerd",
    "bekend_op": "2026-10-01",
    "pgn": "111222333",
    "geboortedatum": "2013-03-01",
}
KILLED = [
    ("projections.store.duckdb_model:DuckdbReadModel.insert", 1, "after"),
    ("projections.store.duckdb_model:DuckdbReadModel.set_state", 1, "after"),
    ("projections.store.parquet_tables:pq.write_table", 3, "after"),
    ("projections.store.duckdb_model:written", 1, "before"),
    ("projections.store.duckdb_model:written", 1, "after"),
    ("projections.store.duckdb_model:cleared", 1, "before"),
]


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a ledger whose Parquet read model knows half of what it holds."""
    folder = tmp_path_factory.mktemp("half") / "grootboek"
    lines = list(region(2025, 20))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENGINE_VARIABLE, "duckdb")
        patch.setattr("projections.store.parquet_making.EVENTS_PER_FILE", 60)
        with create(folder) as ledger:
            import_events(ledger, lines[:170], "een.jsonl")
            refreshed(ledger).close()
            import_events(ledger, lines[170:], "twee.jsonl")
        yield folder


@pytest.mark.parametrize(("where", "call", "when"), KILLED)
def test_a_catch_up_of_parquet_killed_at_a_point_goes_on(
    where: str, call: int, when: str, tmp_path: Path, half: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    folder = copied(half, tmp_path / "grootboek")
    died = start(folder, "stand", *T, values=PARTS, die=(where, call, when)).end()
    assert died.status == -signal.SIGKILL, died.err
    assert run(folder, "stand", *T).returncode == 0
    assert is_sound(folder)
    feed = write_feed(tmp_path / "laat.jsonl", [LATE])
    assert run(folder, "import", str(feed)).returncode == 0
    assert run(folder, "stand", *T).returncode == 0
    # The next catch-up clears away what was left: one version, and its files alone.
    (generation,) = folder.glob("standen-*.parquet")
    (manifest,) = generation.glob("manifest-*.json")
    named = json.loads(manifest.read_bytes())["maten"]
    assert {path.name for path in generation.glob("*.parquet")} == set(named)
    assert not list(generation.glob("*.maken"))


@pytest.mark.parametrize("call", [1, 7])
def test_a_rebuild_of_parquet_killed_half_way_leaves_what_was_there(
    call: int, tmp_path: Path, half: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    folder = copied(half, tmp_path / "grootboek")
    before = [path.name for path in folder.glob("standen-*.parquet")]
    die = ("projections.store.parquet_tables:pq.write_table", call, "after")
    died = start(folder, "rebuild", values=PARTS, die=die).end()
    assert died.status == -signal.SIGKILL, died.err
    assert [path.name for path in folder.glob("standen-*.parquet")] == before
    assert run(folder, "rebuild").returncode == 0
    assert is_sound(folder)
    assert len(list(folder.glob("standen-*"))) == 1


def test_one_worker_and_two_write_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    monkeypatch.setattr("projections.store.parquet_making.EVENTS_PER_FILE", 100)
    with create(tmp_path / "grootboek") as ledger:
        import_events(ledger, region(2025, 40))
        contents = []
        for workers in (1, 2):
            rebuild(ledger, workers).close()
            (folder,) = ledger.folder.glob("standen-*.parquet")
            contents.append({path.name: path.read_bytes() for path in folder.glob("*.parquet")})
        assert contents[0] == contents[1]
        assert len(contents[0]) > 20


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: next(folder.glob("standen-0000-*")).unlink(),
        lambda folder: next(folder.glob("tlvs-0000-*")).write_bytes(b"geen parquet"),
        lambda folder: next(folder.glob("manifest-*.json")).write_bytes(b"{"),
        lambda folder: next(folder.glob("manifest-*.json")).unlink(),
        shutil.rmtree,
    ],
)
def test_a_damaged_parquet_read_model_comes_back_the_same(
    damage: Any,  # noqa: ANN401 - does harm
    tmp_path: Path,
    half: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    folder = copied(half, tmp_path / "grootboek")
    command = Kijkglas(folder)
    before = command.stand("2025-02-01")
    (generation,) = folder.glob("standen-*.parquet")
    damage(generation)
    assert command.stand("2025-02-01") == before
    assert is_sound(folder)


def test_init_chooses_the_engine_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENGINE_VARIABLE, raising=False)
    command = Kijkglas(tmp_path / "grootboek")
    command.fine("init", "--engine", "duckdb")
    command.stand("2025-02-01")
    assert [path.suffix for path in command.ledger.glob("standen-*.*")] == [".parquet"]
    monkeypatch.setenv(ENGINE_VARIABLE, "sqlite")
    command.stand("2025-02-01")
    assert len(list(command.ledger.glob("standen-*.sqlite"))) == 1
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "elders"))
    command.stand("2025-02-01")
    assert len(list((tmp_path / "elders").glob("grootboek-*/standen-*.sqlite"))) == 1


def test_two_ledgers_share_a_folder_without_touching_each_other(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del engine
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "samen"))
    places = [tmp_path / name / "grootboek" for name in ("een", "twee")]
    for number, place in enumerate(places):
        with create(place) as ledger:
            import_events(ledger, region(2025 + number, 5))
    made = []
    for place in (*places, *places):
        with open_ledger(place) as ledger:
            model = refreshed(ledger)
            made.append((model.generation[:14], model.position == ledger.position))
            model.close()
    assert made == [("standen-000001", True)] * 4


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("/etc/passwd/x", "kan niet worden gemaakt"),
        ("a\0b", "kan geen map voor het leesmodel zijn"),
    ],
)
def test_a_folder_that_cannot_be_is_told(
    where: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ledger_with(tmp_path)
    if "\0" in where:  # no environment can hold it
        text = f"map = {json.dumps(where)}"
        (command.ledger / "leesmodel.toml").write_text(text, encoding="utf-8")
    else:
        monkeypatch.setenv(FOLDER_VARIABLE, where)
    done = command("stand", *T)
    assert done.status == 4
    assert told in done.err
    assert "KIJKGLAS_LEESMODEL, of met 'map' in leesmodel.toml" in done.err


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('engine = "oracle"', "engine 'oracle' bestaat niet; kies uit sqlite, duckdb"),
        ("engine = 3", "alleen 'engine' en 'map' kunnen hier staan, als tekst"),
        ('motor = "duckdb"', "alleen 'engine' en 'map' kunnen hier staan, als tekst"),
        ('motor = "duckdb"', "leesmodel.toml: 'motor' kan hier niet zo staan"),
        ("engine", "kan niet worden gelezen: het einde is geen TOML; schrijf naam = "),
        ("engine = \n", "regel 1, kolom 10 is geen TOML"),
    ],
)
def test_a_setting_that_is_wrong_is_told(
    said: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENGINE_VARIABLE, raising=False)
    command = ledger_with(tmp_path)
    (command.ledger / "leesmodel.toml").write_text(said, encoding="utf-8")
    done = command("stand", *T)
    assert done.status == 4
    assert told in done.err


def test_without_the_extra_it_says_which_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    monkeypatch.setattr("projections.store.settings.NEEDED", ("duckdb", "nergens_te_vinden"))
    command = Kijkglas(tmp_path / "grootboek")
    for words in (("init",), ("init", "--engine", "duckdb"), ("init", "--engine", "sqlite")):
        done = command(*words)
        assert done.status == 4
        assert "extra 'scale'" in done.err
        assert "'.[scale]'" in done.err
    assert not command.ledger.exists()
    monkeypatch.setenv(ENGINE_VARIABLE, "sqlite")
    assert command("init", "--engine", "duckdb").status == 4
    command.fine("init")
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    done = command("stand", *T)
    assert done.status == 4
    assert "extra 'scale'" in done.err


def test_a_setting_that_is_no_utf_8_is_told(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    (command.ledger / "leesmodel.toml").write_bytes(b'engine = "\xff"')
    done = command("stand", *T)
    assert done.status == 4
    assert "het is geen UTF-8; bewaar het als UTF-8" in done.err


def test_an_unknown_engine_in_the_environment_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ledger_with(tmp_path)
    monkeypatch.setenv(ENGINE_VARIABLE, "iets")
    with (
        open_ledger(command.ledger) as ledger,
        pytest.raises(LedgerError, match=r"^KIJKGLAS_ENGINE: engine 'iets'"),
    ):
        engine_of(ledger)


def test_the_engines_are_loaded_only_when_used(tmp_path: Path) -> None:
    done = kijkglas("--ledger", tmp_path / "grootboek", "init")
    assert done.status == 0
    words = ("--ledger", str(tmp_path / "grootboek"), "stand", *T)
    check = (
        "import sys; from cli.main import main\n"
        f"sys.argv = ['kijkglas', *{words!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'duckdb', 'pyarrow'} & set(sys.modules)\n"
    )
    script = tmp_path / "vraag.py"
    script.write_text(check, encoding="utf-8")
    code = "import runpy, sys; runpy.run_path(sys.argv[1])"
    env = {**os.environ, ENGINE_VARIABLE: "sqlite"}
    found = _python(code, str(script), env)
    assert found == 0


def _python(code: str, argument: str, env: dict[str, str]) -> int:
    return subprocess.run(
        [sys.executable, "-c", code, argument],
        env=env,
        cwd=Path(__file__).parents[1],
        check=False,
        capture_output=True,
    ).returncode


def _files(folder: Path) -> set[str]:
    """Return the names of the files with rows of pupils."""
    names = {path.name for path in folder.glob("standen-*.parquet/*.parquet")}
    return {name for name in names if name.split("-")[0] in PUPIL_TABLES}


def _beside(folder: Path) -> int:
    """Return how many files of SQLite stand beside the table itself."""
    return len([*folder.glob("standen-*-wal"), *folder.glob("standen-*-shm")])


def test_an_engine_leaves_the_read_model_of_another_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ledger_of(region(2025, 20)) as ledger:
        monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
        refreshed(ledger).close()
        monkeypatch.setenv(ENGINE_VARIABLE, "sqlite")
        rebuild(ledger).close()
        rebuild(ledger).close()
        monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
        model = engine_of(ledger).opened()
        assert model is not None
        assert model.position == ledger.position
        model.close()
        kinds = {path.suffix for path in ledger.folder.glob("standen-*")}
        assert {".parquet", ".sqlite"} <= kinds
        assert len(list(ledger.folder.glob("standen-*.sqlite"))) == 1
