"""What identifies a pupil stands in the vault alone (architecture.md, Identity)."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.appending import Source
from ledger.application import Ledger
from ledger.booking import book
from ledger.events import LEDGER_FACTS, PUPIL_FACTS, REFERENCE_FACTS, feed_fields, topic_of
from ledger.folder_place import EVENTS_FILE, KEY_FILE, VAULT_FILE
from ledger.intake.feed import Parsed, parse_line
from ledger.times import format_date
from projections.history import history
from projections.partition import pc4_object
from projections.refresh import rebuild, refreshed
from projections.verification import verify
from synthetic.region import region
from tests.command import kijkglas, process
from tests.forms import PUPIL_ID, forms
from tests.ledgers import NOW, AsOf, dashboard_1b, import_events, stand_rows, write_feed
from tests.places import address_of, create, open_ledger

Line = dict[str, Any]

pytestmark = pytest.mark.usefixtures("only_sqlite")

PGN = "111222333"
OTHER_PGN = "123456782"
ENROLMENT = {"instellingscode": "12QN", "volgnummer": "1"}
EXTRA: list[Line] = [
    {"type": "LeerlingGeregistreerd", "pgn": PGN, "geboortedatum": "2013-03-29"},
    {"type": "WoonplaatsVastgelegd", "pgn": PGN, "vanaf": "2020-01-01", "pc4": "9867"},
    {
        "type": "InschrijvingGeregistreerd",
        "pgn": PGN,
        **ENROLMENT,
        "begindatum": "2024-08-01",
        "vestigingscode": "12QN00",
        "schoolsoort": "SO",
    },
    {"type": "PgnVervangen", "pgn": PGN, "nieuw_pgn": OTHER_PGN},
]
"""A pupil who lives where nobody else does: PC4 9867 stands in no reference data."""


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    extra = [{"bekend_op": "2024-08-15", **line} for line in EXTRA]
    return [*region(2025, 200), *extra]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, lines: list[Line]) -> Path:
    """Return a ledger in which everything was done that leaves files behind."""
    where = tmp_path_factory.mktemp("privacy") / "grootboek"
    half = len(lines) // 2
    with create(where) as ledger:
        assert not import_events(ledger, lines[:half]).booked.refused
        _ask_all(ledger)
        assert not import_events(ledger, lines[half:], f"{PGN}.jsonl").booked.refused
        _ask_all(ledger)
        rebuild(ledger).close()
        # An append and a catch-up leave write-ahead logs while the ledger is open.
        import_events(ledger, [{**EXTRA[0], "bekend_op": "2025-09-01"}], "later.jsonl")
        model = refreshed(ledger)
        copied = where.parent / "tijdens"
        copied.mkdir()
        for path in where.iterdir():
            (copied / path.name).write_bytes(path.read_bytes())
        model.close()
    return where


def test_no_file_of_the_ledger_holds_a_pgn_in_any_form(folder: Path, lines: list[Line]) -> None:
    pgns = {line[name] for line in lines for name in ("pgn", "nieuw_pgn") if name in line}
    assert len(pgns) > 200
    _assert_nowhere(folder, [form for pgn in pgns for form in forms(pgn)])


def test_no_file_of_the_ledger_holds_a_birth_date(folder: Path, lines: list[Line]) -> None:
    births = {line["geboortedatum"] for line in lines if "geboortedatum" in line}
    other_days = {
        value
        for line in lines
        for name, value in line.items()
        if name != "geboortedatum" and isinstance(value, str)
    }
    only_births = births - {text[:10] for text in other_days}
    assert len(only_births) > 150
    wanted = []
    for text in only_births:
        day = date.fromisoformat(text)
        wanted += forms(text)
        dutch = format_date(day)
        wanted += [dutch.encode()] if len(dutch) > len("9-9-2013") else [f'"{dutch}"'.encode()]
    _assert_nowhere(folder, wanted)


def test_no_file_of_the_ledger_holds_where_a_pupil_lives(folder: Path) -> None:
    _assert_nowhere(folder, [*forms("9867", in_text='"9867"'), b'"pc4":"9867"', b"pc4 9867"])
    # The read model knows on which areas pupils depend: by the numbers of keyed pseudonyms alone.
    (standen,) = folder.glob("standen-*.sqlite")
    with open_ledger(folder) as ledger:
        number = pc4_object(ledger.vault.pseudonym("9867"))
    values = set(_values(standen))
    assert number in values
    # Four figures stand in many a random id: only a value that is or has them as a word tells.
    assert not [value for value in values if re.search(r"(?<!\w)9867(?!\w)", str(value))]


def test_the_search_would_find_what_stands_there(folder: Path) -> None:
    with pytest.raises(AssertionError):
        _assert_nowhere(folder, forms("12QN00"))
    (folder.parent / "proef").mkdir()
    (folder.parent / "proef" / "log").write_bytes(PGN.encode("utf-16-le"))
    with pytest.raises(AssertionError):
        _assert_nowhere(folder.parent / "proef", forms(PGN))


def test_only_the_owner_reads_the_key_and_the_refused_lines(tmp_path: Path) -> None:
    with create(tmp_path / "grootboek") as ledger:
        imported = import_events(ledger, [{"type": "Onbekend", "pgn": PGN}])
    assert _mode(tmp_path / "grootboek" / KEY_FILE) == 0o600
    assert imported.rejected is not None
    assert _mode(imported.rejected) == 0o600
    assert PGN in imported.rejected.read_text(encoding="utf-8")


def test_refused_lines_of_an_existing_file_become_private(tmp_path: Path) -> None:
    (tmp_path / "feed.afgekeurd.jsonl").write_text("van vroeger", encoding="utf-8")
    (tmp_path / "feed.afgekeurd.jsonl").chmod(0o644)
    with create(tmp_path / "grootboek") as ledger:
        imported = import_events(ledger, [{"type": "Onbekend", "pgn": PGN}])
    assert imported.rejected is not None
    assert _mode(imported.rejected) == 0o600


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    with create(tmp_path / "grootboek"):
        assert _mode(tmp_path / "grootboek") == 0o700


def test_what_the_command_writes_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "grootboek"
    feed = write_feed(tmp_path / "feed.jsonl", region(2025, 5))
    for words in (("init",), ("import", feed), ("stand",), ("rebuild",), ("verify",)):
        assert process("--ledger", address_of(folder), *words).returncode == 0
    modes = {path.name: _mode(path) for path in folder.iterdir()}
    assert len(modes) >= 4
    assert set(modes.values()) == {0o600}, modes


def test_the_same_event_has_another_identity_in_another_ledger(tmp_path: Path) -> None:
    event = {**EXTRA[0], "bekend_op": "2024-08-15"}
    identities = []
    for name in ("een", "twee"):
        with create(tmp_path / name) as ledger:
            import_events(ledger, [event])
            identities += [
                booked.identiteit
                for booked in ledger.booked()
                if topic_of(booked.fact) == "LeerlingGeregistreerd"
            ]
    assert len(set(identities)) == 2
    assert all(len(identity) == 32 for identity in identities)


@pytest.mark.parametrize("kind", sorted(PUPIL_FACTS.keys() | REFERENCE_FACTS.keys()))
def test_no_refusal_shows_a_pgn_wherever_it_stands(kind: str, tmp_path: Path) -> None:
    """The number in every field and as the name of a field, alone and inside a text."""
    fact = {**PUPIL_FACTS, **REFERENCE_FACTS}[kind]
    bad: list[Line] = []
    base = {"type": kind, "bekend_op": "2024-08-15", "pgn": PGN}
    bad.append({**base, "type": f"bsn {PGN}!"})
    for field in ("bekend_op", "bron", "pgn", *feed_fields(fact)):
        values = (PGN, f"bsn {PGN}!", int(PGN), [PGN], {PGN: PGN})
        bad += [{**base, field: value} for value in values]
    bad.append({**base, PGN: "veld"})
    with create(tmp_path / "grootboek"):
        pass
    path = write_feed(tmp_path / "feed.jsonl", bad)
    done = kijkglas("--ledger", address_of(tmp_path / "grootboek"), "import", path)
    assert done.status == 3
    assert "afgekeurd" in done.err
    assert PGN not in done.out + done.err
    assert (kind in LEDGER_FACTS) == ("boekt het grootboek zelf" in done.err)


@pytest.mark.parametrize(
    "words",
    [
        ("record", "TlvIngetrokken", f"pgn={PGN}", "nummer=PO2304-2024-00001", "per=2024-09-01"),
        ("record", "LeerlingGeregistreerd", f"pgn={PGN}1", "geboortedatum=2013-03-29"),
        ("record", "LeerlingGeregistreerd", f"pgn={PGN}", f"geboortedatum={PGN}"),
        ("record", "LeerlingGeregistreerd", f"pgn={PGN}", f"tlv=[{PGN}"),
        ("record", "LeerlingGeregistreerd", f"pgn:{PGN}"),
        ("record", f"{PGN}", "naam=x"),
        ("record", "LeerlingGeregistreerd", f"{PGN}=pgn"),
        ("record", "LeerlingGeregistreerd", f"pgn={PGN}", f"--bekend-op={PGN}"),
        ("history", PGN),
        ("history", f"{PGN}x"),
        ("stand", "--pgn", PGN, "--bekend-op", PGN),
        ("stand", "--swv", PGN),
    ],
)
def test_no_error_of_a_command_shows_a_pgn(
    words: tuple[str, ...],
    tmp_path: Path,
) -> None:
    with create(tmp_path / "grootboek"):
        pass
    done = kijkglas("--ledger", address_of(tmp_path / "grootboek"), *words)
    assert done.status in {2, 3}
    assert done.err
    assert PGN not in done.out + done.err


@pytest.mark.parametrize("broken", [EVENTS_FILE, VAULT_FILE])
@pytest.mark.parametrize("words", [("stand", "--pgn", PGN), ("verify",), ("history", PGN)])
def test_a_damaged_ledger_shows_no_pgn(
    broken: str,
    words: tuple[str, ...],
    tmp_path: Path,
) -> None:
    with create(tmp_path / "grootboek") as ledger:
        import_events(ledger, [{**line, "bekend_op": "2024-08-15"} for line in EXTRA])
    path = tmp_path / "grootboek" / broken
    path.write_bytes(b"dit is geen databestand" * 100)
    done = kijkglas("--ledger", address_of(tmp_path / "grootboek"), *words)
    assert done.status == 4
    assert "Traceback" not in done.err
    assert PGN not in done.out + done.err


def test_a_heading_repeats_the_command_without_its_pgn(tmp_path: Path) -> None:
    with create(tmp_path / "grootboek") as ledger:
        import_events(ledger, [{**line, "bekend_op": "2024-08-15"} for line in EXTRA[:3]])
    words = ("stand", "--pgn", PGN, "--teldatum", "2025-02-01", "--format", "json")
    done = kijkglas("--ledger", address_of(tmp_path / "grootboek"), *words)
    shown = json.loads(done.out)
    assert done.status == 0
    assert [row["pgn"] for row in shown["rows"]] == [PGN]
    assert PGN not in json.dumps(shown["herkomst"]) + done.err


def test_a_fact_by_hand_is_as_private_as_one_of_a_file(tmp_path: Path) -> None:
    parsed = parse_line(1, json.dumps({**EXTRA[0], "bekend_op": "2024-08-15"}).encode(), NOW)
    assert isinstance(parsed, Parsed)
    with create(tmp_path / "grootboek") as ledger:
        assert book(ledger, [(parsed, b"")], Source(None, "hand")).geboekt == 1
    _assert_nowhere(tmp_path / "grootboek", [*forms(PGN), *forms("2013-03-29")])


def _ask_all(ledger: Ledger) -> None:
    model = refreshed(ledger)
    assert stand_rows(ledger, model, date(2025, 2, 1))
    swvs = model.execute("SELECT DISTINCT swv FROM standen WHERE swv IS NOT NULL")
    assert [
        row
        for (swv,) in list(swvs)
        for row in dashboard_1b(ledger, model, AsOf(date(2025, 2, 1)), swv)
    ]
    pgn = next(pgn for pgn in ledger.vault.pgns(_pupils(ledger)).values() if pgn)
    assert history(ledger, model, pgn, None, ledger.position)
    model.close()
    assert all(not check.gevonden for check in verify(ledger))


def _pupils(ledger: Ledger) -> Iterator[Any]:
    return (event.originator_id for event in ledger.pupil_events())


def _values(path: Path) -> Iterator[object]:
    """Yield every value of every table of a database."""
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f"SELECT * FROM {table}"):
                yield from row


def _without_ids(content: bytes) -> bytes:
    """Return the content without the random ids of pupils, in which anything can stand."""
    return PUPIL_ID.sub(b"", content)


def _assert_nowhere(folder: Path, wanted: Iterable[bytes]) -> None:
    contents = {
        path: _without_ids(path.read_bytes())
        for where in (folder, folder.parent / "tijdens")
        if where.exists()
        for path in where.rglob("*")
        if path.is_file()
    }
    assert contents
    listed = list(wanted)
    assert listed
    for path, content in contents.items():
        found = [form for form in listed if form in content]
        assert not found, f"{path.name}: {found[:3]}"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
