"""Dashboard 2: every enrolment of a school year that a samenwerkingsverband has to do with.

Also those it gets no funding for, and why not (rules.md 7; outputs-and-rules.md 4, A-16).
The school year runs from 1 August to 31 July (Besluit bekostiging WEC 2022, art 4). DUO
announced this dashboard and never published its columns: all that follows is an assumption.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.application import Ledger
from ledger.codes import ATTRIBUTED, sector_of_swv
from ledger.times import ONE_DAY, school_year_start
from projections.enrolment_rows import by_vestiging, enrolment_rows
from projections.stand import Fields
from projections.store import ask
from projections.store.read_model import ReadModel


def dashboard_2(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, swv: str, *, ongebruikte_tlv: bool = True
) -> list[Fields]:
    """Return a row per stretch of days of an enrolment in SBO, SO or VSO.

    The fields of 1B, with `telt`, `reden`, `periode_begin`, `periode_eind` (the last day, None
    when open) and `soort_verblijf`. A pupil can have several rows, also for one enrolment and
    one segment: a double enrolment that begins or ends within it cuts it, since a row says
    whether it counts. What a row shows of the teldatum (age, link, unused tlv) is as in 1B.
    Ordered by vestiging, volgnummer, PGN, begin.
    """
    rows = list(_pieces(model, as_of, swv))
    shown = enrolment_rows(
        ledger, model, as_of, sector_of_swv(swv), rows, ongebruikte_tlv=ongebruikte_tlv
    )
    fields: list[Fields] = [{**told, **_piece(row)} for told, row in zip(shown, rows, strict=True)]
    return sorted(fields, key=lambda row: (*by_vestiging(row), row["periode_begin"]))


def school_year_of(teldatum: date) -> tuple[date, date]:
    """Return the first and the last day of the school year that a teldatum lies in."""
    first = school_year_start(teldatum)
    return first, first.replace(year=first.year + 1) - ONE_DAY


def _pieces(model: ReadModel, as_of: ask.AsOf, swv: str) -> Iterator[ask.StandRow]:
    """Yield what S answers for, and what lies on a vestiging linked to S on the teldatum.

    The link is that of the teldatum, not of the days of the row, so that it is the link that
    VESTIGING_SWVNUMMER shows (assumption).
    """
    days, schoolsoorten = school_year_of(as_of.teldatum), tuple(sorted(ATTRIBUTED))
    attributed = ask.Selection(swv=swv, schoolsoorten=schoolsoorten)
    yield from ask.standen_between(model, days, as_of, attributed)
    for code in ask.vestigingen_of(model, as_of, swv):
        here = ask.Selection(vestigingscode=code, schoolsoorten=schoolsoorten)
        for row in ask.standen_between(model, days, as_of, here):
            if row.swv != swv:
                yield row


def _piece(row: ask.StandRow) -> Fields:
    """Return what a row has beyond 1B; its days are its own, also outside the school year."""
    return {
        "telt": row.telt,
        "reden": row.reden,
        "periode_begin": row.geldig_van,
        "periode_eind": None if row.geldig_tot is None else row.geldig_tot - ONE_DAY,
        "soort_verblijf": row.soort_verblijf,
    }
