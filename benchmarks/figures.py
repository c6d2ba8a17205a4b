"""What runs measured: their JSON read back, and how a figure is written for people."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

Size = tuple[int, str]
"""How many events or rows, and the size as people write it: for the order, and for the eye."""

Key = tuple[str, str]
"""A row of the report and a role in it."""


class Figure(NamedTuple):
    """The best round of a benchmark, in seconds, and what it noted."""

    seconds: float
    events: int
    extra: dict[str, Any]

    @property
    def rate(self) -> float:
        """Events or rows per second."""
        return self.events / self.seconds


Figures = dict[Key, Figure]
"""Figures of one size."""


class Runs(NamedTuple):
    """What was measured per size, and why the rest was not."""

    by_size: dict[Size, Figures]
    absences: dict[tuple[Key, str], str]

    def reason(self, keys: Iterable[Key], sizes: Iterable[str]) -> str | None:
        """Return why any of some figures is missing at any of some sizes, if a run said so."""
        listed = list(keys)
        found = (self.absences.get((key, size)) for size in sizes for key in listed)
        return next((reason for reason in found if reason), None)


def read(paths: Iterable[Path], *, best: bool = False) -> Runs:
    """Return the figures of runs; a later run replaces what an earlier one measured.

    With `best` the fastest of all runs is kept: for runs of the same code, one after another.
    """
    by_size: dict[Size, Figures] = {}
    sizes: dict[str, int] = {}
    absences: dict[tuple[Key, str], str] = {}
    for path in paths:
        run = msgspec.json.decode(path.read_bytes())
        for one in run.get("not_measured", ()):
            absences[(one["row"], one["role"]), one["size"]] = one["reason"]
        for benchmark in run["benchmarks"]:
            extra = benchmark["extra_info"]
            name, events = extra["size"], int(extra["events"])
            figures = by_size.setdefault((sizes.setdefault(name, events), name), {})
            key = extra["row"], extra["role"]
            figure = Figure(float(benchmark["stats"]["min"]), events, extra)
            if not best or key not in figures or figure.seconds < figures[key].seconds:
                figures[key] = figure
            absences.pop((key, name), None)
    return Runs(by_size, absences)


def machine(path: Path) -> str:
    """Return the class of machine that a run was made on, in one line."""
    info = msgspec.json.decode(path.read_bytes())["machine_info"]
    cpu = info.get("cpu", {})
    name = str(cpu.get("brand_raw") or info.get("machine", "")).strip()
    python = f"{info['python_implementation']} {info['python_version']}"
    return f"Machine: {cpu.get('count', '?')} cores, {name}, {info['system']}, {python}."


def rate(figure: Figure, unit: str) -> str:
    """Return events or rows per second."""
    return f"{figure.rate / 1000:.3g} k {unit}/s"


def duration(seconds: float) -> str:
    """Return a time with three digits."""
    if seconds >= 1000:
        return f"{seconds:.0f} s"
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1000:.3g} ms" if seconds >= 0.001 else f"{seconds * 1e6:.3g} µs"


def megabytes(value: float) -> str:
    """Return an amount of memory."""
    return f"{value:.0f} MB"


def ratio_text(value: float) -> str:
    """Return a ratio: a percentage below one."""
    if value >= 1:
        return f"{value:.3g} x"
    return f"{value:.0%}" if value >= 0.1 else f"{value:.1%}"
