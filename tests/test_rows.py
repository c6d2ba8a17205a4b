"""Rows by their fields: declared columns, all problems of a row at once, and what was mended."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from ledger.intake import cells
from ledger.intake.columns import Kolom
from ledger.intake.readers import Afkeuring
from ledger.intake.rejects import rejected_rows
from ledger.intake.rows import Read, headers_of, read_rows
from ledger.intake.sheets import Sheet, UnreadableFileError, opened_sheet

KOLOMMEN: Final = (
    Kolom("pgn", cells.pgn_of, ("bsn", "bsn_own")),
    Kolom("vestigingscode", cells.vestigingscode_of, ("vestiging",)),
    Kolom("begindatum", cells.date_of),
    Kolom("einddatum", cells.date_of, leeg=True),
    Kolom("naam", cells.text_of, nodig=False, leeg=True),
)
HEADER: Final = "BSN_OWN;Vestiging;begin_datum;EINDDATUM"


def found(folder: Path, *lines: str, name: str = "lijst.csv") -> list[Read | Afkeuring]:
    """Return the rows of a file with these lines."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with opened_sheet(path) as sheet:
        return list(read_rows(sheet, KOLOMMEN))


def told(rows: list[Read | Afkeuring]) -> list[str]:
    """Return all that is wrong with the refused rows, with their numbers."""
    return [
        f"{row.rijen[0].regelnummer} {problem}"
        for row in rows
        if isinstance(row, Afkeuring)
        for problem in row.problems
    ]


def test_rows_are_read_by_field_whatever_their_headers_are_called(tmp_path: Path) -> None:
    (row,) = found(tmp_path, HEADER + ";x", "123456782; 12QN00 ;1-8-2024;;y")
    assert isinstance(row, Read)
    assert row.velden == {
        "pgn": "123456782",
        "vestigingscode": "12QN00",
        "begindatum": date(2024, 8, 1),
        "einddatum": None,
        "naam": None,
    }
    assert row.warnings == ()
    assert row.rij.regelnummer == 2


def test_what_is_put_back_is_a_warning_with_its_field(tmp_path: Path) -> None:
    (row,) = found(tmp_path, HEADER, '91000002;="02QN00";1-8-2024;')
    assert isinstance(row, Read)
    assert row.velden["pgn"] == "091000002"
    assert row.velden["vestigingscode"] == "02QN00"
    assert [str(warning) for warning in row.warnings] == [
        (
            'vestigingscode: de cel was geschreven als ="…"; de tekst tussen de aanhalingstekens is'
            " gelezen; bewaar codes voortaan als gewone tekst"
        ),
        "pgn: voorloopnul teruggezet; bewaar het nummer voortaan als tekst",
    ]


def test_all_that_is_wrong_with_a_row_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    rows = found(
        tmp_path,
        HEADER,
        "1,2E+08;12;45689;morgen",
        "123456782;12QN00;1-8-2024",
        ";;;",
        ";12QN00;#VERW!;",
        "123456782;12QN00;1-8-2024;",
    )
    assert told(rows) == [
        (
            "2 pgn: de waarde is geen nummer meer: een spreadsheet heeft het nummer afgerond;"
            " download het bestand opnieuw en open het met deze kolom als tekst"
        ),
        (
            "2 vestigingscode: '12' is niet: twee cijfers, twee letters en twee cijfers;"
            " schrijf bijvoorbeeld 12QN00"
        ),
        (
            "2 begindatum: '45689' is geen datum: een spreadsheet heeft de datum als getal bewaard;"
            " geef de kolom in het spreadsheet de opmaak datum en bewaar opnieuw als CSV"
        ),
        (
            "2 einddatum: 'morgen' is geen bestaande datum; schrijf bijvoorbeeld 1-2-2025 of"
            " 2025-02-01"
        ),
        "3 de regel heeft 3 cellen en de kop 4; zet een waarde met ; erin tussen aanhalingstekens",
        (
            "5 begindatum: '#VERW!' is een fout van een spreadsheet;"
            " herstel de cel in het spreadsheet of vul de waarde in"
        ),
        "5 pgn: is leeg; controleer het nummer bij de bron",
    ]
    assert isinstance(rows[-1], Read)


def test_a_header_without_needed_columns_names_all_of_them(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        found(tmp_path, "naam;vestiging;VESTIGINGSCODE", name="lijst van 123456782.csv")
    assert str(caught.value) == (
        "lijst van *********.csv: pgn: de kolom ontbreekt; zet in de kop: pgn, bsn, bsn_own."
        " vestigingscode: staat twee keer in de kop; houd er een over."
        " begindatum: de kolom ontbreekt; zet in de kop: begindatum."
        " einddatum: de kolom ontbreekt; zet in de kop: einddatum"
    )
    assert [problem.veld for problem in caught.value.problems] == [
        "pgn",
        "vestigingscode",
        "begindatum",
        "einddatum",
    ]


def test_headers_are_matched_by_letters_and_digits_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("TEL DATUM;bsn_own;;x", encoding="utf-8")
    with opened_sheet(path) as sheet:
        assert headers_of(sheet) == {"TELDATUM", "BSNOWN", "X"}


def test_objects_of_json_lines_may_leave_out_what_may_be_empty(tmp_path: Path) -> None:
    rows = found(
        tmp_path,
        '{"pgn": "123456782", "vestiging": "12QN00", "begindatum": "2024-08-01"}',
        '{"bsn": 123456782, "begindatum": 20240801, "naam": null, "einddatum": "2025-07-31"}',
        "[1]",
        '{"naam": ["a"], "pgn": "123456782", "vestigingscode": "12QN00", "begindatum":"1-8-2024"}',
        name="lijst.jsonl",
    )
    assert told(rows) == [
        "2 vestigingscode: is leeg; schrijf bijvoorbeeld 12QN00",
        "3 de regel is geen JSON-object; schrijf een JSON-object per regel",
    ]
    good = [row.velden for row in rows if isinstance(row, Read)]
    assert [fields["einddatum"] for fields in good] == [None, None]
    assert good[1]["naam"] == '["a"]'


def test_json_lines_must_have_what_is_never_empty(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="vestigingscode: de kolom ontbreekt"):
        found(tmp_path, '{"pgn": "1", "begindatum": "2024-08-01"}', name="lijst.jsonl")


def content(sheet: Sheet) -> bytes:
    """Return the file with all rows of a table as if they were refused."""
    return b"".join(
        rejected_rows(sheet, [(rij, f"reden {rij.regelnummer}") for rij in sheet.rijen()])
    )


def test_refused_rows_are_written_as_they_were_with_their_reasons(tmp_path: Path) -> None:
    path = tmp_path / "lijst.csv"
    path.write_bytes('naam,bedrag\né,=1+1\n"a,b",\n="01",@x\nx\n'.encode("cp1252"))
    with opened_sheet(path) as sheet:
        written = content(sheet)
    assert written.decode("utf-8-sig").split("\r\n") == [
        "naam,bedrag,AFGEKEURD",
        "é,=1+1,reden 2",
        '"a,b",,reden 3',
        '"=""01""",@x,reden 4',
        "x,reden 5",
        "",
    ]
    assert written.startswith(b"\xef\xbb\xbf")


def test_refused_rows_that_are_refused_again_have_their_new_reasons_alone(tmp_path: Path) -> None:
    path = tmp_path / "lijst.csv"
    path.write_text("naam;n\na;1\nb;2;3\n", encoding="utf-8")
    for _ in range(2):
        with opened_sheet(path) as sheet:
            path.write_bytes(content(sheet))
    assert path.read_text(encoding="utf-8-sig").splitlines() == [
        "naam;n;AFGEKEURD",
        "a;1;reden 2",
        "b;2;3;reden 3",
    ]


def test_refused_objects_keep_their_fields_and_refused_lines_their_text(tmp_path: Path) -> None:
    path = tmp_path / "lijst.jsonl"
    path.write_text('{"a": [1], "afgekeurd": "oud"}\nkapot\n', encoding="utf-8")
    with opened_sheet(path) as sheet:
        assert content(sheet).decode().splitlines() == [
            '{"a":[1],"afgekeurd":"reden 1"}',
            '{"regel":"kapot","afgekeurd":"reden 2"}',
        ]
