"""Dashboard 2: all enrolments of a school year that DUO shows a samenwerkingsverband. Pure.

Its columns stand in `ledger.intake.dashboard_2_rows` (outputs-and-rules.md 4, A-16). All rows
of an enrolment become one Melding: its periods, the tlv's it shows, and DUO's determination
on the teldatum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import UNSET

from ledger.codes import Schoolsoort
from ledger.intake import enrolment_columns as ec
from ledger.intake import enrolment_periods as ep
from ledger.intake.dashboard_2_rows import (
    BEGIN_PERIODE,
    BEKOSTIGD,
    EIND_PERIODE,
    KOLOMMEN,
    Regel,
    contradictions,
    problems_of,
    schoolsoort_of,
    warnings_of,
)
from ledger.intake.duo_names import named
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.reference_columns import has
from ledger.intake.rows import headers_of
from ledger.intake.sheet_types import Sheet
from ledger.states import (
    AnyStand,
    BepalingStand,
    InschrijvingStand,
    TlvStand,
    WoonplaatsStand,
)

SOURCE: Final = "dashboard-2"
BRON: Final = "duo"
COMPLETE: Final = False

_OWN: Final = (ec.PGN, BEGIN_PERIODE, EIND_PERIODE, BEKOSTIGD)


def identify(sheet: Sheet) -> bool:
    """Tell whether a file has the columns of 1B with the period of each row."""
    headers = headers_of(sheet)
    return all(has(headers, kolom) for kolom in _OWN)


def read(sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:
    """Yield what the rows of each enrolment tell, in the order of their first rows.

    Raises UnreadableFileError when the header lacks a column.
    """
    del options
    swv = named(sheet.naam).swv
    for groep in ep.enrolments(sheet, KOLOMMEN, _regel_of, problems_of):
        yield groep if isinstance(groep, Afkeuring) else _told(groep, swv)


def about(melding: Melding | None, sheet: Sheet) -> About:
    """Return what the name of the file tells; the teldatum else of the rows.

    A row names who answers for it, which may be another samenwerkingsverband.
    """
    swv, teldatum = named(sheet.naam)
    for stand in () if melding is None else melding.standen:
        if isinstance(stand, BepalingStand):
            teldatum = stand.teldatum
    return About(swv, teldatum)


def _regel_of(velden: Mapping[str, object]) -> Regel:
    return Regel._make(ec.values_of(velden, KOLOMMEN))


def _told(groep: ep.Groep[Regel], file_swv: str | None) -> Melding | Afkeuring:
    """Return what the rows of an enrolment tell, or why they contradict each other."""
    regels = ep.distinct(groep.regels, lambda regel: regel.begin)
    schoolsoort, remarks = schoolsoort_of(regels, file_swv)
    problems = tuple(contradictions(regels))
    if schoolsoort is None:
        return Afkeuring(groep.rijen, (*problems, *remarks))
    stukken = [_stuk(regel, schoolsoort) for regel in regels]
    if problems := (*problems, *ep.overlaps(stukken, BEGIN_PERIODE)):
        return Afkeuring(groep.rijen, problems)
    standen = tuple(_states(groep.sleutel, regels, stukken, guessed=bool(remarks)))
    odd = (*remarks, *warnings_of(regels), *ep.gaps(stukken, BEGIN_PERIODE))
    warnings = (*groep.warnings, *odd)
    return Melding(groep.rijen, groep.sleutel.pgn, standen, warnings=warnings)


def _stuk(regel: Regel, schoolsoort: Schoolsoort) -> ep.Stuk:
    plaats = ep.Plaats(regel.vestigingscode, schoolsoort, regel.verblijf)
    periode = ep.periode(regel.begin, plaats, regel.categorie, regel.reden, door_tlv=regel.door_tlv)
    return ep.Stuk(regel.begin, regel.eind, periode)


def _states(
    sleutel: ec.Sleutel, regels: tuple[Regel, ...], stukken: list[ep.Stuk], *, guessed: bool
) -> Iterator[AnyStand]:
    first = regels[0]
    yield from _tlvs(regels)
    yield InschrijvingStand(
        instellingscode=sleutel.instellingscode,
        volgnummer=sleutel.volgnummer,
        begindatum=first.begindatum,
        einddatum=first.einddatum,
        perioden=ep.perioden_of(stukken),
        tlv=tuple(dict.fromkeys(_used(regels))) or UNSET,
        door="duo",
        eerder_onbekend=first.begin > first.begindatum,
        schoolsoort_onzeker=guessed,
    )
    for regel in regels:
        if regel.wijze == ec.WIJZE_WOONPLAATS and regel.swv is not None:
            # One residence decides all of an enrolment (rules.md 3, rule 5).
            yield WoonplaatsStand(vanaf=regel.begindatum, swv=(regel.swv,))
            break
    for regel in regels:
        if regel.begin <= regel.teldatum and (regel.eind is None or regel.teldatum <= regel.eind):
            yield _bepaling(regel)


def _used(regels: Iterable[Regel]) -> Iterator[str]:
    return (regel.nummer for regel in regels if regel.door_tlv and regel.nummer is not None)


def _tlvs(regels: tuple[Regel, ...]) -> Iterator[TlvStand]:
    """Yield each tlv once; its category is told by a row that it decided alone."""
    categorieen = {regel.nummer: regel.categorie for regel in regels if regel.door_tlv}
    first = {regel.nummer: regel for regel in reversed(regels)}
    for nummer in dict.fromkeys(regel.nummer for regel in regels):
        if nummer is not None:
            yield TlvStand(
                nummer=nummer,
                categorie=categorieen.get(nummer) or UNSET,
                begindatum=first[nummer].tlv_begindatum or UNSET,
                einddatum=first[nummer].tlv_einddatum or UNSET,
            )


def _bepaling(regel: Regel) -> BepalingStand:
    return BepalingStand(
        instellingscode=regel.instellingscode,
        volgnummer=regel.volgnummer,
        teldatum=regel.teldatum,
        swv=regel.swv,
        wijze=regel.wijze,
        ondersteuningscategorie=regel.categorie,
        telt=regel.bekostigd,
    )
