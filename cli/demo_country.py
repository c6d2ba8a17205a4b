"""The demo at the scale of the country: feeds by region, one ledger, any samenwerkingsverband."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.demo_showing import dashboard, import_feeds, new_ledger, question, say, show
from cli.opening import progress_bar

if TYPE_CHECKING:
    from ledger.application import Ledger
    from synthetic.writing import Written

SWV: Final = "PO2304"
"""The samenwerkingsverband whose count is shown."""
ROWS: Final = 12
"""Lines of each table that are shown: a count is to fit a screen."""


def show_country(folder: Path, scale: str, seed: int, *, feed_only: bool) -> None:
    """Write the feeds of a made-up country into the folder, import them and show a count."""
    from synthetic.writing import has_parts

    place = folder / "grootboek"
    if folder.exists() and any(folder.iterdir()) and not has_parts(folder):
        raise click.BadParameter(f"{folder} is niet leeg", param_hint="MAP")
    _refuse_another(folder, scale, seed)
    written = _write(folder, scale, seed)
    lines = sum(one.lines for one in written)
    say(f"1. Een verzonnen land: {lines} gebeurtenissen in {len(written)} bestanden,")
    say(f"   {folder}/feed-*.jsonl: de landkaart, en per samenwerkingsverband po de leerlingen")
    if feed_only:
        say(f"   Inlezen: kijkglas --ledger {place} init")
        say(f"            kijkglas --ledger {place} import {folder}/feed-*.jsonl")
        return
    with new_ledger(place) as ledger:
        with progress_bar(lines, "inlezen") as advance:
            said = import_feeds(ledger, [one.path for one in written], advance)
        say(f"2. Ingelezen: {said}.")
        _count(ledger)
    _pointers(place)


def _refuse_another(folder: Path, scale: str, seed: int) -> None:
    """Refuse a folder with the feed of another country: its ledger would hold both."""
    from synthetic.country import SCALES
    from synthetic.writing import Made, made_in

    made = made_in(folder)
    if made is None or made == Made(SCALES[scale], seed):
        return
    of = next((name for name, pupils in SCALES.items() if pupils == made.pupils), made.pupils)
    raise click.BadParameter(
        f"in {folder} staat een ander land (--scale {of} --seed {made.seed}); kies een "
        "lege map, of vraag hetzelfde land",
        param_hint="MAP",
    )


def _write(folder: Path, scale: str, seed: int) -> Sequence[Written]:
    from ledger.places import LedgerError
    from processes.pool import ChildKilledError
    from synthetic.country import SCALES, parts
    from synthetic.writing import write_parts

    pupils, written = SCALES[scale], []
    try:
        with (
            progress_bar(len(parts(pupils)), "verzinnen") as advance,
            closing(write_parts(folder, pupils, seed)) as made,
        ):
            for one in made:
                written.append(one)
                advance(1)
    except ChildKilledError as error:
        raise LedgerError(f"{error}; probeer een kleinere --scale") from error
    return written


def _count(ledger: Ledger) -> None:
    """Make the read model, and show Dashboard 1A at vaststelling."""
    from ledger.times import end_of_day
    from projections.refresh import refreshed
    from synthetic.story import STORY

    with progress_bar(ledger.position, "leesmodel maken") as advance:
        model = refreshed(ledger, advance)
    try:
        say(
            f"3. Dashboard 1A van {SWV}, teldatum {STORY.teldatum:%d-%m-%Y}, zoals bekend bij de "
            "vaststelling:"
        )
        moment = end_of_day(STORY.vaststelling)
        show(dashboard(question(ledger, model, STORY.teldatum, moment), SWV), ROWS)
    finally:
        model.close()


def _pointers(place: Path) -> None:
    """Say by which commands one asks any samenwerkingsverband."""
    from synthetic.story import STORY

    command, day = f"kijkglas --ledger {place}", STORY.teldatum
    say("")
    say("4. Zelf verder vragen, van elk samenwerkingsverband (PO2001 … PO3106, VO2001 … VO3106,")
    say("   en de landelijke PO0001 en VO0001), op elke teldatum, zoals bekend op elk moment:")
    asked = f"--swv {SWV} --teldatum {day}"
    say(f"   {command} report dashboard-1a {asked} --bekend-op vaststelling")
    say(f"   {command} report dashboard-1a {asked.replace(SWV, 'VO2806')}")
    say(f"   {command} why --swv {SWV} --from {day}@vaststelling --to {day}")
    say(f"   {command} signals {asked}")
