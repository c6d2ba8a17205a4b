"""What a source says of reference data to the facts that make it so (events.md 2). Pure.

Each function answers for one state: which facts lead from what is known to what it says, none
when it says nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import reduce
from typing import cast

from msgspec import UNSET
from msgspec.structs import replace

from ledger import events as ev
from ledger.codes import Schoolsoort, sector_of_swv
from ledger.reference import (
    Areas,
    History,
    Link,
    Links,
    Reference,
    linked,
    row_of,
    swv_by_links,
)
from ledger.states import (
    AansluitingStand,
    AantallenStand,
    PostcodegebiedStand,
    ReferenceStand,
    SwvStand,
    TellingStand,
    VestigingStand,
)
from ledger.times import ONE_DAY, OPEN_DATE, parse_known_until

Linking = ev.VestigingAangesloten | ev.VestigingUitgetreden


def facts_of(reference: Reference, stand: ReferenceStand) -> list[ev.Fact]:
    """Return the facts that make what is known into what the state says; [] = nothing new.

    `reference` holds what was known of the object at the moment of the state, and no more.
    """
    match stand:
        case AansluitingStand():
            history = reference.links.get(stand.vestigingscode)
            return [*_linking(history.latest if history else (), stand)]
        case VestigingStand():
            return _vestiging(reference.vestigingen.get(stand.vestigingscode), stand)
        case PostcodegebiedStand():
            return _area(reference.areas.get(stand.pc4), stand)
        case SwvStand():
            known = reference.namen.get(stand.swv)
            same = known is not None and known.latest == stand.naam
            return [] if same else [ev.SwvGeregistreerd(swv=stand.swv, naam=stand.naam)]
        case TellingStand():
            return _telling(reference, stand)
        case AantallenStand():
            return _counts(reference, stand)


def _linking(links: Links, stand: AansluitingStand) -> list[Linking]:
    """Return what links a vestiging as the state says (rules.md 2: one per sector on a day).

    Who held it on the first day left on the day before; who holds it from a later day on
    stays as known after the last day. Days before the first keep their answer.
    """
    facts: list[Linking] = [*_leaving(links, stand)]
    after = reduce(linked, facts, links)
    # Told out loud, also where an older link would come to light: other files can still land
    # before this one.
    if not (_says(links, stand) and _says(after, stand)):
        facts.append(
            ev.VestigingAangesloten(
                vestigingscode=stand.vestigingscode,
                swv=stand.swv,
                vanaf=stand.vanaf,
                tot_en_met=stand.tot_en_met,
            )
        )
    return [*facts, *_restored(links, after, stand)]


def _says(links: Links, stand: AansluitingStand) -> bool:
    """Tell whether links have the samenwerkingsverband of the state on each of its days."""
    days = _edges(links, stand.vanaf, stand.tot_en_met or OPEN_DATE)
    return all(swv_by_links(links, sector_of_swv(stand.swv), day) == stand.swv for day in days)


def _leaving(links: Links, stand: AansluitingStand) -> Iterator[ev.VestigingUitgetreden]:
    """Yield the ends of the links that the state rules out.

    A leave ends the link of a samenwerkingsverband that began last, so one that began
    earlier and runs on beside it ends where that one begins.
    """
    for swv in sorted({link.swv for link in links}):
        begun = sorted({link.vanaf for link in links if link.swv == swv})
        ends = {
            link.vanaf: end
            for link in links
            if link.swv == swv
            if (end := _end(link, links, stand))
        }
        for vanaf, end in sorted(ends.items()):
            following = [day for day in begun if vanaf < day <= end]
            yield ev.VestigingUitgetreden(
                vestigingscode=stand.vestigingscode,
                swv=swv,
                tot_en_met=following[0] - ONE_DAY if following else end,
            )


def _end(link: Link, links: Links, stand: AansluitingStand) -> date | None:
    """Return the last day of a link by what the state says, None when that leaves it alone."""
    sector, own, last = sector_of_swv(stand.swv), link.swv == stand.swv, stand.tot_en_met
    if sector_of_swv(link.swv) != sector:
        return None
    if not own and link.vanaf < stand.vanaf <= link.tot_en_met:
        return stand.vanaf - ONE_DAY
    if last is None or not link.vanaf <= last < link.tot_en_met:
        return None
    if not own and swv_by_links(links, sector, last + ONE_DAY) == link.swv:
        return None
    return last


def _restored(
    links: Links, after: Links, stand: AansluitingStand
) -> Iterator[ev.VestigingAangesloten]:
    """Yield links for the days before the state whose answer a leave took away.

    Only where links of one samenwerkingsverband lay over each other and over another's.
    """
    sector, before = sector_of_swv(stand.swv), stand.vanaf - ONE_DAY
    first = min((link.vanaf for link in links), default=stand.vanaf)
    edges = _edges((*links, *after), first, before)
    for place, vanaf in enumerate(edges):
        swv = swv_by_links(links, sector, vanaf)
        if swv is not None and swv != swv_by_links(after, sector, vanaf):
            beyond = edges[place + 1] if place + 1 < len(edges) else stand.vanaf
            yield ev.VestigingAangesloten(
                vestigingscode=stand.vestigingscode,
                swv=swv,
                vanaf=vanaf,
                tot_en_met=beyond - ONE_DAY,
            )


def _edges(links: Iterable[Link], first: date, last: date) -> list[date]:
    """Return the days from the first to the last on which an answer can change."""
    days = {first}
    for link in links:
        days.add(link.vanaf)
        if link.tot_en_met < OPEN_DATE:
            days.add(link.tot_en_met + ONE_DAY)
    return sorted(day for day in days if first <= day <= last)


def _vestiging(
    history: History[ev.VestigingGeregistreerd | None] | None, stand: VestigingStand
) -> list[ev.Fact]:
    """Return the vestiging as told; what the source does not tell stays as known.

    A vestiging whose name nobody told goes by its code.
    """
    known = history.latest if history else None
    told = {
        name: value
        for name in ("naam", "gesloten_inrichting", "residentieel")
        if (value := getattr(stand, name)) is not UNSET
    }
    if not told:
        return []
    base = known or ev.VestigingGeregistreerd(
        vestigingscode=stand.vestigingscode, naam=stand.vestigingscode
    )
    fact = replace(base, **told)
    return [] if fact == known else [fact]


def _area(history: History[Areas] | None, stand: PostcodegebiedStand) -> list[ev.Fact]:
    """Return the area, unless on its first day the same pair holds already."""
    said = {"PO": stand.swv_po, "VO": stand.swv_vo}
    for area in reversed(history.latest if history else ()):
        if area.vanaf <= stand.vanaf:
            if area.swv == said:
                return []
            break
    fact = ev.PostcodegebiedToegewezen(
        pc4=stand.pc4, swv_po=stand.swv_po, swv_vo=stand.swv_vo, vanaf=stand.vanaf
    )
    return [fact]


def _telling(reference: Reference, stand: TellingStand) -> list[ev.Fact]:
    """Return the fixed count, unless all of its schoolsoorten are known fixed at that moment."""
    known = {
        soort: telling.op
        for _, telling in reference.tellingen
        if telling.teldatum == stand.teldatum
        for soort in telling.schoolsoorten
    }
    op = parse_known_until(stand.op)
    if all(known.get(soort) == op for soort in stand.schoolsoorten):
        return []
    fact = ev.TellingVastgesteld(
        teldatum=stand.teldatum, schoolsoorten=stand.schoolsoorten, op=stand.op
    )
    return [fact]


def _counts(reference: Reference, stand: AantallenStand) -> list[ev.Fact]:
    """Return the row of counts, unless the same row was reported last."""
    fact = ev.AantallenGemeld(
        tabel=stand.tabel,
        swv=stand.swv,
        teldatum=stand.teldatum,
        schoolsoort=cast("Schoolsoort | None", stand.schoolsoort),
        vestigingscode=stand.vestigingscode,
        deelnemend=stand.deelnemend,
        aantallen=stand.aantallen,
    )
    known = reference.aantallen.get(row_of(fact))
    return [] if known is not None and known.latest == fact else [fact]
