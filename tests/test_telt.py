"""Does it count and why not: the order of rules.md 4 and the contest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from projections.items import Stand
from tests.pupils import about, area, enrolled, found, home, linked, standing

REGION = [
    linked("12QN00", "PO2304"),
    area("7511", "PO2304", "VO2305"),
    home(pc4="7511"),
]
FEBRUARY = "2025-02-01"
DOUBLE = "dubbele inschrijving"


def reasons(lines: list[Any], day: str = FEBRUARY) -> dict[str, str]:
    """Return the reden per enrolment."""
    rows = standing([*REGION, *lines], day)
    return {f"{row.instellingscode}/{row.volgnummer}": row.reden for row in rows}


def test_an_enrolment_counts() -> None:
    assert reasons([enrolled("2024-08-01")]) == {"12QN/1": ""}


@pytest.mark.parametrize(
    ("attributes", "reden"),
    [
        ({"soort_verblijf": "JJI", "cluster": 1, "bekostigbaar": False}, "gesloten inrichting"),
        ({"cluster": 2, "bekostigbaar": False}, "cluster 1 of 2"),
        ({"bekostigbaar": False, "schoolsoort": "VSO"}, "niet bekostigbaar"),
        ({"schoolsoort": "SO"}, "geen samenwerkingsverband"),
        ({"schoolsoort": "BO"}, ""),
        ({"schoolsoort": "BO", "cluster": 1}, "cluster 1 of 2"),
        ({"schoolsoort": "VO", "bekostigbaar": False}, "niet bekostigbaar"),
        ({"schoolsoort": "BO", "soort_verblijf": "GJI"}, "gesloten inrichting"),
    ],
)
def test_the_first_reason_is_told(attributes: dict[str, Any], reden: str) -> None:
    (row,) = standing([enrolled("2024-08-01", **attributes)], FEBRUARY)
    assert row.reden == reden


def test_the_latest_begin_wins() -> None:
    lines = [enrolled("2024-08-01"), enrolled("2024-08-02", key="14YY/1")]
    assert reasons(lines) == {"12QN/1": DOUBLE, "14YY/1": ""}


def test_of_the_same_begin_the_lowest_key_wins() -> None:
    lines = [enrolled("2024-08-01", key="14YY/1"), enrolled("2024-08-01", key="12QN/2")]
    assert reasons(lines) == {"12QN/2": "", "14YY/1": DOUBLE}
    lines = [enrolled("2024-08-01", key="12QN/10"), enrolled("2024-08-01", key="12QN/2")]
    assert reasons(lines) == {"12QN/10": "", "12QN/2": DOUBLE}


@pytest.mark.parametrize("schoolsoort", ["BO", "VO"])
def test_bo_and_vo_take_part(schoolsoort: str) -> None:
    later = enrolled("2024-09-01", key="14YY/1", schoolsoort=schoolsoort)
    assert reasons([enrolled("2024-08-01"), later]) == {"12QN/1": DOUBLE, "14YY/1": ""}


@pytest.mark.parametrize(
    "attributes",
    [{"bekostigbaar": False}, {"cluster": 1}, {"soort_verblijf": "GJI"}],
)
def test_who_does_not_pass_the_tests_does_not_win(attributes: dict[str, Any]) -> None:
    later = enrolled("2024-09-01", key="14YY/1", **attributes)
    found_reasons = reasons([enrolled("2024-08-01"), later])
    assert found_reasons["12QN/1"] == ""
    assert found_reasons["14YY/1"] not in {"", DOUBLE}


def test_who_has_no_samenwerkingsverband_does_not_win() -> None:
    later = enrolled("2024-09-01", key="14YY/1", schoolsoort="VSO")
    lines = [area("9999", "PO2304", None), {**home(pc4="9999")}, enrolled("2024-08-01"), later]
    rows = {row.instellingscode: row.reden for row in standing(lines, FEBRUARY)}
    assert rows == {"12QN": "", "14YY": "geen samenwerkingsverband"}


def test_of_three_one_counts_on_every_day() -> None:
    lines = [
        *REGION,
        enrolled("2024-08-01"),
        enrolled("2024-09-01", "2025-03-31", key="14YY/1"),
        enrolled("2024-10-01", "2024-12-31", key="16EI/1"),
    ]
    winners = {
        day: [row.instellingscode for row in standing(lines, day) if not row.reden]
        for day in ("2024-08-31", "2024-09-30", "2024-12-31", "2025-01-01", "2025-04-01")
    }
    assert winners == {
        "2024-08-31": ["12QN"],
        "2024-09-30": ["14YY"],
        "2024-12-31": ["16EI"],
        "2025-01-01": ["14YY"],
        "2025-04-01": ["12QN"],
    }


def test_the_contest_splits_rectangles_and_no_more_than_it_must() -> None:
    lines = [
        *REGION,
        enrolled("2024-08-01", "2025-06-30"),
        enrolled("2024-10-01", "2024-11-30", key="14YY/1"),
        enrolled("2024-12-01", "2024-12-31", key="16EI/1"),
    ]
    days = [
        (item.geldig_van, item.geldig_tot, item.reden)
        for item, _, tot, *_ in found(lines)
        if isinstance(item, Stand) and item.instellingscode == "12QN" and tot is None
    ]
    assert sorted(days) == [
        (date(2024, 8, 1), date(2024, 10, 1), ""),
        (date(2024, 10, 1), date(2025, 1, 1), DOUBLE),
        (date(2025, 1, 1), date(2025, 7, 1), ""),
    ]


def test_a_contest_does_not_break_what_passes_on() -> None:
    """A segment that loses for a while is still one segment (rules.md 4)."""
    lines = [
        *REGION,
        enrolled("2024-08-01"),
        enrolled("2024-10-01", "2024-11-30", key="14YY/1", schoolsoort="BO"),
    ]
    for day in ("2024-09-01", "2024-10-15", FEBRUARY):
        row = next(row for row in standing(lines, day) if row.instellingscode == "12QN")
        assert (row.swv, row.wijze) == ("PO2304", "Woonplaats leerling")


def test_a_removed_enrolment_is_gone_and_still_shows_as_known_before() -> None:
    lines = [
        *REGION,
        enrolled("2024-08-01"),
        enrolled("2024-09-01", key="14YY/1"),
        {**about("InschrijvingVerwijderd", key="14YY/1"), "bekend_op": "2025-03-01"},
    ]
    before = {row.instellingscode: row.reden for row in standing(lines, FEBRUARY, "2025-02-28")}
    after = {row.instellingscode: row.reden for row in standing(lines, FEBRUARY)}
    assert before == {"12QN": DOUBLE, "14YY": ""}
    assert after == {"12QN": ""}


def test_it_counts_on_its_first_and_its_last_day() -> None:
    lines = [*REGION, enrolled("2025-02-01", "2025-02-01")]
    assert [len(standing(lines, day)) for day in ("2025-01-31", FEBRUARY, "2025-02-02")] == [
        0,
        1,
        0,
    ]
