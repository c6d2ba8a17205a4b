"""What changed in the ledger's count since a moment, pupil by pupil (rules.md 8 and 9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, sector_of_swv
from projections.aansluiting.woorden import gebeurtenis_in_woorden
from projections.moments import vaststelling_of
from projections.questions import Question
from projections.store.ask import AsOf, Selection
from projections.verklaring import Gebeurtenis, Wijziging
from projections.why.explain import count_of, explain

SHOWN: Final = 3
"""Events that a sentence names; the difference has them all."""


class Oorzaak(NamedTuple):
    """The pupils behind a difference, their events, and when the last of these was known."""

    leerlingen: tuple[Wijziging, ...]
    gebeurtenissen: tuple[Gebeurtenis, ...]
    sinds: datetime | None

    @property
    def pgn(self) -> str | None:
        """The pupil, where it is one alone."""
        found = {one.pgn for one in self.leerlingen}
        return found.pop() or None if len(found) == 1 else None

    def __str__(self) -> str:
        """Return the events in words, without a PGN: the first few, and how many more."""
        told = list(map(gebeurtenis_in_woorden, self.gebeurtenissen))
        more = len(told) - SHOWN
        return "; ".join([*told[:SHOWN], *([f"en {more} meer"] if more > 0 else [])])


def oorzaak_of(leerlingen: Iterable[Wijziging]) -> Oorzaak:
    """Return the events behind what changed for some pupils, each once, by their position."""
    listed = tuple(leerlingen)
    events = {event.id: event for one in listed for event in one.gebeurtenissen}
    ordered = tuple(events[position] for position in sorted(events))
    last = max((event.bekend_op for event in ordered), default=None)
    return Oorzaak(listed, ordered, last)


def wijzigingen(
    question: Question, van: datetime | None, tot: datetime | None, selection: Selection
) -> tuple[Wijziging, ...]:
    """Return what changed in a count of the teldatum between two moments of knowledge.

    None = all that the ledger knows. Nothing when the first is not before the second.
    """
    sides = tuple(AsOf(question.as_of.teldatum, moment) for moment in (van, tot))
    if sides[0].known >= sides[1].known:
        return ()
    told = explain(question.ledger, question.model, (sides[0], sides[1]), selection, question.now)
    return told.leerlingen


def telling_of(swv: str) -> Selection:
    """Return the count of a samenwerkingsverband (rules.md 7, P)."""
    return count_of(Selection(swv=swv))


def vaststelling(question: Question, swv: str) -> datetime:
    """Return when the count of the teldatum was fixed."""
    soorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)]
    return vaststelling_of(question.as_of.teldatum, soorten, question.model)
