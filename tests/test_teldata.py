"""When pupils are counted and when a count is fixed (rules.md 6)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from ledger.teldata import (
    Telling,
    calendar_vaststelling,
    latest_teldatum,
    national_holidays,
    october_before,
    status,
    vaststelling,
)
from ledger.times import AMSTERDAM, end_of_day
from tests.command import SAMPLES, Kijkglas, ledger_with

T = date(2025, 2, 1)
FIXED = end_of_day(date(2025, 3, 3))


@pytest.mark.parametrize(
    ("teldatum", "fixed"),
    [
        (date(2022, 2, 1), date(2022, 3, 1)),
        (date(2023, 2, 1), date(2023, 3, 1)),
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2025, 2, 1), date(2025, 3, 3)),
        (date(2026, 2, 1), date(2026, 3, 2)),
        (date(2027, 2, 1), date(2027, 3, 1)),
        (date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_a_count_is_fixed_28_days_later_on_a_working_day(teldatum: date, fixed: date) -> None:
    """A-29 of outputs-and-rules.md section 8."""
    assert calendar_vaststelling(teldatum) == end_of_day(fixed)


@pytest.mark.parametrize(
    ("teldatum", "fixed"),
    [
        (date(2025, 3, 29), date(2025, 4, 28)),
        (date(2024, 12, 4), date(2025, 1, 2)),
        (date(2024, 11, 27), date(2024, 12, 27)),
        (date(2025, 4, 7), date(2025, 5, 6)),
        (date(2024, 4, 11), date(2024, 5, 10)),
        (date(2024, 4, 22), date(2024, 5, 21)),
        (date(2025, 3, 21), date(2025, 4, 22)),
    ],
)
def test_a_holiday_is_no_working_day(teldatum: date, fixed: date) -> None:
    """King's day, new year, christmas, 5 May, ascension, whit monday, good friday to easter."""
    assert calendar_vaststelling(teldatum) == end_of_day(fixed)


def test_the_holidays_of_2025() -> None:
    assert sorted(national_holidays(2025)) == [
        date(2025, 1, 1),
        date(2025, 4, 18),
        date(2025, 4, 20),
        date(2025, 4, 21),
        date(2025, 4, 26),
        date(2025, 5, 5),
        date(2025, 5, 29),
        date(2025, 6, 8),
        date(2025, 6, 9),
        date(2025, 12, 25),
        date(2025, 12, 26),
    ]


@pytest.mark.parametrize(("year", "day"), [(2024, 27), (2025, 26), (2031, 26), (2026, 27)])
def test_kings_day_never_falls_on_a_sunday(year: int, day: int) -> None:
    assert date(year, 4, day) in national_holidays(year)
    assert date(year, 4, 53 - day) not in national_holidays(year)


def test_every_count_of_a_century_is_fixed_on_a_working_day() -> None:
    for year in range(2014, 2114):
        for teldatum in (date(year, 2, 1), date(year, 10, 1)):
            day = calendar_vaststelling(teldatum).astimezone(AMSTERDAM).date()
            assert day.isoweekday() <= 5
            assert day not in national_holidays(day.year)
            assert timedelta(days=28) <= day - teldatum <= timedelta(days=33)


def telling(schoolsoorten: str, op: datetime, teldatum: date = T) -> Telling:
    """Return a fixed count."""
    return Telling(teldatum, frozenset(schoolsoorten.split()), op)


LATER = datetime(2025, 4, 8, 16, tzinfo=UTC)
EARLIER = datetime(2025, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tellingen", "moment"),
    [
        ([], FIXED),
        ([telling("SBO SO", LATER)], LATER),
        ([telling("SBO SO", EARLIER)], EARLIER),
        ([telling("SO", LATER)], LATER),
        ([telling("SO", EARLIER)], FIXED),
        ([telling("BO VSO", LATER)], FIXED),
        ([telling("SBO SO", LATER, date(2024, 2, 1))], FIXED),
        ([telling("SBO SO", LATER), telling("SBO SO", EARLIER)], EARLIER),
        ([telling("SBO SO", EARLIER), telling("SO", LATER)], LATER),
    ],
)
def test_a_known_moment_goes_before_the_calendar(
    tellingen: list[Telling], moment: datetime
) -> None:
    """The last one known decides per schoolsoort; the last schoolsoort decides for all."""
    assert vaststelling(T, ("SBO", "SO"), tellingen) == moment


def test_status_is_before_at_or_after_vaststelling() -> None:
    moment, later = timedelta(microseconds=1), datetime(2026, 1, 1, tzinfo=UTC)
    assert status(FIXED - moment, FIXED, later) == "voorlopig"
    assert status(FIXED, FIXED, later) == "definitief"
    assert status(FIXED + moment, FIXED, later) == "na vaststelling"
    assert status(None, FIXED, later) == "na vaststelling"
    assert status(None, FIXED, FIXED - moment) == "voorlopig"


@pytest.mark.parametrize(
    ("today", "teldatum"),
    [
        (date(2026, 11, 1), date(2026, 2, 1)),
        (date(2025, 2, 1), date(2025, 2, 1)),
        (date(2025, 1, 31), date(2024, 2, 1)),
        (date(2022, 2, 1), date(2022, 2, 1)),
        (date(2022, 1, 31), date(2021, 10, 1)),
        (date(2021, 10, 1), date(2021, 10, 1)),
        (date(2021, 9, 30), date(2020, 10, 1)),
        (date(2015, 2, 1), date(2014, 10, 1)),
    ],
)
def test_the_latest_teldatum(today: date, teldatum: date) -> None:
    assert latest_teldatum(today) == teldatum


@pytest.mark.parametrize(
    ("teldatum", "october"),
    [
        (date(2025, 2, 1), date(2024, 10, 1)),
        (date(2024, 10, 1), date(2023, 10, 1)),
        (date(2024, 10, 2), date(2024, 10, 1)),
        (date(2024, 12, 31), date(2024, 10, 1)),
    ],
)
def test_the_october_before_a_teldatum(teldatum: date, october: date) -> None:
    assert october_before(teldatum) == october


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give a ledger with the moments of vaststelling that are known from a source."""
    feed = SAMPLES / "referentie" / "tellingen.jsonl"
    return ledger_with(tmp_path_factory.mktemp("tellingen"), feed)


@pytest.mark.parametrize(
    ("teldatum", "schoolsoort", "moment"),
    [
        ("2014-10-01", "SO", "2014-12-01T23:59:59.999999+01:00"),
        ("2021-10-01", "SBO", "2021-12-01T23:59:59.999999+01:00"),
        ("2022-02-01", "VSO", "2022-04-08T18:00:00+02:00"),
        ("2023-02-01", "BO", "2023-03-01T23:59:59.999999+01:00"),
        ("2023-02-01", "SO", "2023-04-12T23:59:59.999999+02:00"),
        ("2024-02-01", "SO", "2024-02-29T23:59:59.999999+01:00"),
        ("2025-02-01", "SO", "2025-03-03T23:59:59.999999+01:00"),
    ],
)
def test_the_exceptions_are_data(
    teldatum: str, schoolsoort: str, moment: str, known: Kijkglas
) -> None:
    asked = ("--teldatum", teldatum, "--schoolsoort", schoolsoort, "--bekend-op", "vaststelling")
    answer = known.fine("stand", *asked, "--format", "json").answer
    assert answer["herkomst"]["bekend_op"] == moment


def test_the_exceptions_are_known_from_their_source() -> None:
    lines = (SAMPLES / "referentie" / "tellingen.jsonl").read_bytes().splitlines()
    assert {json.loads(line)["type"] for line in lines} == {"TellingVastgesteld"}
