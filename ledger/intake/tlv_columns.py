"""The columns of a tlv register: by which headers they go, and what their words mean. Pure.

No export of a program of a samenwerkingsverband was found in public (outputs-and-rules.md
12.1): all headers but those of A-33, and all words but H, M, L, Nvt and the three of the
status, are what people are likely to write (assumption). What a register calls otherwise the
user says once, in a mapping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from ledger.codes import ATTRIBUTED
from ledger.intake import cells
from ledger.intake.columns import CellError, Kolom, normalised
from ledger.intake.fields import FIELD_RULES
from ledger.intake.readers import ReadOptions
from ledger.intake.sheet_types import Sheet, unreadable
from ledger.problems import Problem, shown

STATUSSEN: Final = ("afgegeven", "ingetrokken", "vervangen")
"""What a tlv can be in a register (A-33); a replaced one was valid for as long as it says."""

NIET_GELEZEN: Final = ("datum_besluit", "school_van_herkomst", "beoogde_school", "pc4")
"""Columns of A-33 that no fact of the ledger holds; a mapping may name them all the same."""

_CATEGORIE_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("sbo", "nvt"), "SBO"),
    **dict.fromkeys(("l", "laag", "1"), "LAAG"),
    **dict.fromkeys(("m", "midden", "midde", "2"), "MIDDEN"),
    **dict.fromkeys(("h", "hoog", "3"), "HOOG"),
}
"""Categorie 1, 2 and 3 are Laag, Midden and Hoog (A-02); Nvt is OSO's word for sbo."""

_CATEGORIE_FILLERS: Final = frozenset({"categorie", "cat", "so", "vso", "tlv"})
_SOORT_WORDS: Final[Mapping[str, str]] = {
    "SPECIAALBASISONDERWIJS": "SBO",
    "SPECIAALONDERWIJS": "SO",
    "VOORTGEZETSPECIAALONDERWIJS": "VSO",
}
_WORD: Final = re.compile(r"[a-z]+|\d+")


def categorie_of(text: str) -> str:
    """Return the category of a tlv: `M`, `midden`, `categorie 2`, `Midden (categorie 2)`, `Nvt`."""
    words = {"nvt"} if normalised(text) in {"NVT", "NIETVANTOEPASSING"} else _words(text)
    meant = {_CATEGORIE_WORDS.get(word) for word in words - _CATEGORIE_FILLERS}
    meaning = meant.pop() if len(meant) == 1 else None
    if meaning is None:
        _, remedy = FIELD_RULES["categorie"]
        raise CellError("is geen categorie van een tlv", f"{remedy}: SBO, LAAG, MIDDEN of HOOG")
    return meaning


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def soort_of(text: str) -> str:
    """Return for which schoolsoort a tlv is: SBO, SO or VSO."""
    word = normalised(text)
    soort = _SOORT_WORDS.get(word, word)
    if soort not in ATTRIBUTED:
        raise CellError("is geen soort onderwijs waarvoor een tlv is", "kies SBO, SO of VSO")
    return soort


def status_of(text: str) -> str:
    """Return what a tlv is in the register: afgegeven, ingetrokken or vervangen."""
    status = text.strip().lower()
    if status not in STATUSSEN:
        raise CellError("is geen status van een tlv", f"kies {', '.join(STATUSSEN)}")
    return status


class Veld(NamedTuple):
    """A field of the register: how a cell is read, its headers, and the words it can hold.

    `algemeen` are headers that only count when none of `aliassen` is there.
    """

    naam: str
    lees: Callable[[str], object]
    aliassen: tuple[str, ...] = ()
    algemeen: tuple[str, ...] = ()
    betekenissen: tuple[str, ...] = ()
    nodig: bool = False


VELDEN: Final = (
    Veld(
        "nummer",
        cells.tlv_number_of,
        ("tlv_nummer", "TLV nr", "beschikkingsnummer", "tlv beschikkingsnummer"),
        algemeen=("nummer",),
        nodig=True,
    ),
    Veld(
        "pgn",
        cells.pgn_of,
        ("bsn_own", "bsn", "own", "burgerservicenummer", "onderwijsnummer", "bsn/onderwijsnummer"),
    ),
    Veld("geboortedatum", cells.date_of, ("geboortedatum leerling", "geb. datum")),
    Veld(
        "soort",
        soort_of,
        ("schoolsoort", "soort tlv", "tlv soort", "soort onderwijs"),
        betekenissen=("SBO", "SO", "VSO"),
    ),
    Veld(
        "categorie",
        categorie_of,
        ("tlv categorie", "categorie tlv", "ondersteuningscategorie", "bekostigingscategorie"),
        betekenissen=("SBO", "LAAG", "MIDDEN", "HOOG"),
    ),
    Veld(
        "begindatum",
        cells.date_of,
        (
            "begin", "ingangsdatum", "geldig vanaf", "geldig van", "startdatum",
            "begin_datum_tlv", "begindatum tlv", "ingangsdatum tlv",
        ),
    ),
    Veld(
        "einddatum",
        cells.date_of,
        (
            "eind", "einde", "geldig tot en met", "geldig t/m",
            "eind_datum_tlv", "einddatum tlv",
        ),
    ),
    Veld("status", status_of, ("tlv status", "status tlv"), betekenissen=STATUSSEN),
    Veld(
        "ingetrokken_per",
        cells.date_of,
        ("datum intrekking", "intrekkingsdatum", "datum_ingetrokken"),
    ),
)  # fmt: skip
BY_NAME: Final[Mapping[str, Veld]] = {veld.naam: veld for veld in VELDEN}


def kolommen_of(options: ReadOptions) -> tuple[Kolom, ...]:
    """Return the columns to read, with the words of the user's mapping before our own."""
    words = options.waarden or {}
    return tuple(
        Kolom(
            veld.naam,
            _in_own_words(veld.lees, words.get(veld.naam, {})),
            nodig=veld.nodig,
            leeg=not veld.nodig,
        )
        for veld in VELDEN
    )


def _in_own_words(
    lees: Callable[[str], object], words: Mapping[str, str]
) -> Callable[[str], object]:
    own = {word.strip().casefold(): meaning for word, meaning in words.items()}
    return lambda text: lees(own.get(text.strip().casefold(), text))


def chosen_headers(kop: tuple[str, ...]) -> dict[str, list[str]]:
    """Return for each field the headers that go for it, by alias; more than one is a doubt."""
    chosen = {
        veld.naam: _alike(kop, (veld.naam, *veld.aliassen), veld.algemeen)
        or _alike(kop, veld.algemeen)
        for veld in VELDEN
    }
    return {veld: headers for veld, headers in chosen.items() if headers}


def _alike(
    kop: tuple[str, ...], names: tuple[str, ...], without: tuple[str, ...] = ()
) -> list[str]:
    known = {normalised(name) for name in names if name not in without}
    return [header for header in kop if normalised(header) in known]


def with_own_headers(sheet: Sheet, options: ReadOptions) -> Sheet:
    """Return the table with the name of each field as its header, and nothing for the rest.

    Columns that the mapping names go before aliases. Raises UnreadableFileError when it names
    a column that the table lacks, or that is there twice.
    """
    mapping = options.mapping or {}
    fields: dict[int, str] = {}
    faults: list[Problem] = []
    for veld, header in mapping.items():
        places = _places(sheet.kop, header)
        if len(places) != 1:
            where = "meer dan eens" if places else "niet"
            rule = f"de kolom {shown(header)} uit de mapping staat {where} in de kop"
            faults.append(Problem(veld, rule, "verbeter de mapping of de kop"))
        fields.update(dict.fromkeys(places[:1], veld))
    if faults:
        raise unreadable(sheet.naam, *faults)
    for veld, headers in chosen_headers(sheet.kop).items():
        if veld not in mapping:
            taken = {place for header in headers for place in _places(sheet.kop, header)}
            fields.update(dict.fromkeys(taken - fields.keys(), veld))
    return sheet._replace(kop=tuple(fields.get(place, "") for place in range(len(sheet.kop))))


def _places(kop: tuple[str, ...], header: str) -> list[int]:
    """Return where a header stands: as written, else whatever its case and marks."""
    exact = [place for place, name in enumerate(kop) if name.strip() == header.strip()]
    name = normalised(header)
    alike = [place for place, one in enumerate(kop) if name and normalised(one) == name]
    return exact or alike
