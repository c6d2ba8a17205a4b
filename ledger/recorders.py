"""The event store on SQLite: the library's recorder with our pool, bulk append and seals.

`eventsourcing` finds `Factory` in this module (PERSISTENCE_MODULE). All that an append
writes (events, their seal, the index on kenmerk and tlv number) is one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final, NamedTuple

from eventsourcing import sqlite as library  # it looks for one factory among our names
from eventsourcing.persistence import ConnectionPoolClosedError, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

from ledger.events import (
    LEDGER_FACTS,
    LEERPLICHT,
    AansluitingVerzegeld,
    OntwikkelingsperspectiefVastgesteld,
    VerschilGeaccepteerd,
)
from ledger.seals import ROOT, StoredRow, Zegel, seal

LOCK_TIMEOUT: Final = 120
"""Seconds that a writer waits for another one; an append holds the lock for milliseconds."""

KEYS_PER_QUERY: Final = 400
"""Values in one `IN (…)`: well under the oldest limit of SQLite (999)."""


SEALED: Final = 5000
"""Events under one seal at most: a broken chain is traced within one (`ledger.seals`)."""


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


class NewRows(list[tuple[str, int, str, bytes]]):
    """Events to append: their stream (hex), version, topic and state."""


class Stamp(NamedTuple):
    """What the seal of an append says of it: when it was booked, and by which import."""

    geboekt_op: str
    invoer: str


class OpgaveRow(NamedTuple):
    """What one row of a file said (`ledger.opgaven`), as it is stored.

    `stroom` is the pupil or object (hex), `bekend_op` ISO text in UTC, `inhoud` the states,
    encrypted under the key of the pupil.
    """

    stroom: str
    bekend_op: str
    bestand: str
    regel: int
    bron: str
    inhoud: bytes


class IndexRows(NamedTuple):
    """What an append adds beside events.

    The indexes kenmerk key -> identity and tlv number -> pupil; what the rows of a file
    said; the file (SHA-256) that is undone by it, and the kenmerk keys that are free again;
    the pupils and objects (hex) of whom something is booked from a moment on, so that what
    was said later has to be told again, and those of whom that is done by it.
    """

    kenmerken: Sequence[tuple[bytes, bytes]] = ()
    tlv_nummers: Sequence[tuple[str, str]] = ()
    opgaven: Sequence[OpgaveRow] = ()
    teruggedraaid: str | None = None
    vrij: Sequence[bytes] = ()
    opnieuw: Sequence[tuple[str, str]] = ()
    verteld: Sequence[str] = ()


UNSTAMPED: Final = Stamp("", "")
NO_INDEX: Final = IndexRows()


class WritingTransaction(SQLiteTransaction):
    """A transaction that takes the lock at once.

    The library begins as a reader; two writers that both read first would fail.
    """

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        return cursor


class LedgerConnection(SQLiteConnection):
    """A connection whose writing transactions take their lock first."""

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """Run a transaction, a writing one with `commit`; errors are the library's."""
        kind = WritingTransaction if commit else SQLiteTransaction
        with kind(self, commit=commit) as cursor, cursor:
            yield cursor


class LedgerPool(SQLiteConnectionPool):
    """Connections with the pragmas of an event store: durable, and a cache that fits."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        raw = connection._sqlite_conn  # noqa: SLF001 - the library has no hook for pragmas
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA cache_size=-65536")
        raw.execute("PRAGMA wal_autocheckpoint=16384")
        return LedgerConnection(raw, max_age=self.max_age)


class LedgerDatastore(SQLiteDatastore):
    """The library's datastore on our pool."""

    def __init__(self, db_name: str, **settings: Any) -> None:  # noqa: ANN401 - passed through
        super().__init__(db_name, **settings)
        self.pool.close()
        self.pool = LedgerPool(db_name=db_name, lock_timeout=LOCK_TIMEOUT)


class LedgerRecorder(SQLiteApplicationRecorder):
    """Appends in bulk, seals what it appends, and reads many streams at once."""

    def construct_create_table_statements(self) -> list[str]:
        """Add the seals and the two indexes to the library's table of events."""
        return [
            *super().construct_create_table_statements(),
            *_TABLES,
        ]

    def _insert_events(
        self,
        c: SQLiteCursor,
        stored_events: Sequence[StoredEvent],
        *,
        stamp: Stamp = UNSTAMPED,
        index: IndexRows = NO_INDEX,
        **_: Any,  # noqa: ANN401 - the library's signature
    ) -> Sequence[int] | None:
        """Append events in their order and return their positions in the log."""
        rows = NewRows(
            (
                event.originator_id
                if isinstance(event.originator_id, str)
                else event.originator_id.hex,
                event.originator_version,
                event.topic,
                event.state,
            )
            for event in stored_events
        )
        return self._insert_rows(c, rows, stamp, index)

    def insert_rows(self, rows: NewRows, stamp: Stamp, index: IndexRows) -> None:
        """Append rows in their order in one transaction, with a seal for every `SEALED`."""
        with self.datastore.transaction(commit=True) as c:
            self._insert_rows(c, rows, stamp, index)

    def _insert_rows(
        self, c: SQLiteCursor, new: NewRows, stamp: Stamp, index: IndexRows
    ) -> list[int]:
        c.executemany("INSERT OR REPLACE INTO opgaven VALUES (?,?,?,?,?,?)", index.opgaven)
        c.executemany(_TELL_AGAIN, [(since, stroom) for stroom, since in index.opnieuw])
        c.executemany("DELETE FROM opnieuw WHERE stroom = ?", [(one,) for one in index.verteld])
        if not new:
            return []
        last, head = self._max_notification_id(c) or 0, self._head(c)
        rows = [(positie, *row) for positie, row in enumerate(new, last + 1)]
        c.executemany(_INSERT.format(self.events_table_name), rows)
        for start in range(0, len(rows), SEALED):
            zegel = seal(head, rows[start : start + SEALED], *stamp)
            c.execute("INSERT INTO zegels VALUES (?,?,?,?,?,?)", zegel)
            head = zegel.hoofd
        c.executemany("DELETE FROM kenmerken WHERE sleutel = ?", [(key,) for key in index.vrij])
        if index.teruggedraaid is not None:
            c.execute("DELETE FROM opgaven WHERE bestand = ?", (index.teruggedraaid,))
        c.executemany("INSERT INTO kenmerken VALUES (?,?)", index.kenmerken)
        c.executemany("INSERT OR IGNORE INTO tlv_nummers VALUES (?,?)", index.tlv_nummers)
        return [row[0] for row in rows]

    def _head(self, c: SQLiteCursor) -> bytes:
        c.execute("SELECT hoofd FROM zegels ORDER BY laatste DESC LIMIT 1")
        row = c.fetchone()
        return ROOT if row is None else bytes(row[0])

    def head(self) -> bytes:
        """Return the head of the hash chain."""
        with self.datastore.transaction(commit=False) as c:
            return self._head(c)

    def head_at(self, positie: int) -> bytes:
        """Return the head of the first seal that covers a position, the root at 0."""
        if positie == 0:
            return ROOT
        rows = self._query(
            "SELECT hoofd FROM zegels WHERE laatste >= ? ORDER BY laatste LIMIT 1", (positie,)
        )
        return next((bytes(row[0]) for row in rows), ROOT)

    def last_position(self) -> int:
        """Return the position of the last event, 0 for an empty ledger."""
        return self.max_notification_id() or 0

    def rows(self, after: int = 0, until: int | None = None) -> Iterator[StoredRow]:
        """Yield the stored rows after a position, in order of booking."""
        yield from self._query(
            _SELECT + "WHERE rowid > ? AND rowid <= ? ORDER BY rowid",
            (after, (1 << 62) if until is None else until),
        )

    def rows_at(self, posities: Iterable[int]) -> Iterator[StoredRow]:
        """Yield the stored rows at some positions."""
        yield from self._query_in(_SELECT + "WHERE rowid IN ({}) ORDER BY rowid", posities)

    def rows_of(self, streams: Iterable[str]) -> Iterator[StoredRow]:
        """Yield the stored rows of some streams (hex ids), a stream at a time, oldest first."""
        yield from self._query_in(
            _SELECT + "WHERE originator_id IN ({}) ORDER BY originator_id, originator_version",
            streams,
        )

    def rows_between(self, first: str, beyond: str) -> Iterator[StoredRow]:
        """Yield the rows of the streams from `first` up to, without, `beyond`, sorted by stream."""
        yield from self._query(
            _SELECT + "WHERE originator_id >= ? AND originator_id < ? "
            "ORDER BY originator_id, originator_version",
            (first, beyond),
        )

    def streams_after(self, after: int) -> list[str]:
        """Return the streams that got events after a position."""
        rows = self._query(
            "SELECT DISTINCT originator_id FROM stored_events WHERE rowid > ?", (after,)
        )
        return [row[0] for row in rows]

    def streams_with(self, topics: Iterable[str], until: int) -> list[str]:
        """Return the streams (hex) with an event of some kinds, up to a position."""
        wanted = list(topics)
        query = (
            "SELECT originator_id, min(rowid) FROM stored_events WHERE "  # noqa: S608 - our own
            + _of_topics(wanted)
            + " AND topic IN ({}) GROUP BY originator_id"
        )
        return sorted({stream for stream, first in self._query_in(query, wanted) if first <= until})

    def zegels(self) -> Iterator[Zegel]:
        """Yield the seals in order."""
        return map(Zegel._make, self._query(_SELECT_ZEGELS, ()))

    @contextmanager
    def chain(self) -> Iterator[tuple[Iterator[StoredRow], Iterator[Zegel]]]:
        """Give all rows and all seals as they were at one moment, whoever books meanwhile."""
        with self.datastore.transaction(commit=False) as cursor:
            connection = cursor.sqlite_cursor.connection
            rows, zegels = (connection.cursor() for _ in range(2))
            rows.row_factory = zegels.row_factory = None
            yield (
                map(StoredRow._make, rows.execute(_SELECT + "ORDER BY rowid")),
                map(Zegel._make, zegels.execute(_SELECT_ZEGELS)),
            )

    def identities_of(self, kenmerken: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the identity of the event that each known kenmerk belongs to."""
        rows = self._query_in(
            "SELECT sleutel, identiteit FROM kenmerken WHERE sleutel IN ({})", kenmerken
        )
        return dict(rows)

    def pupils_of_tlvs(self, nummers: Iterable[str]) -> dict[str, set[str]]:
        """Return the pupils (hex ids) that each tlv number was seen with."""
        found: dict[str, set[str]] = {}
        query = "SELECT nummer, leerling FROM tlv_nummers WHERE nummer IN ({})"
        for nummer, leerling in self._query_in(query, nummers):
            found.setdefault(nummer, set()).add(leerling)
        return found

    def rows_with(self, *topics: str) -> Iterator[StoredRow]:
        """Yield the stored rows of some kinds of event, in order of booking."""
        chosen = f"WHERE {_of_topics(topics)} AND topic IN ({','.join('?' * len(topics))}) "
        yield from self._query(_SELECT + chosen + "ORDER BY rowid", topics)

    def rows_from_file(self, bestand: str) -> Iterator[StoredRow]:
        """Yield the stored rows that were read from a file (SHA-256), in order of booking."""
        yield from self._query(
            _SELECT + "WHERE json_extract(CAST(state AS TEXT), '$.bestand') = ? ORDER BY rowid",
            (bestand,),
        )

    def has_opgaven(self) -> bool:
        """Tell whether any file with states was read in."""
        return next(iter(self._query("SELECT 1 FROM opgaven LIMIT 1", ())), None) is not None

    def to_tell_again(self) -> dict[str, str]:
        """Return of whom (hex) what was said has to be told again, and from which moment."""
        return dict(self._query("SELECT stroom, min(bekend_op) FROM opnieuw GROUP BY stroom", ()))

    def opgaven_of(self, stromen: Iterable[str]) -> Iterator[OpgaveRow]:
        """Yield what was said of some pupils or objects (hex)."""
        query = _SELECT_OPGAVEN + "WHERE stroom IN ({})"
        yield from map(OpgaveRow._make, self._query_in(query, stromen))

    def opgaven_from(self, bestand: str) -> Iterator[OpgaveRow]:
        """Yield what the rows of a file (SHA-256) said."""
        query = _SELECT_OPGAVEN + "WHERE bestand = ?"
        yield from map(OpgaveRow._make, self._query(query, (bestand,)))

    def moments_of(self, bestand: str) -> list[datetime]:
        """Return the moments at which the rows of a file (SHA-256) said something."""
        query = "SELECT DISTINCT bekend_op FROM opgaven WHERE bestand = ?"
        return [datetime.fromisoformat(row[0]) for row in self._query(query, (bestand,))]

    def _query(self, statement: str, values: Sequence[Any]) -> Iterator[Any]:
        """Yield rows as a stream, each a plain tuple or StoredRow."""
        make = StoredRow._make if statement.startswith(_SELECT) else tuple
        pool = self.datastore.pool
        connection = pool.get_connection(is_writer=False)
        cursor: sqlite3.Cursor = connection._sqlite_conn.cursor()  # noqa: SLF001 - to stream
        cursor.row_factory = None
        try:
            yield from map(make, cursor.execute(statement, values))
        finally:
            # A reader that stopped half-way may be cleared after the store was closed.
            with suppress(ConnectionPoolClosedError, sqlite3.ProgrammingError):
                cursor.close()
                pool.put_connection(connection)

    def _query_in(self, statement: str, values: Iterable[Any]) -> Iterator[Any]:
        keys = list(values)
        for start in range(0, len(keys), KEYS_PER_QUERY):
            part = keys[start : start + KEYS_PER_QUERY]
            yield from self._query(statement.format(",".join("?" * len(part))), part)


def _of_topics(topics: Iterable[str]) -> str:
    """Return what makes SQLite look in the index on rare topics, where they all are."""
    return _IS_RARE if RARE.issuperset(topics) else "true"


# Not IN: SQLite would make a table of the list for every event that is inserted.
_IS_RARE: Final = "({})".format(" OR ".join(f"topic = '{topic}'" for topic in sorted(RARE)))
_TABLES: Final = (
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
_INSERT: Final = (
    "INSERT INTO {} (rowid, originator_id, originator_version, topic, state) VALUES (?,?,?,?,?)"
)
_SELECT: Final = (
    "SELECT rowid, originator_id, originator_version, topic, CAST(state AS BLOB) "
    "FROM stored_events "
)
_TELL_AGAIN: Final = (
    "INSERT OR IGNORE INTO opnieuw SELECT DISTINCT stroom, ? FROM opgaven WHERE stroom = ?"
)
_SELECT_OPGAVEN: Final = (
    "SELECT stroom, bekend_op, bestand, regel, bron, CAST(inhoud AS BLOB) FROM opgaven "
)
_SELECT_ZEGELS: Final = (
    "SELECT eerste, laatste, geboekt_op, invoer, CAST(hoofd AS BLOB), CAST(sporen AS BLOB) "
    "FROM zegels ORDER BY laatste"
)


class Factory(library.SQLiteFactory):
    """What the library constructs the event store with."""

    application_recorder_class = LedgerRecorder

    def __init__(self, env: Any) -> None:  # noqa: ANN401 - the library's environment
        super().__init__(env)
        self.datastore.close()
        self.datastore = LedgerDatastore(
            self.datastore.pool.db_name, originator_id_type=self.datastore.originator_id_type
        )
