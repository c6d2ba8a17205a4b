"""From one report to a screen, a pipe or files; the renderers know nothing of the question."""

from projections.render.files import format_of, write
from projections.render.formats import FORMATS, UnknownFormat, render
from projections.render.text import heading_text

__all__ = ["FORMATS", "UnknownFormat", "format_of", "heading_text", "render", "write"]
