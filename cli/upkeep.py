"""The commands that keep a ledger sound: `verify`, `rebuild` and `export` (cli.md)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from cli.opening import opened, progress_bar, undated_option
from cli.output import write_file, write_output
from cli.reading import asking, reading_of, reading_options, show, swv_option

EXIT_FAILED = 1


@click.command()
@undated_option
@click.pass_context
def verify(ctx: click.Context) -> None:
    """Controleert de hashketen, de invarianten, en of het leesmodel gelijk is aan herhalen.

    Uitgangsstatus 1 als er iets niet klopt; noemt dan de eerste gebeurtenis die gewijzigd,
    verwijderd of ingevoegd is.
    """
    from projections.verification import verify as checks

    failed = False
    with opened(ctx.obj) as ledger:
        for check in checks(ledger):
            click.echo(f"{check.naam}: {'goed' if not check.gevonden else 'NIET GOED'}")
            for found in check.gevonden:
                click.echo(f"  {found}")
            failed = failed or bool(check.gevonden)
        click.echo(f"{ledger.position} gebeurtenissen, hoofd van de keten {ledger.head()}")
    if failed:
        ctx.exit(EXIT_FAILED)


@click.command()
@click.option(
    "--workers", type=click.IntRange(min=1), help="Aantal processen; standaard alle kernen."
)
@click.option(
    "--scheduler",
    metavar="ADRES",
    help="Reken op het Dask-cluster van deze scheduler (tcp://…), zodra dat --workers werkers "
    "heeft; heeft de extra 'cluster' nodig.",
)
@undated_option
@click.pass_context
def rebuild(ctx: click.Context, workers: int | None, scheduler: str | None) -> None:
    """Maakt het leesmodel opnieuw uit de gebeurtenissen."""
    from projections.refresh import rebuild as rebuilt

    with (
        opened(ctx.obj) as ledger,
        progress_bar(ledger.position, "leesmodel opnieuw maken") as advance,
    ):
        model = rebuilt(
            ledger, workers, advance, scheduler, lambda said: click.echo(said, err=True)
        )
        position = model.position
        model.close()
    click.echo(f"leesmodel opnieuw gemaakt tot en met gebeurtenis {position}")


@click.group()
def export() -> None:
    """Schrijft het grootboek uit als bestand."""


@export.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="PAD", help="Standaard stdout."
)
@undated_option
@click.pass_context
def events(ctx: click.Context, output: Path | None) -> None:
    """De gebeurtenissen als feed (JSON Lines), in de volgorde waarin ze zijn geboekt.

    De feed bevat PGN's, geboortedata en postcodes in klare tekst.
    """
    from ledger.exporting import feed_lines

    with opened(ctx.obj) as ledger, closing(feed_lines(ledger)) as lines:
        if output is None:
            write_output(lines)
            return
        write_file(output, lines, "-o")
    click.echo(f"geschreven: {output}", err=True)


@export.command()
@swv_option
@reading_options
@click.pass_context
def benchmark(ctx: click.Context, /, swv: str | None, **options: Any) -> None:  # noqa: ANN401 - of all
    """De tlv's van een samenwerkingsverband zonder iets dat een leerling noemt.

    Een regel per tlv die op een dag van het schooljaar van de teldatum geldt, om te uploaden
    voor een landelijke benchmark: geen PGN, geen nummer, geordend op wat er staat.
    """
    from projections.benchmark import benchmark_report
    from projections.moments import deciding_schoolsoorten

    if swv is None:
        raise click.MissingParameter(param_hint="--swv", param_type="option")
    reading = reading_of(options)
    with asking(ctx, reading, deciding_schoolsoorten(swv)) as question:
        show(benchmark_report(question, swv), reading)
