"""Workbooks: read back with another library, every cell is what the JSON of the report says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from ledger.times import AMSTERDAM, end_of_day
from projections import layouts
from projections.bestanden import bestanden
from projections.render import render, write, xlsx_files
from projections.render.xlsx_cells import sheet_name
from projections.report import Bestand, Column, Herkomst, Moment, Report, Table
from tests.command import SAMPLES, Kijkglas, Row, kijkglas, ledger_with
from tests.ledgers import write_feed
from tests.oracle_examples import enrolled, event, link
from tests.places import address_of, open_ledger

TELDATUM = date(2025, 2, 1)
ON_T = ("--teldatum", "2025-02-01", "--bekend-op", "2025-03-03")
BOOKED = datetime(2025, 3, 4, 8, 5, 9, tzinfo=UTC)
FILES = (
    Bestand("schooljaar.jsonl", "ab" * 32, 1206, BOOKED),
    Bestand("=naam.jsonl", "0" * 64, 3, BOOKED),
)
HERKOMST = Herkomst(
    teldatum=TELDATUM,
    bekend_op=end_of_day(date(2025, 3, 3)),
    positie=18204,
    opdracht="kijkglas stand",
    versie="0.1.0",
    hoofd="0012",
)
TEXT = (Column("CODE", "tekst"),)

VO = [
    link("14VO00", "VO2305"),
    event("VestigingGeregistreerd", vestigingscode="14VO00", naam='=HYPERLINK("x")'),
    enrolled("VO", "2024-08-01", "2025-03-31", "14VO00", volgnummer="0012", pgn="900554332"),
    enrolled("VO", "2024-08-01", None, "14VO00", volgnummer="1E10", pgn="962354508"),
    enrolled("VO", "2024-09-01", None, "14VO00", volgnummer="0013", pgn="900554332"),
    enrolled("VSO", "2024-08-01", None, "15VS00", volgnummer="3", pgn="924154676"),
    event("PostcodegebiedToegewezen", pc4="7511", vanaf="2014-08-01", swv_vo="VO2305"),
    event("WoonplaatsVastgelegd", pgn="924154676", vanaf="2020-01-01", pc4="7511"),
    event(
        "UitschrijvingGeregistreerd",
        "2025-05-01",
        pgn="962354508",
        instellingscode="14VO",
        volgnummer="1E10",
        einddatum="2025-04-30",
    ),
]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give a ledger of two files: the slides of 1B, and some pupils in vo and vso."""
    folder = tmp_path_factory.mktemp("werkboek")
    command = ledger_with(folder, SAMPLES / "slides-1b" / "feed.jsonl")
    command.imported(write_feed(folder / "vo.jsonl", VO))
    return command


def small(*rows: tuple[object, ...], kolommen: tuple[Column, ...] = TEXT) -> Report:
    table = Table("rijen", "Rijen", kolommen, rows)
    return Report("klein", "Klein", HERKOMST, (table,), enkel=True)


def made(report: Report) -> bytes:
    return b"".join(render(report, "xlsx"))


def opened(data: bytes) -> Workbook:
    return load_workbook(BytesIO(data))


def cell(sheet: Worksheet, place: str) -> Cell:
    found = sheet[place]
    assert isinstance(found, Cell)
    return found


def values(sheet: Worksheet) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def column_of(report: Report) -> list[Any]:
    """Return the values under the header of a report with one column."""
    return [value for (value,) in values(opened(made(report))["Rijen"])[1:]]


def xml_of(data: bytes, name: str = "xl/worksheets/sheet1.xml") -> str:
    with ZipFile(BytesIO(data)) as archive:
        return archive.read(name).decode()


# Every product


def local(value: str) -> datetime:
    """Return a moment of JSON as Excel shows it: in Amsterdam, in whole seconds."""
    return datetime.fromisoformat(value).astimezone(AMSTERDAM).replace(tzinfo=None, microsecond=0)


def expected(row: Row, soorten: Mapping[str, str]) -> tuple[Any, ...]:
    """Return the cells that a row of JSON has to become."""

    def one(soort: str, value: Any) -> Any:  # noqa: ANN401 - a value of JSON
        if value is None or value == "":
            return None
        if soort == "janee":
            return {True: "Ja", False: "Nee"}[value]
        if soort == "moment":
            return local(value)
        return datetime.fromisoformat(value) if soort == "datum" else value

    assert list(row) == list(soorten)
    return tuple(one(soorten[name], value) for name, value in row.items())


QUESTIONS = {
    "stand": ("stand", ["stand", *ON_T]),
    "1a-po": ("dashboard-1a-po", ["report", "dashboard-1a", "--swv", "PO2304", *ON_T]),
    "1a-vo": ("dashboard-1a-vo", ["report", "dashboard-1a", "--swv", "VO2305", *ON_T]),
    "1b-po": ("dashboard-1b", ["report", "dashboard-1b", "--swv", "PO2304", *ON_T]),
    "1b-vo": ("dashboard-1b", ["report", "dashboard-1b", "--swv", "VO2305", *ON_T]),
    "history-pgn": ("history", ["history", "962354508"]),
    "history-swv": ("history", ["history", "PO2304"]),
}
SHEETS = {
    "stand": ["Stand"],
    "dashboard-1a-po": ["Met tlv", "Totaal", "Vestigingen"],
    "dashboard-1a-vo": ["Met tlv", "Totaal", "Vestigingen"],
    "dashboard-1b": ["Leerlingen"],
    "history": ["Gebeurtenissen"],
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_value_of_every_product_is_that_of_the_json(name: str, ledger: Kijkglas) -> None:
    layout, question = QUESTIONS[name]
    answer = ledger.fine(*question, "--format", "json").answer
    book = opened(ledger.fine(*question, "--format", "xlsx").data)
    assert book.sheetnames == [*SHEETS[layout], "Herkomst"]
    tables = layouts.load(layout).tabellen
    told = answer["tabellen"] if "tabellen" in answer else {tables[0].naam: answer["rows"]}
    assert sum(map(len, told.values())) > 0
    for sheet, table in zip(book.worksheets, tables, strict=False):
        soorten = {column.naam: column.soort for column in table.kolommen}
        header, *rows = values(sheet)
        assert list(header) == list(soorten)
        assert rows == [expected(row, soorten) for row in told[table.naam]]


def test_what_the_sample_holds_is_worth_comparing(ledger: Kijkglas) -> None:
    """The comparison above would say little of rows without zeros, moments and gaps."""
    rows = ledger.fine("stand", *ON_T, "--format", "json").rows
    assert {"0012", "1E10"} <= {row["volgnummer"] for row in rows}
    assert {row["einddatum"] for row in rows} >= {None, "2025-03-31"}
    assert {row["bekend_tot"] is None for row in rows} == {True, False}
    assert {row["telt"] for row in rows} == {True, False}


# What a value becomes

LIKE_SOMETHING_ELSE = [
    "012345678",
    "0012",
    "1E10",
    "=1+1",
    "{=1+1}",
    "+31",
    "-5",
    "@x",
    "12,5",
    "TRUE",
    "1-2-2025",
    "2025-02-01",
    "'0012",
    " a ",
    "a\nb",
    "http://a.nl",
    "#N/A",
    "a&b<c>\"d\"'e'",
    "<r>",
    "<r></r>",
    "<r><t>x</t></r>",
    "é€ \N{GRINNING FACE}",
]


def test_a_text_stays_the_text_it_is() -> None:
    data = made(small(*[(value,) for value in LIKE_SOMETHING_ELSE]))
    assert "<f>" not in xml_of(data)
    sheet = opened(data)["Rijen"]
    cells = [cell(sheet, f"A{row}") for row in range(2, len(LIKE_SOMETHING_ELSE) + 2)]
    assert [one.value for one in cells] == LIKE_SOMETHING_ELSE
    assert {(one.data_type, one.number_format, one.hyperlink) for one in cells} == {
        ("s", "@", None)
    }


def test_a_text_that_looks_like_an_escape_of_excel_is_escaped_itself() -> None:
    assert "<t>_x005F_x0041_</t>" in xml_of(made(small(("_x0041_",))))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a\x00b\x1bc", "a\ufffdb\ufffdc"),
        ("a\ufffeb\uffffc", "a\ufffdb\ufffdc"),
        ("a\ud800b", "a\ufffdb"),
        ("een\r\ntwee\rdrie\tvier", "een\ntwee\ndrie\tvier"),
    ],
)
def test_what_xml_forbids_does_not_break_the_file(written: str, read: str) -> None:
    assert column_of(small((written,))) == [read]


def test_what_xml_forbids_breaks_no_title_heading_or_explanation() -> None:
    column = Column("K\x00", "tekst", "uit\x01leg")
    herkomst = msgspec.structs.replace(HERKOMST, opmerkingen=("\x02",), opdracht="\ud800")
    report = msgspec.structs.replace(
        small(("x",), kolommen=(column,)), titel="T\x03", herkomst=herkomst
    )
    book = opened(made(report))
    assert book.properties.title == "T\ufffd"
    assert cell(book["Rijen"], "A1").value == "K\ufffd"
    comment = cell(book["Rijen"], "A1").comment
    assert comment is not None
    assert comment.text == "uit\ufffdleg"


def test_a_text_that_is_too_long_for_a_cell_shows_that_it_was_cut_off() -> None:
    fits = "x" * 32_767
    assert column_of(small((fits,), (fits + "y",))) == [fits, fits[1:] + "…"]


def test_numbers_are_numbers() -> None:
    numbers = [0, 3, -5, 1_234_567, Decimal("12.50"), 0.25]
    report = small(*[(number,) for number in numbers], kolommen=(Column("N", "getal"),))
    sheet = opened(made(report))["Rijen"]
    cells = [cell(sheet, f"A{row}") for row in range(2, 8)]
    assert [one.value for one in cells] == [0, 3, -5, 1_234_567, 12.5, 0.25]
    assert {one.data_type for one in cells} == {"n"}


def test_days_are_days_and_moments_are_those_of_amsterdam() -> None:
    kolommen = (Column("DAG", "datum"), Column("OP", "moment"))
    report = small(
        (TELDATUM, datetime(2025, 1, 31, 23, 30, tzinfo=UTC)),
        (date(1900, 3, 1), datetime(2025, 7, 1, 8, 5, 59, tzinfo=UTC)),
        (date(9999, 12, 31), end_of_day(date(2025, 3, 3))),
        kolommen=kolommen,
    )
    sheet = opened(made(report))["Rijen"]
    assert values(sheet)[1:] == [
        (datetime(2025, 2, 1), datetime(2025, 2, 1, 0, 30)),  # noqa: DTZ001 - Excel has no zones
        (datetime(1900, 3, 1), datetime(2025, 7, 1, 10, 5, 59)),  # noqa: DTZ001 - idem
        (datetime(9999, 12, 31), datetime(2025, 3, 3, 23, 59, 59)),  # noqa: DTZ001 - idem
    ]
    formats = [cell(sheet, place).number_format for place in ("A2", "B2")]
    assert formats == ["d-m-yyyy", "d-m-yyyy hh:mm"]


def test_a_day_that_excel_does_not_know_is_a_text() -> None:
    report = small(
        (date(1900, 2, 28), datetime(1899, 12, 31, 12, 0, tzinfo=UTC)),
        kolommen=(Column("DAG", "datum"), Column("OP", "moment")),
    )
    day, moment = values(opened(made(report))["Rijen"])[1]
    assert day == "28-2-1900"
    assert moment.startswith("31-12-1899 12:")


def test_ja_and_nee_are_the_words_of_duo_and_nothing_is_an_empty_cell() -> None:
    report = small((True,), (False,), (1,), (0,), (None,), kolommen=(Column("TELT", "janee"),))
    assert column_of(report) == ["Ja", "Nee", "Ja", "Nee"]
    data = made(small(("", None), ("x", None), kolommen=(*TEXT, Column("N", "getal"))))
    assert xml_of(data).count("<c ") == 3


# The sheets


def test_the_header_is_bold_stays_in_sight_filters_and_explains() -> None:
    kolommen = (Column("CODE", "tekst", "Wat het is."), Column("N", "getal"))
    sheet = opened(made(small(("a", 1), ("b", 2), kolommen=kolommen)))["Rijen"]
    assert cell(sheet, "A1").font.b
    assert not cell(sheet, "A2").font.b
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"
    comment = cell(sheet, "A1").comment
    assert comment is not None
    assert comment.text == "Wat het is."
    assert cell(sheet, "B1").comment is None


def test_a_column_is_as_wide_as_its_header_or_its_first_values_within_bounds() -> None:
    kolommen = tuple(Column(name, "tekst") for name in ("A", "EEN_LANGE_KOP", "C", "D"))
    sheet = opened(made(small(("x", "y", "z" * 30, "w" * 900), kolommen=kolommen)))["Rijen"]
    widths = [round(sheet.column_dimensions[letter].width) for letter in "ABCD"]
    assert widths[0] < widths[1] < widths[2] < widths[3] < 70


def test_a_table_without_rows_has_its_header() -> None:
    assert values(opened(made(small()))["Rijen"]) == [("CODE",)]


def test_a_report_without_tables_is_its_herkomst() -> None:
    nothing = msgspec.structs.replace(small(), tabellen=(), enkel=False)
    assert opened(made(nothing)).sheetnames == ["Herkomst"]


def test_sheets_have_names_that_excel_takes() -> None:
    taken = {"herkomst"}
    names = [
        sheet_name(naam, "De titel", taken)
        for naam in ("met_tlv", "MET_TLV", "herkomst", "history", "a/b[c]:d*?\\'", "'", "x" * 40)
    ]
    assert names[:4] == ["Met tlv", "MET TLV (2)", "Herkomst (2)", "De titel"]
    assert names[4:] == ["A b c  d", "Blad", "X" + "x" * 30]
    assert sheet_name("x" * 35, "", taken) == "X" + "x" * 26 + " (2)"


def test_names_that_differ_in_capitals_alone_make_a_file() -> None:
    tables = tuple(Table(naam, naam, TEXT, [(naam,)]) for naam in ("a", "A", "herkomst"))
    report = Report("klein", "Klein", HERKOMST, tables, enkel=False)
    book = opened(made(report))
    assert book.sheetnames == ["A", "A (2)", "Herkomst (2)", "Herkomst"]
    assert values(book["A (2)"]) == [("CODE",), ("A",)]


# Where it is from


def lines_of(sheet: Worksheet) -> list[tuple[Any, ...]]:
    """Return the lines of the sheet that say something, without empty cells at their end."""
    lines = [tuple(value for value in row if value is not None) for row in values(sheet)]
    return [line for line in lines if line]


def test_the_herkomst_says_all_that_the_report_was_made_from() -> None:
    herkomst = msgspec.structs.replace(
        HERKOMST,
        status="definitief",
        opmerkingen=("Een.", "=Twee"),
        van=Moment(date(2024, 2, 1), None),
        bestanden=FILES,
    )
    report = msgspec.structs.replace(small(("a",), ("b",)), herkomst=herkomst)
    sheet = opened(made(report))["Herkomst"]
    booked = datetime(2025, 3, 4, 9, 5, 9)  # noqa: DTZ001 - Excel has no zones
    assert lines_of(sheet) == [
        (herkomst.heading(),),
        ("Titel", "Klein"),
        ("Product", "klein"),
        ("Van: teldatum", datetime(2024, 2, 1)),  # noqa: DTZ001 - idem
        ("Van: bekend op", "nu"),
        ("Teldatum", datetime(2025, 2, 1)),  # noqa: DTZ001 - idem
        ("Bekend op", datetime(2025, 3, 3, 23, 59, 59)),  # noqa: DTZ001 - idem
        ("Tijden", "in Amsterdam; Excel kent geen tijdzones"),
        ("Positie", 18204),
        ("Status", "definitief"),
        ("Opdracht", "kijkglas stand"),
        ("Versie", "0.1.0"),
        ("Hoofd van de keten", "0012"),
        ("Opmerking", "Een."),
        ("Opmerking", "=Twee"),
        ("Blad", "Tabel", "Rijen"),
        ("Rijen", "Rijen", 2),
        ("Ingelezen bestand", "SHA-256", "Regels", "Geboekt op"),
        ("schooljaar.jsonl", "ab" * 32, 1206, booked),
        ("=naam.jsonl", "0" * 64, 3, booked),
    ]


def test_the_herkomst_is_that_of_the_json(ledger: Kijkglas) -> None:
    question = ("stand", *ON_T)
    told = ledger.fine(*question, "--format", "json").answer["herkomst"]
    sheet = opened(ledger.fine(*question, "--format", "xlsx").data)["Herkomst"]
    heading, *lines = lines_of(sheet)
    said = {line[0]: line[1:] for line in lines}
    assert heading == (told["kop"],)
    assert said["Positie"] == (told["positie"],)
    assert said["Status"] == (told["status"],)
    assert said["Hoofd van de keten"] == (told["hoofd"],)
    assert said["Bekend op"] == (local(told["bekend_op"]),)
    assert said["Opdracht"][0].removesuffix("xlsx") == told["opdracht"].removesuffix("json")
    for file in told["bestanden"]:
        assert said[file["naam"]] == (file["sha256"], file["regels"], local(file["geboekt_op"]))


def test_the_files_are_those_read_in_up_to_the_position(ledger: Kijkglas) -> None:
    def files(*more: str) -> list[tuple[str, int]]:
        herkomst = ledger.fine("stand", "--format", "json", *more).answer["herkomst"]
        return [(file["naam"], file["regels"]) for file in herkomst["bestanden"]]

    first, second = ("feed.jsonl", 16), ("vo.jsonl", len(VO))
    assert files() == [first, second]
    assert files("--positie", "17") == files("--positie", "18") == [first]
    assert files("--positie", "16") == []


def test_the_files_have_the_hash_of_their_bytes_in_the_order_of_booking(ledger: Kijkglas) -> None:
    with open_ledger(ledger.ledger) as opened_ledger:
        found = bestanden(opened_ledger)
    assert [file.naam for file in found] == ["feed.jsonl", "vo.jsonl"]
    folder = ledger.ledger.parent
    for file, path in zip(
        found, (SAMPLES / "slides-1b" / "feed.jsonl", folder / "vo.jsonl"), strict=True
    ):
        assert len(path.read_bytes().splitlines()) == file.regels
    assert found[0].geboekt_op <= found[1].geboekt_op


# The file


def test_the_same_report_gives_the_same_bytes_and_another_one_others() -> None:
    report = msgspec.structs.replace(dashboard(), herkomst=HERKOMST)
    assert made(report) == made(report)
    assert made(small(("a",))) != made(small(("b",)))


def test_a_workbook_says_no_moment_of_its_making() -> None:
    data = made(dashboard())
    with ZipFile(BytesIO(data)) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
    said = opened(data).properties
    assert said.title == "Twee tabellen"
    assert {said.created, said.modified} == {datetime(1980, 1, 1)}  # noqa: DTZ001 - as it is read


def dashboard() -> Report:
    tables = tuple(Table(naam, naam, TEXT, [(naam,)] * 3) for naam in ("een", "twee"))
    return Report("tabellen", "Twee tabellen", HERKOMST, tables, enkel=False)


def test_nothing_is_left_beside_the_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made(dashboard())
    assert list(tmp_path.iterdir()) == []
    stopped = iter(render(dashboard(), "xlsx"))
    assert len(list(islice(stopped, 1))) == 1
    assert len(list(tmp_path.iterdir())) == 1
    del stopped
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="zip"):
        made(small(("a",), ("b", "too many")))
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_the_workbook_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlsxwriter.workbook.ZipFile", full)
    with pytest.raises(OSError, match="het werkboek kan niet worden gemaakt"):
        write(small(), tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(rows: int) -> int:
        report = small(*[(f"{row:09}",) for row in range(rows)])
        tracemalloc.start()
        for _ in render(report, "xlsx"):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)  # what is loaded once
    assert peak(8000) < 2 * peak(1000)


# Where it goes


def test_the_ending_is_the_form_and_the_herkomst_is_inside(
    ledger: Kijkglas, tmp_path: Path
) -> None:
    done = ledger.fine("stand", *ON_T, "-o", tmp_path / "a.xlsx")
    assert done.err.splitlines() == [f"geschreven: {tmp_path / 'a.xlsx'}"]
    book = opened((tmp_path / "a.xlsx").read_bytes())
    assert len(values(book["Stand"])) == 1 + len(ledger.stand("2025-02-01"))
    done = ledger.fine("stand", *ON_T, "-o", tmp_path / "b.csv", "--format", "xlsx")
    assert opened((tmp_path / "b.csv").read_bytes()).sheetnames == ["Stand", "Herkomst"]


def test_a_folder_gets_a_workbook_per_table_under_duos_names(
    ledger: Kijkglas, tmp_path: Path
) -> None:
    question = ("report", "dashboard-1a", "--swv", "PO2304", *ON_T)
    ledger.fine(*question, "--format", "xlsx", "-o", tmp_path / "uit")
    names = {
        "Aantallen_leerlingen_met_tlv_svw_PO2304_01_02_2025.xlsx": "Met tlv",
        "Totaal_aantal_leerlingen_sbo_en_so_PO2304_01_02_2025.xlsx": "Totaal",
        "Aantallen_leerlingen_vestigingen_bo_en_sbo_PO2304_01_02_2025.xlsx": "Vestigingen",
    }
    assert {path.name for path in (tmp_path / "uit").iterdir()} == {*names, "herkomst.json"}
    for name, sheet in names.items():
        book = opened((tmp_path / "uit" / name).read_bytes())
        assert book.sheetnames == [sheet, "Herkomst"]
    told = json.loads((tmp_path / "uit" / "herkomst.json").read_bytes())
    assert {file["formaat"] for file in told.values()} == {"xlsx"}


def test_a_screen_is_no_place_for_a_workbook(ledger: Kijkglas) -> None:
    done = ledger("stand", *ON_T, "--format", "xlsx", screen=True)
    assert (done.status, done.data) == (2, b"")
    assert "xlsx is geen tekst voor een scherm; schrijf een bestand met -o NAAM.xlsx" in done.err


@pytest.mark.parametrize("asked", [["-o", "a.xlsx"], ["--format", "xlsx"]])
def test_without_the_extra_the_command_says_how_to_get_it(
    asked: list[str], ledger: Kijkglas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    monkeypatch.chdir(tmp_path)
    done = kijkglas("--ledger", address_of(ledger.ledger), "stand", *ON_T, *asked)
    assert (done.status, done.data) == (2, b"")
    assert "de extra 'excel' nodig: python3 -m pip install '.[excel]'" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_is_too_long_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    fits = Table("kort", "Kort", TEXT, [("x",)])
    long = Table("lang", "Lang", TEXT, [("x",)] * 1_048_576)
    report = Report("klein", "Klein", HERKOMST, (fits, long), enkel=False)
    said = r"tabel 'lang' heeft 1\.048\.576 rijen en een blad van Excel hoogstens 1\.048\.575"
    with pytest.raises(xlsx_files.TooManyRowsError, match=said):
        render(report, "xlsx")
    with pytest.raises(xlsx_files.TooManyRowsError, match=said):
        write(report, tmp_path / "uit", "xlsx")
    with pytest.raises(xlsx_files.TooManyRowsError, match=said):
        write(report, tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []
    xlsx_files.check(small(*[("x",)] * 1_048_575))


def test_libreoffice_reads_what_we_write(tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    kolommen = (Column("CODE", "tekst"), Column("N", "getal"), Column("DAG", "datum"))
    rows = [(value, number, TELDATUM) for number, value in enumerate(LIKE_SOMETHING_ELSE)]
    source, target = tmp_path / "bron" / "a.xlsx", tmp_path / "doel"
    source.parent.mkdir()
    write(small(*rows, kolommen=kolommen), source)
    profile = f"-env:UserInstallation={(tmp_path / 'profiel').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", target, source],
        check=True,
        capture_output=True,
    )
    books = [opened(path.read_bytes()) for path in (source, target / "a.xlsx")]
    assert books[0].sheetnames == books[1].sheetnames
    assert values(books[0]["Rijen"]) == values(books[1]["Rijen"])
