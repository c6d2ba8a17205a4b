"""How an event is told to a reader: its key, what it says, its times and where it came from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from ledger import events as ev
from ledger.application import Ledger
from projections.bestanden import bestanden

KENMERK_LENGTH: Final = 12
"""Characters of a keyed hash that name a difference to a reader."""


_ENROLMENT: Final = ("instellingscode", "volgnummer")


class Told(msgspec.Struct, frozen=True, gc=False):
    """An event in words."""

    positie: int
    type: str
    bekend_op: datetime
    geboekt_op: datetime
    bron: str
    kenmerk: str
    sleutel: str
    omschrijving: str
    bestand: str
    regel: int | None


def told(ledger: Ledger, booked: Sequence[ev.Event]) -> list[Told]:
    """Return events in words, in the order given; personal facts are opened for it."""
    revealed = ledger.vault.reveal(booked)
    pgns = ledger.vault.pgns(_new(revealed))
    bounds, moments = _bookings(ledger)
    names = {bestand.sha256: bestand.naam for bestand in bestanden(ledger)}
    return [
        Told(
            event.positie,
            ev.topic_of(event.fact),
            event.bekend_op,
            moments[bisect_left(bounds, event.positie)],
            event.bron,
            event.kenmerk or "",
            _key(event.fact),
            _description(event.fact, pgns),
            names.get(event.bestand or "", (event.bestand or "")[:12]),
            event.regel,
        )
        for event in revealed
    ]


def _new(booked: Iterable[ev.Event]) -> Iterable[UUID]:
    for event in booked:
        if isinstance(event.fact, ev.PgnVervangen) and isinstance(event.fact.nieuw, UUID):
            yield event.fact.nieuw


def _bookings(ledger: Ledger) -> tuple[list[int], list[datetime]]:
    """Return the last position of every append and when it was booked."""
    bookings = list(ledger.store.bookings())
    return (
        [laatste for laatste, _ in bookings],
        [datetime.fromisoformat(geboekt_op) for _, geboekt_op in bookings],
    )


def _key(fact: ev.Fact) -> str:
    if isinstance(fact, ev.Enrolment):
        return f"{fact.instellingscode}/{fact.volgnummer}"
    for name in ("nummer", "vestigingscode", "swv", "pc4", "teldatum"):
        value = getattr(fact, name, None)
        if isinstance(value, str):
            return value
    return ""


def _description(fact: ev.Fact, pgns: dict[UUID, str]) -> str:
    """Return what the event says beside its key, as field=value."""
    if isinstance(fact, ev.Beschermd):
        return "gewist"
    if isinstance(fact, ev.VerschilGeaccepteerd):
        verschil = fact.sleutel[:KENMERK_LENGTH]
        return f"paar={fact.paar}, verschil={verschil}, reden={fact.reden}, paraaf={fact.paraaf}"
    if isinstance(fact, ev.PgnVervangen) and isinstance(fact.nieuw, UUID):
        return f"nieuw_pgn={pgns.get(fact.nieuw, '')}"
    said = msgspec.to_builtins(fact)
    key = _ENROLMENT if isinstance(fact, ev.Enrolment) else ()
    return ", ".join([f"{name}={_shown(value)}" for name, value in said.items() if name not in key])


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, list | tuple):
        return "[" + " ".join(_shown(one) for one in value) + "]"
    if isinstance(value, dict):
        return "(" + " ".join(f"{name}={_shown(one)}" for name, one in value.items()) + ")"
    return "geen" if value is None else str(value)
