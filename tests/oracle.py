"""The slow oracle: state and dashboards at (T, K), straight from the events (rules.md)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias

from tests.oracle_facts import instant, known_until
from tests.oracle_reference import vaststelling
from tests.oracle_reports import dashboard_1a, dashboard_1b
from tests.oracle_state import Regel, Row, stand_row, toestand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracle_facts import Event

__all__ = ["dashboard_1a", "dashboard_1b", "instant", "known_until", "stand", "vaststelling"]

Known: TypeAlias = list[tuple[tuple[object, ...], Row]]  # what the row is about, and the row


def stand(events: Sequence[Event], teldatum: date, bekend_op: datetime | None) -> list[Row]:
    """Return the rows of the command `stand` (cli.md), ordered by pgn and enrolment."""
    moments = sorted({instant(event["bekend_op"]) for event in events})
    reached = [moment for moment in moments if bekend_op is None or moment <= bekend_op]
    if not reached:
        return []
    history = [_known(events, teldatum, moment) for moment in moments]
    now = len(reached) - 1
    rows = []
    for about, row in history[now]:
        first, gone = _run(history, now, about, row)
        bekend_tot = moments[gone] if gone < len(moments) else None
        rows.append(row | {"bekend_van": moments[first], "bekend_tot": bekend_tot})
    return sorted(rows, key=lambda row: (row["pgn"], row["instellingscode"], row["volgnummer"]))


def _known(events: Sequence[Event], teldatum: date, moment: datetime) -> Known:
    """Return the rows on the teldatum as known at one moment."""
    state = toestand(events, teldatum, moment)
    return [(_about(regel), stand_row(regel)) for regel in state.regels]


def _about(regel: Regel) -> tuple[object, ...]:
    """Return the pupil, by the PGN known first, and the attributes that `stand` does not show.

    Two PGN's that become one pupil go on as the one that was known first (decisions.md).
    """
    periode = regel.segment.periode
    return regel.leerling.eerste, periode.bekostigbaar, periode.cluster, periode.vo_kenmerk


def _run(history: list[Known], now: int, about: tuple[object, ...], row: Row) -> tuple[int, int]:
    """Return the first moment of the unbroken run that knows the row, and the first without."""
    first = now
    while first > 0 and _has(history[first - 1], about, row):
        first -= 1
    gone = now + 1
    while gone < len(history) and _has(history[gone], about, row):
        gone += 1
    return first, gone


def _has(known: Known, about: tuple[object, ...], row: Row) -> bool:
    """Tell whether the same pupil had the same row, whatever PGN and birth date were known."""
    return any(about == others and _compared(row) == _compared(other) for others, other in known)


def _compared(row: Row) -> Row:
    """Return the columns that make a row the same row (rules.md 5)."""
    return {name: value for name, value in row.items() if name not in ("pgn", "geboortedatum")}
