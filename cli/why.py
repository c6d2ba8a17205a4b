"""The commands about change: `why` (rules.md 8) and `when` (cli.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from cli.reading import (
    asking,
    comparing,
    comparing_options,
    reading_of,
    reading_options,
    show,
    swv_option,
)
from cli.selecting import vestiging_option

if TYPE_CHECKING:
    from projections.store.ask import Selection

Command = TypeVar("Command", bound=Callable[..., Any])

_COUNT_OPTIONS: Final = (
    swv_option,
    click.option(
        "--schoolsoort",
        type=click.Choice(["SBO", "SO", "VSO"]),
        multiple=True,
        help="Alleen deze schoolsoort; meer dan een mag.",
    ),
    vestiging_option,
    click.option(
        "--categorie",
        type=click.Choice(["SBO", "LAAG", "MIDDEN", "HOOG"]),
        help="Alleen deze ondersteuningscategorie.",
    ),
    click.option(
        "--basis", type=click.Choice(["TLV", "RP", "OVERIG"]), help="Alleen op deze grond."
    ),
    click.option("--wijze", metavar="WIJZE", help="Alleen met deze wijze van bepaling."),
)


def count_options(command: Command) -> Command:
    """Add what narrows a count (rules.md 8)."""
    for option in reversed(_COUNT_OPTIONS):
        command = option(command)
    return command


def count_of(options: dict[str, Any]) -> Selection:
    """Take the options that narrow a count out of all, and return what they select."""
    from projections.store.ask import Selection
    from projections.why.explain import count_of as counting

    return counting(
        Selection(
            swv=options.pop("swv"),
            vestigingscode=options.pop("vestiging"),
            schoolsoorten=options.pop("schoolsoort"),
            categorie=options.pop("categorie"),
            basis=options.pop("basis"),
            wijze=options.pop("wijze"),
        )
    )


@click.command()
@count_options
@comparing_options
@click.pass_context
def why(ctx: click.Context, /, van: str, naar: str, **options: Any) -> None:  # noqa: ANN401 - of counts and of all
    """Waarom een telling veranderde: per klasse, per leerling, per gebeurtenis.

    Eerst de correcties (wat over de eerste teldatum anders bekend werd), dan de mutaties
    (wat tussen de teldata gebeurde). De bijdragen tellen precies op tot het verschil.
    """
    from projections.why.report import why_report

    reading = reading_of(options)
    selection = count_of(options)
    with comparing(ctx, reading, (van, naar), selection.schoolsoorten) as (one, two):
        show(why_report(one, two, selection), reading)


@click.command()
@count_options
@click.option(
    "--over",
    type=click.Choice(["bekend-op", "teldatum"]),
    default="bekend-op",
    show_default=True,
    help="Alle waarden van een teldatum zoals die bekend werd, of van alle teldata tot deze.",
)
@reading_options
@click.pass_context
def when(ctx: click.Context, /, over: str, **options: Any) -> None:  # noqa: ANN401 - idem
    """Sinds wanneer een telling haar waarde heeft, en alle waarden ervoor.

    Met de gebeurtenissen die de telling van de ene op de andere waarde brachten.
    """
    from projections.moments import moment_of
    from projections.why.when_report import when_over_knowledge, when_over_teldata

    reading = reading_of(options)
    selection = count_of(options)
    with asking(ctx, reading, selection.schoolsoorten) as question:
        if over == "bekend-op":
            show(when_over_knowledge(question, selection), reading)
            return

        def known(teldatum: date) -> datetime | None:
            soorten = selection.schoolsoorten
            return moment_of(reading.bekend_op, teldatum, soorten, question.model)

        show(when_over_teldata(question, selection, known), reading)
