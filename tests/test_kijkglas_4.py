"""Kijkglas 4: the growth of sbo between 1 October and 1 February, and the 2 % rule.

What is grensverkeer is told by tests/test_kijkglas_5.py, where random histories check both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projections.kijkglas_4 import two_percent
from synthetic.numbers import bsn_numbers
from tests.command import GOLDEN, Kijkglas, Row, ledger_with
from tests.conftest import Golden
from tests.oracle_examples import enrolled, event, link
from tests.oracle_facts import Event

S, OTHER = "PO2304", "PO2202"
BO, SBO, SBO_2 = "12QN00", "14YY00", "14YY01"
ELSEWHERE = "16EI00"
SCHOOLS = [link(BO, S), link(SBO, S), link(SBO_2, S), link(ELSEWHERE, OTHER)]
T = "2022-02-01"
AREA = event("PostcodegebiedToegewezen", pc4="7511", swv_po=S, vanaf="2014-08-01")


def pupil(numbers: Iterator[str], *enrolments: dict[str, Any]) -> list[Event]:
    """Return a pupil who lives in the area of S, with enrolments one after another."""
    pgn = next(numbers)
    told = [event("WoonplaatsVastgelegd", pgn=pgn, vanaf="2014-08-01", pc4="7511")]
    for place, fields in enumerate(enrolments):
        known = {"einddatum": None, **fields}
        schoolsoort, begin, end, school = (
            known.pop(name) for name in ("schoolsoort", "begin", "einddatum", "school")
        )
        told.append(
            enrolled(schoolsoort, begin, end, school, volgnummer=f"{place}", pgn=pgn, **known)
        )
    return told


def sbo(begin: str, end: str | None = None, school: str = SBO, **more: object) -> dict[str, Any]:
    """Return an enrolment in sbo."""
    return {"schoolsoort": "SBO", "begin": begin, "einddatum": end, "school": school, **more}


def bo(begin: str, end: str | None = None, school: str = BO) -> dict[str, Any]:
    """Return an enrolment at a basisschool."""
    return {"schoolsoort": "BO", "begin": begin, "einddatum": end, "school": school}


def crowd(numbers: Iterator[str], size: int, enrolment: dict[str, Any]) -> list[Event]:
    """Return pupils who all have the same enrolment."""
    return [line for _ in range(size) for line in pupil(numbers, enrolment)]


def tables(command: Kijkglas, swv: str = S, teldatum: str = T, *more: str) -> tuple[list[Row], Row]:
    """Return the rows per vestiging, and the one of the samenwerkingsverband."""
    ask = ("report", "kijkglas-4", "--swv", swv, "--teldatum", teldatum, "--format", "json")
    found = command.fine(*ask, *more).answer["tabellen"]
    assert list(found) == ["groei", "totaal"]
    (totaal,) = found["totaal"]
    return found["groei"], totaal


def story() -> list[Event]:
    """Return 40 pupils of a basisschool and nine of sbo: two settled, one other newcomer."""
    numbers = bsn_numbers(4)
    of_other = bo("2016-08-01", "2020-07-31", ELSEWHERE)
    return [
        AREA,
        *SCHOOLS,
        *crowd(numbers, 40, bo("2018-08-01")),
        *crowd(numbers, 3, sbo("2019-08-01")),
        *pupil(numbers, sbo("2019-08-01", "2021-12-31")),  # leaves between
        *pupil(numbers, sbo("2021-11-01")),  # comes between
        *pupil(numbers, sbo("2022-01-10", school=SBO_2)),
        *pupil(numbers, of_other, sbo("2020-08-01")),  # settled, both days
        *pupil(numbers, of_other, sbo("2020-08-01", "2021-12-24")),  # settled, left between
        *pupil(numbers, bo("2016-08-01", "2021-12-24", ELSEWHERE), sbo("2022-01-08")),  # next year
    ]


def test_rows_add_up_to_the_growth_without_grensverkeer(tmp_path: Path) -> None:
    groei, totaal = tables(ledger_with(tmp_path, story()))
    assert groei == [
        {
            "SAMENWERKINGSVERBAND": S,
            "VESTIGINGSCODE": SBO,
            "AANTAL_1_OKT": 6,
            "AANTAL_1_FEB": 6,
            "WAARVAN_GRENSVERKEER_1_OKT": 2,
            "WAARVAN_GRENSVERKEER": 1,
            "GROEI": 1,
        },
        {
            "SAMENWERKINGSVERBAND": S,
            "VESTIGINGSCODE": SBO_2,
            "AANTAL_1_OKT": 0,
            "AANTAL_1_FEB": 1,
            "WAARVAN_GRENSVERKEER_1_OKT": 0,
            "WAARVAN_GRENSVERKEER": 0,
            "GROEI": 1,
        },
    ]
    assert totaal == {
        "SAMENWERKINGSVERBAND": S,
        "AANTAL_1_OKT": 6,
        "AANTAL_1_FEB": 7,
        "WAARVAN_GRENSVERKEER_1_OKT": 2,
        "WAARVAN_GRENSVERKEER": 1,
        "GROEI": 2,
        "SBO_1_OKT": 4,
        "SBO_1_FEB": 6,
        "LEERLINGEN_1_OKT": 46,
        "TWEE_PROCENT": 1,
        "OVERDRACHT_GROEI": 2,
        "OVERDRACHT_BOVEN_2_PROCENT": 5,
    }


@pytest.mark.parametrize("teldatum", ["2021-08-01", "2021-10-01", "2022-07-31"])
def test_both_days_are_of_the_school_year_of_the_teldatum(teldatum: str, tmp_path: Path) -> None:
    command = ledger_with(tmp_path, story())
    assert tables(command, S, teldatum) == tables(command)
    assert tables(command, S, "2022-08-01") != tables(command)
    assert tables(command, S, "2021-07-31") != tables(command)


@pytest.mark.parametrize(
    ("leerlingen", "share"),
    [(0, 0), (24, 0), (25, 1), (74, 1), (75, 2), (124, 2), (125, 3), (12_325, 247), (12_324, 246)],
)
def test_two_percent_is_rounded_half_up(leerlingen: int, share: int) -> None:
    assert two_percent(leerlingen) == share


def test_a_fall_and_less_than_two_percent_transfer_nothing(tmp_path: Path) -> None:
    numbers = bsn_numbers(5)
    history = [
        AREA,
        *SCHOOLS,
        *crowd(numbers, 73, bo("2018-08-01")),
        *pupil(numbers, sbo("2019-08-01")),
        *pupil(numbers, sbo("2019-08-01", "2022-01-31")),
    ]
    groei, totaal = tables(ledger_with(tmp_path, history))
    assert [row["GROEI"] for row in groei] == [-1]
    assert (totaal["GROEI"], totaal["OVERDRACHT_GROEI"]) == (-1, 0)
    assert (totaal["TWEE_PROCENT"], totaal["OVERDRACHT_BOVEN_2_PROCENT"]) == (2, 0)


def test_only_counting_pupils_of_linked_vestigingen(tmp_path: Path) -> None:
    numbers = bsn_numbers(6)
    history = [
        AREA,
        *SCHOOLS,
        *pupil(numbers, sbo("2019-08-01", bekostigbaar=False)),
        *pupil(numbers, sbo("2019-08-01", soort_verblijf="GJI")),
        *pupil(numbers, sbo("2019-08-01", school=ELSEWHERE)),
        *pupil(numbers, sbo("2019-08-01"), sbo("2021-09-01", school=SBO_2)),  # double: the later
        *pupil(numbers, {**sbo("2019-08-01"), "schoolsoort": "SO"}),
        *pupil(numbers, {**bo("2019-08-01"), "bekostigbaar": False}),
    ]
    groei, totaal = tables(ledger_with(tmp_path, history))
    assert [(row["VESTIGINGSCODE"], row["AANTAL_1_OKT"]) for row in groei] == [(SBO_2, 1)]
    assert totaal["LEERLINGEN_1_OKT"] == 1


def test_a_vestiging_is_of_the_samenwerkingsverband_that_it_is_linked_to_on_the_day(
    tmp_path: Path,
) -> None:
    numbers = bsn_numbers(7)
    moved = [
        event("VestigingUitgetreden", vestigingscode=SBO, swv=S, tot_en_met="2021-12-31"),
        link(SBO, OTHER, "2022-01-01"),
    ]
    history = [AREA, *SCHOOLS, *moved, *pupil(numbers, sbo("2019-08-01"))]
    command = ledger_with(tmp_path, history)
    names = ("AANTAL_1_OKT", "AANTAL_1_FEB", "GROEI", "LEERLINGEN_1_OKT")
    assert [tables(command, S)[1][name] for name in names] == [1, 0, -1, 1]
    assert [tables(command, OTHER)[1][name] for name in names] == [0, 1, 1, 0]


def test_who_pays_itself_leaves_nobody_out(tmp_path: Path) -> None:
    # The sbo school came over to the samenwerkingsverband that pays.
    numbers = bsn_numbers(8)
    came = pupil(numbers, bo("2016-08-01", "2020-07-31"), sbo("2020-08-01", school=ELSEWHERE))
    history = [AREA, *SCHOOLS, link(ELSEWHERE, S, "2021-08-01"), *came]
    (row,), _ = tables(ledger_with(tmp_path, history))
    assert (row["VESTIGINGSCODE"], row["AANTAL_1_FEB"]) == (ELSEWHERE, 1)
    assert row["WAARVAN_GRENSVERKEER"] == 0


def test_a_settled_pupil_is_left_out_of_any_other_school_that_year(tmp_path: Path) -> None:
    numbers = bsn_numbers(9)
    third = "18AA00"
    history = [
        AREA,
        *SCHOOLS,
        link(third, "PO2203"),
        *pupil(
            numbers,
            bo("2016-08-01", "2020-07-31", ELSEWHERE),
            sbo("2020-08-01", "2021-12-31", third),
            sbo("2022-01-01"),
        ),
    ]
    command = ledger_with(tmp_path, history)
    (row,), totaal = tables(command)
    assert (row["AANTAL_1_FEB"], row["WAARVAN_GRENSVERKEER"], totaal["SBO_1_FEB"]) == (1, 1, 0)
    (row,), _ = tables(command, S, "2023-02-01")
    assert (row["AANTAL_1_FEB"], row["WAARVAN_GRENSVERKEER"]) == (1, 0)


def test_what_was_not_known_yet_does_not_count(tmp_path: Path) -> None:
    numbers = bsn_numbers(10)
    late = pupil(numbers, sbo("2021-09-01", bekend_op="2022-03-05"))
    command = ledger_with(tmp_path, [AREA, *SCHOOLS, *pupil(numbers, sbo("2019-08-01")), *late])
    counts = [
        tables(command, S, T, "--bekend-op", known)[1]["AANTAL_1_FEB"]
        for known in ("2022-03-04", "2022-03-05")
    ]
    assert counts == [1, 2]


def test_an_empty_ledger_has_a_total_of_nothing(tmp_path: Path) -> None:
    groei, totaal = tables(ledger_with(tmp_path))
    assert groei == []
    assert totaal.pop("SAMENWERKINGSVERBAND") == S
    assert set(totaal.values()) == {0}


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "jsonl"])
def test_every_form(form: str, tmp_path: Path, golden: Golden) -> None:
    ending = {"table": "txt", "csv-excel": "excel.csv"}.get(form, form)
    command = ledger_with(tmp_path, story())
    ask = ("report", "kijkglas-4", "--swv", S, "--teldatum", T, "--bekend-op", "vaststelling")
    golden(GOLDEN / f"kijkglas-4.{ending}", command.fine(*ask, "--format", form).data)


def test_xlsx_has_a_sheet_per_table(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "k4.xlsx"
    command = ledger_with(tmp_path, story())
    command.fine("report", "kijkglas-4", "--swv", S, "--teldatum", T, "-o", path)
    book = openpyxl.load_workbook(path)
    values = [cell.value for row in book[book.sheetnames[1]].iter_rows() for cell in row]
    assert "OVERDRACHT_BOVEN_2_PROCENT" in values
    assert 46 in values


def test_diff_shows_the_vestiging_and_the_total(tmp_path: Path) -> None:
    numbers = bsn_numbers(11)
    late = pupil(numbers, sbo("2021-09-01", bekend_op="2022-03-05"))
    command = ledger_with(tmp_path, [AREA, *SCHOOLS, *pupil(numbers, sbo("2019-08-01")), *late])
    done = command(
        "diff", "kijkglas-4", "--swv", S, "--from", f"{T}@2022-03-04", "--to", T,
        "--format", "json",
    )  # fmt: skip
    assert done.status == 1
    (row,), (totaal,) = done.answer["tabellen"].values()
    assert (row["VESTIGINGSCODE"], row["soort"]) == (SBO, "gewijzigd")
    assert row["kolommen"] == {
        "AANTAL_1_OKT": {"voor": 1, "na": 2},
        "AANTAL_1_FEB": {"voor": 1, "na": 2},
    }
    assert totaal["kolommen"]["SBO_1_FEB"] == {"voor": 1, "na": 2}


def test_files_of_the_region(region_ledger: Kijkglas, tmp_path: Path, golden: Golden) -> None:
    folder = tmp_path / "uit"
    ask = ("--swv", "PO9901", "--teldatum", "2026-02-01", "--bekend-op", "vaststelling")
    region_ledger.fine("report", "kijkglas-4", *ask, "-o", folder)
    names = [f"Kijkglas_4_{table}_sbo_PO9901_01_02_2026.csv" for table in ("groei", "totaal")]
    assert {path.name for path in folder.iterdir()} == {*names, "herkomst.json"}
    for name in names:
        golden(GOLDEN / name, (folder / name).read_bytes())


@pytest.mark.parametrize("swv", ["PO9901", "PO9902", "PO9903"])
def test_rows_of_the_region_are_the_counts_of_its_state(swv: str, region_ledger: Kijkglas) -> None:
    groei, totaal = tables(region_ledger, swv, "2026-02-01")
    for day, name in (("2025-10-01", "AANTAL_1_OKT"), ("2026-02-01", "AANTAL_1_FEB")):
        rows = region_ledger.stand(day, "--schoolsoort", "SBO")
        counted = Counter(row["vestigingscode"] for row in rows if row["telt"])
        assert {row["VESTIGINGSCODE"]: row[name] for row in groei} == {
            row["VESTIGINGSCODE"]: counted[row["VESTIGINGSCODE"]] for row in groei
        }
        assert totaal[name] == sum(row[name] for row in groei) > 0
    ask = ("report", "dashboard-1a", "--swv", swv, "--teldatum", "2025-10-01", "--format", "json")
    everybody = region_ledger.fine(*ask).answer["tabellen"]["vestigingen"]
    assert totaal["LEERLINGEN_1_OKT"] == sum(row["TOTAAL"] for row in everybody)
