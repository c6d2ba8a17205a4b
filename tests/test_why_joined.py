"""`why` of a pupil whom the school knew under two PGN's, before and after that was known."""

from __future__ import annotations

from tests.why_examples import (
    FIXED,
    HERE,
    LATER,
    ONDERWIJSNUMMER,
    PGN,
    REGION,
    TLV_HERE,
    Change,
    Line,
    about,
    enrolled,
    event,
    home,
    tlv,
    why,
)

BSN, NUMBER = PGN, ONDERWIJSNUMMER
KNOWN = event("LeerlingGeregistreerd", "2014-01-01", BSN, geboortedatum="2014-01-01")
OVERIG = "PO2304 SO 12QN00 LAAG OVERIG"


def replaced(known: str) -> Line:
    return event("PgnVervangen", known, NUMBER, nieuw_pgn=BSN)


def test_registered_under_the_number_and_replaced_later_is_a_late_registration() -> None:
    residence = home(pgn=NUMBER, known="2025-03-10")
    registered = enrolled("2024-08-01", "2025-03-10", pgn=NUMBER)
    history = [*REGION, KNOWN, residence, registered, replaced("2025-04-01")]
    answer = why(history, FIXED, LATER, swv=HERE)
    assert answer.correcties == [
        Change("late registratie", 1, "", OVERIG, [residence, registered]),
    ]


def test_registered_and_replaced_on_one_day_names_all_of_it() -> None:
    residence = home(pgn=NUMBER, known="2025-04-01")
    registered = enrolled("2024-08-01", "2025-04-01", pgn=NUMBER)
    joined = replaced("2025-04-01")
    answer = why([*REGION, KNOWN, residence, registered, joined], FIXED, LATER, swv=HERE)
    assert answer.correcties == [
        Change("late registratie", 1, "", OVERIG, [residence, registered, joined]),
    ]


def test_a_tlv_known_late_under_the_number_is_a_tlv_koppeling() -> None:
    issued = tlv(pgn=NUMBER, known="2025-03-10")
    registered = enrolled("2024-08-01", pgn=NUMBER, tlv=[TLV_HERE])
    history = [*REGION[:-1], KNOWN, registered, issued, replaced("2025-04-01")]
    answer = why(history, FIXED, LATER, swv=HERE)
    counts = "PO2304 SO 12QN00 LAAG TLV"
    nobody = "(geen samenwerkingsverband)"
    assert answer.correcties == [Change("tlv-koppeling", 1, nobody, counts, [issued])]


def test_a_pupil_counted_twice_counts_once_when_it_is_known_to_be_one() -> None:
    twice = [enrolled("2024-08-01"), enrolled("2024-08-01", pgn=NUMBER), home(pgn=NUMBER)]
    joined = replaced("2025-04-01")
    answer = why([*REGION, *twice, joined], FIXED, LATER, swv=HERE)
    assert answer.aantallen == (2, 1)
    assert answer.correcties == [Change("dubbele inschrijving opgelost", -1, OVERIG, "", [joined])]


def test_what_the_other_number_had_shows_in_nobody_before_it_is_known_to_be_one() -> None:
    ends = ("2024-08-01", "2025-01-31")
    issued = tlv(pgn=NUMBER, days=ends)
    registered = enrolled("2024-08-01", pgn=NUMBER, tlv=[TLV_HERE])
    history = [
        *REGION,
        KNOWN,
        tlv(pgn=BSN, known="2024-08-02", days=ends),
        home(pgn=NUMBER),
        registered,
        issued,
        replaced("2025-12-01"),
    ]
    answer = why(history, "2025-01-31@2025-03-03", "2025-02-01@2025-03-03", swv=HERE)
    counts = "PO2304 SO 12QN00 LAAG TLV"
    assert answer.mutaties == [Change("tlv verlopen", 0, counts, OVERIG, [issued, registered])]


def test_a_pupil_that_lost_the_count_before_it_was_joined_is_followed_on() -> None:
    regular = enrolled("2024-08-01", "2025-03-10", pgn=NUMBER, key="12QN/9", soort="BO")
    special = enrolled("2024-08-01", pgn=NUMBER, key="14YY/5", vestigingscode="12QN00")
    history = [*REGION, KNOWN, home(pgn=NUMBER), special, regular, replaced("2025-04-01")]
    answer = why(history, FIXED, LATER, swv=HERE)
    assert answer.correcties == [
        Change("late registratie", -1, OVERIG, "(BO 12QN00)", [regular]),
    ]


def test_removed_under_the_number_before_the_join_names_the_removal() -> None:
    other = enrolled("2024-08-01", pgn=NUMBER, key="12QN/2")
    removed = about("InschrijvingVerwijderd", "2025-03-20", pgn=NUMBER, key="12QN/2")
    history = [*REGION, enrolled("2024-08-01"), home(pgn=NUMBER), other, removed]
    answer = why([*history, replaced("2025-04-01")], FIXED, LATER, swv=HERE)
    assert answer.correcties == [Change("verwijderde inschrijving", -1, OVERIG, "", [removed])]
