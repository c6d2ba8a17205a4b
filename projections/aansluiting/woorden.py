"""A difference in words: what differs, and by which event or its absence (rules.md 9). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.times import AMSTERDAM
from projections.aansluiting.gevallen import Geval
from projections.aansluiting.klassen import geldige_tlvs
from projections.aansluiting.model import Klasse, Regel
from projections.aansluiting.zijden import EIND_TLV, NUMMER, ONGEBRUIKT, WIJZE
from projections.verklaring import Gebeurtenis

_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")


class Namen(NamedTuple):
    """What the two sides are called in a sentence."""

    links: str
    rechts: str


def in_woorden(geval: Geval, klasse: Klasse, namen: Namen, events: Sequence[Gebeurtenis]) -> str:
    """Return the cause as a sentence of what, and one of the event or its absence; no PGN."""
    what = "; ".join(ZINNEN.get(klasse, _cells)(geval, namen))
    return f"{what[0].upper()}{what[1:]}. {_told(klasse, events)}"


def gebeurtenis_in_woorden(event: Gebeurtenis) -> str:
    """Return `tlv gekoppeld 00SU/1 door school, bekend op 10-03-2025, na de vaststelling`."""
    name = _WORD.sub(" ", event.type).lower()
    about = f" {event.sleutel}" if event.sleutel else ""
    side = "na" if event.vaststelling == "na" else "vóór"
    known = event.bekend_op.astimezone(AMSTERDAM)
    return f"{name}{about} door {event.bron}, bekend op {known:%d-%m-%Y}, {side} de vaststelling"


def _told(klasse: Klasse, events: Sequence[Gebeurtenis]) -> str:
    if klasse == "dubbele-sleutel":
        return "Deze rijen zijn niet vergeleken."
    if not events:
        return "Het grootboek kent hierover geen gebeurtenis."
    last = events[-1]
    more = f" (en {len(events) - 1} eerder)" if len(events) > 1 else ""
    return f"Gebeurtenis: {gebeurtenis_in_woorden(last)}{more}."


def _dubbel(geval: Geval, namen: Namen) -> Iterator[str]:
    for naam, rows in zip(namen, (geval.links, geval.rechts), strict=True):
        if rows:
            times = "een keer" if len(rows) == 1 else f"{len(rows)} keer"
            yield f"{naam} heeft deze sleutel {times} ({_places(rows)})"


def _since_download(geval: Geval, namen: Namen) -> Iterator[str]:
    del geval
    if namen.links.startswith("de latere"):
        yield "tussen de twee downloads werd iets anders bekend, ook bij ons"
        return
    yield "op het moment van het bestand zei het grootboek hetzelfde"
    yield "daarna werd iets anders bekend"


def _after_fixing(geval: Geval, namen: Namen) -> Iterator[str]:
    del geval, namen
    yield "bij de vaststelling zei het grootboek hetzelfde; daarna werd iets anders bekend"


def _residential(geval: Geval, namen: Namen) -> Iterator[str]:
    yield f"{namen.links} gebruikte {_tlv(_number(geval.duo))} voor een residentiële leerling"
    yield "de school koppelde die tlv niet aan de inschrijving"


def _closed(geval: Geval, namen: Namen) -> Iterator[str]:
    del geval
    yield f"{namen.links} telt een leerling die in een gesloten inrichting verblijft (GJI of JJI)"


def _not_linked(geval: Geval, namen: Namen) -> Iterator[str]:
    known = ", ".join(sorted(tlv.nummer for tlv in geldige_tlvs(geval)))
    how = "telt de leerling niet" if geval.duo is None else f"telt via '{geval.duo.velden[WIJZE]}'"
    yield f"tlv {known} is geldig op de teldatum; {namen.links} {how}"


def _expired(geval: Geval, namen: Namen) -> Iterator[str]:
    assert geval.duo is not None, "an expired tlv stands in a row of DUO"
    velden = geval.duo.velden
    nummer = velden[NUMMER] or velden[ONGEBRUIKT[NUMMER]]
    eind = velden[EIND_TLV] or velden[ONGEBRUIKT[EIND_TLV]]
    ours = [tlv.laatste_dag for tlv in geval.feiten.tlvs if tlv.nummer == nummer]
    yield f"tlv {nummer} loopt bij {namen.links} tot en met {_shown(eind)}"
    yield from (f"in het grootboek tot en met {_shown(day)}" for day in ours)


def _other_number(geval: Geval, namen: Namen) -> Iterator[str]:
    nummer = _number(geval.duo)
    yield f"{namen.links}: {_tlv(nummer)}; {namen.rechts}: {_tlv(_number(geval.ons))}"
    if geval.andere_houder:
        yield f"{nummer} is in het grootboek van een andere leerling"


def _elsewhere(geval: Geval, namen: Namen) -> Iterator[str]:
    counted = (row for row in geval.feiten.rijen if row.telt and row.swv != geval.swv)
    swvs = ", ".join(sorted({f"{row.swv} ({row.wijze_van_bepaling})" for row in counted}))
    yield f"{_mine(geval, namen)} telt de leerling bij {geval.swv}, het grootboek bij {swvs}"


def _double(geval: Geval, namen: Namen) -> Iterator[str]:
    yield "de leerling heeft op de teldatum meer dan een inschrijving en telt bij een ervan"
    if geval.elders:
        yield f"{_mine(geval, namen)} heeft ook {_places(geval.elders)}"


def _one_sided(geval: Geval, namen: Namen) -> Iterator[str]:
    other = namen.rechts if geval.duo is not None else namen.links
    yield f"{_mine(geval, namen)} telt deze inschrijving, {other} niet"
    if geval.soort == "alleen-bij-duo":
        yield _known(geval)


def _known(geval: Geval) -> str:
    """Return what the ledger knows of an enrolment that DUO alone counts."""
    feiten = geval.feiten
    own = [row for row in feiten.rijen if row.sleutel == geval.inschrijving]
    if not feiten.alles:
        return "het grootboek kent geen inschrijving van deze leerling"
    if own:
        return f"in het grootboek: {own[0].reden or f'telt bij {own[0].swv}'}"
    if any(row.sleutel == geval.inschrijving for row in feiten.alles):
        return "in het grootboek loopt die niet op de teldatum"
    return "het grootboek kent de leerling, maar niet deze inschrijving"


def _cells(geval: Geval, namen: Namen) -> Iterator[str]:
    if geval.eenzijdig:
        yield from _one_sided(geval, namen)
    for kolom, cel in geval.kolommen.items():
        yield f"{kolom}: {namen.links} {_shown(cel.duo)}, {namen.rechts} {_shown(cel.ons)}"


ZINNEN: Final[Mapping[Klasse, Callable[[Geval, Namen], Iterator[str]]]] = {
    "dubbele-sleutel": _dubbel,
    "gewijzigd-sinds-download": _since_download,
    "na-vaststelling": _after_fixing,
    "residentieel-met-tlv": _residential,
    "gesloten-inrichting": _closed,
    "tlv-niet-gekoppeld": _not_linked,
    "tlv-verlopen": _expired,
    "tlv-ander-nummer": _other_number,
    "ander-samenwerkingsverband": _elsewhere,
    "dubbele-inschrijving": _double,
}
"""What is said of a class; of all others: which columns differ, or which side has no row."""


def _mine(geval: Geval, namen: Namen) -> str:
    return namen.rechts if geval.duo is None else namen.links


def _number(regel: Regel | None) -> object:
    return None if regel is None else regel.velden[NUMMER]


def _tlv(nummer: object) -> str:
    return f"tlv {nummer}" if nummer else "geen tlv"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "Ja" if value else "Nee"
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    return "leeg" if value is None else str(value)


def _places(rows: Sequence[Regel]) -> str:
    return ", ".join(dict.fromkeys(row.plaats for row in rows))
