"""What the benchmarks work on: made-up feeds and ledgers of some sizes, made once and kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import gettempdir
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent

import ledger as ledger_package
import synthetic as synthetic_package
from ledger.application import Ledger, create, open_ledger
from ledger.importing import import_feed
from ledger.times import end_of_day
from projections.refresh import refreshed
from projections.store.ask import AsOf
from synthetic.country import SCALES, country
from synthetic.places import Line
from synthetic.region import region
from synthetic.story import STORY

FOLDER_VARIABLE: Final = "KIJKGLAS_BENCHMARK_FOLDER"
FEED_VARIABLE: Final = "KIJKGLAS_BENCHMARK_FEED"
REGIONS: Final = "regions"
COUNTRY: Final = "country"
OF_THE_COUNTRY: Final = 25_000_000
"""Events of all of the country."""
SEED: Final = 2025
NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""The moment that the benchmarks call now: later than every event of the generator."""

LARGEST_REGION: Final = 6000
"""Pupils in one region; 25 of them have the shape of the country at a million events."""

WIDE_REGION: Final = 38_000
"""Pupils in one region of a corpus in which one samenwerkingsverband answers for some 3,000."""

BATCH: Final = 5000
"""Events in one append, as in the product."""

EVENTS_PER_PUPIL: Final = 6.75
TELDATUM: Final = STORY.teldatum
KNOWN: Final = STORY.vaststelling
AS_OF: Final = AsOf(TELDATUM, end_of_day(KNOWN))
"""The question of most benchmarks: a count as it stood when it was fixed."""


class Corpus(NamedTuple):
    """A feed of about `size` events, and a ledger with all of it and a fresh read model.

    `region` is the most pupils that one region of it has.
    """

    size: int
    folder: Path
    region: int = LARGEST_REGION

    @property
    def name(self) -> str:
        """The size as people write it: 30k, 1M."""
        return size_name(self.size)

    @property
    def feed(self) -> Path:
        """The events, unordered: pupil by pupil."""
        return self.folder / "feed.jsonl"

    @property
    def ledger(self) -> Path:
        """The folder of the ledger."""
        return self.folder / "grootboek"

    @property
    def lines(self) -> int:
        """The number of events in the feed."""
        return int((self.folder / "regels").read_text(encoding="ascii"))


class Feed(NamedTuple):
    """Where feeds come from: the lines of a corpus, and whose dashboard is asked for."""

    lines: Callable[[Corpus], Iterator[Line]]
    swv: str


def _regions(made: Corpus) -> Iterator[Line]:
    """Yield the lines of regions, as many as a size needs."""
    regions = max(1, round(made.size / EVENTS_PER_PUPIL / made.region))
    pupils = made.region if regions > 1 else round(made.size / EVENTS_PER_PUPIL)
    return region(SEED, pupils, regions=regions, ordered=False)


def _country(made: Corpus) -> Iterator[Line]:
    """Yield the lines of a country, smaller than the real one by the size."""
    return country(SEED, round(SCALES["country"] * made.size / OF_THE_COUNTRY))


FEEDS: Final = {REGIONS: Feed(_regions, STORY.swv), COUNTRY: Feed(_country, "PO2708")}
"""The feeds by the name that FEED_VARIABLE takes."""

CHOSEN: Final = os.environ.get(FEED_VARIABLE) or REGIONS
FEED: Final = FEEDS[CHOSEN]
SWV: Final = FEED.swv


def size_name(size: int) -> str:
    """Return a size as people write it."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if size % unit == 0:
            return f"{size // unit}{letter}"
    return str(size)


def size_of(text: str) -> int:
    """Return the size that a text such as 30k or 1M means. Raises ValueError."""
    unit = {"k": 1_000, "M": 1_000_000}.get(text[-1:], 1)
    return int(text if unit == 1 else text[:-1]) * unit


def corpus(size: int, region: int = LARGEST_REGION) -> Corpus:
    """Return the corpus of a size; made when there is none for the present sources."""
    alike = region == LARGEST_REGION or size <= LARGEST_REGION * EVENTS_PER_PUPIL
    name = size_name(size) if alike else f"{size_name(size)}_{region}"
    name = name if CHOSEN == REGIONS else f"{CHOSEN}_{name}"
    made = Corpus(size, kept(name, lambda folder: _make(Corpus(size, folder, region))), region)
    with open_ledger(made.ledger) as ledger:
        refreshed(ledger).close()
    return made


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder of a name that `make` filled; anew when sources changed since."""
    home = Path(os.environ.get(FOLDER_VARIABLE) or Path(gettempdir()) / "kijkglas-benchmarks")
    folder = home / f"{name}-{_version(Path(make.__code__.co_filename))}"
    if not folder.exists():
        for stale in home.glob(f"{name}-*"):
            shutil.rmtree(stale)
        making = home / f"{folder.name}.maken"
        making.mkdir(parents=True, mode=0o700)
        make(making)
        making.rename(folder)
    return folder


def stored_events(ledger: Ledger) -> Iterator[list[StoredEvent]]:
    """Yield what a ledger holds as the library's stored events, in batches of an append."""
    rows = ledger.store.rows()
    while batch := list(islice(rows, BATCH)):
        yield [StoredEvent(UUID(row.stream), row.version, row.topic, row.state) for row in batch]


def _make(making: Corpus) -> None:
    count, encode = 0, msgspec.json.Encoder().encode
    with making.feed.open("wb") as file:
        for line in FEED.lines(making):
            file.write(encode(line) + b"\n")
            count += 1
    (making.folder / "regels").write_text(str(count), encoding="ascii")
    with create(making.ledger) as ledger:
        imported = import_feed(ledger, making.feed, NOW)
        assert imported.booked.geboekt == count, "the generator writes good lines only"


def _version(maker: Path) -> str:
    """Return a hash of the sources that decide what the files and the ledger hold."""
    digest = sha256(maker.read_bytes())
    for package in (synthetic_package, ledger_package):
        for folder in package.__path__:
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
