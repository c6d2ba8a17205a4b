"""CSV as users have it: one ladder of encodings, one dialect, streamed row by row.

The declared dialect: `;` or `,`, whichever the header has most of, or a tab when it has
neither; quotes as in any CSV; UTF-8 with or without BOM, UTF-16 with BOM, else cp1252
(outputs-and-rules.md 3.2; detectors guess wrong on short Dutch texts). Excel's `sep=;` as
the first line is obeyed. What is wrong with a row is a row with its fault.
"""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import IO, Final, NamedTuple

from ledger.intake.sheet_types import Rij, Sheet, marked, may_be_marked, unreadable
from ledger.problems import Problem

DELIMITERS: Final = ";,"
ENCODINGS: Final = ("utf-8", "cp1252")
LONGEST_LINE: Final = 1 << 20
"""Characters of one line; the csv module takes cells of 131,072 characters at most."""
MOST_LINES: Final = 100
"""Lines of one row. A row with more of them has a quotation mark that is not closed."""

_PIECE: Final = 1 << 16
_SEP: Final = re.compile(r'"?sep=([;,\t|])"?', re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x01-\x08\x0b-\x1f]")
_NO_TEXT: Final = Problem("", "de tekens zijn niet te lezen", "bewaar het bestand als CSV UTF-8")
_NOT_CLOSED: Final = "unexpected end of data"
_CAUSES: Final = {
    _NOT_CLOSED: "een aanhalingsteken is niet gesloten",
    "field larger than field limit (131072)": "een cel heeft meer dan 131072 tekens",
}


class _TooLongError(Exception):
    """A line that is longer than any real one."""


class _Numbered(NamedTuple):
    """A line with its number; `heel` = all of it was kept."""

    number: int
    text: str
    heel: bool


class _Lines:
    """The lines of a file for the csv reader; those of a row that failed can be taken back."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._count = 0
        self._waiting: deque[_Numbered] = deque()
        self.taken: list[_Numbered] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise StopIteration
        line = self._waiting.popleft() if self._waiting else self._read()
        self.taken.append(line)
        if not line.heel:
            raise _TooLongError
        return line.text

    def take_back(self) -> None:
        """Give all lines of the row but its first one again."""
        self._waiting.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]

    def _read(self) -> _Numbered:
        text = rest = self._file.readline(LONGEST_LINE)
        while len(rest) == LONGEST_LINE and not rest.endswith("\n"):
            rest = self._file.readline(LONGEST_LINE)
        if not text:
            raise StopIteration
        self._count += 1
        return _Numbered(self._count, text, len(text) < LONGEST_LINE or text.endswith("\n"))


def csv_sheet(path: Path) -> Sheet:
    """Return a CSV file as a table; its header is () when it is empty.

    Raises UnreadableFileError for what is no text, and OSError.
    """
    encoding = _encoding(path)
    with path.open(encoding=encoding) as file:
        delimiter = _delimiter(file)
    with closing(_rows(path, encoding, delimiter, None)) as rows:
        head = next(rows, Rij(1))
    if head.fout is not None:
        raise unreadable(path.name, head.fout._replace(regel=f"de kop: {head.fout.regel}"))
    kop = _trimmed(head.cellen)
    if any(map(_CONTROL.search, kop)):
        raise unreadable(path.name, _NO_TEXT)
    return Sheet(
        path.name, "csv", kop, delimiter, partial(_body, path, encoding, delimiter, len(kop))
    )


def _encoding(path: Path) -> str:
    """Return the first encoding of the ladder that reads the whole file."""
    with path.open("rb") as file:
        start = file.read(len(BOM_UTF8))
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        ladder: tuple[str, ...] = ("utf-16",)
    else:
        ladder = ("utf-8-sig",) if start == BOM_UTF8 else ENCODINGS
    for encoding in ladder:
        if _reads(path, encoding):
            return encoding
    raise unreadable(path.name, _NO_TEXT)


def _reads(path: Path, encoding: str) -> bool:
    """Tell whether a file is text in an encoding; no text has a NUL."""
    decoder = getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                if "\0" in decoder.decode(piece):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _delimiter(file: IO[str]) -> str:
    """Return what separates the cells, by the first line that is not empty."""
    line = ""
    while (piece := file.readline(LONGEST_LINE)) and not line:
        line = piece.strip("\n ")
    if asked := _SEP.fullmatch(line):
        return asked[1]
    most = max(DELIMITERS, key=line.count)
    return "\t" if most not in line and "\t" in line else most


def _body(path: Path, encoding: str, delimiter: str, width: int) -> Iterator[Rij]:
    """Yield the rows under the header."""
    rows = _rows(path, encoding, delimiter, width)
    next(rows, None)
    return rows


def _rows(
    path: Path, encoding: str, delimiter: str, width: int | None
) -> Generator[Rij, None, None]:
    """Yield every row that is not empty, the header first; `width` None = the header alone."""
    with path.open(encoding=encoding) as file:
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        first = True
        while (found := _next(reader, lines, delimiter)) is not None:
            rij = found if first or width is None else _fitting(found, lines, width, delimiter)
            if rij.fout is None and not any(map(str.strip, rij.cellen)):
                continue
            if first and rij.regelnummer == 1 and _SEP.fullmatch(lines.taken[0].text.strip("\n ")):
                continue
            first = False
            yield rij


def _next(reader: Iterator[list[str]], lines: _Lines, delimiter: str) -> Rij | None:
    """Return the next row, or with its fault the line where a row begins that is none."""
    lines.taken.clear()
    try:
        cells = next(reader)
    except StopIteration:
        return None
    except _TooLongError:
        lines.take_back()
        rule = f"de regel heeft meer dan {LONGEST_LINE} tekens"
        number = lines.taken[0].number
        return Rij(number, fout=Problem("", rule, "controleer of dit een CSV-bestand is"))
    except csv.Error as error:
        lines.take_back()
        return _faulty(lines.taken[0], delimiter, str(error))
    if any(may_be_marked(line.text) for line in lines.taken):
        cells = list(map(marked, cells))
    return Rij(lines.taken[0].number, tuple(cells))


def _faulty(line: _Numbered, delimiter: str, error: str) -> Rij:
    cause = _CAUSES.get(error, "na een aanhalingsteken staat nog tekst")
    fault = Problem("", f"de regel is geen CSV ({cause})", "controleer de aanhalingstekens")
    return Rij(line.number, tuple(line.text.rstrip("\n").split(delimiter)), fault)


def _fitting(rij: Rij, lines: _Lines, width: int, delimiter: str) -> Rij:
    """Return a row with as many cells as the header, or with that as its fault.

    A row over more lines that does not fit most likely has a stray quotation mark, which would
    take good rows with it: then its first line alone is at fault.
    """
    cells = rij.cellen
    if len(cells) == width:
        return rij
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    if rij.fout is not None or len(cells) == width or not any(map(str.strip, cells)):
        return rij._replace(cellen=cells)
    if len(lines.taken) > 1:
        lines.take_back()
        return _faulty(lines.taken[0], delimiter, _NOT_CLOSED)
    rule = f"de regel heeft {len(cells)} cellen en de kop {width}"
    remedy = f"zet een waarde met {delimiter} erin tussen aanhalingstekens"
    return Rij(rij.regelnummer, cells, Problem("", rule, remedy))


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return a header without the empty cells at its end."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells
