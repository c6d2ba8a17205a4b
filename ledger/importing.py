"""One import: a file in, its good lines booked, its bad lines beside it (events.md 4)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime
from filecmp import cmp
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Protocol

from ledger.appending import Source
from ledger.application import Ledger
from ledger.booking import Booked, book_file
from ledger.collector import collector_paused
from ledger.events import BestandIngelezen
from ledger.failing import reason
from ledger.feed_import import FeedImport
from ledger.intake.readers import About, ReadOptions
from ledger.intake.recognise import FEED, check_is_feed, reader_of
from ledger.intake.sheets import UnreadableFileError
from ledger.problems import Remark, masked
from ledger.state_import import StateImport
from ledger.stating import LOCK_FILE, tell_again

Progress = Callable[[int], None]
"""Called with the number of lines read since the last call."""

Show = Callable[[bytes], None]
"""Called with every event that is booked, or would be, as a line of the feed."""


def _nothing(_: object) -> None:
    return


class Wishes(NamedTuple):
    """How to import: `strict` books nothing if any line is refused, `dry_run` writes nothing.

    `moment` is when a file with states knew what it says; `complete` books what vanished
    from it; `show` gets the events; `workers` processes prepare a feed (None: all cores).
    """

    strict: bool = False
    dry_run: bool = False
    moment: datetime | None = None
    complete: bool = False
    reading: ReadOptions = ReadOptions()
    progress: Progress = _nothing
    show: Show | None = None
    workers: int | None = None


class Imported(NamedTuple):
    """What became of a file; `geweigerd` = nothing was booked since a line was refused.

    `not_written` says why the refused lines could not be written, if so; `moment` is that of
    a file with states; `volledig` = what it lacks was booked as vanished.
    """

    path: Path
    sha256: str
    regels: int
    booked: Booked
    rejected: Path | None
    geweigerd: bool
    not_written: str = ""
    source: str = FEED
    about: About = About()
    moment: datetime | None = None
    volledig: bool = False

    def refusals(self) -> Iterator[Remark]:
        """Yield every problem of the refused lines, in the order of the lines."""
        for refused in sorted(self.booked.refused, key=lambda one: one.regelnummer):
            for problem in refused.problems:
                yield Remark(self.path.name, refused.regelnummer, problem)

    def warnings(self) -> Iterator[Remark]:
        """Yield what is odd about lines that were booked."""
        for number, problem in sorted(self.booked.warnings, key=lambda one: one[0]):
            yield Remark(self.path.name, number, problem)


class _Work(Protocol):
    """One way of importing a file: it can be run more than once."""

    about: About
    volledig: bool

    def run(self, *, dry_run: bool) -> tuple[Booked, int]:
        """Read the file and book it; return what became of the lines, and how many."""

    def rejected(self, booked: Booked) -> tuple[str, Iterator[bytes]]:
        """Return the ending of the file for refused lines, and its content."""


def import_feed(
    ledger: Ledger,
    path: Path,
    now: datetime,
    *,
    strict: bool = False,
    dry_run: bool = False,
    progress: Progress = _nothing,
) -> Imported:
    """Import an events feed and return what became of its lines (`import_file`)."""
    wishes = Wishes(strict=strict, dry_run=dry_run, progress=progress)
    return import_file(ledger, path, FEED, now, wishes)


def import_file(ledger: Ledger, path: Path, source: str, now: datetime, wishes: Wishes) -> Imported:
    """Import a file of a source and return what became of its lines.

    The refused lines are written to `<name>.afgekeurd.jsonl` or `.csv` beside the file. A file
    with states needs `wishes.moment`. Raises UnreadableFileError when the file cannot be
    read or is not of the source.
    """
    digest = digest_of(path)
    label = Source(digest, f"{masked(path.name)} {digest[:12]}")
    if source == FEED:
        check_is_feed(path)
        work: _Work = FeedImport(
            ledger, path, label, now, wishes.progress, wishes.show, wishes.workers
        )
        with collector_paused():
            done = _imported(ledger, path, source, label, work, wishes._replace(moment=None))
            if not wishes.dry_run:
                tell_again(ledger)
            return done
    assert wishes.moment is not None, "states are told at a moment"
    work = StateImport(
        ledger,
        path,
        label,
        reader_of(source),
        now,
        wishes.moment,
        wishes.reading,
        wishes.progress,
        wishes.show or _nothing,
        complete=wishes.complete,
    )
    if not wishes.dry_run:
        tell_again(ledger)  # what an interrupted command left
    alone = nullcontext() if wishes.dry_run else ledger.locked(LOCK_FILE)
    with collector_paused(), alone:
        return _imported(ledger, path, source, label, work, wishes)


def _imported(
    ledger: Ledger, path: Path, source: str, label: Source, work: _Work, wishes: Wishes
) -> Imported:
    dry_run, strict = wishes.dry_run, wishes.strict
    booked, count = work.run(dry_run=dry_run or strict)
    refused_whole = strict and bool(booked.refused)
    if strict and not dry_run and not refused_whole:
        booked, count = work.run(dry_run=False)
    assert label.sha256 is not None, "a file has a hash"
    done = Imported(
        path,
        label.sha256,
        count,
        booked,
        None,
        refused_whole,
        source=source,
        about=work.about,
        moment=wishes.moment,
        volledig=work.volledig,
    )
    if dry_run:
        return done
    if not refused_whole:
        book_file(ledger, _fact(done), label)
    try:
        return done._replace(rejected=_write_rejected(path, work, booked))
    except OSError as error:
        return done._replace(
            not_written=f"{masked(str(error.filename or path.parent))}: {reason(error)}"
        )


def _fact(done: Imported) -> BestandIngelezen:
    return BestandIngelezen(
        product=done.source,
        swv=done.about.swv,
        teldatum=done.about.teldatum,
        gedownload_op=done.moment,
        sha256=done.sha256,
        regels=done.regels,
        naam=masked(done.path.name),
        geboekt=done.booked.geboekt,
        al_bekend=done.booked.al_bekend,
        afgekeurd=len(done.booked.refused),
        volledig=done.volledig,
    )


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex. Raises UnreadableFileError."""
    digest = sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise UnreadableFileError(f"{path} kan niet worden gelezen: {reason(error)}") from error
    return digest.hexdigest()


def rejected_path(path: Path, suffix: str = "jsonl") -> Path:
    """Return where the refused lines of a file are written."""
    return path.with_name(f"{path.stem}.afgekeurd.{suffix}")


def _write_rejected(path: Path, work: _Work, booked: Booked) -> Path | None:
    """Write the refused lines with their reasons; only the owner can read them."""
    if not booked.refused:
        return None
    suffix, content = work.rejected(booked)
    target = rejected_path(path, suffix)
    made = target.with_name(f"{target.name}.maken")
    made.unlink(missing_ok=True)
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.writelines(content)
    if target.is_file() and not cmp(target, made, shallow=False):
        # Somebody may be mending it.
        earlier = target.replace(target.with_name(f"{path.stem}.afgekeurd.vorige.{suffix}"))
        earlier.chmod(0o600)
    try:
        return made.replace(target)
    finally:
        made.unlink(missing_ok=True)
