"""The tables of an event store and the statements that more than one question needs.

Written once, as SQLite has it; `ledger.postgres_text` says how PostgreSQL has the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ledger.events import (
    LEDGER_FACTS,
    LEERPLICHT,
    AansluitingVerzegeld,
    OntwikkelingsperspectiefVastgesteld,
    VerschilGeaccepteerd,
)

RARE: Final = frozenset(
    {
        *LEDGER_FACTS,
        *(fact.__name__ for fact in LEERPLICHT),
        AansluitingVerzegeld.__name__,
        OntwikkelingsperspectiefVastgesteld.__name__,
        VerschilGeaccepteerd.__name__,
    }
)
"""The kinds of event that are few, and that questions look for by their kind."""


def of_topics(topics: Iterable[str]) -> str:
    """Return what makes a database look in the index on rare topics, where they all are."""
    return _IS_RARE if RARE.issuperset(topics) else "true"


# Not IN: SQLite would make a table of the list for every event that is inserted.
_IS_RARE: Final = "({})".format(" OR ".join(f"topic = '{topic}'" for topic in sorted(RARE)))
TABLES: Final = (
    # Of the other events this index holds nothing; another choice of topics needs another name.
    f"CREATE INDEX IF NOT EXISTS zeldzaam_1 ON stored_events (topic) WHERE {_IS_RARE}",
    """CREATE TABLE IF NOT EXISTS zegels (
        eerste INTEGER NOT NULL, laatste INTEGER PRIMARY KEY, geboekt_op TEXT NOT NULL,
        invoer TEXT NOT NULL, hoofd BLOB NOT NULL, sporen BLOB NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS kenmerken (
        sleutel BLOB PRIMARY KEY, identiteit BLOB NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS tlv_nummers (
        nummer TEXT NOT NULL, leerling TEXT NOT NULL, PRIMARY KEY (nummer, leerling)
        ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS opgaven (
        stroom TEXT NOT NULL, bekend_op TEXT NOT NULL, bestand TEXT NOT NULL,
        regel INTEGER NOT NULL, bron TEXT NOT NULL, inhoud BLOB NOT NULL,
        PRIMARY KEY (stroom, bekend_op, bestand, regel)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS opgaven_bestand ON opgaven (bestand)",
    """CREATE TABLE IF NOT EXISTS opnieuw (
        stroom TEXT NOT NULL, bekend_op TEXT NOT NULL, PRIMARY KEY (stroom, bekend_op)
        ) WITHOUT ROWID""",
)
"""What stands beside the library's table of events."""

SELECT_ROWS: Final = (
    "SELECT rowid, originator_id, originator_version, topic, CAST(state AS BLOB) "
    "FROM stored_events "
)
SELECT_ZEGELS: Final = (
    "SELECT eerste, laatste, geboekt_op, invoer, CAST(hoofd AS BLOB), CAST(sporen AS BLOB) "
    "FROM zegels ORDER BY laatste"
)
SELECT_BOOKINGS: Final = "SELECT laatste, geboekt_op FROM zegels ORDER BY laatste"
SAY: Final = (
    "INSERT INTO opgaven VALUES (?,?,?,?,?,?) ON CONFLICT (stroom, bekend_op, bestand, regel) "
    "DO UPDATE SET bron = excluded.bron, inhoud = excluded.inhoud"
)
SEE_TLV: Final = "INSERT INTO tlv_nummers VALUES (?,?) ON CONFLICT DO NOTHING"
TELL_AGAIN: Final = (
    "INSERT INTO opnieuw SELECT DISTINCT stroom, ? FROM opgaven WHERE stroom = ? "
    "ON CONFLICT DO NOTHING"
)
SELECT_OPGAVEN: Final = (
    "SELECT stroom, bekend_op, bestand, regel, bron, CAST(inhoud AS BLOB) FROM opgaven "
)
