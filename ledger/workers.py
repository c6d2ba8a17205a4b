"""Parts of a feed prepared by other processes, in the order of the parts.

A worker is a copy of this process (fork): it knows all that this one knew, takes no time to
start, and never touches a database. It ends with the pipe to this process, also when this
one is killed. What a worker that dies leaves behind is done here.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.intake.parts import Lines
from ledger.preparing import Prepared, Reading, prepare, read_part
from ledger.vault import Vault
from ledger.worker_messages import (
    Answer,
    Asked,
    Part,
    decode_order,
    decode_reply,
    done,
    encode,
    prepared_by,
)
from processes.stopping import held, in_child

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

MOST_WORKERS: Final = 8
AHEAD: Final = 12
"""Parts that a worker has to do or has done: it goes on while an append is written."""

Known = Callable[[list[bytes]], set[bytes]]
"""Tells which hashes of PGN's are of pupils that the vault knows."""


class Task(NamedTuple):
    """A feed to prepare: its parts, and what each line is checked and made with.

    Within `alone` the ledger has no threads, so that this process can be copied.
    """

    parts: Sequence[Lines]
    now: datetime
    vault: Vault
    bestand: str
    alone: Callable[[], AbstractContextManager[None]] = nullcontext


def workers_for(count: int) -> int:
    """Return how many workers are worth while for so many parts; 0 = do it here.

    A process with several threads, or on a system without fork, is not copied.
    """
    if sys.platform != "linux" or _threads() > 1:
        return 0
    cores = len(os.sched_getaffinity(0))
    return min(cores, count, MOST_WORKERS) if cores > 1 and count > 1 else 0


def _threads() -> int:
    """Return how many threads this process has, also those that are not of Python.

    A library (DuckDB, numpy) may hold a lock in one of its own, which no copy gives back.
    """
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - names are all it takes
    except OSError:  # nobody can tell
        return sys.maxsize


def prepared_parts(task: Task, known: Known, workers: int | None) -> Iterator[Prepared]:
    """Yield what becomes of every part, in order; the same for any number of workers.

    None = as many as are worth while.
    """
    team, count = _Team(task, known), len(task.parts)
    try:
        if workers is None and count > 1:
            with task.alone():
                team.start(workers_for(count))
        elif workers:
            team.start(workers)
        yield from team.prepared()
    finally:
        team.close()


def _here(task: Task, number: int, known: Known) -> Prepared:
    reading = read_part(task.parts[number], task.now, task.vault)
    return prepare(reading, known(list(reading.hashes.values())), task.vault, task.bestand)


class _Worker:
    """A process, the pipe to it, and the parts that it has not yet delivered."""

    def __init__(self, task: Task, others: Sequence[_Worker]) -> None:
        from multiprocessing import get_context  # noqa: PLC0415 - small files need none

        context = get_context("fork")
        self.pipe, self._theirs = context.Pipe()
        # A pipe ends only when nobody holds its other end any more.
        ours = [self.pipe, *(other.pipe for other in others)]
        self._process = context.Process(target=_work, args=(task, self._theirs, ours), daemon=True)
        self._thread: threading.Thread | None = None
        self.parts: set[int] = set()

    def start(self) -> None:
        """Start the process. Raises OSError when the system gives none."""
        try:
            with held():
                self._process.start()
        finally:
            self._theirs.close()

    def is_started(self) -> bool:
        """Tell whether there is a process."""
        return self._process.pid is not None

    def listen(self, take: Callable[[_Worker], None]) -> None:
        """Let a thread take what it sends."""
        thread = threading.Thread(target=take, args=(self,), daemon=True)
        thread.start()
        self._thread = thread

    def end(self) -> None:
        """End the process and what listens to it, also when its work was not done."""
        if self.is_started():
            self._process.kill()
            self._process.join()
        if self._thread is not None:
            self._thread.join()
        self.pipe.close()

    def send(self, order: Part | Answer) -> None:
        """Give an order; a worker that died is found by its pipe."""
        with suppress(OSError):
            self.pipe.send_bytes(encode(order))


class _Team:
    """Workers, those that died among them, and what they have delivered."""

    def __init__(self, task: Task, known: Known) -> None:
        self._task = task
        self._known = known
        self._done: dict[int, Prepared] = {}
        self._replies: SimpleQueue[tuple[_Worker, bytes | None]] = SimpleQueue()
        self._made: list[_Worker] = []
        self._workers: list[_Worker] = []

    def start(self, count: int) -> None:
        """Start so many workers; on a system that gives no more processes fewer, or none."""
        with suppress(OSError):
            for _ in range(count):
                self._made.append(_Worker(self._task, self._made))
                self._made[-1].start()
        self._workers = [worker for worker in self._made if worker.is_started()]
        for worker in self._workers:  # threads come after all forks
            worker.listen(self._listen)

    def prepared(self) -> Iterator[Prepared]:
        """Yield what becomes of every part, in order."""
        following, count = 0, len(self._task.parts)
        for number in range(count):
            while number not in self._done:
                following = self._ordered(following, min(count, number + self._window()))
                if not self._workers:
                    yield _here(self._task, number, self._known)
                    break
                self._hear()
            else:
                yield self._done.pop(number)

    def _window(self) -> int:
        return AHEAD * max(1, len(self._workers))

    def _ordered(self, following: int, end: int) -> int:
        """Order parts up to an end, evenly; return the first that was not ordered."""
        for number in range(following, end):
            if not self._workers:
                return number
            worker = min(self._workers, key=lambda one: len(one.parts))
            worker.parts.add(number)
            worker.send(Part(number))
        return max(following, end)

    def _hear(self) -> None:
        """Take in one reply of a worker, or its end."""
        worker, message = self._replies.get()
        if message is None:
            self._workers.remove(worker)
            for number in worker.parts:
                self._done[number] = _here(self._task, number, self._known)
            return
        reply = decode_reply(message)
        if isinstance(reply, Asked):
            worker.send(Answer(reply.part, self._known(reply.hashes)))
        else:
            worker.parts.discard(reply.part)
            self._done[reply.part] = prepared_by(reply)

    def _listen(self, worker: _Worker) -> None:
        """Read what a worker sends, so that it never waits for this process; runs in a thread."""
        try:
            while True:
                self._replies.put((worker, worker.pipe.recv_bytes()))
        except (EOFError, OSError):
            self._replies.put((worker, None))

    def close(self) -> None:
        """End all workers, also when their work was not done."""
        for worker in self._made:
            worker.end()


def _work(task: Task, pipe: Connection, ours: Sequence[Connection]) -> None:
    """Do what is ordered until the pipe ends; the life of a worker."""
    in_child()  # the process that has the ledger decides
    for connection in ours:
        connection.close()
    readings: dict[int, Reading] = {}
    with suppress(EOFError, OSError):
        while True:
            order = decode_order(pipe.recv_bytes())
            if isinstance(order, Part):
                reading = read_part(task.parts[order.part], task.now, task.vault)
                readings[order.part] = reading
                pipe.send_bytes(encode(Asked(order.part, list(reading.hashes.values()))))
            else:
                reading = readings.pop(order.part)
                prepared = prepare(reading, order.known, task.vault, task.bestand)
                pipe.send_bytes(encode(done(order.part, prepared)))
