"""Indicatoren: the figures for the board, from examples, the region and random histories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from projections.indicatoren import indicatoren, year_before
from projections.maskeer import masked_rows
from tests import oracle_indicatoren
from tests.command import GOLDEN, Kijkglas, Row, ledger_with
from tests.conftest import Golden
from tests.histories import histories, moments
from tests.histories_leerplicht import with_leerplicht
from tests.histories_pools import SWVS
from tests.ledgers import AsOf, import_events, ledger_of, refreshed
from tests.oracle_examples import KIND, enrolled, event, home, issued, link
from tests.oracle_facts import Event

PO, VO = "PO2304", "VO2305"
T = "2025-02-01"
TWO, THREE = "900554332", "909555187"
TABLES = ["tlvs", "verblijf", "aandeel", "stromen", "thuiszitters"]


def tables(
    events: Sequence[Event], tmp_path: Path, swv: str = PO, *more: str
) -> dict[str, list[Row]]:
    """Return the tables of a history on T, or on the teldatum among the options."""
    return asked(ledger_with(tmp_path, events), swv, *more)


def asked(command: Kijkglas, swv: str = PO, *more: str) -> dict[str, list[Row]]:
    """Return the tables of a ledger."""
    when = () if "--teldatum" in more else ("--teldatum", T)
    done = command.fine("report", "indicatoren", "--swv", swv, "--format", "json", *when, *more)
    found: dict[str, list[Row]] = done.answer["tabellen"]
    return found


def values(rows: Sequence[Row], *key: object) -> tuple[object, ...]:
    """Return what follows the key in the one row that begins with it."""
    (row,) = [row for row in rows if tuple(row.values())[: len(key)] == key]
    return tuple(row.values())[len(key) :]


# Tlv's


def test_a_tlv_begins_runs_and_ends_in_a_month(tmp_path: Path) -> None:
    events = [
        issued(f"{PO}-2024-00001", "2024-10-15", "2025-04-29"),
        issued(f"{PO}-2024-00002", "2024-09-01", "2025-07-31", pgn=TWO),
        event("TlvIngetrokken", pgn=TWO, nummer=f"{PO}-2024-00002", per="2024-11-01"),
        issued(f"{PO}-2024-00003", "2024-09-01", "2025-07-31", pgn=THREE),
        event("TlvIngetrokken", pgn=THREE, nummer=f"{PO}-2024-00003", per="2024-09-01"),
        issued("PO2202-2024-00004", "2024-10-01", "2025-07-31", pgn=THREE),
        issued(f"{PO}-2024-00005", "2024-10-01", "2026-07-31", "HOOG", pgn=THREE),
    ]
    rows = tables(events, tmp_path)["tlvs"]
    assert len(rows) == 12 * 4
    assert [values(rows, month, "LAAG") for month in ("2024-08", "2024-09", "2024-10")] == [
        (0, 0, 0),
        (1, 1, 0),
        (1, 2, 1),
    ]
    assert [values(rows, month, "LAAG") for month in ("2024-11", "2025-03", "2025-04")] == [
        (0, 1, 0),
        (0, 1, 0),
        (0, 0, 1),
    ]
    assert values(rows, "2025-07", "HOOG") == (0, 1, 0)


def test_a_vo_samenwerkingsverband_has_no_tlv_for_sbo(tmp_path: Path) -> None:
    rows = tables([issued(f"{VO}-2024-00001", "2024-08-01", "2025-07-31")], tmp_path, VO)["tlvs"]
    assert len(rows) == 12 * 3
    assert values(rows, "2024-08", "LAAG") == (1, 1, 0)


# Length of stay


def stay(*spans: tuple[str, str | None], soort: str = "SO", pgn: str = KIND) -> list[Event]:
    """Return the enrolments of a pupil who lives in the area."""
    enrolments = [
        enrolled(soort, begin, end, volgnummer=str(number), pgn=pgn)
        for number, (begin, end) in enumerate(spans)
    ]
    return [*home(pgn=pgn), *enrolments]


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        ([("2023-08-01", "2024-12-31")], (1, 519.0, 1.4)),
        ([("2023-08-01", "2024-07-31")], (0, None, None)),
        ([("2023-08-01", None)], (0, None, None)),
        ([("2023-08-01", "2024-06-30"), ("2024-07-29", "2025-07-31")], (1, 731.0, 2.0)),
        ([("2023-08-01", "2024-06-30"), ("2024-07-30", "2025-07-31")], (1, 367.0, 1.0)),
        ([("2023-08-01", "2024-12-31"), ("2025-01-29", None)], (0, None, None)),
        ([("2023-08-01", "2024-12-31"), ("2025-01-30", None)], (1, 519.0, 1.4)),
    ],
)
def test_the_stay_of_who_left_in_the_school_year(
    spans: list[tuple[str, str | None]], found: tuple[object, ...], tmp_path: Path
) -> None:
    assert values(tables(stay(*spans), tmp_path)["verblijf"], "SO") == found


def test_the_average_is_over_the_pupils_and_of_whom_s_answers_for(tmp_path: Path) -> None:
    events = [
        *stay(("2024-08-01", "2024-08-10")),
        *stay(("2024-08-01", "2024-08-11"), pgn=TWO),
        enrolled("SO", "2024-08-01", "2024-09-30", pgn=THREE),
    ]
    rows = tables(events, tmp_path)["verblijf"]
    assert values(rows, "SO") == (2, 10.5, 0.0)
    assert values(rows, "SBO") == (0, None, None)


def test_a_vo_samenwerkingsverband_has_its_vso(tmp_path: Path) -> None:
    rows = tables(stay(("2023-08-01", "2024-12-31"), soort="VSO"), tmp_path, VO)["verblijf"]
    assert [tuple(row.values()) for row in rows] == [("VSO", 1, 519.0, 1.4)]


# Share


def with_tlv(pgn: str, schoolsoort: str = "SO", vestiging: str = "12QN00") -> list[Event]:
    """Return an enrolment that counts by a tlv."""
    swv = VO if schoolsoort == "VSO" else PO
    nummer = f"{swv}-2024-{pgn[:5]}"
    return [
        issued(nummer, "2024-08-01", "2026-07-31", pgn=pgn),
        enrolled(schoolsoort, "2024-08-01", None, vestiging, pgn=pgn, tlv=[nummer]),
    ]


def test_the_share_per_vestiging_and_in_all(tmp_path: Path) -> None:
    events = [
        link("12QN00", PO),
        link("12QN01", PO),
        *with_tlv(KIND),
        enrolled("BO", "2024-08-01", None, "12QN00", pgn=TWO),
        enrolled("BO", "2024-08-01", None, "12QN01", pgn=THREE),
        *with_tlv("924154676", vestiging="14YY00"),
        *with_tlv("947755019", "VSO"),
    ]
    rows = tables(events, tmp_path)["aandeel"]
    assert [tuple(row.values()) for row in rows] == [
        ("12QN00", 2, 1, 50.0),
        ("12QN01", 1, 0, 0.0),
        ("totaal", 3, 1, 33.3),
    ]


def test_without_pupils_there_is_no_share(tmp_path: Path) -> None:
    rows = tables([link("12QN00", VO)], tmp_path, VO)["aandeel"]
    assert [tuple(row.values()) for row in rows] == [("totaal", 0, 0, None)]


# Flows


@pytest.mark.parametrize(
    ("van", "naar", "swv", "richting"),
    [
        ("SBO", "VO", PO, "doorstroom"),
        ("SO", "VSO", PO, "doorstroom"),
        ("SO", "BO", PO, "teruggang"),
        ("SBO", "BO", PO, "teruggang"),
        ("SO", "VSO", VO, "doorstroom"),
        ("SBO", "VO", VO, "doorstroom"),
        ("VSO", "VO", VO, "teruggang"),
    ],
)
def test_a_pupil_who_changed_schoolsoort_within_the_year(
    van: str, naar: str, swv: str, richting: str, tmp_path: Path
) -> None:
    events = [
        *home(),
        link("14YY00", VO),
        enrolled(van, "2023-08-01", "2024-07-31"),
        enrolled(naar, "2024-08-01", None, "14YY00", volgnummer="2"),
    ]
    command = ledger_with(tmp_path, events)
    rows = asked(command, swv)["stromen"]
    assert values(rows, richting, van, naar) == (1,)
    assert sum(row["AANTAL"] for row in rows) == 1
    later = asked(command, swv, "--teldatum", "2026-02-01")["stromen"]
    assert sum(row["AANTAL"] for row in later) == 0


def test_the_year_before_29_february_is_the_28th() -> None:
    assert year_before(date(2024, 2, 29)) == date(2023, 2, 28)
    assert year_before(date(2021, 10, 1)) == date(2020, 10, 1)


# Thuiszitters


def away(soort: str = "relatief", vanaf: str = "2024-10-01", pgn: str = KIND) -> Event:
    """Return a report that a pupil stays away."""
    return event("VerzuimGemeld", "2024-10-05", pgn=pgn, soort=soort, vanaf=vanaf)


def thuiszitters(events: Sequence[Event], tmp_path: Path, swv: str = PO, *more: str) -> list[int]:
    """Return the counts: absoluut, relatief, vrijstelling, ontwikkelingsperspectief."""
    return [row["AANTAL"] for row in tables(events, tmp_path, swv, *more)["thuiszitters"]]


SCHOOL = [*home(), enrolled("SO", "2024-08-01")]


def test_a_pupil_with_an_enrolment_of_s(tmp_path: Path) -> None:
    events = [
        *SCHOOL,
        away(),
        event("VrijstellingVerleend", "2024-10-05", pgn=KIND, vanaf="2025-02-01"),
        event(
            "OntwikkelingsperspectiefVastgesteld",
            "2024-10-05",
            pgn=KIND,
            instellingscode="12QN",
            volgnummer="1",
            vanaf="2024-09-15",
        ),
    ]
    command = ledger_with(tmp_path, events)
    found = {
        day: [row["AANTAL"] for row in asked(command, PO, "--teldatum", day)["thuiszitters"]]
        for day in ("2024-09-14", "2024-10-01", "2025-01-31", "2025-02-01")
    }
    assert found["2024-09-14"] == [0, 0, 0, 0]
    assert found["2024-10-01"] == [0, 1, 0, 1]
    assert found["2025-01-31"] == [0, 1, 0, 1]
    assert found["2025-02-01"] == [0, 1, 1, 1]
    assert [row["AANTAL"] for row in asked(command, "PO9999")["thuiszitters"]] == [0] * 4


def test_as_known_then(tmp_path: Path) -> None:
    ended = event("VerzuimBeeindigd", "2025-03-01", pgn=KIND, tot_en_met="2025-01-15")
    command = ledger_with(tmp_path, [*SCHOOL, away(), ended])
    before = asked(command, PO, "--bekend-op", "2025-02-28")["thuiszitters"]
    assert values(before, "relatief verzuim") == (1,)
    assert values(asked(command)["thuiszitters"], "relatief verzuim") == (0,)


def test_a_pupil_on_a_linked_vestiging_that_another_answers_for(tmp_path: Path) -> None:
    other = enrolled("BO", "2024-08-01", None, "14YY00", pgn=TWO)
    assert thuiszitters([link("14YY00", PO), other, away(pgn=TWO)], tmp_path) == [0, 1, 0, 0]


def test_a_pupil_without_enrolment_by_residence(tmp_path: Path) -> None:
    events = [*home(), away("absoluut"), away("absoluut", pgn=TWO)]
    command = ledger_with(tmp_path, events)
    assert [
        values(asked(command, swv)["thuiszitters"], "absoluut verzuim") for swv in (PO, VO)
    ] == [
        (1,),
        (1,),
    ]


def test_a_residence_that_is_only_a_samenwerkingsverband(tmp_path: Path) -> None:
    lives = event("WoonplaatsVastgelegd", pgn=KIND, vanaf="2020-01-01", swv=[PO])
    assert thuiszitters([lives, away("absoluut")], tmp_path) == [1, 0, 0, 0]


def test_an_enrolment_elsewhere_goes_before_the_residence(tmp_path: Path) -> None:
    elsewhere = [link("14YY00", "PO2202"), enrolled("BO", "2024-08-01", None, "14YY00")]
    assert thuiszitters([*home(), *elsewhere, away()], tmp_path) == [0, 0, 0, 0]


def test_a_pupil_who_got_another_pgn_counts_once(tmp_path: Path) -> None:
    joined = event("PgnVervangen", "2024-12-01", pgn=KIND, nieuw_pgn=TWO)
    again = event("VerzuimGemeld", "2024-12-05", pgn=TWO, soort="relatief", vanaf="2024-10-01")
    assert thuiszitters([*SCHOOL, away(), joined, again], tmp_path) == [0, 1, 0, 0]


# Masked


def _share(code: str, pupils: int, with_one: int) -> Row:
    share = Decimal(1)
    return {"vestigingscode": code, "leerlingen": pupils, "met_tlv": with_one, "aandeel": share}


def test_a_total_does_not_give_a_masked_count_away() -> None:
    rows = [_share("a", 20, 3), _share("b", 20, 10), _share("totaal", 40, 13)]
    found = [tuple(row.values()) for row in masked_rows({"aandeel": rows})["aandeel"]]
    assert found == [
        ("a", "20", "<5", None),
        ("b", "20", "10", Decimal(1)),
        ("totaal", "40", "*", None),
    ]


def test_zero_and_five_are_shown() -> None:
    rows = [{"soort": str(n), "aantal": n} for n in (0, 1, 4, 5)]
    found = masked_rows({"thuiszitters": rows})["thuiszitters"]
    assert [row["aantal"] for row in found] == ["0", "<5", "<5", "5"]


def test_what_flows_in_and_out_of_a_small_stock_is_masked() -> None:
    numbers = [(9, 9, 0), (0, 3, 6), (9, 12, 0), (0, 12, 0), (2, 7, 7)]
    rows = [
        {"maand": str(n), "categorie": "LAAG", "afgegeven": a, "lopend": b, "eindigend": c}
        for n, (a, b, c) in enumerate(numbers)
    ]
    found = [tuple(row.values())[2:] for row in masked_rows({"tlvs": rows})["tlvs"]]
    assert found == [
        ("9", "9", "0"),
        ("*", "<5", "*"),
        ("*", "12", "*"),
        ("0", "12", "0"),
        ("<5", "7", "*"),
    ]


def test_an_average_of_few_is_empty(tmp_path: Path) -> None:
    rows = tables(stay(("2023-08-01", "2024-12-31")), tmp_path, PO, "--maskeer")["verblijf"]
    assert values(rows, "SO") == ("<5", None, None)
    assert values(rows, "SBO") == ("0", None, None)


# On a screen and in files


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
@pytest.mark.parametrize("mask", [(), ("--maskeer",)])
def test_the_files_of_the_region(
    swv: str, mask: tuple[str, ...], region_ledger: Kijkglas, tmp_path: Path, golden: Golden
) -> None:
    ask = ("report", "indicatoren", "--swv", swv, "--teldatum", T, *mask)
    region_ledger.fine(*ask, "-o", tmp_path / "uit")
    folder = GOLDEN / "indicatoren"
    folder.mkdir(exist_ok=True)
    names = [f"Indicatoren_{each}_{swv}_01_02_2025.csv" for each in TABLES]
    assert {path.name for path in (tmp_path / "uit").iterdir()} == {*names, "herkomst.json"}
    for name in names:
        mark = "gemaskeerd_" if mask else ""
        golden(folder / f"{mark}{name}", (tmp_path / "uit" / name).read_bytes())


@pytest.mark.parametrize("form", ["csv", "csv-excel", "jsonl", "table", "json"])
def test_every_form_says_the_same(form: str, tmp_path: Path) -> None:
    command = ledger_with(tmp_path, [*SCHOOL, away()])
    ask = ("report", "indicatoren", "--swv", PO, "--teldatum", T, "--format", form)
    assert "ontwikkelingsperspectief" in command.fine(*ask).out


def test_a_workbook_has_a_sheet_per_table(tmp_path: Path) -> None:
    path = tmp_path / "indicatoren.xlsx"
    command = ledger_with(tmp_path, [*SCHOOL, away()])
    command.fine("report", "indicatoren", "--swv", PO, "--teldatum", T, "-o", path)
    sheets = load_workbook(path).worksheets[: len(TABLES)]
    cells: list[Any] = [cell.value for row in sheets[-1].iter_rows() for cell in row]
    assert cells[cells.index("relatief verzuim") + 1] == 1


def test_json_names_every_table(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, SCHOOL)
    ask = ("report", "indicatoren", "--swv", PO, "--teldatum", T, "--format", "json")
    answer = command.fine(*ask).answer
    assert list(answer) == ["herkomst", "tabellen"]
    assert list(answer["tabellen"]) == TABLES


def test_a_samenwerkingsverband_is_needed(tmp_path: Path) -> None:
    done = ledger_with(tmp_path, SCHOOL)("report", "indicatoren")
    assert done.status == 2
    assert "--swv" in done.err


def test_another_product_has_no_mask(tmp_path: Path) -> None:
    done = ledger_with(tmp_path, SCHOOL)("report", "dashboard-1a", "--swv", PO, "--maskeer")
    assert done.status == 2
    assert "--maskeer hoort niet bij dashboard-1a" in done.err


def test_diff_compares_two_teldata(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, [*SCHOOL, away()])
    sides = ("--from", "2024-09-30", "--to", T)
    done = command("diff", "indicatoren", "--swv", PO, *sides, "--format", "json")
    assert done.status == 1
    (changed,) = done.answer["tabellen"]["thuiszitters"]
    assert changed["SOORT"] == "relatief verzuim"


# Random histories

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(st.data(), st.integers(0, 2**32 - 1))
def test_every_figure_equals_the_independent_count(data: st.DataObject, seed: int) -> None:
    history = with_leerplicht(data.draw(histories()), Random(seed))  # noqa: S311 - no secret
    teldatum, known = data.draw(moments(history)) if history else (date(2024, 2, 1), None)
    with ledger_of() as ledger:
        refused = {one.regelnummer for one in import_events(ledger, history).booked.refused}
        booked = [one for number, one in enumerate(history, 1) if number not in refused]
        model = refreshed(ledger)
        for swv in (*SWVS["PO"], *SWVS["VO"]):
            found = indicatoren(ledger, model, AsOf(teldatum, known), swv)
            assert found == oracle_indicatoren.indicatoren(booked, teldatum, known, swv)
        model.close()
