"""Kijkglas 5: grensverkeer sbo, who pays whom for which pupils (rules.md 7).

Sources: projections/grensverkeer.py holds the rule; outputs-and-rules.md 2 and 4 (A-15) what is
known of DUO's file. The layout is ours (assumption).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from ledger.application import Ledger
from ledger.codes import sector_of_swv
from projections.grensverkeer import Toelating, schooljaar
from projections.options import Options
from projections.persons import pgns
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask
from projections.store.read_model import ReadModel
from projections.verrekend import remarks, verrekend


def kijkglas_5(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, swv: str
) -> dict[str, list[Fields]]:
    """Return the pairs in which S pays or receives in the school year of T, and their pupils.

    `paren` is ordered by payer and receiver, `leerlingen` besides by vestiging, date, PGN.
    """
    assert sector_of_swv(swv) == "PO", f"kijkglas 5 is er niet voor {swv}"
    found = verrekend(
        ledger, model, as_of, lambda toelating: swv in {toelating.betaler, toelating.ontvanger}
    )
    names = pgns(ledger, model, as_of, [toelating.leerling for toelating in found])
    rows = [_leerling(toelating, names.get(toelating.leerling, "")) for toelating in found]
    order = ("betaler", "ontvanger", "naar_vestiging", "begindatum", "pgn")
    return {
        "paren": _paren(found, schooljaar(as_of.teldatum)),
        "leerlingen": sorted(rows, key=lambda row: [row[name] for name in order]),
    }


def schooljaar_text(jaar: int) -> str:
    """Return `2021/2022` for the school year that begins in 2021."""
    return f"{jaar}/{jaar + 1}"


def _paren(found: list[Toelating], jaar: int) -> list[Fields]:
    pairs: defaultdict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for toelating in found:
        pairs[toelating.betaler, toelating.ontvanger].append(toelating.fte(jaar))
    return [
        {
            "betaler": betaler,
            "ontvanger": ontvanger,
            "schooljaar": schooljaar_text(jaar),
            "aantal": len(listed),
            "fte": sum(listed, Decimal(0)),
        }
        for (betaler, ontvanger), listed in sorted(pairs.items())
    ]


def _leerling(toelating: Toelating, pgn: str) -> dict[str, object]:
    last = toelating.laatste
    return {
        "pgn": pgn,
        "betaler": toelating.betaler,
        "uit_vestiging": toelating.uit_vestiging,
        "ontvanger": toelating.ontvanger,
        "naar_vestiging": toelating.naar_vestiging,
        "begindatum": toelating.begindatum,
        "einddatum": toelating.einddatum,
        "schooljaar_van": schooljaar_text(toelating.eerste),
        "schooljaar_tot_en_met": "" if last is None else schooljaar_text(last),
    }


def answer(question: Question, swv: str, _: Options) -> Report:
    """Return the product as a report."""
    rows = kijkglas_5(question.ledger, question.model, question.as_of, swv)
    return product_report(question, "kijkglas-5", rows, swv, remarks(question.as_of.teldatum))
