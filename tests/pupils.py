"""One pupil in the head: events in, the state on any day as known at any moment out.

The same road as the ledger goes (feed line, fold, rectangles), without a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import msgspec

from ledger import events as ev
from ledger.intake.feed import Parsed, parse_line
from ledger.reference import Reference
from ledger.times import parse_known_until
from projections.items import Rectangle, Stand
from projections.standen import rectangles, touched
from tests.ledgers import NOW

Line = Mapping[str, Any]

PGN = "111222333"
_NAMES = UUID("5f0c1e52-6f5a-4f5e-9d6c-0a4c9d6b2f10")


def booked(lines: Iterable[Line]) -> list[ev.Event]:
    """Return lines as events, booked in their order."""
    return [_event(positie, line) for positie, line in enumerate(lines, 1)]


def found(lines: Iterable[Line]) -> list[Rectangle]:
    """Return the rectangles of all that the lines say of pupils who belong together."""
    events = booked(lines)
    pupil = [event for event in events if isinstance(event.fact, ev.PupilFact)]
    reference = [event for event in events if isinstance(event.fact, ev.ReferenceFact)]
    return rectangles(pupil, Reference(reference), touched(pupil))


def standing(lines: Iterable[Line], teldatum: str, bekend_op: str = "2026-11-01") -> list[Stand]:
    """Return what holds on a day as known at a moment, per enrolment in the order of its key."""
    day, moment = date.fromisoformat(teldatum), parse_known_until(bekend_op)
    rows = [
        item
        for item, van, tot, *_ in found(lines)
        if isinstance(item, Stand)
        and item.geldig_van <= day < item.geldig_tot
        and van <= moment
        and (tot is None or moment < tot)
    ]
    return sorted(rows, key=lambda row: (row.instellingscode, row.volgnummer))


def decided(lines: Iterable[Line], teldatum: str, bekend_op: str = "2026-11-01") -> tuple[str, str]:
    """Return (samenwerkingsverband, wijze van bepaling) of the enrolment that began last."""
    last = max(standing(lines, teldatum, bekend_op), key=lambda row: row.begindatum)
    return last.swv or "", last.wijze


def enrolled(
    begindatum: str, einddatum: str | None = None, *, key: str = "12QN/1", **more: object
) -> dict[str, Any]:
    """Return a registration, so on 12QN00 unless said otherwise."""
    code, _, volgnummer = key.partition("/")
    end = {} if einddatum is None else {"einddatum": einddatum}
    told: dict[str, Any] = {
        "type": "InschrijvingGeregistreerd",
        "bekend_op": "2024-08-20",
        "pgn": PGN,
        "instellingscode": code,
        "volgnummer": volgnummer,
        "begindatum": begindatum,
        "vestigingscode": f"{code}00",
        "schoolsoort": "SO",
    }
    return {**told, **end, **more}


def about(kind: str, key: str = "12QN/1", **fields: object) -> dict[str, Any]:
    """Return an event about an enrolment."""
    code, _, volgnummer = key.partition("/")
    place = {"instellingscode": code, "volgnummer": volgnummer}
    return {"type": kind, "bekend_op": "2024-09-01", "pgn": PGN, **place, **fields}


def tlv(nummer: str, begindatum: str, einddatum: str, categorie: str = "LAAG") -> dict[str, Any]:
    """Return a tlv."""
    days = {"begindatum": begindatum, "einddatum": einddatum}
    who = {"type": "TlvAfgegeven", "bekend_op": "2024-08-20", "pgn": PGN}
    return {**who, "nummer": nummer, "categorie": categorie, **days}


def home(**where: object) -> dict[str, Any]:
    """Return a residence from 2020 on."""
    who = {"type": "WoonplaatsVastgelegd", "bekend_op": "2024-08-20", "pgn": PGN}
    return {**who, "vanaf": "2020-01-01", **where}


def linked(vestigingscode: str, swv: str, vanaf: str = "2014-08-01", **more: object) -> Line:
    """Return the link of a vestiging."""
    kind = {"type": "VestigingAangesloten", "bekend_op": "2014-08-01"}
    return {**kind, "vestigingscode": vestigingscode, "swv": swv, "vanaf": vanaf, **more}


def area(pc4: str, swv_po: str | None, swv_vo: str | None, vanaf: str = "2014-08-01") -> Line:
    """Return a PC4 area."""
    kind = {"type": "PostcodegebiedToegewezen", "bekend_op": "2014-08-01"}
    return {**kind, "pc4": pc4, "swv_po": swv_po, "swv_vo": swv_vo, "vanaf": vanaf}


def _event(positie: int, line: Line) -> ev.Event:
    parsed = parse_line(positie, json.dumps(line).encode(), NOW)
    assert isinstance(parsed, Parsed), parsed
    fact = parsed.fact
    if isinstance(fact, ev.PgnVervangen):
        fact = msgspec.structs.replace(
            fact, nieuw=uuid5(_NAMES, str(fact.nieuw_pgn)), nieuw_pgn=msgspec.UNSET
        )
    return ev.Event(
        originator_id=uuid5(_NAMES, parsed.pgn or "referentie"),
        originator_version=positie,
        fact=fact,
        bekend_op=parsed.bekend_op,
        positie=positie,
    )
