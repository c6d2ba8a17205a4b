"""Write a made-up region or country: `python -m synthetic --scale 1m -o feed.jsonl`."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click

from processes.stopping import stoppable
from synthetic.country import SCALES, country
from synthetic.places import Line
from synthetic.region import UNTIL, region
from synthetic.writing import write_lines, write_parts

OF_A_REGION = ("pupils", "regions", "ordered")
"""The options that have no meaning for a country."""


@click.command()
@click.option(
    "--scale",
    type=click.Choice(["region", *SCALES], case_sensitive=False),
    default="region",
    show_default=True,
    help="Regions, or a country of about 25 (country), 10 or 1 million events.",
)
@click.option("--pupils", default=1500, show_default=True, help="Pupils in each region.")
@click.option("--regions", default=1, show_default=True, help="Regions, each with its own codes.")
@click.option("--seed", default=2025, show_default=True, help="The same seed, the same feed.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    default=UNTIL.isoformat(),
    show_default=True,
    help="The last day on which anything is known.",
)
@click.option(
    "--ordered/--unordered",
    default=True,
    help="By the moment of knowledge, or pupil by pupil at constant memory (a country always).",
)
@click.option(
    "--parts",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder for a country as a file for each samenwerkingsverband po, instead of -o.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes for --parts; all cores.")
@click.option("-o", "--output", type=click.File("wb", lazy=True), default="-")
@click.pass_context
def main(
    ctx: click.Context,
    scale: str,
    pupils: int,
    regions: int,
    seed: int,
    until: datetime,
    ordered: bool,
    parts: Path | None,
    workers: int | None,
    output: BinaryIO,
) -> None:
    """Write a made-up region or country as a feed of events."""
    if scale != "region":
        _refuse_given(ctx, OF_A_REGION, "with --scale region")
    if parts is None:
        lines: Iterable[Line] = (
            region(seed, pupils, regions=regions, until=until.date(), ordered=ordered)
            if scale == "region"
            else country(seed, SCALES[scale], until=until.date())
        )
        write_lines(lines, output)
        return
    if scale == "region":
        raise click.UsageError("--parts goes with a country: --scale " + ", ".join(SCALES))
    _refuse_given(ctx, ("until", "output"), "without --parts")
    with closing(write_parts(parts, SCALES[scale], seed, workers)) as made:
        for written in made:
            click.echo(f"{written.path}: {written.lines}", err=True)


def _refuse_given(ctx: click.Context, names: Iterable[str], fits: str) -> None:
    """Make options that would have no effect a usage error."""
    for name in names:
        if ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            raise click.UsageError(f"--{name} only has a meaning {fits}")


if __name__ == "__main__":
    with stoppable():
        main()
