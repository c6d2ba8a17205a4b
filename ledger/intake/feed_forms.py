"""The usual form of a line of a feed: its envelope first, `pgn` at the end of that.

That is how the ledger writes a feed and how most sources do. Such a line is decoded in two
strokes, the envelope and the fact, straight into their types; many lines together in two
strokes for all. A line of any other form, or with anything wrong with it, is left to the
reader that knows what to say of it (`ledger.intake.feed`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from ledger import events as ev
from ledger.codes import PGN_DIGITS

Read = TypeVar("Read")

MARKS: Final = (b'"pgn":"', b'"pgn": "')
"""What stands before a PGN: as the ledger writes JSON, and as Python does."""


class Kop(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The envelope of a line about a pupil, its fields in the order in which they are written."""

    type: str
    bekend_op: str
    bron: str = "feed"
    kenmerk: str | None = None
    pgn: str


class Usual(NamedTuple):
    """Lines of one kind that are written as the ledger writes them.

    `places` are those of the lines, `feiten` the facts as canonical JSON; a fact is None
    where the line is written in another way after all, or says what no fact says.
    """

    places: list[int]
    koppen: list[Kop]
    facts: Sequence[ev.Fact | None]
    feiten: list[bytes]


_ERRORS: Final = (msgspec.MsgspecError, KeyError, UnicodeDecodeError, RecursionError)
_KINDS: Final = {
    name: fact
    for name, fact in ev.PUPIL_FACTS.items()
    if fact is not ev.PgnVervangen and name not in ev.LEDGER_FACTS
}
_decode_kop: Final = msgspec.json.Decoder(Kop).decode
_decode_koppen: Final = msgspec.json.Decoder(list[Kop]).decode
_DECODE: Final = {name: msgspec.json.Decoder(fact).decode for name, fact in _KINDS.items()}
_DECODE_MANY: Final[dict[str, Any]] = {
    name: msgspec.json.Decoder(list[fact]).decode  # type: ignore[valid-type]  # known at run time
    for name, fact in _KINDS.items()
}
_encode_lines: Final = msgspec.json.Encoder().encode_lines
_TO_QUOTE: Final = len(MARKS[0]) + PGN_DIGITS
"""Bytes from the name `pgn` to the quote that ends the envelope."""


def usual(line: bytes) -> tuple[Kop, ev.Fact] | None:
    """Return envelope and fact of a line of the usual form, None for any other line.

    Their fields have their types; nothing else was checked.
    """
    for mark in MARKS:
        start = line.find(mark)
        if start > 0:
            break
    else:
        return None
    end = start + len(mark) + PGN_DIGITS
    if not line.startswith(b'",', end):
        return None
    try:
        kop = _decode_kop(line[: end + 1] + b"}")
        return kop, _DECODE[kop.type](b"{" + line[end + 2 :])
    except _ERRORS:
        return None


def usual_lines(lines: Sequence[bytes]) -> Iterator[Usual]:
    """Yield the lines that are written just as the ledger writes them, with their line ends.

    They are read as `usual` does; all other lines are left out. Lines are decoded together,
    so what is read of one is believed only when it is, byte for byte, what the ledger writes
    of that: then no line can have changed how another one was read.
    """
    places, heads, tails = [], [], []
    for place, line in enumerate(lines):
        end = line.find(MARKS[0]) + _TO_QUOTE
        if line.startswith(b'",', end) and line.endswith(b"\n"):
            places.append(place)
            heads.append(line[:end])
            tails.append(line[end + 2 : -1])
    kinds: dict[str, tuple[list[int], list[Kop], list[bytes]]] = {}
    for name in _KINDS:
        kinds[name] = ([], [], [])
    for place, kop, tail in zip(places, _koppen_of(heads), tails, strict=True):
        if kop is not None and (kind := kinds.get(kop.type)) is not None:
            kind[0].append(place)
            kind[1].append(kop)
            kind[2].append(tail)
    for name, (places, koppen, tails) in kinds.items():
        if tails:
            facts = _facts_of(_DECODE_MANY[name], tails)
            yield Usual(places, koppen, facts, [b"{" + tail for tail in tails])


def _koppen_of(heads: list[bytes]) -> Sequence[Kop | None]:
    """Return the envelopes of which these are the bytes, without the last two."""
    if not heads:
        return ()
    try:
        koppen = _decode_koppen(b"[" + b'"},'.join(heads) + b'"}]')
    except _ERRORS:
        return _in_halves(_koppen_of, heads)
    written = _encode_lines(koppen)
    if len(koppen) == len(heads) and written == b'"}\n'.join(heads) + b'"}\n':
        return koppen
    return _where_equal(koppen, written.split(b'"}\n')[:-1], heads)


def _facts_of(
    decode: Callable[[bytes], list[ev.Fact]], tails: list[bytes]
) -> Sequence[ev.Fact | None]:
    """Return the facts of which these are the bytes, without the first."""
    try:
        facts = decode(b"[{" + b",{".join(tails) + b"]")
    except _ERRORS:
        return _in_halves(partial(_facts_of, decode), tails)
    written = _encode_lines(facts)
    if len(facts) == len(tails) and written == b"{" + b"\n{".join(tails) + b"\n":
        return facts
    return _where_equal(facts, written[1:-1].split(b"\n{"), tails)


def _in_halves(
    read: Callable[[list[bytes]], Sequence[Read | None]], pieces: list[bytes]
) -> Sequence[Read | None]:
    """Return what is read of pieces of which some cannot be: without those."""
    half = len(pieces) // 2
    return [*read(pieces[:half]), *read(pieces[half:])] if half else [None]


def _where_equal(
    read: list[Read], written: list[bytes], pieces: list[bytes]
) -> Sequence[Read | None]:
    if len(written) != len(pieces):
        return [None] * len(pieces)
    return [
        one if this == that else None for one, this, that in zip(read, written, pieces, strict=True)
    ]
