"""What happens to a pupil in the world: careers, legs of a career, and moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from synthetic.desk import Desk
from synthetic.moments import FIRST_DAY, LAST_DAY, august, last_of_july, plus, school_year
from synthetic.places import SECONDARY, Vestiging
from synthetic.shapes import TURNS

VO_KENMERKEN: Final = ("lwoo", "pro", "nieuwkomer", "vavo")
RESIDENTIAL: Final = ("IJH", "IGZ", "IJG")
CLOSED: Final = ("GJI", "JJI")


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
    pc4: str = ""
    """Where the pupil lives at the begin."""

    @property
    def last(self) -> date:
        """The last day of the leg that is of interest."""
        return self.end or LAST_DAY

    @property
    def needs_tlv(self) -> bool:
        """Tell whether a tlv belongs with the leg (outputs-and-rules.md 6)."""
        return self.soort in {"SBO", "SO", "VSO"} and self.verblijf == "geen" and not self.cluster


def draw_career(desk: Desk) -> tuple[str, ...]:
    """Return the schoolsoorten of a career, in order, with what is special after a slash."""
    chosen = desk.rng.choices(desk.shape.names, cum_weights=desk.shape.weights)
    return tuple(chosen[0].split())


def draw_legs(desk: Desk, pc4: str, career: tuple[str, ...]) -> list[Leg]:
    """Return the legs of a career, with moves in summer, midyear, and after a gap."""
    rng = desk.rng
    years = desk.shape.turns if _kind(career[-1]) in SECONDARY else TURNS
    turns = sorted(rng.sample(years, len(career) - 1))
    first = _first_year(desk, career, turns)
    begin = plus(august(first), rng.choice((0, 0, 0, 0, rng.randint(30, 280))))
    legs: list[Leg] = []
    for place, name in enumerate(career):
        soort, _, special = name.partition("/")
        if legs:
            pc4 = _home(desk, legs[-1], soort)
        leg = _leg(desk, soort, special, pc4)
        if legs:
            begin = _turn(desk, legs[-1], leg, turns[place - 1])
        leg.begin = begin
        legs.append(leg)
    _end(desk, legs[-1])
    return legs


def _kind(name: str) -> str:
    return name.partition("/")[0]


def _first_year(desk: Desk, career: tuple[str, ...], turns: list[int]) -> int:
    """Return the year in which a career begins: for vo or vso after so many years at school."""
    shape, first, last = desk.shape, _kind(career[0]), _kind(career[-1])
    if not turns:
        return desk.rng.choice(shape.first_years.get(first, range(2019, 2026)))
    if first in shape.years_before and last in SECONDARY:
        return turns[-1] - desk.rng.choice(shape.years_before[first])
    return turns[0] - desk.rng.randint(1, 4)


def _home(desk: Desk, before: Leg, soort: str) -> str:
    """Return where a pupil lives who goes on to another school: mostly where it did."""
    moves = desk.shape.moves_with_school[before.soort != soort]
    return desk.moved_away(before.pc4) if moves and desk.rng.random() < moves else before.pc4


def _leg(desk: Desk, soort: str, special: str, pc4: str) -> Leg:
    rng, places = desk.rng, desk.places
    home = desk.responsible(pc4, places.fallback)[soort in SECONDARY]
    elsewhere = rng.random() < desk.shape.grensverkeer[soort]
    vestiging = places.draw(rng, soort, home, elsewhere=elsewhere)
    leg = Leg(soort, vestiging, FIRST_DAY, None, pc4=pc4)
    if special == "residentieel":
        leg.verblijf = rng.choice(RESIDENTIAL)
        if rng.random() < 0.7:  # noqa: PLR2004 - most stay where the institution is
            leg.vestiging = places.nearest(special, soort, home)
    elif special == "gesloten":
        leg.verblijf = rng.choice(CLOSED)
        leg.vestiging = places.nearest(special, soort, home)
    elif special == "cluster":
        leg.cluster = rng.choice((1, 2))
    elif soort == "VO" and rng.random() < 0.3:  # noqa: PLR2004 - share with an attribute
        leg.vo_kenmerk = rng.choice(VO_KENMERKEN)
    return leg


def _turn(desk: Desk, before: Leg, leg: Leg, year: int) -> date:
    """End the leg before and return the first day of the next."""
    rng = desk.rng
    bridged, not_bridged = desk.shape.gaps
    before.end = last_of_july(year)
    leg.gap = 0
    if before.soort == leg.soort or leg.soort not in SECONDARY:
        before.end = plus(before.end, -rng.choice((0, 0, 0, rng.randint(20, 240))))
    before.end = max(before.end, plus(before.begin, 30))
    draw = rng.random()
    if draw < bridged:
        leg.gap = rng.choice((rng.randint(1, 28), 28))
    elif draw < not_bridged:
        leg.gap = rng.choice((29, rng.randint(29, 90)))
    return plus(before.end, leg.gap + 1)


def _end(desk: Desk, leg: Leg) -> None:
    """Let the last leg run on, or end it within the four years."""
    rng, lengths = desk.rng, desk.shape.lengths.get(leg.soort)
    if lengths is not None:
        ends = max(school_year(leg.begin) + rng.choice(lengths), FIRST_DAY.year + 1)
        years = range(ends, min(ends, LAST_DAY.year) + 1)
    elif rng.random() < desk.shape.unended or leg.begin > LAST_DAY:
        return
    else:
        years = range(max(leg.begin.year + 1, FIRST_DAY.year + 1), LAST_DAY.year + 1)
    if years:
        leg.end = last_of_july(rng.choice(years))
        if rng.random() < 0.2:  # noqa: PLR2004 - share that leaves midyear
            leg.end = max(plus(leg.end, -rng.randint(20, 240)), plus(leg.begin, 20))


def draw_birth(desk: Desk, legs: list[Leg]) -> date:
    """Return a birth date that fits the begin of the career, or of its vo or vso."""
    leg, (youngest, oldest) = legs[0], desk.shape.ages[legs[0].soort]
    if desk.shape.transfer and leg.soort not in SECONDARY and legs[-1].soort in SECONDARY:
        leg, (youngest, oldest) = legs[-1], desk.shape.transfer
    age = int(365.25 * desk.rng.randint(youngest, oldest))
    return plus(leg.begin, -age - desk.rng.randint(1, 360))
