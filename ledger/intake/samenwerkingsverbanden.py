"""A list of samenwerkingsverbanden and their names (outputs-and-rules.md 13). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.intake import cells
from ledger.intake.columns import Kolom
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.reference_columns import SWV, SWV_NAAM, has, of_others, present
from ledger.intake.rows import headers_of, read_rows
from ledger.intake.sheet_types import Sheet
from ledger.problems import Problem
from ledger.states import SwvStand

SOURCE: Final = "samenwerkingsverbanden"
BRON: Final = "referentie"
COMPLETE: Final = False

_SWV: Final = SWV._replace(nodig=True, leeg=False)
_NAAM: Final = Kolom(SWV_NAAM.veld, cells.text_of, (*SWV_NAAM.aliassen, "NAAM"))
_OF_OTHERS: Final = ("VESTIGING", "PC4", "POSTCODE4", "BRIN")


def identify(sheet: Sheet) -> bool:
    """Tell whether a file lists samenwerkingsverbanden: a code and a name, and no vestiging."""
    headers = headers_of(sheet)
    others = any(part in header for header in headers for part in _OF_OTHERS)
    both = has(headers, _SWV) and has(headers, _NAAM)
    return both and not (others or of_others(headers))


def read(sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:
    """Yield the name of each samenwerkingsverband; a second name for one is refused.

    Raises UnreadableFileError when a column lacks.
    """
    del options
    told: dict[str, tuple[int, str]] = {}
    for row in read_rows(sheet, present(headers_of(sheet), (_SWV, _NAAM))):
        if isinstance(row, Afkeuring):
            yield row
            continue
        swv, naam = str(row.velden[_SWV.veld]), str(row.velden[_NAAM.veld])
        number, before = told.setdefault(swv, (row.rij.regelnummer, naam))
        if before != naam:
            rule = f"{swv} heeft op regel {number} een andere naam"
            yield Afkeuring((row.rij,), (Problem(_NAAM.veld, rule, "houd een naam over"),))
            continue
        new = number == row.rij.regelnummer
        standen = (SwvStand(swv=swv, naam=naam),) if new else ()
        yield Melding((row.rij,), None, standen, warnings=row.warnings)


def about(melding: Melding | None, sheet: Sheet) -> About:
    """Return that the file as a whole is about no one samenwerkingsverband."""
    del melding, sheet
    return About()
