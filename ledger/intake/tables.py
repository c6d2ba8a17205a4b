"""Small tables that a user supplies as CSV: streamed, and with all that is wrong at once.

They are read as any CSV of users is (ledger/intake/delimited.py). The header is matched
without regard to case, spaces and marks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from ledger.intake.columns import Kolom
from ledger.intake.delimited import csv_sheet
from ledger.intake.readers import Afkeuring
from ledger.intake.rows import Read, read_rows
from ledger.intake.sheet_types import UnreadableFileError
from ledger.problems import Problem, Remark

_WORKBOOK: Final = b"PK\x03\x04"
_NO_WORKBOOK: Final = Problem("", "dit is een werkmap", "bewaar het blad als CSV")

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
    for found in _rows(path, kolommen):
        if isinstance(found, Afkeuring):
            number, problems = found.rijen[0].regelnummer, found.problems
        else:
            number = found.rij.regelnummer
            problems = tuple(check(number, found.velden))
            if not problems:
                yield Line(number, found.velden)
        remarks += [Remark(path.name, number, problem) for problem in problems]
    if remarks:
        raise TableError(remarks)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rows(path: Path, kolommen: Sequence[Kolom]) -> Iterator[Read | Afkeuring]:
    with path.open("rb") as file:
        if file.read(len(_WORKBOOK)) == _WORKBOOK:
            raise TableError([Remark(path.name, 1, _NO_WORKBOOK)])
    try:
        return read_rows(csv_sheet(path), kolommen)
    except UnreadableFileError as error:
        raise TableError([Remark(path.name, 1, one) for one in error.problems]) from None
