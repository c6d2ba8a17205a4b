"""By which PGN and birth date pupils go, as known then; the only way out of the vault."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from ledger.application import Ledger
from ledger.events import LeerlingGeregistreerd
from projections.store import ask, ask_pupils
from projections.store.read_model import ReadModel


class Person(NamedTuple):
    """A PGN (empty once forgotten) and a birth date (None when not known)."""

    pgn: str
    geboortedatum: date | None


NOBODY: Final = Person("", None)
"""A pupil whose identity was erased."""


def persons(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, leerlingen: Iterable[str]
) -> dict[str, Person]:
    """Return the person behind each pupil id, in a few queries for all together."""
    known = ask_pupils.persons(model, as_of, dict.fromkeys(leerlingen))
    pgns = ledger.vault.pgns(UUID(stream) for stream in {stream for stream, _ in known.values()})
    births = _births(ledger, {born for _, born in known.values() if born is not None})
    return {
        leerling: Person(pgns.get(UUID(stream), ""), births.get(born or 0))
        for leerling, (stream, born) in known.items()
    }


def pgns(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, leerlingen: Iterable[str]
) -> dict[str, str]:
    """Return the PGN by which each pupil id goes then; empty once forgotten, absent if unknown.

    A pupil that a `PgnVervangen` joined to another one goes by the PGN of that one.
    """
    wanted = set(leerlingen)
    known = ask_pupils.persons(model, as_of, wanted)
    others = ask_pupils.taken_over(model, as_of, wanted - known.keys())
    known |= ask_pupils.persons(model, as_of, set(others.values()) - known.keys())
    streams = {leerling: UUID(stream) for leerling, (stream, _) in known.items()}
    found = ledger.vault.pgns(streams.values())
    goes_by = {**{leerling: leerling for leerling in known}, **others}
    return {
        leerling: found.get(streams[person], "")
        for leerling, person in goes_by.items()
        if leerling in wanted
    }


def _births(ledger: Ledger, positions: set[int]) -> dict[int, date]:
    events = ledger.vault.reveal(ledger.events_at(sorted(positions)))
    ledger.vault.drop_keys()
    return {
        event.positie: event.fact.geboortedatum
        for event in events
        if isinstance(event.fact, LeerlingGeregistreerd)
    }
