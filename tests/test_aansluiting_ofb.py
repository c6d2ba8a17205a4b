"""An Ofb against kijkglas 1 of its month, as a reconciliation (rules.md 7 and 9)."""

from __future__ import annotations

from pathlib import Path

from projections.aansluiting.model import Aansluiting, Cel
from tests.paren_voorbeelden import LATE, Voorbeeld, pupil, voorbeeld

NAAM = "Ofb_PO2304.csv"
TWO = (*pupil(0), *pupil(1, bekend_op="2026-01-10"))
"""Two so pupils LAAG, one of them known on 10 January 2026."""


def held(one: Voorbeeld, *lines: str) -> Aansluiting:
    """Hold an extract against kijkglas 1."""
    path = one.folder / NAAM
    path.write_text("\n".join(("maand;regel;aantal;bedrag", *lines)) + "\n", encoding="utf-8")
    return one.met({path: LATE})


def test_lines_that_agree_give_nothing(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        found = held(one, "2025-12;SO LAAG;1;-24.000,50", "2026-01;SO;2;")
    assert (found.paar, found.verschillen) == ("Ofb tegen kijkglas 1", ())
    assert (found.totaal_links, found.totaal_rechts, found.gelijk) == (3, 3, 2)


def test_what_became_known_since_the_month_explains_a_line(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        (verschil,) = held(one, "2025-12;SO LAAG;2;").verschillen
    assert (verschil.klasse, verschil.aantal) == ("gewijzigd-sinds-download", 1)
    assert verschil.kolommen == {"AANTAL": Cel(1, 2)}
    assert "InschrijvingGeregistreerd" in [event.type for event in verschil.gebeurtenissen]


def test_the_count_of_the_vaststelling_explains_a_line(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO) as one:
        (verschil,) = held(one, "2026-01;SO LAAG;1;").verschillen
    assert (verschil.klasse, verschil.aantal) == ("na-vaststelling", -1)
    assert verschil.gebeurtenissen


def test_what_nothing_explains_and_what_one_side_leaves_out(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *TWO, *pupil(2, "HOOG")) as one:
        found = held(one, "2025-12;SO LAAG;7;", "2025-12;SO MIDDEN;1;", "2025-12;ICT;;-100")
    assert {v.sleutel: (v.soort, v.klasse, v.aantal) for v in found.verschillen} == {
        ("2025-12", "SO LAAG"): ("cel", "gegevens-verschillen", 6),
        ("2025-12", "SO MIDDEN"): ("cel", "alleen-bij-duo", 1),
        ("2025-12", "SO HOOG"): ("alleen-bij-ons", "alleen-bij-ons", -1),
    }
    assert any("'ICT'" in line for line in found.herkomst.opmerkingen)
