"""Import of a feed, beside the library's own recorder and plain SQLite on the same events."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from eventsourcing.persistence import StoredEvent

from benchmarks.absent import Absent
from benchmarks.appends import (
    append_raw,
    append_stock,
    collector_at_rest,
    row_of,
    stock_recorder,
)
from benchmarks.clock import clock
from benchmarks.conftest import Measure
from benchmarks.corpus import KNOWN, NOW, SWV, TELDATUM, Corpus, stored_events
from benchmarks.postgresql_ranges import copy_events, empty_database, empty_events
from benchmarks.processes import importing, kijkglas, run_all
from benchmarks.targets import POSTGRESQL
from ledger.application import create, open_ledger
from ledger.keys import KEY_BYTES, KEY_VARIABLE

Call = tuple[tuple[Any, ...], dict[str, Any]]


FILE_EVENTS: Final = 1
"""What a ledger books of the file itself."""

Batches = Callable[[], Iterator[list[StoredEvent]]]

# What the peers append is read from the ledger batch by batch, while their time stands still.
without_reading = pytest.mark.benchmark(timer=clock)


@pytest.fixture(name="stored")
def fixture_stored(data: Corpus) -> Iterator[Batches]:
    with open_ledger(data.ledger) as ledger, collector_at_rest():
        yield lambda: stored_events(ledger)


def test_import(
    measure: Measure, data: Corpus, tmp_path: Path, stack: ExitStack, rounds: int
) -> None:
    """Import end to end: parse, check, vault, append, chain; the read model apart."""

    def empty() -> Call:
        stack.close()
        shutil.rmtree(tmp_path / "grootboek", ignore_errors=True)
        create(tmp_path / "grootboek").close()
        return (stack.enter_context(importing(tmp_path / "grootboek", data.feed, NOW)),), {}

    assert measure("import", "kijkglas", _book, setup=empty, rounds=rounds) == data.lines
    stack.close()
    shutil.rmtree(tmp_path)


def test_import_into_postgresql(
    measure: Measure,
    data: Corpus,
    postgresql: str | Absent,
    stack: ExitStack,
    rounds: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same into a database of its own: event store and vault on one server."""
    url = measure.present("import", POSTGRESQL, postgresql)
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(bytes(KEY_BYTES)).decode())

    def empty() -> Call:
        stack.close()
        database = stack.enter_context(empty_database(url))
        create(database).close()
        return (stack.enter_context(importing(database, data.feed, NOW)),), {}

    assert measure("import", POSTGRESQL, _book, setup=empty, rounds=rounds) == data.lines


def _book(book: Callable[[], int]) -> int:
    return book()


@without_reading
def test_stock_recorder(
    measure: Measure, data: Corpus, stored: Batches, tmp_path: Path, stack: ExitStack, rounds: int
) -> None:
    """The library's recorder and pool, the same stored events in the same batches."""

    def empty() -> Call:
        stack.close()
        return (
            stack.enter_context(stock_recorder(tmp_path / "stock.sqlite")),
            clock.standing_still(stored()),
        ), {}

    count = measure("import", "stock recorder", append_stock, setup=empty, rounds=rounds)
    assert count == data.lines + FILE_EVENTS
    stack.close()
    shutil.rmtree(tmp_path)


@without_reading
def test_raw_executemany(
    measure: Measure, data: Corpus, stored: Batches, tmp_path: Path, rounds: int
) -> None:
    """The physical limit: nothing but executemany into the library's table."""
    path = tmp_path / "raw.sqlite"

    def empty() -> Call:
        with stock_recorder(path):
            rows = clock.standing_still([row_of(one) for one in batch] for batch in stored())
            return (path, rows), {}

    count = measure("import", "raw executemany", append_raw, setup=empty, rounds=rounds)
    assert count == data.lines + FILE_EVENTS
    shutil.rmtree(tmp_path)


@without_reading
def test_raw_copy(
    measure: Measure,
    data: Corpus,
    stored: Batches,
    postgresql: str | Absent,
    stack: ExitStack,
    rounds: int,
) -> None:
    """The physical limit of PostgreSQL: nothing but COPY into the library's table."""
    url = measure.present("import", "raw COPY", postgresql)

    def empty() -> Call:
        stack.close()
        return (stack.enter_context(empty_events(url)), clock.standing_still(stored())), {}

    count = measure("import", "raw COPY", copy_events, setup=empty, rounds=rounds)
    assert count == data.lines + FILE_EVENTS


def test_first_answer(measure: Measure, data: Corpus, tmp_path: Path, rounds: int) -> None:
    """From feed to first answer as whole processes: init, import, report; memory of each."""
    folder = tmp_path / "grootboek"
    today = f"--today={NOW.date()}"
    question = [f"--swv={SWV}", f"--teldatum={TELDATUM}", f"--bekend-op={KNOWN}", today]

    def run() -> dict[str, object]:
        _, imported, reported = run_all(
            kijkglas(folder, "init"),
            kijkglas(folder, "import", today, data.feed),
            kijkglas(folder, "report", "dashboard-1a", *question),
        )
        return {
            "import_seconds": imported.seconds,
            "import_peak_mb": imported.peak_mb,
            "report_seconds": reported.seconds,
            "report_peak_mb": reported.peak_mb,
        }

    def empty() -> None:
        shutil.rmtree(folder, ignore_errors=True)

    measure.note(**measure("first answer", "kijkglas", run, setup=empty, rounds=rounds))
    shutil.rmtree(tmp_path)
