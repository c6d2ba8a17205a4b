"""Whether a zip file is a workbook, and small enough to be opened: by its directory alone."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import IO, Final
from zipfile import ZipFile, ZipInfo

from ledger.intake.sheet_types import unreadable
from ledger.problems import Problem

MIB: Final = 1 << 20
MOST_DIRECTORY: Final = MIB
"""Bytes of the zip directory itself, since all of it is read: some 10,000 entries."""
MOST_ENTRIES: Final = 2000
"""A workbook has some ten entries, and one for each sheet, chart and image."""
MOST_UNPACKED: Final = 512 * MIB
"""100,000 rows of 19 cells unpack to 110 MB; half a million rows still fit."""
MOST_STRINGS: Final = 128 * MIB
"""The shared texts, that are held in memory."""
MOST_PART: Final = 16 * MIB
"""Any other part that is held in memory whole, such as the styles."""
MOST_RATIO: Final = 100
"""Workbooks pack 9 to 25 times smaller (measured); a zip bomb up to 1000 times."""
RATIO_COUNTS_FROM: Final = 16 * MIB

_STREAMED: Final = ("xl/worksheets/", "xl/pivotCache/", "xl/media/", "xl/drawings/", "xl/charts/")
"""Parts that are read bit by bit, or not at all."""
_STRINGS: Final = "xl/sharedStrings.xml"
_WORKBOOK: Final = "workbook.xml"
_BINARY: Final = "xl/workbook.bin"
_OPEN_DOCUMENT: Final = "content.xml"
_ENCRYPTED: Final = 1
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22 + (1 << 16)

_REMEDY: Final = "open het in het spreadsheet en bewaar het als .xlsx of CSV"
_DAMAGED: Final = Problem(
    "", "de werkmap is beschadigd of afgebroken", "download of bewaar hem opnieuw"
)
_NO_WORKBOOK: Final = Problem(
    "", "dit is een zip-bestand en geen werkmap", "pak het uit en lees de bestanden erin"
)
_TOO_LARGE: Final = Problem(
    "",
    "de werkmap is uitgepakt te groot of te sterk ingepakt om te vertrouwen",
    "bewaar het blad als CSV",
)


def check_archive(naam: str, file: IO[bytes]) -> None:
    """Raise UnreadableFileError unless the file is a workbook of a size that can be opened."""
    problem = _directory_problem(file)
    if problem is None:
        try:
            with ZipFile(file) as archive:
                problem = _kind_problem(archive.infolist()) or _size_problem(archive.infolist())
        except Exception:  # noqa: BLE001 - the module raises anything on a damaged file
            raise unreadable(naam, _DAMAGED) from None
    if problem is not None:
        raise unreadable(naam, problem)
    file.seek(0)


def _directory_problem(file: IO[bytes]) -> Problem | None:
    """Return what is wrong with the size of the directory, as its end record gives it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES))
    tail = file.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + 22:
        return _DAMAGED
    (directory,) = struct.unpack_from("<I", tail, place + 12)
    return _TOO_LARGE if directory > MOST_DIRECTORY else None


def _kind_problem(entries: Sequence[ZipInfo]) -> Problem | None:
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        return Problem("", "het bestand is versleuteld", f"haal het wachtwoord eraf: {_REMEDY}")
    if _BINARY in names:
        return Problem("", "dit is een binaire werkmap (.xlsb)", _REMEDY)
    if _OPEN_DOCUMENT in names:
        return Problem("", "dit is een werkmap van LibreOffice (.ods)", _REMEDY)
    return None if any(name.endswith(_WORKBOOK) for name in names) else _NO_WORKBOOK


def _size_problem(entries: Sequence[ZipInfo]) -> Problem | None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    too_packed = unpacked > RATIO_COUNTS_FROM and unpacked > MOST_RATIO * packed
    too_large = len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED
    return _TOO_LARGE if too_packed or too_large or any(map(_too_large, entries)) else None


def _too_large(entry: ZipInfo) -> bool:
    if entry.filename.startswith(_STREAMED):
        return False
    return entry.file_size > (MOST_STRINGS if entry.filename == _STRINGS else MOST_PART)
