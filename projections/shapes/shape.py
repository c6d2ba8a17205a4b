"""The shape of a history: all that the rules can see in it, and nothing else.

The fold compares days with each other (which is earlier, which is the day after which), and
tells moments, enrolments and codes apart; it never looks at which day or code it is. Two
histories that agree in all comparisons have rectangles that agree in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from projections.shapes.histories import TEXTS, Flags, Histories, Numbers

SIZE: Final = 16
"""Bytes of a shape's digest: two shapes never share one (BLAKE2, 128 bits)."""

_CODE: Final = TEXTS.index("instellingscode")
_VOLGNUMMER: Final = TEXTS.index("volgnummer")


class Part(NamedTuple):
    """Some of the events of histories, in units that each have a shape.

    `events`: places in the columns; those of unit u stand from `starts[u]` up to `stops[u]`,
    `pupil[u]` is whose they are, `shapes[u]` a digest.
    """

    events: Numbers
    starts: Numbers
    stops: Numbers
    pupil: Numbers
    shapes: list[bytes]


def enrolment_part(histories: Histories) -> Part:
    """Return the events of each enrolment, with all in them that decides on `standen`.

    In the order of the pupils, then of the keys of the enrolments (rules.md 4). Whether
    another enrolment wins from it is left out (`projections.shapes.contest`).
    """
    events = np.flatnonzero(histories.literal >= 0)
    place = histories.pupil[events] * (len(events) + 1) + _keys(histories, events)
    order = np.argsort(place, kind="stable")
    events, place = events[order], place[order]
    starts = _starts(place)
    unit = _numbered(starts, len(events))
    return part_of(events, starts, histories.pupil[events[starts]], seen(histories, events, unit))


def person_part(histories: Histories) -> Part:
    """Return the first event of each pupil and those about its birth: they decide on `personen`."""
    first = np.ones(len(histories.pupil), np.bool_)
    first[1:] = histories.pupil[1:] != histories.pupil[:-1]
    events = np.flatnonzero(first | histories.birth)
    pupil = histories.pupil[events]
    told = [histories.birth[events], at_same_moment(pupil, histories.moment[events])]
    return part_of(events, _starts(pupil), np.arange(len(histories.streams)), told)


def seen(histories: Histories, events: Numbers, unit: Numbers) -> list[NDArray[Any]]:
    """Return what the rules see of events, as columns; those of a unit stand together."""
    texts = histories.texts[events]
    return [
        histories.literal[events],
        at_same_moment(unit, histories.moment[events]),
        _first_seen(unit, texts[:, TEXTS.index("vestigingscode")]),
        _first_seen(unit, texts[:, TEXTS.index("leerjaar")]),
        *_day_ranks(unit, histories.days[events]).T,
    ]


def part_of(events: Numbers, starts: Numbers, pupil: Numbers, seen: Sequence[NDArray[Any]]) -> Part:
    """Return units of events, the shape of each a digest of what is seen of them."""
    stops = np.append(starts[1:], len(events)) if len(starts) else starts
    content = np.column_stack([np.asarray(column, np.int64) for column in seen]).tobytes()
    width = len(seen) * 8
    edges = zip((starts * width).tolist(), (stops * width).tolist(), strict=True)
    # How wide a line is belongs to it: other lines may take as many bytes together.
    kind = bytes([len(seen)])
    shapes = [
        blake2b(content[one:two], digest_size=SIZE, person=kind).digest() for one, two in edges
    ]
    return Part(events, starts, stops, pupil, shapes)


def lines_of(first: Numbers, count: Numbers) -> tuple[Numbers, Numbers]:
    """Return for things that each have `count` lines from `first` on: whose, and which line."""
    owner = np.repeat(np.arange(len(count)), count)
    ends = np.cumsum(count)
    return owner, np.repeat(first - (ends - count), count) + np.arange(len(owner))


def at_same_moment(unit: Numbers, moment: Numbers) -> Flags:
    """Tell of each event whether it was known at the moment of the one before it."""
    same = np.zeros(len(unit), np.bool_)
    same[1:] = (unit[1:] == unit[:-1]) & (moment[1:] == moment[:-1])
    return same


def dense(unit: Numbers, value: Numbers) -> Numbers:
    """Return the place of each value among the distinct values of its unit."""
    if not len(unit):
        return unit
    span = int(value.max()) + 1
    distinct, which = np.unique(unit * span + value, return_inverse=True)
    return cast("Numbers", which - np.searchsorted(distinct, unit * span))


def _starts(ordered: Numbers) -> Numbers:
    """Return where each run of equal values begins."""
    return np.flatnonzero(np.diff(ordered, prepend=-1))


def _numbered(starts: Numbers, count: int) -> Numbers:
    """Return for each of so many events the number of its unit."""
    begins = np.zeros(count, np.int64)
    begins[starts] = 1
    return np.cumsum(begins) - 1


def _keys(histories: Histories, events: Numbers) -> Numbers:
    """Return for each event a number for its enrolment, in the order of keys (rules.md 4)."""
    words, texts = histories.words, histories.texts[events]
    size = len(words)
    pairs, which = np.unique(texts[:, _CODE] * size + texts[:, _VOLGNUMMER], return_inverse=True)
    keys = [(str(words[pair // size]), str(words[pair % size])) for pair in pairs.tolist()]
    rank = np.empty(len(keys), np.int64)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return rank[which]


def _first_seen(unit: Numbers, text: Numbers) -> Numbers:
    """Return for each text at which of the unit's events it stood first; negative: ABSENT."""
    if not len(unit):
        return unit
    _, first, which = np.unique(
        unit * (int(text.max()) + 3) + text + 2, return_index=True, return_inverse=True
    )
    start = np.searchsorted(unit, unit)
    return np.where(text < 0, text, first[which] - start)


def _day_ranks(unit: Numbers, days: Numbers) -> Numbers:
    """Return the order of each unit's days: equal ones alike, the day after one further.

    Any later day is two further, so that the day after an end date is told from later ones.
    Below 1: no day.
    """
    given = days > 0
    owner = np.broadcast_to(unit[:, None], days.shape)[given]
    distinct, which = np.unique(owner << 24 | days[given], return_inverse=True)
    step = np.full(len(distinct), 2, np.int64)
    step[1:][np.diff(distinct) == 1] = 1
    rank = np.cumsum(step)
    first = np.searchsorted(distinct, owner << 24)
    ranks = np.minimum(days, 0)
    ranks[given] = rank[which] - rank[first] + 1
    return ranks
