"""The ordinary histories among stored events, as columns of numbers.

Ordinary is a pupil for whom no samenwerkingsverband has to answer: enrolments of schoolsoorten
that are not attributed (rules.md 3), no tlv, no link, no other PGN. Most pupils of a country
are. Their histories differ in days, moments and codes and hardly in anything else, and that
is what the columns hold apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from operator import methodcaller
from typing import Any, Final, NamedTuple, cast, get_type_hints

import numpy as np
from msgspec import UNSET, convert
from numpy.typing import NDArray

from ledger import events as ev
from ledger.seals import Row
from projections.shapes.plain import LISTS, Told, fact_of, known, told
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

FIRST_DAY: Final = date(1900, 1, 1).toordinal()
LAST_DAY: Final = date(2199, 12, 31).toordinal()
"""A history with a day before the first or after the last one is not ordinary."""

ABSENT: Final = -1
"""In the column of a text: there is none; one less: the fact does not name it."""

OTHER: Final = -1
"""A kind of event that no ordinary history has."""


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


class Numbering(dict[Any, int]):
    """Numbers for values: `number` is asked once for each value that was not met before."""

    def __init__(self, number: Callable[[Any], int], known: dict[Any, int] | None = None) -> None:
        super().__init__(known or {})
        self._number = number

    def __missing__(self, value: object) -> int:
        number = self[value] = self._number(value)
        return number

    def column(self, values: Sequence[object]) -> Numbers:
        """Return the numbers of values."""
        return np.fromiter(map(self.__getitem__, values), np.int64, len(values))


class Literals:
    """Numbers for what is neither day nor text in a fact, the same in every batch."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[tuple[Any, ...], int]] = {name: {} for name in ENROLMENT}
        self._ordinary: list[bool] = []
        self.ordinals = Numbering(_ordinal)

    def column(self, topic: str, columns: dict[str, Any]) -> Numbers:
        """Return the numbers of facts of one kind; their fields come as columns."""
        numbers = self._numbers[topic]
        literals = list(zip(*(_literal(columns, name) for name in _REST[topic]), strict=True))
        if not literals:
            literals = [()] * len(columns[TEXTS[0]])
        for literal in set(literals) - numbers.keys():
            place = literals.index(literal)
            values = {name: column[place] for name, column in columns.items()}
            numbers[literal] = len(self._ordinary)
            self._ordinary.append(_is_ordinary(ENROLMENT[topic], values))
        return np.fromiter(map(numbers.__getitem__, literals), np.int64, len(literals))

    def ordinary(self, numbers: Numbers) -> Flags:
        """Tell of literals whether an ordinary history can hold them; -1 can always be."""
        known = np.array([*self._ordinary, True])  # -1 is the last one
        return cast("Flags", known[numbers])


def histories(rows: Sequence[Row], literals: Literals) -> Histories:
    """Return the ordinary histories among the rows of whole streams.

    Raises msgspec.MsgspecError or ValueError when a row was damaged.
    """
    posities, streams, _, topics, states = zip(*rows, strict=True) if rows else [()] * 5
    names = list(dict.fromkeys(streams))
    number = {name: place for place, name in enumerate(names)}
    pupil = _numbers(map(number.__getitem__, streams), len(rows))
    kind = Numbering(lambda _: OTHER, _KINDS).column(topics)
    out = np.zeros(len(names), np.bool_)
    out[pupil[kind == OTHER]] = True
    kept = np.flatnonzero(~out[pupil])
    told = _taken([states[place] for place in kept.tolist()], kind[kept], literals)
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


class _Taken(NamedTuple):
    """What stored rows tell, in their order; `sound`: in the present version of their fact."""

    moment: Numbers
    sound: Flags
    literal: Numbers
    days: Numbers
    texts: Numbers
    words: list[object]


def _taken(states: Sequence[bytes], kind: Numbers, literals: Literals) -> _Taken:
    count = len(states)
    taken = _Taken(
        np.zeros(count, np.int64),
        np.ones(count, np.bool_),
        np.full(count, -1, np.int64),
        np.zeros((count, len(DAYS)), np.int64),
        np.full((count, len(TEXTS)), ABSENT, np.int64),
        [],
    )
    words = dict(_ABSENCE)
    for topic, number in _KINDS.items():
        places = np.flatnonzero(kind == number)
        if not len(places):
            continue
        fact, chosen = ENROLMENT.get(topic), [states[place] for place in places.tolist()]
        told_ = known(chosen) if fact is None else told(fact, chosen)
        taken.moment[places] = _microseconds(told_.moments)
        taken.sound[places] = np.array(told_.versions) == ev.VERSIONS.get(topic, 1)
        if fact is not None:
            _take(topic, told_, places, taken, (words, literals))
    taken.words.extend(list(words)[len(_ABSENCE) :])
    return taken


def _take(
    topic: str,
    told: Told,
    places: Numbers,
    taken: _Taken,
    known: tuple[dict[object, int], Literals],
) -> None:
    """Put the fields of facts of one kind in their columns."""
    words, literals = known
    taken.literal[places] = literals.column(topic, told.columns)
    for field, name in enumerate(DAYS):
        if name in told.columns:
            days = literals.ordinals.column(told.columns[name])
            taken.days[places, field] = days
            taken.sound[places] &= (days < 1) | (days >= FIRST_DAY) & (days <= LAST_DAY)
    for field, name in enumerate(TEXTS):
        if name in told.columns:
            column = told.columns[name]
            new = [word for word in dict.fromkeys(column) if word not in words]
            convert(new, _TYPES[topic, name])  # raises when one is damaged
            words.update(zip(new, range(len(words) - len(_ABSENCE), 1 << 62), strict=False))
            taken.texts[places, field] = _numbers(map(words.__getitem__, column), len(column))


def _literal(columns: dict[str, Any], name: str) -> Iterable[object]:
    return map(bool, columns[name]) if name in LISTS else columns[name]


def _is_ordinary(fact: type[ev.Fact], values: dict[str, Any]) -> bool:
    """Tell whether a fact keeps a history ordinary: nobody has to answer, no tlv, no list.

    The schoolsoort is in the literal: all facts of one have the same answer.
    """
    if any(values.get(name) for name in LISTS):
        return False
    return not is_attributed_by(fact_of(fact, values))


def _ordinal(day: object) -> int:
    """Return the ordinal of a day, 0 for none, -1 for one that the fact does not name."""
    if isinstance(day, str):
        return convert(day, date).toordinal()
    return 0 if day is None else -1


def _microseconds(moments: list[str]) -> Numbers:
    """Return moments of the store (ISO, UTC) as microseconds since 1970."""
    if all(map(_ends_in_z, moments)):
        clock = np.array([text[:-1] for text in moments], "datetime64[us]")
        return clock.astype(np.int64)
    return _numbers((moment_number(datetime.fromisoformat(text)) for text in moments), len(moments))


def _numbers(values: Iterable[int], count: int) -> Numbers:
    return np.fromiter(values, np.int64, count)


_ends_in_z: Final = methodcaller("endswith", "Z")
_ABSENCE: Final[dict[object, int]] = {None: ABSENT, UNSET: ABSENT - 1}
_KINDS: Final = {topic: place for place, topic in enumerate(sorted(ORDINARY))}
_REST: Final = {
    topic: [name for name in fact.__struct_fields__ if name not in {*DAYS, *TEXTS, "reden"}]
    for topic, fact in ENROLMENT.items()
}
"""The fields of a kind of fact that are neither days nor texts, nor told for people alone."""
_TYPES: Final = {
    (topic, name): list[hint]  # type: ignore[valid-type]  # known at run time
    for topic, fact in ENROLMENT.items()
    for name, hint in get_type_hints(fact, include_extras=True).items()
    if name in TEXTS
}
