"""The worked cases (outputs-and-rules.md 15, rules.md 11) as tests of the oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.histories import histories, moments
from tests.oracle import dashboard_1a, dashboard_1b, instant, known_until, stand, vaststelling
from tests.oracle_examples import (
    KIND,
    about,
    decided,
    enrolled,
    event,
    home,
    issued,
    link,
    only,
)
from tests.oracle_facts import Event

T = "2025-02-01"
TLV = "PO2304-2023-00001"
BY_TLV = ("PO2304", "TLV", "TLV")


def test_c1_the_tlv_decides_not_the_vestiging() -> None:
    history = [
        link("12QN00", "PO2202"),
        issued(TLV, "2023-08-01", "2027-07-31", "MIDDEN"),
        enrolled("SO", "2023-08-01", tlv=[TLV]),
    ]
    row = only(history, T)
    assert decided(row) == (*BY_TLV, "MIDDEN")
    assert (row["telt"], row["beschikkingsnummer"]) == (True, TLV)
    assert row["geldig_van"] == date(2023, 8, 1)
    assert row["geldig_tot_en_met"] == date(2027, 7, 31)


def test_c2_an_expired_tlv_leaves_the_residence() -> None:
    history = [
        *home(),
        link("12QN00", "PO2202"),
        issued("PO2202-2022-00001", "2022-08-01", "2024-07-31", "MIDDEN"),
        enrolled("SO", "2024-08-01", tlv=["PO2202-2022-00001"]),
    ]
    row = only(history, T)
    assert decided(row) == ("PO2304", "Woonplaats leerling", "OVERIG", "LAAG")
    assert row["beschikkingsnummer"] == ""
    [line] = dashboard_1b(history, "PO2304", date(2025, 2, 1), None)
    assert line["BESCHIKKINGSNUMMER"] == "PO2202-2022-00001"
    [line] = dashboard_1b(history, "PO2304", date(2025, 2, 1), None, ongebruikte_tlv=False)
    assert (line["BESCHIKKINGSNUMMER"], line["EIND_DATUM_TLV"]) == ("", None)


def test_c3_residential_after_a_bo_vestiging() -> None:
    history = [
        *home(),
        link("14YY00", "PO2201"),
        enrolled("BO", "2020-08-01", "2024-11-03", "14YY00"),
        enrolled("SO", "2024-11-04", soort_verblijf="IJH"),
    ]
    row = only(history, T)
    assert decided(row) == ("PO2201", "Vestiging vorige inschrijving", "RP", "LAAG")


@pytest.mark.parametrize(
    ("begindatum", "expected"),
    [
        ("2024-11-01", ("PO2203", "Vorige inschrijving", "RP", "LAAG")),  # C4: no gap
        ("2024-11-29", ("PO2203", "Vorige inschrijving", "RP", "LAAG")),  # C5: 28 days
        ("2024-11-30", ("PO2304", "Woonplaats leerling", "RP", "LAAG")),  # C5: 29 days
    ],
)
def test_c4_c5_residential_after_so(begindatum: str, expected: tuple[str, ...]) -> None:
    history = [
        *home(),
        issued("PO2203-2023-00001", "2023-08-01", "2027-07-31", "HOOG"),
        enrolled("SO", "2023-08-01", "2024-10-31", "14YY00", tlv=["PO2203-2023-00001"]),
        enrolled("SO", begindatum, soort_verblijf="IGZ"),
    ]
    assert decided(only(history, T)) == expected


def test_c6_from_so_to_vso_without_a_vo_tlv() -> None:
    history = [
        *home(),
        issued(TLV, "2020-08-01", "2025-07-31"),
        enrolled("SO", "2020-08-01", "2024-07-31", tlv=[TLV]),
        enrolled("VSO", "2024-08-01", volgnummer="2"),
    ]
    assert decided(only(history, T)) == ("VO2305", "Woonplaats leerling", "OVERIG", "LAAG")


def test_c7_a_residential_period_keeps_the_samenwerkingsverband() -> None:
    tlv = "PO2203-2023-00001"
    history = [
        *home(),
        issued(tlv, "2023-08-01", "2024-07-31", "HOOG"),
        enrolled("SO", "2023-08-01", tlv=[tlv]),
        about("InschrijvingGewijzigd", "2024-10-02", vanaf="2024-10-01", soort_verblijf="IJG"),
    ]
    expected = ("PO2203", "Vorige periode inschrijving", "RP", "LAAG")
    assert decided(only(history, T)) == expected


def test_c8_a_closed_institution_counts_nowhere() -> None:
    history = [*home(), enrolled("VSO", "2024-08-01", soort_verblijf="JJI")]
    row = only(history, T)
    assert decided(row) == ("", "", "OVERIG", "LAAG")
    assert (row["telt"], row["reden"]) == (False, "gesloten inrichting")


def test_c9_of_several_tlvs_the_latest_begin() -> None:
    low, high = "PO2304-2024-00009", "PO2304-2024-00002"
    history = [
        issued(low, "2024-08-01", "2027-07-31", "LAAG"),
        issued(high, "2025-01-01", "2027-07-31", "HOOG"),
        enrolled("SO", "2024-08-01", tlv=[low, high]),
    ]
    assert decided(only(history, T)) == (*BY_TLV, "HOOG")
    assert decided(only(history, "2024-12-31")) == (*BY_TLV, "LAAG")


@pytest.mark.parametrize(("bekend_op", "counted"), [("2025-03-02", 1), ("2025-03-04", 0)])
def test_c10_registered_before_or_after_the_count_was_fixed(bekend_op: str, counted: int) -> None:
    history = [*home(), enrolled("SO", "2024-08-01", bekend_op=bekend_op)]
    fixed = vaststelling(date(2025, 2, 1), "SO", history)
    assert fixed == datetime(2025, 3, 3, 22, 59, 59, 999999, tzinfo=UTC)
    assert len(stand(history, date(2025, 2, 1), fixed)) == counted


def test_c11_one_school_counts_and_cuts_the_other() -> None:
    history = [
        *home(),
        enrolled("SO", "2024-08-01"),
        enrolled("SBO", "2025-01-15", "2025-03-14", "14YY00"),
    ]
    loser, winner = stand(history, date(2025, 2, 1), None)
    assert (winner["telt"], winner["schoolsoort"]) == (True, "SBO")
    assert (loser["telt"], loser["reden"]) == (False, "dubbele inschrijving")
    assert loser["geldig_van"] == date(2025, 1, 15)
    assert loser["geldig_tot_en_met"] == date(2025, 3, 14)
    assert only(history, "2025-03-15")["geldig_van"] == date(2025, 3, 15)


def test_c12_an_onderwijsnummer_becomes_a_bsn() -> None:
    own = "100000004"
    history = [
        *home(pgn=own),
        enrolled("SO", "2024-08-01", "2025-01-31", "14YY00", pgn=own),
        event("PgnVervangen", "2025-02-03", pgn=own, nieuw_pgn=KIND),
        enrolled("SO", "2025-02-01"),
    ]
    before = only(history, T, known_until("2025-02-02"))
    assert (before["pgn"], before["swv"]) == (KIND, "")
    after = only(history, T)
    assert decided(after) == ("PO2304", "Vorige inschrijving", "OVERIG", "LAAG")
    assert after["bekend_van"] == instant("2025-02-03")
    old = only(history, "2025-01-31")
    assert (old["pgn"], old["bekend_van"]) == (KIND, instant("2020-01-01"))


def test_c13_a_moved_end_makes_the_old_school_count() -> None:
    history = [
        *home(),
        enrolled("SO", "2024-08-01", "2025-01-20"),
        enrolled("SO", "2025-02-10", vestigingscode="14YY00", bekend_op="2025-02-11"),
        about("UitschrijvingGeregistreerd", "2025-02-14", einddatum="2025-02-09"),
    ]
    assert stand(history, date(2025, 2, 1), known_until("2025-02-13")) == []
    row = only(history, T)
    assert (row["instellingscode"], row["telt"]) == ("12QN", True)
    assert row["bekend_van"] == datetime(2025, 2, 13, 23, tzinfo=UTC)


def test_c14_a_postcode_without_samenwerkingsverband() -> None:
    row = only([*home(pc4="3197"), enrolled("SO", "2024-08-01")], T)
    assert (row["swv"], row["telt"], row["reden"]) == ("", False, "geen samenwerkingsverband")


def test_c15_a_tlv_shorter_than_a_school_year_is_a_signal_and_still_counts() -> None:
    history = [
        issued(TLV, "2024-11-01", "2025-07-31"),
        enrolled("SO", "2024-11-01", tlv=[TLV]),
    ]
    assert decided(only(history, T)) == (*BY_TLV, "LAAG")


@pytest.mark.parametrize(
    ("schoolsoort", "expected"),
    [
        ("VSO", ("VO2305", "Woonplaats leerling", "RP", "LAAG")),  # C16
        ("SO", ("PO2304", "Vorige periode inschrijving", "RP", "LAAG")),  # C17
    ],
)
def test_c16_c17_derived_and_then_residential(schoolsoort: str, expected: tuple[str, ...]) -> None:
    history = [
        *home(),
        enrolled(schoolsoort, "2023-08-01"),
        about("InschrijvingGewijzigd", "2024-10-02", vanaf="2024-10-01", soort_verblijf="IJH"),
    ]
    assert decided(only(history, T)) == expected


def test_one_move_told_in_two_ways_counts_the_same() -> None:
    tlv = issued(TLV, "2023-08-01", "2027-07-31")
    moved = {"vanaf": "2024-11-01", "vestigingscode": "12QN01"}
    as_periods = [
        tlv,
        enrolled("SO", "2023-08-01", tlv=[TLV]),
        about("InschrijvingGewijzigd", "2024-11-01", **moved),
    ]
    as_enrolments = [
        tlv,
        enrolled("SO", "2023-08-01", "2024-10-31", tlv=[TLV]),
        enrolled("SO", "2024-11-01", vestigingscode="12QN01", volgnummer="2", tlv=[TLV]),
    ]
    told = [
        dashboard_1a(one, "PO2304", date(2025, 2, 1), None) for one in (as_periods, as_enrolments)
    ]
    assert told[0] == told[1]
    assert told[0]["met_tlv"][0]["AANTAL_LAAG_TLV"] == 1


def test_duo_links_for_a_residential_pupil_do_not_count() -> None:
    history = [
        *home(),
        issued("PO2203-2023-00001", "2023-08-01", "2027-07-31"),
        enrolled("SO", "2024-08-01", soort_verblijf="IJH"),
        about("TlvGekoppeld", "2024-09-01", nummer="PO2203-2023-00001", door="duo"),
        about("TlvGekoppeld", "2025-03-01", nummer="PO2203-2023-00001", door="school"),
    ]
    before = only(history, T, known_until("2025-02-28"))
    assert decided(before) == ("PO2304", "Woonplaats leerling", "RP", "LAAG")
    assert before["bekend_tot"] == instant("2025-03-01")
    assert decided(only(history, T)) == ("PO2203", "TLV", "TLV", "LAAG")


def test_an_event_that_makes_no_sense_has_no_effect() -> None:
    registered = [*home(), enrolled("SO", "2024-08-01", "2025-03-31")]
    senseless = [
        about("InschrijvingGewijzigd", "2024-09-01", vanaf="2024-08-01", cluster=1),
        about("InschrijvingGewijzigd", "2024-09-01", vanaf="2025-04-01", cluster=1),
        about("InschrijvingGewijzigd", "2024-09-01", vanaf="2024-10-01", schoolsoort="SBO"),
        about("InschrijvingGecorrigeerd", "2024-09-01", periode="2024-09-01", cluster=1),
        about("UitschrijvingGeregistreerd", "2024-09-01", einddatum="2024-07-31"),
        about("UitschrijvingIngetrokken", "2024-09-01", volgnummer="2"),
        enrolled("SBO", "2024-08-02", bekend_op="2024-09-01"),
    ]
    assert only([*registered, *senseless], T) == only(registered, T)


def test_a_corrected_begin_moves_the_period_in_force_and_drops_those_before() -> None:
    history = [
        *home(),
        enrolled("SO", "2024-08-01", bekend_op="2024-08-01", cluster=1),
        about("InschrijvingGewijzigd", "2024-10-01", vanaf="2024-10-01", cluster=3),
        about("InschrijvingGewijzigd", "2024-12-01", vanaf="2025-01-01", bekostigbaar=False),
        about("InschrijvingGecorrigeerd", "2025-02-02", begindatum="2024-11-01"),
    ]
    first = only(history, "2024-11-01")
    assert (first["geldig_van"], first["geldig_tot_en_met"]) == (
        date(2024, 11, 1),
        date(2024, 12, 31),
    )
    assert (first["telt"], first["swv"]) == (True, "PO2304")
    assert stand(history, date(2024, 10, 31), None) == []


def test_a_link_corrected_late_holds_from_then_on_and_not_before() -> None:
    history = [
        event("WoonplaatsVastgelegd", pgn=KIND, vanaf="2020-01-01", buitenland=True),
        link("12QN00", "PO2304"),
        link("12QN00", "PO2202", "2024-08-01", "2025-03-10"),
        enrolled("SO", "2024-08-01"),
    ]
    before = only(history, T, known_until("2025-03-09"))
    assert (before["swv"], before["wijze_van_bepaling"]) == ("PO2304", "Vestiging inschrijving")
    assert before["bekend_tot"] == instant("2025-03-10")
    assert only(history, T)["swv"] == "PO2202"


def test_moments_in_amsterdam() -> None:
    assert instant("2025-02-01") == datetime(2025, 1, 31, 23, tzinfo=UTC)
    assert instant("2025-07-01T12:00:00+02:00") == datetime(2025, 7, 1, 10, tzinfo=UTC)
    assert known_until("2025-07-01") == datetime(2025, 7, 1, 21, 59, 59, 999999, tzinfo=UTC)


@given(st.data())
def test_the_invariants_of_the_dashboards_hold_for_the_oracle(data: st.DataObject) -> None:
    history: list[Event] = data.draw(histories())
    teldatum, bekend_op = data.draw(moments(history))
    seen: list[str] = []
    for swv in ("PO2304", "PO2202", "VO2305", "VO2203"):
        files = dashboard_1a(history, swv, teldatum, bekend_op)
        rows = dashboard_1b(history, swv, teldatum, bekend_op)
        seen += [row["BSN_OWN"] for row in rows]
        for line in files["met_tlv"]:
            cells = [line[column] for column in line if column.startswith("AANTAL_")]
            assert line["TOTAAL"] == sum(cells)
        assert sum(line["TOTAAL"] for line in files["met_tlv"]) == len(rows)
        own = sum(line["TOTAAL"] for line in files["met_tlv"] if line["DEELNEMENDE_VESTIGING"])
        assert own == sum(line["MET_TLV_DIT_SWV"] for line in files["totaal"])
    assert len(seen) == len(set(seen))
