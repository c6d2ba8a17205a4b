"""The commands that answer: `stand`, `report` and `history` (cli.md)."""

from __future__ import annotations

from typing import Any

import click

from cli.reading import (
    asking,
    knowledge_options,
    reading_of,
    reading_options,
    show,
    swv_option,
)
from cli.selecting import (
    product_options,
    refuse_unfitting,
    selection_of,
    settings_of,
    stand_options,
    teldatum_of,
)
from projections.options import OptionError
from projections.products import PRODUCTS
from projections.products import answer as answer_of
from projections.questions import Question
from projections.report import Report


@click.command()
@stand_options
@reading_options
@click.pass_context
def stand(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - of stand and of all
    """De stand: een regel per inschrijving die op de teldatum loopt."""
    from projections.moments import deciding_schoolsoorten
    from projections.stand import stand_report

    reading = reading_of(options)
    schoolsoorten = options["schoolsoort"] or deciding_schoolsoorten(options["swv"])
    with asking(ctx, reading, schoolsoorten) as question:
        show(stand_report(question, selection_of(question, options)), reading)


@click.command()
@click.argument("product", type=click.Choice(list(PRODUCTS)))
@swv_option
@product_options
@reading_options
@click.pass_context
def report(
    ctx: click.Context,
    /,
    product: str,
    swv: str | None,
    **options: Any,  # noqa: ANN401 - of products and of all
) -> None:
    """Een product van DUO, berekend uit het grootboek; -o MAP schrijft DUO's bestandsnamen."""
    from projections.moments import deciding_schoolsoorten

    refuse_unfitting(ctx, product)
    if swv is None:
        raise click.MissingParameter(param_hint="--swv", param_type="option")
    reading = reading_of(options)
    reading = reading._replace(teldatum=reading.teldatum or teldatum_of(options))
    with asking(ctx, reading, deciding_schoolsoorten(swv)) as question:
        show(answer(question, product, swv, options), reading)


def answer(question: Question, product: str, swv: str, options: dict[str, Any]) -> Report:
    """Return what a product answers; an option that does not fit its days is a usage error."""
    try:
        return answer_of(product, question, swv, settings_of(options))
    except OptionError as error:
        raise click.BadParameter(str(error), param_hint=error.optie) from None


@click.command()
@click.argument("key", metavar="SLEUTEL")
@knowledge_options
@click.pass_context
def history(ctx: click.Context, /, key: str, **options: Any) -> None:  # noqa: ANN401 - the common options
    """Alle gebeurtenissen van SLEUTEL, met de drie tijden.

    SLEUTEL is een PGN of leerling-id, een inschrijving (12QN/2459428), een tlv, een
    vestiging of een samenwerkingsverband.
    """
    from ledger.codes import SCHOOLSOORTEN
    from projections.history import UnknownKeyError, history_report
    from projections.history import history as events_of

    reading = reading_of(options)
    with asking(ctx, reading, SCHOOLSOORTEN) as question:
        until = question.ledger.position if reading.positie is None else reading.positie
        try:
            rows = events_of(question.ledger, question.model, key, question.as_of.bekend_op, until)
        except UnknownKeyError as error:
            raise click.BadParameter(str(error), param_hint="SLEUTEL") from None
        show(history_report(question, rows), reading)


@click.command()
@knowledge_options
@click.pass_context
def imports(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - the common options
    """De ingelezen bestanden: bron, moment, aantallen, en welke zijn teruggedraaid.

    Het kenmerk in de eerste kolom is wat `undo` vraagt.
    """
    from ledger.codes import SCHOOLSOORTEN
    from projections.imports import imports_report

    reading = reading_of(options)
    with asking(ctx, reading, SCHOOLSOORTEN) as question:
        show(imports_report(question), reading)
