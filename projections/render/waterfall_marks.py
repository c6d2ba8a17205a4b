"""The marks a picture is made of, as SVG elements, and text made safe to stand in them."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from textwrap import wrap
from typing import Final, Literal

from projections.render import text
from projections.render.waterfall_frame import Box

FONT: Final = "'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

INK: Final = "#1d2733"
FAINT: Final = "#566270"
GRID: Final = "#dde3e9"
BAND: Final = "#f3f5f8"
WHITE: Final = "#ffffff"
COLOURS: Final = {"stand": "#3f5165", "erbij": "#12805f", "eraf": "url(#eraf)", "gelijk": INK}
"""Bluish green and vermilion, which colour-blind eyes tell apart; the latter is hatched."""

EDGES: Final = {"stand": "#3f5165", "erbij": "#0c5f46", "eraf": "#a8380f", "gelijk": INK}

HATCH: Final = (
    '<defs><pattern id="eraf" width="7" height="7" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="7" height="7" fill="#d1531f"/>'
    '<rect width="3" height="7" fill="#fdeee6"/></pattern></defs>'
)

_BREAKS: Final = {
    "samenwerkingsverband": "samenwerkings- verband",
    "referentiegegevens": "referentie- gegevens",
    "categoriewijziging": "categorie- wijziging",
}
"""Where the long words in the names of classes may break."""

_WIDEST_LABEL: Final = 170
_CHARACTER: Final = 7.4
_BOLD_CHARACTER: Final = 8.0
"""Generous widths: nobody knows the font that the reader's machine has."""

Anchor = Literal["start", "middle", "end"]


def escaped(value: object) -> str:
    """Return the text safe inside XML and HTML, also between quotes, on one line."""
    return escape(text.printable(value))


def words(
    x: float,
    y: float,
    shown: object,
    *,
    anchor: Anchor = "start",
    size: int = 12,
    colour: str = INK,
    bold: bool = False,
) -> str:
    """Return one line of text whose baseline starts, centres or ends at a point."""
    weight = ' font-weight="600"' if bold else ""
    at = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {at} font-size="{size}" fill="{colour}"{weight}>{escaped(shown)}</text>'


def rectangle(box: Box, colour: str, edge: str | None = None) -> str:
    """Return a filled rectangle, with a thin edge when it has a colour."""
    stroke = f' stroke="{edge}" stroke-width="1"' if edge else ""
    at = f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    return f'<rect {at} fill="{colour}"{stroke}/>'


def path(
    points: Iterable[tuple[float, float]], colour: str, width: float = 1, dash: str = ""
) -> str:
    """Return a line through points."""
    along = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    stroke = f'stroke="{colour}" stroke-width="{width:g}"{dashes}'
    return f'<polyline points="{along}" fill="none" {stroke}/>'


def wave(x: float, y: float, width: float) -> list[tuple[float, float]]:
    """Return a zigzag of this width to the right: numbers are left out here."""
    half = 4.0
    count = max(round(width / half), 2)
    step = width / count
    return [(x + step * n, y + (half / 2 if n % 2 else -half / 2)) for n in range(count + 1)]


def label_lines(label: str, width: float, *, bold: bool = False) -> list[str]:
    """Return a label over several lines of small text that fit this many pixels."""
    characters = int(min(width, _WIDEST_LABEL) / (_BOLD_CHARACTER if bold else _CHARACTER))
    parts = (
        _BREAKS.get(word, word) if len(word) > characters else word
        for word in text.printable(label).split()
    )
    return wrap(" ".join(parts), characters) or [""]
