"""Which events made a day what it is: borders of enrolments, and how far knowledge goes back."""

from __future__ import annotations

from itertools import permutations
from typing import Any, Final

import pytest

from projections.store.encoding import OPEN_DAY_NUMBER, OPEN_MOMENT_NUMBER
from projections.store.rectangles import StandRectangle
from projections.why.causes import Cause, mutations
from projections.why.pairs import Point

ONE, OTHER = "1" * 32, "2" * 32
BEGIN, END, DAY = 20230801, 20240801, 20250801
NOW: Final = 1000
POINTS: Final = (Point(20250201, NOW), Point(20260201, NOW))


def row(known: tuple[int, int], by: int, **other: Any) -> StandRectangle:  # noqa: ANN401 - fields
    """Return a rectangle of an enrolment that runs till DAY; known from and until, opened by."""
    return StandRectangle(
        **{
            "geteld": 1,
            "reden": "",
            "swv": "PO2304",
            "schoolsoort": "SO",
            "vestigingscode": "12QN00",
            "ondersteuningscategorie": "LAAG",
            "basis": "TLV",
            "groep": ONE,
            "leerling": ONE,
            "instellingscode": "12QN",
            "volgnummer": "1",
            "geldig_van": BEGIN,
            "geldig_tot": DAY,
            "bekend_van": known[0],
            "bekend_tot": known[1],
            "geopend_door": by,
            "gesloten_door": None if known[1] > NOW else by + 100,
            "mede_geopend_door": None,
            "mede_gesloten_door": None,
            "wijze_van_bepaling": "",
            "beschikkingsnummer": None,
            "einddatum": None,
            "telt": 1,
            **other,
        }
    )


def causes(*rectangles: StandRectangle) -> list[tuple[Cause, ...]]:
    """Return the causes of each change between the two points."""
    return [change.causes for change in mutations(rectangles, *POINTS, {})]


NOW_KNOWN = (300, OPEN_MOMENT_NUMBER)


def test_what_ran_is_since_it_was_first_known_without_a_break() -> None:
    now, before, first = row(NOW_KNOWN, 3), row((200, 300), 2), row((100, 200), 1)
    apart = row((10, 90), 9)
    for order in permutations((now, before, first, apart)):
        assert causes(*order) == [((100, 1),)]


def test_how_it_looked_before_is_part_of_the_run_of_an_enrolment_that_ended() -> None:
    otherwise = row((100, 300), 1, vestigingscode="12QN01", reden="dubbele inschrijving", telt=0)
    assert causes(row(NOW_KNOWN, 2), otherwise) == [((100, 1),)]


def test_the_end_of_it_that_was_known_later_is_why() -> None:
    went_on = row((100, 300), 1, geldig_tot=OPEN_DAY_NUMBER)
    assert causes(row(NOW_KNOWN, 2), went_on) == [((300, 101),)]


def test_what_began_names_since_when_it_was_known_and_since_when_it_counts() -> None:
    begun = {"geldig_van": DAY, "geldig_tot": OPEN_DAY_NUMBER}
    without = row((100, 300), 1, **begun, telt=0, geteld=0, reden="niet bekostigbaar")
    assert causes(without, row(NOW_KNOWN, 2, **begun)) == [((100, 1), (300, 2))]
    assert causes(row((100, 300), 1, **begun), row(NOW_KNOWN, 2, **begun)) == [((100, 1),)]


def test_an_attribute_that_differs_is_known_since_it_looked_so_on_both_sides() -> None:
    after = {"geldig_van": DAY, "geldig_tot": OPEN_DAY_NUMBER, "vestigingscode": "12QN01"}
    left, right = row((100, OPEN_MOMENT_NUMBER), 1), row(NOW_KNOWN, 3, **after)
    not_yet = row((150, 300), 2, **after | {"vestigingscode": "12QN00"})
    assert causes(left, right, not_yet) == [((300, 3),)]
    long_so = row((150, 300), 2, **after, beschikkingsnummer="PO2304-2024-00001")
    assert causes(left, right, long_so) == [((150, 2),)]


@pytest.mark.parametrize("own_first", [True, False])
def test_of_two_pupils_under_one_key_the_run_stays_with_its_own(own_first: bool) -> None:
    own, other = row((200, 300), 2), row((100, 300), 1, leerling=OTHER)
    listed = (own, other) if own_first else (other, own)
    assert causes(*listed, row(NOW_KNOWN, 3)) == [((200, 2),)]


def test_a_run_goes_on_with_another_pupil_who_had_the_key_until_then() -> None:
    other, longer = row((200, 300), 2, leerling=OTHER), row((100, 200), 1, leerling=OTHER)
    assert causes(row(NOW_KNOWN, 3), other, longer) == [((100, 1),)]


def test_an_enrolment_beside_it_that_shows_the_same_is_no_cause() -> None:
    beside = row((50, OPEN_MOMENT_NUMBER), 7, volgnummer="2", geldig_tot=OPEN_DAY_NUMBER)
    near = row((60, OPEN_MOMENT_NUMBER), 8, instellingscode="12QO", geldig_tot=END)
    assert causes(row(NOW_KNOWN, 3), beside, near) == [((300, 3),)]
