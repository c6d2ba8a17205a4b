"""Where the states of one reference object land between what was booked. Pure.

The same as `ledger.state_landing` does for a pupil: told at the moment of the file, and what
was said later is told again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast
from uuid import UUID

from ledger import checks
from ledger import events as ev
from ledger.deriving.reference import facts_of
from ledger.intake.feed import Parsed
from ledger.landing import Line
from ledger.mapper import encode_fact
from ledger.opgaven import Opgave
from ledger.problems import Problem
from ledger.reference import Reference
from ledger.state_landing import Identify, Told
from ledger.states import ReferenceStand

_UNBOOKED = 1 << 62
"""Beyond every position: what is told comes after what was booked at its moment."""


def land_reference(
    stream: UUID, booked: Sequence[ev.Event], opgaven: Sequence[Opgave], identify: Identify
) -> Iterator[Told]:
    """Yield what becomes of every opgave about one object, in the order of knowledge."""
    events = sorted(booked, key=lambda event: (event.bekend_op, event.positie))
    known = {event.identiteit for event in events}
    reference, place, number = Reference(), 0, _UNBOOKED
    for opgave in sorted(opgaven, key=lambda one: one.order):
        while place < len(events) and events[place].bekend_op <= opgave.bekend_op:
            reference.learn(events[place])
            place += 1
        lines, refused = [], list[Problem]()
        for stand in opgave.standen:
            for fact in facts_of(reference, cast("ReferenceStand", stand)):
                refused += checks.refusals(fact)
                line = _line(opgave, fact, identify)
                if refused or line.identiteit in known:
                    continue
                known.add(line.identiteit)
                lines.append(line)
                number += 1
                reference.learn(
                    ev.Event(
                        originator_id=stream,
                        originator_version=0,
                        fact=fact,
                        bekend_op=opgave.bekend_op,
                        positie=number,
                    )
                )
        if refused:
            yield Told(opgave, refused=tuple(refused))
        else:
            yield Told(opgave, tuple(lines), (), opgave.warnings)


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
