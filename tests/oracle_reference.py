"""What is known of vestigingen, samenwerkingsverbanden, postcodes and counts (rules.md 2 and 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from dateutil.easter import easter

from tests.oracle_facts import Event, day, end_of_day, known, known_until

if TYPE_CHECKING:
    from collections.abc import Sequence

SATURDAY = 5
SUNDAY = 6


@dataclass
class Aansluiting:
    """A link of a vestiging with a samenwerkingsverband; `tot_en_met` None means open."""

    vestigingscode: str
    swv: str
    vanaf: date
    tot_en_met: date | None

    def holds_on(self, moment: date) -> bool:
        """Tell whether the link holds on that day."""
        return self.vanaf <= moment and (self.tot_en_met is None or moment <= self.tot_en_met)


@dataclass
class Referentie:
    """The reference data known at one moment, each list in the order it became known."""

    aansluitingen: list[Aansluiting] = field(default_factory=list)
    postcodes: list[Event] = field(default_factory=list)
    swv_namen: dict[str, str] = field(default_factory=dict)
    vestiging_namen: dict[str, str] = field(default_factory=dict)

    def linked_swv(self, vestigingscode: str, sector: str, moment: date) -> str:
        """Return the samenwerkingsverband of a vestiging; of overlapping links the last known."""
        holding = [
            link.swv
            for link in self.aansluitingen
            if link.vestigingscode == vestigingscode
            and link.swv.startswith(sector)
            and link.holds_on(moment)
        ]
        return holding[-1] if holding else ""

    def postcode_swv(self, pc4: str, sector: str, moment: date) -> str:
        """Return the samenwerkingsverband of a PC4: the latest `vanaf`, ties the last known."""
        areas = [e for e in self.postcodes if e["pc4"] == pc4 and day(e["vanaf"]) <= moment]
        if not areas:
            return ""
        latest = max(day(area["vanaf"]) for area in areas)
        area = [area for area in areas if day(area["vanaf"]) == latest][-1]
        return area.get(f"swv_{sector.lower()}") or ""


def referentie(told: Sequence[Event]) -> Referentie:
    """Replay the known reference events (rules.md 2, Reference)."""
    reference = Referentie()
    for event in told:
        _record(reference, event)
    return reference


def vaststelling(teldatum: date, schoolsoort: str, events: Sequence[Event]) -> datetime:
    """Return the moment a count was fixed (rules.md 6): as told, else after 28 days."""
    told = [
        event["op"]
        for event in known(events, None)
        if event["type"] == "TellingVastgesteld"
        and day(event["teldatum"]) == teldatum
        and schoolsoort in event["schoolsoorten"]
    ]
    if told:
        return known_until(told[-1])
    fixed_on = teldatum + timedelta(days=28)
    while fixed_on.weekday() in (SATURDAY, SUNDAY) or fixed_on in _holidays(fixed_on.year):
        fixed_on += timedelta(days=1)
    return end_of_day(fixed_on)


def _record(reference: Referentie, event: Event) -> None:
    """Let one reference event change what is known (events.md 1)."""
    match event["type"]:
        case "SwvGeregistreerd":
            reference.swv_namen[event["swv"]] = event["naam"]
        case "VestigingGeregistreerd":
            reference.vestiging_namen[event["vestigingscode"]] = event["naam"]
        case "VestigingAangesloten":
            end = event.get("tot_en_met")
            reference.aansluitingen.append(
                Aansluiting(
                    event["vestigingscode"],
                    event["swv"],
                    day(event["vanaf"]),
                    None if end is None else day(end),
                )
            )
        case "VestigingUitgetreden":
            _record_leaving(reference, event)
        case "PostcodegebiedToegewezen":
            reference.postcodes.append(event)


def _record_leaving(reference: Referentie, event: Event) -> None:
    """End the links of this vestiging and swv with the latest `vanaf` not after the end."""
    end = day(event["tot_en_met"])
    begun = [
        link
        for link in reference.aansluitingen
        if link.vestigingscode == event["vestigingscode"]
        and link.swv == event["swv"]
        and link.vanaf <= end
    ]
    for link in begun:
        if link.vanaf == max(one.vanaf for one in begun):
            link.tot_en_met = end


def _holidays(year: int) -> set[date]:
    """Return the days that move a term (Algemene termijnenwet, article 3)."""
    pasen = easter(year)
    koningsdag = date(year, 4, 27)
    if koningsdag.weekday() == SUNDAY:
        koningsdag = date(year, 4, 26)
    fixed = {date(year, 1, 1), koningsdag, date(year, 5, 5), date(year, 12, 25), date(year, 12, 26)}
    goede_vrijdag, tweede_paasdag, hemelvaart, tweede_pinksterdag = -2, 1, 39, 50
    moving = (goede_vrijdag, tweede_paasdag, hemelvaart, tweede_pinksterdag)
    return fixed | {pasen + timedelta(days=offset) for offset in moving}
