"""Reference data as known at a moment: vestigingen, postcode areas, names, fixed counts.

Reference data are bitemporal too (events.md 1): a link corrected in March with effect from
the August before changes what follows from it from March on, and not before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from ledger import events as ev
from ledger.codes import Sector, sector_of_swv
from ledger.teldata import Telling
from ledger.times import OPEN_DATE, OPEN_MOMENT, parse_known_until

Moment = tuple[datetime, int]
"""A moment of knowledge to the event: (bekend_op, position in the log)."""

Item = TypeVar("Item")

FOREVER: Final[Moment] = (OPEN_MOMENT, 0)
"""Later than every event: everything the ledger knows."""


class Link(msgspec.Struct, frozen=True):
    """A vestiging linked to a samenwerkingsverband, both days included."""

    swv: str
    vanaf: date
    tot_en_met: date


class Area(msgspec.Struct, frozen=True):
    """The samenwerkingsverbanden of a PC4 area from a day on."""

    vanaf: date
    swv: dict[Sector, str | None]


class History(Generic[Item]):
    """How one thing changed in knowledge: its value after every event that touched it."""

    def __init__(self, start: Item) -> None:
        self.moments: list[Moment] = []
        self._values: list[Item] = [start]

    @property
    def latest(self) -> Item:
        """The value as known now."""
        return self._values[-1]

    def add(self, moment: Moment, value: Item) -> None:
        """Append the value after an event; events come in the order of knowledge."""
        self.moments.append(moment)
        self._values.append(value)

    def at(self, moment: Moment) -> Item:
        """Return the value as known at the moment, that event included."""
        return self._values[bisect_right(self.moments, moment)]

    def steps(self) -> list[tuple[Moment, Item]]:
        """Return every value with the moment from which it was known."""
        return list(zip(self.moments, self._values[1:], strict=True))


Links = tuple[Link, ...]
Areas = tuple[Area, ...]
Row = tuple[str, str, date, str | None, str | None]
"""Which row of counts: tabel, swv, teldatum, schoolsoort, vestigingscode."""


class Reference:
    """All reference data of a ledger, answering as known at any moment."""

    def __init__(self, booked: Iterable[ev.Event] = ()) -> None:
        self.links: defaultdict[str, History[Links]] = defaultdict(lambda: History(()))
        self.areas: defaultdict[str, History[Areas]] = defaultdict(lambda: History(()))
        self.vestigingen: defaultdict[str, History[ev.VestigingGeregistreerd | None]] = defaultdict(
            lambda: History(None)
        )
        self.namen: defaultdict[str, History[str]] = defaultdict(lambda: History(""))
        self.tellingen: list[tuple[Moment, Telling]] = []
        self.aantallen: defaultdict[Row, History[ev.AantallenGemeld | None]] = defaultdict(
            lambda: History(None)
        )
        for event in sorted(booked, key=lambda event: (event.bekend_op, event.positie)):
            self.learn(event)

    def learn(self, event: ev.Event) -> None:
        """Take in one more event; it was known no earlier than those before it."""
        self._apply((event.bekend_op, event.positie), event.fact)

    def swv_of_vestiging(
        self, vestigingscode: str, sector: Sector, day: date, moment: Moment
    ) -> str | None:
        """Return the samenwerkingsverband a vestiging is linked to on a day (rules.md 2).

        Where links overlap, the one known last wins. None: linked to none.
        """
        history = self.links.get(vestigingscode)
        return swv_by_links(history.at(moment), sector, day) if history else None

    def swv_of_pc4(self, pc4: str, sector: Sector, day: date, moment: Moment) -> str | None:
        """Return the samenwerkingsverband of a PC4 area on a day (rules.md 2).

        The area with the latest `vanaf` not after the day; None: the table lacks it.
        """
        history = self.areas.get(pc4)
        for area in reversed(history.at(moment)) if history else ():
            if area.vanaf <= day:
                return area.swv.get(sector)
        return None

    def as_known(self, moment: Moment) -> AsKnown:
        """Return the reference data as known at one moment."""
        return AsKnown(self, moment)

    def moments(self, vestigingen: Iterable[str], pc4s: Iterable[str]) -> list[Moment]:
        """Return the moments at which links or areas of these objects changed."""
        touching = [self.links[code].moments for code in vestigingen if code in self.links]
        touching += [self.areas[code].moments for code in pc4s if code in self.areas]
        return [moment for moments in touching for moment in moments]

    def tellingen_at(self, moment: Moment) -> list[Telling]:
        """Return the fixed counts as known at the moment, the one known last at the end."""
        return [telling for known, telling in self.tellingen if known <= moment]

    def _apply(self, moment: Moment, fact: ev.Fact) -> None:
        match fact:
            case ev.VestigingAangesloten() | ev.VestigingUitgetreden():
                links = self.links[fact.vestigingscode]
                links.add(moment, linked(links.latest, fact))
            case ev.PostcodegebiedToegewezen():
                areas = self.areas[fact.pc4]
                areas.add(moment, _assigned(areas.latest, fact))
            case ev.VestigingGeregistreerd():
                self.vestigingen[fact.vestigingscode].add(moment, fact)
            case ev.SwvGeregistreerd():
                self.namen[fact.swv].add(moment, fact.naam)
            case ev.TellingVastgesteld():
                telling = Telling(
                    fact.teldatum, frozenset(fact.schoolsoorten), parse_known_until(fact.op)
                )
                self.tellingen.append((moment, telling))
            case ev.AantallenGemeld():
                self.aantallen[row_of(fact)].add(moment, fact)


class AsKnown(NamedTuple):
    """Reference data as known at one moment, that event included."""

    reference: Reference
    moment: Moment

    def swv_of_vestiging(self, vestigingscode: str, sector: Sector, day: date) -> str | None:
        """Return the samenwerkingsverband that a vestiging is linked to on the day."""
        return self.reference.swv_of_vestiging(vestigingscode, sector, day, self.moment)

    def swv_of_pc4(self, pc4: str, sector: Sector, day: date) -> str | None:
        """Return the samenwerkingsverband of a PC4 area on the day."""
        return self.reference.swv_of_pc4(pc4, sector, day, self.moment)


def linked(links: Links, fact: ev.VestigingAangesloten | ev.VestigingUitgetreden) -> Links:
    """Return the links of a vestiging after one more fact, the one known last at the end."""
    if isinstance(fact, ev.VestigingUitgetreden):
        return _ended(links, fact)
    return (*links, Link(fact.swv, fact.vanaf, fact.tot_en_met or OPEN_DATE))


def swv_by_links(links: Links, sector: Sector, day: date) -> str | None:
    """Return the samenwerkingsverband that links say on a day: the one known last wins."""
    for link in reversed(links):
        if link.vanaf <= day <= link.tot_en_met and sector_of_swv(link.swv) == sector:
            return link.swv
    return None


def row_of(fact: ev.AantallenGemeld) -> Row:
    """Return which row of counts a fact is about."""
    return fact.tabel, fact.swv, fact.teldatum, fact.schoolsoort, fact.vestigingscode


def _ended(links: Links, fact: ev.VestigingUitgetreden) -> Links:
    """Return the links after a leave: the link that ran on its last day gets that end.

    A leave of a link that had ended already corrects that end (decisions.md).
    """
    starts = [
        link.vanaf for link in links if link.swv == fact.swv and link.vanaf <= fact.tot_en_met
    ]
    if not starts:
        return links
    latest = max(starts)
    return tuple(
        replace(link, tot_en_met=fact.tot_en_met)
        if (link.swv, link.vanaf) == (fact.swv, latest)
        else link
        for link in links
    )


def _assigned(areas: Areas, fact: ev.PostcodegebiedToegewezen) -> Areas:
    others = [area for area in areas if area.vanaf != fact.vanaf]
    new = Area(fact.vanaf, {"PO": fact.swv_po, "VO": fact.swv_vo})
    return tuple(sorted([*others, new], key=lambda area: area.vanaf))
