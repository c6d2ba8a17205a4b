"""Dashboard 1A as DUO gives it: three files of counts, kept as what DUO asserts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ledger.intake import dashboard_1a
from ledger.intake.readers import About
from ledger.intake.sheet_types import Sheet, UnreadableFileError
from ledger.intake.sheets import opened_sheet
from ledger.states import AantallenStand
from projections import layouts
from tests.duo_sheets import SAMPLES, Row, good, outcomes, problems, sheet, told, verdicts, warnings

PO = "Aantallen_leerlingen_met_tlv_svw_PO0001_01_02_2024.csv"
T = date(2024, 2, 1)
COUNTS = layouts.load("dashboard-1a-po").tabellen[0].kolommen[3:]
NONE = {kolom.naam: "0" for kolom in COUNTS}

# The two rows that the manual shows (2.4), and those of file 2 and 3.
DEELNEMEND: Row = {
    "SCHOOLSOORT": "VSO",
    "VESTIGINGSCODE": "00SH00",
    "DEELNEMENDE_VESTIGING": "Ja",
    **NONE,
    "TOTAAL": "119",
    "AANTAL_LAAG_TLV": "116",
    "AANTAL_LAAG_OVERIG": "3",
}
ELDERS: Row = {
    **DEELNEMEND,
    "VESTIGINGSCODE": "01UC05",
    "DEELNEMENDE_VESTIGING": "Nee",
    "TOTAAL": "1",
    "AANTAL_LAAG_TLV": "0",
    "AANTAL_LAAG_OVERIG": "0",
    "AANTAL_LAAG_RP": "1",
}
SBO: Row = {
    "SCHOOLSOORT": "SBO",
    "MET_TLV_DIT_SWV": "705",
    "MET_TLV_ANDER_SWV": "128",
    "TOTAAL": "833",
}
VO_VESTIGING: Row = {
    "Vestiging": "16EI00",
    "Totaal": "697",
    "Nieuwkomers cat.1 korter dan 1 jaar in NL": "2",
    "VAVO gedeeltelijk bekostigd": "0",
    "LWOO": "0",
    "PRO": "0",
}


def vo(*rows: Row) -> Sheet:
    return sheet("Aantallen_leerlingen_met_tlv_svw_VO2507_01_02_2024.csv", *rows)


def po(*rows: Row) -> Sheet:
    return sheet(PO, *rows)


def counts(of: Sheet) -> AantallenStand:
    (stand,) = told(dashboard_1a, of)[0]
    assert isinstance(stand, AantallenStand)
    return stand


def test_file_1_tells_the_counts_of_a_vestiging() -> None:
    found = good(dashboard_1a, vo(DEELNEMEND, ELDERS))
    assert [one.pgn for one in found] == [None, None]
    first, second = (one.standen[0] for one in found)
    assert first == AantallenStand(
        tabel="met_tlv",
        swv="VO2507",
        teldatum=T,
        schoolsoort="VSO",
        vestigingscode="00SH00",
        deelnemend=True,
        aantallen={
            **{kolom.naam.lower(): 0 for kolom in COUNTS},
            "totaal": 119,
            "aantal_laag_tlv": 116,
            "aantal_laag_overig": 3,
        },
    )
    assert isinstance(second, AantallenStand)
    assert (second.deelnemend, second.aantallen["aantal_laag_rp"]) == (False, 1)


def test_file_2_tells_the_totals_of_a_schoolsoort() -> None:
    assert counts(po(SBO)) == AantallenStand(
        tabel="totaal",
        swv="PO0001",
        teldatum=T,
        schoolsoort="SBO",
        aantallen={"met_tlv_dit_swv": 705, "met_tlv_ander_swv": 128, "totaal": 833},
    )


def test_file_3_of_po_tells_the_total_of_a_vestiging() -> None:
    assert counts(po({"VESTIGING": "00DX00", "TOTAAL": "197"})) == AantallenStand(
        tabel="vestigingen",
        swv="PO0001",
        teldatum=T,
        vestigingscode="00DX00",
        aantallen={"totaal": 197},
    )


def test_file_3_of_vo_has_headers_with_spaces_and_points() -> None:
    assert counts(vo(VO_VESTIGING)) == AantallenStand(
        tabel="vestigingen",
        swv="VO2507",
        teldatum=T,
        vestigingscode="16EI00",
        aantallen={
            "totaal": 697,
            "nieuwkomers cat.1 korter dan 1 jaar in nl": 2,
            "vavo gedeeltelijk bekostigd": 0,
            "lwoo": 0,
            "pro": 0,
        },
    )


@pytest.mark.parametrize("name", ["dashboard-1a-po", "dashboard-1a-vo"])
def test_the_counts_go_by_the_column_names_of_the_layout(name: str) -> None:
    swv = {"dashboard-1a-po": "PO0001", "dashboard-1a-vo": "VO2507"}[name]
    for tabel in layouts.load(name).tabellen:
        row = {kolom.naam: "0" for kolom in tabel.kolommen}
        texts = {"SCHOOLSOORT": "SO" if swv == "PO0001" else "VSO", "DEELNEMENDE_VESTIGING": "Ja"}
        texts |= dict.fromkeys(("VESTIGINGSCODE", "VESTIGING", "Vestiging"), "00DX00")
        row |= {naam: text for naam, text in texts.items() if naam in row}
        stand = counts(sheet(f"x_{swv}_01_02_2024.csv", row))
        assert stand.tabel == tabel.naam
        numbers = [kolom.naam.lower() for kolom in tabel.kolommen if kolom.soort == "getal"]
        assert sorted(stand.aantallen) == sorted(numbers)


def test_the_spelling_overig_of_the_manual_is_read() -> None:
    row = {naam.replace("OVERIG", "overig"): cell for naam, cell in DEELNEMEND.items()}
    assert counts(vo(row)) == counts(vo(DEELNEMEND))


@pytest.mark.parametrize(
    "naam",
    [
        PO,
        "Aantallen_leerlingen_met_tlv_sww_PO0001_01_02_2024.csv",
        "Aantallen leerlingen met tlv swv PO0001 01 02 2024.csv",
        "aantallen PO-00-01 1-2-2024 (2).csv",
    ],
)
def test_the_name_tells_whose_counts_they_are_and_of_when(naam: str) -> None:
    of = sheet(naam, SBO)
    assert (counts(of).swv, counts(of).teldatum) == ("PO0001", T)
    assert dashboard_1a.about(good(dashboard_1a, of)[0], of) == About("PO0001", T)


@pytest.mark.parametrize("naam", ["export.csv", "1A_PO0001.csv", "1A_01_02_2024.csv"])
def test_a_name_that_does_not_tell_says_how_to_name_the_file(naam: str) -> None:
    with pytest.raises(
        UnreadableFileError,
        match=r"de bestandsnaam: zegt niet van welk samenwerkingsverband en welke teldatum de"
        r" aantallen zijn; noem het bestand zoals DUO het noemt, .*_PO0001_01_02_2024\.csv",
    ):
        outcomes(dashboard_1a, sheet(naam, SBO))


def test_a_file_of_the_other_sector_than_its_name_says_is_not_read() -> None:
    with pytest.raises(UnreadableFileError, match="zegt PO0001, en de kolommen zijn die van een"):
        outcomes(dashboard_1a, po(VO_VESTIGING))


def test_a_header_without_a_count_is_not_read() -> None:
    row = {naam: cell for naam, cell in DEELNEMEND.items() if naam != "AANTAL_SBO_TLV"}
    with pytest.raises(UnreadableFileError, match="AANTAL_SBO_TLV"):
        outcomes(dashboard_1a, vo(row))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**DEELNEMEND, "TOTAAL": "120"}, "'120' is niet de som van de andere kolommen, 119;"),
        ({**SBO, "TOTAAL": "832"}, "'832' is niet de som van de andere kolommen, 833;"),
        ({**SBO, "TOTAAL": "<5"}, "'<5' is niet de som van de andere kolommen, 833;"),
        (
            {**SBO, "MET_TLV_ANDER_SWV": "<5", "TOTAAL": "710"},
            "'710' is niet de som van de andere kolommen, 705 tot 709;",
        ),
    ],
)
def test_what_does_not_add_up_is_kept_as_duo_says_it_with_a_warning(row: Row, message: str) -> None:
    of = sheet("x_PO0001_01_02_2024.csv", {**row, "SCHOOLSOORT": "SO"})
    (found,) = warnings(dashboard_1a, of)[2,]
    assert found == (
        f"TOTAAL: {message} download het bestand opnieuw; blijft het zo, meld het bij DUO"
    )


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"MET_TLV_ANDER_SWV": "<5", "TOTAAL": "709"},
        {"MET_TLV_DIT_SWV": "0", "MET_TLV_ANDER_SWV": "<5", "TOTAAL": "<5"},
    ],
)
def test_a_small_count_that_is_hidden_may_add_up(change: Row) -> None:
    assert warnings(dashboard_1a, po({**SBO, **change})) == {}


def test_a_small_count_is_told_as_it_is_shown() -> None:
    row = {"VESTIGING": "00DX00", "TOTAAL": "<5"}
    assert counts(po(row)).aantallen == {"totaal": "<5"}


def test_a_schoolsoort_of_the_other_sector_gets_a_warning() -> None:
    assert warnings(dashboard_1a, po(DEELNEMEND)) == {
        (2,): [
            "SCHOOLSOORT: 'VSO' is geen schoolsoort van PO0001; controleer de naam van het bestand"
        ]
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"AANTAL_HOOG_RP": "-1"},
            "AANTAL_HOOG_RP: '-1' is lager dan nul; schrijf het getal zonder minteken",
        ),
        (
            {"SCHOOLSOORT": "BO"},
            "SCHOOLSOORT: 'BO' komt in Dashboard 1A niet voor; schrijf SBO, SO of VSO",
        ),
        (
            {},
            (
                "SCHOOLSOORT: dubbele sleutel: dezelfde rij staat ook op regel 2; houd de juiste"
                " regel over"
            ),
        ),
    ],
)
def test_a_row_that_cannot_be_is_refused(change: Row, message: str) -> None:
    assert problems(dashboard_1a, vo(DEELNEMEND, {**DEELNEMEND, **change})) == {(3,): [message]}


def test_a_file_without_rows_tells_nothing() -> None:
    assert outcomes(dashboard_1a, sheet(PO, kop=tuple(DEELNEMEND))) == []


def test_any_list_of_vestigingen_is_no_dashboard() -> None:
    assert not dashboard_1a.identify(sheet("x.csv", kop=("VESTIGING", "TOTAAL", "PLAATS")))
    assert dashboard_1a.identify(sheet("x.csv", kop=("VESTIGING", "TOTAAL", "AFGEKEURD")))


@pytest.mark.parametrize(
    ("naam", "verdict"),
    [
        (f"dashboard-1a-po/{PO}", dict.fromkeys(range(2, 5), "goed")),
        (
            "dashboard-1a-po/Totaal_aantal_leerlingen_sbo_en_so_PO0001_01_02_2024.csv",
            {2: "goed", 3: "goed"},
        ),
        (
            "dashboard-1a-po/Aantallen_leerlingen_vestigingen_bo_en_sbo_PO0001_01_02_2024.csv",
            dict.fromkeys(range(2, 8), "goed"),
        ),
        (
            "dashboard-1a-po/Aantallen_leerlingen_met_tlv_svw_PO0001_01_02_2024_beschadigd.csv",
            {
                2: "goed",
                3: "AANTAL_HOOG_TLV",
                4: "SCHOOLSOORT",
                5: "DEELNEMENDE_VESTIGING, AANTAL_LAAG_OVERIG",
                6: "SCHOOLSOORT",
                7: "goed",
            },
        ),
        (
            "dashboard-1a-vo/Aantallen_leerlingen_met_tlv_sww_VO2507_01_02_2024.csv",
            {2: "goed", 3: "goed"},
        ),
        ("dashboard-1a-vo/Totaal_aantal_leerlingen_vso_VO2507_01_02_2024.csv", {2: "goed"}),
        (
            "dashboard-1a-vo/Aantallen leerlingen vestigingen vo VO-25-07 01-02-2024.csv",
            dict.fromkeys(range(2, 5), "goed"),
        ),
        (
            "dashboard-1a-vo/Aantallen_leerlingen_vestigingen_vo_VO2507_01_02_2024_beschadigd.csv",
            {2: "goed", 3: "goed", 4: "VESTIGINGSCODE", 5: "VESTIGINGSCODE", 6: "Totaal"},
        ),
    ],
)
def test_the_samples(naam: str, verdict: dict[int, str]) -> None:
    found = verdicts(dashboard_1a, SAMPLES / "lezers" / naam)
    assert {line: said for (line,), said in found.items()} == verdict


@pytest.mark.parametrize(
    "path",
    sorted((SAMPLES / "region").glob("*aantal*.csv")) + sorted((SAMPLES / "region").glob("A*.csv")),
    ids=lambda path: path.name,
)
def test_our_own_1a_of_a_region_is_read_whole(path: Path) -> None:
    with opened_sheet(path) as of:
        assert dashboard_1a.identify(of)
        assert good(dashboard_1a, of)
        assert warnings(dashboard_1a, of) == {}
