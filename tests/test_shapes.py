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
from ledger.places import LedgerError
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

    def __init__(self, random: Random, first: date = date(2019, 8, 1)) -> None:
        day = first + timedelta(random.randrange(300))
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


@pytest.mark.parametrize("year", [1, 1899, 1900, 2199, 2200, 2998, 9996])
def test_rows_of_any_century_are_the_folded_ones(year: int) -> None:
    """A mistyped year is kept as it is; what is filled in stays within some of them."""
    random = Random(year)  # noqa: S311 - no secret is made
    plans = [_plan(random) for _ in range(4)]
    known = [Calendar(random, date(year, 1, 1)) for _ in range(PUPILS)]
    told = [(_told(random.choice(plans), one), one) for one in [*known, *_calendars(random, 9)]]
    rows = _stored(told, random)
    assert _rows(rows, Ordinary()) == _rows(rows, None)


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


def _at(day: int, *, other: int = 0, year: int = 0) -> dict[str, int]:
    return {"one": day, "two": other, "school": 0, "year": year, "more": 5}


FIRST = [("begin", 0, 0, _at(0)), ("wijzig", 1, 0, _at(2, year=1)), ("einde", 2, 0, _at(4))]
SECOND = [("begin", 4, 1, _at(6)), ("wijzig", 5, 1, _at(7, year=1))]


def _learned(*plans: list[tuple[str, int, int, dict[str, int]]]) -> Ordinary:
    """Return the shapes of plans that were met twice each."""
    random, ordinary = Random(3), Ordinary()  # noqa: S311 - idem
    told = [(_told(plan, known), known) for plan in plans for known in _calendars(random, 2)]
    _rows(_stored(told, random), ordinary)
    return ordinary


def _calendars(random: Random, count: int) -> list[Calendar]:
    return [Calendar(random) for _ in range(count)]


def _folds(ordinary: Ordinary, plan: list[tuple[str, int, int, dict[str, int]]]) -> int:
    """Return how often the fold is asked for pupils with one plan, all filled in as folded."""
    random = Random(9)  # noqa: S311 - idem
    rows = _stored([(_told(plan, known), known) for known in _calendars(random, 3)], random)
    asked = []

    def fold(some: Sequence[StoredRow]) -> Rows:
        asked.append(len(some))
        return _rows(list(some), None)

    assert ordinary.filled(rows, fold).streams == {row.stream for row in rows}
    assert _rows(rows, ordinary) == _rows(rows, None)
    return len(asked)


def test_enrolments_that_were_met_in_other_pupils_are_filled_in() -> None:
    together = sorted([*FIRST, *SECOND], key=lambda one: one[1])
    later = [*FIRST, *((kind, at + 2, which, choice) for kind, at, which, choice in SECOND)]
    assert _folds(_learned(together), later) == 0
    assert _folds(_learned(FIRST), later)


def test_of_who_wins_only_what_it_claims_is_part_of_a_shape() -> None:
    """The second begins while the first is not known to have ended; a leerjaar claims nothing."""
    contest = [*FIRST[:2], ("begin", 2, 1, _at(3)), ("einde", 4, 0, _at(4))]
    changed = [*contest, ("wijzig", 5, 1, _at(5, year=2)), ("wijzig", 6, 1, _at(6, year=3))]
    winner = [one for one in changed if one[2] == 1]
    # Of a pupil with another enrolment too, since nobody else's claims are looked at.
    apart = [*winner, ("begin", 7, 0, _at(0)), ("weg", 8, 0, _at(0))]
    assert _folds(_learned(contest, apart), changed) == 0
    assert _folds(_learned(apart), changed)


def test_what_is_known_at_one_moment_comes_one_event_after_the_other() -> None:
    """The end of the first and the begin of the second: the first was covered in between."""
    told = [*FIRST[:2], ("begin", 3, 1, _at(3)), ("einde", 3, 0, _at(2))]
    ordinary = _learned(told, FIRST, SECOND)
    random = Random(6)  # noqa: S311 - idem
    for plan in (told, [*told[:2], told[3], told[2]]):
        rows = _stored([(_told(plan, one), one) for one in _calendars(random, 4)], random)
        assert _rows(rows, ordinary) == _rows(rows, None)
        assert any(row[-2] for row in _rows(rows, None)["standen"]) == (plan is told)


def test_a_row_that_was_damaged_is_named() -> None:
    random = Random(8)  # noqa: S311 - idem
    rows = _stored([(_told(FIRST, one), one) for one in _calendars(random, 3)], random)
    for place, state in enumerate((b"{", rows[0].state.replace(b"T", b"?"))):
        bad = [*rows[:place], rows[place]._replace(state=state), *rows[place + 1 :]]
        with pytest.raises(LedgerError, match=f"gebeurtenis {rows[place].positie} is onleesbaar"):
            _rows(bad, Ordinary())


def test_what_is_remembered_is_bounded_and_changes_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(11)  # noqa: S311 - idem
    plans = [_plan(random) for _ in range(20)]
    for name, most in (("MOST_MET", 3), ("MOST_LINES", 5), ("AT_ONCE", 0)):
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
