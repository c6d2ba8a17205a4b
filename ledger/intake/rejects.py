"""The refused rows of a table with their reasons, to be mended and imported again (events.md 4)."""

from __future__ import annotations

import csv
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Final

from ledger.intake.columns import normalised
from ledger.intake.fields import REJECTED
from ledger.intake.json_lines import with_reasons
from ledger.intake.sheet_types import QuotedCell, Rij, Sheet

REASONS: Final = REJECTED.upper()
"""The header over the reasons; a column that is left alone when the file is read again."""

Refusals = Iterable[tuple[Rij, str]]
"""Refused rows, each with its reasons in one text."""


def rejected_rows(sheet: Sheet, refusals: Refusals) -> Iterator[bytes]:
    """Yield the content of the file with the refused rows, piece by piece.

    Of a workbook and of CSV: CSV in UTF-8 with BOM, CRLF and the delimiter of the file, the
    cells as they were and one more column. A row that was refused for its number of cells
    keeps that number, so that it is refused again until somebody mends it. Of JSON Lines: the
    objects with one more key.
    """
    if sheet.soort == "jsonl":
        for rij, reasons in refusals:
            yield with_reasons(rij.rauw, REJECTED, reasons)
        return
    headers = [normalised(header) for header in sheet.kop]
    place = headers.index(REASONS) if REASONS in headers else None
    yield BOM_UTF8 + _line(_with(sheet.kop, REASONS, place, len(sheet.kop)), sheet.delimiter)
    for rij, reasons in refusals:
        yield _line(_with(rij.cellen, reasons, place, len(sheet.kop)), sheet.delimiter)


def _with(cells: Sequence[str], reasons: str, place: int | None, width: int) -> list[str]:
    """Return the cells with the reasons behind them, in place of those of an earlier import.

    In a row of another width than the header those stood at the end.
    """
    written = [f'="{cell}"' if isinstance(cell, QuotedCell) else str(cell) for cell in cells]
    if place is not None and written:
        del written[place if len(written) == width else -1]
    return [*written, reasons]


def _line(cells: Sequence[str], delimiter: str) -> bytes:
    text = StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode(errors="replace")
