"""All events under a key with the three times (cli.md, `history`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.times import end_of_day, parse_date
from projections.history import UnknownKeyError, history
from projections.refresh import refreshed
from tests.ledgers import import_events, ledger_of

PGN, BSN, OTHER = "100000004", "111222333", "123456782"
TLV = "PO2304-2024-00001"
SCHOOL = {"instellingscode": "12QN", "volgnummer": "1"}
FEED: list[dict[str, Any]] = [
    {"type": "SwvGeregistreerd", "bekend_op": "2014-08-01", "swv": "PO2304", "naam": "Twente"},
    {
        "type": "VestigingAangesloten",
        "bekend_op": "2014-08-01",
        "vestigingscode": "12QN00",
        "swv": "PO2304",
        "vanaf": "2014-08-01",
    },
    {
        "type": "UitschrijvingGeregistreerd",
        "bekend_op": "2025-01-15",
        "pgn": PGN,
        **SCHOOL,
        "einddatum": "2025-01-10",
    },
    {
        "type": "LeerlingGeregistreerd",
        "bekend_op": "2024-08-15T10:00:00+02:00",
        "bron": "school",
        "kenmerk": "ROD-7",
        "pgn": PGN,
        "geboortedatum": "2013-03-29",
    },
    {
        "type": "InschrijvingGeregistreerd",
        "bekend_op": "2024-08-20",
        "pgn": PGN,
        **SCHOOL,
        "begindatum": "2024-08-01",
        "vestigingscode": "12QN00",
        "schoolsoort": "SO",
        "tlv": [TLV],
    },
    {
        "type": "TlvAfgegeven",
        "bekend_op": "2024-08-20",
        "pgn": PGN,
        "nummer": TLV,
        "categorie": "LAAG",
        "begindatum": "2024-08-01",
        "einddatum": "2026-07-31",
    },
    {
        "type": "LeerlingGeregistreerd",
        "bekend_op": "2024-08-15",
        "pgn": OTHER,
        "geboortedatum": "2012-05-06",
    },
    {"type": "PgnVervangen", "bekend_op": "2025-02-01", "pgn": PGN, "nieuw_pgn": BSN},
    {
        "type": "WoonplaatsVastgelegd",
        "bekend_op": "2025-02-03",
        "pgn": BSN,
        "vanaf": "2020-01-01",
        "pc4": "7511",
    },
]

Row = Mapping[str, object]


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledger_of(FEED) as made:
        yield made


def told(ledger: Ledger, key: str, known: str | None = None, until: int | None = None) -> list[Row]:
    """Return the history under a key, as known on a day and up to a position."""
    model = refreshed(ledger)
    try:
        moment = None if known is None else end_of_day(parse_date(known))
        return history(ledger, model, key, moment, ledger.position if until is None else until)
    finally:
        model.close()


def types(rows: list[Row]) -> list[object]:
    return [row["type"] for row in rows]


ALL_OF_PUPIL = [
    "LeerlingGeregistreerd",
    "InschrijvingGeregistreerd",
    "TlvAfgegeven",
    "UitschrijvingGeregistreerd",
    "PgnVervangen",
    "WoonplaatsVastgelegd",
]


@pytest.mark.parametrize("pgn", [PGN, BSN])
def test_a_pupil_by_any_of_its_numbers_in_order_of_knowledge(pgn: str, ledger: Ledger) -> None:
    assert types(told(ledger, pgn)) == ALL_OF_PUPIL


def test_a_pupil_by_any_of_its_ids(ledger: Ledger) -> None:
    for identity in ledger.vault.find([PGN, BSN]).values():
        assert types(told(ledger, str(identity.stream))) == ALL_OF_PUPIL
        assert types(told(ledger, identity.stream.hex)) == ALL_OF_PUPIL


def test_an_enrolment(ledger: Ledger) -> None:
    assert types(told(ledger, "12QN/1")) == [
        "InschrijvingGeregistreerd",
        "UitschrijvingGeregistreerd",
    ]


def test_a_tlv_with_the_enrolment_that_names_it(ledger: Ledger) -> None:
    assert types(told(ledger, TLV)) == ["InschrijvingGeregistreerd", "TlvAfgegeven"]


def test_a_tlv_that_was_linked_before_anybody_issued_it(ledger: Ledger) -> None:
    link = {"type": "TlvGekoppeld", "bekend_op": "2024-09-01", "pgn": PGN, **SCHOOL}
    number = "PO2304-2024-00099"
    import_events(ledger, [{**link, "nummer": number, "door": "duo"}], "koppeling.jsonl")
    assert types(told(ledger, number)) == ["TlvGekoppeld"]


def test_reference_objects(ledger: Ledger) -> None:
    assert types(told(ledger, "12QN00")) == ["VestigingAangesloten"]
    assert types(told(ledger, "PO2304")) == ["SwvGeregistreerd"]


def test_a_row_has_the_three_times_and_where_it_came_from(ledger: Ledger) -> None:
    row = told(ledger, PGN)[0]
    booked = row.pop("geboekt_op") if isinstance(row, dict) else None
    assert isinstance(booked, datetime)
    assert booked.tzinfo is not None
    assert row == {
        "positie": next(event.positie for event in ledger.booked() if event.kenmerk == "ROD-7"),
        "type": "LeerlingGeregistreerd",
        "bekend_op": datetime(2024, 8, 15, 8, tzinfo=UTC),
        "bron": "school",
        "kenmerk": "ROD-7",
        "pgn": PGN,
        "sleutel": "",
        "omschrijving": "geboortedatum=2013-03-29",
        "bestand": "feed.jsonl",
        "regel": 4,
    }


def test_a_description_says_what_the_event_says(ledger: Ledger) -> None:
    rows = {str(row["type"]): row for row in told(ledger, BSN)}
    assert rows["PgnVervangen"]["omschrijving"] == f"nieuw_pgn={BSN}"
    assert rows["UitschrijvingGeregistreerd"]["omschrijving"] == "einddatum=2025-01-10"
    assert rows["UitschrijvingGeregistreerd"]["sleutel"] == "12QN/1"
    assert rows["TlvAfgegeven"]["sleutel"] == TLV
    assert rows["WoonplaatsVastgelegd"]["pgn"] == BSN
    assert "pc4=7511" in str(rows["WoonplaatsVastgelegd"]["omschrijving"])
    enrolled = str(rows["InschrijvingGeregistreerd"]["omschrijving"])
    assert enrolled == (
        f"begindatum=2024-08-01, vestigingscode=12QN00, schoolsoort=SO, tlv=[{TLV}]"
    )


def test_a_correction_shows_what_is_absent_and_its_periods(ledger: Ledger) -> None:
    corrected = {"type": "InschrijvingGecorrigeerd", "bekend_op": "2025-03-01", "pgn": BSN}
    period = {"vanaf": "2024-08-01", "vestigingscode": "12QN01", "bekostigbaar": False}
    import_events(
        ledger, [{**corrected, **SCHOOL, "einddatum": None, "perioden": [period]}], "c.jsonl"
    )
    last = told(ledger, "12QN/1")[-1]
    assert last["omschrijving"] == (
        "einddatum=geen, perioden=[(vanaf=2024-08-01 vestigingscode=12QN01 bekostigbaar=nee)]"
    )


def test_as_known_on_a_day(ledger: Ledger) -> None:
    assert types(told(ledger, PGN, "2024-08-20")) == ALL_OF_PUPIL[:3]
    assert types(told(ledger, PGN, "2025-01-15")) == ALL_OF_PUPIL[:4]
    with pytest.raises(UnknownKeyError):
        told(ledger, PGN, "2024-08-14")


def test_as_the_ledger_stood(ledger: Ledger) -> None:
    rows = told(ledger, PGN)
    for until in sorted(int(str(row["positie"])) for row in rows):
        kept = [row["type"] for row in rows if int(str(row["positie"])) <= until]
        assert types(told(ledger, PGN, until=until)) == kept


def test_an_import_later_gets_a_later_booking(ledger: Ledger) -> None:
    late = {**FEED[3], "kenmerk": "ROD-8", "geboortedatum": "2013-03-30"}
    import_events(ledger, [late], "later.jsonl")
    first, second = (row for row in told(ledger, PGN) if row["type"] == "LeerlingGeregistreerd")
    assert str(first["geboekt_op"]) < str(second["geboekt_op"])
    assert (first["bestand"], second["bestand"]) == ("feed.jsonl", "later.jsonl")


@pytest.mark.parametrize(
    "key",
    [
        "210000004",
        "12QN/999",
        "99ZZ/1",
        "PO2304-2024-99999",
        "99ZZ00",
        "VO2305",
        "0" * 32,
        "wat",
        "",
    ],
)
def test_a_key_that_names_nothing_is_an_error(key: str, ledger: Ledger) -> None:
    with pytest.raises(UnknownKeyError):
        told(ledger, key)


def test_a_removed_enrolment_keeps_its_history(ledger: Ledger) -> None:
    removed = {"type": "InschrijvingVerwijderd", "bekend_op": "2025-04-01", "pgn": BSN, **SCHOOL}
    import_events(ledger, [removed], "weg.jsonl")
    assert types(told(ledger, "12QN/1"))[-1] == "InschrijvingVerwijderd"


def test_an_event_that_changed_nothing_is_in_the_history_all_the_same(ledger: Ledger) -> None:
    """An enrolment that was registered, ended and removed at one moment never was."""
    key = {"instellingscode": "14YY", "volgnummer": "9"}
    fleeting = {"bekend_op": "2024-10-01", "pgn": PGN, **key}
    lines = [
        {
            "type": "InschrijvingGeregistreerd",
            **fleeting,
            "begindatum": "2024-08-01",
            "vestigingscode": "14YY00",
            "schoolsoort": "SO",
        },
        {"type": "InschrijvingVerwijderd", **fleeting},
    ]
    import_events(ledger, lines, "vluchtig.jsonl")
    assert types(told(ledger, "14YY/9")) == [
        "InschrijvingGeregistreerd",
        "InschrijvingVerwijderd",
    ]
