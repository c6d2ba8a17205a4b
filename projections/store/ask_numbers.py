"""Numbers of counting enrolments: sums of the differences in `verloop` (architecture.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from ledger.codes import Basis, Categorie, Schoolsoort
from projections.store.ask import AS_OF, AsOf, Selection, narrowing
from projections.store.encoding import KENNISVAK, TIJDVAK
from projections.store.read_model import ReadModel

_SO_FAR: Final = "geldig_van <= :t AND bekend_van <= :k"
_DIFFERENCES: Final = (("verloop", _SO_FAR),)
_WITH_SUMS: Final = (
    ("tussenstanden", "tijdvak < :tijdvak AND kennisvak < :kennisvak"),
    ("verloop", f"{TIJDVAK} = :tijdvak AND {_SO_FAR}"),
    ("verloop", f"{KENNISVAK} = :kennisvak AND {TIJDVAK} < :tijdvak AND {_SO_FAR}"),
)
"""Where what adds up to a number is found; every difference in one of them."""


class AtVestiging(NamedTuple):
    """How many enrolments at a vestiging count for a samenwerkingsverband, or for none."""

    vestigingscode: str
    schoolsoort: Schoolsoort
    swv: str | None
    vo_kenmerk: str | None
    aantal: int


class Count(NamedTuple):
    """How many enrolments of a vestiging count for a samenwerkingsverband, per cell."""

    schoolsoort: Schoolsoort
    vestigingscode: str
    categorie: Categorie
    basis: Basis
    aantal: int


def numbers(model: ReadModel, cell: Sequence[str], where: str = "") -> str:
    """Return the question for numbers: rows (cell…, number), in order and none of them zero.

    `cell` are columns of `verloop` by which numbers are told apart, `where` narrows it (` AND …`).
    The values of the question are `AsOf.so_far` and those of the narrowing.
    """
    listed = ", ".join(cell)
    sums = " UNION ALL ".join(
        f"SELECT {listed}, sum(verschil) AS verschil FROM {table} WHERE {bounds}{where} "
        f"GROUP BY {listed}"
        for table, bounds in (_WITH_SUMS if model.has_sums else _DIFFERENCES)
    )
    return (
        f"SELECT {listed}, CAST(sum(verschil) AS bigint) FROM ({sums}) AS sommen "
        f"GROUP BY {listed} HAVING sum(verschil) <> 0 ORDER BY {listed}"
    )


def counted(model: ReadModel, as_of: AsOf, selection: Selection) -> int:
    """Return how many enrolments are in a count; rows are counted where no number is so narrow."""
    where, values = narrowing(model, selection)
    if selection.wijze is None and not selection.leerlingen:
        rows = model.execute(numbers(model, ("telt",), where), {**as_of.so_far, **values})
        return sum(number for _, number in rows)
    query = f"SELECT count(*) FROM standen WHERE {AS_OF}{where}"
    return int(next(iter(model.execute(query, {**as_of.bounds, **values})))[0])


def counts(model: ReadModel, as_of: AsOf, swv: str, schoolsoorten: Sequence[str]) -> list[Count]:
    """Return the counting enrolments attributed to a samenwerkingsverband, per cell."""
    where, values = narrowing(
        model, Selection(swv=swv, schoolsoorten=tuple(schoolsoorten), telt=True)
    )
    cell = ("schoolsoort", "vestigingscode", "ondersteuningscategorie", "basis")
    query = numbers(model, cell, where)
    return [Count(*row) for row in model.execute(query, {**as_of.so_far, **values})]


def counts_at_vestigingen(
    model: ReadModel, as_of: AsOf, vestigingen: Iterable[str], schoolsoorten: Sequence[str]
) -> list[AtVestiging]:
    """Return the numbers of the counting enrolments at some vestigingen."""
    where, values = narrowing(model, Selection(schoolsoorten=tuple(schoolsoorten), telt=True))
    cell = ("vestigingscode", "schoolsoort", "swv", "vo_kenmerk")
    query = numbers(model, cell, f" AND vestigingscode IN ({{}}){where}")
    rows = model.select_in(query, sorted(vestigingen), {**as_of.so_far, **values})
    return [AtVestiging(*row) for row in rows]
