"""What the demos of the region and the country share: importing, asking, and showing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.opening import version

if TYPE_CHECKING:
    from ledger.application import Ledger
    from projections.questions import Question
    from projections.report import Report
    from projections.store.read_model import ReadModel


def say(text: str) -> None:
    """Print a line of the demo."""
    click.echo(text)


def new_ledger(place: Path) -> Ledger:
    """Make the ledger of a demo, in the place of that of an earlier one.

    Its read model stays where the environment wants it, also for who asks without that.
    """
    from ledger.application import create
    from projections.store.settings import keep_setting

    shutil.rmtree(place, ignore_errors=True)
    ledger = create(place)
    try:
        keep_setting(ledger)
    except BaseException:
        ledger.close()
        raise
    return ledger


def import_feeds(
    ledger: Ledger, feeds: Iterable[Path], progress: Callable[[int], None] = lambda _: None
) -> str:
    """Import feeds one by one; return in words what became of all their lines."""
    from ledger.application import now
    from ledger.importing import import_feed

    geboekt = refused = warnings = 0
    for feed in feeds:
        booked = import_feed(ledger, feed, now(), progress=progress).booked
        geboekt += booked.geboekt
        refused += len(booked.refused)
        warnings += len(booked.warnings)
    return f"{geboekt} geboekt, {refused} afgekeurd, {warnings} keer 'let op'"


def question(ledger: Ledger, model: ReadModel, teldatum: date, moment: datetime) -> Question:
    """Return what a report needs to know of a teldatum and a moment of knowledge."""
    from projections.questions import Question
    from projections.store.ask import AsOf

    as_of = AsOf(teldatum, moment)
    return Question(ledger, model, as_of, moment, "kijkglas demo", version())


def dashboard(asked: Question, swv: str) -> Report:
    """Return Dashboard 1A of a samenwerkingsverband."""
    from projections.options import Options
    from projections.products import answer

    return answer("dashboard-1a", asked, swv, Options())


def show(report: Report, max_rows: int | None = None) -> None:
    """Print a report as a table."""
    from projections import render

    say("")
    for part in render.render(report, "table", max_rows=max_rows):
        click.echo(part, nl=False)
