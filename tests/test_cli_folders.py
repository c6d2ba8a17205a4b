"""A folder of downloads, read in every month: what is new is booked, the rest is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import TODAY, Done, Kijkglas, columns
from tests.downloads import (
    APRIL,
    FEB,
    LEZERS,
    MARCH,
    NAME,
    PGNS,
    STORY,
    answers,
    at,
    contents,
    copied,
    counted,
    csv_file,
    differing,
    feed,
    import_id,
    ledger_in,
    verified,
    workbook,
)
from tests.ledgers import write_feed
from tests.oracle_examples import event


@pytest.fixture
def known(tmp_path: Path) -> Kijkglas:
    """Give a ledger that knows which vestigingen are of whom."""
    return ledger_in(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give three downloads and a tlv register, in a folder and one in it."""
    place = tmp_path / "downloads"
    (place / "2025" / "maart").mkdir(parents=True)
    csv_file(place / "c.csv", [counted(0, VESTIGINGSCODE="00SU01"), counted(1)], APRIL)
    csv_file(place / "2025" / NAME, [counted(0), counted(1)], FEB)
    rows = [counted(0), counted(1, DATUM_UITSCHRIJVING="1-3-2025")]
    cells = [list(rows[0]), *(list(row.values()) for row in rows)]
    workbook(place / "2025" / "maart" / "b.xlsx", cells, MARCH)
    copied(place / "tlv", LEZERS / "tlv-register" / "tlv-register.csv", moment="2025-03-20T09:00")
    return place


def names(done: Done) -> list[str]:
    """Return the names of the files that were read in, in their order."""
    return [line.partition(":")[0] for line in done.out.splitlines()]


def test_a_folder_is_read_in_whole_by_the_moments_of_its_files(
    known: Kijkglas, folder: Path, tmp_path: Path
) -> None:
    done = known.imported(folder)
    assert names(done) == [NAME, "b.xlsx", "tlv-register.csv", "c.csv"]
    other = ledger_in(tmp_path / "b")
    for name in ("2025/" + NAME, "2025/maart/b.xlsx", "tlv/tlv-register.csv", "c.csv"):
        other.imported(folder / name)
    assert feed(known) == feed(other)


def test_a_second_time_reads_nothing_and_says_so(known: Kijkglas, folder: Path) -> None:
    known.imported(folder)
    before = feed(known)
    done = known.imported(folder)
    assert done.out == ""
    assert sorted(done.err.splitlines()) == sorted(
        f"{name}: al ingelezen" for name in (NAME, "b.xlsx", "tlv-register.csv", "c.csv")
    )
    assert feed(known) == before


def test_only_what_is_new_is_read_in(known: Kijkglas, folder: Path) -> None:
    known.imported(folder)
    csv_file(folder / "d.csv", [counted(0), counted(1), counted(2)], "2025-05-10T12:00")
    done = known.imported(folder)
    assert names(done) == ["d.csv"]
    assert done.err.count("al ingelezen") == 4


def test_a_file_is_known_by_its_content_and_not_by_its_name(known: Kijkglas, folder: Path) -> None:
    known.imported(folder)
    (folder / "c.csv").rename(folder / "hernoemd.csv")
    csv_file(folder / "c.csv", [counted(0), counted(1), counted(2)], "2025-05-10T12:00")
    done = known.imported(folder)
    assert names(done) == ["c.csv"]
    assert "hernoemd.csv: al ingelezen\n" in done.err


def test_a_file_that_is_named_is_read_in_again(known: Kijkglas, folder: Path) -> None:
    known.imported(folder)
    done = known.imported(folder / "c.csv")
    assert done.out == "c.csv: 2 regels, geboekt 0, al bekend 2, afgekeurd 0, let op 0\n"


def test_a_file_that_was_undone_is_read_in_again(known: Kijkglas, folder: Path) -> None:
    known.imported(folder)
    known.fine("undo", import_id(folder / "c.csv"))
    assert names(known.imported(folder)) == ["c.csv"]


@pytest.mark.parametrize(
    "name",
    [
        ".verborgen.csv",
        ".map/verborgen.csv",
        "x.afgekeurd.csv",
        "x.afgekeurd.jsonl",
        "x.afgekeurd.afgekeurd.csv",
        "~$boek.xlsx",
        "plaatje.png",
        "brief.docx",
        "zonder-einde",
        "oud.csv.bak",
    ],
)
def test_what_is_no_download_is_not_looked_at(name: str, known: Kijkglas, tmp_path: Path) -> None:
    place = tmp_path / "downloads"
    path = place / name
    path.parent.mkdir(parents=True)
    csv_file(path, [counted(0)])
    csv_file(place / NAME, [counted(1)])
    done = known.imported(place)
    assert names(done) == [NAME]
    assert path.name not in done.err
    assert columns(known.stand("2025-02-01"), "pgn") == [(PGNS[1],)]


@pytest.mark.parametrize("ending", ["csv", "CSV", "txt", "tsv"])
def test_any_case_and_kind_of_ending_will_do(ending: str, known: Kijkglas, tmp_path: Path) -> None:
    (tmp_path / "downloads").mkdir()
    csv_file(tmp_path / "downloads" / f"x.{ending}", [counted(0)])
    assert names(known.imported(tmp_path / "downloads")) == [f"x.{ending}"]


def test_a_file_of_no_source_is_said_and_left(known: Kijkglas, folder: Path) -> None:
    (folder / "adressen.csv").write_text("naam;straat\na;b\n", encoding="utf-8")
    done = known.imported(folder)
    assert len(names(done)) == 4
    assert done.err.startswith("adressen.csv wordt niet herkend aan de kop; kies met --source uit:")


def test_a_file_that_cannot_be_read_is_said_and_the_others_go_on(
    known: Kijkglas, folder: Path
) -> None:
    at(folder / "c.csv", FEB)
    (folder / "kapot.xlsx").write_bytes(b"PK\x03\x04 en dan niets")
    done = known("import", folder, *TODAY)
    assert done.status == 2
    assert "kapot.xlsx: de werkmap is beschadigd" in done.err
    assert len(names(done)) == 4


def test_refused_rows_of_a_file_in_a_folder_stand_beside_it_and_are_not_read_in_next_month(
    known: Kijkglas, folder: Path
) -> None:
    csv_file(folder / "2025" / "fout.csv", [counted(2, VESTIGINGSCODE="99"), counted(3)], APRIL)
    done = known("import", folder, *TODAY)
    assert done.status == 3
    assert (folder / "2025" / "fout.afgekeurd.csv").exists()
    again = known("import", folder, *TODAY)
    assert (again.status, again.out) == (0, "")
    assert "fout.csv: al ingelezen" in again.err
    assert "fout.afgekeurd.csv" not in again.err


def test_a_file_that_strict_refused_is_tried_again(known: Kijkglas, folder: Path) -> None:
    bad = csv_file(folder / "fout.csv", [counted(2, VESTIGINGSCODE="99")], APRIL)
    assert known("import", "--strict", folder, *TODAY).status == 3
    csv_file(bad, [counted(2)], APRIL)
    assert names(known.imported(folder)) == ["fout.csv"]


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: (path / "sub").mkdir(parents=True)])
def test_an_empty_folder_is_said(make: object, known: Kijkglas, tmp_path: Path) -> None:
    assert callable(make)
    make(tmp_path / "leeg")
    done = known("import", tmp_path / "leeg", *TODAY)
    assert (done.status, done.out) == (0, "")
    assert done.err.startswith("leeg: ")


def test_folders_and_files_in_one_call_go_by_their_moments(
    known: Kijkglas, folder: Path, tmp_path: Path
) -> None:
    second = tmp_path / "meer"
    second.mkdir()
    csv_file(second / "tussen.csv", [counted(2)], "2025-02-20T12:00")
    last = csv_file(tmp_path / "a-laatste.csv", [counted(3)], "2025-06-01T12:00")
    done = known.imported(last, second, folder)
    assert names(done) == [
        NAME, "tussen.csv", "b.xlsx", "tlv-register.csv", "c.csv", "a-laatste.csv",
    ]  # fmt: skip


def test_one_download_twice_in_a_folder_is_booked_once(known: Kijkglas, folder: Path) -> None:
    copy = folder / "kopie.csv"
    copy.write_bytes((folder / "c.csv").read_bytes())
    at(copy, APRIL)
    done = known.imported(folder)
    listed = known.fine("imports", "--format", "json").rows
    shas = [row["sha256"] for row in listed]
    assert len(shas) == len(set(shas)) == 5
    assert "kopie.csv: 2 regels, geboekt 0, al bekend 2," in done.out or "kopie.csv: al" in done.err


def test_feeds_and_downloads_in_one_folder(known: Kijkglas, folder: Path) -> None:
    feed_ = [event("SwvGeregistreerd", "2021-01-01", swv="VO2305", naam="Waterrijk VO")]
    at(write_feed(folder / "regio.jsonl", feed_), MARCH)
    assert "regio.jsonl" in names(known.imported(folder))
    assert b"VO2305" in known.exported()


def test_a_moment_that_is_given_holds_for_every_file(known: Kijkglas, folder: Path) -> None:
    known.imported(folder, more=["--bekend-op", "2025-09-01"])
    rows = known.fine("imports", "--format", "json").rows[1:]
    assert {row["bekend_op"] for row in rows} == {"2025-09-01T00:00:00+02:00"}


def test_a_folder_in_two_halves_is_the_folder_at_once(
    known: Kijkglas, folder: Path, tmp_path: Path
) -> None:
    """The later half first: last month's files turn up after this month's."""
    later = tmp_path / "later"
    later.mkdir()
    (folder / "c.csv").rename(later / "c.csv")
    known.imported(later)
    known.imported(folder)
    other = ledger_in(tmp_path / "b")
    other.imported(folder, later)
    assert differing(answers(known, STORY), answers(other, STORY)) == []
    assert verified(known)


def test_a_dry_run_of_a_folder_writes_nothing(
    known: Kijkglas, folder: Path, tmp_path: Path
) -> None:
    before = contents(tmp_path)
    done = known("import", folder, "--dry-run", *TODAY)
    assert done.status == 0
    assert done.data.count(b'"type"') > 10
    assert contents(tmp_path) == before


def test_links_in_a_folder_do_not_lead_in_circles(known: Kijkglas, folder: Path) -> None:
    (folder / "rond").symlink_to(folder)
    (folder / "weg.csv").symlink_to(folder / "nergens.csv")
    assert len(names(known.imported(folder))) == 4


def test_no_pgn_in_the_name_of_a_folder_is_said(known: Kijkglas, tmp_path: Path) -> None:
    place = tmp_path / PGNS[4]
    place.mkdir()
    csv_file(place / "x.csv", [counted(0), counted(1, TELDATUM="x")])
    (place / "y.csv").write_text("a;b\n", encoding="utf-8")
    (place / "z.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / PGNS[5]).mkdir()
    for words in ((place,), (place, "--dry-run"), (tmp_path / PGNS[5],)):
        done = known("import", *words, *TODAY)
        assert PGNS[4] not in done.err + done.out.replace(f'"{PGNS[4]}"', "")
        assert PGNS[5] not in done.err


def test_the_same_bytes_later_are_news_when_another_download_came_between(
    known: Kijkglas, tmp_path: Path
) -> None:
    """A correction that was taken back: the third download is the first one, byte for byte."""
    place = tmp_path / "downloads"
    place.mkdir()
    csv_file(place / "a.csv", [counted(0)], FEB)
    csv_file(place / "b.csv", [counted(0, VESTIGINGSCODE="00SU01")], MARCH)
    known.imported(place)
    csv_file(place / "c.csv", [counted(0)], APRIL)
    assert names(known.imported(place)) == ["c.csv"]
    (row,) = known.stand("2025-02-01")
    assert (row["vestigingscode"], row["bekend_van"]) == ("00SU00", "2025-04-10T12:00:00+02:00")
    (before,) = known.stand("2025-02-01", "--bekend-op", "2025-04-09")
    assert before["vestigingscode"] == "00SU01"
    told = feed(known)
    known.imported(place)
    assert feed(known) == told


def test_a_copy_that_got_another_time_says_nothing_new(known: Kijkglas, folder: Path) -> None:
    """Copied without its time: nothing came between that says otherwise."""
    known.imported(folder)
    before = feed(known)
    at(folder / "c.csv", "2025-09-01T09:00")
    known.imported(folder)
    assert feed(known) == before
