"""Undoing one import: what it booked has no effect any more, at any moment (cli.md, `undo`).

Nothing is removed from the log. An event on each stream says which of its events lapse, and
one that the file was undone; what lapsed is left out wherever events are read. A ledger asked
as it stood before (`--positie`) still has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ledger import events as ev
from ledger.appending import lapses, own_event
from ledger.application import Ledger, now, reference_stream
from ledger.booking import kenmerk_key
from ledger.delivery import Delivery
from ledger.event_rows import IndexRows, OpgaveRow, Stamp
from ledger.files import ImportedFile, imported_files
from ledger.intake.recognise import FEED
from ledger.opgaven import stored_moment
from ledger.stating import BATCH, LOCK_FILE, tell_again
from ledger.vanished import vanished_anew

SHORTEST: Final = 4
"""Characters of an import id that have to be given."""


class UnknownImportError(ValueError):
    """An id that is of no import that stands, or of several."""


def found(ledger: Ledger, import_id: str) -> ImportedFile:
    """Return the import of an id: the first characters of the SHA-256 of its file.

    Raises UnknownImportError.
    """
    files = [file for file in imported_files(ledger) if file.fact.sha256.startswith(import_id)]
    standing = [file for file in files if not file.undone]
    if len(import_id) < SHORTEST:
        raise UnknownImportError(f"'{import_id}' is te kort; geef minstens {SHORTEST} tekens")
    if not files:
        raise UnknownImportError(f"'{import_id}' is geen import; zie 'kijkglas imports'")
    if len({file.fact.sha256 for file in files}) > 1:
        raise UnknownImportError(f"'{import_id}' is van meer dan een import; geef meer tekens")
    if not standing:
        raise UnknownImportError(f"import '{import_id}' is al teruggedraaid")
    return standing[-1]


def undo(ledger: Ledger, file: ImportedFile) -> tuple[int, int]:
    """Undo an import; return how many events lost their effect, and how many were booked anew.

    Those anew say what later files said of the same pupils, where that rested on the import.
    An undo that was interrupted is finished by another one.
    """
    sha256 = file.fact.sha256
    with ledger.locked(LOCK_FILE):
        events = ledger.events_from_file(sha256)
        said = list(ledger.store.opgaven_from(sha256))
        for start in range(0, len(events), BATCH):
            _lapse(ledger, sha256, events[start : start + BATCH])
        _book(ledger, sha256, said)
        vanished_anew(ledger, file.fact)
    return len(events), tell_again(ledger)


def rested_on(ledger: Ledger, file: ImportedFile) -> list[ImportedFile]:
    """Return the standing feeds that were read in later and had lines that were known already.

    Some of those may have been known from this file alone: reading such a feed in again
    books them.
    """
    return [
        other
        for other in imported_files(ledger)
        if other.fact.product == FEED
        and other.positie > file.positie
        and other.fact.al_bekend
        and not other.undone
    ]


def _lapse(ledger: Ledger, sha256: str, events: Sequence[ev.Event]) -> None:
    """Let events lapse, and note of whom later files have to be told again."""
    delivery = Delivery(ledger, ())
    delivery.history({event.originator_id: event.originator_id for event in events})
    gone = lapses(delivery, [(event.originator_id, event.positie) for event in events])
    free = [kenmerk_key(one.bron, one.kenmerk) for one in events if one.kenmerk is not None]
    first: dict[str, str] = {}
    for event in events:
        moment, stroom = stored_moment(event.bekend_op), event.originator_id.hex
        first[stroom] = min(moment, first.get(stroom, moment))
    index = IndexRows(vrij=free, opnieuw=sorted(first.items()))
    ledger.append(gone, _stamp(sha256), index)


def _book(ledger: Ledger, sha256: str, said: Sequence[OpgaveRow]) -> None:
    fact = ev.BestandTeruggedraaid(sha256=sha256)
    stream = reference_stream(fact)
    version = len(ledger.events_of([stream], lapsed=True)) + 1
    stored = own_event(ledger, stream, version, fact)
    again = sorted({(row.stroom, row.bekend_op) for row in said})
    index = IndexRows(teruggedraaid=sha256, opnieuw=again)
    ledger.append([stored], _stamp(sha256), index)


def _stamp(sha256: str) -> Stamp:
    return Stamp(now().isoformat(), f"terugdraaien {sha256[:12]}")
