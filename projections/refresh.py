"""Keeping the read model up with the log: catch up, or make it anew (architecture.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from ledger.application import FIRST_PUPIL, Ledger
from ledger.stored import LAPSED
from projections.catching_up import catch_up
from projections.rebuilding import Effort, Progress, Tell, build, default_workers, silent
from projections.store.engines import engine_of
from projections.store.read_model import HEAD, DamagedReadModelError, Engine, Making, ReadModel

REBUILD_SHARE: Final = 10
"""A backlog over one part in ten is faster made anew than caught up (architecture.md)."""

SMALL: Final = 2000
"""Up to this many events behind, catching up is always fine."""


def refreshed(ledger: Ledger, progress: Progress = silent) -> ReadModel:
    """Return the read model, up to the last event of the log."""
    engine = engine_of(ledger)
    opened = opened_present(ledger, engine)
    if opened is not None:
        with _closed_on_error(opened):
            if opened.position == ledger.position:
                return opened
        opened.close()
    with engine.refreshing():
        return _brought_up(ledger, engine, progress)


def rebuild(
    ledger: Ledger,
    workers: int | None = None,
    progress: Progress = silent,
    scheduler: str | None = None,
    tell: Tell = silent,
) -> ReadModel:
    """Make the read model anew from the events, on `workers` processes (None: all cores).

    With the address of a Dask scheduler on its cluster, once that has so many workers (None:
    one), and `tell` says what is waited for. Raises LedgerError when the cluster cannot be used.
    """
    engine = engine_of(ledger)
    if scheduler is not None:
        effort = Effort(workers or 1, progress, scheduler, tell)
    else:
        effort = Effort(workers or default_workers(ledger.position), progress)
    with engine.refreshing():
        return _built(ledger, engine.begun(), ledger.position, effort)


@contextmanager
def as_of_position(ledger: Ledger, position: int) -> Iterator[ReadModel]:
    """Give the read model as the ledger stood after its `position`-th event (rules.md 1)."""
    with engine_of(ledger).apart() as making:
        model = _built(ledger, making, position, Effort())
        try:
            yield model
        finally:
            model.close()


def opened_present(ledger: Ledger, engine: Engine | None = None) -> ReadModel | None:
    """Open the read model if it is of these rules and of this very history."""
    model = (engine or engine_of(ledger)).opened()
    if model is None:
        return None
    with _closed_on_error(model):
        if _is_of(model, ledger):
            return model
    model.close()
    return None


def _is_of(model: ReadModel, ledger: Ledger) -> bool:
    """Tell whether the log up to the model's position is still the one it was made from."""
    position = model.position
    return position <= ledger.position and model.state(HEAD) == ledger.head_at(position)


def _is_faster_anew(ledger: Ledger, position: int) -> bool:
    behind = ledger.position - position
    return behind > max(SMALL, ledger.position // REBUILD_SHARE) or _reference_lapsed_after(
        ledger, position
    )


def _reference_lapsed_after(ledger: Ledger, position: int) -> bool:
    """Tell whether reference data lapsed since: rare, and it can touch anyone."""
    return any(
        row.topic == LAPSED and row.stream < FIRST_PUPIL for row in ledger.store.rows(position)
    )


def _brought_up(ledger: Ledger, engine: Engine, progress: Progress) -> ReadModel:
    """Return the read model, caught up or made anew; runs under the lock of the engine."""
    opened = opened_present(ledger, engine)
    if opened is not None:
        # What turns out to be damaged is made anew.
        with suppress(DamagedReadModelError), _closed_on_error(opened):
            if not _is_faster_anew(ledger, opened.position):
                catch_up(ledger, opened, ledger.position)
                return opened
        opened.close()
    effort = Effort(default_workers(ledger.position), progress)
    return _built(ledger, engine.begun(), ledger.position, effort)


def _built(ledger: Ledger, making: Making, until: int, effort: Effort) -> ReadModel:
    """Fill a generation and publish it; one that fails or is interrupted is thrown away."""
    try:
        build(ledger, making, until, effort)
        return making.publish()
    except BaseException:
        making.discard()
        raise


@contextmanager
def _closed_on_error(model: ReadModel) -> Iterator[None]:
    """Let nothing that goes wrong leave a model open: it holds on to its generation."""
    try:
        yield
    except BaseException:
        model.close()
        raise
