"""Short ways to write the events of an example down; every fact stands in the test itself."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tests.oracle import stand

if TYPE_CHECKING:
    from datetime import datetime

    from tests.oracle_facts import Event
    from tests.oracle_state import Row

KIND = "123456782"
EARLY = "2020-01-01"
LONG_AGO = "2014-08-01"

HUIS = "7511"
SWV_PO_HUIS, SWV_VO_HUIS = "PO2304", "VO2305"


def event(kind: str, bekend_op: str = EARLY, **fields: object) -> Event:
    """Return any event."""
    return {"type": kind, "bekend_op": bekend_op, **fields}


def link(vestigingscode: str, swv: str, vanaf: str = LONG_AGO, bekend_op: str = EARLY) -> Event:
    """Return the link of a vestiging with a samenwerkingsverband."""
    fields = {"vestigingscode": vestigingscode, "swv": swv, "vanaf": vanaf}
    return event("VestigingAangesloten", bekend_op, **fields)


def home(pc4: str = HUIS, pgn: str = KIND) -> list[Event]:
    """Return a residence since long ago, in an area of the samenwerkingsverbanden of home."""
    swvs = {"swv_po": SWV_PO_HUIS, "swv_vo": SWV_VO_HUIS}
    return [
        event("PostcodegebiedToegewezen", pc4=HUIS, vanaf=LONG_AGO, **swvs),
        event("WoonplaatsVastgelegd", pgn=pgn, vanaf=EARLY, pc4=pc4),
    ]


def enrolled(
    schoolsoort: str,
    begindatum: str,
    einddatum: str | None = None,
    vestigingscode: str = "12QN00",
    *,
    volgnummer: str = "1",
    bekend_op: str = EARLY,
    pgn: str = KIND,
    **more: object,
) -> Event:
    """Return the registration of an enrolment."""
    fields: Event = {
        "pgn": pgn,
        "instellingscode": vestigingscode[:4],
        "volgnummer": volgnummer,
        "begindatum": begindatum,
        "vestigingscode": vestigingscode,
        "schoolsoort": schoolsoort,
    }
    if einddatum is not None:
        fields["einddatum"] = einddatum
    return event("InschrijvingGeregistreerd", bekend_op, **fields, **more)


def about(kind: str, bekend_op: str, volgnummer: str = "1", **fields: object) -> Event:
    """Return an event about an enrolment at 12QN."""
    key = {"pgn": KIND, "instellingscode": "12QN", "volgnummer": volgnummer}
    return event(kind, bekend_op, **key, **fields)


def issued(
    nummer: str, begindatum: str, einddatum: str, categorie: str = "LAAG", pgn: str = KIND
) -> Event:
    """Return the issue of a tlv."""
    fields = {"categorie": categorie, "begindatum": begindatum, "einddatum": einddatum}
    return event("TlvAfgegeven", pgn=pgn, nummer=nummer, **fields)


def only(history: list[Event], teldatum: str, bekend_op: datetime | None = None) -> Row:
    """Return the one row of a history on a teldatum."""
    rows = stand(history, date.fromisoformat(teldatum), bekend_op)
    assert len(rows) == 1, rows
    return rows[0]


def decided(row: Row) -> tuple[str, str, str, str]:
    """Return what section 3 of the rules decided about a row."""
    columns = ("swv", "wijze_van_bepaling", "basis", "ondersteuningscategorie")
    swv, wijze, basis, categorie = (row[column] for column in columns)
    return swv, wijze, basis, categorie
