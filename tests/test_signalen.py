"""Every signal: a history that shows it, and histories that look like it and show nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from projections.signalen.model import SIGNALEN
from projections.signalen.over_tlv import later
from projections.signalen.signalen import Keuze
from tests.signalen import Gezien, seen
from tests.why_examples import (
    HERE,
    HERE_VO,
    IN_TIME,
    ISSUED,
    OTHER_PGN,
    PGN,
    REGION,
    THERE,
    TLV_HERE,
    TLV_THERE,
    Line,
    about,
    area,
    enrolled,
    event,
    home,
    joined,
    linking,
    tlv,
)

LINKED: Any = {"tlv": [TLV_HERE]}


def by_duo(known: str, nummer: str = TLV_HERE, key: str = "12QN/1") -> Line:
    """Return the link of a tlv by DUO."""
    return about("TlvGekoppeld", known, key=key, nummer=nummer, door="duo")


def vestiging(code: str, *, closed: bool) -> Line:
    """Return a vestiging in the reference data."""
    kind = {"type": "VestigingGeregistreerd", "bekend_op": "2014-08-01"}
    return {**kind, "vestigingscode": code, "naam": code, "gesloten_inrichting": closed}


# residentieel-met-tlv


def test_a_tlv_that_duo_linked_to_a_residential_enrolment() -> None:
    stay = enrolled("2024-08-01", soort_verblijf="IGZ")
    link = by_duo("2025-03-10")
    assert seen([*REGION, tlv(), stay, link], "residentieel-met-tlv") == [
        Gezien(
            "12QN/1",
            "DUO koppelde de tlv, de school niet; verblijf IGZ",
            "2025-03-10",
            "DUO",
            [stay, link],
        )
    ]


def test_since_is_when_both_were_known() -> None:
    link = by_duo("2024-09-01")
    moved = about("InschrijvingGewijzigd", "2025-01-20", vanaf="2025-01-10", soort_verblijf="IJH")
    corrected = about("InschrijvingGecorrigeerd", "2025-02-20", einddatum="2025-07-31")
    history = [*REGION, tlv(), enrolled("2024-08-01"), link, moved, corrected]
    (found,) = seen(history, "residentieel-met-tlv")
    assert (found.sinds, found.door) == ("2025-01-20", [link, moved])


@pytest.mark.parametrize(
    "history",
    [
        [tlv(), enrolled("2024-08-01", soort_verblijf="IGZ", **LINKED), by_duo("2025-03-10")],
        [tlv(), enrolled("2024-08-01"), by_duo("2025-03-10")],
        [tlv(), enrolled("2024-08-01", soort_verblijf="GJI"), by_duo("2025-03-10")],
        [
            tlv(days=("2022-08-01", "2024-07-31")),
            enrolled("2024-08-01", soort_verblijf="IGZ"),
            by_duo("2025-03-10"),
        ],
        [tlv(), enrolled("2024-08-01", soort_verblijf="IGZ")],
    ],
    ids=["school linked it too", "not residential", "closed", "ended before", "not linked"],
)
def test_no_tlv_that_duo_may_not_use(history: list[Line]) -> None:
    assert seen([*REGION, *history], "residentieel-met-tlv") == []


# ander-samenwerkingsverband


def test_an_enrolment_that_another_answers_for_than_the_tlv_says() -> None:
    issued, enrolment = tlv(TLV_THERE), enrolled("2024-08-01")
    assert seen([*REGION, issued, enrolment], "ander-samenwerkingsverband") == [
        Gezien(
            "12QN/1",
            f"toegerekend aan {HERE} (Woonplaats leerling);"
            f" geldige tlv van {THERE} is niet gekoppeld",
            IN_TIME,
            "school",
            [issued, enrolment],
        )
    ]


def test_a_newer_tlv_of_another_that_the_school_did_not_link() -> None:
    newer = tlv(TLV_THERE, days=("2025-01-01", "2026-07-31"), known="2025-01-05")
    history = [*REGION, tlv(), enrolled("2024-08-01", **LINKED), newer]
    (found,) = seen(history, "ander-samenwerkingsverband")
    assert found.sinds == "2025-01-05"
    assert found.toelichting.startswith(f"toegerekend aan {HERE} (TLV)")


@pytest.mark.parametrize(
    "history",
    [
        [tlv(TLV_THERE), enrolled("2024-08-01", tlv=[TLV_THERE])],
        [tlv(), enrolled("2024-08-01")],
        [tlv(TLV_THERE), enrolled("2024-08-01", soort_verblijf="IGZ")],
        [tlv(TLV_THERE, days=("2022-08-01", "2024-07-31")), enrolled("2024-08-01")],
        [tlv(TLV_THERE, "SBO"), enrolled("2024-08-01")],
        [
            tlv(TLV_THERE, days=("2023-08-01", "2026-07-31")),
            tlv(),
            enrolled("2024-08-01", **LINKED),
        ],
        [tlv(TLV_THERE), event("TlvIngetrokken", ISSUED, nummer=TLV_THERE, per="2025-01-01"),
         enrolled("2024-08-01")],
    ],
    ids=["linked", "the same", "residential", "ended", "for sbo", "an older one", "withdrawn"],
)  # fmt: skip
def test_no_other_samenwerkingsverband(history: list[Line]) -> None:
    assert seen([*REGION, *history], "ander-samenwerkingsverband") == []


# gesloten-inrichting


@pytest.mark.parametrize(
    ("closed", "stay", "said"),
    [
        (True, "IJH", "IJH op een vestiging van een gesloten inrichting: GJI of JJI?"),
        (False, "GJI", "GJI op een vestiging die geen gesloten inrichting is"),
        (False, "JJI", "JJI op een vestiging die geen gesloten inrichting is"),
        (True, "GJI", None),
        (True, "JJI", None),
        (True, "IGZ", None),
        (False, "IJH", None),
        (False, "geen", None),
    ],
)
def test_the_stay_and_the_vestiging(closed: bool, stay: str, said: str | None) -> None:
    enrolment = enrolled("2024-08-01", soort_verblijf=stay)
    found = seen([*REGION, vestiging("12QN00", closed=closed), enrolment], "gesloten-inrichting")
    expected = [] if said is None else [Gezien("12QN/1", said, IN_TIME, "school", [enrolment])]
    assert found == expected


def test_of_an_unknown_vestiging_nothing_is_said() -> None:
    history = [*REGION, enrolled("2024-08-01", soort_verblijf="JJI")]
    assert seen(history, "gesloten-inrichting") == []


# zonder-tlv


def test_an_enrolment_without_a_tlv() -> None:
    enrolment = enrolled("2024-08-01")
    assert seen([*REGION, enrolment], "zonder-tlv") == [
        Gezien(
            "12QN/1",
            "er is geen tlv gekoppeld en van de leerling geen geldige tlv bekend",
            IN_TIME,
            "school",
            [enrolment],
        )
    ]


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (
            [tlv(), enrolled("2024-08-01")],
            f"tlv {TLV_HERE} is geldig en niet aan deze inschrijving gekoppeld",
        ),
        (
            [enrolled("2024-08-01", **LINKED)],
            f"gekoppeld is {TLV_HERE}, maar die tlv is van deze leerling niet bekend of past niet",
        ),
    ],
)
def test_what_is_there_beside_a_tlv_that_decides(history: list[Line], said: str) -> None:
    (found,) = seen([*REGION, *history], "zonder-tlv")
    assert found.toelichting == said


@pytest.mark.parametrize(
    "history",
    [
        [tlv(), enrolled("2024-08-01", **LINKED)],
        [enrolled("2024-08-01", soort="SBO")],
        [enrolled("2024-08-01", soort="BO")],
        [enrolled("2024-08-01", soort_verblijf="IGZ")],
        [enrolled("2024-08-01", soort_verblijf="GJI")],
        [enrolled("2024-08-01", cluster=2)],
        [enrolled("2025-02-02")],
        [tlv(days=("2022-08-01", "2024-07-31")), enrolled("2023-08-01", **LINKED)],
        [enrolled("2024-08-01", key="14YY/1"), home("8011")],
    ],
    ids=[
        "linked",
        "sbo",
        "bo",
        "residential",
        "closed",
        "cluster 2",
        "later",
        "ended",
        "elsewhere",
    ],
)
def test_no_enrolment_that_lacks_a_tlv(history: list[Line]) -> None:
    assert seen([*REGION, *history], "zonder-tlv") == []


# tlv-loopt-af

ENDING = tlv(days=("2022-08-01", "2025-07-31"))


@pytest.mark.parametrize(("maanden", "there"), [(5, False), (6, True), (7, True)])
def test_a_tlv_that_ends_while_the_enrolment_runs_on(maanden: int, there: bool) -> None:
    enrolment = enrolled("2024-08-01", **LINKED)
    found = seen([*REGION, ENDING, enrolment], "tlv-loopt-af", maanden=maanden)
    said = "tlv eindigt op 31-07-2025; de inschrijving loopt door"
    expected = Gezien("12QN/1", said, IN_TIME, "samenwerkingsverband", [ENDING, enrolment])
    assert found == ([expected] if there else [])


def test_a_tlv_that_ended() -> None:
    history = [*REGION, ENDING, enrolled("2024-08-01", **LINKED)]
    (found,) = seen(history, "tlv-loopt-af", teldatum="2025-10-01")
    assert found.toelichting == "tlv eindigde op 31-07-2025; de inschrijving loopt door"


@pytest.mark.parametrize(
    "more",
    [
        [about("UitschrijvingGeregistreerd", "2025-01-15", einddatum="2025-07-31")],
        [tlv(f"{HERE}-2025-00009", days=("2025-08-01", "2027-07-31"), known="2025-01-15")],
        [event("TlvGewijzigd", "2025-01-15", nummer=TLV_HERE, einddatum="2026-07-31")],
    ],
    ids=["the enrolment ends too", "another one follows", "it was made longer"],
)
@pytest.mark.parametrize("teldatum", ["2025-02-01", "2025-10-01"])
def test_no_tlv_that_ends_too_early(more: list[Line], teldatum: str) -> None:
    history = [*REGION, ENDING, enrolled("2024-08-01", **LINKED), *more]
    assert seen(history, "tlv-loopt-af", maanden=6, teldatum=teldatum) == []


def test_an_enrolment_that_ends_a_day_later_runs_on() -> None:
    left = about("UitschrijvingGeregistreerd", "2025-01-15", einddatum="2025-08-01")
    history = [*REGION, ENDING, enrolled("2024-08-01", **LINKED), left]
    (found,) = seen(history, "tlv-loopt-af", maanden=6)
    assert found.toelichting.endswith("loopt door tot en met 01-08-2025")
    assert found.sinds == "2025-01-15"
    assert found.door[-1] == left


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2025-02-01", 6, "2025-08-01"),
        ("2025-11-30", 3, "2026-02-28"),
        ("2025-12-31", 0, "2025-12-31"),
    ],
)
def test_so_many_months_later(day: str, months: int, found: str) -> None:
    assert later(date.fromisoformat(day), months) == date.fromisoformat(found)


def test_a_tlv_that_duo_linked_to_a_residential_enrolment_ended_for_nobody() -> None:
    stay = enrolled("2024-08-01", soort_verblijf="IGZ")
    ended = tlv(days=("2022-08-01", "2024-07-31"))
    assert seen([*REGION, ended, stay, by_duo("2024-09-01")], "tlv-loopt-af") == []
    assert len(seen([*REGION, ended, stay, linking("2024-09-01")], "tlv-loopt-af")) == 1


# tlv-andere-leerling


def test_a_school_that_linked_the_tlv_of_another_pupil() -> None:
    issued = tlv(pgn=OTHER_PGN)
    enrolment = enrolled("2024-08-01", **LINKED)
    assert seen([*REGION, issued, enrolment], "tlv-andere-leerling") == [
        Gezien(
            "12QN/1",
            "de gekoppelde tlv is voor een andere leerling afgegeven",
            IN_TIME,
            "school",
            [issued, enrolment],
        )
    ]


def test_a_number_that_was_issued_twice() -> None:
    history = [*REGION, tlv(), tlv(pgn=OTHER_PGN, known="2024-07-01"), enrolled("2024-08-01")]
    found = seen(history, "tlv-andere-leerling")
    said = "het nummer is ook voor een andere leerling afgegeven"
    assert [(one.waar, one.toelichting, one.wie) for one in found] == [
        (TLV_HERE, said, "samenwerkingsverband"),
        ("12QN/1", said, "samenwerkingsverband"),
    ]
    assert {one.sinds for one in found} == {"2024-07-01"}


def test_a_number_that_nobody_issued_and_two_schools_linked() -> None:
    one = enrolled("2024-08-01", **LINKED)
    two = enrolled("2024-08-01", key="12QN/2", pgn=OTHER_PGN, **LINKED)
    found = seen([*REGION, one, two, home(pgn=OTHER_PGN)], "tlv-andere-leerling")
    assert [one.waar for one in found] == ["12QN/1", "12QN/2"]


@pytest.mark.parametrize(
    "history",
    [
        [tlv(), enrolled("2024-08-01", **LINKED)],
        [tlv(), enrolled("2024-08-01", **LINKED), enrolled("2024-09-01", key="14YY/1", **LINKED)],
        [
            tlv(pgn=OTHER_PGN),
            enrolled("2024-08-01"),
            linking("2024-09-01"),
            about("TlvOntkoppeld", "2024-09-02", nummer=TLV_HERE, door="school"),
        ],
        [
            tlv(pgn="109079195"),
            enrolled("2024-08-01", **LINKED),
            event("PgnVervangen", "2024-09-01", "109079195", nieuw_pgn=PGN),
        ],
    ],
    ids=["its own", "its own, twice", "not linked any more", "one pupil, two numbers"],
)
def test_no_tlv_of_another_pupil(history: list[Line]) -> None:
    assert seen([*REGION, *history], "tlv-andere-leerling") == []


# tlv-termijn


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (("2024-08-01", "2026-06-30"), ["een tlv eindigt op 31 juli"]),
        (("2024-08-02", "2025-07-31"), ["de tlv is korter dan een heel schooljaar"]),
        (("2024-08-01", "2025-07-31"), []),
        (("2024-09-01", "2026-07-31"), []),
        (
            ("2024-10-01", "2025-06-30"),
            ["een tlv eindigt op 31 juli", "de tlv is korter dan een heel schooljaar"],
        ),
        (("2022-08-01", "2024-06-30"), []),
    ],
)
def test_the_term_of_a_tlv(days: tuple[str, str], said: list[str]) -> None:
    issued = tlv(days=days)
    begin, eind = (f"{date.fromisoformat(day):%d-%m-%Y}" for day in days)
    assert seen([*REGION, issued], "tlv-termijn") == [
        Gezien(
            TLV_HERE,
            f"{one}: {begin} tot en met {eind}",
            ISSUED,
            "samenwerkingsverband",
            [issued],
        )
        for one in said
    ]


def test_the_term_of_a_withdrawn_tlv_is_the_one_that_was_issued() -> None:
    withdrawn = event("TlvIngetrokken", "2025-03-01", nummer=TLV_HERE, per="2025-03-10")
    assert seen([*REGION, tlv(), withdrawn], "tlv-termijn") == []
    changed = event("TlvGewijzigd", "2025-03-01", nummer=TLV_HERE, einddatum="2026-06-30")
    assert len(seen([*REGION, tlv(), changed], "tlv-termijn")) == 1
    assert seen([*REGION, tlv(), changed], "tlv-termijn", bekend_op="2025-02-28") == []


def test_the_tlvs_of_another_are_the_others_business() -> None:
    history = [*REGION, tlv(TLV_THERE, days=("2024-08-01", "2026-06-30"))]
    assert seen(history, "tlv-termijn") == []
    assert len(seen(history, "tlv-termijn", swv=THERE)) == 1


# dubbele-inschrijving


def test_both_sides_of_a_double_enrolment() -> None:
    one = enrolled("2024-08-01", key="12QN/1")
    two = enrolled("2024-10-01", "2024-10-05", key="12QN/2")
    assert seen([*REGION, one, two], "dubbele-inschrijving") == [
        Gezien("12QN/1", "ook ingeschreven op 12QN/2 (SO); deze telt niet", "2024-10-05", "school",
               [two]),
        Gezien("12QN/2", "ook ingeschreven op 12QN/1 (SO); deze telt", "2024-10-05", "school",
               [two]),
    ]  # fmt: skip


def test_the_other_one_may_be_an_ordinary_school() -> None:
    history = [*REGION, enrolled("2023-08-01", key="15BO/7", soort="BO"), enrolled("2024-08-01")]
    (found,) = seen(history, "dubbele-inschrijving")
    assert (found.waar, found.toelichting) == (
        "12QN/1",
        "ook ingeschreven op 15BO/7 (BO); deze telt",
    )


@pytest.mark.parametrize(
    "history",
    [
        [enrolled("2023-08-01", einddatum="2025-01-31"), enrolled("2025-02-01", key="12QN/2")],
        [enrolled("2023-08-01", einddatum="2024-12-31"), enrolled("2024-08-01", key="12QN/2")],
        [enrolled("2024-08-01"), enrolled("2024-09-01", key="12QN/2", soort_verblijf="GJI")],
        [enrolled("2024-08-01"), enrolled("2024-09-01", key="12QN/2", bekostigbaar=False)],
    ],
    ids=["after each other", "over before", "a closed institution", "not funded"],
)
def test_no_double_enrolment(history: list[Line]) -> None:
    assert seen([*REGION, *history], "dubbele-inschrijving") == []


# gat-tussen-inschrijvingen


@pytest.mark.parametrize(
    ("begin", "days"),
    [("2025-01-16", None), ("2025-01-17", 1), ("2025-02-12", 27), ("2025-02-13", 28),
     ("2025-02-14", None)],
)  # fmt: skip
def test_a_gap_that_the_first_school_can_close(begin: str, days: int | None) -> None:
    one = enrolled("2024-08-01", key="15BO/7", soort="BO", einddatum="2025-01-15")
    two = enrolled(begin, "2025-02-20")
    found = seen([*REGION, one, two], "gat-tussen-inschrijvingen")
    assert [(gap.waar, gap.sinds, gap.wie, gap.door) for gap in found] == (
        [] if days is None else [("15BO/7", "2025-02-20", "school", [one, two])]
    )
    if days is not None:
        day = f"{date.fromisoformat(begin):%d-%m-%Y}"
        assert found[0].toelichting.startswith(f"{days} dagen tussen 15-01-2025 en {day} (12QN/1);")
        until = date.fromordinal(date.fromisoformat(begin).toordinal() - 1)
        assert found[0].toelichting.endswith(f"naar {until:%d-%m-%Y}")


@pytest.mark.parametrize(
    "more",
    [
        [enrolled("2024-09-01", key="15BO/9", soort="BO")],
        [about("UitschrijvingGeregistreerd", "2025-02-21", einddatum="2025-01-31")],
        [about("InschrijvingVerwijderd", "2025-02-21", key="12QN/2")],
    ],
    ids=["another one runs on", "closed since", "deleted"],
)
def test_no_gap(more: list[Line]) -> None:
    one = enrolled("2024-08-01", einddatum="2025-01-15")
    two = enrolled("2025-02-01", "2025-02-20", key="12QN/2")
    assert len(seen([*REGION, one, two], "gat-tussen-inschrijvingen")) == 1
    assert seen([*REGION, one, two, *more], "gat-tussen-inschrijvingen") == []


def test_a_gap_of_another_school_year_is_over() -> None:
    history = [*REGION, enrolled("2023-08-01", einddatum="2024-01-15"),
               enrolled("2024-02-01", key="12QN/2")]  # fmt: skip
    assert seen(history, "gat-tussen-inschrijvingen") == []
    assert len(seen(history, "gat-tussen-inschrijvingen", teldatum="2024-02-01")) == 1


# na-vaststelling


def test_an_enrolment_that_was_known_too_late() -> None:
    late = enrolled("2024-08-01", "2025-03-10")
    assert seen([*REGION, late], "na-vaststelling") == [
        Gezien(
            "12QN/1",
            "voor het eerst bekend na de vaststelling van 03-03-2025; ingeschreven vanaf"
            " 01-08-2024",
            "2025-03-10",
            "school",
            [late],
        )
    ]


@pytest.mark.parametrize(
    "history",
    [
        [enrolled("2024-08-01", "2025-03-03T23:59:00+01:00")],
        [enrolled("2024-08-01"), about("InschrijvingVerwijderd", "2025-02-10"),
         enrolled("2024-08-01", "2025-03-10")],
        [enrolled("2024-08-01"), tlv(known="2025-03-10"), linking("2025-03-10")],
        [{"type": "TellingVastgesteld", "bekend_op": "2025-01-01", "teldatum": "2025-02-01",
          "schoolsoorten": ["SO"], "op": "2025-04-12"}, enrolled("2024-08-01", "2025-03-10")],
    ],
    ids=["on the last day", "was known before", "changed since", "fixed later"],
)  # fmt: skip
def test_known_in_time(history: list[Line]) -> None:
    assert seen([*REGION, *history], "na-vaststelling") == []


# pc4-zonder-samenwerkingsverband, geen-samenwerkingsverband


@pytest.mark.parametrize(
    ("history", "pc4", "none"),
    [
        ([home("3197", "2024-01-01")], "postcodegebied 3197 heeft geen samenwerkingsverband", None),
        (
            [area("3197", None, HERE_VO), home("3197", "2024-01-01")],
            "postcodegebied 3197 heeft geen samenwerkingsverband",
            None,
        ),
        ([], None, "geen tlv, geen vorige inschrijving en geen woonplaats bekend"),
        (
            [event("WoonplaatsVastgelegd", "2024-01-01", vanaf="2020-01-01", swv=[HERE_VO])],
            None,
            "van de woonplaats is alleen een samenwerkingsverband van een andere sector bekend",
        ),
        ([home("7511", "2024-01-01")], None, None),
        ([tlv(), linking("2024-09-01"), home("3197", "2024-01-01")], None, None),
    ],
    ids=["not in the table", "only vo", "no home", "only the other sector", "decided", "tlv"],
)
def test_an_enrolment_that_nobody_answers_for(
    history: list[Line], pc4: str | None, none: str | None
) -> None:
    known = [*REGION[:-1], enrolled("2024-08-01"), *history]
    for signaal, said in (("pc4-zonder-samenwerkingsverband", pc4),
                          ("geen-samenwerkingsverband", none)):  # fmt: skip
        found = [one.toelichting for one in seen(known, signaal)]
        assert found == ([] if said is None else [said])


# zonder-effect


def test_an_event_that_makes_no_sense_where_it_lands() -> None:
    left = about("UitschrijvingGeregistreerd", "2024-12-01", einddatum="2024-11-30")
    history = [*REGION, enrolled("2024-08-01"), left, enrolled("2024-09-01", key="12QN/2")]
    deleted = about("InschrijvingVerwijderd", "2024-10-01")
    assert seen(history, "zonder-effect") == []
    assert seen(history, "zonder-effect", later=[deleted]) == [
        Gezien(
            "12QN/1",
            "UitschrijvingGeregistreerd: deze inschrijving is op dat moment niet bekend; lees"
            " eerst de InschrijvingGeregistreerd in, of controleer code en volgnummer",
            "2024-12-01",
            "school",
            [left],
        )
    ]
    assert seen(history, "zonder-effect", later=[deleted], bekend_op="2024-11-30") == []


def test_what_says_what_was_known_makes_sense() -> None:
    history = [*REGION, tlv(), enrolled("2024-08-01", **LINKED), linking("2024-09-01")]
    assert seen(history, "zonder-effect") == []


def test_two_numbers_of_one_pupil_are_replayed_as_one() -> None:
    old = "109079195"
    history = [
        *REGION,
        enrolled("2024-08-01", pgn=old),
        event("PgnVervangen", "2024-09-01", old, nieuw_pgn=PGN),
        about("UitschrijvingGeregistreerd", "2025-07-10", einddatum="2025-07-31"),
    ]
    assert seen(history, "zonder-effect") == []


# All of them


def test_what_is_not_of_the_samenwerkingsverband_is_not_shown() -> None:
    away = [home("8011"), enrolled("2024-08-01", key="14YY/1")]
    assert seen([*REGION, *away], "zonder-tlv") == []
    assert len(seen([*REGION, *away], "zonder-tlv", swv=THERE)) == 1
    assert len(seen([*REGION, *away], "zonder-tlv", swv=None)) == 1


def test_attributed_elsewhere_on_an_own_vestiging_is_shown() -> None:
    history = [*REGION, home("8011", "2024-01-01"), enrolled("2024-08-01")]
    assert [one.waar for one in seen(history, "zonder-tlv")] == ["12QN/1"]
    assert [one.waar for one in seen(history, "zonder-tlv", swv=THERE)] == ["12QN/1"]


def test_a_vestiging_narrows_what_is_shown() -> None:
    history = [*REGION, enrolled("2024-08-01"), joined("12QN02", HERE)]
    assert len(seen(history, "zonder-tlv", vestigingscode="12QN00")) == 1
    assert seen(history, "zonder-tlv", vestigingscode="12QN02") == []


def test_every_signal_has_a_rule_and_somebody_who_acts() -> None:
    assert len(SIGNALEN) == 14
    assert all(signaal.regel.endswith(".") and signaal.wie for signaal in SIGNALEN.values())
    assert Keuze().signalen == ()
