"""The lines of the report: a figure, what stands beside it, the target, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from benchmarks.figures import (
    Figure,
    Figures,
    Key,
    Runs,
    duration,
    megabytes,
    rate,
    ratio_text,
)

Band = tuple[int, int]
"""The sizes, in events, that a target is about: from the first up to, without, the second."""

ANY: Final[Band] = (0, 1 << 62)
SMALL: Final[Band] = (0, 50_000)
A_MILLION: Final[Band] = (900_000, 2_000_000)
FROM_A_MILLION: Final[Band] = (900_000, 1 << 62)
TEN_MILLION: Final[Band] = (9_000_000, 12_000_000)
COUNTRY: Final[Band] = (20_000_000, 30_000_000)
BELOW_TEN_MILLION: Final[Band] = (0, 9_000_000)
BELOW_THE_COUNTRY: Final[Band] = (0, 20_000_000)

BAND_NAMES: Final = {
    SMALL: "30k",
    A_MILLION: "1M",
    FROM_A_MILLION: "1M",
    TEN_MILLION: "10M",
    COUNTRY: "25M",
}
"""The size that is meant, where a target of a band was not measured."""

Targets = Mapping[Band, float]
"""A limit per band of sizes; a line at another size has no target."""

NONE: Final[Targets] = {}


class Line(NamedTuple):
    """One line of the table; `verdict` is empty where no target applies."""

    what: str
    size: str
    figure: str
    beside: str = ""
    ratio: str = ""
    target: str = ""
    verdict: str = ""

    def markdown(self) -> str:
        """Return the line of the table."""
        return f"| {' | '.join(self)} |"


class Compared(NamedTuple):
    """Ours against a peer: rates (a floor is the target) or times (a ceiling is)."""

    what: str
    ours: Key
    peer: Key
    targets: Targets = NONE
    by: Literal["rate", "time"] = "rate"
    unit: str = "events"

    @property
    def keys(self) -> tuple[Key, ...]:
        """The figures that it needs."""
        return self.ours, self.peer

    def line(self, figures: Figures, size: str) -> Line | None:
        """Return the line where both were measured."""
        ours, peer = figures.get(self.ours), figures.get(self.peer)
        if ours is None or peer is None:
            return None
        rates = self.by == "rate"
        ratio = ours.rate / peer.rate if rates else ours.seconds / peer.seconds
        limit = limit_at(self.targets, ours.events)
        met = limit is not None and (ratio >= limit if rates else ratio <= limit)
        return Line(
            self.what,
            size,
            self._shown(ours),
            f"{self.peer[1]}: {self._shown(peer)}",
            ratio_text(ratio),
            "" if limit is None else self.target(limit),
            "" if limit is None else verdict(met=met),
        )

    def target(self, limit: float) -> str:
        """Return the target in words."""
        return f"at {'least' if self.by == 'rate' else 'most'} {ratio_text(limit)}"

    def _shown(self, figure: Figure) -> str:
        return rate(figure, self.unit) if self.by == "rate" else duration(figure.seconds)


class Below(NamedTuple):
    """A value of its own, the best time or something noted, against limits."""

    what: str
    ours: Key
    targets: Targets = NONE
    key: str = ""
    unit: Literal["s", "MB"] = "s"

    @property
    def keys(self) -> tuple[Key, ...]:
        """The figures that it needs."""
        return (self.ours,)

    def line(self, figures: Figures, size: str) -> Line | None:
        """Return the line where it was measured."""
        ours = figures.get(self.ours)
        if ours is None or (self.key and self.key not in ours.extra):
            return None
        value = float(ours.extra[self.key]) if self.key else ours.seconds
        limit = limit_at(self.targets, ours.events)
        return Line(
            self.what,
            size,
            self._shown(value),
            target="" if limit is None else self.target(limit),
            verdict="" if limit is None else verdict(met=value < limit),
        )

    def target(self, limit: float) -> str:
        """Return the target in words."""
        return f"under {self._shown(limit)}"

    def _shown(self, value: float) -> str:
        return duration(value) if self.unit == "s" else megabytes(value)


class Growth(NamedTuple):
    """How a time grows from the smallest size to the largest; `power` 1 = linearly at most."""

    what: str
    ours: Key
    power: float | None = None

    def lines(self, runs: Runs) -> Iterator[Line]:
        """Yield the line where two sizes were measured; a target that was not says so."""
        sizes = sorted(size for size, figures in runs.by_size.items() if self.ours in figures)
        what = f"growth of: {self.what}"
        if len(sizes) < 2:
            if self.power is not None:
                yield Line(what, "", "not measured", "", "", "linear", "needs two sizes in the run")
            return
        first, last = sizes[0], sizes[-1]
        small, large = runs.by_size[first][self.ours], runs.by_size[last][self.ours]
        more, grown = last[0] / first[0], large.seconds / small.seconds
        target = met = ""
        if self.power is not None:
            target = f"at most {ratio_text(more**self.power)}"
            met = verdict(met=grown <= more**self.power)
        beside = f"{first[1]}: {duration(small.seconds)}"
        size = f"{first[1]} → {last[1]}"
        yield Line(what, size, duration(large.seconds), beside, ratio_text(grown), target, met)


Row = Compared | Below


def lines_of(row: Row, runs: Runs) -> Iterator[Line]:
    """Yield a row at every size, and what of its targets was not measured, with the reason."""
    told: set[Band] = set()
    for size, figures in sorted(runs.by_size.items()):
        line = row.line(figures, size[1])
        if line is not None:
            yield line
            events = figures[row.ours].events
            told |= {band for band in row.targets if band[0] <= events < band[1]}
        elif reason := runs.reason(row.keys, [size[1]]):
            yield Line(row.what, size[1], "not measured", row.keys[-1][1], verdict=reason)
    names = [name for _, name in runs.by_size]
    for band in sorted(set(row.targets) - told):
        reason = runs.reason(row.keys, names) or "not in this run"
        target = row.target(row.targets[band])
        beside = row.peer[1] if isinstance(row, Compared) else ""
        yield Line(row.what, BAND_NAMES.get(band, ""), "not measured", beside, "", target, reason)


def limit_at(targets: Targets, events: int) -> float | None:
    """Return the limit that applies at a size."""
    return next((limit for band, limit in targets.items() if band[0] <= events < band[1]), None)


def verdict(*, met: bool) -> str:
    """Return the verdict of the last column."""
    return "met" if met else "**not met**"
