"""A rebuild on the machines of a Dask cluster (extra `cluster`).

Nothing travels but the partition function, the events of a partition and what it needs beside
them; rows come back, and this process writes them in the order of the partitions. A machine
needs no key, no vault and no database. Who is killed half-way is missed by the scheduler, which
has the partition computed again: with the same outcome, since it depends on nothing else. What
goes wrong is told by `projections/cluster_trouble.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from time import monotonic
from typing import Any, Final

from msgspec import MsgspecError

from ledger.application import Ledger
from ledger.places import LedgerError
from projections.cluster_trouble import (
    alone,
    killed,
    logs_kept_back,
    lost_told,
    same_rules,
    too_few,
)
from projections.compute import events_to_compute
from projections.parcel import batches_in, computed, log_parcel, unpacked
from projections.reaching import NO_SCHEDULER, REACHING, reach, unreached
from projections.rebuilding import Tell, silent
from projections.store.rows import Batch

RETRIES: Final = 5
"""How often a partition is computed again when the worker that had it is gone."""

WAITING: Final = 60
"""Seconds to wait for the workers that were asked for: they may be starting."""

ALONE: Final = 60
"""Seconds to wait, half-way, for a cluster without any worker: one may come back."""

LOOKING: Final = 2
"""Seconds between two looks whether anyone is at work."""

AHEAD: Final = 2
"""Partitions per worker that are on their way or waiting: bounds memory here and there."""

_NEEDED: Final = ("distributed", "pyarrow")
_LARGE: Final = "distributed.admin.large-graph-warning-threshold"
_LOST: Final = "distributed.scheduler.allowed-failures"


class Cluster:
    """Workers that compute partitions, for the length of one rebuild."""

    def __init__(self, client: Any, address: str, tell: Tell) -> None:  # noqa: ANN401 - distributed has no types
        self._client = client
        self._address = address
        self._tell = tell
        self._met: set[str] = set()

    def batches(
        self, ledger: Ledger, ranges: Iterable[tuple[str, str]], until: int, world: bytes
    ) -> Iterator[list[Batch]]:
        """Yield the rows of each range of group ids (hex), in the order of the ranges.

        `world` is its parcel (`world_parcel`). Raises LedgerError when the cluster gives up, or
        computes by other rules.
        """
        # A task, not data: what a killed worker had is made again from what the scheduler knows.
        with lost_told(self._client, self._address):
            beside = self._client.submit(bytes, world, pure=False)
        known = unpacked(world).world
        logs = (log_parcel(events_to_compute(ledger, *part, until, known)) for part in ranges)
        for parcel in self._in_order(logs, beside):
            yield batches_in(parcel)

    def _in_order(self, logs: Iterable[bytes], beside: Any) -> Iterator[bytes]:  # noqa: ANN401 - a future
        with lost_told(self._client, self._address):
            most = AHEAD * max(1, len(_present(self._client)))
        waiting: deque[Any] = deque()
        for log in logs:
            waiting.append(self._submitted(log, beside))
            if len(waiting) >= most:
                yield self._result(waiting.popleft())
        while waiting:
            yield self._result(waiting.popleft())

    def _submitted(self, log: bytes, beside: Any) -> Any:  # noqa: ANN401 - futures
        with lost_told(self._client, self._address):
            return self._client.submit(computed, log, beside, pure=False, retries=RETRIES)

    def _result(self, future: Any) -> bytes:  # noqa: ANN401 - a future
        from distributed.scheduler import KilledWorker  # noqa: PLC0415 - an extra

        with lost_told(self._client, self._address):
            try:
                return self._awaited(future)
            except KilledWorker as error:
                raise killed() from error
            except (MsgspecError, TypeError, AttributeError, ImportError):
                same_rules(self._client)  # who joined later may have another version
                raise

    def _meet(self, present: set[str]) -> bool:
        """Tell whether anyone is at work; who is new has to be of our version."""
        if present - self._met:
            same_rules(self._client)
            self._met |= present
        return bool(present)

    def _awaited(self, future: Any) -> bytes:  # noqa: ANN401 - a future
        """Return a partition, waited for as long as anyone is there to compute it."""
        since = None
        self._meet(_present(self._client))
        while True:
            # Also one that is finished: its worker can be gone before it is fetched.
            with suppress(TimeoutError):
                return bytes(future.result(timeout=LOOKING))
            if self._meet(_present(self._client)):
                since = None
            elif since is None:
                since = monotonic()
                self._tell(f"het cluster heeft geen werkers meer; wacht tot {ALONE} seconden")
            elif monotonic() - since >= ALONE:
                raise alone(self._address, ALONE)


def _present(client: Any) -> set[str]:  # noqa: ANN401 - distributed has no types
    """Return the addresses of the workers that the cluster has now."""
    return set(client.scheduler_info()["workers"])


@contextmanager
def cluster(scheduler: str, workers: int | None = None, tell: Tell = silent) -> Iterator[Cluster]:
    """Give a running cluster by the address of its scheduler.

    With `workers` not before it has so many. Raises LedgerError when it cannot be reached, or
    has workers of another version.
    """
    if any(find_spec(name) is None for name in _NEEDED):
        raise LedgerError(
            "voor --scheduler is de extra 'cluster' nodig: "
            "python3 -m pip install '.[cluster]' installeert die"
        )
    reach(scheduler)
    import dask  # noqa: PLC0415 - an extra, slow to import

    with dask.config.set({_LARGE: "1GB", _LOST: RETRIES}), logs_kept_back():
        client = _client(scheduler)
        try:
            with lost_told(client, scheduler):
                _await_workers(client, scheduler, workers or 1, tell)
                same_rules(client)
            yield Cluster(client, scheduler, tell)
        finally:
            client.close()


def _client(scheduler: str) -> Any:  # noqa: ANN401 - distributed has no types
    from distributed import Client  # noqa: PLC0415 - an extra

    try:
        return Client(scheduler, timeout=REACHING)  # type: ignore[no-untyped-call]  # it has no types
    except (OSError, ValueError, TypeError) as error:
        raise unreached(scheduler, NO_SCHEDULER) from error


def _await_workers(client: Any, scheduler: str, wanted: int, tell: Tell) -> None:  # noqa: ANN401 - idem
    present = len(_present(client))
    if present < wanted:
        tell(
            f"het cluster heeft {present} van de {wanted} werkers; wacht tot {WAITING} seconden "
            f"op meer (dask worker {scheduler})"
        )
    try:
        client.wait_for_workers(wanted, timeout=WAITING)
    except TimeoutError as error:
        raise too_few(scheduler, WAITING, len(_present(client)), wanted) from error
