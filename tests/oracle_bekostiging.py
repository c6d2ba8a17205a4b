"""The budget at (T, K) from 2023 on, added up pupil by pupil from the state (law-and-money 6)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from tests.oracle_attribution import basis, categorie
from tests.oracle_facts import Event, known
from tests.oracle_reference import referentie
from tests.oracle_state import Regel, Toestand, toestand

if TYPE_CHECKING:
    from collections.abc import Sequence

Rates: TypeAlias = dict[tuple[str, str], Decimal]
Cell: TypeAlias = tuple[str, str, str]
SCHOOLSOORTEN = {"PO": ("SBO", "SO"), "VO": ("VSO",)}
ONE_DAY = timedelta(days=1)


def totals(
    events: Sequence[Event], swv: str, teldatum: date, bekend_op: datetime | None, rates: Rates
) -> dict[str, tuple[Decimal, Decimal, Decimal, Decimal]]:
    """Return gross, deducted, net and tekort of licht and zwaar."""
    year = teldatum.year + 1
    linked = _linked(events, swv, date(year, 1, 1), bekend_op)
    state = toestand(events, teldatum, bekend_op)
    own = population(state, swv)
    paid = Counter((one.segment.periode.schoolsoort, categorie(one.segment)) for one in own)
    if swv.startswith("PO"):
        bo = sum(_at(one, linked, "BO") for one in state.regels)
        sbo = sum(_at(one, linked, "SBO") for one in state.regels)
        light = (rates["licht_po", ""] * bo, rates["sbo", "SBO"] * paid["SBO", "SBO"])
        heavy_in = rates["zwaar_po", ""] * (bo + sbo)
        heavy_out = [rates["so", c] * paid["SO", c] for c in ("LAAG", "MIDDEN", "HOOG")]
    else:
        october = toestand(events, date(year - 1, 10, 1), bekend_op)
        marks = [one.segment.periode.vo_kenmerk for one in october.regels if _at(one, linked, "VO")]
        vo = len(marks) - marks.count("nieuwkomer")
        percent = rates["lwoo_pct", ""] / 100
        light = (
            rates["regulier_vo", ""] * vo + rates["lwoo", ""] * percent * vo,
            rates["lwoo", ""] * marks.count("lwoo"),
        )
        heavy_in = rates["zwaar_vo", ""] * vo
        heavy_out = [rates["vso", c] * paid["VSO", c] for c in ("LAAG", "MIDDEN", "HOOG")]
    return {"LICHT": _sums(*light), "ZWAAR": _sums(heavy_in, sum(heavy_out, Decimal(0)))}


def population(state: Toestand, swv: str) -> list[Regel]:
    """Return P(S, T, K) of rules.md 7."""
    return [
        one
        for one in state.regels
        if one.telt
        and one.segment.toerekening.swv == swv
        and one.segment.periode.schoolsoort in SCHOOLSOORTEN[swv[:2]]
    ]


def renewed(
    events: Sequence[Event], swv: str, days: tuple[date, date], bekend_op: datetime | None
) -> Counter[Cell]:
    """Return P on the second day, with every tlv that ended since the first one renewed."""
    counted: Counter[Cell] = Counter()
    histories = [
        (day, {_key(one): one for one in population(toestand(events, day, bekend_op), swv)})
        for day in _turns(events, days)
    ]
    for key, row in histories[-1][1].items():
        cell = cell_of(row)
        if row.segment.toerekening.tlv is None:
            used = [rows[key] for _, rows in histories if key in rows]
            by_tlv = [one for one in used if one.segment.toerekening.tlv is not None]
            tlv = by_tlv[-1].segment.toerekening.tlv if by_tlv else None
            if tlv is not None and tlv.last_day < days[1]:
                cell = (row.segment.periode.schoolsoort, *cell_of(by_tlv[-1])[1:])
        counted[cell] += 1
    return counted


def cell_of(row: Regel) -> Cell:
    """Return schoolsoort, categorie and basis."""
    return row.segment.periode.schoolsoort, categorie(row.segment) or "", basis(row.segment) or ""


def _key(row: Regel) -> tuple[str, str, str]:
    inschrijving = row.segment.inschrijving
    return row.leerling.pgn, inschrijving.instellingscode, inschrijving.volgnummer


def _turns(events: Sequence[Event], days: tuple[date, date]) -> list[date]:
    """Return both days, and between them all days that are named and the days after those."""
    named = {day for event in events for value in event.values() for day in _days_in(value)}
    turns = named | {day + ONE_DAY for day in named}
    return sorted({*days, *(day for day in turns if days[0] < day < days[1])})


def _days_in(value: object) -> list[date]:
    if isinstance(value, list):
        return [day for one in value for day in _days_in(one)]
    if isinstance(value, dict):
        return [day for one in value.values() for day in _days_in(one)]
    try:
        return [date.fromisoformat(value)] if isinstance(value, str) and len(value) == 10 else []
    except ValueError:
        return []


def _linked(
    events: Sequence[Event], swv: str, day: date, bekend_op: datetime | None
) -> frozenset[str]:
    """Return the vestigingen of a samenwerkingsverband on a day, as known then."""
    reference = referentie(known(events, bekend_op))
    codes = {link.vestigingscode for link in reference.aansluitingen}
    return frozenset(code for code in codes if reference.linked_swv(code, swv[:2], day) == swv)


def _at(row: Regel, linked: frozenset[str], schoolsoort: str) -> bool:
    periode = row.segment.periode
    return row.telt and periode.schoolsoort == schoolsoort and periode.vestigingscode in linked


def _sums(gross: Decimal, deducted: Decimal) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    left = gross - deducted
    return gross, deducted, max(left, Decimal(0)), max(-left, Decimal(0))
