"""The read model is the same however it was made (architecture.md, read side)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from ledger.application import Ledger
from projections import refresh
from projections.compute import rows_of_groups
from projections.partition import World
from projections.refresh import as_of_position, rebuild, refreshed
from projections.store.partitions import partitions
from projections.store.read_model import ReadModel, rules_hash
from projections.store.rows import Batch
from projections.store.schema import (
    INDEXES,
    PUPIL_TABLES,
    REFERENCE_TABLES,
    SUM_INDEXES,
    SUM_TABLES,
)
from synthetic.region import region
from tests.histories import interesting_days, knowledge_moments, random_history
from tests.histories_pools import SWVS
from tests.ledgers import (
    AsOf,
    dashboard_1a,
    dashboard_1b,
    import_events,
    ledger_of,
    sqlite_of,
    stand_rows,
)
from tests.oracle_facts import instant
from tests.places import SQLITE, create, folder_of, generations, kind, left_over

Event = dict[str, Any]

ONE, TWO = "100000004", "111222333"


@pytest.mark.parametrize("seed", range(60))
def test_catching_up_equals_making_anew(seed: int) -> None:
    """A history in a few deliveries, the read model brought up after each."""
    chance = _chance(seed)
    history = random_history(chance, most_pupils=3)
    if seed % 2:
        chance.shuffle(history)
    _assert_caught_up(_chunks(chance, history))


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_catching_up_equals_making_anew_on_many_histories(seed: int) -> None:
    chance = _chance(seed)
    history = random_history(chance, most_pupils=3)
    chance.shuffle(history)
    _assert_caught_up(_chunks(chance, history, most=12))


@pytest.mark.parametrize(
    "late",
    [
        {"type": "VestigingAangesloten", "vestigingscode": "12QN00", "swv": "PO2202"}
        | {"vanaf": "2024-01-01"},
        {"type": "VestigingUitgetreden", "vestigingscode": "12QN00", "swv": "PO2304"}
        | {"tot_en_met": "2024-12-31"},
        {"type": "PostcodegebiedToegewezen", "pc4": "7511", "swv_po": "PO2202"}
        | {"vanaf": "2024-08-01"},
        {"type": "VestigingGeregistreerd", "vestigingscode": "12QN00", "naam": "De Nieuwe"},
        {"type": "SwvGeregistreerd", "swv": "PO2304", "naam": "Een ander"},
        {"type": "TellingVastgesteld", "teldatum": "2025-02-01", "schoolsoorten": ["SO"]}
        | {"op": "2025-03-07"},
        {"type": "VestigingAangesloten", "vestigingscode": "14YY00", "swv": "PO2202"}
        | {"vanaf": "2024-01-01"},
        {"type": "PostcodegebiedToegewezen", "pc4": "8011", "swv_po": "PO2202"}
        | {"vanaf": "2024-08-01"},
    ],
)
@pytest.mark.parametrize("known", ["2023-01-01", "2025-03-01"])
def test_reference_data_that_come_late_reach_who_they_touch(late: Event, known: str) -> None:
    _assert_caught_up([[*_region(), *_pupil(ONE), *_abroad(TWO)], [{**late, "bekend_op": known}]])


@pytest.mark.parametrize("order", [(ONE, TWO), (TWO, ONE)])
@pytest.mark.parametrize("known", ["2024-01-01", "2025-03-01"])
def test_two_known_pupils_that_become_one(order: tuple[str, str], known: str) -> None:
    joined = _replaced(*order, known)
    _assert_caught_up([[*_region(), *_pupil(ONE), *_pupil(TWO)], [joined]])


@pytest.mark.parametrize("attempt", range(6))
def test_a_join_and_a_change_of_what_both_depend_on_at_once(attempt: int) -> None:
    """Both in one backlog: nobody may be computed twice, or half (ids are random)."""
    del attempt
    late = {
        "type": "VestigingAangesloten",
        "bekend_op": "2025-03-02",
        "vestigingscode": "12QN00",
        "swv": "PO2202",
        "vanaf": "2024-01-01",
    }
    area = {
        "type": "PostcodegebiedToegewezen",
        "bekend_op": "2025-03-03",
        "pc4": "7511",
        "swv_po": "PO2202",
        "vanaf": "2024-01-01",
    }
    start = [*_region(), *_pupil(ONE), *_pupil(TWO)]
    _assert_caught_up([start, [_replaced(ONE, TWO, "2025-03-01"), late, area]])
    _assert_caught_up([start, [late, area], [_replaced(TWO, ONE, "2025-03-01"), late]])


@pytest.mark.beide
def test_a_chain_of_numbers_in_several_deliveries() -> None:
    three = "101500021"
    history = [
        [*_region(), *_pupil(ONE), *_pupil(three)],
        [_replaced(ONE, three, "2024-10-01")],
        [*_pupil(TWO)],
        [_replaced(three, TWO, "2024-11-01")],
        [{**_pupil(ONE)[-1], "bekend_op": "2024-12-01", "volgnummer": "laat"}],
    ]
    _assert_caught_up(history)


@pytest.mark.beide
def test_catching_up_touches_only_who_was_touched() -> None:
    lines: list[Event] = list(region(2025, 40))
    with ledger_of(lines) as ledger:
        refreshed(ledger).close()
        before = _rows_by_group(ledger)
        first = next(iter(before))
        pgn = ledger.vault.pgns([UUID(first)])[UUID(first)]
        news = _pupil(pgn, volgnummer="nieuw")[-1]
        import_events(ledger, [{**news, "bekend_op": "2026-09-20"}], "nieuws.jsonl")
        refreshed(ledger).close()
        after = _rows_by_group(ledger)
        touched = {identity.groep.hex for identity in ledger.vault.find([pgn]).values()}
        assert len(touched) == 1
        changed = {group for group in before if before[group] != after[group]}
        assert changed == touched
        assert before.keys() == after.keys()


def test_a_change_of_reference_data_touches_who_depends_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [*_region(), *_pupil(ONE), *_pupil(TWO, code="14YY", vestiging="14YY00")]
    late = {"type": "VestigingAangesloten", "swv": "PO2202", "vanaf": "2024-01-01"}
    computed: list[UUID] = []
    compute = rows_of_groups

    def watched(
        ledger: Ledger, groups: Mapping[UUID, list[UUID]], until: int, world: World
    ) -> Iterator[Batch]:
        computed.extend(groups)
        return compute(ledger, groups, until, world)

    with ledger_of(lines) as ledger:
        refreshed(ledger).close()
        other = {**late, "bekend_op": "2025-03-01", "vestigingscode": "14YY00"}
        import_events(ledger, [other], "nieuws.jsonl")
        monkeypatch.setattr("projections.catching_up.rows_of_groups", watched)
        refreshed(ledger).close()
        assert computed == [ledger.vault.find([TWO])[TWO].groep]


def test_a_fact_of_the_ledger_itself_touches_nobody() -> None:
    with ledger_of([*_region(), *_pupil(ONE)]) as ledger:
        refreshed(ledger).close()
        before = _rows_by_group(ledger)
        import_events(ledger, _region(), "nogmaals.jsonl")
        model = refreshed(ledger)
        assert model.position == ledger.position
        model.close()
        assert _rows_by_group(ledger) == before


@pytest.mark.beide
def test_asking_again_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with ledger_of([*_region(), *_pupil(ONE)]) as ledger:
        refreshed(ledger).close()
        before = _generation(ledger)

        def forbidden(*_: object) -> None:
            raise AssertionError

        monkeypatch.setattr(refresh, "catch_up", forbidden)
        monkeypatch.setattr(refresh, "_built", forbidden)
        refreshed(ledger).close()
        assert _generation(ledger) == before


@pytest.mark.beide
def test_one_worker_and_two_give_the_same_rows_in_the_same_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("projections.store.partitions.EVENTS_PER_PARTITION", 60)
    monkeypatch.setattr("projections.rebuilding.PARALLEL_FROM", 1)
    with create(tmp_path / "grootboek") as ledger:
        lines = [*region(2025, 40), *_region(), *_pupil(ONE), *_pupil(TWO)]
        import_events(ledger, [*lines, _replaced(ONE, TWO, "2025-03-01")])
        assert len(partitions(ledger.position)) >= 5
        contents = []
        for workers in (1, 2, None):
            model = rebuild(ledger, workers)
            contents.append(_ordered(model))
            left = left_over(folder_of(ledger))
            assert all(name.endswith(("-wal", "-shm")) for name in left)  # of what is open
            model.close()
        assert contents[0] == contents[1] == contents[2]
        assert sum(map(len, contents[0].values())) > 500


def test_any_number_of_partitions_gives_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    with ledger_of([*region(2025, 30), *_pupil(ONE), *_pupil(TWO)]) as ledger:
        import_events(ledger, [_replaced(TWO, ONE, "2025-03-01")], "samen.jsonl")
        contents = []
        for size in (100_000, 100, 17, 1):
            monkeypatch.setattr("projections.store.partitions.EVENTS_PER_PARTITION", size)
            model = rebuild(ledger, 1)
            contents.append(
                {name: sorted(repr(row) for row in rows) for name, rows in _ordered(model).items()}
            )
            model.close()
        assert contents[0] == contents[1] == contents[2] == contents[3]


@pytest.mark.parametrize("events", [0, 1, 19_999, 20_000, 60_000, 1_000_000, 100_000_000])
def test_partitions_cover_every_pupil_once(events: int) -> None:
    ranges = partitions(events)
    assert ranges[0][0] == "00000001" + "0" * 24
    assert ranges[-1][1] == "g"
    assert all(one[1] == two[0] for one, two in pairwise(ranges))
    assert all(first < beyond for first, beyond in ranges)
    assert events / len(ranges) <= 25_000


@pytest.mark.parametrize("seed", range(12))
def test_as_of_a_position_is_a_ledger_with_the_first_events_alone(seed: int) -> None:
    chance = _chance(seed)
    history = random_history(chance, most_pupils=2)
    history.sort(key=lambda event: instant(event["bekend_op"]))
    with ledger_of() as whole:
        imported = import_events(whole, history)
        refused = {one.regelnummer for one in imported.booked.refused}
        kept = [event for number, event in enumerate(history, 1) if number not in refused]
        alone = _without_copies(kept)
        first = whole.position - 1 - imported.booked.geboekt
        assert imported.booked.geboekt == len(alone)
        for count in {chance.randint(1, len(alone)) for _ in range(2)} | {len(alone)}:
            with (
                ledger_of(alone[:count]) as part,
                as_of_position(whole, first + count) as then,
                _up_to_date(part) as now,
            ):
                assert then.position == first + count
                for _ in range(6):
                    day = chance.choice(interesting_days(history))
                    known = chance.choice(knowledge_moments(history))
                    _assert_same_answers((whole, then), (part, now), AsOf(day, known))


@pytest.mark.beide
def test_a_position_before_the_first_event_knows_nothing() -> None:
    with ledger_of([*_region(), *_pupil(ONE)]) as ledger, as_of_position(ledger, 0) as model:
        assert model.position == 0
        assert all(not rows for rows in _ordered(model).values())


@pytest.mark.beide
def test_a_read_model_of_other_rules_is_made_anew() -> None:
    with ledger_of([*_region(), *_pupil(ONE)]) as ledger:
        first = refreshed(ledger)
        rows, name = _ordered(first), first.generation
        with first.writing():
            first.set_state("regels", "andere regels")
        first.close()
        second = refreshed(ledger)
        assert second.generation != name
        assert name not in generations(folder_of(ledger))
        assert second.state("regels") == rules_hash()
        assert _ordered(second) == rows
        second.close()


@pytest.mark.beide
def test_a_large_backlog_is_made_anew_and_a_small_one_caught_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(refresh, "SMALL", 3)
    with ledger_of([*_region(), *_pupil(ONE)]) as ledger:
        refreshed(ledger).close()
        first = _generation(ledger)
        import_events(ledger, _pupil(ONE, volgnummer="2")[-1:], "weinig.jsonl")
        refreshed(ledger).close()
        assert _generation(ledger) == first
        import_events(ledger, _pupil(TWO), "veel.jsonl")
        model = refreshed(ledger)
        assert model.generation != first
        assert _generation(ledger) == model.generation
        _assert_as_anew(ledger, model)
        model.close()


def test_progress_adds_up_to_the_log() -> None:
    with ledger_of(region(2025, 20)) as ledger:
        seen: list[int] = []
        rebuild(ledger, 1, seen.append).close()
        assert sum(seen) == ledger.position


@pytest.mark.beide
def test_who_reads_keeps_reading_while_it_is_made_anew() -> None:
    with ledger_of([*_region(), *_pupil(ONE)]) as ledger:
        old = refreshed(ledger)
        before = _ordered(old)
        rebuild(ledger).close()
        assert _ordered(old) == before
        old.close()


@pytest.mark.map("about a file that is left behind")
def test_a_lock_left_behind_holds_nobody_up(tmp_path: Path) -> None:
    with create(tmp_path / "grootboek") as ledger:
        (ledger.folder / "standen.slot").write_bytes(b"")
        model = refreshed(ledger)
        assert model.position == 0
        model.close()


@pytest.mark.map("drops the indexes of a file")
@pytest.mark.usefixtures("on_sqlite")
def test_an_index_that_is_missing_changes_no_answer() -> None:
    with ledger_of(region(2025, 20)) as ledger:
        model = refreshed(ledger)
        day = AsOf(interesting_days([])[0])
        before = [dashboard_1a(model, day, swv) for swv in SWVS["PO"]]
        for name in (*INDEXES, *SUM_INDEXES):
            sqlite_of(model).execute(f"DROP INDEX {name}")
        assert [dashboard_1a(model, day, swv) for swv in SWVS["PO"]] == before
        model.close()


def _chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - no secret is made


def _chunks(chance: Random, history: list[Event], most: int = 5) -> list[list[Event]]:
    cuts = sorted(chance.randint(0, len(history)) for _ in range(chance.randint(1, most)))
    edges = [0, *cuts, len(history)]
    return [history[one:two] for one, two in pairwise(edges)]


def _assert_caught_up(deliveries: Sequence[Sequence[Event]]) -> None:
    with ledger_of() as ledger:
        refreshed(ledger).close()
        first = _generation(ledger)
        for number, events in enumerate(deliveries):
            import_events(ledger, events, f"levering{number}.jsonl")
            with _up_to_date(ledger) as model:
                assert model.position == ledger.position
                assert model.generation == first
                _assert_as_anew(ledger, model)


def _assert_as_anew(ledger: Ledger, model: ReadModel) -> None:
    """Check that every table is the one that a rebuild makes, row for row."""
    with as_of_position(ledger, model.position) as anew:
        for table in _tables(model):
            mine, other = (Counter(one.execute(f"SELECT * FROM {table}")) for one in (model, anew))
            assert mine == other, table


@contextmanager
def _up_to_date(ledger: Ledger) -> Iterator[ReadModel]:
    model = refreshed(ledger)
    try:
        yield model
    finally:
        model.close()


def _tables(model: ReadModel) -> tuple[str, ...]:
    return (*PUPIL_TABLES, *REFERENCE_TABLES, *(SUM_TABLES if model.has_sums else ()))


def _ordered(model: ReadModel) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables in the order in which they are stored, if they have one."""
    found = {table: list(model.execute(f"SELECT * FROM {table}")) for table in _tables(model)}
    if kind() == SQLITE:
        return found
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


def _rows_by_group(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    found: dict[str, list[tuple[object, ...]]] = {}
    with _up_to_date(ledger) as model:
        for table, rows in _ordered(model).items():
            for row in rows if table in PUPIL_TABLES else ():
                found.setdefault(str(row[0]), []).append((table, *row))
    return {groep: sorted(rows, key=repr) for groep, rows in found.items()}


def _generation(ledger: Ledger) -> str:
    """Return the name of the one generation that there is."""
    if kind() != SQLITE:
        (name,) = generations(folder_of(ledger))
        return name
    (name,) = (
        path.name
        for path in ledger.folder.glob("standen-*")
        if path.suffix in {".sqlite", ".parquet"}
    )
    return name


def _without_copies(events: Sequence[Event]) -> list[Event]:
    seen: list[Event] = []
    for event in events:
        if event not in seen:
            seen.append(event)
    return seen


def _assert_same_answers(
    one: tuple[Ledger, ReadModel], two: tuple[Ledger, ReadModel], as_of: AsOf
) -> None:
    assert stand_rows(*one, *as_of) == stand_rows(*two, *as_of)
    for swv in (*SWVS["PO"], *SWVS["VO"]):
        assert dashboard_1a(one[1], as_of, swv) == dashboard_1a(two[1], as_of, swv)
        assert dashboard_1b(*one, as_of, swv) == dashboard_1b(*two, as_of, swv)


def _region() -> list[Event]:
    links = [
        {"type": "VestigingAangesloten", "vestigingscode": code, "swv": "PO2304"}
        | {"vanaf": "2014-08-01"}
        for code in ("12QN00", "14YY00")
    ]
    areas = [
        {"type": "PostcodegebiedToegewezen", "pc4": pc4, "swv_po": "PO2304", "swv_vo": "VO2305"}
        | {"vanaf": "2014-08-01"}
        for pc4 in ("7511", "8011")
    ]
    return [{**event, "bekend_op": "2023-08-15"} for event in (*links, *areas)]


def _pupil(
    pgn: str, code: str = "12QN", vestiging: str = "12QN00", volgnummer: str = "1"
) -> list[Event]:
    events: list[Mapping[str, Any]] = [
        {"type": "LeerlingGeregistreerd", "geboortedatum": f"2013-03-0{pgn[-1]}"},
        {"type": "WoonplaatsVastgelegd", "vanaf": "2020-01-01", "pc4": "7511"},
        {
            "type": "InschrijvingGeregistreerd",
            "instellingscode": code,
            "volgnummer": f"{volgnummer}-{pgn[:3]}",
            "begindatum": "2024-08-01",
            "vestigingscode": vestiging,
            "schoolsoort": "SO",
        },
    ]
    return [{**event, "bekend_op": "2024-08-20", "pgn": pgn} for event in events]


def _abroad(pgn: str) -> list[Event]:
    """Return a pupil whose samenwerkingsverband is that of the vestiging (rules.md 3, rule 6)."""
    birth, home, enrolled = _pupil(pgn)
    del home["pc4"]
    return [birth, {**home, "buitenland": True}, enrolled]


def _replaced(old: str, new: str, known: str) -> Event:
    return {"type": "PgnVervangen", "bekend_op": known, "pgn": old, "nieuw_pgn": new}
