"""The rectangles of a read model, for peers that ask them the same questions, and our answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby, islice
from typing import Any, Final, NamedTuple, Protocol

from projections.store import ask, ask_numbers
from projections.store.encoding import OPEN_MOMENT_NUMBER
from projections.store.read_model import ReadModel

CHUNK: Final = 50_000
"""Rectangles in memory at a time."""

Cell = tuple[str, str | None, str | None, int]
"""A vestiging, a categorie, a basis, and how many enrolments count there."""

Enrolment = tuple[str, str, str]
"""A pupil, an instellingscode and a volgnummer."""


class Rectangle(NamedTuple):
    """One rectangle: whose, what holds, the days that it holds and the moments it was known.

    Days are yyyymmdd and moments microseconds, half-open, as in the read model.
    """

    leerling: str
    instellingscode: str
    volgnummer: str
    vestigingscode: str
    schoolsoort: str
    categorie: str | None
    basis: str | None
    swv: str | None
    telt: int
    geldig_van: int
    geldig_tot: int
    bekend_van: int
    bekend_tot: int

    @property
    def enrolment(self) -> Enrolment:
        """Whose it is."""
        return self.leerling, self.instellingscode, self.volgnummer


class Table(Protocol):
    """The rectangles in another engine: it gives the answers that ours gives."""

    def country(self, as_of: ask.AsOf) -> list[Cell]:
        """Return what counts in the whole country per vestiging, categorie and basis, in order."""

    def rows(self, as_of: ask.AsOf, swv: str) -> list[Enrolment]:
        """Return the enrolments that a samenwerkingsverband answers for, in no order."""


class Change(NamedTuple):
    """What one enrolment became at one moment of knowledge: what closed, and what opened."""

    moment: int
    gone: list[Rectangle]
    new: list[Rectangle]


COLUMNS: Final = ", ".join(Rectangle._fields).replace(
    "categorie", "ondersteuningscategorie AS categorie"
)
_CHANGES: Final = (
    f"SELECT bekend_van AS op, 1 AS opent, {COLUMNS} FROM standen "  # noqa: S608 - idem
    f"UNION ALL SELECT bekend_tot, 0, {COLUMNS} FROM standen WHERE bekend_tot < :open "
    "ORDER BY op, leerling, instellingscode, volgnummer"
)


def asked(
    model: ReadModel, query: str, values: Mapping[str, object] | None = None
) -> Iterator[Any]:
    """Yield the rows of a question in SQL to a read model."""
    return iter(model.execute(query, values))


def country(model: ReadModel, as_of: ask.AsOf) -> list[Cell]:
    """Return our count of the whole country."""
    cell = ("vestigingscode", "ondersteuningscategorie", "basis")
    return list(asked(model, ask_numbers.numbers(model, cell, " AND telt = 1"), as_of.so_far))


def rows(model: ReadModel, as_of: ask.AsOf, swv: str) -> list[Enrolment]:
    """Return our enrolments of a samenwerkingsverband."""
    found = ask.standen(model, as_of, ask.Selection(swv=swv))
    return [(row.leerling, row.instellingscode, row.volgnummer) for row in found]


def groups_of(model: ReadModel, as_of: ask.AsOf, swv: str) -> list[str]:
    """Return the pupils (their groups of streams) that a samenwerkingsverband answers for."""
    query = f"SELECT DISTINCT groep FROM standen WHERE {ask.AS_OF} AND swv = :swv ORDER BY 1"  # noqa: S608 - constants
    return [row[0] for row in asked(model, query, {**as_of.bounds, "swv": swv})]


def active(model: ReadModel, as_of: ask.AsOf) -> list[tuple[str, str | None, int]]:
    """Return how many enrolments are active per vestiging and categorie, counting or not."""
    query = ask_numbers.numbers(model, ("vestigingscode", "ondersteuningscategorie"))
    return list(asked(model, query, as_of.so_far))


def rectangles(model: ReadModel) -> Iterator[list[Rectangle]]:
    """Yield all rectangles, some thousands at a time."""
    found = asked(model, f"SELECT {COLUMNS} FROM standen")  # noqa: S608 - constants
    while part := list(islice(found, CHUNK)):
        yield [Rectangle(*row) for row in part]


def changes(model: ReadModel) -> Iterator[Change]:
    """Yield what changed, in order of knowledge and then per enrolment."""
    told = asked(model, _CHANGES, {"open": OPEN_MOMENT_NUMBER})
    for (moment, *_), group in groupby(told, key=lambda row: (row[0], *row[2:5])):
        listed = [(row[1], Rectangle(*row[2:])) for row in group]
        gone = [one for opens, one in listed if not opens]
        yield Change(moment, gone, [one for opens, one in listed if opens])
