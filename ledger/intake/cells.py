"""How the cells of state files are read: codes, numbers and words of users. Pure.

Each reader takes the text of a cell that is not empty and returns its value, or `Repaired`
with what was put back; it raises CellError with the rule and the remedy. No message shows a
PGN. Spreadsheets damage cells in known ways (outputs-and-rules.md 3.2): lost zeros are put
back, what cannot be undone is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, cast, get_args

from ledger.codes import (
    SCHOOLSOORTEN,
    Categorie,
    Schoolsoort,
    SoortVerblijf,
    normalise_swv,
)
from ledger.intake.columns import CellError, Repaired, text_of, whole_number_of
from ledger.intake.days import date_of
from ledger.intake.fields import FIELD_RULES, checked_pgn, with_zeros, zeros_put_back
from ledger.problems import Problem, shown

__all__ = [
    "Repaired",
    "categorie_of",
    "count_of",
    "date_of",
    "instellingscode_of",
    "pc4_of",
    "pgn_of",
    "schoolsoort_of",
    "soort_verblijf_of",
    "swv_of",
    "text_of",
    "tlv_number_of",
    "vestigingscode_of",
    "volgnummer_of",
    "whole_of",
    "yes_no_of",
]

_ROUNDED: Final = re.compile(r"[0-9]([.,][0-9]+E\+?|E\+)[0-9]+", re.IGNORECASE)
"""`1,2E+08`: what a spreadsheet makes of a long number. `2E5` may be somebody's volgnummer."""

_GROUPED_PGN: Final = re.compile(r"[0-9]{3,4}([. -])[0-9]{2,3}\1[0-9]{3}")
"""`1234.56.782` and `123 456 782`. One mark alone could be a decimal one, and is refused."""

_INSTELLING: Final = re.compile(r"[0-9]{2}[A-Z]{2}")
_VESTIGING: Final = re.compile(r"[0-9]{2}[A-Z]{2}[0-9]{2}")
_VOLGNUMMER: Final = re.compile(r"[0-9A-Za-z._-]{1,20}")
_TLV: Final = re.compile(r"(PO|VO)[0-9]{4}-[0-9]{4}-[0-9]{5}")
_LOOSE_TLV: Final = re.compile(
    r"((?:PO|VO)[ -]?[0-9]{2}[-. ]?[0-9]{2}) ?[- /] ?([0-9]{4}) ?[- /] ?([0-9]{1,5})"
)
_PC4: Final = re.compile(r"[1-9][0-9]{3}")
_PC6: Final = re.compile(r"([1-9][0-9]{3}) ?[A-Za-z]{2}")
_SMALL: Final = re.compile(r"< ?5")

_YES_NO: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("JA", "J", "TRUE", "WAAR", "1"), True),
    **dict.fromkeys(("NEE", "N", "FALSE", "ONWAAR", "0"), False),
}
_CATEGORIES: Final[Mapping[str, Categorie]] = {
    "SBO": "SBO",
    "L": "LAAG",
    "M": "MIDDEN",
    "H": "HOOG",
    "LAAG": "LAAG",
    "MIDDE": "MIDDEN",
    "MIDDEN": "MIDDEN",
    "HOOG": "HOOG",
}
_BOTH_SORTS: Final = "SO_VSO_"
_STAYS: Final[Mapping[str, SoortVerblijf]] = {
    stay.upper(): stay for stay in get_args(SoortVerblijf)
}


_repeating: Final = lru_cache(maxsize=1 << 14, typed=True)
"""Keeps what was read of cells whose values repeat in a file: codes and words, never a PGN.

`typed` keeps numbers of workbooks apart from texts.
"""


def pgn_of(text: str) -> str | Repaired:
    """Return a BSN or onderwijsnummer of nine digits that passes its check (events.md 4)."""
    if _ROUNDED.fullmatch(text):
        raise CellError(
            "is geen nummer meer: een spreadsheet heeft het nummer afgerond",
            "download het bestand opnieuw en open het met deze kolom als tekst",
            verborgen=True,
        )
    grouped = _GROUPED_PGN.fullmatch(text)
    pgn, found = checked_pgn("", text.replace(grouped[1], "") if grouped else str(text))
    if pgn is None:
        raise CellError(f"is {found[0].regel}", found[0].remedie, verborgen=True)
    if grouped:
        marks = Problem("", "tekens tussen de cijfers weggelaten", "schrijf negen cijfers")
        found = (marks, *found)
    if not found:
        return pgn
    return Repaired(pgn, found[0]._replace(regel="; ".join(one.regel for one in found)))


@_repeating
def instellingscode_of(text: str) -> str | Repaired:
    """Return a BRIN code such as `12QN`."""
    return _code("instellingscode", text, _INSTELLING)


@_repeating
def vestigingscode_of(text: str) -> str | Repaired:
    """Return a vestigingscode such as `12QN00`."""
    return _code("vestigingscode", text, _VESTIGING)


def volgnummer_of(text: str) -> str:
    """Return an inschrijvingsvolgnummer: text, though it often looks like a number."""
    if _ROUNDED.fullmatch(text):
        raise CellError(
            "is geen nummer meer: een spreadsheet heeft het nummer afgerond",
            "download het bestand opnieuw en open het met deze kolom als tekst",
        )
    if not _VOLGNUMMER.fullmatch(text):
        raise _broken("volgnummer")
    return str(text)


@_repeating
def swv_of(text: str) -> str:
    """Return the code of a samenwerkingsverband, `PO2304`, from any way people write it."""
    try:
        return normalise_swv(text)
    except ValueError:
        raise _broken("swv") from None


def tlv_number_of(text: str) -> str | Repaired:
    """Return a beschikkingsnummer, `PO2304-2021-11111`; other marks and lost zeros are mended."""
    plain = text.upper()
    if _TLV.fullmatch(plain):
        return plain
    loose = _LOOSE_TLV.fullmatch(plain)
    if loose is None:
        raise _broken("nummer")
    tidy = f"{normalise_swv(loose[1])}-{loose[2]}-{loose[3]}"
    number = str(with_zeros("nummer", tidy))
    if number != tidy:
        return Repaired(number, zeros_put_back("", text, number))
    rule = f"de schrijfwijze is aangepast: {shown(text)} is gelezen als {shown(number)}"
    return Repaired(number, Problem("", rule, FIELD_RULES["nummer"][1]))


def pc4_of(text: str) -> str | Repaired:
    """Return the four digits of a postcode; letters behind them are left out, and said so."""
    if _PC4.fullmatch(text):
        return str(text)
    if whole := _PC6.fullmatch(text):
        rule = "de letters van de postcode zijn weggelaten"
        return Repaired(whole[1], Problem("", rule, "geef alleen de vier cijfers"))
    rule, remedy = FIELD_RULES["pc4"]
    raise CellError(f"is niet: {rule}", remedy, verborgen=True)


def yes_no_of(text: str) -> bool:
    """Return whether a cell says Ja or Nee, or what a spreadsheet makes of it."""
    word = text.upper()
    if word not in _YES_NO:
        raise CellError("is geen Ja of Nee", "schrijf Ja of Nee")
    return _YES_NO[word]


def whole_of(text: str) -> int:
    """Return a whole number of zero or more."""
    number = whole_number_of(text)
    if number < 0:
        raise CellError("is lager dan nul", "schrijf het getal zonder minteken")
    return number


def count_of(text: str) -> int | str:
    """Return a count of pupils, or `<5` where DUO does not tell."""
    return "<5" if _SMALL.fullmatch(text) else whole_of(text)


def schoolsoort_of(text: str) -> Schoolsoort:
    """Return BO, SBO, SO, VSO or VO."""
    word = text.upper()
    if word not in SCHOOLSOORTEN:
        rule, remedy = FIELD_RULES["schoolsoort"]
        raise CellError(f"is niet {rule}", remedy)
    return cast("Schoolsoort", word)


@_repeating
def categorie_of(text: str) -> Categorie:
    """Return a category; DUO cuts SO_VSO_MIDDEN off after twelve characters (manual 3.7)."""
    word = text.upper().removeprefix(_BOTH_SORTS)
    if word not in _CATEGORIES or (word == "SBO" and len(text) > len(word)):
        rule, remedy = FIELD_RULES["categorie"]
        raise CellError(f"is niet {rule}", remedy)
    return _CATEGORIES[word]


def soort_verblijf_of(text: str) -> SoortVerblijf:
    """Return the kind of stay: geen, IJH, IGZ, IJG, GJI or JJI."""
    if text.upper() not in _STAYS:
        rule, remedy = FIELD_RULES["soort_verblijf"]
        raise CellError(f"is niet {rule}", remedy)
    return _STAYS[text.upper()]


def _code(name: str, text: str, form: re.Pattern[str]) -> str | Repaired:
    code = text.upper()
    mended = str(with_zeros(name, code))
    if not form.fullmatch(mended):
        raise _broken(name)
    return Repaired(mended, zeros_put_back("", text, mended)) if mended != code else code


def _broken(name: str) -> CellError:
    """Return the error of a code that has not the form of its field (events.md 4)."""
    rule, remedy = FIELD_RULES[name]
    return CellError(f"is niet: {rule}", remedy)
