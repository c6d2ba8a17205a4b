"""Who came, left and moved over a window (rules.md 7), and the products against the slow oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.application import Ledger
from projections import layouts
from projections.kijkglas_2 import kijkglas_2
from projections.kijkglas_3 import kijkglas_3
from projections.movement import Movement, chosen, flags, members, movements, row_key, totals
from projections.options import OptionError
from projections.store.ask import StandRow
from projections.store.read_model import ReadModel
from projections.toename import toename
from projections.windows import Window, growth_window, school_year, windows_of
from tests import oracle_movement as slow
from tests.histories import histories, moments
from tests.histories_pools import SWVS
from tests.ledgers import AsOf, import_events, ledger_of, refreshed
from tests.oracle_facts import Event

OCTOBER, FEBRUARY = date(2024, 10, 1), date(2025, 2, 1)
WINDOW = Window(OCTOBER, FEBRUARY)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]

ROW = StandRow(
    leerling="a",
    instellingscode="12QN",
    volgnummer="1",
    geldig_van=date(2024, 8, 1),
    geldig_tot=None,
    vestigingscode="12QN00",
    schoolsoort="SO",
    begindatum=date(2024, 8, 1),
    einddatum=None,
    soort_verblijf="geen",
    swv="PO2304",
    wijze_van_bepaling="TLV",
    ondersteuningscategorie="LAAG",
    basis="TLV",
    beschikkingsnummer="PO2304-2024-00001",
    telt=True,
    reden="",
    bekend_van=datetime(2024, 8, 1, tzinfo=UTC),
    bekend_tot=None,
)
AWAY = replace(ROW, instellingscode="14YY", vestigingscode="14YY00")


def lasting(row: StandRow, first: date, after: date | None = None) -> StandRow:
    """Return the row with other days; `after` is the day after the last."""
    return replace(row, geldig_van=first, geldig_tot=after)


# Members


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({}, True),
        ({"telt": False, "reden": "niet bekostigbaar"}, True),
        ({"schoolsoort": "VSO"}, True),
        ({"schoolsoort": "SBO", "ondersteuningscategorie": "SBO"}, False),
        ({"basis": "OVERIG"}, False),
        ({"basis": "RP"}, False),
        ({"wijze_van_bepaling": "TLV", "basis": "OVERIG"}, False),  # reported, rule 7
        ({"geldig_van": date(2024, 10, 2)}, False),
        ({"geldig_van": OCTOBER}, True),
        ({"geldig_tot": OCTOBER}, False),
        ({"geldig_tot": date(2024, 10, 2)}, True),
    ],
)
def test_a_member_has_so_or_vso_by_a_tlv_on_the_day(
    changes: dict[str, object], member: bool
) -> None:
    assert bool(members([replace(ROW, **changes)], OCTOBER)) == member


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        # The counting one, though the other began later.
        ({"telt": True}, {"telt": False, "geldig_van": date(2024, 9, 1)}, "12QN"),
        # Neither counts: the row that began last, whatever its enrolment.
        (
            {"telt": False, "begindatum": date(2024, 8, 20)},
            {"telt": False, "geldig_van": date(2024, 9, 1)},
            "14YY",
        ),
        # Began on one day: the lowest key.
        ({"telt": False}, {"telt": False}, "12QN"),
    ],
)
def test_one_row_stands_for_a_pupil(
    one: dict[str, object], two: dict[str, object], expected: str, turned: bool
) -> None:
    rows = [replace(ROW, **one), replace(AWAY, **two)]
    (row,) = chosen(rows[::-1] if turned else rows).values()
    assert row.instellingscode == expected


# Movements


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([lasting(ROW, date(2024, 10, 2))], {row_key(lasting(ROW, date(2024, 10, 2))): "instroom"}),
        ([lasting(ROW, FEBRUARY)], {row_key(lasting(ROW, FEBRUARY)): "instroom"}),
        ([lasting(ROW, date(2025, 2, 2))], {}),
        ([lasting(ROW, OCTOBER)], {}),
        ([lasting(ROW, OCTOBER, FEBRUARY)], {row_key(lasting(ROW, OCTOBER)): "uitstroom"}),
        ([lasting(ROW, OCTOBER, date(2025, 2, 2))], {}),
        ([lasting(ROW, date(2024, 10, 2), FEBRUARY)], {}),
        (
            [lasting(ROW, OCTOBER, date(2025, 1, 6)), lasting(AWAY, date(2025, 1, 6))],
            {row_key(lasting(AWAY, date(2025, 1, 6))): "doorstroom"},
        ),
        # Another tlv at the same place is no movement.
        ([lasting(ROW, OCTOBER, date(2025, 1, 1)), lasting(ROW, date(2025, 1, 1))], {}),
        # Away between: nothing is seen of it.
        ([lasting(ROW, OCTOBER, date(2024, 11, 1)), lasting(ROW, date(2024, 12, 1))], {}),
    ],
)
def test_movements_are_between_the_two_days(
    rows: list[StandRow], expected: dict[object, str]
) -> None:
    assert flags(movements(rows, WINDOW).values()) == expected


def test_one_flag_per_pupil_and_movement() -> None:
    lost = replace(AWAY, telt=False, geldig_van=date(2024, 11, 1))
    counts = lasting(ROW, date(2024, 10, 15))
    moved = movements([lost, counts], WINDOW)
    assert flags(moved.values()) == {row_key(counts): "instroom"}
    assert totals(moved.values()) == {"instroom": 1, "uitstroom": 0, "doorstroom": 0}


def test_a_movement_of_nobody_is_a_defect() -> None:
    with pytest.raises(AssertionError):
        _ = Movement(None, None).flagged


# Windows


def test_the_window_of_growth_is_that_of_the_school_year() -> None:
    assert growth_window(FEBRUARY) == growth_window(date(2025, 7, 31)) == WINDOW
    assert growth_window(date(2024, 8, 1)) == WINDOW
    assert growth_window(date(2021, 10, 1)) == Window(date(2021, 10, 1), date(2022, 2, 1))
    assert school_year(FEBRUARY) == (date(2024, 8, 1), date(2025, 7, 31))
    assert str(WINDOW) == "na 1-10-2024 tot en met 1-2-2025"


def test_windows_follow_the_options() -> None:
    may = date(2025, 5, 15)
    assert windows_of(FEBRUARY, None, None) == [WINDOW]
    assert windows_of(FEBRUARY, may, None) == [Window(OCTOBER, may)]
    assert windows_of(date(2020, 1, 1), may, None) == [Window(OCTOBER, may)]
    assert windows_of(FEBRUARY, None, "2024-02") == [
        Window(date(2024, 1, 31), date(2024, 2, 29), "2024-02")
    ]
    months = windows_of(FEBRUARY, None, "2024-2025")
    assert [one.maand for one in months][:6] == [
        "2024-08", "2024-09", "2024-10", "2024-11", "2024-12", "2025-01",
    ]  # fmt: skip
    assert len(months) == 12
    assert {one.schooljaar for one in months} == {"2024/2025"}
    assert all(one.eind == two.begin for one, two in pairwise(months))


@pytest.mark.parametrize(
    ("peildatum", "maand", "optie"),
    [
        (date(2025, 2, 1), "2025-02", "--maand"),
        (None, "2025-13", "--maand"),
        (None, "2025-2", "--maand"),
        (None, "2024-2026", "--maand"),
        (None, "februari", "--maand"),
        (None, "0001-01", "--maand"),
        (date(2025, 9, 30), None, "--peildatum"),
    ],
)
def test_what_is_no_window_is_refused(
    peildatum: date | None, maand: str | None, optie: str
) -> None:
    with pytest.raises(OptionError) as refused:
        windows_of(FEBRUARY, peildatum, maand)
    assert refused.value.optie == optie


# The products on random histories, against the words of the rules


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_the_products_equal_the_independent_computation(data: st.DataObject) -> None:
    history = data.draw(histories())
    teldatum, known = data.draw(moments(history))
    with ledger_of() as ledger:
        refused = {one.regelnummer for one in import_events(ledger, history).booked.refused}
        booked = [event for number, event in enumerate(history, 1) if number not in refused]
        model = refreshed(ledger)
        window = growth_window(teldatum)
        year = slow.Year(booked, window.begin.year, known)
        for swv in (*SWVS["PO"], *SWVS["VO"]):
            _assert_movement_equal(ledger, model, year, swv)
            _assert_toename_equal(model, booked, AsOf(teldatum, known), swv)
        model.close()


def _assert_movement_equal(ledger: Ledger, model: ReadModel, year: slow.Year, swv: str) -> None:
    window = growth_window(date(year.begin, 10, 1))
    as_of = AsOf(window.eind, year.bekend_op)
    counts, rows = slow.kijkglas_2(year, swv, window.eind)
    tables = kijkglas_2(ledger, model, as_of, swv, [window])
    assert _sorted(_shown("kijkglas-2", "inschrijvingen", tables, swv)) == _sorted(rows)
    (algemeen,) = _shown("kijkglas-2", "algemeen", tables, swv)
    assert {name: algemeen[name] for name in counts} == counts
    growth = slow.kijkglas_3(year, swv)
    tables = kijkglas_3(model, as_of, swv)
    shown = _shown("kijkglas-3", "groei", tables, swv)
    assert [{name: row[name] for name in growth[0]} for row in shown] == growth
    for row in shown:
        assert row["GROEI"] == row["AANTAL_1_FEB"] - row["AANTAL_1_OKT"]  # type: ignore[operator]
    (totaal,) = _shown("kijkglas-3", "totaal", tables, swv)
    assert {name: totaal[name] for name in ("INSTROOM", "UITSTROOM", "DOORSTROOM")} == {
        name: counts[name] for name in ("INSTROOM", "UITSTROOM", "DOORSTROOM")
    }
    assert totaal["GROEI"] == counts["LEERLINGEN_PEILDATUM"] - counts["LEERLINGEN_BEGIN"]


def _assert_toename_equal(model: ReadModel, booked: Sequence[Event], as_of: AsOf, swv: str) -> None:
    year = as_of.teldatum.year + (as_of.teldatum > date(as_of.teldatum.year, 6, 1))
    for peildatum in (max(as_of.teldatum, date(year, 2, 1)), date(year, 6, 1)):
        tables = toename(model, as_of, swv, peildatum)
        rows = slow.toename(booked, swv, as_of.teldatum, peildatum, as_of.bekend_op)
        for file, soorten in (("sbo", ("SBO",)), ("vso", ("SO", "VSO"))):
            mine = [row for row in rows if row["SCHOOLSOORT"] in soorten]
            assert _sorted(_shown("toename", file, tables, swv)) == _sorted(mine)


def _shown(
    layout: str, name: str, tables: Mapping[str, Sequence[Mapping[str, object]]], swv: str
) -> list[dict[str, object]]:
    """Return the rows of a table by the names of its columns."""
    table = layouts.load(layout).table(name, tables[name], swv=swv, teldatum=FEBRUARY)
    names = [column.naam for column in table.kolommen]
    return [dict(zip(names, row, strict=True)) for row in table.rijen]


def _sorted(rows: Sequence[Mapping[str, object]]) -> list[list[str]]:
    return sorted([f"{name}={row[name]}" for name in row] for row in rows)
