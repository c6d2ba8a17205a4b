"""Templates filled in for many histories at once: columns of rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from projections.shapes.histories import DAYS, FIRST_DAY, LAST_DAY, Flags, Histories, Numbers
from projections.shapes.shape import Part, lines_of
from projections.shapes.template import NOTHING, OPEN, Cells
from projections.store.encoding import OPEN_DAY_NUMBER, OPEN_MOMENT_NUMBER


def _day_numbers() -> Numbers:
    """Return yyyymmdd for every day that a history can hold, and the one after the last."""
    ordinals = np.arange(FIRST_DAY, LAST_DAY + 2)
    days = (ordinals - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    day = (days - months).astype(np.int64) + 1
    year, month = np.divmod(months.astype(np.int64), 12)
    return cast("Numbers", (year + 1970) * 10000 + (month + 1) * 100 + day)


_DAY_NUMBERS: Final = _day_numbers()


class Column(NamedTuple):
    """One column of some rows: numbers, or places in `words` where those are given.

    `missing` tells where it is NULL; None: nowhere.
    """

    values: Numbers
    missing: Flags | None = None
    words: Sequence[Any] | None = None

    def listed(self) -> list[Any]:
        """Return the values as they go into a row."""
        values: Any = self.values if self.words is None else _objects(self.words)[self.values]
        if self.missing is not None and self.missing.any():
            values = values.astype(object)
            values[self.missing] = None
        return cast("list[Any]", values.tolist())


class Rows(NamedTuple):
    """Which line of which template stands for which events.

    Per row: the line of the stacked templates, its unit, its pupil, and where its events start.
    """

    lines: Numbers
    unit: Numbers
    pupil: Numbers
    start: Numbers


def rows_of(part: Part, units: Numbers, first: Numbers, count: Numbers) -> Rows:
    """Return the rows of some units; `first` and `count` are the lines of their templates."""
    owner, lines = lines_of(first, count)
    unit = units[owner]
    return Rows(lines, unit, part.pupil[unit], part.starts[unit])


def columns(
    cells: Cells,
    histories: Histories,
    part: Part,
    templates: NDArray[np.int32],
    constants: Sequence[tuple[object, ...]],
    rows: Rows,
) -> list[Column]:
    """Return the columns of a table in their order, filled in for the given rows."""
    fill = _Fill(histories, part, rows)
    lines = iter(templates[rows.lines].T.astype(np.int64))
    made: dict[int, Column] = dict.fromkeys(
        cells.streams, Column(rows.pupil, None, histories.streams)
    )
    for place in cells.days:
        made[place] = fill.day(next(lines))
    for place in cells.moments:
        made[place] = fill.moment(next(lines))
    for place in cells.positions:
        made[place] = fill.position(next(lines))
    for place, field in cells.texts.items():
        made[place] = fill.text(next(lines), field)
    number = next(lines)
    for at, place in enumerate(cells.rest):
        made[place] = Column(number, None, [values[at] for values in constants])
    nothing = Column(np.zeros_like(number), np.ones(len(number), np.bool_), [None])
    return [made.get(place, nothing) for place in range(cells.columns)]


class _Fill:
    """Looks up the cells of rows in the events that they come from."""

    def __init__(self, histories: Histories, part: Part, rows: Rows) -> None:
        self._histories = histories
        self._events, self._start = part.events, rows.start

    def _event(self, place: Numbers) -> Numbers:
        return self._events[self._start + np.maximum(place, 0)]

    def day(self, cell: Numbers) -> Column:
        place, later = np.divmod(np.maximum(cell, 0), 2)
        event, field = np.divmod(place, len(DAYS))
        ordinals = self._histories.days[self._event(event), field] + later
        numbers = _DAY_NUMBERS[np.maximum(ordinals - FIRST_DAY, 0)]
        return Column(np.where(cell == OPEN, OPEN_DAY_NUMBER, numbers), cell == NOTHING)

    def moment(self, cell: Numbers) -> Column:
        moments = self._histories.moment[self._event(cell)]
        return Column(np.where(cell == OPEN, OPEN_MOMENT_NUMBER, moments))

    def position(self, cell: Numbers) -> Column:
        return Column(self._histories.positie[self._event(cell)], cell == NOTHING)

    def text(self, cell: Numbers, field: int) -> Column:
        words = self._histories.texts[self._event(cell), field]
        missing = cell == NOTHING
        return Column(np.where(missing, 0, words), missing, [*map(str, self._histories.words)])


def _objects(words: Sequence[Any]) -> Any:  # noqa: ANN401 - an array of any objects
    made = np.empty(len(words), object)
    made[:] = words
    return made
