"""The worked cases as a user asks them: a feed in, and the rows worked out by hand from rules.md.

The histories stand in `events_samples/<case>/feed.jsonl`, the answers in `verwacht.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.command import SAMPLES, Kijkglas, Row, ledger_with

CASES = sorted(path.parent for path in SAMPLES.glob("*/verwacht.json"))
WORKED = {f"C{number:02}" for number in range(1, 19)}


@pytest.fixture(params=CASES, ids=lambda folder: folder.name, scope="module")
def case(request: pytest.FixtureRequest) -> Path:
    """Give the folder of one case."""
    folder: Path = request.param
    return folder


@pytest.fixture(scope="module")
def asked(case: Path, tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give a ledger that holds the feed of the case, of which nothing was refused."""
    return ledger_with(tmp_path_factory.mktemp("geval"), case / "feed.jsonl")


def test_all_worked_cases_of_rules_section_11_are_here() -> None:
    assert {folder.name[:3] for folder in CASES} >= WORKED
    assert {"handleiding-1a", "slides-1b"} <= {folder.name for folder in CASES}


def test_every_feed_has_its_answers() -> None:
    feeds = {path.parent for path in SAMPLES.glob("*/feed.jsonl")}
    assert feeds == set(CASES)


def test_rows_are_those_worked_out_by_hand(case: Path, asked: Kijkglas) -> None:
    checks = json.loads((case / "verwacht.json").read_text(encoding="utf-8"))
    assert checks
    for check in checks:
        _compare(asked.fine(*_command(check)).answer, check)


def test_the_same_feed_again_books_nothing(case: Path, asked: Kijkglas) -> None:
    lines = len((case / "feed.jsonl").read_bytes().splitlines())
    again = asked.imported(case / "feed.jsonl")
    assert again.out == (
        f"feed.jsonl: {lines} regels, geboekt 0, al bekend {lines}, afgekeurd 0, let op 0\n"
    )


def _command(check: Mapping[str, Any]) -> list[str]:
    name = check["opdracht"]
    command = [name] if name == "stand" else ["report", name]
    command += ["--teldatum", check["teldatum"], "--format", "json"]
    for option in ("bekend_op", "swv"):
        if check[option] is not None:
            command += [f"--{option.replace('_', '-')}", check[option]]
    return [*command, *check.get("opties", ())]


def _compare(answer: Mapping[str, Any], check: Mapping[str, Any]) -> None:
    if check["opdracht"] != "dashboard-1a":
        assert _same_columns(answer["rows"], check["rijen"]) == check["rijen"], check
        return
    assert check["tabellen"].keys() <= answer["tabellen"].keys()
    for name, expected in check["tabellen"].items():
        assert _same_columns(answer["tabellen"][name], expected) == expected, (name, check)


def _same_columns(rows: Sequence[Row], expected: Sequence[Row]) -> list[Row]:
    """Return the rows with only the columns that the expected row at their place names."""
    if len(rows) != len(expected):
        return list(rows)
    return [
        {name: row[name] for name in wanted} for row, wanted in zip(rows, expected, strict=True)
    ]
