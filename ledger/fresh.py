"""Fresh ids for pupils: random, with those that are issued together next to each other.

A wholly random id puts every pupil on a page of its own in the index of the event store: in
a large ledger that costs more than the events themselves. Here `TOGETHER` pupils share their
first 32 bits and the other bits are random; those first bits spread evenly over all ids, so
that ranges of ids hold equal shares of the pupils (`projections.store.partitions`). An id
tells no more of a pupil than the order of booking does.
"""

from __future__ import annotations

import os
from typing import Final
from uuid import UUID

TOGETHER: Final = 64
"""Pupils that share their first bits: their events fill some five pages of the index."""

_STEP: Final = 0x9E3779B1
"""The golden ratio of 2**32, odd: multiples of it spread evenly (Weyl's sequence)."""
_LOW: Final = (1 << 96) - 1
_VERSION: Final = ~(0xF << 76) & ~(0x3 << 62)
_VERSION_4: Final = (0x4 << 76) | (0x2 << 62)


class FreshIds:
    """A source of random ids (UUID version 4), that begins at a random place."""

    def __init__(self) -> None:
        self._head = int.from_bytes(os.urandom(4))
        self._left = TOGETHER

    def next(self) -> UUID:
        """Return an id that nobody has; it never begins with 32 zero bits."""
        if self._left == 0 or self._head == 0:  # ids that begin with zeros are of reference objects
            self._head = (self._head + _STEP) & 0xFFFFFFFF
            self._left = TOGETHER
            return self.next()
        self._left -= 1
        random = int.from_bytes(os.urandom(12)) & _LOW
        return UUID(int=(self._head << 96 | random) & _VERSION | _VERSION_4)
