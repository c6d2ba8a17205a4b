"""The corrections of a count (rules.md 8): these events, known when, and this answer.

The count is that of 1 February 2025; `why` explains it from vaststelling to half a year later.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.why_examples import (
    FIXED,
    HERE,
    HERE_VO,
    IN_TIME,
    LATER,
    ONDERWIJSNUMMER,
    OTHER_PGN,
    PGN,
    REGION,
    THERE,
    TLV_HERE,
    TLV_THERE,
    Answer,
    Change,
    Line,
    T,
    about,
    area,
    enrolled,
    event,
    home,
    joined,
    linking,
    tlv,
    why,
)

LATE = "2025-03-10"
IN = "PO2304 SO 12QN00 LAAG TLV"
BY_HOME = "PO2304 SO 12QN00 LAAG OVERIG"
TLVS = [tlv(), tlv(TLV_THERE)]
WITH_TLV: Line = {"tlv": [TLV_HERE]}
NOTHING = Answer((1, 1), [], [])


def corrected(history: list[Line], **selection: Any) -> Answer:  # noqa: ANN401 - of Selection
    """Return why the count of HERE was corrected, unless another selection is asked for."""
    return why([*REGION, *history], FIXED, LATER, **(selection or {"swv": HERE}))


def one(*change: Any) -> list[Change]:  # noqa: ANN401 - the fields of Change
    """Return the only change."""
    return [Change(*change)]


# Late registratie


def test_an_enrolment_that_is_registered_after_vaststelling() -> None:
    late = enrolled("2024-08-01", LATE)
    assert corrected([late]) == Answer((0, 1), one("late registratie", 1, "", BY_HOME, [late]), [])


def test_a_delivery_that_came_as_one_is_named_as_one() -> None:
    delivery = [tlv(known=LATE), enrolled("2024-08-01", LATE, **WITH_TLV)]
    found = corrected(delivery)
    assert found.correcties == one("late registratie", 1, "", IN, delivery)


def test_a_link_in_the_same_delivery_is_named_too() -> None:
    delivery = [tlv(known=LATE), enrolled("2024-08-01", LATE), linking(LATE)]
    assert corrected(delivery).correcties == one("late registratie", 1, "", IN, delivery)


def test_who_the_pupil_is_and_where_it_lives_came_along_with_it() -> None:
    """The residence decides and is named; the geboortedatum changes no rectangle."""
    delivery = [
        event("LeerlingGeregistreerd", LATE, OTHER_PGN, geboortedatum="2015-01-01"),
        home(known=LATE, pgn=OTHER_PGN),
        enrolled("2024-08-01", LATE, pgn=OTHER_PGN),
    ]
    found = corrected(delivery)
    assert found.correcties == one("late registratie", 1, "", BY_HOME, delivery[1:])


def test_what_had_no_part_in_it_is_not_named_though_it_came_at_the_same_moment() -> None:
    unused = [
        event("LeerlingGeregistreerd", LATE, geboortedatum="2015-01-01"),
        tlv(TLV_THERE, known=LATE),
    ]
    link = linking(LATE)
    found = corrected([tlv(), enrolled("2024-08-01"), *unused, link])
    assert found.correcties == one("tlv-koppeling", 0, BY_HOME, IN, [link])


def test_a_first_uitschrijving_that_is_registered_late() -> None:
    ended = about("UitschrijvingGeregistreerd", LATE, einddatum="2025-01-15")
    found = corrected([*TLVS, enrolled("2024-08-01", **WITH_TLV), ended])
    assert found == Answer((1, 0), one("late registratie", -1, IN, "", [ended]), [])


def test_the_first_uitschrijving_told_as_a_correction_is_a_corrected_date() -> None:
    """The source says that it corrects: not that it registers."""
    ended = about("InschrijvingGecorrigeerd", LATE, einddatum="2025-01-15")
    found = corrected([*TLVS, enrolled("2024-08-01", **WITH_TLV), ended])
    assert found.correcties == one("gecorrigeerde datum", -1, IN, "", [ended])


@pytest.mark.parametrize("einddatum", ["2025-02-01", "2025-06-30"])
def test_an_end_on_the_teldatum_or_after_it_changes_nothing_and_is_not_named(
    einddatum: str,
) -> None:
    ended = about("UitschrijvingGeregistreerd", LATE, einddatum=einddatum)
    assert corrected([*TLVS, enrolled("2024-08-01", **WITH_TLV), ended]) == NOTHING


def test_an_end_learned_with_a_correction_that_counts_is_not_named() -> None:
    ended = about("UitschrijvingGeregistreerd", "2025-04-01", einddatum="2025-06-30")
    funded = about("InschrijvingGecorrigeerd", "2025-05-01", bekostigbaar=False)
    found = corrected([*TLVS, enrolled("2024-08-01", **WITH_TLV), ended, funded])
    assert found.correcties == one("gecorrigeerd kenmerk", -1, IN, "(niet bekostigbaar)", [funded])


def test_a_late_registration_elsewhere_makes_a_double_and_wins() -> None:
    old = enrolled("2024-08-01", **WITH_TLV)
    late = enrolled("2024-09-01", LATE, key="14YY/2", tlv=[TLV_THERE])
    found = corrected([*TLVS, old, late])
    assert found.correcties == one(
        "late registratie", -1, IN, "(PO2202 SO 14YY00 LAAG TLV)", [late]
    )
    there = corrected([*TLVS, old, late], swv=THERE)
    assert there.correcties == one(
        "late registratie", 1, "(PO2304 SO 12QN00 LAAG TLV)", "PO2202 SO 14YY00 LAAG TLV", [late]
    )
    everywhere = corrected([*TLVS, old, late], schoolsoorten=("SO",))
    assert everywhere == Answer(
        (1, 1), one("late registratie", 0, IN, "PO2202 SO 14YY00 LAAG TLV", [late]), []
    )


def test_a_late_registration_elsewhere_that_loses_the_contest_changes_nothing() -> None:
    late = enrolled("2024-07-01", LATE, key="14YY/2", tlv=[TLV_THERE])
    assert corrected([*TLVS, enrolled("2024-08-01", **WITH_TLV), late]) == NOTHING


def test_a_late_registration_at_a_basisschool_takes_the_pupil_away() -> None:
    late = enrolled("2024-09-01", LATE, key="15BO/2", soort="BO")
    found = corrected([*TLVS, enrolled("2024-08-01", **WITH_TLV), late])
    assert found.correcties == one("late registratie", -1, IN, "(BO 15BO00)", [late])


def test_registered_after_vaststelling_and_removed_again_is_no_change() -> None:
    late = enrolled("2024-08-01", LATE)
    gone = about("InschrijvingVerwijderd", "2025-04-01")
    assert corrected([late, gone]) == Answer((0, 0), [], [])


def test_known_after_the_second_moment_is_not_known_yet() -> None:
    assert corrected([enrolled("2024-08-01", "2025-09-02")]) == Answer((0, 0), [], [])


def test_known_at_the_last_moment_of_vaststelling_is_not_late() -> None:
    history = [enrolled("2024-08-01", "2025-03-03T23:59:59.999999+01:00")]
    assert corrected(history) == NOTHING
    next_moment = [enrolled("2024-08-01", "2025-03-04")]
    assert corrected(next_moment).aantallen == (0, 1)


# Gecorrigeerde datum

RUNNING = enrolled("2024-08-01", **WITH_TLV)
STARTED = enrolled("2025-02-03", "2025-02-05", **WITH_TLV)
ENDED = about("UitschrijvingGeregistreerd", "2025-02-03", einddatum="2025-01-31")
ENDED_LATER = about("UitschrijvingGeregistreerd", "2025-02-20", einddatum="2025-02-14")
BEGAN_LATER = about("InschrijvingGecorrigeerd", LATE, begindatum="2025-02-03")


@pytest.mark.parametrize(
    ("before", "correction", "bijdrage"),
    [
        ([STARTED], about("InschrijvingGecorrigeerd", LATE, begindatum="2025-01-27"), 1),
        ([STARTED], about("InschrijvingGecorrigeerd", LATE, begindatum="2025-02-01"), 1),
        ([RUNNING], BEGAN_LATER, -1),
        ([RUNNING, ENDED], about("InschrijvingGecorrigeerd", LATE, einddatum="2025-02-01"), 1),
        ([RUNNING, ENDED], about("InschrijvingGecorrigeerd", LATE, einddatum=None), 1),
        ([RUNNING, ENDED], about("UitschrijvingIngetrokken", LATE), 1),
        ([RUNNING, ENDED], about("UitschrijvingGeregistreerd", LATE, einddatum="2025-02-14"), 1),
        (
            [RUNNING, ENDED_LATER],
            about("InschrijvingGecorrigeerd", LATE, einddatum="2025-01-31"),
            -1,
        ),
        (
            [RUNNING, ENDED_LATER],
            about("UitschrijvingGeregistreerd", LATE, einddatum="2025-01-31"),
            -1,
        ),
        (
            [RUNNING],
            about("InschrijvingGecorrigeerd", LATE, begindatum="2025-02-03", bekostigbaar=False),
            -1,
        ),
    ],
    ids=[
        "begin moved before",
        "begin moved to the day",
        "begin moved after",
        "end moved to the day",
        "no end after all",
        "uitschrijving withdrawn",
        "uitschrijving registered again, later",
        "end moved before",
        "uitschrijving registered again, earlier",
        "a date and a kenmerk in one event",
    ],
)  # fmt: skip
def test_a_date_that_is_corrected(before: list[Line], correction: Line, bijdrage: int) -> None:
    found = corrected([*TLVS, *before, correction])
    voor, na = ("", IN) if bijdrage > 0 else (IN, "")
    assert found.correcties == one("gecorrigeerde datum", bijdrage, voor, na, [correction])


@pytest.mark.parametrize(
    "correction",
    [
        about("InschrijvingGecorrigeerd", LATE, begindatum="2024-08-19"),
        about("InschrijvingGecorrigeerd", LATE, begindatum="2024-08-19", einddatum="2025-07-31"),
        about("InschrijvingGecorrigeerd", LATE, begindatum="2025-02-01"),
    ],
)
def test_a_date_that_is_corrected_on_the_same_side_of_the_teldatum_changes_nothing(
    correction: Line,
) -> None:
    assert corrected([*TLVS, RUNNING, correction]) == NOTHING


def test_registered_late_with_a_begin_that_was_corrected_after() -> None:
    """What brought it on the day was the date: the registration opened no row there."""
    late = enrolled("2025-03-01", LATE, **WITH_TLV)
    begun = about("InschrijvingGecorrigeerd", "2025-04-01", begindatum="2025-01-27")
    found = corrected([*TLVS, late, begun])
    assert found.correcties == one("gecorrigeerde datum", 1, "", IN, [begun])


def test_case_c13_moves_a_pupil_back() -> None:
    """The old school moves its uitschrijfdatum once the next school's message is there."""
    old = enrolled("2024-08-01", **WITH_TLV)
    ended = about("UitschrijvingGeregistreerd", "2025-01-22", einddatum="2025-01-20")
    new = enrolled("2025-02-10", "2025-02-12", key="14YY/2", tlv=[TLV_HERE])
    moved = about("InschrijvingGecorrigeerd", "2025-02-17", einddatum="2025-02-09")
    history = [*REGION, *TLVS, old, ended, new, moved]
    assert why(history, f"{T}@2025-02-16", FIXED, swv=HERE) == Answer(
        (0, 1), one("gecorrigeerde datum", 1, "", IN, [moved]), []
    )
    assert why(history, FIXED, LATER, swv=HERE) == NOTHING


def test_an_end_registered_after_vaststelling_and_then_corrected() -> None:
    """Between the two moments two events were at work: both are named, the last one decides."""
    ended = about("UitschrijvingGeregistreerd", LATE, einddatum="2025-01-10")
    moved = about("InschrijvingGecorrigeerd", "2025-04-01", einddatum="2025-01-15")
    found = corrected([*TLVS, RUNNING, ended, moved])
    assert found.correcties == one("late registratie", -1, IN, "", [ended])


def test_a_date_corrected_and_corrected_back_is_no_change() -> None:
    back = about("InschrijvingGecorrigeerd", "2025-04-01", begindatum="2024-08-01")
    assert corrected([*TLVS, RUNNING, BEGAN_LATER, back]) == NOTHING


def test_a_corrected_begin_wins_the_contest() -> None:
    """Both enrolments run on: the double is not resolved, a date decides otherwise."""
    there = enrolled("2024-09-01", key="14YY/2", tlv=[TLV_THERE])
    begun = about("InschrijvingGecorrigeerd", LATE, begindatum="2024-10-01")
    found = corrected([*TLVS, RUNNING, there, begun])
    assert found.correcties == one(
        "gecorrigeerde datum", 1, "(PO2202 SO 14YY00 LAAG TLV)", IN, [begun]
    )


# Gecorrigeerd kenmerk


def test_a_stay_turns_out_to_be_in_a_closed_institution() -> None:
    stays = enrolled("2024-08-01", soort_verblijf="IJH")
    closed = about("InschrijvingGecorrigeerd", LATE, soort_verblijf="GJI")
    found = corrected([stays, closed])
    assert found.correcties == one(
        "gecorrigeerd kenmerk", -1, "PO2304 SO 12QN00 LAAG RP", "(gesloten inrichting)", [closed]
    )
    residential = corrected([stays, closed], swv=HERE, basis="RP")
    assert residential == found


@pytest.mark.parametrize(
    ("wrong", "right", "reden"),
    [
        ({"bekostigbaar": False}, {"bekostigbaar": True}, "niet bekostigbaar"),
        ({"soort_verblijf": "JJI"}, {"soort_verblijf": "geen"}, "gesloten inrichting"),
        ({"cluster": 2}, {"cluster": 3}, "cluster 1 of 2"),
    ],
)
def test_a_kenmerk_that_makes_the_difference(wrong: Line, right: Line, reden: str) -> None:
    now_in = about("InschrijvingGecorrigeerd", LATE, **right)
    found = corrected([*TLVS, enrolled("2024-08-01", **WITH_TLV, **wrong), now_in])
    assert found.correcties == one("gecorrigeerd kenmerk", 1, f"({reden})", IN, [now_in])
    now_out = about("InschrijvingGecorrigeerd", LATE, **wrong)
    found = corrected([*TLVS, enrolled("2024-08-01", **WITH_TLV, **right), now_out])
    assert found.correcties == one("gecorrigeerd kenmerk", -1, IN, f"({reden})", [now_out])


def test_another_vestiging_of_the_same_school() -> None:
    moved = about("InschrijvingGecorrigeerd", LATE, vestigingscode="12QN01")
    history = [*TLVS, RUNNING, moved]
    na = "PO2304 SO 12QN01 LAAG TLV"
    assert corrected(history) == Answer((1, 1), one("gecorrigeerd kenmerk", 0, IN, na, [moved]), [])
    old, new = (corrected(history, vestigingscode=code) for code in ("12QN00", "12QN01"))
    assert old == Answer((1, 0), one("gecorrigeerd kenmerk", -1, IN, f"({na})", [moved]), [])
    assert new == Answer((0, 1), one("gecorrigeerd kenmerk", 1, f"({IN})", na, [moved]), [])


def test_a_registered_categorie() -> None:
    raised = about("InschrijvingGecorrigeerd", LATE, ondersteuningscategorie="HOOG")
    history = [enrolled("2024-08-01"), raised]
    na = "PO2304 SO 12QN00 HOOG OVERIG"
    assert corrected(history) == Answer(
        (1, 1), one("gecorrigeerd kenmerk", 0, BY_HOME, na, [raised]), []
    )
    low, high = (corrected(history, swv=HERE, categorie=each) for each in ("LAAG", "HOOG"))
    assert low.correcties == one("gecorrigeerd kenmerk", -1, BY_HOME, f"({na})", [raised])
    assert high.correcties == one("gecorrigeerd kenmerk", 1, f"({BY_HOME})", na, [raised])
    assert corrected(history, swv=HERE, categorie="MIDDEN") == Answer((0, 0), [], [])


def test_a_change_within_the_enrolment_that_is_known_late() -> None:
    changed = about("InschrijvingGewijzigd", LATE, vanaf="2025-01-01", bekostigbaar=False)
    found = corrected([*TLVS, RUNNING, changed])
    assert found.correcties == one("gecorrigeerd kenmerk", -1, IN, "(niet bekostigbaar)", [changed])


def test_a_change_from_a_day_after_the_teldatum_is_not_named() -> None:
    changed = about("InschrijvingGewijzigd", LATE, vanaf="2025-02-02", bekostigbaar=False)
    assert corrected([*TLVS, RUNNING, changed]) == NOTHING


def test_the_periods_of_an_enrolment_replaced_as_a_whole() -> None:
    periods = [
        {"vanaf": "2024-08-01", "vestigingscode": "12QN00", "schoolsoort": "SO"},
        {
            "vanaf": "2025-01-01",
            "vestigingscode": "12QN00",
            "schoolsoort": "SO",
            "bekostigbaar": False,
        },
    ]
    replaced = about("InschrijvingGecorrigeerd", LATE, perioden=periods)
    found = corrected([*TLVS, RUNNING, replaced])
    assert found.correcties == one(
        "gecorrigeerd kenmerk", -1, IN, "(niet bekostigbaar)", [replaced]
    )


def test_a_residence_that_is_corrected() -> None:
    moved = home("8011", LATE)
    history = [enrolled("2024-08-01"), moved]
    na = "PO2202 SO 12QN00 LAAG OVERIG"
    assert corrected(history) == Answer(
        (1, 0), one("gecorrigeerd kenmerk", -1, BY_HOME, f"({na})", [moved]), []
    )
    assert corrected(history, swv=THERE) == Answer(
        (0, 1), one("gecorrigeerd kenmerk", 1, f"({BY_HOME})", na, [moved]), []
    )
    assert corrected(history, schoolsoorten=("SO",)) == Answer(
        (1, 1), one("gecorrigeerd kenmerk", 0, BY_HOME, na, [moved]), []
    )


def test_a_residence_that_becomes_known() -> None:
    came = home(known=LATE, pgn=OTHER_PGN)
    found = corrected([enrolled("2024-08-01", pgn=OTHER_PGN), came])
    assert found.correcties == one(
        "gecorrigeerd kenmerk", 1, "(geen samenwerkingsverband)", BY_HOME, [came]
    )


def test_a_vestiging_decides_for_a_pupil_from_abroad() -> None:
    abroad = {**home(pgn=OTHER_PGN), "buitenland": True}
    del abroad["pc4"]
    elsewhere = about(
        "InschrijvingGecorrigeerd", LATE, key="14YY/5", pgn=OTHER_PGN, vestigingscode="14YY01"
    )
    lines = [
        abroad,
        joined("14YY01", HERE),
        enrolled("2024-08-01", key="14YY/5", pgn=OTHER_PGN),
        elsewhere,
    ]
    voor, na = f"{THERE} SO 14YY00 LAAG OVERIG", f"{HERE} SO 14YY01 LAAG OVERIG"
    assert corrected(lines).correcties == one(
        "gecorrigeerd kenmerk", 1, f"({voor})", na, [elsewhere]
    )


def test_a_determination_that_duo_reports_where_nothing_decided() -> None:
    reported = about(
        "BepalingGemeld", "2025-03-12", pgn=OTHER_PGN, teldatum=T, swv=HERE,
        wijze="Woonplaats leerling", ondersteuningscategorie="LAAG", telt=True,
    )  # fmt: skip
    found = corrected([enrolled("2024-08-01", pgn=OTHER_PGN), reported])
    assert found.correcties == one(
        "gecorrigeerd kenmerk", 1, "(geen samenwerkingsverband)", BY_HOME, [reported]
    )


def test_a_residence_of_a_pupil_with_a_tlv_decides_nothing() -> None:
    assert corrected([*TLVS, RUNNING, home("8011", LATE)]) == NOTHING


# Verwijderde inschrijving


def test_an_enrolment_that_is_removed() -> None:
    gone = about("InschrijvingVerwijderd", LATE, reden="nooit gestart")
    found = corrected([*TLVS, RUNNING, gone])
    assert found == Answer((1, 0), one("verwijderde inschrijving", -1, IN, "", [gone]), [])


def test_removed_and_registered_again_as_it_was_is_no_change() -> None:
    gone = about("InschrijvingVerwijderd", LATE)
    again = enrolled("2024-08-01", "2025-03-16", **WITH_TLV)
    assert corrected([*TLVS, RUNNING, gone, again]) == NOTHING


def test_removed_and_registered_again_with_another_kenmerk() -> None:
    gone = about("InschrijvingVerwijderd", LATE)
    again = enrolled("2024-08-01", "2025-03-16", **WITH_TLV, vestigingscode="12QN01")
    found = corrected([*TLVS, RUNNING, gone, again])
    assert found.correcties == one(
        "gecorrigeerd kenmerk", 0, IN, "PO2304 SO 12QN01 LAAG TLV", [gone, again]
    )


def test_removed_and_registered_again_with_another_begin() -> None:
    gone = about("InschrijvingVerwijderd", LATE)
    again = enrolled("2025-02-03", "2025-03-16", **WITH_TLV)
    found = corrected([*TLVS, RUNNING, gone, again])
    assert found.correcties == one("gecorrigeerde datum", -1, IN, "", [gone])


def test_removed_and_registered_again_only_in_autumn_is_removed() -> None:
    gone = about("InschrijvingVerwijderd", LATE)
    again = enrolled("2024-08-01", "2025-10-01", **WITH_TLV)
    history = [*TLVS, RUNNING, gone, again]
    assert corrected(history).correcties == one("verwijderde inschrijving", -1, IN, "", [gone])
    came_back = why([*REGION, *history], LATER, f"{T}@2025-11-01", swv=HERE)
    assert came_back.correcties == one("late registratie", 1, "", IN, [again])


def test_a_losing_enrolment_that_is_removed_changes_nothing() -> None:
    loser = enrolled("2024-07-01", key="14YY/2", tlv=[TLV_THERE])
    gone = about("InschrijvingVerwijderd", LATE, key="14YY/2")
    assert corrected([*TLVS, RUNNING, loser, gone]) == NOTHING


# Tlv-koppeling

BEFORE_LINK = enrolled("2024-08-01")
BY_TLV_THERE = "PO2202 SO 12QN00 LAAG TLV"


def test_a_tlv_of_another_samenwerkingsverband_is_linked() -> None:
    link = linking(LATE, TLV_THERE)
    history = [*TLVS, BEFORE_LINK, link]
    assert corrected(history) == Answer(
        (1, 0), one("tlv-koppeling", -1, BY_HOME, f"({BY_TLV_THERE})", [link]), []
    )
    assert corrected(history, swv=THERE) == Answer(
        (0, 1), one("tlv-koppeling", 1, f"({BY_HOME})", BY_TLV_THERE, [link]), []
    )
    assert corrected(history, schoolsoorten=("SO",)) == Answer(
        (1, 1), one("tlv-koppeling", 0, BY_HOME, BY_TLV_THERE, [link]), []
    )


def test_a_tlv_of_the_own_samenwerkingsverband_is_linked() -> None:
    link = linking(LATE)
    history = [*TLVS, BEFORE_LINK, link]
    assert corrected(history) == Answer((1, 1), one("tlv-koppeling", 0, BY_HOME, IN, [link]), [])
    by_tlv, others = (corrected(history, swv=HERE, basis=basis) for basis in ("TLV", "OVERIG"))
    assert by_tlv == Answer((0, 1), one("tlv-koppeling", 1, f"({BY_HOME})", IN, [link]), [])
    assert others == Answer((1, 0), one("tlv-koppeling", -1, BY_HOME, f"({IN})", [link]), [])


def test_a_link_is_taken_away() -> None:
    gone = about("TlvOntkoppeld", LATE, nummer=TLV_HERE, door="school")
    found = corrected([*TLVS, RUNNING, gone])
    assert found.correcties == one("tlv-koppeling", 0, IN, BY_HOME, [gone])


def test_a_link_is_taken_away_from_a_pupil_without_residence() -> None:
    pupil: Line = {"pgn": OTHER_PGN}
    gone = about("TlvOntkoppeld", LATE, nummer=TLV_HERE, door="school", **pupil)
    found = corrected([tlv(**pupil), enrolled("2024-08-01", **WITH_TLV, **pupil), gone])
    assert found.correcties == one("tlv-koppeling", -1, IN, "(geen samenwerkingsverband)", [gone])


def test_a_wrong_serial_number_is_mended() -> None:
    wrong = f"{HERE}-2024-90001"
    mended = [about("TlvOntkoppeld", LATE, nummer=wrong, door="school"), linking(LATE)]
    found = corrected([*TLVS, enrolled("2024-08-01", tlv=[wrong]), *mended])
    assert found.correcties == one("tlv-koppeling", 0, BY_HOME, IN, [mended[1]])


def test_a_tlv_is_issued_after_it_was_linked() -> None:
    issued = tlv(known="2025-04-01")
    found = corrected([enrolled("2024-08-01", **WITH_TLV), issued])
    assert found.correcties == one("tlv-koppeling", 0, BY_HOME, IN, [issued])


def test_a_tlv_gets_another_categorie() -> None:
    raised = event("TlvGewijzigd", LATE, nummer=TLV_HERE, categorie="HOOG")
    history = [*TLVS, RUNNING, raised]
    na = "PO2304 SO 12QN00 HOOG TLV"
    assert corrected(history).correcties == one("tlv-koppeling", 0, IN, na, [raised])
    low, high = (corrected(history, swv=HERE, categorie=each) for each in ("LAAG", "HOOG"))
    assert low.correcties == one("tlv-koppeling", -1, IN, f"({na})", [raised])
    assert high.correcties == one("tlv-koppeling", 1, f"({IN})", na, [raised])


def test_a_tlv_stated_anew_with_another_categorie() -> None:
    again = tlv(TLV_HERE, "HOOG", known=LATE)
    found = corrected([*TLVS, RUNNING, again])
    assert found.correcties == one("tlv-koppeling", 0, IN, "PO2304 SO 12QN00 HOOG TLV", [again])


def test_a_new_tlv_high_from_january_is_known_late() -> None:
    number = f"{HERE}-2024-00009"
    delivery = [
        tlv(number, "HOOG", ("2025-01-01", "2026-07-31"), known=LATE),
        linking(LATE, number),
    ]
    found = corrected([*TLVS, RUNNING, *delivery])
    assert found.correcties == one("tlv-koppeling", 0, IN, "PO2304 SO 12QN00 HOOG TLV", delivery)


@pytest.mark.parametrize(
    ("per", "na"),
    [
        ("2025-01-01", BY_TLV_THERE.replace("TLV", "OVERIG")),
        ("2024-08-01", BY_HOME),
    ],
    ids=["carried on by rule 2", "never valid"],
)
def test_a_tlv_is_withdrawn(per: str, na: str) -> None:
    withdrawn = event("TlvIngetrokken", LATE, nummer=TLV_THERE, per=per)
    enrolment = enrolled("2024-08-01", tlv=[TLV_THERE])
    history = [*TLVS, enrolment, withdrawn]
    everywhere = corrected(history, schoolsoorten=("SO",))
    assert everywhere.correcties == one("tlv-koppeling", 0, BY_TLV_THERE, na, [withdrawn])
    leaves = na == BY_HOME
    there = corrected(history, swv=THERE)
    assert there == Answer(
        (1, 0 if leaves else 1),
        one(
            "tlv-koppeling",
            -1 if leaves else 0,
            BY_TLV_THERE,
            f"({na})" if leaves else na,
            [withdrawn],
        ),
        [],
    )


def test_a_tlv_withdrawn_from_after_the_teldatum_is_not_named() -> None:
    withdrawn = event("TlvIngetrokken", LATE, nummer=TLV_HERE, per="2025-02-02")
    assert corrected([*TLVS, RUNNING, withdrawn]) == NOTHING


def test_a_tlv_that_began_earlier_than_was_known() -> None:
    begins = tlv(TLV_THERE, days=("2025-03-01", "2026-07-31"))
    earlier = event("TlvGewijzigd", LATE, nummer=TLV_THERE, begindatum="2025-01-01")
    found = corrected([begins, enrolled("2024-08-01", tlv=[TLV_THERE]), earlier])
    assert found.correcties == one("tlv-koppeling", -1, BY_HOME, f"({BY_TLV_THERE})", [earlier])


def test_a_tlv_that_ended_turns_out_to_run_on() -> None:
    short = tlv(days=("2024-08-01", "2024-12-31"))
    longer = event("TlvGewijzigd", LATE, nummer=TLV_HERE, einddatum="2026-07-31")
    found = corrected([short, RUNNING, longer])
    assert found.correcties == one("tlv-koppeling", 0, BY_HOME, IN, [longer])


def test_a_tlv_that_nobody_linked_changes_nothing() -> None:
    assert corrected([enrolled("2024-08-01"), tlv(TLV_THERE, known=LATE)]) == NOTHING


def test_a_link_by_duo_to_a_residential_enrolment_changes_nothing() -> None:
    by_duo = {**linking(LATE, TLV_THERE), "door": "duo"}
    assert corrected([*TLVS, enrolled("2024-08-01", soort_verblijf="IJH"), by_duo]) == NOTHING


# Wijziging referentiegegevens


def test_the_link_of_a_vestiging_is_corrected_and_moves_all_its_pupils() -> None:
    """The pupils came from this basisschool: rule 4 goes by its vestiging."""
    pupils = [PGN, OTHER_PGN]
    came = [
        line
        for pgn in pupils
        for line in (
            enrolled("2020-08-01", key="15BO/7", soort="BO", pgn=pgn, einddatum="2024-07-31"),
            enrolled("2024-08-01", pgn=pgn),
        )
    ]
    moved = joined("15BO00", THERE, known=LATE)
    found = corrected([*came, moved])
    change = Change(
        "wijziging referentiegegevens", -1, BY_HOME, "(PO2202 SO 12QN00 LAAG OVERIG)", [moved]
    )
    assert found == Answer((2, 0), [change, change], [])
    gained = corrected([*came, moved], swv=THERE)
    assert gained.aantallen == (0, 2)
    assert [one.door for one in gained.correcties] == [[moved], [moved]]


def test_a_vestiging_that_left_and_joined_at_one_moment_names_both() -> None:
    came = [
        enrolled("2020-08-01", key="15BO/7", soort="BO", einddatum="2024-07-31"),
        enrolled("2024-08-01"),
    ]
    left: Line = {
        "type": "VestigingUitgetreden",
        "bekend_op": LATE,
        "vestigingscode": "15BO00",
        "swv": HERE,
        "tot_en_met": "2023-07-31",
    }
    moved = {**joined("15BO00", THERE, known=LATE), "vanaf": "2023-08-01"}
    found = corrected([*came, left, moved])
    assert found.correcties == one(
        "wijziging referentiegegevens",
        -1,
        BY_HOME,
        "(PO2202 SO 12QN00 LAAG OVERIG)",
        [left, moved],
    )


def test_a_postcode_area_is_corrected() -> None:
    moved = area("7511", THERE, HERE_VO, known=LATE)
    found = corrected([enrolled("2024-08-01"), moved])
    assert found == Answer(
        (1, 0),
        one(
            "wijziging referentiegegevens",
            -1,
            BY_HOME,
            "(PO2202 SO 12QN00 LAAG OVERIG)",
            [moved],
        ),
        [],
    )


def test_a_postcode_area_that_was_missing() -> None:
    came = area("9000", HERE, HERE_VO, known=LATE)
    pupil = [home("9000", pgn=OTHER_PGN), enrolled("2024-08-01", pgn=OTHER_PGN)]
    found = corrected([*pupil, came])
    assert found.correcties == one(
        "wijziging referentiegegevens", 1, "(geen samenwerkingsverband)", BY_HOME, [came]
    )


def test_a_vestiging_whose_link_decides_for_nobody_is_not_named() -> None:
    assert corrected([enrolled("2024-08-01"), joined("12QN00", THERE, known=LATE)]) == NOTHING


# Dubbele inschrijving opgelost

WINNER = enrolled("2024-11-01", key="14YY/2", tlv=[TLV_THERE])
BY_WINNER = "(PO2202 SO 14YY00 LAAG TLV)"


def test_case_c11_the_winner_is_removed_and_the_other_counts() -> None:
    gone = about("InschrijvingVerwijderd", LATE, key="14YY/2")
    history = [*TLVS, RUNNING, WINNER, gone]
    assert corrected(history) == Answer(
        (0, 1), one("dubbele inschrijving opgelost", 1, BY_WINNER, IN, [gone]), []
    )
    there = corrected(history, swv=THERE)
    assert there == Answer(
        (1, 0),
        one("dubbele inschrijving opgelost", -1, "PO2202 SO 14YY00 LAAG TLV", f"({IN})", [gone]),
        [],
    )


@pytest.mark.parametrize(
    "resolving",
    [
        about("UitschrijvingGeregistreerd", LATE, key="14YY/2", einddatum="2025-01-05"),
        about("InschrijvingGecorrigeerd", LATE, key="14YY/2", begindatum="2025-02-10"),
        about("InschrijvingGecorrigeerd", LATE, key="14YY/2", einddatum="2024-12-20"),
    ],
    ids=["ended", "began later", "ended by correction"],
)
def test_the_winner_does_not_run_after_all(resolving: Line) -> None:
    found = corrected([*TLVS, RUNNING, WINNER, resolving])
    assert found.correcties == one("dubbele inschrijving opgelost", 1, BY_WINNER, IN, [resolving])


def test_a_basisschool_whose_begin_is_put_right_by_registering_anew_wins() -> None:
    begins = enrolled("2025-03-01", key="15BO/2", soort="BO")
    gone = about("InschrijvingVerwijderd", LATE, key="15BO/2")
    again = enrolled("2024-11-01", "2025-03-16", key="15BO/2", soort="BO")
    found = corrected([*TLVS, RUNNING, begins, gone, again])
    assert found.correcties == one("gecorrigeerde datum", -1, IN, "(BO 15BO00)", [again])


def test_the_loser_that_is_ended_resolves_the_double_without_a_change() -> None:
    ended = about("UitschrijvingGeregistreerd", LATE, einddatum="2024-10-31")
    assert corrected([*TLVS, RUNNING, WINNER, ended], swv=THERE) == NOTHING


def test_a_basisschool_that_won_is_removed() -> None:
    winner = enrolled("2024-11-01", key="15BO/2", soort="BO")
    gone = about("InschrijvingVerwijderd", LATE, key="15BO/2")
    found = corrected([*TLVS, RUNNING, winner, gone])
    assert found.correcties == one("dubbele inschrijving opgelost", 1, "(BO 15BO00)", IN, [gone])


def test_two_pgns_turn_out_to_be_one_pupil() -> None:
    """Known before that as two pupils, each counted: one of them goes."""
    under_number = enrolled("2024-11-01", key="14YY/2", tlv=[TLV_HERE], pgn=ONDERWIJSNUMMER)
    same = event("PgnVervangen", LATE, ONDERWIJSNUMMER, nieuw_pgn=PGN)
    found = corrected([*TLVS, tlv(pgn=ONDERWIJSNUMMER), RUNNING, under_number, same])
    assert found.aantallen == (2, 1)
    assert found.correcties == one(
        "dubbele inschrijving opgelost", -1, IN, "(dubbele inschrijving)", [same]
    )


def test_a_pgn_that_is_replaced_and_nothing_else_is_no_change() -> None:
    known = [
        home(pgn=ONDERWIJSNUMMER),
        tlv(pgn=ONDERWIJSNUMMER),
        enrolled("2024-08-01", **WITH_TLV, pgn=ONDERWIJSNUMMER),
    ]
    same = event("PgnVervangen", LATE, ONDERWIJSNUMMER, nieuw_pgn=PGN)
    assert corrected([*known, same]) == NOTHING


# The enrolment before: its corrections move the pupil too, by rules 3 and 4

BEFORE = enrolled("2023-08-01", "2023-08-20", key="14YY/3", tlv=[TLV_THERE], einddatum="2024-07-02")
BEFORE_AT_BO = enrolled("2020-08-01", "2020-08-20", key="16BO/7", soort="BO")
EARLIER_TLV = tlv(TLV_THERE, days=("2023-08-01", "2025-07-31"), known="2023-07-01")
BY_ENROLMENT_BEFORE = "(PO2202 SO 12QN00 LAAG OVERIG)"


def test_an_end_of_the_enrolment_before_that_is_corrected_closes_the_gap() -> None:
    """Case C5: 29 days become 28, and rule 3 carries on what the tlv decided there."""
    moved = about("InschrijvingGecorrigeerd", LATE, key="14YY/3", einddatum="2024-07-03")
    found = corrected([EARLIER_TLV, BEFORE, enrolled("2024-08-01"), moved])
    assert found.correcties == one("gecorrigeerde datum", -1, BY_HOME, BY_ENROLMENT_BEFORE, [moved])


def test_an_end_of_the_enrolment_before_that_is_registered_again_closes_the_gap() -> None:
    again = about("UitschrijvingGeregistreerd", LATE, key="14YY/3", einddatum="2024-07-03")
    found = corrected([EARLIER_TLV, BEFORE, enrolled("2024-08-01"), again])
    assert found.correcties == one("gecorrigeerde datum", -1, BY_HOME, BY_ENROLMENT_BEFORE, [again])


def test_a_begin_that_is_corrected_closes_the_gap() -> None:
    moved = about("InschrijvingGecorrigeerd", LATE, begindatum="2024-07-31")
    found = corrected([EARLIER_TLV, BEFORE, enrolled("2024-08-01"), moved])
    assert found.correcties == one("gecorrigeerde datum", -1, BY_HOME, BY_ENROLMENT_BEFORE, [moved])


def test_a_leaving_of_the_basisschool_that_is_registered_late() -> None:
    """Until then the basisschool ran on, so that nothing came before the enrolment."""
    left = about("UitschrijvingGeregistreerd", LATE, key="16BO/7", einddatum="2024-07-31")
    found = corrected([BEFORE_AT_BO, enrolled("2024-08-01"), left])
    assert found.correcties == one("late registratie", -1, BY_HOME, BY_ENROLMENT_BEFORE, [left])


def test_an_enrolment_before_that_is_registered_late() -> None:
    late = {**BEFORE_AT_BO, "bekend_op": LATE, "einddatum": "2024-07-31"}
    found = corrected([enrolled("2024-08-01"), late])
    assert found.correcties == one("late registratie", -1, BY_HOME, BY_ENROLMENT_BEFORE, [late])


def test_an_enrolment_before_that_is_removed() -> None:
    gone = about("InschrijvingVerwijderd", LATE, key="16BO/7")
    found = corrected([{**BEFORE_AT_BO, "einddatum": "2024-07-31"}, enrolled("2024-08-01"), gone])
    assert found.correcties == one(
        "verwijderde inschrijving", 1, BY_ENROLMENT_BEFORE, BY_HOME, [gone]
    )


# More than one correction


def test_a_pupil_that_is_corrected_in_two_ways_names_both() -> None:
    late = enrolled("2024-08-01", LATE)
    link = linking("2025-04-02")
    found = corrected([*TLVS, late, link])
    assert found == Answer((0, 1), one("late registratie", 1, "", IN, [late, link]), [])


def test_a_tlv_does_not_make_an_enrolment_count_that_is_not_funded() -> None:
    """Both came at one moment: the pupil counts because it is funded, and by a tlv besides."""
    delivery = [about("InschrijvingGecorrigeerd", LATE, bekostigbaar=True), linking(LATE)]
    for order in (delivery, delivery[::-1]):
        found = corrected([*TLVS, enrolled("2024-08-01", bekostigbaar=False), *order])
        assert found.correcties == one("gecorrigeerd kenmerk", 1, "(niet bekostigbaar)", IN, order)


def test_of_one_moment_the_last_event_that_can_have_done_it_decides() -> None:
    """A link cannot win a contest, a categorie names nobody, an end to come ends nothing yet."""
    there = enrolled("2024-09-01", key="14YY/2", tlv=[TLV_THERE])
    begun = about("InschrijvingGecorrigeerd", LATE, begindatum="2024-10-01")
    for order in ([begun, linking(LATE)], [linking(LATE), begun]):
        (change,) = corrected([*TLVS, enrolled("2024-08-01"), there, *order]).correcties
        assert (change.klasse, change.bijdrage) == ("gecorrigeerde datum", 1)

    pupil: Line = {"pgn": OTHER_PGN}
    link = linking(LATE, **pupil)
    raised = about("InschrijvingGecorrigeerd", LATE, ondersteuningscategorie="HOOG", **pupil)
    for order in ([link, raised], [raised, link]):
        (change,) = corrected([tlv(**pupil), enrolled("2024-08-01", **pupil), *order]).correcties
        assert (change.klasse, change.bijdrage) == ("tlv-koppeling", 1)

    unfunded = about("InschrijvingGecorrigeerd", LATE, bekostigbaar=False)
    ended = about("UitschrijvingGeregistreerd", LATE, einddatum="2025-06-30")
    for order in ([unfunded, ended], [ended, unfunded]):
        (change,) = corrected([*TLVS, RUNNING, *order]).correcties
        assert (change.klasse, change.bijdrage) == ("gecorrigeerd kenmerk", -1)


def test_a_pupil_that_came_in_late_and_went_out_again_is_not_named() -> None:
    late = enrolled("2024-08-01", LATE)
    unfunded = about("InschrijvingGecorrigeerd", "2025-04-02", bekostigbaar=False)
    assert corrected([*TLVS, late, unfunded]) == Answer((0, 0), [], [])


def test_corrected_and_corrected_back_is_no_change() -> None:
    wrong = about("InschrijvingGecorrigeerd", LATE, bekostigbaar=False)
    right = about("InschrijvingGecorrigeerd", "2025-04-02", bekostigbaar=True)
    assert corrected([*TLVS, RUNNING, wrong, right]) == NOTHING


def test_a_pupil_that_is_corrected_and_then_moves_is_in_both_steps() -> None:
    late = enrolled("2024-08-01", LATE, **WITH_TLV)
    ended = about("UitschrijvingGeregistreerd", "2025-07-10", einddatum="2025-07-31")
    found = why([*REGION, *TLVS, late, ended], FIXED, "2026-02-01", swv=HERE)
    assert found == Answer(
        (0, 0),
        one("late registratie", 1, "", IN, [late]),
        one("uitstroom", -1, IN, "", [ended]),
    )


def test_a_correction_of_the_days_before_makes_no_mutation() -> None:
    late = enrolled("2024-08-01", LATE, **WITH_TLV)
    found = why([*REGION, *TLVS, late], FIXED, "2026-02-01", swv=HERE)
    assert found == Answer((0, 1), one("late registratie", 1, "", IN, [late]), [])


def test_back_in_knowledge_turns_the_sign_and_keeps_class_and_events() -> None:
    late = enrolled("2024-08-01", LATE, **WITH_TLV)
    found = why([*REGION, *TLVS, late], LATER, FIXED, swv=HERE)
    assert found == Answer((1, 0), one("late registratie", -1, IN, "", [late]), [])


# Others


def test_events_of_other_pupils_are_never_named() -> None:
    late = enrolled("2024-08-01", LATE, **WITH_TLV)
    others = [
        home(pgn=OTHER_PGN),
        tlv(TLV_THERE, known=LATE, pgn=OTHER_PGN),
        enrolled("2024-08-01", LATE, key="12QN/9", pgn=OTHER_PGN),
        about(
            "InschrijvingGewijzigd",
            LATE,
            key="12QN/9",
            pgn=OTHER_PGN,
            vanaf="2025-01-01",
            leerjaar="3",
        ),
    ]
    found = corrected([tlv(), *others, late], swv=HERE)
    assert found.aantallen == (0, 2)
    named = {change.na: change.door for change in found.correcties}
    assert named[IN] == [late]
    assert all(line["pgn"] == OTHER_PGN for line in named[BY_HOME])


def test_the_classes_stand_in_the_order_of_the_rules() -> None:
    pupils = [OTHER_PGN, PGN]
    gone = about("InschrijvingVerwijderd", LATE, key="12QN/8", pgn=OTHER_PGN)
    late = enrolled("2024-08-01", LATE, **WITH_TLV)
    history = [
        tlv(),
        home(pgn=OTHER_PGN),
        enrolled("2024-08-01", key="12QN/8", pgn=OTHER_PGN),
        gone,
        late,
    ]
    found = corrected(history)
    assert len(pupils) == len(found.correcties)
    assert [change.klasse for change in found.correcties] == [
        "late registratie",
        "verwijderde inschrijving",
    ]


def test_in_time_is_before_vaststelling() -> None:
    """The moments of these examples are what their names say."""
    assert IN_TIME < "2025-03-03" < LATE < "2025-09-01"
