"""Events to stored events and back (events.md 3), with msgspec instead of the library's JSON.

The topic is the short name of the fact, never a module path. The state is a JSON object of
the envelope with the fact inside it, in clear (`feit`) or encrypted (`geheim`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import msgspec
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import register_topic

from ledger.events import (
    ALL_FACTS,
    VERSIONS,
    Beschermd,
    Event,
    Fact,
    fact_class,
    topic_of,
    upcast,
)

NO_FACT: Final = msgspec.Raw(b"")
"""Where the fact is encrypted."""


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """The stored state of an event: its envelope, and the fact as bytes of its own."""

    bekend_op: datetime
    bron: str = "feed"
    kenmerk: str | None = None
    bestand: str | None = None
    regel: int | None = None
    identiteit: bytes = b""
    versie: int = 1
    feit: msgspec.Raw = NO_FACT
    geheim: bytes | None = None


class Held(msgspec.Struct, frozen=True):
    """As much of a stored state as it takes to know what was told, and when (ISO, UTC)."""

    bekend_op: str
    versie: int = 1
    feit: msgspec.Raw = NO_FACT


class Bare(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A stored state without what tells where its fact came from."""

    bekend_op: str
    versie: int = 1
    feit: msgspec.Raw = NO_FACT
    geheim: str | None = None


_encode: Final = msgspec.json.Encoder().encode
_encode_lines: Final = msgspec.json.Encoder().encode_lines
_decode_bare: Final = msgspec.json.Decoder(list[Bare]).decode
_decode_held: Final = msgspec.json.Decoder(list[Held]).decode
_decode_state: Final = msgspec.json.Decoder(State).decode
_decode_shape: Final = msgspec.json.Decoder(dict[str, Any]).decode
_FACT_DECODERS: Final = {name: msgspec.json.Decoder(fact) for name, fact in ALL_FACTS.items()}

for _name, _fact in ALL_FACTS.items():
    register_topic(_name, _fact)


def encode_fact(fact: Fact) -> bytes:
    """Return a fact as canonical JSON: fields in the order of the catalogue, no defaults."""
    return _encode(fact)


def decode_fact(topic: str, versie: int, shape: bytes | msgspec.Raw) -> Fact:
    """Return the fact of a stored shape, brought to its present version."""
    if versie < VERSIONS.get(topic, 1):
        return msgspec.convert(upcast(topic, versie, _decode_shape(shape)), fact_class(topic))
    return _FACT_DECODERS[topic].decode(shape)


def state_of(state: bytes) -> State:
    """Return a stored state taken apart. Raises as `decode_event` does."""
    return _decode_state(state)


def encode_state(state: State) -> bytes:
    """Return the bytes of a stored state, in the present version of its fact."""
    return _encode(state)


def encode_states(states: Sequence[State]) -> list[bytes]:
    """Return the bytes of many stored states, in their order; faster than one by one."""
    return _encode_lines(states).split(b"\n")[:-1]  # JSON has no line end inside a text


def decode_event(stream: UUID, version: int, topic: str, state: bytes, positie: int = 0) -> Event:
    """Return the event of a stored row; a personal fact stays encrypted.

    Raises msgspec.DecodeError or msgspec.ValidationError when the state was damaged.
    """
    held = _decode_state(state)
    fact = (
        Beschermd(van=topic, versie=held.versie, geheim=held.geheim)
        if held.geheim is not None
        else decode_fact(topic, held.versie, held.feit)
    )
    return Event(
        originator_id=stream,
        originator_version=version,
        fact=fact,
        bekend_op=held.bekend_op,
        bron=held.bron,
        kenmerk=held.kenmerk,
        bestand=held.bestand,
        regel=held.regel,
        identiteit=held.identiteit,
        positie=positie,
    )


def decode_held(states: Iterable[bytes]) -> list[Held]:
    """Return what many stored states hold, in their order; several times as fast as one by one.

    Raises msgspec.DecodeError or msgspec.ValidationError when one was damaged.
    """
    return _decode_held(b"[" + b",".join(states) + b"]")


def bare_states(states: Iterable[bytes]) -> list[bytes]:
    """Return stored states with the fact, its version and its knowledge time alone.

    A sealed fact stays one, without its content. Raises as `decode_held` does.
    """
    made = _decode_bare(b"[" + b",".join(states) + b"]")
    for one in made:
        if one.geheim:
            one.geheim = ""
    return list(map(_encode, made))


def decode_facts(fact: type[Fact], shapes: Iterable[msgspec.Raw]) -> list[Fact]:
    """Return the facts of many stored shapes of one kind, all in its present version.

    Raises msgspec.DecodeError or msgspec.ValidationError when one was damaged.
    """
    return _list_decoder(fact)(b"[" + b",".join(map(bytes, shapes)) + b"]")


@cache
def _list_decoder(fact: type[Fact]) -> Callable[[bytes], list[Fact]]:
    return msgspec.json.Decoder(list[fact]).decode  # type: ignore[valid-type]  # known at run time


class FactMapper(Mapper[UUID]):
    """The library's mapper with our encoding; encryption is the vault's work."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:  # noqa: ANN401 - the library's protocol
        """Return the stored form of an `Event`."""
        event: Event = domain_event
        topic, fact = topic_of(event.fact), event.fact
        secret = fact.geheim if isinstance(fact, Beschermd) else None
        state = State(
            bekend_op=event.bekend_op,
            bron=event.bron,
            kenmerk=event.kenmerk,
            bestand=event.bestand,
            regel=event.regel,
            identiteit=event.identiteit,
            versie=VERSIONS.get(topic, 1),
            feit=msgspec.Raw(encode_fact(fact)) if secret is None else NO_FACT,
            geheim=secret,
        )
        return StoredEvent(event.originator_id, event.originator_version, topic, _encode(state))

    def to_domain_event(self, stored_event: StoredEvent) -> Any:  # noqa: ANN401 - the library's protocol
        """Return the `Event` of a stored event or notification."""
        stream = stored_event.originator_id
        return decode_event(
            stream if isinstance(stream, UUID) else UUID(stream),
            stored_event.originator_version,
            stored_event.topic,
            stored_event.state,
            getattr(stored_event, "id", 0),
        )
