"""What a source says of a tlv: the facts that make it so (events.md 2, rules.md 2). Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import UNSET

from ledger import events as ev
from ledger.deriving.steps import Steps
from ledger.dossier import Tlv
from ledger.problems import Problem
from ledger.states import TlvStand


def tell_tlv(steps: Steps, stand: TlvStand) -> None:
    """Tell a tlv: issued, changed, withdrawn, or that its withdrawal was undone.

    One that is not known yet, and of which the source does not tell category and dates, is
    not booked: that is a warning.
    """
    known = steps.dossier.tlvs.get(stand.nummer)
    if known is None:
        _tell_issued(steps, stand)
    elif known.ingetrokken_per is not None and _not_withdrawn(known, stand):
        _tell_anew(steps, known, stand)
    else:
        _tell_changed(steps, known, stand)
    if isinstance(per := stand.ingetrokken_per, date):
        now = steps.dossier.tlvs.get(stand.nummer)
        if now is not None and now.ingetrokken_per != per:
            steps.tell(ev.TlvIngetrokken(nummer=stand.nummer, per=per))


def _tell_issued(steps: Steps, stand: TlvStand) -> None:
    categorie, begin, end = stand.categorie, stand.begindatum, stand.einddatum
    if categorie is UNSET or begin is UNSET or end is UNSET:
        steps.warnings.append(
            Problem(
                "tlv",
                f"tlv {stand.nummer} is niet geboekt: haar categorie of data staan er niet in",
                "lees het tlv-register van het samenwerkingsverband in",
            )
        )
        return
    steps.tell(
        ev.TlvAfgegeven(nummer=stand.nummer, categorie=categorie, begindatum=begin, einddatum=end)
    )


def _not_withdrawn(known: Tlv, stand: TlvStand) -> bool:
    """Tell whether the source says that a withdrawn tlv is valid after its withdrawal.

    A source without withdrawals may give the end from before the withdrawal, or the last
    day after it; any other day is news.
    """
    if stand.ingetrokken_per is None:
        return True
    return (
        stand.ingetrokken_per is UNSET
        and stand.einddatum is not UNSET
        and stand.einddatum not in {known.einddatum, known.laatste_dag}
    )


def _tell_anew(steps: Steps, known: Tlv, stand: TlvStand) -> None:
    """State the tlv as a whole: that undoes a withdrawal (events.md 1)."""
    steps.tell(
        ev.TlvAfgegeven(
            nummer=stand.nummer,
            categorie=known.categorie if stand.categorie is UNSET else stand.categorie,
            begindatum=known.begindatum if stand.begindatum is UNSET else stand.begindatum,
            einddatum=known.einddatum if stand.einddatum is UNSET else stand.einddatum,
        )
    )


def _tell_changed(steps: Steps, known: Tlv, stand: TlvStand) -> None:
    changed: dict[str, Any] = {
        name: value
        for name in ("categorie", "begindatum", "einddatum")
        if (value := getattr(stand, name)) is not UNSET and value != getattr(known, name)
    }
    if stand.ingetrokken_per is UNSET and stand.einddatum == known.laatste_dag:
        changed.pop("einddatum", None)  # the last day after a withdrawal that is known
    if changed:
        steps.tell(ev.TlvGewijzigd(nummer=stand.nummer, **changed))
