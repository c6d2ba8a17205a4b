"""Rows of ordinary histories: one fold per shape, filled in for all of that shape."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from ledger.seals import StoredRow
from projections.shapes.contest import (
    CLAIMS,
    Kinds,
    claims,
    contested,
    deciding,
    rivals,
    sharing_vestiging,
)
from projections.shapes.filling import Column
from projections.shapes.folds import Fold, Folds
from projections.shapes.histories import Flags, Histories, Literals, histories
from projections.shapes.shape import Part, enrolment_part, person_part
from projections.shapes.tables import Table, cells_of
from projections.store.rows import Rows, merged
from projections.store.schema import PERSONEN, STANDEN, VERLOOP
from projections.verloop import verloop


class Filled(NamedTuple):
    """Columns of rows per table, rows that were put together of those, and whose they are.

    The columns stand in the order of the table, all rows in that of the streams (hex).
    """

    columns: dict[str, list[Column]]
    rows: Rows
    streams: set[str]


class Ordinary:
    """The shapes met so far in one rebuild, each with its template. For one thread."""

    def __init__(self) -> None:
        self._literals = Literals()
        self._standen = Table(cells_of(STANDEN))
        self._verloop = Table(cells_of(VERLOOP))
        self._personen = Table(cells_of(PERSONEN))
        self._claims = Table(CLAIMS)
        self._kinds = Kinds()

    def filled(self, stored: Sequence[StoredRow], fold: Fold) -> Filled:
        """Return the rows of the pupils whose shapes are known by now.

        `stored` are whole streams, that each are a pupil of its own. Raises as `histories` does.
        """
        known = histories(stored, self._literals)
        alone, persons = enrolment_part(known), person_part(known)
        folds = Folds(stored, known, alone, fold)
        self._learn_claims(known, alone, folds)
        known, part, left = self._contested(known, alone)
        self._learn(known, part, folds)
        self._learn_persons(known, persons, folds)
        return self._filled(known, part, persons, (left, sharing_vestiging(known, alone)))

    def _learn_claims(self, known: Histories, alone: Part, folds: Folds) -> None:
        """Make templates of what enrolments claim from others of their pupil."""
        for unit in self._claims.wanting(alone, np.flatnonzero(_has_others(alone)).tolist()):
            lines = self._claims.learn(known, alone, unit, claims(folds.alone(unit)))
            if lines is not None:
                self._kinds.learn(alone.shapes[unit], deciding(lines, alone, unit, known))

    def _contested(self, known: Histories, alone: Part) -> tuple[Histories, Part, Flags]:
        """Return histories and units, those that may lose with their rivals, and who is left out.

        Left out are pupils of whom it is not known what each enrolment claims.
        """
        others = _has_others(alone)
        left = _pupils_of(known, alone, others & ~self._claims.having(alone))
        units = np.flatnonzero(others & ~left[alone.pupil])
        rows, columns = self._claims.columns(known, alone, units)
        pairs = rivals(known, alone, units, (rows, columns))
        return *contested(known, alone, pairs, self._kinds), left

    def _learn(self, known: Histories, part: Part, folds: Folds) -> None:
        """Make templates of the shapes of enrolments that come more than once."""
        for unit in self._standen.wanting(part):
            self._standen.learn(known, part, unit, folds.standen(part, unit))
        for unit in self._verloop.wanting(part):
            self._verloop.learn(known, part, unit, verloop(folds.standen(part, unit)))

    def _learn_persons(self, known: Histories, persons: Part, folds: Folds) -> None:
        for unit in self._personen.wanting(persons):
            rows = folds.whole(known.streams[persons.pupil[unit]])
            self._personen.learn(known, persons, unit, rows.get("personen", []))

    def _filled(
        self, known: Histories, part: Part, persons: Part, pupils: tuple[Flags, Flags]
    ) -> Filled:
        """Fill in what is known; `pupils` are left out, or have differences to add up."""
        left, sharing = pupils
        lost = left | _pupils_of(known, persons, ~self._personen.having(persons))
        lost |= _pupils_of(known, part, ~(self._standen.having(part) & self._verloop.having(part)))
        units = np.flatnonzero(~lost[part.pupil])
        shared = sharing[part.pupil[units]]
        _, standen = self._standen.columns(known, part, units)
        _, apart = self._verloop.columns(known, part, units[~shared])
        _, together = self._verloop.columns(known, part, units[shared])
        _, personen = self._personen.columns(known, persons, np.flatnonzero(~lost[persons.pupil]))
        return Filled(
            {"standen": standen, "verloop": apart, "personen": personen},
            {"verloop": _merged(together)},
            {known.streams[pupil] for pupil in np.flatnonzero(~lost).tolist()},
        )


def _has_others(part: Part) -> Flags:
    """Tell of units whether their pupil has another one."""
    _, which, count = np.unique(part.pupil, return_inverse=True, return_counts=True)
    several: Flags = count[which] > 1
    return several


def _pupils_of(known: Histories, part: Part, units: Flags) -> Flags:
    """Tell of pupils whether one of their units is meant."""
    pupils = np.zeros(len(known.streams), np.bool_)
    pupils[part.pupil[units]] = True
    return pupils


def _merged(columns: Sequence[Column]) -> list[tuple[object, ...]]:
    """Return rows of `verloop`, those of a pupil that tell the same difference put together."""
    rows = zip(*(column.listed() for column in columns), strict=True)
    return [row for _, listed in groupby(rows, key=itemgetter(0)) for row in merged(listed)]
