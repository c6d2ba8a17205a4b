"""All values that a count had, over knowledge or over teldata, with who changed it between.

Over knowledge these are the corrections of one teldatum, moment by moment; over teldata one
`why` after another. Both are made of the cases of `why` (cli.md, `when`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from projections.store.ask import AsOf, Selection
from projections.store.ask_numbers import counted
from projections.store.encoding import day_number, moment_of
from projections.store.read_model import ReadModel
from projections.store.rectangles import (
    batches,
    groups_ever_counted,
    rectangles_of,
)
from projections.verklaring import CORRECTIES
from projections.why.case import Case, Step, cases, cases_of, grouped, joins_of, steps
from projections.why.pairs import Rows


class Value(NamedTuple):
    """A value of a count, as of when it held, and the pupils that made it what it is."""

    as_of: AsOf
    aantal: int
    cases: tuple[Case, ...]

    @property
    def erbij(self) -> int:
        """How many came in since the value before."""
        return sum(case.bijdrage > 0 for case in self.cases)

    @property
    def eraf(self) -> int:
        """How many went out since the value before."""
        return sum(case.bijdrage < 0 for case in self.cases)


def over_knowledge(model: ReadModel, as_of: AsOf, selection: Selection) -> list[Value]:
    """Return every value that the count of one teldatum had, up to a moment of knowledge."""
    changed: defaultdict[int, list[Case]] = defaultdict(list)
    groups = groups_ever_counted(model, as_of, selection)
    for part in batches(sorted(groups)):
        rows = rectangles_of(model, part, as_of.known, selection)
        for group in grouped(rows):
            for moment, case in _changes(group, as_of, joins_of(model, group)):
                changed[moment].append(case)
    values: list[Value] = []
    aantal = 0
    for moment, found in sorted(changed.items()):
        aantal += sum(case.bijdrage for case in found)
        values.append(Value(_at(as_of, moment), aantal, tuple(found)))
    return values


def over_teldata(model: ReadModel, moments: Sequence[AsOf], selection: Selection) -> list[Value]:
    """Return the count at each of some teldata, as known then."""
    values = [Value(moments[0], counted(model, moments[0], selection), ())] if moments else []
    for van, naar in pairwise(moments):
        found = [case for step in steps(van, naar) for case in cases(model, step, selection)]
        made = tuple(case for case in found if case.bijdrage)
        values.append(Value(naar, values[-1].aantal + sum(case.bijdrage for case in made), made))
    return values


def since(values: Sequence[Value]) -> Value | None:
    """Return the value from which on the count was what it is now; None without values."""
    run = None
    for value in reversed(values):
        if value.aantal != values[-1].aantal:
            break
        run = value
    return run


def first(values: Sequence[Value]) -> Value | None:
    """Return the first value that equals the present one."""
    return next((value for value in values if value.aantal == values[-1].aantal), None)


def _changes(rectangles: Rows, as_of: AsOf, joins: Mapping[str, int]) -> Iterator[tuple[int, Case]]:
    """Yield each moment at which the membership of a group changes, with the case of it."""
    day = day_number(as_of.teldatum)
    inside = [row for row in rectangles if row.geteld and row.geldig_van <= day < row.geldig_tot]
    moments = {moment for row in inside for moment in (row.bekend_van, row.bekend_tot)}
    for moment in sorted(moment for moment in moments if moment <= as_of.known):
        step = Step(CORRECTIES, _at(as_of, moment - 1), _at(as_of, moment), 1)
        for case in cases_of(step, rectangles, joins):
            if case.bijdrage:
                yield moment, case


def _at(as_of: AsOf, moment: int) -> AsOf:
    return AsOf(as_of.teldatum, moment_of(moment))
