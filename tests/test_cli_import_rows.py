"""Rows that are refused and mended, and what spreadsheets do to rows."""

from __future__ import annotations

import json
import re
import stat
from datetime import date
from pathlib import Path

import pytest

from tests.command import TODAY, Kijkglas, columns, ledger_with
from tests.downloads import (
    FEB,
    FIRST,
    LEZERS,
    NAME,
    PGNS,
    STORY,
    answers,
    at,
    by_residence,
    copied,
    counted,
    csv_file,
    differing,
    feed,
    ledger_in,
    rows_of,
    text_of,
    workbook,
)
from tests.reader_samples import (
    DAMAGED,
    RECOGNISED,
    TABLES,
    days_of,
    imports,
    source_of,
)


@pytest.fixture
def empty(tmp_path: Path) -> Kijkglas:
    """Give an empty ledger."""
    return ledger_with(tmp_path)


@pytest.fixture
def known(tmp_path: Path) -> Kijkglas:
    """Give a ledger that knows which vestigingen are of whom."""
    return ledger_in(tmp_path)


# Refused rows, mended


def test_refused_rows_are_kept_for_the_owner_and_can_be_mended(
    known: Kijkglas, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / NAME, [counted(0), counted(1, VESTIGINGSCODE="99"), counted(2)])
    assert known("import", path, *TODAY).status == 3
    rejected = tmp_path / NAME.replace(".csv", ".afgekeurd.csv")
    assert stat.S_IMODE(rejected.stat().st_mode) == 0o600
    (row,) = rows_of(rejected)
    reason = row.pop("AFGEKEURD")
    assert row == counted(1, VESTIGINGSCODE="99")
    assert reason.startswith("VESTIGINGSCODE: '99' is niet")
    assert known("import", rejected, *TODAY, "--bekend-op", FEB).status == 3
    csv_file(rejected, [{**row, "VESTIGINGSCODE": "00SU00", "AFGEKEURD": reason}])
    known.imported(rejected)
    right = ledger_in(tmp_path / "b")
    right.imported(csv_file(tmp_path / "b" / NAME, [counted(0), counted(1), counted(2)]))
    assert differing(answers(known, STORY), answers(right, STORY)) == []
    assert feed(known) == feed(right)


def test_a_refused_line_of_json_is_kept_as_json_and_can_be_mended(
    empty: Kijkglas, tmp_path: Path
) -> None:
    (path,) = copied(tmp_path / "in", LEZERS / "inschrijvingen" / "inschrijvingen.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    wrong = json.loads(lines[0])
    wrong["perioden"][0]["vestigingscode"] = "99BB"
    path.write_bytes(b"".join([json.dumps(wrong).encode() + b"\n", *lines[1:]]))
    at(path, FEB)
    assert empty("import", path, *TODAY).status == 3
    rejected = path.with_name("inschrijvingen.afgekeurd.jsonl")
    assert stat.S_IMODE(rejected.stat().st_mode) == 0o600
    kept = json.loads(rejected.read_bytes())
    assert "vestigingscode" in kept.pop("afgekeurd")
    assert kept == wrong
    rejected.write_bytes(lines[0].strip() + b"\n")
    empty.imported(at(rejected, FEB))
    (tmp_path / "b").mkdir()
    right = ledger_with(tmp_path / "b")
    (whole,) = copied(
        tmp_path / "b", LEZERS / "inschrijvingen" / "inschrijvingen.jsonl", moment=FEB
    )
    right.imported(whole)
    assert feed(empty) == feed(right)


@pytest.mark.parametrize("name", [name for name in RECOGNISED if DAMAGED in name])
def test_the_file_with_refused_rows_holds_each_of_them_with_its_reasons(
    name: str, empty: Kijkglas, tmp_path: Path
) -> None:
    (path,) = copied(tmp_path / "in", TABLES[name])
    done = empty("import", path, *days_of(name), *TODAY)
    suffix = path.suffix if path.suffix == ".jsonl" else ".csv"
    rejected = path.with_name(f"{path.stem}.afgekeurd{suffix}").read_bytes().decode("utf-8-sig")
    said = [line for line in done.err.splitlines() if line.startswith("afgekeurd ")]
    lines = {int(line.partition(suffix + ":")[2].partition(" ")[0]) for line in said}
    source = path.read_bytes().decode("utf-8-sig").splitlines()
    for number in lines:
        start = re.search(r"\w{4,}", source[number - 1])
        assert start is not None
        assert start[0] in rejected
    for line in said:
        remedy = line.partition(suffix + ":")[2].rpartition("; ")[2]
        assert remedy.replace('"', '""') in rejected or remedy in rejected


@pytest.mark.parametrize("name", [name for name in RECOGNISED if DAMAGED in name])
def test_refused_rows_that_nobody_mended_are_of_the_same_source_and_never_crash(
    name: str, empty: Kijkglas, tmp_path: Path
) -> None:
    (path,) = copied(tmp_path / "in", TABLES[name])
    empty("import", path, *days_of(name), *TODAY)
    suffix = path.suffix if path.suffix == ".jsonl" else ".csv"
    rejected = at(path.with_name(f"{path.stem}.afgekeurd{suffix}"), "2025-11-01T12:00")
    again = empty("import", rejected, *TODAY)
    assert again.status == 3
    assert f"\n  {source_of(name)}, " in again.err
    assert path.with_name(f"{path.stem}.afgekeurd.afgekeurd{suffix}").exists()


def test_strict_books_nothing_of_a_file_with_a_refused_row(known: Kijkglas, tmp_path: Path) -> None:
    before = feed(known)
    bad = csv_file(tmp_path / NAME, [counted(0), counted(1, TELDATUM="ooit")])
    good = csv_file(tmp_path / "goed.csv", [counted(2)])
    done = known("import", "--strict", bad, good, *TODAY)
    assert done.status == 3
    assert f"{NAME}: 2 regels, geboekt 0, al bekend 0, afgekeurd 1, let op 0\n" in done.out
    assert "niets geboekt: --strict en er zijn afgekeurde regels" in done.err
    assert (tmp_path / NAME.replace(".csv", ".afgekeurd.csv")).exists()
    assert columns(imports(known), "bestand") == [("feed.jsonl",), ("goed.csv",)]
    assert columns(known.stand("2025-02-01"), "pgn") == [(PGNS[2],)]
    assert len(feed(known)) == len(before) + 4


# Workbooks, and what spreadsheets do to files


DATES = {
    "DATUM_INSCHRIJVING",
    "DATUM_UITSCHRIJVING",
    "BEGIN_DATUM_TLV",
    "EIND_DATUM_TLV",
    "TELDATUM",
}
NUMBERS = {"BSN_OWN", "LEEFTIJD_TELDATUM", "INSCHRIJVINGSVOLGNUMMER"}


def as_spreadsheet(name: str, text: str) -> object:
    """Return a cell as a spreadsheet holds it: days as days, numbers as numbers."""
    if name in DATES and text:
        day, month, year = map(int, text.split("-"))
        return date(year, month, day)
    return int(text) if name in NUMBERS and text else text or None


@pytest.mark.parametrize("typed", [False, True], ids=["text", "typed"])
def test_a_workbook_is_the_same_as_the_csv(typed: bool, known: Kijkglas, tmp_path: Path) -> None:
    rows = [counted(0), by_residence(1), counted(2, DATUM_UITSCHRIJVING="1-3-2025")]
    cells = [[as_spreadsheet(*one) if typed else one[1] for one in row.items()] for row in rows]
    known.imported(workbook(tmp_path / "boek.xlsx", [list(FIRST), *cells]))
    other = ledger_in(tmp_path / "b")
    other.imported(csv_file(tmp_path / "b" / NAME, rows))
    assert feed(known) == feed(other)
    assert differing(answers(known), answers(other)) == []


def test_refused_rows_of_a_workbook_are_csv_that_can_be_mended(
    known: Kijkglas, tmp_path: Path
) -> None:
    path = workbook(
        tmp_path / "boek.xlsx", [list(FIRST), list(counted(0, VESTIGINGSCODE="99").values())]
    )
    assert known("import", path, *TODAY).status == 3
    rejected = tmp_path / "boek.afgekeurd.csv"
    (row,) = rows_of(rejected)
    known.imported(csv_file(rejected, [{**row, "VESTIGINGSCODE": "00SU00"}]))
    assert columns(known.stand("2025-02-01"), "pgn") == [(PGNS[0],)]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"BSN_OWN": "9,1E+08"}, "BSN_OWN", "een spreadsheet heeft het nummer afgerond"),
        ({"BSN_OWN": "9.1E+08"}, "BSN_OWN", "een spreadsheet heeft het nummer afgerond"),
        ({"TELDATUM": "45689"}, "TELDATUM", "een spreadsheet heeft de datum als getal bewaard"),
        ({"DATUM_INSCHRIJVING": "45139"}, "DATUM_INSCHRIJVING", "de datum als getal bewaard"),
        ({"INSTELLINGSCODE": "#REF!"}, "INSTELLINGSCODE", "is een fout van een spreadsheet"),
        ({"BSN_OWN": "=1+1"}, "BSN_OWN", ""),
        ({"BSN_OWN": "1235"}, "BSN_OWN", "afgeschermd nummer"),
    ],
)
def test_what_a_spreadsheet_damaged_is_refused_with_what_to_do(
    changes: dict[str, str], field: str, said: str, known: Kijkglas, tmp_path: Path
) -> None:
    before = feed(known)
    done = known("import", csv_file(tmp_path / NAME, [counted(0, **changes)]), *TODAY)
    assert done.status == 3
    (line,) = [line for line in done.err.splitlines() if line.startswith("afgekeurd ")]
    assert line.startswith(f"afgekeurd {NAME}:2 {field}: ")
    assert said in line
    assert "; " in line
    assert feed(known) == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"INSTELLINGSCODE": "0SU"}, "INSTELLINGSCODE"),
        ({"VESTIGINGSCODE": "0SU00"}, "VESTIGINGSCODE"),
        ({"BESCHIKKINGSNUMMER": "PO2304-2023-1"}, "BESCHIKKINGSNUMMER"),
    ],
)
def test_zeros_that_were_lost_are_put_back_and_said(
    changes: dict[str, str], field: str, known: Kijkglas, tmp_path: Path
) -> None:
    done = known("import", csv_file(tmp_path / NAME, [counted(0, **changes)]), *TODAY)
    assert done.status == 0, done.err
    assert done.out.endswith("let op 1\n")
    assert f"let op {NAME}:2 {field}: " in done.err
    (tmp_path / "b").mkdir()
    other = ledger_in(tmp_path / "b")
    other.imported(csv_file(tmp_path / "b" / NAME, [counted(0)]))
    assert feed(known) == feed(other)


def test_a_pgn_that_lost_its_zero_is_put_back_and_not_shown(
    known: Kijkglas, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / NAME, [counted(0, BSN_OWN="12345672")])
    done = known.imported(path)
    assert f"let op {NAME}:2 BSN_OWN: " in done.err
    assert "12345672" not in done.err
    assert columns(known.stand("2025-02-01"), "pgn") == [("012345672",)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_every_dialect_reads_the_same(
    encoding: str, delimiter: str, known: Kijkglas, tmp_path: Path
) -> None:
    path = tmp_path / NAME
    rows = [counted(0, VESTIGINGSNAAM="De Brêge; süd, één"), counted(1)]
    path.write_bytes(text_of(rows, delimiter).encode(encoding))
    known.imported(at(path, FEB))
    other = ledger_in(tmp_path / "b")
    other.imported(csv_file(tmp_path / "b" / NAME, [counted(0), counted(1)]))
    assert feed(known) == feed(other)
