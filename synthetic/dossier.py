"""What the sources report about one pupil: one method per event of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from synthetic.desk import Desk
from synthetic.moments import moment
from synthetic.places import Line, Vestiging

WITH_KENMERK: Final = 0.7
"""The share of lines that carry a message id of their source."""
APART: Final = frozenset({"WoonplaatsVastgelegd", "InschrijvingGewijzigd", "BepalingGemeld"})
"""What can be booked after other lines about a pupil: nothing told later rests on it."""


@dataclass(slots=True)
class Inschrijving:
    """An enrolment as reported so far; `known` is the latest moment anything was."""

    instellingscode: str
    volgnummer: str
    known: str


@dataclass(slots=True)
class Tlv:
    """A tlv as reported so far: when it was issued, and the latest moment anything was."""

    nummer: str
    categorie: str
    begin: date
    end: date
    issued: str
    known: str

    def valid(self, day: date) -> bool:
        """Tell whether the tlv is valid on the day."""
        return self.begin <= day <= self.end


class Dossier:
    """The lines about one pupil, written in the order in which an administration knows them."""

    def __init__(self, desk: Desk, pgn: str, geboren: date) -> None:
        self.desk = desk
        self.rng = desk.rng
        self.pgn = pgn
        self.geboren = geboren
        self.tlvs: list[Tlv] = []
        self.lines: list[Line] = []

    def write(self, kind: str, known: str, bron: str, sender: str, **fields: object) -> None:
        """Add a line; `sender` names the series of message ids."""
        line: Line = {"type": kind, "bekend_op": known, "bron": bron}
        if self.rng.random() < WITH_KENMERK:
            line["kenmerk"] = f"{sender}-{self.desk.next(sender):06}"
        line["pgn"] = self.pgn
        line.update(fields)
        self.lines.append(line)

    def moment(self, day: date, not_before: str = "") -> str:
        """Return a moment on the day, or the later moment that has to come first."""
        return max(moment(day, self.rng), not_before)

    def live(self, vanaf: date, known: date, school: str, **where: object) -> None:
        """Tell where the pupil lives from a day on: pc4, buitenland or swv."""
        fields = {"vanaf": vanaf.isoformat(), **where}
        self.write("WoonplaatsVastgelegd", self.moment(known), "school", school, **fields)

    def issue(self, swv: str, categorie: str, begin: date, end: date, known: date) -> Tlv:
        """Tell that a samenwerkingsverband issued a tlv."""
        nummer = self.desk.beschikkingsnummer(swv, min(known.year, begin.year))
        moment_of_issue = self.moment(known)
        tlv = Tlv(nummer, categorie, begin, end, moment_of_issue, moment_of_issue)
        self.write(
            "TlvAfgegeven",
            moment_of_issue,
            "swv",
            swv,
            nummer=nummer,
            categorie=categorie,
            begindatum=begin.isoformat(),
            einddatum=end.isoformat(),
        )
        self.tlvs.append(tlv)
        return tlv

    def change_tlv(self, tlv: Tlv, known: date, kind: str, **fields: object) -> None:
        """Tell that a tlv was changed (`TlvGewijzigd`) or withdrawn (`TlvIngetrokken`)."""
        tlv.known = self.moment(known, tlv.known)
        self.write(kind, tlv.known, "swv", tlv.nummer[:6], nummer=tlv.nummer, **fields)

    def enrol(self, known: date, vestiging: Vestiging, fields: dict[str, object]) -> Inschrijving:
        """Tell of a new enrolment; `fields` are those after the volgnummer."""
        enrolment = Inschrijving(vestiging.code[:4], self.desk.volgnummer(), "")
        return self.enrol_again(enrolment, known, fields)

    def enrol_again(
        self, enrolment: Inschrijving, known: date, fields: dict[str, object]
    ) -> Inschrijving:
        """Tell of an enrolment under a key that is free, or free again."""
        self.report("InschrijvingGeregistreerd", enrolment, known, **fields)
        return enrolment

    def report(self, kind: str, enrolment: Inschrijving, known: date, **fields: object) -> None:
        """Tell something about an enrolment, never before what was told already."""
        self._report(kind, "school", enrolment, known, fields)

    def report_by_duo(
        self, kind: str, enrolment: Inschrijving, known: date, **fields: object
    ) -> None:
        """Let DUO tell something about an enrolment."""
        self._report(kind, "duo", enrolment, known, fields)

    def _report(
        self, kind: str, bron: str, enrolment: Inschrijving, known: date, fields: dict[str, object]
    ) -> None:
        enrolment.known = self.moment(known, enrolment.known)
        school = enrolment.instellingscode
        sender = f"DUO{self.desk.number}" if bron == "duo" else school
        key = {"instellingscode": school, "volgnummer": enrolment.volgnummer}
        self.write(kind, enrolment.known, bron, sender, **key, **fields)

    def link(self, enrolment: Inschrijving, tlv: Tlv, known: date, door: str = "school") -> None:
        """Tell that a tlv was registered with an enrolment, once it is known."""
        enrolment.known = max(enrolment.known, tlv.issued)
        fields: dict[str, object] = {"nummer": tlv.nummer, "door": door}
        self._report("TlvGekoppeld", door, enrolment, known, fields)

    @property
    def school(self) -> str:
        """The instelling that told of the pupil first."""
        codes = (line["instellingscode"] for line in self.lines if "instellingscode" in line)
        return str(next(codes))

    def finish(self, until: date) -> list[Line]:
        """Return the lines by moment, the pupil's registration first, none after `until`."""
        self.lines.sort(key=_known)
        geboren = self.geboren.isoformat()
        first = _known(self.lines[0])
        self.write("LeerlingGeregistreerd", first, "school", self.school, geboortedatum=geboren)
        self.lines.insert(0, self.lines.pop())
        last = f"{until.isoformat()}T24"
        if self.desk.shape.out_of_order and self.rng.random() < self.desk.shape.out_of_order:
            self._delay()
        return [line for line in self.lines if _known(line) < last]

    def _delay(self) -> None:
        """Let one line come after those that were known later: it was sent late."""
        apart = [place for place, line in enumerate(self.lines[2:], 2) if line["type"] in APART]
        if apart:
            self.lines.append(self.lines.pop(self.rng.choice(apart)))

    def replace_pgn(self, new: str, day: date) -> None:
        """Tell that an onderwijsnummer became a BSN; later lines carry the BSN."""
        known = self.moment(day, min(map(_known, self.lines)))
        for line in self.lines:
            if _known(line) >= known:
                line["pgn"] = new
        self.write("PgnVervangen", known, "school", self.school, nieuw_pgn=new)
        self.lines.insert(0, self.lines.pop())


def _known(line: Line) -> str:
    return str(line["bekend_op"])
