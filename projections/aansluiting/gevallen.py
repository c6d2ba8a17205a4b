"""One difference between 1B and the ledger, or between two downloads, with what we know of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from projections.aansluiting.model import Cel, Paar, Regel, Soort, Zijde
from projections.aansluiting.vergelijken import Cellen, Vergelijking, cellen_van
from projections.store.ask_aansluiting import KoppelingFeit, TlvFeit
from projections.store.rectangles import StandRectangle

Groepen = Mapping[str, str]
"""The group of streams of each PGN that the vault knows."""


class Feiten(NamedTuple):
    """What the ledger knows of a pupil: `rijen` hold at the question, `alles` ever did."""

    rijen: Sequence[StandRectangle] = ()
    alles: Sequence[StandRectangle] = ()
    tlvs: Sequence[TlvFeit] = ()
    koppelingen: Sequence[KoppelingFeit] = ()


class Geval(NamedTuple):
    """A difference: the rows of both sides, what differs, and what is known of the pupil.

    `sinds_download` and `na_vaststelling` tell that the ledger's answer of then agrees with
    DUO; `elders` are other rows of the same pupil on the side of a one-sided row.
    """

    soort: Soort
    sleutel: tuple[str, ...]
    links: tuple[Regel, ...]
    rechts: tuple[Regel, ...]
    kolommen: dict[str, Cel]
    swv: str
    teldatum: date
    groep: str | None = None
    elders: tuple[Regel, ...] = ()
    feiten: Feiten = Feiten()
    sinds_download: bool = False
    na_vaststelling: bool = False
    andere_houder: bool = False

    @property
    def duo(self) -> Regel | None:
        """The row of the left side, when there is one."""
        return self.links[0] if self.links else None

    @property
    def ons(self) -> Regel | None:
        """The row of the right side, when there is one."""
        return self.rechts[0] if self.rechts else None

    @property
    def regel(self) -> Regel:
        """A row that is there, of the left side first."""
        return (*self.links, *self.rechts)[0]

    @property
    def inschrijving(self) -> tuple[str, str]:
        """The enrolment that the row is of."""
        return self.regel.sleutel[1], self.regel.sleutel[2]

    @property
    def eenzijdig(self) -> bool:
        """Tell whether only one side has a row."""
        return self.soort in {"alleen-bij-duo", "alleen-bij-ons"}


def gevallen_van(paar: Paar, found: Vergelijking, groepen: Groepen) -> list[Geval]:
    """Return every difference; a pupil under another key on both sides is one (rules.md 9).

    That is plainly the same pupil when each side has one row of it, and no more.
    """
    left, right = _of_pupil(paar.links, groepen), _of_pupil(paar.rechts, groepen)
    pairs = _pairs(paar, found, groepen, (left, right))
    paired = {id(regel) for pair in pairs for regel in (pair.links, pair.rechts)}
    cases = [_geval(paar, "dubbel", one.links, one.rechts) for one in found.dubbel]
    for one in (*found.cellen, *pairs):
        case = _geval(paar, "cel", (one.links,), (one.rechts,))
        cases.append(case._replace(kolommen=one.kolommen))
    for regel in found.alleen_links:
        if id(regel) not in paired:
            elders = _others(regel, left, groepen)
            cases.append(_geval(paar, "alleen-bij-duo", (regel,), (), elders))
    for regel in found.alleen_rechts:
        if id(regel) not in paired:
            elders = _others(regel, right, groepen)
            cases.append(_geval(paar, "alleen-bij-ons", (), (regel,), elders))
    return [case._replace(groep=groepen.get(case.regel.pgn or "")) for case in cases]


def pupil_of(regel: Regel, groepen: Groepen) -> str:
    """Return who a row is about: its group of streams, else its PGN, else its own key."""
    pgn = regel.pgn or ""
    return groepen.get(pgn) or pgn or "/".join(regel.sleutel)


def _geval(
    paar: Paar,
    soort: Soort,
    links: tuple[Regel, ...],
    rechts: tuple[Regel, ...],
    elders: tuple[Regel, ...] = (),
) -> Geval:
    sleutel = (*links, *rechts)[0].sleutel
    return Geval(soort, sleutel, links, rechts, {}, paar.swv, paar.teldatum, elders=elders)


def _of_pupil(zijde: Zijde, groepen: Groepen) -> Mapping[str, list[Regel]]:
    found: defaultdict[str, list[Regel]] = defaultdict(list)
    for regel in zijde.regels:
        found[pupil_of(regel, groepen)].append(regel)
    return found


def _others(regel: Regel, rows: Mapping[str, list[Regel]], groepen: Groepen) -> tuple[Regel, ...]:
    return tuple(one for one in rows[pupil_of(regel, groepen)] if one is not regel)


def _pairs(
    paar: Paar,
    found: Vergelijking,
    groepen: Groepen,
    sides: tuple[Mapping[str, list[Regel]], Mapping[str, list[Regel]]],
) -> list[Cellen]:
    """Return the rows of both sides that are alone, and of the same pupil."""
    left, right = sides
    others = {pupil_of(regel, groepen): regel for regel in found.alleen_rechts}
    pairs = []
    for one in found.alleen_links:
        who = pupil_of(one, groepen)
        other = others.get(who)
        if other is not None and len(left[who]) == len(right[who]) == 1:
            kolommen = cellen_van(paar, one, other, (*paar.sleutel, *paar.kolommen))
            pairs.append(Cellen(one.sleutel, one, other, kolommen))
    return pairs
