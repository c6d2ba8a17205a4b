"""The Ofb against kijkglas 1 of its month, and what happened since (rules.md 7 and 9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.times import end_of_day
from projections import layouts
from projections.ofb import OfbVraag, ofb_controle
from projections.ofb_regels import Deel, OfbRegel, end_of_month
from projections.supplied import Ofb
from tests import oracle
from tests.command import GOLDEN, Kijkglas, Row, columns, ledger_with
from tests.conftest import Golden
from tests.histories import histories, moments
from tests.histories_pools import SWVS
from tests.ledgers import NOW, AsOf, import_events, ledger_of, refreshed
from tests.oracle_examples import enrolled, issued
from tests.oracle_facts import Event
from tests.oracle_reports import CATEGORY_CODES

T = "2025-02-01"
PO = "PO2304"
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
REGELS = [
    "MAAND",
    "REGEL",
    "SCHOOLSOORT",
    "CATEGORIE",
    "AANTAL_OFB",
    "AANTAL_GROOTBOEK",
    "VERSCHIL",
    "BEDRAG_OFB",
    "AANTAL_NU",
]
SINDSDIEN = ["MAAND", "REGEL", "KLASSE", "LEERLINGEN", "BIJDRAGE"]
GEBEURTENISSEN = [
    "MAAND",
    "REGEL",
    "BSN_OWN",
    "KLASSE",
    "BIJDRAGE",
    "GEBEURTENIS",
    "TYPE",
    "BEKEND_OP",
    "VASTSTELLING",
    "BRON",
    "SLEUTEL",
    "OMSCHRIJVING",
    "BESTAND",
]


def pupils() -> tuple[str, str, str]:
    """Return three made-up onderwijsnummers that pass their check."""
    from ledger.codes import pgn_is_valid  # noqa: PLC0415 - only here

    valid = (str(one) for one in range(101_000_000, 102_000_000) if pgn_is_valid(str(one)))
    return next(valid), next(valid), next(valid)


ONE, TWO, THREE = pupils()

HISTORY = [
    *(issued(f"PO2304-2023-0000{n}", "2023-08-01", "2027-07-31", categorie, pgn)
      for n, categorie, pgn in ((1, "LAAG", ONE), (2, "LAAG", TWO), (3, "SBO", THREE))),
    enrolled("SO", "2023-08-01", None, "12QN00", pgn=ONE, tlv=["PO2304-2023-00001"]),
    enrolled("SO", "2023-08-01", None, "12QN00", volgnummer="2", pgn=TWO, bekend_op="2026-01-10",
             tlv=["PO2304-2023-00002"]),
    enrolled("SBO", "2023-08-01", None, "12QN00", volgnummer="3", pgn=THREE,
             tlv=["PO2304-2023-00003"]),
]  # fmt: skip
"""Two so pupils LAAG, of whom one became known on 10 January 2026, and one sbo pupil."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give the ledger of the example."""
    return ledger_with(tmp_path_factory.mktemp("ofb"), HISTORY)


def extract(folder: Path, *lines: str) -> Path:
    """Write an Ofb extract and return its path."""
    path = folder / "ofb.csv"
    path.write_text("\n".join(("maand;regel;aantal;bedrag", *lines)) + "\n", encoding="utf-8")
    return path


def tables(command: Kijkglas, path: Path, *more: object) -> dict[str, list[Row]]:
    """Return the tables of the report about the example."""
    ask = ("--swv", PO, "--teldatum", T, "--ofb", path, "--format", "json", *more)
    found: dict[str, list[Row]] = command.fine("report", "ofb", *ask).answer["tabellen"]
    return found


def test_a_pupil_known_since_the_month_explains_the_line(small: Kijkglas, tmp_path: Path) -> None:
    path = extract(
        tmp_path, "2025-12;SO LAAG;2;-24.000,50", "12-2025;SBO;1;", "januari 2026;SO LAAG;1;"
    )
    found = tables(small, path)
    assert found["regels"] == [
        dict(zip(REGELS, row, strict=True))
        for row in [
            ("2025-12", "SO LAAG", "SO", "LAAG", 2, 1, 1, -24000.5, 2),
            ("2025-12", "SBO", "SBO", "SBO", 1, 1, 0, None, 1),
            ("2026-01", "SO LAAG", "SO", "LAAG", 1, 2, -1, None, 2),
            ("2026-01", "SBO", "SBO", "SBO", None, 1, -1, None, 1),
        ]
    ]
    assert found["sindsdien"] == [
        dict(zip(SINDSDIEN, ("2025-12", "SO LAAG", "late registratie", 1, 1), strict=True))
    ]
    (told,) = found["gebeurtenissen"]
    assert list(told) == GEBEURTENISSEN
    assert (told["REGEL"], told["BSN_OWN"], told["TYPE"], told["VASTSTELLING"]) == (
        "SO LAAG",
        TWO,
        "InschrijvingGeregistreerd",
        "na",
    )
    assert told["BEKEND_OP"].startswith("2026-01-10")


def test_the_end_of_the_month_is_the_last_day_to_the_end(tmp_path: Path) -> None:
    assert end_of_month(date(2024, 2, 1)) == end_of_day(date(2024, 2, 29))
    for known, counted in (("2025-12-31", 2), ("2025-12-31T23:59:59+01:00", 2), ("2026-01-01", 1)):
        late = [*HISTORY[:-2], {**HISTORY[-2], "bekend_op": known}, HISTORY[-1]]
        folder = tmp_path / known.replace(":", "")
        folder.mkdir()
        command = ledger_with(folder, late)
        rows = tables(command, extract(folder, "2025-12;SO LAAG;0;"))["regels"]
        assert rows[0]["AANTAL_GROOTBOEK"] == counted


def test_nothing_is_known_that_the_question_does_not_know(small: Kijkglas, tmp_path: Path) -> None:
    path = extract(tmp_path, "2026-02;SO LAAG;1;")
    before = tables(small, path, "--bekend-op", "2025-12-31")
    assert columns(before["regels"], "AANTAL_GROOTBOEK", "VERSCHIL", "AANTAL_NU")[0] == (1, 0, 1)
    assert before["sindsdien"] == before["gebeurtenissen"] == []
    after = tables(small, path)
    assert columns(after["regels"], "AANTAL_GROOTBOEK", "VERSCHIL", "AANTAL_NU")[0] == (2, -1, 2)


def test_a_line_about_something_else_is_shown_and_not_compared(
    small: Kijkglas, tmp_path: Path
) -> None:
    path = extract(
        tmp_path, "2025-12;lichte ondersteuning;;1000", "2025-12;VSO HOOG;1;", "2025-12;SO;1;5,5"
    )
    found = tables(small, path)["regels"]
    assert columns(found, "REGEL", "SCHOOLSOORT", "CATEGORIE", "AANTAL_GROOTBOEK", "VERSCHIL") == [
        ("lichte ondersteuning", "", "", None, None),
        ("VSO HOOG", "", "", None, None),
        ("SO", "SO", "", 1, 0),
        ("SBO", "SBO", "SBO", 1, -1),
    ]
    done = small.fine(
        "report", "ofb", "--swv", PO, "--teldatum", T, "--ofb", path, "--format", "csv"
    )
    assert (
        "Niet vergeleken, geen telling van PO2304: 'lichte ondersteuning', 'VSO HOOG'." in done.err
    )
    assert "Ofb: ofb.csv, sha256 " in done.err


@pytest.mark.parametrize(
    ("text", "swv", "part"),
    [
        ("SO LAAG", "PO2304", Deel("SO", "LAAG")),
        ("so-hoog", "PO2304", Deel("SO", "HOOG")),
        ("Laag SO", "PO2304", Deel("SO", "LAAG")),
        ("SO_VSO_MIDDE", "PO2304", Deel("SO", "MIDDEN")),
        ("SO_VSO_MIDDEN", "VO2305", Deel("VSO", "MIDDEN")),
        ("SBO", "PO2304", Deel("SBO", "SBO")),
        ("sbo sbo", "PO2304", Deel("SBO", "SBO")),
        ("VSO", "VO2305", Deel("VSO", None)),
        ("VSO LAAG", "PO2304", None),
        ("SBO LAAG", "PO2304", None),
        ("SO LAAG HOOG", "PO2304", None),
        ("SO SBO", "PO2304", None),
        ("SO LAAG correctie", "PO2304", None),
        ("LAAG", "PO2304", None),
    ],
)
def test_what_a_line_counts(text: str, swv: str, part: Deel | None) -> None:
    assert OfbRegel(date(2025, 12, 1), text, None, None).deel(swv) == part


def test_every_format_shows_it(small: Kijkglas, tmp_path: Path) -> None:
    path = extract(tmp_path, "2025-12;SO LAAG;2;-24.000,50")
    ask = ("report", "ofb", "--swv", PO, "--teldatum", T, "--ofb", path)
    line = "2025-12,SO LAAG,SO,LAAG,2,1,1,-24000.50,2"
    assert line in small.fine(*ask, "--format", "csv").out
    assert (
        "2025-12;SO LAAG;SO;LAAG;2;1;1;-24000,50;2" in small.fine(*ask, "--format", "csv-excel").out
    )
    assert "late registratie" in small.fine(*ask, "--format", "table").out
    assert '"BEDRAG_OFB":-24000.50' in small.fine(*ask, "--format", "jsonl").out
    small.fine(*ask, "-o", tmp_path / "ofb.xlsx")
    assert len(openpyxl.load_workbook(tmp_path / "ofb.xlsx").sheetnames) == 4
    small.fine(*ask, "-o", tmp_path / "uit")
    assert {file.name for file in (tmp_path / "uit").iterdir()} == {
        "Ofb_regels_PO2304_01_02_2025.csv",
        "Ofb_sindsdien_PO2304_01_02_2025.csv",
        "Ofb_gebeurtenissen_PO2304_01_02_2025.csv",
        "herkomst.json",
    }


def test_diff_names_the_lines_whose_count_changed(small: Kijkglas, tmp_path: Path) -> None:
    path = extract(tmp_path, "2025-12;SO LAAG;2;", "2025-12;SBO;1;")
    sides = ("--from", f"{T}@2026-01-09", "--to", T, "--format", "json")
    done = small("diff", "ofb", "--swv", PO, "--ofb", path, *sides)
    assert done.status == 1
    (row,) = done.answer["tabellen"]["regels"]
    assert (row["REGEL"], row["kolommen"]) == ("SO LAAG", {"AANTAL_NU": {"voor": 1, "na": 2}})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--swv", PO], "Ongeldige waarde voor --ofb: het bestand is nodig"),
        (["--swv", PO, "--ofb", "/bestaat/niet.csv"], "bestaat niet"),
        (["--swv", PO, "--jaar", 2026], "--jaar hoort niet bij ofb; wel: --swv, --ofb"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(
    options: list[object], expected: str, small: Kijkglas
) -> None:
    done = small("report", "ofb", *options)
    assert done.status == 2
    assert expected in " ".join(done.err.split())


def test_a_wrong_extract_says_all_that_is_wrong(small: Kijkglas, tmp_path: Path) -> None:
    path = extract(tmp_path, "ooit;SO LAAG;2;x", "2025-12;;een;")
    done = small("report", "ofb", "--swv", PO, "--ofb", path)
    assert done.status == 2
    assert [part.split(":")[0] for part in done.err.split("ofb.csv:")[1:]] == [
        "2 maand",
        "2 bedrag",
        "3 regel",
        "3 aantal",
    ]


@pytest.mark.parametrize("swv", ["PO9901", "VO9901"])
def test_the_files_of_the_region(
    swv: str, region_ledger: Kijkglas, tmp_path: Path, golden: Golden
) -> None:
    counted: Counter[str] = Counter()
    for row in region_ledger.stand(T, "--swv", swv, "--bekend-op", "2025-03-31"):
        if row["telt"]:
            counted[f"{row['schoolsoort']} {row['ondersteuningscategorie']}"] += 1
    lines = [f"2025-03;{name};{size};" for name, size in sorted(counted.items())]
    ask = ("report", "ofb", "--swv", swv, "--teldatum", T, "--ofb", extract(tmp_path, *lines))
    region_ledger.fine(*ask, "--bekend-op", "2025-09-01", "-o", tmp_path / "uit")
    for table in ("regels", "sindsdien", "gebeurtenissen"):
        name = f"Ofb_{table}_{swv}_01_02_2025.csv"
        data = (tmp_path / "uit" / name).read_bytes()
        golden(GOLDEN / "ofb" / name, data)
        if table == "regels":  # the ledger of that month is what the lines were made from
            assert all(line.split(b";")[6] == b"0" for line in data.splitlines()[1:])


# Against an independent computation


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_counts_and_classes_equal_the_independent_computation(data: st.DataObject) -> None:
    history = data.draw(histories())
    teldatum, known = data.draw(moments(history))
    swv = data.draw(st.sampled_from([code for codes in SWVS.values() for code in codes]))
    maand = data.draw(st.sampled_from([date(2024, month, 1) for month in (1, 2, 3, 10)]))
    with ledger_of() as ledger:
        imported = import_events(ledger, history)
        refused = {one.regelnummer for one in imported.booked.refused}
        booked = [one for number, one in enumerate(history, 1) if number not in refused]
        model = refreshed(ledger)
        vraag = OfbVraag(ledger, model, AsOf(teldatum, known), swv, NOW)
        line = OfbRegel(maand, "SO HOOG" if swv.startswith("PO") else "VSO HOOG", 7, Decimal(1))
        found = ofb_controle(vraag, Ofb((line,), "ofb.csv", "")).tabellen
        model.close()
    then, now = (
        _slow(booked, swv, teldatum, moment) for moment in (_month_end(maand, known), known)
    )
    for row in found["regels"]:
        cell = (row["schoolsoort"], row["categorie"])
        assert (row["aantal_grootboek"], row["aantal_nu"]) == (then[cell], now[cell])
        asked = 7 if row["regel"] == line.regel else 0
        assert row["verschil"] == asked - then[cell]
        since = [one for one in found["sindsdien"] if one["regel"] == row["regel"]]
        assert sum(int(str(one["bijdrage"])) for one in since) == now[cell] - then[cell]
    named = {(row["schoolsoort"], row["categorie"]) for row in found["regels"]}
    assert +then <= +Counter({cell: then[cell] for cell in named})


def _month_end(maand: date, known: datetime | None) -> datetime:
    """Return the end of a month by counting days, and never later than what is known."""
    day = maand
    while (day + timedelta(days=1)).month == maand.month:
        day += timedelta(days=1)
    end = end_of_day(day)
    return end if known is None or end < known else known


def _slow(
    booked: Sequence[Event], swv: str, teldatum: date, known: datetime | None
) -> Counter[tuple[object, object]]:
    """Return the count per schoolsoort and categorie from the slow dashboard 1B."""
    names = {code: categorie for categorie, code in CATEGORY_CODES.items()}
    counted: Counter[tuple[object, object]] = Counter()
    for row in oracle.dashboard_1b(booked, swv, teldatum, known):
        categorie = names[row["ONDERSTEUNINGSCATEGORIE"]]
        soort = "SBO" if categorie == "SBO" else "SO" if swv.startswith("PO") else "VSO"
        counted[soort, categorie] += 1
    return counted


def test_the_layout_has_the_documented_columns_and_keys() -> None:
    found = layouts.load("ofb").tabellen
    assert [[column.naam for column in table.kolommen] for table in found] == [
        REGELS,
        SINDSDIEN,
        GEBEURTENISSEN,
    ]
    assert [[c.naam for c in table.kolommen if c.sleutel] for table in found] == [
        REGELS[:2],
        SINDSDIEN[:3],
        GEBEURTENISSEN[:6],
    ]
