"""Which files the ledger was made from: their names, hashes and sizes, and when each was booked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.application import FIRST_PUPIL, Ledger, event_of
from ledger.events import BestandIngelezen
from projections.report import Bestand

_TOPIC: Final = BestandIngelezen.__name__


def bestanden(ledger: Ledger, until: int | None = None) -> tuple[Bestand, ...]:
    """Return the files that were read in whole up to a position, in the order of booking.

    A file is booked after its last line: one that is half-way at the position is not there.
    """
    booked = dict(_booked(ledger, until))
    return tuple(booked[positie] for positie in sorted(booked))


def _booked(ledger: Ledger, until: int | None) -> Iterator[tuple[int, Bestand]]:
    # A country has tens of thousands of reference events: only those of files are decoded.
    for row in ledger.store.rows_between("", FIRST_PUPIL):
        if row.topic == _TOPIC and (until is None or row.positie <= until):
            event = event_of(row)
            fact = event.fact
            assert isinstance(fact, BestandIngelezen), fact
            yield row.positie, Bestand(fact.naam, fact.sha256, fact.regels, event.bekend_op)
