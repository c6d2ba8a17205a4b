"""Which files a user means, what each is, and when it knew what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from ledger.failing import reason
from ledger.files import ImportedFile, is_read_in
from ledger.importing import digest_of
from ledger.intake.recognise import FEED, UnknownFileError, recognised
from ledger.intake.sheets import UnreadableFileError

_REJECTED: Final = ".afgekeurd"
_ENDINGS: Final = frozenset({".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".jsonl", ".ndjson"})
"""How the names end of what is looked at in a folder; a file that is named may end otherwise."""


class Found(NamedTuple):
    """A file that can be imported: its source, its moment, and whether a user named it.

    `moment` is the time of the file unless the user gave one (`gegeven`); `sha256` is empty
    for a file that the user named.
    """

    path: Path
    source: str
    moment: datetime
    gegeven: bool
    sha256: str = ""


class Skipped(NamedTuple):
    """A file that is not imported, and why; `fout` = the user named it, and it is wrong."""

    path: Path
    reden: str
    fout: bool


def find(
    paths: Iterable[Path],
    known: Sequence[ImportedFile],
    source: str | None = None,
    moment: datetime | None = None,
) -> list[Found | Skipped]:
    """Return the files, and those in folders, the skipped ones first, by their own moment.

    In a folder, what was read in (`known`) by its SHA-256 is skipped, and what is hidden, holds
    the refused lines of an earlier import or is of another kind is not looked at. A file of
    no source is an error when it was named, else skipped.
    """
    found = [one for path in paths for one in _files(path, known, source, moment)]
    skipped: list[Found | Skipped] = [one for one in found if isinstance(one, Skipped)]
    files = [one for one in found if isinstance(one, Found)]
    return [*skipped, *sorted(files, key=lambda file: (file.moment, file.path))]


def _files(
    path: Path, known: Sequence[ImportedFile], source: str | None, moment: datetime | None
) -> Iterator[Found | Skipped]:
    if not path.is_dir():
        yield _found(path, source, moment, named=True)
        return
    files = [file for file in sorted(path.rglob("*")) if _is_input(file, path)]
    if not files:
        yield Skipped(path, "hierin is niets om in te lezen", fout=False)
    for file in files:
        one = _found(file, source, moment, named=False)
        if isinstance(one, Found):
            sha256 = digest_of(file)
            one = one._replace(sha256=sha256)
            if is_read_in(known, sha256, one.moment):
                yield Skipped(file, "al ingelezen", fout=False)
                continue
        yield one


def _is_input(path: Path, folder: Path) -> bool:
    # `~$` is Excel's mark on a workbook that somebody has open.
    hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
    fits = path.suffix.lower() in _ENDINGS and _REJECTED not in path.name
    return fits and not hidden and path.is_file()


def _found(
    path: Path, source: str | None, moment: datetime | None, *, named: bool
) -> Found | Skipped:
    try:
        of = recognised(path) if source is None else source
        stamp = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except UnknownFileError as error:
        return Skipped(path, str(error), fout=named)
    except UnreadableFileError as error:
        return Skipped(path, str(error), fout=True)
    except OSError as error:
        return Skipped(path, f"{path} kan niet worden gelezen: {reason(error)}", fout=True)
    given = moment is not None and of != FEED
    return Found(path, of, moment if given and moment else stamp, given)
