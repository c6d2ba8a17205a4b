"""The sample rows of the manual and the slides (outputs-and-rules.md 3) as tests of the oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.oracle import dashboard_1a, dashboard_1b, vaststelling
from tests.oracle_examples import KIND, enrolled, event, home, issued, link
from tests.oracle_facts import Event

T = date(2025, 2, 1)


def crowd(
    schoolsoort: str, vestigingscode: str, size: int, nummer: str, **more: object
) -> list[Event]:
    """Return pupils who have one tlv number each on one vestiging (without number: no tlv)."""
    events: list[Event] = []
    for index in range(size):
        pgn = f"{schoolsoort}{vestigingscode}{nummer}{index}{len(more)}"
        linked: dict[str, Any] = dict(more)
        if nummer:
            categorie = "SBO" if schoolsoort == "SBO" else "LAAG"
            events.append(
                issued(f"{nummer}-2023-{index:05d}", "2023-08-01", "2027-07-31", categorie, pgn)
            )
            linked["tlv"] = [f"{nummer}-2023-{index:05d}"]
        events.append(enrolled(schoolsoort, "2023-08-01", None, vestigingscode, pgn=pgn, **linked))
    return events


def test_file_1_of_the_manual() -> None:
    history = [
        link("00SH00", "VO2305"),
        link("01UC05", "VO2203"),
        *crowd("VSO", "00SH00", 116, "VO2305"),
        *crowd("VSO", "00SH00", 3, ""),
        *crowd("VSO", "01UC05", 1, "", soort_verblijf="IJH"),
    ]
    history += [
        event("WoonplaatsVastgelegd", pgn=pgn, vanaf="2020-01-01", swv=["PO2304", "VO2305"])
        for pgn in sorted({one["pgn"] for one in history if "pgn" in one})
    ]
    rows = dashboard_1a(history, "VO2305", T, None)["met_tlv"]
    assert [list(row.values()) for row in rows] == [
        ["VSO", "00SH00", True, 119, 0, 0, 0, 0, 0, 0, 116, 0, 3, 0, 0],
        ["VSO", "01UC05", False, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
    ]
    assert list(rows[0]) == [
        "SCHOOLSOORT",
        "VESTIGINGSCODE",
        "DEELNEMENDE_VESTIGING",
        "TOTAAL",
        "AANTAL_HOOG_TLV",
        "AANTAL_HOOG_RP",
        "AANTAL_HOOG_OVERIG",
        "AANTAL_MIDDEN_TLV",
        "AANTAL_MIDDEN_RP",
        "AANTAL_MIDDEN_OVERIG",
        "AANTAL_LAAG_TLV",
        "AANTAL_LAAG_RP",
        "AANTAL_LAAG_OVERIG",
        "AANTAL_SBO_TLV",
        "AANTAL_SBO_OVERIG",
    ]


def test_file_2_of_the_manual() -> None:
    history = [
        link("04TG00", "PO2304"),
        *crowd("SBO", "04TG00", 705, "PO2304"),
        *crowd("SBO", "04TG00", 128, "PO2202"),
        *crowd("SO", "04TG00", 452, "PO2304"),
        *crowd("SO", "04TG00", 98, "PO2202"),
    ]
    rows = dashboard_1a(history, "PO2304", T, None)["totaal"]
    assert [list(row.values()) for row in rows] == [["SBO", 705, 128, 833], ["SO", 452, 98, 550]]
    assert list(rows[0]) == ["SCHOOLSOORT", "MET_TLV_DIT_SWV", "MET_TLV_ANDER_SWV", "TOTAAL"]


def test_file_3_po_of_the_manual() -> None:
    sizes = {"00DX00": 197, "03HR00": 191, "04TG00": 39, "05NQ00": 227, "05OC00": 90, "05TN00": 54}
    history = [link(code, "PO2304") for code in sizes]
    for code, size in sizes.items():
        history += crowd(
            "SBO" if code == "04TG00" else "BO", code, size, "PO2304" if code == "04TG00" else ""
        )
    rows = dashboard_1a(history, "PO2304", T, None)["vestigingen"]
    assert [list(row.values()) for row in rows] == [[code, size] for code, size in sizes.items()]
    assert list(rows[0]) == ["VESTIGING", "TOTAAL"]


def test_file_3_vo_of_the_manual() -> None:
    history = [
        *(link(code, "VO2305") for code in ("00JR00", "16EI00", "20CJ00")),
        *crowd("VO", "16EI00", 697, ""),
        *crowd("VO", "16EI00", 2, "", vo_kenmerk="nieuwkomer"),
        *crowd("VO", "20CJ00", 558, ""),
        *crowd("VO", "20CJ00", 3, "", vo_kenmerk="nieuwkomer"),
        *crowd("VO", "00JR00", 1066, ""),
        *crowd("VO", "00JR00", 1, "", vo_kenmerk="vavo"),
    ]
    rows = dashboard_1a(history, "VO2305", T, None)["vestigingen"]
    assert [list(row.values()) for row in rows] == [
        ["00JR00", 1067, 0, 1, 0, 0],
        ["16EI00", 697, 2, 0, 0, 0],
        ["20CJ00", 558, 3, 0, 0, 0],
    ]
    assert list(rows[0]) == [
        "Vestiging",
        "Totaal",
        "Nieuwkomers cat.1 korter dan 1 jaar in NL",
        "VAVO gedeeltelijk bekostigd",
        "LWOO",
        "PRO",
    ]


def slides() -> list[Event]:
    """Return the two pupils of the slides on dashboard PO2304."""
    used, unused, other = "PO2304-2021-11111", "PO2304-2021-12345", "111222333"
    return [
        link("00JH00", "PO2203"),
        link("00SU00", "PO2202"),
        event("SwvGeregistreerd", swv="PO2203", naam="Verband Noord"),
        event("VestigingGeregistreerd", vestigingscode="00JH00", naam="De Eik"),
        event("LeerlingGeregistreerd", pgn=KIND, geboortedatum="2014-02-02"),
        event("LeerlingGeregistreerd", pgn=other, geboortedatum="2014-02-01"),
        issued(used, "2021-08-01", "2026-07-31", "SBO"),
        enrolled("SBO", "2021-08-01", None, "00JH00", volgnummer="2459428", tlv=[used]),
        *home(pgn=other),
        issued(unused, "2022-08-01", "2024-07-31", "LAAG", other),
        enrolled("SO", "2024-08-01", None, "00SU00", volgnummer="PAR705271", pgn=other),
    ]


def test_1b_of_the_slides_with_the_used_tlv() -> None:
    row = dashboard_1b(slides(), "PO2304", T, None)[0]
    assert row == {
        "BSN_OWN": KIND,
        "BESCHIKKINGSNUMMER": "PO2304-2021-11111",
        "LEEFTIJD_TELDATUM": 10,
        "INSTELLINGSCODE": "00JH",
        "VESTIGINGSCODE": "00JH00",
        "VESTIGINGSNAAM": "De Eik",
        "VESTIGING_SWVNUMMER": "PO2203",
        "VESTIGING_SWVNAAM": "Verband Noord",
        "ONDERSTEUNINGSCATEGORIE": "SBO",
        "INSCHRIJVINGSVOLGNUMMER": "2459428",
        "DATUM_INSCHRIJVING": date(2021, 8, 1),
        "DATUM_UITSCHRIJVING": None,
        "BEGIN_DATUM_TLV": date(2021, 8, 1),
        "EIND_DATUM_TLV": date(2026, 7, 31),
        "RESIDENTIELE_LEERLING": False,
        "HOOFD_ONDERWIJSOORT": "",
        "WIJZE_VAN_BEPALING": "TLV",
        "TELDATUM": T,
        "SAMENWERKINGSVERBAND": "PO2304",
    }


@pytest.mark.parametrize(
    ("shown", "tlv"),
    [
        (False, ("", None, None)),  # variant 1
        (True, ("PO2304-2021-12345", date(2022, 8, 1), date(2024, 7, 31))),  # variant 2
    ],
)
def test_1b_of_the_slides_with_an_unused_tlv(shown: bool, tlv: tuple[object, ...]) -> None:
    row = dashboard_1b(slides(), "PO2304", T, None, ongebruikte_tlv=shown)[1]
    columns = ("BESCHIKKINGSNUMMER", "BEGIN_DATUM_TLV", "EIND_DATUM_TLV")
    assert tuple(row[column] for column in columns) == tlv
    assert row["LEEFTIJD_TELDATUM"] == 11
    assert row["VESTIGING_SWVNUMMER"] == "PO2202"
    assert row["ONDERSTEUNINGSCATEGORIE"] == "SO_VSO_LAAG"
    assert row["WIJZE_VAN_BEPALING"] == "Woonplaats leerling"


@pytest.mark.parametrize(
    ("teldatum", "fixed"),
    [
        (date(2022, 2, 1), date(2022, 3, 1)),
        (date(2023, 2, 1), date(2023, 3, 1)),
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2025, 2, 1), date(2025, 3, 3)),
        (date(2026, 2, 1), date(2026, 3, 2)),
        (date(2027, 2, 1), date(2027, 3, 1)),
        (date(2028, 2, 1), date(2028, 2, 29)),
        (date(2025, 3, 23), date(2025, 4, 22)),  # Easter Sunday and Monday
    ],
)
def test_a_count_is_fixed_after_28_days_on_a_working_day(teldatum: date, fixed: date) -> None:
    assert vaststelling(teldatum, "SO", []).date() == fixed


def test_a_fixed_count_that_was_told_wins() -> None:
    told = event(
        "TellingVastgesteld",
        teldatum="2023-02-01",
        schoolsoorten=["SBO", "SO", "VSO"],
        op="2023-04-12T18:00:00+02:00",
    )
    assert vaststelling(date(2023, 2, 1), "SO", [told]) == datetime(2023, 4, 12, 16, tzinfo=UTC)
    assert vaststelling(date(2023, 2, 1), "BO", [told]).date() == date(2023, 3, 1)
