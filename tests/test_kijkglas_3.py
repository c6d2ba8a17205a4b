"""Kijkglas 3: the growth of (v)so pupils with a tlv, 1 October to 1 February (rules.md 7)."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tests.command import GOLDEN, Kijkglas, Row, columns, ledger_with
from tests.conftest import Golden
from tests.movement_examples import PGNS, changed, with_tlv
from tests.oracle_examples import enrolled
from tests.test_kijkglas_2 import REGIMES, story

GROEI = [
    "SAMENWERKINGSVERBAND",
    "SCHOOLSOORT",
    "INSTELLINGSCODE",
    "VESTIGINGSCODE",
    "CATEGORIE",
    "AANTAL_1_OKT",
    "AANTAL_1_FEB",
    "INSTROOM",
    "UITSTROOM",
    "OVERGANG_IN",
    "OVERGANG_UIT",
    "GROEI",
]
TOTAAL = [
    "SAMENWERKINGSVERBAND",
    "SCHOOLSOORT",
    "AANTAL_1_OKT",
    "AANTAL_1_FEB",
    "INSTROOM",
    "UITSTROOM",
    "DOORSTROOM",
    "GROEI",
]
ENDED = "De groeiregeling is per 1-1-2023 vervallen; "


def asked(
    command: Kijkglas, swv: str, *more: object, teldatum: str = "2025-02-01"
) -> dict[str, list[Row]]:
    """Return the tables of kijkglas 3."""
    ask = ("report", "kijkglas-3", "--swv", swv, "--teldatum", teldatum, *more)
    tables: dict[str, list[Row]] = command.fine(*ask, "--format", "json").answer["tabellen"]
    return tables


@REGIMES
def test_growth_per_vestiging_and_categorie(
    swv: str, soort: str, other: str, here: str, there: str, tmp_path: Path
) -> None:
    assert here < there
    tables = asked(ledger_with(tmp_path, story(swv, soort, other)), swv)
    assert list(tables) == ["groei", "totaal"]
    assert [list(row) for row in tables["groei"]] == [GROEI] * 3
    assert columns(tables["groei"], *GROEI) == [
        (swv, soort, "12QN", "12QN00", "HOOG", 0, 1, 0, 0, 1, 0, 1),
        (swv, soort, "12QN", "12QN00", "LAAG", 4, 2, 2, 2, 0, 2, -2),
        (swv, soort, "14YY", "14YY00", "LAAG", 0, 2, 1, 0, 1, 0, 2),
    ]
    assert [list(row) for row in tables["totaal"]] == [TOTAAL]
    assert columns(tables["totaal"], *TOTAAL) == [(swv, soort, 4, 5, 3, 2, 1, 1)]


def test_pupils_without_tlv_and_of_sbo_are_no_growth(tmp_path: Path) -> None:
    history = [
        *with_tlv(PGNS[0], "PO2304-2024-00001", "2024-11-01", categorie="SBO", schoolsoort="SBO"),
        enrolled("SO", "2024-11-01", pgn=PGNS[1]),
        *with_tlv(PGNS[2], "PO2304-2024-00002", "2024-11-01", soort_verblijf="GJI"),
    ]
    tables = asked(ledger_with(tmp_path, history), "PO2304")
    assert tables["groei"] == []
    assert columns(tables["totaal"], *TOTAAL[2:]) == [(0, 0, 0, 0, 0, 0)]


def test_a_residential_pupil_with_a_tlv_of_the_school_is_a_member(tmp_path: Path) -> None:
    history = with_tlv(PGNS[0], "PO2304-2024-00001", "2024-11-01", soort_verblijf="IJH")
    (totaal,) = asked(ledger_with(tmp_path, history), "PO2304")["totaal"]
    assert totaal["INSTROOM"] == 1


def test_growth_is_as_known_then(tmp_path: Path) -> None:
    history = [
        *with_tlv(PGNS[0], "PO2304-2024-00001", "2024-08-01"),
        *with_tlv(PGNS[1], "PO2304-2024-00002", "2024-11-01", bekend_op="2025-03-10"),
    ]
    command = ledger_with(tmp_path, history)
    growth = [
        asked(command, "PO2304", "--bekend-op", known)["totaal"][0]["GROEI"]
        for known in ("vaststelling", "2025-03-09", "2025-03-10", "nu")
    ]
    assert growth == [0, 0, 1, 1]


def test_growth_is_that_of_the_school_year_of_the_teldatum(tmp_path: Path) -> None:
    history = with_tlv(PGNS[0], "PO2304-2021-00001", "2021-11-01", tlv_begin="2021-08-01")
    command = ledger_with(tmp_path, history)
    growth = [
        asked(command, "PO2304", teldatum=teldatum)["totaal"][0]["INSTROOM"]
        for teldatum in ("2020-10-01", "2021-10-01", "2022-02-01", "2023-02-01")
    ]
    assert growth == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("teldatum", "ended"),
    [("2021-10-01", False), ("2022-02-01", False), ("2022-02-02", True), ("2025-02-01", True)],
)
def test_after_the_settlement_ended_it_says_so(
    teldatum: str, ended: bool, region_ledger: Kijkglas
) -> None:
    ask = ("report", "kijkglas-3", "--swv", "PO9901", "--teldatum", teldatum)
    answer = region_ledger.fine(*ask, "--format", "json").answer
    assert [said.startswith(ENDED) for said in answer["herkomst"]["opmerkingen"]] == (
        [False, True] if ended else [False]
    )
    for form in ("csv", "table"):
        done = region_ledger.fine(*ask, "--format", form)
        assert (ENDED in done.err + done.out) == ended


def test_a_row_adds_up_with_its_transfers(tmp_path: Path) -> None:
    history = [
        *with_tlv(PGNS[0], "PO2304-2024-00001", "2024-08-01"),
        *changed(PGNS[0], "PO2304-2025-00001", "2025-01-01", "MIDDEN"),
    ]
    rows = asked(ledger_with(tmp_path, history), "PO2304")["groei"]
    assert columns(rows, "CATEGORIE", *GROEI[5:]) == [
        ("LAAG", 1, 0, 0, 0, 0, 1, -1),
        ("MIDDEN", 0, 1, 0, 0, 1, 0, 1),
    ]


@pytest.mark.parametrize("swv", ["PO9901", "PO9902", "VO9901"])
def test_the_rows_of_the_region_add_up_and_equal_kijkglas_2(
    swv: str, region_ledger: Kijkglas
) -> None:
    tables = asked(region_ledger, swv)
    (totaal,) = tables["totaal"]
    for row in tables["groei"]:
        moved = row["INSTROOM"] - row["UITSTROOM"] + row["OVERGANG_IN"] - row["OVERGANG_UIT"]
        assert row["GROEI"] == moved == row["AANTAL_1_FEB"] - row["AANTAL_1_OKT"]
    for name in ("AANTAL_1_OKT", "AANTAL_1_FEB", "INSTROOM", "UITSTROOM", "GROEI"):
        assert totaal[name] == sum(row[name] for row in tables["groei"])
    assert totaal["AANTAL_1_OKT"] > 0
    ask = ("report", "kijkglas-2", "--swv", swv, "--teldatum", "2025-02-01", "--format", "json")
    flagged = region_ledger.fine(*ask).answer["tabellen"]["inschrijvingen"]
    for name in ("INSTROOM", "UITSTROOM", "DOORSTROOM"):
        assert totaal[name] == sum(row[name] for row in flagged)


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_the_files_of_the_region(
    swv: str, region_ledger: Kijkglas, tmp_path: Path, golden: Golden
) -> None:
    known = ("--teldatum", "2025-02-01", "--bekend-op", "2025-04-01")
    region_ledger.fine("report", "kijkglas-3", "--swv", swv, *known, "-o", tmp_path / "uit")
    names = [f"Kijkglas_3_{table}_{swv}_01_02_2025.csv" for table in ("groei", "totaal")]
    assert sorted(path.name for path in (tmp_path / "uit").glob("*.csv")) == names
    for name in names:
        golden(GOLDEN / "kijkglas" / name, (tmp_path / "uit" / name).read_bytes())


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "json", "jsonl", "xlsx"])
def test_every_form_has_the_rows(form: str, tmp_path: Path) -> None:
    command = ledger_with(tmp_path, story("PO2304", "SO", "PO2202"))
    ask = ("report", "kijkglas-3", "--swv", "PO2304", "--teldatum", "2025-02-01")
    done = command.fine(*ask, "--format", form)
    if form == "xlsx":
        book = openpyxl.load_workbook(BytesIO(done.data))
        found = sum(cell.value == "14YY00" for sheet in book for row in sheet for cell in row)
    else:
        found = done.data.decode("utf-8-sig").count("14YY00")
    assert found == 1


def test_a_diff_goes_by_vestiging_and_categorie(tmp_path: Path) -> None:
    history = [
        *with_tlv(PGNS[0], "PO2304-2024-00001", "2024-08-01"),
        *with_tlv(PGNS[1], "PO2304-2024-00002", "2024-11-01", bekend_op="2025-03-10"),
    ]
    command = ledger_with(tmp_path, history)
    sides = ("--from", "2025-02-01@2025-03-09", "--to", "2025-02-01@2025-03-10")
    done = command("diff", "kijkglas-3", "--swv", "PO2304", *sides, "--format", "json")
    assert done.status == 1
    (row,) = done.answer["tabellen"]["groei"]
    assert (row["VESTIGINGSCODE"], row["CATEGORIE"], row["soort"]) == (
        "12QN00", "LAAG", "gewijzigd",
    )  # fmt: skip
    assert row["kolommen"]["GROEI"] == {"voor": 0, "na": 1}
    same = ("--from", "2025-02-01@2025-03-08", "--to", "2025-02-01@2025-03-09")
    assert command("diff", "kijkglas-3", "--swv", "PO2304", *same).status == 0
