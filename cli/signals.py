"""The command `signals`: what is odd about enrolments and tlv's, and who acts (rules.md 10)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.reading import Reading, asking, reading_of, reading_options, show, swv_option
from cli.selecting import vestiging_option
from ledger.failing import reason
from projections.signalen.model import SIGNALEN

if TYPE_CHECKING:
    from projections.report import Report


@click.command()
@swv_option
@vestiging_option
@click.option(
    "--signaal",
    "namen",
    type=click.Choice(list(SIGNALEN)),
    multiple=True,
    metavar="NAAM",
    help=f"Alleen dit signaal; meer dan een mag. Een van: {', '.join(SIGNALEN)}.",
)
@click.option(
    "--maanden",
    type=click.IntRange(min=0, max=120),
    default=3,
    show_default=True,
    help="Zoveel maanden na de teldatum wordt gekeken of een tlv afloopt.",
)
@click.option(
    "--per-school",
    is_flag=True,
    help="Schrijf met -o MAP per instelling een bestand met wat de school kan doen.",
)
@reading_options
@click.pass_context
def signals(
    ctx: click.Context,
    /,
    swv: str | None,
    vestiging: str | None,
    namen: tuple[str, ...],
    maanden: int,
    per_school: bool,
    **options: Any,  # noqa: ANN401 - the common options
) -> None:
    """Signalen: wat aan inschrijvingen en tlv's niet klopt of aandacht vraagt, en wie dat kan doen.

    Over de inschrijvingen in sbo, so en vso van het samenwerkingsverband: daaraan toegerekend,
    of op een vestiging die is aangesloten. Van elk signaal: de regel, de inschrijving of tlv,
    sinds wanneer het zo bekend is, wie er iets aan doet, en uit welke gebeurtenissen het volgt.
    """
    from projections.moments import deciding_schoolsoorten
    from projections.signalen.per_school import per_school as by_school
    from projections.signalen.signalen import Keuze, signalen_report

    reading = reading_of(options)
    if per_school and reading.output is None:
        raise click.UsageError("--per-school schrijft bestanden; geef de map met -o MAP", ctx)
    with asking(ctx, reading, deciding_schoolsoorten(swv)) as question:
        report = signalen_report(question, Keuze(swv, vestiging, namen, maanden))
        if per_school:
            _write_each(by_school(report), reading)
            return
        show(report, reading)


def _write_each(reports: Mapping[str, Report], reading: Reading) -> None:
    """Write a file for each school into the folder: csv-excel unless asked otherwise."""
    folder, form = Path(str(reading.output)), reading.format or "csv-excel"
    ending = {"csv-excel": "csv", "table": "txt"}.get(form, form)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise click.BadParameter(
            f"{folder} is een bestand; geef een map", param_hint="-o"
        ) from None
    except OSError as error:
        raise click.BadParameter(f"{folder}: {reason(error)}", param_hint="-o") from None
    for code, report in reports.items():
        named = reading._replace(output=str(folder / f"signalen_{code}.{ending}"), format=form)
        show(report, named)
    if not reports:
        click.echo("geen signalen waar een school iets aan kan doen", err=True)
