"""The event store, whatever database it is in: bulk append, seals, and what is asked of it.

All that an append writes (events, their seal, the index on kenmerk and tlv number) is one
transaction. What differs per database is in `sqlite_recorder` and `postgres_recorder`: how
rows are inserted and streamed, and who holds which lock.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, Final, Protocol

from eventsourcing.persistence import ApplicationRecorder, StoredEvent

from ledger.event_rows import (
    NO_INDEX,
    UNSTAMPED,
    IndexRows,
    NewRows,
    NumberedRow,
    OpgaveRow,
    Stamp,
    new_rows,
)
from ledger.event_tables import (
    SAY,
    SEE_TLV,
    SELECT_BOOKINGS,
    SELECT_OPGAVEN,
    SELECT_ROWS,
    SELECT_ZEGELS,
    TELL_AGAIN,
    of_topics,
)
from ledger.seals import ROOT, StoredRow, Zegel, seal

SEALED: Final = 5000
"""Events under one seal at most: a broken chain is traced within one (`ledger.seals`)."""


class Statements(Protocol):
    """What runs our SQL inside a transaction."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> object:
        """Run a statement."""

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> object:
        """Run a statement for each row."""

    def fetchone(self) -> Any:  # noqa: ANN401 - a row of the database
        """Return the next row of the last statement, None after the last."""


class LedgerRecorder(ApplicationRecorder, ABC):
    """Appends in bulk, seals what it appends, and reads many streams at once."""

    @abstractmethod
    def insert_rows(self, rows: NewRows, stamp: Stamp, index: IndexRows) -> list[int]:
        """Append rows in their order in one transaction, and return their positions."""

    @abstractmethod
    def _insert_rows(self, c: Statements, rows: Sequence[NumberedRow]) -> None:
        """Insert events at the end of the log. Raises an error when a version is there."""

    @abstractmethod
    def _query(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """Yield rows as a stream, each a tuple; none of those of a later append."""

    @abstractmethod
    def _query_in(self, statement: str, values: Iterable[Any]) -> Iterator[Any]:
        """Yield rows for many keys, some at a time; `IN ({})` in the statement takes them."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Statements]:
        """Give what reads."""

    @abstractmethod
    def chain(self) -> AbstractContextManager[tuple[Iterator[StoredRow], Iterator[Zegel]]]:
        """Give all rows and all seals as they were at one moment, whoever books meanwhile."""

    def without_threads(self) -> AbstractContextManager[None]:
        """Keep no threads for connections while it lasts, so that the process can be copied."""
        return nullcontext()

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        stamp: Stamp = UNSTAMPED,
        index: IndexRows = NO_INDEX,
        **_: Any,  # noqa: ANN401 - the library's signature
    ) -> Sequence[int] | None:
        """Append events in their order and return their positions in the log.

        Never tried again when a connection is lost: nobody knows whether it was committed.
        """
        return self.insert_rows(new_rows(stored_events), stamp, index)

    def _append(self, c: Statements, new: NewRows, stamp: Stamp, index: IndexRows) -> list[int]:
        """Append events in their order and return their positions in the log.

        With what the indexes hold of them, also when there are no events. Runs in a
        transaction that keeps every other writer out.
        """
        positions = self._append_rows(c, new, stamp) if new else []
        _append_index(c, index)
        return positions

    def _append_rows(self, c: Statements, new: NewRows, stamp: Stamp) -> list[int]:
        """Append events, with a seal for every `SEALED`."""
        last, head = _last(c), _head(c)
        rows = [(positie, *row) for positie, row in enumerate(new, last + 1)]
        self._insert_rows(c, rows)
        for start in range(0, len(rows), SEALED):
            zegel = seal(head, rows[start : start + SEALED], *stamp)
            c.execute("INSERT INTO zegels VALUES (?,?,?,?,?,?)", zegel)
            head = zegel.hoofd
        return [row[0] for row in rows]

    def head(self) -> bytes:
        """Return the head of the hash chain."""
        with self._reading() as c:
            return _head(c)

    def head_at(self, positie: int) -> bytes:
        """Return the head of the first seal that covers a position, the root at 0."""
        if positie == 0:
            return ROOT
        query = "SELECT hoofd FROM zegels WHERE laatste >= ? ORDER BY laatste LIMIT 1"
        with self._reading() as c:
            c.execute(query, (positie,))
            row = c.fetchone()
        return ROOT if row is None else bytes(row[0])

    def last_position(self) -> int:
        """Return the position of the last event, 0 for an empty ledger."""
        with self._reading() as c:
            return _last(c)

    def rows(self, after: int = 0, until: int | None = None) -> Iterator[StoredRow]:
        """Yield the stored rows after a position, in order of booking."""
        return self._stored(
            "WHERE rowid > ? AND rowid <= ? ORDER BY rowid",
            (after, (1 << 62) if until is None else until),
        )

    def rows_at(self, posities: Iterable[int]) -> Iterator[StoredRow]:
        """Yield the stored rows at some positions."""
        query = SELECT_ROWS + "WHERE rowid IN ({}) ORDER BY rowid"
        return map(StoredRow._make, self._query_in(query, posities))

    def rows_of(self, streams: Iterable[str]) -> Iterator[StoredRow]:
        """Yield the stored rows of some streams (hex ids), a stream at a time, oldest first."""
        query = (
            SELECT_ROWS + "WHERE originator_id IN ({}) ORDER BY originator_id, originator_version"
        )
        return map(StoredRow._make, self._query_in(query, streams))

    def rows_between(self, first: str, beyond: str) -> Iterator[StoredRow]:
        """Yield the rows of the streams from `first` up to, without, `beyond`, sorted by stream."""
        return self._stored(
            "WHERE originator_id >= ? AND originator_id < ? "
            "ORDER BY originator_id, originator_version",
            (first, beyond),
        )

    def streams_with(self, topics: Iterable[str], until: int) -> list[str]:
        """Return the streams (hex) with an event of some kinds, up to a position."""
        wanted = list(topics)
        query = (
            f"SELECT originator_id, min(rowid) FROM stored_events WHERE {of_topics(wanted)}"  # noqa: S608 - our own
            " AND topic IN ({}) GROUP BY originator_id"
        )
        return sorted({stream for stream, first in self._query_in(query, wanted) if first <= until})

    def zegels(self) -> Iterator[Zegel]:
        """Yield the seals in order."""
        return map(Zegel._make, self._query(SELECT_ZEGELS))

    def bookings(self) -> Iterator[tuple[int, str]]:
        """Yield the last position of every append and when it was booked, without its seal."""
        return self._query(SELECT_BOOKINGS)

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
        chosen = f"WHERE {of_topics(topics)} AND topic IN ({','.join('?' * len(topics))}) "
        return self._stored(chosen + "ORDER BY rowid", topics)

    def rows_from_file(self, bestand: str) -> Iterator[StoredRow]:
        """Yield the stored rows that were read from a file (SHA-256), in order of booking."""
        return self._stored(
            "WHERE json_extract(CAST(state AS TEXT), '$.bestand') = ? ORDER BY rowid", (bestand,)
        )

    def has_opgaven(self) -> bool:
        """Tell whether any file with states was read in."""
        with self._reading() as c:
            c.execute("SELECT 1 FROM opgaven LIMIT 1")
            return c.fetchone() is not None

    def to_tell_again(self) -> dict[str, str]:
        """Return of whom (hex) what was said has to be told again, and from which moment."""
        return dict(self._query("SELECT stroom, min(bekend_op) FROM opnieuw GROUP BY stroom"))

    def opgaven_of(self, stromen: Iterable[str]) -> Iterator[OpgaveRow]:
        """Yield what was said of some pupils or objects (hex)."""
        query = SELECT_OPGAVEN + "WHERE stroom IN ({})"
        return map(OpgaveRow._make, self._query_in(query, stromen))

    def opgaven_from(self, bestand: str) -> Iterator[OpgaveRow]:
        """Yield what the rows of a file (SHA-256) said."""
        query = SELECT_OPGAVEN + "WHERE bestand = ?"
        return map(OpgaveRow._make, self._query(query, (bestand,)))

    def moments_of(self, bestand: str) -> list[datetime]:
        """Return the moments at which the rows of a file (SHA-256) said something."""
        query = "SELECT DISTINCT bekend_op FROM opgaven WHERE bestand = ?"
        return [datetime.fromisoformat(row[0]) for row in self._query(query, (bestand,))]

    def _stored(self, where: str, values: Sequence[Any]) -> Iterator[StoredRow]:
        return map(StoredRow._make, self._query(SELECT_ROWS + where, values))


def _append_index(c: Statements, index: IndexRows) -> None:
    c.executemany(SAY, index.opgaven)
    c.executemany(TELL_AGAIN, [(since, stroom) for stroom, since in index.opnieuw])
    c.executemany("DELETE FROM opnieuw WHERE stroom = ?", [(one,) for one in index.verteld])
    c.executemany("DELETE FROM kenmerken WHERE sleutel = ?", [(key,) for key in index.vrij])
    if index.teruggedraaid is not None:  # after it was noted of whom to tell again
        c.execute("DELETE FROM opgaven WHERE bestand = ?", (index.teruggedraaid,))
    c.executemany("INSERT INTO kenmerken VALUES (?,?)", index.kenmerken)
    c.executemany(SEE_TLV, index.tlv_nummers)


def _last(c: Statements) -> int:
    c.execute("SELECT max(rowid) FROM stored_events")
    return c.fetchone()[0] or 0


def _head(c: Statements) -> bytes:
    c.execute("SELECT hoofd FROM zegels ORDER BY laatste DESC LIMIT 1")
    row = c.fetchone()
    return ROOT if row is None else bytes(row[0])
