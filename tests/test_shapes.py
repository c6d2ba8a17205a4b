"""Histories of one shape are folded once: with the very rows that folding each of them gives."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from ledger import events as ev
from ledger.mapper import FactMapper
from ledger.reference import Reference
from ledger.seals import StoredRow
from projections.partition import World, partition
from projections.shapes.ordinary import Ordinary
from projections.store.rows import Rows

PUPILS = 40
WORLD = World(Reference(), {})
MAPPER = FactMapper(transcoder=None)  # type: ignore[arg-type]  # ours needs none

PLAIN = ("begin", 0, 0, {"one": 0, "two": 3, "school": 0, "year": 0, "more": 5})
"""The plan of one enrolment that nothing happens to."""

History = list[tuple[int, ev.Fact]]
"""Facts with the number of the moment at which each was known."""


class Calendar:
    """Eight days in their order, of which some pairs follow each other; at a distance of its own.

    The same numbers of days give histories of one shape, whatever the days are.
    """

    adjacent = (1, 4, 5)

    def __init__(self, random: Random) -> None:
        day = date(2019, 8, 1) + timedelta(random.randrange(300))
        self.days = [day]
        for place in range(1, 8):
            day += timedelta(1 if place in self.adjacent else random.randrange(2, 90))
            self.days.append(day)
        moment = datetime(2021, 1, 1, tzinfo=UTC)
        self.moments = []
        for _ in range(9):
            moment += timedelta(seconds=random.randrange(1, 10**6), microseconds=17)
            self.moments.append(moment)
        self.codes = random.sample(["01AA", "02BB", "03CC", "04DD"], 3)
        self.codes.sort()  # the order of keys decides in a contest (rules.md 4)
        self.leerjaren: list[int | str] = [*random.sample(range(1, 9), 3), "brug"]


def _plan(random: Random) -> list[tuple[str, int, int, dict[str, int]]]:
    """Return kinds of facts, each with its moment, its enrolment and choices by number."""
    kinds = random.choices(
        ["begin", "wijzig", "einde", "corrigeer", "doorlopend", "weg", "geboren", "woont"],
        weights=[6, 6, 5, 4, 1, 1, 2, 1],
        k=random.randrange(1, 9),
    )
    at = 0
    plan = []
    for kind in ["begin", *kinds]:
        at = min(8, at + random.choice([0, 1, 1]))
        choice = {name: random.randrange(8) for name in ("one", "two", "school", "year", "more")}
        plan.append((kind, at, random.randrange(3), choice))
    return plan


def _told(plan: list[tuple[str, int, int, dict[str, int]]], days: Calendar) -> History:
    return [(at, _fact(kind, which, choice, days)) for kind, at, which, choice in plan]


def _fact(kind: str, which: int, choice: dict[str, int], known: Calendar) -> ev.Fact:
    key: dict[str, Any] = {"instellingscode": known.codes[which % 2], "volgnummer": str(which)}
    one, two = known.days[choice["one"]], known.days[choice["two"]]
    year, more = known.leerjaren[choice["year"] % 4], choice["more"]
    school = known.codes[choice["school"] % 3] + "00"
    facts: dict[str, Callable[[], ev.Fact]] = {
        "begin": lambda: ev.InschrijvingGeregistreerd(
            **key,
            begindatum=one,
            vestigingscode=school,
            schoolsoort="VO" if which == 2 else "BO",
            einddatum=max(one, two) if more == 0 else None,
            leerjaar=year if more > 3 else None,
            soort_verblijf="GJI" if more == 1 else "geen",
            bekostigbaar=more != 2,
        ),
        "wijzig": lambda: ev.InschrijvingGewijzigd(
            **key,
            vanaf=one,
            leerjaar=year if more < 6 else UNSET,
            vestigingscode=school if more % 2 else UNSET,
        ),
        "einde": lambda: ev.UitschrijvingGeregistreerd(**key, einddatum=one),
        "corrigeer": lambda: ev.InschrijvingGecorrigeerd(
            **key,
            begindatum=one if more % 2 else UNSET,
            einddatum=(two, None, UNSET)[more % 3],
            leerjaar=year if more > 4 else UNSET,
        ),
        "doorlopend": lambda: ev.UitschrijvingIngetrokken(**key),
        "weg": lambda: ev.InschrijvingVerwijderd(**key),
        "geboren": lambda: ev.Beschermd(van="LeerlingGeregistreerd", geheim=b"x"),
        "woont": lambda: ev.Beschermd(van="WoonplaatsVastgelegd", geheim=b"x"),
    }
    return facts[kind]()


def _stored(histories: list[tuple[History, Calendar]], random: Random) -> list[StoredRow]:
    """Return the histories as stored rows, each a stream, booked in an order of its own."""
    positions = random.sample(range(1, 10_000), sum(len(told) for told, _ in histories))
    rows = []
    for number, (told, known) in enumerate(histories):
        stream = UUID(int=(number + 7) << 96)
        mine = [positions.pop() for _ in told]
        for version, ((at, fact), positie) in enumerate(zip(told, sorted(mine), strict=True), 1):
            event = ev.Event(
                originator_id=stream,
                originator_version=version,
                fact=fact,
                bekend_op=known.moments[at],
            )
            stored = MAPPER.to_stored_event(event)
            rows.append(StoredRow(positie, stream.hex, version, stored.topic, stored.state))
    return rows


def _rows(rows: list[StoredRow], ordinary: Ordinary | None) -> Rows:
    (batch,) = partition([rows], WORLD, ordinary)
    return batch.rows()


@given(st.integers(0, 2**32))
def test_filled_in_rows_are_the_folded_ones(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - no secret is made
    ordinary = Ordinary()
    plans = [_plan(random) for _ in range(PUPILS // 4)]
    for _ in range(2):  # the second time many templates are known already
        told = [
            (_told(random.choice(plans), known), known)
            for known in (Calendar(random) for _ in range(PUPILS))
        ]
        rows = _stored(told, random)
        assert _rows(rows, ordinary) == _rows(rows, None)


def test_most_pupils_of_one_shape_are_filled_in() -> None:
    random = Random(5)  # noqa: S311 - idem
    plan = _plan(random)
    told = [(_told(plan, known), known) for known in (Calendar(random) for _ in range(PUPILS))]
    folded: list[str] = []

    def fold(rows: Sequence[StoredRow]) -> Rows:
        folded.append(rows[0][1])
        return _rows(list(rows), None)

    filled = Ordinary().filled(_stored(told, random), fold)
    assert len(filled.streams) == PUPILS
    assert len(set(folded)) == 1
    assert len(filled.columns["personen"][0].listed()) >= PUPILS


def test_what_is_remembered_is_bounded_and_changes_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(11)  # noqa: S311 - idem
    plans = [_plan(random) for _ in range(20)]
    for name, most in (("MOST_MET", 3), ("MOST_LINES", 5)):
        monkeypatch.setattr(f"projections.shapes.tables.{name}", most)
        ordinary = Ordinary()
        for _ in range(3):
            known = [Calendar(random) for _ in range(PUPILS)]
            rows = _stored([(_told(random.choice(plans), one), one) for one in known], random)
            assert _rows(rows, ordinary) == _rows(rows, None)


def test_a_batch_of_known_shapes_takes_no_room_for_all_templates() -> None:
    random = Random(7)  # noqa: S311 - idem
    ordinary = Ordinary()
    known = Calendar(random)
    told = [(_told(_plan(random), known), known) for _ in range(700)]
    rows = _stored(told * 2, random)
    _rows(rows, ordinary)
    few = _stored([(_told([PLAIN], known), known)] * 2, random)
    _rows(few, ordinary)
    tracemalloc.start()
    try:
        _rows(few, ordinary)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000, peak


@pytest.mark.parametrize(
    "fact",
    [
        ev.TlvAfgegeven(
            nummer="PO2304-2024-00001",
            categorie="LAAG",
            begindatum=date(2024, 8, 1),
            einddatum=date(2025, 7, 31),
        ),
        ev.InschrijvingGeregistreerd(
            instellingscode="09ZZ",
            volgnummer="1",
            begindatum=date(2024, 8, 1),
            vestigingscode="09ZZ00",
            schoolsoort="SO",
        ),
        ev.PgnVervangen(nieuw=UUID(int=99 << 96)),
        ev.BoekingVervallen(posities=(1,)),
    ],
)
def test_who_needs_more_than_comparing_is_folded(fact: ev.Fact) -> None:
    known = Calendar(Random(1))  # noqa: S311 - idem
    told = [([(0, fact)], known)] * 3
    filled = Ordinary().filled(_stored(told, Random(2)), lambda _: {})  # noqa: S311 - idem
    assert not filled.streams
