"""A dashboard against a ledger that knows its pupils, beside plain passes over the same file."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.conftest import Measure
from benchmarks.corpus import NOW
from benchmarks.downloads import (
    FIRST,
    HEADER,
    SECOND,
    SOURCE,
    Downloads,
    downloads,
    import_download,
    read_through,
)
from benchmarks.processes import kijkglas, run_all
from ledger.codes import check_pgn

ROUNDS: Final = 3
ROW: Final = "1B"

_downloads = cache(downloads)


@pytest.fixture(name="files")
def fixture_files(rows: int) -> Downloads:
    return _downloads(rows)


@pytest.fixture(name="measure")
def fixture_measure(benchmark: BenchmarkFixture, files: Downloads) -> Measure:
    return Measure(benchmark, files.rows, files.name)


def test_dict_reader(measure: Measure, files: Downloads) -> None:
    """What Python itself needs for the rows: each a dict of texts, nothing looked at."""

    def run() -> int:
        with files.first.open(encoding="utf-8-sig", newline="") as file:
            return sum(1 for _ in csv.DictReader(file, delimiter=";"))

    assert measure(ROW, "csv.DictReader", run, rounds=ROUNDS, warmup=1) == files.rows


def test_reading(measure: Measure, files: Downloads) -> None:
    """Rows to states: encoding, dialect, every cell checked, every rule of the row."""

    def run() -> int:
        return read_through(files.first)

    count = measure(ROW, "reading", run, setup=check_pgn.cache_clear, rounds=ROUNDS, warmup=1)
    assert count == files.rows


def test_openpyxl_rows(measure: Measure, files: Downloads) -> None:
    """The library's own pass over the workbook: values, nothing looked at."""
    openpyxl = pytest.importorskip("openpyxl")
    _needs(files.workbook)

    def run() -> int:
        book = openpyxl.load_workbook(files.workbook, read_only=True, data_only=True)
        count = sum(1 for _ in book.active.iter_rows(values_only=True, max_col=len(HEADER)))
        book.close()
        return count - 1

    assert measure(ROW, "openpyxl rows", run, rounds=ROUNDS) == files.rows


def test_workbook(measure: Measure, files: Downloads) -> None:
    """The same rows from XLSX to states."""
    pytest.importorskip("openpyxl")
    _needs(files.workbook)

    def run() -> int:
        return read_through(files.workbook)

    count = measure(ROW, "workbook", run, setup=check_pgn.cache_clear, rounds=ROUNDS)
    assert count == files.rows


def test_first_import(measure: Measure, files: Downloads, tmp_path: Path) -> None:
    """Every row is compared, and books at least what DUO determined."""
    setup = _fresh(files.before, tmp_path / "grootboek", files.first, FIRST)
    done = measure(ROW, "first import", import_download, setup=setup, rounds=ROUNDS)
    assert not done.booked.refused
    assert done.booked.geboekt >= files.rows
    shutil.rmtree(tmp_path)


def test_second_import(measure: Measure, files: Downloads, tmp_path: Path) -> None:
    """The same rows in a later file: every row is compared, nothing is booked."""
    setup = _fresh(files.after, tmp_path / "grootboek", files.second, SECOND)
    done = measure(ROW, "second import", import_download, setup=setup, rounds=ROUNDS)
    assert (done.booked.geboekt, done.booked.al_bekend) == (0, files.rows)
    shutil.rmtree(tmp_path)


def test_memory(measure: Measure, files: Downloads, tmp_path: Path) -> None:
    """Both imports as commands: the peak memory of each process."""
    folder = tmp_path / "grootboek"
    shutil.copytree(files.before, folder)
    options = ["import", "--source", SOURCE, f"--today={NOW.date()}", "--bekend-op"]

    def run() -> dict[str, object]:
        first, following = run_all(
            kijkglas(folder, *options, FIRST.isoformat(), files.first),
            kijkglas(folder, *options, SECOND.isoformat(), files.second),
        )
        return {"first_peak_mb": first.peak_mb, "next_peak_mb": following.peak_mb}

    measure.note(**measure("1B command", "kijkglas", run))
    shutil.rmtree(tmp_path)


def _fresh(known: Path, folder: Path, *arguments: object) -> Callable[[], Any]:
    """Return what puts a copy of a ledger in a folder, and gives it and the arguments to a run.

    In real life a process sees most PGN's once: it must not know them from the round before.
    """

    def setup() -> tuple[tuple[object, ...], dict[str, Any]]:
        check_pgn.cache_clear()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(known, folder)
        return (folder, *arguments), {}

    return setup


def _needs(workbook: Path) -> None:
    if not workbook.exists():
        pytest.skip("the corpus was made without xlsxwriter")
