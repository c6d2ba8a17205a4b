"""Kijkglas 4: the growth of sbo between 1 October and 1 February, and the 2 % rule (rules.md 7).

Sources: WPO (text until 2023) art. 124, with art. 120 lid 4; law-and-money.md 5d;
outputs-and-rules.md 4 (A-14) and 4.2. O is the 1 October and F the 1 February of the school
year of the teldatum. The layout is ours (assumption).
"""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from ledger.application import Ledger
from ledger.codes import sector_of_swv
from projections.options import Options
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask, ask_numbers, ask_products, ask_reference
from projections.store.read_model import ReadModel
from projections.verrekend import remarks, verrekend
from projections.windows import growth_window

SHARE: Final = Decimal("0.02")
"""The share of all pupils that sbo schools are funded for anyway (WPO art. 120 lid 4)."""

COUNTS: Final = (
    "aantal_1_okt",
    "aantal_1_feb",
    "waarvan_grensverkeer_1_okt",
    "waarvan_grensverkeer_1_feb",
)


class _Day(NamedTuple):
    """The counting sbo pupils of one day, as (vestiging, pupil)."""

    geteld: list[tuple[str, str]]

    @property
    def leerlingen(self) -> set[str]:
        return {leerling for _, leerling in self.geteld}

    def per_vestiging(self, only: set[str] | None = None) -> Counter[str]:
        return Counter(code for code, who in self.geteld if only is None or who in only)


def kijkglas_4(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, swv: str
) -> dict[str, list[Fields]]:
    """Return a row per sbo vestiging of S, by its code, and one row for S as a whole.

    A vestiging is of S on a day when it is linked to S on that very day (assumption: the law
    speaks of the sbo schools of S on both days). Only counting pupils, attributed to whomever.
    """
    assert sector_of_swv(swv) == "PO", f"kijkglas 4 is er niet voor {swv}"
    window = growth_window(as_of.teldatum)
    october = ask.AsOf(window.begin, as_of.bekend_op)
    february = ask.AsOf(window.eind, as_of.bekend_op)
    oktober, februari = _sbo(model, october, swv), _sbo(model, february, swv)
    betaald = _paid_by_another(ledger, model, as_of, swv, oktober.leerlingen | februari.leerlingen)
    groei = _groei(swv, oktober, februari, betaald)
    return {"groei": groei, "totaal": [_totaal(swv, groei, _all_pupils(model, october, swv))]}


def two_percent(leerlingen: int) -> int:
    """Return 2 % of a number of pupils, a half rounded up (WPO art. 124 lid 3)."""
    return int((leerlingen * SHARE).quantize(Decimal(1), ROUND_HALF_UP))


def _sbo(model: ReadModel, as_of: ask.AsOf, swv: str) -> _Day:
    linked = ask_reference.vestigingen_of(model, as_of, swv)
    return _Day(ask_products.counted_at(model, as_of, linked, "SBO"))


def _all_pupils(model: ReadModel, as_of: ask.AsOf, swv: str) -> int:
    """Return L(O): the counting bo and sbo pupils of all vestigingen linked to S."""
    linked = ask_reference.vestigingen_of(model, as_of, swv)
    counted = ask_numbers.counts_at_vestigingen(model, as_of, linked, ("BO", "SBO"))
    return sum(aantal for *_, aantal in counted)


def _paid_by_another(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, swv: str, leerlingen: set[str]
) -> set[str]:
    """Return the pupils that another samenwerkingsverband pays for in this school year.

    WPO art. 124 lid 3 leaves out pupils for whom art. 125 already gives a transfer "from
    another samenwerkingsverband", to whichever sbo school.
    """
    found = verrekend(
        ledger,
        model,
        as_of,
        lambda toelating: toelating.leerling in leerlingen and toelating.betaler != swv,
    )
    return {toelating.leerling for toelating in found}


def _groei(swv: str, oktober: _Day, februari: _Day, betaald: set[str]) -> list[Fields]:
    """Return the rows per vestiging; what is paid for by another is left out on both days.

    Art. 124 lid 3 says so of 1 February alone; law-and-money.md 5d of both, since the pupils
    of 1 October would else count as a fall (assumption).
    """
    counted = (oktober.per_vestiging(), februari.per_vestiging())
    left_out = (oktober.per_vestiging(betaald), februari.per_vestiging(betaald))
    rows: list[Fields] = []
    for code in sorted(counted[0].keys() | counted[1].keys()):
        values = [counts[code] for counts in (*counted, *left_out)]
        numbers = dict(zip(COUNTS, values, strict=True))
        groei = (values[1] - values[3]) - (values[0] - values[2])
        rows.append({"swv": swv, "vestigingscode": code, **numbers, "groei": groei})
    return rows


def _totaal(swv: str, groei: list[Fields], leerlingen: int) -> Fields:
    sums = {name: sum(int(str(row[name])) for row in groei) for name in COUNTS}
    oktober = sums["aantal_1_okt"] - sums["waarvan_grensverkeer_1_okt"]
    februari = sums["aantal_1_feb"] - sums["waarvan_grensverkeer_1_feb"]
    share = two_percent(leerlingen)
    return {
        "swv": swv,
        **sums,
        "groei": februari - oktober,
        "sbo_1_okt": oktober,
        "sbo_1_feb": februari,
        "leerlingen_1_okt": leerlingen,
        "twee_procent": share,
        "overdracht_groei": max(0, februari - oktober),
        "overdracht_boven_twee_procent": max(0, februari - share),
    }


def answer(question: Question, swv: str, _: Options) -> Report:
    """Return the product as a report."""
    rows = kijkglas_4(question.ledger, question.model, question.as_of, swv)
    return product_report(question, "kijkglas-4", rows, swv, remarks(question.as_of.teldatum))
