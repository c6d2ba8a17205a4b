"""A list of moments at which counts were fixed, `TELDATUM;SCHOOLSOORTEN;OP` (rules.md 6). Pure.

Nobody publishes these as a file: a user writes down here what DUO's news and the
Staatscourant said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, cast

from ledger.codes import SCHOOLSOORTEN, Schoolsoort
from ledger.intake import cells
from ledger.intake.columns import CellError, Kolom
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.reference_columns import has, present
from ledger.intake.rows import Read, headers_of, read_rows
from ledger.intake.sheet_types import Sheet
from ledger.problems import Problem
from ledger.states import TellingStand
from ledger.times import TimeFormatError, format_date, parse_known_until

SOURCE: Final = "tellingen"
BRON: Final = "referentie"
COMPLETE: Final = False

ALLE: Final = ("BO", "SBO", "SO", "VSO")
"""What `alle` stands for: the schoolsoorten counted on one teldatum since 2022 (assumption)."""

_BETWEEN: Final = re.compile(r"[\s,;/|+]+")


def _schoolsoorten_of(text: str) -> object:
    if text.lower() in {"alle", "all"}:
        return ALLE
    named = {cells.schoolsoort_of(part) for part in _BETWEEN.split(text) if part}
    if not named:
        raise CellError("noemt geen schoolsoort", "schrijf bijvoorbeeld SBO, SO of alle")
    return tuple(soort for soort in SCHOOLSOORTEN if soort in named)


def _op_of(text: str) -> object:
    """Return a day, as the ledger writes it, or a moment, as the source wrote it."""
    try:
        day = cells.date_of(text)
    except CellError:
        return _moment_of(text)
    return day.isoformat() if isinstance(day, date) else day


def _moment_of(text: str) -> str:
    try:
        parse_known_until(text)
    except TimeFormatError:
        raise CellError(
            "is geen datum en geen moment",
            "schrijf 2025-03-03 (het einde van die dag) of 2022-04-08T18:00",
        ) from None
    return text


_TELDATUM: Final = Kolom("TELDATUM", cells.date_of)
_SCHOOLSOORTEN: Final = Kolom("SCHOOLSOORTEN", _schoolsoorten_of, ("SCHOOLSOORT",))
_OP: Final = Kolom("OP", _op_of, ("VASTGESTELD_OP", "VASTSTELLING"))
_KOLOMMEN: Final = (_TELDATUM, _SCHOOLSOORTEN, _OP)


_OF_OUR_CALENDAR: Final = "ANTWOORD"
"""A column that our own report `calendar` has beside these."""


def identify(sheet: Sheet) -> bool:
    """Tell whether a file lists fixed counts: a teldatum, schoolsoorten and a moment."""
    headers = headers_of(sheet)
    return all(has(headers, kolom) for kolom in _KOLOMMEN) and _OF_OUR_CALENDAR not in headers


def read(sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:
    """Yield when each count was fixed; a second moment for one schoolsoort is refused.

    Raises UnreadableFileError when a column lacks.
    """
    del options
    told: dict[tuple[date, str], tuple[int, str]] = {}
    for row in read_rows(sheet, present(headers_of(sheet), _KOLOMMEN)):
        if isinstance(row, Afkeuring):
            yield row
            continue
        stand = _stand(row)
        before = {soort: told.get((stand.teldatum, soort)) for soort in stand.schoolsoorten}
        problems = tuple(
            _fixed_otherwise(stand, soort, known[0])
            for soort, known in before.items()
            if known is not None and known[1] != stand.op
        )
        if problems:
            yield Afkeuring((row.rij,), problems)
            continue
        for soort in stand.schoolsoorten:
            told.setdefault((stand.teldatum, soort), (row.rij.regelnummer, stand.op))
        standen = (stand,) if None in before.values() else ()
        yield Melding((row.rij,), None, standen, warnings=row.warnings)


def _fixed_otherwise(stand: TellingStand, soort: str, regel: int) -> Problem:
    what = f"{soort} van {format_date(stand.teldatum)}"
    rule = f"{what} is volgens regel {regel} op een ander moment vastgesteld"
    return Problem(_OP.veld, rule, "houd een moment over")


def _stand(row: Read) -> TellingStand:
    return TellingStand(
        teldatum=cast("date", row.velden[_TELDATUM.veld]),
        schoolsoorten=cast("tuple[Schoolsoort, ...]", row.velden[_SCHOOLSOORTEN.veld]),
        op=str(row.velden[_OP.veld]),
    )


def about(melding: Melding | None, sheet: Sheet) -> About:
    """Return that the file as a whole is about no one teldatum."""
    del melding, sheet
    return About()
