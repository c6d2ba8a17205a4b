"""The read model equals the slow oracle on random histories, at random (T, K) (rules.md 5)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.application import Ledger
from projections import layouts
from projections.store.read_model import ReadModel
from tests import oracle
from tests.histories import histories, moments, random_history, random_moment
from tests.histories_pools import SWVS
from tests.ledgers import (
    AsOf,
    dashboard_1a,
    dashboard_1b,
    import_events,
    ledger_of,
    refreshed,
    stand_rows,
)

Event = dict[str, Any]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_every_answer_equals_the_independent_computation(data: st.DataObject) -> None:
    history = data.draw(histories())
    asked = [data.draw(moments(history)) for _ in range(3)]
    with ledger_of() as ledger:
        booked = booked_of(ledger, history)
        model = refreshed(ledger)
        for teldatum, known in asked:
            assert_answers_equal(ledger, model, booked, teldatum, known)
        model.close()


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(2000))
def test_soak_on_larger_histories(seed: int) -> None:
    _soak(seed)


@pytest.mark.beide
@pytest.mark.parametrize("seed", range(2000, 2004))
def test_a_few_larger_histories(seed: int) -> None:
    """A share of the soak that runs every time, on both kinds of ledger."""
    _soak(seed)


def _soak(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - examples, no secrets
    history = random_history(chance, most_pupils=3)
    with ledger_of() as ledger:
        booked = booked_of(ledger, history)
        model = refreshed(ledger)
        for _ in range(10):
            teldatum, known = random_moment(chance, history)
            assert_answers_equal(ledger, model, booked, teldatum, known)
        model.close()


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_any_order_of_the_same_lines_gives_the_same_answers(data: st.DataObject) -> None:
    history = _one_event_a_moment(data.draw(histories()))
    teldatum, known = data.draw(moments(history))
    shuffled = data.draw(st.permutations(history))
    answers = []
    for lines in (history, shuffled):
        with ledger_of(lines) as ledger:
            model = refreshed(ledger)
            answers.append(stand_rows(ledger, model, teldatum, known))
            model.close()
    assert answers[0] == answers[1]


def booked_of(ledger: Ledger, history: Sequence[Event]) -> list[Event]:
    """Import a history and return the events that were not refused: the oracle's input."""
    imported = import_events(ledger, history)
    refused = {one.regelnummer for one in imported.booked.refused}
    return [event for number, event in enumerate(history, 1) if number not in refused]


def assert_answers_equal(
    ledger: Ledger,
    model: ReadModel,
    booked: Sequence[Event],
    teldatum: date,
    known: datetime | None,
) -> None:
    assert stand_rows(ledger, model, teldatum, known) == oracle.stand(booked, teldatum, known)
    as_of = AsOf(teldatum, known)
    for sector, swvs in SWVS.items():
        for swv in swvs:
            mine = dashboard_1a(model, as_of, swv)
            slow = oracle.dashboard_1a(booked, swv, teldatum, known)
            assert _as_shown(f"dashboard-1a-{sector.lower()}", mine, swv, teldatum) == {
                name: [tuple(row.values()) for row in rows] for name, rows in slow.items()
            }
            for unused in (True, False):
                rows = dashboard_1b(ledger, model, as_of, swv, ongebruikte_tlv=unused)
                shown = _as_shown("dashboard-1b", {"leerlingen": rows}, swv, teldatum)
                slow_rows = oracle.dashboard_1b(booked, swv, teldatum, known, unused)
                assert shown["leerlingen"] == [tuple(row.values()) for row in slow_rows]


def _as_shown(
    layout: str, tables: Mapping[str, Sequence[Mapping[str, object]]], swv: str, teldatum: date
) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows as their layout shows them: columns in DUO's order."""
    loaded = layouts.load(layout)
    return {
        name: list(loaded.table(name, rows, swv=swv, teldatum=teldatum).rijen)
        for name, rows in tables.items()
    }


def _one_event_a_moment(history: Sequence[Event]) -> list[Event]:
    """Return a history in which no two events are known at once: position breaks no tie."""
    seen: set[datetime] = set()
    alone = []
    for event in history:
        moment = oracle.instant(event["bekend_op"])
        if moment not in seen:
            seen.add(moment)
            alone.append(event)
    return alone
