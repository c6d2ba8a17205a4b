"""One pupil in one step of a difference: its rows on both sides, and what changed between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from projections.store.ask import AsOf, Selection
from projections.store.encoding import day_number
from projections.store.read_model import ReadModel
from projections.store.rectangles import (
    StandRectangle,
    batches,
    groups_differing,
    joins,
    rectangles_of,
    tlv_borders,
)
from projections.verklaring import CORRECTIES, Stap
from projections.why.causes import (
    Cause,
    Change,
    TlvDays,
    UnexplainedChangeError,
    corrections,
    mutations,
)
from projections.why.pairs import Pair, Point, Rows, is_counted, pairs, rows_at
from projections.why.threads import lineage_of, thread_of

_GROEP: Final = attrgetter("groep")
NO_TLVS: Final[Mapping[str, TlvDays]] = {}


class Step(NamedTuple):
    """From one point to a later one along one axis; `richting` is -1 when it was asked backwards.

    What happened is told forwards, whichever way was asked: only the sign turns round.
    """

    stap: Stap
    one: AsOf
    two: AsOf
    richting: int


class Case(NamedTuple):
    """A pupil that a step changed: all rows of it on both sides, and the changes between.

    `rectangles` are what was known of it at any moment of the step; `causes` are all events
    that are named, in the order of knowledge.
    """

    step: Step
    pair: Pair
    rectangles: Rows
    before: list[StandRectangle]
    after: list[StandRectangle]
    changes: tuple[Change, ...]
    causes: tuple[Cause, ...]

    @property
    def leerling(self) -> str:
        """The pupil, under the id by which it goes on the later side."""
        row = self.pair.after or self.pair.before
        assert row is not None
        return row.leerling

    @property
    def groep(self) -> str:
        """The group of streams that the pupil is in."""
        return self.rectangles[0].groep

    @property
    def bijdrage(self) -> int:
        """What the pupil adds to the difference that was asked for: -1, 0 or 1."""
        return self.pair.bijdrage * self.step.richting

    @property
    def places(self) -> tuple[int, ...]:
        """Which attributes differ between two rows inside the count; none when one is absent."""
        before, after = self.pair
        if self.pair.bijdrage or before is None or after is None:
            return ()
        both = zip(before.attributes, after.attributes, strict=True)
        return tuple(place for place, (one, two) in enumerate(both) if one != two)

    @property
    def decisive(self) -> Change:
        """The last change of membership or, where that stayed, of an attribute that differs.

        Raises UnexplainedChangeError when there is none.
        """
        for change in reversed(self.changes):
            if self._counts_as(change.before) != self._counts_as(change.after):
                return change
        raise UnexplainedChangeError(self.rectangles, "een verschil zonder oorzaak")

    def _counts_as(self, rows: Rows) -> list[tuple[str | None, ...]]:
        inside = [row.attributes for row in rows if is_counted(row)]
        return sorted((tuple(row[place] for place in self.places) for row in inside), key=repr)


def steps(van: AsOf, naar: AsOf) -> list[Step]:
    """Return the corrections at the first teldatum, then the mutations as known last."""
    between = AsOf(van.teldatum, naar.bekend_op)
    found = []
    if van.known != between.known:
        found.append(_step(CORRECTIES, van, between, backwards=van.known > between.known))
    if between.teldatum != naar.teldatum:
        backwards = between.teldatum > naar.teldatum
        found.append(_step("mutaties", between, naar, backwards=backwards))
    return found


def _step(stap: Stap, one: AsOf, two: AsOf, *, backwards: bool) -> Step:
    return Step(stap, two, one, -1) if backwards else Step(stap, one, two, 1)


def cases(model: ReadModel, step: Step, selection: Selection) -> Iterator[Case]:
    """Yield every pupil whose membership or attributes differ over a step."""
    groups = sorted(groups_differing(model, step.one, step.two, selection))
    # Where an enrolment ran on other days tells of corrections alone.
    days = None if step.stap == CORRECTIES else (step.one.teldatum, step.two.teldatum)
    for part in batches(groups):
        known = max(step.one.known, step.two.known)
        rows = rectangles_of(model, part, known, selection, days)
        tlvs = tlv_borders(model, part, known, days) if days else NO_TLVS
        for group in grouped(rows):
            yield from cases_of(step, group, joins_of(model, group), tlvs)


def grouped(rows: Iterable[StandRectangle]) -> Iterator[list[StandRectangle]]:
    """Yield the rows of one group of streams after another."""
    return (list(group) for _, group in groupby(rows, key=_GROEP))


def joins_of(model: ReadModel, group: Rows) -> Mapping[str, int]:
    """Return which pupils of a group became another, and from when on that was known."""
    leerlingen = {row.leerling for row in group}
    return joins(model, leerlingen) if len(leerlingen) > 1 else {}


def cases_of(
    step: Step, rectangles: Rows, joins: Mapping[str, int], tlvs: Mapping[str, TlvDays] = NO_TLVS
) -> Iterator[Case]:
    """Yield what a step changed for one group of streams, of which these are all rectangles.

    `joins` tells of pupils that a `PgnVervangen` made one with another, and from when on;
    `tlvs` of the days on which a pupil's tlv's begin or have ended. Raises
    UnexplainedChangeError when nothing made a difference.
    """
    one, two = _point(step.one), _point(step.two)
    joined = {leerling for leerling, moment in joins.items() if moment <= two.known}
    whole = rows_at(rectangles, one), rows_at(rectangles, two)
    found = pairs(*whole, joined)
    for pair in found:
        if pair.differs:
            if step.stap == CORRECTIES:
                thread = thread_of(rectangles, pair, found, joined)
                changes = tuple(corrections(thread, one, two))
            else:
                thread = lineage_of(rectangles, pair, found, joined)
                days = [tlvs[who] for who in sorted(pair.leerlingen) if who in tlvs]
                changes = tuple(mutations(thread, one, two, days[0] if days else {}))
            causes = tuple(sorted({cause for change in changes for cause in change.causes}))
            if not causes:
                raise UnexplainedChangeError(thread, f"{step.stap} zonder oorzaak")
            part = len(thread) < len(rectangles)
            sides = (rows_at(thread, one), rows_at(thread, two)) if part else whole
            # What was over before, more than half as a rule, is held no longer than it takes.
            told = [row for row in thread if one.known < row.bekend_tot]
            yield Case(step, pair, told, *sides, changes, causes)


@lru_cache(maxsize=16)
def _point(as_of: AsOf) -> Point:
    return Point(day_number(as_of.teldatum), as_of.known)
