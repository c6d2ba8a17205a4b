"""`when`: since when a count is what it is, every value before that, and who changed it."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from projections.render import FORMATS
from projections.render.formats import PICTURES
from synthetic.numbers import bsn_numbers
from tests.command import TODAY, Done, Kijkglas, Row, columns, ledger_with
from tests.why_examples import (
    HERE,
    OTHER_PGN,
    PGN,
    REGION,
    THERE,
    TLV_HERE,
    Line,
    about,
    enrolled,
    home,
    linking,
    tlv,
)

T1 = "2025-02-01"
ON_T = ("--teldatum", T1)

# The pupil comes at once, goes in March and is back in May; the other one comes late, in April.
CAME = enrolled("2024-08-01", "2024-08-20", tlv=[TLV_HERE])
WENT = about("UitschrijvingGeregistreerd", "2025-03-10", einddatum="2025-01-15")
OTHER = enrolled("2024-08-01", "2025-04-01T09:30:00+02:00", key="12QN/9", pgn=OTHER_PGN)
BACK = about("UitschrijvingIngetrokken", "2025-05-12")
LEFT = about("UitschrijvingGeregistreerd", "2025-07-10", einddatum="2025-07-31", key="12QN/9",
             pgn=OTHER_PGN)  # fmt: skip
HISTORY: list[Line] = [
    *REGION,
    home(pgn=OTHER_PGN),
    tlv(),
    CAME,
    WENT,
    OTHER,
    BACK,
    LEFT,
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give the ledger of HISTORY."""
    return ledger_with(tmp_path_factory.mktemp("wanneer"), HISTORY)


def asked(command: Kijkglas, *more: object) -> Done:
    """Ask since when the count of HERE on 1 February 2025 is what it is."""
    return command.fine("when", "--swv", HERE, *ON_T, *more)


def tables(command: Kijkglas, *more: object) -> dict[str, list[Row]]:
    """Return the tables of the answer."""
    found: dict[str, list[Row]] = asked(command, *more, "--format", "json").answer["tabellen"]
    return found


def values(found: dict[str, list[Row]]) -> list[tuple[Any, ...]]:
    """Return the day on which each value was reached, the value, and who came and went."""
    rows = columns(found["waarden"], "bekend_op", "aantal", "verschil", "erbij", "eraf")
    return [((known or "nu")[:16], *rest) for known, *rest in rows]


def events(found: dict[str, list[Row]]) -> list[tuple[Any, ...]]:
    """Return who changed the count, and the line of the event that did it."""
    return columns(found["gebeurtenissen"], "pgn", "bijdrage", "type", "regel")


def line(event: Line) -> int:
    """Return the line of an event."""
    return HISTORY.index(event) + 1


# Over knowledge


def test_every_value_that_a_count_had(told: Kijkglas) -> None:
    found = tables(told)
    assert list(found) == ["antwoord", "waarden", "gebeurtenissen"]
    assert values(found) == [
        ("2024-08-20T00:00", 1, 1, 1, 0),
        ("2025-03-10T00:00", 0, -1, 0, 1),
        ("2025-04-01T09:30", 1, 1, 1, 0),
        ("2025-05-12T00:00", 2, 1, 1, 0),
    ]
    assert {row["teldatum"] for row in found["waarden"]} == {T1}
    assert events(found) == [
        (PGN, 1, "InschrijvingGeregistreerd", line(CAME)),
        (PGN, -1, "UitschrijvingGeregistreerd", line(WENT)),
        (OTHER_PGN, 1, "InschrijvingGeregistreerd", line(OTHER)),
        (PGN, 1, "UitschrijvingIngetrokken", line(BACK)),
    ]


def test_an_event_is_told_in_full(told: Kijkglas) -> None:
    other = tables(told)["gebeurtenissen"][2]
    other.pop("geboekt_op")
    assert other == {
        "teldatum": T1,
        "waarde_op": "2025-04-01T09:30:00+02:00",
        "pgn": OTHER_PGN,
        "bijdrage": 1,
        "id": line(OTHER),
        "type": "InschrijvingGeregistreerd",
        "bekend_op": "2025-04-01T09:30:00+02:00",
        "vaststelling": "na",
        "bron": "feed",
        "sleutel": "12QN/9",
        "omschrijving": "begindatum=2024-08-01, vestigingscode=12QN00, schoolsoort=SO",
        "bestand": "feed.jsonl",
        "regel": line(OTHER),
    }
    assert tables(told)["gebeurtenissen"][0]["vaststelling"] == "voor"


def test_since_when_a_count_is_what_it_is(told: Kijkglas) -> None:
    assert tables(told)["antwoord"] == [
        {
            "aantal": 2,
            "sinds_teldatum": T1,
            "sinds_bekend_op": "2025-05-12T00:00:00+02:00",
            "eerst_teldatum": T1,
            "eerst_bekend_op": "2025-05-12T00:00:00+02:00",
        }
    ]


def test_a_value_that_was_left_and_reached_again_was_first_there_before(told: Kijkglas) -> None:
    """One pupil in August, none in March, one again in April: another one."""
    (found,) = tables(told, "--bekend-op", "2025-05-11")["antwoord"]
    assert (found["aantal"], found["sinds_bekend_op"], found["eerst_bekend_op"]) == (
        1,
        "2025-04-01T09:30:00+02:00",
        "2024-08-20T00:00:00+02:00",
    )


def test_a_value_that_one_pupil_hands_over_to_another_was_not_left(tmp_path: Path) -> None:
    """At one moment one goes and another comes: the value is listed and its run goes on."""
    gone = about("InschrijvingVerwijderd", "2025-04-01", key="12QN/1")
    other = enrolled("2024-08-01", "2025-04-01", key="12QN/9", pgn=OTHER_PGN)
    command = ledger_with(tmp_path, [*REGION, home(pgn=OTHER_PGN), tlv(), CAME, gone, other])
    found = tables(command)
    assert values(found) == [
        ("2024-08-20T00:00", 1, 1, 1, 0),
        ("2025-04-01T00:00", 1, 0, 1, 1),
    ]
    assert found["antwoord"][0]["sinds_bekend_op"] == "2024-08-20T00:00:00+02:00"


@pytest.mark.parametrize(
    ("known", "counted", "reached"),
    [
        ("2024-08-19", 0, 0),
        ("2024-08-20", 1, 1),
        ("vaststelling", 1, 1),
        ("2025-03-10", 0, 2),
        ("2025-04-01T09:29", 0, 2),
        ("2025-04-01T07:30:00Z", 1, 3),
        ("1-4-2025", 1, 3),
        ("nu", 2, 4),
    ],
)
def test_knowledge_is_bounded(known: str, counted: int, reached: int, told: Kijkglas) -> None:
    found = tables(told, "--bekend-op", known)
    assert (found["antwoord"][0]["aantal"], len(found["waarden"])) == (counted, reached)


def test_a_position_bounds_it_too(told: Kijkglas) -> None:
    assert [row[1] for row in values(tables(told, "--positie", line(WENT)))] == [1, 0]


def test_what_never_was_counted_is_nought_and_has_no_values(told: Kijkglas) -> None:
    for selection in (["--vestiging", "99ZZ00"], ["--schoolsoort", "SBO"], ["--basis", "RP"]):
        found = tables(told, *selection)
        assert found["antwoord"] == [
            {
                "aantal": 0,
                "sinds_teldatum": None,
                "sinds_bekend_op": None,
                "eerst_teldatum": None,
                "eerst_bekend_op": None,
            }
        ]
        assert (found["waarden"], found["gebeurtenissen"]) == ([], [])


def test_a_count_that_went_back_to_nought_is_so_since_then(told: Kijkglas) -> None:
    (found,) = tables(told, "--basis", "TLV", "--bekend-op", "2025-04-15")["antwoord"]
    assert (found["aantal"], found["sinds_bekend_op"]) == (0, "2025-03-10T00:00:00+01:00")


@pytest.mark.parametrize(
    ("selection", "reached"),
    [
        (["--swv", HERE], [1, 0, 1, 2]),
        (["--swv", THERE], []),
        ([], [1, 0, 1, 2]),
        (["--schoolsoort", "SO"], [1, 0, 1, 2]),
        (["--schoolsoort", "SBO"], []),
        (["--vestiging", "12QN00"], [1, 0, 1, 2]),
        (["--vestiging", "12QN01"], []),
        (["--categorie", "LAAG"], [1, 0, 1, 2]),
        (["--categorie", "HOOG"], []),
        (["--basis", "TLV"], [1, 0, 1]),
        (["--basis", "OVERIG"], [1]),
        (["--wijze", "Woonplaats leerling"], [1]),
        (["--swv", HERE, "--basis", "TLV", "--categorie", "LAAG"], [1, 0, 1]),
    ],
)
def test_a_count_is_narrowed(selection: list[str], reached: list[int], told: Kijkglas) -> None:
    found = told.fine("when", *selection, *ON_T, "--format", "json").answer["tabellen"]
    assert [row["aantal"] for row in found["waarden"]] == reached


def test_a_correction_within_the_count_is_no_new_value(tmp_path: Path) -> None:
    """A link changes the basis and not whether the pupil counts; narrowed by basis it does."""
    late = linking("2025-06-02", TLV_HERE)
    command = ledger_with(tmp_path, [*REGION, tlv(), enrolled("2024-08-01"), late])
    assert [row[1] for row in values(tables(command))] == [1]
    narrowed = tables(command, "--basis", "TLV")
    assert values(narrowed) == [("2025-06-02T00:00", 1, 1, 1, 0)]
    assert narrowed["gebeurtenissen"][0]["type"] == "TlvGekoppeld"
    left = tables(command, "--basis", "OVERIG")
    assert [row[1:] for row in values(left)] == [(1, 1, 1, 0), (0, -1, 0, 1)]


def test_the_values_are_those_of_dashboard_1b_at_each_moment(told: Kijkglas) -> None:
    for known, counted, *_ in values(tables(told)):
        rows = told.fine(
            "report", "dashboard-1b", "--swv", HERE, *ON_T, "--bekend-op", known, "--format", "json"
        ).rows
        assert len(rows) == counted


# Over teldata


def test_every_teldatum_from_the_first_count_on(told: Kijkglas) -> None:
    found = tables(told, "--over", "teldatum")
    assert [row["teldatum"] for row in found["waarden"]] == [T1]
    later = told.fine(
        "when", "--swv", HERE, "--teldatum", "2027-02-01", "--over", "teldatum", "--format", "json"
    ).answer["tabellen"]
    assert columns(later["waarden"], "teldatum", "aantal", "verschil", "erbij", "eraf") == [
        (T1, 2, None, None, None),
        ("2026-02-01", 1, -1, 0, 1),
        ("2027-02-01", 1, 0, 0, 0),
    ]
    assert columns(
        later["gebeurtenissen"], "teldatum", "pgn", "bijdrage", "regel", "vaststelling"
    ) == [("2026-02-01", OTHER_PGN, -1, line(LEFT), "voor")]
    assert later["antwoord"] == [
        {
            "aantal": 1,
            "sinds_teldatum": "2026-02-01",
            "sinds_bekend_op": None,
            "eerst_teldatum": "2026-02-01",
            "eerst_bekend_op": None,
        }
    ]


def test_each_teldatum_as_known_at_its_own_vaststelling(told: Kijkglas) -> None:
    """1 February 2025 had one pupil then; the year after two are known, and one has left."""
    found = told.fine(
        "when", "--swv", HERE, "--teldatum", "2026-02-01", "--over", "teldatum",
        "--bekend-op", "vaststelling", "--format", "json",
    ).answer["tabellen"]  # fmt: skip
    assert columns(found["waarden"], "teldatum", "bekend_op", "aantal", "erbij", "eraf") == [
        (T1, "2025-03-03T23:59:59.999999+01:00", 1, None, None),
        ("2026-02-01", "2026-03-02T23:59:59.999999+01:00", 1, 1, 1),
    ]
    assert found["antwoord"][0]["sinds_teldatum"] == T1
    assert events(found) == [
        (OTHER_PGN, 1, "InschrijvingGeregistreerd", line(OTHER)),
        (OTHER_PGN, -1, "UitschrijvingGeregistreerd", line(LEFT)),
    ]


def test_a_value_over_teldata_that_was_left_and_reached_again(tmp_path: Path) -> None:
    ended = about("UitschrijvingGeregistreerd", "2024-12-01", einddatum="2024-11-30")
    again = enrolled("2025-08-01", "2025-08-20", key="12QN/2")
    first = enrolled("2022-08-01", "2022-08-20")
    command = ledger_with(tmp_path, [*REGION, first, ended, again])
    found = command.fine(
        "when", "--swv", HERE, "--teldatum", "2026-02-01", "--over", "teldatum", "--format", "json"
    ).answer["tabellen"]
    assert columns(found["waarden"], "teldatum", "aantal") == [
        ("2023-02-01", 1),
        ("2024-02-01", 1),
        (T1, 0),
        ("2026-02-01", 1),
    ]
    (answer,) = found["antwoord"]
    assert (answer["sinds_teldatum"], answer["eerst_teldatum"]) == ("2026-02-01", "2023-02-01")


def test_before_2022_the_teldatum_is_in_october(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, [*REGION, enrolled("2020-08-01", "2020-08-20")])
    found = command.fine(
        "when", "--swv", HERE, "--teldatum", "2023-02-01", "--over", "teldatum", "--format", "json"
    ).answer["tabellen"]
    assert [row["teldatum"] for row in found["waarden"]] == [
        "2020-10-01",
        "2021-10-01",
        "2022-02-01",
        "2023-02-01",
    ]


def test_never_counted_over_teldata_is_nought(told: Kijkglas) -> None:
    found = tables(told, "--over", "teldatum", "--vestiging", "99ZZ00")
    assert (found["antwoord"][0]["aantal"], found["waarden"]) == (0, [])


# Forms

HEADING = (
    f"Stand per 01-02-2025, zoals nu bekend (gebeurtenis {len(HISTORY) + 1}) - na vaststelling"
)


@pytest.mark.parametrize(
    ("moment", "heading"),
    [
        ([], HEADING),
        (
            ["--bekend-op", "vaststelling"],
            HEADING.replace("nu bekend", "bekend op 03-03-2025 23:59").replace("na v", "v")
            .replace("vaststelling", "definitief"),
        ),
        (["--positie", "14"], HEADING.replace(str(len(HISTORY) + 1), "14")),
        (["--today", "2025-02-15"], HEADING.replace("na vaststelling", "voorlopig")),
    ],
)  # fmt: skip
def test_the_heading_has_both_times_the_position_and_the_count(
    moment: list[str], heading: str, told: Kijkglas
) -> None:
    today = [] if "--today" in moment else TODAY
    done = asked(told, *moment, *today, "--format", "csv")
    assert done.err.splitlines()[:3] == [
        "Alle waarden van een telling",
        heading,
        f"Telling: {HERE}, SBO en SO",
    ]
    assert done.err.splitlines()[1] in asked(told, *moment, *today, "--format", "table").out
    herkomst = asked(told, *moment, *today, "--format", "json").answer["herkomst"]
    assert (herkomst["kop"], herkomst["opmerkingen"]) == (heading, [f"Telling: {HERE}, SBO en SO"])


def test_the_same_values_in_every_form(told: Kijkglas, tmp_path: Path) -> None:
    found = tables(told)
    parts = asked(told, "--format", "csv").out.strip().split("\n\n")
    for name, part in zip(found, parts, strict=True):
        title, rest = part.split("\n", 1)
        rows = list(csv.DictReader(io.StringIO(rest)))
        assert title == name
        assert rows == [
            {key: "" if value is None else str(value) for key, value in row.items()}
            for row in found[name]
        ]
    lines = asked(told, "--format", "jsonl").data.splitlines()
    assert [json.loads(one) for one in lines] == [row for rows in found.values() for row in rows]
    excel = asked(told, "--format", "csv-excel").data.decode("utf-8-sig")
    assert f"\r\n1-2-2025;1-4-2025 09:30:00;1;1;1;0\r\n" in excel  # noqa: F541 - reads as a row
    table = re.sub(" +", " ", asked(told, "--format", "table").out)
    assert " 01-04-2025 09:30 1 1 1 0" in table
    path = tmp_path / "wanneer.xlsx"
    asked(told, "-o", path)
    book = load_workbook(path)
    assert book.sheetnames == ["Antwoord", "Waarden", "Gebeurtenissen", "Herkomst"]
    counted = [row[2] for row in book["Waarden"].iter_rows(min_row=2, values_only=True)]
    assert counted == [row["aantal"] for row in found["waarden"]]


@pytest.mark.parametrize("form", sorted(PICTURES))
def test_there_is_no_picture_of_it(form: str, told: Kijkglas, tmp_path: Path) -> None:
    done = told("when", *ON_T, "--format", form)
    assert (done.status, done.data) == (2, b"")
    assert f"when heeft geen plaatje: {form} is er voor why; kies een ander" in done.err
    written = told("when", *ON_T, "-o", tmp_path / f"wanneer.{form}")
    assert written.status == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_gets_a_file_per_table(told: Kijkglas, tmp_path: Path) -> None:
    asked(told, "-o", tmp_path / "uit")
    assert {path.name for path in (tmp_path / "uit").iterdir()} == {
        "when_antwoord.csv",
        "when_waarden.csv",
        "when_gebeurtenissen.csv",
        "herkomst.json",
    }


def test_an_empty_ledger_has_an_answer_in_every_form(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    for form in [form for form in FORMATS if form not in PICTURES]:
        for over in ("bekend-op", "teldatum"):
            assert asked(command, "--over", over, "--format", form).data
    assert tables(command)["antwoord"][0]["aantal"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--over", "positie"], "'positie' is er geen van; kies uit 'bekend-op', 'teldatum'"),
        (["--bekend-op", "ooit"], "Ongeldige waarde voor --bekend-op: 'ooit' is geen moment"),
        (["--teldatum", "30-2-2025"], "'30-2-2025' is geen bestaande datum"),
        (["--schoolsoort", "BO"], "'BO' is er geen van; kies uit 'SBO', 'SO', 'VSO'"),
        (["--swv", "2304"], "'2304' is geen samenwerkingsverband"),
        (["--over", "teldatum", "--bekend-op", "ooit"], "'ooit' is geen moment"),
    ],
)
def test_a_wrong_use_ends_with_2_and_says_why(
    arguments: list[str], said: str, told: Kijkglas
) -> None:
    done = told("when", *arguments)
    assert (done.status, done.data) == (2, b"")
    assert said in done.err


def test_pupils_that_change_at_one_moment_stand_in_the_same_order_in_every_ledger(
    tmp_path: Path,
) -> None:
    """Ids of pupils are drawn at random; five pupils in order by chance is one in 120."""
    pgns = sorted(islice(bsn_numbers(seed=1), 5))
    came = [
        [home(pgn=pgn), enrolled("2024-08-01", "2024-08-20", key=f"12QN/{number}", pgn=pgn)]
        for number, pgn in enumerate(pgns)
    ]
    history = [*REGION, *(one for listed in came for one in listed)]
    command = ledger_with(tmp_path / "een", history)
    assert [row["pgn"] for row in tables(command)["gebeurtenissen"]] == pgns
