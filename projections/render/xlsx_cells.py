"""What a value becomes in a workbook: a text stays a text, a number a number, a day a day.

Every cell is written by the sort of its column, never by how its value looks: a code with
leading zeros, `1E10` or `=1+1` is a text in a column of texts. A cell is empty where there
is no value, or an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from projections.render import text
from projections.report import Soort

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

FIRST_DAY: Final = date(1900, 3, 1)
"""Before it the days of Excel and of other programs differ by one; such a day is a text."""

LONGEST_TEXT: Final = 32_767
"""Characters of a cell."""

LONGEST_NAME: Final = 31
"""Characters of the name of a sheet."""

RESERVED: Final = frozenset({"history"})
"""What Excel keeps for itself as the name of a sheet, in small letters."""

_NOT_IN_A_NAME: Final = re.compile(r"[\[\]:*?/\\']")
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")

TEXTS: Final[Mapping[Soort, text.Formatter]] = {
    "tekst": lambda value: "" if value is None else str(value),
    "getal": text.comma_number,
    "datum": text.dutch_date,
    "moment": text.minute,
    "janee": text.ja_nee,
}
"""What a cell of a sort looks like, for the width of its column."""


class Styles(NamedTuple):
    """The formats of the cells of one workbook."""

    kop: Format
    tekst: Format
    getal: Format
    datum: Format
    moment: Format

    def of(self, soort: Soort) -> Format:
        """Return the format of a column."""
        return {"getal": self.getal, "datum": self.datum, "moment": self.moment}.get(
            soort, self.tekst
        )


def styles(workbook: Workbook, **more: str) -> Styles:
    """Add the formats to a workbook, each with `more` of the library's properties.

    Texts get the format of texts, so that a code that somebody edits keeps its zeros too.
    """
    return Styles(
        kop=workbook.add_format({"num_format": "@", "bold": True, **more}),
        tekst=workbook.add_format({"num_format": "@", **more}),
        getal=workbook.add_format(more),
        datum=workbook.add_format({"num_format": "d-m-yyyy", **more}),
        moment=workbook.add_format({"num_format": "d-m-yyyy hh:mm", **more}),
    )


class Cells:
    """The cells of one sheet, written row by row from the top."""

    def __init__(self, sheet: Worksheet, formats: Styles) -> None:
        self._sheet = sheet
        self._formats = formats
        self._writers = {
            "tekst": self.text,
            "getal": self._number,
            "datum": self._day,
            "moment": self._moment,
            "janee": self._ja_nee,
        }

    def write(self, row: int, column: int, soort: Soort, value: object) -> None:
        """Write a value as its sort; None leaves the cell empty."""
        if value is not None:
            self._writers[soort](row, column, value)

    def heading(self, row: int, column: int, value: str) -> None:
        """Write a text in bold."""
        self._put(row, column, clean(value), self._formats.kop)

    def text(self, row: int, column: int, value: object) -> None:
        """Write a text as a text, whatever it looks like."""
        self._put(row, column, clean(str(value)), self._formats.tekst)

    def _put(self, row: int, column: int, shown: str, style: Format) -> None:
        if shown.startswith("<r>") and shown.endswith("</r>"):
            # The library would write this as it is, as XML of its own; parts it escapes.
            self._sheet.write_rich_string(row, column, "<", shown[1:-1], ">", style)
        elif shown:
            self._sheet.write_string(row, column, shown, style)

    def _number(self, row: int, column: int, value: object) -> None:
        assert isinstance(value, int | float | Decimal), value
        self._sheet.write_number(row, column, float(value), self._formats.getal)

    def _day(self, row: int, column: int, value: object) -> None:
        assert isinstance(value, date), value
        if value < FIRST_DAY:
            self.text(row, column, text.dutch_date(value))
        else:
            midnight = datetime.combine(value, time())
            self._sheet.write_datetime(row, column, midnight, self._formats.datum)

    def _moment(self, row: int, column: int, value: object) -> None:
        moment = text.amsterdam(value)
        assert moment is not None
        if moment.date() < FIRST_DAY:
            self.text(row, column, text.excel_moment(moment))
        else:
            # In whole seconds: the last moment of a day may not be rounded to the next day.
            local = moment.replace(tzinfo=None, microsecond=0)
            self._sheet.write_datetime(row, column, local, self._formats.moment)

    def _ja_nee(self, row: int, column: int, value: object) -> None:
        self.text(row, column, text.ja_nee(value))


def clean(value: str) -> str:
    """Return the text as a cell can hold it.

    Every character that XML forbids becomes U+FFFD; a longer text than Excel takes is cut
    off and ends in `…`.
    """
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    shown = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", lines)
    return shown if len(shown) <= LONGEST_TEXT else shown[: LONGEST_TEXT - 1] + "…"


def sheet_name(naam: str, titel: str, taken: set[str]) -> str:
    """Return the name of a table's sheet and add it, in small letters, to the taken ones.

    The name of the table with a capital and spaces; its title where Excel has that name
    for itself; with a number where another sheet has it. At most 31 characters.
    """
    chosen = titel if naam.lower() in RESERVED else naam
    base = _NOT_IN_A_NAME.sub(" ", clean(chosen).replace("_", " ")).strip() or "Blad"
    base = base[0].upper() + base[1:]
    name, number = base[:LONGEST_NAME].rstrip(), 1
    while name.lower() in taken | RESERVED:
        number += 1
        after = f" ({number})"
        name = base[: LONGEST_NAME - len(after)].rstrip() + after
    taken.add(name.lower())
    return name
