"""Whose the lines of a feed are, told from their bytes: far sooner than by reading them.

It must be what their reader will say (`ledger.intake.feed`), so a line that may not be what it
looks like is read as JSON after all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Final

from ledger.codes import PGN_DIGITS
from ledger.intake.json_lines import BOM, object_of

_USUAL: Final = b'"pgn":"'
_PGN: Final = re.compile(rb'"pgn"\s*:\s*"(\d+)"')
_NEW_PGN: Final = re.compile(rb'"nieuw_pgn"\s*:\s*"(\d+)"')
_ESCAPE: Final = b"\\"
NOBODY: Final = -1
"""In the place of the PGN of lines that name none."""


def pupils_in(block: bytes) -> set[int]:
    """Return the PGN's of the lines of a block, as numbers; `NOBODY` where one names none."""
    before, *usual = block.split(_USUAL)
    once = len(usual) == block.count(b"\n") + (not block.endswith(b"\n"))
    once = once and b"\n" not in before and all(b"\n" in one for one in usual[:-1])
    if once and _ESCAPE not in block:
        with suppress(ValueError):
            return {int(pgn) for pgn in {after[:PGN_DIGITS] for after in usual}}
    return {number_of(pgn_of(line)) for line in block.split(b"\n") if line.strip()}


def number_of(pgn: bytes | None) -> int:
    """Return a PGN as a number, which takes less room; `NOBODY` for none."""
    return NOBODY if pgn is None else int(pgn[-PGN_DIGITS:])


def pgn_of(line: bytes) -> bytes | None:
    """Return the PGN of a line; None when it names none."""
    return _named(line, "pgn", _PGN)


def _named(line: bytes, name: str, usual: re.Pattern[bytes]) -> bytes | None:
    """Return a PGN by its name, as the reader of the line finds it; None when there is none."""
    if _ESCAPE in line or line.count(b'"%s"' % name.encode()) > 1:
        value = (object_of(line.removeprefix(BOM)) or {}).get(name)
        is_number = isinstance(value, str) and value.isascii() and value.isdigit()
        return _whole(str(value).encode()) if is_number else None
    found = usual.search(line)
    return None if found is None else _whole(found[1])


def joined_in(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the PGN's that lines join, two and two."""
    for line in chain(_lines_with(b"nieuw_pgn", block), _lines_with(_ESCAPE, block)):
        old, new = pgn_of(line), _named(line, "nieuw_pgn", _NEW_PGN)
        if old and new:
            yield old, new


def _lines_with(mark: bytes, block: bytes) -> Iterator[bytes]:
    at = block.find(mark)
    while at >= 0:
        start, end = block.rfind(b"\n", 0, at) + 1, block.find(b"\n", at)
        line = block[start:] if end < 0 else block[start:end]
        yield line
        at = block.find(mark, start + len(line))


def roots_of(pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
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


def _whole(pgn: bytes) -> bytes:
    """Return a PGN with the zeros that a spreadsheet may have dropped."""
    return pgn.zfill(PGN_DIGITS)
