"""What the causes of cases are called: their events in words, their pupils by PGN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ledger import events as ev
from ledger.application import FIRST_PUPIL, Ledger
from projections.persons import pgns
from projections.store.ask import AsOf
from projections.store.encoding import moment_of
from projections.store.read_model import ReadModel
from projections.told import Told, told
from projections.verklaring import Gebeurtenis
from projections.why.case import Case
from projections.why.causes import UnexplainedChangeError


class Spoken(NamedTuple):
    """The facts and the words of events by position, and the PGN's by pupil id."""

    facts: Mapping[int, ev.Fact]
    words: Mapping[int, Told]
    pgns: Mapping[str, str]

    def pgn(self, case: Case) -> str:
        """Return by which PGN the pupil of a case goes; empty once forgotten."""
        return self.pgns.get(case.leerling, "")

    def events(self, case: Case, fixed: datetime) -> tuple[Gebeurtenis, ...]:
        """Return the events of a case, held against the vaststelling of its teldatum."""
        words = [self.words[position] for _, position in case.causes]
        return tuple([gebeurtenis_of(event, fixed) for event in words])


def spoken(
    ledger: Ledger, model: ReadModel, sides: Sequence[AsOf], cases: Sequence[Case]
) -> Spoken:
    """Return how to speak of cases, in a few queries for all together.

    Raises UnexplainedChangeError when an event is not where the read model says.
    """
    events = _events(ledger, cases)
    return Spoken(
        {position: event.fact for position, event in events.items()},
        {event.positie: event for event in told(ledger, list(events.values()))},
        _pgns(ledger, model, sides, {case.leerling for case in cases}),
    )


def _events(ledger: Ledger, cases: Sequence[Case]) -> dict[int, ev.Event]:
    """Return the events that are named as causes; each is known when its step says."""
    positions = {position for case in cases for _, position in case.causes}
    events = {event.positie: event for event in ledger.events_at(sorted(positions))}
    others: list[tuple[Case, ev.Event]] = []
    for case in cases:
        own = {case.groep, case.leerling}
        for known, position in case.causes:
            event = events.get(position)
            if event is None or event.bekend_op != moment_of(known):
                raise _no_cause(case, position)
            if event.originator_id.hex not in own:
                others.append((case, event))
    _check_others(ledger, others)
    return events


def _check_others(ledger: Ledger, others: Sequence[tuple[Case, ev.Event]]) -> None:
    """Raise when an event is of another pupil; reference data belong to all."""
    streams = {event.originator_id for _, event in others}
    groups = ledger.vault.groups(stream for stream in streams if stream.hex >= FIRST_PUPIL)
    for case, event in others:
        groep = groups.get(event.originator_id)
        if groep is not None and groep.hex != case.groep:
            raise _no_cause(case, event.positie)


def _no_cause(case: Case, position: int) -> UnexplainedChangeError:
    return UnexplainedChangeError(case.rectangles, f"gebeurtenis {position} is niet de oorzaak")


def _pgns(
    ledger: Ledger, model: ReadModel, sides: Sequence[AsOf], leerlingen: set[str]
) -> dict[str, str]:
    """Return by which PGN pupils go, as known on the side that knows most of them."""
    found: dict[str, str] = {}
    for side in sorted(sides, key=lambda side: side.known, reverse=True):
        missing = leerlingen - found.keys()
        if missing:
            found |= pgns(ledger, model, side, missing)
    return found


def gebeurtenis_of(event: Told, fixed: datetime) -> Gebeurtenis:
    """Return an event in words, held against the vaststelling of a teldatum."""
    return Gebeurtenis(
        id=event.positie,
        type=event.type,
        bekend_op=event.bekend_op,
        geboekt_op=event.geboekt_op,
        vaststelling="voor" if event.bekend_op <= fixed else "na",
        bron=event.bron,
        bestand=event.bestand,
        regel=event.regel,
        sleutel=event.sleutel,
        omschrijving=event.omschrijving,
    )
