"""Reconciliations made by hand, to show, accept and seal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from projections.aansluiting.model import Aansluiting, Cel, Paar, Verschil, Zijde
from projections.report import Herkomst
from projections.verklaring import Gebeurtenis

T = date(2025, 2, 1)
K = datetime(2025, 3, 3, 22, 59, 59, tzinfo=UTC)
PGN, OTHER, THIRD = "900554332", "962354508", "123456782"
FILE = "Bekostigde_leerlingen_PO9901_01_02_2025.csv"
KEY = ("BSN_OWN", "INSTELLINGSCODE", "INSCHRIJVINGSVOLGNUMMER")

EVENT = Gebeurtenis(
    id=7,
    type="TlvGekoppeld",
    bekend_op=K,
    geboekt_op=K,
    vaststelling="na",
    bron="school",
    bestand="feed.jsonl",
    regel=12,
    sleutel="12QN/123456789",
    omschrijving=f"nummer=PO9901-2024-00001, nieuw_pgn={OTHER}",
)


def verschil(pgn: str = PGN, **fields: Any) -> Verschil:  # noqa: ANN401 - any field of it
    """Return a difference: a link that DUO does not have, unless told otherwise."""
    given: dict[str, Any] = {
        "soort": "cel",
        "sleutel": (pgn, "12QN", "123456789"),
        "pgn": pgn,
        "klasse": "tlv-niet-gekoppeld",
        "kolommen": {"WIJZE": Cel("TLV", "Woonplaats leerling")},
        "oorzaak": f"de tlv van {pgn} is bij ons gekoppeld",
        "wie": "school",
        "vestigingscode": "12QN00",
        "plaatsen": (f"{FILE} regel 3",),
        **fields,
    }
    return Verschil(**given)


def only_duo(pgn: str = OTHER, **fields: Any) -> Verschil:  # noqa: ANN401 - idem
    """Return a row that DUO alone has."""
    given: dict[str, Any] = {"soort": "alleen-bij-duo", "klasse": "alleen-bij-duo", "aantal": 1}
    return verschil(pgn, **{**given, "kolommen": {}, "oorzaak": "bij ons onbekend", **fields})


def only_ours(pgn: str = THIRD, **fields: Any) -> Verschil:  # noqa: ANN401 - idem
    """Return a row that we alone have, since an event known later than the file."""
    given: dict[str, Any] = {
        "soort": "alleen-bij-ons",
        "klasse": "gewijzigd-sinds-download",
        "aantal": -1,
        "kolommen": {},
        "oorzaak": "geregistreerd na de download",
        "gebeurtenissen": (EVENT,),
        "bedrag": Decimal("-24500.50"),
        "wie": "samenwerkingsverband",
        "sinds": K,
    }
    return verschil(pgn, **{**given, **fields})


FOUR = (
    only_ours(),
    only_duo(bedrag=Decimal(12000)),
    verschil(),
    only_duo(
        PGN,
        soort="dubbel",
        klasse="dubbele-sleutel",
        aantal=1,
        wie="DUO",
        oorzaak="staat er twee keer in",
    ),
)


def aansluiting(verschillen: Sequence[Verschil] = FOUR, **fields: Any) -> Aansluiting:  # noqa: ANN401 - idem
    """Return a reconciliation of 1B with the ledger that adds up."""
    saldo = sum(one.aantal for one in verschillen)
    given: dict[str, Any] = {
        "paar": "1B tegen grootboek",
        "sleutel": KEY,
        "kolommen": ("WIJZE",),
        "naam_links": "DUO",
        "naam_rechts": "grootboek",
        "swv": "PO9901",
        "teldatum": T,
        "links": 105,
        "rechts": 104,
        "gelijk": 100,
        "totaal_links": 104 + saldo,
        "totaal_rechts": 104,
        "verschillen": tuple(verschillen),
        "herkomst": Herkomst(T, None, 41, "kijkglas reconcile 1b.csv", "0.1", "ab", "voorlopig"),
        "bestanden": (f"{FILE}, sha256 {'0a' * 32}",),
        **fields,
    }
    return Aansluiting(**given)


def paar() -> Paar:
    """Return the two sides, without their rows."""
    links = Zijde("DUO", "duo", K, (), FILE, "0a" * 32)
    rechts = Zijde("grootboek", "ons", None, ())
    return Paar("1B tegen grootboek", KEY, ("WIJZE",), links, rechts, "PO9901", T)
