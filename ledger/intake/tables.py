"""Small tables that a user supplies as CSV: streamed, and with all that is wrong at once.

The declared dialect: `;` or `,` (whichever the header has most of), quotes as in any CSV,
UTF-8 with or without BOM, else cp1252 (outputs-and-rules.md 3.2; detectors guess wrong on
short Dutch texts). The header is matched without regard to case, spaces and marks.
"""

from __future__ import annotations

import csv
import hashlib
from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final, NamedTuple

from ledger.intake.columns import Kolom, fields_of, places_of
from ledger.problems import Problem, Remark

DELIMITERS: Final = ";,"
ENCODINGS: Final = ("utf-8", "cp1252")
_PIECE: Final = 1 << 16
_WORKBOOK: Final = b"PK\x03\x04"

Fields = dict[str, object]
Check = Callable[[int, Fields], Sequence[Problem]]
"""Takes the number and the values of a line that reads well; returns what else is wrong."""


class TableError(ValueError):
    """A table that cannot be used, with every reason: `bestand.csv:12 veld: regel; remedie`."""

    def __init__(self, remarks: Sequence[Remark]) -> None:
        self.remarks = tuple(remarks)
        super().__init__("\n".join(map(str, self.remarks)))


class Line(NamedTuple):
    """The values of a line by field; None where a cell may be empty and is."""

    regelnummer: int
    velden: Fields


def read_table(path: Path, kolommen: Sequence[Kolom], check: Check) -> Iterator[Line]:
    """Yield the lines of a table that are right.

    Raises TableError after the last line, with all that was wrong with any of them; and
    OSError when the file cannot be read.
    """
    remarks: list[Remark] = []
    with path.open(encoding=_encoding(path), newline="") as file:
        for number, cells, unfit in _records(file, kolommen):
            fields, wrong = ({}, unfit) if unfit else fields_of(cells, kolommen)
            problems = wrong or tuple(check(number, fields))
            remarks += [Remark(path.name, number, problem) for problem in problems]
            if not problems:
                yield Line(number, fields)
    if remarks:
        raise TableError(remarks)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _encoding(path: Path) -> str:
    """Return the first encoding of the ladder that reads the whole file."""
    with path.open("rb") as file:
        start = file.read(len(_WORKBOOK))
    if start == _WORKBOOK:
        problem = Problem("", "dit is een werkmap", "bewaar het blad als CSV")
        raise TableError([Remark(path.name, 1, problem)])
    if start.startswith(BOM_UTF8):
        return "utf-8-sig"
    for encoding in ENCODINGS:
        if _reads(path, encoding):
            return encoding
    problem = Problem("", "de tekens zijn niet te lezen", "bewaar het bestand als CSV UTF-8")
    raise TableError([Remark(path.name, 1, problem)])


def _reads(path: Path, encoding: str) -> bool:
    decoder = getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _records(
    file: IO[str], kolommen: Sequence[Kolom]
) -> Iterator[tuple[int, dict[str, str], tuple[Problem, ...]]]:
    """Yield (number, cells by field, problems) of every line that is not empty.

    The header is yielded when something is wrong with it, and nothing after it.
    """
    header = file.readline()
    delimiter = max(DELIMITERS, key=header.count)
    names = next(csv.reader([header], delimiter=delimiter), [])
    places, problems = places_of(names, kolommen)
    if problems:
        yield 1, {}, problems
        return
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    number = 2
    while (cells := _next(reader)) is not None:
        if isinstance(cells, Problem):
            yield number, {}, (cells,)
        elif any(map(str.strip, cells)):
            yield number, *_placed(cells, places, len(names), delimiter)
        number = reader.line_num + 2


def _next(reader: Iterator[list[str]]) -> list[str] | Problem | None:
    """Return the cells of the next line, what is wrong with it, or None after the last."""
    try:
        return next(reader, None)
    except csv.Error as error:
        return Problem("", f"de regel is geen CSV ({error})", "controleer de aanhalingstekens")


def _placed(
    cells: list[str], places: dict[str, int], width: int, delimiter: str
) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Return the cells by field; a line with more or fewer cells than the header is wrong."""
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) != width:
        rule = f"de regel heeft {len(cells)} cellen en de kop {width}"
        remedy = f"zet een waarde met {delimiter} erin tussen aanhalingstekens"
        return {}, (Problem("", rule, remedy),)
    return {field: cells[place] for field, place in places.items()}, ()
