"""Signals about tlv's: linked by whom, of whom, until when (rules.md 10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, cast

from ledger import checks
from ledger import events as ev
from ledger.codes import CLOSED, RESIDENTIAL, Categorie, swv_of_tlv
from ledger.dossier import geldig_op
from ledger.fold import replay
from ledger.times import ONE_DAY
from projections.signalen.beeld import Beeld
from projections.signalen.model import Grond, Loop, Vondst, dutch
from projections.store.ask_signalen import KoppelingRij, Rij, TlvRij
from projections.store.encoding import day_number, day_of

MONTHS_PER_YEAR: Final = 12
ORDINARY_CLUSTERS: Final = (None, 3, 4)
"""The clusters that a samenwerkingsverband answers for; None = not told (rules.md 3)."""


def residentieel_met_tlv(beeld: Beeld) -> Iterator[Vondst]:
    """Yield a residential enrolment with a link of DUO's alone, of a tlv that may be valid."""
    for row in beeld.rijen:
        if row.soort_verblijf not in RESIDENTIAL:
            continue
        links = beeld.links(row)
        by_school = {link.nummer for link in links if link.door == "school"}
        known = {tlv.nummer: tlv for tlv in beeld.tlvs.get(row.leerling, ())}
        for link in links:
            tlv = known.get(link.nummer)
            if link.nummer in by_school or not _may_be_valid(tlv, beeld.teldatum):
                continue
            yield Vondst(
                "residentieel-met-tlv",
                f"DUO koppelde de tlv, de school niet; verblijf {row.soort_verblijf}",
                row,
                swv=swv_of_tlv(link.nummer),
                beschikkingsnummer=link.nummer,
                lopen=(_run(beeld, row, "soort_verblijf"),),
                gronden=(_link(link),),
            )


def ander_samenwerkingsverband(beeld: Beeld) -> Iterator[Vondst]:
    """Yield an enrolment that another answers for than issued the pupil's latest valid tlv.

    Not a residential one: there the tlv decides only when the school linked it (rules.md 3).
    """
    for row in beeld.rijen:
        tlv = beeld.geldig(row, beeld.teldatum)
        if tlv is None or not _takes_tlv(row) or swv_of_tlv(tlv.nummer) == row.swv:
            continue
        how = f"{row.swv} ({row.wijze_van_bepaling})" if row.swv else "geen samenwerkingsverband"
        yield Vondst(
            "ander-samenwerkingsverband",
            f"toegerekend aan {how}; geldige tlv van {swv_of_tlv(tlv.nummer)} is niet gekoppeld",
            row,
            beschikkingsnummer=tlv.nummer,
            lopen=(_run(beeld, row, "swv", "soort_verblijf"),),
            gronden=(_tlv(tlv),),
        )


def zonder_tlv(beeld: Beeld) -> Iterator[Vondst]:
    """Yield a (v)so enrolment that no tlv decides; one whose tlv ended is `tlv-loopt-af`."""
    for row in beeld.rijen:
        if row.schoolsoort == "SBO" or row.basis == "TLV" or not _takes_tlv(row):
            continue
        valid = beeld.geldig(row, beeld.teldatum)
        if valid is None and _ended(beeld, row):
            continue
        yield Vondst(
            "zonder-tlv",
            _why_without(beeld, row, valid),
            row,
            beschikkingsnummer="" if valid is None else valid.nummer,
            lopen=(_run(beeld, row, "schoolsoort", "basis", "soort_verblijf"),),
        )


def _why_without(beeld: Beeld, row: Rij, valid: TlvRij | None) -> str:
    if valid is not None:
        return f"tlv {valid.nummer} is geldig en niet aan deze inschrijving gekoppeld"
    if links := beeld.links(row):
        numbers = ", ".join(sorted({link.nummer for link in links}))
        return f"gekoppeld is {numbers}, maar die tlv is van deze leerling niet bekend of past niet"
    return "er is geen tlv gekoppeld en van de leerling geen geldige tlv bekend"


def tlv_loopt_af(beeld: Beeld) -> Iterator[Vondst]:
    """Yield an enrolment that runs on after its tlv, with no other tlv of the pupil's to follow.

    The tlv that decides, ending within so many months; or the last one linked, ended.
    """
    horizon = later(beeld.teldatum, beeld.maanden)
    for row in beeld.rijen:
        tlv = _deciding(beeld, row) or _ended(beeld, row)
        if tlv is None or row.soort_verblijf in CLOSED or tlv.laatste_dag > horizon:
            continue
        after = max(tlv.laatste_dag + ONE_DAY, beeld.teldatum)
        runs_on = row.einddatum is None or row.einddatum >= day_number(after)
        if not runs_on or beeld.geldig(row, after) is not None:
            continue
        ended = tlv.laatste_dag < beeld.teldatum
        verb = "eindigde op" if ended else "eindigt op"
        until = "" if row.einddatum is None else f" tot en met {dutch(day_of(row.einddatum))}"
        yield Vondst(
            "tlv-loopt-af",
            f"tlv {verb} {dutch(tlv.laatste_dag)}; de inschrijving loopt door{until}",
            row,
            swv=swv_of_tlv(tlv.nummer),
            beschikkingsnummer=tlv.nummer,
            lopen=(_run(beeld, row, "einddatum"),),
            gronden=(_tlv(tlv),),
        )


def tlv_termijn(beeld: Beeld) -> Iterator[Vondst]:
    """Yield a tlv that lasts to the teldatum and whose term is not as it should be.

    The rule is that of the import (`checks.warnings`), on the term as it is known now. A
    withdrawn tlv ends when it ends: of one that ends on another day the log tells its term.
    """
    suspect = [tlv for tlv in beeld.afgegeven if _problems(tlv, tlv.laatste_dag)]
    terms = _terms(beeld, {tlv.leerling for tlv in suspect})
    rows = {row.leerling: row for row in reversed(beeld.rijen)}
    for tlv in suspect:
        for said in _problems(tlv, terms.get((tlv.leerling, tlv.nummer), tlv.laatste_dag)):
            yield Vondst(
                "tlv-termijn",
                f"{said}: {dutch(tlv.begindatum)} tot en met {dutch(tlv.laatste_dag)}",
                rows.get(tlv.leerling),
                leerling=tlv.leerling,
                swv=swv_of_tlv(tlv.nummer),
                beschikkingsnummer=tlv.nummer,
                gronden=(_tlv(tlv),),
            )


def _problems(tlv: TlvRij, einddatum: date) -> list[str]:
    fact = ev.TlvAfgegeven(
        nummer=tlv.nummer,
        categorie=cast("Categorie", tlv.categorie),
        begindatum=tlv.begindatum,
        einddatum=einddatum,
    )
    return [problem.regel for problem in checks.warnings(fact)]


def _terms(beeld: Beeld, leerlingen: set[str]) -> dict[tuple[str, str], date]:
    """Return the last day of tlv's as issued, whatever a withdrawal made of it."""
    terms: dict[tuple[str, str], date] = {}
    groups = beeld.groepen_van(leerlingen)
    events = beeld.events_of(set(groups.values()))
    for leerling, groep in groups.items():
        dossier = replay(event.fact for event in events.get(groep, ()))
        for tlv in dossier.tlvs.values():
            terms[leerling, tlv.nummer] = tlv.einddatum
    return terms


def later(day: date, months: int) -> date:
    """Return the same day a number of months later, or the last one of that month."""
    total = day.year * MONTHS_PER_YEAR + day.month - 1 + months
    first = date(total // MONTHS_PER_YEAR, total % MONTHS_PER_YEAR + 1, 1)
    beyond = (first + timedelta(days=31)).replace(day=1)
    return min(first + timedelta(days=day.day - 1), beyond - ONE_DAY)


def _takes_tlv(row: Rij) -> bool:
    """Tell whether an enrolment should have a tlv: not a residential or closed stay, cluster 1, 2.

    Rules.md 3; outputs-and-rules.md 6, presence.
    """
    ordinary = row.soort_verblijf not in RESIDENTIAL | CLOSED
    return ordinary and row.cluster in ORDINARY_CLUSTERS


def _deciding(beeld: Beeld, row: Rij) -> TlvRij | None:
    return _named(beeld.tlvs.get(row.leerling, ()), row.beschikkingsnummer)


def _ended(beeld: Beeld, row: Rij) -> TlvRij | None:
    """Return the tlv linked to an enrolment that ended last before the teldatum.

    Of a residential enrolment only what the school linked: DUO's links decide nothing there.
    """
    if row.basis == "TLV":
        return None
    school_only = row.soort_verblijf in RESIDENTIAL
    linked = {link.nummer for link in beeld.links(row) if link.door == "school" or not school_only}
    past = [
        tlv
        for tlv in beeld.passend(row)
        if tlv.nummer in linked and tlv.laatste_dag < beeld.teldatum
    ]
    return max(past, key=lambda tlv: tlv.laatste_dag, default=None)


def _named(tlvs: Iterable[TlvRij], nummer: str | None) -> TlvRij | None:
    return next((tlv for tlv in tlvs if tlv.nummer == nummer), None)


def _may_be_valid(tlv: TlvRij | None, day: date) -> bool:
    return tlv is None or geldig_op(tlv, day)


def _run(beeld: Beeld, row: Rij, *kolommen: str) -> Loop:
    return Loop(row, day_number(beeld.teldatum), kolommen)


def _tlv(tlv: TlvRij) -> Grond:
    return Grond(tlv.bekend_van, (tlv.geopend_door,))


def _link(link: KoppelingRij) -> Grond:
    return Grond(link.bekend_van, (link.geopend_door,))
