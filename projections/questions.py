"""A question to the ledger, and its answer as a report under a heading (cli.md, Common)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from ledger.application import Ledger
from projections import layouts
from projections.bestanden import bestanden
from projections.moments import deciding_schoolsoorten, status_of
from projections.report import Fields, Herkomst, Moment, Report
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


def product_report(
    question: Question,
    layout: str,
    rows: Mapping[str, Sequence[Fields]],
    swv: str,
    opmerkingen: tuple[str, ...] = (),
    named: date | None = None,
) -> Report:
    """Return the rows of a product of a samenwerkingsverband in their layout.

    `opmerkingen` stand under the heading; `named` is the day in the file names, by default
    the teldatum.
    """
    status = status_of(question.as_of, deciding_schoolsoorten(swv), question.model, question.now)
    herkomst = herkomst_of(question, question.as_of.teldatum, status, opmerkingen=opmerkingen)
    return report_of(layout, rows, herkomst, swv, named)


def report_of(
    name: str,
    rows: Mapping[str, Sequence[Fields]],
    herkomst: Herkomst,
    swv: str = "",
    named: date | None = None,
) -> Report:
    """Return rows in the layout of that name."""
    layout = layouts.load(name)
    tables = tuple(
        layout.table(table, listed, swv=swv, teldatum=named or herkomst.teldatum)
        for table, listed in rows.items()
    )
    return Report(layout.product, layout.titel, herkomst, tables, enkel=len(tables) == 1)


def herkomst_of(
    question: Question,
    teldatum: date | None,
    status: str,
    van: ask.AsOf | None = None,
    opmerkingen: tuple[str, ...] = (),
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
        opmerkingen,
        None if van is None else Moment(*van),
        bestanden(question.ledger, question.model.position),
    )
