"""Which files the ledger was made from: their names, hashes and sizes, and when each was booked."""

from __future__ import annotations

from ledger.application import Ledger
from ledger.files import imported_files
from projections.report import Bestand


def bestanden(ledger: Ledger, until: int | None = None) -> tuple[Bestand, ...]:
    """Return the files that were read in up to a position and stand, in the order of booking."""
    return tuple(
        Bestand(file.fact.naam, file.fact.sha256, file.fact.regels, file.geboekt_op)
        for file in imported_files(ledger, until)
        if not file.undone
    )
