"""One import: a file in, its good lines booked, its bad lines beside it (events.md 4)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from ledger.application import Ledger
from ledger.booking import Booked, Source, book, book_file
from ledger.collector import collector_paused
from ledger.events import BestandIngelezen
from ledger.intake import feed
from ledger.intake.parts import parts
from ledger.problems import Remark, masked

Progress = Callable[[int], None]
"""Called with the number of lines read since the last call."""

PRODUCT: Final = "gebeurtenissen"
STEP: Final = 5000


class UnreadableFileError(Exception):
    """A file that cannot be imported at all."""


class Imported(NamedTuple):
    """What became of a file; `geweigerd` = nothing was booked since a line was refused.

    `not_written` says why the refused lines could not be written, if so.
    """

    path: Path
    sha256: str
    regels: int
    booked: Booked
    rejected: Path | None
    geweigerd: bool
    not_written: str = ""

    def refusals(self) -> Iterator[Remark]:
        """Yield every problem of the refused lines, in the order of the lines."""
        for refused in sorted(self.booked.refused, key=lambda one: one.regelnummer):
            for problem in refused.problems:
                yield Remark(self.path.name, refused.regelnummer, problem)

    def warnings(self) -> Iterator[Remark]:
        """Yield what is odd about lines that were booked."""
        for number, problem in sorted(self.booked.warnings, key=lambda one: one[0]):
            yield Remark(self.path.name, number, problem)


def import_feed(
    ledger: Ledger,
    path: Path,
    now: datetime,
    *,
    strict: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> Imported:
    """Import an events feed and return what became of its lines.

    `strict` books nothing if any line is refused; `dry_run` writes nothing at all. The refused
    lines are written to `<name>.afgekeurd.jsonl` beside the file. Raises UnreadableFileError when
    the file cannot be read or is no feed.
    """
    with collector_paused():
        return _imported(ledger, path, now, progress, strict=strict, dry_run=dry_run)


def _imported(
    ledger: Ledger, path: Path, now: datetime, progress: Progress, *, strict: bool, dry_run: bool
) -> Imported:
    digest = _digest(path)
    source = Source(digest, f"{masked(path.name)} {digest[:12]}")
    booked, count = _run(ledger, path, source, now, progress, dry_run=dry_run or strict)
    refused_whole = strict and bool(booked.refused)
    if strict and not dry_run and not refused_whole:
        booked, count = _run(ledger, path, source, now, progress, dry_run=False)
    if dry_run:
        return Imported(path, digest, count, booked, None, refused_whole)
    if not refused_whole:
        fact = BestandIngelezen(
            product=PRODUCT, sha256=digest, regels=count, naam=masked(path.name)
        )
        book_file(ledger, fact, source)
    try:
        rejected, failed = _write_rejected(path, booked), ""
    except OSError as error:
        rejected, failed = None, str(error.strerror)
    return Imported(path, digest, count, booked, rejected, refused_whole, failed)


def _run(
    ledger: Ledger, path: Path, source: Source, now: datetime, progress: Progress, *, dry_run: bool
) -> tuple[Booked, int]:
    total, count = Booked(), 0
    kenmerken: dict[bytes, bytes] = {}  # of parts that a dry run did not book
    for part in parts(path):
        good: list[tuple[feed.Parsed, bytes]] = []
        bad: list[feed.Refused] = []
        for number, line in part:
            count += 1
            if count % STEP == 0:
                progress(STEP)
            parsed = feed.parse_line(number, line, now)
            if isinstance(parsed, feed.Refused):
                bad.append(parsed)
            else:
                good.append((parsed, line))
        total = total.plus(Booked(refused=tuple(bad)))
        total = total.plus(book(ledger, good, source, kenmerken if dry_run else None))
        good.clear()
    return total, count


def _digest(path: Path) -> str:
    digest = sha256()
    try:
        with path.open("rb") as file:
            start = file.read(1 << 16)
            if not feed.looks_like_feed(start):
                raise UnreadableFileError(
                    f"{path.name} is geen gebeurtenissenbestand: verwacht een JSON-object per regel"
                )
            while start:
                digest.update(start)
                start = file.read(1 << 20)
    except OSError as error:
        raise UnreadableFileError(f"{path} kan niet worden gelezen: {error.strerror}") from error
    return digest.hexdigest()


def rejected_path(path: Path) -> Path:
    """Return where the refused lines of a file are written."""
    return path.with_name(f"{path.stem}.afgekeurd.jsonl")


def _write_rejected(path: Path, booked: Booked) -> Path | None:
    """Write the refused lines with their reasons; only the owner can read them."""
    if not booked.refused:
        return None
    target = rejected_path(path)
    target.unlink(missing_ok=True)  # an earlier one may be readable by others
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for refused in sorted(booked.refused, key=lambda one: one.regelnummer):
            file.write(feed.rejected_line(refused))
    return target
