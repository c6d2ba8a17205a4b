"""Enrolments as a school or ROD has them: an object per enrolment, or a row per period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from ledger.intake import inschrijvingen
from ledger.intake.inschrijvingen import read
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.sheets import Rij, Sheet, UnreadableFileError, opened_sheet
from ledger.problems import Problem
from ledger.states import (
    InschrijvingStand,
    LeerlingStand,
    PeriodeStand,
    VerwijderdStand,
    WoonplaatsStand,
)
from tests.by_hand import objects, refused, table, told
from tests.command import SAMPLES

FOLDER = SAMPLES / "lezers" / "inschrijvingen"
PGN = "123456782"
TLV = "PO2304-2021-11111"
AUGUST = date(2023, 8, 1)
JANUARY = date(2024, 1, 8)
FIRST = {"vanaf": "2023-08-01", "vestigingscode": "12QN00", "schoolsoort": "SO"}
SECOND = {"vanaf": "2024-01-08", "vestigingscode": "12QN01", "schoolsoort": "SO"}
OBJECT: dict[str, object] = {
    "pgn": PGN,
    "instellingscode": "12QN",
    "volgnummer": "1",
    "begindatum": "2023-08-01",
    "perioden": [FIRST, SECOND],
}
SHORT: dict[str, object] = {
    "pgn": PGN,
    "instellingscode": "12QN",
    "volgnummer": "1",
    "begindatum": "2023-08-01",
    "vestigingscode": "12QN00",
    "schoolsoort": "SO",
}
REMOVED: dict[str, object] = {
    "pgn": PGN,
    "instellingscode": "12QN",
    "volgnummer": "1",
    "verwijderd": True,
}

KOP = (
    "BSN_OWN;INSTELLINGSCODE;INSCHRIJVINGSVOLGNUMMER;DATUM_INSCHRIJVING;DATUM_UITSCHRIJVING;"
    "BEGIN_PERIODE;VESTIGINGSCODE;SCHOOLSOORT"
)
ROW = f"{PGN};12QN;1;1-8-2023;;1-8-2023;12QN00;SO"
LATER = f"{PGN};12QN;1;1-8-2023;;8-1-2024;12QN01;SO"


def outcomes(sheet: Sheet) -> Iterator[Melding | Afkeuring]:
    """Read a file without options."""
    return read(sheet, ReadOptions())


def enrolment(sheet: Sheet) -> InschrijvingStand:
    """Return the one enrolment that a file tells of."""
    (melding,) = told(outcomes(sheet))
    stand = melding.standen[-1]
    assert isinstance(stand, InschrijvingStand)
    return stand


def reasons(sheet: Sheet) -> list[str]:
    """Return all that is wrong with the rows of a file, in their order."""
    return [reason for _, found in refused(outcomes(sheet)) for reason in found]


def periode(vanaf: date, vestigingscode: str, **more: Any) -> PeriodeStand:  # noqa: ANN401
    """Return a period on a school for so."""
    return PeriodeStand(vanaf=vanaf, vestigingscode=vestigingscode, schoolsoort="SO", **more)


MOVED = InschrijvingStand(
    instellingscode="12QN",
    volgnummer="1",
    begindatum=AUGUST,
    einddatum=None,
    perioden=(periode(AUGUST, "12QN00"), periode(JANUARY, "12QN01")),
)


def test_an_object_is_an_enrolment_with_its_history() -> None:
    sheet = objects(OBJECT)
    assert told(outcomes(sheet)) == [Melding(tuple(sheet.rijen()), PGN, (MOVED,))]


def test_periods_may_stand_in_any_order() -> None:
    assert enrolment(objects({**OBJECT, "perioden": [SECOND, FIRST]})) == MOVED


def test_everything_that_can_be_told() -> None:
    whole = {
        **OBJECT,
        "geboortedatum": "2013-05-04",
        "einddatum": "2025-07-31",
        "oorspronkelijke_begindatum": "2023-09-01",
        "tlv": [TLV],
        "woonplaats": [
            {"vanaf": "2020-01-01", "pc4": "7901"},
            {"vanaf": "2024-01-01", "buitenland": True},
        ],
        "perioden": [{**FIRST, "soort_verblijf": "IJH", "bekostigbaar": False, "leerjaar": 3}],
        "bekend_op": "2024-03-03T10:15:00+01:00",
    }
    (melding,) = told(outcomes(objects(whole)))
    assert melding.bekend_op == datetime(2024, 3, 3, 9, 15, tzinfo=UTC)
    assert melding.standen == (
        LeerlingStand(geboortedatum=date(2013, 5, 4)),
        WoonplaatsStand(vanaf=date(2020, 1, 1), pc4="7901"),
        WoonplaatsStand(vanaf=date(2024, 1, 1), buitenland=True),
        InschrijvingStand(
            instellingscode="12QN",
            volgnummer="1",
            begindatum=AUGUST,
            einddatum=date(2025, 7, 31),
            oorspronkelijke_begindatum=date(2023, 9, 1),
            tlv=(TLV,),
            perioden=(
                periode(AUGUST, "12QN00", soort_verblijf="IJH", bekostigbaar=False, leerjaar=3),
            ),
        ),
    )


def test_the_short_form_is_one_period() -> None:
    stand = enrolment(objects({**SHORT, "soort_verblijf": "IGZ"}))
    assert stand.perioden == (periode(AUGUST, "12QN00", soort_verblijf="IGZ"),)


def test_what_one_period_tells_of_all_periods_are_told_of() -> None:
    stand = enrolment(objects({**OBJECT, "perioden": [{**FIRST, "soort_verblijf": "IJH"}, SECOND]}))
    assert [one.soort_verblijf for one in stand.perioden] == ["IJH", "geen"]
    assert [one.bekostigbaar for one in stand.perioden] == [UNSET, UNSET]


@pytest.mark.parametrize(("more", "tlv"), [({}, UNSET), ({"tlv": []}, ())])
def test_no_tlv_is_something_else_than_nothing_said_of_tlvs(
    more: dict[str, object], tlv: object
) -> None:
    assert enrolment(objects({**OBJECT, **more})).tlv == tlv


def test_one_residence_may_stand_alone() -> None:
    sheet = objects({**OBJECT, "woonplaats": {"vanaf": "2020-01-01", "swv": ["PO2304"]}})
    (melding,) = told(outcomes(sheet))
    assert melding.standen[0] == WoonplaatsStand(vanaf=date(2020, 1, 1), swv=("PO2304",))


@pytest.mark.parametrize(
    ("more", "reden"), [({}, None), ({"reden": "dubbel geregistreerd"}, "dubbel geregistreerd")]
)
def test_of_a_removed_enrolment_the_key_is_enough(
    more: dict[str, object], reden: str | None
) -> None:
    (melding,) = told(outcomes(objects({**REMOVED, **more})))
    assert melding.standen == (
        VerwijderdStand(instellingscode="12QN", volgnummer="1", reden=reden),
    )


def test_a_removed_enrolment_may_have_its_history_with_it() -> None:
    (melding,) = told(outcomes(objects({**OBJECT, "verwijderd": True})))
    assert melding.standen == (VerwijderdStand(instellingscode="12QN", volgnummer="1"),)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-03", datetime(2024, 3, 2, 23, 0, tzinfo=UTC)),
        ("2024-07-03T12:00:00Z", datetime(2024, 7, 3, 12, 0, tzinfo=UTC)),
        (None, None),
    ],
)
def test_the_moment_of_a_message(text: str | None, moment: datetime | None) -> None:
    (melding,) = told(outcomes(objects({**OBJECT, "bekend_op": text})))
    assert melding.bekend_op == moment


def test_a_key_with_the_reasons_of_a_refusal_is_left_out() -> None:
    assert enrolment(objects({**OBJECT, "afgekeurd": "pgn: is leeg"})) == MOVED


def test_lost_zeros_are_put_back_and_told() -> None:
    lost = {
        **OBJECT,
        "pgn": "10000008",
        "instellingscode": "1QN",
        "tlv": ["PO2304-2021-12"],
        "perioden": [{**FIRST, "vestigingscode": "1QN00"}],
    }
    (melding,) = told(outcomes(objects(lost)))
    assert melding.pgn == "010000008"
    assert [(one.veld, one.regel) for one in melding.warnings] == [
        ("instellingscode", "voorloopnul teruggezet: '1QN' is gelezen als '01QN'"),
        (
            "tlv",
            ("voorloopnul teruggezet: '['PO2304-2021-12']' is gelezen als '['PO2304-2021-00012']'"),
        ),
        (
            "perioden[1].vestigingscode",
            "voorloopnul teruggezet: '1QN00' is gelezen als '01QN00'",
        ),
        ("pgn", "voorloopnul teruggezet"),
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"school": "12QN"},
            (
                "school: onbekend veld; Inschrijving kent: pgn, instellingscode, volgnummer, "
                "bekend_op, geboortedatum, woonplaats, begindatum, einddatum, "
                "oorspronkelijke_begindatum, tlv, verwijderd, reden, perioden"
            ),
        ),
        (
            {"volgnummer": 1},
            (
                "volgnummer: '1' is niet: tekst van 1 tot 20 letters, cijfers, punten of "
                "streepjes; zet het inschrijvingsvolgnummer tussen aanhalingstekens"
            ),
        ),
        (
            {"begindatum": "1-8-2023"},
            (
                "begindatum: '1-8-2023' is niet: een bestaande datum als jjjj-mm-dd; "
                "schrijf bijvoorbeeld 2025-02-01"
            ),
        ),
        (
            {"oorspronkelijke_begindatum": "2023-13-01"},
            (
                "oorspronkelijke_begindatum: '2023-13-01' is niet: een bestaande datum als "
                "jjjj-mm-dd; schrijf bijvoorbeeld 2025-02-01"
            ),
        ),
        (
            {"verwijderd": "nee"},
            (
                "verwijderd: 'nee' is niet: true of false; "
                "schrijf true of false, zonder aanhalingstekens"
            ),
        ),
        (
            {"perioden": []},
            (
                "perioden: '[]' is niet: een lijst van perioden met vanaf en vestigingscode; "
                "geef elke periode een vanaf en een vestigingscode"
            ),
        ),
        (
            {"perioden": [FIRST, {"vanaf": "2024-01-08", "schoolsoort": "XO"}]},
            (
                "perioden[2].vestigingscode: het veld ontbreekt; het is twee cijfers, "
                "twee letters en twee cijfers; schrijf bijvoorbeeld 12QN00"
            ),
        ),
        (
            {"perioden": [{**FIRST, "kleur": "rood"}]},
            (
                "perioden[1].kleur: onbekend veld; Periode kent: vestigingscode, schoolsoort, "
                "soort_verblijf, bekostigbaar, ondersteuningscategorie, cluster, leerjaar, "
                "vo_kenmerk, vanaf"
            ),
        ),
        (
            {"woonplaats": "7901"},
            (
                "woonplaats: de waarde is niet: een object met vanaf en pc4, buitenland of swv, "
                'of een lijst daarvan; schrijf bijvoorbeeld {"vanaf": "2023-08-01", "pc4": "7901"}'
            ),
        ),
        (
            {"woonplaats": {"vanaf": "2020-01-01", "pc4": "79"}},
            (
                "woonplaats.pc4: de waarde is niet: vier cijfers van een postcode; "
                "schrijf bijvoorbeeld 7901 als tekst"
            ),
        ),
        (
            {"woonplaats": {"vanaf": "2020-01-01"}},
            "pc4: een woonplaats heeft precies een van pc4, buitenland en swv; geef er een",
        ),
        (
            {"pgn": "123456789"},
            (
                "pgn: geen BSN of onderwijsnummer: negen cijfers die de elfproef doorstaan; "
                "controleer het nummer bij de bron"
            ),
        ),
        (
            {"bekend_op": "2024-03-03T10:15:00"},
            (
                "bekend_op: '2024-03-03T10:15:00' is geen datum en geen moment met tijdzone "
                "(2025-03-03T10:15:00+01:00); geef een datum of een moment met tijdzone"
            ),
        ),
        (
            {"begindatum": "2023-08-02"},
            (
                "perioden: de eerste periode begint op de begindatum van de inschrijving; "
                "geef de eerste periode de begindatum, of geef de begindatum erbij"
            ),
        ),
        (
            {"perioden": [FIRST, {**SECOND, "schoolsoort": "SBO"}]},
            (
                "schoolsoort: de schoolsoort verandert niet binnen een inschrijving; "
                "registreer een uitschrijving en een nieuwe inschrijving"
            ),
        ),
        (
            {"perioden": [FIRST, {**SECOND, "vanaf": "2023-08-01"}]},
            (
                "perioden: perioden beginnen op verschillende, oplopende dagen; "
                "zet ze in volgorde en geef elke periode een eigen begin"
            ),
        ),
        (
            {"einddatum": "2023-12-31"},
            (
                "einddatum: een inschrijving eindigt niet voor het begin van haar laatste "
                "periode; controleer de einddatum en het begin van de laatste periode"
            ),
        ),
        (
            {"einddatum": "2023-07-31"},
            "einddatum: het einde ligt voor het begin; controleer beide data",
        ),
        (
            {"tlv": ["VO2305-2021-11111"]},
            (
                "tlv: tlv VO2305-2021-11111 is van de verkeerde sector voor SO; "
                "SO vraagt een tlv van een samenwerkingsverband PO"
            ),
        ),
        (
            {"oorspronkelijke_begindatum": "1023-08-01"},
            (
                "oorspronkelijke_begindatum: een datum ligt buiten 1900 tot en met 2999; "
                "controleer de datum; laat het veld weg als er geen is"
            ),
        ),
        (
            {"geboortedatum": "1013-08-01"},
            (
                "geboortedatum: een datum ligt buiten 1900 tot en met 2999; "
                "controleer de datum; laat het veld weg als er geen is"
            ),
        ),
    ],
)
def test_what_is_wrong_with_an_object(more: dict[str, object], said: str) -> None:
    assert reasons(objects({**OBJECT, **more}))[0] == said


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        (
            {"pgn": 1, "volgnummer": 1, "perioden": [{"vanaf": "x"}]},
            [
                "pgn",
                "volgnummer",
                "instellingscode",
                "begindatum",
                "perioden[1].vanaf",
                "perioden[1].vestigingscode",
                "perioden[1].schoolsoort",
            ],
        ),
        (
            {"instellingscode": "12QN", "volgnummer": "1"},
            ["pgn", "begindatum", "vestigingscode", "schoolsoort"],
        ),
        ({**REMOVED, "instellingscode": 12, "tlv": TLV}, ["instellingscode", "tlv"]),
    ],
)
def test_all_that_is_wrong_is_said_at_once(values: dict[str, object], fields: list[str]) -> None:
    found = [reason.split(":")[0] for reason in reasons(objects(values))]
    assert sorted(found) == sorted(fields)


def test_a_line_that_is_no_object_is_refused_and_the_others_are_told() -> None:
    fault = Problem("", "de regel is geen JSON-object", "schrijf een JSON-object per regel")
    good = list(objects(OBJECT).rijen())
    sheet = Sheet("a.jsonl", "jsonl", tuple(OBJECT), "", lambda: iter([Rij(9, fout=fault), *good]))
    found = list(outcomes(sheet))
    assert refused(found) == [
        ([9], ["de regel is geen JSON-object; schrijf een JSON-object per regel"])
    ]
    assert isinstance(found[1], Melding)


def test_two_objects_that_contradict_each_other_at_one_moment() -> None:
    other = {**OBJECT, "perioden": [FIRST]}
    later = {**other, "bekend_op": "2024-03-03"}
    assert refused(outcomes(objects(OBJECT, OBJECT, other, later))) == [
        (
            [3],
            [
                (
                    "volgnummer: dubbele sleutel: regel 1 zegt iets anders van dezelfde "
                    "inschrijving; houd de regel over die klopt, of geef elke regel een eigen "
                    "bekend_op"
                )
            ],
        )
    ]


def test_the_rows_of_an_enrolment_are_one() -> None:
    sheet = table(KOP, LATER, ROW)
    assert told(outcomes(sheet)) == [Melding(tuple(sheet.rijen()), PGN, (MOVED,))]


def test_rows_of_one_enrolment_may_stand_anywhere() -> None:
    other = ROW.replace(";1;", ";2;")
    meldingen = told(outcomes(table(KOP, ROW, other, LATER)))
    assert [[rij.regelnummer for rij in one.rijen] for one in meldingen] == [[2, 4], [3]]


def test_rows_that_say_the_same_are_one_period() -> None:
    (melding,) = told(outcomes(table(KOP, ROW, LATER, ROW)))
    assert (len(melding.rijen), melding.standen) == (3, (MOVED,))


@pytest.mark.parametrize(
    "kop",
    [
        "PGN;BRIN;volgnummer;Begindatum;einddatum;vanaf;vestigingscode;schoolsoort",
        (
            "BSN/OWN;instellingscode;inschrijvingsvolgnummer;datum inschrijving;"
            "datum uitschrijving;begindatum periode;vestigingscode;schoolsoort"
        ),
    ],
)
def test_columns_go_by_many_headers(kop: str) -> None:
    assert enrolment(table(kop, ROW, LATER)) == MOVED


def test_without_periods_an_enrolment_has_one() -> None:
    kop = "PGN;BRIN;VOLGNUMMER;BEGINDATUM;EINDDATUM;VESTIGINGSCODE;SCHOOLSOORT"
    stand = enrolment(table(kop, f"{PGN};12QN;1;1-8-2023;31-7-2024;12QN00;SO"))
    assert stand.perioden == (periode(AUGUST, "12QN00"),)
    assert stand.einddatum == date(2024, 7, 31)


def test_without_a_begin_the_first_period_is_the_begin() -> None:
    kop = "PGN;BRIN;VOLGNUMMER;EINDDATUM;VANAF;VESTIGINGSCODE;SCHOOLSOORT"
    rows = (f"{PGN};12QN;1;;8-1-2024;12QN01;SO", f"{PGN};12QN;1;;1-8-2023;12QN00;SO")
    assert enrolment(table(kop, *rows)) == MOVED


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("SOORT_VERBLIJF", "ijh", "soort_verblijf", "IJH"),
        ("SOORT_VERBLIJF", "", "soort_verblijf", "geen"),
        ("BEKOSTIGBAAR", "Nee", "bekostigbaar", False),
        ("INDICATIE_BEKOSTIGING", "J", "bekostigbaar", True),
        ("BEKOSTIGBAAR", "", "bekostigbaar", True),
        ("ONDERSTEUNINGSCATEGORIE", "SO_VSO_MIDDE", "ondersteuningscategorie", "MIDDEN"),
        ("ONDERSTEUNINGSCATEGORIE", "", "ondersteuningscategorie", None),
        ("CLUSTER", "3", "cluster", 3),
        ("LEERJAAR", "4", "leerjaar", 4),
        ("LEERJAAR", "onderbouw", "leerjaar", "onderbouw"),
        ("VO_KENMERK", "LWOO", "vo_kenmerk", "lwoo"),
        ("KLEUR", "rood", "soort_verblijf", UNSET),
    ],
)
def test_what_holds_in_a_period(column: str, cell: str, field: str, value: object) -> None:
    (first,) = enrolment(table(f"{KOP};{column}", f"{ROW};{cell}")).perioden
    assert getattr(first, field) == value


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        (
            "CLUSTER",
            "5",
            "cluster: '5' is niet: 1, 2, 3 of 4; geef een getal van 1 tot en met 4",
        ),
        (
            "VO_KENMERK",
            "gymnasium",
            (
                "vo_kenmerk: 'gymnasium' is niet: een van nieuwkomer, vavo, lwoo, pro; "
                "kies een kenmerk"
            ),
        ),
        (
            "BEKEND_OP",
            "2025-03-03 10:15",
            (
                "bekend_op: '2025-03-03 10:15' is geen datum en geen moment met tijdzone; "
                "schrijf 2025-03-03 of 2025-03-03T10:15:00+01:00"
            ),
        ),
    ],
)
def test_what_is_wrong_with_a_cell(column: str, cell: str, said: str) -> None:
    assert reasons(table(f"{KOP};{column}", f"{ROW};{cell}")) == [said]


@pytest.mark.parametrize("between", [" ", ",", " | ", ", "])
def test_the_tlvs_of_an_enrolment(between: str) -> None:
    cell = between.join((TLV, "PO2304-2024-00001"))
    stand = enrolment(table(f"{KOP};BESCHIKKINGSNUMMERS", f"{ROW};{cell}"))
    assert stand.tlv == (TLV, "PO2304-2024-00001")


def test_no_tlv_is_something_else_than_no_column_of_tlvs() -> None:
    assert enrolment(table(f"{KOP};BESCHIKKINGSNUMMER", f"{ROW};")).tlv == ()
    assert enrolment(table(KOP, ROW)).tlv is UNSET


def test_zeros_that_numbers_lost_are_put_back_and_told() -> None:
    cell = "PO2304-2021-1 PO2304-2021-2"
    (melding,) = told(outcomes(table(f"{KOP};TLV", f"{ROW};{cell}")))
    assert [(one.veld, one.regel) for one in melding.warnings] == [
        (
            "tlv",
            (
                "voorloopnul teruggezet: 'PO2304-2021-1' is gelezen als 'PO2304-2021-00001'; "
                "voorloopnul teruggezet: 'PO2304-2021-2' is gelezen als 'PO2304-2021-00002'"
            ),
        )
    ]


def test_pupil_and_residences_come_before_the_enrolment() -> None:
    kop = f"{KOP};GEBOORTEDATUM;PC4;PC4_VANAF"
    rows = (f"{ROW};4-5-2013;7901;1-1-2020", f"{LATER};4-5-2013;7902;1-1-2024")
    (melding,) = told(outcomes(table(kop, *rows)))
    assert melding.standen == (
        LeerlingStand(geboortedatum=date(2013, 5, 4)),
        WoonplaatsStand(vanaf=date(2020, 1, 1), pc4="7901"),
        WoonplaatsStand(vanaf=date(2024, 1, 1), pc4="7902"),
        MOVED,
    )


def test_a_postcode_without_its_day_is_not_read_and_that_is_said() -> None:
    (melding,) = told(outcomes(table(f"{KOP};PC4", f"{ROW};7901")))
    assert [str(warning) for warning in melding.warnings] == [
        (
            "pc4: is niet gelezen: de kolom pc4_vanaf ontbreekt; "
            "zet erbij vanaf welke dag de leerling er woont"
        )
    ]
    assert len(melding.standen) == 1


def test_the_original_begin_of_a_corrected_enrolment() -> None:
    sheet = table(f"{KOP};OORSPRONKELIJKE_DATUM_INSCHRIJVING", f"{ROW};15-8-2023")
    assert enrolment(sheet).oorspronkelijke_begindatum == date(2023, 8, 15)


def test_a_removed_enrolment_needs_no_period() -> None:
    kop = f"{KOP};VERWIJDERD;REDEN"
    (melding,) = told(outcomes(table(kop, f"{PGN};12QN;1;;;;;;Ja;dubbel")))
    assert melding.standen == (
        VerwijderdStand(instellingscode="12QN", volgnummer="1", reden="dubbel"),
    )


def test_moments_of_one_enrolment_are_told_in_their_order() -> None:
    kop = f"{KOP};VERWIJDERD;BEKEND_OP"
    rows = (
        f"{LATER};Nee;",
        f"{ROW};Nee;",
        f"{ROW};Nee;2024-05-01T09:00:00+02:00",
        f"{PGN};12QN;1;;;;;;Ja;1-4-2024",
        f"{ROW};Nee;2024-02-01",
    )
    meldingen = told(outcomes(table(kop, *rows)))
    assert [
        ([rij.regelnummer for rij in one.rijen], one.bekend_op, type(one.standen[0]))
        for one in meldingen
    ] == [
        ([6], datetime(2024, 1, 31, 23, 0, tzinfo=UTC), InschrijvingStand),
        ([5], datetime(2024, 3, 31, 22, 0, tzinfo=UTC), VerwijderdStand),
        ([4], datetime(2024, 5, 1, 7, 0, tzinfo=UTC), InschrijvingStand),
        ([2, 3], None, InschrijvingStand),
    ]


@pytest.mark.parametrize(
    ("column", "first", "second", "field"),
    [
        ("GEBOORTEDATUM", "4-5-2013", "5-5-2013", "geboortedatum"),
        ("TLV", TLV, "", "tlv"),
        ("VERWIJDERD", "Nee", "Ja", "verwijderd"),
        ("OORSPRONKELIJKE_BEGINDATUM", "", "1-9-2023", "oorspronkelijke_begindatum"),
    ],
)
def test_what_repeats_must_agree(column: str, first: str, second: str, field: str) -> None:
    sheet = table(f"{KOP};{column}", f"{ROW};{first}", f"{LATER};{second}")
    assert refused(outcomes(sheet)) == [
        (
            [2, 3],
            [
                (
                    f"{field}: verschilt tussen regel 2 en 3 van dezelfde inschrijving; "
                    "geef alle regels van een inschrijving hier dezelfde waarde"
                )
            ],
        )
    ]


def test_two_postcodes_from_one_day_contradict_each_other() -> None:
    sheet = table(f"{KOP};PC4;PC4_VANAF", f"{ROW};7901;1-1-2020", f"{LATER};7902;1-1-2020")
    assert [reason.split(";")[0] for reason in reasons(sheet)] == [
        "pc4: verschilt tussen regel 2 en 3 van dezelfde inschrijving"
    ]


def test_one_bad_row_refuses_all_rows_of_its_enrolment() -> None:
    other = ROW.replace(";1;", ";2;")
    wrong = LATER.replace("12QN01", "12Q")
    found = list(outcomes(table(KOP, ROW, other, wrong)))
    assert refused(found) == [
        (
            [2],
            [
                (
                    "een regel van deze inschrijving is afgekeurd (regel 4); "
                    "verbeter die regel en lees alle regels van de inschrijving samen in"
                )
            ],
        ),
        (
            [4],
            [
                (
                    "vestigingscode: '12Q' is niet: twee cijfers, twee letters en twee cijfers; "
                    "schrijf bijvoorbeeld 12QN00"
                )
            ],
        ),
    ]
    assert [rij.regelnummer for one in found if isinstance(one, Melding) for rij in one.rijen] == [
        3
    ]


@pytest.mark.parametrize(
    ("wrong", "lines"),
    [
        (LATER.replace("12QN;1;", "12;1;"), [2, 4]),
        (LATER.replace("12QN;1;", "12QN;?;"), [2, 3, 4]),
        (LATER.replace("12QN;1;", "14YY;?;"), [4]),
        (LATER.replace(PGN, "123456789"), [4]),
        ("kapot", [4]),
    ],
)
def test_a_row_without_a_whole_key_refuses_what_it_may_belong_to(
    wrong: str, lines: list[int]
) -> None:
    sheet = table(KOP, ROW, ROW.replace(";1;", ";2;"), wrong)
    if wrong == "kapot":
        fault = Problem("", "de regel heeft 1 cellen", "herstel de regel")
        rows = [*list(sheet.rijen())[:2], Rij(4, ("kapot",), fault)]
        sheet = sheet._replace(rijen=lambda: iter(rows))
    assert [line for found, _ in refused(outcomes(sheet)) for line in found] == lines


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            ROW.replace("1-8-2023;;", ";;"),
            "begindatum: is leeg op regel 2; vul de cel in",
        ),
        (ROW.replace(";;1-8-2023", ";;"), "vanaf: is leeg op regel 2; vul de cel in"),
        (ROW.replace("12QN00", ""), "vestigingscode: is leeg op regel 2; vul de cel in"),
        (ROW.replace("SO", ""), "schoolsoort: is leeg op regel 2; vul de cel in"),
        (
            LATER,
            (
                "perioden: de eerste periode begint op de begindatum van de inschrijving; "
                "geef de eerste periode de begindatum, of geef de begindatum erbij"
            ),
        ),
        (
            ROW.replace(";;", ";31-7-2023;"),
            "einddatum: het einde ligt voor het begin; controleer beide data",
        ),
    ],
)
def test_what_is_wrong_with_an_enrolment(row: str, said: str) -> None:
    assert reasons(table(KOP, row)) == [said]


def test_a_postcode_must_have_its_day_where_there_is_a_column_for_it() -> None:
    assert reasons(table(f"{KOP};PC4;PC4_VANAF", f"{ROW};7901;")) == [
        "pc4_vanaf: is leeg op regel 2; vul de cel in"
    ]


def test_one_wrong_moment_refuses_all_rows_of_the_enrolment() -> None:
    sheet = table(f"{KOP};BEKEND_OP", f"{ROW};2024-02-01", f"{LATER};2024-03-01")
    assert [lines for lines, _ in refused(outcomes(sheet))] == [[2, 3]]


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("DATUM_UITSCHRIJVING", "einddatum: de kolom ontbreekt"),
        ("SCHOOLSOORT", "schoolsoort: de kolom ontbreekt"),
        ("BSN_OWN", "pgn: de kolom ontbreekt"),
    ],
)
def test_a_table_without_a_needed_column_is_not_read(gone: str, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said):
        list(outcomes(table(KOP.replace(gone, "KLEUR"), ROW)))


def test_a_table_without_any_begin_is_not_read() -> None:
    kop = KOP.replace("DATUM_INSCHRIJVING", "A").replace("BEGIN_PERIODE", "B")
    with pytest.raises(UnreadableFileError, match="begindatum: de kolom ontbreekt"):
        list(outcomes(table(kop, ROW)))


def test_no_message_shows_a_pgn() -> None:
    found = reasons(table(KOP, ROW.replace(PGN, "123456789"), LATER.replace("12QN01", PGN)))
    assert len(found) == 2
    assert not any(number in reason for number in ("123456789", PGN) for reason in found)


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", PGN, "12QN", "1", "2", "1-8-2023", "8-1-2024", "12QN00", "SO", "SBO", "Ja", TLV]
    ),
)
COLUMNS = (*KOP.split(";"), "TLV", "VERWIJDERD", "PC4", "PC4_VANAF", "BEKEND_OP")
ROWS = st.lists(
    st.one_of(
        st.tuples(*[CELLS] * len(COLUMNS)),
        st.tuples(
            *map(st.sampled_from, ([PGN], ["12QN"], ["1", "2"], ["1-8-2023"], ["", "1-2-2024"])),
            *map(st.sampled_from, (["1-8-2023", "8-1-2024"], ["12QN00", "12QN01"], ["SO", "BO"])),
            *[st.just("")] * 5,
        ),
    ),
    max_size=6,
)


@given(ROWS)
def test_every_row_of_any_table_is_told_or_refused_once(rows: list[tuple[str, ...]]) -> None:
    rijen = [Rij(line, cells) for line, cells in enumerate(rows, 2)]
    found = outcomes(Sheet("a.csv", "csv", COLUMNS, ";", lambda: iter(rijen)))
    assert sorted(rij.regelnummer for one in found for rij in one.rijen) == [
        rij.regelnummer for rij in rijen
    ]


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), CELLS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*FIRST, "pc4", "swv", "x"]), inner, max_size=3),
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*OBJECT, *SHORT, "tlv", "woonplaats", "x"]), VALUES))
def test_any_object_is_told_or_refused(more: dict[str, object]) -> None:
    assert (
        len(list(outcomes(objects({**OBJECT, **more}, {**SHORT, **more}, {**REMOVED, **more}))))
        == 3
    )


@pytest.mark.parametrize(
    ("sheet", "known"),
    [
        (objects(OBJECT), True),
        (objects(REMOVED), True),
        (objects({"type": "InschrijvingGeregistreerd", **SHORT}), False),
        (objects({"nummer": TLV, "pgn": PGN}), False),
        (table(KOP), True),
        (table(KOP.replace("BEGIN_PERIODE", "KLEUR")), True),
        (table(KOP.replace("DATUM_INSCHRIJVING", "KLEUR")), True),
        (table(KOP.replace("SCHOOLSOORT", "KLEUR")), False),
        (table(KOP.replace("DATUM_INSCHRIJVING", "A").replace("BEGIN_PERIODE", "B")), False),
        (table(f"{KOP};SAMENWERKINGSVERBAND"), False),
        (table(f"{KOP};WIJZE_VAN_BEPALING_SWV"), False),
        (table("tlv_nummer;bsn;categorie"), False),
    ],
)
def test_enrolments_are_known_by_their_header(sheet: Sheet, known: bool) -> None:
    assert inschrijvingen.identify(sheet) is known


def test_enrolments_are_of_no_samenwerkingsverband() -> None:
    sheet = objects(OBJECT)
    (melding,) = told(outcomes(sheet))
    assert inschrijvingen.about(melding, sheet) == About()


def test_both_samples_tell_the_same() -> None:
    by_form = []
    for naam in ("inschrijvingen.jsonl", "inschrijvingen.csv"):
        with opened_sheet(FOLDER / naam) as sheet:
            assert inschrijvingen.identify(sheet)
            by_form.append({(one.pgn, one.bekend_op, one.standen) for one in told(outcomes(sheet))})
    assert by_form[0] == by_form[1]
    assert len(by_form[0]) == 6


@pytest.mark.parametrize(
    ("naam", "expected"),
    [
        (
            "inschrijvingen-beschadigd.csv",
            [
                ([2], ["pgn"]),
                (
                    [3],
                    [
                        (
                            "een regel van deze inschrijving is afgekeurd (regel 4); verbeter die "
                            "regel en lees alle regels van de inschrijving samen in"
                        )
                    ],
                ),
                ([4], ["vanaf"]),
                ([5, 6], ["einddatum"]),
                ([7], ["tlv"]),
            ],
        ),
        (
            "inschrijvingen-beschadigd.jsonl",
            [
                ([1], ["volgnummer"]),
                ([2], ["de regel is geen JSON-object; schrijf een JSON-object per regel"]),
                ([3], ["perioden[2].vestigingscode"]),
                ([4], ["schoolsoort"]),
            ],
        ),
    ],
)
def test_the_damaged_samples_are_refused_row_by_row(
    naam: str, expected: list[tuple[list[int], list[str]]]
) -> None:
    with opened_sheet(FOLDER / naam) as sheet:
        found = list(outcomes(sheet))
    assert [
        (lines, [reason.split(": ")[0] for reason in reasons_])
        for lines, reasons_ in refused(found)
    ] == expected
    assert [type(outcome) for outcome in found].count(Melding) == 1
