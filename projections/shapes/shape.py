"""The shape of a history: all that the rules can see in it, and nothing else.

The fold compares days with each other (which is earlier, which is the day after which), and
tells moments, enrolments and codes apart; it never looks at which day or code it is. Two
histories that agree in all comparisons have rectangles that agree in the same way.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import pairwise
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from projections.shapes.histories import TEXTS, Flags, Histories, Numbers

SIZE: Final = 16
"""Bytes of a shape's digest: two shapes never share one (BLAKE2, 128 bits)."""

_CODE: Final = TEXTS.index("instellingscode")
_VOLGNUMMER: Final = TEXTS.index("volgnummer")


class Part(NamedTuple):
    """Some of the events of each history, and the shape of each.

    `events`: places in the columns, pupil by pupil; `starts[p]` to `starts[p + 1]` are those
    of pupil p; `shapes` one digest per pupil.
    """

    events: Numbers
    starts: Numbers
    shapes: list[bytes]


def enrolment_part(histories: Histories) -> Part:
    """Return the events about enrolments, with all that decides on `standen` (rules.md 4, 5)."""
    events = np.flatnonzero(histories.literal >= 0)
    pupil = histories.pupil[events]
    seen = np.column_stack(
        [
            histories.literal[events],
            _at_same_moment(pupil, histories.moment[events]),
            _key_ranks(pupil, histories, events),
            _first_seen(pupil, histories.texts[events, TEXTS.index("vestigingscode")]),
            _first_seen(pupil, histories.texts[events, TEXTS.index("leerjaar")]),
            _day_ranks(pupil, histories.days[events]),
        ]
    )
    return _part(events, pupil, len(histories.streams), seen)


def person_part(histories: Histories) -> Part:
    """Return the first event of each pupil and those about its birth: they decide on `personen`."""
    first = np.ones(len(histories.pupil), np.bool_)
    first[1:] = histories.pupil[1:] != histories.pupil[:-1]
    events = np.flatnonzero(first | histories.birth)
    pupil = histories.pupil[events]
    seen = np.column_stack(
        [histories.birth[events], _at_same_moment(pupil, histories.moment[events])]
    )
    return _part(events, pupil, len(histories.streams), seen)


def _part(events: Numbers, pupil: Numbers, pupils: int, seen: NDArray[Any]) -> Part:
    starts = np.searchsorted(pupil, np.arange(pupils + 1))
    content = np.ascontiguousarray(seen, np.int64).tobytes()
    width = seen.shape[1] * 8
    edges = (starts * width).tolist()
    shapes = [blake2b(content[one:two], digest_size=SIZE).digest() for one, two in pairwise(edges)]
    return Part(events, starts, shapes)


def _at_same_moment(pupil: Numbers, moment: Numbers) -> Flags:
    """Tell of each event whether it was known at the moment of the one before it."""
    same = np.zeros(len(pupil), np.bool_)
    same[1:] = (pupil[1:] == pupil[:-1]) & (moment[1:] == moment[:-1])
    return same


def _first_seen(pupil: Numbers, text: Numbers) -> Numbers:
    """Return for each text at which of the pupil's events it stood first; negative: ABSENT."""
    if not len(pupil):
        return pupil
    _, first, which = np.unique(
        pupil * (int(text.max()) + 3) + text + 2, return_index=True, return_inverse=True
    )
    start = np.searchsorted(pupil, pupil)
    return np.where(text < 0, text, first[which] - start)


def _key_ranks(pupil: Numbers, histories: Histories, events: Numbers) -> Numbers:
    """Return the place of each event's enrolment among the pupil's, by key (rules.md 4)."""
    if not len(pupil):
        return pupil
    words, texts = histories.words, histories.texts[events]
    size = len(words)
    pairs, which = np.unique(texts[:, _CODE] * size + texts[:, _VOLGNUMMER], return_inverse=True)
    keys = [(str(words[pair // size]), str(words[pair % size])) for pair in pairs.tolist()]
    rank = np.empty(len(keys), np.int64)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return _dense(pupil, rank[which])


def _dense(pupil: Numbers, value: Numbers) -> Numbers:
    """Return the place of each value among the distinct values of its pupil."""
    span = int(value.max()) + 1
    distinct, which = np.unique(pupil * span + value, return_inverse=True)
    return cast("Numbers", which - np.searchsorted(distinct, pupil * span))


def _day_ranks(pupil: Numbers, days: Numbers) -> Numbers:
    """Return the order of each pupil's days: equal ones alike, the day after one further.

    Any later day is two further, so that the day after an end date is told from later ones.
    Below 1: no day.
    """
    given = days > 0
    owner = np.broadcast_to(pupil[:, None], days.shape)[given]
    distinct, which = np.unique(owner << 24 | days[given], return_inverse=True)
    step = np.full(len(distinct), 2, np.int64)
    step[1:][np.diff(distinct) == 1] = 1
    rank = np.cumsum(step)
    first = np.searchsorted(distinct, owner << 24)
    ranks = np.minimum(days, 0)
    ranks[given] = rank[which] - rank[first] + 1
    return ranks
