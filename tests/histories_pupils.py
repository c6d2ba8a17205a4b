"""Random events of pupils: births, residences, tlv's, and a way through schools."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.histories_changes import change_events
from tests.histories_chooser import moment_after, some, told
from tests.histories_enrolments import Traject, new_traject, registration_events
from tests.histories_pools import (
    BSNS,
    CATEGORIEEN,
    EARLY_MOMENTS,
    GEBOORTEDATUMS,
    MOMENTS,
    ONDERWIJSNUMMERS,
    PC4_WITHOUT_SWV,
    PC4S,
    SECOND_ONDERWIJSNUMMERS,
    SECTORS,
    SWVS,
    TLV_BEGINS,
    TLV_ENDS,
    TURNS,
    shifted,
)

if TYPE_CHECKING:
    from tests.histories_chooser import Chooser
    from tests.oracle_facts import Event


@dataclass
class Pupil:
    """A pupil in the making: what later events can refer to."""

    chooser: Chooser
    pgn: str
    serial: int
    events: list[Event] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def tell(self, kind: str, known: str, **fields: object) -> None:
        """Add an event of this pupil."""
        self.events.append(told(self.chooser, kind, known, pgn=self.pgn, **fields))


def pupils(chooser: Chooser, most: int) -> list[list[Event]]:
    """Return the events of one to `most` pupils, sometimes with a replaced PGN."""
    found = []
    for index in range(most):
        if index and not chooser.chance(50):
            break
        found.append(_pupil(chooser, BSNS[index], index))
        if chooser.chance(15):
            found.append(_replaced(chooser, index))
    return found


def _replaced(chooser: Chooser, index: int) -> list[Event]:
    """Return the events under an onderwijsnummer that a BSN replaces, or another number first."""
    own = ONDERWIJSNUMMERS[index]
    events = _pupil(chooser, own, index)
    way = chooser.pick(((own, BSNS[index]), (own, SECOND_ONDERWIJSNUMMERS[index], BSNS[index])))
    for old, new in pairwise(way):
        known = chooser.pick(MOMENTS)
        events.append(told(chooser, "PgnVervangen", known, pgn=old, nieuw_pgn=new))
    return events


def _pupil(chooser: Chooser, pgn: str, serial: int) -> list[Event]:
    """Return the events of one PGN."""
    pupil = Pupil(chooser, pgn, serial)
    for _ in range(chooser.pick((1, 1, 1, 1, 0, 2))):
        known = chooser.pick(EARLY_MOMENTS if chooser.chance(80) else MOMENTS)
        pupil.tell("LeerlingGeregistreerd", known, geboortedatum=chooser.pick(GEBOORTEDATUMS))
    for _ in range(chooser.pick((1, 1, 1, 0, 2, 2, 3))):
        _add_residence(pupil)
    for _ in some(chooser, 1, 25):
        _add_tlv(pupil, chooser.pick(("PO", "VO")), chooser.pick(TLV_BEGINS))
    trajecten: list[Traject] = []
    for _ in range(1 + len(list(some(chooser, 4, 65)))):
        trajecten.append(_add_enrolment(pupil, trajecten))
    if chooser.chance(5):
        sector = chooser.pick(("PO", "VO"))
        pupil.tell(
            "TlvIngetrokken",
            chooser.pick(MOMENTS),
            nummer=_number(pupil, sector),
            per=chooser.pick(TURNS),
        )
    return pupil.events


def _add_residence(pupil: Pupil) -> None:
    """Add a residence: a PC4, abroad, or only its samenwerkingsverbanden."""
    chooser = pupil.chooser
    swvs = [chooser.pick(SWVS["PO"]), chooser.pick(SWVS["VO"])]
    pc4 = chooser.pick((*PC4S, *PC4S, PC4_WITHOUT_SWV))
    by_pc4: dict[str, object] = {"pc4": pc4}
    abroad: dict[str, object] = {"buitenland": True}
    by_swv: dict[str, object] = {"swv": swvs[: chooser.pick((2, 1))]}
    place = chooser.pick((by_pc4, by_pc4, by_pc4, by_swv, abroad))
    known = chooser.pick(EARLY_MOMENTS if chooser.chance(70) else MOMENTS)
    vanaf = chooser.pick(("2020-01-01", "2020-01-01", "2023-08-01", "2024-01-08", "2024-08-15"))
    pupil.tell("WoonplaatsVastgelegd", known, vanaf=vanaf, **place)


def _add_enrolment(pupil: Pupil, earlier: list[Traject]) -> Traject:
    """Add an enrolment, mostly with a tlv where it needs one, and what happens to it."""
    chooser = pupil.chooser
    traject = new_traject(chooser, pupil.pgn, earlier)
    sector = SECTORS.get(traject.family, "")
    if sector and chooser.chance(60):
        begin = chooser.pick((traject.begindatum, *TLV_BEGINS[:2], *TLV_BEGINS))
        _add_tlv(pupil, sector, begin, traject.schoolsoort, traject.known)
    fitting = tuple(number for number in pupil.numbers if number[:2] == sector)
    if sector and chooser.chance(10):
        fitting = (*fitting, _number(pupil, sector))
    pupil.events += registration_events(chooser, traject, fitting)
    for _ in some(chooser, 6, 60):
        pupil.events += change_events(chooser, traject, fitting)
    return traject


def _number(pupil: Pupil, sector: str) -> str:
    """Return a number of a sector; low serials, so that pupils sometimes share one."""
    swv = pupil.chooser.pick(SWVS[sector])
    serial = pupil.chooser.pick((pupil.serial * 2, pupil.serial * 2 + 1, 1))
    return f"{swv}-2023-{serial:05d}"


def _add_tlv(
    pupil: Pupil, sector: str, begin: str, schoolsoort: str = "SO", known: str = MOMENTS[0]
) -> None:
    """Add a tlv with what happens to it later."""
    chooser = pupil.chooser
    number = _number(pupil, sector)
    categorie = _categorie(chooser, sector, schoolsoort)
    end = chooser.pick(tuple(end for end in TLV_ENDS if end >= begin) or (shifted(begin, 365),))
    when = chooser.pick((MOMENTS[0], known, moment_after(chooser, known)))
    pupil.numbers.append(number)
    fields = {"categorie": categorie, "begindatum": begin, "einddatum": end}
    pupil.tell("TlvAfgegeven", when, nummer=number, **fields)
    for _ in some(chooser, 2, 25):
        _change_tlv(pupil, number, moment_after(chooser, when))


def _categorie(chooser: Chooser, sector: str, schoolsoort: str) -> str:
    """Return a category, mostly one that fits the schoolsoort; SBO only in sector PO."""
    fits_sbo = schoolsoort == "SBO" if chooser.chance(90) else schoolsoort != "SBO"
    return "SBO" if sector == "PO" and fits_sbo else chooser.pick(CATEGORIEEN)


def _change_tlv(pupil: Pupil, number: str, known: str) -> None:
    """Change, withdraw or issue again a tlv."""
    chooser = pupil.chooser
    begin, end = chooser.pick(TLV_BEGINS), chooser.pick(TLV_ENDS)
    if end < begin:
        begin = TLV_BEGINS[0]
    categorie = chooser.pick(CATEGORIEEN)
    changes: tuple[dict[str, str], ...] = (
        {"einddatum": end},
        {"begindatum": begin},
        {"categorie": categorie},
        {"begindatum": begin, "einddatum": end},
    )
    match chooser.pick(("TlvIngetrokken", "TlvGewijzigd", "TlvIngetrokken", "TlvAfgegeven")):
        case "TlvIngetrokken":
            per = chooser.pick((*TURNS, begin, end))
            pupil.tell("TlvIngetrokken", known, nummer=number, per=per)
        case "TlvGewijzigd":
            pupil.tell("TlvGewijzigd", known, nummer=number, **chooser.pick(changes))
        case _:
            fields = {"categorie": categorie, "begindatum": begin, "einddatum": end}
            pupil.tell("TlvAfgegeven", known, nummer=number, **fields)
