"""What a row of a teldatum says of an enrolment: the facts that make it so (events.md 2). Pure.

Such a row tells of one day. What differs from what was known is taken to hold for the whole
period in force on that day, except on the other teldata on which DUO counted the enrolment:
what was reported for those stays (assumption: the file does not tell since when).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from msgspec.structs import replace

from ledger import events as ev
from ledger.codes import CLOSED, RESIDENTIAL, SoortVerblijf
from ledger.deriving.enrolment import registration
from ledger.deriving.enrolment_state import tell_corrections
from ledger.deriving.steps import Steps
from ledger.dossier import Inschrijving, Periode, Tlv, geldig_op
from ledger.fold import begin_moved
from ledger.states import ONBEKEND_VERBLIJF, BepalingStand, NietGeteldStand, TeldatumStand


def tell_counted(steps: Steps, stand: TeldatumStand) -> None:
    """Tell an enrolment that DUO counted on a teldatum, and the tlv that it used."""
    sleutel = (stand.instellingscode, stand.volgnummer)
    known = steps.known(sleutel)
    if known is None:
        steps.tell(*registration(_new(stand)))
    else:
        tell_corrections(steps, known, _target(known, stand))
    told = steps.known(sleutel)
    assert told is not None, "the enrolment was told just now"
    _tell_link(steps, told, stand)


def tell_not_counted(steps: Steps, stand: NietGeteldStand) -> None:
    """Tell that DUO no longer counts an enrolment on a teldatum, whatever the cause.

    From then on it is not fundable on that day, which is all that the file says. Nothing
    when DUO said meanwhile that another samenwerkingsverband answers for it.
    """
    known = steps.known((stand.instellingscode, stand.volgnummer))
    if known is None:
        return
    latest = _latest(known).get(stand.teldatum)
    if latest is not None and latest.telt and latest.swv not in {None, stand.swv}:
        return
    if _active(known, stand.teldatum):
        perioden = _on_day(known, known.perioden, stand.teldatum, {"bekostigbaar": False})
        tell_corrections(steps, known, replace(known, perioden=perioden))
    tell_determination(
        steps,
        BepalingStand(
            instellingscode=stand.instellingscode,
            volgnummer=stand.volgnummer,
            teldatum=stand.teldatum,
            swv=None,
            wijze=None,
            ondersteuningscategorie=None,
            telt=False,
        ),
    )


def tell_determination(steps: Steps, stand: BepalingStand) -> None:
    """Tell what DUO determined, unless it is what it reported last for that teldatum."""
    known = steps.known((stand.instellingscode, stand.volgnummer))
    fact = ev.BepalingGemeld(
        instellingscode=stand.instellingscode,
        volgnummer=stand.volgnummer,
        teldatum=stand.teldatum,
        swv=stand.swv,
        wijze=stand.wijze,
        ondersteuningscategorie=stand.ondersteuningscategorie,
        telt=stand.telt,
    )
    if known is None or _latest(known).get(stand.teldatum) != fact:
        steps.tell(fact)


def _new(stand: TeldatumStand) -> Inschrijving:
    periode = Periode(
        vanaf=stand.begindatum,
        vestigingscode=stand.vestigingscode,
        schoolsoort=stand.schoolsoort,
        soort_verblijf=ONBEKEND_VERBLIJF if stand.residentieel else "geen",
        bekostigbaar=True,
        ondersteuningscategorie=None,
        cluster=None,
        leerjaar=None,
        vo_kenmerk=None,
    )
    periode = replace(periode, **_category(periode, stand))
    return Inschrijving(
        stand.instellingscode,
        stand.volgnummer,
        stand.begindatum,
        stand.einddatum,
        (periode,),
        (),
    )


def _target(known: Inschrijving, stand: TeldatumStand) -> Inschrijving:
    """Return the enrolment as known with what the row says of its teldatum."""
    perioden = known.perioden
    if stand.begindatum != known.begindatum:
        perioden = begin_moved(perioden, stand.begindatum)
    if stand.einddatum is not None:  # what would begin after the end never did
        perioden = tuple(one for one in perioden if one.vanaf <= stand.einddatum) or perioden[:1]
    in_force = _in_force(perioden, stand.teldatum)
    given: dict[str, Any] = {
        "vestigingscode": stand.vestigingscode,
        "schoolsoort": stand.schoolsoort,
        "soort_verblijf": _stay(in_force.soort_verblijf, residential=stand.residentieel),
        "bekostigbaar": True,
        **_category(in_force, stand),
    }
    return replace(
        known,
        begindatum=stand.begindatum,
        einddatum=stand.einddatum,
        perioden=_on_day(
            replace(known, einddatum=stand.einddatum), perioden, stand.teldatum, given
        ),
    )


def _stay(known: SoortVerblijf, *, residential: bool) -> SoortVerblijf:
    """Return the sort of stay that fits Ja or Nee: as known where it can be.

    A closed institution stays: the file tells it from no other stay.
    """
    if known in CLOSED or (known in RESIDENTIAL) == residential:
        return known
    return ONBEKEND_VERBLIJF if residential else "geen"


def _category(periode: Periode, stand: TeldatumStand) -> dict[str, Any]:
    """Return the category to register: where no tlv gives it, and not for sbo (rules.md 3).

    Also when DUO used a tlv for a residential pupil: its link is not the school's.
    """
    by_tlv = stand.nummer is not None and not stand.residentieel
    if by_tlv or stand.schoolsoort == "SBO":
        return {}
    if (periode.ondersteuningscategorie or "LAAG") == stand.ondersteuningscategorie:
        return {}
    return {"ondersteuningscategorie": stand.ondersteuningscategorie}


def _on_day(
    known: Inschrijving, perioden: tuple[Periode, ...], day: date, given: dict[str, Any]
) -> tuple[Periode, ...]:
    """Return the periods with attributes given on a day, as they were on other teldata."""
    old = _in_force(perioden, day)
    new = replace(old, **given)
    if new == old:
        return perioden
    place = perioden.index(old)
    until = perioden[place + 1].vanaf if place + 1 < len(perioden) else date.max
    others = sorted(other for other in _counted_on(known) if old.vanaf <= other < until)
    earlier = [other for other in others if other < day]
    later = [other for other in others if other > day]
    made = [old] if earlier else []
    made.append(replace(new, vanaf=day if earlier else old.vanaf))
    if later:
        made.append(replace(old, vanaf=later[0]))
    return _joined((*perioden[:place], *made, *perioden[place + 1 :]))


def _joined(perioden: Iterable[Periode]) -> tuple[Periode, ...]:
    """Return the periods without those that only repeat the one before."""
    joined: list[Periode] = []
    for periode in perioden:
        if not joined or replace(joined[-1], vanaf=periode.vanaf) != periode:
            joined.append(periode)
    return tuple(joined)


def _in_force(perioden: tuple[Periode, ...], day: date) -> Periode:
    return next((one for one in reversed(perioden) if one.vanaf <= day), perioden[0])


def _active(known: Inschrijving, day: date) -> bool:
    return known.begindatum <= day and (known.einddatum is None or day <= known.einddatum)


def _latest(known: Inschrijving) -> dict[date, ev.BepalingGemeld]:
    """Return the last report for each teldatum."""
    return {bepaling.teldatum: bepaling for bepaling in known.bepalingen}


def _counted_on(known: Inschrijving) -> list[date]:
    """Return the days of the enrolment on which DUO counted it."""
    latest = _latest(known).items()
    return [day for day, bepaling in latest if bepaling.telt and _active(known, day)]


def _tell_link(steps: Steps, known: Inschrijving, stand: TeldatumStand) -> None:
    """Tell that DUO used a tlv; take away DUO's links that it would have used instead."""
    key: dict[str, Any] = {
        "instellingscode": stand.instellingscode,
        "volgnummer": stand.volgnummer,
    }
    used = steps.dossier.tlvs.get(stand.nummer or "")
    for link in known.koppelingen:
        tlv = steps.dossier.tlvs.get(link.nummer)
        if link.door == "duo" and tlv is not None and _contradicts(tlv, used, stand, known):
            steps.tell(ev.TlvOntkoppeld(**key, nummer=link.nummer, door="duo"))
    if stand.nummer is not None and all(link.nummer != stand.nummer for link in known.koppelingen):
        steps.tell(ev.TlvGekoppeld(**key, nummer=stand.nummer, door="duo"))


def _contradicts(tlv: Tlv, used: Tlv | None, stand: TeldatumStand, known: Inschrijving) -> bool:
    """Tell whether a tlv would decide on the teldatum, while the row says another or none did.

    Not when DUO counted by a tlv on another teldatum on which this one is valid: then the
    link may be the one of that day.
    """
    if tlv.nummer == stand.nummer or not geldig_op(tlv, stand.teldatum):
        return False
    if stand.nummer is None and stand.residentieel:
        return False  # a link by DUO decides nothing there (rules.md 3, rule 1)
    if used is not None and (tlv.begindatum, tlv.nummer) < (used.begindatum, used.nummer):
        return False
    return not any(
        bepaling.wijze == "TLV" and day != stand.teldatum and geldig_op(tlv, day)
        for day, bepaling in _latest(known).items()
    )
