"""How an administration tells of a leg: in time or late, right or wrong and mended."""

from __future__ import annotations

from datetime import date
from typing import Final

from synthetic.dossier import Dossier, Inschrijving, Tlv
from synthetic.mistakes import in_order, register
from synthetic.moments import (
    LAST_DAY,
    august,
    plus,
    school_year,
)
from synthetic.plans import RESIDENTIAL, Leg
from synthetic.told import LONG, Fields, Told

LINKED_WITH_THE_ENROLMENT: Final = 0.72
NEVER_LINKED: Final = 0.04


def tell_leg(dossier: Dossier, leg: Leg, tlvs: list[Tlv]) -> Told:
    """Tell of one leg: the registration, what changed during it, the links, the end."""
    enrolment = Inschrijving(leg.vestiging.code[:4], dossier.desk.volgnummer(), "")
    told = Told(dossier, leg, tlvs, enrolment)
    fields = _fields(leg)
    known = plus(leg.begin, dossier.rng.choice((-20, -5, 0, 1, 2, 3, 4, 5, 7, 14)))
    at_once = [tlv for tlv in tlvs if _linked_at_once(told, tlv, known)]
    if at_once:
        fields["tlv"] = [tlv.nummer for tlv in at_once]
    register(told, known, fields)
    if not _plan_changes(told):
        _plan_withdrawn_end(told)
    _plan_links(told, [tlv for tlv in tlvs if tlv not in at_once])
    if leg.end:
        _plan_end(told, leg.end)
    told.work_off()
    return told


def _fields(leg: Leg) -> Fields:
    """Return the fields of the registration of a leg, defaults omitted."""
    fields: Fields = {
        "begindatum": leg.begin.isoformat(),
        "vestigingscode": leg.vestiging.code,
        "schoolsoort": leg.soort,
    }
    if leg.verblijf != "geen":
        fields["soort_verblijf"] = leg.verblijf
    if leg.cluster:
        fields["cluster"] = leg.cluster
    if leg.vo_kenmerk:
        fields["vo_kenmerk"] = leg.vo_kenmerk
    return fields


def _linked_at_once(told: Told, tlv: Tlv, known: date) -> bool:
    in_time = tlv.begin <= told.leg.begin and tlv.issued < known.isoformat()
    return in_time and told.dossier.rng.random() < LINKED_WITH_THE_ENROLMENT


def _plan_links(told: Told, tlvs: list[Tlv]) -> None:
    """Plan the links that were not made at once: most soon, some late, some never."""
    rng = told.dossier.rng
    for tlv in tlvs:
        if rng.random() < NEVER_LINKED:
            continue
        start = max(tlv.begin, told.leg.begin)
        told.plan_link(plus(start, rng.choice((-10, 2, 5, 8, 15, 30, 60, 200))), tlv)
    if told.leg.verblijf in RESIDENTIAL:
        _plan_residential_links(told)


def _plan_residential_links(told: Told) -> None:
    """Plan the link to a tlv that still runs: DUO's own, or now and then the school's."""
    rng = told.dossier.rng
    sector = "VO" if told.leg.soort == "VSO" else "PO"
    running = [
        tlv
        for tlv in told.dossier.tlvs
        if tlv.valid(told.leg.begin) and tlv.nummer.startswith(sector) and tlv.categorie != "SBO"
    ]
    for tlv in running[-1:]:
        if rng.random() < 0.7:  # noqa: PLR2004 - share that DUO or the school links
            told.plan_link(plus(told.leg.begin, 30), tlv, rng.choice(("duo", "duo", "school")))


def _plan_changes(told: Told) -> bool:
    """Plan what changes at the start of a school year; return whether anything does."""
    leg, rng, shape = told.leg, told.dossier.rng, told.dossier.desk.shape
    years = range(max(school_year(leg.begin), shape.leerjaar_since) + 1, LAST_DAY.year)
    summers = [august(year) for year in years if plus(leg.begin, LONG) < august(year) <= leg.last]
    told_each_year = rng.random() < shape.leerjaar_told
    for place, summer in enumerate(summers):
        change = _change(told) if place == 0 else {}
        if told_each_year:
            change = in_order({**change, "leerjaar": min(2 + place, 8)})
        if change:
            known = plus(summer, rng.randint(1, 25))
            told.plan(known, "InschrijvingGewijzigd", vanaf=summer.isoformat(), **change)
    return bool(told.agenda)


def _change(told: Told) -> Fields:
    """Return what changes once in the leg, for some: the vestiging, the stay, the kenmerk."""
    leg, rng = told.leg, told.dossier.rng
    draw = rng.random()
    siblings = told.dossier.desk.places.siblings(leg.vestiging, leg.soort)
    if leg.vo_kenmerk == "nieuwkomer":
        return {"vo_kenmerk": "lwoo"}
    if siblings and draw < 0.15:  # noqa: PLR2004 - share of moves inside an instelling
        return {"vestigingscode": rng.choice(siblings).code}
    if leg.needs_tlv and leg.soort != "SBO" and draw > 0.96:  # noqa: PLR2004 - share
        return {"soort_verblijf": rng.choice(RESIDENTIAL)}
    return {}


def _plan_withdrawn_end(told: Told) -> None:
    """Plan an end that was announced and taken back, for some."""
    leg, rng = told.leg, told.dossier.rng
    end = plus(august(school_year(leg.begin) + 1), -1)
    if leg.end == end or end >= leg.last or (end - leg.begin).days < LONG:
        return
    if rng.random() < 0.02:  # noqa: PLR2004 - share that stays after all
        told.plan(plus(end, -40), "UitschrijvingGeregistreerd", einddatum=end.isoformat())
        told.plan(plus(end, -15), "UitschrijvingIngetrokken")


def _plan_end(told: Told, end: date) -> None:
    """Plan the end of the leg: in time, months late (a double enrolment), or mended."""
    rng = told.dossier.rng
    known = plus(end, rng.choice((-14, 0, 1, 2, 3, 5, 8)))
    draw = rng.random()
    if draw < 0.04:  # noqa: PLR2004 - share of schools that forget
        known = plus(end, rng.randint(60, 260))
    if 0.04 < draw < 0.08:  # noqa: PLR2004 - share of ends that are mended
        wrong = plus(end, rng.choice((3, 10, 30)))
        told.plan(known, "UitschrijvingGeregistreerd", einddatum=wrong.isoformat())
        mended = plus(known, rng.randint(10, 240))
        told.plan(mended, "InschrijvingGecorrigeerd", einddatum=end.isoformat())
        return
    told.plan(known, "UitschrijvingGeregistreerd", einddatum=end.isoformat())
