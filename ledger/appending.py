"""Appending checked lines to the log: streams, versions, encryption, one seal a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec import Raw

from ledger import events as ev
from ledger.application import Ledger, now, reference_stream
from ledger.delivery import Delivery
from ledger.event_rows import NewRows, OpgaveRow, Stamp, new_rows
from ledger.intake.feed import Parsed
from ledger.landing import Line
from ledger.mapper import State, encode_fact, encode_state
from ledger.opgaven import OPGAVE, Opgave, encode, stored_moment
from ledger.ready import Making, Ready
from ledger.vault import Identity


class Source(NamedTuple):
    """Where lines come from: the SHA-256 of a file (None by hand), and the import's name."""

    sha256: str | None
    invoer: str


def pgns_of(parsed: Parsed) -> tuple[str, ...]:
    """Return the PGN's that a line names."""
    if parsed.pgn is None:
        return ()
    if isinstance(parsed.fact, ev.PgnVervangen):
        return parsed.pgn, str(parsed.fact.nieuw_pgn)
    return (parsed.pgn,)


def append(
    delivery: Delivery,
    lines: Sequence[Line],
    source: Source,
    opgaven: Sequence[Opgave] | None = None,
    lapsed: Iterable[tuple[UUID, int]] = (),
) -> None:
    """Append one batch of lines under one seal, all or nothing.

    `lapsed` are the stream and position of events that have no effect from here on.
    `opgaven` is what a file said, that the lines were made of. Of other lines it is noted
    whose they are, where a file said something later: that has to be told again.

    Raises the library's RecordConflictError when another process booked to one of the
    streams in between: what was checked has to be checked again.
    """
    vault = delivery.ledger.vault
    try:
        identities = _registered(delivery, lines, opgaven or ())
        gone = lapses(delivery, lapsed)
        ready = _ready(delivery, lines, identities, source)
        index = ready.index(opnieuw=opgaven is None and delivery.ledger.store.has_opgaven())
        if opgaven is not None:
            index = index._replace(opgaven=_rows(delivery, opgaven))
        rows = NewRows([*new_rows(gone), *ready.rows])
        delivery.ledger.append(rows, Stamp(now().isoformat(), source.invoer), index)
    finally:
        vault.drop_keys()


def _registered(
    delivery: Delivery, lines: Sequence[Line], opgaven: Sequence[Opgave]
) -> Mapping[str, Identity]:
    """Return the identities of all PGN's; new ones get a stream, needed keys are read."""
    vault, known = delivery.ledger.vault, delivery.identities
    told = {opgave.pgn for opgave in opgaven if opgave.pgn is not None}
    named = {pgn for line in lines for pgn in pgns_of(line.parsed)} | told
    new = {pgn for pgn in named if pgn not in known}
    if new:
        known.update(vault.register(new))
    personal = {
        line.parsed.pgn
        for line in lines
        if type(line.parsed.fact) in ev.PERSONAL and line.parsed.pgn is not None
    }
    vault.load_keys(known[pgn].stream for pgn in personal | told)
    return known


def own_event(ledger: Ledger, stream: UUID, version: int, fact: ev.Fact) -> StoredEvent:
    """Return a fact that the ledger itself books, as it is stored: known now."""
    feit, name = encode_fact(fact), type(fact).__name__
    identiteit = ledger.vault.identity(f"{name}\0{stream.hex}\0{version}\0".encode() + feit)
    state = State(bekend_op=now(), bron="grootboek", identiteit=identiteit, feit=Raw(feit))
    return StoredEvent(stream, version, name, encode_state(state))


def lapses(delivery: Delivery, lapsed: Iterable[tuple[UUID, int]]) -> list[StoredEvent]:
    """Return for each stream the event that says which of its events lapse."""
    positions: defaultdict[UUID, list[int]] = defaultdict(list)
    for stream, positie in lapsed:
        positions[stream].append(positie)
    events = []
    for stream, posities in positions.items():
        version = delivery.versions[stream] = delivery.versions[stream] + 1
        fact = ev.BoekingVervallen(posities=tuple(sorted(posities)))
        events.append(own_event(delivery.ledger, stream, version, fact))
    return events


def ready(delivery: Delivery, lines: Sequence[Line], source: Source) -> Ready:
    """Return lines as they are stored, in their order, for an append that is to follow.

    Their pupils are in the vault from here on; the append joins them where a line says so.
    """
    try:
        return _ready(delivery, lines, _registered(delivery, lines, ()), source)
    finally:
        delivery.ledger.vault.drop_keys()


def _ready(
    delivery: Delivery, lines: Iterable[Line], identities: Mapping[str, Identity], source: Source
) -> Ready:
    vault, versions, making = delivery.ledger.vault, delivery.versions, Making(source.sha256)
    for line in lines:
        parsed, fact, nieuw = line.parsed, line.parsed.fact, None
        stream = reference_stream(fact) if parsed.pgn is None else identities[parsed.pgn].stream
        version = versions[stream] = versions.get(stream, 0) + 1
        if isinstance(fact, ev.PgnVervangen):
            nieuw = identities[str(fact.nieuw_pgn)].stream
        making.add((line,), stream.hex, version, partial(vault.seal, stream), nieuw)
        making.tell_again(line, stream.hex)
    return making.done()


def _rows(delivery: Delivery, opgaven: Iterable[Opgave]) -> list[OpgaveRow]:
    """Return opgaven as they are stored: of a pupil under its stream, encrypted."""
    vault, rows = delivery.ledger.vault, []
    for opgave in opgaven:
        inhoud = encode(opgave.standen)
        if opgave.pgn is None:
            stream = reference_stream(opgave.about)
        else:
            stream = delivery.identities[opgave.pgn].stream
            inhoud = vault.seal(stream, OPGAVE, inhoud)
        moment = stored_moment(opgave.bekend_op)
        rows.append(
            OpgaveRow(stream.hex, moment, opgave.bestand, opgave.regelnummer, opgave.bron, inhoud)
        )
    return sorted(rows)  # neighbours in the tree together
