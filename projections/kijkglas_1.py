"""Kijkglas 1: the numbers that are used for funding, and the (v)so pupils behind them.

The forerunner of dashboard 1A and 1B, in columns of our own: DUO's were never published
(rules.md 7; outputs-and-rules.md 4, A-10 and A-11). Who is settled with a samenwerkings-
verband: WPO art 124, WVO 2020 art 5.15.
"""

from __future__ import annotations

from typing import Final, get_args

from ledger.application import Ledger
from ledger.codes import (
    SCHOOLSOORTEN_OF_SECTOR,
    Basis,
    Categorie,
    Schoolsoort,
    Sector,
    sector_of_swv,
)
from projections.dashboard_1b import dashboard_1b
from projections.options import Options
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask, ask_numbers
from projections.store.read_model import ReadModel

SETTLED: Final[dict[Sector, tuple[Schoolsoort, ...]]] = {"PO": ("SO",), "VO": ("VSO",)}
"""The (v)so of a sector: file 2 shows its pupils; those of SBO are in the numbers alone."""

CATEGORIEEN: Final[tuple[Categorie, ...]] = ("HOOG", "MIDDEN", "LAAG", "SBO")
"""In the order of 1A, file 1 (manual 2.4)."""


def kijkglas_1(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, swv: str, *, ongebruikte_tlv: bool = True
) -> dict[str, list[Fields]]:
    """Return the rows of the two files: aantallen and inschrijvingen.

    They add up to dashboard 1A: `aantallen` counts what its file 1 counts, `inschrijvingen`
    are the rows of 1B in SO (PO) or VSO (VO), in its order and with its tlv columns.
    """
    return {
        "aantallen": _aantallen(model, as_of, swv),
        "inschrijvingen": dashboard_1b(
            ledger,
            model,
            as_of,
            swv,
            ongebruikte_tlv=ongebruikte_tlv,
            schoolsoorten=SETTLED[sector_of_swv(swv)],
        ),
    }


def instelling_of(vestigingscode: str) -> str:
    """Return the institution that a vestiging belongs to: its first four characters (B nr 46).

    An enrolment can name another institution; a count per vestiging has one (assumption).
    """
    return vestigingscode[:4]


def _aantallen(model: ReadModel, as_of: ask.AsOf, swv: str) -> list[Fields]:
    """Return the counts per schoolsoort, vestiging and categorie; rows without pupils are absent.

    Ordered by schoolsoort, vestiging, and categorie from high to low.
    """
    rows: dict[tuple[str, str, int], dict[Basis, int]] = {}
    for count in ask_numbers.counts(model, as_of, swv, SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)]):
        place = CATEGORIEEN.index(count.categorie)
        per_basis = rows.setdefault((count.schoolsoort, count.vestigingscode, place), {})
        per_basis[count.basis] = count.aantal
    return [
        {
            "swv": swv,
            "teldatum": as_of.teldatum,
            "schoolsoort": schoolsoort,
            "instellingscode": instelling_of(vestigingscode),
            "vestigingscode": vestigingscode,
            "categorie": CATEGORIEEN[place],
            **{f"aantal_{basis}".lower(): per_basis.get(basis, 0) for basis in get_args(Basis)},
            "totaal": sum(per_basis.values()),
        }
        for (schoolsoort, vestigingscode, place), per_basis in sorted(rows.items())
    ]


def answer(question: Question, swv: str, options: Options) -> Report:
    """Return the product as a report."""
    ledger, model, as_of, *_ = question
    unused = options.ongebruikte_tlv
    tables = kijkglas_1(ledger, model, as_of, swv, ongebruikte_tlv=unused)
    return product_report(question, "kijkglas-1", tables, swv)
