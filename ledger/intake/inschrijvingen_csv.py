"""Enrolments as a table with a row per period: its columns, and a row's values by field. Pure.

Headers as DUO spells them in its files (manual 3.3), those of the feed, and a few that exports
of schools may use (assumption: no such export was found in public).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final, get_type_hints

import msgspec

from ledger import events as ev
from ledger.intake import cells
from ledger.intake.columns import CellError, Kolom, Repaired, fields_of, places_of
from ledger.intake.fields import FIELD_RULES
from ledger.intake.sheet_types import Sheet
from ledger.times import TimeFormatError, parse_bekend_op, start_of_day

_BETWEEN: Final = re.compile(r"[\s,;|]+")
_HINTS: Final = get_type_hints(ev.PeriodeVanInschrijving, include_extras=True)


def tlv_numbers_of(text: str) -> tuple[str, ...] | Repaired:
    """Return the beschikkingsnummers of a cell, with spaces, commas or | between them."""
    found = [cells.tlv_number_of(number) for number in _BETWEEN.split(text) if number]
    numbers = tuple(str(one.value) if isinstance(one, Repaired) else one for one in found)
    repairs = [one.problem for one in found if isinstance(one, Repaired)]
    if not repairs:
        return numbers
    rules = "; ".join(problem.regel for problem in repairs)
    return Repaired(numbers, repairs[0]._replace(regel=rules))


def bekend_op_of(text: str) -> datetime:
    """Return a moment; a bare date means 00:00 that day in Amsterdam (rules.md 1)."""
    try:
        return parse_bekend_op(text)
    except TimeFormatError:
        pass
    try:
        return start_of_day(cells.date_of(text))
    except CellError:
        remedy = "schrijf 2025-03-03 of 2025-03-03T10:15:00+01:00"
        raise CellError("is geen datum en geen moment met tijdzone", remedy) from None


def _declared(name: str) -> Callable[[str], object]:
    """Return the reader of a field that is right when the catalogue of events takes it."""

    def reader(text: str) -> object:
        value = int(text) if name in {"cluster", "leerjaar"} and text.isdecimal() else text
        for one in (value, str(value).lower()):
            try:
                return msgspec.convert(one, _HINTS[name])
            except msgspec.ValidationError:
                continue
        rule, remedy = FIELD_RULES[name]
        raise CellError(f"is niet: {rule}", remedy)

    return reader


def _maybe(veld: str, lees: Callable[[str], object], *aliassen: str) -> Kolom:
    return Kolom(veld, lees, aliassen, nodig=False, leeg=True)


SLEUTEL: Final = (
    Kolom("pgn", cells.pgn_of, ("BSN_OWN", "BSN", "OWN", "BURGERSERVICENUMMER")),
    Kolom("instellingscode", cells.instellingscode_of, ("BRIN",)),
    Kolom("volgnummer", cells.volgnummer_of, ("INSCHRIJVINGSVOLGNUMMER",)),
)
"""The columns by which an enrolment goes (rules.md 2)."""

BEGINDATUM: Final = _maybe("begindatum", cells.date_of, "DATUM_INSCHRIJVING", "INSCHRIJFDATUM")
VANAF: Final = _maybe("vanaf", cells.date_of, "BEGIN_PERIODE", "BEGINDATUM_PERIODE")
"""One of these two must be there: without periods an enrolment has one, from its begin on."""

KENMERKEN: Final = (
    _maybe("soort_verblijf", cells.soort_verblijf_of),
    _maybe("bekostigbaar", cells.yes_no_of, "INDICATIE_BEKOSTIGING"),
    _maybe("ondersteuningscategorie", cells.categorie_of),
    _maybe("cluster", _declared("cluster")),
    _maybe("leerjaar", _declared("leerjaar")),
    _maybe("vo_kenmerk", _declared("vo_kenmerk")),
)
"""What holds in a period; a column that is not there is not told of."""

VAN_DE_INSCHRIJVING: Final = (
    BEGINDATUM,
    Kolom("einddatum", cells.date_of, ("DATUM_UITSCHRIJVING", "UITSCHRIJFDATUM"), leeg=True),
    _maybe("oorspronkelijke_begindatum", cells.date_of, "OORSPRONKELIJKE_DATUM_INSCHRIJVING"),
    _maybe("geboortedatum", cells.date_of),
    _maybe("tlv", tlv_numbers_of, "BESCHIKKINGSNUMMERS", "BESCHIKKINGSNUMMER"),
    _maybe("verwijderd", cells.yes_no_of),
    _maybe("reden", cells.text_of),
)
"""What all rows of an enrolment that are known at one moment say alike.

The column of the last day must be there: empty cells then say that an enrolment runs, where
a file without it would end no enrolment and reopen all that ended.
"""

KOLOMMEN: Final = (
    *SLEUTEL,
    *VAN_DE_INSCHRIJVING,
    VANAF,
    Kolom("vestigingscode", cells.vestigingscode_of, leeg=True),
    Kolom("schoolsoort", cells.schoolsoort_of, leeg=True),
    *KENMERKEN,
    _maybe("pc4", cells.pc4_of),
    _maybe("pc4_vanaf", cells.date_of),
    _maybe("bekend_op", bekend_op_of),
)


def kolommen_of(sheet: Sheet) -> tuple[Kolom, ...]:
    """Return the columns to read: without one of periods, that of the begin is needed."""
    needed = VANAF.veld not in present(sheet)
    return tuple(
        kolom._replace(nodig=needed) if kolom is BEGINDATUM else kolom for kolom in KOLOMMEN
    )


def present(sheet: Sheet) -> frozenset[str]:
    """Return the fields that have a column."""
    return frozenset(places_of(sheet.kop, KOLOMMEN)[0])


def key_of(sheet: Sheet, cellen: tuple[str, ...]) -> dict[str, object]:
    """Return what can be read of the key of a row that was refused."""
    places = places_of(sheet.kop, SLEUTEL)[0]
    written = {veld: cellen[place] for veld, place in places.items() if place < len(cellen)}
    found = fields_of(written, SLEUTEL)
    return {veld: value for veld, value in found.velden.items() if value is not None}
