"""Grensverkeer sbo: which admissions one samenwerkingsverband pays another for (rules.md 7). Pure.

Sources: WPO (text until 2023) art. 125; Besluit bekostiging WPO (old) art. 33; law-and-money.md
5e. An admission is grensverkeer when the pupil came directly from a basisschool of A, the sbo
school is of B, A decided that the pupil needs sbo, and the parents did not move into the area
of B around that time. A pays from the school year after the admission through the one in
which the pupil leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

import msgspec
from dateutil.relativedelta import relativedelta

from ledger.codes import sector_of_swv, swv_of_tlv
from ledger.dossier import Dossier, Inschrijving, Sleutel, Woonplaats, geldig_op
from ledger.times import OPEN_DATE, school_year_start
from projections.attribution import ReferenceAsKnown, previous

SBO_TLV_REGISTERED: Final = date(2022, 8, 1)
"""From here on a tlv sbo is registered with an enrolment (assumption A-01).

For an admission before it the absence of a tlv says nothing: the samenwerkingsverband of the
basisschool is taken to have decided. A tlv that is registered does count, also before.
"""

AROUND_A_MOVE: Final = relativedelta(months=6)
"""How long before and after a move an admission is no grensverkeer (WPO art. 125 lid 4).

Calendar months, both days included (assumption).
"""

FTE: Final = Decimal("0.0646")
"""Formation per pupil and school year (Besluit bekostiging WPO, old, art. 33)."""

FTE_AFTER_THE_COUNT: Final = Decimal("0.1098")
"""Idem for the first school year, of an admission after 1 October of the year before."""


class Toelating(msgspec.Struct, frozen=True):
    """A pupil of a basisschool of `betaler` admitted to an sbo school of `ontvanger`.

    `uit_vestiging` is the last one at the basisschool, `naar_vestiging` that of the first day
    at the sbo school; `einddatum` is the last day at that school, None = the pupil is there.
    """

    leerling: str
    sleutel: Sleutel
    betaler: str
    uit_vestiging: str
    ontvanger: str
    naar_vestiging: str
    begindatum: date
    einddatum: date | None

    @property
    def eerste(self) -> int:
        """The first school year that is paid for, by the year in which it begins."""
        return schooljaar(self.begindatum) + 1

    @property
    def laatste(self) -> int | None:
        """The last school year that is paid for; None while the pupil is there."""
        return None if self.einddatum is None else schooljaar(self.einddatum)

    def loopt_in(self, jaar: int) -> bool:
        """Tell whether a school year is paid for (WPO art. 125 lid 3 and 5)."""
        return self.eerste <= jaar and (self.laatste is None or jaar <= self.laatste)

    def fte(self, jaar: int) -> Decimal:
        """Return the formation that is paid for one school year."""
        after_the_count = self.begindatum > date(self.eerste - 1, 10, 1)
        return FTE_AFTER_THE_COUNT if after_the_count and jaar == self.eerste else FTE


def schooljaar(day: date) -> int:
    """Return the school year of a day, by the year in which it begins."""
    return school_year_start(day).year


def toelatingen(
    leerling: str, dossier: Dossier, reference: ReferenceAsKnown
) -> Iterator[Toelating]:
    """Yield the admissions of one pupil that are grensverkeer, whatever moves there were."""
    inschrijvingen = list(dossier.inschrijvingen.values())
    for inschrijving in inschrijvingen:
        before = previous(inschrijving, inschrijvingen) if _is(inschrijving, "SBO") else None
        if before is None or before.einddatum is None or not _is(before, "BO"):
            continue
        uit, naar = before.perioden[-1].vestigingscode, inschrijving.perioden[0].vestigingscode
        betaler = reference.swv_of_vestiging(uit, "PO", before.einddatum)
        ontvanger = reference.swv_of_vestiging(naar, "PO", inschrijving.begindatum)
        if betaler is None or ontvanger is None or betaler == ontvanger:
            continue
        if not _decided_by(betaler, inschrijving, dossier):
            continue
        last = _last_day(inschrijving, inschrijvingen)
        yield Toelating(
            leerling,
            inschrijving.sleutel,
            betaler,
            uit,
            ontvanger,
            naar,
            inschrijving.begindatum,
            None if last == OPEN_DATE else last,
        )


def moved_in(
    toelating: Toelating, woonplaatsen: Sequence[Woonplaats], reference: ReferenceAsKnown
) -> bool:
    """Tell whether the parents moved into the area of the receiver around the admission.

    Both residences are looked up on the day of the move, so that an area that changes hands
    is no move. The first residence known is no move either; abroad, and an area that belongs
    to nobody, lie outside every area (assumptions). `woonplaatsen` ascend.
    """
    for before, after in pairwise(woonplaatsen):
        day, swv = after.vanaf, toelating.ontvanger
        if not day - AROUND_A_MOVE <= toelating.begindatum <= day + AROUND_A_MOVE:
            continue
        was_inside = _lives_in(before, day, reference) == swv
        if not was_inside and _lives_in(after, day, reference) == swv:
            return True
    return False


def one_a_pupil(found: Iterable[Toelating]) -> list[Toelating]:
    """Return one admission per pupil: nobody is paid for twice in a school year.

    Of a double enrolment the one that would count (rules.md 4): the latest begindatum, then
    the lowest key (assumption).
    """
    chosen: dict[str, Toelating] = {}
    ranked = sorted(found, key=lambda one: one.sleutel)
    for one in sorted(ranked, key=lambda one: one.begindatum, reverse=True):
        chosen.setdefault(one.leerling, one)
    return list(chosen.values())


def _is(inschrijving: Inschrijving, schoolsoort: str) -> bool:
    return inschrijving.perioden[0].schoolsoort == schoolsoort


def _decided_by(swv: str, inschrijving: Inschrijving, dossier: Dossier) -> bool:
    """Tell whether a samenwerkingsverband decided that the pupil needs sbo.

    By a tlv sbo of its own, linked to the enrolment and valid on its begindatum.
    """
    begin = inschrijving.begindatum
    linked = (dossier.tlvs.get(koppeling.nummer) for koppeling in inschrijving.koppelingen)
    valid = [
        tlv.nummer for tlv in linked if tlv and tlv.categorie == "SBO" and geldig_op(tlv, begin)
    ]
    if not valid:
        return begin < SBO_TLV_REGISTERED
    return swv in map(swv_of_tlv, valid)


def _last_day(inschrijving: Inschrijving, inschrijvingen: Sequence[Inschrijving]) -> date:
    """Return the last day at the school, over enrolments of one instelling that follow on.

    A move to another vestiging may reach us as a new enrolment (rules.md 2); the pupil has
    not left the school then (assumption).
    """
    following = [
        _last_day(other, inschrijvingen)
        for other in inschrijvingen
        if other.instellingscode == inschrijving.instellingscode
        and _is(other, "SBO")
        and previous(other, inschrijvingen) is inschrijving
    ]
    return max([inschrijving.einddatum or OPEN_DATE, *following])


def _lives_in(woonplaats: Woonplaats, day: date, reference: ReferenceAsKnown) -> str | None:
    """Return in whose area a residence lies on a day; None: in nobody's, or abroad."""
    if woonplaats.pc4 is not None:
        return reference.swv_of_pc4(woonplaats.pc4, "PO", day)
    return next((swv for swv in woonplaats.swv if sector_of_swv(swv) == "PO"), None)
