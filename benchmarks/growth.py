"""How time grows with the number of events, ours and the peers', as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from benchmarks.chart import Curve, Panel, picture
from benchmarks.figures import Key, Runs, read

PANELS: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "Import of a feed": (("import", ()),),
    "Rebuild of the read model": (("rebuild", ()),),
    "Count of the whole country": (("country", ()),),
    "Rows of one samenwerkingsverband": (("rows of one swv", ()),),
    "Dashboard 1A": (("1A of one swv", ("kijkglas",)), ("1A of every swv", ("kijkglas",))),
    "Active enrolments: table or fold": (("active", ()),),
    "Why a count changed": (("why", ()),),
    "Feed to first answer": (("first answer", ()),),
}
"""What stands in one panel: rows of the report, with the roles that are meant (none = all)."""

OURS: Final = "kijkglas"
"""How the roles begin that are ours; the others are peers."""


def panels(runs: Runs) -> list[Panel]:
    """Return the panels of which anything was measured."""
    drawn = [Panel(title, _curves(runs, rows)) for title, rows in PANELS.items()]
    return [panel for panel in drawn if panel.curves]


def _curves(runs: Runs, rows: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Curve, ...]:
    keys: dict[Key, None] = {}
    for figures in runs.by_size.values():
        keys |= dict.fromkeys(figures)
    listed = [
        Curve(_name(key, rows), _points(runs, key), key[1].startswith(OURS))
        for row, roles in rows
        for key in sorted(keys)
        if key[0] == row and (not roles or key[1] in roles)
    ]
    return tuple(sorted(listed, key=lambda curve: not curve.ours))


def _name(key: Key, rows: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """Return the role, or the row where a panel has several with the same role."""
    return key[1] if len(rows) == 1 else key[0]


def _points(runs: Runs, key: Key) -> tuple[tuple[int, float], ...]:
    found = (figures[key] for figures in runs.by_size.values() if key in figures)
    return tuple(sorted((figure.events, figure.seconds) for figure in found))


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--into", required=True, type=click.Path(path_type=Path), help="The picture that is written."
)
@click.option("--best", is_flag=True, help="Of runs of the same code keep the best of all.")
def main(runs: tuple[Path, ...], into: Path, best: bool) -> None:
    """Draw what one run or more measured at several sizes."""
    drawn = panels(read(runs, best=best))
    if not drawn:
        raise click.ClickException("the runs hold nothing that can be drawn")
    into.write_text(picture(drawn), encoding="utf-8")


if __name__ == "__main__":
    main()
