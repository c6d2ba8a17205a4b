"""A good line as it is stored: its row of the log, and what the indexes hold of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple
from uuid import UUID

from msgspec import Raw

from ledger import events as ev
from ledger.event_rows import IndexRows, NewRow
from ledger.landing import Line
from ledger.mapper import NO_FACT, State, encode_fact, encode_state
from ledger.opgaven import stored_moment

Seal = Callable[[str, bytes], bytes]
"""Encrypts a personal fact of a name, as canonical JSON, under the key of its pupil."""


class Ready(NamedTuple):
    """A good line as it is to be stored, and what the indexes hold of it.

    `kenmerk` is the key of its kenmerk, `nummer` the tlv that it issues, and `sinds` the
    moment from which what files said of its pupil has to be told again.
    """

    regelnummer: int
    stream: str
    version: int
    topic: str
    state: bytes
    identiteit: bytes
    kenmerk: bytes | None
    nummer: str | None
    sinds: str | None = None

    @property
    def row(self) -> NewRow:
        """The row of the log."""
        return self[1:5]


def ready_of(
    line: Line, stream: str, version: int, bestand: str | None, seal: Seal, nieuw: UUID | None
) -> Ready:
    """Return a line as it is stored: no PGN, and what is personal encrypted.

    `bestand` is the file (SHA-256) that is read, `nieuw` the stream of the PGN that a
    `PgnVervangen` names.
    """
    parsed, identiteit, kenmerk, _, own = line
    fact, feit, geheim = parsed.fact, parsed.feit, None
    kind = type(fact)
    topic, bestand = kind.__name__, own or bestand
    if kind in ev.PERSONAL:
        geheim = seal(topic, feit)
    elif nieuw is not None:
        feit = encode_fact(ev.PgnVervangen(nieuw=nieuw))
    state = State(
        bekend_op=parsed.bekend_op,
        bron=parsed.bron,
        kenmerk=parsed.kenmerk,
        bestand=bestand,
        regel=parsed.regelnummer if bestand else None,
        identiteit=identiteit,
        versie=ev.VERSIONS.get(topic, 1),
        feit=Raw(feit) if geheim is None else NO_FACT,
        geheim=geheim,
    )
    nummer, number = line.nummer, parsed.regelnummer
    return Ready(number, stream, version, topic, encode_state(state), identiteit, kenmerk, nummer)


def told_since(one: Ready, line: Line) -> Ready:
    """Return a line with the moment from which files have to be told again."""
    return one._replace(sinds=stored_moment(line.parsed.bekend_op))


def index_of(lines: Iterable[Ready], *, opnieuw: bool) -> IndexRows:
    """Return what the indexes hold of lines, sorted: neighbours in the tree together.

    With `opnieuw` also of each stream (hex) the first moment at which a line lands in it.
    """
    kenmerken, numbers, first = [], [], dict[str, str]()
    for one in lines:
        if one.kenmerk is not None:
            kenmerken.append((one.kenmerk, one.identiteit))
        if one.nummer is not None:
            numbers.append((one.nummer, one.stream))
        if opnieuw and one.sinds is not None:
            first[one.stream] = min(one.sinds, first.get(one.stream, one.sinds))
    return IndexRows(sorted(kenmerken), sorted(numbers), opnieuw=sorted(first.items()))
