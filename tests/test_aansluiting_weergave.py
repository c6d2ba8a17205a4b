"""What a reconciliation looks like on a screen, as rows, workbook, page and JSON (cli.md)."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook

from ledger.application import Ledger
from ledger.keys import KEY_VARIABLE
from projections import render
from projections.aansluiting import html, samenvatting
from projections.aansluiting.dekking import dekking, klasseregels, rest, waterval
from projections.aansluiting.model import Aansluiting, Cel
from projections.aansluiting.tabellen import json as json_of
from projections.aansluiting.tabellen import rijen, werkboek
from projections.aansluiting.weergave import Weergave, bedrag, weergave
from tests.aansluitingen import (
    EVENT,
    FOUR,
    OTHER,
    PGN,
    THIRD,
    aansluiting,
    only_duo,
    only_ours,
    paar,
    verschil,
)
from tests.command import GOLDEN
from tests.conftest import Golden
from tests.ledgers import ledger_of

FOLDER = GOLDEN / "aansluiting"
PGNS = (PGN, OTHER, THIRD)
BROKEN = ("1B tegen grootboek, verzegeld op 04-03-2025: 12QN00 SO LAAG: 12 -> 13 door …",)


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """Give an empty ledger whose key is always the same, and so the kenmerken."""
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(bytes(32)).decode())
    with ledger_of() as made:
        yield made


def _shown(ledger: Ledger, made: Aansluiting, **more: Any) -> Weergave:  # noqa: ANN401 - of weergave
    return weergave(ledger, made, paar(), **more)


def _screen(shown: Weergave) -> str:
    return b"".join(samenvatting.render(shown)).decode()


def _page(shown: Weergave) -> str:
    return b"".join(html.render(shown)).decode()


def _answer(shown: Weergave) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(b"".join(json_of(shown)))
    return answer


def _workbook(shown: Weergave) -> bytes:
    return b"".join(render.render(werkboek(shown), "xlsx"))


# The numbers


def test_the_waterfall_goes_from_the_one_number_to_the_other() -> None:
    bars = waterval(aansluiting())
    assert [(bar.label, bar.change) for bar in bars[1:-1]] == [
        ("dubbele-sleutel", -1),
        ("gewijzigd-sinds-download", 1),
        ("tlv-niet-gekoppeld", 0),
        ("alleen-bij-duo", -1),
    ]
    assert (bars[0].end, bars[-1].end) == (105, 104)
    assert bars[-2].end == bars[-1].end


def test_what_no_difference_accounts_for_is_a_bar_of_its_own() -> None:
    made = aansluiting((only_duo(),), totaal_links=110)
    assert rest(made) == -5
    last = waterval(made)[-2]
    assert (last.label, last.start, last.end) == ("niet verklaard", 109, 104)
    assert rest(aansluiting()) == 0


def test_a_class_adds_up_its_differences_and_their_amounts() -> None:
    made = aansluiting((only_ours(), only_ours(PGN, bedrag=None), only_ours(OTHER, wie="school")))
    (regel,) = klasseregels(made)
    assert regel[:5] == ("gewijzigd-sinds-download", 3, 0, 3, ("samenwerkingsverband", "school"))
    assert regel.bedrag == Decimal("-49001.00")


def test_an_amount_that_nobody_knows_is_no_zero() -> None:
    assert [regel.bedrag for regel in klasseregels(aansluiting((verschil(),)))] == [None]


def test_a_row_of_one_side_is_explained_by_an_event_alone() -> None:
    assert dekking(aansluiting((only_duo(),))) == (
        "Verklaard: 0 van 1 verschil (0 %), 0 met een gebeurtenis erbij;"
        " niet verklaard: alleen-bij-duo 1."
    )
    assert dekking(aansluiting((only_duo(gebeurtenissen=(EVENT,)), verschil()))) == (
        "Verklaard: 2 van 2 verschillen (100 %), 1 met een gebeurtenis erbij."
    )


# The screen


def test_a_screen_looks_like_this(ledger: Ledger, golden: Golden) -> None:
    made = (verschil(THIRD, geaccepteerd="school meldt na (AB)"), *FOUR)
    shown = _shown(ledger, aansluiting(made), verbroken=BROKEN)
    golden(FOLDER / "samenvatting.txt", _screen(shown).encode())


def test_a_screen_is_at_most_a_page_and_no_line_is_wide(ledger: Ledger) -> None:
    many = [
        verschil(PGN, sleutel=(f"{n}", "12QN", "1"), klasse=klasse, bedrag=Decimal(n))
        for n, klasse in enumerate(_all_classes() * 4)
    ]
    lines = _screen(_shown(ledger, aansluiting(many), verbroken=BROKEN)).splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 100
    assert "nog 54 weggelaten; --format csv of -o BESTAND geeft alles" in lines


def _all_classes() -> tuple[str, ...]:
    from projections.aansluiting.model import KLASSEN  # noqa: PLC0415 - for this test

    return KLASSEN


def test_a_broken_seal_stands_on_top(ledger: Ledger) -> None:
    lines = _screen(_shown(ledger, aansluiting(), verbroken=BROKEN)).splitlines()
    assert lines[2].startswith("LET OP, zegel verbroken: 1B tegen grootboek")


def test_how_many_keys_were_compared_is_said_when_nothing_differs(ledger: Ledger) -> None:
    said = " ".join(_screen(_shown(ledger, aansluiting((), links=104, gelijk=104))).split())
    assert "104 sleutels links en 104 rechts, 104 gelijk, 0 verschillen." in said
    assert "Geen verschillen." in said


def test_a_terminal_obeys_nothing_that_a_file_says(ledger: Ledger) -> None:
    said = _screen(_shown(ledger, aansluiting((verschil(oorzaak="\x1b[2Jweg"),))))
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), ("0", "0"), ("-0.4", "0"), ("1234567.5", "+1.234.568"), ("-24500.49", "-24.500")],
)
def test_an_amount_is_shown_in_whole_euros(value: str | None, shown: str) -> None:
    assert bedrag(None if value is None else Decimal(value)) == shown


# Rows and JSON


def test_json_has_the_keys_of_the_contract(ledger: Ledger) -> None:
    answer = _answer(_shown(ledger, aansluiting()))
    assert {"herkomst", "vergeleken", "verschillen", "per_klasse"} <= answer.keys()
    counted = answer["vergeleken"]
    assert (counted["links"], counted["rechts"], counted["gelijk"]) == (105, 104, 100)
    row = answer["verschillen"][2]
    assert row["sleutel"] == [PGN, "12QN", "123456789"]
    assert (row["pgn"], row["klasse"], row["wie"], row["bedrag"]) == (
        PGN,
        "tlv-niet-gekoppeld",
        "school",
        None,
    )
    assert row["kolommen"]["WIJZE"]["ons"] == "TLV"
    assert row["kolommen"]["WIJZE"]["duo"] == "Woonplaats leerling"
    assert answer["verschillen"][0]["bedrag"] == -24500.5
    assert [event["id"] for event in answer["verschillen"][0]["gebeurtenissen"]] == [7]
    assert answer["per_klasse"] == {
        "dubbele-sleutel": 1,
        "gewijzigd-sinds-download": 1,
        "tlv-niet-gekoppeld": 1,
        "alleen-bij-duo": 1,
    }


def test_moments_in_json_are_in_amsterdam(ledger: Ledger) -> None:
    row = _answer(_shown(ledger, aansluiting((only_ours(),))))["verschillen"][0]
    assert row["sinds"] == "2025-03-03T23:59:59+01:00"


def test_csv_has_a_row_per_open_difference(ledger: Ledger) -> None:
    made = aansluiting((*FOUR, verschil(THIRD, geaccepteerd="goed (AB)")))
    text = b"".join(render.render(rijen(_shown(ledger, made)), "csv")).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["klasse"] for row in rows] == [one.klasse for one in FOUR]
    assert (rows[2]["kolommen"], rows[2]["ons"], rows[2]["duo"]) == (
        "WIJZE",
        "TLV",
        "Woonplaats leerling",
    )
    assert rows[0]["bedrag"] == "-24500.50"


def test_an_accepted_difference_is_counted_and_not_listed(ledger: Ledger) -> None:
    made = aansluiting((verschil(geaccepteerd="goed (AB)"), only_duo()))
    answer = _answer(_shown(ledger, made))
    assert [row["klasse"] for row in answer["verschillen"]] == ["alleen-bij-duo"]
    assert [row["geaccepteerd"] for row in answer["geaccepteerd"]] == ["goed (AB)"]
    assert answer["per_klasse"] == {"alleen-bij-duo": 1}
    assert answer["vergeleken"]["geaccepteerd"] == 1


def test_a_workbook_has_a_sheet_per_sort_of_difference(ledger: Ledger) -> None:
    book = load_workbook(io.BytesIO(_workbook(_shown(ledger, aansluiting()))))
    assert book.sheetnames == [
        "Samenvatting",
        "Verschillen",
        "Alleen bij ons",
        "Alleen bij DUO",
        "Dubbelen",
        "Herkomst",
    ]
    assert [book[name].max_row - 1 for name in book.sheetnames[1:5]] == [1, 1, 1, 1]
    keys = {str(book[name].cell(2, 4).value)[:9] for name in book.sheetnames[1:5]}
    assert keys == {PGN, OTHER, THIRD}


# The page


def test_the_page_is_well_formed_and_loads_and_runs_nothing(ledger: Ledger) -> None:
    page = _page(_shown(ledger, aansluiting(), verbroken=BROKEN))
    root = ET.fromstring(page.removeprefix("<!DOCTYPE html>"))  # noqa: S314 - we wrote it
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not names & {"script", "link", "img", "iframe", "object", "image", "use"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not attributes & {"href", "src", "onload", "onclick"}
    assert "default-src 'none'" in page
    assert "@page { size: A4" in page


def test_what_comes_from_a_file_is_escaped_in_the_page(ledger: Ledger) -> None:
    bad = "<script>alert(1)</script>&\"'"
    made = verschil(oorzaak=bad, kolommen={bad: Cel(bad, None)}, sleutel=(bad, "12QN", "1"))
    page = _page(_shown(ledger, aansluiting((made,), naam_links=bad), verbroken=(bad,)))
    ET.fromstring(page.removeprefix("<!DOCTYPE html>"))  # noqa: S314 - we wrote it
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_page_has_every_difference_with_its_events(ledger: Ledger) -> None:
    page = _page(_shown(ledger, aansluiting()))
    assert page.count('<th scope="row" class="code">') == len(FOUR)
    assert "TlvGekoppeld 12QN/123456789 (gebeurtenis 7, bekend op 03-03-2025 23:59" in page


# Without PGN's


def _everything(shown: Weergave) -> Iterator[str]:
    yield _screen(shown)
    yield _page(shown)
    yield b"".join(json_of(shown)).decode()
    for form in ("csv", "csv-excel", "jsonl"):
        yield b"".join(render.render(rijen(shown), form)).decode()
    with zipfile.ZipFile(io.BytesIO(_workbook(shown))) as book:
        yield from (book.read(name).decode() for name in book.namelist())


def test_incognito_shows_no_pgn_anywhere(ledger: Ledger) -> None:
    cells = {"BSN_OWN": Cel(OTHER, THIRD), "OPMERKING": Cel(THIRD, "geen")}
    made = aansluiting(
        (*FOUR, verschil(kolommen=cells, plaatsen=(f"{THIRD}.csv regel 2",), geaccepteerd=PGN)),
        bestanden=(f"{PGN}.csv",),
    )
    open_ = list(_everything(_shown(ledger, made)))
    assert all(pgn in "".join(open_) for pgn in PGNS)
    for text in _everything(_shown(ledger, made, zonder_pgn=True)):
        assert not [pgn for pgn in PGNS if pgn in text]


def test_a_pupil_has_one_pseudonym_throughout_the_report(ledger: Ledger) -> None:
    answer = _answer(_shown(ledger, aansluiting(), zonder_pgn=True))
    names = [row["pgn"] for row in answer["verschillen"]]
    assert names == ["leerling-001", "leerling-002", "leerling-003", "leerling-003"]
    assert [row["sleutel"][0] for row in answer["verschillen"]] == names
    assert answer["verschillen"][2]["oorzaak"] == "de tlv van leerling-003 is bij ons gekoppeld"
    assert "nieuw_pgn=leerling-002" in answer["verschillen"][0]["gebeurtenissen"][0]["omschrijving"]


def test_incognito_keeps_the_enrolment_number_that_looks_like_a_pgn(ledger: Ledger) -> None:
    looks_like = verschil(sleutel=(PGN, "12QN", OTHER))
    (row,) = _answer(_shown(ledger, aansluiting((looks_like,)), zonder_pgn=True))["verschillen"]
    assert row["sleutel"] == ["leerling-001", "12QN", OTHER]


def test_the_kenmerk_of_a_difference_is_the_same_with_and_without_pgns(ledger: Ledger) -> None:
    with_, without = (
        [row["kenmerk"] for row in _answer(_shown(ledger, aansluiting(), **how))["verschillen"]]
        for how in ({}, {"zonder_pgn": True})
    )
    assert with_ == without
    assert all(len(kenmerk) == 12 for kenmerk in with_)
