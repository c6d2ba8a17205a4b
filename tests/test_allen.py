"""Two periods in each of Allen's thirteen relations, in valid time and in knowledge time.

Source: James F. Allen, Maintaining knowledge about temporal intervals (Communications of the
ACM 26, 1983). His intervals have no days in common when one meets the other, as half-open
periods do; an enrolment has an inclusive `einddatum`, so X meets Y when Y begins on the day
after the last day of X.

X is always the 5th up to and with the 8th. What must come out is drawn per day, from the 1st
to the 12th: a capital letter counts, a small one is a `dubbele inschrijving`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby, product
from operator import itemgetter
from typing import Any, NamedTuple

import pytest

from ledger.application import Ledger
from ledger.times import end_of_day
from projections.store.read_model import ReadModel
from projections.telt import DUBBEL, TELT
from synthetic.numbers import bsn_numbers
from tests.ledgers import ledger_of, refreshed, stand_rows
from tests.published import Area, areas
from tests.pupils import about, area, enrolled, home, linked, standing

Line = Mapping[str, Any]
Days = tuple[int, int]
"""The first and the last day."""

ZERO = date(2024, 9, 30)
"""Day 1 is 1 October 2024, as a day of valid time and as one of knowledge."""
WINDOW = range(1, 13)
X: Days = (5, 8)


class Case(NamedTuple):
    """A relation of X to Y, and what must come of it.

    `counts` and `double` are for two enrolments of which X has the lowest key, `known` is
    for two things that are known in those periods: both, one of them, or none.
    """

    relation: str
    y: Days
    counts: str
    double: str
    known: str


CASES = [
    #                           123456789012    123456789012    123456789012
    Case("before", (10, 12), "....XXXX.YYY", "............", "....XXXX.YYY"),
    Case("meets", (9, 11), "....XXXXYYY.", "............", "....XXXXYYY."),
    Case("overlaps", (7, 10), "....XXYYYY..", "......xx....", "....XXBBYY.."),
    Case("starts", (5, 10), "....XXXXYY..", "....yyyy....", "....BBBBYY.."),
    Case("during", (3, 10), "..YYXXXXYY..", "....yyyy....", "..YYBBBBYY.."),
    Case("finishes", (3, 8), "..YYXXXX....", "....yyyy....", "..YYBBBB...."),
    Case("equals", (5, 8), "....XXXX....", "....yyyy....", "....BBBB...."),
    Case("is finished by", (7, 8), "....XXYY....", "......xx....", "....XXBB...."),
    Case("contains", (6, 7), "....XYYX....", ".....xx.....", "....XBBX...."),
    Case("is started by", (5, 6), "....XXXX....", "....yy......", "....BBXX...."),
    Case("is overlapped by", (3, 6), "..YYXXXX....", "....yy......", "..YYBBXX...."),
    Case("is met by", (2, 4), ".YYYXXXX....", "............", ".YYYXXXX...."),
    Case("after", (1, 3), "YYY.XXXX....", "............", "YYY.XXXX...."),
]
Y_HAS_THE_LOWEST_KEY = {
    #                  123456789012    123456789012
    "starts": ("....YYYYYY..", "....xxxx...."),
    "equals": ("....YYYY....", "....xxxx...."),
    "is started by": ("....YYXX....", "....xx......"),
}
"""Only where both begin on one day does the key decide (rules.md 4)."""


every_relation = pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[case.relation for case in CASES]
)


def relation(x: Days, y: Days) -> str:
    """Return Allen's relation of X to Y, from their bounds as half-open periods."""
    (x_start, x_last), (y_start, y_last) = x, y
    x_stop, y_stop = x_last + 1, y_last + 1
    if x_stop <= y_start:
        return "meets" if x_stop == y_start else "before"
    if y_stop <= x_start:
        return "is met by" if y_stop == x_start else "after"
    starts = (x_start > y_start) - (x_start < y_start)
    stops = (x_stop > y_stop) - (x_stop < y_stop)
    return {
        (-1, -1): "overlaps",
        (-1, 0): "is finished by",
        (-1, 1): "contains",
        (0, -1): "starts",
        (0, 0): "equals",
        (0, 1): "is started by",
        (1, -1): "during",
        (1, 0): "finishes",
        (1, 1): "is overlapped by",
    }[starts, stops]


def test_each_of_the_thirteen_relations_is_tried_once() -> None:
    assert [relation(X, case.y) for case in CASES] == [case.relation for case in CASES]
    assert len({case.relation for case in CASES}) == len(CASES) == 13


def test_two_periods_are_in_one_relation_whichever_they_are() -> None:
    """All periods of five days, against each other, find the thirteen and no more."""
    periods = [(first, last) for first in range(1, 6) for last in range(first, 6)]
    found = {relation(x, y) for x, y in product(periods, periods)}
    assert found == {case.relation for case in CASES}


def day_of(number: int) -> date:
    """Return the day of a number."""
    return ZERO + timedelta(days=number)


def iso(number: int) -> str:
    """Return the day of a number as a feed writes it."""
    return day_of(number).isoformat()


def runs(drawn: str, begins: int = 1) -> list[tuple[str, int, int]]:
    """Return (letter, first day, day after the last) of each run of a drawing."""
    found = []
    for letter, days in groupby(enumerate(drawn, begins), key=itemgetter(1)):
        numbers = [number for number, _ in days]
        found.append((letter, numbers[0], numbers[-1] + 1))
    return found


class Told(NamedTuple):
    """A ledger in which each case is a pupil of its own, and what it holds of each."""

    ledger: Ledger
    model: ReadModel
    areas: dict[str, list[Area]]

    def state(self, teldatum: int, bekend_op: int) -> dict[str, dict[str, str]]:
        """Return per pupil the reden of each enrolment that is active, by its institution."""
        known = end_of_day(day_of(bekend_op))
        found: dict[str, dict[str, str]] = {}
        for row in stand_rows(self.ledger, self.model, day_of(teldatum), known):
            assert row["telt"] == (row["reden"] == TELT)
            found.setdefault(str(row["pgn"]), {})[str(row["instellingscode"])] = str(row["reden"])
        return found


def told(lines: list[Line]) -> Iterator[Told]:
    """Give a ledger that was told the lines."""
    with ledger_of(lines) as ledger:
        model = refreshed(ledger)
        held: dict[str, list[Area]] = {}
        for one in areas(ledger, model, ZERO):
            held.setdefault(one.pgn, []).append(one)
        yield Told(ledger, model, held)
        model.close()


# Valid time: two enrolments of one pupil


class Variant(NamedTuple):
    """Which of the two enrolments has the lowest key, and which is known (a day) earlier."""

    lowest: str
    earlier: str

    def code(self, name: str) -> str:
        """Return the institution of X or of Y."""
        return "12QN" if name == self.lowest else "16EI"


VARIANTS = [Variant(lowest, earlier) for lowest in "XY" for earlier in "XY"]
LEARNED, LEARNED_LATER = 20, 21
ENROLLED = dict(zip(product(range(len(CASES)), VARIANTS), bsn_numbers(1), strict=False))
"""The pupil of each case and variant."""

every_variant = pytest.mark.parametrize("variant", VARIANTS, ids="-".join)


def enrolments() -> Iterator[Line]:
    """Yield two enrolments for each case in each variant."""
    for (number, variant), pgn in ENROLLED.items():
        for name, (first, last) in (("X", X), ("Y", CASES[number].y)):
            day = LEARNED if name == variant.earlier else LEARNED_LATER
            told_of = {"pgn": pgn, "bekend_op": iso(day), "schoolsoort": "BO"}
            yield enrolled(iso(first), iso(last), key=f"{variant.code(name)}/1", **told_of)


@pytest.fixture(scope="module")
def two_enrolments() -> Iterator[Told]:
    """Give the ledger of the enrolments."""
    yield from told(list(enrolments()))


def drawings(case: Case, lowest: str) -> tuple[str, str]:
    """Return what counts and what is double on each day."""
    if lowest == "Y":
        return Y_HAS_THE_LOWEST_KEY.get(case.relation, (case.counts, case.double))
    return case.counts, case.double


def expected(case: Case, variant: Variant, name: str) -> str:
    """Return the drawing of one enrolment: a capital where it counts, small where double."""
    return "".join(
        one if one == name else two if two == name.lower() else "."
        for one, two in zip(*drawings(case, variant.lowest), strict=True)
    )


@every_variant
@every_relation
def test_what_is_active_on_a_day_and_which_of_them_counts(
    number: int, variant: Variant, two_enrolments: Told
) -> None:
    pgn, case = ENROLLED[number, variant], CASES[number]
    for day in WINDOW:
        found = two_enrolments.state(day, LEARNED_LATER).get(pgn, {})
        counting, double = (line[day - 1] for line in drawings(case, variant.lowest))
        drawn = {variant.code(counting): TELT} if counting != "." else {}
        if double != ".":
            drawn[variant.code(double.upper())] = DUBBEL
        assert found == drawn, day


@every_variant
@every_relation
def test_rectangles_of_an_enrolment_cover_its_days_once_and_split_no_more_than_drawn(
    number: int, variant: Variant, two_enrolments: Told
) -> None:
    case = CASES[number]
    for name, days in (("X", X), ("Y", case.y)):
        key = f"{variant.code(name)}/1"
        held = [
            one
            for one in two_enrolments.areas[ENROLLED[number, variant]]
            if one.inschrijving == key and one.bekend[1] is None
        ]
        covered = [day for one in held for day in range(one.geldig[0], one.geldig[1] or 99)]
        assert sorted(covered) == list(range(days[0], days[1] + 1))
        letters = {name: TELT, name.lower(): DUBBEL}
        drawn = [
            (letters[letter], (first, stop))
            for letter, first, stop in runs(expected(case, variant, name))
            if letter != "."
        ]
        assert sorted((one.reden, one.geldig) for one in held) == sorted(drawn)


@every_variant
@every_relation
def test_while_one_of_them_is_known_it_counts_on_all_its_days(
    number: int, variant: Variant, two_enrolments: Told
) -> None:
    pgn, case = ENROLLED[number, variant], CASES[number]
    first, last = X if variant.earlier == "X" else case.y
    for day in WINDOW:
        found = two_enrolments.state(day, LEARNED).get(pgn, {})
        assert found == ({variant.code(variant.earlier): TELT} if first <= day <= last else {}), day


# Knowledge time: two corrections of one enrolment, each taken back after a while


BEGAN, ENDED = -100, 60
NOT_FUNDED = "niet bekostigbaar"
CORRECTED = dict(zip(product(range(len(CASES)), "XY"), bsn_numbers(2), strict=False))
"""The pupil of each case, by which of two things known at one moment is booked first."""

booked_first = pytest.mark.parametrize("first", "XY")


def turns_of(number: int, first: str) -> list[tuple[int, str]]:
    """Return (day, what is learned or taken back) in the order of the feed."""
    turns = [
        (day, f"{name} {what}")
        for name, days in (("X", X), ("Y", CASES[number].y))
        for day, what in ((days[0], "learned"), (days[1] + 1, "taken back"))
    ]
    return sorted(turns, key=lambda turn: (turn[0], turn[1][0] != first))


def corrections() -> Iterator[Line]:
    """Yield one enrolment a case. X: it ended; Y: it is not funded."""
    said: dict[str, tuple[str, dict[str, Any]]] = {
        "X learned": ("UitschrijvingGeregistreerd", {"einddatum": iso(ENDED)}),
        "X taken back": ("UitschrijvingIngetrokken", {}),
        "Y learned": ("InschrijvingGecorrigeerd", {"bekostigbaar": False}),
        "Y taken back": ("InschrijvingGecorrigeerd", {"bekostigbaar": True}),
    }
    for (number, first), pgn in CORRECTED.items():
        who = {"pgn": pgn, "kenmerk": title(number, first, "registered")}
        yield enrolled(iso(BEGAN), schoolsoort="BO", bekend_op=iso(0), **who)
        for day, what in turns_of(number, first):
            kind, fields = said[what]
            who["kenmerk"] = title(number, first, what)
            yield about(kind, **fields, bekend_op=iso(day), **who)


def title(number: int, first: str, what: str) -> str:
    """Return the kenmerk of something that is learned or taken back."""
    return f"{CASES[number].relation}, {first} first: {what}"


@pytest.fixture(scope="module")
def two_corrections() -> Iterator[Told]:
    """Give the ledger of the corrections."""
    yield from told(list(corrections()))


@booked_first
@every_relation
def test_what_two_corrections_say_on_each_day_of_knowledge(
    number: int, first: str, two_corrections: Told
) -> None:
    """Asked for a day before the end that X tells of, and for the day after it."""
    pgn = CORRECTED[number, first]
    for day, letter in zip(WINDOW, CASES[number].known, strict=True):
        reden = NOT_FUNDED if letter in "YB" else TELT
        assert two_corrections.state(ENDED, day)[pgn] == {"12QN": reden}, day
        after = two_corrections.state(ENDED + 1, day).get(pgn, {})
        assert after == ({} if letter in "XB" else {"12QN": reden}), day


@booked_first
@every_relation
def test_rectangles_of_knowledge_follow_two_corrections_and_name_them(
    number: int, first: str, two_corrections: Told
) -> None:
    """Of what is learned at one moment the first closes what was, the last opens what is."""
    pgn = CORRECTED[number, first]
    turns: dict[int | None, list[str]] = {0: [title(number, first, "registered")]}
    for day, what in turns_of(number, first):
        turns.setdefault(day, []).append(title(number, first, what))
    drawn = []
    lines = runs(f".{CASES[number].known}.", begins=0)
    for letter, start, end in lines:
        stop = None if (letter, start, end) == lines[-1] else end
        reden = NOT_FUNDED if letter in "YB" else TELT
        geldig = BEGAN, ENDED + 1 if letter in "XB" else None
        closes = None if stop is None else turns[stop][0]
        drawn.append(
            Area(pgn, "12QN/1", "12QN00", reden, geldig, (start, stop), turns[start][-1], closes)
        )
    assert two_corrections.areas[pgn] == drawn


# Knowledge time: two enrolments that were registered, and removed after a while


REGISTERED = dict(zip(product(range(len(CASES)), "XY"), bsn_numbers(3), strict=False))
"""The pupil of each case, by which of two things known at one moment is booked first."""


def registrations() -> Iterator[Line]:
    """Yield two enrolments a case, of which Y began last, as long as they are known."""
    for (number, first), pgn in REGISTERED.items():
        for day, what in turns_of(number, first):
            key, begins = ("12QN/1", BEGAN) if what[0] == "X" else ("16EI/1", BEGAN + 1)
            who = {"pgn": pgn, "bekend_op": iso(day)}
            if what.endswith("learned"):
                yield enrolled(iso(begins), key=key, schoolsoort="BO", **who)
            else:
                yield about("InschrijvingVerwijderd", key, **who)


@pytest.fixture(scope="module")
def two_registrations() -> Iterator[Told]:
    """Give the ledger of the registrations."""
    yield from told(list(registrations()))


@booked_first
@every_relation
def test_of_two_enrolments_known_for_a_while_the_one_that_began_last_counts(
    number: int, first: str, two_registrations: Told
) -> None:
    active = {
        ".": {},
        "X": {"12QN": TELT},
        "Y": {"16EI": TELT},
        "B": {"12QN": DUBBEL, "16EI": TELT},
    }
    pgn, drawn = REGISTERED[number, first], CASES[number].known
    for day, letter in zip(WINDOW, drawn, strict=True):
        assert two_registrations.state(ENDED, day).get(pgn, {}) == active[letter], day
    # X is cut where Y comes and goes; Y, that counts whatever X does, is not.
    held = [
        (one.inschrijving[:4], one.reden, one.bekend)
        for one in two_registrations.areas[pgn]
        if one.geldig[1] is None
    ]
    of_x = [
        ("12QN", DUBBEL if letter == "B" else TELT, (start, stop))
        for letter, start, stop in runs(drawn)
        if letter in "XB"
    ]
    first_day, last_day = CASES[number].y
    assert [one for one in held if one[0] == "12QN"] == of_x
    assert [one for one in held if one[0] == "16EI"] == [("16EI", TELT, (first_day, last_day + 1))]


# The previous enrolment (rules.md 3, rules 3 and 4)


HOME, OF_X, OF_Y = "PO2301", "PO2302", "PO2303"
PREVIOUS = {"before": "X", "meets": "X", "is met by": "Y", "after": "Y"}
"""Which of the two is the previous enrolment of the other; in no other relation one is."""


def decisions(schoolsoort: str, y: Days) -> dict[str, tuple[str | None, str]]:
    """Return (samenwerkingsverband, wijze van bepaling) of X and Y on their first days."""
    lines = [
        linked("12QN00", OF_X),
        linked("16EI00", OF_Y),
        area("7511", HOME, "VO2301"),
        home(pc4="7511"),
        enrolled(iso(X[0]), iso(X[1]), key="12QN/1", schoolsoort=schoolsoort),
        enrolled(iso(y[0]), iso(y[1]), key="16EI/1", schoolsoort=schoolsoort),
    ]
    found = {}
    for name, code, first in (("X", "12QN", X[0]), ("Y", "16EI", y[0])):
        (row,) = (row for row in standing(lines, iso(first)) if row.instellingscode == code)
        found[name] = row.swv, row.wijze
    return found


@every_relation
def test_an_enrolment_in_sbo_follows_the_vestiging_of_the_previous_one(number: int) -> None:
    case = CASES[number]
    at_home = HOME, "Woonplaats leerling"
    drawn = {"X": at_home, "Y": at_home}
    if PREVIOUS.get(case.relation) == "X":
        drawn["Y"] = OF_X, "Vestiging vorige inschrijving"
    if PREVIOUS.get(case.relation) == "Y":
        drawn["X"] = OF_Y, "Vestiging vorige inschrijving"
    assert decisions("SBO", case.y) == drawn


@every_relation
def test_an_enrolment_in_so_follows_what_was_decided_for_the_previous_one(number: int) -> None:
    case = CASES[number]
    drawn = {"X": (HOME, "Woonplaats leerling"), "Y": (HOME, "Woonplaats leerling")}
    if case.relation in PREVIOUS:
        follows = "XY".replace(PREVIOUS[case.relation], "")
        drawn[follows] = HOME, "Vorige inschrijving"
    assert decisions("SO", case.y) == drawn


@pytest.mark.parametrize(
    ("first", "said", "follows"),
    [
        (8, "overlaps", False),
        (9, "meets", True),
        (10, "before", True),
        (8 + 28 + 1, "before", True),
        (8 + 29 + 1, "before", False),
    ],
)
def test_the_previous_one_ended_before_and_at_most_28_days_before(
    first: int, said: str, follows: bool
) -> None:
    """One day in common; then 0, 1, 28 and 29 days between the two."""
    y = first, first + 10
    assert relation(X, y) == said
    wijze = "Vestiging vorige inschrijving" if follows else "Woonplaats leerling"
    assert decisions("SBO", y)["Y"][1] == wijze
