"""How an administration tells of a leg: in time or late, right or wrong and mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from synthetic.dossier import Dossier, Inschrijving, Tlv
from synthetic.moments import (
    LAST_DAY,
    VASTSTELLINGEN,
    august,
    plus,
    school_year,
    teldatum_after,
)
from synthetic.plans import RESIDENTIAL, Leg

Fields = dict[str, object]
Act = Callable[[date], None]

LINKED_WITH_THE_ENROLMENT: Final = 0.72
NEVER_LINKED: Final = 0.04
LONG: Final = 90
"""Days that a leg must last before its telling goes wrong."""

YEAR: Final = 366
"""Days between a begin and a teldatum within which a registration can be late for it."""

WRONG: Final = {
    "": 82,
    "late": 4,
    "begin": 4,
    "kenmerk": 3,
    "opnieuw": 2,
    "bekostigbaar": 1,
    "serienummer": 0.5,
}
"""What goes wrong with a registration, and how often."""
WRONG_NAMES: Final = tuple(WRONG)
WRONG_WEIGHTS: Final = tuple(WRONG.values())


@dataclass(slots=True)
class Told:
    """A leg, its enrolment as told, and the acts still to be told, by the day they are known."""

    dossier: Dossier
    leg: Leg
    tlvs: list[Tlv]
    enrolment: Inschrijving
    agenda: list[tuple[date, Act]] = field(default_factory=list)

    def report(self, kind: str, known: date, **fields: object) -> None:
        """Tell something about the enrolment."""
        self.dossier.report(kind, self.enrolment, known, **fields)

    def plan(self, known: date, kind: str, **fields: object) -> None:
        """Put on the agenda that something is told."""
        self.agenda.append((known, lambda day: self.report(kind, day, **fields)))

    def plan_link(self, known: date, tlv: Tlv, door: str = "school") -> None:
        """Put on the agenda that a tlv is linked."""
        self.agenda.append((known, lambda day: self.dossier.link(self.enrolment, tlv, day, door)))

    def work_off(self) -> None:
        """Tell what is on the agenda, in the order in which it is known."""
        self.agenda.sort(key=lambda item: item[0])
        for day, act in self.agenda:
            act(day)


def tell_leg(dossier: Dossier, leg: Leg, tlvs: list[Tlv]) -> Told:
    """Tell of one leg: the registration, what changed during it, the links, the end."""
    enrolment = Inschrijving(leg.vestiging.code[:4], dossier.desk.volgnummer(), "")
    told = Told(dossier, leg, tlvs, enrolment)
    fields = _fields(leg)
    known = plus(leg.begin, dossier.rng.choice((-20, -5, 0, 1, 2, 3, 4, 5, 7, 14)))
    at_once = [tlv for tlv in tlvs if _linked_at_once(told, tlv, known)]
    if at_once:
        fields["tlv"] = [tlv.nummer for tlv in at_once]
    _register(told, known, fields)
    _plan_links(told, [tlv for tlv in tlvs if tlv not in at_once])
    if not _plan_change(told):
        _plan_withdrawn_end(told)
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
    in_time = tlv.begin <= told.leg.begin and tlv.known < known.isoformat()
    return in_time and told.dossier.rng.random() < LINKED_WITH_THE_ENROLMENT


def _register(told: Told, known: date, fields: Fields) -> None:
    """Tell of the registration, and of what went wrong with it."""
    rng = told.dossier.rng
    wrong = rng.choices(WRONG_NAMES, WRONG_WEIGHTS)[0]
    if (told.leg.last - told.leg.begin).days < LONG:
        wrong = ""
    if wrong == "late":
        known = _after_vaststelling(told, known)
    if not wrong or wrong == "late":
        told.dossier.enrol_again(told.enrolment, known, fields)
        return
    mended = _mended(told, known)
    if wrong == "begin":
        _register_wrong_begin(told, known, mended, fields)
    elif wrong == "opnieuw":
        _register_again(told, known, mended, fields)
    else:
        _register_wrong_attribute(told, wrong, known, mended, fields)


def _after_vaststelling(told: Told, known: date) -> date:
    """Return a day after the first count of the leg was fixed."""
    teldatum = teldatum_after(told.leg.begin)
    if teldatum is None or not teldatum <= told.leg.last or (teldatum - told.leg.begin).days > YEAR:
        return known
    return plus(VASTSTELLINGEN[teldatum], told.dossier.rng.randint(1, 120))


def _mended(told: Told, known: date) -> date:
    """Return when a mistake is mended: half of the time only after vaststelling."""
    rng = told.dossier.rng
    if rng.random() < 0.5:  # noqa: PLR2004 - half
        return _after_vaststelling(told, plus(known, rng.randint(5, 60)))
    return plus(known, rng.randint(5, 60))


def _register_wrong_begin(told: Told, known: date, mended: date, fields: Fields) -> None:
    shift = told.dossier.rng.choice((-14, -7, 1, 7, 14, 31))
    wrong = {**fields, "begindatum": plus(told.leg.begin, shift).isoformat()}
    told.dossier.enrol_again(told.enrolment, known, wrong)
    told.report("InschrijvingGecorrigeerd", mended, begindatum=fields["begindatum"])


def _register_again(told: Told, known: date, mended: date, fields: Fields) -> None:
    told.dossier.enrol_again(told.enrolment, known, fields)
    told.report("InschrijvingVerwijderd", mended, reden="onterecht aangeleverd")
    told.dossier.enrol_again(told.enrolment, plus(mended, 6), fields)


def _register_wrong_attribute(
    told: Told, wrong: str, known: date, mended: date, fields: Fields
) -> None:
    """Tell of a registration with one attribute wrong, and of its mending."""
    leg, rng = told.leg, told.dossier.rng
    if wrong == "serienummer" and "tlv" in fields:
        _register_wrong_serial(told, known, mended, fields)
        return
    attribute: tuple[str, object, object] = ("bekostigbaar", False, True)
    siblings = told.dossier.desk.places.siblings(leg.vestiging, leg.soort)
    if wrong == "kenmerk" and leg.verblijf in {"GJI", "JJI"}:
        attribute = ("soort_verblijf", "IJH", leg.verblijf)
    elif wrong == "kenmerk" and siblings:
        attribute = ("vestigingscode", rng.choice(siblings).code, leg.vestiging.code)
    elif wrong == "kenmerk" and leg.needs_tlv:
        attribute = ("soort_verblijf", rng.choice(RESIDENTIAL), "geen")
    name, before, after = attribute
    told.dossier.enrol_again(told.enrolment, known, _in_order({**fields, name: before}))
    told.report("InschrijvingGecorrigeerd", mended, **{name: after})


def _register_wrong_serial(told: Told, known: date, mended: date, fields: Fields) -> None:
    """Tell of a link to a tlv that nobody knows: a typing error, mended later."""
    right = told.tlvs[0]
    wrong = f"{right.nummer[:12]}9{right.nummer[13:]}"
    told.dossier.enrol_again(told.enrolment, known, {**fields, "tlv": [wrong]})
    told.report("TlvOntkoppeld", mended, nummer=wrong, door="school")
    told.dossier.link(told.enrolment, right, mended)


def _in_order(fields: Fields) -> Fields:
    """Return the fields in the order of the catalogue (events.md 1)."""
    order = ("begindatum", "vestigingscode", "schoolsoort", "einddatum", "soort_verblijf")
    order += ("bekostigbaar", "ondersteuningscategorie", "cluster", "leerjaar", "vo_kenmerk", "tlv")
    return {name: fields[name] for name in order if name in fields}


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


def _plan_change(told: Told) -> bool:
    """Plan a change during the leg, for some; return whether there is one."""
    leg, rng = told.leg, told.dossier.rng
    summer = august(school_year(leg.begin) + 1)
    if not plus(leg.begin, LONG) < summer <= leg.last or summer > LAST_DAY:
        return False
    known = plus(summer, rng.randint(1, 25))
    draw = rng.random()
    siblings = told.dossier.desk.places.siblings(leg.vestiging, leg.soort)
    if leg.vo_kenmerk == "nieuwkomer":
        told.plan(known, "InschrijvingGewijzigd", vanaf=summer.isoformat(), vo_kenmerk="lwoo")
    elif siblings and draw < 0.15:  # noqa: PLR2004 - share of moves inside an instelling
        code = rng.choice(siblings).code
        told.plan(known, "InschrijvingGewijzigd", vanaf=summer.isoformat(), vestigingscode=code)
    elif leg.needs_tlv and leg.soort != "SBO" and draw > 0.96:  # noqa: PLR2004 - share
        verblijf = rng.choice(RESIDENTIAL)
        told.plan(known, "InschrijvingGewijzigd", vanaf=summer.isoformat(), soort_verblijf=verblijf)
    elif draw > 0.90:  # noqa: PLR2004 - share that reports the leerjaar
        told.plan(known, "InschrijvingGewijzigd", vanaf=summer.isoformat(), leerjaar=rng.randint(2, 6))
    else:
        return False
    return True


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

