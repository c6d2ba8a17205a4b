"""The events feed: JSON Lines read into facts, and written from them (events.md 1 and 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from ledger import checks
from ledger import events as ev
from ledger.codes import PGN_DIGITS, check_pgn
from ledger.intake.feed_forms import Kop, usual, usual_lines
from ledger.intake.fields import REJECTED, checked_pgn, field_problems, repaired
from ledger.intake.json_lines import object_of, with_reasons
from ledger.mapper import encode_fact
from ledger.problems import Problem, reasons, shown
from ledger.times import TimeFormatError, format_bekend_op, parse_bekend_op

DEFAULT_BRON: Final = "feed"

_encode: Final = msgspec.json.Encoder().encode


class Parsed(msgspec.Struct, gc=False):
    """A line that can be checked against what is known. `feit` is the fact as canonical JSON."""

    regelnummer: int
    pgn: str | None
    bekend_op: datetime
    bron: str
    kenmerk: str | None
    fact: ev.Fact
    feit: bytes
    warnings: tuple[Problem, ...]

    @property
    def content(self) -> bytes:
        """All fields in canonical form: what the identity of the event is made of."""
        known, kenmerk = format_bekend_op(self.bekend_op), self.kenmerk or ""
        name = type(self.fact).__name__
        envelope = f"{name}\0{known}\0{self.bron}\0{kenmerk}\0{self.pgn}\0"
        return envelope.encode() + self.feit


class Refused(NamedTuple):
    """A line that cannot be booked, with everything that is wrong with it."""

    regelnummer: int
    problems: tuple[Problem, ...]
    line: bytes


def parse_line(regelnummer: int, line: bytes, now: datetime) -> Parsed | Refused:
    """Return the event of a line, or all that is wrong with it (events.md 4).

    `now` bounds `bekend_op`: a source cannot know what is still to come.
    """
    return _parsed_usual(regelnummer, line, now) or _parsed_any(regelnummer, line, now)


def parse_lines(
    numbers: Sequence[int], lines: Sequence[bytes], now: datetime
) -> list[Parsed | Refused]:
    """Return what `parse_line` returns of each line, in their order.

    Lines that are written as the ledger writes them are read together, the others one by one.
    """
    found: list[Parsed | Refused | None] = [None] * len(lines)
    for kind in usual_lines(lines):
        for place, kop, fact, feit in zip(*kind, strict=True):
            if fact is not None:
                found[place] = _sound(numbers[place], kop, fact, feit, now)
    return [
        one or parse_line(number, line, now)
        for one, number, line in zip(found, numbers, lines, strict=True)
    ]


def _parsed_usual(regelnummer: int, line: bytes, now: datetime) -> Parsed | None:
    """Return the event of a line of the usual form in which all is well, and nothing odd."""
    read = usual(line)
    return read and _sound(regelnummer, *read, encode_fact(read[1]), now)


def _sound(regelnummer: int, kop: Kop, fact: ev.Fact, feit: bytes, now: datetime) -> Parsed | None:
    """Return the event of an envelope and a fact in which all is well, and nothing odd."""
    check = check_pgn(kop.pgn)
    if not check.valid or check.only_modern or not kop.bron or kop.kenmerk == "":
        return None
    try:
        bekend_op = parse_bekend_op(kop.bekend_op)
    except TimeFormatError:
        return None
    if bekend_op > now or checks.refusals(fact):
        return None
    warned = tuple(checks.warnings(fact)) if type(fact) in checks.WARNED else ()
    return Parsed(regelnummer, kop.pgn, bekend_op, kop.bron, kop.kenmerk, fact, feit, warned)


def _parsed_any(regelnummer: int, line: bytes, now: datetime) -> Parsed | Refused:
    fields = object_of(line)
    if fields is None:
        return Refused(regelnummer, (_NOT_JSON,), line)
    problems: list[Problem] = []
    warned: list[Problem] = []
    fields.pop(REJECTED, None)
    name = fields.pop("type", None)
    fact_class = ev.ALL_FACTS.get(name) if isinstance(name, str) else None
    if fact_class is None or name in ev.LEDGER_FACTS:
        return Refused(regelnummer, (_unknown_type(name),), line)
    bekend_op = _bekend_op(fields.pop("bekend_op", None), now, problems)
    bron = _text("bron", fields.pop("bron", DEFAULT_BRON), problems)
    kenmerk = fields.pop("kenmerk", None)
    if kenmerk is not None:
        kenmerk = _text("kenmerk", kenmerk, problems)
    pgn = None
    if name in ev.PUPIL_FACTS:
        pgn = _pgn("pgn", fields.pop("pgn", None), problems, warned)
    if fact_class is ev.PgnVervangen and isinstance(fields.get("nieuw_pgn"), str):
        pgn_after = _pgn("nieuw_pgn", fields["nieuw_pgn"], problems, warned)
        fields["nieuw_pgn"] = pgn_after or "0" * PGN_DIGITS  # a problem was noted
    fact = _fact(fact_class, fields, problems, warned)
    if fact is not None:
        problems += checks.refusals(fact)
        if fact_class in checks.WARNED:
            warned += checks.warnings(fact)
    if problems or fact is None or bekend_op is None:
        return Refused(regelnummer, tuple(problems), line)
    return Parsed(
        regelnummer, pgn, bekend_op, bron, kenmerk, fact, encode_fact(fact), tuple(warned)
    )


def format_line(event: ev.Event, pgn: str | None, nieuw_pgn: str | None = None) -> bytes:
    """Return an event as a feed line in canonical form, with its line end.

    The envelope first, then the fields in the order of the catalogue; what has its default
    is left out. Personal facts must be in clear; `nieuw_pgn` belongs to a `PgnVervangen`.
    """
    fact = event.fact
    if isinstance(fact, ev.PgnVervangen):
        fact = ev.PgnVervangen(nieuw_pgn=nieuw_pgn or msgspec.UNSET)
    return _formatted(fact, event.bekend_op, event.bron, event.kenmerk, pgn)


def format_parsed(parsed: Parsed) -> bytes:
    """Return a line that was read, or derived, in canonical form, with its line end."""
    return _formatted(parsed.fact, parsed.bekend_op, parsed.bron, parsed.kenmerk, parsed.pgn)


def _formatted(
    fact: ev.Fact, bekend_op: datetime, bron: str, kenmerk: str | None, pgn: str | None
) -> bytes:
    envelope: dict[str, object] = {
        "type": type(fact).__name__,
        "bekend_op": format_bekend_op(bekend_op),
    }
    if bron != DEFAULT_BRON:
        envelope["bron"] = bron
    if kenmerk is not None:
        envelope["kenmerk"] = kenmerk
    if pgn is not None:
        envelope["pgn"] = pgn
    head, body = _encode(envelope), encode_fact(fact)
    return head + b"\n" if body == b"{}" else head[:-1] + b"," + body[1:] + b"\n"


def rejected_line(refused: Refused) -> bytes:
    """Return a refused line with its reasons, ready to be mended and imported again.

    A line that is no JSON object is kept as text, so that nothing is lost.
    """
    return with_reasons(refused.line, REJECTED, reasons(refused.problems))


def looks_like_feed(start: bytes) -> bool:
    """Tell whether a file that starts like this is an events feed."""
    for line in start.splitlines():
        if line.strip():
            return line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{")
    return True


_NOT_JSON: Final = Problem(
    "", "de regel is geen JSON-object", "schrijf een gebeurtenis per regel, als JSON-object"
)


def _unknown_type(name: object) -> Problem:
    if isinstance(name, str) and name in ev.LEDGER_FACTS:
        return Problem("type", f"{name} boekt het grootboek zelf", "laat de regel weg")
    return Problem(
        "type",
        "het veld ontbreekt" if name is None else f"{shown(name)} is geen bekende gebeurtenis",
        "kies een naam uit de catalogus, zoals InschrijvingGeregistreerd",
    )


def _bekend_op(value: object, now: datetime, problems: list[Problem]) -> datetime | None:
    remedy = "geef een datum of een moment met tijdzone"
    if not isinstance(value, str):
        what = "het veld ontbreekt" if value is None else "is geen tekst"
        problems.append(Problem("bekend_op", what, remedy))
        return None
    try:
        moment = parse_bekend_op(value)
    except TimeFormatError as error:
        problems.append(Problem("bekend_op", str(error), remedy))
        return None
    if moment > now:
        problems.append(
            Problem("bekend_op", "ligt in de toekomst", "controleer de datum en de klok")
        )
    return moment


def _text(veld: str, value: object, problems: list[Problem]) -> str:
    if isinstance(value, str) and value:
        return value
    problems.append(Problem(veld, "is geen tekst", "geef een niet-lege tekst of laat het weg"))
    return ""


def _pgn(veld: str, value: object, problems: list[Problem], warned: list[Problem]) -> str | None:
    if not isinstance(value, str):
        what = "het veld ontbreekt" if value is None else "een PGN is tekst van negen cijfers"
        problems.append(Problem(veld, what, "zet het nummer tussen aanhalingstekens"))
        return None
    pgn, found = checked_pgn(veld, value)
    (problems if pgn is None else warned).extend(found)
    return pgn


def _fact(
    fact_class: type[ev.Fact],
    fields: dict[str, Any],
    problems: list[Problem],
    warned: list[Problem],
) -> ev.Fact | None:
    """Return the fact, or None after adding all that is wrong with its fields."""
    if fact_class is ev.PgnVervangen and fields.keys() != {"nieuw_pgn"}:
        problems += field_problems(fact_class, fields)
        return None
    try:
        return msgspec.convert(fields, fact_class)
    except msgspec.ValidationError:
        pass
    mended, repairs = repaired(fact_class, fields)
    try:
        fact = msgspec.convert(mended, fact_class)
    except msgspec.ValidationError:
        problems += field_problems(fact_class, mended)
        return None
    warned += repairs
    return fact
