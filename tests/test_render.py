"""The renderers: one report, the exact bytes of every format, and the files they become."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from ledger.times import end_of_day
from projections.layouts import load
from projections.render import UnknownFormat, heading_text, render, text, write
from projections.report import Column, Herkomst, Report, Table

TELDATUM = date(2025, 2, 1)
HERKOMST = Herkomst(
    teldatum=TELDATUM,
    bekend_op=end_of_day(date(2025, 3, 3)),
    positie=18204,
    opdracht="kijkglas report dashboard-1b --swv PO2304",
    versie="0.1.0",
    hoofd="ab12",
)
HEADING = "Stand per 01-02-2025, zoals bekend op 03-03-2025 23:59 (gebeurtenis 18204)"
HERKOMST_JSON = (
    '{"herkomst":{"teldatum":"2025-02-01","bekend_op":"2025-03-03T23:59:59.999999+01:00",'
    '"positie":18204,"opdracht":"kijkglas report dashboard-1b --swv PO2304","versie":"0.1.0",'
    f'"hoofd":"ab12","status":"","kop":"{HEADING}","opmerkingen":[],"bestanden":[]}},'
)


def pupil(**fields: object) -> Mapping[str, object]:
    """Return a row of 1B as the slides of autumn 2025 show it (outputs-and-rules.md 3.7)."""
    row: dict[str, object] = {
        "pgn": "012345672",
        "beschikkingsnummer": "PO2304-2021-11111",
        "leeftijd": 10,
        "instellingscode": "00JH",
        "vestigingscode": "00JH00",
        "vestigingsnaam": "De Brug",
        "vestiging_swv": "PO2203",
        "vestiging_swvnaam": "Samen Verder",
        "ondersteuningscategorie": "SBO",
        "volgnummer": "0002459428",
        "begindatum": date(2021, 8, 1),
        "einddatum": None,
        "tlv_begindatum": date(2021, 8, 1),
        "tlv_einddatum": date(2026, 7, 31),
        "residentieel": False,
        "hoofd_onderwijssoort": None,
        "wijze_van_bepaling": "TLV",
        "teldatum": TELDATUM,
        "swv": "PO2304",
    }
    return {**row, **fields}


def dashboard_1b(*rows: Mapping[str, object]) -> Report:
    layout = load("dashboard-1b")
    table = layout.table("leerlingen", rows, swv="PO2304", teldatum=TELDATUM)
    return Report(layout.product, layout.titel, HERKOMST, (table,), enkel=True)


def dashboard_1a() -> Report:
    """Return 1A with the sample rows of the manual (outputs-and-rules.md 3.3-3.6)."""
    layout = load("dashboard-1a-po")
    met_tlv = [
        cells(("VSO", "00SH00", True, 119, 0, 0, 0, 0, 0, 0, 116, 0, 3, 0, 0)),
        cells(("VSO", "01UC05", False, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0)),
    ]
    totaal = [
        dict(
            zip(("schoolsoort", "met_tlv_dit_swv", "met_tlv_ander_swv", "totaal"), row, strict=True)
        )
        for row in (("SBO", 705, 128, 833), ("SO", 452, 98, 550))
    ]
    vestigingen = [{"vestigingscode": "00DX00", "totaal": 197}]
    rows = {"met_tlv": met_tlv, "totaal": totaal, "vestigingen": vestigingen}
    tables = tuple(
        layout.table(naam, rows[naam], swv="PO0001", teldatum=date(2024, 2, 1)) for naam in rows
    )
    return Report(layout.product, layout.titel, HERKOMST, tables, enkel=False)


def cells(values: tuple[object, ...]) -> dict[str, object]:
    velden = [column.veld for column in load("dashboard-1a-po").find("met_tlv").kolommen]
    return dict(zip(velden, values, strict=True))


def small(*rows: tuple[object, ...], kolommen: tuple[Column, ...] = ()) -> Report:
    table = Table("rijen", "Rijen", kolommen or (Column("CODE", "tekst"),), rows)
    return Report("klein", "Klein", HERKOMST, (table,), enkel=True)


def rendered(report: Report, name: str) -> str:
    return b"".join(render(report, name)).decode()


# --- the heading ------------------------------------------------------------------------


def test_heading_says_the_two_times_and_the_position() -> None:
    assert HERKOMST.heading() == HEADING


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2025, 3, 29, 22, 59, tzinfo=UTC), "29-03-2025 23:59"),
        (datetime(2025, 3, 30, 21, 59, tzinfo=UTC), "30-03-2025 23:59"),
        (datetime(2025, 7, 31, 22, 0, tzinfo=UTC), "01-08-2025 00:00"),
    ],
)
def test_heading_shows_amsterdam_time_in_winter_and_summer(moment: datetime, shown: str) -> None:
    herkomst = msgspec.structs.replace(HERKOMST, bekend_op=moment)
    assert (
        herkomst.heading() == f"Stand per 01-02-2025, zoals bekend op {shown} (gebeurtenis 18204)"
    )


def test_heading_without_bekend_op_is_what_is_known_now() -> None:
    herkomst = msgspec.structs.replace(HERKOMST, bekend_op=None)
    assert herkomst.heading() == "Stand per 01-02-2025, zoals nu bekend (gebeurtenis 18204)"


def test_heading_without_teldatum_leaves_it_out() -> None:
    herkomst = msgspec.structs.replace(HERKOMST, teldatum=None)
    assert herkomst.heading() == "Zoals bekend op 03-03-2025 23:59 (gebeurtenis 18204)"
    herkomst = msgspec.structs.replace(herkomst, bekend_op=None)
    assert herkomst.heading() == "Zoals nu bekend (gebeurtenis 18204)"


@pytest.mark.parametrize("status", ["voorlopig", "definitief", "na vaststelling"])
def test_heading_ends_with_the_status(status: str) -> None:
    herkomst = msgspec.structs.replace(HERKOMST, status=status)
    assert herkomst.heading() == f"{HEADING} - {status}"


def test_heading_text_has_the_title_and_the_remarks() -> None:
    herkomst = msgspec.structs.replace(HERKOMST, opmerkingen=("Zonder grensverkeer.",))
    report = msgspec.structs.replace(small(), herkomst=herkomst)
    assert heading_text(report) == f"Klein\n{HEADING}\nZonder grensverkeer.\n"


# --- csv --------------------------------------------------------------------------------

HEADER_1B = (
    "BSN_OWN;BESCHIKKINGSNUMMER;LEEFTIJD_TELDATUM;INSTELLINGSCODE;VESTIGINGSCODE;VESTIGINGSNAAM;"
    "VESTIGING_SWVNUMMER;VESTIGING_SWVNAAM;ONDERSTEUNINGSCATEGORIE;INSCHRIJVINGSVOLGNUMMER;"
    "DATUM_INSCHRIJVING;DATUM_UITSCHRIJVING;BEGIN_DATUM_TLV;EIND_DATUM_TLV;RESIDENTIELE_LEERLING;"
    "HOOFD_ONDERWIJSOORT;WIJZE_VAN_BEPALING;TELDATUM;SAMENWERKINGSVERBAND"
)

HEADER_MET_TLV = (
    "SCHOOLSOORT;VESTIGINGSCODE;DEELNEMENDE_VESTIGING;TOTAAL;AANTAL_HOOG_TLV;AANTAL_HOOG_RP;"
    "AANTAL_HOOG_OVERIG;AANTAL_MIDDEN_TLV;AANTAL_MIDDEN_RP;AANTAL_MIDDEN_OVERIG;"
    "AANTAL_LAAG_TLV;AANTAL_LAAG_RP;AANTAL_LAAG_OVERIG;AANTAL_SBO_TLV;AANTAL_SBO_OVERIG"
)


def test_csv_excel_is_the_dialect_of_duo() -> None:
    derived = pupil(
        pgn="001234561",
        beschikkingsnummer=None,
        volgnummer="PAR705271",
        tlv_begindatum=None,
        tlv_einddatum=None,
        residentieel=True,
        wijze_van_bepaling="Woonplaats leerling",
    )
    assert rendered(dashboard_1b(pupil(), derived), "csv-excel") == (
        f"\ufeff{HEADER_1B}\r\n"
        "012345672;PO2304-2021-11111;10;00JH;00JH00;De Brug;PO2203;Samen Verder;SBO;0002459428;"
        "1-8-2021;;1-8-2021;31-7-2026;Nee;;TLV;1-2-2025;PO2304\r\n"
        "001234561;;10;00JH;00JH00;De Brug;PO2203;Samen Verder;SBO;PAR705271;"
        "1-8-2021;;;;Ja;;Woonplaats leerling;1-2-2025;PO2304\r\n"
    )


def test_csv_is_plain_with_iso_dates() -> None:
    assert b"".join(render(dashboard_1b(pupil()), "csv")).decode("ascii") == (
        HEADER_1B.replace(";", ",") + "\n"
        "012345672,PO2304-2021-11111,10,00JH,00JH00,De Brug,PO2203,Samen Verder,SBO,0002459428,"
        "2021-08-01,,2021-08-01,2026-07-31,Nee,,TLV,2025-02-01,PO2304\n"
    )


def test_csv_of_several_tables_names_each_before_and_leaves_a_line_after() -> None:
    lines = rendered(dashboard_1a(), "csv-excel").removeprefix("\ufeff").split("\r\n")
    assert lines == [
        "met_tlv",
        HEADER_MET_TLV,
        "VSO;00SH00;Ja;119;0;0;0;0;0;0;116;0;3;0;0",
        "VSO;01UC05;Nee;1;0;0;0;0;0;0;0;1;0;0;0",
        "",
        "totaal",
        "SCHOOLSOORT;MET_TLV_DIT_SWV;MET_TLV_ANDER_SWV;TOTAAL",
        "SBO;705;128;833",
        "SO;452;98;550",
        "",
        "vestigingen",
        "VESTIGING;TOTAAL",
        "00DX00;197",
        "",
        "",
    ]


def test_csv_quotes_only_what_needs_it() -> None:
    report = small(("a;b",), ('c"d',), ("e,f",), ("g\nh",), ("i\rj",), ("k l",))
    assert rendered(report, "csv-excel") == (
        '\ufeffCODE\r\n"a;b"\r\n"c""d"\r\ne,f\r\n"g\nh"\r\n"i\rj"\r\nk l\r\n'
    )
    assert rendered(report, "csv") == 'CODE\na;b\n"c""d"\n"e,f"\n"g\nh"\n"i\rj"\nk l\n'


@pytest.mark.parametrize("value", ["=1+1", "+31", "-5", "@naam", "0012"])
def test_csv_leaves_texts_as_they_are(value: str) -> None:
    assert rendered(small((value,)), "csv-excel") == f"\ufeffCODE\r\n{value}\r\n"


def test_csv_moments_and_decimals() -> None:
    kolommen = (Column("OP", "moment"), Column("BEDRAG", "getal"))
    report = small(
        (datetime(2025, 7, 1, 8, 5, tzinfo=UTC), Decimal("12.50")), (None, None), kolommen=kolommen
    )
    assert rendered(report, "csv") == "OP,BEDRAG\n2025-07-01T10:05:00+02:00,12.50\n,\n"
    assert rendered(report, "csv-excel") == ("\ufeffOP;BEDRAG\r\n1-7-2025 10:05:00;12,50\r\n;\r\n")


def test_csv_of_no_rows_is_the_header() -> None:
    assert rendered(small(), "csv") == "CODE\n"


# --- json -------------------------------------------------------------------------------


def test_json_is_one_object_with_herkomst_and_rows() -> None:
    kolommen = (
        Column("CODE", "tekst"),
        Column("TOTAAL", "getal"),
        Column("TELT", "janee"),
        Column("DAG", "datum"),
        Column("OP", "moment"),
    )
    first = ("0012", 3, True, TELDATUM, datetime(2025, 7, 1, 8, 5, tzinfo=UTC))
    report = small(first, (None, None, None, None, None), kolommen=kolommen)
    rows = (
        '{"CODE":"0012","TOTAAL":3,"TELT":true,"DAG":"2025-02-01","OP":"2025-07-01T10:05:00+02:00"}',
        '{"CODE":null,"TOTAAL":null,"TELT":null,"DAG":null,"OP":null}',
    )
    assert rendered(report, "json") == f'{HERKOMST_JSON}"rows":[\n{rows[0]},\n{rows[1]}\n]}}\n'
    assert rendered(report, "jsonl") == f"{rows[0]}\n{rows[1]}\n"


def test_json_of_several_tables_has_them_by_name() -> None:
    shown = json.loads(rendered(dashboard_1a(), "json"))
    assert list(shown) == ["herkomst", "tabellen"]
    assert list(shown["tabellen"]) == ["met_tlv", "totaal", "vestigingen"]
    assert shown["tabellen"]["met_tlv"][0]["DEELNEMENDE_VESTIGING"] is True
    assert shown["tabellen"]["totaal"] == [
        {"SCHOOLSOORT": "SBO", "MET_TLV_DIT_SWV": 705, "MET_TLV_ANDER_SWV": 128, "TOTAAL": 833},
        {"SCHOOLSOORT": "SO", "MET_TLV_DIT_SWV": 452, "MET_TLV_ANDER_SWV": 98, "TOTAAL": 550},
    ]


def test_json_without_rows_or_tables() -> None:
    assert rendered(small(), "json") == f'{HERKOMST_JSON}"rows":[]}}\n'
    assert rendered(small(), "jsonl") == ""
    nothing = msgspec.structs.replace(small(), tabellen=(), enkel=False)
    assert rendered(nothing, "json") == f'{HERKOMST_JSON}"tabellen":{{}}}}\n'


def test_json_keeps_a_newline_inside_a_text_and_booleans_out_of_the_store() -> None:
    kolommen = (Column("NAAM", "tekst"), Column("TELT", "janee"), Column("BEDRAG", "getal"))
    report = small(("a\nb", 0, Decimal("12.50")), kolommen=kolommen)
    assert rendered(report, "jsonl") == '{"NAAM":"a\\nb","TELT":false,"BEDRAG":12.50}\n'
    assert json.loads(rendered(report, "json"))["rows"][0]["NAAM"] == "a\nb"


def test_jsonl_puts_the_rows_of_several_tables_one_after_another() -> None:
    lines = rendered(dashboard_1a(), "jsonl").splitlines()
    assert lines[2:] == [
        '{"SCHOOLSOORT":"SBO","MET_TLV_DIT_SWV":705,"MET_TLV_ANDER_SWV":128,"TOTAAL":833}',
        '{"SCHOOLSOORT":"SO","MET_TLV_DIT_SWV":452,"MET_TLV_ANDER_SWV":98,"TOTAAL":550}',
        '{"VESTIGING":"00DX00","TOTAAL":197}',
    ]


# --- table ------------------------------------------------------------------------------


def test_table_aligns_and_speaks_dutch() -> None:
    kolommen = (
        Column("CODE", "tekst"),
        Column("TOTAAL", "getal"),
        Column("TELT", "janee"),
        Column("DAG", "datum"),
        Column("OP", "moment"),
    )
    first = ("0012", 1067, True, TELDATUM, datetime(2025, 7, 1, 8, 5, tzinfo=UTC))
    report = small(first, ("00DX00", 4, False, None, None), kolommen=kolommen)
    assert rendered(report, "table") == (
        f"Klein\n{HEADING}\n\n"
        "CODE      TOTAAL  TELT    DAG       OP\n"
        "------  --------  ------  --------  ----------------\n"
        "0012        1067  Ja      1-2-2025  01-07-2025 10:05\n"
        "00DX00         4  Nee\n"
    )


def test_table_of_several_tables_gives_each_its_title() -> None:
    tables = msgspec.structs.replace(dashboard_1a(), tabellen=dashboard_1a().tabellen[1:])
    assert rendered(tables, "table") == (
        f"Dashboard 1A: bekostigde aantallen (po)\n{HEADING}\n\n"
        "Totaal aantal leerlingen sbo en so\n"
        "SCHOOLSOORT      MET      MET    TOTAAL\n"
        "                 TLV      TLV\n"
        "                 DIT    ANDER\n"
        "                 SWV      SWV\n"
        "-------------  -----  -------  --------\n"
        "SBO              705      128       833\n"
        "SO               452       98       550\n"
        "\nAantallen leerlingen op vestigingen bo en sbo\n"
        "VESTIGING      TOTAAL\n"
        "-----------  --------\n"
        "00DX00            197\n"
    )


@pytest.mark.parametrize(
    ("rows", "notice"),
    [
        (2, ""),
        (3, "nog 1 rij weggelaten; --format csv of -o BESTAND geeft alles\n"),
        (1206, "nog 1.204 rijen weggelaten; --format csv of -o BESTAND geeft alles\n"),
    ],
)
def test_table_says_how_many_rows_it_left_out(rows: int, notice: str) -> None:
    report = small(*[("00DX00",)] * rows)
    shown = b"".join(render(report, "table", max_rows=2)).decode()
    assert shown == f"Klein\n{HEADING}\n\nCODE\n------\n00DX00\n00DX00\n{notice}"


def test_tables_share_the_screen_and_small_ones_stay_whole() -> None:
    code = (Column("CODE", "tekst"),)
    tables = tuple(
        Table(f"tabel_{size}", f"Tabel {size}", code, [("x",)] * size) for size in (50, 2, 9)
    )
    report = Report("klein", "Klein", HERKOMST, tables, enkel=False)
    lines = b"".join(render(report, "table", max_rows=20)).decode().splitlines()
    assert lines.count("x") == 20
    assert [line for line in lines if line.startswith("nog")] == [
        "nog 41 rijen weggelaten; --format csv of -o BESTAND geeft alles"
    ]


def test_table_without_rows_says_so() -> None:
    assert rendered(small(), "table") == f"Klein\n{HEADING}\n\n(geen rijen)\n"


def test_table_colours_the_title_only_when_asked() -> None:
    shown = b"".join(render(small(), "table", colour=True)).decode()
    assert shown == f"\x1b[1mKlein\x1b[0m\n{HEADING}\n\n(geen rijen)\n"


def test_table_shows_no_text_that_a_terminal_would_obey() -> None:
    shown = rendered(small(("rood\x1b[31m",), ("twee\nregels\u00a0",)), "table")
    assert "\x1b" not in shown
    assert shown.endswith("rood\ufffd[31m\ntwee regels\n")


# --- files ------------------------------------------------------------------------------

NAMES_1A = [
    "Aantallen_leerlingen_met_tlv_svw_PO0001_01_02_2024.csv",
    "Totaal_aantal_leerlingen_sbo_en_so_PO0001_01_02_2024.csv",
    "Aantallen_leerlingen_vestigingen_bo_en_sbo_PO0001_01_02_2024.csv",
]


def names(paths: tuple[Path, ...]) -> list[str]:
    return [path.name for path in paths]


@pytest.mark.parametrize("target", ["uit", "uit/", "uit.d/", "."])
def test_a_folder_gets_duos_file_names_and_the_herkomst(tmp_path: Path, target: str) -> None:
    written = write(dashboard_1a(), f"{tmp_path}/{target}")
    assert names(written) == [*NAMES_1A, "herkomst.json"]
    assert all(path.parent == tmp_path / target for path in written)
    assert written[2].read_bytes() == b"\xef\xbb\xbfVESTIGING;TOTAAL\r\n00DX00;197\r\n"


def test_the_herkomst_tells_of_every_file_in_the_folder(tmp_path: Path) -> None:
    file, *_ = write(dashboard_1a(), tmp_path)
    *_, herkomst = write(dashboard_1b(pupil()), tmp_path)
    known = json.loads(herkomst.read_bytes())
    assert sorted(known) == sorted([*NAMES_1A, "Bekostigde_leerlingen_PO2304_01_02_2025.csv"])
    assert known[NAMES_1A[0]]["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert known[NAMES_1A[0]]["tabellen"] == {"met_tlv": 2}
    assert known[NAMES_1A[0]]["herkomst"]["kop"] == HEADING
    assert known[NAMES_1A[0]]["herkomst"]["hoofd"] == "ab12"


@pytest.mark.parametrize(
    ("name", "ending"),
    [("csv", "csv"), ("json", "json"), ("jsonl", "jsonl"), ("table", "txt"), ("xlsx", "xlsx")],
)
def test_a_folder_takes_other_formats(tmp_path: Path, name: str, ending: str) -> None:
    file, _ = write(dashboard_1b(pupil()), tmp_path / "uit", name)
    assert file.name == f"Bekostigde_leerlingen_PO2304_01_02_2025.{ending}"
    assert file.read_bytes() == b"".join(render(dashboard_1b(pupil()), name))


def test_a_table_without_a_file_of_duo_is_called_after_its_product(tmp_path: Path) -> None:
    assert names(write(small(("a",)), tmp_path)) == ["klein.csv", "herkomst.json"]
    several = msgspec.structs.replace(small(("a",)), enkel=False)
    assert names(write(several, tmp_path)) == ["klein_rijen.csv", "herkomst.json"]


@pytest.mark.parametrize(
    ("file", "asked", "expected"),
    [
        ("a.csv", None, "csv"),
        ("a.CSV", None, "csv"),
        ("a.csv", "csv-excel", "csv-excel"),
        ("a.json", None, "json"),
        ("a.jsonl", None, "jsonl"),
        ("a.txt", None, "table"),
        ("a.xlsx", None, "xlsx"),
        ("a.dat", "csv", "csv"),
    ],
)
def test_a_file_has_the_format_of_its_ending_unless_asked(
    tmp_path: Path, file: str, asked: str | None, expected: str
) -> None:
    path, *beside = write(dashboard_1a(), tmp_path / file, asked)
    assert path.read_bytes() == b"".join(render(dashboard_1a(), expected))
    has_place = expected in {"json", "table", "xlsx"}
    assert [other.name for other in beside] == ([] if has_place else [f"{file}.herkomst.json"])


@pytest.mark.parametrize("path", ["a.ods", "a.parquet"])
def test_an_unknown_ending_is_refused_before_anything_is_written(tmp_path: Path, path: str) -> None:
    with pytest.raises(UnknownFormat, match=r"formaat '\w+' is onbekend; kies uit table, csv"):
        write(small(), tmp_path / path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="formaat 'ods' is onbekend"):
        render(small(), "ods")
    with pytest.raises(UnknownFormat, match="formaat 'ods' is onbekend"):
        write(small(), tmp_path / "uit", "ods")
    assert list(tmp_path.iterdir()) == []


def test_no_half_file_is_left_behind(tmp_path: Path) -> None:
    crooked = small(("a",), ("b", "too many"))
    with pytest.raises(ValueError, match="zip"):
        write(crooked, tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


# --- size -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["csv", "csv-excel", "json", "jsonl"])
def test_long_tables_come_in_pieces(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = small(*[(f"{row:04}",) for row in range(25)])
    whole = rendered(report, name)
    monkeypatch.setattr(text, "CHUNK", 10)
    pieces = [piece for piece in render(report, name) if b"00" in piece]
    assert b"".join(render(report, name)).decode() == whole
    assert len([piece for piece in pieces if b"herkomst" not in piece]) == 3


def test_loading_the_renderers_loads_no_renderer_of_tables() -> None:
    code = (
        "import sys, projections.render; "
        "print([name for name in ('tabulate', 'csv', 'xlsxwriter') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_report_cannot_have_two_tables_of_one_name() -> None:
    table = small().tabellen[0]
    with pytest.raises(AssertionError, match="twee tabellen"):
        Report("klein", "Klein", HERKOMST, (table, table), enkel=False)
    with pytest.raises(AssertionError, match="enkel"):
        Report("klein", "Klein", HERKOMST, (), enkel=True)
