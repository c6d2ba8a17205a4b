"""Generations of the read model come and go whole, whoever opens, fails or stops meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.places import LedgerError
from projections.refresh import rebuild, refreshed
from projections.store.engines import engine_of
from projections.store.parquet_files import Held, is_whole, newest
from projections.store.read_model import ReadModel
from projections.store.settings import ENGINE_VARIABLE
from synthetic.region import region
from tests.command import Kijkglas
from tests.ledgers import import_events, ledger_of
from tests.places import create, events_of, tamper
from tests.processes import PARTED, is_sound, start

pytestmark = pytest.mark.map("about the generations of a ledger in a folder")

LISTED = {
    "sqlite": "projections.store.sqlite_model.present",
    "duckdb": "projections.store.duckdb_engine.newest",
}
"""What an engine finds the present generation with."""

UNREADABLE = "UPDATE stored_events SET state = x'00' WHERE originator_id > '00000001'"
"""What pupils did; of reference data all is read before anything is made."""
SLOW = {**PARTED, "projections.store.parquet_making:EVENTS_PER_FILE": 60}


def test_a_generation_that_came_meanwhile_is_the_one_that_is_opened(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ledger_of(region(2025, 20)) as ledger:
        with closing(refreshed(ledger)) as first:
            rows = _count(first)
        _then_once(monkeypatch, LISTED[engine], lambda: rebuild(ledger).close())
        opened = engine_of(ledger).opened()
        assert opened is not None
        with closing(opened):
            assert opened.generation.startswith("standen-000002.")
            assert _count(opened) == rows
        # No empty file was made of the one that went; who held on to files holds them no more.
        assert all(path.stat().st_size for path in ledger.folder.glob("standen-*"))
        rebuild(ledger).close()
        assert {path.name[:14] for path in ledger.folder.glob("standen-*")} == {"standen-000003"}


def test_an_old_generation_goes_whole_or_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who listed it takes hold of it at the last moment."""
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    broken: list[Held] = []
    real = shutil.rmtree

    def watched(path: Any, **more: Any) -> None:  # noqa: ANN401 - as it is called
        held = newest(path) if isinstance(path, Path) and path.suffix == ".parquet" else None
        real(path, **more)
        if held is not None and not is_whole(path, held):
            broken.append(held)

    with ledger_of(region(2025, 20)) as ledger:
        refreshed(ledger).close()
        monkeypatch.setattr(shutil, "rmtree", watched)
        rebuild(ledger).close()
        assert broken == []
        assert len(list(ledger.folder.glob("standen-*.parquet"))) == 1


@pytest.mark.parametrize("ready", [False, True], ids=["a rebuild", "a catch-up"])
def test_what_fails_leaves_nothing_behind_and_nothing_open(ready: bool, engine: str) -> None:
    del engine
    lines = list(region(2025, 20))
    with ledger_of(lines[:-20]) as ledger:
        if ready:
            refreshed(ledger).close()
        import_events(ledger, lines[-20:], "meer.jsonl")
        before = _files(ledger.folder)
        held = _held(ledger.folder)
        tamper(events_of(ledger.folder), UNREADABLE)
        with pytest.raises(LedgerError):
            refreshed(ledger)
        assert _files(ledger.folder) == before
        assert _held(ledger.folder) == held


@pytest.mark.parametrize("words", [("--workers", "1"), ("--workers", "2")], ids=" ".join)
def test_a_rebuild_that_is_interrupted_leaves_what_was_there(
    words: tuple[str, ...], engine: str, tmp_path: Path
) -> None:
    del engine
    folder = tmp_path / "grootboek"
    with create(folder) as ledger:
        import_events(ledger, region(2025, 20))
        refreshed(ledger).close()
    before = _files(folder)
    running = start(
        folder, "rebuild", *words, values=SLOW, pause=("projections.compute:rows_of_groups", 0.5)
    )
    assert running.wait_until(lambda: any(folder.glob("standen-000002*")))
    os.killpg(running.process.pid, signal.SIGINT)
    ended = running.end()
    assert ended.status == 130
    assert ended.err.endswith("Onderbroken.\n")
    assert _files(folder) == before
    assert is_sound(folder)


def test_a_file_that_cannot_be_read_is_told_and_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it was: nobody sees it before it is read, by a question or a catch-up."""
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    lines = list(region(2025, 20))
    command = Kijkglas(tmp_path / "grootboek")
    question = ("stand", "--teldatum", "2025-02-01")
    with create(command.ledger) as ledger:
        import_events(ledger, lines[:-20], "een.jsonl")
        whole = command(*question).data
        _garble(command.ledger)
        told = command(*question)
        assert told.status == 4
        assert "leesmodel op schijf is beschadigd; geef de opdracht nog eens" in told.err
        assert command(*question).data == whole
        _garble(command.ledger)
        import_events(ledger, lines[-20:], "twee.jsonl")
        assert command(*question).status == 0
    assert is_sound(command.ledger)


def _garble(folder: Path) -> None:
    """Put something else in the file of the rows, of the same length."""
    (path,) = folder.glob("standen-*.parquet/standen-0000-*")
    path.write_bytes(bytes(path.stat().st_size))


def _files(folder: Path) -> set[str]:
    """Return what is there of read models; the log of SQLite comes and goes."""
    found = {path.name for path in folder.iterdir()} - {"standen.slot"}
    return {name for name in found if name[-4:] not in {"-wal", "-shm"}}


def _held(folder: Path) -> list[str]:
    """Return the files of read models that this process has open."""
    links = [Path(f"/proc/self/fd/{one}") for one in os.listdir("/proc/self/fd")]  # noqa: PTH208 - names
    targets = [str(link.readlink()) for link in links if link.is_symlink()]
    return [name for name in targets if name.startswith(f"{folder}/standen")]


def _then_once(monkeypatch: pytest.MonkeyPatch, where: str, follows: Any) -> None:  # noqa: ANN401 - a call
    """Let something follow the next call of a function, and no later one."""
    module, _, name = where.rpartition(".")
    real = getattr(__import__(module, fromlist=[name]), name)

    def once(*words: Any) -> Any:  # noqa: ANN401 - any function
        answer = real(*words)
        monkeypatch.setattr(where, real)
        follows()
        return answer

    monkeypatch.setattr(where, once)


def _count(model: ReadModel) -> int:
    return int(next(iter(model.execute("SELECT count(*) FROM standen")))[0])
