"""Indicatoren: figures for the board, as the Dashboard passend onderwijs of Vensters had them.

Tlv's per month, length of stay, share of pupils with a tlv, flows between schoolsoorten, and
thuiszitters. Source: outputs-and-rules.md (Vensters, S4): it names the figures and defines
none, so every definition is an assumption and stands in the docstring of its table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import Final

from ledger.application import Ledger
from ledger.codes import Sector, sector_of_swv
from ledger.dossier import geldig_op
from ledger.times import ONE_DAY
from projections.maskeer import TOTAAL, as_text, masked_rows
from projections.options import Options
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask, ask_reference
from projections.store.ask_indicatoren import counting, issued, shares
from projections.store.read_model import ReadModel
from projections.thuiszitters import SECTOR_SCHOOLSOORTEN, thuiszitters
from projections.verblijf import tenths, verblijf
from projections.windows import MONTHS, school_year

CATEGORIEEN: Final[dict[Sector, tuple[str, ...]]] = {
    "PO": ("SBO", "LAAG", "MIDDEN", "HOOG"),
    "VO": ("LAAG", "MIDDEN", "HOOG"),
}
Flow = tuple[str, str, str]
FLOWS: Final[dict[Sector, tuple[Flow, ...]]] = {
    "PO": (
        *(("doorstroom", van, naar) for van in ("SBO", "SO") for naar in ("VO", "VSO")),
        *(("teruggang", van, "BO") for van in ("SBO", "SO")),
    ),
    "VO": (
        *(("doorstroom", van, naar) for van in ("SBO", "SO") for naar in ("VO", "VSO")),
        ("teruggang", "VSO", "VO"),
    ),
}
"""Direction, from and to: the rows of `stromen`."""


def indicatoren(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, swv: str
) -> dict[str, list[Fields]]:
    """Return the rows of tlvs, verblijf, aandeel, stromen and thuiszitters."""
    return {
        "tlvs": _tlvs(model, as_of, swv),
        "verblijf": verblijf(model, as_of, swv),
        "aandeel": _aandeel(model, as_of, swv),
        "stromen": _stromen(model, as_of, swv),
        "thuiszitters": thuiszitters(ledger, model, as_of, swv),
    }


def _tlvs(model: ReadModel, as_of: ask.AsOf, swv: str) -> list[Fields]:
    """Return a row per month of the school year and categorie.

    Issued = begins in the month: the day of the decision stands in no source. Running =
    valid on the last day of the month; ending = its last day is in the month, also by
    withdrawal. A number that two pupils have counts for both.
    """
    begun, ended, running = Counter[_Cell](), Counter[_Cell](), Counter[_Cell]()
    months = _months(as_of.teldatum)
    for tlv in issued(model, as_of, swv):
        begun[_month(tlv.begindatum), tlv.categorie] += 1
        ended[_month(tlv.laatste_dag), tlv.categorie] += 1
        for month, last in months.items():
            running[month, tlv.categorie] += int(geldig_op(tlv, last))
    return [
        {
            "maand": month,
            "categorie": categorie,
            "afgegeven": begun[month, categorie],
            "lopend": running[month, categorie],
            "eindigend": ended[month, categorie],
        }
        for month in months
        for categorie in CATEGORIEEN[sector_of_swv(swv)]
    ]


_Cell = tuple[str, str]


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _months(teldatum: date) -> dict[str, date]:
    """Return the last day of each month of the school year, by its name as 2025-04."""
    first, _ = school_year(teldatum)
    months: dict[str, date] = {}
    for step in range(1, MONTHS + 1):
        total = first.year * MONTHS + first.month - 1 + step
        last = date(total // MONTHS, total % MONTHS + 1, 1) - ONE_DAY
        months[_month(last)] = last
    return months


def _aandeel(model: ReadModel, as_of: ask.AsOf, swv: str) -> list[Fields]:
    """Return a row per vestiging linked to S with counting pupils on the teldatum, and a total.

    Pupils of all schoolsoorten of the sector; with a tlv = who counts by a tlv, of S or of
    another samenwerkingsverband.
    """
    linked = ask_reference.vestigingen_of(model, as_of, swv)
    found = shares(model, as_of, linked, SECTOR_SCHOOLSOORTEN[sector_of_swv(swv)])
    pupils, with_tlv = sum(row[1] for row in found), sum(row[2] for row in found)
    return [_share(*row) for row in (*found, (TOTAAL, pupils, with_tlv))]


def _share(vestiging: str, pupils: int, with_tlv: int) -> Fields:
    share = tenths(Decimal(100 * with_tlv) / pupils) if pupils else None
    return {
        "vestigingscode": vestiging,
        "leerlingen": pupils,
        "met_tlv": with_tlv,
        "aandeel": share,
    }


def _stromen(model: ReadModel, as_of: ask.AsOf, swv: str) -> list[Fields]:
    """Return a row per flow: pupils who count on the teldatum and on that of a year before.

    Sector PO, and back from vso: S answered for the pupil a year before. On to sector VO:
    the pupil is in vso attributed to S, or in vo on a vestiging linked to S.
    """
    before = counting(model, as_of._replace(teldatum=year_before(as_of.teldatum)), _ALL)
    after = counting(model, as_of, _ALL)
    linked, sector = set(ask_reference.vestigingen_of(model, as_of, swv)), sector_of_swv(swv)
    flows: defaultdict[_Cell, int] = defaultdict(int)
    for leerling, van in before.items():
        naar = after.get(leerling)
        if naar is None:
            continue
        arrived = naar.swv == swv or (naar.schoolsoort == "VO" and naar.vestigingscode in linked)
        onward = sector == "VO" and van.schoolsoort != "VSO"
        mine = arrived if onward else van.swv == swv
        flows[van.schoolsoort, naar.schoolsoort] += int(mine)
    return [
        {"richting": richting, "van": van, "naar": naar, "aantal": flows[van, naar]}
        for richting, van, naar in FLOWS[sector]
    ]


_ALL: Final = ("BO", "SBO", "SO", "VSO", "VO")


def year_before(day: date) -> date:
    """Return the same day a year earlier; of 29 February the 28th."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - 1, day=last)


def answer(question: Question, swv: str, options: Options) -> Report:
    """Return the product as a report, on request without small numbers."""
    tables = indicatoren(question.ledger, question.model, question.as_of, swv)
    if not options.maskeer:
        return product_report(question, "indicatoren", tables, swv)
    return as_text(product_report(question, "indicatoren", masked_rows(tables), swv))
