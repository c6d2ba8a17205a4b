"""How often things happen: the shape of the region of the demo, and that of the country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Final

TURNS: Final = range(2023, 2027)
"""The four summers in which a pupil can go on to another school."""

REGION_CAREERS: Final = {
    "BO": 20,
    "BO VO": 15,
    "VO": 17,
    "BO BO": 6,
    "VO VO": 3,
    "BO SBO": 8,
    "SBO": 2,
    "SBO SBO": 1,
    "BO SBO SO": 2,
    "BO SO": 4,
    "SO": 4,
    "SO SO": 1.5,
    "SO VSO": 4,
    "SBO VSO": 1.5,
    "VO VSO": 3,
    "VSO": 3,
    "VSO VSO": 1.5,
    "BO SO/residentieel": 0.8,
    "SO SO/residentieel": 0.8,
    "SO VSO/residentieel": 0.4,
    "VO VSO/residentieel": 0.6,
    "VSO VSO/residentieel VSO": 0.8,
    "VO VSO/gesloten": 0.6,
    "SO SO/gesloten SO": 0.4,
    "SO/cluster": 0.6,
    "VSO/cluster": 0.4,
}
"""The schoolsoorten of a career, in order, and how often it occurs: rare things are common."""

COUNTRY_CAREERS: Final = {
    "BO": 34,
    "BO BO": 5,
    "BO VO": 30,
    "BO BO VO": 6.5,
    "VO": 15.5,
    "VO VO": 2.5,
    "BO SBO": 0.95,
    "SBO": 0.6,
    "SBO SBO": 0.05,
    "SBO VO": 1.25,
    "BO SBO SO": 0.03,
    "SBO SO": 0.06,
    "SBO VSO": 0.17,
    "BO SO": 0.49,
    "SO": 0.86,
    "SO SO": 0.07,
    "SO VSO": 0.7,
    "SO VO": 0.12,
    "VO VSO": 0.8,
    "VSO": 0.67,
    "VSO VSO": 0.1,
    "VSO VO": 0.06,
    "BO SO/residentieel": 0.02,
    "SO SO/residentieel": 0.01,
    "SO VSO/residentieel": 0.02,
    "VO VSO/residentieel": 0.04,
    "VSO VSO/residentieel VSO": 0.02,
    "VO VSO/gesloten": 0.03,
    "SO SO/gesloten SO": 0.005,
    "SO/cluster": 0.08,
    "VSO/cluster": 0.05,
}
"""Idem for the country, such that a teldatum has some 36,000 pupils on sbo, 33,000 on so and
39,000 on vso, in 2.4 million pupils of four school years."""


@dataclass(frozen=True)
class Shape:
    """The shares by which a career is drawn and told; the years are those of begins.

    `grensverkeer` is the share of pupils at a vestiging of another samenwerkingsverband than
    their own; `ages` are from and to, at the begin of a career, or `transfer` at the begin of
    the vo or vso that it ends in; `gaps` are the shares of bridged gaps, and of gaps at all.
    """

    careers: Mapping[str, float]
    grensverkeer: Mapping[str, float]
    ages: Mapping[str, tuple[int, int]]
    first_years: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """The years in which a career of one enrolment begins, where they are not the usual ones."""
    years_before: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """The years at school before vo or vso, by the first schoolsoort."""
    turns: Sequence[int] = TURNS
    """The summers in which a pupil whose career ends in vo or vso can change schools."""
    lengths: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """The years after which a last enrolment of a schoolsoort ends."""
    transfer: tuple[int, int] | None = None
    unended: float = 0.65
    gaps: tuple[float, float] = (0.12, 0.19)
    moves_with_school: tuple[float, float] = (0, 0)
    """The share that moves house with a change of school: within a schoolsoort, to another."""
    moved: float = 0.12
    """The share of the others that moves house once."""
    nearby: int | None = None
    """How many postcode areas away that is at most; None: anywhere in the region."""
    onderwijsnummer: float = 0.015
    unused_tlv: float = 0.04
    leerjaar_told: float = 0.4
    """Enrolments whose school reports the leerjaar every year."""
    leerjaar_since: int = 2021
    """The school year after which it does."""
    out_of_order: float = 0
    """Pupils of whom one event is booked after events that were known later."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The careers, in order."""
        return tuple(self.careers)

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """The weights of the careers, cumulated."""
        return tuple(accumulate(self.careers.values()))


REGION: Final = Shape(
    careers=REGION_CAREERS,
    grensverkeer={"BO": 0.03, "SBO": 0.08, "SO": 0.30, "VSO": 0.35, "VO": 0.06},
    ages={"BO": (4, 8), "SBO": (6, 9), "SO": (4, 9), "VSO": (12, 15), "VO": (12, 14)},
)
COUNTRY: Final = Shape(
    careers=COUNTRY_CAREERS,
    grensverkeer={"BO": 0.03, "SBO": 0.09, "SO": 0.295, "VSO": 0.33, "VO": 0.06},
    ages={"BO": (4, 4), "SBO": (6, 8), "SO": (4, 8), "VSO": (12, 15), "VO": (12, 12)},
    first_years={"VO": range(2017, 2020), "SBO": range(2021, 2026)},
    years_before={"BO": (7, 8, 8, 8), "SBO": range(2, 6), "SO": range(2, 7)},
    turns=range(2020, 2027),
    lengths={"VO": (4, 5, 5, 6), "VSO": (3, 4, 5, 6)},
    transfer=(11, 12),
    unended=0.97,
    gaps=(0.03, 0.05),
    moves_with_school=(0.5, 0.03),
    moved=0.5,
    nearby=2,
    unused_tlv=0.004,
    leerjaar_told=0.97,
    leerjaar_since=2014,
    out_of_order=0.02,
)
