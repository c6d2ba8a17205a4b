"""The made-up places: samenwerkingsverbanden, vestigingen and postcode areas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final, NamedTuple

Line = dict[str, object]
"""One line of the feed (events.md 1), with values that JSON can hold."""

KNOWN_FROM_THE_START: Final = "2014-08-01"
MOST_REGIONS: Final = 140
AREAS: Final = 60
SWV_NAMES: Final = {
    "PO1": "Passend Onderwijs Waterrijk",
    "PO2": "Passend Onderwijs Heideland",
    "PO3": "Passend Onderwijs Duinzicht",
    "VO1": "Passend VO Waterrijk-Heideland",
    "VO2": "Passend VO Duinzicht",
}
GRENSVERKEER: Final = {"BO": 0.03, "SBO": 0.08, "SO": 0.30, "VSO": 0.35, "VO": 0.06}
"""The share of pupils at a vestiging of another samenwerkingsverband than their own."""


class Vestiging(NamedTuple):
    """A vestiging with the samenwerkingsverbanden it is linked to at the start."""

    code: str
    naam: str
    soorten: tuple[str, ...]
    po: str = ""
    vo: str = ""
    kenmerk: str = ""

    def swv(self, soort: str) -> str:
        """Return the samenwerkingsverband it is linked to for this schoolsoort."""
        return self.vo if soort in {"VSO", "VO"} else self.po


TEMPLATE: Final = (
    Vestiging("A00", "Basisschool De Rietkraag", ("BO",), "PO1"),
    Vestiging("A01", "Basisschool De Rietkraag, locatie Sluis", ("BO",), "PO1"),
    Vestiging("B00", "Basisschool Het Kompas", ("BO",), "PO1"),
    Vestiging("C00", "Basisschool De Klimop", ("BO",), "PO1"),
    Vestiging("D00", "Basisschool De Heidevlinder", ("BO",), "PO2"),
    Vestiging("E00", "Basisschool De Brink", ("BO",), "PO2", kenmerk="overstap"),
    Vestiging("F00", "Basisschool De Zandloper", ("BO",), "PO3"),
    Vestiging("G00", "Basisschool Duinroos", ("BO",), "PO3"),
    Vestiging("H00", "SBO De Werf", ("SBO",), "PO1"),
    Vestiging("H01", "SBO De Werf, locatie Haven", ("SBO",), "PO1"),
    Vestiging("I00", "SBO De Grenssteen", ("SBO",), "PO2", kenmerk="late koppeling"),
    Vestiging("J00", "SBO Het Heideveld", ("SBO",), "PO2"),
    Vestiging("K00", "SBO De Duinpan", ("SBO",), "PO3"),
    Vestiging("L00", "SO De Lisdodde", ("SO", "VSO"), "PO1", "VO1"),
    Vestiging("L01", "SO De Lisdodde, locatie Oever", ("SO",), "PO1"),
    Vestiging("M00", "SO De Verre Einder (buiten de regio)", ("SO",), "PO1"),
    Vestiging("N00", "SO De Korenaar", ("SO",), "PO2"),
    Vestiging("O00", "SO De Strandjutter", ("SO",), "PO3"),
    Vestiging("P00", "VSO Het Baken", ("VSO",), "", "VO1"),
    Vestiging("P01", "VSO Het Baken, locatie Kade", ("VSO",), "", "VO1"),
    Vestiging("Q00", "VSO De Vuurtoren", ("VSO",), "", "VO2"),
    Vestiging("R00", "Onderwijscentrum De Luwte", ("SO", "VSO"), "PO3", "VO2", "residentieel"),
    Vestiging("S00", "Onderwijscentrum De Vesting", ("SO", "VSO"), "PO3", "VO2", "gesloten"),
    Vestiging("T00", "College Waterrijk", ("VO",), "", "VO1"),
    Vestiging("T01", "College Waterrijk, locatie Noord", ("VO",), "", "VO1"),
    Vestiging("U00", "Praktijkschool De Smederij", ("VO",), "", "VO1"),
    Vestiging("V00", "Lyceum aan Zee", ("VO",), "", "VO2"),
)
"""Code: one letter for the instelling and the two digits of the vestiging."""


@dataclass(frozen=True, slots=True)
class Places:
    """One region: its vestigingen, and the samenwerkingsverbanden of each postcode area."""

    number: int
    vestigingen: dict[str, Vestiging]
    swvs: dict[str, str]
    areas: dict[str, tuple[str, str]]
    without_area: str
    choices: dict[tuple[str, str, bool], tuple[Vestiging, ...]] = field(default_factory=dict)

    def draw(self, rng: Random, soort: str, home: str) -> Vestiging:
        """Return a vestiging for a pupil that `home` answers for, across a border or not."""
        elsewhere = rng.random() < GRENSVERKEER[soort]
        chosen = self._choices(soort, home, elsewhere=elsewhere)
        return rng.choice(chosen or self._choices(soort, home, elsewhere=True))

    def _choices(self, soort: str, home: str, *, elsewhere: bool) -> tuple[Vestiging, ...]:
        """Return what to choose from; a vestiging that comes over late counts for a half."""
        key = (soort, home, elsewhere)
        if key not in self.choices:
            fitting = [each for each in self.vestigingen.values() if soort in each.soorten]
            times = {"": 2, "overstap": 2, "late koppeling": 1}
            self.choices[key] = tuple(
                each
                for each in fitting
                for _ in range(times.get(each.kenmerk, 0))
                if (self._in_the_end(each, soort) != home) == elsewhere
            )
        return self.choices[key]

    def _in_the_end(self, vestiging: Vestiging, soort: str) -> str:
        late = vestiging.kenmerk == "late koppeling"
        return self.swvs["PO1"] if late else vestiging.swv(soort)

    def siblings(self, vestiging: Vestiging, soort: str) -> list[Vestiging]:
        """Return the other vestigingen of the same instelling with this schoolsoort."""
        return [
            other
            for other in self.vestigingen.values()
            if other.code[:4] == vestiging.code[:4]
            and other != vestiging
            and soort in other.soorten
        ]


def places(number: int) -> Places:
    """Return region `number` (0, 1, ...): the same map under other codes."""
    swvs = {place: f"{place[:2]}{_swv_number(number, place)}" for place in SWV_NAMES}
    vestigingen = {
        each.code: each._replace(
            code=_vestigingscode(number, each.code),
            po=swvs.get(each.po, ""),
            vo=swvs.get(each.vo, ""),
        )
        for each in TEMPLATE
    }
    first = 9901 - AREAS * number
    areas = {str(first + place): _area(place, swvs) for place in range(AREAS - 1)}
    return Places(number, vestigingen, swvs, areas, str(first + AREAS - 1))


def _swv_number(number: int, place: str) -> int:
    ordinal = number * (3 if place.startswith("PO") else 2) + int(place[2])
    return 9900 + ordinal if ordinal <= 99 else 9999 - ordinal  # noqa: PLR2004 - the codes above 9900


def _vestigingscode(number: int, template: str) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return f"{99 - number // 26}{letters[number % 26]}{template}"


def _area(place: int, swvs: dict[str, str]) -> tuple[str, str]:
    if place < 28:  # noqa: PLR2004 - 9901 to 9928
        return swvs["PO1"], swvs["VO1"]
    if place < 42:  # noqa: PLR2004 - 9929 to 9942
        return swvs["PO2"], swvs["VO1"]
    return swvs["PO3"], swvs["VO2"]


def reference_lines(region: Places) -> Iterator[Line]:
    """Yield what was known of the places from the start, before any pupil."""
    prefix = "" if region.number == 0 else f"Regio {region.number + 1} "
    for place, naam in SWV_NAMES.items():
        yield _line("SwvGeregistreerd", swv=region.swvs[place], naam=prefix + naam)
    for vestiging in region.vestigingen.values():
        yield from _vestiging_lines(vestiging)
    for pc4, (swv_po, swv_vo) in region.areas.items():
        yield _line(
            "PostcodegebiedToegewezen",
            pc4=pc4,
            swv_po=swv_po,
            swv_vo=swv_vo,
            vanaf=KNOWN_FROM_THE_START,
        )


def _vestiging_lines(vestiging: Vestiging) -> Iterator[Line]:
    registered = _line("VestigingGeregistreerd", vestigingscode=vestiging.code, naam=vestiging.naam)
    if vestiging.kenmerk == "gesloten":
        registered["gesloten_inrichting"] = True
    if vestiging.kenmerk == "residentieel":
        registered["residentieel"] = True
    yield registered
    for swv in filter(None, (vestiging.po, vestiging.vo)):
        yield _linked(vestiging.code, swv, KNOWN_FROM_THE_START, KNOWN_FROM_THE_START)


def later_reference_lines(region: Places) -> Iterator[Line]:
    """Yield what changed later: a vestiging, a postcode area, and a link put right late.

    The link of `late koppeling` is put right in March 2025, from the August before.
    """
    own, old = region.swvs["PO1"], region.swvs["PO2"]
    pc4 = next(pc4 for pc4, (po, _) in reversed(region.areas.items()) if po == old)
    area = {"pc4": pc4, "swv_po": own, "swv_vo": region.swvs["VO1"], "vanaf": "2024-01-01"}
    yield _line("PostcodegebiedToegewezen", "2023-11-20", **area)
    for template, known in (("E00", "2024-06-14"), ("I00", "2025-03-20T11:30:00+01:00")):
        code = region.vestigingen[template].code
        ended = {"vestigingscode": code, "swv": old, "tot_en_met": "2024-07-31"}
        yield _line("VestigingUitgetreden", known, **ended)
        yield _linked(code, own, "2024-08-01", known)


def _linked(code: str, swv: str, vanaf: str, known: str) -> Line:
    return _line("VestigingAangesloten", known, vestigingscode=code, swv=swv, vanaf=vanaf)


def _line(kind: str, known: str = KNOWN_FROM_THE_START, **fields: str) -> Line:
    return {"type": kind, "bekend_op": known, "bron": "duo", **fields}


def day_of(text: str) -> date:
    """Return the day of a `bekend_op` text."""
    return date.fromisoformat(text[:10])
