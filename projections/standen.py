"""One pupil's events as rectangles of valid time by knowledge time (rules.md 5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from ledger import events as ev
from ledger.reference import Moment, Reference
from projections.attribution import BY_RESIDENCE, asks
from projections.items import Item, Rectangle, Stand
from projections.leerling import Leerling, Step
from projections.tracker import Slots, Tracker

Told = defaultdict[datetime, list[tuple[str, ev.Event]]]
"""The events of each moment, each with the pupil that it was about, as known then."""


class Touched(NamedTuple):
    """The reference objects that the events of a pupil name: a change of theirs can matter."""

    vestigingen: frozenset[str]
    pc4s: frozenset[str]


UNTOUCHED: Final = Touched(frozenset(), frozenset())


def touched(booked: Iterable[ev.Event]) -> Touched:
    """Return the vestigingen and postcode areas that a pupil's events name.

    None for a pupil without an enrolment that is attributed: nobody has to answer, so no
    change of reference data can matter (rules.md 3).
    """
    vestigingen: set[str] = set()
    pc4s: set[str] = set()
    asks = False
    for event in booked:
        fact = event.fact
        if isinstance(fact, ev.WoonplaatsVastgelegd):
            if fact.pc4 is not None:
                pc4s.add(fact.pc4)
            continue
        asks = asks or is_attributed_by(fact)
        code = getattr(fact, "vestigingscode", None)
        if isinstance(code, str):
            vestigingen.add(code)
        if isinstance(fact, ev.InschrijvingGecorrigeerd) and isinstance(fact.perioden, tuple):
            vestigingen.update(periode.vestigingscode for periode in fact.perioden)
    if not asks:
        return UNTOUCHED
    return Touched(frozenset(vestigingen), frozenset(pc4s))


def is_attributed_by(fact: ev.Fact) -> bool:
    """Tell whether a fact makes an enrolment one that a samenwerkingsverband answers for."""
    if asks(getattr(fact, "schoolsoort", None)):
        return True
    return (
        isinstance(fact, ev.InschrijvingGecorrigeerd)
        and isinstance(fact.perioden, tuple)
        and any(asks(periode.schoolsoort) for periode in fact.perioden)
    )


def rectangles(
    booked: Sequence[ev.Event], reference: Reference, objects: Touched
) -> list[Rectangle]:
    """Return the rectangles of a pupil from the events of all streams that belong together.

    `objects` are those that the events touch. Two streams are two pupils until the moment
    at which a `PgnVervangen` joins them (decisions.md). Depends on nothing but the
    arguments: any set of pupils can be computed anywhere.
    """
    group = _Group(reference)
    tracker = Tracker()
    told: Told = defaultdict(list)
    for step in _steps(booked, reference, objects):
        new = group.learn(step)
        if step[1] is not None and new:
            told[step[0][0]].append((group.leerling(step[1]), step[1]))
        tracker.see(step[0], group.slots())
    return [
        _with_what_it_rests_on(rectangle, known)
        if len(known := told[rectangle.bekend_van]) > 1
        else rectangle
        for rectangle in tracker.finish()
    ]


def _with_what_it_rests_on(
    rectangle: Rectangle, known: Sequence[tuple[str, ev.Event]]
) -> Rectangle:
    """Return a rectangle that also names the facts of its moment that its answer rests on.

    Booked before the opening event they changed no row by themselves: a tlv that was linked
    to nothing yet, a residence without an enrolment, what was told under another PGN that
    was replaced at the same moment.
    """
    stand = rectangle.item
    if not isinstance(stand, Stand):
        return rectangle
    before = [(who, event) for who, event in known if event.positie < rectangle.geopend_door]
    replaced = any(
        isinstance(event.fact, ev.PgnVervangen) and event.positie == rectangle.geopend_door
        for _, event in known
    )
    resting = {
        event.positie
        for who, event in before
        if (who == stand.leerling and _rests_on(stand, event.fact))
        or (replaced and (_rests_on(stand, event.fact) or _is_about(stand, event.fact)))
    }
    return rectangle._replace(mede=tuple(sorted(resting.union(rectangle.mede))))


def _rests_on(stand: Stand, fact: ev.Fact) -> bool:
    if isinstance(fact, ev.TlvAfgegeven | ev.TlvGewijzigd | ev.TlvIngetrokken):
        return fact.nummer == stand.nummer
    return isinstance(fact, ev.WoonplaatsVastgelegd) and stand.wijze in BY_RESIDENCE


def _is_about(stand: Stand, fact: ev.Fact) -> bool:
    if not isinstance(fact, ev.Enrolment) or isinstance(
        fact, ev.OntwikkelingsperspectiefVastgesteld
    ):
        return False
    return (fact.instellingscode, fact.volgnummer) == (stand.instellingscode, stand.volgnummer)


def _steps(booked: Sequence[ev.Event], reference: Reference, objects: Touched) -> list[Step]:
    """Return the events, and the moments of reference data that touch them, in order."""
    steps: list[Step] = [((event.bekend_op, event.positie), event) for event in booked]
    steps.sort(key=_moment)
    if not steps:
        return steps
    first = steps[0][0]
    later = {moment for moment in reference.moments(*objects) if moment > first}
    if later:
        steps += [(moment, None) for moment in later]
        steps.sort(key=_moment)
    return steps


def _moment(step: Step) -> Moment:
    return step[0]


class _Group:
    """The streams that belong together, as the pupils they are known to be by now."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._by_stream: dict[UUID, Leerling] = {}
        # Events come a stream at a time, and the hash of its id is not kept.
        self._latest: tuple[UUID, Leerling] | None = None

    def learn(self, step: Step) -> bool:
        """Take in an event and tell whether it says anything new."""
        event = step[1]
        if event is None:
            for leerling in self._leerlingen():
                leerling.learn(step)
            return True
        new = self._of(event.originator_id).learn(step)
        if isinstance(event.fact, ev.PgnVervangen) and isinstance(event.fact.nieuw, UUID):
            self._join(event.originator_id, event.fact.nieuw)
        return new

    def leerling(self, event: ev.Event) -> str:
        """Return the pupil that an event is about, as known after it."""
        return self._of(event.originator_id).leerling

    def slots(self) -> Slots:
        if len(self._by_stream) == 1:
            return next(iter(self._by_stream.values())).slots()
        leerlingen = self._leerlingen()
        slots: dict[Hashable, tuple[Item, ...]] = {}
        for leerling in leerlingen:
            slots.update(leerling.slots())
        return slots

    def _leerlingen(self) -> list[Leerling]:
        return list(dict.fromkeys(self._by_stream.values()))

    def _of(self, stream: UUID) -> Leerling:
        if self._latest is not None and self._latest[0] is stream:
            return self._latest[1]
        leerling = self._by_stream.get(stream)
        if leerling is None:
            leerling = self._by_stream[stream] = Leerling(stream, self._reference)
        self._latest = stream, leerling
        return leerling

    def _join(self, old: UUID, new: UUID) -> None:
        """Make two streams one pupil: the one known first, that learns all events anew."""
        self._latest = None
        one, two = self._by_stream[old], self._by_stream.get(new)
        if two is None or two is one:
            self._by_stream[new] = one
            return
        first = min(one, two, key=lambda leerling: leerling.steps[0][0])
        joined = Leerling(UUID(first.leerling), self._reference)
        steps = {step[0]: step for step in one.steps + two.steps}
        for moment in sorted(steps):
            joined.learn(steps[moment])
        for stream, leerling in self._by_stream.items():
            if leerling is one or leerling is two:
                self._by_stream[stream] = joined
