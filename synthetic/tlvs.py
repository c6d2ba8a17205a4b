"""The tlv's of a pupil: issued, renewed, changed, withdrawn, expired, and their links."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Final

from synthetic.dossier import Dossier, Tlv
from synthetic.moments import LAST_DAY, plus, school_year, shortest_end
from synthetic.plans import Leg

CATEGORIES: Final = ("LAAG", "MIDDEN", "HOOG")
CATEGORY_WEIGHTS: Final = (75, 10, 15)

NO_TLV: Final = 0.05
"""Legs for which no tlv was ever asked."""
NOT_RENEWED: Final = 0.12
"""Tlv's that end while the enrolment runs on."""
LATER_THAN_THE_LEG: Final = 0.10
"""Tlv's that begin some weeks after the pupil did."""
OTHER_CATEGORY: Final = 0.10
"""SO and VSO legs whose category changes midyear."""
WITHDRAWN: Final = 0.02
CHANGED: Final = 0.03


def cover(dossier: Dossier, leg: Leg, swv: str) -> list[Tlv]:
    """Tell of the tlv's for a leg; return those that overlap it, in order of begin.

    A tlv that still runs is used again at the next school; a new one is issued by `swv`.
    """
    rng = dossier.rng
    tlvs = [tlv for tlv in dossier.tlvs if _fits(tlv, leg, swv) and tlv.valid(leg.begin)][-1:]
    if not tlvs:
        if rng.random() < NO_TLV:
            return []
        tlvs = [_issue_first(dossier, leg, swv)]
    while tlvs[-1].end < leg.last and rng.random() >= NOT_RENEWED:
        begin = plus(tlvs[-1].end, 1)
        tlvs.append(_issue(dossier, swv, tlvs[-1].categorie, begin))
    _disturb(dossier, leg, swv, tlvs)
    return [tlv for tlv in tlvs if tlv.begin <= leg.last]


def issue_unused(dossier: Dossier, leg: Leg, swv: str) -> Tlv:
    """Tell of a tlv that fits the leg and that nobody will link."""
    return _issue(dossier, swv, _category(dossier.rng, leg), leg.begin)


def _fits(tlv: Tlv, leg: Leg, swv: str) -> bool:
    same_kind = (tlv.categorie == "SBO") == (leg.soort == "SBO")
    return same_kind and tlv.nummer[:2] == swv[:2]


def _category(rng: Random, leg: Leg) -> str:
    if leg.soort == "SBO":
        return "SBO"
    return rng.choices(CATEGORIES, CATEGORY_WEIGHTS)[0]


def _issue_first(dossier: Dossier, leg: Leg, swv: str) -> Tlv:
    rng = dossier.rng
    begin = leg.begin
    if rng.random() < LATER_THAN_THE_LEG:
        begin = min(plus(begin, rng.randint(20, 120)), leg.last)
    return _issue(dossier, swv, _category(rng, leg), begin)


def _issue(dossier: Dossier, swv: str, categorie: str, begin: date) -> Tlv:
    """Issue a tlv that ends on a 31 July, some school years later; most known in advance."""
    rng = dossier.rng
    end = shortest_end(begin)
    end = end.replace(year=end.year + rng.choice((0, 0, 1, 1, 2, 3)))
    known = plus(begin, -rng.randint(5, 60) if rng.random() < 0.9 else rng.randint(1, 45))  # noqa: PLR2004 - share
    return dossier.issue(swv, categorie, begin, end, known)


def _disturb(dossier: Dossier, leg: Leg, swv: str, tlvs: list[Tlv]) -> None:
    rng = dossier.rng
    draw = rng.random()
    if leg.soort != "SBO" and draw < OTHER_CATEGORY:
        _change_category(dossier, leg, swv, tlvs)
    elif draw > 1 - WITHDRAWN:
        per = plus(tlvs[-1].begin, rng.randint(90, 300))
        if per < tlvs[-1].end:
            known = plus(per, -rng.randint(-20, 30))
            dossier.change_tlv(tlvs[-1], known, "TlvIngetrokken", per=per.isoformat())
            tlvs[-1].end = plus(per, -1)
    elif draw > 1 - WITHDRAWN - CHANGED:
        _change(dossier, tlvs[-1])


def _change(dossier: Dossier, tlv: Tlv) -> None:
    """Mend a tlv: another category, or a year longer."""
    rng = dossier.rng
    known = plus(tlv.begin, rng.randint(30, 330))
    if tlv.categorie != "SBO" and rng.random() < 0.5:  # noqa: PLR2004 - half of the changes
        tlv.categorie = rng.choice([name for name in CATEGORIES if name != tlv.categorie])
        dossier.change_tlv(tlv, known, "TlvGewijzigd", categorie=tlv.categorie)
    else:
        tlv.end = tlv.end.replace(year=tlv.end.year + 1)
        dossier.change_tlv(tlv, known, "TlvGewijzigd", einddatum=tlv.end.isoformat())


def _change_category(dossier: Dossier, leg: Leg, swv: str, tlvs: list[Tlv]) -> None:
    """Issue another category from a 1 January of the leg on, beside the tlv that runs."""
    rng = dossier.rng
    years = range(school_year(leg.begin) + 1, min(leg.last, LAST_DAY).year + 1)
    begins = [date(year, 1, 1) for year in years if leg.begin < date(year, 1, 1) <= leg.last]
    if not begins:
        return
    others = [name for name in CATEGORIES if name != tlvs[0].categorie]
    tlvs.append(_issue(dossier, swv, rng.choice(others), rng.choice(begins)))
    tlvs.sort(key=lambda tlv: tlv.begin)
