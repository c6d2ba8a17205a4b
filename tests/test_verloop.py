"""Numbers as sums of differences: the same as counting the rectangles, at every moment."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import product
from random import Random

import pytest

from projections.refresh import refreshed
from projections.store.ask import AS_OF, AsOf
from projections.store.ask_numbers import numbers
from projections.store.encoding import (
    BITS_PER_KENNISVAK,
    KENNISVAK,
    OPEN_DAY_NUMBER,
    OPEN_MOMENT_NUMBER,
    moment_of,
)
from projections.store.read_model import ReadModel
from projections.store.schema import CELL, STANDEN, VERLOOP
from projections.verloop import verloop
from tests.histories import interesting_days, knowledge_moments, random_history
from tests.ledgers import ledger_of
from tests.pupils import enrolled

PER_HISTORY = 60
OPEN = OPEN_DAY_NUMBER
KNOWN = OPEN_MOMENT_NUMBER
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("seed", range(40))
def test_the_differences_add_up_to_what_counting_gives(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - no secret is made
    history = random_history(chance, most_pupils=3)
    moments = list(product(interesting_days(history), knowledge_moments(history)))
    with ledger_of(history) as ledger:
        model = refreshed(ledger)
        found = 0
        for teldatum, bekend_op in chance.sample(moments, min(PER_HISTORY, len(moments))):
            as_of = AsOf(teldatum, bekend_op)
            assert _summed(model, as_of) == _counted(model, as_of), as_of
            found += sum(_counted(model, as_of).values())
        assert found
        model.close()


def test_numbers_at_the_edges_of_what_is_summed_up() -> None:
    """Enrolments that begin and end around the edges of tijdvakken, known around kennisvakken."""
    days = [date(2024, 9, 30), date(2024, 10, 1), date(2024, 12, 31), date(2025, 1, 1)]
    days += [date(2025, 4, 30), date(2025, 5, 1)]
    edge = moment_of(100 << BITS_PER_KENNISVAK)
    moments = [edge - SECOND, edge, edge + SECOND, edge + timedelta(days=300)]
    history = [
        enrolled(
            str(van), str(tot), key=f"12QN/{number}", bekend_op=op.isoformat(), schoolsoort="BO"
        )
        for number, (van, tot, op) in enumerate(product(days[:3], days[3:], moments))
    ]
    with ledger_of(history) as ledger:
        model = refreshed(ledger)
        assert {row[0] for row in model.execute(f"SELECT DISTINCT {KENNISVAK} FROM verloop")} > {
            99, 100,
        }  # fmt: skip
        for as_of in map(AsOf, *zip(*product(days, [*moments, None]), strict=True)):
            assert _summed(model, as_of) == _counted(model, as_of), as_of
        model.close()


@pytest.mark.parametrize("seed", range(10))
def test_no_difference_is_nothing_or_told_in_two(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - no secret is made
    with ledger_of(random_history(chance, most_pupils=3)) as ledger:
        model = refreshed(ledger)
        rows = list(model.execute("SELECT * FROM verloop"))
        assert rows
        assert len({row[:-1] for row in rows}) == len(rows)
        assert all(row[-1] for row in rows)
        model.close()


def test_a_rectangle_is_four_differences() -> None:
    assert _told((1, 3, 5, 7)) == {(1, 5): 1, (3, 5): -1, (1, 7): -1, (3, 7): 1}


def test_an_open_end_is_no_difference() -> None:
    assert _told((1, OPEN, 5, KNOWN)) == {(1, 5): 1}


def test_another_leerjaar_makes_no_difference_to_a_number() -> None:
    """Known at 5: leerjaar 4 without an end; at 7: that until day 3, and leerjaar 5 from then."""
    first = _row((1, OPEN, 5, 7), leerjaar="4")
    until, after = _row((1, 3, 7, KNOWN), leerjaar="4"), _row((3, OPEN, 7, KNOWN), leerjaar="5")
    assert _differences(first, until, after) == {(1, 5): 1}


def test_another_vestiging_is_one_less_here_and_one_more_there() -> None:
    rows = verloop([_row((1, 3, 5, KNOWN)), _row((3, OPEN, 5, KNOWN), vestigingscode="99AA02")])
    assert [(row[1], *row[-3:]) for row in rows] == [
        ("99AA01", 1, 5, 1),
        ("99AA01", 3, 5, -1),
        ("99AA02", 3, 5, 1),
    ]


def test_no_rectangles_are_no_differences() -> None:
    assert verloop([]) == []


def _row(bounds: tuple[int, int, int, int], **other: object) -> tuple[object, ...]:
    van, tot, bekend_van, bekend_tot = bounds
    given = {
        "groep": "a",
        "vestigingscode": "99AA01",
        "schoolsoort": "BO",
        "geldig_van": van,
        "geldig_tot": tot,
        "bekend_van": bekend_van,
        "bekend_tot": bekend_tot,
        "telt": 1,
        **other,
    }
    return tuple(given.get(name) for name in STANDEN)


def _told(bounds: tuple[int, int, int, int]) -> dict[tuple[int, int], int]:
    return _differences(_row(bounds))


def _differences(*rows: tuple[object, ...]) -> dict[tuple[int, int], int]:
    at = [list(VERLOOP).index(name) for name in ("geldig_van", "bekend_van", "verschil")]
    found = verloop(rows)
    assert {row[: at[0]] for row in found} == {("a", "99AA01", "BO", None, None, None, None, 1)}
    return {(row[at[0]], row[at[1]]): row[at[2]] for row in found}


def _summed(model: ReadModel, as_of: AsOf) -> Counter[tuple[object, ...]]:
    rows = model.execute(numbers(model, CELL), as_of.so_far)
    return Counter({row[:-1]: row[-1] for row in rows})


def _counted(model: ReadModel, as_of: AsOf) -> Counter[tuple[object, ...]]:
    query = f"SELECT {', '.join(CELL)} FROM standen WHERE {AS_OF}"
    return Counter(model.execute(query, as_of.bounds))
