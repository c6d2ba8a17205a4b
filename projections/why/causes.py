"""Which events made a pupil's rows change over a step (rules.md 8): the causes of rectangles.

A step goes along one axis. Corrections go along knowledge, at one teldatum: what changed
there was opened and closed by events of the step. Mutations go along teldata, as known at
one moment: for each day on which something changes, the events that made that day so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from projections.store.rectangles import StandRectangle
from projections.why.pairs import Point, Rows, rows_at

Cause = tuple[int, int]
"""When it was known, and the position of the event: in order of knowledge."""

TlvDays = Mapping[int, Sequence[tuple[str, Cause]]]


class UnexplainedChangeError(AssertionError):
    """A difference without a cause: the read model contradicts itself. Names no PGN."""

    def __init__(self, rectangles: Iterable[StandRectangle], what: str) -> None:
        listed = [row._asdict() for row in rectangles]
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
                for sleutel in dict.fromkeys(row.sleutel for row in gone + new)
                for cause in _made(_Border(told, sleutel, day, known))
            }
            used = {row.beschikkingsnummer for row in held + holding}
            causes |= {cause for nummer, cause in tlvs.get(day, ()) if nummer in used}
            yield Change(day, held, holding, tuple(sorted(causes)))
        held = holding


class _Border:
    """The border of one enrolment between a day and the day before it, over knowledge.

    On both sides stand the rectangles that ever covered that day, known by then.
    """

    def __init__(self, told: Rows, sleutel: tuple[str, str], day: int, known: int) -> None:
        mine = [row for row in told if row.sleutel == sleutel]
        self.known = known
        self.left = [row for row in mine if row.geldig_van < day <= row.geldig_tot]
        self.right = [row for row in mine if row.geldig_van <= day < row.geldig_tot]

    def present(self, side: Rows) -> StandRectangle | None:
        """Return what holds on a side, None when the enrolment does not run then."""
        return next((row for row in side if self.known < row.bekend_tot), None)

    def ended(self, side: Rows, run: Rows) -> tuple[Cause, ...]:
        """Return what ended the knowledge that the enrolment runs there; nothing if it never was.

        Of the pupils of a run on the other side: another one may have had the same key.
        """
        leerlingen = {row.leerling for row in run}
        past = [row for row in side if row.bekend_tot <= self.known and row.leerling in leerlingen]
        last = max(past, key=lambda row: row.bekend_tot, default=None)
        return () if last is None else tuple((last.bekend_tot, door) for door in last.closers)


def _made(border: _Border) -> set[Cause]:
    """Return the events that made a border what it is: the side known last decides."""
    left, right = border.present(border.left), border.present(border.right)
    if left is not None and right is not None:
        both = zip(left.look, right.look, strict=True)
        places = tuple(at for at, (one, two) in enumerate(both) if one != two)
        runs = _run(border.left, left), _run(border.right, right)
        return _latest(*(_since(_alike(run, places)) for run in runs))
    if left is not None:
        run = _run(border.left, left)
        return _latest(_since(run), border.ended(border.right, run))
    assert right is not None, "an enrolment without a row on either side has no border"
    run = _run(border.right, right)
    begun = _latest(border.ended(border.left, run), _since(run))
    return begun | set(_since(_alike(run, _STATUS)))


def _run(side: Rows, present: StandRectangle) -> list[StandRectangle]:
    """Return the unbroken run of knowledge that a side holds something, latest first."""
    run = [present]
    first = present
    while touching := [row for row in side if row.bekend_tot == first.bekend_van]:
        same = (row for row in touching if row.leerling == first.leerling)
        first = next(same, touching[0])
        run.append(first)
    return run


def _alike(run: Rows, places: Sequence[int]) -> Rows:
    """Return how far back a run looks as it does now, in some places of a look."""
    look = run[0].look
    changed = (
        at for at, row in enumerate(run) if any(row.look[one] != look[one] for one in places)
    )
    return run[: next(changed, len(run))]


def _since(run: Rows) -> tuple[Cause, ...]:
    """Return the events that opened a run."""
    return tuple((run[-1].bekend_van, door) for door in run[-1].openers)


def _latest(*causes: tuple[Cause, ...]) -> set[Cause]:
    """Return the causes of the latest moment."""
    found = [cause for some in causes for cause in some]
    last = max(known for known, _ in found)
    return {cause for cause in found if cause[0] == last}


def _differing(before: Rows, after: Rows) -> tuple[list[StandRectangle], list[StandRectangle]]:
    """Return the rows on each side that have no equal on the other: what went, what came."""
    was, now = [row.shown for row in before], [row.shown for row in after]
    gone = [row for row, shown in zip(before, was, strict=True) if shown not in now]
    new = [row for row, shown in zip(after, now, strict=True) if shown not in was]
    return gone, new


_STATUS: Final = (0, 1)
"""The places of a look that tell whether a row counts."""
