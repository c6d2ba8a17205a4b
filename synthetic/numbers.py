"""Seeded pupil numbers that pass the check digit and were handed out by nobody.

All numbers are synthetic. A BSN made here begins with a 9 and an onderwijsnummer with
109, the far end of either range, so that they stay as clear as a number can of those in
use; a number that passes its check can never be shown to belong to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import Final

WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2)
ELEVEN: Final = 11
HIGHEST_DIGIT: Final = 9
REST_OF_ONDERWIJSNUMMER: Final = 5

BSN_START: Final = 90_000_000
BSN_COUNT: Final = 10_000_000
ONDERWIJSNUMMER_START: Final = 10_900_000
ONDERWIJSNUMMER_COUNT: Final = 100_000


def weighted_sum(first_eight: str) -> int:
    """Return 9a + 8b + ... + 2h of the first eight digits (outputs-and-rules.md 9.1)."""
    return sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first_eight, strict=True))


def bsn_numbers(seed: int, first: int = 0, last: int = BSN_COUNT) -> Iterator[str]:
    """Yield BSN's that pass the 11-check, each once, in an order that the seed decides.

    `first` and `last` cut a part out of that order: parts that do not overlap share no number.
    """
    for first_eight in _shuffled(BSN_START, BSN_COUNT, seed, range(first, last)):
        check = weighted_sum(first_eight) % ELEVEN
        if check <= HIGHEST_DIGIT:
            yield f"{first_eight}{check}"


def onderwijsnummers(seed: int, first: int = 0, last: int = ONDERWIJSNUMMER_COUNT) -> Iterator[str]:
    """Yield onderwijsnummers that pass the older and the modern rule, each once.

    The older rule wants the weighted sum, modulo 11, to be the last digit plus 5; what
    passes it also passes the modern one, so that no number made here gives a warning.
    `first` and `last` as for `bsn_numbers`.
    """
    order = range(first, last)
    for first_eight in _shuffled(ONDERWIJSNUMMER_START, ONDERWIJSNUMMER_COUNT, seed, order):
        check = weighted_sum(first_eight) % ELEVEN - REST_OF_ONDERWIJSNUMMER
        if check >= 0:
            yield f"{first_eight}{check}"


def _shuffled(start: int, count: int, seed: int, part: range) -> Iterator[str]:
    """Walk through [start, start + count) in steps that share no factor with its size."""
    assert 0 <= part.start <= part.stop <= count, "there are no more numbers than that"
    step = count * 618 // 1000 + seed * 2 % (count // 10)
    while gcd(step, count) != 1:
        step += 1
    place = (seed * 7_919 + part.start * step) % count
    for _ in part:
        yield str(start + place)
        place = (place + step) % count
