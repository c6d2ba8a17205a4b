"""Where the states of one pupil land between what was booked, and the events they become.

Pure. What files said of a pupil is told in the order of knowledge, each at its own moment,
between the events that no file with states gave; from each the facts follow that make the
difference with what is known there. Facts that were booked for it before and follow no more
lapse. So the answer depends on what was said, and not on which file was read in first
(events.md 2: later knowledge stays).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from ledger import checks
from ledger import events as ev
from ledger.deriving.pupil import told
from ledger.deriving.steps import RefusedStateError, Steps
from ledger.dossier import Dossier, Inschrijving, Sleutel
from ledger.fold import ATTRIBUTES, Senseless, apply, replay
from ledger.intake.feed import Parsed
from ledger.landing import Landing, Line, Place, Seen, Thread, place_of
from ledger.mapper import encode_fact
from ledger.opgaven import Opgave
from ledger.problems import Problem
from ledger.states import InschrijvingStand, PeriodeStand

Identify = Callable[[Parsed], bytes]
"""Gives what tells an event from another one (`Vault.identity` of its content)."""

AGAIN: Final = "opnieuw-"
"""How the kenmerk begins of an event of a feed that was told again as a state."""

_LAST: Final = datetime.max.replace(tzinfo=UTC)


class Told(NamedTuple):
    """What became of an opgave: the lines it was turned into, or why it was refused.

    `lapsed` are the stream and position of events that do not follow from it any more.
    """

    opgave: Opgave
    lines: tuple[Line, ...] = ()
    refused: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    lapsed: tuple[tuple[UUID, int], ...] = ()


class StateLanding(Landing):
    """One pupil: what was booked, and what files said of it.

    `places` are those of all that files with states ever said of the pupil: by them an
    event that was derived is told from one that was reported.
    """

    def __init__(
        self,
        booked: Sequence[ev.Event],
        threads: Mapping[str, Thread],
        seen: Seen,
        identify: Identify,
        opgaven: Sequence[Opgave],
        places: frozenset[Place],
    ) -> None:
        self._opgaven = sorted(opgaven, key=lambda one: one.order)
        self._first = self._opgaven[0].bekend_op
        self._places = places | {opgave.row for opgave in opgaven}
        mine = {opgave.row for opgave in opgaven}
        self._made: defaultdict[Place, list[ev.Event]] = defaultdict(list)
        self._again_made: defaultdict[str, list[ev.Event]] = defaultdict(list)
        kept: list[ev.Event] = []
        for event in sorted(booked, key=lambda one: one.positie):
            if place_of(event) in mine:
                self._made[place_of(event)].append(event)
            elif _is_again(event) and event.bekend_op >= self._first:
                self._again_made[str(event.kenmerk)].append(event)
            else:
                kept.append(event)
        super().__init__(kept, threads, seen)
        self._identify = identify
        self._alone: list[tuple[Thread, ev.Fact]] = []
        self._highest = (datetime.min.replace(tzinfo=UTC), 0)
        self._anew_at: datetime | None = None

    def tell(self) -> Iterator[Told]:
        """Yield what becomes of every opgave, in the order of knowledge.

        Also of events of a feed that do not land any more, since something was said before.
        """
        for opgave in self._opgaven:
            yield from self._pass(opgave.bekend_op)
            yield self._tell(opgave, self._made.pop(opgave.row, []))
        yield from self._pass(_LAST)
        for events in self._again_made.values():
            none = Opgave(None, (), events[0].bekend_op, events[0].bron, "", 0)
            yield Told(none, lapsed=positions(events))

    def _tell(self, opgave: Opgave, made: Sequence[ev.Event], kenmerk: str | None = None) -> Told:
        assert opgave.pgn is not None, "this is about a pupil"
        thread = self._threads[opgave.pgn]
        try:
            steps = told(self._dossier(thread), opgave.standen)
        except RefusedStateError as error:
            return Told(opgave, refused=error.problems, lapsed=positions(made))
        warnings = (*opgave.warnings, *steps.warnings)
        if self._stands(opgave.bekend_op, made, steps):
            self._take_over(thread, made, steps)
            return Told(opgave, warnings=warnings)
        self._anew_at = opgave.bekend_op
        lines = []
        for number, fact in enumerate(steps.facts):
            own = kenmerk and f"{kenmerk}{number}"
            outcome = self._outcome(self._new_line(opgave, fact, own))
            if outcome.kind == "afgekeurd":  # its effect was tried before
                return Told(opgave, refused=outcome.problems, lapsed=positions(made))
            lines.append(outcome.line)
            warnings += outcome.problems
        return Told(opgave, tuple(lines), (), tuple(dict.fromkeys(warnings)), positions(made))

    def _stands(self, moment: datetime, made: Sequence[ev.Event], steps: Steps) -> bool:
        """Tell whether the events made before are those that follow, and land where they should.

        Those of one moment land in the order of booking: after all that comes before them.
        """
        if [event.fact for event in made] != steps.facts or self._anew_at == moment:
            return False
        at, highest = self._highest
        return not made or at != moment or made[0].positie > highest

    def _take_over(self, thread: Thread, made: Sequence[ev.Event], steps: Steps) -> None:
        self._facts += [(thread, fact) for fact in steps.facts]
        self._dossiers[self._pupil(thread)] = steps.dossier
        for event in made:
            self._identities.add(event.identiteit)
            self._note_place(event)

    def _new_line(self, opgave: Opgave, fact: ev.Fact, kenmerk: str | None) -> Line:
        """Return the line of a fact that follows, though the same one may be booked already.

        One of the same moment that stands before what it builds on has no effect there. The
        one that is booked anew has a kenmerk, so that they are two events.
        """
        line = self._line(opgave, fact, kenmerk)
        first, times = line.identiteit.hex()[:16], 0
        while line.identiteit in self._identities:
            times += 1
            line = self._line(opgave, fact, f"{kenmerk or 'nogmaals'}-{first}-{times}")
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
        """Take in what was booked up to a moment; what does not land any more is told again."""
        lost: dict[tuple[Thread, Sleutel], ev.Event] = {}
        at: datetime | None = None
        for event in self._booked_until(moment):
            if event.bekend_op != at:
                yield from self._again(lost)
                lost, at = {}, event.bekend_op
            landed = self._take_in(event)
            self._note_place(event)
            if place_of(event) not in self._places and not _is_again(event):
                self._note_reported(event, lost, landed=landed)
        yield from self._again(lost)

    def _note_reported(
        self, event: ev.Event, lost: dict[tuple[Thread, Sleutel], ev.Event], *, landed: bool
    ) -> None:
        """Note an event that no file with states gave, and of which enrolment it was lost.

        Lost is what would land had no file said anything of the pupil.
        """
        fact, thread = event.fact, event.originator_id
        if isinstance(fact, ev.Enrolment) and event.bekend_op >= self._first:
            key = thread, (fact.instellingscode, fact.volgnummer)
            if key in lost or (not landed and self._would_land(event)):
                lost[key] = event
        self._alone.append((thread, fact))

    def _would_land(self, event: ev.Event) -> bool:
        try:
            apply(self._known_alone(event.originator_id), event.fact)
        except Senseless:
            return False
        return True

    def _known_alone(self, thread: Thread) -> Dossier:
        pupil = self._pupil(thread)
        return replay(fact for whose, fact in self._alone if self._pupil(whose) == pupil)

    def _note_place(self, event: ev.Event) -> None:
        at, highest = self._highest
        if event.bekend_op != at:
            highest = 0
        self._highest = event.bekend_op, max(highest, event.positie)

    def _again(self, lost: Mapping[tuple[Thread, Sleutel], ev.Event]) -> Iterator[Told]:
        """Tell enrolments as they were after all events of a moment, had no file said anything.

        All of one moment at once: an event that landed may build on one that was lost.
        """
        for (thread, sleutel), event in lost.items():
            known = self._known_alone(thread).inschrijvingen.get(sleutel)
            if known is None:
                continue
            pgn = next(pgn for pgn, one in self._threads.items() if one == thread)
            source = event.bestand or "", event.regel or 0
            opgave = Opgave(pgn, (_stand_of(known),), event.bekend_op, event.bron, *source)
            kenmerk = f"{AGAIN}{event.identiteit.hex()[:16]}-"
            keys = [key for key in self._again_made if key.startswith(kenmerk)]
            made = [one for key in keys for one in self._again_made.pop(key)]
            yield self._tell(opgave, sorted(made, key=lambda one: one.positie), kenmerk)


def _is_again(event: ev.Event) -> bool:
    return event.kenmerk is not None and event.kenmerk.startswith(AGAIN)


def positions(events: Sequence[ev.Event]) -> tuple[tuple[UUID, int], ...]:
    """Return the stream and position of events."""
    return tuple((event.originator_id, event.positie) for event in events)


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
