"""Being stopped: by Ctrl-C, by SIGTERM, or by a terminal that goes.

All of them raise KeyboardInterrupt in the command, once: what runs then only clears away, and a
second Ctrl-C says nothing new. An interruption that got lost (Python drops those that fall in a
callback) comes back by itself.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

AGAIN: Final = 10
"""Seconds after which a command that still runs is interrupted anew."""

_STOP: Final = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]

Handler = Callable[[int, Any], Any] | int | None


class _Told:
    """What this process was told by signals."""

    asked = False
    """It was asked to stop."""
    held = 0
    """So many must not be interrupted now."""
    waiting = False
    """An interruption waits until that is over."""


_told: Final = _Told()


def is_asked() -> bool:
    """Tell whether this process was asked to stop."""
    return _told.asked


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise KeyboardInterrupt for whichever signal asks to stop, once.

    After that they are ignored, to the end of the process: it is ending. Signals that were
    ignored before (nohup) are left so, and outside the main thread nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _told.asked = False
    before: dict[int, Handler] = {
        number: signal.getsignal(number)
        for number in _STOP
        if signal.getsignal(number) not in {signal.SIG_IGN, None}
    }
    for number in before:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        _repeat(0)
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if _told.asked else handler)


def _stop(number: int, frame: object) -> None:
    """Interrupt the main thread; who is asked twice stops no sooner."""
    del number, frame
    if not _told.asked:
        _told.asked = True
        _repeat(AGAIN)
        _interrupt()


def _interrupt(*_: object) -> None:
    if _told.held:
        _told.waiting = True
        return
    raise KeyboardInterrupt


def _repeat(seconds: int) -> None:
    """Interrupt again after so many seconds, and again; 0 ends that."""
    if sys.platform != "win32":
        if seconds:
            signal.signal(signal.SIGALRM, _interrupt)
        signal.setitimer(signal.ITIMER_REAL, seconds, seconds)


@contextmanager
def held() -> Iterator[None]:
    """Hold interruptions back until the end; a process that starts within is born deaf.

    It hears nothing of what the terminal tells the whole group, from its first instruction on,
    until it calls `in_child`.
    """
    mask = _masked()
    _told.held += 1
    try:
        yield
    finally:
        _told.held -= 1
        if sys.platform != "win32" and mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if _told.waiting and not _told.held:
            _told.waiting = False
            raise KeyboardInterrupt


def _masked() -> set[int] | None:
    if sys.platform == "win32":
        return None
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, _STOP))


def in_child() -> None:
    """Let a process leave it to its parent when it ends; only SIGTERM ends it, without a word."""
    for number in _STOP:
        signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)
