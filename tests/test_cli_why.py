"""`why` as a user asks it: which moments, which count, in which form, and what goes wrong."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any
from unittest.mock import patch
from xml.etree import ElementTree as ET

import msgspec
import pytest
from openpyxl import load_workbook

from projections.render import FORMATS
from projections.why.causes import UnexplainedChangeError
from synthetic.region import STORY, region
from tests.command import GOLDEN, TODAY, Done, Kijkglas, Row, ledger_with
from tests.conftest import Golden
from tests.ledgers import write_feed
from tests.places import copied
from tests.why_examples import (
    HERE,
    ONDERWIJSNUMMER,
    OTHER_PGN,
    PGN,
    REGION,
    THERE,
    TLV_HERE,
    Line,
    about,
    enrolled,
    event,
    home,
    linking,
    tlv,
)

BOOKED = datetime(2026, 11, 1, 7, 5, 9, tzinfo=UTC)
"""When the ledgers of these tests wrote their events down."""

ZERO_PGN = "012345672"
T1, T2 = "2025-02-01", "2026-02-01"
FIXED = f"{T1}@vaststelling"

LATE: Line = {
    **enrolled("2024-08-01", "2025-03-10T10:15:00+01:00"),
    "bron": "school",
    "kenmerk": "ROD-0007",
}
LEFT: Line = {
    **about("UitschrijvingGeregistreerd", "2025-07-10", key="12QN/9", pgn=ZERO_PGN),
    "einddatum": "2025-07-31",
}
HISTORY: list[Line] = [
    *REGION,
    tlv(pgn=ZERO_PGN),
    enrolled("2024-08-01", key="12QN/9", pgn=ZERO_PGN, tlv=[TLV_HERE]),
    LATE,
    LEFT,
]
LINE = {line["type"]: number for number, line in enumerate(HISTORY, 1)}
"""The line, and position, of the last event of a type."""


@contextmanager
def booked_at(moment: datetime) -> Iterator[None]:
    """Let the ledger book at a moment of our choice."""
    with (
        patch("ledger.appending.now", return_value=moment),
        patch("ledger.booking.now", return_value=moment),
        patch("ledger.writing.now", return_value=moment),
    ):
        yield


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give a ledger with a pupil that was registered late, and one that left."""
    with booked_at(BOOKED):
        return ledger_with(tmp_path_factory.mktemp("waarom"), HISTORY)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give a ledger with the pupils of the story alone."""
    folder = tmp_path_factory.mktemp("verhaal")
    path = folder / "verhaal.jsonl"
    encode = msgspec.json.Encoder().encode
    path.write_bytes(b"".join(encode(line) + b"\n" for line in region(2025, 0)))
    with booked_at(BOOKED):
        return ledger_with(folder, path)


def asked(command: Kijkglas, *more: object, van: str = FIXED, naar: str = T2) -> Done:
    """Ask why the count of HERE changed."""
    return command.fine("why", "--swv", HERE, "--from", van, "--to", naar, *more)


def answer(command: Kijkglas, *more: object, van: str = FIXED, naar: str = T2) -> dict[str, Any]:
    """Return the answer in JSON for another count than that of HERE, when `more` says so."""
    return command.fine("why", "--from", van, "--to", naar, *more, "--format", "json").answer


def counts(found: dict[str, Any]) -> tuple[int, int]:
    """Return both counts."""
    return found["van"]["aantal"], found["naar"]["aantal"]


# JSON


def test_the_json_is_this_and_nothing_else(told: Kijkglas) -> None:
    found = asked(told, *TODAY, "--format", "json").answer
    first, second = found["leerlingen"]
    assert re.fullmatch("[0-9a-f]{32}", first.pop("leerling"))
    assert re.fullmatch("[0-9a-f]{32}", second.pop("leerling"))
    herkomst = found.pop("herkomst")
    assert herkomst["van"] == {
        "teldatum": T1,
        "bekend_op": "2025-03-03T23:59:59.999999+01:00",
    }
    assert (herkomst["teldatum"], herkomst["bekend_op"]) == (T2, None)
    where = {"instellingscode": "12QN", "vestigingscode": "12QN00", "schoolsoort": "SO"}
    how = {"swv": HERE, "ondersteuningscategorie": "LAAG", "telt": True, "reden": ""}
    assert found == {
        "van": {
            "teldatum": T1,
            "bekend_op": "2025-03-03T23:59:59.999999+01:00",
            "aantal": 1,
            "status": "definitief",
        },
        "naar": {
            "teldatum": T2,
            "bekend_op": None,
            "aantal": 1,
            "status": "na vaststelling",
        },
        "verschil": 0,
        "stappen": {"correcties": {"late registratie": 1}, "mutaties": {"uitstroom": -1}},
        "leerlingen": [
            {
                "pgn": PGN,
                "stap": "correcties",
                "klasse": "late registratie",
                "bijdrage": 1,
                "voor": None,
                "na": {
                    **where,
                    **how,
                    "volgnummer": "1",
                    "wijze_van_bepaling": "Woonplaats leerling",
                    "basis": "OVERIG",
                    "beschikkingsnummer": None,
                },
                "voor_buiten": None,
                "na_buiten": None,
                "gebeurtenissen": [
                    {
                        "id": LINE["InschrijvingGeregistreerd"],
                        "type": "InschrijvingGeregistreerd",
                        "bekend_op": "2025-03-10T10:15:00+01:00",
                        "geboekt_op": "2026-11-01T08:05:09+01:00",
                        "vaststelling": "na",
                        "bron": "school",
                        "bestand": "feed.jsonl",
                        "regel": LINE["InschrijvingGeregistreerd"],
                        "sleutel": "12QN/1",
                        "omschrijving": "begindatum=2024-08-01, vestigingscode=12QN00,"
                        " schoolsoort=SO",
                    }
                ],
            },
            {
                "pgn": ZERO_PGN,
                "stap": "mutaties",
                "klasse": "uitstroom",
                "bijdrage": -1,
                "voor": {
                    **where,
                    **how,
                    "volgnummer": "9",
                    "wijze_van_bepaling": "TLV",
                    "basis": "TLV",
                    "beschikkingsnummer": TLV_HERE,
                },
                "na": None,
                "voor_buiten": None,
                "na_buiten": None,
                "gebeurtenissen": [
                    {
                        "id": LINE["UitschrijvingGeregistreerd"],
                        "type": "UitschrijvingGeregistreerd",
                        "bekend_op": "2025-07-10T00:00:00+02:00",
                        "geboekt_op": "2026-11-01T08:05:09+01:00",
                        "vaststelling": "voor",
                        "bron": "feed",
                        "bestand": "feed.jsonl",
                        "regel": LINE["UitschrijvingGeregistreerd"],
                        "sleutel": "12QN/9",
                        "omschrijving": "einddatum=2025-07-31",
                    }
                ],
            },
        ],
    }


def test_both_steps_are_there_when_nothing_changed(told: Kijkglas) -> None:
    found = asked(told, "--format", "json", van=FIXED, naar=FIXED).answer
    assert found["stappen"] == {"correcties": {}, "mutaties": {}}
    assert (found["verschil"], found["leerlingen"]) == (0, [])


def test_the_opdracht_is_what_was_asked(told: Kijkglas) -> None:
    herkomst = asked(told, "--format", "json").answer["herkomst"]
    question = f"why --swv {HERE} --from {FIXED} --to {T2} --format json"
    assert herkomst["opdracht"].endswith(question)
    assert herkomst["opmerkingen"] == [f"Telling: {HERE}, SBO en SO"]
    assert herkomst["hoofd"] == told.fine("verify").out.split()[-1]


# The two moments


@pytest.mark.parametrize(
    ("moment", "counted"),
    [
        (f"{T1}@vaststelling", 1),
        (f"{T1}@2025-03-03", 1),
        ("1-2-2025@3-3-2025", 1),
        ("01-02-2025@vaststelling", 1),
        (f"{T1}@2025-03-09", 1),
        (f"{T1}@2025-03-10", 2),
        (f"{T1}@2025-03-10T10:14", 1),
        (f"{T1}@2025-03-10T10:15", 2),
        (f"{T1}@2025-03-10T09:14:59Z", 1),
        (f"{T1}@2025-03-10T09:15:00Z", 2),
        (f"{T1}@2025-03-10T11:15:00+02:00", 2),
        (f"{T1}@2025-03-10T11:14:59+02:00", 1),
        (f"{T1}@nu", 2),
        (T1, 2),
    ],
)
def test_a_side_is_a_teldatum_and_a_moment(moment: str, counted: int, told: Kijkglas) -> None:
    found = asked(told, "--format", "json", van=moment, naar=f"{T1}@nu").answer
    assert counts(found) == (counted, 2)
    assert found["stappen"]["correcties"] == ({"late registratie": 1} if counted == 1 else {})
    other_way = asked(told, "--format", "json", van=f"{T1}@nu", naar=moment).answer
    assert counts(other_way) == (2, counted)
    assert other_way["verschil"] == -found["verschil"]


@pytest.mark.parametrize(
    ("known", "counted"), [("nu", (2, 1)), ("2025-03-09", (1, 1)), ("2025-03-10T10:15", (2, 2))]
)
def test_without_a_moment_both_sides_are_as_known_then(
    known: str, counted: tuple[int, int], told: Kijkglas
) -> None:
    found = asked(told, "--bekend-op", known, "--format", "json", van=T1).answer
    assert counts(found) == counted
    assert found["van"]["bekend_op"] == found["naar"]["bekend_op"]


def test_vaststelling_as_known_is_that_of_each_teldatum(told: Kijkglas) -> None:
    found = asked(told, "--bekend-op", "vaststelling", "--format", "json", van=T1).answer
    assert [found[side]["bekend_op"] for side in ("van", "naar")] == [
        "2025-03-03T23:59:59.999999+01:00",
        "2026-03-02T23:59:59.999999+01:00",
    ]
    assert [found[side]["status"] for side in ("van", "naar")] == ["definitief", "definitief"]


def test_a_moment_of_its_own_wins_from_the_common_one(told: Kijkglas) -> None:
    found = asked(
        told, "--bekend-op", "2025-03-09", "--format", "json", van=f"{T1}@nu", naar=T1
    ).answer
    assert counts(found) == (2, 1)


def test_a_position_is_the_ledger_after_its_first_events(told: Kijkglas) -> None:
    before = LINE["UitschrijvingGeregistreerd"] - 1
    found = asked(told, "--positie", before, "--format", "json").answer
    assert counts(found) == (1, 2)
    assert found["herkomst"]["positie"] == before
    assert [change["klasse"] for change in found["leerlingen"]] == ["late registratie"]
    assert counts(asked(told, "--positie", 0, "--format", "json").answer) == (0, 0)


@pytest.mark.parametrize(
    ("today", "status"), [("2026-02-15", "voorlopig"), ("2026-03-03", "na vaststelling")]
)
def test_today_decides_what_nu_is_worth(today: str, status: str, told: Kijkglas) -> None:
    found = asked(told, "--today", today, "--format", "json").answer
    assert found["naar"]["status"] == status
    assert counts(found) == (1, 1)


def test_every_form_has_both_moments_and_the_position(told: Kijkglas) -> None:
    line = (
        "Van stand per 01-02-2025, zoals bekend op 03-03-2025 23:59 naar stand per 01-02-2026,"
        f" zoals nu bekend (gebeurtenis {len(HISTORY) + 1}) - na vaststelling"
    )
    csv_done = asked(told, *TODAY, "--format", "csv")
    assert csv_done.err.splitlines()[:3] == [
        "Waarom een telling veranderde",
        line,
        f"Telling: {HERE}, SBO en SO",
    ]
    table = asked(told, *TODAY, "--format", "table").out
    assert line in " ".join(table.splitlines()[1:3])
    assert asked(told, *TODAY, "--format", "json").answer["herkomst"]["kop"] == line
    assert line in asked(told, *TODAY, "--format", "html").out
    drawn = asked(told, *TODAY, "--format", "svg").out
    for said in (
        "Van: stand per 01-02-2025, zoals bekend op 03-03-2025 23:59: 1 leerling (definitief)",
        "Naar: stand per 01-02-2026, zoals nu bekend: 1 leerling (na vaststelling)",
        f"gelezen tot en met gebeurtenis {len(HISTORY) + 1}<",
        f"Telling: {HERE}, SBO en SO",
    ):
        assert said in drawn


def fixed(soorten: list[str], op: str) -> Line:
    """Return when the count of 1 February 2025 was fixed."""
    kind = {"type": "TellingVastgesteld", "bekend_op": "2025-01-15"}
    return {**kind, "teldatum": T1, "schoolsoorten": soorten, "op": op}


def test_a_count_is_fixed_per_schoolsoort(tmp_path: Path) -> None:
    """SO was fixed on 20 March and SBO by the calendar; together when the last of them was."""
    number = f"{HERE}-2024-00005"
    history = [
        *REGION,
        home(pgn=OTHER_PGN),
        fixed(["SO"], "2025-03-20"),
        tlv(number, "SBO", pgn=OTHER_PGN),
        enrolled("2024-08-01", "2025-03-10"),
        enrolled(
            "2024-08-01", "2025-03-10", key="14YY/5", soort="SBO", tlv=[number], pgn=OTHER_PGN
        ),
    ]
    command = ledger_with(tmp_path, history)
    differences = {}
    for name, more in {
        "SBO": ("--schoolsoort", "SBO"),
        "SO": ("--schoolsoort", "SO"),
        "SBO en SO": ("--schoolsoort", "SBO", "--schoolsoort", "SO"),
        "swv": (),
    }.items():
        found = answer(command, "--swv", HERE, *more, naar=T1)
        moment = found["van"]["bekend_op"][:10]
        events = [one for change in found["leerlingen"] for one in change["gebeurtenissen"]]
        differences[name] = (moment, counts(found), [one["vaststelling"] for one in events])
    assert differences == {
        "SBO": ("2025-03-03", (0, 1), ["na"]),
        "SO": ("2025-03-20", (1, 1), []),
        "SBO en SO": ("2025-03-20", (2, 2), []),
        "swv": ("2025-03-20", (2, 2), []),
    }


def test_voor_or_na_vaststelling_is_that_of_the_teldatum_of_the_step(tmp_path: Path) -> None:
    """Known at the end of 3 March is before; a mutation is held against the second teldatum."""
    last_moment = "2025-03-03T23:59:59.999999+01:00"
    ended = about("UitschrijvingGeregistreerd", "2026-03-03", einddatum="2025-12-31", key="12QN/9",
                  pgn=OTHER_PGN)  # fmt: skip
    history = [
        *REGION,
        home(pgn=OTHER_PGN),
        enrolled("2024-08-01", last_moment, key="12QN/9", pgn=OTHER_PGN),
        enrolled("2024-08-01", "2025-03-04"),
        ended,
        about("UitschrijvingGeregistreerd", "2026-03-02", einddatum="2025-12-31"),
    ]
    command = ledger_with(tmp_path, history)
    found = answer(command, "--swv", HERE, van=f"{T1}@2025-01-01")
    said = [
        (change["pgn"], change["klasse"], event["vaststelling"])
        for change in found["leerlingen"]
        for event in change["gebeurtenissen"]
    ]
    assert said == [
        (PGN, "late registratie", "na"),
        (OTHER_PGN, "late registratie", "voor"),
        (PGN, "uitstroom", "voor"),
        (OTHER_PGN, "uitstroom", "na"),
    ]


# Which count

MOVING: list[Line] = [
    *REGION,
    tlv(),
    enrolled("2024-08-01", tlv=[TLV_HERE]),
    about("InschrijvingGewijzigd", "2025-08-25", vanaf="2025-08-01", vestigingscode="12QN01"),
    home(pgn=OTHER_PGN),
    tlv(f"{HERE}-2024-00009", "HOOG", pgn=OTHER_PGN),
    enrolled("2024-08-01", key="12QN/9", pgn=OTHER_PGN),
    linking("2025-06-02", f"{HERE}-2024-00009", "12QN/9", OTHER_PGN),
]
"""A pupil that goes to another vestiging, and one that is linked to its tlv HOOG late."""


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give the ledger of MOVING."""
    return ledger_with(tmp_path_factory.mktemp("keuze"), MOVING)


@pytest.mark.parametrize(
    ("selection", "counted", "classes"),
    [
        ([], (2, 2), {"tlv-koppeling": 0, "doorstroom": 0}),
        (["--swv", HERE], (2, 2), {"tlv-koppeling": 0, "doorstroom": 0}),
        (["--swv", "PO-23-04"], (2, 2), {"tlv-koppeling": 0, "doorstroom": 0}),
        (["--swv", THERE], (0, 0), {}),
        (["--schoolsoort", "SO"], (2, 2), {"tlv-koppeling": 0, "doorstroom": 0}),
        (["--schoolsoort", "SBO"], (0, 0), {}),
        (["--schoolsoort", "SBO", "--schoolsoort", "SO"], (2, 2),
         {"tlv-koppeling": 0, "doorstroom": 0}),
        (["--swv", HERE, "--schoolsoort", "VSO"], (0, 0), {}),
        (["--vestiging", "12QN00"], (2, 1), {"tlv-koppeling": 0, "doorstroom": -1}),
        (["--vestiging", "12QN01"], (0, 1), {"doorstroom": 1}),
        (["--vestiging", "99ZZ00"], (0, 0), {}),
        (["--categorie", "LAAG"], (2, 1), {"tlv-koppeling": -1, "doorstroom": 0}),
        (["--categorie", "HOOG"], (0, 1), {"tlv-koppeling": 1}),
        (["--basis", "TLV"], (1, 2), {"tlv-koppeling": 1, "doorstroom": 0}),
        (["--basis", "OVERIG"], (1, 0), {"tlv-koppeling": -1}),
        (["--basis", "RP"], (0, 0), {}),
        (["--wijze", "TLV"], (1, 2), {"tlv-koppeling": 1, "doorstroom": 0}),
        (["--wijze", "Woonplaats leerling"], (1, 0), {"tlv-koppeling": -1}),
        (["--vestiging", "12QN00", "--categorie", "LAAG"], (2, 0),
         {"tlv-koppeling": -1, "doorstroom": -1}),
        (["--swv", HERE, "--schoolsoort", "SO", "--vestiging", "12QN00", "--categorie", "HOOG",
          "--basis", "TLV"], (0, 1), {"tlv-koppeling": 1}),
    ],
)  # fmt: skip
def test_a_count_is_narrowed(
    selection: list[str],
    counted: tuple[int, int],
    classes: dict[str, int],
    moving: Kijkglas,
) -> None:
    found = answer(moving, *selection)
    assert counts(found) == counted
    assert {**found["stappen"]["correcties"], **found["stappen"]["mutaties"]} == classes


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        ([], "alle samenwerkingsverbanden, SBO en SO en VSO"),
        (["--swv", "VO2305"], "VO2305, VSO"),
        (["--swv", HERE, "--schoolsoort", "SO"], f"{HERE}, SO"),
        (
            ["--vestiging", "12QN00", "--categorie", "HOOG", "--basis", "TLV", "--wijze", "TLV"],
            (
                "alle samenwerkingsverbanden, SBO en SO en VSO, vestiging 12QN00, categorie HOOG,"
                " basis TLV, wijze van bepaling TLV"
            ),
        ),
    ],
)
def test_the_heading_says_what_was_counted(
    selection: list[str], words: str, moving: Kijkglas
) -> None:
    done = moving.fine("why", *selection, "--from", FIXED, "--to", T2, "--format", "csv")
    assert done.err.splitlines()[2] == f"Telling: {words}"


# What goes wrong


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2025-02-30", "--to", T1],
         "Ongeldige waarde voor --from: '2025-02-30' is geen bestaande datum"),
        (["--from", T1, "--to", "gisteren"],
         "Ongeldige waarde voor --to: 'gisteren' is geen datum; schrijf 2025-02-01 of 1-2-2025"),
        (["--from", "@nu", "--to", T1], "Ongeldige waarde voor --from: '' is geen datum"),
        (["--from", "9999-12-31", "--to", T1], "9999-12-31 ligt buiten 1900 tot en met 2999"),
        (["--from", f"{T1}@ooit", "--to", T1],
         "'ooit' is geen moment; schrijf een datum, 2025-03-03T12:00, vaststelling of nu"),
        (["--from", T1, "--to", f"{T1}@2025-02-30"],
         "Ongeldige waarde voor --to: '2025-02-30' is geen bestaande datum"),
        (["--from", f"{T1}@nu@nu", "--to", T1], "'nu@nu' is geen moment"),
        (["--from", T1], "Er ontbreekt een optie: '--to'"),
        (["--to", T1], "Er ontbreekt een optie: '--from'"),
        (["--from", f"{T1}@", "--to", T1], "Ongeldige waarde voor --from: '' is geen moment"),
        (["--from", T1, "--to", T1, "--bekend-op", "ooit"],
         "Ongeldige waarde voor --bekend-op: 'ooit' is geen moment"),
        (["--from", FIXED, "--to", f"{T1}@nu", "--bekend-op", "ooit"],
         "Ongeldige waarde voor --bekend-op: 'ooit' is geen moment"),
        (["--from", T1, "--to", T1, "--schoolsoort", "BO"],
         "'BO' is er geen van; kies uit 'SBO', 'SO', 'VSO'"),
        (["--from", T1, "--to", T1, "--schoolsoort", "VO"],
         "'VO' is er geen van; kies uit 'SBO', 'SO', 'VSO'"),
        (["--from", T1, "--to", T1, "--categorie", "hoog"], "'hoog' is er geen van; kies uit"),
        (["--from", T1, "--to", T1, "--basis", "tlv"], "'tlv' is er geen van; kies uit 'TLV'"),
        (["--from", T1, "--to", T1, "--swv", "PO99"],
         "'PO99' is geen samenwerkingsverband; schrijf bijvoorbeeld PO2304"),
        (["--from", T1, "--to", T1, "--teldatum", T1], "Optie '--teldatum' bestaat niet"),
        (["--from", T1, "--to", T1, "--format", "ods"], "'ods' is er geen van; kies uit"),
        (["--from", T1, "--to", T1, "-o", "a.ods"], "formaat 'ods' is onbekend"),
    ],
)  # fmt: skip
def test_a_wrong_use_ends_with_2_and_says_why(
    arguments: list[str], said: str, told: Kijkglas
) -> None:
    done = told("why", *arguments)
    assert (done.status, done.data) == (2, b"")
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_workbook_is_not_for_a_screen(told: Kijkglas) -> None:
    done = told("why", "--from", T1, "--to", T2, "--format", "xlsx", screen=True)
    assert done.status == 2
    assert "xlsx is geen tekst voor een scherm" in done.err


def test_an_empty_ledger_goes_from_0_to_0_in_every_form(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    found = answer(command)
    assert counts(found) == (0, 0)
    assert found["stappen"] == {"correcties": {}, "mutaties": {}}
    for form in FORMATS:
        done = asked(command, "--format", form)
        assert (done.data == b"") == (form == "jsonl")


REMOVED: list[Line] = [
    *REGION,
    enrolled("2024-08-01"),
    about("InschrijvingVerwijderd", "2025-03-12"),
    enrolled("2024-08-01", "2025-10-01", key="12QN/2"),
]
"""Removed in March, and registered under another key in October."""

IN_SUMMER = f"{T1}@2025-09-01"


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize(
    ("damage", "van", "naar", "said"),
    [
        ("geopend_door = 9999", IN_SUMMER, T1, "gebeurtenis 9999 is niet de oorzaak"),
        ("geopend_door = 1", IN_SUMMER, T1, "gebeurtenis 1 is niet de oorzaak"),
        ("bekend_van = bekend_van + 1", IN_SUMMER, T1, "gebeurtenis 16 is niet de oorzaak"),
        ("gesloten_door = 9999", FIXED, IN_SUMMER, "gebeurtenis 9999 is niet de oorzaak"),
        ("gesloten_door = NULL", FIXED, IN_SUMMER, "oorzaak"),
    ],
)
def test_a_difference_without_its_cause_is_a_defect_that_names_the_pupil_by_id(
    damage: str, van: str, naar: str, said: str, tmp_path: Path
) -> None:
    command = ledger_with(tmp_path, REMOVED)
    (change,) = asked(command, "--format", "json", van=van, naar=naar).answer["leerlingen"]
    (table,) = command.ledger.glob("standen-*.sqlite")
    with closing(sqlite3.connect(table)) as connection, connection:
        connection.execute(f"UPDATE standen SET {damage}")
    with pytest.raises(UnexplainedChangeError) as raised:
        asked(command, van=van, naar=naar)
    text = str(raised.value)
    assert text.startswith(f"leerling {change['leerling']}: ")
    assert said in text
    assert "rechthoeken: [{'geteld': " in text
    assert "'geopend_door': " in text
    assert PGN not in text


# Forms


def test_a_table_fits_a_hundred_columns(story: Kijkglas, told: Kijkglas) -> None:
    for done in (of_story(story, "table"), asked(told, "--format", "table")):
        lines = done.out.splitlines()
        assert max(map(len, lines)) <= 100
        assert any("Verschil" in line for line in lines)


def test_a_screen_holds_the_waterfall_and_the_first_pupils(story: Kijkglas) -> None:
    shown = story(*STORY_QUESTION, "--format", "table", screen=True).out
    assert "\x1b[1m" in shown
    assert "weggelaten; --format json of -o BESTAND geeft alles" in shown
    assert len(shown.splitlines()) < len(of_story(story, "table").out.splitlines())


def sections(text: str, delimiter: str = ",") -> list[list[list[str]]]:
    """Return the tables of a csv: their title, header and rows."""
    parts = re.split(r"\r?\n\r?\n", text.strip("\ufeff\r\n"))
    return [list(csv.reader(io.StringIO(part), delimiter=delimiter)) for part in parts]


def test_csv_has_the_waterfall_the_pupils_and_the_events(told: Kijkglas) -> None:
    summary, pupils, events = sections(asked(told, "--format", "csv").out)
    assert [table[0] for table in (summary, pupils, events)] == [
        ["samenvatting"],
        ["leerlingen"],
        ["gebeurtenissen"],
    ]
    assert summary[1:] == [
        ["regel", "klasse", "teldatum", "bekend_op", "leerlingen", "bijdrage", "aantal"],
        ["van", "", T1, "2025-03-03T23:59:59.999999+01:00", "", "", "1"],
        ["correcties", "late registratie", "", "", "1", "1", "2"],
        ["tussenstand", "", T1, "", "", "", "2"],
        ["mutaties", "uitstroom", "", "", "1", "-1", "1"],
        ["naar", "", T2, "", "", "", "1"],
    ]
    rows = [dict(zip(pupils[1], row, strict=True)) for row in pupils[2:]]
    assert [(row["pgn"], row["bijdrage"], row["voor_basis"], row["na_basis"]) for row in rows] == [
        (PGN, "1", "", "OVERIG"),
        (ZERO_PGN, "-1", "TLV", ""),
    ]
    assert [[row[0], row[4], row[-1]] for row in events[2:]] == [
        [PGN, "InschrijvingGeregistreerd", str(LINE["InschrijvingGeregistreerd"])],
        [ZERO_PGN, "UitschrijvingGeregistreerd", str(LINE["UitschrijvingGeregistreerd"])],
    ]


def test_between_the_steps_is_a_count_only_when_both_have_something_to_say(
    told: Kijkglas,
) -> None:
    for van, naar, regels in (
        (FIXED, T1, ["van", "correcties", "naar"]),
        (T1, T2, ["van", "mutaties", "naar"]),
        (FIXED, FIXED, ["van", "naar"]),
    ):
        summary = sections(asked(told, "--format", "csv", van=van, naar=naar).out)[0]
        assert [row[0] for row in summary[2:]] == regels


def test_csv_for_excel_is_of_duos_dialect(told: Kijkglas) -> None:
    data = asked(told, "--format", "csv-excel").data
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\n") == data.count(b"\r\n") > 10
    summary, _, events = sections(data.decode("utf-8-sig"), ";")
    assert summary[2][2] == "1-2-2025"
    assert events[2][5] == "10-3-2025 10:15:00"


def test_jsonl_is_a_pupil_a_line(told: Kijkglas) -> None:
    lines = asked(told, "--format", "jsonl").data.splitlines()
    assert [json.loads(line) for line in lines] == asked(told, "--format", "json").answer[
        "leerlingen"
    ]


def test_a_pipe_gets_csv_and_a_screen_the_table(told: Kijkglas) -> None:
    assert asked(told).data == asked(told, "--format", "csv").data
    question = ("why", "--from", FIXED, "--to", T2)
    assert "Leerlingen en gebeurtenissen" in told(*question, screen=True).out


# Workbooks


@pytest.fixture(scope="module")
def workbook(told: Kijkglas, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Give the rows of every sheet of the workbook of TOLD."""
    path = tmp_path_factory.mktemp("boek") / "waarom.xlsx"
    asked(told, *TODAY, "-o", path)
    book = load_workbook(path)
    return {sheet.title: list(sheet.iter_rows()) for sheet in book.worksheets}


def test_the_sheets_of_a_workbook(workbook: dict[str, list[Any]]) -> None:
    assert list(workbook) == ["Samenvatting", "Leerlingen", "Gebeurtenissen", "Herkomst"]


def test_the_cells_of_a_workbook_are_typed(workbook: dict[str, list[Any]]) -> None:
    header, van, late, *_ = workbook["Samenvatting"]
    cells = {title.value: cell for title, cell in zip(header, van, strict=True)}
    assert cells["teldatum"].value == datetime(2025, 2, 1)  # noqa: DTZ001 - Excel has no zones
    assert cells["bekend_op"].value == datetime(2025, 3, 3, 23, 59, 59)  # noqa: DTZ001 - idem
    assert (cells["aantal"].value, cells["aantal"].data_type) == (1, "n")
    assert [cell.value for cell in late] == [
        "correcties",
        "late registratie",
        None,
        None,
        1,
        1,
        2,
    ]
    pgns = [row[0] for row in workbook["Leerlingen"][1:]]
    assert [(cell.value, cell.data_type, cell.number_format) for cell in pgns] == [
        (PGN, "s", "@"),
        (ZERO_PGN, "s", "@"),
    ]
    event = {
        title.value: cell.value for title, cell in zip(*workbook["Gebeurtenissen"][:2], strict=True)
    }
    assert event["bekend_op"] == datetime(2025, 3, 10, 10, 15)  # noqa: DTZ001 - idem
    assert event["geboekt_op"] == datetime(2026, 11, 1, 8, 5, 9)  # noqa: DTZ001 - idem
    assert (event["id"], event["regel"]) == (LINE["InschrijvingGeregistreerd"],) * 2


def test_a_workbook_adds_up(story: Kijkglas, tmp_path: Path) -> None:
    path = tmp_path / "waarom.xlsx"
    story.fine(*STORY_QUESTION, "-o", path)
    book = load_workbook(path)
    sheets: dict[str, list[Any]] = {
        sheet.title: list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book.worksheets
    }
    summary = sheets["Samenvatting"]
    opening, *between, closing = summary
    classes = [row for row in between if row[0] in {"correcties", "mutaties"}]
    running = list(accumulate((row[5] for row in classes), initial=opening[6]))
    assert [row[6] for row in classes] == running[1:]
    assert running[-1] == closing[6]
    changed = sheets["Leerlingen"]
    assert sum(row[3] for row in changed) == closing[6] - opening[6] == 6
    for row in classes:
        mine = [pupil for pupil in changed if (pupil[1], pupil[2]) == (row[0], row[1])]
        assert (len(mine), sum(pupil[3] for pupil in mine)) == (row[4], row[5])
    assert sum(row[4] for row in classes) == len(changed)
    named = {(row[0], row[1]) for row in sheets["Gebeurtenissen"]}
    assert named == {(row[0], row[1]) for row in changed}


def test_the_herkomst_of_a_workbook_tells_both_moments(workbook: dict[str, list[Any]]) -> None:
    told_there = "\n".join(
        str(cell.value) for row in workbook["Herkomst"] for cell in row if cell.value is not None
    )
    assert "Van stand per 01-02-2025, zoals bekend op 03-03-2025 23:59" in told_there
    assert f"Telling: {HERE}, SBO en SO" in told_there
    assert "feed.jsonl" in told_there


# Pictures

SVG = "{http://www.w3.org/2000/svg}"
REFERENCES = ("href", "src", "xlink:href", "action", "data", "srcset")


def parsed(path: Path) -> ET.Element:
    """Return a picture or page that is XML, and refers to nothing outside it."""
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text.removeprefix("<!DOCTYPE html>"))  # noqa: S314 - our own file
    for element in root.iter():
        for name, value in element.attrib.items():
            local = name.rpartition("}")[2]
            assert local not in REFERENCES or value.startswith("#"), (element.tag, name, value)
        assert element.tag.rpartition("}")[2] not in {"script", "link", "iframe", "image", "img"}
    assert re.findall(r"url\((?!#)", text) == []
    assert "@import" not in text
    return root


@pytest.mark.parametrize("ending", ["svg", "html"])
def test_a_picture_stands_on_its_own_and_has_the_counts(
    ending: str, story: Kijkglas, tmp_path: Path
) -> None:
    path = tmp_path / f"waarom.{ending}"
    done = story.fine(*STORY_QUESTION, "-o", path)
    assert done.data == b""
    assert done.err.splitlines() == [f"geschreven: {path}"]
    root = parsed(path)
    words = [" ".join("".join(element.itertext()).split()) for element in root.iter(f"{SVG}text")]
    shown = " ".join(words)
    for bar in ("Stand per 01-02-2025", "Stand per 01-02-2026", "late registratie", "uitstroom"):
        assert bar in shown
    assert {"7", "14", "13", "+5", "-1"} <= {word.replace("\u2212", "-") for word in words}


def test_a_page_has_every_pupil_and_event(story: Kijkglas, tmp_path: Path) -> None:
    path = tmp_path / "waarom.html"
    story.fine(*STORY_QUESTION, "-o", path)
    page = " ".join("".join(parsed(path).itertext()).split())
    found = story.fine(*STORY_QUESTION, "--format", "json").answer
    assert len(found["leerlingen"]) == 17
    for change in found["leerlingen"]:
        assert change["pgn"] in page
        for named in change["gebeurtenissen"]:
            assert f"verhaal.jsonl:{named['regel']}" in page


# Files


def test_a_folder_gets_a_file_per_table_and_their_herkomst(told: Kijkglas, tmp_path: Path) -> None:
    folder = tmp_path / "uit"
    done = asked(told, *TODAY, "-o", folder)
    names = [
        "why_samenvatting.csv",
        "why_leerlingen.csv",
        "why_gebeurtenissen.csv",
        "herkomst.json",
    ]
    assert done.err.splitlines() == [f"geschreven: {folder / name}" for name in names]
    assert {path.name for path in folder.iterdir()} == set(names)
    pupils = (folder / names[1]).read_bytes().decode("utf-8-sig").split("\r\n")
    assert pupils[1].startswith(f"{PGN};correcties;late registratie;1;")
    assert pupils[2].startswith(f"{ZERO_PGN};mutaties;uitstroom;-1;")
    herkomst = json.loads((folder / "herkomst.json").read_bytes())
    assert list(herkomst) == names[:3]
    assert herkomst[names[0]]["herkomst"]["van"]["teldatum"] == T1


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", "csv"), ("a.json", "json"), ("a.jsonl", "jsonl"), ("a.txt", "table"),
     ("a.svg", "svg"), ("a.html", "html")],
)  # fmt: skip
def test_the_ending_of_a_file_is_its_form(
    name: str, form: str, told: Kijkglas, tmp_path: Path
) -> None:
    path = tmp_path / name
    asked(told, *TODAY, "-o", path)
    shown = asked(told, *TODAY, "--format", form).data

    def neutral(data: bytes) -> bytes:
        return re.sub(rb"kijkglas --ledger[^\"<\n]*", b"", data)

    assert neutral(path.read_bytes()) == neutral(shown)
    assert path.with_name(f"{name}.herkomst.json").exists() == (form in {"csv", "jsonl"})


def test_no_pgn_beside_the_rows(tmp_path: Path) -> None:
    """Neither in the herkomst nor on stderr, also when a file was named after a pupil."""
    command = ledger_with(tmp_path, HISTORY[:-1])
    command.imported(write_feed(tmp_path / f"{ZERO_PGN}.jsonl", [LEFT]))
    for form in FORMATS:
        shown = asked(command, "--format", form)
        written = asked(command, "--format", form, "-o", tmp_path / f"uit.{form}")
        for pgn in (PGN, ZERO_PGN):
            assert pgn not in shown.err
            assert pgn not in written.err
    found = asked(command, "--format", "json").answer
    herkomst = json.dumps(found["herkomst"])
    assert ZERO_PGN not in herkomst
    assert PGN not in herkomst
    (event,) = found["leerlingen"][1]["gebeurtenissen"]
    assert event["regel"] == 1
    assert ZERO_PGN not in json.dumps(event)
    asked(command, "-o", tmp_path / "uit")
    assert ZERO_PGN not in (tmp_path / "uit" / "herkomst.json").read_text(encoding="utf-8")


def test_a_pupil_goes_by_the_pgn_that_was_known_last(tmp_path: Path) -> None:
    """And not by that of the first moment, under which it lived there already."""
    late = enrolled("2024-08-01", "2025-03-10", pgn=ONDERWIJSNUMMER)
    became = event("PgnVervangen", "2025-05-01", ONDERWIJSNUMMER, nieuw_pgn=PGN)
    command = ledger_with(tmp_path, [*REGION[:-1], home(pgn=ONDERWIJSNUMMER), late, became])
    for naar, pgn in ((f"{T1}@2025-04-30", ONDERWIJSNUMMER), (f"{T1}@2025-05-01", PGN)):
        for sides in ((FIXED, naar), (naar, FIXED)):
            found = answer(command, van=sides[0], naar=sides[1])
            (change,) = found["leerlingen"]
            assert (change["pgn"], change["klasse"]) == (pgn, "late registratie")


# Golden files: the story

STORY_QUESTION = ("why", "--swv", STORY.swv, "--from", FIXED, "--to", T2, *TODAY)


def of_story(story: Kijkglas, form: str) -> Done:
    """Return why the count of the story changed, in a form."""
    return story.fine(*STORY_QUESTION, "--format", form)


def test_the_story_is_told_in_full(story: Kijkglas) -> None:
    """What synthetic/story.py says of itself: four so pupils and three sbo pupils more."""
    question = ("--swv", STORY.swv, "--format", "json")
    moments = ("--from", FIXED, "--to", f"{T1}@{STORY.later}")
    gained = {
        soort: story.fine("why", *question, *moments, "--schoolsoort", soort).answer["verschil"]
        for soort in ("SO", "SBO")
    }
    assert gained == {"SO": 4, "SBO": 3}


def plain(done: Done) -> bytes:
    """Return JSON without what is another in every ledger: ids, the chain, the version."""
    found = done.answer
    found["herkomst"] = found["herkomst"]["kop"]
    for change in found["leerlingen"]:
        del change["leerling"]
    return json.dumps(found, indent=1).encode() + b"\n"


def without_chain(done: Done) -> bytes:
    """Return a page without what is another in every ledger: chain, version and folder."""
    return re.sub(r"(<dt>(hoofd|versie|opdracht)</dt><dd>)[^<]*", r"\1...", done.out).encode()


SHOWN: dict[str, Callable[[Done], bytes]] = {
    "json": plain,
    "html": without_chain,
    "table": lambda done: done.data,
    "csv": lambda done: done.data,
    "svg": lambda done: done.data,
}


@pytest.mark.parametrize("form", SHOWN)
def test_the_story_in_every_form(form: str, story: Kijkglas, golden: Golden) -> None:
    ending = "txt" if form == "table" else form
    golden(GOLDEN / "why" / f"verhaal.{ending}", SHOWN[form](of_story(story, form)))


def test_the_answer_is_the_same_after_a_rebuild(story: Kijkglas, tmp_path: Path) -> None:
    ledger = tmp_path / "grootboek"
    copied(story.ledger, ledger)
    again = Kijkglas(ledger)
    again.fine("rebuild")
    rows: list[Row] = of_story(story, "json").answer["leerlingen"]
    assert of_story(again, "json").answer["leerlingen"] == rows
