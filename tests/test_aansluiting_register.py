"""The tlv register against 1B and against the ledger (outputs-and-rules.md 11, rules.md 9).

Every class has an example that shows it and one beside it that shows no false alarm.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from projections.aansluiting.model import Aansluiting, Cel, Verschil
from tests.command import Event
from tests.downloads import PGNS, Row
from tests.paren_voorbeelden import (
    EARLY,
    ELDERS,
    LATE,
    alone,
    in_register,
    koppeling,
    pupil,
    rij_1b,
    tlv,
    voorbeeld,
    zonder_tlv,
)

B = "Bekostigde_leerlingen_PO2304_01_02_2025.csv"
REGISTER = "tlv-register.csv"
ENDED = {"begindatum": "1-8-2022", "einddatum": "31-7-2024"}
NEVER = rij_1b(11)
"""A row that is always right, so that no file is empty."""


def held(
    folder: Path, b: list[Row], register: list[Row], *events: Event, moment: datetime = LATE
) -> Aansluiting:
    """Hold a register against 1B; pupil 11 is on both sides."""
    with voorbeeld(folder, *events) as one:
        files = {
            one.bestand(REGISTER, [in_register(11), *register]): LATE,
            one.bestand(B, [NEVER, *b]): moment,
        }
        return one.met(files)


def only(found: Aansluiting) -> Verschil:
    """Return the one difference that there is."""
    (verschil,) = found.verschillen
    return verschil


def test_sides_that_agree_give_nothing(tmp_path: Path) -> None:
    found = held(tmp_path, [rij_1b(0), zonder_tlv(1)], [in_register(0)])
    assert (found.paar, found.verschillen) == ("tlv-register tegen 1B", ())
    assert (found.links, found.rechts, found.gelijk) == (2, 2, 2)
    assert found.sleutel == ("BESCHIKKINGSNUMMER", "BSN_OWN")


def test_a_valid_tlv_that_nobody_counts_with(tmp_path: Path) -> None:
    verschil = only(held(tmp_path, [], [in_register(0)]))
    assert (verschil.soort, verschil.klasse) == ("alleen-bij-ons", "alleen-bij-ons")
    assert (verschil.sleutel, verschil.aantal) == ((tlv(0), PGNS[0]), -1)
    assert "geen inschrijving" in verschil.oorzaak


def test_tlvs_that_do_not_hold_on_the_teldatum_stay_out(tmp_path: Path) -> None:
    later = in_register(1, begindatum="1-8-2025", einddatum="31-7-2027")
    withdrawn = in_register(2, ingetrokken_per="1-2-2025")
    elsewhere = in_register(3, tlv_nummer=tlv(3, ELDERS))
    rows = [in_register(0, **ENDED), later, withdrawn, elsewhere]
    assert held(tmp_path, [], rows).verschillen == ()


def test_a_tlv_withdrawn_the_day_after_still_holds(tmp_path: Path) -> None:
    found = held(tmp_path, [], [in_register(0, ingetrokken_per="2-2-2025")])
    assert only(found).klasse == "alleen-bij-ons"


def test_the_ledger_knows_why_nobody_counts_with_a_tlv(tmp_path: Path) -> None:
    closed = alone(0, soort_verblijf="GJI")
    others = alone(1, pc4="7522")
    found = held(tmp_path, [], [in_register(0), in_register(1)], *closed, *others)
    assert {v.pgn: v.klasse for v in found.verschillen} == {
        PGNS[0]: "gesloten-inrichting",
        PGNS[1]: "ander-samenwerkingsverband",
    }


def test_a_pupil_that_counts_without_the_tlv_that_we_have(tmp_path: Path) -> None:
    verschil = only(held(tmp_path, [zonder_tlv(0)], [in_register(0)]))
    assert (verschil.klasse, verschil.wie) == ("tlv-niet-gekoppeld", "school")
    assert verschil.kolommen["BESCHIKKINGSNUMMER"] == Cel(tlv(0), None)
    assert (verschil.aantal, verschil.vestigingscode) == (0, "00SU00")


def test_a_pupil_that_counts_without_a_tlv_since_ours_ended(tmp_path: Path) -> None:
    verschil = only(held(tmp_path, [zonder_tlv(0)], [in_register(0, **ENDED)]))
    assert (verschil.klasse, verschil.wie) == ("tlv-verlopen", "samenwerkingsverband")
    assert verschil.kolommen["EIND_DATUM_TLV"].ons is not None


def test_the_valid_one_of_two_tlvs_is_held_against_a_row(tmp_path: Path) -> None:
    old = in_register(0, tlv_nummer="PO2304-2022-00009", **ENDED)
    assert held(tmp_path, [rij_1b(0)], [old, in_register(0)]).verschillen == ()
    verschil = only(held(tmp_path, [zonder_tlv(0)], [old, in_register(0)]))
    assert (verschil.klasse, verschil.sleutel[0]) == ("tlv-niet-gekoppeld", tlv(0))


def test_duo_counts_with_a_tlv_that_ended(tmp_path: Path) -> None:
    row = rij_1b(0, BEGIN_DATUM_TLV="1-8-2022", EIND_DATUM_TLV="31-7-2024")
    both = only(held(tmp_path, [row], [in_register(0, **ENDED)]))
    ours = only(held(tmp_path, [rij_1b(0)], [in_register(0, einddatum="31-7-2024")]))
    assert (both.klasse, ours.klasse) == ("tlv-verlopen", "tlv-verlopen")


def test_another_number_of_the_same_pupil(tmp_path: Path) -> None:
    serial = rij_1b(0, BESCHIKKINGSNUMMER="PO2304-2023-00077")
    verschil = only(held(tmp_path, [serial], [in_register(0)]))
    assert (verschil.klasse, verschil.pgn) == ("tlv-ander-nummer", PGNS[0])
    assert verschil.kolommen == {"BESCHIKKINGSNUMMER": Cel(tlv(0), "PO2304-2023-00077")}


def test_the_same_number_of_another_pupil(tmp_path: Path) -> None:
    verschil = only(held(tmp_path, [rij_1b(0)], [in_register(0, bsn=PGNS[1])]))
    assert verschil.klasse == "tlv-ander-nummer"
    assert verschil.kolommen == {"BSN_OWN": Cel(PGNS[1], PGNS[0])}


def test_two_pupils_whose_numbers_were_exchanged_are_two_differences(tmp_path: Path) -> None:
    rows = [rij_1b(0, BESCHIKKINGSNUMMER=tlv(1)), rij_1b(1, BESCHIKKINGSNUMMER=tlv(0))]
    found = held(tmp_path, rows, [in_register(0), in_register(1)])
    assert sorted((v.klasse, v.pgn) for v in found.verschillen) == sorted(
        ("tlv-ander-nummer", pgn) for pgn in PGNS[:2]
    )


def test_another_category_and_another_day(tmp_path: Path) -> None:
    found = held(
        tmp_path,
        [rij_1b(0), rij_1b(1), rij_1b(2, ONDERSTEUNINGSCATEGORIE="SO_VSO_MIDDE")],
        [
            in_register(0, categorie="H"),
            in_register(1, einddatum="31-7-2027"),
            in_register(2, categorie="M"),
        ],
    )
    assert {v.pgn: v.klasse for v in found.verschillen} == {
        PGNS[0]: "categorie-verschilt",
        PGNS[1]: "datum-verschilt",
    }


def test_what_the_register_does_not_say_is_not_compared(tmp_path: Path) -> None:
    rows = [in_register(n, bsn="", einddatum="") for n in (0, 11)]
    with voorbeeld(tmp_path) as one:
        files = {one.bestand(REGISTER, rows): LATE, one.bestand(B, [NEVER, rij_1b(0)]): LATE}
        assert one.met(files).verschillen == ()


def test_a_tlv_that_is_not_in_the_register(tmp_path: Path) -> None:
    found = held(tmp_path, [rij_1b(0), rij_1b(1, BESCHIKKINGSNUMMER=tlv(1, ELDERS))], [])
    assert {v.pgn: (v.klasse, v.aantal) for v in found.verschillen} == {
        PGNS[0]: ("alleen-bij-duo", 1),
        PGNS[1]: ("ander-samenwerkingsverband", 1),
    }


def test_a_residential_pupil_with_a_tlv_that_duo_linked(tmp_path: Path) -> None:
    row = rij_1b(0, RESIDENTIELE_LEERLING="Ja")
    verschil = only(held(tmp_path, [row], [in_register(0)], *pupil(0)[:-1]))
    by_duo = koppeling(0, tlv(0), door="duo")
    also = only(held(tmp_path, [row], [in_register(0)], *pupil(0)[:-1], by_duo))
    assert (verschil.klasse, verschil.wie, also.klasse) == (
        "residentieel-met-tlv",
        "DUO",
        "residentieel-met-tlv",
    )
    assert held(tmp_path, [row], [in_register(0)], *pupil(0)).verschillen == ()


def test_a_number_that_stands_twice_with_other_facts(tmp_path: Path) -> None:
    verschil = only(held(tmp_path, [rij_1b(0)], [in_register(0), in_register(0, categorie="H")]))
    same = held(tmp_path, [rij_1b(0)], [in_register(0), in_register(0)])
    assert (verschil.klasse, verschil.wie) == ("dubbele-sleutel", "samenwerkingsverband")
    assert same.verschillen == ()


def test_a_pupil_that_1b_has_twice(tmp_path: Path) -> None:
    rows = [rij_1b(0), rij_1b(0, INSCHRIJVINGSVOLGNUMMER="99")]
    assert only(held(tmp_path, rows, [in_register(0)])).klasse == "dubbele-inschrijving"


def test_a_link_that_became_known_after_the_download(tmp_path: Path) -> None:
    late = [*pupil(0)[:-1], koppeling(0, tlv(0), "2025-02-20")]
    verschil = only(held(tmp_path, [zonder_tlv(0)], [in_register(0)], *late, moment=EARLY))
    assert verschil.klasse == "gewijzigd-sinds-download"
    assert [event.type for event in verschil.gebeurtenissen] == ["TlvGekoppeld"]
    after = [*pupil(0)[:-1], koppeling(0, tlv(0), "2025-03-20")]
    fixed = only(held(tmp_path, [zonder_tlv(0)], [in_register(0)], *after))
    assert fixed.klasse == "na-vaststelling"


def test_what_became_known_of_the_pupil_but_does_not_explain(tmp_path: Path) -> None:
    late = [*pupil(0)[:-1], koppeling(0, tlv(0), "2025-02-20")]
    register = [in_register(0, tlv_nummer="PO2304-2023-00077")]
    verschil = only(held(tmp_path, [zonder_tlv(0)], register, *late, moment=EARLY))
    assert verschil.klasse == "tlv-niet-gekoppeld"


def test_the_register_against_the_ledger(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *pupil(0), *alone(1), *pupil(2), *pupil(3)) as one:
        register = [in_register(0), in_register(1), in_register(3, categorie="H")]
        found = one.met({one.bestand(REGISTER, register): LATE})
    assert found.paar == "tlv-register tegen grootboek"
    assert {v.pgn: v.klasse for v in found.verschillen} == {
        PGNS[1]: "tlv-niet-gekoppeld",
        PGNS[2]: "alleen-bij-duo",
        PGNS[3]: "categorie-verschilt",
    }
