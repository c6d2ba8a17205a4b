"""From what a file says to booked events, in bulk and safe against other processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from eventsourcing.persistence import RecordConflictError

from ledger import events as ev
from ledger.appending import Source, append
from ledger.application import Ledger, now, reference_stream
from ledger.booking import ATTEMPTS, owners_of
from ledger.delivery import CHECKED, Delivery
from ledger.event_rows import IndexRows, OpgaveRow, Stamp
from ledger.intake.feed import Parsed
from ledger.landing import Seen, Thread
from ledger.opgaven import OPGAVE, Opgave, decode, stored_moment
from ledger.reference_landing import land_reference
from ledger.state_landing import StateLanding, Told
from ledger.states import LeerlingStand, TlvStand, WoonplaatsStand

LOCK_FILE: Final = "inlezen.slot"
"""One file with states at a time: what another one says meanwhile would be missed."""

BATCH: Final = 4000
"""Events after which an append is closed: with those of one more pupil under 5,000."""

_OPENS: Final = {
    LeerlingStand: ev.LeerlingGeregistreerd.__name__,
    WoonplaatsStand: ev.WoonplaatsVastgelegd.__name__,
}
"""Which personal facts have to be in clear to compare a state with them."""

Group = tuple[Thread, list[Told]]
Place = tuple[str, int, datetime, str]


def tell(
    ledger: Ledger, opgaven: Sequence[Opgave], source: Source, *, dry_run: bool = False
) -> Iterator[Told]:
    """Compare what a file says with what was known, book the difference, and yield what came of it.

    All opgaven of one pupil or object are one append. When another process booked to the
    same pupils in between, what is left is compared again. With `dry_run` nothing is written.
    """
    left = list(opgaven)
    if not left:
        return
    for _ in range(ATTEMPTS):
        comparison = _Comparison(ledger, left)
        done: set[Place] = set()
        for batch in _batches(comparison.groups()):
            told = [one for _, group in batch for one in group]
            if not dry_run:
                try:
                    _append(comparison.delivery, told, left, source)
                except RecordConflictError:
                    break
            yield from told
            done |= {one.opgave.place for one in told}
        left = [opgave for opgave in left if opgave.place not in done]
        if not left:
            return
    raise RecordConflictError("een ander proces boekt steeds bij dezelfde leerlingen")


def _batches(groups: Iterable[Group]) -> Iterator[list[Group]]:
    batch: list[Group] = []
    count = 0
    for group in groups:
        batch.append(group)
        count += sum(len(told.lines) for told in group[1])
        if count >= BATCH:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def _append(
    delivery: Delivery, told: Sequence[Told], new: Sequence[Opgave], source: Source
) -> None:
    """Append the lines of a batch, with what the file said that is to be remembered."""
    lines = [line for one in told for line in one.lines]
    mine = {opgave.place for opgave in new}
    said = [one.opgave for one in told if not one.refused and one.opgave.place in mine]
    append(delivery, lines, source, said, [place for one in told for place in one.lapsed])


def _delivery(ledger: Ledger, named: set[str]) -> Delivery:
    """Return what is known of pupils, by every PGN that each of them ever had."""
    delivery = Delivery(ledger, named)
    joined = [
        stream
        for pgn in named
        if len(delivery.streams_of(pgn)) > 1
        for stream in delivery.streams_of(pgn)
    ]
    if not joined:
        return delivery
    return Delivery(ledger, named | set(ledger.vault.pgns(joined).values()))


class _Comparison:
    """Opgaven by pupil or object, with all that is known and was said of each."""

    def __init__(self, ledger: Ledger, opgaven: Sequence[Opgave]) -> None:
        self._ledger = ledger
        self.delivery = _delivery(ledger, {one.pgn for one in opgaven if one.pgn is not None})
        self._new: dict[Thread, list[Opgave]] = {}
        for opgave in opgaven:
            self._new.setdefault(self._key(opgave), []).append(opgave)
        key_of = self._key_of()
        self._said: dict[Thread, list[OpgaveRow]] = {}
        for row in ledger.store.opgaven_of(stream.hex for stream in key_of):
            self._said.setdefault(key_of[UUID(row.stroom)], []).append(row)
        self._later = self._after()
        everything = [*opgaven, *(one for later in self._later.values() for one in later)]
        self._booked = self.delivery.history(key_of, _opened(everything))
        numbers = {
            stand.nummer
            for opgave in everything
            for stand in opgave.standen
            if isinstance(stand, TlvStand)
        }
        self._seen = Seen({}, owners_of(ledger.store, numbers))

    def groups(self) -> Iterator[Group]:
        """Yield for each pupil or object what became of what was said of it."""
        for key, new in self._new.items():
            told = list(self._told(key, [*new, *self._later[key]]))
            mine = {opgave.place for opgave in new}
            yield key, [_as_warning(one, mine) for one in told]

    def _told(self, key: Thread, opgaven: Sequence[Opgave]) -> Iterator[Told]:
        booked = self._booked.get(key, ())
        if opgaven[0].pgn is None:
            assert isinstance(key, UUID), key
            return land_reference(key, booked, opgaven, self._identity)
        places = frozenset(
            (row.bestand, row.regel, datetime.fromisoformat(row.bekend_op))
            for row in self._said.get(key, ())
        )
        threads = self._threads(opgaven)
        landing = StateLanding(booked, threads, self._seen, self._identity, opgaven, places)
        return landing.tell()

    def _threads(self, opgaven: Sequence[Opgave]) -> dict[str, Thread]:
        """Return by what each PGN of a pupil is known, also one that no row names now."""
        pgns = {opgave.pgn for opgave in opgaven if opgave.pgn is not None}
        known: dict[str, Thread] = {}
        for pgn in pgns:
            streams = self.delivery.streams_of(pgn)
            if len(streams) > 1:
                named = self._ledger.vault.pgns(streams)
                known.update({named[stream]: stream for stream in streams if stream in named})
            known.setdefault(pgn, self.delivery.threads[pgn])
        return known

    def _identity(self, parsed: Parsed) -> bytes:
        return self._ledger.vault.identity(parsed.content)

    def _key(self, opgave: Opgave) -> Thread:
        if opgave.pgn is None:
            return reference_stream(opgave.about)
        return self.delivery.group_of(opgave.pgn)

    def _key_of(self) -> dict[UUID, Thread]:
        key_of: dict[UUID, Thread] = {}
        for key, opgaven in self._new.items():
            if opgaven[0].pgn is None and isinstance(key, UUID):
                key_of[key] = key
            for pgn in {opgave.pgn for opgave in opgaven if opgave.pgn is not None}:
                key_of.update(dict.fromkeys(self.delivery.streams_of(pgn), key))
        return key_of

    def _after(self) -> dict[Thread, list[Opgave]]:
        """Return of each what was said from its first new moment on, and is not read again now.

        Of that moment all: what was booked for one that comes before the new ones may be
        overtaken by an event of a feed that is told again.
        """
        rows: list[OpgaveRow] = []
        for key, new in self._new.items():
            since = stored_moment(min(opgave.bekend_op for opgave in new))
            rows += [row for row in self._said.get(key, ()) if row.bekend_op >= since]
        again = {opgave.place for new in self._new.values() for opgave in new}
        later: dict[Thread, list[Opgave]] = {key: [] for key in self._new}
        for opgave in opened(self._ledger, rows):
            if opgave.place not in again:
                later[self._key(opgave)].append(opgave)
        return later


def tell_again(ledger: Ledger) -> int:
    """Tell again what files said of whom something was booked before it; return how many events.

    A feed, a line by hand or an undo can change what a state was compared with. What has to
    be told again is noted with what was booked, so that an interruption leaves it to the next.
    """
    pending = ledger.store.to_tell_again()
    if not pending:
        return 0
    source = Source(None, "opnieuw verteld")
    with ledger.locked(LOCK_FILE):
        rows = list(ledger.store.opgaven_of(pending))
        since = _tell_from(pending, rows)
        opgaven = opened(ledger, [row for row in rows if row.bekend_op >= since[row.stroom]])
        told = list(tell(ledger, opgaven, source))
        stamp = Stamp(now().isoformat(), source.invoer)
        ledger.append([], stamp, IndexRows(verteld=sorted(pending)))
    return sum(len(one.lines) for one in told)


def _tell_from(pending: Mapping[str, str], rows: Iterable[OpgaveRow]) -> dict[str, str]:
    """Return from which moment to tell of each stream: with the last that was said before.

    An event that comes after all that was said may not land for it.
    """
    before: dict[str, str] = {}
    for row in rows:
        if row.bekend_op < pending[row.stroom]:
            before[row.stroom] = max(row.bekend_op, before.get(row.stroom, ""))
    return {**pending, **before}


def opened(ledger: Ledger, rows: Sequence[OpgaveRow]) -> list[Opgave]:
    """Return opgaven as they were told; without those of pupils that were forgotten."""
    if not rows:
        return []
    streams = {UUID(row.stroom) for row in rows}
    ledger.vault.load_keys(streams)
    pgns = ledger.vault.pgns(streams)
    found = (_opgave(ledger, row, pgns) for row in rows)
    return [opgave for opgave in found if opgave is not None]


def _opgave(ledger: Ledger, row: OpgaveRow, pgns: Mapping[UUID, str]) -> Opgave | None:
    """Return an opgave as it was stored; None when its pupil was forgotten."""
    stream, inhoud, pgn = UUID(row.stroom), row.inhoud, None
    if stream.int >> 96:
        clear = ledger.vault.unseal(stream, OPGAVE, inhoud)
        if clear is None:
            return None
        inhoud, pgn = clear, pgns[stream]
    moment = datetime.fromisoformat(row.bekend_op)
    return Opgave(pgn, decode(inhoud), moment, row.bron, row.bestand, row.regel)


def _opened(opgaven: Iterable[Opgave]) -> frozenset[str]:
    kinds = {type(stand) for opgave in opgaven for stand in opgave.standen}
    return CHECKED | {name for kind, name in _OPENS.items() if kind in kinds}


def _as_warning(told: Told, mine: set[Place]) -> Told:
    """Return what became of a row of another file without its warnings: they were told then."""
    return told if told.opgave.place in mine else told._replace(warnings=())
