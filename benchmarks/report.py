"""A run's JSON as a Markdown table of ratios: each figure, what stands beside it, the target."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import click
import msgspec

Size = tuple[int, str]
"""How many events or rows, and the size as people write it: for the order, and for the eye."""

MARKS: Final = ("<!-- figures -->", "<!-- end of figures -->")
HEAD: Final = (
    "| what | events | figure | beside it, same run | ratio | target | met |",
    "|---|---|---|---|---|---|---|",
)
COUNTRY_FROM: Final = 1_000_000
"""The targets in milliseconds are about this many events."""


class Figure(NamedTuple):
    """The best round of a benchmark, in seconds, and what it noted."""

    seconds: float
    events: int
    extra: dict[str, Any]

    @property
    def rate(self) -> float:
        """Events or rows per second."""
        return self.events / self.seconds


Figures = dict[tuple[str, str], Figure]
"""Figures of one size by (row, role)."""


class Line(NamedTuple):
    """One line of the table; `met` is None where no target applies."""

    what: str
    figure: str
    beside: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None

    def markdown(self, size: str) -> str:
        """Return the line of the table."""
        verdict = {None: "", True: "met", False: "**not met**"}[self.met]
        cells = (self.what, size, self.figure, self.beside, self.ratio, self.target, verdict)
        return f"| {' | '.join(cells)} |"


class Rate(NamedTuple):
    """Events or rows per second against a peer's; a floor is the target."""

    what: str
    ours: tuple[str, str]
    peer: tuple[str, str]
    floor: float | None = None
    unit: str = "events"

    def lines(self, figures: Figures) -> Iterator[Line]:
        """Yield the line where both were measured."""
        ours, peer = figures.get(self.ours), figures.get(self.peer)
        if ours is None or peer is None:
            return
        ratio = ours.rate / peer.rate
        target = "" if self.floor is None else f"at least {_ratio(self.floor)}"
        met = None if self.floor is None else ratio >= self.floor
        beside = f"{self.peer[1]}: {_rate(peer, self.unit)}"
        yield Line(self.what, _rate(ours, self.unit), beside, _ratio(ratio), target, met)


class Time(NamedTuple):
    """Seconds against a peer's; a ceiling is the target."""

    what: str
    ours: tuple[str, str]
    peer: tuple[str, str]
    ceiling: float | None = None
    least_events: int = 0

    def lines(self, figures: Figures) -> Iterator[Line]:
        """Yield the line where both were measured."""
        ours, peer = figures.get(self.ours), figures.get(self.peer)
        if ours is None or peer is None:
            return
        ratio = ours.seconds / peer.seconds
        target = "" if self.ceiling is None else f"at most {_ratio(self.ceiling)}"
        applies = self.ceiling is not None and ours.events >= self.least_events
        met = ratio <= (self.ceiling or 0) if applies else None
        beside = f"{self.peer[1]}: {_time(peer.seconds)}"
        yield Line(self.what, _time(ours.seconds), beside, _ratio(ratio), target, met)


class Below(NamedTuple):
    """A value of its own against a limit, at the sizes that the target is about."""

    what: str
    ours: tuple[str, str]
    limit: float
    unit: Literal["s", "MB"] = "s"
    key: str = ""
    sizes: tuple[int, int] = (0, 1 << 62)

    def lines(self, figures: Figures) -> Iterator[Line]:
        """Yield the line where it was measured."""
        ours = figures.get(self.ours)
        if ours is None or (self.key and self.key not in ours.extra):
            return
        value = float(ours.extra[self.key]) if self.key else ours.seconds
        show = _time if self.unit == "s" else _megabytes
        applies = self.sizes[0] <= ours.events <= self.sizes[1]
        met = value < self.limit if applies else None
        yield Line(self.what, show(value), target=f"under {show(self.limit)}", met=met)


AT_A_MILLION: Final = (COUNTRY_FROM * 9 // 10, 1 << 62)
SMALL: Final = (0, 50_000)
STOCK: Final = ("import", "stock recorder")
DICT_READER: Final = ("1B", "csv.DictReader")

ROWS: Final[tuple[Rate | Time | Below, ...]] = (
    Rate("import, end to end", ("import", "kijkglas"), STOCK, 0.6),
    Rate("import, end to end", ("import", "kijkglas"), ("import", "raw executemany")),
    Rate("stock recorder alone", STOCK, ("import", "raw executemany")),
    Rate("feed to first answer, three processes", ("first answer", "kijkglas"), STOCK, 0.2),
    Rate("rebuild, one process", ("rebuild", "one process"), ("rebuild", "replay"), 4),
    Rate("rebuild, two processes", ("rebuild", "two processes"), ("rebuild", "one process"), 1.7),
    Below("rows of one samenwerkingsverband", ("rows of one swv", "kijkglas"), 0.010),
    Below("1A of one samenwerkingsverband", ("1A of one swv", "kijkglas"), 0.010),
    Below("count of the country", ("country", "kijkglas"), 0.150, sizes=AT_A_MILLION),
    Time("count of the country", ("country", "kijkglas"), ("country", "numpy scan"), 8, 900_000),
    Time("count of the country", ("country", "kijkglas"), ("country", "numpy count")),
    Below("why, one samenwerkingsverband", ("why", "kijkglas"), 0.300),
    Time("why, one samenwerkingsverband", ("why", "kijkglas"), ("why", "rows of both sides")),
    Below("memory of an import", ("first answer", "kijkglas"), 600, "MB", "import_peak_mb"),
    Rate("1B as CSV, reading alone", ("1B", "reading"), DICT_READER, unit="rows"),
    Rate("1B, first import", ("1B", "first import"), DICT_READER, unit="rows"),
    Rate("1B, second import, nothing new", ("1B", "second import"), DICT_READER, unit="rows"),
    Rate("1B as XLSX, reading alone", ("1B", "workbook"), ("1B", "openpyxl rows"), unit="rows"),
    Below("memory of a first import of 1B", ("1B command", "kijkglas"), 600, "MB", "first_peak_mb"),
    Below("memory of a second import of 1B", ("1B command", "kijkglas"), 600, "MB", "next_peak_mb"),
    Below("memory of a first report", ("first answer", "kijkglas"), 600, "MB", "report_peak_mb"),
    Below("memory of a rebuild", ("rebuild command", "kijkglas"), 600, "MB", "peak_mb"),
    Time("kijkglas --help", ("start-up", "kijkglas"), ("start-up", "import click"), 2),
    Below("count as a whole process", ("count command", "kijkglas"), 0.5, sizes=SMALL),
)

GROWING: Final = (
    ("count of the country", ("country", "kijkglas"), 1.0),
    ("rows of one samenwerkingsverband", ("rows of one swv", "kijkglas"), None),
    ("1A of one samenwerkingsverband", ("1A of one swv", "kijkglas"), None),
    ("count as a whole process", ("count command", "kijkglas"), None),
)
"""What is compared between the smallest and the largest size, and how it may grow."""


def table(by_size: dict[Size, Figures]) -> str:
    """Return the table of all sizes that were measured."""
    lines = [
        line.markdown(size[1])
        for row in ROWS
        for size, figures in sorted(by_size.items())
        for line in row.lines(figures)
    ]
    return "\n".join([*HEAD, *lines, *_growth(by_size)])


def read(paths: Iterable[Path]) -> dict[Size, Figures]:
    """Return the figures of runs; a later run replaces what an earlier one measured."""
    by_size: dict[Size, Figures] = {}
    sizes: dict[str, int] = {}
    for path in paths:
        for benchmark in msgspec.json.decode(path.read_bytes())["benchmarks"]:
            extra = benchmark["extra_info"]
            name, events = extra["size"], int(extra["events"])
            size = sizes.setdefault(name, events), name
            figure = Figure(float(benchmark["stats"]["min"]), events, extra)
            by_size.setdefault(size, {})[extra["row"], extra["role"]] = figure
    return by_size


def machine(path: Path) -> str:
    """Return the class of machine that a run was made on, in one line."""
    info = msgspec.json.decode(path.read_bytes())["machine_info"]
    cpu = info.get("cpu", {})
    name = str(cpu.get("brand_raw") or info.get("machine", "")).strip()
    python = f"{info['python_implementation']} {info['python_version']}"
    return f"Machine: {cpu.get('count', '?')} cores, {name}, {info['system']}, {python}."


def _growth(by_size: dict[Size, Figures]) -> Iterator[str]:
    for what, key, power in GROWING:
        sizes = sorted(size for size, figures in by_size.items() if key in figures)
        if len(sizes) < 2:
            continue
        small, large = by_size[sizes[0]][key], by_size[sizes[-1]][key]
        more, grown = sizes[-1][0] / sizes[0][0], large.seconds / small.seconds
        line = Line(
            f"growth of: {what}",
            _time(large.seconds),
            f"{sizes[0][1]}: {_time(small.seconds)}",
            _ratio(grown),
            "" if power is None else f"at most {_ratio(more**power)}",
            None if power is None else grown <= more**power,
        )
        yield line.markdown(f"{sizes[0][1]} → {sizes[-1][1]}")


def _rate(figure: Figure, unit: str) -> str:
    return f"{figure.rate / 1000:.3g} k {unit}/s"


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1000:.3g} ms" if seconds >= 0.001 else f"{seconds * 1e6:.3g} µs"


def _megabytes(value: float) -> str:
    return f"{value:.0f} MB"


def _ratio(value: float) -> str:
    if value >= 1:
        return f"{value:.3g} x"
    return f"{value:.0%}" if value >= 0.1 else f"{value:.1%}"


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
def main(runs: tuple[Path, ...], into: Path | None) -> None:
    """Print the table of one run or more, or put it into a document."""
    figures = f"{machine(runs[-1])}\n\n{table(read(runs))}"
    if into is None:
        click.echo(figures)
    else:
        into.write_text(_put(into.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main()
