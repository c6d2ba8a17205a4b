"""The peers: what the library, plain SQLite and numpy do with the same data."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import JSONTranscoder, StoredEvent, Transcoding
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from ledger.application import Ledger
from ledger.events import Event, topic_of

BATCH: Final = 5000
"""Events in one append, as in the product."""


@contextmanager
def stock_recorder(path: Path) -> Iterator[SQLiteApplicationRecorder]:
    """Give the library's own recorder with its own pool on a fresh file."""
    remove(path)
    datastore = SQLiteDatastore(str(path))
    recorder = SQLiteApplicationRecorder(datastore)
    recorder.create_table()
    try:
        yield recorder
    finally:
        datastore.close()


def append_stock(recorder: SQLiteApplicationRecorder, stored: Sequence[StoredEvent]) -> None:
    """Append events through the library's recorder in batches."""
    for start in range(0, len(stored), BATCH):
        recorder.insert_events(stored[start : start + BATCH])


def append_raw(path: Path, rows: Sequence[tuple[str, int, str, bytes]]) -> None:
    """Append the same rows with nothing but `executemany`, a transaction per batch."""
    with closing(sqlite3.connect(path)) as connection:
        for start in range(0, len(rows), BATCH):
            with connection:
                connection.executemany(
                    "INSERT INTO stored_events VALUES (?,?,?,?)", rows[start : start + BATCH]
                )


def remove(path: Path) -> None:
    """Remove an SQLite file and what stands beside it."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


class Leerling(Aggregate):
    """A pupil the way the library does it: events mutate an aggregate, in order of booking.

    It keeps the facts of enrolments and tlv's by their key and applies no rule of the field.
    """

    def __init__(self) -> None:
        self.inschrijvingen: dict[str, dict[str, Any]] = {}
        self.tlvs: dict[str, dict[str, Any]] = {}

    class Begonnen(Aggregate.Created):
        """The first fact of a pupil."""

        bekend_op: datetime | str
        soort: str
        velden: dict[str, Any]

        def apply(self, aggregate: Any) -> None:  # noqa: ANN401 - the library's protocol
            """Take in the fact."""
            aggregate.learn(self.soort, self.velden)

    class Vernomen(Aggregate.Event):
        """Any later fact."""

        bekend_op: datetime | str
        soort: str
        velden: dict[str, Any]

        def apply(self, aggregate: Any) -> None:  # noqa: ANN401 - the library's protocol
            """Take in the fact."""
            aggregate.learn(self.soort, self.velden)

    def learn(self, soort: str, velden: dict[str, Any]) -> None:
        """Bring the enrolment or the tlv up to date."""
        if "volgnummer" in velden:
            key = velden["instellingscode"] + "/" + velden["volgnummer"]
            if soort == "InschrijvingVerwijderd":
                self.inschrijvingen.pop(key, None)
            else:
                self.inschrijvingen.setdefault(key, {}).update(velden)
        elif "nummer" in velden:
            self.tlvs.setdefault(velden["nummer"], {}).update(velden)


class DateAsISO(Transcoding):
    """A date for the library's JSON transcoder, which has none of its own."""

    type = date
    name = "date_iso"

    def encode(self, obj: date) -> str:
        """Return the date as text."""
        return obj.isoformat()

    def decode(self, data: str) -> date:
        """Return the date of a text."""
        return date.fromisoformat(data)


class Leerlingen(Application[UUID]):
    """The library's application on SQLite with its JSON transcoder, no cache, no snapshots."""

    @classmethod
    def on(cls, path: Path) -> Leerlingen:
        """Return the application on a file."""
        return cls({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})

    def register_transcodings(self, transcoder: JSONTranscoder) -> None:
        """Add dates to what the library can store."""
        super().register_transcodings(transcoder)
        transcoder.register(DateAsISO())


def replay_all(app: Leerlingen, ids: Iterable[UUID]) -> int:
    """Replay every pupil and return how many events that took."""
    return sum(_version(app, one) for one in ids)


def _version(app: Leerlingen, one: UUID) -> int:
    leerling: Leerling = app.repository.get(one)
    return leerling.version


def make_aggregates(ledger: Ledger, path: Path, *, text: bool) -> None:
    """Store the histories of a ledger's pupils as aggregates in a file, if it is not there.

    With `text` all dates and moments stay text: less than the fold has to know, and the
    cheapest for the library's transcoder.
    """
    if path.exists():
        return
    making = path.with_suffix(".maken")
    remove(making)
    with Leerlingen.on(making) as app:
        pupils = groupby(ledger.pupil_events(), key=lambda event: event.originator_id)
        made = (_aggregate(list(events), text=text) for _, events in pupils)
        while part := list(islice(made, 1000)):
            app.save(*part)
    making.rename(path)


def ids_of(path: Path) -> list[UUID]:
    """Return the ids of all aggregates in a file."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT DISTINCT originator_id FROM stored_events")
        return [UUID(row[0]) for row in rows]


def _aggregate(booked: list[Event], *, text: bool) -> Leerling:
    first, *others = sorted(booked, key=lambda event: (event.bekend_op, event.positie))
    leerling: Leerling = Leerling._create(  # noqa: SLF001 - the library's own way in
        Leerling.Begonnen, id=first.originator_id, **_told(first, text=text)
    )
    for event in others:
        leerling.trigger_event(Leerling.Vernomen, **_told(event, text=text))
    return leerling


def _told(event: Event, *, text: bool) -> dict[str, Any]:
    return {
        "bekend_op": event.bekend_op.isoformat() if text else event.bekend_op,
        "soort": topic_of(event.fact),
        "velden": msgspec.to_builtins(event.fact, builtin_types=() if text else (date,)),
    }


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep what was prepared for a peer from slowing it down through the garbage collector."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
