"""The calendar, and the status per vestiging: when is a count fixed, and was it checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.teldata import calendar_vaststelling, working_day
from ledger.times import parse_known_until
from projections.kalender import termijnen
from tests.command import GOLDEN, Kijkglas, Row, columns, ledger_with
from tests.conftest import Golden
from tests.ledgers import write_feed
from tests.why_examples import (
    HERE,
    HERE_VO,
    OTHER_PGN,
    REGION,
    TLV_HERE,
    Line,
    about,
    enrolled,
    home,
    tlv,
)

T = "2025-02-01"
ENROLMENT = enrolled("2024-08-01", tlv=[TLV_HERE])
ONE = [*REGION, tlv(), ENROLMENT]
FIXED = "Vast sinds 03-03-2025: 1; sindsdien"
LAST = " nu 1, laatst"
OTHER = [home(pgn=OTHER_PGN), enrolled("2024-08-01", "2025-03-10", key="12QN/2", pgn=OTHER_PGN)]


# Terms


@pytest.mark.parametrize(
    ("teldatum", "vaststelling", "publicatie", "bezwaar"),
    [
        ("2023-02-01", "2023-03-01", "2023-03-29", "2023-05-10"),
        ("2024-02-01", "2024-02-29", "2024-03-28", "2024-05-10"),
        ("2025-02-01", "2025-03-03", "2025-03-31", "2025-05-12"),
        ("2026-02-01", "2026-03-02", "2026-03-30", "2026-05-11"),
        ("2021-10-01", "2021-10-29", "2021-11-26", "2022-01-07"),
    ],
)
def test_the_terms_of_a_count(
    teldatum: str, vaststelling: str, publicatie: str, bezwaar: str
) -> None:
    day = date.fromisoformat(teldatum)
    found = termijnen(day, calendar_vaststelling(day))
    assert [str(one) for one in found] == [teldatum, vaststelling, publicatie, bezwaar]


def test_an_extended_term_moves_the_publication() -> None:
    found = termijnen(date(2023, 2, 1), parse_known_until("2023-04-12"))
    assert [str(one) for one in found] == ["2023-02-01", "2023-04-12", "2023-05-10", "2023-06-21"]


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2025-04-18", "2025-04-22"),  # Good Friday to the Tuesday after Easter
        ("2025-04-26", "2025-04-28"),
        ("2025-12-25", "2025-12-29"),
        ("2025-03-03", "2025-03-03"),
    ],
)
def test_a_term_ends_on_a_working_day(day: str, found: str) -> None:
    assert working_day(date.fromisoformat(day)) == date.fromisoformat(found)


# calendar


def calendar(
    command: Kijkglas, *more: str, swv: str = HERE, today: str = "2025-06-01"
) -> list[Row]:
    """Return the rows of the calendar of a samenwerkingsverband."""
    options = ("--swv", swv, "--today", today, "--format", "json")
    return command.fine("calendar", *options, *more).rows


def test_two_teldata_back_and_two_ahead(tmp_path: Path) -> None:
    rows = calendar(ledger_with(tmp_path, ONE))
    assert columns(rows, "teldatum", "status", "volgende_termijn", "dagen") == [
        ("2024-02-01", "na vaststelling", "", None),
        ("2025-02-01", "na vaststelling", "", None),
        ("2026-02-01", "voorlopig", "teldatum", 245),
        ("2027-02-01", "voorlopig", "teldatum", 610),
    ]
    assert {row["schoolsoorten"] for row in rows} == {"SBO, SO"}


def test_each_regime_has_its_teldata(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, ONE)
    assert columns(calendar(command, swv=HERE_VO), "teldatum", "schoolsoorten") == [
        *((f"{year}-02-01", "VSO") for year in (2024, 2025, 2026, 2027)),
        *((f"{year}-10-01", "VO") for year in (2023, 2024, 2025, 2026)),
    ]
    done = command.fine("calendar", "--today", "2021-12-01", "--format", "json")
    assert columns(done.rows, "teldatum", "schoolsoorten", "aantal_nu")[:4] == [
        ("2020-10-01", "BO, SBO, SO, VSO", None),
        ("2021-10-01", "BO, SBO, SO, VSO", None),
        ("2022-02-01", "BO, SBO, SO, VSO", None),
        ("2023-02-01", "BO, SBO, SO, VSO", None),
    ]


@pytest.mark.parametrize(
    ("today", "term", "days"),
    [
        ("2025-02-01", "teldatum", 0),
        ("2025-02-02", "vaststelling", 29),
        ("2025-03-03", "vaststelling", 0),
        ("2025-03-04", "publicatie (verwacht)", 27),
        ("2025-04-01", "einde bezwaartermijn (verwacht)", 41),
        ("2025-05-12", "einde bezwaartermijn (verwacht)", 0),
        ("2025-05-13", "", None),
    ],
)
def test_the_next_term_and_in_how_many_days(
    today: str, term: str, days: int | None, tmp_path: Path
) -> None:
    (row,) = [row for row in calendar(ledger_with(tmp_path), today=today) if row["teldatum"] == T]
    assert (row["volgende_termijn"], row["dagen"]) == (term, days)


def test_a_booked_vaststelling_goes_before_the_calendar(tmp_path: Path) -> None:
    fixed = {"type": "TellingVastgesteld", "bekend_op": "2025-03-01", "teldatum": T,
             "schoolsoorten": ["SO", "SBO"], "op": "2025-04-12"}  # fmt: skip
    rows = calendar(ledger_with(tmp_path, [*ONE, fixed]))
    assert columns(rows[:2], "vaststelling_volgens", "vaststelling", "publicatie_verwacht") == [
        ("berekend", "2024-02-29T23:59:59.999999+01:00", "2024-03-28"),
        ("geboekt", "2025-04-12T23:59:59.999999+02:00", "2025-05-12"),
    ]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ([], "Vast sinds 03-03-2025: 1, sindsdien niet gewijzigd"),
        (
            OTHER,
            "Vast sinds 03-03-2025: 1; sindsdien +1 (late registratie +1), nu 2, laatst 10-03-2025",
        ),
        (
            [*OTHER, about("InschrijvingVerwijderd", "2025-03-12")],
            f"{FIXED} +0 (late registratie +1, verwijderde inschrijving -1),{LAST} 12-03-2025",
        ),
    ],
)
def test_are_the_numbers_stable(more: list[Line], told: str, tmp_path: Path) -> None:
    row = calendar(ledger_with(tmp_path, [*ONE, *more]))[1]
    assert row["antwoord"] == told


def test_before_the_vaststelling_nothing_is_stable(tmp_path: Path) -> None:
    row = calendar(ledger_with(tmp_path, ONE), today="2025-02-20")[1]
    assert row["antwoord"] == "Niet stabiel: vast op 03-03-2025; nu 1"
    assert (row["status"], row["aantal_bij_vaststelling"]) == ("voorlopig", None)
    ahead = calendar(ledger_with(tmp_path / "b", ONE), today="2024-12-01")[2]
    assert ahead["antwoord"] == "Nog niet geteld; zoals nu bekend 1"


def test_the_last_event_that_changed_a_count(tmp_path: Path) -> None:
    row = calendar(ledger_with(tmp_path, [*ONE, *OTHER]))[1]
    position = len([*ONE, *OTHER])
    assert (
        row["laatste_gebeurtenis"] == f"InschrijvingGeregistreerd 12QN/2 (gebeurtenis {position})"
    )
    assert (row["verschil"], row["leerlingen_gewijzigd"]) == (1, 1)
    earlier = calendar(ledger_with(tmp_path / "b", [*ONE, *OTHER]), "--bekend-op", "2025-03-09")[1]
    assert (earlier["aantal_nu"], earlier["verschil"]) == (1, 0)


def test_pupils_in_vo_are_those_of_the_linked_vestigingen(tmp_path: Path) -> None:
    pupil = enrolled("2024-08-01", key="12QN/5", soort="VO")
    late = enrolled("2024-08-01", "2024-12-01", key="12QN/6", soort="VO", pgn=OTHER_PGN)
    row = calendar(ledger_with(tmp_path, [*REGION, pupil, late]), swv=HERE_VO)[5]
    assert (row["teldatum"], row["aantal_bij_vaststelling"], row["aantal_nu"]) == (
        "2024-10-01",
        1,
        2,
    )


def test_the_screen_of_the_calendar(tmp_path: Path, golden: Golden) -> None:
    options = ("--swv", HERE, "--today", "2025-06-01", "--format", "table")
    done = ledger_with(tmp_path, [*ONE, *OTHER]).fine("calendar", *options)
    golden(GOLDEN / "kalender.txt", done.data)


def test_the_vaststelling_is_no_moment_for_all_teldata(tmp_path: Path) -> None:
    done = ledger_with(tmp_path)("calendar", "--bekend-op", "vaststelling")
    assert done.status == 2
    assert "elke teldatum heeft haar eigen vaststelling" in done.err


# status


def reported(known: str, totaal: object = 1, vestiging: str = "12QN00", **cells: object) -> Line:
    """Return a row of file 1 that DUO reported: LAAG by a tlv unless said otherwise."""
    counts = cells or {"aantal_laag_tlv": totaal}
    return {
        "type": "AantallenGemeld",
        "bekend_op": known,
        "tabel": "met_tlv",
        "swv": HERE,
        "teldatum": T,
        "schoolsoort": "SO",
        "vestigingscode": vestiging,
        "aantallen": {"totaal": totaal, **counts},
    }


def status(folder: Path, history: Sequence[Line], *more: str) -> dict[str, Row]:
    """Return the status by vestiging."""
    command = ledger_with(folder, history)
    return {row["vestigingscode"]: row for row in asked(command, *more)}


def asked(command: Kijkglas, *more: str) -> list[Row]:
    """Return the rows of the status."""
    options = ("--swv", HERE, "--teldatum", T, "--format", "json")
    return command.fine("status", *options, *more).rows


LATER = enrolled("2024-08-01", "2025-04-01", key="12QN/2", pgn=OTHER_PGN)


@pytest.mark.parametrize(
    ("checks", "colour", "said"),
    [
        ([], "grijs", "nooit gecontroleerd"),
        ([reported("2025-03-05")], "groen", ""),
        ([reported("2025-03-05", "<5")], "groen", ""),
        ([reported("2025-03-05", 2)], "rood",
         "SO totaal: ons 1, DUO 2; SO aantal_laag_tlv: ons 1, DUO 2"),
        ([reported("2025-03-05", 1, aantal_hoog_tlv=1)], "rood",
         "SO aantal_hoog_tlv: ons 0, DUO 1; SO aantal_laag_tlv: ons 1, DUO 0"),
        ([reported("2025-03-05"), reported("2025-03-06", 2)], "rood",
         "SO totaal: ons 1, DUO 2; SO aantal_laag_tlv: ons 1, DUO 2"),
        ([reported("2025-03-05", 2), reported("2025-03-06")], "groen", ""),
        ([reported("2025-03-05"), home(pgn=OTHER_PGN), LATER], "geel",
         "aantallen gewijzigd sinds de controle"),
        ([reported("2025-03-05"), home(pgn=OTHER_PGN), LATER,
          reported("2025-04-02", 2, aantal_laag_tlv=1, aantal_laag_overig=1)], "groen", ""),
        ([reported("2025-03-05"), home(pgn=OTHER_PGN), LATER, reported("2025-04-02", 1)], "rood",
         "SO totaal: ons 2, DUO 1; SO aantal_laag_overig: ons 1, DUO 0"),
    ],
    ids=["never", "agrees", "hidden", "differs", "another cell", "a newer one fails",
         "a newer one agrees", "changed since", "checked again", "fails after a change"],
)  # fmt: skip
def test_the_colour_of_a_vestiging(
    checks: list[Line], colour: str, said: str, tmp_path: Path
) -> None:
    row = status(tmp_path, [*ONE, *checks])["12QN00"]
    assert (row["status"], row["toelichting"]) == (colour, said)


def test_a_row_of_one_vestiging_checks_no_other(tmp_path: Path) -> None:
    other = [home(pgn=OTHER_PGN), enrolled("2024-08-01", key="14YY/2", pgn=OTHER_PGN)]
    found = status(tmp_path, [*ONE, *other, reported("2025-03-05")])
    assert [(code, row["status"]) for code, row in found.items()] == [
        ("12QN00", "groen"),
        ("14YY00", "grijs"),
    ]


def test_what_was_checked_later_than_asked_is_not_seen(tmp_path: Path) -> None:
    history = [*ONE, reported("2025-03-05"), reported("2025-03-08", 2)]
    assert status(tmp_path, history, "--bekend-op", "2025-03-07")["12QN00"]["status"] == "groen"
    assert status(tmp_path / "b", history)["12QN00"]["status"] == "rood"


HEADER = (
    "SCHOOLSOORT;VESTIGINGSCODE;DEELNEMENDE_VESTIGING;TOTAAL;AANTAL_HOOG_TLV;AANTAL_HOOG_RP;"
    "AANTAL_HOOG_OVERIG;AANTAL_MIDDEN_TLV;AANTAL_MIDDEN_RP;AANTAL_MIDDEN_OVERIG;AANTAL_LAAG_TLV;"
    "AANTAL_LAAG_RP;AANTAL_LAAG_OVERIG;AANTAL_SBO_TLV;AANTAL_SBO_OVERIG"
)


def download(command: Kijkglas, folder: Path, known: str, *rows: str) -> None:
    """Read in a download of file 1."""
    name = f"Aantallen_leerlingen_met_tlv_svw_{HERE}_01_02_2025.csv"
    path = folder / known / name
    path.parent.mkdir(parents=True)
    path.write_text("\r\n".join([HEADER, *rows, ""]), encoding="utf-8")
    command.imported(path, more=("--bekend-op", known))


def test_a_download_checks_every_vestiging(tmp_path: Path) -> None:
    other = [home(pgn=OTHER_PGN), enrolled("2024-08-01", key="14YY/2", pgn=OTHER_PGN)]
    command = ledger_with(tmp_path, [*ONE, *other])
    download(command, tmp_path, "2025-03-05", "SO;12QN00;Ja;1;0;0;0;0;0;0;1;0;0;0;0")
    rows = asked(command)
    assert columns(rows, "vestigingscode", "status", "aantal_nu", "aantal_duo", "controle") == [
        ("12QN00", "groen", 1, "1", "dashboard 1A"),
        ("14YY00", "rood", 1, "0", "dashboard 1A"),
    ]


def test_a_download_that_says_the_same_is_a_check_too(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, ONE)
    row = "SO;12QN00;Ja;1;0;0;0;0;0;0;1;0;0;0;0"
    download(command, tmp_path, "2025-03-05", row)
    more = [home(pgn=OTHER_PGN), LATER]
    command.imported(write_feed(tmp_path / "meer.jsonl", more))
    assert columns(asked(command), "status") == [("geel",)]
    download(command, tmp_path, "2025-04-05", row, "SO;12QN09;Ja;0;0;0;0;0;0;0;0;0;0;0;0")
    (found, _) = asked(command)
    assert (found["status"], found["gecontroleerd_op"]) == ("rood", "2025-04-05T00:00:00+02:00")


def sealed(known: str, verschillen: int = 0, **aantallen: Any) -> Line:  # noqa: ANN401 - counts
    """Return a seal of the comparison of 1B with the ledger."""
    figures = aantallen.pop("figures", {"12QN00 SO LAAG": 1})
    return {
        "type": "AansluitingVerzegeld",
        "bekend_op": known,
        "aansluiting": f"1B tegen grootboek {HERE} {T}",
        "bestanden": ["ab" * 32],
        "teldatum": T,
        "zoals_bekend_op": f"{known}T12:00:00+01:00",
        "aantallen": {**figures, "verschillen": verschillen, **aantallen},
    }


@pytest.mark.parametrize(
    ("history", "colour"),
    [
        ([sealed("2025-03-05")], "groen"),
        ([sealed("2025-03-05", 2, geaccepteerd=2)], "groen"),
        ([sealed("2025-03-05", 2, geaccepteerd=1)], "rood"),
        ([sealed("2025-03-05"), home(pgn=OTHER_PGN), LATER], "geel"),
        ([sealed("2025-03-05"), reported("2025-03-06", 2)], "rood"),
        ([reported("2025-03-05", 2), sealed("2025-03-06")], "groen"),
        ([reported("2025-03-05"), sealed("2025-03-06", 1)], "rood"),
    ],
    ids=["agrees", "accepted", "open", "changed", "a newer one fails", "a newer one agrees",
         "newer and open"],
)  # fmt: skip
def test_a_seal_is_a_check(history: list[Line], colour: str, tmp_path: Path) -> None:
    assert status(tmp_path, [*ONE, *history])["12QN00"]["status"] == colour


@pytest.mark.parametrize(("verschillen", "colour"), [(1, "rood"), (0, "groen")])
def test_a_seal_is_also_about_a_vestiging_that_counts_no_more(
    verschillen: int, colour: str, tmp_path: Path
) -> None:
    first = sealed("2025-03-05", figures={"12QN00 SO LAAG": 1, "14YY00 SO LAAG": 1})
    found = status(tmp_path, [*ONE, first, sealed("2025-03-06", verschillen)])
    assert found["14YY00"]["status"] == colour


def test_a_seal_of_two_files_checks_nothing_of_ours(tmp_path: Path) -> None:
    seal = {**sealed("2025-03-05"), "aansluiting": f"twee downloads van 1B {HERE} {T}"}
    assert status(tmp_path, [*ONE, seal])["12QN00"]["status"] == "grijs"


def test_of_each_colour_it_is_said_how_many(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, [*ONE, reported("2025-03-05")])
    options = ("--swv", HERE, "--teldatum", T, "--format", "json")
    told = command.fine("status", *options).answer["herkomst"]["opmerkingen"]
    assert told == ["groen 1, rood 0, geel 0, grijs 0"]


def test_the_status_is_of_a_samenwerkingsverband(tmp_path: Path) -> None:
    done = ledger_with(tmp_path)("status", "--teldatum", T)
    assert done.status == 2
    assert "--swv" in done.err
