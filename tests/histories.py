"""Random histories: feeds that are mostly sensible and full of coincidences, for property tests."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.histories_pools import TELDATA
from tests.histories_pupils import pupils
from tests.histories_reference import reference_events
from tests.oracle_facts import Event, instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from hypothesis.strategies import DrawFn, SearchStrategy

    from tests.histories_chooser import T

ONE_DAY = timedelta(days=1)
JUST = timedelta(microseconds=1)
PERCENTAGES = st.integers(0, 99)


class DrawChooser:
    """Chooses through hypothesis: shrinks to the first option and to no chance."""

    def __init__(self, draw: DrawFn) -> None:
        """Choose with `draw`."""
        self._draw = draw

    def pick(self, options: tuple[T, ...]) -> T:
        """Return one of the options."""
        index: int = self._draw(_up_to(len(options) - 1))
        return options[index]

    def chance(self, percent: int) -> bool:
        """Return True in about that many cases of a hundred."""
        return self._draw(PERCENTAGES) >= 100 - percent


class RandomChooser:
    """Chooses by a seeded generator, for soak runs."""

    def __init__(self, random: Random) -> None:
        """Choose with `random`."""
        self._random = random

    def pick(self, options: tuple[T, ...]) -> T:
        """Return one of the options."""
        return self._random.choice(options)

    def chance(self, percent: int) -> bool:
        """Return True in about that many cases of a hundred."""
        return self._random.random() * 100 < percent


@cache
def _up_to(last: int) -> SearchStrategy[int]:
    """Return the strategy of the indexes up to the last one."""
    return st.integers(0, last)


@st.composite
def histories(draw: DrawFn, most_pupils: int = 3) -> list[Event]:
    """Return a feed: event dicts in the order of booking."""
    return _history(DrawChooser(draw), most_pupils)


def random_history(random: Random, most_pupils: int = 3) -> list[Event]:
    """Return a feed by the same building code from a seeded generator."""
    return _history(RandomChooser(random), most_pupils)


@st.composite
def moments(draw: DrawFn, history: list[Event]) -> tuple[date, datetime | None]:
    """Return an interesting (T, K) of a history; K None is everything known."""
    return draw(_days(history)), draw(_knowledge(history))


def random_moment(random: Random, history: list[Event]) -> tuple[date, datetime | None]:
    """Return an interesting (T, K) of a history from a seeded generator."""
    return random.choice(interesting_days(history)), random.choice(knowledge_moments(history))


def interesting_days(history: Sequence[Event]) -> list[date]:
    """Return every day named in a history, the days around it, and the teldata."""
    named = {date.fromisoformat(text) for event in history for text in _day_texts(event)}
    named |= {date.fromisoformat(text) for text in TELDATA}
    around = {day + step * ONE_DAY for day in named for step in (-1, 0, 1)}
    return [date.fromisoformat(TELDATA[0]), *sorted(around)]


def knowledge_moments(history: Sequence[Event]) -> list[datetime | None]:
    """Return None, every moment of knowledge in a history, and just before each."""
    told = sorted({instant(event["bekend_op"]) for event in history})
    return [None, *(moment - back for moment in told for back in (timedelta(0), JUST))]


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


def _history(chooser: DrawChooser | RandomChooser, most_pupils: int) -> list[Event]:
    """Return reference events and those of the pupils, in some order of booking."""
    events = reference_events(chooser)
    for one in pupils(chooser, most_pupils):
        events += one
    events = _without_near_copies(events)
    arrangement = chooser.pick(("as told", "by knowledge", "late", "copied", "shuffled"))
    if arrangement in ("by knowledge", "late"):
        events.sort(key=lambda event: instant(event["bekend_op"]))
    if arrangement in ("late", "shuffled"):
        _delay(chooser, events, most=3 if arrangement == "late" else 12)
    if arrangement == "copied":
        events += [dict(chooser.pick(tuple(events))) for _ in range(2)]
    return events


def _delay(chooser: DrawChooser | RandomChooser, events: list[Event], most: int) -> None:
    """Book a few events after all others: known early, imported late."""
    for _ in range(most):
        events.append(events.pop(chooser.pick(tuple(range(len(events))))))


def _without_near_copies(events: list[Event]) -> list[Event]:
    """Keep one of the events that differ at most in the spelling of their moment."""
    kept: dict[str, Event] = {}
    for event in events:
        moment = instant(event["bekend_op"]).isoformat()
        kept.setdefault(json.dumps(event | {"bekend_op": moment}, sort_keys=True), event)
    return list(kept.values())
