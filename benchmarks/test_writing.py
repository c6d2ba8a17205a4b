"""Import of a feed, beside the library's own recorder and plain SQLite on the same events."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from benchmarks.conftest import Measure
from benchmarks.corpus import KNOWN, NOW, SWV, TELDATUM, Corpus, stored_events
from benchmarks.peers import append_raw, append_stock, collector_at_rest, stock_recorder
from benchmarks.processes import kijkglas, run_all
from ledger.application import Ledger, create, open_ledger
from ledger.importing import Imported, import_feed

Call = tuple[tuple[Any, ...], dict[str, Any]]


@pytest.fixture(name="stack")
def fixture_stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(name="stored")
def fixture_stored(data: Corpus) -> Iterator[list[StoredEvent]]:
    with open_ledger(data.ledger) as ledger:
        stored = stored_events(ledger)
    with collector_at_rest():
        yield stored


def test_import(
    measure: Measure, data: Corpus, tmp_path: Path, stack: ExitStack, rounds: int
) -> None:
    """Import end to end: parse, check, vault, append, chain; the read model apart."""

    def empty() -> Call:
        stack.close()
        shutil.rmtree(tmp_path / "grootboek", ignore_errors=True)
        return (stack.enter_context(create(tmp_path / "grootboek")), data.feed), {}

    def run(ledger: Ledger, feed: Path) -> Imported:
        return import_feed(ledger, feed, NOW)

    imported: Imported = measure("import", "kijkglas", run, setup=empty, rounds=rounds)
    assert imported.booked.geboekt == data.lines
    stack.close()
    shutil.rmtree(tmp_path)


def test_stock_recorder(
    measure: Measure, stored: list[StoredEvent], tmp_path: Path, stack: ExitStack, rounds: int
) -> None:
    """The library's recorder and pool, the same stored events in the same batches."""

    def empty() -> Call:
        stack.close()
        return (stack.enter_context(stock_recorder(tmp_path / "stock.sqlite")), stored), {}

    measure("import", "stock recorder", append_stock, setup=empty, rounds=rounds)
    stack.close()
    shutil.rmtree(tmp_path)


def test_raw_executemany(
    measure: Measure, stored: list[StoredEvent], tmp_path: Path, rounds: int
) -> None:
    """The physical limit: nothing but executemany into the library's table."""
    path = tmp_path / "raw.sqlite"
    rows = [
        (UUID(str(one.originator_id)).hex, one.originator_version, one.topic, one.state)
        for one in stored
    ]

    def empty() -> Call:
        with stock_recorder(path):
            return (path, rows), {}

    measure("import", "raw executemany", append_raw, setup=empty, rounds=rounds)
    shutil.rmtree(tmp_path)


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
