"""From parsed lines to booked events, in bulk and safe against other processes (events.md 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from eventsourcing.persistence import RecordConflictError, StoredEvent
from msgspec import Raw

from ledger import events as ev
from ledger.application import Ledger, now, reference_stream
from ledger.intake.feed import Parsed, Refused
from ledger.landing import Landing, Line, Outcome, Seen, Thread
from ledger.mapper import NO_FACT, State, encode_fact, encode_state
from ledger.problems import Problem
from ledger.recorders import IndexRows, Stamp
from ledger.vault import Identity

BATCH: Final = 5000
"""Events in one append (architecture.md, write side)."""

ATTEMPTS: Final = 50
"""How often lines are checked anew because another process booked in between."""

CHECKED: Final = frozenset(fact.__name__ for fact in ev.LEERPLICHT)
"""The personal facts that a new line is checked against: only these are opened for it."""


class Source(NamedTuple):
    """Where lines come from: the SHA-256 of a file (None by hand), and the import's name."""

    sha256: str | None
    invoer: str


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


def book(
    ledger: Ledger,
    lines: Iterable[tuple[Parsed, bytes]],
    source: Source,
    dry_run: dict[bytes, bytes] | None = None,
) -> Booked:
    """Check lines against what is known, book the good ones, and tell what became of all.

    With `dry_run` nothing is written, and the kenmerken that would have been are added to
    it: what a next dry run has to know. When another process booked to the same pupils in
    between, what is left is checked again.
    """
    left = [_line(ledger, parsed, raw) for parsed, raw in lines]
    total = Booked()
    for _ in range(ATTEMPTS):
        delivery = _Delivery(ledger, left)
        outcomes = delivery.outcomes({} if dry_run is None else dry_run)
        good = [outcome.line for outcome in outcomes if outcome.kind == "geboekt"]
        done = len(good) if dry_run is not None else _append_all(delivery, good, source)
        if done == len(good):
            return total.plus(_summary(outcomes))
        appended = {line.parsed.regelnummer for line in good[:done]}
        total = total.plus(
            _summary([one for one in outcomes if one.line.parsed.regelnummer in appended])
        )
        left = [line for line in left if line.parsed.regelnummer not in appended]
    raise RecordConflictError("een ander proces boekt steeds bij dezelfde leerlingen")


def book_file(ledger: Ledger, fact: ev.BestandIngelezen, source: Source) -> None:
    """Book that a file was imported, once per content, whatever its name (events.md 1)."""
    stream, feit = reference_stream(fact), encode_fact(fact)
    if ledger.events_of([stream]):
        return
    identiteit = ledger.vault.identity(type(fact).__name__.encode() + b"\0" + feit)
    state = State(bekend_op=now(), bron="grootboek", identiteit=identiteit, feit=Raw(feit))
    stored = StoredEvent(stream, 1, type(fact).__name__, encode_state(state))
    with suppress(RecordConflictError):  # another process imported the same file
        ledger.append([stored], Stamp(now().isoformat(), source.invoer), IndexRows())


def _line(ledger: Ledger, parsed: Parsed, raw: bytes) -> Line:
    kenmerk = None
    if parsed.kenmerk is not None:
        kenmerk = sha256(f"{parsed.bron}\0{parsed.kenmerk}".encode()).digest()[:16]
    return Line(parsed, ledger.vault.identity(parsed.content), kenmerk, raw)


def _summary(outcomes: Sequence[Outcome]) -> Booked:
    refused, warnings, counts = [], [], {"geboekt": 0, "al bekend": 0, "afgekeurd": 0}
    for line, kind, problems in outcomes:
        counts[kind] += 1
        number = line.parsed.regelnummer
        if kind == "afgekeurd":
            refused.append(Refused(number, problems, line.raw))
        else:
            warnings += [(number, problem) for problem in problems]
    return Booked(counts["geboekt"], counts["al bekend"], tuple(refused), tuple(warnings))


class _Delivery:
    """Lines, and all that the store and the vault know about their pupils."""

    def __init__(self, ledger: Ledger, lines: list[Line]) -> None:
        self.ledger = ledger
        pgns = {pgn for line in lines for pgn in _pgns(line.parsed)}
        self.identities, self._members = ledger.vault.families(pgns)
        self.threads: dict[str, Thread] = {
            pgn: self.identities[pgn].stream if pgn in self.identities else pgn for pgn in pgns
        }
        self._groups = _grouped(lines, self.identities)
        self._booked = self._history()
        self.versions: dict[UUID, int] = {}
        for event in (event for booked in self._booked.values() for event in booked):
            stream = event.originator_id
            self.versions[stream] = max(self.versions.get(stream, 0), event.originator_version)

    def outcomes(self, kenmerken: dict[bytes, bytes]) -> list[Outcome]:
        """Return what becomes of every line, in the order of the lines.

        `kenmerken` are those of lines that are not booked; those of these lines join them.
        """
        seen = self._seen(kenmerken)
        outcomes = [
            outcome
            for key, lines in self._groups.items()
            for outcome in Landing(self._booked.get(key, ()), self.threads_of(lines), seen).land(
                lines
            )
        ]
        outcomes.sort(key=lambda outcome: outcome.line.parsed.regelnummer)
        return outcomes

    def threads_of(self, lines: Sequence[Line]) -> dict[str, Thread]:
        return {pgn: self.threads[pgn] for line in lines for pgn in _pgns(line.parsed)}

    def _history(self) -> dict[Thread, list[ev.Event]]:
        """Return what was booked before, per group of lines, in two queries."""
        key_of: dict[UUID, Thread] = {}
        for key, lines in self._groups.items():
            for line in lines:
                for pgn in _pgns(line.parsed):
                    if pgn in self.identities:
                        streams = self._members[self.identities[pgn].groep]
                        key_of.update(dict.fromkeys(streams, key))
                if line.parsed.pgn is None and isinstance(key, UUID):
                    key_of[key] = key
        history: dict[Thread, list[ev.Event]] = {}
        for event in self.ledger.vault.reveal(self.ledger.events_of(key_of), CHECKED):
            history.setdefault(key_of[event.originator_id], []).append(event)
        return history

    def _seen(self, unbooked: dict[bytes, bytes]) -> Seen:
        lines = [line for lines in self._groups.values() for line in lines]
        kenmerken = {line.kenmerk for line in lines if line.kenmerk is not None}
        unbooked.update(self.ledger.store.identities_of(kenmerken))
        numbers = {
            line.parsed.fact.nummer
            for line in lines
            if isinstance(line.parsed.fact, ev.TlvAfgegeven)
        }
        owners = self.ledger.store.pupils_of_tlvs(numbers)
        return Seen(
            unbooked,
            {nummer: {UUID(stream) for stream in streams} for nummer, streams in owners.items()},
        )


def _pgns(parsed: Parsed) -> tuple[str, ...]:
    """Return the PGN's that a line names."""
    if parsed.pgn is None:
        return ()
    if isinstance(parsed.fact, ev.PgnVervangen):
        return parsed.pgn, str(parsed.fact.nieuw_pgn)
    return (parsed.pgn,)


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
            one, two = (of_pgn(pgn) for pgn in _pgns(line.parsed))
            if one != two:
                parent[two] = one
    groups: dict[Thread, list[Line]] = {}
    for line in listed:
        pgn = line.parsed.pgn
        key = reference_stream(line.parsed.fact) if pgn is None else of_pgn(pgn)
        groups.setdefault(key, []).append(line)
    return groups


def _append_all(delivery: _Delivery, lines: list[Line], source: Source) -> int:
    """Append lines in batches and return how many; fewer when another process interfered."""
    vault = delivery.ledger.vault
    identities = _registered(delivery, lines)
    for start in range(0, len(lines), BATCH):
        part = lines[start : start + BATCH]
        for line in part:
            if isinstance(line.parsed.fact, ev.PgnVervangen):
                old, new = (identities[pgn].stream for pgn in _pgns(line.parsed))
                vault.join(old, new)
        stored = [_stored(delivery, line, identities, source) for line in part]
        try:
            delivery.ledger.append(
                stored, Stamp(now().isoformat(), source.invoer), _index(part, identities)
            )
        except RecordConflictError:
            vault.drop_keys()
            return start
    vault.drop_keys()
    return len(lines)


def _registered(delivery: _Delivery, lines: list[Line]) -> Mapping[str, Identity]:
    """Return the identities of all PGN's; new ones get a stream, needed keys are read."""
    vault, known = delivery.ledger.vault, delivery.identities
    new = {pgn for line in lines for pgn in _pgns(line.parsed) if pgn not in known}
    if new:
        known.update(vault.register(new))
    vault.load_keys(
        known[line.parsed.pgn].stream
        for line in lines
        if type(line.parsed.fact) in ev.PERSONAL and line.parsed.pgn is not None
    )
    return known


def _stored(
    delivery: _Delivery, line: Line, identities: Mapping[str, Identity], source: Source
) -> StoredEvent:
    """Return a line as it is stored: no PGN, and what is personal encrypted."""
    parsed, fact = line.parsed, line.parsed.fact
    stream = reference_stream(fact) if parsed.pgn is None else identities[parsed.pgn].stream
    version = delivery.versions[stream] = delivery.versions.get(stream, 0) + 1
    feit, geheim = parsed.feit, None
    if type(fact) in ev.PERSONAL:
        geheim = delivery.ledger.vault.protect(stream, fact)
    elif isinstance(fact, ev.PgnVervangen):
        feit = encode_fact(ev.PgnVervangen(nieuw=identities[str(fact.nieuw_pgn)].stream))
    state = State(
        bekend_op=parsed.bekend_op,
        bron=parsed.bron,
        kenmerk=parsed.kenmerk,
        bestand=source.sha256,
        regel=parsed.regelnummer if source.sha256 else None,
        identiteit=line.identiteit,
        versie=ev.VERSIONS.get(type(fact).__name__, 1),
        feit=Raw(feit) if geheim is None else NO_FACT,
        geheim=geheim,
    )
    return StoredEvent(stream, version, type(fact).__name__, encode_state(state))


def _index(lines: Iterable[Line], identities: Mapping[str, Identity]) -> IndexRows:
    kenmerken, numbers = [], []
    for line in lines:
        if line.kenmerk is not None:
            kenmerken.append((line.kenmerk, line.identiteit))
        if isinstance(line.parsed.fact, ev.TlvAfgegeven) and line.parsed.pgn is not None:
            numbers.append((line.parsed.fact.nummer, identities[line.parsed.pgn].stream.hex))
    return IndexRows(sorted(kenmerken), sorted(numbers))  # neighbours in the tree together
