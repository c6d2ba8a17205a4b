"""A large feed in parts that fit in memory, each with all lines of its pupils.

The file is read twice: once to see whose lines are where, once part by part. Lines of PGN's
that a `PgnVervangen` joins fall in the same part, and so do the lines of no pupil. Where a
file allows it the parts follow one another in it; else they are made by a hash of the PGN.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple, overload
from zlib import crc32

from ledger.codes import PGN_DIGITS

PART_BYTES: Final = 512 * 1024
"""Bytes of lines in one part: some 2,600 events, 5 MB once parsed and checked."""

IN_ORDER: Final = 48
"""Parts of a file of which the lines are mixed, that is booked in its own order all the same:
it can be held in memory as a whole."""

LARGEST: Final = 16
"""Parts' worth of bytes in a stretch of a file that is one part, since its pupils are mixed."""

_PGN: Final = re.compile(rb'"pgn"\s*:\s*"(\d+)"')
_NEW_PGN: Final = re.compile(rb'"nieuw_pgn"\s*:\s*"(\d+)"')
_USUAL: Final = b'"pgn":"'
_BOM: Final = b"\xef\xbb\xbf"
_NOBODY: Final = -1
"""In the place of the PGN of lines that name none."""


class Lines:
    """Numbered lines, from 1, with their line ends, without the empty ones."""

    __slots__ = ("lines", "numbers")

    def __init__(self, numbers: Sequence[int], lines: list[bytes]) -> None:
        if lines and numbers[0] == 1:
            lines[0] = lines[0].removeprefix(_BOM)
        if any(map(bytes.isspace, lines)):
            kept = [place for place, line in enumerate(lines) if not line.isspace()]
            numbers, lines = [numbers[one] for one in kept], [lines[one] for one in kept]
        self.numbers = numbers
        self.lines = lines

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return zip(self.numbers, self.lines, strict=True)


class _Range(NamedTuple):
    """A stretch of a file: the number of its first line, its first byte, and its end."""

    first: int
    start: int
    end: int


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
        self._places: list[tuple[array[int], array[int]]] = []
        self._ranges = _ranges(path, part_bytes) if size > part_bytes else [_Range(1, 0, size)]
        largest = max((one.end - one.start for one in self._ranges), default=0)
        if size > part_bytes and (largest > LARGEST * part_bytes or len(self._ranges) == 1):
            self._ranges = []
            self._places = _places(path, -(-size // part_bytes))
        self.following = bool(self._ranges)
        self.in_order = self.following or size <= IN_ORDER * part_bytes

    def whole(self) -> Lines:
        """Return all lines of the file in its own order."""
        return _lines_between(self._path, _Range(1, 0, self._path.stat().st_size))

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
            return _lines_between(self._path, self._ranges[number])
        return _lines_at(self._path, *self._places[number])


parts: Final = Parts
"""Find the parts of a feed."""


def _ranges(path: Path, least: int) -> list[_Range]:
    """Return stretches of the file with whole pupils, of some `least` bytes each.

    They are large where the lines of pupils are mixed.
    """
    blocks: list[_Range] = []
    whose: list[array[int]] = []
    pairs: list[tuple[bytes, bytes]] = []
    first = 1
    start = 0
    for block in _blocks(path, least):
        blocks.append(_Range(first, start, start + len(block)))
        whose.append(array("i", _pupils_in(block)))
        pairs += _joined_in(block)
        first, start = first + block.count(b"\n"), start + len(block)
    last: dict[int, int] = {}
    for number, pupils in enumerate(whose):
        last.update(dict.fromkeys(pupils, number))
    _join(last, _roots(pairs))
    ranges, begin, needed = list[_Range](), 0, 0
    for number, pupils in enumerate(whose):
        needed = max(needed, 0, *map(last.__getitem__, pupils))
        if needed <= number:
            ranges.append(_Range(*blocks[begin][:2], blocks[number].end))
            begin = number + 1
    return ranges


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    """Yield the file in blocks of whole lines, that end where a pupil does if they can."""
    with path.open("rb") as file:
        pieces: list[bytes] = []
        while piece := file.read(size):
            pieces.append(piece)
            if b"\n" in piece:  # else a line without end, which is put together once
                block = b"".join(pieces)
                cut = _end_of_pupil(block)
                yield block[:cut]
                pieces = [block[cut:]]
        if rest := b"".join(pieces):
            yield rest


def _end_of_pupil(block: bytes) -> int:
    """Return where the last whole pupil of a block ends; else its last whole line."""
    end = block.rfind(b"\n") + 1
    start = block.rfind(b"\n", 0, max(0, end - 1)) + 1
    pgn = _pgn_of(block[start:end])
    while pgn is not None and start:
        before = block.rfind(b"\n", 0, start - 1) + 1
        if _pgn_of(block[before:start]) != pgn:
            return start
        start = before
    return end


def _pupils_in(block: bytes) -> set[int]:
    """Return the PGN's of the lines of a block, as numbers; `_NOBODY` where one names none."""
    usual = block.split(_USUAL)  # what stands before the first one, and after each
    if len(usual) > block.count(b"\n") + (not block.endswith(b"\n")):
        with suppress(ValueError):
            return {int(pgn) for pgn in {after[:PGN_DIGITS] for after in usual[1:]}}
    return {_number(_pgn_of(line)) for line in block.split(b"\n") if line.strip()}


def _number(pgn: bytes | None) -> int:
    return _NOBODY if pgn is None else int(pgn[-PGN_DIGITS:])


def _join(last: dict[int, int], roots: dict[bytes, bytes]) -> None:
    """Let PGN's that are joined end where the last of them does."""
    ends: dict[bytes, int] = {}
    for pgn, root in roots.items():
        ends[root] = max(ends.get(root, 0), last.get(_number(pgn), 0), last.get(_number(root), 0))
    for pgn, root in roots.items():
        last[_number(pgn)] = last[_number(root)] = ends[root]


def _lines_between(path: Path, where: _Range) -> Lines:
    with path.open("rb") as file:
        file.seek(where.start)
        lines = BytesIO(file.read(where.end - where.start)).readlines()
    return Lines(range(where.first, where.first + len(lines)), lines)


def _places(path: Path, count: int) -> list[tuple[array[int], array[int]]]:
    """Return per part the numbers and the offsets of its lines."""
    with path.open("rb") as file:
        pairs = [pair for line in file for pair in _joined_in(line)]
    roots = _roots(pairs)
    places = [(array("I"), array("Q")) for _ in range(count)]
    adding = [(numbers.append, offsets.append) for numbers, offsets in places]
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            pgn = _pgn_of(line)
            part = 0 if pgn is None else crc32(roots.get(pgn, pgn)) % count
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


def _joined_in(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the PGN's that lines join, two and two."""
    at = block.find(b"nieuw_pgn")
    while at >= 0:
        start, end = block.rfind(b"\n", 0, at) + 1, block.find(b"\n", at)
        line = block[start:] if end < 0 else block[start:end]
        old, new = _PGN.search(line), _NEW_PGN.search(line)
        if old and new:
            yield _whole(old), _whole(new)
        at = block.find(b"nieuw_pgn", start + len(line))


def _roots(pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return for each PGN that is replaced, or replaces, one PGN that stands for all of them."""
    root: dict[bytes, bytes] = {}

    def of(pgn: bytes) -> bytes:
        while pgn in root:
            pgn = root[pgn]
        return pgn

    for old, new in pairs:
        if of(old) != of(new):
            root[of(new)] = of(old)
    return {pgn: of(pgn) for pgn in root}


def _whole(found: re.Match[bytes]) -> bytes:
    """Return a PGN with the zeros that a spreadsheet may have dropped."""
    return found[1].zfill(PGN_DIGITS)


def _lines_at(path: Path, numbers: array[int], offsets: array[int]) -> Lines:
    lines, at = [], 0
    with path.open("rb") as file:
        for offset in offsets:
            if offset != at:  # most lines follow the one before
                file.seek(offset)
            line = file.readline()
            at = offset + len(line)
            lines.append(line)
    return Lines(numbers, lines)
