"""School years, tlv terms and the moments at which a source knew something."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
AUGUST: Final = 8

FIRST_DAY: Final = date(2022, 8, 1)
"""The first day of the four school years that a region tells about."""
LAST_DAY: Final = date(2026, 7, 31)
"""The last day of them."""

VASTSTELLINGEN: Final = {
    date(2023, 2, 1): date(2023, 3, 1),
    date(2024, 2, 1): date(2024, 2, 29),
    date(2025, 2, 1): date(2025, 3, 3),
    date(2026, 2, 1): date(2026, 3, 2),
}
"""Teldatum to the day on which its count is fixed by the calendar rule (rules.md 6)."""


def school_year(day: date) -> int:
    """Return the year in which the school year of the day began."""
    return day.year if day.month >= AUGUST else day.year - 1


def august(year: int) -> date:
    """Return the first day of a school year."""
    return date(year, AUGUST, 1)


def last_of_july(year: int) -> date:
    """Return the last day of the school year that ends in `year`."""
    return date(year, AUGUST - 1, 31)


def shortest_end(begin: date) -> date:
    """Return the first end that a tlv may have: one whole school year (B, signal 424)."""
    whole_year = begin.year if begin <= august(begin.year) else begin.year + 1
    return last_of_july(whole_year + 1)


def plus(day: date, days: int) -> date:
    """Return the day a number of days later, or earlier."""
    return day + timedelta(days=days)


def teldatum_after(day: date) -> date | None:
    """Return the first teldatum on or after the day, if the four years still have one."""
    return next((teldatum for teldatum in VASTSTELLINGEN if teldatum >= day), None)


def moment(day: date, rng: Random) -> str:
    """Return `bekend_op` on that day: a bare date, or a time in school hours.

    The texts sort as the moments do, since a bare date is midnight and the hours of the
    night in which the clock changes are never used.
    """
    draw = rng.random()
    if draw < 0.6:  # noqa: PLR2004 - the share of sources that tell no time
        return day.isoformat()
    minute = 8 * 60 + int(draw * 10_000) % (9 * 60)
    return f"{day.isoformat()}T{minute // 60:02}:{minute % 60:02}:00{_offset(day)}"


@lru_cache(maxsize=8192)
def _offset(day: date) -> str:
    return datetime.combine(day, time(12), AMSTERDAM).isoformat()[-6:]
