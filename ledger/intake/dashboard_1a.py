"""Dashboard 1A: DUO's counts, kept as what DUO asserts; no fact about a pupil. Pure.

Three files per samenwerkingsverband, for PO and for VO, told apart by their headers (manual
2.4 to 2.7; outputs-and-rules.md 3.3 to 3.6). Samenwerkingsverband and teldatum stand in the
name of the file alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, Sector, sector_of_swv
from ledger.intake import cells
from ledger.intake.columns import Kolom, normalised
from ledger.intake.duo_names import named
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.rows import Read, headers_of, read_rows
from ledger.intake.sheet_types import Sheet, unreadable
from ledger.problems import Problem, shown
from ledger.states import AantallenStand

SOURCE: Final = "dashboard-1a"
BRON: Final = "duo"
COMPLETE: Final = False

CELLEN: Final = (
    *(
        f"AANTAL_{categorie}_{basis}"
        for categorie in ("HOOG", "MIDDEN", "LAAG")
        for basis in ("TLV", "RP", "OVERIG")
    ),
    "AANTAL_SBO_TLV",
    "AANTAL_SBO_OVERIG",
)
"""The eleven counts of file 1: category by basis; there is no AANTAL_SBO_RP (manual 2.4)."""
TOTAAL: Final = "TOTAAL"
SMALL: Final = "<5"
SMALL_BOUNDS: Final = (0, 4)
"""Between what a count that is shown as `<5` lies (assumption: nothing says that 0 is shown)."""

_SCHOOLSOORT: Final = Kolom("SCHOOLSOORT", cells.schoolsoort_of)
_VESTIGINGSCODE: Final = Kolom("VESTIGINGSCODE", cells.vestigingscode_of, ("VESTIGING",))
_DEELNEMEND: Final = Kolom("DEELNEMENDE_VESTIGING", cells.yes_no_of)
_VO_HEADER: Final = "NIEUWKOMERS"
_NAME_IT: Final = (
    "noem het bestand zoals DUO het noemt, met samenwerkingsverband en teldatum,"
    " bijvoorbeeld Aantallen_leerlingen_met_tlv_svw_PO0001_01_02_2024.csv"
)


class Tabel(NamedTuple):
    """One of the files: its keys, its counts, and which of them add up to the total.

    `sector` None = the columns are the same for PO and VO.
    """

    naam: str
    sleutels: tuple[Kolom, ...]
    aantallen: tuple[str, ...]
    delen: tuple[str, ...] = ()
    sector: Sector | None = None

    @property
    def kolommen(self) -> tuple[Kolom, ...]:
        """Return the columns of the file."""
        return (*self.sleutels, *(Kolom(naam, cells.count_of) for naam in self.aantallen))


_DIT: Final = "MET_TLV_DIT_SWV"
_ANDER: Final = "MET_TLV_ANDER_SWV"
MET_TLV: Final = Tabel(
    "met_tlv", (_SCHOOLSOORT, _VESTIGINGSCODE, _DEELNEMEND), (TOTAAL, *CELLEN), CELLEN
)
TOTALEN: Final = Tabel("totaal", (_SCHOOLSOORT,), (_DIT, _ANDER, TOTAAL), (_DIT, _ANDER))
VESTIGINGEN_PO: Final = Tabel("vestigingen", (_VESTIGINGSCODE,), (TOTAAL,), sector="PO")
VESTIGINGEN_VO: Final = Tabel(
    "vestigingen",
    (_VESTIGINGSCODE,),
    (
        "Totaal",
        "Nieuwkomers cat.1 korter dan 1 jaar in NL",
        "VAVO gedeeltelijk bekostigd",
        "LWOO",
        "PRO",
    ),
    sector="VO",
)


def identify(sheet: Sheet) -> bool:
    """Tell whether a header is that of one of the files of 1A."""
    return _tabel_of(sheet) is not None


def read(sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:
    """Yield the counts of each row, and the rows that cannot be read, in their order.

    Raises UnreadableFileError when the header lacks a column, or when the name of the file
    does not tell which samenwerkingsverband and teldatum the counts are of.
    """
    del options
    tabel = _tabel_of(sheet) or MET_TLV
    swv, teldatum = _subject(sheet, tabel)
    seen: dict[tuple[object, ...], int] = {}
    for row in read_rows(sheet, tabel.kolommen):
        if isinstance(row, Afkeuring):
            yield row
        elif problems := tuple(_problems(row, tabel, seen)):
            yield Afkeuring((row.rij,), problems)
        else:
            stand = _stand(row, tabel, swv, teldatum)
            warnings = (*row.warnings, *_warnings(stand, tabel))
            yield Melding((row.rij,), None, (stand,), warnings=warnings)
            seen[_key(row, tabel)] = row.rij.regelnummer


def about(melding: Melding | None, sheet: Sheet) -> About:
    """Return the samenwerkingsverband and teldatum that the name of the file tells."""
    del melding
    return named(sheet.naam)


def _tabel_of(sheet: Sheet) -> Tabel | None:
    headers = headers_of(sheet)
    if {normalised(_SCHOOLSOORT.veld), normalised(_DEELNEMEND.veld)} <= headers:
        return MET_TLV
    if {normalised(_SCHOOLSOORT.veld), normalised(_ANDER)} <= headers:
        return TOTALEN
    if "VESTIGING" not in headers:
        return None
    if any(header.startswith(_VO_HEADER) for header in headers):
        return VESTIGINGEN_VO
    return VESTIGINGEN_PO if headers <= {"VESTIGING", TOTAAL, "AFGEKEURD"} else None


def _subject(sheet: Sheet, tabel: Tabel) -> tuple[str, date]:
    swv, teldatum = named(sheet.naam)
    if swv is None or teldatum is None:
        rule = "zegt niet van welk samenwerkingsverband en welke teldatum de aantallen zijn"
        raise unreadable(sheet.naam, Problem("de bestandsnaam", rule, _NAME_IT))
    if tabel.sector not in {None, sector_of_swv(swv)}:
        rule = f"zegt {swv}, en de kolommen zijn die van een bestand van {tabel.sector}"
        raise unreadable(sheet.naam, Problem("de bestandsnaam", rule, _NAME_IT))
    return swv, teldatum


def _key(row: Read, tabel: Tabel) -> tuple[object, ...]:
    names = (kolom.veld for kolom in tabel.sleutels if kolom is not _DEELNEMEND)
    return tuple(row.velden[name] for name in names)


def _problems(row: Read, tabel: Tabel, seen: Mapping[tuple[object, ...], int]) -> Iterator[Problem]:
    schoolsoort = row.velden.get(_SCHOOLSOORT.veld)
    if schoolsoort in {"BO", "VO"}:
        rule = f"{shown(schoolsoort)} komt in Dashboard 1A niet voor"
        yield Problem(_SCHOOLSOORT.veld, rule, "schrijf SBO, SO of VSO")
    if (line := seen.get(_key(row, tabel))) is not None:
        yield Problem(
            tabel.sleutels[0].veld,
            f"dubbele sleutel: dezelfde rij staat ook op regel {line}",
            "houd de juiste regel over",
        )


def _stand(row: Read, tabel: Tabel, swv: str, teldatum: date) -> AantallenStand:
    velden = row.velden
    return AantallenStand(
        tabel=tabel.naam,
        swv=swv,
        teldatum=teldatum,
        schoolsoort=_text(velden.get(_SCHOOLSOORT.veld)),
        vestigingscode=_text(velden.get(_VESTIGINGSCODE.veld)),
        deelnemend=deelnemend
        if isinstance(deelnemend := velden.get(_DEELNEMEND.veld), bool)
        else None,
        aantallen={naam.lower(): _count(velden[naam]) for naam in tabel.aantallen},
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _count(value: object) -> int | str:
    return value if isinstance(value, int) else str(value)


def _warnings(stand: AantallenStand, tabel: Tabel) -> Iterator[Problem]:
    """Yield what does not add up: an assertion of DUO, so it is kept (I1 and I2)."""
    sector = sector_of_swv(stand.swv)
    if stand.schoolsoort is not None and stand.schoolsoort not in SCHOOLSOORTEN_OF_SECTOR[sector]:
        rule = f"{shown(stand.schoolsoort)} is geen schoolsoort van {stand.swv}"
        yield Problem(_SCHOOLSOORT.veld, rule, "controleer de naam van het bestand")
    if not tabel.delen:
        return
    parts = [_bounds(stand.aantallen[naam.lower()]) for naam in tabel.delen]
    low, high = sum(least for least, _ in parts), sum(most for _, most in parts)
    least, most = _bounds(stand.aantallen[TOTAAL.lower()])
    if most < low or least > high:
        told = str(low) if low == high else f"{low} tot {high}"
        yield Problem(
            TOTAAL,
            f"{shown(stand.aantallen[TOTAAL.lower()])} is niet de som van de andere kolommen,"
            f" {told}",
            "download het bestand opnieuw; blijft het zo, meld het bij DUO",
        )


def _bounds(count: int | str) -> tuple[int, int]:
    return (count, count) if isinstance(count, int) else SMALL_BOUNDS
