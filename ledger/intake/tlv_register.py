"""Read the tlv register of a samenwerkingsverband: any table with a row per tlv (A-33).

What it tells: number, category, first and last day of each tlv, whether it was withdrawn
where it has a column for that, and whose it is where it has the BSN or the birth date. A
renewal or another category is another number. When the samenwerkingsverband decided, which
school a pupil came from, and PC4's without a day from which they hold are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from msgspec import UNSET, UnsetType

from ledger import checks
from ledger import events as ev
from ledger.codes import SECTOR_OF_SCHOOLSOORT, sector_of_swv
from ledger.intake.columns import normalised
from ledger.intake.duo_names import named
from ledger.intake.readers import About, Afkeuring, Melding, ReadOptions
from ledger.intake.rows import Read, headers_of, read_rows
from ledger.intake.sheet_types import Sheet
from ledger.intake.tlv_columns import chosen_headers, kolommen_of, with_own_headers
from ledger.problems import Problem
from ledger.states import LeerlingStand, TlvStand

SOURCE: Final = "tlv-register"
BRON: Final = "swv"
COMPLETE: Final = False

_OF_ENROLMENTS: Final = frozenset(
    map(normalised, ("INSCHRIJVINGSVOLGNUMMER", "VOLGNUMMER", "INSTELLINGSCODE"))
)
"""Headers of files with a row per enrolment, such as Dashboard 1B."""


def identify(sheet: Sheet) -> bool:
    """Tell whether a table has tlv numbers with categories or days, and no enrolments."""
    if sheet.soort == "jsonl" or _OF_ENROLMENTS & headers_of(sheet):
        return False
    chosen = chosen_headers(sheet.kop)
    return "nummer" in chosen and not chosen.keys().isdisjoint(
        {"categorie", "begindatum", "einddatum"}
    )


def about(melding: Melding, sheet: Sheet) -> About:  # noqa: ARG001 - the protocol
    """Return the samenwerkingsverband in the name of the file, if any: no column names it.

    The numbers do not tell: a register can hold tlv's that another one issued.
    """
    return About(swv=named(sheet.naam).swv)


def read(sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:
    """Yield what the rows tell, a number once, and the rows that cannot be read.

    Rows that say the same of one tlv are one Melding, of the place of the first; the later one
    of two that contradict each other is refused. Raises UnreadableFileError for a table
    without a column of numbers, or without one that the mapping names.
    """
    outcomes: list[Melding | Afkeuring] = []
    places: dict[str, int] = {}
    own = with_own_headers(sheet, options)
    headers = headers_of(own)
    for row in read_rows(own, kolommen_of(options)):
        outcome = row if isinstance(row, Afkeuring) else _told(row, headers)
        number = str(row.velden["nummer"]) if isinstance(row, Read) else ""
        first = outcomes[places[number]] if number in places else None
        if isinstance(outcome, Afkeuring):
            outcomes.append(outcome)
        elif not isinstance(first, Melding):
            places[number] = len(outcomes)
            outcomes.append(outcome)
        elif (first.pgn, first.standen) == (outcome.pgn, outcome.standen):
            outcomes[places[number]] = _merged(first, outcome)
        else:
            outcomes.append(_contradicting(outcome, first))
    yield from outcomes


def _told(row: Read, headers: frozenset[str]) -> Melding | Afkeuring:
    """Return what a row tells, or all that contradicts itself in it."""
    values: dict[str, Any] = row.velden
    problems = [
        *_soort_problems(values["nummer"], values["soort"], values["categorie"]),
        *_status_problems(values["status"], values["ingetrokken_per"]),
    ]
    stand = TlvStand(
        nummer=values["nummer"],
        categorie=_or_unset("SBO" if values["soort"] == "SBO" else values["categorie"]),
        begindatum=_or_unset(values["begindatum"]),
        einddatum=_or_unset(values["einddatum"]),
        ingetrokken_per=_withdrawn(values["status"], values["ingetrokken_per"], headers),
    )
    problems += _refusals(stand)
    if problems:
        return Afkeuring((row.rij,), tuple(problems))
    born = values["geboortedatum"]
    pupil: tuple[LeerlingStand, ...] = () if born is None else (LeerlingStand(geboortedatum=born),)
    return Melding((row.rij,), values["pgn"], (*pupil, stand), warnings=row.warnings)


def _or_unset(value: Any) -> Any:  # noqa: ANN401 - a value of a cell
    return UNSET if value is None else value


def _withdrawn(
    status: str | None, per: date | None, headers: frozenset[str]
) -> date | UnsetType | None:
    """Return the day of a withdrawal, None when there was none, UNSET when no one says.

    A day in the column for withdrawals counts without a status, and with `vervangen`: the
    register says that the tlv ended then.
    """
    if per is not None:
        return per
    told = status is not None or normalised("ingetrokken_per") in headers
    return None if told else UNSET


def _soort_problems(nummer: str, soort: str | None, categorie: str | None) -> Iterator[Problem]:
    if soort is None:
        return
    if categorie is not None and (soort == "SBO") != (categorie == "SBO"):
        yield Problem(
            "categorie",
            f"de soort is {soort} en de categorie {categorie}: dat spreekt elkaar tegen",
            "sbo heeft geen categorie (Nvt), so en vso hebben laag, midden of hoog",
        )
    sector = SECTOR_OF_SCHOOLSOORT[soort]
    if sector_of_swv(nummer) != sector:
        yield Problem(
            "nummer",
            f"een tlv voor {soort} is van een samenwerkingsverband {sector}: verkeerde sector",
            "controleer nummer en soort",
        )


def _status_problems(status: str | None, per: date | None) -> Iterator[Problem]:
    if status == "ingetrokken" and per is None:
        yield Problem(
            "ingetrokken_per",
            "de status is ingetrokken en er is geen dag van intrekking",
            "vul de eerste dag in waarop de tlv niet meer geldt",
        )
    if status == "afgegeven" and per is not None:
        yield Problem(
            "status",
            "de status is afgegeven en er is een dag van intrekking",
            "verbeter de status, of maak de dag van intrekking leeg",
        )


def _refusals(stand: TlvStand) -> list[Problem]:
    """Return what the ledger refuses of a tlv by itself (events.md 4)."""
    categorie, begin, end = stand.categorie, stand.begindatum, stand.einddatum
    if categorie is UNSET or begin is UNSET or end is UNSET:
        return []
    return checks.refusals(
        ev.TlvAfgegeven(nummer=stand.nummer, categorie=categorie, begindatum=begin, einddatum=end)
    )


def _merged(one: Melding, two: Melding) -> Melding:
    warnings = tuple(dict.fromkeys((*one.warnings, *two.warnings)))
    return one._replace(rijen=(*one.rijen, *two.rijen), warnings=warnings)


def _contradicting(later: Melding, first: Melding) -> Afkeuring:
    line = first.rijen[0].regelnummer
    problem = Problem(
        "nummer",
        f"dubbele sleutel: regel {line} zegt iets anders van dezelfde tlv",
        "houd de regel over die klopt",
    )
    return Afkeuring(later.rijen, (problem,))
