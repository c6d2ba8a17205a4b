"""`verify`, damage of any file, and the read model that comes back the same (architecture.md)."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.folder_place import EVENTS_FILE, VAULT_FILE
from projections.refresh import refreshed
from synthetic.region import region
from tests.command import Done, kijkglas
from tests.ledgers import import_events, stand_rows
from tests.places import address_of, copied, create, drop_read_model, events_of, open_ledger, tamper
from tests.processes import brought_up, checks, is_sound, start

pytestmark = pytest.mark.usefixtures("only_sqlite")

TELDATUM = date(2025, 2, 1)
FIXED = {
    "type": "TellingVastgesteld",
    "bekend_op": "2025-03-10",
    "teldatum": "2025-02-01",
    "schoolsoorten": ["SBO", "SO", "VSO"],
    "op": "2025-03-07",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger of a small region with its read model, that nobody has open."""
    folder = tmp_path_factory.mktemp("controle") / "grootboek"
    lines: list[Mapping[str, Any]] = [*region(2025, 40), FIXED]
    with create(folder) as ledger:
        for part in range(3):
            import_events(ledger, lines[part::3], f"deel{part}.jsonl")
        refreshed(ledger).close()
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of it to damage."""
    return copied(whole, tmp_path / "grootboek")


@pytest.mark.beide
def test_a_sound_ledger_is_told_so(folder: Path) -> None:
    done = _run(folder, "verify")
    assert done.status == 0
    lines = done.out.splitlines()
    assert lines[:4] == [
        "keten: goed",
        "gebeurtenissen: goed",
        "invarianten: goed",
        "leesmodel: goed",
    ]
    with open_ledger(folder) as ledger:
        assert lines[4] == f"{ledger.position} gebeurtenissen, hoofd van de keten {ledger.head()}"
    assert len(lines) == 5


@pytest.mark.beide
@pytest.mark.parametrize(
    ("statement", "position", "what"),
    [
        ("UPDATE stored_events SET state = state || x'20' WHERE rowid = 17", 17, "gewijzigd"),
        (
            "UPDATE stored_events SET state = CAST(state || x'20' AS BLOB) WHERE rowid = 18",
            18,
            "gewijzigd",
        ),
        ("UPDATE stored_events SET topic = 'SwvGeregistreerd' WHERE rowid = 40", 40, "gewijzigd"),
        ("DELETE FROM stored_events WHERE rowid = 60", 60, "verwijderd"),
        (
            "DELETE FROM stored_events WHERE rowid = (SELECT max(rowid) FROM stored_events)",
            0,
            "verwijderd",
        ),
        (
            """INSERT INTO stored_events (rowid, originator_id, originator_version, topic, state)
               SELECT (SELECT max(rowid) + 1 FROM stored_events), originator_id, 99, topic, state
               FROM stored_events WHERE rowid = 9""",
            1,
            "ingevoegd",
        ),
        ("UPDATE zegels SET invoer = 'een ander' WHERE eerste = 1", 1, "zegel gewijzigd"),
    ],
)
def test_verify_names_the_first_position_that_differs(
    statement: str, position: int, what: str, folder: Path
) -> None:
    with open_ledger(folder) as ledger:
        last = ledger.position
    named = position if position > 1 or "zegel" in what else last + position
    tamper(events_of(folder), statement)
    done = _run(folder, "verify")
    assert done.status == 1
    assert "keten: NIET GOED" in done.out
    assert f"  gebeurtenis {named}: " in done.out
    assert what in done.out
    assert "leesmodel" not in done.out


@pytest.mark.beide
def test_a_log_that_was_cut_off_shows_by_the_read_model_and_the_head(folder: Path) -> None:
    """The chain of what is left holds; what was computed before knows more."""
    before = _run(folder, "verify").out.splitlines()[-1]
    _cut_off(folder)
    done = _run(folder, "verify")
    assert "keten: goed" in done.out
    assert done.out.splitlines()[-1] != before


@pytest.mark.beide
def test_a_secret_that_does_not_open_is_told(folder: Path) -> None:
    """Who also makes the chain anew cannot move a secret to another pupil."""
    with closing(events_of(folder)) as db:
        query = "SELECT rowid, state FROM stored_events WHERE topic = 'LeerlingGeregistreerd' "
        (one, first), (two, second) = db.execute(query + "ORDER BY rowid LIMIT 2")
        db.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", (first, two))
        db.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", (second, one))
    done = _run(folder, "verify")
    assert done.status == 1
    assert "gebeurtenissen: NIET GOED" in done.out
    assert "beschadigd" in done.out


@pytest.mark.map("about the files of a read model, of the events or of the vault")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE standen SET telt = 1 - telt WHERE rowid = 5",
        "UPDATE standen SET swv = 'PO9999' WHERE rowid = (SELECT max(rowid) FROM standen)",
        "DELETE FROM standen WHERE rowid = 7",
        "DELETE FROM tlvs WHERE rowid = 2",
        "UPDATE tlvs SET laatste_dag = laatste_dag - 1 WHERE rowid = 2",
        "DELETE FROM koppelingen WHERE rowid = 1",
        "UPDATE personen SET geboren_in = geboren_in + 1 WHERE rowid = 3",
        "DELETE FROM afhankelijkheden WHERE rowid = 3",
        "DELETE FROM aansluitingen WHERE rowid = 1",
        "UPDATE vestigingen SET naam = 'De Verkeerde School' WHERE rowid = 1",
        "DELETE FROM samenwerkingsverbanden",
        "DELETE FROM tellingen WHERE rowid = 1",
        "UPDATE tussenstanden SET verschil = verschil + 1 WHERE rowid = 3",
        "DELETE FROM tussenstanden WHERE rowid = 1",
        "INSERT INTO standen SELECT * FROM standen WHERE rowid = 1",
        "INSERT INTO koppelingen SELECT * FROM koppelingen WHERE rowid = 1",
    ],
)
def test_a_changed_read_model_is_told(statement: str, folder: Path) -> None:
    changed = _tamper(_read_model(folder), statement)
    assert changed > 0
    done = _run(folder, "verify")
    assert done.status == 1
    assert "keten: goed" in done.out
    assert "leesmodel: NIET GOED" in done.out


@pytest.mark.map("about the files of a read model, of the events or of the vault")
def test_rebuild_mends_a_changed_read_model(folder: Path) -> None:
    _tamper(_read_model(folder), "UPDATE standen SET swv = 'PO9999'")
    assert _run(folder, "verify").status == 1
    assert _run(folder, "rebuild").status == 0
    assert _run(folder, "verify").status == 0


@pytest.mark.map("about the files of a read model, of the events or of the vault")
@pytest.mark.parametrize("pattern", ["standen-*.sqlite", "standen*", "standen.slot"])
def test_a_deleted_read_model_comes_back_the_same(pattern: str, folder: Path) -> None:
    before = _answer(folder)
    for path in folder.glob(pattern):
        path.unlink()
    assert _answer(folder) == before
    assert is_sound(folder)


@pytest.mark.map("about the files of a read model, of the events or of the vault")
@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"geen databestand" * 500),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:100]),
    ],
)
def test_a_damaged_read_model_comes_back_the_same(
    damage: Callable[[Path], object], folder: Path
) -> None:
    before = _answer(folder)
    damage(_read_model(folder))
    assert _answer(folder) == before


@pytest.mark.map("about the files of a read model, of the events or of the vault")
def test_a_read_model_deleted_without_its_log_comes_back_the_same(
    whole: Path, tmp_path: Path
) -> None:
    """A process died after a catch-up: its write-ahead log stays beside the deleted file."""
    folder = copied(whole, tmp_path / "grootboek")
    with open_ledger(folder) as ledger:
        import_events(ledger, _more(2))
    died = start(folder, "stand", die=("projections.stand:stand_report", 1, "before"))
    assert died.end().status < 0
    (log,) = folder.glob("standen-*.sqlite-wal")
    assert log.stat().st_size > 0
    _read_model(folder).unlink()
    _assert_as_from_scratch(folder)


@pytest.mark.map("about the files of a read model, of the events or of the vault")
def test_a_log_left_by_an_earlier_generation_does_no_harm(folder: Path) -> None:
    """A process died while it removed the earlier generation; later all files are deleted."""
    with open_ledger(folder) as ledger:
        import_events(ledger, _more(2))
    died = start(folder, "stand", die=("projections.stand:stand_report", 1, "before"))
    assert died.end().status < 0
    (log,) = folder.glob("standen-*.sqlite-wal")
    kept = log.read_bytes()
    assert kept
    for path in folder.glob("standen*"):
        path.unlink()
    log.write_bytes(kept)
    _assert_as_from_scratch(folder)


@pytest.mark.map("about the files of a read model, of the events or of the vault")
def test_an_older_event_store_put_back_takes_the_read_model_with_it(folder: Path) -> None:
    """A backup of the events is put back; what was computed since knows too much."""
    kept = folder.parent / "reservekopie"
    shutil.copy(folder / EVENTS_FILE, kept)
    before = _answer(folder)
    with open_ledger(folder) as ledger:
        import_events(ledger, _more(2))
    assert _answer(folder) != before
    shutil.copy(kept, folder / EVENTS_FILE)
    assert _answer(folder) == before
    assert is_sound(folder)


@pytest.mark.map("about the files of a read model, of the events or of the vault")
def test_another_history_of_the_same_length_is_not_taken_for_the_first(folder: Path) -> None:
    """Put back, and booked to again: the same position, and other events."""
    kept = folder.parent / "reservekopie"
    shutil.copy(folder / EVENTS_FILE, kept)
    with open_ledger(folder) as ledger:
        import_events(ledger, _more(2))
        first = ledger.position
    brought_up(folder)
    shutil.copy(kept, folder / EVENTS_FILE)
    with open_ledger(folder) as ledger:
        import_events(ledger, _more(3))
        assert ledger.position == first
    _assert_as_from_scratch(folder)


@pytest.mark.map("about the files of a read model, of the events or of the vault")
@pytest.mark.parametrize("name", [EVENTS_FILE, VAULT_FILE])
@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"geen databestand" * 500),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(b"\0" * path.stat().st_size),
        lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 200_000),
    ],
)
@pytest.mark.parametrize("words", [("stand",), ("verify",), ("export", "events"), ("rebuild",)])
def test_a_damaged_file_ends_every_command_with_4(
    name: str, damage: Callable[[Path], object], words: tuple[str, ...], folder: Path
) -> None:
    for path in folder.glob("standen*"):
        path.unlink()
    damage(folder / name)
    done = _run(folder, *words)
    assert done.status == 4
    assert done.err.startswith("Grootboek: ")
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "change",
    [
        "state = x'FF'",
        "state = CAST('{}' AS BLOB)",
        "state = CAST('{\"bekend_op\":1}' AS BLOB)",
        "topic = 'Onbekend'",
        "state = substr(state, 1, 30)",
    ],
)
@pytest.mark.parametrize("words", [("stand",), ("export", "events"), ("rebuild",)])
def test_an_event_that_cannot_be_read_ends_every_command_with_4(
    change: str, words: tuple[str, ...], folder: Path
) -> None:
    drop_read_model(folder)
    where = "rowid = (SELECT min(rowid) FROM stored_events WHERE topic LIKE 'Inschrijving%')"
    tamper(events_of(folder), f"UPDATE stored_events SET {change} WHERE {where}")
    done = _run(folder, *words)
    assert done.status == 4
    assert done.err.startswith("Grootboek: ")
    assert _run(folder, "verify").status == 1


@pytest.mark.map("about the files of a read model, of the events or of the vault")
def test_a_lost_vault_is_no_empty_one(folder: Path) -> None:
    """Without its vault the ledger does not know who anybody is: that is damage."""
    (folder / VAULT_FILE).unlink()
    done = _run(folder, "stand")
    assert done.status == 4
    assert done.err.startswith("Grootboek: ")


def _run(folder: Path, *words: str) -> Done:
    return kijkglas("--ledger", address_of(folder), *words)


def _tamper(path: Path, statement: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        changed = db.execute(statement).rowcount
        db.commit()
    return changed


def _cut_off(folder: Path) -> None:
    with closing(events_of(folder)) as db:
        ((eerste,),) = db.execute("SELECT max(eerste) FROM zegels")
        db.execute("DELETE FROM zegels WHERE eerste = ?", (eerste,))
        db.execute("DELETE FROM stored_events WHERE rowid >= ?", (eerste,))


def _read_model(folder: Path) -> Path:
    (path,) = folder.glob("standen-*.sqlite")
    return path


def _answer(folder: Path) -> list[object]:
    with open_ledger(folder) as ledger:
        model = refreshed(ledger)
        rows = stand_rows(ledger, model, TELDATUM)
        assert model.position == ledger.position
        model.close()
    assert rows
    return list(rows)


def _assert_as_from_scratch(folder: Path) -> None:
    """Check that the answers are those of a read model made of the events alone."""
    found = _answer(folder)
    other = folder.parent / "opnieuw"
    other.mkdir()
    for path in folder.iterdir():
        if path.is_file() and not path.name.startswith("standen"):
            shutil.copy(path, other / path.name)
    assert found == _answer(other)
    assert [check for check in checks(folder) if check.gevonden] == []


def _more(month: int) -> list[dict[str, str]]:
    """Return events of a pupil who is new, other ones for another month."""
    pgn, known = "111222333", f"2024-0{month}-01"
    code = {"instellingscode": "12QN", "volgnummer": str(month)}
    return [
        {
            "type": "InschrijvingGeregistreerd",
            "bekend_op": known,
            "pgn": pgn,
            **code,
            "begindatum": "2023-08-01",
            "vestigingscode": "12QN00",
            "schoolsoort": "SO",
        },
        {
            "type": "WoonplaatsVastgelegd",
            "bekend_op": known,
            "pgn": pgn,
            "vanaf": f"2020-0{month}-01",
            "pc4": "7511",
        },
    ]
