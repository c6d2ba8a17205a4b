"""The commands that take files in, and out again: `import` and `undo` (cli.md, events.md 4)."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.booking import EXIT_REFUSED, moment_of
from cli.imported import COMPLETE, tell
from cli.opening import Day, opened, progress_bar, today_option

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ledger.application import Ledger
    from ledger.finding import Found
    from ledger.importing import Imported, Wishes
    from ledger.intake.readers import ReadOptions

EXIT_UNREADABLE: Final = 2
SOURCES: Final = (
    "gebeurtenissen",
    "dashboard-1b",
    "dashboard-1a",
    "dashboard-2",
    "kijkglas-2",
    "tlv-register",
    "inschrijvingen",
    "vestigingen",
    "postcodegebieden",
    "samenwerkingsverbanden",
    "tellingen",
)
"""As `ledger.intake.recognise` has them: listed here, since that loads every reader."""

FITTING: Final = {
    "--complete": COMPLETE,
    "--map": frozenset({"tlv-register"}),
    "--vanaf": frozenset({"vestigingen", "postcodegebieden"}),
}
"""For which sources an option has a meaning."""


@click.command(name="import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="BESTAND…"
)
@click.option(
    "--source", type=click.Choice(SOURCES), help="Wat het bestand is; standaard wordt het herkend."
)
@click.option(
    "--bekend-op",
    metavar="WANNEER",
    help="Wanneer de bron het wist (moment van downloaden); standaard de tijd van het bestand.",
)
@click.option(
    "--complete", is_flag=True,
    help="Het bestand is volledig: boek ook wie er niet meer in staat (dashboard-1b).",
)  # fmt: skip
@click.option("--vanaf", type=Day(), help="Vanaf wanneer een lijst zonder datums geldt.")
@click.option(
    "--map", "mapping", type=click.Path(path_type=Path), metavar="TOML",
    help="Welke kolom van een tlv-register wat is; begin met --suggest-map.",
)  # fmt: skip
@click.option(
    "--suggest-map", is_flag=True, help="Toon een voorstel voor --map bij de kop van het bestand."
)
@click.option("--strict", is_flag=True, help="Boek niets als er een regel wordt afgekeurd.")
@click.option("--dry-run", is_flag=True, help="Schrijf niets; toon de gebeurtenissen.")
@today_option
@click.pass_context
def import_files(
    ctx: click.Context,
    files: tuple[Path, ...],
    source: str | None,
    bekend_op: str | None,
    complete: bool,
    vanaf: date | None,
    mapping: Path | None,
    suggest_map: bool,
    strict: bool,
    dry_run: bool,
    today: date | None,
) -> None:
    """Leest bestanden en mappen in: boekt wat nieuw is, slaat over wat bekend is.

    Wat een stand geeft (een dashboard, een register, een lijst) wordt vergeleken met wat op dat
    moment bekend was; alleen het verschil wordt geboekt. Bestanden gaan op volgorde van hun
    eigen moment. Uit een map wordt alleen ingelezen wat nog niet bekend is.

    Afgekeurde regels staan met de reden in BESTAND.afgekeurd.csv (of .jsonl), klaar om te
    verbeteren en opnieuw in te lezen. Uitgangsstatus 3 als er regels zijn afgekeurd, 2 als een
    bestand niet te lezen is.
    """
    if suggest_map:
        _suggest(ctx, files)
        return
    now = moment_of(today)
    from ledger.importing import Wishes

    wishes = Wishes(
        strict=strict,
        dry_run=dry_run,
        moment=_moment(bekend_op, now),
        complete=complete,
        reading=_reading(mapping, vanaf),
        show=_show_event if dry_run else None,
    )
    with opened(ctx.obj) as ledger:
        status = _import_all(ledger, files, source, now, wishes)
    if status:
        ctx.exit(status)


def _import_all(
    ledger: Ledger, paths: tuple[Path, ...], source: str | None, now: datetime, wishes: Wishes
) -> int:
    """Import all files in the order of their moments; return the exit status."""
    from ledger.files import imported_files
    from ledger.finding import Found, Skipped, find
    from ledger.intake.sheets import UnreadableFileError
    from ledger.problems import masked

    known = imported_files(ledger)
    refused = unreadable = False
    files = find(paths, known, source, wishes.moment)
    _refuse_unfitting(wishes, {one.source for one in files if isinstance(one, Found)})
    for one in files:
        if isinstance(one, Skipped):
            click.echo(_skipped(one.path, one.reden), err=True)
            unreadable = unreadable or one.fout
            continue
        try:
            imported = _import_one(ledger, one, now, wishes)
        except UnreadableFileError as error:
            click.echo(masked(str(error)), err=True)
            unreadable = True
            continue
        tell(imported, wishes, given=one.gegeven)
        refused = refused or bool(imported.booked.refused)
    if unreadable:
        return EXIT_UNREADABLE
    return EXIT_REFUSED if refused else 0


def _refuse_unfitting(wishes: Wishes, sources: set[str]) -> None:
    """Make an option that has no meaning for any of the files a usage error."""
    given = {
        "--complete": wishes.complete,
        "--map": wishes.reading.mapping is not None,
        "--vanaf": wishes.reading.vanaf is not None,
    }
    for option, fits in FITTING.items():
        if given[option] and sources and not sources & fits:
            raise click.UsageError(f"{option} is voor {' en '.join(sorted(fits))}")


def _import_one(ledger: Ledger, found: Found, now: datetime, wishes: Wishes) -> Imported:
    from ledger.importing import import_file
    from ledger.intake.sheets import UnreadableFileError

    if found.moment > now and found.source != "gebeurtenissen":
        raise UnreadableFileError(
            f"{found.path.name}: het moment van het bestand ligt in de toekomst; geef --bekend-op"
        )
    with progress_bar(_lines(found.path), found.path.name) as advance:
        chosen = wishes._replace(moment=found.moment, progress=advance)
        return import_file(ledger, found.path, found.source, now, chosen)


def _skipped(path: Path, reason: str) -> str:
    from ledger.problems import masked

    return masked(reason if path.name in reason else f"{path.name}: {reason}")


def _moment(text: str | None, now: datetime) -> datetime | None:
    """Return the moment of `--bekend-op`, as a source gives one (rules.md 1)."""
    from ledger.times import TimeFormatError, parse_known_from

    if text is None:
        return None
    try:
        moment = parse_known_from(text)
    except TimeFormatError as error:
        raise click.BadParameter(str(error), param_hint="--bekend-op") from None
    if moment > now:
        raise click.BadParameter("dit ligt in de toekomst", param_hint="--bekend-op")
    return moment


def _reading(mapping: Path | None, vanaf: date | None) -> ReadOptions:
    """Return what the user adds to a file. A wrong mapping is a usage error."""
    from ledger.failing import reason
    from ledger.intake.readers import ReadOptions

    if mapping is None:
        return ReadOptions(vanaf=vanaf)
    from ledger.intake.tlv_mapping import MappingError, read_mapping

    try:
        return read_mapping(mapping)._replace(vanaf=vanaf)
    except MappingError as error:
        raise click.BadParameter(str(error), param_hint="--map") from None
    except OSError as error:
        problem = f"{mapping} kan niet worden gelezen: {reason(error)}"
        raise click.BadParameter(problem, param_hint="--map") from None


def _suggest(ctx: click.Context, files: Iterable[Path]) -> None:
    """Show a mapping for each file: which column would be what."""
    from ledger.intake.sheets import UnreadableFileError, opened_sheet
    from ledger.intake.tlv_suggestion import suggest

    try:
        for path in files:
            with opened_sheet(path) as sheet:
                click.echo(suggest(sheet), nl=False)
    except UnreadableFileError as error:
        click.echo(str(error), err=True)
        ctx.exit(EXIT_UNREADABLE)


def _show_event(line: bytes) -> None:
    click.echo(line, nl=False)


def _lines(path: Path) -> int:
    """Return about how many lines a file has, to show progress."""
    if not sys.stderr.isatty() or not path.is_file():
        return 1
    return path.stat().st_size // 200


@click.command()
@click.argument("import_id", metavar="IMPORT-ID")
@today_option
@click.pass_context
def undo(ctx: click.Context, import_id: str, today: date | None) -> None:  # noqa: ARG001 - undone now, whatever the day
    """Draait een import terug: wat ervan is geboekt telt niet meer mee, op geen enkel moment.

    Er wordt niets verwijderd: het terugdraaien is zelf een gebeurtenis, en --positie toont het
    grootboek van ervoor. IMPORT-ID is het begin van het kenmerk dat `imports` toont.
    """
    from ledger.undoing import UnknownImportError, found, rested_on
    from ledger.undoing import undo as undo_import

    with opened(ctx.obj) as ledger:
        try:
            file = found(ledger, import_id)
        except UnknownImportError as error:
            raise click.BadParameter(str(error), param_hint="IMPORT-ID") from None
        gone, anew = undo_import(ledger, file)
        others = rested_on(ledger, file) if gone else []
    click.echo(f"teruggedraaid: {file.fact.naam}, {gone} gebeurtenissen tellen niet meer mee")
    if anew:
        click.echo(f"opnieuw geboekt wat latere bestanden zeiden: {anew} gebeurtenissen")
    for other in others:
        click.echo(
            f"let op: {other.fact.naam} had {other.fact.al_bekend} regels die al bekend waren; "
            "lees dat bestand opnieuw in als zij uit het teruggedraaide kwamen",
            err=True,
        )
