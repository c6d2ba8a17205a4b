"""Random enrolments: where they lie after one another, and how they become known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.histories_chooser import moment_after, told
from tests.histories_pools import (
    BEGINS,
    CATEGORIEEN,
    EARLY_MOMENTS,
    ENDS,
    FAMILIES,
    FAMILY_WEIGHTS,
    GAPS,
    INSTELLINGEN,
    LENGTHS,
    MOMENTS,
    VERBLIJVEN,
    VESTIGINGEN,
    VO_KENMERKEN,
    shifted,
)

if TYPE_CHECKING:
    from tests.histories_chooser import Chooser
    from tests.oracle_facts import Event

Attributes = dict[str, object]


@dataclass
class Traject:
    """An enrolment in the making: what later events can refer to, sensibly or not."""

    pgn: str
    instellingscode: str
    volgnummer: str
    schoolsoort: str
    begindatum: str
    einddatum: str | None
    known: str
    starts: list[str] = field(default_factory=list)

    @property
    def family(self) -> str:
        """The letter that says of which kind its schoolsoorten are."""
        return self.volgnummer[0]

    def tell(self, chooser: Chooser, kind: str, known: str, **fields: object) -> Event:
        """Return an event about this enrolment."""
        key = {"instellingscode": self.instellingscode, "volgnummer": self.volgnummer}
        return told(chooser, kind, known, pgn=self.pgn, **key, **fields)


def new_traject(chooser: Chooser, pgn: str, earlier: list[Traject]) -> Traject:
    """Return the next enrolment of a pupil, near the one before; rarely under a known key."""
    family = chooser.pick(FAMILY_WEIGHTS)
    if earlier and chooser.chance(60):
        family = earlier[-1].family
    instellingscode, volgnummer = chooser.pick(INSTELLINGEN), f"{family}{len(earlier) + 1}"
    if earlier and chooser.chance(8):
        again = chooser.pick(tuple(earlier))
        instellingscode, volgnummer = again.instellingscode, again.volgnummer
    begindatum, known = chooser.pick(BEGINS), chooser.pick(EARLY_MOMENTS)
    if earlier:
        known = moment_after(chooser, earlier[-1].known)
        begindatum = _begin_after(chooser, earlier[-1], begindatum)
    return Traject(
        pgn=pgn,
        instellingscode=instellingscode,
        volgnummer=volgnummer,
        schoolsoort=chooser.pick(FAMILIES[volgnummer[0]]),
        begindatum=begindatum,
        einddatum=_end_after(chooser, begindatum),
        known=known,
        starts=[begindatum],
    )


def _begin_after(chooser: Chooser, previous: Traject, otherwise: str) -> str:
    """Return a begin at one of the gaps that matter after the enrolment before."""
    if previous.einddatum is None or chooser.chance(10):
        return otherwise
    return shifted(previous.einddatum, 1 + chooser.pick(GAPS))


def _end_after(chooser: Chooser, begindatum: str) -> str | None:
    """Return an end on one of the days that matter, or none."""
    if not chooser.chance(75):
        return None
    later = tuple(end for end in ENDS if end >= begindatum)
    if later and chooser.chance(60):
        return chooser.pick(later)
    return shifted(begindatum, chooser.pick(LENGTHS))


def registration_events(
    chooser: Chooser, traject: Traject, numbers: tuple[str, ...]
) -> list[Event]:
    """Return the registration, with its end at once or told later."""
    fields: Attributes = {
        "begindatum": traject.begindatum,
        "vestigingscode": vestiging_of(chooser, traject.instellingscode),
        "schoolsoort": traject.schoolsoort,
    }
    if chooser.chance(25):
        fields |= special_attribute(chooser, traject.family)
    if numbers and chooser.chance(75):
        fields["tlv"] = sorted({chooser.pick(numbers) for _ in range(chooser.pick((1, 1, 2)))})
    at_once = chooser.chance(40)
    if at_once and traject.einddatum is not None:
        fields["einddatum"] = traject.einddatum
    events = [traject.tell(chooser, "InschrijvingGeregistreerd", traject.known, **fields)]
    if not at_once and traject.einddatum is not None:
        known = moment_after(chooser, traject.known)
        leaving = {"einddatum": traject.einddatum}
        events.append(traject.tell(chooser, "UitschrijvingGeregistreerd", known, **leaving))
    return events


def vestiging_of(chooser: Chooser, instellingscode: str) -> str:
    """Return a vestiging of the instelling."""
    return chooser.pick(tuple(code for code in VESTIGINGEN if code[:4] == instellingscode))


def special_attribute(chooser: Chooser, family: str) -> Attributes:
    """Return one period attribute out of the ordinary that suits the kind of school."""
    stay: Attributes = {"soort_verblijf": chooser.pick(VERBLIJVEN)}
    unfunded: Attributes = {"bekostigbaar": False}
    if family == "W":
        mark: Attributes = {"vo_kenmerk": chooser.pick(VO_KENMERKEN)}
        return chooser.pick((mark, mark, unfunded, stay))
    if family == "B":
        return chooser.pick((unfunded, stay))
    cluster: Attributes = {"cluster": chooser.pick((1, 2, 3, 4))}
    category: Attributes = {"ondersteuningscategorie": chooser.pick(CATEGORIEEN)}
    residential: Attributes = {"soort_verblijf": chooser.pick(VERBLIJVEN[:3])}
    return chooser.pick((stay, residential, residential, unfunded, cluster, category))


def late_moment(chooser: Chooser, traject: Traject) -> str:
    """Return when something about the enrolment became known; rarely before it was."""
    return chooser.pick(MOMENTS) if chooser.chance(5) else moment_after(chooser, traject.known)
