"""Which samenwerkingsverband answers for an enrolment, and whether it counts (rules.md 3 and 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.oracle_facts import Event, day

if TYPE_CHECKING:
    from tests.oracle_facts import Inschrijving, Leerling, Periode, Tlv
    from tests.oracle_reference import Referentie

SECTOR = {"SBO": "PO", "SO": "PO", "VSO": "VO"}
FITTING_CATEGORIES = {
    "SBO": ("SBO",),
    "SO": ("LAAG", "MIDDEN", "HOOG"),
    "VSO": ("LAAG", "MIDDEN", "HOOG"),
}
REGULAR_BEFORE = {"PO": ("BO", "SBO"), "VO": ("VO",)}
RESIDENTIAL = ("IJH", "IGZ", "IJG")
CLOSED = ("GJI", "JJI")
LONGEST_GAP = 28
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Toerekening:
    """What a rule of section 3 decided: `tlv` only by rule 1, an empty `swv` by rule 0 and 8."""

    swv: str = ""
    wijze: str = ""
    tlv: Tlv | None = None
    rests_on_tlv: bool = False


@dataclass(frozen=True)
class Segment:
    """Days of one enrolment over which the attribution is constant (rules.md 3)."""

    inschrijving: Inschrijving
    periode: Periode
    van: date
    tot_en_met: date | None
    toerekening: Toerekening

    def holds_on(self, moment: date) -> bool:
        """Tell whether the segment holds that day."""
        return self.van <= moment and (self.tot_en_met is None or moment <= self.tot_en_met)


@dataclass(frozen=True)
class Vraag:
    """Everything a rule of section 3 may look at to decide one segment."""

    leerling: Leerling
    referentie: Referentie
    inschrijving: Inschrijving
    periode: Periode
    first_day: date
    before: Segment | None

    @property
    def sector(self) -> str:
        """The sector whose samenwerkingsverband is asked for."""
        return SECTOR[self.periode.schoolsoort]


def segments(
    leerling: Leerling, inschrijving: Inschrijving, reference: Referentie
) -> list[Segment]:
    """Return the segments of an enrolment in order (rules.md 3)."""
    found: list[Segment] = []
    starts = _segment_starts(leerling, inschrijving)
    for index, first in enumerate(starts):
        last = inschrijving.einddatum
        if index + 1 < len(starts):
            last = starts[index + 1] - ONE_DAY
        before = found[-1] if found else None
        periode = inschrijving.periode_on(first)
        toerekening = _attribute(
            Vraag(leerling, reference, inschrijving, periode, first, before),
        )
        found.append(Segment(inschrijving, periode, first, last, toerekening))
    return found


def _segment_starts(leerling: Leerling, inschrijving: Inschrijving) -> list[date]:
    """Return the days where a period starts or the usable tlv changes (rules.md 3)."""
    period_starts = [periode.vanaf for periode in inschrijving.perioden]
    turns = [tlv.begindatum for tlv in leerling.tlvs.values()]
    turns += [tlv.last_day + ONE_DAY for tlv in leerling.tlvs.values()]
    inside = [turn for turn in turns if inschrijving.active_on(turn)]
    starts: list[date] = []
    for first in sorted({*period_starts, *inside}):
        if first not in period_starts and _number_on(leerling, inschrijving, first) == _number_on(
            leerling, inschrijving, starts[-1]
        ):
            continue
        starts.append(first)
    return starts


def _number_on(leerling: Leerling, inschrijving: Inschrijving, moment: date) -> str:
    """Return the number of the usable tlv, empty without one."""
    tlv = usable_tlv(leerling, inschrijving, moment)
    return "" if tlv is None else tlv.nummer


def usable_tlv(leerling: Leerling, inschrijving: Inschrijving, moment: date) -> Tlv | None:
    """Return the usable tlv of a day (rules.md 3, rule 1)."""
    periode = inschrijving.periode_on(moment)
    residential = periode.soort_verblijf in RESIDENTIAL
    linked = {n for n, door in inschrijving.koppelingen if door == "school" or not residential}
    usable = [
        tlv
        for tlv in leerling.tlvs.values()
        if tlv.nummer in linked
        and tlv.valid_on(moment)
        and tlv.nummer[:2] == SECTOR.get(periode.schoolsoort)
        and tlv.categorie in FITTING_CATEGORIES.get(periode.schoolsoort, ())
    ]
    return max(usable, key=lambda tlv: (tlv.begindatum, tlv.nummer), default=None)


def _attribute(vraag: Vraag) -> Toerekening:
    """Return what the first fitting rule of section 3 says."""
    if vraag.periode.schoolsoort not in SECTOR or vraag.periode.cluster in (1, 2):
        return Toerekening()
    if vraag.periode.soort_verblijf in CLOSED:
        return Toerekening()  # rule 0
    rules = (
        _by_tlv,
        _by_previous_period,
        _by_previous_enrolment,
        _by_previous_vestiging,
        _by_residence,
        _by_own_vestiging,
        _by_report,
    )
    for rule in rules:
        toerekening = rule(vraag)
        if toerekening is not None and toerekening.swv:
            return toerekening
    return Toerekening()  # rule 8


def _by_tlv(vraag: Vraag) -> Toerekening | None:
    """Rule 1: a usable tlv."""
    tlv = usable_tlv(vraag.leerling, vraag.inschrijving, vraag.first_day)
    return None if tlv is None else Toerekening(tlv.nummer[:6], "TLV", tlv, rests_on_tlv=True)


def _carried(segment: Segment, sector: str, wijze: str) -> Toerekening | None:
    """Carry the samenwerkingsverband of an earlier segment; VO only when it rests on a tlv."""
    earlier = segment.toerekening
    if sector == "VO" and not earlier.rests_on_tlv:
        return None
    return Toerekening(earlier.swv, wijze, rests_on_tlv=earlier.rests_on_tlv)


def _by_previous_period(vraag: Vraag) -> Toerekening | None:
    """Rule 2: the segment directly before it in the same enrolment."""
    if vraag.before is None:
        return None
    return _carried(vraag.before, vraag.sector, "Vorige periode inschrijving")


def _by_previous_enrolment(vraag: Vraag) -> Toerekening | None:
    """Rule 3: the previous enrolment, SO or VSO of the same sector, on its last day."""
    previous = previous_enrolment(vraag.leerling, vraag.inschrijving)
    if previous is None:
        return None
    schoolsoort = previous.perioden[-1].schoolsoort
    if schoolsoort not in ("SO", "VSO") or SECTOR[schoolsoort] != vraag.sector:
        return None
    last = segments(vraag.leerling, previous, vraag.referentie)[-1]
    return _carried(last, vraag.sector, "Vorige inschrijving")


def _by_previous_vestiging(vraag: Vraag) -> Toerekening | None:
    """Rule 4: the last vestiging of a funded previous enrolment in BO, SBO or VO."""
    previous = previous_enrolment(vraag.leerling, vraag.inschrijving)
    if previous is None or previous.einddatum is None:
        return None
    last = previous.perioden[-1]
    if last.schoolsoort not in REGULAR_BEFORE[vraag.sector] or not last.bekostigbaar:
        return None
    swv = vraag.referentie.linked_swv(last.vestigingscode, vraag.sector, previous.einddatum)
    return Toerekening(swv, "Vestiging vorige inschrijving")


def _by_residence(vraag: Vraag) -> Toerekening | None:
    """Rule 5: the PC4 in the table of `begindatum`, or the samenwerkingsverband as booked."""
    woonplaats = _deciding_residence(vraag)
    if woonplaats.get("pc4"):
        begindatum = vraag.inschrijving.begindatum
        swv = vraag.referentie.postcode_swv(woonplaats["pc4"], vraag.sector, begindatum)
        return Toerekening(swv, "Woonplaats leerling")
    booked = [swv for swv in woonplaats.get("swv") or () if swv.startswith(vraag.sector)]
    return Toerekening(booked[0], "Woonplaats leerling") if booked else None


def _by_own_vestiging(vraag: Vraag) -> Toerekening | None:
    """Rule 6: abroad, so the vestiging as linked on the segment's first day."""
    if not _deciding_residence(vraag).get("buitenland"):
        return None
    vestiging = vraag.periode.vestigingscode
    swv = vraag.referentie.linked_swv(vestiging, vraag.sector, vraag.first_day)
    return Toerekening(swv, "Vestiging inschrijving")


def _by_report(vraag: Vraag) -> Toerekening | None:
    """Rule 7: what DUO reported last for a teldatum not before the segment."""
    told = [
        bepaling
        for bepaling in vraag.inschrijving.bepalingen
        if day(bepaling["teldatum"]) >= vraag.first_day
    ]
    if not told or not told[-1].get("swv"):
        return None
    return Toerekening(told[-1]["swv"], told[-1].get("wijze") or "")


def _deciding_residence(vraag: Vraag) -> Event:
    """Return the residence on `begindatum`, else on the first day, else the first known."""
    woonplaatsen = vraag.leerling.woonplaatsen
    if not woonplaatsen:
        return {}
    for moment in (vraag.inschrijving.begindatum, vraag.first_day):
        begun = [vanaf for vanaf in woonplaatsen if vanaf <= moment]
        if begun:
            return woonplaatsen[max(begun)]
    return woonplaatsen[min(woonplaatsen)]


def previous_enrolment(leerling: Leerling, inschrijving: Inschrijving) -> Inschrijving | None:
    """Return the enrolment that ended last before this one, gap at most 28 days (rules.md 3)."""
    ended = [
        (other.einddatum, other.begindatum, other)
        for other in leerling.inschrijvingen.values()
        if other.einddatum is not None and other.einddatum < inschrijving.begindatum
    ]
    if not ended:
        return None
    last_end, last_begin, _ = max(ended, key=lambda one: one[:2])
    tied = [other for end, begin, other in ended if (end, begin) == (last_end, last_begin)]
    if (inschrijving.begindatum - last_end).days - 1 > LONGEST_GAP:
        return None
    return min(tied, key=lambda other: other.sleutel)


def categorie(segment: Segment) -> str:
    """Return the ondersteuningscategorie of a segment (rules.md 3); BO and VO have none."""
    if segment.periode.schoolsoort not in SECTOR:
        return ""
    if segment.toerekening.tlv is not None:
        return segment.toerekening.tlv.categorie
    if segment.periode.schoolsoort == "SBO":
        return "SBO"
    return segment.periode.ondersteuningscategorie or "LAAG"


def basis(segment: Segment) -> str:
    """Return TLV, RP or OVERIG (rules.md 3); BO and VO have none."""
    if segment.periode.schoolsoort not in SECTOR:
        return ""
    if segment.toerekening.tlv is not None:
        return "TLV"
    residential = segment.periode.soort_verblijf in RESIDENTIAL
    return "RP" if residential and segment.periode.schoolsoort != "SBO" else "OVERIG"


def own_reason(segment: Segment) -> str:
    """Return why a segment does not count on its own (rules.md 4), empty when it passes."""
    periode = segment.periode
    if periode.soort_verblijf in CLOSED:
        return "gesloten inrichting"
    if periode.cluster in (1, 2):
        return "cluster 1 of 2"
    if not periode.bekostigbaar:
        return "niet bekostigbaar"
    if periode.schoolsoort in SECTOR and not segment.toerekening.swv:
        return "geen samenwerkingsverband"
    return ""


def reason_on(segment: Segment, others: list[Segment], moment: date) -> str:
    """Return why a segment does not count on a day, the contest included (rules.md 4)."""
    reason = own_reason(segment)
    rivals = [other for other in others if other.holds_on(moment) and not own_reason(other)]
    if not reason and any(_wins(other.inschrijving, segment.inschrijving) for other in rivals):
        return "dubbele inschrijving"
    return reason


def _wins(one: Inschrijving, other: Inschrijving) -> bool:
    """Tell whether one enrolment wins from another: the latest begin, then the lowest key."""
    if one.begindatum != other.begindatum:
        return one.begindatum > other.begindatum
    return one.sleutel < other.sleutel
