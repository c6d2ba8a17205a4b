"""A large feed in parts that fit in memory, each with all lines of its pupils.

The file is read twice: once to see where each line is and whose it is, once part by part.
Lines of PGN's that a `PgnVervangen` joins fall in the same part, and so do the lines of no
pupil. Where a file allows it the parts follow one another in it; else they are made by a hash
of the PGN.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, overload
from zlib import crc32

from ledger.codes import PGN_DIGITS

PART_BYTES: Final = 1024 * 1024
"""Bytes of lines in one part: some 5,000 events, 10 MB once parsed and checked."""

IN_ORDER: Final = 24
"""Parts of a file that is booked in its own order: it can be held in memory as a whole."""

SHARES: Final = 16
"""Parts that a smaller file falls in, so that several processes can share it."""

LEAST_BYTES: Final = 256 * 1024
"""Bytes of lines that are not worth another part."""

Lines = Iterator[tuple[int, bytes]]
"""Numbered lines, from 1, without the empty ones."""

_PGN: Final = re.compile(rb'"pgn"\s*:\s*"(\d+)"')
_NEW_PGN: Final = re.compile(rb'"nieuw_pgn"\s*:\s*"(\d+)"')
_USUAL: Final = b'"pgn":"'
_BOM: Final = b"\xef\xbb\xbf"


class Parts(Sequence[Lines]):
    """The parts of a feed, the same ones every time.

    A part can be read by another process than the one that found where its lines are.
    `in_order` = the lines are to be booked in the order of the file; `following` = the parts
    follow one another in it.
    """

    def __init__(self, path: Path, part_bytes: int | None = None) -> None:
        part_bytes = part_bytes or PART_BYTES
        size = path.stat().st_size
        self._path = path
        self._ranges: list[tuple[int, int, int]] = []
        self._places: list[tuple[array[int], array[int]]] = []
        self.in_order = size <= IN_ORDER * part_bytes
        if self.in_order:
            least = min(part_bytes, max(LEAST_BYTES, size // SHARES))
            self._ranges = _ranges(path, least) if size > least else [(1, 0, size)]
        if (len(self._ranges) == 1 and size > part_bytes) or not self._ranges:
            self._ranges = []
            self._places = _places(path, max(1, -(-size // part_bytes)))
        self.following = bool(self._ranges)

    def whole(self) -> Lines:
        """Yield all lines of the file in its own order."""
        return _lines_between(self._path, 1, 0, self._path.stat().st_size)

    def __len__(self) -> int:
        return len(self._ranges) or len(self._places)

    @overload
    def __getitem__(self, number: int) -> Lines: ...
    @overload
    def __getitem__(self, number: slice) -> list[Lines]: ...
    def __getitem__(self, number: int | slice) -> Lines | list[Lines]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        if self._ranges:
            return _lines_between(self._path, *self._ranges[number])
        return _lines_at(self._path, *self._places[number])


parts: Final = Parts
"""Find the parts of a feed."""


def _ranges(path: Path, least: int) -> list[tuple[int, int, int]]:
    """Return stretches of the file with whole pupils: first line, first byte, and end.

    One stretch when the lines of pupils are mixed.
    """
    lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    joined = _joined(path)
    whose = list(map(_pgn_of, lines))
    if joined:
        whose = [pgn and joined.get(pgn, pgn) for pgn in whose]
    last = dict(zip(whose, range(len(whose)), strict=True))
    ranges, first, start, end, needed = [], 1, 0, 0, 0
    for number, (pgn, line) in enumerate(zip(whose, lines, strict=True)):
        end += len(line) + 1
        needed = max(needed, last[pgn])
        if needed <= number and end - start >= least:
            ranges.append((first, start, end))
            first, start = number + 2, end
    if start < end or not ranges:
        ranges.append((first, start, end))
    return ranges


def _lines_between(path: Path, first: int, start: int, end: int) -> Lines:
    with path.open("rb") as file:
        file.seek(start)
        at = start
        for number, line in enumerate(file, first):
            if at >= end:
                return
            at += len(line)
            clean = line.removeprefix(_BOM) if number == 1 else line
            if not clean.isspace():
                yield number, clean


def _places(path: Path, count: int) -> list[tuple[array[int], array[int]]]:
    """Return per part the numbers and the offsets of its lines."""
    joined = _joined(path)
    places = [(array("I"), array("Q")) for _ in range(count)]
    adding = [(numbers.append, offsets.append) for numbers, offsets in places]
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            pgn = _pgn_of(line)
            part = 0 if pgn is None else crc32(joined.get(pgn, pgn) if joined else pgn) % count
            add_number, add_offset = adding[part]
            add_number(number)
            add_offset(offset)
            offset += len(line)
    return places


def _pgn_of(line: bytes) -> bytes | None:
    """Return the PGN of a line; None when it names none."""
    start = line.find(_USUAL) + len(_USUAL)
    end = start + PGN_DIGITS
    pgn = line[start:end]
    if start >= len(_USUAL) and pgn.isdigit() and line.startswith(b'"', end):
        return pgn
    found = _PGN.search(line)
    return None if found is None else _whole(found)


def _joined(path: Path) -> dict[bytes, bytes]:
    """Return for each PGN that is replaced, or replaces, one PGN that stands for all of them."""
    root: dict[bytes, bytes] = {}

    def of(pgn: bytes) -> bytes:
        while pgn in root:
            pgn = root[pgn]
        return pgn

    with path.open("rb") as file:
        for line in file:
            if b"nieuw_pgn" in line:
                old, new = _PGN.search(line), _NEW_PGN.search(line)
                if old and new and of(_whole(old)) != of(_whole(new)):
                    root[of(_whole(new))] = of(_whole(old))
    return {pgn: of(pgn) for pgn in root}


def _whole(found: re.Match[bytes]) -> bytes:
    """Return a PGN with the zeros that a spreadsheet may have dropped."""
    return found[1].zfill(PGN_DIGITS)


def _lines_at(path: Path, numbers: array[int], offsets: array[int]) -> Lines:
    with path.open("rb") as file:
        at = 0
        for number, offset in zip(numbers, offsets, strict=True):
            if offset != at:  # most lines follow the one before
                file.seek(offset)
            line = file.readline()
            at = offset + len(line)
            clean = line.removeprefix(_BOM) if number == 1 else line
            if not clean.isspace():
                yield number, clean
