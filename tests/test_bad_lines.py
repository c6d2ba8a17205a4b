"""Bad input, one file per rule of events.md 4: what is said, what is booked, what can be mended.

The feeds stand in `events_samples/slechte-regels`, what is wrong with them in `index.json`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from ledger import events as ev
from ledger.importing import Imported, import_feed
from ledger.intake import feed
from ledger.intake.fields import FIELD_RULES
from ledger.problems import Problem, Remark, masked, shown
from tests.command import SAMPLES, ledger_with
from tests.ledgers import NOW, Feed, import_events, ledger_of

FOLDER = SAMPLES / "slechte-regels"
INDEX: dict[str, dict[str, Any]] = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
REFUSED = [name for name, what in INDEX.items() if what["soort"] == "afgekeurd"]
WARNED = [name for name, what in INDEX.items() if what["soort"] == "waarschuwing"]

RULES = {
    "unknown type": ("type-",),
    "unknown field": ("veld-onbekend",),
    "missing field": ("veld-ontbreekt",),
    "wrong type": ("soort-waarde-", "pgn-als-getal"),
    "no JSON object": ("geen-json.", "geen-json-object"),
    "a PGN that fails its check": ("pgn-elfproef", "pgn-nieuw-elfproef", "pgn-te-kort"),
    "codes out of form": (
        "code-instelling",
        "code-vestiging",
        "code-volgnummer",
        "code-tlv.",
        "code-samenwerkingsverband",
        "code-pc4",
    ),
    "a date that does not exist": ("datum-bestaat-niet",),
    "an end before a begin": ("einde-voor-begin.", "einde-voor-begin-tlv.", "einde-voor-begin-u"),
    "a period outside the enrolment": ("periode-voor-", "periode-na-"),
    "a period on the same day": ("periode-op-zelfde-dag",),
    "an end before the last period": ("einde-voor-laatste-periode",),
    "an unknown enrolment": ("inschrijving-onbekend", "inschrijving-nog-niet-bekend"),
    "an unknown tlv": ("tlv-onbekend.", "tlv-onbekend-gewijzigd"),
    "a second registration": ("inschrijving-al-bekend",),
    "a schoolsoort change": ("schoolsoort-gewijzigd",),
    "a tlv of the wrong sector": ("tlv-verkeerde-sector.", "tlv-verkeerde-sector-gekoppeld"),
    "a sort of verzuim that does not exist": ("code-soort-verzuim",),
    "a verzuim or vrijstelling beside another": ("verzuim-loopt-al", "vrijstelling-loopt-al"),
    "an end where nothing runs": ("verzuim-niet-lopend", "vrijstelling-niet-lopend"),
    "an end before what it ends": (
        "einde-voor-begin-verzuim",
        "einde-voor-begin-vrijstelling.",
        "einde-voor-begin-vrijstelling-beeindigd",
    ),
    "a perspective without enrolment": ("ontwikkelingsperspectief-zonder-inschrijving",),
    "a key of a difference in clear": ("verschil-sleutel-leesbaar",),
    "counts that are none": ("aantal-onder-nul", "tabel-onbekend"),
    "a bekend_op in the future": ("bekend-op-in-de-toekomst",),
    "a kenmerk used before": ("kenmerk-hergebruikt",),
    "warning: a tlv not known yet": ("tlv-nog-niet-bekend",),
    "warning: a tlv not to 31 July": ("tlv-niet-31-juli",),
    "warning: a tlv that is short": ("tlv-korter-dan-een-schooljaar",),
    "warning: a tlv number elsewhere": ("tlv-nummer-bij-andere-leerling",),
    "warning: the older rule": ("onderwijsnummer-nieuwe-regel",),
    "warning: lost zeros": ("nullen-kwijt-pgn", "nullen-kwijt-tlv", "nullen-kwijt-vestiging"),
}
"""The rules of events.md 4 by the files that show them."""


class Read(NamedTuple):
    """A bad file after its import: the copy, and what became of its lines."""

    path: Path
    imported: Imported

    @property
    def lines(self) -> list[bytes]:
        """The lines of the file."""
        return self.path.read_bytes().splitlines()

    @property
    def remarks(self) -> list[Remark]:
        """Everything that was said about them."""
        return [*self.imported.refusals(), *self.imported.warnings()]


@pytest.fixture(params=sorted(INDEX), scope="module")
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Import one bad file into an empty ledger."""
    path = tmp_path_factory.mktemp("slecht") / request.param
    shutil.copy(FOLDER / path.name, path)
    with ledger_of() as ledger:
        return Read(path, import_feed(ledger, path, NOW))


def _pgns(lines: Sequence[bytes]) -> set[str]:
    """Return the values of the fields that name a pupil, right or wrong."""
    found = set()
    for line in lines:
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        if isinstance(fields, dict):
            found |= {str(fields[name]) for name in ("pgn", "nieuw_pgn") if name in fields}
    return found


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_file(rule: str) -> None:
    for start in RULES[rule]:
        assert any(name.startswith(start) for name in INDEX), start


def test_every_file_is_in_the_index() -> None:
    files = {path.name for path in FOLDER.glob("*.jsonl")}
    assert {name for name in files if ".afgekeurd." not in name} == set(INDEX)


def test_exactly_one_line_and_field_is_named(read: Read) -> None:
    what = INDEX[read.path.name]
    found = [(remark.regelnummer, remark.problem.veld) for remark in read.remarks]
    assert found == [(what["regel"], what["veld"])]


def test_the_message_has_place_field_rule_and_remedy(read: Read) -> None:
    (remark,) = read.remarks
    veld, regel, remedie = remark.problem
    place = f"{read.path.name}:{INDEX[read.path.name]['regel']}"
    assert regel
    assert remedie
    named = f"{place} {veld}:" if veld else place
    assert str(remark) == f"{named} {regel}; {remedie}"


def test_all_good_lines_are_booked(read: Read) -> None:
    refused = 1 if read.path.name in REFUSED else 0
    booked = read.imported.booked
    assert (booked.geboekt, len(booked.refused)) == (len(read.lines) - refused, refused)


def test_no_message_shows_a_pgn(read: Read) -> None:
    said = "\n".join(map(str, read.remarks))
    pgns = _pgns(read.lines)
    assert pgns or read.path.name.startswith(("einde-voor-begin-aansluiting", "code-samen"))
    assert not [pgn for pgn in pgns if pgn in said]


def test_a_refused_line_stands_beside_the_file_with_its_reason(read: Read) -> None:
    rejected = read.path.with_name(f"{read.path.stem}.afgekeurd.jsonl")
    if read.path.name in WARNED:
        assert read.imported.rejected is None
        assert not rejected.exists()
        return
    assert read.imported.rejected == rejected
    (line,) = rejected.read_bytes().splitlines()
    kept = json.loads(line)
    (problem,) = [remark.problem for remark in read.remarks]
    assert kept.pop("afgekeurd") == f"{problem.veld}: {problem.regel} ({problem.remedie})"
    assert kept == _as_kept(read.lines[INDEX[read.path.name]["regel"] - 1])
    assert rejected.stat().st_mode & 0o077 == 0


def _as_kept(line: bytes) -> object:
    try:
        fields = json.loads(line)
    except ValueError:
        fields = None
    return fields if isinstance(fields, dict) else {"regel": line.decode() + "\n"}


@pytest.mark.parametrize("name", ["veld-ontbreekt.jsonl", "pgn-elfproef.jsonl", "geen-json.jsonl"])
def test_the_command_says_it_and_ends_with_3(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    shutil.copy(FOLDER / name, path)
    done = ledger_with(tmp_path)("import", path)
    assert done.status == 3
    assert done.out.startswith(f"{name}: 3 regels, geboekt ")
    assert ", afgekeurd 1, let op 0" in done.out
    told, where = done.err.splitlines()
    assert told.startswith(f"afgekeurd {name}:2 ")
    assert where == f"afgekeurde regels met reden: {tmp_path / path.stem}.afgekeurd.jsonl"
    assert not [pgn for pgn in _pgns(path.read_bytes().splitlines()) if pgn in done.out + done.err]


@pytest.mark.parametrize("name", ["nullen-kwijt-pgn.jsonl", "tlv-niet-31-juli.jsonl"])
def test_a_warning_is_said_and_ends_with_0(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    shutil.copy(FOLDER / name, path)
    done = ledger_with(tmp_path)("import", path)
    assert done.status == 0
    assert done.out == f"{name}: 2 regels, geboekt 2, al bekend 0, afgekeurd 0, let op 1\n"
    assert done.err.startswith(f"let op {name}:2 ")
    assert not [pgn for pgn in _pgns(path.read_bytes().splitlines()) if pgn in done.out + done.err]


def test_a_mended_line_is_imported_from_the_rejected_file(tmp_path: Path) -> None:
    path = tmp_path / "veld-ontbreekt.jsonl"
    shutil.copy(FOLDER / path.name, path)
    command = ledger_with(tmp_path)
    assert command("import", path).status == 3
    rejected = tmp_path / "veld-ontbreekt.afgekeurd.jsonl"
    line = json.loads(rejected.read_bytes())
    line["vestigingscode"] = "11AA00"
    rejected.write_text(json.dumps(line) + "\n", encoding="utf-8")
    done = command("import", rejected)
    assert (done.status, done.err) == (0, "")
    (row,) = command.stand("2025-02-01")
    assert (row["pgn"], row["vestigingscode"]) == ("915238421", "11AA00")


def test_a_rejected_line_that_is_not_mended_is_refused_again(tmp_path: Path) -> None:
    path = tmp_path / "veld-ontbreekt.jsonl"
    shutil.copy(FOLDER / path.name, path)
    command = ledger_with(tmp_path)
    command("import", path)
    done = command("import", tmp_path / "veld-ontbreekt.afgekeurd.jsonl")
    assert done.status == 3
    assert "veld-ontbreekt.afgekeurd.jsonl:1 vestigingscode: " in done.err


SWV = {"type": "SwvGeregistreerd", "bekend_op": "2025-01-01", "swv": "PO2304", "naam": "Een"}


def _remarks(events: Feed) -> list[tuple[int, str]]:
    with ledger_of() as ledger:
        return _places(import_events(ledger, events))


def _places(imported: Imported) -> list[tuple[int, str]]:
    return [(remark.regelnummer, remark.problem.veld) for remark in imported.refusals()]


def test_all_problems_of_a_line_are_told_at_once() -> None:
    line = {
        "type": "InschrijvingGeregistreerd",
        "bekend_op": "morgen",
        "pgn": "123",
        "instellingscode": "QN12",
        "volgnummer": "1",
        "begindatum": "2025-02-30",
        "schoolsoort": "MBO",
        "kleur": "rood",
    }
    assert _remarks([line]) == [
        (1, "bekend_op"),
        (1, "pgn"),
        (1, "kleur"),
        (1, "instellingscode"),
        (1, "begindatum"),
        (1, "vestigingscode"),
        (1, "schoolsoort"),
    ]


def test_all_problems_of_a_file_are_told_in_the_order_of_its_lines() -> None:
    swv: dict[str, object] = {**SWV}
    deleted: dict[str, object] = {
        "type": "InschrijvingVerwijderd",
        "bekend_op": "2020-01-01",
        "pgn": "123456782",
        "instellingscode": "12QN",
        "volgnummer": "1",
    }
    bad: list[dict[str, object]] = [
        {**swv, "naam": 1},
        deleted,
        swv,
        {**swv, "swv": "PO"},
        {"type": "Iets"},
    ]
    assert _remarks(bad) == [(1, "naam"), (2, "volgnummer"), (4, "swv"), (5, "type")]


@pytest.mark.parametrize(
    "fields",
    [
        {"pc4": "7901", "buitenland": True},
        {"buitenland": True, "swv": ["PO2304"]},
        {},
        {"buitenland": False},
    ],
)
def test_a_residence_is_one_thing(fields: dict[str, object]) -> None:
    line = {
        "type": "WoonplaatsVastgelegd",
        "bekend_op": "2025-01-01",
        "pgn": "123456782",
        "vanaf": "2025-01-01",
    }
    assert _remarks([{**line, **fields}]) == [(1, "pc4")]


def test_two_samenwerkingsverbanden_of_one_sector_are_no_residence() -> None:
    line = {
        "type": "WoonplaatsVastgelegd",
        "bekend_op": "2025-01-01",
        "pgn": "123456782",
        "vanaf": "2025-01-01",
        "swv": ["PO2304", "PO2305"],
    }
    assert _remarks([line]) == [(1, "swv")]


def test_the_ledger_books_files_itself() -> None:
    line = {"type": "BestandIngelezen", "bekend_op": "2025-01-01", "sha256": "ab"}
    assert _remarks([line]) == [(1, "type")]


def test_a_field_that_is_named_like_a_pgn_is_not_shown() -> None:
    with ledger_of() as ledger:
        imported = import_events(ledger, [{**SWV, "123456782": 1}])
    (remark,) = imported.refusals()
    assert "123456782" not in str(remark)


@pytest.mark.parametrize(
    ("veld", "value"),
    [
        ("vestigingscode", "12QN00\n"),
        ("vestigingscode", "\N{FULLWIDTH DIGIT ONE}2QN00"),
        ("instellingscode", "12QN\n"),
        ("volgnummer", "1\n"),
        ("volgnummer", ""),
        ("volgnummer", "9" * 21),
        ("tlv", ["PO2304-2024-00001\n"]),
        ("cluster", 0),
        ("cluster", "5"),
    ],
)
def test_codes_are_checked_from_the_first_to_the_last_character(veld: str, value: object) -> None:
    line = {
        "type": "InschrijvingGeregistreerd",
        "bekend_op": "2025-01-01",
        "pgn": "123456782",
        "instellingscode": "12QN",
        "volgnummer": "1",
        "begindatum": "2024-08-01",
        "vestigingscode": "12QN00",
        "schoolsoort": "SO",
    }
    assert _remarks([{**line, veld: value}]) == [(1, veld)]


def test_every_field_of_the_catalogue_has_a_rule_in_words() -> None:
    texts = {"naam", "wijze", "reden", "grond", "op", "product", "sha256", "aansluiting"}
    texts |= {"bestanden", "paar", "paraaf"}
    sealed = {"zoals_bekend_op", "geaccepteerd", "gedownload_op"}
    by_ledger = {"geboekt", "al_bekend", "afgekeurd", "volledig"}
    facts = {**ev.PUPIL_FACTS, **ev.REFERENCE_FACTS}
    fields = {name for fact in facts.values() for name in ev.feed_fields(fact)}
    assert fields - set(FIELD_RULES) == texts | sealed | by_ledger


def test_a_text_of_an_error_is_short_and_masked() -> None:
    assert shown("12345678") == "'*********'"
    assert shown("pgn 123456782 en 0123456789") == "'pgn ********* en *********'"
    assert shown("x" * 61) == "'" + "x" * 60 + "…'"
    assert masked("1234567") == "1234567"


def test_a_remark_about_a_whole_line_names_no_field() -> None:
    assert str(Remark("a.jsonl", 3, Problem("", "geen JSON", "herstel"))) == (
        "a.jsonl:3 geen JSON; herstel"
    )


def test_a_rejected_line_that_is_no_object_is_kept_as_text() -> None:
    refused = feed.Refused(1, (Problem("", "geen JSON", "herstel"),), b"[1, 2]\xff")
    assert msgspec.json.decode(feed.rejected_line(refused)) == {
        "regel": "[1, 2]\N{REPLACEMENT CHARACTER}",
        "afgekeurd": ": geen JSON (herstel)",
    }
