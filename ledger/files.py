"""Which files were read in, in the order of booking, and which of them were undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from ledger.application import FIRST_PUPIL, Ledger, event_of
from ledger.events import BestandIngelezen, BestandTeruggedraaid

_TOPICS: Final = frozenset({BestandIngelezen.__name__, BestandTeruggedraaid.__name__})


class ImportedFile(NamedTuple):
    """A file that was read in whole: what was booked of it, when, and whether it stands."""

    fact: BestandIngelezen
    geboekt_op: datetime
    positie: int
    undone: bool


def imported_files(ledger: Ledger, until: int | None = None) -> list[ImportedFile]:
    """Return the files in the order of booking, as the ledger stood after an event.

    A file is booked after its last line: one that is half-way is not there. A file that was
    undone and read in again is there twice.
    """
    found: dict[int, ImportedFile] = {}
    standing: dict[str, int] = {}
    for positie, fact, moment in sorted(_told(ledger, until)):
        if isinstance(fact, BestandIngelezen):
            found[positie] = ImportedFile(fact, moment, positie, undone=False)
            standing[fact.sha256] = positie
        elif fact.sha256 in standing:
            place = standing.pop(fact.sha256)
            found[place] = found[place]._replace(undone=True)
    return list(found.values())


def _told(
    ledger: Ledger, until: int | None
) -> Iterator[tuple[int, BestandIngelezen | BestandTeruggedraaid, datetime]]:
    # A country has tens of thousands of reference events: only those of files are decoded.
    for row in ledger.store.rows_between("", FIRST_PUPIL):
        if row.topic in _TOPICS and (until is None or row.positie <= until):
            event = event_of(row)
            assert isinstance(event.fact, BestandIngelezen | BestandTeruggedraaid), event.fact
            yield row.positie, event.fact, event.bekend_op
