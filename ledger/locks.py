"""A lock between processes: a file that one of them holds at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.databases import PROCESS_TIMEOUT


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file; it falls with the process.

    Raises sqlite3.OperationalError when another process holds it too long.
    """
    lock = sqlite3.connect(path, timeout=PROCESS_TIMEOUT, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        lock.close()
