"""The read model on PostgreSQL: generations, who reads meanwhile, and how text sorts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.places import LedgerError
from ledger.postgres_database import connected, parts_of
from projections.refresh import rebuild, refreshed
from projections.store.read_model import ReadModel
from projections.store.schema import PUPIL_TABLES, REFERENCE_TABLES, SUM_TABLES
from projections.verification import verify
from synthetic.region import region
from tests.command import kijkglas
from tests.ledgers import import_events
from tests.places import (
    create,
    drop_read_model,
    events_of,
    generations,
    left_over,
    open_ledger,
    tamper,
    throw_away,
    use,
)

COUNT = "SELECT count(*) FROM standen"
LOCKS = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
UNREADABLE = (
    "UPDATE stored_events SET state = x'00' "
    "WHERE originator_id > '00000001-0000-0000-0000-000000000000'"
)
NAMES = ("ij", "IJ", "Zwolle", "aap", "Ö", "o", "-a", "a b", "ab", "A1")


@pytest.fixture
def folder(tmp_path: Path, grootboek: str) -> Iterator[Path]:
    """Give a folder whose ledger is on PostgreSQL, with a small region."""
    use("postgresql")
    folder = tmp_path / "grootboek"
    with create(folder) as ledger:
        import_events(ledger, region(2025, 20))
    yield folder
    use(grootboek)
    throw_away({folder})


def test_a_generation_goes_when_its_last_reader_does(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        reader = refreshed(ledger)
        rows = _rows(reader)
        rebuild(ledger).close()
        assert generations(folder) == ["standen_000002"]
        assert left_over(folder) == {"standen_000001"}
        assert _rows(reader) == rows
        reader.close()
        rebuild(ledger).close()
        assert generations(folder) == ["standen_000003"]
        assert left_over(folder) == set()


def test_who_reads_sees_one_state_while_another_catches_up(folder: Path) -> None:
    with open_ledger(folder) as mine, open_ledger(folder) as theirs:
        model = refreshed(mine)
        with model.reading():
            before = _count(model)
            _more(theirs, "een")
            refreshed(theirs).close()
            assert _count(model) == before
            assert model.position < theirs.position
        assert _count(model) == before + 1
        assert model.position == theirs.position
        model.close()


def test_a_question_half_read_hinders_no_other(folder: Path) -> None:
    with open_ledger(folder) as ledger, closing(refreshed(ledger)) as model, model.reading():
        rows = iter(model.execute("SELECT leerling FROM standen"))
        first = next(iter(rows))
        count = _count(model)
        assert len([first, *rows]) == count > 1


def test_a_catch_up_that_fails_changes_nothing(folder: Path) -> None:
    with open_ledger(folder) as ledger, closing(refreshed(ledger)) as model:
        before, position = _rows(model), model.position
        with pytest.raises(ZeroDivisionError):
            _emptied_half_way(model)
        assert (_rows(model), model.position) == (before, position)


def test_a_rebuild_that_fails_leaves_no_schema_and_no_lock(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        refreshed(ledger).close()
        before = generations(folder)
        tamper(events_of(folder), UNREADABLE)
        with pytest.raises(LedgerError):
            rebuild(ledger)
        assert generations(folder) == before
        assert left_over(folder) == set()
        with closing(events_of(folder)) as database:
            assert database.execute(LOCKS) == [(0,)]


def test_who_may_read_the_events_may_read_what_is_made_of_them(
    folder: Path, colleague: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger(folder) as ledger:
        _grant(ledger.address, "SELECT")
        refreshed(ledger).close()
        monkeypatch.setenv("KIJKGLAS_KEY", ledger.place.key_path.read_text(encoding="ascii"))
        read = kijkglas("--ledger", colleague, "stand", "--teldatum", "2025-02-01")
        assert read.status == 0, read.err
        assert len(read.data) > 1000
        _more(ledger, "een")
        before = generations(folder)
        for words in (("stand", "--teldatum", "2025-02-01"), ("rebuild",)):
            done = kijkglas("--ledger", colleague, *words)
            assert done.status == 4
            assert "mag hier geen leesmodel maken of bijwerken; laat de eigenaar" in done.err
        assert (generations(folder), left_over(folder)) == (before, set())


def test_who_may_book_keeps_the_read_model_up_and_both_may_drop_their_own(
    folder: Path, colleague: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger(folder) as ledger:
        monkeypatch.setenv("KIJKGLAS_KEY", ledger.place.key_path.read_text(encoding="ascii"))
        _grant(ledger.address, "ALL")
        refreshed(ledger).close()
        _more(ledger, "een")
        assert kijkglas("--ledger", colleague, "stand", "--teldatum", "2025-02-01").status == 0
        assert generations(folder) == ["standen_000001"]
        assert kijkglas("--ledger", colleague, "rebuild").status == 4
        tamper(events_of(folder), f"GRANT CREATE ON DATABASE {_database(ledger)} TO collega")
        assert kijkglas("--ledger", colleague, "rebuild").status == 0
        assert generations(folder) == ["standen_000002"]
        refreshed(ledger).close()
        rebuild(ledger).close()
        assert [check for check in verify(ledger) if check.gevonden] == []


@pytest.fixture
def colleague(folder: Path) -> Iterator[str]:
    """Give the address of the ledger for another user of the server, who may do nothing yet."""
    with open_ledger(folder) as ledger:
        address = ledger.address
    with closing(connected(address)) as connection:
        connection.execute("CREATE ROLE collega LOGIN")
        yield address.replace("kijkglas@", "collega@")
        connection.execute("DROP OWNED BY collega CASCADE")
        connection.execute("DROP ROLE collega")


def _database(ledger: Ledger) -> str:
    return parts_of(ledger.address)["dbname"]


def _grant(address: str, right: str) -> None:
    with closing(connected(address)) as connection:
        connection.execute(f"GRANT {right} ON ALL TABLES IN SCHEMA public TO collega")


def test_generations_dropped_by_hand_come_back(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        first = refreshed(ledger)
        rows = _rows(first)
        first.close()
        drop_read_model(folder)
        again = refreshed(ledger)
        assert _rows(again) == rows
        assert again.generation != first.generation
        again.close()


def test_tables_that_a_crash_of_the_server_emptied_are_made_anew(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        first = refreshed(ledger)
        rows, name = _rows(first), first.generation
        first.close()
        tables = (*PUPIL_TABLES, *REFERENCE_TABLES, *SUM_TABLES, "stand_van_zaken")
        tamper(events_of(folder), *(f"TRUNCATE {name}.{table}" for table in tables))
        again = refreshed(ledger)
        assert _rows(again) == rows
        again.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {}.standen SET telt = 1 - telt WHERE ctid = (SELECT min(ctid) FROM {}.standen)",
        "DELETE FROM {}.personen WHERE ctid = (SELECT min(ctid) FROM {}.personen)",
        "INSERT INTO {}.standen SELECT * FROM {}.standen LIMIT 1",
        "DELETE FROM {}.samenwerkingsverbanden",
        "UPDATE {}.tussenstanden SET verschil = -verschil",
    ],
)
def test_a_changed_read_model_is_told_and_mended(change: str, folder: Path) -> None:
    with open_ledger(folder) as ledger:
        refreshed(ledger).close()
        (name,) = generations(folder)
        tamper(events_of(folder), change.replace("{}", name))
        assert "leesmodel" in [check.naam for check in verify(ledger) if check.gevonden]
        rebuild(ledger).close()
        assert [check for check in verify(ledger) if check.gevonden] == []


@pytest.mark.parametrize("many", [1, 20_000])
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_process_more_processes_and_a_cluster_make_the_same_rows(
    many: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same order where one process writes; several write as they are ready."""
    from distributed import LocalCluster  # noqa: PLC0415 - an extra, slow to import

    monkeypatch.setattr("projections.store.partitions.EVENTS_PER_PARTITION", 60)
    monkeypatch.setattr("projections.partition.MANY", many)
    with (
        open_ledger(folder) as ledger,
        LocalCluster(  # type: ignore[no-untyped-call]  # it has no types
            n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50
        ) as machines,
    ):
        alone = _as_stored(rebuild(ledger, 1))
        again = _as_stored(rebuild(ledger, 1))
        together = _as_stored(rebuild(ledger, 3))
        elsewhere = _as_stored(rebuild(ledger, 1, scheduler=machines.scheduler_address))
    assert alone == again == elsewhere
    assert _sorted(together) == _sorted(alone)
    assert sum(map(len, alone)) > 200


def test_a_name_with_a_zero_is_no_end_of_the_table(folder: Path) -> None:
    event = {"type": "SwvGeregistreerd", "bekend_op": "2024-01-01", "swv": "PO9911"}
    with open_ledger(folder) as ledger:
        import_events(ledger, [{**event, "naam": "voor\0na"}], "nul.jsonl")
        with closing(refreshed(ledger)) as model:
            query = "SELECT naam FROM samenwerkingsverbanden WHERE swv = 'PO9911'"
            assert list(model.execute(query)) == [("voor\ufffdna",)]
        (last,) = [one for one in ledger.booked() if one.bestand and one.regel == 1][-1:]
        assert last.bestand is not None
        assert len(ledger.events_from_file(last.bestand)) == 1


def test_text_sorts_by_its_bytes_whatever_the_order_of_the_database(folder: Path) -> None:
    events = [
        {"type": "SwvGeregistreerd", "bekend_op": "2024-01-01", "swv": f"PO99{number}"}
        | {"naam": name}
        for number, name in enumerate(NAMES, 10)
    ]
    with open_ledger(folder) as ledger:
        import_events(ledger, events, "namen.jsonl")
        with closing(refreshed(ledger)) as model:
            query = "SELECT naam FROM samenwerkingsverbanden ORDER BY naam"
            found = [row[0] for row in model.execute(query) if row[0] in NAMES]
    assert found == sorted(NAMES)


def _emptied_half_way(model: ReadModel) -> None:
    with model.writing():
        model.delete_groups([row[0] for row in model.execute("SELECT groep FROM standen")])
        model.set_state("positie", "0")
        raise ZeroDivisionError


def _rows(model: ReadModel) -> list[list[tuple[object, ...]]]:
    tables = (*PUPIL_TABLES, *REFERENCE_TABLES, *SUM_TABLES)
    return [sorted(model.execute(f"SELECT * FROM {table}"), key=repr) for table in tables]


def _as_stored(model: ReadModel) -> list[list[tuple[object, ...]]]:
    """Return the rows of every table in the order in which the server keeps them; close it."""
    with closing(model):
        tables = (*PUPIL_TABLES, *REFERENCE_TABLES, *SUM_TABLES)
        return [list(model.execute(f"SELECT * FROM {table} ORDER BY ctid")) for table in tables]


def _sorted(tables: list[list[tuple[object, ...]]]) -> list[list[tuple[object, ...]]]:
    return [sorted(rows, key=repr) for rows in tables]


def _count(model: ReadModel) -> int:
    return int(next(iter(model.execute(COUNT)))[0])


def _more(ledger: Ledger, name: str) -> None:
    """Book an enrolment of a pupil who is new."""
    event = {
        "type": "InschrijvingGeregistreerd",
        "bekend_op": "2026-09-01",
        "pgn": "111222333",
        "instellingscode": "12QN",
        "volgnummer": name,
        "begindatum": "2023-08-01",
        "vestigingscode": "12QN00",
        "schoolsoort": "SO",
    }
    import_events(ledger, [event], f"{name}.jsonl")
