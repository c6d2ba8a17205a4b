"""A run's JSON as a Markdown table of ratios: each figure, what stands beside it, the target."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

from benchmarks.figures import Runs, machine, read
from benchmarks.lines import lines_of
from benchmarks.targets import GROWING, ROWS

MARKS: Final = ("<!-- figures -->", "<!-- end of figures -->")
HEAD: Final = (
    "| what | events | figure | beside it, same run | ratio | target | met |",
    "|---|---|---|---|---|---|---|",
)


def table(runs: Runs) -> str:
    """Return the table of all sizes that were measured, and of every target that was not."""
    lines = [line for row in ROWS for line in lines_of(row, runs)]
    lines += [line for growth in GROWING for line in growth.lines(runs)]
    return "\n".join([*HEAD, *(line.markdown() for line in lines)])


def _put(text: str, figures: str) -> str:
    """Return a document with the figures between their marks."""
    first, last = (re.escape(mark) for mark in MARKS)
    block = f"{MARKS[0]}\n{figures}\n{MARKS[1]}"
    put, found = re.subn(f"{first}.*{last}", lambda _: block, text, flags=re.DOTALL)
    if not found:
        raise click.ClickException(f"the document has no place {MARKS[0]}")
    return put


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--into",
    type=click.Path(exists=True, path_type=Path),
    help="Put the table between the marks of this document.",
)
@click.option("--best", is_flag=True, help="Of runs of the same code keep the best of all.")
def main(runs: tuple[Path, ...], into: Path | None, best: bool) -> None:
    """Print the table of one run or more, or put it into a document."""
    figures = f"{machine(runs[-1])}\n\n{table(read(runs, best=best))}"
    if into is None:
        click.echo(figures)
    else:
        into.write_text(_put(into.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main()
