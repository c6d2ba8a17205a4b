"""From parsed lines to booked events, in bulk and safe against other processes (events.md 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from eventsourcing.persistence import RecordConflictError

from ledger import events as ev
from ledger.appending import Source, append, own_event, pgns_of
from ledger.application import Ledger, now, reference_stream
from ledger.delivery import Delivery
from ledger.event_rows import IndexRows, Stamp
from ledger.intake.feed import Parsed, Refused, format_parsed
from ledger.landing import Landing, Line, Outcome, Place, Seen, Thread
from ledger.problems import Problem
from ledger.recorders import LedgerRecorder
from ledger.vault import Identity, Vault

BATCH: Final = 5000
"""Events in one append (architecture.md, write side)."""

ATTEMPTS: Final = 50
"""How often lines are checked anew because another process booked in between."""


class Booked(NamedTuple):
    """What became of lines; warnings stand with the number of their line."""

    geboekt: int = 0
    al_bekend: int = 0
    refused: tuple[Refused, ...] = ()
    warnings: tuple[tuple[int, Problem], ...] = ()

    def plus(self, other: Booked) -> Booked:
        """Return both together."""
        return Booked(
            self.geboekt + other.geboekt,
            self.al_bekend + other.al_bekend,
            self.refused + other.refused,
            self.warnings + other.warnings,
        )


class Unbooked:
    """What lines say that a dry run did not book, for the lines that come after them."""

    def __init__(self) -> None:
        self.kenmerken: dict[bytes, bytes] = {}
        self.owners: dict[str, set[Thread]] = {}

    def add(self, lines: Iterable[Line], threads: Mapping[str, Thread]) -> None:
        """Remember with whom each tlv number of good lines was seen."""
        for line in lines:
            nummer, pgn = line.nummer, line.parsed.pgn
            if nummer is not None and pgn is not None:
                self.owners.setdefault(nummer, set()).add(threads[pgn])


class Tally:
    """What became of the lines of many parts, added up."""

    def __init__(self) -> None:
        self._geboekt = self._al_bekend = 0
        self._refused: list[Refused] = []
        self._warnings: list[tuple[int, Problem]] = []

    def add(self, booked: Booked) -> None:
        """Add what became of some lines."""
        self._geboekt += booked.geboekt
        self._al_bekend += booked.al_bekend
        self._refused += booked.refused
        self._warnings += booked.warnings

    def booked(self) -> Booked:
        """Return all together."""
        return Booked(self._geboekt, self._al_bekend, tuple(self._refused), tuple(self._warnings))


def book(
    ledger: Ledger,
    lines: Iterable[tuple[Parsed, bytes]],
    source: Source,
    dry_run: Unbooked | None = None,
    show: Callable[[bytes], None] | None = None,
) -> Booked:
    """Check lines against what is known, book the good ones, and tell what became of all.

    With `dry_run` nothing is written, and what would have been is added to it: what a next
    dry run has to know. `show` gets every event that is booked, or would be,
    as a line of the feed. When another process booked to the same pupils in
    between, what is left is checked again.
    """
    left = [line_of(ledger.vault, parsed, raw) for parsed, raw in lines]
    total = Booked()
    for _ in range(ATTEMPTS):
        unbooked = dry_run or Unbooked()
        checked = Checked(ledger, left, unbooked.owners)
        outcomes = checked.outcomes(unbooked.kenmerken)
        good = [outcome.line for outcome in outcomes if outcome.kind == "geboekt"]
        if dry_run is None:
            done = _append_all(checked.delivery, good, source)
        else:
            dry_run.add(good, checked.delivery.threads)
            done = len(good)
        if show is not None:
            for line in good[:done]:
                show(format_parsed(line.parsed))
        if done == len(good):
            return total.plus(summary(outcomes))
        appended = {line.parsed.regelnummer for line in good[:done]}
        total = total.plus(
            summary([one for one in outcomes if one.line.parsed.regelnummer in appended])
        )
        left = [line for line in left if line.parsed.regelnummer not in appended]
    raise RecordConflictError("een ander proces boekt steeds bij dezelfde leerlingen")


def book_file(ledger: Ledger, fact: ev.BestandIngelezen, source: Source) -> None:
    """Book that a file was imported, once per content, whatever its name (events.md 1).

    Again when it was undone since.
    """
    stream = reference_stream(fact)
    booked = ledger.events_of([stream], lapsed=True)
    if booked and type(booked[-1].fact) is type(fact):
        return
    stored = own_event(ledger, stream, len(booked) + 1, fact)
    with suppress(RecordConflictError):  # another process imported the same file
        ledger.append([stored], Stamp(now().isoformat(), source.invoer), IndexRows())


def kenmerk_key(bron: str, kenmerk: str) -> bytes:
    """Return by what a kenmerk of a source is found: it may hold what nobody should read."""
    return sha256(f"{bron}\0{kenmerk}".encode()).digest()[:16]


def line_of(vault: Vault, parsed: Parsed, raw: bytes) -> Line:
    """Return a parsed line with what identifies it."""
    kenmerk = None
    if parsed.kenmerk is not None:
        kenmerk = kenmerk_key(parsed.bron, parsed.kenmerk)
    return Line(parsed, vault.identity(parsed.content), kenmerk, raw)


def summary(outcomes: Sequence[Outcome]) -> Booked:
    """Return what became of lines."""
    refused, warnings, counts = [], [], {"geboekt": 0, "al bekend": 0, "afgekeurd": 0}
    for one in outcomes:
        counts[one.kind] += 1
        number = one.line.parsed.regelnummer
        if one.kind == "afgekeurd":
            refused.append(Refused(number, one.problems, one.line.raw))
        else:
            warnings += [(number, problem) for problem in one.problems]
    return Booked(counts["geboekt"], counts["al bekend"], tuple(refused), tuple(warnings))


class Checked:
    """Lines in groups of one pupil or object, against all that is known of it.

    `pending` are the pupils of tlv numbers in lines that are about to be booked; `groups`
    those of the pupils that are known.
    """

    def __init__(
        self,
        ledger: Ledger,
        lines: list[Line],
        pending: Mapping[str, set[Thread]] = MappingProxyType({}),
    ) -> None:
        self._pending = pending
        self.delivery = Delivery(ledger, {pgn for line in lines for pgn in pgns_of(line.parsed)})
        self._store = ledger.store
        self._groups = _grouped(lines, self.delivery.identities)
        key_of = self._key_of()
        self._booked = self.delivery.history(key_of)
        self._derived = derived_places(ledger.store, key_of)
        self.groups = {identity.groep for identity in self.delivery.identities.values()}

    def outcomes(self, kenmerken: dict[bytes, bytes]) -> list[Outcome]:
        """Return what becomes of every line, in the order of the lines.

        `kenmerken` are those of lines that are not booked; those of these lines join them.
        """
        seen = self._seen(kenmerken)
        outcomes = [
            outcome
            for key, lines in self._groups.items()
            for outcome in Landing(
                self._booked.get(key, ()), self._threads_of(lines), seen, self._derived
            ).land(lines)
        ]
        outcomes.sort(key=lambda outcome: outcome.line.parsed.regelnummer)
        return outcomes

    def _threads_of(self, lines: Sequence[Line]) -> dict[str, Thread]:
        threads = self.delivery.threads
        return {pgn: threads[pgn] for line in lines for pgn in pgns_of(line.parsed)}

    def _key_of(self) -> dict[UUID, Thread]:
        """Return for every stream that the lines are about the group that it belongs to."""
        key_of: dict[UUID, Thread] = {}
        for key, lines in self._groups.items():
            for line in lines:
                for pgn in pgns_of(line.parsed):
                    key_of.update(dict.fromkeys(self.delivery.streams_of(pgn), key))
                if line.parsed.pgn is None and isinstance(key, UUID):
                    key_of[key] = key
        return key_of

    def _seen(self, unbooked: dict[bytes, bytes]) -> Seen:
        lines = [line for lines in self._groups.values() for line in lines]
        kenmerken = {line.kenmerk for line in lines if line.kenmerk is not None}
        unbooked.update(self._store.identities_of(kenmerken))
        numbers = {line.nummer for line in lines if line.nummer is not None}
        owners = owners_of(self._store, numbers)
        for number in numbers & self._pending.keys():
            owners[number] = owners.get(number, set()) | self._pending[number]
        return Seen(unbooked, owners)


def derived_places(store: LedgerRecorder, streams: Iterable[UUID]) -> frozenset[Place]:
    """Return all that files with states said of some pupils, by file, row and moment."""
    if not store.has_opgaven():
        return frozenset()
    return frozenset(
        (row.bestand, row.regel, datetime.fromisoformat(row.bekend_op))
        for row in store.opgaven_of(stream.hex for stream in streams)
    )


def owners_of(store: LedgerRecorder, numbers: Iterable[str]) -> dict[str, set[Thread]]:
    """Return the pupils with which each tlv number was seen."""
    owners = store.pupils_of_tlvs(numbers)
    return {nummer: {UUID(stream) for stream in streams} for nummer, streams in owners.items()}


def _grouped(lines: Iterable[Line], identities: Mapping[str, Identity]) -> dict[Thread, list[Line]]:
    """Return the lines by pupil (PGN's that a line joins are one) or reference object."""
    parent: dict[Thread, Thread] = {}

    def root(thread: Thread) -> Thread:
        while thread in parent:
            thread = parent[thread]
        return thread

    def of_pgn(pgn: str) -> Thread:
        return root(identities[pgn].groep if pgn in identities else pgn)

    listed = list(lines)
    for line in listed:
        if isinstance(line.parsed.fact, ev.PgnVervangen):
            one, two = (of_pgn(pgn) for pgn in pgns_of(line.parsed))
            if one != two:
                parent[two] = one
    groups: dict[Thread, list[Line]] = {}
    for line in listed:
        pgn = line.parsed.pgn
        key = reference_stream(line.parsed.fact) if pgn is None else of_pgn(pgn)
        groups.setdefault(key, []).append(line)
    return groups


def _append_all(delivery: Delivery, lines: list[Line], source: Source) -> int:
    """Append lines in batches and return how many; fewer when another process interfered."""
    for start in range(0, len(lines), BATCH):
        try:
            append(delivery, lines[start : start + BATCH], source)
        except RecordConflictError:
            return start
    return len(lines)
