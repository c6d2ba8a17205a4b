"""Which event of a moment made a change: the last one that can change what changed.

Several events are known at one moment, as a rule: a bare date is one. What a fact can
change follows from its kind and, for a change or a correction, from what it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import UNSET

from ledger import events as ev
from projections.store.rectangles import ATTRIBUTES, StandRectangle
from projections.telt import DUBBEL, GEEN_SWV
from projections.why.case import Case
from projections.why.causes import Change
from projections.why.pairs import Rows, is_counted

Facts = Mapping[int, ev.Fact]
"""The facts of the events that are named as causes, by position."""

LOPEN: Final = "lopen"
"""What changes when an enrolment begins or ceases to run on the day."""

REDEN: Final = "reden"

_BY_ATTRIBUTE: Final[dict[str, frozenset[str]]] = {
    "vestigingscode": frozenset({"vestigingscode", "swv"}),
    "schoolsoort": frozenset({"schoolsoort", "swv", "ondersteuningscategorie", "basis"}),
    "soort_verblijf": frozenset({"basis", "swv", "ondersteuningscategorie", REDEN}),
    "bekostigbaar": frozenset({REDEN, "swv"}),
    "cluster": frozenset({REDEN, "swv"}),
    "ondersteuningscategorie": frozenset({"ondersteuningscategorie"}),
    "begindatum": frozenset({LOPEN, "swv"}),
    "einddatum": frozenset({LOPEN, "swv"}),
    "perioden": frozenset({*ATTRIBUTES, REDEN}),
}
"""What a named attribute of a change or a correction can change of a row."""

_BY_TLV: Final = frozenset({"swv", "ondersteuningscategorie", "basis"})
_ANYTHING: Final = frozenset({*ATTRIBUTES, REDEN, LOPEN})


def deciding_fact(case: Case, change: Change, facts: Facts) -> ev.Fact:
    """Return the event that decided a change: the last of its moment that can have done it.

    The last of all when none can by itself.
    """
    changed = _changed(case, change)

    def weight(position: int) -> tuple[bool, int]:
        return changed in _can_change(case, facts[position]), position

    return facts[max((position for _, position in change.causes), key=weight)]


def _changed(case: Case, change: Change) -> str:
    """Return what a change is about: running, the reason of not counting, or an attribute."""
    about = next(row for row in (case.pair.after, case.pair.before) if row is not None)
    if not is_counted(about) and case.pair.before is not None:
        about = case.pair.before
    before, after = of_key(change.before, about), of_key(change.after, about)
    if before is None or after is None or DUBBEL in {before.reden, after.reden}:
        return LOPEN
    if before.reden != after.reden:
        return "swv" if GEEN_SWV in {before.reden, after.reden} else REDEN
    names = [ATTRIBUTES[place] for place in case.places] or list(ATTRIBUTES)
    return next((name for name in names if getattr(before, name) != getattr(after, name)), LOPEN)


def _can_change(case: Case, fact: ev.Fact) -> frozenset[str]:
    """Return what a fact can change of a row on the day."""
    if isinstance(fact, ev.InschrijvingGewijzigd | ev.InschrijvingGecorrigeerd):
        given = (name for name in _BY_ATTRIBUTE if getattr(fact, name, UNSET) is not UNSET)
        return frozenset().union(*(_BY_ATTRIBUTE[name] for name in given))
    if ev.topic_of(fact).startswith("Tlv"):
        return _BY_TLV
    if isinstance(fact, ev.UitschrijvingGeregistreerd | ev.UitschrijvingIngetrokken):
        # The end of an enrolment that runs on both sides does nothing on a day within.
        return frozenset({"swv"}) if runs_on_both_sides(case, fact) else _BY_ATTRIBUTE["einddatum"]
    if isinstance(fact, ev.Enrolment | ev.PgnVervangen) and not isinstance(fact, ev.BepalingGemeld):
        return _ANYTHING
    return frozenset({"swv"})


def runs_on_both_sides(case: Case, fact: ev.Enrolment) -> bool:
    """Tell whether a fact is about an enrolment that runs on the day before and after."""
    sleutel = (fact.instellingscode, fact.volgnummer)
    return all(any(row.sleutel == sleutel for row in rows) for rows in (case.before, case.after))


def of_key(rows: Rows, wanted: StandRectangle) -> StandRectangle | None:
    """Return the row of the same enrolment, None when it does not run."""
    return next((row for row in rows if row.sleutel == wanted.sleutel), None)
