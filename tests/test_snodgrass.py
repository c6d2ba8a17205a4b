"""A flat in Aalborg: the bitemporal example of Snodgrass, told as enrolments.

Source of the facts: Richard T. Snodgrass, Developing Time-Oriented Database Applications in
SQL (Morgan Kaufmann, 2000), chapter 10, the table Prop_Owner: property 7797 at Skovvej 30,
customers 145 (Eva Nielsen) and 827 (Peter Olsen), and property 3621 at Bygaden 4, January
1998. The history and its queries were checked against the reproductions of it in the public
source of XTDB. Those cut the same areas into other rows than the book does, so areas are
compared here, and beside them the very rows that the read model holds.

A flat is a pupil and who owns it is the school where it is enrolled. Transaction time is
`bekend_op`. A day number is a day of January 1998. An owner until the 15th, half-open, is an
enrolment of which the 14th is the last day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby, product
from operator import itemgetter
from typing import Any, NamedTuple

import pytest

from ledger.application import Ledger
from ledger.times import end_of_day
from projections.store.read_model import ReadModel
from tests.ledgers import import_events, ledger_of, refreshed, stand_rows
from tests.published import Area, Period, areas, within
from tests.pupils import about, enrolled

Line = Mapping[str, Any]

ZERO = date(1997, 12, 31)
DAYS = range(1, 32)
FOREVER = 1000
SKOVVEJ, BYGADEN = "111222333", "123456782"
EVA, PETER = "14EN00", "82PO00"
NAMES = {EVA: "E", PETER: "P"}


def january(day: int) -> str:
    """Return a day of January 1998."""
    return f"1998-01-{day:02}"


def on(day: int, kenmerk: str) -> dict[str, str]:
    """Return when something was learned, and what to call it."""
    return {"bekend_op": january(day), "kenmerk": kenmerk}


AS_ENROLMENTS: list[Line] = [
    enrolled(january(10), key="14EN/1", schoolsoort="BO", **on(10, "Eva buys")),
    about("UitschrijvingGeregistreerd", "14EN/1", einddatum=january(14), **on(15, "Eva sells")),
    enrolled(january(15), key="82PO/1", schoolsoort="BO", **on(15, "Peter buys")),
    about("UitschrijvingGeregistreerd", "82PO/1", einddatum=january(19), **on(20, "Peter sells")),
    about("InschrijvingGecorrigeerd", "14EN/1", begindatum=january(3), **on(23, "Eva: the 3rd")),
    about("InschrijvingGecorrigeerd", "14EN/1", begindatum=january(5), **on(26, "Eva: the 5th")),
    about("InschrijvingGecorrigeerd", "14EN/1", einddatum=january(11), **on(28, "Eva: the 12th")),
    about(
        "InschrijvingGecorrigeerd", "82PO/1", begindatum=january(12), **on(28, "Peter: the 12th")
    ),
    about("InschrijvingVerwijderd", "14EN/1", **on(30, "what lasted a week goes")),
    enrolled(
        january(15), key="82PO/2", schoolsoort="BO", pgn=BYGADEN, **on(31, "Peter buys Bygaden 4")
    ),
]
"""Every ownership is an enrolment of its own."""

AS_PERIODS: list[Line] = [
    enrolled(january(10), key="77PR/1", vestigingscode=EVA, schoolsoort="BO", **on(10, "Eva buys")),
    about(
        "InschrijvingGewijzigd",
        "77PR/1",
        vanaf=january(15),
        vestigingscode=PETER,
        **on(15, "Peter buys"),
    ),
    about("UitschrijvingGeregistreerd", "77PR/1", einddatum=january(19), **on(20, "Peter sells")),
    about("InschrijvingGecorrigeerd", "77PR/1", begindatum=january(3), **on(23, "Eva: the 3rd")),
    about("InschrijvingGecorrigeerd", "77PR/1", begindatum=january(5), **on(26, "Eva: the 5th")),
    about(
        "InschrijvingGecorrigeerd",
        "77PR/1",
        perioden=[
            {"vanaf": january(5), "vestigingscode": EVA},
            {"vanaf": january(12), "vestigingscode": PETER},
        ],
        **on(28, "Peter: the 12th"),
    ),
    about(
        "InschrijvingGecorrigeerd",
        "77PR/1",
        begindatum=january(12),
        **on(30, "what lasted a week goes"),
    ),
    enrolled(
        january(15),
        key="77PR/2",
        vestigingscode=PETER,
        schoolsoort="BO",
        pgn=BYGADEN,
        **on(31, "Peter buys Bygaden 4"),
    ),
]
"""The flat is one enrolment, its owners are the periods of it."""

SAME_DAY_TURNED = [
    line
    for _, learned in groupby(AS_ENROLMENTS, key=itemgetter("bekend_op"))
    for line in reversed(list(learned))
]
"""What was learned on one day, in the other order: for a moment the flat has two owners."""

FEEDS = {"enrolments": AS_ENROLMENTS, "periods": AS_PERIODS, "turned": SAME_DAY_TURNED}


class Row(NamedTuple):
    """A row of Prop_Owner, half-open as in the book; None = forever, or until changed."""

    owner: str
    valid: Period
    transaction: Period


PUBLISHED = [
    Row(EVA, (10, None), (10, 15)),
    Row(EVA, (10, 15), (15, 28)),
    Row(PETER, (15, None), (15, 20)),
    Row(PETER, (15, 20), (20, None)),
    Row(EVA, (3, 10), (23, 26)),
    Row(EVA, (5, 10), (26, 30)),
    Row(EVA, (10, 12), (28, 30)),
    Row(PETER, (12, 15), (28, None)),
]
"""Skovvej 30, as each modification of the book changes what it must and leaves the rest."""

TIME_DIAGRAM = {
    1: "...............................",
    10: ".........EEEEEEEEEEEEEEEEEEEEEE",
    15: ".........EEEEEPPPPPPPPPPPPPPPPP",
    20: ".........EEEEEPPPPP............",
    23: "..EEEEEEEEEEEEPPPPP............",
    26: "....EEEEEEEEEEPPPPP............",
    28: "....EEEEEEEPPPPPPPP............",
    30: "...........PPPPPPPP............",
}
"""Who owns Skovvej 30 on the 1st to the 31st, as known from a transaction day on."""

HELD = {
    Row(EVA, (10, None), (10, 15)): ("Eva buys", "Eva sells"),
    Row(EVA, (10, 15), (15, 23)): ("Eva sells", "Eva: the 3rd"),
    Row(EVA, (3, 15), (23, 26)): ("Eva: the 3rd", "Eva: the 5th"),
    Row(EVA, (5, 15), (26, 28)): ("Eva: the 5th", "Eva: the 12th"),
    Row(EVA, (5, 12), (28, 30)): ("Eva: the 12th", "what lasted a week goes"),
    Row(PETER, (15, None), (15, 20)): ("Peter buys", "Peter sells"),
    Row(PETER, (15, 20), (20, 28)): ("Peter sells", "Peter: the 12th"),
    Row(PETER, (12, 20), (28, None)): ("Peter: the 12th", None),
}
"""The same areas as the read model cuts them, with what opened and closed each.

It cuts where something was learned of an enrolment; the book leaves the rows alone that a
modification does not touch.
"""


class Told(NamedTuple):
    """What a ledger that was told the history holds, and what it answers."""

    areas: list[Area]
    owners: dict[tuple[str, int, int], str]
    learned: dict[str | None, int]

    def rows(self, flat: str = SKOVVEJ) -> list[Row]:
        """Return the rectangles of a flat as rows of Prop_Owner."""
        return [row_of(area) for area in self.areas if area.pgn == flat]

    def owner(self, valid: int, transaction: int, flat: str = SKOVVEJ) -> str:
        """Return who owns a flat on a day as known on a day; a point = nobody."""
        return self.owners.get((flat, valid, transaction), ".")


def day_of(number: int) -> date:
    """Return the day of a number."""
    return ZERO + timedelta(days=number)


def owners_of(ledger: Ledger, model: ReadModel) -> dict[tuple[str, int, int], str]:
    """Return the owner of each flat on every day of January, as known on every day of it."""
    owners: dict[tuple[str, int, int], str] = {}
    for valid, transaction in product(DAYS, DAYS):
        for row in stand_rows(ledger, model, day_of(valid), end_of_day(day_of(transaction))):
            key = str(row["pgn"]), valid, transaction
            assert row["telt"], "an owner that the contest of rules.md 4 passes over"
            assert key not in owners, "two owners at once"
            owners[key] = NAMES[str(row["vestigingscode"])]
    return owners


@pytest.fixture(scope="module", params=FEEDS)
def told(request: pytest.FixtureRequest) -> Iterator[Told]:
    """Give a ledger that was told the history in one of three ways."""
    feed = FEEDS[request.param]
    learned = {line["kenmerk"]: int(line["bekend_op"][-2:]) for line in feed}
    with ledger_of(feed) as ledger:
        model = refreshed(ledger)
        yield Told(areas(ledger, model, ZERO), owners_of(ledger, model), learned)
        model.close()


def row_of(area: Area) -> Row:
    """Return a rectangle as a row of Prop_Owner."""
    return Row(area.vestigingscode, area.geldig, area.bekend)


def joined(rows: Iterable[Row]) -> list[Row]:
    """Return rows joined where they say the same of the same days, one right after another."""
    answer: list[Row] = []
    for row in sorted(rows, key=lambda row: (row.owner, str(row.valid), row.transaction[0])):
        last = answer[-1] if answer else None
        if last and last[:2] == row[:2] and last.transaction[1] == row.transaction[0]:
            answer[-1] = row._replace(transaction=(last.transaction[0], row.transaction[1]))
        else:
            answer.append(row)
    return answer


def covered(rows: Iterable[Row]) -> dict[tuple[int, int], str]:
    """Return the owner in every point that rows cover; no two of them cover the same point."""
    points: dict[tuple[int, int], str] = {}
    for owner, valid, transaction in rows:
        for point in product((*DAYS, FOREVER), (*DAYS, FOREVER)):
            if within(point[0], valid) and within(point[1], transaction):
                assert point not in points
                points[point] = owner
    return points


def as_stored(day: int) -> list[Row]:
    """Return the published table as it stood at the end of a transaction day."""
    return [
        Row(owner, valid, (start, stop if stop is not None and stop <= day else None))
        for owner, valid, (start, stop) in PUBLISHED
        if start <= day
    ]


def diagram(valid: int, transaction: int) -> str:
    """Return who owns Skovvej 30 by the time diagram."""
    known_from = max(day for day in TIME_DIAGRAM if day <= transaction)
    return TIME_DIAGRAM[known_from][valid - 1]


def runs(answers: Iterable[str]) -> list[tuple[str, int, int]]:
    """Return (owner, first day, last day) of answers from the 1st on, where there is an owner."""
    found = []
    for owner, days in groupby(enumerate(answers, 1), key=itemgetter(1)):
        numbers = [number for number, _ in days]
        if owner != ".":
            found.append((owner, numbers[0], numbers[-1]))
    return found


def test_the_time_diagram_is_the_published_table() -> None:
    """What the other tests compare with is one history, written down twice."""
    points = covered(PUBLISHED)
    for valid, transaction in product(DAYS, DAYS):
        assert diagram(valid, transaction) == NAMES.get(points.get((valid, transaction), ""), ".")


# The table


def test_the_areas_are_those_of_the_published_table(told: Told) -> None:
    assert covered(told.rows()) == covered(PUBLISHED)


@pytest.mark.parametrize("feed", [AS_ENROLMENTS, AS_PERIODS])
def test_the_areas_are_those_of_the_published_table_after_every_modification(
    feed: list[Line],
) -> None:
    """Told day by day: the read model catches up with each modification as it comes."""
    with ledger_of() as ledger:
        for bekend_op, lines in groupby(feed, key=itemgetter("bekend_op")):
            import_events(ledger, lines, f"{bekend_op}.jsonl")
            model = refreshed(ledger)
            rows = [row_of(area) for area in areas(ledger, model, ZERO) if area.pgn == SKOVVEJ]
            model.close()
            assert covered(rows) == covered(as_stored(int(bekend_op[-2:]))), bekend_op


@pytest.mark.parametrize("told", ["enrolments", "turned"], indirect=True)
def test_told_as_enrolments_these_are_the_rows(told: Told) -> None:
    assert sorted(told.rows(), key=repr) == sorted(HELD, key=repr)


@pytest.mark.parametrize("told", ["periods"], indirect=True)
def test_told_as_periods_rows_split_where_dates_of_the_enrolment_were_learned(told: Told) -> None:
    """`begindatum` and `einddatum` stand in every row of the enrolment, whoever owns the flat."""
    assert sorted(joined(told.rows()), key=repr) == sorted(HELD, key=repr)
    until_sold = [row for row in told.rows() if (row.owner, row.valid) == (EVA, (10, 15))]
    assert until_sold == [Row(EVA, (10, 15), (15, 20)), Row(EVA, (10, 15), (20, 23))]


# The causes


@pytest.mark.parametrize("told", ["enrolments"], indirect=True)
def test_what_opened_and_closed_each_row(told: Told) -> None:
    causes = {
        row_of(area): (area.geopend_door, area.gesloten_door)
        for area in told.areas
        if area.pgn == SKOVVEJ
    }
    assert causes == HELD


def test_a_row_opens_and_closes_by_what_was_learned_on_its_transaction_days(told: Told) -> None:
    """Where two things were learned on one day, either can be the one that is named."""
    for area in told.areas:
        start, stop = area.bekend
        assert told.learned[area.geopend_door] == start
        assert (area.gesloten_door is None) == (stop is None)
        assert stop is None or told.learned[area.gesloten_door] == stop


# The queries


def test_a_bitemporal_slice_at_every_point_of_january(told: Told) -> None:
    for valid, transaction in product(DAYS, DAYS):
        assert told.owner(valid, transaction) == diagram(valid, transaction), (valid, transaction)


@pytest.mark.parametrize(
    ("valid", "transaction", "owner"),
    [
        (13, 18, "E"),  # the query of the book
        (13, 28, "P"),
        (4, 22, "."),
        (4, 24, "E"),
        (4, 26, "."),
        (14, 14, "E"),
        (14, 31, "P"),
        (20, 19, "P"),
        (20, 20, "."),
        (5, 29, "E"),
        (5, 30, "."),
    ],
)
def test_who_owned_the_flat_as_known_then(
    valid: int, transaction: int, owner: str, told: Told
) -> None:
    assert told.owner(valid, transaction) == owner


@pytest.mark.parametrize(
    ("transaction", "history"),
    [
        (9, []),
        (14, [("E", 10, 31)]),
        (18, [("E", 10, 14), ("P", 15, 31)]),
        (20, [("E", 10, 14), ("P", 15, 19)]),
        (29, [("E", 5, 11), ("P", 12, 19)]),
        (31, [("P", 12, 19)]),
    ],
)
def test_a_transaction_slice_is_the_history_of_owners_as_known_then(
    transaction: int, history: list[tuple[str, int, int]], told: Told
) -> None:
    """First and last day of each owner; the 31st is the last day that is asked for."""
    assert runs(told.owner(valid, transaction) for valid in DAYS) == history


@pytest.mark.parametrize(
    ("valid", "recorded"),
    [
        (2, []),
        (4, [("E", 23, 25)]),
        (7, [("E", 23, 29)]),
        (13, [("E", 10, 27), ("P", 28, 31)]),
        (19, [("E", 10, 14), ("P", 15, 31)]),
        (20, [("E", 10, 14), ("P", 15, 19)]),
    ],
)
def test_a_valid_slice_is_when_owners_of_that_day_were_recorded(
    valid: int, recorded: list[tuple[str, int, int]], told: Told
) -> None:
    """First and last transaction day on which each owner was on record."""
    assert runs(told.owner(valid, transaction) for transaction in DAYS) == recorded


def test_what_other_flat_the_owner_of_skovvej_owns(told: Told) -> None:
    """The join of chapter 10 in its nine forms: one plane of days on which both have one owner."""
    both = {
        (valid, transaction)
        for valid, transaction in product(DAYS, DAYS)
        if told.owner(valid, transaction) == told.owner(valid, transaction, BYGADEN) != "."
    }
    # History of and history recorded: for five days, as recorded on the 31st.
    assert both == {(valid, 31) for valid in range(15, 20)}
    # Now, as known now or as known on any day: never.
    assert not [valid for valid, transaction in both if valid == transaction]
    # At any time, as best known: Peter, and so Bygaden 4.
    owners = {told.owner(valid, 31) for valid in DAYS} - {"."}
    assert owners == {"P"} == {told.owner(valid, 31, BYGADEN) for valid in DAYS} - {"."}
