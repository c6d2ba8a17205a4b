"""Why a difference is there: the events behind it (rules.md 9).

Pure: what happened is read from rectangles, as the causes of a `why` are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from projections.aansluiting.gevallen import Geval
from projections.aansluiting.klassen import geldige_tlvs, met_tlv
from projections.aansluiting.model import Klasse
from projections.aansluiting.zijden import NUMMER, ONGEBRUIKT
from projections.store.encoding import day_number
from projections.store.rectangles import StandRectangle
from projections.why.causes import Cause, corrections
from projections.why.pairs import Point


class Momenten(NamedTuple):
    """The knowledge of DUO's file, of the vaststelling and of the question, as numbers."""

    bestand: int
    vaststelling: int
    vraag: int


def aanleiding(geval: Geval, klasse: Klasse, momenten: Momenten) -> tuple[Cause, ...]:
    """Return the events that a difference rests on, in the order of knowledge; none = absent."""
    if klasse == "dubbele-sleutel":
        return ()
    if klasse == "gewijzigd-sinds-download":
        return _between(geval, momenten.bestand, momenten.vraag)
    if klasse == "na-vaststelling":
        return _between(geval, momenten.vaststelling, momenten.vraag)
    if klasse in {"tlv-niet-gekoppeld", "tlv-verlopen", "tlv-ander-nummer"}:
        found = _of_tlvs(geval, _numbers(geval, klasse))
        if found:
            return found
    if geval.kolommen and geval.kolommen.keys() <= VAST:
        return _since(geval, _unchanging)
    return _since(geval, BLIK.get(klasse, _counting))


def _between(geval: Geval, one: int, two: int) -> tuple[Cause, ...]:
    """Return the events by which our answer changed between two moments of knowledge."""
    first, last = sorted((one, two))
    day = day_number(geval.teldatum)
    points = Point(day, first), Point(day, last)
    found = {cause for step in corrections(geval.feiten.alles, *points) for cause in step.causes}
    if not found:
        here = [row for row in geval.feiten.alles if row.geldig_van <= day < row.geldig_tot]
        found = {(row.bekend_van, door) for row in here for door in row.openers}
        found |= {(row.bekend_tot, door) for row in here for door in row.closers}
    if not any(first < known <= last for known, _ in found):
        found |= {(tlv.bekend_van, tlv.geopend_door) for tlv in geval.feiten.tlvs}
    return tuple(sorted(cause for cause in found if first < cause[0] <= last))


def _numbers(geval: Geval, klasse: Klasse) -> set[object]:
    """Return the tlv's that a class is about."""
    if klasse == "tlv-niet-gekoppeld":
        own = geval.ons.velden[NUMMER] if geval.ons is not None and met_tlv(geval.ons) else None
        return {own} if own else {tlv.nummer for tlv in geldige_tlvs(geval)}
    numbers = {regel.velden[NUMMER] for regel in (*geval.links, *geval.rechts)}
    if klasse == "tlv-verlopen" and geval.duo is not None:
        return {geval.duo.velden[NUMMER] or geval.duo.velden[ONGEBRUIKT[NUMMER]]}
    return numbers


def _of_tlvs(geval: Geval, numbers: set[object]) -> tuple[Cause, ...]:
    feiten = geval.feiten
    found = {(t.bekend_van, t.geopend_door) for t in feiten.tlvs if t.nummer in numbers}
    links = [k for k in feiten.koppelingen if k.nummer in numbers]
    keys = {regel.sleutel[1:] for regel in (*geval.links, *geval.rechts)}
    own = [k for k in links if (k.instellingscode, k.volgnummer) in keys]
    found |= {(k.bekend_van, k.geopend_door) for k in own or links}
    return tuple(sorted(found))


Blik = Callable[[StandRectangle], tuple[object, ...]]


def _counting(row: StandRectangle) -> tuple[object, ...]:
    return row.telt, row.reden, row.swv


def _unchanging(_: StandRectangle) -> tuple[object, ...]:
    return ()


VAST: Final = frozenset({"INSTELLINGSCODE", "INSCHRIJVINGSVOLGNUMMER"})
"""What an enrolment has from its registration on: that is the cause."""

BLIK: Final[Mapping[Klasse, Blik]] = {
    "categorie-verschilt": lambda row: (row.ondersteuningscategorie,),
    "andere-vestiging": lambda row: (row.vestigingscode,),
    "datum-verschilt": lambda row: (row.einddatum,),
    "gegevens-verschillen": lambda row: (row.wijze_van_bepaling, row.beschikkingsnummer, row.basis),
}
"""What of a row a class is about: its cause is the event since which we know that so."""


def _since(geval: Geval, look: Blik) -> tuple[Cause, ...]:
    """Return the events that opened what holds now, as far back as it looked the same."""
    row = _holding(geval)
    if row is None:
        return _ended(geval)
    day = day_number(geval.teldatum)
    mine = [
        one
        for one in geval.feiten.alles
        if one.sleutel == row.sleutel and one.geldig_van <= day < one.geldig_tot
    ]
    while before := next((one for one in mine if _touches(one, row, look)), None):
        row = before
    return tuple(sorted((row.bekend_van, door) for door in row.openers))


def _touches(one: StandRectangle, row: StandRectangle, look: Blik) -> bool:
    return one.bekend_tot == row.bekend_van and look(one) == look(row)


def _holding(geval: Geval) -> StandRectangle | None:
    """Return the row that a difference is about: of the enrolment, else one that counts."""
    rows = geval.feiten.rijen
    keys = {regel.sleutel[1:] for regel in geval.rechts} or {geval.inschrijving}
    own = [row for row in rows if row.sleutel in keys]
    return next(iter([*own, *(row for row in rows if row.telt), *rows]), None)


def _ended(geval: Geval) -> tuple[Cause, ...]:
    """Return what last said that the enrolment does not run on the teldatum."""
    mine = [row for row in geval.feiten.alles if row.sleutel == geval.inschrijving]
    causes = {(row.bekend_van, door) for row in mine for door in row.openers}
    causes |= {(row.bekend_tot, door) for row in mine for door in row.closers}
    last = max((known for known, _ in causes), default=0)
    return tuple(sorted(cause for cause in causes if cause[0] == last))
