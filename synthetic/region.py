"""A made-up region as feed lines (events.md 1): the same lines for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from synthetic.desk import Desk, Numbers
from synthetic.numbers import bsn_numbers, onderwijsnummers
from synthetic.places import Line, later_reference_lines, reference_lines
from synthetic.pupil import draw_pupil
from synthetic.region_map import places
from synthetic.story import STORY, cast

__all__ = ["STORY", "region"]

UNTIL: Final = date(2026, 9, 15)


def region(
    seed: int = 2025,
    pupils: int = 1500,
    *,
    regions: int = 1,
    until: date = UNTIL,
    ordered: bool = True,
) -> Iterator[Line]:
    """Yield the feed of `regions` regions with `pupils` drawn pupils each.

    Every line has the fields of events.md, defaults omitted, and none is known after
    `until`. The first region has the pupils of the story besides. Ordered, the reference
    lines known from the start come first and the others by `bekend_op`, sorted in memory
    (some 1 kB a line); unordered, lines stream pupil by pupil at constant memory.
    """
    numbers = Numbers(bsn_numbers(seed), onderwijsnummers(seed))
    desks = [
        Desk(places(number), Random(f"{seed}/{number}"), number)  # noqa: S311 - made-up pupils, no secrets
        for number in range(regions)
    ]
    for desk in desks:
        yield from reference_lines(desk.places)
    later = _lines(desks, pupils, numbers, until)
    yield from sorted(later, key=_known) if ordered else later


def _lines(desks: list[Desk], pupils: int, numbers: Numbers, until: date) -> Iterator[Line]:
    last = f"{until.isoformat()}T24"
    for desk in desks:
        yield from (line for line in later_reference_lines(desk.places) if _known(line) < last)
    for desk in desks:
        if desk.number == 0:
            for dossier in cast(desk, numbers.bsn):
                yield from dossier.finish(until)
        for _ in range(pupils):
            yield from draw_pupil(desk, numbers).finish(until)


def _known(line: Line) -> str:
    return str(line["bekend_op"])
