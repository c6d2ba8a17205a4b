"""The scheduler of a Dask cluster: the form of its address, and whether anyone answers there.

Asked of the operating system, which says at once that a port is closed or a name unknown; Dask
tries for a minute.
"""

from __future__ import annotations

import re
import socket
from typing import Final, NamedTuple

from ledger.places import LedgerError

REACHING: Final = 10
"""Seconds to wait for a scheduler: it runs, or it does not."""

_ADDRESS: Final = re.compile(
    r"(?:tcp|tls)://(?P<host>\[[0-9a-fA-F:.]+\]|[\w.-]+):(?P<port>\d{1,5})/?"
)
_LAST_PORT: Final = 65535

NO_SCHEDULER: Final = "wat daar luistert, is geen scheduler, of vraagt om TLS"


class _Address(NamedTuple):
    host: str
    port: int
    greets: bool
    """Whether a scheduler speaks first: in clear it does, under TLS the one who calls."""


def reach(scheduler: str) -> None:
    """See that a scheduler listens at an address. Raises LedgerError if not, or for its form."""
    address = _parsed(scheduler)
    try:
        with socket.create_connection(address[:2], timeout=REACHING) as connection:
            # Dask itself would wait for these words for ever.
            if address.greets and not connection.recv(1):
                raise unreached(scheduler, NO_SCHEDULER)
    except socket.gaierror as error:
        raise unreached(scheduler, f"de naam {address.host} is hier niet bekend") from error
    except ConnectionRefusedError as error:
        raise unreached(scheduler, f"op poort {address.port} luistert niets") from error
    except OSError as error:
        raise unreached(scheduler, f"na {REACHING} seconden nog geen antwoord") from error


def unreached(scheduler: str, why: str) -> LedgerError:
    """Return the error of a scheduler that does not answer, with what to do."""
    return LedgerError(
        f"geen Dask-scheduler bereikt op {scheduler}: {why}; kijk of 'dask scheduler' daar draait "
        "en of deze machine erbij kan"
    )


def _parsed(scheduler: str) -> _Address:
    found = _ADDRESS.fullmatch(scheduler)
    if found is None or not 0 < int(found["port"]) <= _LAST_PORT:
        raise LedgerError(
            f"{scheduler!r} is geen adres van een Dask-scheduler; schrijf het zo: tcp://HOST:8786, "
            "of tls://HOST:8786 (het staat in wat 'dask scheduler' zegt)"
        )
    return _Address(found["host"].strip("[]"), int(found["port"]), scheduler.startswith("tcp:"))
