"""The grensverkeer sbo that is settled in the school year of a teldatum, for kijkglas 4 and 5."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from typing import Final

from ledger.application import Ledger
from ledger.reference import FOREVER, AsKnown
from projections.grensverkeer import (
    Toelating,
    moved_in,
    one_a_pupil,
    schooljaar,
    toelatingen,
)
from projections.store import ask, ask_products
from projections.store.read_model import ReadModel
from projections.windows import school_year
from projections.woonplaatsen import woonplaatsen

LAST_TELDATUM: Final = date(2022, 2, 1)
"""The last one of a school year that is settled: the rules ended on 1-1-2023 (5d, 5e)."""

ENDED: Final = (
    "Let op: de verrekening van groei en grensverkeer sbo eindigde op 1-1-2023;"
    " dit is toch berekend, naar de regels van toen."
)


def remarks(teldatum: date) -> tuple[str, ...]:
    """Return what a reader has to know: whether the settlement had ended."""
    return (ENDED,) if teldatum > LAST_TELDATUM else ()


def verrekend(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, wanted: Callable[[Toelating], bool]
) -> list[Toelating]:
    """Return the wanted admissions that are settled in the school year of the teldatum.

    At most one per pupil, in no particular order. The residences of the pupils concerned
    alone are read.
    """
    jaar = schooljaar(as_of.teldatum)
    pupils = ask_products.pupils_between(model, school_year(as_of.teldatum), as_of, "SBO")
    reference = _reference(ledger, model, as_of)
    found = [
        toelating
        for leerling, dossier in ask_products.dossiers(model, as_of, pupils).items()
        for toelating in toelatingen(leerling, dossier, reference)
        if toelating.loopt_in(jaar)
    ]
    concerned = {toelating.leerling for toelating in found if wanted(toelating)}
    homes = woonplaatsen(ledger, model, as_of, concerned)
    stayed = [
        toelating
        for toelating in found
        if toelating.leerling in concerned
        and not moved_in(toelating, homes.get(toelating.leerling, ()), reference)
    ]
    return [toelating for toelating in one_a_pupil(stayed) if wanted(toelating)]


def _reference(ledger: Ledger, model: ReadModel, as_of: ask.AsOf) -> AsKnown:
    known = FOREVER if as_of.bekend_op is None else (as_of.bekend_op, sys.maxsize)
    return ledger.reference(model.position).as_known(known)
