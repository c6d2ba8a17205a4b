"""The rules of events.md 4 for bad input: what is refused, what is booked with a warning.

Here stand the rules that the form of a field does not express; those that depend on what
is known of the pupil alone are those of the fold (`ledger.fold.Senseless`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, Final, get_args, get_type_hints

from ledger import events as ev
from ledger.codes import SECTOR_OF_SCHOOLSOORT, sector_of_swv
from ledger.dossier import Dossier
from ledger.problems import Problem
from ledger.times import EARLIEST, LATEST, TimeFormatError, parse_known_until

END_OF_SCHOOL_YEAR: Final = (7, 31)


def refusals(fact: ev.Fact) -> list[Problem]:
    """Return what is wrong with a fact by itself."""
    kind, problems = type(fact), list[Problem]()
    for name in _DATES[kind]:
        day = getattr(fact, name)
        if type(day) is date and not EARLIEST <= day <= LATEST:
            problems.append(Problem(name, _OUT_OF_BOUNDS, _NO_END))
    if kind in _REFUSALS:
        problems += _REFUSALS[kind](fact)
    return problems


def _registration(fact: ev.InschrijvingGeregistreerd) -> Iterable[Problem]:
    wrong = _end_before_begin("einddatum", fact.begindatum, fact.einddatum)
    for nummer in fact.tlv:
        wrong += _tlv_sector("tlv", nummer, fact.schoolsoort)
    return wrong


def _correction(fact: ev.InschrijvingGecorrigeerd) -> Iterator[Problem]:
    for periode in fact.perioden or ():
        if not EARLIEST <= periode.vanaf <= LATEST:
            yield Problem("perioden", _OUT_OF_BOUNDS, _NO_END)


def _issue(fact: ev.TlvAfgegeven) -> Iterable[Problem]:
    ends = _end_before_begin("einddatum", fact.begindatum, fact.einddatum)
    return (*ends, *_categorie_sector(fact.nummer, fact.categorie))


def _tlv_change(fact: ev.TlvGewijzigd) -> Iterator[Problem]:
    if isinstance(fact.categorie, str):
        yield from _categorie_sector(fact.nummer, fact.categorie)


def _exemption(fact: ev.VrijstellingVerleend) -> Iterator[Problem]:
    yield from _end_before_begin("tot_en_met", fact.vanaf, fact.tot_en_met)


def _link(fact: ev.VestigingAangesloten) -> Iterator[Problem]:
    yield from _end_before_begin("tot_en_met", fact.vanaf, fact.tot_en_met)


def _fixed(fact: ev.TellingVastgesteld) -> Iterator[Problem]:
    yield from _moment("op", fact.op)


def refusals_known(dossier: Dossier, fact: ev.Fact) -> Iterator[Problem]:
    """Yield what is wrong with a fact given what is known where it lands."""
    if isinstance(fact, ev.TlvGekoppeld):
        known = dossier.inschrijvingen.get((fact.instellingscode, fact.volgnummer))
        if known is not None:
            yield from _tlv_sector("nummer", fact.nummer, known.perioden[0].schoolsoort)


def warnings(fact: ev.Fact) -> Iterator[Problem]:
    """Yield what is odd about a fact by itself, and is booked all the same."""
    match fact:
        case ev.TlvAfgegeven(begindatum=date(), einddatum=date(year=year)):
            if (fact.einddatum.month, fact.einddatum.day) != END_OF_SCHOOL_YEAR:
                yield _not_31_july()
            first = fact.begindatum
            august = first.year if (first.month, first.day) <= (8, 1) else first.year + 1
            if year < august + 1:
                yield Problem(
                    "einddatum",
                    "de tlv is korter dan een heel schooljaar",
                    "controleer begin en einde bij het samenwerkingsverband",
                )
        case ev.TlvGewijzigd(einddatum=date() as einddatum):
            if (einddatum.month, einddatum.day) != END_OF_SCHOOL_YEAR:
                yield _not_31_july()


def warnings_known(dossier: Dossier, fact: ev.Fact) -> Iterator[Problem]:
    """Yield what is odd about a fact given what is known where it lands."""
    linked: tuple[str, ...] = ()
    if isinstance(fact, ev.InschrijvingGeregistreerd):
        linked = fact.tlv
    elif isinstance(fact, ev.TlvGekoppeld):
        linked = (fact.nummer,)
    for nummer in linked:
        if nummer not in dossier.tlvs:
            yield Problem(
                "nummer" if isinstance(fact, ev.TlvGekoppeld) else "tlv",
                f"tlv {nummer} is bij deze leerling nog niet bekend",
                "de koppeling werkt zodra de TlvAfgegeven is ingelezen",
            )


def _end_before_begin(veld: str, begin: date, end: date | None) -> tuple[Problem, ...]:
    if end is None or begin <= end:
        return ()
    return (Problem(veld, "het einde ligt voor het begin", "controleer beide data"),)


def _tlv_sector(veld: str, nummer: str, schoolsoort: str) -> tuple[Problem, ...]:
    sector = SECTOR_OF_SCHOOLSOORT[schoolsoort]
    if sector_of_swv(nummer) == sector:
        return ()
    return (
        Problem(
            veld,
            f"tlv {nummer} is van de verkeerde sector voor {schoolsoort}",
            f"{schoolsoort} vraagt een tlv van een samenwerkingsverband {sector}",
        ),
    )


def _categorie_sector(nummer: str, categorie: str) -> Iterator[Problem]:
    if categorie == "SBO" and sector_of_swv(nummer) == "VO":
        yield Problem(
            "categorie",
            "een samenwerkingsverband VO geeft geen tlv voor sbo af: verkeerde sector",
            "controleer nummer en categorie",
        )


def _one_residence(fact: ev.WoonplaatsVastgelegd) -> Iterable[Problem]:
    if not fact.buitenland and not fact.swv and fact.pc4 is not None:  # as nearly always
        return ()
    return _residence(fact)


def _residence(fact: ev.WoonplaatsVastgelegd) -> Iterator[Problem]:
    kinds = [fact.pc4 is not None, fact.buitenland, bool(fact.swv)]
    if sum(kinds) != 1:
        yield Problem(
            "pc4",
            "een woonplaats heeft precies een van pc4, buitenland en swv",
            "geef er een",
        )
    if len({sector_of_swv(swv) for swv in fact.swv}) != len(fact.swv):
        yield Problem("swv", "een samenwerkingsverband per sector", "geef er een per sector")


def _area_sectors(fact: ev.PostcodegebiedToegewezen) -> Iterator[Problem]:
    for veld, swv, sector in (("swv_po", fact.swv_po, "PO"), ("swv_vo", fact.swv_vo, "VO")):
        if swv is not None and sector_of_swv(swv) != sector:
            yield Problem(veld, f"dit is geen samenwerkingsverband {sector}", "wissel de velden")


def _moment(veld: str, text: str) -> Iterator[Problem]:
    try:
        parse_known_until(text)
    except TimeFormatError as error:
        yield Problem(veld, str(error), "geef een datum (einde van die dag) of een moment")


def _not_31_july() -> Problem:
    return Problem(
        "einddatum",
        "een tlv eindigt op 31 juli",
        "controleer de einddatum bij het samenwerkingsverband",
    )


_OUT_OF_BOUNDS: Final = f"een datum ligt buiten {EARLIEST.year} tot en met {LATEST.year}"
_NO_END: Final = "controleer de datum; laat het veld weg als er geen is"

_REFUSALS: Final[dict[type[ev.Fact], Callable[[Any], Iterable[Problem]]]] = {
    ev.InschrijvingGeregistreerd: _registration,
    ev.InschrijvingGecorrigeerd: _correction,
    ev.TlvAfgegeven: _issue,
    ev.TlvGewijzigd: _tlv_change,
    ev.WoonplaatsVastgelegd: _one_residence,
    ev.VrijstellingVerleend: _exemption,
    ev.VestigingAangesloten: _link,
    ev.PostcodegebiedToegewezen: _area_sectors,
    ev.TellingVastgesteld: _fixed,
}
_DATES: Final = {
    kind: tuple(
        name for name, hint in get_type_hints(kind).items() if date in (hint, *get_args(hint))
    )
    for kind in (*ev.PUPIL_FACTS.values(), *ev.REFERENCE_FACTS.values())
}
WARNED: Final[frozenset[type[ev.Fact]]] = frozenset((ev.TlvAfgegeven, ev.TlvGewijzigd))
"""The facts that `warnings` has something to say about."""
LINKING: Final[frozenset[type[ev.Fact]]] = frozenset(
    (ev.TlvGekoppeld, ev.InschrijvingGeregistreerd)
)
"""The facts that `refusals_known` and `warnings_known` have something to say about."""
