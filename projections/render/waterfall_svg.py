"""The waterfall as one SVG element: columns, connectors, axis, labels and legend.

Everything stands in attributes: no style sheet, no script, no font to fetch. What is
taken away is hatched, so that paper and colour-blind eyes tell it from what is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from textwrap import wrap
from typing import Final

from projections.render import text
from projections.render.waterfall import Bar, bars, stand
from projections.render.waterfall_frame import (
    AXIS_WIDTH,
    HEADROOM,
    LINE,
    MARGIN,
    Box,
    Frame,
    frame,
)
from projections.render.waterfall_marks import (
    BAND,
    COLOURS,
    EDGES,
    FAINT,
    FONT,
    GRID,
    HATCH,
    INK,
    WHITE,
    escaped,
    label_lines,
    path,
    rectangle,
    wave,
    words,
)
from projections.render.waterfall_words import TITELS, clipped, counted, signed, status, thousands
from projections.report import Report
from projections.verklaring import Kant, Verklaring

_TITLE_SIZE: Final = 18
_TITLE_BASE: Final = 34
_FIRST_LINE: Final = 58
_CHARACTER: Final = 6.4
"""The width of a character of small text, generously."""

_LEGEND: Final = (
    ("stand", "stand"),
    ("erbij", "erbij"),
    ("eraf", "eraf"),
    ("gelijk", "per saldo gelijk"),
)


def element(report: Report, verklaring: Verklaring) -> Iterator[str]:
    """Yield the lines of one `svg` element that tells how the one count became the other."""
    drawn = bars(verklaring)
    wide = frame(drawn, 0).width
    heading = _heading(report, verklaring, wide)
    plot = frame(drawn, _FIRST_LINE + LINE * len(heading))
    labels = [_label(bar, plot) for bar in drawn]
    below = plot.bottom + LINE * (max(map(len, labels)) + 1)
    height = below + LINE * 3
    yield opening(plot.width, height)
    yield f'<title id="waterval-titel">{escaped(report.titel)}</title>'
    yield f'<desc id="waterval-uitleg">{escaped(_description(verklaring, drawn))}</desc>'
    yield HATCH
    yield rectangle(Box(0, 0, plot.width, height), WHITE)
    yield from _title(report, heading, wide)
    yield from columns(drawn, labels, plot)
    yield from _legend(plot, below + LINE)
    yield "</svg>"


def columns(drawn: Sequence[Bar], labels: Sequence[Sequence[str]], plot: Frame) -> Iterator[str]:
    """Yield the columns with their labels under them, connectors, grid and axis."""
    yield from _bands(drawn, plot)
    yield from _grid(plot)
    yield from _connectors(drawn, plot)
    for column, (bar, label) in enumerate(zip(drawn, labels, strict=True)):
        yield from _column(column, bar, plot)
        yield from _under(column, bar, label, plot)
    yield from _axis(plot)


def opening(width: float, height: float) -> str:
    """Return the start of the element, which its `title` and `desc` name."""
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    named = 'role="img" aria-labelledby="waterval-titel waterval-uitleg" lang="nl" xml:lang="nl"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {named} font-family="{FONT}">'


def _heading(report: Report, verklaring: Verklaring, wide: float) -> list[str]:
    """Return the lines under the title: both moments, the difference, remarks."""
    verschil, positie = signed(verklaring.verschil), report.herkomst.positie
    said = (
        f"Van: {_side(verklaring.van)}",
        f"Naar: {_side(verklaring.naar)}",
        f"Verschil {verschil}; gelezen tot en met gebeurtenis {positie}",
        *report.herkomst.opmerkingen,
    )
    characters = int((wide - 2 * MARGIN) / _CHARACTER)
    return [line for one in said for line in wrap(text.printable(one), characters)]


def _side(kant: Kant) -> str:
    label = stand(kant).label
    return f"{label[0].lower()}{label[1:]}: {counted(kant.aantal)} ({status(kant)})"


def _description(verklaring: Verklaring, drawn: Sequence[Bar]) -> str:
    """Return the picture in one sentence per bar, for who does not see it."""
    said = [f"Verschil {signed(verklaring.verschil)}."]
    for bar in drawn:
        if bar.stap is None:
            said.append(f"{bar.label}: {counted(bar.end)}.")
        else:
            step = TITELS[bar.stap]
            said.append(f"{step}, {bar.label}: {signed(bar.change)} ({counted(bar.leerlingen)}).")
    return " ".join(said)


def _title(report: Report, heading: Sequence[str], wide: float) -> Iterator[str]:
    characters = int((wide - 2 * MARGIN) / _CHARACTER * 12 / _TITLE_SIZE)
    title = clipped(text.printable(report.titel), characters)
    yield words(MARGIN, _TITLE_BASE, title, size=_TITLE_SIZE, bold=True)
    for number, said in enumerate(heading):
        yield words(MARGIN, _FIRST_LINE + LINE * number, said, colour=FAINT)


def _bands(drawn: Sequence[Bar], plot: Frame) -> Iterator[str]:
    for stap, group in groupby(enumerate(drawn), key=lambda numbered: numbered[1].stap):
        if stap is None:
            continue
        columns = list(group)
        box = plot.band(columns[0][0], columns[-1][0])
        middle = box.x + box.width / 2
        total = sum(bar.change for _, bar in columns)
        yield rectangle(box, BAND)
        yield words(middle, box.y + 18, TITELS[stap], anchor="middle", size=13, bold=True)
        yield words(middle, box.y + 35, _minus(signed(total)), anchor="middle", size=13)


def _grid(plot: Frame) -> Iterator[str]:
    for tick in plot.axis.ticks:
        y = plot.height(tick)
        yield path([(AXIS_WIDTH, y), (plot.width - MARGIN, y)], GRID)
        yield words(AXIS_WIDTH - 10, y + 4, thousands(tick), anchor="end", colour=FAINT)


def _connectors(drawn: Sequence[Bar], plot: Frame) -> Iterator[str]:
    for column, (bar, following) in enumerate(pairwise(drawn)):
        y = plot.height(bar.end)
        left, right = plot.box(column, bar), plot.box(column + 1, following)
        yield path([(left.x + left.width, y), (right.x, y)], FAINT, dash="3 3")


def _column(column: int, bar: Bar, plot: Frame) -> Iterator[str]:
    box = plot.box(column, bar)
    if bar.kind != "stand" or bar.end > plot.axis.base:
        yield rectangle(box, COLOURS[bar.kind], EDGES[bar.kind])
    if bar.kind == "stand" and plot.axis.truncated:
        for above in (14, 20):
            yield path(wave(box.x - 3, plot.bottom - above, box.width + 6), WHITE, 2.5)
    value = thousands(bar.end) if bar.kind == "stand" else _minus(signed(bar.change))
    yield words(plot.middle(column), box.y - 7, value, anchor="middle", size=13, bold=True)


def _under(column: int, bar: Bar, label: Sequence[str], plot: Frame) -> Iterator[str]:
    bold = bar.kind == "stand"
    for number, said in enumerate(label, start=1):
        colour = FAINT if not bold and number == len(label) else INK
        at = plot.bottom + 4 + LINE * number
        yield words(plot.middle(column), at, said, anchor="middle", colour=colour, bold=bold)


def _label(bar: Bar, plot: Frame) -> list[str]:
    if bar.kind == "stand":
        return label_lines(bar.label, plot.pitch, bold=True)
    return [*label_lines(bar.label, plot.pitch), counted(bar.leerlingen)]


def _axis(plot: Frame) -> Iterator[str]:
    upper = plot.top - HEADROOM / 2
    foot = [(AXIS_WIDTH, plot.bottom), (plot.width - MARGIN, plot.bottom)]
    yield path(foot, INK, 1.2)
    yield path([(AXIS_WIDTH, upper), (AXIS_WIDTH, plot.bottom)], INK, 1.2)
    if plot.axis.truncated:
        yield path([(AXIS_WIDTH, plot.bottom - 22), (AXIS_WIDTH, plot.bottom - 12)], WHITE, 3)
        for above in (14, 20):
            yield path(wave(AXIS_WIDTH - 6, plot.bottom - above, 12), INK, 1.2)
    yield words(MARGIN / 2, upper - 8, "leerlingen", colour=FAINT)


def _legend(plot: Frame, y: float) -> Iterator[str]:
    x = float(AXIS_WIDTH)
    for kind, said in _LEGEND:
        high = 3 if kind == "gelijk" else 10
        yield rectangle(Box(x, y - 4.5 - high / 2, 16, high), COLOURS[kind], EDGES[kind])
        yield words(x + 22, y, said)
        x += 36 + _CHARACTER * (len(said) + 2)
    if plot.axis.truncated:
        first = thousands(plot.axis.base)
        note = f"Afgebroken as: hij begint bij {first}, niet bij 0."
        yield words(AXIS_WIDTH, y + LINE + 2, note, colour=FAINT)


def _minus(number: str) -> str:
    """Return the number with a minus sign as wide as a plus sign; a hyphen is hard to see."""
    return number.replace("-", "\N{MINUS SIGN}")
