"""The lines of an Ofb extract: which month, and which part of the count. Pure.

The Ofb (Overzicht financiële beschikkingen) has no public layout (outputs-and-rules.md 2,
A-18): a user copies its lines into a small table, and this module says how they are read.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, Categorie, Schoolsoort, sector_of_swv
from ledger.intake.columns import Kolom, amount_of, month_of, text_of, whole_number_of
from ledger.problems import Problem
from ledger.times import end_of_day

_SOORTEN: Final[dict[str, Schoolsoort]] = {"SBO": "SBO", "SO": "SO", "VSO": "VSO"}
_CATEGORIEEN: Final[dict[str, Categorie]] = {
    "LAAG": "LAAG",
    "MIDDEN": "MIDDEN",
    "MIDDE": "MIDDEN",
    "HOOG": "HOOG",
}
"""DUO cuts MIDDEN off at twelve characters in SO_VSO_MIDDE (manual 3.7)."""

_NO_WORD: Final = re.compile(r"[\W_]+")

KOLOMMEN: Final = (
    Kolom("maand", month_of, ("periode", "betaalmaand")),
    Kolom("regel", text_of, ("omschrijving", "categorie", "ondersteuningscategorie")),
    Kolom("aantal", whole_number_of, ("aantal leerlingen", "leerlingen"), leeg=True),
    Kolom("bedrag", amount_of, ("bedrag in euro", "totaal"), nodig=False, leeg=True),
)
"""An Ofb extract: `maand;regel;aantal;bedrag`."""


class Deel(NamedTuple):
    """The part of a count that a line is about; `categorie` None = the whole schoolsoort."""

    schoolsoort: Schoolsoort
    categorie: Categorie | None


class OfbRegel(NamedTuple):
    """One line: `maand` is the first day of its month, an amount can be below zero.

    `genoemd` = the Ofb has this line; else the ledger counts pupils that it does not mention.
    """

    maand: date
    regel: str
    aantal: int | None
    bedrag: Decimal | None
    genoemd: bool = True

    @property
    def sleutel(self) -> tuple[object, ...]:
        """What a line may be said of once: its month and the words in its text."""
        return (self.maand, *sorted(set(_words(self.regel))))

    def deel(self, swv: str) -> Deel | None:
        """Return what the line counts of a samenwerkingsverband, None when it counts no pupils.

        `SO LAAG`, `so-laag`, `SBO` and DUO's `SO_VSO_LAAG` are read; any other text is a
        line about something else, and is shown without a count.
        """
        own = set(SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)])
        words = set(_words(self.regel))
        soorten = {_SOORTEN[word] for word in words & _SOORTEN.keys()}
        categorieen = {_CATEGORIEEN[word] for word in words & _CATEGORIEEN.keys()}
        if soorten == {"SO", "VSO"}:  # DUO's name for a category of both
            soorten &= own
        others = words - _SOORTEN.keys() - _CATEGORIEEN.keys()
        if others or len(soorten) != 1 or len(categorieen) > 1 or not soorten <= own:
            return None
        return _deel(soorten.pop(), next(iter(categorieen), None))


def _deel(schoolsoort: Schoolsoort, categorie: Categorie | None) -> Deel | None:
    """Return a part of a count; sbo is a category of its own and has no other."""
    if schoolsoort != "SBO":
        return Deel(schoolsoort, categorie)
    return None if categorie else Deel("SBO", "SBO")


def regel_of(fields: Mapping[str, object]) -> OfbRegel:
    """Return the line whose cells are right."""
    maand, aantal, bedrag = (fields[name] for name in ("maand", "aantal", "bedrag"))
    assert isinstance(maand, date), maand
    assert isinstance(aantal, int | None), aantal
    assert isinstance(bedrag, Decimal | None), bedrag
    return OfbRegel(maand, str(fields["regel"]), aantal, bedrag)


def twice(row: OfbRegel, seen: Mapping[tuple[object, ...], int]) -> Sequence[Problem]:
    """Return the problem of a line that the same month had already."""
    line = seen.get(row.sleutel)
    if line is None:
        return ()
    rule = f"'{row.regel}' in {row.maand:%Y-%m} staat ook op regel {line}"
    return (Problem("regel", rule, "tel de regels bij elkaar op"),)


def end_of_month(maand: date) -> datetime:
    """Return the last moment of a month: what kijkglas 1 of that month knew."""
    return end_of_day(maand.replace(day=monthrange(maand.year, maand.month)[1]))


def _words(text: str) -> list[str]:
    return [word for word in _NO_WORD.split(text.upper()) if word]
