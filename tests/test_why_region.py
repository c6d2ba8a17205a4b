"""The difference of a whole region, explained to the last pupil: checked against 1B by sets.

The counts and the rows come from `report dashboard-1b` at the three points of a question;
who came, went and changed over each step follows from them without a word of `why`.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openpyxl import load_workbook

from projections.verklaring import Klasse
from synthetic import story
from synthetic.numbers import bsn_numbers
from tests.command import Kijkglas, Row
from tests.conftest import SEED

T1, T2 = "2025-02-01", "2026-02-01"
FIXED, NOW = "vaststelling", "nu"
SWVS = ("PO9901", "PO9902", "PO9903", "VO9901", "VO9902")
POINTS = ((T1, FIXED), (T1, NOW), (T2, NOW))
QUESTION = ("why", "--swv", "PO9901", "--from", f"{T1}@{FIXED}", "--to", T2)

CATEGORIE = {
    "SBO": "SBO",
    "SO_VSO_LAAG": "LAAG",
    "SO_VSO_MIDDE": "MIDDEN",
    "SO_VSO_HOOG": "HOOG",
}
"""How 1B writes a categorie."""

Line = dict[str, Any]
Member = tuple[str, str, str, str]
"""Schoolsoort, vestiging, categorie and basis of a pupil that counts."""


class Counted(NamedTuple):
    """Who counts for a samenwerkingsverband at each of the three points, by PGN."""

    members: tuple[dict[str, Member], ...]

    def of(self, place: int, value: str) -> list[set[str]]:
        """Return who is in a narrower count at each point: by a place of Member."""
        return [{pgn for pgn, row in at.items() if row[place] == value} for at in self.members]


@pytest.fixture(scope="module")
def lines(region_feed: Path) -> list[Line]:
    """Give the feed of the region."""
    return [json.loads(line) for line in region_feed.read_bytes().splitlines()]


@pytest.fixture(scope="module")
def renamed(lines: list[Line]) -> dict[str, str]:
    """Give by which PGN a pupil goes in the end, for those who changed it."""
    return {line["pgn"]: line["nieuw_pgn"] for line in lines if line["type"] == "PgnVervangen"}


@pytest.fixture(scope="module")
def counted(region_ledger: Kijkglas, renamed: dict[str, str]) -> dict[str, Counted]:
    """Give who counts for each samenwerkingsverband at the three points, out of 1B."""
    return {
        swv: Counted(
            tuple(
                {
                    _in_the_end(row["BSN_OWN"], renamed): _member(row)
                    for row in _dashboard_1b(region_ledger, swv, *point)
                }
                for point in POINTS
            )
        )
        for swv in SWVS
    }


@pytest.fixture(scope="module")
def answers(region_ledger: Kijkglas) -> dict[str, dict[str, Any]]:
    """Give the answer of `why` for each samenwerkingsverband."""
    return {swv: why(region_ledger, "--swv", swv) for swv in SWVS}


def why(command: Kijkglas, *selection: str) -> dict[str, Any]:
    """Return why a count changed from vaststelling to a year later."""
    asked = ("--from", f"{T1}@{FIXED}", "--to", T2, "--format", "json")
    return command.fine("why", *selection, *asked).answer


def _in_the_end(pgn: str, renamed: dict[str, str]) -> str:
    return renamed.get(pgn, pgn)


def _dashboard_1b(command: Kijkglas, swv: str, teldatum: str, known: str) -> list[Row]:
    asked = ("--swv", swv, "--teldatum", teldatum, "--bekend-op", known, "--format", "json")
    rows = command.fine("report", "dashboard-1b", *asked).rows
    assert len({row["BSN_OWN"] for row in rows}) == len(rows)
    return rows


def _member(row: Row) -> Member:
    """Return what 1B says of a pupil; its categorie and its swv tell the schoolsoort."""
    categorie = CATEGORIE[row["ONDERSTEUNINGSCATEGORIE"]]
    po = "SBO" if categorie == "SBO" else "SO"
    schoolsoort = "VSO" if row["SAMENWERKINGSVERBAND"].startswith("VO") else po
    basis = "OVERIG"
    if row["WIJZE_VAN_BEPALING"] == "TLV":
        basis = "TLV"
    elif row["RESIDENTIELE_LEERLING"] and schoolsoort != "SBO":
        basis = "RP"
    return schoolsoort, row["VESTIGINGSCODE"], categorie, basis


def changes_of(found: dict[str, Any], stap: str) -> dict[str, int]:
    """Return what each pupil contributes in a step; a pupil is in it once at most."""
    listed = [(one["pgn"], one["bijdrage"]) for one in found["leerlingen"] if one["stap"] == stap]
    assert len(dict(listed)) == len(listed)
    return dict(listed)


def expected_of(before: set[str], after: set[str], changed: set[str]) -> dict[str, int]:
    """Return what each pupil contributes by set logic alone."""
    return {
        **dict.fromkeys(after - before, 1),
        **dict.fromkeys(before - after, -1),
        **dict.fromkeys(changed & before & after, 0),
    }


def check(found: dict[str, Any], members: list[set[str]], rows: Counted) -> None:
    """Compare an answer with the sets of pupils at the three points."""
    first, between, last = members
    assert (found["van"]["aantal"], found["naar"]["aantal"]) == (len(first), len(last))
    assert found["verschil"] == len(last) - len(first)
    for stap, one, two, place in (
        ("correcties", first, between, 0),
        ("mutaties", between, last, 1),
    ):
        before, after = rows.members[place], rows.members[place + 1]
        changed = {pgn for pgn in one & two if before[pgn] != after[pgn]}
        assert changes_of(found, stap) == expected_of(one, two, changed)
        assert sum(found["stappen"][stap].values()) == len(two) - len(one)


@pytest.mark.parametrize("swv", SWVS)
def test_every_samenwerkingsverband_is_explained_to_the_last_pupil(
    swv: str, counted: dict[str, Counted], answers: dict[str, dict[str, Any]]
) -> None:
    members = [set(at) for at in counted[swv].members]
    assert all(len(at) > 25 for at in members)
    check(answers[swv], members, counted[swv])


@pytest.mark.parametrize("swv", SWVS)
def test_every_pupil_has_a_class_and_at_least_one_event_and_the_rows_of_1b(
    swv: str, counted: dict[str, Counted], answers: dict[str, dict[str, Any]]
) -> None:
    for one in answers[swv]["leerlingen"]:
        place = ("correcties", "mutaties").index(one["stap"])
        before, after = counted[swv].members[place : place + 2]
        assert _side(one["voor"]) == before.get(one["pgn"])
        assert _side(one["na"]) == after.get(one["pgn"])
        assert one["gebeurtenissen"]
        assert one["bijdrage"] == (one["na"] is not None) - (one["voor"] is not None)
    for stap, sums in answers[swv]["stappen"].items():
        of_class: Counter[str] = Counter()
        for one in answers[swv]["leerlingen"]:
            if one["stap"] == stap:
                of_class[one["klasse"]] += one["bijdrage"]
        assert dict(of_class) == sums


def _side(row: Row | None) -> Member | None:
    if row is None:
        return None
    return (
        row["schoolsoort"],
        row["vestigingscode"],
        row["ondersteuningscategorie"],
        row["basis"],
    )


@pytest.mark.parametrize("schoolsoort", ["SBO", "SO"])
def test_every_schoolsoort_is_explained(
    schoolsoort: str, region_ledger: Kijkglas, counted: dict[str, Counted]
) -> None:
    found = why(region_ledger, "--swv", "PO9901", "--schoolsoort", schoolsoort)
    check(found, counted["PO9901"].of(0, schoolsoort), counted["PO9901"])


@pytest.mark.parametrize(
    ("option", "place"), [("--vestiging", 1), ("--categorie", 2), ("--basis", 3)]
)
def test_every_narrower_count_is_explained_and_together_they_are_the_whole(
    option: str,
    place: int,
    region_ledger: Kijkglas,
    counted: dict[str, Counted],
    answers: dict[str, dict[str, Any]],
) -> None:
    rows = counted["PO9901"]
    values = {row[place] for at in rows.members for row in at.values()}
    assert len(values) > 2
    total = 0
    for value in sorted(values):
        found = why(region_ledger, "--swv", "PO9901", option, value)
        check(found, rows.of(place, value), rows)
        total += found["verschil"]
    assert total == answers["PO9901"]["verschil"]


def test_what_one_samenwerkingsverband_loses_to_another_the_other_gains(
    counted: dict[str, Counted], answers: dict[str, dict[str, Any]]
) -> None:
    """Within a sector both tell the same of a pupil, but for the sign."""
    crossed = 0
    for swvs in (SWVS[:3], SWVS[3:]):
        told: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for swv in swvs:
            for one in answers[swv]["leerlingen"]:
                told[one["stap"], one["pgn"]].append(one)
        for place, stap in enumerate(("correcties", "mutaties")):
            where = [
                {pgn: swv for swv in swvs for pgn in counted[swv].members[point]}
                for point in (place, place + 1)
            ]
            for pgn in where[0].keys() & where[1].keys():
                if where[0][pgn] != where[1][pgn]:
                    lost, gained = sorted(told[stap, pgn], key=lambda one: one["bijdrage"])
                    assert (lost["bijdrage"], gained["bijdrage"]) == (-1, 1)
                    assert lost["klasse"] == gained["klasse"]
                    assert lost["gebeurtenissen"] == gained["gebeurtenissen"]
                    assert (lost["voor"], lost["na_buiten"]) == (
                        gained["voor_buiten"],
                        gained["na"],
                    )
                    crossed += 1
    assert crossed > 1


def test_an_event_is_about_the_pupil_or_about_reference_data(
    lines: list[Line], renamed: dict[str, str], answers: dict[str, dict[str, Any]]
) -> None:
    for found in answers.values():
        for one in found["leerlingen"]:
            for event in one["gebeurtenissen"]:
                line = lines[event["regel"] - 1]
                assert event["type"] == line["type"]
                pgn = line.get("pgn", one["pgn"])
                assert _in_the_end(pgn, renamed) == one["pgn"]


def test_a_correction_was_known_after_vaststelling(answers: dict[str, dict[str, Any]]) -> None:
    for found in answers.values():
        for one in found["leerlingen"]:
            if one["stap"] == "correcties":
                moments = [event["bekend_op"] for event in one["gebeurtenissen"]]
                assert moments == sorted(moments)
                assert min(moments) > "2025-03-03T23:59:59.999999+01:00"
                assert {event["vaststelling"] for event in one["gebeurtenissen"]} == {"na"}


# What the generator plants

SCENES: dict[str, tuple[Klasse, int] | None] = {
    "registered_late": ("late registratie", 1),
    "registered_much_later": ("late registratie", 1),
    "tlv_linked_late": ("tlv-koppeling", 1),
    "category_changed": ("tlv-koppeling", 0),
    "deleted": ("verwijderde inschrijving", -1),
    "begin_corrected": ("gecorrigeerde datum", 1),
    "end_corrected": ("gecorrigeerde datum", 1),
    "double_resolved": ("late registratie", 0),
    "closed_after_all": ("gecorrigeerd kenmerk", -1),
    "end_moved_in_time": None,
    "withdrawn": ("tlv-koppeling", 0),
}
"""What each scene of the story is as a correction of PO9901; C13 was mended in time.

The enrolment of `double_resolved` that wins was known only after vaststelling: what was
double was that for a week, and at neither of the two moments.
"""


def test_every_scene_of_the_story_is_explained(answers: dict[str, dict[str, Any]]) -> None:
    pgns = islice(bsn_numbers(SEED), len(story.SCENES))
    names = dict(zip(pgns, (scene.__name__ for scene in story.SCENES), strict=True))
    found = {
        one["pgn"]: (one["klasse"], one["bijdrage"])
        for one in answers["PO9901"]["leerlingen"]
        if one["stap"] == "correcties" and one["pgn"] in names
    }
    assert {pgn: found.get(pgn) for pgn in names} == {
        pgn: SCENES[name] for pgn, name in names.items()
    }


class Mistake(NamedTuple):
    """How a mistake of synthetic/mistakes.py looks in the feed, and what mending it is called."""

    naam: str
    klasse: Klasse


MISTAKES = {
    "InschrijvingGeregistreerd": Mistake("late", "late registratie"),
    "InschrijvingVerwijderd": Mistake("verwijderd", "verwijderde inschrijving"),
    "TlvOntkoppeld": Mistake("koppeling", "tlv-koppeling"),
    "TlvGekoppeld": Mistake("koppeling", "tlv-koppeling"),
}


def mistake_of(line: Line) -> Mistake | None:
    """Return what a line mends, by what it says alone."""
    if line["type"] != "InschrijvingGecorrigeerd":
        return MISTAKES.get(line["type"])
    if {"begindatum", "einddatum"} & line.keys():
        return Mistake("datum", "gecorrigeerde datum")
    return Mistake("bekostigbaar" if "bekostigbaar" in line else "kenmerk", "gecorrigeerd kenmerk")


def mended(lines: list[Line], found: dict[str, Any]) -> Iterator[tuple[Mistake, Row]]:
    """Yield the corrections that one kind of mistake explains."""
    for one in found["leerlingen"]:
        if one["stap"] == "correcties":
            said = {mistake_of(lines[event["regel"] - 1]) for event in one["gebeurtenissen"]}
            (mistake,) = said if len(said) == 1 else (None,)
            if mistake is not None:
                yield mistake, one


@pytest.fixture(scope="module")
def mistakes(lines: list[Line], region_ledger: Kijkglas) -> list[tuple[Mistake, Row]]:
    """Give the corrections of all teldata and all samenwerkingsverbanden, by mistake."""
    found: list[tuple[Mistake, Row]] = []
    for teldatum in ("2023-02-01", "2024-02-01", T1, T2):
        question = ("--from", f"{teldatum}@{FIXED}", "--to", teldatum, "--format", "json")
        found += mended(lines, region_ledger.fine("why", *question).answer)
    return found


@pytest.mark.parametrize(
    "naam", ["late", "datum", "bekostigbaar", "kenmerk", "koppeling", "verwijderd"]
)
def test_a_mistake_that_is_mended_late_has_the_class_one_expects(
    naam: str, mistakes: list[tuple[Mistake, Row]]
) -> None:
    mine = [(mistake, one) for mistake, one in mistakes if mistake.naam == naam]
    assert mine
    assert {one["klasse"] for _, one in mine} == {mistake.klasse for mistake, _ in mine}


def test_what_was_removed_and_registered_again_as_it_was_is_no_removal(
    lines: list[Line], mistakes: list[tuple[Mistake, Row]]
) -> None:
    """The mistake `opnieuw`: only the pupil of the scene `deleted` is really gone."""
    keys = ("pgn", "instellingscode", "volgnummer")
    removed = [line for line in lines if line["type"] == "InschrijvingVerwijderd"]
    assert len(removed) > 30
    gone = [one for mistake, one in mistakes if mistake.naam == "verwijderd"]
    scene = [line for line in removed if line.get("reden") == "nooit gestart"]
    assert [one["pgn"] for one in gone] == [line["pgn"] for line in scene]
    times = Counter(
        tuple(line[key] for key in keys)
        for line in lines
        if line["type"] == "InschrijvingGeregistreerd"
    )
    others = [line for line in removed if line not in scene]
    assert {times[tuple(line[key] for key in keys)] for line in others} == {2}


# Forms


def test_the_workbook_has_all_pupils_and_all_events(
    region_ledger: Kijkglas, answers: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "waarom.xlsx"
    region_ledger.fine(*QUESTION, "-o", path)
    book = load_workbook(path, read_only=True)
    rows: dict[str, list[Any]] = {
        name: list(book[name].iter_rows(min_row=2, values_only=True))
        for name in ("Samenvatting", "Leerlingen", "Gebeurtenissen")
    }
    book.close()
    found = answers["PO9901"]
    assert [row[:4] for row in rows["Leerlingen"]] == [
        (one["pgn"], one["stap"], one["klasse"], one["bijdrage"]) for one in found["leerlingen"]
    ]
    assert [(row[0], row[3], row[4]) for row in rows["Gebeurtenissen"]] == [
        (one["pgn"], event["id"], event["type"])
        for one in found["leerlingen"]
        for event in one["gebeurtenissen"]
    ]
    assert rows["Samenvatting"][0][6] == found["van"]["aantal"]
    assert rows["Samenvatting"][-1][6] == found["naar"]["aantal"]
    assert sum(row[5] or 0 for row in rows["Samenvatting"]) == found["verschil"]


def test_a_screen_holds_the_whole_waterfall_within_forty_lines_of_a_hundred_columns(
    region_ledger: Kijkglas, answers: dict[str, dict[str, Any]]
) -> None:
    everything = region_ledger.fine(*QUESTION, "--format", "table").out.splitlines()
    assert max(map(len, everything)) <= 100
    shown = region_ledger(*QUESTION, "--format", "table", screen=True).out.splitlines()
    assert len(shown) < len(everything)
    top = "\n".join(everything[:40])
    for klassen in answers["PO9901"]["stappen"].values():
        for klasse in klassen:
            assert f"\n  {klasse} " in top
    assert f"Verschil {answers['PO9901']['verschil']:+}: van " in top
    for one in answers["PO9901"]["leerlingen"]:
        assert any(line.startswith(one["pgn"]) for line in everything)
