"""An Ofb extract and kijkglas 1 of the same months as sides (rules.md 7 and 9, ofb-controle)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from projections.aansluiting.model import Paar, Regel, Zijde
from projections.aansluiting.namen import OFB_KIJKGLAS
from projections.ofb import OfbVraag, ofb_controle
from projections.questions import Question
from projections.report import Fields
from projections.supplied import Ofb

MAAND: Final = "MAAND"
REGEL: Final = "REGEL"
AANTAL: Final = "AANTAL"
SCHOOLSOORT: Final = "SCHOOLSOORT"
CATEGORIE: Final = "CATEGORIE"
SLEUTEL: Final = (MAAND, REGEL)


def paar_ofb(question: Question, ofb: Ofb, swv: str, bekend_op: datetime | None) -> Paar:
    """Return the lines of an Ofb that count pupils, against kijkglas 1 of their month.

    A part that the ledger counts and the Ofb leaves out stands on the right alone. A line
    that is about something else, or has no number, is not compared.
    """
    vraag = OfbVraag(question.ledger, question.model, question.as_of, swv, question.now)
    rows = [row for row in ofb_controle(vraag, ofb).tabellen["regels"] if row["schoolsoort"]]
    named = {(f"{one.maand:%Y-%m}", one.regel) for one in ofb.regels}
    counted = [row for row in rows if row["aantal_ofb"] is not None]
    ours = [row for row in rows if row in counted or (row["maand"], row["regel"]) not in named]
    links = Zijde(
        "de Ofb", "duo", bekend_op, tuple(_regels(counted, "aantal_ofb", ofb.naam)),
        ofb.naam, ofb.sha256, tuple(_left_out(ofb, {_key(row) for row in counted})),
    )  # fmt: skip
    ons = tuple(_regels(ours, "aantal_grootboek", "kijkglas 1"))
    rechts = Zijde("kijkglas 1", "ons", question.as_of.bekend_op, ons)
    teldatum = question.as_of.teldatum
    return Paar(OFB_KIJKGLAS, SLEUTEL, (AANTAL,), links, rechts, swv, teldatum, AANTAL)


def _regels(rows: Iterable[Fields], veld: str, plaats: str) -> Iterable[Regel]:
    for row in rows:
        velden = {
            AANTAL: row[veld],
            SCHOOLSOORT: row["schoolsoort"],
            CATEGORIE: row["categorie"] or None,
        }
        yield Regel(_key(row), velden, f"{plaats} {row['maand']} {row['regel']}")


def _key(row: Fields) -> tuple[str, str]:
    return str(row["maand"]), str(row["regel"])


def _left_out(ofb: Ofb, counted: set[tuple[str, str]]) -> Iterable[str]:
    for one in ofb.regels:
        if (f"{one.maand:%Y-%m}", one.regel) not in counted:
            yield f"{ofb.naam}: '{one.regel}' van {one.maand:%Y-%m} telt geen leerlingen"
