"""Where the states of one pupil land between what was booked, and the lines they become.

Pure. The states of one file are told at its moment; what was said at later moments is told
again after it, so that later knowledge stays (events.md 2). Each becomes the facts that make
the difference with what is known there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from ledger import checks
from ledger import events as ev
from ledger.deriving.pupil import told
from ledger.deriving.steps import RefusedStateError
from ledger.dossier import Dossier, Inschrijving
from ledger.fold import ATTRIBUTES, Senseless, apply, replay
from ledger.intake.feed import Parsed
from ledger.landing import Landing, Line, Seen, Thread
from ledger.mapper import encode_fact
from ledger.opgaven import Opgave
from ledger.problems import Problem
from ledger.states import InschrijvingStand, PeriodeStand

Identify = Callable[[Parsed], bytes]
"""Gives what tells an event from another one (`Vault.identity` of its content)."""

_LAST: Final = datetime.max.replace(tzinfo=UTC)


class Told(NamedTuple):
    """What became of an opgave: the lines it was turned into, or why it was refused."""

    opgave: Opgave
    lines: tuple[Line, ...] = ()
    refused: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


class StateLanding(Landing):
    """One pupil: what was booked, and what files said of it."""

    def __init__(
        self,
        booked: Sequence[ev.Event],
        threads: Mapping[str, Thread],
        seen: Seen,
        identify: Identify,
    ) -> None:
        super().__init__(booked, threads, seen)
        self._identify = identify
        self._without: list[tuple[Thread, ev.Fact]] = []
        self._told_of: set[tuple[str, int]] = set()
        self._changed = False

    def tell(self, opgaven: Sequence[Opgave]) -> Iterator[Told]:
        """Yield what becomes of every opgave, in the order of knowledge.

        Also what has to be told again of events that came later and no longer land.
        """
        self._told_of = {(opgave.bestand, opgave.regelnummer) for opgave in opgaven}
        for opgave in sorted(opgaven, key=lambda one: one.order):
            yield from self._pass(opgave.bekend_op)
            yield self._tell(opgave)
        yield from self._pass(_LAST)

    def _tell(self, opgave: Opgave) -> Told:
        assert opgave.pgn is not None, "this is about a pupil"
        thread = self._threads[opgave.pgn]
        try:
            steps = told(self._dossier(thread), opgave.standen)
        except RefusedStateError as error:
            return Told(opgave, refused=error.problems)
        lines, warnings = [], [*opgave.warnings, *steps.warnings]
        for fact in steps.facts:
            outcome = self._outcome(self._new_line(opgave, fact))
            if outcome.kind == "afgekeurd":  # its effect was tried before
                return Told(opgave, refused=outcome.problems)
            lines.append(outcome.line)
            warnings += outcome.problems
        self._changed = self._changed or bool(lines)
        return Told(opgave, tuple(lines), (), tuple(dict.fromkeys(warnings)))

    def _new_line(self, opgave: Opgave, fact: ev.Fact) -> Line:
        """Return the line of a fact that is needed, though the same one may be booked already.

        One of the same moment that stands before what it builds on has no effect there. The
        one that is booked anew has a kenmerk, so that they are two events.
        """
        line = self._line(opgave, fact, None)
        first, times = line.identiteit.hex()[:16], 0
        while line.identiteit in self._identities:
            times += 1
            line = self._line(opgave, fact, f"opnieuw-{first}-{times}")
        return line

    def _line(self, opgave: Opgave, fact: ev.Fact, kenmerk: str | None) -> Line:
        warnings = tuple(checks.warnings(fact)) if type(fact) in checks.WARNED else ()
        parsed = Parsed(
            opgave.regelnummer,
            opgave.pgn,
            opgave.bekend_op,
            opgave.bron,
            kenmerk,
            fact,
            encode_fact(fact),
            warnings,
        )
        return Line(parsed, self._identify(parsed), None, b"", opgave.bestand)

    def _pass(self, moment: datetime) -> Iterator[Told]:
        """Take in what was booked up to a moment; what no longer lands is told again."""
        for event in self._booked_until(moment):
            self._without.append((event.originator_id, event.fact))
            if not self._take_in(event) and self._changed:
                yield from self._again(event)

    def _without_news(self, event: ev.Event) -> Dossier:
        """Return what was known before an event, had nothing been told before it."""
        pupil = self._pupil(event.originator_id)
        earlier = self._without[:-1]
        return replay(fact for thread, fact in earlier if self._pupil(thread) == pupil)

    def _again(self, event: ev.Event) -> Iterator[Told]:
        """Tell the enrolment as it was after an event, had nothing been told before it.

        Not what a file said: that is told again by itself.
        """
        fact, source = event.fact, (event.bestand or "", event.regel or 0)
        if not isinstance(fact, ev.Enrolment) or source in self._told_of:
            return
        try:
            after = apply(self._without_news(event), fact)
        except Senseless:
            return  # it never landed
        known = after.inschrijvingen.get((fact.instellingscode, fact.volgnummer))
        if known is None:
            return
        pgn = next(pgn for pgn, one in self._threads.items() if one == event.originator_id)
        opgave = Opgave(pgn, (_stand_of(known),), event.bekend_op, event.bron, *source)
        yield self._tell(opgave)


def _stand_of(known: Inschrijving) -> InschrijvingStand:
    """Return an enrolment as known as what the school would say of it."""
    return InschrijvingStand(
        instellingscode=known.instellingscode,
        volgnummer=known.volgnummer,
        begindatum=known.begindatum,
        einddatum=known.einddatum,
        perioden=tuple(
            PeriodeStand(
                vanaf=periode.vanaf, **{name: getattr(periode, name) for name in ATTRIBUTES}
            )
            for periode in known.perioden
        ),
        tlv=tuple(link.nummer for link in known.koppelingen if link.door == "school"),
    )
