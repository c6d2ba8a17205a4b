"""The three kinds of time: how dates and moments are read and written (rules.md 1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.times import (
    AMSTERDAM,
    EARLIEST,
    LATEST,
    TimeFormatError,
    end_of_day,
    format_bekend_op,
    format_date,
    full_years,
    parse_bekend_op,
    parse_date,
    parse_known_until,
    school_year_start,
    start_of_day,
)

DAYS = st.dates(EARLIEST, LATEST)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=380_000)).map(
    lambda since: datetime(1900, 1, 2, tzinfo=UTC) + since
)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-02-01", date(2025, 2, 1)),
        ("1-2-2025", date(2025, 2, 1)),
        ("01-02-2025", date(2025, 2, 1)),
        ("29-2-2024", date(2024, 2, 29)),
        ("31-12-1999", date(1999, 12, 31)),
    ],
)
def test_a_date_is_written_the_iso_way_or_the_dutch_way(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gisteren",
        "2025-2-1",
        "20250201",
        "1-2-25",
        "1/2/2025",
        "2025-02-30",
        "29-2-2025",
        "32-1-2025",
        "2025-02-01T00:00",
        " 2025-02-01",
        "2025-02-01\n",
        "\N{FULLWIDTH DIGIT TWO}025-02-01",
        "0001-01-01",
        "9999-12-31",
    ],
)
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(TimeFormatError):
        parse_date(text)


@given(DAYS)
def test_a_date_reads_back_as_it_was_written(day: date) -> None:
    assert parse_date(day.isoformat()) == day
    assert parse_date(format_date(day)) == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-02-01", datetime(2025, 1, 31, 23, tzinfo=UTC)),
        ("2025-07-01", datetime(2025, 6, 30, 22, tzinfo=UTC)),
        ("2025-03-03T10:15:00+01:00", datetime(2025, 3, 3, 9, 15, tzinfo=UTC)),
        ("2025-03-03T10:15:00Z", datetime(2025, 3, 3, 10, 15, tzinfo=UTC)),
        ("2025-03-03 10:15+02:00", datetime(2025, 3, 3, 8, 15, tzinfo=UTC)),
        ("2025-03-03T10:15:00.123456-05:30", datetime(2025, 3, 3, 15, 45, 0, 123456, UTC)),
    ],
)
def test_bekend_op_is_a_day_from_its_start_or_a_moment(text: str, moment: datetime) -> None:
    assert parse_bekend_op(text) == moment
    assert parse_bekend_op(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nu",
        "1-2-2025",
        "2025-02-30",
        "2025-03-03T10:15:00",
        "2025-03-03T25:00:00Z",
        "2025-03-03T10:15:00+1",
        "2025-03-03T10:15:00+99:00",
        "0001-01-01",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31",
        "9999-12-31T23:59:59-10:00",
    ],
)
def test_bekend_op_without_zone_or_out_of_bounds_is_wrong(text: str) -> None:
    with pytest.raises(TimeFormatError):
        parse_bekend_op(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-03-03", datetime(2025, 3, 3, 22, 59, 59, 999999, UTC)),
        ("3-3-2025", datetime(2025, 3, 3, 22, 59, 59, 999999, UTC)),
        ("2025-07-01", datetime(2025, 7, 1, 21, 59, 59, 999999, UTC)),
        ("2025-03-03T12:00", datetime(2025, 3, 3, 11, tzinfo=UTC)),
        ("2025-07-01T12:00:30", datetime(2025, 7, 1, 10, 0, 30, tzinfo=UTC)),
        ("2025-03-03T12:00:00Z", datetime(2025, 3, 3, 12, tzinfo=UTC)),
    ],
)
def test_a_question_as_of_a_day_means_its_end(text: str, moment: datetime) -> None:
    assert parse_known_until(text) == moment


@pytest.mark.parametrize(
    "text", ["", "ooit", "vaststelling", "2025-02-30", "9999-12-31", "0001-01-01T00:00"]
)
def test_anything_else_is_no_moment_of_a_question(text: str) -> None:
    with pytest.raises(TimeFormatError):
        parse_known_until(text)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (date(2025, 2, 1), 24)],
)
def test_a_day_lasts_as_long_as_it_does_in_amsterdam(day: date, hours: int) -> None:
    assert end_of_day(day) - start_of_day(day) == timedelta(hours=hours, microseconds=-1)


@given(DAYS.filter(lambda day: day < LATEST))
def test_what_is_known_on_a_day_is_known_at_its_end(day: date) -> None:
    assert start_of_day(day) <= end_of_day(day) < start_of_day(day + timedelta(days=1))
    assert end_of_day(day).astimezone(AMSTERDAM).date() == day


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2025, 1, 31, 23, tzinfo=UTC), "2025-02-01"),
        (datetime(2025, 3, 3, 9, 15, tzinfo=UTC), "2025-03-03T10:15:00+01:00"),
        (datetime(2025, 7, 3, 9, 15, 0, 5, UTC), "2025-07-03T11:15:00.000005+02:00"),
        (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), "2025-10-26T02:30:00+02:00"),
        (datetime(2025, 10, 26, 1, 30, tzinfo=UTC), "2025-10-26T02:30:00+01:00"),
        (datetime(2025, 1, 31, 18, tzinfo=timezone(timedelta(hours=-5))), "2025-02-01"),
    ],
)
def test_bekend_op_is_written_in_amsterdam_time(moment: datetime, text: str) -> None:
    assert format_bekend_op(moment) == text


@given(MOMENTS)
def test_bekend_op_reads_back_as_it_was_written(moment: datetime) -> None:
    assert parse_bekend_op(format_bekend_op(moment)) == moment


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2025, 2, 1), date(2024, 8, 1)),
        (date(2024, 8, 1), date(2024, 8, 1)),
        (date(2024, 7, 31), date(2023, 8, 1)),
    ],
)
def test_a_school_year_begins_on_1_august(day: date, start: date) -> None:
    assert school_year_start(day) == start


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2014, 2, 1), date(2025, 2, 1), 11),
        (date(2014, 2, 2), date(2025, 2, 1), 10),
        (date(2016, 2, 29), date(2025, 2, 28), 8),
        (date(2016, 2, 29), date(2025, 3, 1), 9),
    ],
)
def test_age_is_in_full_years(birth: date, day: date, age: int) -> None:
    assert full_years(birth, day) == age
