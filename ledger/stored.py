"""Stored rows as events, without those that lapsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final
from uuid import UUID

from msgspec import MsgspecError

from ledger import events as ev
from ledger.mapper import decode_event
from ledger.places import LedgerError
from ledger.seals import StoredRow

LAPSED: Final = ev.BoekingVervallen.__name__


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


def standing_rows(rows: Iterable[StoredRow], until: int | None = None) -> Iterator[ev.Event]:
    """Yield the standing events of whole streams, sorted by stream, up to a position."""
    for _, stream in groupby(rows, key=lambda row: row.stream):
        listed = [row for row in stream if until is None or row.positie <= until]
        if any(row.topic == LAPSED for row in listed):
            yield from standing(map(event_of, listed))
        else:
            yield from map(event_of, listed)


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


@lru_cache(maxsize=1 << 14)
def _stream_id(name: str) -> UUID:
    """Return the id of a stream; cached, since a pupil has several rows."""
    return UUID(int=int(name, 16))
