"""Signals that only the log can tell: what has no effect on replay, and why nobody answers.

A pupil is replayed with the fold of the ledger; two PGN's that were joined are one pupil.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from ledger import events as ev
from ledger.dossier import EMPTY, Woonplaats
from ledger.fold import Senseless, apply, replay
from projections.attribution import residence
from projections.signalen.beeld import Beeld
from projections.signalen.model import Grond, Loop, Vondst, Waar, Wie
from projections.store.ask_signalen import Rij
from projections.store.encoding import day_number, day_of, moment_number
from projections.telt import GEEN_SWV

_HOME = frozenset({ev.WoonplaatsVastgelegd.__name__})


def zonder_effect(beeld: Beeld) -> Iterator[Vondst]:
    """Yield the events that make no sense where they land (rules.md 1): booked, no effect."""
    by_key = {(row.groep, row.sleutel): row for row in beeld.in_schooljaar}
    rows = {row.groep: row for row in reversed(beeld.rijen)}
    for groep, events in sorted(beeld.gebeurtenissen.items()):
        for pupil in _pupils(events):
            for event, why in senseless(pupil):
                yield _without_effect(event, why, by_key, rows.get(groep))


def senseless(events: Iterable[ev.Event]) -> Iterator[tuple[ev.Event, Senseless]]:
    """Yield the events of a pupil, in order of knowledge, that have no effect, and why."""
    dossier = EMPTY
    for event in events:
        try:
            dossier = apply(dossier, event.fact)
        except Senseless as why:
            yield event, why


def _pupils(events: Sequence[ev.Event]) -> list[list[ev.Event]]:
    """Return the events of a group of streams per pupil, as joined by then (events.md 1)."""
    pupil_of = {event.originator_id: event.originator_id for event in events}
    for event in events:
        if isinstance(event.fact, ev.PgnVervangen) and isinstance(event.fact.nieuw, UUID):
            old, gone = pupil_of[event.originator_id], pupil_of.get(event.fact.nieuw)
            for stream in [one for one, pupil in pupil_of.items() if pupil == gone]:
                pupil_of[stream] = old
    found: defaultdict[UUID, list[ev.Event]] = defaultdict(list)
    for event in events:
        found[pupil_of[event.originator_id]].append(event)
    return list(found.values())


def _without_effect(
    event: ev.Event, why: Senseless, by_key: dict[tuple[str, tuple[str, str]], Rij], own: Rij | None
) -> Vondst:
    fact, row, waar = event.fact, None, Waar()
    who: Wie = "samenwerkingsverband"
    if isinstance(fact, ev.Enrolment):
        key = fact.instellingscode, fact.volgnummer
        groep = "" if own is None else own.groep
        row = by_key.get((groep, key))
        waar, who = Waar(*key), "school"
    if event.bron == "duo":
        who = "DUO"
    nummer = getattr(fact, "nummer", "")
    return Vondst(
        "zonder-effect",
        f"{type(fact).__name__}: {why.regel}; {why.remedie}",
        row,
        leerling=event.originator_id.hex if own is None else own.leerling,
        beschikkingsnummer=nummer if isinstance(nummer, str) else "",
        gronden=(Grond(moment_number(event.bekend_op), (event.positie,)),),
        wie=who,
        waar=waar,
    )


def pc4_zonder_samenwerkingsverband(beeld: Beeld) -> Iterator[Vondst]:
    """Yield an enrolment that nobody answers for, of a pupil in a PC4 area that has nobody.

    With a PC4 rule 5 would have decided (rules.md 3): that nobody answers says that the table
    lacks the area, or names no samenwerkingsverband of this sector for it.
    """
    for row, home in _undecided(beeld):
        if home is not None and home.pc4 is not None:
            said = f"postcodegebied {home.pc4} heeft geen samenwerkingsverband"
            yield _nobody(beeld, row, "pc4-zonder-samenwerkingsverband", said)


def geen_samenwerkingsverband(beeld: Beeld) -> Iterator[Vondst]:
    """Yield an enrolment that no rule decides (rules.md 3, rule 8), and what is lacking.

    One that only lacks the samenwerkingsverband of a PC4 area is a signal of its own.
    """
    for row, home in _undecided(beeld):
        if home is None:
            said = "geen tlv, geen vorige inschrijving en geen woonplaats bekend"
        elif home.buitenland:
            said = "woonplaats in het buitenland, en de vestiging is niet aangesloten"
        elif home.pc4 is None:
            said = (
                "van de woonplaats is alleen een samenwerkingsverband van een andere sector bekend"
            )
        else:
            continue
        yield _nobody(beeld, row, "geen-samenwerkingsverband", said)


def _undecided(beeld: Beeld) -> Iterator[tuple[Rij, Woonplaats | None]]:
    """Yield the enrolments that nobody answers for, each with the residence that rule 5 saw."""
    rows = [row for row in beeld.rijen if row.reden == GEEN_SWV]
    events = beeld.events_of({row.groep for row in rows}, _HOME)
    for row in rows:
        begin, van = day_of(row.begindatum), day_of(row.geldig_van)
        pupil = _pupil_of(row, events[row.groep])
        yield row, residence(replay(event.fact for event in pupil), begin, van)


def _pupil_of(row: Rij, events: Sequence[ev.Event]) -> list[ev.Event]:
    """Return the events of the pupil of a row, of those in its group of streams."""
    pupils = _pupils(events)
    return next(
        pupil for pupil in pupils if row.leerling in {event.originator_id.hex for event in pupil}
    )


def _nobody(beeld: Beeld, row: Rij, signaal: str, said: str) -> Vondst:
    run = Loop(row, day_number(beeld.teldatum), ("reden",))
    return Vondst(signaal, said, row, lopen=(run,))
