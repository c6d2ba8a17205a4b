"""Accepting differences until their value changes, and seals that later events break."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.events import AansluitingVerzegeld, Fact, VerschilGeaccepteerd
from ledger.exporting import feed_lines
from ledger.importing import import_feed
from projections.aansluiting.geaccepteerd import (
    OnbekendVerschilError,
    acceptaties,
    kenmerken,
    met_geaccepteerd,
)
from projections.aansluiting.model import Aansluiting, Cel, Verschil
from projections.aansluiting.verbroken import Wijziging, verbroken, wijzigingen
from projections.aansluiting.zegel import verzegeling, zegels
from projections.aansluiting.zegel_report import zegel_report
from projections.questions import Question
from projections.refresh import refreshed
from projections.store.ask import AsOf
from tests.aansluitingen import FOUR, PGN, K, T, aansluiting, only_duo, verschil
from tests.ledgers import NOW, import_events, ledger_of

SEALED_ON = datetime(2025, 3, 4, 12, tzinfo=UTC)
VESTIGING = "12QN00"


def _enrolled(pgn: str, volgnummer: str, known: str = "2024-08-05") -> list[dict[str, Any]]:
    """Return a pupil of so with a category LAAG that lives in PO2304."""
    pupil = {"bekend_op": known, "bron": "school", "pgn": pgn}
    enrolment = {"instellingscode": "12QN", "volgnummer": volgnummer}
    return [
        {"type": "WoonplaatsVastgelegd", **pupil, "vanaf": "2020-08-01", "swv": ["PO2304"]},
        {
            "type": "InschrijvingGeregistreerd",
            **pupil,
            **enrolment,
            "begindatum": "2024-08-01",
            "vestigingscode": VESTIGING,
            "schoolsoort": "SO",
        },
    ]


def _moved(pgn: str, volgnummer: str, known: str) -> dict[str, Any]:
    return {
        "type": "InschrijvingGewijzigd",
        "bekend_op": known,
        "bron": "school",
        "pgn": pgn,
        "instellingscode": "12QN",
        "volgnummer": volgnummer,
        "vanaf": "2024-10-01",
        "vestigingscode": "12QN01",
    }


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Give a ledger with two pupils who count for PO2304."""
    events = [*_enrolled(PGN, "1"), *_enrolled("962354508", "2")]
    with ledger_of(events) as made:
        yield made


def _question(ledger: Ledger, known: datetime | None = None) -> Question:
    model = refreshed(ledger)
    return Question(ledger, model, AsOf(T, known), NOW, "kijkglas reconcile", "0.1")


def _book(ledger: Ledger, *facts: Fact) -> None:
    from cli.reconcile import book_by_hand  # noqa: PLC0415 - the command's own way

    book_by_hand(ledger, facts, SEALED_ON)


def _made(verschillen: tuple[Verschil, ...] = FOUR) -> Aansluiting:
    return aansluiting(verschillen, swv="PO2304")


def _accept(ledger: Ledger, made: Aansluiting, *chosen: str) -> list[VerschilGeaccepteerd]:
    facts = acceptaties(ledger, made, chosen, "school meldt na", "AB")
    _book(ledger, *facts)
    return facts


def _accepted(ledger: Ledger, made: Aansluiting) -> list[str]:
    return [one.geaccepteerd for one in met_geaccepteerd(ledger, made).verschillen]


# Accepting


def test_a_difference_is_accepted_by_its_kenmerk(ledger: Ledger) -> None:
    made = _made()
    _accept(ledger, made, kenmerken(ledger, made)[2])
    assert _accepted(ledger, made) == ["", "", "school meldt na (AB)", ""]


def test_a_difference_is_accepted_by_its_key(ledger: Ledger) -> None:
    made = _made((verschil(), only_duo()))
    _accept(ledger, made, f"{PGN}/12QN/123456789")
    assert _accepted(ledger, made) == ["school meldt na (AB)", ""]


def test_two_differences_of_one_key_are_accepted_one_by_one(ledger: Ledger) -> None:
    made = _made((verschil(), verschil(klasse="gegevens-verschillen"), verschil(kolommen={})))
    names = kenmerken(ledger, made)
    assert len(set(names)) == 3
    _accept(ledger, made, names[1])
    assert _accepted(ledger, made) == ["", "school meldt na (AB)", ""]
    with pytest.raises(OnbekendVerschilError, match="hoort bij 2 verschillen") as raised:
        acceptaties(ledger, met_geaccepteerd(ledger, made), [f"{PGN}/12QN/123456789"], "x", "AB")
    assert PGN not in str(raised.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"kolommen": {"WIJZE": Cel("TLV", "Vestiging vorige inschrijving")}},
        {"kolommen": {"WIJZE": Cel("Woonplaats leerling", "TLV")}},
        {"klasse": "tlv-verlopen"},
        {"aantal": 1},
        {"soort": "alleen-bij-duo"},
        {"sleutel": (PGN, "12QN", "2")},
    ],
)
def test_an_acceptance_lapses_when_the_value_changes(
    ledger: Ledger, changed: dict[str, Any]
) -> None:
    made = _made((verschil(),))
    _accept(ledger, made, kenmerken(ledger, made)[0])
    assert _accepted(ledger, _made((verschil(**changed),))) == [""]


def test_an_acceptance_holds_when_only_words_and_money_change(ledger: Ledger) -> None:
    made = _made((verschil(),))
    _accept(ledger, made, kenmerken(ledger, made)[0])
    again = verschil(oorzaak="anders gezegd", bedrag=Decimal(5), plaatsen=())
    assert _accepted(ledger, _made((again,))) == ["school meldt na (AB)"]


def test_an_acceptance_is_of_one_pair_and_teldatum(ledger: Ledger) -> None:
    made = _made((verschil(),))
    _accept(ledger, made, kenmerken(ledger, made)[0])
    other = aansluiting((verschil(),), swv="PO2304", paar="twee downloads van 1B")
    assert _accepted(ledger, other) == [""]


def test_an_acceptance_holds_no_pgn_and_no_key_in_clear(ledger: Ledger) -> None:
    made = _made((verschil(),))
    name = kenmerken(ledger, made)[0]
    _book(ledger, *acceptaties(ledger, made, [name], f"gebeld over {PGN}", "AB"))
    rows = list(ledger.store.rows_with(VerschilGeaccepteerd.__name__))
    assert len(rows) == 1
    assert PGN.encode() not in rows[0].state
    assert b"123456789" not in rows[0].state


@pytest.mark.parametrize("chosen", ["bestaat-niet", PGN])
def test_what_names_no_difference_is_refused_without_showing_a_pgn(
    ledger: Ledger, chosen: str
) -> None:
    with pytest.raises(OnbekendVerschilError, match="is geen open verschil") as raised:
        acceptaties(ledger, _made(), [chosen], "reden", "AB")
    assert PGN not in str(raised.value)


def test_a_difference_that_was_accepted_is_not_open_any_more(ledger: Ledger) -> None:
    made = _made((verschil(),))
    name = kenmerken(ledger, made)[0]
    _accept(ledger, made, name)
    with pytest.raises(OnbekendVerschilError):
        acceptaties(ledger, met_geaccepteerd(ledger, made), [name], "reden", "AB")


def test_acceptances_and_seals_come_back_from_an_export(ledger: Ledger, tmp_path: Path) -> None:
    made = _made((verschil(),))
    _accept(ledger, made, kenmerken(ledger, made)[0])
    _seal(ledger, met_geaccepteerd(ledger, made))
    feed = tmp_path / "uit.jsonl"
    feed.write_bytes(b"".join(feed_lines(ledger)))
    with ledger_of() as other:
        import_feed(other, feed, NOW)
        assert b"".join(feed_lines(other)) == feed.read_bytes()
        assert b"VerschilGeaccepteerd" in feed.read_bytes()


# Sealing


def _seal(
    ledger: Ledger, made: Aansluiting | None = None, known: datetime | None = None
) -> AansluitingVerzegeld:
    question = _question(ledger, known)
    moment = known or SEALED_ON
    fact = verzegeling(question, made or _made(()), ["0a" * 32], moment, met_grootboek=True)
    question.model.close()
    _book(ledger, fact)
    return fact


def _changed(ledger: Ledger) -> list[Wijziging]:
    question = _question(ledger)
    try:
        return [one for zegel in zegels(ledger) for one in wijzigingen(question, zegel)]
    finally:
        question.model.close()


def test_a_seal_holds_files_moments_counts_and_accepted_differences(ledger: Ledger) -> None:
    made = _made((verschil(geaccepteerd="goed (AB)"), only_duo()))
    fact = _seal(ledger, made)
    assert fact.aansluiting == "1B tegen grootboek PO2304 2025-02-01"
    assert (fact.bestanden, fact.teldatum, fact.zoals_bekend_op) == (("0a" * 32,), T, SEALED_ON)
    assert fact.aantallen == {
        "12QN00 SO LAAG": 2,
        "totaal": 2,
        "links": 105,
        "rechts": 104,
        "gelijk": 100,
        "verschillen": 2,
        "geaccepteerd": 1,
    }
    (accepted,) = fact.geaccepteerd
    assert (accepted["klasse"], accepted["reden"]) == ("tlv-niet-gekoppeld", "goed (AB)")
    assert PGN not in str(fact)


def test_a_seal_holds_as_long_as_nothing_changes(ledger: Ledger) -> None:
    _seal(ledger)
    import_events(ledger, _enrolled("123456782", "3", "2025-03-10")[:1], "later.jsonl")
    assert _changed(ledger) == []


def test_a_later_event_breaks_a_seal_and_is_named(ledger: Ledger) -> None:
    _seal(ledger)
    import_events(ledger, _enrolled("123456782", "3", "2025-03-10"), "later.jsonl")
    (change,) = _changed(ledger)
    assert change[:3] == ("12QN00 SO LAAG", 2, 3)
    assert "InschrijvingGeregistreerd 12QN/3" in change.gebeurtenissen[-1]
    assert "bekend op 10-03-2025 00:00" in str(change)


def test_a_later_event_that_changes_no_figure_is_not_named(ledger: Ledger) -> None:
    _seal(ledger)
    left = {
        "type": "UitschrijvingGeregistreerd",
        "bekend_op": "2025-03-01",
        "bron": "school",
        "pgn": PGN,
        "instellingscode": "12QN",
        "volgnummer": "1",
        "einddatum": "2025-07-31",
    }
    more = _enrolled("123456782", "3", "2025-03-02")
    import_events(ledger, [left, *more], "later.jsonl")
    (change,) = _changed(ledger)
    assert change[:3] == ("12QN00 SO LAAG", 2, 3)
    assert [said.split(" (")[0] for said in change.gebeurtenissen] == [
        "WoonplaatsVastgelegd",
        "InschrijvingGeregistreerd 12QN/3",
    ]


def test_a_move_changes_two_figures_by_the_same_event(ledger: Ledger) -> None:
    _seal(ledger)
    import_events(ledger, [_moved(PGN, "1", "2025-03-10")], "later.jsonl")
    one, two = _changed(ledger)
    assert (one[:3], two[:3]) == (("12QN00 SO LAAG", 2, 1), ("12QN01 SO LAAG", 0, 1))
    assert one.gebeurtenissen == two.gebeurtenissen
    assert one.gebeurtenissen[0].startswith("InschrijvingGewijzigd 12QN/1 (gebeurtenis 7,")


def test_an_event_known_before_the_seal_and_booked_after_breaks_it_too(ledger: Ledger) -> None:
    _seal(ledger)
    import_events(ledger, [_moved(PGN, "1", "2025-03-01")], "later.jsonl")
    one, two = _changed(ledger)
    assert (one[:3], two[:3]) == (("12QN00 SO LAAG", 2, 1), ("12QN01 SO LAAG", 0, 1))
    assert "InschrijvingGewijzigd 12QN/1 (gebeurtenis 7," in str(one)
    assert "InschrijvingGewijzigd 12QN/1 (gebeurtenis 7," in str(two)


def test_what_was_known_and_booked_before_the_seal_does_not_break_it(ledger: Ledger) -> None:
    import_events(ledger, _enrolled("123456782", "3", "2025-03-10"), "later.jsonl")
    fact = _seal(ledger, known=K)
    assert fact.zoals_bekend_op == K
    assert fact.aantallen["12QN00 SO LAAG"] == 2
    assert fact.aantallen["nu 12QN00 SO LAAG"] == 3
    assert _changed(ledger) == []


def test_a_seal_as_of_vaststelling_is_broken_by_what_is_booked_later(ledger: Ledger) -> None:
    _seal(ledger, known=K)
    import_events(ledger, _enrolled("123456782", "3", "2025-03-10"), "later.jsonl")
    (change,) = _changed(ledger)
    assert change[:3] == ("12QN00 SO LAAG", 2, 3)
    assert change.zoals_bekend_op is None


def test_a_late_file_changes_the_figure_of_then_and_of_now(ledger: Ledger) -> None:
    _seal(ledger, known=K)
    import_events(ledger, _enrolled("123456782", "3", "2025-02-10"), "later.jsonl")
    then, now = _changed(ledger)
    assert (then[:3], then.zoals_bekend_op) == (("12QN00 SO LAAG", 2, 3), K)
    assert (now[:3], now.zoals_bekend_op) == (("12QN00 SO LAAG", 2, 3), None)
    for change in (then, now):
        assert "InschrijvingGeregistreerd 12QN/3" in str(change)
    assert "(zoals bekend op 03-03-2025 23:59)" in str(then)


def test_a_seal_on_a_ledger_that_counts_nobody_is_broken_by_the_first() -> None:
    with ledger_of() as ledger:
        _seal(ledger)
        import_events(ledger, _enrolled("123456782", "3", "2024-08-05"), "later.jsonl")
        (change,) = _changed(ledger)
        assert change[:3] == ("12QN00 SO LAAG", 0, 1)


def test_a_seal_of_two_files_holds_no_figures_of_the_ledger(ledger: Ledger) -> None:
    question = _question(ledger)
    fact = verzegeling(question, _made(()), ["0a" * 32], SEALED_ON, met_grootboek=False)
    question.model.close()
    assert set(fact.aantallen) == {"links", "rechts", "gelijk", "verschillen", "geaccepteerd"}
    _book(ledger, fact)
    import_events(ledger, _enrolled("123456782", "3", "2025-03-10"), "later.jsonl")
    assert _changed(ledger) == []


def test_sealing_again_replaces_the_seal(ledger: Ledger) -> None:
    _seal(ledger)
    import_events(ledger, _enrolled("123456782", "3", "2025-03-10"), "later.jsonl")
    _seal(ledger)
    assert [zegel.vervangen for zegel in zegels(ledger)] == [True, False]
    question = _question(ledger)
    assert verbroken(question, "PO2304", T) == []
    question.model.close()


def test_broken_seals_are_those_of_the_samenwerkingsverband_and_teldatum(ledger: Ledger) -> None:
    _seal(ledger)
    import_events(ledger, _enrolled("123456782", "3", "2025-03-10"), "later.jsonl")
    question = _question(ledger)
    (found,) = verbroken(question, "PO2304", T)
    assert found[1].startswith("12QN00 SO LAAG: 2 -> 3 door ")
    assert verbroken(question, "PO9901", T) == []
    assert verbroken(question, "PO2304", T.replace(year=2026)) == []
    question.model.close()


def test_the_report_lists_seals_and_changed_figures(ledger: Ledger) -> None:
    _seal(ledger)
    import_events(ledger, [_moved(PGN, "1", "2025-03-10")], "later.jsonl")
    question = _question(ledger)
    report = zegel_report(question)
    question.model.close()
    tables = [
        [
            dict(zip((kolom.naam for kolom in table.kolommen), row, strict=True))
            for row in table.rijen
        ]
        for table in report.tabellen
    ]
    ((seal,), changed) = tables
    assert (seal["swv"], seal["klopt"], seal["vervangen"]) == ("PO2304", False, False)
    assert (seal["cijfers"], seal["gewijzigd"]) == (1, 2)
    assert [(row["cijfer"], row["verschil"]) for row in changed] == [
        ("12QN00 SO LAAG", -1),
        ("12QN01 SO LAAG", 1),
    ]


def test_a_seal_that_was_booked_by_hand_under_any_name_is_listed(ledger: Ledger) -> None:
    _book(
        ledger,
        AansluitingVerzegeld(
            aansluiting="a1",
            bestanden=(),
            teldatum=T,
            zoals_bekend_op=K,
            aantallen={"12QN00 SO LAAG": 9, "totaal": 9},
        ),
    )
    (zegel,) = zegels(ledger)
    assert (zegel.paar, zegel.swv) == ("a1", "")
    assert _changed(ledger) == []
