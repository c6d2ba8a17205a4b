"""Feeds as files: one file, or one for each part of the country, on one process or more."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import msgspec

from processes.pool import child_processes
from synthetic.country import MAP, Part, part_lines, parts
from synthetic.places import Line

AT_ONCE: Final = 1000
"""Lines that are encoded before they are written."""
UNFINISHED: Final = ".maken"
MADE: Final = "feed.json"
"""The file that says of which country the parts are: it is there before any of them."""


class Written(NamedTuple):
    """A file of the feed and the number of its lines."""

    path: Path
    lines: int


def write_lines(lines: Iterable[Line], file: BinaryIO) -> int:
    """Write lines of the feed, as UTF-8 with a line feed each; return their number."""
    encode = msgspec.json.Encoder().encode_lines
    count, rest = 0, iter(lines)
    while some := list(islice(rest, AT_ONCE)):
        file.write(encode(some))
        count += len(some)
    return count


def feed_of(folder: Path, name: str) -> Path:
    """Return where the feed of a part goes; sorted by name the map comes first."""
    return folder / f"feed-{name}.jsonl"


class Made(msgspec.Struct, frozen=True):
    """Of which country the parts in a folder are."""

    pupils: int
    seed: int


def has_parts(folder: Path) -> bool:
    """Tell whether `write_parts` wrote into the folder before, all of it or not."""
    return (folder / MADE).exists() or feed_of(folder, MAP).exists()


def made_in(folder: Path) -> Made | None:
    """Return of which country the parts in a folder are, None where it does not say."""
    try:
        return msgspec.json.decode((folder / MADE).read_bytes(), type=Made)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def write_parts(
    folder: Path, pupils: int, seed: int, workers: int | None = None
) -> Generator[Written, None, None]:
    """Write `country(seed, pupils)` into a folder, and yield its files in their order.

    Each part is a file `feed-<part>.jsonl`; those of before go first. The bytes are the same
    for any number of processes (None: all cores); a file has its name once it is whole. Close
    it to stop them. Raises ChildKilledError when one of them was killed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _remove(folder, "feed-*.jsonl", f"feed-*.jsonl{UNFINISHED}")
    (folder / MADE).write_bytes(msgspec.json.encode(Made(pupils, seed)))
    write = partial(_write_part, folder, pupils, seed)
    count = workers or os.cpu_count() or 1
    try:
        if count == 1:
            yield from map(write, parts(pupils))
            return
        with child_processes(count) as pool:
            yield from pool.map(write, parts(pupils))
    finally:
        _remove(folder, f"feed-*.jsonl{UNFINISHED}")


def _remove(folder: Path, *patterns: str) -> None:
    for pattern in patterns:
        for stale in folder.glob(pattern):
            stale.unlink()


def _write_part(folder: Path, pupils: int, seed: int, part: Part) -> Written:
    path = feed_of(folder, part.name)
    making = path.with_name(path.name + UNFINISHED)
    try:
        with making.open("wb") as file:
            lines = write_lines(part_lines(part, seed, pupils), file)
        making.replace(path)
    finally:
        making.unlink(missing_ok=True)  # of one that was interrupted
    return Written(path, lines)
