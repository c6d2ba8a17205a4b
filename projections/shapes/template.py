"""The rectangles of one history as a template for every history of its shape.

A template says for each cell of a row from which event of the history it comes. It is read
off the rows that the fold made of one history; no rule is written a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from projections.shapes.histories import DAYS, Histories, Numbers
from projections.store.encoding import (
    OPEN_DAY_NUMBER,
    OPEN_MOMENT_NUMBER,
    day_of,
)
from projections.store.rows import Row

NOTHING: Final = -2
"""In a cell of a template: NULL."""
OPEN: Final = -1
"""In a cell of a template: no end."""
KEY: Final = 2
"""The first of TEXTS are the key of an enrolment."""


class Cells(NamedTuple):
    """Which columns of a table are of which kind, by their places in a row.

    `columns` is how many there are. `streams` hold the pupil, `days`, `moments` and
    `positions` numbers of events, `texts` what an event passes on (place in the row: place in
    TEXTS); `absent` are always NULL, and the rest is the same for all histories of a shape.
    """

    columns: int
    streams: tuple[int, ...]
    days: tuple[int, ...]
    moments: tuple[int, ...]
    positions: tuple[int, ...]
    texts: Mapping[int, int]
    absent: tuple[int, ...]
    rest: tuple[int, ...]

    @property
    def width(self) -> int:
        """The numbers that a template has per row: one per cell, and one for the rest."""
        return len(self.days) + len(self.moments) + len(self.positions) + len(self.texts) + 1


class NoTemplateError(Exception):
    """A cell that comes from no event in a way that holds for the whole shape."""


class One:
    """The events of one history, to look up where the cells of its rows come from."""

    def __init__(self, histories: Histories, events: Numbers) -> None:
        self.days: dict[int, int] = {}
        self._texts: dict[tuple[int, str], set[object]] = {}
        self.keys: dict[tuple[str, str], int] = {}
        self.words: dict[tuple[int, str], int] = {}
        for place, event in enumerate(events.tolist()):
            self._learn(histories, place, event)
        self.moments = _first_places(histories.moment[events].tolist())
        self.positions = _first_places(histories.positie[events].tolist())

    def _learn(self, histories: Histories, place: int, event: int) -> None:
        for field, day in enumerate(histories.days[event].tolist()):
            if day > 0:
                self.days.setdefault(day, place * len(DAYS) + field)
        words = [
            None if one < 0 else histories.words[one] for one in histories.texts[event].tolist()
        ]
        for field, word in enumerate(words):
            if word is not None:
                self.words.setdefault((field, str(word)), place)
                self._texts.setdefault((field, str(word)), set()).add(word)
        if words[0] is not None:
            self.keys.setdefault((str(words[0]), str(words[1])), place)

    def day(self, number: object) -> int:
        """Return where a day of a row comes from, twice the place; one more: the day after."""
        if number is None:
            return NOTHING
        if number == OPEN_DAY_NUMBER:
            return OPEN
        assert isinstance(number, int)
        ordinal = day_of(number).toordinal()
        if ordinal in self.days:
            return self.days[ordinal] * 2
        if ordinal - 1 in self.days:
            return self.days[ordinal - 1] * 2 + 1
        raise NoTemplateError

    def text(self, field: int, value: object, key: tuple[object, object]) -> int:
        """Return at which event a text of a row stands; that of its key for the key's parts."""
        if value is None:
            return NOTHING
        if field < KEY:
            return self.keys[str(key[0]), str(key[1])]
        if len(self._texts.get((field, str(value)), ())) != 1:
            raise NoTemplateError
        return self.words[field, str(value)]


def template(cells: Cells, rows: Sequence[Row], one: One, constants: Constants) -> Numbers:
    """Return a template: per row a number per cell. Raises NoTemplateError."""
    made = [_line(cells, row, one, constants) for row in rows]
    return np.array(made, np.int64).reshape(len(made), cells.width)


def _line(cells: Cells, row: Row, one: One, constants: Constants) -> list[int]:
    if any(row[place] is not None for place in cells.absent):
        raise NoTemplateError
    key = tuple(row[place] for place, field in cells.texts.items() if field < KEY)
    try:
        return [
            *[one.day(row[place]) for place in cells.days],
            *[
                OPEN if row[at] == OPEN_MOMENT_NUMBER else one.moments[row[at]]
                for at in cells.moments
            ],
            *[NOTHING if row[at] is None else one.positions[row[at]] for at in cells.positions],
            *[one.text(field, row[place], key) for place, field in cells.texts.items()],
            constants.number(tuple(row[place] for place in cells.rest)),
        ]
    except KeyError:
        raise NoTemplateError from None


class Constants:
    """Numbers for what is the same in a row for all histories of a shape."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}

    def number(self, values: tuple[object, ...]) -> int:
        """Return the number of some values."""
        return self._numbers.setdefault(values, len(self._numbers))

    @property
    def values(self) -> list[tuple[object, ...]]:
        """The values by their numbers."""
        return list(self._numbers)


def _first_places(values: Iterable[int]) -> dict[int, int]:
    places: dict[int, int] = {}
    for place, value in enumerate(values):
        places.setdefault(value, place)
    return places
