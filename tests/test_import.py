"""Importing a feed: once is enough, any order will do, and nothing is ever half-booked."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger import feed_import
from ledger.importing import import_feed
from ledger.intake.parts import parts
from ledger.intake.sheets import UnreadableFileError
from synthetic.region import region
from tests.command import TODAY, Event, Kijkglas, ledger_with
from tests.ledgers import NOW, import_events, ledger_of, write_feed
from tests.oracle_examples import about, enrolled, event, home, issued
from tests.places import create

SWV = event("SwvGeregistreerd", "2025-01-01", swv="PO2304", naam="Waterrijk")
BAD = {**SWV, "swv": "PO23"}
HISTORY: list[dict[str, Any]] = [
    *home(),
    issued("PO2304-2024-00001", "2024-08-01", "2026-07-31"),
    enrolled("SO", "2024-08-01", bekend_op="2024-08-05", tlv=["PO2304-2024-00001"]),
    about("UitschrijvingGeregistreerd", "2025-01-22", einddatum="2025-01-20"),
]


def counts(events: list[dict[str, Any]]) -> tuple[int, int, int]:
    """Return how many lines were booked, known already and refused."""
    with ledger_of() as ledger:
        booked = import_events(ledger, events).booked
        return booked.geboekt, booked.al_bekend, len(booked.refused)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file in a folder with its bytes."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# Idempotence and kenmerken (events.md 1)


@pytest.mark.beide
def test_the_same_file_twice_books_it_once(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, HISTORY)
    before = command.exported()
    again = command.imported(tmp_path / "feed.jsonl")
    assert again.out == "feed.jsonl: 5 regels, geboekt 0, al bekend 5, afgekeurd 0, let op 0\n"
    assert command.exported() == before


def test_the_same_lines_in_another_file_are_known(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, HISTORY)
    other = write_feed(tmp_path / "ander.jsonl", [SWV, *reversed(HISTORY)])
    assert command.imported(other).out == (
        "ander.jsonl: 6 regels, geboekt 1, al bekend 5, afgekeurd 0, let op 0\n"
    )


def test_a_line_twice_in_one_file_is_booked_once() -> None:
    assert counts([SWV, SWV]) == (1, 1, 0)


@pytest.mark.parametrize(
    "same",
    [
        {"bekend_op": "2025-01-01T00:00:00+01:00"},
        {"bekend_op": "2024-12-31T23:00:00Z"},
        {"bron": "feed"},
        {"kenmerk": None},
    ],
)
def test_another_way_to_write_the_same_event_is_the_same_event(same: dict[str, object]) -> None:
    assert counts([SWV, {**SWV, **same}]) == (1, 1, 0)


def test_a_default_that_is_written_out_is_the_same_event() -> None:
    enrolment = enrolled("SO", "2024-08-01")
    written = {**enrolment, "soort_verblijf": "geen", "bekostigbaar": True, "einddatum": None}
    assert counts([enrolment, {**written, "tlv": []}]) == (1, 1, 0)


@pytest.mark.beide
@pytest.mark.parametrize("other", [{"bekend_op": "2025-01-02"}, {"bron": "duo"}, {"kenmerk": "1"}])
def test_another_moment_source_or_kenmerk_is_another_event(other: dict[str, object]) -> None:
    assert counts([SWV, {**SWV, **other}]) == (2, 0, 0)


def test_a_kenmerk_names_one_event_of_a_source() -> None:
    one, two = {**SWV, "kenmerk": "A1"}, {**SWV, "kenmerk": "A1", "naam": "Anders"}
    assert counts([one, one]) == (1, 1, 0)
    assert counts([one, two]) == (1, 0, 1)
    assert counts([one, {**two, "bron": "duo"}]) == (2, 0, 0)


@pytest.mark.beide
def test_a_kenmerk_of_an_earlier_file_is_remembered(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, [{**SWV, "kenmerk": "A1"}])
    clash = event("SwvGeregistreerd", "2025-01-01", kenmerk="A1", swv="PO2305", naam="Anders")
    done = command("import", write_feed(tmp_path / "twee.jsonl", [clash]))
    assert done.status == 3
    assert "twee.jsonl:1 kenmerk: " in done.err


def test_a_kenmerk_of_a_refused_line_stays_free() -> None:
    assert counts([{**BAD, "kenmerk": "A1"}, {**SWV, "kenmerk": "A1"}]) == (1, 0, 1)


# --strict and --dry-run


def test_strict_books_nothing_when_a_line_is_refused(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, [event("SwvGeregistreerd", swv="PO2305", naam="Veenrand")])
    before = command.exported()
    path = write_feed(tmp_path / "streng.jsonl", [SWV, BAD, *HISTORY])
    done = command("import", "--strict", path, *TODAY)
    assert done.status == 3
    assert done.out == "streng.jsonl: 7 regels, geboekt 0, al bekend 0, afgekeurd 1, let op 0\n"
    assert "niets geboekt: --strict en er zijn afgekeurde regels" in done.err
    assert command.exported() == before
    assert (tmp_path / "streng.afgekeurd.jsonl").exists()


def test_strict_books_all_when_nothing_is_refused(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    done = command.imported(write_feed(tmp_path / "streng.jsonl", HISTORY), more=["--strict"])
    assert done.out == "streng.jsonl: 5 regels, geboekt 5, al bekend 0, afgekeurd 0, let op 0\n"


@pytest.mark.beide
def test_strict_books_nothing_of_a_file_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=100))
    clash = [
        event("LeerlingGeregistreerd", pgn=pgn, kenmerk="A1", geboortedatum="2015-05-20")
        for pgn in ("900554332", "962354508", "924154676", "947755019", "909555187")
    ]
    with create(tmp_path / "grootboek") as ledger:
        path = write_feed(tmp_path / "feed.jsonl", clash)
        imported = import_feed(ledger, path, NOW, strict=True)
        assert imported.geweigerd
        assert len(imported.booked.refused) == 4
        assert ledger.position == 0


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, [SWV])
    path = write_feed(tmp_path / "droog.jsonl", [SWV, BAD, *HISTORY])
    before, ledger = contents_of_all(tmp_path), command.exported()
    done = command("import", "--dry-run", path, *TODAY)
    assert done.status == 3
    assert [json.loads(line) for line in done.out.splitlines()] == HISTORY
    assert "afgekeurd droog.jsonl:2 swv: " in done.err
    assert "droog.jsonl: 7 regels, zou boeken 5, al bekend 1, afgekeurd 1, let op 0\n" in done.err
    assert contents_of_all(tmp_path) == before
    assert command.exported() == ledger


def contents_of_all(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder and of the ledger in it."""
    plain = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return {**plain, **contents(folder / "grootboek")}


def test_a_later_today_makes_a_future_line_known(tmp_path: Path) -> None:
    path = write_feed(tmp_path / "later.jsonl", [SWV])
    command = ledger_with(tmp_path)
    early = command("import", path, "--today", "2024-12-31")
    assert early.status == 3
    assert "later.jsonl:1 bekend_op: ligt in de toekomst" in early.err
    assert command("import", path, "--today", "1-1-2025").status == 0


# Any order of the lines


@pytest.fixture(scope="module")
def slice_of_region(region_feed: Path) -> list[Event]:
    """Give the reference lines and the pupils of some forty enrolment numbers."""
    lines = [json.loads(line) for line in region_feed.read_bytes().splitlines()]
    pgns = sorted({line["pgn"] for line in lines if "pgn" in line})[::30]
    joined = {line["nieuw_pgn"] for line in lines if line["type"] == "PgnVervangen"}
    joined |= {line["pgn"] for line in lines if line["type"] == "PgnVervangen"}
    chosen = {*pgns, *joined}
    return [line for line in lines if "pgn" not in line or line["pgn"] in chosen]


def shuffled(events: list[Event], seed: int) -> list[Event]:
    """Return the lines in another order; of one moment of knowledge the order is the source's."""
    random = Random(seed)  # noqa: S311 - a test that repeats
    by_moment: dict[tuple[object, str], list[Event]] = {}
    for line in events:
        by_moment.setdefault((line.get("pgn"), line["bekend_op"]), []).append(line)
    keys = [(line.get("pgn"), line["bekend_op"]) for line in events]
    random.shuffle(keys)
    queues = {key: iter(lines) for key, lines in by_moment.items()}
    return [next(queues[key]) for key in keys]


def state(command: Kijkglas) -> list[bytes]:
    """Return what the ledger answers about several moments."""
    asked: list[tuple[str, ...]] = [
        ("stand", "--teldatum", teldatum, "--bekend-op", known)
        for teldatum in ("2023-02-01", "2025-02-01", "2026-02-01")
        for known in ("vaststelling", "nu")
    ]
    asked.append(("report", "dashboard-1b", "--swv", "PO9901", "--teldatum", "2025-02-01"))
    return [command.fine(*question, "--format", "csv").data for question in asked]


@pytest.fixture(scope="module")
def in_order(slice_of_region: list[Event], tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Give the state after an import in the order of knowledge."""
    return state(ledger_with(tmp_path_factory.mktemp("volgorde"), slice_of_region))


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_of_the_same_lines_gives_the_same_state(
    seed: int, slice_of_region: list[Event], in_order: list[bytes], tmp_path: Path
) -> None:
    mixed = shuffled(slice_of_region, seed)
    assert mixed != slice_of_region
    assert state(ledger_with(tmp_path, mixed)) == in_order


@pytest.mark.beide
def test_the_order_within_a_pupil_does_not_matter(tmp_path: Path) -> None:
    for number, lines in enumerate([HISTORY, HISTORY[::-1], HISTORY[2:] + HISTORY[:2]]):
        folder = tmp_path / str(number)
        folder.mkdir()
        command = ledger_with(folder, lines)
        (row,) = command.stand("2025-01-20")
        assert (row["einddatum"], row["wijze_van_bepaling"]) == ("2025-01-20", "TLV")
        assert command.stand("2025-01-21") == []


def test_a_line_that_was_known_early_lands_early_when_it_is_imported_late(tmp_path: Path) -> None:
    tlv, *rest = HISTORY[2], *HISTORY[:2], *HISTORY[3:]
    command = ledger_with(tmp_path, rest)
    (before,) = command.stand("2024-10-01", "--bekend-op", "2024-10-01")
    command.imported(write_feed(tmp_path / "laat.jsonl", [tlv]))
    (after,) = command.stand("2024-10-01", "--bekend-op", "2024-10-01")
    assert before["wijze_van_bepaling"] == "Woonplaats leerling"
    assert after["wijze_van_bepaling"] == "TLV"


# Files too large to hold at once


@pytest.mark.parametrize("part_bytes", [1, 5_000, 100_000, 10**9])
def test_parts_have_every_line_once(part_bytes: int, region_feed: Path) -> None:
    lines = dict(enumerate(region_feed.read_bytes().splitlines(keepends=True), 1))
    if part_bytes == 1:
        lines = {number: line for number, line in lines.items() if number <= 200}
        region_feed = region_feed.with_name("begin.jsonl")
        region_feed.write_bytes(b"".join(lines.values()))
    read = [numbered for part in parts(region_feed, part_bytes) for numbered in part]
    assert len(read) == len(lines)
    assert dict(read) == lines


def test_a_part_is_in_the_order_of_the_file_and_has_whole_pupils(region_feed: Path) -> None:
    seen: Counter[str] = Counter()
    joined: list[tuple[str, str]] = []
    part_of: dict[str, int] = {}
    for number, part in enumerate(parts(region_feed, 100_000)):
        lines = list(part)
        assert all(one < two for (one, _), (two, _) in pairwise(lines))
        events = [json.loads(line) for _, line in lines]
        pgns = {one["pgn"] for one in events if "pgn" in one}
        seen.update(pgns)
        part_of.update(dict.fromkeys(pgns, number))
        joined += [(one["pgn"], one["nieuw_pgn"]) for one in events if "nieuw_pgn" in one]
    assert set(seen.values()) == {1}
    assert joined
    assert all(part_of[old] == part_of.get(new, part_of[old]) for old, new in joined)


def test_parts_of_a_feed_of_any_size_follow_one_another(tmp_path: Path) -> None:
    """Where each pupil's lines stand together, and also without a line end at the end."""
    path = write_feed(tmp_path / "feed.jsonl", region(2025, 60, ordered=False))
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    found = parts(path, 2_000)
    assert len(found) > 30
    assert path.stat().st_size > 60_000
    assert found.in_order
    read = [line for part in found for _, line in part]
    assert b"".join(read) == path.read_bytes()


def test_a_chain_of_pgns_falls_in_one_part(tmp_path: Path) -> None:
    chain = ["109408841", "900554332", "962354508", "924154676"]
    lines = [
        event("PgnVervangen", "2024-01-01", pgn=old, nieuw_pgn=new)
        for old, new in reversed(list(pairwise(chain)))
    ]
    lines += [event("LeerlingGeregistreerd", pgn=pgn, geboortedatum="2015-05-20") for pgn in chain]
    path = write_feed(tmp_path / "feed.jsonl", lines)
    sizes = [len(list(part)) for part in parts(path, 20)]
    assert len(sizes) > 30
    assert sorted(sizes)[-2:] == [0, 7]


def test_an_import_in_parts_gives_the_same_state(
    slice_of_region: list[Event],
    in_order: list[bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=20_000))
    assert state(ledger_with(tmp_path, slice_of_region)) == in_order


@pytest.mark.beide
@pytest.mark.parametrize("part_bytes", [50, 100, 300, 10**9])
@pytest.mark.parametrize("pgns", [("12345672", "012345672"), ("012345672", "12345672")])
def test_a_pupil_whose_pgn_lost_its_zero_is_one_pupil_in_parts(
    part_bytes: int, pgns: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=part_bytes))
    lines = [{**one, "pgn": pgn} for one, pgn in zip(HISTORY[-2:], pgns, strict=True)]
    with create(tmp_path / "grootboek") as ledger:
        booked = import_feed(ledger, write_feed(tmp_path / "feed.jsonl", lines), NOW).booked
    assert (booked.geboekt, booked.refused) == (2, ())


def test_a_line_in_parts_is_refused_at_its_own_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_import, "parts", partial(parts, part_bytes=100))
    with create(tmp_path / "grootboek") as ledger:
        path = write_feed(tmp_path / "feed.jsonl", [SWV, *HISTORY, BAD, {"type": "Iets"}])
        remarks = list(import_feed(ledger, path, NOW).refusals())
    assert [remark.regelnummer for remark in remarks] == [7, 8]


# Files as they come


LINE = json.dumps(SWV).encode()


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"", 0),
        (b"\n\n  \n", 0),
        (LINE, 1),
        (LINE + b"\n", 1),
        (b"\xef\xbb\xbf" + LINE + b"\n", 1),
        (LINE + b"\r\n", 1),
        (b"\r\n" + LINE + b"\r\n\r\n", 1),
        (b"\t " + LINE + b" \n", 1),
        (LINE.replace(b"Waterrijk", b"x" * 2_000_000), 1),
        (LINE.replace(b"Waterrijk", "Zó één".encode()), 1),
        (LINE.replace(b"Waterrijk", b"\\u0000\\n\\t\\u00e9"), 1),
        (LINE.replace(b'"naam"', b'"naam":"dubbel","naam"'), 1),
    ],
    ids=[
        "empty",
        "blank lines",
        "no line end",
        "plain",
        "BOM",
        "CRLF",
        "blank lines between",
        "spaces",
        "very long",
        "UTF-8",
        "escapes",
        "a key twice",
    ],
)
def test_a_file_is_read_as_it_comes(raw: bytes, lines: int, tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_bytes(raw)
    command = Kijkglas(tmp_path / "grootboek")
    command.fine("init")
    done = command.imported(path, more=("--source", "gebeurtenissen"))
    assert done.out == (
        f"feed.jsonl: {lines} regels, geboekt {lines}, al bekend 0, afgekeurd 0, let op 0\n"
    )
    assert len(command.exported().splitlines()) == lines


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"[1]", "dit is een JSON-lijst; "),
        (b"pgn;naam\n1;2\n", "wordt niet herkend aan de kop; "),
        (b"\xff\xfe\x00\x01{", "de tekens zijn niet te lezen; "),
        (("\ufeff" + LINE.decode()).encode("utf-16"), "wordt niet herkend aan de kop; "),
        (b"PK\x03\x04\x00\x00", "de werkmap is beschadigd of afgebroken; "),
    ],
    ids=["array", "csv", "bytes", "UTF-16", "zip"],
)
def test_a_file_of_no_source_is_refused_whole(raw: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_bytes(raw)
    command = Kijkglas(tmp_path / "grootboek")
    command.fine("init")
    done = command("import", path)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    forced = command("import", "--source", "gebeurtenissen", path)
    assert (forced.status, forced.out) == (2, "")
    assert forced.err == (
        "feed.jsonl is geen gebeurtenissenbestand: verwacht een JSON-object per regel\n"
    )


NESTED = b"[" * 100_000 + b"]" * 100_000
JUNK = {
    "nulls": b'{"type":null,"bekend_op":null,"bron":null,"pgn":null}',
    "null fields": b'{"type":"SwvGeregistreerd","bekend_op":null,"bron":null,"swv":null}',
    "a type that is a list": b'{"type":["SwvGeregistreerd"],"bekend_op":"2025-01-01"}',
    "a type that is an object": b'{"type":{"a":1},"bekend_op":{}}',
    "a moment that is a number": LINE.replace(b'"2025-01-01"', b"20250101"),
    "a moment before all moments": LINE.replace(b"2025-01-01", b"0001-01-01"),
    "a moment after all moments": LINE.replace(b"2025-01-01", b"9999-12-31"),
    "a huge number": LINE.replace(b'"Waterrijk"', b"1" + b"0" * 400),
    "an enormous number": LINE.replace(b'"Waterrijk"', b"1" * 5000),
    "a number that is no float": LINE.replace(b'"Waterrijk"', b"1e999"),
    "not a number": LINE.replace(b'"Waterrijk"', b"NaN"),
    "nested": LINE.replace(b'"Waterrijk"', b"[" * 500 + b"]" * 500),
    "deeply nested": LINE.replace(b'"Waterrijk"', NESTED),
    "half a surrogate": LINE.replace(b"Waterrijk", b"\\ud800"),
    "no UTF-8": LINE.replace(b"Waterrijk", b"Zee\xebn"),
    "zero bytes": b"{\x00\x00}",
    "half a line": LINE[:-5],
    "a line with more behind it": LINE + LINE,
    "an empty object": b"{}",
    "a huge kenmerk of the wrong kind": LINE[:-1] + b',"kenmerk":{"a":[1,2,{}]}}',
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
def test_junk_is_refused_and_the_other_lines_go_on(junk: bytes, tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    other = LINE.replace(b"PO2304", b"PO2305")
    path.write_bytes(LINE + b"\n" + junk + b"\n" + other + b"\n")
    command = Kijkglas(tmp_path / "grootboek")
    command.fine("init")
    done = command("import", path)
    assert done.status == 3
    assert done.out == "feed.jsonl: 3 regels, geboekt 2, al bekend 0, afgekeurd 1, let op 0\n"
    assert "afgekeurd feed.jsonl:2 " in done.err
    assert (tmp_path / "feed.afgekeurd.jsonl").stat().st_size > 0


FAR = {
    "an end far away": [enrolled("SO", "2024-08-01", "9999-12-31")],
    "a begin long ago": [enrolled("SO", "0001-01-01")],
    "a begin far away": [enrolled("SO", "9999-12-31")],
    "a tlv of all times": [
        issued("PO2304-2024-00001", "0001-01-01", "9999-12-31"),
        enrolled("SO", "2024-08-01", tlv=["PO2304-2024-00001"]),
    ],
    "a tlv withdrawn before all days": [
        issued("PO2304-2024-00001", "2024-08-01", "2026-07-31"),
        event("TlvIngetrokken", pgn="123456782", nummer="PO2304-2024-00001", per="0001-01-01"),
        enrolled("SO", "2024-08-01", tlv=["PO2304-2024-00001"]),
    ],
    "a count fixed after all moments": [
        event("TellingVastgesteld", teldatum="2025-02-01", schoolsoorten=["SO"], op="9999-12-31")
    ],
    "a count fixed before all moments": [
        event(
            "TellingVastgesteld",
            teldatum="2025-02-01",
            schoolsoorten=["SO"],
            op="0001-01-01T00:00:00",
        )
    ],
    "a count of the last day": [
        event("TellingVastgesteld", teldatum="9999-12-31", schoolsoorten=["SO"], op="2025-03-03")
    ],
    "a huge leerjaar": [enrolled("SO", "2024-08-01", leerjaar=10**30)],
    "a birth to come": [
        event("LeerlingGeregistreerd", pgn="123456782", geboortedatum="9999-12-31"),
        enrolled("SO", "2024-08-01"),
    ],
}


@pytest.mark.parametrize("history", FAR.values(), ids=FAR)
def test_far_dates_never_make_the_ledger_unreadable(
    history: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Refused or booked: all questions are answered afterwards."""
    command = Kijkglas(tmp_path / "grootboek")
    command.fine("init")
    lines = [event("VestigingAangesloten", vestigingscode="12QN00", swv="PO2304", vanaf=EARLIEST)]
    path = write_feed(tmp_path / "feed.jsonl", [*lines, *home(), *history])
    assert command("import", path, *TODAY).status in {0, 3}
    command.stand("2025-02-01")
    command.fine("report", "dashboard-1a", "--swv", "PO2304", "--teldatum", "2025-02-01")
    command.fine("report", "dashboard-1b", "--swv", "PO2304", "--teldatum", "2025-02-01")
    command.fine("verify")


EARLIEST = "0001-01-01"


def test_a_missing_file_and_a_folder_are_said_and_the_other_files_go_on(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    good = write_feed(tmp_path / "goed.jsonl", [SWV])
    done = command("import", tmp_path / "weg.jsonl", tmp_path / "grootboek", good)
    assert done.status == 2
    assert done.out == "goed.jsonl: 1 regels, geboekt 1, al bekend 0, afgekeurd 0, let op 0\n"
    assert done.err.startswith(f"{tmp_path}/weg.jsonl kan niet worden gelezen: ")
    assert done.err.splitlines()[1:] == ["grootboek: hierin is niets om in te lezen"]


def test_an_unreadable_file_raises_before_anything_is_booked(tmp_path: Path) -> None:
    with create(tmp_path / "grootboek") as ledger:
        with pytest.raises(UnreadableFileError, match="kan niet worden gelezen"):
            import_feed(ledger, tmp_path / "weg.jsonl", NOW)
        assert ledger.position == 0


def test_rejected_lines_that_cannot_be_written_are_still_told(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    (tmp_path / "slecht.afgekeurd.jsonl").mkdir()
    done = command("import", write_feed(tmp_path / "slecht.jsonl", [BAD, SWV]))
    assert done.status == 3
    assert done.err.splitlines()[0].startswith("afgekeurd slecht.jsonl:1 swv: ")
    assert "afgekeurde regels niet bewaard: " in done.err


def test_progress_counts_the_lines(region_feed: Path, tmp_path: Path) -> None:
    told: list[int] = []
    with create(tmp_path / "grootboek") as ledger:
        count = import_feed(ledger, region_feed, NOW, dry_run=True, progress=told.append).regels
    assert len(told) == count // feed_import.STEP
    assert set(told) == {feed_import.STEP}
