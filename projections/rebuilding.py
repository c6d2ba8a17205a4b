"""The read model made anew: the same partitions in the same order, whoever computes them."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Final, NamedTuple

from ledger.application import Ledger, open_ledger
from ledger.collector import collector_paused
from projections.catching_up import reached
from projections.compute import rows_of_range, world_of
from projections.partition import World
from projections.store.read_model import RULES, Making, Shard, SharedMaking, rules_hash
from projections.store.rows import reference_rows

Progress = Callable[[int], None]
"""Called with the number of events worked through since the last call."""

PARALLEL_FROM: Final = 60_000
"""From this many events on, more processes win more than they cost to start."""

Ranges = list[tuple[str, str]]


def silent(_: int) -> None:
    """Tell nobody of progress."""


class Effort(NamedTuple):
    """How a read model is made: on how many processes, and whom to tell of progress.

    With the address of a `scheduler` on its cluster, once that has so many workers.
    """

    workers: int = 1
    progress: Progress = silent
    scheduler: str | None = None


def default_workers(events: int) -> int:
    """Return on how many processes a ledger of so many events is best made anew."""
    return (os.cpu_count() or 1) if events >= PARALLEL_FROM else 1


def build(ledger: Ledger, making: Making, until: int, effort: Effort) -> None:
    """Fill a new generation with what the ledger knew after its event `until`."""
    world = world_of(ledger, until)
    ranges = making.partitions(until)
    with making.filling(), collector_paused():
        if effort.scheduler is not None:
            _build_elsewhere(effort.scheduler, ledger, making, until, effort)
        elif not isinstance(making, SharedMaking) or effort.workers == 1 or len(ranges) == 1:
            for number, (first, beyond) in enumerate(ranges):
                making.add(number, rows_of_range(ledger, first, beyond, until, world))
                effort.progress(until // len(ranges))
        else:
            _build_parallel(ledger.address, making, ranges, until, effort)
        said = {**reached(ledger, until), RULES: rules_hash()}
        making.complete(reference_rows(world.reference), said)


def _build_elsewhere(
    scheduler: str, ledger: Ledger, making: Making, until: int, effort: Effort
) -> None:
    from projections.cluster import cluster  # noqa: PLC0415 - an extra, slow to import

    ranges = making.partitions(until)
    with cluster(scheduler, effort.workers) as machines:
        for number, batches in enumerate(machines.batches(ledger, ranges, until)):
            making.add(number, batches)
            effort.progress(until // len(ranges))


def _build_parallel(
    address: str, making: SharedMaking, ranges: Ranges, until: int, effort: Effort
) -> None:
    with making.shards() as shards, _pool(effort.workers) as pool:
        jobs = [
            pool.submit(_shard, address, shard, part, until)
            for shard, part in zip(shards, ranges, strict=False)
        ]
        for number, job in enumerate(jobs):
            making.merge(number, job.result())
            effort.progress(until // len(ranges))


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_end_with_the_parent)


def _end_with_the_parent() -> None:
    """Let a worker end when the process that started it was killed: it would wait for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_wait_for_the_end, args=(parent.sentinel,), daemon=True).start()


def _wait_for_the_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _shard(address: str, shard: Shard, part: tuple[str, str], until: int) -> Shard:
    """Compute one partition; runs in a worker process."""
    ledger, world = _worker_ledger(address, until)
    shard.write(rows_of_range(ledger, *part, until, world))
    return shard


@cache
def _worker_ledger(address: str, until: int) -> tuple[Ledger, World]:
    """Open the ledger once per worker process."""
    ledger = open_ledger(address)
    world = world_of(ledger, until)
    gc.freeze()
    gc.disable()
    return ledger, world
