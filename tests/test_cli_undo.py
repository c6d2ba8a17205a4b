"""Undo through the command: after it the ledger answers as if the file had never been there."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.command import GOLDEN, SAMPLES, TODAY, Kijkglas, columns, ledger_with
from tests.conftest import Golden
from tests.downloads import (
    APRIL,
    FEB,
    LEZERS,
    MARCH,
    NAME,
    PGNS,
    STORY,
    SWV,
    Row,
    answers,
    at,
    by_residence,
    copied,
    counted,
    csv_file,
    differing,
    feed,
    import_id,
    ledger_in,
    verified,
)
from tests.ledgers import write_feed
from tests.oracle_examples import enrolled, event
from tests.places import copied as copied_ledger

REGISTER_ROWS: Sequence[Row] = [
    {
        "tlv_nummer": f"PO2304-2023-0000{number + 1}",
        "bsn": PGNS[number],
        "categorie": categorie,
        "begindatum": "1-8-2023",
        "einddatum": end,
    }
    for number, categorie, end in ((0, "MIDDEN", "31-7-2027"), (1, "LAAG", "31-7-2025"))
]
SCHOOL_ROWS: Sequence[Row] = [
    {
        "BSN_OWN": PGNS[number],
        "INSTELLINGSCODE": "00SU",
        "INSCHRIJVINGSVOLGNUMMER": str(number + 1),
        "DATUM_INSCHRIJVING": "1-8-2023",
        "DATUM_UITSCHRIJVING": "",
        "BEGIN_PERIODE": "1-8-2023",
        "VESTIGINGSCODE": "00SU01",
        "SCHOOLSOORT": "SO",
        "BESCHIKKINGSNUMMERS": "",
        "PC4": "7901",
        "PC4_VANAF": "1-8-2020",
    }
    for number in (1, 2)
]
LINKS: Sequence[Row] = [
    {"VESTIGINGSCODE": "00SU01", "NAAM": "De Kei 2", "PO_SWV": "PO2202", "VANAF": "1-8-2024"}
]
NEW_PUPIL = [
    event("LeerlingGeregistreerd", "2025-02-11", pgn=PGNS[5], geboortedatum="2015-05-20"),
    enrolled("SO", "2023-08-01", None, "00SU00", bekend_op="2025-02-11", pgn=PGNS[5]),
]


def documents(folder: Path) -> dict[str, Path]:
    """Write a file of each kind, that bear on one another, with moments of their own."""
    folder.mkdir(exist_ok=True)
    return {
        "feed": at(write_feed(folder / "feed-2.jsonl", NEW_PUPIL), "2025-02-11T00:00"),
        "a": csv_file(folder / "a.csv", [counted(0), counted(1), by_residence(2)], FEB),
        "register": csv_file(folder / "register.csv", REGISTER_ROWS, "2025-02-20T12:00"),
        "b": csv_file(
            folder / "b.csv",
            [counted(0, DATUM_UITSCHRIJVING="1-3-2025"), counted(1), counted(2), counted(3)],
            MARCH,
        ),
        "school": csv_file(folder / "school.csv", SCHOOL_ROWS, "2025-03-20T12:00"),
        "links": csv_file(folder / "vestigingen.csv", LINKS, "2025-03-25T12:00"),
        "c": csv_file(
            folder / "c.csv", [counted(0), counted(1, VESTIGINGSCODE="00SU01"), counted(3)], APRIL
        ),
    }


KINDS = ("feed", "a", "register", "b", "school", "links", "c")
WHEN = (*STORY[:-1], "2025-02-20", "2025-03-20", "2025-03-25", "nu")
KEYS = (*PGNS[:6], "00SU/1", "00SU01", SWV, "PO2304-2023-00001")


def everything(command: Kijkglas) -> dict[str, Any]:
    """Return the answers of a ledger, also why they differ between moments."""
    found = answers(command, WHEN)
    for one, two in (("2025-02-10", "2025-03-10"), ("2025-03-10", "nu")):
        done = command(
            "why", "--swv", SWV, "--from", f"2025-02-01@{one}", "--to", f"2025-02-01@{two}",
            "--format", "json",
        )  # fmt: skip
        why = done.answer
        found[f"why {one} {two}"] = [why[name] for name in ("van", "naar", "verschil", "stappen")]
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a ledger that holds a file of each kind."""
    folder = tmp_path_factory.mktemp("heel")
    command = ledger_in(folder)
    for path in documents(folder / "in").values():
        command.imported(path)
    return folder


@pytest.fixture
def command(whole: Path, tmp_path: Path) -> Kijkglas:
    """Give a ledger of its own that holds a file of each kind."""
    return Kijkglas(copied_ledger(whole / "grootboek", tmp_path / "grootboek"))


@pytest.mark.parametrize("kind", KINDS)
def test_after_an_undo_the_answers_are_those_of_a_ledger_that_never_had_the_file(
    kind: str, command: Kijkglas, tmp_path: Path
) -> None:
    before = everything(command)
    paths = documents(tmp_path / "in")
    done = command.fine("undo", import_id(paths[kind]))
    assert done.out.startswith(f"teruggedraaid: {paths[kind].name}, ")
    never = ledger_in(tmp_path / "nooit")
    for name in KINDS:
        if name != kind:
            never.imported(paths[name])
    after = everything(command)
    assert differing(after, everything(never)) == []
    assert differing(after, before) != [], "the file made a difference"
    assert verified(command)
    command.imported(paths[kind])
    assert differing(everything(command), before) == []
    assert verified(command)


@pytest.mark.parametrize("kind", KINDS)
def test_the_history_has_nothing_of_the_file_any_more(
    kind: str, command: Kijkglas, tmp_path: Path
) -> None:
    name = documents(tmp_path / "in")[kind].name
    files = {row["bestand"] for key in KEYS for row in _history(command, key)}
    assert name in files
    command.fine("undo", import_id(tmp_path / "in" / name))
    left = {row["bestand"] for key in KEYS for row in _history(command, key)}
    assert left == files - {name}


def _history(command: Kijkglas, key: str) -> list[dict[str, Any]]:
    done = command("history", key, "--format", "json")
    return list(done.rows) if done.status == 0 else []


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_undone_one_after_the_other_leaves_what_was_there_first(
    kind: str, command: Kijkglas, tmp_path: Path
) -> None:
    """In any order of undoing, starting with any of them."""
    paths = documents(tmp_path / "in")
    place = KINDS.index(kind)
    for name in (*KINDS[place:], *KINDS[:place]):
        command.fine("undo", import_id(paths[name]))
    assert differing(everything(command), everything(ledger_in(tmp_path / "leeg"))) == []
    assert verified(command)


@pytest.mark.beide
def test_the_events_of_the_only_file_are_gone_from_the_export_and_come_back(
    tmp_path: Path,
) -> None:
    command = ledger_in(tmp_path)
    before = feed(command)
    path = csv_file(tmp_path / NAME, [counted(0), by_residence(1)])
    command.imported(path)
    whole = feed(command)
    done = command.fine("undo", import_id(path))
    assert done.out == f"teruggedraaid: {NAME}, 7 gebeurtenissen tellen niet meer mee\n"
    assert done.err == ""
    assert feed(command) == before
    again = command.imported(path)
    assert again.out == f"{NAME}: 2 regels, geboekt 7, al bekend 0, afgekeurd 0, let op 0\n"
    assert feed(command) == whole


@pytest.mark.beide
def test_what_later_files_said_is_booked_anew_and_said(tmp_path: Path) -> None:
    command = ledger_in(tmp_path)
    first = csv_file(tmp_path / "a.csv", [counted(0)], FEB)
    second = csv_file(tmp_path / "b.csv", [counted(0, LEEFTIJD_TELDATUM="10")], MARCH)
    command.imported(first)
    assert "geboekt 0, al bekend 1" in command.imported(second).out
    done = command.fine("undo", import_id(first))
    assert done.out.splitlines() == [
        "teruggedraaid: a.csv, 4 gebeurtenissen tellen niet meer mee",
        "opnieuw geboekt wat latere bestanden zeiden: 4 gebeurtenissen",
    ]
    (row,) = command.stand("2025-02-01")
    assert row["bekend_van"] == "2025-03-10T12:00:00+01:00"
    assert command.stand("2025-02-01", "--bekend-op", "2025-03-09") == []


def test_the_ledger_as_it_stood_before_the_undo_still_has_the_file(
    command: Kijkglas, tmp_path: Path
) -> None:
    before = command.fine("stand", "--teldatum", "2025-02-01", "--format", "json").answer
    position = before["herkomst"]["positie"]
    command.fine("undo", import_id(documents(tmp_path / "in")["b"]))
    now = command.stand("2025-02-01", "--bekend-op", "2025-03-10")
    then = command.stand("2025-02-01", "--positie", str(position))
    assert then == before["rows"]
    assert now != command.stand(
        "2025-02-01", "--bekend-op", "2025-03-10", "--positie", str(position)
    )
    old = command.fine("imports", "--positie", str(position), "--format", "json").rows
    assert not any(row["teruggedraaid"] for row in old)
    new = command.fine("imports", "--format", "json").rows
    assert columns([row for row in new if row["teruggedraaid"]], "bestand") == [("b.csv",)]


def test_an_undone_file_that_was_read_in_again_is_listed_twice(tmp_path: Path) -> None:
    command = ledger_in(tmp_path)
    path = csv_file(tmp_path / NAME, [counted(0)])
    for _ in range(2):
        command.imported(path)
        command.fine("undo", import_id(path))
    command.imported(path)
    rows = command.fine("imports", "--format", "json").rows[1:]
    assert columns(rows, "import_id", "teruggedraaid") == [
        (import_id(path), True), (import_id(path), True), (import_id(path), False),
    ]  # fmt: skip
    assert columns(command.stand("2025-02-01"), "pgn") == [(PGNS[0],)]
    assert verified(command)


# Which import


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "minstens 4 tekens"),
        ("abc", "minstens 4 tekens"),
        ("0000", "'0000' is geen import; zie 'kijkglas imports'"),
        ("niet-hex", "'niet-hex' is geen import"),
        (NAME, f"'{NAME}' is geen import"),
        (PGNS[0], "is geen import"),
    ],
)
def test_an_import_that_is_not_there_is_a_usage_error(
    given: str, said: str, command: Kijkglas
) -> None:
    before = feed(command)
    done = command("undo", given)
    assert (done.status, done.out) == (2, "")
    assert "IMPORT-ID" in done.err
    assert said in done.err or given == PGNS[0]
    assert PGNS[0] not in done.err
    assert feed(command) == before


@pytest.mark.parametrize("length", [4, 11, 12, 40, 64])
def test_the_begin_of_an_id_will_do(length: int, tmp_path: Path) -> None:
    command = ledger_in(tmp_path)
    command.imported(csv_file(tmp_path / NAME, [counted(0)]))
    sha256 = command.fine("imports", "--format", "json").rows[-1]["sha256"]
    assert command.fine("undo", sha256[:length]).out.startswith("teruggedraaid: ")


def test_an_id_of_more_than_one_import_is_refused(tmp_path: Path) -> None:
    command = ledger_in(tmp_path)
    ids: dict[str, Path] = {}
    for number in range(3000):
        path = tmp_path / "zoek.csv"
        csv_file(path, [counted(0, LEEFTIJD_TELDATUM=str(number))])
        begin = import_id(path)[:4]
        if begin in ids:
            break
        ids[begin] = path.rename(tmp_path / f"{number}.csv")
    else:
        pytest.fail("no two ids that begin alike")
    command.imported(ids[begin], path)
    done = command("undo", begin)
    assert done.status == 2
    assert f"'{begin}' is van meer dan een import; geef meer tekens" in done.err
    assert command("undo", import_id(path)).status == 0


def test_an_import_is_undone_once(command: Kijkglas, tmp_path: Path) -> None:
    given = import_id(documents(tmp_path / "in")["a"])
    command.fine("undo", given)
    before = feed(command)
    done = command("undo", given)
    assert (done.status, done.out) == (2, "")
    assert f"import '{given}' is al teruggedraaid" in done.err
    assert feed(command) == before


def test_an_undo_in_an_empty_ledger_finds_nothing(tmp_path: Path) -> None:
    command = ledger_with(tmp_path)
    assert command("undo", "abcd").status == 2


# Feeds and undo


@pytest.mark.beide
def test_a_feed_that_is_undone_frees_its_kenmerken(tmp_path: Path) -> None:
    fact = event("SwvGeregistreerd", "2025-01-01", swv="PO2399", naam="Fout", kenmerk="K1")
    command = ledger_in(tmp_path)
    wrong = write_feed(tmp_path / "fout.jsonl", [fact])
    command.imported(wrong)
    right = write_feed(tmp_path / "goed.jsonl", [{**fact, "naam": "Goed"}])
    assert command("import", right, *TODAY).status == 3
    command.fine("undo", import_id(wrong))
    command.imported(right)
    assert b"Goed" in command.exported()
    assert b"Fout" not in command.exported()


@pytest.mark.beide
def test_what_rested_on_an_undone_feed_has_no_effect_and_is_not_lost(tmp_path: Path) -> None:
    """A later feed changes an enrolment that the undone one registered."""
    command = ledger_in(tmp_path)
    first = write_feed(tmp_path / "een.jsonl", NEW_PUPIL)
    end = {"instellingscode": "00SU", "volgnummer": "1", "einddatum": "2025-03-01"}
    later = event("UitschrijvingGeregistreerd", "2025-03-02", pgn=PGNS[5], **end)
    second = write_feed(tmp_path / "twee.jsonl", [later])
    command.imported(first)
    command.imported(second)
    command.fine("undo", import_id(first))
    assert command.stand("2025-02-01") == []
    assert len(_history(command, PGNS[5])) == 1
    assert verified(command)
    command.imported(first)
    assert columns(command.stand("2025-02-01"), "einddatum") == [("2025-03-01",)]


def test_a_later_feed_that_had_the_same_lines_is_named(tmp_path: Path) -> None:
    """Feeds that grow: what the first had, the second had too, and was known already."""
    command = ledger_in(tmp_path)
    january = write_feed(tmp_path / "januari.jsonl", NEW_PUPIL)
    more = event("SwvGeregistreerd", "2025-02-12", swv="PO2399", naam="Nieuw")
    february = write_feed(tmp_path / "februari.jsonl", [*NEW_PUPIL, more])
    command.imported(january)
    command.imported(february)
    done = command.fine("undo", import_id(january))
    assert "februari.jsonl had 2 regels die al bekend waren" in done.err
    command.imported(february)
    assert columns(command.stand("2025-02-01"), "pgn") == [(PGNS[5],)]


def test_a_feed_that_comes_late_leaves_what_a_later_file_said(tmp_path: Path) -> None:
    """The registration is known before the dashboard that has the uitschrijving too."""
    path = csv_file(tmp_path / NAME, [counted(5, DATUM_UITSCHRIJVING="1-3-2025")], MARCH)
    early = enrolled(
        "SO", "2023-08-01", None, "00SU00", bekend_op="2025-02-11", pgn=PGNS[5], volgnummer="6"
    )
    feed_ = write_feed(tmp_path / "laat.jsonl", [early])
    command, other = ledger_in(tmp_path / "a"), ledger_in(tmp_path / "b")
    command.imported(path)
    command.imported(feed_)
    other.imported(feed_)
    other.imported(path)
    assert differing(answers(command, STORY), answers(other, STORY)) == []
    assert columns(command.stand("2025-02-01"), "einddatum") == [("2025-03-01",)]


def test_what_is_recorded_by_hand_stays_after_an_undo(tmp_path: Path) -> None:
    command = ledger_in(tmp_path)
    path = csv_file(tmp_path / NAME, [counted(0)])
    command.imported(path)
    command.fine(
        "record", "UitschrijvingGeregistreerd", f"pgn={PGNS[0]}", "instellingscode=00SU",
        "volgnummer=1", "einddatum=2025-03-01", "--bekend-op", "2025-03-05",
    )  # fmt: skip
    command.fine("undo", import_id(path))
    assert command.stand("2025-02-01") == []
    assert len(_history(command, PGNS[0])) == 1
    command.imported(path)
    assert columns(command.stand("2025-02-01"), "einddatum") == [("2025-03-01",)]
    assert verified(command)


# --complete


@pytest.mark.beide
def test_who_was_gone_by_an_undone_file_counts_again(tmp_path: Path) -> None:
    command = ledger_in(tmp_path)
    command.imported(csv_file(tmp_path / "a.csv", [counted(0), counted(1)], FEB))
    later = csv_file(tmp_path / "b.csv", [counted(0)], MARCH)
    command.imported(later, more=["--complete"])
    assert sorted(columns(command.stand("2025-02-01"), "telt")) == [(False,), (True,)]
    command.fine("undo", import_id(later))
    assert columns(command.stand("2025-02-01"), "telt") == [(True,), (True,)]


def test_a_complete_file_no_longer_compares_with_one_that_was_undone(tmp_path: Path) -> None:
    command = ledger_in(tmp_path)
    wrong = csv_file(tmp_path / "a.csv", [counted(0), counted(1)], FEB)
    command.imported(wrong)
    command.fine("undo", import_id(wrong))
    done = command.imported(csv_file(tmp_path / "b.csv", [counted(0)], MARCH), more=["--complete"])
    assert done.out == "b.csv: 1 regels, geboekt 4, al bekend 0, afgekeurd 0, let op 0\n"
    assert columns(command.stand("2025-02-01"), "pgn") == [(PGNS[0],)]


# The list of imports


def _at_noon(text: str, moment: datetime) -> str:
    """Return a listing with a moment of booking, in any of its forms, as a fixed one."""
    clock = f"{moment:%H:%M:%S}"
    text = text.replace(moment.isoformat(), "2026-11-01T12:00:00+01:00")
    text = text.replace(f"{moment.day}-{moment.month}-{moment.year} {clock}", "1-11-2026 12:00:00")
    # Another row may have been booked in the same minute: its longer form is its own.
    return re.sub(rf"{moment:%d-%m-%Y %H:%M}(?!:)", "01-11-2026 12:00", text)


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "json", "jsonl"])
def test_imports_in_every_form(form: str, tmp_path: Path, golden: Golden) -> None:
    command = ledger_in(tmp_path)
    path = csv_file(tmp_path / NAME, [counted(0), counted(1, TELDATUM="x")])
    command("import", path, *TODAY)
    undone = csv_file(tmp_path / "b.csv", [counted(0), counted(2)], MARCH)
    command.imported(undone, more=["--complete"])
    for sample in copied(tmp_path / "in", LEZERS / "tlv-register" / "tlv-register.csv"):
        command.imported(sample)
    command.fine("undo", import_id(undone))
    done = command.fine("imports", "--format", form)
    text = done.out
    for row in command.fine("imports", "--format", "json").rows:
        text = _at_noon(text, datetime.fromisoformat(row["geboekt_op"]))
    if form == "json":
        text = json.dumps(json.loads(text)["rows"], indent=1) + "\n"
    golden(GOLDEN / "import" / f"imports-{form}.txt", text.encode())


def test_imports_as_a_workbook(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    command = ledger_in(tmp_path)
    command.imported(csv_file(tmp_path / NAME, [counted(0)]))
    command.fine("imports", "-o", tmp_path / "imports.xlsx")
    book = openpyxl.load_workbook(tmp_path / "imports.xlsx")
    cells = [[cell.value for cell in row] for row in book[book.sheetnames[0]].iter_rows()]
    assert any(NAME in row for row in cells)


def test_a_sample_of_each_reader_can_be_undone(tmp_path: Path) -> None:
    """What is left of a ledger that read them all in and took them back is what was first."""
    command = ledger_in(tmp_path)
    before = (feed(command), answers(command))
    kinds = (
        "dashboard-1a-po",
        "dashboard-1b",
        "dashboard-2",
        "inschrijvingen",
        "kijkglas-2",
        "tlv-register",
    )
    samples = [
        path
        for kind in kinds
        for path in sorted((LEZERS / kind).glob("*.csv"))
        if "beschadigd" not in path.name and path.name != "eigen-koppen.csv"
    ]
    lists = [
        LEZERS / "referentie" / f"{name}.csv" for name in ("tellingen", "vestigingen-met-datums")
    ]
    paths = copied(tmp_path / "in", *samples, *lists)
    command.imported(*paths)
    assert feed(command) != before[0]
    for path in paths:
        command.fine("undo", import_id(path))
    assert (feed(command), answers(command)) == before
    assert verified(command)


def test_a_feed_of_the_samples_can_be_undone_and_read_in_again(tmp_path: Path) -> None:
    sample = SAMPLES / "C12-onderwijsnummer-wordt-bsn" / "feed.jsonl"
    (path,) = copied(tmp_path / "in", sample)
    command = ledger_with(tmp_path)
    command.imported(path)
    whole = (feed(command), answers(command))
    command.fine("undo", import_id(path))
    assert feed(command) == []
    assert command.stand("2025-02-01") == []
    command.imported(path)
    assert (feed(command), answers(command)) == whole
    assert verified(command)
