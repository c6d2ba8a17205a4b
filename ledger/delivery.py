"""What the store and the vault know about the pupils and objects of a delivery of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from ledger import events as ev
from ledger.application import Ledger
from ledger.landing import Thread
from ledger.stored import standing
from ledger.vault import Identity

CHECKED: Final = frozenset(fact.__name__ for fact in ev.LEERPLICHT)
"""The personal facts that a new line is checked against: only these are opened for it."""


class Delivery:
    """The identities of PGN's, by what each is known, and how far each stream has come."""

    def __init__(self, ledger: Ledger, pgns: Iterable[str]) -> None:
        self.ledger = ledger
        named = set(pgns)
        self.identities: dict[str, Identity]
        self.identities, self._members = ledger.vault.families(named)
        self.threads: dict[str, Thread] = {
            pgn: self.identities[pgn].stream if pgn in self.identities else pgn for pgn in named
        }
        self.versions: dict[UUID, int] = {}

    def group_of(self, pgn: str) -> Thread:
        """Return the pupil of a PGN: its group, or the PGN itself while it has none."""
        return self.identities[pgn].groep if pgn in self.identities else pgn

    def streams_of(self, pgn: str) -> list[UUID]:
        """Return all streams of the pupil of a PGN."""
        return self._members[self.identities[pgn].groep] if pgn in self.identities else []

    def history(
        self, key_of: Mapping[UUID, Thread], opened: frozenset[str] = CHECKED
    ) -> dict[Thread, list[ev.Event]]:
        """Return what was booked before on streams, by the key of each, in two queries.

        The personal facts named in `opened` are in clear. Events that lapsed are left out;
        their versions count all the same.
        """
        booked = self.ledger.events_of(key_of, lapsed=True)
        for event in booked:
            stream = event.originator_id
            self.versions[stream] = max(self.versions.get(stream, 0), event.originator_version)
        still = standing(booked)
        history: dict[Thread, list[ev.Event]] = {}
        for event in self.ledger.vault.reveal(still, opened):
            history.setdefault(key_of[event.originator_id], []).append(event)
        return history
