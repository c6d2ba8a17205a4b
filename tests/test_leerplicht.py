"""Verzuim and vrijstelling: checked against earlier imports, sealed, without effect on counts."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.events import Beschermd, topic_of
from projections.refresh import rebuild
from tests.command import ledger_with
from tests.histories import histories
from tests.histories_leerplicht import with_leerplicht
from tests.ledgers import Feed, import_events, ledger_of, refreshed, stand_rows
from tests.pupils import PGN, about, area, enrolled, found, home

BASE = [area("7901", "PO2304", "VO2305"), home(pc4="7901"), enrolled("2024-08-01")]


def told(kind: str, bekend_op: str = "2024-10-05", **fields: object) -> dict[str, Any]:
    """Return an event about the pupil."""
    return {"type": kind, "bekend_op": bekend_op, "pgn": PGN, **fields}


INDICATORS = [
    told("VerzuimGemeld", soort="relatief", vanaf="2024-10-01"),
    told("VerzuimBeeindigd", "2024-11-05", tot_en_met="2024-10-31"),
    told("VrijstellingVerleend", "2024-12-01", vanaf="2024-12-01", grond="artikel 11"),
    told("VrijstellingBeeindigd", "2025-01-05", tot_en_met="2025-01-03"),
    about("OntwikkelingsperspectiefVastgesteld", bekend_op="2024-10-06", vanaf="2024-09-15"),
]


def test_an_end_in_a_later_import_is_checked_against_what_was_sealed() -> None:
    opened, ended = INDICATORS[:2]
    with ledger_of([*BASE, opened]) as ledger:
        early = {**ended, "bekend_op": "2024-10-01"}
        refused = import_events(ledger, [early], "te-vroeg.jsonl").booked.refused
        assert [problem.veld for one in refused for problem in one.problems] == ["tot_en_met"]
        assert import_events(ledger, [ended], "later.jsonl").booked.geboekt == 1
        again = {**ended, "bekend_op": "2024-12-05", "tot_en_met": "2024-11-30"}
        (one,) = import_events(ledger, [again], "weer.jsonl").booked.refused
        assert one.problems[0].regel == "er loopt op dat moment geen verzuim"


@pytest.mark.map("about the files of a folder")
def test_they_are_sealed_in_the_log_and_stand_in_no_other_file() -> None:
    with ledger_of([*BASE, *INDICATORS]) as ledger:
        rebuild(ledger).close()
        sealed = {
            topic_of(event.fact) for event in ledger.booked() if isinstance(event.fact, Beschermd)
        }
        files = [path for path in ledger.folder.rglob("*") if path.is_file()]
        contents = b"".join(path.read_bytes() for path in files)
    assert {str(event["type"]) for event in INDICATORS[:4]} <= sealed
    assert b"artikel 11" not in contents
    assert b"relatief" not in contents


def test_they_write_back_as_they_were_read(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    first = ledger_with(tmp_path, [*BASE, *INDICATORS]).exported()
    feed.write_bytes(first)
    (tmp_path / "weer").mkdir()
    assert ledger_with(tmp_path / "weer", feed).exported() == first
    assert {json.loads(line)["type"] for line in first.splitlines()} >= {
        event["type"] for event in INDICATORS
    }


@pytest.mark.parametrize("first", [True, False])
def test_they_split_no_rectangle(*, first: bool) -> None:
    plain = {(one.item, one.bekend_van, one.bekend_tot) for one in found(BASE)}
    lines = [*INDICATORS, *BASE] if first else [*BASE, *INDICATORS]
    assert {(one.item, one.bekend_van, one.bekend_tot) for one in found(lines)} == plain


@pytest.mark.parametrize("feed", [BASE, [*BASE, *INDICATORS]])
def test_the_state_is_the_same_with_and_without_them(feed: Feed) -> None:
    with ledger_of(feed) as ledger:
        model = refreshed(ledger)
        (row,) = stand_rows(ledger, model, date(2025, 2, 1))
        model.close()
    assert (row["swv"], row["telt"], str(row["bekend_van"])[:10]) == ("PO2304", True, "2024-08-19")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.integers(0, 2**32 - 1))
def test_random_histories_have_the_same_table_with_and_without_them(
    history: list[dict[str, Any]], seed: int
) -> None:
    """Without joined PGN's: what is known of the other PGN decides as whom a pupil goes on."""
    apart = [one for one in history if one["type"] != "PgnVervangen"]
    mixed = with_leerplicht(apart, Random(seed))  # noqa: S311 - no secret
    assert _table(mixed) == _table(apart)


def _table(history: Feed) -> list[tuple[object, ...]]:
    """Return the stands of the read model without ids of pupils and positions, as a set would."""
    columns = "instellingscode, volgnummer, geldig_van, geldig_tot, vestigingscode, swv, "
    more = "wijze_van_bepaling, beschikkingsnummer, telt, reden, bekend_van, bekend_tot"
    with ledger_of() as ledger:
        import_events(ledger, history)
        model = refreshed(ledger)
        query = f"SELECT {columns}{more} FROM standen"
        rows = sorted(model.execute(query), key=str)
        model.close()
    return rows
