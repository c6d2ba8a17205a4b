"""What random histories promise: every event is fit to be booked by itself (events.md 4)."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

from hypothesis import given

from tests.histories import histories, random_history, random_moment
from tests.histories_pools import FAMILIES, MOMENTS
from tests.oracle_facts import instant

if TYPE_CHECKING:
    from tests.oracle_facts import Event

CODES = {
    "pgn": r"\d{9}",
    "nieuw_pgn": r"\d{9}",
    "instellingscode": r"\d{2}[A-Z]{2}",
    "vestigingscode": r"\d{2}[A-Z]{2}\d{2}",
    "pc4": r"\d{4}",
    "nummer": r"(PO|VO)\d{4}-\d{4}-\d{5}",
}
ATTRIBUTES = {
    "vestigingscode",
    "schoolsoort",
    "soort_verblijf",
    "bekostigbaar",
    "ondersteuningscategorie",
    "cluster",
    "vo_kenmerk",
}


@given(histories())
def test_every_event_is_fit_to_be_booked(history: list[Event]) -> None:
    for event in history:
        for field, form in CODES.items():
            assert field not in event or re.fullmatch(form, event[field]), event
        check_numbers(event)
        check_dates(event)
        check_enrolment(event)
        check_corrections(event)


def check_numbers(event: Event) -> None:
    """Check the digits of PGN's, and that a tlv has the sector of what it is linked to."""
    for field in ("pgn", "nieuw_pgn"):
        if field in event:
            digits = [int(digit) for digit in event[field]]
            rest = (sum((9 - at) * digits[at] for at in range(8)) - digits[8]) % 11
            assert rest == (5 if event[field].startswith("10") else 0)
    if event.get("categorie") == "SBO":
        assert event["nummer"].startswith("PO")
    if "volgnummer" in event:
        sector = {"P": "PO", "V": "VO"}.get(event["volgnummer"][0], "none")
        linked = [*event.get("tlv", ()), *([event["nummer"]] if "nummer" in event else [])]
        assert all(number.startswith(sector) for number in linked), event


def check_dates(event: Event) -> None:
    """Check that no end lies before the begin that the same event names."""
    for begin, end in (("begindatum", "einddatum"), ("vanaf", "tot_en_met")):
        if event.get(begin) and event.get(end):
            assert event[begin] <= event[end], event


def check_enrolment(event: Event) -> None:
    """Check that the vestiging is of the instelling, the schoolsoort of its family."""
    for one in (event, *event.get("perioden", ())):
        if "volgnummer" in event and "vestigingscode" in one:
            assert one["vestigingscode"].startswith(event["instellingscode"])
        if "volgnummer" in event and "schoolsoort" in one:
            assert one["schoolsoort"] in FAMILIES[event["volgnummer"][0]]


def check_corrections(event: Event) -> None:
    """Check that a change says something and that periods ascend from the begin it names."""
    if event["type"] == "InschrijvingGewijzigd":
        assert ATTRIBUTES & set(event)
    if event["type"] == "InschrijvingGecorrigeerd":
        assert (ATTRIBUTES | {"begindatum", "einddatum", "perioden"}) & set(event)
        assert "periode" not in event or ATTRIBUTES & set(event)
    if "perioden" in event:
        starts = [periode["vanaf"] for periode in event["perioden"]]
        assert starts == sorted(set(starts))
        assert event.get("begindatum", starts[0]) == starts[0]
        assert len({periode["schoolsoort"] for periode in event["perioden"]}) == 1


def test_a_seed_makes_one_history_and_moment() -> None:
    made = []
    for _ in range(2):
        random = Random(7)  # noqa: S311  no secret is made
        history = random_history(random)
        made.append((history, random_moment(random, history)))
    assert made[0] == made[1]


def test_the_pool_of_moments_is_in_order_with_one_instant_in_two_spellings() -> None:
    instants = [instant(moment) for moment in MOMENTS]
    assert instants == sorted(instants)
    assert len(set(instants)) == len(instants) - 1
