"""Kijkglas 2: the (v)so enrolments of a school year that a samenwerkingsverband answers for. Pure.

DUO's file is not public; the columns are those of projections/layouts/kijkglas-2.toml, after
A-12 (outputs-and-rules.md 4). It tells of days of an enrolment and of no begindatum or
uitschrijving, so that those are what its rows show at least. Block "Algemene gegevens" has
no pupils in it: it is recognised and tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from msgspec import UNSET, UnsetType

from ledger.codes import Categorie, Schoolsoort, SoortVerblijf
from ledger.intake import cells
from ledger.intake import enrolment_columns as ec
from ledger.intake import enrolment_periods as ep
from ledger.intake.columns import CellError, Kolom
from ledger.intake.duo_names import named
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.reference_columns import has
from ledger.intake.rows import headers_of
from ledger.intake.sheet_types import Sheet
from ledger.problems import Problem
from ledger.states import ONBEKEND_VERBLIJF, AnyStand, InschrijvingStand, TlvStand

SOURCE: Final = "kijkglas-2"
BRON: Final = "duo"
COMPLETE: Final = False

BLOKKEN: Final[dict[str, Schoolsoort]] = {"2.2": "SO", "2.3": "SO", "2.4": "VSO", "2.5": "VSO"}
"""The schoolsoort of each block (assumption, A-12: DUO does not say what stands in which)."""

ASSUMED_GESLOTEN: Final[SoortVerblijf] = "GJI"
"""The stay of a row that is not counted for a closed institution; neither sort is (assumption)."""

END_OF_SCHOOL_YEAR: Final = (7, 31)
"""A tlv ends on this day (outputs-and-rules.md 6). A last row that a tlv decided and that ends
then ends with the tlv: it tells of no uitschrijving (assumption)."""


def schoolsoort_of_blok(text: str) -> Schoolsoort:
    """Return the schoolsoort of the rows of a block."""
    blok = text.replace(",", ".")
    if blok not in BLOKKEN:
        raise CellError(
            f"is geen blok van Kijkglas 2: {', '.join(BLOKKEN)}", "schrijf 2.2 als tekst"
        )
    return BLOKKEN[blok]


def basis_of(text: str) -> str:
    """Return TLV, RP or OVERIG."""
    basis = text.upper()
    if basis not in {"TLV", "RP", "OVERIG"}:
        raise CellError("is geen basis", "schrijf TLV, RP of OVERIG")
    return basis


BLOK: Final = Kolom("BLOK", schoolsoort_of_blok)
BEGIN: Final = Kolom("BEGIN", cells.date_of, ("BEGINDATUM", "BEGIN_PERIODE"))
EIND: Final = Kolom("EIND", cells.date_of, ("EINDDATUM", "EIND_PERIODE"), leeg=True)
CATEGORIE: Final = Kolom("CATEGORIE", cells.categorie_of, ("ONDERSTEUNINGSCATEGORIE",))
BASIS: Final = Kolom("BASIS", basis_of, nodig=False)
REDEN: Final = Kolom("REDEN", cells.text_of, nodig=False, leeg=True)

KOLOMMEN: Final = (
    BLOK,
    ec.PGN,
    ec.INSTELLINGSCODE,
    ec.VESTIGINGSCODE,
    ec.VOLGNUMMER,
    BEGIN,
    EIND,
    CATEGORIE,
    BASIS,
    ec.BESCHIKKINGSNUMMER,
    REDEN,
)
"""What is read: the flags of movement and the month follow from the enrolments."""

_OWN: Final = (BLOK, ec.PGN, BEGIN, EIND)
_ALGEMEEN: Final = frozenset({"BLOK22", "LEERLINGENPEILDATUM"})


class Regel(NamedTuple):
    """The values of a row, in the order of KOLOMMEN."""

    schoolsoort: Schoolsoort
    pgn: str
    instellingscode: str
    vestigingscode: str
    volgnummer: str
    begin: date
    eind: date | None
    categorie: Categorie
    basis: str | None
    nummer: str | None
    reden: str | None

    @property
    def door_tlv(self) -> bool:
        """Tell whether a tlv decided; without BASIS (A-12), whether the row shows one."""
        return self.basis == "TLV" or (self.basis is None and self.nummer is not None)

    @property
    def verblijf(self) -> SoortVerblijf | UnsetType:
        """Return the stay; a row that a tlv decided does not tell."""
        if ep.is_reden(self.reden, ep.GESLOTEN):
            return ASSUMED_GESLOTEN
        if self.basis == "RP":
            return ONBEKEND_VERBLIJF
        return "geen" if self.basis == "OVERIG" else UNSET


def identify(sheet: Sheet) -> bool:
    """Tell whether a file is one of the two blocks of Kijkglas 2."""
    headers = headers_of(sheet)
    return all(has(headers, kolom) for kolom in _OWN) or headers >= _ALGEMEEN


def read(sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:
    """Yield what the rows of each enrolment tell, in the order of their first rows.

    Raises UnreadableFileError when the header lacks a column.
    """
    del options
    if headers_of(sheet) >= _ALGEMEEN:
        return
    for groep in ep.enrolments(sheet, KOLOMMEN, _regel_of, _problems):
        yield groep if isinstance(groep, Afkeuring) else _told(groep)


def about(melding: Melding | None, sheet: Sheet) -> About:
    """Return the samenwerkingsverband of the name; the day in it is no teldatum."""
    del melding
    return About(named(sheet.naam).swv)


def _regel_of(velden: Mapping[str, object]) -> Regel:
    return Regel._make(ec.values_of(velden, KOLOMMEN))


def _problems(regel: Regel) -> Iterator[Problem]:
    yield from ec.end_before_begin(BEGIN, regel.begin, EIND, regel.eind)
    yield from ec.not_of_institution(regel.vestigingscode, regel.instellingscode)
    if regel.categorie == "SBO":
        yield Problem(CATEGORIE.veld, "'SBO' komt in Kijkglas 2 niet voor", "kies de categorie")
    if regel.basis == "TLV" and regel.nummer is None:
        rule = f"is leeg, en {BASIS.veld} is TLV"
        yield Problem(ec.BESCHIKKINGSNUMMER.veld, rule, "vul het nummer van de tlv in")


def _told(groep: ep.Groep[Regel]) -> Melding | Afkeuring:
    """Return what the rows of an enrolment tell, or why they contradict each other.

    The file of several months repeats rows: equal ones count once.
    """
    regels = ep.distinct(groep.regels, lambda regel: regel.begin)
    stukken = [_stuk(regel) for regel in regels]
    problems = (
        *ep.different(BLOK, [regel.schoolsoort for regel in regels]),
        *ep.overlaps(stukken, BEGIN),
    )
    if problems:
        return Afkeuring(groep.rijen, problems)
    standen = tuple(_states(groep.sleutel, regels, stukken))
    warnings = (*groep.warnings, *ep.gaps(stukken, BEGIN))
    return Melding(groep.rijen, groep.sleutel.pgn, standen, warnings=warnings)


def _stuk(regel: Regel) -> ep.Stuk:
    plaats = ep.Plaats(regel.vestigingscode, regel.schoolsoort, regel.verblijf)
    periode = ep.periode(regel.begin, plaats, regel.categorie, regel.reden, door_tlv=regel.door_tlv)
    return ep.Stuk(regel.begin, regel.eind, periode)


def _states(
    sleutel: ec.Sleutel, regels: tuple[Regel, ...], stukken: list[ep.Stuk]
) -> Iterator[AnyStand]:
    used = {regel.nummer: regel for regel in regels if regel.door_tlv and regel.nummer}
    for nummer in dict.fromkeys(regel.nummer for regel in regels if regel.nummer):
        deciding = used.get(nummer)
        yield TlvStand(nummer=nummer, categorie=deciding.categorie if deciding else UNSET)
    yield InschrijvingStand(
        instellingscode=sleutel.instellingscode,
        volgnummer=sleutel.volgnummer,
        einddatum=_last_day(regels[-1]),
        perioden=ep.perioden_of(stukken),
        tlv=tuple(used) or UNSET,
        door="duo",
        eerder_onbekend=True,
    )


def _last_day(last: Regel) -> date | UnsetType | None:
    """Return the end that the last row tells; the file has no column for an uitschrijving."""
    if last.eind is None or not last.door_tlv:
        return last.eind
    ends_with_tlv = (last.eind.month, last.eind.day) == END_OF_SCHOOL_YEAR
    return UNSET if ends_with_tlv else last.eind
