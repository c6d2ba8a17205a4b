"""One dashboard downloaded again: the difference is booked, whichever comes first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import TODAY, Kijkglas, columns
from tests.downloads import (
    APRIL,
    FEB,
    MARCH,
    NAME,
    PGNS,
    STORY,
    answers,
    at,
    by_residence,
    counted,
    csv_file,
    differing,
    feed,
    ledger_in,
    rows_of,
    verified,
)
from tests.reader_samples import (
    imports,
)


@pytest.fixture
def known(tmp_path: Path) -> Kijkglas:
    """Give a ledger that knows which vestigingen are of whom."""
    return ledger_in(tmp_path)


# A second download, and a late one


def test_a_second_download_books_only_the_difference(known: Kijkglas, tmp_path: Path) -> None:
    rows = [counted(n) for n in range(6)]
    known.imported(csv_file(tmp_path / NAME, rows))
    before = set(feed(known))
    rows[3] = counted(3, VESTIGINGSCODE="00SU01")
    done = known.imported(csv_file(tmp_path / "twee.csv", rows, MARCH))
    assert done.out == "twee.csv: 6 regels, geboekt 1, al bekend 5, afgekeurd 0, let op 0\n"
    (new,) = set(feed(known)) - before
    assert json.loads(new) == {
        "type": "InschrijvingGecorrigeerd",
        "bekend_op": "2025-03-10T12:00:00+01:00",
        "bron": "duo",
        "pgn": PGNS[3],
        "instellingscode": "00SU",
        "volgnummer": "4",
        "vestigingscode": "00SU01",
    }


def test_an_earlier_state_that_is_told_again_later_is_news(known: Kijkglas, tmp_path: Path) -> None:
    """There and back: the third file says what the first did, and is not taken for it."""
    for number, (code, moment) in enumerate(
        (("00SU00", FEB), ("00SU01", MARCH), ("00SU00", APRIL))
    ):
        known.imported(
            csv_file(tmp_path / f"{number}.csv", [counted(0, VESTIGINGSCODE=code)], moment)
        )
    seen = [
        columns(known.stand("2025-02-01", "--bekend-op", known_), "vestigingscode")[0][0]
        for known_ in ("2025-03-01", "2025-04-01", "nu")
    ]
    assert seen == ["00SU00", "00SU01", "00SU00"]


def test_the_same_content_under_another_name_books_nothing(known: Kijkglas, tmp_path: Path) -> None:
    first = csv_file(tmp_path / NAME, [counted(0), counted(1)])
    known.imported(first)
    before, listed = feed(known), imports(known)
    other = tmp_path / "kopie van download.csv"
    other.write_bytes(first.read_bytes())
    done = known.imported(at(other, FEB))
    assert done.out == f"{other.name}: 2 regels, geboekt 0, al bekend 2, afgekeurd 0, let op 0\n"
    assert (feed(known), imports(known)) == (before, listed)


def story(folder: Path) -> list[Path]:
    """Write three downloads of one dashboard: in the second two pupils differ, one came."""
    return [
        csv_file(folder / "a.csv", [counted(0), counted(1), by_residence(2), counted(3)], FEB),
        csv_file(
            folder / "b.csv",
            [
                counted(0, ONDERSTEUNINGSCATEGORIE="SO_VSO_HOOG"),
                counted(1, DATUM_UITSCHRIJVING="1-3-2025"),
                counted(2),
                counted(4),
            ],
            MARCH,
        ),
        csv_file(
            folder / "c.csv",
            [
                counted(0, ONDERSTEUNINGSCATEGORIE="SO_VSO_HOOG", VESTIGINGSCODE="00SU01"),
                counted(1),
                by_residence(2, RESIDENTIELE_LEERLING="Ja"),
                counted(3, EIND_DATUM_TLV="31-7-2025"),
                counted(4, DATUM_INSCHRIJVING="1-9-2023"),
            ],
            APRIL,
        ),
    ]


@pytest.fixture(scope="module", params=[(), ("--complete",)], ids=["", "complete"])
def in_order(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[tuple[str, ...], dict[str, object]]:
    """Give the answers of the three downloads, read in as they came."""
    folder = tmp_path_factory.mktemp("volgorde")
    command = ledger_in(folder)
    for path in story(folder):
        command.imported(path, more=request.param)
    return request.param, answers(command, STORY)


@pytest.mark.parametrize("order", ["acb", "bac", "bca", "cab", "cba"])
def test_downloads_in_any_order_give_the_same_answers(
    order: str,
    in_order: tuple[tuple[str, ...], dict[str, object]],
    known: Kijkglas,
    tmp_path: Path,
) -> None:
    more, wanted = in_order
    paths = {path.stem: path for path in story(tmp_path)}
    for name in order:
        known.imported(paths[name], more=more)
    assert differing(answers(known, STORY), wanted) == []
    assert verified(known)


@pytest.mark.parametrize("order", ["abc", "cba", "bca"])
def test_the_export_of_downloads_in_any_order_is_a_feed_with_the_same_answers(
    order: str, known: Kijkglas, tmp_path: Path
) -> None:
    paths = {path.stem: path for path in story(tmp_path)}
    for name in order:
        known.imported(paths[name])
    exported = tmp_path / "uit.jsonl"
    exported.write_bytes(known.exported())
    other = ledger_in(tmp_path / "b", [])
    other.imported(exported)
    assert differing(answers(other, STORY), answers(known, STORY)) == []
    assert feed(other) == feed(known)


def test_the_answers_of_the_story_are_those_of_each_download(
    in_order: tuple[tuple[str, ...], dict[str, object]], tmp_path: Path
) -> None:
    """The dashboard as known after a download has its rows."""
    more, wanted = in_order
    for path, known_on in zip(story(tmp_path), STORY[1:], strict=False):
        rows = wanted[f"report dashboard-1b --swv PO2304 2025-02-01 {known_on}"]
        assert isinstance(rows, list)
        told = {row["BSN_OWN"]: row for row in rows_of(path)}
        found = {row["BSN_OWN"]: row for row in rows}
        gone = {PGNS[3]} & (found.keys() - told.keys())
        assert found.keys() - gone == told.keys()
        assert not (gone and more), "a complete file says who is gone"
        for pgn, row in told.items():
            for name in ("VESTIGINGSCODE", "ONDERSTEUNINGSCATEGORIE", "WIJZE_VAN_BEPALING"):
                assert found[pgn][name] == row[name]


def test_files_of_one_call_go_by_their_moments(known: Kijkglas, tmp_path: Path) -> None:
    (tmp_path / "map").mkdir()
    a, b, c = story(tmp_path / "map")
    late = csv_file(tmp_path / "0-later.csv", [counted(5)], "2025-05-10T12:00")
    done = known.imported(late, c, a, b)
    assert [line.partition(":")[0] for line in done.out.splitlines()] == [
        "a.csv", "b.csv", "c.csv", "0-later.csv",
    ]  # fmt: skip
    other = ledger_in(tmp_path / "o")
    for path in (a, b, c, late):
        other.imported(path)
    assert feed(known) == feed(other), "as one by one: nothing had to be told again"


# --complete


def test_who_is_gone_is_booked_only_when_the_file_is_complete(
    known: Kijkglas, tmp_path: Path
) -> None:
    known.imported(csv_file(tmp_path / NAME, [counted(0), counted(1)]))
    later = csv_file(tmp_path / "later.csv", [counted(0)], MARCH)
    known.imported(later)
    assert columns(known.stand("2025-02-01"), "telt") == [(True,), (True,)]
    done = known.imported(later, more=["--complete"])
    assert done.out == "later.csv: 1 regels, geboekt 2, al bekend 1, afgekeurd 0, let op 0\n"
    rows = {row["pgn"]: row for row in known.stand("2025-02-01")}
    assert (rows[PGNS[0]]["telt"], rows[PGNS[1]]["telt"]) == (True, False)
    assert rows[PGNS[1]]["bekend_van"] == "2025-03-10T12:00:00+01:00"
    before = known.stand("2025-02-01", "--bekend-op", "2025-03-09")
    assert columns(before, "telt") == [(True,), (True,)]


def test_a_complete_file_with_refused_rows_says_nothing_of_who_is_gone(
    known: Kijkglas, tmp_path: Path
) -> None:
    known.imported(csv_file(tmp_path / NAME, [counted(0), counted(1)]))
    later = csv_file(tmp_path / "later.csv", [counted(0), counted(2, VESTIGINGSCODE="99")], MARCH)
    done = known("import", later, "--complete", *TODAY)
    assert done.status == 3
    assert "--complete" in done.err, "that it claims nothing is said"
    assert columns(known.stand("2025-02-01"), "telt") == [(True,), (True,)]


def test_a_complete_file_with_refused_rows_says_nothing_of_a_late_file_either(
    known: Kijkglas, tmp_path: Path
) -> None:
    later = csv_file(tmp_path / "later.csv", [counted(0), counted(1, VESTIGINGSCODE="99")], MARCH)
    assert known("import", later, "--complete", *TODAY).status == 3
    known.imported(csv_file(tmp_path / NAME, [counted(0), counted(1)]))
    assert columns(known.stand("2025-02-01"), "telt") == [(True,), (True,)]


def test_a_complete_file_is_of_its_own_samenwerkingsverband_and_teldatum(
    known: Kijkglas, tmp_path: Path
) -> None:
    other = counted(1, SAMENWERKINGSVERBAND="PO2202", BESCHIKKINGSNUMMER="PO2202-2023-00001")
    known.imported(csv_file(tmp_path / "ander.csv", [other]))
    known.imported(csv_file(tmp_path / "vorig.csv", [counted(2, TELDATUM="1-2-2024")]))
    known.imported(csv_file(tmp_path / NAME, [counted(0)], MARCH), more=["--complete"])
    rows = {row["pgn"]: row["telt"] for row in known.stand("2025-02-01")}
    assert rows == dict.fromkeys(PGNS[:3], True)
