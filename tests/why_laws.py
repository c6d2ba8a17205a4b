"""The laws of rules.md 8 that hold for every answer of `why`: each a check of one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from projections.store.ask import AsOf
from projections.verklaring import Stap, Telrij, Wijziging
from projections.why.explain import KLASSEN
from tests.oracle import vaststelling
from tests.why_oracle import (
    COUNTED_SOORTEN,
    REFERENCE_TYPES,
    Booked,
    Stand,
    Truth,
    attributes,
    is_counted,
    looks,
    of_pupils,
)
from tests.why_questions import Asked, Step

STEPS: tuple[Stap, Stap] = ("correcties", "mutaties")


# 1. Counts and sums


def check_counts(asked: Asked) -> None:
    """Both sides are the counts of the truth, and every sum adds up to their difference."""
    van, naar = _count(asked, asked.van), _count(asked, asked.naar)
    answer = asked.answer
    assert (answer.van.teldatum, answer.van.bekend_op, answer.van.aantal) == (*asked.van, van)
    assert (answer.naar.teldatum, answer.naar.bekend_op, answer.naar.aantal) == (*asked.naar, naar)
    assert answer.verschil == naar - van
    assert sum(change.bijdrage for change in answer.leerlingen) == naar - van
    assert tuple(answer.stappen) == STEPS
    for step in asked.steps:
        assert sum(answer.stappen[step.stap].values()) == _count(asked, step.two) - _count(
            asked, step.one
        )


def check_sums_per_class(asked: Asked) -> None:
    """A class is there when somebody is in it, in the order of the classes, with their sum."""
    for stap, klassen in asked.answer.stappen.items():
        sums: Counter[str] = Counter()
        for change in asked.changes(stap):
            sums[change.klasse] += change.bijdrage
        assert klassen == dict(sums)
        assert list(klassen) == [klasse for klasse in KLASSEN if klasse in sums]


def _count(asked: Asked, as_of: AsOf) -> int:
    return len(asked.truth.counted(as_of, asked.selection))


# 2. Who is named, with which rows


def check_pupils(asked: Asked) -> None:
    """Named are those pupils whose membership or attributes differ, and nobody else.

    Per pupil as known on the end that knows most: what is named goes from the rows of the
    one end to those of the other, and the rows that are not named have the same attributes
    on both. Two PGN's that a step joined are two pupils on its one end, so that two changes
    can be theirs; a pupil that is one on both ends has one change at most.
    """
    for step in asked.steps:
        counted = [asked.truth.counted(end, asked.selection) for end in (step.one, step.two)]
        named = _by_pupil(asked, step)
        for pgns in {*named, *_pupils(asked.truth, step)}:
            before, after = (of_pupils(rows, pgns) for rows in counted)
            _check_rows_of_pupil(before, after, named.get(pgns, []))
            if is_one_pupil(asked.truth, step, pgns):
                assert len(named.get(pgns, [])) <= 1


def _check_rows_of_pupil(
    before: Sequence[Stand], after: Sequence[Stand], changes: Sequence[Wijziging]
) -> None:
    gone = Counter(change.voor for change in changes if change.voor is not None)
    come = Counter(change.na for change in changes if change.na is not None)
    was, now = Counter(row.rij for row in before), Counter(row.rij for row in after)
    assert gone <= was
    assert come <= now
    assert _attributes_of(was - gone) == _attributes_of(now - come)
    for change in changes:
        assert change.bijdrage == (change.na is not None) - (change.voor is not None)
        assert change.voor is not None or change.na is not None
        if change.voor is not None and change.na is not None:
            assert attributes(change.voor) != attributes(change.na)


def _attributes_of(rows: Counter[Telrij]) -> Counter[tuple[str | None, ...]]:
    return Counter(attributes(rij) for rij in rows.elements())


def check_rows_outside(asked: Asked) -> None:
    """Who is outside the count on an end has there a row outside it, or none at all."""
    for step, change in _changes(asked):
        pgns = asked.pgns(change)
        ends = ((step.one, change.voor, change.voor_buiten), (step.two, change.na, change.na_buiten))
        for end, inside, outside in ends:
            rows = [row.rij for row in of_pupils(asked.truth.rows(end), pgns)]
            if inside is not None:
                assert outside is None
            elif outside is not None:
                assert outside in rows
                assert not is_counted(outside, asked.selection)
            if inside is None and is_one_pupil(asked.truth, step, pgns):
                assert (outside is None) == (not rows)
                assert outside is None or outside.telt == any(row.telt for row in rows)


def check_pgns(asked: Asked) -> None:
    """A pupil goes by the PGN of the side that knows most (decisions.md 39)."""
    known = max(asked.van, asked.naar, key=lambda side: side.known).bekend_op
    for change in asked.answer.leerlingen:
        pupil = asked.truth.pupil_of(asked.first_pgns[change.leerling], known)
        assert change.pgn == pupil.pgn


# 5. Events


def check_events(asked: Asked) -> None:
    """Every event is of the log and of this pupil or of all, and known when its step says."""
    for step, change in _changes(asked):
        assert change.gebeurtenissen
        pgns = asked.pgns(change)
        for event in change.gebeurtenissen:
            booked = asked.truth.booked[event.id]
            assert (event.type, event.bekend_op) == (booked.event["type"], booked.bekend_op)
            assert event.type in REFERENCE_TYPES or _pgns_of(booked) & pgns
            assert event.bekend_op <= moment(step.later)
            if step.stap == "correcties":
                assert event.bekend_op > moment(step.earlier)
        places = [(event.bekend_op, event.id) for event in change.gebeurtenissen]
        assert places == sorted(set(places))


def check_vaststelling(asked: Asked) -> None:
    """Corrections are held against the first teldatum, mutations against the second."""
    soorten = asked.selection.schoolsoorten or _soorten_of(asked.selection.swv)
    events = [dict(one.event) for one in sorted(asked.truth.booked.values())]
    for step, change in _changes(asked):
        teldatum = step.two.teldatum
        fixed = max(vaststelling(teldatum, soort, events) for soort in soorten)
        for event in change.gebeurtenissen:
            assert event.vaststelling == ("voor" if event.bekend_op <= fixed else "na")


def _soorten_of(swv: str | None) -> tuple[str, ...]:
    if swv is None:
        return COUNTED_SOORTEN
    return ("VSO",) if swv.startswith("VO") else ("SBO", "SO")


def _pgns_of(booked: Booked) -> set[str]:
    return {booked.event[name] for name in ("pgn", "nieuw_pgn") if name in booked.event}


# 3. The two sides swapped


def check_swapped(asked: Asked, back: Asked) -> None:
    """The sum turns its sign; along one axis so does every pupil, of the same class."""
    assert back.answer.verschil == -asked.answer.verschil
    if asked.van.teldatum == asked.naar.teldatum or asked.van.known == asked.naar.known:
        turned = Counter(map(_turned, asked.answer.leerlingen))
        assert Counter(map(_told, back.answer.leerlingen)) == turned


def _told(change: Wijziging) -> tuple[object, ...]:
    outside = change.voor_buiten, change.na_buiten
    return (*_kept(change), change.bijdrage, change.voor, change.na, *outside)


def _turned(change: Wijziging) -> tuple[object, ...]:
    outside = change.na_buiten, change.voor_buiten
    return (*_kept(change), -change.bijdrage, change.na, change.voor, *outside)


def _kept(change: Wijziging) -> tuple[object, ...]:
    events = tuple(event.id for event in change.gebeurtenissen)
    return change.pgn, change.leerling, change.stap, change.klasse, events


# 6. Causality


def check_named_events_did_something(asked: Asked) -> None:
    """Each event that a correction names changed a row of the pupil on T1 where it landed.

    Where it landed: in the order of replay, right after all that came before it. One that
    a later one of the very same moment built upon (decisions.md 36) is named with it: that
    one changed something of the pupil, on T1 or on other days.
    """
    for step, change in _corrections(asked):
        pgns = asked.pgns(change)
        last = {event.bekend_op: event.id for event in change.gebeurtenissen}
        for event in change.gebeurtenissen:
            if event.id == last[event.bekend_op]:
                assert _changed_rows(asked.truth, step, event.id, pgns)
            else:
                assert _changed_anything(asked.truth, event.id, pgns)


def check_no_cause_is_missing(asked: Asked) -> None:
    """What was news to the pupil on T1 at any moment of the step is by an event that is named.

    Per moment: the last event with which a row went that was there before the moment, and
    the last with which one came that is there after it. For pupils that are one all along.
    """
    for step, change in _corrections(asked):
        pgns = asked.pgns(change)
        if is_one_pupil(asked.truth, step, pgns):
            named = {event.id for event in change.gebeurtenissen}
            for at in sorted({one.bekend_op for one in _within(asked.truth, step)}):
                assert _decisive(asked.truth, step, at, pgns) <= named


def _decisive(truth: Truth, step: Step, at: datetime, pgns: frozenset[str]) -> set[int]:
    """Return the events by which rows of a pupil on T1 went and came for good at a moment."""
    told = [one for one in truth.order if one.bekend_op == at]
    prefix = [one for one in truth.order if one.bekend_op < at]
    seen = [looks(of_pupils(truth.rows_by(step.one.teldatum, prefix), pgns))]
    for one in told:
        prefix.append(one)
        seen.append(looks(of_pupils(truth.rows_by(step.one.teldatum, prefix), pgns)))
    found = set()
    for row in {*(seen[0] - seen[-1]), *(seen[-1] - seen[0])}:
        turns = [place for place in range(len(told)) if seen[place][row] != seen[place + 1][row]]
        found.add(told[turns[-1]].positie)
    return found


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


# What the laws share


AFTER_ALL = datetime(9999, 1, 1, tzinfo=UTC)


def moment(as_of: AsOf) -> datetime:
    """Return the moment of knowledge, one after all others for everything."""
    return AFTER_ALL if as_of.bekend_op is None else as_of.bekend_op


def _changes(asked: Asked) -> Iterator[tuple[Step, Wijziging]]:
    for step in asked.steps:
        for change in asked.changes(step.stap):
            yield step, change


def _corrections(asked: Asked) -> Iterator[tuple[Step, Wijziging]]:
    step = asked.steps[0]
    for change in asked.changes(step.stap):
        yield step, change


def _within(truth: Truth, step: Step) -> list[Booked]:
    """Return the events that became known in a step of corrections."""
    return truth.between(step.earlier.bekend_op, step.later.bekend_op)


def _pupils(truth: Truth, step: Step) -> set[frozenset[str]]:
    return {pupil.pgns for pupil in truth.pupils(step.knowing.bekend_op)}


def _by_pupil(asked: Asked, step: Step) -> dict[frozenset[str], list[Wijziging]]:
    found: dict[frozenset[str], list[Wijziging]] = {}
    for change in asked.changes(step.stap):
        found.setdefault(asked.pgns(change), []).append(change)
    return found


def is_one_pupil(truth: Truth, step: Step, pgns: frozenset[str]) -> bool:
    """Tell whether these PGN's were never two pupils on an end of the step."""
    known = [pupil for pupil in truth.pupils(step.earlier.bekend_op) if pupil.pgns & pgns]
    return len(known) <= 1
