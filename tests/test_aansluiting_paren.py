"""Which pair some files are, and which files are none (rules.md 9, Pairs)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.importing import Wishes, import_file
from projections.aansluiting.paren import PaarError, paar_van
from tests.downloads import Row, at
from tests.ledgers import NOW
from tests.paren_voorbeelden import (
    EARLY,
    LATE,
    MET_TLV,
    SWV,
    TOTAAL,
    VESTIGINGEN,
    T,
    Voorbeeld,
    in_register,
    pupil,
    rij_1a,
    rij_1b,
    rij_2,
    voorbeeld,
)

B = "Bekostigde_leerlingen_PO2304_01_02_2025.csv"
FILES: dict[str, list[Row]] = {
    MET_TLV: [rij_1a(LAAG_TLV=1)],
    TOTAAL: [rij_2("SO", 1, 0)],
    VESTIGINGEN: [{"VESTIGING": "00SU00", "TOTAAL": "12"}],
    B: [rij_1b(0)],
    "tlv-register.csv": [in_register(0)],
    "Ofb_PO2304.csv": [{"maand": "2025-12", "regel": "SO", "aantal": "1"}],
}
REGISTER, OFB = list(FILES)[-2:]


def files(one: Voorbeeld, *names: str) -> list[Path]:
    """Write some of the files, each in a folder of its own when it is there twice."""
    paths = []
    for number, name in enumerate(names):
        (one.folder / str(number)).mkdir(exist_ok=True)
        paths.append(one.bestand(f"{number}/{name}", FILES[name]))
    return paths


@pytest.mark.parametrize(
    ("names", "paar"),
    [
        ([B], "1B tegen grootboek"),
        ([B, B], "twee downloads van 1B"),
        ([MET_TLV], "1A tegen grootboek"),
        ([TOTAAL], "1A tegen grootboek"),
        ([VESTIGINGEN], "1A tegen grootboek"),
        ([MET_TLV, TOTAAL, VESTIGINGEN], "1A tegen grootboek"),
        ([MET_TLV, MET_TLV], "twee downloads van 1A"),
        ([MET_TLV, B], "1A tegen 1B"),
        ([B, TOTAAL, MET_TLV], "1A tegen 1B"),
        ([REGISTER], "tlv-register tegen grootboek"),
        ([B, REGISTER], "tlv-register tegen 1B"),
        ([OFB], "Ofb tegen kijkglas 1"),
    ],
)
def test_the_files_tell_which_pair_they_are(tmp_path: Path, names: list[str], paar: str) -> None:
    with voorbeeld(tmp_path, *pupil(0)) as one:
        found = paar_van(one.question, files(one, *names), "ledger", T)
    assert (found.naam, found.swv, found.teldatum) == (paar, SWV, T)


def test_a_file_to_hold_against_can_be_named(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *pupil(0)) as one:
        first, second = files(one, MET_TLV, B)
        assert paar_van(one.question, [first], second).naam == "1A tegen 1B"
        assert paar_van(one.question, [first], str(second)).naam == "1A tegen 1B"
        assert paar_van(one.question, [first]).naam == "1A tegen grootboek"


@pytest.mark.parametrize(
    "names", [[B, B, B], [MET_TLV, MET_TLV, MET_TLV], [OFB, B], [REGISTER, MET_TLV], [REGISTER] * 2]
)
def test_files_that_make_no_pair(tmp_path: Path, names: list[str]) -> None:
    with voorbeeld(tmp_path, *pupil(0)) as one:
        with pytest.raises(PaarError):
            paar_van(one.question, files(one, *names))
        with pytest.raises(PaarError, match="geen aansluiting"):
            paar_van(one.question, files(one, OFB, B))


def test_files_of_another_samenwerkingsverband_or_teldatum(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *pupil(0)) as one:
        path, other = files(one, MET_TLV, B)[0], MET_TLV.replace("PO2304", "PO2305")
        elders = one.bestand(other, FILES[MET_TLV])
        later = one.bestand(MET_TLV.replace("2025", "2024"), FILES[MET_TLV])
        row = one.bestand("1b.csv", [rij_1b(0, SAMENWERKINGSVERBAND="PO2305")])
        for both in ([path, elders], [row, path]):
            with pytest.raises(PaarError, match="is van PO230"):
                paar_van(one.question, both)
        with pytest.raises(PaarError, match="teldatum 01-02-2024, en niet van 01-02-2025"):
            paar_van(one.question, [path, later])
        with pytest.raises(PaarError, match="en niet van 01-02-2023"):
            paar_van(one.question, [path], teldatum=date(2023, 2, 1))
        with pytest.raises(PaarError, match="en niet van PO2305"):
            paar_van(one.question, [path], swv="PO2305")


def test_files_that_are_something_else(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *pupil(0)) as one:
        unknown = one.folder / "prijzen.csv"
        unknown.write_text("a;b\n1;2\n", encoding="utf-8")
        with pytest.raises(PaarError, match="wordt niet herkend"):
            paar_van(one.question, [unknown])
        feed = one.folder / "feed.jsonl"
        feed.write_text('{"type":"SwvGeregistreerd"}\n', encoding="utf-8")
        with pytest.raises(PaarError, match="is gebeurtenissen"):
            paar_van(one.question, [feed])
        empty = one.folder / "leeg.csv"
        empty.touch()
        with pytest.raises(PaarError, match="leeg"):
            paar_van(one.question, [empty])


def test_an_ofb_needs_a_samenwerkingsverband(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *pupil(0)) as one:
        path = one.bestand("uittreksel.csv", FILES[OFB])
        with pytest.raises(PaarError, match="geef --swv"):
            paar_van(one.question, [path])
        assert paar_van(one.question, [path], swv=SWV).swv == SWV


def test_the_moment_of_a_file_is_given_booked_or_its_time(tmp_path: Path) -> None:
    booked = datetime(2025, 4, 1, tzinfo=UTC)
    with voorbeeld(tmp_path, *pupil(0)) as one:
        path = at(one.bestand(B, FILES[B]), "2025-05-01T12:00")
        own = paar_van(one.question, [path]).links.bekend_op
        given = paar_van(one.question, [path], momenten={path: EARLY}).links.bekend_op
        import_file(one.question.ledger, path, "dashboard-1b", NOW, Wishes(moment=booked))
        known = paar_van(one.question, [path]).links.bekend_op
    assert own == datetime(2025, 5, 1, 10, tzinfo=UTC)
    assert (given, known) == (EARLY, booked)


def test_two_downloads_are_ordered_by_moment(tmp_path: Path) -> None:
    with voorbeeld(tmp_path, *pupil(0)) as one:
        for name in (B, MET_TLV):
            first, second = files(one, name, name)
            both = paar_van(one.question, [first, second], momenten={first: LATE, second: EARLY})
            assert (both.links.bekend_op, both.rechts.bekend_op) == (LATE, EARLY)
