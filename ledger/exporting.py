"""The log written out as a feed, that books the same ledger again (events.md 1)."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from uuid import UUID

from ledger import events as ev
from ledger.application import Ledger
from ledger.intake.feed import format_line

STEP = 5000
"""Events whose identities are looked up at a time."""


def feed_lines(ledger: Ledger) -> Generator[bytes, None, None]:
    """Yield the canonical feed lines in order of booking.

    What the ledger booked by itself is left out, and so are events that lapsed and facts of
    forgotten pupils: nobody can say any more whose they are.
    """
    lapsed = {
        positie for fact in ledger.facts_of_kind(ev.BoekingVervallen) for positie in fact.posities
    }
    booked = (
        event
        for event in ledger.booked()
        if ev.topic_of(event.fact) not in ev.LEDGER_FACTS and event.positie not in lapsed
    )
    while part := list(islice(booked, STEP)):
        yield from _lines(ledger, part)
        ledger.vault.drop_keys()


def _lines(ledger: Ledger, part: list[ev.Event]) -> Iterator[bytes]:
    pgns = ledger.vault.pgns({*_streams(part)})
    for event in ledger.vault.reveal(part):
        if isinstance(event.fact, ev.ReferenceFact):
            yield format_line(event, None)
            continue
        pgn = pgns.get(event.originator_id)
        if pgn is not None:
            new = event.fact.nieuw if isinstance(event.fact, ev.PgnVervangen) else None
            yield format_line(event, pgn, pgns.get(new) if isinstance(new, UUID) else None)


def _streams(part: Iterable[ev.Event]) -> Iterator[UUID]:
    for event in part:
        yield event.originator_id
        if isinstance(event.fact, ev.PgnVervangen) and isinstance(event.fact.nieuw, UUID):
            yield event.fact.nieuw
