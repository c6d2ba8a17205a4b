"""Imports a feed when it is told to, and says how many events were booked.

A process of its own, with nothing in it that `kijkglas import` has not: an import makes copies
of itself, and does not where a library has started threads (`ledger/workers.py`).
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from ledger.application import open_ledger
from ledger.importing import import_feed


def main() -> None:
    """Open the ledger of the first argument, say so, and import the feed at the next line."""
    where, feed, now = sys.argv[1:]
    with open_ledger(where) as ledger:
        _say("open")
        sys.stdin.readline()
        _say(import_feed(ledger, Path(feed), datetime.fromisoformat(now)).booked.geboekt)


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
