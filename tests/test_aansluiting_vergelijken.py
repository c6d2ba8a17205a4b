"""Two sides held against each other: keys, doubles, cells, suppressed values (rules.md 9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.aansluiting.geld import Prijslijst
from projections.aansluiting.gevallen import gevallen_van
from projections.aansluiting.model import Cel, Paar, Regel, Zijde
from projections.aansluiting.vergelijken import Vergelijking, aantal_van, oordeel_van, vergelijk
from projections.tarieven import Tarief, Tarieven

T = date(2025, 2, 1)
Rows = Sequence[tuple[str, str, object]]


def paar(left: Rows, right: Rows, telkolom: str | None = None) -> Paar:
    """Return two sides with a key of two columns and one column to compare."""

    def zijde(naam: str, rows: Rows) -> Zijde:
        regels = tuple(
            Regel((one, two), {"N": value, "A": one, "B": two}, f"{naam} regel {at}", one)
            for at, (one, two, value) in enumerate(rows, 2)
        )
        return Zijde(naam, "duo" if naam == "DUO" else "ons", None, regels)

    sides = zijde("DUO", left), zijde("grootboek", right)
    return Paar("proef", ("A", "B"), ("N",), *sides, "PO2304", T, telkolom)


def told(found: Vergelijking) -> list[tuple[str, ...]]:
    """Return every key that is not equal, once."""
    return [
        *(one.sleutel for one in found.dubbel),
        *(one.sleutel for one in (*found.alleen_links, *found.alleen_rechts)),
        *(one.sleutel for one in (*found.cellen, *found.niet_te_zeggen)),
    ]


def test_equal_sides_say_how_many_keys_were_compared() -> None:
    found = vergelijk(paar([("a", "1", 5), ("b", "1", 6)], [("b", "1", 6), ("a", "1", 5)]))
    assert (found.vergeleken, found.gelijk, told(found)) == (2, (("a", "1"), ("b", "1")), [])
    assert (found.links, found.rechts, found.totaal_links, found.totaal_rechts) == (2, 2, 2, 2)


def test_the_whole_key_decides() -> None:
    found = vergelijk(paar([("a", "1", 5)], [("a", "2", 5)]))
    assert [one.sleutel for one in found.alleen_links] == [("a", "1")]
    assert [one.sleutel for one in found.alleen_rechts] == [("a", "2")]


def test_a_double_key_shows_its_rows_and_is_not_compared() -> None:
    found = vergelijk(paar([("a", "1", 5), ("a", "1", 6), ("b", "1", 1)], [("a", "1", 5)]))
    (double,) = found.dubbel
    assert [row.plaats for row in double.links] == ["DUO regel 2", "DUO regel 3"]
    assert [row.plaats for row in double.rechts] == ["grootboek regel 2"]
    assert (found.vergeleken, found.gelijk, found.cellen) == (0, (), ())
    assert (found.links, found.totaal_links) == (2, 3)


def test_a_cell_says_whose_value_is_whose() -> None:
    (cellen,) = vergelijk(paar([("a", "1", 5)], [("a", "1", None)])).cellen
    assert cellen.kolommen == {"N": Cel(ons=None, duo=5)}


@pytest.mark.parametrize(
    ("duo", "ons", "said"),
    [
        (3, 3, "gelijk"),
        (3, 4, "verschillend"),
        ("<5", 5, "verschillend"),
        ("<5", 4, "niet te zeggen"),
        ("<5", 0, "niet te zeggen"),
        (7, "<5", "verschillend"),
        ("<5", "<5", "gelijk"),
        ("<5", None, "verschillend"),
        (1, "1", "verschillend"),
    ],
)
def test_a_suppressed_value_is_a_range(duo: object, ons: object, said: str) -> None:
    assert oordeel_van(duo, ons) == said
    assert oordeel_van(ons, duo) == said


def test_what_nobody_can_tell_is_no_difference_and_adds_nothing() -> None:
    found = vergelijk(paar([("a", "1", "<5")], [("a", "1", 3)], "N"))
    assert [one.sleutel for one in found.niet_te_zeggen] == [("a", "1")]
    assert (found.cellen, found.totaal_links, found.totaal_rechts) == ((), 3, 3)


def test_a_suppressed_value_that_differs_counts_from_its_nearest_bound() -> None:
    found = vergelijk(paar([("a", "1", "<5")], [("a", "1", 9)], "N"))
    (one,) = found.cellen
    assert aantal_van(paar([], [], "N"), [one.links], [one.rechts]) == -5


VALUES = st.one_of(st.integers(0, 9), st.just("<5"))
ROWS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("12"), VALUES), max_size=12)


@given(ROWS, ROWS, st.sampled_from([None, "N"]))
def test_every_key_comes_back_once_and_all_adds_up(
    left: Rows, right: Rows, telkolom: str | None
) -> None:
    about = paar(left, right, telkolom)
    found = vergelijk(about)
    keys = Counter((*found.gelijk, *told(found)))
    assert keys == Counter({(a, b) for a, b, _ in (*left, *right)})
    pairs = [
        *((one.links, one.rechts) for one in found.dubbel),
        *(((one.links,), (one.rechts,)) for one in (*found.cellen, *found.niet_te_zeggen)),
        *(((one,), ()) for one in found.alleen_links),
        *(((), (one,)) for one in found.alleen_rechts),
    ]
    total = sum(aantal_van(about, *one) for one in pairs)
    assert total == found.totaal_links - found.totaal_rechts
    assert found.links == len({row[:2] for row in left})


@given(ROWS, ROWS)
def test_a_pupil_under_another_key_is_one_difference(left: Rows, right: Rows) -> None:
    about = paar(left, right)
    cases = gevallen_van(about, vergelijk(about), {})
    total = sum(len(case.links) - len(case.rechts) for case in cases)
    assert total == len(left) - len(right)
    moved = [
        case
        for case in cases
        if case.soort == "cel" and case.links[0].sleutel != case.rechts[0].sleutel
    ]
    for case in moved:
        assert case.links[0].pgn == case.rechts[0].pgn
        assert "B" in case.kolommen


def test_two_rows_of_a_pupil_are_not_paired_with_a_third() -> None:
    about = paar([("a", "1", 0), ("a", "2", 0)], [("a", "3", 0)])
    cases = gevallen_van(about, vergelijk(about), {})
    assert sorted(case.soort for case in cases) == ["alleen-bij-duo"] * 2 + ["alleen-bij-ons"]
    assert [case.elders[0].sleutel for case in cases[:2]] == [("a", "2"), ("a", "1")]


RATES = Tarieven(
    [
        Tarief(2026, "so", "LAAG", Decimal("1000.50"), "", date(2025, 1, 1)),
        Tarief(2026, "so", "HOOG", Decimal(3000), "", date(2025, 1, 1)),
        Tarief(2025, "so", "MIDDEN", Decimal(5), "", date(2024, 1, 1)),
    ],
    "tarieven.csv",
)


def test_money_is_what_the_left_side_costs_more_in_the_year_that_is_funded() -> None:
    prices = Prijslijst(RATES, T, None)
    assert prices.verschil([("SO", "HOOG", 1)], [("SO", "LAAG", 1)]) == Decimal("1999.50")
    assert prices.verschil([], [("SO", "LAAG", 2)]) == Decimal("-2001.00")


def test_money_is_unknown_without_an_amount() -> None:
    assert Prijslijst(None, T, None).verschil([("SO", "LAAG", 1)], []) is None
    assert Prijslijst(RATES, T, None).verschil([("SO", "MIDDEN", 1)], []) is None
    assert Prijslijst(RATES, date(2021, 10, 1), None).verschil([("SO", "LAAG", 1)], []) is None
