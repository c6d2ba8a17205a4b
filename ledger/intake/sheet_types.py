"""What a table in a file is, whatever wrote it: its header, its rows, its cells. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from ledger.problems import Problem, masked

_QUOTED: Final = re.compile(r'="([^"]*)"')
_ERRORS: Final = re.compile(
    r"#(N/A|N/B|REF!|VERW!|VALUE!|WAARDE!|NAME\?|NAAM\?|DIV/0!|DEEL/0!|NUM!|GETAL!|NULL!|LEEG!|#+)"
)
"""The errors of Excel, in English and in Dutch, and a number in too narrow a column."""


class Rij(NamedTuple):
    """One row: its number in the file (from 1), its cells as written, or what is wrong with it.

    `rauw` is the line of a JSON Lines file, with its object in `velden`.
    """

    regelnummer: int
    cellen: tuple[str, ...] = ()
    fout: Problem | None = None
    rauw: bytes = b""
    velden: dict[str, Any] | None = None


class Sheet(NamedTuple):
    """A table: the name of its file, its header as written, and how to go over its rows.

    `kop` of JSON Lines: the keys of the first object. Cells that a workbook holds as numbers
    are `NumberCell`s. `rijen` starts anew at each call and holds one row at a time.
    """

    naam: str
    soort: str  # csv, xlsx or jsonl
    kop: tuple[str, ...]
    delimiter: str
    rijen: Callable[[], Iterator[Rij]]


class NumberCell(str):
    """A cell that a workbook holds as a number: a date may be a serial, zeros may be lost."""

    __slots__ = ()


class QuotedCell(str):
    """The text of a cell that was written as `="012345"`, to keep a spreadsheet off it."""

    __slots__ = ()


class DamagedCell(str):
    """A cell whose value a spreadsheet lost: `#REF!`, or a formula that was never computed."""

    __slots__ = ()


def marked(text: str) -> str:
    """Return a cell of text, in a class of its own where a spreadsheet left its traces."""
    if text.startswith('="') and (quoted := _QUOTED.fullmatch(text)):
        return QuotedCell(quoted[1])
    if text.startswith("#") and _ERRORS.fullmatch(text):
        return DamagedCell(text)
    return text


def may_be_marked(text: str) -> bool:
    """Tell whether any cell of a line of text can be one that `marked` marks."""
    return "#" in text or '="' in text


class UnreadableFileError(Exception):
    """A file that cannot be imported at all; `problems` is everything that is wrong with it."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        self.problems = problems
        super().__init__(message)


def unreadable(naam: str, *problems: Problem) -> UnreadableFileError:
    """Return the error that says of a file what is wrong with it and what to do."""
    told = ". ".join(map(str, problems))
    return UnreadableFileError(f"{masked(naam)}: {told}", problems)
