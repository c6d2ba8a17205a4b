"""Read enrolments as a school or ROD has them: each with its whole history (events.md 2).

Either JSON Lines, an object per enrolment, or a table with a row per period. What they tell:
periods, begin and end, the tlv's that the school registered with the enrolment, and where
there are columns for it birth date, residence, and enrolments that were removed. What they
cannot tell: category and days of a tlv, and enrolments at other schools.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.intake.columns import normalised
from ledger.intake.inschrijving_rijen import read_periods
from ledger.intake.inschrijvingen_csv import present
from ledger.intake.inschrijvingen_jsonl import read_objects
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.rows import headers_of
from ledger.intake.sheet_types import Sheet

SOURCE: Final = "inschrijvingen"
BRON: Final = "school"
COMPLETE: Final = False

_NEEDED: Final = frozenset({"pgn", "volgnummer", "vestigingscode", "schoolsoort"})
_OF_A_DASHBOARD: Final = tuple(map(normalised, ("SAMENWERKINGSVERBAND", "WIJZE_VAN_BEPALING")))


def identify(sheet: Sheet) -> bool:
    """Tell whether a file has enrolments, and no events and no dashboard of DUO."""
    if sheet.soort == "jsonl":
        return {"instellingscode", "volgnummer"} <= set(sheet.kop) and "type" not in sheet.kop
    if any(header.startswith(_OF_A_DASHBOARD) for header in headers_of(sheet)):
        return False
    fields = present(sheet)
    return fields >= _NEEDED and not fields.isdisjoint({"begindatum", "vanaf"})


def about(melding: Melding, sheet: Sheet) -> About:  # noqa: ARG001 - the protocol
    """Return nothing: enrolments are of schools, of any samenwerkingsverband."""
    return About()


def read(sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:  # noqa: ARG001
    """Return what each enrolment tells, and the rows that cannot be read.

    Raises UnreadableFileError for a table that lacks needed columns.
    """
    return read_objects(sheet) if sheet.soort == "jsonl" else read_periods(sheet)
