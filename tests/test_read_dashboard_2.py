"""Dashboard 2: the rows of an enrolment become its periods, all of them or none."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from msgspec import UNSET

from ledger.intake import dashboard_2
from ledger.intake.readers import About
from ledger.intake.sheet_types import Sheet, UnreadableFileError
from ledger.intake.sheets import opened_sheet
from ledger.states import (
    ONBEKEND_VERBLIJF,
    BepalingStand,
    InschrijvingStand,
    PeriodeStand,
    TlvStand,
    WoonplaatsStand,
)
from tests.duo_sheets import (
    GOLDEN,
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

NAAM = "Inschrijvingen_PO2304_01_02_2025.csv"
T = date(2025, 2, 1)
ROW: Row = {
    "BSN_OWN": "905622492",
    "BESCHIKKINGSNUMMER": "PO2304-2022-00031",
    "LEEFTIJD_TELDATUM": "9",
    "INSTELLINGSCODE": "00SU",
    "VESTIGINGSCODE": "00SU00",
    "VESTIGINGSNAAM": "SO De Kei",
    "VESTIGING_SWVNUMMER": "PO2202",
    "VESTIGING_SWVNAAM": "Voorbeeld West",
    "ONDERSTEUNINGSCATEGORIE": "SO_VSO_LAAG",
    "INSCHRIJVINGSVOLGNUMMER": "2459001",
    "DATUM_INSCHRIJVING": "1-8-2022",
    "DATUM_UITSCHRIJVING": "",
    "BEGIN_DATUM_TLV": "1-8-2022",
    "EIND_DATUM_TLV": "31-7-2024",
    "RESIDENTIELE_LEERLING": "Nee",
    "HOOFD_ONDERWIJSOORT": "",
    "WIJZE_VAN_BEPALING": "TLV",
    "TELDATUM": "1-2-2025",
    "SAMENWERKINGSVERBAND": "PO2304",
    "BEKOSTIGD": "Ja",
    "REDEN": "",
    "BEGIN_PERIODE": "1-8-2022",
    "EIND_PERIODE": "31-7-2024",
    "SOORT_VERBLIJF": "geen",
}
SECOND_TLV: Row = {
    **ROW,
    "BESCHIKKINGSNUMMER": "PO2304-2024-00032",
    "BEGIN_DATUM_TLV": "1-8-2024",
    "EIND_DATUM_TLV": "31-7-2028",
    "ONDERSTEUNINGSCATEGORIE": "SO_VSO_HOOG",
    "BEGIN_PERIODE": "1-8-2024",
    "EIND_PERIODE": "31-7-2028",
}
NO_TLV = {"BESCHIKKINGSNUMMER": "", "BEGIN_DATUM_TLV": "", "EIND_DATUM_TLV": ""}
CARRIED: Row = {
    **ROW,
    **NO_TLV,
    "WIJZE_VAN_BEPALING": "Vorige periode inschrijving",
    "BEGIN_PERIODE": "1-8-2024",
    "EIND_PERIODE": "",
}
WHOLE: Row = {**CARRIED, "BEGIN_PERIODE": "1-8-2022"}
"""One row for all days of the enrolment, without a tlv."""
NOBODY = {"WIJZE_VAN_BEPALING": "", "SAMENWERKINGSVERBAND": "", "BEKOSTIGD": "Nee"}


def two(*rows: Row) -> Sheet:
    return sheet(NAAM, *rows)


def enrolment(*rows: Row) -> InschrijvingStand:
    (standen,) = told(dashboard_2, two(*rows))
    (found,) = [one for one in standen if isinstance(one, InschrijvingStand)]
    return found


def verdict(*rows: Row) -> BepalingStand | None:
    (standen,) = told(dashboard_2, two(*rows))
    return next((one for one in standen if isinstance(one, BepalingStand)), None)


def test_rows_that_split_at_a_tlv_alone_are_one_period() -> None:
    assert told(dashboard_2, two(ROW, SECOND_TLV)) == [
        (
            TlvStand(
                nummer="PO2304-2022-00031",
                categorie="LAAG",
                begindatum=date(2022, 8, 1),
                einddatum=date(2024, 7, 31),
            ),
            TlvStand(
                nummer="PO2304-2024-00032",
                categorie="HOOG",
                begindatum=date(2024, 8, 1),
                einddatum=date(2028, 7, 31),
            ),
            InschrijvingStand(
                instellingscode="00SU",
                volgnummer="2459001",
                begindatum=date(2022, 8, 1),
                einddatum=None,
                perioden=(
                    PeriodeStand(
                        vanaf=date(2022, 8, 1),
                        vestigingscode="00SU00",
                        schoolsoort="SO",
                        soort_verblijf="geen",
                        bekostigbaar=True,
                        ondersteuningscategorie=UNSET,
                        cluster=None,
                    ),
                ),
                tlv=("PO2304-2022-00031", "PO2304-2024-00032"),
                door="duo",
            ),
            BepalingStand(
                instellingscode="00SU",
                volgnummer="2459001",
                teldatum=T,
                swv="PO2304",
                wijze="TLV",
                ondersteuningscategorie="HOOG",
                telt=True,
            ),
        )
    ]


def test_the_order_of_the_rows_does_not_matter() -> None:
    other = {**ROW, "INSCHRIJVINGSVOLGNUMMER": "2459002"}
    for rows in permutations([ROW, SECOND_TLV, other]):
        found = told(dashboard_2, two(*rows))
        assert sorted(found, key=str) == sorted(
            told(dashboard_2, two(other, ROW, SECOND_TLV)), key=str
        )


def test_a_row_that_stands_twice_counts_once() -> None:
    # Dashboards of two samenwerkingsverbanden put below each other.
    assert enrolment(ROW, SECOND_TLV, ROW) == enrolment(ROW, SECOND_TLV)


@pytest.mark.parametrize(
    ("change", "attribute", "value"),
    [
        ({"VESTIGINGSCODE": "00SU01"}, "vestigingscode", "00SU01"),
        ({"SOORT_VERBLIJF": "IGZ", "RESIDENTIELE_LEERLING": "Ja"}, "soort_verblijf", "IGZ"),
        ({"BEKOSTIGD": "Nee", "REDEN": "Niet bekostigbaar"}, "bekostigbaar", False),
        ({**NOBODY, "REDEN": "cluster 1 of 2"}, "cluster", 1),
        (
            {**NOBODY, "REDEN": "gesloten inrichting", "SOORT_VERBLIJF": "JJI"},
            "bekostigbaar",
            UNSET,
        ),
    ],
)
def test_a_row_with_other_attributes_is_a_period_of_its_own(
    change: Row, attribute: str, value: object
) -> None:
    first, second = enrolment(ROW, {**CARRIED, **change}).perioden
    assert (first.vanaf, second.vanaf) == (date(2022, 8, 1), date(2024, 8, 1))
    assert getattr(second, attribute) == value


@pytest.mark.parametrize("reden", ["dubbele inschrijving", "geen samenwerkingsverband"])
def test_a_reason_that_says_nothing_of_the_registration_splits_nothing(reden: str) -> None:
    row = {**CARRIED, "BEKOSTIGD": "Nee", "REDEN": reden}
    (periode,) = enrolment(ROW, row).perioden
    assert periode.bekostigbaar is True


@pytest.mark.parametrize(
    ("categorie", "registered"),
    [("SO_VSO_HOOG", "HOOG"), ("SO_VSO_MIDDE", "MIDDEN"), ("SO_VSO_LAAG", None)],
)
def test_the_category_of_a_row_without_tlv_is_the_registered_one(
    categorie: str, registered: str | None
) -> None:
    row = {**WHOLE, "ONDERSTEUNINGSCATEGORIE": categorie}
    assert enrolment(row).perioden[0].ondersteuningscategorie == registered


def test_a_tlv_hides_the_registered_category_and_so_splits_no_period() -> None:
    (periode,) = enrolment(ROW, {**CARRIED, "ONDERSTEUNINGSCATEGORIE": "SO_VSO_HOOG"}).perioden
    assert periode.ondersteuningscategorie == "HOOG"


def test_a_registered_category_that_changes_is_a_new_period() -> None:
    first = {**WHOLE, "EIND_PERIODE": "31-7-2024"}
    perioden = enrolment(first, {**CARRIED, "ONDERSTEUNINGSCATEGORIE": "SO_VSO_HOOG"}).perioden
    assert [one.ondersteuningscategorie for one in perioden] == [None, "HOOG"]


def test_sbo_tells_of_no_registered_category() -> None:
    found = enrolment({**WHOLE, "ONDERSTEUNINGSCATEGORIE": "SBO"}).perioden[0]
    assert (found.schoolsoort, found.ondersteuningscategorie) == ("SBO", UNSET)


def test_days_before_the_first_row_are_said_to_be_unknown() -> None:
    found = enrolment(SECOND_TLV)
    assert found.eerder_onbekend
    assert (found.begindatum, found.perioden[0].vanaf) == (date(2022, 8, 1), date(2024, 8, 1))
    assert not enrolment(ROW).eerder_onbekend


def test_rows_without_a_used_tlv_do_not_tell_of_links() -> None:
    assert enrolment(WHOLE).tlv is UNSET


def test_an_unused_tlv_is_told_without_category_and_is_no_link() -> None:
    row = {**ROW, "WIJZE_VAN_BEPALING": "Vorige inschrijving", "EIND_PERIODE": ""}
    standen = told(dashboard_2, two(row))[0]
    assert isinstance(standen[0], TlvStand)
    assert standen[0].categorie is UNSET
    assert enrolment(row).tlv is UNSET


def test_residence_that_decided_is_told_once() -> None:
    home = {"WIJZE_VAN_BEPALING": "Woonplaats leerling"}
    first = {**WHOLE, **home, "EIND_PERIODE": "31-7-2024"}
    (standen,) = told(dashboard_2, two(first, {**CARRIED, **home, "VESTIGINGSCODE": "00SU01"}))
    assert [one for one in standen if isinstance(one, WoonplaatsStand)] == [
        WoonplaatsStand(vanaf=date(2022, 8, 1), swv=("PO2304",))
    ]


@pytest.mark.parametrize(
    ("begin", "end", "told_of"),
    [
        ("1-2-2025", "", True),
        ("1-8-2022", "1-2-2025", True),
        ("2-2-2025", "", False),
        ("1-8-2022", "31-1-2025", False),
    ],
)
def test_duos_verdict_is_that_of_the_row_of_the_teldatum(
    begin: str, end: str, told_of: bool
) -> None:
    row = {**CARRIED, "BEGIN_PERIODE": begin, "EIND_PERIODE": end}
    assert (verdict(row) is not None) == told_of


def test_a_row_for_which_nobody_answers_is_told_as_such() -> None:
    row = {**WHOLE, **NOBODY, "REDEN": "cluster 1 of 2"}
    assert verdict(row) == BepalingStand(
        instellingscode="00SU",
        volgnummer="2459001",
        teldatum=T,
        swv=None,
        wijze=None,
        ondersteuningscategorie="LAAG",
        telt=False,
    )


@pytest.mark.parametrize(("status", "telt"), [("Ja", True), ("Nee", False)])
def test_the_older_header_of_the_status_is_read(status: str, telt: bool) -> None:
    row = {
        {"BEKOSTIGD": "BEKOSTIGINGSSTATUS"}.get(naam, naam): cell for naam, cell in WHOLE.items()
    }
    found = verdict({**row, "BEKOSTIGINGSSTATUS": status})
    assert found is not None
    assert found.telt is telt


@pytest.mark.parametrize(
    ("residential", "stay"), [("Ja", ONBEKEND_VERBLIJF), ("Nee", "geen"), ("", "geen")]
)
def test_without_a_sort_of_stay_residential_decides(residential: str, stay: str) -> None:
    row = {**WHOLE, "SOORT_VERBLIJF": "", "RESIDENTIELE_LEERLING": residential}
    assert enrolment(row).perioden[0].soort_verblijf == stay


@pytest.mark.parametrize(
    ("change", "schoolsoort"),
    [
        ({}, "SO"),
        ({"SAMENWERKINGSVERBAND": "VO2507"}, "VSO"),
        ({"ONDERSTEUNINGSCATEGORIE": "", "SAMENWERKINGSVERBAND": "VO2507"}, "VSO"),
        ({**NOBODY, "VESTIGING_SWVNUMMER": "VO2507"}, "VSO"),
        ({**NOBODY, "VESTIGING_SWVNUMMER": ""}, "SO"),
        ({"ONDERSTEUNINGSCATEGORIE": "SBO"}, "SBO"),
        ({**NOBODY, "ONDERSTEUNINGSCATEGORIE": "SBO"}, "SBO"),
    ],
)
def test_which_schoolsoort_a_row_is_of(change: Row, schoolsoort: str) -> None:
    assert enrolment({**WHOLE, **change}).perioden[0].schoolsoort == schoolsoort


def test_a_schoolsoort_that_is_a_guess_gets_a_warning() -> None:
    row = {**WHOLE, **NOBODY, "VESTIGING_SWVNUMMER": "PO2202"}
    assert warnings(dashboard_2, two(row)) == {
        (2,): [
            (
                "ONDERSTEUNINGSCATEGORIE: 'SO' is afgeleid van het samenwerkingsverband van de"
                " vestiging; controleer of de leerling so of vso volgt"
            )
        ]
    }


def test_a_row_for_which_somebody_answers_tells_the_schoolsoort_of_all() -> None:
    first = {**WHOLE, "SAMENWERKINGSVERBAND": "VO2507", "EIND_PERIODE": "31-7-2024"}
    nobody = {**CARRIED, **NOBODY, "REDEN": "gesloten inrichting", "SOORT_VERBLIJF": "GJI"}
    assert [one.schoolsoort for one in enrolment(first, nobody).perioden] == ["VSO", "VSO"]
    assert warnings(dashboard_2, two(first, nobody)) == {}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            ({**ROW, "EIND_PERIODE": "31-7-2021"},),
            "EIND_PERIODE: '31-7-2021' ligt voor BEGIN_PERIODE '1-8-2022'; controleer beide data",
        ),
        (
            ({**ROW, "BEGIN_PERIODE": "31-7-2022"},),
            (
                "BEGIN_PERIODE: '31-7-2022' ligt voor DATUM_INSCHRIJVING '1-8-2022';"
                " controleer beide data"
            ),
        ),
        (
            ({**ROW, "DATUM_UITSCHRIJVING": "30-7-2024"},),
            (
                "DATUM_UITSCHRIJVING: '30-7-2024' ligt voor EIND_PERIODE '31-7-2024';"
                " controleer beide data"
            ),
        ),
        (
            ({**CARRIED, "DATUM_UITSCHRIJVING": "31-7-2024"},),
            (
                "DATUM_UITSCHRIJVING: '31-7-2024' ligt voor BEGIN_PERIODE '1-8-2024';"
                " controleer beide data"
            ),
        ),
        (
            ({**ROW, "VESTIGINGSCODE": "00SV00"},),
            (
                "VESTIGINGSCODE: '00SV00' hoort niet bij instelling '00SU'; de eerste vier tekens"
                " van de vestiging zijn de instellingscode"
            ),
        ),
        (
            ({**ROW, **NO_TLV},),
            (
                "BESCHIKKINGSNUMMER: is leeg, en WIJZE_VAN_BEPALING is TLV; vul het nummer van de"
                " tlv in, of download het bestand opnieuw"
            ),
        ),
        (
            ({**CARRIED, "ONDERSTEUNINGSCATEGORIE": "SBO", "SAMENWERKINGSVERBAND": "VO2507"},),
            (
                "ONDERSTEUNINGSCATEGORIE: 'SBO' kan niet bij een vo-samenwerkingsverband;"
                " controleer ONDERSTEUNINGSCATEGORIE en SAMENWERKINGSVERBAND"
            ),
        ),
        (
            ({**CARRIED, "ONDERSTEUNINGSCATEGORIE": ""},),
            (
                "ONDERSTEUNINGSCATEGORIE: de schoolsoort van de inschrijving is niet op te maken;"
                " vul ONDERSTEUNINGSCATEGORIE in"
            ),
        ),
        (
            (ROW, {**CARRIED, "DATUM_UITSCHRIJVING": "3-3-2025"}),
            (
                "DATUM_UITSCHRIJVING: verschilt binnen een inschrijving: '3-3-2025', leeg; maak de"
                " waarde in alle regels van de inschrijving gelijk"
            ),
        ),
        (
            (ROW, {**CARRIED, "DATUM_INSCHRIJVING": "2-8-2022"}),
            (
                "DATUM_INSCHRIJVING: verschilt binnen een inschrijving: '1-8-2022', '2-8-2022';"
                " maak de waarde in alle regels van de inschrijving gelijk"
            ),
        ),
        (
            (ROW, {**CARRIED, "SAMENWERKINGSVERBAND": "VO2507"}),
            (
                "SAMENWERKINGSVERBAND: verschilt binnen een inschrijving: 'PO', 'VO'; maak de"
                " waarde in alle regels van de inschrijving gelijk"
            ),
        ),
        (
            (ROW, {**CARRIED, "ONDERSTEUNINGSCATEGORIE": "SBO"}),
            (
                "ONDERSTEUNINGSCATEGORIE: verschilt binnen een inschrijving: 'SBO', 'SO_VSO'; maak"
                " de waarde in alle regels van de inschrijving gelijk"
            ),
        ),
        (
            (ROW, {**SECOND_TLV, "BEGIN_PERIODE": "31-7-2024"}),
            (
                "BEGIN_PERIODE: op 31-7-2024 gelden twee regels van deze inschrijving die"
                " verschillen; controleer de begin- en einddata van de perioden"
            ),
        ),
        (
            ({**WHOLE, "VESTIGINGSCODE": "00SU01"}, SECOND_TLV),
            (
                "BEGIN_PERIODE: op 1-8-2024 gelden twee regels van deze inschrijving die"
                " verschillen; controleer de begin- en einddata van de perioden"
            ),
        ),
    ],
)
def test_rows_that_contradict_themselves_or_each_other_are_refused(
    rows: tuple[Row, ...], message: str
) -> None:
    other = {**ROW, "INSCHRIJVINGSVOLGNUMMER": "2459002"}
    lines = tuple(range(2, 2 + len(rows)))
    of = two(*rows, other)
    assert problems(dashboard_2, of)[lines][0] == message
    assert len(outcomes(dashboard_2, of)) == 2, "the other enrolment is told"


def test_one_tlv_with_different_dates_is_refused() -> None:
    again = {**ROW, "BEGIN_PERIODE": "1-8-2024", "EIND_PERIODE": "", "EIND_DATUM_TLV": "31-7-2026"}
    assert "EIND_DATUM_TLV: verschilt" in problems(dashboard_2, two(ROW, again))[2, 3][0]


def test_a_row_that_cannot_be_read_takes_all_rows_of_its_enrolment_along() -> None:
    other = {**ROW, "INSCHRIJVINGSVOLGNUMMER": "2459002"}
    unreadable = {**SECOND_TLV, "BEGIN_PERIODE": "1-8-24"}
    assert problems(dashboard_2, two(ROW, other, unreadable)) == {
        (2, 4): [
            (
                "BEGIN_PERIODE: '1-8-24' heeft een jaar van twee cijfers; schrijf het jaar met vier"
                " cijfers"
            ),
            (
                "regel 4 is afgekeurd, en daarmee alle regels van dezelfde inschrijving; verbeter"
                " regel 4 en lees alle regels van de inschrijving samen in"
            ),
        ]
    }


def test_a_row_whose_key_cannot_be_read_is_refused_alone() -> None:
    unreadable = {**SECOND_TLV, "BSN_OWN": "12345"}
    assert list(problems(dashboard_2, two(ROW, unreadable))) == [(3,)]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            (ROW, {**CARRIED, "BEGIN_PERIODE": "11-8-2024"}),
            (
                "BEGIN_PERIODE: van 1-8-2024 tot en met 10-8-2024 toont het bestand niets van deze"
                " inschrijving; de periode ervoor is aangehouden; controleer bij de school wat in"
                " die dagen gold"
            ),
        ),
        (
            ({**WHOLE, "EIND_PERIODE": "31-12-2024"},),
            (
                "EIND_PERIODE: na 31-12-2024 toont het bestand niets van deze inschrijving; de"
                " periode ervoor is aangehouden; controleer bij de school wat daarna gold"
            ),
        ),
        (
            ({**WHOLE, "SOORT_VERBLIJF": "IJH"},),
            (
                "SOORT_VERBLIJF: 'IJH' en RESIDENTIELE_LEERLING spreken elkaar tegen;"
                " SOORT_VERBLIJF is aangehouden; controleer het verblijf bij de school"
            ),
        ),
        (
            ({**ROW, "EIND_PERIODE": "", "BESCHIKKINGSNUMMER": "PO2203-2022-00031"},),
            (
                "BESCHIKKINGSNUMMER: 'PO2203-2022-00031' is niet afgegeven door"
                " SAMENWERKINGSVERBAND 'PO2304'; vraag DUO welke tlv is gebruikt"
            ),
        ),
        (
            (
                {**WHOLE, "EIND_PERIODE": "31-7-2024", "WIJZE_VAN_BEPALING": "Woonplaats leerling"},
                {
                    **CARRIED,
                    "WIJZE_VAN_BEPALING": "Woonplaats leerling",
                    "SAMENWERKINGSVERBAND": "PO2203",
                },
            ),
            (
                "SAMENWERKINGSVERBAND: de woonplaats wijst binnen een inschrijving verschillende"
                " samenwerkingsverbanden aan; het eerste is aangehouden; vraag DUO welke woonplaats"
                " is gebruikt"
            ),
        ),
    ],
)
def test_what_is_odd_is_told_with_a_warning(rows: tuple[Row, ...], message: str) -> None:
    assert list(warnings(dashboard_2, two(*rows)).values()) == [[message]]


@pytest.mark.parametrize(
    "rows",
    [
        (SECOND_TLV,),
        ({**WHOLE, "EIND_PERIODE": "31-7-2025"},),
        ({**WHOLE, "EIND_PERIODE": "3-3-2025", "DATUM_UITSCHRIJVING": "3-3-2025"},),
    ],
)
def test_rows_that_end_with_the_enrolment_or_the_school_year_get_no_warning(
    rows: tuple[Row, ...],
) -> None:
    assert warnings(dashboard_2, two(*rows)) == {}


def test_days_without_a_row_are_of_the_period_before_them() -> None:
    row = {**CARRIED, "BEGIN_PERIODE": "11-8-2024", "VESTIGINGSCODE": "00SU01"}
    assert [one.vanaf for one in enrolment(ROW, row).perioden] == [
        date(2022, 8, 1),
        date(2024, 8, 11),
    ]


def test_a_file_is_about_the_dashboard_of_its_name_not_about_who_answers_for_a_row() -> None:
    elsewhere = {**WHOLE, "SAMENWERKINGSVERBAND": "PO2203"}
    of = sheet("Inschrijvingen_PO2304.csv", elsewhere)
    assert dashboard_2.about(good(dashboard_2, of)[0], of) == About("PO2304", T)
    assert dashboard_2.about(None, sheet(NAAM, kop=tuple(ROW))) == About("PO2304", T)


def test_a_header_without_needed_columns_names_them() -> None:
    row = {naam: cell for naam, cell in ROW.items() if naam != "DATUM_INSCHRIJVING"}
    assert dashboard_2.identify(two(row))
    with pytest.raises(UnreadableFileError, match="DATUM_INSCHRIJVING"):
        outcomes(dashboard_2, two(row))


@pytest.mark.parametrize(
    ("naam", "verdict"),
    [
        (
            NAAM,
            dict.fromkeys([(2, 4), (3, 5), (6,), (7,), (8,), (9, 10)], "goed"),
        ),
        (
            "Inschrijvingen_PO2304_01_02_2025_beschadigd.csv",
            {
                (2, 4): "SOORT_VERBLIJF, ",
                (3, 5): "goed",
                (6, 7): "BEGIN_PERIODE",
                (8, 9): "DATUM_UITSCHRIJVING",
            },
        ),
    ],
)
def test_the_samples(naam: str, verdict: dict[tuple[int, ...], str]) -> None:
    assert verdicts(dashboard_2, SAMPLES / "lezers" / "dashboard-2" / naam) == verdict


@pytest.mark.parametrize(
    "path", sorted(GOLDEN.glob("Inschrijvingen_*.csv")), ids=lambda path: path.name
)
def test_our_own_dashboard_2_of_a_region_is_read_whole(path: Path) -> None:
    with opened_sheet(path) as of:
        lines = sorted(rij.regelnummer for one in good(dashboard_2, of) for rij in one.rijen)
    assert lines == list(range(2, lines[-1] + 1))
    assert len(lines) == len(path.read_text(encoding="utf-8-sig").splitlines()) - 1
