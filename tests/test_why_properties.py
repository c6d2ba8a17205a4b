"""`why` and `when` on random histories, held against slow replay (rules.md 8).

Every law is a check of one answer (tests/why_laws.py, why_causality.py, why_class_laws.py,
why_timelines.py) and has a test of its own here, by hypothesis. The soak holds all laws
together against many questions to each of a thousand seeded histories; the normal run does
a small share of it. In whole:

    python3 -m pytest -m heavy tests/test_why_properties.py
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import pairwise
from random import Random
from typing import Final, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from projections.refresh import as_of_position, rebuild, refreshed
from projections.store.ask import AsOf
from projections.verklaring import Klasse, Verklaring, Wijziging
from projections.why.explain import count_of, explain
from tests.histories import random_history
from tests.ledgers import NOW, import_events, ledger_of
from tests.why_causality import (
    check_a_joined_pupil_keeps_its_causes,
    check_named_events_did_something,
    check_no_cause_is_missing,
    check_the_events_suffice,
    check_without_the_events_it_was_not_so,
)
from tests.why_class_laws import (
    check_classes_of_corrections,
    check_classes_of_mutations,
    check_classes_of_steps,
    check_flows_have_a_sign,
)
from tests.why_laws import (
    check_counts,
    check_events,
    check_pgns,
    check_pupils,
    check_rows_outside,
    check_sums_per_class,
    check_swapped,
    check_vaststelling,
)
from tests.why_oracle import Event
from tests.why_questions import Asked, Subject, examples, subject_of
from tests.why_timelines import (
    check_comings_and_goings,
    check_nothing_between,
    check_since_and_first,
    check_teldata,
    check_values,
    line_of,
)

Law = Callable[[Asked], None]
Example = tuple[list[Event], Random]

LAWS: Final[tuple[Law, ...]] = (
    check_counts,
    check_sums_per_class,
    check_pupils,
    check_rows_outside,
    check_pgns,
    check_events,
    check_vaststelling,
    check_named_events_did_something,
    check_no_cause_is_missing,
    check_without_the_events_it_was_not_so,
    check_the_events_suffice,
    check_a_joined_pupil_keeps_its_causes,
    check_classes_of_steps,
    check_classes_of_corrections,
    check_classes_of_mutations,
    check_flows_have_a_sign,
)

QUESTIONS: Final = 6
"""Asked of each history."""

SOAKED: Final = 1000
"""Histories of the long run, by seed; the normal run does the first few."""

searched = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


# One law at a time


def holds(law: Law, example: Example) -> None:
    """Ask a few random questions of a random history, and hold a law against the answers."""
    history, chance = example
    with subject_of(history) as subject:
        for _ in range(QUESTIONS):
            law(subject.random_ask(chance))


@searched
@given(examples())
def test_counts_and_sums_equal_an_independent_count(example: Example) -> None:
    holds(check_counts, example)


@searched
@given(examples())
def test_sums_per_class_are_the_sums_of_the_pupils(example: Example) -> None:
    holds(check_sums_per_class, example)


@searched
@given(examples())
def test_named_are_exactly_the_pupils_that_differ(example: Example) -> None:
    holds(check_pupils, example)


@searched
@given(examples())
def test_rows_outside_the_count_are_rows_of_that_pupil(example: Example) -> None:
    holds(check_rows_outside, example)


@searched
@given(examples())
def test_a_pupil_goes_by_the_pgn_of_the_side_that_knows_most(example: Example) -> None:
    holds(check_pgns, example)


@searched
@given(examples())
def test_every_event_is_of_the_pupil_and_known_in_its_step(example: Example) -> None:
    holds(check_events, example)


@searched
@given(examples())
def test_events_are_held_against_the_vaststelling_of_their_step(example: Example) -> None:
    holds(check_vaststelling, example)


@searched
@given(examples())
def test_every_cause_of_a_correction_did_something(example: Example) -> None:
    holds(check_named_events_did_something, example)


@searched
@given(examples())
def test_no_cause_of_a_correction_is_missing(example: Example) -> None:
    holds(check_no_cause_is_missing, example)


@searched
@given(examples())
def test_without_its_causes_a_correction_had_not_been(example: Example) -> None:
    holds(check_without_the_events_it_was_not_so, example)


@searched
@given(examples())
def test_the_causes_of_a_correction_suffice(example: Example) -> None:
    holds(check_the_events_suffice, example)


@searched
@given(examples())
def test_a_pupil_that_was_joined_keeps_its_causes(example: Example) -> None:
    holds(check_a_joined_pupil_keeps_its_causes, example)


@searched
@given(examples())
def test_every_class_is_one_of_its_step(example: Example) -> None:
    holds(check_classes_of_steps, example)


@searched
@given(examples())
def test_classes_of_corrections_are_borne_out_by_rows_and_events(example: Example) -> None:
    holds(check_classes_of_corrections, example)


@searched
@given(examples())
def test_classes_of_mutations_follow_from_the_rows(example: Example) -> None:
    holds(check_classes_of_mutations, example)


@searched
@given(examples())
def test_instroom_comes_in_and_uitstroom_goes_out(example: Example) -> None:
    holds(check_flows_have_a_sign, example)


# Several questions about one history


@searched
@given(examples())
def test_swapping_the_sides_turns_the_sign(example: Example) -> None:
    history, chance = example
    with subject_of(history) as subject:
        for _ in range(QUESTIONS):
            _check_swapped(subject, chance)


def _check_swapped(subject: Subject, chance: Random) -> None:
    van, naar = subject.random_sides(chance)
    selection = subject.random_selection(chance)
    check_swapped(subject.ask(van, naar, selection), subject.ask(naar, van, selection))


@searched
@given(examples())
def test_parts_of_an_interval_add_up(example: Example) -> None:
    """Over knowledge at one teldatum, over teldata as known at one moment, and mixed."""
    history, chance = example
    with subject_of(history) as subject:
        for _ in range(QUESTIONS // 2):
            _check_parts(subject, chance)


def _check_parts(subject: Subject, chance: Random) -> None:
    points = [subject.random_point(chance) for _ in range(4)]
    at_one_teldatum = [AsOf(points[0].teldatum, point.bekend_op) for point in points]
    as_known_once = [AsOf(point.teldatum, points[0].bekend_op) for point in points]
    selection = subject.random_selection(chance)
    for chain in (points, at_one_teldatum, as_known_once):
        parts = [subject.ask(*sides, selection).answer.verschil for sides in pairwise(chain)]
        assert subject.ask(chain[0], chain[-1], selection).answer.verschil == sum(parts)


@searched
@given(examples())
def test_when_lists_every_value_of_a_count(example: Example) -> None:
    history, chance = example
    with subject_of(history) as subject:
        for _ in range(QUESTIONS):
            _check_line(subject, chance)


def _check_line(subject: Subject, chance: Random) -> None:
    as_of, selection = subject.random_point(chance), subject.random_selection(chance)
    line = line_of(subject, as_of, selection)
    check_values(line)
    check_nothing_between(line, chance)
    check_comings_and_goings(line)
    check_since_and_first(line)


@searched
@given(examples())
def test_when_over_teldata_gives_the_counts(example: Example) -> None:
    history, chance = example
    with subject_of(history) as subject:
        for _ in range(QUESTIONS):
            as_of, selection = subject.random_point(chance), subject.random_selection(chance)
            check_teldata(subject, as_of, selection)


# The ledger as it stood, and the read model however it was made


@searched
@given(examples())
def test_at_a_position_it_is_as_if_nothing_more_was_booked(example: Example) -> None:
    history, chance = example
    cut = chance.randint(0, len(history))
    with subject_of(history[:cut]) as part, ledger_of(history[:cut]) as ledger:
        position = ledger.position
        import_events(ledger, history[cut:], "later.jsonl")
        with as_of_position(ledger, position) as model:
            for _ in range(QUESTIONS):
                asked = part.random_ask(chance)
                sides = asked.van, asked.naar
                again = explain(ledger, model, sides, count_of(asked.selection), NOW)
                assert _as_told(again) == _as_told(asked.answer)


def _as_told(answer: Verklaring) -> tuple[object, ...]:
    """Return an answer without the ids of pupils and the moments of booking, which differ."""
    pupils = Counter(map(_as_booked_elsewhere, answer.leerlingen))
    return answer.van, answer.naar, answer.verschil, answer.stappen, pupils


def _as_booked_elsewhere(change: Wijziging) -> Wijziging:
    events = tuple(
        msgspec.structs.replace(event, geboekt_op=NOW) for event in change.gebeurtenissen
    )
    return msgspec.structs.replace(change, leerling="", gebeurtenissen=events)


@searched
@given(examples())
def test_a_read_model_caught_up_explains_as_one_made_anew(example: Example) -> None:
    history, chance = example
    deliveries = _deliveries(history, chance)
    with ledger_of() as ledger:
        refreshed(ledger).close()
        for number, events in enumerate(deliveries):
            import_events(ledger, events, f"levering{number}.jsonl")
            refreshed(ledger).close()
        with closing(refreshed(ledger)) as caught_up:
            subject = Subject(ledger, caught_up, deliveries)
            asked = [subject.random_ask(chance) for _ in range(QUESTIONS)]
        with closing(rebuild(ledger)) as anew:
            for one in asked:
                sides = one.van, one.naar
                again = explain(ledger, anew, sides, count_of(one.selection), NOW)
                assert again == one.answer


def _deliveries(history: Sequence[Event], chance: Random) -> list[Sequence[Event]]:
    cuts = sorted(chance.randint(0, len(history)) for _ in range(chance.randint(1, 4)))
    return [history[one:two] for one, two in pairwise([0, *cuts, len(history)])]


# All laws together


def soak(seed: int, questions: int) -> None:
    """Hold all laws against many questions to one history."""
    chance = Random(seed)  # noqa: S311  no secret is made
    with subject_of(random_history(chance)) as subject:
        for _ in range(questions):
            asked = subject.random_ask(chance)
            for law in LAWS:
                law(asked)
            _check_swapped(subject, chance)
            _check_line(subject, chance)
        _check_parts(subject, chance)


@pytest.mark.parametrize("seed", range(8))
def test_all_laws_hold_on_a_few_histories(seed: int) -> None:
    soak(seed, questions=10)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(8, SOAKED))
def test_all_laws_hold_on_many_histories(seed: int) -> None:
    soak(seed, questions=30)


def test_every_class_occurs_in_random_histories() -> None:
    """So that the laws of each class are put to the test; by seeds, until all were seen."""
    wanted: set[Klasse] = set(get_args(Klasse))
    for seed in range(100, 400):
        chance = Random(seed)  # noqa: S311  no secret is made
        with subject_of(random_history(chance)) as subject:
            for _ in range(10):
                answer = subject.random_ask(chance).answer
                wanted -= {change.klasse for change in answer.leerlingen}
        if not wanted:
            break
    assert not wanted
