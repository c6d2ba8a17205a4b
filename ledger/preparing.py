"""Parts of a feed made ready for the log, as far as that can be done apart from the ledger.

What a line becomes depends on what is known of its pupil. Of a pupil that the vault does not
know nothing was booked, so its lines can be parsed, checked, identified and encrypted with
the keys alone, in any process. Lines of pupils that are known, of PGN's that a line joins,
and of reference objects are left to the process that has the ledger (`ledger.feed_import`).
"""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Final, NamedTuple

from ledger import events as ev
from ledger.appending import pgns_of
from ledger.booking import line_of
from ledger.fresh import FreshIds
from ledger.intake.feed import Parsed, Refused, parse_lines
from ledger.intake.parts import Lines
from ledger.landing import Landing, Line, Seen
from ledger.problems import Problem
from ledger.ready import Making, Ready, in_order
from ledger.vault import Vault, VaultRow


class Reading(NamedTuple):
    """The lines of a part, parsed; `hashes` are those of its PGN's that no line joins."""

    regels: int
    good: list[tuple[Parsed, bytes]]
    refused: list[Refused]
    hashes: dict[str, bytes]


class Prepared(NamedTuple):
    """What became of a part: lines that are ready, those left over, and what is to be told.

    `pupils` are the rows of the vault without which nobody can say whose the lines are.
    """

    regels: int
    ready: Ready
    pupils: list[VaultRow]
    al_bekend: int
    refused: list[Refused]
    warnings: list[tuple[int, Problem]]
    left: list[tuple[Parsed, bytes]]


def read_part(part: Lines, now: datetime, vault: Vault) -> Reading:
    """Return the lines of a part, parsed."""
    good, refused = [], []
    for parsed, raw in zip(parse_lines(part.numbers, part.lines, now), part.lines, strict=True):
        if isinstance(parsed, Refused):
            refused.append(parsed)
        else:
            good.append((parsed, raw))
    joined = {
        pgn for parsed, _ in good if type(parsed.fact) is ev.PgnVervangen for pgn in pgns_of(parsed)
    }
    named = dict.fromkeys(parsed.pgn for parsed, _ in good)
    hashes = {pgn: vault.hashed(pgn) for pgn in named if pgn is not None and pgn not in joined}
    return Reading(len(part.lines), good, refused, hashes)


def prepare(reading: Reading, known: set[bytes], vault: Vault, bestand: str) -> Prepared:
    """Return what becomes of a part, when the vault knows the PGN's with some hashes.

    No line may have a kenmerk or a tlv number that was booked before: that is checked later.
    """
    groups, left = _grouped(reading, known, vault)
    seen, fresh, making, pupils = Seen({}, {}), FreshIds(), Making(bestand), list[VaultRow]()
    refused, warnings, al_bekend = list(reading.refused), list[tuple[int, Problem]](), 0
    for pgn, lines in groups.items():
        good: list[Line] = []
        for outcome in Landing((), {pgn: pgn}, seen).land(lines):
            line, problems = outcome.line, outcome.problems
            if outcome.kind == "afgekeurd":
                refused.append(Refused(line.parsed.regelnummer, problems, line.raw))
                continue
            if problems:
                warnings.extend((line.parsed.regelnummer, problem) for problem in problems)
            if outcome.kind == "geboekt":
                good.append(line)
            else:
                al_bekend += 1
        if good:
            pupil = vault.new_pupil(pgn, fresh.next(), reading.hashes[pgn])
            pupils.append(pupil.row)
            good.sort(key=_NUMBER)
            making.add(good, pupil.stream.hex, 1, pupil.protect)
    ready = in_order(making.done())
    return Prepared(reading.regels, ready, pupils, al_bekend, refused, warnings, left)


def _grouped(
    reading: Reading, known: set[bytes], vault: Vault
) -> tuple[dict[str, list[Line]], list[tuple[Parsed, bytes]]]:
    """Return the lines of every new pupil, and the lines that are left over."""
    groups: dict[str, list[Line]] = {
        pgn: [] for pgn, hashed in reading.hashes.items() if hashed not in known
    }
    left: list[tuple[Parsed, bytes]] = []
    for parsed, raw in reading.good:
        group = None if parsed.pgn is None else groups.get(parsed.pgn)
        if group is None:
            left.append((parsed, raw))
        else:
            group.append(line_of(vault, parsed, raw))
    return groups, left


_NUMBER: Final = attrgetter("parsed.regelnummer")
