"""The templates of one table, by shape: learned from rows of the fold, filled in for many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from projections.shapes.filling import Column, Rows, columns, rows_of
from projections.shapes.histories import TEXTS, Flags, Histories, Numbers
from projections.shapes.shape import Part
from projections.shapes.template import Cells, Constants, NoTemplateError, One, template
from projections.store.rows import Row

_DAYS: Final = ("geldig_van", "geldig_tot", "begindatum", "einddatum")
_MOMENTS: Final = ("bekend_van", "bekend_tot")
_POSITIONS: Final = ("geboren_in", "geopend_door", "gesloten_door")
_STREAMS: Final = ("groep", "leerling", "pgn_van")
_ABSENT: Final = ("swv", "beschikkingsnummer", "mede_geopend_door", "mede_gesloten_door")
"""Nobody answers for an ordinary history, and no tlv; a row that other events of its moment
helped to make is left to the fold."""


AT_ONCE: Final = 100_000
"""Up to so many lines a shape gets a template when it is met first: most come again."""

FIRST_LINES: Final = 4096
"""Lines of templates that there is room for at first."""

MOST_LINES: Final = 500_000
"""Lines of templates that are kept, some 25 MB; shapes met later are folded."""


MOST_MET: Final = 500_000
"""Shapes that are remembered as met once, some 50 MB; as many of which no template can be made."""


def cells_of(table: dict[str, type]) -> Cells:
    """Return which columns of a table of pupils are of which kind."""
    names = list(table)

    def at(wanted: Sequence[str]) -> tuple[int, ...]:
        return tuple(names.index(name) for name in wanted if name in table)

    told = {names.index(name): field for field, name in enumerate(TEXTS) if name in table}
    kinds = (at(_STREAMS), at(_DAYS), at(_MOMENTS), at(_POSITIONS), told, at(_ABSENT))
    taken = {place for kind in kinds for place in kind}
    rest = tuple(place for place in range(len(names)) if place not in taken)
    return Cells(len(names), *kinds, rest)


class Table:
    """The templates of one table, stacked; `lines` gives those of a shape: first and number."""

    def __init__(self, cells: Cells) -> None:
        self.lines: dict[bytes, tuple[int, int]] = {}
        self._cells = cells
        self._met: set[bytes] = set()
        self._hopeless: set[bytes] = set()
        self._constants = Constants()
        self._stack = np.empty((FIRST_LINES, cells.width), np.int32)
        self._height = 0

    def wanting(self, part: Part, units: Iterable[int] | None = None) -> list[int]:
        """Return for each shape that needs a template one unit that has it.

        Once there are many, a shape is worth one when it comes more than once. `units`: of
        those alone.
        """
        wanted: dict[bytes, int] = {}
        if self._height > MOST_LINES:
            return []
        chosen = range(len(part.shapes)) if units is None else list(units)
        counts = Counter(part.shapes[unit] for unit in chosen)
        for unit in chosen:
            shape = part.shapes[unit]
            if shape in self.lines or shape in self._hopeless:
                continue
            if self._height < AT_ONCE or counts[shape] > 1 or shape in self._met:
                wanted.setdefault(shape, unit)
            elif len(self._met) < MOST_MET:
                self._met.add(shape)
        return list(wanted.values())

    def having(self, part: Part) -> Flags:
        """Tell of units whether their shape has a template."""
        return np.fromiter(map(self.lines.__contains__, part.shapes), np.bool_, len(part.shapes))

    def learn(self, known: Histories, part: Part, unit: int, rows: Sequence[Row]) -> Numbers | None:
        """Return the template of a unit's shape, made of the unit's rows; None: there is none."""
        shape = part.shapes[unit]
        self._met.discard(shape)
        events = part.events[part.starts[unit] : part.stops[unit]]
        try:
            made = template(self._cells, rows, One(known, events), self._constants)
        except NoTemplateError:
            if len(self._hopeless) < MOST_MET:
                self._hopeless.add(shape)
            return None
        self.lines[shape] = self._height, len(made)
        self._put(made)
        return made

    def _put(self, made: Numbers) -> None:
        """Keep the lines of a template; room is made for many at a time, so few are copied."""
        beyond = self._height + len(made)
        if beyond > len(self._stack):
            grown = np.empty((max(beyond, 2 * len(self._stack)), self._cells.width), np.int32)
            grown[: self._height] = self._stack[: self._height]
            self._stack = grown
        self._stack[self._height : beyond] = made
        self._height = beyond

    def columns(self, known: Histories, part: Part, units: Numbers) -> tuple[Rows, list[Column]]:
        """Return the rows of some units, that all have a template, and their columns."""
        lines = np.array([self.lines[part.shapes[one]] for one in units.tolist()], np.int64)
        first, count = lines.reshape(-1, 2).T
        rows = rows_of(part, units, first, count)
        constants = self._constants.values
        return rows, columns(self._cells, known, part, self._stack, constants, rows)
