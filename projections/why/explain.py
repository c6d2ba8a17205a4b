"""Why a count changed: every pupil behind the difference, with its events (rules.md 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final, get_args

from ledger.application import Ledger
from ledger.codes import ATTRIBUTED, SCHOOLSOORTEN_OF_SECTOR, sector_of_swv
from ledger.collector import collector_paused
from projections.moments import status_of, vaststelling_of
from projections.store.ask import AsOf, Selection
from projections.store.ask_numbers import counted
from projections.store.read_model import ReadModel
from projections.store.rectangles import StandRectangle
from projections.verklaring import CORRECTIES, Kant, Klasse, Stap, Telrij, Verklaring, Wijziging
from projections.why.case import Case, cases, steps
from projections.why.classes import class_of
from projections.why.pairs import Rows
from projections.why.spoken import Spoken, spoken

_FIELDS: Final = attrgetter(*Telrij.__struct_fields__)
_TELT: Final = Telrij.__struct_fields__.index("telt")
KLASSEN: Final[tuple[Klasse, ...]] = get_args(Klasse)


def count_of(selection: Selection) -> Selection:
    """Return what a selection counts: P of rules.md 7, narrowed (rules.md 8).

    Raises ValueError for a schoolsoort that is in no such count (BO, VO).
    """
    others = set(selection.schoolsoorten) - ATTRIBUTED
    if others:
        raise ValueError(f"{', '.join(sorted(others))} telt niet voor een samenwerkingsverband")
    if selection.schoolsoorten:
        soorten = selection.schoolsoorten
    elif selection.swv is not None:
        soorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(selection.swv)]
    else:
        soorten = tuple(sorted(ATTRIBUTED))
    return selection._replace(schoolsoorten=soorten, telt=True)


def explain(
    ledger: Ledger,
    model: ReadModel,
    sides: tuple[AsOf, AsOf],
    selection: Selection,
    now: datetime,
) -> Verklaring:
    """Return why a count (`count_of`) differs between two sides, to the last pupil.

    Raises UnexplainedChangeError when the read model holds a difference without a cause.
    """
    with collector_paused():
        found = [case for step in steps(*sides) for case in cases(model, step, selection)]
        words = spoken(ledger, model, sides, found)
        fixed = _fixed(model, sides, selection)
        changes = [_change(case, words, selection, fixed[case.step.stap]) for case in found]
        changes.sort(key=_order)
    soorten = selection.schoolsoorten
    van, naar = (
        Kant(*side, counted(model, side, selection), status_of(side, soorten, model, now))
        for side in sides
    )
    return Verklaring(van, naar, naar.aantal - van.aantal, _sums(changes), tuple(changes))


def _fixed(
    model: ReadModel, sides: tuple[AsOf, AsOf], selection: Selection
) -> dict[Stap, datetime]:
    """Return the vaststelling that the events of each step are held against."""
    fixed = [vaststelling_of(side.teldatum, selection.schoolsoorten, model) for side in sides]
    return {"correcties": fixed[0], "mutaties": fixed[1]}


def _change(case: Case, words: Spoken, selection: Selection, fixed: datetime) -> Wijziging:
    voor = _inside(case.pair.before), _outside(case.before, case.pair.before)
    na = _inside(case.pair.after), _outside(case.after, case.pair.after)
    if case.step.richting < 0:
        voor, na = na, voor
    return Wijziging(
        pgn=words.pgn(case),
        leerling=case.leerling,
        stap=case.step.stap,
        klasse=class_of(case, words.facts, selection),
        bijdrage=case.bijdrage,
        voor=voor[0],
        na=na[0],
        voor_buiten=voor[1],
        na_buiten=na[1],
        gebeurtenissen=words.events(case, fixed),
    )


def _inside(row: StandRectangle | None) -> Telrij | None:
    return _telrij(row) if row is not None and row.geteld else None


def _outside(rows: Rows, paired: StandRectangle | None) -> Telrij | None:
    """Return what the pupil had outside the count, when it was not in it: a counting row first."""
    if paired is not None:
        return None if paired.geteld else _telrij(paired)
    outside = sorted(rows, key=lambda row: (not row.telt, row.sleutel))
    return _telrij(outside[0]) if outside else None


def _telrij(row: StandRectangle) -> Telrij:
    said = [*_FIELDS(row)]
    said[_TELT] = bool(row.telt)
    return Telrij(*said)


def _order(change: Wijziging) -> tuple[object, ...]:
    return (
        change.stap != CORRECTIES,
        KLASSEN.index(change.klasse),
        change.pgn,
        [event.id for event in change.gebeurtenissen],
        -change.bijdrage,
    )


def _sums(changes: Sequence[Wijziging]) -> dict[Stap, dict[Klasse, int]]:
    """Return the sum per step and class, both steps always there."""
    sums: dict[Stap, dict[Klasse, int]] = {"correcties": {}, "mutaties": {}}
    for change in changes:
        of_step = sums[change.stap]
        of_step[change.klasse] = of_step.get(change.klasse, 0) + change.bijdrage
    return sums
