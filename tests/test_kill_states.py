"""A state file or its undo killed at any point leaves a ledger that the same command finishes."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from synthetic.numbers import bsn_numbers
from tests.command import TODAY, Kijkglas
from tests.downloads import (
    APRIL,
    FEB,
    MARCH,
    NAME,
    Row,
    answers,
    counted,
    csv_file,
    differing,
    feed,
    import_id,
    ledger_in,
)
from tests.processes import copied, is_sound, run, size_of_log, start

PUPILS: Final = 240
STEPS: Final = {"ledger.state_import:CHUNK": 30, "ledger.stating:BATCH": 40}
"""Chunks and appends that are small beside the file: some thirty appends of it."""
KNOWN: Final = ("2025-02-10", "nu")
SLOWLY: Final = ("ledger.application:Ledger.append", 0.02)

INSERT: Final = "ledger.recorders:LedgerRecorder._insert_rows"
"""Inside the transaction of an append: after its rows, before its commit."""
APPEND: Final = "ledger.application:Ledger.append"
REGISTER: Final = "ledger.vault:Vault.register"
BOOK_FILE: Final = "ledger.importing:book_file"
POINTS: Final = [
    (INSERT, 1, "after"),
    (INSERT, 4, "after"),
    (APPEND, 1, "before"),
    (APPEND, 9, "after"),
    (REGISTER, 5, "after"),
    (BOOK_FILE, 1, "before"),
    (BOOK_FILE, 1, "after"),
]


def rows(count: int = PUPILS) -> Iterator[Row]:
    """Yield rows of as many pupils."""
    for number, pgn in enumerate(islice(bsn_numbers(77), count)):
        yield {**counted(0), "BSN_OWN": pgn, "INSCHRIJVINGSVOLGNUMMER": str(number)} | {
            "BESCHIKKINGSNUMMER": f"PO2304-2023-{number:05}"
        }


def later(row: Row, number: int) -> Row:
    """Return a row of the next download: every third pupil differs, every tenth is gone."""
    if number % 3 == 0:
        return {**row, "VESTIGINGSCODE": "00SU01"}
    return {**row, "EIND_DATUM_TLV": "31-7-2027"} if number % 7 == 0 else row


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a download."""
    return csv_file(tmp_path_factory.mktemp("een") / NAME, list(rows()), FEB)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the download of a month later."""
    made = [later(row, number) for number, row in enumerate(rows()) if number % 10]
    return csv_file(tmp_path_factory.mktemp("twee") / NAME, made, MARCH)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a ledger without pupils."""
    return ledger_in(tmp_path_factory.mktemp("leeg")).ledger


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, empty: Path, first: Path) -> Path:
    """Return the folder of a ledger that took in the first download, undisturbed."""
    folder = copied(empty, tmp_path_factory.mktemp("ongestoord-een") / "grootboek")
    Kijkglas(folder).imported(first)
    return folder


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, one: Path, second: Path) -> Path:
    """Return the folder of a ledger that took in both, undisturbed."""
    folder = copied(one, tmp_path_factory.mktemp("ongestoord-twee") / "grootboek")
    Kijkglas(folder).imported(second, more=["--complete"])
    return folder


def told(folder: Path) -> tuple[dict[str, Any], list[bytes]]:
    """Return the answers of a ledger, and its events."""
    command = Kijkglas(folder)
    return answers(command, KNOWN), feed(command)


@pytest.fixture(scope="module")
def of_one(one: Path) -> tuple[dict[str, Any], list[bytes]]:
    return told(one)


@pytest.fixture(scope="module")
def of_both(both: Path) -> tuple[dict[str, Any], list[bytes]]:
    return told(both)


Told = tuple[dict[str, Any], list[bytes]]


def assert_same(folder: Path, wanted: Told) -> None:
    """Check that a ledger answers and knows the same as an undisturbed one."""
    found = told(folder)
    assert differing(found[0], wanted[0]) == []
    assert found[1] == wanted[1]
    assert is_sound(folder)


def assert_whole_rows(folder: Path) -> int:
    """Check that of each pupil there is the whole row or nothing; return of how many."""
    lines = [json.loads(line) for line in feed(Kijkglas(folder))]
    types: dict[str, set[str]] = {}
    for line in lines:
        if "pgn" in line:
            types.setdefault(line["pgn"], set()).add(line["type"])
    whole = {"TlvAfgegeven", "InschrijvingGeregistreerd", "TlvGekoppeld", "BepalingGemeld"}
    assert Counter(map(frozenset, types.values())).keys() <= {frozenset(whole)}
    return len(types)


def files(folder: Path) -> list[str]:
    """Return the ids of the imports that are listed."""
    rows_ = Kijkglas(folder).fine("imports", "--format", "json").rows
    return [row["import_id"] for row in rows_ if row["bron"] != "gebeurtenissen"]


@pytest.mark.parametrize(("where", "call", "when"), POINTS)
def test_an_import_killed_at_a_point_is_finished_by_the_next(
    where: str, call: int, when: str, empty: Path, first: Path, of_one: Told, tmp_path: Path
) -> None:
    folder = copied(empty, tmp_path / "grootboek")
    died = start(folder, "import", str(first), values=STEPS, die=(where, call, when))
    assert died.end().status == -signal.SIGKILL
    assert is_sound(folder)
    reached = assert_whole_rows(folder)
    assert (reached == PUPILS) == (where == BOOK_FILE)
    assert files(folder) == ([import_id(first)] if (where, when) == (BOOK_FILE, "after") else [])
    done = run(folder, "import", str(first), *TODAY)
    assert done.returncode == 0, done.stderr
    assert f"al bekend {reached}, afgekeurd 0" in done.stdout
    assert_same(folder, of_one)
    assert files(folder) == [import_id(first)]


@pytest.mark.parametrize("seed", range(3))
def test_an_import_killed_anywhere_is_finished_by_the_next(
    seed: int, empty: Path, first: Path, of_one: Told, tmp_path: Path
) -> None:
    chance = Random(seed)  # noqa: S311 - no secret is made
    folder = copied(empty, tmp_path / "grootboek")
    for _ in range(2):
        running = start(folder, "import", str(first), values=STEPS, pause=SLOWLY)
        target = size_of_log(folder) + chance.randint(1, 200_000)
        running.wait_until(lambda target=target: size_of_log(folder) >= target)  # type: ignore[misc]
        running.kill()
        assert is_sound(folder)
        assert_whole_rows(folder)
    assert run(folder, "import", str(first), *TODAY).returncode == 0
    assert_same(folder, of_one)


@pytest.mark.parametrize(
    ("where", "call", "when"),
    [(INSERT, 1, "after"), (APPEND, 2, "after"), (APPEND, 4, "before"), (BOOK_FILE, 1, "before")],
)
def test_a_complete_second_download_killed_at_a_point_is_finished_by_the_next(
    where: str, call: int, when: str, one: Path, second: Path, of_both: Told, tmp_path: Path
) -> None:
    folder = copied(one, tmp_path / "grootboek")
    words = ("import", str(second), "--complete", *TODAY)
    died = start(folder, *words, values=STEPS, die=(where, call, when))
    assert died.end().status == -signal.SIGKILL
    assert is_sound(folder)
    assert run(folder, *words).returncode == 0
    assert_same(folder, of_both)


@pytest.mark.parametrize(
    ("where", "call", "when"),
    [(INSERT, 2, "after"), (APPEND, 1, "after"), (APPEND, 3, "after"), (BOOK_FILE, 1, "before")],
)
def test_a_late_file_killed_at_a_point_is_finished_by_the_next(
    where: str, call: int, when: str, empty: Path, first: Path, second: Path, of_both: Told,
    tmp_path: Path,
) -> None:  # fmt: skip
    """The later download was there first: what it said is told again in the same append."""
    folder = copied(empty, tmp_path / "grootboek")
    Kijkglas(folder).imported(second, more=["--complete"])
    died = start(folder, "import", str(first), *TODAY, values=STEPS, die=(where, call, when))
    assert died.end().status == -signal.SIGKILL
    assert is_sound(folder)
    assert run(folder, "import", str(first), *TODAY).returncode == 0
    assert differing(told(folder)[0], of_both[0]) == []
    assert is_sound(folder)


@pytest.mark.parametrize(
    ("where", "call", "when"),
    [
        (INSERT, 1, "after"),
        (APPEND, 1, "before"),
        (APPEND, 1, "after"),
        (APPEND, 2, "after"),
        (APPEND, 3, "after"),
        (APPEND, 6, "before"),
    ],
)
def test_an_undo_killed_at_a_point_is_finished_by_the_next(
    where: str, call: int, when: str, both: Path, first: Path, empty: Path, second: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    """Also when it had booked that it was undone, and what later files said was still to come."""
    steps = {**STEPS, "ledger.undoing:BATCH": 360}
    folder = copied(both, tmp_path / "grootboek")
    died = start(folder, "undo", import_id(first), values=steps, die=(where, call, when))
    assert died.end().status == -signal.SIGKILL
    assert is_sound(folder)
    again = run(folder, "undo", import_id(first))
    assert again.returncode in {0, 2}
    assert again.returncode == 0 or "al teruggedraaid" in again.stderr
    third = csv_file(tmp_path / NAME, [{**counted(1), "LEEFTIJD_TELDATUM": "8"}], APRIL)
    assert run(folder, "import", str(third), *TODAY).returncode == 0
    never = Kijkglas(copied(empty, tmp_path / "nooit"))
    never.imported(second, more=["--complete"])
    never.imported(third)
    assert differing(answers(Kijkglas(folder), KNOWN), answers(never, KNOWN)) == []
    assert is_sound(folder)


# Two at once


@pytest.mark.parametrize("seed", range(2))
def test_two_downloads_at_once_end_as_one_after_the_other(
    seed: int, empty: Path, first: Path, second: Path, tmp_path: Path
) -> None:
    folder = copied(empty, tmp_path / "grootboek")
    pair = [first, second] if seed else [second, first]
    runs = [start(folder, "import", str(path), *TODAY, values=STEPS, pause=SLOWLY) for path in pair]
    for running in runs:
        ended = running.end()
        assert ended.status == 0, ended.err
        assert "afgekeurd 0" in ended.out
    after = Kijkglas(copied(empty, tmp_path / "na-elkaar"))
    after.imported(first)
    after.imported(second)
    assert differing(answers(Kijkglas(folder), KNOWN), answers(after, KNOWN)) == []
    assert sorted(files(folder)) == sorted([import_id(first), import_id(second)])
    assert is_sound(folder)


def test_the_same_download_at_once_is_booked_once(
    empty: Path, first: Path, of_one: Told, tmp_path: Path
) -> None:
    folder = copied(empty, tmp_path / "grootboek")
    runs = [
        start(folder, "import", str(first), *TODAY, values=STEPS, pause=SLOWLY) for _ in range(2)
    ]
    outs = [running.end().out for running in runs]
    assert sum(f"al bekend {PUPILS}" in out for out in outs) == 1, outs
    assert_same(folder, of_one)
    assert files(folder) == [import_id(first)]


def test_an_import_goes_on_when_the_one_that_held_the_lock_is_killed(
    empty: Path, first: Path, second: Path, tmp_path: Path
) -> None:
    folder = copied(empty, tmp_path / "grootboek")
    before = size_of_log(folder)
    dying = start(folder, "import", str(first), *TODAY, values=STEPS, pause=SLOWLY)
    assert dying.wait_until(lambda: size_of_log(folder) > before + 20_000)
    other = start(folder, "import", str(second), *TODAY, values=STEPS)
    assert dying.kill() == -signal.SIGKILL
    assert other.end().status == 0
    assert run(folder, "import", str(first), *TODAY).returncode == 0
    after = Kijkglas(copied(empty, tmp_path / "na-elkaar"))
    after.imported(first)
    after.imported(second)
    assert differing(answers(Kijkglas(folder), KNOWN), answers(after, KNOWN)) == []
    assert is_sound(folder)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(10, 16))
def test_thousands_of_rows_killed_anywhere(seed: int, empty: Path, tmp_path: Path) -> None:
    """With the appends and chunks that a user has."""
    chance = Random(seed)  # noqa: S311 - no secret is made
    path = csv_file(tmp_path / NAME, list(rows(8_000)), FEB)
    folder = copied(empty, tmp_path / "grootboek")
    for _ in range(2):
        running = start(folder, "import", str(path), *TODAY, values={})
        target = size_of_log(folder) + chance.randint(1, 8_000_000)
        running.wait_until(lambda target=target: size_of_log(folder) >= target)  # type: ignore[misc]
        running.kill()
        assert is_sound(folder)
        assert_whole_rows(folder)
    assert run(folder, "import", str(path), *TODAY).returncode == 0
    undisturbed = copied(empty, tmp_path / "ongestoord")
    Kijkglas(undisturbed).imported(path)
    assert_same(folder, told(undisturbed))
