"""Verzuim, vrijstelling and ontwikkelingsperspectief: what the fold does with them (events.md 1).

They tell how pupils fare (Leerplichtwet 1969 art 5, 15 and 21a; WPO art 40a, WVO art 2.44),
and nothing of what counts. One verzuim and one vrijstelling run at a time; what is told again
of the same first day is told anew as a whole.
"""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from msgspec.structs import replace

from ledger import events as ev
from ledger.dossier import Dossier, Inschrijving, Traject, Verzuim, Vrijstelling
from ledger.senseless import Senseless

Stretch = TypeVar("Stretch", bound=Traject)


def verzuim_gemeld(dossier: Dossier, fact: ev.VerzuimGemeld) -> Dossier:
    """Return the dossier with a verzuim that runs. Raises Senseless when another one does."""
    new = Verzuim(fact.vanaf, None, fact.soort)
    return replace(dossier, verzuimen=_with(dossier.verzuimen, new, "VerzuimBeeindigd"))


def verzuim_beeindigd(dossier: Dossier, fact: ev.VerzuimBeeindigd) -> Dossier:
    """Return the dossier with the running verzuim ended. Raises Senseless when none runs."""
    ended = _ended(dossier.verzuimen, fact.tot_en_met, "verzuim", "VerzuimGemeld")
    return replace(dossier, verzuimen=ended)


def vrijstelling_verleend(dossier: Dossier, fact: ev.VrijstellingVerleend) -> Dossier:
    """Return the dossier with a vrijstelling. Raises Senseless when it overlaps another one."""
    new = Vrijstelling(fact.vanaf, fact.tot_en_met, fact.grond)
    listed = _with(dossier.vrijstellingen, new, "VrijstellingBeeindigd")
    return replace(dossier, vrijstellingen=listed)


def vrijstelling_beeindigd(dossier: Dossier, fact: ev.VrijstellingBeeindigd) -> Dossier:
    """Return the dossier with a vrijstelling cut short. Raises Senseless when none runs."""
    ended = _ended(dossier.vrijstellingen, fact.tot_en_met, "vrijstelling", "VrijstellingVerleend")
    return replace(dossier, vrijstellingen=ended)


def with_perspectief(
    inschrijving: Inschrijving, fact: ev.OntwikkelingsperspectiefVastgesteld
) -> Inschrijving:
    """Return the enrolment with the days from which an ontwikkelingsperspectief holds."""
    days = tuple(sorted({*inschrijving.perspectieven, fact.vanaf}))
    return replace(inschrijving, perspectieven=days)


def _with(listed: tuple[Stretch, ...], new: Stretch, ending: str) -> tuple[Stretch, ...]:
    others = [one for one in listed if one.vanaf != new.vanaf]
    if any(one.overlaps(new) for one in others):
        raise Senseless(
            "vanaf",
            "er loopt dan al een ander",
            f"beëindig dat eerst met {ending}, of meld het opnieuw met dezelfde vanaf",
        )
    return (
        *(one for one in others if one.vanaf < new.vanaf),
        new,
        *(one for one in others if one.vanaf > new.vanaf),
    )


def _ended(
    listed: tuple[Stretch, ...], tot_en_met: date, what: str, opening: str
) -> tuple[Stretch, ...]:
    """Return the stretches, of which the one that runs on the day ends there.

    Raises Senseless when nothing runs then, and for an end before the begin.
    """
    running = [one for one in listed if one.tot_en_met is None or one.tot_en_met >= tot_en_met]
    if not running:
        raise Senseless(
            "tot_en_met",
            f"er loopt op dat moment geen {what}",
            f"lees eerst de {opening} in, of controleer de leerling",
        )
    ending = [one for one in running if one.vanaf <= tot_en_met]
    if not ending:
        raise Senseless(
            "tot_en_met", f"een {what} eindigt niet voor de vanaf", "controleer beide data"
        )
    return tuple(
        replace(one, tot_en_met=tot_en_met) if one is ending[-1] else one for one in listed
    )
