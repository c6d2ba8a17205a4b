"""A PostgreSQL database as a ledger asks for it: reached, asked, locked.

Imported for a ledger on PostgreSQL alone: psycopg is the extra `postgres`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from ledger.databases import PROCESS_TIMEOUT, WRITER_TIMEOUT, pieces
from ledger.places import LedgerError
from ledger.postgres_text import postgres

CONNECT_TIMEOUT: Final = 10
"""Seconds that a server gets to answer."""

KEYS_PER_QUERY: Final = 5000
"""Values in one list: an answer that fits in memory."""

_TABLE: Final = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")

_OPTIONS: Final = (
    "de server kent een instelling niet die in PGOPTIONS of in het adres (options) staat; verbeter "
    "die, of haal haar weg"
)
_NAME: Final = "de naam van de server is niet te vinden; controleer hem, en het netwerk"
_MISSING: Final = re.compile(r'(database|role) "([^"]*)" does not exist')
_NAMES: Final = {
    "database": "de database {} bestaat niet; maak een lege met createdb",
    "role": "de gebruiker {} bestaat niet; controleer de naam, of maak hem met createuser",
}
_REFUSALS: Final = {
    "password authentication failed": "het wachtwoord of de gebruiker klopt niet",
    "no password supplied": "er is geen wachtwoord gegeven; zet het in PGPASSWORD of ~/.pgpass",
    "permission denied": "deze gebruiker mag de database niet in",
    "no pg_hba.conf entry": "de server laat deze gebruiker van deze computer niet toe",
    "too many connections": "de server heeft geen plaats meer; probeer het later",
    "too many clients": "de server heeft geen plaats meer; probeer het later",
    "PGOPTIONS": _OPTIONS,
    "unrecognized configuration parameter": _OPTIONS,
    "invalid value for parameter": _OPTIONS,
    "invalid command-line argument": _OPTIONS,
    "requires a value": _OPTIONS,
    "failed to resolve host": _NAME,
    "could not translate host name": _NAME,
    "Connection refused": "de server neemt geen verbinding aan: er draait op deze poort niets; "
    "start hem, of controleer de poort",
    "No such file or directory": "op deze plaats (socket) draait geen server; start hem, of "
    "controleer de map en de poort",
    "timeout expired": "de server antwoordt niet op tijd; controleer naam, netwerk en firewall",
    "No route to host": "de server is niet te bereiken; controleer naam, netwerk en firewall",
    "Network is unreachable": "de server is niet te bereiken; controleer naam, netwerk en firewall",
    "starting up": "de server start juist; probeer het zo weer",
    "shutting down": "de server stopt juist; probeer het later",
    "in recovery mode": "de server herstelt zich; probeer het later",
    "server closed the connection": "de server verbrak de verbinding; kijk in zijn log",
    "SSL": "de server en deze computer zijn het niet eens over de versleuteling (sslmode)",
}
"""What a server says when it lets nobody in, and what to tell the user."""

_AT_ONCE: Final = {
    "INSERT INTO leerlingen VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING": "INSERT INTO leerlingen "
    "SELECT * FROM unnest(%s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[]) "
    "ON CONFLICT DO NOTHING",
}
"""What is inserted in thousands goes in as columns, in one statement."""

_TABLES: Final = """
    SELECT relname::text FROM pg_class
    WHERE relnamespace = to_regnamespace('public') AND relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass
        AND objid = pg_class.oid AND deptype = 'e')
    ORDER BY 1"""
SESSION: Final = (
    "SET search_path TO public",  # as the library names its tables
    "SET jit TO off",  # compiling a query costs more than our queries
    "SET cursor_tuple_fraction TO 1",  # what is streamed is read to the end
)


def table_names(statements: Iterable[str]) -> list[str]:
    """Return the names of the tables that statements make."""
    return [found[1] for text in statements if (found := _TABLE.match(text))]


def parts_of(address: str) -> dict[str, str]:
    """Return the parts of an address (host, port, dbname, user, password, …).

    Raises LedgerError, which never holds a part of a password.
    """
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(address).items()}
    except psycopg.ProgrammingError:
        parts = {"port": "?"}
    named = "".join(parts.get(name, "") for name in ("host", "port", "dbname"))
    # A sign in a password that ends it makes the rest of it look like a host or a port.
    if "@" in named or not parts.get("port", "0").replace(",", "").isdecimal():
        raise LedgerError(
            "het adres van de database is onleesbaar; een bijzonder teken in een wachtwoord "
            "staat er als %40 (@), %2F (/), %3A (:), %23 (#), %3F (?) of %25 (%)"
        )
    return parts


def shown(parts: dict[str, str]) -> str:
    """Return the address of a database without its password, to show."""
    user = f"{parts['user']}@" if parts.get("user") else ""
    port = f":{parts['port']}" if parts.get("port") else ""
    host = parts.get("host", "")
    where = f"{user}{port}" if host.startswith("/") else f"{user}{host}{port}"
    return f"postgresql://{where}/{parts.get('dbname', '')}"


def connected(address: str) -> Connection[tuple[Any, ...]]:
    """Return a connection that commits by itself. Raises LedgerError when there is none."""
    parts = parts_of(address)
    try:
        connection = psycopg.connect(
            address,
            autocommit=True,
            connect_timeout=int(parts.get("connect_timeout", CONNECT_TIMEOUT)),
        )
    except (psycopg.Error, ValueError) as error:
        raise LedgerError(f"{shown(parts)}: {_refusal(error)}") from None  # it may hold more
    for statement in SESSION:
        connection.execute(statement)
    return connection


def _refusal(error: Exception) -> str:
    text = str(error)
    if found := _MISSING.search(text):
        return _NAMES[found[1]].format(found[2])
    for said, told in _REFUSALS.items():
        if said in text:
            return told
    fatal = [line.partition("FATAL:")[2].strip() for line in text.splitlines() if "FATAL:" in line]
    if fatal:
        return f"de server laat niemand toe, en zegt: {fatal[0]}"
    return "de server is niet te bereiken; draait hij, en kloppen naam en poort?"


class PostgresDatabase:
    """One connection to a database."""

    def __init__(self, address: str) -> None:
        self.name = shown(parts_of(address))
        self._db = connected(address)

    def is_broken(self, error: BaseException) -> bool:  # noqa: ARG002 - of the protocol
        """Tell that no error of a server says so."""
        return False

    def create(self, tables: Sequence[str]) -> None:
        """Make the tables that are not there, one process at a time."""
        if all(map(self.has_table, table_names(tables))):
            return  # to ask for an index that is there would wait for whoever writes
        try:
            self._create(tables)
        except psycopg.errors.InsufficientPrivilege:
            raise LedgerError(
                f"{self.name}: deze gebruiker mag hier geen tabellen maken; laat de eigenaar van "
                "de database 'kijkglas init' doen, of het toestaan"
            ) from None

    def _create(self, tables: Sequence[str]) -> None:
        with self.writing():
            self._db.execute("SET LOCAL client_min_messages TO warning")
            for statement in tables:
                self._db.execute(postgres(statement))

    def check_encoding(self) -> None:
        """Look whether every name can be stored. Raises LedgerError."""
        ((encoding,),) = self.execute("SHOW server_encoding")
        if encoding != "UTF8":
            raise LedgerError(
                f"{self.name}: de tekens van de database zijn {encoding}; maak een lege met "
                "createdb --encoding=UTF8 --template=template0"
            )

    def tables(self) -> list[str]:
        """Return the names of the tables where those of a ledger stand, but of extensions none."""
        rows = self.execute(_TABLES)
        return [str(name) for (name,) in rows]

    def has_table(self, name: str) -> bool:
        """Tell whether there is a table of this name."""
        return self.execute("SELECT to_regclass(?)", (name,))[0][0] is not None

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        with self._db.cursor(binary=True) as cursor:
            cursor.execute(postgres(statement), values or None)
            return [] if cursor.description is None else cursor.fetchall()

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> int:
        """Run a statement for each row and return how many rows it wrote."""
        with self._db.cursor(binary=True) as cursor:
            if rows and statement in _AT_ONCE:
                cursor.execute(
                    _AT_ONCE[statement], [list(column) for column in zip(*rows, strict=True)]
                )
            else:
                cursor.executemany(postgres(statement), rows)
            return cursor.rowcount

    def select_in(self, statement: str, keys: Iterable[Any], /) -> Iterator[tuple[Any, ...]]:
        """Yield rows for many keys, some at a time."""
        for part in pieces(keys, KEYS_PER_QUERY):
            yield from self.execute(statement, (part,))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run one transaction that keeps other writers of this kind out."""
        with self._db.transaction():
            self._db.execute(f"SET LOCAL lock_timeout TO '{WRITER_TIMEOUT}s'")
            self._db.execute("SELECT pg_advisory_xact_lock(%s)", (lock_number("kluis"),))
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read the tables as they are at one moment."""
        with self._db.transaction():
            self._db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield

    def close(self) -> None:
        """Close the connection."""
        self._db.close()


def lock_number(name: str) -> int:
    """Return the number under which the server knows a lock of ours."""
    return int.from_bytes(sha256(f"kijkglas {name}".encode()).digest()[:8], "big", signed=True)


@contextmanager
def locked(address: str, name: str) -> Iterator[None]:
    """Hold a lock of the database; it falls with the connection, and so with the process.

    Raises LedgerError when another process holds it too long.
    """
    connection = connected(address)
    try:
        connection.execute(f"SET lock_timeout TO '{PROCESS_TIMEOUT}s'")
        try:
            connection.execute("SELECT pg_advisory_lock(%s)", (lock_number(name),))
        except psycopg.errors.LockNotAvailable:
            raise LedgerError(f"{name}: een ander proces is er te lang mee bezig") from None
        yield
    finally:
        connection.close()
