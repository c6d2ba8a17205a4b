"""Rows of ordinary histories: one fold per shape, filled in for all of that shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from ledger.seals import StoredRow
from projections.shapes.filling import Column, columns, rows_of
from projections.shapes.histories import TEXTS, Histories, Literals, Numbers, histories
from projections.shapes.shape import Part, enrolment_part, person_part
from projections.shapes.template import Cells, Constants, NoTemplateError, One, template
from projections.store.rows import Row, Rows
from projections.store.schema import PERSONEN, STANDEN, VERLOOP

Fold = Callable[[str], Rows]
"""Gives the rows of the pupil of a stream (hex), by the fold over its events."""

_DAYS: Final = ("geldig_van", "geldig_tot", "begindatum", "einddatum")
_MOMENTS: Final = ("bekend_van", "bekend_tot")
_POSITIONS: Final = ("geboren_in", "geopend_door", "gesloten_door")
_STREAMS: Final = ("groep", "leerling", "pgn_van")
_ABSENT: Final = ("swv", "beschikkingsnummer", "mede_geopend_door", "mede_gesloten_door")
"""Nobody answers for an ordinary history, and no tlv; a row that other events of its moment
helped to make is left to the fold."""


MOST_LINES: Final = 500_000
"""Lines of templates that are kept, some 50 MB; shapes met later are folded."""


MOST_MET: Final = 500_000
"""Shapes that are remembered as met once, some 50 MB; as many of which no template can be made."""


def _cells(table: dict[str, type]) -> Cells:
    names = list(table)

    def at(wanted: Sequence[str]) -> tuple[int, ...]:
        return tuple(names.index(name) for name in wanted if name in table)

    told = {names.index(name): field for field, name in enumerate(TEXTS) if name in table}
    kinds = (at(_STREAMS), at(_DAYS), at(_MOMENTS), at(_POSITIONS), told, at(_ABSENT))
    taken = {place for kind in kinds for place in kind}
    rest = tuple(place for place in range(len(names)) if place not in taken)
    return Cells(len(names), *kinds, rest)


class Ordinary:
    """The shapes met so far in one rebuild, each with its template. For one thread."""

    def __init__(self) -> None:
        self._literals = Literals()
        self._standen = _Table("standen", _cells(STANDEN))
        self._verloop = _Table("verloop", _cells(VERLOOP))
        self._personen = _Table("personen", _cells(PERSONEN))

    def rows(
        self, stored: Sequence[StoredRow], fold: Fold
    ) -> tuple[dict[str, list[Column]], set[str]]:
        """Return columns of rows per table, and the streams (hex) whose rows they are.

        `stored` are whole streams, that each are a pupil of its own. The columns stand in the
        order of the table, the rows in that of the streams. Raises as `histories` does.
        """
        known = histories(stored, self._literals)
        tables = self._tables(enrolment_part(known), person_part(known))
        self._learn(known, tables, fold)
        filled = [
            number
            for number in range(len(known.streams))
            if all(part.shapes[number] in table.lines for table, part in tables)
        ]
        pupils = np.array(filled, np.int64)
        made = {table.name: table.columns(known, part, pupils) for table, part in tables}
        return made, {known.streams[number] for number in filled}

    def _tables(self, enrolment: Part, person: Part) -> list[tuple[_Table, Part]]:
        """Return each table with the part of a history that decides on it.

        The two parts are independent of each other.
        """
        return [(self._standen, enrolment), (self._verloop, enrolment), (self._personen, person)]

    def _learn(self, known: Histories, tables: list[tuple[_Table, Part]], fold: Fold) -> None:
        """Make templates of the shapes that come more than once."""
        for table, part in tables:
            for number in table.wanting(part):
                rows = fold(known.streams[number])
                if all(not rows.get(name) for name in ("tlvs", "koppelingen")):
                    table.learn(known, part, number, rows)


class _Table:
    """The templates of one table, stacked; `lines` gives those of a shape: first and number."""

    def __init__(self, name: str, cells: Cells) -> None:
        self.lines: dict[bytes, tuple[int, int]] = {}
        self.name, self._cells = name, cells
        self._met: set[bytes] = set()
        self._hopeless: set[bytes] = set()
        self._constants = Constants()
        self._stack: list[Numbers] = [np.empty((0, cells.width), np.int64)]
        self._height = 0

    def wanting(self, part: Part) -> list[int]:
        """Return for each shape that needs a template one pupil that has it."""
        wanted: dict[bytes, int] = {}
        if self._height > MOST_LINES:
            return []
        for number, (shape, count) in enumerate_shapes(part):
            if shape in self.lines or shape in self._hopeless:
                continue
            if count > 1 or shape in self._met:
                wanted.setdefault(shape, number)
            if len(self._met) < MOST_MET:
                self._met.add(shape)
        return list(wanted.values())

    def learn(self, known: Histories, part: Part, number: int, rows: Rows) -> None:
        """Make the template of a pupil's shape from the pupil's rows, where there can be one."""
        shape = part.shapes[number]
        events = part.events[part.starts[number] : part.starts[number + 1]]
        listed: list[Row] = rows.get(self.name, [])
        try:
            made = template(self._cells, listed, One(known, events), self._constants)
        except NoTemplateError:
            if len(self._hopeless) < MOST_MET:
                self._hopeless.add(shape)
            return
        self.lines[shape] = self._height, len(made)
        self._stack.append(made)
        self._height += len(made)

    def columns(self, known: Histories, part: Part, pupils: Numbers) -> list[Column]:
        """Return the columns of the rows of some pupils."""
        if len(self._stack) > 1:  # else nothing was learned since
            self._stack = [np.concatenate(self._stack)]
        lines = np.array([self.lines[part.shapes[one]] for one in pupils.tolist()], np.int64)
        first, count = lines.reshape(-1, 2).T
        rows = rows_of(part, pupils, first, count)
        return columns(self._cells, known, part, self._stack[0], self._constants.values, rows)


def enumerate_shapes(part: Part) -> list[tuple[int, tuple[bytes, int]]]:
    """Return each pupil's shape, and how many pupils have it."""
    counts = Counter(part.shapes)
    return [(number, (shape, counts[shape])) for number, shape in enumerate(part.shapes)]
