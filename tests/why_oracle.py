"""What a `why` must say, by slow replay: rows of a count, pupils, and what any event did there.

Nothing here looks at the read model: the rows are those of `tests.oracle_state`, and which
of them are in a count is told by a selection that this module reads by itself.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from ledger.application import Ledger
from projections.store.ask import AsOf, Selection
from projections.verklaring import Telrij
from tests.oracle_facts import Leerling, instant, leerlingen
from tests.oracle_state import Regel, stand_row, toestand

Event = dict[str, Any]
Sleutel = tuple[str, str]

COUNTED_SOORTEN = ("SBO", "SO", "VSO")
REFERENCE_TYPES = frozenset(
    {
        "SwvGeregistreerd",
        "VestigingGeregistreerd",
        "VestigingAangesloten",
        "VestigingUitgetreden",
        "PostcodegebiedToegewezen",
        "TellingVastgesteld",
    }
)


class Stand(NamedTuple):
    """A row of one pupil: what a count shows of it, and all the rest that is known of it."""

    pupil: str
    pgn: str
    rij: Telrij
    rest: tuple[object, ...]

    @property
    def sleutel(self) -> Sleutel:
        """The enrolment that it is of."""
        return self.rij.instellingscode, self.rij.volgnummer


class Booked(NamedTuple):
    """An event of the history, and where it stands in the log."""

    positie: int
    bekend_op: datetime
    event: Event


class Truth:
    """A history as booked, replayed from its events as of any teldatum and knowledge."""

    def __init__(self, booked: Mapping[int, Event]) -> None:
        self.booked = {
            positie: Booked(positie, instant(event["bekend_op"]), event)
            for positie, event in booked.items()
        }
        self._rows: dict[tuple[date, tuple[int, ...]], list[Stand]] = {}
        self._pupils: dict[int, list[Leerling]] = {}

    @cached_property
    def order(self) -> list[Booked]:
        """All events in the order of replay (rules.md 1)."""
        return sorted(self.booked.values(), key=lambda one: (one.bekend_op, one.positie))

    @cached_property
    def moments(self) -> list[datetime]:
        """Every moment at which anything became known."""
        return sorted({one.bekend_op for one in self.order})

    def known_by(self, bekend_op: datetime | None) -> Sequence[Booked]:
        """Return the events known by then, in the order of replay."""
        if bekend_op is None:
            return self.order
        return self.order[: bisect_right(self.order, bekend_op, key=lambda one: one.bekend_op)]

    def between(self, one: datetime | None, two: datetime | None) -> list[Booked]:
        """Return the events that became known after one moment, up to and with the other."""
        return list(self.known_by(two)[len(self.known_by(one)) :])

    def rows(self, as_of: AsOf) -> list[Stand]:
        """Return the rows of all pupils as of a teldatum and a moment."""
        return self.rows_by(as_of.teldatum, self.known_by(as_of.bekend_op))

    def rows_by(self, teldatum: date, told: Iterable[Booked]) -> list[Stand]:
        """Return the rows of all pupils on a teldatum when just these events are known."""
        listed = sorted(told, key=lambda one: one.positie)
        key = teldatum, tuple(one.positie for one in listed)
        if key not in self._rows:
            state = toestand([one.event for one in listed], teldatum, None)
            self._rows[key] = [_stand(regel) for regel in state.regels]
        return self._rows[key]

    def counted(self, as_of: AsOf, selection: Selection) -> list[Stand]:
        """Return the rows that a selection counts (rules.md 8)."""
        return [row for row in self.rows(as_of) if is_counted(row.rij, selection)]

    def pupil_of(self, pgn: str, bekend_op: datetime | None) -> Leerling:
        """Return the pupil that a PGN is of, as known then."""
        return next(one for one in self.pupils(bekend_op) if pgn in one.pgns)

    def pupils(self, bekend_op: datetime | None) -> list[Leerling]:
        """Return the pupils as known then, two PGN's that are known to be one as one."""
        return self.pupils_by(self.known_by(bekend_op))

    def pupils_by(self, told: Sequence[Booked]) -> list[Leerling]:
        """Return the pupils when the first events in the order of replay are known."""
        if len(told) not in self._pupils:
            self._pupils[len(told)] = leerlingen([one.event for one in told])
        return self._pupils[len(told)]


def truth_of(ledger: Ledger, deliveries: Iterable[Sequence[Event]]) -> Truth:
    """Return the truth about a ledger that was made from some feeds."""
    files = {_sha256(events): events for events in deliveries}
    return Truth(
        {
            event.positie: files[event.bestand][event.regel - 1]
            for event in ledger.booked()
            if event.bestand is not None and event.regel is not None
        }
    )


def is_counted(rij: Telrij, selection: Selection) -> bool:
    """Tell whether a row is in P of rules.md 7, narrowed by a selection (rules.md 8)."""
    wanted = (
        (selection.swv, rij.swv),
        (selection.vestigingscode, rij.vestigingscode),
        (selection.categorie, rij.ondersteuningscategorie),
        (selection.basis, rij.basis),
        (selection.wijze, rij.wijze_van_bepaling),
    )
    return (
        rij.telt
        and rij.swv is not None
        and rij.schoolsoort in (selection.schoolsoorten or COUNTED_SOORTEN)
        and all(asked in (None, found) for asked, found in wanted)
    )


def attributes(rij: Telrij) -> tuple[str | None, ...]:
    """Return what a change within a count is told by (rules.md 8)."""
    return (
        rij.swv,
        rij.schoolsoort,
        rij.vestigingscode,
        rij.ondersteuningscategorie,
        rij.basis,
    )


def looks(rows: Iterable[Stand], selection: Selection) -> Counter[tuple[object, ...]]:
    """Return what rows show of enrolments: inside the count or why not, and attributes."""
    return Counter(
        (*row.sleutel, is_counted(row.rij, selection), row.rij.reden, *attributes(row.rij))
        for row in rows
    )


def of_pupils(rows: Iterable[Stand], pgns: AbstractSet[str]) -> list[Stand]:
    """Return the rows of one pupil, or of those that were to become one."""
    return [row for row in rows if row.pupil in pgns]


def enrolments(pupils: Iterable[Leerling], pgns: frozenset[str]) -> Iterator[Sleutel]:
    """Yield the enrolments known of one pupil, for whatever days."""
    for pupil in pupils:
        if pupil.pgns & pgns:
            yield from pupil.inschrijvingen


def _sha256(events: Sequence[Event]) -> str:
    """Return the hash of the file that `tests.ledgers.write_feed` makes."""
    return sha256("".join(json.dumps(event) + "\n" for event in events).encode()).hexdigest()


def _stand(regel: Regel) -> Stand:
    row = stand_row(regel)
    fields: dict[str, Any] = {name: row[name] for name in _SAME}
    for name in _EMPTY_IS_NONE:
        fields[name] = row[name] or None
    periode = regel.segment.periode
    shown = {*fields, "pgn", "geboortedatum"}
    rest = tuple(value for name, value in row.items() if name not in shown)
    unseen = (periode.bekostigbaar, periode.cluster, periode.vo_kenmerk)
    return Stand(regel.leerling.eerste, row["pgn"], Telrij(**fields), rest + unseen)


_SAME = (
    "instellingscode",
    "volgnummer",
    "vestigingscode",
    "schoolsoort",
    "wijze_van_bepaling",
    "telt",
    "reden",
)
_EMPTY_IS_NONE = ("swv", "ondersteuningscategorie", "basis", "beschikkingsnummer")
