"""Which events made a pupil's rows change over a step (rules.md 8): the causes of rectangles.

A step goes along one axis. Corrections go along knowledge, at one teldatum: what changed
there was opened and closed by events of the step. Mutations go along teldata, as known at
one moment: for each day on which something changes, the events that made that day so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from msgspec.structs import asdict

from projections.store.rectangles import StandRectangle
from projections.why.pairs import Point, Rows, rows_at

Cause = tuple[int, int]
"""When it was known, and the position of the event: in order of knowledge."""

TlvDays = Mapping[int, Sequence[tuple[str, Cause]]]


class UnexplainedChangeError(AssertionError):
    """A difference without a cause: the read model contradicts itself. Names no PGN."""

    def __init__(self, rectangles: Iterable[StandRectangle], what: str) -> None:
        listed = [asdict(row) for row in rectangles]
        who = listed[0]["leerling"] if listed else "onbekend"
        super().__init__(f"leerling {who}: {what}; rechthoeken: {listed}")


class Change(NamedTuple):
    """A place on the axis where rows change: what stood there before and after, and why."""

    at: int
    before: list[StandRectangle]
    after: list[StandRectangle]
    causes: tuple[Cause, ...]


def corrections(rectangles: Rows, before: Point, after: Point) -> Iterator[Change]:
    """Yield what changed at one teldatum while knowledge went on."""
    day = before.day
    here = [row for row in rectangles if row.geldig_van <= day < row.geldig_tot]
    moments = {moment for row in here for moment in (row.bekend_van, row.bekend_tot)}
    held = rows_at(here, before)
    for moment in sorted(moment for moment in moments if before.known < moment <= after.known):
        holding = [row for row in here if row.bekend_van <= moment < row.bekend_tot]
        gone, new = _differing(held, holding)
        if gone or new:
            ends = [row for row in gone if row.bekend_tot == moment]
            if not all(row.closers for row in ends):
                raise UnexplainedChangeError(ends, "een rij verdween zonder oorzaak")
            causes = [(moment, door) for row in ends for door in row.closers]
            causes += [(moment, door) for row in new for door in row.openers]
            yield Change(moment, held, holding, tuple(sorted(set(causes))))
        held = holding


def mutations(rectangles: Rows, before: Point, after: Point, tlvs: TlvDays) -> Iterator[Change]:
    """Yield what changed from one teldatum to another, as known at one moment.

    `tlvs` tells which tlv's begin or have ended on a day, and by which event that is known.
    """
    known = before.known
    told = [row for row in rectangles if row.bekend_van <= known]
    here = [row for row in told if known < row.bekend_tot]
    days = {day for row in here for day in (row.geldig_van, row.geldig_tot)}
    held = rows_at(here, before)
    for day in sorted(day for day in days if before.day < day <= after.day):
        holding = [row for row in here if row.geldig_van <= day < row.geldig_tot]
        gone, new = _differing(held, holding)
        if gone or new:
            causes = {
                cause
                for sleutel in {row.sleutel for row in gone + new}
                for cause in _made(told, sleutel, day, known)
            }
            causes |= {
                cause
                for nummer, cause in tlvs.get(day, ())
                if any(row.beschikkingsnummer == nummer for row in held + holding)
            }
            yield Change(day, held, holding, tuple(sorted(causes)))
        held = holding


def _made(told: Rows, sleutel: tuple[str, str], day: int, known: int) -> set[Cause]:
    """Return the events that made the border of an enrolment between a day and the one before.

    On both sides of it stand the rectangles that ever covered that day, known by then; the
    side known last decides.
    """
    code, number = sleutel
    mine = [row for row in told if row.volgnummer == number and row.instellingscode == code]
    left = [row for row in mine if row.geldig_van < day <= row.geldig_tot]
    right = [row for row in mine if row.geldig_van <= day < row.geldig_tot]
    on_left, on_right = _run(left, known), _run(right, known)
    if on_left and on_right:
        both = zip(on_left[0].look, on_right[0].look, strict=True)
        places = [at for at, (one, two) in enumerate(both) if one != two]
        return _latest(*(_since(_alike(run, places)) for run in (on_left, on_right)))
    if on_left:
        return _latest(_since(on_left[-1]), _ended(right, on_left, known))
    assert on_right, "an enrolment without a row on either side has no border"
    begun = _latest(_since(on_right[-1]), _ended(left, on_right, known))
    return begun | set(_since(_alike(on_right, _STATUS)))


def _run(side: Rows, known: int) -> list[StandRectangle]:
    """Return the unbroken run of knowledge that a side holds something now, latest first.

    Empty when the enrolment does not run there.
    """
    run = [row for row in side if known < row.bekend_tot][:1]
    while run and (before := _before(side, run[-1])) is not None:
        run.append(before)
    return run


def _before(side: Rows, row: StandRectangle) -> StandRectangle | None:
    """Return what was known of a side until a row was: of the same pupil, where that can be."""
    found = None
    for one in side:
        if one.bekend_tot == row.bekend_van:
            if one.leerling == row.leerling:
                return one
            found = found or one
    return found


def _alike(run: Rows, places: Sequence[int]) -> StandRectangle:
    """Return the first row of a run since which it looks as now, in some places of a look."""
    first, now = run[0], run[0].look
    for row in run[1:]:
        look = row.look
        for place in places:
            if look[place] != now[place]:
                return first
        first = row
    return first


def _since(first: StandRectangle) -> list[Cause]:
    """Return the events that opened the first row of a run."""
    return [(first.bekend_van, door) for door in first.openers]


def _ended(side: Rows, run: Rows, known: int) -> list[Cause]:
    """Return what ended the knowledge that the enrolment runs there; nothing if it never was.

    Of the pupils of a run on the other side: another one may have had the same key.
    """
    leerlingen = {row.leerling for row in run}
    past = [row for row in side if row.bekend_tot <= known and row.leerling in leerlingen]
    last = max(past, key=_BEKEND_TOT, default=None)
    return [] if last is None else [(last.bekend_tot, door) for door in last.closers]


def _latest(*causes: Sequence[Cause]) -> set[Cause]:
    """Return the causes of the latest moment."""
    found = [cause for some in causes for cause in some]
    last, _ = max(found)
    return {cause for cause in found if cause[0] == last}


def _differing(before: Rows, after: Rows) -> tuple[list[StandRectangle], list[StandRectangle]]:
    """Return the rows on each side that have no equal on the other: what went, what came."""
    was, now = [row.shown for row in before], [row.shown for row in after]
    gone = [row for row, shown in zip(before, was, strict=True) if shown not in now]
    new = [row for row, shown in zip(after, now, strict=True) if shown not in was]
    return gone, new


_BEKEND_TOT: Final = attrgetter("bekend_tot")
_STATUS: Final = (0, 1)
"""The places of a look that tell whether a row counts."""
