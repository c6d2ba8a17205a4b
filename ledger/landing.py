"""Where new lines of one pupil land between what was booked, and what becomes of them.

Pure: history and lines in, outcomes out (events.md 4). Each line is checked against what was
known at its own `bekend_op`, so the order of the lines in a file does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final, Literal, cast
from uuid import UUID

import msgspec

from ledger import checks
from ledger import events as ev
from ledger.dossier import EMPTY, Dossier
from ledger.fold import Senseless, apply, replay
from ledger.intake.feed import Parsed
from ledger.problems import Problem

Thread = UUID | str
"""What a PGN is known by: its stream, or the PGN itself before it has one."""


Place = tuple[str, int, datetime]
"""The file (SHA-256) and the row that said something, and at which moment."""


class Line(msgspec.Struct, gc=False):
    """A parsed line, what identifies it and its kenmerk, and the bytes it came from.

    `bestand` is the SHA-256 of the file that said it, where that is not the one read now.
    """

    parsed: Parsed
    identiteit: bytes
    kenmerk: bytes | None
    raw: bytes
    bestand: str | None = None

    @property
    def nummer(self) -> str | None:
        """The tlv number that it issues."""
        fact = self.parsed.fact
        return fact.nummer if type(fact) is ev.TlvAfgegeven else None


class Outcome(msgspec.Struct, gc=False):
    """What becomes of a line: booked, known already, or refused; and what is odd about it."""

    line: Line
    kind: Literal["geboekt", "al bekend", "afgekeurd"]
    problems: tuple[Problem, ...] = ()


class Seen:
    """What holds beyond one pupil: the kenmerken and tlv numbers seen so far."""

    def __init__(
        self, kenmerken: dict[bytes, bytes], tlv_owners: Mapping[str, set[Thread]]
    ) -> None:
        self.kenmerken = kenmerken
        self.tlv_owners = {nummer: set(owners) for nummer, owners in tlv_owners.items()}


class Landing:
    """One pupil: what was booked, and the streams by which its PGN's are known."""

    def __init__(
        self,
        booked: Sequence[ev.Event],
        threads: Mapping[str, Thread],
        seen: Seen,
        derived: frozenset[Place] = frozenset(),
    ) -> None:
        self._booked = sorted(booked, key=_booked_order) if booked else ()
        self._place = 0
        self._identities = {event.identiteit for event in booked}
        self._threads = threads
        self._seen = seen
        self._derived = derived
        self._reported: list[tuple[Thread, ev.Fact]] = []
        self._facts: list[tuple[Thread, ev.Fact]] = []
        self._pupil_of: dict[Thread, Thread] = {}
        self._dossiers: dict[Thread, Dossier] = {}

    def land(self, lines: Sequence[Line]) -> Iterator[Outcome]:
        """Yield the outcome of every line, in the order of knowledge.

        The lines come in the order of the file, that those of one moment keep.
        """
        ordered = sorted(lines, key=_BY_KNOWLEDGE)
        if not self._booked:
            yield from map(self._outcome, ordered)
            return
        for line in ordered:
            for event in self._booked_until(line.parsed.bekend_op):
                self._take_in(event)
            yield self._outcome(line)

    def _booked_until(self, moment: datetime) -> Iterator[ev.Event]:
        """Yield the booked events known up to a moment that were not yielded before."""
        while self._place < len(self._booked):
            event = self._booked[self._place]
            if event.bekend_op > moment:
                return
            self._place += 1
            yield event

    def _outcome(self, line: Line) -> Outcome:
        parsed, identiteit, kenmerk = line.parsed, line.identiteit, line.kenmerk
        if identiteit in self._identities:
            return Outcome(line, "al bekend")
        if kenmerk is not None and (known := self._seen.kenmerken.get(kenmerk)) is not None:
            if known == identiteit:
                return Outcome(line, "al bekend")
            return Outcome(line, "afgekeurd", (_KENMERK_TAKEN,))
        warned = parsed.warnings
        if parsed.pgn is not None:
            landed = self._pupil_outcome(parsed.fact, self._threads[parsed.pgn])
            if isinstance(landed, Problem):
                return Outcome(line, "afgekeurd", (landed,))
            if landed:
                warned += landed
        self._identities.add(identiteit)
        if kenmerk is not None:
            self._seen.kenmerken[kenmerk] = identiteit
        return Outcome(line, "geboekt", warned)

    def _pupil_outcome(self, fact: ev.Fact, thread: Thread) -> Problem | tuple[Problem, ...]:
        """Return why the fact cannot land here, else what is odd about it; and take it in."""
        pupil, kind = self._pupil_of.get(thread, thread), type(fact)
        dossier, linking = self._dossiers.get(pupil, EMPTY), kind in checks.LINKING
        if linking:
            for problem in checks.refusals_known(dossier, fact):
                return problem
        try:
            after = apply(dossier, fact)
        except Senseless as senseless:
            if not self._lands_in_what_was_reported(fact, thread):
                return Problem(senseless.veld, senseless.regel, senseless.remedie)
            after = dossier  # it is told again as a state, since files said it first
        warned = tuple(checks.warnings_known(dossier, fact)) if linking else ()
        if kind is ev.TlvAfgegeven:
            warned += self._tlv_owner(cast("ev.TlvAfgegeven", fact).nummer, thread)
        self._facts.append((thread, fact))
        if self._derived:
            self._reported.append((thread, fact))
        self._dossiers[pupil] = after
        if kind is ev.PgnVervangen:
            self._join(thread, self._threads[str(cast("ev.PgnVervangen", fact).nieuw_pgn)])
        return warned

    def _lands_in_what_was_reported(self, fact: ev.Fact, thread: Thread) -> bool:
        """Tell whether a fact makes sense beside what no file with states said of the pupil.

        Such a file may have told of an enrolment before the feed that registers it.
        """
        if not self._derived:
            return False
        pupil = self._pupil(thread)
        known = replay(one for whose, one in self._reported if self._pupil(whose) == pupil)
        try:
            apply(known, fact)
        except Senseless:
            return False
        return True

    def _take_in(self, event: ev.Event) -> bool:
        """Replay a booked event and tell whether it makes sense; else it has no effect."""
        thread, fact = event.originator_id, event.fact
        self._facts.append((thread, fact))
        if self._derived and place_of(event) not in self._derived:
            self._reported.append((thread, fact))
        if isinstance(fact, ev.PgnVervangen) and isinstance(fact.nieuw, UUID):
            self._join(thread, fact.nieuw)
        elif isinstance(fact, ev.PupilFact):
            try:
                self._dossiers[self._pupil(thread)] = apply(self._dossier(thread), fact)
            except Senseless:
                return False
        return True

    def _join(self, old: Thread, new: Thread) -> None:
        """Make two PGN's one pupil, that knows all facts of both (rules.md 1, events.md 1)."""
        pupil, gone = self._pupil(old), self._pupil(new)
        for thread in {new, *self._pupil_of}:
            if self._pupil(thread) == gone:
                self._pupil_of[thread] = pupil
        self._dossiers[pupil] = replay(
            fact for thread, fact in self._facts if self._pupil(thread) == pupil
        )

    def _pupil(self, thread: Thread) -> Thread:
        return self._pupil_of.get(thread, thread)

    def _dossier(self, thread: Thread) -> Dossier:
        return self._dossiers.get(self._pupil(thread), EMPTY)

    def _tlv_owner(self, nummer: str, thread: Thread) -> tuple[Problem, ...]:
        owners = self._seen.tlv_owners.setdefault(nummer, set())
        mine = {thread, *self._threads.values(), *(event.originator_id for event in self._booked)}
        elsewhere = owners - mine
        owners.add(thread)
        return (_TLV_ELSEWHERE,) if elsewhere else ()


def place_of(event: ev.Event) -> Place:
    """Return the file and the row that an event came from, and its moment."""
    return event.bestand or "", -1 if event.regel is None else event.regel, event.bekend_op


def _booked_order(event: ev.Event) -> tuple[datetime, int]:
    return event.bekend_op, event.positie


_BY_KNOWLEDGE: Final = attrgetter("parsed.bekend_op")
_KENMERK_TAKEN: Final = Problem(
    "kenmerk",
    "dit kenmerk hoort bij deze bron al bij een andere gebeurtenis",
    "geef de gebeurtenis een eigen kenmerk, of herstel de inhoud",
)
_TLV_ELSEWHERE: Final = Problem(
    "nummer",
    "dit tlv-nummer is ook bij een andere leerling gezien",
    "controleer het nummer bij het samenwerkingsverband",
)
