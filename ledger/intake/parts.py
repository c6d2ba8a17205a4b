"""A large feed in parts that fit in memory, each with all lines of its pupils.

The file is read twice: once to see whose lines are where, once part by part. Lines of PGN's
that a `PgnVervangen` joins, here or in the ledger, fall in the same part, and so do the lines
of no pupil. Where a file allows it the parts follow one another in it; else they are made by
a hash of the PGN.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple, overload
from zlib import crc32

from ledger.intake.json_lines import BOM
from ledger.intake.whose import joined_in, number_of, pgn_of, pupils_in, roots_of

PART_BYTES: Final = 512 * 1024
"""Bytes of lines in one part: some 2,600 events, 5 MB once parsed and checked."""

IN_ORDER: Final = 48
"""Parts of a file of which the lines are mixed, that is booked in its own order all the same:
it can be held in memory as a whole."""

LARGEST: Final = 16
"""Parts' worth of bytes in a stretch of a file that is one part, since its pupils are mixed."""


class Lines:
    """Numbered lines, from 1, with their line ends, without the empty ones."""

    __slots__ = ("lines", "numbers")

    def __init__(self, numbers: Sequence[int], lines: list[bytes]) -> None:
        if lines and numbers[0] == 1:
            lines[0] = lines[0].removeprefix(BOM)
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


Joined = Callable[[], Iterable[tuple[str, str]]]
"""Tells which PGN's are of one pupil, two and two."""


def nobody_joined() -> Iterable[tuple[str, str]]:
    """Return no PGN's: in a ledger without pupils."""
    return ()


class Parts(Sequence[Lines]):
    """The parts of a feed, the same ones every time; `joined` is what the ledger knows.

    A part can be read by another process than the one that found where its lines are.
    `in_order` = the lines are to be booked in the order of the file; `following` = the parts
    follow one another in it.
    """

    def __init__(
        self, path: Path, part_bytes: int | None = None, joined: Joined = nobody_joined
    ) -> None:
        part_bytes = part_bytes or PART_BYTES
        size = path.stat().st_size
        self._path = path
        self._places: list[tuple[array[int], array[int]]] = []
        self._ranges = [_Range(1, 0, size)]
        if size > part_bytes:
            known = [(one.encode(), other.encode()) for one, other in joined()]
            self._ranges = _ranges(path, part_bytes, known)
            largest = max((one.end - one.start for one in self._ranges), default=0)
            if largest > LARGEST * part_bytes or len(self._ranges) == 1:
                self._ranges = []
                self._places = _places(path, -(-size // part_bytes), known)
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


def _ranges(path: Path, least: int, known: Iterable[tuple[bytes, bytes]]) -> list[_Range]:
    """Return stretches of the file with whole pupils, of some `least` bytes each.

    They are large where the lines of pupils are mixed.
    """
    blocks: list[_Range] = []
    whose: list[array[int]] = []
    pairs = [*known]
    first = 1
    start = 0
    for block in _blocks(path, least):
        blocks.append(_Range(first, start, start + len(block)))
        whose.append(array("i", pupils_in(block)))
        pairs += joined_in(block)
        first, start = first + block.count(b"\n"), start + len(block)
    last: dict[int, int] = {}
    for number, pupils in enumerate(whose):
        last.update(dict.fromkeys(pupils, number))
    _join(last, roots_of(pairs))
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
    pgn = pgn_of(block[start:end])
    while pgn is not None and start:
        before = block.rfind(b"\n", 0, start - 1) + 1
        if pgn_of(block[before:start]) != pgn:
            return start
        start = before
    return end


def _join(last: dict[int, int], roots: dict[bytes, bytes]) -> None:
    """Let PGN's that are joined end where the last of them does."""
    ends: dict[bytes, int] = {}
    for pgn, root in roots.items():
        ends[root] = max(
            ends.get(root, 0), last.get(number_of(pgn), 0), last.get(number_of(root), 0)
        )
    for pgn, root in roots.items():
        last[number_of(pgn)] = last[number_of(root)] = ends[root]


def _lines_between(path: Path, where: _Range) -> Lines:
    with path.open("rb") as file:
        file.seek(where.start)
        lines = BytesIO(file.read(where.end - where.start)).readlines()
    return Lines(range(where.first, where.first + len(lines)), lines)


def _places(
    path: Path, count: int, known: Iterable[tuple[bytes, bytes]]
) -> list[tuple[array[int], array[int]]]:
    """Return per part the numbers and the offsets of its lines."""
    with path.open("rb") as file:
        roots = roots_of(chain(known, (pair for line in file for pair in joined_in(line))))
    places = [(array("I"), array("Q")) for _ in range(count)]
    adding = [(numbers.append, offsets.append) for numbers, offsets in places]
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            pgn = pgn_of(line)
            part = 0 if pgn is None else crc32(roots.get(pgn, pgn)) % count
            add_number, add_offset = adding[part]
            add_number(number)
            add_offset(offset)
            offset += len(line)
    return places


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
