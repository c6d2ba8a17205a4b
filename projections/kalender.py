"""The calendar of counts: when each is fixed and published, and what changed since (rules.md 6).

Terms that no source gives are assumptions, each under its own name here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from msgspec.structs import replace

from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, sector_of_swv
from ledger.teldata import calendar_vaststelling, teldata, working_day
from ledger.times import AMSTERDAM
from projections.dashboard_1a import regular_vo
from projections.moments import status_of, vaststelling_of
from projections.questions import Question, herkomst_of, report_of
from projections.report import Fields, Report, Table
from projections.store import ask, ask_numbers, ask_reference
from projections.verklaring import CORRECTIES, Gebeurtenis, Verklaring
from projections.why.explain import count_of, explain

PAST: Final = 2
COMING: Final = 2
"""How many teldata of each regime are shown, before and after today."""

PUBLICATION: Final = timedelta(weeks=8)
"""From teldatum to Ovt (Besluit bekostiging WPO 2022 art 7, WEC 2022 art 8)."""

PUBLICATION_AFTER_EXTENSION: Final = timedelta(weeks=4)
"""From vaststelling to Ovt when its term was extended (same articles)."""

OBJECTION: Final = timedelta(weeks=6)
"""The objection term (Awb 6:7). It runs from the day after the decision was announced (6:8).

That day is taken to be the expected publication (assumption): an Ofb or a beschikking has its
own date, and then that one counts. All terms that end on a day off end on the next working
day (Algemene termijnenwet art 1; for the publication an assumption).
"""

YEARS_AROUND: Final = 5
ON_SCREEN: Final = ("teldatum", "schoolsoorten", "status", "volgende_termijn", "dagen", "antwoord")


class Termijnen(NamedTuple):
    """The days of a count, in their order."""

    teldatum: date
    vaststelling: date
    publicatie: date
    bezwaar: date

    def next_after(self, today: date) -> tuple[str, date] | None:
        """Return the first of them that is not past, with its name; None when all are."""
        coming = ((name, day) for name, day in self._asdict().items() if day >= today)
        return next(coming, None)


class Regime(NamedTuple):
    """Schoolsoorten that share their teldata."""

    schoolsoorten: tuple[str, ...]
    teldata: tuple[date, ...]


def termijnen(teldatum: date, fixed: datetime) -> Termijnen:
    """Return the days of a count that is fixed at a moment (outputs-and-rules.md 8)."""
    vaststelling = _day(fixed)
    publication = teldatum + PUBLICATION
    if fixed > calendar_vaststelling(teldatum):
        publication = vaststelling + PUBLICATION_AFTER_EXTENSION
    published = working_day(publication)
    return Termijnen(teldatum, vaststelling, published, working_day(published + OBJECTION))


def regimes(swv: str | None, today: date) -> list[Regime]:
    """Return which schoolsoorten are counted together, and on which days around today."""
    first = date(today.year - YEARS_AROUND, 1, 1)
    last = date(today.year + YEARS_AROUND, 12, 31)
    winter = _around(teldata(first, last), today)
    october = _around([date(year, 10, 1) for year in range(first.year, last.year + 1)], today)
    if swv is None:
        return [Regime(("BO", "SBO", "SO", "VSO"), winter), Regime(("VO",), october)]
    sector = sector_of_swv(swv)
    own = Regime(SCHOOLSOORTEN_OF_SECTOR[sector], winter)
    return [own] if sector == "PO" else [own, Regime(("VO",), october)]


def _around(days: Sequence[date], today: date) -> tuple[date, ...]:
    past = [day for day in days if day <= today]
    return (*past[-PAST:], *[day for day in days if day > today][:COMING])


def kalender(question: Question, swv: str | None) -> list[Fields]:
    """Return a row per teldatum and regime; counts are None without a samenwerkingsverband."""
    today = _day(question.now)
    return [
        _row(question, swv, regime.schoolsoorten, teldatum, today)
        for regime in regimes(swv, today)
        for teldatum in regime.teldata
    ]


def _row(
    question: Question, swv: str | None, soorten: Sequence[str], teldatum: date, today: date
) -> Fields:
    fixed = vaststelling_of(teldatum, soorten, question.model)
    tellingen = ask_reference.tellingen(question.model, teldatum)
    booked = any(
        telling.op == fixed and telling.schoolsoorten & {*soorten} for telling in tellingen
    )
    days = termijnen(teldatum, fixed)
    coming = days.next_after(today)
    counted = NOT_COUNTED if swv is None else _counted(question, swv, soorten, (teldatum, fixed))
    as_of = ask.AsOf(teldatum, question.as_of.bekend_op)
    status = status_of(as_of, soorten, question.model, question.now)
    return {
        "teldatum": teldatum,
        "schoolsoorten": ", ".join(soorten),
        "status": status,
        "vaststelling": fixed,
        "vaststelling_volgens": "geboekt" if booked else "berekend",
        "publicatie_verwacht": days.publicatie,
        "bezwaar_tot_en_met": days.bezwaar,
        "aantal_bij_vaststelling": counted.toen,
        "aantal_nu": counted.nu,
        "verschil": None if counted.toen is None else (counted.nu or 0) - counted.toen,
        "klassen": _classes(counted.klassen),
        "leerlingen_gewijzigd": counted.leerlingen,
        "laatste_gebeurtenis": _said(counted.laatste),
        "laatste_bekend_op": None if counted.laatste is None else counted.laatste.bekend_op,
        "volgende_termijn": "" if coming is None else _TERMS[coming[0]],
        "termijn_op": None if coming is None else coming[1],
        "dagen": None if coming is None else (coming[1] - today).days,
        "antwoord": _answer(days, counted, today),
    }


_TERMS: Final = {
    "teldatum": "teldatum",
    "vaststelling": "vaststelling",
    "publicatie": "publicatie (verwacht)",
    "bezwaar": "einde bezwaartermijn (verwacht)",
}


class Geteld(NamedTuple):
    """What is counted of a teldatum: when it was fixed (None: not yet), and now."""

    toen: int | None
    nu: int | None
    klassen: Mapping[str, int]
    leerlingen: int | None
    laatste: Gebeurtenis | None


NOT_COUNTED: Final = Geteld(None, None, {}, None, None)


def _counted(
    question: Question, swv: str, soorten: Sequence[str], when: tuple[date, datetime]
) -> Geteld:
    teldatum, fixed = when
    now = ask.AsOf(teldatum, question.as_of.bekend_op)
    known = question.as_of.bekend_op or question.now
    then = ask.AsOf(teldatum, fixed) if fixed <= known else None
    if tuple(soorten) == ("VO",):
        toen = None if then is None else _regular(question, swv, then)
        return Geteld(toen, _regular(question, swv, now), {}, None, None)
    selection = count_of(ask.Selection(swv=swv))
    if then is None:
        nu = sum(count.aantal for count in ask_numbers.counts(question.model, now, swv, soorten))
        return Geteld(None, nu, {}, None, None)
    why = explain(question.ledger, question.model, (then, now), selection, question.now)
    classes = {str(name): number for name, number in why.stappen[CORRECTIES].items()}
    pupils = len({change.leerling for change in why.leerlingen})
    return Geteld(why.van.aantal, why.naar.aantal, classes, pupils, _last(why))


def _regular(question: Question, swv: str, as_of: ask.AsOf) -> int:
    members = ask_reference.vestigingen_of(question.model, as_of, swv)
    return sum(int(str(row["totaal"])) for row in regular_vo(question.model, as_of, members))


def _last(why: Verklaring) -> Gebeurtenis | None:
    events = [event for change in why.leerlingen for event in change.gebeurtenissen]
    return max(events, key=lambda event: (event.bekend_op, event.id), default=None)


def _classes(classes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:+}" for name, number in classes.items())


def _said(event: Gebeurtenis | None) -> str:
    if event is None:
        return ""
    about = f" {event.sleutel}" if event.sleutel else ""
    return f"{event.type}{about} (gebeurtenis {event.id})"


def _answer(days: Termijnen, counted: Geteld, today: date) -> str:
    """Return in one line whether the numbers are stable, and what changed since."""
    now = "" if counted.nu is None else f"; nu {counted.nu}"
    if days.teldatum > today:
        known = "" if counted.nu is None else f"; zoals nu bekend {counted.nu}"
        return f"Nog niet geteld{known}"
    if days.vaststelling >= today or (counted.toen is None and counted.nu is not None):
        return f"Niet stabiel: vast op {_shown(days.vaststelling)}{now}"
    fixed = f"Vast sinds {_shown(days.vaststelling)}"
    if counted.toen is None or counted.nu is None:
        return fixed
    if counted.toen == counted.nu and not counted.leerlingen:
        return f"{fixed}: {counted.toen}, sindsdien niet gewijzigd"
    changed = f"{fixed}: {counted.toen}; sindsdien {counted.nu - counted.toen:+}"
    if counted.klassen:
        changed += f" ({_classes(counted.klassen)})"
    last = "" if counted.laatste is None else f", laatst {_shown(_day(counted.laatste.bekend_op))}"
    return f"{changed}, nu {counted.nu}{last}"


def _shown(day: date) -> str:
    return f"{day:%d-%m-%Y}"


def _day(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()


def kalender_report(question: Question, swv: str | None) -> Report:
    """Return the calendar as a report; it is not about one day."""
    said = (f"Gerekend vanaf {_shown(_day(question.now))}", _ASSUMED)
    herkomst = herkomst_of(question, None, "", opmerkingen=said)
    report = report_of("kalender", {"kalender": kalender(question, swv)}, herkomst)
    return replace(report, tabellen=tuple(map(_on_screen, report.tabellen)))


_ASSUMED: Final = (
    "Bezwaar: zes weken (Awb 6:7) na de verwachte publicatie; de datum van het besluit zelf gaat"
    " voor"
)


def _on_screen(table: Table) -> Table:
    places = [place for place, column in enumerate(table.kolommen) if column.naam in ON_SCREEN]
    columns = tuple(table.kolommen[place] for place in places)
    rows = [tuple(row[place] for place in places) for row in table.rijen]
    return replace(table, scherm=Table(table.naam, table.titel, columns, rows))
