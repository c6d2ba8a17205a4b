"""Dashboard 2 from the slow oracle, day by day: the words of rules.md 7, no rectangles."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tests.oracle_attribution import SECTOR, segments
from tests.oracle_facts import known, leerlingen
from tests.oracle_reference import referentie
from tests.oracle_reports import _bekostigde
from tests.oracle_state import Regel, Row, Toestand, toestand

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.oracle_facts import Event

ONE_DAY = timedelta(days=1)
ORDER = ("VESTIGINGSCODE", "INSCHRIJVINGSVOLGNUMMER", "BSN_OWN", "BEGIN_PERIODE")


def dashboard_2(
    events: Sequence[Event],
    swvs: Iterable[str],
    teldatum: date,
    bekend_op: datetime | None,
    ongebruikte_tlv: bool = True,
) -> dict[str, list[Row]]:
    """Return the rows per samenwerkingsverband: every enrolment on some day of the school year."""
    on_teldatum = toestand(events, teldatum, bekend_op)
    found: dict[tuple[object, ...], Regel] = {}
    for day in turns(events, teldatum, bekend_op):
        for regel in toestand(events, day, bekend_op).regels:
            sleutel = (regel.leerling.pgn, regel.segment.inschrijving.sleutel, regel.geldig_van)
            found[sleutel] = regel
    return {
        swv: sorted(
            (
                _row(on_teldatum, regel, swv, ongebruikte_tlv)
                for regel in found.values()
                if belongs(on_teldatum, regel, swv)
            ),
            key=lambda row: [row[column] for column in ORDER],
        )
        for swv in swvs
    }


def school_year(teldatum: date) -> tuple[date, date]:
    """Return 1 August to 31 July around a day."""
    year = teldatum.year
    if teldatum < date(year, 8, 1):
        year -= 1
    return date(year, 8, 1), date(year + 1, 7, 31)


def turns(events: Sequence[Event], teldatum: date, bekend_op: datetime | None) -> list[date]:
    """Return the first day of the school year and the days in it on which anything changes."""
    first, last = school_year(teldatum)
    told = known(events, bekend_op)
    reference = referentie(told)
    pieces = [
        segment
        for leerling in leerlingen(told)
        for inschrijving in leerling.inschrijvingen.values()
        for segment in segments(leerling, inschrijving, reference)
    ]
    days = {piece.van for piece in pieces}
    days |= {piece.tot_en_met + ONE_DAY for piece in pieces if piece.tot_en_met is not None}
    return sorted({first, *(day for day in days if first <= day <= last)})


def belongs(state: Toestand, regel: Regel, swv: str) -> bool:
    """Tell whether a line is one of S: SBO, SO or VSO, attributed to S or on its vestiging."""
    periode = regel.segment.periode
    if periode.schoolsoort not in SECTOR:
        return False
    link = state.referentie.linked_swv(periode.vestigingscode, swv[:2], state.teldatum)
    return swv in (regel.segment.toerekening.swv, link)


def _row(state: Toestand, regel: Regel, swv: str, ongebruikte_tlv: bool) -> Row:
    """Return the columns of 1B and the five that dashboard 2 adds to them."""
    row = _bekostigde(state, regel, regel.segment.toerekening.swv, ongebruikte_tlv)
    link = state.referentie.linked_swv(row["VESTIGINGSCODE"], swv[:2], state.teldatum)
    row["VESTIGING_SWVNUMMER"] = link
    row["VESTIGING_SWVNAAM"] = state.referentie.swv_namen.get(link, "")
    return row | {
        "BEKOSTIGD": regel.telt,
        "REDEN": regel.reden,
        "BEGIN_PERIODE": regel.geldig_van,
        "EIND_PERIODE": regel.geldig_tot_en_met,
        "SOORT_VERBLIJF": regel.segment.periode.soort_verblijf,
    }
