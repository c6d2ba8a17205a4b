"""A leg of a career, its enrolment as told so far, and what is still to be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from synthetic.dossier import Dossier, Inschrijving, Tlv
from synthetic.plans import Leg

Fields = dict[str, object]
Act = Callable[[date], None]

LONG: Final = 90
"""Days that a leg must last before its telling goes wrong."""


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
