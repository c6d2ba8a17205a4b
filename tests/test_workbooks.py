"""Workbooks as tables: what cells hold, which sheet is read, and bombs that do not go off."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet
from xlsxwriter import Workbook as Writer

from ledger.intake.cells import date_of
from ledger.intake.columns import CellError, Kolom, text_of
from ledger.intake.readers import Afkeuring
from ledger.intake.rejects import rejected_rows
from ledger.intake.rows import read_rows
from ledger.intake.sheets import (
    DamagedCell,
    NumberCell,
    Rij,
    Sheet,
    UnreadableFileError,
    opened_sheet,
)

MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET: Final = "xl/worksheets/sheet1.xml"


def saved(folder: Path, fill: Callable[[Worksheet], None], name: str = "lijst.xlsx") -> Path:
    """Write a workbook with one sheet that `fill` fills, and return its path."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    fill(sheet)
    book.save(folder / name)
    return folder / name


def with_rows(folder: Path, *rows: list[object]) -> Path:
    """Write a workbook with these rows, and return its path."""

    def fill(sheet: Worksheet) -> None:
        for row in rows:
            sheet.append(row)

    return saved(folder, fill)


def replaced(path: Path, parts: dict[str, bytes], drop: str = "") -> Path:
    """Write a workbook again with other content for some of its parts."""
    with zipfile.ZipFile(path) as old:
        content = {name: old.read(name) for name in old.namelist() if name != drop}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in {**content, **parts}.items():
            new.writestr(name, data)
    return path


def with_xml(folder: Path, rows: str, head: str = "") -> Path:
    """Write a workbook whose sheet has this XML for its rows, after a header a, b."""
    first = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'
    size = '<dimension ref="A1:B3"/>'
    xml = f"{head}<worksheet {MAIN}>{size}<sheetData>{first}{rows}</sheetData></worksheet>"
    return replaced(with_rows(folder, ["x"]), {SHEET: xml.encode()})


def opened(path: Path) -> tuple[Sheet, list[Rij]]:
    """Return a file as a table, with all its rows."""
    with opened_sheet(path) as sheet:
        return sheet, list(sheet.rijen())


def refused(path: Path) -> str:
    """Return why a file cannot be opened at all."""
    with pytest.raises(UnreadableFileError) as caught, opened_sheet(path):
        pass
    return str(caught.value)


def test_cells_are_read_by_what_they_hold(tmp_path: Path) -> None:
    path = with_rows(
        tmp_path,
        ["tekst", "getal", "datum", "janee", 5],
        ["012", 2459428.0, date(2024, 8, 1), True, None],
        ["é", 1.5, datetime(2024, 8, 1, 13, 45), False, 'a"b'],  # noqa: DTZ001 - as Excel has it
        [" ", None, "", None, None],
        ["=1", -3, "1-8-2024", "Ja", 10**16],
    )
    sheet, rows = opened(path)
    assert (sheet.naam, sheet.soort, sheet.delimiter) == ("lijst.xlsx", "xlsx", ";")
    assert sheet.kop == ("tekst", "getal", "datum", "janee", "5")
    assert rows[:2] == [
        Rij(2, ("012", "2459428", "2024-08-01", "Ja", "")),
        Rij(3, ("é", "1.5", "2024-08-01 13:45:00", "Nee", 'a"b')),
    ]
    assert (rows[2].regelnummer, rows[2].cellen[1:]) == (5, ("-3", "1-8-2024", "Ja", "1E+16"))
    numbers = [cell for rij in rows for cell in rij.cellen if isinstance(cell, NumberCell)]
    assert numbers == ["2459428", "1.5", "-3", "1E+16"]


def test_only_the_cells_under_the_header_are_read(tmp_path: Path) -> None:
    sheet, rows = opened(
        with_rows(tmp_path, [], [None, "a", None, "b", " "], ["", "1"], [None] * 4 + ["opmerking"])
    )
    assert sheet.kop == ("", "a", "", "b")
    assert rows == [Rij(3, ("", "1", "", ""))]


def test_hidden_rows_are_read_and_rows_have_the_numbers_of_the_sheet(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A3"], sheet["A7"], sheet["A9"] = "a", "x", "y"
        sheet.row_dimensions[7].hidden = True

    assert opened(saved(tmp_path, fill))[1] == [Rij(7, ("x",)), Rij(9, ("y",))]


def test_the_rows_start_anew_at_each_call(tmp_path: Path) -> None:
    with opened_sheet(with_rows(tmp_path, ["a"], ["1"], ["2"])) as sheet:
        first = sheet.rijen()
        next(first)
        assert [rij.cellen for rij in sheet.rijen()] == [("1",), ("2",)]
        assert [rij.cellen for rij in first] == [("2",)]


def test_the_first_visible_sheet_with_a_header_is_read(tmp_path: Path) -> None:
    book = Workbook()
    hidden = book.active
    assert isinstance(hidden, Worksheet)
    hidden["A1"] = "verborgen"
    hidden.sheet_state = "hidden"
    book.create_sheet("Herkomst")["A1"] = "bestand"
    book.create_sheet("Leeg")
    book.create_chartsheet("Grafiek")
    book.create_sheet("Rijen")["A1"] = "goed"
    book.create_sheet("Later")["A1"] = "niet"
    book.save(tmp_path / "lijst.xlsx")
    assert opened(tmp_path / "lijst.xlsx")[0].kop == ("goed",)


def test_a_workbook_without_a_header_is_refused(tmp_path: Path) -> None:
    assert refused(with_rows(tmp_path)) == (
        "lijst.xlsx: geen zichtbaar blad met een kop;"
        " zet de tabel op het eerste blad, met de kop bovenaan"
    )


def test_a_header_that_is_too_wide_is_refused(tmp_path: Path) -> None:
    path = with_rows(tmp_path, [*["a"] * 1000, "b"])
    assert "de kop is breder dan 1000 kolommen; verwijder de lege kolommen" in refused(path)


def test_errors_and_formulas_that_were_not_computed_refuse_their_row(tmp_path: Path) -> None:
    path = tmp_path / "lijst.xlsx"
    with Writer(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.write_formula(1, 0, "=1+1", None, 2)
        sheet.write_formula(2, 0, "=B9", None, "#REF!")
        sheet.write(2, 1, "x")
        sheet.write_formula(3, 0, '="x"&"y"', None, "xy")
        sheet.write_formula(4, 2, "=NA()", None, "#N/A")
        sheet.write(4, 0, "wel")
    kolommen = (Kolom("a", text_of), Kolom("b", text_of, leeg=True))
    with opened_sheet(path) as opened_table:
        rows = list(read_rows(opened_table, kolommen))
    assert isinstance(rows[1], Afkeuring)
    assert [str(problem) for problem in rows[1].problems] == [
        (
            "a: '#REF!' is een fout van een spreadsheet;"
            " herstel de cel in het spreadsheet of vul de waarde in"
        )
    ]
    told = [row.velden["a"] for row in rows if not isinstance(row, Afkeuring)]
    assert told == ["2", "xy", "wel"]  # an error in a column that nobody asks for is left alone


def test_a_formula_without_a_value_refuses_its_row(tmp_path: Path) -> None:
    with opened_sheet(with_rows(tmp_path, ["a"], ["=1+1"])) as sheet:
        (row,) = read_rows(sheet, (Kolom("a", text_of, leeg=True),))
        written = (
            b"".join(rejected_rows(sheet, [(row.rijen[0], "x")]))
            if isinstance(row, Afkeuring)
            else b""
        )
    assert isinstance(row, Afkeuring)
    assert [str(problem) for problem in row.problems] == [
        (
            "a: de formule in de cel is niet uitgerekend;"
            " open het bestand in het spreadsheet en bewaar het opnieuw"
        )
    ]
    assert written.decode("utf-8-sig") == "a;AFGEKEURD\r\n=1+1;x\r\n"


def test_a_number_in_a_column_of_days_is_a_day_of_the_system_of_its_workbook(
    tmp_path: Path,
) -> None:
    (rij,) = opened(with_rows(tmp_path, ["dag"], [45689]))[1]
    assert date_of(rij.cellen[0]) == date(2025, 2, 1)
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["dag", "getal"])
    sheet.append([date(2025, 2, 1), 44227])
    book.save(tmp_path / "mac.xlsx")
    (rij,) = opened(tmp_path / "mac.xlsx")[1]
    assert date_of(rij.cellen[0]) == date(2025, 2, 1)
    with pytest.raises(CellError, match="een spreadsheet heeft de datum als getal bewaard"):
        date_of(rij.cellen[1])


def test_a_day_that_no_calendar_has_is_damage(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["dag"])
        sheet["A2"] = 99999999
        sheet["A2"].number_format = "d-m-yyyy"

    (rij,) = opened(saved(tmp_path, fill))[1]
    assert rij.cellen == ("########",)
    assert isinstance(rij.cellen[0], DamagedCell)


def test_texts_in_their_cells_are_read_plain_or_not(tmp_path: Path) -> None:
    rows = opened(
        with_xml(
            tmp_path,
            '<row r="2"><c t="inlineStr"><is><t>é 1</t></is></c>'
            '<c t="inlineStr"><is><r><t>x</t></r><r><t>y</t></r></is></c></row>'
            '<row r="3"><c t="inlineStr"/><c t="inlineStr"><is><t>#N/A</t></is></c></row>',
        )
    )[1]
    assert rows == [Rij(2, ("é 1", "xy")), Rij(3, ("", "#N/A"))]


def test_a_row_that_cannot_be_read_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    path = with_xml(
        tmp_path,
        '<row r="2"><c r="A2" t="s"><v>999</v></c></row>'
        '<row r="3"><c r="A3"><v>geen getal</v></c></row>'
        '<row r="4"><c r="?"><v>1</v></c></row>'
        '<row r="5"><c r="A5"><v>1</v></c></row>',
    )
    rows = opened(path)[1]
    assert [(rij.regelnummer, str(rij.fout)) for rij in rows[:3]] == [
        (number, "de rij is niet te lezen; bewaar de werkmap opnieuw als .xlsx")
        for number in (2, 3, 4)
    ]
    assert rows[3] == Rij(5, ("1", ""))


def test_a_sheet_that_breaks_off_says_where(tmp_path: Path) -> None:
    rows = opened(with_xml(tmp_path, '<row r="2"><c><v>1</v></c></row><row r="3"><c'))[1]
    assert rows[0] == Rij(2, ("1", ""))
    assert [(rij.regelnummer, str(rij.fout)) for rij in rows[1:]] == [
        (3, "vanaf deze rij is het blad niet te lezen; download de werkmap opnieuw")
    ]


def test_a_row_number_of_a_billion_takes_no_time(tmp_path: Path) -> None:
    start = time.perf_counter()
    rows = opened(with_xml(tmp_path, '<row r="1000000000"><c><v>1</v></c></row>'))[1]
    assert rows == [Rij(1_000_000_000, ("1", ""))]
    assert time.perf_counter() - start < 1


# What is no workbook, or one that nobody should unpack


def archive(folder: Path, parts: dict[str, bytes]) -> Path:
    """Write a zip file with these parts and return its path."""
    path = folder / "lijst.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "dit is een zip-bestand en geen werkmap; pak het uit en lees de bestanden erin"),
        ({"a.csv": b"a;b"}, "dit is een zip-bestand en geen werkmap"),
        ({"binnen.zip": b"PK\x03\x04"}, "dit is een zip-bestand en geen werkmap"),
        ({"content.xml": b""}, "dit is een werkmap van LibreOffice (.ods); open het in het spr"),
        ({"xl/workbook.bin": b""}, "dit is een binaire werkmap (.xlsb); open het in het spread"),
        ({"xl/workbook.xml": b"<"}, "de werkmap is beschadigd; download hem opnieuw, of open en"),
    ],
)
def test_zip_files_that_are_no_workbook_are_refused_with_what_to_do(
    parts: dict[str, bytes], said: str, tmp_path: Path
) -> None:
    assert refused(archive(tmp_path, parts)).startswith(f"lijst.xlsx: {said}")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = with_rows(tmp_path, ["a"])
    content = bytearray(path.read_bytes())
    for place in range(len(content) - 9):
        if content[place : place + 4] == b"PK\x01\x02":
            content[place + 8] |= 1
    path.write_bytes(content)
    assert "het bestand is versleuteld; haal het wachtwoord eraf" in refused(path)


TOO_LARGE: Final = "de werkmap is uitgepakt te groot of te sterk ingepakt om te vertrouwen"


def bomb(folder: Path, name: str, size: int) -> Path:
    """Write a workbook with one part more, of so many zeros."""
    path = with_rows(folder, ["a"], ["1"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file, file.open(name, "w") as part:
        for _ in range(size >> 20):
            part.write(bytes(1 << 20))
    return path


@pytest.mark.parametrize(
    ("name", "mib"),
    [("xl/worksheets/sheet2.xml", 40), ("xl/media/a.png", 600), ("docProps/x.xml", 17)],
)
def test_a_zip_bomb_is_refused_before_it_is_unpacked(name: str, mib: int, tmp_path: Path) -> None:
    path = bomb(tmp_path, name, mib << 20)
    tracemalloc.start()
    said = refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said == f"lijst.xlsx: {TOO_LARGE}; bewaar het blad als CSV"
    assert peak < 2_000_000


def test_more_parts_than_any_workbook_has_are_refused(tmp_path: Path) -> None:
    names = {f"xl/media/{number}.png": b"" for number in range(2001)}
    assert TOO_LARGE in refused(archive(tmp_path, {"xl/workbook.xml": b"", **names}))
    names = {f"xl/media/{'x' * 500}{number}.png": b"" for number in range(2100)}
    assert TOO_LARGE in refused(archive(tmp_path, {"xl/workbook.xml": b"", **names}))


LAUGHS: Final = (
    '<!DOCTYPE x [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    start = time.perf_counter()
    path = with_xml(tmp_path, '<row r="2"><c t="str"><v>&a9;</v></c></row>', head=LAUGHS)
    assert refused(path).startswith("lijst.xlsx: de werkmap is beschadigd")
    strings = f"{LAUGHS}<sst {MAIN}><si><t>&a9;</t></si></sst>"
    with Writer(path) as book:
        book.add_worksheet().write(0, 0, "a")
    replaced(path, {"xl/sharedStrings.xml": strings.encode()})
    assert "de werkmap is beschadigd" in refused(path)
    assert time.perf_counter() - start < 2


FUZZ: Final = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def whole() -> bytes:
    """Return a workbook with cells of every sort."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in (["a", "b"], ["x", 1], [date(2025, 2, 1), True], ["=A1", "#N/A"]):
        sheet.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


WHOLE: Final = whole()


def reads_or_refuses(path: Path) -> None:
    """Read a file to its end; only UnreadableFileError may come of it, and soon."""
    start = time.perf_counter()
    try:
        opened(path)
    except UnreadableFileError as error:
        said = str(error)
    else:
        said = path.name
    assert said.startswith(path.name)
    assert time.perf_counter() - start < 5


@FUZZ
@given(length=st.integers(0, len(WHOLE)))
def test_a_workbook_that_is_cut_off_anywhere_never_crashes(length: int, tmp_path: Path) -> None:
    path = tmp_path / "lijst.xlsx"
    path.write_bytes(WHOLE[:length])
    reads_or_refuses(path)


@FUZZ
@given(
    changes=st.lists(
        st.tuples(st.integers(4, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=20
    )
)
def test_a_workbook_with_other_bytes_never_crashes(
    changes: list[tuple[int, int]], tmp_path: Path
) -> None:
    content = bytearray(WHOLE)
    for place, byte in changes:
        content[place] = byte
    path = tmp_path / "lijst.xlsx"
    path.write_bytes(content)
    reads_or_refuses(path)


PARTS: Final = sorted(zipfile.ZipFile(BytesIO(WHOLE)).namelist())


@FUZZ
@given(
    name=st.sampled_from(PARTS),
    start=st.integers(0, 2000),
    stop=st.integers(0, 2000),
    instead=st.text(alphabet='<>/="&;acrst019 ', max_size=20),
)
def test_a_workbook_with_other_xml_never_crashes(
    name: str, start: int, stop: int, instead: str, tmp_path: Path
) -> None:
    path = tmp_path / "lijst.xlsx"
    path.write_bytes(WHOLE)
    with zipfile.ZipFile(path) as file:
        xml = file.read(name)
    reads_or_refuses(replaced(path, {name: xml[:start] + instead.encode() + xml[stop:]}))


@pytest.mark.parametrize("name", PARTS)
def test_a_workbook_without_one_of_its_parts_never_crashes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "lijst.xlsx"
    path.write_bytes(WHOLE)
    reads_or_refuses(replaced(path, {}, drop=name))


def test_without_the_library_a_workbook_is_refused_with_what_to_install(tmp_path: Path) -> None:
    path = with_rows(tmp_path, ["a"])
    code = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "from pathlib import Path\n"
        "from ledger.intake.sheets import UnreadableFileError, opened_sheet\n"
        "try:\n"
        "    with opened_sheet(Path(sys.argv[1])): pass\n"
        "except UnreadableFileError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "lijst.xlsx: voor een werkmap is de extra 'excel' nodig;"
        " installeer die met python3 -m pip install '.[excel]' of bewaar het blad als CSV\n"
    )


@pytest.mark.heavy
def test_a_workbook_of_100_000_rows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "groot.xlsx"
    with Writer(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number in range(100_001):
            sheet.write_row(number, 0, ["SO_VSO_LAAG"] * 19)
    with opened_sheet(path) as table:
        assert sum(1 for _ in table.rijen()) == 100_000
