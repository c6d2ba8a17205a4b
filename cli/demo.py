"""The command `demo`: a synthetic region or country, imported and asked (cli.md)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.demo_showing import dashboard, import_feeds, new_ledger, question, say, show
from cli.opening import undated_option
from cli.output import writing_to

if TYPE_CHECKING:
    from ledger.application import Ledger
    from projections.questions import Question
    from projections.report import Report
    from projections.store.read_model import ReadModel
    from synthetic.story import Story

SEED: Final = 2025
PUPILS: Final = 1500
DEFAULT: Final = "kijkglas-demo"
REGION: Final = "region"
SCALES: Final = (REGION, "1m", "10m", "country")
"""The region, and the scales of `synthetic.country`: listed here, since that loads it."""
DUO: Final = "duo"
"""The folder with what DUO would have sent."""
RECONCILE_LINES: Final = 16
"""Lines that the demo shows of a reconciliation: the sides, and the sum by class."""
WHY_ROWS: Final = 12
"""Lines of pupils and events that the demo shows of a `why`: it is to fit a screen."""


@click.command()
@click.argument("folder", metavar="[MAP]", default=DEFAULT, type=click.Path(path_type=Path))
@click.option(
    "--scale", type=click.Choice(SCALES, case_sensitive=False), default=REGION, show_default=True,
    help="Een regio, of een heel land: 1, 10 of (country) zo'n 25 miljoen gebeurtenissen.",
)  # fmt: skip
@click.option(
    "--seed", type=int, default=SEED, show_default=True, help="Hetzelfde zaad, dezelfde leerlingen."
)
@click.option("--feed-only", is_flag=True, help="Schrijf alleen de feed; lees niets in.")
@undated_option
def demo(folder: Path, scale: str, seed: int, feed_only: bool) -> None:
    """Maakt een verzonnen regio in MAP (standaard ./kijkglas-demo), leest die in en bevraagt die.

    Alle leerlingen en scholen zijn verzonnen; hetzelfde zaad geeft altijd dezelfde regio. Met
    --scale een verzonnen land met alle samenwerkingsverbanden, als bestanden feed-*.jsonl in
    MAP: country heeft 2,4 miljoen leerlingen, 10m en 1m hebben er naar verhouding minder. Dat
    duurt minuten (1m) tot uren (country), en vraagt tot tientallen GB.
    """
    from projections.store.settings import check_engine

    if not feed_only:
        check_engine(None)
    with writing_to(folder, "MAP"):
        if scale != REGION:
            from cli.demo_country import show_country

            show_country(folder, scale, seed, feed_only=feed_only)
            return
        _show_region(folder, seed, feed_only=feed_only)


def _show_region(folder: Path, seed: int, *, feed_only: bool) -> None:
    from projections.refresh import refreshed
    from synthetic.region import STORY

    feed, place = folder / "regio.jsonl", folder / "grootboek"
    if folder.exists() and any(folder.iterdir()) and not feed.exists():
        raise click.BadParameter(f"{folder} is niet leeg", param_hint="MAP")
    folder.mkdir(parents=True, exist_ok=True)
    say(f"1. Een verzonnen regio: {_write_region(feed, seed)} gebeurtenissen in {feed}")
    if feed_only:
        return
    with new_ledger(place) as ledger:
        said = import_feeds(ledger, [feed])
        say(f"2. Ingelezen: {said}. Dezelfde feed nog eens inlezen boekt niets.")
        model = refreshed(ledger)
        try:
            _ask(ledger, model, STORY, place)
        finally:
            model.close()


def _write_region(path: Path, seed: int) -> int:
    from synthetic.region import region
    from synthetic.writing import write_lines

    with path.open("wb") as file:
        return write_lines(region(seed, PUPILS), file)


def _ask(ledger: Ledger, model: ReadModel, story: Story, place: Path) -> None:
    from ledger.times import end_of_day

    moments = [end_of_day(story.vaststelling), end_of_day(story.later)]
    say(
        f"3. Dashboard 1A van {story.swv}, teldatum {story.teldatum:%d-%m-%Y}, op twee momenten "
        "van kennis: bij de vaststelling, en een half jaar later."
    )
    for moment in moments:
        show(dashboard(question(ledger, model, story.teldatum, moment), story.swv))
    say("")
    say("4. Waarom dezelfde teldatum nu een andere telling heeft, tot op de gebeurtenis:")
    before, after = (question(ledger, model, story.teldatum, moment) for moment in moments)
    report = _why(before, after, story.swv)
    show(report, max_rows=WHY_ROWS)
    file = _reconcile(before, after, story, place.parent / DUO)
    assert report.verklaring is not None
    _pointers(story, place, report.verklaring.leerlingen[0].pgn, file)


def _why(before: Question, after: Question, swv: str) -> Report:
    from projections.store.ask import Selection
    from projections.why.explain import count_of
    from projections.why.report import why_report

    return why_report(before, after, count_of(Selection(swv=swv)))


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
    say("")
    say(f"5. Het bestand van DUO bij de vaststelling ({file}), aangesloten op het grootboek:")
    say("")
    assert before.as_of.bekend_op is not None, "the demo asks of two moments"
    paar = paar_van(after, [file], "ledger", momenten={file: before.as_of.bekend_op})
    shown = weergave(after.ledger, aansluiten(after, paar), paar, [], zonder_pgn=True)
    lines = b"".join(samenvatting.render(shown, colour=False)).decode().splitlines()
    for line in lines[:RECONCILE_LINES]:
        say(line)
    return file


def _pointers(story: Story, place: Path, pgn: str, file: Path) -> None:
    """Say by which commands one looks further."""
    command = f"kijkglas --ledger {place}"
    day = story.teldatum
    why = f"why --swv {story.swv} --from {day}@vaststelling"
    say("")
    say("6. Zelf verder kijken:")
    say(f"   {command} {why} --to {day}@{story.later} -o waarom.html")
    say(f"   {command} {why} --to {day.replace(year=day.year + 1)}")
    say(f"   {command} diff dashboard-1b --swv {story.swv} --from {day}@vaststelling --to {day}")
    say(f"   {command} when --swv {story.swv} --teldatum {day}")
    say(f"   {command} history {pgn}")
    say(f"   {command} reconcile {file}")
    say(f"   {command} signals --swv {story.swv} --teldatum {day}")
    say(f"   {command} calendar --swv {story.swv}")
    say(f"   {command} verify")
