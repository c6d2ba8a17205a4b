"""Files that people have, through the command: recognised, booked or refused, and said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command import GOLDEN, TODAY, Kijkglas, columns, ledger_with, process
from tests.conftest import Golden
from tests.downloads import (
    FEB,
    FIRST,
    LEZERS,
    NAME,
    PGNS,
    at,
    by_residence,
    copied,
    counted,
    csv_file,
    feed,
    ledger_in,
    rows_of,
)
from tests.places import address_of
from tests.reader_samples import (
    DAMAGED,
    OWN_HEADERS,
    RECOGNISED,
    REGISTER,
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


# What a file is


@pytest.mark.parametrize("name", RECOGNISED)
def test_each_sample_is_recognised_by_itself(name: str, empty: Kijkglas, tmp_path: Path) -> None:
    (path,) = copied(tmp_path / "in", TABLES[name])
    done = empty("import", path, *days_of(name), *TODAY)
    assert done.status == (3 if DAMAGED in name else 0), done.err
    assert f"\n  {source_of(name)}, " in f"\n{done.err}"
    assert columns(imports(empty), "bron", "bestand") == [(source_of(name), path.name)]


@pytest.mark.parametrize("name", RECOGNISED)
def test_a_sample_is_the_same_when_its_source_is_given(
    name: str, empty: Kijkglas, tmp_path: Path
) -> None:
    (path,) = copied(tmp_path / "in", TABLES[name])
    words = ("import", path, *days_of(name), "--dry-run", *TODAY)
    assert empty(*words, "--source", source_of(name)) == empty(*words)


def test_what_is_said_of_every_sample(tmp_path: Path, golden: Golden) -> None:
    """Each in a ledger of its own: what it says stands in one golden file."""
    told = []
    for name in RECOGNISED:
        folder = tmp_path / name.replace("/", "-")
        folder.mkdir()
        command = ledger_with(folder)
        (path,) = copied(folder / "in", TABLES[name])
        done = command("import", path, *days_of(name), *TODAY)
        err = done.err.replace(f"{folder}/in/", "")
        told.append(f"# {name}\n{done.out}{err}uitgangsstatus {done.status}\n")
    golden(GOLDEN / "import" / "lezers.txt", "\n".join(told).encode())


def test_a_source_that_is_given_goes_before_what_a_file_looks_like(
    empty: Kijkglas, tmp_path: Path
) -> None:
    (path,) = copied(tmp_path / "in", REGISTER)
    done = empty("import", path, "--source", "dashboard-1b", *TODAY)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("tlv-register.csv: ")
    assert "VESTIGINGSCODE" in done.err
    assert feed(empty) == []


def test_a_file_of_no_source_says_what_to_do(empty: Kijkglas, tmp_path: Path) -> None:
    (path,) = copied(tmp_path / "in", TABLES[OWN_HEADERS])
    done = empty("import", path, *TODAY)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(
        "eigen-koppen.csv wordt niet herkend aan de kop; kies met --source uit: dashboard-1b, "
    )
    assert "tlv-register" in done.err


def test_a_file_of_two_sources_asks_which(empty: Kijkglas, tmp_path: Path) -> None:
    path = tmp_path / "twee.csv"
    (counts,) = LEZERS.glob("dashboard-1a-vo/*_met_tlv_*.csv")
    header = dict.fromkeys([*FIRST, *rows_of(counts)[0]])
    path.write_text(";".join(header) + "\n", encoding="utf-8")
    done = empty("import", at(path, FEB), *TODAY)
    assert done.status == 2
    assert (
        "twee.csv kan van meer dan een bron zijn: dashboard-1b, dashboard-1a; kies met " in done.err
    )


@pytest.mark.parametrize("source", ["excel", "Dashboard-1b", ""])
def test_a_source_that_does_not_exist_is_a_usage_error(
    source: str, empty: Kijkglas, tmp_path: Path
) -> None:
    done = empty("import", csv_file(tmp_path / NAME, [FIRST]), "--source", source)
    assert done.status == 2
    assert "--source" in done.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("oud.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "oude werkmap (.xls)"),
        ("pagina.xls", b"<html><table></table></html>", "HTML of XML"),
        ("leeg.csv", b"", "het bestand is leeg"),
        ("leeg.xlsx", b"", "het bestand is leeg"),
        ("kapot.xlsx", b"PK\x03\x04 niets", "de werkmap is beschadigd"),
        ("plaatje.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "de tekens zijn niet te lezen"),
        ("lijst.json", b'[{"pgn": 1}]', "JSON-lijst"),
        ("kop.csv", b"a;b\r\n1;2\r\n", "wordt niet herkend aan de kop"),
    ],
)
def test_what_is_no_table_is_said_with_what_to_do(
    name: str, content: bytes, said: str, empty: Kijkglas, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    at(path, FEB)
    done = empty("import", path, *TODAY)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(name)
    assert said in done.err
    assert "; " in done.err, "what to do stands behind the rule"
    assert imports(empty) == []


def test_a_file_that_is_not_there_does_not_hold_up_the_others(
    known: Kijkglas, tmp_path: Path
) -> None:
    good = csv_file(tmp_path / NAME, [counted(0)])
    bad = csv_file(tmp_path / "fout.csv", [counted(1), {**counted(2), "VESTIGINGSCODE": "XX"}])
    done = known("import", tmp_path / "nergens.csv", good, bad, *TODAY)
    assert done.status == 2, "unreadable goes before refused"
    assert "nergens.csv kan niet worden gelezen" in done.err
    assert [line.partition(":")[0] for line in done.out.splitlines()] == [NAME, "fout.csv"]
    assert columns(known.stand("2025-02-01"), "pgn") == sorted([(PGNS[0],), (PGNS[1],)])


# What is said


def test_the_sums_the_source_and_the_moment_are_said(known: Kijkglas, tmp_path: Path) -> None:
    path = csv_file(tmp_path / NAME, [counted(0), by_residence(1), {**counted(2), "TELDATUM": "x"}])
    done = known("import", path, *TODAY)
    assert done.status == 3
    assert done.out == f"{NAME}: 3 regels, geboekt 7, al bekend 0, afgekeurd 1, let op 0\n"
    assert done.err.splitlines() == [
        (
            f"afgekeurd {NAME}:4 TELDATUM: 'x' is geen bestaande datum; schrijf bijvoorbeeld "
            "1-2-2025 of 2025-02-01"
        ),
        (
            "  dashboard-1b, PO2304, teldatum 1-2-2025, bekend op 10-02-2025 12:00 (tijd van het "
            "bestand)"
        ),
        f"afgekeurde regels met reden: {tmp_path}/{NAME.removesuffix('.csv')}.afgekeurd.csv",
        "  verbeter ze en lees ze in met --bekend-op 2025-02-10T12:00:00+01:00",
    ]


def test_every_problem_of_a_row_is_said_at_once_with_its_remedy(
    known: Kijkglas, tmp_path: Path
) -> None:
    row = counted(0, VESTIGINGSCODE="99", DATUM_INSCHRIJVING="31-2-2024", EIND_DATUM_TLV="morgen")
    done = known("import", csv_file(tmp_path / "fout.csv", [row]), *TODAY)
    said = [line for line in done.err.splitlines() if line.startswith("afgekeurd fout.csv:2 ")]
    assert [line.split()[2] for line in said] == [
        "VESTIGINGSCODE:",
        "DATUM_INSCHRIJVING:",
        "EIND_DATUM_TLV:",
    ]
    assert all("; " in line for line in said)


def test_the_same_remark_is_said_five_times_and_then_counted(
    known: Kijkglas, tmp_path: Path
) -> None:
    rows = [counted(n, VESTIGINGSCODE="0SU00") for n in range(8)]
    rows = [{**row, "VESTIGINGSCODE": "00SU00", "INSTELLINGSCODE": "0SU"} for row in rows]
    done = known.imported(csv_file(tmp_path / NAME, rows))
    assert done.err.count("let op Bekostigde") == 5
    assert "let op nog 3 keer bij INSTELLINGSCODE: " in done.err
    assert done.out.endswith("let op 8\n")


def test_refusals_of_one_kind_are_said_twenty_times_and_then_counted(
    known: Kijkglas, tmp_path: Path
) -> None:
    rows = [counted(n % 12, VESTIGINGSCODE="99", INSCHRIJVINGSVOLGNUMMER=str(n)) for n in range(23)]
    done = known("import", csv_file(tmp_path / "fout.csv", rows), *TODAY)
    assert done.err.count("afgekeurd fout.csv:") == 20
    assert "afgekeurd nog 3 keer bij VESTIGINGSCODE: " in done.err
    assert len(rows_of(tmp_path / "fout.afgekeurd.csv")) == 23


def test_a_process_of_its_own_says_the_same_and_shows_no_traceback(
    known: Kijkglas, tmp_path: Path
) -> None:
    good = csv_file(tmp_path / NAME, [counted(0)])
    bad = csv_file(tmp_path / "fout.csv", [counted(1, TELDATUM="x")])
    none = tmp_path / "kapot.xlsx"
    none.write_bytes(b"PK\3\4")
    for path, status in ((good, 0), (bad, 3), (none, 2)):
        dry = known("import", path, "--dry-run", *TODAY)
        ran = process("--ledger", address_of(known.ledger), "import", path, "--dry-run", *TODAY)
        assert (ran.returncode, ran.stdout) == (status, dry.data)
        assert ran.stderr.decode() == dry.err
        assert b"Traceback" not in ran.stderr


# No PGN in what is said


def _pgns_in(path: Path) -> set[str]:
    """Return every run of eight or nine digits in a file."""
    return set(re.findall(r"(?<!\d)\d{8,9}(?!\d)", path.read_bytes().decode("cp1252", "replace")))


@pytest.mark.parametrize("name", sorted(TABLES))
def test_no_pgn_is_said_of_any_sample(name: str, empty: Kijkglas, tmp_path: Path) -> None:
    (path,) = copied(tmp_path / "in", TABLES[name])
    pgns = _pgns_in(path)
    words = ("import", path, *days_of(name), *TODAY)
    said = [empty(*words, "--dry-run").err]
    for more in ((), ("--source", "tlv-register"), ("--complete",), ("--strict",)):
        done = empty(*words, *more)
        said += [done.out, done.err]
    for listing in ("imports", "verify"):
        done = empty(listing)
        said += [done.out, done.err]
    said += [str(one) for one in tmp_path.rglob("*")]
    for row in imports(empty):
        done = empty("undo", row["import_id"])
        said += [done.out, done.err]
    assert not [text for text in said for pgn in pgns if pgn in text]


@pytest.mark.parametrize(
    ("rows", "moment", "more"),
    [
        ([counted(0)], FEB, ()),
        ([counted(0, TELDATUM="x")], FEB, ()),
        ([counted(0)], "2025-01-10T12:00", ()),
        ([counted(0)], "2027-01-10T12:00", ()),
        ([counted(0)], FEB, ("--source", "gebeurtenissen")),
        ([counted(0)], FEB, ("--source", "vestigingen")),
        ([{"a": "1"}], FEB, ()),
        (None, FEB, ()),
        (None, FEB, ("--source", "tlv-register")),
        (None, FEB, ("--suggest-map",)),
    ],
)
def test_a_pgn_in_the_name_of_a_file_is_masked(
    rows: list[dict[str, str]] | None,
    moment: str,
    more: tuple[str, ...],
    known: Kijkglas,
    tmp_path: Path,
) -> None:
    path = tmp_path / f"{PGNS[5]}.csv"
    if rows is not None:
        csv_file(path, rows, moment)
    done = known("import", path, *TODAY, *more)
    listed = known.fine("imports")
    assert PGNS[5] not in done.out + done.err + listed.out
    assert "*********" in done.out + done.err
