"""The commands `reconcile` and `seals` on the synthetic region and its files (cli.md)."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.command import SAMPLES, TODAY, Done, Kijkglas
from tests.ledgers import write_feed
from tests.places import copied

REGION = SAMPLES / "region"
FILE = REGION / "Bekostigde_leerlingen_PO9901_01_02_2025.csv"
THEN = ("--bekend-op", "vaststelling")
LINE = 5
"""The row of the file that the tests leave out."""


@pytest.fixture
def without(tmp_path: Path) -> Path:
    """Give the 1B of the region without one pupil."""
    path = tmp_path / FILE.name
    lines = FILE.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: LINE - 1] + lines[LINE:]))
    return path


@pytest.fixture
def own(region_ledger: Kijkglas, tmp_path: Path) -> Kijkglas:
    """Give a copy of the region's ledger, to write in."""
    folder = tmp_path / "grootboek"
    copied(region_ledger.ledger, folder)
    return Kijkglas(folder)


def pgn() -> str:
    """Return the pupil that `without` lacks."""
    return FILE.read_text(encoding="utf-8-sig").splitlines()[LINE - 1].split(";")[0].zfill(9)


def _kenmerk(done: Done) -> str:
    (row,) = done.answer["verschillen"]
    return str(row["kenmerk"])


# What is compared


def test_a_faultless_file_has_no_differences_and_says_what_was_compared(
    region_ledger: Kijkglas,
) -> None:
    done = region_ledger("reconcile", FILE, *THEN, "--format", "json")
    assert done.status == 0
    assert done.answer["verschillen"] == []
    assert done.answer["per_klasse"] == {}
    counted = done.answer["vergeleken"]
    assert counted["links"] == counted["rechts"] == counted["gelijk"] == 116
    assert "116 sleutels links en 116 rechts, 116 gelijk, 0 verschillen." in done.err
    assert done.answer["herkomst"]["status"] == "definitief"


def test_the_teldatum_is_that_of_the_file(region_ledger: Kijkglas) -> None:
    done = region_ledger("reconcile", FILE, *THEN, "--format", "json", "--today", "2030-01-01")
    assert done.answer["teldatum"] == "2025-02-01"
    assert done.status == 0


def test_a_pupil_that_duo_misses_is_found(region_ledger: Kijkglas, without: Path) -> None:
    done = region_ledger("reconcile", without, *THEN, "--format", "json")
    assert done.status == 1
    (row,) = done.answer["verschillen"]
    assert (row["pgn"], row["soort"], row["klasse"]) == (pgn(), "alleen-bij-ons", "alleen-bij-ons")
    assert (row["aantal"], row["wie"]) == (-1, "school")
    assert row["gebeurtenissen"]


def test_a_file_with_a_header_alone_is_of_who_its_name_says(
    region_ledger: Kijkglas, tmp_path: Path
) -> None:
    path = tmp_path / FILE.name
    path.write_bytes(FILE.read_bytes().splitlines(keepends=True)[0])
    done = region_ledger("reconcile", path, *THEN, "--format", "json")
    assert done.status == 1
    assert done.answer["vergeleken"]["rechts"] == len(done.answer["verschillen"]) == 116
    nameless = path.rename(tmp_path / "leeg.csv")
    refused = region_ledger("reconcile", nameless, *THEN)
    assert refused.status == 2
    assert "er is geen leesbare rij" in refused.err


def test_a_file_whose_rows_cannot_be_read_says_nothing_of_who_is_missing(
    region_ledger: Kijkglas, tmp_path: Path
) -> None:
    path = tmp_path / FILE.name
    header, row = FILE.read_text(encoding="utf-8-sig").splitlines()[:2]
    path.write_text(f"{header}\n{row.replace(row[:9], '123456789', 1)}\n", encoding="utf-8")
    refused = region_ledger("reconcile", path, *THEN)
    assert refused.status == 2
    assert "er is geen leesbare rij" in refused.err


def test_two_downloads_are_compared_with_each_other(region_ledger: Kijkglas, without: Path) -> None:
    done = region_ledger("reconcile", FILE, "--against", without, "--format", "json")
    assert done.status == 1
    assert done.answer["aansluiting"] == "twee downloads van 1B"
    assert len(done.answer["verschillen"]) == 1


def test_the_same_file_twice_has_no_differences(region_ledger: Kijkglas) -> None:
    assert region_ledger("reconcile", FILE, "--against", FILE).status == 0


# Where it goes


def test_a_screen_shows_a_page(region_ledger: Kijkglas, without: Path) -> None:
    done = region_ledger("reconcile", without, screen=True)
    assert done.status == 1
    lines = done.out.splitlines()
    assert len(lines) <= 60
    assert "Aansluiting 1B tegen grootboek, PO9901, teldatum 1-2-2025" in lines[0]


def test_a_pipe_gets_the_differences_as_csv(region_ledger: Kijkglas, without: Path) -> None:
    done = region_ledger("reconcile", without, *THEN)
    assert [row["pgn"] for row in done.lines] == [pgn()]
    assert done.err.count("1 verschil.") == 1


@pytest.mark.parametrize("name", ["uit.html", "uit.json", "uit.txt", "uit.csv", "uit.xlsx"])
def test_a_file_gets_the_form_of_its_ending(
    region_ledger: Kijkglas, without: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    done = region_ledger("reconcile", without, *THEN, "-o", path)
    assert done.status == 1
    assert f"geschreven: {path}" in done.err
    starts = {"html": b"<!DOCTYPE", "json": b'{"herkomst"', "txt": b"Aansluiting", "xlsx": b"PK"}
    starts["csv"] = b"kenmerk,"
    assert path.read_bytes().startswith(starts[name.partition(".")[2]])


def test_the_workbook_has_the_sheets_of_the_contract(
    region_ledger: Kijkglas, without: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.xlsx"
    region_ledger("reconcile", without, *THEN, "-o", path)
    book = load_workbook(path)
    assert book.sheetnames == [
        "Samenvatting",
        "Verschillen",
        "Alleen bij ons",
        "Alleen bij DUO",
        "Dubbelen",
        "Herkomst",
    ]
    assert [book[name].max_row - 1 for name in book.sheetnames[1:5]] == [0, 1, 0, 0]


@pytest.mark.parametrize("form", ["table", "json", "html", "csv", "csv-excel", "jsonl"])
def test_incognito_shows_no_pgn(region_ledger: Kijkglas, without: Path, form: str) -> None:
    done = region_ledger("reconcile", without, "--incognito", "--format", form)
    pgns = {line.split(";")[0] for line in FILE.read_text(encoding="utf-8-sig").splitlines()[1:]}
    assert "leerling-001" in done.out
    assert not [one for one in pgns if one in done.out + done.err]


def test_incognito_holds_in_a_workbook(
    region_ledger: Kijkglas, without: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.xlsx"
    region_ledger("reconcile", without, *THEN, "--incognito", "-o", path)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as book:
        said = "".join(book.read(name).decode() for name in book.namelist())
    assert "leerling-001" in said
    assert pgn() not in said


# Accepting


def test_an_accepted_difference_stays_out_until_its_value_changes(
    own: Kijkglas, without: Path
) -> None:
    ask = ("reconcile", without, *THEN, "--format", "json")
    name = _kenmerk(own(*ask))
    accept = ("--accept", name, "--reden", "school meldt na", "--paraaf", "AB")
    accepting = own(*ask, *accept)
    assert accepting.status == 0
    again = own(*ask)
    assert again.status == 0
    assert again.answer["verschillen"] == []
    assert [row["geaccepteerd"] for row in again.answer["geaccepteerd"]] == ["school meldt na (AB)"]
    assert own("reconcile", FILE, *THEN).status == 0
    assert pgn() not in _log(own)


def _log(command: Kijkglas) -> str:
    """Return the acceptances of a ledger as the feed has them."""
    lines = command.exported().decode().splitlines()
    return "\n".join(line for line in lines if '"VerschilGeaccepteerd"' in line)


def test_an_acceptance_is_exported_and_reads_back(own: Kijkglas, without: Path) -> None:
    ask = ("reconcile", without, *THEN, "--format", "json")
    name = _kenmerk(own(*ask))
    own(*ask, "--accept", name, "--reden", "school meldt na", "--paraaf", "AB")
    fact = json.loads(_log(own))
    assert (fact["paar"], fact["swv"], fact["teldatum"]) == (
        "1B tegen grootboek",
        "PO9901",
        "2025-02-01",
    )
    assert fact["sleutel"].startswith(name)


@pytest.mark.parametrize(
    "words",
    [
        ("--accept", "onbekend", "--reden", "x", "--paraaf", "AB"),
        ("--accept", "onbekend"),
        ("--accept", "onbekend", "--reden", "x"),
        ("--reden", "x"),
        ("--seal", "--positie", "10"),
        ("--against", "bestaat-niet.csv"),
        ("--format", "svg"),
        ("-o", "uit.onbekend"),
        ("--tarieven", "bestaat-niet.csv"),
    ],
)
def test_a_wrong_use_ends_with_2(own: Kijkglas, without: Path, words: tuple[str, ...]) -> None:
    before = own.exported()
    done = own("reconcile", without, *THEN, *words)
    assert done.status == 2, done.err
    assert done.err
    assert own.exported() == before


def test_a_file_that_is_no_pair_ends_with_2(region_ledger: Kijkglas, tmp_path: Path) -> None:
    path = tmp_path / "iets.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    done = region_ledger("reconcile", path)
    assert done.status == 2
    assert "iets.csv" in done.err


# Sealing


def test_a_seal_is_listed_and_broken_by_a_later_event(own: Kijkglas, tmp_path: Path) -> None:
    sealed = own("reconcile", FILE, *THEN, "--seal", *TODAY)
    assert (sealed.status, "verzegeld als gebeurtenis" in sealed.err) == (0, True)
    (seal,) = own("seals", "--format", "json").answer["tabellen"]["zegels"]
    assert (seal["swv"], seal["teldatum"], seal["klopt"]) == ("PO9901", "2025-02-01", True)
    own.imported(_late(tmp_path, "2025-02-20"))
    answer = own("seals", "--swv", "PO9901", "--format", "json").answer["tabellen"]
    assert [row["klopt"] for row in answer["zegels"]] == [False]
    assert [row["verschil"] for row in answer["wijzigingen"]] == [1, 1]
    named = {row["gebeurtenissen"].partition(" (")[0] for row in answer["wijzigingen"]}
    assert named == {"WoonplaatsVastgelegd", "InschrijvingGeregistreerd 99AL/LAAT1"} & named
    assert named


def test_a_broken_seal_stands_on_top_of_the_next_report(own: Kijkglas, tmp_path: Path) -> None:
    own("reconcile", FILE, *THEN, "--seal", *TODAY)
    own.imported(_late(tmp_path, "2025-06-20"))
    done = own("reconcile", FILE, *THEN, "--format", "table")
    assert done.out.splitlines()[2].startswith("LET OP, zegel verbroken: 1B tegen grootboek")
    other = own("reconcile", REGION / FILE.name.replace("PO", "VO"), *THEN, screen=True)
    assert "LET OP" not in other.out


def test_an_undone_import_breaks_a_seal_too(own: Kijkglas, tmp_path: Path) -> None:
    own.imported(_late(tmp_path, "2025-06-20"))
    own("reconcile", FILE, "--seal", *TODAY)
    name = own("imports", "--format", "json").rows[-1]["import_id"]
    own.fine("undo", name)
    (row,) = own("seals", "--format", "json").answer["tabellen"]["wijzigingen"]
    assert row["verschil"] == -1
    assert row["gebeurtenissen"] == "een boeking die is teruggedraaid of vervallen"


def test_seals_of_nothing_are_none(region_ledger: Kijkglas) -> None:
    done = region_ledger("seals", "--format", "json")
    assert (done.status, done.answer["tabellen"]) == (0, {"zegels": [], "wijzigingen": []})


def _late(folder: Path, known: str) -> Path:
    """Return a feed with a pupil of so in PO9901 that was registered late."""
    pupil = {"bekend_op": known, "bron": "school", "pgn": "123456782"}
    return write_feed(
        folder / "laat.jsonl",
        [
            {"type": "WoonplaatsVastgelegd", **pupil, "vanaf": "2020-08-01", "swv": ["PO9901"]},
            {
                "type": "InschrijvingGeregistreerd",
                **pupil,
                "instellingscode": "99AL",
                "volgnummer": "LAAT1",
                "begindatum": "2024-08-01",
                "vestigingscode": "99AL00",
                "schoolsoort": "SO",
            },
        ],
    )
