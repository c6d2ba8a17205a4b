"""Why a count changed, on a screen: a waterfall in characters, the pupils, their events.

Nothing is wider than 100 characters. What is added is drawn in full blocks and what is
taken away in shaded ones, so that they differ without colour as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from math import ceil
from textwrap import wrap
from typing import Final

from projections.render import text, waterfall_lines, waterfall_words
from projections.render.waterfall import STAPPEN, Bar, Scale, bars, pupils, scale
from projections.render.waterfall_lines import WIDTH, Paint
from projections.report import Report
from projections.verklaring import Stap, Verklaring

ROOM: Final = 33
"""The characters left for the bars."""

_LABEL: Final = 42
_PUPILS: Final = 12
_NUMBER: Final = 11

_BLOCKS: Final[tuple[tuple[str, float, float], ...]] = (
    *((block, 0, (eighths + 1) / 8) for eighths, block in enumerate("▏▎▍▌▋▊▉█")),
    ("▐", 1 / 2, 1),
)
"""Block characters, each with the part of its cell that it fills."""

_SHADE: Final = "▒"
_RAIL: Final = "━"
_DOT: Final = "·"
_WAVE: Final = "≈"


def render(report: Report, *, max_rows: int | None = None, colour: bool = False) -> Iterator[bytes]:
    """Yield the heading, the waterfall, and per pupil its change and its events.

    At most `max_rows` lines of pupils and events; a line says how many pupils were left
    out. Colour (bold, green, red) only when asked.
    """
    verklaring = report.verklaring
    assert verklaring is not None, report.product
    paint = Paint(on=colour)
    chart = (*_heading(report, paint), "", *_chart(verklaring, paint))
    yield "".join(f"{line}\n" for line in chart).encode()
    for piece in waterfall_lines.lines(verklaring, max_rows, paint):
        yield piece.encode()


def _heading(report: Report, paint: Paint) -> Iterator[str]:
    for number, said in enumerate(text.heading_text(report).splitlines()):
        for line in wrap(text.printable(said), WIDTH):
            yield line if number else paint.bold(line)


def _chart(verklaring: Verklaring, paint: Paint) -> Iterator[str]:
    drawn = bars(verklaring)
    axis = scale(drawn, ROOM)
    yield _columns("", "leerlingen", "aantal", ends(axis))
    for stap, group in groupby(drawn, key=lambda bar: bar.stap):
        if stap is not None:
            yield paint.bold(_step(verklaring, stap))
        yield from (_line(bar, axis, paint) for bar in group)
    yield ""
    yield from _notes(verklaring, axis)


def _columns(label: str, pupils_: str, number: str, drawing: str = "") -> str:
    shown = f"{label:<{_LABEL}}{pupils_:>{_PUPILS}}{number:>{_NUMBER}}  {drawing}"
    return shown.rstrip()


def ends(axis: Scale) -> str:
    """Return the two numbers at the ends of the axis, above its first and last place."""
    first, last = waterfall_words.thousands(axis.base), waterfall_words.thousands(axis.top)
    return f"{first}{last:>{max(_room(axis) - len(first), len(last) + 1)}}"


def _step(verklaring: Verklaring, stap: Stap) -> str:
    total = sum(verklaring.stappen[stap].values())
    number = waterfall_words.thousands(pupils(verklaring, stap))
    return _columns(waterfall_words.TITELS[stap], number, waterfall_words.signed(total))


def _line(bar: Bar, axis: Scale, paint: Paint) -> str:
    if bar.kind == "stand":
        number = f"{waterfall_words.thousands(bar.end):>{_NUMBER}}"
        return paint.bold(f"{bar.label:<{_LABEL + _PUPILS}}{number}  {rail(bar, axis)}".rstrip())
    label = "  " + waterfall_words.clipped(text.printable(bar.label), _LABEL - 2)
    number = waterfall_words.thousands(bar.leerlingen)
    line = _columns(label, number, waterfall_words.signed(bar.change))
    return f"{line}  {paint.kind(bar.kind, drawing(bar, axis))}"


def _room(axis: Scale) -> int:
    """Return the length of the axis: every step takes a whole number of characters."""
    return ROOM // axis.steps * axis.steps


def rail(bar: Bar, axis: Scale) -> str:
    """Return the line of a count; it begins with a wave where the axis leaves numbers out."""
    line = _RAIL * round(axis.place(bar.end, _room(axis)))
    return _WAVE + line[1:] if axis.truncated else line


def drawing(bar: Bar, axis: Scale) -> str:
    """Return the block of a class: full for what is added, shaded for what is taken away."""
    room = _room(axis)
    left, right = sorted(axis.place(number, room) for number in (bar.start, bar.end))
    if bar.kind == "gelijk":
        return " " * max(round(right) - 1, 0) + _DOT
    if bar.kind == "eraf":
        start = min(round(left), room - 1)
        return " " * start + _SHADE * max(round(right) - start, 1)
    cells = range(int(left), ceil(right))
    return " " * int(left) + "".join(_block(left - cell, right - cell) for cell in cells)


def _block(left: float, right: float) -> str:
    """Return the character that comes nearest to the part of its cell that is covered."""
    covered = max(left, 0), min(right, 1)

    def missed(block: tuple[str, float, float]) -> float:
        return abs(block[1] - covered[0]) + abs(block[2] - covered[1])

    return min(_BLOCKS, key=missed)[0]


def _notes(verklaring: Verklaring, axis: Scale) -> Iterator[str]:
    van, naar = verklaring.van, verklaring.naar
    yield (
        f"Verschil {waterfall_words.signed(verklaring.verschil)}: "
        f"van {waterfall_words.thousands(van.aantal)} ({waterfall_words.status(van)}) "
        f"naar {waterfall_words.thousands(naar.aantal)} ({waterfall_words.status(naar)})."
    )
    for stap in STAPPEN:
        if not verklaring.stappen.get(stap):
            yield f"Geen {stap}."
    if verklaring.leerlingen:
        yield f"{_RAIL} stand   █ erbij   {_SHADE} eraf   {_DOT} per saldo gelijk"
        yield _axis_note(axis)


def _axis_note(axis: Scale) -> str:
    cells = ROOM // axis.steps
    one = waterfall_words.counted(axis.step)
    verb = "is" if axis.step == 1 else "zijn"
    scale_ = f"{one} {verb} {cells} {'teken' if cells == 1 else 'tekens'} breed"
    if not axis.truncated:
        return f"De as begint bij 0; {scale_}."
    first = waterfall_words.thousands(axis.base)
    return f"{_WAVE} De as begint bij {first} en niet bij 0; {scale_}."
