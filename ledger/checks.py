"""The rules of events.md 4 for bad input: what is refused, what is booked with a warning.

Here stand the rules that the form of a field does not express; those that depend on what
is known of the pupil alone are those of the fold (`ledger.fold.Senseless`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from ledger import events as ev
from ledger.codes import SECTOR_OF_SCHOOLSOORT, onderwijsnummer_only_modern, sector_of_swv
from ledger.dossier import Dossier
from ledger.problems import Problem
from ledger.times import TimeFormatError, parse_known_until

END_OF_SCHOOL_YEAR: Final = (7, 31)


def refusals(fact: ev.Fact) -> Iterator[Problem]:
    """Yield what is wrong with a fact by itself."""
    match fact:
        case ev.InschrijvingGeregistreerd():
            yield from _end_before_begin("einddatum", fact.begindatum, fact.einddatum)
            for nummer in fact.tlv:
                yield from _tlv_sector("tlv", nummer, fact.schoolsoort)
        case ev.TlvAfgegeven():
            yield from _end_before_begin("einddatum", fact.begindatum, fact.einddatum)
            yield from _categorie_sector(fact.nummer, fact.categorie)
        case ev.TlvGewijzigd(categorie=str(categorie)):
            yield from _categorie_sector(fact.nummer, categorie)
        case ev.WoonplaatsVastgelegd():
            yield from _one_residence(fact)
        case ev.VestigingAangesloten():
            yield from _end_before_begin("tot_en_met", fact.vanaf, fact.tot_en_met)
        case ev.PostcodegebiedToegewezen():
            yield from _area_sectors(fact)
        case ev.TellingVastgesteld():
            yield from _moment("op", fact.op)


def refusals_known(dossier: Dossier, fact: ev.Fact) -> Iterator[Problem]:
    """Yield what is wrong with a fact given what is known where it lands."""
    if isinstance(fact, ev.TlvGekoppeld):
        known = dossier.inschrijvingen.get((fact.instellingscode, fact.volgnummer))
        if known is not None:
            yield from _tlv_sector("nummer", fact.nummer, known.perioden[0].schoolsoort)


def warnings(fact: ev.Fact) -> Iterator[Problem]:
    """Yield what is odd about a fact by itself, and is booked all the same."""
    match fact:
        case ev.TlvAfgegeven(begindatum=date(), einddatum=date(year=year)):
            if (fact.einddatum.month, fact.einddatum.day) != END_OF_SCHOOL_YEAR:
                yield _not_31_july()
            first = fact.begindatum
            august = first.year if (first.month, first.day) <= (8, 1) else first.year + 1
            if year < august + 1:
                yield Problem(
                    "einddatum",
                    "de tlv is korter dan een heel schooljaar",
                    "controleer begin en einde bij het samenwerkingsverband",
                )
        case ev.TlvGewijzigd(einddatum=date() as einddatum):
            if (einddatum.month, einddatum.day) != END_OF_SCHOOL_YEAR:
                yield _not_31_july()


def warnings_known(dossier: Dossier, fact: ev.Fact) -> Iterator[Problem]:
    """Yield what is odd about a fact given what is known where it lands."""
    linked: tuple[str, ...] = ()
    if isinstance(fact, ev.InschrijvingGeregistreerd):
        linked = fact.tlv
    elif isinstance(fact, ev.TlvGekoppeld):
        linked = (fact.nummer,)
    for nummer in linked:
        if nummer not in dossier.tlvs:
            yield Problem(
                "nummer" if isinstance(fact, ev.TlvGekoppeld) else "tlv",
                f"tlv {nummer} is bij deze leerling nog niet bekend",
                "de koppeling werkt zodra de TlvAfgegeven is ingelezen",
            )


def pgn_warnings(pgn: str) -> Iterator[Problem]:
    """Yield what is odd about a PGN that passes its check (A-30)."""
    if onderwijsnummer_only_modern(pgn):
        yield Problem(
            "pgn",
            "onderwijsnummer voldoet aan de huidige regel en niet aan de oudere",
            "controleer het nummer bij de school",
        )


def _end_before_begin(veld: str, begin: date, end: date | None) -> Iterator[Problem]:
    if end is not None and end < begin:
        yield Problem(veld, "het einde ligt voor het begin", "controleer beide data")


def _tlv_sector(veld: str, nummer: str, schoolsoort: str) -> Iterator[Problem]:
    sector = SECTOR_OF_SCHOOLSOORT[schoolsoort]
    if sector_of_swv(nummer) != sector:
        yield Problem(
            veld,
            f"tlv {nummer} is van de verkeerde sector voor {schoolsoort}",
            f"{schoolsoort} vraagt een tlv van een samenwerkingsverband {sector}",
        )


def _categorie_sector(nummer: str, categorie: str) -> Iterator[Problem]:
    if categorie == "SBO" and sector_of_swv(nummer) == "VO":
        yield Problem(
            "categorie",
            "een samenwerkingsverband VO geeft geen tlv voor sbo af: verkeerde sector",
            "controleer nummer en categorie",
        )


def _one_residence(fact: ev.WoonplaatsVastgelegd) -> Iterator[Problem]:
    kinds = [fact.pc4 is not None, fact.buitenland, bool(fact.swv)]
    if sum(kinds) != 1:
        yield Problem(
            "pc4",
            "een woonplaats heeft precies een van pc4, buitenland en swv",
            "geef er een",
        )
    if len({sector_of_swv(swv) for swv in fact.swv}) != len(fact.swv):
        yield Problem("swv", "een samenwerkingsverband per sector", "geef er een per sector")


def _area_sectors(fact: ev.PostcodegebiedToegewezen) -> Iterator[Problem]:
    for veld, swv, sector in (("swv_po", fact.swv_po, "PO"), ("swv_vo", fact.swv_vo, "VO")):
        if swv is not None and sector_of_swv(swv) != sector:
            yield Problem(veld, f"dit is geen samenwerkingsverband {sector}", "wissel de velden")


def _moment(veld: str, text: str) -> Iterator[Problem]:
    try:
        parse_known_until(text)
    except TimeFormatError as error:
        yield Problem(veld, str(error), "geef een datum (einde van die dag) of een moment")


def _not_31_july() -> Problem:
    return Problem(
        "einddatum",
        "een tlv eindigt op 31 juli",
        "controleer de einddatum bij het samenwerkingsverband",
    )
