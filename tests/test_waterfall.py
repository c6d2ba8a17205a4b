"""Why a count changed, drawn: the bars, the screen, the picture and the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.render import waterfall_text
from projections.render.waterfall import Bar, Scale, bars, scale
from projections.render.waterfall_frame import frame
from projections.render.waterfall_page import CSP
from projections.render.waterfall_picture import html, svg
from projections.render.waterfall_words import sides
from projections.report import Report
from projections.verklaring import CORRECTIES, MUTATIES, Kant, Klasse, Stap, Verklaring, Wijziging
from tests.conftest import Golden
from tests.waterfalls import (
    CLASSES_OF,
    DATUM,
    DOOR,
    FEBRUARI,
    IN,
    KOPPELING,
    LAAT,
    NAAR_ANDER,
    UIT,
    VERWIJDERD,
    both,
    change,
    changes,
    event,
    report,
    row,
    verklaring,
)

GOLDEN = Path(__file__).parent / "golden" / "waterval"
SVG = "{http://www.w3.org/2000/svg}"
XHTML = "{http://www.w3.org/1999/xhtml}"
BARS_FROM = 67
"""The place on a line where the drawing begins."""

STAND_1 = "Stand per 01-10-2024, zoals bekend op 03-03-2025 23:59"
BETWEEN = "Stand per 01-10-2024, zoals bekend op 12-05-2025 23:59"
STAND_2 = "Stand per 01-02-2025, zoals bekend op 12-05-2025 23:59"

HOSTILE = "<script>alert('&\"')</script>]]><!--\x1b[31m\x00\x07\nrood\u202e\ud800\ufffe"


def text(value: Verklaring, max_rows: int | None = None, *, colour: bool = False) -> str:
    return b"".join(waterfall_text.render(report(value), max_rows=max_rows, colour=colour)).decode()


def chart(value: Verklaring) -> list[str]:
    """Return the lines of the waterfall, without heading, notes and pupils."""
    return text(value).split("\n\n")[1].splitlines()


def drawings(value: Verklaring) -> dict[str, str]:
    """Return what is drawn on each line, by its label."""
    lines = [line for line in chart(value)[1:] if len(line) > BARS_FROM]
    return {re.split(r" {2,}", line.strip())[0]: line[BARS_FROM:] for line in lines}


def labels(value: Verklaring) -> list[str]:
    return [bar.label for bar in bars(value)]


def written(render: Callable[[Report], Iterator[bytes]], value: Verklaring) -> str:
    return b"".join(render(report(value))).decode()


def drawn(value: Verklaring) -> ET.Element:
    return ET.fromstring(written(svg, value))  # noqa: S314 - our own bytes


def texts(element: ET.Element) -> list[str]:
    return ["".join(found.itertext()) for found in element.iter(f"{SVG}text")]


# --- the bars -----------------------------------------------------------------------------


def test_the_bars_go_from_the_one_count_to_the_other() -> None:
    value = verklaring(
        10,
        [
            *changes(CORRECTIES, LAAT, 1, 1, 1),
            *changes(CORRECTIES, VERWIJDERD, -1, first=10),
            *changes(MUTATIES, DOOR, 0, 0, first=20),
            *changes(MUTATIES, UIT, -1, -1, first=30),
        ],
    )
    assert bars(value) == (
        Bar(STAND_1, "stand", 0, 10),
        Bar(LAAT, "erbij", 10, 13, 3, CORRECTIES),
        Bar(VERWIJDERD, "eraf", 13, 12, 1, CORRECTIES),
        Bar(BETWEEN, "stand", 0, 12),
        Bar(UIT, "eraf", 12, 10, 2, MUTATIES),
        Bar(DOOR, "gelijk", 10, 10, 2, MUTATIES),
        Bar(STAND_2, "stand", 0, 10),
    )


@pytest.mark.parametrize(
    ("stap", "klasse"), [(CORRECTIES, "late registratie"), (MUTATIES, "instroom")]
)
def test_one_step_alone_needs_no_count_between(stap: Stap, klasse: Klasse) -> None:
    assert labels(verklaring(10, changes(stap, klasse, 1))) == [STAND_1, klasse, STAND_2]


def test_no_difference_is_two_counts() -> None:
    assert labels(verklaring(10, [])) == [STAND_1, STAND_2]


def test_a_count_of_all_that_is_known_says_so() -> None:
    now = Kant(FEBRUARI, None, 10, "voorlopig")
    value = Verklaring(now, now, 0, {CORRECTIES: {}, MUTATIES: {}}, ())
    assert labels(value) == ["Stand per 01-02-2025, zoals nu bekend"] * 2


def test_a_pupil_is_counted_once_in_a_class() -> None:
    twice = [change(MUTATIES, DOOR, 0, 1), change(MUTATIES, DOOR, 0, 1)]
    assert [bar.leerlingen for bar in bars(verklaring(10, twice))] == [0, 1, 0]


@pytest.mark.parametrize(
    ("van", "first", "second", "expected"),
    [
        (0, 0, 0, Scale(0, 1, 1)),
        (10, 0, 0, Scale(0, 10, 2)),
        (0, 4, 0, Scale(0, 4, 1)),
        (12, 8, 2, Scale(0, 20, 5)),
        (3000, 5, 2, Scale(2999, 3005, 1)),
        (1_000_000, 3, 0, Scale(999_999, 1_000_003, 1)),
        (61, 30, 0, Scale(50, 100, 10)),
        (60, 30, 0, Scale(0, 100, 20)),
    ],
)
def test_the_axis_has_round_steps_and_leaves_out_only_what_is_alike(
    van: int, first: int, second: int, expected: Scale
) -> None:
    value = verklaring(
        van,
        [*changes(MUTATIES, IN, *[1] * first), *changes(MUTATIES, UIT, *[-1] * second, first=500)],
    )
    assert scale(bars(value), 6) == expected


@st.composite
def verklaringen(draw: st.DrawFn) -> Verklaring:
    """Draw a count, and per class some pupils that come, go or stay."""
    pupils = st.integers(0, draw(st.sampled_from([2, 20, 200])))
    found: list[Wijziging] = []
    for stap, klassen in CLASSES_OF.items():
        for klasse in draw(st.sets(st.sampled_from(klassen))):
            bijdragen = [sign for sign in (-1, 0, 1) for _ in range(draw(pupils))]
            found += changes(stap, klasse, *bijdragen, first=len(found))
    away = sum(one.bijdrage < 0 for one in found)
    return verklaring(away + draw(st.integers(0, 100_000)), found)


@given(verklaringen())
def test_every_bar_starts_where_the_one_before_it_ended(value: Verklaring) -> None:
    found = bars(value)
    assert (found[0].end, found[-1].end) == (value.van.aantal, value.naar.aantal)
    for before, after in pairwise(found):
        assert before.end == (after.end if after.kind == "stand" else after.start)
    assert sum(bar.change for bar in found if bar.stap) == value.verschil
    assert sum(bar.leerlingen for bar in found) == len(value.leerlingen)
    assert {bar.kind for bar in found if bar.stap is None} == {"stand"}


@given(verklaringen(), st.integers(2, 40))
def test_every_number_lies_on_the_axis(value: Verklaring, most: int) -> None:
    found = bars(value)
    axis = scale(found, most)
    assert axis.base <= min(bar.end for bar in found) <= max(bar.end for bar in found) <= axis.top
    assert 1 <= axis.steps <= most
    assert (axis.ticks[0], axis.ticks[-1]) == (axis.base, axis.top)
    assert (axis.place(axis.base, 7), axis.place(axis.top, 7)) == (0, 7)


@given(verklaringen())
def test_columns_stand_apart_inside_the_picture(value: Verklaring) -> None:
    found = bars(value)
    plot = frame(found, 100)
    boxes = [plot.box(column, bar) for column, bar in enumerate(found)]
    for before, after in pairwise(boxes):
        assert before.x + before.width < after.x
    assert boxes[-1].x + boxes[-1].width < plot.width
    assert all(plot.top - 0.01 <= box.y <= plot.bottom for box in boxes)


# --- the screen ---------------------------------------------------------------------------


def test_the_waterfall_of_corrections_and_mutations() -> None:
    assert chart(both()) == [
        " " * 44 + "leerlingen     aantal  1.201                    1.216",
        STAND_1 + "      1.204  ≈━━━━━",
        "Correcties                                          14         +3",
        "  late registratie                                   7         +7        ██████████████",
        "  gecorrigeerde datum                                4         -2                  ▒▒▒▒",
        "  verwijderde inschrijving                           1         -1                ▒▒",
        "  tlv-koppeling                                      1          0               ·",
        "  dubbele inschrijving opgelost                      1         -1              ▒▒",
        BETWEEN + "      1.207  ≈━━━━━━━━━━━",
        "Mutaties                                            18         +2",
        "  instroom                                           9         +9" + " " * 14 + "█" * 18,
        "  uitstroom                                          5         -5" + " " * 22 + "▒" * 10,
        "  doorstroom                                         2          0                     ·",
        "  overgang naar ander samenwerkingsverband           2         -2                  ▒▒▒▒",
        STAND_2 + "      1.209  ≈━━━━━━━━━━━━━━━",
    ]


def test_the_notes_tell_the_difference_and_the_axis() -> None:
    assert text(both()).split("\n\n")[2].splitlines() == [
        "Verschil +5: van 1.204 (definitief) naar 1.209 (na vaststelling).",
        "━ stand   █ erbij   ▒ eraf   · per saldo gelijk",
        "≈ De as begint bij 1.201 en niet bij 0; 1 leerling is 2 tekens breed.",
    ]


def test_an_axis_from_zero_says_so() -> None:
    value = verklaring(2, changes(CORRECTIES, LAAT, *[1] * 400))
    shown = text(value)
    assert "\nDe as begint bij 0; 20 leerlingen zijn 1 teken breed.\n" in shown
    assert "≈" not in shown


def test_no_difference_has_no_pupils_and_no_legend() -> None:
    assert text(verklaring(3, [])).split("\n\n", 1)[1] == (
        " " * 44 + "leerlingen     aantal  0                               3\n"
        f"{STAND_1}          3  {'━' * 33}\n"
        f"{STAND_2}          3  {'━' * 33}\n"
        "\n"
        "Verschil 0: van 3 (definitief) naar 3 (na vaststelling).\n"
        "Geen correcties.\n"
        "Geen mutaties.\n"
    )


def test_a_step_without_classes_is_told() -> None:
    assert "\nGeen correcties.\n" in text(verklaring(3, changes(MUTATIES, IN, 1)))
    assert "\nGeen mutaties.\n" in text(verklaring(3, changes(CORRECTIES, LAAT, 1)))


def test_small_changes_to_a_large_count_are_seen() -> None:
    value = verklaring(
        3000, [*changes(MUTATIES, IN, *[1] * 5), *changes(MUTATIES, UIT, -1, -1, first=10)]
    )
    assert drawings(value) == {
        STAND_1: "≈━━━━",
        IN: " " * 5 + "█" * 25,
        UIT: " " * 20 + "▒" * 10,
        STAND_2: "≈━━━━━━━━━━━━━━━━━━━",
    }


def test_blocks_are_drawn_in_eighths() -> None:
    value = verklaring(0, [*changes(MUTATIES, IN, *[1] * 121), *changes(MUTATIES, DOOR, 0)])
    assert drawings(value)[IN] == "████████████████████████▎"
    assert drawings(value)[DOOR] == " " * 23 + "·"


def test_one_pupil_on_a_long_axis_is_still_drawn() -> None:
    value = verklaring(
        10_000,
        [
            *changes(CORRECTIES, LAAT, *[1] * 900),
            *changes(CORRECTIES, DATUM, -1, first=1000),
            *changes(MUTATIES, IN, 1, first=2000),
        ],
    )
    found = drawings(value)
    assert found[DATUM].strip() == "▒"
    assert len(found[IN].strip()) == 1


def test_a_pupil_is_shown_with_its_events() -> None:
    told = [
        event(17800),
        event(18190, "InschrijvingVerwijderd", "duo", "", None, "reden=dubbel ingevoerd"),
    ]
    value = verklaring(10, [change(CORRECTIES, VERWIJDERD, -1, 41, *told)])
    assert text(value).split("\n\n", 3)[3] == (
        "Leerlingen en gebeurtenissen\n"
        "pgn       +/-  klasse                         voor → na\n"
        "      positie  gebeurtenis                 bekend op         geboekt op\n"
        "               bron, bestand:regel  onderwerp: wat er gebeurde\n"
        "\n"
        "Correcties: 1 leerling\n"
        "900000041  -1  verwijderde inschrijving       SO 12QN00 LAAG TLV → (geen inschrijving)\n"
        "        17800  InschrijvingGeregistreerd   02-04-2025 10:15  03-04-2025 08:00"
        "  na vaststelling\n"
        "               school, regio.jsonl:1207  12QN/2459428: begindatum=2024-08-01,"
        " vestigingscode=12QN00…\n"
        "        18190  InschrijvingVerwijderd      02-04-2025 10:15  03-04-2025 08:00"
        "  na vaststelling\n"
        "               duo  12QN/2459428: reden=dubbel ingevoerd\n"
    )


def test_pupils_come_per_step_and_class_in_the_order_of_the_waterfall() -> None:
    value = verklaring(
        10,
        [
            *changes(MUTATIES, NAAR_ANDER, -1, first=1),
            *changes(MUTATIES, IN, 1, first=2),
            *changes(CORRECTIES, KOPPELING, 0, first=3),
            *changes(CORRECTIES, LAAT, 1, first=4),
        ],
    )
    found = re.findall(r"^(9\d{8}|Correcties:|Mutaties:)", text(value), re.MULTILINE)
    assert found == [
        "Correcties:", "900000005", "900000004",
        "Mutaties:", "900000003", "900000002",
    ]  # fmt: skip


def test_a_forgotten_pupil_goes_by_its_id() -> None:
    forgotten = msgspec.structs.replace(change(MUTATIES, IN, 1, 7), pgn="")
    shown = text(verklaring(10, [forgotten]))
    assert "\n0b0c0000…  +1  instroom" in shown
    assert ">0b0c00000007-0000-4000-8000-000000000000<" in written(
        html, verklaring(10, [forgotten])
    )


def test_outside_the_count_stands_in_brackets() -> None:
    def after(buiten: object) -> str:
        given_ = change(MUTATIES, UIT, -1, 1)
        return sides(msgspec.structs.replace(given_, na_buiten=buiten))[1]

    assert after(None) == "(geen inschrijving)"
    assert after(row(swv="PO9902")) == "(PO9902)"
    assert after(row(reden="niet bekostigbaar")) == "(niet bekostigbaar)"
    assert after(row("12QN01")) == "(SO 12QN01 LAAG TLV)"
    regular = msgspec.structs.replace(
        row(swv=None, categorie=None), schoolsoort="BO", basis=None, wijze_van_bepaling=""
    )
    assert after(regular) == "(BO 12QN00)"


def test_sides_that_look_alike_show_what_differs() -> None:
    def sides_of(**fields: object) -> tuple[str, str]:
        given_ = change(MUTATIES, DOOR, 0, 1)
        na = msgspec.structs.replace(row(), **fields)
        return sides(msgspec.structs.replace(given_, na=na))

    assert sides_of(beschikkingsnummer=None) == ("PO2304-2024-00021", "geen tlv")
    assert sides_of(volgnummer="7") == ("12QN/2459428", "12QN/7")
    assert sides_of(wijze_van_bepaling="Vorige inschrijving") == ("TLV", "Vorige inschrijving")
    assert sides_of() == ("SO 12QN00 LAAG TLV",) * 2


@pytest.mark.parametrize(
    ("max_rows", "shown", "left_out"),
    [
        (0, 0, "nog 2.000 leerlingen weggelaten"),
        (2, 0, "nog 2.000 leerlingen weggelaten"),
        (3, 1, "nog 1.999 leerlingen weggelaten"),
        (40, 13, "nog 1.987 leerlingen weggelaten"),
        (5999, 1999, "nog 1 leerling weggelaten"),
        (6000, 2000, ""),
        (None, 2000, ""),
    ],
)
def test_what_does_not_fit_is_counted(max_rows: int | None, shown: int, left_out: str) -> None:
    value = verklaring(100, changes(MUTATIES, IN, *[1] * 2000))
    lines = text(value, max_rows).splitlines()
    pupils = [line for line in lines if line.startswith("9000")]
    told = [line for line in lines if re.match(r" {6,}\d+ |  .*regio\.jsonl", line)]
    assert len(pupils) == shown
    assert len(told) == 2 * shown
    assert [line for line in lines if line.startswith("nog")] == (
        [f"{left_out}; --format json of -o BESTAND geeft alles"] if left_out else []
    )


def test_a_pupil_left_out_in_both_steps_is_counted_once() -> None:
    value = verklaring(9, [change(CORRECTIES, LAAT, 1, 5), change(MUTATIES, UIT, -1, 5)])
    assert "\nnog 1 leerling weggelaten;" in text(value, 0)
    assert "\nnog 1 leerling weggelaten;" in text(value, 3)


def test_colour_only_when_asked() -> None:
    plain, coloured = text(both()), text(both(), colour=True)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    assert "\x1b[32m██████████████\x1b[0m" in re.sub(r"m +", "m", coloured)
    assert "900000011 \x1b[32m +1\x1b[0m  late registratie" in coloured
    assert "900000041 \x1b[31m -1\x1b[0m  verwijderde inschrijving" in coloured
    assert coloured.startswith("\x1b[1mWaarom het aantal veranderde\x1b[0m\nVan stand per")


def hostile() -> Verklaring:
    """Return an explanation with HOSTILE wherever a text comes from outside."""
    bad = msgspec.structs.replace(
        event(1, HOSTILE, HOSTILE * 3, HOSTILE * 9, 12, HOSTILE * 9), sleutel=HOSTILE
    )
    bad_row = msgspec.structs.replace(
        row(reden=HOSTILE), volgnummer=HOSTILE, vestigingscode=HOSTILE
    )
    one = change(MUTATIES, UIT, -1, 1, bad, buiten=bad_row)
    inside = msgspec.structs.replace(bad_row, telt=True, reden="")
    return verklaring(
        10, [msgspec.structs.replace(one, pgn=HOSTILE, leerling=HOSTILE, voor=inside)]
    )


def hostile_report() -> Report:
    made = report(hostile(), titel=HOSTILE * 9)
    herkomst = msgspec.structs.replace(
        made.herkomst, opdracht=HOSTILE, versie=HOSTILE, hoofd=HOSTILE, opmerkingen=(HOSTILE,) * 2
    )
    return msgspec.structs.replace(made, herkomst=herkomst)


def test_no_text_reaches_the_terminal_that_it_would_obey() -> None:
    lines = b"".join(waterfall_text.render(hostile_report())).decode().split("\n")
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) <= 100


@given(verklaringen(), st.sampled_from([None, 0, 30]))
def test_no_line_is_wider_than_the_screen(value: Verklaring, max_rows: int | None) -> None:
    lines = text(value, max_rows).split("\n")
    assert max(map(len, lines)) <= 100
    assert all(line == line.rstrip() for line in lines)


# --- the picture --------------------------------------------------------------------------


def test_the_picture_tells_what_it_shows_to_who_does_not_see_it() -> None:
    picture = drawn(both())
    assert picture.attrib["role"] == "img"
    assert picture.attrib["lang"] == "nl"
    named = picture.attrib["aria-labelledby"].split()
    title, desc = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert named == [title.attrib["id"], desc.attrib["id"]]
    assert title.text == "Waarom het aantal veranderde"
    assert desc.text is not None
    assert desc.text.startswith(
        f"Verschil +5. {STAND_1}: 1.204 leerlingen. "
        "Correcties, late registratie: +7 (7 leerlingen). "
    )


def test_the_picture_has_both_moments_the_position_and_every_value() -> None:
    shown = texts(drawn(both()))
    assert shown[1:5] == [
        f"Van: s{STAND_1[1:]}: 1.204 leerlingen (definitief)",
        f"Naar: s{STAND_2[1:]}: 1.209 leerlingen (na vaststelling)",
        "Verschil +5; gelezen tot en met gebeurtenis 18204",
        "Selectie: samenwerkingsverband PO2304, schoolsoort SO.",
    ]
    shown = [one.replace("\N{MINUS SIGN}", "-") for one in shown]
    values = [one for one in shown if re.fullmatch(r"[+-]\d+|0|1\.20[479]", one)]
    assert values == [
        "+3", "+2", "1.204", "+7", "-2", "-1", "0", "-1", "1.207", "+9", "-5", "0", "-2", "1.209",
    ]  # fmt: skip
    assert {"Correcties", "Mutaties", "samenwerkings-", "7 leerlingen"} <= set(shown)


def test_what_is_taken_away_is_hatched() -> None:
    fills = [one.attrib["fill"] for one in drawn(both()).findall(f"{SVG}rect[@stroke]")]
    assert fills.count("url(#eraf)") == 5 + 1, "five columns and the legend"
    assert drawn(both()).find(f"{SVG}defs/{SVG}pattern[@id='eraf']") is not None


def test_an_axis_that_is_broken_off_is_marked() -> None:
    note = "Afgebroken as: hij begint bij 1.200, niet bij 0."
    assert note in texts(drawn(both()))
    from_zero = texts(drawn(verklaring(3, changes(MUTATIES, IN, 1, 1))))
    assert not [one for one in from_zero if one.startswith("Afgebroken")]


@pytest.mark.parametrize("render", [svg, html])
def test_a_picture_fetches_and_runs_nothing(render: Callable[[Report], Iterator[bytes]]) -> None:
    shown = b"".join(render(hostile_report())).decode()
    bare = shown.replace('xmlns="http://www.w3.org/2000/svg"', "").replace(
        'xmlns="http://www.w3.org/1999/xhtml"', ""
    )
    forbidden = r"<script|<image|<img|<link|<iframe|<a |<use|href|src=|@import|//|\son\w+="
    assert re.findall(forbidden, bare) == []
    assert re.findall(r"url\((?!#eraf\))", bare) == []


@pytest.mark.parametrize("render", [svg, html])
@pytest.mark.parametrize(
    "value",
    [
        verklaring(0, []),
        verklaring(3, changes(CORRECTIES, VERWIJDERD, -1, -1, -1)),
        verklaring(3000, changes(MUTATIES, IN, 1, 1, 1)),
        verklaring(5, changes(MUTATIES, DOOR, 0)),
        both(),
        hostile(),
    ],
    ids=["leeg", "op", "groot", "gelijk", "beide", "vijandig"],
)
def test_what_is_drawn_is_well_formed_and_the_same_every_time(
    render: Callable[[Report], Iterator[bytes]], value: Verklaring
) -> None:
    shown = written(render, value)
    ET.fromstring(shown)  # noqa: S314 - our own bytes
    assert written(render, value) == shown


@given(verklaringen())
def test_nothing_is_drawn_outside_the_picture(value: Verklaring) -> None:
    picture = drawn(value)
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for one in picture.findall(f"{SVG}rect"):
        left, upper, wide, high = (
            float(one.attrib[name]) for name in ("x", "y", "width", "height")
        )
        assert left >= 0
        assert upper >= 0
        assert left + wide <= width + 1
        assert upper + high <= height + 1


# --- the page -----------------------------------------------------------------------------


class _Tags(HTMLParser):
    """The tags of a page: every one that opens must be closed, in its order."""

    EMPTY = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.add(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_html() -> None:
    for shown in (written(html, both()), b"".join(html(hostile_report())).decode()):
        tags = _Tags()
        tags.feed(shown)
        tags.close()
        assert tags.open == []
        assert "script" not in tags.seen
        assert shown.startswith("<!DOCTYPE html>\n")


def page(value: Verklaring) -> ET.Element:
    return ET.fromstring(written(html, value))  # noqa: S314 - our own bytes


def cells(table: ET.Element) -> list[list[str]]:
    """Return the rows of a table as texts; small print comes after a slash."""
    return [
        ["/".join(one.strip() for one in cell.itertext()) for cell in found]
        for found in table.iter(f"{XHTML}tr")
    ]


def test_the_page_forbids_everything_but_its_own_style() -> None:
    meta = page(both()).find(f"{XHTML}head/{XHTML}meta[@http-equiv='Content-Security-Policy']")
    assert meta is not None
    assert meta.attrib["content"] == CSP
    assert CSP.startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_the_page_has_the_picture_and_the_classes() -> None:
    found = page(both())
    assert found.find(f".//{XHTML}figure/{SVG}svg") is not None
    table = found.find(f".//{XHTML}table[@id='klassen']")
    assert table is not None
    rows = cells(table)
    assert rows[:4] == [
        ["klasse", "leerlingen", "aantal"],
        [STAND_1, "1.204"],
        ["Correcties", "14", "+3"],
        ["late registratie", "7", "+7"],
    ]
    assert rows[-2:] == [[STAND_2, "1.209"], ["Verschil", "+5"]]


def test_the_page_has_every_pupil_with_its_events() -> None:
    tables = page(both()).findall(f".//{XHTML}table[@class='leerlingen']")
    assert len(tables) == len([bar for bar in bars(both()) if bar.stap])
    deleted = cells(tables[2])[1:]
    assert deleted == [
        [
            "900000041",
            "-1",
            "SO 12QN00 LAAG TLV/12QN/2459428/PO2304-2024-00021",
            "(geen inschrijving)",
            "InschrijvingGeregistreerd/gebeurtenis 17800, na vaststelling",
            "02-04-2025 10:15",
            "03-04-2025 08:00",
            "school/regio.jsonl:1207",
            "begindatum=2024-08-01/12QN/2459428",
        ],
        [
            "InschrijvingVerwijderd/gebeurtenis 18190, na vaststelling",
            "02-04-2025 10:15",
            "03-04-2025 08:00",
            "school/regio.jsonl:1207",
            "reden=dubbel ingevoerd/12QN/2459428",
        ],
    ]


def test_the_page_of_no_difference_says_so() -> None:
    assert "<p>Geen enkele leerling veranderde.</p>" in written(html, verklaring(3, []))


def test_a_pupil_without_events_has_a_row() -> None:
    bare = msgspec.structs.replace(change(MUTATIES, IN, 1, 7), gebeurtenissen=())
    table = page(verklaring(3, [bare])).find(f".//{XHTML}table[@class='leerlingen']")
    assert table is not None
    assert [row_[0] for row_ in cells(table)] == ["pgn", "900000007"]


def test_the_page_ends_with_the_herkomst() -> None:
    footer = page(both()).find(f".//{XHTML}footer/{XHTML}dl")
    assert footer is not None
    assert ["".join(one.itertext()) for one in footer] == [
        "moment",
        report(both()).herkomst.heading(),
        "opdracht",
        "kijkglas why --swv PO2304 --from 1-10-2024@3-3-2025 --to 1-2-2025@12-5-2025",
        "versie",
        "kijkglas 0.1.0",
        "hoofd",
        "ab12cd34",
        "opmerking",
        "Selectie: samenwerkingsverband PO2304, schoolsoort SO.",
    ]


def test_what_comes_from_outside_is_shown_and_not_obeyed() -> None:
    shown = b"".join(html(hostile_report())).decode()
    assert "&lt;script&gt;alert(&#x27;&amp;&quot;&#x27;)&lt;/script&gt;]]&gt;&lt;!--" in shown
    assert not set(shown) & set("\x1b\x00\x07\u202e\ufffe")


# --- golden files -------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["txt", "svg", "html"])
def test_the_whole_of_it(ending: str, golden: Golden) -> None:
    renders = {"txt": waterfall_text.render, "svg": svg, "html": html}
    golden(GOLDEN / f"beide.{ending}", b"".join(renders[ending](report(both()))))
