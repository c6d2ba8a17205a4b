"""What a column of a supplied table is called, and what its cells may hold. Pure.

Amounts are `Decimal` from the first character on: a float never holds money.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from ledger.intake.fields import IDENTIFYING
from ledger.problems import Problem, shown
from ledger.times import TimeFormatError, parse_date


class CellError(ValueError):
    """A cell that does not hold what its column asks for: the rule, and what to do.

    `verborgen` = the value may tell who somebody is, and is not shown.
    """

    def __init__(self, regel: str, remedie: str, *, verborgen: bool = False) -> None:
        self.regel = regel
        self.remedie = remedie
        self.verborgen = verborgen
        super().__init__(f"{regel}; {remedie}")


class Repaired(NamedTuple):
    """A value that could be put right, and what was done; the problem names no field."""

    value: object
    problem: Problem


class Kolom(NamedTuple):
    """One declared column: its field, how a cell is read, and by which headers it goes.

    `lees` returns a value or `Repaired`, or raises CellError.
    `nodig` = the table must have it; `leeg` = a cell may be empty, and is None then.
    """

    veld: str
    lees: Callable[[str], object]
    aliassen: tuple[str, ...] = ()
    nodig: bool = True
    leeg: bool = False


MONTHS: Final = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip

_NOT_IN_A_HEADER: Final = re.compile(r"[\W_]+")
_DECORATION: Final = re.compile(r"[\s€]+")
_AMBIGUOUS: Final = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_DUTCH: Final = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?")
_ENGLISH: Final = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_WHOLE: Final = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)")
_YEAR: Final = re.compile(r"(19|20)\d{2}")
_YEAR_MONTH: Final = re.compile(r"(\d{4})[-/](\d{1,2})")
_MONTH_YEAR: Final = re.compile(r"(\d{1,2})[-/](\d{4})")
_NAMED_MONTH: Final = re.compile(r"([a-z]{3,9})[ -]+(\d{4})")
_SHORT_MONTH: Final = 3


def normalised(header: str) -> str:
    """Return a header for matching: upper case, letters and digits alone (manual 3.7)."""
    return _NOT_IN_A_HEADER.sub("", header).upper()


def places_of(
    header: Iterable[str], kolommen: Iterable[Kolom]
) -> tuple[dict[str, int], tuple[Problem, ...]]:
    """Return at which place each field stands, and what is wrong with the header.

    A column that nobody declared is left alone.
    """
    names = [normalised(name) for name in header]
    places: dict[str, int] = {}
    problems: list[Problem] = []
    for kolom in kolommen:
        known = {normalised(name) for name in (kolom.veld, *kolom.aliassen)}
        found = [place for place, name in enumerate(names) if name in known]
        if len(found) > 1:
            problems.append(Problem(kolom.veld, "staat twee keer in de kop", "houd er een over"))
        elif found:
            places[kolom.veld] = found[0]
        elif kolom.nodig:
            wel = ", ".join((kolom.veld, *kolom.aliassen))
            problems.append(Problem(kolom.veld, "de kolom ontbreekt", f"zet in de kop: {wel}"))
    return places, tuple(problems)


class Fields(NamedTuple):
    """The values of a line by field (None = empty), what is wrong, and what was put right."""

    velden: dict[str, object]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def fields_of(cells: Mapping[str, str], kolommen: Iterable[Kolom]) -> Fields:
    """Return the values of the cells of a line, with all that is wrong or odd with them.

    A cell keeps its class (such as NumberCell) on its way to the reader of its column.
    """
    fields: dict[str, object] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for veld, lees, _, _, leeg in kolommen:
        text = cells.get(veld, "")
        stripped = text.strip()
        if not stripped and (leeg or veld not in cells):
            fields[veld] = None
            continue
        try:
            value = lees(text if text == stripped else stripped)
        except CellError as error:
            problems.append(_wrong(veld, stripped, error))
            continue
        if isinstance(value, Repaired):
            warnings.append(value.problem._replace(veld=veld))
            value = value.value
        fields[veld] = value
    return Fields(fields, tuple(problems), tuple(warnings))


def _wrong(veld: str, text: str, error: CellError) -> Problem:
    hidden = error.verborgen or veld in IDENTIFYING
    what = "de waarde" if hidden else shown(text)
    return Problem(veld, f"{what} {error.regel}" if text else "is leeg", error.remedie)


def text_of(text: str) -> str:
    """Return a text that is not empty."""
    if not text:
        raise CellError("is leeg", "vul de cel in")
    return text


def year_of(text: str) -> int:
    """Return a year from 1900 to 2099."""
    if not _YEAR.fullmatch(text):
        raise CellError("is geen jaar", "schrijf vier cijfers, zoals 2026")
    return int(text)


def day_of(text: str) -> date:
    """Return a day, written 2025-12-01 or 1-12-2025."""
    try:
        return parse_date(text)
    except TimeFormatError:
        raise CellError("is geen datum", "schrijf 2025-12-01 of 1-12-2025") from None


def whole_number_of(text: str) -> int:
    """Return a whole number, with or without points between thousands."""
    if not _WHOLE.fullmatch(text):
        raise CellError("is geen heel getal", "schrijf bijvoorbeeld 119")
    return int(text.replace(".", ""))


def amount_of(text: str) -> Decimal:
    """Return an amount: `12938,34`, `12938.34`, `12.938,34`, `€ 12938` or `12,938.34`.

    A lone mark before exactly three digits can be read in two ways, and is refused.
    """
    plain = _DECORATION.sub("", text)
    if _AMBIGUOUS.fullmatch(plain):
        remedy = "schrijf 12938,00 voor duizendtallen of 12,9380 voor decimalen"
        raise CellError("kan twee bedragen zijn", remedy)
    if _DUTCH.fullmatch(plain):
        return Decimal(plain.replace(".", "").replace(",", "."))
    if _ENGLISH.fullmatch(plain):
        return Decimal(plain.replace(",", ""))
    raise CellError("is geen bedrag", "schrijf bijvoorbeeld 12938,34")


def rate_of(text: str) -> Decimal:
    """Return an amount that is not below zero."""
    amount = amount_of(text)
    if amount < 0:
        raise CellError("is lager dan nul", "schrijf het bedrag zonder minteken")
    return amount


def month_of(text: str) -> date:
    """Return the first day of a month: `2025-12`, `12-2025`, `december 2025` or `dec 2025`."""
    year, month = _year_and_month(text.lower())
    if not (1 <= month <= len(MONTHS) and _YEAR.fullmatch(year)):
        raise CellError("is geen maand", "schrijf 2025-12, 12-2025 of december 2025")
    return date(int(year), month, 1)


def _year_and_month(text: str) -> tuple[str, int]:
    if found := _YEAR_MONTH.fullmatch(text):
        return found[1], int(found[2])
    if found := _MONTH_YEAR.fullmatch(text):
        return found[2], int(found[1])
    if found := _NAMED_MONTH.fullmatch(text):
        name = found[1]
        numbers = (
            number
            for number, month in enumerate(MONTHS, 1)
            if name == month or (len(name) == _SHORT_MONTH and month.startswith(name))
        )
        return found[2], next(numbers, 0)
    return "", 0
