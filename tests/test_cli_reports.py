"""`stand` and `report` as a user asks them: which rows, in which form, as of when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from projections.render import FORMATS
from projections.render.formats import PICTURES
from tests.command import (
    GOLDEN,
    ROOT,
    SAMPLES,
    Kijkglas,
    Row,
    columns,
    kijkglas,
    ledger_with,
    process,
)
from tests.conftest import Golden
from tests.ledgers import write_feed
from tests.oracle_examples import about, enrolled, event, home, issued, link
from tests.places import address_of

STAND = (
    "pgn",
    "geboortedatum",
    "instellingscode",
    "volgnummer",
    "vestigingscode",
    "schoolsoort",
    "begindatum",
    "einddatum",
    "soort_verblijf",
    "swv",
    "wijze_van_bepaling",
    "ondersteuningscategorie",
    "basis",
    "beschikkingsnummer",
    "telt",
    "reden",
    "geldig_van",
    "geldig_tot_en_met",
    "bekend_van",
    "bekend_tot",
)
"""The columns of `stand` in their order (cli.md, Commands)."""

TWO_SCHOOLS = SAMPLES / "C11-dubbele-inschrijving" / "feed.jsonl"
T, T2 = "2025-02-01", "2026-02-01"
ON_T = ("--teldatum", T)
FIXED = "2025-03-03"


@pytest.fixture(scope="module")
def two_schools(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give the ledger of case C11: two pupils at two schools, one enrolment of each counts."""
    return ledger_with(tmp_path_factory.mktemp("stand"), TWO_SCHOOLS)


# The state


def test_the_columns_of_stand_are_those_of_the_contract(two_schools: Kijkglas) -> None:
    done = two_schools.fine("stand", *ON_T, "--format", "csv")
    assert tuple(done.out.splitlines()[0].split(",")) == STAND
    assert all(tuple(row) == STAND for row in two_schools.stand(T))


def test_stand_is_ordered_by_pgn_instelling_and_volgnummer(region_ledger: Kijkglas) -> None:
    keys = columns(region_ledger.stand(T), "pgn", "instellingscode", "volgnummer")
    assert len(keys) > 900
    assert keys == sorted(keys)


def test_json_has_types_and_csv_has_ja_and_nee(two_schools: Kijkglas) -> None:
    old, new, *_ = two_schools.stand(T)
    assert (new["telt"], old["telt"]) == (False, True)
    assert old == {
        "pgn": "931884640",
        "geboortedatum": "2014-05-20",
        "instellingscode": "11AA",
        "volgnummer": "2459111",
        "vestigingscode": "11AA00",
        "schoolsoort": "SO",
        "begindatum": "2024-11-04",
        "einddatum": None,
        "soort_verblijf": "geen",
        "swv": "PO2304",
        "wijze_van_bepaling": "TLV",
        "ondersteuningscategorie": "LAAG",
        "basis": "TLV",
        "beschikkingsnummer": "PO2304-2023-00011",
        "telt": True,
        "reden": "",
        "geldig_van": "2024-11-04",
        "geldig_tot_en_met": "2026-07-31",
        "bekend_van": "2024-11-07T00:00:00+01:00",
        "bekend_tot": None,
    }
    lines = two_schools.fine("stand", *ON_T, "--format", "csv").lines
    assert [line["telt"] for line in lines] == ["Ja", "Nee", "Ja", "Nee"]
    assert lines[0]["einddatum"] == ""
    assert lines[1]["reden"] == "dubbele inschrijving"


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (["--vestiging", "14YY00"], [("931884640", "14YY"), ("993714717", "14YY")]),
        (["--pgn", "993714717"], [("993714717", "11AA"), ("993714717", "14YY")]),
        (["--pgn", "993714717", "--vestiging", "14YY00"], [("993714717", "14YY")]),
        (["--swv", "PO2203"], []),
        (["--schoolsoort", "VSO"], []),
        (["--pgn", "123456782"], []),
        (["--pgn", "geen"], []),
        (["--vestiging", "99ZZ00"], []),
    ],
)
def test_selections_narrow_the_state(
    selection: list[str], expected: list[tuple[str, str]], two_schools: Kijkglas
) -> None:
    assert columns(two_schools.stand(T, *selection), "pgn", "instellingscode") == expected


@pytest.mark.parametrize("spelling", ["PO2304", "PO-23-04", "PO 23.04", "po2304", "PO-2304"])
def test_a_samenwerkingsverband_is_written_in_several_ways(
    spelling: str, two_schools: Kijkglas
) -> None:
    assert len(two_schools.stand(T, "--swv", spelling)) == 4


def test_schoolsoorten_add_up_to_the_whole(region_ledger: Kijkglas) -> None:
    counted = Counter(row["schoolsoort"] for row in region_ledger.stand(T))
    assert set(counted) == {"BO", "SBO", "SO", "VSO", "VO"}
    for schoolsoort, size in counted.items():
        assert len(region_ledger.stand(T, "--schoolsoort", schoolsoort)) == size
    several = region_ledger.stand(T, "--schoolsoort", "SBO", "--schoolsoort", "SO")
    assert len(several) == counted["SBO"] + counted["SO"]


def test_vestigingen_and_samenwerkingsverbanden_are_selected_whole(
    region_ledger: Kijkglas,
) -> None:
    rows = region_ledger.stand(T)
    for option, name in (("--swv", "swv"), ("--vestiging", "vestigingscode")):
        value = max(row[name] for row in rows)
        assert region_ledger.stand(T, option, value) == [row for row in rows if row[name] == value]


# What a report is as of


def heading(done_err: str) -> str:
    """Return the line with the two times and the position, as stderr shows it beside csv."""
    return done_err.splitlines()[1]


AFTER = "Stand per 01-02-2025, zoals bekend op 04-03-2025 23:59 (gebeurtenis 21) - na vaststelling"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ([], "Stand per 01-02-2025, zoals nu bekend (gebeurtenis 21) - na vaststelling"),
        (
            ["--today", "2025-03-02"],
            "Stand per 01-02-2025, zoals nu bekend (gebeurtenis 21) - voorlopig",
        ),
        (
            ["--bekend-op", "2025-03-02"],
            "Stand per 01-02-2025, zoals bekend op 02-03-2025 23:59 (gebeurtenis 21) - voorlopig",
        ),
        (
            ["--bekend-op", "3-3-2025"],
            "Stand per 01-02-2025, zoals bekend op 03-03-2025 23:59 (gebeurtenis 21) - definitief",
        ),
        (
            ["--bekend-op", "vaststelling"],
            "Stand per 01-02-2025, zoals bekend op 03-03-2025 23:59 (gebeurtenis 21) - definitief",
        ),
        (
            ["--bekend-op", "2025-03-03T12:00"],
            "Stand per 01-02-2025, zoals bekend op 03-03-2025 12:00 (gebeurtenis 21) - voorlopig",
        ),
        (
            ["--bekend-op", "2025-03-03T12:00:00Z"],
            "Stand per 01-02-2025, zoals bekend op 03-03-2025 13:00 (gebeurtenis 21) - voorlopig",
        ),
        (
            ["--bekend-op", "2025-03-04"],
            AFTER,
        ),
        (
            ["--positie", "12"],
            "Stand per 01-02-2025, zoals nu bekend (gebeurtenis 12) - na vaststelling",
        ),
    ],
)
def test_every_heading_has_both_times_the_position_and_the_status(
    moment: list[str], expected: str, two_schools: Kijkglas
) -> None:
    for command in (["stand"], ["report", "dashboard-1b", "--swv", "PO2304"]):
        csv = two_schools.fine(*command, *ON_T, *moment, "--format", "csv")
        assert heading(csv.err) == expected
        table = two_schools.fine(*command, *ON_T, *moment, "--format", "table")
        assert heading(table.out) == expected
        answer = two_schools.fine(*command, *ON_T, *moment, "--format", "json").answer
        assert answer["herkomst"]["kop"] == expected


def test_the_herkomst_of_json_is_complete(two_schools: Kijkglas) -> None:
    answer = two_schools.fine(
        "stand", *ON_T, "--bekend-op", FIXED, "--pgn", "993714717", "--format", "json"
    ).answer
    assert list(answer) == ["herkomst", "rows"]
    herkomst = answer["herkomst"]
    assert (herkomst["teldatum"], herkomst["positie"], herkomst["status"]) == (T, 21, "definitief")
    assert herkomst["bekend_op"] == "2025-03-03T23:59:59.999999+01:00"
    assert "993714717" not in herkomst["opdracht"]
    assert herkomst["opdracht"].endswith(
        f"stand --teldatum {T} --bekend-op {FIXED} --pgn ********* --format json"
    )
    head = two_schools.fine("verify").out.split()[-1]
    assert herkomst["hoofd"] == head


def test_the_teldatum_is_the_latest_one_not_after_today(two_schools: Kijkglas) -> None:
    for today, teldatum in {
        "2026-02-01": "2026-02-01",
        "31-1-2026": "2025-02-01",
        "2022-02-01": "2022-02-01",
        "2022-01-31": "2021-10-01",
        "2021-09-30": "2020-10-01",
    }.items():
        answer = two_schools.fine("stand", "--today", today, "--format", "json").answer
        assert answer["herkomst"]["teldatum"] == teldatum


def test_dutch_dates_are_read(two_schools: Kijkglas) -> None:
    assert two_schools.stand("1-2-2025") == two_schools.stand(T)


LATE = [
    link("12QN00", "PO2304"),
    *home(),
    enrolled("SO", "2023-08-01", volgnummer="1", bekend_op="2023-03-20", pgn="900554332"),
    event("WoonplaatsVastgelegd", pgn="900554332", vanaf="2020-01-01", pc4="7511"),
]


def fixed(schoolsoorten: list[str], op: str, bekend_op: str = "2024-01-01") -> dict[str, object]:
    """Return a fixed count of 1 February 2024."""
    fields = {"teldatum": "2024-02-01", "schoolsoorten": schoolsoorten, "op": op}
    return event("TellingVastgesteld", bekend_op, **fields)


@pytest.mark.parametrize(
    ("fixings", "moment"),
    [
        ([], "29-02-2024 23:59"),
        ([fixed(["SBO", "SO"], "2024-04-12")], "12-04-2024 23:59"),
        ([fixed(["SO"], "2024-04-08T18:00:00+02:00")], "08-04-2024 18:00"),
        ([fixed(["SO"], "2024-02-15")], "29-02-2024 23:59"),
        ([fixed(["SBO", "SO"], "2024-02-15")], "15-02-2024 23:59"),
        ([fixed(["VSO"], "2024-04-12")], "29-02-2024 23:59"),
        (
            [fixed(["SO"], "2024-04-12"), fixed(["SO"], "2024-04-19", "2024-01-02")],
            "19-04-2024 23:59",
        ),
    ],
)
def test_vaststelling_is_the_calendar_rule_unless_a_count_was_fixed(
    fixings: list[dict[str, object]], moment: str, tmp_path: Path
) -> None:
    command = ledger_with(tmp_path, [*LATE, *fixings])
    done = command.fine(
        "report", "dashboard-1b", "--swv", "PO2304", "--teldatum", "2024-02-01",
        "--bekend-op", "vaststelling", "--format", "csv",
    )  # fmt: skip
    assert heading(done.err) == (
        f"Stand per 01-02-2024, zoals bekend op {moment} (gebeurtenis {len(LATE + fixings) + 1})"
        " - definitief"
    )


def test_known_at_vaststelling_or_later_makes_the_difference(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, SAMPLES / "C10-te-laat-geregistreerd" / "feed.jsonl")
    at, now = (command.stand(T, "--bekend-op", moment) for moment in ("vaststelling", "nu"))
    assert (len(at), len(now)) == (1, 2)


def test_a_position_is_the_ledger_after_its_first_events(tmp_path: Path) -> None:
    feed = (SAMPLES / "C18-twee-downloads" / "feed.jsonl").read_bytes().splitlines(keepends=True)
    whole = ledger_with(tmp_path, SAMPLES / "C18-twee-downloads" / "feed.jsonl")
    for position in (0, 9, 20, 26, 30, len(feed)):
        folder = tmp_path / str(position)
        folder.mkdir()
        begin = folder / "begin.jsonl"
        begin.write_bytes(b"".join(feed[:position]))
        part = ledger_with(folder, begin)
        for question in (
            ("stand", *ON_T),
            ("stand", *ON_T, "--bekend-op", FIXED),
            ("report", "dashboard-1a", "--swv", "PO2203", *ON_T),
            ("report", "dashboard-1b", "--swv", "PO2304", *ON_T),
        ):
            asked = (*question, "--format", "csv")
            assert whole.fine(*asked, "--positie", position).data == part.fine(*asked).data


def test_a_position_beyond_the_last_is_the_last(two_schools: Kijkglas) -> None:
    assert two_schools.stand(T, "--positie", "99999") == two_schools.stand(T)


# Dashboards 1A and 1B of the region, byte for byte

DUO_FILES = {
    "PO9901": {
        "dashboard-1a": [
            "Aantallen_leerlingen_met_tlv_svw_PO9901_01_02_2025.csv",
            "Totaal_aantal_leerlingen_sbo_en_so_PO9901_01_02_2025.csv",
            "Aantallen_leerlingen_vestigingen_bo_en_sbo_PO9901_01_02_2025.csv",
        ],
        "dashboard-1b": ["Bekostigde_leerlingen_PO9901_01_02_2025.csv"],
    },
    "VO9901": {
        "dashboard-1a": [
            "Aantallen_leerlingen_met_tlv_svw_VO9901_01_02_2025.csv",
            "Totaal_aantal_leerlingen_vso_VO9901_01_02_2025.csv",
            "Aantallen_leerlingen_vestigingen_vo_VO9901_01_02_2025.csv",
        ],
        "dashboard-1b": ["Bekostigde_leerlingen_VO9901_01_02_2025.csv"],
    },
}


@pytest.mark.parametrize("swv", DUO_FILES)
@pytest.mark.parametrize("product", ["dashboard-1a", "dashboard-1b"])
def test_files_of_the_region_have_duos_names_and_bytes(
    swv: str, product: str, region_ledger: Kijkglas, tmp_path: Path, golden: Golden
) -> None:
    folder = tmp_path / "uit"
    done = region_ledger.fine(
        "report", product, "--swv", swv, *ON_T, "--bekend-op", "vaststelling", "-o", folder
    )
    names = DUO_FILES[swv][product]
    written = [*names, "herkomst.json"]
    assert done.err.splitlines() == [f"geschreven: {folder / name}" for name in written]
    assert {path.name for path in folder.iterdir()} == set(written)
    for name in names:
        golden(SAMPLES / "region" / name, (folder / name).read_bytes())


def test_the_herkomst_beside_the_files_says_what_they_are(
    region_ledger: Kijkglas, tmp_path: Path
) -> None:
    for product in ("dashboard-1a", "dashboard-1b"):
        region_ledger.fine("report", product, "--swv", "PO9901", *ON_T, "-o", tmp_path / "uit")
    told = json.loads((tmp_path / "uit" / "herkomst.json").read_bytes())
    names = [name for names in DUO_FILES["PO9901"].values() for name in names]
    assert list(told) == names
    assert told[names[0]]["herkomst"]["teldatum"] == T
    assert told[names[3]]["product"] == "dashboard-1b"


def test_1a_of_the_region_changes_between_the_two_moments_of_the_story(
    region_ledger: Kijkglas,
) -> None:
    totals = []
    for known in (FIXED, "2025-09-01"):
        question = ("--swv", "PO9901", *ON_T, "--bekend-op", known, "--format", "json")
        met_tlv = region_ledger.fine("report", "dashboard-1a", *question).answer["tabellen"]
        rows = region_ledger.fine("report", "dashboard-1b", *question).rows
        totals.append(sum(row["TOTAAL"] for row in met_tlv["met_tlv"]))
        assert totals[-1] == len(rows)
    assert totals[0] < totals[1]


def test_1a_adds_up_to_1b(region_ledger: Kijkglas) -> None:
    for swv in ("PO9901", "PO9902", "PO9903", "VO9901", "VO9902"):
        ask = ("--swv", swv, *ON_T, "--format", "json")
        tables = region_ledger.fine("report", "dashboard-1a", *ask).answer["tabellen"]
        assert list(tables) == ["met_tlv", "totaal", "vestigingen"]
        rows = region_ledger.fine("report", "dashboard-1b", *ask).rows
        per_vestiging = Counter(row["VESTIGINGSCODE"] for row in rows)
        counted: Counter[str] = Counter()
        for row in tables["met_tlv"]:
            counted[row["VESTIGINGSCODE"]] += row["TOTAAL"]
        assert counted == per_vestiging
        assert per_vestiging
        ours = sum(row["TOTAAL"] for row in tables["met_tlv"] if row["DEELNEMENDE_VESTIGING"])
        assert ours == sum(row["MET_TLV_DIT_SWV"] for row in tables["totaal"])


def test_an_unused_tlv_is_shown_or_left_out(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, SAMPLES / "slides-1b" / "feed.jsonl")
    ask = ("report", "dashboard-1b", "--swv", "PO2304", *ON_T, "--bekend-op", FIXED)
    names = ("BESCHIKKINGSNUMMER", "BEGIN_DATUM_TLV", "EIND_DATUM_TLV", "WIJZE_VAN_BEPALING")
    shown = command.fine(*ask, "--format", "json").rows
    left_out = command.fine(*ask, "--zonder-ongebruikte-tlv", "--format", "json").rows
    assert columns(shown[1:], *names) == [
        ("PO2304-2021-12345", "2022-08-01", "2024-07-31", "Woonplaats leerling")
    ]
    assert columns(left_out[1:], *names) == [("", None, None, "Woonplaats leerling")]
    assert left_out[0] == shown[0]


def test_membership_of_file_3_is_of_the_teldatum_or_of_another_day(tmp_path: Path) -> None:
    history = [
        link("12QN00", "PO2304", "2024-08-01"),
        link("13AA00", "PO2304", "2014-08-01"),
        event(
            "VestigingUitgetreden", vestigingscode="13AA00", swv="PO2304", tot_en_met="2025-12-31"
        ),
        enrolled("BO", "2024-08-01"),
        enrolled("BO", "2024-08-01", vestigingscode="13AA00", pgn="900554332"),
    ]
    command = ledger_with(tmp_path, history)
    ask = ("report", "dashboard-1a", "--swv", "PO2304", *ON_T, "--format", "json")

    def listed(*more: str) -> list[Row]:
        rows: list[Row] = command.fine(*ask, *more).answer["tabellen"]["vestigingen"]
        return rows

    one, two = {"VESTIGING": "12QN00", "TOTAAL": 1}, {"VESTIGING": "13AA00", "TOTAAL": 1}
    assert listed() == [one, two]
    assert listed("--lidmaatschap", "1-1-2026") == [one]
    assert listed("--lidmaatschap", "2024-07-31") == [two]


def test_file_3_of_vo_counts_the_october_before(tmp_path: Path) -> None:
    history = [link("14VO00", "VO2305")]
    for place, (pgn, kenmerk, end) in enumerate(
        [
            ("900554332", None, None),
            ("962354508", "lwoo", None),
            ("924154676", "nieuwkomer", None),
            ("947755019", "vavo", "2024-09-30"),
            ("909555187", "pro", "2024-10-01"),
        ]
    ):
        extra = {} if kenmerk is None else {"vo_kenmerk": kenmerk}
        history.append(
            enrolled(
                "VO", "2024-08-01", end, "14VO00", volgnummer=str(place), pgn=pgn, **extra
            )
        )  # fmt: skip
    command = ledger_with(tmp_path, history)
    ask = ("report", "dashboard-1a", "--swv", "VO2305", *ON_T, "--format", "json")
    (row,) = command.fine(*ask).answer["tabellen"]["vestigingen"]
    assert list(row.values()) == ["14VO00", 3, 1, 0, 1, 1]


# Forms


def stand_in(form: str, command: Kijkglas) -> bytes:
    """Return the state in a form."""
    question = ("stand", *ON_T, "--bekend-op", FIXED, "--positie", "21")
    return command.fine(*question, "--format", form).data


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "jsonl"])
def test_the_state_in_every_form(form: str, two_schools: Kijkglas, golden: Golden) -> None:
    ending = {"table": "txt", "csv-excel": "excel.csv"}.get(form, form)
    golden(GOLDEN / f"stand.{ending}", stand_in(form, two_schools))


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "jsonl"])
def test_dashboard_1a_in_every_form(form: str, two_schools: Kijkglas, golden: Golden) -> None:
    ending = {"table": "txt", "csv-excel": "excel.csv"}.get(form, form)
    ask = ("report", "dashboard-1a", "--swv", "PO2304", *ON_T, "--bekend-op", FIXED)
    golden(GOLDEN / f"dashboard-1a.{ending}", two_schools.fine(*ask, "--format", form).data)


def test_json_and_jsonl_have_the_same_rows(two_schools: Kijkglas) -> None:
    lines = stand_in("jsonl", two_schools).splitlines()
    assert [json.loads(line) for line in lines] == two_schools.stand(T, "--bekend-op", FIXED)


def test_csv_is_the_form_of_a_pipe_and_table_that_of_a_screen(two_schools: Kijkglas) -> None:
    assert two_schools.fine("stand", *ON_T).out.startswith("pgn,geboortedatum,")
    screen = two_schools("stand", *ON_T, screen=True)
    title = "\x1b[1mInschrijvingen die op de teldatum lopen\x1b[0m\n"
    assert screen.out.startswith(f"{title}Stand per 01-02-2025")


def test_a_screen_holds_forty_rows_and_says_what_it_left_out(region_ledger: Kijkglas) -> None:
    rows = len(region_ledger.stand(T))
    everything = region_ledger.fine("stand", *ON_T, "--format", "table").out.splitlines()
    shown = region_ledger("stand", *ON_T, screen=True).out.splitlines()
    left_out = f"nog {rows - 40:,} rijen weggelaten".replace(",", ".")
    assert shown[-1].startswith(left_out)
    assert len(everything) - len(shown) == rows - 40 - 1


@pytest.mark.parametrize(
    ("no_color", "screen", "coloured"),
    [("", True, True), ("1", True, False), ("", False, False), ("1", False, False)],
)
def test_only_a_screen_is_coloured_and_not_with_no_color(
    no_color: str,
    screen: bool,
    coloured: bool,
    two_schools: Kijkglas,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    shown = two_schools("stand", *ON_T, "--format", "table", screen=screen).data
    assert (b"\x1b" in shown) == coloured
    assert b"\x1b" not in two_schools("stand", *ON_T, "--teldatum", "x", screen=screen).data


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", "csv"), ("a.json", "json"), ("a.jsonl", "jsonl"), ("a.txt", "table")],
)
def test_the_ending_of_a_file_is_its_form(
    name: str, form: str, two_schools: Kijkglas, tmp_path: Path
) -> None:
    path = tmp_path / name
    done = two_schools.fine("stand", *ON_T, "--bekend-op", FIXED, "-o", path)
    assert done.data == b""
    if form == "json":
        assert json.loads(path.read_bytes())["rows"] == two_schools.stand(T, "--bekend-op", FIXED)
    else:
        assert path.read_bytes() == stand_in(form, two_schools)
    beside = [] if form in {"json", "table"} else [f"geschreven: {path}.herkomst.json"]
    assert done.err.splitlines() == [f"geschreven: {path}", *beside]


def test_a_form_that_is_asked_for_wins_over_the_ending(
    two_schools: Kijkglas, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    two_schools.fine(
        "stand", *ON_T, "--bekend-op", FIXED, "--positie", "21", "-o", path, "--format", "csv-excel"
    )
    assert path.read_bytes() == stand_in("csv-excel", two_schools)


def test_an_empty_ledger_has_an_answer_in_every_form(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    for form in [form for form in FORMATS if form not in PICTURES]:
        command.fine("stand", "--format", form)
        command.fine("report", "dashboard-1a", "--swv", "PO2304", "--format", form)
    assert command.stand(T) == []
    assert command.fine("stand", *ON_T, "--format", "csv").out == ",".join(STAND) + "\n"
    assert "(geen rijen)" in command.fine("stand", *ON_T, "--format", "table").out


# What goes wrong


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["stand", "--teldatum", "30-2-2025"], "is geen bestaande datum"),
        (["stand", "--teldatum", "gisteren"], "'gisteren' is geen datum"),
        (["stand", "--bekend-op", "ooit"], "'ooit' is geen moment"),
        (["stand", "--bekend-op", "2025-02-30"], "'2025-02-30' is geen"),
        (["stand", "--swv", "2304"], "'2304' is geen samenwerkingsverband"),
        (["stand", "--format", "ods"], "ods"),
        (["stand", "--positie", "-1"], "--positie"),
        (["stand", "--schoolsoort", "MBO"], "MBO"),
        (["stand", "-o", "a.ods"], "formaat 'ods' is onbekend"),
        (["stand", "-o", "bestaat/niet/a.csv"], "bestaat/niet/a.csv"),
        (["stand", "--kleur"], "--kleur"),
        (["report", "dashboard-1b"], "--swv"),
        (["report", "dashboard-9", "--swv", "PO2304"], "dashboard-9"),
        (["report", "--swv", "PO2304"], "dashboard-1a"),
        (["stand", "--teldatum", "9999-12-31"], "9999"),
        (["stand", "--bekend-op", "9999-12-31"], "9999"),
        (["stand", "--bekend-op", "0001-01-01T00:00"], "0001"),
        (["stand", "--today", "9999-12-31"], "9999"),
        (["stand", "--today", "0001-01-01"], "0001"),
        (["report", "dashboard-1a", "--swv", "VO2305", "--teldatum", "0001-01-01"], "0001"),
    ],
)
def test_a_wrong_use_ends_with_2_and_says_why(
    arguments: list[str], said: str, two_schools: Kijkglas
) -> None:
    done = two_schools(*arguments)
    assert (done.status, done.data) == (2, b"")
    assert said.lower() in done.err.lower()
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", [["stand"], ["verify"], ["report", "dashboard-1b"]])
def test_a_ledger_that_is_not_there_ends_with_4(command: list[str], tmp_path: Path) -> None:
    swv = ["--swv", "PO2304"] if command[0] == "report" else []
    done = kijkglas("--ledger", tmp_path / "weg", *command, *swv)
    assert (done.status, done.data) == (4, b"")
    assert done.err == (
        f"Grootboek: in {tmp_path}/weg staat geen grootboek; maak het met 'kijkglas init'\n"
    )
    assert not (tmp_path / "weg").exists()


@pytest.mark.map("beschadigt een bestand")
def test_a_damaged_ledger_ends_with_4(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, TWO_SCHOOLS)
    command.stand(T)
    (command.ledger / "gebeurtenissen.sqlite").write_bytes(b"rommel" * 5000)
    done = command("stand")
    assert (done.status, done.data) == (4, b"")
    assert done.err.startswith("Grootboek: ")
    assert "Traceback" not in done.err


@pytest.mark.map("wist een bestand van de map")
def test_a_ledger_without_its_key_ends_with_4(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, TWO_SCHOOLS)
    (command.ledger / "kluis.sleutel").unlink()
    done = command("stand")
    assert (done.status, done.data) == (4, b"")
    assert "kluis.sleutel" in done.err


@pytest.mark.map("wist een bestand van de map")
def test_a_ledger_without_its_vault_ends_with_4(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, TWO_SCHOOLS)
    (command.ledger / "kluis.sqlite").unlink()
    assert command("stand").status == 4


def test_another_kind_of_ledger_ends_with_4_and_keeps_its_password() -> None:
    done = kijkglas("--ledger", "postgresql://gebruiker:geheim@host/naam", "stand")
    assert (done.status, done.data) == (4, b"")
    assert "geheim" not in done.err


def test_the_ledger_comes_from_the_environment(two_schools: Kijkglas) -> None:
    done = process("stand", *ON_T, KIJKGLAS_LEDGER=str(address_of(two_schools.ledger)))
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 5


def test_a_reader_that_has_seen_enough_is_no_error(region_ledger: Kijkglas) -> None:
    address = str(address_of(region_ledger.ledger))
    for command in (["export", "events"], ["stand", *ON_T, "--format", "jsonl"]):
        program = [sys.executable, "-m", "cli.main", "--ledger", address]
        with subprocess.Popen(
            [*program, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            os.read(running.stdout.fileno(), 10)
            running.stdout.close()
            said = running.stderr.read()
        assert b"Traceback" not in said
        assert b"BrokenPipe" not in said
        assert running.returncode == 0


def test_data_on_stdout_and_all_else_on_stderr(two_schools: Kijkglas) -> None:
    done = two_schools.fine("stand", *ON_T, "--format", "jsonl")
    assert [json.loads(line)["schoolsoort"] for line in done.data.splitlines()] == ["SO"] * 4
    assert done.err.startswith("Inschrijvingen die op de teldatum lopen\n")


def test_a_correction_changes_the_answer_of_a_past_teldatum(tmp_path: Path) -> None:
    history = [
        *home(),
        enrolled("SO", "2024-08-01", bekend_op="2024-08-05"),
        issued("PO2304-2024-00001", "2024-08-01", "2026-07-31"),
    ]
    command = ledger_with(tmp_path, history)
    command.imported(
        write_feed(
            tmp_path / "twee.jsonl",
            [about("TlvGekoppeld", "2025-05-12", nummer="PO2304-2024-00001", door="school")],
        )
    )
    answers = [
        columns(command.stand(T, "--bekend-op", known), "wijze_van_bepaling", "bekend_tot")
        for known in ("2025-05-11", "2025-05-12")
    ]
    assert answers == [
        [("Woonplaats leerling", "2025-05-12T00:00:00+02:00")],
        [("TLV", None)],
    ]
