"""A large feed in parts that fit in memory, each with all lines of its pupils.

The file is read twice: once to see where each line is and whose it is, once part by part.
Lines of PGN's that a `PgnVervangen` joins fall in the same part.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final
from zlib import crc32

from ledger.codes import PGN_DIGITS

PART_BYTES: Final = 24 * 1024 * 1024
"""Bytes of lines in one part: some 100,000 events, 250 MB once parsed and checked."""

Lines = Iterator[tuple[int, bytes]]
"""Numbered lines, from 1, without the empty ones."""

_PGN: Final = re.compile(rb'"pgn"\s*:\s*"(\d+)"')
_NEW_PGN: Final = re.compile(rb'"nieuw_pgn"\s*:\s*"(\d+)"')
_BOM: Final = b"\xef\xbb\xbf"


def parts(path: Path, part_bytes: int = PART_BYTES) -> Iterator[Lines]:
    """Yield the parts of a feed; a file that fits is one part, in its own order."""
    count = max(1, -(-path.stat().st_size // part_bytes))
    if count == 1:
        yield _numbered(path)
        return
    places = _places(path, count)
    with path.open("rb") as file:
        for numbers, offsets in places:
            yield _lines_at(file, numbers, offsets)


def _numbered(path: Path) -> Lines:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            clean = line.removeprefix(_BOM) if number == 1 else line
            if not clean.isspace():
                yield number, clean


def _places(path: Path, count: int) -> list[tuple[array[int], array[int]]]:
    """Return per part the numbers and the offsets of its lines."""
    joined = _joined(path)
    places = [(array("Q"), array("Q")) for _ in range(count)]
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            found = _PGN.search(line)
            numbers, offsets = places[_part(_whole(found), joined, count) if found else 0]
            numbers.append(number)
            offsets.append(offset)
            offset += len(line)
    return places


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


def _part(pgn: bytes, joined: dict[bytes, bytes], count: int) -> int:
    return crc32(joined.get(pgn, pgn)) % count


def _lines_at(file: BinaryIO, numbers: array[int], offsets: array[int]) -> Lines:
    for number, offset in zip(numbers, offsets, strict=True):
        file.seek(offset)
        line = file.readline()
        clean = line.removeprefix(_BOM) if number == 1 else line
        if not clean.isspace():
            yield number, clean
