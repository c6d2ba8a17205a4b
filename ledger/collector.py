"""Long runs without the garbage collector: it would walk every live object again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector; reference counting still frees all that makes no cycle.

    Measured: a large fold or import takes 1.5 to 2 times as long with it (benchmarks.md).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # What was made is old now: else the next object made would have all of it walked.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
