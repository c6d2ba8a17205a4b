"""What `when` must say: every value that a count had, and nothing between (cli.md, `when`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from random import Random
from typing import Final, NamedTuple

from ledger.teldata import teldata
from ledger.times import ONE_DAY
from projections.store.ask import AsOf, Selection
from projections.store.rectangles import first_day
from projections.why.explain import count_of
from projections.why.timeline import Value, first, over_knowledge, over_teldata, since
from tests.why_oracle import Truth
from tests.why_questions import BEFORE_ALL, Subject, moment_of

LONG_AGO: Final = date(2014, 1, 1)


class Line(NamedTuple):
    """The values of a count over knowledge, and the truth to hold them against."""

    truth: Truth
    as_of: AsOf
    selection: Selection
    values: Sequence[Value]

    def count(self, as_of: AsOf) -> int:
        """Return the count by the truth."""
        return len(self.truth.counted(as_of, self.selection))

    def members(self, as_of: AsOf, known: datetime | None) -> Counter[frozenset[str]]:
        """Return the pupils in the count, by their PGN's as known at another moment."""
        pgns = {pgn: one.pgns for one in self.truth.pupils(known) for pgn in one.pgns}
        return Counter(pgns[row.pupil] for row in self.truth.counted(as_of, self.selection))


def line_of(subject: Subject, as_of: AsOf, selection: Selection) -> Line:
    """Return all values that the count of a teldatum had up to a moment."""
    values = over_knowledge(subject.model, as_of, count_of(selection))
    return Line(subject.truth, as_of, selection, values)


def check_values(line: Line) -> None:
    """Check that every value is the count then, in order, made of who came and who went."""
    before = 0
    for value in line.values:
        assert value.as_of.teldatum == line.as_of.teldatum
        assert value.aantal == line.count(value.as_of)
        assert value.erbij - value.eraf == value.aantal - before
        assert value.erbij + value.eraf > 0
        before = value.aantal
    moments = [moment_of(value.as_of) for value in line.values]
    assert moments == sorted(set(moments))
    assert all(moment <= moment_of(line.as_of) for moment in moments)


def check_nothing_between(line: Line, chance: Random) -> None:
    """Check that at any moment the count is the last value, and who is in it changed then."""
    told = [one for one in line.truth.moments if one <= moment_of(line.as_of)]
    listed = {moment_of(value.as_of) for value in line.values}
    for before, at in pairwise([None, *told]):
        as_of = AsOf(line.as_of.teldatum, at)
        assert line.count(as_of) == _value_at(line, as_of)
        if before is not None and at not in listed:
            then = AsOf(line.as_of.teldatum, before)
            assert line.members(then, at) == line.members(as_of, at)
    for between in [_random_moment(line, chance) for _ in told[:3]]:
        assert line.count(between) == _value_at(line, between)


def _random_moment(line: Line, chance: Random) -> AsOf:
    last = moment_of(line.as_of)
    span = min(last, line.truth.moments[-1]) - line.truth.moments[0]
    at = line.truth.moments[0] + span * chance.random()
    return AsOf(line.as_of.teldatum, min(at, last))


def _value_at(line: Line, as_of: AsOf) -> int:
    past = [one.aantal for one in line.values if moment_of(one.as_of) <= moment_of(as_of)]
    return past[-1] if past else 0


def check_comings_and_goings(line: Line) -> None:
    """Check that who came and who went are the pupils in the count after and before.

    At the moment of a `PgnVervangen` the pupil can go under its old id and come under another.
    """
    joins = {one.bekend_op for one in line.truth.order if one.event["type"] == "PgnVervangen"}
    before = AsOf(line.as_of.teldatum, BEFORE_ALL)
    for value in line.values:
        known = value.as_of.bekend_op
        was, now = (line.members(as_of, known) for as_of in (before, value.as_of))
        assert value.erbij >= (now - was).total()
        if known not in joins:
            assert value.erbij == (now - was).total()
        before = value.as_of


def check_since_and_first(line: Line) -> None:
    """Check where the present count began without a break, and where it first was."""
    counts = [(value, line.count(value.as_of)) for value in line.values]
    if not counts:
        assert since(line.values) is None
        assert first(line.values) is None
        return
    present = line.count(line.as_of)
    other = [place for place, (_, aantal) in enumerate(counts) if aantal != present]
    start = other[-1] + 1 if other else 0
    assert since(line.values) == counts[start][0]
    assert first(line.values) == next(value for value, aantal in counts if aantal == present)


def check_teldata(subject: Subject, as_of: AsOf, selection: Selection) -> None:
    """Check that over teldata the values are the counts, with who came and went between."""
    begin = first_day(subject.model, count_of(selection))
    days = [] if begin is None else teldata(begin, as_of.teldatum)
    moments = [AsOf(day, as_of.bekend_op) for day in days]
    values = over_teldata(subject.model, moments, count_of(selection))
    counts = [len(subject.truth.counted(moment, selection)) for moment in moments]
    assert [(value.as_of, value.aantal) for value in values] == list(
        zip(moments, counts, strict=True)
    )
    for before, after in pairwise(values):
        assert after.erbij - after.eraf == after.aantal - before.aantal
    if begin is not None:
        assert all(
            not subject.truth.counted(AsOf(day, as_of.bekend_op), selection)
            for day in teldata(LONG_AGO, begin - ONE_DAY)
        )
