"""The import of an events feed: its lines parsed, booked part by part (events.md 1 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from ledger.appending import Source
from ledger.application import Ledger
from ledger.booking import Booked, book
from ledger.intake import feed
from ledger.intake.parts import parts
from ledger.intake.readers import About

STEP: Final = 5000
"""Lines between two reports of progress."""


class FeedImport:
    """A feed and the ledger that it is booked in."""

    about = About()
    volledig = False

    def __init__(
        self,
        ledger: Ledger,
        path: Path,
        source: Source,
        now: datetime,
        progress: Callable[[int], None],
        show: Callable[[bytes], None],
    ) -> None:
        self._ledger = ledger
        self._path = path
        self._source = source
        self._now = now
        self._progress = progress
        self._show = show

    def run(self, *, dry_run: bool) -> tuple[Booked, int]:
        """Read the feed and book it; return what became of the lines, and how many."""
        total, count = Booked(), 0
        kenmerken: dict[bytes, bytes] = {}  # of parts that a dry run did not book
        for part in parts(self._path):
            good: list[tuple[feed.Parsed, bytes]] = []
            bad: list[feed.Refused] = []
            for number, line in part:
                count += 1
                if count % STEP == 0:
                    self._progress(STEP)
                parsed = feed.parse_line(number, line, self._now)
                if isinstance(parsed, feed.Refused):
                    bad.append(parsed)
                else:
                    good.append((parsed, line))
            total = total.plus(Booked(refused=tuple(bad)))
            booked = book(
                self._ledger, good, self._source, kenmerken if dry_run else None, self._show
            )
            total = total.plus(booked)
            good.clear()
        return total, count

    def rejected(self, booked: Booked) -> tuple[str, Iterator[bytes]]:
        """Return the ending of the file for refused lines, and its lines."""
        refused = sorted(booked.refused, key=lambda one: one.regelnummer)
        return "jsonl", map(feed.rejected_line, refused)
