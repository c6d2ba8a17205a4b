"""A rebuild on several processes: one view of the world, and told what goes wrong."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.failing import told
from ledger.places import LedgerError
from projections.rebuilding import Effort, build
from projections.refresh import rebuild, refreshed
from projections.store.read_model import ReadModel, Shard
from projections.store.rows import Batch
from projections.store.schema import PUPIL_TABLES, REFERENCE_TABLES, SUM_TABLES
from projections.store.sqlite_making import SqliteMaking, SqliteShard
from projections.verification import verify
from synthetic.region import region
from tests.ledgers import import_events
from tests.places import create, events_of, open_ledger, tamper
from tests.processes import PARTED, PATIENCE, is_sound, start

pytestmark = pytest.mark.map("about the files of SQLite, and the processes that write them")

Line = Mapping[str, Any]


@pytest.fixture(name="ledger")
def fixture_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """Give a ledger that is computed in two partitions."""
    with create(tmp_path / "grootboek") as ledger:
        lines: list[Line] = list(region(2025, 120))
        import_events(ledger, lines)
        monkeypatch.setattr(
            "projections.store.partitions.EVENTS_PER_PARTITION", ledger.position // 2
        )
        yield ledger


@pytest.mark.usefixtures("on_sqlite")
def test_pupils_who_are_joined_meanwhile_are_neither_lost_nor_doubled(
    ledger: Ledger, tmp_path: Path
) -> None:
    rebuilt = rebuild(ledger, 1)
    before = _rows(rebuilt)
    rebuilt.close()
    with open_ledger(tmp_path / "grootboek") as other:
        making = _Joining(ledger.folder / "standen-000009.maken", other)
        build(ledger, making, ledger.position, Effort(2))
    assert making.joined
    model = making.publish()
    assert _rows(model) == before
    model.close()
    refreshed(ledger).close()  # and the join is caught up with
    assert [check for check in verify(ledger) if check.gevonden] == []


class _Joining(SqliteMaking):
    """A generation during which another process imports that two pupils are one.

    After one worker began with the first partition, and before another one begins with the
    second: the first waits until the second is done.
    """

    def __init__(self, path: Path, other: Ledger) -> None:
        super().__init__(path)
        self.other = other
        self.joined = False

    @contextmanager
    def shards(self) -> Iterator[Iterator[Shard]]:
        with super().shards() as shards:
            yield self._joining(shards)

    def _joining(self, shards: Iterator[Shard]) -> Iterator[Shard]:
        first = next(shards)
        assert isinstance(first, SqliteShard)
        yield _Held(first.path)
        _wait_for(first.path.with_name("begonnen"))
        self._join()
        second = next(shards)
        assert isinstance(second, SqliteShard)
        yield _Holding(second.path)

    def _join(self) -> None:
        streams = sorted({event.originator_id for event in self.other.pupil_events()})
        apart = [one for one in streams if one not in self.other.vault.joined()]
        pgns = self.other.vault.pgns([apart[0], apart[-1]])
        fact = {"type": "PgnVervangen", "bekend_op": "2026-10-01", "pgn": pgns[apart[0]]}
        line = {**fact, "nieuw_pgn": pgns[apart[-1]]}
        self.joined = import_events(self.other, [line], "samen.jsonl").booked.geboekt == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_columns_and_rows_make_the_same_file(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr("projections.partition.MANY", 0)
    made = []
    for columns_from in (0, 1 << 60):
        monkeypatch.setattr("projections.store.sqlite_making.COLUMNS_FROM", columns_from)
        model = rebuild(ledger, workers)
        made.append((ledger.folder / model.generation).read_bytes())
        model.close()
    assert made[0] == made[1]


@pytest.fixture(name="by_columns")
def fixture_by_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a rebuild of any size put in columns."""
    monkeypatch.setattr("projections.partition.MANY", 0)
    monkeypatch.setattr("projections.store.sqlite_making.COLUMNS_FROM", 0)


@pytest.mark.usefixtures("by_columns", "on_sqlite")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_ledger_by_a_relative_path_is_filled_by_columns(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workers: int
) -> None:
    before = rebuild(ledger, workers)
    rows = _rows(before)
    before.close()
    monkeypatch.chdir(tmp_path)
    with open_ledger(Path("grootboek")) as relative:
        model = rebuild(relative, workers)
        assert _rows(model) == rows
        model.close()


@pytest.mark.usefixtures("by_columns", "on_sqlite")
def test_columns_that_do_not_fit_are_told_in_dutch(ledger: Ledger) -> None:
    refreshed(ledger).close()
    before = {path.name for path in ledger.folder.iterdir()}
    with _files_of_at_most(200_000), pytest.raises(sqlite3.OperationalError) as caught:
        rebuild(ledger, 1)
    said = told(pickle.loads(pickle.dumps(caught.value)), "grootboek")  # noqa: S301 - our own
    assert said is not None
    assert said.startswith("grootboek: er kan niet worden geschreven: de schijf of uw deel")
    assert {path.name for path in ledger.folder.iterdir()} == before
    refreshed(ledger).close()


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class _Held(SqliteShard):
    """A partition that says when it begins, and waits until the other one is done."""

    def write(self, parts: Iterable[Batch]) -> None:
        self.path.with_name("begonnen").touch()
        _wait_for(self.path.with_name("klaar"))
        super().write(parts)


class _Holding(SqliteShard):
    """A partition that says when it is done."""

    def write(self, parts: Iterable[Batch]) -> None:
        super().write(parts)
        self.path.with_name("klaar").touch()


def _wait_for(path: Path) -> None:
    end = monotonic() + PATIENCE
    while not path.exists():
        assert monotonic() < end
        sleep(0.001)


def test_after_a_failure_no_more_partitions_are_computed(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("projections.store.partitions.EVENTS_PER_PARTITION", 20)
    first = min(event.originator_id for event in ledger.pupil_events())
    bad = f"UPDATE stored_events SET state = x'00' WHERE originator_id = '{first.hex}'"
    tamper(events_of(tmp_path / "grootboek"), bad)
    making = _Counting(ledger.folder / "standen-000009.maken")
    parts = len(making.partitions(ledger.position))
    with pytest.raises(LedgerError, match="is onleesbaar"):
        build(ledger, making, ledger.position, Effort(2))
    assert parts > 50
    assert making.written < parts // 2


class _Slow(SqliteShard):
    """A partition that takes longer than it takes to tell of a failure."""

    def write(self, parts: Iterable[Batch]) -> None:
        sleep(0.1)
        super().write(parts)


class _Counting(SqliteMaking):
    """A generation that counts, at the end, which shards were written."""

    written = 0

    @contextmanager
    def shards(self) -> Iterator[Iterator[Shard]]:
        with super().shards() as shards:
            folder: list[Path] = []

            def noted() -> Iterator[Shard]:
                for shard in shards:
                    assert isinstance(shard, SqliteShard)
                    folder.append(shard.path)
                    yield _Slow(shard.path)

            try:
                yield noted()
            finally:
                self.written = sum(path.exists() for path in folder)


@pytest.mark.parametrize("engine_name", ["sqlite", "duckdb"])
def test_a_worker_that_is_killed_is_told(
    engine_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIJKGLAS_ENGINE", engine_name)
    folder = tmp_path / "grootboek"
    with create(folder) as ledger:
        import_events(ledger, region(2025, 300))
        before = rebuild(ledger, 1)
        generation = before.generation
        before.close()
    plan = {**PARTED, "projections.store.parquet_making:EVENTS_PER_FILE": 60}
    running = start(folder, "rebuild", "--workers", "2", values=plan)
    killed = running.wait_until(lambda: _killed_a_worker(running.process.pid))
    ended = running.end()
    assert killed
    assert ended.status == 4
    assert ended.err.count("Grootboek: een rekenproces is van buitenaf gestopt") == 1
    assert "--workers 1" in ended.err
    assert "Traceback" not in ended.err
    with open_ledger(folder) as ledger:
        model = refreshed(ledger)
        assert model.generation == generation
        model.close()
    assert is_sound(folder)


def _killed_a_worker(parent: int) -> bool:
    """Kill a worker of a rebuild once it is there; it may not have begun."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            stat = (process / "stat").read_text(encoding="ascii")
        except OSError:  # it has ended
            continue
        if b"spawn_main" in words and int(stat.rpartition(")")[2].split()[1]) == parent:
            os.kill(int(process.name), signal.SIGKILL)
            return True
    return False


def _rows(model: ReadModel) -> dict[str, Counter[tuple[object, ...]]]:
    return {
        table: Counter(model.execute(f"SELECT * FROM {table}"))
        for table in (*PUPIL_TABLES, *REFERENCE_TABLES, *(SUM_TABLES if model.has_sums else ()))
    }
