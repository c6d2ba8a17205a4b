"""What changed of a seal since: its figures counted again, and by which events (rules.md 9).

Only events that were booked after a seal break it; of two files it has no figures that could
change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from projections.aansluiting.zegel import NU, TOTAAL, Zegel, cijfers, cijfers_van, zegels
from projections.questions import Question
from projections.render.text import minute
from projections.store.ask import AsOf, Selection
from projections.store.encoding import OPEN_MOMENT_NUMBER, day_number
from projections.store.read_model import ReadModel
from projections.store.rectangles import (
    StandRectangle,
    batches,
    groups_ever_counted,
    rectangles_of,
)
from projections.told import told
from projections.verklaring import Telrij
from projections.why.explain import count_of, explain

_SHOWN: Final = 3
"""Events that are named in a line; the others are counted."""

Causes = Mapping[str, Sequence[str]]
"""By figure what changed it, in words."""


class Wijziging(NamedTuple):
    """A sealed figure (`12QN00 SO LAAG`) that is another one now, and the events behind it.

    `zoals_bekend_op` is the moment of knowledge that it is of, None = that of the question.
    """

    cijfer: str
    verzegeld: int
    nu: int
    gebeurtenissen: tuple[str, ...]
    zoals_bekend_op: datetime | None = None

    def __str__(self) -> str:
        """Return the change in a line, with its first events."""
        more = len(self.gebeurtenissen) - _SHOWN
        named = "; ".join(self.gebeurtenissen[:_SHOWN])
        known = self.zoals_bekend_op
        as_of = f" (zoals bekend op {minute(known)})" if known else ""
        return f"{self.cijfer}{as_of}: {self.verzegeld} -> {self.nu} door {named}" + (
            f"; en nog {more}" if more > 0 else ""
        )


def wijzigingen(question: Question, zegel: Zegel) -> tuple[Wijziging, ...]:
    """Return the sealed figures that events booked since changed, in the order of the figures.

    Those of an earlier moment are counted again at that moment, those of the sealing as known
    now, or at the moment of the question when it is later than the seal. Empty for a seal
    without figures of the ledger.
    """
    feit = zegel.feit
    if TOTAAL not in feit.aantallen or not zegel.swv:
        return ()
    asked = question.as_of.bekend_op
    later = asked is not None and asked > zegel.verzegeld_op
    today = AsOf(feit.teldatum, asked if later else None)
    if feit.zoals_bekend_op == zegel.verzegeld_op:
        return tuple(_gewijzigd(question, zegel, cijfers_van(feit), today))
    then = AsOf(feit.teldatum, feit.zoals_bekend_op)
    return (
        *_gewijzigd(question, zegel, cijfers_van(feit), then, feit.zoals_bekend_op),
        *_gewijzigd(question, zegel, cijfers_van(feit, NU), today),
    )


def _gewijzigd(
    question: Question,
    zegel: Zegel,
    sealed: Mapping[str, int],
    as_of: AsOf,
    zoals: datetime | None = None,
) -> Iterator[Wijziging]:
    now = cijfers(question.model, as_of, zegel.swv)
    names = sorted(sealed.keys() | now.keys())
    changed = [name for name in names if sealed.get(name, 0) != now.get(name, 0)]
    causes = _oorzaken(question, zegel, as_of) if changed else {}
    for name in changed:
        why = tuple(causes.get(name, _ONBEKEND))
        yield Wijziging(name, sealed.get(name, 0), now.get(name, 0), why, zoals)


_ONBEKEND: Final = ("een boeking die is teruggedraaid of vervallen",)
"""What took an event away leaves no rectangle that could tell."""


def verbroken(question: Question, swv: str, teldatum: date) -> list[tuple[Zegel, str]]:
    """Return the present seals of a samenwerkingsverband and teldatum that hold no more.

    Each with a line per figure that changed.
    """
    return [
        (zegel, str(wijziging))
        for zegel in zegels(question.ledger, question.model.position)
        if not zegel.vervangen and (zegel.swv, zegel.feit.teldatum) == (swv, teldatum)
        for wijziging in wijzigingen(question, zegel)
    ]


def _oorzaken(question: Question, zegel: Zegel, as_of: AsOf) -> Causes:
    """Return the events behind each figure that were booked after the seal.

    First those known since, then those that say what was known before.
    """
    sealed = AsOf(zegel.feit.teldatum, zegel.verzegeld_op)
    then = min(sealed, as_of, key=lambda moment: moment.known)
    causes: defaultdict[str, list[str]] = defaultdict(list)
    found = (*_known_since(question, zegel, then, as_of), *_booked_since(question, zegel, then))
    for figure, said in found:
        if said not in causes[figure]:
            causes[figure].append(said)
    return causes


def _known_since(
    question: Question, zegel: Zegel, then: AsOf, as_of: AsOf
) -> Iterator[tuple[str, str]]:
    """Yield the figures that events known since changed, with these events (rules.md 8)."""
    counted = count_of(Selection(swv=zegel.swv))
    ledger, model = question.ledger, question.model
    for change in explain(ledger, model, (then, as_of), counted, question.now).leerlingen:
        figures = {_figure(row) for row in (change.voor, change.na) if row is not None}
        if len(figures) == 1 and change.voor is not None and change.na is not None:
            continue  # within the figure
        for event in change.gebeurtenissen:
            if event.id > zegel.positie:
                said = _said(event.type, event.id, event.bekend_op, event.sleutel)
                yield from ((figure, said) for figure in figures)


def _booked_since(question: Question, zegel: Zegel, then: AsOf) -> Iterator[tuple[str, str]]:
    """Yield figures with events booked after the seal that say what was known before."""
    found = list(_late(question.model, zegel, then))
    positions = sorted({position for _, position in found})
    events = question.ledger.events_at(positions)
    words = {
        one.positie: _said(one.type, one.positie, one.bekend_op, one.sleutel)
        for one in told(question.ledger, events)
    }
    for figure, position in found:
        if position in words:
            yield figure, words[position]


def _late(model: ReadModel, zegel: Zegel, then: AsOf) -> Iterator[tuple[str, int]]:
    counted = count_of(Selection(swv=zegel.swv))
    day = day_number(then.teldatum)
    groups = sorted(groups_ever_counted(model, then, counted))
    for part in batches(groups):
        mine: defaultdict[tuple[str, str], list[StandRectangle]] = defaultdict(list)
        for row in rectangles_of(model, part, then.known, counted, (then.teldatum, then.teldatum)):
            if row.geteld and row.geldig_van <= day < row.geldig_tot:
                mine[row.groep, _figure(row)].append(row)
        for (_, figure), rows in mine.items():
            if _moved(rows, zegel.positie, then.known):
                for row in rows:
                    late = (at for at in _causes(row, then.known) if at > zegel.positie)
                    yield from ((figure, position) for position in late)


def _moved(rows: Sequence[StandRectangle], sealed: int, known: int) -> bool:
    """Tell whether a pupil came into a figure or left it by what was booked after the seal."""
    came = sum(max(row.openers) > sealed and row.bekend_tot > known for row in rows)
    left = sum(
        max(row.openers) <= sealed and max(row.closers, default=0) > sealed
        for row in rows
        if row.bekend_tot <= known
    )
    return came != left


def _causes(row: StandRectangle, known: int) -> tuple[int, ...]:
    closed = row.bekend_tot <= known and row.bekend_tot < OPEN_MOMENT_NUMBER
    return (*row.openers, *(row.closers if closed else ()))


def _figure(row: Telrij | StandRectangle) -> str:
    return f"{row.vestigingscode} {row.schoolsoort} {row.ondersteuningscategorie}"


def _said(kind: str, position: int, bekend_op: datetime, sleutel: str) -> str:
    about = f" {sleutel}" if sleutel else ""
    return f"{kind}{about} (gebeurtenis {position}, bekend op {minute(bekend_op)})"
