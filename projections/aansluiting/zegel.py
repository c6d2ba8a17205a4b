"""Sealing a finished reconciliation (rules.md 9).

A seal holds the numbers of the comparison and, where the ledger was a side, its counts per
vestiging, schoolsoort and categorie on the teldatum: as known at the moment of the
reconciliation, and when that is earlier also as known when it was sealed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from ledger import events as ev
from ledger.application import FIRST_PUPIL, Ledger
from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, sector_of_swv
from projections.aansluiting.geaccepteerd import verzegelbaar
from projections.aansluiting.model import Aansluiting
from projections.questions import Question
from projections.store import ask_numbers
from projections.store.ask import AsOf
from projections.store.read_model import ReadModel

_NAME: Final = re.compile(r"(?P<paar>.+) (?P<swv>(?:PO|VO)\d{4}) (?P<teldatum>\d{4}-\d\d-\d\d)")
TOTAAL: Final = "totaal"
"""The sum of the ledger's counts: it tells that they were sealed, also when there are none."""

NU: Final = "nu "
"""Before a figure as known when it was sealed, where the seal is of an earlier moment."""

_FIGURE: Final = re.compile(r"\d{2}[A-Z]{2}\d{2} (?:SBO|SO|VSO) (?:SBO|LAAG|MIDDEN|HOOG)")


class Zegel(NamedTuple):
    """A seal: its place in the log, what it is of, what it says, and whether a later one is there.

    `swv` and `paar` are empty for a seal whose name tells no samenwerkingsverband: one that
    was booked by hand.
    """

    positie: int
    paar: str
    swv: str
    verzegeld_op: datetime
    feit: ev.AansluitingVerzegeld
    vervangen: bool


def verzegeling(
    question: Question,
    aansluiting: Aansluiting,
    bestanden: Iterable[str],
    moment: datetime,
    *,
    met_grootboek: bool,
) -> ev.AansluitingVerzegeld:
    """Return the event that seals a reconciliation, with the accepted differences in it.

    `moment` is as known when; `bestanden` are hashes; `met_grootboek` tells whether the
    ledger is a side, so that its counts are sealed too.
    """
    known = question.as_of.bekend_op
    figures = _verzegeld(question.model, aansluiting, known) if met_grootboek else {}
    accepted = tuple(verzegelbaar(question.ledger, aansluiting))
    return ev.AansluitingVerzegeld(
        aansluiting=f"{aansluiting.paar} {aansluiting.swv} {aansluiting.teldatum}",
        bestanden=tuple(bestanden),
        teldatum=aansluiting.teldatum,
        zoals_bekend_op=moment,
        aantallen={
            **figures,
            "links": aansluiting.links,
            "rechts": aansluiting.rechts,
            "gelijk": aansluiting.gelijk,
            "verschillen": len(aansluiting.verschillen),
            "geaccepteerd": len(accepted),
        },
        geaccepteerd=accepted,
    )


def _verzegeld(
    model: ReadModel, aansluiting: Aansluiting, known: datetime | None
) -> dict[str, int]:
    """Return the ledger's counts as known at a moment, and when it is earlier also as of now."""
    swv, teldatum = aansluiting.swv, aansluiting.teldatum
    figures = cijfers(model, AsOf(teldatum, known), swv)
    sealed = {**figures, TOTAAL: sum(figures.values())}
    if known is not None:
        now = cijfers(model, AsOf(teldatum), swv)
        sealed |= {f"{NU}{name}": number for name, number in now.items()}
    return sealed


def cijfers(model: ReadModel, as_of: AsOf, swv: str) -> dict[str, int]:
    """Return the counting pupils per vestiging, schoolsoort and categorie, as a seal names them."""
    figures: Counter[str] = Counter()
    soorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)]
    for count in ask_numbers.counts(model, as_of, swv, soorten):
        figures[f"{count.vestigingscode} {count.schoolsoort} {count.categorie}"] += count.aantal
    return dict(sorted(figures.items()))


def zegels(ledger: Ledger, until: int | None = None) -> list[Zegel]:
    """Return the seals that stand, in the order of booking, up to a position."""
    name = ev.AansluitingVerzegeld.__name__
    # Of reference data alone: a country has far more events of pupils.
    rows = ledger.store.rows_between("", FIRST_PUPIL)
    streams = {UUID(row.stream) for row in rows if row.topic == name}
    events = sorted(ledger.events_of(streams, until), key=lambda event: event.positie)
    found = [
        (event, event.fact) for event in events if isinstance(event.fact, ev.AansluitingVerzegeld)
    ]
    last = {fact.aansluiting: event.positie for event, fact in found}
    return [
        _zegel(event, fact, vervangen=event.positie != last[fact.aansluiting])
        for event, fact in found
    ]


def _zegel(event: ev.Event, fact: ev.AansluitingVerzegeld, *, vervangen: bool) -> Zegel:
    name = _NAME.fullmatch(fact.aansluiting)
    paar, swv = (name["paar"], name["swv"]) if name else (fact.aansluiting, "")
    return Zegel(event.positie, paar, swv, event.bekend_op, fact, vervangen)


def cijfers_van(feit: ev.AansluitingVerzegeld, before: str = "") -> dict[str, int]:
    """Return the sealed counts of the ledger, without those of the comparison.

    As known at the moment of the seal's reconciliation; with NU as known when it was sealed.
    """
    named = ((name.removeprefix(before), name, n) for name, n in feit.aantallen.items())
    return {
        figure: number
        for figure, name, number in named
        if name == f"{before}{figure}" and _FIGURE.fullmatch(figure)
    }
