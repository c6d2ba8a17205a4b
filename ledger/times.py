"""The three kinds of time (rules.md 1): how they are read, compared and shown."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")

OPEN_DATE: Final = date.max
"""The end of a period of valid time that has no end (rules.md 5: 9999-12-31)."""

OPEN_MOMENT: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of a period of knowledge time that has no end (rules.md 5)."""

EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2999, 12, 31)
"""Days outside these bounds are no facts: registers write 9999-12-31 for "none"."""

ONE_DAY: Final = timedelta(days=1)
_ONE_MINUTE: Final = timedelta(minutes=1)
_SMALLEST: Final = timedelta(microseconds=1)
_DUTCH_DATE: Final = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RFC3339: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*([Zz]|[+-]\d{2}:\d{2})")


class TimeFormatError(ValueError):
    """A text that should be a date or a moment and is not."""


def parse_date(text: str) -> date:
    """Return the date in `2025-02-01` or `1-2-2025` (cli.md, Common).

    Raises TimeFormatError for anything else.
    """
    iso = text
    if dutch := _DUTCH_DATE.fullmatch(text):
        iso = "{2:0>4}-{1:0>2}-{0:0>2}".format(*dutch.groups())
    if not _ISO_DATE.fullmatch(iso):
        raise TimeFormatError(f"'{text}' is geen datum; schrijf 2025-02-01 of 1-2-2025")
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        raise TimeFormatError(f"'{text}' is geen bestaande datum") from None
    return _within_bounds(day)


def _within_bounds(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise TimeFormatError(f"{day} ligt buiten {EARLIEST.year} tot en met {LATEST.year}")
    return day


@lru_cache(maxsize=65536)
def parse_bekend_op(text: str) -> datetime:
    """Return the instant (UTC) at which a source knew an event (rules.md 1).

    A bare date means 00:00 that day in Amsterdam; a date-time needs an offset.
    Raises TimeFormatError for anything else. Cached: feeds repeat their moments.
    """
    if _ISO_DATE.fullmatch(text):
        return start_of_day(parse_date(text))
    if not _RFC3339.fullmatch(text):
        raise TimeFormatError(
            f"'{text}' is geen datum en geen moment met tijdzone (2025-03-03T10:15:00+01:00)"
        )
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TimeFormatError(f"'{text}' is geen bestaand moment") from None
    _within_bounds(moment.date())
    return moment.astimezone(UTC)


def parse_known_until(text: str) -> datetime:
    """Return the knowledge moment K of a question (rules.md 1): a bare date is its end.

    A date-time without offset is read as Amsterdam time. Raises TimeFormatError.
    """
    if _is_date(text):
        return end_of_day(parse_date(text))
    return _parse_moment(text, "vaststelling of nu")


def parse_known_from(text: str) -> datetime:
    """Return the moment at which a source knew a file (rules.md 1): a bare date is its 00:00.

    A date-time without offset is read as Amsterdam time. Raises TimeFormatError.
    """
    if _is_date(text):
        return start_of_day(parse_date(text))
    return _parse_moment(text, "of met tijdzone 2025-03-03T12:00+01:00")


def _is_date(text: str) -> bool:
    return bool(_DUTCH_DATE.fullmatch(text) or _ISO_DATE.fullmatch(text))


def _parse_moment(text: str, otherwise: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TimeFormatError(
            f"'{text}' is geen moment; schrijf een datum, 2025-03-03T12:00, {otherwise}"
        ) from None
    _within_bounds(moment.date())
    return (moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM)).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Return 00:00 of the day in Amsterdam, as UTC."""
    return datetime.combine(day, time.min, AMSTERDAM).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return the last microsecond of the day in Amsterdam, as UTC."""
    return start_of_day(day + ONE_DAY) - _SMALLEST


@lru_cache(maxsize=65536)
def format_bekend_op(moment: datetime) -> str:
    """Return the canonical feed text of a moment: a bare date at midnight, else RFC 3339.

    Always in Amsterdam time, so that the text that most sources write is kept.
    """
    local = moment.astimezone(AMSTERDAM)
    if not (local.hour or local.minute or local.second or local.microsecond):
        return local.date().isoformat()
    # Before July 1937 the offset of Amsterdam had seconds, which RFC 3339 cannot say.
    offset = local.utcoffset()
    whole = offset is not None and not offset % _ONE_MINUTE
    return local.isoformat() if whole else moment.isoformat()


def format_date(day: date) -> str:
    """Return the date as `1-2-2025`, the way DUO's files show it."""
    return f"{day.day}-{day.month}-{day.year}"


def school_year_start(day: date) -> date:
    """Return the 1 August on which the school year of the day began (BBWEC 2022 art 4)."""
    return date(day.year if day.month >= 8 else day.year - 1, 8, 1)  # noqa: PLR2004 - August


def full_years(birth: date, day: date) -> int:
    """Return the age in full years on the day (manual 3.3, LEEFTIJD_TELDATUM)."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
