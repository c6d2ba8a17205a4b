"""How the building code of random histories chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tests.histories_pools import BRONNEN, MOMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tests.oracle_facts import Event

T = TypeVar("T")


class Chooser:
    """Chooses by a seeded generator."""

    def __init__(self, random: Random) -> None:
        """Choose with `random`."""
        self._random = random

    def pick(self, options: tuple[T, ...]) -> T:
        """Return one of the options; those named twice come twice as often."""
        return self._random.choice(options)

    def chance(self, percent: int) -> bool:
        """Return True in about that many cases of a hundred."""
        return self._random.random() * 100 < percent


def some(chooser: Chooser, most: int, percent: int) -> Iterator[int]:
    """Count up to `most`, as long as chance wills it."""
    for index in range(most):
        if not chooser.chance(percent):
            return
        yield index


def moment_after(chooser: Chooser, earliest: str) -> str:
    """Return a moment mostly not before another, close by more often than far away."""
    if chooser.chance(8):
        return chooser.pick(MOMENTS)
    index = MOMENTS.index(earliest)
    return chooser.pick(MOMENTS[index:] + MOMENTS[index : index + 3])


def told(chooser: Chooser, kind: str, bekend_op: str, **fields: object) -> Event:
    """Return an event; some say which source spoke."""
    event: Event = {"type": kind, "bekend_op": bekend_op}
    if chooser.chance(15):
        event["bron"] = chooser.pick(BRONNEN)
    return event | fields
