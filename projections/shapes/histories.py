"""The ordinary histories among stored events, as columns of numbers.

Ordinary is a pupil for whom no samenwerkingsverband has to answer: enrolments of schoolsoorten
that are not attributed (rules.md 3), no tlv, no link, no other PGN. Most pupils of a country
are. Their histories differ in days, moments and codes and hardly in anything else, and that
is what the columns hold apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from ledger import events as ev
from ledger.codes import ATTRIBUTED
from ledger.mapper import decode_facts, decode_held
from ledger.seals import StoredRow

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

Literal = tuple[Any, ...]


class Histories(NamedTuple):
    """Events of ordinary pupils, each pupil's together and in the order of knowledge.

    Per pupil: its stream (hex). Per event: the number of its pupil, its moment in
    microseconds since 1970, its position, its `literal` (a number for its kind and all that
    is neither a day nor a text; -1 where it is about no enrolment), whether it tells a birth
    date, its DAYS as ordinals (0: none) and its TEXTS as numbers of `words` (-1: none).
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

    def number(self, literal: Literal) -> int:
        """Return the number of a literal."""
        known = self._numbers.get(literal)
        if known is None:
            known = self._numbers[literal] = len(self._ordinary)
            self._ordinary.append(_is_ordinary(literal))
        return known

    def ordinary(self, numbers: Numbers) -> Flags:
        """Tell of literals whether an ordinary history can hold them; -1 can always be."""
        known = np.array([*self._ordinary, True])  # -1 is the last one
        return cast("Flags", known[numbers])


def histories(rows: Sequence[StoredRow], literals: Literals) -> Histories:
    """Return the ordinary histories among the rows of whole streams.

    Raises msgspec.DecodeError or msgspec.ValidationError when a row was damaged.
    """
    streams = list(dict.fromkeys(row.stream for row in rows))
    others = {row.stream for row in rows if row.topic not in ORDINARY}
    kept = [row for row in rows if row.stream not in others] if others else list(rows)
    told = _told(kept, literals)
    number = {stream: place for place, stream in enumerate(streams)}
    pupil = np.fromiter((number[row.stream] for row in kept), np.int64, len(kept))
    out = np.zeros(len(streams), np.bool_)
    out[pupil[~(told.sound & literals.ordinary(told.literal))]] = True
    positie = np.fromiter((row.positie for row in kept), np.int64, len(kept))
    order = np.lexsort((positie, told.moment, pupil))
    order = order[~out[pupil[order]]]
    present, renumbered = np.unique(pupil[order], return_inverse=True)
    return Histories(
        [streams[place] for place in present],
        renumbered.astype(np.int64),
        told.moment[order],
        positie[order],
        told.literal[order],
        np.fromiter((row.topic == BIRTH for row in kept), np.bool_, len(kept))[order],
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


def _told(rows: Sequence[StoredRow], literals: Literals) -> _Told:
    held = decode_held([row.state for row in rows])
    count = len(rows)
    told = _Told(
        np.fromiter((_microseconds(one.bekend_op) for one in held), np.int64, count),
        np.fromiter(
            (
                one.versie == ev.VERSIONS.get(row.topic, 1)
                for one, row in zip(held, rows, strict=True)
            ),
            np.bool_,
            count,
        ),
        np.full(count, -1, np.int64),
        np.zeros((count, len(DAYS)), np.int64),
        np.full((count, len(TEXTS)), -1, np.int64),
        [],
    )
    words: dict[object, int] = {}
    for topic, fact in ENROLMENT.items():
        places = [
            place for place, row in enumerate(rows) if row.topic == topic and told.sound[place]
        ]
        facts = decode_facts(fact, [held[place].feit for place in places])
        _take(_SPECS[topic], facts, places, told, (words, literals))
    told.words.extend(words)
    return told


class _Spec(NamedTuple):
    """How the fields of a kind of fact are taken apart."""

    topic: str
    days: tuple[str, ...]
    texts: tuple[str, ...]
    literal: Callable[[Any], Literal]


def _take(
    spec: _Spec,
    facts: Sequence[ev.Fact],
    places: list[int],
    told: _Told,
    known: tuple[dict[object, int], Literals],
) -> None:
    """Put the fields of facts of one kind in their columns."""
    words, literals = known
    number, word = literals.number, words.setdefault
    told.literal[places] = [number(spec.literal(fact)) for fact in facts]
    for name in spec.days:
        days = [_ordinal(value) for value in map(attrgetter(name), facts)]
        told.days[places, DAYS.index(name)] = days
        told.sound[places] &= np.fromiter((day <= LAST_DAY for day in days), np.bool_, len(days))
    for name in spec.texts:
        values = map(attrgetter(name), facts)
        told.texts[places, TEXTS.index(name)] = [
            -1 if value is None or value is UNSET else word(value, len(words)) for value in values
        ]


def _spec(topic: str, fact: type[ev.Fact]) -> _Spec:
    names = fact.__struct_fields__
    days = tuple(name for name in names if name in DAYS)
    texts = tuple(name for name in names if name in TEXTS)
    optional = [
        name
        for name in (*days, *texts)
        if name in fact.__struct_fields__ and name not in ("instellingscode", "volgnummer")
    ]
    rest = [name for name in names if name not in (*days, *texts)]
    of_rest = [attrgetter(name) for name in rest]
    of_optional = [attrgetter(name) for name in optional]

    def literal(one: Any) -> Literal:  # noqa: ANN401 - a fact of that kind
        return (
            topic,
            *[get(one) for get in of_rest],
            *[_given(get(one)) for get in of_optional],
        )

    return _Spec(topic, days, texts, literal)


def _given(value: object) -> object:
    """Return what is left of a day or a text in a literal: which of the ways it is absent."""
    return value if value is None or value is UNSET else True


def _is_ordinary(literal: Literal) -> bool:
    """Tell whether a fact keeps a history ordinary: no tlv, no attributed schoolsoort."""
    return not any(
        (isinstance(value, str) and value in ATTRIBUTED) or (isinstance(value, tuple) and value)
        for value in literal[1:]
    )


def _ordinal(day: object) -> int:
    return day.toordinal() if isinstance(day, date) else 0


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


_SPECS: Final = {topic: _spec(topic, fact) for topic, fact in ENROLMENT.items()}
