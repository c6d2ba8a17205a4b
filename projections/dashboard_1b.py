"""Dashboard 1B: the individual pupils behind the numbers of 1A (rules.md 7; manual 3)."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.application import Ledger
from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, Schoolsoort, sector_of_swv
from projections.enrolment_rows import by_vestiging, enrolment_rows
from projections.options import Options
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask
from projections.store.read_model import ReadModel


def dashboard_1b(
    ledger: Ledger,
    model: ReadModel,
    as_of: ask.AsOf,
    swv: str,
    *,
    ongebruikte_tlv: bool = True,
    schoolsoorten: Sequence[Schoolsoort] | None = None,
) -> list[Fields]:
    """Return a row per counting pupil that the samenwerkingsverband answers for.

    `ongebruikte_tlv` shows a tlv that the pupil has in rows that no tlv decided (variant 2 of
    the 2025 proposal); `schoolsoorten` narrows to some of those of the sector. Ordered by
    vestiging, volgnummer, PGN.
    """
    sector = sector_of_swv(swv)
    chosen = tuple(SCHOOLSOORTEN_OF_SECTOR[sector] if schoolsoorten is None else schoolsoorten)
    selection = ask.Selection(swv=swv, schoolsoorten=chosen, telt=True)
    rows = list(ask.standen(model, as_of, selection))
    shown = enrolment_rows(ledger, model, as_of, sector, rows, ongebruikte_tlv=ongebruikte_tlv)
    return sorted(shown, key=by_vestiging)


def answer(question: Question, swv: str, options: Options) -> Report:
    """Return the product as a report."""
    ledger, model, as_of, *_ = question
    unused = options.ongebruikte_tlv
    rows = dashboard_1b(ledger, model, as_of, swv, ongebruikte_tlv=unused)
    return product_report(question, "dashboard-1b", {"leerlingen": rows}, swv)
