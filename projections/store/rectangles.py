"""The rectangles themselves, for questions over a stretch of teldata or of knowledge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import starmap
from typing import Final

import msgspec

from ledger.times import ONE_DAY
from projections.store.ask import (
    AS_OF,
    AsOf,
    Selection,
    narrowing,
)
from projections.store.encoding import OPEN_MOMENT_NUMBER, day_number, day_of
from projections.store.read_model import ReadModel

GROUPS: Final = 2500
"""Groups of streams whose rectangles are held at a time: some 20 MB.

Every question to columns reads them anew, so fewer at a time would make more work there.
"""

ATTRIBUTES: Final = ("swv", "schoolsoort", "vestigingscode", "ondersteuningscategorie", "basis")
"""What a change of a counting enrolment is told by (rules.md 8), in the order that it weighs."""


# Read by the ten thousands, and looked at many times: a Struct is made and read faster than a
# tuple with names. It holds no containers, so the collector has nothing to look for in it.
class StandRectangle(msgspec.Struct, frozen=True, gc=False):
    """A row of `standen` as stored: days and moments are the table's numbers, half-open.

    `geteld` tells whether it is inside the count that was asked for.
    """

    geteld: int
    reden: str
    swv: str | None
    schoolsoort: str
    vestigingscode: str
    ondersteuningscategorie: str | None
    basis: str | None
    groep: str
    leerling: str
    instellingscode: str
    volgnummer: str
    geldig_van: int
    geldig_tot: int
    bekend_van: int
    bekend_tot: int
    geopend_door: int
    gesloten_door: int | None
    mede_geopend_door: str | None
    mede_gesloten_door: str | None
    wijze_van_bepaling: str
    beschikkingsnummer: str | None
    einddatum: int | None
    telt: int

    @property
    def sleutel(self) -> tuple[str, str]:
        """The enrolment that it is of."""
        return self.instellingscode, self.volgnummer

    @property
    def wie(self) -> tuple[str, str, str]:
        """The enrolment and the pupil that it is of: others may have had the same key."""
        return self.leerling, self.instellingscode, self.volgnummer

    @property
    def attributes(self) -> tuple[str | None, ...]:
        """The values of ATTRIBUTES."""
        return (
            self.swv,
            self.schoolsoort,
            self.vestigingscode,
            self.ondersteuningscategorie,
            self.basis,
        )

    @property
    def look(self) -> tuple[object, ...]:
        """All of it that a count can show: whether it is in it, why not, and the ATTRIBUTES."""
        return self.geteld, self.reden, *self.attributes

    @property
    def shown(self) -> tuple[object, ...]:
        """Its enrolment and its look: rows of a pupil that differ in it count otherwise."""
        return self.instellingscode, self.volgnummer, self.look

    @property
    def openers(self) -> tuple[int, ...]:
        """The events that opened it, all known at `bekend_van`."""
        if self.mede_geopend_door is None:
            return (self.geopend_door,)
        return (*_positions(self.mede_geopend_door), self.geopend_door)

    @property
    def closers(self) -> tuple[int, ...]:
        """The events that closed it, all known at `bekend_tot`; none while it is known."""
        if self.gesloten_door is None:
            return ()
        if self.mede_gesloten_door is None:
            return (self.gesloten_door,)
        return (self.gesloten_door, *_positions(self.mede_gesloten_door))


def _positions(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split()))


TlvBorders = defaultdict[str, defaultdict[int, list[tuple[str, tuple[int, int]]]]]
"""By pupil and day: the tlv's that begin or have ended on that day, each with its cause."""

_COLUMNS: Final = ", ".join(StandRectangle.__struct_fields__[1:])
_AS_OF_THERE: Final = AS_OF.replace(":t", ":there_t").replace(":k", ":there_k")
_BETWEEN: Final = (
    "geldig_van <= :last AND geldig_tot > :first "
    "AND bekend_van <= :latest AND bekend_tot > :earliest"
)
_COUNTED: Final = ", ".join(("groep", "leerling", "instellingscode", "volgnummer", *ATTRIBUTES))


def groups_differing(model: ReadModel, one: AsOf, two: AsOf, selection: Selection) -> set[str]:
    """Return the groups that two counts hold otherwise: another enrolment or other ATTRIBUTES."""
    where, values = narrowing(model, selection)
    # Of rectangles that hold on one side alone, those of one enrolment that count alike on both
    # sides are two. For the count of a samenwerkingsverband the index alone answers.
    query = (
        f"SELECT groep FROM standen WHERE {_BETWEEN} AND ({AS_OF}) <> ({_AS_OF_THERE}){where} "
        f"GROUP BY {_COUNTED} HAVING count(*) = 1"
    )
    return {row[0] for row in model.execute(query, {**_sides(one, two), **values})}


def _sides(one: AsOf, two: AsOf) -> dict[str, int]:
    """Return the values of the bounds of two points, and of all between them."""
    here, there = one.bounds, two.bounds
    first, last = sorted((here["t"], there["t"]))
    earliest, latest = sorted((here["k"], there["k"]))
    between = {"first": first, "last": last, "earliest": earliest, "latest": latest}
    return {**here, "there_t": there["t"], "there_k": there["k"], **between}


def groups_ever_counted(model: ReadModel, as_of: AsOf, selection: Selection) -> set[str]:
    """Return the groups that were in the count of a teldatum at any moment up to that one."""
    where, values = narrowing(model, selection)
    query = (
        "SELECT DISTINCT groep FROM standen "
        f"WHERE geldig_van <= :t AND geldig_tot > :t AND bekend_van <= :k{where}"
    )
    return {row[0] for row in model.execute(query, {**as_of.bounds, **values})}


def tlv_borders(
    model: ReadModel, groepen: Sequence[str], known: int, days: tuple[date, date]
) -> TlvBorders:
    """Return for each pupil the days on which a tlv begins or has ended, as known then.

    With the tlv's number and the event that says so: when it was known, and its position. Of
    tlv's that do neither after the first of `days` and by the second nothing is told.
    """
    query = (
        "SELECT leerling, nummer, begindatum, laatste_dag, bekend_van, geopend_door FROM tlvs "
        "WHERE groep IN ({}) AND bekend_van <= :k AND bekend_tot > :k AND "
        "(begindatum > :first AND begindatum <= :last "
        "OR laatste_dag >= :first AND laatste_dag < :last)"
    )
    first, until = map(day_number, days)
    values = {"k": known, "first": first, "last": until}
    borders: TlvBorders = defaultdict(lambda: defaultdict(list))
    for leerling, nummer, begin, last, *cause in model.select_in(query, groepen, values):
        for day in (begin, day_number(day_of(last) + ONE_DAY)):
            if first < day <= until:
                borders[leerling][day].append((nummer, (cause[0], cause[1])))
    return borders


def joins(model: ReadModel, leerlingen: Iterable[str]) -> dict[str, int]:
    """Return the pupils that are known no more, and since when: a `PgnVervangen` joined them."""
    query = "SELECT leerling, max(bekend_tot) FROM personen WHERE leerling IN ({}) GROUP BY 1"
    return {
        leerling: moment
        for leerling, moment in model.select_in(query, leerlingen, {})
        if moment < OPEN_MOMENT_NUMBER
    }


def first_day(model: ReadModel, selection: Selection) -> date | None:
    """Return the first day on which anybody was ever known to be in the count."""
    where, values = narrowing(model, selection)
    query = f"SELECT min(geldig_van) FROM standen WHERE 1 = 1{where}"
    day = next(iter(model.execute(query, values)))[0]
    return None if day is None else day_of(day)


def batches(groepen: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield groups some at a time, so that few rectangles are held at once."""
    for start in range(0, len(groepen), GROUPS):
        yield groepen[start : start + GROUPS]


def rectangles_of(
    model: ReadModel,
    groepen: Iterable[str],
    known: int,
    selection: Selection,
    days: tuple[date, date] | None = None,
) -> Iterator[StandRectangle]:
    """Yield the rectangles of some groups that were known by then, each group's together.

    With `days` only those that hold on a day from the first to the second, or end the day
    before the first; without, all.
    """
    where, values = narrowing(model, selection)
    bounds = ""
    if days is not None:
        bounds = " AND geldig_van <= :last AND geldig_tot >= :first"
        values |= {"first": day_number(days[0]), "last": day_number(days[1])}
    query = (
        f"SELECT CASE WHEN 1 = 1{where} THEN 1 ELSE 0 END, {_COLUMNS} FROM standen "
        f"WHERE groep IN ({{}}) AND bekend_van <= :k{bounds} "
        "ORDER BY groep"
    )
    rows = model.select_in(query, groepen, {"k": known, **values})
    return starmap(StandRectangle, rows)
