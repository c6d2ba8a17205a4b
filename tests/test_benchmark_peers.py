"""The peers of the benchmarks answer what we answer: what is compared is equal work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

import pytest

from benchmarks import (
    aggregates,
    columns,
    folds,
    mariadb_history,
    postgresql_ranges,
    raw_events,
    rectangles,
    servers,
)
from benchmarks.absent import Absent, without
from benchmarks.appends import append_raw, append_stock, row_of, stock_recorder
from benchmarks.clock import Clock
from benchmarks.corpus import stored_events
from benchmarks.rectangles import Change, Rectangle, Table
from ledger.application import Ledger
from projections.refresh import refreshed
from projections.store.ask import AS_OF, AsOf
from projections.store.encoding import moment_number
from projections.store.read_model import ReadModel
from tests.command import Kijkglas
from tests.places import open_ledger

SWV = "PO9901"
QUESTIONS = (
    AsOf(date(2025, 2, 1), datetime(2025, 3, 3, 22, 59, 59, 999999, UTC)),
    AsOf(date(2026, 2, 1)),
    AsOf(date(2024, 2, 1), datetime(2024, 3, 3, tzinfo=UTC)),
    AsOf(date(2023, 10, 1), datetime(2025, 1, 1, tzinfo=UTC)),
)
"""Soon after the teldatum, as known now, and years later."""

pytestmark = pytest.mark.skipif(
    without("duckdb", "numpy", "polars", "psycopg", "pyarrow", "pymysql") is not None,
    reason="without the extra `bench`",
)


@pytest.fixture(name="ledger", scope="module")
def fixture_ledger(region_ledger: Kijkglas) -> Iterator[Ledger]:
    with open_ledger(region_ledger.ledger) as ledger:
        yield ledger


@pytest.fixture(name="model", scope="module")
def fixture_model(ledger: Ledger) -> Iterator[ReadModel]:
    with closing(refreshed(ledger)) as model:
        yield model


def agree(model: ReadModel, table: Table) -> None:
    """Assert that another engine answers every question as we do."""
    for as_of in QUESTIONS:
        ours = rectangles.country(model, as_of)
        assert len(ours) > 30
        assert sorted(map(str, table.country(as_of))) == sorted(map(str, ours))
        rows = rectangles.rows(model, as_of, SWV)
        assert len(rows) > 50
        assert sorted(table.rows(as_of, SWV)) == sorted(rows)


def test_postgresql(model: ReadModel, ledger: Ledger) -> None:
    """Ranges and their index give our answers; COPY stores every event."""
    binaries = servers.postgresql_bin()
    if isinstance(binaries, Absent):
        pytest.skip(binaries.reason)
    with servers.postgresql(binaries) as url:
        with postgresql_ranges.loaded(url, model) as ranges:
            agree(model, ranges)
        with postgresql_ranges.empty_events(url) as connection:
            postgresql_ranges.copy_events(connection, stored_events(ledger))
            found = connection.execute(
                "SELECT originator_id, originator_version, topic, state FROM stored_events "
                "ORDER BY notification_id"
            )
            stored = (one for batch in stored_events(ledger) for one in batch)
            for row, event in zip(found, stored, strict=True):
                assert row == (
                    event.originator_id, event.originator_version, event.topic, event.state,
                )  # fmt: skip


def test_mariadb(model: ReadModel) -> None:
    """History that MariaDB made itself, told in order of knowledge, gives our answers."""
    server = servers.mariadb_bin()
    if isinstance(server, Absent):
        pytest.skip(server.reason)
    with servers.folder_for_a_server() as folder, servers.mariadb(server, folder) as socket:
        mariadb_history.load(socket, model)
        with mariadb_history.opened(socket) as history:
            agree(model, history)


def test_folds(ledger: Ledger, model: ReadModel, tmp_path: Path) -> None:
    """DuckDB and Polars find in the raw events what is active, with its categorie."""
    import duckdb  # noqa: PLC0415 - of the extra `bench`

    path = tmp_path / "gebeurtenissen.parquet"
    raw_events.write(ledger, path)
    for as_of in QUESTIONS:
        ours = sorted(map(str, rectangles.active(model, as_of)))
        assert len(ours) > 30
        assert sorted(map(str, folds.by_duckdb(duckdb.connect(), path, as_of))) == ours
        assert sorted(map(str, folds.by_polars(path, as_of))) == ours


def test_columns(model: ReadModel, tmp_path: Path) -> None:
    """Numpy gives the counts of the country; every scan of the bounds finds as many."""
    import duckdb  # noqa: PLC0415 - of the extra `bench`

    held, path = columns.columns(model), tmp_path / "standen.parquet"
    columns.write_parquet(model, path)
    for as_of in QUESTIONS:
        ours = sorted(count for *_, count in rectangles.country(model, as_of))
        assert held.counts(as_of) == ours
        active = sum(count for *_, count in rectangles.active(model, as_of))
        assert held.scan(as_of) == active
        assert columns.scan_by_duckdb(duckdb.connect(), path, as_of) == active
        assert columns.scan_by_pyarrow(path, as_of) == active


def test_replay(ledger: Ledger, model: ReadModel, tmp_path: Path) -> None:
    """The library's aggregates, replayed up to then, have the enrolments that are active."""
    for number, as_of in enumerate(QUESTIONS):
        groups = rectangles.groups_of(model, as_of, SWV)
        told = list(aggregates.histories_of(ledger, groups))
        path = tmp_path / f"{number}.sqlite"
        aggregates.make_aggregates(told, path)
        versions = aggregates.versions_at(told, as_of)
        with aggregates.Leerlingen.on(path) as app:
            active = aggregates.active_of(app, versions, as_of.teldatum)
        query = f"SELECT count(*) FROM standen WHERE {AS_OF} AND groep IN ({{}})"
        assert active == sum(count for (count,) in model.select_in(query, groups, as_of.bounds))


def test_replay_of_all(ledger: Ledger, tmp_path: Path) -> None:
    """Every event of a pupil is replayed, in either form, until there are as many as asked."""
    events = sum(1 for _ in ledger.pupil_events())
    for text in (False, True):
        path = tmp_path / f"{text}.sqlite"
        aggregates.make_aggregates(aggregates.histories(ledger), path, text=text)
        with aggregates.Leerlingen.on(path) as app:
            assert aggregates.replay_all(app, aggregates.ids_of(path)) == events
    some = sum(len(one) for one in aggregates.histories(ledger, 100))
    assert 100 <= some < 200


def test_appends(ledger: Ledger, tmp_path: Path) -> None:
    """Stock recorder and bare SQLite end with the same table, that of the ledger."""
    stock, raw = tmp_path / "stock.sqlite", tmp_path / "raw.sqlite"
    with stock_recorder(stock) as recorder:
        append_stock(recorder, stored_events(ledger))
        found = recorder.select_notifications(1, 1 << 30)
    with stock_recorder(raw) as recorder:
        append_raw(raw, ([row_of(one) for one in batch] for batch in stored_events(ledger)))
        assert recorder.select_notifications(1, 1 << 30) == found
    rows = list(ledger.store.rows())
    assert [(UUID(row.stream).hex, row.version, row.topic, row.state) for row in rows] == [
        (UUID(str(one.originator_id)).hex, one.originator_version, one.topic, one.state)
        for one in found
    ]


def test_changes_in_order_of_knowledge(model: ReadModel) -> None:
    """Every rectangle opens once; it closes once, unless it is still known."""
    total = sum(len(part) for part in rectangles.rectangles(model))
    told = list(rectangles.changes(model))
    moments = [change.moment for change in told]
    assert moments == sorted(moments)
    opened = sum(len(change.new) for change in told)
    closed = sum(len(change.gone) for change in told)
    still = sum(
        one.bekend_tot > moment_number(datetime(2100, 1, 1, tzinfo=UTC))
        for part in rectangles.rectangles(model)
        for one in part
    )
    assert (opened, closed) == (total, total - still)
    assert 0 < closed < opened


def test_a_change_is_told_for_its_own_days() -> None:
    """Days that were known are updated or deleted for a portion; the others are inserted."""
    old = Rectangle("a" * 32, "99AA", "1", "99AA00", "SO", "LAAG", "OVERIG", SWV, 1,
                    20240801, 20250801, 0, 1)  # fmt: skip
    new = old._replace(categorie="HOOG", basis="TLV", geldig_van=20250101, geldig_tot=20260801)
    told = list(islice(mariadb_history.statements(iter([Change(1_000_000, [old], [new])])), 1, 5))
    assert [line.split(" SET")[0].split(" WHERE")[0] for line in told[1:3]] == [
        "UPDATE standen FOR PORTION OF geldig FROM '2025-01-01' TO '2026-08-01'",
        "DELETE FROM standen FOR PORTION OF geldig FROM '2024-08-01' TO '2025-01-01'",
    ]
    assert told[3].endswith("'HOOG', 'TLV', 'PO9901', 1, '2025-08-01', '2026-08-01');\n")


def test_a_clock_stands_still_while_an_item_is_made() -> None:
    """What a peer needs is made outside its time; what it does with that is inside."""
    now = 0.0

    def making() -> Iterator[str]:
        nonlocal now
        for item in "abc":
            now += 10
            yield item

    clock = Clock(lambda: now)
    items = []
    for item in clock.standing_still(making()):
        now += 1
        items.append(item)
    assert (items, clock(), now) == (["a", "b", "c"], 3, 33)
