"""JSON Lines: one object a line, read one at a time; a bad line is a row with its fault."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from ledger.intake.sheet_types import Rij, Sheet, unreadable
from ledger.problems import Problem

LONGEST_LINE: Final = 1 << 20
"""Bytes of one object: an enrolment with its whole history has some thousands."""

BOM: Final = b"\xef\xbb\xbf"
_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode
_NO_OBJECT: Final = Problem("", "de regel is geen JSON-object", "schrijf een JSON-object per regel")
UTF16: Final = Problem(
    "",
    "dit is JSON in UTF-16; een feed is UTF-8",
    "bewaar het als UTF-8, of maak het met: iconv -f UTF-16 -t UTF-8",
)
_TOO_LONG: Final = Problem(
    "",
    f"de regel heeft meer dan {LONGEST_LINE} bytes",
    "schrijf elk JSON-object op een eigen regel",
)


def is_utf16(start: bytes) -> bool:
    """Tell whether a file that starts like this is JSON in UTF-16, as some editors save it."""
    start = start.removeprefix(BOM_UTF16_LE).removeprefix(BOM_UTF16_BE)
    return start.startswith((b"{\0", b"\0{"))


def object_of(line: bytes) -> dict[str, Any] | None:
    """Return a line as a JSON object, None when it is something else."""
    try:
        fields = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def cell_of_value(value: object) -> str:
    """Return a JSON value as the text of a cell: null is empty, a list or object is JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Ja" if value else "Nee"
    return _encode(value).decode()


def with_reasons(line: bytes, key: str, reasons: str) -> bytes:
    """Return a refused line with its reasons under a key, and its line end.

    A line that is no JSON object is kept as text, so that nothing is lost.
    """
    fields = object_of(line)
    if fields is None:
        fields = {"regel": line.decode(errors="replace")}
    return _encode({**fields, key: reasons}) + b"\n"


def json_sheet(path: Path) -> Sheet:
    """Return a file as a table. Raises UnreadableFileError when no line is an object; OSError."""
    first = next((rij.velden for rij in _rows(path, ()) if rij.velden is not None), None)
    if first is None:
        raise unreadable(path.name, _NO_OBJECT._replace(regel="geen regel is een JSON-object"))
    return Sheet(path.name, "jsonl", tuple(first), "", partial(_rows, path, tuple(first)))


def _rows(path: Path, kop: Sequence[str]) -> Iterator[Rij]:
    with path.open("rb") as file:
        for number, line in enumerate(iter(partial(_line, file), b""), 1):
            clean = (line.removeprefix(BOM) if number == 1 else line).strip()
            if not clean:
                continue
            if len(clean) > LONGEST_LINE:
                yield Rij(number, fout=_TOO_LONG)
                continue
            fields = object_of(clean)
            if fields == {}:
                continue  # as an empty row of any table
            fault = _NO_OBJECT if fields is None else None
            cells = tuple(cell_of_value(fields.get(key)) for key in kop) if fields else ()
            yield Rij(number, cells, fault, clean, fields)


def _line(file: BinaryIO) -> bytes:
    """Return the next line, cut off where it gets too long; b"" at the end."""
    line = file.readline(LONGEST_LINE + 2)
    rest = line
    while rest and not rest.endswith(b"\n"):
        rest = file.readline(LONGEST_LINE)
    return line
