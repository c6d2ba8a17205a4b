"""From what is known after every event to rectangles of knowledge (rules.md 5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from projections.items import Persoon, Rectangle
from projections.tracker import Tracker

PUPIL = UUID(int=1 << 127).hex
MONDAY = datetime(2025, 3, 3, 8, tzinfo=UTC)
TUESDAY = datetime(2025, 3, 4, 8, tzinfo=UTC)
WEDNESDAY = datetime(2025, 3, 5, 8, tzinfo=UTC)

ONE, TWO, THREE = (Persoon(PUPIL, PUPIL, number) for number in (1, 2, 3))


def tracked(*steps: tuple[datetime, int, dict[str, Iterable[Persoon]]]) -> list[Rectangle]:
    """Return the rectangles after (moment, position, slots), in the order of what opened them."""
    tracker = Tracker()
    for moment, positie, slots in steps:
        tracker.see((moment, positie), {name: tuple(items) for name, items in slots.items()})
    return sorted(tracker.finish(), key=lambda one: (one.bekend_van, one.geopend_door))


def test_what_stays_known_stays_open() -> None:
    rows = tracked((MONDAY, 4, {"a": [ONE]}), (TUESDAY, 9, {"a": [ONE]}))
    assert rows == [Rectangle(ONE, MONDAY, None, 4, None)]


def test_what_changes_closes_and_opens_by_the_same_event() -> None:
    rows = tracked((MONDAY, 4, {"a": [ONE]}), (TUESDAY, 9, {"a": [TWO]}))
    assert rows == [
        Rectangle(ONE, MONDAY, TUESDAY, 4, 9),
        Rectangle(TWO, TUESDAY, None, 9, None),
    ]


def test_what_comes_and_goes_within_one_moment_never_was_but_its_events_are_named() -> None:
    rows = tracked(
        (MONDAY, 4, {"a": [ONE]}),
        (TUESDAY, 5, {"a": [TWO]}),
        (TUESDAY, 6, {"a": [THREE]}),
    )
    assert rows == [
        Rectangle(ONE, MONDAY, TUESDAY, 4, 5, mede_gesloten=(6,)),
        Rectangle(THREE, TUESDAY, None, 6, None, mede=(5,)),
    ]


def test_what_changes_and_then_goes_within_one_moment_names_both() -> None:
    rows = tracked(
        (MONDAY, 4, {"a": [ONE], "b": [ONE]}),
        (TUESDAY, 5, {"a": [TWO], "b": [ONE]}),
        (TUESDAY, 6, {"a": [TWO], "b": [TWO]}),
        (TUESDAY, 7, {"b": [TWO]}),
    )
    assert rows == [
        Rectangle(ONE, MONDAY, TUESDAY, 4, 5, mede_gesloten=(7,)),
        Rectangle(ONE, MONDAY, TUESDAY, 4, 6),
        Rectangle(TWO, TUESDAY, None, 6, None),
    ]


def test_all_events_of_one_moment_that_built_on_one_another_are_named() -> None:
    rows = tracked(
        (MONDAY, 4, {"a": [ONE]}),
        (MONDAY, 5, {"a": [TWO]}),
        (MONDAY, 6, {"a": [THREE], "b": [ONE]}),
    )
    assert rows == [
        Rectangle(THREE, MONDAY, None, 6, None, mede=(4, 5)),
        Rectangle(ONE, MONDAY, None, 6, None),
    ]


def test_what_goes_and_comes_back_within_one_moment_never_went() -> None:
    rows = tracked(
        (MONDAY, 4, {"a": [ONE]}),
        (TUESDAY, 5, {"a": [TWO]}),
        (TUESDAY, 6, {"a": [ONE]}),
        (WEDNESDAY, 7, {"a": [ONE]}),
    )
    assert rows == [Rectangle(ONE, MONDAY, None, 4, None)]


def test_what_comes_back_at_a_later_moment_is_another_rectangle() -> None:
    rows = tracked(
        (MONDAY, 4, {"a": [ONE]}),
        (TUESDAY, 5, {"a": []}),
        (WEDNESDAY, 6, {"a": [ONE]}),
    )
    assert rows == [
        Rectangle(ONE, MONDAY, TUESDAY, 4, 5),
        Rectangle(ONE, WEDNESDAY, None, 6, None),
    ]


def test_a_slot_that_is_gone_closes_what_it_held() -> None:
    rows = tracked((MONDAY, 4, {"a": [ONE], "b": [TWO]}), (TUESDAY, 5, {"b": [TWO]}))
    assert rows == [
        Rectangle(ONE, MONDAY, TUESDAY, 4, 5),
        Rectangle(TWO, MONDAY, None, 4, None),
    ]


def test_a_slot_that_is_gone_and_another_that_comes() -> None:
    rows = tracked((MONDAY, 4, {"a": [ONE]}), (TUESDAY, 5, {"b": [TWO]}))
    assert rows == [
        Rectangle(ONE, MONDAY, TUESDAY, 4, 5),
        Rectangle(TWO, TUESDAY, None, 5, None),
    ]


def test_the_cause_is_the_event_after_which_it_held() -> None:
    rows = tracked(
        (MONDAY, 1, {}),
        (MONDAY, 2, {"a": [ONE]}),
        (MONDAY, 3, {"a": [ONE], "b": [TWO]}),
    )
    assert [(row.item, row.geopend_door) for row in rows] == [(ONE, 2), (TWO, 3)]


def test_nothing_seen_is_nothing_found() -> None:
    assert tracked() == []
    assert tracked((MONDAY, 1, {}), (TUESDAY, 2, {})) == []
