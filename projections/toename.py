"""Toename na teldatum: pupils who became admissible after the teldatum, for the vangnetbepaling.

Sources: rules.md 7 (toename-na-teldatum); outputs-and-rules.md 4 (A-17) and 4.3; WPO art 18a
lid 8 g, taken over for VO (A-20). DUO's two files are not public: the columns are A-17's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, Literal

from ledger.codes import (
    CLOSED,
    RESIDENTIAL,
    SCHOOLSOORTEN_OF_SECTOR,
    Schoolsoort,
    sector_of_swv,
    swv_of_tlv,
)
from ledger.times import format_date
from projections.movement import chosen
from projections.options import OptionError, Options
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask, ask_reference
from projections.store.encoding import day_number
from projections.store.read_model import ReadModel

Bestand = Literal["sbo", "vso"]

FILES: Final[tuple[Bestand, ...]] = ("sbo", "vso")

FIRST_TELDATUM: Final = date(2022, 2, 1)
"""The teldatum of the first year that the vangnetbepaling is about (outputs-and-rules.md 1)."""

EARLY: Final = (
    "De vangnetbepaling geldt vanaf de bekostiging van 2023 (teldatum 1-2-2022); voor een eerdere"
    " teldatum is dit een berekening achteraf."
)

_VALID: Final = (
    "SELECT leerling, nummer, categorie FROM tlvs WHERE leerling IN ({}) "  # noqa: S608 - our columns
    "AND begindatum <= :t AND laatste_dag >= :t AND " + ask.KNOWN
)

_Cell = tuple[str, Schoolsoort, str]


def peildatum_of(teldatum: date, peildatum: date | None) -> date:
    """Return the date of the plan: between 1 February and 1 June, by default 1 June.

    Of the year of the teldatum and not before it; of the next year for a teldatum after
    1 June, such as the 1 October of before 2022 (assumption). Raises OptionError otherwise.
    """
    year = teldatum.year if teldatum <= date(teldatum.year, 6, 1) else teldatum.year + 1
    first, last = max(teldatum, date(year, 2, 1)), date(year, 6, 1)
    asked = last if peildatum is None else peildatum
    if not first <= asked <= last:
        wel = f"kies een dag van {format_date(first)} tot en met {format_date(last)}"
        raise OptionError("--peildatum", f"{format_date(asked)} past niet bij de teldatum; {wel}")
    return asked


def remarks(teldatum: date, peildatum: date) -> tuple[str, ...]:
    """Return what is to be said beside the growth after a teldatum."""
    said = f"Peildatum van het ondersteuningsplan: {format_date(peildatum)}."
    return (said, EARLY) if teldatum < FIRST_TELDATUM else (said,)


def toename(
    model: ReadModel, as_of: ask.AsOf, swv: str, peildatum: date
) -> dict[str, list[Fields]]:
    """Return the rows of the files sbo and vso: per vestiging linked on the peildatum.

    `vso` holds SO for PO and VSO for VO; a samenwerkingsverband of VO has an empty `sbo`.
    """
    on_plan = ask.AsOf(peildatum, as_of.bekend_op)
    linked = frozenset(ask_reference.vestigingen_of(model, on_plan, swv))
    before = _enrolled(model, as_of, swv, linked)
    after = _enrolled(model, on_plan, swv, linked)
    earlier = _admissible(model, as_of, swv, after)
    added = [row for row in after.values() if (row.leerling, _file(row.schoolsoort)) not in earlier]
    counts = Counter(map(_cell, before.values())), Counter(map(_cell, after.values()))
    rows = _rows(*counts, Counter(map(_cell, added)))
    return {file: [row for row in rows if _file(row["schoolsoort"]) == file] for file in FILES}


def _enrolled(
    model: ReadModel, as_of: ask.AsOf, swv: str, linked: frozenset[str]
) -> Mapping[str, ask.StandRow]:
    """Return one row per pupil with a tlv of S at a linked vestiging, institutions left out.

    Counting is not asked, as for members (rules.md 7, Movement): the words are "enrolled on".
    """
    schoolsoorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)]
    selection = ask.Selection(swv=swv, schoolsoorten=schoolsoorten, basis="TLV")
    return chosen(
        row
        for row in ask.standen(model, as_of, selection)
        if row.vestigingscode in linked and row.soort_verblijf not in RESIDENTIAL | CLOSED
    )


def _admissible(
    model: ReadModel, as_of: ask.AsOf, swv: str, leerlingen: Iterable[str]
) -> set[tuple[str, Bestand]]:
    """Return the pupils who had a valid tlv of S on the teldatum, and for which file.

    Linked or not: who had one was admissible already. So a tlv that follows another one of
    the same file adds nobody, though it begins after the teldatum (assumption).
    """
    values = {"t": day_number(as_of.teldatum), "k": as_of.known}
    return {
        (leerling, "sbo" if categorie == "SBO" else "vso")
        for leerling, nummer, categorie in model.select_in(_VALID, leerlingen, values)
        if swv_of_tlv(nummer) == swv
    }


def _file(schoolsoort: object) -> Bestand:
    return "sbo" if schoolsoort == "SBO" else "vso"


def _cell(row: ask.StandRow) -> _Cell:
    return row.vestigingscode, row.schoolsoort, row.ondersteuningscategorie or ""


def _rows(before: Counter[_Cell], after: Counter[_Cell], added: Counter[_Cell]) -> list[Fields]:
    return [
        {
            "vestigingscode": cell[0],
            "schoolsoort": cell[1],
            "categorie": cell[2],
            "aantal_teldatum": before[cell],
            "aantal_peildatum": after[cell],
            "toename": added[cell],
        }
        for cell in sorted(before.keys() | after.keys())
    ]


def answer(question: Question, swv: str, options: Options) -> Report:
    """Return the product as a report. Raises OptionError for a day outside the plan's months."""
    teldatum = question.as_of.teldatum
    peildatum = peildatum_of(teldatum, options.peildatum)
    tables = toename(question.model, question.as_of, swv, peildatum)
    return product_report(question, "toename", tables, swv, remarks(teldatum, peildatum))
