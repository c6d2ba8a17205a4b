"""Rates and other small tables of users: what is read, what is refused, which version holds."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.intake.columns import CellError, amount_of, month_of, whole_number_of
from ledger.intake.tables import TableError
from ledger.times import end_of_day, start_of_day
from projections.supplied import read_ofb, read_tarieven
from projections.tarieven import SOORTEN, MissingTariefError, Tarief, Tarieven, cents
from tests.command import SAMPLES

HEADER = "jaar;soort;categorie;bedrag;regeling;vanaf"
RATES = SAMPLES / "tarieven"


def rates(folder: Path, *lines: str, header: str = HEADER) -> Path:
    """Write a rates file and return its path."""
    path = folder / "tarieven.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def refused(path: Path) -> list[str]:
    """Return the lines of the error that a rates file gives."""
    with pytest.raises(TableError) as caught:
        read_tarieven(path)
    return str(caught.value).splitlines()


def bedrag(
    tarieven: Tarieven, jaar: int, soort: str, categorie: str = "", known: datetime | None = None
) -> Decimal | None:
    """Return the amount that holds, None when there is none."""
    tarief = tarieven.find(jaar, soort, categorie, known)
    return None if tarief is None else tarief.bedrag


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12938,34", "12938.34"),
        ("12938.34", "12938.34"),
        ("12.938,34", "12938.34"),
        ("12,938.34", "12938.34"),
        ("1.234.567", "1234567"),
        ("€ 12.938,34", "12938.34"),
        ("16,6", "16.6"),
        ("0,125", "0.125"),
        ("12938", "12938"),
        ("1234,567", "1234.567"),
        ("-200,10", "-200.10"),
    ],
)
def test_amounts_are_exact_decimals(text: str, amount: str) -> None:
    assert amount_of(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["12.938", "12,938", "1.2.3", "12,5,5", "1e3", "x", "1 2a", "--1"])
def test_what_is_no_amount_or_two_amounts_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        amount_of(text)


@pytest.mark.parametrize(
    "text", ["2025-12", "12-2025", "12/2025", "december 2025", "dec 2025", "DECEMBER  2025"]
)
def test_a_month_is_written_in_several_ways(text: str) -> None:
    assert month_of(text) == date(2025, 12, 1)


@pytest.mark.parametrize("text", ["2025-13", "0-2025", "foo 2025", "d 2025", "2025", "12-25"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        month_of(text)


def test_whole_numbers_may_have_points() -> None:
    assert [whole_number_of(text) for text in ("119", "1.234", "-3")] == [119, 1234, -3]
    with pytest.raises(CellError):
        whole_number_of("12,5")


def test_cents_are_rounded_half_up() -> None:
    amounts = [Decimal(text) for text in ("0.005", "0.015", "0.0149", "2.675", "1")]
    assert [str(cents(amount)) for amount in amounts] == ["0.01", "0.02", "0.01", "2.68", "1.00"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_the_dialects_of_users_are_read(encoding: str, delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "tarieven.csv"
    lines = [
        HEADER,
        '2026;SO;laag;"10.000,50";Regeling é;1-10-2025',
        ";;;;;",
        '2026;sbo;;"5,5";;2025-10-01',
    ]
    path.write_bytes("\r\n".join(lines).replace(";", delimiter).encode(encoding))
    tarieven = read_tarieven(path)
    found = tarieven.find(2026, "so", "LAAG", None)
    assert found == Tarief(2026, "so", "LAAG", Decimal("10000.50"), "Regeling é", date(2025, 10, 1))
    assert bedrag(tarieven, 2026, "sbo", "SBO") == Decimal("5.5")
    assert (tarieven.naam, len(tarieven.sha256)) == ("tarieven.csv", 64)


def test_headers_match_whatever_their_case_and_columns_may_be_more(tmp_path: Path) -> None:
    header = "Vanaf;BEDRAG;Categorie ;Soort;Regeling;JAAR;opmerking"
    path = rates(tmp_path, "2025-10-01;1,5;HOOG;zwaar-po;;2026;x", header=header)
    assert refused(path) == [
        "tarieven.csv:2 categorie: HOOG past niet bij zwaar_po; kies een lege cel"
    ]
    path = rates(tmp_path, "2025-10-01;1,5;;Zwaar PO;;2026;x", header=header)
    assert bedrag(read_tarieven(path), 2026, "zwaar_po") == Decimal("1.5")


def test_all_that_is_wrong_with_a_file_is_said_at_once(tmp_path: Path) -> None:
    path = rates(
        tmp_path,
        "2026;so;SBO;1;x;2025-01-01",
        "26;sso;LAAG;12,938;x;gisteren",
        "2026;so;LAAG;1;x;2025-01-01",
        "2026;so;LAAG;2;x;1-1-2025",
        "2026;so;HOOG;-2;x;2025-01-01",
        "2026;so;HOOG;;x;2025-01-01",
        "2026;so;HOOG;1",
        "2026;so;HOOG;1;x;2025-01-01;;",
        "2026;so;MIDDEN;1;x;2025-01-01;y",
    )
    found = refused(path)
    assert [line.split(";")[0].split(" ", 2)[:2] for line in found] == [
        ["tarieven.csv:2", "categorie:"],
        ["tarieven.csv:3", "jaar:"],
        ["tarieven.csv:3", "soort:"],
        ["tarieven.csv:3", "bedrag:"],
        ["tarieven.csv:3", "vanaf:"],
        ["tarieven.csv:5", "vanaf:"],
        ["tarieven.csv:6", "bedrag:"],
        ["tarieven.csv:7", "bedrag:"],
        ["tarieven.csv:8", "de"],
        ["tarieven.csv:10", "de"],
    ]
    assert found[5] == (
        "tarieven.csv:5 vanaf: 2026 so LAAG vanaf 2025-01-01 staat ook op regel 4;"
        " houd een van beide over of geef de nieuwe een latere datum"
    )
    assert "de regel heeft 4 cellen en de kop 6; zet een waarde met ; erin" in found[8]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "jaar: de kolom ontbreekt"),
        (b"jaar;soort;bedrag;vanaf;regeling\n", ":1 categorie: de kolom ontbreekt"),
        (HEADER.encode() + b";tarief\n", ":1 bedrag: staat twee keer in de kop"),
        (b"PK\x03\x04rest", "dit is een werkmap; bewaar het blad als CSV"),
        (b"jaar\x81;soort", "de tekens zijn niet te lezen"),
        (HEADER.encode() + b'\n2026;so;LAAG;1;"x"y;2025-01-01\n', ":2 de regel is geen CSV"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "tarieven.csv"
    path.write_bytes(content)
    assert expected in "\n".join(refused(path))


def test_a_value_over_two_lines_keeps_the_line_numbers_right(tmp_path: Path) -> None:
    path = rates(tmp_path, '2026;so;LAAG;1;"een', 'twee";2025-01-01', "x;so;HOOG;1;;2025-01-01")
    assert [line.split(" ")[0] for line in refused(path)] == ["tarieven.csv:4"]


def test_a_version_holds_from_its_day_until_the_next(tmp_path: Path) -> None:
    tarieven = read_tarieven(
        rates(
            tmp_path,
            "2026;so;LAAG;3;derde;2026-09-01",
            "2026;so;LAAG;1;eerste;2025-10-01",
            "2026;so;LAAG;2;tweede;2026-04-01",
        )
    )
    first, second = date(2025, 10, 1), date(2026, 4, 1)
    assert bedrag(tarieven, 2026, "so", "LAAG") == 3
    before = end_of_day(date(2025, 9, 30))
    assert bedrag(tarieven, 2026, "so", "LAAG", before) is None
    assert bedrag(tarieven, 2026, "so", "LAAG", start_of_day(first)) == 1
    assert bedrag(tarieven, 2026, "so", "LAAG", end_of_day(date(2026, 3, 31))) == 1
    assert bedrag(tarieven, 2026, "so", "LAAG", start_of_day(second)) == 2
    assert bedrag(tarieven, 2025, "so", "LAAG") is None


def test_a_missing_amount_is_named_once_each_with_the_file_and_the_day() -> None:
    tarieven = Tarieven([], "mijn.csv")
    error = tarieven.missing(["2026 so LAAG", "2026 so HOOG", "2026 so LAAG"], None)
    assert isinstance(error, MissingTariefError)
    assert str(error).startswith(
        "in mijn.csv ontbreekt een tarief (jaar soort categorie): 2026 so LAAG; 2026 so HOOG; voeg"
    )
    at = tarieven.missing(["2026 so LAAG"], start_of_day(date(2025, 3, 3)))
    assert "een tarief dat op 03-03-2025 bekend was" in str(at)


def test_a_percentage_may_be_of_one_samenwerkingsverband(tmp_path: Path) -> None:
    tarieven = read_tarieven(
        rates(tmp_path, "2026;lwoo_pct;VO-23-05;10,5;;2025-01-01", "2026;pro_pct;;2;;2025-01-01")
    )
    assert bedrag(tarieven, 2026, "lwoo_pct", "VO2305") == Decimal("10.5")
    assert bedrag(tarieven, 2026, "pro_pct") == 2
    assert "lege cel, of de code" in refused(rates(tmp_path, "2026;lwoo_pct;LAAG;1;;2025-01-01"))[0]


@pytest.mark.parametrize("name", ["historisch.csv", "2024.csv", "voorbeeld.csv"])
def test_the_sample_rates_are_read_and_say_where_they_come_from(name: str) -> None:
    tarieven = read_tarieven(RATES / name)
    rows = [row for versions in tarieven._versions.values() for row in versions]  # noqa: SLF001
    assert len(rows) == len((RATES / name).read_text(encoding="utf-8").splitlines()) - 1
    assert all(row.regeling for row in rows)
    assert {row.soort for row in rows} <= SOORTEN.keys()


def test_the_historical_amounts_are_those_of_the_regulations() -> None:
    tarieven = read_tarieven(RATES / "historisch.csv")
    for jaar, soort, categorie, amount in (
        (2015, "so_jonger_dan_8", "LAAG", "9059.77"),
        (2015, "so_8_en_ouder", "HOOG", "21328.60"),
        (2015, "vso", "MIDDEN", "16229.51"),
        (2016, "vso_materieel", "LAAG", "610.47"),
        (2015, "zwaar_po", "", "318.83"),
        (2016, "zwaar_vo_materieel", "", "28.36"),
        (2014, "zwaar_vo", "", "16.61"),
    ):
        assert bedrag(tarieven, jaar, soort, categorie) == Decimal(amount)


def test_an_ofb_extract_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ofb.csv"
    text = "Periode;Omschrijving;Aantal leerlingen\ndec 2025;SO Laag;1.200\n2025-12;x;\n"
    path.write_text(text, encoding="utf-8")
    ofb = read_ofb(path)
    assert [(row.maand, row.regel, row.aantal, row.bedrag) for row in ofb.regels] == [
        (date(2025, 12, 1), "SO Laag", 1200, None),
        (date(2025, 12, 1), "x", None, None),
    ]
    path.write_text(text + "12-2025;so_laag;3\nmorgen;SO HOOG;vier\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read_ofb(path)
    assert str(caught.value).splitlines() == [
        "ofb.csv:4 regel: 'so_laag' in 2025-12 staat ook op regel 2; tel de regels bij elkaar op",
        "ofb.csv:5 maand: 'morgen' is geen maand; schrijf 2025-12, 12-2025 of december 2025",
        "ofb.csv:5 aantal: 'vier' is geen heel getal; schrijf bijvoorbeeld 119",
    ]
