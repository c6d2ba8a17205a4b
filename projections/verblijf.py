"""How long pupils stayed in sbo, so and vso who left in the school year (indicator, `verblijf`).

No public source defines it: the assumptions stand here, each by its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, sector_of_swv
from ledger.times import ONE_DAY
from projections.attribution import LONGEST_GAP
from projections.report import Fields
from projections.store import ask
from projections.store.ask_indicatoren import Piece, pieces_of, pupils_that_end
from projections.store.read_model import ReadModel
from projections.windows import school_year

DAYS_PER_YEAR: Final = Decimal("365.25")
"""How many days are a year in an average (assumption)."""

TENTH: Final = Decimal("0.1")


class Stay(NamedTuple):
    """A stay in one schoolsoort, over enrolments that follow each other; None = it runs.

    They follow each other when the gap is at most that of a previous enrolment (rules.md 3;
    that it holds for a stay too is an assumption).
    """

    begin: date
    eind: date | None

    @property
    def days(self) -> int:
        """The number of days, the first and the last one included."""
        assert self.eind is not None, self
        return (self.eind - self.begin).days + 1


def verblijf(model: ReadModel, as_of: ask.AsOf, swv: str) -> list[Fields]:
    """Return a row per schoolsoort; averages are None where nobody left.

    Who left: the last day of the stay is in the school year of the teldatum, and S answered
    for the pupil on that day (assumption). Also a last day after the teldatum, once known.
    """
    soorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)]
    days = school_year(as_of.teldatum)
    pupils = pupils_that_end(model, as_of, swv, days, soorten)
    lengths: defaultdict[str, list[int]] = defaultdict(list)
    grouped: defaultdict[tuple[str, str], list[Piece]] = defaultdict(list)
    for piece in pieces_of(model, as_of, pupils, soorten):
        grouped[piece.leerling, piece.schoolsoort].append(piece)
    for (_, soort), pieces in grouped.items():
        for stay in stays(pieces):
            left = stay.eind if stay.eind is not None and days[0] <= stay.eind <= days[1] else None
            if left is not None and _answered(pieces, left, swv):
                lengths[soort].append(stay.days)
    return [_row(soort, lengths[soort]) for soort in soorten]


def stays(pieces: Iterable[Piece]) -> list[Stay]:
    """Return the stays that the enrolments of one pupil in one schoolsoort make, ascending."""
    enrolments = sorted({(one.begindatum, one.einddatum or date.max) for one in pieces})
    found: list[tuple[date, date]] = []
    for begin, eind in enrolments:
        if found and found[-1][1] == date.max:
            break
        if found and (begin - found[-1][1] - ONE_DAY).days <= LONGEST_GAP:
            found[-1] = found[-1][0], max(found[-1][1], eind)
        else:
            found.append((begin, eind))
    return [Stay(begin, None if eind == date.max else eind) for begin, eind in found]


def tenths(value: Decimal) -> Decimal:
    """Return a number with one decimal, halves up."""
    return value.quantize(TENTH, ROUND_HALF_UP)


def _answered(pieces: Iterable[Piece], day: date, swv: str) -> bool:
    return any(piece.swv == swv and piece.van <= day < piece.tot for piece in pieces)


def _row(soort: str, lengths: list[int]) -> Fields:
    average = Decimal(sum(lengths)) / len(lengths) if lengths else None
    return {
        "schoolsoort": soort,
        "aantal": len(lengths),
        "dagen": None if average is None else tenths(average),
        "jaren": None if average is None else tenths(average / DAYS_PER_YEAR),
    }
