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
    from projections.report import Report
    from projections.store.ask import AsOf, StandRow
    from projections.store.read_model import ReadModel
    from synthetic.story import Story

SEED: Final = 2025
PUPILS: Final = 1500
DEFAULT: Final = "kijkglas-demo"


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
    from projections.store.ask import AsOf

    moments = [end_of_day(story.vaststelling), end_of_day(story.later)]
    _say(
        f"3. Dashboard 1A van {story.swv}, teldatum {story.teldatum:%d-%m-%Y}, op twee momenten "
        "van kennis: bij de vaststelling, en een half jaar later."
    )
    for moment in moments:
        _show(_dashboard(ledger, model, story, moment))
    before, after = (AsOf(story.teldatum, moment) for moment in moments)
    _explain(ledger, model, story, (before, after), place)


def _dashboard(ledger: Ledger, model: ReadModel, story: Story, moment: datetime) -> Report:
    from projections.products import PRODUCTS, Options, Question
    from projections.store.ask import AsOf

    question = Question(
        ledger, model, AsOf(story.teldatum, moment), moment, "kijkglas demo", version()
    )
    return PRODUCTS["dashboard-1a"](question, story.swv, Options())


def _show(report: Report) -> None:
    from projections import render

    _say("")
    for part in render.render(report, "table"):
        click.echo(part, nl=False)


def _explain(
    ledger: Ledger, model: ReadModel, story: Story, moments: tuple[AsOf, AsOf], place: Path
) -> None:
    """Say how many rows changed, name one with its events, and where all can be looked up."""
    from ledger.times import AMSTERDAM
    from projections.persons import persons
    from projections.store.ask import cause_of

    before, after = (_counting(model, moment, story.swv) for moment in moments)
    new, gone = after.keys() - before.keys(), before.keys() - after.keys()
    total = len(after) - len(before)
    _say("")
    _say(
        f"4. Hetzelfde {story.teldatum:%d-%m-%Y}, later beter bekend: {len(before)} leerlingen "
        f"werden er {len(after)} ({total:+d}): {len(new)} erbij, {len(gone)} eraf."
    )
    key = min(new, key=lambda key: key[1:])
    cause = ledger.events_at([cause_of(model, after[key], moments)])[0]
    known = cause.bekend_op.astimezone(AMSTERDAM)
    person = persons(ledger, model, moments[1], [after[key].leerling])[after[key].leerling]
    _say(
        f"   Bijvoorbeeld inschrijving {key[1]}/{key[2]} op {after[key].vestigingscode}: telt "
        f"door gebeurtenis {cause.positie}, {type(cause.fact).__name__}, bekend op "
        f"{known:%d-%m-%Y}, regel {cause.regel} van de feed."
    )
    _say("")
    _say("5. Waar u het verschil opzoekt:")
    command = f"kijkglas --ledger {place}"
    day = story.teldatum.isoformat()
    for moment in (story.vaststelling, story.later):
        _say(
            f"   {command} report dashboard-1b --swv {story.swv} --teldatum {day} "
            f"--bekend-op {moment}"
        )
    _say(f"   {command} history {person.pgn}")
    _say(f"   {command} verify")


def _counting(model: ReadModel, moment: AsOf, swv: str) -> dict[tuple[str, str, str], StandRow]:
    from projections.store.ask import Selection, standen

    return {
        (row.leerling, row.instellingscode, row.volgnummer): row
        for row in standen(model, moment, Selection(swv=swv, telt=True))
    }


def _say(text: str) -> None:
    click.echo(text)
