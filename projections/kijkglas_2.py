"""Kijkglas 2: all (v)so enrolments of a school year, with who came, left and moved.

Sources: rules.md 7 (kijkglas-2, Movement); outputs-and-rules.md 4 (A-12) and 4.1, after
DUO's pages on the kijkglazen. DUO's own file is not public: the columns are A-12's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from ledger.application import Ledger
from ledger.codes import Schoolsoort
from ledger.times import ONE_DAY
from projections.movement import (
    BEWEGINGEN,
    MEMBER_SCHOOLSOORTEN,
    Beweging,
    flags,
    members,
    movements,
    row_key,
)
from projections.options import Options
from projections.persons import NOBODY, Person, persons
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask, ask_reference
from projections.store.read_model import ReadModel
from projections.windows import Window, school_year, windows_of

BLOKKEN: Final[dict[tuple[Schoolsoort, bool], str]] = {
    ("SO", True): "2.2",
    ("SO", False): "2.3",
    ("VSO", True): "2.4",
    ("VSO", False): "2.5",
}
"""The block by schoolsoort and by whether the vestiging is linked to S (assumption, A-12).

DUO names the blocks 2.2 to 2.5 and does not say what stands in which. Linked is asked on the
last day of the window, for all rows alike, also those that ended before it.
"""


class Listed(NamedTuple):
    """A row of block "Individuele (v)so inschrijvingen", and the flag that it carries."""

    row: ask.StandRow
    blok: str
    beweging: Beweging | None


class Month(NamedTuple):
    """What Kijkglas 2 tells over one window; members on its first and on its last day."""

    window: Window
    listed: list[Listed]
    members_before: int
    members_after: int


def kijkglas_2(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, swv: str, windows: Iterable[Window]
) -> dict[str, list[Fields]]:
    """Return the rows of algemeen (one per window) and of inschrijvingen (all, per window).

    Ordered by window, and within it by blok, vestiging, PGN, volgnummer and begin.
    """
    months = [listed(model, as_of, swv, window) for window in windows]
    people = persons(
        ledger, model, as_of, {row.leerling for month in months for row in _rows(month)}
    )
    return {
        "algemeen": [_algemeen(month, swv, as_of) for month in months],
        "inschrijvingen": [row for month in months for row in _inschrijvingen(month, people)],
    }


def listed(model: ReadModel, as_of: ask.AsOf, swv: str, window: Window) -> Month:
    """Return the rows over one window, without who the pupils are.

    Those of the school year of its last day. The window of August begins on the last day of
    the year before: of the rows of that day alone, those that carry a flag are listed too,
    or nobody who left with the summer would show (assumption).
    """
    first, last = school_year(window.eind)
    selection = ask.Selection(swv=swv, schoolsoorten=MEMBER_SCHOOLSOORTEN)
    days = min(first, window.begin), last
    rows = list(ask.standen_between(model, days, as_of, selection))
    flagged = flags(movements(rows, window).values())
    linked = set(ask_reference.vestigingen_of(model, ask.AsOf(window.eind, as_of.bekend_op), swv))
    found = [
        Listed(row, BLOKKEN[row.schoolsoort, row.vestigingscode in linked], flag)
        for row in rows
        if (flag := flagged.get(row_key(row))) is not None or _reaches(row, first)
    ]
    return Month(window, found, len(members(rows, window.begin)), len(members(rows, window.eind)))


def _reaches(row: ask.StandRow, first: date) -> bool:
    return row.geldig_tot is None or row.geldig_tot > first


def _rows(month: Month) -> Iterator[ask.StandRow]:
    for one in month.listed:
        yield one.row


def _algemeen(month: Month, swv: str, as_of: ask.AsOf) -> Fields:
    """Return block "Algemene gegevens" of one window."""
    blokken = Counter(one.blok for one in month.listed)
    bewegingen = Counter(one.beweging for one in month.listed)
    return {
        "swv": swv,
        "schooljaar": month.window.schooljaar,
        "maand": month.window.maand,
        "begin": month.window.begin,
        "peildatum": month.window.eind,
        "bekend_op": as_of.bekend_op,
        **{f"blok_{blok.replace('.', '_')}": blokken[blok] for blok in BLOKKEN.values()},
        "inschrijvingen": blokken.total(),
        "leerlingen_begin": month.members_before,
        **{beweging: bewegingen[beweging] for beweging in BEWEGINGEN},
        "leerlingen_peildatum": month.members_after,
    }


def _inschrijvingen(month: Month, people: dict[str, Person]) -> list[Fields]:
    fields = [
        _inschrijving(one, people.get(one.row.leerling, NOBODY).pgn, month.window.maand)
        for one in month.listed
    ]
    order = ("blok", "vestigingscode", "pgn", "instellingscode", "volgnummer", "begin")
    return sorted(fields, key=lambda row: [str(row[name]) for name in order])


def _inschrijving(one: Listed, pgn: str, maand: str) -> Fields:
    row = one.row
    return {
        "blok": one.blok,
        "pgn": pgn,
        "instellingscode": row.instellingscode,
        "vestigingscode": row.vestigingscode,
        "volgnummer": row.volgnummer,
        "begin": row.geldig_van,
        "eind": None if row.geldig_tot is None else row.geldig_tot - ONE_DAY,
        "categorie": row.ondersteuningscategorie or "",
        "basis": row.basis or "",
        "beschikkingsnummer": row.beschikkingsnummer or "",
        "telt": row.telt,
        "reden": row.reden,
        **{beweging: int(one.beweging == beweging) for beweging in BEWEGINGEN},
        "maand": maand,
    }


def answer(question: Question, swv: str, options: Options) -> Report:
    """Return the product as a report; several months are named after their school year."""
    windows = windows_of(question.as_of.teldatum, options.peildatum, options.maand)
    tables = kijkglas_2(question.ledger, question.model, question.as_of, swv, windows)
    last = windows[-1]
    alone = len(windows) == 1
    said = f"Venster {last}." if alone else "Een venster per maand."
    named = last.eind if alone else school_year(last.eind)[0]
    remarks = (f"Schooljaar {last.schooljaar}.", said)
    return product_report(question, "kijkglas-2", tables, swv, remarks, named)
