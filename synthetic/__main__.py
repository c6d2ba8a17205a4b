"""Write a made-up region to a file: `python -m synthetic --pupils 1500 -o feed.jsonl`."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

import click
import msgspec

from synthetic.region import UNTIL, region


@click.command()
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
@click.option("--unordered", is_flag=True, help="Pupil by pupil, at constant memory.")
@click.option("-o", "--output", type=click.File("wb", lazy=True), default="-")
def main(
    pupils: int,
    regions: int,
    seed: int,
    until: datetime,
    unordered: bool,
    output: BinaryIO,
) -> None:
    """Write a made-up region as a feed of events."""
    encode = msgspec.json.Encoder().encode
    day = until.date()
    for line in region(seed, pupils, regions=regions, until=day, ordered=not unordered):
        output.write(encode(line) + b"\n")


if __name__ == "__main__":
    main()
