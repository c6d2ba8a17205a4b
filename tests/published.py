"""The rectangles of the read model, written the way published bitemporal tables are.

Days are numbers counted from a day zero, periods are half-open, causes go by their kenmerk.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from ledger.application import Ledger
from ledger.times import AMSTERDAM
from projections.store.encoding import OPEN_DAY_NUMBER, OPEN_MOMENT_NUMBER, day_of, moment_of
from projections.store.read_model import ReadModel

Period = tuple[int, int | None]
"""Days from the first up to, without, the second; None = no end."""


class Area(NamedTuple):
    """What the read model holds of an enrolment, on some days as known on some days."""

    pgn: str
    inschrijving: str
    vestigingscode: str
    reden: str
    geldig: Period
    bekend: Period
    geopend_door: str | None
    gesloten_door: str | None


def areas(ledger: Ledger, model: ReadModel, zero: date) -> list[Area]:
    """Return all rectangles of all enrolments, in order."""
    named = {event.positie: event.kenmerk for event in ledger.booked()}
    query = """
        SELECT leerling, instellingscode || '/' || volgnummer, vestigingscode, reden,
               geldig_van, geldig_tot, bekend_van, bekend_tot, geopend_door, gesloten_door
        FROM standen ORDER BY 2, 7, 5"""
    rows = list(model.execute(query))
    pgns = ledger.vault.pgns({UUID(row[0]) for row in rows})
    return [
        Area(
            pgns[UUID(leerling)],
            key,
            code,
            reden,
            (
                _days(zero, day_of(van)),
                None if tot == OPEN_DAY_NUMBER else _days(zero, day_of(tot)),
            ),
            (
                _days(zero, _midnight(moment_of(known))),
                None if until == OPEN_MOMENT_NUMBER else _days(zero, _midnight(moment_of(until))),
            ),
            named[opened],
            None if closed is None else named[closed],
        )
        for leerling, key, code, reden, van, tot, known, until, opened, closed in rows
    ]


def within(number: int, period: Period) -> bool:
    """Tell whether a day lies in a period."""
    return period[0] <= number and (period[1] is None or number < period[1])


def _days(zero: date, day: date) -> int:
    return (day - zero) // timedelta(days=1)


def _midnight(moment: datetime) -> date:
    """Return the day in Amsterdam that begins at the moment: published tables know no hours."""
    local = moment.astimezone(AMSTERDAM)
    assert local.time() == time.min
    return local.date()
