"""A ledger on PostgreSQL from the command line: its address, its key, and what can go wrong."""

from __future__ import annotations

import base64
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from ledger.failing import told_of_ledger
from tests.command import TODAY, Done, kijkglas, process
from tests.ledgers import write_feed
from tests.places import database_of, key_of, open_ledger, server, throw_away, use

SECRET = "geheim!wachtwoord"  # noqa: S105 - of a user that tests make
FEED = [
    {
        "type": "LeerlingGeregistreerd",
        "bekend_op": "2024-08-15",
        "pgn": "111222333",
        "geboortedatum": "2013-03-29",
    }
]


@pytest.fixture
def address(tmp_path: Path, grootboek: str) -> Iterator[str]:
    """Give the address of an empty database."""
    use("postgresql")
    yield database_of(tmp_path)
    use(grootboek)
    throw_away({tmp_path})


def test_every_command_takes_an_address(address: str, tmp_path: Path) -> None:
    made = _fine("--ledger", address, "init")
    assert made.out.startswith("Leeg grootboek in postgresql://kijkglas@/gb_")
    feed = write_feed(tmp_path / "feed.jsonl", FEED)
    assert "1" in _fine("--ledger", address, "import", feed, *TODAY).out
    assert "al bekend 1" in kijkglas("--ledger", address, "import", feed, *TODAY).out
    assert b'"111222333"' in _fine("--ledger", address, "export", "events").data
    assert "goed" in _fine("--ledger", address, "verify").out
    other = process("imports", KIJKGLAS_LEDGER=address)
    assert other.returncode == 0, other.stderr


def test_init_keeps_the_key_for_its_owner(address: str, tmp_path: Path) -> None:
    done = _fine("--ledger", address, "init")
    key = key_of(tmp_path)
    assert key.parent.name == "kijkglas"
    assert key.name.startswith("gb_")
    assert str(key) in done.err
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    again = kijkglas("--ledger", address, "init")
    assert again.status == 4
    assert "staat al een grootboek" in again.err


def test_a_named_key_file_and_a_key_of_the_environment(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "sleutels" / "mijn.sleutel"
    monkeypatch.setenv("KIJKGLAS_KEY_FILE", str(named))
    _fine("--ledger", address, "init")
    text = named.read_text(encoding="ascii").strip()
    named.unlink()
    gone = kijkglas("--ledger", address, "imports")
    assert gone.status == 4
    assert str(named) in gone.err
    assert "KIJKGLAS_KEY" in gone.err
    monkeypatch.setenv("KIJKGLAS_KEY", text)
    _fine("--ledger", address, "imports")
    monkeypatch.setenv("KIJKGLAS_KEY", base64.b64encode(os.urandom(32)).decode())
    wrong = kijkglas("--ledger", address, "imports")
    assert wrong.status == 4
    assert "geen kluis bij de sleutel in KIJKGLAS_KEY; geef" in wrong.err


def test_an_empty_database_is_no_ledger(address: str) -> None:
    done = kijkglas("--ledger", address, "stand", *TODAY)
    assert done.status == 4
    assert done.err.endswith("staat geen grootboek; maak het met 'kijkglas init'\n")


def test_a_database_that_is_not_there() -> None:
    address = f"postgresql://kijkglas:{quote(SECRET)}@/nergens?host={quote(str(server()))}"
    _refused(address, "de database nergens bestaat niet; maak")


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _refused(f"postgresql://u:{quote(SECRET)}@127.0.0.1:{port}/gb", "neemt geen verbinding aan")
    _refused(f"postgresql://u:{quote(SECRET)}@/gb?host={tmp_path}", "draait geen server")


def test_a_wrong_password(address: str) -> None:
    host, name = quote(str(server())), address.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(address, autocommit=True) as connection:
        rules = Path(str(connection.execute("SHOW hba_file").fetchone()[0]))  # type: ignore[index]
        before = rules.read_text(encoding="utf-8")
        connection.execute("DROP ROLE IF EXISTS ander")
        connection.execute("CREATE ROLE ander LOGIN PASSWORD 'een ander'")
        try:
            rules.write_text("local all ander scram-sha-256\n" + before, encoding="utf-8")
            connection.execute("SELECT pg_reload_conf()")
            _refused(f"postgresql://ander:{quote(SECRET)}@/{name}?host={host}", "het wachtwoord")
            _refused(f"postgresql://ander@/{name}?host={host}&password={quote(SECRET)}", "het wach")
        finally:
            rules.write_text(before, encoding="utf-8")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("DROP ROLE ander")


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://u:{SECRET}@x@host/gb",
        f"postgresql://u:1/{SECRET}@host/gb",
        f"postgresql://u:{SECRET}/x@host/gb",
        f"postgresql://u:{SECRET}%zz@host/gb",
    ],
)
def test_a_password_with_a_sign_of_its_own_is_not_shown(address: str) -> None:
    _refused(address, "onleesbaar")


@pytest.mark.parametrize("sign", ["#", "?", ":", "%25"])
def test_other_signs_are_part_of_a_password(sign: str, tmp_path: Path) -> None:
    _refused(f"postgresql://u:p{sign}{SECRET}@/gb?host={tmp_path}", "draait geen server")


def test_a_user_who_may_make_no_tables(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        connection.execute("CREATE ROLE gast LOGIN")
        try:
            done = kijkglas("--ledger", address.replace("kijkglas@", "gast@"), "init")
        finally:
            connection.execute("DROP ROLE gast")
    assert done.status == 4
    assert "mag hier geen tabellen maken" in done.err


def test_a_database_that_cannot_hold_every_name(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        text = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        connection.execute(f"CREATE DATABASE latijn {text}")
        try:
            name = address.rpartition("/")[2].partition("?")[0]
            done = kijkglas("--ledger", address.replace(name, "latijn"), "init")
        finally:
            connection.execute("DROP DATABASE latijn")
    assert done.status == 4
    assert "LATIN1" in done.err
    assert "createdb --encoding=UTF8" in done.err


def test_another_kind_of_address_is_named() -> None:
    done = kijkglas("--ledger", "mysql://u:p@host/gb", "imports")
    assert done.status == 4
    assert done.err == "Grootboek: mysql: een grootboek is een map of postgresql://…\n"


def test_without_psycopg_the_extra_is_named(tmp_path: Path) -> None:
    """A module that cannot be imported stands in its place, as when it is not installed."""
    (tmp_path / "psycopg.py").write_text(
        "raise ModuleNotFoundError('geen', name='psycopg')\n", encoding="utf-8"
    )
    path = f"{tmp_path}{os.pathsep}{Path.cwd()}"
    done = process("--ledger", "postgresql://host/gb", "imports", PYTHONPATH=path)
    assert done.returncode == 4
    assert b"extra 'postgres' nodig" in done.stderr


def test_a_ledger_in_a_folder_loads_no_psycopg(tmp_path: Path) -> None:
    (tmp_path / "psycopg.py").write_text("raise AssertionError('geladen')\n", encoding="utf-8")
    path = f"{tmp_path}{os.pathsep}{Path.cwd()}"
    for words in (("init",), ("imports",), ("verify",)):
        done = process("--ledger", tmp_path / "grootboek", *words, PYTHONPATH=path)
        assert done.returncode == 0, done.stderr


def test_where_an_export_comes_from_holds_no_password(address: str, tmp_path: Path) -> None:
    address = address.replace("kijkglas@", f"kijkglas:{quote(SECRET)}@")
    _fine("--ledger", address, "init")
    _fine("--ledger", address, "import", write_feed(tmp_path / "f.jsonl", FEED), *TODAY)
    done = _fine("--ledger", address, "stand", "--format", "json", *TODAY)
    assert "postgresql://…" in done.out
    assert SECRET not in done.out + done.err
    assert quote(SECRET) not in done.out + done.err


def test_a_database_of_something_else_is_left_alone(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE klanten (naam text)")
    done = kijkglas("--ledger", address, "init")
    assert done.status == 4
    assert "is niet leeg: er staan al tabellen van iets anders in, zoals klanten; maak" in done.err
    with psycopg.connect(address) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert names.fetchall() == [("klanten",)]


@pytest.mark.parametrize("table", ["leerlingen", "proef", "zegels", "opnieuw"])
def test_a_table_that_is_missing_is_named(table: str, address: str, tmp_path: Path) -> None:
    """Made again empty, it would let every pupil be nobody, and every answer be empty."""
    _fine("--ledger", address, "init")
    _fine("--ledger", address, "import", write_feed(tmp_path / "f.jsonl", FEED), *TODAY)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP TABLE {table}")
    done = kijkglas("--ledger", address, "stand", *TODAY)
    assert done.status == 4
    assert f"ontbreekt van het grootboek: {table}; zet een kopie" in done.err


@pytest.mark.parametrize("options", ["-c onzin=1", "-c work_mem=veel", "--zzz"])
def test_a_wrong_setting_is_no_server_out_of_reach(
    options: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", options)
    _refused(address, "de server kent een instelling niet die in PGOPTIONS")


def test_who_and_what_is_not_there_is_named(address: str) -> None:
    _refused(address.replace("kijkglas@", "niemand@"), "de gebruiker niemand bestaat niet")
    _refused(f"postgresql://u:{quote(SECRET)}@nergens.invalid/gb", "naam van de server is niet te")


def test_a_user_without_rights(address: str) -> None:
    _fine("--ledger", address, "init")
    guest = address.replace("kijkglas@", f"gast:{quote(SECRET)}@")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE ROLE gast LOGIN")
        try:
            done = kijkglas("--ledger", guest, "stand", *TODAY)
        finally:
            connection.execute("DROP ROLE gast")
    assert done.status == 4
    assert "deze gebruiker heeft geen rechten (tabel proef); laat de eigenaar" in done.err
    assert "gast@" in done.err
    assert SECRET not in done.err
    assert "permission" not in done.err


def test_a_connection_that_is_cut(address: str, tmp_path: Path) -> None:
    _fine("--ledger", address, "init")
    with open_ledger(tmp_path) as ledger:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(psycopg.OperationalError) as caught:
            ledger.vault.find(["111222333"])
    said = str(told_of_ledger(caught.value, "postgresql://hier"))
    assert said.startswith("postgresql://hier: de ")
    assert "verbrak" in said or "verbroken" in said
    assert "wat al geboekt was telt" in said


def _fine(*words: object) -> Done:
    done = kijkglas(*words)
    assert done.status == 0, done.err
    return done


def _refused(address: str, why: str) -> None:
    for command in (("init",), ("stand", *TODAY)):
        done = kijkglas("--ledger", address, *command)
        assert done.status == 4, done.err
        assert done.err.startswith("Grootboek: ")
        assert why in done.err
        assert SECRET not in done.err + done.out
        assert quote(SECRET) not in done.err
        assert "geheim" not in done.err
