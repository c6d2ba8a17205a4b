"""What always holds between the products (rules.md 7), and that a breach of it is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from random import Random

import pytest

from ledger.application import Ledger
from projections.dashboard_1a import CELLS
from projections.invariants import (
    counting_swvs,
    growth_windows,
    teldata,
    violations,
    violations_at,
)
from projections.kijkglas_3 import kijkglas_3
from projections.refresh import refreshed
from projections.store.read_model import ReadModel
from projections.windows import Window, growth_window
from synthetic.region import region
from tests.histories import random_history, random_moment
from tests.ledgers import AsOf, dashboard_1a, dashboard_1b, ledger_of, sqlite_of

TELDATUM = date(2025, 2, 1)


@contextmanager
def of_region() -> Iterator[tuple[Ledger, ReadModel]]:
    """Give the ledger of a small region and its read model."""
    with ledger_of(region(2025, 100)) as ledger:
        model = refreshed(ledger)
        yield ledger, model
        model.close()


def test_all_hold_on_a_region() -> None:
    with of_region() as (ledger, model):
        assert list(violations(ledger, model)) == []
        assert len(teldata(model)) > 3
        assert len(counting_swvs(model, AsOf(TELDATUM))) > 2


@pytest.mark.parametrize("seed", range(40))
def test_all_hold_on_random_histories_at_any_moment(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - no secret is made
    history = random_history(chance, most_pupils=3)
    with ledger_of(history) as ledger:
        model = refreshed(ledger)
        assert list(violations(ledger, model)) == []
        for _ in range(6):
            assert list(violations_at(ledger, model, AsOf(*random_moment(chance, history)))) == []
        model.close()


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_all_hold_on_many_histories(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - no secret is made
    history = random_history(chance, most_pupils=3)
    with ledger_of(history) as ledger:
        model = refreshed(ledger)
        assert list(violations(ledger, model)) == []
        for _ in range(20):
            assert list(violations_at(ledger, model, AsOf(*random_moment(chance, history)))) == []
        model.close()


def test_they_hold_as_the_words_say_them() -> None:
    """The same sums, written out here from the products themselves."""
    with of_region() as (ledger, model):
        as_of = AsOf(TELDATUM)
        everywhere: Counter[str] = Counter()
        for swv in counting_swvs(model, as_of):
            files = dashboard_1a(model, as_of, swv)
            rows = dashboard_1b(ledger, model, as_of, swv)
            per_vestiging = Counter(row["vestigingscode"] for row in rows)
            taking_part: Counter[object] = Counter()
            for row in files["met_tlv"]:
                assert row["totaal"] == sum(int(str(row[cell])) for cell in CELLS)
                if row["deelnemende_vestiging"]:
                    taking_part[row["schoolsoort"]] += int(str(row["totaal"]))
            assert sum(int(str(row["totaal"])) for row in files["met_tlv"]) == len(rows)
            assert {row["vestigingscode"] for row in files["met_tlv"]} == per_vestiging.keys()
            for row in files["totaal"]:
                mine, others, total = (
                    int(str(row[name]))
                    for name in ("met_tlv_dit_swv", "met_tlv_ander_swv", "totaal")
                )
                assert mine + others == total
                assert mine == taking_part[row["schoolsoort"]]
            everywhere.update(str(row["pgn"]) for row in rows)
        assert everywhere
        assert set(everywhere.values()) == {1}


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        # The same rectangle twice: a pupil who counts twice.
        (
            (
                "INSERT INTO standen SELECT * FROM standen WHERE rowid = (SELECT rowid "
                "FROM standen WHERE telt = 1 AND swv IS NOT NULL "
                "AND bekend_tot > 90000000000000000 LIMIT 1)"
            ),
            "overlappende rechthoeken",
        ),
        # Days that reach back over what was before.
        (
            (
                "UPDATE standen SET geldig_van = 19000101, bekend_van = 0 WHERE leerling = "
                "(SELECT leerling FROM standen GROUP BY leerling, instellingscode, volgnummer "
                "HAVING count(*) > 2 LIMIT 1)"
            ),
            "overlappende rechthoeken",
        ),
        # A basis that 1A has no column for.
        (
            (
                "UPDATE standen SET schoolsoort = 'SBO', ondersteuningscategorie = 'SBO', "
                "basis = 'RP' WHERE swv LIKE 'PO%' AND telt = 1"
            ),
            "",
        ),
        # Somebody counts for two samenwerkingsverbanden at once.
        (
            (
                "INSERT INTO standen SELECT groep, leerling, instellingscode, volgnummer || 'x', "
                "geldig_van, geldig_tot, vestigingscode, schoolsoort, begindatum, einddatum, "
                "soort_verblijf, bekostigbaar, cluster, leerjaar, vo_kenmerk, 'PO9999', "
                "wijze_van_bepaling, ondersteuningscategorie, basis, beschikkingsnummer, telt, "
                "reden, bekend_van, bekend_tot, geopend_door, gesloten_door, NULL, NULL "
                "FROM standen "
                "WHERE telt = 1 AND swv LIKE 'PO%' AND beschikkingsnummer IS NULL "
                "AND geldig_van <= 20250201 AND geldig_tot > 20250201"
            ),
            "een leerling staat in 1B van",
        ),
        # Somebody counts twice for one.
        (
            (
                "INSERT INTO standen SELECT groep, leerling, instellingscode, volgnummer || 'x', "
                "geldig_van, geldig_tot, vestigingscode, schoolsoort, begindatum, einddatum, "
                "soort_verblijf, bekostigbaar, cluster, leerjaar, vo_kenmerk, swv, "
                "wijze_van_bepaling, ondersteuningscategorie, basis, beschikkingsnummer, telt, "
                "reden, bekend_van, bekend_tot, geopend_door, gesloten_door, NULL, NULL "
                "FROM standen "
                "WHERE telt = 1 AND swv LIKE 'PO%' "
                "AND geldig_van <= 20250201 AND geldig_tot > 20250201"
            ),
            "keer in 1B van",
        ),
        # The same row of a member twice: two flags for one pupil.
        (
            "INSERT INTO standen SELECT * FROM standen WHERE basis = 'TLV' AND schoolsoort = 'VSO'",
            "kijkglas 3 is niet de som van kijkglas 2",
        ),
    ],
)
@pytest.mark.usefixtures("on_sqlite")
def test_a_breach_is_found(statement: str, told: str) -> None:
    with of_region() as (ledger, model):
        changed = sqlite_of(model).execute(statement).rowcount
        assert changed > 0
        found = list(violations(ledger, model))
        assert [text for text in found if told in text]


def test_growth_is_checked_in_every_school_year_in_which_a_member_comes_or_leaves() -> None:
    with of_region() as (_, model):
        windows = growth_windows(model)
        assert {swv[:2] for swv, _ in windows} == {"PO", "VO"}
        assert ("PO9901", growth_window(TELDATUM)) in windows
        assert len(windows) == len(set(windows)) > 6
        moved = [totaal_of(model, swv, window) for swv, window in windows]
        assert any(row["instroom"] for row in moved)
        assert any(row["uitstroom"] for row in moved)


@pytest.mark.parametrize(
    ("product", "told"),
    [
        ("projections.kijkglas_2.flags", "kijkglas 3 is niet de som van kijkglas 2"),
        ("projections.kijkglas_2.flags", "leerlingen plus instroom min uitstroom is niet"),
    ],
)
def test_lost_flags_are_found(product: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, lambda _: {})
    with of_region() as (ledger, model):
        found = list(violations(ledger, model))
    assert [text for text in found if told in text]
    assert all(text.startswith("schooljaar 20") for text in found)


def test_lost_rows_of_kijkglas_3_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.kijkglas_3._groei", lambda *_: [])
    with of_region() as (ledger, model):
        found = list(violations(ledger, model))
    assert [text for text in found if "het totaal van kijkglas 3 is niet de som" in text]


def totaal_of(model: ReadModel, swv: str, window: Window) -> Mapping[str, object]:
    """Return the total of kijkglas 3 over a window, as known now."""
    (totaal,) = kijkglas_3(model, AsOf(window.eind), swv)["totaal"]
    return totaal


@pytest.mark.usefixtures("on_sqlite")
def test_a_breach_names_the_teldatum_and_no_pgn() -> None:
    with of_region() as (ledger, model):
        sqlite_of(model).execute(
            "UPDATE standen SET basis = NULL WHERE telt = 1 AND swv LIKE 'PO%'"
        )
        found = list(violations(ledger, model))
        pgns = set(
            ledger.vault.pgns(event.originator_id for event in ledger.pupil_events()).values()
        )
        assert not [pgn for pgn in pgns for text in found if pgn in text]
        assert all("teldatum" in text or "overlap" in text for text in found)
        assert found


def test_an_empty_ledger_breaks_nothing() -> None:
    with ledger_of() as ledger:
        model = refreshed(ledger)
        assert teldata(model) == []
        assert list(violations(ledger, model)) == []
        model.close()
