"""The tlv's for a benchmark: which rows, and nothing that names a pupil."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from projections import layouts
from projections.benchmark import benchmark
from tests.command import GOLDEN, Kijkglas, ledger_with
from tests.conftest import Golden
from tests.histories import histories, moments
from tests.histories_pools import SWVS
from tests.ledgers import AsOf, import_events, ledger_of, refreshed
from tests.oracle_examples import KIND, event, issued
from tests.oracle_facts import Event, known, leerlingen

PO, VO = "PO2304", "VO2305"
TWO, THREE = "900554332", "909555187"
T = ("--teldatum", "2025-02-01")
COLUMNS = ["SECTOR", "CATEGORIE", "BEGINDATUM", "EINDDATUM", "LEEFTIJD", "NIEUW_OF_VERLENGD"]


def born(geboortedatum: str, pgn: str = KIND) -> Event:
    """Return a registration of a pupil."""
    return event("LeerlingGeregistreerd", pgn=pgn, geboortedatum=geboortedatum)


def lines(command: Kijkglas, swv: str = PO, *more: str) -> list[tuple[str, ...]]:
    """Return the rows as text."""
    done = command.fine("export", "benchmark", "--swv", swv, *(more or T), "--format", "csv")
    return [tuple(row.values()) for row in done.lines]


def exported(events: Sequence[Event], tmp_path: Path, swv: str = PO) -> list[tuple[str, ...]]:
    """Return the rows of a history."""
    return lines(ledger_with(tmp_path, events), swv)


def test_the_columns_name_nobody() -> None:
    (table,) = layouts.load("benchmark").tabellen
    assert [column.naam for column in table.kolommen] == COLUMNS


@pytest.mark.parametrize(
    ("begin", "end", "valid"),
    [
        ("2023-08-01", "2024-07-31", False),
        ("2023-08-01", "2024-08-01", True),
        ("2025-07-31", "2026-07-31", True),
        ("2025-08-01", "2026-07-31", False),
    ],
)
def test_a_tlv_that_is_valid_on_a_day_of_the_school_year(
    begin: str,
    end: str,
    valid: bool,
    tmp_path: Path,
) -> None:
    assert bool(exported([issued(f"{PO}-2024-00001", begin, end)], tmp_path)) is valid


def test_a_row_says_what_it_is_and_how_old_the_pupil_was(tmp_path: Path) -> None:
    events = [
        born("2015-08-02"),
        born("2015-08-01", TWO),
        issued(f"{PO}-2024-00001", "2024-08-01", "2026-07-31", "HOOG"),
        issued(f"{PO}-2024-00002", "2024-08-01", "2026-07-31", "HOOG", TWO),
        issued(f"{PO}-2024-00003", "2024-08-01", "2026-07-31", "SBO", THREE),
        issued("PO2202-2024-00001", "2024-08-01", "2026-07-31"),
        event("TlvIngetrokken", pgn=TWO, nummer=f"{PO}-2024-00002", per="2025-01-01"),
    ]
    assert exported(events, tmp_path) == [
        ("PO", "HOOG", "2024-08-01", "2024-12-31", "9", "nieuw"),
        ("PO", "HOOG", "2024-08-01", "2026-07-31", "8", "nieuw"),
        ("PO", "SBO", "2024-08-01", "2026-07-31", "", "nieuw"),
    ]


@pytest.mark.parametrize(
    ("nummer", "end", "said"),
    [
        (f"{PO}-2022-00001", "2024-07-31", "verlengd"),
        (f"{PO}-2022-00001", "2025-07-31", "verlengd"),
        (f"{PO}-2022-00001", "2024-07-30", "nieuw"),
        ("PO2202-2022-00001", "2024-07-31", "verlengd"),
        (f"{VO}-2022-00001", "2024-07-31", "nieuw"),
    ],
)
def test_what_follows_another_tlv_is_an_extension(
    nummer: str, end: str, said: str, tmp_path: Path
) -> None:
    events = [
        issued(nummer, "2022-08-01", end),
        issued(f"{PO}-2024-00002", "2024-08-01", "2026-07-31"),
    ]
    assert exported(events, tmp_path)[-1][-1] == said


def test_the_order_of_pupils_does_not_show(tmp_path: Path) -> None:
    ends = [f"20{year}-07-31" for year in range(25, 35)]
    random.Random(1).shuffle(ends)  # noqa: S311 - no secret
    events = [issued(f"{PO}-2024-{n:05}", "2024-08-01", end) for n, end in enumerate(ends)]
    assert [row[3] for row in exported(events, tmp_path)] == sorted(ends)


def test_no_pgn_and_no_number_in_the_file(region_ledger: Kijkglas, golden: Golden) -> None:
    done = region_ledger.fine("export", "benchmark", "--swv", "PO9901", *T, "--format", "json")
    pupils = region_ledger.fine("stand", *T, "--format", "json").rows
    assert len(done.rows) > 100
    assert not [row["pgn"] for row in pupils if row["pgn"] in done.out]
    assert not [
        row["beschikkingsnummer"]
        for row in pupils
        if row["beschikkingsnummer"] and row["beschikkingsnummer"] in done.out
    ]
    form = ("--format", "csv")
    csv = region_ledger.fine("export", "benchmark", "--swv", "PO9901", *T, *form).data
    golden(GOLDEN / "benchmark_PO9901.csv", csv)


def test_a_file_in_any_form(tmp_path: Path) -> None:
    command = ledger_with(tmp_path, [issued(f"{PO}-2024-00001", "2024-08-01", "2026-07-31")])
    path = tmp_path / "benchmark.xlsx"
    assert command.fine("export", "benchmark", "--swv", PO, *T, "-o", path).out == ""
    cells = [cell.value for row in load_workbook(path).worksheets[0].iter_rows() for cell in row]
    assert "NIEUW_OF_VERLENGD" in cells
    for form in ("table", "csv-excel", "jsonl", "json"):
        done = command.fine("export", "benchmark", "--swv", PO, *T, "--format", form)
        assert "nieuw" in done.out


def test_without_a_samenwerkingsverband_it_is_a_usage_error(tmp_path: Path) -> None:
    done = ledger_with(tmp_path, [])("export", "benchmark")
    assert done.status == 2
    assert "--swv" in done.err


# Random histories


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_row_equals_the_independent_one(data: st.DataObject) -> None:
    history = data.draw(histories())
    teldatum, moment = data.draw(moments(history)) if history else (date(2024, 2, 1), None)
    with ledger_of() as ledger:
        refused = {one.regelnummer for one in import_events(ledger, history).booked.refused}
        booked = [one for number, one in enumerate(history, 1) if number not in refused]
        model = refreshed(ledger)
        for swv in (*SWVS["PO"], *SWVS["VO"]):
            rows = benchmark(ledger, model, AsOf(teldatum, moment), swv)
            found = sorted(map(str, (tuple(row.values()) for row in rows)))
            assert found == sorted(map(str, _expected(booked, teldatum, moment, swv)))
        model.close()


def _expected(
    events: Sequence[Event], on: date, moment: datetime | None, swv: str
) -> list[tuple[object, ...]]:
    first = on.year if on.month >= 8 else on.year - 1
    rows: list[tuple[object, ...]] = []
    for pupil in leerlingen(known(events, moment)):
        for tlv in pupil.tlvs.values():
            valid = tlv.begindatum <= tlv.last_day
            within = tlv.begindatum < date(first + 1, 8, 1) and tlv.last_day >= date(first, 8, 1)
            if tlv.nummer[:6] != swv or not valid or not within:
                continue
            longer = any(
                other.begindatum < tlv.begindatum
                and (tlv.begindatum - other.last_day).days <= 1
                and other.nummer[:2] == tlv.nummer[:2]
                for other in pupil.tlvs.values()
            )
            rows.append(
                (
                    swv[:2],
                    tlv.categorie,
                    tlv.begindatum,
                    tlv.last_day,
                    _age(pupil.geboortedatum, tlv.begindatum),
                    "verlengd" if longer else "nieuw",
                )
            )
    return rows


def _age(birth: date | None, on: date) -> int | None:
    if birth is None:
        return None
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
