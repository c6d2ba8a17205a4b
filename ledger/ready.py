"""Good lines as they are stored: their rows of the log, and what the indexes hold of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final
from uuid import UUID

from msgspec import Raw, Struct

from ledger import events as ev
from ledger.event_rows import IndexRows, NewRow
from ledger.landing import Line
from ledger.mapper import NO_FACT, State, encode_fact, encode_states
from ledger.opgaven import stored_moment

Seal = Callable[[str, bytes], bytes]
"""Encrypts a personal fact of a name, as canonical JSON, under the key of its pupil."""


class Ready(Struct, array_like=True):
    """Good lines as they are to be stored, column by column, and what the indexes hold of them.

    `kenmerken` has for each line the key of its kenmerk and its identity; `tlvs` the tlv's
    that lines issue, with their pupils, and `sinds` the moments from which what files said of
    a pupil has to be told again, both after the number of the line.
    """

    numbers: list[int]
    rows: list[NewRow]
    kenmerken: list[tuple[bytes, bytes] | None]
    tlvs: list[tuple[int, str, str]]
    sinds: list[tuple[int, str, str]]

    def part(self, start: int, end: int) -> Ready:
        """Return some of the lines."""
        numbers = self.numbers[start:end]
        here = frozenset(numbers)
        return Ready(
            numbers,
            self.rows[start:end],
            self.kenmerken[start:end],
            [one for one in self.tlvs if one[0] in here],
            [one for one in self.sinds if one[0] in here],
        )

    def index(self, *, opnieuw: bool) -> IndexRows:
        """Return what the indexes hold of them, sorted: neighbours in the tree together.

        With `opnieuw` also of each stream (hex) the first moment at which a line lands in it.
        """
        first = dict[str, str]()
        for _, stream, moment in self.sinds if opnieuw else ():
            first[stream] = min(moment, first.get(stream, moment))
        return IndexRows(
            sorted(filter(None, self.kenmerken)),
            sorted((nummer, stream) for _, nummer, stream in self.tlvs),
            opnieuw=sorted(first.items()),
        )


NOTHING: Final = Ready([], [], [], [], [])


def together(parts: Sequence[Ready]) -> Ready:
    """Return lines of several parts, in the order of the parts."""
    listed = chain.from_iterable
    return Ready(
        list(listed(one.numbers for one in parts)),
        list(listed(one.rows for one in parts)),
        list(listed(one.kenmerken for one in parts)),
        list(listed(one.tlvs for one in parts)),
        list(listed(one.sinds for one in parts)),
    )


def in_order(ready: Ready) -> Ready:
    """Return lines in the order of the file."""
    places = sorted(range(len(ready.numbers)), key=ready.numbers.__getitem__)
    return Ready(
        list(map(ready.numbers.__getitem__, places)),
        list(map(ready.rows.__getitem__, places)),
        list(map(ready.kenmerken.__getitem__, places)),
        ready.tlvs,
        ready.sinds,
    )


class Making:
    """Lines that are made ready, all from one file (its SHA-256), or by hand (None)."""

    def __init__(self, bestand: str | None) -> None:
        self._bestand = bestand
        self._numbers: list[int] = []
        self._places: list[tuple[str, int, str]] = []
        self._states: list[State] = []
        self._kenmerken: list[tuple[bytes, bytes] | None] = []
        self._tlvs: list[tuple[int, str, str]] = []
        self._sinds: list[tuple[int, str, str]] = []

    def add(
        self,
        lines: Sequence[Line],
        stream: str,
        first: int,
        seal: Seal,
        nieuw: UUID | None = None,
    ) -> None:
        """Take lines of a stream as they are to be stored, with versions from `first` on.

        Without a PGN, and with what is personal encrypted; `nieuw` is the stream of the PGN
        that a `PgnVervangen` names.
        """
        numbers, places, kenmerken = self._numbers, self._places, self._kenmerken
        states, own = self._states, self._bestand
        for version, line in enumerate(lines, first):
            parsed, kenmerk, identiteit = line.parsed, line.kenmerk, line.identiteit
            bestand, number, kind = line.bestand or own, parsed.regelnummer, type(parsed.fact)
            topic = kind.__name__
            geheim, feit = None, NO_FACT
            if kind in ev.PERSONAL:
                geheim = seal(topic, parsed.feit)
            elif nieuw is None:
                feit = Raw(parsed.feit)
            else:
                feit = Raw(encode_fact(ev.PgnVervangen(nieuw=nieuw)))
            if kind is ev.TlvAfgegeven and line.nummer is not None:
                self._tlvs.append((number, line.nummer, stream))
            numbers.append(number)
            places.append((stream, version, topic))
            kenmerken.append(None if kenmerk is None else (kenmerk, identiteit))
            versie, regel = ev.VERSIONS.get(topic, 1), number if bestand else None
            states.append(
                State(
                    parsed.bekend_op,
                    parsed.bron,
                    parsed.kenmerk,
                    bestand,
                    regel,
                    identiteit,
                    versie,
                    feit,
                    geheim,
                )
            )

    def tell_again(self, line: Line, stream: str) -> None:
        """Note that what files said of the pupil of a line has to be told again from there."""
        moment = stored_moment(line.parsed.bekend_op)
        self._sinds.append((line.parsed.regelnummer, stream, moment))

    def done(self) -> Ready:
        """Return the lines, in the order in which they were taken."""
        rows = [
            (stream, version, topic, state)
            for (stream, version, topic), state in zip(
                self._places, encode_states(self._states), strict=True
            )
        ]
        return Ready(self._numbers, rows, self._kenmerken, self._tlvs, self._sinds)
