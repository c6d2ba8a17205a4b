"""Pupils who come, leave and move, for the examples of kijkglas 2, kijkglas 3 and toename."""

from __future__ import annotations

from typing import Any

from tests.oracle_examples import enrolled, event, issued
from tests.oracle_facts import Event

PGNS = (
    "900554332",
    "909555187",
    "924154676",
    "931884640",
    "947755019",
    "962354508",
    "993714717",
)


def with_tlv(
    pgn: str,
    nummer: str,
    begindatum: str,
    einddatum: str | None = None,
    vestigingscode: str = "12QN00",
    categorie: str = "LAAG",
    *,
    tlv_begin: str = "2024-08-01",
    tlv_eind: str = "2026-07-31",
    schoolsoort: str = "SO",
    **more: Any,  # noqa: ANN401 - fields of the event
) -> list[Event]:
    """Return an enrolment on a vestiging with a tlv that is linked to it."""
    return [
        issued(nummer, tlv_begin, tlv_eind, categorie, pgn),
        enrolled(schoolsoort, begindatum, einddatum, vestigingscode, pgn=pgn, tlv=[nummer], **more),
    ]


def changed(pgn: str, nummer: str, vanaf: str, categorie: str = "HOOG") -> list[Event]:
    """Return another tlv for enrolment 12QN/1 from a day on."""
    key = {"pgn": pgn, "instellingscode": "12QN", "volgnummer": "1"}
    return [
        issued(nummer, vanaf, "2026-07-31", categorie, pgn),
        event("TlvGekoppeld", **key, nummer=nummer, door="school"),
    ]
