"""What a user says with a file: its moment, its mapping, and only to look (`--dry-run`)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from ledger.times import AMSTERDAM
from tests.command import TODAY, Kijkglas, columns, kijkglas, ledger_with
from tests.downloads import (
    LEZERS,
    MARCH,
    NAME,
    PGNS,
    STORY,
    answers,
    by_residence,
    contents,
    copied,
    counted,
    csv_file,
    differing,
    feed,
    ledger_in,
)
from tests.reader_samples import (
    DAMAGED,
    MAPPING,
    OWN_HEADERS,
    RECOGNISED,
    REGISTER,
    TABLES,
    days_of,
    imports,
)


@pytest.fixture
def empty(tmp_path: Path) -> Kijkglas:
    """Give an empty ledger."""
    return ledger_with(tmp_path)


@pytest.fixture
def known(tmp_path: Path) -> Kijkglas:
    """Give a ledger that knows which vestigingen are of whom."""
    return ledger_in(tmp_path)


# The moment of a file


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2025-03-01", "2025-03-01T00:00:00+01:00"),
        ("1-3-2025", "2025-03-01T00:00:00+01:00"),
        ("2025-07-01", "2025-07-01T00:00:00+02:00"),
        ("2025-03-01T10:30", "2025-03-01T10:30:00+01:00"),
        ("2025-03-01T10:30Z", "2025-03-01T11:30:00+01:00"),
        (None, "2025-02-10T12:00:00+01:00"),
    ],
)
def test_the_moment_is_given_or_that_of_the_file(
    given: str | None, moment: str, known: Kijkglas, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / NAME, [counted(0)])
    more = [] if given is None else ["--bekend-op", given]
    done = known.imported(path, more=more)
    assert ("(--bekend-op)" if given else "(tijd van het bestand)") in done.err
    assert imports(known)[-1]["bekend_op"] == moment
    lines = [json.loads(line) for line in feed(known)]
    told = {line["bekend_op"] for line in lines if line.get("bron") == "duo"}
    assert {_moment(one) for one in told} == {datetime.fromisoformat(moment)}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("ooit", "'ooit' is geen moment"),
        ("31-2-2025", "31-2-2025"),
        ("vaststelling", "'vaststelling' is geen moment"),
        ("2026-11-03", "dit ligt in de toekomst"),
    ],
)
def test_a_moment_that_cannot_be_is_a_usage_error(
    given: str, said: str, known: Kijkglas, tmp_path: Path
) -> None:
    before = feed(known)
    path = csv_file(tmp_path / NAME, [counted(0)])
    done = known("import", path, "--bekend-op", given, *TODAY)
    assert (done.status, done.out) == (2, "")
    assert "--bekend-op" in done.err
    assert said in done.err
    assert feed(known) == before


def test_a_file_whose_time_lies_in_the_future_asks_for_its_moment(
    known: Kijkglas, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / NAME, [counted(0)], "2026-12-01T12:00")
    done = known("import", path, *TODAY)
    assert (done.status, done.out) == (2, "")
    assert done.err == f"{NAME}: het moment van het bestand ligt in de toekomst; geef --bekend-op\n"
    assert known("import", path, *TODAY, "--bekend-op", "1-3-2025").status == 0


def test_a_file_from_before_its_teldatum_is_refused_whole(known: Kijkglas, tmp_path: Path) -> None:
    before = feed(known)
    path = csv_file(tmp_path / NAME, [counted(0)], "2025-01-31T23:59")
    done = known("import", path, *TODAY)
    assert (done.status, done.out) == (2, "")
    assert f"{NAME}: de teldatum 1-2-2025 ligt na het moment waarop het bestand bekend" in done.err
    assert "--bekend-op" in done.err
    assert feed(known) == before
    assert columns(imports(known), "bestand") == [("feed.jsonl",)]
    assert known("import", path, *TODAY, "--bekend-op", "1-2-2025").status == 0


# What the user adds


def test_a_list_without_days_asks_for_vanaf(empty: Kijkglas, tmp_path: Path) -> None:
    (path,) = copied(tmp_path / "in", LEZERS / "referentie" / "postcodegebieden.csv")
    done = empty("import", path, *TODAY)
    assert done.status == 2
    assert "geef --vanaf" in done.err
    assert feed(empty) == []
    empty.imported(path, more=["--vanaf", "1-8-2014"])
    lines = [json.loads(line) for line in feed(empty)]
    assert {line["vanaf"] for line in lines} == {"2014-08-01"}
    assert len(lines) == 4


def test_a_register_with_headers_of_its_own_needs_its_mapping(
    empty: Kijkglas, tmp_path: Path
) -> None:
    own, plain = copied(tmp_path / "in", TABLES[OWN_HEADERS], REGISTER)
    empty.imported(own, more=["--source", "tlv-register", "--map", MAPPING])
    (tmp_path / "b").mkdir()
    other = ledger_with(tmp_path / "b")
    other.imported(plain)
    tlvs = [[one for one in feed(command) if b"Tlv" in one] for command in (empty, other)]
    assert tlvs[0] == tlvs[1]
    assert len(tlvs[0]) == 5


def test_a_suggested_mapping_reads_the_register_as_its_own_headers_do(
    empty: Kijkglas, tmp_path: Path
) -> None:
    (path,) = copied(tmp_path / "in", REGISTER)
    before = contents(tmp_path)
    done = kijkglas("--ledger", tmp_path / "geen", "import", path, "--suggest-map")
    assert (done.status, done.err) == (0, "")
    assert contents(tmp_path) == before
    mapping = tmp_path / "mapping.toml"
    mapping.write_bytes(done.data)
    words = ("import", path, "--dry-run", *TODAY, "--source", "tlv-register")
    with_map = empty(*words, "--map", mapping)
    assert with_map.status == 0, with_map.err
    assert with_map.data == empty(*words).data
    assert with_map.data.count(b"TlvAfgegeven") == 4


def test_the_words_that_a_suggestion_leaves_open_are_filled_in_by_the_user(
    empty: Kijkglas, tmp_path: Path
) -> None:
    rows = [
        {"tlv nr": "PO2304-2023-00001", "bsn": PGNS[0], "categorie": word}
        | {"begindatum": "1-8-2023", "einddatum": "31-7-2026"}
        for word in ("Licht", "H")
    ]
    rows[1]["tlv nr"] = "PO2304-2023-00002"
    path = csv_file(tmp_path / "register.csv", rows)
    text = kijkglas("import", path, "--suggest-map").out
    assert text.count(' = ""') == 1
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(text.replace('# "Licht" = ""', '"Licht" = "LAAG"'), encoding="utf-8")
    words = ("import", path, "--dry-run", *TODAY, "--source", "tlv-register")
    assert empty(*words).status == 3
    done = empty(*words, "--map", mapping)
    assert done.status == 0, done.err
    assert [json.loads(line)["categorie"] for line in done.data.splitlines()] == ["LAAG", "HOOG"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "kan niet worden gelezen"),
        ("geen toml", "mapping.toml"),
        ("[kolommen]\nkleur = 'a'\n", "kleur"),
    ],
)
def test_a_mapping_that_cannot_be_read_is_a_usage_error(
    text: str | None, said: str, empty: Kijkglas, tmp_path: Path
) -> None:
    (path,) = copied(tmp_path / "in", REGISTER)
    mapping = tmp_path / "mapping.toml"
    if text is not None:
        mapping.write_text(text, encoding="utf-8")
    done = empty("import", path, "--source", "tlv-register", "--map", mapping)
    assert (done.status, done.out) == (2, "")
    assert "--map" in done.err
    assert said in done.err


@pytest.mark.parametrize(
    "more",
    [["--complete"], ["--map", MAPPING], ["--vanaf", "2014-08-01"]],
    ids=lambda more: more[0],
)
def test_an_option_that_does_not_fit_the_source_is_said(
    more: list[object], empty: Kijkglas, tmp_path: Path
) -> None:
    (path,) = copied(tmp_path / "in", LEZERS / "referentie" / "samenwerkingsverbanden.csv")
    done = empty("import", path, *TODAY, *more)
    assert str(more[0]) in done.err
    assert not any(row["volledig"] for row in imports(empty))


# --dry-run


@pytest.mark.parametrize("name", RECOGNISED)
def test_a_dry_run_shows_the_events_and_writes_nothing(
    name: str, empty: Kijkglas, tmp_path: Path
) -> None:
    (path,) = copied(tmp_path / "in", TABLES[name])
    before = contents(tmp_path)
    words = ("import", path, *days_of(name), *TODAY)
    dry = empty(*words, "--dry-run")
    assert contents(tmp_path) == before
    assert dry.status == (3 if DAMAGED in name else 0)
    assert all("type" in json.loads(line) for line in dry.data.splitlines())
    assert f"zou boeken {len(dry.data.splitlines())}, " in dry.err
    real = empty(*words)
    assert sorted(dry.data.splitlines()) == feed(empty)
    assert real.out == dry.err[dry.err.index(f"{path.name}: ") :].splitlines(keepends=True)[
        0
    ].replace("zou boeken", "geboekt")


def test_what_a_dry_run_shows_is_a_feed_with_the_same_answers(
    known: Kijkglas, tmp_path: Path
) -> None:
    rows = [counted(0), by_residence(1, RESIDENTIELE_LEERLING="Ja"), counted(2, BEGIN_DATUM_TLV="")]
    first = csv_file(tmp_path / NAME, rows)
    second = csv_file(tmp_path / "twee.csv", [counted(0, DATUM_UITSCHRIJVING="1-3-2025")], MARCH)
    other = ledger_in(tmp_path / "b")
    for path in (first, second):
        shown = tmp_path / "b" / f"{path.stem}.jsonl"
        shown.write_bytes(known("import", "--dry-run", path, *TODAY).data)
        other.imported(shown)
        known.imported(path)
    assert differing(answers(known, STORY), answers(other, STORY)) == []
    assert feed(known) == feed(other)


def test_a_dry_run_of_a_second_download_shows_the_difference(
    known: Kijkglas, tmp_path: Path
) -> None:
    known.imported(csv_file(tmp_path / NAME, [counted(0), counted(1)]))
    later = csv_file(
        tmp_path / "twee.csv", [counted(0, DATUM_UITSCHRIJVING="1-3-2025"), counted(1)], MARCH
    )
    (line,) = known("import", "--dry-run", later, *TODAY).data.splitlines()
    assert json.loads(line)["type"] == "UitschrijvingGeregistreerd"
