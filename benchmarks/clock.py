"""A clock that can stand still: what a peer needs is made while its time does not run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


class Clock:
    """Seconds, without those in which the next item was being made."""

    def __init__(self, seconds: Callable[[], float] = time.perf_counter) -> None:
        self._seconds = seconds
        self._stood_still = 0.0

    def __call__(self) -> float:
        """Return the seconds so far."""
        return self._seconds() - self._stood_still

    def standing_still(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield items; the clock stands still while one is made."""
        making = iter(items)
        while True:
            start = self._seconds()
            try:
                item = next(making)
            except StopIteration:
                return
            finally:
                self._stood_still += self._seconds() - start
            yield item


clock = Clock()
