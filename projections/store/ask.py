"""The questions to the read model: plain SQL on one table, as of a teldatum and a knowledge.

Every as-of question has the same four bounds (rules.md 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import msgspec

from ledger.codes import Basis, Categorie, Schoolsoort, SoortVerblijf
from projections.store.encoding import (
    BITS_PER_KENNISVAK,
    DAYS_PER_TIJDVAK,
    EVERYTHING,
    OPEN_DAY_NUMBER,
    OPEN_MOMENT_NUMBER,
    day_number,
    day_of,
    moment_number,
    moment_of,
)
from projections.store.read_model import ReadModel


class AsOf(NamedTuple):
    """A teldatum, and a moment of knowledge (None: everything the ledger knows)."""

    teldatum: date
    bekend_op: datetime | None = None

    @property
    def known(self) -> int:
        """The moment of knowledge as the table has it."""
        return EVERYTHING if self.bekend_op is None else moment_number(self.bekend_op)

    @property
    def bounds(self) -> dict[str, int]:
        """The values of the four bounds."""
        return {"t": day_number(self.teldatum), "k": self.known}

    @property
    def so_far(self) -> dict[str, int]:
        """The values of what adds up to a number: the bounds, and the vakken they lie in."""
        t, k = day_number(self.teldatum), self.known
        vakken = {"tijdvak": t // DAYS_PER_TIJDVAK, "kennisvak": k >> BITS_PER_KENNISVAK}
        return {"t": t, "k": k, **vakken}


class Selection(NamedTuple):
    """Which rows are asked for; empty = no narrowing."""

    swv: str | None = None
    vestigingscode: str | None = None
    schoolsoorten: tuple[str, ...] = ()
    leerlingen: tuple[str, ...] = ()
    telt: bool = False
    categorie: str | None = None
    basis: str | None = None
    wijze: str | None = None


class StandRow(msgspec.Struct, frozen=True):
    """One enrolment that is active on the teldatum, as known then; open ends are None."""

    leerling: str
    instellingscode: str
    volgnummer: str
    geldig_van: date
    geldig_tot: date | None
    vestigingscode: str
    schoolsoort: Schoolsoort
    begindatum: date
    einddatum: date | None
    soort_verblijf: SoortVerblijf
    swv: str | None
    wijze_van_bepaling: str
    ondersteuningscategorie: Categorie | None
    basis: Basis | None
    beschikkingsnummer: str | None
    telt: bool
    reden: str
    bekend_van: datetime
    bekend_tot: datetime | None


AS_OF: Final = "geldig_van <= :t AND geldig_tot > :t AND bekend_van <= :k AND bekend_tot > :k"
KNOWN: Final = "bekend_van <= :k AND bekend_tot > :k"
_STAND_COLUMNS: Final = ", ".join(field for field in StandRow.__struct_fields__)


def standen(model: ReadModel, as_of: AsOf, selection: Selection) -> Iterator[StandRow]:
    """Yield the enrolments that are active on the teldatum, in no particular order."""
    where, values = narrowing(model, selection)
    query = f"SELECT {_STAND_COLUMNS} FROM standen WHERE {AS_OF}{where}"
    for row in model.execute(query, {**as_of.bounds, **values}):
        yield _stand_row(row)


def standen_between(
    model: ReadModel, days: tuple[date, date], as_of: AsOf, selection: Selection
) -> Iterator[StandRow]:
    """Yield the pieces of enrolments that hold on any day from the first to the last.

    As known at the moment of `as_of`; in no particular order.
    """
    where, values = narrowing(model, selection)
    query = (
        f"SELECT {_STAND_COLUMNS} FROM standen "
        f"WHERE geldig_van <= :last AND geldig_tot > :first AND {KNOWN}{where}"
    )
    bounds = {"first": day_number(days[0]), "last": day_number(days[1]), "k": as_of.known}
    for row in model.execute(query, {**bounds, **values}):
        yield _stand_row(row)


def narrowing(model: ReadModel, selection: Selection) -> tuple[str, dict[str, Any]]:
    """Return the narrowing of a selection as SQL (` AND …`) and its values."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for column, value in (
        ("swv", selection.swv),
        ("vestigingscode", selection.vestigingscode),
        ("ondersteuningscategorie", selection.categorie),
        ("basis", selection.basis),
        ("wijze_van_bepaling", selection.wijze),
    ):
        if value is not None:
            parts.append(f"{column} = :{column}")
            values[column] = value
    if selection.telt:
        parts.append("telt = 1")
    for name, column, listed in (
        ("s", "schoolsoort", selection.schoolsoorten),
        ("l", "leerling", selection.leerlingen),
    ):
        if listed:
            marks, named = model.listed(name, listed)
            parts.append(f"{column} IN ({marks})")
            values.update(named)
    return "".join(f" AND {part}" for part in parts), values


def _stand_row(row: Sequence[Any]) -> StandRow:
    (
        leerling, instellingscode, volgnummer, van, tot, vestigingscode, schoolsoort,
        begin, eind, verblijf, swv, wijze, categorie, basis, nummer, telt, reden,
        bekend_van, bekend_tot,
    ) = row  # fmt: skip
    return StandRow(
        leerling,
        instellingscode,
        volgnummer,
        day_of(van),
        None if tot == OPEN_DAY_NUMBER else day_of(tot),
        vestigingscode,
        schoolsoort,
        day_of(begin),
        None if eind is None else day_of(eind),
        verblijf,
        swv,
        wijze,
        categorie,
        basis,
        nummer,
        bool(telt),
        reden,
        moment_of(bekend_van),
        None if bekend_tot == OPEN_MOMENT_NUMBER else moment_of(bekend_tot),
    )
