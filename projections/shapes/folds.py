"""What the fold makes of pupils in a batch, and of single enrolments, each computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ledger.seals import StoredRow
from projections.shapes.histories import TEXTS, Histories
from projections.shapes.shape import Part
from projections.store.rows import ENROLMENT_KEY, Row, Rows

Fold = Callable[[Sequence[StoredRow]], Rows]
"""Gives the rows of a pupil by the fold over its stored events, or over some of them."""

_KEY: Final = (TEXTS.index("instellingscode"), TEXTS.index("volgnummer"))


class Folds:
    """The pupils of a batch; `alone` are their enrolments, each with its events alone."""

    def __init__(
        self, stored: Sequence[StoredRow], known: Histories, alone: Part, fold: Fold
    ) -> None:
        self._stored, self._known, self._alone, self._fold = stored, known, alone, fold
        self._starts: dict[str, int] = {}
        self._whole: dict[str, Rows] = {}
        self._single: dict[int, list[Row]] = {}

    def whole(self, stream: str) -> Rows:
        """Return the rows of a pupil."""
        if stream not in self._whole:
            self._whole[stream] = self._fold(self._rows(stream))
        return self._whole[stream]

    def alone(self, unit: int) -> list[Row]:
        """Return the rows of `standen` of an enrolment as if the pupil had no other."""
        if unit not in self._single:
            part = self._alone
            events = part.events[part.starts[unit] : part.stops[unit]]
            own = set(self._known.positie[events].tolist())
            stream = self._known.streams[part.pupil[unit]]
            rows = [row for row in self._rows(stream) if row[0] in own]
            self._single[unit] = self._fold(rows).get("standen", [])
        return self._single[unit]

    def standen(self, part: Part, unit: int) -> list[Row]:
        """Return the rows of `standen` of an enrolment, with those that may win from it."""
        if part.shapes[unit] == self._alone.shapes[unit]:
            return self.alone(unit)
        event = self._alone.events[self._alone.starts[unit]]
        texts, stream = self._known.texts[event], self._known.streams[part.pupil[unit]]
        key = (stream, *(self._known.words[texts[field]] for field in _KEY))
        return [row for row in self.whole(stream).get("standen", []) if ENROLMENT_KEY(row) == key]

    def _rows(self, stream: str) -> list[StoredRow]:
        if not self._starts:
            for place, row in enumerate(self._stored):
                self._starts.setdefault(row[1], place)
        start = stop = self._starts[stream]
        while stop < len(self._stored) and self._stored[stop][1] == stream:
            stop += 1
        return list(self._stored[start:stop])
