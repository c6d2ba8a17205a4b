"""The class of a correction (rules.md 8): first what the rows show, then the deciding event.

The readings are in decisions.md.
"""

from __future__ import annotations

from typing import Final

from msgspec import UNSET

from ledger import events as ev
from projections.store.rectangles import StandRectangle
from projections.telt import DUBBEL
from projections.verklaring import Klasse
from projections.why.case import Case
from projections.why.deciding import Facts, deciding_fact, of_key, runs_on_both_sides
from projections.why.pairs import Rows, funded

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


def class_of_correction(case: Case, facts: Facts) -> Klasse:
    """Return the class of what became known otherwise about a pupil on one teldatum."""
    fact = deciding_fact(case, case.decisive, facts)
    if isinstance(fact, ev.PgnVervangen) and case.pair.after is None:
        return "dubbele inschrijving opgelost"
    counts, counted = _counting(case.after), _counting(case.before)
    if counts is not None:
        earlier = of_key(case.before, counts)
        if earlier is None:
            return _class_of_coming(case, counts)
        if earlier.reden == DUBBEL and not _still_double(case):
            return "dubbele inschrijving opgelost"
    if counted is not None and of_key(case.after, counted) is None:
        return _class_of_going(case, counted, facts)
    return _class_of_fact(case, fact)


def _still_double(case: Case) -> bool:
    """Tell whether the enrolment that won before runs on, and now loses the contest."""
    winner = _counting(case.before)
    row = None if winner is None else of_key(case.after, winner)
    return row is not None and row.reden == DUBBEL


def _class_of_coming(case: Case, counts: StandRectangle) -> Klasse:
    """Return the class of an enrolment that turns out to run on the day."""
    at = next(
        change.at
        for change in reversed(case.changes)
        if of_key(change.after, counts) and not of_key(change.before, counts)
    )
    known = _known(case, counts, at - 1) or _known(case, counts, case.step.one.known)
    return "gecorrigeerde datum" if known else "late registratie"


def _class_of_going(case: Case, counted: StandRectangle, facts: Facts) -> Klasse:
    """Return the class of an enrolment that turns out not to run on the day."""
    change = next(
        change
        for change in reversed(case.changes)
        if of_key(change.before, counted) and not of_key(change.after, counted)
    )
    if not _known(case, counted, change.at):
        again = _known(case, counted, case.step.two.known)  # removed, and registered anew
        return "gecorrigeerde datum" if again else "verwijderde inschrijving"
    fact = deciding_fact(case, change, facts)
    first = isinstance(fact, ev.UitschrijvingGeregistreerd) and not _ended_before(case, fact)
    return "late registratie" if first else "gecorrigeerde datum"


def _class_of_fact(case: Case, fact: ev.Fact) -> Klasse:
    """Return the class that the deciding event gives to an enrolment that runs on both sides."""
    if isinstance(fact, ev.InschrijvingGeregistreerd) and runs_on_both_sides(case, fact):
        return "gecorrigeerd kenmerk"  # removed and registered anew at one moment
    if isinstance(fact, ev.InschrijvingGecorrigeerd) and _dates_only(fact):
        return "gecorrigeerde datum"
    if isinstance(fact, ev.UitschrijvingGeregistreerd) and _ended_before(case, fact):
        return "gecorrigeerde datum"
    return _OF_FACT.get(ev.topic_of(fact), "gecorrigeerd kenmerk")


def _counting(rows: Rows) -> StandRectangle | None:
    """Return the row that counts, also one of BO or VO."""
    return next(iter(funded(rows)), None) or next((row for row in rows if row.telt), None)


def _known(case: Case, wanted: StandRectangle, moment: int) -> bool:
    """Tell whether an enrolment was known at a moment, for whatever days."""
    return any(
        row.bekend_van <= moment < row.bekend_tot
        for row in case.rectangles
        if row.sleutel == wanted.sleutel
    )


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
