"""The pupils of a ledger in parts: ranges of their random group ids, of some one size each."""

from __future__ import annotations

from typing import Final

from ledger.application import BEYOND_ALL, FIRST_PUPIL

EVENTS_PER_PARTITION: Final = 20_000
MOST_PARTITIONS: Final = 4096
"""So many are enough for eighty million events; more would be files and jobs of their own."""


def partitions(
    events: int, per_partition: int | None = None, most: int = MOST_PARTITIONS
) -> list[tuple[str, str]]:
    """Return ranges of group ids (hex) that part a ledger of so many events evenly."""
    count = max(1, min(most, events // (per_partition or EVENTS_PER_PARTITION)))
    edges = [f"{(number << 32) // count:08x}" for number in range(1, count)]
    firsts = [FIRST_PUPIL, *edges]
    return list(zip(firsts, [*edges, BEYOND_ALL], strict=True))
