"""Dashboard 2: all enrolments of a school year, and whether they count (rules.md 7, A-16)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from projections import layouts
from projections.dashboard_2 import dashboard_2
from projections.render import FORMATS
from projections.render.formats import PICTURES
from projections.windows import school_year
from tests import oracle_dashboard_2
from tests.command import GOLDEN, Event, Kijkglas, Row, columns, ledger_with
from tests.conftest import Golden
from tests.histories import histories, moments
from tests.histories_pools import SWVS
from tests.ledgers import AsOf, import_events, ledger_of, refreshed
from tests.oracle_examples import KIND, about, enrolled, event, home, issued, link

T = "2025-02-01"
ON_T = ("--teldatum", T)
HERE, THERE, VO = "PO2304", "PO2202", "VO2305"
TWO, THREE, FOUR, FIVE, SIX = "900554332", "909555187", "924154676", "947755019", "962354508"
MINE, THEIRS = f"{HERE}-2024-00001", f"{THERE}-2024-00001"
ADDED = ["BEKOSTIGD", "REDEN", "BEGIN_PERIODE", "EIND_PERIODE", "SOORT_VERBLIJF"]
PLACES = [link("12QN00", HERE), link("13AA00", THERE)]


def listed(command: Kijkglas, swv: str = HERE, teldatum: str = T, *more: str) -> list[Row]:
    """Return the rows of a dashboard."""
    ask = ("report", "dashboard-2", "--swv", swv, "--teldatum", teldatum, "--format", "json")
    return command.fine(*ask, *more).rows


def with_tlv(nummer: str, pgn: str, vestiging: str, schoolsoort: str = "SO") -> list[Event]:
    """Return an enrolment with a linked tlv from August 2024 on, volgnummer 1."""
    categorie = "SBO" if schoolsoort == "SBO" else "HOOG"
    return [
        issued(nummer, "2024-08-01", "2026-07-31", categorie, pgn),
        enrolled(schoolsoort, "2024-08-01", None, vestiging, pgn=pgn, tlv=[nummer]),
    ]


def test_the_columns_are_those_of_1b_and_five_more() -> None:
    (mine,) = layouts.load("dashboard-2").tabellen
    (theirs,) = layouts.load("dashboard-1b").tabellen
    assert [column.naam for column in mine.kolommen] == [
        *(column.naam for column in theirs.kolommen),
        *ADDED,
    ]
    for column, like in zip(mine.kolommen, theirs.kolommen, strict=False):
        assert (column.soort, column.veld) == (like.soort, like.veld)


# Which rows


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give pupils of here and elsewhere, at vestigingen of here and elsewhere."""
    history = [
        *PLACES,
        link("12QN00", VO),
        *with_tlv(MINE, KIND, "13AA00"),
        *with_tlv(THEIRS, TWO, "12QN00", "SBO"),
        *with_tlv(f"{THERE}-2024-00002", THREE, "13AA00"),
        enrolled("SO", "2024-08-01", None, "12QN00", pgn=FOUR, soort_verblijf="GJI"),
        enrolled("VSO", "2024-08-01", None, "12QN00", volgnummer="2", pgn=FIVE, cluster=2),
        enrolled("BO", "2024-08-01", None, "12QN00", pgn=SIX),
    ]
    return ledger_with(tmp_path_factory.mktemp("d2"), history)


def test_attributed_or_on_a_linked_vestiging_counting_or_not(several: Kijkglas) -> None:
    names = ("VESTIGINGSCODE", "BSN_OWN", "SAMENWERKINGSVERBAND", "BEKOSTIGD", "REDEN")
    assert columns(listed(several), *names) == [
        ("12QN00", TWO, THERE, True, ""),
        ("12QN00", FOUR, "", False, "gesloten inrichting"),
        ("12QN00", FIVE, "", False, "cluster 1 of 2"),
        ("13AA00", KIND, HERE, True, ""),
    ]


def test_another_samenwerkingsverband_sees_its_own_side(several: Kijkglas) -> None:
    names = ("VESTIGINGSCODE", "BSN_OWN", "SAMENWERKINGSVERBAND", "VESTIGING_SWVNUMMER")
    assert columns(listed(several, THERE), *names) == [
        ("12QN00", TWO, THERE, HERE),
        ("13AA00", KIND, HERE, THERE),
        ("13AA00", THREE, THERE, THERE),
    ]
    assert columns(listed(several, VO), *names) == [
        ("12QN00", TWO, THERE, VO),
        ("12QN00", FOUR, "", VO),
        ("12QN00", FIVE, "", VO),
    ]
    assert listed(several, "VO2203") == []


def test_a_whole_row(several: Kijkglas) -> None:
    assert listed(several)[0] == {
        "BSN_OWN": TWO,
        "BESCHIKKINGSNUMMER": THEIRS,
        "LEEFTIJD_TELDATUM": None,
        "INSTELLINGSCODE": "12QN",
        "VESTIGINGSCODE": "12QN00",
        "VESTIGINGSNAAM": "",
        "VESTIGING_SWVNUMMER": HERE,
        "VESTIGING_SWVNAAM": "",
        "ONDERSTEUNINGSCATEGORIE": "SBO",
        "INSCHRIJVINGSVOLGNUMMER": "1",
        "DATUM_INSCHRIJVING": "2024-08-01",
        "DATUM_UITSCHRIJVING": None,
        "BEGIN_DATUM_TLV": "2024-08-01",
        "EIND_DATUM_TLV": "2026-07-31",
        "RESIDENTIELE_LEERLING": False,
        "HOOFD_ONDERWIJSOORT": "",
        "WIJZE_VAN_BEPALING": "TLV",
        "TELDATUM": T,
        "SAMENWERKINGSVERBAND": THERE,
        "BEKOSTIGD": True,
        "REDEN": "",
        "BEGIN_PERIODE": "2024-08-01",
        "EIND_PERIODE": "2026-07-31",
        "SOORT_VERBLIJF": "geen",
    }


def test_a_vso_pupil_of_a_vo_samenwerkingsverband(tmp_path: Path) -> None:
    nummer = f"{VO}-2024-00001"
    moved = about("InschrijvingGewijzigd", "2024-11-20", vanaf="2024-11-18", soort_verblijf="JJI")
    history = [
        link("14VS00", "VO2203"),
        event("SwvGeregistreerd", swv="VO2203", naam="Verband Zuid"),
        event("LeerlingGeregistreerd", pgn=KIND, geboortedatum="2010-02-02"),
        *with_tlv(nummer, KIND, "14VS00", "VSO"),
        moved | {"instellingscode": "14VS"},
    ]
    command = ledger_with(tmp_path, history)
    names = ("LEEFTIJD_TELDATUM", "VESTIGING_SWVNAAM", *ADDED)
    attributed = (14, "Verband Zuid", True, "", "2024-08-01", "2024-11-17", "geen")
    closed = ("Verband Zuid", False, "gesloten inrichting", "2024-11-18", "2026-07-31", "JJI")
    afterwards = ("Verband Zuid", False, "gesloten inrichting", "2026-08-01", None, "JJI")
    assert columns(listed(command, VO), *names) == [attributed]
    assert columns(listed(command, "VO2203"), *names) == [attributed, (14, *closed)]
    assert columns(listed(command, "VO2203", "2027-02-02"), *names) == [(17, *afterwards)]


@pytest.mark.parametrize(
    ("teldatum", "first", "last"),
    [
        ("2025-02-01", "2024-08-01", "2025-07-31"),
        ("2024-08-01", "2024-08-01", "2025-07-31"),
        ("2024-07-31", "2023-08-01", "2024-07-31"),
        ("2024-10-01", "2024-08-01", "2025-07-31"),
        ("2021-10-01", "2021-08-01", "2022-07-31"),
        ("2022-02-01", "2021-08-01", "2022-07-31"),
    ],
)
def test_the_school_year_runs_from_august_to_july(teldatum: str, first: str, last: str) -> None:
    days = school_year(date.fromisoformat(teldatum))
    assert days == (date.fromisoformat(first), date.fromisoformat(last))


def test_enrolments_that_touch_the_school_year_are_in_it(tmp_path: Path) -> None:
    periods = [
        ("2020-08-01", "2021-07-31"),
        ("2020-08-01", "2021-08-01"),
        ("2021-11-01", "2021-11-01"),
        ("2022-07-31", None),
        ("2022-08-01", None),
    ]
    history = [
        *PLACES,
        *(
            enrolled("SO", begin, end, volgnummer=str(place), pgn=pgn, bekostigbaar=False)
            for place, ((begin, end), pgn) in enumerate(
                zip(periods, (TWO, THREE, FOUR, FIVE, SIX), strict=True)
            )
        ),
    ]
    command = ledger_with(tmp_path, history)
    for teldatum in ("2021-10-01", "2022-02-01"):
        rows = listed(command, HERE, teldatum)
        assert columns(rows, "BEGIN_PERIODE", "EIND_PERIODE") == periods[1:4]
        assert {row["REDEN"] for row in rows} == {"niet bekostigbaar"}


def test_a_vestiging_is_linked_as_on_the_teldatum(tmp_path: Path) -> None:
    left = event("VestigingUitgetreden", vestigingscode="15CC00", swv=HERE, tot_en_met="2025-01-31")
    history = [
        link("14BB00", HERE, "2025-02-01"),
        link("15CC00", HERE),
        left,
        enrolled("SO", "2024-08-01", "2024-11-30", "14BB00", pgn=TWO),
        enrolled("SO", "2024-08-01", None, "15CC00", pgn=THREE),
    ]
    command = ledger_with(tmp_path, history)
    assert columns(listed(command), "BSN_OWN") == [(TWO,)]
    assert columns(listed(command, HERE, "2025-01-31"), "BSN_OWN") == [(THREE,)]


# What a row is


def test_a_double_enrolment_cuts_a_row_where_it_begins_to_count_no_more(tmp_path: Path) -> None:
    history = [
        *PLACES,
        *with_tlv(MINE, KIND, "12QN00"),
        enrolled("SO", "2024-11-01", "2025-01-10", "13AA00", volgnummer="7", tlv=[MINE]),
    ]
    command = ledger_with(tmp_path, history)
    assert columns(listed(command), "VESTIGINGSCODE", *ADDED) == [
        ("12QN00", True, "", "2024-08-01", "2024-10-31", "geen"),
        ("12QN00", False, "dubbele inschrijving", "2024-11-01", "2025-01-10", "geen"),
        ("12QN00", True, "", "2025-01-11", "2026-07-31", "geen"),
        ("13AA00", True, "", "2024-11-01", "2025-01-10", "geen"),
    ]


def test_a_pupil_has_a_row_per_period_and_per_way_of_attribution(tmp_path: Path) -> None:
    history = [
        *PLACES,
        *home(),
        issued(MINE, "2024-08-01", "2024-12-31"),
        enrolled("SO", "2023-08-01", tlv=[MINE]),
        about("InschrijvingGewijzigd", "2025-03-01", vanaf="2025-03-01", soort_verblijf="IJH"),
    ]
    command = ledger_with(tmp_path, history)
    names = ("WIJZE_VAN_BEPALING", "BEGIN_PERIODE", "EIND_PERIODE", "RESIDENTIELE_LEERLING")
    assert columns(listed(command), *names) == [
        ("TLV", "2024-08-01", "2024-12-31", False),
        ("Vorige periode inschrijving", "2025-01-01", "2025-02-28", False),
        ("Vorige periode inschrijving", "2025-03-01", None, True),
    ]
    assert columns(listed(command, HERE, "2024-02-01"), *names) == [
        ("Woonplaats leerling", "2023-08-01", "2024-07-31", False)
    ]


def test_an_unused_tlv_is_shown_as_of_the_teldatum_or_left_out(tmp_path: Path) -> None:
    history = [
        *PLACES,
        *home(),
        issued(MINE, "2024-10-01", "2026-07-31"),
        issued(f"{HERE}-2025-00002", "2025-02-02", "2026-07-31"),
        enrolled("SO", "2024-08-01", "2024-09-15", volgnummer="1"),
        enrolled("SO", "2025-03-01", volgnummer="2", tlv=[MINE]),
    ]
    command = ledger_with(tmp_path, history)
    names = ("BESCHIKKINGSNUMMER", "BEGIN_DATUM_TLV", "EIND_DATUM_TLV")
    used = (MINE, "2024-10-01", "2026-07-31")
    assert columns(listed(command), *names) == [used, used]
    without = listed(command, HERE, T, "--zonder-ongebruikte-tlv")
    assert columns(without, *names) == [("", None, None), used]


def test_rows_are_ordered_by_vestiging_volgnummer_pgn_and_begin(tmp_path: Path) -> None:
    begins = {"13AA00": [("2", THREE)], "12QN00": [("3", TWO), ("10", SIX), ("10", FOUR)]}
    history = [link("12QN00", HERE), link("13AA00", HERE)]
    for vestiging, enrolments in begins.items():
        for volgnummer, pgn in enrolments:
            history.append(
                enrolled("SO", "2024-08-01", None, vestiging, volgnummer=volgnummer, pgn=pgn)
            )
    history.append(about("InschrijvingGewijzigd", "2024-10-02", "3", vanaf="2024-10-01",
                         bekostigbaar=False) | {"pgn": TWO})  # fmt: skip
    rows = listed(ledger_with(tmp_path, history))
    assert columns(rows, "INSCHRIJVINGSVOLGNUMMER", "BSN_OWN", "BEGIN_PERIODE") == [
        ("10", FOUR, "2024-08-01"),
        ("10", SIX, "2024-08-01"),
        ("3", TWO, "2024-08-01"),
        ("3", TWO, "2024-10-01"),
        ("2", THREE, "2024-08-01"),
    ]


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give a pupil who left and one who came to light after the count was fixed."""
    late = enrolled("SO", "2024-08-01", volgnummer="2", bekend_op="2025-03-20", pgn=TWO)
    history = [
        *PLACES,
        *with_tlv(MINE, KIND, "12QN00"),
        late,
        about("UitschrijvingGeregistreerd", "2025-04-01", einddatum="2025-03-31"),
    ]
    return ledger_with(tmp_path_factory.mktemp("d2"), history)


def test_what_was_known_then(corrected: Kijkglas) -> None:
    names = ("BSN_OWN", "EIND_PERIODE", "REDEN")
    fixed = (KIND, "2026-07-31", "")
    without = (TWO, None, "geen samenwerkingsverband")
    for known, rows in {
        "vaststelling": [fixed],
        "2025-03-20": [fixed, without],
        "nu": [(KIND, "2025-03-31", ""), without],
    }.items():
        assert columns(listed(corrected, HERE, T, "--bekend-op", known), *names) == rows


def test_diff_knows_a_row_by_its_enrolment_and_begin(corrected: Kijkglas) -> None:
    ask = ("diff", "dashboard-2", "--swv", HERE, "--from", f"{T}@vaststelling", "--to", T)
    done = corrected(*ask, "--format", "json")
    assert done.status == 1
    first, second = done.rows
    assert first == {
        "BSN_OWN": KIND,
        "INSTELLINGSCODE": "12QN",
        "INSCHRIJVINGSVOLGNUMMER": "1",
        "BEGIN_PERIODE": "2024-08-01",
        "soort": "gewijzigd",
        "kolommen": {
            "DATUM_UITSCHRIJVING": {"voor": None, "na": "2025-03-31"},
            "EIND_PERIODE": {"voor": "2026-07-31", "na": "2025-03-31"},
        },
    }
    assert (second["BSN_OWN"], second["soort"]) == (TWO, "erbij")


# The region


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_the_file_of_the_region(
    swv: str, region_ledger: Kijkglas, tmp_path: Path, golden: Golden
) -> None:
    ask = ("report", "dashboard-2", "--swv", swv, *ON_T, "--bekend-op", "vaststelling")
    region_ledger.fine(*ask, "-o", tmp_path / "uit")
    name = f"Inschrijvingen_{swv}_01_02_2025.csv"
    assert {path.name for path in (tmp_path / "uit").iterdir()} == {name, "herkomst.json"}
    golden(GOLDEN / name, (tmp_path / "uit" / name).read_bytes())


@pytest.mark.parametrize("swv", ["PO9901", "PO9903", "VO9901"])
@pytest.mark.parametrize("day", ["2024-08-01", "2024-10-01", T, "2025-07-31"])
def test_on_every_day_the_rows_are_the_state(swv: str, day: str, region_ledger: Kijkglas) -> None:
    rows = [
        row
        for row in listed(region_ledger, swv)
        if row["BEGIN_PERIODE"] <= day <= (row["EIND_PERIODE"] or "9999")
    ]
    found = {
        (
            row["BSN_OWN"], row["INSTELLINGSCODE"], row["INSCHRIJVINGSVOLGNUMMER"],
            row["VESTIGINGSCODE"], row["SAMENWERKINGSVERBAND"], row["WIJZE_VAN_BEPALING"],
            row["BEKOSTIGD"], row["REDEN"], row["BEGIN_PERIODE"], row["EIND_PERIODE"],
            row["SOORT_VERBLIJF"],
        )
        for row in rows
    }  # fmt: skip
    assert len(found) == len(rows) > 50
    linked = {r["VESTIGINGSCODE"] for r in rows if r["VESTIGING_SWVNUMMER"] == swv}
    special = ("--schoolsoort", "SBO", "--schoolsoort", "SO", "--schoolsoort", "VSO")
    assert found == {
        (
            row["pgn"], row["instellingscode"], row["volgnummer"], row["vestigingscode"],
            row["swv"], row["wijze_van_bepaling"], row["telt"], row["reden"],
            row["geldig_van"], row["geldig_tot_en_met"], row["soort_verblijf"],
        )
        for row in region_ledger.stand(day, *special)
        if row["swv"] == swv or row["vestigingscode"] in linked
    }  # fmt: skip


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_1b_is_part_of_it(swv: str, region_ledger: Kijkglas) -> None:
    ask = ("report", "dashboard-1b", "--swv", swv, *ON_T, "--format", "json")
    counting = [
        {name: value for name, value in row.items() if name not in ADDED}
        for row in listed(region_ledger, swv)
        if row["BEKOSTIGD"]
        and row["SAMENWERKINGSVERBAND"] == swv
        and row["BEGIN_PERIODE"] <= T <= (row["EIND_PERIODE"] or "9999")
    ]
    assert counting == region_ledger.fine(*ask).rows
    assert len(counting) > 50


# Forms and errors


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "jsonl"])
def test_every_form(form: str, several: Kijkglas, golden: Golden) -> None:
    ending = {"table": "txt", "csv-excel": "excel.csv"}.get(form, form)
    ask = ("report", "dashboard-2", "--swv", HERE, *ON_T, "--bekend-op", "2025-03-03")
    golden(GOLDEN / f"dashboard-2.{ending}", several.fine(*ask, "--format", form).data)


def test_a_workbook_has_the_same_rows(several: Kijkglas, tmp_path: Path) -> None:
    path = tmp_path / "d2.xlsx"
    several.fine("report", "dashboard-2", "--swv", HERE, *ON_T, "-o", path)
    sheet = load_workbook(path).worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    heads = [row for row in cells if "BSN_OWN" in row]
    assert [row[0] for row in cells[cells.index(heads[0]) + 1 :]] == [TWO, FOUR, FIVE, KIND]


def test_json_has_one_list_of_rows(several: Kijkglas) -> None:
    ask = ("report", "dashboard-2", "--swv", HERE, *ON_T, "--format", "json")
    assert list(several.fine(*ask).answer) == ["herkomst", "rows"]


def test_an_empty_ledger_has_an_answer_in_every_form(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    for form in [form for form in FORMATS if form not in PICTURES]:
        command.fine("report", "dashboard-2", "--swv", HERE, "--format", form)
    assert listed(command) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--swv"),
        (["--swv", "2304"], "'2304' is geen samenwerkingsverband"),
        (
            ["--swv", HERE, "--lidmaatschap", T],
            "--lidmaatschap hoort niet bij dashboard-2; wel: --swv, --zonder-ongebruikte-tlv",
        ),
        (["--swv", HERE, "--teldatum", "1899-12-31"], "1899-12-31 ligt buiten"),
    ],
)
def test_a_wrong_use_ends_with_2_and_says_why(
    arguments: list[str], said: str, several: Kijkglas
) -> None:
    done = several("report", "dashboard-2", *arguments)
    assert (done.status, done.data) == (2, b"")
    assert said in done.err


@pytest.mark.parametrize("teldatum", ["1900-01-01", "2999-12-31"])
def test_the_first_and_the_last_teldatum_have_a_school_year(
    teldatum: str, several: Kijkglas
) -> None:
    assert (listed(several, HERE, teldatum) == []) == (teldatum < "2000")


# Against the oracle


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_row_equals_the_independent_computation(data: st.DataObject) -> None:
    history = data.draw(histories())
    asked = [data.draw(moments(history)) for _ in range(2)]
    unused = data.draw(st.booleans())
    (table,) = layouts.load("dashboard-2").tabellen
    swvs = [swv for listed in SWVS.values() for swv in listed]
    with ledger_of() as ledger:
        refused = {one.regelnummer for one in import_events(ledger, history).booked.refused}
        booked = [event for number, event in enumerate(history, 1) if number not in refused]
        model = refreshed(ledger)
        for teldatum, known in asked:
            slow = oracle_dashboard_2.dashboard_2(booked, swvs, teldatum, known, unused)
            for swv in swvs:
                rows = dashboard_2(
                    ledger, model, AsOf(teldatum, known), swv, ongebruikte_tlv=unused
                )
                found = [{c.naam: row[c.veld] for c in table.kolommen} for row in rows]
                assert found == slow[swv]
        model.close()
