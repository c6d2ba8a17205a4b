"""The table of rules.md 5: its indexes, its causes, and its rectangles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random

import pytest

from ledger.application import Ledger
from ledger.events import Beschermd, PupilFact, ReferenceFact
from ledger.times import start_of_day
from projections.refresh import refreshed
from projections.store import ask, ask_numbers, ask_pupils, ask_reference
from projections.store.encoding import (
    OPEN_MOMENT_NUMBER,
    day_number,
    day_of,
    moment_number,
    moment_of,
)
from projections.store.read_model import ReadModel
from projections.store.schema import (
    INDEXES,
    PUPIL_TABLES,
    REFERENCE_TABLES,
    SUM_INDEXES,
    SUM_TABLES,
)
from synthetic.region import region
from tests.histories import random_history
from tests.ledgers import AsOf, ledger_of, sqlite_of, stand_rows

TELDATUM = date(2025, 2, 1)
RECTANGLES = ("standen", "tlvs", "koppelingen", "personen")


@contextmanager
def of_region(pupils: int = 80) -> Iterator[tuple[Ledger, ReadModel]]:
    """Give the ledger of a small region and its read model."""
    with ledger_of(region(2025, pupils)) as ledger:
        model = refreshed(ledger)
        yield ledger, model
        model.close()


@contextmanager
def of_history(seed: int) -> Iterator[tuple[Ledger, ReadModel]]:
    """Give the ledger of a random history and its read model."""
    history = random_history(Random(seed), most_pupils=3)  # noqa: S311 - no secret is made
    with ledger_of(history) as ledger:
        model = refreshed(ledger)
        yield ledger, model
        model.close()


@pytest.mark.usefixtures("on_sqlite")
def test_a_count_is_answered_from_an_index_alone() -> None:
    with of_region() as (_, model):
        plans = _plans(
            model, lambda: ask_numbers.counts(model, AsOf(TELDATUM), "PO9901", ("SBO", "SO"))
        )
        assert plans
        assert [_read_by(plan) for plan in plans] == [
            {"tussenstanden_per_swv", "verloop_per_swv_en_tijdvak", "verloop_per_swv_en_kennisvak"}
        ]


@pytest.mark.usefixtures("on_sqlite")
def test_a_count_per_vestiging_is_answered_from_an_index_alone() -> None:
    with of_region() as (_, model):
        codes = ask_reference.vestigingen_of(model, AsOf(TELDATUM), "PO9901")
        plans = _plans(
            model,
            lambda: ask_numbers.counts_at_vestigingen(model, AsOf(TELDATUM), codes, ("BO", "SBO")),
        )
        assert plans
        assert [_read_by(plan) for plan in plans] == [
            {"tussenstanden_per_vestiging", "verloop_per_tijdvak", "verloop_per_kennisvak"}
        ]


@pytest.mark.usefixtures("on_sqlite")
def test_sums_are_read_in_the_order_of_what_is_asked() -> None:
    with of_region() as (_, model):
        as_of = AsOf(TELDATUM)
        codes = ask_reference.vestigingen_of(model, as_of, "PO9901")
        country = ("vestigingscode", "ondersteuningscategorie", "basis")
        query = ask_numbers.numbers(model, country, " AND telt = 1")
        for act in (
            lambda: ask_numbers.counts(model, as_of, "PO9901", ("SBO", "SO")),
            lambda: ask_numbers.counts_at_vestigingen(model, as_of, codes, ("BO", "SBO")),
            lambda: list(model.execute(query, as_of.so_far)),
        ):
            (plan,) = _plans(model, act)
            sums, *_ = plan.split("UNION ALL")
            assert "tussenstanden" in sums
            assert "TEMP B-TREE" not in sums, plan


@pytest.mark.parametrize(
    ("selection", "index"),
    [
        (ask.Selection(swv="PO9901"), "standen_per_swv"),
        (ask.Selection(vestigingscode="99AH00"), "standen_per_vestiging"),
        (ask.Selection(leerlingen=("0" * 32,)), "standen_per_leerling"),
    ],
)
@pytest.mark.usefixtures("on_sqlite")
def test_rows_are_found_by_an_index(selection: ask.Selection, index: str) -> None:
    with of_region() as (_, model):
        plans = _plans(model, lambda: list(ask.standen(model, AsOf(TELDATUM), selection)))
        assert plans
        assert all(f"INDEX {index}" in plan for plan in plans), plans


@pytest.mark.usefixtures("on_sqlite")
def test_no_question_about_some_pupils_walks_a_whole_table() -> None:
    with of_region() as (_, model):
        leerlingen = ["0" * 32]
        as_of = AsOf(TELDATUM)
        asked = [
            lambda: ask_pupils.persons(model, as_of, leerlingen),
            lambda: list(ask_pupils.tlvs_of(model, as_of, leerlingen)),
            lambda: ask_pupils.koppelingen_of(model, as_of, leerlingen),
            lambda: ask_pupils.pupils_of_groups(model, leerlingen),
            lambda: ask_pupils.pupils_of_inschrijving(model, "99AH", "1"),
            lambda: ask_pupils.pupils_of_tlv(model, "PO9901-2024-00001"),
            lambda: model.groups_depending_on([1]),
            lambda: ask_reference.vestigingen_of(model, as_of, "PO9901"),
        ]
        for act in asked:
            plans = _plans(model, act)
            assert plans
            steps = [step for plan in plans for step in plan.splitlines()]
            assert not [step for step in steps if step.startswith("SCAN ")], plans


@pytest.mark.usefixtures("on_sqlite")
def test_every_table_has_the_columns_and_the_indexes_of_the_schema() -> None:
    with ledger_of() as ledger:
        model = refreshed(ledger)
        for name, columns in {**PUPIL_TABLES, **REFERENCE_TABLES, **SUM_TABLES}.items():
            found = sqlite_of(model).execute(f"PRAGMA table_info({name})").fetchall()
            assert [row[1] for row in found] == list(columns)
        query = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        assert {row[0] for row in model.execute(query)} >= {*INDEXES, *SUM_INDEXES}
        model.close()


@pytest.mark.usefixtures("on_sqlite")
def test_the_migrations_that_made_the_tables_are_written_down() -> None:
    with ledger_of() as ledger:
        model = refreshed(ledger)
        query = "SELECT migration_set, name FROM _sqlite_migrations ORDER BY 2"
        applied = list(model.execute(query))
        assert ("standen", "m001_tables") in applied
        model.close()


def test_every_rectangle_names_its_causes_on_a_region() -> None:
    with of_region() as (ledger, model):
        assert _assert_causes(ledger, model) > 300


@pytest.mark.parametrize("seed", range(20))
def test_every_rectangle_names_its_causes_on_random_histories(seed: int) -> None:
    with of_history(seed) as (ledger, model):
        assert _assert_causes(ledger, model) > 0


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_every_rectangle_names_its_causes_on_many_histories(seed: int) -> None:
    with of_history(seed) as (ledger, model):
        assert _assert_causes(ledger, model) > 0


@pytest.mark.parametrize("seed", range(20, 35))
def test_rectangles_of_an_enrolment_part_time_and_knowledge(seed: int) -> None:
    """None overlap, none is empty, and none could be one with its neighbour in knowledge."""
    with of_history(seed) as (_, model):
        _assert_parted(model)


def test_rectangles_of_a_region_part_time_and_knowledge() -> None:
    with of_region() as (_, model):
        _assert_parted(model)


def test_as_of_bounds_are_half_open() -> None:
    lines = [
        {
            "type": "InschrijvingGeregistreerd",
            "bekend_op": "2024-08-20",
            "pgn": "111222333",
            "instellingscode": "12QN",
            "volgnummer": "1",
            "begindatum": "2024-08-01",
            "einddatum": "2025-01-31",
            "vestigingscode": "12QN00",
            "schoolsoort": "BO",
        },
        {
            "type": "InschrijvingVerwijderd",
            "bekend_op": "2025-03-01",
            "pgn": "111222333",
            "instellingscode": "12QN",
            "volgnummer": "1",
        },
    ]
    with ledger_of(lines) as ledger:
        model = refreshed(ledger)
        known = {
            name: moment_of(moment_number(event.bekend_op))
            for name, event in zip(("told", "removed"), ledger.booked(), strict=False)
        }
        just = known["removed"] - timedelta(microseconds=1)
        counts = [
            len(stand_rows(ledger, model, date.fromisoformat(day), moment))
            for day, moment in (
                ("2024-07-31", just),
                ("2024-08-01", just),
                ("2025-01-31", just),
                ("2025-02-01", just),
                ("2025-01-31", known["told"]),
                ("2025-01-31", known["removed"]),
            )
        ]
        assert counts == [0, 1, 1, 0, 1, 0]
        model.close()


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2024, 2, 29), date(9999, 12, 31)])
def test_days_and_moments_come_back_as_they_were(day: date) -> None:
    assert day_of(day_number(day)) == day
    if day.year < 9999:
        moment = start_of_day(day).replace(microsecond=123456)
        assert moment_of(moment_number(moment)) == moment


def _assert_causes(ledger: Ledger, model: ReadModel) -> int:
    """Check that what opens and closes a rectangle was known exactly at its bounds."""
    events = {event.positie: event for event in ledger.booked()}
    members = {
        stream.hex: groep.hex
        for groep, streams in ledger.vault.members(
            set(ledger.vault.groups(event.originator_id for event in events.values()).values())
        ).items()
        for stream in streams
    }
    count = 0
    for table in RECTANGLES:
        query = f"SELECT groep, bekend_van, bekend_tot, geopend_door, gesloten_door FROM {table}"
        for groep, van, tot, opened, closed in model.execute(query):
            count += 1
            assert van < tot
            causes = [(opened, van)]
            assert (closed is None) == (tot == OPEN_MOMENT_NUMBER)
            if closed is not None:
                causes.append((closed, tot))
            for positie, moment in causes:
                event = events[positie]
                assert moment_number(event.bekend_op) == moment, (table, positie)
                if isinstance(event.fact, ReferenceFact):
                    assert table == "standen"
                else:
                    assert members[event.originator_id.hex] == groep
                    assert isinstance(event.fact, PupilFact | Beschermd)
    return count


def _assert_parted(model: ReadModel) -> None:
    rows = list(model.execute("SELECT * FROM standen"))
    names = list(PUPIL_TABLES["standen"])
    by_key: dict[tuple[object, ...], list[dict[str, object]]] = {}
    for row in rows:
        named = dict(zip(names, row, strict=True))
        key = named["leerling"], named["instellingscode"], named["volgnummer"]
        by_key.setdefault(key, []).append(named)
    assert by_key
    for listed in by_key.values():
        for place, one in enumerate(listed):
            assert int(str(one["geldig_van"])) < int(str(one["geldig_tot"]))
            for two in listed[place + 1 :]:
                assert not (
                    _overlap(one, two, "geldig_van", "geldig_tot")
                    and _overlap(one, two, "bekend_van", "bekend_tot")
                )
                assert not _one_thing(one, two)


def _overlap(one: dict[str, object], two: dict[str, object], van: str, tot: str) -> bool:
    bounds = [int(str(row[name])) for row in (one, two) for name in (van, tot)]
    return bounds[0] < bounds[3] and bounds[2] < bounds[1]


def _one_thing(one: dict[str, object], two: dict[str, object]) -> bool:
    """Tell whether two rectangles say the same of the same days, one right after the other."""
    known = {"bekend_van", "bekend_tot", "geopend_door", "gesloten_door"}
    same = all(one[name] == two[name] for name in one if name not in known)
    return same and (
        one["bekend_tot"] == two["bekend_van"] or two["bekend_tot"] == one["bekend_van"]
    )


def _read_by(plan: str) -> set[str]:
    """Return the indexes that answer alone; a table that is read itself stands there too."""
    steps = re.findall(r"(?:SCAN|SEARCH) (?:\w+ USING COVERING INDEX )?(\w+)", plan)
    return {step for step in steps if step != "sommen"}


def _plans(model: ReadModel, act: Callable[[], object]) -> list[str]:
    """Return how SQLite answers the queries on `standen` that something asks."""
    seen: list[str] = []
    sqlite_of(model).set_trace_callback(seen.append)
    try:
        act()
    finally:
        sqlite_of(model).set_trace_callback(None)
    return [
        "\n".join(
            row[3] for row in sqlite_of(model).execute(f"EXPLAIN QUERY PLAN {text}").fetchall()
        )
        for text in seen
        if text.lstrip().startswith("SELECT")
    ]
