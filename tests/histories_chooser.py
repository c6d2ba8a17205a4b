"""How the building code of random histories chooses, whoever does the choosing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from tests.histories_pools import BRONNEN, MOMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle_facts import Event

T = TypeVar("T")


class Chooser(Protocol):
    """A source of choices: hypothesis, or a seeded generator."""

    def pick(self, options: tuple[T, ...]) -> T:
        """Return one of the options; the first is the simplest."""

    def chance(self, percent: int) -> bool:
        """Return True in about that many cases of a hundred; False is the simplest."""


def some(chooser: Chooser, most: int, percent: int) -> Iterator[int]:
    """Count up while chance wills it; each round starts with its own coin, so it shrinks away."""
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
