"""The read model made anew: the same partitions in the same order, whoever computes them."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Final, NamedTuple

from ledger.application import Ledger, open_ledger
from ledger.collector import collector_paused
from ledger.places import LedgerError
from processes.pool import ChildKilledError, child_processes
from projections.catching_up import reached
from projections.compute import rows_of_range, world_rows
from projections.parcel import Beside, beside, unpacked, world_parcel
from projections.partition import are_many, world
from projections.store.read_model import RULES, Making, Shard, SharedMaking, rules_hash
from projections.store.rows import reference_rows

Progress = Callable[[int], None]
"""Called with the number of events worked through since the last call."""

Tell = Callable[[str], None]
"""Called with a sentence for the user about what is waited for."""

PARALLEL_FROM: Final = 60_000
"""From this many events on, more processes win more than they cost to start."""

Ranges = list[tuple[str, str]]


def silent(_: object) -> None:
    """Tell nobody."""


class Effort(NamedTuple):
    """How a read model is made: on how many processes, and whom to tell of progress.

    With the address of a `scheduler` on its cluster, once that has so many workers; `tell` says
    what is waited for.
    """

    workers: int = 1
    progress: Progress = silent
    scheduler: str | None = None
    tell: Tell = silent


class _Job(NamedTuple):
    """What the partitions of one rebuild share: the ledger, up to where, and the world."""

    address: str
    until: int
    parcel: bytes


def default_workers(events: int) -> int:
    """Return on how many processes a ledger of so many events is best made anew."""
    return (os.cpu_count() or 1) if events >= PARALLEL_FROM else 1


def build(ledger: Ledger, making: Making, until: int, effort: Effort) -> None:
    """Fill a new generation with what the ledger knew after its event `until`."""
    # Read once, here: who computes partitions must not see what another process imports meanwhile.
    reference, groups = world_rows(ledger, until)
    job = _Job(ledger.address, until, world_parcel(reference, groups, until))
    known, ranges = world(reference, groups), making.partitions(until)
    with making.filling(), collector_paused():
        if effort.scheduler is not None:
            _build_elsewhere(ledger, making, ranges, job, effort)
        elif not isinstance(making, SharedMaking) or effort.workers == 1 or len(ranges) == 1:
            shared = beside(known, many=are_many(until))
            for number, (first, beyond) in enumerate(ranges):
                making.add(number, rows_of_range(ledger, first, beyond, until, *shared))
                effort.progress(until // len(ranges))
        else:
            _build_parallel(job, making, ranges, effort)
        said = {**reached(ledger, until), RULES: rules_hash()}
        making.complete(reference_rows(known.reference), said)


def _build_elsewhere(
    ledger: Ledger, making: Making, ranges: Ranges, job: _Job, effort: Effort
) -> None:
    from projections.cluster import cluster  # noqa: PLC0415 - an extra, slow to import

    assert effort.scheduler is not None
    with cluster(effort.scheduler, effort.workers, effort.tell) as machines:
        for number, batches in enumerate(machines.batches(ledger, ranges, job.until, job.parcel)):
            making.add(number, batches)
            effort.progress(job.until // len(ranges))


def _build_parallel(job: _Job, making: SharedMaking, ranges: Ranges, effort: Effort) -> None:
    with making.shards() as shards, _pool(effort.workers, job) as pool:
        made = [
            pool.submit(_shard, shard, part) for shard, part in zip(shards, ranges, strict=False)
        ]
        for number, one in enumerate(made):
            making.merge(number, one.result())
            effort.progress(job.until // len(ranges))


@contextmanager
def _pool(workers: int, job: _Job) -> Iterator[ProcessPoolExecutor]:
    """Give worker processes. Raises LedgerError when one of them was killed."""
    try:
        with child_processes(workers, _begin, job) as pool:
            yield pool
    except ChildKilledError as error:
        raise LedgerError(
            f"{error}; het leesmodel is niet veranderd. Probeer opnieuw met minder processen: "
            "rebuild --workers 1"
        ) from error


_told: list[_Job] = []
"""In a worker process: what it was told at its start."""


def _begin(job: _Job) -> None:
    _told.append(job)


def _shard(shard: Shard, part: tuple[str, str]) -> Shard:
    """Compute one partition; runs in a worker process."""
    (job,) = _told
    ledger, beside = _opened(job)
    shard.write(rows_of_range(ledger, *part, job.until, *beside))
    return shard


@cache
def _opened(job: _Job) -> tuple[Ledger, Beside]:
    """Open the ledger and what was sent along, once per worker process."""
    ledger, beside = open_ledger(job.address), unpacked(job.parcel)
    gc.freeze()
    gc.disable()
    return ledger, beside
