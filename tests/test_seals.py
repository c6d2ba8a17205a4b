"""The hash chain as documented, and every way to tamper with the log (architecture.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.seals import ROOT, Broken, StoredRow, Zegel, first_break, seal
from tests.ledgers import import_events
from tests.places import copied, create, events_of, open_ledger, tamper

PGN = "111222333"
STEPS = 4
PER_STEP = 3
"""Each import appends two facts, and then that it was read: zegels 1-2, 3, 4-5, 6, 7-8, …"""


CHANGES = (
    "state = CAST(replace(CAST(state AS TEXT), 'bekend_op\":\"2', 'bekend_op\":\"1') AS BLOB)",
    "topic = 'SwvGeregistreerd'",
    "originator_version = originator_version + 100",
    "originator_id = '00' || substr(originator_id, 3)",
    "state = state || x'20'",
    "state = CAST(state || x'20' AS BLOB)",
    "state = 7",
    "state = NULL",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger of four imports that nobody has open."""
    folder = tmp_path_factory.mktemp("zegels") / "grootboek"
    with create(folder) as ledger:
        for step in range(STEPS):
            import_events(ledger, [_residence(step, 1), _residence(step, 2)])
        assert ledger.position == STEPS * PER_STEP
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of it to tamper with."""
    return copied(whole, tmp_path / "grootboek")


def test_a_link_covers_the_link_before_and_the_event_as_stored() -> None:
    rows = [StoredRow(1, "aa", 1, "T", b"een"), StoredRow(2, "bb", 7, "Langer", b"\x00\xff")]
    one = sha256(sha256(b"kijkglas").digest() + b"1 aa 1 1 T 3 een").digest()
    two = sha256(one + b"2 bb 7 6 Langer 2 \x00\xff").digest()
    head = sha256(two + b"2025-03-03T12:00:00+00:00 hand").digest()
    zegel = seal(ROOT, rows, "2025-03-03T12:00:00+00:00", "hand")
    expected = Zegel(1, 2, "2025-03-03T12:00:00+00:00", "hand", head, one[:8] + two[:8])
    assert zegel == expected


def test_the_next_append_starts_from_the_head_before() -> None:
    first = seal(ROOT, [StoredRow(1, "aa", 1, "T", b"x")], "toen", "hand")
    second = seal(first.hoofd, [StoredRow(2, "aa", 2, "T", b"x")], "later", "hand")
    link = sha256(first.hoofd + b"2 aa 2 1 T 1 x").digest()
    assert second.hoofd == sha256(link + b"later hand").digest()


def test_lengths_keep_different_events_apart() -> None:
    one = seal(ROOT, [StoredRow(1, "aa", 1, "T 1 x", b"")], "", "")
    two = seal(ROOT, [StoredRow(1, "aa", 1, "T", b"x 0 ")], "", "")
    assert one.hoofd != two.hoofd


def test_an_empty_log_holds() -> None:
    assert first_break([], []) is None


@pytest.mark.beide
def test_the_chain_of_a_ledger_is_the_one_of_its_rows(whole: Path) -> None:
    with open_ledger(whole) as ledger:
        head, rows = sha256(b"kijkglas").digest(), list(ledger.store.rows())
        for zegel in ledger.store.zegels():
            link = head
            traces = b""
            for row in rows[zegel.eerste - 1 : zegel.laatste]:
                envelope = (
                    f"{row.positie} {row.stream} {row.version} "
                    f"{len(row.topic)} {row.topic} {len(row.state)} "
                )
                link = sha256(link + envelope.encode() + row.state).digest()
                traces += link[:8]
            head = sha256(link + f"{zegel.geboekt_op} {zegel.invoer}".encode()).digest()
            assert (zegel.hoofd, zegel.sporen) == (head, traces)
            assert ledger.head_at(zegel.laatste) == ledger.head_at(zegel.eerste) == head.hex()
        assert ledger.head() == head.hex()
        assert [row.positie for row in rows] == list(range(1, STEPS * PER_STEP + 1))
        assert ledger.first_break() is None


@pytest.mark.beide
def test_the_head_of_an_empty_ledger_is_the_root(tmp_path: Path) -> None:
    with create(tmp_path / "leeg") as ledger:
        assert ledger.head() == ledger.head_at(0) == ROOT.hex()
        assert ledger.first_break() is None


@pytest.mark.parametrize("position", range(1, STEPS * PER_STEP + 1))
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_event_is_named(position: int, change: str, folder: Path) -> None:
    _assert_named(position, change, folder)


@pytest.mark.beide
@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_an_event_is_named(change: str, folder: Path) -> None:
    _assert_named(5, change, folder)


def _assert_named(position: int, change: str, folder: Path) -> None:
    before = _all(folder)
    _tamper(folder, f"UPDATE stored_events SET {change} WHERE rowid = {position}")
    if _all(folder) != before:  # zeros at the front of the id of a reference object stay zeros
        assert _break(folder) == Broken(position, "gebeurtenis gewijzigd")
    else:
        assert "originator_id" in change


@pytest.mark.parametrize("byte", [0, 5, -1])
def test_a_single_bit_of_a_state_is_seen(byte: int, folder: Path) -> None:
    with closing(events_of(folder)) as db:
        state = bytearray(db.execute("SELECT state FROM stored_events WHERE rowid = 5")[0][0])
        state[byte] ^= 1
        db.execute("UPDATE stored_events SET state = ? WHERE rowid = 5", (bytes(state),))
    assert _break(folder) == Broken(5, "gebeurtenis gewijzigd")


@pytest.mark.parametrize("position", range(1, STEPS * PER_STEP + 1))
def test_a_removed_event_is_named(position: int, folder: Path) -> None:
    _tamper(folder, f"DELETE FROM stored_events WHERE rowid = {position}")
    assert _break(folder) == Broken(position, "gebeurtenis verwijderd")


@pytest.mark.beide
def test_the_first_of_several_is_named(folder: Path) -> None:
    _tamper(
        folder,
        "DELETE FROM stored_events WHERE rowid = 11",
        "UPDATE stored_events SET topic = 'X' WHERE rowid = 8",
    )
    assert _break(folder) == Broken(8, "gebeurtenis gewijzigd")


@pytest.mark.beide
def test_two_events_that_changed_places_are_seen(folder: Path) -> None:
    _tamper(
        folder,
        "UPDATE stored_events SET rowid = 1000 WHERE rowid = 4",
        "UPDATE stored_events SET rowid = 4 WHERE rowid = 7",
        "UPDATE stored_events SET rowid = 7 WHERE rowid = 1000",
    )
    assert _break(folder) == Broken(4, "gebeurtenis gewijzigd")


@pytest.mark.parametrize("position", [STEPS * PER_STEP + 1, STEPS * PER_STEP + 40])
def test_an_event_added_at_the_end_is_named(position: int, folder: Path) -> None:
    _tamper(folder, _COPY.format(position))
    assert _break(folder) == Broken(position, "gebeurtenis ingevoegd")


@pytest.mark.beide
def test_an_event_before_the_first_is_named(folder: Path) -> None:
    _tamper(folder, _COPY.format(0))
    assert _break(folder) == Broken(0, "gebeurtenis ingevoegd")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("hoofd = zeroblob(32)", Broken(4, "zegel gewijzigd")),
        ("geboekt_op = '2020-01-01T00:00:00+00:00'", Broken(4, "zegel gewijzigd")),
        ("invoer = 'een ander'", Broken(4, "zegel gewijzigd")),
        ("sporen = zeroblob(16)", Broken(4, "gebeurtenis gewijzigd")),
        ("sporen = sporen || x'00'", Broken(4, "zegel gewijzigd")),
        ("eerste = 5", Broken(4, "zegel verwijderd of ingevoegd")),
        ("laatste = 4", Broken(4, "zegel gewijzigd")),
    ],
)
def test_a_changed_zegel_is_named(change: str, expected: Broken, folder: Path) -> None:
    _tamper(folder, f"UPDATE zegels SET {change} WHERE laatste = 5")
    assert _break(folder) == expected


@pytest.mark.parametrize(("last", "first"), [(2, 1), (3, 3), (5, 4), (11, 10)])
def test_a_removed_zegel_is_named(last: int, first: int, folder: Path) -> None:
    _tamper(folder, f"DELETE FROM zegels WHERE laatste = {last}")
    assert _break(folder) == Broken(first, "zegel verwijderd of ingevoegd")


@pytest.mark.beide
def test_events_without_their_zegel_look_added(folder: Path) -> None:
    _tamper(folder, "DELETE FROM zegels WHERE laatste > 9")
    assert _break(folder) == Broken(10, "gebeurtenis ingevoegd")


@pytest.mark.beide
def test_an_added_zegel_is_named(folder: Path) -> None:
    _tamper(folder, "INSERT INTO zegels VALUES (13, 14, '', '', zeroblob(32), zeroblob(16))")
    assert _break(folder) == Broken(13, "gebeurtenis verwijderd")


@pytest.mark.beide
def test_an_append_cut_off_with_its_zegel_shows_by_the_head_alone(folder: Path) -> None:
    """The chain of what is left holds: that it was longer shows by a head kept elsewhere.

    Every report carries the position and the head it was made with.
    """
    with open_ledger(folder) as ledger:
        position, head = ledger.position, ledger.head()
    _tamper(
        folder,
        "DELETE FROM stored_events WHERE rowid > 9",
        "DELETE FROM zegels WHERE laatste > 9",
    )
    with open_ledger(folder) as ledger:
        assert ledger.first_break() is None
        assert ledger.position < position
        assert ledger.head() != head
        assert ledger.head_at(position) != head


@pytest.mark.beide
def test_a_chain_made_anew_has_another_head(folder: Path) -> None:
    """Who changes an event and seals all that follows anew cannot get back the old head."""
    with open_ledger(folder) as ledger:
        kept = ledger.head_at(STEPS * PER_STEP)
    _tamper(folder, "UPDATE stored_events SET state = CAST(state || x'20' AS BLOB) WHERE rowid = 2")
    with closing(events_of(folder)) as db, open_ledger(folder) as ledger:
        head = ROOT
        for eerste, laatste, geboekt_op, invoer in db.execute(
            "SELECT eerste, laatste, geboekt_op, invoer FROM zegels ORDER BY laatste"
        ):
            rows = list(ledger.store.rows(eerste - 1, laatste))
            zegel = seal(head, rows, geboekt_op, invoer)
            head = zegel.hoofd
            db.execute(
                "UPDATE zegels SET hoofd = ?, sporen = ? WHERE laatste = ?",
                (zegel.hoofd, zegel.sporen, laatste),
            )
    with open_ledger(folder) as ledger:
        assert ledger.first_break() is None
        assert ledger.head_at(STEPS * PER_STEP) != kept


@pytest.mark.beide
def test_an_import_meanwhile_is_no_break(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process books between the reading of the zegels and of the events."""
    with open_ledger(folder) as mine, open_ledger(folder) as theirs:
        rows: Callable[[], Iterator[StoredRow]] = mine.store.rows

        def rows_later() -> Iterator[StoredRow]:
            import_events(theirs, [_residence(9, 1)])
            yield from rows()

        monkeypatch.setattr(mine.store, "rows", rows_later)
        assert mine.first_break() is None
        monkeypatch.undo()
        zegels: Callable[[], Iterator[Zegel]] = mine.store.zegels

        def zegels_later() -> Iterator[Zegel]:
            yield from zegels()
            import_events(theirs, [_residence(9, 2)])

        monkeypatch.setattr(mine.store, "zegels", zegels_later)
        assert mine.first_break() is None


_COPY = (
    "INSERT INTO stored_events (rowid, originator_id, originator_version, topic, state) "
    "SELECT {}, originator_id, 99, topic, state FROM stored_events WHERE rowid = 3"
)


def _residence(step: int, day: int) -> dict[str, str]:
    return {
        "type": "WoonplaatsVastgelegd",
        "bekend_op": f"2024-0{step + 1}-0{day}",
        "pgn": PGN,
        "vanaf": f"2023-0{step + 1}-0{day}",
        "pc4": "7511",
    }


def _tamper(folder: Path, *statements: str) -> None:
    tamper(events_of(folder), *statements)


def _all(folder: Path) -> list[tuple[object, ...]]:
    with closing(events_of(folder)) as db:
        return db.execute("SELECT rowid, * FROM stored_events ORDER BY rowid")


def _break(folder: Path) -> Broken | None:
    with open_ledger(folder) as ledger:
        return ledger.first_break()
