"""What goes wrong with a registration, and how and when it is mended."""

from __future__ import annotations

from datetime import date
from typing import Final

from synthetic.moments import VASTSTELLINGEN, plus, teldatum_after
from synthetic.plans import RESIDENTIAL
from synthetic.told import LONG, Fields, Told

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


ORDER: Final = (
    "begindatum",
    "vestigingscode",
    "schoolsoort",
    "soort_verblijf",
    "bekostigbaar",
    "cluster",
    "leerjaar",
    "vo_kenmerk",
    "tlv",
)
"""The fields of a registration in the order of the catalogue (events.md 1)."""


def register(told: Told, known: date, fields: Fields) -> None:
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
    told.dossier.enrol_again(told.enrolment, known, in_order({**fields, name: before}))
    told.report("InschrijvingGecorrigeerd", mended, **{name: after})


def _register_wrong_serial(told: Told, known: date, mended: date, fields: Fields) -> None:
    """Tell of a link to a tlv that nobody knows: a typing error, mended later."""
    right = told.tlvs[0]
    wrong = f"{right.nummer[:12]}9{right.nummer[13:]}"
    told.dossier.enrol_again(told.enrolment, known, {**fields, "tlv": [wrong]})
    told.report("TlvOntkoppeld", mended, nummer=wrong, door="school")
    told.dossier.link(told.enrolment, right, mended)


def in_order(fields: Fields) -> Fields:
    """Return the fields in the order of the catalogue (events.md 1)."""
    return {name: fields[name] for name in ORDER if name in fields}
