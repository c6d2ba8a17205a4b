"""The products by name: which question, which layout, which heading (rules.md 7, cli.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import structs

from ledger.application import Ledger
from ledger.codes import sector_of_swv
from projections import layouts
from projections.bekostiging import bekostiging
from projections.bekostiging_telling import Vraag
from projections.benchmark import benchmark
from projections.bestanden import bestanden
from projections.dashboard_1a import dashboard_1a
from projections.dashboard_1b import dashboard_1b
from projections.dashboard_2 import dashboard_2
from projections.indicatoren import indicatoren
from projections.kijkglas_1 import kijkglas_1
from projections.kijkglas_2 import kijkglas_2
from projections.kijkglas_3 import kijkglas_3
from projections.kijkglas_3 import remarks as remarks_on_growth
from projections.kijkglas_4 import kijkglas_4
from projections.kijkglas_5 import kijkglas_5
from projections.maskeer import as_text, masked_rows
from projections.moments import deciding_schoolsoorten, status_of
from projections.ofb import OfbVraag, ofb_controle
from projections.report import Herkomst, Moment, Report
from projections.stand import Fields, stand
from projections.store import ask
from projections.store.read_model import ReadModel
from projections.supplied import TableError, read_ofb, read_tarieven
from projections.tarieven import MissingTariefError
from projections.toename import peildatum_of, toename
from projections.toename import remarks as remarks_on_toename
from projections.verrekend import remarks as remarks_on_settlement
from projections.windows import OptionError, Window, school_year, windows_of


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
    peildatum: date | None = None
    maand: str | None = None
    tarieven: Path | None = None
    jaar: int | None = None
    prognose: bool = False
    ofb: Path | None = None
    maskeer: bool = False


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


def _dashboard_2(question: Question, swv: str, options: Options) -> Report:
    unused = options.ongebruikte_tlv
    rows = dashboard_2(question.ledger, question.model, question.as_of, swv, ongebruikte_tlv=unused)
    return _product(question, "dashboard-2", {"inschrijvingen": rows}, swv)


def _kijkglas_1(question: Question, swv: str, options: Options) -> Report:
    unused = options.ongebruikte_tlv
    tables = kijkglas_1(
        question.ledger, question.model, question.as_of, swv, ongebruikte_tlv=unused
    )
    return _product(question, "kijkglas-1", tables, swv)


def _kijkglas_2(question: Question, swv: str, options: Options) -> Report:
    windows = windows_of(question.as_of.teldatum, options.peildatum, options.maand)
    tables = kijkglas_2(question.ledger, question.model, question.as_of, swv, windows)
    last = windows[-1].eind
    named = last if len(windows) == 1 else school_year(last)[0]
    report = _product(question, "kijkglas-2", tables, swv, named)
    return _noted(report, (f"Schooljaar {windows[-1].schooljaar}.", *_said(windows)))


def _said(windows: Sequence[Window]) -> tuple[str, ...]:
    return (f"Venster {windows[0]}.",) if len(windows) == 1 else ("Een venster per maand.",)


def _kijkglas_3(question: Question, swv: str, _: Options) -> Report:
    tables = kijkglas_3(question.model, question.as_of, swv)
    report = _product(question, "kijkglas-3", tables, swv)
    return _noted(report, remarks_on_growth(question.as_of.teldatum))


def _toename(question: Question, swv: str, options: Options) -> Report:
    teldatum = question.as_of.teldatum
    peildatum = peildatum_of(teldatum, options.peildatum)
    tables = toename(question.model, question.as_of, swv, peildatum)
    report = _product(question, "toename", tables, swv)
    return _noted(report, remarks_on_toename(teldatum, peildatum))


def _kijkglas_4(question: Question, swv: str, _: Options) -> Report:
    rows = kijkglas_4(question.ledger, question.model, question.as_of, swv)
    report = _product(question, "kijkglas-4", rows, swv)
    return _noted(report, remarks_on_settlement(question.as_of.teldatum))


def _kijkglas_5(question: Question, swv: str, _: Options) -> Report:
    rows = kijkglas_5(question.ledger, question.model, question.as_of, swv)
    report = _product(question, "kijkglas-5", rows, swv)
    return _noted(report, remarks_on_settlement(question.as_of.teldatum))


def _bekostiging(question: Question, swv: str, options: Options) -> Report:
    asked = Vraag(question.ledger, question.model, question.as_of, swv, question.now)
    try:
        rates = read_tarieven(_needed(options.tarieven, "--tarieven"))
        found = bekostiging(asked, rates, options.jaar, vooruit=options.prognose)
    except (TableError, MissingTariefError) as error:
        raise OptionError("--tarieven", str(error)) from None
    layout = f"bekostiging-{sector_of_swv(swv).lower()}"
    return _noted(_product(question, layout, found.tabellen, swv), found.opmerkingen)


def _ofb(question: Question, swv: str, options: Options) -> Report:
    asked = OfbVraag(question.ledger, question.model, question.as_of, swv, question.now)
    try:
        found = ofb_controle(asked, read_ofb(_needed(options.ofb, "--ofb")))
    except TableError as error:
        raise OptionError("--ofb", str(error)) from None
    return _noted(_product(question, "ofb", found.tabellen, swv), found.opmerkingen)


def _indicatoren(question: Question, swv: str, options: Options) -> Report:
    tables = indicatoren(question.ledger, question.model, question.as_of, swv)
    if not options.maskeer:
        return _product(question, "indicatoren", tables, swv)
    return as_text(_product(question, "indicatoren", masked_rows(tables), swv))


def benchmark_report(question: Question, swv: str) -> Report:
    """Return the tlv's of a school year without anything that names a pupil, as a report."""
    rows = benchmark(question.ledger, question.model, question.as_of, swv)
    return _product(question, "benchmark", {"tlvs": rows}, swv)


def _needed(path: Path | None, optie: str) -> Path:
    if path is None:
        raise OptionError(optie, "het bestand is nodig")
    return path


PRODUCTS: Final[dict[str, Answer]] = {
    "dashboard-1a": _dashboard_1a,
    "dashboard-1b": _dashboard_1b,
    "dashboard-2": _dashboard_2,
    "kijkglas-1": _kijkglas_1,
    "kijkglas-2": _kijkglas_2,
    "kijkglas-3": _kijkglas_3,
    "toename": _toename,
    "kijkglas-4": _kijkglas_4,
    "kijkglas-5": _kijkglas_5,
    "bekostiging": _bekostiging,
    "ofb": _ofb,
    "indicatoren": _indicatoren,
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


def _noted(report: Report, opmerkingen: tuple[str, ...]) -> Report:
    """Return the report with remarks under its heading."""
    herkomst = structs.replace(report.herkomst, opmerkingen=opmerkingen)
    return structs.replace(report, herkomst=herkomst)


def _product(
    question: Question,
    layout: str,
    rows: Mapping[str, Sequence[Fields]],
    swv: str,
    named: date | None = None,
) -> Report:
    return _report(question, layout, rows, deciding_schoolsoorten(swv), swv, named)


def _report(
    question: Question,
    name: str,
    rows: Mapping[str, Sequence[Fields]],
    schoolsoorten: Sequence[str],
    swv: str = "",
    named: date | None = None,
) -> Report:
    """Return the rows in their layout; `named` is the day in the file names, else the teldatum."""
    layout, as_of = layouts.load(name), question.as_of
    tables = tuple(
        layout.table(table, listed, swv=swv, teldatum=named or as_of.teldatum)
        for table, listed in rows.items()
    )
    status = status_of(as_of, schoolsoorten, question.model, question.now)
    herkomst = herkomst_of(question, as_of.teldatum, status)
    return Report(layout.product, layout.titel, herkomst, tables, enkel=len(tables) == 1)
