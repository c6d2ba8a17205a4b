"""The commands `calendar` and `status`: are the numbers stable, and were they checked."""

from __future__ import annotations

from typing import Any

import click

from cli.reading import asking, knowledge_options, reading_of, reading_options, show, swv_option


@click.command()
@swv_option
@knowledge_options
@click.pass_context
def calendar(ctx: click.Context, /, swv: str | None, **options: Any) -> None:  # noqa: ANN401 - the common options
    """De kalender van tellingen: vaststelling, publicatie, bezwaartermijn, en wat er wijzigde.

    De vorige twee en de volgende twee teldata. Met --swv ook hoeveel leerlingen telden bij de
    vaststelling en hoeveel nu, en waardoor dat verschilt.
    """
    from projections.kalender import kalender_report
    from projections.moments import deciding_schoolsoorten

    reading = reading_of(options)
    if reading.bekend_op == "vaststelling":
        said = "elke teldatum heeft haar eigen vaststelling; noem een datum, een moment of nu"
        raise click.BadParameter(said, ctx, param_hint="--bekend-op")
    with asking(ctx, reading, deciding_schoolsoorten(swv)) as question:
        show(kalender_report(question, swv), reading)


@click.command()
@swv_option
@reading_options
@click.pass_context
def status(ctx: click.Context, /, swv: str | None, **options: Any) -> None:  # noqa: ANN401 - idem
    """Per vestiging of haar aantallen met DUO zijn vergeleken, en of dat nog klopt.

    Groen: de laatste controle klopt. Rood: die klopt niet. Geel: gewijzigd sinds de controle.
    Grijs: nooit gecontroleerd. Een controle is een ingelezen dashboard 1A, of een verzegelde
    aansluiting met het grootboek.
    """
    from projections.moments import deciding_schoolsoorten
    from projections.signalen.status import status_report

    if swv is None:
        raise click.MissingParameter(param_hint="--swv", param_type="option")
    reading = reading_of(options)
    with asking(ctx, reading, deciding_schoolsoorten(swv)) as question:
        show(status_report(question, swv), reading)
