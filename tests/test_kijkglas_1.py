"""Kijkglas 1: the numbers for funding and the (v)so pupils behind them (rules.md 7, A-10, A-11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from projections import layouts
from projections.kijkglas_1 import kijkglas_1
from projections.render import FORMATS
from projections.render.formats import PICTURES
from tests import oracle
from tests.command import GOLDEN, SAMPLES, Kijkglas, Row, columns, ledger_with
from tests.conftest import Golden
from tests.histories import histories, moments
from tests.histories_pools import SWVS, TELDATA
from tests.ledgers import AsOf, import_events, ledger_of, refreshed
from tests.oracle_attribution import basis, categorie
from tests.oracle_examples import KIND, about, enrolled, event, home, issued
from tests.oracle_facts import Event
from tests.oracle_state import toestand

T = "2025-02-01"
ON_T = ("--teldatum", T)
PO, VO = "PO2304", "VO2305"
TWO, THREE, FOUR, FIVE, SIX = "900554332", "909555187", "924154676", "947755019", "962354508"
AANTALLEN = [
    "SAMENWERKINGSVERBAND",
    "TELDATUM",
    "SCHOOLSOORT",
    "INSTELLINGSCODE",
    "VESTIGINGSCODE",
    "CATEGORIE",
    "AANTAL_TLV",
    "AANTAL_RP",
    "AANTAL_OVERIG",
    "TOTAAL",
]
COUNTS = AANTALLEN[2:3] + AANTALLEN[4:]


def tables(command: Kijkglas, swv: str = PO, *more: str) -> dict[str, list[Row]]:
    """Return both tables on T, or on the teldatum among the options."""
    moment = more if "--teldatum" in more else (*ON_T, *more)
    ask = ("report", "kijkglas-1", "--swv", swv, "--format", "json", *moment)
    found: dict[str, list[Row]] = command.fine(*ask).answer["tabellen"]
    return found


def with_tlv(
    pgn: str, schoolsoort: str, categorie: str, vestiging: str = "12QN00", **more: object
) -> list[Event]:
    """Return an enrolment with a linked tlv of the right sector from August 2024 on."""
    nummer = f"{VO if schoolsoort == 'VSO' else PO}-2024-{pgn[:5]}"
    return [
        issued(nummer, "2024-08-01", "2026-07-31", categorie, pgn),
        {**enrolled(schoolsoort, "2024-08-01", None, vestiging, pgn=pgn, tlv=[nummer]), **more},
    ]


def derived(pgn: str, schoolsoort: str, vestiging: str = "12QN00", **more: object) -> list[Event]:
    """Return an enrolment without tlv, attributed by residence."""
    enrolment = enrolled(schoolsoort, "2024-08-01", None, vestiging, pgn=pgn)
    return [*home(pgn=pgn), {**enrolment, **more}]


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give pupils of every basis, in SBO, SO and VSO, and one who does not count."""
    history = [
        *with_tlv(KIND, "SO", "HOOG"),
        *derived(TWO, "SO", soort_verblijf="IJH"),
        *derived(THREE, "SO"),
        *with_tlv(FOUR, "SBO", "SBO", "12QN01"),
        *derived(FIVE, "SBO", "12QN01", soort_verblijf="IJH"),
        *derived(SIX, "SO", bekostigbaar=False),
        *with_tlv("111222333", "VSO", "MIDDEN"),
        *derived("210000004", "VSO", soort_verblijf="IGZ"),
    ]
    return ledger_with(tmp_path_factory.mktemp("k1"), history)


def test_the_columns_are_those_of_the_assumption() -> None:
    aantallen, inschrijvingen = layouts.load("kijkglas-1").tabellen
    (pupils,) = layouts.load("dashboard-1b").tabellen
    assert [column.naam for column in aantallen.kolommen] == AANTALLEN
    assert [(c.naam, c.soort, c.veld) for c in inschrijvingen.kolommen] == [
        (c.naam, c.soort, c.veld) for c in pupils.kolommen if c.naam != "WIJZE_VAN_BEPALING"
    ]


# The rows


def test_counts_per_schoolsoort_vestiging_and_categorie(several: Kijkglas) -> None:
    rows = tables(several)["aantallen"]
    assert list(rows[0].values()) == [PO, T, "SBO", "12QN", "12QN01", "SBO", 1, 0, 1, 2]
    assert columns(rows, *COUNTS) == [
        ("SBO", "12QN01", "SBO", 1, 0, 1, 2),
        ("SO", "12QN00", "HOOG", 1, 0, 0, 1),
        ("SO", "12QN00", "LAAG", 0, 1, 1, 2),
    ]


def test_pupils_of_so_and_not_of_sbo(several: Kijkglas) -> None:
    rows = tables(several)["inschrijvingen"]
    names = ("BSN_OWN", "ONDERSTEUNINGSCATEGORIE", "BESCHIKKINGSNUMMER", "RESIDENTIELE_LEERLING")
    assert columns(rows, *names) == [
        (KIND, "SO_VSO_HOOG", f"{PO}-2024-12345", False),
        (TWO, "SO_VSO_LAAG", "", True),
        (THREE, "SO_VSO_LAAG", "", False),
    ]


def test_a_vo_samenwerkingsverband_has_its_vso(several: Kijkglas) -> None:
    found = tables(several, VO)
    assert columns(found["aantallen"], *COUNTS) == [
        ("VSO", "12QN00", "MIDDEN", 1, 0, 0, 1),
        ("VSO", "12QN00", "LAAG", 0, 1, 0, 1),
    ]
    assert columns(found["inschrijvingen"], "BSN_OWN") == [("111222333",), ("210000004",)]


def test_a_samenwerkingsverband_without_pupils_has_empty_tables(several: Kijkglas) -> None:
    assert tables(several, "PO9999") == {"aantallen": [], "inschrijvingen": []}


def test_rows_are_ordered_by_schoolsoort_vestiging_and_from_high_to_low(tmp_path: Path) -> None:
    pgns = (KIND, TWO, THREE, FOUR, FIVE)
    places = ["13AA00", "12QN00", "12QN00", "12QN00", "12QN00"]
    sorts = [("SO", "LAAG"), ("SO", "LAAG"), ("SO", "HOOG"), ("SO", "MIDDEN"), ("SBO", "SBO")]
    history = [
        line
        for pgn, place, (schoolsoort, categorie) in zip(pgns, places, sorts, strict=True)
        for line in with_tlv(pgn, schoolsoort, categorie, place)
    ]
    found = tables(ledger_with(tmp_path, history))
    assert columns(found["aantallen"], *COUNTS[:3]) == [
        ("SBO", "12QN00", "SBO"),
        ("SO", "12QN00", "HOOG"),
        ("SO", "12QN00", "MIDDEN"),
        ("SO", "12QN00", "LAAG"),
        ("SO", "13AA00", "LAAG"),
    ]
    assert columns(found["inschrijvingen"], "BSN_OWN") == [(TWO,), (THREE,), (FOUR,), (KIND,)]


def test_the_institution_of_a_count_is_that_of_its_vestiging(tmp_path: Path) -> None:
    history = with_tlv(KIND, "SO", "LAAG")
    history[1]["instellingscode"] = "99ZZ"
    found = tables(ledger_with(tmp_path, history))
    assert columns(found["aantallen"], "INSTELLINGSCODE") == [("12QN",)]
    assert columns(found["inschrijvingen"], "INSTELLINGSCODE") == [("99ZZ",)]


def test_before_2022_the_teldatum_is_in_october(tmp_path: Path) -> None:
    nummer = f"{PO}-2020-00001"
    history = [
        issued(nummer, "2020-08-01", "2022-07-31", "LAAG"),
        enrolled("SO", "2020-08-01", "2021-12-31", tlv=[nummer]),
    ]
    command = ledger_with(tmp_path, history)
    (row,) = tables(command, PO, "--teldatum", "2021-10-01")["aantallen"]
    assert (row["TELDATUM"], row["TOTAAL"]) == ("2021-10-01", 1)
    ask = ("report", "kijkglas-1", "--swv", PO, "--today", "2022-01-31", "--format", "json")
    assert command.fine(*ask).answer["tabellen"]["aantallen"] == [row]
    assert tables(command, PO, "--teldatum", "2022-02-01")["aantallen"] == []


def test_an_unused_tlv_is_shown_or_left_out(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, SAMPLES / "slides-1b" / "feed.jsonl")
    names = ("BESCHIKKINGSNUMMER", "BEGIN_DATUM_TLV", "EIND_DATUM_TLV")
    shown, left_out = tables(command), tables(command, PO, "--zonder-ongebruikte-tlv")
    unused = ("PO2304-2021-12345", "2022-08-01", "2024-07-31")
    assert columns(shown["inschrijvingen"], *names) == [unused]
    assert columns(left_out["inschrijvingen"], *names) == [("", None, None)]
    assert left_out["aantallen"] == shown["aantallen"]


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give a pupil who left, and one who came to light after the count was fixed."""
    history = [
        *with_tlv(KIND, "SO", "HOOG"),
        *with_tlv(TWO, "SO", "HOOG", bekend_op="2025-03-20"),
        *with_tlv(THREE, "SO", "LAAG"),
        about("UitschrijvingGeregistreerd", "2025-04-01", einddatum="2025-01-31"),
    ]
    history.append(
        event("TlvGewijzigd", "2025-05-01", pgn=THREE, nummer=f"{PO}-2024-90955", categorie="HOOG")
    )
    return ledger_with(tmp_path_factory.mktemp("k1"), history)


@pytest.mark.parametrize(
    ("known", "counts", "pupils"),
    [
        ("vaststelling", {"HOOG": 1, "LAAG": 1}, [KIND, THREE]),
        ("2025-03-20", {"HOOG": 2, "LAAG": 1}, [KIND, TWO, THREE]),
        ("2025-04-01", {"HOOG": 1, "LAAG": 1}, [TWO, THREE]),
        ("nu", {"HOOG": 2}, [TWO, THREE]),
    ],
)
def test_what_was_known_then(
    known: str, counts: dict[str, int], pupils: list[str], corrected: Kijkglas
) -> None:
    found = tables(corrected, PO, "--bekend-op", known)
    assert dict(columns(found["aantallen"], "CATEGORIE", "TOTAAL")) == counts
    assert [row["BSN_OWN"] for row in found["inschrijvingen"]] == pupils


def test_diff_knows_a_count_by_its_cell_and_a_row_by_its_enrolment(corrected: Kijkglas) -> None:
    ask = ("diff", "kijkglas-1", "--swv", PO, "--from", f"{T}@vaststelling", "--to", T)
    done = corrected(*ask, "--format", "json")
    assert done.status == 1
    found = done.answer["tabellen"]
    key = {"SCHOOLSOORT": "SO", "VESTIGINGSCODE": "12QN00"}
    high, low = found["aantallen"]
    assert high == key | {
        "CATEGORIE": "HOOG",
        "soort": "gewijzigd",
        "kolommen": {"AANTAL_TLV": {"voor": 1, "na": 2}, "TOTAAL": {"voor": 1, "na": 2}},
    }
    assert (low["CATEGORIE"], low["soort"]) == ("LAAG", "eraf")
    assert columns(found["inschrijvingen"], "BSN_OWN", "soort") == [
        (KIND, "eraf"),
        (TWO, "erbij"),
        (THREE, "gewijzigd"),
    ]
    later = ("diff", "kijkglas-1", "--swv", PO, "--from", T, "--to", "2025-06-01")
    assert corrected(*later).status == 0


# The region


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_the_files_of_the_region(
    swv: str, region_ledger: Kijkglas, tmp_path: Path, golden: Golden
) -> None:
    ask = ("report", "kijkglas-1", "--swv", swv, *ON_T, "--bekend-op", "vaststelling")
    region_ledger.fine(*ask, "-o", tmp_path / "uit")
    names = [f"Kijkglas_1_{each}_{swv}_01_02_2025.csv" for each in ("aantallen", "inschrijvingen")]
    assert {path.name for path in (tmp_path / "uit").iterdir()} == {*names, "herkomst.json"}
    for name in names:
        golden(GOLDEN / name, (tmp_path / "uit" / name).read_bytes())


@pytest.mark.parametrize("swv", ["PO9901", "PO9902", "PO9903", "VO9901", "VO9902"])
@pytest.mark.parametrize("known", ["vaststelling", "nu"])
def test_it_adds_up_to_1a_and_1b(swv: str, known: str, region_ledger: Kijkglas) -> None:
    ask = ("--swv", swv, *ON_T, "--bekend-op", known, "--format", "json")
    found = tables(region_ledger, swv, "--bekend-op", known)
    file_1 = region_ledger.fine("report", "dashboard-1a", *ask).answer["tabellen"]["met_tlv"]
    assert sum(row["TOTAAL"] for row in found["aantallen"]) == sum(r["TOTAAL"] for r in file_1) > 9
    assert _cells(found["aantallen"]) == Counter(
        {
            (row["SCHOOLSOORT"], row["VESTIGINGSCODE"], cell): number
            for row in file_1
            for cell, number in row.items()
            if cell.startswith("AANTAL_") and number
        }
    )
    pupils = region_ledger.fine("report", "dashboard-1b", *ask).rows
    for row in pupils:
        del row["WIJZE_VAN_BEPALING"]
    assert found["inschrijvingen"] == [r for r in pupils if r["ONDERSTEUNINGSCATEGORIE"] != "SBO"]


def _cells(aantallen: Sequence[Row]) -> Counter[tuple[str, str, str]]:
    """Return the numbers under the names that 1A has for them."""
    return Counter(
        {
            (row["SCHOOLSOORT"], row["VESTIGINGSCODE"], f"AANTAL_{row['CATEGORIE']}_{basis}"): n
            for row in aantallen
            for basis in ("TLV", "RP", "OVERIG")
            if (n := row[f"AANTAL_{basis}"])
        }
    )


# Forms and errors


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "jsonl"])
def test_every_form(form: str, several: Kijkglas, golden: Golden) -> None:
    ending = {"table": "txt", "csv-excel": "excel.csv"}.get(form, form)
    ask = ("report", "kijkglas-1", "--swv", PO, *ON_T, "--bekend-op", "2025-03-03")
    golden(GOLDEN / f"kijkglas-1.{ending}", several.fine(*ask, "--format", form).data)


def test_json_names_both_tables(several: Kijkglas) -> None:
    ask = ("report", "kijkglas-1", "--swv", PO, *ON_T, "--format", "json")
    answer = several.fine(*ask).answer
    assert list(answer) == ["herkomst", "tabellen"]
    assert list(answer["tabellen"]) == ["aantallen", "inschrijvingen"]


def test_a_workbook_has_a_sheet_per_table(several: Kijkglas, tmp_path: Path) -> None:
    path = tmp_path / "k1.xlsx"
    several.fine("report", "kijkglas-1", "--swv", PO, *ON_T, "-o", path)
    aantallen, inschrijvingen, *_ = load_workbook(path).worksheets
    counts: list[list[Any]] = [[cell.value for cell in row] for row in aantallen.iter_rows()]
    assert [row[-4:] for row in counts[counts.index(AANTALLEN) + 1 :]] == [
        [1, 0, 1, 2],
        [1, 0, 0, 1],
        [0, 1, 1, 2],
    ]
    first = [row[0].value for row in inschrijvingen.iter_rows()]
    assert first[first.index("BSN_OWN") + 1 :] == [KIND, TWO, THREE]


def test_an_empty_ledger_has_an_answer_in_every_form(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    for form in [form for form in FORMATS if form not in PICTURES]:
        command.fine("report", "kijkglas-1", "--swv", VO, "--format", form)
    assert tables(command) == {"aantallen": [], "inschrijvingen": []}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--swv"),
        (["--swv", "2304"], "'2304' is geen samenwerkingsverband"),
        (
            ["--swv", PO, "--lidmaatschap", T],
            "--lidmaatschap hoort niet bij kijkglas-1; wel: --swv, --zonder-ongebruikte-tlv",
        ),
        (["--swv", PO, "--bekend-op", "ooit"], "'ooit' is geen moment"),
    ],
)
def test_a_wrong_use_ends_with_2_and_says_why(
    arguments: list[str], said: str, several: Kijkglas
) -> None:
    done = several("report", "kijkglas-1", *arguments)
    assert (done.status, done.data) == (2, b"")
    assert said in done.err


# Against the oracle


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_both_tables_equal_the_independent_computation(data: st.DataObject) -> None:
    history = data.draw(histories())
    fixed = [(date.fromisoformat(teldatum), None) for teldatum in TELDATA]
    asked = [*fixed, *(data.draw(moments(history)) for _ in range(2))]
    unused = data.draw(st.booleans())
    with ledger_of() as ledger:
        refused = {one.regelnummer for one in import_events(ledger, history).booked.refused}
        booked = [event for number, event in enumerate(history, 1) if number not in refused]
        model = refreshed(ledger)
        for teldatum, known in asked:
            for swv in (*SWVS["PO"], *SWVS["VO"]):
                found = kijkglas_1(
                    ledger, model, AsOf(teldatum, known), swv, ongebruikte_tlv=unused
                )
                shown = {
                    table.naam: [{c.naam: row[c.veld] for c in table.kolommen} for row in rows]
                    for table, rows in zip(
                        layouts.load("kijkglas-1").tabellen, found.values(), strict=True
                    )
                }
                assert shown == _slow(booked, swv, teldatum, known, unused)
        model.close()


def _slow(
    events: Sequence[Event], swv: str, teldatum: date, known: datetime | None, unused: bool
) -> dict[str, list[Row]]:
    """Count pupil by pupil, and take the (v)so rows of the oracle's 1B."""
    booked = [dict(event) for event in events]
    pupils = oracle.dashboard_1b(booked, swv, teldatum, known, unused)
    numbers: dict[tuple[str, str, int, str], dict[str, int]] = {}
    for regel in toestand(booked, teldatum, known).regels:
        segment = regel.segment
        schoolsoort, place = segment.periode.schoolsoort, segment.periode.vestigingscode
        sorts = ("SBO", "SO") if swv.startswith("PO") else ("VSO",)
        if regel.telt and segment.toerekening.swv == swv and schoolsoort in sorts:
            name = categorie(segment)
            height = -["SBO", "LAAG", "MIDDEN", "HOOG"].index(name)
            cell = numbers.setdefault((schoolsoort, place, height, name), {})
            cell[basis(segment)] = cell.get(basis(segment), 0) + 1
    return {
        "aantallen": [
            {
                "SAMENWERKINGSVERBAND": swv,
                "TELDATUM": teldatum,
                "SCHOOLSOORT": schoolsoort,
                "INSTELLINGSCODE": place[:4],
                "VESTIGINGSCODE": place,
                "CATEGORIE": name,
                **{f"AANTAL_{each}": cell.get(each, 0) for each in ("TLV", "RP", "OVERIG")},
                "TOTAAL": sum(cell.values()),
            }
            for (schoolsoort, place, _, name), cell in sorted(numbers.items())
        ],
        "inschrijvingen": [
            {name: value for name, value in row.items() if name != "WIJZE_VAN_BEPALING"}
            for row in pupils
            if row["ONDERSTEUNINGSCATEGORIE"] != "SBO"
        ],
    }
