"""The answer to `when` as a report: the last value, all values, the events between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from ledger.teldata import teldata
from projections import layouts
from projections.moments import status_of, vaststelling_of
from projections.questions import Question, herkomst_of
from projections.report import Report, Table
from projections.store.ask import AsOf, Selection
from projections.store.rectangles import first_day
from projections.why.report import Fields, told_count
from projections.why.spoken import Spoken, spoken
from projections.why.timeline import Value, first, over_knowledge, over_teldata, since

ON_SCREEN: Final = frozenset({"teldatum", "waarde_op", "pgn", "bijdrage", "type", "sleutel"})
"""The columns of an event that fit a screen of 100 columns."""

Known = Callable[[date], datetime | None]
"""As known at which moment a teldatum is looked at (None: everything known)."""


def when_over_knowledge(question: Question, selection: Selection) -> Report:
    """Return every value that the count of one teldatum had, up to the moment asked for."""
    values = over_knowledge(question.model, question.as_of, selection)
    return _report(question, selection, values)


def when_over_teldata(question: Question, selection: Selection, known: Known) -> Report:
    """Return the count of every teldatum up to the one asked for, each as `known` then."""
    begin = first_day(question.model, selection)
    days = [] if begin is None else teldata(begin, question.as_of.teldatum)
    moments = [AsOf(day, known(day)) for day in days]
    return _report(question, selection, over_teldata(question.model, moments, selection))


def _report(question: Question, selection: Selection, values: Sequence[Value]) -> Report:
    layout = layouts.load("when")
    cases = [case for value in values for case in value.cases]
    words = spoken(question.ledger, question.model, [question.as_of], cases)
    fixed = {
        day: vaststelling_of(day, selection.schoolsoorten, question.model)
        for day in {value.as_of.teldatum for value in values}
    }
    rows: dict[str, Iterable[Fields]] = {
        "antwoord": [_answer(values)],
        "waarden": _values(values),
        "gebeurtenissen": _events(values, words, fixed),
    }
    tables = tuple(_newest_first(layout.table(name, listed)) for name, listed in rows.items())
    status = status_of(question.as_of, selection.schoolsoorten, question.model, question.now)
    herkomst = herkomst_of(question, question.as_of.teldatum, status)
    herkomst = replace(herkomst, opmerkingen=(told_count(selection),))
    return Report(layout.product, layout.titel, herkomst, tables, enkel=False)


def _newest_first(table: Table) -> Table:
    """Return a table that a screen shows from the newest row on, in columns that fit."""
    places = [
        place
        for place, column in enumerate(table.kolommen)
        if table.naam != "gebeurtenissen" or column.naam in ON_SCREEN
    ]
    columns = tuple(table.kolommen[place] for place in places)
    rows = [tuple(row[place] for place in places) for row in reversed(table.rijen)]
    return replace(table, scherm=Table(table.naam, table.titel, columns, rows))


def _answer(values: Sequence[Value]) -> Fields:
    """Return the last value, since when it holds without a break, and when it was first."""
    run, earliest = since(values), first(values)
    return {
        "aantal": values[-1].aantal if values else 0,
        "sinds_teldatum": None if run is None else run.as_of.teldatum,
        "sinds_bekend_op": None if run is None else run.as_of.bekend_op,
        "eerst_teldatum": None if earliest is None else earliest.as_of.teldatum,
        "eerst_bekend_op": None if earliest is None else earliest.as_of.bekend_op,
    }


def _values(values: Sequence[Value]) -> Iterator[Fields]:
    before = 0
    for value in values:
        made = bool(value.cases) or value is not values[0]
        yield {
            "teldatum": value.as_of.teldatum,
            "bekend_op": value.as_of.bekend_op,
            "aantal": value.aantal,
            "verschil": value.aantal - before if made else None,
            "erbij": value.erbij if made else None,
            "eraf": value.eraf if made else None,
        }
        before = value.aantal


def _events(
    values: Sequence[Value], words: Spoken, fixed: dict[date, datetime]
) -> Iterator[Fields]:
    for value in values:
        # By what everybody sees: ids of pupils differ from ledger to ledger.
        for case in sorted(value.cases, key=lambda case: (words.pgn(case), case.causes)):
            about: Fields = {
                "teldatum": value.as_of.teldatum,
                "waarde_op": value.as_of.bekend_op,
                "pgn": words.pgn(case),
                "bijdrage": case.bijdrage,
            }
            for event in words.events(case, fixed[value.as_of.teldatum]):
                yield {**about, **msgspec.structs.asdict(event)}
