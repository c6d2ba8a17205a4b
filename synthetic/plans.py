"""What happens to a pupil in the world: careers, legs of a career, and moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from synthetic.moments import FIRST_DAY, LAST_DAY, august, last_of_july, plus
from synthetic.places import Places, Vestiging

CAREERS: Final = {
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
"""The schoolsoorten of a career, in order, and how often it occurs."""

AGE: Final = {"BO": (4, 8), "SBO": (6, 9), "SO": (4, 9), "VSO": (12, 15), "VO": (12, 14)}
"""The age, from and to, at which a career that begins with this schoolsoort begins."""

VO_KENMERKEN: Final = ("lwoo", "pro", "nieuwkomer", "vavo")
RESIDENTIAL: Final = ("IJH", "IGZ", "IJG")
CLOSED: Final = ("GJI", "JJI")
UNENDED: Final = 0.65


@dataclass(slots=True)
class Leg:
    """One enrolment as it really was; `end` is None while it runs beyond what we tell."""

    soort: str
    vestiging: Vestiging
    begin: date
    end: date | None
    verblijf: str = "geen"
    cluster: int | None = None
    vo_kenmerk: str = ""
    gap: int = 0
    """Days between the leg before and this one."""

    @property
    def last(self) -> date:
        """The last day of the leg that is of interest."""
        return self.end or LAST_DAY

    @property
    def needs_tlv(self) -> bool:
        """Tell whether a tlv belongs with the leg (outputs-and-rules.md 6)."""
        return self.soort in {"SBO", "SO", "VSO"} and self.verblijf == "geen" and not self.cluster


def draw_career(rng: Random) -> tuple[str, ...]:
    """Return the schoolsoorten of a career, in order, with what is special after a slash."""
    return tuple(rng.choices(NAMES, cum_weights=WEIGHTS)[0].split())


NAMES: Final = tuple(CAREERS)
WEIGHTS: Final = tuple(sum(list(CAREERS.values())[: place + 1]) for place in range(len(CAREERS)))


def draw_legs(rng: Random, region: Places, pc4: str, career: tuple[str, ...]) -> list[Leg]:
    """Return the legs of a career, with moves in summer, midyear, and after a gap."""
    swv_po, swv_vo = region.areas.get(pc4, (region.swvs["PO3"], region.swvs["VO2"]))
    turns = sorted(rng.sample(range(2023, 2027), len(career) - 1))
    first = (turns[0] - rng.randint(1, 4)) if turns else rng.randint(2019, 2025)
    begin = plus(august(first), rng.choice((0, 0, 0, 0, rng.randint(30, 280))))
    legs: list[Leg] = []
    for place, name in enumerate(career):
        soort, _, special = name.partition("/")
        home = swv_vo if soort in {"VSO", "VO"} else swv_po
        leg = _leg(rng, region, soort, special, home)
        if legs:
            begin = _turn(rng, legs[-1], leg, turns[place - 1])
        leg.begin = begin
        legs.append(leg)
    _end(rng, legs[-1])
    return legs


def _leg(rng: Random, region: Places, soort: str, special: str, home: str) -> Leg:
    vestiging = region.draw(rng, soort, home)
    leg = Leg(soort, vestiging, FIRST_DAY, None)
    if special == "residentieel":
        leg.verblijf = rng.choice(RESIDENTIAL)
        if rng.random() < 0.7:  # noqa: PLR2004 - most stay where the institution is
            leg.vestiging = region.vestigingen["R00"]
    elif special == "gesloten":
        leg.verblijf = rng.choice(CLOSED)
        leg.vestiging = region.vestigingen["S00"]
    elif special == "cluster":
        leg.cluster = rng.choice((1, 2))
    elif soort == "VO" and rng.random() < 0.3:  # noqa: PLR2004 - share with an attribute
        leg.vo_kenmerk = rng.choice(VO_KENMERKEN)
    return leg


def _turn(rng: Random, before: Leg, leg: Leg, year: int) -> date:
    """End the leg before and return the first day of the next."""
    before.end = last_of_july(year)
    leg.gap = 0
    if before.soort == leg.soort or leg.soort not in {"VO", "VSO"}:
        before.end = plus(before.end, -rng.choice((0, 0, 0, rng.randint(20, 240))))
    before.end = max(before.end, plus(before.begin, 30))
    draw = rng.random()
    if draw < 0.12:  # noqa: PLR2004 - share of gaps that DUO bridges
        leg.gap = rng.choice((rng.randint(1, 28), 28))
    elif draw < 0.19:  # noqa: PLR2004 - share of gaps that DUO does not bridge
        leg.gap = rng.choice((29, rng.randint(29, 90)))
    return plus(before.end, leg.gap + 1)


def _end(rng: Random, leg: Leg) -> None:
    """Let the last leg run on, or end it within the four years."""
    if rng.random() < UNENDED or leg.begin > LAST_DAY:
        return
    years = range(max(leg.begin.year + 1, FIRST_DAY.year + 1), LAST_DAY.year + 1)
    if years:
        leg.end = last_of_july(rng.choice(years))
        if rng.random() < 0.2:  # noqa: PLR2004 - share that leaves midyear
            leg.end = max(plus(leg.end, -rng.randint(20, 240)), plus(leg.begin, 20))


def draw_birth(rng: Random, first: Leg) -> date:
    """Return a birth date that fits the begin of the first leg."""
    youngest, oldest = AGE[first.soort]
    return plus(first.begin, -int(365.25 * rng.randint(youngest, oldest)) - rng.randint(1, 360))
