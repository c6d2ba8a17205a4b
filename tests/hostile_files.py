"""Files that may hold anything: what has to be so after an import of one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hypothesis import settings

from tests.command import TODAY, Done, Kijkglas
from tests.downloads import (
    FEB,
    LEZERS,
    PGNS,
    at,
    by_residence,
    counted,
    csv_file,
    feed,
    ledger_in,
    verified,
)
from tests.places import copied, open_ledger

EXAMPLES: Final = 15
fuzz: Final = settings(max_examples=EXAMPLES, deadline=None)

SAMPLES: Final = sorted(
    path
    for path in LEZERS.rglob("*")
    if path.suffix in {".csv", ".jsonl"} and path.name != "eigen-koppen.csv"
)
FULL_WIDTH: Final = "".join(chr(0xFF10 + int(digit)) for digit in PGNS[7])
WORDS: Final = (
    "", " ", "0", "-1", "1,2E+08", "9.1E+08", "=1+1", '=HYPERLINK("http://x")', "@SUM(A1)", "#REF!",
    "#N/A", "x" * 140_000, "\n", "a\r\nb", '"', '""', ";", "\t", "é", "\x07", "31-2-2025",
    "1-1-0001",
    "31-12-9999", "9999-12-31", "0000-00-00", "45689", "1e400", "NaN", FULL_WIDTH, "\u0663",
    "\u202e123", "\U0001f600", "Ja", "Nee", "misschien", "TLV", "SBO", "SO_VSO_HOOG", "VO2305",
    "PO2304-2023-99999", "VO2305-2023-00001", "00SU", "00SU99", "99ZZ99", PGNS[8], f"0{PGNS[8]}",
    "1-8-2023", "1-2-2025", "20250201", "2025-02-01T00:00:00+01:00", "NULL", "<5", "-", "1/0", "{}",
    "['a']", "\ufeff", "null", "true", "2.3", "IJH", "VSO",
)  # fmt: skip
"""What turns up in cells, and what should not."""


def ledger_to_try(folder: Path) -> Path:
    """Make a ledger with a few pupils, to be copied."""
    command = ledger_in(folder)
    command.imported(csv_file(folder / "eerst.csv", [counted(0), by_residence(1)], FEB))
    return command.ledger


def tried(template: Path, name: str, content: bytes, *more: str) -> Done:
    """Import a file into a copy of a ledger, and check all that holds whatever was in it."""
    with TemporaryDirectory() as folder:
        command = Kijkglas(copied(template, Path(folder) / "grootboek"))
        path = Path(folder) / name
        path.write_bytes(content)
        at(path, "2025-11-01T12:00")
        before = feed(command)
        done = command("import", path, *TODAY, *more)
        assert done.status in {0, 2, 3}, done.err
        assert "Traceback" not in done.err
        if done.status == 2:
            assert done.out == ""
            assert done.err.strip()
            assert feed(command) == before
        else:
            assert_whole(command, path, done, more)
        assert verified(command)
        return done


def assert_whole(command: Kijkglas, path: Path, done: Done, more: Sequence[str]) -> None:
    """Check that refused rows booked nothing, and that all others were booked whole."""
    sums = re.fullmatch(
        r".*: (\d+) regels, geboekt (\d+), al bekend (\d+), afgekeurd (\d+), let op (\d+)\n",
        done.out,
    )
    assert sums, done.out
    refused = _refused(path.name, done.err)
    assert (done.status == 3) == bool(refused)
    with open_ledger(command.ledger) as ledger:
        mine = [one for one in ledger.booked() if one.bestand is not None and one.regel]
        sha256 = command.fine("imports", "--format", "json").rows[-1]["sha256"]
        lines = {one.regel for one in mine if one.bestand == sha256}
    assert not lines & refused
    after = feed(command)
    again = command("import", path, *TODAY, *more)
    assert again.status == done.status
    assert _refused(path.name, again.err) == refused
    assert ", geboekt 0, " in again.out, "what was left out the first time"
    assert feed(command) == after


def _refused(name: str, err: str) -> set[int]:
    """Return the lines that were refused, as was said."""
    start = f"afgekeurd {name}:"
    return {
        int(line.removeprefix(start).split()[0])
        for line in err.splitlines()
        if line.startswith(start)
    }


def assert_private(done: Done, content: bytes) -> None:
    """Check that no number that could be a PGN of the content is said."""
    pgns = set(re.findall(rb"(?<!\d)\d{8,9}(?!\d)", content))
    said = (done.out + done.err).encode()
    assert not [pgn for pgn in pgns if pgn in said]


def days_with(sample: Path) -> tuple[str, ...]:
    listed = {"postcodegebieden", "vestigingen-open-data", "beschadigd", "vestigingen-met-datums"}
    return ("--vanaf", "2014-08-01") if sample.stem in listed else ()


TABLES: Final = [path for path in SAMPLES if path.suffix == ".csv"]


def cells_of(sample: Path) -> list[list[str]]:
    """Return the header and the rows of a sample."""
    raw = sample.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    delimiter = ";" if ";" in text.splitlines()[0] else ","
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def csv_bytes(rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig", "surrogatepass")
