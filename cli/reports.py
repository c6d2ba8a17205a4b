"""The commands that answer: `stand`, `report` and `history` (cli.md)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import click

from cli.opening import Day
from cli.reading import (
    Reading,
    asking,
    knowledge_options,
    reading_options,
    show,
    swv_option,
)

PRODUCTS: Final = ("dashboard-1a", "dashboard-1b")


def _reading(options: dict[str, Any]) -> Reading:
    return Reading(*(options.pop(name, None) for name in Reading._fields))


@click.command()
@swv_option
@click.option("--vestiging", metavar="CODE", help="Alleen deze vestiging.")
@click.option(
    "--schoolsoort",
    type=click.Choice(["BO", "SBO", "SO", "VSO", "VO"]),
    multiple=True,
    help="Alleen deze schoolsoort; meer dan een mag.",
)
@click.option("--pgn", metavar="PGN", help="Alleen deze leerling.")
@reading_options
@click.pass_context
def stand(
    ctx: click.Context,
    /,
    swv: str | None,
    vestiging: str | None,
    schoolsoort: tuple[str, ...],
    pgn: str | None,
    **options: Any,  # noqa: ANN401 - the common options
) -> None:
    """De stand: een regel per inschrijving die op de teldatum loopt."""
    from projections.moments import deciding_schoolsoorten
    from projections.products import stand_report
    from projections.store import ask

    reading = _reading(options)
    with asking(ctx, reading, schoolsoort or deciding_schoolsoorten(swv)) as question:
        leerlingen: tuple[str, ...] = ()
        if pgn is not None:
            found = question.ledger.vault.find([pgn])
            groups = [identity.groep.hex for identity in found.values()]
            leerlingen = ask.pupils_of_groups(question.model, groups) or ("",)
        selection = ask.Selection(swv, vestiging, schoolsoort, leerlingen)
        show(stand_report(question, selection), reading)


@click.command()
@click.argument("product", type=click.Choice(PRODUCTS))
@swv_option
@click.option(
    "--lidmaatschap",
    type=Day(),
    help="1A, bestand 3: dag waarop vestigingen zijn aangesloten; standaard die van de telling.",
)
@click.option(
    "--zonder-ongebruikte-tlv",
    is_flag=True,
    help="1B: laat gegevens van een niet gebruikte tlv weg.",
)
@reading_options
@click.pass_context
def report(
    ctx: click.Context,
    /,
    product: str,
    swv: str | None,
    lidmaatschap: date | None,
    zonder_ongebruikte_tlv: bool,
    **options: Any,  # noqa: ANN401 - the common options
) -> None:
    """Een product van DUO, berekend uit het grootboek; -o MAP schrijft DUO's bestandsnamen."""
    from projections.moments import deciding_schoolsoorten
    from projections.products import PRODUCTS as ANSWERS
    from projections.products import Options

    if swv is None:
        raise click.MissingParameter(param_hint="--swv", param_type="option")
    reading = _reading(options)
    with asking(ctx, reading, deciding_schoolsoorten(swv)) as question:
        answer = ANSWERS[product](question, swv, Options(lidmaatschap, not zonder_ongebruikte_tlv))
        show(answer, reading)


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
    from projections.history import UnknownKeyError
    from projections.history import history as events_of
    from projections.products import history_report

    reading = _reading(options)
    with asking(ctx, reading, SCHOOLSOORTEN) as question:
        until = question.ledger.position if reading.positie is None else reading.positie
        try:
            rows = events_of(question.ledger, question.model, key, question.as_of.bekend_op, until)
        except UnknownKeyError as error:
            raise click.BadParameter(str(error), param_hint="SLEUTEL") from None
        show(history_report(question, rows), reading)
