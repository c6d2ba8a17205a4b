"""What goes wrong on a Dask cluster, in words that say what to do."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, Final

from ledger.places import LedgerError
from projections.parcel import OTHER_VERSION
from projections.store.read_model import rules_hash

_UNCHANGED: Final = "het leesmodel is niet veranderd"


@contextmanager
def lost_told(client: Any, address: str) -> Iterator[None]:  # noqa: ANN401 - distributed has no types
    """Tell that the scheduler is gone, in whichever way Dask says so."""
    try:
        yield
    except LedgerError:
        raise
    except (OSError, CancelledError) as error:
        raise _lost(address) from error
    except RuntimeError as error:
        if client.status == "running":
            raise
        raise _lost(address) from error


def _lost(address: str) -> LedgerError:
    return LedgerError(
        f"de verbinding met de Dask-scheduler op {address} is weg; {_UNCHANGED}. Kijk of de "
        "scheduler nog draait, start hem zo nodig opnieuw met 'dask scheduler', en herhaal de "
        "opdracht"
    )


def killed() -> LedgerError:
    """Return the error of a partition whose worker was killed, time and again."""
    return LedgerError(
        "op het cluster werd een rekentaak keer op keer van buitenaf gestopt, vaak omdat het "
        f"geheugen op is; {_UNCHANGED}. Geef elke werker meer geheugen of minder threads, kijk "
        "of er kijkglas staat, of reken zonder --scheduler"
    )


def alone(address: str, seconds: int) -> LedgerError:
    """Return the error of a cluster that lost all its workers."""
    return LedgerError(
        f"het cluster heeft al {seconds} seconden geen werkers meer; {_UNCHANGED}. Start ze "
        f"opnieuw met 'dask worker {address}' waar kijkglas staat, en herhaal de opdracht"
    )


def too_few(address: str, seconds: int, present: int, wanted: int) -> LedgerError:
    """Return the error of a cluster that never had the workers that were asked for."""
    fewer = f", of vraag er minder met --workers {present}" if present else ""
    return LedgerError(
        f"het cluster heeft na {seconds} seconden {present} van de {wanted} werkers; start er "
        f"meer met 'dask worker {address} --nworkers {wanted - present}'{fewer}"
    )


def same_rules(client: Any) -> None:  # noqa: ANN401 - distributed has no types
    """See that every worker computes by our rules. Raises LedgerError when one does not."""
    ours = rules_hash()
    answers = client.run(rules_hash, on_error="return")
    without = [where for where, said in answers.items() if _lacks_us(said)]
    if without:
        raise LedgerError(
            f"op {_places(without)} staat geen kijkglas, of zonder wat het nodig heeft; installeer "
            "daar python3 -m pip install '.[cluster]', van dezelfde versie als hier, en begin "
            "opnieuw"
        )
    other = [where for where, said in answers.items() if said != ours and not _is_gone(said)]
    if other:
        raise LedgerError(f"op {_places(other)} {OTHER_VERSION}")


def _lacks_us(said: object) -> bool:
    # Dask gives an error that it could not send as a bare Exception with its text.
    return isinstance(said, ImportError) or (
        isinstance(said, Exception) and "ModuleNotFoundError" in str(said)
    )


def _is_gone(said: object) -> bool:
    return isinstance(said, OSError) and not isinstance(said, FileNotFoundError)


def _places(addresses: list[str]) -> str:
    return ", ".join(sorted(addresses))


@contextmanager
def logs_kept_back() -> Iterator[None]:
    """Keep Dask from logging what we tell by ourselves, in words that a user knows.

    It logs by many names, each with a level of its own, and asyncio does on its behalf.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    except BaseException:
        gc.collect()  # what asyncio has to say of tasks that failed, it says when they go
        raise
    finally:
        logging.disable(before)
