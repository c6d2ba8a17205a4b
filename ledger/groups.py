"""Which streams are one pupil: the groups of a vault, made by the joins that are booked.

The vault and the log may be two databases, and a process may be killed between them. So the
log decides: a join is expected in the vault before its `PgnVervangen` is appended, as the
stream and version of that event, and it makes a group once that event is in the log. Every
question about groups looks first whether an expected join was booked. Whoever has seen the
event therefore sees the group, whichever process died in between; of a join that was never
booked nobody sees anything, and it is dropped when another event takes its version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple
from uuid import UUID

from ledger.databases import Database


class Join(NamedTuple):
    """A `PgnVervangen` that is to be booked: its stream and version, and the stream it names."""

    stroom: UUID
    versie: int
    nieuw: UUID


Told = Callable[[Iterable[UUID]], Mapping[tuple[UUID, int], UUID | None]]
"""Tells of all events of some streams, by stream and version and in order of booking, which
stream each joins to its own: None when it is no `PgnVervangen`."""


class Groups:
    """The groups of the streams in a database; `told` is what the log says."""

    def __init__(self, database: Database, told: Told) -> None:
        self._db = database
        self._told = told

    def expect(self, joins: Iterable[Join]) -> None:
        """Note joins that are about to be booked; they are in force once they are."""
        rows = [(join.stroom.bytes, join.versie, join.nieuw.bytes) for join in joins]
        with self._db.writing():
            self._db.executemany(
                "INSERT INTO samenvoegingen VALUES (?,?,?) ON CONFLICT DO NOTHING", rows
            )

    def settle(self) -> None:
        """Let the expected joins that are booked be in force, in the order of the log."""
        if not self._decided(self._expected()):
            return  # without the lock: there is nearly always nothing
        with self._db.writing():
            expected = self._expected()
            for (stroom, versie), nieuw in self._decided(expected).items():
                if nieuw is not None and Join(stroom, versie, nieuw) in expected:
                    self._join(stroom, nieuw)
                query = "DELETE FROM samenvoegingen WHERE stroom = ? AND versie = ?"
                self._db.execute(query, (stroom.bytes, versie))

    def _expected(self) -> set[Join]:
        rows = self._db.execute("SELECT stroom, versie, nieuw FROM samenvoegingen")
        return {
            Join(UUID(bytes=stroom), versie, UUID(bytes=nieuw)) for stroom, versie, nieuw in rows
        }

    def _decided(self, expected: Iterable[Join]) -> dict[tuple[UUID, int], UUID | None]:
        """Return what the log has at the versions of joins, in its order."""
        places = {(join.stroom, join.versie) for join in expected}
        if not places:
            return {}
        told = self._told({stroom for stroom, _ in places})
        return {place: nieuw for place, nieuw in told.items() if place in places}

    def _join(self, one: UUID, two: UUID) -> None:
        """Make two streams one group: they belong to one pupil (`PgnVervangen`)."""
        groups = self._groups([one, two])
        if len(groups) < len({one, two}):
            return  # a pupil that was forgotten is nobody
        new, old = groups[one].bytes, groups[two].bytes
        # Each finds its rows by an index; `groep = ?` alone would read the whole vault.
        for chosen in ("stroom = ? AND groep = stroom", "groep = ? AND groep <> stroom"):
            query = f"UPDATE leerlingen SET groep = ? WHERE {chosen}"  # noqa: S608 - our own
            self._db.execute(query, (new, old))

    def groups(self, streams: Iterable[UUID]) -> dict[UUID, UUID]:
        """Return the group of each stream that the vault knows."""
        self.settle()
        return self._groups(streams)

    def _groups(self, streams: Iterable[UUID]) -> dict[UUID, UUID]:
        query = "SELECT stroom, groep FROM leerlingen WHERE stroom IN ({})"
        rows = self._db.select_in(query, (stream.bytes for stream in streams))
        return {UUID(bytes=stroom): UUID(bytes=groep) for stroom, groep in rows}

    def members(self, groups: Iterable[UUID]) -> dict[UUID, list[UUID]]:
        """Return the streams of each group."""
        self.settle()
        return self._members(groups)

    def _members(self, groups: Iterable[UUID]) -> dict[UUID, list[UUID]]:
        members: dict[UUID, list[UUID]] = {}
        keys = [group.bytes for group in groups]
        own = "SELECT groep, stroom FROM leerlingen WHERE stroom IN ({}) AND groep = stroom"
        joined = "SELECT groep, stroom FROM leerlingen WHERE groep IN ({}) AND groep <> stroom"
        for query in (own, joined):
            for groep, stroom in self._db.select_in(query, keys):
                members.setdefault(UUID(bytes=groep), []).append(UUID(bytes=stroom))
        return members

    def joined(self) -> dict[UUID, UUID]:
        """Return the group of every stream that is not a group of its own: few."""
        self.settle()
        rows = self._db.execute("SELECT stroom, groep FROM leerlingen WHERE groep <> stroom")
        return {UUID(bytes=stroom): UUID(bytes=groep) for stroom, groep in rows}


EXPECTED: Final = """CREATE TABLE IF NOT EXISTS samenvoegingen (
    stroom BLOB NOT NULL, versie INTEGER NOT NULL, nieuw BLOB NOT NULL,
    PRIMARY KEY (stroom, versie, nieuw)) WITHOUT ROWID"""
"""The joins that may be in the log, or may never get there."""
