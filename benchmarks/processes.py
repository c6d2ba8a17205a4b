"""Commands as users give them: whole processes, with their time and their peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import importer, launcher

KIJKGLAS: Final = str(Path(sys.executable).with_name("kijkglas"))


class Finished(NamedTuple):
    """A process that ended well: its seconds and its peak memory in MB."""

    seconds: float
    peak_mb: float


def kijkglas(folder: Path, *arguments: str | Path) -> list[str]:
    """Return a command on a ledger."""
    return [KIJKGLAS, "--ledger", str(folder), *map(str, arguments)]


def run_all(*commands: list[str]) -> list[Finished]:
    """Run commands one after another, each as a process of its own."""
    call = [sys.executable, "-I", "-S", str(launcher.__file__), json.dumps(commands)]
    done = subprocess.run(call, check=True, capture_output=True, text=True, env=_environment())
    results = json.loads(done.stdout)
    for command, result in zip(commands, results, strict=False):
        assert result["status"] == 0, f"{command} ended with {result['status']}"
    return [Finished(result["seconds"], result["peak_mb"]) for result in results]


def run(command: list[str]) -> None:
    """Run one command and wait for it, with nothing in between."""
    subprocess.run(command, check=True, capture_output=True, env=_environment())


@contextmanager
def importing(where: str | Path, feed: Path, now: datetime) -> Iterator[Callable[[], int]]:
    """Give what lets a process of its own, that has the ledger open, book a feed.

    It returns how many events were booked.
    """
    command = [sys.executable, "-m", importer.__name__, str(where), str(feed), now.isoformat()]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
        env=_environment(),
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        told, said = child.stdin, child.stdout
        said.readline()

        def book() -> int:
            told.write("\n")
            told.flush()
            return int(said.readline())

        yield book


def _environment() -> dict[str, str]:
    """Return the environment, in which modules are compiled once, as of an installed program."""
    return {name: told for name, told in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
