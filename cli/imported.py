"""What became of a file that was imported, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from ledger.importing import Imported, Wishes
    from ledger.problems import Remark

COMPLETE: Final = frozenset({"dashboard-1b"})
"""The sources that hold a whole population: those that `--complete` is for."""

REFUSALS_SHOWN: Final = 20
WARNINGS_SHOWN: Final = 5
"""How often the same thing is said of the rows of one file, before only its number is."""


def tell(imported: Imported, wishes: Wishes, *, given: bool) -> None:
    """Print what became of a file: the sums on stdout, every problem on stderr."""
    from ledger.problems import masked

    dry_run = wishes.dry_run
    _tell_remarks("afgekeurd", imported.refusals(), REFUSALS_SHOWN)
    _tell_remarks("let op", imported.warnings(), WARNINGS_SHOWN)
    click.echo(f"{masked(imported.path.name)}: {_sums(imported, dry_run=dry_run)}", err=dry_run)
    if imported.moment is not None:
        click.echo(_about(imported, given=given), err=True)
    if imported.geweigerd:
        click.echo("niets geboekt: --strict en er zijn afgekeurde regels", err=True)
    if wishes.complete and imported.source in COMPLETE and not imported.volledig:
        click.echo(
            "niet geboekt wie er niet meer in staat: --complete geldt niet zolang er regels zijn "
            "afgekeurd",
            err=True,
        )
    if imported.rejected is not None:
        click.echo(f"afgekeurde regels met reden: {masked(str(imported.rejected))}", err=True)
        if imported.moment is not None:
            known = f"--bekend-op {_stamp(imported.moment)}"
            click.echo(f"  verbeter ze en lees ze in met {known}", err=True)
    elif imported.not_written:
        click.echo(f"afgekeurde regels niet bewaard: {imported.not_written}", err=True)


def _stamp(moment: datetime) -> str:
    """Return a moment as `--bekend-op` takes it."""
    from ledger.times import AMSTERDAM

    return moment.astimezone(AMSTERDAM).isoformat(timespec="seconds")


def _sums(imported: Imported, *, dry_run: bool) -> str:
    booked = imported.booked
    count = 0 if imported.geweigerd else booked.geboekt
    return (
        f"{imported.regels} regels, {'zou boeken' if dry_run else 'geboekt'} {count}, "
        f"al bekend {booked.al_bekend}, afgekeurd {len(booked.refused)}, "
        f"let op {len(booked.warnings)}"
    )


def _about(imported: Imported, *, given: bool) -> str:
    """Return what was recognised: the source, what it is about, and when it was known."""
    from ledger.times import AMSTERDAM, format_date

    assert imported.moment is not None, "a file with states has a moment"
    swv, teldatum = imported.about
    parts = [imported.source]
    parts += [swv] if swv else []
    parts += [f"teldatum {format_date(teldatum)}"] if teldatum else []
    moment = imported.moment.astimezone(AMSTERDAM)
    how = "--bekend-op" if given else "tijd van het bestand"
    known = f"bekend op {moment:%d-%m-%Y %H:%M} ({how})"
    return "  " + ", ".join([*parts, known])


def _tell_remarks(what: str, remarks: Iterable[Remark], limit: int) -> None:
    """Print remarks; what is said of many rows a few times, and then how often."""
    counts: Counter[tuple[str, str]] = Counter()
    for remark in remarks:
        kind = remark.problem.veld, remark.problem.remedie
        counts[kind] += 1
        if counts[kind] <= limit:
            click.echo(f"{what} {remark}", err=True)
    for (veld, remedie), count in counts.items():
        if count > limit:
            where = veld or "de regel"
            click.echo(f"{what} nog {count - limit} keer bij {where}: {remedie}", err=True)
