"""What a difference is worth: the amounts that a samenwerkingsverband pays for pupils. Pure.

`law-and-money.md` 6: since 2023 a pupil of so, vso or sbo is deducted at the amount of its
category for the calendar year after the teldatum. The amounts are the user's (`tarieven`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from ledger.teldata import FIRST_FEBRUARY_TELDATUM
from projections.aansluiting.model import Regel
from projections.tarieven import Tarieven, cents

SOORT: Final = {"SO": "so", "VSO": "vso", "SBO": "sbo"}
"""The kind of amount of a schoolsoort."""

Pupil = tuple[str, str, int]
"""Schoolsoort, categorie and how many."""


class Prijslijst(NamedTuple):
    """The amounts of the year that a count funds, as known at a moment; None = no amounts."""

    tarieven: Tarieven | None
    teldatum: date
    bekend_op: datetime | None

    def waarde(self, pupils: Iterable[Pupil]) -> Decimal | None:
        """Return what pupils cost a year, in cents; None when an amount is not there.

        Also None for counts before 2022: until then an amount went by age and by personnel
        and material apart, and sbo by the 2 % rule (assumption: not worth telling here).
        """
        if self.tarieven is None or self.teldatum < FIRST_FEBRUARY_TELDATUM:
            return None
        total = Decimal(0)
        for schoolsoort, categorie, aantal in pupils:
            soort, jaar = SOORT.get(schoolsoort, ""), self.teldatum.year + 1
            tarief = self.tarieven.find(jaar, soort, categorie, self.bekend_op)
            if tarief is None:
                return None
            total += tarief.bedrag * aantal
        return cents(total)

    def verschil(self, links: Iterable[Pupil], rechts: Iterable[Pupil]) -> Decimal | None:
        """Return what the left side costs more than the right one; None as for `waarde`."""
        left, right = self.waarde(links), self.waarde(rechts)
        return None if left is None or right is None else left - right


def pupils_of(regels: Iterable[Regel], schoolsoort: str, categorie: str) -> list[Pupil]:
    """Return rows of one pupil each by the columns that tell their schoolsoort and categorie."""
    return [(str(one.velden[schoolsoort]), str(one.velden[categorie]), 1) for one in regels]
