"""Interim sums of `verloop`, by which a count of a country reads little (architecture.md).

A number as of T and K is the sum of all differences from a day up to T that were known by K
(`projections/verloop.py`). Days are put together in tijdvakken and moments in kennisvakken, and
per cell `tussenstanden` holds the sum of each pair of them. What lies wholly before both the
tijdvak of T and the kennisvak of K is read from there; one by one are read only the differences
of the tijdvak of T, and those known in the kennisvak of K. Each difference is in one of these
three, so the sum is the same; a property test holds them together.

Tables find their way by an index. Files of columns read all of a column fast, and do without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from projections.store.encoding import KENNISVAK, TIJDVAK
from projections.store.read_model import ReadModel
from projections.store.schema import CELL, INDEXES

_COLUMNS: Final = (*CELL, "tijdvak", "kennisvak", "verschil")
_CELL: Final = ", ".join(CELL)
_ORDER: Final = ", ".join(INDEXES["verloop_per_tijdvak"].columns[: len(_COLUMNS) - 1])
"""Sums in the order of an index need no sorting."""
_FILL: Final = (
    f"INSERT INTO tussenstanden ({', '.join(_COLUMNS)}) "
    f"SELECT {_CELL}, {TIJDVAK}, {KENNISVAK}, CAST(sum(verschil) AS bigint) FROM verloop "
    f"{{}}GROUP BY {_ORDER} HAVING sum(verschil) <> 0 ORDER BY {_ORDER}"
)
_TOUCHED: Final = f"SELECT DISTINCT {TIJDVAK}, vestigingscode FROM verloop WHERE groep IN ({{}})"


class Changing(Protocol):
    """Runs a statement that returns nothing; values are named in it as `:name`."""

    def __call__(self, statement: str, values: Mapping[str, object] | None = None) -> None:
        """Run it."""


def fill(change: Changing) -> None:
    """Sum up all of `verloop` in the empty table `tussenstanden`."""
    change(_FILL.format(""))


@contextmanager
def kept_up(model: ReadModel, change: Changing, groups: Sequence[str]) -> Iterator[None]:
    """Sum up anew what some groups of streams (hex) are in, before or after what happens within.

    Within the transaction of that: who reads sees both or neither.
    """
    touched: defaultdict[int, set[str]] = defaultdict(set)
    _touch(model, groups, touched)
    yield
    _touch(model, groups, touched)
    for tijdvak, vestigingen in sorted(touched.items()):
        listed = sorted(vestigingen)
        for start in range(0, len(listed), model.per_query):
            marks, values = model.listed("key", listed[start : start + model.per_query])
            there = f"vestigingscode IN ({marks})"
            given = {**values, "tijdvak": tijdvak}
            change(f"DELETE FROM tussenstanden WHERE {there} AND tijdvak = :tijdvak", given)
            change(_FILL.format(f"WHERE {TIJDVAK} = :tijdvak AND {there} "), given)


def _touch(model: ReadModel, groups: Sequence[str], touched: dict[int, set[str]]) -> None:
    for tijdvak, vestigingscode in model.select_in(_TOUCHED, groups, {}):
        touched[tijdvak].add(vestigingscode)
