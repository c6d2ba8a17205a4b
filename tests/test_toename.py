"""Toename na teldatum: who became admissible after the teldatum (rules.md 7; WPO art 18a)."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tests.command import GOLDEN, Kijkglas, Row, columns, ledger_with
from tests.conftest import Golden
from tests.movement_examples import PGNS, changed, with_tlv
from tests.oracle_examples import about, enrolled, event, issued, link

TABLE = [
    "VESTIGINGSCODE",
    "SCHOOLSOORT",
    "CATEGORIE",
    "AANTAL_TELDATUM",
    "AANTAL_PEILDATUM",
    "TOENAME",
]
ON_T = ("--teldatum", "2025-02-01")
HERE = link("12QN00", "PO2304")
A, B = PGNS[:2]


def asked(command: Kijkglas, swv: str, *more: object) -> dict[str, list[Row]]:
    """Return the tables of toename."""
    ask = ("report", "toename", "--swv", swv, *ON_T, *more)
    tables: dict[str, list[Row]] = command.fine(*ask, "--format", "json").answer["tabellen"]
    return tables


@pytest.mark.parametrize(
    ("swv", "soort", "categorie", "file"),
    [
        ("PO2304", "SO", "LAAG", "vso"),
        ("PO2304", "SBO", "SBO", "sbo"),
        ("VO2305", "VSO", "HOOG", "vso"),
    ],
)
def test_who_became_admissible_after_the_teldatum(
    swv: str, soort: str, categorie: str, file: str, tmp_path: Path
) -> None:
    kind = {"schoolsoort": soort, "categorie": categorie}
    history = [
        link("12QN00", swv),
        # There on both days; gone by June; new with a tlv of April.
        *with_tlv(PGNS[0], f"{swv}-2024-00001", "2024-08-01", **kind),
        *with_tlv(PGNS[1], f"{swv}-2024-00002", "2024-08-01", "2025-04-30", **kind),
        *with_tlv(PGNS[2], f"{swv}-2025-00003", "2025-04-01", tlv_begin="2025-04-01", **kind),
        # Came after the teldatum, but was admissible on it; and on the teldatum itself.
        *with_tlv(PGNS[3], f"{swv}-2024-00004", "2025-04-01", **kind),
        *with_tlv(PGNS[4], f"{swv}-2025-00005", "2025-03-01", tlv_begin="2025-02-01", **kind),
    ]
    tables = asked(ledger_with(tmp_path, history), swv)
    assert list(tables) == ["sbo", "vso"]
    assert tables["sbo" if file == "vso" else "vso"] == []
    assert [list(row) for row in tables[file]] == [TABLE]
    assert columns(tables[file], *TABLE) == [("12QN00", soort, categorie, 2, 4, 1)]


@pytest.mark.parametrize(
    ("changes", "toename"),
    [
        ({}, 1),
        ({"soort_verblijf": "IJH"}, None),
        ({"soort_verblijf": "IGZ"}, None),
        ({"soort_verblijf": "GJI"}, None),
        ({"vestigingscode": "14YY00"}, None),
        ({"bekostigbaar": False}, 1),
        ({"einddatum": "2025-05-31"}, None),
        ({"einddatum": "2025-06-01"}, 1),
        ({"begindatum": "2025-06-02"}, None),
    ],
)
def test_institutions_and_other_vestigingen_stay_out(
    changes: dict[str, object], toename: int | None, tmp_path: Path
) -> None:
    told: dict[str, object] = {"begindatum": "2025-03-01", "tlv_begin": "2025-03-01", **changes}
    history = [HERE, *with_tlv(A, "PO2304-2025-00001", **told)]  # type: ignore[arg-type]
    rows = asked(ledger_with(tmp_path, history), "PO2304")["vso"]
    assert columns(rows, "TOENAME") == ([] if toename is None else [(toename,)])


def test_a_pupil_without_tlv_of_this_samenwerkingsverband_stays_out(tmp_path: Path) -> None:
    history = [
        HERE,
        *with_tlv(A, "PO2202-2025-00001", "2025-03-01", tlv_begin="2025-03-01"),
        enrolled("SO", "2025-03-01", pgn=B),
    ]
    assert asked(ledger_with(tmp_path, history), "PO2304") == {"sbo": [], "vso": []}


def test_another_tlv_of_the_same_file_is_no_toename(tmp_path: Path) -> None:
    history = [
        HERE,
        *with_tlv(A, "PO2304-2024-00001", "2024-08-01"),
        *changed(A, "PO2304-2025-00001", "2025-03-01"),
    ]
    rows = asked(ledger_with(tmp_path, history), "PO2304")["vso"]
    assert columns(rows, *TABLE[2:]) == [("HOOG", 0, 1, 0), ("LAAG", 1, 0, 0)]


def test_from_sbo_to_so_is_toename_of_so(tmp_path: Path) -> None:
    history = [
        HERE,
        *with_tlv(A, "PO2304-2024-00001", "2024-08-01", "2025-03-31", "12QN00", "SBO",
                  schoolsoort="SBO"),
        *with_tlv(A, "PO2304-2025-00001", "2025-04-01", tlv_begin="2025-04-01", volgnummer="2"),
    ]  # fmt: skip
    tables = asked(ledger_with(tmp_path, history), "PO2304")
    assert columns(tables["sbo"], *TABLE[3:]) == [(1, 0, 0)]
    assert columns(tables["vso"], *TABLE[3:]) == [(0, 1, 1)]


def test_an_unused_tlv_on_the_teldatum_makes_admissible(tmp_path: Path) -> None:
    history = [
        HERE,
        issued("PO2304-2024-00009", "2024-08-01", "2026-07-31", "HOOG", A),
        *with_tlv(A, "PO2304-2025-00001", "2025-03-01", tlv_begin="2025-03-01"),
    ]
    rows = asked(ledger_with(tmp_path, history), "PO2304")["vso"]
    assert columns(rows, *TABLE[3:]) == [(0, 1, 0)]


def test_a_tlv_of_another_on_the_teldatum_makes_not_admissible_here(tmp_path: Path) -> None:
    history = [
        HERE,
        *with_tlv(A, "PO2202-2024-00001", "2024-08-01"),
        *changed(A, "PO2304-2025-00001", "2025-03-01", "LAAG"),
    ]
    rows = asked(ledger_with(tmp_path, history), "PO2304")["vso"]
    assert columns(rows, *TABLE[3:]) == [(0, 1, 1)]


def test_a_tlv_that_had_ended_makes_no_longer_admissible(tmp_path: Path) -> None:
    history = [
        HERE,
        issued("PO2304-2022-00009", "2022-08-01", "2024-07-31", "LAAG", A),
        *with_tlv(A, "PO2304-2025-00001", "2025-03-01", tlv_begin="2025-03-01"),
    ]
    rows = asked(ledger_with(tmp_path, history), "PO2304")["vso"]
    assert columns(rows, *TABLE[3:]) == [(0, 1, 1)]


def test_a_pupil_at_two_schools_is_one(tmp_path: Path) -> None:
    number = "PO2304-2025-00001"
    history = [
        HERE,
        link("14YY00", "PO2304"),
        *with_tlv(A, number, "2025-03-01", tlv_begin="2025-03-01"),
        enrolled("SO", "2025-04-01", None, "14YY00", pgn=A, tlv=[number]),
    ]
    rows = asked(ledger_with(tmp_path, history), "PO2304")["vso"]
    assert columns(rows, "VESTIGINGSCODE", *TABLE[3:]) == [("14YY00", 0, 1, 1)]


def test_vestigingen_are_those_linked_on_the_peildatum(tmp_path: Path) -> None:
    history = [
        link("12QN00", "PO2304", "2025-03-01"),
        *with_tlv(A, "PO2304-2024-00001", "2024-08-01"),
        *with_tlv(B, "PO2304-2025-00002", "2025-02-10", tlv_begin="2025-02-10"),
    ]
    command = ledger_with(tmp_path, history)
    assert asked(command, "PO2304", "--peildatum", "2025-02-28")["vso"] == []
    rows = asked(command, "PO2304", "--peildatum", "2025-03-01")["vso"]
    assert columns(rows, *TABLE[3:]) == [(1, 2, 1)]


def test_toename_is_as_known_then(tmp_path: Path) -> None:
    history = [
        HERE,
        *with_tlv(A, "PO2304-2025-00001", "2025-03-01", tlv_begin="2025-03-01"),
        about("InschrijvingVerwijderd", "2025-07-10") | {"pgn": A},
    ]
    command = ledger_with(tmp_path, history)
    found = [
        columns(asked(command, "PO2304", "--bekend-op", known)["vso"], "TOENAME")
        for known in ("2025-07-09", "2025-07-10")
    ]
    assert found == [[(1,)], []]


# The date of the plan


@pytest.mark.parametrize(
    ("teldatum", "peildatum", "said"),
    [
        ("2025-02-01", None, "1-6-2025"),
        ("2025-02-01", "2025-02-01", "1-2-2025"),
        ("2025-02-01", "2025-06-01", "1-6-2025"),
        ("2025-01-15", "2025-02-01", "1-2-2025"),
        ("2020-10-01", None, "1-6-2021"),
    ],
)
def test_the_peildatum_lies_between_february_and_june(
    teldatum: str, peildatum: str | None, said: str, tmp_path: Path
) -> None:
    more = () if peildatum is None else ("--peildatum", peildatum)
    ask = ("report", "toename", "--swv", "PO2304", "--teldatum", teldatum, *more)
    answer = ledger_with(tmp_path).fine(*ask, "--format", "json").answer
    first, *others = answer["herkomst"]["opmerkingen"]
    assert first == f"Peildatum van het ondersteuningsplan: {said}."
    assert [other.startswith("De vangnetbepaling geldt vanaf") for other in others] == (
        [True] if teldatum < "2022" else []
    )


@pytest.mark.parametrize("peildatum", ["2025-01-31", "2025-06-02", "2024-04-01", "2026-04-01"])
@pytest.mark.parametrize("command", ["report", "diff"])
def test_another_peildatum_is_refused(command: str, peildatum: str, tmp_path: Path) -> None:
    sides = ON_T if command == "report" else ("--from", "2025-02-01", "--to", "2025-02-01")
    ask = (command, "toename", "--swv", "PO2304", *sides, "--peildatum", peildatum)
    done = ledger_with(tmp_path)(*ask)
    assert (done.status, done.data) == (2, b"")
    assert "kies een dag van 1-2-2025 tot en met 1-6-2025" in " ".join(done.err.split())


def test_a_peildatum_before_the_teldatum_is_refused(tmp_path: Path) -> None:
    ask = ("--teldatum", "2025-03-15", "--peildatum", "2025-03-14")
    done = ledger_with(tmp_path)("report", "toename", "--swv", "PO2304", *ask)
    assert done.status == 2
    assert "van 15-3-2025 tot en met 1-6-2025" in " ".join(done.err.split())


# Forms


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_the_files_of_the_region(
    swv: str, region_ledger: Kijkglas, tmp_path: Path, golden: Golden
) -> None:
    known = (*ON_T, "--bekend-op", "2025-09-01")
    region_ledger.fine("report", "toename", "--swv", swv, *known, "-o", tmp_path / "uit")
    names = [f"Toename_leerlingen_{table}_{swv}_01_02_2025.csv" for table in ("sbo", "vso")]
    assert sorted(path.name for path in (tmp_path / "uit").glob("*.csv")) == names
    for name in names:
        golden(GOLDEN / "kijkglas" / name, (tmp_path / "uit" / name).read_bytes())


def test_toename_of_the_region_is_part_of_the_peildatum(region_ledger: Kijkglas) -> None:
    rows = [row for rows in asked(region_ledger, "PO9901").values() for row in rows]
    assert all(row["TOENAME"] <= row["AANTAL_PEILDATUM"] for row in rows)
    assert sum(row["TOENAME"] for row in rows) > 0


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "json", "jsonl", "xlsx"])
def test_every_form_has_the_rows(form: str, tmp_path: Path) -> None:
    history = [HERE, *with_tlv(A, "PO2304-2025-00001", "2025-03-01", tlv_begin="2025-03-01")]
    ask = ("report", "toename", "--swv", "PO2304", *ON_T, "--format", form)
    done = ledger_with(tmp_path, history).fine(*ask)
    if form == "xlsx":
        book = openpyxl.load_workbook(BytesIO(done.data))
        found = sum(cell.value == "12QN00" for sheet in book for row in sheet for cell in row)
    else:
        found = done.data.decode("utf-8-sig").count("12QN00")
    assert found == 1


def test_a_diff_goes_by_vestiging_schoolsoort_and_categorie(tmp_path: Path) -> None:
    key = {"pgn": A, "instellingscode": "12QN", "volgnummer": "1"}
    history = [
        HERE,
        *with_tlv(A, "PO2304-2025-00001", "2025-03-01", tlv_begin="2025-03-01"),
        event("UitschrijvingGeregistreerd", "2025-07-10", **key, einddatum="2025-05-01"),
    ]
    command = ledger_with(tmp_path, history)
    sides = ("--from", "2025-02-01@2025-07-09", "--to", "2025-02-01@2025-07-10")
    done = command("diff", "toename", "--swv", "PO2304", *sides, "--format", "json")
    assert done.status == 1
    (row,) = done.answer["tabellen"]["vso"]
    assert (row["VESTIGINGSCODE"], row["SCHOOLSOORT"], row["soort"]) == ("12QN00", "SO", "eraf")
