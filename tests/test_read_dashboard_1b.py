"""Dashboard 1B as DUO gives it: what a row tells, and what is wrong with a row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec import UNSET
from openpyxl import Workbook

from ledger.intake import dashboard_1a, dashboard_1b, dashboard_2, kijkglas_2
from ledger.intake.readers import About, ReadOptions
from ledger.intake.sheet_types import Sheet, UnreadableFileError
from ledger.intake.sheets import opened_sheet
from ledger.states import BepalingStand, TeldatumStand, TlvStand, WoonplaatsStand
from ledger.times import parse_date
from projections import layouts
from tests.duo_sheets import (
    SAMPLES,
    Row,
    good,
    outcomes,
    problems,
    sheet,
    told,
    verdicts,
    warnings,
)

NAAM = "Bekostigde_leerlingen_PO2304_01_02_2025.csv"
T = date(2025, 2, 1)

# The row with a used tlv of the slides of 2025; its dummy BSN 1234 is made whole.
TLV: Row = {
    "BSN_OWN": "905622492",
    "BESCHIKKINGSNUMMER": "PO2304-2021-11111",
    "LEEFTIJD_TELDATUM": "10",
    "INSTELLINGSCODE": "00JH",
    "VESTIGINGSCODE": "00JH00",
    "VESTIGINGSNAAM": "SBO De Brêge",
    "VESTIGING_SWVNUMMER": "PO2203",
    "VESTIGING_SWVNAAM": "Voorbeeld Noord",
    "ONDERSTEUNINGSCATEGORIE": "SBO",
    "INSCHRIJVINGSVOLGNUMMER": "2459428",
    "DATUM_INSCHRIJVING": "1-8-2021",
    "DATUM_UITSCHRIJVING": "",
    "BEGIN_DATUM_TLV": "1-8-2021",
    "EIND_DATUM_TLV": "31-7-2026",
    "RESIDENTIELE_LEERLING": "Nee",
    "HOOFD_ONDERWIJSOORT": "",
    "WIJZE_VAN_BEPALING": "TLV",
    "TELDATUM": "1-2-2025",
    "SAMENWERKINGSVERBAND": "PO2304",
}
# The row with an unused tlv, variant 2 of the slides.
WOONPLAATS: Row = {
    **TLV,
    "BSN_OWN": "967423922",
    "BESCHIKKINGSNUMMER": "PO2304-2021-12345",
    "INSTELLINGSCODE": "00SU",
    "VESTIGINGSCODE": "00SU00",
    "ONDERSTEUNINGSCATEGORIE": "SO_VSO_LAAG",
    "INSCHRIJVINGSVOLGNUMMER": "PAR705271",
    "DATUM_INSCHRIJVING": "1-8-2024",
    "BEGIN_DATUM_TLV": "1-8-2022",
    "EIND_DATUM_TLV": "31-7-2024",
    "WIJZE_VAN_BEPALING": "Woonplaats leerling",
}
WITHOUT_TLV = {"BESCHIKKINGSNUMMER": "", "BEGIN_DATUM_TLV": "", "EIND_DATUM_TLV": ""}
VO = {
    "BESCHIKKINGSNUMMER": "VO2507-2022-00019",
    "SAMENWERKINGSVERBAND": "VO2507",
    "ONDERSTEUNINGSCATEGORIE": "SO_VSO_HOOG",
}


def one_b(*rows: Row) -> Sheet:
    return sheet(NAAM, *rows)


def test_a_row_with_a_used_tlv_tells_of_the_tlv_the_count_and_duos_verdict() -> None:
    assert told(dashboard_1b, one_b(TLV)) == [
        (
            TlvStand(
                nummer="PO2304-2021-11111",
                categorie="SBO",
                begindatum=date(2021, 8, 1),
                einddatum=date(2026, 7, 31),
            ),
            TeldatumStand(
                instellingscode="00JH",
                volgnummer="2459428",
                begindatum=date(2021, 8, 1),
                einddatum=None,
                teldatum=T,
                vestigingscode="00JH00",
                schoolsoort="SBO",
                residentieel=False,
                ondersteuningscategorie="SBO",
                nummer="PO2304-2021-11111",
            ),
            BepalingStand(
                instellingscode="00JH",
                volgnummer="2459428",
                teldatum=T,
                swv="PO2304",
                wijze="TLV",
                ondersteuningscategorie="SBO",
                telt=True,
            ),
        )
    ]


def test_a_row_by_residence_with_an_unused_tlv_tells_of_its_dates_and_not_of_its_category() -> None:
    tlv, counted, residence, verdict = told(dashboard_1b, one_b(WOONPLAATS))[0]
    assert tlv == TlvStand(
        nummer="PO2304-2021-12345",
        categorie=UNSET,
        begindatum=date(2022, 8, 1),
        einddatum=date(2024, 7, 31),
    )
    assert isinstance(counted, TeldatumStand)
    assert (counted.schoolsoort, counted.nummer) == ("SO", None)
    assert residence == WoonplaatsStand(vanaf=date(2024, 8, 1), swv=("PO2304",))
    assert isinstance(verdict, BepalingStand)
    assert verdict.wijze == "Woonplaats leerling"


def test_a_row_without_tlv_tells_of_none() -> None:
    kinds = [type(one) for one in told(dashboard_1b, one_b({**WOONPLAATS, **WITHOUT_TLV}))[0]]
    assert kinds == [TeldatumStand, WoonplaatsStand, BepalingStand]


def test_a_tlv_whose_dates_are_empty_tells_of_no_dates() -> None:
    row = {**TLV, "BEGIN_DATUM_TLV": "", "EIND_DATUM_TLV": ""}
    assert told(dashboard_1b, one_b(row))[0][0] == TlvStand(
        nummer="PO2304-2021-11111", categorie="SBO"
    )


@pytest.mark.parametrize(
    ("change", "categorie", "schoolsoort"),
    [
        ({"ONDERSTEUNINGSCATEGORIE": "SO_VSO_MIDDE"}, "MIDDEN", "SO"),
        ({"ONDERSTEUNINGSCATEGORIE": "SO_VSO_MIDDEN"}, "MIDDEN", "SO"),
        ({"ONDERSTEUNINGSCATEGORIE": "so_vso_laag"}, "LAAG", "SO"),
        (VO, "HOOG", "VSO"),
    ],
)
def test_the_category_and_the_dashboard_say_which_schoolsoort(
    change: Row, categorie: str, schoolsoort: str
) -> None:
    counted = told(dashboard_1b, one_b({**TLV, **change}))[0][1]
    assert isinstance(counted, TeldatumStand)
    assert (counted.ondersteuningscategorie, counted.schoolsoort) == (categorie, schoolsoort)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("tlv", "TLV"),
        ("woonplaats  LEERLING", "Woonplaats leerling"),
        ("VORIGE_PERIODE_INSCHRIJVING", "Vorige periode inschrijving"),
        ("Vestiging vorige inschrijving", "Vestiging vorige inschrijving"),
        ("Handmatig  bepaald", "Handmatig bepaald"),
    ],
)
def test_the_wijze_is_kept_in_the_words_of_the_ledger_or_else_as_written(
    written: str, kept: str
) -> None:
    verdict = told(dashboard_1b, one_b({**TLV, "WIJZE_VAN_BEPALING": written}))[0][-1]
    assert isinstance(verdict, BepalingStand)
    assert verdict.wijze == kept


def test_a_residential_pupil_is_told_as_such() -> None:
    row = {**WOONPLAATS, "RESIDENTIELE_LEERLING": "Ja"}
    counted = told(dashboard_1b, one_b(row))[0][1]
    assert isinstance(counted, TeldatumStand)
    assert counted.residentieel


@pytest.mark.parametrize(
    ("official", "seen"),
    [
        ("DATUM_INSCHRIJVING", "DATUM INSCHRIJVING"),
        ("TELDATUM", "TEL DATUM"),
        ("WIJZE_VAN_BEPALING", "WIJZE_VAN_BEPALING_SWV"),
        ("RESIDENTIELE_LEERLING", "Residentiële leerling"),
        ("BSN_OWN", "BSN/OWN"),
        ("BESCHIKKINGSNUMMER", "TLV nummer"),
    ],
)
def test_every_spelling_of_a_header_that_duo_used_is_read(official: str, seen: str) -> None:
    row = {seen if name == official else name: cell for name, cell in TLV.items()}
    assert dashboard_1b.identify(one_b(row))
    assert told(dashboard_1b, one_b(row)) == told(dashboard_1b, one_b(TLV))


def test_what_is_no_fact_may_be_left_out() -> None:
    names = ("LEEFTIJD_TELDATUM", "VESTIGINGSNAAM", "VESTIGING_SWVNAAM", "HOOFD_ONDERWIJSOORT")
    row = {name: cell for name, cell in TLV.items() if name not in names}
    assert told(dashboard_1b, one_b(row)) == told(dashboard_1b, one_b(TLV))


def test_a_header_without_needed_columns_names_them_all() -> None:
    row = {name: TLV[name] for name in TLV if name not in {"TELDATUM", "VESTIGINGSCODE"}}
    with pytest.raises(UnreadableFileError, match=r"VESTIGINGSCODE.*TELDATUM"):
        outcomes(dashboard_1b, one_b(row))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"DATUM_UITSCHRIJVING": "31-7-2021"},
            (
                "DATUM_UITSCHRIJVING: '31-7-2021' ligt voor DATUM_INSCHRIJVING '1-8-2021';"
                " controleer beide data"
            ),
        ),
        (
            {"EIND_DATUM_TLV": "31-7-2020"},
            (
                "EIND_DATUM_TLV: '31-7-2020' ligt voor BEGIN_DATUM_TLV '1-8-2021';"
                " controleer beide data"
            ),
        ),
        (
            {"VESTIGINGSCODE": "00JG00"},
            (
                "VESTIGINGSCODE: '00JG00' hoort niet bij instelling '00JH'; de eerste vier tekens"
                " van de vestiging zijn de instellingscode"
            ),
        ),
        (
            {"SAMENWERKINGSVERBAND": "VO2507"},
            (
                "ONDERSTEUNINGSCATEGORIE: 'SBO' kan niet bij een vo-samenwerkingsverband;"
                " controleer ONDERSTEUNINGSCATEGORIE en SAMENWERKINGSVERBAND"
            ),
        ),
        (
            WITHOUT_TLV,
            (
                "BESCHIKKINGSNUMMER: is leeg, en WIJZE_VAN_BEPALING is TLV; vul het nummer van de"
                " tlv in, of download het bestand opnieuw"
            ),
        ),
        (
            {"DATUM_INSCHRIJVING": "2-2-2025"},
            (
                "DATUM_INSCHRIJVING: ligt na de teldatum 1-2-2025: toen was er geen inschrijving;"
                " controleer beide data"
            ),
        ),
        (
            {"BSN_OWN": "1234"},
            (
                "BSN_OWN: de waarde is een afgeschermd nummer, geen bsn of onderwijsnummer;"
                " download het bestand opnieuw, met de nummers van negen cijfers erin"
            ),
        ),
        (
            {"BSN_OWN": "*****2492"},
            (
                "BSN_OWN: de waarde is een afgeschermd nummer, geen bsn of onderwijsnummer;"
                " download het bestand opnieuw, met de nummers van negen cijfers erin"
            ),
        ),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(change: Row, message: str) -> None:
    found = problems(dashboard_1b, one_b({**TLV, **change}, WOONPLAATS))
    assert found == {(2,): [message]}


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    row = {**TLV, "VESTIGINGSCODE": "00JG00", "DATUM_UITSCHRIJVING": "1-1-2020"}
    assert len(problems(dashboard_1b, one_b(row))[2,]) == 2


def test_no_message_shows_a_pgn() -> None:
    row = {**TLV, "BSN_OWN": "905622493"}
    assert "90562249" not in str(problems(dashboard_1b, one_b(row)))


def test_the_same_enrolment_twice_is_booked_once() -> None:
    again = {**TLV, "DATUM_UITSCHRIJVING": "3-3-2025"}
    assert problems(dashboard_1b, one_b(TLV, WOONPLAATS, again)) == {
        (4,): [
            (
                "INSCHRIJVINGSVOLGNUMMER: dubbele sleutel: deze inschrijving staat ook op regel 2;"
                " houd de juiste regel over"
            )
        ]
    }


def test_a_volgnummer_of_another_pupil_or_school_is_no_double() -> None:
    # The same number stands on three rows of the manual's example.
    other_school = {**WOONPLAATS, "INSCHRIJVINGSVOLGNUMMER": "2459428"}
    assert len(good(dashboard_1b, one_b(TLV, other_school))) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"BESCHIKKINGSNUMMER": "PO2203-2021-11111"},
            (
                "BESCHIKKINGSNUMMER: 'PO2203-2021-11111' is niet afgegeven door"
                " SAMENWERKINGSVERBAND 'PO2304'; vraag DUO welke tlv is gebruikt"
            ),
        ),
        (
            {"DATUM_UITSCHRIJVING": "31-1-2025"},
            (
                "DATUM_UITSCHRIJVING: bekostigd op de teldatum terwijl al uitgeschreven; controleer"
                " de uitschrijving bij de school"
            ),
        ),
        (
            {"EIND_DATUM_TLV": "31-7-2024"},
            (
                "EIND_DATUM_TLV: de tlv waarop is bekostigd, is voor de teldatum afgelopen;"
                " controleer de einddatum van de tlv"
            ),
        ),
        (
            {"BESCHIKKINGSNUMMER": "", "WIJZE_VAN_BEPALING": "Vorige inschrijving"},
            (
                "BESCHIKKINGSNUMMER: is leeg, en er zijn wel data van een tlv; die zijn"
                " overgeslagen; vul het nummer van de tlv in als u het kent"
            ),
        ),
    ],
)
def test_what_is_odd_is_told_with_a_warning(change: Row, message: str) -> None:
    assert warnings(dashboard_1b, one_b({**TLV, **change})) == {(2,): [message]}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"DATUM_UITSCHRIJVING": "1-2-2025"},
        {"EIND_DATUM_TLV": "1-2-2025"},
        {"BESCHIKKINGSNUMMER": "PO2203-2021-11111", "WIJZE_VAN_BEPALING": "Vorige inschrijving"},
        {"EIND_DATUM_TLV": "31-7-2024", "WIJZE_VAN_BEPALING": "Vorige inschrijving"},
    ],
)
def test_what_is_not_odd_gets_no_warning(change: Row) -> None:
    assert warnings(dashboard_1b, one_b({**TLV, **change})) == {}


def test_a_pupil_who_counts_twice_on_a_teldatum_is_told_with_a_warning() -> None:
    elsewhere = {**WOONPLAATS, "BSN_OWN": TLV["BSN_OWN"]}
    later = {**elsewhere, "TELDATUM": "1-2-2026"}
    assert warnings(dashboard_1b, one_b(TLV, later, elsewhere)) == {
        (4,): [
            (
                "BSN_OWN: de leerling telt op deze teldatum ook op regel 2; een leerling telt bij"
                " een school; meld het bij DUO"
            )
        ]
    }


def test_a_zero_that_a_spreadsheet_lost_is_put_back_and_said_so() -> None:
    row = {**TLV, "INSTELLINGSCODE": "0JH"}
    assert told(dashboard_1b, one_b(row)) == told(dashboard_1b, one_b(TLV))
    assert "teruggezet" in warnings(dashboard_1b, one_b(row))[2,][0]


def test_a_file_without_rows_tells_nothing_and_is_about_what_its_name_says() -> None:
    empty = sheet("Bekostigde leerlingen PO0001_01_02_2023.csv", kop=tuple(TLV))
    assert dashboard_1b.identify(empty)
    assert outcomes(dashboard_1b, empty) == []
    assert dashboard_1b.about(None, empty) == About("PO0001", date(2023, 2, 1))


def test_a_file_is_about_what_its_rows_say_whatever_its_name() -> None:
    of = sheet("download (3).csv", TLV)
    assert dashboard_1b.about(good(dashboard_1b, of)[0], of) == About("PO2304", T)


@pytest.mark.parametrize(
    ("naam", "about"),
    [
        ("Bekostigde_leerlingen_PO0001_01_02_2024.csv", About("PO0001", date(2024, 2, 1))),
        ("Bekostigde leerlingen PO0001_01_02_2023.csv", About("PO0001", date(2023, 2, 1))),
        ("bekostigde leerlingen vo-25-07 1-2-2025 (1).xlsx", About("VO2507", date(2025, 2, 1))),
        ("1B PO 23.04.csv", About("PO2304", None)),
        ("Bekostigde_leerlingen_PO2304_31_02_2025.csv", About("PO2304", None)),
        ("export.csv", About(None, None)),
        ("EXPO2304_01_02_2025.csv", About(None, None)),
    ],
)
def test_what_a_name_tells(naam: str, about: About) -> None:
    assert dashboard_1b.about(None, sheet(naam, kop=tuple(TLV))) == about


def test_rows_are_read_one_by_one() -> None:
    reading = dashboard_1b.read(one_b(TLV, WOONPLAATS), ReadOptions())
    assert next(reading).rijen[0].regelnummer == 2


READERS = {
    "dashboard-1a-po": dashboard_1a,
    "dashboard-1a-vo": dashboard_1a,
    "dashboard-1b": dashboard_1b,
    "dashboard-2": dashboard_2,
    "kijkglas-2": kijkglas_2,
}


@pytest.mark.parametrize("name", layouts.names())
def test_a_reader_knows_its_own_product_and_no_other(name: str) -> None:
    for tabel in layouts.load(name).tabellen:
        of = sheet("bestand.csv", kop=tuple(kolom.naam for kolom in tabel.kolommen))
        found = {reader.SOURCE for reader in READERS.values() if reader.identify(of)}
        assert found == ({READERS[name].SOURCE} if name in READERS else set()), tabel.naam


def test_a_workbook_tells_what_the_csv_tells(tmp_path: Path) -> None:
    # As Excel keeps it after "Tekst naar kolommen": numbers and days are no texts any more.
    book = Workbook()
    page = book.worksheets[0]
    page.append(list(TLV))
    for row in (TLV, WOONPLAATS):
        page.append([_as_excel_keeps(naam, cell) for naam, cell in row.items()])
    path = tmp_path / "Bekostigde_leerlingen_PO2304_01_02_2025.xlsx"
    book.save(path)
    with opened_sheet(path) as of:
        assert dashboard_1b.identify(of)
        assert told(dashboard_1b, of) == told(dashboard_1b, one_b(TLV, WOONPLAATS))


def _as_excel_keeps(naam: str, cell: str) -> str | int | date | None:
    if "-" in cell and "DATUM" in naam:
        return parse_date(cell)
    return int(cell) if cell.isdecimal() else cell or None


SAMPLE = SAMPLES / "lezers" / "dashboard-1b"


@pytest.mark.parametrize(
    ("naam", "verdict"),
    [
        ("Bekostigde leerlingen PO2304_01_02_2025.csv", dict.fromkeys(range(2, 8), "goed")),
        ("Bekostigde_leerlingen_VO2507_01_02_2025.csv", {2: "goed", 3: "goed"}),
        (
            "Bekostigde_leerlingen_PO2304_01_02_2025_beschadigd.csv",
            {
                2: "goed",
                3: "BSN_OWN",
                4: "VESTIGINGSCODE",
                5: "DATUM_UITSCHRIJVING",
                6: "INSCHRIJVINGSVOLGNUMMER",
                7: "TELDATUM",
                8: "BESCHIKKINGSNUMMER",
                9: "",
            },
        ),
    ],
)
def test_the_samples(naam: str, verdict: dict[int, str]) -> None:
    found = verdicts(dashboard_1b, SAMPLE / naam)
    assert {line: said for (line,), said in found.items()} == verdict


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_our_own_1b_of_a_region_is_read_whole(swv: str) -> None:
    path = SAMPLES / "region" / f"Bekostigde_leerlingen_{swv}_01_02_2025.csv"
    with opened_sheet(path) as of:
        read = good(dashboard_1b, of)
        assert len(read) == len(path.read_text(encoding="utf-8-sig").splitlines()) - 1
        assert dashboard_1b.about(read[0], of) == About(swv, T)
