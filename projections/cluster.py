"""A rebuild on the machines of a Dask cluster (extra `cluster`).

Nothing travels but the partition function, the events of a partition and what it needs beside
them; rows come back, and this process writes them in the order of the partitions. A machine
needs no key, no vault and no database. Who is killed half-way is missed by the scheduler, which
has the partition computed again: with the same outcome, since it depends on nothing else.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Final

from msgspec import MsgspecError

from ledger.application import Ledger
from ledger.places import LedgerError
from projections.compute import events_to_compute
from projections.parcel import OTHER_VERSION, batches_in, computed, log_parcel, unpacked
from projections.store.read_model import rules_hash
from projections.store.rows import Batch

RETRIES: Final = 5
"""How often a partition is computed again when the worker that had it is gone."""

REACHING: Final = 10
"""Seconds to wait for a scheduler: it runs, or it does not."""

WAITING: Final = 60
"""Seconds to wait for the workers that were asked for: they may be starting."""

AHEAD: Final = 2
"""Partitions per worker that are on their way or waiting: bounds memory here and there."""

_UNCHANGED: Final = "het leesmodel is niet veranderd"
_NEEDED: Final = ("distributed", "pyarrow")
_LARGE: Final = "distributed.admin.large-graph-warning-threshold"
_LOST: Final = "distributed.scheduler.allowed-failures"


class Cluster:
    """Workers that compute partitions, for the length of one rebuild."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - distributed has no types
        self._client = client

    def batches(
        self, ledger: Ledger, ranges: Iterable[tuple[str, str]], until: int, world: bytes
    ) -> Iterator[list[Batch]]:
        """Yield the rows of each range of group ids (hex), in the order of the ranges.

        `world` is its parcel (`world_parcel`). Raises LedgerError when the cluster gives up, or
        computes by other rules.
        """
        # A task, not data: what a killed worker had is made again from what the scheduler knows.
        with _lost_told(self._client):
            beside = self._client.submit(bytes, world, pure=False)
        known = unpacked(world).world
        logs = (log_parcel(events_to_compute(ledger, *part, until, known)) for part in ranges)
        for parcel in self._in_order(logs, beside):
            yield batches_in(parcel)

    def _in_order(self, logs: Iterable[bytes], beside: Any) -> Iterator[bytes]:  # noqa: ANN401 - a future
        most = AHEAD * max(1, len(self._client.scheduler_info()["workers"]))
        waiting: deque[Any] = deque()
        for log in logs:
            waiting.append(self._submitted(log, beside))
            if len(waiting) >= most:
                yield self._result(waiting.popleft())
        while waiting:
            yield self._result(waiting.popleft())

    def _submitted(self, log: bytes, beside: Any) -> Any:  # noqa: ANN401 - futures
        with _lost_told(self._client):
            return self._client.submit(computed, log, beside, pure=False, retries=RETRIES)

    def _result(self, future: Any) -> bytes:  # noqa: ANN401 - a future
        from distributed.scheduler import KilledWorker  # noqa: PLC0415 - an extra

        with _lost_told(self._client):
            try:
                return bytes(future.result())
            except KilledWorker as error:
                raise LedgerError(
                    "op het cluster werd een rekentaak keer op keer van buitenaf gestopt, "
                    f"vaak omdat het geheugen op is; {_UNCHANGED}. Geef elke werker meer "
                    "geheugen of minder threads, of reken zonder --scheduler"
                ) from error
            except (MsgspecError, TypeError, AttributeError, ImportError):
                _same_rules(self._client)  # who joined later may have another version
                raise


@contextmanager
def _lost_told(client: Any) -> Iterator[None]:  # noqa: ANN401 - distributed has no types
    """Tell that the scheduler is gone, in whichever way Dask says so."""
    try:
        yield
    except (OSError, CancelledError) as error:
        raise _lost() from error
    except RuntimeError as error:
        if client.status == "running":
            raise
        raise _lost() from error


def _lost() -> LedgerError:
    return LedgerError(
        f"de verbinding met de Dask-scheduler is weg; {_UNCHANGED}. Kijk of de scheduler nog "
        "draait, start hem zo nodig opnieuw met 'dask scheduler', en herhaal de opdracht"
    )


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

    with dask.config.set({_LARGE: "1GB", _LOST: RETRIES}), _quiet():
        client = _client(scheduler)
        try:
            with _lost_told(client):
                _ready(client, workers)
            yield Cluster(client)
        finally:
            client.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from logging what we tell by ourselves, in words that a user knows."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _client(scheduler: str) -> Any:  # noqa: ANN401 - distributed has no types
    from distributed import Client  # noqa: PLC0415 - an extra

    try:
        return Client(scheduler, timeout=REACHING)  # type: ignore[no-untyped-call]  # it has no types
    except ValueError as error:
        raise LedgerError(
            f"{scheduler} is geen adres van een Dask-scheduler; schrijf tcp://naam:8786"
        ) from error
    except OSError as error:
        raise LedgerError(
            f"geen Dask-scheduler bereikt op {scheduler} in {REACHING} seconden; kijk of "
            "'dask scheduler' daar draait en of deze machine erbij kan"
        ) from error


def _ready(client: Any, workers: int | None) -> None:  # noqa: ANN401 - distributed has no types
    """Wait for the workers, and see that they compute by the same rules."""
    try:
        client.wait_for_workers(workers or 1, timeout=WAITING)
    except TimeoutError as error:
        raise LedgerError(
            f"het cluster heeft na {WAITING} seconden nog geen {workers or 1} werkers; start er "
            "meer met 'dask worker', of vraag er minder met --workers"
        ) from error
    _same_rules(client)


def _same_rules(client: Any) -> None:  # noqa: ANN401 - idem
    ours = rules_hash()
    other = sorted(where for where, theirs in client.run(rules_hash).items() if theirs != ours)
    if other:
        raise LedgerError(f"op {', '.join(other)} {OTHER_VERSION}")
