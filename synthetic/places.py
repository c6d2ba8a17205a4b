"""The made-up places: samenwerkingsverbanden, vestigingen and postcode areas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

Line = dict[str, object]
"""One line of the feed (events.md 1), with values that JSON can hold."""

SECONDARY: Final = frozenset({"VO", "VSO"})
"""The schoolsoorten for which a samenwerkingsverband vo answers."""
KNOWN_FROM_THE_START: Final = "2014-08-01"
TIMES: Final = {"": 2, "overstap": 2, "late koppeling": 1}
"""How often a vestiging stands among those to choose from: with a late link, half as often."""

CHANGES: Final = {"overstap": "2024-06-14", "late koppeling": "2025-03-20T11:30:00+01:00"}
"""When it was known that a vestiging is linked to another samenwerkingsverband."""


class Vestiging(NamedTuple):
    """A vestiging with the samenwerkingsverbanden it is linked to at the start.

    `later` is that of po from August 2024 on, for the kenmerken of CHANGES.
    """

    code: str
    naam: str
    soorten: tuple[str, ...]
    po: str = ""
    vo: str = ""
    kenmerk: str = ""
    later: str = ""

    def swv(self, soort: str) -> str:
        """Return the samenwerkingsverband it is linked to for this schoolsoort."""
        return self.vo if soort in SECONDARY else self.po


Choices = dict[tuple[str, str], tuple[Vestiging, ...]]


@dataclass(slots=True)
class Places:
    """A map: vestigingen, samenwerkingsverbanden, and those of each postcode area (po, vo).

    `beside` has for every samenwerkingsverband those across a border, `fallback` those of a
    pupil who lives in no area, `later_areas` the areas that change over on 1 January 2024.
    """

    vestigingen: dict[str, Vestiging]
    names: dict[str, str]
    areas: dict[str, tuple[str, str]]
    without_area: str
    beside: dict[str, tuple[str, ...]]
    fallback: tuple[str, str]
    later_areas: dict[str, tuple[str, str]] = field(default_factory=dict)
    _own: Choices = field(default_factory=dict)
    _elsewhere: Choices = field(default_factory=dict)
    _instellingen: dict[str, list[Vestiging]] = field(default_factory=dict)
    _institutions: dict[str, list[Vestiging]] = field(default_factory=dict)
    _order: tuple[str, ...] = ()
    _positions: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._order = tuple(self.areas)
        self._positions = {pc4: place for place, pc4 in enumerate(self._order)}
        own: dict[tuple[str, str], list[Vestiging]] = {}
        for each in self.vestigingen.values():
            self._instellingen.setdefault(each.code[:4], []).append(each)
            self._institutions.setdefault(each.kenmerk, []).append(each)
            for soort in each.soorten:
                late = each.kenmerk == "late koppeling"
                key = (soort, each.later if late else each.swv(soort))
                own.setdefault(key, []).extend([each] * TIMES.get(each.kenmerk, 0))
        self._own = {key: tuple(chosen) for key, chosen in own.items()}

    def draw(self, rng: Random, soort: str, home: str, *, elsewhere: bool) -> Vestiging:
        """Return a vestiging for a pupil that `home` answers for, across a border or not."""
        chosen = () if elsewhere else self._own.get((soort, home))
        return rng.choice(chosen or self._across(soort, home))

    def _across(self, soort: str, home: str) -> tuple[Vestiging, ...]:
        key = (soort, home)
        if key not in self._elsewhere:
            near = (self._own.get((soort, swv), ()) for swv in self.beside[home])
            self._elsewhere[key] = tuple(each for some in near for each in some)
        return self._elsewhere[key]

    def nearest(self, kenmerk: str, soort: str, home: str) -> Vestiging:
        """Return the vestiging of an institution ("residentieel", "gesloten") for `home`.

        Institutions and samenwerkingsverbanden stand on a map in the same order.
        """
        found = [each for each in self._institutions[kenmerk] if soort in each.soorten]
        alike = [swv for swv in self.names if swv[:2] == home[:2]]
        return found[alike.index(home) * len(found) // len(alike)]

    def another_area(self, rng: Random, pc4: str, distance: int) -> str:
        """Return an area at most so many areas away from this one, in the order of the map."""
        place = self._positions.get(pc4, 0) + rng.randint(-distance, distance)
        return self._order[place % len(self._order)]

    def siblings(self, vestiging: Vestiging, soort: str) -> list[Vestiging]:
        """Return the other vestigingen of the same instelling with this schoolsoort."""
        return [
            other
            for other in self._instellingen[vestiging.code[:4]]
            if other != vestiging and soort in other.soorten
        ]


def reference_lines(places: Places) -> Iterator[Line]:
    """Yield what was known of the places from the start, before any pupil."""
    for swv, naam in places.names.items():
        yield _line("SwvGeregistreerd", swv=swv, naam=naam)
    for vestiging in places.vestigingen.values():
        yield from _vestiging_lines(vestiging)
    for pc4, (swv_po, swv_vo) in places.areas.items():
        yield _area_line(pc4, swv_po, swv_vo, KNOWN_FROM_THE_START, KNOWN_FROM_THE_START)


def _vestiging_lines(vestiging: Vestiging) -> Iterator[Line]:
    registered = _line("VestigingGeregistreerd", vestigingscode=vestiging.code, naam=vestiging.naam)
    if vestiging.kenmerk == "gesloten":
        registered["gesloten_inrichting"] = True
    if vestiging.kenmerk == "residentieel":
        registered["residentieel"] = True
    yield registered
    for swv in filter(None, (vestiging.po, vestiging.vo)):
        yield _linked(vestiging.code, swv, KNOWN_FROM_THE_START, KNOWN_FROM_THE_START)


def later_reference_lines(places: Places) -> Iterator[Line]:
    """Yield what changed later: postcode areas, vestigingen, and links put right late.

    The link of `late koppeling` is put right in March 2025, from the August before.
    """
    for pc4, (swv_po, swv_vo) in places.later_areas.items():
        yield _area_line(pc4, swv_po, swv_vo, "2024-01-01", "2023-11-20")
    for each in places.vestigingen.values():
        if each.later:
            known = CHANGES[each.kenmerk]
            ended = {"vestigingscode": each.code, "swv": each.po, "tot_en_met": "2024-07-31"}
            yield _line("VestigingUitgetreden", known, **ended)
            yield _linked(each.code, each.later, "2024-08-01", known)


def _linked(code: str, swv: str, vanaf: str, known: str) -> Line:
    return _line("VestigingAangesloten", known, vestigingscode=code, swv=swv, vanaf=vanaf)


def _area_line(pc4: str, swv_po: str, swv_vo: str, vanaf: str, known: str) -> Line:
    fields = {"pc4": pc4, "swv_po": swv_po, "swv_vo": swv_vo, "vanaf": vanaf}
    return _line("PostcodegebiedToegewezen", known, **fields)


def _line(kind: str, known: str = KNOWN_FROM_THE_START, **fields: str) -> Line:
    return {"type": kind, "bekend_op": known, "bron": "duo", **fields}
