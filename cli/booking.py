"""The commands that write by hand: `init` and `record` (cli.md)."""

from __future__ import annotations

import json
import os
from datetime import date
from typing import TYPE_CHECKING, Final

import click

from cli.opening import opened, today_option, undated_option

if TYPE_CHECKING:
    from datetime import datetime


EXIT_REFUSED: Final = 3


@click.command()
@click.option(
    "--engine",
    type=click.Choice(["sqlite", "duckdb"]),
    help="Wat het leesmodel bewaart en beantwoordt; standaard sqlite. duckdb is voor het hele "
    "land en heeft de extra 'scale' nodig. KIJKGLAS_ENGINE gaat voor.",
)
@undated_option
@click.pass_context
def init(ctx: click.Context, engine: str | None) -> None:
    """Maakt een leeg grootboek in de map of de database van --ledger."""
    from ledger.application import create
    from ledger.keys import KEY_VARIABLE
    from ledger.places import POSTGRES
    from projections.store.settings import check_engine, choose_engine

    if engine is not None and str(ctx.obj).startswith(POSTGRES):
        raise click.BadParameter(
            "bij een grootboek op PostgreSQL zegt KIJKGLAS_ENGINE wat het leesmodel bewaart",
            param_hint="--engine",
        )
    check_engine(engine)
    with create(ctx.obj) as ledger:
        place = ledger.place
        if engine is not None:
            choose_engine(ledger, engine)
        click.echo(f"Leeg grootboek in {place.shown}")
    if KEY_VARIABLE in os.environ:
        click.echo(f"De sleutel is die van {KEY_VARIABLE}; bewaar hem goed.", err=True)
        return
    click.echo(
        f"Bewaar de sleutel {place.key_path} ook op een andere plaats: "
        "zonder die sleutel weet niemand meer wie de leerlingen zijn.",
        err=True,
    )


@click.command()
@click.argument("name", metavar="TYPE")
@click.argument("fields", nargs=-1, metavar="VELD=WAARDE…")
@click.option("--bekend-op", metavar="WANNEER", help="Wanneer de bron het wist; standaard nu.")
@click.option("--bron", default="hand", show_default=True, help="Wie het zei.")
@click.option("--dry-run", is_flag=True, help="Schrijf niets; controleer alleen.")
@today_option
@click.pass_context
def record(
    ctx: click.Context,
    name: str,
    fields: tuple[str, ...],
    bekend_op: str | None,
    bron: str,
    dry_run: bool,
    today: date | None,
) -> None:
    """Boekt een gebeurtenis met de hand; ook de weg om iets te verbeteren.

    TYPE is een naam uit de catalogus, zoals TlvIngetrokken. Lijsten als JSON of met komma's.
    """
    from ledger.appending import Source
    from ledger.booking import Booked, Unbooked, book
    from ledger.intake.feed import Refused, parse_line
    from ledger.stating import tell_again
    from ledger.times import format_bekend_op

    now = moment_of(today)
    event: dict[str, object] = {
        "type": name,
        "bekend_op": _date(bekend_op) if bekend_op else format_bekend_op(now),
        "bron": bron,
    }
    for field in fields:
        key, found, value = field.partition("=")
        if not found:
            raise click.BadParameter(f"'{field}' is geen veld=waarde", param_hint="VELD=WAARDE")
        event[key] = _value(key, value)
    line = json.dumps(event).encode()
    with opened(ctx.obj) as ledger:
        parsed = parse_line(1, line, now)
        if isinstance(parsed, Refused):
            booked = Booked(refused=(parsed,))
        else:
            booked = book(
                ledger, [(parsed, line)], Source(None, "hand"), Unbooked() if dry_run else None
            )
        position = ledger.position
        if not dry_run:
            tell_again(ledger)
    for refused in booked.refused:
        for problem in refused.problems:
            click.echo(str(problem), err=True)
    for _, problem in booked.warnings:
        click.echo(f"let op: {problem}", err=True)
    if booked.refused:
        ctx.exit(EXIT_REFUSED)
    if booked.al_bekend:
        click.echo("al bekend, niet opnieuw geboekt")
    else:
        click.echo("kan worden geboekt" if dry_run else f"geboekt als gebeurtenis {position}")


LISTS: Final = frozenset({"tlv", "schoolsoorten"})
NUMBERS: Final = frozenset({"cluster", "leerjaar"})
WORDS: Final = {"true": True, "ja": True, "false": False, "nee": False}


def _value(field: str, text: str) -> object:
    """Return a value of the command line as the feed would have it."""
    from ledger.intake.fields import BOOLEANS, DATES

    if text == "null":
        return None
    if text.startswith(("[", "{")):
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            problem = f'{field}: teken {error.pos + 1} is geen JSON; schrijf teksten tussen " en "'
            raise click.BadParameter(problem, param_hint="VELD=WAARDE") from None
    if field in LISTS or (field == "swv" and "," in text):
        return [part.strip() for part in text.split(",")]
    if field in NUMBERS and text.isdecimal():
        return int(text)
    if field in BOOLEANS:
        return WORDS.get(text.lower(), text)
    return _date(text) if field in DATES else text


def _date(text: str) -> str:
    """Return a Dutch date as the feed has it; any other text as it is."""
    from ledger.times import TimeFormatError, parse_date

    try:
        return parse_date(text).isoformat()
    except TimeFormatError:
        return text


def moment_of(today: date | None) -> datetime:
    """Return now, or the end of the day that stands for today."""
    from ledger.application import now
    from ledger.times import end_of_day

    return now() if today is None else end_of_day(today)
