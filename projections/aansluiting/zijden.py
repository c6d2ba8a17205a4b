"""A 1B file and the ledger's own 1B as sides with the same columns (rules.md 9).

Columns go by the names of DUO (manual 3.3); values are the ledger's: MIDDE and MIDDEN are one,
WIJZE is written as in rules.md 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from ledger.codes import Categorie, Sector, sector_of_swv
from ledger.importing import digest_of
from ledger.intake import dashboard_1b as bestand_1b
from ledger.intake import enrolment_columns as ec
from ledger.intake.duo_names import named
from ledger.intake.readers import Afkeuring
from ledger.intake.rows import Read, read_rows
from ledger.intake.sheets import opened_sheet
from ledger.problems import Remark, masked
from projections import layouts
from projections.aansluiting.model import Kant, Paar, Regel, Zijde
from projections.dashboard_1b import dashboard_1b
from projections.enrolment_rows import DUO_CATEGORIE
from projections.questions import Question
from projections.report import Fields
from projections.store.ask import AsOf

EEN_B: Final = "1B tegen grootboek"
TWEE_DOWNLOADS: Final = "twee downloads van 1B"
GROOTBOEK: Final = "grootboek"

PGN: Final = ec.PGN.veld
INSTELLING: Final = ec.INSTELLINGSCODE.veld
VOLGNUMMER: Final = ec.VOLGNUMMER.veld
VESTIGING: Final = ec.VESTIGINGSCODE.veld
CATEGORIE: Final = ec.CATEGORIE.veld
BEGIN: Final = ec.DATUM_INSCHRIJVING.veld
EIND: Final = ec.DATUM_UITSCHRIJVING.veld
NUMMER: Final = ec.BESCHIKKINGSNUMMER.veld
BEGIN_TLV: Final = ec.BEGIN_TLV.veld
EIND_TLV: Final = ec.EIND_TLV.veld
RESIDENTIEEL: Final = ec.RESIDENTIEEL.veld
WIJZE: Final = ec.WIJZE.veld
SCHOOLSOORT: Final = "SCHOOLSOORT"
"""Follows from category and sector; money goes by it, it is not compared."""

SLEUTEL: Final = (PGN, INSTELLING, VOLGNUMMER)
TLV_KOLOMMEN: Final = (NUMMER, BEGIN_TLV, EIND_TLV)
KOLOMMEN: Final = (VESTIGING, CATEGORIE, BEGIN, EIND, *TLV_KOLOMMEN, RESIDENTIEEL, WIJZE)
"""What both sides know. Age and names follow from other facts; VESTIGING_SWVNUMMER is reference
data, the same for all rows of a vestiging (assumption: checked elsewhere)."""

ONGEBRUIKT: Final = dict(
    zip(TLV_KOLOMMEN, (f"ONGEBRUIKTE_{kolom}" for kolom in TLV_KOLOMMEN), strict=True)
)
"""Where the tlv of a row stands that no tlv decided: variant 2 of 2025 shows it, variant 1 not.
Only two downloads are compared on it."""

_CATEGORIEEN: Final[Mapping[str, Categorie]] = {name: one for one, name in DUO_CATEGORIE.items()}


class AansluitingError(ValueError):
    """Files that cannot be held against each other, and why; names no PGN."""


class Gelezen(NamedTuple):
    """A file as a side, and what it is about."""

    zijde: Zijde
    swv: str
    teldatum: date


def gelezen_1b(path: Path, bekend_op: datetime | None, naam: str = "DUO") -> Gelezen:
    """Return a 1B file as a side; duplicates and odd dates stay in.

    Raises UnreadableFileError for a file that is no 1B, AansluitingError when its rows are of
    several samenwerkingsverbanden or teldata, or when there are none.
    """
    with opened_sheet(path) as sheet:
        found = list(read_rows(sheet, bestand_1b.KOLOMMEN))
    name = masked(path.name)
    rows = [row for row in found if isinstance(row, Read)]
    wrong = [
        str(Remark(name, row.rijen[0].regelnummer, problem))
        for row in found
        if isinstance(row, Afkeuring)
        for problem in row.problems
    ]
    swv, teldatum = _about(rows, name, empty=not found)
    zijde = zijde_1b(rows, naam, bekend_op, bestand=name, sha256=digest_of(path))
    return Gelezen(zijde._replace(onleesbaar=tuple(wrong)), swv, teldatum)


def zijde_1b(
    rows: Iterable[Read],
    naam: str,
    bekend_op: datetime | None,
    *,
    kant: Kant = "duo",
    bestand: str = "",
    sha256: str | None = None,
) -> Zijde:
    """Return rows of a 1B file as a side, each with the place where it stands."""
    regels = tuple(
        _regel(row.velden, f"{bestand or naam} regel {row.rij.regelnummer}") for row in rows
    )
    return Zijde(naam, kant, bekend_op, regels, bestand or None, sha256)


def zijde_grootboek_1b(
    question: Question, swv: str, as_of: AsOf | None = None, naam: str = GROOTBOEK
) -> Zijde:
    """Return what the ledger would put in 1B, as of a question or of another moment."""
    asked = as_of or question.as_of
    rows = dashboard_1b(question.ledger, question.model, asked, swv)
    regels = tuple(_regel(velden, naam) for velden in map(_named, rows))
    return Zijde(naam, "ons", asked.bekend_op, regels)


def paar_1b(question: Question, gelezen: Gelezen) -> Paar:
    """Return a 1B file against the ledger as of the moment of the question."""
    as_of = question.as_of._replace(teldatum=gelezen.teldatum)
    rechts = zijde_grootboek_1b(question, gelezen.swv, as_of)
    return Paar(
        EEN_B, SLEUTEL, KOLOMMEN, gelezen.zijde, rechts, gelezen.swv, gelezen.teldatum
    )  # fmt: skip


def paar_downloads(eerder: Gelezen, later: Gelezen) -> Paar:
    """Return two downloads of 1B, the later one left.

    Raises AansluitingError when they are not of one samenwerkingsverband and teldatum.
    """
    if (eerder.swv, eerder.teldatum) != (later.swv, later.teldatum):
        raise AansluitingError(
            f"{eerder.zijde.bestand} is van {eerder.swv} op {eerder.teldatum:%d-%m-%Y},"
            f" {later.zijde.bestand} van {later.swv} op {later.teldatum:%d-%m-%Y}"
        )
    kolommen = (*KOLOMMEN, *ONGEBRUIKT.values())
    links = later.zijde._replace(naam="de latere download")
    rechts = eerder.zijde._replace(naam="de eerdere download")
    return Paar(TWEE_DOWNLOADS, SLEUTEL, kolommen, links, rechts, later.swv, later.teldatum)


def _about(rows: Iterable[Read], name: str, *, empty: bool) -> tuple[str, date]:
    """Return the one samenwerkingsverband and teldatum of all rows, else of the file's name."""
    found = {(row.velden[ec.SWV.veld], row.velden[ec.TELDATUM.veld]) for row in rows}
    told = named(name)
    if empty and told.swv is not None and told.teldatum is not None:
        return told.swv, told.teldatum
    if len(found) != 1:
        many = "rijen van meer dan een samenwerkingsverband of teldatum"
        raise AansluitingError(f"{name}: {many if found else 'er is geen leesbare rij'}")
    ((swv, teldatum),) = found
    assert isinstance(swv, str), swv
    assert isinstance(teldatum, date), teldatum
    return swv, teldatum


def _named(fields: Fields) -> dict[str, object]:
    """Return a row of the ledger's own 1B under the names of its layout."""
    return {name: fields[veld] for name, veld in _layout()}


def _layout() -> Iterator[tuple[str, str]]:
    (tabel,) = layouts.load("dashboard-1b").tabellen
    for kolom in tabel.kolommen:
        yield kolom.naam, kolom.veld


def _regel(row: Mapping[str, Any], plaats: str) -> Regel:
    sector = sector_of_swv(row[ec.SWV.veld])
    velden: dict[str, object] = {kolom: row.get(kolom) for kolom in (*SLEUTEL, *KOLOMMEN)}
    velden = {kolom: None if value == "" else value for kolom, value in velden.items()}
    velden[CATEGORIE] = _categorie(row[CATEGORIE])
    velden[SCHOOLSOORT] = _schoolsoort(velden[CATEGORIE], sector)
    decided = velden[WIJZE] == ec.WIJZE_TLV
    for kolom, elders in ONGEBRUIKT.items():
        velden[elders] = None if decided else velden[kolom]
        velden[kolom] = velden[kolom] if decided else None
    sleutel = tuple(str(row[kolom] or "") for kolom in SLEUTEL)
    return Regel(sleutel, velden, plaats, sleutel[0])


def _categorie(text: str) -> str:
    return _CATEGORIEEN.get(text, text)


def _schoolsoort(categorie: object, sector: Sector) -> str:
    return ec.schoolsoort_of(categorie, sector)  # type: ignore[arg-type]  # read as one
