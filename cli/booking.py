"""The commands that write: `init`, `import` and `record` (cli.md, events.md 4)."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.opening import folder_of, opened, progress_bar, today_option, undated_option

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.importing import Imported

EXIT_UNREADABLE: Final = 2
EXIT_REFUSED: Final = 3
SOURCES: Final = ("gebeurtenissen",)


@click.command()
@undated_option
@click.pass_context
def init(ctx: click.Context) -> None:
    """Maakt een leeg grootboek in de map van --ledger."""
    from ledger.application import KEY_FILE, create
    from ledger.vault import KEY_VARIABLE

    folder = folder_of(ctx.obj)
    with create(folder):
        click.echo(f"Leeg grootboek in {folder}")
    if KEY_VARIABLE in os.environ:
        click.echo(f"De sleutel is die van {KEY_VARIABLE}; bewaar hem goed.", err=True)
        return
    click.echo(
        f"Bewaar de sleutel {folder / KEY_FILE} ook op een andere plaats: "
        "zonder die sleutel weet niemand meer wie de leerlingen zijn.",
        err=True,
    )


@click.command(name="import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="BESTAND…"
)
@click.option(
    "--source", type=click.Choice(SOURCES), help="Wat het bestand is; standaard wordt het herkend."
)
@click.option("--strict", is_flag=True, help="Boek niets als er een regel wordt afgekeurd.")
@click.option("--dry-run", is_flag=True, help="Schrijf niets; toon alleen wat er zou gebeuren.")
@today_option
@click.pass_context
def import_files(
    ctx: click.Context,
    files: tuple[Path, ...],
    source: str | None,  # noqa: ARG001 - one source so far, and it is recognised
    strict: bool,
    dry_run: bool,
    today: date | None,
) -> None:
    """Leest bestanden in: boekt wat nieuw is, slaat over wat bekend is, keurt af wat niet kan.

    Afgekeurde regels staan met de reden in BESTAND.afgekeurd.jsonl, klaar om te verbeteren
    en opnieuw in te lezen. Uitgangsstatus 3 als er regels zijn afgekeurd, 2 als een
    bestand niet te lezen is.
    """
    from ledger.importing import UnreadableFileError, import_feed

    refused = unreadable = False
    with opened(ctx.obj) as ledger:
        for path in files:
            try:
                with progress_bar(_lines(path), path.name) as advance:
                    imported = import_feed(
                        ledger, path, _now(today), strict=strict, dry_run=dry_run, progress=advance
                    )
            except UnreadableFileError as error:
                click.echo(str(error), err=True)
                unreadable = True
                continue
            _tell(imported, dry_run=dry_run)
            refused = refused or bool(imported.booked.refused)
    if unreadable:
        ctx.exit(EXIT_UNREADABLE)
    if refused:
        ctx.exit(EXIT_REFUSED)


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
    from ledger.booking import Booked, Source, book
    from ledger.intake.feed import Refused, parse_line
    from ledger.times import format_bekend_op

    now = _now(today)
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
            booked = book(ledger, [(parsed, line)], Source(None, "hand"), {} if dry_run else None)
        position = ledger.position
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


def _tell(imported: Imported, *, dry_run: bool) -> None:
    """Print what became of a file: the sums on stdout, every problem on stderr."""
    from ledger.importing import rejected_path
    from ledger.problems import masked

    booked = imported.booked
    for remark in imported.refusals():
        click.echo(f"afgekeurd {remark}", err=True)
    for remark in imported.warnings():
        click.echo(f"let op {remark}", err=True)
    would = "zou boeken" if dry_run else "geboekt"
    count = 0 if imported.geweigerd else booked.geboekt
    click.echo(
        f"{masked(imported.path.name)}: {imported.regels} regels, {would} {count}, "
        f"al bekend {booked.al_bekend}, afgekeurd {len(booked.refused)}, "
        f"let op {len(booked.warnings)}"
    )
    if imported.geweigerd:
        click.echo("niets geboekt: --strict en er zijn afgekeurde regels", err=True)
    if imported.rejected is not None:
        click.echo(f"afgekeurde regels met reden: {masked(str(imported.rejected))}", err=True)
    elif imported.not_written:
        target = masked(str(rejected_path(imported.path)))
        click.echo(f"afgekeurde regels niet bewaard: {target}: {imported.not_written}", err=True)


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
        except ValueError as error:
            raise click.BadParameter(f"{field}: {error}", param_hint="VELD=WAARDE") from None
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


def _lines(path: Path) -> int:
    """Return about how many lines a file has, to show progress."""
    if not sys.stderr.isatty() or not path.is_file():
        return 1
    return path.stat().st_size // 200


def _now(today: date | None) -> datetime:
    from ledger.application import now
    from ledger.times import end_of_day

    return now() if today is None else end_of_day(today)
