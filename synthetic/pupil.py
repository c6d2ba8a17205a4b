"""One drawn pupil: where it lives, which schools it goes to, and all that is told of it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Final

from synthetic.desk import Desk, Numbers
from synthetic.dossier import Dossier
from synthetic.moments import LAST_DAY, VASTSTELLINGEN, plus, teldatum_after
from synthetic.places import SECONDARY
from synthetic.plans import Leg, draw_birth, draw_career, draw_legs
from synthetic.telling import tell_leg
from synthetic.tlvs import cover, issue_unused
from synthetic.told import Told

BRIDGED: Final = 28
"""Days of a gap that the school before has to close (outputs-and-rules.md 5.2)."""

SHARE: Final = {
    "bepaling": 0.05,
    "uitschrijving verplaatst": 0.5,
}


def draw_pupil(desk: Desk, numbers: Numbers) -> Dossier:
    """Return the dossier of one drawn pupil."""
    rng = desk.rng
    pc4 = rng.choice(desk.homes) if rng.random() > 0.008 else desk.places.without_area  # noqa: PLR2004 - share
    legs = draw_legs(desk, pc4, draw_career(desk))
    without_bsn = rng.random() < desk.shape.onderwijsnummer
    pgn = next(numbers.onderwijsnummer if without_bsn else numbers.bsn)
    dossier = Dossier(desk, pgn, draw_birth(desk, legs))
    home = _settle(dossier, legs, pc4)
    _tell(dossier, legs, home)
    if without_bsn and rng.random() < 0.6:  # noqa: PLR2004 - share that gets a BSN
        dossier.replace_pgn(next(numbers.bsn), plus(legs[0].begin, rng.randint(90, 500)))
    return dossier


def _settle(dossier: Dossier, legs: list[Leg], pc4: str) -> list[tuple[date, str]]:
    """Tell where the pupil lives; return the PC4 areas from a day on, "" for abroad."""
    rng, first = dossier.rng, legs[0]
    since, known = plus(first.begin, -rng.randint(0, 900)), plus(first.begin, -1)
    school = first.vestiging.code[:4]
    draw = rng.random()
    if draw < 0.01:  # noqa: PLR2004 - share from abroad
        dossier.live(since, known, school, buitenland=True)
        return [(date.min, "")]
    if draw < 0.013 and pc4 in dossier.desk.places.areas:  # noqa: PLR2004 - share without address
        dossier.live(since, known, school, swv=list(dossier.desk.places.areas[pc4]))
        return [(date.min, pc4)]
    dossier.live(since, known, school, pc4=pc4)
    homes = [(date.min, pc4)]
    for before, leg in pairwise(legs):
        if leg.pc4 != before.pc4:
            homes.append((leg.begin, leg.pc4))
            dossier.live(leg.begin, plus(leg.begin, rng.randint(-20, 40)), school, pc4=leg.pc4)
    if len(homes) == 1 and rng.random() < dossier.desk.shape.moved:
        moved = plus(first.begin, rng.randint(60, 900))
        if moved < LAST_DAY:
            homes.append((moved, dossier.desk.moved_nearby(pc4)))
            dossier.live(moved, plus(moved, rng.randint(-5, 90)), school, pc4=homes[-1][1])
    return homes


def _swv(dossier: Dossier, leg: Leg, homes: list[tuple[date, str]]) -> str:
    """Return the samenwerkingsverband that issues a tlv for the leg."""
    pc4 = [pc4 for since, pc4 in homes if since <= leg.begin][-1]
    own = leg.vestiging.swv(leg.soort)
    swv_po, swv_vo = dossier.desk.responsible(pc4, (own, own))
    return swv_vo if leg.soort in SECONDARY else swv_po


def _tell(dossier: Dossier, legs: list[Leg], homes: list[tuple[date, str]]) -> None:
    """Tell of all legs, one by one, and of what joins two of them."""
    rng = dossier.rng
    before: Told | None = None
    for leg in legs:
        swv = _swv(dossier, leg, homes)
        without_area = homes[-1][1] == dossier.desk.places.without_area
        covered = leg.needs_tlv and not without_area
        told = tell_leg(dossier, leg, cover(dossier, leg, swv) if covered else [])
        if leg.soort in {"BO", "VO"} and rng.random() < dossier.desk.shape.unused_tlv:
            issue_unused(dossier, leg, swv)
        if before and 0 < leg.gap <= BRIDGED:
            _move_end(before, leg)
        if leg.needs_tlv and (without_area or rng.random() < SHARE["bepaling"]):
            _report_determination(told, swv)
        before = told


def _move_end(before: Told, leg: Leg) -> None:
    """Let the school before move its uitschrijfdatum to the day before the leg (C13)."""
    rng = before.dossier.rng
    if rng.random() < SHARE["uitschrijving verplaatst"]:
        end = plus(leg.begin, -1).isoformat()
        known = plus(leg.begin, rng.randint(5, 26))
        before.report("InschrijvingGecorrigeerd", known, einddatum=end)


def _report_determination(told: Told, swv: str) -> None:
    """Let DUO report what it determined on the first teldatum of the leg."""
    teldatum = teldatum_after(told.leg.begin)
    if teldatum is None or teldatum > told.leg.last:
        return
    valid = [tlv for tlv in told.tlvs if tlv.valid(teldatum)]
    decided = {"swv": swv, "wijze": "Woonplaats leerling", "ondersteuningscategorie": "LAAG"}
    if told.leg.soort == "SBO":
        decided["ondersteuningscategorie"] = "SBO"
    if valid:
        tlv = valid[-1]
        decided = {"swv": tlv.nummer[:6], "wijze": "TLV", "ondersteuningscategorie": tlv.categorie}
    told.dossier.report_by_duo(
        "BepalingGemeld",
        told.enrolment,
        plus(VASTSTELLINGEN[teldatum], 9),
        teldatum=teldatum.isoformat(),
        **decided,
        telt=True,
    )
