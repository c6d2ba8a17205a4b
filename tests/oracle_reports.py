"""Dashboard 1A and 1B at (T, K), counted row by row from the state (rules.md 7)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from tests.oracle_attribution import RESIDENTIAL, SECTOR, basis, categorie
from tests.oracle_state import Regel, Row, Toestand, toestand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracle_facts import Event, Tlv

SCHOOLSOORTEN = {"PO": ("SBO", "SO"), "VO": ("VSO",)}
CELLS = (
    ("HOOG", "TLV"),
    ("HOOG", "RP"),
    ("HOOG", "OVERIG"),
    ("MIDDEN", "TLV"),
    ("MIDDEN", "RP"),
    ("MIDDEN", "OVERIG"),
    ("LAAG", "TLV"),
    ("LAAG", "RP"),
    ("LAAG", "OVERIG"),
    ("SBO", "TLV"),
    ("SBO", "OVERIG"),
)
CATEGORY_CODES = {
    "SBO": "SBO",
    "LAAG": "SO_VSO_LAAG",
    "MIDDEN": "SO_VSO_MIDDE",
    "HOOG": "SO_VSO_HOOG",
}


def dashboard_1a(
    events: Sequence[Event], swv: str, teldatum: date, bekend_op: datetime | None
) -> dict[str, list[Row]]:
    """Return the three files of dashboard 1A of one samenwerkingsverband."""
    state = toestand(events, teldatum, bekend_op)
    if swv.startswith("VO"):
        october = toestand(events, _october_before(teldatum), bekend_op)
        vestigingen = _vo_vestigingen(october, swv)
    else:
        vestigingen = _po_vestigingen(state, swv)
    return {
        "met_tlv": _met_tlv(state, swv),
        "totaal": [_totaal(state, swv, schoolsoort) for schoolsoort in SCHOOLSOORTEN[swv[:2]]],
        "vestigingen": vestigingen,
    }


def dashboard_1b(
    events: Sequence[Event],
    swv: str,
    teldatum: date,
    bekend_op: datetime | None,
    ongebruikte_tlv: bool = True,
) -> list[Row]:
    """Return the rows of dashboard 1B of one samenwerkingsverband."""
    state = toestand(events, teldatum, bekend_op)
    rows = [_bekostigde(state, regel, swv, ongebruikte_tlv) for regel in _population(state, swv)]
    order = ("VESTIGINGSCODE", "INSCHRIJVINGSVOLGNUMMER", "BSN_OWN")
    return sorted(rows, key=lambda row: [row[column] for column in order])


def _population(state: Toestand, swv: str) -> list[Regel]:
    """Return P(S, T, K): counting, attributed to S, in its own schoolsoorten."""
    return [
        regel
        for regel in state.regels
        if regel.telt
        and regel.segment.toerekening.swv == swv
        and regel.segment.periode.schoolsoort in SCHOOLSOORTEN[swv[:2]]
    ]


def _linked(state: Toestand, vestigingscode: str, swv: str) -> bool:
    """Tell whether a vestiging is linked to S on the day of the state."""
    return state.referentie.linked_swv(vestigingscode, swv[:2], state.teldatum) == swv


def _met_tlv(state: Toestand, swv: str) -> list[Row]:
    """File 1: per schoolsoort and vestiging, the counts by categorie and basis."""
    population = _population(state, swv)
    places = {(r.segment.periode.schoolsoort, r.segment.periode.vestigingscode) for r in population}
    rows = []
    for schoolsoort, vestigingscode in sorted(places):
        here = [
            regel
            for regel in population
            if regel.segment.periode.schoolsoort == schoolsoort
            and regel.segment.periode.vestigingscode == vestigingscode
        ]
        row: Row = {
            "SCHOOLSOORT": schoolsoort,
            "VESTIGINGSCODE": vestigingscode,
            "DEELNEMENDE_VESTIGING": _linked(state, vestigingscode, swv),
            "TOTAAL": len(here),
        }
        cells = [(categorie(regel.segment), basis(regel.segment)) for regel in here]
        row |= {f"AANTAL_{cell[0]}_{cell[1]}": cells.count(cell) for cell in CELLS}
        rows.append(row)
    return rows


def _totaal(state: Toestand, swv: str, schoolsoort: str) -> Row:
    """File 2: counting pupils on linked vestigingen, attributed to S and to another."""
    attributed = [
        regel.segment.toerekening.swv
        for regel in state.regels
        if regel.telt
        and regel.segment.periode.schoolsoort == schoolsoort
        and _linked(state, regel.segment.periode.vestigingscode, swv)
    ]
    own = attributed.count(swv)
    return {
        "SCHOOLSOORT": schoolsoort,
        "MET_TLV_DIT_SWV": own,
        "MET_TLV_ANDER_SWV": len(attributed) - own,
        "TOTAAL": len(attributed),
    }


def _counting_here(state: Toestand, swv: str, schoolsoorten: tuple[str, ...]) -> list[Regel]:
    """Return the counting pupils of some schoolsoorten on linked vestigingen."""
    return [
        regel
        for regel in state.regels
        if regel.telt
        and regel.segment.periode.schoolsoort in schoolsoorten
        and _linked(state, regel.segment.periode.vestigingscode, swv)
    ]


def _po_vestigingen(state: Toestand, swv: str) -> list[Row]:
    """File 3 PO: counting BO and SBO pupils per linked vestiging."""
    here = [r.segment.periode.vestigingscode for r in _counting_here(state, swv, ("BO", "SBO"))]
    return [{"VESTIGING": code, "TOTAAL": here.count(code)} for code in sorted(set(here))]


def _vo_vestigingen(october: Toestand, swv: str) -> list[Row]:
    """File 3 VO: counting VO pupils per linked vestiging on 1 October, nieuwkomers apart."""
    counting = [regel.segment.periode for regel in _counting_here(october, swv, ("VO",))]
    rows = []
    for code in sorted({periode.vestigingscode for periode in counting}):
        marks = [periode.vo_kenmerk for periode in counting if periode.vestigingscode == code]
        newcomers = marks.count("nieuwkomer")
        rows.append(
            {
                "Vestiging": code,
                "Totaal": len(marks) - newcomers,
                "Nieuwkomers cat.1 korter dan 1 jaar in NL": newcomers,
                "VAVO gedeeltelijk bekostigd": marks.count("vavo"),
                "LWOO": marks.count("lwoo"),
                "PRO": marks.count("pro"),
            }
        )
    return rows


def _october_before(teldatum: date) -> date:
    """Return the last 1 October before a day."""
    october = date(teldatum.year, 10, 1)
    return october if october < teldatum else date(teldatum.year - 1, 10, 1)


def _bekostigde(state: Toestand, regel: Regel, swv: str, ongebruikte_tlv: bool) -> Row:
    """Return one row of 1B, its 19 columns in the order of the manual."""
    segment, inschrijving = regel.segment, regel.segment.inschrijving
    vestigingscode = segment.periode.vestigingscode
    sector = SECTOR[segment.periode.schoolsoort]
    vestiging_swv = state.referentie.linked_swv(vestigingscode, sector, state.teldatum)
    tlv = segment.toerekening.tlv
    if tlv is None and ongebruikte_tlv:
        tlv = _unused_tlv(regel, state.teldatum)
    return {
        "BSN_OWN": regel.leerling.pgn,
        "BESCHIKKINGSNUMMER": "" if tlv is None else tlv.nummer,
        "LEEFTIJD_TELDATUM": _age(regel.leerling.geboortedatum, state.teldatum),
        "INSTELLINGSCODE": inschrijving.instellingscode,
        "VESTIGINGSCODE": vestigingscode,
        "VESTIGINGSNAAM": state.referentie.vestiging_namen.get(vestigingscode, ""),
        "VESTIGING_SWVNUMMER": vestiging_swv,
        "VESTIGING_SWVNAAM": state.referentie.swv_namen.get(vestiging_swv, ""),
        "ONDERSTEUNINGSCATEGORIE": CATEGORY_CODES[categorie(segment)],
        "INSCHRIJVINGSVOLGNUMMER": inschrijving.volgnummer,
        "DATUM_INSCHRIJVING": inschrijving.begindatum,
        "DATUM_UITSCHRIJVING": inschrijving.einddatum,
        "BEGIN_DATUM_TLV": None if tlv is None else tlv.begindatum,
        "EIND_DATUM_TLV": None if tlv is None else tlv.last_day,
        "RESIDENTIELE_LEERLING": segment.periode.soort_verblijf in RESIDENTIAL,
        "HOOFD_ONDERWIJSOORT": "",
        "WIJZE_VAN_BEPALING": segment.toerekening.wijze,
        "TELDATUM": state.teldatum,
        "SAMENWERKINGSVERBAND": swv,
    }


def _unused_tlv(regel: Regel, teldatum: date) -> Tlv | None:
    """Return the unused tlv to show: a linked one first, the latest begin, the highest number."""
    linked = {nummer for nummer, _ in regel.segment.inschrijving.koppelingen}
    begun = [
        tlv
        for tlv in regel.leerling.tlvs.values()
        if tlv.begindatum <= teldatum and tlv.begindatum <= tlv.last_day
    ]
    return max(
        begun, key=lambda tlv: (tlv.nummer in linked, tlv.begindatum, tlv.nummer), default=None
    )


def _age(geboortedatum: date | None, teldatum: date) -> int | None:
    """Return the age in full years, None when the birth date is not known."""
    if geboortedatum is None:
        return None
    birthday_to_come = (teldatum.month, teldatum.day) < (geboortedatum.month, geboortedatum.day)
    return teldatum.year - geboortedatum.year - birthday_to_come
