"""Lines that are ready, gathered and appended: larger appends as the log grows.

An append writes every page of an index that it touches, and the kenmerken of any lines are
spread over all pages. In a large ledger a small append writes more pages than events, so an
append grows with the log, up to `MOST_AT_ONCE` events.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from eventsourcing.persistence import RecordConflictError

from ledger import booking
from ledger.appending import Source
from ledger.application import Ledger, now
from ledger.event_rows import NewRows, Stamp
from ledger.landing import Thread
from ledger.ready import Ready, in_order, together
from ledger.vault import VaultRow

MOST_AT_ONCE: Final = 50_000
"""Events in one append: a second of work, and some 100 MB."""

GROWTH: Final = 4
"""An append may hold this part of what the log holds already."""


class Writing:
    """What is ready and not yet booked; `kenmerken` and `owners` are those of its lines."""

    def __init__(self, ledger: Ledger, source: Source) -> None:
        self._ledger = ledger
        self._source = source
        self._position = ledger.position
        self._ready: list[Ready] = []
        self._count = 0
        self._pupils: list[VaultRow] = []
        self.kenmerken: dict[bytes, bytes] = {}
        self.owners: dict[str, set[Thread]] = {}

    def clashes(self, ready: Ready) -> bool:
        """Tell whether lines say something of a kenmerk or a tlv that was seen before.

        Kenmerken that are booked are left to the append: it fails on those.
        """
        if not self.kenmerken.keys().isdisjoint(dict(filter(None, ready.kenmerken))):
            return True
        numbers = {nummer for _, nummer, _ in ready.tlvs}
        return bool(numbers & self.owners.keys() or self._ledger.store.pupils_of_tlvs(numbers))

    def add(self, ready: Ready, pupils: Iterable[VaultRow] = ()) -> None:
        """Take lines, in the order in which they are to be booked, and their new pupils."""
        self._ready.append(ready)
        self._count += len(ready.numbers)
        self._pupils += pupils
        self.kenmerken.update(filter(None, ready.kenmerken))
        for _, nummer, stream in ready.tlvs:
            self.owners.setdefault(nummer, set()).add(UUID(stream))

    def is_full(self) -> bool:
        """Tell whether there is enough for an append."""
        return self._count >= self._limit()

    def flush(self, *, sort: bool = False) -> list[int] | None:
        """Book all lines; return the numbers of those that were, None when that is all of them.

        With `sort` in the order of the file. When another process registered or booked the
        same in between, what is left has to be checked again.
        """
        parts, pupils = self._ready, self._pupils
        self._ready, self._pupils, self.kenmerken, self.owners = [], [], {}, {}
        count, self._count = self._count, 0
        if pupils and not self._ledger.vault.enter(pupils):
            return []
        if not count:
            return None
        ready = in_order(together(parts)) if sort else together(parts)
        steps = max(1, count // self._limit())
        size = -(-count // steps)
        for start in range(0, count, size):
            part = ready.part(start, start + size) if steps > 1 else ready
            try:
                self._append(part)
            except RecordConflictError:
                return ready.numbers[:start]
            self._position += len(part.rows)
        return None

    def _limit(self) -> int:
        return max(booking.BATCH, min(MOST_AT_ONCE, self._position // GROWTH))

    def _append(self, ready: Ready) -> None:
        index = ready.index(opnieuw=self._ledger.store.has_opgaven())
        stamp = Stamp(now().isoformat(), self._source.invoer)
        self._ledger.append(NewRows(ready.rows), stamp, index)
