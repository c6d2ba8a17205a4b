"""Random reference events: links of vestigingen, PC4 areas, names, fixed counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.histories_chooser import moment_after, some, told
from tests.histories_pools import (
    EARLY_MOMENTS,
    MOMENTS,
    PC4S,
    SWVS,
    TELDATA,
    TURNS,
    VESTIGINGEN,
    shifted,
)

if TYPE_CHECKING:
    from tests.histories_chooser import Chooser
    from tests.oracle_facts import Event

LONG_AGO = "2014-08-01"
SCHOOLSOORTEN = ("BO", "SBO", "SO", "VSO", "VO")


def reference_events(chooser: Chooser) -> list[Event]:
    """Return what is known of the region, mostly early, sometimes changed or corrected."""
    events = _names(chooser)
    for vestigingscode in VESTIGINGEN:
        events += _links(chooser, vestigingscode)
    for pc4 in PC4S:
        if not chooser.chance(95):
            continue
        events += _areas(chooser, pc4)
    for _ in some(chooser, 2, 15):
        events.append(_fixed_count(chooser))
    return events


def _names(chooser: Chooser) -> list[Event]:
    """Return names of samenwerkingsverbanden and vestigingen, some changed later."""
    events = []
    for swv in (*SWVS["PO"], *SWVS["VO"]):
        if not chooser.chance(90):
            continue
        fields = {"swv": swv, "naam": f"Verband {swv[2:]}"}
        events.append(told(chooser, "SwvGeregistreerd", EARLY_MOMENTS[0], **fields))
    for vestigingscode in VESTIGINGEN:
        if not chooser.chance(80):
            continue
        fields = {"vestigingscode": vestigingscode, "naam": f"School {vestigingscode[4:]}"}
        events.append(told(chooser, "VestigingGeregistreerd", EARLY_MOMENTS[0], **fields))
    for _ in some(chooser, 2, 15):
        fields = {"vestigingscode": chooser.pick(VESTIGINGEN), "naam": "De Nieuwe Naam"}
        events.append(told(chooser, "VestigingGeregistreerd", chooser.pick(MOMENTS), **fields))
    return events


def _links(chooser: Chooser, vestigingscode: str) -> list[Event]:
    """Return the links of one vestiging, per sector."""
    events = []
    for sector in ("PO", "VO"):
        if not chooser.chance(85):
            continue
        swv = chooser.pick(SWVS[sector])
        known = chooser.pick(MOMENTS) if chooser.chance(15) else EARLY_MOMENTS[0]
        place = {"vestigingscode": vestigingscode, "swv": swv}
        fields = place | {"vanaf": LONG_AGO}
        if chooser.chance(10):
            fields["tot_en_met"] = chooser.pick(TURNS)
        events.append(told(chooser, "VestigingAangesloten", known, **fields))
        for _ in some(chooser, 2, 15):
            events += _link_change(chooser, place, known)
    return events


def _link_change(chooser: Chooser, place: dict[str, str], known: str) -> list[Event]:
    """Return a leaving, a move to the other samenwerkingsverband, or both."""
    later = moment_after(chooser, known)
    last_day = chooser.pick(TURNS)
    leaving = told(chooser, "VestigingUitgetreden", later, **place, tot_en_met=last_day)
    first, second = SWVS[place["swv"][:2]]
    other = place | {"swv": second if place["swv"] == first else first}
    joining = told(chooser, "VestigingAangesloten", later, **other, vanaf=shifted(last_day, 1))
    return chooser.pick(([joining], [leaving], [leaving, joining]))


def _areas(chooser: Chooser, pc4: str) -> list[Event]:
    """Return the assignments of one PC4 area, sometimes of one sector only."""
    events = [_area(chooser, pc4, EARLY_MOMENTS[0], LONG_AGO)]
    for _ in some(chooser, 2, 15):
        vanaf = chooser.pick((LONG_AGO, "2023-09-01", "2024-01-01", "2024-08-01"))
        events.append(_area(chooser, pc4, chooser.pick(MOMENTS), vanaf))
    return events


def _area(chooser: Chooser, pc4: str, known: str, vanaf: str) -> Event:
    """Return one assignment of a PC4 area."""
    fields: dict[str, object] = {"pc4": pc4, "vanaf": vanaf}
    for sector in ("PO", "VO"):
        if not chooser.chance(5):
            fields[f"swv_{sector.lower()}"] = chooser.pick(SWVS[sector])
        elif chooser.chance(50):
            fields[f"swv_{sector.lower()}"] = None
    return told(chooser, "PostcodegebiedToegewezen", known, **fields)


def _fixed_count(chooser: Chooser) -> Event:
    """Return the news that a count was fixed."""
    return told(
        chooser,
        "TellingVastgesteld",
        chooser.pick(MOMENTS),
        teldatum=chooser.pick(TELDATA),
        schoolsoorten=list(chooser.pick((SCHOOLSOORTEN, ("SBO", "SO", "VSO"), ("BO",)))),
        op=chooser.pick(("2024-03-01T18:00:00+01:00", "2024-04-12T23:59:59+02:00")),
    )
