"""Which samenwerkingsverband answers: every rule of rules.md 3 with its edges."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from projections.items import Stand
from tests.pupils import about, area, decided, enrolled, found, home, linked, standing, tlv

Line = dict[str, Any]

HERE, THERE = "PO2304", "PO2202"
HERE_VO, THERE_VO = "VO2305", "VO2203"
TLV = f"{THERE}-2024-00001"
TLV_VO = f"{THERE_VO}-2024-00001"
YEAR = ("2024-08-01", "2025-07-31")
FEBRUARY = "2025-02-01"
REGION = [
    linked("12QN00", HERE),
    linked("14YY00", THERE),
    linked("12QN00", HERE_VO),
    linked("14YY00", THERE_VO),
    area("7511", HERE, HERE_VO),
    area("8011", THERE, THERE_VO),
]


# Rule 0: a closed institution.


@pytest.mark.parametrize("verblijf", ["GJI", "JJI"])
def test_a_closed_institution_has_no_samenwerkingsverband(verblijf: str) -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", soort_verblijf=verblijf, tlv=[TLV]),
    ]
    (row,) = standing(lines, FEBRUARY)
    assert (row.swv, row.wijze, row.nummer) == (None, "", None)
    assert row.reden == "gesloten inrichting"


def test_a_closed_segment_passes_nothing_on() -> None:
    lines = [
        *REGION,
        tlv(TLV, "2024-08-01", "2024-12-31"),
        enrolled("2024-08-01", tlv=[TLV]),
        about("InschrijvingGewijzigd", vanaf="2024-10-01", soort_verblijf="JJI"),
        about("InschrijvingGewijzigd", vanaf="2025-01-01", soort_verblijf="geen"),
    ]
    assert decided(lines, "2024-09-01") == (THERE, "TLV")
    assert decided(lines, "2024-11-01") == ("", "")
    assert decided(lines, FEBRUARY) == ("", "")


def test_a_closed_last_segment_passes_nothing_on_to_the_next_enrolment() -> None:
    lines = [
        *REGION,
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", "2024-12-31", tlv=[TLV]),
        about("InschrijvingGewijzigd", vanaf="2024-10-01", soort_verblijf="GJI"),
        enrolled("2025-01-01", key="14YY/2"),
    ]
    assert decided(lines, FEBRUARY) == ("", "")


# Rule 1: a tlv that is linked, valid, and fits.


def test_a_linked_tlv_decides() -> None:
    lines = [*REGION, home(pc4="7511"), tlv(TLV, *YEAR), enrolled("2024-08-01", tlv=[TLV])]
    (row,) = standing(lines, FEBRUARY)
    assert (row.swv, row.wijze, row.basis, row.nummer) == (THERE, "TLV", "TLV", TLV)


def test_a_tlv_linked_to_nothing_is_not_used() -> None:
    lines = [*REGION, home(pc4="7511"), tlv(TLV, *YEAR), enrolled("2024-08-01")]
    assert decided(lines, FEBRUARY) == (HERE, "Woonplaats leerling")


def test_a_tlv_linked_to_another_enrolment_is_not_used() -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV, *YEAR),
        enrolled("2023-08-01", "2024-06-30", tlv=[TLV]),
        enrolled("2024-08-01", key="14YY/2"),
    ]
    assert decided(lines, FEBRUARY) == (HERE, "Woonplaats leerling")


def test_a_tlv_counts_on_its_first_and_its_last_day() -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV, "2024-10-01", "2025-01-31"),
        enrolled("2024-08-01", tlv=[TLV]),
    ]
    assert decided(lines, "2024-09-30") == (HERE, "Woonplaats leerling")
    assert decided(lines, "2024-10-01") == (THERE, "TLV")
    assert decided(lines, "2025-01-31") == (THERE, "TLV")
    assert decided(lines, "2025-02-01") == (THERE, "Vorige periode inschrijving")


def test_a_withdrawn_tlv_counts_until_the_day_before() -> None:
    withdrawn = {"type": "TlvIngetrokken", "bekend_op": "2025-03-01", "pgn": "111222333"}
    lines = [
        *REGION,
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", tlv=[TLV]),
        {**withdrawn, "nummer": TLV, "per": "2025-02-01"},
    ]
    assert decided(lines, "2025-01-31") == (THERE, "TLV")
    assert decided(lines, FEBRUARY) == (THERE, "Vorige periode inschrijving")
    assert decided(lines, FEBRUARY, "2025-02-28") == (THERE, "TLV")


def test_a_tlv_withdrawn_on_its_begin_never_was() -> None:
    withdrawn = {"type": "TlvIngetrokken", "bekend_op": "2024-09-01", "pgn": "111222333"}
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", tlv=[TLV]),
        {**withdrawn, "nummer": TLV, "per": "2024-08-01"},
    ]
    assert decided(lines, FEBRUARY) == (HERE, "Woonplaats leerling")


@pytest.mark.parametrize(
    ("schoolsoort", "nummer", "categorie", "fits"),
    [
        ("SO", TLV, "LAAG", True),
        ("SO", TLV, "HOOG", True),
        ("SO", TLV, "SBO", False),
        ("SBO", TLV, "SBO", True),
        ("SBO", TLV, "MIDDEN", False),
        ("VSO", TLV_VO, "MIDDEN", True),
    ],
)
def test_the_categorie_of_a_tlv_has_to_fit(
    schoolsoort: str, nummer: str, categorie: str, fits: bool
) -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(nummer, *YEAR, categorie),
        enrolled("2024-08-01", schoolsoort=schoolsoort, tlv=[nummer]),
    ]
    (row,) = standing(lines, FEBRUARY)
    assert (row.wijze == "TLV") == fits
    if fits:
        assert row.categorie == categorie


def test_of_several_tlvs_the_one_that_began_last_then_the_highest_number() -> None:
    older, low, high = (f"PO{code}-2024-0000{code[-1]}" for code in ("2209", "2201", "2202"))
    lines = [
        *REGION,
        tlv(older, "2024-08-01", "2025-07-31"),
        tlv(low, "2024-09-01", "2025-07-31"),
        tlv(high, "2024-09-01", "2025-07-31"),
        enrolled("2024-08-01", tlv=[high, older, low]),
    ]
    assert standing(lines, "2024-08-15")[0].nummer == older
    assert standing(lines, "2024-09-01")[0].nummer == high


def test_a_residential_segment_uses_links_of_the_school_alone() -> None:
    by_duo = about("TlvGekoppeld", nummer=TLV, door="duo")
    by_school = about("TlvGekoppeld", nummer=TLV, door="school")
    start = [*REGION, home(pc4="7511"), tlv(TLV, *YEAR)]
    stays = enrolled("2024-08-01", soort_verblijf="IJH")
    assert decided([*start, stays, by_duo], FEBRUARY) == (HERE, "Woonplaats leerling")
    assert decided([*start, stays, by_school], FEBRUARY) == (THERE, "TLV")
    assert decided([*start, stays, by_duo, by_school], FEBRUARY) == (THERE, "TLV")
    assert decided([*start, enrolled("2024-08-01"), by_duo], FEBRUARY) == (THERE, "TLV")


def test_a_link_taken_away_by_one_leaves_that_of_the_other() -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", tlv=[TLV]),
        about("TlvGekoppeld", nummer=TLV, door="duo"),
        about("TlvOntkoppeld", nummer=TLV, door="school"),
    ]
    assert decided(lines, FEBRUARY) == (THERE, "TLV")
    gone = about("TlvOntkoppeld", nummer=TLV, door="duo")
    assert decided([*lines, gone], FEBRUARY) == (HERE, "Woonplaats leerling")


# Basis and categorie.


@pytest.mark.parametrize(
    ("schoolsoort", "verblijf", "basis"),
    [
        ("SO", "geen", "OVERIG"),
        ("SO", "IJH", "RP"),
        ("SO", "IGZ", "RP"),
        ("VSO", "IJG", "RP"),
        ("SBO", "IJH", "OVERIG"),
        ("SBO", "geen", "OVERIG"),
    ],
)
def test_the_basis_without_a_tlv(schoolsoort: str, verblijf: str, basis: str) -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        enrolled("2024-08-01", schoolsoort=schoolsoort, soort_verblijf=verblijf),
    ]
    assert standing(lines, FEBRUARY)[0].basis == basis


def test_a_residential_segment_with_a_tlv_of_the_school_counts_as_tlv() -> None:
    stays = enrolled("2024-08-01", soort_verblijf="IJH", tlv=[TLV])
    assert standing([*REGION, tlv(TLV, *YEAR), stays], FEBRUARY)[0].basis == "TLV"


def test_the_categorie_without_a_tlv_is_the_registered_one_else_laag() -> None:
    lines = [*REGION, home(pc4="7511")]
    (row,) = standing([*lines, enrolled("2024-08-01")], FEBRUARY)
    assert row.categorie == "LAAG"
    more = enrolled("2024-08-01", ondersteuningscategorie="HOOG")
    (row,) = standing([*lines, more], FEBRUARY)
    assert row.categorie == "HOOG"
    sbo = enrolled("2024-08-01", schoolsoort="SBO", ondersteuningscategorie="HOOG")
    (row,) = standing([*lines, sbo], FEBRUARY)
    assert row.categorie == "SBO"


@pytest.mark.parametrize("schoolsoort", ["BO", "VO"])
def test_bo_and_vo_get_no_samenwerkingsverband(schoolsoort: str) -> None:
    lines = [*REGION, home(pc4="7511"), enrolled("2024-08-01", schoolsoort=schoolsoort)]
    (row,) = standing(lines, FEBRUARY)
    assert (row.swv, row.wijze, row.categorie, row.basis) == (None, "", None, None)
    assert row.reden == ""


@pytest.mark.parametrize("cluster", [1, 2, "1", "2"])
def test_cluster_1_and_2_get_no_samenwerkingsverband(cluster: object) -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", cluster=cluster, tlv=[TLV]),
    ]
    (row,) = standing(lines, FEBRUARY)
    assert (row.swv, row.nummer, row.reden) == (None, None, "cluster 1 of 2")


@pytest.mark.parametrize("cluster", [3, 4, "3", None])
def test_other_clusters_do(cluster: object) -> None:
    lines = [*REGION, home(pc4="7511"), enrolled("2024-08-01", cluster=cluster)]
    assert decided(lines, FEBRUARY) == (HERE, "Woonplaats leerling")


# Rule 2: the segment before it in the same enrolment.


def test_a_later_segment_takes_over_from_the_one_before() -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV, "2024-08-01", "2024-12-31"),
        enrolled("2024-08-01", tlv=[TLV]),
        about("InschrijvingGewijzigd", vanaf="2025-01-15", vestigingscode="12QN01"),
    ]
    assert decided(lines, "2025-01-10") == (THERE, "Vorige periode inschrijving")
    assert decided(lines, FEBRUARY) == (THERE, "Vorige periode inschrijving")
    assert standing(lines, FEBRUARY)[0].basis == "OVERIG"


def test_vo_passes_on_what_rests_on_a_tlv_alone() -> None:
    start = [*REGION, home(pc4="8011")]
    changed = about("InschrijvingGewijzigd", vanaf="2025-01-15", vestigingscode="12QN01")
    without = [*start, enrolled("2024-08-01", schoolsoort="VSO"), changed]
    assert decided(without, FEBRUARY) == (THERE_VO, "Woonplaats leerling")
    nummer = f"{HERE_VO}-2024-00001"
    with_tlv = [
        *start,
        tlv(nummer, "2024-08-01", "2024-12-31"),
        enrolled("2024-08-01", schoolsoort="VSO", tlv=[nummer]),
        changed,
    ]
    assert decided(with_tlv, "2025-01-10") == (HERE_VO, "Vorige periode inschrijving")
    assert decided(with_tlv, FEBRUARY) == (HERE_VO, "Vorige periode inschrijving")


def test_po_passes_on_whatever_it_rests_on() -> None:
    moved = {**home(pc4="8011"), "vanaf": "2024-12-01"}
    changed = about("InschrijvingGewijzigd", vanaf="2025-01-15", vestigingscode="12QN01")
    lines = [*REGION, home(pc4="7511"), moved, enrolled("2024-08-01"), changed]
    assert decided(lines, "2024-09-01") == (HERE, "Woonplaats leerling")
    assert decided(lines, FEBRUARY) == (HERE, "Vorige periode inschrijving")


# Rule 3: the previous enrolment, SO or VSO.


@pytest.mark.parametrize(("begin", "carried"), [("2025-01-29", True), ("2025-01-30", False)])
def test_a_gap_of_28_days_keeps_the_chain_and_29_breaks_it(begin: str, carried: bool) -> None:
    """The first ended on 31 December: 28 days lie between it and 29 January."""
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", "2024-12-31", tlv=[TLV]),
        enrolled(begin, key="14YY/2"),
    ]
    expected = (THERE, "Vorige inschrijving") if carried else (HERE, "Woonplaats leerling")
    assert decided(lines, FEBRUARY) == expected


def test_an_enrolment_that_still_ran_is_no_previous_one() -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", "2025-01-06", tlv=[TLV]),
        enrolled("2025-01-06", key="14YY/2"),
    ]
    assert decided(lines, FEBRUARY) == (HERE, "Woonplaats leerling")


def test_of_several_previous_ones_the_one_that_ended_last() -> None:
    other = f"{HERE}-2024-00002"
    lines = [
        *REGION,
        tlv(TLV, *YEAR),
        tlv(other, *YEAR),
        enrolled("2024-08-01", "2024-12-20", tlv=[TLV]),
        enrolled("2024-09-01", "2024-12-15", key="14YY/2", tlv=[other]),
        enrolled("2025-01-06", key="16EI/3"),
    ]
    assert decided(lines, FEBRUARY) == (THERE, "Vorige inschrijving")


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"begindatum": "2024-09-01", "key": "14YY/2"}, HERE),
        ({"begindatum": "2024-08-01", "key": "14YY/2"}, THERE),
        ({"begindatum": "2024-08-01", "key": "11AA/2"}, HERE),
    ],
)
def test_of_two_that_ended_together_the_later_begin_then_the_lowest_key(
    second: Line, expected: str
) -> None:
    other = f"{HERE}-2024-00002"
    lines = [
        *REGION,
        tlv(TLV, *YEAR),
        tlv(other, *YEAR),
        enrolled("2024-08-01", "2024-12-31", tlv=[TLV]),
        enrolled(einddatum="2024-12-31", tlv=[other], **second),
        enrolled("2025-01-06", key="16EI/3"),
    ]
    assert decided(lines, FEBRUARY) == (expected, "Vorige inschrijving")


def test_a_vso_enrolment_passes_on_what_rests_on_a_tlv_alone() -> None:
    soort = {"schoolsoort": "VSO"}
    carried = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV_VO, "2024-08-01", "2024-10-31"),
        enrolled("2024-08-01", "2024-12-31", tlv=[TLV_VO], **soort),
        enrolled("2025-01-06", key="14YY/2", **soort),
    ]
    assert decided(carried, "2024-12-01") == (THERE_VO, "Vorige periode inschrijving")
    assert decided(carried, FEBRUARY) == (THERE_VO, "Vorige inschrijving")
    moved = {**home(pc4="8011"), "vanaf": "2025-01-01"}
    without = [
        *REGION,
        home(pc4="7511"),
        moved,
        enrolled("2024-08-01", "2024-12-31", **soort),
        enrolled("2025-01-06", key="14YY/2", **soort),
    ]
    assert decided(without, FEBRUARY) == (THERE_VO, "Woonplaats leerling")


def test_a_chain_of_three_still_rests_on_the_tlv_of_the_first() -> None:
    soort = {"schoolsoort": "VSO"}
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV_VO, "2024-08-01", "2025-07-31"),
        enrolled("2024-08-01", "2024-10-31", tlv=[TLV_VO], **soort),
        enrolled("2024-11-01", "2024-12-31", key="14YY/2", **soort),
        enrolled("2025-01-01", key="16EI/3", **soort),
    ]
    assert decided(lines, FEBRUARY) == (THERE_VO, "Vorige inschrijving")


def test_nothing_is_passed_on_from_so_to_vso() -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", "2024-12-31", tlv=[TLV]),
        enrolled("2025-01-01", key="14YY/2", schoolsoort="VSO"),
    ]
    assert decided(lines, FEBRUARY) == (HERE_VO, "Woonplaats leerling")


# Rule 4: the vestiging of the previous enrolment.


@pytest.mark.parametrize("before", ["BO", "SBO"])
def test_the_vestiging_of_a_previous_bo_or_sbo(before: str) -> None:
    lines = [
        *REGION,
        home(pc4="7511"),
        enrolled("2024-08-01", "2024-12-31", key="14YY/1", schoolsoort=before),
        enrolled("2025-01-01"),
    ]
    assert decided(lines, FEBRUARY) == (THERE, "Vestiging vorige inschrijving")


def test_the_vestiging_of_a_previous_sbo_goes_before_its_own_tlv() -> None:
    """Rule 3 is for SO and VSO: what an SBO enrolment had does not pass on."""
    nummer = f"{HERE}-2024-00007"
    lines = [
        *REGION,
        tlv(nummer, *YEAR, "SBO"),
        enrolled("2024-08-01", "2024-12-31", key="14YY/1", schoolsoort="SBO", tlv=[nummer]),
        enrolled("2025-01-01"),
    ]
    assert decided(lines, "2024-10-01") == (HERE, "TLV")
    assert decided(lines, FEBRUARY) == (THERE, "Vestiging vorige inschrijving")


def test_the_vestiging_of_a_previous_vo_for_vso() -> None:
    before = enrolled("2024-08-01", "2024-12-31", key="14YY/1", schoolsoort="VO")
    after = enrolled("2025-01-01", schoolsoort="VSO")
    lines = [*REGION, home(pc4="7511"), before, after]
    assert decided(lines, FEBRUARY) == (THERE_VO, "Vestiging vorige inschrijving")
    lines[-1] = enrolled("2025-01-01")
    assert decided(lines, FEBRUARY) == (HERE, "Woonplaats leerling")


def test_a_previous_enrolment_that_was_not_funded_decides_nothing() -> None:
    before: Line = {"key": "14YY/1", "schoolsoort": "BO", "bekostigbaar": False}
    lines = [
        *REGION,
        home(pc4="7511"),
        enrolled("2024-08-01", "2024-12-31", **before),
        enrolled("2025-01-01"),
    ]
    assert decided(lines, FEBRUARY) == (HERE, "Woonplaats leerling")


def test_the_last_vestiging_as_linked_on_the_last_day() -> None:
    left = {"type": "VestigingUitgetreden", "bekend_op": "2024-01-01", "swv": HERE}
    lines = [
        *REGION,
        linked("12QN01", HERE),
        {**left, "vestigingscode": "12QN01", "tot_en_met": "2024-12-31"},
        linked("12QN01", THERE, "2025-01-01"),
        enrolled("2024-08-01", "2024-12-31", schoolsoort="BO"),
        about("InschrijvingGewijzigd", vanaf="2024-10-01", vestigingscode="12QN01"),
        enrolled("2025-01-01", key="14YY/2"),
    ]
    assert decided(lines, FEBRUARY) == (HERE, "Vestiging vorige inschrijving")


def test_a_vestiging_without_a_link_lets_the_residence_decide() -> None:
    lines = [
        *REGION,
        home(pc4="8011"),
        enrolled("2024-08-01", "2024-12-31", key="16EI/1", schoolsoort="BO"),
        enrolled("2025-01-01"),
    ]
    assert decided(lines, FEBRUARY) == (THERE, "Woonplaats leerling")


# Rule 5: the residence.


def test_the_residence_on_the_begindatum() -> None:
    moved = {**home(pc4="8011"), "vanaf": "2024-08-02"}
    lines = [*REGION, home(pc4="7511"), moved, enrolled("2024-08-01")]
    assert decided(lines, FEBRUARY) == (HERE, "Woonplaats leerling")


def test_without_one_on_the_begindatum_that_of_the_first_day_of_the_segment() -> None:
    nummer = f"{HERE_VO}-2024-00001"
    lines = [
        *REGION,
        {**home(pc4="8011"), "vanaf": "2024-12-01"},
        {**home(pc4="7511"), "vanaf": "2025-06-01"},
        tlv(nummer, "2025-03-01", "2025-07-31"),
        enrolled("2024-08-01", schoolsoort="VSO", tlv=[nummer]),
        about("InschrijvingGewijzigd", vanaf="2025-01-15", vestigingscode="12QN01"),
    ]
    assert decided(lines, FEBRUARY) == (THERE_VO, "Woonplaats leerling")
    # Before it: no residence on any of its days, so the first one known.
    assert decided(lines, "2024-09-01") == (THERE_VO, "Woonplaats leerling")


def test_the_table_of_the_begindatum_counts() -> None:
    lines = [
        *REGION,
        area("7511", THERE, THERE_VO, "2024-08-02"),
        home(pc4="7511"),
        enrolled("2024-08-01"),
    ]
    assert decided(lines, FEBRUARY) == (HERE, "Woonplaats leerling")
    later = enrolled("2024-08-02", key="14YY/2")
    assert decided([*lines[:-1], later], FEBRUARY) == (THERE, "Woonplaats leerling")


def test_of_two_tables_of_one_day_the_one_known_last() -> None:
    again = {**area("7511", THERE, THERE_VO), "bekend_op": "2025-03-01"}
    lines = [*REGION, again, home(pc4="7511"), enrolled("2024-08-01")]
    assert decided(lines, FEBRUARY) == (THERE, "Woonplaats leerling")
    assert decided(lines, FEBRUARY, "2025-02-28") == (HERE, "Woonplaats leerling")


def test_a_table_without_one_sector_decides_nothing_there() -> None:
    lines = [area("7511", None, HERE_VO), home(pc4="7511"), enrolled("2024-08-01")]
    assert decided(lines, FEBRUARY) == ("", "")
    lines[-1] = enrolled("2024-08-01", schoolsoort="VSO")
    assert decided(lines, FEBRUARY) == (HERE_VO, "Woonplaats leerling")


def test_a_residence_by_its_samenwerkingsverbanden() -> None:
    lines = [home(swv=[THERE, HERE_VO]), enrolled("2024-08-01")]
    assert decided(lines, FEBRUARY) == (THERE, "Woonplaats leerling")
    lines[-1] = enrolled("2024-08-01", schoolsoort="VSO")
    assert decided(lines, FEBRUARY) == (HERE_VO, "Woonplaats leerling")
    assert decided([home(swv=[THERE]), lines[-1]], FEBRUARY) == ("", "")


# Rule 6: abroad.


def test_abroad_the_vestiging_decides_as_linked_on_the_first_day_of_the_segment() -> None:
    later = linked("12QN00", THERE, "2024-09-01")
    lines = [*REGION, later, home(buitenland=True), enrolled("2024-08-01")]
    assert decided(lines, FEBRUARY) == (HERE, "Vestiging inschrijving")
    lines[-1] = enrolled("2024-09-01")
    assert decided(lines, FEBRUARY) == (THERE, "Vestiging inschrijving")
    lines[-1] = enrolled("2024-09-01", key="16EI/1")
    assert decided(lines, FEBRUARY) == ("", "")


def test_of_overlapping_links_the_one_known_last_wins() -> None:
    late = {**linked("12QN00", THERE, "2014-08-01"), "bekend_op": "2025-03-01"}
    lines = [late, *REGION, home(buitenland=True), enrolled("2024-08-01")]
    assert decided(lines, FEBRUARY) == (THERE, "Vestiging inschrijving")
    assert decided(lines, FEBRUARY, "2025-02-28") == (HERE, "Vestiging inschrijving")


def test_a_vestiging_can_be_linked_in_both_sectors() -> None:
    lines = [*REGION, home(buitenland=True), enrolled("2024-08-01", schoolsoort="VSO")]
    assert decided(lines, FEBRUARY) == (HERE_VO, "Vestiging inschrijving")


# Rule 7: what DUO reported.


def test_what_duo_reported_where_nothing_else_decides() -> None:
    said: Line = {"swv": THERE, "wijze": "Woonplaats leerling", "telt": True}
    told = about("BepalingGemeld", teldatum=FEBRUARY, **said)
    assert decided([enrolled("2024-08-01"), told], FEBRUARY) == (THERE, "Woonplaats leerling")
    lines = [*REGION, home(pc4="7511"), enrolled("2024-08-01"), told]
    assert decided(lines, FEBRUARY) == (HERE, "Woonplaats leerling")


def test_a_report_for_a_teldatum_before_the_segment_says_nothing() -> None:
    told = about("BepalingGemeld", teldatum="2024-02-01", swv=THERE, wijze="TLV")
    lines = [enrolled("2024-01-08"), told]
    assert decided(lines, FEBRUARY) == (THERE, "TLV")
    changed = about("InschrijvingGewijzigd", vanaf="2024-03-01", vestigingscode="12QN01")
    carried = [*lines, changed]
    assert decided(carried, FEBRUARY) == (THERE, "Vorige periode inschrijving")
    vso = [enrolled("2024-01-08", schoolsoort="VSO"), {**told, "swv": THERE_VO}, changed]
    assert decided(vso, "2024-02-15") == (THERE_VO, "TLV")
    assert decided(vso, FEBRUARY) == ("", "")


def test_the_report_known_last_counts() -> None:
    first = about("BepalingGemeld", teldatum=FEBRUARY, swv=THERE, wijze="TLV")
    second = {**first, "bekend_op": "2025-05-01", "swv": HERE}
    lines = [enrolled("2024-08-01"), second, first]
    assert decided(lines, FEBRUARY) == (HERE, "TLV")
    assert decided(lines, FEBRUARY, "2025-04-30") == (THERE, "TLV")
    assert decided(lines, FEBRUARY, "2024-08-31") == ("", "")


# Rule 8 and segments.


def test_where_nothing_decides_it_does_not_count() -> None:
    (row,) = standing([*REGION, enrolled("2024-08-01")], FEBRUARY)
    assert (row.swv, row.wijze, row.reden) == (None, "", "geen samenwerkingsverband")


def test_segments_split_at_periods_and_at_the_usable_tlv_alone() -> None:
    second = f"{THERE}-2024-00002"
    lines = [
        *REGION,
        home(pc4="7511"),
        {**home(pc4="8011"), "vanaf": "2024-11-11"},
        linked("12QN00", THERE, "2024-10-10"),
        tlv(TLV, "2024-09-01", "2025-07-31"),
        tlv(second, "2024-09-01", "2025-01-31"),
        enrolled("2024-08-01", "2025-06-30", tlv=[TLV, second]),
        about("InschrijvingGewijzigd", vanaf="2025-03-01", leerjaar=4),
    ]
    days = [
        (item.geldig_van, item.geldig_tot, item.nummer)
        for item, _, tot, *_ in found(lines)
        if isinstance(item, Stand) and tot is None
    ]
    assert sorted(days) == [
        (date(2024, 8, 1), date(2024, 9, 1), None),
        (date(2024, 9, 1), date(2025, 2, 1), second),
        (date(2025, 2, 1), date(2025, 3, 1), TLV),
        (date(2025, 3, 1), date(2025, 7, 1), TLV),
    ]


def test_a_move_counts_the_same_as_one_enrolment_or_as_two() -> None:
    one = [
        *REGION,
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", tlv=[TLV]),
        about("InschrijvingGewijzigd", vanaf="2025-01-01", vestigingscode="12QN01"),
    ]
    two = [
        *REGION,
        tlv(TLV, *YEAR),
        enrolled("2024-08-01", "2024-12-31", tlv=[TLV]),
        enrolled("2025-01-01", key="12QN/2", vestigingscode="12QN01", tlv=[TLV]),
    ]
    for day in ("2024-10-01", "2024-12-31", "2025-01-01", FEBRUARY):
        (here,), (there,) = standing(one, day), standing(two, day)
        assert (here.vestigingscode, here.swv, here.categorie, here.basis, here.reden) == (
            there.vestigingscode,
            there.swv,
            there.categorie,
            there.basis,
            there.reden,
        )
