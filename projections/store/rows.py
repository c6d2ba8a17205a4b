"""Rectangles and reference data as rows of the read model's tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from ledger.codes import SECTORS, Sector, sector_of_swv
from ledger.reference import History, Links, Moment, Reference
from ledger.times import ONE_DAY, OPEN_DATE
from projections.items import Item, KoppelingStand, Persoon, Rectangle, Stand, TlvStand
from projections.store.encoding import (
    OPEN_MOMENT_NUMBER,
    day_number,
    moment_number,
)
from projections.store.schema import PUPIL_TABLES, STANDEN
from projections.verloop import verloop

if TYPE_CHECKING:
    from projections.shapes.filling import Column

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
"""Rows per table, in the order of the table's columns."""


class Batch(NamedTuple):
    """Rows of many pupils: some row by row, others as columns, in the order of the tables."""

    folded: Rows
    filled: Mapping[str, Sequence[Column]] = {}

    def rows(self) -> Rows:
        """Return all of them as rows, those of a group together, in the order of the groups."""
        filled = {
            table: list(zip(*(column.listed() for column in columns), strict=True))
            for table, columns in self.filled.items()
        }
        return {
            table: sorted([*filled.get(table, []), *self.folded.get(table, [])], key=itemgetter(0))
            for table in PUPIL_TABLES
        }


_NAMES: Final = list(STANDEN)
ENROLMENT_KEY: Final = itemgetter(*map(_NAMES.index, ("leerling", "instellingscode", "volgnummer")))
"""Gives of a row of `standen` which enrolment it is about."""
_IN_ENROLMENT: Final = itemgetter(
    *map(
        _NAMES.index,
        ("leerling", "instellingscode", "volgnummer", "bekend_van", "geldig_van"),
    )
)
"""The order of the rows of a pupil: that of its enrolments, whatever became known first."""

TABLE_OF: Final[dict[type[Item], str]] = {
    Stand: "standen",
    TlvStand: "tlvs",
    KoppelingStand: "koppelingen",
    Persoon: "personen",
}


def pupil_rows(groep: UUID, rectangles: Iterable[Rectangle], objects: Iterable[int]) -> Rows:
    """Return the rows of one pupil; `objects` are the tokens of what it depends on.

    Those of an enrolment stand together, and in an order that no other enrolment changes.
    """
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    name = groep.hex
    for item, bekend_van, bekend_tot, *doors, mede, mede_gesloten in rectangles:
        known = (
            moment_number(bekend_van),
            OPEN_MOMENT_NUMBER if bekend_tot is None else moment_number(bekend_tot),
            *doors,
        )
        row = (name, *_columns(item), *known)
        if isinstance(item, Stand):
            row = (*row, _positions(mede), _positions(mede_gesloten))
        rows[TABLE_OF[type(item)]].append(row)
    if "standen" in rows:
        rows["standen"].sort(key=_IN_ENROLMENT)
        per_enrolment = [list(one) for _, one in groupby(rows["standen"], key=ENROLMENT_KEY)]
        told = list(map(verloop, per_enrolment))
        rows["verloop"] = told[0] if len(told) == 1 else merged(chain.from_iterable(told))
    rows["afhankelijkheden"] = [(name, token) for token in sorted(set(objects))]
    return rows


def merged(differences: Iterable[Row]) -> list[Row]:
    """Return rows of `verloop` of a pupil, those of one cell, day and moment added up.

    In the order in which they come; none of them is zero.
    """
    found: defaultdict[Row, int] = defaultdict(int)
    for *place, number in differences:
        found[tuple(place)] += number
    return [(*place, number) for place, number in found.items() if number]


def _positions(events: tuple[int, ...]) -> str | None:
    return " ".join(map(str, events)) if events else None


def _columns(item: Item) -> Row:
    if isinstance(item, Stand):
        return _stand_columns(item)
    who = item.leerling
    if isinstance(item, TlvStand):
        days = day_number(item.begindatum), day_number(item.laatste_dag)
        return who, item.nummer, item.categorie, *days
    if isinstance(item, KoppelingStand):
        return who, item.instellingscode, item.volgnummer, item.nummer, item.door
    return who, item.pgn_van, item.geboren_in


def _stand_columns(stand: Stand) -> Row:
    return (
        stand.leerling,
        stand.instellingscode,
        stand.volgnummer,
        day_number(stand.geldig_van),
        day_number(stand.geldig_tot),
        stand.vestigingscode,
        stand.schoolsoort,
        day_number(stand.begindatum),
        None if stand.einddatum is None else day_number(stand.einddatum),
        stand.soort_verblijf,
        stand.bekostigbaar,
        None if stand.cluster is None else int(stand.cluster),
        None if stand.leerjaar is None else str(stand.leerjaar),
        stand.vo_kenmerk,
        stand.swv,
        stand.wijze,
        stand.categorie,
        stand.basis,
        stand.nummer,
        not stand.reden,
        stand.reden,
    )


def reference_rows(reference: Reference) -> Rows:
    """Return all reference data as rows: links as rectangles, names and counts by knowledge."""
    return {
        "aansluitingen": [
            row
            for code, history in sorted(reference.links.items())
            for row in _links(code, history)
        ],
        "vestigingen": [
            (code, fact.naam, fact.gesloten_inrichting, fact.residentieel, *known)
            for code, history in sorted(reference.vestigingen.items())
            for fact, known in _spans(history)
            if fact is not None
        ],
        "samenwerkingsverbanden": [
            (swv, naam, *known)
            for swv, history in sorted(reference.namen.items())
            for naam, known in _spans(history)
        ],
        "tellingen": [
            (
                day_number(telling.teldatum),
                soort,
                moment_number(telling.op),
                _known(moment),
                moment[1],
            )
            for moment, telling in reference.tellingen
            for soort in sorted(telling.schoolsoorten)
        ],
    }


def _links(code: str, history: History[Links]) -> Iterator[Row]:
    for links, known in _spans(history):
        for sector, swv, van, tot in _in_force(links):
            yield code, sector, swv, day_number(van), day_number(tot), *known


def _in_force(links: Links) -> Iterator[tuple[Sector, str, date, date]]:
    """Yield which link holds on which days: where they overlap, the one known last wins."""
    for sector in SECTORS:
        mine = [link for link in links if sector_of_swv(link.swv) == sector]
        edges = sorted({edge for link in mine for edge in (link.vanaf, _beyond(link.tot_en_met))})
        for van, tot in pairwise(edges):
            holding = [link for link in mine if link.vanaf <= van < _beyond(link.tot_en_met)]
            if holding:
                yield sector, holding[-1].swv, van, tot


def _beyond(day: date) -> date:
    return day if day == OPEN_DATE else day + ONE_DAY


def _spans(history: History[Any]) -> Iterator[tuple[Any, tuple[int, int]]]:
    """Yield each value with the knowledge (from, until) for which it held, none of no length."""
    steps = history.steps()
    for place, (moment, value) in enumerate(steps):
        known = _known(moment)
        until = _known(steps[place + 1][0]) if place + 1 < len(steps) else OPEN_MOMENT_NUMBER
        if known < until:
            yield value, (known, until)


def _known(moment: Moment) -> int:
    return moment_number(moment[0])
