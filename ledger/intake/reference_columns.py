"""Columns that lists of reference data share: samenwerkingsverbanden, and from when they hold.

Pure. No layout of these lists is fixed: columns go by alias, validity stands in a column or is
said by the user (`--vanaf`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Final

from ledger.codes import SECTORS, Sector, sector_of_swv
from ledger.intake import cells
from ledger.intake.columns import CellError, Kolom, normalised
from ledger.intake.readers import ReadOptions
from ledger.intake.rows import headers_of
from ledger.intake.sheet_types import Sheet, unreadable
from ledger.problems import Problem

_OF_PUPILS: Final = (
    "BSN", "PGN", "BURGERSERVICE", "ONDERWIJSNUMMER", "GEBOORTE", "TLV", "BESCHIKKING",
    "INSCHRIJVING", "SCHOOLSOORT", "CATEGORIE", "TELDATUM", "1OKT", "1FEB", "AANTALNU",
)  # fmt: skip
"""What stands in headers of files about pupils and counts, that also name vestigingen."""


def swv_of_sector(sector: Sector) -> Callable[[str], object]:
    """Return the reader of a cell that holds a samenwerkingsverband of one sector."""

    def lees(text: str) -> object:
        found = cells.swv_of(text)
        code = found.value if isinstance(found, cells.Repaired) else found
        if sector_of_swv(str(code)) != sector:
            raise CellError(
                f"is geen samenwerkingsverband {sector}", "zet de code in de kolom van zijn sector"
            )
        return found

    return lees


SWV_OF_SECTOR: Final[dict[Sector, Kolom]] = {
    sector: Kolom(
        f"{sector}_SWV",
        swv_of_sector(sector),
        (
            f"SWV_{sector}",
            f"SAMENWERKINGSVERBAND_{sector}",
            f"{sector}_SAMENWERKINGSVERBAND",
            f"ADMINISTRATIEF SAMENWERKINGSVERBAND {sector}",
        ),
        nodig=False,
        leeg=True,
    )
    for sector in SECTORS
}
SWV: Final = Kolom(
    "SAMENWERKINGSVERBAND_NUMMER",
    cells.swv_of,
    (
        "NUMMER SAMENWERKINGSVERBAND",
        "SAMENWERKINGSVERBANDCODE",
        "SWV_NUMMER",
        "SWV_CODE",
        "SWV",
        "SAMENWERKINGSVERBAND",
        "ADMINISTRATIEF SAMENWERKINGSVERBAND",
    ),
    nodig=False,
    leeg=True,
)
SWV_NAAM: Final = Kolom(
    "SAMENWERKINGSVERBAND_NAAM",
    cells.text_of,
    ("NAAM SAMENWERKINGSVERBAND", "SWV_NAAM", "SAMENWERKINGSVERBANDNAAM"),
    nodig=False,
    leeg=True,
)
VANAF: Final = Kolom(
    "VANAF", cells.date_of, ("INGANGSDATUM", "BEGINDATUM", "GELDIG_VANAF"), nodig=False, leeg=True
)
TOT_EN_MET: Final = Kolom(
    "TOT_EN_MET", cells.date_of, ("EINDDATUM", "GELDIG_TOT_EN_MET"), nodig=False, leeg=True
)
_SAY_WHEN: Final = "geef --vanaf, bijvoorbeeld --vanaf 2025-08-01"


def has(headers: Collection[str], kolom: Kolom) -> bool:
    """Tell whether a header, normalised, has a column by one of its names."""
    return any(normalised(name) in headers for name in (kolom.veld, *kolom.aliassen))


def of_others(headers: Collection[str]) -> bool:
    """Tell whether a header, normalised, is of pupils, of counts, or of an events feed."""
    feed = {"TYPE", "BEKENDOP"}.issubset(headers)
    return feed or any(part in header for header in headers for part in _OF_PUPILS)


def present(headers: Collection[str], kolommen: Iterable[Kolom]) -> list[Kolom]:
    """Return the columns with the one alias that the header has: the first wins.

    Open data can have a `NAAM` beside a `VESTIGINGSNAAM`; that is no column given twice.
    """
    found: list[Kolom] = []
    for kolom in kolommen:
        names = [name for name in (kolom.veld, *kolom.aliassen) if normalised(name) in headers]
        aliassen = tuple(names[:1]) if names else kolom.aliassen
        known = normalised(kolom.veld) in headers
        found.append(kolom._replace(aliassen=() if known else aliassen))
    return found


def needs_vanaf(sheet: Sheet, options: ReadOptions) -> None:
    """Raise UnreadableFileError when nothing says from when a list holds."""
    if not has(headers_of(sheet), VANAF) and options.vanaf is None:
        names = ", ".join((VANAF.veld, *VANAF.aliassen))
        rule = f"het bestand zegt niet vanaf wanneer het geldt: er is geen kolom {names}"
        raise unreadable(sheet.naam, Problem("", rule, _SAY_WHEN))


def first_day(velden: Mapping[str, object], options: ReadOptions) -> date | Problem:
    """Return from when a row holds: by its own cell, else as the user said."""
    vanaf = velden.get(VANAF.veld)
    if isinstance(vanaf, date):
        return vanaf
    return options.vanaf or Problem(VANAF.veld, "is leeg", f"vul de datum in, of {_SAY_WHEN}")
