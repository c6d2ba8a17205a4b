"""Which rows of a pupil before and after a step belong together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from projections.store.rectangles import StandRectangle

Rows = Sequence[StandRectangle]


class Point(NamedTuple):
    """A teldatum and a moment of knowledge, as the table's numbers."""

    day: int
    known: int


class Pair(NamedTuple):
    """What one pupil counts as before and after a step, anywhere; at least one is there."""

    before: StandRectangle | None
    after: StandRectangle | None

    @property
    def bijdrage(self) -> int:
        """What it adds to the count that was asked for: -1, 0 or 1."""
        return is_counted(self.after) - is_counted(self.before)

    @property
    def differs(self) -> bool:
        """Tell whether membership of the count, or an attribute within it, differs."""
        if self.bijdrage:
            return True
        before, after = self.before, self.after
        if before is None or after is None or not is_counted(before):
            return False
        return before.attributes != after.attributes

    @property
    def wie(self) -> set[tuple[str, str, str]]:
        """Whose enrolments it is about."""
        return {row.wie for row in self if row is not None}

    @property
    def leerlingen(self) -> set[str]:
        """The pupil that it is about; two where one took over what the other had."""
        return {row.leerling for row in self if row is not None}


def is_counted(row: StandRectangle | None) -> bool:
    """Tell whether a row is inside the count that was asked for."""
    return row is not None and bool(row.geteld)


def rows_at(rectangles: Rows, point: Point) -> list[StandRectangle]:
    """Return what holds at a point."""
    day, known = point
    return [
        row
        for row in rectangles
        if row.geldig_van <= day < row.geldig_tot and row.bekend_van <= known < row.bekend_tot
    ]


def funded(rows: Rows) -> list[StandRectangle]:
    """Return the rows that count for some samenwerkingsverband: one per pupil (rules.md 4)."""
    return [row for row in rows if row.telt and row.swv is not None]


def pairs(before: Rows, after: Rows, joined: Collection[str] = ()) -> list[Pair]:
    """Return the funded rows of one group of streams, each with what became of it.

    A pupil has one at most. Streams that a `PgnVervangen` joins are two pupils before it;
    of those in `joined` it became known within the step, and what they had goes on under
    the same enrolment of the other pupil.
    """
    left, right = funded(before), funded(after)
    found: list[Pair] = []
    for same in (_same_row, _taken_over(joined), _same_pupil):
        for one in list(left) if right else ():
            other = next((row for row in right if same(one, row)), None)
            if other is not None:
                found.append(Pair(one, other))
                left.remove(one)
                right.remove(other)
    return found + [Pair(row, None) for row in left] + [Pair(None, row) for row in right]


def _same_row(one: StandRectangle, other: StandRectangle) -> bool:
    return one.leerling == other.leerling and one.sleutel == other.sleutel


def _taken_over(joined: Collection[str]) -> Callable[[StandRectangle, StandRectangle], bool]:
    return lambda one, other: one.leerling in joined and one.sleutel == other.sleutel


def _same_pupil(one: StandRectangle, other: StandRectangle) -> bool:
    return one.leerling == other.leerling
