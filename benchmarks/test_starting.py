"""Starting up: the command beside a bare import of click, and a count as a whole process."""

from __future__ import annotations

import sys
from functools import partial
from typing import Final

from benchmarks.conftest import Measure
from benchmarks.corpus import KNOWN, NOW, SWV, TELDATUM, Corpus
from benchmarks.processes import KIJKGLAS, kijkglas, run

ROUNDS: Final = 30


def test_help(measure_start: Measure) -> None:
    command = [KIJKGLAS, "--help"]
    measure_start("start-up", "kijkglas", partial(run, command), rounds=ROUNDS, warmup=2)


def test_import_click(measure_start: Measure) -> None:
    command = [sys.executable, "-c", "import click"]
    measure_start("start-up", "import click", partial(run, command), rounds=ROUNDS, warmup=2)


def test_count(measure: Measure, data: Corpus) -> None:
    """A count, from the start of the process to its end; the read model is up to date."""
    command = kijkglas(
        data.ledger,
        "report",
        "dashboard-1a",
        f"--swv={SWV}",
        f"--teldatum={TELDATUM}",
        f"--bekend-op={KNOWN}",
        f"--today={NOW.date()}",
    )
    measure("count command", "kijkglas", partial(run, command), rounds=10, warmup=2)
