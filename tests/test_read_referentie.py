"""Lists of reference data: vestigingen, PC4 areas, samenwerkingsverbanden, fixed counts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from types import ModuleType

import pytest
from msgspec import UNSET

from ledger.intake import postcodegebieden, samenwerkingsverbanden, tellingen, vestigingen
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.sheet_types import Rij, Sheet, UnreadableFileError
from ledger.intake.sheets import opened_sheet
from ledger.problems import Problem
from ledger.states import (
    AansluitingStand,
    AnyStand,
    PostcodegebiedStand,
    SwvStand,
    TellingStand,
    VestigingStand,
)
from tests.command import ROOT, SAMPLES

FOLDER = SAMPLES / "lezers" / "referentie"
READERS = (vestigingen, postcodegebieden, samenwerkingsverbanden, tellingen)
AUGUST = date(2025, 8, 1)
SINCE = ReadOptions(vanaf=AUGUST)
NOTHING = ReadOptions()


def sheet(*lines: str) -> Sheet:
    """Return a table as a CSV with semicolons would hold it."""
    kop, *rows = (tuple(line.split(";")) for line in lines)
    rijen = [Rij(number, cells) for number, cells in enumerate(rows, 2)]
    return Sheet("lijst.csv", "csv", kop, ";", lambda: iter(rijen))


def read(
    reader: ModuleType, *lines: str, options: ReadOptions = NOTHING
) -> list[Melding | Afkeuring]:
    return list(reader.read(sheet(*lines), options))


def told(outcomes: Iterable[Melding | Afkeuring]) -> list[AnyStand]:
    """Return the states of all rows, none of which is refused."""
    standen: list[AnyStand] = []
    for outcome in outcomes:
        assert isinstance(outcome, Melding), outcome
        assert outcome.pgn is None
        assert outcome.bekend_op is None
        standen += outcome.standen
    return standen


def problems(outcomes: Iterable[Melding | Afkeuring]) -> list[tuple[int, str, str]]:
    """Return row, field and rule of everything that is refused."""
    return [
        (outcome.rijen[0].regelnummer, problem.veld, problem.regel)
        for outcome in outcomes
        if isinstance(outcome, Afkeuring)
        for problem in outcome.problems
    ]


def linked(
    code: str, swv: str, vanaf: date = AUGUST, tot_en_met: date | None = None
) -> AansluitingStand:
    return AansluitingStand(vestigingscode=code, swv=swv, vanaf=vanaf, tot_en_met=tot_en_met)


# Which file is whose


HEADERS = {
    "vestigingen": [
        "VESTIGINGSCODE;VESTIGINGSNAAM",
        "VESTIGINGSCODE;SWV",
        "BRIN NUMMER;VESTIGINGSNUMMER;NAAM",
        "SAMENWERKINGSVERBAND_NUMMER;brin_nummer;vestigings_nummer;aantal_leerlingen;vsv_totaal",
        "VESTIGINGSCODE;VESTIGINGSNAAM;POSTCODE;GEMEENTE;DENOMINATIE;BEVOEGD_GEZAG;CLUSTER",
        "VESTIGINGSCODE;POSTCODE;PO_SWV;VO_SWV",
        "VESTIGINGSCODE;ADMINISTRATIEF SAMENWERKINGSVERBAND PO",
    ],
    "postcodegebieden": [
        "PC4;GEMEENTE;PO_SWV;VO_SWV",
        "POSTCODE4;SWV_PO;SWV_VO;VANAF",
        "Postcode;po swv;vo swv",
    ],
    "samenwerkingsverbanden": [
        "SWV;NAAM",
        "SAMENWERKINGSVERBAND_NUMMER;SAMENWERKINGSVERBAND_NAAM",
        "Samenwerkingsverband;Naam;Plaats",
    ],
    "tellingen": ["TELDATUM;SCHOOLSOORTEN;OP", "Tel datum;Schoolsoort;Vastgesteld op;Bron"],
}


@pytest.mark.parametrize(
    ("source", "header"), [(name, header) for name in HEADERS for header in HEADERS[name]]
)
def test_a_header_is_of_one_reader(source: str, header: str) -> None:
    assert [one.SOURCE for one in READERS if one.identify(sheet(header))] == [source]


LAYOUTS = [
    (f"{path.stem}/{table['naam']}", [column["naam"] for column in table["kolommen"]])
    for path in sorted((ROOT / "projections" / "layouts").glob("*.toml"))
    for table in tomllib.loads(path.read_text(encoding="utf-8"))["tabellen"]
]
OTHERS = [
    *LAYOUTS,
    ("feed", ["type", "bekend_op", "vestigingscode", "swv", "vanaf"]),
    ("tlv", ["TLV nummer", "Naam", "Samenwerkingsverband", "Vestigingscode", "PC4"]),
    ("school", ["PGN", "Instellingscode", "Vestigingscode", "Schoolsoort", "Vanaf", "Naam"]),
    ("nothing", [""]),
]


@pytest.mark.parametrize("header", [kop for _, kop in OTHERS], ids=[name for name, _ in OTHERS])
def test_a_file_of_pupils_or_counts_or_a_feed_is_no_reference_data(header: list[str]) -> None:
    assert [one.SOURCE for one in READERS if one.identify(sheet(";".join(header)))] == []


@pytest.mark.parametrize("reader", READERS)
def test_a_list_is_about_no_one_teldatum_or_samenwerkingsverband(reader: ModuleType) -> None:
    table = sheet("VESTIGINGSCODE;NAAM")
    assert reader.about(Melding((), None, ()), table) == About()
    assert (reader.BRON, reader.COMPLETE) == ("referentie", False)


# Vestigingen


def test_a_list_of_open_data_holds_from_the_day_that_the_user_gives() -> None:
    lines = [
        "SAMENWERKINGSVERBAND_NUMMER;brin_nummer;vestigings_nummer;aantal_leerlingen",
        "PO2304;11AA;00;213",
        "VO-23-05;11AA;01;87",
    ]
    outcomes = read(vestigingen, *lines, options=SINCE)
    assert told(outcomes) == [linked("11AA00", "PO2304"), linked("11AA01", "VO2305")]
    assert [outcome.rijen[0].regelnummer for outcome in outcomes] == [2, 3]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("VESTIGINGSCODE;SWV", "11AA00;PO2304"),
        ("VESTIGINGSCODE;Samenwerkingsverband", "11AA00;PO 23.04"),
        ("VESTIGINGSNUMMER;SWV_NUMMER", "11AA00;PO2304"),
        ("BRIN;VESTIGINGSNUMMER;NUMMER SAMENWERKINGSVERBAND", "11AA;00;PO2304"),
        ("INSTELLINGSCODE;VESTIGINGSCODE;SWV_PO", "11AA;11AA00;PO2304"),
        ("VESTIGINGSCODE;PO_SWV;VO_SWV", "11AA00;PO2304;"),
        ("VESTIGINGSCODE;ADMINISTRATIEF SAMENWERKINGSVERBAND PO", "11aa00;po2304"),
        ("VESTIGINGSCODE;SAMENWERKINGSVERBAND;SWV_NUMMER", "11AA00;Waterrijk;PO2304"),
        ("VESTIGINGSCODE;SWV;PO_SWV", "11AA00;PO2304;PO2304"),
    ],
)
def test_columns_go_by_alias(header: str, row: str) -> None:
    outcomes = read(vestigingen, header, row, options=SINCE)
    assert told(outcomes) == [linked("11AA00", "PO2304")]


def test_a_row_tells_name_flags_links_and_the_name_of_the_samenwerkingsverband() -> None:
    lines = [
        "VESTIGINGSCODE;VESTIGINGSNAAM;NAAM;SWV;SWV_NAAM;GESLOTEN_INRICHTING;RESIDENTIEEL",
        "11AA00;De Brug;Stichting;PO2304;Hoogveld;Nee;Ja",
    ]
    assert told(read(vestigingen, *lines, options=SINCE)) == [
        VestigingStand(
            vestigingscode="11AA00", naam="De Brug", gesloten_inrichting=False, residentieel=True
        ),
        SwvStand(swv="PO2304", naam="Hoogveld"),
        linked("11AA00", "PO2304"),
    ]


def test_an_empty_cell_tells_nothing() -> None:
    lines = ["VESTIGINGSCODE;NAAM;SWV;RESIDENTIEEL", "11AA00;De Brug;;", "11BB00;;;"]
    named = VestigingStand(vestigingscode="11AA00", naam="De Brug")
    assert named.residentieel is UNSET
    assert told(read(vestigingen, *lines, options=SINCE)) == [named]


def test_a_list_without_samenwerkingsverbanden_needs_no_first_day() -> None:
    outcomes = read(vestigingen, "VESTIGINGSCODE;NAAM", "11AA00;De Brug")
    assert told(outcomes) == [VestigingStand(vestigingscode="11AA00", naam="De Brug")]


@pytest.mark.parametrize(
    ("reader", "header"),
    [(vestigingen, "VESTIGINGSCODE;SWV"), (postcodegebieden, "PC4;PO_SWV;VO_SWV")],
)
def test_a_list_that_says_nowhere_from_when_it_holds_asks_for_vanaf(
    reader: ModuleType, header: str
) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read(reader, header, "x;y;z")
    assert str(caught.value) == (
        "lijst.csv: het bestand zegt niet vanaf wanneer het geldt: er is geen kolom VANAF,"
        " INGANGSDATUM, BEGINDATUM, GELDIG_VANAF; geef --vanaf, bijvoorbeeld --vanaf 2025-08-01"
    )


@pytest.mark.parametrize(
    ("reader", "header", "lacks"),
    [
        (vestigingen, "NAAM;SWV", "VESTIGINGSCODE"),
        (postcodegebieden, "PC4;PO_SWV", "VO_SWV"),
        (samenwerkingsverbanden, "SWV;PLAATS", "SAMENWERKINGSVERBAND_NAAM"),
        (tellingen, "TELDATUM;OP", "SCHOOLSOORTEN"),
    ],
)
def test_a_needed_column_that_lacks_is_named(reader: ModuleType, header: str, lacks: str) -> None:
    with pytest.raises(UnreadableFileError, match=f"lijst.csv: {lacks}: de kolom ontbreekt"):
        read(reader, header, options=SINCE)


def test_days_of_a_row_win_over_those_of_the_user() -> None:
    lines = ["VESTIGINGSCODE;SWV;INGANGSDATUM;EINDDATUM", "11AA00;PO2304;1-8-2014;31-7-2020"]
    expected = linked("11AA00", "PO2304", date(2014, 8, 1), date(2020, 7, 31))
    assert told(read(vestigingen, *lines, options=SINCE)) == [expected]
    lines = ["VESTIGINGSCODE;SWV;VANAF", "11AA00;PO2304;"]
    assert told(read(vestigingen, *lines, options=SINCE)) == [linked("11AA00", "PO2304")]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_a_row_without_end_holds_until_another_begins(order: tuple[int, ...]) -> None:
    rows = ["11AA00;PO2304;1-8-2014", "11AA00;PO2202;1-8-2020", "11AA00;VO2305;1-8-2018"]
    standen = told(read(vestigingen, "VESTIGINGSCODE;SWV;VANAF", *[rows[at] for at in order]))
    links = [
        linked("11AA00", "PO2304", date(2014, 8, 1), date(2020, 7, 31)),
        linked("11AA00", "PO2202", date(2020, 8, 1)),
        linked("11AA00", "VO2305", date(2018, 8, 1)),
    ]
    assert standen == [links[at] for at in order]


def test_equal_rows_tell_once() -> None:
    row = "11AA00;De Brug;PO2304"
    standen = told(read(vestigingen, "VESTIGINGSCODE;NAAM;SWV", row, row, options=SINCE))
    named = VestigingStand(vestigingscode="11AA00", naam="De Brug")
    assert standen == [named, linked("11AA00", "PO2304")]


def test_a_second_name_is_a_warning_and_the_first_counts() -> None:
    rows = ["11AA00;De Brug;PO2304", "11AA00;De Kade;VO2305"]
    outcomes = read(vestigingen, "VESTIGINGSCODE;NAAM;SWV", *rows, options=SINCE)
    named = VestigingStand(vestigingscode="11AA00", naam="De Brug")
    assert told(outcomes) == [named, linked("11AA00", "PO2304"), linked("11AA00", "VO2305")]
    (warning,) = [
        one for outcome in outcomes if isinstance(outcome, Melding) for one in outcome.warnings
    ]
    assert str(warning) == (
        "VESTIGINGSNAAM: van 11AA00 zegt regel 2 iets anders; die telt; maak de regels gelijk"
    )


def test_zeros_that_a_spreadsheet_took_are_put_back_with_a_warning() -> None:
    lines = ["BRIN;VESTIGINGSNUMMER;SWV", "1AA;0;PO2304"]
    (outcome,) = read(vestigingen, *lines, options=SINCE)
    assert told([outcome]) == [linked("01AA00", "PO2304")]
    assert isinstance(outcome, Melding)
    assert sorted(warning.veld for warning in outcome.warnings) == [
        "INSTELLINGSCODE",
        "VESTIGINGSNUMMER",
    ]


FULL = "VESTIGINGSCODE;VESTIGINGSNUMMER;BRIN;SWV;PO_SWV;VO_SWV;VANAF;TOT_EN_MET"
OK = "11AA00;;;PO2304;;;1-8-2014;31-7-2020"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([";;;PO2304;;;1-8-2014;"], (2, "VESTIGINGSCODE", "is leeg")),
        (
            [";01;;PO2304;;;1-8-2014;"],
            (2, "INSTELLINGSCODE", "van vestiging 01 ontbreekt de instellingscode"),
        ),
        (
            ["11AA00;;11BB;PO2304;;;1-8-2014;"],
            (2, "VESTIGINGSCODE", "11AA00 hoort niet bij instelling 11BB"),
        ),
        (
            ["11AA00;;;;VO2305;;1-8-2014;"],
            (2, "PO_SWV", "'VO2305' is geen samenwerkingsverband PO"),
        ),
        (
            ["11AA00;;;;;PO2304;1-8-2014;"],
            (2, "VO_SWV", "'PO2304' is geen samenwerkingsverband VO"),
        ),
        (
            ["11AA00;;;PO2304;PO2202;;1-8-2014;"],
            (2, "SAMENWERKINGSVERBAND_NUMMER", "PO2304 en PO2202 zijn van een sector"),
        ),
        (["11AA00;;;PO2304;;;;"], (2, "VANAF", "is leeg")),
        (
            ["11AA00;;;PO2304;;;1-8-2020;31-7-2020"],
            (2, "TOT_EN_MET", "het einde ligt voor het begin"),
        ),
        (
            [OK, "11AA00;;;PO2202;;;1-8-2014;31-7-2020"],
            (
                3,
                "SAMENWERKINGSVERBAND_NUMMER",
                "11AA00 hoort volgens regel 2 vanaf 1-8-2014 bij PO2304",
            ),
        ),
        (
            [OK, "11AA00;;;PO2304;;;1-8-2014;"],
            (
                3,
                "SAMENWERKINGSVERBAND_NUMMER",
                "11AA00 hoort volgens regel 2 vanaf 1-8-2014 met een ander einde",
            ),
        ),
        (
            [OK, "11AA00;;;;PO2202;;31-7-2020;"],
            (3, "PO_SWV", "11AA00 hoort volgens regel 2 op dezelfde dagen bij PO2304"),
        ),
    ],
)
def test_a_row_that_cannot_be_so_is_refused(
    rows: list[str], expected: tuple[int, str, str]
) -> None:
    outcomes = read(vestigingen, FULL, *rows, "11ZZ00;;;PO2304;;;1-8-2014;")
    assert problems(outcomes) == [expected]
    assert isinstance(outcomes[-1], Melding)


def test_a_row_with_one_wrong_link_tells_nothing_of_the_other() -> None:
    rows = ["11AA00;;;;PO2304;;1-8-2014;", "11AA00;;;;PO2202;VO2305;1-8-2014;"]
    outcomes = read(vestigingen, FULL, *rows)
    assert [type(outcome) for outcome in outcomes] == [Melding, Afkeuring]


# PC4 areas


def area(pc4: str, swv_po: str | None, swv_vo: str | None) -> PostcodegebiedStand:
    return PostcodegebiedStand(pc4=pc4, swv_po=swv_po, swv_vo=swv_vo, vanaf=AUGUST)


def test_areas_with_one_two_or_no_samenwerkingsverbanden() -> None:
    lines = [
        "PC4;GEMEENTE;PO_SWV;VO_SWV",
        "7901;Hoogeveen;PO2304;VO-23-05",
        "3197;Rotterdam;;",
        "7901;Hoogeveen;PO2304;VO2305",
    ]
    assert told(read(postcodegebieden, *lines, options=SINCE)) == [
        area("7901", "PO2304", "VO2305"),
        area("3197", None, None),
    ]


def test_areas_by_other_names_and_with_their_own_day() -> None:
    lines = ["POSTCODE4;SWV_VO;SWV_PO;GELDIG_VANAF", "7901;VO2305;PO2304;2025-08-01"]
    assert told(read(postcodegebieden, *lines)) == [area("7901", "PO2304", "VO2305")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["7901AB;PO2304;VO2305;1-8-2014"], (2, "PC4", "de waarde is een hele postcode")),
        (["7901 ab;PO2304;VO2305;1-8-2014"], (2, "PC4", "de waarde is een hele postcode")),
        (["7901;VO2305;;1-8-2014"], (2, "PO_SWV", "'VO2305' is geen samenwerkingsverband PO")),
        (["7901;PO2304;VO2305;"], (2, "VANAF", "is leeg")),
        (
            ["7901;PO2304;;1-8-2014", "7901;PO2202;;1-8-2014"],
            (3, "PC4", "7901 is op regel 2 vanaf 1-8-2014 anders verdeeld"),
        ),
    ],
)
def test_an_area_that_cannot_be_so_is_refused(
    rows: list[str], expected: tuple[int, str, str]
) -> None:
    outcomes = read(postcodegebieden, "PC4;PO_SWV;VO_SWV;VANAF", *rows)
    assert problems(outcomes) == [expected]


# Samenwerkingsverbanden


def test_names_of_samenwerkingsverbanden() -> None:
    lines = ["SWV;NAAM", "PO-23-04;Hoogveld", "PO2202;Waterrijk", "PO2304;Hoogveld"]
    assert told(read(samenwerkingsverbanden, *lines)) == [
        SwvStand(swv="PO2304", naam="Hoogveld"),
        SwvStand(swv="PO2202", naam="Waterrijk"),
    ]


def test_two_names_for_one_samenwerkingsverband_are_refused() -> None:
    lines = ["SWV;NAAM", "PO2304;Hoogveld", "PO2304;Laagveld", "PO23;Waterrijk", "VO2305;"]
    assert [(row, field) for row, field, _ in problems(read(samenwerkingsverbanden, *lines))] == [
        (3, "SAMENWERKINGSVERBAND_NAAM"),
        (4, "SAMENWERKINGSVERBAND_NUMMER"),
        (5, "SAMENWERKINGSVERBAND_NAAM"),
    ]


# Fixed counts


@pytest.mark.parametrize(
    ("row", "schoolsoorten", "op"),
    [
        ("1-2-2025;SO;3-3-2025", ("SO",), "2025-03-03"),
        ("1-2-2025;vso, sbo SO|so;2025-03-03", ("SBO", "SO", "VSO"), "2025-03-03"),
        ("20250201;Alle;2025-03-03T18:00", ("BO", "SBO", "SO", "VSO"), "2025-03-03T18:00"),
        (
            "1-2-2025;BO;2025-03-03T18:00:00+01:00",
            ("BO",),
            "2025-03-03T18:00:00+01:00",
        ),
    ],
)
def test_a_fixed_count_on_a_day_or_at_a_moment(
    row: str, schoolsoorten: tuple[str, ...], op: str
) -> None:
    (stand,) = told(read(tellingen, "TELDATUM;SCHOOLSOORTEN;OP", row))
    assert isinstance(stand, TellingStand)
    assert (stand.teldatum, stand.schoolsoorten) == (date(2025, 2, 1), schoolsoorten)
    assert stand.op == op


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["1-2-2025;SO;straks"], (2, "OP", "'straks' is geen datum en geen moment")),
        (["1-2-2025;,;3-3-2025"], (2, "SCHOOLSOORTEN", "',' noemt geen schoolsoort")),
        (["31-2-2025;SO;3-3-2025"], (2, "TELDATUM", "'31-2-2025' is geen bestaande datum")),
        (
            ["1-2-2025;SO;3-3-2025", "1-2-2025;SO;3-3-2025", "1-2-2025;alle;4-3-2025"],
            (4, "OP", "SO van 1-2-2025 is volgens regel 2 op een ander moment vastgesteld"),
        ),
    ],
)
def test_a_count_that_cannot_be_so_is_refused(
    rows: list[str], expected: tuple[int, str, str]
) -> None:
    assert problems(read(tellingen, "TELDATUM;SCHOOLSOORTEN;OP", *rows)) == [expected]


# The samples


@pytest.mark.parametrize(
    ("name", "reader", "options", "count"),
    [
        ("vestigingen-open-data.csv", vestigingen, SINCE, 13),
        ("vestigingen-met-datums.csv", vestigingen, NOTHING, 6),
        ("postcodegebieden.csv", postcodegebieden, SINCE, 4),
        ("samenwerkingsverbanden.csv", samenwerkingsverbanden, NOTHING, 3),
        ("tellingen.csv", tellingen, NOTHING, 4),
    ],
)
def test_a_sample_is_read_whole(
    name: str, reader: ModuleType, options: ReadOptions, count: int
) -> None:
    with opened_sheet(FOLDER / name) as table:
        assert [one.SOURCE for one in READERS if one.identify(table)] == [reader.SOURCE]
        assert len(told(reader.read(table, options))) == count


def test_letters_with_marks_are_read_from_an_older_encoding() -> None:
    with opened_sheet(FOLDER / "vestigingen-open-data.csv") as table:
        standen = told(vestigingen.read(table, SINCE))
    assert VestigingStand(vestigingscode="11AA00", naam="De Bruÿn") in standen
    assert SwvStand(swv="PO2304", naam="Samenwerkingsverband Café Één") in standen


def test_everything_that_is_wrong_with_the_damaged_sample_is_named() -> None:
    with opened_sheet(FOLDER / "beschadigd.csv") as table:
        outcomes = list(vestigingen.read(table, NOTHING))
    assert [(row, field) for row, field, _ in problems(outcomes)] == [
        (3, "VESTIGINGSCODE"),
        (4, "PO_SWV"),
        (5, "VANAF"),
        (6, "TOT_EN_MET"),
        (7, "VANAF"),
        (8, "RESIDENTIEEL"),
        (8, "PO_SWV"),
        (8, "VANAF"),
        (10, "PO_SWV"),
        (12, "PO_SWV"),
    ]
    read_rows = [outcome for outcome in outcomes if isinstance(outcome, Melding)]
    assert [outcome.rijen[0].regelnummer for outcome in read_rows] == [2, 9, 11, 13]
    assert [warning.veld for outcome in read_rows for warning in outcome.warnings] == [
        "VESTIGINGSCODE"
    ]


def test_every_problem_of_the_damaged_sample_has_a_remedy() -> None:
    with opened_sheet(FOLDER / "beschadigd.csv") as table:
        refused = [one for one in vestigingen.read(table, NOTHING) if isinstance(one, Afkeuring)]
    found: list[Problem] = [problem for one in refused for problem in one.problems]
    assert all(problem.veld and problem.regel and problem.remedie for problem in found)
