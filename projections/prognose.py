"""What the next teldata will bring, by what is known today (rules.md 7, bekostiging).

The rectangles already reach beyond today, so the count of a coming teldatum is the ordinary
question P(S, T', K). Beside it a second count, in which tlv's that end by then are renewed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, sector_of_swv
from ledger.teldata import FIRST_FEBRUARY_TELDATUM, teldata
from ledger.times import ONE_DAY
from projections.bekostiging_telling import CATEGORIEEN, GRONDEN, Cel, Vraag, cells
from projections.report import Fields
from projections.store import ask, ask_pupils
from projections.tarieven import Tarief, Tarieven, cents
from projections.tlv_kosten import SOORT_OF_SCHOOLSOORT, Kosten

YEARS: Final = 3
FIRST_YEAR: Final = FIRST_FEBRUARY_TELDATUM.year + 1
"""The first year with one amount per category."""

ASSUMPTIONS: Final = (
    "Prognose: een inschrijving zonder einddatum loopt door, een met einddatum stopt daar.",
    "Prognose: er komen geen leerlingen bij die nu niet bekend zijn, en leeftijd speelt geen rol.",
    "Prognose: bij AANTAL lopen tlv's af zoals nu bekend; bij AANTAL_VERLENGD lopen ze door.",
    "Prognose: waar het tarief van een jaar ontbreekt, geldt dat van TARIEF_JAAR.",
)
"""What the forecast takes for granted (assumption: no source says how to look ahead)."""

_Place = tuple[str, str, str]
_Tlv = tuple[str, str]


class _Old(NamedTuple):
    """The tlv that an enrolment used last before a day, and what it counted as by it."""

    van: date
    nummer: str
    cel: Cel


def prognose(vraag: Vraag, tarieven: Tarieven, jaar: int) -> Kosten:
    """Return a row per coming teldatum and cell: the count as it stands, and when renewed.

    `jaar` is the year whose amounts hold where a coming year has none. Ordered by teldatum,
    schoolsoort, categorie, basis.
    """
    first = vraag.as_of.teldatum
    coming = teldata(first + ONE_DAY, date(first.year + YEARS + 1, 12, 31))[:YEARS]
    rows = [row for day in coming for row in _rows(vraag, tarieven, jaar, day)]
    return Kosten(rows, ASSUMPTIONS)


def _rows(vraag: Vraag, tarieven: Tarieven, jaar: int, day: date) -> Iterator[Fields]:
    counted = cells(vraag, day)
    renewed = _renewed(vraag, day, counted)
    for cel in sorted(counted.keys() | renewed.keys(), key=_order):
        tarief = _tarief(vraag, tarieven, cel, (day.year + 1, max(jaar, FIRST_YEAR)))
        yield {
            "teldatum": day,
            "jaar": day.year + 1,
            "schoolsoort": cel.schoolsoort,
            "categorie": cel.categorie,
            "basis": cel.basis,
            "aantal": counted[cel],
            "aantal_verlengd": renewed[cel],
            "tarief": None if tarief is None else tarief.bedrag,
            "tarief_jaar": None if tarief is None else tarief.jaar,
            "bedrag": None if tarief is None else cents(counted[cel] * tarief.bedrag),
            "bedrag_verlengd": None if tarief is None else cents(renewed[cel] * tarief.bedrag),
        }


def _tarief(vraag: Vraag, tarieven: Tarieven, cel: Cel, years: tuple[int, int]) -> Tarief | None:
    """Return the amount of the first of some years that has one.

    Years before 2023 have none: an amount depended on the age of each pupil.
    """
    soort, known = SOORT_OF_SCHOOLSOORT[cel.schoolsoort], vraag.as_of.bekend_op
    if years[0] < FIRST_YEAR:
        return None
    found = (tarieven.find(jaar, soort, cel.categorie, known) for jaar in years)
    return next((tarief for tarief in found if tarief is not None), None)


def _order(cel: Cel) -> tuple[str, int, int]:
    return cel.schoolsoort, CATEGORIEEN.index(cel.categorie), GRONDEN.index(cel.basis)


def _renewed(vraag: Vraag, day: date, counted: Counter[Cel]) -> Counter[Cel]:
    """Return the same pupils, counted by the tlv that they had and that ended before the day.

    Only rows that the samenwerkingsverband still answers for on the day are renewed.
    """
    selection = _selection(vraag)
    rows = list(ask.standen(vraag.model, vraag.on(day), selection))
    olds = _olds(vraag, day)
    ended = _ended(vraag, day, {(place[0], old.nummer) for place, old in olds.items()})
    found = Counter(counted)
    for row in rows:
        old = olds.get((row.leerling, row.instellingscode, row.volgnummer))
        if old is None or (row.leerling, old.nummer) not in ended:
            continue
        found[_cel(row)] -= 1
        found[old.cel._replace(schoolsoort=row.schoolsoort)] += 1
    return +found


def _olds(vraag: Vraag, day: date) -> dict[_Place, _Old]:
    """Return per enrolment the tlv that counted last between the teldatum and a later day."""
    found: dict[_Place, _Old] = {}
    days = (vraag.as_of.teldatum, day)
    selection = _selection(vraag)._replace(basis="TLV")
    for row in ask.standen_between(vraag.model, days, vraag.as_of, selection):
        place = (row.leerling, row.instellingscode, row.volgnummer)
        assert row.beschikkingsnummer is not None, row
        old = _Old(row.geldig_van, row.beschikkingsnummer, _cel(row))
        if place not in found or found[place].van < old.van:
            found[place] = old
    return found


def _ended(vraag: Vraag, day: date, wanted: set[_Tlv]) -> set[_Tlv]:
    """Return which tlv's end before a day."""
    pupils = sorted({leerling for leerling, _ in wanted})
    return {
        (tlv.leerling, tlv.nummer)
        for tlv in ask_pupils.tlvs_of(vraag.model, vraag.as_of, pupils)
        if tlv.laatste_dag < day
    } & wanted


def _selection(vraag: Vraag) -> ask.Selection:
    soorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(vraag.swv)]
    return ask.Selection(swv=vraag.swv, schoolsoorten=soorten, telt=True)


def _cel(row: ask.StandRow) -> Cel:
    assert row.ondersteuningscategorie is not None, row
    assert row.basis is not None, row
    return Cel(row.schoolsoort, row.ondersteuningscategorie, row.basis)
