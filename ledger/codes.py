"""The codes of the field: their forms, their checks, and how people write them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Final, Literal, NamedTuple, get_args

from msgspec import Meta
from stdnum.nl import bsn, onderwijsnummer

Sector = Literal["PO", "VO"]
Schoolsoort = Literal["BO", "SBO", "SO", "VSO", "VO"]
SoortVerblijf = Literal["geen", "IJH", "IGZ", "IJG", "GJI", "JJI"]
Categorie = Literal["SBO", "LAAG", "MIDDEN", "HOOG"]
Basis = Literal["TLV", "RP", "OVERIG"]
Door = Literal["school", "duo"]
SoortVerzuim = Literal["absoluut", "relatief"]
VoKenmerk = Literal["nieuwkomer", "vavo", "lwoo", "pro"]

Instellingscode = Annotated[str, Meta(pattern=r"^[0-9]{2}[A-Z]{2}\Z")]
Vestigingscode = Annotated[str, Meta(pattern=r"^[0-9]{2}[A-Z]{2}[0-9]{2}\Z")]
Volgnummer = Annotated[str, Meta(pattern=r"^[0-9A-Za-z._-]{1,20}\Z")]
Swv = Annotated[str, Meta(pattern=r"^(PO|VO)[0-9]{4}\Z")]
Beschikkingsnummer = Annotated[str, Meta(pattern=r"^(PO|VO)[0-9]{4}-[0-9]{4}-[0-9]{5}\Z")]
Pc4 = Annotated[str, Meta(pattern=r"^[1-9][0-9]{3}\Z")]
Cluster = Annotated[int, Meta(ge=1, le=4)] | Annotated[str, Meta(pattern=r"^[1-4]\Z")]
"""A number; sources that send every code as text are read too."""
Pgn = Annotated[str, Meta(pattern=r"^[0-9]{9}\Z")]
Tabel = Annotated[str, Meta(pattern=r"^(met_tlv|totaal|vestigingen)\Z")]
"""A table of counts: one of the three files of Dashboard 1A."""
Aantal = Annotated[int, Meta(ge=0)] | Annotated[str, Meta(pattern=r"^<5\Z")]
"""A count as DUO reports it; a small one may be hidden."""
Afdruk = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
"""A keyed hash in hexadecimal, in the place of what must not stand in clear."""

SECTORS: Final[tuple[Sector, ...]] = get_args(Sector)
SCHOOLSOORTEN: Final[tuple[str, ...]] = get_args(Schoolsoort)
RESIDENTIAL: Final = frozenset({"IJH", "IGZ", "IJG"})
"""Residential stays, that count for a samenwerkingsverband (rules.md 3)."""
CLOSED: Final = frozenset({"GJI", "JJI"})
"""Closed institutions, that do not (rules.md 3, rule 0)."""

SECTOR_OF_SCHOOLSOORT: Final[dict[str, Sector]] = {
    "BO": "PO",
    "SBO": "PO",
    "SO": "PO",
    "VSO": "VO",
    "VO": "VO",
}
SCHOOLSOORTEN_OF_SECTOR: Final[dict[Sector, tuple[Schoolsoort, ...]]] = {
    "PO": ("SBO", "SO"),
    "VO": ("VSO",),
}
"""The schoolsoorten that a samenwerkingsverband answers for (rules.md 7, P)."""

ATTRIBUTED: Final = frozenset({"SBO", "SO", "VSO"})
"""The schoolsoorten that get a samenwerkingsverband (rules.md 3)."""

PGN_DIGITS: Final = 9
_LOOSE_SWV: Final = re.compile(r"(PO|VO)[ -]?(\d{2})[-. ]?(\d{2})", re.IGNORECASE)


def sector_of_swv(code: str) -> Sector:
    """Return the sector of a samenwerkingsverband or of a beschikkingsnummer (rules.md 2)."""
    return "PO" if code.startswith("PO") else "VO"


def swv_of_tlv(nummer: str) -> str:
    """Return the samenwerkingsverband that issued a tlv: its first six characters."""
    return nummer[:6]


def normalise_swv(text: str) -> str:
    """Return `PO2304` for `PO2304`, `PO-23-04` and `PO 23.04` (cli.md, Common).

    Raises ValueError for what is no code of a samenwerkingsverband.
    """
    if loose := _LOOSE_SWV.fullmatch(text.strip()):
        return (loose[1] + loose[2] + loose[3]).upper()
    raise ValueError(f"'{text}' is geen samenwerkingsverband; schrijf bijvoorbeeld PO2304")


class PgnCheck(NamedTuple):
    """Whether nine digits are a PGN, and whether only by the modern rule (A-30)."""

    valid: bool
    only_modern: bool


@lru_cache(maxsize=1 << 17)
def check_pgn(pgn: str) -> PgnCheck:
    """Check a BSN or onderwijsnummer (outputs-and-rules.md 9.1); cached, since feeds repeat.

    The length is looked at first: the library fills up short numbers with zeros. The older
    rule for an onderwijsnummer wants the weighted sum of its first eight digits, modulo
    11, to be the last digit plus 5; today's rule wants their difference to leave 5.
    """
    if len(pgn) != PGN_DIGITS or not (pgn.isascii() and pgn.isdecimal()):
        return PgnCheck(valid=False, only_modern=False)
    if int(pgn) > 0 and bsn.checksum(pgn) == 0:
        return PgnCheck(valid=True, only_modern=False)
    weighted = sum((9 - place) * int(digit) for place, digit in enumerate(pgn[:8]))
    older = weighted % 11 == int(pgn[8]) + 5
    valid = onderwijsnummer.is_valid(pgn)
    return PgnCheck(valid=valid, only_modern=valid and not older)


def pgn_is_valid(pgn: str) -> bool:
    """Tell whether a text is a BSN or an onderwijsnummer."""
    return check_pgn(pgn).valid
