"""Files with states in any order: the answers depend on what was said, not on when it was read.

A late file lands at its own moment and later knowledge stays; a file read twice says nothing
new; an import that was undone never was (events.md 2, cli.md `undo`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.state_files import (
    Answers,
    Document,
    answers,
    dashboard_1b,
    differences,
    feed_document,
    ledger_with,
    school_export,
    take_back,
    take_in,
    tlv_register,
)
from tests.state_truths import (
    INSTELLINGEN,
    SWVS,
    T_BEFORE,
    Leerling,
    Regel1b,
    T,
    Tlv,
    Waarheid,
    feed_of,
    rows_1b,
    truths,
)

K0, K1, K2, K3 = (
    datetime(2025, 1, 20, 8, tzinfo=UTC),
    datetime(2025, 2, 10, 8, tzinfo=UTC),
    datetime(2025, 3, 3, 20, tzinfo=UTC),
    datetime(2025, 9, 1, 8, tzinfo=UTC),
)
HOUR: Final = timedelta(hours=1)
SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=2, deadline=None, phases=[Phase.generate])
"""One example holds many pupils, each a case of its own; shrinking would take long."""
PUPILS: Final = 30


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder for the files of one example."""
    with TemporaryDirectory() as name:
        yield Path(name)


def downloads(to: Path, seed: int, pupils: int, *, complete: bool) -> list[Document]:
    """Return three downloads of one dashboard, by their moment."""
    return [
        downloaded(to, moment, waarheid, SWVS[0], T, complete=complete)
        for moment, waarheid in truths(_random(seed), pupils, (K1, K2, K3)).items()
    ]


def downloaded(
    to: Path, moment: datetime, waarheid: Waarheid, swv: str, teldatum: date, *, complete: bool
) -> Document:
    """Return a dashboard of a truth, its content unlike that of every other moment."""
    rows, name = rows_1b(waarheid, swv, teldatum), moment.isoformat()
    return dashboard_1b(to, moment, rows, swv, teldatum, complete=complete, download=name)


def everything(to: Path, seed: int, pupils: int, *, complete: bool) -> list[Document]:
    """Return two dashboards, a second teldatum and a school's export at three moments.

    And a tlv register at two of them.
    """
    documents = downloads(to, seed, pupils, complete=complete)
    for moment, waarheid in truths(_random(seed), pupils, (K1, K2, K3)).items():
        one, two = moment + HOUR, moment + 2 * HOUR
        documents += [
            downloaded(to, one, waarheid, SWVS[1], T, complete=complete),
            downloaded(to, two, waarheid, SWVS[0], T_BEFORE, complete=complete),
            school_export(to, moment + 4 * HOUR, waarheid, INSTELLINGEN[0]),
        ]
        if moment != K2:
            documents.append(tlv_register(to, moment + 3 * HOUR, waarheid))
    return sorted(documents, key=lambda one: one.moment)


def with_feed(to: Path, seed: int, pupils: int, *, complete: bool) -> list[Document]:
    """Return a feed, and downloads of two teldata and a register a day after its moments."""
    told_at = truths(_random(seed), pupils, (K0, K1, K2, K3))
    documents = [feed_document(to, feed_of(_random(seed), told_at))]
    for moment, waarheid in list(told_at.items())[1:]:
        day = moment + 24 * HOUR
        documents += [
            downloaded(to, day, waarheid, SWVS[0], T, complete=complete),
            downloaded(to, day + HOUR, waarheid, SWVS[0], T_BEFORE, complete=complete),
        ]
    return [*documents, tlv_register(to, K2 + 26 * HOUR, told_at[K2])]


def _random(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - no secret is made


def answered(order: Sequence[Document]) -> Answers:
    """Return all that a ledger answers that read the files in this order."""
    with ledger_with(*order) as ledger:
        return answers(ledger, order)


def some_orders(documents: Sequence[Document], seed: int, count: int) -> list[list[Document]]:
    """Return the reverse order and some random ones."""
    random = _random(seed)
    shuffled = [random.sample(documents, len(documents)) for _ in range(count - 1)]
    return [list(reversed(documents)), *shuffled]


def assert_same(documents: Sequence[Document], orders: Sequence[Sequence[Document]]) -> None:
    """Check that the files give the same answers in other orders as in that of their moments."""
    expected = answered(documents)
    assert expected
    for order in orders:
        assert differences(expected, answered(order)) == {}, _named(documents, order)


def _named(documents: Sequence[Document], order: Sequence[Document]) -> list[str]:
    return [f"{documents.index(one)} {one.moment:%m-%d %H} {one.path.name}" for one in order]


# ---------------------------------------------------------------------------- any order


@pytest.mark.parametrize("complete", [False, True])
def test_every_order_of_three_downloads_gives_the_same_answers(complete: bool) -> None:
    @FEW
    @given(SEEDS)
    def same(seed: int) -> None:
        with folder() as to:
            files = downloads(to, seed, PUPILS, complete=complete)
            assert_same(files, list(permutations(files))[1:])

    same()


@pytest.mark.parametrize("complete", [False, True])
def test_dashboards_teldata_and_registers_in_other_orders_give_the_same_answers(
    complete: bool,
) -> None:
    @FEW
    @given(SEEDS)
    def same(seed: int) -> None:
        with folder() as to:
            files = everything(to, seed, PUPILS, complete=complete)
            assert_same(files, some_orders(files, seed, 4))

    same()


@pytest.mark.parametrize("complete", [False, True])
def test_a_feed_may_come_before_between_and_after_the_files(complete: bool) -> None:
    @FEW
    @given(SEEDS)
    def same(seed: int) -> None:
        with folder() as to:
            feed, *files = with_feed(to, seed, PUPILS, complete=complete)
            middle = len(files) // 2
            orders = [
                [*order[:place], feed, *order[place:]]
                for order, place in zip(
                    some_orders(files, seed, 4), (0, middle, len(files), middle), strict=True
                )
            ]
            assert_same([feed, *files], orders)

    same()


# --------------------------------------------------------------------- twice, and undone


@FEW
@given(SEEDS)
def test_everything_again_books_nothing(seed: int) -> None:
    with folder() as to:
        files = with_feed(to, seed, PUPILS, complete=True)
        order = _random(seed).sample(files, len(files))
        with ledger_with(*order) as ledger:
            before, position = answers(ledger, files), ledger.position
            for document in files:
                assert take_in(ledger, document).booked.geboekt == 0
            assert ledger.position == position
            assert differences(before, answers(ledger, files)) == {}


@pytest.mark.parametrize("place", range(8))
def test_an_import_that_was_undone_never_was_and_can_be_done_again(place: int) -> None:
    """Place 0 is the feed."""

    @FEW
    @given(SEEDS)
    def undone(seed: int) -> None:
        with folder() as to:
            files = with_feed(to, seed, PUPILS // 2, complete=True)
            assert len(files) == 8
            document, order = files[place], _random(seed).sample(files, len(files))
            rest = [one for one in files if one is not document]
            with ledger_with(*order) as ledger:
                whole = answers(ledger, files)
                take_back(ledger, document)
                assert differences(_without(rest, files), answers(ledger, files)) == {}
                take_in(ledger, document)
                assert differences(whole, answers(ledger, files)) == {}

    undone()


def _without(rest: Sequence[Document], files: Sequence[Document]) -> Answers:
    with ledger_with(*rest) as ledger:
        return answers(ledger, files)


# --------------------------------------------------------------------- a search by itself


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(40))
def test_a_longer_search_finds_no_order_that_matters(seed: int, tmp_path: Path) -> None:
    complete = bool(seed % 2)
    make = (downloads, everything, with_feed)[seed % 3]
    files = make(tmp_path, seed, 60, complete=complete)
    orders = some_orders(files, seed, 8)
    if make is downloads:
        orders = [list(order) for order in permutations(files)]
    assert_same(files, orders)
    for document in files:
        rest = [one for one in files if one is not document]
        with ledger_with(*orders[0]) as ledger:
            take_back(ledger, document)
            assert differences(_without(rest, files), answers(ledger, files)) == {}


# ---------------------------------------------------------------------------- by hand

PGN: Final = "111222333"


def row(**more: Any) -> Regel1b:  # noqa: ANN401
    """Return a row of a pupil in SO, on 01AA00, by residence; unless said otherwise."""
    fields: dict[str, Any] = {
        "pgn": PGN,
        "nummer": "",
        "code": "01AA",
        "vestiging": "01AA00",
        "categorie": "LAAG",
        "volgnummer": "1",
        "begin": date(2024, 8, 1),
        "eind": None,
        "tlv_begin": None,
        "tlv_eind": None,
        "residentieel": False,
        "wijze": "Woonplaats leerling",
    }
    return Regel1b(**{**fields, **more})


def event(kind: str, known: datetime, **fields: object) -> dict[str, object]:
    """Return an event of the feed about the enrolment of `row`."""
    key = {"pgn": PGN, "instellingscode": "01AA", "volgnummer": "1"}
    return {"type": kind, "bekend_op": known.isoformat(), **key, **fields}


REGISTERED: Final = {
    "begindatum": "2024-08-01",
    "vestigingscode": "01AA00",
    "schoolsoort": "SO",
}


def seen(found: Answers, moment: str, *names: str) -> list[str]:
    """Return some columns of the enrolments of the pupil as known at a moment."""
    listed = []
    for table, *columns in found.get((PGN, moment), []):
        values = dict(column.split("=", 1) for column in columns)
        if table == "standen":
            listed.append(" ".join(values[name] for name in names))
    return listed


AT_K1, AT_K2, AT_K3 = (f"{moment:%Y-%m-%d %H:%M}" for moment in (K1, K2, K3))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_late_file_lands_between(order: tuple[int, ...], tmp_path: Path) -> None:
    files = [
        dashboard_1b(tmp_path, K1, [row()]),
        dashboard_1b(tmp_path, K2, [row(vestiging="01AA01", eind=date(2025, 7, 31))]),
        dashboard_1b(tmp_path, K3, [row(vestiging="01AA01", residentieel=True)]),
    ]
    found = answered([files[place] for place in order])
    names = ("vestigingscode", "einddatum", "soort_verblijf")
    assert seen(found, AT_K1, *names) == ["01AA00 None geen"]
    assert seen(found, AT_K2, *names) == ["01AA01 20250731 geen"]
    assert seen(found, AT_K3, *names) == ["01AA01 None IJH"]
    assert seen(found, "nu", *names) == ["01AA01 None IJH"]


@pytest.mark.parametrize("late", [False, True])
def test_nothing_that_a_feed_said_later_is_lost_by_a_file_of_before(
    late: bool, tmp_path: Path
) -> None:
    """The feed registers at K2 what the dashboard of K1 knew already: its periods stay."""
    feed = feed_document(
        tmp_path,
        [
            event("InschrijvingGeregistreerd", K2, **REGISTERED, soort_verblijf="IGZ", leerjaar=3),
            event("InschrijvingGewijzigd", K2 + HOUR, vanaf="2025-01-01", vestigingscode="01AA01"),
            event("TlvGekoppeld", K2 + HOUR, nummer="PO0001-2024-00001", door="school"),
            event("UitschrijvingGeregistreerd", K3, einddatum="2025-08-31"),
        ],
    )
    file = dashboard_1b(tmp_path, K1, [row(vestiging="01AA02", residentieel=True)])
    names = ("geldig_van", "geldig_tot", "vestigingscode", "soort_verblijf", "leerjaar")
    with ledger_with(feed) as ledger:
        alone = answers(ledger, [file])
        if late:
            take_in(ledger, file)
        found = answers(ledger, [file])
    if late:
        assert seen(found, AT_K1, *names) == ["20240801 99991231 01AA02 IJH None"]
    assert seen(found, "nu", *names) == [
        "20240801 20250101 01AA00 IGZ 3",
        "20250101 20250901 01AA01 IGZ 3",
    ]
    by_table = {row[0] for row in found[PGN, "nu"]}
    assert by_table == {"standen", "koppelingen"}
    assert _links(found) == _links(alone) != []


def _links(found: Answers) -> list[tuple[str, ...]]:
    return [row for row in found[PGN, "nu"] if row[0] == "koppelingen"]


@pytest.mark.parametrize("late", [False, True])
def test_what_a_file_said_of_later_stays_when_a_feed_of_before_comes_late(
    late: bool, tmp_path: Path
) -> None:
    feed = feed_document(
        tmp_path,
        [event("InschrijvingGeregistreerd", K1, **REGISTERED, soort_verblijf="IGZ", leerjaar=3)],
    )
    file = dashboard_1b(
        tmp_path, K2, [row(vestiging="01AA01", residentieel=True, eind=date(2025, 7, 31))]
    )
    found = answered([file, feed] if late else [feed, file])
    names = ("vestigingscode", "einddatum", "soort_verblijf", "leerjaar")
    assert seen(found, "nu", *names) == ["01AA01 20250731 IGZ 3"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_a_row_says_of_its_teldatum_leaves_other_teldata_alone(
    order: tuple[int, ...], tmp_path: Path
) -> None:
    """A later download of one teldatum mends that day; the other one keeps what was counted."""
    files = [
        dashboard_1b(tmp_path, K1, [row()]),
        dashboard_1b(tmp_path, K2, [row(vestiging="01AA01")], teldatum=T_BEFORE),
        dashboard_1b(tmp_path, K3, [row(vestiging="01AA02")]),
    ]
    found = answered([files[place] for place in order])
    names = ("geldig_van", "geldig_tot", "vestigingscode")
    assert seen(found, AT_K1, *names) == ["20240801 99991231 01AA00"]
    assert seen(found, AT_K2, *names) == [
        "20240801 20250201 01AA01",
        "20250201 99991231 01AA00",
    ]
    assert seen(found, AT_K3, *names) == [
        "20240801 20250201 01AA01",
        "20250201 99991231 01AA02",
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_who_vanished_and_came_back(order: tuple[int, ...], tmp_path: Path) -> None:
    other = row(pgn="123456782")
    files = [
        dashboard_1b(tmp_path, K1, [row(), other], complete=True),
        dashboard_1b(tmp_path, K2, [other], complete=True),
        dashboard_1b(tmp_path, K3, [other, row()], complete=True),
    ]
    found = answered([files[place] for place in order])
    assert seen(found, AT_K1, "reden", "telt") == [" 1"]
    assert seen(found, AT_K2, "reden", "telt") == ["niet bekostigbaar 0"]
    assert seen(found, AT_K3, "reden", "telt") == [" 1"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("first", ["PO0001", "PO0002"])
def test_who_moved_to_another_dashboard_counts_there(
    order: tuple[int, ...], first: str, tmp_path: Path
) -> None:
    """Whichever of the two was downloaded first that day."""
    old, new = (K2, K2 + HOUR) if first == "PO0001" else (K2 + HOUR, K2)
    files = [
        dashboard_1b(tmp_path, K1, [row()], complete=True),
        dashboard_1b(tmp_path, old, [row(pgn="123456782")], complete=True),
        dashboard_1b(tmp_path, new, [row()], "PO0002", complete=True),
    ]
    found = answered([files[place] for place in order])
    assert seen(found, "nu", "swv", "telt") == ["PO0002 1"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_enrolments_of_a_pupil_vanish_together(order: tuple[int, ...], tmp_path: Path) -> None:
    """Undoing the download between leaves what the last one said of both."""
    second = row(volgnummer="2", code="02BB", vestiging="02BB00")
    files = [
        dashboard_1b(tmp_path, K1, [row(), second], complete=True),
        dashboard_1b(tmp_path, K2, [second], complete=True),
        dashboard_1b(tmp_path, K3, [row(pgn="123456782")], complete=True),
    ]
    with ledger_with(*(files[place] for place in order)) as ledger:
        take_back(ledger, files[1])
        found = answers(ledger, files)
    assert seen(found, AT_K2, "volgnummer", "bekostigbaar") == ["1 1", "2 1"]
    assert seen(found, AT_K3, "volgnummer", "bekostigbaar") == ["1 0", "2 0"]


def test_the_same_download_at_a_later_moment_undoes_what_lay_between(tmp_path: Path) -> None:
    """Byte for byte the same file: what it says is known later too."""
    files = [
        dashboard_1b(tmp_path, K1, [row()]),
        dashboard_1b(tmp_path, K2, [row(vestiging="01AA01")]),
        dashboard_1b(tmp_path, K3, [row()]),
    ]
    assert files[0].path.read_bytes() == files[2].path.read_bytes()
    for order in permutations(files):
        found = answered(order)
        assert seen(found, AT_K1, "vestigingscode") == ["01AA00"]
        assert seen(found, AT_K2, "vestigingscode") == ["01AA01"]
        assert seen(found, AT_K3, "vestigingscode") == ["01AA00"]


def test_undo_of_a_feed_leaves_what_the_files_said(tmp_path: Path) -> None:
    feed = feed_document(
        tmp_path, [event("InschrijvingGeregistreerd", K1, **REGISTERED, leerjaar=3)]
    )
    file = dashboard_1b(tmp_path, K2, [row(vestiging="01AA01")])
    with ledger_with(feed, file) as ledger:
        take_back(ledger, feed)
        found = answers(ledger, [file])
    assert seen(found, "nu", "vestigingscode", "leerjaar") == ["01AA01 None"]
    assert differences(answered([file]), found) == {}


def undone_and_done_again(others: Sequence[Document], file: Document) -> None:
    """Check that a file changes the answers, undone gives them back, and again changes them."""
    with ledger_with(*others) as ledger:
        before = answers(ledger, [file])
        take_in(ledger, file)
        with_file = answers(ledger, [file])
        assert differences(before, with_file) != {}
        take_back(ledger, file)
        assert differences(before, answers(ledger, [file])) == {}
        take_in(ledger, file)
        assert differences(with_file, answers(ledger, [file])) == {}


@pytest.mark.parametrize("changed_at", [K2, K2 + HOUR])
@pytest.mark.parametrize("other", ["none", "register", "later"])
def test_undo_of_a_file_of_before_gives_a_feed_its_events_back(
    other: str, changed_at: datetime, tmp_path: Path
) -> None:
    """They were told again as states since the file came; without it they land by themselves."""
    told = [
        event("InschrijvingGeregistreerd", K2, **REGISTERED, leerjaar=3),
        event("InschrijvingGewijzigd", changed_at, vanaf="2025-02-01", leerjaar=4),
    ]
    tlv = Tlv("PO0001-2024-00001", "LAAG", date(2024, 8, 1), date(2026, 7, 31))
    others = {
        "none": [],
        "register": [tlv_register(tmp_path, K1 + HOUR, (Leerling(PGN, 1, "PO0001", (), (tlv,)),))],
        "later": [dashboard_1b(tmp_path, K3, [row(vestiging="01AA02")])],
    }
    feed = feed_document(tmp_path, told)
    undone_and_done_again(
        [feed, *others[other]], dashboard_1b(tmp_path, K1, [row(vestiging="01AA01")])
    )


def test_what_a_feed_said_at_one_moment_stays_together(tmp_path: Path) -> None:
    """Told again since files of before came, its registration takes no later period away."""
    feed = feed_document(
        tmp_path,
        [
            event("InschrijvingGeregistreerd", K2, **REGISTERED, leerjaar=3),
            event("InschrijvingGewijzigd", K2, vanaf="2025-03-01", leerjaar=4),
        ],
    )
    files = [
        dashboard_1b(tmp_path, K1, [row(vestiging="01AA01")], teldatum=T_BEFORE),
        dashboard_1b(tmp_path, K1 + HOUR, [row(vestiging="01AA02")]),
    ]
    for order in permutations([feed, *files]):
        names = ("geldig_van", "vestigingscode", "leerjaar")
        assert seen(answered(order), "nu", *names) == ["20240801 01AA00 3", "20250301 01AA00 4"]


OLD_PGN: Final = "100000004"
REPLACED: Final = {
    "type": "PgnVervangen",
    "bekend_op": K2.isoformat(),
    "pgn": OLD_PGN,
    "nieuw_pgn": PGN,
}


@pytest.mark.parametrize("complete", [False, True])
def test_a_pupil_under_two_numbers_is_one_pupil_in_any_order(
    complete: bool, tmp_path: Path
) -> None:
    """Its new number in the next download is no other pupil, and nobody vanished."""
    files = [
        dashboard_1b(tmp_path, K1, [row(pgn=OLD_PGN)], complete=complete),
        feed_document(tmp_path, [REPLACED]),
        dashboard_1b(tmp_path, K3, [row(vestiging="01AA01")], complete=complete),
    ]
    expected = answered(files)
    assert {pgn for pgn, _ in expected} == {OLD_PGN}  # the number that was known first
    for order in permutations(files):
        found = {moment: rows for (_, moment), rows in answered(order).items()}
        assert found == {moment: rows for (_, moment), rows in expected.items()}
        assert seen({(PGN, "nu"): found["nu"]}, "nu", "vestigingscode", "telt") == ["01AA01 1"]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_what_is_known_at_one_moment_has_one_order(order: tuple[int, ...], tmp_path: Path) -> None:
    """The feed first, then the files, whichever was read in first."""
    told = [
        event("InschrijvingGeregistreerd", K1, **REGISTERED, leerjaar=3),
        event("InschrijvingGewijzigd", K1, vanaf="2025-02-01", leerjaar=4),
    ]
    files = [
        feed_document(tmp_path, told),
        dashboard_1b(tmp_path, K1, [row(vestiging="01AA07")]),
        dashboard_1b(tmp_path, K1, [row(vestiging="01AA03")], teldatum=T_BEFORE),
        dashboard_1b(tmp_path, K1 - 24 * HOUR, [row()]),
    ]
    found = answered([files[place] for place in order])
    names = ("geldig_van", "vestigingscode", "leerjaar")
    assert seen(found, AT_K1, *names) == ["20240801 01AA03 3", "20250201 01AA07 4"]
