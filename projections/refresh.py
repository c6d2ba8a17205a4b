"""Keeping the read model up with the log: catch up, or make it anew (architecture.md)."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Final, NamedTuple
from uuid import UUID

from ledger import events as ev
from ledger.application import BEYOND_ALL, FIRST_PUPIL, Ledger, open_ledger
from ledger.collector import collector_paused
from ledger.stored import LAPSED, event_of
from projections.compute import rows_of_groups, rows_of_range, world_of
from projections.partition import World, pc4_object, vestiging_object
from projections.store.read_model import (
    ReadModel,
    next_generation,
    present,
    publish,
    refreshing,
    rules_hash,
)
from projections.store.rows import reference_rows
from projections.store.schema import PUPIL_TABLES, create_indexes, create_tables

Progress = Callable[[int], None]
"""Called with the number of events worked through since the last call."""

REBUILD_SHARE: Final = 10
"""A backlog over one part in ten is faster made anew than caught up (architecture.md)."""

SMALL: Final = 2000
"""Up to this many events behind, catching up is always fine."""

EVENTS_PER_PARTITION: Final = 20_000
SHARDS: Final = "delen-"
"""How the folders begin in which worker processes leave their partitions."""

MOST_PARTITIONS: Final = 256
PARALLEL_FROM: Final = 60_000
"""From this many events on, more processes win more than they cost to start."""


def _silent(_: int) -> None:
    return


def refreshed(ledger: Ledger, progress: Progress = _silent) -> ReadModel:
    """Return the read model, up to the last event of the log."""
    opened = opened_present(ledger)
    position = ledger.position
    if opened is not None and opened.position == position:
        return opened
    with refreshing(ledger.folder):
        if opened is not None:
            opened.close()
        opened = opened_present(ledger)
        behind = position - (opened.position if opened else 0)
        if (
            opened is None
            or behind > max(SMALL, position // REBUILD_SHARE)
            or _reference_lapsed_after(ledger, opened.position)
        ):
            if opened is not None:
                opened.close()
            return _rebuilt(ledger, None, progress)
        _catch_up(ledger, opened, ledger.position)
        return opened


def rebuild(ledger: Ledger, workers: int | None = None, progress: Progress = _silent) -> ReadModel:
    """Make the read model anew from the events, on `workers` processes (None: all cores)."""
    with refreshing(ledger.folder):
        return _rebuilt(ledger, workers, progress)


@contextmanager
def as_of_position(ledger: Ledger, position: int) -> Iterator[ReadModel]:
    """Give the read model as the ledger stood after its `position`-th event (rules.md 1)."""
    with TemporaryDirectory(prefix="kijkglas-") as folder:
        model = build_at(ledger, Path(folder) / "standen.sqlite", position)
        try:
            yield model
        finally:
            model.close()


def build_at(ledger: Ledger, path: Path, position: int) -> ReadModel:
    """Make a read model in a file of its own, as the ledger stood after some event."""
    return _built(ledger, path, position, Effort())


def opened_present(ledger: Ledger) -> ReadModel | None:
    """Open the read model if it is of these rules and of this very history."""
    path = present(ledger.folder)
    if path is None:
        return None
    try:
        model = ReadModel(path)
    except sqlite3.DatabaseError:
        return None
    if model.follows_present_rules() and _is_of(model, ledger):
        return model
    model.close()
    return None


def _reference_lapsed_after(ledger: Ledger, position: int) -> bool:
    """Tell whether reference data lapsed since: rare, and it can touch anyone."""
    return any(
        row.topic == LAPSED and row.stream < FIRST_PUPIL for row in ledger.store.rows(position)
    )


def _is_of(model: ReadModel, ledger: Ledger) -> bool:
    """Tell whether the log up to the model's position is still the one it was made from."""
    position = model.position
    return position <= ledger.position and model.state("hoofd") == ledger.head_at(position)


def _catch_up(ledger: Ledger, model: ReadModel, until: int) -> None:
    """Compute the touched pupils anew, in one transaction with the position reached."""
    backlog = _backlog(ledger, model, until)
    # A group that depends on what changed may have become part of another one since.
    known = backlog.streams | {UUID(name) for name in model.groups_depending_on(backlog.objects)}
    groups = ledger.vault.groups(known)
    touched = {groups.get(stream, stream) for stream in known}
    members = ledger.vault.members(touched)
    streams = {groep: members.get(groep, [groep]) for groep in touched}
    world = world_of(ledger, until)
    with model.writing():
        # What is now one group may have been several.
        model.delete_groups([stream.hex for listed in streams.values() for stream in listed])
        for rows in rows_of_groups(ledger, streams, until, world):
            model.insert(rows.rows())
        if backlog.has_reference:
            model.replace_reference(reference_rows(world.reference))
        _set_reached(ledger, model, until)


class Effort(NamedTuple):
    """How a read model is made: on how many processes, and whom to tell of progress."""

    workers: int = 1
    progress: Progress = _silent


class _Backlog(NamedTuple):
    """What happened since the read model's position."""

    streams: set[UUID]
    objects: list[int]
    has_reference: bool


def _backlog(ledger: Ledger, model: ReadModel, until: int) -> _Backlog:
    streams: set[UUID] = set()
    objects: list[int] = []
    has_reference = False
    for row in ledger.store.rows(model.position, until):
        if row.stream >= FIRST_PUPIL:
            streams.add(UUID(row.stream))
            continue
        has_reference = True
        match event_of(row).fact:
            case (
                ev.VestigingAangesloten(vestigingscode=code)
                | ev.VestigingUitgetreden(vestigingscode=code)
            ):
                objects.append(vestiging_object(code))
            case ev.PostcodegebiedToegewezen(pc4=pc4):
                objects.append(pc4_object(ledger.vault.pseudonym(pc4)))
    return _Backlog(streams, objects, has_reference)


def _rebuilt(ledger: Ledger, workers: int | None, progress: Progress) -> ReadModel:
    until = ledger.position
    for left in ledger.folder.glob(f"{SHARDS}*"):
        shutil.rmtree(left)  # of a rebuild that was killed
    made = next_generation(ledger.folder).with_suffix(".maken")
    enough = until >= PARALLEL_FROM
    count = workers or ((os.cpu_count() or 1) if enough else 1)
    _built(ledger, made, until, Effort(count, progress)).close()
    return ReadModel(publish(made))


def _built(ledger: Ledger, path: Path, until: int, effort: Effort) -> ReadModel:
    """Fill a new file: the same partitions in the same order, whoever computes them."""
    model = ReadModel(path)
    connection = model.connection
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    create_tables(connection)
    world = world_of(ledger, until)
    ranges = partitions(until)
    with model.writing(), collector_paused():
        if effort.workers == 1 or len(ranges) == 1:
            for first, beyond in ranges:
                for rows in rows_of_range(ledger, first, beyond, until, world):
                    model.insert(rows.rows())
                effort.progress(until // len(ranges))
        else:
            _build_parallel(ledger.folder, model, ranges, until, effort)
        model.replace_reference(reference_rows(world.reference))
        _set_reached(ledger, model, until)
        model.set_state("regels", rules_hash())
    create_indexes(connection)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return model


def _set_reached(ledger: Ledger, model: ReadModel, position: int) -> None:
    model.set_state("positie", str(position))
    model.set_state("hoofd", ledger.head_at(position))


def partitions(events: int) -> list[tuple[str, str]]:
    """Return ranges of group ids (hex) that part a ledger of so many events evenly."""
    count = max(1, min(MOST_PARTITIONS, events // EVENTS_PER_PARTITION))
    edges = [f"{(number << 32) // count:08x}" for number in range(1, count)]
    firsts = [FIRST_PUPIL, *edges]
    return list(zip(firsts, [*edges, BEYOND_ALL], strict=True))


def _build_parallel(
    folder: Path,
    model: ReadModel,
    ranges: list[tuple[str, str]],
    until: int,
    effort: Effort,
) -> None:
    with (
        TemporaryDirectory(prefix=SHARDS, dir=folder) as shards,
        ProcessPoolExecutor(
            effort.workers, get_context("spawn"), initializer=_end_with_the_parent
        ) as pool,
    ):
        jobs = [
            pool.submit(_shard, folder, Path(shards) / f"{number}.sqlite", *part, until)
            for number, part in enumerate(ranges)
        ]
        for job in jobs:
            _merge(model.connection, job.result())
            effort.progress(until // len(ranges))


def _end_with_the_parent() -> None:
    """Let a worker end when the process that started it was killed: it would wait for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_wait_for_the_end, args=(parent.sentinel,), daemon=True).start()


def _wait_for_the_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _shard(folder: Path, path: Path, first: str, beyond: str, until: int) -> Path:
    """Compute one partition into a file of its own; runs in a worker process."""
    ledger, world = _worker_ledger(folder, until)
    model = ReadModel(path)
    model.connection.execute("PRAGMA journal_mode=OFF")
    model.connection.execute("PRAGMA synchronous=OFF")
    create_tables(model.connection)
    with model.writing():
        for rows in rows_of_range(ledger, first, beyond, until, world):
            model.insert(rows.rows())
    model.close()
    return path


@cache
def _worker_ledger(folder: Path, until: int) -> tuple[Ledger, World]:
    """Open the ledger once per worker process."""
    ledger = open_ledger(folder)
    world = world_of(ledger, until)
    gc.freeze()
    gc.disable()
    return ledger, world


def _merge(connection: sqlite3.Connection, shard: Path) -> None:
    """Move the rows of a partition into the table, in their order."""
    source = sqlite3.connect(shard)
    for table, columns in PUPIL_TABLES.items():
        rows = source.execute(f"SELECT * FROM {table} ORDER BY rowid")
        marks = ",".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    source.close()
    shard.unlink()
