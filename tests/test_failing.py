"""What users are told when a disk, a file or stdout fails: in Dutch, where, and what to do."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from ledger.failing import reason, told, told_of_ledger
from ledger.sqlite_database import SQLiteDatabase
from ledger.vault import Vault
from synthetic.region import region
from synthetic.writing import Made, write_lines, write_parts
from tests.command import TODAY, Kijkglas, kijkglas, ledger_with
from tests.failing_disks import (
    Said,
    into,
    limited,
    nobody_writes,
    unprivileged,
    without_rights,
)

pytestmark = [
    pytest.mark.map("over de bestanden van een grootboek"),
    pytest.mark.usefixtures("on_sqlite"),
]

SMALL = 1000
"""Bytes of a file where SQLite can do nothing at all."""
SOME = 33_000
"""Bytes of a file where a ledger can be read, and no export or read model be written."""


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the feed of a region of some hundreds of pupils."""
    path = tmp_path_factory.mktemp("feed") / "regio.jsonl"
    with path.open("wb") as file:
        write_lines(region(2025, 600), file)
    return path


@pytest.fixture(scope="module")
def filled(feed: Path, only_sqlite: None, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001
    """Give the folder of a ledger that holds the feed, its read model current."""
    command = ledger_with(tmp_path_factory.mktemp("vol"), feed)
    command.fine("stand", *TODAY)
    return command.ledger


@pytest.fixture
def ledger(filled: Path, tmp_path: Path) -> Kijkglas:
    """Give a copy of that ledger."""
    return Kijkglas(Path(shutil.copytree(filled, tmp_path / "grootboek")))


# a full disk


@pytest.mark.parametrize("words", [("stand",), ("verify",), ("export", "events"), ("rebuild",)])
def test_a_full_disk_is_no_wrong_key(words: tuple[str, ...], ledger: Kijkglas) -> None:
    said = _refused(limited(SMALL, "--ledger", ledger.ledger, *words), 4)
    assert str(ledger.ledger) in said
    assert "schijf is vol; maak ruimte en herhaal het commando (dat kan veilig" in said
    assert "sleutel" not in said
    ledger.fine("verify")


def test_a_vault_on_a_full_disk_keeps_its_key(tmp_path: Path) -> None:
    """SQLite itself says that it is full: a database of one page takes no table."""
    database = SQLiteDatabase(tmp_path / "kluis.sqlite")
    database.execute("PRAGMA max_page_count = 1")
    with pytest.raises(sqlite3.OperationalError) as caught:
        Vault(database, os.urandom(32), lambda _: {})
    assert told(caught.value, "grootboek") == (
        "grootboek: de schijf is vol; maak ruimte en herhaal het commando"
    )


def test_a_transaction_that_filled_the_disk_says_so(tmp_path: Path) -> None:
    """SQLite may end it by itself: that there is nothing left to take back is not the message."""
    database = SQLiteDatabase(tmp_path / "x.sqlite")
    database.create(["CREATE TABLE t (x)"])
    database.execute("PRAGMA max_page_count = 4")
    with pytest.raises(sqlite3.OperationalError, match="full"), database.writing():
        database.executemany("INSERT INTO t VALUES (zeroblob(?))", [(4000,)] * 100)
    assert database.execute("SELECT count(*) FROM t") == [(0,)]
    database.close()


def test_an_import_that_met_a_full_disk_can_be_repeated(feed: Path, tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    done = limited(SOME, "--ledger", command.ledger, "import", feed, *TODAY)
    said = _refused(done, 4)
    assert str(command.ledger) in said
    assert "vol" in said
    assert "wat al geboekt was telt" in said
    assert " afgekeurd 0," in command.imported(feed).out
    command.fine("verify")


def test_a_read_model_of_parquet_that_does_not_fit(ledger: Kijkglas) -> None:
    words = ("--ledger", ledger.ledger, "rebuild", "--workers", 1)
    said = _refused(limited(SOME, *words, KIJKGLAS_ENGINE="duckdb"), 4)
    assert "mag niet groter worden" in said
    assert str(ledger.ledger) in said


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (errno.ENOSPC, "de schijf is vol; maak ruimte"),
        (errno.EDQUOT, "quotum"),
        (errno.EROFS, "alleen te lezen"),
        (errno.EACCES, "rechten"),
    ],
)
def test_what_a_disk_says_has_a_remedy(number: int, what: str) -> None:
    error = OSError(number, os.strerror(number), "/plaats/bestand")
    assert what in reason(error)
    assert "; " in reason(error)
    assert str(told_of_ledger(error, "elders")).startswith("/plaats/bestand: ")


def test_a_defect_is_no_failure_of_a_disk() -> None:
    assert told(ValueError("iets"), "x") is None
    assert told(BrokenPipeError(errno.EPIPE, "pipe"), "x") is None


# the output


@pytest.mark.parametrize("words", [("export", "events"), ("stand",), ("verify",), ("imports",)])
def test_a_stdout_that_is_full(words: tuple[str, ...], ledger: Kijkglas) -> None:
    done = into(Path("/dev/full"), "--ledger", ledger.ledger, *words)
    said = _refused(done, 2)
    assert said.endswith(
        "Fout: de uitvoer (stdout) is niet geschreven: de schijf is vol; maak ruimte en herhaal "
        "het commando\n"
    )


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("export", "events"), "uit.jsonl"),
        (("stand",), "uit.csv"),
        (("stand", "--format", "csv"), "map"),
    ],
)
def test_a_file_that_does_not_fit_leaves_nothing(
    words: tuple[str, ...], name: str, ledger: Kijkglas, tmp_path: Path
) -> None:
    target = tmp_path / name
    done = limited(SOME, "--ledger", ledger.ledger, *words, "-o", target)
    said = _refused(done, 2)
    assert "Ongeldige waarde voor -o: " in said
    assert "mag niet groter worden" in said
    assert [path for path in tmp_path.rglob(f"{name}*") if path.is_file()] == []


# no writing


def test_a_ledger_without_rights_is_said_to_be_so(ledger: Kijkglas) -> None:
    with without_rights(ledger.ledger):
        said = _refused(unprivileged("--ledger", ledger.ledger, "stand"), 4)
    assert str(ledger.ledger) in said
    assert "hier mag niet worden geschreven" in said
    assert "vraag de rechten" in said


def test_a_ledger_on_a_read_only_disk_answers(ledger: Kijkglas) -> None:
    """Where the tests may not mount, only that the message is Dutch can be seen."""
    before = ledger.fine("stand", *TODAY).data
    with without_rights(ledger.ledger), nobody_writes(ledger.ledger) as sealed:
        answer = unprivileged("--ledger", ledger.ledger, "stand", *TODAY)
        exported = unprivileged("--ledger", ledger.ledger, "export", "events")
        words = ("record", "SwvGeregistreerd", "swv=PO2304", "naam=Anders")
        booked = unprivileged("--ledger", ledger.ledger, *words)
    assert "hier mag niet worden geschreven" in _refused(booked, 4)
    if sealed:
        assert (answer.returncode, answer.stdout) == (0, before)
        assert exported.stdout == ledger.exported()
    else:
        assert "hier mag niet worden geschreven" in _refused(answer, 4)


# the demo


def test_a_demo_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "bestand").write_bytes(b"")
    for place in (tmp_path / "bestand", tmp_path / "bestand" / "map"):
        for more in ((), ("--scale", "1m")):
            done = kijkglas("demo", place, *more)
            assert done.status == 2
            assert f"Ongeldige waarde voor MAP: {place}" in done.err
            assert "is een bestand en geen map" in done.err


def test_a_demo_without_rights_or_room(tmp_path: Path) -> None:
    with without_rights(tmp_path):
        said = _refused(unprivileged("demo", tmp_path / "proef"), 2)
    assert "rechten" in said
    said = _refused(limited(SMALL, "demo", tmp_path / "vol"), 2)
    assert f"MAP: {tmp_path}/vol: " in said
    assert "mag niet groter worden" in said


def test_a_demo_folder_holds_one_country(tmp_path: Path) -> None:
    next(iter(write_parts(tmp_path, 2000, 7, workers=1)))
    done = kijkglas("demo", tmp_path, "--scale", "1m")
    assert done.status == 2
    assert "een ander land (--scale 2000 --seed 7); kies een lege map" in done.err


def test_a_part_that_could_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    done = limited(SMALL, "demo", tmp_path / "land", "--scale", "1m", "--feed-only")
    assert "mag niet groter worden" in _refused(done, 2)
    assert [path.name for path in (tmp_path / "land").iterdir()] == ["feed.json"]
    assert Made(96_000, 2025) == Made(pupils=96_000, seed=2025)


def test_a_demo_with_an_engine_that_is_not_installed_fails_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIJKGLAS_ENGINE", "duckdb")
    monkeypatch.setattr("projections.store.settings.NEEDED", ("nergens_te_vinden",))
    done = kijkglas("demo", tmp_path / "proef")
    assert done.status == 4
    assert "extra 'scale'" in done.err
    assert list(tmp_path.iterdir()) == []


# a wrong use


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rebuild", "--workers", "0"), "Ongeldige waarde voor '--workers': 0 valt buiten x>=1."),
        (("rebuild", "--workers", "twee"), "'twee' is geen geheel getal."),
        (("rebuild", "--workers"), "Optie '--workers' heeft een waarde nodig."),
        (("demo", "--scale", "5m"), "'5m' is er geen van; kies uit 'region', '1m',"),
        (("demo", "--seed", "abc"), "Ongeldige waarde voor '--seed': 'abc' is geen geheel getal."),
        (("init", "--engine", "oracle"), "'oracle' is er geen van; kies uit 'sqlite', 'duckdb'."),
        (("niets",), "Commando 'niets' bestaat niet"),
        (("stand", "--teldatums", "x"), "Optie '--teldatums' bestaat niet; bedoelt u"),
        (("why",), "Er ontbreekt een optie: '--from'."),
        (("import",), "Er ontbreekt een argument: 'BESTAND…'."),
        (("verify", "meer"), "Er is een argument te veel: meer"),
        (("verify", "meer", "en"), "Er zijn argumenten te veel: meer en"),
        (("stand", "--positie", "-1"), "-1 valt buiten x>=0."),
    ],
)
def test_a_wrong_use_is_told_in_dutch(words: tuple[str, ...], said: str) -> None:
    done = kijkglas(*words)
    assert (done.status, done.data) == (2, b"")
    assert "Fout: " in done.err
    assert said in done.err
    for english in ("Error", "Invalid", "Usage", "Try '", "No such", "not "):
        assert english not in done.err


def test_how_a_command_is_used_stands_with_it() -> None:
    done = kijkglas("rebuild", "--workers", "0")
    assert done.err.startswith("Gebruik: kijkglas rebuild [OPTIONS]\nUitleg: kijkglas rebuild -h\n")


@pytest.mark.parametrize("name", ["leeg.jsonl", "leeg.csv", "leeg.ndjson", "leeg"])
@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_empty_whatever_its_name(
    content: bytes, name: str, tmp_path: Path
) -> None:
    command = ledger_with(tmp_path)
    (tmp_path / name).write_bytes(content)
    done = command("import", tmp_path / name)
    assert done.status == 2
    assert done.err == f"{name}: het bestand is leeg; download het bestand opnieuw\n"
    said = command.fine("import", tmp_path / name, "--source", "gebeurtenissen")
    assert said.out.startswith(f"{name}: 0 regels, geboekt 0")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_feed_in_utf_16_is_named_with_the_remedy(encoding: str, tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    path = tmp_path / "u16.jsonl"
    path.write_bytes('{"type": "SwvGeregistreerd", "swv": "PO2304"}\n'.encode(encoding))
    for more in ((), ("--source", "gebeurtenissen")):
        done = command("import", path, *more)
        assert done.status == 2
        assert "UTF-16; een feed is UTF-8; bewaar het als UTF-8" in done.err


def test_a_file_that_is_not_there_is_told_in_dutch(tmp_path: Path) -> None:
    done = ledger_with(tmp_path)("import", tmp_path / "nergens.jsonl")
    assert done.status == 2
    assert done.err == (
        f"{tmp_path}/nergens.jsonl kan niet worden gelezen: het bestaat niet; controleer de naam\n"
    )


def _refused(done: Said, status: int) -> str:
    """Return what was said by a command that ended so, in Dutch and without a traceback."""
    said = done.stderr.decode()
    assert done.returncode == status, said
    for english in ("Traceback", "No space", "unable to open", "Errno", "disk I/O", "read-only"):
        assert english not in said
    return said
