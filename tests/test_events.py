"""The catalogue: every event reads from the feed, writes back the same, and is stored for good."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from eventsourcing.persistence import JSONTranscoder
from eventsourcing.utils import resolve_topic

from ledger import events as ev
from ledger.application import reference_stream
from ledger.events import topic_of
from ledger.intake.feed import Parsed, format_line, parse_line
from ledger.mapper import (
    FactMapper,
    State,
    decode_event,
    decode_fact,
    encode_fact,
    encode_state,
)
from tests.command import ROOT, ledger_with
from tests.conftest import Golden
from tests.ledgers import NOW

VERSIONS = ROOT / "tests" / "versions"
STORE = FactMapper(transcoder=JSONTranscoder())
STREAM = UUID("7b0c3e5a-0000-4000-8000-000000000001")
PUPIL = "900554332"
KEY = '"instellingscode":"12QN","volgnummer":"2459428"'
TLV = '"nummer":"PO2304-2024-00001"'

LINES = {
    "LeerlingGeregistreerd": '"geboortedatum":"2015-05-20"',
    "PgnVervangen": '"nieuw_pgn":"962354508"',
    "WoonplaatsVastgelegd": '"vanaf":"2020-08-01","pc4":"7901"',
    "InschrijvingGeregistreerd": (
        f'{KEY},"begindatum":"2024-08-01","vestigingscode":"12QN00","schoolsoort":"SO",'
        '"einddatum":"2026-07-31","soort_verblijf":"IJH","bekostigbaar":false,'
        '"ondersteuningscategorie":"HOOG","cluster":3,"leerjaar":4,"vo_kenmerk":"lwoo",'
        '"tlv":["PO2304-2024-00001","PO2304-2024-00002"]'
    ),
    "InschrijvingGewijzigd": (
        f'{KEY},"vanaf":"2024-10-01","vestigingscode":"12QN01","soort_verblijf":"geen",'
        '"bekostigbaar":true,"ondersteuningscategorie":null,"leerjaar":"5"'
    ),
    "InschrijvingGecorrigeerd": (
        f'{KEY},"begindatum":"2024-08-05","einddatum":null,"perioden":'
        '[{"vanaf":"2024-08-05","vestigingscode":"12QN00","schoolsoort":"SO"},'
        '{"vanaf":"2024-10-01","vestigingscode":"12QN01","cluster":"4"}]'
    ),
    "UitschrijvingGeregistreerd": f'{KEY},"einddatum":"2025-01-20"',
    "UitschrijvingIngetrokken": KEY,
    "InschrijvingVerwijderd": f'{KEY},"reden":"nooit gestart"',
    "TlvAfgegeven": (
        f'{TLV},"categorie":"LAAG","begindatum":"2024-08-01","einddatum":"2026-07-31"'
    ),
    "TlvGewijzigd": f'{TLV},"categorie":"MIDDEN","einddatum":"2027-07-31"',
    "TlvIngetrokken": f'{TLV},"per":"2025-01-01"',
    "TlvGekoppeld": f'{KEY},{TLV},"door":"school"',
    "TlvOntkoppeld": f'{KEY},{TLV},"door":"duo"',
    "BepalingGemeld": (
        f'{KEY},"teldatum":"2025-02-01","swv":"PO2304","wijze":"Woonplaats leerling",'
        '"ondersteuningscategorie":"LAAG","telt":false'
    ),
    "VerzuimGemeld": '"soort":"relatief","vanaf":"2024-10-01"',
    "VerzuimBeeindigd": '"tot_en_met":"2024-11-30"',
    "VrijstellingVerleend": (
        '"vanaf":"2024-12-01","tot_en_met":"2025-07-31","grond":"artikel 5 onder a"'
    ),
    "VrijstellingBeeindigd": '"tot_en_met":"2025-02-28"',
    "OntwikkelingsperspectiefVastgesteld": f'{KEY},"vanaf":"2024-09-15"',
    "SwvGeregistreerd": '"swv":"PO2304","naam":"Samen één \\"Waterrijk\\""',
    "VestigingGeregistreerd": (
        '"vestigingscode":"12QN00","naam":"De Brug","gesloten_inrichting":true,"residentieel":true'
    ),
    "VestigingAangesloten": (
        '"vestigingscode":"12QN00","swv":"PO2304","vanaf":"2014-08-01","tot_en_met":"2026-07-31"'
    ),
    "VestigingUitgetreden": '"vestigingscode":"12QN00","swv":"PO2304","tot_en_met":"2026-07-31"',
    "PostcodegebiedToegewezen": (
        '"pc4":"7901","swv_po":"PO2304","swv_vo":"VO2305","vanaf":"2014-08-01"'
    ),
    "TellingVastgesteld": '"teldatum":"2025-02-01","schoolsoorten":["SBO","SO"],"op":"2025-03-03"',
    "AantallenGemeld": (
        '"tabel":"met_tlv","swv":"PO2304","teldatum":"2025-02-01","schoolsoort":"SO",'
        '"vestigingscode":"12QN00","deelnemend":true,"aantallen":{"totaal":119,"aantal_hoog_rp":"<5"}'
    ),
    "VerschilGeaccepteerd": (
        '"paar":"1B tegen grootboek","swv":"PO2304","teldatum":"2025-02-01",'
        f'"sleutel":"{"0a" * 32}","waarde":"{"1b" * 32}",'
        '"reden":"school meldt na","paraaf":"AB"'
    ),
    "AansluitingVerzegeld": (
        '"aansluiting":"a1","bestanden":["ab12"],"teldatum":"2025-02-01",'
        '"zoals_bekend_op":"2025-03-03T22:59:59.999999Z","aantallen":{"SO":59,"SBO":44},'
        '"geaccepteerd":[{"klasse":"tlv-niet-gekoppeld"}]'
    ),
}
"""The fields of a feed line per event, with every field that it can have."""

BOOKED_BY_THE_LEDGER: dict[str, ev.Fact] = {
    "BestandIngelezen": ev.BestandIngelezen(
        product="gebeurtenissen",
        swv="PO2304",
        teldatum=date(2025, 2, 1),
        gedownload_op=datetime(2025, 3, 4, 12, tzinfo=UTC),
        sha256="ab12",
        regels=7,
        naam="feed.jsonl",
    ),
    "BestandTeruggedraaid": ev.BestandTeruggedraaid(sha256="ab12"),
    "BoekingVervallen": ev.BoekingVervallen(posities=(3, 7)),
}


def line(name: str) -> bytes:
    """Return the canonical feed line of an event, with all of its envelope."""
    pgn = f'"pgn":"{PUPIL}",' if name in ev.PUPIL_FACTS else ""
    known = '"bekend_op":"2025-03-03T10:15:00+01:00","bron":"duo","kenmerk":"K-1",'
    return f'{{"type":"{name}",{known}{pgn}{LINES[name]}}}\n'.encode()


def parsed(raw: bytes) -> Parsed:
    """Return what a good line says."""
    outcome = parse_line(1, raw, NOW)
    assert isinstance(outcome, Parsed), outcome
    return outcome


def booked(name: str) -> ev.Event:
    """Return the event of a line as it is booked; the new PGN of a PgnVervangen is an id there."""
    if name in ev.LEDGER_FACTS:
        return _event(BOOKED_BY_THE_LEDGER[name])
    said = parsed(line(name))
    fact = ev.PgnVervangen(nieuw=STREAM) if name == "PgnVervangen" else said.fact
    return _event(fact, bekend_op=said.bekend_op, bron=said.bron, kenmerk=said.kenmerk)


def _event(fact: ev.Fact, **envelope: Any) -> ev.Event:  # noqa: ANN401 - fields of the envelope
    fields: dict[str, Any] = {"bekend_op": datetime(2025, 3, 4, 12, tzinfo=UTC), **envelope}
    return ev.Event(
        originator_id=STREAM,
        originator_version=3,
        fact=fact,
        bestand="ab12",
        regel=7,
        identiteit=b"0123456789abcdef",
        **fields,
    )


ALL_FACTS = ev.ALL_FACTS


def test_every_event_of_the_catalogue_has_a_line_here() -> None:
    assert set(LINES) | ev.LEDGER_FACTS == set(ALL_FACTS)


@pytest.mark.parametrize("name", LINES)
def test_the_lines_here_have_every_field_or_its_alternative(name: str) -> None:
    alternatives = {
        "WoonplaatsVastgelegd": {"buitenland", "swv"},
        "InschrijvingGewijzigd": {"schoolsoort", "cluster", "vo_kenmerk"},
        "InschrijvingGecorrigeerd": {"periode", *_ATTRIBUTES},
        "TlvGewijzigd": {"begindatum"},
    }
    said = set(json.loads(line(name))) - {"type", "bekend_op", "bron", "kenmerk", "pgn"}
    assert said | alternatives.get(name, set()) == set(ev.feed_fields(ALL_FACTS[name]))


_ATTRIBUTES = (
    "vestigingscode",
    "schoolsoort",
    "soort_verblijf",
    "bekostigbaar",
    "ondersteuningscategorie",
    "cluster",
    "leerjaar",
    "vo_kenmerk",
)


@pytest.mark.parametrize("name", LINES)
def test_an_event_writes_back_as_it_was_read(name: str) -> None:
    said = parsed(line(name))
    event = _event(said.fact, bekend_op=said.bekend_op, bron=said.bron, kenmerk=said.kenmerk)
    assert format_line(event, said.pgn, "962354508") == line(name)


def test_what_has_its_default_is_left_out() -> None:
    written = (
        f'{{"bron":"feed","type":"InschrijvingGeregistreerd","kenmerk":null,"pgn":"{PUPIL}",'
        f'{KEY},"schoolsoort":"SO","vestigingscode":"12QN00","begindatum":"2024-08-01",'
        '"einddatum":null,"soort_verblijf":"geen","bekostigbaar":true,"cluster":null,"tlv":[],'
        '"bekend_op":"2024-08-04T22:00:00Z"}'
    )
    said = parsed(written.encode())
    canonical = (
        f'{{"type":"InschrijvingGeregistreerd","bekend_op":"2024-08-05","pgn":"{PUPIL}",{KEY},'
        '"begindatum":"2024-08-01","vestigingscode":"12QN00","schoolsoort":"SO"}\n'
    )
    event = _event(said.fact, bekend_op=said.bekend_op, bron=said.bron)
    assert format_line(event, said.pgn) == canonical.encode()


def test_what_is_taken_away_is_kept_as_null() -> None:
    """In a change null means something: it is not the same as a field that is not named."""
    change = ev.InschrijvingGewijzigd(
        instellingscode="12QN", volgnummer="1", vanaf=date(2024, 10, 1), cluster=None
    )
    assert json.loads(encode_fact(change))["cluster"] is None
    assert "leerjaar" not in json.loads(encode_fact(change))


@pytest.mark.parametrize("name", ALL_FACTS)
def test_an_event_is_stored_and_read_back_equal(name: str) -> None:
    event = booked(name)
    stored = STORE.to_stored_event(event)
    assert (stored.originator_id, stored.originator_version) == (STREAM, 3)
    assert stored.topic == name
    assert STORE.to_domain_event(stored) == event


@pytest.mark.parametrize("name", ALL_FACTS)
def test_the_topic_of_an_event_is_its_short_name(name: str) -> None:
    assert resolve_topic(name) is ALL_FACTS[name]
    assert topic_of(booked(name).fact) == name
    assert "." not in name
    assert ":" not in name


@pytest.mark.parametrize("name", ev.REFERENCE_FACTS)
def test_a_reference_object_has_one_stream_that_begins_with_zeros(name: str) -> None:
    fact = booked(name).fact
    assert reference_stream(fact) == reference_stream(fact)
    assert reference_stream(fact).hex.startswith("0" * 8)


def test_a_fact_about_a_pupil_has_no_stream_of_reference() -> None:
    with pytest.raises(TypeError):
        reference_stream(ev.LeerlingGeregistreerd(geboortedatum=date(2015, 5, 20)))


def test_a_whole_ledger_of_all_events_writes_back_the_same_bytes(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    order = sorted(LINES, key=lambda name: name != "InschrijvingGeregistreerd")
    raw = [
        line(name).replace(b'"K-1"', f'"K-{number}"'.encode())
        for number, name in enumerate(order)
        if name not in {"InschrijvingVerwijderd", "PgnVervangen"}
    ]
    raw += [line("PgnVervangen").replace(b"K-1", b"K-a"), line("InschrijvingVerwijderd")]
    raw[-1] = raw[-1].replace(b"K-1", b"K-b")
    feed.write_bytes(b"".join(raw))
    assert ledger_with(tmp_path, feed).exported() == feed.read_bytes()


# Versions


@pytest.mark.parametrize("name", ALL_FACTS)
def test_a_stored_state_of_every_version_released_still_reads(name: str, golden: Golden) -> None:
    """A state that was stored once reads for ever: this file is added to, never changed."""
    path = VERSIONS / f"{name}.1.json"
    if ev.VERSIONS.get(name, 1) == 1:
        state = STORE.to_stored_event(booked(name)).state + b"\n"
        if not path.exists():
            golden(path, state)
        assert path.read_bytes() == state, "a shape that changed is a new version"
    assert decode_event(STREAM, 3, name, path.read_bytes()) == booked(name)


def test_there_is_a_state_of_every_version() -> None:
    wanted = {
        f"{name}.{version}.json"
        for name in ALL_FACTS
        for version in range(1, ev.VERSIONS.get(name, 1) + 1)
    }
    assert {path.name for path in VERSIONS.iterdir()} == wanted


def test_every_version_before_the_present_one_has_an_upcaster() -> None:
    wanted = {(name, version) for name, now in ev.VERSIONS.items() for version in range(1, now)}
    assert set(ev.UPCASTERS) == wanted


def _named(shape: dict[str, Any]) -> dict[str, Any]:
    """Version 1 said `naam_kort`."""
    return {"swv": shape["swv"], "naam": shape["naam_kort"].strip()}


def _with_capital(shape: dict[str, Any]) -> dict[str, Any]:
    """Version 2 wrote names in small letters."""
    return {**shape, "naam": shape["naam"].capitalize()}


@pytest.fixture
def third_version(monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the name of a fact that is in its third version."""
    name = "SwvGeregistreerd"
    monkeypatch.setitem(ev.VERSIONS, name, 3)
    monkeypatch.setitem(ev.UPCASTERS, (name, 1), _named)
    monkeypatch.setitem(ev.UPCASTERS, (name, 2), _with_capital)
    return name


def _stored(shape: bytes, versie: int) -> bytes:
    known = datetime(2025, 1, 1, tzinfo=UTC)
    return encode_state(State(bekend_op=known, versie=versie, feit=msgspec.Raw(shape)))


@pytest.mark.parametrize(
    ("versie", "shape"),
    [
        (1, b'{"swv":"PO2304","naam_kort":" waterrijk "}'),
        (2, b'{"swv":"PO2304","naam":"waterrijk"}'),
        (3, b'{"swv":"PO2304","naam":"Waterrijk"}'),
    ],
)
def test_a_stored_shape_is_brought_to_the_present_version(
    versie: int, shape: bytes, third_version: str
) -> None:
    event = decode_event(STREAM, 1, third_version, _stored(shape, versie))
    assert event.fact == ev.SwvGeregistreerd(swv="PO2304", naam="Waterrijk")


def test_a_new_event_is_stored_in_the_present_version(third_version: str) -> None:
    state = STORE.to_stored_event(booked(third_version)).state
    assert json.loads(state)["versie"] == 3


def test_an_encrypted_fact_keeps_the_version_it_was_stored_in(third_version: str) -> None:
    state = encode_state(State(bekend_op=NOW, versie=2, geheim=b"dicht"))
    fact = decode_event(STREAM, 1, third_version, state).fact
    assert fact == ev.Beschermd(van=third_version, versie=2, geheim=b"dicht")


def test_a_version_without_an_upcaster_is_a_mistake_of_a_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ev.VERSIONS, "SwvGeregistreerd", 2)
    with pytest.raises(KeyError):
        decode_fact("SwvGeregistreerd", 1, b'{"swv":"PO2304","naam":"Waterrijk"}')


@pytest.mark.parametrize(
    "shape", [b'{"swv":"PO2304"}', b'{"swv":"PO2304","naam":"a","kleur":"rood"}', b"{", b"[]"]
)
def test_a_damaged_shape_is_never_read_as_something_else(shape: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_fact("SwvGeregistreerd", 1, shape)


def test_facts_and_events_cannot_be_changed() -> None:
    event = booked("SwvGeregistreerd")
    for thing, name in ((event, "bron"), (event.fact, "naam")):
        with pytest.raises(AttributeError):
            setattr(thing, name, "anders")
