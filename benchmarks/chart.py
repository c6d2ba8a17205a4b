"""Curves over sizes as an SVG picture: log-log panels, readable on a light and a dark page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, NamedTuple

from benchmarks.figures import duration

WIDTH: Final = 660
HEIGHT: Final = 330
LEFT: Final = 64
RIGHT: Final = 300
TOP: Final = 44
BOTTOM: Final = 34
LINE_HEIGHT: Final = 15
COLUMNS: Final = 2

HUES: Final = 7
"""Colours for peers; more curves than that share one, their labels tell them apart."""

STYLE: Final = """
svg { font: 12px system-ui, sans-serif; --page: #fff; --ink: #1c1c1c; --dim: #6b6b6b;
  --grid: #e4e4e4; --ours: #0b57d0; --c0: #b3541e; --c1: #2e7d32; --c2: #7b1fa2;
  --c3: #00796b; --c4: #ad1457; --c5: #5d4037; --c6: #616161; }
@media (prefers-color-scheme: dark) { svg { --page: #16181c; --ink: #e8e8e8; --dim: #a0a0a0;
  --grid: #33363c; --ours: #7cb2ff; --c0: #ffab76; --c1: #7ddc84; --c2: #d7a3f5;
  --c3: #5fd6c6; --c4: #ff8fb5; --c5: #d2b1a4; --c6: #bdbdbd; } }
.page { fill: var(--page); } text { fill: var(--ink); } .dim { fill: var(--dim); }
.title { font-weight: 600; font-size: 14px; } .grid { stroke: var(--grid); }
polyline { fill: none; stroke-width: 1.5; } .ours { stroke-width: 3; }
.also { stroke-dasharray: 7 4; }
"""


class Curve(NamedTuple):
    """One thing measured: its name, and (events, seconds) from small to large; ours or a peer."""

    name: str
    points: tuple[tuple[int, float], ...]
    ours: bool


class Panel(NamedTuple):
    """Curves with the same axes, under a title."""

    title: str
    curves: tuple[Curve, ...]


class Scale(NamedTuple):
    """Where a value stands on a logarithmic axis, in pixels."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        share = math.log10(value / self.low) / math.log10(self.high / self.low)
        return self.start + share * (self.end - self.start)


def picture(panels: Sequence[Panel]) -> str:
    """Return the panels as one SVG document."""
    rows = math.ceil(len(panels) / COLUMNS)
    width, height = WIDTH * min(COLUMNS, len(panels)), HEIGHT * rows
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape('; '.join(panel.title for panel in panels))}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
    ]
    for number, panel in enumerate(panels):
        x, y = number % COLUMNS * WIDTH, number // COLUMNS * HEIGHT
        parts += [f'<g transform="translate({x} {y})">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel) -> Iterator[str]:
    events = [events for curve in panel.curves for events, _ in curve.points]
    seconds = [seconds for curve in panel.curves for _, seconds in curve.points]
    x = Scale(min(events) / 1.5, max(events) * 1.5, LEFT, WIDTH - RIGHT)
    y = Scale(_decade(min(seconds)), _decade(max(seconds)) * 10, HEIGHT - BOTTOM, TOP)
    yield f'<text class="title" x="{LEFT}" y="24">{escape(panel.title)}</text>'
    yield from _axes(x, y, sorted(set(events)))
    for number, curve in enumerate(panel.curves):
        yield from _curve(curve, number, x, y)
    ends = [y.at(curve.points[-1][1]) for curve in panel.curves]
    for place, (curve, end) in enumerate(zip(panel.curves, _apart(ends), strict=True)):
        text = escape(f"{curve.name}, {duration(curve.points[-1][1])}")
        fill = f"fill:var({_hue(curve, place)})"
        weight = ";font-weight:600" if curve.ours else ""
        left = WIDTH - RIGHT + 10
        yield f'<text style="{fill}{weight}" x="{left}" y="{end + 4:.1f}">{text}</text>'


def _axes(x: Scale, y: Scale, events: list[int]) -> Iterator[str]:
    value = y.low
    while value <= y.high * 1.01:
        at = y.at(value)
        yield f'<line class="grid" x1="{x.start}" x2="{x.end}" y1="{at:.1f}" y2="{at:.1f}"/>'
        label = duration(value)
        yield (
            f'<text class="dim" text-anchor="end" x="{x.start - 6}" y="{at + 4:.1f}">{label}</text>'
        )
        value *= 10
    last = -math.inf
    for count in events:
        at = x.at(count)
        if at - last < 40:
            continue
        last = at
        yield (
            f'<text class="dim" text-anchor="middle" x="{at:.1f}" y="{y.start + 18}">'
            f"{_count(count)}</text>"
        )


def _curve(curve: Curve, number: int, x: Scale, y: Scale) -> Iterator[str]:
    colour = f"var({_hue(curve, number)})"
    at = [(x.at(events), y.at(seconds)) for events, seconds in curve.points]
    line = " ".join(f"{one:.1f},{two:.1f}" for one, two in at)
    # Ours come first in a panel; those after the first have the same colour, dashed.
    kind = f' class="ours{" also" * (number > 0)}"' if curve.ours else ""
    yield f'<polyline{kind} style="stroke:{colour}" points="{line}"/>'
    for (one, two), (events, seconds) in zip(at, curve.points, strict=True):
        told = escape(f"{curve.name}, {_count(events)}: {duration(seconds)}")
        yield (
            f'<circle style="fill:{colour}" cx="{one:.1f}" cy="{two:.1f}" r="3">'
            f"<title>{told}</title></circle>"
        )


def _apart(ends: list[float]) -> list[float]:
    """Return where labels go, each near the end of its curve and none upon another."""
    order = sorted(range(len(ends)), key=lambda place: ends[place])
    placed: dict[int, float] = {}
    above = -math.inf
    for place in order:
        above = placed[place] = max(ends[place], above + LINE_HEIGHT)
    below = float(HEIGHT - BOTTOM + LINE_HEIGHT)
    for place in reversed(order):
        below = placed[place] = min(placed[place], below - LINE_HEIGHT)
    return [placed[place] for place in range(len(ends))]


def _hue(curve: Curve, number: int) -> str:
    return "--ours" if curve.ours else f"--c{number % HUES}"


def _decade(value: float) -> float:
    return float(10 ** math.floor(math.log10(value)))


def _count(events: int) -> str:
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if events >= unit * 0.95:
            return f"{events / unit:.0f}{letter}"
    return str(events)
