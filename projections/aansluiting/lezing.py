"""A file that is reconciled, read by the reader of its source: rows, doubles and refusals.

A reconciliation books nothing. What a reader refuses only because another row has its key is
read on its own: a double is a difference here (rules.md 9, dubbele-sleutel).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ledger.application import Ledger
from ledger.files import imported_files
from ledger.importing import digest_of
from ledger.intake.readers import About, Afkeuring, Melding, Reader, ReadOptions
from ledger.intake.recognise import reader_of
from ledger.intake.sheets import Sheet, opened_sheet
from ledger.problems import Remark, masked

NOTHING = Melding((), None, ())


class Inhoud(NamedTuple):
    """A file: what its rows tell in their order, doubles included, and what cannot be read.

    `bekend_op` is when it knew what it says; `about` what it is of, where it says so.
    """

    naam: str
    sha256: str
    bekend_op: datetime
    about: About
    meldingen: tuple[Melding, ...]
    onleesbaar: tuple[str, ...]

    def plaats(self, melding: Melding) -> str:
        """Return where a row stands."""
        return f"{self.naam} regel {melding.rijen[0].regelnummer}"


def inhoud_of(path: Path, source: str, bekend_op: datetime) -> Inhoud:
    """Return what the file of a source tells. Raises UnreadableFileError."""
    reader = reader_of(source)
    with opened_sheet(path) as sheet:
        read = [_alone(reader, sheet, one) for one in reader.read(sheet, ReadOptions())]
        told = tuple(one for one in read if isinstance(one, Melding))
        about = reader.about(told[0] if told else NOTHING, sheet)
    naam = masked(path.name)
    refused = (one for one in read if isinstance(one, Afkeuring))
    unreadable = tuple(remark for one in refused for remark in _remarks(one, naam))
    return Inhoud(naam, digest_of(path), bekend_op, about, told, unreadable)


def moment_of(ledger: Ledger, path: Path, given: datetime | None = None) -> datetime:
    """Return when a file knew what it says: as given, as booked when read in, or its time.

    Raises OSError.
    """
    if given is not None:
        return given
    sha256 = digest_of(path)
    booked = [
        file.fact.gedownload_op
        for file in imported_files(ledger)
        if file.fact.sha256 == sha256 and not file.undone
    ]
    known = next((moment for moment in reversed(booked) if moment is not None), None)
    return known or datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _alone(reader: Reader, sheet: Sheet, read: Melding | Afkeuring) -> Melding | Afkeuring:
    """Return what refused rows say without the other rows of their file."""
    if isinstance(read, Melding):
        return read
    own = sheet._replace(rijen=lambda: iter(read.rijen))
    found = list(reader.read(own, ReadOptions()))
    return found[0] if len(found) == 1 else read


def _remarks(refused: Afkeuring, naam: str) -> Iterator[str]:
    number = refused.rijen[0].regelnummer
    return (str(Remark(naam, number, problem)) for problem in refused.problems)
