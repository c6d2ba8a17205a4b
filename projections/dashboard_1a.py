"""Dashboard 1A: the numbers that a samenwerkingsverband is funded by (rules.md 7; manual 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final

from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, Schoolsoort, sector_of_swv
from ledger.teldata import october_before
from projections.options import Options
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask, ask_numbers, ask_reference
from projections.store.ask_numbers import AtVestiging
from projections.store.read_model import ReadModel

CELLS: Final = (
    *(f"aantal_{categorie}_{basis}" for categorie in ("hoog", "midden", "laag")
      for basis in ("tlv", "rp", "overig")),
    "aantal_sbo_tlv",
    "aantal_sbo_overig",
)  # fmt: skip
"""The eleven counts of file 1, in its order (manual 2.4); there is no aantal_sbo_rp."""

REGULAR_PO: Final[tuple[Schoolsoort, ...]] = ("BO", "SBO")
"""What file 3 of PO counts."""

VO_KENMERKEN: Final = {"nieuwkomer": "nieuwkomers", "vavo": "vavo", "lwoo": "lwoo", "pro": "pro"}


def dashboard_1a(
    model: ReadModel, as_of: ask.AsOf, swv: str, lidmaatschap: date | None = None
) -> dict[str, list[Fields]]:
    """Return the rows of the three files: met_tlv, totaal, vestigingen.

    `lidmaatschap` is the day on which the vestigingen of file 3 are linked; by default the
    day of their count (the law looks at 1 January after the teldatum: WPO art 122 and 124).
    """
    linked = ask_reference.vestigingen_of(model, as_of, swv)
    # Files 2 and 3 of PO are mostly about the same vestigingen: those are asked for once.
    there = ask_numbers.counts_at_vestigingen(
        model, as_of, linked, (*SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)], *_of_file_3(swv))
    )
    return {
        "met_tlv": _met_tlv(model, as_of, swv, frozenset(linked)),
        "totaal": _totaal(there, swv),
        "vestigingen": _regular(model, as_of, swv, lidmaatschap, there),
    }


def _of_file_3(swv: str) -> tuple[Schoolsoort, ...]:
    """Return the schoolsoorten of file 3 that are counted on the teldatum itself."""
    return REGULAR_PO if sector_of_swv(swv) == "PO" else ()


def _met_tlv(model: ReadModel, as_of: ask.AsOf, swv: str, linked: frozenset[str]) -> list[Fields]:
    """Return file 1: per schoolsoort and vestiging the pupils that S answers for."""
    rows: dict[tuple[str, str], dict[str, object]] = {}
    schoolsoorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)]
    for count in ask_numbers.counts(model, as_of, swv, schoolsoorten):
        row = rows.setdefault(
            (count.schoolsoort, count.vestigingscode),
            {
                "schoolsoort": count.schoolsoort,
                "vestigingscode": count.vestigingscode,
                "deelnemende_vestiging": count.vestigingscode in linked,
                **dict.fromkeys(CELLS, 0),
            },
        )
        row[f"aantal_{count.categorie}_{count.basis}".lower()] = count.aantal
    return [
        {**row, "totaal": sum(int(str(row[cell])) for cell in CELLS)}
        for _, row in sorted(rows.items())
    ]


def _totaal(there: Sequence[AtVestiging], swv: str) -> list[Fields]:
    """Return file 2: per schoolsoort the pupils of linked vestigingen, of S or of another."""
    schoolsoorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)]
    mine = dict.fromkeys(schoolsoorten, 0)
    others = dict.fromkeys(schoolsoorten, 0)
    for _, soort, owner, _, aantal in there:
        if soort in mine:
            (mine if owner == swv else others)[soort] += aantal
    return [
        {
            "schoolsoort": soort,
            "met_tlv_dit_swv": mine[soort],
            "met_tlv_ander_swv": others[soort],
            "totaal": mine[soort] + others[soort],
        }
        for soort in schoolsoorten
    ]


def _regular(
    model: ReadModel,
    as_of: ask.AsOf,
    swv: str,
    lidmaatschap: date | None,
    there: Sequence[AtVestiging],
) -> list[Fields]:
    """Return file 3: PO counts on the teldatum, VO on the 1 October before it (manual 2.2).

    `there` are the numbers at the vestigingen that are linked on the teldatum.
    """
    is_po = sector_of_swv(swv) == "PO"
    if is_po and lidmaatschap is None:
        return _regular_po(there)
    counted = as_of.teldatum if is_po else october_before(as_of.teldatum)
    on_day = ask.AsOf(counted, as_of.bekend_op)
    linked_on = ask.AsOf(lidmaatschap or counted, as_of.bekend_op)
    members = ask_reference.vestigingen_of(model, linked_on, swv)
    if is_po:
        return _regular_po(ask_numbers.counts_at_vestigingen(model, on_day, members, REGULAR_PO))
    return regular_vo(model, on_day, members)


def _regular_po(there: Sequence[AtVestiging]) -> list[Fields]:
    """Return file 3 PO: the counting bo and sbo pupils of each linked vestiging."""
    totals: defaultdict[str, int] = defaultdict(int)
    for code, soort, _, _, aantal in there:
        if soort in REGULAR_PO:
            totals[code] += aantal
    return [{"vestigingscode": code, "totaal": totals[code]} for code in sorted(totals)]


def regular_vo(model: ReadModel, october: ask.AsOf, members: list[str]) -> list[Fields]:
    """Return file 3 VO: the counting vo pupils of each linked vestiging (manual 2.7).

    Nieuwkomers stand outside the total; vavo, lwoo and pro are part of it.
    """
    rows: dict[str, dict[str, int]] = {}
    for code, _, _, kenmerk, aantal in ask_numbers.counts_at_vestigingen(
        model, october, members, ("VO",)
    ):
        row = rows.setdefault(code, dict.fromkeys(("totaal", *VO_KENMERKEN.values()), 0))
        if kenmerk is not None:
            row[VO_KENMERKEN[kenmerk]] += aantal
        if kenmerk != "nieuwkomer":
            row["totaal"] += aantal
    return [{"vestigingscode": code, **rows[code]} for code in sorted(rows)]


def answer(question: Question, swv: str, options: Options) -> Report:
    """Return the product as a report."""
    rows = dashboard_1a(question.model, question.as_of, swv, options.lidmaatschap)
    return product_report(question, f"dashboard-1a-{sector_of_swv(swv).lower()}", rows, swv)
