"""Workbooks (.xlsx) as tables, through openpyxl, one row in memory at a time.

Imported only when a workbook is opened: openpyxl is the extra `excel`. How large a workbook
may be is looked up in its zip directory before anything is unpacked.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel
from openpyxl.workbook import Workbook
from openpyxl.worksheet._reader import (
    DATA_TAG,
    FORMULA_TAG,
    INLINE_STRING,
    ROW_TAG,
    VALUE_TAG,
    WorkSheetParser,
)
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from ledger.failing import reason
from ledger.intake.sheet_types import (
    DamagedCell,
    NumberCell,
    Rij,
    Sheet,
    UnreadableFileError,
    marked,
    unreadable,
)
from ledger.intake.zip_limits import check_archive
from ledger.problems import Problem, masked

PROVENANCE: Final = "herkomst"
"""The sheet that says where our own workbooks come from; it holds no rows of the product."""

MOST_COLUMNS: Final = 1000
"""DUO's widest file has 25; a cell far to the right would make every row as wide."""

_PLAIN_TEXT: Final = f"{{{SHEET_MAIN_NS}}}t"
_EXACT: Final = 10**15
"""From here on a spreadsheet keeps no whole number exactly."""

_DAMAGED: Final = Problem(
    "", "de werkmap is beschadigd", "download hem opnieuw, of open en bewaar hem opnieuw als .xlsx"
)
_NO_HEADER: Final = Problem(
    "", "geen zichtbaar blad met een kop", "zet de tabel op het eerste blad, met de kop bovenaan"
)
_TOO_WIDE: Final = Problem(
    "",
    f"de kop is breder dan {MOST_COLUMNS} kolommen",
    "verwijder de lege kolommen en wat erna staat",
)
_BAD_ROW: Final = Problem("", "de rij is niet te lezen", "bewaar de werkmap opnieuw als .xlsx")
_BROKEN_OFF: Final = Problem(
    "", "vanaf deze rij is het blad niet te lezen", "download de werkmap opnieuw"
)


class _Reader(ExcelReader):
    """The library's reader without sheets that are a chart, which it cannot open read-only."""

    def read_chartsheet(self, sheet: object, rel: object) -> None:
        """Read nothing."""


class _Parser(WorkSheetParser):
    """The library's parser without what is not needed, and with formulas that have no value."""

    def elements(self) -> Iterator[Any]:
        """Yield the rows of the sheet, each to be used before the next."""
        for _, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                yield element
                element.clear()
                self.row_dimensions.clear()
            elif element.tag == DATA_TAG:
                return

    def parse_cell(self, element: Any) -> dict[Any, Any]:  # noqa: ANN401 - the library's type
        """Return a cell as the library does; a formula without a value as damaged.

        The library builds seven objects for a text that stands in its cell: with `t` that
        text is read twice as fast as what it is, a plain one.
        """
        inline = element.find(INLINE_STRING)
        if inline is not None and len(inline) == 1 and inline[0].tag == _PLAIN_TEXT:
            inline[0].tag = VALUE_TAG
            element.append(inline[0])
            element.set("t", "str")
        cell = super().parse_cell(element)
        formula = element.find(FORMULA_TAG)
        if formula is not None and cell["value"] is None:
            cell["value"] = DamagedCell(f"={formula.text or ''}")
        return cell


@contextmanager
def opened_workbook(path: Path) -> Iterator[Sheet]:
    """Open the first visible sheet that has a header. Raises UnreadableFileError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableFileError(
            f"{masked(path.name)} kan niet worden gelezen: {reason(error)}"
        ) from None
    with file:
        check_archive(path.name, file)
        with closing(_loaded(path.name, file)) as book:
            yield _sheet(path.name, book)


def _loaded(naam: str, file: IO[bytes]) -> Workbook:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, that are not read
            reader = _Reader(file, read_only=True, data_only=True, keep_links=False)
            reader.read()
            return reader.wb
    except Exception:  # noqa: BLE001 - a damaged workbook makes the library raise anything
        raise unreadable(naam, _DAMAGED) from None


def _sheet(naam: str, book: Workbook) -> Sheet:
    for blad in book.worksheets:
        if blad.sheet_state != "visible" or blad.title.strip().lower() == PROVENANCE:
            continue
        with closing(_rows(book, blad)) as rows:
            head = next(rows, None)
        if head is None:
            continue
        if head.fout is not None:
            raise unreadable(naam, _DAMAGED)
        if len(head.cellen) > MOST_COLUMNS:
            raise unreadable(naam, _TOO_WIDE)
        return Sheet(naam, "xlsx", head.cellen, ";", partial(_body, book, blad, len(head.cellen)))
    raise unreadable(naam, _NO_HEADER)


def _body(book: Workbook, blad: Any, width: int) -> Iterator[Rij]:  # noqa: ANN401 - the library's
    """Yield the rows under the header, each as wide as the header."""
    rows = _rows(book, blad)
    next(rows, None)
    for rij in rows:
        cellen = rij.cellen[:width]
        if rij.fout is not None or any(cellen):
            yield rij._replace(cellen=cellen + ("",) * (width - len(cellen)))


def _rows(book: Workbook, blad: Any) -> Generator[Rij, None, None]:  # noqa: ANN401 - idem
    """Yield the rows that are not empty, each up to its last cell.

    Not by the library's own loop: that makes a row of every gap, and a row number of a
    billion would never end. It has no public way to its parser.
    """
    with blad._get_source() as source:  # noqa: SLF001
        strings = blad._shared_strings  # noqa: SLF001
        parser = _Parser(source, strings, data_only=True, epoch=book.epoch)
        try:
            for element in parser.elements():
                rij = _row(parser, element, book)
                if rij.cellen or rij.fout is not None:
                    yield rij
        except Exception:  # noqa: BLE001 - damaged XML, or a damaged zip entry, of any kind
            yield Rij(parser.row_counter + 1, fout=_BROKEN_OFF)


def _row(parser: _Parser, element: Any, book: Workbook) -> Rij:  # noqa: ANN401 - idem
    try:
        number, cells = parser.parse_row(element)
        texts = {cell["column"]: _text(cell, book) for cell in cells}
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
        return Rij(parser.row_counter, fout=_BAD_ROW)
    last = max((column for column, text in texts.items() if text.strip()), default=0)
    return Rij(number, tuple(texts.get(column, "") for column in range(1, last + 1)))


def _text(cell: Mapping[Any, Any], book: Any) -> str:  # noqa: ANN401 - idem
    """Return what a cell holds as text, with the class that says what it was."""
    value = cell["value"]
    if isinstance(value, str):
        damaged = cell["data_type"] == "e" or isinstance(value, DamagedCell)
        return DamagedCell(value) if damaged else marked(value)
    if isinstance(value, bool):
        return "Ja" if value else "Nee"
    if isinstance(value, int | float):
        is_day = cell["style_id"] in book._date_formats  # noqa: SLF001 - which formats are dates
        return _day_of(value, book) if is_day else _number(value, book)
    return "" if value is None else _day(value)


def _day_of(serial: float, book: Workbook) -> str:
    """Return the day that a cell shows; one that no calendar has is shown as marks."""
    try:
        return _day(from_excel(serial, book.epoch))
    except (ValueError, OverflowError):
        return DamagedCell("########")


def _day(value: object) -> str:
    """Return a date as ISO text, with its time when it has one."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(value: float, book: Workbook) -> str:
    """Return a number in digits, or as a spreadsheet rounded it when it is too long for one.

    In a workbook of the 1904 system it is plain text: there it is no serial of the 1900 system.
    """
    whole = abs(value) < _EXACT and value == int(value)
    text = str(int(value)) if whole else repr(float(value)).upper()
    return NumberCell(text) if book.epoch == WINDOWS_EPOCH else text
