"""What a class of rules.md 8 promises, held against rows and events (decisions.md 34 and 35)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, get_args

from projections.store.ask import Selection
from projections.verklaring import Klasse, Telrij, Wijziging
from tests.why_oracle import REFERENCE_TYPES, Stand, enrolments, of_pupils
from tests.why_questions import Asked, Step

CORRECTION_CLASSES: Final = get_args(Klasse)[:7]
MUTATION_CLASSES: Final = get_args(Klasse)[7:]
TLV_TYPES: Final = frozenset(
    {"TlvAfgegeven", "TlvGewijzigd", "TlvIngetrokken", "TlvGekoppeld", "TlvOntkoppeld"}
)
GEEN_SWV: Final = "geen samenwerkingsverband"
DUBBEL: Final = "dubbele inschrijving"


class Told(NamedTuple):
    """A pupil of a step, told forwards: from the end that comes first to the other."""

    asked: Asked
    step: Step
    change: Wijziging

    @property
    def bijdrage(self) -> int:
        """What it adds going forwards."""
        return -self.change.bijdrage if self.step.backwards else self.change.bijdrage

    @property
    def was(self) -> Telrij | None:
        """The row inside the count on the end that comes first."""
        return self.change.na if self.step.backwards else self.change.voor

    @property
    def types(self) -> set[str]:
        """The types of the events that are named."""
        return {event.type for event in self.change.gebeurtenissen}

    def rows(self, *, later: bool) -> list[Stand]:
        """Return all rows of the pupil on an end, counted or not."""
        end = self.step.later if later else self.step.earlier
        return of_pupils(self.asked.truth.rows(end), self.asked.pgns(self.change))

    def knows(self, sleutel: tuple[str, str], *, later: bool) -> bool:
        """Tell whether an enrolment of the pupil is known on an end, for whatever days."""
        end = self.step.later if later else self.step.earlier
        pupils = self.asked.truth.pupils(end.bekend_op)
        return sleutel in enrolments(pupils, self.asked.pgns(self.change))

    def registered(self) -> list[tuple[str, str]]:
        """Return the enrolments that the events register."""
        booked = [self.asked.truth.booked[one.id].event for one in self.change.gebeurtenissen]
        return [
            (one["instellingscode"], one["volgnummer"])
            for one in booked
            if one["type"] == "InschrijvingGeregistreerd"
        ]


def check_classes_of_steps(asked: Asked) -> None:
    """Check that seven classes are of corrections and seven of mutations."""
    for step, change in asked.changes():
        of_step = CORRECTION_CLASSES if step.stap == "correcties" else MUTATION_CLASSES
        assert change.klasse in of_step


def check_classes_of_corrections(asked: Asked) -> None:
    """Check that a class of correction is borne out by rows and events."""
    for step, change in asked.corrections():
        _PROMISES[change.klasse](Told(asked, step, change))


def _late(told: Told) -> None:
    """Check that an end was told late, or an enrolment: a registered one, or what counts now.

    It can also have come over from another pupil, that turned out to be the same one.
    """
    counting = [row.sleutel for row in told.rows(later=True) if row.rij.telt]
    if not told.types & {"UitschrijvingGeregistreerd", "PgnVervangen"}:
        assert any(
            not told.knows(sleutel, later=False) for sleutel in [*told.registered(), *counting]
        )


def _other_dates(told: Told) -> None:
    assert any(name.startswith(("Inschrijving", "Uitschrijving")) for name in told.types)


def _other_attributes(told: Told) -> None:
    assert told.types - REFERENCE_TYPES - TLV_TYPES


def _removed(told: Told) -> None:
    """Check that an enrolment was removed; the pupil's own, when it runs there no more."""
    own = [] if told.was is None else [(told.was.instellingscode, told.was.volgnummer)]
    gone = [sleutel for sleutel in own if not told.knows(sleutel, later=True)]
    assert gone or "InschrijvingVerwijderd" in told.types
    if told.bijdrage < 0 and not [row for row in told.rows(later=True) if row.sleutel in own]:
        assert gone


def _by_tlv(told: Told) -> None:
    assert told.types & TLV_TYPES


def _by_reference(told: Told) -> None:
    assert told.types & REFERENCE_TYPES


def _no_more_double(told: Told) -> None:
    """Check that two pupils became one, or that an enrolment lost the contest before."""
    lost = any(row.rij.reden == DUBBEL for row in told.rows(later=False))
    assert lost or "PgnVervangen" in told.types


_PROMISES: Final[dict[Klasse, Callable[[Told], None]]] = {
    "late registratie": _late,
    "gecorrigeerde datum": _other_dates,
    "gecorrigeerd kenmerk": _other_attributes,
    "verwijderde inschrijving": _removed,
    "tlv-koppeling": _by_tlv,
    "wijziging referentiegegevens": _by_reference,
    "dubbele inschrijving opgelost": _no_more_double,
}


def check_flows_have_a_sign(asked: Asked) -> None:
    """Check that going forwards instroom comes in and uitstroom goes out."""
    for step, change in asked.changes():
        bijdrage = Told(asked, step, change).bijdrage
        assert change.klasse != "instroom" or bijdrage > 0
        assert change.klasse != "uitstroom" or bijdrage < 0


def check_classes_of_mutations(asked: Asked) -> None:
    """Check that the class follows from the rows on both ends (decisions.md 35)."""
    for step, change in asked.changes():
        pgns = asked.pgns(change)
        if step.stap == "mutaties" and asked.is_one_pupil(step, pgns):
            assert change.klasse == _class_of(Told(asked, step, change), asked.selection)


def _class_of(told: Told, selection: Selection) -> Klasse:
    before, after = told.rows(later=False), told.rows(later=True)
    was, now = _funded(before), _funded(after)
    if was is not None and now is not None:
        return _class_of_move(was.rij, now.rij, told.bijdrage, selection)
    if now is not None:
        return "tlv begonnen" if _without_swv(before, now) else "instroom"
    assert was is not None
    return "tlv verlopen" if _without_swv(after, was) else "uitstroom"


def _funded(rows: list[Stand]) -> Stand | None:
    """Return the row that counts for some samenwerkingsverband; a pupil has one at most."""
    return next((row for row in rows if row.rij.telt and row.rij.swv is not None), None)


def _without_swv(rows: list[Stand], other: Stand) -> bool:
    """Tell whether an enrolment that counts by a tlv had nobody to count for."""
    reden = [row.rij.reden for row in rows if row.sleutel == other.sleutel]
    return other.rij.basis == "TLV" and reden == [GEEN_SWV]


def _class_of_move(was: Telrij, now: Telrij, bijdrage: int, selection: Selection) -> Klasse:
    assert was.swv is not None
    assert now.swv is not None
    flow: Klasse = "instroom" if bijdrage > 0 else "uitstroom" if bijdrage < 0 else "doorstroom"
    if was.swv[:2] != now.swv[:2]:
        return flow
    outside = was if bijdrage > 0 else now
    swv, soorten, vestiging = selection.swv, selection.schoolsoorten, selection.vestigingscode
    if was.swv != now.swv and (not bijdrage or swv not in (None, outside.swv)):
        return "overgang naar ander samenwerkingsverband"
    if was.schoolsoort != now.schoolsoort and (
        not bijdrage or (soorten and outside.schoolsoort not in soorten)
    ):
        return "doorstroom"
    if was.vestigingscode != now.vestigingscode and (
        not bijdrage or vestiging not in (None, outside.vestigingscode)
    ):
        return "doorstroom"
    return _class_of_tlv(was, now) or flow


def _class_of_tlv(was: Telrij, now: Telrij) -> Klasse | None:
    if (was.basis == "TLV") != (now.basis == "TLV"):
        return "tlv begonnen" if now.basis == "TLV" else "tlv verlopen"
    other = was.ondersteuningscategorie != now.ondersteuningscategorie
    return "categoriewijziging" if other else None
