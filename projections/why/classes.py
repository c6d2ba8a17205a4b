"""The class of a change: of a correction, or of a mutation (rules.md 8, decisions.md)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ledger.codes import sector_of_swv
from projections.store.ask import Selection
from projections.store.rectangles import ATTRIBUTES, StandRectangle
from projections.telt import GEEN_SWV
from projections.verklaring import CORRECTIES, Klasse
from projections.why.case import Case
from projections.why.correction_classes import class_of_correction
from projections.why.deciding import Facts, of_key
from projections.why.pairs import Rows

_OF_ATTRIBUTE: Final[dict[str, Klasse]] = {
    "swv": "overgang naar ander samenwerkingsverband",
    "schoolsoort": "doorstroom",
    "vestigingscode": "doorstroom",
}
"""What a mutation is called by the first attribute that differs; the others go by the tlv.

A categorie that changes because a tlv begins or ends is a tlv that begins or ends.
"""


def class_of(case: Case, facts: Facts, selection: Selection) -> Klasse:
    """Return the class of a change; `facts` holds those of its causes."""
    if case.step.stap == CORRECTIES:
        return class_of_correction(case, facts)
    return _class_of_mutation(case, selection)


def _class_of_mutation(case: Case, selection: Selection) -> Klasse:
    before, after = case.pair
    if before is None:
        return "tlv begonnen" if _lacked_swv(case.before, after) else "instroom"
    if after is None:
        return "tlv verlopen" if _lacked_swv(case.after, before) else "uitstroom"
    return _class_of_move(before, after, case.pair.bijdrage, selection)


def _class_of_move(
    before: StandRectangle, after: StandRectangle, bijdrage: int, selection: Selection
) -> Klasse:
    """Return the class of a pupil that counts for a samenwerkingsverband on both sides."""
    if sector_of_swv(before.swv or "") != sector_of_swv(after.swv or ""):
        return _flow(bijdrage)
    weighing: Collection[str] = ATTRIBUTES
    if bijdrage:
        weighing = _shutting_out(selection, before if bijdrage > 0 else after)
    for name, klasse in _OF_ATTRIBUTE.items():
        if name in weighing and getattr(before, name) != getattr(after, name):
            return klasse
    if (before.basis == "TLV") != (after.basis == "TLV"):
        return "tlv begonnen" if after.basis == "TLV" else "tlv verlopen"
    if before.ondersteuningscategorie != after.ondersteuningscategorie:
        return "categoriewijziging"
    return _flow(bijdrage)


def _flow(bijdrage: int) -> Klasse:
    return "instroom" if bijdrage > 0 else "uitstroom" if bijdrage < 0 else "doorstroom"


def _lacked_swv(rows: Rows, other: StandRectangle | None) -> bool:
    """Tell whether an enrolment that counts by a tlv ran on without one, and without anybody."""
    if other is None or other.basis != "TLV":
        return False
    row = of_key(rows, other)
    return row is not None and row.reden == GEEN_SWV


def _shutting_out(selection: Selection, row: StandRectangle) -> Collection[str]:
    """Return the attributes of _OF_ATTRIBUTE by which a selection leaves a row out."""
    wanted = {
        "swv": (selection.swv,) if selection.swv else (),
        "schoolsoort": selection.schoolsoorten,
        "vestigingscode": (selection.vestigingscode,) if selection.vestigingscode else (),
    }
    return {name for name, values in wanted.items() if values and getattr(row, name) not in values}
