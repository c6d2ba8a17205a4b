"""The ordinary histories among stored events, as columns of numbers.

Ordinary is a pupil for whom no samenwerkingsverband has to answer: enrolments of schoolsoorten
that are not attributed (rules.md 3), no tlv, no link, no other PGN. Most pupils of a country
are. Their histories differ in days, moments and codes and hardly in anything else, and that
is what the columns hold apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from ledger import events as ev
from ledger.mapper import decode_facts, decode_held
from ledger.seals import StoredRow
from projections.standen import is_attributed_by
from projections.store.encoding import moment_number

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

DAYS: Final = ("begindatum", "einddatum", "vanaf", "periode")
"""The fields of facts about an enrolment that hold a day."""

TEXTS: Final = ("instellingscode", "volgnummer", "vestigingscode", "leerjaar")
"""The fields that are passed on as they are: only which of them are alike matters."""

ENROLMENT: Final[dict[str, type[ev.Fact]]] = {
    fact.__name__: fact
    for fact in (
        ev.InschrijvingGeregistreerd,
        ev.InschrijvingGewijzigd,
        ev.InschrijvingGecorrigeerd,
        ev.UitschrijvingGeregistreerd,
        ev.UitschrijvingIngetrokken,
        ev.InschrijvingVerwijderd,
    )
}
BIRTH: Final = ev.LeerlingGeregistreerd.__name__
ORDINARY: Final = frozenset({*ENROLMENT, BIRTH, ev.WoonplaatsVastgelegd.__name__})
"""The kinds of events that an ordinary history is made of."""

LAST_DAY: Final = date(2999, 12, 31).toordinal()
"""Days up to here can be one day later too; a history with a later one is not ordinary."""

ABSENT: Final = -1
"""In the column of a text: there is none; one less: the fact does not name it."""

OTHER: Final = -1
"""A kind of event that no ordinary history has."""

Literal = tuple[str, Any]
"""The kind of a fact, and the values of its fields that are neither day nor text."""


class Histories(NamedTuple):
    """Events of ordinary pupils, each pupil's together and in the order of knowledge.

    Per pupil: its stream (hex). Per event: the number of its pupil, its moment in
    microseconds since 1970, its position, its `literal` (a number for its kind and all that
    is neither a day nor a text; -1 where it is about no enrolment), whether it tells a birth
    date, its DAYS as ordinals (0: none, -1: not named) and its TEXTS as numbers of `words`
    (negative: ABSENT).
    """

    streams: list[str]
    pupil: Numbers
    moment: Numbers
    positie: Numbers
    literal: Numbers
    birth: Flags
    days: Numbers
    texts: Numbers
    words: list[object]


class Literals:
    """Numbers for what is neither day nor text in a fact, the same in every batch."""

    def __init__(self) -> None:
        self._numbers: dict[Literal, int] = {}
        self._ordinary: list[bool] = []

    def number(self, literal: Literal, fact: ev.Fact) -> int:
        """Return the number of the literal of a fact."""
        known = self._numbers.get(literal)
        if known is None:
            known = self._numbers[literal] = len(self._ordinary)
            self._ordinary.append(_is_ordinary(literal, fact))
        return known

    def ordinary(self, numbers: Numbers) -> Flags:
        """Tell of literals whether an ordinary history can hold them; -1 can always be."""
        known = np.array([*self._ordinary, True])  # -1 is the last one
        return cast("Flags", known[numbers])


def histories(rows: Sequence[StoredRow], literals: Literals) -> Histories:
    """Return the ordinary histories among the rows of whole streams.

    Raises msgspec.DecodeError or msgspec.ValidationError when a row was damaged.
    """
    posities, streams, _, topics, states = zip(*rows, strict=True) if rows else [()] * 5
    names = list(dict.fromkeys(streams))
    number = {name: place for place, name in enumerate(names)}
    pupil = _numbers(map(number.__getitem__, streams), len(rows))
    kind = _numbers((_KINDS.get(topic, OTHER) for topic in topics), len(rows))
    out = np.zeros(len(names), np.bool_)
    out[pupil[kind == OTHER]] = True
    kept = np.flatnonzero(~out[pupil])
    told = _told([states[place] for place in kept.tolist()], kind[kept], literals)
    out[pupil[kept[~(told.sound & literals.ordinary(told.literal))]]] = True
    positie = _numbers(posities, len(rows))[kept]
    order = np.lexsort((positie, told.moment, pupil[kept]))
    order = order[~out[pupil[kept[order]]]]
    present, renumbered = np.unique(pupil[kept[order]], return_inverse=True)
    return Histories(
        [names[place] for place in present.tolist()],
        renumbered.astype(np.int64),
        told.moment[order],
        positie[order],
        told.literal[order],
        (kind[kept] == _KINDS[BIRTH])[order],
        told.days[order],
        told.texts[order],
        told.words,
    )


class _Told(NamedTuple):
    """What stored rows tell, in their order; `sound`: in the present version of their fact."""

    moment: Numbers
    sound: Flags
    literal: Numbers
    days: Numbers
    texts: Numbers
    words: list[object]


def _told(states: Sequence[bytes], kind: Numbers, literals: Literals) -> _Told:
    held = decode_held(states)
    count = len(held)
    told = _Told(
        _microseconds([one.bekend_op for one in held]),
        _numbers((one.versie for one in held), count) == _VERSIONS[kind],
        np.full(count, -1, np.int64),
        np.zeros((count, len(DAYS)), np.int64),
        np.full((count, len(TEXTS)), ABSENT, np.int64),
        [],
    )
    words: dict[object, int] = {}
    for topic, fact in ENROLMENT.items():
        places = np.flatnonzero((kind == _KINDS[topic]) & told.sound)
        facts = decode_facts(fact, [held[place].feit for place in places.tolist()])
        _take(_SPECS[topic], facts, places, told, (words, literals))
    told.words.extend(words)
    return told


class _Spec(NamedTuple):
    """How the fields of a kind of fact are taken apart."""

    topic: str
    days: tuple[str, ...]
    texts: tuple[str, ...]
    rest: Callable[[Any], Any]


def _take(
    spec: _Spec,
    facts: Sequence[ev.Fact],
    places: Numbers,
    told: _Told,
    known: tuple[dict[object, int], Literals],
) -> None:
    """Put the fields of facts of one kind in their columns."""
    words, literals = known
    number, topic = literals.number, spec.topic
    told.literal[places] = [number((topic, spec.rest(fact)), fact) for fact in facts]
    for name in spec.days:
        days = _numbers(map(_ordinal, map(attrgetter(name), facts)), len(facts))
        told.days[places, DAYS.index(name)] = days
        told.sound[places] &= days <= LAST_DAY
    for name in spec.texts:
        told.texts[places, TEXTS.index(name)] = [
            _ABSENCE[value] if value in _ABSENCE else words.setdefault(value, len(words))
            for value in map(attrgetter(name), facts)
        ]


def _spec(topic: str, fact: type[ev.Fact]) -> _Spec:
    names = fact.__struct_fields__
    rest = [name for name in names if name not in DAYS and name not in TEXTS]
    return _Spec(
        topic,
        tuple(name for name in names if name in DAYS),
        tuple(name for name in names if name in TEXTS),
        attrgetter(*rest) if rest else _nothing,
    )


def _nothing(_: object) -> tuple[()]:
    return ()


def _is_ordinary(literal: Literal, fact: ev.Fact) -> bool:
    """Tell whether a fact keeps a history ordinary: nobody has to answer, no tlv, no list.

    The schoolsoort is in the literal: all facts of one have the same answer.
    """
    rest = literal[1] if isinstance(literal[1], tuple) else (literal[1],)
    return not is_attributed_by(fact) and not any(
        isinstance(value, tuple) and value for value in rest
    )


def _ordinal(day: object) -> int:
    """Return the ordinal of a day, 0 for none, -1 for one that the fact does not name."""
    if isinstance(day, date):
        return day.toordinal()
    return 0 if day is None else -1


def _microseconds(moments: list[str]) -> Numbers:
    """Return moments of the store (ISO, UTC) as microseconds since 1970; most come often."""
    known = {text: moment_number(datetime.fromisoformat(text)) for text in set(moments)}
    return _numbers(map(known.__getitem__, moments), len(moments))


def _numbers(values: Iterable[int], count: int) -> Numbers:
    return np.fromiter(values, np.int64, count)


_ABSENCE: Final[dict[object, int]] = {None: ABSENT, UNSET: ABSENT - 1}
_KINDS: Final = {topic: place for place, topic in enumerate(sorted(ORDINARY))}
_VERSIONS: Final = np.array([ev.VERSIONS.get(topic, 1) for topic in sorted(ORDINARY)], np.int64)
_SPECS: Final = {topic: _spec(topic, fact) for topic, fact in ENROLMENT.items()}
