"""Who may do what with the read model in a database: what may be done with the events.

Who may read the events of a ledger may read its read model, and who may book may bring it up,
whoever made it. To make a generation one must be allowed to make a schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from psycopg import Connection, errors
from psycopg.sql import SQL, Composable, Identifier

from ledger.places import LedgerError
from ledger.postgres_database import shown
from ledger.postgres_place import EVENTS

POINTER: Final = "standen_generatie"
"""The table whose one row says which generation is present."""

_MAY_MAKE: Final = f"""
    SELECT has_database_privilege(current_database(), 'CREATE')
       AND CASE WHEN to_regclass('public.{POINTER}') IS NULL
                THEN has_schema_privilege('public', 'CREATE')
                ELSE has_table_privilege('public.{POINTER}', 'SELECT')
                 AND has_table_privilege('public.{POINTER}', 'INSERT')
                 AND has_table_privilege('public.{POINTER}', 'DELETE') END"""
_WHO: Final = """
    SELECT CASE WHEN grantee <> 0 THEN pg_get_userbyid(grantee) END,
           bool_or(privilege_type = 'INSERT')
      FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner)))
     WHERE pg_class.oid = to_regclass(%s) AND privilege_type IN ('SELECT', 'INSERT')
     GROUP BY 1"""


def check_may_make(connection: Connection[tuple[Any, ...]]) -> None:
    """Look whether this user may make a generation. Raises LedgerError before any is computed."""
    row = connection.execute(_MAY_MAKE).fetchone()
    if row is None or not row[0]:
        raise _refused(connection)


@contextmanager
def told(connection: Connection[tuple[Any, ...]]) -> Iterator[None]:
    """Make of a refusal by the server a LedgerError that says what to do."""
    try:
        yield
    except errors.InsufficientPrivilege:
        raise _refused(connection) from None


def share(connection: Connection[tuple[Any, ...]], schema: str) -> None:
    """Let who may read or book events do the same with a generation; runs in a transaction."""
    all_of = SQL("ALL TABLES IN SCHEMA {}").format(Identifier(schema))
    for whom, right in _shares(connection):
        connection.execute(SQL("GRANT USAGE ON SCHEMA {} TO {}").format(Identifier(schema), whom))
        connection.execute(SQL("GRANT {} ON {} TO {}").format(right, all_of, whom))


def share_pointer(connection: Connection[tuple[Any, ...]]) -> None:
    """Let the same users see which generation is present, or say so."""
    for whom, right in _shares(connection):
        pointer = Identifier("public", POINTER)
        connection.execute(SQL("GRANT {} ON {} TO {}").format(right, pointer, whom))


def _shares(connection: Connection[tuple[Any, ...]]) -> list[tuple[Composable, Composable]]:
    """Return who has rights on the events, and which rights those are on what is made of them."""
    found = connection.execute(_WHO, (f"public.{EVENTS}",)).fetchall()
    return [
        (
            SQL("PUBLIC") if user is None else Identifier(user),
            SQL("ALL" if may_book else "SELECT"),
        )
        for user, may_book in found
    ]


def _refused(connection: Connection[tuple[Any, ...]]) -> LedgerError:
    parts = connection.info.get_parameters()
    database = connection.info.dbname
    return LedgerError(
        f"{shown(parts)}: deze gebruiker mag hier geen leesmodel maken of bijwerken; laat de "
        "eigenaar van de database 'kijkglas rebuild' doen, of het toestaan "
        f"(GRANT CREATE ON DATABASE {database})"
    )
