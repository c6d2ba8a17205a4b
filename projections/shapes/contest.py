"""Which enrolments of a pupil can win from which, and the shape of one that can lose.

An enrolment that counts by itself covers others on its days (rules.md 4). What the others see
of it is only that: its *claims*, days as known from a moment until another. So the rectangles
of an enrolment follow from its own events and from the claims on its days, and its shape takes
of other enrolments only the events that decide on their claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, Final, NamedTuple

import numpy as np

from projections.shapes.filling import Column, Rows
from projections.shapes.histories import ABSENT, DAYS, TEXTS, Flags, Histories, Numbers
from projections.shapes.shape import Part, at_same_moment, dense, lines_of, part_of, seen
from projections.shapes.template import Cells
from projections.store.rows import Row
from projections.store.schema import STANDEN
from projections.telt import union

CLAIMS: Final = Cells(
    columns=5, streams=(), days=(0, 1, 2), moments=(3, 4), positions=(), texts={}, absent=(),
    rest=(),
)  # fmt: skip
"""The columns of a claim: van, tot, begindatum, bekend_van, bekend_tot."""

_NAMES: Final = list(STANDEN)
_VAN, _TOT, _BEGIN, _BEKEND_VAN, _BEKEND_TOT, _TELT = map(
    _NAMES.index, ("geldig_van", "geldig_tot", "begindatum", "bekend_van", "bekend_tot", "telt")
)


def claims(standen: Sequence[Row]) -> list[Row]:
    """Return the claims of an enrolment by its rows of `standen`, made as if it were alone."""
    counting = [row for row in standen if row[_TELT]]
    moments = {row[place] for row in counting for place in (_BEKEND_VAN, _BEKEND_TOT)}
    known = [
        (_claimed(counting, since), since, until) for since, until in pairwise(sorted(moments))
    ]
    made: list[Row] = []
    for (begin, days), alike in groupby(known, key=itemgetter(0)):
        _, since, until = zip(*alike, strict=True)
        made += [(van, tot, begin, since[0], until[-1]) for van, tot in days]
    return made


def _claimed(
    counting: Sequence[Row], moment: int
) -> tuple[int | None, tuple[tuple[int, int], ...]]:
    """Return the begindatum as known at a moment, and the days on which the enrolment counts."""
    holding = [row for row in counting if row[_BEKEND_VAN] <= moment < row[_BEKEND_TOT]]
    days = union((), tuple((row[_VAN], row[_TOT]) for row in holding))
    return (holding[0][_BEGIN] if holding else None), days


class Deciding(NamedTuple):
    """The events of an enrolment that decide on its claims: their places, and which days of each.

    Of two enrolments with the same `kind` these events decide in the same way.
    """

    kind: tuple[object, ...]
    places: tuple[int, ...]
    given: tuple[tuple[bool, ...], ...]


def deciding(lines: Numbers, part: Part, unit: int, histories: Histories) -> Deciding:
    """Return what decides on the claims of a shape, by the template of its claims.

    Where several events of one moment may have taken each other's effect away, all decide.
    """
    events = part.events[part.starts[unit] : part.stops[unit]]
    moments = histories.moment[events]
    if at_same_moment(np.zeros_like(moments), moments).any():
        all_days = ((True,) * len(DAYS),) * len(events)
        return Deciding((part.shapes[unit],), tuple(range(len(events))), all_days)
    days, known = lines[:, : len(CLAIMS.days)], lines[:, len(CLAIMS.days) : -1]
    cells = {divmod(cell // 2, len(DAYS)) for cell in days[days >= 0].tolist()}
    places = sorted({place for place, _ in cells}.union(known[known >= 0].tolist()))
    given = tuple(tuple((place, field) in cells for field in range(len(DAYS))) for place in places)
    return Deciding(tuple(_told_by(lines, places)), tuple(places), given)


def _told_by(lines: Numbers, places: Sequence[int]) -> Iterable[tuple[int, ...]]:
    """Yield the lines of a template of claims with their events numbered among `places`."""
    number = {place: at for at, place in enumerate(places)}
    per_event = 2 * len(DAYS)
    for line in lines.tolist():
        *days, since, until, _ = line
        yield (
            *(
                cell if cell < 0 else number[cell // per_event] * per_event + cell % per_event
                for cell in days
            ),
            number[since],
            number.get(until, until),
        )


class Kinds:
    """What decides on the claims of every shape met so far, to look up for many at once."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[object, ...], int] = {}
        self._of: dict[bytes, tuple[int, int, int]] = {}
        self._places: list[int] = []
        self._given: list[tuple[bool, ...]] = []

    def learn(self, shape: bytes, known: Deciding) -> None:
        """Take in what decides on the claims of a shape."""
        kind = self._kinds.setdefault(known.kind, len(self._kinds))
        self._of[shape] = kind, len(self._places), len(known.places)
        self._places += known.places
        self._given += known.given

    def events(self, shapes: Iterable[bytes]) -> tuple[Numbers, Numbers, Numbers, Flags]:
        """Return the deciding events of units: of which one, its kind, their places and days."""
        found = np.array([self._of[shape] for shape in shapes], np.int64).reshape(-1, 3)
        kind, first, count = found.T
        owner, line = lines_of(first, count)
        used, which = np.unique(line, return_inverse=True)
        places = np.array([self._places[at] for at in used.tolist()], np.int64)
        given = np.array([self._given[at] for at in used.tolist()], np.bool_)
        return owner, kind[owner], places[which], given.reshape(-1, len(DAYS))[which]


def rivals(
    histories: Histories, part: Part, units: Numbers, claimed: tuple[Rows, Sequence[Column]]
) -> tuple[Numbers, Numbers]:
    """Return pairs of units: one, and another of the same pupil that may win from it.

    By their claims: both claim a day at some moment, and the other does not begin before it
    (rules.md 4: the latest begindatum wins; whose key is lower is left to the fold). What is
    known of them at one moment may come one event after the other; and what a unit of which
    several events share a moment claimed in between, no claim tells.
    """
    rows, columns = claimed
    van, tot, begin, bekend_van, bekend_tot = (column.values for column in columns)
    one, two = _beside(rows.pupil)
    meet = (
        (begin[one] <= begin[two])
        & (np.maximum(van[one], van[two]) < np.minimum(tot[one], tot[two]))
        & (
            np.maximum(bekend_van[one], bekend_van[two])
            <= np.minimum(bekend_tot[one], bekend_tot[two])
        )
    )
    mine, other = _beside(part.pupil[units])
    hasty = _hasty(histories, part)[units]
    unsure = hasty[mine] | hasty[other]
    loser = np.concatenate([rows.unit[one[meet]], units[mine[unsure]]])
    winner = np.concatenate([rows.unit[two[meet]], units[other[unsure]]])
    span = max(1, len(part.shapes))
    return np.divmod(np.unique((loser * span + winner)[loser != winner]), span)


def _beside(pupil: Numbers) -> tuple[Numbers, Numbers]:
    """Return all pairs of places of a pupil; those of a pupil stand together."""
    first = np.searchsorted(pupil, pupil, "left")
    return lines_of(first, np.searchsorted(pupil, pupil, "right") - first)


def _hasty(histories: Histories, part: Part) -> Flags:
    """Tell of units whether several of their events were known at one moment."""
    unit = np.repeat(np.arange(len(part.shapes)), part.stops - part.starts)
    hasty = np.zeros(len(part.shapes), np.bool_)
    hasty[unit[at_same_moment(unit, histories.moment[part.events])]] = True
    return hasty


def contested(
    histories: Histories, part: Part, pairs: tuple[Numbers, Numbers], kinds: Kinds
) -> tuple[Histories, Part]:
    """Return the histories and units with those that may lose in a shape with their rivals."""
    losers, loser = np.unique(pairs[0], return_inverse=True)
    if not len(losers):
        return histories, part
    own, mine = lines_of(part.starts[losers], (part.stops - part.starts)[losers])
    pair, kind, place, given = kinds.events([part.shapes[one] for one in pairs[1].tolist()])
    winner = pairs[1][pair]
    event = np.concatenate([part.events[mine], part.events[part.starts[winner] + place]])
    unit = np.concatenate([own, loser[pair]])
    whose = np.concatenate([losers[own], winner])
    order = np.lexsort((histories.positie[event], histories.moment[event], unit))
    is_own = order < len(own)
    days = np.concatenate([np.ones((len(own), len(DAYS)), np.bool_), given])[order]
    seen_as = np.concatenate([np.zeros(len(own), np.int64), -2 - kind])[order]
    event, unit, whose = event[order], unit[order], whose[order]
    more = histories._replace(
        pupil=histories.pupil[event],
        moment=histories.moment[event],
        positie=histories.positie[event],
        literal=np.where(is_own, histories.literal[event], seen_as),
        birth=histories.birth[event],
        days=np.where(days, histories.days[event], 0),
        texts=np.where(is_own[:, None], histories.texts[event], ABSENT),
    )
    told = [is_own, dense(unit, whose), *seen(more, np.arange(len(event)), unit)]
    starts = np.searchsorted(unit, np.arange(len(losers)))
    return _joined(histories, part, more, losers, part_of(unit, starts, losers, told))


def _joined(
    histories: Histories, part: Part, more: Histories, losers: Numbers, lost: Part
) -> tuple[Histories, Part]:
    """Return histories with more events after them, and some units with those instead."""
    shapes, starts, stops = list(part.shapes), part.starts.copy(), part.stops.copy()
    beyond = len(part.events)
    starts[losers], stops[losers] = lost.starts + beyond, lost.stops + beyond
    for unit, shape in zip(losers.tolist(), lost.shapes, strict=True):
        shapes[unit] = shape
    events = np.concatenate(
        [part.events, len(histories.pupil) + np.arange(len(more.pupil), dtype=np.int64)]
    )

    def both(name: str) -> Any:  # noqa: ANN401 - an array
        return np.concatenate([getattr(histories, name), getattr(more, name)])

    known = histories._replace(
        pupil=both("pupil"),
        moment=both("moment"),
        positie=both("positie"),
        literal=both("literal"),
        birth=both("birth"),
        days=both("days"),
        texts=both("texts"),
    )
    return known, Part(events, starts, stops, part.pupil, shapes)


def sharing_vestiging(histories: Histories, part: Part) -> Flags:
    """Tell of pupils whether two of their units name one vestiging."""
    named = histories.texts[part.events, TEXTS.index("vestigingscode")]
    unit = np.repeat(np.arange(len(part.shapes)), part.stops - part.starts)
    span = len(histories.words) + 1
    distinct = np.unique((unit * span + named)[named >= 0])
    pupil, word = part.pupil[distinct // span], distinct % span
    _, first, count = np.unique(pupil * span + word, return_index=True, return_counts=True)
    shared = np.zeros(len(histories.streams), np.bool_)
    shared[pupil[first[count > 1]]] = True
    return shared
