"""What the events of a `why` did: each where it landed, and the counts without them.

All by replay of the history in the order of knowledge, on the teldatum of the corrections.
An event that is named twice over (two residences at one moment, of which either would do)
makes plain removal no law: see `check_without_the_events_it_was_not_so`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from projections.store.ask import Selection
from projections.verklaring import Wijziging
from tests.why_oracle import (
    REFERENCE_TYPES,
    Booked,
    Sleutel,
    Stand,
    Truth,
    is_counted,
    looks,
    of_pupils,
)
from tests.why_questions import Asked, Step

Looks = Counter[tuple[object, ...]]


class Replay(NamedTuple):
    """A pupil in a step of corrections: what it looks like on T1 by any choice of events."""

    truth: Truth
    step: Step
    change: Wijziging
    pgns: frozenset[str]
    selection: Selection

    @property
    def teldatum(self) -> date:
        """The teldatum of the corrections."""
        return self.step.one.teldatum

    @property
    def named(self) -> set[int]:
        """The positions of the events that are named."""
        return {event.id for event in self.change.gebeurtenissen}

    @property
    def before(self) -> list[Booked]:
        """The events known on the earlier end."""
        return list(self.truth.known_by(self.step.earlier.bekend_op))

    @property
    def within(self) -> list[Booked]:
        """The events that became known in the step."""
        return self.truth.between(self.step.earlier.bekend_op, self.step.later.bekend_op)

    @property
    def moments(self) -> list[datetime]:
        """The moments of the step at which anything became known."""
        return sorted({one.bekend_op for one in self.within})

    def runs(self, told: Iterable[Booked], sleutel: Sleutel) -> bool:
        """Tell whether an enrolment runs on T1, whether it counts or not."""
        return any(row.sleutel == sleutel for row in self._rows(told))

    def look(self, told: Iterable[Booked]) -> Looks:
        """Return what the pupil looks like when just these events are known."""
        return looks(self._rows(told), self.selection)

    def counted(self, told: Iterable[Booked]) -> Looks:
        """Return what the pupil looks like within the count."""
        inside = [row for row in self._rows(told) if is_counted(row.rij, self.selection)]
        return looks(inside, self.selection)

    def _rows(self, told: Iterable[Booked]) -> list[Stand]:
        return of_pupils(self.truth.rows_by(self.teldatum, told), self.pgns)

    def changed_look(self, one: Booked, told: Sequence[Booked]) -> bool:
        """Tell whether an event changed the look where it lands among these."""
        before = told[: told.index(one)]
        return self.look(before) != self.look([*before, one])


def replays(asked: Asked) -> list[Replay]:
    """Return the pupils of the corrections that were one pupil all along the step.

    Where a `PgnVervangen` made one pupil of two within it, rows that were of the other one
    went and came as well, by events that are no causes of what this one became.
    """
    return [
        Replay(asked.truth, step, change, asked.pgns(change), asked.selection)
        for step, change in asked.corrections()
        if not _joined(asked, step, asked.pgns(change))
    ]


def _joined(asked: Asked, step: Step, pgns: frozenset[str]) -> bool:
    within = asked.truth.between(step.earlier.bekend_op, step.later.bekend_op)
    return any(one.event.get("nieuw_pgn") in pgns for one in within)


def check_named_events_did_something(asked: Asked) -> None:
    """Check that each event of a correction changed a row of the pupil on T1 where it landed.

    Where it landed: in the order of replay, right after all that came before it. One that
    others of the very same moment built upon (decisions.md 36) is named with them: that one
    changed something of the pupil, on T1 or on other days, and one of its moment a row on T1.
    """
    for step, change in asked.corrections():
        pgns = asked.pgns(change)
        at_work: set[datetime] = set()
        for event in change.gebeurtenissen:
            assert _changed_anything(asked.truth, event.id, pgns)
            if _changed_rows(asked.truth, step, event.id, pgns):
                at_work.add(event.bekend_op)
        assert at_work == {event.bekend_op for event in change.gebeurtenissen}


def check_no_cause_is_missing(asked: Asked) -> None:
    """Check that all that was news to the pupil on T1 at any moment is by a named event.

    Per moment: the last event with which a row went that was there before the moment, and
    the last with which one came that is there after it. For pupils that are one all along.
    """
    for replay in replays(asked):
        for moment in replay.moments:
            assert _decisive(replay, moment) <= replay.named


def check_without_the_events_it_was_not_so(asked: Asked) -> None:
    """Check that without the named events the pupil did not become what it is.

    Except when other events of the step make it so, which did nothing beside those named:
    they were masked (a second residence of the same moment, a second registration of one
    enrolment), or in their own moment came to nothing (removed and registered anew). In
    about 3 of 100 cases.
    """
    for replay in replays(asked):
        whole = replay.before + replay.within
        told = [one for one in whole if one.positie not in replay.named]
        if replay.counted(told) == replay.counted(whole):
            parts = {one.positie for at in replay.moments for one in _parts(replay, at)}
            took_over = [one for one in told if replay.changed_look(one, told)]
            assert any(one.positie not in parts for one in took_over)


def check_the_events_suffice(asked: Asked) -> None:
    """Check that the named events, on the ground of the others, make the pupil what it is.

    Ground is every event of the step that changed nothing of the look on T1 where it landed
    (a tlv that was linked later, a period that starts later), or changed it only within its
    moment (registered and ended at once), and every removal, without which nothing can be
    registered anew. So any other event that had a part in what a moment changed is needed
    only when it is named. Without any ground the named events suffice in about 60 of 100
    cases.
    """
    for replay in replays(asked):
        whole = replay.before + replay.within
        parts = {
            one.positie
            for at in replay.moments
            for one in _parts(replay, at)
            if one.event["type"] != "InschrijvingVerwijderd"
        }
        told = [one for one in whole if one.positie in replay.named or one.positie not in parts]
        assert replay.counted(told) == replay.counted(whole)


def check_a_joined_pupil_keeps_its_causes(asked: Asked) -> None:
    """Check that of two pupils that became one the row that counts has its causes named.

    The event since which that enrolment runs on T1, under either PGN; except when the pupil
    that went on had rows of its own there: then the `PgnVervangen` alone tells that the
    enrolment of the other one came over.
    """
    for step, change in asked.corrections():
        pgns = asked.pgns(change)
        later = change.voor if step.backwards else change.na
        own = of_pupils(asked.truth.rows(step.earlier), {asked.first_pgns[change.leerling]})
        if later is not None and not own and _joined(asked, step, pgns):
            replay = Replay(asked.truth, step, change, pgns, asked.selection)
            came = _came(replay, (later.instellingscode, later.volgnummer))
            assert came is None or came in replay.named


def _came(replay: Replay, sleutel: Sleutel) -> int | None:
    """Return the event since which an enrolment runs on T1; None when that is no news.

    What came and went again within one moment never was.
    """
    told = list(replay.before)
    since = None
    for moment in replay.moments:
        ran = replay.runs(told, sleutel)
        last = None
        for one in replay.within:
            if one.bekend_op == moment:
                before = replay.runs(told, sleutel)
                told.append(one)
                last = last if replay.runs(told, sleutel) == before else one.positie
        if replay.runs(told, sleutel) != ran:
            since = None if ran else last
    return since


class _Turn(NamedTuple):
    """An event of a moment, with what the pupil looks like before and after it."""

    one: Booked
    before: Looks
    after: Looks

    def turned(self, row: tuple[object, ...]) -> bool:
        """Tell whether a row came or went by it."""
        return self.before[row] != self.after[row]


def _turns(replay: Replay, moment: datetime) -> list[_Turn]:
    told = [one for one in replay.truth.order if one.bekend_op < moment]
    look = replay.look(told)
    found = []
    for one in replay.within:
        if one.bekend_op == moment:
            told.append(one)
            before, look = look, replay.look(told)
            found.append(_Turn(one, before, look))
    return found


def _news(turns: Sequence[_Turn]) -> list[tuple[object, ...]]:
    """Return the rows that a moment took away or brought, in the end."""
    was, now = turns[0].before, turns[-1].after
    return [*(was - now), *(now - was)]


def _parts(replay: Replay, moment: datetime) -> list[Booked]:
    """Return the events that had a part in what a moment changed in the end."""
    turns = _turns(replay, moment)
    news = _news(turns)
    return [turn.one for turn in turns if any(turn.turned(row) for row in news)]


def _decisive(replay: Replay, moment: datetime) -> set[int]:
    """Return the events by which rows of a pupil on T1 went and came for good at a moment."""
    turns = _turns(replay, moment)
    return {[turn.one.positie for turn in turns if turn.turned(row)][-1] for row in _news(turns)}


def _changed_rows(truth: Truth, step: Step, positie: int, pgns: frozenset[str]) -> bool:
    """Tell whether rows of a pupil on T1 differ right before and right after an event."""
    teldatum, place = step.one.teldatum, truth.order.index(truth.booked[positie])
    before, after = (truth.rows_by(teldatum, truth.order[:end]) for end in (place, place + 1))
    return of_pupils(before, pgns) != of_pupils(after, pgns)


def _changed_anything(truth: Truth, positie: int, pgns: frozenset[str]) -> bool:
    """Tell whether an event of a pupil changed what is known of it; one of all always may."""
    if truth.booked[positie].event["type"] in REFERENCE_TYPES:
        return True
    place = truth.order.index(truth.booked[positie])
    before, after = (
        [one for one in truth.pupils_by(truth.order[:end]) if one.pgns & pgns]
        for end in (place, place + 1)
    )
    return before != after
