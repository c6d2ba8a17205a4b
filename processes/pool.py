"""A pool of child processes that ends one way: at once, and with nobody left.

Whether all work was done, a job failed, a child was killed or the user wants no more, the
children are killed: what they made counts only once this process has it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from threading import Thread
from typing import Any

from processes.stopping import held, in_child


class ChildKilledError(Exception):
    """A child was killed from outside; the text says so, without a remedy."""

    def __init__(self) -> None:
        super().__init__("een rekenproces is van buitenaf gestopt, vaak omdat het geheugen op is")


@contextmanager
def child_processes(
    count: int, begin: Callable[..., object] | None = None, *told: object
) -> Iterator[ProcessPoolExecutor]:
    """Give so many processes that do jobs, each begun with `begin(*told)`; all end with the block.

    Raises ChildKilledError when one of them was killed. A `begin` must not fail: that would look
    the same.
    """
    context = _Context()
    with held():
        pool = ProcessPoolExecutor(count, context, _begin, (begin, told))
    try:
        yield pool
    except BrokenProcessPool as error:
        raise ChildKilledError from error
    finally:
        context.kill()
        pool.shutdown(wait=True, cancel_futures=True)


class _Child(SpawnProcess):
    """A process whose start is not interrupted half-way, and that no Ctrl-C reaches."""

    def start(self) -> None:
        with held():
            super().start()


class _Context(SpawnContext):
    """Makes the children of one pool, and knows them: a pool can kill its own from 3.14 on."""

    def __init__(self) -> None:
        super().__init__()
        self._children: list[_Child] = []

    def Process(self, *given: Any, **named: Any) -> _Child:  # type: ignore[override]  # noqa: N802, ANN401 - a class there
        child = _Child(*given, **named)
        self._children.append(child)
        return child

    def kill(self) -> None:
        """Kill those that were started."""
        for child in self._children:
            if child.is_alive():
                child.kill()


def _begin(begin: Callable[..., object] | None, told: tuple[object, ...]) -> None:
    in_child()
    _end_with_the_parent()
    if begin is not None:
        begin(*told)


def _end_with_the_parent() -> None:
    """Let a child end when the process that started it was killed: it would wait for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_wait_for_the_end, args=(parent.sentinel,), daemon=True).start()


def _wait_for_the_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
