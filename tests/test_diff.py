"""`diff`: which rows of a product differ between two moments, and how that is shown."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from cli.selecting import FITTING
from projections.diff import Difference, IncomparableError, count, diff_report, differences
from projections.products import PRODUCTS
from projections.report import Change, Column, Herkomst, Report, Table
from tests.command import GOLDEN, Kijkglas, Row, ledger_with
from tests.conftest import Golden
from tests.oracle_examples import about, enrolled, event, home, issued, link

SCHOOL = Column("SCHOOL", "tekst", sleutel=True)
NUMMER = Column("NUMMER", "getal", sleutel=True)
TOTAAL = Column("TOTAAL", "getal")
OP = Column("OP", "datum")
PEILDAG = Column("PEILDAG", "datum", volgt_teldatum=True)
BEKEND = Column("BEKEND_OP", "moment", volgt_bekend_op=True)
COLUMNS = (SCHOOL, TOTAAL, NUMMER, OP)

Values = tuple[object, ...]


# Two tables


def table(*rows: Values, columns: tuple[Column, ...] = COLUMNS) -> Table:
    return Table("rijen", "Rijen", columns, rows)


def found(before: Table, after: Table) -> list[Difference]:
    return list(differences(before, after, same_teldatum=True))


def test_a_row_that_is_only_after_is_erbij() -> None:
    assert found(table(), table(("12QN", 3, 1, None))) == [
        Difference("erbij", ("12QN", 1), (Change(TOTAAL, UNSET, 3), Change(OP, UNSET, None)))
    ]


def test_a_row_that_is_only_before_is_eraf() -> None:
    assert found(table(("12QN", 3, 1, None)), table()) == [
        Difference("eraf", ("12QN", 1), (Change(TOTAAL, 3, UNSET), Change(OP, None, UNSET)))
    ]


def test_a_row_on_both_sides_has_only_the_columns_that_differ() -> None:
    before = table(("12QN", 3, 1, None), ("12QN", 4, 2, None))
    after = table(("12QN", 4, 2, None), ("12QN", 3, 1, date(2025, 7, 31)))
    assert found(before, after) == [
        Difference("gewijzigd", ("12QN", 1), (Change(OP, None, date(2025, 7, 31)),))
    ]


def test_keys_with_leading_zeros_are_other_keys() -> None:
    before, after = table(("0012", 3, 1, None)), table(("12", 3, 1, None))
    assert [(one.soort, one.sleutel) for one in found(before, after)] == [
        ("eraf", ("0012", 1)),
        ("erbij", ("12", 1)),
    ]


def test_differences_are_ordered_by_their_key_and_empty_ones_come_first() -> None:
    after = table(*(("13AA", 0, number, None) for number in (10, 9, None)), ("12QN", 0, 11, None))
    assert [one.sleutel for one in found(table(), after)] == [
        ("12QN", 11),
        ("13AA", None),
        ("13AA", 9),
        ("13AA", 10),
    ]


def test_a_key_that_is_there_twice_does_not_say_which_row_became_which() -> None:
    before = table(("12QN", 3, 1, None), ("12QN", 4, 1, None))
    after = table(("12QN", 4, 1, None), ("12QN", 5, 1, None))
    assert found(before, before) == []
    assert [(one.soort, one.kolommen[0]) for one in found(before, after)] == [
        ("eraf", Change(TOTAAL, 3, UNSET)),
        ("erbij", Change(TOTAAL, UNSET, 5)),
    ]
    twice = table(*(before.rijen[0],) * 2)
    assert [one.soort for one in found(twice, table(before.rijen[0]))] == ["eraf"]


def test_the_moment_that_was_asked_about_is_no_difference() -> None:
    columns = (Column("CODE", "tekst", sleutel=True), BEKEND)
    moments = [datetime(2025, 3, day, tzinfo=UTC) for day in (3, 4)]
    before, after = (Table("rijen", "Rijen", columns, [("a", moment)]) for moment in moments)
    assert differences(before, after, same_teldatum=True) == ()


def test_what_follows_from_the_teldatum_is_compared_only_on_one_teldatum() -> None:
    columns = (SCHOOL, TOTAAL, PEILDAG)
    before = table(("12QN", 3, date(2025, 2, 1)), ("13AA", 3, None), columns=columns)
    after = table(("12QN", 3, date(2026, 2, 1)), ("14BB", 3, None), columns=columns)
    on_one, on_two = (differences(before, after, same_teldatum=same) for same in (True, False))
    assert [one.soort for one in on_one] == ["gewijzigd", "eraf", "erbij"]
    assert [one.soort for one in on_two] == ["eraf", "erbij"]
    assert [change.kolom for change in on_two[0].kolommen] == [TOTAAL, PEILDAG]


def test_tables_without_a_key_or_with_other_columns_are_not_compared() -> None:
    without = table(columns=(TOTAAL, OP))
    with pytest.raises(IncomparableError, match="tabel 'rijen' heeft geen sleutel"):
        found(without, without)
    with pytest.raises(IncomparableError, match="tabel 'rijen': de twee kanten hebben andere"):
        found(table(), without)


def test_differences_are_counted_per_sort() -> None:
    listed = found(table(("A", 1, 1, None), ("B", 1, 1, None)), table(("B", 2, 1, None)))
    assert count(listed) == "1 eraf, 1 gewijzigd"
    assert count(found(table(), table(*(("A", 0, n, None) for n in range(1200))))) == "1.200 erbij"
    assert count([]) == ""


# Any two tables

SMALL_ROW = st.tuples(
    st.sampled_from(["1", "01", ""]),
    st.one_of(st.none(), st.integers(0, 2)),
    st.one_of(st.none(), st.integers(0, 1)),
    st.one_of(st.none(), st.sampled_from([date(2025, 2, 1), date(2026, 2, 1)])),
)
TABLES = st.lists(SMALL_ROW, max_size=8).map(lambda rows: table(*rows))


def applied(before: Table, listed: list[Difference]) -> Counter[Values]:
    """Return the rows of the table with the differences carried out."""
    rows = Counter(before.rijen)
    for one in listed:
        of_key = [row for row in before.rijen if (row[0], row[2]) == one.sleutel]
        na = {change.kolom.naam: change.na for change in one.kolommen}
        voor = {change.kolom.naam: change.voor for change in one.kolommen}
        school, nummer = one.sleutel
        if one.soort == "erbij":
            rows[school, na["TOTAAL"], nummer, na["OP"]] += 1
        elif one.soort == "eraf":
            rows[school, voor["TOTAAL"], nummer, voor["OP"]] -= 1
        else:
            ((_, totaal, _, op),) = of_key
            assert voor.items() <= {"TOTAAL": totaal, "OP": op}.items()
            rows[of_key[0]] -= 1
            rows[school, na.get("TOTAAL", totaal), nummer, na.get("OP", op)] += 1
    assert min(rows.values(), default=0) >= 0
    return +rows


def turned(one: Difference) -> Difference:
    """Return a difference as it is when the sides are swapped."""
    swapped = {"erbij": "eraf", "eraf": "erbij", "gewijzigd": "gewijzigd"}
    changes = tuple(Change(change.kolom, change.na, change.voor) for change in one.kolommen)
    return msgspec.structs.replace(one, soort=swapped[one.soort], kolommen=changes)


@given(TABLES, TABLES)
def test_the_differences_make_of_the_first_table_the_second(before: Table, after: Table) -> None:
    assert applied(before, found(before, after)) == Counter(after.rijen)


@given(TABLES, TABLES)
def test_swapping_the_sides_swaps_the_differences(before: Table, after: Table) -> None:
    there = Counter(map(repr, found(before, after)))
    assert Counter(repr(turned(one)) for one in found(after, before)) == there


@given(TABLES, st.data())
def test_the_order_of_rows_is_no_difference(before: Table, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(before.rijen))
    assert found(before, table(*shuffled)) == []


# The command

LATE, GONE, CHANGED, SAME = "012345672", "900554332", "962354508", "924154676"
TLV = "PO2304-2024-00001"


def later(kind: str, bekend_op: str, volgnummer: str, pgn: str, **fields: object) -> dict[str, Any]:
    """Return an event about an enrolment of one of them."""
    return {**about(kind, bekend_op, volgnummer, **fields), "pgn": pgn}


FEED = [
    event("SwvGeregistreerd", swv="PO2304", naam="Waterrijk"),
    event("VestigingGeregistreerd", vestigingscode="12QN00", naam="De Brug"),
    link("12QN00", "PO2304"),
    *home(pgn=CHANGED),
    *(
        event("WoonplaatsVastgelegd", pgn=pgn, vanaf="2020-01-01", pc4="7511")
        for pgn in (LATE, GONE, SAME)
    ),
    event("LeerlingGeregistreerd", pgn=CHANGED, geboortedatum="2014-05-20"),
    enrolled("SO", "2024-08-01", volgnummer="0001", pgn=CHANGED, bekend_op="2024-08-05"),
    enrolled("SO", "2024-08-01", volgnummer="2", pgn=GONE, bekend_op="2024-08-05"),
    enrolled("SO", "2024-08-01", volgnummer="3", pgn=SAME, bekend_op="2024-08-05"),
    issued(TLV, "2024-08-01", "2026-07-31", pgn=CHANGED),
    enrolled("SO", "2024-10-01", volgnummer="4", pgn=LATE, bekend_op="2025-03-20"),
    later("InschrijvingVerwijderd", "2025-04-10", "2", GONE),
    later("UitschrijvingGeregistreerd", "2025-04-11", "0001", CHANGED, einddatum="2025-07-31"),
    later("TlvGekoppeld", "2025-05-12", "0001", CHANGED, nummer=TLV, door="school"),
]
"""What became known after the count of 1 February 2025 was fixed stands last."""

T, T2 = "2025-02-01", "2026-02-01"
SINCE = ("--from", f"{T}@vaststelling", "--to", T)
SWV = ("--swv", "PO2304")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Kijkglas:
    """Give a ledger in which a pupil came, one went, one changed and one stayed as it was."""
    return ledger_with(tmp_path_factory.mktemp("diff"), FEED)


def answer(command: Kijkglas, *arguments: str, status: int = 1) -> Row:
    """Return the JSON of a diff that ends with this status."""
    done = command("diff", *arguments, "--format", "json")
    assert done.status == status, done.err
    return done.answer


def keyed(rows: list[Row], key: str = "pgn") -> list[tuple[str, str]]:
    return [(row[key], row["soort"]) for row in rows]


def test_what_became_known_of_the_state_since_the_count_was_fixed(told: Kijkglas) -> None:
    late, gone, changed = answer(told, *SINCE)["rows"]
    assert list(late) == ["pgn", "instellingscode", "volgnummer", "soort", "kolommen"]
    assert keyed([late, gone, changed]) == [(LATE, "erbij"), (GONE, "eraf"), (CHANGED, "gewijzigd")]
    assert changed["volgnummer"] == "0001"
    assert changed["kolommen"] == {
        "einddatum": {"voor": None, "na": "2025-07-31"},
        "wijze_van_bepaling": {"voor": "Woonplaats leerling", "na": "TLV"},
        "basis": {"voor": "OVERIG", "na": "TLV"},
        "beschikkingsnummer": {"voor": "", "na": TLV},
        "geldig_tot_en_met": {"voor": None, "na": "2025-07-31"},
        "bekend_van": {"voor": "2024-08-05T00:00:00+02:00", "na": "2025-05-12T00:00:00+02:00"},
        "bekend_tot": {"voor": "2025-04-11T00:00:00+02:00", "na": None},
    }
    assert len(late["kolommen"]) == len(gone["kolommen"]) == 17
    assert late["kolommen"]["telt"] == {"voor": None, "na": True}
    assert gone["kolommen"]["begindatum"] == {"voor": "2024-08-01", "na": None}


def test_between_two_teldata_with_the_same_knowledge(told: Kijkglas) -> None:
    ask = ("--from", T, "--to", T2)
    assert keyed(answer(told, *ask)["rows"]) == [(CHANGED, "eraf")]
    turned_round = answer(told, "--from", T2, "--to", T)["rows"]
    assert keyed(turned_round) == [(CHANGED, "erbij")]
    before = ("--bekend-op", "2025-04-10")
    assert answer(told, *ask, *before, status=0)["rows"] == []


def test_between_two_teldata_as_known_at_two_moments(told: Kijkglas) -> None:
    rows = answer(told, "--from", f"{T}@2025-03-19", "--to", f"{T2}@2025-04-11")["rows"]
    assert keyed(rows) == [(LATE, "erbij"), (GONE, "eraf"), (CHANGED, "eraf")]


@pytest.mark.parametrize("product", [("stand",), ("dashboard-1a", *SWV), ("dashboard-1b", *SWV)])
def test_the_same_moment_twice_gives_no_differences(
    product: tuple[str, ...], told: Kijkglas
) -> None:
    done = told.fine("diff", *product, "--from", T, "--to", f"{T}@nu", "--format", "jsonl")
    assert done.data == b""
    assert done.err.splitlines()[-1] == "geen verschillen"


def test_dashboard_1b_names_its_own_columns(told: Kijkglas) -> None:
    rows = answer(told, "dashboard-1b", *SWV, *SINCE)["rows"]
    assert keyed(rows, "BSN_OWN") == [(LATE, "erbij"), (GONE, "eraf"), (CHANGED, "gewijzigd")]
    assert rows[2] == {
        "BSN_OWN": CHANGED,
        "INSTELLINGSCODE": "12QN",
        "INSCHRIJVINGSVOLGNUMMER": "0001",
        "soort": "gewijzigd",
        "kolommen": {
            "DATUM_UITSCHRIJVING": {"voor": None, "na": "2025-07-31"},
            "WIJZE_VAN_BEPALING": {"voor": "Woonplaats leerling", "na": "TLV"},
        },
    }


def test_without_its_unused_tlv_a_row_of_1b_has_more_that_differs(told: Kijkglas) -> None:
    rows = answer(told, "dashboard-1b", *SWV, *SINCE, "--zonder-ongebruikte-tlv")["rows"]
    assert rows[2]["kolommen"]["BESCHIKKINGSNUMMER"] == {"voor": "", "na": TLV}


def test_1b_on_two_teldata_is_not_about_the_teldatum_and_the_age(told: Kijkglas) -> None:
    ask = ("dashboard-1b", *SWV, "--from", T, "--to", T2)
    (row,) = answer(told, *ask)["rows"]
    assert (row["BSN_OWN"], row["soort"]) == (CHANGED, "eraf")
    assert row["kolommen"]["LEEFTIJD_TELDATUM"] == {"voor": 10, "na": None}
    assert row["kolommen"]["TELDATUM"] == {"voor": T, "na": None}


def test_dashboard_1a_has_its_three_tables(told: Kijkglas) -> None:
    found = answer(told, "dashboard-1a", *SWV, "--from", f"{T}@2025-03-19", "--to", T)
    assert list(found["tabellen"]) == ["met_tlv", "totaal", "vestigingen"]
    assert found["tabellen"]["met_tlv"] == [
        {
            "SCHOOLSOORT": "SO",
            "VESTIGINGSCODE": "12QN00",
            "soort": "gewijzigd",
            "kolommen": {
                "AANTAL_LAAG_TLV": {"voor": 0, "na": 1},
                "AANTAL_LAAG_OVERIG": {"voor": 3, "na": 2},
            },
        }
    ]
    assert found["tabellen"]["totaal"] == found["tabellen"]["vestigingen"] == []
    assert found["herkomst"]["opmerkingen"] == ["met_tlv: 1 gewijzigd"]


def test_membership_of_file_3_is_set_for_both_sides(tmp_path: Path) -> None:
    left = {"vestigingscode": "12QN00", "swv": "PO2304", "tot_en_met": "2025-12-31"}
    feed = [
        link("12QN00", "PO2304"),
        enrolled("BO", "2024-08-01"),
        event("VestigingUitgetreden", **left),
    ]
    command = ledger_with(tmp_path, feed)
    ask = ("dashboard-1a", *SWV, "--from", T, "--to", T2)
    assert answer(command, *ask)["tabellen"]["vestigingen"] == [
        {"VESTIGING": "12QN00", "soort": "eraf", "kolommen": {"TOTAAL": {"voor": 1, "na": None}}}
    ]
    assert answer(command, *ask, "--lidmaatschap", T, status=0)["tabellen"]["vestigingen"] == []


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (["--pgn", LATE], [(LATE, "erbij")]),
        (["--pgn", SAME], []),
        (["--vestiging", "12QN00"], [(LATE, "erbij"), (GONE, "eraf"), (CHANGED, "gewijzigd")]),
        (["--vestiging", "13AA00"], []),
        (["--swv", "PO2203"], []),
        (["--schoolsoort", "SBO", "--schoolsoort", "VSO"], []),
    ],
)
def test_selections_narrow_both_sides(
    selection: list[str], expected: list[tuple[str, str]], told: Kijkglas
) -> None:
    assert keyed(answer(told, *SINCE, *selection, status=int(bool(expected)))["rows"]) == expected


def test_a_row_that_leaves_the_selection_is_eraf(tmp_path: Path) -> None:
    moved = about(
        "InschrijvingGewijzigd", "2025-01-01", vanaf="2025-08-01", vestigingscode="12QN01"
    )
    command = ledger_with(tmp_path, [*home(), enrolled("SO", "2024-08-01"), moved])
    ask = ("--from", T, "--to", T2)
    (row,) = answer(command, *ask)["rows"]
    assert row["kolommen"]["vestigingscode"] == {"voor": "12QN00", "na": "12QN01"}
    for code, soort in (("12QN00", "eraf"), ("12QN01", "erbij")):
        assert [row["soort"] for row in answer(command, *ask, "--vestiging", code)["rows"]] == [
            soort
        ]


def test_vaststelling_is_that_of_the_schoolsoorten_that_are_asked_for(tmp_path: Path) -> None:
    fixed = event("TellingVastgesteld", teldatum=T, schoolsoorten=["SO"], op="2025-02-15")
    command = ledger_with(tmp_path, [enrolled("SO", "2024-08-01", bekend_op="2025-02-20"), fixed])
    assert answer(command, *SINCE, status=0)["rows"] == []
    assert keyed(answer(command, *SINCE, "--schoolsoort", "SO")["rows"]) == [("123456782", "erbij")]


def test_the_heading_has_both_moments_and_the_status_of_the_second(told: Kijkglas) -> None:
    herkomst = answer(told, *SINCE)["herkomst"]
    assert herkomst["van"] == {"teldatum": T, "bekend_op": "2025-03-03T23:59:59.999999+01:00"}
    assert (herkomst["teldatum"], herkomst["bekend_op"]) == (T, None)
    assert herkomst["kop"] == (
        "Van stand per 01-02-2025, zoals bekend op 03-03-2025 23:59 naar stand per 01-02-2025,"
        f" zoals nu bekend (gebeurtenis {len(FEED) + 1}) - na vaststelling"
    )
    assert herkomst["opmerkingen"] == ["1 erbij, 1 eraf, 1 gewijzigd"]
    back = answer(told, "--from", T, "--to", f"{T}@vaststelling")["herkomst"]
    assert back["status"] == "definitief"


def test_a_position_holds_for_both_sides(told: Kijkglas) -> None:
    until = ("--positie", str(len(FEED) - 3))
    assert keyed(answer(told, *SINCE, *until)["rows"]) == [(LATE, "erbij")]


# Forms


@pytest.mark.parametrize("form", ["table", "csv", "csv-excel", "json", "jsonl"])
def test_a_diff_of_the_state_in_every_form(form: str, told: Kijkglas, golden: Golden) -> None:
    ending = {"table": "txt", "csv-excel": "excel.csv"}.get(form, form)
    done = told("diff", *SINCE, "--format", form)
    assert done.status == 1
    data = done.data
    if form == "json":
        data = json.dumps(done.answer["rows"], indent=1).encode() + b"\n"
    golden(GOLDEN / f"diff-stand.{ending}", data)


def test_csv_has_two_columns_for_each_column_and_both_empty_where_nothing_differs(
    told: Kijkglas,
) -> None:
    done = told("diff", *SINCE, "--format", "csv")
    late, gone, changed = done.lines
    assert list(late)[:6] == [
        *("pgn", "instellingscode", "volgnummer", "soort", "geboortedatum voor", "geboortedatum na")
    ]
    assert len(late) == 4 + 2 * 17
    assert (late["telt voor"], late["telt na"]) == ("", "Ja")
    assert (gone["telt voor"], gone["telt na"]) == ("Ja", "")
    assert (changed["telt voor"], changed["telt na"]) == ("", "")
    assert (changed["einddatum voor"], changed["einddatum na"]) == ("", "2025-07-31")
    assert done.err.splitlines()[-1] == "1 erbij, 1 eraf, 1 gewijzigd"


def test_jsonl_has_the_rows_of_json(told: Kijkglas) -> None:
    lines = told("diff", *SINCE, "--format", "jsonl").data.splitlines()
    assert [json.loads(line) for line in lines] == answer(told, *SINCE)["rows"]


def test_a_screen_says_in_words_what_differs_on_lines_of_a_hundred(told: Kijkglas) -> None:
    lines = told("diff", *SINCE, screen=True).out.splitlines()
    assert lines[2] == "1 erbij, 1 eraf, 1 gewijzigd"
    assert lines[4].split() == ["pgn", "instellingscode", "volgnummer", "soort", "verschil"]
    assert any(line.endswith("  einddatum: leeg -> 31-7-2025;") for line in lines)
    assert not any(line.split("  ")[-1].startswith("einddatum: leeg;") for line in lines)
    assert max(map(len, lines[4:])) < 110


def test_a_screen_holds_forty_rows_and_says_what_it_left_out(region_ledger: Kijkglas) -> None:
    ask = ("diff", "--from", T, "--to", T2)
    rows = len(answer(region_ledger, *ask[1:])["rows"])
    shown = region_ledger(*ask, screen=True).out.splitlines()
    assert sum(line[:9].isdigit() for line in shown) == 40
    assert shown[-1].startswith(f"nog {rows - 40:,} rijen weggelaten".replace(",", "."))


def test_a_folder_gets_names_that_are_not_those_of_duo(told: Kijkglas, tmp_path: Path) -> None:
    done = told("diff", "dashboard-1a", *SWV, *SINCE, "-o", tmp_path / "uit")
    assert done.status == 1
    assert sorted(path.name for path in (tmp_path / "uit").iterdir()) == [
        "diff-dashboard-1a_met_tlv.csv",
        "diff-dashboard-1a_totaal.csv",
        "diff-dashboard-1a_vestigingen.csv",
        "herkomst.json",
    ]


# What goes wrong


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Er ontbreekt een optie: '--from'"),
        (["--from", T], "Er ontbreekt een optie: '--to'"),
        (["--from", "gisteren", "--to", T], "--from: 'gisteren' is geen datum"),
        (["--from", T, "--to", f"{T}@ooit"], "--to: 'ooit' is geen moment"),
        (["dashboard-1b", *SINCE], "Er ontbreekt een optie: --swv"),
        (
            ["history", *SINCE],
            "'history' is er geen van; kies uit 'stand', 'dashboard-1a', 'dashboard-1b'",
        ),
        ([*SINCE, "--teldatum", T], "Optie '--teldatum' bestaat niet"),
        (
            [*SINCE, "--lidmaatschap", T],
            "--lidmaatschap hoort niet bij stand; wel: --swv, --vestiging, --schoolsoort, --pgn",
        ),
        (
            ["dashboard-1a", *SWV, *SINCE, "--zonder-ongebruikte-tlv"],
            "--zonder-ongebruikte-tlv hoort niet bij dashboard-1a; wel: --swv, --lidmaatschap",
        ),
        (
            ["dashboard-1b", *SWV, *SINCE, "--lidmaatschap", T],
            "--lidmaatschap hoort niet bij dashboard-1b; wel: --swv, --zonder-ongebruikte-tlv",
        ),
        (["dashboard-1b", *SWV, *SINCE, "--pgn", LATE], "--pgn hoort niet bij dashboard-1b"),
        (["dashboard-1a", *SWV, *SINCE, "--vestiging", "12QN00"], "--vestiging hoort niet bij"),
        (["dashboard-1a", *SWV, *SINCE, "--schoolsoort", "SO"], "--schoolsoort hoort niet bij"),
    ],
)
def test_a_wrong_use_ends_with_2_and_says_why(
    arguments: list[str], said: str, told: Kijkglas
) -> None:
    done = told("diff", *arguments)
    assert (done.status, done.data) == (2, b"")
    assert said in done.err
    assert LATE not in done.err


def test_options_belong_to_products_that_exist() -> None:
    assert set(FITTING) <= {"stand", *PRODUCTS}
    assert all("swv" in names for names in FITTING.values())


def test_reports_without_a_day_are_not_compared() -> None:
    herkomst = Herkomst(None, datetime(2025, 2, 1, tzinfo=UTC), 1, "", "", "")
    columns = (Column("positie", "getal"),)
    report = Report("history", "", herkomst, (table(columns=columns),), enkel=True)
    with pytest.raises(IncomparableError, match="geen sleutel"):
        diff_report(report, report)


# The whole region


def test_a_diff_of_the_region_is_what_comparing_both_states_gives(region_ledger: Kijkglas) -> None:
    key = ("pgn", "instellingscode", "volgnummer")

    def side(known: str) -> dict[tuple[str, ...], Row]:
        rows = region_ledger.stand(T, "--bekend-op", known)
        return {tuple(row[name] for name in key): row for row in rows}

    before, after = side("vaststelling"), side("2025-09-01")
    ask = ("--from", f"{T}@vaststelling", "--to", f"{T}@2025-09-01")
    rows = answer(region_ledger, *ask)["rows"]
    by_key = {tuple(row[name] for name in key): row for row in rows}
    assert list(by_key) == sorted(by_key)
    assert len(by_key) == len(rows)
    assert by_key.keys() == {k for k in before | after if before.get(k) != after.get(k)}
    assert {row["soort"] for row in rows} == {"erbij", "eraf", "gewijzigd"}
    for found_key, row in by_key.items():
        voor, na = before.get(found_key, {}), after.get(found_key, {})
        both = bool(voor and na)
        assert row["soort"] == ("gewijzigd" if both else "erbij" if na else "eraf")
        assert row["kolommen"] == {
            name: {"voor": voor.get(name), "na": na.get(name)}
            for name in (na or voor)
            if name not in key and not (both and voor[name] == na[name])
        }
