"""Every field of the catalogue: its rule in Dutch, and zeros that a spreadsheet lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_type_hints

import msgspec

from ledger import events as ev
from ledger.problems import Problem, shown

REJECTED: Final = "afgekeurd"
"""The key under which a rejected line carries its reasons; ignored when read again."""

_DATE: Final = ("een bestaande datum als jjjj-mm-dd", "schrijf bijvoorbeeld 2025-02-01")
_SWV: Final = (
    "een samenwerkingsverband: PO of VO en vier cijfers",
    "schrijf bijvoorbeeld PO2304",
)
_YES_NO: Final = ("true of false", "schrijf true of false, zonder aanhalingstekens")
_TLV: Final = (
    "een beschikkingsnummer: samenwerkingsverband, jaar en vijf cijfers",
    "schrijf bijvoorbeeld PO2304-2021-11111",
)
_TEXT: Final = ("tekst", "zet de waarde tussen aanhalingstekens")

BOOLEANS: Final = (
    "bekostigbaar",
    "buitenland",
    "gesloten_inrichting",
    "residentieel",
    "telt",
)
DATES: Final = (
    "geboortedatum",
    "vanaf",
    "begindatum",
    "einddatum",
    "per",
    "periode",
    "teldatum",
    "tot_en_met",
)

FIELD_RULES: Final[Mapping[str, tuple[str, str]]] = {
    "instellingscode": ("twee cijfers en twee letters", "schrijf bijvoorbeeld 12QN"),
    "vestigingscode": (
        "twee cijfers, twee letters en twee cijfers",
        "schrijf bijvoorbeeld 12QN00",
    ),
    "volgnummer": (
        "tekst van 1 tot 20 letters, cijfers, punten of streepjes",
        "zet het inschrijvingsvolgnummer tussen aanhalingstekens",
    ),
    "schoolsoort": ("een van BO, SBO, SO, VSO, VO", "kies een schoolsoort"),
    "schoolsoorten": ("een lijst van BO, SBO, SO, VSO, VO", "geef een lijst"),
    "soort_verblijf": ("een van geen, IJH, IGZ, IJG, GJI, JJI", "kies een soort verblijf"),
    "soort": ("een van absoluut, relatief", "kies een soort verzuim"),
    "categorie": ("een van SBO, LAAG, MIDDEN, HOOG", "kies een categorie"),
    "ondersteuningscategorie": ("een van SBO, LAAG, MIDDEN, HOOG", "kies een categorie"),
    "cluster": ("1, 2, 3 of 4", "geef een getal van 1 tot en met 4"),
    "leerjaar": ("een getal of tekst", "geef het leerjaar als getal"),
    "vo_kenmerk": ("een van nieuwkomer, vavo, lwoo, pro", "kies een kenmerk"),
    "door": ("school of duo", "kies wie de koppeling maakte"),
    "pc4": ("vier cijfers van een postcode", "schrijf bijvoorbeeld 7901 als tekst"),
    "nummer": _TLV,
    "tlv": ("een lijst van beschikkingsnummers", 'schrijf bijvoorbeeld ["PO2304-2021-11111"]'),
    "swv": _SWV,
    "swv_po": _SWV,
    "swv_vo": _SWV,
    "nieuw_pgn": ("tekst van negen cijfers", "zet het nummer tussen aanhalingstekens"),
    "perioden": (
        "een lijst van perioden met vanaf en vestigingscode",
        "geef elke periode een vanaf en een vestigingscode",
    ),
    "regels": ("een getal", "geef een heel getal"),
    **dict.fromkeys(BOOLEANS, _YES_NO),
    **dict.fromkeys(DATES, _DATE),
}

_IDENTIFYING: Final = frozenset({"pgn", "nieuw_pgn", "geboortedatum", "pc4"})
_LOST_ZERO: Final[Mapping[str, re.Pattern[str]]] = {
    "instellingscode": re.compile(r"\d[A-Z]{2}"),
    "vestigingscode": re.compile(r"\d[A-Z]{2}\d{2}"),
    "nummer": re.compile(r"(?:PO|VO)\d{4}-\d{4}-\d{1,4}"),
}


def field_problems(fact_class: type[ev.Fact], fields: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield every field that is unknown, missing, or not of its form (events.md 4)."""
    names = ev.feed_fields(fact_class)
    for name in fields:
        if name not in names:
            yield Problem(
                str(name), "onbekend veld", f"{fact_class.__name__} kent: {', '.join(names)}"
            )
    hints = get_type_hints(fact_class, include_extras=True)
    for field in msgspec.structs.fields(fact_class):
        if field.name not in names:
            continue
        if field.name in fields:
            if not _fits(fields[field.name], hints[field.name]):
                yield _wrong(field.name, fields[field.name])
        elif field.required or (fact_class is ev.PgnVervangen):
            rule, remedy = FIELD_RULES.get(field.name, _TEXT)
            yield Problem(field.name, f"het veld ontbreekt; het is {rule}", remedy)


def repaired(
    fact_class: type[ev.Fact], fields: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the fields with zeros put back that were plainly lost, and what was done."""
    mended, done = dict(fields), list[Problem]()
    for name in ev.feed_fields(fact_class):
        value = fields.get(name)
        if name == "tlv" and isinstance(value, list):
            mended[name] = [_mend("nummer", one) for one in value]
        elif name in _LOST_ZERO:
            mended[name] = _mend(name, value)
        if name in fields and mended[name] != value:
            done.append(
                Problem(
                    name,
                    f"voorloopnul teruggezet: {shown(value)} is gelezen als {shown(mended[name])}",
                    "bewaar codes voortaan als tekst",
                )
            )
    return {name: value for name, value in mended.items() if name in fields}, done


def _mend(name: str, value: object) -> object:
    if not isinstance(value, str) or not _LOST_ZERO[name].fullmatch(value):
        return value
    if name == "nummer":
        head, serial = value.rsplit("-", 1)
        return f"{head}-{serial.zfill(5)}"
    return "0" + value


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401 - a type hint
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError:
        return False
    return True


def _wrong(name: str, value: object) -> Problem:
    rule, remedy = FIELD_RULES.get(name, _TEXT)
    what = "de waarde" if name in _IDENTIFYING else shown(value)
    return Problem(name, f"{what} is niet: {rule}", remedy)
