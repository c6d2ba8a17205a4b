"""Every planted fault comes back with its class and row, and right files come back empty."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import pytest

from projections.aansluiting.aansluiten import aansluiten
from projections.aansluiting.model import Aansluiting
from projections.aansluiting.paren import paar_van
from projections.dashboard_1b import dashboard_1b
from projections.moments import vaststelling_of
from projections.persons import pgns
from projections.questions import Question
from projections.refresh import refreshed
from projections.report import Fields
from projections.store import ask, ask_pupils
from projections.store.ask import AsOf
from tests.aansluiting_mutator import (
    IN_1A,
    IN_1B,
    IN_REGISTER,
    Bestanden,
    Fout,
    Gevonden,
    Planter,
    Regio,
    Score,
    geplant,
    gevonden,
    laat,
    register_of,
    score,
)
from tests.command import SAMPLES, Kijkglas
from tests.downloads import Row, csv_file, rows_of
from tests.ledgers import NOW
from tests.places import open_ledger

T: Final = date(2025, 2, 1)
EARLIER: Final = datetime(2025, 2, 3, tzinfo=UTC)
"""A moment after the teldatum, before the vaststelling."""
SWVS: Final = ("PO9901", "VO9901")
FILES: Final = {
    "1b": "Bekostigde_leerlingen_{}_01_02_2025.csv",
    "1a": "Aantallen_leerlingen_met_tlv_svw_{}_01_02_2025.csv",
    "register": "tlv-register-{}.csv",
}
PAREN: Final = {
    "1B tegen grootboek": (("1b",), IN_1B),
    "tlv-register tegen 1B": (("register", "1b"), IN_REGISTER),
    "1A tegen grootboek": (("1a",), IN_1A),
    "1A tegen 1B": (("1a", "1b"), IN_1A),
}


class Veld(NamedTuple):
    """The ledger of the region as known at the vaststelling, its right files, and a folder."""

    question: Question
    regios: dict[str, Regio]
    folder: Path
    fixed: datetime

    def aansluiten(
        self, files: Bestanden, sides: tuple[str, ...], moment: datetime | None = None
    ) -> Aansluiting:
        """Write some of the files and hold them against each other, or against the ledger."""
        rows: dict[str, list[Row]] = {
            "1b": [*files.een_b], "1a": [*files.een_a], "register": [*files.register]
        }  # fmt: skip
        paths = [
            csv_file(self.folder / FILES[side].format(files.regio.swv), rows[side])
            for side in sides
        ]
        paar = paar_van(self.question, paths, momenten=dict.fromkeys(paths, moment or self.fixed))
        return aansluiten(self.question, paar)


@pytest.fixture(scope="module")
def veld(region_ledger: Kijkglas, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Veld]:
    """Give the region as known at the vaststelling."""
    with open_ledger(region_ledger.ledger) as ledger:
        model = refreshed(ledger)
        fixed = vaststelling_of(T, ("SBO", "SO", "VSO"), model)
        question = Question(ledger, model, AsOf(T, fixed), NOW, "kijkglas", "0")
        regios = {swv: _regio(question, swv) for swv in SWVS}
        yield Veld(question, regios, tmp_path_factory.mktemp("fouten"), fixed)
        model.close()


def _regio(question: Question, swv: str) -> Regio:
    een_b, een_a = (
        tuple(rows_of(SAMPLES / "region" / FILES[side].format(swv))) for side in ("1b", "1a")
    )
    before = dashboard_1b(question.ledger, question.model, AsOf(T, EARLIER), swv)
    known = {str(row["pgn"]) for row in before}
    late = frozenset(row["BSN_OWN"] for row in een_b) - known
    return Regio(swv, een_b, een_a, register_of(een_b), late, _with_several(question))


def _with_several(question: Question) -> frozenset[str]:
    """Return the pupils with more than one tlv that holds on the teldatum."""
    model, as_of = question.model, question.as_of
    pupils = {row.leerling for row in ask.standen(model, as_of, ask.Selection())}
    tlvs = ask_pupils.tlvs_of(model, as_of, pupils)
    valid = Counter(one.leerling for one in tlvs if one.begindatum <= T <= one.laatste_dag)
    several = [leerling for leerling, times in valid.items() if times > 1]
    return frozenset(pgns(question.ledger, model, as_of, several).values())


def planted(
    veld: Veld, paar: str, seed: int, how_many: int
) -> tuple[tuple[Fout, ...], Aansluiting]:
    """Plant faults in one pair of files and reconcile it."""
    rng = Random(f"{paar}/{seed}")  # noqa: S311 - made-up faults, no secrets
    files = Bestanden(veld.regios[rng.choice(SWVS)], rng)
    sides, planters = PAREN[paar]
    faults = geplant(files, planters, how_many)
    return faults, veld.aansluiten(files, sides)


@pytest.mark.parametrize("swv", SWVS)
@pytest.mark.parametrize("paar", PAREN)
def test_right_files_come_back_empty(veld: Veld, paar: str, swv: str) -> None:
    files = Bestanden(veld.regios[swv], Random(1))  # noqa: S311 - idem
    found = veld.aansluiten(files, PAREN[paar][0])
    assert (found.paar, found.verschillen) == (paar, ())
    assert found.links == found.rechts == found.gelijk > 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("paar", ["1B tegen grootboek", "tlv-register tegen 1B"])
def test_planted_faults_come_back_with_class_and_row(veld: Veld, paar: str, seed: int) -> None:
    faults, found = planted(veld, paar, seed, 8)
    assert len(faults) >= 6
    assert gevonden(found) == {(fault.klasse, fault.merk) for fault in faults}, faults


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("paar", ["1A tegen grootboek", "1A tegen 1B"])
def test_a_planted_fault_in_counts_comes_back(veld: Veld, paar: str, seed: int) -> None:
    (fault,), found = planted(veld, paar, seed, 1)
    assert (fault.klasse, fault.merk) in gevonden(found), fault
    assert {klasse for klasse, _ in gevonden(found)} == {fault.klasse}


def test_a_late_registration_is_explained_by_its_event(veld: Veld) -> None:
    files = Bestanden(veld.regios["PO9901"], Random(7))  # noqa: S311 - idem
    faults = geplant(files, [laat], 3)
    found = veld.aansluiten(files, ("1b",), EARLIER)
    assert faults
    assert gevonden(found) == {(fault.klasse, fault.merk) for fault in faults}
    assert all(one.gebeurtenissen for one in found.verschillen)


def all_kinds() -> list[tuple[str, Planter]]:
    return [(paar, planter) for paar, (_, planters) in PAREN.items() for planter in planters]


@pytest.mark.parametrize("swv", SWVS)
def test_another_download_moment_is_explained_row_by_row(veld: Veld, swv: str) -> None:
    question = veld.question._replace(as_of=AsOf(T))
    right = Bestanden(veld.regios[swv], Random(7))  # noqa: S311 - idem
    found = veld._replace(question=question).aansluiten(right, ("1b",), veld.fixed)
    then, now = (
        {str(row["pgn"]): row for row in dashboard_1b(*question[:2], as_of, swv)}
        for as_of in (veld.question.as_of, question.as_of)
    )
    differing = {pgn for pgn in then.keys() | now.keys() if _facts(then, pgn) != _facts(now, pgn)}
    assert {one.pgn for one in found.verschillen} == differing
    assert {one.klasse for one in found.verschillen} == {"gewijzigd-sinds-download"}


def _facts(rows: Mapping[str, Fields], pgn: str) -> tuple[object, ...]:
    """Return what is compared of a row: no names, and no tlv that did not decide."""
    row = rows.get(pgn)
    if row is None:
        return ()
    names = ("volgnummer", "vestigingscode", "ondersteuningscategorie", "begindatum", "einddatum")
    own = tuple(row[name] for name in (*names, "residentieel", "wijze_van_bepaling"))
    tlv = ("beschikkingsnummer", "tlv_begindatum", "tlv_einddatum")
    decided = row["wijze_van_bepaling"] == "TLV"
    return (*own, *(row[name] if decided else None for name in tlv))


def test_every_kind_of_fault_finds_a_row_to_be_planted_in(veld: Veld) -> None:
    missing = []
    for paar, planter in all_kinds():
        regios = veld.regios.values()
        files = (Bestanden(regio, Random(3)) for regio in regios)  # noqa: S311 - idem
        if not any(planter(one) for one in files):
            missing.append(paar)
    assert missing == []


def measured(veld: Veld, faults: int) -> dict[str, Score]:
    """Plant so many faults over all pairs, and return how well they came back, by pair."""
    scores = dict.fromkeys(PAREN, Score(0, 0, 0))
    seed = 100
    while sum(one.geplant for one in scores.values()) < faults:
        for paar in PAREN:
            how_many = 1 if paar.startswith("1A") else 10
            told, found = planted(veld, paar, seed, how_many)
            own = score(told, _counted_once(told, gevonden(found)))
            scores[paar] = Score(*(a + b for a, b in zip(scores[paar], own, strict=True)))
        seed += 1
    return scores


def _counted_once(faults: tuple[Fout, ...], found: Gevonden) -> Gevonden:
    """Return what was found, where the other end of a move is not counted again."""
    moved = any(fault.klasse == "andere-vestiging" for fault in faults)
    return {one for one in found if not (moved and one[1][-1] == "77ZZ00")}


@pytest.mark.heavy
def test_a_thousand_planted_faults_come_back(
    veld: Veld, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = measured(veld, 1000)
    with capsys.disabled():
        sys.stdout.writelines(
            f"\n{paar}: {one.geplant} fouten, precision {one.precision:.3f},"
            f" recall {one.recall:.3f}"
            for paar, one in scores.items()
        )
    assert all(one.precision == one.recall == 1.0 for one in scores.values())
