"""Stored states of facts about enrolments, decoded many at a time into plain values.

Days and codes stay texts here: what is the same text is looked at once
(`projections.shapes.histories`), however many events tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import astuple, fields

from ledger import events as ev

LISTS: Final = frozenset({"perioden", "tlv"})
"""Fields with a list: of those only whether there is anything in it."""

_Plain = str | int | bool | None | UnsetType


class Told(NamedTuple):
    """What states tell, in their order: moments (ISO, UTC), versions, and a column per field."""

    moments: list[str]
    versions: list[int]
    columns: dict[str, Any]


class _Known(msgspec.Struct, gc=False):
    """A state without its fact."""

    bekend_op: str
    versie: int = 1


def known(states: Iterable[bytes]) -> Told:
    """Return when states were known, without what they tell.

    Raises msgspec.DecodeError or msgspec.ValidationError when one was damaged.
    """
    held = _decode_known(b"[" + b",".join(states) + b"]")
    return Told([one.bekend_op for one in held], [one.versie for one in held], {})


def told(fact: type[ev.Fact], states: Iterable[bytes]) -> Told:
    """Return what states of one kind of fact tell. Raises as `known` does.

    A field that is not given has the default of the fact.
    """
    held = _decoder(fact)(b"[" + b",".join(states) + b"]")
    columns = zip(*[astuple(one.feit) for one in held], strict=True)
    return Told(
        [one.bekend_op for one in held],
        [one.versie for one in held],
        dict(zip(fact.__struct_fields__, columns, strict=True)),
    )


_decode_known: Final = msgspec.json.Decoder(list[_Known]).decode


@cache
def _decoder(fact: type[ev.Fact]) -> Callable[[bytes], list[Any]]:
    """Return what decodes a list of states; a field that the fact needs is needed here too."""
    plain = msgspec.defstruct(
        f"Plain{fact.__name__}",
        [
            (one.name, _kind(one.name))
            if one.required
            else (one.name, _kind(one.name), one.default)
            for one in fields(fact)
        ],
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
    )
    state = msgspec.defstruct(
        f"State{fact.__name__}",
        [("bekend_op", str), ("feit", plain), ("versie", int, 1)],
        gc=False,
    )
    return msgspec.json.Decoder(list[state]).decode  # type: ignore[valid-type]  # made above


def _kind(name: str) -> Any:  # noqa: ANN401 - a type
    return tuple[msgspec.Raw, ...] | UnsetType if name in LISTS else _Plain


def fact_of(fact: type[ev.Fact], values: dict[str, object]) -> ev.Fact:
    """Return a fact of plain values. Raises msgspec.ValidationError when one is not sound."""
    given = {name: value for name, value in values.items() if value is not UNSET}
    return msgspec.convert(given, fact)
