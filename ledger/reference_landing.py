"""Where the states of one reference object land between what was booked. Pure.

The same as `ledger.state_landing` does for a pupil: told at the moment of the file, and what
was said later is told again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from ledger import checks
from ledger import events as ev
from ledger.deriving.reference import facts_of
from ledger.intake.feed import Parsed
from ledger.landing import Line, Place, place_of
from ledger.mapper import encode_fact
from ledger.opgaven import Opgave
from ledger.reference import Reference
from ledger.state_landing import Identify, Told, positions
from ledger.states import ReferenceStand

_UNBOOKED: Final = 1 << 62
"""Beyond every position: what is told comes after what was booked at its moment."""


class _Object:
    """One reference object: what is known of it, as events and states are taken in."""

    def __init__(
        self, stream: UUID, booked: Sequence[ev.Event], mine: frozenset[Place], identify: Identify
    ) -> None:
        self._stream = stream
        self._identify = identify
        self._made: defaultdict[Place, list[ev.Event]] = defaultdict(list)
        self._kept: list[ev.Event] = []
        for event in sorted(booked, key=lambda one: one.positie):
            place = place_of(event)
            (self._made[place] if place in mine else self._kept).append(event)
        self._kept.sort(key=lambda event: (event.bekend_op, event.positie), reverse=True)
        self._known = {event.identiteit for event in self._kept}
        self._reference = Reference()
        self._taken = _UNBOOKED
        self._last: tuple[datetime, int] | None = None
        self._anew_at: datetime | None = None

    def tell(self, opgave: Opgave) -> Told:
        """Return what becomes of an opgave; what was known before it is taken in first."""
        while self._kept and self._kept[-1].bekend_op <= opgave.bekend_op:
            event = self._kept.pop()
            self._reference.learn(event)
            self._last = event.bekend_op, event.positie
        made = self._made.pop(opgave.row, [])
        facts: list[ev.Fact] = []
        for stand in opgave.standen:
            for fact in facts_of(self._reference, cast("ReferenceStand", stand)):
                facts.append(fact)
                self._learn(fact, opgave.bekend_op)
        refused = tuple(problem for fact in facts for problem in checks.refusals(fact))
        if refused:
            return Told(opgave, refused=refused, lapsed=positions(made))
        if self._stands(opgave.bekend_op, made, facts):
            self._known |= {event.identiteit for event in made}
            self._last = (opgave.bekend_op, made[-1].positie) if made else self._last
            return Told(opgave, warnings=opgave.warnings)
        self._anew_at = opgave.bekend_op
        lines = (_line(opgave, fact, self._identify) for fact in facts)
        new = tuple(line for line in lines if line.identiteit not in self._known)
        self._known |= {line.identiteit for line in new}
        return Told(opgave, new, (), opgave.warnings, positions(made))

    def _stands(self, moment: datetime, made: Sequence[ev.Event], facts: Sequence[ev.Fact]) -> bool:
        """Tell whether the events made before are those that follow, and land where they should."""
        if [event.fact for event in made] != facts or self._anew_at == moment:
            return False
        return not made or self._last is None or self._last < (moment, made[0].positie)

    def _learn(self, fact: ev.Fact, moment: datetime) -> None:
        self._taken += 1
        self._reference.learn(
            ev.Event(
                originator_id=self._stream,
                originator_version=0,
                fact=fact,
                bekend_op=moment,
                positie=self._taken,
            )
        )


def land_reference(
    stream: UUID, booked: Sequence[ev.Event], opgaven: Sequence[Opgave], identify: Identify
) -> Iterator[Told]:
    """Yield what becomes of every opgave about one object, in the order of knowledge."""
    thing = _Object(stream, booked, frozenset(opgave.row for opgave in opgaven), identify)
    for opgave in sorted(opgaven, key=lambda one: one.order):
        yield thing.tell(opgave)


def _line(opgave: Opgave, fact: ev.Fact, identify: Identify) -> Line:
    parsed = Parsed(
        opgave.regelnummer,
        None,
        opgave.bekend_op,
        opgave.bron,
        None,
        fact,
        encode_fact(fact),
        (),
    )
    return Line(parsed, identify(parsed), None, b"", opgave.bestand)
