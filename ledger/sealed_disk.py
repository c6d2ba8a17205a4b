"""A file of SQLite on a disk that takes no writing: a read-only mount, a copy on a medium.

SQLite makes files beside a database also to read it, unless it knows that nobody writes.
"""

from __future__ import annotations

import os
from pathlib import Path


def is_sealed(folder: Path) -> bool:
    """Tell whether a folder is on a disk that nobody writes on: not what one user may not."""
    try:
        flags = os.statvfs(folder).f_flag
    except (AttributeError, OSError):  # not on Windows; or no such folder
        return False
    return bool(flags & os.ST_RDONLY)


def sqlite_name(path: Path, *, new: bool = True) -> str:
    """Return what SQLite opens a file by (`uri=True`): on a sealed disk as one that stays.

    A file that is not there is made, unless it is not to be `new`.

    Not where a log is left beside it, which would have to be read in.
    """
    log = path.with_name(f"{path.name}-wal")
    if not is_sealed(path.parent) or (log.exists() and log.stat().st_size):
        return str(path) if new else f"{path.absolute().as_uri()}?mode=rw"
    return f"{path.absolute().as_uri()}?immutable=1"
