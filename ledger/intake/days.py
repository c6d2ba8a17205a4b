"""How the days in state files are read, and which damage by a spreadsheet they show. Pure.

Dates of DUO come in four forms (outputs-and-rules.md 3.2, A-05); `/` for `-` is read too.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from ledger.intake.columns import CellError
from ledger.intake.sheet_types import NumberCell
from ledger.times import EARLIEST, LATEST, TimeFormatError, parse_date

_MIDNIGHT: Final = re.compile(r"(.*[0-9])[T ]0?0:00(:00(\.0+)?)?Z?")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL: Final = re.compile(r"[0-9]{5}([.,][0-9]+)?")
_SHORT_YEAR: Final = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}")
_FIRST_SERIAL_DAY: Final = date(1899, 12, 30)
_NO_DAY: Final = 60
"""The 29 February 1900 of the 1900 system; it never was, and serials before it are one less."""


@lru_cache(maxsize=65536, typed=True)
def date_of(text: str) -> date:
    """Return a day, written 1-2-2025, 01-02-2025, 1/2/2025, 2025-02-01 or 20250201.

    A number is a day of the 1900 system only where a workbook holds a number. Cached: files
    repeat their days; `typed` keeps numbers of workbooks apart from texts.
    """
    if isinstance(text, NumberCell) and not _COMPACT.fullmatch(text):
        return _day_of_serial(text)
    midnight = _MIDNIGHT.fullmatch(text)
    plain = midnight[1] if midnight else text
    compact = _COMPACT.fullmatch(plain)
    plain = "-".join(compact.groups()) if compact else plain.replace("/", "-")
    try:
        return parse_date(plain)
    except TimeFormatError as error:
        raise _no_date(text, str(error)) from None


def _day_of_serial(text: str) -> date:
    number = int(text) if text.isdecimal() else 0
    if not 0 < number <= (LATEST - _FIRST_SERIAL_DAY).days or number == _NO_DAY:
        raise _no_date(text, "")
    return _FIRST_SERIAL_DAY + timedelta(days=number + (number < _NO_DAY))


def _no_date(text: str, why: str) -> CellError:
    if _SERIAL.fullmatch(text) and not isinstance(text, NumberCell):
        return CellError(
            "is geen datum: een spreadsheet heeft de datum als getal bewaard",
            "geef de kolom in het spreadsheet de opmaak datum en bewaar opnieuw als CSV",
        )
    if _SHORT_YEAR.fullmatch(text):
        return CellError("heeft een jaar van twee cijfers", "schrijf het jaar met vier cijfers")
    if "buiten" in why:
        rule = f"ligt buiten {EARLIEST.year} tot en met {LATEST.year}"
        return CellError(rule, "laat een datum die er niet is leeg")
    return CellError("is geen bestaande datum", "schrijf bijvoorbeeld 1-2-2025 of 2025-02-01")
