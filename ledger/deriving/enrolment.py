"""From an enrolment as it was known to an enrolment as it should be: the facts between. Pure.

The facts are the fewest that the catalogue has for it: a message that only adds a period is a
change, one that only ends an enrolment an uitschrijving, anything else a correction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict, replace

from ledger import events as ev
from ledger.dossier import Dossier, Inschrijving, Periode, Sleutel
from ledger.fold import ATTRIBUTES, Senseless, apply, begin_moved

Facts = tuple[ev.Fact, ...]


def registration(target: Inschrijving, tlv: tuple[str, ...] = ()) -> Facts:
    """Return the facts that register an enrolment with all its periods; `tlv` by the school."""
    key = _key(target.sleutel)
    first = ev.InschrijvingGeregistreerd(
        **key,
        begindatum=target.begindatum,
        einddatum=target.einddatum,
        tlv=tlv,
        **_attributes(target.perioden[0]),
    )
    return first, *_changes(key, target.perioden)


def corrections(known: Inschrijving, target: Inschrijving) -> Facts:
    """Return the facts that make of an enrolment as known another one of the same key.

    Raises Senseless when it cannot be: its dates or schoolsoorten contradict each other.
    """
    aim = replace(
        known,
        begindatum=target.begindatum,
        einddatum=target.einddatum,
        perioden=target.perioden,
    )
    for facts in _proposals(known, aim):
        if _outcome(known, facts) == aim:
            return facts
    whole = (_whole(known, aim),)
    _applied(known, whole)
    return whole


def _proposals(known: Inschrijving, aim: Inschrijving) -> Iterator[Facts]:
    """Yield ways to get there, the plainest first; not all of them do."""
    begin, end = _begin(known, aim), _end(known, aim)
    moved = begin_moved(known.perioden, aim.begindatum) if begin else known.perioden
    periods = _periods(replace(known, perioden=moved), aim)
    yield (*begin, *periods, *end)
    yield (*end, *begin, *periods)


def _begin(known: Inschrijving, aim: Inschrijving) -> Facts:
    if known.begindatum == aim.begindatum:
        return ()
    return (ev.InschrijvingGecorrigeerd(**_key(known.sleutel), begindatum=aim.begindatum),)


def _end(known: Inschrijving, aim: Inschrijving) -> Facts:
    key = _key(known.sleutel)
    if known.einddatum == aim.einddatum:
        return ()
    if aim.einddatum is None:
        return (ev.UitschrijvingIngetrokken(**key),)
    if known.einddatum is None:
        return (ev.UitschrijvingGeregistreerd(**key, einddatum=aim.einddatum),)
    return (ev.InschrijvingGecorrigeerd(**key, einddatum=aim.einddatum),)


def _periods(known: Inschrijving, aim: Inschrijving) -> Facts:
    """Return changes when periods were only added, corrections of one, else the whole list."""
    if known.perioden == aim.perioden:
        return ()
    key, before, after = _key(known.sleutel), known.perioden, aim.perioden
    if after[: len(before)] == before:
        return tuple(_changes(key, after[len(before) - 1 :]))
    changed = [pair for pair in zip(before, after, strict=False) if pair[0] != pair[1]]
    same_days = [one.vanaf for one in before] == [one.vanaf for one in after]
    if same_days and len(changed) == 1:
        return (_correction(key, *changed[0], first=before[0].vanaf),)
    return (ev.InschrijvingGecorrigeerd(**key, perioden=_listed(after)),)


def _changes(key: dict[str, Any], perioden: tuple[Periode, ...]) -> Facts:
    """Return a change for every period but the first, with what differs from the one before."""
    return tuple(
        ev.InschrijvingGewijzigd(**key, vanaf=two.vanaf, **_differing(one, two))
        for one, two in pairwise(perioden)
    )


def _correction(key: dict[str, Any], one: Periode, two: Periode, first: date) -> ev.Fact:
    named = UNSET if one.vanaf == first else one.vanaf
    return ev.InschrijvingGecorrigeerd(**key, periode=named, **_differing(one, two))


def _whole(known: Inschrijving, aim: Inschrijving) -> ev.Fact:
    return ev.InschrijvingGecorrigeerd(
        **_key(known.sleutel),
        begindatum=UNSET if known.begindatum == aim.begindatum else aim.begindatum,
        einddatum=UNSET if known.einddatum == aim.einddatum else aim.einddatum,
        perioden=_listed(aim.perioden),
    )


def _listed(perioden: tuple[Periode, ...]) -> tuple[ev.PeriodeVanInschrijving, ...]:
    return tuple(
        ev.PeriodeVanInschrijving(vanaf=periode.vanaf, **_attributes(periode))
        for periode in perioden
    )


def _outcome(known: Inschrijving, facts: Facts) -> Inschrijving | None:
    """Return the enrolment after facts; None when they make no sense there."""
    try:
        return _applied(known, facts)
    except Senseless:
        return None


def _applied(known: Inschrijving, facts: Facts) -> Inschrijving:
    dossier = Dossier(inschrijvingen={known.sleutel: known})
    for fact in facts:
        dossier = apply(dossier, fact)
    return dossier.inschrijvingen[known.sleutel]


def _key(sleutel: Sleutel) -> dict[str, Any]:
    return {"instellingscode": sleutel[0], "volgnummer": sleutel[1]}


def _attributes(periode: Periode) -> dict[str, Any]:
    fields = asdict(periode)
    return {name: fields[name] for name in ATTRIBUTES}


def _differing(one: Periode, two: Periode) -> dict[str, Any]:
    before, after = _attributes(one), _attributes(two)
    return {name: after[name] for name in ATTRIBUTES if before[name] != after[name]}
