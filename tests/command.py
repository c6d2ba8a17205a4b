"""The command line in tests: run as a user would, in this process or in one of its own."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from cli.main import main
from tests.ledgers import write_feed
from tests.places import address_of

Event = Mapping[str, Any]
Row = dict[str, Any]

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "events_samples"
GOLDEN = ROOT / "tests" / "golden"
TODAY = ("--today", "2026-11-01")
"""Later than every event in the samples."""


class Done(NamedTuple):
    """A command that ended: its exit status, its data, and what it said beside them."""

    status: int
    data: bytes
    err: str

    @property
    def out(self) -> str:
        """The data as text."""
        return self.data.decode()

    @property
    def answer(self) -> dict[str, Any]:
        """The data of `--format json`."""
        answer: dict[str, Any] = json.loads(self.data)
        return answer

    @property
    def rows(self) -> list[Row]:
        """The rows of a product with one table in `--format json`."""
        rows: list[Row] = self.answer["rows"]
        return rows

    @property
    def lines(self) -> list[dict[str, str]]:
        """The rows of `--format csv`."""
        return list(csv.DictReader(io.StringIO(self.out)))


class _Stream(io.TextIOWrapper):
    """A text stream in memory that can pass for a terminal."""

    def __init__(self, *, screen: bool) -> None:
        self.held = io.BytesIO()
        self._screen = screen
        super().__init__(self.held, encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        """Tell whether this is to be taken for a terminal."""
        return self._screen


def kijkglas(*arguments: object, screen: bool = False) -> Done:
    """Run the command in this process; an error that it does not handle comes through."""
    out, err = _Stream(screen=screen), _Stream(screen=False)
    argv = ["kijkglas", *map(str, arguments)]
    with patch.object(sys, "argv", argv), redirect_stdout(out), redirect_stderr(err):
        status = _status()
    return Done(status, out.held.getvalue(), err.held.getvalue().decode())


def _status() -> int:
    mask = os.umask(0)
    os.umask(mask)
    try:
        main()
    except SystemExit as stopped:
        return stopped.code if isinstance(stopped.code, int) else 1
    finally:
        os.umask(mask)
    raise AssertionError("main ends with an exit status")


def process(*arguments: object, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **env},
    )


class Kijkglas(NamedTuple):
    """The command line on one ledger, known by its folder (`tests.places`)."""

    ledger: Path

    def __call__(self, *arguments: object, screen: bool = False) -> Done:
        """Run a command on the ledger."""
        return kijkglas("--ledger", address_of(self.ledger), *arguments, screen=screen)

    def fine(self, *arguments: object) -> Done:
        """Run a command that has to end well."""
        done = self(*arguments)
        assert done.status == 0, done.err
        return done

    def imported(self, *files: Path, more: Iterable[object] = ()) -> Done:
        """Import files; nothing may be refused."""
        return self.fine("import", *files, *TODAY, *more)

    def stand(self, teldatum: str, *more: object) -> list[Row]:
        """Return the rows of the state."""
        return self.fine("stand", "--teldatum", teldatum, "--format", "json", *more).rows

    def exported(self) -> bytes:
        """Return the feed of the ledger."""
        return self.fine("export", "events").data


def ledger_with(folder: Path, feed: Iterable[Event] | Path = ()) -> Kijkglas:
    """Make a ledger in a new folder `grootboek` that holds the feed, nothing refused."""
    command = Kijkglas(folder / "grootboek")
    command.fine("init")
    path = feed if isinstance(feed, Path) else write_feed(folder / "feed.jsonl", feed)
    if path.stat().st_size:
        command.imported(path)
    return command


def columns(rows: Iterable[Row], *names: str) -> list[tuple[Any, ...]]:
    """Return some columns of rows."""
    return [tuple(row[name] for name in names) for row in rows]
