"""Where the pupils of one region come from: its map, its chances, and the numbers it hands out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from synthetic.places import Places
from synthetic.shapes import REGION, Shape

SERIALS: Final = 100_000
"""How many tlv's a samenwerkingsverband can issue in a year: a serial has five digits."""
NEAR: Final = 50
"""How many postcode areas away a house may stand that is still near."""


class Numbers(NamedTuple):
    """The pupil numbers of a feed or of a part of it, each handed out once."""

    bsn: Iterator[str]
    onderwijsnummer: Iterator[str]


@dataclass(slots=True)
class Desk:
    """What draws pupils of one region and hands out their numbers, message ids and serials.

    Its pupils live in `homes`; `national` has the samenwerkingsverbanden (po, vo) that answer
    for them wherever they live. Desks of one feed hand out different numbers: `before` is
    what every series of this one begins after, `serials` idem for the tlv's of each
    samenwerkingsverband, where it differs from `guest_serials`.
    """

    places: Places
    rng: Random
    number: int = 0
    shape: Shape = REGION
    homes: tuple[str, ...] = ()
    before: int = 0
    serials: Mapping[str, int] = field(default_factory=dict)
    guest_serials: int = 0
    national: tuple[str, str] | None = None
    counters: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.homes = self.homes or tuple(self.places.areas)

    def responsible(self, pc4: str, otherwise: tuple[str, str]) -> tuple[str, str]:
        """Return the samenwerkingsverbanden (po, vo) for who lives there."""
        return self.national or self.places.areas.get(pc4, otherwise)

    def next(self, series: str) -> int:
        """Return the next number of a series, from 1 on in the first region."""
        self.counters[series] += 1
        return self.before + self.counters[series]

    def volgnummer(self) -> str:
        """Return a volgnummer as one of two kinds of administrations hands it out."""
        number = self.next("volgnummer")
        return f"PAR{700_000 + number}" if self.rng.random() < 0.3 else str(2_400_000 + number)  # noqa: PLR2004 - share

    def beschikkingsnummer(self, swv: str, year: int) -> str:
        """Return the number of a new tlv: samenwerkingsverband, year of issue, serial."""
        self.counters[f"{swv}-{year}"] += 1
        serial = self.serials.get(swv, self.guest_serials) + self.counters[f"{swv}-{year}"]
        assert serial < SERIALS, "more tlv's in a year than there are serials"
        return f"{swv}-{year}-{serial:05}"

    def moved_nearby(self, pc4: str) -> str:
        """Return where a pupil goes to live who stays at school."""
        if self.shape.nearby is None:
            return self.rng.choice(self.homes)
        return self.places.another_area(self.rng, pc4, self.shape.nearby)

    def moved_away(self, pc4: str) -> str:
        """Return where one goes to live who changes schools: not far, at times anywhere."""
        anywhere = self.rng.random() < 0.1  # noqa: PLR2004 - share
        return self.places.another_area(self.rng, pc4, len(self.places.areas) if anywhere else NEAR)
