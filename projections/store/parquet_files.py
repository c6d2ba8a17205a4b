"""A generation of the read model as a folder of Parquet files, and the manifest that names them.

Every version of a generation is a manifest: `manifest-000002.json` lists the files that together
are the tables. A newer version names new files for the partitions that changed and the old ones
for the others; it is published by the rename of its manifest. A reader holds a lock on the
version that it reads, so that its files stay until it closes.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import msgspec

MANIFEST: Final = re.compile(r"manifest-(\d{6})\.json")
SUFFIX: Final = ".parquet"
LOCK: Final = ".slot"
DAMAGED: Final = "beschadigd"


class Part(msgspec.Struct, frozen=True):
    """The pupils whose group id (hex) lies in a range: the name of the file of each table."""

    first: str
    beyond: str
    bestanden: dict[str, str]


class Manifest(msgspec.Struct, frozen=True):
    """What one version of a generation consists of."""

    delen: tuple[Part, ...]
    referentie: dict[str, str]
    zaken: dict[str, str]
    maten: dict[str, int] = {}

    @property
    def names(self) -> set[str]:
        """The names of all files."""
        found = {name for part in self.delen for name in part.bestanden.values()}
        return found | set(self.referentie.values())


class Held:
    """A version that is being read: its files stay until it is released."""

    def __init__(self, version: int, manifest: Manifest, lock: sqlite3.Connection) -> None:
        self.version = version
        self.manifest = manifest
        self._lock = lock

    def release(self) -> None:
        """Let its files go."""
        self._lock.close()


def newest(folder: Path) -> Held | None:
    """Return the last version, held; None when the folder holds none that can be read."""
    while True:
        versions = _versions(folder)
        if not versions:
            return None
        held = _hold(folder, max(versions))
        if held is not None:
            return held
        if _versions(folder) == versions:
            return None  # it is there, and it cannot be read


def is_whole(folder: Path, held: Held) -> bool:
    """Tell whether every file is there and as long as when it was written, none found damaged."""
    try:
        return (
            not (folder / DAMAGED).exists() and _sizes(folder, held.manifest) == held.manifest.maten
        )
    except OSError:
        return False


def mark_damaged(folder: Path) -> None:
    """Let nobody open a generation any more: a file of it cannot be read."""
    with suppress(OSError):
        (folder / DAMAGED).touch()


def _sizes(folder: Path, manifest: Manifest) -> dict[str, int]:
    return {name: (folder / name).stat().st_size for name in sorted(manifest.names)}


def written(folder: Path, version: int, manifest: Manifest) -> None:
    """Publish a version by the rename of its manifest."""
    path = _manifest(folder, version)
    manifest = msgspec.structs.replace(manifest, maten=_sizes(folder, manifest))
    made = path.with_suffix(".maken")
    made.write_bytes(msgspec.json.encode(manifest))
    made.replace(path)


def cleared(folder: Path) -> None:
    """Remove the versions that nobody reads any more, and what a killed writer left behind.

    Only one process at a time does so: the one that holds the lock of the read model.
    """
    versions = _versions(folder)
    for version in versions[:-1]:
        _forget(folder, version)
    kept: set[str] = set()
    for version in _versions(folder):
        with suppress(OSError, msgspec.MsgspecError):
            kept |= _read(folder, version).names
    for path in folder.iterdir():
        if path.suffix == SUFFIX and path.name not in kept:
            path.unlink(missing_ok=True)


def removed(folder: Path) -> bool:
    """Remove a generation with all its versions; return whether it could be: nobody reads it.

    Who listed the generation before waits for our locks, and finds no manifest then.
    """
    with ExitStack() as held:
        for version in _versions(folder):
            lock = _alone(folder, version)
            if lock is None:
                return False
            held.callback(lock.close)
        try:
            _emptied(folder)
        except OSError:  # the next rebuild tries again
            return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _emptied(folder: Path) -> None:
    """Remove all but the locks, manifests first; a file that is open cannot go everywhere."""
    for version in _versions(folder):
        _manifest(folder, version).unlink(missing_ok=True)
    for path in folder.iterdir():
        if path.suffix != LOCK:
            path.unlink(missing_ok=True)


def file_name(table: str, part: int, version: int) -> str:
    """Return the name of the file of a table, of a partition, new in a version."""
    return f"{table}-{part:04}-{version:06}{SUFFIX}"


def _versions(folder: Path) -> list[int]:
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return []
    return sorted(int(found[1]) for name in names if (found := MANIFEST.fullmatch(name)))


def _hold(folder: Path, version: int) -> Held | None:
    lock = _shared(folder, version)
    if lock is None:
        return None
    try:
        # Who cleans up holds the lock alone: what is there now stays there.
        return Held(version, _read(folder, version), lock)
    except (OSError, msgspec.MsgspecError):
        lock.close()
        return None


def _read(folder: Path, version: int) -> Manifest:
    return msgspec.json.decode(_manifest(folder, version).read_bytes(), type=Manifest)


def _manifest(folder: Path, version: int) -> Path:
    return folder / f"manifest-{version:06}.json"


def _lock_file(folder: Path, version: int) -> Path:
    return folder / f"manifest-{version:06}{LOCK}"


def _shared(folder: Path, version: int) -> sqlite3.Connection | None:
    try:
        lock = sqlite3.connect(_lock_file(folder, version), timeout=60, isolation_level=None)
    except sqlite3.OperationalError:
        return None  # the folder is gone
    try:
        lock.execute("BEGIN")
        lock.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError:
        lock.close()
        return None
    return lock


def _alone(folder: Path, version: int) -> sqlite3.Connection | None:
    """Return the lock of a version, None while somebody reads it, or when it cannot be had."""
    try:
        lock = sqlite3.connect(_lock_file(folder, version), timeout=0, isolation_level=None)
    except sqlite3.OperationalError:
        return None
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        return None
    return lock


def _forget(folder: Path, version: int) -> None:
    lock = _alone(folder, version)
    if lock is None:
        return
    _manifest(folder, version).unlink(missing_ok=True)
    lock.close()
    _lock_file(folder, version).unlink(missing_ok=True)
