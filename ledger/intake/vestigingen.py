"""Lists of vestigingen with their samenwerkingsverbanden, as DUO's open data have them. Pure.

Layouts differ from year to year, so columns go by alias. Rows without days hold from
`--vanaf`; a row without an end holds until another row of its vestiging begins.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple, cast

from msgspec import UNSET

from ledger.codes import sector_of_swv
from ledger.intake import cells
from ledger.intake.columns import Kolom, Repaired
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.reference_columns import (
    SWV,
    SWV_NAAM,
    SWV_OF_SECTOR,
    TOT_EN_MET,
    VANAF,
    first_day,
    has,
    needs_vanaf,
    of_others,
    present,
)
from ledger.intake.rows import Read, headers_of, read_rows
from ledger.intake.sheet_types import Sheet, unreadable
from ledger.intake.vestiging_links import Aansluiting, Aansluitingen
from ledger.problems import Problem, shown
from ledger.states import ReferenceStand, SwvStand, VestigingStand

SOURCE: Final = "vestigingen"
BRON: Final = "referentie"
COMPLETE: Final = False

_SERIAL: Final = re.compile(r"\d{1,2}")


def _nummer_of(text: str) -> object:
    """Return two digits, or a whole code: open data use the word for both."""
    if not _SERIAL.fullmatch(text):
        return cells.vestigingscode_of(text)
    if len(text) == 1:
        rule = f"voorloopnul teruggezet: {shown(text)} is gelezen als '0{text}'"
        return Repaired(f"0{text}", Problem("", rule, "bewaar codes voortaan als tekst"))
    return str(text)


_OPTIONAL: Final = Kolom("", cells.text_of, nodig=False, leeg=True)
CODE: Final = _OPTIONAL._replace(veld="VESTIGINGSCODE", lees=cells.vestigingscode_of)
NUMMER: Final = _OPTIONAL._replace(veld="VESTIGINGSNUMMER", lees=_nummer_of)
BRIN: Final = _OPTIONAL._replace(
    veld="INSTELLINGSCODE",
    lees=cells.instellingscode_of,
    aliassen=("BRIN_NUMMER", "BRIN", "BRINCODE"),
)
NAAM: Final = _OPTIONAL._replace(veld="VESTIGINGSNAAM", aliassen=("NAAM_VESTIGING", "NAAM"))
GESLOTEN: Final = _OPTIONAL._replace(veld="GESLOTEN_INRICHTING", lees=cells.yes_no_of)
RESIDENTIEEL: Final = _OPTIONAL._replace(veld="RESIDENTIEEL", lees=cells.yes_no_of)
_SWV: Final = (SWV, *SWV_OF_SECTOR.values())
_KOLOMMEN: Final = (
    CODE, NUMMER, BRIN, NAAM, GESLOTEN, RESIDENTIEEL, *_SWV, SWV_NAAM, VANAF, TOT_EN_MET,
)  # fmt: skip


class _Regel(NamedTuple):
    """What a row says: its vestiging, the links it names first, and names and flags."""

    row: Read
    links: tuple[Aansluiting, ...] = ()
    standen: tuple[ReferenceStand, ...] = ()
    warnings: tuple[Problem, ...] = ()


def identify(sheet: Sheet) -> bool:
    """Tell whether a file lists vestigingen with a name or a samenwerkingsverband."""
    headers = headers_of(sheet)
    known = _names_vestigingen(headers) and any(has(headers, one) for one in (NAAM, *_SWV))
    return known and not of_others(headers)


def _names_vestigingen(headers: Collection[str]) -> bool:
    return has(headers, CODE) or has(headers, NUMMER)


def read(sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:
    """Yield what the rows tell, and the rows that cannot be read, in their order.

    Raises UnreadableFileError when no column names vestigingen, or when there are
    samenwerkingsverbanden and nothing says from when they hold.
    """
    headers = headers_of(sheet)
    if not _names_vestigingen(headers):
        rule, remedy = "de kolom ontbreekt", f"zet in de kop: {CODE.veld} of {NUMMER.veld}"
        raise unreadable(sheet.naam, Problem(CODE.veld, rule, remedy))
    if any(has(headers, kolom) for kolom in _SWV):
        needs_vanaf(sheet, options)
    rows = read_rows(sheet, present(headers, _KOLOMMEN))
    links = Aansluitingen()
    for regel in _regels(rows, options, links):
        if isinstance(regel, Afkeuring):
            yield regel
            continue
        linked = tuple(links.stand(link) for link in regel.links)
        warnings = (*regel.row.warnings, *regel.warnings)
        yield Melding((regel.row.rij,), None, (*regel.standen, *linked), warnings=warnings)


def _regels(
    rows: Iterable[Read | Afkeuring], options: ReadOptions, links: Aansluitingen
) -> list[_Regel | Afkeuring]:
    """Return all rows: where a link without an end ends is known when all are read."""
    told = _Told()
    return [
        row if isinstance(row, Afkeuring) else _regel(row, options, links, told) for row in rows
    ]


def _regel(
    row: Read, options: ReadOptions, links: Aansluitingen, told: _Told
) -> _Regel | Afkeuring:
    code = _code(row.velden)
    named = _links(row, code, options) if isinstance(code, str) else [code]
    clashes = [one if isinstance(one, Problem) else links.clash(one) for one in named]
    problems = tuple(problem for problem in clashes if problem is not None)
    if problems or not isinstance(code, str):
        return Afkeuring((row.rij,), problems)
    found = [link for link in named if isinstance(link, Aansluiting) and links.add(link)]
    standen, warnings = told.of(row, code)
    return _Regel(row, tuple(found), standen, warnings)


def _code(velden: Mapping[str, object]) -> str | Problem:
    """Return the code of the vestiging of a row, put together when it stands in two columns."""
    brin = velden.get(BRIN.veld)
    code = str(velden.get(CODE.veld) or velden.get(NUMMER.veld) or "")
    if not code:
        return Problem(CODE.veld, "is leeg", "schrijf bijvoorbeeld 12QN00")
    if _SERIAL.fullmatch(code):
        if brin is None:
            rule = f"van vestiging {code} ontbreekt de instellingscode"
            return Problem(BRIN.veld, rule, "vul de kolom BRIN_NUMMER, bijvoorbeeld 12QN")
        return f"{brin}{code}"
    if brin is not None and not code.startswith(str(brin)):
        rule = f"{code} hoort niet bij instelling {brin}"
        return Problem(CODE.veld, rule, "controleer beide codes")
    return code


def _links(row: Read, code: str, options: ReadOptions) -> list[Aansluiting | Problem]:
    """Return the links that a row names; an empty cell names none and tells nothing."""
    named = {str(swv): kolom.veld for kolom in _SWV if (swv := row.velden.get(kolom.veld))}
    if not named:
        return []
    if len({sector_of_swv(swv) for swv in named}) < len(named):
        rule = f"{' en '.join(named)} zijn van een sector"
        return [Problem(SWV.veld, rule, "noem per sector een samenwerkingsverband")]
    vanaf = first_day(row.velden, options)
    if isinstance(vanaf, Problem):
        return [vanaf]
    last = cast("date | None", row.velden.get(TOT_EN_MET.veld))
    if last is not None and last < vanaf:
        rule = "het einde ligt voor het begin"
        return [Problem(TOT_EN_MET.veld, rule, "controleer beide data")]
    number = row.rij.regelnummer
    return [Aansluiting(veld, number, code, swv, vanaf, last) for swv, veld in named.items()]


class _Told:
    """Names and flags that rows told: the first row decides, another value is a warning."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], tuple[int, object]] = {}

    def of(self, row: Read, code: str) -> tuple[tuple[ReferenceStand, ...], tuple[Problem, ...]]:
        """Return what a row is the first to tell, and where it says something else."""
        velden, swv = row.velden, row.velden.get(SWV.veld)
        warnings: list[Problem] = []
        naam, gesloten, residentieel = (
            self._new(code, kolom, row, warnings) for kolom in (NAAM, GESLOTEN, RESIDENTIEEL)
        )
        standen: list[ReferenceStand] = []
        if (naam, gesloten, residentieel) != (None, None, None):
            standen.append(
                VestigingStand(
                    vestigingscode=code,
                    naam=UNSET if naam is None else str(naam),
                    gesloten_inrichting=UNSET if gesloten is None else bool(gesloten),
                    residentieel=UNSET if residentieel is None else bool(residentieel),
                )
            )
        if swv is not None and velden.get(SWV_NAAM.veld) is not None:
            named = self._new(str(swv), SWV_NAAM, row, warnings)
            if named is not None:
                standen.append(SwvStand(swv=str(swv), naam=str(named)))
        return tuple(standen), tuple(warnings)

    def _new(self, of: str, kolom: Kolom, row: Read, warnings: list[Problem]) -> object:
        value, number = row.velden.get(kolom.veld), row.rij.regelnummer
        if value is None:
            return None
        first, before = self._first.setdefault((of, kolom.veld), (number, value))
        if before != value:
            rule = f"van {of} zegt regel {first} iets anders; die telt"
            warnings.append(Problem(kolom.veld, rule, "maak de regels gelijk"))
        return value if first == number else None


def about(melding: Melding | None, sheet: Sheet) -> About:
    """Return that the file as a whole is about no one samenwerkingsverband."""
    del melding, sheet
    return About()
