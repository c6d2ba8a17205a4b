"""Signals in tests: what a history shows, in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from ledger.times import AMSTERDAM, parse_known_until
from projections.questions import Question
from projections.signalen.signalen import Keuze, signalen
from projections.store.ask import AsOf
from tests.ledgers import NOW, import_events, ledger_of, refreshed
from tests.why_examples import HERE, Line

T = "2025-02-01"


class Gezien(NamedTuple):
    """A finding: the enrolment (or the tlv), what, since when (a day), who, by which events.

    `door` are the events as the history has them.
    """

    waar: str
    toelichting: str
    sinds: str
    wie: str
    door: list[Line]


def seen(
    history: Sequence[Line],
    signaal: str,
    *,
    swv: str | None = HERE,
    teldatum: str = T,
    bekend_op: str | None = None,
    later: Sequence[Line] = (),
    **keuze: Any,  # noqa: ANN401 - of Keuze
) -> list[Gezien]:
    """Return what one signal finds in a history; `later` is read in after it."""
    known = None if bekend_op is None else parse_known_until(bekend_op)
    with ledger_of(history) as ledger:
        if later:
            import_events(ledger, later, "later.jsonl")
        model = refreshed(ledger)
        as_of = AsOf(date.fromisoformat(teldatum), known)
        question = Question(ledger, model, as_of, NOW, "kijkglas signals", "0")
        rows = signalen(question, Keuze(swv, signalen=(signaal,), **keuze)).rijen
        model.close()
    assert {row["signaal"] for row in rows} <= {signaal}
    return [_seen([*history, *later], row) for row in rows]


def _seen(history: Sequence[Line], row: Any) -> Gezien:  # noqa: ANN401 - fields of a report
    positions = map(int, row["gebeurtenissen"].split())
    key = f"{row['instellingscode']}/{row['volgnummer']}"
    since = row["sinds"].astimezone(AMSTERDAM)
    return Gezien(
        row["beschikkingsnummer"] if key == "/" else key,
        row["toelichting"],
        f"{since:%Y-%m-%d}",
        row["wie"],
        [history[position - 1] for position in positions],
    )
