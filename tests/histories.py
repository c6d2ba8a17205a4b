"""Random histories: feeds that are mostly sensible and full of coincidences, for property tests."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.histories_chooser import Chooser
from tests.histories_pools import FIRST_DAY, TELDATA
from tests.histories_pupils import pupils
from tests.histories_reference import reference_events
from tests.oracle_facts import Event, instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

ONE_DAY = timedelta(days=1)
JUST = timedelta(microseconds=1)
SEEDS = st.integers(0, 2**32 - 1)
FIFTIETH = st.integers(0, 49)


@st.composite
def histories(draw: DrawFn, most_pupils: int = 3) -> list[Event]:
    """Return a feed: event dicts in the order of booking.

    A seed makes the whole of it and a coin per event loses a few: hypothesis can then leave any
    event out without disturbing the others, which shrinks far better than drawing every field.
    """
    whole = random_history(Random(draw(SEEDS)), most_pupils)  # noqa: S311  no secret is made
    return [event for event in whole if draw(FIFTIETH) > 0]


def random_history(random: Random, most_pupils: int = 3) -> list[Event]:
    """Return a feed by the same building code from a seeded generator, for soak runs."""
    chooser = Chooser(random)
    events = reference_events(chooser)
    for one in pupils(chooser, most_pupils):
        events += one
    return _arranged(chooser, _without_near_copies(events))


@st.composite
def moments(draw: DrawFn, history: list[Event]) -> tuple[date, datetime | None]:
    """Return an interesting (T, K) of a history; K None is everything known."""
    return draw(_days(history)), draw(_knowledge(history))


def random_moment(random: Random, history: list[Event]) -> tuple[date, datetime | None]:
    """Return an interesting (T, K) of a history from a seeded generator."""
    return random.choice(interesting_days(history)), random.choice(knowledge_moments(history))


def interesting_days(history: Sequence[Event]) -> list[date]:
    """Return the teldata, every day named since the pupils of a history came, and days around."""
    teldata = [date.fromisoformat(text) for text in TELDATA]
    named = {date.fromisoformat(text) for event in history for text in _day_texts(event)}
    recent = {day for day in named if day >= date.fromisoformat(FIRST_DAY)}
    around = {day + step * ONE_DAY for day in recent.union(teldata) for step in (-1, 0, 1)}
    return [*teldata * 4, *sorted(around)]


def knowledge_moments(history: Sequence[Event]) -> list[datetime | None]:
    """Return None, every moment of knowledge in a history, and just before each."""
    told = sorted({instant(event["bekend_op"]) for event in history})
    exact = [moment - back for moment in reversed(told) for back in (timedelta(0), JUST)]
    return [None, None, None, *exact]


def _days(history: Sequence[Event]) -> SearchStrategy[date]:
    """Return the strategy of the interesting days."""
    return st.sampled_from(interesting_days(history))


def _knowledge(history: Sequence[Event]) -> SearchStrategy[datetime | None]:
    """Return the strategy of the interesting moments of knowledge."""
    return st.sampled_from(knowledge_moments(history))


def _day_texts(value: Any) -> list[str]:  # noqa: ANN401  any value of parsed JSON
    """Return the texts in a JSON value that are days."""
    if isinstance(value, dict):
        return [text for name in value if name != "bekend_op" for text in _day_texts(value[name])]
    if isinstance(value, list):
        return [text for one in value for text in _day_texts(one)]
    is_day = isinstance(value, str) and len(value) == 10 and value[4:5] == value[7:8] == "-"
    return [value] if is_day else []


def _arranged(chooser: Chooser, events: list[Event]) -> list[Event]:
    """Return the events in some order of booking, now and then with exact copies."""
    arrangement = chooser.pick(("as told", "by knowledge", "late", "copied", "shuffled"))
    if arrangement in ("by knowledge", "late"):
        events.sort(key=lambda event: instant(event["bekend_op"]))
    if arrangement in ("late", "shuffled"):
        _delay(chooser, events, most=3 if arrangement == "late" else 12)
    if arrangement == "copied" and events:
        events += [dict(chooser.pick(tuple(events))) for _ in range(2)]
    return events


def _delay(chooser: Chooser, events: list[Event], most: int) -> None:
    """Book a few events after all others: known early, imported late."""
    for _ in range(min(most, len(events))):
        events.append(events.pop(chooser.pick(tuple(range(len(events))))))


def _without_near_copies(events: list[Event]) -> list[Event]:
    """Keep one of the events that differ at most in the spelling of their moment."""
    kept: dict[str, Event] = {}
    for event in events:
        moment = instant(event["bekend_op"]).isoformat()
        kept.setdefault(json.dumps(event | {"bekend_op": moment}, sort_keys=True), event)
    return list(kept.values())
