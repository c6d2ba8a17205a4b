"""The tlv's of a samenwerkingsverband without anything that names a pupil: for a benchmark.

Source: outputs-and-rules.md (Vensters, S4 and W23): samenwerkingsverbanden upload their tlv's
for a national benchmark. Its form is not public: columns and definitions are assumptions.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from ledger.application import Ledger
from ledger.codes import sector_of_swv
from ledger.times import ONE_DAY, full_years
from projections.persons import NOBODY, persons
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask, ask_pupils
from projections.store.ask_indicatoren import Issued, issued
from projections.store.read_model import ReadModel
from projections.windows import school_year

NIEUW: Final = "nieuw"
VERLENGD: Final = "verlengd"


def benchmark(ledger: Ledger, model: ReadModel, as_of: ask.AsOf, swv: str) -> list[Fields]:
    """Return a row per tlv of S that is valid on a day of the school year of the teldatum.

    Rows are ordered by what they show, so that their order tells of nobody. `leeftijd` is
    in whole years on the first day of the tlv, None without a birth date.
    """
    tlvs = issued(model, as_of, swv)
    first, last = school_year(as_of.teldatum)
    wanted = [tlv for tlv in tlvs if tlv.begindatum <= last and tlv.laatste_dag >= first]
    people = persons(ledger, model, as_of, sorted({tlv.leerling for tlv in wanted}))
    of_pupil: defaultdict[str, list[ask_pupils.TlvRow]] = defaultdict(list)
    for other in ask_pupils.tlvs_of(model, as_of, people):
        of_pupil[other.leerling].append(other)
    rows: list[Fields] = []
    for tlv in wanted:
        born = people.get(tlv.leerling, NOBODY).geboortedatum
        rows.append(
            {
                "sector": sector_of_swv(swv),
                "categorie": tlv.categorie,
                "begindatum": tlv.begindatum,
                "einddatum": tlv.laatste_dag,
                "leeftijd": None if born is None else full_years(born, tlv.begindatum),
                "nieuw_of_verlengd": VERLENGD if _extends(tlv, of_pupil[tlv.leerling]) else NIEUW,
            }
        )
    return sorted(rows, key=_content)


def _content(row: Fields) -> tuple[str, ...]:
    return tuple(str(value).rjust(3) for value in row.values())


def _extends(tlv: Issued, others: list[ask_pupils.TlvRow]) -> bool:
    """Tell whether the pupil had another tlv of the sector until the day before (assumption).

    Of any samenwerkingsverband and categorie; one that began earlier and was valid then.
    """
    return any(
        sector_of_swv(other.nummer) == sector_of_swv(tlv.nummer)
        and other.nummer != tlv.nummer
        and other.begindatum < tlv.begindatum <= other.laatste_dag + ONE_DAY
        for other in others
    )


def benchmark_report(question: Question, swv: str) -> Report:
    """Return the rows as a report."""
    rows = benchmark(question.ledger, question.model, question.as_of, swv)
    return product_report(question, "benchmark", {"tlvs": rows}, swv)
