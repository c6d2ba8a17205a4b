"""Lines that are ready, gathered and appended: larger appends as the log grows.

An append writes every page of an index that it touches, and the kenmerken of any lines are
spread over all pages. In a large ledger a small append writes more pages than events, so an
append grows with the log, up to `MOST_AT_ONCE` events.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from eventsourcing.persistence import RecordConflictError

from ledger import booking
from ledger.appending import Source
from ledger.application import Ledger, now
from ledger.event_rows import NewRows, Stamp
from ledger.landing import Thread
from ledger.ready import Ready, index_of
from ledger.vault import VaultRow

MOST_AT_ONCE: Final = 50_000
"""Events in one append: a second of work, and some 100 MB."""

GROWTH: Final = 10
"""An append may hold this part of what the log holds already."""


class Writing:
    """What is ready and not yet booked; `kenmerken` and `owners` are those of its lines."""

    def __init__(self, ledger: Ledger, source: Source) -> None:
        self._ledger = ledger
        self._source = source
        self._position = ledger.position
        self._ready: list[Ready] = []
        self._pupils: list[VaultRow] = []
        self.kenmerken: dict[bytes, bytes] = {}
        self.owners: dict[str, set[Thread]] = {}

    def clashes(self, ready: Sequence[Ready]) -> bool:
        """Tell whether lines say something of a kenmerk or a tlv that was seen before.

        Kenmerken that are booked are left to the append: it fails on those.
        """
        if any(one.kenmerk in self.kenmerken for one in ready if one.kenmerk is not None):
            return True
        numbers = {one.nummer for one in ready if one.nummer is not None}
        return bool(numbers & self.owners.keys() or self._ledger.store.pupils_of_tlvs(numbers))

    def add(self, ready: Iterable[Ready], pupils: Iterable[VaultRow] = ()) -> None:
        """Take lines, in the order in which they are to be booked, and their new pupils."""
        self._pupils += pupils
        for one in ready:
            self._ready.append(one)
            if one.kenmerk is not None:
                self.kenmerken[one.kenmerk] = one.identiteit
            if one.nummer is not None:
                self.owners.setdefault(one.nummer, set()).add(UUID(one.stream))

    def sort(self) -> None:
        """Put the lines in the order of the file."""
        self._ready.sort()

    def is_full(self) -> bool:
        """Tell whether there is enough for an append."""
        return len(self._ready) >= self._limit()

    def flush(self) -> list[Ready] | None:
        """Book all lines; return those that were, None when that is all of them.

        When another process registered or booked the same in between, what is left has to
        be checked again.
        """
        ready, pupils = self._ready, self._pupils
        self._ready, self._pupils, self.kenmerken, self.owners = [], [], {}, {}
        if pupils and not self._ledger.vault.enter(pupils):
            return []
        count = max(1, len(ready) // self._limit())
        size = -(-len(ready) // count)
        for start in range(0, len(ready), size or 1):
            part = ready[start : start + size]
            try:
                self._append(part)
            except RecordConflictError:
                return ready[:start]
            self._position += len(part)
        return None

    def _limit(self) -> int:
        return max(booking.BATCH, min(MOST_AT_ONCE, self._position // GROWTH))

    def _append(self, ready: list[Ready]) -> None:
        index = index_of(ready, opnieuw=self._ledger.store.has_opgaven())
        rows = NewRows(one.row for one in ready)
        self._ledger.append(rows, Stamp(now().isoformat(), self._source.invoer), index)
