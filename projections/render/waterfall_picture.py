"""Why a count changed, as a picture: an SVG or an HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from projections.render import waterfall_page, waterfall_svg
from projections.report import Report
from projections.verklaring import Verklaring


def svg(report: Report) -> Iterator[bytes]:
    """Yield the waterfall as an SVG file: UTF-8, well-formed XML, the same for the same report."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    for line in waterfall_svg.element(report, _verklaring(report)):
        yield f"{line}\n".encode()


def html(report: Report) -> Iterator[bytes]:
    """Yield a page with the waterfall, the classes, the pupils and their events: UTF-8."""
    verklaring = _verklaring(report)
    yield waterfall_page.opening(report).encode()
    for line in waterfall_svg.element(report, verklaring):
        yield f"{line}\n".encode()
    for piece in waterfall_page.rest(report, verklaring):
        yield piece.encode()


def _verklaring(report: Report) -> Verklaring:
    assert report.verklaring is not None, report.product
    return report.verklaring
