"""Where everything in the picture of a waterfall stands. Pure numbers, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from projections.render.waterfall import Bar, Scale, scale

MARGIN: Final = 24
AXIS_WIDTH: Final = 64
PLOT_HEIGHT: Final = 280
BAND_HEIGHT: Final = 44
"""Above the plot: the name and the sum of a step."""
HEADROOM: Final = 26
"""Between the highest number and the band: room for the value on a column."""
LINE: Final = 16
"""From one line of small text to the next."""

_NARROWEST: Final = 104
_PLOT_WIDTH: Final = 676
_COLUMN: Final = 64
_FILLED: Final = 0.62
_MOST_TICKS: Final = 6
_THINNEST: Final = 2.0


class Box(NamedTuple):
    """A rectangle: its left upper corner, its width and its height."""

    x: float
    y: float
    width: float
    height: float


class Frame(NamedTuple):
    """The plot: its axis, its number of columns, and how far below the top edge it begins."""

    axis: Scale
    columns: int
    top: float

    @property
    def pitch(self) -> float:
        """Return the distance between the middles of two columns."""
        return max(_NARROWEST, _PLOT_WIDTH / self.columns)

    @property
    def width(self) -> float:
        """Return the width of the whole picture."""
        return AXIS_WIDTH + self.pitch * self.columns + MARGIN

    @property
    def bottom(self) -> float:
        """Return how far below the top edge the first number of the axis lies."""
        return self.top + PLOT_HEIGHT

    def middle(self, column: int) -> float:
        """Return the middle of a column, counted from 0."""
        return AXIS_WIDTH + self.pitch * (column + 0.5)

    def height(self, number: int) -> float:
        """Return how far below the top edge a number lies."""
        return self.bottom - self.axis.place(number, PLOT_HEIGHT)

    def box(self, column: int, bar: Bar) -> Box:
        """Return the rectangle of a bar; one that changes nothing is a thin line."""
        upper = self.height(max(bar.start, bar.end))
        lower = self.height(min(bar.start, bar.end))
        width = min(self.pitch * _FILLED, _COLUMN)
        thick = max(lower - upper, _THINNEST)
        return Box(self.middle(column) - width / 2, upper, width, thick)

    def band(self, first: int, last: int) -> Box:
        """Return the rectangle behind the columns of one step, with room for its name."""
        left = self.middle(first) - self.pitch / 2
        upper = self.top - HEADROOM - BAND_HEIGHT
        return Box(left, upper, self.pitch * (last - first + 1), self.bottom - upper)


def frame(drawn: Sequence[Bar], heading: float) -> Frame:
    """Return the frame for these bars under a heading of this height."""
    return Frame(scale(drawn, _MOST_TICKS), len(drawn), heading + BAND_HEIGHT + HEADROOM)
