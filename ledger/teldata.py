"""When pupils are counted and when a count is fixed (rules.md 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec
from dateutil.easter import easter

from ledger.times import ONE_DAY, end_of_day

FIRST_FEBRUARY_TELDATUM: Final = date(2022, 2, 1)
"""From here on 1 February is the teldatum of bo, sbo, so and vso (rules.md 6)."""

TERM: Final = timedelta(days=28)
SATURDAY: Final = 5

Status = Literal["voorlopig", "definitief", "na vaststelling"]


class Telling(msgspec.Struct, frozen=True):
    """A count that was fixed at a known moment (`TellingVastgesteld`)."""

    teldatum: date
    schoolsoorten: frozenset[str]
    op: datetime


def vaststelling(
    teldatum: date, schoolsoorten: Collection[str], tellingen: Iterable[Telling]
) -> datetime:
    """Return the moment (UTC) at which the count of these schoolsoorten was fixed.

    `tellingen` come in the order in which they were known: the last one that names a
    schoolsoort decides for it; the calendar rule decides for the others. Where the
    schoolsoorten differ, the count is fixed when the last of them is.
    """
    moments = {soort: calendar_vaststelling(teldatum) for soort in schoolsoorten}
    for telling in tellingen:
        if telling.teldatum == teldatum:
            for soort in telling.schoolsoorten & moments.keys():
                moments[soort] = telling.op
    return max(moments.values())


def calendar_vaststelling(teldatum: date) -> datetime:
    """Return T + 28 days, moved to the next working day, end of that day (rules.md 6)."""
    return end_of_day(working_day(teldatum + TERM))


def working_day(day: date) -> date:
    """Return the day, or the first one after it that is no weekend and no national holiday.

    Algemene termijnenwet art 1 and 3.
    """
    while day.weekday() >= SATURDAY or day in national_holidays(day.year):
        day += ONE_DAY
    return day


def national_holidays(year: int) -> frozenset[date]:
    """Return the Dutch national holidays (Algemene termijnenwet art 3) of the year."""
    sunday = easter(year)
    kings_day = date(year, 4, 27)
    if kings_day.weekday() == SATURDAY + 1:
        kings_day -= ONE_DAY
    movable = (-2, 0, 1, 39, 49, 50)
    return frozenset(
        {date(year, 1, 1), kings_day, date(year, 5, 5), date(year, 12, 25), date(year, 12, 26)}
        | {sunday + timedelta(days=days) for days in movable}
    )


def status(bekend_op: datetime | None, fixed: datetime, now: datetime) -> Status:
    """Return the status of a report as known at `bekend_op` (None: now) (rules.md 6)."""
    known = now if bekend_op is None else bekend_op
    if known < fixed:
        return "voorlopig"
    return "definitief" if known == fixed else "na vaststelling"


def latest_teldatum(today: date) -> date:
    """Return the latest 1 February (before 2022: 1 October) not after today (cli.md)."""
    february = date(today.year if (today.month, today.day) >= (2, 1) else today.year - 1, 2, 1)
    if february >= FIRST_FEBRUARY_TELDATUM:
        return february
    return date(today.year if today.month >= 10 else today.year - 1, 10, 1)  # noqa: PLR2004 - October


def teldata(first: date, last: date) -> list[date]:
    """Return the teldata of so, sbo and vso from the first day to the last (rules.md 6)."""
    days = [date(year, 10, 1) for year in range(first.year, FIRST_FEBRUARY_TELDATUM.year)]
    start = max(first.year, FIRST_FEBRUARY_TELDATUM.year)
    days += [date(year, 2, 1) for year in range(start, last.year + 1)]
    return [day for day in days if first <= day <= last]


def october_before(teldatum: date) -> date:
    """Return the 1 October before a teldatum, the count of vo pupils (manual 2.2)."""
    year = teldatum.year if teldatum > date(teldatum.year, 10, 1) else teldatum.year - 1
    return date(year, 10, 1)
