"""Dashboard 2: every enrolment of a school year that a samenwerkingsverband has to do with.

Also those it gets no funding for, and why not (rules.md 7; outputs-and-rules.md 4, A-16).
The school year runs from 1 August to 31 July (Besluit bekostiging WEC 2022, art 4). DUO
announced this dashboard and never published its columns: all that follows is an assumption.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.application import Ledger
from ledger.codes import ATTRIBUTED, sector_of_swv
from ledger.times import ONE_DAY
from projections.enrolment_rows import by_vestiging, enrolment_rows
from projections.options import Options
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask, ask_reference
from projections.store.read_model import ReadModel
from projections.windows import school_year


def dashboard_2(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, swv: str, *, ongebruikte_tlv: bool = True
) -> list[Fields]:
    """Return a row per stretch of days of an enrolment in SBO, SO or VSO.

    The fields of 1B, with `telt`, `reden`, `periode_begin`, `periode_eind` (the last day, None
    when open) and `soort_verblijf`. A pupil can have several rows, also for one enrolment and
    one segment: a double enrolment that begins or ends within it cuts it, since a row says
    whether it counts. What a row shows of the teldatum (age, link, unused tlv) is as in 1B.
    Ordered by vestiging, volgnummer, PGN, begin.
    """
    rows = list(_pieces(model, as_of, swv))
    shown = enrolment_rows(
        ledger, model, as_of, sector_of_swv(swv), rows, ongebruikte_tlv=ongebruikte_tlv
    )
    fields: list[Fields] = [{**told, **_piece(row)} for told, row in zip(shown, rows, strict=True)]
    return sorted(fields, key=lambda row: (*by_vestiging(row), row["periode_begin"]))


def _pieces(model: ReadModel, as_of: ask.AsOf, swv: str) -> Iterator[ask.StandRow]:
    """Yield what S answers for, and what lies on a vestiging linked to S on the teldatum.

    The link is that of the teldatum, not of the days of the row, so that it is the link that
    VESTIGING_SWVNUMMER shows (assumption).
    """
    days, schoolsoorten = school_year(as_of.teldatum), tuple(sorted(ATTRIBUTED))
    attributed = ask.Selection(swv=swv, schoolsoorten=schoolsoorten)
    yield from ask.standen_between(model, days, as_of, attributed)
    for code in ask_reference.vestigingen_of(model, as_of, swv):
        here = ask.Selection(vestigingscode=code, schoolsoorten=schoolsoorten)
        for row in ask.standen_between(model, days, as_of, here):
            if row.swv != swv:
                yield row


def _piece(row: ask.StandRow) -> Fields:
    """Return what a row has beyond 1B; its days are its own, also outside the school year."""
    return {
        "telt": row.telt,
        "reden": row.reden,
        "periode_begin": row.geldig_van,
        "periode_eind": None if row.geldig_tot is None else row.geldig_tot - ONE_DAY,
        "soort_verblijf": row.soort_verblijf,
    }


def answer(question: Question, swv: str, options: Options) -> Report:
    """Return the product as a report."""
    ledger, model, as_of, *_ = question
    unused = options.ongebruikte_tlv
    rows = dashboard_2(ledger, model, as_of, swv, ongebruikte_tlv=unused)
    return product_report(question, "dashboard-2", {"inschrijvingen": rows}, swv)
