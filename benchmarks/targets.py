"""What the report is about: every target of the project, and what stands beside each figure.

The targets are those of the architecture, set before the first measurement. A row of theirs is
always in the report: met, not met, or not measured with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.figures import Key
from benchmarks.lines import (
    A_MILLION,
    ANY,
    BELOW_TEN_MILLION,
    BELOW_THE_COUNTRY,
    COUNTRY,
    FROM_A_MILLION,
    SMALL,
    TEN_MILLION,
    Below,
    Compared,
    Growth,
    Row,
    Targets,
)

OURS: Final = "kijkglas"
DUCKDB: Final = "kijkglas, DuckDB"
POSTGRESQL: Final = "kijkglas, PostgreSQL"

STOCK: Final[Key] = ("import", "stock recorder")
COPY: Final[Key] = ("import", "raw COPY")
DICT_READER: Final[Key] = ("1B", "csv.DictReader")

_MEMORY: Final[Targets] = {BELOW_TEN_MILLION: 600, TEN_MILLION: 600}
_ONE_SWV: Final[Targets] = {A_MILLION: 0.010, TEN_MILLION: 0.030}

_EVERY: Final[Targets] = {BELOW_THE_COUNTRY: 1.0, COUNTRY: 1.0}

_COUNTRY_PEERS: Final = (
    "numpy count", "Parquet scan, DuckDB", "Parquet scan, pyarrow",
    "PostgreSQL, ranges and GiST", "MariaDB, system-versioned",
)  # fmt: skip
_ROWS_PEERS: Final = (
    "PostgreSQL, ranges and GiST", "MariaDB, system-versioned", "replay of its pupils",
)  # fmt: skip


def _timed(what: str, row: str, peers: tuple[str, ...], ours: str = OURS) -> Iterator[Row]:
    """Yield a row per peer, without a target: what the same question costs there."""
    for peer in peers:
        yield Compared(what, (row, ours), (row, peer), by="time")


def _writing() -> Iterator[Row]:
    into_sqlite: Key = ("import", OURS)
    yield Compared("import, end to end", into_sqlite, STOCK, {ANY: 0.6})
    yield Compared("import, end to end", into_sqlite, ("import", "raw executemany"))
    yield Compared("stock recorder alone", STOCK, ("import", "raw executemany"))
    yield Compared("import into PostgreSQL, end to end", ("import", POSTGRESQL), COPY)
    yield Compared("raw COPY into PostgreSQL", COPY, ("import", "raw executemany"))
    first: Key = ("first answer", OURS)
    yield Compared("feed to first answer, three processes", first, STOCK, {ANY: 0.2})
    for ours, engine in ((OURS, ""), (DUCKDB, ", DuckDB")):
        one: Key = ("rebuild", f"{ours}, one process")
        two: Key = ("rebuild", f"{ours}, two processes")
        yield Compared(f"rebuild{engine}, one process", one, ("rebuild", "replay"), {ANY: 4})
        yield Compared(f"rebuild{engine}, two processes", two, one, {FROM_A_MILLION: 1.7})
    all_text: Key = ("rebuild", "replay, all text")
    yield Compared("rebuild, one process", ("rebuild", f"{OURS}, one process"), all_text)


def _asking() -> Iterator[Row]:
    yield Below("rows of one samenwerkingsverband", ("rows of one swv", OURS), _ONE_SWV)
    yield from _timed("rows of one samenwerkingsverband", "rows of one swv", _ROWS_PEERS)
    yield Below("1A of one samenwerkingsverband", ("1A of one swv", OURS), _ONE_SWV)
    yield Below("rows of one samenwerkingsverband, DuckDB", ("rows of one swv", DUCKDB))
    yield Below("1A of one samenwerkingsverband, DuckDB", ("1A of one swv", DUCKDB))
    every = "1A of every samenwerkingsverband, one after another"
    for name, role in (
        ("", OURS),
        (", at the slowest of other moments", f"{OURS}, other moments"),
        (", DuckDB", DUCKDB),
        (", DuckDB, at the slowest of other moments", f"{DUCKDB}, other moments"),
    ):
        yield Below(f"{every}{name}", ("1A of every swv", role), _EVERY, key="total")
        yield Below(
            f"the slowest 1A of those{name}", ("1A of every swv", role), _EVERY, key="slowest"
        )
    yield from _counting()


def _counting() -> Iterator[Row]:
    what, scan = "count of the country", ("country", "numpy scan")
    yield Below(what, ("country", OURS), {A_MILLION: 0.150})
    limits = {A_MILLION: 0.025, TEN_MILLION: 0.120}
    yield Below(f"{what}, DuckDB", ("country", DUCKDB), limits)
    yield Compared(what, ("country", OURS), scan, {FROM_A_MILLION: 8}, by="time")
    yield Compared(f"{what}, DuckDB", ("country", DUCKDB), scan, {FROM_A_MILLION: 8}, by="time")
    yield from _timed(what, "country", _COUNTRY_PEERS)
    folds = ("DuckDB folding events", "Polars folding events")
    yield from _timed("active per vestiging and categorie", "active", folds)


def _rest() -> Iterator[Row]:
    why = "why, one samenwerkingsverband"
    yield Below(why, ("why", OURS), {A_MILLION: 0.300})
    yield Below(f"{why}, DuckDB", ("why", DUCKDB))
    yield from _timed(why, "why", ("rows of both sides", "replay of both sides"))
    first, states = ("first answer", OURS), ("1B command", OURS)
    rebuild = ("rebuild command", OURS)
    yield Below("memory of an import", first, _MEMORY, "import_peak_mb", "MB")
    yield Below("memory of a first report", first, _MEMORY, "report_peak_mb", "MB")
    yield Below("memory of a rebuild", rebuild, _MEMORY, "peak_mb", "MB")
    start = ("start-up", OURS)
    yield Compared("kijkglas --help", start, ("start-up", "import click"), {ANY: 2}, by="time")
    yield Below("count as a whole process", ("count command", OURS), {SMALL: 0.5})
    for what, role, peer in (
        ("1B as CSV, reading alone", "reading", DICT_READER),
        ("1B, first import", "first import", DICT_READER),
        ("1B, second import, nothing new", "second import", DICT_READER),
        ("1B as XLSX, reading alone", "workbook", ("1B", "openpyxl rows")),
    ):
        yield Compared(what, ("1B", role), peer, unit="rows")
    yield Below("memory of a first import of 1B", states, {ANY: 600}, "first_peak_mb", "MB")
    yield Below("memory of a second import of 1B", states, {ANY: 600}, "next_peak_mb", "MB")


ROWS: Final[tuple[Row, ...]] = (*_writing(), *_asking(), *_rest())

GROWING: Final = (
    Growth("count of the country", ("country", OURS), 1.0),
    Growth("count of the country, DuckDB", ("country", DUCKDB), 1.0),
    Growth("rows of one samenwerkingsverband", ("rows of one swv", OURS)),
    Growth("1A of one samenwerkingsverband", ("1A of one swv", OURS)),
    Growth("count as a whole process", ("count command", OURS)),
)
"""What is compared between the smallest and the largest size, and how it may grow."""
