"""The ledger: an event-sourced application on a folder of files (architecture.md, write side).

It books facts, reads them back, and knows nothing of what others compute from them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Final, TypeVar, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, PersistenceError, StoredEvent
from msgspec import MsgspecError

from ledger import events as ev
from ledger.mapper import FactMapper, decode_event
from ledger.recorders import IndexRows, LedgerRecorder, NewRows, Stamp
from ledger.reference import Reference
from ledger.seals import Broken, StoredRow, first_break
from ledger.states import (
    AansluitingStand,
    AantallenStand,
    PostcodegebiedStand,
    ReferenceStand,
    SwvStand,
    TellingStand,
    VestigingStand,
)
from ledger.vault import KEY_VARIABLE, Vault, VaultError, new_key_file, read_key

EVENTS_FILE: Final = "gebeurtenissen.sqlite"
VAULT_FILE: Final = "kluis.sqlite"
KEY_FILE: Final = "kluis.sleutel"
LAPSED: Final = ev.BoekingVervallen.__name__
READ_MODEL_FILE: Final = "standen.sqlite"

FIRST_PUPIL: Final = "00000001" + "0" * 24
"""Stream ids (hex) below this belong to reference objects, the others to pupils."""
BEYOND_ALL: Final = "g"
"""Sorts after every hex id."""


Kind = TypeVar("Kind", bound=ev.Fact)


class LedgerError(Exception):
    """The ledger cannot be opened, or is damaged (exit status 4)."""


class Ledger(Application[UUID]):
    """The events and the vault of one ledger.

    Streams, versions, optimistic concurrency and the notification log are the library's;
    the fold over a pupil is ours, since the library's orders by booking only.
    """

    name = "kijkglas"
    log_section_size = 5000

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            {
                "PERSISTENCE_MODULE": "ledger.recorders",
                "SQLITE_DBNAME": str(folder / EVENTS_FILE),
            }
        )
        self.store: LedgerRecorder = cast("LedgerRecorder", self.recorder)
        self.vault = Vault(folder / VAULT_FILE, read_key(folder / KEY_FILE))

    def construct_mapper(self) -> Mapper[UUID]:
        """Return our mapper in the place of the library's."""
        return FactMapper(transcoder=self.construct_transcoder())

    def close(self) -> None:
        """Close the event store and the vault."""
        super().close()
        vault = getattr(self, "vault", None)
        if vault is not None:
            vault.close()

    def append(
        self, stored: Sequence[StoredEvent] | NewRows, stamp: Stamp, index: IndexRows
    ) -> None:
        """Store events in their order, sealed, all or none.

        Raises the library's RecordConflictError when another process booked to one of the
        streams, or under one of the kenmerken, in between.
        """
        if isinstance(stored, NewRows):
            self.store.insert_rows(stored, stamp, index)
        else:
            self.store.insert_events(stored, stamp=stamp, index=index)

    @property
    def position(self) -> int:
        """The position of the last event; 0 when there is none."""
        return self.store.last_position()

    def events_of(
        self, streams: Iterable[UUID], until: int | None = None, *, lapsed: bool = False
    ) -> list[ev.Event]:
        """Return the events of some streams, oldest booking first within each stream.

        With `lapsed` also those that have no effect any more, and what says so.
        """
        rows = self.store.rows_of(stream.hex for stream in streams)
        events = [event_of(row) for row in rows if until is None or row.positie <= until]
        return events if lapsed else standing(events)

    def events_at(self, positions: Iterable[int]) -> list[ev.Event]:
        """Return the events at some positions of the log."""
        return [event_of(row) for row in self.store.rows_at(positions)]

    def events_from_file(self, bestand: str) -> list[ev.Event]:
        """Return the standing events that were read from a file (SHA-256)."""
        rows = list(self.store.rows_from_file(bestand))
        streams = {UUID(row.stream) for row in rows}
        return [event for event in self.events_of(streams) if event.bestand == bestand]

    def pupil_events(
        self, first: str = FIRST_PUPIL, beyond: str = BEYOND_ALL, until: int | None = None
    ) -> Iterator[ev.Event]:
        """Yield the events of all pupils whose id (hex) is in the range, a stream at a time.

        Up to a position, as the ledger stood then.
        """
        return self._standing_rows(self.store.rows_between(first, beyond), until)

    def reference_events(self, until: int | None = None) -> Iterator[ev.Event]:
        """Yield the events of all reference objects, up to a position."""
        return self._standing_rows(self.store.rows_between("", FIRST_PUPIL), until)

    def _standing_rows(self, rows: Iterable[StoredRow], until: int | None) -> Iterator[ev.Event]:
        for _, stream in groupby(rows, key=lambda row: row.stream):
            listed = [row for row in stream if until is None or row.positie <= until]
            if any(row.topic == LAPSED for row in listed):
                yield from standing(map(event_of, listed))
            else:
                yield from map(event_of, listed)

    def reference(self, until: int | None = None) -> Reference:
        """Return all reference data, as the ledger stood after the `until`-th event."""
        return Reference(self.reference_events(until))

    def facts_of_kind(self, kind: type[Kind]) -> Iterator[Kind]:
        """Yield all facts of a kind, in order of booking."""
        for row in self.store.rows_with(kind.__name__):
            fact = event_of(row).fact
            assert isinstance(fact, kind), fact
            yield fact

    def booked(self, after: int = 0, until: int | None = None) -> Iterator[ev.Event]:
        """Yield events in order of booking, from after a position."""
        return map(event_of, self.store.rows(after, until))

    def head(self) -> str:
        """Return the head of the hash chain, in hex."""
        return self.store.head().hex()

    def head_at(self, position: int) -> str:
        """Return the head of the hash chain after the append that holds a position, in hex."""
        return self.store.head_at(position).hex()

    def first_break(self) -> Broken | None:
        """Return the first position of the log that was changed, removed or inserted."""
        with self.store.chain() as (rows, zegels):
            return first_break(rows, zegels)


def standing(events: Iterable[ev.Event]) -> list[ev.Event]:
    """Return events without those that lapsed, and without what says so.

    All events of a stream up to a position of the log must be among them.
    """
    listed = list(events)
    lapsed = {
        positie
        for event in listed
        if isinstance(event.fact, ev.BoekingVervallen)
        for positie in event.fact.posities
    }
    if not lapsed:
        return listed
    return [
        event
        for event in listed
        if event.positie not in lapsed and not isinstance(event.fact, ev.BoekingVervallen)
    ]


def event_of(row: StoredRow) -> ev.Event:
    """Return the event of a stored row; personal facts stay encrypted.

    Raises LedgerError when the row was damaged.
    """
    positie, stream, version, topic, state = row
    try:
        return decode_event(_stream_id(stream), version, topic, state, positie)
    except (MsgspecError, KeyError, ValueError, TypeError) as error:
        raise LedgerError(
            f"gebeurtenis {positie} is onleesbaar; zet een kopie van het grootboek terug"
        ) from error


@lru_cache(maxsize=1024)
def _stream_id(name: str) -> UUID:
    """Return the id of a stream; cached, since rows come a stream at a time."""
    return UUID(name)


def create(folder: Path) -> Ledger:
    """Make an empty ledger in a folder and open it. Raises LedgerError if there is one."""
    if (folder / EVENTS_FILE).exists():
        raise LedgerError(f"in {folder} staat al een grootboek")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if KEY_VARIABLE not in os.environ:
            new_key_file(folder / KEY_FILE)
    except OSError as error:
        raise LedgerError(f"{folder} kan niet worden gemaakt: {error.strerror}") from error
    return _open(folder)


def open_ledger(folder: Path) -> Ledger:
    """Open a ledger. Raises LedgerError when there is none, or it cannot be read."""
    if not (folder / EVENTS_FILE).is_file():
        raise LedgerError(f"in {folder} staat geen grootboek; maak het met 'kijkglas init'")
    for name in (EVENTS_FILE, VAULT_FILE):
        if not (folder / name).is_file() or (folder / name).stat().st_size == 0:
            raise LedgerError(f"{folder / name} ontbreekt of is leeg; zet een kopie terug")
    return _open(folder)


def _open(folder: Path) -> Ledger:
    try:
        return Ledger(folder)
    except VaultError as error:
        raise LedgerError(str(error)) from error
    except (PersistenceError, OSError) as error:
        raise LedgerError(f"het grootboek in {folder} kan niet worden gelezen: {error}") from error


def reference_stream(about: ev.Fact | ReferenceStand) -> UUID:
    """Return the stream of the object that a reference fact or state is about.

    The ids begin with zeros, so that all reference data are one range of the store.
    """
    match about:
        case ev.SwvGeregistreerd() | SwvStand():
            name = f"swv {about.swv}"
        case (
            ev.VestigingGeregistreerd()
            | ev.VestigingAangesloten()
            | ev.VestigingUitgetreden()
            | VestigingStand()
            | AansluitingStand()
        ):
            name = f"vestiging {about.vestigingscode}"
        case ev.PostcodegebiedToegewezen() | PostcodegebiedStand():
            name = f"pc4 {about.pc4}"
        case ev.TellingVastgesteld() | TellingStand():
            name = f"telling {about.teldatum}"
        case ev.AantallenGemeld() | AantallenStand():
            name = f"aantallen {about.tabel} {about.swv} {about.teldatum}"
        case ev.BestandIngelezen() | ev.BestandTeruggedraaid():
            name = f"bestand {about.sha256}"
        case ev.VerschilGeaccepteerd():
            name = f"aansluiting {about.paar} {about.swv} {about.teldatum}"
        case ev.AansluitingVerzegeld():
            name = f"aansluiting {about.aansluiting}"
        case _:
            raise TypeError(f"{type(about).__name__} is about no reference object")
    return UUID(bytes=b"\0\0\0\0" + sha256(name.encode()).digest()[:12])


def now() -> datetime:
    """Return the moment of the clock: `geboekt_op` (rules.md 1)."""
    return datetime.now(UTC)
