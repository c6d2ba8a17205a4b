"""One pupil's events as rectangles of valid time by knowledge time (rules.md 5)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from uuid import UUID

from ledger import events as ev
from ledger.reference import Reference
from projections.items import Item, Rectangle
from projections.leerling import Leerling, Step
from projections.tracker import Slots, Tracker


def rectangles(booked: Iterable[ev.Event], reference: Reference) -> list[Rectangle]:
    """Return the rectangles of a pupil from the events of all streams that belong together.

    Two streams are two pupils until the moment at which a `PgnVervangen` joins them
    (decisions.md). Depends on nothing but the arguments: any set of pupils can be
    computed anywhere.
    """
    group = _Group(reference)
    tracker = Tracker()
    for step in _steps(list(booked), reference):
        group.learn(step)
        tracker.see(step[0], group.slots())
    return tracker.finish()


def _steps(booked: list[ev.Event], reference: Reference) -> list[Step]:
    """Return the events, and the moments of reference data that touch them, in order."""
    steps: list[Step] = [((event.bekend_op, event.positie), event) for event in booked]
    touching = reference.moments(set(touched_vestigingen(booked)), set(touched_pc4s(booked)))
    if touching:
        first = min(moment for moment, _ in steps)
        steps += [(moment, None) for moment in set(touching) if moment > first]
    return sorted(steps, key=lambda step: step[0])


def touched_vestigingen(booked: Iterable[ev.Event]) -> Iterator[str]:
    """Yield the vestigingen that events of a pupil name: a link of theirs can matter."""
    for event in booked:
        fact = event.fact
        if isinstance(fact, ev.InschrijvingGecorrigeerd) and isinstance(fact.perioden, tuple):
            yield from (periode.vestigingscode for periode in fact.perioden)
        code = getattr(fact, "vestigingscode", None)
        if isinstance(code, str):
            yield code


def touched_pc4s(booked: Iterable[ev.Event]) -> Iterator[str]:
    """Yield the postcode areas that events of a pupil name."""
    for event in booked:
        if isinstance(event.fact, ev.WoonplaatsVastgelegd) and event.fact.pc4 is not None:
            yield event.fact.pc4


class _Group:
    """The streams that belong together, as the pupils they are known to be by now."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._by_stream: dict[UUID, Leerling] = {}

    def learn(self, step: Step) -> None:
        event = step[1]
        if event is None:
            for leerling in self._leerlingen():
                leerling.learn(step)
            return
        self._of(event.originator_id).learn(step)
        if isinstance(event.fact, ev.PgnVervangen) and isinstance(event.fact.nieuw, UUID):
            self._join(event.originator_id, event.fact.nieuw)

    def slots(self) -> Slots:
        leerlingen = self._leerlingen()
        if len(leerlingen) == 1:
            return leerlingen[0].slots()
        slots: dict[Hashable, tuple[Item, ...]] = {}
        for leerling in leerlingen:
            slots.update(leerling.slots())
        return slots

    def _leerlingen(self) -> list[Leerling]:
        return list(dict.fromkeys(self._by_stream.values()))

    def _of(self, stream: UUID) -> Leerling:
        if stream not in self._by_stream:
            self._by_stream[stream] = Leerling(stream, self._reference)
        return self._by_stream[stream]

    def _join(self, old: UUID, new: UUID) -> None:
        """Make two streams one pupil: the one known first, that learns all events anew."""
        one, two = self._by_stream[old], self._by_stream.get(new)
        if two is None or two is one:
            self._by_stream[new] = one
            return
        first = min(one, two, key=lambda leerling: leerling.steps[0][0])
        joined = Leerling(first.leerling, self._reference)
        steps = {step[0]: step for step in one.steps + two.steps}
        for moment in sorted(steps):
            joined.learn(steps[moment])
        for stream, leerling in self._by_stream.items():
            if leerling is one or leerling is two:
                self._by_stream[stream] = joined
