"""The commands of the month end: `reconcile` and `seals` (rules.md 9, cli.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from cli.aansluiting_output import write
from cli.reading import (
    Reading,
    asking,
    reading_of,
    reading_options,
    show,
    swv_option,
)

if TYPE_CHECKING:
    from ledger import events as ev
    from ledger.application import Ledger
    from ledger.intake.readers import About
    from projections.aansluiting.model import Aansluiting, Paar
    from projections.aansluiting.weergave import Weergave
    from projections.questions import Question

EXIT_DIFFERENCES: Final = 1
LEDGER: Final = "ledger"
BRON: Final = "hand"
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


class Wanted(NamedTuple):
    """What is asked of a reconciliation beside its files."""

    against: str
    swv: str | None
    gedownload_op: str | None
    tarieven: Path | None
    incognito: bool
    seal: bool
    accept: tuple[str, ...]
    reden: str | None
    paraaf: str | None


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="BESTAND…")
@click.option(
    "--against",
    default=LEDGER,
    show_default=True,
    metavar="BESTAND|ledger",
    help="Waartegen: een ander bestand, of het grootboek.",
)
@swv_option
@click.option(
    "--gedownload-op",
    metavar="WANNEER",
    help="Wanneer BESTAND is gedownload; standaard zoals ingelezen, of de tijd van het bestand.",
)
@click.option("--tarieven", type=_FILE, help="CSV met tarieven; geeft elk verschil zijn bedrag.")
@click.option("--incognito", is_flag=True, help="Zet leerling-001 enzovoort in plaats van PGN's.")
@click.option("--seal", is_flag=True, help="Verzegel de aansluiting: boek wat zij zegt.")
@click.option(
    "--accept",
    multiple=True,
    metavar="SLEUTEL",
    help="Accepteer dit verschil, met zijn kenmerk of sleutel; meer dan een mag.",
)
@click.option("--reden", help="Waarom een verschil wordt geaccepteerd.")
@click.option("--paraaf", help="Wie het accepteert.")
@reading_options
@click.pass_context
def reconcile(ctx: click.Context, /, files: tuple[Path, ...], **options: Any) -> None:  # noqa: ANN401 - of this command and of all
    """Sluit bestanden aan op het grootboek of op elkaar, met bij elk verschil de oorzaak.

    Welke aansluiting het is volgt uit de bestanden: DUO's 1B of 1A of het eigen tlv-register
    tegen het grootboek, 1A of het tlv-register tegen 1B, twee downloads, of Ofb tegen
    kijkglas 1. De teldatum is standaard die van het bestand. De uitgang is 1 als er
    verschillen zijn die niet zijn geaccepteerd, en anders 0.
    """
    from projections.moments import deciding_schoolsoorten

    reading = reading_of(options)
    wanted = Wanted(**options)
    _check(reading, wanted)
    about = _about(files)
    reading = reading._replace(teldatum=reading.teldatum or about.teldatum)
    swv = about.swv or wanted.swv
    with asking(ctx, reading, deciding_schoolsoorten(swv)) as question:
        shown = _reconciled(question, files, wanted, reading)
        write(shown, reading)
    if shown.getoond:
        ctx.exit(EXIT_DIFFERENCES)


@click.command()
@swv_option
@reading_options
@click.pass_context
def seals(ctx: click.Context, /, swv: str | None, **options: Any) -> None:  # noqa: ANN401 - the common options
    """De zegels van aansluitingen, en welke verzegelde cijfers sindsdien veranderden.

    Met de gebeurtenissen die dat deden. Zonder --teldatum die van alle teldata.
    """
    from projections.aansluiting.zegel_report import zegel_report
    from projections.moments import deciding_schoolsoorten

    reading = reading_of(options)
    with asking(ctx, reading, deciding_schoolsoorten(swv)) as question:
        show(zegel_report(question, swv, reading.teldatum), reading)


def _check(reading: Reading, wanted: Wanted) -> None:
    """Raise a usage error for options that do not go together."""
    if wanted.accept and not (wanted.reden and wanted.paraaf):
        raise click.UsageError("--accept vraagt om --reden en --paraaf")
    if (wanted.reden or wanted.paraaf) and not wanted.accept:
        raise click.UsageError("--reden en --paraaf horen bij --accept")
    if wanted.against != LEDGER and not Path(wanted.against).is_file():
        problem = f"'{wanted.against}' is geen bestand; geef een bestand of {LEDGER}"
        raise click.BadParameter(problem, param_hint="--against")
    if reading.positie is not None and (wanted.accept or wanted.seal):
        raise click.UsageError("--positie leest alleen; --accept en --seal boeken in het nu")


def _reconciled(
    question: Question, files: Sequence[Path], wanted: Wanted, reading: Reading
) -> Weergave:
    """Return the reconciliation to show, after booking what was accepted and sealed."""
    from projections.aansluiting.geaccepteerd import met_geaccepteerd
    from projections.aansluiting.verbroken import verbroken
    from projections.aansluiting.weergave import weergave

    paar, found = _compared(question, files, wanted, reading)
    until = question.model.position
    found = met_geaccepteerd(question.ledger, found, until)
    broken = [
        f"{zegel.paar}, verzegeld op {zegel.verzegeld_op:%d-%m-%Y}: {line}"
        for zegel, line in verbroken(question, paar.swv, paar.teldatum)
    ]
    if wanted.accept:
        _accept(question, found, wanted)
        found = met_geaccepteerd(question.ledger, found)
    if wanted.seal:
        _seal(question, found, paar, files, wanted)
    return weergave(question.ledger, found, paar, broken, zonder_pgn=wanted.incognito)


def _compared(
    question: Question, files: Sequence[Path], wanted: Wanted, reading: Reading
) -> tuple[Paar, Aansluiting]:
    from ledger.intake.sheets import UnreadableFileError
    from projections.aansluiting.aansluiten import aansluiten
    from projections.aansluiting.paren import paar_van
    from projections.aansluiting.zijden import AansluitingError
    from projections.supplied import TableError, read_tarieven

    try:
        tarieven = None if wanted.tarieven is None else read_tarieven(wanted.tarieven)
    except TableError as error:
        raise click.BadParameter(str(error), param_hint="--tarieven") from None
    try:
        moments = _momenten(files, wanted)
        paar = paar_van(question, files, wanted.against, reading.teldatum, wanted.swv, moments)
        return paar, aansluiten(question, paar, tarieven)
    except (AansluitingError, UnreadableFileError) as error:
        raise click.BadParameter(str(error), param_hint="BESTAND") from None


def _momenten(files: Sequence[Path], wanted: Wanted) -> dict[Path, datetime]:
    """Return when the files were downloaded, where the user says so."""
    from ledger.times import TimeFormatError, parse_known_until

    if wanted.gedownload_op is None:
        return {}
    try:
        return dict.fromkeys(files, parse_known_until(wanted.gedownload_op))
    except TimeFormatError as error:
        raise click.BadParameter(str(error), param_hint="--gedownload-op") from None


def _about(files: Sequence[Path]) -> About:
    """Return what the first file that says so is about."""
    from ledger.intake.readers import About, Melding, ReadOptions
    from ledger.intake.recognise import READERS, reader_of, recognised
    from ledger.intake.sheets import UnreadableFileError, opened_sheet

    for path in files:
        try:
            source = recognised(path)
            if source not in READERS:
                continue
            reader = reader_of(source)
            with opened_sheet(path) as sheet:
                rows = reader.read(sheet, ReadOptions())
                first = next((row for row in rows if isinstance(row, Melding)), None)
                about = reader.about(first or Melding((), None, ()), sheet)
        except UnreadableFileError:
            continue  # what is wrong with it is said when the pair is recognised
        if about.teldatum is not None:
            return about
    return About()


def _accept(question: Question, found: Aansluiting, wanted: Wanted) -> None:
    from projections.aansluiting.geaccepteerd import OnbekendVerschilError, acceptaties

    assert wanted.reden is not None
    assert wanted.paraaf is not None
    chosen, why = wanted.accept, (wanted.reden, wanted.paraaf)
    try:
        facts = acceptaties(question.ledger, found, chosen, *why)
    except OnbekendVerschilError as error:
        raise click.BadParameter(str(error), param_hint="--accept") from None
    book_by_hand(question.ledger, facts, question.now)
    click.echo(f"geaccepteerd: {len(facts)}", err=True)


def _seal(
    question: Question, found: Aansluiting, paar: Paar, files: Sequence[Path], wanted: Wanted
) -> None:
    from ledger.importing import digest_of
    from projections.aansluiting.zegel import verzegeling

    against = () if wanted.against == LEDGER else (Path(wanted.against),)
    hashes = [digest_of(path) for path in (*files, *against)]
    sides = (paar.links, paar.rechts)
    moment = question.as_of.bekend_op or question.now
    with_ledger = any(side.bestand is None for side in sides)
    fact = verzegeling(question, found, hashes, moment, met_grootboek=with_ledger)
    book_by_hand(question.ledger, [fact], question.now)
    click.echo(f"verzegeld als gebeurtenis {question.ledger.position}", err=True)


def book_by_hand(ledger: Ledger, facts: Iterable[ev.Fact], moment: datetime) -> None:
    """Book events about no pupil as by hand, known at a moment."""
    from ledger.appending import Source
    from ledger.booking import book
    from ledger.intake.feed import Parsed
    from ledger.mapper import encode_fact
    from ledger.stating import tell_again

    lines = [
        (Parsed(number, None, moment, BRON, None, fact, encode_fact(fact), ()), b"")
        for number, fact in enumerate(facts, 1)
    ]
    book(ledger, lines, Source(None, BRON))
    tell_again(ledger)
