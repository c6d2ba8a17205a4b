"""The products by name, and in which module each is answered (rules.md 7, cli.md).

A module is loaded when its product is asked for: a count needs no rates and no reader of CSV.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, Protocol, cast

from projections.options import Options
from projections.questions import Question
from projections.report import Report

PRODUCTS: Final = {
    "dashboard-1a": "projections.dashboard_1a",
    "dashboard-1b": "projections.dashboard_1b",
    "dashboard-2": "projections.dashboard_2",
    "kijkglas-1": "projections.kijkglas_1",
    "kijkglas-2": "projections.kijkglas_2",
    "kijkglas-3": "projections.kijkglas_3",
    "kijkglas-4": "projections.kijkglas_4",
    "kijkglas-5": "projections.kijkglas_5",
    "toename": "projections.toename",
    "bekostiging": "projections.bekostiging",
    "ofb": "projections.ofb",
    "indicatoren": "projections.indicatoren",
}
"""Each module has a function `answer`."""


class _Product(Protocol):
    def answer(self, question: Question, swv: str, options: Options) -> Report: ...


def answer(product: str, question: Question, swv: str, options: Options) -> Report:
    """Return a product of a samenwerkingsverband. Raises OptionError; KeyError for no product."""
    module = cast("_Product", import_module(PRODUCTS[product]))
    return module.answer(question, swv, options)
