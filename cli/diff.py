"""The command that compares a product with itself on another moment: `diff` (cli.md)."""

from __future__ import annotations

from typing import Any, Final

import click

from cli.reading import comparing, comparing_options, reading_of, show
from cli.reports import answer
from cli.selecting import (
    product_options,
    refuse_unfitting,
    selection_of,
    stand_options,
)
from projections.diff import diff_report
from projections.moments import deciding_schoolsoorten
from projections.products import PRODUCTS
from projections.questions import Question
from projections.report import Report
from projections.stand import stand_report

STAND: Final = "stand"
EXIT_DIFFERENCES: Final = 1


@click.command()
@click.argument("product", type=click.Choice((STAND, *PRODUCTS)), default=STAND)
@stand_options
@product_options
@comparing_options
@click.pass_context
def diff(ctx: click.Context, /, product: str, van: str, naar: str, **options: Any) -> None:  # noqa: ANN401 - of this command and of all
    """De rijen die tussen twee momenten verschillen.

    PRODUCT is stand of een product van `report`, en dan is --swv nodig. Van elke sleutel
    komt er een rij: erbij, eraf of gewijzigd, met voor en na per kolom. Een rij die op een
    van beide momenten buiten de keuze valt, is erbij of eraf. De uitgang is 1 als er
    verschillen zijn en anders 0.
    """
    refuse_unfitting(ctx, product)
    swv = options["swv"]
    if product != STAND and swv is None:
        raise click.MissingParameter(param_hint="--swv", param_type="option")
    reading = reading_of(options)
    schoolsoorten = options["schoolsoort"] or deciding_schoolsoorten(swv)
    with comparing(ctx, reading, (van, naar), schoolsoorten) as (before, after):
        found = diff_report(_answer(before, product, options), _answer(after, product, options))
        show(found, reading)
    if any(table.rijen for table in found.tabellen):
        ctx.exit(EXIT_DIFFERENCES)
    click.echo("geen verschillen", err=True)


def _answer(question: Question, product: str, options: dict[str, Any]) -> Report:
    """Return one side: what `stand` or `report` gives on that moment."""
    if product == STAND:
        return stand_report(question, selection_of(question, options))
    return answer(question, product, options["swv"], options)
