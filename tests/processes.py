"""Our own command in processes of their own: run, started, and killed at an exact point.

`python -m tests.processes PLAN COMMAND…` runs the command with a plan (JSON): `set` gives
constants another value (small batches make many steps of a small feed), `pause` lets it wait
after every call of a function (`module:name`), and `die` names a function in which the process
kills itself with SIGKILL, so that a kill falls inside the work and not beside it.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from functools import wraps
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

from ledger.exporting import feed_lines
from ledger.folder_place import EVENTS_FILE
from projections.refresh import refreshed
from projections.store.settings import ENGINE_VARIABLE
from projections.verification import Check, verify
from tests.places import SQLITE, address_of, events_of, kind, open_ledger

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120
"""Seconds after which a test gives up on a process."""

SMALL_STEPS: Mapping[str, object] = {
    "ledger.booking:BATCH": 40,
    "projections.compute:PER_BATCH": 20,
    "projections.compute:PER_READ": 40,
    "projections.partition:PER_CHUNK": 40,
    "projections.refresh:SMALL": 10_000,
}
"""Appends and read-model batches of a few, so that a small feed has many of them."""

PARTED: Mapping[str, object] = {
    **SMALL_STEPS,
    "projections.store.partitions:EVENTS_PER_PARTITION": 60,
    "projections.rebuilding:PARALLEL_FROM": 1,
}
"""A rebuild in several partitions, on several processes."""


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `kijkglas` on a ledger as it is, and return its outcome."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "--ledger", str(address_of(folder)), *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=_environment(environment),
        cwd=folder.parent,
        timeout=PATIENCE,
        check=False,
    )


def start(
    folder: Path,
    *words: str,
    values: Mapping[str, object] = SMALL_STEPS,
    die: tuple[str, int, str] | None = None,
    pause: tuple[str, float] | None = None,
    stderr: int | None = None,
) -> Running:
    """Start `kijkglas` with a plan.

    `die` is (function, which call of it, before or after), `pause` (function, seconds), and
    `stderr` is a file descriptor in the place of the file that keeps what it says.
    """
    if die is not None:
        die = (_here(die[0]), *die[1:])
    plan = json.dumps({"set": dict(values), "die": die, "pause": pause})
    command = [sys.executable, "-m", "tests.processes", plan, "--ledger", str(address_of(folder))]
    # Files, not pipes: a pipe would stay open as long as a worker lives.
    said = Path(mkdtemp(prefix="gezegd-", dir=folder.parent))
    with (said / "out").open("wb") as out, (said / "err").open("wb") as err:
        process = subprocess.Popen(
            [*command, *words],
            stdout=out,
            stderr=err if stderr is None else stderr,
            env=_environment({}),
            cwd=folder.parent,
            start_new_session=True,
        )
    return Running(process, said)


class Running(NamedTuple):
    """A process that was started, in a group of its own with its workers."""

    process: subprocess.Popen[bytes]
    said: Path

    def is_over(self) -> bool:
        """Tell whether the process has ended."""
        return self.process.poll() is not None

    def end(self) -> Ended:
        """Wait for the end; what is left of its workers is cleared away."""
        try:
            status = self.process.wait(PATIENCE)
        finally:
            self.clear()
        out, err = ((self.said / name).read_text(encoding="utf-8") for name in ("out", "err"))
        return Ended(status, out, err)

    def kill(self) -> int:
        """Kill the process, not its workers, and return its exit status."""
        os.kill(self.process.pid, signal.SIGKILL)
        return self.process.wait(PATIENCE)

    def clear(self) -> None:
        """End whatever of the process and its workers still runs."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def wait_until(self, fact: Callable[[], bool]) -> bool:
        """Wait until something is so; False when the process ended first."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if fact():
                return True
            if self.is_over():
                return fact()
            time.sleep(0.0005)
        raise TimeoutError


class Ended(NamedTuple):
    """A process that ended: its exit status, negative for a signal, and what it said."""

    status: int
    out: str
    err: str


_ON_POSTGRES = {
    "ledger.sqlite_recorder:SQLite": "ledger.postgres_recorder:Postgres",
    "projections.store.sqlite_model:SqliteReadModel": "projections.store.postgres_model:"
    "PostgresReadModel",
    "projections.store.sqlite_making:SqliteMaking": "projections.store.postgres_making:"
    "PostgresMaking",
    "projections.store.sqlite_making:SqliteMaking.publish": "projections.store.postgres_making:"
    "PostgresMaking.publish",
    "projections.store.sqlite_making": "projections.store.postgres_making",
}


def _here(where: str) -> str:
    """Return the function that does the same for the kind of ledger that is tested."""
    if kind() == SQLITE:
        return where
    for there, here in _ON_POSTGRES.items():
        where = where.replace(there, here)
    return where


def is_at_end(pipe: int, seconds: float) -> bool:
    """Tell whether nobody holds the other end of a pipe any more, within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if not os.read(pipe, 4096):
                return True
        except BlockingIOError:
            time.sleep(0.01)
    return False


def size_of_log(folder: Path) -> int:
    """Return how many bytes the events and their write-ahead log take: it grows per append."""
    if kind() != SQLITE:
        with closing(events_of(folder)) as db:
            query = "SELECT coalesce(sum(octet_length(state) + 100), 0) FROM stored_events"
            return int(db.execute(query)[0][0])
    total = 0
    for ending in ("", "-wal"):
        path = folder / f"{EVENTS_FILE}{ending}"
        total += path.stat().st_size if path.exists() else 0
    return total


def exported(folder: Path) -> list[bytes]:
    """Return the feed that a ledger exports, sorted: what it knows, whatever the order."""
    with open_ledger(folder) as ledger:
        return sorted(feed_lines(ledger))


def checks(folder: Path) -> list[Check]:
    """Return the outcome of every check of `verify`."""
    with open_ledger(folder) as ledger:
        return list(verify(ledger))


def is_sound(folder: Path) -> bool:
    """Tell whether all checks were made and found nothing."""
    found = checks(folder)
    names = [check.naam for check in found]
    assert names == ["keten", "gebeurtenissen", "invarianten", "leesmodel"], names
    assert [check for check in found if check.gevonden] == []
    return True


def brought_up(folder: Path) -> int:
    """Bring the read model of a ledger up to its last event and return its position."""
    with open_ledger(folder) as ledger:
        model = refreshed(ledger)
        position = model.position
        model.close()
        return position


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    known = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("KIJKGLAS_") or name == ENGINE_VARIABLE
    }
    return {**known, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **more}


def _attribute(where: str) -> tuple[Any, str]:
    """Return what holds the `name` of `module:name` or `module:Class.name`, and that name."""
    module, _, path = where.partition(":")
    *owners, name = path.split(".")
    holder: Any = importlib.import_module(module)
    for owner in owners:
        holder = getattr(holder, owner)
    return holder, name


def _deadly(where: str, call: int, when: str) -> None:
    """Let the process die in the `call`-th call of a function, before or after its work."""
    holder, name = _attribute(where)
    real, calls = getattr(holder, name), 0

    @wraps(real)
    def wrapped(*args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - any function
        nonlocal calls
        calls += 1
        if calls == call and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*args, **keywords)
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(holder, name, wrapped)


def _slow(where: str, seconds: float) -> None:
    """Let the process wait after every call of a function."""
    holder, name = _attribute(where)
    real = getattr(holder, name)

    @wraps(real)
    def wrapped(*args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - any function
        answer = real(*args, **keywords)
        time.sleep(seconds)
        return answer

    setattr(holder, name, wrapped)


def _main() -> None:
    from cli.main import main  # noqa: PLC0415 - workers of a rebuild import this module too

    # A run of the tests in the background of a shell hears no Ctrl-C, nor would this process.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    plan = json.loads(sys.argv.pop(1))
    for where, value in plan["set"].items():
        holder, name = _attribute(where)
        setattr(holder, name, value)
    if plan["die"]:
        _deadly(*plan["die"])
    if plan["pause"]:
        _slow(*plan["pause"])
    main()


if __name__ == "__main__":
    _main()
