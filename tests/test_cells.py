"""The cells of state files: what is read, what is put back, what is refused and how."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from ledger.intake import cells
from ledger.intake.cells import Repaired
from ledger.intake.columns import CellError
from ledger.intake.sheet_types import NumberCell

ZERO_BSN = "091000002"

Reader = Callable[[str], object]


def refused(read: Reader, text: str) -> str:
    """Return what a reader says of a cell that it refuses."""
    with pytest.raises(CellError) as caught:
        read(text)
    return str(caught.value)


def mended(read: Reader, text: str) -> tuple[object, str]:
    """Return the value that was put right, and what was done."""
    value = read(text)
    assert isinstance(value, Repaired)
    return value.value, str(value.problem)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (cells.pgn_of, "123456782", "123456782"),
        (cells.pgn_of, NumberCell("123456782"), "123456782"),
        (cells.pgn_of, "100000004", "100000004"),
        (cells.instellingscode_of, "12qn", "12QN"),
        (cells.vestigingscode_of, "12QN00", "12QN00"),
        (cells.volgnummer_of, "PAR705271", "PAR705271"),
        (cells.volgnummer_of, "2E5", "2E5"),
        (cells.volgnummer_of, NumberCell("2459428"), "2459428"),
        (cells.swv_of, "po-23.04", "PO2304"),
        (cells.tlv_number_of, "po2304-2021-11111", "PO2304-2021-11111"),
        (cells.pc4_of, "7901", "7901"),
        (cells.yes_no_of, "Ja", True),
        (cells.yes_no_of, "nee", False),
        (cells.yes_no_of, "WAAR", True),
        (cells.yes_no_of, "n", False),
        (cells.whole_of, "1.234", 1234),
        (cells.count_of, "12", 12),
        (cells.count_of, "< 5", "<5"),
        (cells.schoolsoort_of, "vso", "VSO"),
        (cells.categorie_of, "SO_VSO_MIDDE", "MIDDEN"),
        (cells.categorie_of, "so_vso_midden", "MIDDEN"),
        (cells.categorie_of, "SO_VSO_HOOG", "HOOG"),
        (cells.categorie_of, "sbo", "SBO"),
        (cells.categorie_of, "L", "LAAG"),
        (cells.soort_verblijf_of, "GEEN", "geen"),
        (cells.soort_verblijf_of, "ijh", "IJH"),
        (cells.text_of, "De Brug", "De Brug"),
    ],
)
def test_cells_are_read_as_people_write_them(read: Reader, text: str, value: object) -> None:
    assert read(text) == value
    assert type(read(text)) is type(value)


@pytest.mark.parametrize(
    ("read", "text", "value", "said"),
    [
        (cells.pgn_of, ZERO_BSN[1:], ZERO_BSN, "voorloopnul teruggezet; bewaar het nummer"),
        (cells.pgn_of, NumberCell("9100003"), "009100003", "voorloopnul teruggezet"),
        (cells.pgn_of, "1234.56.782", "123456782", "tekens tussen de cijfers weggelaten"),
        (cells.pgn_of, "123 456 782", "123456782", "tekens tussen de cijfers weggelaten"),
        (cells.pgn_of, "109000037", "109000037", "aan de huidige regel en niet aan de oudere"),
        (cells.pgn_of, "109-000-037", "109000037", "weggelaten; onderwijsnummer voldoet aan"),
        (cells.instellingscode_of, "3AB", "03AB", "'3AB' is gelezen als '03AB'"),
        (cells.vestigingscode_of, "3ab01", "03AB01", "'3ab01' is gelezen als '03AB01'"),
        (cells.tlv_number_of, "PO2304-2021-12", "PO2304-2021-00012", "voorloopnul teruggezet"),
        (cells.tlv_number_of, "PO-23-04 2021/11111", "PO2304-2021-11111", "de schrijfwijze is"),
        (cells.pc4_of, "7901 AB", "7901", "de letters van de postcode zijn weggelaten"),
    ],
)
def test_what_can_be_put_right_is_and_is_said(
    read: Reader, text: str, value: str, said: str
) -> None:
    found, told = mended(read, text)
    assert found == value
    assert said in told


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (cells.pgn_of, "123456783", "is geen BSN of onderwijsnummer: negen cijfers die de elfpro"),
        (cells.pgn_of, "1,23E+08", "een spreadsheet heeft het nummer afgerond; download het besta"),
        (cells.pgn_of, "1.23456782E8", "een spreadsheet heeft het nummer afgerond"),
        (cells.pgn_of, "91000002.0", "is geen BSN"),
        (cells.pgn_of, "1234567.82", "is geen BSN"),
        (cells.pgn_of, "1234.56-782", "is geen BSN"),
        (cells.pgn_of, "123456", "is geen BSN"),
        (cells.pgn_of, "0123456782", "is geen BSN"),
        (cells.pgn_of, "١٢٣٤٥٦٧٨٢", "is geen BSN"),
        (cells.instellingscode_of, "AB", "is niet: twee cijfers en twee letters; schrijf bijvoo"),
        (cells.vestigingscode_of, "00", "is niet: twee cijfers, twee letters en twee cijfers"),
        (cells.volgnummer_of, "2,46E+06", "een spreadsheet heeft het nummer afgerond"),
        (cells.volgnummer_of, "a" * 21, "is niet: tekst van 1 tot 20 letters, cijfers"),
        (cells.volgnummer_of, "12 3", "is niet: tekst van 1 tot 20"),
        (cells.swv_of, "PA2304", "is niet: een samenwerkingsverband: PO of VO en vier cijfers"),
        (cells.tlv_number_of, "PO2304202111111", "is niet: een beschikkingsnummer"),
        (cells.pc4_of, "0901", "is niet: vier cijfers van een postcode"),
        (cells.yes_no_of, "misschien", "is geen Ja of Nee; schrijf Ja of Nee"),
        (cells.whole_of, "-3", "is lager dan nul"),
        (cells.whole_of, "1,5", "is geen heel getal"),
        (cells.count_of, "<6", "is geen heel getal"),
        (cells.schoolsoort_of, "(V)SO", "is niet een van BO, SBO, SO, VSO, VO; kies"),
        (cells.categorie_of, "SO_VSO_SBO", "is niet een van SBO, LAAG, MIDDEN, HOOG; kies"),
        (cells.categorie_of, "Nvt", "is niet een van SBO, LAAG, MIDDEN, HOOG"),
        (cells.soort_verblijf_of, "intern", "is niet een van geen, IJH, IGZ, IJG, GJI, JJI"),
    ],
)
def test_what_cannot_be_read_is_refused_with_rule_and_remedy(
    read: Reader, text: str, said: str
) -> None:
    assert said in refused(read, text)


@pytest.mark.parametrize("text", ["123456783", "91000002.0", "1,2E+08", "1234.56.783", "1234567"])
def test_a_refused_pgn_is_never_shown(text: str) -> None:
    with pytest.raises(CellError) as caught:
        cells.pgn_of(text)
    assert caught.value.verborgen
    assert text not in str(caught.value)


@pytest.mark.parametrize("text", [ZERO_BSN[1:], "9100003", "1234.56.782", "109000037"])
def test_a_mended_pgn_is_not_shown_in_what_is_said(text: str) -> None:
    value, told = mended(cells.pgn_of, text)
    assert text not in told
    assert str(value) not in told


@pytest.mark.parametrize(
    "text",
    [
        "1-2-2025",
        "01-02-2025",
        "1/2/2025",
        "2025-02-01",
        "20250201",
        "2025-02-01 00:00:00",
        "2025-02-01T00:00:00",
        "1-2-2025 0:00",
        NumberCell("20250201"),
        NumberCell("45689"),
    ],
)
def test_a_day_is_written_in_several_ways(text: str) -> None:
    assert cells.date_of(text) == date(2025, 2, 1)


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        ("1", date(1900, 1, 1)),
        ("59", date(1900, 2, 28)),
        ("61", date(1900, 3, 1)),
        ("401768", date(2999, 12, 31)),
    ],
)
def test_a_number_in_a_workbook_is_a_day_of_the_1900_system(serial: str, day: date) -> None:
    assert cells.date_of(NumberCell(serial)) == day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("45689", "een spreadsheet heeft de datum als getal bewaard; geef de kolom"),
        ("45689,5", "een spreadsheet heeft de datum als getal bewaard"),
        ("1-2-25", "heeft een jaar van twee cijfers; schrijf het jaar met vier cijfers"),
        ("31-12-9999", "ligt buiten 1900 tot en met 2999; laat een datum die er niet is leeg"),
        ("99991231", "ligt buiten 1900 tot en met 2999"),
        ("30-2-2025", "is geen bestaande datum; schrijf bijvoorbeeld 1-2-2025"),
        ("2025-02-01 13:45:00", "is geen bestaande datum"),
        ("februari", "is geen bestaande datum"),
        (NumberCell("60"), "is geen bestaande datum"),
        (NumberCell("0"), "is geen bestaande datum"),
        (NumberCell("-1"), "is geen bestaande datum"),
        (NumberCell("401769"), "is geen bestaande datum"),
        (NumberCell("45689.5"), "is geen bestaande datum"),
    ],
)
def test_what_is_no_day_is_refused(text: str, said: str) -> None:
    assert said in refused(cells.date_of, text)


def test_a_serial_of_a_workbook_does_not_make_the_same_text_a_day() -> None:
    assert cells.date_of(NumberCell("45690")) == date(2025, 2, 2)
    assert "als getal bewaard" in refused(cells.date_of, "45690")
