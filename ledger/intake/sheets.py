"""A table in a file, row by row, whatever wrote it: CSV, a workbook, or JSON Lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, TypeVar

from ledger.failing import reason
from ledger.intake.delimited import csv_sheet
from ledger.intake.json_lines import json_sheet
from ledger.intake.sheet_types import (
    DamagedCell,
    NumberCell,
    QuotedCell,
    Rij,
    Sheet,
    UnreadableFileError,
    unreadable,
)
from ledger.problems import Problem, masked

__all__ = [
    "EMPTY",
    "DamagedCell",
    "NumberCell",
    "QuotedCell",
    "Rij",
    "Sheet",
    "UnreadableFileError",
    "opened_sheet",
    "unreadable",
]

_T = TypeVar("_T")

_START: Final = 4096
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = b"\xd0\xcf\x11\xe0"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
"""The name under which Office keeps a workbook that has a password."""

EMPTY: Final = Problem("", "het bestand is leeg", "download het bestand opnieuw")
_REMEDY: Final = "open het in het spreadsheet en bewaar het als .xlsx of CSV"
_OLD: Final = Problem("", "dit is een oude werkmap (.xls)", _REMEDY)
_PASSWORD: Final = Problem("", "de werkmap heeft een wachtwoord", f"haal het eraf: {_REMEDY}")
_MARKUP: Final = Problem("", "dit is HTML of XML, ook als de naam op .xls eindigt", _REMEDY)
_ONE_LIST: Final = Problem(
    "", "dit is een JSON-lijst", "schrijf JSON Lines: een JSON-object per regel"
)
_NO_LIBRARY: Final = Problem(
    "",
    "voor een werkmap is de extra 'excel' nodig",
    "installeer die met python3 -m pip install '.[excel]' of bewaar het blad als CSV",
)


@contextmanager
def opened_sheet(path: Path) -> Iterator[Sheet]:
    """Open a CSV file, a workbook or JSON Lines as a table; what it is, is told by its content.

    Raises UnreadableFileError, with what to do.
    """
    start = _read(path, _start)
    if start.startswith(_ZIP):
        with _workbook(path) as sheet:
            yield sheet
        return
    _refuse_others(path, start)
    yield _read(path, json_sheet if _plain(start).startswith(b"{") else _filled)


def _workbook(path: Path) -> AbstractContextManager[Sheet]:
    try:
        # The library is an extra, and takes long to load: only for workbooks.
        from ledger.intake.workbooks import opened_workbook  # noqa: PLC0415
    except ModuleNotFoundError:
        raise unreadable(path.name, _NO_LIBRARY) from None
    return opened_workbook(path)


def _filled(path: Path) -> Sheet:
    sheet = csv_sheet(path)
    if not sheet.kop:
        raise unreadable(path.name, EMPTY)
    return sheet


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_START)


def _plain(start: bytes) -> bytes:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()


def _refuse_others(path: Path, start: bytes) -> None:
    """Raise UnreadableFileError for what people take for a table and is none."""
    if start.startswith(_OLE):
        locked = _read(path, lambda path: _holds(path, _LOCKED))
        raise unreadable(path.name, _PASSWORD if locked else _OLD)
    if _plain(start).startswith(b"<"):
        raise unreadable(path.name, _MARKUP)
    if _plain(start).startswith(b"["):
        raise unreadable(path.name, _ONE_LIST)


def _holds(path: Path, wanted: bytes) -> bool:
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            if wanted in tail + piece:
                return True
            tail = piece[-len(wanted) :]
    return False


def _read(path: Path, reader: Callable[[Path], _T]) -> _T:
    """Return what is read of a file. Raises UnreadableFileError when it cannot be."""
    try:
        return reader(path)
    except OSError as error:
        raise UnreadableFileError(
            f"{masked(path.name)} kan niet worden gelezen: {reason(error)}"
        ) from None
