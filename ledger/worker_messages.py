"""What a process that books a feed and its workers tell each other, as bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from ledger.events import VERSIONS
from ledger.intake.feed import Parsed
from ledger.mapper import decode_fact
from ledger.preparing import Prepared
from ledger.problems import Problem


class Asked(msgspec.Struct, tag="vraag"):
    """A worker asks which hashes of a part are known."""

    part: int
    hashes: list[bytes]


class Left(NamedTuple):
    """A line that a worker leaves, as it parsed it; the fact as its name and canonical JSON."""

    regelnummer: int
    pgn: str | None
    bekend_op: datetime
    bron: str
    kenmerk: str | None
    topic: str
    feit: bytes
    warnings: tuple[Problem, ...]
    raw: bytes


class Done(msgspec.Struct, tag="klaar"):
    """A worker has prepared a part, but for the lines that it leaves."""

    part: int
    prepared: Prepared
    left: list[Left]


class Part(msgspec.Struct, tag="deel"):
    """A worker is to read a part."""

    part: int


class Answer(msgspec.Struct, tag="antwoord"):
    """A worker is to prepare a part that it has read."""

    part: int
    known: set[bytes]


encode: Final = msgspec.msgpack.Encoder().encode
decode_order: Final = msgspec.msgpack.Decoder(Part | Answer).decode
decode_reply: Final = msgspec.msgpack.Decoder(Asked | Done).decode


def done(part: int, prepared: Prepared) -> Done:
    """Return what a worker says of a part that it has prepared."""
    return Done(part, prepared._replace(left=[]), [_left(*one) for one in prepared.left])


def prepared_by(reply: Done) -> Prepared:
    """Return what a worker has prepared."""
    return reply.prepared._replace(left=[_taken(one) for one in reply.left])


def _left(parsed: Parsed, raw: bytes) -> Left:
    return Left(
        parsed.regelnummer,
        parsed.pgn,
        parsed.bekend_op,
        parsed.bron,
        parsed.kenmerk,
        type(parsed.fact).__name__,
        parsed.feit,
        parsed.warnings,
        raw,
    )


def _taken(left: Left) -> tuple[Parsed, bytes]:
    number, pgn, bekend_op, bron, kenmerk, topic, feit, warnings, raw = left
    fact = decode_fact(topic, VERSIONS.get(topic, 1), feit)
    return Parsed(number, pgn, bekend_op, bron, kenmerk, fact, feit, warnings), raw
