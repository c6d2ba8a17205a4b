"""Who a pupil is does not leave the ledger: not to a cluster, not into Parquet files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from ledger.application import Ledger
from ledger.events import LEERPLICHT
from ledger.seals import StoredRow
from ledger.times import format_date
from projections.compute import events_to_compute, world_of, world_rows
from projections.parcel import (
    batches_in,
    computed,
    events_of_log,
    log_parcel,
    unpacked,
    world_parcel,
)
from projections.partition import partition, pc4_object, world
from projections.refresh import rebuild
from projections.store.settings import ENGINE_VARIABLE
from synthetic.region import region
from tests.forms import PUPIL_ID, forms
from tests.ledgers import import_events
from tests.places import create

pytestmark = pytest.mark.map("about the engines of a ledger in a folder")

Line = dict[str, Any]

PGN, OTHER_PGN = "111222333", "123456782"
NOTE = "Jansen, Piet 12-03-2013"
ENROLMENT = {"instellingscode": "12QN", "volgnummer": "1"}
EXTRA: list[Line] = [
    {"type": "LeerlingGeregistreerd", "geboortedatum": "2013-03-12"},
    {"type": "WoonplaatsVastgelegd", "vanaf": "2020-01-01", "pc4": "9867"},
    {"type": "InschrijvingGeregistreerd", **ENROLMENT, "begindatum": "2024-08-01"}
    | {"vestigingscode": "12QN00", "schoolsoort": "SO"},
    {"type": "VerzuimGemeld", "soort": "relatief", "vanaf": "2024-09-02"},
    {"type": "InschrijvingVerwijderd", **ENROLMENT, "reden": f"op verzoek van {NOTE}"},
    {"type": "PgnVervangen", "nieuw_pgn": OTHER_PGN},
]
WHOLE = ("00000001" + "0" * 24, "g")


@pytest.fixture(scope="module", name="lines")
def fixture_lines() -> list[Line]:
    about = {"bekend_op": "2024-09-15", "pgn": PGN}
    extra = [
        {**about, "kenmerk": f"{NOTE} ({number})", **line} for number, line in enumerate(EXTRA)
    ]
    return [*region(2025, 300), *extra]


@pytest.fixture(scope="module", name="ledger")
def fixture_ledger(tmp_path_factory: pytest.TempPathFactory, lines: list[Line]) -> Iterator[Ledger]:
    with create(tmp_path_factory.mktemp("elders") / "grootboek") as ledger:
        assert not import_events(ledger, lines, f"{PGN}.jsonl").booked.refused
        yield ledger


@pytest.fixture(scope="module", name="sent")
def fixture_sent(ledger: Ledger) -> tuple[bytes, bytes]:
    """Give the parcels of a rebuild in one partition: the log, and the world."""
    known = world_of(ledger, ledger.position)
    log = log_parcel(events_to_compute(ledger, *WHOLE, ledger.position, known))
    return log, world_parcel(*world_rows(ledger, ledger.position), ledger.position)


def test_no_parcel_tells_who_a_pupil_is(
    sent: tuple[bytes, bytes], ledger: Ledger, lines: list[Line]
) -> None:
    contents = [*sent, *(_clear(row) for row in _rows(sent[0]))]
    _assert_nowhere(contents, _identifying(lines))
    files = {event.bestand for event in ledger.booked() if event.bestand}
    assert len(files) == 1
    _assert_nowhere(contents, (form for file in files for form in forms(file)))
    identities = [event.identiteit for event in ledger.booked()]
    assert len(identities) > 500
    encoded = [msgspec.json.encode(one).strip(b'"') for one in identities]
    _assert_nowhere(contents, [*identities, *encoded])


def test_a_row_travels_with_its_fact_and_when_it_was_known(sent: tuple[bytes, bytes]) -> None:
    rows = list(_rows(sent[0]))
    shapes = [json.loads(row.state) for row in rows]
    assert len(shapes) > 500
    assert set().union(*shapes) == {"bekend_op", "feit", "geheim"}
    assert {shape["geheim"] for shape in shapes if "geheim" in shape} == {""}
    topics = {row.topic for row in rows}
    assert not topics & {fact.__name__ for fact in LEERPLICHT}
    assert "BestandIngelezen" not in str(sent[1])
    (removed,) = (shape for row, shape in zip(rows, shapes, strict=True) if _is_removed(row))
    assert removed["feit"] == {**ENROLMENT}


def test_a_residence_travels_under_the_other_name_of_its_area(
    sent: tuple[bytes, bytes], ledger: Ledger, lines: list[Line]
) -> None:
    """Four figures stand anywhere: what counts is the name that an area has in each row."""
    named = {line["pc4"] for line in lines if "pc4" in line}
    other = {ledger.vault.pseudonym(pc4) for pc4 in named}
    told = {json.loads(row.state)["feit"]["pc4"] for row in _rows(sent[0]) if b'"pc4"' in row.state}
    areas = set(unpacked(sent[1]).world.reference.areas)
    assert ledger.vault.pseudonym("9867") in told
    assert len(areas) > 10
    assert told | areas <= other
    assert not (told | areas) & (named - other)


def test_what_is_left_out_changes_no_row(sent: tuple[bytes, bytes], ledger: Ledger) -> None:
    until = ledger.position
    reference, groups = world_rows(ledger, until)
    known = world(reference, groups)
    whole = events_to_compute(ledger, *WHOLE, until, known)
    (here,) = (batch.rows() for batch in partition(whole, known))
    (there,) = (batch.rows() for batch in batches_in(computed(*sent)))
    assert {table: list(map(tuple, rows)) for table, rows in there.items()} == here
    assert sum(map(len, here.values())) > 1000


def test_what_comes_back_tells_no_more(sent: tuple[bytes, bytes], lines: list[Line]) -> None:
    back = computed(*sent)
    (batch,) = batches_in(back)
    cells = [repr(row).encode() for rows in batch.rows().values() for row in rows]
    _assert_nowhere([back, *cells], _identifying(lines))


def test_no_parquet_file_tells_who_a_pupil_is(
    ledger: Ledger, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "duckdb")
    rebuild(ledger, 1).close()
    files = [path for path in ledger.folder.glob("standen-*/**/*") if path.is_file()]
    tables = [path for path in files if path.suffix == ".parquet"]
    assert len(tables) > 6
    values = {str(value) for path in tables for value in _values(path)}
    assert len(values) > 2000
    _assert_nowhere([path.read_bytes() for path in files], _identifying(lines))
    _assert_nowhere([value.encode() for value in values], _identifying(lines))
    assert not [value for value in values if re.search(r"(?<!\w)9867(?!\w)", value)]
    assert str(pc4_object(ledger.vault.pseudonym("9867"))) in values


def test_the_search_finds_what_does_travel(sent: tuple[bytes, bytes]) -> None:
    with pytest.raises(AssertionError):
        _assert_nowhere([_clear(row) for row in _rows(sent[0])], forms("12QN00"))


def _identifying(lines: Iterable[Line]) -> list[bytes]:
    """Return every form of each PGN, birth date and kenmerk, and of what somebody wrote."""
    listed = list(lines)
    texts = {line[name] for line in listed for name in ("pgn", "nieuw_pgn") if name in line}
    texts |= {line["kenmerk"] for line in listed if "kenmerk" in line}
    births = _births(listed)
    assert len(texts) > 500
    assert len(births) > 150
    texts |= {NOTE, f"{PGN}.jsonl"}
    days = {day.strftime("%Y%m%d") for day in births} | {format_date(day) for day in births}
    # A short day can stand within a longer one.
    long = {text for text in days if len(text) > len("9-9-2013")}
    return [form for text in texts | {str(day) for day in births} | long for form in forms(text)]


def _births(lines: Iterable[Line]) -> list[date]:
    """Return the birth dates on which nothing else happened."""
    births: set[str] = set()
    others: set[str] = set()
    for line in lines:
        births |= {line["geboortedatum"]} if "geboortedatum" in line else set()
        days = re.findall(r"\d{4}-\d\d-\d\d", json.dumps({**line, "geboortedatum": ""}))
        # In UTC a moment can fall on the day before.
        others |= {
            str(date.fromisoformat(day) - timedelta(late)) for day in days for late in (0, 1)
        }
    return [date.fromisoformat(text) for text in births - others]


def _rows(log: bytes) -> Iterator[StoredRow]:
    for rows in events_of_log(log):
        yield from rows


def _clear(row: StoredRow) -> bytes:
    """Return what a row says, without the random id of its pupil."""
    return row.topic.encode() + row.state


def _is_removed(row: StoredRow) -> bool:
    return row.topic == "InschrijvingVerwijderd" and b"12QN" in row.state


def _values(path: Path) -> Iterator[object]:
    """Yield what stands in a table, without the random ids of pupils."""
    table = pq.read_table(path)
    for name in table.column_names:
        if name not in {"groep", "leerling", "pgn_van"}:
            yield from table[name].to_pylist()


def _assert_nowhere(contents: Iterable[bytes], wanted: Iterable[bytes]) -> None:
    whole = PUPIL_ID.sub(b"", b"\n".join(contents))
    listed = list(wanted)
    assert whole
    assert listed
    assert [form for form in listed if form in whole][:3] == []
