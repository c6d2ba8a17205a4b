"""Disks that fail, for processes of their own: no room, no rights, no writing at all."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.command import ROOT

_DROP: int = 24
"""PR_CAPBSET_DROP of prctl(2)."""
_PAST_RIGHTS = (1, 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: with these root passes by all rights of files."""

Said = subprocess.CompletedProcess[bytes]


def limited(size: int, *words: object, **env: str) -> Said:
    """Run the command where no file can get larger, as on a disk without room."""
    return _run(words, env, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))


def unprivileged(*words: object, **env: str) -> Said:
    """Run the command bound by the rights of files, also where the tests run as root."""
    return _run(words, env, _bound_by_rights)


def into(stdout: Path, *words: object, **env: str) -> Said:
    """Run the command with its output into a file, such as /dev/full."""
    with stdout.open("wb") as file:
        return _run(words, env, None, file)


@contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """Let a folder take no new files meanwhile."""
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


@contextmanager
def nobody_writes(folder: Path) -> Iterator[bool]:
    """Put a folder on a read-only disk meanwhile; False where the tests may not mount."""
    done = [_mount("--bind", folder, folder)]
    try:
        yield done[0] and _mount("-o", "remount,bind,ro", folder)
    finally:
        if done[0]:
            subprocess.run(["umount", folder], check=True)


def _mount(*words: object) -> bool:
    return (
        subprocess.run(["mount", *map(str, words)], check=False, capture_output=True).returncode
        == 0
    )


def _bound_by_rights() -> None:
    if os.geteuid() == 0:
        for one in _PAST_RIGHTS:
            ctypes.CDLL(None).prctl(_DROP, one, 0, 0, 0)


def _run(
    words: tuple[object, ...],
    env: dict[str, str],
    first: Callable[[], Any] | None,
    stdout: IO[bytes] | int = subprocess.PIPE,
) -> Said:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *map(str, words)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        cwd=ROOT,
        env={**os.environ, **env},
        preexec_fn=first,
    )
