"""The rows of a table by their fields, with everything that is wrong with each at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from ledger.intake.columns import Kolom, fields_of, normalised, places_of
from ledger.intake.json_lines import cell_of_value
from ledger.intake.readers import Afkeuring
from ledger.intake.sheet_types import DamagedCell, QuotedCell, Rij, Sheet, unreadable
from ledger.problems import Problem, shown

_QUOTED: Final = Problem(
    "",
    'de cel was geschreven als ="…"; de tekst tussen de aanhalingstekens is gelezen',
    "bewaar codes voortaan als gewone tekst",
)


_ODD: Final = (DamagedCell, QuotedCell)


class Read(NamedTuple):
    """A row whose cells are right: its values by field (None = empty), and what is odd."""

    rij: Rij
    velden: dict[str, object]
    warnings: tuple[Problem, ...]


def headers_of(sheet: Sheet) -> frozenset[str]:
    """Return the headers of a table as they are matched: letters and digits, upper case."""
    return frozenset(map(normalised, sheet.kop)) - {""}


def read_rows(sheet: Sheet, kolommen: Sequence[Kolom]) -> Iterator[Read | Afkeuring]:
    """Return the rows of a table, read or refused, in their order.

    Columns that nobody declared are left alone. Raises UnreadableFileError, at once, when the
    header lacks needed columns, with all of them. Objects of JSON Lines may leave out what
    may be empty.
    """
    lines = sheet.soort == "jsonl"
    asked = [kolom._replace(nodig=kolom.nodig and not (lines and kolom.leeg)) for kolom in kolommen]
    places, problems = places_of(sheet.kop, asked)
    if problems:
        raise unreadable(sheet.naam, *problems)
    fields = _fields_by_key(kolommen)

    def read(rij: Rij) -> Read | Afkeuring:
        if rij.fout is not None:
            return Afkeuring((rij,), (rij.fout,))
        if rij.velden is not None:
            return _read(rij, _of_object(rij.velden, fields, kolommen), kolommen)
        cells = {field: rij.cellen[place] for field, place in places.items()}
        return _read(rij, cells, kolommen)

    return map(read, sheet.rijen())


def _read(rij: Rij, cells: Mapping[str, str], kolommen: Sequence[Kolom]) -> Read | Afkeuring:
    odd = {veld: text for veld, text in cells.items() if isinstance(text, _ODD)}
    lost = {veld: text for veld, text in odd.items() if isinstance(text, DamagedCell)}
    if lost:
        kolommen = [kolom for kolom in kolommen if kolom.veld not in lost]
    velden, problems, warnings = fields_of(cells, kolommen)
    if problems or lost:
        return Afkeuring((rij,), (*(_lost(*one) for one in lost.items()), *problems))
    quoted = (_QUOTED._replace(veld=veld) for veld in odd)
    return Read(rij, velden, (*quoted, *warnings))


def _lost(veld: str, text: str) -> Problem:
    if text.startswith("="):
        rule = "de formule in de cel is niet uitgerekend"
        return Problem(veld, rule, "open het bestand in het spreadsheet en bewaar het opnieuw")
    rule = f"{shown(text)} is een fout van een spreadsheet"
    return Problem(veld, rule, "herstel de cel in het spreadsheet of vul de waarde in")


def _fields_by_key(kolommen: Sequence[Kolom]) -> dict[str, str]:
    return {
        normalised(name): kolom.veld for kolom in kolommen for name in (kolom.veld, *kolom.aliassen)
    }


def _of_object(
    values: Mapping[str, object], fields: Mapping[str, str], kolommen: Sequence[Kolom]
) -> dict[str, str]:
    """Return the cells of an object; what it must have and has not is an empty cell."""
    cells = {kolom.veld: "" for kolom in kolommen if kolom.nodig}
    for key, value in values.items():
        if field := fields.get(normalised(key)):
            cells[field] = cell_of_value(value)
    return cells
