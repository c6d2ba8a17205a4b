"""What a source says of a pupil: the facts that make it so (events.md 2). Pure.

One piece of code for every source: a state is compared with what was known at its moment,
and the difference is told, nothing when there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from ledger import events as ev
from ledger.codes import sector_of_swv
from ledger.deriving.enrolment_state import tell_enrolment, tell_removed
from ledger.deriving.steps import RefusedStateError, Steps
from ledger.deriving.teldatum import tell_counted, tell_determination, tell_not_counted
from ledger.deriving.tlv import tell_tlv
from ledger.dossier import Dossier, Woonplaats
from ledger.problems import Problem
from ledger.states import (
    AnyStand,
    BepalingStand,
    InschrijvingStand,
    LeerlingStand,
    NietGeteldStand,
    TeldatumStand,
    TlvStand,
    VerwijderdStand,
    WoonplaatsStand,
)


def told(dossier: Dossier, standen: Iterable[AnyStand]) -> Steps:
    """Return the facts that make of what is known what the states say, and what is odd.

    Raises RefusedStateError when one of them cannot land here.
    """
    steps = Steps(dossier)
    for stand in standen:
        _TELLERS[type(stand)](steps, stand)
    return steps


def _tell_pupil(steps: Steps, stand: LeerlingStand) -> None:
    if steps.dossier.geboortedatum != stand.geboortedatum:
        steps.tell(ev.LeerlingGeregistreerd(geboortedatum=stand.geboortedatum))


def _tell_residence(steps: Steps, stand: WoonplaatsStand) -> None:
    known = steps.dossier.woonplaats_op(stand.vanaf)
    if stand.swv:
        _tell_residence_swv(steps, stand, known)
        return
    same = known is not None and (known.pc4, known.buitenland) == (stand.pc4, stand.buitenland)
    if not same:
        steps.tell(
            ev.WoonplaatsVastgelegd(vanaf=stand.vanaf, pc4=stand.pc4, buitenland=stand.buitenland)
        )


def _tell_residence_swv(steps: Steps, stand: WoonplaatsStand, in_force: Woonplaats | None) -> None:
    """Tell of which samenwerkingsverband a residence is, unless one better known decides.

    That is the one in force on the day, else the first one known (rules.md 3, rule 5).
    """
    others = steps.dossier.woonplaatsen
    deciding = in_force or (others[0] if others else None)
    if deciding is not None and not deciding.swv:
        return
    by_sector = {sector_of_swv(swv): swv for swv in deciding.swv} if deciding else {}
    told_by_sector = {sector_of_swv(swv): swv for swv in stand.swv}
    if len(told_by_sector) != len(stand.swv):
        raise RefusedStateError(_TWO_OF_ONE_SECTOR)
    merged = {**by_sector, **told_by_sector}
    if merged != by_sector:
        swv = tuple(merged[sector] for sector in sorted(merged))
        steps.tell(ev.WoonplaatsVastgelegd(vanaf=stand.vanaf, swv=swv))


_TWO_OF_ONE_SECTOR: Final = Problem(
    "swv", "een samenwerkingsverband per sector", "geef er een per sector"
)

_Teller = Callable[[Steps, Any], None]
_TELLERS: Final[dict[type, _Teller]] = {
    LeerlingStand: _tell_pupil,
    WoonplaatsStand: _tell_residence,
    TlvStand: tell_tlv,
    InschrijvingStand: tell_enrolment,
    VerwijderdStand: tell_removed,
    TeldatumStand: tell_counted,
    NietGeteldStand: tell_not_counted,
    BepalingStand: tell_determination,
}
