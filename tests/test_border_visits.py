"""Who is in the country: the bitemporal example of the border visits, told as enrolments.

Source of the facts: Goh, Lu, Ooi and Tan, Indexing temporal data using existing B+-trees
(Data & Knowledge Engineering 18, 1996), section 7, and the page Bitemporality of the
documentation of Crux, later XTDB, that made transactions of it, day 0 being 31 December
2018. Both ask who is known to be in the country on day 2, as of day 3.

A person is a pupil and a port of entry a school. The day of departure is the last day there,
as `einddatum` is: whoever leaves on the 3rd is there on the 3rd.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any, NamedTuple

import pytest

from ledger.application import Ledger
from ledger.times import end_of_day
from projections.store.read_model import ReadModel
from synthetic.numbers import bsn_numbers
from tests.ledgers import ledger_of, refreshed, stand_rows
from tests.published import Period, areas
from tests.pupils import about, enrolled

Line = Mapping[str, Any]

ZERO = date(2018, 12, 31)
DAYS = range(14)
PERSONS = dict(zip(("p1", "p2", "p3", "p4", "p5", "p6", "p7"), bsn_numbers(1), strict=False))
PORTS = {"SFO": "01SF", "LA": "02LA", "NY": "03NY"}
PERSON_OF = {pgn: person for person, pgn in PERSONS.items()}
PORT_OF = {f"{code}00": port for port, code in PORTS.items()}


def day_of(number: int) -> date:
    """Return the day of a number."""
    return ZERO + timedelta(days=number)


def arrived(known: int, person: str, port: str, arrival: int, departure: int | None = None) -> Line:
    """Return what is learned of an arrival, with the departure where that is known at once."""
    return enrolled(
        day_of(arrival).isoformat(),
        None if departure is None else day_of(departure).isoformat(),
        key=f"{PORTS[port]}/1",
        schoolsoort="BO",
        **said(known, person),
    )


def departed(known: int, person: str, port: str, departure: int) -> Line:
    """Return what is learned of a departure."""
    einddatum = day_of(departure).isoformat()
    key = f"{PORTS[port]}/1"
    return about("UitschrijvingGeregistreerd", key, einddatum=einddatum, **said(known, person))


def never_departed(known: int, person: str, port: str) -> Line:
    """Return that a departure turns out not to have been one."""
    return about("UitschrijvingIngetrokken", f"{PORTS[port]}/1", **said(known, person))


def said(known: int, person: str) -> dict[str, str]:
    """Return when something was learned, and of whom."""
    return {"bekend_op": day_of(known).isoformat(), "pgn": PERSONS[person]}


HISTORY = [
    arrived(0, "p2", "SFO", 0),
    arrived(0, "p3", "LA", 0),
    arrived(2, "p4", "NY", 2),
    departed(3, "p4", "NY", 3),
    arrived(4, "p1", "NY", 0, 3),
    arrived(4, "p1", "LA", 4),
    departed(4, "p3", "LA", 4),
    departed(5, "p2", "SFO", 5),
    # Two facts of one moment: that p3 has not left at all was never the state of knowledge.
    never_departed(7, "p3", "LA"),
    departed(7, "p3", "LA", 7),
    arrived(8, "p3", "SFO", 8),
    arrived(8, "p4", "LA", 8),
    departed(9, "p3", "SFO", 8),
    arrived(10, "p5", "LA", 10),
    arrived(11, "p7", "NY", 11),
    arrived(12, "p6", "NY", 12),
]


class Stay(NamedTuple):
    """A tuple of the paper, half-open: where somebody was, on which days, as known when."""

    person: str
    port: str
    valid: Period
    transaction: Period


STAYS = [
    Stay("p1", "NY", (0, 4), (4, None)),
    Stay("p1", "LA", (4, None), (4, None)),
    Stay("p2", "SFO", (0, None), (0, 5)),
    Stay("p2", "SFO", (0, 6), (5, None)),
    Stay("p3", "LA", (0, None), (0, 4)),
    Stay("p3", "LA", (0, 5), (4, 7)),
    Stay("p3", "LA", (0, 8), (7, None)),
    Stay("p3", "SFO", (8, None), (8, 9)),
    Stay("p3", "SFO", (8, 9), (9, None)),
    Stay("p4", "NY", (2, None), (2, 3)),
    Stay("p4", "NY", (2, 4), (3, None)),
    Stay("p4", "LA", (8, None), (8, None)),
    Stay("p5", "LA", (10, None), (10, None)),
    Stay("p6", "NY", (12, None), (12, None)),
    Stay("p7", "NY", (11, None), (11, None)),
]


class Put(NamedTuple):
    """From a day on somebody is at a port, or away (None): so it was put on record."""

    transaction: int
    valid: int
    port: str | None


PUTS = {
    "p1": [Put(4, 0, "NY"), Put(4, 4, "LA")],
    "p2": [Put(0, 0, "SFO"), Put(5, 6, None)],
    "p3": [
        Put(0, 0, "LA"),
        Put(4, 5, None),
        Put(7, 5, "LA"),
        Put(7, 8, None),
        Put(8, 8, "SFO"),
        Put(9, 9, None),
    ],
    "p4": [Put(2, 2, "NY"), Put(3, 4, None), Put(8, 8, "LA")],
    "p5": [Put(10, 10, "LA")],
    "p6": [Put(12, 12, "NY")],
    "p7": [Put(11, 11, "NY")],
}


def by_puts(person: str, valid: int, transaction: int) -> str | None:
    """Return where somebody was, the way of a document store: it knows puts and no periods.

    Of what was put by then, what counts from the latest day not after the one asked for;
    of two puts for one day the one that was put last.
    """
    puts = [put for put in PUTS[person] if put.transaction <= transaction and put.valid <= valid]
    last = max(puts, key=lambda put: (put.valid, put.transaction), default=None)
    return None if last is None else last.port


class Told(NamedTuple):
    """A ledger that was told the history, and its read model."""

    ledger: Ledger
    model: ReadModel

    def rows(self, valid: int, transaction: int) -> list[Mapping[str, object]]:
        """Return the state on a day as known at the end of a day."""
        known = end_of_day(day_of(transaction))
        return stand_rows(self.ledger, self.model, day_of(valid), known)

    def present(self, valid: int, transaction: int) -> dict[str, str]:
        """Return the port of everybody who is there."""
        rows = self.rows(valid, transaction)
        ports = {PERSON_OF[str(row["pgn"])]: PORT_OF[str(row["vestigingscode"])] for row in rows}
        assert len(ports) == len(rows), "in two places at once"
        return ports


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """Give a ledger with the history."""
    with ledger_of(HISTORY) as ledger:
        model = refreshed(ledger)
        yield Told(ledger, model)
        model.close()


def test_who_is_known_to_be_present_on_day_2_as_of_day_3(told: Told) -> None:
    """The answer that is printed: person, port of entry, arrival, and no departure by day 2.

    Crux does not show that p4 left on the 3rd, for it put that on record from the 3rd on; an
    `einddatum` is known of the whole enrolment, and lies ahead.
    """
    answer = [
        (PERSON_OF[str(row["pgn"])], PORT_OF[str(row["vestigingscode"])], row["begindatum"])
        for row in told.rows(2, 3)
    ]
    assert sorted(answer) == [
        ("p2", "SFO", day_of(0)),
        ("p3", "LA", day_of(0)),
        ("p4", "NY", day_of(2)),
    ]
    ahead = {PERSON_OF[str(row["pgn"])]: row["einddatum"] for row in told.rows(2, 3)}
    assert ahead == {"p2": None, "p3": None, "p4": day_of(3)}


@pytest.mark.parametrize(
    ("valid", "transaction", "present"),
    [
        (2, 2, {"p2": "SFO", "p3": "LA", "p4": "NY"}),
        (2, 4, {"p1": "NY", "p2": "SFO", "p3": "LA", "p4": "NY"}),
        (4, 3, {"p2": "SFO", "p3": "LA"}),
        (4, 4, {"p1": "LA", "p2": "SFO", "p3": "LA"}),
        (5, 4, {"p1": "LA", "p2": "SFO"}),
        (5, 7, {"p1": "LA", "p2": "SFO", "p3": "LA"}),
        (9, 8, {"p1": "LA", "p3": "SFO", "p4": "LA"}),
        (9, 9, {"p1": "LA", "p4": "LA"}),
        (13, 13, {"p1": "LA", "p4": "LA", "p5": "LA", "p6": "NY", "p7": "NY"}),
    ],
)
def test_who_is_present_as_known_then(
    valid: int, transaction: int, present: dict[str, str], told: Told
) -> None:
    assert told.present(valid, transaction) == present


def test_everybody_on_every_day_as_known_on_every_day(told: Told) -> None:
    for valid, transaction in product(DAYS, DAYS):
        expected = {
            person: port
            for person in PUTS
            if (port := by_puts(person, valid, transaction)) is not None
        }
        assert told.present(valid, transaction) == expected, (valid, transaction)


def test_the_read_model_holds_the_tuples_of_the_paper(told: Told) -> None:
    """With one more: Crux learns only on the 9th that p3 left San Francisco on the 8th."""
    found = [
        Stay(PERSON_OF[area.pgn], PORT_OF[area.vestigingscode], area.geldig, area.bekend)
        for area in areas(told.ledger, told.model, ZERO)
    ]
    assert sorted(found, key=repr) == sorted(STAYS, key=repr)


def test_everybody_who_is_there_counts(told: Told) -> None:
    assert {area.reden for area in areas(told.ledger, told.model, ZERO)} == {""}
