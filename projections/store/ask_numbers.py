"""Numbers of counting enrolments: sums of the differences in `verloop` (architecture.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ledger.codes import Basis, Categorie, Schoolsoort
from projections.store.ask import NUMBER, SO_FAR, SOME, AsOf, Selection, narrowing
from projections.store.read_model import ReadModel


class Count(NamedTuple):
    """How many enrolments of a vestiging count for a samenwerkingsverband, per cell."""

    schoolsoort: Schoolsoort
    vestigingscode: str
    categorie: Categorie
    basis: Basis
    aantal: int


def counts(model: ReadModel, as_of: AsOf, swv: str, schoolsoorten: Sequence[str]) -> list[Count]:
    """Return the counting enrolments attributed to a samenwerkingsverband, per cell."""
    where, values = narrowing(
        model, Selection(swv=swv, schoolsoorten=tuple(schoolsoorten), telt=True)
    )
    query = f"""
        SELECT schoolsoort, vestigingscode, ondersteuningscategorie, basis, {NUMBER}
        FROM verloop WHERE {SO_FAR}{where}
        GROUP BY 1, 2, 3, 4 {SOME} ORDER BY 1, 2, 3, 4"""
    return [Count(*row) for row in model.execute(query, {**as_of.bounds, **values})]


def counts_at_vestigingen(
    model: ReadModel, as_of: AsOf, vestigingen: Iterable[str], schoolsoorten: Sequence[str]
) -> list[tuple[str, str, str | None, str | None, int]]:
    """Return (vestiging, schoolsoort, swv, vo_kenmerk, number) of the counting enrolments."""
    where, values = narrowing(model, Selection(schoolsoorten=tuple(schoolsoorten), telt=True))
    query = f"""
        SELECT vestigingscode, schoolsoort, swv, vo_kenmerk, {NUMBER}
        FROM verloop WHERE vestigingscode IN ({{}}) AND {SO_FAR}{where}
        GROUP BY 1, 2, 3, 4 {SOME} ORDER BY 1, 2, 3, 4"""
    return list(model.select_in(query, sorted(vestigingen), {**as_of.bounds, **values}))
