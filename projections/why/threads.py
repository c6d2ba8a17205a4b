"""Which rows of a group of streams tell of one pupil, also when two became one in the step."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from projections.store.rectangles import StandRectangle
from projections.why.pairs import Pair, Rows


def thread_of(
    rectangles: Rows, pair: Pair, found: Sequence[Pair], joined: Collection[str]
) -> list[StandRectangle]:
    """Return the rows of the pupil of a pair, without those that the other pairs are about.

    Pupils in `joined` are known no more by the end: what they had goes on with another one.
    A pupil that counted as one of them is followed into that other one; a pupil that counts
    only at the end has come from any of them.
    """
    mine = _without_others(rectangles, pair, found)
    before, after = pair
    if before is None:
        assert after is not None, "a pair has a row on one side at least"
        return [row for row in mine if row.leerling in {after.leerling, *joined}]
    if before.leerling in joined:
        end = max(row.bekend_tot for row in mine if row.leerling == before.leerling)
        return [
            row
            for row in mine
            if row.leerling == before.leerling
            or (row.leerling not in joined and row.bekend_van >= end)
        ]
    return [row for row in mine if row.leerling == before.leerling]


def lineage_of(
    rectangles: Rows, pair: Pair, found: Sequence[Pair], joined: Collection[str]
) -> list[StandRectangle]:
    """Return the rows of the pupil of a pair and of those that had become it before.

    As known at one moment the latter hold nothing, but tell where its rows come from.
    """
    leerlingen = pair.leerlingen | set(joined)
    return [row for row in _without_others(rectangles, pair, found) if row.leerling in leerlingen]


def _without_others(rectangles: Rows, pair: Pair, found: Sequence[Pair]) -> Rows:
    """Return the rows without those of enrolments that the other pairs are about."""
    if len(found) == 1:
        return rectangles
    others = {wie for other in found if other is not pair for wie in other.wie} - pair.wie
    return [row for row in rectangles if row.wie not in others]
