"""The usual form of a line of a feed: its envelope first, `pgn` at the end of that.

That is how the ledger writes a feed and how most sources do. Such a line is decoded in two
strokes, the envelope and the fact, straight into their types. A line of any other form, or
with anything wrong with it, is left to the reader that knows what to say of it
(`ledger.intake.feed`).
"""

from __future__ import annotations

from typing import Final

import msgspec

from ledger import events as ev
from ledger.codes import PGN_DIGITS

MARKS: Final = (b'"pgn":"', b'"pgn": "')
"""What stands before a PGN: as the ledger writes JSON, and as Python does."""


class Kop(msgspec.Struct, forbid_unknown_fields=True):
    """The envelope of a line about a pupil."""

    type: str
    bekend_op: str
    pgn: str
    bron: str = "feed"
    kenmerk: str | None = None


_decode_kop: Final = msgspec.json.Decoder(Kop).decode
_DECODE: Final = {
    name: msgspec.json.Decoder(fact).decode
    for name, fact in ev.PUPIL_FACTS.items()
    if fact is not ev.PgnVervangen and name not in ev.LEDGER_FACTS
}


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
    except (msgspec.MsgspecError, KeyError, UnicodeDecodeError, RecursionError):
        return None
