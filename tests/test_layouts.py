"""The layouts: the documented columns, DUO's file names, and clear errors."""

from datetime import date

import pytest

from projections.layouts import Layout, LayoutError, load, names, parse
from projections.products import PRODUCTS
from projections.report import Column

FIRST_OF_FEBRUARY = date(2025, 2, 1)

STAND = [
    "pgn",
    "geboortedatum",
    "instellingscode",
    "volgnummer",
    "vestigingscode",
    "schoolsoort",
    "begindatum",
    "einddatum",
    "soort_verblijf",
    "swv",
    "wijze_van_bepaling",
    "ondersteuningscategorie",
    "basis",
    "beschikkingsnummer",
    "telt",
    "reden",
    "geldig_van",
    "geldig_tot_en_met",
    "bekend_van",
    "bekend_tot",
]
HISTORY = [
    "positie",
    "type",
    "bekend_op",
    "geboekt_op",
    "bron",
    "kenmerk",
    "pgn",
    "sleutel",
    "omschrijving",
    "bestand",
    "regel",
]
MET_TLV = [
    "SCHOOLSOORT",
    "VESTIGINGSCODE",
    "DEELNEMENDE_VESTIGING",
    "TOTAAL",
    "AANTAL_HOOG_TLV",
    "AANTAL_HOOG_RP",
    "AANTAL_HOOG_OVERIG",
    "AANTAL_MIDDEN_TLV",
    "AANTAL_MIDDEN_RP",
    "AANTAL_MIDDEN_OVERIG",
    "AANTAL_LAAG_TLV",
    "AANTAL_LAAG_RP",
    "AANTAL_LAAG_OVERIG",
    "AANTAL_SBO_TLV",
    "AANTAL_SBO_OVERIG",
]
TOTAAL = ["SCHOOLSOORT", "MET_TLV_DIT_SWV", "MET_TLV_ANDER_SWV", "TOTAAL"]
VESTIGINGEN_VO = [
    "Vestiging",
    "Totaal",
    "Nieuwkomers cat.1 korter dan 1 jaar in NL",
    "VAVO gedeeltelijk bekostigd",
    "LWOO",
    "PRO",
]
LEERLINGEN = [
    "BSN_OWN",
    "BESCHIKKINGSNUMMER",
    "LEEFTIJD_TELDATUM",
    "INSTELLINGSCODE",
    "VESTIGINGSCODE",
    "VESTIGINGSNAAM",
    "VESTIGING_SWVNUMMER",
    "VESTIGING_SWVNAAM",
    "ONDERSTEUNINGSCATEGORIE",
    "INSCHRIJVINGSVOLGNUMMER",
    "DATUM_INSCHRIJVING",
    "DATUM_UITSCHRIJVING",
    "BEGIN_DATUM_TLV",
    "EIND_DATUM_TLV",
    "RESIDENTIELE_LEERLING",
    "HOOFD_ONDERWIJSOORT",
    "WIJZE_VAN_BEPALING",
    "TELDATUM",
    "SAMENWERKINGSVERBAND",
]
COLUMNS = {
    ("stand", "stand"): STAND,
    ("history", "history"): HISTORY,
    ("dashboard-1a-po", "met_tlv"): MET_TLV,
    ("dashboard-1a-po", "totaal"): TOTAAL,
    ("dashboard-1a-po", "vestigingen"): ["VESTIGING", "TOTAAL"],
    ("dashboard-1a-vo", "met_tlv"): MET_TLV,
    ("dashboard-1a-vo", "totaal"): TOTAAL,
    ("dashboard-1a-vo", "vestigingen"): VESTIGINGEN_VO,
    ("dashboard-1b", "leerlingen"): LEERLINGEN,
}
FILE_NAMES = {
    ("stand", "stand"): "",
    ("history", "history"): "",
    ("dashboard-1a-po", "met_tlv"): "Aantallen_leerlingen_met_tlv_svw_XX0001_01_02_2025.csv",
    ("dashboard-1a-po", "totaal"): "Totaal_aantal_leerlingen_sbo_en_so_XX0001_01_02_2025.csv",
    ("dashboard-1a-po", "vestigingen"): (
        "Aantallen_leerlingen_vestigingen_bo_en_sbo_XX0001_01_02_2025.csv"
    ),
    ("dashboard-1a-vo", "met_tlv"): "Aantallen_leerlingen_met_tlv_svw_XX0001_01_02_2025.csv",
    ("dashboard-1a-vo", "totaal"): "Totaal_aantal_leerlingen_vso_XX0001_01_02_2025.csv",
    ("dashboard-1a-vo", "vestigingen"): "Aantallen_leerlingen_vestigingen_vo_XX0001_01_02_2025.csv",
    ("dashboard-1b", "leerlingen"): "Bekostigde_leerlingen_XX0001_01_02_2025.csv",
}

KEYS = {
    ("stand", "stand"): ["pgn", "instellingscode", "volgnummer"],
    ("history", "history"): [],
    ("dashboard-1a-po", "met_tlv"): ["SCHOOLSOORT", "VESTIGINGSCODE"],
    ("dashboard-1a-po", "totaal"): ["SCHOOLSOORT"],
    ("dashboard-1a-po", "vestigingen"): ["VESTIGING"],
    ("dashboard-1a-vo", "met_tlv"): ["SCHOOLSOORT", "VESTIGINGSCODE"],
    ("dashboard-1a-vo", "totaal"): ["SCHOOLSOORT"],
    ("dashboard-1a-vo", "vestigingen"): ["Vestiging"],
    ("dashboard-1b", "leerlingen"): ["BSN_OWN", "INSTELLINGSCODE", "INSCHRIJVINGSVOLGNUMMER"],
}

SMALL = """
product = "klein"
versie = "1"
bron = "deze test"
titel = "Klein"

[[tabellen]]
naam = "rijen"
titel = "Rijen"
bestandsnaam = "Rijen_{swv}_{dd_mm_yyyy}.csv"

[[tabellen.kolommen]]
naam = "VESTIGING"
soort = "tekst"
veld = "vestigingscode"
uitleg = "De vestiging."
"""


@pytest.mark.parametrize(("layout", "tabel"), COLUMNS)
def test_columns_are_the_documented_ones(layout: str, tabel: str) -> None:
    columns = [column.naam for column in load(layout).find(tabel).kolommen]
    assert columns == COLUMNS[layout, tabel]


@pytest.mark.parametrize(("layout", "tabel"), FILE_NAMES)
def test_files_are_called_as_duo_calls_them(layout: str, tabel: str) -> None:
    table = load(layout).table(tabel, [], swv="XX0001", teldatum=FIRST_OF_FEBRUARY)
    assert table.bestandsnaam == FILE_NAMES[layout, tabel]


@pytest.mark.parametrize(("layout", "tabel"), COLUMNS)
def test_keys_are_the_documented_ones(layout: str, tabel: str) -> None:
    keys = [column.naam for column in load(layout).find(tabel).columns() if column.sleutel]
    assert keys == KEYS[layout, tabel]


@pytest.mark.parametrize(
    "name", [name for name in names() if load(name).product in {"stand", *PRODUCTS}]
)
def test_every_product_has_keys_and_room_for_what_a_diff_adds(name: str) -> None:
    for table in load(name).tabellen:
        assert any(column.sleutel for column in table.kolommen), table.naam
        assert {"soort", "kolommen"}.isdisjoint(column.naam for column in table.kolommen)


def test_only_the_teldatum_and_the_age_on_it_follow_from_the_teldatum() -> None:
    following = [
        column.naam
        for name in names()
        for table in load(name).tabellen
        for column in table.columns()
        if column.volgt_teldatum
    ]
    assert set(following) == {
        "LEEFTIJD_TELDATUM",
        "PEILDATUM",
        "SCHOOLJAAR",
        "TELDATUM",
        "VENSTER_NA",
    }


@pytest.mark.parametrize("name", names())
def test_every_layout_loads_and_says_where_it_comes_from(name: str) -> None:
    layout = load(name)
    assert name.startswith(layout.product)
    assert layout.bron
    assert all(column.uitleg.endswith(".") for t in layout.tabellen for column in t.kolommen)


@pytest.mark.parametrize("name", dict.fromkeys(layout for layout, _ in COLUMNS))
def test_the_documented_tables_are_all_tables_in_their_order(name: str) -> None:
    documented = [tabel for layout, tabel in COLUMNS if layout == name]
    assert [table.naam for table in load(name).tabellen] == documented


def test_dates_and_flags_are_no_text() -> None:
    sorts = {column.naam: column.soort for column in load("dashboard-1b").tabellen[0].kolommen}
    assert [naam for naam, soort in sorts.items() if soort == "datum"] == [
        "DATUM_INSCHRIJVING",
        "DATUM_UITSCHRIJVING",
        "BEGIN_DATUM_TLV",
        "EIND_DATUM_TLV",
        "TELDATUM",
    ]
    assert [naam for naam, soort in sorts.items() if soort == "janee"] == ["RESIDENTIELE_LEERLING"]
    assert [naam for naam, soort in sorts.items() if soort == "getal"] == ["LEEFTIJD_TELDATUM"]


def test_a_table_takes_its_fields_in_column_order() -> None:
    rows = [{"totaal": 197, "vestigingscode": "00DX00", "naam": "not in the layout"}]
    table = load("dashboard-1a-po").table(
        "vestigingen", rows, swv="PO0001", teldatum=FIRST_OF_FEBRUARY
    )
    assert table.rijen == [("00DX00", 197)]
    assert table.titel == "Aantallen leerlingen op vestigingen bo en sbo"
    assert table.kolommen[1] == Column(
        "TOTAAL", "getal", "Leerlingen op de vestiging op de teldatum 1 februari."
    )


def test_a_layout_is_read_once() -> None:
    assert load("stand") is load("stand")


def test_an_unknown_layout_names_the_known_ones() -> None:
    with pytest.raises(LayoutError, match=r"layout 'dashboard-9' bestaat niet; wel: .*stand"):
        load("dashboard-9")


def test_an_unknown_table_names_the_known_ones() -> None:
    with pytest.raises(LayoutError, match="geen tabel 'som'; wel: met_tlv, totaal, vestigingen"):
        load("dashboard-1a-vo").find("som")


def test_a_row_without_a_field_is_refused() -> None:
    with pytest.raises(LayoutError, match="tabel 'rijen': een rij mist het veld 'vestigingscode'"):
        small().table("rijen", [{"vestiging": "00DX00"}], swv="PO0001", teldatum=FIRST_OF_FEBRUARY)


def test_a_file_name_without_its_parts_is_refused() -> None:
    with pytest.raises(LayoutError, match="tabel 'rijen': bestandsnaam mist dd_mm_yyyy, swv"):
        small().table("rijen", [])


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('soort = "tekst"', 'soort = "text"', r"kolommen\[0\]\.soort"),
        ('veld = "vestigingscode"', 'veld = "Vestiging"', r"kolommen\[0\]\.veld"),
        ('veld = "vestigingscode"', "", "missing required field `veld`"),
        ('bron = "deze test"', 'bron = ""', r"\$\.bron"),
        ('titel = "Rijen"', 'titel = "Rijen"\nkleur = "rood"', "unknown field `kleur`"),
        ("{swv}", "{swvnaam}", r"bestandsnaam kent \{swvnaam\} niet"),
        ('"klein"', "klein", "Invalid value"),
        ('soort = "tekst"', 'soort = "verschil"', r"kolommen\[0\]\.soort"),
        (
            'soort = "tekst"',
            'soort = "tekst"\nsleutel = true\nvolgt_teldatum = true',
            "kolom 'VESTIGING' volgt de teldatum en kan geen sleutel zijn",
        ),
    ],
)
def test_a_wrong_layout_says_where(before: str, after: str, message: str) -> None:
    with pytest.raises(LayoutError, match=rf"layout 'klein' klopt niet: .*{message}"):
        parse("klein", SMALL.replace(before, after))


def test_a_column_cannot_stand_in_a_table_twice() -> None:
    column = SMALL[SMALL.index("[[tabellen.kolommen]]") :]
    with pytest.raises(LayoutError, match="kolom 'VESTIGING' staat er twee keer in"):
        parse("klein", SMALL + column)


def small() -> Layout:
    return parse("klein", SMALL)
