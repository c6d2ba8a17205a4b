"""What the whole history of an enrolment says: the facts that make it so (events.md 2). Pure."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from ledger import events as ev
from ledger.codes import Door
from ledger.deriving.enrolment import corrections, registration
from ledger.deriving.steps import RefusedStateError, Steps
from ledger.dossier import Inschrijving, Koppeling, Periode
from ledger.fold import ATTRIBUTES, Senseless, begin_moved
from ledger.problems import Problem
from ledger.states import InschrijvingStand, PeriodeStand, VerwijderdStand

_DEFAULTS: Final[dict[str, Any]] = {
    "soort_verblijf": "geen",
    "bekostigbaar": True,
    "ondersteuningscategorie": None,
    "cluster": None,
    "leerjaar": None,
    "vo_kenmerk": None,
}
"""What an attribute is that no source ever told: as in the feed (events.md 1)."""


def tell_enrolment(steps: Steps, stand: InschrijvingStand) -> None:
    """Tell an enrolment with its whole history, and its links."""
    sleutel = (stand.instellingscode, stand.volgnummer)
    known = steps.known(sleutel)
    target = _target(known, stand)
    _check_original(steps, known, stand)
    if known is None:
        by_school = stand.tlv if stand.tlv is not UNSET and stand.door == "school" else ()
        steps.tell(*registration(target, by_school))
    else:
        tell_corrections(steps, known, target)
    if stand.tlv is not UNSET:
        _tell_links(steps, stand, stand.tlv)


def _check_original(steps: Steps, known: Inschrijving | None, stand: InschrijvingStand) -> None:
    """Note when what the source corrects is not what was known (register signal 400)."""
    original = stand.oorspronkelijke_begindatum
    if original is UNSET or (
        known is not None and known.begindatum in {original, stand.begindatum}
    ):
        return
    steps.warnings.append(
        Problem(
            "oorspronkelijke_begindatum",
            "de inschrijving die hier wordt verbeterd, is met die begindatum niet bekend",
            "controleer het volgnummer, of lees ook de eerdere opgave in",
        )
    )


def tell_corrections(steps: Steps, known: Inschrijving, target: Inschrijving) -> None:
    """Tell what makes of an enrolment as known the other one. Raises RefusedStateError."""
    try:
        facts = corrections(known, target)
    except Senseless as senseless:
        problem = Problem(senseless.veld, senseless.regel, senseless.remedie)
        raise RefusedStateError(problem) from None
    steps.tell(*facts)


def tell_removed(steps: Steps, stand: VerwijderdStand) -> None:
    """Tell that an enrolment was removed; nothing when it is not known."""
    if steps.known((stand.instellingscode, stand.volgnummer)) is not None:
        steps.tell(
            ev.InschrijvingVerwijderd(
                instellingscode=stand.instellingscode,
                volgnummer=stand.volgnummer,
                reden=stand.reden,
            )
        )


def _target(known: Inschrijving | None, stand: InschrijvingStand) -> Inschrijving:
    """Return the enrolment as the source says it is; what it does not tell stays as known."""
    begindatum, einddatum = _begin(known, stand), stand.einddatum
    if einddatum is UNSET:
        einddatum = known.einddatum if known else None
    told = tuple(_periode(known, periode, stand) for periode in stand.perioden)
    if stand.eerder_onbekend:
        told = _with_earlier(known, told, begindatum)
    return Inschrijving(stand.instellingscode, stand.volgnummer, begindatum, einddatum, told, ())


def _begin(known: Inschrijving | None, stand: InschrijvingStand) -> date:
    if stand.begindatum is not UNSET:
        return stand.begindatum
    first = stand.perioden[0].vanaf
    return first if known is None else min(known.begindatum, first)


def _periode(known: Inschrijving | None, told: PeriodeStand, stand: InschrijvingStand) -> Periode:
    """Return a period with what its source does not tell as it was known on its first day."""
    in_force = known and (known.periode_op(told.vanaf) or known.perioden[0])
    fields = {name: getattr(told, name) for name in ATTRIBUTES}
    if in_force and stand.schoolsoort_onzeker:
        fields["schoolsoort"] = in_force.schoolsoort
    for name, value in fields.items():
        if value is UNSET:
            fields[name] = getattr(in_force, name) if in_force else _DEFAULTS[name]
    return Periode(told.vanaf, **fields)


def _with_earlier(
    known: Inschrijving | None, told: tuple[Periode, ...], begindatum: date
) -> tuple[Periode, ...]:
    """Return the periods with those of before: as known, else as the first one told."""
    first = told[0].vanaf
    earlier = tuple(one for one in known.perioden if one.vanaf < first) if known else ()
    if not earlier:
        return (replace(told[0], vanaf=begindatum), *told[1:])
    before = begin_moved(earlier, begindatum)
    goes_on = replace(before[-1], vanaf=first) == told[0]
    return (*before, *told[1:]) if goes_on else (*before, *told)


def _tell_links(steps: Steps, stand: InschrijvingStand, numbers: tuple[str, ...]) -> None:
    """Tell the links that are not known, and those that the school took away.

    DUO's files show the links of some days only: one that they lack may be of other days.
    """
    known = steps.known((stand.instellingscode, stand.volgnummer))
    assert known is not None, "the enrolment was told just now"
    key: dict[str, Any] = {
        "instellingscode": stand.instellingscode,
        "volgnummer": stand.volgnummer,
    }
    for link in known.koppelingen:
        if link.door == stand.door == "school" and link.nummer not in numbers:
            steps.tell(ev.TlvOntkoppeld(**key, nummer=link.nummer, door=link.door))
    for nummer in dict.fromkeys(numbers):
        if not _linked(known, nummer, stand.door):
            steps.tell(ev.TlvGekoppeld(**key, nummer=nummer, door=stand.door))


def _linked(known: Inschrijving, nummer: str, door: Door) -> bool:
    """Tell whether a link says what `door` says: DUO's file does not tell who made it."""
    if door == "duo":
        return any(link.nummer == nummer for link in known.koppelingen)
    return Koppeling(nummer, door) in known.koppelingen
