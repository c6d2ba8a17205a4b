"""Kijkglas 3: the growth of (v)so pupils with a tlv between 1 October and 1 February.

Sources: rules.md 7 (kijkglas-3, Movement); outputs-and-rules.md 4 (A-13), 4.1 and 4.2. The
settlement that it served, WPO (2015) art 125b and WVO (2015) art 85d, ended on 1-1-2023.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final

from ledger.codes import sector_of_swv
from projections.movement import MEMBER_SCHOOLSOORT, Movement, movements, totals
from projections.options import Options
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask
from projections.store.read_model import ReadModel
from projections.windows import growth_window

LAST_GROWTH_TELDATUM: Final = date(2022, 2, 1)
"""The last teldatum of the growth settlement (outputs-and-rules.md 1)."""

ENDED: Final = (
    "De groeiregeling is per 1-1-2023 vervallen; na teldatum 1-2-2022 is dit geen verrekening van"
    " DUO, wel dezelfde berekening."
)

_COUNTS: Final = (
    "aantal_1_okt",
    "aantal_1_feb",
    "instroom",
    "uitstroom",
    "overgang_in",
    "overgang_uit",
)

_Cell = tuple[str, str, str, str]


def kijkglas_3(model: ReadModel, as_of: ask.AsOf, swv: str) -> dict[str, list[Fields]]:
    """Return the rows of groei (per vestiging and categorie) and of totaal (one).

    Of the school year of the teldatum. Every pupil stands on one row on each of both days;
    who stays a member and changes row (doorstroom, another categorie) is an overgang.
    """
    window = growth_window(as_of.teldatum)
    selection = ask.Selection(
        swv=swv, schoolsoorten=(MEMBER_SCHOOLSOORT[sector_of_swv(swv)],), basis="TLV"
    )
    rows = ask.standen_between(model, (window.begin, window.eind), as_of, selection)
    moved = movements(rows, window).values()
    return {"groei": _groei(moved, swv), "totaal": [_totaal(moved, swv)]}


def remarks(teldatum: date) -> tuple[str, ...]:
    """Return what is to be said beside the growth of a teldatum."""
    window = f"Groei {growth_window(teldatum)}."
    return (window, ENDED) if teldatum > LAST_GROWTH_TELDATUM else (window,)


def _groei(moved: Iterable[Movement], swv: str) -> list[Fields]:
    cells: defaultdict[_Cell, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTS, 0))
    for one in moved:
        voor, na = _cell(one.voor), _cell(one.na)
        if voor is not None:
            cells[voor]["aantal_1_okt"] += 1
            if na != voor:
                cells[voor]["uitstroom" if na is None else "overgang_uit"] += 1
        if na is not None:
            cells[na]["aantal_1_feb"] += 1
            if na != voor:
                cells[na]["instroom" if voor is None else "overgang_in"] += 1
    return [_row(cell, cells[cell], swv) for cell in sorted(cells)]


def _cell(row: ask.StandRow | None) -> _Cell | None:
    if row is None:
        return None
    categorie = row.ondersteuningscategorie or ""
    return row.schoolsoort, row.instellingscode, row.vestigingscode, categorie


def _row(cell: _Cell, counts: dict[str, int], swv: str) -> Fields:
    names = ("schoolsoort", "instellingscode", "vestigingscode", "categorie")
    growth = counts["aantal_1_feb"] - counts["aantal_1_okt"]
    return {"swv": swv, **dict(zip(names, cell, strict=True)), **counts, "groei": growth}


def _totaal(moved: Iterable[Movement], swv: str) -> Fields:
    pupils = list(moved)
    before = sum(one.voor is not None for one in pupils)
    counted = totals(pupils)
    return {
        "swv": swv,
        "schoolsoort": MEMBER_SCHOOLSOORT[sector_of_swv(swv)],
        "aantal_1_okt": before,
        "aantal_1_feb": sum(one.na is not None for one in pupils),
        **counted,
        "groei": counted["instroom"] - counted["uitstroom"],
    }


def answer(question: Question, swv: str, _: Options) -> Report:
    """Return the product as a report."""
    tables = kijkglas_3(question.model, question.as_of, swv)
    return product_report(question, "kijkglas-3", tables, swv, remarks(question.as_of.teldatum))
