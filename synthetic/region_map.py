"""The made-up map of one region, the same under other codes for every number."""

from __future__ import annotations

from typing import Final

from synthetic.places import Places, Vestiging

AREAS: Final = 60
SWV_NAMES: Final = {
    "PO1": "Passend Onderwijs Waterrijk",
    "PO2": "Passend Onderwijs Heideland",
    "PO3": "Passend Onderwijs Duinzicht",
    "VO1": "Passend VO Waterrijk-Heideland",
    "VO2": "Passend VO Duinzicht",
}

TEMPLATE: Final = (
    Vestiging("A00", "Basisschool De Rietkraag", ("BO",), "PO1"),
    Vestiging("A01", "Basisschool De Rietkraag, locatie Sluis", ("BO",), "PO1"),
    Vestiging("B00", "Basisschool Het Kompas", ("BO",), "PO1"),
    Vestiging("C00", "Basisschool De Klimop", ("BO",), "PO1"),
    Vestiging("D00", "Basisschool De Heidevlinder", ("BO",), "PO2"),
    Vestiging("E00", "Basisschool De Brink", ("BO",), "PO2", kenmerk="overstap", later="PO1"),
    Vestiging("F00", "Basisschool De Zandloper", ("BO",), "PO3"),
    Vestiging("G00", "Basisschool Duinroos", ("BO",), "PO3"),
    Vestiging("H00", "SBO De Werf", ("SBO",), "PO1"),
    Vestiging("H01", "SBO De Werf, locatie Haven", ("SBO",), "PO1"),
    Vestiging("I00", "SBO De Grenssteen", ("SBO",), "PO2", kenmerk="late koppeling", later="PO1"),
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


def places(number: int) -> Places:
    """Return region `number` (0, 1, ...): the same map under other codes."""
    swvs = {place: f"{place[:2]}{_swv_number(number, place)}" for place in SWV_NAMES}
    vestigingen = {each.code: _renamed(each, number, swvs) for each in TEMPLATE}
    first = 9901 - AREAS * number
    areas = {str(first + place): _area(place, swvs) for place in range(AREAS - 1)}
    prefix = "" if number == 0 else f"Regio {number + 1} "
    last_of_po2 = str(first + 41)
    return Places(
        vestigingen,
        {swvs[place]: prefix + naam for place, naam in SWV_NAMES.items()},
        areas,
        without_area=str(first + AREAS - 1),
        beside=_beside(list(swvs.values())),
        fallback=(swvs["PO3"], swvs["VO2"]),
        later_areas={last_of_po2: (swvs["PO1"], swvs["VO1"])},
    )


def _renamed(each: Vestiging, number: int, swvs: dict[str, str]) -> Vestiging:
    return each._replace(
        code=_vestigingscode(number, each.code),
        po=swvs.get(each.po, ""),
        vo=swvs.get(each.vo, ""),
        later=swvs.get(each.later, ""),
    )


def _beside(swvs: list[str]) -> dict[str, tuple[str, ...]]:
    """Return for every samenwerkingsverband the others of its sector."""
    return {
        swv: tuple(other for other in swvs if other[:2] == swv[:2] and other != swv) for swv in swvs
    }


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
