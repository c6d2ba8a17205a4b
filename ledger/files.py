"""Which files were read in, in the order of booking, and which of them were undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from ledger.application import Ledger
from ledger.events import BestandIngelezen, BestandTeruggedraaid
from ledger.stored import event_of

_TOPICS: Final = (BestandIngelezen.__name__, BestandTeruggedraaid.__name__)


class ImportedFile(NamedTuple):
    """A file that was read in whole: what was booked of it, when, and whether it stands."""

    fact: BestandIngelezen
    geboekt_op: datetime
    positie: int
    undone: bool


def imported_files(ledger: Ledger, until: int | None = None) -> list[ImportedFile]:
    """Return the files in the order of booking, as the ledger stood after an event.

    A file is booked after its last line: one that is half-way is not there. A file that was
    undone and read in again is there twice.
    """
    found: dict[int, ImportedFile] = {}
    standing: defaultdict[str, list[int]] = defaultdict(list)
    for positie, fact, moment in _told(ledger, until):
        if isinstance(fact, BestandIngelezen):
            found[positie] = ImportedFile(fact, moment, positie, undone=False)
            standing[fact.sha256].append(positie)
            continue
        for place in standing.pop(fact.sha256, ()):
            found[place] = found[place]._replace(undone=True)
    return list(found.values())


def is_read_in(files: Iterable[ImportedFile], sha256: str, moment: datetime) -> bool:
    """Tell whether a file of this content and moment says nothing that was not read in.

    Not when another download of the same came between: then it takes that one back.
    """
    standing = [file.fact for file in files if not file.undone]
    same = next((fact for fact in standing if fact.sha256 == sha256), None)
    if same is None or same.gedownload_op is None:
        return same is not None
    known, about = same.gedownload_op, (same.product, same.swv, same.teldatum)
    return not any(
        other.gedownload_op is not None and known < other.gedownload_op < moment
        for other in standing
        if (other.product, other.swv, other.teldatum) == about
    )


def _told(
    ledger: Ledger, until: int | None
) -> Iterator[tuple[int, BestandIngelezen | BestandTeruggedraaid, datetime]]:
    for row in ledger.store.rows_with(*_TOPICS):
        if until is None or row.positie <= until:
            event = event_of(row)
            assert isinstance(event.fact, BestandIngelezen | BestandTeruggedraaid), event.fact
            yield row.positie, event.fact, event.bekend_op
