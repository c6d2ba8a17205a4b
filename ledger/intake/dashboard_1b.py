"""Dashboard 1B: the pupils that DUO counted for a samenwerkingsverband on a teldatum. Pure.

Sources: manual 3.3 and the slides of 2025 (outputs-and-rules.md 3.7); rules.md 3 and 9. A
row tells of the teldatum alone: what vestiging, stay and category were on other days it does
not say. What DUO determined is kept as what DUO reported, beside what the ledger computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from msgspec import UNSET

from ledger.codes import Categorie, sector_of_swv
from ledger.intake import enrolment_columns as ec
from ledger.intake.duo_names import named
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.reference_columns import has
from ledger.intake.rows import headers_of, read_rows
from ledger.intake.sheet_types import Rij, Sheet
from ledger.problems import Problem
from ledger.states import AnyStand, BepalingStand, TeldatumStand, TlvStand, WoonplaatsStand
from ledger.times import format_date

SOURCE: Final = "dashboard-1b"
BRON: Final = "duo"
COMPLETE: Final = True

KOLOMMEN: Final = (
    ec.PGN,
    ec.BESCHIKKINGSNUMMER,
    ec.INSTELLINGSCODE,
    ec.VESTIGINGSCODE,
    ec.CATEGORIE,
    ec.VOLGNUMMER,
    ec.DATUM_INSCHRIJVING,
    ec.DATUM_UITSCHRIJVING,
    ec.BEGIN_TLV,
    ec.EIND_TLV,
    ec.RESIDENTIEEL,
    ec.WIJZE,
    ec.TELDATUM,
    ec.SWV,
)
"""The columns that are read; age and names are not facts, HOOFD_ONDERWIJSOORT is empty."""

_OWN: Final = (ec.PGN, ec.RESIDENTIEEL, ec.WIJZE)
_OF_DASHBOARD_2: Final = frozenset({"BEGINPERIODE", "EINDPERIODE"})


class Regel(NamedTuple):
    """The values of a row, in the order of KOLOMMEN."""

    pgn: str
    nummer: str | None
    instellingscode: str
    vestigingscode: str
    categorie: Categorie
    volgnummer: str
    begindatum: date
    einddatum: date | None
    tlv_begindatum: date | None
    tlv_einddatum: date | None
    residentieel: bool
    wijze: str
    teldatum: date
    swv: str


Seen = dict[tuple[str, date], list[tuple[str, str, int]]]
"""Per pupil and teldatum: institution, volgnummer and line of the rows that were good."""


def identify(sheet: Sheet) -> bool:
    """Tell whether a file has the columns of 1B, and not those of Dashboard 2."""
    headers = headers_of(sheet)
    return all(has(headers, kolom) for kolom in _OWN) and not headers & _OF_DASHBOARD_2


def read(sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:
    """Yield what the rows tell, and the rows that cannot be read, in their order.

    Raises UnreadableFileError when the header lacks a column.
    """
    del options
    seen: Seen = {}
    for row in read_rows(sheet, KOLOMMEN):
        if isinstance(row, Afkeuring):
            yield row
            continue
        regel = Regel._make(ec.values_of(row.velden, KOLOMMEN))
        if problems := (*_problems(regel), *_seen_before(regel, seen)):
            yield Afkeuring((row.rij,), problems)
        else:
            yield _melding(row.rij, regel, (*row.warnings, *_warnings(regel, seen)))
            _remember(regel, row.rij.regelnummer, seen)


def about(melding: Melding | None, sheet: Sheet) -> About:
    """Return the dashboard's samenwerkingsverband and teldatum: of the row, else of the name."""
    for stand in () if melding is None else melding.standen:
        if isinstance(stand, BepalingStand):
            return About(stand.swv, stand.teldatum)
    return named(sheet.naam)


def _melding(rij: Rij, regel: Regel, warnings: tuple[Problem, ...]) -> Melding:
    return Melding((rij,), regel.pgn, tuple(_states(regel)), warnings=warnings)


def _states(regel: Regel) -> Iterator[AnyStand]:
    by_tlv = regel.wijze == ec.WIJZE_TLV
    if regel.nummer is not None:
        # The category of the row is that of the tlv only when the tlv decided.
        yield TlvStand(
            nummer=regel.nummer,
            categorie=regel.categorie if by_tlv else UNSET,
            begindatum=regel.tlv_begindatum or UNSET,
            einddatum=regel.tlv_einddatum or UNSET,
        )
    yield _counted(regel, regel.nummer if by_tlv else None)
    if regel.wijze == ec.WIJZE_WOONPLAATS:
        yield WoonplaatsStand(vanaf=regel.begindatum, swv=(regel.swv,))
    yield BepalingStand(
        instellingscode=regel.instellingscode,
        volgnummer=regel.volgnummer,
        teldatum=regel.teldatum,
        swv=regel.swv,
        wijze=regel.wijze,
        ondersteuningscategorie=regel.categorie,
        telt=True,
    )


def _counted(regel: Regel, nummer: str | None) -> TeldatumStand:
    return TeldatumStand(
        instellingscode=regel.instellingscode,
        volgnummer=regel.volgnummer,
        begindatum=regel.begindatum,
        einddatum=regel.einddatum,
        teldatum=regel.teldatum,
        vestigingscode=regel.vestigingscode,
        schoolsoort=ec.schoolsoort_of(regel.categorie, sector_of_swv(regel.swv)),
        residentieel=regel.residentieel,
        ondersteuningscategorie=regel.categorie,
        nummer=nummer,
    )


def _problems(regel: Regel) -> Iterator[Problem]:
    yield from ec.end_before_begin(
        ec.DATUM_INSCHRIJVING, regel.begindatum, ec.DATUM_UITSCHRIJVING, regel.einddatum
    )
    yield from ec.end_before_begin(
        ec.BEGIN_TLV, regel.tlv_begindatum, ec.EIND_TLV, regel.tlv_einddatum
    )
    yield from ec.not_of_institution(regel.vestigingscode, regel.instellingscode)
    yield from ec.tlv_missing(regel.wijze, regel.nummer)
    yield from ec.sbo_in_vo(regel.categorie, sector_of_swv(regel.swv))
    if regel.begindatum > regel.teldatum:
        yield Problem(
            ec.DATUM_INSCHRIJVING.veld,
            f"ligt na de teldatum {format_date(regel.teldatum)}: toen was er geen inschrijving",
            "controleer beide data",
        )


def _seen_before(regel: Regel, seen: Seen) -> Iterator[Problem]:
    """Yield the problem of an enrolment that an earlier row has (rules.md 9, dubbele-sleutel)."""
    for instellingscode, volgnummer, line in seen.get((regel.pgn, regel.teldatum), ()):
        if (instellingscode, volgnummer) == (regel.instellingscode, regel.volgnummer):
            yield Problem(
                ec.VOLGNUMMER.veld,
                f"dubbele sleutel: deze inschrijving staat ook op regel {line}",
                "houd de juiste regel over",
            )


def _warnings(regel: Regel, seen: Seen) -> Iterator[Problem]:
    others = seen.get((regel.pgn, regel.teldatum))
    if others:
        yield Problem(
            ec.PGN.veld,
            f"de leerling telt op deze teldatum ook op regel {others[0][2]}",
            "een leerling telt bij een school; meld het bij DUO",
        )
    if regel.einddatum is not None and regel.einddatum < regel.teldatum:
        yield Problem(
            ec.DATUM_UITSCHRIJVING.veld,
            "bekostigd op de teldatum terwijl al uitgeschreven",
            "controleer de uitschrijving bij de school",
        )
    yield from _tlv_warnings(regel)


def _tlv_warnings(regel: Regel) -> Iterator[Problem]:
    if regel.nummer is None:
        if regel.tlv_begindatum or regel.tlv_einddatum:
            yield Problem(
                ec.BESCHIKKINGSNUMMER.veld,
                "is leeg, en er zijn wel data van een tlv; die zijn overgeslagen",
                "vul het nummer van de tlv in als u het kent",
            )
        return
    yield from ec.tlv_of_another(regel.wijze, regel.nummer, regel.swv)
    ended = regel.tlv_einddatum is not None and regel.tlv_einddatum < regel.teldatum
    if ended and regel.wijze == ec.WIJZE_TLV:
        yield Problem(
            ec.EIND_TLV.veld,
            "de tlv waarop is bekostigd, is voor de teldatum afgelopen",
            "controleer de einddatum van de tlv",
        )


def _remember(regel: Regel, line: int, seen: Seen) -> None:
    seen.setdefault((regel.pgn, regel.teldatum), []).append(
        (regel.instellingscode, regel.volgnummer, line)
    )
