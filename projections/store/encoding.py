"""Times in the read model: days as yyyymmdd, moments as microseconds, both integers.

Integers compare fast and look the same to every engine; a day stays readable.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from ledger.times import OPEN_DATE, OPEN_MOMENT

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@lru_cache(maxsize=1 << 16)
def day_number(day: date) -> int:
    """Return a day as yyyymmdd."""
    return day.year * 10000 + day.month * 100 + day.day


@lru_cache(maxsize=1 << 16)
def day_of(number: int) -> date:
    """Return the day of yyyymmdd."""
    return date(number // 10000, number // 100 % 100, number % 100)


@lru_cache(maxsize=1 << 16)
def moment_number(moment: datetime) -> int:
    """Return a moment as microseconds since 1970, UTC."""
    return (moment - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=1 << 16)
def moment_of(number: int) -> datetime:
    """Return the moment of microseconds since 1970."""
    return _EPOCH + number * _MICROSECOND


DAYS_PER_TIJDVAK: Final = 500
"""By this a day is divided: tijdvakken begin on 1 January, 1 May and 1 October.

So the days on which is counted, 1 February and 1 October (rules.md 6), come early in one.
"""
BITS_PER_KENNISVAK: Final = 44
"""So many bits of a moment are left out: a kennisvak is some 204 days."""
TIJDVAK: Final = f"(geldig_van / {DAYS_PER_TIJDVAK})"
KENNISVAK: Final = f"(bekend_van >> {BITS_PER_KENNISVAK})"


OPEN_DAY_NUMBER: Final = day_number(OPEN_DATE)
OPEN_MOMENT_NUMBER: Final = moment_number(OPEN_MOMENT)
EVERYTHING: Final = OPEN_MOMENT_NUMBER - 1
"""As known after every event: the default of a question."""
