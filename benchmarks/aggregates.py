"""The library's aggregates: the same histories replayed by its repository."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import JSONTranscoder, Transcoding

from benchmarks.appends import remove
from ledger.application import Ledger
from ledger.events import Event, topic_of
from projections.store.ask import AsOf
from projections.store.encoding import moment_number

MOST: Final = 1_000_000
"""Events that are stored as aggregates: more only takes longer, replay is a matter of a pupil."""

History = list[Event]
"""All events of one aggregate, in any order, at least one."""


@dataclass(frozen=True)
class _Told:
    """What an event of the library says of a pupil."""

    bekend_op: datetime | str
    soort: str
    velden: dict[str, Any]

    def apply(self, aggregate: Any) -> None:  # noqa: ANN401 - the library's protocol
        """Take in the fact."""
        aggregate.learn(self.soort, self.velden)


class Leerling(Aggregate):
    """A pupil the way the library does it: events mutate an aggregate, in order of booking.

    It keeps the facts of enrolments and tlv's by their key and applies no rule of the field.
    """

    def __init__(self) -> None:
        self.inschrijvingen: dict[str, dict[str, Any]] = {}
        self.tlvs: dict[str, dict[str, Any]] = {}

    class Begonnen(_Told, Aggregate.Created):
        """The first fact of a pupil."""

    class Vernomen(_Told, Aggregate.Event):
        """Any later fact."""

    def learn(self, soort: str, velden: dict[str, Any]) -> None:
        """Bring the enrolment or the tlv up to date."""
        if "volgnummer" in velden:
            key = velden["instellingscode"] + "/" + velden["volgnummer"]
            if soort == "InschrijvingVerwijderd":
                self.inschrijvingen.pop(key, None)
            elif soort == "UitschrijvingIngetrokken":
                self.inschrijvingen.setdefault(key, {}).pop("einddatum", None)
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


def histories(ledger: Ledger, most: int = MOST) -> Iterator[History]:
    """Yield the histories of pupils, a stream at a time, until there are so many events."""
    count = 0
    for _, events in groupby(ledger.pupil_events(), key=lambda event: event.originator_id):
        if count >= most:
            return
        history = list(events)
        count += len(history)
        yield history


def histories_of(ledger: Ledger, groups: Iterable[str]) -> Iterator[History]:
    """Yield the histories of some pupils; the streams of a replaced PGN are joined for the peer."""
    ids = [UUID(one) for one in groups]
    members = ledger.vault.members(ids)
    for one in ids:
        yield ledger.events_of(members.get(one, [one]))


def versions_at(told: Iterable[History], as_of: AsOf) -> dict[UUID, int]:
    """Return at which version each aggregate was, as known then; those not known are left out."""
    versions = {}
    for history in told:
        known = sum(moment_number(event.bekend_op) <= as_of.known for event in history)
        if known:
            versions[_ordered(history)[0].originator_id] = known
    return versions


def active_of(app: Leerlingen, versions: Mapping[UUID, int], day: date) -> int:
    """Return how many enrolments are active on a day, by replaying each pupil up to a version."""
    return sum(
        "begindatum" in one
        and one["begindatum"] <= day
        and (one.get("einddatum") is None or one["einddatum"] >= day)
        for pupil, version in versions.items()
        for one in _replayed(app, pupil, version).inschrijvingen.values()
    )


def _replayed(app: Leerlingen, pupil: UUID, version: int) -> Leerling:
    leerling: Leerling = app.repository.get(pupil, version=version)
    return leerling


def make_aggregates(told: Iterable[History], path: Path, *, text: bool = False) -> None:
    """Store histories as aggregates in a file, if it is not there.

    With `text` all dates and moments stay text: less than the fold has to know, and the
    cheapest for the library's transcoder.
    """
    if path.exists():
        return
    making = path.with_suffix(".maken")
    remove(making)
    with Leerlingen.on(making) as app:
        made = (_aggregate(history, text=text) for history in told)
        while part := list(islice(made, 1000)):
            app.save(*part)
    making.rename(path)


def ids_of(path: Path) -> list[UUID]:
    """Return the ids of all aggregates in a file."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT DISTINCT originator_id FROM stored_events")
        return [UUID(row[0]) for row in rows]


def _ordered(history: History) -> History:
    return sorted(history, key=lambda event: (event.bekend_op, event.positie))


def _aggregate(history: History, *, text: bool) -> Leerling:
    first, *others = _ordered(history)
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
