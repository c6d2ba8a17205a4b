"""The products by name: which question, which layout, which heading (rules.md 7, cli.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from ledger.application import Ledger
from ledger.codes import sector_of_swv
from projections import layouts
from projections.bestanden import bestanden
from projections.dashboard_1a import dashboard_1a
from projections.dashboard_1b import dashboard_1b
from projections.moments import deciding_schoolsoorten, status_of
from projections.report import Herkomst, Moment, Report
from projections.stand import Fields, stand
from projections.store import ask
from projections.store.read_model import ReadModel


class Question(NamedTuple):
    """A read of the ledger: where, as of when, and by which command it was asked."""

    ledger: Ledger
    model: ReadModel
    as_of: ask.AsOf
    now: datetime
    opdracht: str
    versie: str


class Options(NamedTuple):
    """What can be set of a product beside its samenwerkingsverband."""

    lidmaatschap: date | None = None
    ongebruikte_tlv: bool = True


Answer = Callable[[Question, str, Options], Report]


def stand_report(question: Question, selection: ask.Selection) -> Report:
    """Return the state on the teldatum as a report."""
    rows = stand(question.ledger, question.model, question.as_of, selection)
    schoolsoorten = selection.schoolsoorten or deciding_schoolsoorten(selection.swv)
    return _report(question, "stand", {"stand": rows}, schoolsoorten)


def _dashboard_1a(question: Question, swv: str, options: Options) -> Report:
    rows = dashboard_1a(question.model, question.as_of, swv, options.lidmaatschap)
    return _product(question, f"dashboard-1a-{sector_of_swv(swv).lower()}", rows, swv)


def _dashboard_1b(question: Question, swv: str, options: Options) -> Report:
    rows = dashboard_1b(
        question.ledger,
        question.model,
        question.as_of,
        swv,
        ongebruikte_tlv=options.ongebruikte_tlv,
    )
    return _product(question, "dashboard-1b", {"leerlingen": rows}, swv)


PRODUCTS: Final[dict[str, Answer]] = {
    "dashboard-1a": _dashboard_1a,
    "dashboard-1b": _dashboard_1b,
}


def history_report(question: Question, rows: Iterable[Fields]) -> Report:
    """Return events as a report; it is not about one day."""
    layout = layouts.load("history")
    herkomst = herkomst_of(question, None, "")
    table = layout.tabellen[0].naam
    return Report(layout.product, layout.titel, herkomst, (layout.table(table, rows),), enkel=True)


def herkomst_of(
    question: Question, teldatum: date | None, status: str, van: ask.AsOf | None = None
) -> Herkomst:
    """Return what a report is made from; `van` is the first moment, when it compares two."""
    return Herkomst(
        teldatum,
        question.as_of.bekend_op,
        question.model.position,
        question.opdracht,
        question.versie,
        question.ledger.head_at(question.model.position),
        status,
        van=None if van is None else Moment(*van),
        bestanden=bestanden(question.ledger, question.model.position),
    )


def _product(
    question: Question, layout: str, rows: Mapping[str, Sequence[Fields]], swv: str
) -> Report:
    return _report(question, layout, rows, deciding_schoolsoorten(swv), swv)


def _report(
    question: Question,
    name: str,
    rows: Mapping[str, Sequence[Fields]],
    schoolsoorten: Sequence[str],
    swv: str = "",
) -> Report:
    layout, as_of = layouts.load(name), question.as_of
    tables = tuple(
        layout.table(table, listed, swv=swv, teldatum=as_of.teldatum)
        for table, listed in rows.items()
    )
    status = status_of(as_of, schoolsoorten, question.model, question.now)
    herkomst = herkomst_of(question, as_of.teldatum, status)
    return Report(layout.product, layout.titel, herkomst, tables, enkel=len(tables) == 1)
