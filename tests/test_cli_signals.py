"""`signals` as a user asks it: which of them, in which form, and a file for each school."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from projections.layouts import load
from projections.signalen.model import SIGNALEN
from tests.command import GOLDEN, SAMPLES, TODAY, Kijkglas, columns, ledger_with
from tests.conftest import Golden
from tests.ledgers import write_feed
from tests.why_examples import HERE, OTHER_PGN, REGION, THERE, enrolled, home, tlv

T = "2025-02-01"
ASKED = ("signals", "--swv", HERE, "--teldatum", T, *TODAY)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give a ledger in which two schools and a samenwerkingsverband have something to do."""
    history = [
        *REGION,
        enrolled("2024-08-01"),
        home(pgn=OTHER_PGN),
        enrolled("2024-08-01", "2025-03-10", key="14YY/2", pgn=OTHER_PGN),
        tlv(days=("2024-08-01", "2026-06-30")),
    ]
    return ledger_with(tmp_path_factory.mktemp("signalen"), history)


def test_the_screen_shows_them_in_short(odd: Kijkglas, golden: Golden) -> None:
    golden(GOLDEN / "signalen.txt", odd.fine(*ASKED, "--format", "table").data)


def test_the_rows_have_all_columns_of_the_layout(odd: Kijkglas) -> None:
    done = odd.fine(*ASKED, "--format", "json")
    names = [column.naam for column in load("signalen").find("signalen").columns()]
    assert [list(row) for row in done.rows] == [names] * len(done.rows)
    assert columns(done.rows, "signaal", "instellingscode", "wie") == [
        ("zonder-tlv", "12QN", "school"),
        ("zonder-tlv", "14YY", "school"),
        ("tlv-termijn", "12QN", "samenwerkingsverband"),
        ("na-vaststelling", "14YY", "school"),
    ]
    assert {row["regel"] for row in done.rows} <= {one.regel for one in SIGNALEN.values()}


def test_how_much_was_looked_at_is_always_said(odd: Kijkglas) -> None:
    told = odd.fine(*ASKED, "--format", "json").answer["herkomst"]["opmerkingen"]
    assert told[0] == "Gekeken naar 2 inschrijvingen in sbo, so en vso van 2 leerlingen; 4 signalen"
    asked = (*ASKED, "--signaal", "dubbele-inschrijving", "--format", "json")
    done = odd.fine(*asked)
    assert done.rows == []
    assert done.answer["herkomst"]["opmerkingen"] == [
        "Gekeken naar 2 inschrijvingen in sbo, so en vso van 2 leerlingen; 0 signalen",
        "Gezocht: dubbele-inschrijving",
    ]
    done = odd.fine(*asked, "--vestiging", "12QN00")
    assert done.answer["herkomst"]["opmerkingen"][0] == (
        "Gekeken naar 1 inschrijving in sbo, so en vso van 1 leerling; 0 signalen"
    )


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (["--signaal", "na-vaststelling", "--signaal", "zonder-tlv"],
         ["zonder-tlv", "zonder-tlv", "na-vaststelling"]),
        (["--vestiging", "12QN00"], ["zonder-tlv", "tlv-termijn"]),
        (["--bekend-op", "vaststelling"], ["zonder-tlv", "tlv-termijn"]),
        (["--bekend-op", "2025-03-10", "--vestiging", "14YY00"], ["zonder-tlv", "na-vaststelling"]),
        (["--teldatum", "2024-07-31"], ["tlv-termijn"]),
        (["--swv", THERE], ["zonder-tlv", "na-vaststelling"]),
        (["--positie", "8"], []),
    ],
)  # fmt: skip
def test_what_is_asked_for(odd: Kijkglas, more: list[str], found: list[str]) -> None:
    rows = odd.fine(*ASKED, *more, "--format", "json").rows
    assert [row["signaal"] for row in rows] == found


def test_the_end_of_a_tlv_is_looked_for_as_far_as_asked(tmp_path: Path) -> None:
    days = ("2023-08-01", "2025-07-31")
    issued = tlv(days=days)
    linked = enrolled("2024-08-01", tlv=[issued["nummer"]])
    command = ledger_with(tmp_path, [*REGION, issued, linked])
    assert command.fine(*ASKED, "--format", "json").rows == []
    (row,) = command.fine(*ASKED, "--maanden", "6", "--format", "json").rows
    assert (row["signaal"], row["wie"]) == ("tlv-loopt-af", "samenwerkingsverband")


def test_each_school_gets_its_own_file(odd: Kijkglas, tmp_path: Path) -> None:
    folder = tmp_path / "scholen"
    done = odd.fine(*ASKED, "--per-school", "-o", folder)
    assert done.out == ""
    files = sorted(path.name for path in folder.glob("*.csv"))
    assert files == ["signalen_12QN.csv", "signalen_14YY.csv"]
    text = (folder / "signalen_14YY.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    assert columns(rows, "signaal", "instellingscode", "pgn", "wie") == [
        ("zonder-tlv", "14YY", OTHER_PGN, "school"),
        ("na-vaststelling", "14YY", OTHER_PGN, "school"),
    ]
    herkomst = json.loads((folder / "signalen_14YY.csv.herkomst.json").read_text(encoding="utf-8"))
    assert herkomst["signalen_14YY.csv"]["tabellen"] == {"signalen": 2}


def test_a_file_for_a_school_says_nothing_of_another_school(odd: Kijkglas, tmp_path: Path) -> None:
    odd.fine(*ASKED, "--per-school", "-o", tmp_path / "uit", "--format", "xlsx")
    book = load_workbook(tmp_path / "uit" / "signalen_14YY.xlsx")
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any("14YY" in cell for cell in cells)
    assert not any("12QN" in cell for cell in cells)


def test_without_a_school_that_can_act_no_file_is_written(odd: Kijkglas, tmp_path: Path) -> None:
    folder = tmp_path / "leeg"
    done = odd.fine(*ASKED, "--signaal", "tlv-termijn", "--per-school", "-o", folder)
    assert "geen signalen waar een school iets aan kan doen" in done.err
    assert list(folder.iterdir()) == []


def test_the_files_for_schools_need_a_folder(odd: Kijkglas) -> None:
    done = odd(*ASKED, "--per-school")
    assert done.status == 2
    assert "geef de map met -o MAP" in done.err


def test_a_file_is_no_folder_for_schools(odd: Kijkglas, tmp_path: Path) -> None:
    (tmp_path / "uit").write_text("x", encoding="utf-8")
    done = odd(*ASKED, "--per-school", "-o", tmp_path / "uit")
    assert done.status == 2
    assert f"{tmp_path / 'uit'} is een bestand; geef een map" in done.err


def test_a_signal_that_does_not_exist_is_a_usage_error(odd: Kijkglas) -> None:
    done = odd(*ASKED, "--signaal", "van-alles")
    assert done.status == 2
    assert "van-alles" in done.err


def test_a_file_with_refused_rows_is_a_signal_until_it_is_undone(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, REGION)
    wrong = write_feed(tmp_path / "fout.jsonl", [enrolled("2024-08-01", pgn="123456789")])
    assert command("import", wrong, *TODAY).status == 3
    (row,) = command.fine(*ASKED, "--format", "json").rows
    assert (row["signaal"], row["pgn"], row["wie"]) == (
        "afgekeurde-regels",
        "",
        "samenwerkingsverband",
    )
    assert row["toelichting"].startswith("fout.jsonl (")
    assert ": 1 van 1 regels afgekeurd; " in row["toelichting"]
    assert "123456789" not in json.dumps(row)
    (mine,) = [one for one in command.fine("imports", "--format", "json").rows if one["afgekeurd"]]
    command.fine("undo", mine["import_id"])
    assert command.fine(*ASKED, "--format", "json").rows == []


@pytest.mark.parametrize("form", ["csv", "csv-excel", "jsonl", "xlsx", "table"])
def test_every_form_has_every_row(odd: Kijkglas, form: str, tmp_path: Path) -> None:
    path = tmp_path / f"uit.{ {'csv-excel': 'csv', 'table': 'txt'}.get(form, form) }"
    odd.fine(*ASKED, "--format", form, "-o", path)
    if form == "xlsx":
        sheet = load_workbook(path)["Signalen"]
        text = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    else:
        text = path.read_text(encoding="utf-8-sig")
    assert text.count("zonder-tlv") == 2, text
    assert text.count("na-vaststelling") == 1


def test_the_region_shows_every_kind_of_mistake_it_holds(region_ledger: Kijkglas) -> None:
    rows = region_ledger.fine(
        "signals", "--swv", "PO9901", "--teldatum", T, "--format", "json"
    ).rows
    assert {row["signaal"] for row in rows} >= {"zonder-tlv", "tlv-loopt-af", "na-vaststelling"}
    assert all(row["gebeurtenissen"] and row["sinds"] for row in rows)
    again = sorted(rows, key=lambda row: list(SIGNALEN).index(row["signaal"]))
    assert again == rows


def test_a_sample_of_the_worked_cases_shows_its_double_enrolment(tmp_path: Path) -> None:
    (folder,) = SAMPLES.glob("C11-*")
    command = ledger_with(tmp_path, folder / "feed.jsonl")
    rows = command.fine("signals", "--teldatum", T, "--format", "json").rows
    assert "dubbele-inschrijving" in {row["signaal"] for row in rows}
