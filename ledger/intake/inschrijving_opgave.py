"""What a school says of one enrolment, whatever the form of the file: is it right, and as states.

Pure. The rules are those of the ledger itself: each is asked of the facts that a first
registration would be (events.md 4), so that a file is refused for what a feed is refused for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from msgspec import NODEFAULT, UNSET, UnsetType
from msgspec.structs import fields, replace

from ledger import checks
from ledger import events as ev
from ledger.dossier import EMPTY
from ledger.fold import Senseless, apply
from ledger.problems import Problem
from ledger.states import (
    InschrijvingStand,
    LeerlingStand,
    PeriodeStand,
    PupilStand,
    VerwijderdStand,
    WoonplaatsStand,
)

ATTRIBUTES: Final[Mapping[str, Any]] = {
    field.name: field.default
    for field in fields(ev.PeriodeVanInschrijving)
    if field.default not in (NODEFAULT, UNSET)
}
"""The attributes that a period may lack, each with what it is then (events.md 1)."""

_REMEDIES: Final = {"einddatum": "controleer de einddatum en het begin van de laatste periode"}
"""What to do in a file, where the fold speaks of events."""


class Opgave(NamedTuple):
    """One enrolment as told: every field of its form, the whole not yet judged.

    One that is `verwijderd` may lack begin and periods.
    """

    instellingscode: str
    volgnummer: str
    begindatum: date | None
    einddatum: date | None = None
    perioden: tuple[PeriodeStand, ...] = ()
    tlv: tuple[str, ...] | UnsetType = UNSET
    oorspronkelijke_begindatum: date | UnsetType = UNSET
    geboortedatum: date | None = None
    woonplaatsen: tuple[ev.WoonplaatsVastgelegd, ...] = ()
    verwijderd: bool = False
    reden: str | None = None


def standen_of(opgave: Opgave) -> tuple[PupilStand, ...]:
    """Return the states of an enrolment that is right: the pupil first, the enrolment last."""
    born, lives = opgave.geboortedatum, opgave.woonplaatsen
    return (
        *(() if born is None else (LeerlingStand(geboortedatum=born),)),
        *(
            WoonplaatsStand(vanaf=w.vanaf, pc4=w.pc4, buitenland=w.buitenland, swv=w.swv)
            for w in lives
        ),
        _removed(opgave) if opgave.verwijderd else _enrolled(opgave),
    )


def problems_of(opgave: Opgave) -> list[Problem]:
    """Return all that is wrong with an enrolment, and with what is told of its pupil."""
    born = opgave.geboortedatum
    problems = [] if born is None else checks.refusals(ev.LeerlingGeregistreerd(geboortedatum=born))
    for woonplaats in opgave.woonplaatsen:
        problems += checks.refusals(woonplaats)
    if not opgave.verwijderd:
        problems += _out_of_bounds(opgave.oorspronkelijke_begindatum, opgave)
        problems += _enrolment_problems(opgave)
    return problems


def told_alike(perioden: tuple[PeriodeStand, ...]) -> tuple[PeriodeStand, ...]:
    """Return periods that tell of the same attributes.

    A source that names an attribute in one period of an enrolment knows it: where it leaves it
    out there is none. One that names it nowhere does not tell of it.
    """
    told = {
        name: default
        for name, default in ATTRIBUTES.items()
        if any(getattr(periode, name) is not UNSET for periode in perioden)
    }
    return tuple(
        replace(
            periode,
            **{name: told[name] for name in told if getattr(periode, name) is UNSET},
        )
        for periode in perioden
    )


def _removed(opgave: Opgave) -> VerwijderdStand:
    return VerwijderdStand(
        instellingscode=opgave.instellingscode, volgnummer=opgave.volgnummer, reden=opgave.reden
    )


def _enrolled(opgave: Opgave) -> InschrijvingStand:
    assert opgave.begindatum is not None, "an enrolment without begin was refused"
    return InschrijvingStand(
        instellingscode=opgave.instellingscode,
        volgnummer=opgave.volgnummer,
        begindatum=opgave.begindatum,
        einddatum=opgave.einddatum,
        perioden=told_alike(opgave.perioden),
        tlv=opgave.tlv,
        oorspronkelijke_begindatum=opgave.oorspronkelijke_begindatum,
    )


def _enrolment_problems(opgave: Opgave) -> Iterator[Problem]:
    if opgave.begindatum is None or not opgave.perioden:
        return  # its reader says what is missing
    key: dict[str, Any] = {
        "instellingscode": opgave.instellingscode,
        "volgnummer": opgave.volgnummer,
    }
    first = opgave.perioden[0]
    registered = ev.InschrijvingGeregistreerd(
        **key,
        begindatum=opgave.begindatum,
        einddatum=opgave.einddatum,
        vestigingscode=first.vestigingscode,
        schoolsoort=first.schoolsoort,
        tlv=opgave.tlv or (),
    )
    with_periods = ev.InschrijvingGecorrigeerd(
        **key,
        perioden=tuple(
            ev.PeriodeVanInschrijving(
                vanaf=one.vanaf, vestigingscode=one.vestigingscode, schoolsoort=one.schoolsoort
            )
            for one in opgave.perioden
        ),
    )
    wrong = [*checks.refusals(registered), *checks.refusals(with_periods)]
    yield from wrong or _senseless(registered, with_periods)


def _senseless(*facts: ev.Fact) -> Iterator[Problem]:
    """Yield why facts cannot follow each other, if so."""
    dossier = EMPTY
    try:
        for fact in facts:
            dossier = apply(dossier, fact)
    except Senseless as senseless:
        remedy = _REMEDIES.get(senseless.veld, senseless.remedie)
        yield Problem(senseless.veld, senseless.regel, remedy)


def _out_of_bounds(day: date | UnsetType, opgave: Opgave) -> Iterator[Problem]:
    """Yield that the begin under which it was sent before cannot be a begin."""
    if day is UNSET:
        return
    moved = ev.InschrijvingGecorrigeerd(
        instellingscode=opgave.instellingscode, volgnummer=opgave.volgnummer, begindatum=day
    )
    for problem in checks.refusals(moved):
        yield problem._replace(veld="oorspronkelijke_begindatum")
