"""The mapping of a tlv register: what is read of it, what is wrong with it, what is proposed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.intake.readers import ReadOptions
from ledger.intake.sheets import Rij, Sheet
from ledger.intake.tlv_mapping import MappingError, read_mapping
from ledger.intake.tlv_register import read
from ledger.intake.tlv_suggestion import suggest
from tests.by_hand import table, told

NUMMER = "PO2304-2021-11111"


def mapping(folder: Path, text: str) -> Path:
    """Write a mapping and return its path."""
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def wrong(folder: Path, text: str) -> list[str]:
    """Return the lines of the error that a mapping gives."""
    with pytest.raises(MappingError) as caught:
        read_mapping(mapping(folder, text))
    return str(caught.value).splitlines()


def test_columns_and_words_are_read(tmp_path: Path) -> None:
    text = """
    [kolommen]
    nummer = "TLV nr"
    "pgn" = "Leerling (bsn)"

    [waarden.categorie]
    "Zwaar" = "HOOG"
    Licht = "laag"

    [waarden.status]
    "Vervallen" = "Ingetrokken"
    """
    assert read_mapping(mapping(tmp_path, text)) == ReadOptions(
        mapping={"nummer": "TLV nr", "pgn": "Leerling (bsn)"},
        waarden={
            "categorie": {"Zwaar": "HOOG", "Licht": "LAAG"},
            "status": {"Vervallen": "ingetrokken"},
        },
    )


def test_an_empty_mapping_leaves_everything_to_the_aliases(tmp_path: Path) -> None:
    assert read_mapping(mapping(tmp_path, "")) == ReadOptions(mapping={}, waarden={})


def test_columns_that_are_not_read_may_be_named(tmp_path: Path) -> None:
    text = '[kolommen]\nnummer = "Nr"\ndatum_besluit = "Besluit"\npc4 = "Postcode"\n'
    assert read_mapping(mapping(tmp_path, text)).mapping == {"nummer": "Nr"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[kolommen]\nnummer = "Nr"\nkleur = "Kleur"',
            (
                "'kolommen.kleur': onbekend veld; kies uit nummer, pgn, geboortedatum, soort, "
                "categorie, begindatum, einddatum, status, ingetrokken_per, datum_besluit, "
                "school_van_herkomst, beoogde_school, pc4"
            ),
        ),
        (
            "[kolommen]\nnummer = 3",
            "kolommen.nummer: '3' is geen kop; zet de kop tussen aanhalingstekens",
        ),
        (
            '[kolommen]\nnummer = " "',
            "kolommen.nummer: ' ' is geen kop; zet de kop tussen aanhalingstekens",
        ),
        (
            '[kolommen]\nbegindatum = "Datum"\neinddatum = "Datum "',
            "kolommen.einddatum: de kolom 'Datum ' is ook die van begindatum; laat er een weg",
        ),
        (
            '[waarden.categorie]\n"Zwaar" = "zeer hoog"',
            (
                "waarden.categorie 'Zwaar': 'zeer hoog' is geen betekenis; "
                "kies uit SBO, LAAG, MIDDEN, HOOG"
            ),
        ),
        (
            '[waarden.soort]\n"praktijk" = "VO"',
            "waarden.soort 'praktijk': 'VO' is geen betekenis; kies uit SBO, SO, VSO",
        ),
        (
            '[waarden.status]\n"weg" = true',
            (
                "waarden.status 'weg': 'True' is geen betekenis; "
                "kies uit afgegeven, ingetrokken, vervangen"
            ),
        ),
        (
            '[waarden.nummer]\n"a" = "b"',
            "'waarden.nummer': hier horen geen waarden; kies uit soort, categorie, status",
        ),
        (
            '[waarden]\ncategorie = "HOOG"',
            "waarden.categorie: is geen tabel; schrijf [waarden.categorie] erboven",
        ),
        (
            '[columns]\nnummer = "Nr"',
            "'columns': onbekend deel; gebruik [kolommen] en [waarden.veld]",
        ),
        (
            'kolommen = "nummer"',
            "kolommen: is geen tabel; schrijf [kolommen] of [waarden.veld] erboven",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    assert wrong(tmp_path, text) == [f"mapping.toml {said}"]


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = 'x = 1\n[kolommen]\nkleur = "a"\nnummer = 3\n[waarden.categorie]\n"Zwaar" = "?"\n'
    assert [line.split(":")[0] for line in wrong(tmp_path, text)] == [
        "mapping.toml 'x'",
        "mapping.toml 'kolommen.kleur'",
        "mapping.toml kolommen.nummer",
        "mapping.toml waarden.categorie 'Zwaar'",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"nummer is TLV nr", "regel 1, kolom 8 is geen TOML; schrijf naam"),
        (b'[kolommen]\nnummer = "\xff"', "het is geen UTF-8; bewaar het"),
    ],
)
def test_a_file_that_is_no_toml_is_said_to_be_none(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "mapping.toml"
    path.write_bytes(content)
    with pytest.raises(MappingError, match=f"^mapping.toml kan niet worden gelezen: {said}"):
        read_mapping(path)


def test_a_mapping_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_bytes(b'\xef\xbb\xbf[kolommen]\nnummer = "Nr"\n')
    assert read_mapping(path).mapping == {"nummer": "Nr"}


def test_the_proposal_names_what_it_found_and_what_it_could_not() -> None:
    sheet = table(
        "TLV nummer;Zwaarte;Ingangsdatums;Geboren op;status;Opmerking",
        f"{NUMMER};Zwaar;1-8-2021;4-5-2013;vervallen;",
        f"{NUMMER};Licht;1-8-2021;4-5-2013;afgegeven;",
        naam="register.csv",
    )
    assert suggest(sheet).splitlines() == [
        '# Voorstel voor "register.csv": kijk het na en vul aan.',
        "",
        "[kolommen]",
        'nummer = "TLV nummer"',
        '# categorie = ""  # geen kolom gevonden',
        'begindatum = "Ingangsdatums"  # controleer',
        '# einddatum = ""  # geen kolom gevonden',
        'status = "status"',
        "# ook mogelijk: pgn, geboortedatum, soort, ingetrokken_per",
        "# niet ingelezen: datum_besluit, school_van_herkomst, beoogde_school, pc4",
        '# kolommen zonder veld: "Zwaarte", "Geboren op", "Opmerking"',
        "",
        "[waarden.status]  # kies uit afgegeven, ingetrokken, vervangen",
        '# "vervallen" = ""',
    ]


def test_two_columns_for_one_field_are_a_doubt() -> None:
    text = suggest(table("tlv_nummer;beschikkingsnummer;categorie"))
    assert 'nummer = "tlv_nummer"  # controleer' in text
    assert '# kolommen zonder veld: "beschikkingsnummer"' in text


def test_words_of_the_first_thousand_rows_are_looked_at() -> None:
    rows = [f"{NUMMER};woord {number % 3}" for number in range(1000)]
    text = suggest(table("nummer;categorie", *rows, f"{NUMMER};te laat"))
    assert [line for line in text.splitlines() if line.startswith('# "')] == [
        '# "woord 0" = ""',
        '# "woord 1" = ""',
        '# "woord 2" = ""',
    ]


def test_a_column_with_too_many_words_is_not_listed() -> None:
    rows = [f"{NUMMER};woord {number}" for number in range(51)]
    assert "[waarden" not in suggest(table("nummer;categorie", *rows))


def test_no_pgn_comes_into_a_proposal() -> None:
    # A file without header, and one with numbers of pupils in the column of categories.
    without_header = table("123456782;categorie", "111222333;L")
    wrong_column = table("nummer;categorie", f"{NUMMER};123456782")
    for sheet in (without_header, wrong_column):
        assert "123456782" not in suggest(sheet)


def test_a_proposal_that_was_filled_in_reads_the_register(tmp_path: Path) -> None:
    sheet = table("TLV-nummers;Categorieen;Eindatum", f"{NUMMER};Zwaar;31-7-2026")
    text = suggest(sheet).replace('# "Zwaar" = ""', '"Zwaar" = "HOOG"')
    (melding,) = told(read(sheet, read_mapping(mapping(tmp_path, text))))
    assert [getattr(melding.standen[0], name) for name in ("nummer", "categorie")] == [
        NUMMER,
        "HOOG",
    ]


HEADERS = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["tlv_nummer", "Categorie", "begin datum", "Eind-datum", "stat us", "nummer"]
        ),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(headers=HEADERS, words=st.lists(st.text(max_size=20), max_size=5))
@example(headers=['TLV "nr"\\', "categorie\n\t\x7f\x00"], words=['"\\\r\n\x7f'])
def test_every_proposal_reads_back(tmp_path: Path, headers: list[str], words: list[str]) -> None:
    rows = [Rij(2 + line, (word,) * len(headers)) for line, word in enumerate(words)]
    sheet = Sheet("register\n.csv", "csv", tuple(headers), ";", lambda: iter(rows))
    text = suggest(sheet)
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8", newline="\n")
    proposed = read_mapping(path).mapping or {}
    assert set(proposed.values()) <= set(headers)
    with_words = "\n".join(
        line.removeprefix("# ") if line.startswith('# "') and line.endswith(' = ""') else line
        for line in text.splitlines()
    )
    given_words = tomllib.loads(with_words).get("waarden", {})
    assert {word for table_ in given_words.values() for word in table_} <= {
        word.strip() for word in words
    }
