"""The laws of rules.md 8 that hold for every answer of `why`: counts, pupils, events, sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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
    of_pupils,
)
from tests.why_questions import Asked, Step, moment_of

STEPS: tuple[Stap, Stap] = ("correcties", "mutaties")


# 1. Counts and sums


def check_counts(asked: Asked) -> None:
    """Check that both sides are the counts of the truth, and that all sums add up."""
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
    """Check that each class that somebody is in is there, in its order, with the sum."""
    for stap, klassen in asked.answer.stappen.items():
        sums: Counter[str] = Counter()
        for change in asked.of_step(stap):
            sums[change.klasse] += change.bijdrage
        assert klassen == dict(sums)
        assert list(klassen) == [klasse for klasse in KLASSEN if klasse in sums]


def _count(asked: Asked, as_of: AsOf) -> int:
    return len(asked.truth.counted(as_of, asked.selection))


# 2. Who is named, with which rows


def check_pupils(asked: Asked) -> None:
    """Check that named are the pupils whose membership or attributes differ, and nobody else.

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
            if asked.is_one_pupil(step, pgns):
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


def _pupils(truth: Truth, step: Step) -> set[frozenset[str]]:
    return {pupil.pgns for pupil in truth.pupils(step.knowing.bekend_op)}


def _by_pupil(asked: Asked, step: Step) -> dict[frozenset[str], list[Wijziging]]:
    found: dict[frozenset[str], list[Wijziging]] = {}
    for change in asked.of_step(step.stap):
        found.setdefault(asked.pgns(change), []).append(change)
    return found


def _attributes_of(rows: Counter[Telrij]) -> Counter[tuple[str | None, ...]]:
    return Counter(attributes(rij) for rij in rows.elements())


def check_rows_outside(asked: Asked) -> None:
    """Check that who is outside the count on an end has a row outside it there, or none."""
    for step, change in asked.changes():
        pgns = asked.pgns(change)
        ends = (
            (step.one, change.voor, change.voor_buiten),
            (step.two, change.na, change.na_buiten),
        )
        for end, inside, outside in ends:
            rows = [row.rij for row in of_pupils(asked.truth.rows(end), pgns)]
            if inside is not None:
                assert outside is None
            elif outside is not None:
                assert outside in rows
                assert not is_counted(outside, asked.selection)
            if inside is None and asked.is_one_pupil(step, pgns):
                assert (outside is None) == (not rows)
                assert outside is None or outside.telt == any(row.telt for row in rows)


def check_pgns(asked: Asked) -> None:
    """Check that a pupil goes by the PGN of the side that knows most (decisions.md 39)."""
    known = max(asked.van, asked.naar, key=lambda side: side.known).bekend_op
    for change in asked.answer.leerlingen:
        pupil = asked.truth.pupil_of(asked.first_pgns[change.leerling], known)
        assert change.pgn == pupil.pgn


# 5. Events


def check_events(asked: Asked) -> None:
    """Check that every event is of this pupil or of all, and known when its step says."""
    for step, change in asked.changes():
        assert change.gebeurtenissen
        pgns = asked.pgns(change)
        for event in change.gebeurtenissen:
            booked = asked.truth.booked[event.id]
            assert (event.type, event.bekend_op) == (booked.event["type"], booked.bekend_op)
            assert event.type in REFERENCE_TYPES or _pgns_of(booked) & pgns
            assert event.bekend_op <= moment_of(step.later)
            if step.stap == "correcties":
                assert event.bekend_op > moment_of(step.earlier)
        places = [(event.bekend_op, event.id) for event in change.gebeurtenissen]
        assert places == sorted(set(places))


def check_vaststelling(asked: Asked) -> None:
    """Check that events are held against the vaststelling of the teldatum of their step."""
    soorten = asked.selection.schoolsoorten or _soorten_of(asked.selection.swv)
    events = [dict(one.event) for one in sorted(asked.truth.booked.values())]
    for step, change in asked.changes():
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
    """Check that the sum turns its sign; along one axis so does every pupil, class by class."""
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
