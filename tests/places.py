"""The one door through which tests make and open ledgers: in a folder or on PostgreSQL.

A test names its ledger by a folder. Where the ledger of that folder is depends on the kind of
ledger that is being tested (`--grootboek`): in the folder itself, or in a database of its own
on the server of the test session. `address_of` gives what the command line takes.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ledger import application
from ledger.application import Ledger
from ledger.databases import Database
from ledger.folder_place import EVENTS_FILE, KEY_FILE, VAULT_FILE
from ledger.places import place_of
from ledger.recorders import LedgerRecorder
from ledger.sqlite_database import SQLiteDatabase
from ledger.vault import Vault
from projections.store.settings import ENGINE_VARIABLE
from tests import postgres_server

if TYPE_CHECKING:
    from ledger.postgres_recorder import PostgresLedgerRecorder

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
ROOM: Final = "KIJKGLAS_TEST_ROOM"
"""The folder that the processes of one test session share: the server, the keys."""

NO_LOG: Final[Mapping[tuple[UUID, int], UUID | None]] = MappingProxyType({})

_TEMPLATE: Final = "leeg"
_ROOMS: Final = "kijkglas-tests-"
_kinds: dict[Path, str] = {}
"""The kind of each ledger, so that one of a wider fixture stays what it is."""
_made: dict[Path, str] = {}
"""The database of each ledger on PostgreSQL."""
_GENERATION: Final = re.compile(r"standen-\d{6}\.(sqlite|parquet)")
_now: list[str] = [SQLITE]
_engine: list[str] = []


def use(kind: str) -> None:
    """Let the ledgers that are made from now on be of this kind.

    The engine of a run (`--engine`) is that of ledgers in a folder: a server has its own.
    """
    _now[0] = kind
    if kind == POSTGRESQL:
        _engine[:] = [*_engine, *filter(None, [os.environ.pop(ENGINE_VARIABLE, None)])]
    elif _engine:
        os.environ[ENGINE_VARIABLE] = _engine.pop()


def kind() -> str:
    """Return the kind of ledger that is being tested."""
    return _now[0]


def create(folder: Path) -> Ledger:
    """Make an empty ledger that is known by a folder, and open it."""
    return application.create(address_of(folder))


def open_ledger(folder: Path) -> Ledger:
    """Open the ledger that is known by a folder."""
    return application.open_ledger(address_of(folder))


def recorder_at(path: Path) -> LedgerRecorder:
    """Open the event store that is known by a path, with its tables; close its `datastore`."""
    if _kind_of(path) == SQLITE:
        from ledger import sqlite_recorder  # noqa: PLC0415 - one of the two

        made = sqlite_recorder.SQLiteLedgerRecorder(sqlite_recorder.LedgerDatastore(str(path)))
        made.create_table()
        return made
    return postgres_recorder_at(path)


def postgres_recorder_at(path: Path) -> PostgresLedgerRecorder:
    """Open the event store in the database that is known by a path, with its tables."""
    from ledger import postgres_recorder  # noqa: PLC0415 - an extra

    datastore = postgres_recorder.LedgerDatastore(database_of(path))
    made = postgres_recorder.PostgresLedgerRecorder(datastore, events_table_name="stored_events")
    made.create_table()
    return made


def vault_at(path: Path, key: bytes, log: Mapping[tuple[UUID, int], UUID | None] = NO_LOG) -> Vault:
    """Open the vault that is known by a path; it need not be there.

    `log` is what stands in a log about joins: whom each event joins to its stream.
    """

    def told(streams: Iterable[UUID]) -> dict[tuple[UUID, int], UUID | None]:
        asked = set(streams)
        return {place: nieuw for place, nieuw in log.items() if place[0] in asked}

    return Vault(database_at(path), key, told)


def database_at(path: Path) -> Database:
    """Open the database that is known by a path: a file of SQLite, or one of PostgreSQL."""
    if _kind_of(path) == SQLITE:
        return SQLiteDatabase(path)
    from ledger.postgres_database import PostgresDatabase  # noqa: PLC0415 - an extra

    return PostgresDatabase(database_of(path))


def events_of(folder: Path) -> Database:
    """Open the database with the events of a ledger, to see or change what stands there."""
    return _part_of(folder, EVENTS_FILE)


def vault_of(folder: Path) -> Database:
    """Open the database with the vault of a ledger, to see or change what stands there."""
    return _part_of(folder, VAULT_FILE)


def _part_of(folder: Path, file: str) -> Database:
    return database_at(folder / file if _kind_of(folder) == SQLITE else folder)


def tamper(database: Database, *statements: str) -> None:
    """Change what stands in a database of a ledger, with SQL as SQLite has it; close it."""
    with closing(database):
        for statement in statements:
            database.execute(_as_said_here(statement))


def _as_said_here(statement: str) -> str:
    """Return a statement with what the two databases say in another way."""
    if _now[0] == SQLITE:
        return statement
    for said, here in _OTHERWISE.items():
        statement = re.sub(said, here, statement)
    return statement


_OTHERWISE: Final = {
    r"zeroblob\((\d+)\)": r"decode(repeat('00', \1), 'hex')",
    r"x'(\w*)'": r"decode('\1', 'hex')",
    r"CAST\(state AS TEXT\)": "convert_from(state, 'UTF8')",
    r"state = (\d)": r"state = '\1'",
    r"originator_id = (.*)substr\(originator_id, 3\)": (
        r"originator_id = CAST(\1substr(CAST(originator_id AS text), 3) AS uuid)"
    ),
}


def copied(folder: Path, target: Path) -> Path:
    """Return a copy of a ledger that nobody has open, known by another folder."""
    if _kind_of(folder) == SQLITE:
        return Path(shutil.copytree(folder, target))
    _kinds[target.resolve()] = POSTGRESQL
    shutil.copy(key_of(folder), place_of(database_of(target, template=folder)).key_path)
    return target


def generations(folder: Path) -> list[str]:
    """Return the names of the finished generations of the read model of a ledger."""
    if _kind_of(folder) == SQLITE:
        return sorted(path.name for path in folder.iterdir() if _GENERATION.fullmatch(path.name))
    with closing(events_of(folder)) as db:
        if db.execute("SELECT to_regclass('standen_generatie')")[0][0] is None:
            return []
        rows = db.execute("SELECT nummer FROM standen_generatie")
    present = {f"standen_{row[0]:06}" for row in rows}
    return sorted(present & {*_schemas(folder)})


def left_over(folder: Path) -> set[str]:
    """Return what was left behind by a process that made a read model."""
    if _kind_of(folder) == SQLITE:
        wanted = {EVENTS_FILE, VAULT_FILE, KEY_FILE, "standen.slot", *generations(folder)}
        return {path.name for path in folder.iterdir()} - wanted
    return {*_schemas(folder)} - {*generations(folder)}


def drop_read_model(folder: Path) -> None:
    """Throw all of the read model of a ledger away."""
    if _kind_of(folder) == SQLITE:
        for path in folder.glob("standen*"):
            path.unlink()
        return
    statements = [f"DROP SCHEMA {name} CASCADE" for name in _schemas(folder)]
    tamper(events_of(folder), "SET client_min_messages TO warning", *statements)


def _schemas(folder: Path) -> list[str]:
    query = "SELECT nspname FROM pg_namespace WHERE nspname ~ '^standen_[0-9]{6}$'"
    with closing(events_of(folder)) as db:
        return [row[0] for row in db.execute(query)]


def key_of(folder: Path) -> Path:
    """Return where the key of a ledger is."""
    return place_of(address_of(folder)).key_path


def address_of(folder: Path) -> Path | str:
    """Return what `--ledger` takes for the ledger that is known by a folder."""
    return folder if _kind_of(folder) == SQLITE else database_of(folder)


def database_of(folder: Path, template: Path | None = None) -> str:
    """Return the address of the database that is known by a folder.

    A new one is a copy of another ledger's, or empty.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)  # tests put files beside and into it
    _kinds[folder] = POSTGRESQL
    if folder not in _made:
        name = f"gb_{sha256(os.fsencode(folder)).hexdigest()[:20]}"
        _create_database(name, _TEMPLATE if template is None else _made[template.resolve()])
        _made[folder] = name
    return postgres_server.address(server(), _made[folder])


def _kind_of(folder: Path) -> str:
    return _kinds.setdefault(folder.resolve(), _now[0])


def folder_of(ledger: Ledger) -> Path:
    """Return the folder by which a ledger is known; on PostgreSQL it need not be there."""
    name = ledger.address.rpartition("/")[2].partition("?")[0]
    return next((one for one, made in _made.items() if made == name), Path(ledger.address))


def made() -> set[Path]:
    """Return the folders by which the ledgers on PostgreSQL so far are known."""
    return set(_made)


def throw_away(folders: set[Path]) -> None:
    """Drop the databases of ledgers, of those that have one."""
    here = {folder.resolve() for folder in folders} & _made.keys()
    if not here:
        return
    from ledger.postgres_database import connected  # noqa: PLC0415 - an extra

    with closing(connected(postgres_server.address(server()))) as connection:
        for folder in here:
            connection.execute(f"DROP DATABASE IF EXISTS {_made.pop(folder)} WITH (FORCE)")
            _kinds.pop(folder, None)


def open_room() -> Path:
    """Make the folder that the processes of a test session share, and tell them of it."""
    _close_abandoned()
    room = Path(mkdtemp(prefix=_ROOMS))
    (room / "pid").write_text(str(os.getpid()), encoding="ascii")
    os.environ[ROOM] = str(room)
    # Keys of ledgers on PostgreSQL are kept here, not with those of who runs the tests.
    os.environ["XDG_CONFIG_HOME"] = str(room / "config")
    return room


def _close_abandoned() -> None:
    """Close the rooms of sessions that were killed: their servers would run for ever."""
    for mark in Path(gettempdir()).glob(f"{_ROOMS}*/pid"):
        with suppress(OSError, ValueError, RuntimeError):  # of another user, or just closed
            pid = int(mark.read_text(encoding="ascii"))
            if mark.stat().st_uid == os.geteuid() and not _is_alive(pid):
                close_room(mark.parent)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def close_room(room: Path) -> None:
    """Stop the server, if any test wanted one, and clear away what was shared."""
    for mark in (room / "server", room / "begonnen"):
        if mark.exists():
            postgres_server.stop(Path(mark.read_text(encoding="utf-8")))
    shutil.rmtree(room)


def server() -> Path:
    """Return the server of the test session; the first who asks starts it."""
    room = Path(os.environ[ROOM])
    mark = room / "server"
    with (room / "slot").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists():
            begun = room / "begonnen"  # known from the start, also when we are killed meanwhile
            started = postgres_server.start(mark=begun)
            _make_template(started)
            begun.rename(mark)
        return Path(mark.read_text(encoding="utf-8"))


def _make_template(started: Path) -> None:
    """Make an empty database that sorts its text as Dutch where the server can.

    What we read must come in one order whatever the order of the database.
    """
    import psycopg  # noqa: PLC0415 - an extra

    with psycopg.connect(postgres_server.address(started), autocommit=True) as connection:
        dutch = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'nl-NL'"
        try:
            connection.execute(f"CREATE DATABASE {_TEMPLATE} {dutch}")
        except psycopg.errors.FeatureNotSupported:
            connection.execute(f"CREATE DATABASE {_TEMPLATE}")


def _create_database(name: str, template: str) -> None:
    import psycopg  # noqa: PLC0415 - an extra

    with psycopg.connect(postgres_server.address(server()), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
