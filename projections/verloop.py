"""How the numbers of pupils run: what each rectangle adds to a count, and takes from it.

A count as of a teldatum T and a knowledge K is how many rectangles of `standen` hold both
(rules.md 5). Every rectangle is four differences: one more from its first day on as known from
its first moment on, one less from the day after its last, one less from the moment on at which
it was known no more, and one more where both have ended. So the count is also the sum of all
differences from a day up to T that were known by K: two bounds instead of four. And what makes
no difference to a number falls out: where a rectangle ends and another one of the same cell
begins (another leerjaar, an end that was told), nothing is left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import itemgetter
from typing import Any, Final

from projections.store.encoding import OPEN_DAY_NUMBER, OPEN_MOMENT_NUMBER
from projections.store.schema import STANDEN, VERLOOP

Row = tuple[Any, ...]
"""A row in the order of its table's columns."""

_STANDEN: Final = list(STANDEN)
_CELL: Final = itemgetter(*map(_STANDEN.index, list(VERLOOP)[: list(VERLOOP).index("geldig_van")]))
_BOUNDS: Final = itemgetter(
    *map(_STANDEN.index, ("geldig_van", "geldig_tot", "bekend_van", "bekend_tot"))
)


def verloop(standen: Iterable[Row]) -> list[Row]:
    """Return the rows of `verloop` that follow from rows of `standen`, none of them zero.

    In the order in which the rectangles come to them, so that it depends on nothing but that.
    """
    found: defaultdict[Row, int] = defaultdict(int)
    for row in standen:
        cell = _CELL(row)
        van, tot, bekend_van, bekend_tot = _BOUNDS(row)
        for day, of_day in ((van, 1), (tot, -1)):
            for moment, of_moment in ((bekend_van, 1), (bekend_tot, -1)):
                if day != OPEN_DAY_NUMBER and moment != OPEN_MOMENT_NUMBER:
                    found[*cell, day, moment] += of_day * of_moment
    return [(*place, number) for place, number in found.items() if number]
