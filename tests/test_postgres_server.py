"""The server of the tests: also with the programs that the wheel of the test extra carries."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest

from ledger.application import create, open_ledger
from ledger.importing import import_feed
from projections.refresh import refreshed
from projections.store.settings import ENGINE_VARIABLE
from tests.ledgers import NOW, write_feed
from tests.postgres_server import programs_of_wheel, running

FEED = [
    {"type": "SwvGeregistreerd", "bekend_op": "2024-01-01", "swv": "PO2304", "naam": "Een naam"}
]


def test_a_ledger_on_the_programs_of_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENGINE_VARIABLE, raising=False)  # a server has an engine of its own
    programs = programs_of_wheel()
    assert programs is not None, "the test extra is not installed"
    with running(tmp_path, programs) as address:
        with create(address) as ledger:
            import_feed(ledger, write_feed(tmp_path / "feed.jsonl", FEED), NOW)
        with open_ledger(address) as ledger:
            model = refreshed(ledger)
            names = list(model.execute("SELECT naam FROM samenwerkingsverbanden"))
            model.close()
        assert names == [("Een naam",)]
        with psycopg.connect(address) as connection:
            (found,) = connection.execute("SHOW unix_socket_directories").fetchone() or ("",)
        socket = Path(found)
        assert socket.is_dir()
    assert not socket.exists()


def test_programs_that_the_server_may_not_come_to_are_copied(tmp_path: Path) -> None:
    programs = programs_of_wheel()
    assert programs is not None, "the test extra is not installed"
    wheel = programs.parents[1]
    hidden = tmp_path / "verborgen"
    shutil.copytree(wheel, hidden / wheel.name)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, hidden / libraries.name)
    hidden.chmod(0o700)  # who runs the tests may enter, the user of the server may not
    with (
        running(tmp_path, hidden / wheel.name / "pginstall" / "bin") as address,
        psycopg.connect(address) as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)
