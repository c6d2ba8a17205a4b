"""The made-up country as feed lines: part by part, each the same whoever makes it, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import chain
from random import Random
from typing import Final, NamedTuple

from synthetic.country_map import NATIONAL, PUPILS, Country, country_map
from synthetic.desk import Desk, Numbers
from synthetic.numbers import bsn_numbers, onderwijsnummers
from synthetic.places import Line, later_reference_lines, reference_lines
from synthetic.pupil import draw_pupil
from synthetic.region import UNTIL
from synthetic.shapes import COUNTRY

SCALES: Final = {"country": PUPILS, "10m": PUPILS * 2 // 5, "1m": PUPILS // 25}
"""Pupils by the name of a scale: about 25, 10 and 1 million events."""
MAP: Final = "000-landkaart"
"""The name of the part with what is known of the places; it comes first, also by name."""

SERIES: Final = 1_000_000
"""How many numbers of one series a part can hand out."""
BSN_PER_PUPIL: Final = 1.2
"""Numbers looked at for each pupil: one in eleven passes no check, and some pupils get two."""
ONDERWIJSNUMMERS_PER_PUPIL: Final = 0.034
SPARE: Final = 90
"""Numbers for a part with few pupils, of which chance may want more."""
OWN_SERIALS: Final = 70_000
"""Serials of tlv's that the parts with homes in a samenwerkingsverband share."""
GUEST_SERIALS: Final = 250
"""Serials of any samenwerkingsverband for each other part: of who moved in from there.

All stay under 90,000, where the typing errors of synthetic/mistakes.py begin."""


class Part(NamedTuple):
    """One part of the feed: the pupils of one samenwerkingsverband po, or the map alone.

    `number` counts the parts from 0, the map not counted.
    """

    name: str
    number: int = 0
    pupils: int = 0
    pupils_before: int = 0


def parts(pupils: int = PUPILS) -> list[Part]:
    """Return the parts of a country with so many pupils, in the order of the feed."""
    found, before, share = [Part(MAP)], 0, 0.0
    for number, (swv, own) in enumerate(_country(pupils).shares.items()):
        share += own
        end = round(pupils * share)
        found.append(Part(swv, number, end - before, before))
        before = end
    return found


def country(seed: int = 2025, pupils: int = PUPILS, *, until: date = UNTIL) -> Iterator[Line]:
    """Yield the feed of a country with so many pupils: the map, then pupil by pupil.

    Every line has the fields of events.md, defaults omitted, and none is known after
    `until`. No line is kept: memory does not grow with the number of pupils.
    """
    made = (part_lines(part, seed, pupils, until=until) for part in parts(pupils))
    return chain.from_iterable(made)


def part_lines(part: Part, seed: int, pupils: int, *, until: date = UNTIL) -> Iterator[Line]:
    """Yield the lines of one of `parts(pupils)`: the same in any process, in any order."""
    if part.name == MAP:
        places = _country(pupils).places
        yield from reference_lines(places)
        last = f"{until.isoformat()}T24"
        later = later_reference_lines(places)
        yield from (line for line in later if str(line["bekend_op"]) < last)
        return
    desk, numbers = _desk(part, seed, pupils), _numbers(part, seed)
    for _ in range(part.pupils):
        yield from draw_pupil(desk, numbers).finish(until)


@cache
def _country(pupils: int) -> Country:
    return country_map(pupils)


def _desk(part: Part, seed: int, pupils: int) -> Desk:
    """Return what hands out numbers in a part, none of which another part hands out."""
    places, homes, _ = _country(pupils)
    return Desk(
        places,
        Random(f"{seed}/land/{part.name}"),  # noqa: S311 - made-up pupils, no secrets
        part.number,
        COUNTRY,
        homes[part.name],
        before=part.number * SERIES,
        serials=_serials(pupils)[part.name],
        guest_serials=OWN_SERIALS + part.number * GUEST_SERIALS,
        national=NATIONAL if part.name in NATIONAL else None,
    )


@cache
def _serials(pupils: int) -> dict[str, dict[str, int]]:
    """Return by part after which serial the tlv's of each samenwerkingsverband there begin."""
    places, homes, _ = _country(pupils)
    parts_of: dict[str, list[str]] = defaultdict(list)
    for part, pc4s in homes.items():
        both = [NATIONAL] if part in NATIONAL else [places.areas[pc4] for pc4 in pc4s]
        for swv in dict.fromkeys(chain.from_iterable(both)):
            parts_of[swv].append(part)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for swv, alike in parts_of.items():
        for place, part in enumerate(alike):
            found[part][swv] = OWN_SERIALS // len(alike) * place
    return found


def _numbers(part: Part, seed: int) -> Numbers:
    """Return the pupil numbers of a part, none of which another part has."""

    def cut(per_pupil: float) -> tuple[int, int]:
        first = int(part.pupils_before * per_pupil) + part.number * SPARE
        return first, first + int(part.pupils * per_pupil) + SPARE

    return Numbers(
        bsn_numbers(seed, *cut(BSN_PER_PUPIL)),
        onderwijsnummers(seed, *cut(ONDERWIJSNUMMERS_PER_PUPIL)),
    )
