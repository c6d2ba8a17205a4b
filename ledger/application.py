"""The ledger: an event-sourced application on one place (architecture.md, write side).

It books facts, reads them back, and knows nothing of what others compute from them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent

from ledger import events as ev
from ledger.event_rows import IndexRows, NewRow, NewRows, Stamp, new_rows
from ledger.failing import reason, told_of_ledger
from ledger.folder_place import FolderPlace
from ledger.groups import Join
from ledger.keys import KEY_VARIABLE, VaultError, key_source, new_key_file, read_key
from ledger.mapper import FactMapper, decode_event
from ledger.places import LedgerError, Place, place_of
from ledger.recorders import LedgerRecorder
from ledger.reference import Reference
from ledger.seals import Broken, first_break
from ledger.states import (
    AansluitingStand,
    AantallenStand,
    PostcodegebiedStand,
    ReferenceStand,
    SwvStand,
    TellingStand,
    VestigingStand,
)
from ledger.stored import event_of, standing, standing_rows
from ledger.vault import Vault

FIRST_PUPIL: Final = "00000001" + "0" * 24
"""Stream ids (hex) below this belong to reference objects, the others to pupils."""
BEYOND_ALL: Final = "g"
"""Sorts after every hex id."""
JOINING: Final = ev.PgnVervangen.__name__
"""The kind of event that makes two streams one pupil."""


Kind = TypeVar("Kind", bound=ev.Fact)


class Ledger(Application[UUID]):
    """The events and the vault of one ledger.

    Streams, versions, optimistic concurrency and the notification log are the library's;
    the fold over a pupil is ours, since the library's orders by booking only.
    """

    name = "kijkglas"
    log_section_size = 5000

    def __init__(self, place: Place) -> None:
        self.place = place
        key = read_key(place.key_path)
        source = key_source(place.key_path)
        self.vault = Vault(place.vault_database(), key, self._joins_told, source)
        try:
            super().__init__(place.environment)
        except BaseException:
            self.vault.close()
            raise
        self.store: LedgerRecorder = cast("LedgerRecorder", self.recorder)

    @property
    def address(self) -> str:
        """What opens it again, also in another process; may hold a password."""
        return self.place.address

    def locked(self, name: str) -> AbstractContextManager[None]:
        """Let one process at a time do something; the lock falls with the process."""
        return self.place.locked(name)

    @property
    def folder(self) -> Path:
        """The folder of the ledger. Raises LedgerError when it is not in a folder."""
        if not isinstance(self.place, FolderPlace):
            raise LedgerError(f"{self.place.shown} is geen map")
        return self.place.folder

    def construct_mapper(self) -> Mapper[UUID]:
        """Return our mapper in the place of the library's."""
        return FactMapper(transcoder=self.construct_transcoder())

    def close(self) -> None:
        """Close the event store and the vault."""
        super().close()
        self.vault.close()

    def append(
        self, stored: Sequence[StoredEvent] | NewRows, stamp: Stamp, index: IndexRows
    ) -> None:
        """Store events in their order, sealed, all or none; then joins are in force.

        Raises the library's RecordConflictError when another process booked to one of the
        streams, or under one of the kenmerken, in between.
        """
        rows = stored if isinstance(stored, NewRows) else new_rows(stored)
        joins = list(_joins_in(rows)) if JOINING in {row[2] for row in rows} else []
        if joins:
            self.vault.expect(joins)
        self.store.insert_rows(rows, stamp, index)
        if joins:
            self.vault.settle()

    def _joins_told(self, streams: Iterable[UUID]) -> dict[tuple[UUID, int], UUID | None]:
        """Return what the log says of joins on some streams (`ledger.groups.Told`)."""
        rows = sorted(self.store.rows_of(stream.hex for stream in streams))
        return {
            (UUID(row.stream), row.version): joined_to(event_of(row).fact)
            if row.topic == JOINING
            else None
            for row in rows
        }

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
        return standing_rows(self.store.rows_between(first, beyond), until)

    def reference_events(self, until: int | None = None) -> Iterator[ev.Event]:
        """Yield the events of all reference objects, up to a position."""
        return standing_rows(self.store.rows_between("", FIRST_PUPIL), until)

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


def _joins_in(rows: Iterable[NewRow]) -> Iterator[Join]:
    for stream, version, topic, state in rows:
        if topic == JOINING:
            nieuw = joined_to(decode_event(UUID(stream), version, topic, state).fact)
            assert nieuw is not None, "it is booked with the stream of the new PGN"
            yield Join(UUID(stream), version, nieuw)


def joined_to(fact: ev.Fact) -> UUID | None:
    """Return the stream that a booked fact joins to its own, None when it does not."""
    if isinstance(fact, ev.PgnVervangen) and isinstance(fact.nieuw, UUID):
        return fact.nieuw
    return None


def create(where: Path | str) -> Ledger:
    """Make an empty ledger and open it. Raises LedgerError if there is one."""
    place = place_of(where)
    place.make()
    if KEY_VARIABLE not in os.environ:
        try:
            new_key_file(place.key_path)
        except OSError as error:
            raise LedgerError(
                f"{place.key_path} kan niet worden gemaakt: {reason(error)}"
            ) from error
    return _open(place)


def open_ledger(where: Path | str) -> Ledger:
    """Open a ledger. Raises LedgerError when there is none, or it cannot be read."""
    place = place_of(where)
    place.check()
    return _open(place)


def _open(place: Place) -> Ledger:
    try:
        return Ledger(place)
    except VaultError as error:
        raise LedgerError(str(error)) from error
    except Exception as error:
        said = told_of_ledger(error, f"het grootboek in {place.shown}")
        if said is None:
            raise
        raise LedgerError(said) from error


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
    return _stream_of(name)


@lru_cache(maxsize=1 << 14)  # a line of a feed asks for its stream more than once
def _stream_of(name: str) -> UUID:
    return UUID(bytes=b"\0\0\0\0" + sha256(name.encode()).digest()[:12])


def now() -> datetime:
    """Return the moment of the clock: `geboekt_op` (rules.md 1)."""
    return datetime.now(UTC)
