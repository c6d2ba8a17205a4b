"""A table of PC4 areas and their samenwerkingsverbanden, `PC4;GEMEENTE;PO_SWV;VO_SWV`. Pure.

The shape of the annex to the Regeling regio-indeling (outputs-and-rules.md 5.4): every PC4 has
at most one samenwerkingsverband per sector. An empty cell = none, such as for Europoort.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from ledger.intake import cells
from ledger.intake.columns import CellError, Kolom
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.reference_columns import (
    SWV_OF_SECTOR,
    VANAF,
    first_day,
    has,
    needs_vanaf,
    of_others,
    present,
)
from ledger.intake.rows import Read, headers_of, read_rows
from ledger.intake.sheet_types import Sheet
from ledger.problems import Problem
from ledger.states import PostcodegebiedStand
from ledger.times import format_date

SOURCE: Final = "postcodegebieden"
BRON: Final = "referentie"
COMPLETE: Final = False

_WHOLE_POSTCODE: Final = re.compile(r"\d{4} ?[A-Za-z]{2}")


def _pc4_of(text: str) -> object:
    if _WHOLE_POSTCODE.fullmatch(text):
        raise CellError(
            "is een hele postcode",
            "lever per gebied van vier cijfers aan: samenwerkingsverbanden zijn per PC4 verdeeld",
            verborgen=True,
        )
    return cells.pc4_of(text)


_PC4: Final = Kolom("PC4", _pc4_of, ("POSTCODE4", "POSTCODEGEBIED", "POSTCODE"))
_SWV: Final = [kolom._replace(nodig=True) for kolom in SWV_OF_SECTOR.values()]


def identify(sheet: Sheet) -> bool:
    """Tell whether a file is a table of areas: a postcode, a samenwerkingsverband, no vestiging."""
    headers = headers_of(sheet)
    vestiging = any("VESTIGING" in header or "BRIN" in header for header in headers)
    known = has(headers, _PC4) and any(has(headers, kolom) for kolom in _SWV)
    return known and not (vestiging or of_others(headers))


def read(sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:
    """Yield the samenwerkingsverbanden of each area; a second row that differs is refused.

    Raises UnreadableFileError when a column lacks, or nothing says from when the table holds.
    """
    headers = headers_of(sheet)
    needs_vanaf(sheet, options)
    told: dict[tuple[str, date], tuple[int, PostcodegebiedStand]] = {}
    for row in read_rows(sheet, present(headers, (_PC4, *_SWV, VANAF))):
        if isinstance(row, Afkeuring):
            yield row
            continue
        vanaf = first_day(row.velden, options)
        if isinstance(vanaf, Problem):
            yield Afkeuring((row.rij,), (vanaf,))
            continue
        stand = _stand(row, vanaf)
        number, before = told.setdefault((stand.pc4, vanaf), (row.rij.regelnummer, stand))
        if before != stand:
            rule = f"{stand.pc4} is op regel {number} vanaf {format_date(vanaf)} anders verdeeld"
            yield Afkeuring((row.rij,), (Problem(_PC4.veld, rule, "houd een regel over"),))
            continue
        new = number == row.rij.regelnummer
        yield Melding((row.rij,), None, (stand,) if new else (), warnings=row.warnings)


def _stand(row: Read, vanaf: date) -> PostcodegebiedStand:
    swv_po, swv_vo = (row.velden[kolom.veld] for kolom in _SWV)
    return PostcodegebiedStand(
        pc4=str(row.velden[_PC4.veld]),
        swv_po=None if swv_po is None else str(swv_po),
        swv_vo=None if swv_vo is None else str(swv_vo),
        vanaf=vanaf,
    )


def about(melding: Melding | None, sheet: Sheet) -> About:
    """Return that the file as a whole is about no one samenwerkingsverband."""
    del melding, sheet
    return About()
