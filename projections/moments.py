"""Which moment of knowledge a question means, and what status its answer has (rules.md 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from ledger.codes import SCHOOLSOORTEN, SCHOOLSOORTEN_OF_SECTOR, sector_of_swv
from ledger.teldata import Status, status, vaststelling
from ledger.times import parse_date, parse_known_until
from projections.store import ask, ask_reference
from projections.store.read_model import ReadModel


def moment_of(
    text: str, teldatum: date, schoolsoorten: Sequence[str], model: ReadModel
) -> datetime | None:
    """Return the moment that `nu`, `vaststelling`, a date or a date-time means; None = nu.

    Raises TimeFormatError for anything else.
    """
    if text == "nu":
        return None
    if text == "vaststelling":
        return vaststelling_of(teldatum, schoolsoorten, model)
    return parse_known_until(text)


def side_of(text: str, bekend_op: str, schoolsoorten: Sequence[str], model: ReadModel) -> ask.AsOf:
    """Return what `2025-02-01@vaststelling` means: a teldatum, and after @ a moment of knowledge.

    Without @ the moment is `bekend_op` (cli.md, `why`). Raises TimeFormatError.
    """
    day, at, known = text.partition("@")
    teldatum = parse_date(day)
    return ask.AsOf(teldatum, moment_of(known if at else bekend_op, teldatum, schoolsoorten, model))


def vaststelling_of(teldatum: date, schoolsoorten: Sequence[str], model: ReadModel) -> datetime:
    """Return when the count of a teldatum was fixed, the last of the schoolsoorten."""
    return vaststelling(teldatum, schoolsoorten, ask_reference.tellingen(model, teldatum))


def status_of(
    as_of: ask.AsOf, schoolsoorten: Sequence[str], model: ReadModel, now: datetime
) -> Status:
    """Return whether a report as of these moments is voorlopig, definitief or later."""
    fixed = vaststelling_of(as_of.teldatum, schoolsoorten, model)
    return status(as_of.bekend_op, fixed, now)


def deciding_schoolsoorten(swv: str | None) -> Sequence[str]:
    """Return the schoolsoorten whose count a question about a samenwerkingsverband is."""
    return SCHOOLSOORTEN if swv is None else SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(swv)]
