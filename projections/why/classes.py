"""The class of a change (rules.md 8): seven of corrections, seven of mutations.

First what the rows on both sides show; where an enrolment runs on both sides, the event
that changed it. The readings are in decisions.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from msgspec import UNSET

from ledger import events as ev
from ledger.codes import sector_of_swv
from projections.store.ask import Selection
from projections.store.rectangles import ATTRIBUTES, StandRectangle
from projections.telt import DUBBEL, GEEN_SWV, TELT
from projections.verklaring import CORRECTIES, Klasse
from projections.why.case import Case
from projections.why.causes import Change
from projections.why.pairs import Rows, funded

Facts = Mapping[int, ev.Fact]
"""The facts of the events that are named as causes, by position."""

_OF_FACT: Final[dict[str, Klasse]] = {
    ev.InschrijvingGeregistreerd.__name__: "late registratie",
    ev.UitschrijvingGeregistreerd.__name__: "late registratie",
    ev.UitschrijvingIngetrokken.__name__: "gecorrigeerde datum",
    ev.InschrijvingVerwijderd.__name__: "verwijderde inschrijving",
    ev.TlvAfgegeven.__name__: "tlv-koppeling",
    ev.TlvGewijzigd.__name__: "tlv-koppeling",
    ev.TlvIngetrokken.__name__: "tlv-koppeling",
    ev.TlvGekoppeld.__name__: "tlv-koppeling",
    ev.TlvOntkoppeld.__name__: "tlv-koppeling",
    **dict.fromkeys(ev.REFERENCE_FACTS, "wijziging referentiegegevens"),
}
"""What a fact known later makes of a row that was there; others correct a kenmerk."""

_OF_OTHERS: Final = frozenset({TELT, DUBBEL, GEEN_SWV})
"""What a row tells of counting that does not rest on attributes of its own period."""

_OF_ATTRIBUTE: Final[dict[str, Klasse]] = {
    "swv": "overgang naar ander samenwerkingsverband",
    "schoolsoort": "doorstroom",
    "vestigingscode": "doorstroom",
}
"""What a mutation is called by the first attribute that differs; the others go by the tlv.

A categorie that changes because a tlv begins or ends is a tlv that begins or ends.
"""


def class_of(case: Case, facts: Facts, selection: Selection) -> Klasse:
    """Return the class of a change; `facts` holds those of its causes."""
    if case.step.stap == CORRECTIES:
        return _class_of_correction(case, facts)
    return _class_of_mutation(case, selection)


def _class_of_correction(case: Case, facts: Facts) -> Klasse:
    fact = _deciding_fact(case, case.decisive, facts)
    if isinstance(fact, ev.PgnVervangen) and case.pair.after is None:
        return "dubbele inschrijving opgelost"
    counts, counted = _counting(case.after), _counting(case.before)
    if counts is not None:
        earlier = _of_key(case.before, counts)
        if earlier is None:
            return _class_of_coming(case, counts)
        if earlier.reden == DUBBEL and not _still_double(case):
            return "dubbele inschrijving opgelost"
    if counted is not None and _of_key(case.after, counted) is None:
        return _class_of_going(case, counted, facts)
    return _class_of_fact(case, fact)


def _still_double(case: Case) -> bool:
    """Tell whether the enrolment that won before runs on, and now loses the contest."""
    winner = _counting(case.before)
    row = None if winner is None else _of_key(case.after, winner)
    return row is not None and row.reden == DUBBEL


def _class_of_coming(case: Case, counts: StandRectangle) -> Klasse:
    """Return the class of an enrolment that turns out to run on the day."""
    at = next(
        change.at
        for change in reversed(case.changes)
        if _of_key(change.after, counts) and not _of_key(change.before, counts)
    )
    known = _known(case, counts, at - 1) or _known(case, counts, case.step.one.known)
    return "gecorrigeerde datum" if known else "late registratie"


def _class_of_going(case: Case, counted: StandRectangle, facts: Facts) -> Klasse:
    """Return the class of an enrolment that turns out not to run on the day."""
    change = next(
        change
        for change in reversed(case.changes)
        if _of_key(change.before, counted) and not _of_key(change.after, counted)
    )
    if not _known(case, counted, change.at):
        again = _known(case, counted, case.step.two.known)  # removed, and registered anew
        return "gecorrigeerde datum" if again else "verwijderde inschrijving"
    fact = _deciding_fact(case, change, facts)
    first = isinstance(fact, ev.UitschrijvingGeregistreerd) and not _ended_before(case, fact)
    return "late registratie" if first else "gecorrigeerde datum"


def _class_of_fact(case: Case, fact: ev.Fact) -> Klasse:
    """Return the class that the deciding event gives to an enrolment that runs on both sides."""
    if isinstance(fact, ev.InschrijvingGeregistreerd) and _about(case, fact):
        return "gecorrigeerd kenmerk"  # removed and registered anew at one moment
    if isinstance(fact, ev.InschrijvingGecorrigeerd) and _dates_only(fact):
        return "gecorrigeerde datum"
    if isinstance(fact, ev.UitschrijvingGeregistreerd) and _ended_before(case, fact):
        return "gecorrigeerde datum"
    return _OF_FACT.get(ev.topic_of(fact), "gecorrigeerd kenmerk")


def _deciding_fact(case: Case, change: Change, facts: Facts) -> ev.Fact:
    """Return the event that decided a change: the last of its moment that can have done it.

    The end of an enrolment that runs on both sides does nothing on a day within; and a tlv
    makes no enrolment count that was closed, of cluster 1 or 2, or not funded.
    """
    running = {row.sleutel for row in case.before} & {row.sleutel for row in case.after}
    barred = any(row.reden not in _OF_OTHERS for row in case.before + case.after)

    def weight(position: int) -> tuple[bool, int]:
        fact = facts[position]
        if isinstance(fact, ev.UitschrijvingGeregistreerd | ev.UitschrijvingIngetrokken):
            return (fact.instellingscode, fact.volgnummer) not in running, position
        return not (barred and _OF_FACT.get(ev.topic_of(fact)) == "tlv-koppeling"), position

    return facts[max((position for _, position in change.causes), key=weight)]


def _class_of_mutation(case: Case, selection: Selection) -> Klasse:
    before, after = case.pair
    if before is None:
        return "tlv begonnen" if _lacked_swv(case.before, after) else "instroom"
    if after is None:
        return "tlv verlopen" if _lacked_swv(case.after, before) else "uitstroom"
    return _class_of_move(before, after, case.pair.bijdrage, selection)


def _class_of_move(
    before: StandRectangle, after: StandRectangle, bijdrage: int, selection: Selection
) -> Klasse:
    """Return the class of a pupil that counts for a samenwerkingsverband on both sides."""
    if sector_of_swv(before.swv or "") != sector_of_swv(after.swv or ""):
        return _flow(bijdrage)
    weighing = ATTRIBUTES if not bijdrage else _narrowed(selection)
    for name, klasse in _OF_ATTRIBUTE.items():
        if name in weighing and getattr(before, name) != getattr(after, name):
            return klasse
    if (before.basis == "TLV") != (after.basis == "TLV"):
        return "tlv begonnen" if after.basis == "TLV" else "tlv verlopen"
    if before.ondersteuningscategorie != after.ondersteuningscategorie:
        return "categoriewijziging"
    return _flow(bijdrage)


def _flow(bijdrage: int) -> Klasse:
    return "instroom" if bijdrage > 0 else "uitstroom" if bijdrage < 0 else "doorstroom"


def _lacked_swv(rows: Rows, other: StandRectangle | None) -> bool:
    """Tell whether an enrolment that counts by a tlv ran on without one, and without anybody."""
    if other is None or other.basis != "TLV":
        return False
    row = _of_key(rows, other)
    return row is not None and row.reden == GEEN_SWV


def _narrowed(selection: Selection) -> Collection[str]:
    """Return the attributes of _OF_ATTRIBUTE that a selection narrows by."""
    by = {
        "swv": selection.swv,
        "schoolsoort": selection.schoolsoorten,
        "vestigingscode": selection.vestigingscode,
    }
    return {name for name, value in by.items() if value}


def _counting(rows: Rows) -> StandRectangle | None:
    """Return the row that counts, also one of BO or VO."""
    return next(iter(funded(rows)), None) or next((row for row in rows if row.telt), None)


def _of_key(rows: Rows, wanted: StandRectangle) -> StandRectangle | None:
    return next((row for row in rows if row.sleutel == wanted.sleutel), None)


def _known(case: Case, wanted: StandRectangle, moment: int) -> bool:
    """Tell whether an enrolment was known at a moment, for whatever days."""
    return any(
        row.bekend_van <= moment < row.bekend_tot
        for row in case.rectangles
        if row.sleutel == wanted.sleutel
    )


def _about(case: Case, fact: ev.Enrolment) -> bool:
    """Tell whether a fact is about an enrolment that runs on both sides."""
    sleutel = (fact.instellingscode, fact.volgnummer)
    return all(any(row.sleutel == sleutel for row in rows) for rows in (case.before, case.after))


def _ended_before(case: Case, fact: ev.UitschrijvingGeregistreerd) -> bool:
    """Tell whether an end of this enrolment was known already."""
    known = case.step.one.known
    return any(
        row.einddatum is not None
        for row in case.rectangles
        if row.sleutel == (fact.instellingscode, fact.volgnummer)
        and row.bekend_van <= known < row.bekend_tot
    )


def _dates_only(fact: ev.InschrijvingGecorrigeerd) -> bool:
    """Tell whether a correction names a begin or an end, and nothing of a period."""
    given = {name for name in fact.__struct_fields__ if getattr(fact, name) is not UNSET}
    return given <= {"instellingscode", "volgnummer", "begindatum", "einddatum"}
