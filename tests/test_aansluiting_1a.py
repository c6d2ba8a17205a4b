"""Dashboard 1A against the ledger, against 1B and against another download (rules.md 9)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from projections.aansluiting.bereik import meer, onthuld, telt_op
from projections.aansluiting.model import Aansluiting, Cel, Verschil
from tests.oracle_examples import link
from tests.paren_voorbeelden import (
    EARLY,
    ELDERS,
    LATE,
    MET_TLV,
    SWV,
    TOTAAL,
    VESTIGINGEN,
    alone,
    cells,
    koppeling,
    pupil,
    rij_1a,
    rij_1b,
    rij_2,
    tlv,
    voorbeeld,
    zonder_tlv,
)

B = "Bekostigde_leerlingen_PO2304_01_02_2025.csv"
TWO = (*pupil(0), *pupil(1))
LATE_EVENTS = ["InschrijvingGeregistreerd", "TlvGekoppeld"]
"""What makes a pupil known late, with its tlv."""


def only(found: Aansluiting) -> Verschil:
    """Return the one difference that there is."""
    (verschil,) = found.verschillen
    return verschil


def test_counts_that_agree_give_nothing(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        found = one.met_1a(rij_1a(LAAG_TLV=2))
    assert (found.paar, found.verschillen) == ("1A tegen grootboek", ())
    assert (found.links, found.rechts, found.gelijk) == (1, 1, 1)
    assert (found.totaal_links, found.totaal_rechts) == (2, 2)


def test_a_row_without_pupils_is_no_difference_with_no_row(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        assert one.met_1a(rij_1a(LAAG_TLV=2), rij_1a("00SU01")).verschillen == ()


def test_what_became_known_after_the_file_explains_a_cell(tmp_path: Path) -> None:
    late = pupil(1, bekend_op="2025-03-20")
    with voorbeeld(tmp_path, *pupil(0), *late) as one:
        verschil = only(one.met_1a(rij_1a(LAAG_TLV=1), moment=EARLY))
        later = only(one.met_1a(rij_1a(LAAG_TLV=1), moment=LATE))
    assert verschil.klasse == "gewijzigd-sinds-download"
    assert verschil.kolommen == {"AANTAL_LAAG_TLV": Cel(2, 1), "TOTAAL": Cel(2, 1)}
    assert (verschil.aantal, verschil.vestigingscode) == (-1, "00SU00")
    assert [event.type for event in verschil.gebeurtenissen] == LATE_EVENTS
    assert verschil.sinds is not None
    assert "inschrijving geregistreerd 00SU/2 door" in verschil.oorzaak
    assert later.klasse == "na-vaststelling"
    assert [event.type for event in later.gebeurtenissen] == LATE_EVENTS


def test_a_link_that_became_known_moves_a_pupil_between_cells(tmp_path: Path) -> None:
    linked = [*pupil(1)[:-1], koppeling(1, tlv(1), "2025-02-20")]
    with voorbeeld(tmp_path, *pupil(0), *linked) as one:
        verschil = only(one.met_1a(rij_1a(LAAG_TLV=1, LAAG_OVERIG=1), moment=EARLY))
    assert (verschil.klasse, verschil.aantal) == ("gewijzigd-sinds-download", 0)
    assert set(verschil.kolommen) == {"AANTAL_LAAG_TLV", "AANTAL_LAAG_OVERIG"}
    assert verschil.pgn is not None


def test_cells_of_a_row_can_differ_for_different_reasons(tmp_path: Path) -> None:
    late = pupil(1, "HOOG", bekend_op="2025-03-20")
    with voorbeeld(tmp_path, *pupil(0), *late) as one:
        found = one.met_1a(rij_1a(LAAG_TLV=2), moment=EARLY)
    assert {v.klasse: (set(v.kolommen), v.aantal) for v in found.verschillen} == {
        "gewijzigd-sinds-download": ({"AANTAL_HOOG_TLV"}, -1),
        "alleen-bij-duo": ({"AANTAL_LAAG_TLV"}, 1),
    }


@pytest.mark.parametrize(
    ("counts", "klasse", "aantal"),
    [
        ({"LAAG_TLV": 1, "LAAG_OVERIG": 1}, "tlv-niet-gekoppeld", 0),
        ({"LAAG_TLV": 1, "HOOG_TLV": 1}, "categorie-verschilt", 0),
        ({"LAAG_TLV": 3}, "alleen-bij-duo", 1),
        ({"LAAG_TLV": 1}, "alleen-bij-ons", -1),
    ],
)
def test_what_no_event_explains_goes_by_how_the_cells_shift(
    tmp_path: Path, counts: dict[str, int], klasse: str, aantal: int
) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        verschil = only(one.met_1a({**rij_1a(), **cells(**counts)}))
    assert (verschil.klasse, verschil.aantal) == (klasse, aantal)
    assert verschil.gebeurtenissen == ()
    assert verschil.plaatsen == (f"{MET_TLV} regel 2", "grootboek")


def test_a_residential_pupil_that_duo_counts_with_a_tlv(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *alone(0, soort_verblijf="IJH")) as one:
        assert only(one.met_1a(rij_1a(LAAG_TLV=1))).klasse == "residentieel-met-tlv"
        assert one.met_1a(rij_1a(LAAG_RP=1)).verschillen == ()


def test_a_pupil_of_a_closed_institution_that_duo_counts(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *pupil(0), *alone(1, soort_verblijf="GJI")) as one:
        verschil = only(one.met_1a(rij_1a(LAAG_TLV=1, LAAG_OVERIG=1)))
        two = only(one.met_1a(rij_1a(LAAG_TLV=1, LAAG_OVERIG=2)))
    assert (verschil.klasse, verschil.wie) == ("gesloten-inrichting", "school")
    assert two.klasse == "alleen-bij-duo"


def test_the_reverse_on_another_vestiging_is_a_move(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO, *pupil(2, vestiging="00SU01")) as one:
        found = one.met_1a(rij_1a(LAAG_TLV=1), rij_1a("00SU01", LAAG_TLV=2))
    assert {v.sleutel[2]: (v.klasse, v.aantal) for v in found.verschillen} == {
        "00SU00": ("andere-vestiging", -1),
        "00SU01": ("andere-vestiging", 1),
    }


def test_a_row_on_one_side_alone(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        verschil = only(
            one.met_1a(rij_1a(LAAG_TLV=2), rij_1a("77AA00", deelnemend="Nee", HOOG_TLV=1))
        )
        ours = only(one.met({one.bestand(MET_TLV, [rij_1a("00SU01")]): LATE}))
    assert (verschil.soort, verschil.klasse) == ("alleen-bij-duo", "alleen-bij-duo")
    assert (ours.soort, ours.klasse, ours.aantal) == ("alleen-bij-ons", "alleen-bij-ons", -2)


def test_a_double_row_is_not_compared(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        verschil = only(one.met_1a(rij_1a(LAAG_TLV=2), rij_1a(LAAG_TLV=1)))
    assert (verschil.soort, verschil.klasse, verschil.aantal) == ("dubbel", "dubbele-sleutel", 1)


def test_a_line_that_cannot_be_read_is_told_and_not_compared(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        found = one.met_1a(rij_1a(LAAG_TLV=2), rij_1a("kapot", LAAG_TLV=1))
    assert found.verschillen == ()
    assert any("regel" in line or ":3" in line for line in found.herkomst.opmerkingen)


def test_the_link_of_a_vestiging_can_differ(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        verschil = only(one.met_1a(rij_1a(deelnemend="Nee", LAAG_TLV=2)))
    assert verschil.kolommen == {"DEELNEMENDE_VESTIGING": Cel(ons=True, duo=False)}
    assert (verschil.klasse, verschil.wie) == ("gegevens-verschillen", "samenwerkingsverband")


def test_a_link_of_a_vestiging_that_became_known_later(tmp_path: Path) -> None:
    later = link("01AA00", SWV, "2024-08-01", bekend_op="2025-03-20")
    with voorbeeld(tmp_path, *pupil(0, vestiging="01AA00"), later) as one:
        row = rij_1a("01AA00", deelnemend="Nee", LAAG_TLV=1)
        since = only(one.met_1a(row, moment=EARLY))
        fixed = only(one.met_1a(row, moment=LATE))
    assert (since.klasse, fixed.klasse) == ("gewijzigd-sinds-download", "na-vaststelling")


def test_suppressed_counts_agree_disagree_or_cannot_tell(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        hidden = one.met_1a(rij_1a(LAAG_TLV="<5", HOOG_TLV="<5", TOTAAL="<5"))
        agrees = one.met_1a(rij_1a(LAAG_TLV="<5", TOTAAL=2))
        more = only(one.met_1a(rij_1a(LAAG_TLV="<5", TOTAAL=3)))
        beyond = only(one.met_1a(rij_1a(LAAG_TLV=5, HOOG_TLV="<5", TOTAAL="5")))
    assert (hidden.verschillen, hidden.niet_te_zeggen, hidden.gelijk) == ((), 1, 0)
    assert (agrees.verschillen, agrees.niet_te_zeggen, agrees.gelijk) == ((), 0, 1)
    assert more.kolommen["AANTAL_LAAG_TLV"] == Cel(2, 3)
    assert (more.klasse, more.aantal) == ("alleen-bij-duo", 1)
    assert beyond.aantal == 3


def test_file_2_and_file_3_are_compared_too_and_pupils_are_told_once(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO, *alone(2, pc4="7522")) as one:
        files = {
            one.bestand(MET_TLV, [rij_1a(LAAG_TLV=3)]): LATE,
            one.bestand(TOTAAL, [rij_2("SO", 3, 0), rij_2("SBO", 0, 0)]): LATE,
            one.bestand(VESTIGINGEN, [{"VESTIGING": "00SU01", "TOTAAL": "0"}]): LATE,
        }
        found = one.met(files)
    assert {v.sleutel: (v.klasse, v.aantal) for v in found.verschillen} == {
        ("met_tlv", "SO", "00SU00"): ("alleen-bij-duo", 1),
        ("totaal", "SO", ""): ("ander-samenwerkingsverband", 0),
    }
    assert found.bestanden[0].startswith(MET_TLV)


def test_two_downloads_of_1a(tmp_path: Path) -> None:
    late = pupil(1, bekend_op="2025-03-20")
    with voorbeeld(tmp_path, *pupil(0), *late) as one:
        (tmp_path / "later").mkdir()
        first = one.bestand(MET_TLV, [rij_1a(LAAG_TLV=1)])
        second = one.bestand(f"later/{MET_TLV}", [rij_1a(LAAG_TLV=2)])
        verschil = only(one.met({second: LATE, first: EARLY}))
        odd = only(one.met({first: LATE, second: datetime(2026, 10, 2, tzinfo=UTC)}))
    assert (verschil.klasse, verschil.aantal) == ("gewijzigd-sinds-download", 1)
    assert [event.type for event in verschil.gebeurtenissen] == LATE_EVENTS
    assert (odd.klasse, odd.gebeurtenissen) == ("alleen-bij-duo", ())


def test_1a_against_1b_that_agree(tmp_path: Path) -> None:
    with voorbeeld(tmp_path) as one:
        files = {
            one.bestand(MET_TLV, [rij_1a(LAAG_TLV=1, LAAG_OVERIG=1, MIDDEN_RP=1)]): LATE,
            one.bestand(TOTAAL, [rij_2("SO", 3, 7)]): LATE,
            one.bestand(
                B,
                [
                    rij_1b(0),
                    zonder_tlv(1),
                    zonder_tlv(
                        2, RESIDENTIELE_LEERLING="Ja", ONDERSTEUNINGSCATEGORIE="SO_VSO_MIDDE"
                    ),
                ],
            ): LATE,
        }
        found = one.met(files)
    assert (found.paar, found.verschillen) == ("1A tegen 1B", ())
    assert (found.totaal_links, found.totaal_rechts, found.gelijk) == (3, 3, 2)


def test_1a_against_1b_by_cell_file_2_and_link(tmp_path: Path) -> None:
    with voorbeeld(tmp_path) as one:
        rows = [rij_1b(0), rij_1b(1, VESTIGING_SWVNUMMER=ELDERS, VESTIGINGSCODE="00SU01")]
        files = {
            one.bestand(MET_TLV, [rij_1a(LAAG_TLV=2), rij_1a("00SU01", HOOG_TLV=1)]): LATE,
            one.bestand(TOTAAL, [rij_2("SO", 3, 0)]): LATE,
            one.bestand(B, rows): LATE,
        }
        found = one.met(files)
    assert {(v.sleutel, *sorted(v.kolommen)): (v.klasse, v.aantal) for v in found.verschillen} == {
        (("met_tlv", "SO", "00SU00"), "AANTAL_LAAG_TLV", "TOTAAL"): ("alleen-bij-duo", 1),
        (("met_tlv", "SO", "00SU01"), "AANTAL_HOOG_TLV", "AANTAL_LAAG_TLV"): (
            "categorie-verschilt",
            0,
        ),
        (("met_tlv", "SO", "00SU01"), "DEELNEMENDE_VESTIGING"): ("gegevens-verschillen", 0),
        (("totaal", "SO", ""), "MET_TLV_DIT_SWV"): ("alleen-bij-duo", 0),
    }


def test_two_moments_of_1a_and_1b_are_told_by_the_ledger(tmp_path: Path) -> None:
    late = pupil(1, bekend_op="2025-03-20")
    with voorbeeld(tmp_path, *pupil(0), *late) as one:
        a = one.bestand(MET_TLV, [rij_1a(LAAG_TLV=2)])
        b = one.bestand(B, [rij_1b(0)])
        verschil = only(one.met({a: LATE, b: EARLY}))
        same = only(one.met({a: LATE, b: LATE}))
    assert verschil.klasse == "gewijzigd-sinds-download"
    assert [event.type for event in verschil.gebeurtenissen] == LATE_EVENTS
    assert same.klasse == "alleen-bij-duo"


def test_1b_that_contradicts_itself(tmp_path: Path) -> None:
    with voorbeeld(tmp_path) as one:
        twice = rij_1b(0, INSCHRIJVINGSVOLGNUMMER="99")
        foreign = rij_1b(1, BESCHIKKINGSNUMMER=tlv(1, ELDERS))
        files = {
            one.bestand(MET_TLV, [rij_1a(LAAG_TLV=3)]): LATE,
            one.bestand(B, [rij_1b(0), twice, foreign]): LATE,
        }
        found = one.met(files)
    assert sorted((v.klasse, v.sleutel[2]) for v in found.verschillen) == [
        ("ander-samenwerkingsverband", "2"),
        ("dubbele-inschrijving", "1"),
        ("dubbele-inschrijving", "99"),
    ]


def test_what_a_total_gives_away_of_suppressed_counts() -> None:
    delen = ("A", "B", "C")
    assert onthuld({"T": 9, "A": "<5", "B": 7, "C": 0}, "T", delen)["A"] == 2
    assert onthuld({"T": 8, "A": "<5", "B": "<5", "C": 0}, "T", delen)["A"] == 4
    assert onthuld({"T": 7, "A": "<5", "B": "<5", "C": 0}, "T", delen)["A"] == "<5"
    assert onthuld({"T": "<5", "A": 1, "B": 1, "C": 1}, "T", delen)["T"] == 3
    assert onthuld({"T": 90, "A": "<5", "B": 1, "C": 1}, "T", delen)["A"] == "<5"
    assert not telt_op({"T": 90, "A": 1, "B": 1, "C": 1}, "T", delen)


def test_how_many_more_a_suppressed_count_is_at_least() -> None:
    assert [meer("<5", 7), meer("<5", 3), meer(9, "<5"), meer(2, 2), meer(1, None)] == [
        -3,
        0,
        5,
        0,
        1,
    ]
