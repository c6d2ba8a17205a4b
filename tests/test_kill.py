"""A process killed at any point leaves a ledger that the same command finishes."""

from __future__ import annotations

import os
import signal
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.importing import import_feed
from projections.refresh import refreshed
from synthetic.region import region
from tests.ledgers import NOW, import_events, stand_rows, write_feed
from tests.places import (
    copied,
    create,
    drop_read_model,
    folder_of,
    generations,
    left_over,
    open_ledger,
)
from tests.processes import (
    PARTED,
    SMALL_STEPS,
    exported,
    is_at_end,
    is_sound,
    run,
    size_of_log,
    start,
)

Line = dict[str, Any]

pytestmark = pytest.mark.usefixtures("only_sqlite")

TELDATA = (date(2025, 2, 1), date(2024, 2, 1))
SLOWLY = {**SMALL_STEPS, "ledger.booking:BATCH": 8}
PAUSE = ("ledger.application:Ledger.append", 0.01)

LINES = 341
INSERT = "ledger.recorders:LedgerRecorder._append"
"""Inside the transaction of an append: after its rows, before its commit."""
APPEND = "ledger.application:Ledger.append"
"""An append as a whole: before it pupils have a stream in the vault, after it is all stored."""
LAST = -(-LINES // 40)
"""The append of the last lines; one more tells that the file was read."""
INSERTED = "ledger.sqlite_recorder:SQLiteLedgerRecorder.insert_rows"
EXPECT = "ledger.groups:Groups.expect"
SETTLE = "ledger.groups:Groups._join"
"""Before and after the append of a join: the vault is a database of its own."""
REGISTER = "ledger.vault:Vault.register"
ROWS = "projections.store.sqlite_model:SqliteReadModel.insert"
"""Inside the transaction of a catch-up or a rebuild."""


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """Return a region, with two known pupils that become one near the end."""
    pair = [
        {"type": "WoonplaatsVastgelegd", "bekend_op": "2024-06-01", "pgn": pgn}
        | {"vanaf": "2020-01-01", "pc4": "7511"}
        for pgn in ("100000004", "111222333")
    ]
    joined = {"type": "PgnVervangen", "bekend_op": "2025-06-01", "pgn": "100000004"}
    made: list[Line] = [*pair, *region(2025, 20), {**joined, "nieuw_pgn": "111222333"}]
    assert len(made) == LINES
    return made


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory, lines: list[Line]) -> Path:
    return write_feed(tmp_path_factory.mktemp("feed") / "feed.jsonl", lines)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, lines: list[Line]) -> Path:
    """Return the ledger of one import that nothing disturbed, with its read model."""
    folder = tmp_path_factory.mktemp("ongestoord") / "grootboek"
    with create(folder) as ledger:
        assert not import_events(ledger, lines).booked.refused
        refreshed(ledger).close()
    return folder


@pytest.fixture(scope="module")
def answers(undisturbed: Path) -> object:
    return _answers(undisturbed)


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory, lines: list[Line]) -> Path:
    """Return a ledger whose read model knows half of what it holds."""
    folder = tmp_path_factory.mktemp("half") / "grootboek"
    middle = len(lines) // 2
    with create(folder) as ledger:
        import_events(ledger, lines[:middle], "een.jsonl")
        refreshed(ledger).close()
        import_events(ledger, lines[middle:], "twee.jsonl")
    return folder


@pytest.mark.beide
@pytest.mark.parametrize(
    ("where", "call", "when"),
    [
        (INSERT, 1, "after"),
        (INSERT, 5, "after"),
        (APPEND, 1, "before"),
        (REGISTER, 1, "after"),
        (EXPECT, 1, "after"),
        (SETTLE, 1, "before"),
        (SETTLE, 1, "after"),
    ],
)
def test_an_import_killed_at_a_point_goes_on(
    where: str, call: int, when: str, tmp_path: Path, feed: Path, answers: object
) -> None:
    folder = _empty(tmp_path)
    died = start(folder, "import", str(feed), die=(where, call, when))
    assert died.end().status == -signal.SIGKILL
    _assert_sound_so_far(folder)
    _assert_import_goes_on(folder, feed, answers)


@pytest.mark.beide
@pytest.mark.parametrize(
    ("where", "when", "is_booked"),
    [
        (APPEND, "before", False),
        (EXPECT, "after", False),
        (INSERT, "after", False),
        (INSERTED, "after", True),
        (SETTLE, "before", True),
        (SETTLE, "after", True),
    ],
)
def test_a_join_is_in_force_when_its_event_is_booked_wherever_a_process_dies(
    where: str, when: str, is_booked: bool, tmp_path: Path, lines: list[Line]
) -> None:
    """Nobody repairs anything: who asks next sees both, or neither."""
    folder = _empty(tmp_path)
    with open_ledger(folder) as ledger:
        import_events(ledger, lines[:-1])
        refreshed(ledger).close()
        before = ledger.position
    last = write_feed(tmp_path / "samen.jsonl", lines[-1:])
    assert start(folder, "import", str(last), die=(where, 1, when)).end().status == -signal.SIGKILL
    with open_ledger(folder) as ledger:
        assert (ledger.position, len(ledger.vault.joined())) == (
            before + is_booked,
            int(is_booked),
        )
        refreshed(ledger).close()
    assert is_sound(folder)
    assert run(folder, "import", str(last)).returncode == 0
    with open_ledger(folder) as ledger:
        assert len(ledger.vault.joined()) == 1
    assert is_sound(folder)


@pytest.mark.parametrize("seed", range(3))
def test_an_import_killed_by_another_goes_on(
    seed: int, tmp_path: Path, feed: Path, answers: object
) -> None:
    """Killed from outside, once the log has grown to some size: two times, then finished."""
    folder = _empty(tmp_path)
    chance = Random(seed)  # noqa: S311 - no secret is made
    empty, reached = size_of_log(folder), 0
    for _ in range(2):
        running = start(folder, "import", str(feed), values=SLOWLY, pause=PAUSE)
        target = max(empty, size_of_log(folder)) + chance.randint(1, 40_000)
        assert running.wait_until(lambda target=target: size_of_log(folder) >= target)  # type: ignore[misc]
        assert running.kill() == -signal.SIGKILL
        with open_ledger(folder) as ledger:
            assert reached < ledger.position < len(exported(folder)) + 2
            reached = ledger.position
            assert ledger.first_break() is None
    _assert_import_goes_on(folder, feed, answers)


@pytest.mark.beide
def test_two_imports_of_which_one_is_killed(tmp_path: Path, feed: Path, answers: object) -> None:
    """The lock of the dead falls with it: the other goes on."""
    folder = _empty(tmp_path)
    empty = size_of_log(folder)
    dying = start(folder, "import", str(feed), values=SLOWLY, pause=PAUSE, die=(INSERT, 3, "after"))
    assert dying.wait_until(lambda: size_of_log(folder) > empty)
    other = start(folder, "import", str(feed), values=SLOWLY, pause=PAUSE)
    assert dying.end().status == -signal.SIGKILL
    assert other.end().status == 0
    _assert_import_goes_on(folder, feed, answers)


@pytest.mark.parametrize(
    ("where", "call", "when"),
    [
        (ROWS, 1, "after"),
        (ROWS, 2, "before"),
        ("projections.store.sqlite_model:SqliteReadModel.delete_groups", 1, "after"),
        ("projections.store.sqlite_model:SqliteReadModel.replace_reference", 1, "after"),
        ("projections.store.sqlite_model:SqliteReadModel.set_state", 1, "after"),
        ("projections.refresh:catch_up", 1, "after"),
    ],
)
def test_a_catch_up_killed_at_a_point_goes_on(
    where: str, call: int, when: str, tmp_path: Path, half: Path, answers: object
) -> None:
    folder = copied(half, tmp_path / "grootboek")
    words = ("stand", "--teldatum", "2025-02-01")
    died = start(folder, *words, die=(where, call, when))
    assert died.end().status == -signal.SIGKILL
    assert run(folder, *words).returncode == 0
    assert _answers(folder) == answers
    assert is_sound(folder)


FILES = pytest.mark.map("a generation is published by the name of its file")
REBUILDS = [
    (ROWS, 1, "after"),
    (ROWS, 3, "after"),
    ("projections.store.sqlite_making:create_indexes", 1, "before"),
    ("projections.store.sqlite_making:SqliteMaking.publish", 1, "before"),
    pytest.param("pathlib:Path.replace", 1, "before", marks=FILES),
    pytest.param("pathlib:Path.replace", 1, "after", marks=FILES),
]


@pytest.mark.parametrize(("where", "call", "when"), REBUILDS)
def test_a_rebuild_killed_at_a_point_goes_on(
    where: str, call: int, when: str, tmp_path: Path, undisturbed: Path, answers: object
) -> None:
    folder = copied(undisturbed, tmp_path / "grootboek")
    died = start(folder, "rebuild", die=(where, call, when))
    assert died.end().status == -signal.SIGKILL
    # What was there before is still there, or the new one: nobody waits for a rebuild.
    assert _answers(folder) == answers
    assert run(folder, "rebuild").returncode == 0
    assert _answers(folder) == answers
    assert is_sound(folder)
    _assert_nothing_left(folder)


@pytest.mark.map("workers are seen at work by their files")
@pytest.mark.parametrize("seed", range(2))
def test_a_parallel_rebuild_killed_by_another_goes_on(
    seed: int, tmp_path: Path, undisturbed: Path, answers: object
) -> None:
    """Killed while its workers compute: what they left behind is cleared away later."""
    folder = copied(undisturbed, tmp_path / "grootboek")
    # So that what the workers made is there for a while.
    slow = ("projections.store.sqlite_making:SqliteMaking.merge", 0.05)
    running = start(folder, "rebuild", "--workers", "2", values=PARTED, pause=slow)
    parts = 1 + seed
    try:
        assert running.wait_until(lambda: len(list(folder.glob("delen-*/*.sqlite"))) >= parts)
        assert running.kill() == -signal.SIGKILL
        assert _answers(folder) == answers
        again = start(folder, "rebuild", "--workers", "2", values=PARTED)
        assert again.end().status == 0
    finally:
        running.clear()
    assert _answers(folder) == answers
    assert is_sound(folder)
    _assert_nothing_left(folder)


@pytest.mark.map("workers are seen at work by their files")
def test_workers_end_with_the_process_that_is_killed(tmp_path: Path, undisturbed: Path) -> None:
    """They all hold the end of one pipe: it is at its end when none of them is left."""
    folder = copied(undisturbed, tmp_path / "grootboek")
    mine, theirs = os.pipe()
    running = start(folder, "rebuild", "--workers", "2", values=PARTED, stderr=theirs)
    os.close(theirs)
    try:
        assert running.wait_until(lambda: bool(list(folder.glob("delen-*/*.sqlite"))))
        assert running.kill() == -signal.SIGKILL
        os.set_blocking(mine, False)
        assert is_at_end(mine, seconds=6)
    finally:
        running.clear()
        os.close(mine)


@pytest.mark.beide
def test_a_worker_that_is_killed_leaves_the_read_model_as_it_was(
    tmp_path: Path, undisturbed: Path, answers: object
) -> None:
    folder = copied(undisturbed, tmp_path / "grootboek")
    before = _read_models(folder)
    words = ("rebuild", "--workers", "2")
    died = start(
        folder,
        *words,
        values=PARTED,
        die=("projections.store.sqlite_making:SqliteMaking.merge", 2, "before"),
    )
    assert died.end().status == -signal.SIGKILL
    assert _read_models(folder) == before
    assert _answers(folder) == answers


@pytest.mark.beide
def test_a_first_read_model_killed_half_way_is_made_again(
    tmp_path: Path, undisturbed: Path, answers: object
) -> None:
    folder = copied(undisturbed, tmp_path / "grootboek")
    drop_read_model(folder)
    words = ("stand", "--teldatum", "2025-02-01")
    died = start(folder, *words, die=(ROWS, 2, "after"))
    assert died.end().status == -signal.SIGKILL
    assert not _read_models(folder)
    assert run(folder, *words).returncode == 0
    assert _answers(folder) == answers
    _assert_nothing_left(folder)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_kills_anywhere(seed: int, tmp_path: Path, feed: Path, answers: object) -> None:
    """Import and report in turn, killed at any call of any of the points, five times."""
    chance = Random(seed)  # noqa: S311 - no secret is made
    folder = _empty(tmp_path)
    points = [INSERT, APPEND, REGISTER, EXPECT, SETTLE, ROWS, *_PLACES]
    for _ in range(5):
        words = chance.choice((("import", str(feed)), ("rebuild",), ("stand",)))
        die = (chance.choice(points), chance.randint(1, 9), chance.choice(("before", "after")))
        status, _, err = start(folder, *words, die=die).end()
        assert status in {0, -signal.SIGKILL}, err
        _assert_sound_so_far(folder)
    _assert_import_goes_on(folder, feed, answers)


def _empty(tmp_path: Path) -> Path:
    with create(tmp_path / "grootboek") as ledger:
        return folder_of(ledger)


def _assert_sound_so_far(folder: Path) -> None:
    """Check that what was booked before the kill is whole, and can be asked about."""
    assert is_sound(folder)


def _assert_import_goes_on(folder: Path, feed: Path, answers: object) -> None:
    done = run(folder, "import", str(feed))
    assert done.returncode == 0, done.stderr
    assert "afgekeurd 0" in done.stdout
    assert _answers(folder) == answers
    assert is_sound(folder)
    with open_ledger(folder) as ledger:
        again = import_feed(ledger, feed, NOW)
        assert (again.booked.geboekt, again.booked.refused) == (0, ())


def _answers(folder: Path) -> object:
    """Return all that a ledger knows and says, whatever its ids and the order of booking."""
    lines = exported(folder)
    with open_ledger(folder) as ledger:
        model = refreshed(ledger)
        rows = [stand_rows(ledger, model, day) for day in TELDATA]
        model.close()
    assert all(rows)
    return lines, rows


_read_models = generations
_PLACES = (
    ROWS,
    "projections.store.sqlite_making:create_indexes",
    "projections.store.sqlite_making:SqliteMaking.publish",
)


def _assert_nothing_left(folder: Path) -> None:
    """Check that no half-made file stays behind, and one read model."""
    assert len(_read_models(folder)) == 1
    assert left_over(folder) == set()
