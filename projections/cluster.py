"""A rebuild on the machines of a Dask cluster (extra `cluster`).

Nothing travels but the partition function, the events of a partition and what it needs beside
them; rows come back, and this process writes them in the order of the partitions. A machine
needs no key, no vault and no database. Who is killed half-way is missed by the scheduler, which
has the partition computed again: with the same outcome, since it depends on nothing else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Final

from ledger.application import Ledger
from ledger.places import LedgerError
from projections.compute import events_to_compute, world_rows
from projections.parcel import batches_in, computed, log_parcel, world_parcel
from projections.partition import world
from projections.store.read_model import rules_hash
from projections.store.rows import Batch

RETRIES: Final = 5
"""How often a partition is computed again when the worker that had it is gone."""

WAITING: Final = 60
"""Seconds to wait for a scheduler, and for the workers that were asked for."""

AHEAD: Final = 2
"""Partitions per worker that are on their way or waiting: bounds memory here and there."""

_NEEDED: Final = ("distributed", "pyarrow")
_LARGE: Final = "distributed.admin.large-graph-warning-threshold"
_LOST: Final = "distributed.scheduler.allowed-failures"


class Cluster:
    """Workers that compute partitions, for the length of one rebuild."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - distributed has no types
        self._client = client

    def batches(
        self, ledger: Ledger, ranges: Iterable[tuple[str, str]], until: int
    ) -> Iterator[list[Batch]]:
        """Yield the rows of each range of group ids (hex), in the order of the ranges.

        Raises LedgerError when the cluster gives up.
        """
        reference, groups = world_rows(ledger, until)
        # A task, not data: what a killed worker had is made again from what the scheduler knows.
        beside = self._client.submit(bytes, world_parcel(reference, groups), pure=False)
        known = world(reference, groups)
        logs = (log_parcel(events_to_compute(ledger, *part, until, known)) for part in ranges)
        for parcel in self._in_order(logs, beside):
            yield batches_in(parcel)

    def _in_order(self, logs: Iterable[bytes], beside: Any) -> Iterator[bytes]:  # noqa: ANN401 - a future
        most = AHEAD * max(1, len(self._client.scheduler_info()["workers"]))
        waiting: deque[Any] = deque()
        for log in logs:
            waiting.append(self._client.submit(computed, log, beside, pure=False, retries=RETRIES))
            if len(waiting) >= most:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())


@contextmanager
def cluster(scheduler: str, workers: int | None = None) -> Iterator[Cluster]:
    """Give a running cluster by the address of its scheduler.

    With `workers` not before it has so many. Raises LedgerError when it cannot be reached, or
    has workers of another version.
    """
    if any(find_spec(name) is None for name in _NEEDED):
        raise LedgerError(
            "voor --scheduler is de extra 'cluster' nodig: "
            "python3 -m pip install '.[cluster]' installeert die"
        )
    import dask  # noqa: PLC0415 - an extra, slow to import
    from distributed import Client  # noqa: PLC0415 - idem

    with dask.config.set({_LARGE: "1GB", _LOST: RETRIES}):
        try:
            client: Any = Client(scheduler, timeout=WAITING)  # type: ignore[no-untyped-call]  # it has no types
        except (OSError, ValueError) as error:
            raise LedgerError(f"geen Dask-scheduler op {scheduler}: {error}") from error
        try:
            _ready(client, workers)
            yield Cluster(client)
        finally:
            client.close()


def _ready(client: Any, workers: int | None) -> None:  # noqa: ANN401 - distributed has no types
    """Wait for the workers, and see that they compute by the same rules."""
    try:
        client.wait_for_workers(workers or 1, timeout=WAITING)
    except TimeoutError as error:
        raise LedgerError(
            f"het cluster heeft na {WAITING} seconden nog geen {workers or 1} werkers"
        ) from error
    ours = rules_hash()
    other = sorted(where for where, theirs in client.run(rules_hash).items() if theirs != ours)
    if other:
        raise LedgerError(
            f"op {', '.join(other)} staat een andere versie van kijkglas; "
            "installeer overal dezelfde"
        )


def _result(future: Any) -> bytes:  # noqa: ANN401 - a future
    from distributed.scheduler import KilledWorker  # noqa: PLC0415 - an extra

    try:
        return bytes(future.result())
    except KilledWorker as error:
        raise LedgerError(f"het cluster verloor steeds de werker: {error}") from error
