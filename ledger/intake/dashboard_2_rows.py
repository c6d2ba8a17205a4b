"""The rows of Dashboard 2: columns, values, and what contradicts itself. Pure.

DUO announced the dashboard and published no columns: those of 1B and five more are assumed,
as in projections/layouts/dashboard-2.toml (outputs-and-rules.md 4, A-16).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Final, NamedTuple

from ledger.codes import (
    RESIDENTIAL,
    Categorie,
    Schoolsoort,
    Sector,
    SoortVerblijf,
    sector_of_swv,
)
from ledger.intake import cells
from ledger.intake import enrolment_columns as ec
from ledger.intake.columns import Kolom
from ledger.intake.enrolment_periods import different
from ledger.problems import Problem, shown
from ledger.states import ONBEKEND_VERBLIJF
from ledger.times import format_date, school_year_start

BEKOSTIGD: Final = Kolom("BEKOSTIGD", cells.yes_no_of, ("BEKOSTIGINGSSTATUS",))
REDEN: Final = Kolom("REDEN", cells.text_of, leeg=True)
BEGIN_PERIODE: Final = Kolom("BEGIN_PERIODE", cells.date_of)
EIND_PERIODE: Final = Kolom("EIND_PERIODE", cells.date_of, ("EINDPERIODE",), leeg=True)
SOORT_VERBLIJF: Final = Kolom("SOORT_VERBLIJF", cells.soort_verblijf_of, leeg=True)
"""Empty = as RESIDENTIELE_LEERLING says."""

KOLOMMEN: Final = (
    ec.PGN,
    ec.BESCHIKKINGSNUMMER,
    ec.INSTELLINGSCODE,
    ec.VESTIGINGSCODE,
    ec.VESTIGING_SWV,
    ec.CATEGORIE._replace(leeg=True),
    ec.VOLGNUMMER,
    ec.DATUM_INSCHRIJVING,
    ec.DATUM_UITSCHRIJVING,
    ec.BEGIN_TLV,
    ec.EIND_TLV,
    ec.RESIDENTIEEL._replace(leeg=True),
    ec.WIJZE._replace(leeg=True),
    ec.TELDATUM,
    ec.SWV._replace(leeg=True),
    BEKOSTIGD,
    REDEN,
    BEGIN_PERIODE,
    EIND_PERIODE,
    SOORT_VERBLIJF,
)


class Regel(NamedTuple):
    """The values of a row, in the order of KOLOMMEN."""

    pgn: str
    nummer: str | None
    instellingscode: str
    vestigingscode: str
    vestiging_swv: str | None
    categorie: Categorie | None
    volgnummer: str
    begindatum: date
    einddatum: date | None
    tlv_begindatum: date | None
    tlv_einddatum: date | None
    residentieel: bool | None
    wijze: str | None
    teldatum: date
    swv: str | None
    bekostigd: bool
    reden: str | None
    begin: date
    eind: date | None
    soort_verblijf: SoortVerblijf | None

    @property
    def door_tlv(self) -> bool:
        """Tell whether a tlv decided."""
        return self.wijze == ec.WIJZE_TLV

    @property
    def verblijf(self) -> SoortVerblijf:
        """Return the stay; where only RESIDENTIELE_LEERLING tells of it, an assumed one."""
        return self.soort_verblijf or (ONBEKEND_VERBLIJF if self.residentieel else "geen")


def problems_of(regel: Regel) -> Iterator[Problem]:
    """Yield what contradicts itself within a row."""
    yield from ec.end_before_begin(
        ec.DATUM_INSCHRIJVING, regel.begindatum, ec.DATUM_UITSCHRIJVING, regel.einddatum
    )
    yield from ec.end_before_begin(
        ec.BEGIN_TLV, regel.tlv_begindatum, ec.EIND_TLV, regel.tlv_einddatum
    )
    yield from ec.end_before_begin(BEGIN_PERIODE, regel.begin, EIND_PERIODE, regel.eind)
    yield from ec.end_before_begin(
        ec.DATUM_INSCHRIJVING, regel.begindatum, BEGIN_PERIODE, regel.begin
    )
    shown_to = (EIND_PERIODE, regel.eind) if regel.eind else (BEGIN_PERIODE, regel.begin)
    yield from ec.end_before_begin(*shown_to, ec.DATUM_UITSCHRIJVING, regel.einddatum)
    yield from ec.not_of_institution(regel.vestigingscode, regel.instellingscode)
    yield from ec.tlv_missing(regel.wijze, regel.nummer)
    if regel.swv is not None:
        yield from ec.sbo_in_vo(regel.categorie, sector_of_swv(regel.swv))


def contradictions(regels: Sequence[Regel]) -> Iterator[Problem]:
    """Yield what the rows of one enrolment say differently and cannot differ."""
    yield from different(ec.DATUM_INSCHRIJVING, [regel.begindatum for regel in regels])
    yield from different(ec.DATUM_UITSCHRIJVING, [regel.einddatum for regel in regels])
    yield from different(ec.TELDATUM, [regel.teldatum for regel in regels])
    for nummer in dict.fromkeys(regel.nummer for regel in regels if regel.nummer):
        same = [regel for regel in regels if regel.nummer == nummer]
        yield from different(ec.BEGIN_TLV, [regel.tlv_begindatum for regel in same])
        yield from different(ec.EIND_TLV, [regel.tlv_einddatum for regel in same])
        used = [regel.categorie for regel in same if regel.door_tlv]
        yield from different(ec.CATEGORIE, used)


def schoolsoort_of(
    regels: Sequence[Regel], file_swv: str | None
) -> tuple[Schoolsoort | None, tuple[Problem, ...]]:
    """Return the schoolsoort of an enrolment with what is odd about it, or why there is none.

    So and vso look alike: whoever answers tells them apart. Where nobody does, it is the
    samenwerkingsverband of the vestiging or of the file: a guess, for a school with both.
    """
    categorieen = [regel.categorie for regel in regels if regel.categorie]
    clash = tuple(different(ec.CATEGORIE, (_sbo_or_not(one) for one in categorieen)))
    sectors = {sector_of_swv(regel.swv) for regel in regels if regel.swv}
    clash += tuple(different(ec.SWV, sectors))
    if clash or "SBO" in categorieen:
        return None if clash else "SBO", clash
    sector = next(iter(sectors), None) or _guessed_sector(regels, file_swv)
    if sector is None or (sector == "PO" and not categorieen):
        rule = "de schoolsoort van de inschrijving is niet op te maken"
        return None, (Problem(ec.CATEGORIE.veld, rule, f"vul {ec.CATEGORIE.veld} in"),)
    found: Schoolsoort = "SO" if sector == "PO" else "VSO"
    return found, () if sectors else (_guessed(found),)


def warnings_of(regels: Sequence[Regel]) -> Iterator[Problem]:
    """Yield what is odd about the rows of an enrolment, in the order of their days."""
    yield from chain.from_iterable(map(_row_warnings, regels))
    by_residence = {regel.swv for regel in regels if regel.wijze == ec.WIJZE_WOONPLAATS}
    if len(by_residence) > 1:
        yield Problem(
            ec.SWV.veld,
            "de woonplaats wijst binnen een inschrijving verschillende samenwerkingsverbanden"
            " aan; het eerste is aangehouden",
            "vraag DUO welke woonplaats is gebruikt",
        )
    yield from _stops_early(regels[-1])


def _row_warnings(regel: Regel) -> Iterator[Problem]:
    yield from ec.tlv_of_another(regel.wijze, regel.nummer, regel.swv)
    told = regel.soort_verblijf is not None and regel.residentieel is not None
    if told and regel.residentieel is not (regel.soort_verblijf in RESIDENTIAL):
        yield Problem(
            SOORT_VERBLIJF.veld,
            f"{shown(regel.soort_verblijf)} en {ec.RESIDENTIEEL.veld} spreken elkaar tegen;"
            f" {SOORT_VERBLIJF.veld} is aangehouden",
            "controleer het verblijf bij de school",
        )


def _stops_early(last: Regel) -> Iterator[Problem]:
    """Yield that the rows stop within the school year while the enrolment goes on."""
    end_of_year = date(school_year_start(last.teldatum).year + 1, 7, 31)
    if last.eind is None or last.eind >= min(end_of_year, last.einddatum or end_of_year):
        return
    yield Problem(
        EIND_PERIODE.veld,
        f"na {format_date(last.eind)} toont het bestand niets van deze inschrijving; de periode"
        " ervoor is aangehouden",
        "controleer bij de school wat daarna gold",
    )


def _sbo_or_not(categorie: Categorie) -> str:
    return "SBO" if categorie == "SBO" else "SO_VSO"


def _guessed_sector(regels: Sequence[Regel], file_swv: str | None) -> Sector | None:
    swv = next((regel.vestiging_swv for regel in regels if regel.vestiging_swv), file_swv)
    return None if swv is None else sector_of_swv(swv)


def _guessed(schoolsoort: Schoolsoort) -> Problem:
    rule = f"{shown(schoolsoort)} is afgeleid van het samenwerkingsverband van de vestiging"
    return Problem(ec.CATEGORIE.veld, rule, "controleer of de leerling so of vso volgt")
