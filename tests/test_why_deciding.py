"""Several events of one moment: the class follows the one that can have made the change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.why_examples import (
    FIXED,
    HERE,
    LATER,
    REGION,
    THERE,
    TLV_HERE,
    Line,
    about,
    area,
    enrolled,
    linking,
    tlv,
    why,
)

LATE = "2025-03-10"
RUNNING = [tlv(categorie="HOOG"), enrolled("2024-08-01")]
LEERJAAR = about("InschrijvingGecorrigeerd", LATE, leerjaar=4)
MOVED = about("InschrijvingGecorrigeerd", LATE, vestigingscode="12QN01")
BEGUN_LATER = about("InschrijvingGecorrigeerd", LATE, begindatum="2024-08-05")
FUNDED = about("InschrijvingGecorrigeerd", LATE, bekostigbaar=True)
END_AFTER = about("UitschrijvingGeregistreerd", LATE, einddatum="2025-06-30")
OTHER_AREA = area("7511", THERE, None, known=LATE)
NOT_FUNDED = [tlv(), enrolled("2024-08-01", bekostigbaar=False)]


@pytest.mark.parametrize(
    ("history", "selection", "klasse"),
    [
        ([*RUNNING, linking(LATE), LEERJAAR], {}, "tlv-koppeling"),
        ([*RUNNING, LEERJAAR, linking(LATE)], {}, "tlv-koppeling"),
        ([*RUNNING, linking(LATE), END_AFTER], {}, "tlv-koppeling"),
        ([*RUNNING, MOVED, linking(LATE)], {"vestigingscode": "12QN01"}, "gecorrigeerd kenmerk"),
        ([*RUNNING, MOVED, BEGUN_LATER], {}, "gecorrigeerd kenmerk"),
        ([*RUNNING, OTHER_AREA, LEERJAAR], {}, "wijziging referentiegegevens"),
        ([*NOT_FUNDED, FUNDED, linking(LATE)], {}, "gecorrigeerd kenmerk"),
        ([*NOT_FUNDED, linking(LATE), FUNDED], {}, "gecorrigeerd kenmerk"),
    ],
)
def test_the_class_is_that_of_the_event_that_can_have_done_it(
    history: list[Line], selection: dict[str, Any], klasse: str
) -> None:
    answer = why([*REGION, *history], FIXED, LATER, swv=HERE, **selection)
    assert [change.klasse for change in answer.correcties] == [klasse]


def test_an_end_registered_again_is_a_corrected_date_and_a_first_one_a_late_registration() -> None:
    """The pupil's BO enrolment decides who answers for SO: its end is what changes here."""
    before = enrolled("2020-08-01", key="15BO/1", soort="BO", einddatum="2024-06-01")
    running = enrolled("2023-08-01", key="15BO/1", soort="BO")
    now = enrolled("2024-08-01", key="14YY/2")
    ended = about("UitschrijvingGeregistreerd", LATE, key="15BO/1", einddatum="2024-07-31")
    answers = [
        why([*REGION, area("7511", THERE, None), first, now, ended], FIXED, LATER, swv=HERE)
        for first in (before, running)
    ]
    assert [[change.klasse for change in answer.correcties] for answer in answers] == [
        ["gecorrigeerde datum"],
        ["late registratie"],
    ]


def test_an_enrolment_whose_tlv_made_it_count_names_registration_and_link() -> None:
    """Registered where nobody answered, counting by a link of later: both made the border."""
    nobody = area("7511", None, None)
    history = [nobody, tlv(days=("2024-08-01", "2026-07-31")), enrolled("2024-09-01")]
    linked = linking("2024-10-01")
    answer = why([*REGION, *history, linked], "2024-08-15", "2025-02-01", swv=HERE)
    (change,) = answer.mutaties
    assert change.klasse == "instroom"
    assert change.door == [history[2], linked]


@pytest.mark.parametrize(
    ("selection", "klasse", "bijdrage"),
    [
        ({"categorie": "LAAG"}, "categoriewijziging", 1),
        ({"schoolsoorten": ("SO",)}, "doorstroom", 1),
        ({"vestigingscode": "12QN00"}, "doorstroom", -1),
        ({}, "doorstroom", 0),
    ],
)
def test_a_narrowed_count_goes_by_what_left_the_pupil_out(
    selection: dict[str, Any], klasse: str, bijdrage: int
) -> None:
    """From SBO to SO, to another vestiging, with a tlv each: three things changed at once."""
    sbo, so = f"{HERE}-2023-00009", TLV_HERE
    history = [
        tlv(sbo, "SBO", ("2023-08-01", "2024-07-31")),
        tlv(so),
        enrolled("2023-08-01", soort="SBO", einddatum="2024-07-31", tlv=[sbo]),
        enrolled("2024-08-01", key="12QN/2", vestigingscode="12QN01", tlv=[so]),
    ]
    answer = why([*REGION, *history], "2024-02-01", "2025-02-01", swv=HERE, **selection)
    assert [(one.klasse, one.bijdrage) for one in answer.mutaties] == [(klasse, bijdrage)]
