"""Kijkglas 2: every (v)so row of a school year, who came, left and moved (rules.md 7)."""

from __future__ import annotations

import json
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from tests.command import GOLDEN, Kijkglas, Row, columns, ledger_with
from tests.conftest import Golden
from tests.movement_examples import PGNS, changed, with_tlv
from tests.oracle_examples import enrolled, event, home, issued, link
from tests.oracle_facts import Event

ON_T = ("--teldatum", "2025-02-01")
ALGEMEEN = [
    "SAMENWERKINGSVERBAND",
    "SCHOOLJAAR",
    "MAAND",
    "VENSTER_NA",
    "PEILDATUM",
    "BEKEND_OP",
    "BLOK_2_2",
    "BLOK_2_3",
    "BLOK_2_4",
    "BLOK_2_5",
    "INSCHRIJVINGEN",
    "LEERLINGEN_BEGIN",
    "INSTROOM",
    "UITSTROOM",
    "DOORSTROOM",
    "LEERLINGEN_PEILDATUM",
]
INSCHRIJVINGEN = [
    "BLOK",
    "BSN_OWN",
    "INSTELLINGSCODE",
    "VESTIGINGSCODE",
    "INSCHRIJVINGSVOLGNUMMER",
    "BEGIN",
    "EIND",
    "CATEGORIE",
    "BASIS",
    "BESCHIKKINGSNUMMER",
    "BEKOSTIGD",
    "REDEN",
    "INSTROOM",
    "UITSTROOM",
    "DOORSTROOM",
    "MAAND",
]
FLAGS = ("INSTROOM", "UITSTROOM", "DOORSTROOM")
NEW, LEFT, MOVED, STAYED, OTHER, TWICE, UNPAID = PGNS


def story(swv: str, soort: str, other: str) -> list[Event]:
    """Return one pupil of every kind; 12QN00 is linked to S, 14YY00 is not."""
    vso: dict[str, str] = {"schoolsoort": soort}
    return [
        link("12QN00", swv),
        # Came on the day after 1 October; left on the day before 1 February.
        *with_tlv(NEW, f"{swv}-2024-00001", "2024-10-02", **vso),
        *with_tlv(LEFT, f"{swv}-2024-00002", "2024-08-01", "2025-01-31", **vso),
        # To another vestiging, with the tlv that still runs.
        *with_tlv(MOVED, f"{swv}-2024-00003", "2024-08-01", "2025-01-05", **vso),
        enrolled(soort, "2025-01-06", None, "14YY00", pgn=MOVED, tlv=[f"{swv}-2024-00003"]),
        # Stays, with another tlv from January on.
        *with_tlv(STAYED, f"{swv}-2024-00004", "2024-08-01", **vso),
        *changed(STAYED, f"{swv}-2025-00004", "2025-01-01"),
        # The tlv of another samenwerkingsverband takes over: who leaves here comes there.
        *with_tlv(OTHER, f"{swv}-2024-00005", "2024-08-01", **vso),
        *changed(OTHER, f"{other}-2024-00005", "2024-12-01"),
        # At two schools at once: the later enrolment counts.
        *with_tlv(TWICE, f"{swv}-2024-00006", "2024-10-10", **vso),
        enrolled(soort, "2024-11-11", None, "14YY00", pgn=TWICE, tlv=[f"{swv}-2024-00006"]),
        # Came and does not count.
        *with_tlv(UNPAID, f"{swv}-2024-00007", "2024-11-01", bekostigbaar=False, **vso),
    ]


REGIMES = pytest.mark.parametrize(
    ("swv", "soort", "other", "here", "there"),
    [("PO2304", "SO", "PO2202", "2.2", "2.3"), ("VO2305", "VSO", "VO2203", "2.4", "2.5")],
)


def asked(command: Kijkglas, swv: str, *more: object) -> dict[str, list[Row]]:
    """Return the tables of kijkglas 2."""
    done = command.fine("report", "kijkglas-2", "--swv", swv, *ON_T, *more, "--format", "json")
    tables: dict[str, list[Row]] = done.answer["tabellen"]
    return tables


@REGIMES
def test_every_pupil_carries_the_flag_of_what_happened(
    swv: str, soort: str, other: str, here: str, there: str, tmp_path: Path
) -> None:
    tables = asked(ledger_with(tmp_path, story(swv, soort, other)), swv)
    rows = tables["inschrijvingen"]
    assert list(tables) == ["algemeen", "inschrijvingen"]
    assert [list(row) for row in rows] == [INSCHRIJVINGEN] * len(rows)
    shown = ("BLOK", "BSN_OWN", "BEGIN", "EIND", "CATEGORIE", "BEKOSTIGD", "REDEN", *FLAGS)
    twice, end = "dubbele inschrijving", "2026-07-31"
    assert columns(rows, *shown) == [
        (here, NEW, "2024-10-02", end, "LAAG", True, "", 1, 0, 0),
        (here, LEFT, "2024-08-01", "2025-01-31", "LAAG", True, "", 0, 1, 0),
        (here, MOVED, "2024-08-01", "2025-01-05", "LAAG", True, "", 0, 0, 0),
        (here, STAYED, "2024-08-01", "2024-12-31", "LAAG", True, "", 0, 0, 0),
        (here, STAYED, "2025-01-01", end, "HOOG", True, "", 0, 0, 0),
        (here, OTHER, "2024-08-01", "2024-11-30", "LAAG", True, "", 0, 1, 0),
        (here, TWICE, "2024-10-10", "2024-11-10", "LAAG", True, "", 0, 0, 0),
        (here, TWICE, "2024-11-11", end, "LAAG", False, twice, 0, 0, 0),
        (here, UNPAID, "2024-11-01", end, "LAAG", False, "niet bekostigbaar", 1, 0, 0),
        (there, MOVED, "2025-01-06", end, "LAAG", True, "", 0, 0, 1),
        (there, TWICE, "2024-11-11", end, "LAAG", True, "", 1, 0, 0),
    ]
    (algemeen,) = tables["algemeen"]
    assert list(algemeen) == ALGEMEEN
    assert [algemeen[name] for name in ALGEMEEN[:6]] == [
        swv, "2024/2025", "", "2024-10-01", "2025-02-01", None,
    ]  # fmt: skip
    blocks = [9, 2, 0, 0] if soort == "SO" else [0, 0, 9, 2]
    assert [algemeen[name] for name in ALGEMEEN[6:]] == [*blocks, 11, 4, 3, 2, 1, 5]


@pytest.mark.parametrize(
    ("swv", "soort", "other", "blok"),
    [("PO2304", "SO", "PO2202", "2.3"), ("VO2305", "VSO", "VO2203", "2.5")],
)
def test_who_leaves_here_comes_there(
    swv: str, soort: str, other: str, blok: str, tmp_path: Path
) -> None:
    tables = asked(ledger_with(tmp_path, story(swv, soort, other)), other)
    assert columns(tables["inschrijvingen"], "BLOK", "BSN_OWN", "BEGIN", *FLAGS) == [
        (blok, OTHER, "2024-12-01", 1, 0, 0)
    ]


def test_rows_without_tlv_are_listed_and_never_flagged(tmp_path: Path) -> None:
    history = [
        *home(pgn=NEW),
        enrolled("SO", "2024-11-01", pgn=NEW),
        *with_tlv(LEFT, "PO2304-2022-00002", "2024-08-01", tlv_eind="2024-12-31"),
        enrolled("SBO", "2024-08-01", pgn=MOVED),
        *home(pgn=MOVED),
    ]
    rows = asked(ledger_with(tmp_path, history), "PO2304")["inschrijvingen"]
    shown = ("BSN_OWN", "BEGIN", "BASIS", "BESCHIKKINGSNUMMER", *FLAGS)
    assert columns(rows, *shown) == [
        (NEW, "2024-11-01", "OVERIG", "", 0, 0, 0),
        (LEFT, "2024-08-01", "TLV", "PO2304-2022-00002", 0, 1, 0),
        (LEFT, "2025-01-01", "OVERIG", "", 0, 0, 0),
    ]
    assert {row["BLOK"] for row in rows} == {"2.3"}


def test_rows_of_the_school_year_and_of_no_other(tmp_path: Path) -> None:
    history = [
        *with_tlv(NEW, "PO2304-2023-00001", "2023-08-01", "2024-07-31", tlv_begin="2023-08-01"),
        *with_tlv(LEFT, "PO2304-2023-00002", "2023-08-01", "2024-08-01", tlv_begin="2023-08-01"),
        *with_tlv(MOVED, "PO2304-2024-00003", "2025-07-31"),
        *with_tlv(STAYED, "PO2304-2024-00004", "2025-08-01"),
    ]
    command = ledger_with(tmp_path, history)
    rows = asked(command, "PO2304")["inschrijvingen"]
    assert columns(rows, "BSN_OWN") == [(LEFT,), (MOVED,)]
    later = asked(command, "PO2304", "--peildatum", "1-2-2026")["inschrijvingen"]
    assert columns(later, "BSN_OWN", "INSTROOM") == [(MOVED, 0), (STAYED, 0)]


def test_a_late_registration_is_there_once_it_is_known(tmp_path: Path) -> None:
    history = with_tlv(NEW, "PO2304-2024-00001", "2024-11-01", bekend_op="2025-03-10")
    command = ledger_with(tmp_path, history)
    before = asked(command, "PO2304", "--bekend-op", "2025-03-09")
    after = asked(command, "PO2304", "--bekend-op", "2025-03-10")
    assert before["inschrijvingen"] == []
    assert columns(after["inschrijvingen"], "BSN_OWN", "INSTROOM") == [(NEW, 1)]
    assert after["algemeen"][0]["BEKEND_OP"].startswith("2025-03-10T23:59:59")


def test_two_pgns_of_one_pupil_are_one_member_once_that_is_known(tmp_path: Path) -> None:
    own, bsn, number = "101500021", "123456782", "PO2304-2024-00001"
    history = [
        *with_tlv(own, number, "2024-08-01", "2025-01-05"),
        issued("PO2304-2024-00002", "2024-08-01", "2026-07-31", "LAAG", bsn),
        enrolled("SO", "2025-01-06", None, "14YY00", pgn=bsn, tlv=["PO2304-2024-00002"]),
        event("PgnVervangen", "2025-02-20", pgn=own, nieuw_pgn=bsn),
    ]
    command = ledger_with(tmp_path, history)
    flags = [
        columns(asked(command, "PO2304", "--bekend-op", known)["inschrijvingen"], "BSN_OWN", *FLAGS)
        for known in ("2025-02-19", "2025-02-20")
    ]
    assert flags == [[(own, 0, 1, 0), (bsn, 1, 0, 0)], [(bsn, 0, 0, 0), (bsn, 0, 0, 1)]]


def test_the_block_is_that_of_the_link_on_the_last_day(tmp_path: Path) -> None:
    history = [
        link("12QN00", "PO2304", "2024-12-01"),
        *with_tlv(NEW, "PO2304-2024-00001", "2024-08-01", "2024-10-31"),
    ]
    command = ledger_with(tmp_path, history)
    assert asked(command, "PO2304")["inschrijvingen"][0]["BLOK"] == "2.2"
    month = asked(command, "PO2304", "--maand", "2024-11")["inschrijvingen"]
    assert columns(month, "BLOK", "UITSTROOM", "MAAND") == [("2.3", 1, "2024-11")]


def test_the_block_is_that_of_the_link_as_known_then(tmp_path: Path) -> None:
    history = [
        link("12QN00", "PO2304", bekend_op="2025-03-10"),
        *with_tlv(NEW, "PO2304-2024-00001", "2024-08-01"),
    ]
    command = ledger_with(tmp_path, history)
    blocks = [
        columns(asked(command, "PO2304", "--bekend-op", known)["inschrijvingen"], "BLOK")
        for known in ("2025-03-09", "2025-03-10")
    ]
    assert blocks == [[("2.3",)], [("2.2",)]]


# Windows


def test_the_summer_shows_who_left_with_the_last_school_day(tmp_path: Path) -> None:
    history = [
        *with_tlv(LEFT, "PO2304-2023-00001", "2023-08-01", "2024-07-31", tlv_begin="2023-08-01"),
        *with_tlv(MOVED, "PO2304-2023-00002", "2023-08-01", "2024-06-30", tlv_begin="2023-08-01"),
        *with_tlv(NEW, "PO2304-2024-00003", "2024-08-01"),
    ]
    command = ledger_with(tmp_path, history)
    tables = asked(command, "PO2304", "--maand", "2024-08")
    assert columns(tables["inschrijvingen"], "BSN_OWN", "EIND", *FLAGS) == [
        (NEW, "2026-07-31", 1, 0, 0),
        (LEFT, "2024-07-31", 0, 1, 0),
    ]
    assert tables["algemeen"][0]["LEERLINGEN_BEGIN"] == 1


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_a_school_year_is_its_twelve_months(swv: str, region_ledger: Kijkglas) -> None:
    year = asked(region_ledger, swv, "--maand", "2024-2025")
    months = [f"2024-{month:02}" for month in range(8, 13)]
    months += [f"2025-{month:02}" for month in range(1, 8)]
    single = [asked(region_ledger, swv, "--maand", month) for month in months]
    for name in ("algemeen", "inschrijvingen"):
        assert year[name] == [row for tables in single for row in tables[name]]
    counts = year["algemeen"]
    assert [row["MAAND"] for row in counts] == months
    for row, following in pairwise(counts):
        assert row["LEERLINGEN_PEILDATUM"] == following["LEERLINGEN_BEGIN"]


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
@pytest.mark.parametrize("window", [(), ("--peildatum", "2025-06-15"), ("--maand", "2025-01")])
def test_the_counts_add_up(swv: str, window: tuple[str, ...], region_ledger: Kijkglas) -> None:
    tables = asked(region_ledger, swv, *window)
    (counts,) = tables["algemeen"]
    rows = tables["inschrijvingen"]
    for flag in FLAGS:
        assert counts[flag] == sum(row[flag] for row in rows)
    grown = counts["INSTROOM"] - counts["UITSTROOM"]
    assert counts["LEERLINGEN_PEILDATUM"] == counts["LEERLINGEN_BEGIN"] + grown
    assert counts["INSCHRIJVINGEN"] == len(rows)
    flagged = [row["BSN_OWN"] for row in rows if any(row[flag] for flag in FLAGS)]
    assert len(flagged) == len(set(flagged))
    assert flagged


def test_before_2022_it_works_as_well(tmp_path: Path) -> None:
    history = [
        *with_tlv(NEW, "PO2304-2020-00001", "2020-11-01", tlv_begin="2020-08-01"),
    ]
    done = ledger_with(tmp_path, history).fine(
        "report", "kijkglas-2", "--swv", "PO2304", "--teldatum", "1-10-2020", "--format", "json"
    )
    assert columns(done.answer["tabellen"]["inschrijvingen"], "INSTROOM") == [(1,)]
    assert done.answer["herkomst"]["opmerkingen"] == [
        "Schooljaar 2020/2021.",
        "Venster na 1-10-2020 tot en met 1-2-2021.",
    ]


# Forms


@pytest.mark.parametrize(
    ("window", "day"),
    [
        ((), "01_02_2025"),
        (("--maand", "2024-08"), "31_08_2024"),
        (("--maand", "2024-2025"), "01_08_2024"),
    ],
)
def test_files_are_named_after_the_last_day(
    window: tuple[str, ...], day: str, region_ledger: Kijkglas, tmp_path: Path
) -> None:
    region_ledger.fine("report", "kijkglas-2", "--swv", "PO9901", *ON_T, *window, "-o", tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        f"Kijkglas_2_algemeen_PO9901_{day}.csv",
        f"Kijkglas_2_inschrijvingen_PO9901_{day}.csv",
        "herkomst.json",
    }


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
@pytest.mark.parametrize("window", [(), ("--maand", "2024-08")])
def test_the_files_of_the_region(
    swv: str, window: tuple[str, ...], region_ledger: Kijkglas, tmp_path: Path, golden: Golden
) -> None:
    known = ("--bekend-op", "2025-04-01")
    region_ledger.fine(
        "report", "kijkglas-2", "--swv", swv, *ON_T, *known, *window, "-o", tmp_path / "uit"
    )
    for path in sorted((tmp_path / "uit").glob("*.csv")):
        golden(GOLDEN / "kijkglas" / path.name, path.read_bytes())


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "json", "jsonl", "xlsx"])
def test_every_form_has_every_row(form: str, tmp_path: Path) -> None:
    command = ledger_with(tmp_path, story("PO2304", "SO", "PO2202"))
    done = command.fine("report", "kijkglas-2", "--swv", "PO2304", *ON_T, "--format", form)
    if form == "xlsx":
        book = openpyxl.load_workbook(BytesIO(done.data))
        found = sum(cell.value == MOVED for sheet in book for row in sheet for cell in row)
    else:
        found = done.data.decode("utf-8-sig").count(MOVED)
    assert found == 2
    if form == "jsonl":
        assert len([json.loads(line) for line in done.data.splitlines()]) == 12


def test_a_diff_names_rows_by_enrolment_and_begin(tmp_path: Path) -> None:
    history = [
        *with_tlv(NEW, "PO2304-2024-00001", "2024-11-01"),
        event(
            "UitschrijvingGeregistreerd", "2025-03-10", pgn=NEW, instellingscode="12QN",
            volgnummer="1", einddatum="2025-01-20",
        ),
    ]  # fmt: skip
    command = ledger_with(tmp_path, history)
    done = command(
        "diff", "kijkglas-2", "--swv", "PO2304", "--from", "2025-02-01@2025-03-09",
        "--to", "2025-02-01@2025-03-10", "--format", "json",
    )  # fmt: skip
    assert done.status == 1
    (row,) = done.answer["tabellen"]["inschrijvingen"]
    assert (row["BSN_OWN"], row["BEGIN"], row["soort"]) == (NEW, "2024-11-01", "gewijzigd")
    assert row["kolommen"] == {
        "EIND": {"voor": "2026-07-31", "na": "2025-01-20"},
        "INSTROOM": {"voor": 1, "na": 0},
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("kijkglas-2", "--maand", "2025-13"), "--maand: '2025-13-01' is geen bestaande datum"),
        (("kijkglas-2", "--maand", "jan"), "'jan' is geen maand en geen schooljaar"),
        (("kijkglas-2", "--maand", "2024-2026"), "'2024-2026' is geen maand"),
        (("kijkglas-2", "--maand", "2025-01", "--peildatum", "1-2-2025"), "kies een van beide"),
        (("kijkglas-2", "--peildatum", "30-9-2024"), "30-9-2024 ligt voor 1-10-2024"),
        (("kijkglas-2", "--peildatum", "morgen"), "'morgen' is geen datum"),
        (("kijkglas-2", "--lidmaatschap", "1-2-2025"), "--lidmaatschap hoort niet bij kijkglas-2"),
        (("kijkglas-3", "--maand", "2025-01"), "--maand hoort niet bij kijkglas-3"),
        (("kijkglas-3", "--peildatum", "1-2-2025"), "--peildatum hoort niet bij kijkglas-3"),
        (("toename", "--maand", "2025-01"), "--maand hoort niet bij toename"),
        (("dashboard-1b", "--maand", "2025-01"), "--maand hoort niet bij dashboard-1b"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = ledger_with(tmp_path)("report", *arguments, "--swv", "PO2304", *ON_T)
    assert (done.status, done.data) == (2, b"")
    assert said in " ".join(done.err.split())


def test_without_samenwerkingsverband_there_is_no_kijkglas(tmp_path: Path) -> None:
    done = ledger_with(tmp_path)("report", "kijkglas-2", *ON_T)
    assert done.status == 2
    assert "--swv" in done.err


def test_an_empty_ledger_has_one_row_of_zeros(tmp_path: Path) -> None:
    tables = asked(ledger_with(tmp_path), "PO2304")
    assert tables["inschrijvingen"] == []
    assert [tables["algemeen"][0][name] for name in ALGEMEEN[6:]] == [0] * 10
