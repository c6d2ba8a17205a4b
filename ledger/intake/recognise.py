"""Which source a file is of: every reader is asked whether it is its own."""

from __future__ import annotations

from codecs import BOM_UTF8
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from ledger.failing import reason
from ledger.intake import feed
from ledger.intake.json_lines import UTF16, is_utf16
from ledger.intake.readers import Reader
from ledger.intake.sheets import (
    EMPTY,
    Sheet,
    UnreadableFileError,
    opened_sheet,
    unreadable,
)

FEED: Final = "gebeurtenissen"
"""The events feed, which tells events and not states."""

READERS: Final = {
    "dashboard-1b": "ledger.intake.dashboard_1b",
    "dashboard-1a": "ledger.intake.dashboard_1a",
    "dashboard-2": "ledger.intake.dashboard_2",
    "kijkglas-2": "ledger.intake.kijkglas_2",
    "tlv-register": "ledger.intake.tlv_register",
    "inschrijvingen": "ledger.intake.inschrijvingen",
    "vestigingen": "ledger.intake.vestigingen",
    "postcodegebieden": "ledger.intake.postcodegebieden",
    "samenwerkingsverbanden": "ledger.intake.samenwerkingsverbanden",
    "tellingen": "ledger.intake.tellingen",
}
"""The module of each source; a source is added by a module and a line here."""

_START: Final = 1 << 16


class UnknownFileError(UnreadableFileError):
    """A file that no reader knows as its own."""


def reader_of(source: str) -> Reader:
    """Return the reader of a source. Raises KeyError."""
    return cast("Reader", import_module(READERS[source]))


def recognised(path: Path) -> str:
    """Return the source of a file. Raises UnreadableFileError, UnknownFileError among them.

    An empty file is a download that failed, whatever its name: only who says that it is a feed
    has one without events.
    """
    if _starts_as_json(path):
        if _is_empty(path):
            raise unreadable(path.name, EMPTY)
        return "inschrijvingen" if _knows("inschrijvingen", path) else FEED
    with opened_sheet(path) as sheet:
        found = [source for source in READERS if reader_of(source).identify(sheet)]
        if len(found) == 1:
            return found[0]
        raise _unknown(sheet, found)


def check_is_feed(path: Path) -> None:
    """Look whether a file is an events feed. Raises UnreadableFileError, with what to do."""
    if not _starts_as_json(path):
        raise UnreadableFileError(
            f"{path.name} is geen gebeurtenissenbestand: verwacht een JSON-object per regel"
        )


def _starts_as_json(path: Path) -> bool:
    """Tell whether a file is JSON Lines. Raises UnreadableFileError for none that can be read."""
    try:
        with path.open("rb") as file:
            start = file.read(_START)
    except OSError as error:
        raise UnreadableFileError(f"{path} kan niet worden gelezen: {reason(error)}") from error
    if is_utf16(start):
        raise unreadable(path.name, UTF16)
    return feed.looks_like_feed(start.removeprefix(BOM_UTF8))


def _is_empty(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(_START)
    return len(start) < _START and not start.removeprefix(BOM_UTF8).strip()


def _knows(source: str, path: Path) -> bool:
    try:
        with opened_sheet(path) as sheet:
            return reader_of(source).identify(sheet)
    except UnreadableFileError:
        return False


def _unknown(sheet: Sheet, found: list[str]) -> UnknownFileError:
    if found:
        return UnknownFileError(
            f"{sheet.naam} kan van meer dan een bron zijn: {', '.join(found)}; kies met --source"
        )
    return UnknownFileError(
        f"{sheet.naam} wordt niet herkend aan de kop; kies met --source uit: {', '.join(READERS)}"
    )
