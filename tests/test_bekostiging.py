"""The budget of a samenwerkingsverband, its tlv's and what comes (rules.md 7, law-and-money 6)."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.times import end_of_day
from projections import layouts
from projections.bekostiging import Antwoord, bekostiging
from projections.bekostiging_telling import Vraag
from projections.report import Fields
from projections.supplied import read_tarieven
from projections.tarieven import MissingTariefError, Tarief, Tarieven
from tests import oracle_bekostiging
from tests.command import GOLDEN, SAMPLES, Kijkglas, ledger_with
from tests.conftest import Golden
from tests.histories import histories, moments
from tests.histories_pools import BEGINS, SWVS, VESTIGINGEN
from tests.ledgers import NOW, AsOf, import_events, ledger_of, refreshed
from tests.oracle_examples import enrolled, event, issued, link
from tests.oracle_facts import Event

RATES = SAMPLES / "tarieven"
EXAMPLE = RATES / "voorbeeld.csv"
T = date(2025, 2, 1)
PO, VO = "PO2304", "VO2305"
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
REGELS = ["REGEL", "SOORT", "CATEGORIE", "BASIS", "AANTAL", "TARIEF", "BEDRAG", "REGELING"]
TOTAAL = ["SOORT", "BRUTO", "AF", "NETTO", "TEKORT"]
TLV = ["BESCHIKKINGSNUMMER", "CATEGORIE", "BEGIN", "EIND", "JAAR", "TARIEF", "BEDRAG"]
PROGNOSE = [
    "TELDATUM",
    "JAAR",
    "SCHOOLSOORT",
    "CATEGORIE",
    "BASIS",
    "AANTAL",
    "AANTAL_VERLENGD",
    "TARIEF",
    "TARIEF_JAAR",
    "BEDRAG",
    "BEDRAG_VERLENGD",
]


def rates(jaar: int = 2026, /, **amounts: str) -> Tarieven:
    """Return rates of one year: `so_laag="1,5"` is so LAAG; what is not named is not there."""
    rows = []
    for name, amount in amounts.items():
        soort, _, last = name.rpartition("_")
        by_category = last.upper() in {"LAAG", "MIDDEN", "HOOG"}
        soort, categorie = (soort, last.upper()) if by_category else (name, "")
        categorie = "SBO" if name == "sbo" else categorie
        rows.append(Tarief(jaar, soort, categorie, Decimal(amount), "regeling", date(2020, 1, 1)))
    return Tarieven(rows, "test.csv")


def asked(
    events: Sequence[Event],
    swv: str,
    tarieven: Tarieven,
    teldatum: date = T,
    jaar: int | None = None,
    known: datetime | None = None,
    *,
    vooruit: bool = False,
) -> Antwoord:
    """Return what is answered about a ledger that holds the events."""
    with ledger_of(events) as ledger:
        model = refreshed(ledger)
        try:
            vraag = Vraag(ledger, model, AsOf(teldatum, known), swv, NOW)
            return bekostiging(vraag, tarieven, jaar, vooruit=vooruit)
        finally:
            model.close()


def numbers(rows: Sequence[Fields]) -> list[tuple[object, ...]]:
    """Return the lines of the computation without their regeling; amounts as text."""
    names = ("regel", "soort", "categorie", "basis", "aantal", "tarief", "bedrag")
    return [tuple(_plain(row[name]) for name in names) for row in rows]


def picked(rows: Sequence[Fields], *names: str) -> list[tuple[object, ...]]:
    """Return some fields of rows."""
    return [tuple(row[name] for name in names) for row in rows]


def sums(answer: Antwoord) -> dict[object, tuple[object, ...]]:
    """Return gross, deducted, net and tekort per part, as text."""
    names = ("bruto", "af", "netto", "tekort")
    rows = answer.tabellen["totaal"]
    return {row["soort"]: tuple(_plain(row[name]) for name in names) for row in rows}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def child(number: int) -> str:
    """Return a made-up onderwijsnummer that passes its check."""
    from ledger.codes import pgn_is_valid  # noqa: PLC0415 - only here

    valid = (str(one) for one in range(101_000_000, 102_000_000) if pgn_is_valid(str(one)))
    return next(one for place, one in enumerate(valid) if place == number)


A, B, C, D, E = (child(number) for number in range(5))


def tlv_of(pgn: str, nummer: str, categorie: str, eind: str = "2027-07-31") -> Event:
    """Return a tlv from 1 August 2023."""
    return issued(nummer, "2023-08-01", eind, categorie, pgn)


PO_HISTORY = [
    link("12QN00", PO),
    link("14YY00", PO, vanaf="2025-08-01"),
    link("16EI00", PO),
    event("VestigingUitgetreden", vestigingscode="16EI00", swv=PO, tot_en_met="2025-12-31"),
    tlv_of(A, "PO2304-2023-00001", "SBO"),
    tlv_of(B, "PO2304-2023-00002", "HOOG"),
    tlv_of(C, "PO2304-2023-00003", "LAAG", "2025-07-31"),
    enrolled("SBO", "2023-08-01", None, "12QN00", pgn=A, tlv=["PO2304-2023-00001"]),
    enrolled("SO", "2023-08-01", None, "20AA00", pgn=B, tlv=["PO2304-2023-00002"]),
    enrolled("SO", "2023-08-01", None, "20AA00", volgnummer="2", pgn=C, tlv=["PO2304-2023-00003"]),
    enrolled("BO", "2023-08-01", None, "14YY00", pgn=D),
    enrolled("BO", "2023-08-01", None, "16EI00", pgn=E),
]
"""One sbo and two so pupils of PO2304; a bo pupil whose vestiging is linked only later, and one
whose vestiging has left by 1 January 2026."""

PO_RATES = {
    "licht_po": "200.10",
    "zwaar_po": "400",
    "sbo": "50.05",
    "so_laag": "1000",
    "so_hoog": "3000.5",
}


def test_po_every_term_with_vestigingen_linked_on_1_january() -> None:
    answer = asked(PO_HISTORY, PO, rates(**PO_RATES))
    assert numbers(answer.tabellen["regels"]) == [
        ("licht_bruto", "licht_po", "", "", 1, "200.10", "200.10"),
        ("licht_af", "sbo", "SBO", "TLV", 1, "50.05", "50.05"),
        ("zwaar_bruto", "zwaar_po", "", "", 2, "400", "800.00"),
        ("zwaar_af", "so", "LAAG", "TLV", 1, "1000", "1000.00"),
        ("zwaar_af", "so", "HOOG", "TLV", 1, "3000.5", "3000.50"),
    ]
    assert sums(answer) == {
        "LICHT": ("200.10", "50.05", "150.05", "0.00"),
        "ZWAAR": ("800.00", "4000.50", "0.00", "3200.50"),
    }


def test_a_residential_pupil_and_one_without_tlv_have_lines_of_their_own() -> None:
    home = [
        event("WoonplaatsVastgelegd", pgn=pgn, vanaf="2020-01-01", swv=[PO, VO]) for pgn in (D, E)
    ]
    history = [
        *home,
        enrolled("SO", "2023-08-01", None, "20AA00", pgn=D, soort_verblijf="IJH"),
        enrolled("SO", "2023-08-01", None, "20AA00", volgnummer="2", pgn=E),
        enrolled("SO", "2023-08-01", None, "20AA00", volgnummer="3", pgn=A, soort_verblijf="JJI"),
    ]
    answer = asked(history, PO, rates(licht_po="1", zwaar_po="1", so_laag="7"))
    assert numbers(answer.tabellen["regels"])[2:] == [
        ("zwaar_af", "so", "LAAG", "RP", 1, "7", "7.00"),
        ("zwaar_af", "so", "LAAG", "OVERIG", 1, "7", "7.00"),
    ]


def vo_history(ends: str | None = None) -> list[Event]:
    """Return five vo pupils of whom one is enrolled only after 1 February, and one vso pupil."""
    return [
        link("12QN00", VO),
        enrolled("VO", "2024-08-01", ends, "12QN00", pgn=A),
        enrolled("VO", "2025-08-20", ends, "12QN00", volgnummer="2", pgn=B),
        enrolled("VO", "2024-08-01", ends, "12QN00", volgnummer="3", pgn=C, vo_kenmerk="lwoo"),
        enrolled(
            "VO", "2024-08-01", ends, "12QN00", volgnummer="4", pgn=D, vo_kenmerk="nieuwkomer"
        ),
        tlv_of(E, "VO2305-2023-00001", "MIDDEN"),
        enrolled("VSO", "2023-08-01", None, "20AA00", pgn=E, tlv=["VO2305-2023-00001"]),
    ]


def test_vo_pupils_are_those_of_1_october_after_the_teldatum_of_vso() -> None:
    answer = asked(vo_history(), VO, rates(zwaar_vo="600", vso_midden="700"))
    assert numbers(answer.tabellen["regels"]) == [
        ("zwaar_bruto", "zwaar_vo", "", "", 3, "600", "1800.00"),
        ("zwaar_af", "vso", "MIDDEN", "TLV", 1, "700", "700.00"),
    ]
    assert sums(answer) == {"ZWAAR": ("1800.00", "700.00", "1100.00", "0.00")}
    assert answer.opmerkingen[1] == (
        "Geteld: vestigingen aangesloten op 01-01-2026, vo-leerlingen op 01-10-2025."
    )
    assert answer.opmerkingen[2] == (
        "Licht: weggelaten, er is geen tarief 2026 regulier_vo, 2026 lwoo, 2026 pro."
    )
    for ends, bruto, netto, tekort in (
        ("2025-10-01", "1800.00", "1100.00", "0.00"),
        ("2025-09-30", "0.00", "0.00", "700.00"),
    ):
        gone = asked(vo_history(ends), VO, rates(zwaar_vo="600", vso_midden="700"))
        assert sums(gone) == {"ZWAAR": (bruto, "700.00", netto, tekort)}


def test_vo_light_support_is_shared_by_the_percentages_of_2012() -> None:
    amounts = {"zwaar_vo": "0", "vso_midden": "0", "regulier_vo": "100.01", "lwoo": "333.33"}
    light = rates(**amounts, lwoo_pct="10.5", pro="1", pro_pct="0", pro_af="2")
    answer = asked(vo_history(), VO, light)
    assert numbers(answer.tabellen["regels"])[:5] == [
        ("licht_bruto", "regulier_vo", "", "", 3, "100.01", "300.03"),
        ("licht_bruto", "lwoo", "", "", "0.315", "333.33", "105.00"),
        ("licht_bruto", "pro", "", "", 0, "1", "0.00"),
        ("licht_af", "lwoo_af", "", "", 1, "333.33", "333.33"),
        ("licht_af", "pro_af", "", "", 0, "2", "0.00"),
    ]
    assert answer.tabellen["regels"][1]["regeling"] == "regeling (10,5 % van 3)"
    # 300.03 + 104.99895 = 405.02895: rounded only here, once.
    assert sums(answer)["LICHT"] == ("405.03", "333.33", "71.70", "0.00")
    without = asked(vo_history(), VO, rates(**amounts))
    assert "Licht: onvolledig, zonder 2026 lwoo_pct, 2026 pro." in without.opmerkingen


def test_a_percentage_of_the_samenwerkingsverband_itself_comes_first() -> None:
    own = Tarief(2026, "lwoo_pct", VO, Decimal(50), "eigen", date(2020, 1, 1))
    rows = rates(zwaar_vo="1", vso_midden="1", regulier_vo="1", lwoo="10", lwoo_pct="10")
    both = Tarieven([*(v[0] for v in rows._versions.values()), own], "test.csv")  # noqa: SLF001
    assert asked(vo_history(), VO, both).tabellen["regels"][1]["aantal"] == Decimal("1.5")


def test_what_the_file_lacks_is_named_all_at_once() -> None:
    with pytest.raises(MissingTariefError) as caught:
        asked(PO_HISTORY, PO, rates(so_laag="1", licht_po="1"))
    assert "2026 sbo SBO; 2026 zwaar_po; 2026 so HOOG;" in str(caught.value)
    with pytest.raises(MissingTariefError, match="2025 licht_po; 2025 sbo SBO; 2025 zwaar_po"):
        asked(PO_HISTORY, PO, rates(**PO_RATES), jaar=2025)


def test_a_version_that_was_not_known_yet_does_not_hold() -> None:
    late = [
        Tarief(2026, "so", "LAAG", Decimal(9), "tweede", date(2025, 10, 1)),
        *(v[0] for v in rates(**PO_RATES)._versions.values()),  # noqa: SLF001
    ]
    tarieven = Tarieven(late, "test.csv")
    for known, amount in ((date(2025, 9, 30), 1000), (date(2025, 10, 1), 9)):
        answer = asked(PO_HISTORY, PO, tarieven, known=end_of_day(known))
        assert answer.tabellen["regels"][3]["tarief"] == amount


def test_rates_of_another_year_are_said_to_be_so() -> None:
    answer = asked(PO_HISTORY, PO, rates(2024, **PO_RATES), jaar=2024)
    assert answer.opmerkingen[:2] == (
        "Bekostiging 2026, tarieven van 2024: test.csv.",
        "De tarieven van 2024 staan op een telling die 2026 bekostigt.",
    )


def test_a_day_that_was_still_to_come_is_an_expectation() -> None:
    tarieven = rates(zwaar_vo="1", vso_midden="1")
    early = asked(vo_history(), VO, tarieven, known=end_of_day(date(2025, 3, 3)))
    later = asked(vo_history(), VO, tarieven, known=end_of_day(date(2026, 1, 1)))
    told = "Verwachting: vo-leerlingen op 01-10-2025, een dag die nog moest komen."
    assert told in early.opmerkingen
    assert not any("Verwachting" in remark for remark in later.opmerkingen)


# Before 2023


def born(pgn: str, day: str) -> Event:
    """Return a birth date."""
    return event("LeerlingGeregistreerd", pgn=pgn, geboortedatum=day)


def old_history() -> list[Event]:
    """Return pupils of 2014 and 2015: one so pupil is 8 on the day itself, one a day short."""
    days = ("2014-08-01", None, "20AA00")
    return [
        link("12QN00", PO),
        issued("PO2304-2014-00001", "2014-08-01", "2016-07-31", "LAAG", A),
        issued("PO2304-2014-00002", "2014-08-01", "2016-07-31", "LAAG", B),
        issued("PO2304-2014-00003", "2014-08-01", "2016-07-31", "SBO", C),
        born(A, "2006-10-01"),
        born(B, "2006-10-02"),
        enrolled("SO", *days, pgn=A, tlv=["PO2304-2014-00001"]),
        enrolled("SO", *days, volgnummer="2", pgn=B, tlv=["PO2304-2014-00002"]),
        enrolled("SBO", "2014-08-01", None, "12QN00", pgn=C, tlv=["PO2304-2014-00003"]),
        enrolled("BO", "2014-08-01", None, "12QN00", volgnummer="2", pgn=D),
    ]


def test_school_year_2015_with_the_amounts_of_the_regulation() -> None:
    history = read_tarieven(RATES / "historisch.csv")
    answer = asked(old_history(), PO, history, date(2014, 10, 1))
    assert numbers(answer.tabellen["regels"]) == [
        ("licht_bruto_personeel", "licht_po", "", "", 1, "156.61", "156.61"),
        ("zwaar_bruto_personeel", "zwaar_po", "", "", 2, "318.83", "637.66"),
        ("zwaar_af_personeel", "so_8_en_ouder", "LAAG", "TLV", 1, "8220.95", "8220.95"),
        ("zwaar_af_personeel", "so_jonger_dan_8", "LAAG", "TLV", 1, "9059.77", "9059.77"),
        ("licht_bruto_materieel", "licht_po_materieel", "", "", 1, "7.43", "7.43"),
        ("zwaar_bruto_materieel", "zwaar_po_materieel", "", "", 2, "30.01", "60.02"),
        ("zwaar_af_materieel", "so_8_en_ouder_materieel", "LAAG", "TLV", 1, "784.40", "784.40"),
        ("zwaar_af_materieel", "so_jonger_dan_8_materieel", "LAAG", "TLV", 1, "702.26", "702.26"),
    ]
    assert sums(answer)["ZWAAR PERSONEEL"] == ("637.66", "17280.72", "0.00", "16643.06")
    assert sums(answer)["ZWAAR MATERIEEL"] == ("60.02", "1486.66", "0.00", "1426.64")
    assert answer.opmerkingen[0].startswith("Bekostiging schooljaar 2015-16 en materieel 2015")


def test_material_of_2016_alone_when_personnel_of_2016_is_not_in_the_file() -> None:
    history = read_tarieven(RATES / "historisch.csv")
    answer = asked(old_history(), PO, history, date(2015, 10, 1))
    assert [row[:5] for row in numbers(answer.tabellen["regels"])] == [
        ("licht_bruto_materieel", "licht_po_materieel", "", "", 1),
        ("zwaar_bruto_materieel", "zwaar_po_materieel", "", "", 2),
        ("zwaar_af_materieel", "so_8_en_ouder_materieel", "LAAG", "TLV", 2),
    ]
    assert sums(answer)["ZWAAR MATERIEEL"] == ("61.28", "1640.04", "0.00", "1578.76")
    left_out = [remark for remark in answer.opmerkingen if "weggelaten" in remark]
    assert [remark.split(":")[0] for remark in left_out] == ["Licht personeel", "Zwaar personeel"]


def test_vo_of_school_year_2015_counts_vo_and_vso_on_one_day() -> None:
    history = [
        link("12QN00", VO),
        enrolled("VO", "2014-08-01", "2015-07-31", "12QN00", pgn=A),
        issued("VO2305-2014-00001", "2014-08-01", "2016-07-31", "HOOG", B),
        enrolled("VSO", "2014-08-01", None, "20AA00", pgn=B, tlv=["VO2305-2014-00001"]),
    ]
    answer = asked(history, VO, read_tarieven(RATES / "historisch.csv"), date(2014, 10, 1))
    assert sums(answer) == {
        "ZWAAR PERSONEEL": ("512.95", "20186.72", "0.00", "19673.77"),
        "ZWAAR MATERIEEL": ("27.12", "1066.91", "0.00", "1039.79"),
    }
    assert picked(answer.tabellen["tlv"], "jaar", "tarief") == [
        (2015, Decimal("21253.63")),
        (2016, None),
    ]


def test_a_part_that_is_half_there_is_an_error() -> None:
    half = rates(2015, zwaar_po="1", so_8_en_ouder_laag="1")
    with pytest.raises(MissingTariefError, match="2015 so_jonger_dan_8 LAAG;"):
        asked(old_history(), PO, half, date(2014, 10, 1))
    with pytest.raises(MissingTariefError, match="2015 licht_po; 2015 zwaar_po"):
        asked(old_history(), PO, rates(2016, zwaar_po="1"), date(2014, 10, 1))


# What a tlv costs, and what comes


def test_a_tlv_costs_money_in_the_years_whose_teldatum_lies_in_it() -> None:
    answer = asked(PO_HISTORY, PO, rates(**PO_RATES))
    rows = picked(answer.tabellen["tlv"], "beschikkingsnummer", "categorie", "jaar", "bedrag")
    sbo, hoog = Decimal("50.05"), Decimal("3000.50")
    assert rows == [
        ("PO2304-2023-00001", "SBO", 2025, None),
        ("PO2304-2023-00001", "SBO", 2026, sbo),
        ("PO2304-2023-00001", "SBO", 2027, None),
        ("PO2304-2023-00001", "SBO", 2028, None),
        ("PO2304-2023-00002", "HOOG", 2025, None),
        ("PO2304-2023-00002", "HOOG", 2026, hoog),
        ("PO2304-2023-00002", "HOOG", 2027, None),
        ("PO2304-2023-00002", "HOOG", 2028, None),
        ("PO2304-2023-00003", "LAAG", 2025, None),
        ("PO2304-2023-00003", "LAAG", 2026, Decimal("1000.00")),
    ]
    assert "Tlv: geen tarief voor 2025, 2027, 2028." in answer.opmerkingen


@pytest.mark.parametrize(("begin", "years"), [("2025-02-01", [2026, 2027]), ("2025-02-02", [2027])])
def test_a_tlv_of_2_february_first_costs_money_a_year_later(begin: str, years: list[int]) -> None:
    history = [
        issued("PO2304-2024-00001", begin, "2026-07-31", "LAAG", A),
        enrolled("SO", begin, None, "20AA00", pgn=A, tlv=["PO2304-2024-00001"]),
    ]
    teldatum = date(2026, 2, 1)
    tarieven = rates(2027, licht_po="1", zwaar_po="1", so_laag="1")
    rows = asked(history, PO, tarieven, teldatum).tabellen["tlv"]
    assert [row["jaar"] for row in rows] == years


def test_the_forecast_without_and_with_renewal() -> None:
    answer = asked(PO_HISTORY, PO, rates(**PO_RATES), vooruit=True)
    names = ("teldatum", "schoolsoort", "categorie", "basis", "aantal", "aantal_verlengd")
    first, second, third = (date(year, 2, 1) for year in (2026, 2027, 2028))
    assert picked(answer.tabellen["prognose"], *names) == [
        (first, "SBO", "SBO", "TLV", 1, 1),
        (first, "SO", "LAAG", "TLV", 0, 1),
        (first, "SO", "LAAG", "OVERIG", 1, 0),
        (first, "SO", "HOOG", "TLV", 1, 1),
        (second, "SBO", "SBO", "TLV", 1, 1),
        (second, "SO", "LAAG", "TLV", 0, 1),
        (second, "SO", "LAAG", "OVERIG", 1, 0),
        (second, "SO", "HOOG", "TLV", 1, 1),
        (third, "SBO", "SBO", "TLV", 0, 1),
        (third, "SBO", "SBO", "OVERIG", 1, 0),
        (third, "SO", "LAAG", "TLV", 0, 1),
        (third, "SO", "LAAG", "OVERIG", 2, 0),
        (third, "SO", "HOOG", "TLV", 0, 1),
    ]
    last = answer.tabellen["prognose"][-2]
    assert (last["jaar"], last["tarief_jaar"]) == (2029, 2026)
    assert (last["bedrag"], last["bedrag_verlengd"]) == (Decimal("2000.00"), Decimal("0.00"))
    assert sum("Prognose" in remark for remark in answer.opmerkingen) == 4


def test_an_enrolment_with_an_end_is_not_in_the_forecast_after_it() -> None:
    history = [
        issued("PO2304-2023-00001", "2023-08-01", "2030-07-31", "HOOG", A),
        enrolled("SO", "2023-08-01", "2026-07-31", "20AA00", pgn=A, tlv=["PO2304-2023-00001"]),
    ]
    answer = asked(history, PO, rates(**PO_RATES), vooruit=True)
    rows = picked(answer.tabellen["prognose"], "teldatum", "aantal", "aantal_verlengd")
    assert rows == [(date(2026, 2, 1), 1, 1)]


def test_the_forecast_takes_the_rate_of_the_year_itself_when_it_is_there() -> None:
    both = Tarieven(
        [
            *(v[0] for v in rates(**PO_RATES)._versions.values()),  # noqa: SLF001
            Tarief(2027, "so", "HOOG", Decimal(7), "", date(2020, 1, 1)),
        ],
        "test.csv",
    )
    rows = asked(PO_HISTORY, PO, both, vooruit=True).tabellen["prognose"]
    hoog = [row for row in rows if row["categorie"] == "HOOG"]
    assert picked(hoog, "tarief", "tarief_jaar")[:2] == [(7, 2027), (Decimal("3000.5"), 2026)]


def test_an_enrolment_with_two_tlvs_is_renewed_in_the_category_of_the_last() -> None:
    history = [
        issued("PO2304-2024-00001", "2024-08-01", "2025-12-31", "LAAG", A),
        issued("PO2304-2025-00002", "2026-01-01", "2026-07-31", "HOOG", A),
        enrolled("SO", "2024-08-01", None, "20AA00", pgn=A,
                 tlv=["PO2304-2024-00001", "PO2304-2025-00002"]),
    ]  # fmt: skip
    rows = asked(history, PO, rates(**PO_RATES), vooruit=True).tabellen["prognose"]
    assert picked(rows, "teldatum", "categorie", "basis", "aantal", "aantal_verlengd")[:3] == [
        (date(2026, 2, 1), "HOOG", "TLV", 1, 1),
        (date(2027, 2, 1), "LAAG", "OVERIG", 1, 0),
        (date(2027, 2, 1), "HOOG", "TLV", 0, 1),
    ]


# Against an independent computation

COMPLETE = {
    ("licht_po", ""): Decimal("1.01"),
    ("zwaar_po", ""): Decimal("2.5"),
    ("sbo", "SBO"): Decimal("1.3"),
    **{("so", c): Decimal(n) for c, n in (("LAAG", 2), ("MIDDEN", 3), ("HOOG", 5))},
    **{("vso", c): Decimal(n) for c, n in (("LAAG", 1), ("MIDDEN", 2), ("HOOG", 4))},
    ("zwaar_vo", ""): Decimal("3.75"),
    ("regulier_vo", ""): Decimal("0.5"),
    ("lwoo", ""): Decimal("1.25"),
    ("lwoo_pct", ""): Decimal(8),
}
"""Amounts whose sums are exact in cents, so that nothing hides in a rounding."""


def complete(jaar: int) -> Tarieven:
    """Return the amounts above for one year."""
    rows = [
        Tarief(jaar, soort, categorie, amount, "", date(2010, 1, 1))
        for (soort, categorie), amount in COMPLETE.items()
    ]
    return Tarieven(rows, "test.csv")


@st.composite
def regular(draw: st.DrawFn) -> list[Event]:
    """Return bo and vo pupils on vestigingen that come to and leave samenwerkingsverbanden.

    Random histories have few of them, and the gross amounts are made of nothing else.
    """
    swvs = [code for codes in SWVS.values() for code in codes]
    days = st.sampled_from(["2014-08-01", "2024-01-01", "2024-06-01", "2025-01-01"])
    found = [
        link(draw(st.sampled_from(VESTIGINGEN)), draw(st.sampled_from(swvs)), vanaf=draw(days))
        for _ in range(6)
    ]
    for number in range(5):
        soort = draw(st.sampled_from(["BO", "VO", "VO"]))
        mark = draw(st.sampled_from([None, None, "lwoo", "nieuwkomer"])) if soort == "VO" else None
        place, begin = draw(st.sampled_from(VESTIGINGEN)), draw(st.sampled_from(BEGINS))
        end = draw(st.sampled_from([None, None, "2024-09-30", "2025-01-31"]))
        more = {"pgn": child(10 + number), "volgnummer": f"R{number}"}
        kenmerk = {"vo_kenmerk": mark} if mark else {}
        found.append(enrolled(soort, begin, end, place, **more, **kenmerk))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_totals_and_forecast_equal_the_independent_computation(data: st.DataObject) -> None:
    history = [*data.draw(histories()), *data.draw(regular())]
    asked_at = [data.draw(moments(history)) for _ in range(3)]
    with ledger_of() as ledger:
        imported = import_events(ledger, history)
        refused = {one.regelnummer for one in imported.booked.refused}
        booked = [one for number, one in enumerate(history, 1) if number not in refused]
        model = refreshed(ledger)
        for number, (teldatum, known) in enumerate(asked_at):
            for swv in (code for codes in SWVS.values() for code in codes):
                vraag = Vraag(ledger, model, AsOf(teldatum, known), swv, NOW)
                answer = bekostiging(vraag, complete(teldatum.year + 1), vooruit=not number)
                _assert_totals(answer, booked, vraag)
                if not number:
                    _assert_forecast(answer, booked, vraag)
        model.close()


def _assert_totals(answer: Antwoord, booked: Sequence[Event], vraag: Vraag) -> None:
    slow = oracle_bekostiging.totals(booked, vraag.swv, *vraag.as_of, COMPLETE)
    names = ("bruto", "af", "netto", "tekort")
    rows = answer.tabellen["totaal"]
    assert {row["soort"]: tuple(row[name] for name in names) for row in rows} == slow
    for row in answer.tabellen["regels"]:
        assert Decimal(str(row["aantal"])) * Decimal(str(row["tarief"])) == row["bedrag"]


def _assert_forecast(answer: Antwoord, booked: Sequence[Event], vraag: Vraag) -> None:
    teldatum, known = vraag.as_of
    names = ("schoolsoort", "categorie", "basis")
    rows = answer.tabellen["prognose"]
    start = teldatum.year + (teldatum >= date(teldatum.year, 2, 1))
    for day in (date(start + step, 2, 1) for step in range(3)):
        found = {
            tuple(row[name] for name in names): row["aantal_verlengd"]
            for row in rows
            if row["teldatum"] == day and row["aantal_verlengd"]
        }
        slow = oracle_bekostiging.renewed(booked, vraag.swv, (teldatum, day), known)
        assert found == dict(slow), day


# As a user asks it


def lines(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV in DUO's dialect."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_the_files_of_the_region(
    swv: str, region_ledger: Kijkglas, tmp_path: Path, golden: Golden
) -> None:
    region_ledger.fine(
        "report", "bekostiging", "--swv", swv, "--teldatum", "2025-02-01", "--tarieven", EXAMPLE,
        "--bekend-op", "2025-12-31", "--prognose", "-o", tmp_path / "uit",
    )  # fmt: skip
    for table in ("regels", "totaal", "tlv", "prognose"):
        name = f"Bekostiging_{table}_{swv}_01_02_2025.csv"
        golden(GOLDEN / "bekostiging" / name, (tmp_path / "uit" / name).read_bytes())


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_deductions_of_the_region_are_its_dashboard_1a(swv: str, region_ledger: Kijkglas) -> None:
    ask = ("--swv", swv, "--teldatum", "2025-02-01", "--format", "json")
    tables = region_ledger.fine("report", "bekostiging", "--tarieven", EXAMPLE, *ask).answer
    met_tlv = region_ledger.fine("report", "dashboard-1a", *ask).answer["tabellen"]["met_tlv"]
    rows = tables["tabellen"]["regels"]
    deducted = [row for row in rows if row["SOORT"] in {"so", "sbo", "vso"}]
    assert len(deducted) > 3
    for row in deducted:
        soort, cell = row["SOORT"].upper(), f"AANTAL_{row['CATEGORIE']}_{row['BASIS']}"
        assert row["AANTAL"] == sum(r[cell] for r in met_tlv if r["SCHOOLSOORT"] == soort)
    assert sum(row["AANTAL"] for row in deducted) == sum(row["TOTAAL"] for row in met_tlv)
    stand = region_ledger.stand("2025-02-01", "--swv", swv)
    used = {row["beschikkingsnummer"] for row in stand if row["telt"] and row["basis"] == "TLV"}
    assert {row["BESCHIKKINGSNUMMER"] for row in tables["tabellen"]["tlv"]} == used


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give the ledger of the po example."""
    return ledger_with(tmp_path_factory.mktemp("bekostiging"), PO_HISTORY)


ASK = ("report", "bekostiging", "--swv", PO, "--tarieven", EXAMPLE)


def test_json_has_the_tables_of_the_layout(small: Kijkglas) -> None:
    tables: dict[str, Any] = small.fine(*ASK, "--jaar", 2026, "--format", "json").answer["tabellen"]
    assert {name: list(rows[0]) for name, rows in tables.items()} == {
        "regels": REGELS,
        "totaal": TOTAAL,
        "tlv": TLV,
    }
    assert tables["totaal"][1] == {
        "SOORT": "ZWAAR",
        "BRUTO": 880.0,
        "AF": 44250.5,
        "NETTO": 0.0,
        "TEKORT": 43370.5,
    }
    with_more = small.fine(*ASK, "--jaar", 2026, "--prognose", "--format", "json").answer
    assert list(with_more["tabellen"]) == ["regels", "totaal", "tlv", "prognose"]
    assert list(with_more["tabellen"]["prognose"][0]) == PROGNOSE


@pytest.mark.parametrize(
    ("year", "teldatum"), [(2026, "2025-02-01"), (2023, "2022-02-01"), (2022, "2021-10-01")]
)
def test_a_year_alone_means_the_count_that_funds_it(
    year: int, teldatum: str, small: Kijkglas, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    so = ("so;LAAG", "so;MIDDEN", "so;HOOG", "sbo;SBO", "licht_po;", "zwaar_po;")
    names = so if year >= 2023 else ("zwaar_po_materieel;",)
    rows = [f"{year};{name};1;;2020-01-01" for name in names]
    path.write_text("\n".join(["jaar;soort;categorie;bedrag;regeling;vanaf", *rows]), "utf-8")
    ask = ("--swv", PO, "--tarieven", path, "--jaar", year, "--format", "json")
    done = small.fine("report", "bekostiging", *ask)
    assert done.answer["herkomst"]["teldatum"] == teldatum


def test_the_default_year_is_the_one_after_the_teldatum(small: Kijkglas) -> None:
    done = small.fine(*ASK, "--teldatum", "2025-02-01", "--format", "json").answer
    assert done["herkomst"]["opmerkingen"][0].startswith("Bekostiging 2026, tarieven van 2026:")
    assert "voorbeeld.csv, sha256 " in done["herkomst"]["opmerkingen"][0]


def test_every_format_shows_the_amounts(small: Kijkglas, tmp_path: Path) -> None:
    year = ("--jaar", 2026)
    assert (
        "zwaar_af,so,LAAG,TLV,1,11250.50,11250.50" in small.fine(*ASK, *year, "--format", "csv").out
    )
    assert ";11250,50;11250,50;" in small.fine(*ASK, *year, "--format", "csv-excel").out
    assert "ZWAAR     880,00  44250,50" in small.fine(*ASK, *year, "--format", "table").out
    assert '"TEKORT":43370.50' in small.fine(*ASK, *year, "--format", "jsonl").out
    small.fine(*ASK, *year, "-o", tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert len(book.sheetnames) == 4
    assert [cell.value for cell in book["Totaal"][3]] == ["ZWAAR", 880, 44250.5, 0, 43370.5]


def test_diff_names_the_lines_that_changed(small: Kijkglas) -> None:
    sides = ("--from", "2025-02-01@2026-03-31", "--to", "2025-02-01", "--format", "json")
    done = small("diff", "bekostiging", "--swv", PO, "--tarieven", EXAMPLE, *sides)
    assert done.status == 1
    (row,) = done.answer["tabellen"]["regels"]
    assert (row["REGEL"], row["CATEGORIE"], row["soort"]) == ("zwaar_af", "LAAG", "gewijzigd")
    assert row["kolommen"]["TARIEF"] == {"voor": 11000.0, "na": 11250.5}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--swv", PO], "Ongeldige waarde voor --tarieven: het bestand is nodig"),
        (["--swv", PO, "--tarieven", "/bestaat/niet.csv"], "bestaat niet"),
        (["--tarieven", EXAMPLE], "Er ontbreekt een optie: --swv"),
        (["--swv", PO, "--tarieven", RATES / "2024.csv", "--jaar", "2024"],
         "in 2024.csv ontbreekt een tarief (jaar soort categorie): 2024 licht_po; 2024 zwaar_po;"),
        (["--swv", PO, "--tarieven", EXAMPLE, "--lidmaatschap", T], "hoort niet bij bekostiging"),
        (["--swv", PO, "--tarieven", RATES / "README.md"], "README.md:1 jaar: de kolom ontbreekt"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_a_usage_error(
    options: list[object], expected: str, small: Kijkglas
) -> None:
    done = small("report", "bekostiging", *options)
    assert done.status == 2
    assert expected in " ".join(done.err.split())
    assert not done.data


@pytest.mark.parametrize("option", [["--tarieven", EXAMPLE], ["--jaar", 2026], ["--prognose"]])
def test_its_options_fit_no_other_product(option: list[object], small: Kijkglas) -> None:
    done = small("report", "dashboard-1b", "--swv", PO, *option)
    assert done.status == 2
    assert "hoort niet bij dashboard-1b" in done.err


@pytest.mark.parametrize("sector", ["po", "vo"])
def test_the_layout_has_the_documented_columns_and_keys(sector: str) -> None:
    tables = layouts.load(f"bekostiging-{sector}").tabellen
    assert {table.naam: [column.naam for column in table.kolommen] for table in tables} == {
        "regels": REGELS,
        "totaal": TOTAAL,
        "tlv": TLV,
        "prognose": PROGNOSE,
    }
    assert [[c.naam for c in table.kolommen if c.sleutel] for table in tables] == [
        REGELS[:4],
        TOTAAL[:1],
        ["BESCHIKKINGSNUMMER", "JAAR"],
        ["TELDATUM", "SCHOOLSOORT", "CATEGORIE", "BASIS"],
    ]


def test_no_float_comes_into_an_amount() -> None:
    chance = random.Random(7)  # noqa: S311 - examples, no secrets
    amounts = {name: f"{chance.randrange(10**7) / 100:.2f}" for name in PO_RATES}
    answer = asked(PO_HISTORY, PO, rates(**amounts))
    for row in (*answer.tabellen["regels"], *answer.tabellen["totaal"], *answer.tabellen["tlv"]):
        assert not any(isinstance(value, float) for value in row.values())
