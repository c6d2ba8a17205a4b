"""The import of an events feed: its lines parsed, booked part by part (events.md 1 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from ledger.appending import Source, ready
from ledger.application import Ledger
from ledger.booking import Booked, Checked, Tally, Unbooked, book, line_of, summary
from ledger.intake import feed
from ledger.intake.parts import Lines, Parts, parts
from ledger.intake.readers import About
from ledger.landing import Line
from ledger.preparing import Prepared
from ledger.ready import NOTHING, Ready, in_order, together
from ledger.workers import Task, prepared_parts
from ledger.writing import Writing

STEP: Final = 5000
"""Lines between two reports of progress."""


class FeedImport:
    """A feed and the ledger that it is booked in, with `workers` processes (None: all cores)."""

    about = About()
    volledig = False

    def __init__(
        self,
        ledger: Ledger,
        path: Path,
        source: Source,
        now: datetime,
        progress: Callable[[int], None],
        show: Callable[[bytes], None] | None = None,
        workers: int | None = None,
    ) -> None:
        self._ledger = ledger
        self._path = path
        self._source = source
        self._now = now
        self._progress = progress
        self._show = show
        self._workers = workers

    def run(self, *, dry_run: bool) -> tuple[Booked, int]:
        """Read the feed and book it; return what became of the lines, and how many."""
        found = parts(self._path, joined=self._ledger.vault.joined_pgns)
        if dry_run or self._show is not None:
            whole = found if found.following or not found.in_order else [found.whole()]
            return self._one_after_another(whole, dry_run=dry_run)
        booking, count = _Booking(self._ledger, found, self._source, self._now), 0
        assert self._source.sha256 is not None, "a file has a hash"
        ledger = self._ledger
        alone = ledger.store.without_threads
        task = Task(found, self._now, ledger.vault, self._source.sha256, alone)
        known = ledger.vault.known_among
        for number, prepared in enumerate(prepared_parts(task, known, self._workers)):
            self._advance(count, prepared.regels)
            count += prepared.regels
            booking.take(number, prepared)
        return booking.done(), count

    def _one_after_another(self, found: Iterable[Lines], *, dry_run: bool) -> tuple[Booked, int]:
        """Book, or only check, the parts in this process, and show what is booked."""
        tally, count = Tally(), 0
        unbooked = Unbooked() if dry_run else None
        for part in found:
            self._advance(count, len(part.lines))
            count += len(part.lines)
            good, bad = _parsed(part, self._now)
            tally.add(Booked(refused=tuple(bad)))
            tally.add(book(self._ledger, good, self._source, unbooked, self._show))
        return tally.booked(), count

    def _advance(self, before: int, lines: int) -> None:
        for _ in range((before + lines) // STEP - before // STEP):
            self._progress(STEP)

    def rejected(self, booked: Booked) -> tuple[str, Iterator[bytes]]:
        """Return the ending of the file for refused lines, and its lines."""
        refused = sorted(booked.refused, key=lambda one: one.regelnummer)
        return "jsonl", map(feed.rejected_line, refused)


class _Booking:
    """Parts that were prepared, checked against the ledger and booked in their order."""

    def __init__(self, ledger: Ledger, found: Parts, source: Source, now: datetime) -> None:
        self._ledger = ledger
        self._parts = found
        self._source = source
        self._now = now
        self._writing = Writing(ledger, source)
        self._waiting: list[tuple[int, Booked]] = []
        self._tally = Tally()
        self._must_sort = found.in_order and not found.following
        self._clashed = False
        self._groups: set[UUID] = set()  # of the pupils whose lines were checked and wait

    def take(self, number: int, prepared: Prepared) -> None:
        """Take a part that was prepared, and book once there is enough."""
        left = [line_of(self._ledger.vault, *one) for one in prepared.left]
        if self._writing.clashes(prepared.ready) or _clash(left, prepared.ready):
            # Which line is first decides: all are checked together.
            self._clashed = True
            good, bad = _parsed(self._parts[number], self._now)
            left = [line_of(self._ledger.vault, *one) for one in good]
            prepared = Prepared(prepared.regels, NOTHING, [], 0, bad, [], [])
        if self._must_sort and any(line.nummer in self._writing.owners for line in left):
            self._clashed = True  # whose line is the later one decides whose is warned of
        booked, more = self._checked(left)
        ready = prepared.ready
        self._writing.add(
            in_order(together((ready, more))) if more.rows else ready, prepared.pupils
        )
        said = Booked(
            len(ready.rows), prepared.al_bekend, (*prepared.refused,), (*prepared.warnings,)
        )
        self._waiting.append((number, said.plus(booked)))
        if self._writing.is_full() and not self._must_sort:
            self._flush()

    def done(self) -> Booked:
        """Book what is left, and return what became of all lines."""
        if self._must_sort and self._clashed:
            self._book_again(frozenset())
        else:
            self._flush()
        return self._tally.booked()

    def _checked(self, left: list[Line]) -> tuple[Booked, Ready]:
        """Return what becomes of lines given what is known, and the good ones ready."""
        if not left:
            return Booked(), NOTHING
        checked = Checked(self._ledger, left, self._writing.owners)
        if self._groups & checked.groups:
            # Pupils that were joined, of whom an earlier part has lines that are not booked.
            if self._must_sort:
                self._clashed = True
            else:
                self._flush()
                checked = Checked(self._ledger, left, self._writing.owners)
        self._groups |= checked.groups
        outcomes = checked.outcomes(self._writing.kenmerken)
        good = [outcome.line for outcome in outcomes if outcome.kind == "geboekt"]
        return summary(outcomes), ready(checked.delivery, good, self._source)

    def _flush(self) -> None:
        self._groups.clear()
        written = self._writing.flush(sort=self._must_sort)
        if written is not None:
            self._book_again(frozenset(written))
            return
        for _, booked in self._waiting:
            self._tally.add(booked)
        self._waiting.clear()

    def _book_again(self, written: frozenset[int]) -> None:
        """Check what waits anew, but for the lines that were written, and book it."""
        waiting, self._waiting = self._waiting, []
        warnings = (one for _, booked in waiting for one in booked.warnings)
        still = tuple(one for one in warnings if one[0] in written)
        self._tally.add(Booked(len(written), warnings=still))
        lines = sorted(
            line for part, _ in waiting for line in self._parts[part] if line[0] not in written
        )
        good, bad = _parsed(Lines(*map(list, zip(*lines, strict=True))), self._now)
        self._tally.add(Booked(refused=tuple(bad)))
        self._tally.add(book(self._ledger, good, self._source))


def _parsed(
    part: Lines, now: datetime
) -> tuple[list[tuple[feed.Parsed, bytes]], list[feed.Refused]]:
    """Return the lines that can be checked against what is known, and those that cannot."""
    good: list[tuple[feed.Parsed, bytes]] = []
    bad: list[feed.Refused] = []
    for parsed, raw in zip(
        feed.parse_lines(part.numbers, part.lines, now), part.lines, strict=True
    ):
        if isinstance(parsed, feed.Refused):
            bad.append(parsed)
        else:
            good.append((parsed, raw))
    return good, bad


def _clash(left: Iterable[Line], ready: Ready) -> bool:
    """Tell whether lines that are left name a kenmerk or issue a tlv of those that are ready."""
    kenmerken = {one[0] for one in ready.kenmerken if one is not None}
    numbers = {nummer for _, nummer, _ in ready.tlvs}
    return any(line.kenmerk in kenmerken or line.nummer in numbers for line in left)
