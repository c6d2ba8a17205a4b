"""Random changes to an enrolment: periods, corrections, ends, deletions, links, reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.histories_enrolments import (
    Attributes,
    Traject,
    late_moment,
    registration_events,
    special_attribute,
    vestiging_of,
)
from tests.histories_pools import (
    BEGINS,
    CATEGORIEEN,
    ENDS,
    FAMILIES,
    SECTORS,
    SHIFTS,
    SWVS,
    TELDATA,
    TURNS,
    WIJZEN,
    shifted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.histories_chooser import Chooser
    from tests.oracle_facts import Event

Numbers = tuple[str, ...]


def change_events(chooser: Chooser, traject: Traject, numbers: Numbers) -> list[Event]:
    """Return one change to the enrolment (a deletion can bring its registration again)."""
    kinds: tuple[Callable[[Chooser, Traject, Numbers], list[Event]], ...] = (
        _new_period,
        _new_period,
        _link,
        _link,
        _corrected_begin,
        _corrected_end,
        _corrected_attribute,
        _corrected_periods,
        _leaving,
        _deletion,
        _report,
    )
    return chooser.pick(kinds)(chooser, traject, numbers)


def _attribute(chooser: Chooser, traject: Traject) -> Attributes:
    """Return a period attribute to set: a move, something special, or back to the ordinary."""
    choice = chooser.pick(("move", "special", "special", "ordinary", "both"))
    move: Attributes = {"vestigingscode": vestiging_of(chooser, traject.instellingscode)}
    if choice == "move":
        return move
    if choice == "ordinary":
        return chooser.pick(({"soort_verblijf": "geen"}, {"bekostigbaar": True}))
    special = special_attribute(chooser, traject.family)
    return special | move if choice == "both" else special


def _new_period(chooser: Chooser, traject: Traject, numbers: Numbers) -> list[Event]:
    """Return a change from a day on; rarely of the schoolsoort, which makes no sense."""
    del numbers
    last = traject.einddatum or "9999"
    after = tuple(day for day in TURNS if traject.begindatum < day <= last)
    after = after or (shifted(traject.begindatum, 1),)
    vanaf = chooser.pick(after) if chooser.chance(92) else chooser.pick((*TURNS, *BEGINS))
    fields = _attribute(chooser, traject)
    if chooser.chance(4):
        fields = {"schoolsoort": chooser.pick(FAMILIES[traject.family])}
    traject.starts.append(vanaf)
    known = late_moment(chooser, traject)
    return [traject.tell(chooser, "InschrijvingGewijzigd", known, vanaf=vanaf, **fields)]


def _corrected_begin(chooser: Chooser, traject: Traject, numbers: Numbers) -> list[Event]:
    """Return a corrected begin, sometimes with an end, an attribute or both."""
    del numbers
    begin = shifted(traject.begindatum, chooser.pick(SHIFTS))
    if chooser.chance(30):
        begin = chooser.pick((*TURNS, *traject.starts))
    fields: Attributes = {"begindatum": begin}
    if chooser.chance(25):
        fields["einddatum"] = chooser.pick((None, begin, shifted(begin, 200)))
    if chooser.chance(20):
        fields |= _attribute(chooser, traject)
    return [_correction(chooser, traject, fields)]


def _corrected_end(chooser: Chooser, traject: Traject, numbers: Numbers) -> list[Event]:
    """Return a corrected end: another day, or still running."""
    del numbers
    later = tuple(end for end in ENDS if end >= traject.begindatum)
    ends = (None, *ENDS) if chooser.chance(10) else (None, *later)
    return [_correction(chooser, traject, {"einddatum": chooser.pick(ends)})]


def _corrected_attribute(chooser: Chooser, traject: Traject, numbers: Numbers) -> list[Event]:
    """Return corrected attributes of one period, the first one when it is not named."""
    del numbers
    fields = _attribute(chooser, traject)
    if chooser.chance(25):
        fields = {"schoolsoort": chooser.pick(FAMILIES[traject.family])}
    if chooser.chance(60):
        named = chooser.pick(tuple(traject.starts))
        fields["periode"] = chooser.pick(TURNS) if chooser.chance(8) else named
    return [_correction(chooser, traject, fields)]


def _corrected_periods(chooser: Chooser, traject: Traject, numbers: Numbers) -> list[Event]:
    """Return the whole list of periods, replaced; sometimes with dates."""
    del numbers
    begin = traject.begindatum
    fields: Attributes = {}
    if chooser.chance(25):
        begin = shifted(begin, chooser.pick(SHIFTS))
        fields["begindatum"] = begin
    if chooser.chance(15):
        fields["einddatum"] = None
    later = {chooser.pick(TURNS) for _ in range(chooser.pick((1, 0, 2)))}
    starts = [begin, *sorted(day for day in later if day > begin)]
    schoolsoort = chooser.pick((traject.schoolsoort, *FAMILIES[traject.family]))
    fields["perioden"] = [_period(chooser, traject, start, schoolsoort) for start in starts]
    traject.starts += starts[1:]
    return [_correction(chooser, traject, fields)]


def _period(chooser: Chooser, traject: Traject, vanaf: str, schoolsoort: str) -> Attributes:
    """Return one period of a list."""
    fields: Attributes = {
        "vanaf": vanaf,
        "vestigingscode": vestiging_of(chooser, traject.instellingscode),
        "schoolsoort": schoolsoort,
    }
    return fields | special_attribute(chooser, traject.family) if chooser.chance(40) else fields


def _correction(chooser: Chooser, traject: Traject, fields: Attributes) -> Event:
    """Return a correction; what it says of begin and periods can be referred to later."""
    if "begindatum" in fields:
        traject.starts.append(str(fields["begindatum"]))
    known = late_moment(chooser, traject)
    return traject.tell(chooser, "InschrijvingGecorrigeerd", known, **fields)


def _leaving(chooser: Chooser, traject: Traject, numbers: Numbers) -> list[Event]:
    """Return a moved or withdrawn end."""
    del numbers
    known = late_moment(chooser, traject)
    if chooser.chance(35):
        return [traject.tell(chooser, "UitschrijvingIngetrokken", known)]
    end = chooser.pick(ENDS)
    if traject.einddatum is not None and chooser.chance(60):
        end = shifted(traject.einddatum, chooser.pick(SHIFTS))
    return [traject.tell(chooser, "UitschrijvingGeregistreerd", known, einddatum=end)]


def _deletion(chooser: Chooser, traject: Traject, numbers: Numbers) -> list[Event]:
    """Return a deletion, half of the time followed by the enrolment registered again."""
    known = late_moment(chooser, traject)
    events = [traject.tell(chooser, "InschrijvingVerwijderd", known)]
    if chooser.chance(20):
        events[0]["reden"] = "dubbel ingevoerd"
    if chooser.chance(50):
        traject.known = known
        events += registration_events(chooser, traject, numbers)
    return events


def _link(chooser: Chooser, traject: Traject, numbers: Numbers) -> list[Event]:
    """Return a link or an unlinking of a tlv, by the school or by DUO."""
    if not numbers:
        return []
    kind = chooser.pick(("TlvGekoppeld", "TlvGekoppeld", "TlvOntkoppeld"))
    fields = {"nummer": chooser.pick(numbers), "door": chooser.pick(("school", "duo"))}
    return [traject.tell(chooser, kind, late_moment(chooser, traject), **fields)]


def _report(chooser: Chooser, traject: Traject, numbers: Numbers) -> list[Event]:
    """Return what DUO reported about the enrolment, sometimes without a samenwerkingsverband."""
    del numbers
    sector = SECTORS.get(traject.family)
    if sector is None:
        return []
    fields: Attributes = {
        "teldatum": chooser.pick(TELDATA),
        "swv": chooser.pick(SWVS[sector]),
        "wijze": chooser.pick(WIJZEN),
        "ondersteuningscategorie": chooser.pick(CATEGORIEEN),
        "telt": True,
    }
    if traject.schoolsoort == "SBO":
        fields["ondersteuningscategorie"] = "SBO"
    if chooser.chance(10):
        fields = {"teldatum": fields["teldatum"], "telt": False}
    return [traject.tell(chooser, "BepalingGemeld", late_moment(chooser, traject), **fields)]
