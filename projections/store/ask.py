"""The questions to the read model: plain SQL on one table, as of a teldatum and a knowledge.

Every as-of question has the same four bounds (rules.md 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import msgspec

from ledger.codes import Basis, Categorie, Schoolsoort, Sector, SoortVerblijf
from ledger.teldata import Telling
from projections.store.encoding import (
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


class TlvRow(NamedTuple):
    """A tlv of a pupil as known then."""

    leerling: str
    nummer: str
    begindatum: date
    laatste_dag: date


class Count(NamedTuple):
    """How many enrolments of a vestiging count for a samenwerkingsverband, per cell."""

    schoolsoort: Schoolsoort
    vestigingscode: str
    categorie: Categorie
    basis: Basis
    aantal: int


AS_OF: Final = "geldig_van <= :t AND geldig_tot > :t AND bekend_van <= :k AND bekend_tot > :k"
KNOWN: Final = "bekend_van <= :k AND bekend_tot > :k"
SO_FAR: Final = "geldig_van <= :t AND bekend_van <= :k"
"""What of `verloop` adds up to a number, as of a teldatum and a knowledge."""
NUMBER: Final = "CAST(sum(verschil) AS bigint)"
SOME: Final = "HAVING sum(verschil) <> 0"
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


def vestigingen_of(model: ReadModel, as_of: AsOf, swv: str) -> list[str]:
    """Return the vestigingen linked to a samenwerkingsverband on the teldatum."""
    query = f"SELECT vestigingscode FROM aansluitingen WHERE swv = :swv AND {AS_OF} ORDER BY 1"
    return [row[0] for row in model.execute(query, {**as_of.bounds, "swv": swv})]


def links(model: ReadModel, as_of: AsOf, sector: Sector) -> dict[str, str]:
    """Return the samenwerkingsverband of a sector that each linked vestiging belongs to."""
    query = f"SELECT vestigingscode, swv FROM aansluitingen WHERE sector = :sector AND {AS_OF}"
    found: Iterable[tuple[str, str]] = model.execute(query, {**as_of.bounds, "sector": sector})
    return dict(found)


def names_of_vestigingen(model: ReadModel, as_of: AsOf) -> dict[str, str]:
    """Return the name of each vestiging, as known then."""
    query = f"SELECT vestigingscode, naam FROM vestigingen WHERE {KNOWN}"
    return dict(model.execute(query, {"k": as_of.known}))


def names_of_swvs(model: ReadModel, as_of: AsOf) -> dict[str, str]:
    """Return the name of each samenwerkingsverband, as known then."""
    query = f"SELECT swv, naam FROM samenwerkingsverbanden WHERE {KNOWN}"
    return dict(model.execute(query, {"k": as_of.known}))


def tellingen(model: ReadModel, teldatum: date) -> list[Telling]:
    """Return when the count of a teldatum was fixed, the one known last at the end."""
    query = (
        "SELECT schoolsoort, op FROM tellingen WHERE teldatum = :teldatum "
        "ORDER BY bekend_van, geopend_door, schoolsoort"
    )
    return [
        Telling(teldatum, frozenset({schoolsoort}), moment_of(op))
        for schoolsoort, op in model.execute(query, {"teldatum": day_number(teldatum)})
    ]


def persons(
    model: ReadModel, as_of: AsOf, leerlingen: Iterable[str]
) -> dict[str, tuple[str, int | None]]:
    """Return per pupil the stream of its PGN and the event with its birth date."""
    query = "SELECT leerling, pgn_van, geboren_in FROM personen WHERE leerling IN ({}) AND " + KNOWN
    rows = model.select_in(query, leerlingen, {"k": as_of.known})
    return {leerling: (pgn_van, geboren_in) for leerling, pgn_van, geboren_in in rows}


def taken_over(model: ReadModel, as_of: AsOf, leerlingen: Iterable[str]) -> dict[str, str]:
    """Return the pupil that each pupil who is known no more goes by: another of its group."""
    query = (
        "SELECT oud.leerling, nu.leerling FROM personen oud "
        "JOIN personen nu ON nu.groep = oud.groep "
        "WHERE oud.leerling IN ({}) AND nu.bekend_van <= :k AND nu.bekend_tot > :k"
    )
    return dict(model.select_in(query, leerlingen, {"k": as_of.known}))


def tlvs_of(model: ReadModel, as_of: AsOf, leerlingen: Iterable[str]) -> Iterator[TlvRow]:
    """Yield the tlv's of pupils, as known then."""
    query = (
        "SELECT leerling, nummer, begindatum, laatste_dag FROM tlvs WHERE leerling IN ({}) AND "
        + KNOWN
    )
    for leerling, nummer, begin, laatste in model.select_in(query, leerlingen, {"k": as_of.known}):
        yield TlvRow(leerling, nummer, day_of(begin), day_of(laatste))


def koppelingen_of(
    model: ReadModel, as_of: AsOf, leerlingen: Iterable[str]
) -> set[tuple[str, str, str, str]]:
    """Return (pupil, instellingscode, volgnummer, tlv number) of every link, as known then."""
    query = (
        "SELECT leerling, instellingscode, volgnummer, nummer FROM koppelingen "
        "WHERE leerling IN ({}) AND " + KNOWN
    )
    return set(model.select_in(query, leerlingen, {"k": as_of.known}))


def pupils_of_inschrijving(model: ReadModel, instellingscode: str, volgnummer: str) -> set[str]:
    """Return the groups of pupils that ever had an enrolment under this key."""
    query = "SELECT DISTINCT groep FROM standen WHERE instellingscode = :code AND volgnummer = :nr"
    rows = model.execute(query, {"code": instellingscode, "nr": volgnummer})
    return {row[0] for row in rows}


def pupils_of_tlv(model: ReadModel, nummer: str) -> set[str]:
    """Return the groups of pupils that ever had this tlv, or a link to it."""
    query = (
        "SELECT groep FROM tlvs WHERE nummer = :nummer "
        "UNION SELECT groep FROM koppelingen WHERE nummer = :nummer"
    )
    return {row[0] for row in model.execute(query, {"nummer": nummer})}


def pupils_of_groups(model: ReadModel, groups: Iterable[str]) -> tuple[str, ...]:
    """Return the pupil ids that some groups of streams ever went by."""
    query = "SELECT DISTINCT leerling FROM personen WHERE groep IN ({})"
    return tuple(row[0] for row in model.select_in(query, groups, {}))


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
