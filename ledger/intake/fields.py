"""Every field of the catalogue: its rule in Dutch, and zeros that a spreadsheet lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_type_hints

import msgspec

from ledger import events as ev
from ledger.codes import PGN_DIGITS, check_pgn
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
_DIGEST: Final = (
    "een afdruk van 64 hexadecimale tekens: een sleutel kan een PGN bevatten",
    "accepteer een verschil met 'kijkglas reconcile --accept'",
)
_TEXT: Final = ("tekst", "zet de waarde tussen aanhalingstekens")

BOOLEANS: Final = (
    "bekostigbaar",
    "buitenland",
    "deelnemend",
    "gesloten_inrichting",
    "residentieel",
    "telt",
    "verwijderd",
)
DATES: Final = (
    "geboortedatum",
    "vanaf",
    "begindatum",
    "einddatum",
    "oorspronkelijke_begindatum",
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
    "woonplaats": (
        "een object met vanaf en pc4, buitenland of swv, of een lijst daarvan",
        'schrijf bijvoorbeeld {"vanaf": "2023-08-01", "pc4": "7901"}',
    ),
    "regels": ("een getal", "geef een heel getal"),
    "tabel": ("een van met_tlv, totaal, vestigingen", "kies een tabel van dashboard 1A"),
    "aantallen": (
        "per kolom een getal vanaf 0 of de tekst '<5'",
        'schrijf bijvoorbeeld {"totaal": 12}',
    ),
    **dict.fromkeys(("sleutel", "waarde"), _DIGEST),
    **dict.fromkeys(BOOLEANS, _YES_NO),
    **dict.fromkeys(DATES, _DATE),
}

IDENTIFYING: Final = frozenset({"pgn", "nieuw_pgn", "geboortedatum", "pc4", "woonplaats"})
"""Fields whose values no message shows."""

_LOST_ZERO: Final[Mapping[str, re.Pattern[str]]] = {
    "instellingscode": re.compile(r"\d[A-Z]{2}"),
    "vestigingscode": re.compile(r"\d[A-Z]{2}\d{2}"),
    "nummer": re.compile(r"(?:PO|VO)\d{4}-\d{4}-\d{1,4}"),
}
_LOST_ZERO_PGN: Final = re.compile(r"\d{7,8}", re.ASCII)
_PGN_ZERO: Final = Problem("pgn", "voorloopnul teruggezet", "bewaar het nummer voortaan als tekst")
_NO_PGN: Final = Problem(
    "pgn",
    "geen BSN of onderwijsnummer: negen cijfers die de elfproef doorstaan",
    "controleer het nummer bij de bron",
)
_ONLY_MODERN: Final = Problem(
    "pgn",
    "onderwijsnummer voldoet aan de huidige regel en niet aan de oudere",
    "controleer het nummer bij de school",
)


def field_problems(
    fact_class: type[msgspec.Struct], fields: Mapping[str, Any]
) -> Iterator[Problem]:
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
    fact_class: type[msgspec.Struct], fields: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the fields with zeros put back that were plainly lost, and what was done."""
    mended, done = dict(fields), list[Problem]()
    for name in ev.feed_fields(fact_class):
        value = fields.get(name)
        if name == "tlv" and isinstance(value, list):
            mended[name] = [with_zeros("nummer", one) for one in value]
        elif name in _LOST_ZERO:
            mended[name] = with_zeros(name, value)
        if name in fields and mended[name] != value:
            done.append(zeros_put_back(name, value, mended[name]))
    return {name: value for name, value in mended.items() if name in fields}, done


def zeros_put_back(name: str, value: object, mended: object) -> Problem:
    """Return the warning that says which code was read as which."""
    return Problem(
        name,
        f"voorloopnul teruggezet: {shown(value)} is gelezen als {shown(mended)}",
        "bewaar codes voortaan als tekst",
    )


def with_zeros(name: str, value: object) -> object:
    """Return a code with the zeros that were plainly lost, and anything else as it was.

    `name` is instellingscode, vestigingscode or nummer (a beschikkingsnummer).
    """
    if not isinstance(value, str) or not _LOST_ZERO[name].fullmatch(value):
        return value
    if name == "nummer":
        head, serial = value.rsplit("-", 1)
        return f"{head}-{serial.zfill(5)}"
    return "0" + value


def checked_pgn(veld: str, text: str) -> tuple[str | None, tuple[Problem, ...]]:
    """Return a PGN and what is odd about it, or None and why it is none (events.md 4).

    Zeros that it lost are put back when that makes it valid.
    """
    pgn, odd = text, list[Problem]()
    if _LOST_ZERO_PGN.fullmatch(text):
        pgn = text.zfill(PGN_DIGITS)
        odd.append(_PGN_ZERO._replace(veld=veld))
    check = check_pgn(pgn)
    if not check.valid:
        return None, (_NO_PGN._replace(veld=veld),)
    if check.only_modern:
        odd.append(_ONLY_MODERN._replace(veld=veld))
    return pgn, tuple(odd)


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401 - a type hint
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError:
        return False
    return True


def _wrong(name: str, value: object) -> Problem:
    rule, remedy = FIELD_RULES.get(name, _TEXT)
    what = "de waarde" if name in IDENTIFYING else shown(value)
    return Problem(name, f"{what} is niet: {rule}", remedy)
