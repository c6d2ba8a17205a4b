"""The codes of the field: their forms and checks (outputs-and-rules.md 9)."""

from __future__ import annotations

from itertools import islice
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import codes
from ledger.codes import check_pgn, normalise_swv, pgn_is_valid, sector_of_swv, swv_of_tlv
from synthetic.numbers import bsn_numbers, onderwijsnummers


@pytest.mark.parametrize("bsn", ["123456782", "111222333", "210000004", "999999990"])
def test_a_bsn_passes_the_eleven_check(bsn: str) -> None:
    assert check_pgn(bsn) == (True, False)


@pytest.mark.parametrize("number", ["100000004", "100000041", "101222331"])
def test_an_onderwijsnummer_passes_its_own_check(number: str) -> None:
    assert pgn_is_valid(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123456789",
        "12345678",
        "1234567820",
        "000000000",
        "12345678a",
        "1234 56782",
        "123.456.782",
        "\N{ARABIC-INDIC DIGIT ONE}23456782",
        "123456782\n",
    ],
)
def test_anything_else_is_no_pgn(text: str) -> None:
    assert not pgn_is_valid(text)


def test_made_up_numbers_pass_by_both_rules() -> None:
    for numbers in (bsn_numbers(1), onderwijsnummers(1)):
        assert {check_pgn(number) for number in islice(numbers, 500)} == {(True, False)}


@given(st.integers(0, 99_999_999))
def test_of_ten_last_digits_at_most_one_makes_a_bsn_and_one_an_onderwijsnummer(
    first_eight: int,
) -> None:
    """9a + 8b + ... + 2h minus the last digit leaves 0 for a BSN and 5 for an onderwijsnummer."""
    head = f"{first_eight:08}"
    weighted = sum((9 - place) * int(digit) for place, digit in enumerate(head))
    rests = {0, 5} if head.startswith("10") else {0}
    wanted = {f"{head}{last}" for last in range(10) if (weighted - last) % 11 in rests}
    valid = {f"{head}{last}" for last in range(10) if pgn_is_valid(f"{head}{last}")}
    assert valid == wanted - {"000000000"}


@given(st.integers(10_000_000, 10_999_999))
def test_an_onderwijsnummer_of_the_modern_rule_alone_is_told(first_eight: int) -> None:
    """A-30: the older rule wants the weighted sum modulo 11 to be the last digit plus 5."""
    weighted = sum((9 - place) * int(digit) for place, digit in enumerate(str(first_eight)))
    last = (weighted - 5) % 11
    if last < 10:
        only_modern = weighted % 11 != last + 5
        assert check_pgn(f"{first_eight}{last}") == (True, only_modern)
        assert only_modern == (last > 5)


@pytest.mark.parametrize(
    "text", ["PO2304", "po2304", "PO-23-04", "PO 23.04", "PO-2304", " PO2304 ", "PO23-04"]
)
def test_a_samenwerkingsverband_in_the_ways_people_write_it(text: str) -> None:
    assert normalise_swv(text) == "PO2304"


@pytest.mark.parametrize("text", ["", "2304", "PO230", "PO23045", "XO2304", "PO--2304", "PO23O4"])
def test_anything_else_is_no_samenwerkingsverband(text: str) -> None:
    with pytest.raises(ValueError, match="is geen samenwerkingsverband"):
        normalise_swv(text)


def test_a_tlv_says_who_issued_it_and_for_which_sector() -> None:
    assert swv_of_tlv("PO2304-2021-11111") == "PO2304"
    assert sector_of_swv("PO2304-2021-11111") == "PO"
    assert sector_of_swv("VO2305") == "VO"


FORMS: dict[str, tuple[Any, list[object], list[object]]] = {
    "instellingscode": (
        codes.Instellingscode,
        ["12QN", "00AA"],
        ["2QN", "12qn", "12QN0", "12QN\n", " 12QN"],
    ),
    "vestigingscode": (
        codes.Vestigingscode,
        ["12QN00", "00AA99"],
        ["12QN", "12QN0", "12QN000", "12QN00\n", "12QNAA"],
    ),
    "volgnummer": (
        codes.Volgnummer,
        ["1", "2459428", "PAR705271", "a.b_c-d", "0" * 20],
        ["", "0" * 21, "a b", "a/b", "1\n", "é"],
    ),
    "swv": (codes.Swv, ["PO2304", "VO0001"], ["PO230", "XX2304", "po2304", "PO2304\n"]),
    "tlv": (
        codes.Beschikkingsnummer,
        ["PO2304-2021-11111", "VO2305-2024-00001"],
        ["PO2304-2021-1111", "PO2304202111111", "XO2304-2021-11111", "PO2304-2021-11111\n"],
    ),
    "pc4": (codes.Pc4, ["1000", "9999"], ["0999", "999", "99999", "99AA", "1000\n", 1000]),
    "cluster": (codes.Cluster, [1, 4, "1", "4"], [0, 5, "0", "5", "", "1\n", 1.5, True]),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_code_has_its_form(name: str) -> None:
    form, right, wrong = FORMS[name]
    for value in right:
        assert msgspec.convert(value, form) == value
    for value in wrong:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(value, form)
