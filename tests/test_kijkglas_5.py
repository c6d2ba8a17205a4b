"""Kijkglas 5: which sbo pupils are grensverkeer, who pays whom, in which school years."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.application import Ledger
from projections import layouts
from projections.kijkglas_4 import kijkglas_4
from projections.kijkglas_5 import kijkglas_5
from projections.store.read_model import ReadModel
from projections.woonplaatsen import woonplaatsen
from tests import oracle_grensverkeer as oracle
from tests.command import GOLDEN, Kijkglas, Row, ledger_with
from tests.conftest import Golden
from tests.histories import knowledge_moments
from tests.histories_grensverkeer import ASKED, history
from tests.histories_pools import SWVS
from tests.ledgers import AsOf, import_events, ledger_of, refreshed, write_feed
from tests.oracle_examples import KIND, enrolled, event, issued, link
from tests.oracle_facts import Event

A, B, ELSEWHERE = "PO2304", "PO2202", "PO2203"
BASISSCHOOL, SBO, THIRD = "12QN00", "14YY00", "16EI00"
SCHOOLS = [link(BASISSCHOOL, A), link(SBO, B), link(THIRD, ELSEWHERE)]
IN_A, IN_B = "7511", "8011"
AREAS = [
    event("PostcodegebiedToegewezen", pc4=IN_A, swv_po=A, vanaf="2014-08-01"),
    event("PostcodegebiedToegewezen", pc4=IN_B, swv_po=B, vanaf="2014-08-01"),
]
T = "2022-02-01"


def to_sbo(
    begin: str = "2020-08-01",
    end: str | None = None,
    *,
    bo_end: str = "2020-07-31",
    pgn: str = KIND,
    **more: Any,  # noqa: ANN401 - any field of the registration
) -> list[Event]:
    """Return a pupil of the basisschool in A who is admitted to the sbo school in B."""
    return [
        enrolled("BO", "2016-08-01", bo_end, BASISSCHOOL, pgn=pgn),
        enrolled("SBO", begin, end, SBO, volgnummer="2", pgn=pgn, **more),
    ]


def lives(vanaf: str, bekend_op: str = "2020-01-01", pgn: str = KIND, **where: object) -> Event:
    """Return a residence."""
    return event("WoonplaatsVastgelegd", bekend_op, pgn=pgn, vanaf=vanaf, **where)


def tables(command: Kijkglas, swv: str, teldatum: str = T, *more: str) -> dict[str, list[Row]]:
    """Return the two tables."""
    ask = ("report", "kijkglas-5", "--swv", swv, "--teldatum", teldatum, "--format", "json")
    answer: dict[str, list[Row]] = command.fine(*ask, *more).answer["tabellen"]
    return answer


def pupils(
    events: Sequence[Event], tmp_path: Path, swv: str = B, teldatum: str = T, *more: str
) -> list[str]:
    """Return the sbo pupils that are settled."""
    rows = tables(ledger_with(tmp_path, [*SCHOOLS, *AREAS, *events]), swv, teldatum, *more)
    return [row["BSN_OWN"] for row in rows["leerlingen"]]


# Pairs and pupils


def test_the_payer_and_the_receiver_see_the_same_pair_and_pupil(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, [*SCHOOLS, *to_sbo("2020-08-01", "2023-07-31")])
    assert tables(command, A) == tables(command, B)
    assert tables(command, A) == {
        "paren": [
            {
                "BETALER": A,
                "ONTVANGER": B,
                "SCHOOLJAAR": "2021/2022",
                "AANTAL": 1,
                "FTE": 0.0646,
            }
        ],
        "leerlingen": [
            {
                "BSN_OWN": KIND,
                "SWV_HERKOMST": A,
                "VESTIGING_HERKOMST": BASISSCHOOL,
                "SWV_SBO": B,
                "VESTIGING_SBO": SBO,
                "DATUM_INSCHRIJVING": "2020-08-01",
                "DATUM_UITSCHRIJVING": "2023-07-31",
                "SCHOOLJAAR_VAN": "2021/2022",
                "SCHOOLJAAR_TOT_EN_MET": "2022/2023",
            }
        ],
    }
    assert tables(command, ELSEWHERE) == {"paren": [], "leerlingen": []}


def test_a_samenwerkingsverband_pays_one_and_is_paid_by_another(tmp_path: Path) -> None:
    other, third = "900554332", "962354508"
    to_third = [
        enrolled("BO", "2016-08-01", "2020-07-31", BASISSCHOOL, pgn=other),
        enrolled("SBO", "2020-08-01", None, THIRD, volgnummer="2", pgn=other),
    ]
    to_a = [
        link("18AA00", A),
        enrolled("BO", "2016-08-01", "2020-12-31", THIRD, pgn=third),
        enrolled("SBO", "2021-01-01", None, "18AA00", volgnummer="2", pgn=third),
    ]
    command = ledger_with(tmp_path, [*SCHOOLS, *to_sbo(), *to_third, *to_a])
    pairs = [tuple(row.values()) for row in tables(command, A)["paren"]]
    assert pairs == [
        (ELSEWHERE, A, "2021/2022", 1, 0.1098),
        (A, B, "2021/2022", 1, 0.0646),
        (A, ELSEWHERE, "2021/2022", 1, 0.0646),
    ]
    running = [row["SCHOOLJAAR_TOT_EN_MET"] for row in tables(command, A)["leerlingen"]]
    assert running == ["", "", ""]


def test_the_fte_of_a_pair_is_added_up_exactly() -> None:
    pgns = ("900554332", "962354508", "924154676")
    late = [one for pgn in pgns for one in to_sbo("2020-11-02", bo_end="2020-11-01", pgn=pgn)]
    with ledger_of([*SCHOOLS, *to_sbo(), *late]) as ledger:
        model = refreshed(ledger)
        rows = kijkglas_5(ledger, model, AsOf(date(2022, 2, 1)), A)["paren"]
        model.close()
    assert rows[0]["aantal"] == 4
    assert rows[0]["fte"] == Decimal("0.3940")  # 3 x 0.1098 + 0.0646


# School years


@pytest.mark.parametrize(
    ("teldatum", "settled"),
    [
        ("2020-10-01", False),  # the school year of admission
        ("2021-07-31", False),
        ("2021-08-01", True),
        ("2023-07-31", True),  # the school year of leaving
        ("2023-08-01", False),
    ],
)
def test_it_runs_from_the_year_after_admission_through_the_year_of_leaving(
    teldatum: str, settled: bool, tmp_path: Path
) -> None:
    found = pupils(to_sbo("2020-08-01", "2022-08-01"), tmp_path, teldatum=teldatum)
    assert found == ([KIND] if settled else [])


@pytest.mark.parametrize("end", ["2021-07-31", "2020-09-01"])
def test_who_leaves_in_the_year_of_admission_is_never_settled(end: str, tmp_path: Path) -> None:
    assert pupils(to_sbo("2020-08-01", end), tmp_path) == []


@pytest.mark.parametrize(
    ("begin", "teldatum", "fte"),
    [
        ("2020-08-01", "2021-10-01", 0.0646),
        ("2020-10-01", "2021-10-01", 0.0646),
        ("2020-10-02", "2021-10-01", 0.1098),
        ("2021-07-31", "2022-02-01", 0.1098),
        ("2021-07-31", "2022-10-01", 0.0646),
    ],
)
def test_the_first_year_after_a_late_admission_costs_more(
    begin: str, teldatum: str, fte: float, tmp_path: Path
) -> None:
    bo_end = date.fromordinal(date.fromisoformat(begin).toordinal() - 1).isoformat()
    command = ledger_with(tmp_path, [*SCHOOLS, *to_sbo(begin, bo_end=bo_end)])
    assert [row["FTE"] for row in tables(command, B, teldatum)["paren"]] == [fte]


def test_a_move_within_the_school_is_no_leaving_and_another_school_is(tmp_path: Path) -> None:
    history = [
        *to_sbo("2020-08-01", "2021-07-31"),
        enrolled("SBO", "2021-08-29", "2022-07-31", "14YY01", volgnummer="3"),
        enrolled("SBO", "2022-08-01", None, THIRD, volgnummer="4"),
    ]
    (row,) = tables(ledger_with(tmp_path, [*SCHOOLS, *history]), A)["leerlingen"]
    assert (row["DATUM_INSCHRIJVING"], row["DATUM_UITSCHRIJVING"]) == ("2020-08-01", "2022-07-31")
    assert (row["VESTIGING_SBO"], row["SCHOOLJAAR_TOT_EN_MET"]) == (SBO, "2021/2022")


def test_a_basisschool_of_the_same_instelling_is_another_school(tmp_path: Path) -> None:
    history = [
        *to_sbo("2020-08-01", "2021-07-31"),
        enrolled("BO", "2021-08-01", "2021-12-31", "14YY01", volgnummer="3"),
        enrolled("SBO", "2022-01-01", None, SBO, volgnummer="4"),
    ]
    assert pupils(history, tmp_path) == []


# Directly from a basisschool, into another samenwerkingsverband


@pytest.mark.parametrize(("begin", "settled"), [("2020-08-29", True), ("2020-08-30", False)])
def test_directly_leaves_room_for_28_days(begin: str, settled: bool, tmp_path: Path) -> None:
    assert pupils(to_sbo(begin), tmp_path) == ([KIND] if settled else [])


@pytest.mark.parametrize(
    "before",
    [
        [],
        [enrolled("SO", "2016-08-01", "2020-07-31", BASISSCHOOL)],
        [enrolled("SBO", "2016-08-01", "2020-07-31", BASISSCHOOL)],
        [enrolled("BO", "2016-08-01", None, BASISSCHOOL)],  # still there
        [enrolled("BO", "2016-08-01", "2020-07-31", SBO)],  # of B already
        [enrolled("BO", "2016-08-01", "2020-07-31", "19ZZ00")],  # of nobody
        [
            enrolled("BO", "2016-08-01", "2020-07-20", BASISSCHOOL),
            enrolled("SO", "2020-07-21", "2020-07-31", BASISSCHOOL, volgnummer="9"),
        ],
    ],
)
def test_any_other_way_into_sbo_is_no_grensverkeer(before: list[Event], tmp_path: Path) -> None:
    sbo = enrolled("SBO", "2020-08-01", None, SBO, volgnummer="2")
    assert pupils([*before, sbo], tmp_path) == []


def test_the_links_of_the_last_day_and_of_the_first_day_decide(tmp_path: Path) -> None:
    history = [
        link(BASISSCHOOL, ELSEWHERE, "2020-07-31"),
        link(BASISSCHOOL, A, "2020-08-01"),
        link(SBO, A, "2020-08-02"),
        *to_sbo(),
    ]
    command = ledger_with(tmp_path, [*SCHOOLS, *history])
    (row,) = tables(command, B)["leerlingen"]
    assert (row["SWV_HERKOMST"], row["SWV_SBO"]) == (ELSEWHERE, B)


def test_the_last_vestiging_of_the_basisschool_decides(tmp_path: Path) -> None:
    key = {"pgn": KIND, "instellingscode": "12QN", "volgnummer": "1"}
    moved = event("InschrijvingGewijzigd", **key, vanaf="2019-08-01", vestigingscode="12QN01")
    command = ledger_with(tmp_path, [*SCHOOLS, link("12QN01", ELSEWHERE), *to_sbo(), moved])
    (row,) = tables(command, B)["leerlingen"]
    assert (row["SWV_HERKOMST"], row["VESTIGING_HERKOMST"]) == (ELSEWHERE, "12QN01")


def test_a_pupil_is_settled_once_also_when_two_schools_have_it(tmp_path: Path) -> None:
    twice = [*to_sbo(), enrolled("SBO", "2020-08-10", None, THIRD, volgnummer="3")]
    command = ledger_with(tmp_path, [*SCHOOLS, *twice])
    (row,) = tables(command, A)["leerlingen"]
    assert row["VESTIGING_SBO"] == THIRD
    assert tables(command, B)["paren"] == []


# What A decided

OF_A, OF_B = "PO2304-2022-00001", "PO2202-2022-00002"
LATER = {"begin": "2022-08-01", "bo_end": "2022-07-31"}
AFTER = "2024-02-01"


@pytest.mark.parametrize(
    ("tlvs", "linked", "settled"),
    [
        ([], [], False),
        ([issued(OF_A, "2022-08-01", "2025-07-31", "SBO")], [OF_A], True),
        ([issued(OF_A, "2022-08-01", "2025-07-31", "SBO")], [], False),
        ([issued(OF_A, "2022-08-02", "2025-07-31", "SBO")], [OF_A], False),
        ([issued(OF_A, "2020-08-01", "2022-07-31", "SBO")], [OF_A], False),
        ([issued(OF_A, "2022-08-01", "2025-07-31", "LAAG")], [OF_A], False),
        ([issued(OF_B, "2022-08-01", "2025-07-31", "SBO")], [OF_B], False),
        ([], [OF_A], False),
        (
            [
                issued(OF_A, "2021-08-01", "2025-07-31", "SBO"),
                issued(OF_B, "2022-08-01", "2025-07-31", "SBO"),
            ],
            [OF_A, OF_B],
            True,
        ),
        (
            [
                issued(OF_A, "2021-08-01", "2025-07-31", "SBO"),
                event("TlvIngetrokken", pgn=KIND, nummer=OF_A, per="2022-08-01"),
            ],
            [OF_A],
            False,
        ),
    ],
)
def test_from_august_2022_a_tlv_of_the_payer_is_needed(
    tlvs: list[Event], linked: list[str], settled: bool, tmp_path: Path
) -> None:
    links: dict[str, Any] = {"tlv": linked} if linked else {}
    found = pupils([*tlvs, *to_sbo(**LATER, **links)], tmp_path, teldatum=AFTER)
    assert found == ([KIND] if settled else [])


@pytest.mark.parametrize(("nummer", "settled"), [(None, True), (OF_A, True), (OF_B, False)])
def test_before_it_no_tlv_says_nothing_and_one_of_another_does(
    nummer: str | None, settled: bool, tmp_path: Path
) -> None:
    tlvs = [] if nummer is None else [issued(nummer, "2020-08-01", "2025-07-31", "SBO")]
    links: dict[str, Any] = {} if nummer is None else {"tlv": [nummer]}
    found = pupils([*tlvs, *to_sbo("2022-07-31", bo_end="2022-07-30", **links)], tmp_path,
                   teldatum="2023-02-01")  # fmt: skip
    assert found == ([KIND] if settled else [])


# Moves


@pytest.mark.parametrize(
    ("moved", "settled"),
    [
        ("2020-01-31", True),
        ("2020-02-01", False),  # six months before the admission
        ("2020-08-01", False),
        ("2021-02-01", False),  # six months after it
        ("2021-02-02", True),
    ],
)
def test_a_move_into_the_area_within_six_months_ends_it(
    moved: str, settled: bool, tmp_path: Path
) -> None:
    homes = [lives("2012-01-01", pc4=IN_A), lives(moved, pc4=IN_B)]
    assert pupils([*homes, *to_sbo()], tmp_path) == ([KIND] if settled else [])


@pytest.mark.parametrize(
    ("before", "after", "settled"),
    [
        ({"pc4": IN_A}, {"pc4": IN_B}, False),
        ({"pc4": IN_B}, {"pc4": IN_A}, True),  # out of the area
        ({"pc4": IN_B}, {"pc4": IN_B}, True),  # within it
        ({"buitenland": True}, {"pc4": IN_B}, False),
        ({"pc4": "3197"}, {"pc4": IN_B}, False),  # an area of nobody
        ({"swv": [A]}, {"swv": [B]}, False),
        ({"swv": ["VO2305", A]}, {"swv": ["VO2203"]}, True),
        ({"pc4": IN_A}, {"buitenland": True}, True),
        ({}, {"pc4": IN_B}, True),  # the first residence known is no move
    ],
)
def test_only_a_move_from_outside_to_inside_counts(
    before: dict[str, Any], after: dict[str, Any], settled: bool, tmp_path: Path
) -> None:
    homes = [lives("2012-01-01", **before)] if before else []
    history = [*homes, lives("2020-07-01", **after), *to_sbo()]
    assert pupils(history, tmp_path) == ([KIND] if settled else [])


def test_an_area_that_changes_hands_is_no_move(tmp_path: Path) -> None:
    taken = event("PostcodegebiedToegewezen", pc4=IN_A, swv_po=B, vanaf="2020-07-01")
    homes = [lives("2012-01-01", pc4=IN_A), lives("2020-07-01", pc4=IN_B)]
    assert pupils([taken, *homes, *to_sbo()], tmp_path) == [KIND]


def test_a_move_that_was_not_known_yet_changes_nothing(tmp_path: Path) -> None:
    homes = [lives("2012-01-01", pc4=IN_A), lives("2020-07-01", "2022-03-05", pc4=IN_B)]
    command = ledger_with(tmp_path, [*SCHOOLS, *AREAS, *homes, *to_sbo()])
    counts = {
        known: len(tables(command, B, T, "--bekend-op", known)["leerlingen"])
        for known in ("2022-03-04", "2022-03-05", "nu")
    }
    assert counts == {"2022-03-04": 1, "2022-03-05": 0, "nu": 0}


def test_a_move_that_was_not_booked_yet_changes_nothing(tmp_path: Path) -> None:
    booked = [*SCHOOLS, *AREAS, lives("2012-01-01", pc4=IN_A), *to_sbo()]
    command = ledger_with(tmp_path, booked)
    command.imported(write_feed(tmp_path / "later.jsonl", [lives("2020-07-01", pc4=IN_B)]))
    assert tables(command, B)["leerlingen"] == []
    assert len(tables(command, B, T, "--positie", str(len(booked) + 1))["leerlingen"]) == 1


def test_of_two_residences_from_one_day_the_one_known_last_holds(tmp_path: Path) -> None:
    right = lives("2020-07-01", "2020-09-01", pc4=IN_A)
    wrong = lives("2020-07-01", "2020-08-01", pc4=IN_B)
    homes = [lives("2012-01-01", pc4=IN_A), right]
    command = ledger_with(tmp_path, [*SCHOOLS, *AREAS, *homes, *to_sbo()])
    command.imported(write_feed(tmp_path / "later.jsonl", [wrong]))
    assert len(tables(command, B)["leerlingen"]) == 1
    assert tables(command, B, T, "--bekend-op", "2020-08-31")["leerlingen"] == []


def test_a_move_under_another_pgn_is_of_the_pupil_once_both_are_known_to_be_one(
    tmp_path: Path,
) -> None:
    older = "931884640"
    homes = [lives("2012-01-01", pc4=IN_A), lives("2020-07-01", pgn=older, pc4=IN_B)]
    joined = event("PgnVervangen", "2022-04-01", pgn=older, nieuw_pgn=KIND)
    command = ledger_with(tmp_path, [*SCHOOLS, *AREAS, *homes, *to_sbo(), joined])
    assert len(tables(command, B, T, "--bekend-op", "2022-03-31")["leerlingen"]) == 1
    assert tables(command, B)["leerlingen"] == []


def test_the_keys_of_pupils_are_dropped_once_residences_were_read() -> None:
    with ledger_of([lives("2012-01-01", pc4=IN_A), *to_sbo()]) as ledger:
        model = refreshed(ledger)
        (leerling,) = {row[0] for row in model.execute("SELECT leerling FROM standen")}
        homes = woonplaatsen(ledger, model, AsOf(date(2022, 2, 1)), [leerling])
        assert [home.pc4 for home in homes[leerling]] == [IN_A]
        assert not ledger.vault._pupil_ciphers  # noqa: SLF001 - what must not stay in memory
        model.close()


# Forms, warnings, errors


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "jsonl"])
def test_every_form(form: str, tmp_path: Path, golden: Golden) -> None:
    ending = {"table": "txt", "csv-excel": "excel.csv"}.get(form, form)
    command = ledger_with(tmp_path, [*SCHOOLS, *to_sbo("2020-08-01", "2023-07-31")])
    ask = ("report", "kijkglas-5", "--swv", A, "--teldatum", T, "--bekend-op", "2022-03-01")
    golden(GOLDEN / f"kijkglas-5.{ending}", command.fine(*ask, "--format", form).data)


def test_xlsx_has_a_sheet_per_table(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    command = ledger_with(tmp_path, [*SCHOOLS, *to_sbo()])
    path = tmp_path / "k5.xlsx"
    command.fine("report", "kijkglas-5", "--swv", A, "--teldatum", T, "-o", path)
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == 3
    values = [cell.value for row in book[book.sheetnames[0]].iter_rows() for cell in row]
    assert 0.0646 in values


@pytest.mark.parametrize(
    ("teldatum", "warned"), [("2021-10-01", False), (T, False), ("2023-02-01", True)]
)
@pytest.mark.parametrize("product", ["kijkglas-4", "kijkglas-5"])
def test_after_the_last_teldatum_it_says_that_the_settlement_ended(
    product: str, teldatum: str, warned: bool, tmp_path: Path
) -> None:
    command = ledger_with(tmp_path, SCHOOLS)
    ask = ("report", product, "--swv", A, "--teldatum", teldatum, "--format", "json")
    remarks = command.fine(*ask).answer["herkomst"]["opmerkingen"]
    said = (
        "Let op: de verrekening van groei en grensverkeer sbo eindigde op 1-1-2023;"
        " dit is toch berekend, naar de regels van toen."
    )
    assert remarks == ([said] if warned else [])


@pytest.mark.parametrize("product", ["kijkglas-4", "kijkglas-5"])
@pytest.mark.parametrize(
    "command",
    [["report"], ["diff", "--from", "2021-10-01", "--to", T]],
)
def test_a_samenwerkingsverband_vo_is_refused(
    command: list[str], product: str, tmp_path: Path
) -> None:
    done = ledger_with(tmp_path)(command[0], product, "--swv", "VO2305", *command[1:])
    assert (done.status, done.data) == (2, b"")
    assert f"{product} gaat over sbo en is er alleen voor een samenwerkingsverband po" in done.err
    assert "niet voor VO2305" in done.err


@pytest.mark.parametrize("option", [["--lidmaatschap", T], ["--zonder-ongebruikte-tlv"]])
def test_options_of_other_products_are_refused(option: list[str], tmp_path: Path) -> None:
    done = ledger_with(tmp_path)("report", "kijkglas-5", "--swv", A, *option)
    assert done.status == 2
    assert "hoort niet bij kijkglas-5; wel: --swv" in done.err


def test_diff_names_the_pupil_and_the_pair(tmp_path: Path) -> None:
    late = to_sbo("2020-08-01", pgn="900554332", bekend_op="2022-05-01")
    command = ledger_with(tmp_path, [*SCHOOLS, *to_sbo(), *late])
    done = command(
        "diff", "kijkglas-5", "--swv", A, "--from", f"{T}@2022-03-01", "--to", T,
        "--format", "json",
    )  # fmt: skip
    assert done.status == 1
    paren, leerlingen = done.answer["tabellen"].values()
    assert [(row["soort"], row["kolommen"]) for row in paren] == [
        ("gewijzigd", {"AANTAL": {"voor": 1, "na": 2}, "FTE": {"voor": 0.0646, "na": 0.1292}})
    ]
    assert [(row["BSN_OWN"], row["soort"]) for row in leerlingen] == [("900554332", "erbij")]


# The region, and random histories


def test_files_of_the_region(region_ledger: Kijkglas, tmp_path: Path, golden: Golden) -> None:
    folder = tmp_path / "uit"
    ask = ("--swv", "PO9901", "--teldatum", "2026-02-01", "--bekend-op", "vaststelling")
    region_ledger.fine("report", "kijkglas-5", *ask, "-o", folder)
    names = [
        f"Kijkglas_5_grensverkeer_sbo_{table}_PO9901_01_02_2026.csv"
        for table in ("paren", "leerlingen")
    ]
    assert {path.name for path in folder.iterdir()} == {*names, "herkomst.json"}
    for name in names:
        golden(GOLDEN / name, (folder / name).read_bytes())


def test_rows_of_the_region_are_enrolments_of_its_state(region_ledger: Kijkglas) -> None:
    rows = tables(region_ledger, "PO9901", "2026-02-01")["leerlingen"]
    assert rows
    for row in rows:
        sbo = [
            one
            for one in region_ledger.stand(row["DATUM_INSCHRIJVING"], "--pgn", row["BSN_OWN"])
            if one["vestigingscode"] == row["VESTIGING_SBO"]
        ]
        assert [one["begindatum"] for one in sbo] == [row["DATUM_INSCHRIJVING"]]
        assert sbo[0]["beschikkingsnummer"][:6] == row["SWV_HERKOMST"]
        assert sbo[0]["schoolsoort"] == "SBO"


def test_what_one_pays_another_receives(region_ledger: Kijkglas) -> None:
    seen: Counter[tuple[Any, ...]] = Counter()
    for swv in ("PO9901", "PO9902", "PO9903"):
        for row in tables(region_ledger, swv, "2026-02-01")["paren"]:
            seen[tuple(row.values())] += 1
    assert seen
    assert set(seen.values()) == {2}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.integers(0, 2**32 - 1))
def test_kijkglas_4_and_5_equal_the_independent_computation(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - examples, no secrets
    made = history(chance)
    with ledger_of() as ledger:
        refused = {one.regelnummer for one in import_events(ledger, made).booked.refused}
        booked = [one for number, one in enumerate(made, 1) if number not in refused]
        model = refreshed(ledger)
        for teldatum in ASKED:
            bekend_op = chance.choice([None, None, *knowledge_moments(booked)])
            for swv in SWVS["PO"]:
                _assert_equal(ledger, model, booked, swv, AsOf(teldatum, bekend_op))
        model.close()


def test_random_histories_hold_every_kind_of_case() -> None:
    seen: Counter[str] = Counter()
    for seed in range(60):
        made = history(random.Random(seed))  # noqa: S311 - examples, no secrets
        for teldatum in ASKED:
            for one in oracle.betalingen(made, oracle.year_of(teldatum), None):
                seen["settled"] += 1
                seen["late"] += one.fte == Fraction(1098, 10000)
                seen["school"] += one.laatste_dag != (one.inschrijving.einddatum or date.max)
                seen["tlv"] += bool(one.inschrijving.koppelingen)
    assert min(seen[kind] for kind in ("settled", "late", "school", "tlv")) >= 5


def _assert_equal(
    ledger: Ledger, model: ReadModel, booked: Sequence[Event], swv: str, as_of: AsOf
) -> None:
    moments: tuple[date, datetime | None] = (as_of.teldatum, as_of.bekend_op)
    for name, product, slow in (
        ("kijkglas-4", kijkglas_4, oracle.kijkglas_4),
        ("kijkglas-5", kijkglas_5, oracle.kijkglas_5),
    ):
        expected = slow(booked, swv, *moments)
        for table, rows in product(ledger, model, as_of, swv).items():
            shown = layouts.load(name).table(table, rows, swv=swv, teldatum=as_of.teldatum)
            columns = [column.naam for column in shown.kolommen]
            found = [dict(zip(columns, row, strict=True)) for row in shown.rijen]
            assert found == expected[table], (name, table)
