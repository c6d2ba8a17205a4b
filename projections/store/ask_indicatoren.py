"""The questions of the indicators to the read model: tlv's issued, stays, shares and flows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.codes import Categorie
from ledger.dossier import Sleutel
from ledger.times import ONE_DAY
from projections.store.ask import AS_OF, KNOWN, AsOf, Selection, narrowing
from projections.store.ask_numbers import numbers
from projections.store.encoding import day_number, day_of
from projections.store.read_model import ReadModel


class Issued(NamedTuple):
    """A tlv of a samenwerkingsverband; never one that was withdrawn before it began."""

    leerling: str
    nummer: str
    categorie: Categorie
    begindatum: date
    laatste_dag: date


class Piece(NamedTuple):
    """A piece of an enrolment, with the days of the whole enrolment; `tot` is not in it."""

    leerling: str
    schoolsoort: str
    sleutel: Sleutel
    begindatum: date
    einddatum: date | None
    van: date
    tot: date
    swv: str | None


class Counting(NamedTuple):
    """Where a pupil counts on a day."""

    schoolsoort: str
    vestigingscode: str
    swv: str | None


_NUMBERS: Final = "nummer >= :swv || '-' AND nummer < :swv || '.' AND begindatum <= laatste_dag"
"""All numbers that begin with the samenwerkingsverband and a hyphen: a range of the index."""


def issued(model: ReadModel, as_of: AsOf, swv: str) -> list[Issued]:
    """Return the tlv's of a samenwerkingsverband, ordered by pupil and number."""
    query = (
        "SELECT leerling, nummer, categorie, begindatum, laatste_dag FROM tlvs "
        f"WHERE {_NUMBERS} AND {KNOWN} ORDER BY leerling, nummer"
    )
    rows = model.execute(query, {"swv": swv, "k": as_of.known})
    return [
        Issued(leerling, nummer, categorie, day_of(begin), day_of(last))
        for leerling, nummer, categorie, begin, last in rows
    ]


def pupils_that_end(
    model: ReadModel, as_of: AsOf, swv: str, days: tuple[date, date], soorten: Sequence[str]
) -> list[str]:
    """Return the pupils with a piece attributed to S of which the last day is in a stretch."""
    query = (
        "SELECT DISTINCT leerling FROM standen WHERE schoolsoort IN ({}) AND swv = :swv "
        f"AND geldig_tot > :first AND geldig_tot <= :beyond AND {KNOWN}"
    )
    bounds = {"first": day_number(days[0]), "beyond": day_number(days[1] + ONE_DAY)}
    values = {"swv": swv, "k": as_of.known, **bounds}
    return sorted({row[0] for row in model.select_in(query, soorten, values)})


def pieces_of(
    model: ReadModel, as_of: AsOf, leerlingen: Iterable[str], soorten: Sequence[str]
) -> Iterator[Piece]:
    """Yield the pieces of the enrolments of pupils in some schoolsoorten, of any day."""
    query = (
        "SELECT leerling, schoolsoort, instellingscode, volgnummer, begindatum, einddatum, "
        "geldig_van, geldig_tot, swv FROM standen WHERE leerling IN ({}) AND " + KNOWN
    )
    for row in model.select_in(query, leerlingen, {"k": as_of.known}):
        leerling, soort, code, volgnummer, begin, eind, van, tot, swv = row
        if soort in soorten:
            last = None if eind is None else day_of(eind)
            days = day_of(begin), last, day_of(van), day_of(tot)
            yield Piece(leerling, soort, (code, volgnummer), *days, swv)


def shares(
    model: ReadModel, as_of: AsOf, vestigingen: Iterable[str], soorten: Sequence[str]
) -> list[tuple[str, int, int]]:
    """Return (vestiging, counting pupils, those who count by a tlv), ordered by vestiging."""
    narrowed, values = narrowing(model, Selection(schoolsoorten=tuple(soorten), telt=True))
    query = numbers(model, ("vestigingscode", "basis"), f" AND vestigingscode IN ({{}}){narrowed}")
    pupils: Counter[str] = Counter()
    by_tlv: Counter[str] = Counter()
    for code, basis, aantal in model.select_in(query, vestigingen, {**as_of.so_far, **values}):
        pupils[code] += aantal
        by_tlv[code] += aantal if basis == "TLV" else 0
    return [(code, pupils[code], by_tlv[code]) for code in sorted(pupils)]


def counting(model: ReadModel, as_of: AsOf, soorten: Sequence[str]) -> dict[str, Counting]:
    """Return where each pupil counts on the teldatum, in some schoolsoorten."""
    query = (
        "SELECT leerling, schoolsoort, vestigingscode, swv FROM standen "
        f"WHERE schoolsoort IN ({{}}) AND telt = 1 AND {AS_OF}"
    )
    rows = model.select_in(query, soorten, {**as_of.bounds})
    return {leerling: Counting(*where) for leerling, *where in rows}
