"""The tlv register of a samenwerkingsverband: which file it is, what its rows tell (A-33)."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec import UNSET

from ledger.intake import tlv_register
from ledger.intake.readers import About, Melding, ReadOptions
from ledger.intake.sheets import Sheet, UnreadableFileError, opened_sheet
from ledger.intake.tlv_mapping import read_mapping
from ledger.intake.tlv_register import read
from ledger.states import LeerlingStand, TlvStand
from tests.by_hand import objects, refused, table, told
from tests.command import SAMPLES

FOLDER = SAMPLES / "lezers" / "tlv-register"
NO_OPTIONS = ReadOptions()

KOP = "tlv_nummer;bsn;categorie;begindatum;einddatum"
PGN = "123456782"
NUMMER = "PO2304-2021-11111"
REGEL = f"{NUMMER};{PGN};Laag;1-8-2021;31-7-2026"


def standen(kop: str, *regels: str, options: ReadOptions = NO_OPTIONS) -> list[TlvStand]:
    """Return the tlv's that a register tells of."""
    return [
        stand
        for melding in told(read(table(kop, *regels), options))
        for stand in melding.standen
        if isinstance(stand, TlvStand)
    ]


def reasons(kop: str, *regels: str) -> list[str]:
    """Return all that is wrong with the refused rows of a register."""
    return [
        reason for _, found in refused(read(table(kop, *regels), NO_OPTIONS)) for reason in found
    ]


def test_a_row_is_a_tlv_of_its_pupil() -> None:
    sheet = table(KOP, REGEL)
    assert told(read(sheet, NO_OPTIONS)) == [
        Melding(
            tuple(sheet.rijen()),
            PGN,
            (
                TlvStand(
                    nummer=NUMMER,
                    categorie="LAAG",
                    begindatum=date(2021, 8, 1),
                    einddatum=date(2026, 7, 31),
                ),
            ),
        )
    ]


def test_a_birth_date_is_told_before_the_tlv() -> None:
    (melding,) = told(read(table(f"{KOP};geboortedatum", f"{REGEL};4-5-2013"), NO_OPTIONS))
    assert melding.standen[0] == LeerlingStand(geboortedatum=date(2013, 5, 4))
    assert isinstance(melding.standen[1], TlvStand)


@pytest.mark.parametrize(
    ("kop", "regel"),
    [
        ("tlv_nummer;categorie", f"{NUMMER};H"),
        ("tlv_nummer;bsn;categorie", f"{NUMMER};;H"),
    ],
)
def test_without_a_bsn_the_number_says_whose_it_is(kop: str, regel: str) -> None:
    (melding,) = told(read(table(kop, regel), NO_OPTIONS))
    assert melding.pgn is None


@pytest.mark.parametrize(
    "header",
    [
        "tlv_nummer",
        "TLV nummer",
        "tlv-nummer",
        "beschikkingsnummer",
        "BESCHIKKINGSNUMMER",
        "nummer",
    ],
)
def test_the_number_goes_by_many_headers(header: str) -> None:
    (stand,) = standen(f"{header};categorie", f"{NUMMER};M")
    assert (stand.nummer, stand.categorie) == (NUMMER, "MIDDEN")


@pytest.mark.parametrize(
    "header", ["bsn_own", "bsn", "own", "pgn", "Burgerservicenummer", "onderwijsnummer"]
)
def test_the_pupil_goes_by_many_headers(header: str) -> None:
    (melding,) = told(read(table(f"nummer;categorie;{header}", f"{NUMMER};M;{PGN}"), NO_OPTIONS))
    assert melding.pgn == PGN


@pytest.mark.parametrize(
    ("begin", "eind"),
    [
        ("begin", "eind"),
        ("begindatum", "einddatum"),
        ("ingangsdatum", "Einddatum"),
        ("Geldig vanaf", "Geldig tot en met"),
        ("BEGIN_DATUM_TLV", "EIND_DATUM_TLV"),
    ],
)
def test_the_days_go_by_many_headers(begin: str, eind: str) -> None:
    (stand,) = standen(f"nummer;{begin};{eind}", f"{NUMMER};2021-08-01;20260731")
    assert (stand.begindatum, stand.einddatum) == (date(2021, 8, 1), date(2026, 7, 31))
    assert stand.categorie is UNSET


def test_a_column_of_row_numbers_does_not_go_before_that_of_tlv_numbers() -> None:
    (stand,) = standen("nummer;tlv-nummer;categorie", f"1;{NUMMER};H")
    assert stand.nummer == NUMMER


@pytest.mark.parametrize(
    ("text", "categorie"),
    [
        ("L", "LAAG"),
        ("m", "MIDDEN"),
        ("H", "HOOG"),
        ("Nvt", "SBO"),
        ("n.v.t.", "SBO"),
        ("SBO", "SBO"),
        ("Laag", "LAAG"),
        ("MIDDEN", "MIDDEN"),
        ("hoog", "HOOG"),
        ("1", "LAAG"),
        ("2", "MIDDEN"),
        ("categorie 3", "HOOG"),
        ("Cat. 2", "MIDDEN"),
        ("laag (categorie 1)", "LAAG"),
        ("SO_VSO_MIDDE", "MIDDEN"),
    ],
)
def test_words_for_a_category(text: str, categorie: str) -> None:
    (stand,) = standen("nummer;categorie", f"{NUMMER};{text}")
    assert stand.categorie == categorie


@pytest.mark.parametrize("text", ["4", "laag (categorie 2)", "zwaar", "categorie", "hoog/laag"])
def test_what_is_no_category_is_refused(text: str) -> None:
    assert reasons("nummer;categorie", f"{NUMMER};{text}") == [
        (
            f"categorie: '{text}' is geen categorie van een tlv; "
            "kies een categorie: SBO, LAAG, MIDDEN of HOOG"
        )
    ]


@pytest.mark.parametrize("soort", ["SBO", "sbo", "speciaal basisonderwijs"])
def test_a_tlv_for_sbo_needs_no_category(soort: str) -> None:
    assert [
        stand.categorie for stand in standen("nummer;soort;categorie", f"{NUMMER};{soort};")
    ] == ["SBO"]
    assert [stand.categorie for stand in standen("nummer;soort;eind", f"{NUMMER};{soort};")] == [
        "SBO"
    ]


@pytest.mark.parametrize(
    ("soort", "categorie", "said"),
    [("SBO", "Hoog", "SBO en de categorie HOOG"), ("SO", "Nvt", "SO en de categorie SBO")],
)
def test_soort_and_category_may_not_contradict_each_other(
    soort: str, categorie: str, said: str
) -> None:
    assert reasons("nummer;soort;categorie", f"{NUMMER};{soort};{categorie}") == [
        (
            f"categorie: de soort is {said}: dat spreekt elkaar tegen; "
            "sbo heeft geen categorie (Nvt), so en vso hebben laag, midden of hoog"
        )
    ]


@pytest.mark.parametrize(
    ("nummer", "soort", "sector"),
    [
        ("PO2304-2021-11111", "VSO", "VO"),
        ("VO2305-2021-11111", "SO", "PO"),
    ],
)
def test_a_number_of_the_other_sector_is_refused(nummer: str, soort: str, sector: str) -> None:
    assert reasons("nummer;soort;categorie", f"{nummer};{soort};L") == [
        (
            f"nummer: een tlv voor {soort} is van een samenwerkingsverband {sector}: "
            "verkeerde sector; controleer nummer en soort"
        )
    ]


def test_what_the_ledger_refuses_of_a_tlv_is_refused_here() -> None:
    assert reasons(KOP, f"VO2305-2021-11111;{PGN};Nvt;1-8-2021;31-7-2020") == [
        "einddatum: het einde ligt voor het begin; controleer beide data",
        (
            "categorie: een samenwerkingsverband VO geeft geen tlv voor sbo af: verkeerde sector; "
            "controleer nummer en categorie"
        ),
    ]


@pytest.mark.parametrize("soort", ["BO", "vo", "Praktijkonderwijs"])
def test_a_soort_that_needs_no_tlv_is_refused(soort: str) -> None:
    assert reasons("nummer;soort;categorie", f"{NUMMER};{soort};L") == [
        f"soort: '{soort}' is geen soort onderwijs waarvoor een tlv is; kies SBO, SO of VSO"
    ]


WITHDRAWN = date(2024, 2, 1)


@pytest.mark.parametrize(
    ("kop", "cells", "per"),
    [
        ("nummer;categorie", "", UNSET),
        ("nummer;categorie;status", ";afgegeven", None),
        ("nummer;categorie;status", ";Vervangen", None),
        ("nummer;categorie;status", ";", UNSET),
        ("nummer;categorie;status;intrekkingsdatum", ";ingetrokken;1-2-2024", WITHDRAWN),
        ("nummer;categorie;status;intrekkingsdatum", ";vervangen;1-2-2024", WITHDRAWN),
        ("nummer;categorie;status;ingetrokken_per", ";;1-2-2024", WITHDRAWN),
        ("nummer;categorie;datum intrekking", ";1-2-2024", WITHDRAWN),
        ("nummer;categorie;datum intrekking", ";", None),
    ],
)
def test_withdrawals(kop: str, cells: str, per: object) -> None:
    (stand,) = standen(kop, f"{NUMMER};L{cells}")
    assert stand.ingetrokken_per == per


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (
            "ingetrokken;",
            (
                "ingetrokken_per: de status is ingetrokken en er is geen dag van intrekking; "
                "vul de eerste dag in waarop de tlv niet meer geldt"
            ),
        ),
        (
            "afgegeven;1-2-2024",
            (
                "status: de status is afgegeven en er is een dag van intrekking; "
                "verbeter de status, of maak de dag van intrekking leeg"
            ),
        ),
        (
            "aangevraagd;",
            (
                "status: 'aangevraagd' is geen status van een tlv; "
                "kies afgegeven, ingetrokken, vervangen"
            ),
        ),
    ],
)
def test_a_status_that_does_not_fit_is_refused(cells: str, reason: str) -> None:
    kop = "nummer;categorie;status;ingetrokken_per"
    assert reasons(kop, f"{NUMMER};L;{cells}") == [reason]


def test_a_renewal_is_another_tlv() -> None:
    renewal = REGEL.replace("2021", "2026").replace("31-7-2026", "31-7-2028")
    assert [stand.nummer for stand in standen(KOP, REGEL, renewal)] == [
        NUMMER,
        "PO2304-2026-11111",
    ]


def test_rows_that_say_the_same_of_a_tlv_are_told_once() -> None:
    other = REGEL.replace("11111", "22222")
    meldingen = told(read(table(KOP, REGEL, other, REGEL), NO_OPTIONS))
    assert [[rij.regelnummer for rij in melding.rijen] for melding in meldingen] == [[2, 4], [3]]


def test_rows_that_contradict_each_other_are_refused_after_the_first() -> None:
    another = REGEL.replace("Laag", "Hoog")
    other_pupil = REGEL.replace(PGN, "111222333")
    outcomes = list(read(table(KOP, REGEL, another, REGEL, other_pupil), NO_OPTIONS))
    reason = (
        "nummer: dubbele sleutel: regel 2 zegt iets anders van dezelfde tlv; "
        "houd de regel over die klopt"
    )
    assert refused(outcomes) == [([3], [reason]), ([5], [reason])]
    (first,) = (outcome for outcome in outcomes if isinstance(outcome, Melding))
    assert [rij.regelnummer for rij in first.rijen] == [2, 4]


def test_a_refused_row_does_not_take_the_place_of_a_good_one() -> None:
    wrong = REGEL.replace("Laag", "zwaar")
    outcomes = list(read(table(KOP, wrong, REGEL), NO_OPTIONS))
    assert [lines for lines, _ in refused(outcomes)] == [[2]]
    assert isinstance(outcomes[1], Melding)


def test_all_that_is_wrong_with_a_row_is_said_and_no_pgn() -> None:
    found = reasons(KOP, "PO2304;123456789;zwaar;31-2-2024;31-7-2026")
    assert [reason.split(":")[0] for reason in found] == [
        "nummer",
        "pgn",
        "categorie",
        "begindatum",
    ]
    assert "123456789" not in " ".join(found)


def test_a_zero_that_was_put_back_is_a_warning() -> None:
    (melding,) = told(read(table("nummer;categorie", "PO2304-2021-12;L"), NO_OPTIONS))
    assert [str(warning) for warning in melding.warnings] == [
        (
            "nummer: voorloopnul teruggezet: 'PO2304-2021-12' is gelezen als 'PO2304-2021-00012'; "
            "bewaar codes voortaan als tekst"
        )
    ]


def test_the_users_own_headers_and_words_go_before_ours() -> None:
    options = ReadOptions(
        mapping={"nummer": "Ons kenmerk", "categorie": "Zwaarte"},
        waarden={"categorie": {"Zwaar": "HOOG", "Laag": "MIDDEN"}},
    )
    kop = "nummer;Ons kenmerk;categorie;Zwaarte"
    regels = (
        f"7;{NUMMER};niets;zwaar ",
        "8;PO2304-2022-00001;niets;Laag",
        "9;PO2304-2022-00002;x;L",
    )
    assert [stand.categorie for stand in standen(kop, *regels, options=options)] == [
        "HOOG",
        "MIDDEN",
        "LAAG",
    ]


def test_a_mapping_that_does_not_fit_the_file_is_said_at_once() -> None:
    options = ReadOptions(mapping={"nummer": "Kenmerk", "pgn": "BSN", "categorie": "Zwaarte"})
    with pytest.raises(UnreadableFileError) as caught:
        read_all(table("nummer;bsn;bsn", f"{NUMMER};;"), options)
    assert str(caught.value) == (
        "bestand.csv: "
        "nummer: de kolom 'Kenmerk' uit de mapping staat niet in de kop; "
        "verbeter de mapping of de kop. "
        "pgn: de kolom 'BSN' uit de mapping staat meer dan eens in de kop; "
        "verbeter de mapping of de kop. "
        "categorie: de kolom 'Zwaarte' uit de mapping staat niet in de kop; "
        "verbeter de mapping of de kop"
    )


def read_all(sheet: Sheet, options: ReadOptions) -> None:
    """Read a table to its end."""
    list(read(sheet, options))


def test_without_a_column_of_numbers_nothing_can_be_read() -> None:
    with pytest.raises(UnreadableFileError, match="nummer: de kolom ontbreekt"):
        read_all(table("kenmerk;categorie", f"{NUMMER};L"), NO_OPTIONS)


def test_two_columns_of_numbers_are_one_too_many() -> None:
    with pytest.raises(UnreadableFileError, match="nummer: staat twee keer in de kop"):
        read_all(table("tlv_nummer;beschikkingsnummer", f"{NUMMER};{NUMMER}"), NO_OPTIONS)


@pytest.mark.parametrize(
    ("kop", "is_register"),
    [
        ("tlv_nummer;categorie", True),
        ("TLV nummer;Ingangsdatum", True),
        ("beschikkingsnummer;geldig tot en met", True),
        ("tlv_nummer;bsn", False),
        ("bsn;categorie;begindatum", False),
        ("BSN_OWN;BESCHIKKINGSNUMMER;ONDERSTEUNINGSCATEGORIE;INSCHRIJVINGSVOLGNUMMER", False),
        ("BLOK;INSTELLINGSCODE;BEGIN;EIND;CATEGORIE;BESCHIKKINGSNUMMER", False),
    ],
)
def test_a_register_is_known_by_its_header(kop: str, is_register: bool) -> None:
    assert tlv_register.identify(table(kop)) is is_register


def test_json_lines_are_no_register() -> None:
    assert not tlv_register.identify(objects({"nummer": NUMMER, "categorie": "L"}))


@pytest.mark.parametrize(("naam", "swv"), [("tlv PO2304.csv", "PO2304"), ("register.csv", None)])
def test_only_the_name_of_a_file_tells_whose_it_is(naam: str, swv: str | None) -> None:
    sheet = table(KOP, REGEL, naam=naam)
    (melding,) = told(read(sheet, NO_OPTIONS))
    assert tlv_register.about(melding, sheet) == About(swv=swv)


def test_the_sample_register_is_read() -> None:
    with opened_sheet(FOLDER / "tlv-register.csv") as sheet:
        assert tlv_register.identify(sheet)
        meldingen = told(read(sheet, NO_OPTIONS))
    numbers = [
        (stand.nummer, stand.categorie, stand.ingetrokken_per)
        for melding in meldingen
        for stand in melding.standen
        if isinstance(stand, TlvStand)
    ]
    assert numbers == [
        ("PO9901-2022-00001", "LAAG", None),
        ("PO9901-2024-00017", "MIDDEN", None),
        ("PO9901-2023-00004", "SBO", None),
        ("PO9901-2023-00009", "HOOG", date(2024, 11, 1)),
    ]


def test_the_sample_with_headers_of_its_own_is_read_with_its_mapping() -> None:
    with opened_sheet(FOLDER / "eigen-koppen.csv") as sheet:
        assert not tlv_register.identify(sheet)
        meldingen = told(read(sheet, read_mapping(FOLDER / "mapping.toml")))
    with opened_sheet(FOLDER / "tlv-register.csv") as sheet:
        theirs = told(read(sheet, NO_OPTIONS))
    assert [(one.pgn, one.standen) for one in meldingen] == [
        (one.pgn, one.standen) for one in theirs
    ]


def test_the_damaged_sample_is_refused_row_by_row() -> None:
    with opened_sheet(FOLDER / "tlv-register-beschadigd.csv") as sheet:
        outcomes = list(read(sheet, NO_OPTIONS))
    assert [
        (lines, [reason.split(":")[0] for reason in found]) for lines, found in refused(outcomes)
    ] == [
        ([2], ["pgn"]),
        ([3], ["begindatum", "einddatum"]),
        ([4], ["ingetrokken_per"]),
        ([6], ["nummer"]),
        ([7], ["categorie"]),
    ]
    assert [type(outcome) for outcome in outcomes].count(Melding) == 1
