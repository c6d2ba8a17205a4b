"""Kijkglas 2: days of enrolments, several months in one file, and no begindatum."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec import UNSET, UnsetType

from ledger.intake import kijkglas_2
from ledger.intake.readers import About
from ledger.intake.sheet_types import Sheet, UnreadableFileError
from ledger.intake.sheets import opened_sheet
from ledger.states import ONBEKEND_VERBLIJF, InschrijvingStand, PeriodeStand, TlvStand
from projections import layouts
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

NAAM = "Kijkglas_2_inschrijvingen_PO2304_01_02_2025.csv"
ALGEMEEN, INSCHRIJVINGEN = layouts.load("kijkglas-2").tabellen
ROW: Row = {
    "BLOK": "2.2",
    "BSN_OWN": "905622492",
    "INSTELLINGSCODE": "03KT",
    "VESTIGINGSCODE": "03KT00",
    "INSCHRIJVINGSVOLGNUMMER": "2459002",
    "BEGIN": "1-8-2024",
    "EIND": "14-11-2024",
    "CATEGORIE": "HOOG",
    "BASIS": "TLV",
    "BESCHIKKINGSNUMMER": "PO2304-2022-00031",
    "BEKOSTIGD": "Ja",
    "REDEN": "",
    "INSTROOM": "1",
    "UITSTROOM": "0",
    "DOORSTROOM": "0",
    "MAAND": "2024-11",
}
NEXT: Row = {
    **ROW,
    "BEGIN": "15-11-2024",
    "EIND": "",
    "BASIS": "OVERIG",
    "BESCHIKKINGSNUMMER": "",
    "INSTROOM": "0",
}


def kijkglas(*rows: Row) -> Sheet:
    return sheet(NAAM, *rows)


def enrolment(*rows: Row) -> InschrijvingStand:
    (standen,) = told(kijkglas_2, kijkglas(*rows))
    found = standen[-1]
    assert isinstance(found, InschrijvingStand)
    return found


def test_rows_of_an_enrolment_become_its_periods() -> None:
    residential = {**NEXT, "BASIS": "RP", "VESTIGINGSCODE": "03KT01"}
    assert told(kijkglas_2, kijkglas(residential, ROW)) == [
        (
            TlvStand(nummer="PO2304-2022-00031", categorie="HOOG"),
            InschrijvingStand(
                instellingscode="03KT",
                volgnummer="2459002",
                einddatum=None,
                perioden=(
                    PeriodeStand(
                        vanaf=date(2024, 8, 1),
                        vestigingscode="03KT00",
                        schoolsoort="SO",
                        soort_verblijf=UNSET,
                        bekostigbaar=True,
                        ondersteuningscategorie=UNSET,
                        cluster=None,
                    ),
                    PeriodeStand(
                        vanaf=date(2024, 11, 15),
                        vestigingscode="03KT01",
                        schoolsoort="SO",
                        soort_verblijf=ONBEKEND_VERBLIJF,
                        bekostigbaar=True,
                        ondersteuningscategorie="HOOG",
                        cluster=None,
                    ),
                ),
                tlv=("PO2304-2022-00031",),
                door="duo",
                eerder_onbekend=True,
            ),
        )
    ]


@pytest.mark.parametrize(
    ("blok", "schoolsoort"), [("2.2", "SO"), ("2.3", "SO"), ("2.4", "VSO"), ("2,5", "VSO")]
)
def test_the_block_tells_the_schoolsoort(blok: str, schoolsoort: str) -> None:
    assert enrolment({**ROW, "BLOK": blok}).perioden[0].schoolsoort == schoolsoort


@pytest.mark.parametrize(
    ("change", "stay"),
    [
        ({"BASIS": "OVERIG"}, "geen"),
        ({"BASIS": "RP"}, ONBEKEND_VERBLIJF),
        ({"BASIS": "TLV", "BESCHIKKINGSNUMMER": "PO2304-2022-00031"}, UNSET),
        ({"BEKOSTIGD": "Nee", "REDEN": "gesloten inrichting"}, "GJI"),
    ],
)
def test_what_a_row_tells_of_a_stay(change: Row, stay: object) -> None:
    assert enrolment({**NEXT, **change}).perioden[0].soort_verblijf == stay


def test_a_stay_does_not_begin_before_its_row() -> None:
    # A row that a tlv decided may be residential too; that is no reason to stretch the stay.
    perioden = enrolment(ROW, {**NEXT, "BASIS": "RP"}).perioden
    assert [one.soort_verblijf for one in perioden] == [UNSET, ONBEKEND_VERBLIJF]


def test_the_end_of_a_tlv_alone_is_no_new_period() -> None:
    (periode,) = enrolment(ROW, NEXT).perioden
    assert periode.soort_verblijf == "geen"


@pytest.mark.parametrize(
    ("reden", "bekostigbaar", "cluster"),
    [("niet bekostigbaar", False, None), ("cluster 1 of 2", UNSET, 1), ("", True, None)],
)
def test_a_reason_tells_of_the_registration(
    reden: str, bekostigbaar: object, cluster: object
) -> None:
    (periode,) = enrolment({**NEXT, "REDEN": reden}).perioden
    assert (periode.bekostigbaar, periode.cluster) == (bekostigbaar, cluster)


def test_months_in_one_file_repeat_rows() -> None:
    december = [{**row, "MAAND": "2024-12", "INSTROOM": "0", "BLOK": "2.3"} for row in (ROW, NEXT)]
    assert enrolment(ROW, NEXT, *december) == enrolment(ROW, NEXT)


@pytest.mark.parametrize(
    ("change", "last"),
    [
        ({"EIND": "14-11-2024"}, date(2024, 11, 14)),
        ({"EIND": "31-7-2028"}, UNSET),
        ({"EIND": "31-7-2025", "BASIS": "OVERIG", "BESCHIKKINGSNUMMER": ""}, date(2025, 7, 31)),
        ({"EIND": ""}, None),
    ],
)
def test_a_last_row_that_ends_with_its_tlv_tells_of_no_uitschrijving(
    change: Row, last: date | UnsetType | None
) -> None:
    assert enrolment({**ROW, **change}).einddatum == last


def test_rows_without_a_used_tlv_do_not_tell_of_links() -> None:
    assert enrolment(NEXT).tlv is UNSET


def test_the_older_columns_without_basis_are_read_by_their_tlv() -> None:
    # without BASIS, REDEN and the month.
    older = [
        {naam: cell for naam, cell in row.items() if naam not in {"BASIS", "REDEN", "MAAND"}}
        for row in (ROW, NEXT)
    ]
    found = enrolment(*older)
    assert found.tlv == ("PO2304-2022-00031",)
    assert [one.soort_verblijf for one in found.perioden] == [UNSET]


def test_the_columns_of_a_12_name_no_enrolment_and_so_cannot_be_read() -> None:
    names = (
        "BLOK BSN_OWN VESTIGINGSCODE BEGIN EIND CATEGORIE BESCHIKKINGSNUMMER BEKOSTIGD INSTROOM"
        " UITSTROOM DOORSTROOM"
    )
    of = kijkglas({naam: ROW[naam] for naam in names.split()})
    assert kijkglas_2.identify(of)
    with pytest.raises(UnreadableFileError, match=r"INSTELLINGSCODE.*INSCHRIJVINGSVOLGNUMMER"):
        outcomes(kijkglas_2, of)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"BLOK": "2-2-2025"}, "BLOK: '2-2-2025' is geen blok van Kijkglas 2: 2.2, 2.3, 2.4, 2.5;"),
        ({"BASIS": "ANDERS"}, "BASIS: 'ANDERS' is geen basis; schrijf TLV, RP of OVERIG"),
        ({"CATEGORIE": "SBO"}, "CATEGORIE: 'SBO' komt in Kijkglas 2 niet voor; kies de categorie"),
        ({"EIND": "31-7-2024"}, "EIND: '31-7-2024' ligt voor BEGIN '1-8-2024'; controleer beide"),
        ({"VESTIGINGSCODE": "03KU00"}, "VESTIGINGSCODE: '03KU00' hoort niet bij instelling '03KT'"),
        ({"BESCHIKKINGSNUMMER": ""}, "BESCHIKKINGSNUMMER: is leeg, en BASIS is TLV; vul het"),
        ({"BSN_OWN": "1234"}, "BSN_OWN: de waarde is een afgeschermd nummer"),
    ],
)
def test_a_row_that_is_wrong_is_refused(change: Row, message: str) -> None:
    assert problems(kijkglas_2, kijkglas({**ROW, **change}))[2,][0].startswith(message)


def test_a_wrong_row_takes_its_enrolment_along() -> None:
    wrong = {**NEXT, "BASIS": "ANDERS"}
    other = {**ROW, "INSCHRIJVINGSVOLGNUMMER": "2459003"}
    found = problems(kijkglas_2, kijkglas(ROW, wrong, other))
    assert list(found) == [(2, 3)]
    assert "regel 3 is afgekeurd" in found[2, 3][1]


@pytest.mark.parametrize(
    ("change", "veld"),
    [({"BEGIN": "14-11-2024"}, "BEGIN"), ({"BLOK": "2.4"}, "BLOK")],
)
def test_rows_that_contradict_each_other_are_refused(change: Row, veld: str) -> None:
    found = problems(kijkglas_2, kijkglas(ROW, {**NEXT, **change}))
    assert found[2, 3][0].startswith(f"{veld}: ")


def test_days_that_the_file_does_not_show_get_a_warning() -> None:
    found = warnings(kijkglas_2, kijkglas(ROW, {**NEXT, "BEGIN": "16-11-2024"}))
    assert found[2, 3][0].startswith("BEGIN: van 15-11-2024 tot en met 15-11-2024 toont het")


def test_the_block_of_totals_is_known_and_tells_nothing() -> None:
    row = {kolom.naam: "0" for kolom in ALGEMEEN.kolommen}
    of = sheet("Kijkglas_2_algemeen_PO2304_01_02_2025.csv", row)
    assert kijkglas_2.identify(of)
    assert outcomes(kijkglas_2, of) == []
    assert kijkglas_2.about(None, of) == About("PO2304")


def test_the_columns_of_the_layout_are_those_that_are_read() -> None:
    assert set(ROW) == {kolom.naam for kolom in INSCHRIJVINGEN.kolommen}


def test_a_file_is_about_the_samenwerkingsverband_of_its_name() -> None:
    of = kijkglas(ROW)
    assert kijkglas_2.about(good(kijkglas_2, of)[0], of) == About("PO2304")


@pytest.mark.parametrize(
    ("naam", "verdict"),
    [
        (
            "Kijkglas_2_inschrijvingen_PO2304_01_08_2024.csv",
            dict.fromkeys([(2, 6), (3, 4, 7, 8), (5, 9)], "goed"),
        ),
        ("Kijkglas_2_algemeen_PO2304_01_08_2024.csv", {}),
        (
            "Kijkglas_2_inschrijvingen_PO2304_01_08_2024_beschadigd.csv",
            {(2,): "BLOK", (3, 4): "BEGIN", (5,): "CATEGORIE", (6,): "BESCHIKKINGSNUMMER"},
        ),
    ],
)
def test_the_samples(naam: str, verdict: dict[tuple[int, ...], str]) -> None:
    assert verdicts(kijkglas_2, SAMPLES / "lezers" / "kijkglas-2" / naam) == verdict


@pytest.mark.parametrize(
    "path", sorted((GOLDEN / "kijkglas").glob("Kijkglas_2_i*.csv")), ids=lambda path: path.name
)
def test_our_own_kijkglas_2_of_a_region_is_read_whole(path: Path) -> None:
    with opened_sheet(path) as of:
        lines = sorted(rij.regelnummer for one in good(kijkglas_2, of) for rij in one.rijen)
    assert len(lines) == len(path.read_text(encoding="utf-8-sig").splitlines()) - 1
