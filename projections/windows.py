"""The stretches of days over which pupils come and go (rules.md 7; outputs-and-rules.md 4.1).

A window leaves its first day out and has its last day in: (1 October, 1 February] (A-19).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

from ledger.times import ONE_DAY, TimeFormatError, format_date, parse_date, school_year_start
from projections.options import OptionError

MONTHS: Final = 12
_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}")
_SCHOOL_YEAR: Final = re.compile(r"([0-9]{4})[-/]([0-9]{4})")


class Window(NamedTuple):
    """The days after `begin` up to and including `eind`; `maand` when it is one, as 2025-04."""

    begin: date
    eind: date
    maand: str = ""

    @property
    def schooljaar(self) -> str:
        """The school year of the last day, as 2024/2025."""
        first = school_year_start(self.eind)
        return f"{first.year}/{first.year + 1}"

    def __str__(self) -> str:
        return f"na {format_date(self.begin)} tot en met {format_date(self.eind)}"


def school_year(day: date) -> tuple[date, date]:
    """Return the first and the last day of the school year of a day (BBWEC 2022 art 1)."""
    first = school_year_start(day)
    return first, date(first.year + 1, 7, 31)


def growth_window(day: date) -> Window:
    """Return 1 October up to and including 1 February of the school year of a day (A-19)."""
    first = school_year_start(day)
    return Window(date(first.year, 10, 1), date(first.year + 1, 2, 1))


def windows_of(teldatum: date, peildatum: date | None, maand: str | None) -> list[Window]:
    """Return the windows that are asked for: one, or the twelve months of a school year.

    Without `peildatum` and `maand` it is the growth window of the school year of the
    teldatum. Raises OptionError for both together and for what is no month.
    """
    if maand is None:
        return [growth_window(teldatum) if peildatum is None else _until(peildatum)]
    if peildatum is not None:
        raise OptionError("--maand", "een maand heeft haar eigen peildatum; kies een van beide")
    try:
        return _months(maand)
    except TimeFormatError as error:
        raise OptionError("--maand", str(error)) from None


def _until(peildatum: date) -> Window:
    begin = growth_window(peildatum).begin
    if peildatum < begin:
        raise OptionError(
            "--peildatum",
            f"{format_date(peildatum)} ligt voor {format_date(begin)}; het venster begint dan pas",
        )
    return Window(begin, peildatum)


def _months(text: str) -> list[Window]:
    """Return the window of 2025-04, or those of all months of 2024-2025."""
    if _MONTH.fullmatch(text):
        return [_month(parse_date(f"{text}-01"))]
    years = _SCHOOL_YEAR.fullmatch(text)
    if years is None or int(years[2]) != int(years[1]) + 1:
        wel = "schrijf een maand als 2025-04 of een schooljaar als 2024-2025"
        raise TimeFormatError(f"'{text}' is geen maand en geen schooljaar; {wel}")
    first = parse_date(f"{years[1]}-08-01")
    return [_month(_later(first, months)) for months in range(MONTHS)]


def _month(first: date) -> Window:
    return Window(first - ONE_DAY, _later(first, 1) - ONE_DAY, f"{first:%Y-%m}")


def _later(first: date, months: int) -> date:
    """Return the first day of the month that comes a number of months later."""
    total = first.year * MONTHS + first.month - 1 + months
    return date(total // MONTHS, total % MONTHS + 1, 1)
