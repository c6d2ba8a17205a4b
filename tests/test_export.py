"""The log written out as a feed: the same bytes in canonical form, and a ledger again from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import SAMPLES, Kijkglas, ledger_with
from tests.ledgers import write_feed
from tests.oracle_examples import about, enrolled, event, home, issued

FEEDS = sorted(SAMPLES.glob("*/feed.jsonl"))
SWV = event("SwvGeregistreerd", "2025-01-01", swv="PO2304", naam="Waterrijk")


def exported_line(folder: Path, line: dict[str, Any]) -> str:
    """Return how one event is written out."""
    raw = ledger_with(folder, [line]).exported()
    assert raw.endswith(b"\n")
    return raw.decode().removesuffix("\n")


def again(folder: Path, raw: bytes) -> Kijkglas:
    """Make another ledger from what was written out."""
    folder.mkdir()
    path = folder / "uit.jsonl"
    path.write_bytes(raw)
    return ledger_with(folder, path)


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.parent.name)
def test_a_sample_is_written_out_as_it_was_read(feed: Path, tmp_path: Path) -> None:
    assert ledger_with(tmp_path, feed).exported() == feed.read_bytes()


def test_the_known_moments_of_vaststelling_are_too(tmp_path: Path) -> None:
    feed = SAMPLES / "referentie" / "tellingen.jsonl"
    assert ledger_with(tmp_path, feed).exported() == feed.read_bytes()


def test_a_whole_region_is_written_out_as_it_was_read(
    region_ledger: Kijkglas, region_feed: Path
) -> None:
    assert region_ledger.exported() == region_feed.read_bytes()


def test_a_region_booked_from_its_export_is_the_same_ledger(
    region_ledger: Kijkglas, tmp_path: Path
) -> None:
    other = again(tmp_path / "tweede", region_ledger.exported())
    assert other.exported() == region_ledger.exported()
    for known in ("vaststelling", "nu"):
        moment = ("2025-02-01", "--bekend-op", known)
        assert other.stand(*moment) == region_ledger.stand(*moment)


LOOSE = {
    "fields in any order": (
        {"naam": "Waterrijk", "swv": "PO2304", "bekend_op": "2025-01-01", "type": SWV["type"]},
        '{"type":"SwvGeregistreerd","bekend_op":"2025-01-01","swv":"PO2304","naam":"Waterrijk"}',
    ),
    "midnight in Amsterdam": (
        {**SWV, "bekend_op": "2025-01-01T00:00:00+01:00"},
        '{"type":"SwvGeregistreerd","bekend_op":"2025-01-01","swv":"PO2304","naam":"Waterrijk"}',
    ),
    "midnight in summer, in UTC": (
        {**SWV, "bekend_op": "2025-06-30T22:00:00Z"},
        '{"type":"SwvGeregistreerd","bekend_op":"2025-07-01","swv":"PO2304","naam":"Waterrijk"}',
    ),
    "a moment in UTC": (
        {**SWV, "bekend_op": "2025-01-01T12:30:00Z"},
        (
            '{"type":"SwvGeregistreerd","bekend_op":"2025-01-01T13:30:00+01:00",'
            '"swv":"PO2304","naam":"Waterrijk"}'
        ),
    ),
    "parts of a second": (
        {**SWV, "bekend_op": "2025-01-01T12:30:00.50+01:00"},
        (
            '{"type":"SwvGeregistreerd","bekend_op":"2025-01-01T12:30:00.500000+01:00",'
            '"swv":"PO2304","naam":"Waterrijk"}'
        ),
    ),
    "the default source": (
        {**SWV, "bron": "feed", "kenmerk": None},
        '{"type":"SwvGeregistreerd","bekend_op":"2025-01-01","swv":"PO2304","naam":"Waterrijk"}',
    ),
    "source and kenmerk": (
        {**SWV, "kenmerk": "A-1", "bron": "duo"},
        (
            '{"type":"SwvGeregistreerd","bekend_op":"2025-01-01","bron":"duo","kenmerk":"A-1",'
            '"swv":"PO2304","naam":"Waterrijk"}'
        ),
    ),
    "letters of all kinds": (
        {**SWV, "naam": 'Één "regel"\n\t\x7f\u2028'},
        (
            '{"type":"SwvGeregistreerd","bekend_op":"2025-01-01","swv":"PO2304",'
            '"naam":"Één \\"regel\\"\\n\\t\x7f\u2028"}'
        ),
    ),
    "defaults written out": (
        {
            **enrolled("SO", "2024-08-01"),
            "soort_verblijf": "geen",
            "bekostigbaar": True,
            "einddatum": None,
            "tlv": [],
        },
        (
            '{"type":"InschrijvingGeregistreerd","bekend_op":"2020-01-01","pgn":"123456782",'
            '"instellingscode":"12QN","volgnummer":"1","begindatum":"2024-08-01",'
            '"vestigingscode":"12QN00","schoolsoort":"SO"}'
        ),
    ),
    "the reason of an earlier refusal": (
        {**SWV, "afgekeurd": "swv: klopt niet"},
        '{"type":"SwvGeregistreerd","bekend_op":"2025-01-01","swv":"PO2304","naam":"Waterrijk"}',
    ),
}


@pytest.mark.parametrize("loose", LOOSE)
def test_a_line_is_written_out_in_its_canonical_form(loose: str, tmp_path: Path) -> None:
    line, canonical = LOOSE[loose]
    assert exported_line(tmp_path, line) == canonical


def test_a_lost_zero_is_written_out_mended(tmp_path: Path) -> None:
    feed = tmp_path / "nullen.jsonl"
    feed.write_bytes((SAMPLES / "slechte-regels" / "nullen-kwijt-pgn.jsonl").read_bytes())
    raw = ledger_with(tmp_path, feed).exported()
    assert raw.count(b'"pgn":"012345672"') == 1
    assert again(tmp_path / "tweede", raw).exported() == raw


@pytest.mark.parametrize("leerjaar", [4, "4", 0, 10**30, "groep 4"])
def test_a_leerjaar_keeps_its_kind(leerjaar: object, tmp_path: Path) -> None:
    line = exported_line(tmp_path, enrolled("SO", "2024-08-01", leerjaar=leerjaar))
    assert json.loads(line)["leerjaar"] == leerjaar


OLD, NEW, NEWEST = "109408841", "900554332", "962354508"


def test_a_replaced_pgn_is_written_out_with_both_and_joins_again(tmp_path: Path) -> None:
    history = [
        event("LeerlingGeregistreerd", pgn=OLD, geboortedatum="2015-05-20"),
        enrolled("SO", "2024-08-01", pgn=OLD, bekend_op="2024-08-05"),
        event("PgnVervangen", "2024-09-01", pgn=OLD, nieuw_pgn=NEW),
        {
            **about("UitschrijvingGeregistreerd", "2025-01-22", einddatum="2025-03-31"),
            "pgn": NEW,
        },
        event("PgnVervangen", "2025-02-01", pgn=NEW, nieuw_pgn=NEWEST),
    ]
    command = ledger_with(tmp_path, history)
    raw = command.exported()
    lines = [json.loads(line) for line in raw.splitlines()]
    assert lines == history
    other = again(tmp_path / "tweede", raw)
    assert other.exported() == raw
    for one in (command, other):
        (row,) = one.stand("2025-02-01")
        assert (row["pgn"], row["einddatum"]) == (NEWEST, "2025-03-31")


def test_events_are_written_out_in_the_order_of_booking(tmp_path: Path) -> None:
    late, early = {**SWV, "bekend_op": "2025-02-01"}, {**SWV, "bekend_op": "2024-02-01"}
    command = ledger_with(tmp_path, [late])
    command.imported(write_feed(tmp_path / "twee.jsonl", [early]))
    command.fine(
        "record", "SwvGeregistreerd", "swv=PO2305", "naam=Derde", "--bekend-op", "1-1-2020"
    )
    known = [json.loads(line)["bekend_op"] for line in command.exported().splitlines()]
    assert known == ["2025-02-01", "2024-02-01", "2020-01-01"]


def test_what_the_ledger_books_itself_is_left_out(tmp_path: Path) -> None:
    command = ledger_with(
        tmp_path, [*home(), issued("PO2304-2024-00001", "2024-08-01", "2026-07-31")]
    )
    assert b"BestandIngelezen" not in command.exported()
    assert command.fine("verify").out.splitlines()[-1].startswith("4 gebeurtenissen, ")


def test_an_empty_ledger_is_an_empty_feed(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    assert command.exported() == b""
    path = tmp_path / "uit.jsonl"
    command.fine("export", "events", "-o", path)
    assert path.read_bytes() == b""
    command.fine("import", path, "--source", "gebeurtenissen")
