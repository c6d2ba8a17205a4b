"""Files as tables: the dialects of users, bad rows as values, and nothing that crashes."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.intake.sheets import (
    DamagedCell,
    QuotedCell,
    Rij,
    Sheet,
    UnreadableFileError,
    opened_sheet,
)

HEADER: Final = "naam;datum;bedrag"
ROWS: Final = "Café de Brug;1-8-2024;12\r\nZoë;;\r\n"
UNREADABLE: Final = "de tekens zijn niet te lezen; bewaar het bestand als CSV UTF-8"


def written(folder: Path, content: bytes | str, name: str = "lijst.csv") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def opened(path: Path) -> tuple[Sheet, list[Rij]]:
    """Return a file as a table, with all its rows."""
    with opened_sheet(path) as sheet:
        return sheet, list(sheet.rijen())


def cells(path: Path) -> list[tuple[int, tuple[str, ...]]]:
    """Return the number and the cells of every row that is right."""
    return [(rij.regelnummer, rij.cellen) for rij in opened(path)[1] if rij.fout is None]


def faults(path: Path) -> list[str]:
    """Return what is wrong with the rows that are not."""
    return [f"{rij.regelnummer} {rij.fout}" for rij in opened(path)[1] if rij.fout]


def refused(path: Path) -> str:
    """Return why a file cannot be opened at all."""
    with pytest.raises(UnreadableFileError) as caught, opened_sheet(path):
        pass
    return str(caught.value)


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_dialects_of_users_are_read(
    encoding: str, delimiter: str, ending: str, tmp_path: Path
) -> None:
    text = f'{HEADER}\r\n\r\n"Café; de ""Brug"", 1";1-8-2024;12\r\n;;\r\nZoë;;\r\n'
    text = text.replace(";", delimiter).replace("\r\n", ending)
    sheet, rows = opened(written(tmp_path, text.encode(encoding)))
    assert (sheet.naam, sheet.soort, sheet.delimiter) == ("lijst.csv", "csv", delimiter)
    assert sheet.kop == ("naam", "datum", "bedrag")
    assert rows == [
        Rij(3, (f'Café{delimiter} de "Brug", 1', "1-8-2024", "12")),
        Rij(5, ("Zoë", "", "")),
    ]


def test_the_rows_start_anew_at_each_call(tmp_path: Path) -> None:
    with opened_sheet(written(tmp_path, f"{HEADER}\r\n{ROWS}")) as sheet:
        first = sheet.rijen()
        next(first)
        assert len(list(sheet.rijen())) == 2
        assert len(list(first)) == 1


def test_the_separator_that_excel_names_is_obeyed_and_is_no_header(tmp_path: Path) -> None:
    sheet, rows = opened(written(tmp_path, "sep=,\r\na;b,c\r\n1,2\r\n"))
    assert (sheet.kop, sheet.delimiter) == (("a;b", "c"), ",")
    assert rows == [Rij(3, ("1", "2"))]


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    sheet, rows = opened(written(tmp_path, "nummer\n1\n\n2"))
    assert (sheet.kop, sheet.delimiter) == (("nummer",), ";")
    assert [rij.cellen for rij in rows] == [("1",), ("2",)]


def test_empty_cells_at_the_end_are_no_columns(tmp_path: Path) -> None:
    sheet, rows = opened(written(tmp_path, "a;b;;\n1;2;;;\n3;4\n"))
    assert sheet.kop == ("a", "b")
    assert [rij.cellen for rij in rows] == [("1", "2"), ("3", "4")]


def test_cells_that_a_spreadsheet_left_its_traces_in_are_told_apart(tmp_path: Path) -> None:
    text = 'a;b;c\n="012";"=""34""";#N/B\n=1+1;="a;#1\n'
    (first, second) = opened(written(tmp_path, text))[1]
    assert first.cellen == ("012", "34", "#N/B")
    assert [type(cell) for cell in first.cellen] == [QuotedCell, QuotedCell, DamagedCell]
    assert second.cellen == ("=1+1", '="a', "#1")
    assert {type(cell) for cell in second.cellen} == {str}


def test_a_header_may_have_a_line_end_in_a_cell(tmp_path: Path) -> None:
    sheet, rows = opened(written(tmp_path, '"TEL\nDATUM";b\n1;2\n'))
    assert sheet.kop == ("TEL\nDATUM", "b")
    assert rows == [Rij(3, ("1", "2"))]


def test_rows_that_are_no_rows_are_said_and_the_others_go_on(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        'a;b\n1;2\n3\n4;5;6\n"x"y;2\n"over\ntwee";7\n"open;8\n9;10\n"een\ntwee";11;12\n13;"nu";\n',
    )
    assert faults(path) == [
        "3 de regel heeft 1 cellen en de kop 2; zet een waarde met ; erin tussen aanhalingstekens",
        "4 de regel heeft 3 cellen en de kop 2; zet een waarde met ; erin tussen aanhalingstekens",
        (
            "5 de regel is geen CSV (na een aanhalingsteken staat nog tekst);"
            " controleer de aanhalingstekens"
        ),
        (
            "8 de regel is geen CSV (na een aanhalingsteken staat nog tekst);"
            " controleer de aanhalingstekens"
        ),
        (
            "10 de regel is geen CSV (een aanhalingsteken is niet gesloten);"
            " controleer de aanhalingstekens"
        ),
        "11 de regel heeft 3 cellen en de kop 2; zet een waarde met ; erin tussen aanhalingstekens",
    ]
    assert cells(path) == [
        (2, ("1", "2")),
        (6, ("over\ntwee", "7")),
        (9, ("9", "10")),
        (12, ("13", "nu")),
    ]


def test_a_quote_that_is_never_closed_costs_one_row(tmp_path: Path) -> None:
    lines = [f"{number};x" for number in range(500)]
    path = written(tmp_path, "\n".join(["a;b", 'y;"z', *lines]))
    assert faults(path) == [
        (
            "2 de regel is geen CSV (een aanhalingsteken is niet gesloten);"
            " controleer de aanhalingstekens"
        )
    ]
    assert len(cells(path)) == 500
    assert cells(path)[-1] == (502, ("499", "x"))


def test_the_cells_of_a_row_that_is_no_csv_are_kept(tmp_path: Path) -> None:
    (rij,) = opened(written(tmp_path, 'a;b;c\n1;"2;3\n'))[1]
    assert rij.cellen == ("1", '"2', "3")


def test_huge_cells_and_lines_cost_one_row_and_little_memory(tmp_path: Path) -> None:
    huge = "x" * 10_000_000
    path = written(tmp_path, f'a;b\n1;{"y" * 200_000}\n2;{huge}\n3;"{huge}"\n4;z\n')
    tracemalloc.start()
    found = faults(path), cells(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == (
        [
            (
                "2 de regel is geen CSV (een cel heeft meer dan 131072 tekens);"
                " controleer de aanhalingstekens"
            ),
            "3 de regel heeft meer dan 1048576 tekens; controleer of dit een CSV-bestand is",
            "4 de regel heeft meer dan 1048576 tekens; controleer of dit een CSV-bestand is",
        ],
        [(5, ("4", "z"))],
    )
    assert peak < 20_000_000


def test_a_large_file_is_never_in_memory_whole(tmp_path: Path) -> None:
    path = written(tmp_path, "a;b\n" + f"{'x' * 90};{'y' * 90}\n" * 50_000)
    tracemalloc.start()
    with opened_sheet(path) as sheet:
        assert sum(1 for _ in sheet.rijen()) == 50_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "het bestand is leeg; download het bestand opnieuw"),
        (b"\n \n;;\n", "het bestand is leeg"),
        (b"a;b\n1;\x00\n", UNREADABLE),
        ("a;b\n1;2\n".encode("utf-16-le"), UNREADABLE),
        ("a;b\n1;2\n".encode("utf-32"), UNREADABLE),
        (b"\xff\xfea", UNREADABLE),
        (b"a;b\n\x81\xff", UNREADABLE),
        (b"a\x01b;\x1f\n1;2\n", UNREADABLE),
        (b"\xef\xbb\xbfa;b\n\xff", UNREADABLE),
        (b'a;"b\n1;2\n', "de kop: de regel is geen CSV (een aanhalingsteken is niet gesloten)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "dit is een oude werkmap (.xls); open het in het spreadsh"),
        (
            b"\xd0\xcf\x11\xe0" + b"x" * (1 << 20) + "EncryptedPackage".encode("utf-16-le"),
            "de werkmap heeft een wachtwoord; haal het eraf: open het in het spreadsheet",
        ),
        (b"<html><table>", "dit is HTML of XML, ook als de naam op .xls eindigt; open het"),
        (b' [{"a": 1}]', "dit is een JSON-lijst; schrijf JSON Lines: een JSON-object per reg"),
        (b"{\n 1\n}\n", "geen regel is een JSON-object; schrijf een JSON-object per regel"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(
    content: bytes, said: str, tmp_path: Path
) -> None:
    assert refused(written(tmp_path, content)).startswith(f"lijst.csv: {said}")


def test_a_file_that_cannot_be_read_is_said_without_a_pgn(tmp_path: Path) -> None:
    said = refused(tmp_path / "van 123456782.csv")
    assert said == "van *********.csv kan niet worden gelezen: het bestaat niet; controleer de naam"
    assert "kan niet worden gelezen" in refused(tmp_path)


def test_json_lines_are_a_table_of_their_first_object(tmp_path: Path) -> None:
    lines = [
        '\ufeff{"a": "x", "b": 1}',
        "",
        '{"b": true, "a": null, "c": [1]}',
        '{"a": 1.5',
        "3",
        f'{{"a": "{"x" * 1_100_000}"}}',
        '{"b": {"d": 2}}',
    ]
    sheet, rows = opened(written(tmp_path, "\r\n".join(lines), "lijst.txt"))
    assert (sheet.soort, sheet.kop) == ("jsonl", ("a", "b"))
    assert [(rij.regelnummer, rij.cellen) for rij in rows if rij.fout is None] == [
        (1, ("x", "1")),
        (3, ("", "Ja")),
        (7, ("", '{"d":2}')),
    ]
    assert rows[1].velden == {"b": True, "a": None, "c": [1]}
    assert rows[1].rauw == lines[2].encode()
    assert [(rij.regelnummer, str(rij.fout)) for rij in rows if rij.fout] == [
        (4, "de regel is geen JSON-object; schrijf een JSON-object per regel"),
        (5, "de regel is geen JSON-object; schrijf een JSON-object per regel"),
        (6, "de regel heeft meer dan 1048576 bytes; schrijf elk JSON-object op een eigen regel"),
    ]
    assert rows[2].rauw == b'{"a": 1.5'


# Whatever the bytes: rows, faults or UnreadableFileError

FUZZ: Final = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WHOLE: Final = f'{HEADER}\r\n{ROWS}"a\nb";1-1-2025;="012"\r\nx;y\r\n"open;1;2\r\n'.encode()


def reads_or_refuses(path: Path) -> None:
    """Read a file to its end; only UnreadableFileError may come of it, and soon."""
    start, said, rows = time.perf_counter(), path.name, list[Rij]()
    try:
        rows = opened(path)[1]
    except UnreadableFileError as error:
        said = str(error)
    assert said.startswith(path.name)
    numbers = [rij.regelnummer for rij in rows]
    assert numbers == sorted(set(numbers))
    assert all(rij.fout is not None or any(rij.cellen) for rij in rows)
    assert time.perf_counter() - start < 5


@FUZZ
@given(content=st.binary(max_size=400))
def test_random_bytes_never_crash(content: bytes, tmp_path: Path) -> None:
    reads_or_refuses(written(tmp_path, content))


@FUZZ
@given(text=st.text(alphabet='a1;,"\n\r\t=\\é{}[]:\0# ', max_size=80))
def test_random_tables_never_crash(text: str, tmp_path: Path) -> None:
    reads_or_refuses(written(tmp_path, f"a;b;c\n{text}"))
    reads_or_refuses(written(tmp_path, f'{{"a": 1}}\n{text}'))


@FUZZ
@given(
    rows=st.lists(
        st.lists(st.text(alphabet='ab;,"\n= ', max_size=6), min_size=3, max_size=3), max_size=8
    )
)
def test_what_a_csv_writer_wrote_is_read_cell_by_cell(
    rows: list[list[str]], tmp_path: Path
) -> None:
    quoted = [";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    path = written(tmp_path, "\r\n".join([HEADER, *quoted]))
    told = [rij.cellen for rij in opened(path)[1]]
    texts = [tuple(cell[2:-1] if is_quoted(cell) else cell for cell in row) for row in rows]
    assert told == [row for row in texts if any(map(str.strip, row))]


def is_quoted(cell: str) -> bool:
    return len(cell) > 2 and cell[:2] == '="' and cell[-1] == '"' and '"' not in cell[2:-1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_file_that_is_cut_off_anywhere_never_crashes(encoding: str, tmp_path: Path) -> None:
    content = WHOLE.decode().encode(encoding)
    for length in range(len(content)):
        reads_or_refuses(written(tmp_path, content[:length]))


def test_a_file_of_quotes_alone_takes_no_long_time(tmp_path: Path) -> None:
    reads_or_refuses(written(tmp_path, "a;b\n" + '"x;1\n' * 20_001))
    reads_or_refuses(written(tmp_path, "a;b\n" + '"' * 3_000_001))
