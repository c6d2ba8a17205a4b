"""The columns that files of DUO with a row per enrolment share, and what no row may say. Pure.

Headers are those of Dashboard 1B (manual 3.3); spellings that DUO used beside them are
aliases (outputs-and-rules.md 3.7). Case, spaces and marks of a header do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

from ledger.codes import Categorie, Schoolsoort, Sector, swv_of_tlv
from ledger.intake import cells
from ledger.intake.columns import CellError, Kolom, normalised
from ledger.problems import Problem, shown
from ledger.times import format_date

WIJZE_TLV: Final = "TLV"
WIJZE_WOONPLAATS: Final = "Woonplaats leerling"
WIJZEN: Final = (
    WIJZE_TLV,
    "Vorige periode inschrijving",
    "Vorige inschrijving",
    "Vestiging vorige inschrijving",
    WIJZE_WOONPLAATS,
    "Vestiging inschrijving",
)
"""How a samenwerkingsverband is determined, as the ledger writes it (rules.md 3; A-21)."""

_WIJZE: Final = {normalised(wijze): wijze for wijze in WIJZEN}
_VELD: Final = attrgetter("veld")
_MASKED: Final = re.compile(r"[\d*x#]*[*x#][\d*x#]*|\d{1,4}", re.IGNORECASE)
"""Stars, or the four digits of the examples in manual and slides (1234)."""


def pgn_of(text: str) -> object:
    """Return a PGN; one that was masked, as in the manual's pictures, has a rule of its own."""
    if _MASKED.fullmatch(text.strip()):
        raise CellError(
            "is een afgeschermd nummer, geen bsn of onderwijsnummer",
            "download het bestand opnieuw, met de nummers van negen cijfers erin",
            verborgen=True,
        )
    return cells.pgn_of(text)


@lru_cache(maxsize=256)
def wijze_of(text: str) -> str:
    """Return the ledger's words for a WIJZE_VAN_BEPALING; an unknown one as it was written."""
    written = " ".join(text.split())
    return _WIJZE.get(normalised(written), written)


PGN: Final = Kolom("BSN_OWN", pgn_of, ("BSN/OWN", "BSN", "PGN"))
BESCHIKKINGSNUMMER: Final = Kolom(
    "BESCHIKKINGSNUMMER", cells.tlv_number_of, ("TLV_NUMMER",), leeg=True
)
INSTELLINGSCODE: Final = Kolom("INSTELLINGSCODE", cells.instellingscode_of)
VESTIGINGSCODE: Final = Kolom("VESTIGINGSCODE", cells.vestigingscode_of)
VESTIGING_SWV: Final = Kolom(
    "VESTIGING_SWVNUMMER", cells.swv_of, ("VESTIGING_SWV",), nodig=False, leeg=True
)
CATEGORIE: Final = Kolom("ONDERSTEUNINGSCATEGORIE", cells.categorie_of)
VOLGNUMMER: Final = Kolom("INSCHRIJVINGSVOLGNUMMER", cells.volgnummer_of)
DATUM_INSCHRIJVING: Final = Kolom("DATUM_INSCHRIJVING", cells.date_of)
DATUM_UITSCHRIJVING: Final = Kolom("DATUM_UITSCHRIJVING", cells.date_of, leeg=True)
BEGIN_TLV: Final = Kolom("BEGIN_DATUM_TLV", cells.date_of, leeg=True)
EIND_TLV: Final = Kolom("EIND_DATUM_TLV", cells.date_of, ("EINDDATUM_TLV",), leeg=True)
RESIDENTIEEL: Final = Kolom("RESIDENTIELE_LEERLING", cells.yes_no_of, ("RESIDENTIËLE_LEERLING",))
WIJZE: Final = Kolom("WIJZE_VAN_BEPALING", wijze_of, ("WIJZE_VAN_BEPALING_SWV",))
TELDATUM: Final = Kolom("TELDATUM", cells.date_of, ("TEL DATUM",))
SWV: Final = Kolom("SAMENWERKINGSVERBAND", cells.swv_of)


class Sleutel(NamedTuple):
    """What an enrolment goes by (rules.md 2)."""

    pgn: str
    instellingscode: str
    volgnummer: str


def values_of(velden: Mapping[str, object], kolommen: tuple[Kolom, ...]) -> Iterator[Any]:
    """Yield the values of a row in the order of its columns; None where a column is absent."""
    return map(velden.get, map(_VELD, kolommen))


def schoolsoort_of(categorie: Categorie, sector: Sector) -> Schoolsoort:
    """Return the schoolsoort that a category stands for in a dashboard of this sector.

    The columns say SBO or SO_VSO; a PO samenwerkingsverband answers for so and a VO one for
    vso alone (rules.md 3). Sbo in a VO dashboard is a problem of the row, not of this function.
    """
    if categorie == "SBO":
        return "SBO"
    return "SO" if sector == "PO" else "VSO"


def end_before_begin(
    begin: Kolom, first: date | None, eind: Kolom, last: date | None
) -> Iterator[Problem]:
    """Yield the problem of a last day that lies before the first (events.md 4)."""
    if first is not None and last is not None and last < first:
        rule = f"{shown(format_date(last))} ligt voor {begin.veld} {shown(format_date(first))}"
        yield Problem(eind.veld, rule, "controleer beide data")


def not_of_institution(vestigingscode: str, instellingscode: str) -> Iterator[Problem]:
    """Yield the problem of a vestiging of another institution (outputs-and-rules.md 9.1)."""
    if not vestigingscode.startswith(instellingscode):
        yield Problem(
            VESTIGINGSCODE.veld,
            f"{shown(vestigingscode)} hoort niet bij instelling {shown(instellingscode)}",
            "de eerste vier tekens van de vestiging zijn de instellingscode",
        )


def tlv_missing(wijze: str | None, nummer: str | None) -> Iterator[Problem]:
    """Yield the problem of a row that a tlv decided, without its number."""
    if wijze == WIJZE_TLV and nummer is None:
        yield Problem(
            BESCHIKKINGSNUMMER.veld,
            f"is leeg, en {WIJZE.veld} is TLV",
            "vul het nummer van de tlv in, of download het bestand opnieuw",
        )


def tlv_of_another(wijze: str | None, nummer: str | None, swv: str | None) -> Iterator[Problem]:
    """Yield what is odd about a row that a tlv decided, of another issuer (invariant I7)."""
    if wijze == WIJZE_TLV and nummer is not None and swv != swv_of_tlv(nummer):
        rule = f"{shown(nummer)} is niet afgegeven door {SWV.veld} {shown(swv or '')}"
        yield Problem(BESCHIKKINGSNUMMER.veld, rule, "vraag DUO welke tlv is gebruikt")


def sbo_in_vo(categorie: Categorie | None, sector: Sector) -> Iterator[Problem]:
    """Yield the problem of an sbo pupil with a VO samenwerkingsverband (rules.md 3)."""
    if categorie == "SBO" and sector == "VO":
        yield Problem(
            CATEGORIE.veld,
            "'SBO' kan niet bij een vo-samenwerkingsverband",
            f"controleer {CATEGORIE.veld} en {SWV.veld}",
        )
