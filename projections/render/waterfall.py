"""A Verklaring as the bars of a waterfall, and the scale they stand on. Pure numbers.

The screen and the picture draw the same bars: what starts where the one before it ended
is decided here, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, count, pairwise
from typing import Final, Literal, NamedTuple

from projections.report import Moment
from projections.verklaring import CORRECTIES, MUTATIES, Kant, Stap, Verklaring

Kind = Literal["stand", "erbij", "eraf", "gelijk"]
"""A count, or a class that adds pupils, takes them away, or does neither on balance."""

STAPPEN: Final[tuple[Stap, ...]] = (CORRECTIES, MUTATIES)

_SMALL: Final = 3
"""Changes under a third of the count are drawn on an axis that does not begin at zero."""

_MARGIN: Final = 4
"""Such an axis begins at least a quarter of the changes below the lowest count."""


class Bar(NamedTuple):
    """One bar, from the number `start` to the number `end`, in pupils.

    A stand rises from 0; a class starts where the bar before it ended, and has the
    number of its pupils and its step. A stand has neither.
    """

    label: str
    kind: Kind
    start: int
    end: int
    leerlingen: int = 0
    stap: Stap | None = None

    @property
    def change(self) -> int:
        """Return what a class adds, negative for what it takes away."""
        return self.end - self.start


class Scale(NamedTuple):
    """The axis: its first and last number, both whole steps, and the step between ticks."""

    base: int
    top: int
    step: int

    @property
    def truncated(self) -> bool:
        """Tell whether the axis leaves out what lies between zero and its first number."""
        return self.base > 0

    @property
    def steps(self) -> int:
        """Return the number of steps on the axis, at least one."""
        return (self.top - self.base) // self.step

    @property
    def ticks(self) -> range:
        """Return the numbers along the axis, both ends with them."""
        return range(self.base, self.top + 1, self.step)

    def place(self, number: int, room: float) -> float:
        """Return how far along an axis of this length the number lies, 0 at its first."""
        return (max(number, self.base) - self.base) * room / (self.top - self.base)


def bars(verklaring: Verklaring) -> tuple[Bar, ...]:
    """Return the bars in their order: a stand, the corrections, the mutations, a stand.

    Where both steps have classes, the count between them stands between them: the first
    teldatum, as known on the second side.
    """
    van, naar = verklaring.van, verklaring.naar
    correcties = _classes(verklaring, CORRECTIES, van.aantal)
    between = correcties[-1].end if correcties else van.aantal
    mutaties = _classes(verklaring, MUTATIES, between)
    middle = Kant(van.teldatum, naar.bekend_op, between, naar.status)
    return (
        stand(van),
        *correcties,
        *((stand(middle),) if correcties and mutaties else ()),
        *mutaties,
        stand(naar),
    )


def stand(kant: Kant) -> Bar:
    """Return the bar of a count; its label is the moment, as every heading writes it."""
    moment = str(Moment(kant.teldatum, kant.bekend_op))
    return Bar(moment[0].upper() + moment[1:], "stand", 0, kant.aantal)


def pupils(verklaring: Verklaring, stap: Stap) -> int:
    """Return how many pupils a step is about, each of them once."""
    return len({change.leerling for change in verklaring.leerlingen if change.stap == stap})


def _classes(verklaring: Verklaring, stap: Stap, start: int) -> tuple[Bar, ...]:
    sums = verklaring.stappen.get(stap, {})
    counted = Counter(
        klasse
        for klasse, _ in {
            (change.klasse, change.leerling)
            for change in verklaring.leerlingen
            if change.stap == stap
        }
    )
    levels = pairwise(accumulate(sums.values(), initial=start))
    return tuple(
        Bar(klasse, kind_of(end - begin), begin, end, counted[klasse], stap)
        for klasse, (begin, end) in zip(sums, levels, strict=True)
    )


def kind_of(change: int) -> Kind:
    """Return what a signed number of pupils is: added, taken away, or neither."""
    return "erbij" if change > 0 else "eraf" if change < 0 else "gelijk"


def scale(drawn: Sequence[Bar], most: int) -> Scale:
    """Return the axis for these bars with at most so many steps.

    A step is 1, 2 or 5 times a power of ten. The axis begins at zero, unless the changes
    would then be too small to see.
    """
    assert most > 1, most
    lowest = min(bar.end for bar in drawn)
    highest = max(bar.end for bar in drawn)
    wanted = _first(lowest, highest)
    for step in _round_steps():
        base = wanted // step * step
        top = max(-(-highest // step) * step, base + step)
        if (top - base) // step <= most:
            return Scale(base, top, step)
    raise AssertionError("some step is large enough")


def _first(lowest: int, highest: int) -> int:
    span = highest - lowest
    if not 0 < span * _SMALL < highest:
        return min(lowest, 0)
    return max(lowest - max(span // _MARGIN, 1), 0)


def _round_steps() -> Iterator[int]:
    for power in count():
        yield from (digit * 10**power for digit in (1, 2, 5))
