"""The mutations of a count (rules.md 8): what happened between two teldata, and this answer.

The counts are those of 1 October 2024 and 1 February 2025, both as known now.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.why_examples import (
    HERE,
    HERE_VO,
    ONDERWIJSNUMMER,
    OTHER_PGN,
    PGN,
    REGION,
    THERE,
    THERE_VO,
    TLV_HERE,
    TLV_THERE,
    TLV_VO,
    Answer,
    Change,
    Line,
    about,
    enrolled,
    event,
    home,
    joined,
    linking,
    tlv,
    why,
)

OCTOBER, FEBRUARY = "2024-10-01", "2025-02-01"
IN = "PO2304 SO 12QN00 LAAG TLV"
BY_HOME = "PO2304 SO 12QN00 LAAG OVERIG"
BY_TLV_THERE = "PO2202 SO 12QN00 LAAG TLV"
IN_VSO = "VO2305 VSO 12QN00 LAAG TLV"
TLVS = [tlv(), tlv(TLV_THERE), tlv(TLV_VO)]
WITH_TLV: Line = {"tlv": [TLV_HERE]}
HIGH = f"{HERE}-2025-00009"
RUNNING = enrolled("2024-08-01", **WITH_TLV)
NOTHING = Answer((1, 1), [], [])


def moved(history: list[Line], **selection: Any) -> Answer:  # noqa: ANN401 - of Selection
    """Return why the count of HERE moved, unless another selection is asked for."""
    return why([*REGION, *TLVS, *history], OCTOBER, FEBRUARY, **(selection or {"swv": HERE}))


def one(*change: Any) -> list[Change]:  # noqa: ANN401 - the fields of Change
    """Return the only change."""
    return [Change(*change)]


def ended(einddatum: str, key: str = "12QN/1", known: str = "2024-12-20") -> Line:
    """Return an uitschrijving."""
    return about("UitschrijvingGeregistreerd", known, key=key, einddatum=einddatum)


def changed(vanaf: str, **fields: Any) -> Line:  # noqa: ANN401 - any field of the event
    """Return a period that starts within the enrolment."""
    return about("InschrijvingGewijzigd", "2024-12-21", vanaf=vanaf, **fields)


# Instroom


def test_a_new_pupil() -> None:
    new = enrolled("2024-11-04", "2024-11-05", **WITH_TLV)
    assert moved([new]) == Answer((0, 1), [], one("instroom", 1, "", IN, [new]))


@pytest.mark.parametrize(
    ("begindatum", "aantallen"),
    [
        ("2024-10-01", (1, 1)),
        ("2024-10-02", (0, 1)),
        ("2025-02-01", (0, 1)),
        ("2025-02-02", (0, 0)),
    ],
)
def test_a_pupil_is_new_after_the_first_teldatum_and_up_to_the_second(
    begindatum: str, aantallen: tuple[int, int]
) -> None:
    found = moved([enrolled(begindatum, "2025-02-05", **WITH_TLV)])
    assert found.aantallen == aantallen
    assert len(found.mutaties) == aantallen[1] - aantallen[0]


def test_a_pupil_from_a_basisschool_names_the_leaving_and_the_coming() -> None:
    before = enrolled("2020-08-01", key="15BO/7", soort="BO")
    left = ended("2024-12-31", "15BO/7")
    came = enrolled("2025-01-01", "2025-01-07", **WITH_TLV)
    found = moved([before, left, came])
    assert found.mutaties == one("instroom", 1, "(BO 15BO00)", IN, [left, came])


def test_a_pupil_from_vo_to_vso() -> None:
    before = enrolled("2022-08-01", key="12QN/7", soort="VO")
    left = ended("2024-12-31", "12QN/7")
    came = enrolled("2025-01-01", "2025-01-07", soort="VSO", tlv=[TLV_VO])
    found = moved([before, left, came], swv=HERE_VO)
    assert found == Answer((0, 1), [], one("instroom", 1, "(VO 12QN00)", IN_VSO, [left, came]))


@pytest.mark.parametrize(
    ("before", "after", "reden"),
    [
        ({"soort_verblijf": "GJI"}, {"soort_verblijf": "geen"}, "gesloten inrichting"),
        ({"bekostigbaar": False}, {"bekostigbaar": True}, "niet bekostigbaar"),
        ({"cluster": 1}, {"cluster": 4}, "cluster 1 of 2"),
    ],
)
def test_a_pupil_that_begins_to_count_and_one_that_ceases_to(
    before: Line, after: Line, reden: str
) -> None:
    comes = changed("2025-01-01", **after)
    found = moved([enrolled("2024-08-01", **WITH_TLV, **before), comes])
    assert found.mutaties == one("instroom", 1, f"({reden})", IN, [comes])
    goes = changed("2025-01-01", **before)
    found = moved([enrolled("2024-08-01", **WITH_TLV, **after), goes])
    assert found.mutaties == one("uitstroom", -1, IN, f"({reden})", [goes])


def test_a_pupil_that_comes_from_the_other_side_of_the_border_by_a_new_enrolment() -> None:
    before = enrolled("2024-08-01", key="14YY/2", tlv=[TLV_THERE])
    left = ended("2024-12-31", "14YY/2")
    came = enrolled("2025-01-01", "2025-01-07", **WITH_TLV)
    found = moved([before, left, came])
    assert found.mutaties == one(
        "overgang naar ander samenwerkingsverband",
        1,
        "(PO2202 SO 14YY00 LAAG TLV)",
        IN,
        [left, came],
    )


def test_the_second_enrolment_that_wins_from_there() -> None:
    there = enrolled("2024-08-01", key="14YY/2", tlv=[TLV_THERE])
    came = enrolled("2025-01-06", "2025-01-07", **WITH_TLV)
    found = moved([there, came], schoolsoorten=("SO",))
    assert found.mutaties == one(
        "overgang naar ander samenwerkingsverband", 0, "PO2202 SO 14YY00 LAAG TLV", IN, [came]
    )


def test_a_count_by_tlv_names_the_link_that_came_after_the_enrolment() -> None:
    new = enrolled("2024-11-04", "2024-11-05")
    link = linking("2024-11-20")
    by_tlv = moved([new, link], swv=HERE, basis="TLV")
    assert by_tlv.mutaties == one("instroom", 1, "", IN, [new, link])
    assert moved([new, link]).mutaties == one("instroom", 1, "", IN, [new])


def test_a_pupil_whose_number_was_replaced_names_what_brought_it_and_not_the_number() -> None:
    number: Line = {"pgn": ONDERWIJSNUMMER}
    came = enrolled("2024-11-04", "2024-11-05", **WITH_TLV, **number)
    became = event("PgnVervangen", "2024-12-15", ONDERWIJSNUMMER, nieuw_pgn=PGN)
    found = moved([home(**number), tlv(**number), came, became])
    assert found == Answer((0, 1), [], one("instroom", 1, "", IN, [came]))


# Uitstroom


def test_a_pupil_that_leaves() -> None:
    left = ended("2024-12-31")
    assert moved([RUNNING, left]) == Answer((1, 0), [], one("uitstroom", -1, IN, "", [left]))


def test_a_pupil_that_leaves_for_a_basisschool() -> None:
    left = ended("2024-12-31")
    back = enrolled("2025-01-01", "2025-01-07", key="15BO/8", soort="BO")
    found = moved([RUNNING, left, back])
    assert found.mutaties == one("uitstroom", -1, IN, "(BO 15BO00)", [left, back])


def test_a_pupil_that_was_registered_with_its_end() -> None:
    short = enrolled("2024-08-01", einddatum="2024-12-31", **WITH_TLV)
    assert moved([short]).mutaties == one("uitstroom", -1, IN, "", [short])


def test_an_end_that_was_corrected_names_the_correction() -> None:
    corrected = about("InschrijvingGecorrigeerd", "2025-03-01", einddatum="2025-01-15")
    found = moved([RUNNING, ended("2024-12-31"), corrected])
    assert found.mutaties == one("uitstroom", -1, IN, "", [corrected])


def test_a_pupil_that_goes_on_to_vso_leaves_po_and_comes_into_vo() -> None:
    left = ended("2024-12-31")
    came = enrolled("2025-01-01", "2025-01-07", key="12QN/2", soort="VSO", tlv=[TLV_VO])
    history = [RUNNING, left, came]
    assert moved(history) == Answer(
        (1, 0), [], one("uitstroom", -1, IN, f"({IN_VSO})", [left, came])
    )
    assert moved(history, swv=HERE_VO) == Answer(
        (0, 1), [], one("instroom", 1, f"({IN})", IN_VSO, [left, came])
    )
    assert moved(history, vestigingscode="12QN00").mutaties == one(
        "doorstroom", 0, IN, IN_VSO, [left, came]
    )


def test_a_pupil_that_a_second_enrolment_at_a_basisschool_takes_away() -> None:
    other = enrolled("2024-12-01", "2024-12-03", key="15BO/8", soort="BO")
    found = moved([RUNNING, other])
    assert found.mutaties == one("uitstroom", -1, IN, "(BO 15BO00)", [other])


def test_a_tlv_that_begins_on_the_day_of_leaving_and_is_linked_to_nothing_is_not_named() -> None:
    unused = tlv(HIGH, "HOOG", ("2025-01-01", "2026-07-31"), known="2024-12-10")
    left = ended("2024-12-31")
    assert moved([RUNNING, unused, left]).mutaties == one("uitstroom", -1, IN, "", [left])


# Doorstroom

TO_THERE = "PO2304 SO 14YY00 LAAG TLV"
TWO_ENROLMENTS = [
    RUNNING,
    ended("2024-12-31"),
    enrolled("2025-01-01", "2025-01-07", key="14YY/2", **WITH_TLV),
]
ONE_ENROLMENT = [RUNNING, changed("2025-01-01", vestigingscode="14YY00")]


@pytest.mark.parametrize("history", [TWO_ENROLMENTS, ONE_ENROLMENT], ids=["two", "one"])
def test_a_move_to_another_vestiging_is_the_same_as_one_enrolment_or_two(
    history: list[Line],
) -> None:
    door = history[1:]
    assert moved(history) == Answer((1, 1), [], one("doorstroom", 0, IN, TO_THERE, door))
    assert moved(history, vestigingscode="12QN00") == Answer(
        (1, 0), [], one("doorstroom", -1, IN, f"({TO_THERE})", door)
    )
    assert moved(history, vestigingscode="14YY00") == Answer(
        (0, 1), [], one("doorstroom", 1, f"({IN})", TO_THERE, door)
    )
    assert moved(history, swv=HERE, categorie="LAAG").mutaties == one(
        "doorstroom", 0, IN, TO_THERE, door
    )


def test_a_move_with_the_summer_between() -> None:
    left = ended("2025-07-31", known="2025-07-10")
    came = enrolled("2025-09-01", "2025-09-03", key="14YY/2", **WITH_TLV)
    found = why([*REGION, *TLVS, RUNNING, left, came], FEBRUARY, "2026-02-01", swv=HERE)
    assert found == Answer((1, 1), [], one("doorstroom", 0, IN, TO_THERE, [left, came]))
    in_august = why([*REGION, *TLVS, RUNNING, left, came], FEBRUARY, "2025-08-15", swv=HERE)
    assert in_august == Answer((1, 0), [], one("uitstroom", -1, IN, "", [left]))


def test_a_new_enrolment_at_the_same_vestiging_is_no_change_of_the_count() -> None:
    again = [ended("2024-12-31"), enrolled("2025-01-01", "2025-01-07", key="12QN/2", **WITH_TLV)]
    found = moved([RUNNING, *again])
    assert found.aantallen == (1, 1)
    assert sum(change.bijdrage for change in found.mutaties) == 0
    assert {change.klasse for change in found.mutaties} <= {"doorstroom"}


def test_a_double_that_ends_with_the_enrolment_that_won() -> None:
    winner = enrolled("2024-09-01", "2024-09-03", key="14YY/2", **WITH_TLV)
    left = ended("2024-12-31", "14YY/2")
    found = moved([RUNNING, winner, left])
    assert found == Answer((1, 1), [], one("doorstroom", 0, TO_THERE, IN, [left]))


def test_a_move_to_a_vestiging_where_the_tlv_is_not_linked() -> None:
    """Rule 3 carries the samenwerkingsverband on; a move is told before the tlv that stopped."""
    left = ended("2024-12-31")
    came = enrolled("2025-01-01", "2025-01-07", key="14YY/2")
    found = moved([RUNNING, left, came])
    na = "PO2304 SO 14YY00 LAAG OVERIG"
    assert found.mutaties == one("doorstroom", 0, IN, na, [left, came])
    by_tlv = moved([RUNNING, left, came], swv=HERE, basis="TLV")
    assert by_tlv.mutaties == one("tlv verlopen", -1, IN, f"({na})", [left, came])


def test_a_move_from_sbo_to_so_within_the_samenwerkingsverband() -> None:
    number = f"{HERE}-2024-00005"
    sbo = enrolled("2024-08-01", key="14YY/5", soort="SBO", tlv=[number])
    left = ended("2024-12-31", "14YY/5")
    came = enrolled("2025-01-01", "2025-01-07", **WITH_TLV)
    history = [tlv(number, "SBO"), sbo, left, came]
    door = [left, came]
    voor = "PO2304 SBO 14YY00 SBO TLV"
    assert moved(history).mutaties == one("doorstroom", 0, voor, IN, door)
    by_sort = moved(history, swv=HERE, schoolsoorten=("SO",))
    assert by_sort == Answer((0, 1), [], one("doorstroom", 1, f"({voor})", IN, door))


def test_away_and_back_at_the_same_place_is_no_change() -> None:
    away = changed("2024-11-01", vestigingscode="12QN01")
    back = about("InschrijvingGewijzigd", "2025-01-02", vanaf="2025-01-01", vestigingscode="12QN00")
    assert moved([RUNNING, away, back]) == NOTHING


# Categoriewijziging


def test_case_c9_a_new_tlv_high_from_january() -> None:
    issued = tlv(HIGH, "HOOG", ("2025-01-01", "2026-07-31"), known="2024-12-10")
    link = linking("2025-01-08", HIGH)
    history = [RUNNING, issued, link]
    na = "PO2304 SO 12QN00 HOOG TLV"
    door = [issued, link]
    assert moved(history) == Answer((1, 1), [], one("categoriewijziging", 0, IN, na, door))
    low, high = (moved(history, swv=HERE, categorie=each) for each in ("LAAG", "HOOG"))
    assert low == Answer((1, 0), [], one("categoriewijziging", -1, IN, f"({na})", door))
    assert high == Answer((0, 1), [], one("categoriewijziging", 1, f"({IN})", na, door))


def test_a_registered_categorie_that_changes() -> None:
    raised = changed("2025-01-01", ondersteuningscategorie="MIDDEN")
    found = moved([enrolled("2024-08-01"), raised])
    assert found.mutaties == one(
        "categoriewijziging", 0, BY_HOME, "PO2304 SO 12QN00 MIDDEN OVERIG", [raised]
    )


# Tlv verlopen


def test_a_tlv_that_ends_is_carried_on_by_rule_2() -> None:
    """Named are the tlv, which said when it ends, and the enrolment that it was linked to."""
    number = f"{HERE}-2022-00007"
    history = [
        tlv(number, days=("2022-08-01", "2024-12-31"), known="2022-07-01"),
        enrolled("2022-08-01", "2022-08-25", tlv=[number]),
    ]
    assert moved(history) == Answer((1, 1), [], one("tlv verlopen", 0, IN, BY_HOME, history))
    by_tlv = moved(history, swv=HERE, basis="TLV")
    assert by_tlv == Answer((1, 0), [], one("tlv verlopen", -1, IN, f"({BY_HOME})", history))
    others = moved(history, swv=HERE, basis="OVERIG")
    assert others == Answer((0, 1), [], one("tlv verlopen", 1, f"({IN})", BY_HOME, history))


def test_a_tlv_that_is_withdrawn_per_a_day_names_the_withdrawal() -> None:
    withdrawn = event("TlvIngetrokken", "2024-12-15", nummer=TLV_HERE, per="2025-01-01")
    found = moved([RUNNING, withdrawn])
    assert found.mutaties == one("tlv verlopen", 0, IN, BY_HOME, [withdrawn])


def test_a_tlv_that_ended_earlier_than_was_said_names_the_change() -> None:
    shorter = event("TlvGewijzigd", "2024-12-15", nummer=TLV_HERE, einddatum="2024-12-31")
    found = moved([RUNNING, shorter])
    assert found.mutaties == one("tlv verlopen", 0, IN, BY_HOME, [shorter])


def test_a_tlv_high_that_ends_lowers_the_categorie_and_is_called_verlopen() -> None:
    number = f"{HERE}-2022-00007"
    history = [
        tlv(number, "HOOG", ("2022-08-01", "2024-12-31"), known="2022-07-01"),
        enrolled("2022-08-01", "2022-08-25", tlv=[number]),
    ]
    (change,) = moved(history).mutaties
    assert change[:4] == ("tlv verlopen", 0, "PO2304 SO 12QN00 HOOG TLV", BY_HOME)
    (change,) = moved(history, swv=HERE, categorie="HOOG").mutaties
    assert change.bijdrage == -1


def test_a_tlv_that_a_new_one_follows_is_no_change() -> None:
    number = f"{HERE}-2022-00007"
    history = [
        tlv(number, days=("2022-08-01", "2024-12-31"), known="2022-07-01"),
        enrolled("2022-08-01", "2022-08-25", tlv=[number]),
        tlv(HIGH, "LAAG", ("2025-01-01", "2027-07-31"), known="2024-12-10"),
        linking("2024-12-10", HIGH),
    ]
    found = moved(history)
    assert found.aantallen == (1, 1)
    assert found.mutaties == []


# Tlv begonnen


def test_a_tlv_that_begins_within_the_own_samenwerkingsverband() -> None:
    number = f"{HERE}-2025-00002"
    door = [
        tlv(number, days=("2025-01-01", "2026-07-31"), known="2024-12-01"),
        linking("2024-12-10", number),
    ]
    history = [enrolled("2024-08-01"), *door]
    assert moved(history) == Answer((1, 1), [], one("tlv begonnen", 0, BY_HOME, IN, door))
    by_tlv = moved(history, swv=HERE, basis="TLV")
    assert by_tlv == Answer((0, 1), [], one("tlv begonnen", 1, f"({BY_HOME})", IN, door))


def test_a_tlv_that_begins_where_nobody_answered() -> None:
    number = f"{HERE}-2025-00002"
    pupil: Line = {"pgn": OTHER_PGN}
    door = [
        tlv(number, days=("2025-01-01", "2026-07-31"), known="2024-12-01", **pupil),
        linking("2024-12-10", number, **pupil),
    ]
    found = moved([enrolled("2024-08-01", **pupil), *door])
    assert found == Answer(
        (0, 1), [], one("tlv begonnen", 1, "(geen samenwerkingsverband)", IN, door)
    )


# Overgang naar ander samenwerkingsverband


def test_a_tlv_of_another_samenwerkingsverband_begins() -> None:
    number = f"{THERE}-2025-00002"
    door = [
        tlv(number, days=("2025-01-01", "2026-07-31"), known="2024-12-01"),
        linking("2024-12-10", number),
    ]
    history = [enrolled("2024-08-01"), *door]
    klasse = "overgang naar ander samenwerkingsverband"
    assert moved(history) == Answer((1, 0), [], one(klasse, -1, BY_HOME, f"({BY_TLV_THERE})", door))
    assert moved(history, swv=THERE) == Answer(
        (0, 1), [], one(klasse, 1, f"({BY_HOME})", BY_TLV_THERE, door)
    )
    assert moved(history, schoolsoorten=("SO",)) == Answer(
        (1, 1), [], one(klasse, 0, BY_HOME, BY_TLV_THERE, door)
    )


def test_a_move_over_the_border_with_the_tlv_of_the_other_side() -> None:
    left = ended("2024-12-31")
    came = enrolled("2025-01-01", "2025-01-07", key="14YY/2", tlv=[TLV_THERE])
    klasse = "overgang naar ander samenwerkingsverband"
    na = "PO2202 SO 14YY00 LAAG TLV"
    here, there = (moved([RUNNING, left, came], swv=swv) for swv in (HERE, THERE))
    assert here.mutaties == one(klasse, -1, IN, f"({na})", [left, came])
    assert there.mutaties == one(klasse, 1, f"({IN})", na, [left, came])


def test_a_move_over_the_border_of_vo() -> None:
    there = f"{THERE_VO}-2024-00001"
    left = ended("2024-12-31")
    came = enrolled("2025-01-01", "2025-01-07", key="14YY/2", soort="VSO", tlv=[there])
    begun = enrolled("2024-08-01", soort="VSO", tlv=[TLV_VO])
    history = [tlv(there), begun, left, came]
    here = moved(history, swv=HERE_VO)
    assert [change.klasse for change in here.mutaties] == [
        "overgang naar ander samenwerkingsverband"
    ]
    assert moved(history, swv=THERE_VO).aantallen == (0, 1)


# The two moments


def backwards(answer: Answer) -> Answer:
    """Return what the same question says asked the other way round."""
    turned = [
        change._replace(bijdrage=-change.bijdrage, voor=change.na, na=change.voor)
        for change in answer.mutaties
    ]
    return Answer((answer.aantallen[1], answer.aantallen[0]), [], turned)


@pytest.mark.parametrize(
    "history",
    [
        [enrolled("2024-11-04", "2024-11-05", **WITH_TLV)],
        [RUNNING, ended("2024-12-31")],
        TWO_ENROLMENTS,
        ONE_ENROLMENT,
        [enrolled("2024-08-01"), changed("2025-01-01", ondersteuningscategorie="HOOG")],
        [RUNNING, event("TlvIngetrokken", "2024-12-15", nummer=TLV_HERE, per="2025-01-01")],
        [
            enrolled("2024-08-01"),
            tlv(HIGH, "HOOG", ("2025-01-01", "2026-07-31")),
            linking("2025-01-08", HIGH),
        ],
    ],
    ids=["instroom", "uitstroom", "doorstroom", "doorstroom, one enrolment", "categoriewijziging",
         "tlv verlopen", "tlv begonnen"],
)  # fmt: skip
def test_back_in_time_turns_the_sign_and_keeps_class_and_events(history: list[Line]) -> None:
    lines = [*REGION, *TLVS, *history]
    forwards = why(lines, OCTOBER, FEBRUARY, swv=HERE)
    assert forwards.mutaties
    assert why(lines, FEBRUARY, OCTOBER, swv=HERE) == backwards(forwards)


def test_between_a_teldatum_and_itself_nothing_happened() -> None:
    for history in (TWO_ENROLMENTS, [RUNNING]):
        lines = [*REGION, *TLVS, *history]
        assert why(lines, FEBRUARY, FEBRUARY, swv=HERE) == NOTHING
    late = enrolled("2024-08-01", "2025-03-10", **WITH_TLV)
    found = why([*REGION, *TLVS, late], FEBRUARY, f"{FEBRUARY}@vaststelling", swv=HERE)
    assert found.aantallen == (1, 0)
    assert found.mutaties == []


def test_what_is_known_after_the_second_moment_did_not_happen_yet() -> None:
    left = ended("2024-12-31", known="2025-03-10")
    history = [*REGION, *TLVS, RUNNING, left]
    assert why(history, f"{OCTOBER}@2025-03-09", f"{FEBRUARY}@2025-03-09", swv=HERE) == NOTHING
    known = why(history, f"{OCTOBER}@2025-03-10", f"{FEBRUARY}@2025-03-10", swv=HERE)
    assert known.mutaties == one("uitstroom", -1, IN, "", [left])


def test_a_link_known_after_the_second_moment_is_not_named() -> None:
    new = enrolled("2024-11-04", "2024-11-05")
    history = [*REGION, *TLVS, new, linking("2025-03-10")]
    found = why(history, f"{OCTOBER}@2025-03-09", f"{FEBRUARY}@2025-03-09", swv=HERE)
    assert found.mutaties == one("instroom", 1, "", BY_HOME, [new])


def test_the_knowledge_of_the_second_moment_is_that_of_all_mutations() -> None:
    """The leaving was known only after the vaststelling of October: a mutation all the same."""
    left = ended("2024-12-31", known="2025-01-10")
    history = [*REGION, *TLVS, RUNNING, left]
    found = why(history, f"{OCTOBER}@2024-10-15", f"{FEBRUARY}@2025-03-03", swv=HERE)
    assert found == Answer((1, 0), [], one("uitstroom", -1, IN, "", [left]))


def test_a_link_of_a_vestiging_that_changes_on_a_day_moves_nobody_within_an_enrolment() -> None:
    """Rule 4 looks at the last day of the enrolment before: the day of the change is past."""
    came = [
        enrolled("2020-08-01", key="15BO/7", soort="BO", einddatum="2024-07-31"),
        enrolled("2024-08-01"),
    ]
    over = {**joined("15BO00", THERE, known="2024-11-01"), "vanaf": "2025-01-01"}
    assert moved([*came, over]) == NOTHING


def test_a_removal_to_another_area_moves_nobody_within_an_enrolment() -> None:
    away = {**home("8011", "2024-12-20"), "vanaf": "2025-01-01"}
    assert moved([enrolled("2024-08-01"), away]) == NOTHING


def test_pupils_come_and_go_each_for_themselves() -> None:
    left = ended("2024-12-31")
    other = [
        home(pgn=OTHER_PGN),
        enrolled("2024-11-01", "2024-11-05", key="12QN/9", pgn=OTHER_PGN),
    ]
    found = moved([RUNNING, left, *other])
    assert found == Answer(
        (1, 1),
        [],
        [
            Change("instroom", 1, "", BY_HOME, [other[1]]),
            Change("uitstroom", -1, IN, "", [left]),
        ],
    )
