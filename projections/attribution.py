"""Which samenwerkingsverband answers for an enrolment, and why (rules.md 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Final, NamedTuple, Protocol

import msgspec

from ledger.codes import (
    ATTRIBUTED,
    CLOSED,
    RESIDENTIAL,
    SECTOR_OF_SCHOOLSOORT,
    Basis,
    Categorie,
    Sector,
    sector_of_swv,
    swv_of_tlv,
)
from ledger.dossier import Dossier, Inschrijving, Periode, Tlv, Woonplaats, geldig_op
from ledger.times import ONE_DAY, OPEN_DATE

LONGEST_GAP: Final = 28
"""Days between two enrolments that keep them a chain (rules.md 3, assumption A-22)."""

WOONPLAATS: Final = "Woonplaats leerling"
VESTIGING: Final = "Vestiging inschrijving"
BY_RESIDENCE: Final = frozenset({WOONPLAATS, VESTIGING})
"""The ways of rules 5 and 6: what they say follows from a residence."""

CATEGORIE_WITHOUT_TLV: Final[Categorie] = "LAAG"
"""When neither a tlv nor the registration names one (rules.md 3, assumption A-26)."""


class ReferenceAsKnown(Protocol):
    """Reference data as known at one moment."""

    def swv_of_vestiging(self, vestigingscode: str, sector: Sector, day: date) -> str | None:
        """Return the samenwerkingsverband that a vestiging is linked to on the day."""

    def swv_of_pc4(self, pc4: str, sector: Sector, day: date) -> str | None:
        """Return the samenwerkingsverband of a PC4 area on the day."""


class Bepaling(NamedTuple):
    """What a rule decided: who answers, by which rule, and whether a tlv is behind it."""

    swv: str | None
    wijze: str
    rust_op_tlv: bool = False


UNDECIDED: Final = Bepaling(None, "")


class Segment(msgspec.Struct, frozen=True):
    """Days of an enrolment, `van` up to and without `tot`, with one attribution.

    `categorie` and `basis` are None for BO and VO; `nummer` is the tlv that decided (rule 1).
    """

    van: date
    tot: date
    periode: Periode
    bepaling: Bepaling
    categorie: Categorie | None
    basis: Basis | None
    nummer: str | None


class Vorige(NamedTuple):
    """The previous enrolment and its segments (rules.md 3, *Previous enrolment*)."""

    inschrijving: Inschrijving
    segments: tuple[Segment, ...]


def attribute(
    inschrijving: Inschrijving,
    vorige: Vorige | None,
    dossier: Dossier,
    reference: ReferenceAsKnown,
) -> tuple[Segment, ...]:
    """Return the segments of an enrolment in order, each with who answers for it.

    `vorige` is the previous enrolment where there is one within the gap (`previous`).
    """
    if not is_asking(inschrijving):
        return tuple(
            Segment(van, tot, periode, UNDECIDED, None, None, None)
            for periode, van, tot in _spans(inschrijving)
        )
    segments: list[Segment] = []
    for periode, van, tot, tlv in _pieces(inschrijving, dossier.tlvs):
        before = segments[-1].bepaling if segments else UNDECIDED
        case = _Case(inschrijving, periode, van, before, vorige, dossier, reference)
        segments.append(_segment(case, tot, tlv))
    return tuple(segments)


def previous(inschrijving: Inschrijving, others: Sequence[Inschrijving]) -> Inschrijving | None:
    """Return the enrolment before this one, None when there is none within the gap.

    Of those that ended before this one begins the one that ended last; ties: the latest
    begin, then the lowest key (rules.md 3).
    """
    ended = [
        (other.einddatum, other.begindatum, other)
        for other in others
        if other.einddatum is not None and other.einddatum < inschrijving.begindatum
    ]
    if not ended:
        return None
    last = max((einddatum, begindatum) for einddatum, begindatum, _ in ended)
    vorige = min(
        (other for einddatum, begindatum, other in ended if (einddatum, begindatum) == last),
        key=lambda other: other.sleutel,
    )
    gap = (inschrijving.begindatum - last[0] - ONE_DAY).days
    return vorige if gap <= LONGEST_GAP else None


def fits(nummer: str, categorie: str, schoolsoort: str) -> bool:
    """Tell whether a tlv is of the sector and the kind of a schoolsoort (rules.md 3, rule 1)."""
    if sector_of_swv(nummer) != SECTOR_OF_SCHOOLSOORT[schoolsoort]:
        return False
    return (categorie == "SBO") == (schoolsoort == "SBO")


def residence(dossier: Dossier, begindatum: date, van: date) -> Woonplaats | None:
    """Return the residence that rules 5 and 6 look at, for a segment that starts on `van`.

    That of the begindatum of the enrolment, else of the first day, else the first known.
    """
    return (
        dossier.woonplaats_op(begindatum)
        or dossier.woonplaats_op(van)
        or next(iter(dossier.woonplaatsen), None)
    )


def asks(schoolsoort: object) -> bool:
    """Tell whether somebody has to answer for enrolments of a schoolsoort (rules.md 3)."""
    return schoolsoort in ATTRIBUTED


def is_asking(inschrijving: Inschrijving) -> bool:
    """Tell whether somebody has to answer for an enrolment (rules.md 3).

    Its schoolsoort is that of any of its periods: it never changes within one (events.md 4).
    """
    perioden = inschrijving.perioden
    assert perioden[0].schoolsoort == perioden[-1].schoolsoort
    return asks(perioden[0].schoolsoort)


def is_attributed(periode: Periode) -> bool:
    """Tell whether a period gets a samenwerkingsverband at all: no BO, VO, cluster 1 or 2."""
    return asks(periode.schoolsoort) and not in_cluster_1_or_2(periode)


def in_cluster_1_or_2(periode: Periode) -> bool:
    """Tell whether the period is in cluster 1 or 2, outside every samenwerkingsverband."""
    return periode.cluster is not None and str(periode.cluster) in {"1", "2"}


class _Case(NamedTuple):
    """One segment to decide on, with all that the rules look at."""

    inschrijving: Inschrijving
    periode: Periode
    van: date
    before: Bepaling
    vorige: Vorige | None
    dossier: Dossier
    reference: ReferenceAsKnown

    @property
    def sector(self) -> Sector:
        return SECTOR_OF_SCHOOLSOORT[self.periode.schoolsoort]


def _segment(case: _Case, tot: date, tlv: Tlv | None) -> Segment:
    periode = case.periode
    decides = is_attributed(periode) and periode.soort_verblijf not in CLOSED
    used = tlv if decides else None
    bepaling = _decide(case, used) if decides else UNDECIDED
    basis: Basis = "OVERIG"
    if used is not None:
        basis = "TLV"
    elif periode.soort_verblijf in RESIDENTIAL and periode.schoolsoort != "SBO":
        basis = "RP"
    nummer = None if used is None else used.nummer
    return Segment(case.van, tot, periode, bepaling, _categorie(periode, used), basis, nummer)


def _decide(case: _Case, tlv: Tlv | None) -> Bepaling:
    """Return what the first rule that fits decides (rules.md 3, rules 1 to 8)."""
    if tlv is not None:
        return Bepaling(swv_of_tlv(tlv.nummer), "TLV", rust_op_tlv=True)
    return (
        _carried(case.before, case.sector, "Vorige periode inschrijving")
        or _vorige_inschrijving(case)
        or _woonplaats(case)
        or _gemeld(case)
        or UNDECIDED
    )


def _carried(bepaling: Bepaling, sector: Sector, wijze: str) -> Bepaling | None:
    """Return what passes on to what follows; for VO only what rests on a tlv (rules 2, 3)."""
    if bepaling.swv is None or (sector == "VO" and not bepaling.rust_op_tlv):
        return None
    return Bepaling(bepaling.swv, wijze, bepaling.rust_op_tlv)


def _vorige_inschrijving(case: _Case) -> Bepaling | None:
    """Return what the previous enrolment decides (rules 3 and 4)."""
    if case.vorige is None:
        return None
    vorige, segments = case.vorige
    last, sector = vorige.perioden[-1], case.sector
    if SECTOR_OF_SCHOOLSOORT[last.schoolsoort] != sector:
        return None
    if last.schoolsoort in {"SO", "VSO"}:
        return _carried(segments[-1].bepaling, sector, "Vorige inschrijving")
    if not last.bekostigbaar or vorige.einddatum is None:
        return None
    swv = case.reference.swv_of_vestiging(last.vestigingscode, sector, vorige.einddatum)
    return None if swv is None else Bepaling(swv, "Vestiging vorige inschrijving")


def _woonplaats(case: _Case) -> Bepaling | None:
    """Return what the residence decides (rules 5 and 6)."""
    woonplaats = residence(case.dossier, case.inschrijving.begindatum, case.van)
    if woonplaats is None:
        return None
    begin = case.inschrijving.begindatum
    if woonplaats.buitenland:
        swv = case.reference.swv_of_vestiging(case.periode.vestigingscode, case.sector, case.van)
        return None if swv is None else Bepaling(swv, VESTIGING)
    if woonplaats.pc4 is not None:
        swv = case.reference.swv_of_pc4(woonplaats.pc4, case.sector, begin)
    else:
        swv = next((code for code in woonplaats.swv if sector_of_swv(code) == case.sector), None)
    return None if swv is None else Bepaling(swv, WOONPLAATS)


def _gemeld(case: _Case) -> Bepaling | None:
    """Return what DUO reported last for a teldatum not before the segment (rule 7)."""
    for gemeld in reversed(case.inschrijving.bepalingen):
        if gemeld.teldatum >= case.van:
            return None if gemeld.swv is None else Bepaling(gemeld.swv, gemeld.wijze or "")
    return None


def _categorie(periode: Periode, used: Tlv | None) -> Categorie:
    if periode.schoolsoort == "SBO":
        return "SBO"
    if used is not None:
        return used.categorie
    return periode.ondersteuningscategorie or CATEGORIE_WITHOUT_TLV


def _pieces(
    inschrijving: Inschrijving, tlvs: Mapping[str, Tlv]
) -> Iterator[tuple[Periode, date, date, Tlv | None]]:
    """Yield (period, first day, day after the last, usable tlv): the segments' bounds.

    They split where a period starts and where the usable tlv changes, nowhere else.
    """
    for periode, first, tot in _spans(inschrijving):
        van, tlv = first, None
        candidates = _candidates(inschrijving, periode, tlvs)
        if candidates:
            tlv = _usable(candidates, van)
            for day in _turns(candidates, van, tot):
                following = _usable(candidates, day)
                if following is not tlv:
                    yield periode, van, day, tlv
                    van, tlv = day, following
        yield periode, van, tot, tlv


def _spans(inschrijving: Inschrijving) -> Iterator[tuple[Periode, date, date]]:
    """Yield each period with its first day and the day after its last."""
    perioden = inschrijving.perioden
    end = OPEN_DATE if inschrijving.einddatum is None else inschrijving.einddatum + ONE_DAY
    for periode, following in pairwise(perioden):
        yield periode, periode.vanaf, following.vanaf
    yield perioden[-1], perioden[-1].vanaf, end


def _candidates(inschrijving: Inschrijving, periode: Periode, tlvs: Mapping[str, Tlv]) -> list[Tlv]:
    """Return the tlv's that rule 1 could use in the period, on days when they are valid."""
    if not inschrijving.koppelingen:
        return []
    school_only = periode.soort_verblijf in RESIDENTIAL
    linked = {
        koppeling.nummer
        for koppeling in inschrijving.koppelingen
        if koppeling.door == "school" or not school_only
    }
    return [tlv for nummer in linked if (tlv := tlvs.get(nummer)) and _fits(tlv, periode)]


def _fits(tlv: Tlv, periode: Periode) -> bool:
    return fits(tlv.nummer, tlv.categorie, periode.schoolsoort) and tlv.ooit_geldig


def _turns(candidates: list[Tlv], van: date, tot: date) -> list[date]:
    """Return the days within (van, tot) on which a candidate begins or has ended."""
    begins = {tlv.begindatum for tlv in candidates}
    ends = {tlv.laatste_dag + ONE_DAY for tlv in candidates if tlv.laatste_dag < OPEN_DATE}
    return sorted(day for day in begins | ends if van < day < tot)


def _usable(candidates: list[Tlv], day: date) -> Tlv | None:
    """Return the tlv that rule 1 uses on the day: the latest begin, then the highest number."""
    valid = [tlv for tlv in candidates if geldig_op(tlv, day)]
    return max(valid, key=lambda tlv: (tlv.begindatum, tlv.nummer), default=None)
