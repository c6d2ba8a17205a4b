"""What an append stores: events, their stamp, and what stands beside them in the indexes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from eventsourcing.persistence import StoredEvent

NewRow = tuple[str, int, str, bytes]
"""An event to append: its stream (hex), version, topic and state."""


class NewRows(list[NewRow]):
    """Events to append, in their order."""


class Stamp(NamedTuple):
    """What the seal of an append says of it: when it was booked, and by which import."""

    geboekt_op: str
    invoer: str


class OpgaveRow(NamedTuple):
    """What one row of a file said (`ledger.opgaven`), as it is stored.

    `stroom` is the pupil or object (hex), `bekend_op` ISO text in UTC, `inhoud` the states,
    encrypted under the key of the pupil.
    """

    stroom: str
    bekend_op: str
    bestand: str
    regel: int
    bron: str
    inhoud: bytes


class IndexRows(NamedTuple):
    """What an append adds beside events.

    The indexes kenmerk key -> identity and tlv number -> pupil; what the rows of a file
    said; the file (SHA-256) that is undone by it, and the kenmerk keys that are free again;
    the pupils and objects (hex) of whom something is booked from a moment on, so that what
    was said later has to be told again, and those of whom that is done by it.
    """

    kenmerken: Sequence[tuple[bytes, bytes]] = ()
    tlv_nummers: Sequence[tuple[str, str]] = ()
    opgaven: Sequence[OpgaveRow] = ()
    teruggedraaid: str | None = None
    vrij: Sequence[bytes] = ()
    opnieuw: Sequence[tuple[str, str]] = ()
    verteld: Sequence[str] = ()


NumberedRow = tuple[int, str, int, str, bytes]
"""An event of the log: its position, stream (hex), version, topic and state."""

UNSTAMPED: Final = Stamp("", "")
NO_INDEX: Final = IndexRows()


def new_rows(events: Iterable[StoredEvent]) -> NewRows:
    """Return events of the library as rows to append."""
    return NewRows(
        (
            event.originator_id
            if isinstance(event.originator_id, str)
            else event.originator_id.hex,
            event.originator_version,
            event.topic,
            event.state,
        )
        for event in events
    )
