"""The made-up map of the country: all samenwerkingsverbanden, in areas that do not exist.

The codes are those of the field, so that every samenwerkingsverband can be asked by its own;
their areas, names, vestigingen and sizes are made up and the same for every seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, cycle, islice
from random import Random
from typing import Final, NamedTuple

from synthetic.places import SECONDARY, Places, Vestiging

PUPILS: Final = 2_400_000
"""The pupils of the country at its full size."""


class Province(NamedTuple):
    """The first two digits of its codes, its share of the pupils, and the numbers per sector."""

    code: int
    share: float
    po: Sequence[int]
    vo: Sequence[int]


PROVINCES: Final = (
    Province(20, 3.2, range(1, 2), range(1, 3)),
    Province(21, 3.8, range(1, 2), range(1, 4)),
    Province(22, 2.8, range(1, 4), range(1, 4)),
    Province(23, 6.9, range(1, 6), (1, 2, 3, 5, 7)),
    Province(24, 2.9, range(1, 4), range(1, 4)),
    Province(25, 12.1, range(1, 11), range(1, 12)),
    Province(26, 8.3, range(1, 6), range(1, 6)),
    Province(27, 16, range(1, 12), range(1, 11)),
    Province(28, 22, range(1, 19), range(1, 15)),
    Province(29, 2.1, range(1, 4), range(1, 4)),
    Province(30, 14.4, range(1, 11), range(1, 10)),
    Province(31, 5.5, range(1, 7), range(1, 7)),
)
"""76 samenwerkingsverbanden po and 74 vo with an area (outputs-and-rules.md 5.5)."""

NATIONAL: Final = ("PO0001", "VO0001")
"""Those without an area of their own: their schools lie all over the country."""
NATIONAL_SHARE: Final = 0.02

AREAS: Final = 4000
FIRST_PC4: Final = 1011
WITHOUT_AREA: Final = "9999"
BESIDE: Final = 2
"""How many samenwerkingsverbanden on either side are near enough to cross the border to."""

SCHOOLS: Final = {"BO": 6300, "SBO": 275, "SO": 270, "VSO": 300, "VO": 1270}
"""Vestigingen in the country at its full size."""
FEWEST: Final = {"BO": 2, "SBO": 1, "SO": 1, "VSO": 1, "VO": 2}
"""Vestigingen of a samenwerkingsverband, however small the country."""
TOGETHER: Final = {
    "BO": (1, 1, 1, 2, 1, 1),
    "SBO": (1, 2),
    "SO": (2, 1),
    "VSO": (2, 1),
    "VO": (2, 1, 3),
}
"""Vestigingen of one instelling, in turn."""
POS: Final = sum(len(each.po) for each in PROVINCES)
INSTITUTIONS: Final = {"residentieel": 24, "gesloten": 12}
OVERSTAP: Final = 8
LATE_LINK: Final = 12
LATER_AREA: Final = 9
"""Of every so many samenwerkingsverbanden one gains a school, a late link, loses an area."""

KINDS: Final = {"BO": "Basisschool", "SBO": "SBO", "SO": "SO", "VSO": "VSO", "VO": "College"}
NAMES: Final = (
    "De Berk", "De Boomgaard", "De Bries", "De Dageraad", "De Driesprong", "De Eik", "De Ekster",
    "De Fontein", "De Gaard", "De Hoeve", "De Horizon", "De IJsvogel", "De Jol", "De Kiem",
    "De Klaproos", "De Korenbloem", "De Lantaarn", "De Leeuwerik", "De Linde", "De Meander",
    "De Merel", "De Molenwiek", "De Notenkraker", "De Oase", "De Ooievaar", "De Parel",
    "De Populier", "De Regenboog", "De Rivier", "De Schakel", "De Sleutel", "De Spil", "De Ster",
    "De Tjalk", "De Uitkijk", "De Vlieger", "De Vlinder", "De Waterlelie", "De Wilg", "De Wissel",
    "De Zonnebloem", "De Zwaluw", "Het Anker", "Het Baken", "Het Kompas", "Het Palet", "Het Web",
)  # fmt: skip


class Country(NamedTuple):
    """The map, and the postcode areas in which the pupils of each samenwerkingsverband po live."""

    places: Places
    homes: dict[str, tuple[str, ...]]
    shares: dict[str, float]
    """Its part of the pupils; they add up to 1."""


def country_map(pupils: int) -> Country:
    """Return the country, with as many vestigingen as `pupils` pupils need."""
    rng = Random("landkaart")  # noqa: S311 - made-up areas, no secrets
    pc4s = [str(FIRST_PC4 + 2 * place) for place in range(AREAS)]
    po, vo = _swv_of_areas(rng, "po"), _swv_of_areas(rng, "vo")
    areas = dict(zip(pc4s, zip(po, vo, strict=True), strict=True))
    shares = _shares(areas)
    swvs = list(shares)
    homes = {NATIONAL[0]: tuple(pc4s)}
    homes |= {swv: tuple(pc4 for pc4 in pc4s if areas[pc4][0] == swv) for swv in dict.fromkeys(po)}
    places = Places(
        {each.code: each for each in _vestigingen(rng, areas, shares, pupils / PUPILS)},
        {swv: f"Verzonnen samenwerkingsverband {swv[:2]} {swv[2:4]}.{swv[4:]}" for swv in swvs},
        areas,
        without_area=WITHOUT_AREA,
        beside=_beside(swvs),
        fallback=areas[pc4s[0]],
        later_areas=_later_areas(areas),
    )
    return Country(places, homes, {swv: shares[swv] for swv in homes})


def _swv_of_areas(rng: Random, sector: str) -> list[str]:
    """Return the samenwerkingsverband of every area, province by province."""
    found: list[str] = []
    total = sum(each.share for each in PROVINCES)
    ends = [round(AREAS * part / total) for part in accumulate(each.share for each in PROVINCES)]
    for province, end in zip(PROVINCES, ends, strict=True):
        numbers = province.po if sector == "po" else province.vo
        weights = [rng.uniform(0.5, 1.8) for _ in numbers]
        first, size = len(found), end - len(found)
        for number, part in zip(numbers, accumulate(weights), strict=True):
            code = f"{sector.upper()}{province.code}{number:02}"
            found += [code] * (first + round(size * part / sum(weights)) - len(found))
    return found


def _shares(areas: Mapping[str, tuple[str, str]]) -> dict[str, float]:
    """Return the part of the pupils of each samenwerkingsverband, po before vo."""
    shares: dict[str, float] = {}
    for sector, national in enumerate(NATIONAL):
        shares[national] = NATIONAL_SHARE
        for both in areas.values():
            shares.setdefault(both[sector], 0)
            shares[both[sector]] += (1 - NATIONAL_SHARE) / AREAS
    return shares


def _beside(swvs: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the samenwerkingsverbanden near each one; those without an area are near none."""
    found: dict[str, tuple[str, ...]] = {}
    for sector in ("PO", "VO"):
        alike = [swv for swv in swvs if swv.startswith(sector) and swv not in NATIONAL]
        for place, swv in enumerate(alike):
            near = (place + step for step in range(-BESIDE, BESIDE + 1) if step)
            found[swv] = tuple(alike[other % len(alike)] for other in near)
        found[f"{sector}0001"] = tuple(alike)
    return found


def _later_areas(areas: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Return the areas that change over: the last of every so many, to the next one's."""
    borders = [
        (pc4, areas[after])
        for pc4, after in zip(areas, islice(areas, 1, None), strict=False)
        if areas[pc4][0] != areas[after][0]
    ]
    return dict(borders[::LATER_AREA])


def _vestigingen(
    rng: Random, areas: Mapping[str, tuple[str, str]], shares: Mapping[str, float], size: float
) -> Iterator[Vestiging]:
    """Yield the vestigingen of every samenwerkingsverband, and the institutions between them."""
    codes, beside = _codes(), _beside(list(shares))
    vo_of = dict(reversed(list(areas.values())))
    for place, swv in enumerate(shares):
        for soort, number in SCHOOLS.items():
            if (soort in SECONDARY) == swv.startswith("VO"):
                many = max(FEWEST[soort], round(number * shares[swv] * size))
                yield from _schools(rng, codes, swv, soort, many)
        if swv in vo_of:
            yield from _shared(rng, codes, place / len(vo_of), (swv, vo_of[swv]))
            yield from _changing(rng, codes, place, swv, beside[swv][-1])


def _schools(
    rng: Random, codes: Iterator[str], swv: str, soort: str, many: int
) -> Iterator[Vestiging]:
    """Yield so many vestigingen, some of them of one instelling."""
    left = many
    for together in cycle(TOGETHER[soort]):
        first = _linked(_named(rng, next(codes), soort), swv)
        for number in range(min(together, left)):
            place = f", locatie {number + 1}" if number else ""
            yield first._replace(code=f"{first.code[:4]}{number:02}", naam=first.naam + place)
        left -= together
        if left <= 0:
            return


def _linked(vestiging: Vestiging, swv: str) -> Vestiging:
    return vestiging._replace(po=swv) if swv.startswith("PO") else vestiging._replace(vo=swv)


def _shared(
    rng: Random, codes: Iterator[str], place: float, swvs: tuple[str, str]
) -> Iterator[Vestiging]:
    """Yield a vestiging with so and vso, and the institutions that fall to this place."""
    yield _both(rng, next(codes), swvs, "")
    for kenmerk, number in INSTITUTIONS.items():
        if place * number % 1 < number / POS:
            yield _both(rng, next(codes), swvs, kenmerk)


def _changing(
    rng: Random, codes: Iterator[str], place: int, swv: str, before: str
) -> Iterator[Vestiging]:
    """Yield the vestigingen that come over from the samenwerkingsverband `before`."""
    if place % OVERSTAP == 0:
        school = _named(rng, next(codes), "BO")
        yield school._replace(po=before, kenmerk="overstap", later=swv)
    if place % LATE_LINK == 0:
        school = _named(rng, next(codes), "SBO")
        yield school._replace(po=before, kenmerk="late koppeling", later=swv)


def _both(rng: Random, code: str, swvs: tuple[str, str], kenmerk: str) -> Vestiging:
    """Return a vestiging with so and vso, that both samenwerkingsverbanden hold."""
    naam = f"Onderwijscentrum {rng.choice(NAMES)}"
    return Vestiging(code, naam, ("SO", "VSO"), *swvs, kenmerk)


def _named(rng: Random, code: str, soort: str) -> Vestiging:
    return Vestiging(code, f"{KINDS[soort]} {rng.choice(NAMES)}", (soort,))


def _codes() -> Iterator[str]:
    """Yield the codes of the first vestiging of instellingen, from 99AA00 down to 60ZZ00."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for number in range(99, 59, -1):
        for one in letters:
            for other in letters:
                yield f"{number}{one}{other}00"
