"""What every read command shares: its options, the moments they mean, where the answer goes."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Final, NamedTuple, TypeVar

import click

from cli.opening import CodeOfSwv, Day, opened, progress_bar, today_option, version
from cli.output import write_output, writing_to
from ledger.application import Ledger, now
from ledger.teldata import latest_teldatum
from ledger.times import AMSTERDAM, TimeFormatError
from projections.moments import moment_of, side_of
from projections.questions import Question
from projections.refresh import as_of_position, refreshed
from projections.report import Report
from projections.store.ask import AsOf
from projections.store.read_model import ReadModel

FORMATS: Final = ("table", "csv", "csv-excel", "json", "jsonl", "xlsx", "svg", "html")
SCREEN_ROWS: Final = 40

_ADDRESS: Final = re.compile(r"(?s)(postgres(?:ql)?://).*")
"""An address of a ledger may hold a password; what one runs to, nobody can tell for sure."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Reading(NamedTuple):
    """The common options of a read command (cli.md, Common)."""

    teldatum: date | None
    bekend_op: str
    positie: int | None
    format: str | None
    output: str | None
    today: date | None


def reading_of(options: dict[str, Any]) -> Reading:
    """Take the common options out of all that a command was given, and return them."""
    return Reading(*(options.pop(name, None) for name in Reading._fields))


_TELDATUM: Final = click.option(
    "--teldatum",
    type=Day(),
    help="Peildatum, 2025-02-01 of 1-2-2025; standaard de laatste teldatum.",
)
_OTHERS: Final = (
    click.option(
        "--bekend-op",
        default="nu",
        show_default=True,
        metavar="WANNEER",
        help="Zoals bekend op: een datum (einde van die dag), een moment, vaststelling of nu.",
    ),
    click.option(
        "--positie",
        type=click.IntRange(min=0),
        help="Het grootboek zoals het was na deze gebeurtenis.",
    ),
    click.option(
        "--format",
        type=click.Choice(FORMATS),
        help="Standaard table op een scherm, csv in een pijp.",
    ),
    click.option(
        "-o",
        "--output",
        metavar="PAD",
        help="Schrijf naar een bestand (vorm volgt uit de uitgang) of een map.",
    ),
    today_option,
)


def reading_options(command: Command) -> Command:
    """Add the common options of read commands."""
    return _TELDATUM(knowledge_options(command))


def knowledge_options(command: Command) -> Command:
    """Add the common options of a command that is not about one day."""
    for option in reversed(_OTHERS):
        command = option(command)
    return command


swv_option = click.option(
    "--swv",
    type=CodeOfSwv(),
    metavar="CODE",
    help="Samenwerkingsverband, zoals PO2304 of PO-23-04.",
)


@contextmanager
def asking(
    ctx: click.Context, reading: Reading, schoolsoorten: Sequence[str]
) -> Iterator[Question]:
    """Open the ledger and give the question that the options ask."""
    with opened(ctx.obj) as ledger, _model(ledger, reading.positie) as model:
        teldatum = reading.teldatum or latest_teldatum(reading.today or _today())
        with _read_as("--bekend-op"):
            known = moment_of(reading.bekend_op, teldatum, schoolsoorten, model)
        as_of = AsOf(teldatum, known)
        yield Question(ledger, model, as_of, _now(reading.today), command_line(), version())


_SIDES: Final = (
    click.option(
        "--from",
        "van",
        required=True,
        metavar="T[@K]",
        help="Eerste teldatum, met na @ hoe die bekend was: 2025-02-01@vaststelling.",
    ),
    click.option(
        "--to",
        "naar",
        required=True,
        metavar="T[@K]",
        help="Tweede teldatum; zonder @ geldt voor beide kanten --bekend-op.",
    ),
)


def comparing_options(command: Command) -> Command:
    """Add the options of a command that compares two moments."""
    command = knowledge_options(command)
    for option in reversed(_SIDES):
        command = option(command)
    return command


@contextmanager
def comparing(
    ctx: click.Context, reading: Reading, sides: tuple[str, str], schoolsoorten: Sequence[str]
) -> Iterator[tuple[Question, Question]]:
    """Open the ledger and give the question of both sides, on one state of it."""
    with opened(ctx.obj) as ledger, _model(ledger, reading.positie) as model:
        with _read_as("--bekend-op"):  # also where both sides have a moment of their own
            moment_of(reading.bekend_op, _today(), schoolsoorten, model)
        questions = []
        for hint, text in zip(("--from", "--to"), sides, strict=True):
            with _read_as(hint):
                as_of = side_of(text, reading.bekend_op, schoolsoorten, model)
            asked = Question(ledger, model, as_of, _now(reading.today), command_line(), version())
            questions.append(asked)
        yield questions[0], questions[1]


@contextmanager
def _read_as(hint: str) -> Iterator[None]:
    """Make of a moment that cannot be read a usage error of its option."""
    try:
        yield
    except TimeFormatError as error:
        raise click.BadParameter(str(error), param_hint=hint) from None


def show(report: Report, reading: Reading) -> None:
    """Render a report to where it was asked: a file, a folder, a screen or a pipe."""
    from projections import render

    if reading.output is not None:
        try:
            with writing_to(reading.output, "-o"):
                paths = render.write(report, reading.output, reading.format)
            for path in paths:
                click.echo(f"geschreven: {path}", err=True)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="-o") from None
        return
    screen = sys.stdout.isatty()
    form = reading.format or ("table" if screen else "csv")
    if screen and form == "xlsx":
        problem = "xlsx is geen tekst voor een scherm; schrijf een bestand met -o NAAM.xlsx"
        raise click.BadParameter(problem, param_hint="--format")
    if form in {"csv", "csv-excel", "jsonl"}:
        click.echo(render.heading_text(report), err=True, nl=False)
    limit = SCREEN_ROWS if screen and form == "table" else None
    try:
        parts = render.render(report, form, max_rows=limit, colour=screen and colourful())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--format") from None
    write_output(parts)


def colourful() -> bool:
    """Tell whether a screen may be coloured: not with NO_COLOR (cli.md, Common)."""
    return not os.environ.get("NO_COLOR")


def command_line() -> str:
    """Return the command as it was given, without a PGN or a password in it."""
    from ledger.problems import masked

    given = (_ADDRESS.sub(r"\1…", word) for word in sys.argv[1:])
    return masked(" ".join(["kijkglas", *given]))


@contextmanager
def _model(ledger: Ledger, positie: int | None) -> Iterator[ReadModel]:
    with progress_bar(ledger.position, "leesmodel bijwerken") as advance:
        if positie is None or positie >= ledger.position:
            model = refreshed(ledger, advance)
            try:
                with model.reading():
                    yield model
            finally:
                model.close()
            return
    with as_of_position(ledger, positie) as model:
        yield model


def _today() -> date:
    return now().astimezone(AMSTERDAM).date()


def _now(today: date | None) -> datetime:
    from ledger.times import end_of_day

    return now() if today is None else end_of_day(today)
