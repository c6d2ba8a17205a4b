"""The hash chain over the log: what shows that an event was changed, removed or inserted.

Every event has a link: the SHA-256 of the link before it and the event as stored. Every
append is closed with a *zegel*: its head covers the last link, the time of booking and the
import, and the next link starts from it. A zegel keeps the first bytes of each link, so
that a broken chain can be traced to the first position that differs (architecture.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

ROOT: Final = sha256(b"kijkglas").digest()
"""The head of an empty ledger."""

TRACE: Final = 8
"""Bytes of each link that a zegel keeps."""


class StoredRow(NamedTuple):
    """An event as stored: its position in the log, stream (hex), version, topic and state."""

    positie: int
    stream: str
    version: int
    topic: str
    state: bytes


Row = tuple[int, str, int, str, bytes]
"""The fields of a `StoredRow`."""


class Zegel(NamedTuple):
    """The seal of one append: positions `eerste` to `laatste`, when and by which import."""

    eerste: int
    laatste: int
    geboekt_op: str
    invoer: str
    hoofd: bytes
    sporen: bytes


class Broken(NamedTuple):
    """The first position at which the chain does not hold, and what is wrong there."""

    positie: int
    wat: str


def seal(head: bytes, rows: Sequence[Row], geboekt_op: str, invoer: str) -> Zegel:
    """Return the seal of an append after a head; `rows` are not empty."""
    links = list(_links(head, rows))
    return Zegel(
        rows[0][0],
        rows[-1][0],
        geboekt_op,
        invoer,
        _head(links[-1], geboekt_op, invoer),
        b"".join(link[:TRACE] for link in links),
    )


def first_break(rows: Iterable[StoredRow], zegels: Iterable[Zegel]) -> Broken | None:
    """Return the first position that was changed, removed or inserted, None when all holds.

    Both in order of position; rows are read once, as a stream.
    """
    stream, head, next_positie = iter(rows), ROOT, 1
    for zegel in zegels:
        if zegel.eerste != next_positie:
            return Broken(next_positie, "zegel verwijderd of ingevoegd")
        part: list[StoredRow] = []
        for positie in range(zegel.eerste, zegel.laatste + 1):
            row = next(stream, None)
            if row is None or row.positie > positie:
                return Broken(positie, "gebeurtenis verwijderd")
            if row.positie < positie:
                return Broken(row.positie, "gebeurtenis ingevoegd")
            part.append(row)
        if broken := _broken_in(head, part, zegel):
            return broken
        head, next_positie = zegel.hoofd, zegel.laatste + 1
    extra = next(stream, None)
    return None if extra is None else Broken(extra.positie, "gebeurtenis ingevoegd")


def _broken_in(head: bytes, rows: list[StoredRow], zegel: Zegel) -> Broken | None:
    again = seal(head, rows, zegel.geboekt_op, zegel.invoer)
    if again == zegel:
        return None
    for place, row in enumerate(rows):
        trace = slice(place * TRACE, (place + 1) * TRACE)
        if again.sporen[trace] != zegel.sporen[trace]:
            return Broken(row.positie, "gebeurtenis gewijzigd")
    return Broken(zegel.eerste, "zegel gewijzigd")


def _links(head: bytes, rows: Iterable[Row]) -> Iterator[bytes]:
    link = head
    for positie, stream, version, topic, state in rows:
        # The lengths stand in front, so that no two different events read the same.
        content = state if isinstance(state, bytes) else repr(state).encode()
        envelope = f"{positie} {stream} {version} {len(str(topic))} {topic} {len(content)} "
        link = sha256(link + envelope.encode() + content).digest()
        yield link


def _head(link: bytes, geboekt_op: str, invoer: str) -> bytes:
    return sha256(link + f"{geboekt_op} {invoer}".encode()).digest()
