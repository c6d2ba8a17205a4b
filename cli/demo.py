"""The command `demo`: a synthetic region, imported and asked (cli.md)."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.opening import undated_option, version

if TYPE_CHECKING:
    from ledger.application import Ledger
    from projections.questions import Question
    from projections.report import Report
    from projections.store.read_model import ReadModel
    from synthetic.story import Story

SEED: Final = 2025
PUPILS: Final = 1500
DEFAULT: Final = "kijkglas-demo"
DUO: Final = "duo"
"""The folder with what DUO would have sent."""
RECONCILE_LINES: Final = 16
"""Lines that the demo shows of a reconciliation: the sides, and the sum by class."""
WHY_ROWS: Final = 12
"""Lines of pupils and events that the demo shows of a `why`: it is to fit a screen."""


@click.command()
@click.argument("folder", metavar="[MAP]", default=DEFAULT, type=click.Path(path_type=Path))
@undated_option
def demo(folder: Path) -> None:
    """Maakt een verzonnen regio in MAP (standaard ./kijkglas-demo), leest die in en bevraagt die.

    Alle leerlingen en scholen zijn verzonnen; hetzelfde zaad geeft altijd dezelfde regio.
    """
    from ledger.application import create
    from projections.refresh import refreshed
    from synthetic.region import STORY

    feed, place = folder / "regio.jsonl", folder / "grootboek"
    if folder.exists() and any(folder.iterdir()):
        if not feed.exists():
            raise click.BadParameter(f"{folder} is niet leeg", param_hint="MAP")
        shutil.rmtree(place, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    _say(f"1. Een verzonnen regio: {_write_region(feed)} gebeurtenissen in {feed}")
    with create(place) as ledger:
        _import(ledger, feed)
        model = refreshed(ledger)
        try:
            _ask(ledger, model, STORY, place)
        finally:
            model.close()


def _write_region(path: Path) -> int:
    import msgspec

    from synthetic.region import region

    encode = msgspec.json.Encoder().encode
    count = 0
    with path.open("wb") as file:
        for event in region(SEED, PUPILS):
            file.write(encode(event) + b"\n")
            count += 1
    return count


def _import(ledger: Ledger, feed: Path) -> None:
    from ledger.application import now
    from ledger.importing import import_feed

    booked = import_feed(ledger, feed, now()).booked
    _say(
        f"2. Ingelezen: {booked.geboekt} geboekt, {len(booked.refused)} afgekeurd, "
        f"{len(booked.warnings)} keer 'let op'. Dezelfde feed nog eens inlezen boekt niets."
    )


def _ask(ledger: Ledger, model: ReadModel, story: Story, place: Path) -> None:
    from ledger.times import end_of_day

    moments = [end_of_day(story.vaststelling), end_of_day(story.later)]
    _say(
        f"3. Dashboard 1A van {story.swv}, teldatum {story.teldatum:%d-%m-%Y}, op twee momenten "
        "van kennis: bij de vaststelling, en een half jaar later."
    )
    for moment in moments:
        _show(_dashboard(_question(ledger, model, story, moment), story.swv))
    _say("")
    _say("4. Waarom dezelfde teldatum nu een andere telling heeft, tot op de gebeurtenis:")
    before, after = (_question(ledger, model, story, moment) for moment in moments)
    report = _why(before, after, story.swv)
    _show(report, max_rows=WHY_ROWS)
    file = _reconcile(before, after, story, place.parent / DUO)
    assert report.verklaring is not None
    _pointers(story, place, report.verklaring.leerlingen[0].pgn, file)


def _question(ledger: Ledger, model: ReadModel, story: Story, moment: datetime) -> Question:
    from projections.questions import Question
    from projections.store.ask import AsOf

    as_of = AsOf(story.teldatum, moment)
    return Question(ledger, model, as_of, moment, "kijkglas demo", version())


def _dashboard(question: Question, swv: str) -> Report:
    from projections.options import Options
    from projections.products import answer

    return answer("dashboard-1a", question, swv, Options())


def _why(before: Question, after: Question, swv: str) -> Report:
    from projections.store.ask import Selection
    from projections.why.explain import count_of
    from projections.why.report import why_report

    return why_report(before, after, count_of(Selection(swv=swv)))


def _show(report: Report, max_rows: int | None = None) -> None:
    from projections import render

    _say("")
    for part in render.render(report, "table", max_rows=max_rows):
        click.echo(part, nl=False)


def _reconcile(before: Question, after: Question, story: Story, folder: Path) -> Path:
    """Hold the file that DUO had at vaststelling against the ledger of later; return the file."""
    from projections import render
    from projections.aansluiting import samenvatting
    from projections.aansluiting.aansluiten import aansluiten
    from projections.aansluiting.paren import paar_van
    from projections.aansluiting.weergave import weergave
    from projections.options import Options
    from projections.products import answer

    report = answer("dashboard-1b", before, story.swv, Options())
    file = next(path for path in render.write(report, f"{folder}/", None) if path.suffix == ".csv")
    _say("")
    _say(f"5. Het bestand van DUO bij de vaststelling ({file}), aangesloten op het grootboek:")
    _say("")
    assert before.as_of.bekend_op is not None, "the demo asks of two moments"
    paar = paar_van(after, [file], "ledger", momenten={file: before.as_of.bekend_op})
    shown = weergave(after.ledger, aansluiten(after, paar), paar, [], zonder_pgn=True)
    lines = b"".join(samenvatting.render(shown, colour=False)).decode().splitlines()
    for line in lines[:RECONCILE_LINES]:
        _say(line)
    return file


def _pointers(story: Story, place: Path, pgn: str, file: Path) -> None:
    """Say by which commands one looks further."""
    command = f"kijkglas --ledger {place}"
    day = story.teldatum
    why = f"why --swv {story.swv} --from {day}@vaststelling"
    _say("")
    _say("6. Zelf verder kijken:")
    _say(f"   {command} {why} --to {day}@{story.later} -o waarom.html")
    _say(f"   {command} {why} --to {day.replace(year=day.year + 1)}")
    _say(f"   {command} diff dashboard-1b --swv {story.swv} --from {day}@vaststelling --to {day}")
    _say(f"   {command} when --swv {story.swv} --teldatum {day}")
    _say(f"   {command} history {pgn}")
    _say(f"   {command} reconcile {file}")
    _say(f"   {command} signals --swv {story.swv} --teldatum {day}")
    _say(f"   {command} calendar --swv {story.swv}")
    _say(f"   {command} verify")


def _say(text: str) -> None:
    click.echo(text)
