"""Write a made-up region to a file: `python -m synthetic --pupils 1500 -o feed.jsonl`."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO, TypedDict, Unpack

import click
import msgspec

from synthetic.region import UNTIL, region


class Options(TypedDict):
    """What the command hands on as it is."""

    pupils: int
    regions: int
    seed: int
    ordered: bool


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
@click.option(
    "--ordered/--unordered",
    default=True,
    help="By the moment of knowledge, or pupil by pupil at constant memory.",
)
@click.option("-o", "--output", type=click.File("wb", lazy=True), default="-")
def main(output: BinaryIO, until: datetime, **options: Unpack[Options]) -> None:
    """Write a made-up region as a feed of events."""
    encode = msgspec.json.Encoder().encode
    output.writelines(encode(line) + b"\n" for line in region(until=until.date(), **options))


if __name__ == "__main__":
    main()
