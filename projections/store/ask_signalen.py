"""The questions of the signals to the read model: rows with since when, and by which event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.codes import Door
from ledger.dossier import Sleutel
from projections.store.ask import KNOWN, AsOf
from projections.store.encoding import day_number, day_of
from projections.store.read_model import ReadModel


class Rij(NamedTuple):
    """A row of `standen` as stored: days and moments are the table's numbers, half-open."""

    groep: str
    leerling: str
    instellingscode: str
    volgnummer: str
    geldig_van: int
    geldig_tot: int
    vestigingscode: str
    schoolsoort: str
    begindatum: int
    einddatum: int | None
    soort_verblijf: str
    cluster: int | None
    swv: str | None
    wijze_van_bepaling: str
    basis: str | None
    beschikkingsnummer: str | None
    telt: int
    reden: str
    bekend_van: int
    bekend_tot: int
    geopend_door: int
    mede_geopend_door: str | None

    @property
    def sleutel(self) -> Sleutel:
        """The enrolment that it is of."""
        return self.instellingscode, self.volgnummer

    @property
    def openers(self) -> tuple[int, ...]:
        """The positions of the events that opened it, all known at `bekend_van`."""
        more = () if self.mede_geopend_door is None else self.mede_geopend_door.split()
        return (*map(int, more), self.geopend_door)


class TlvRij(NamedTuple):
    """A tlv of a pupil, since when it is known so, and by which event."""

    leerling: str
    nummer: str
    categorie: str
    begindatum: date
    laatste_dag: date
    bekend_van: int
    geopend_door: int


class KoppelingRij(NamedTuple):
    """A link of a tlv to an enrolment, since when it is known, and by which event."""

    leerling: str
    instellingscode: str
    volgnummer: str
    nummer: str
    door: Door
    bekend_van: int
    geopend_door: int

    @property
    def sleutel(self) -> Sleutel:
        """The enrolment that it is of."""
        return self.instellingscode, self.volgnummer


_RIJ: Final = ", ".join(Rij._fields)
_TLV: Final = "leerling, nummer, categorie, begindatum, laatste_dag, bekend_van, geopend_door"
_KOPPELING: Final = ", ".join(KoppelingRij._fields)
_DAYS: Final = "geldig_van <= :last AND geldig_tot > :first"


def rijen_van(
    model: ReadModel, as_of: AsOf, days: tuple[date, date], swv: str | None, soorten: Sequence[str]
) -> list[Rij]:
    """Return the rows of some schoolsoorten that hold on any day from the first to the last.

    Of a samenwerkingsverband: attributed to it, or on a vestiging linked to it on the
    teldatum; None = all.
    """
    bounds = _bounds(days, as_of)
    if swv is None:
        query = f"SELECT {_RIJ} FROM standen WHERE schoolsoort IN ({{}}) AND {_DAYS} AND {KNOWN}"
        return list(map(Rij._make, model.select_in(query, soorten, bounds)))
    found = [*_attributed(model, swv, bounds), *_at_vestigingen(model, as_of, swv, bounds)]
    return [row for row in found if row.schoolsoort in soorten]


def _attributed(model: ReadModel, swv: str, bounds: dict[str, int]) -> Iterator[Rij]:
    query = f"SELECT {_RIJ} FROM standen WHERE swv = :swv AND {_DAYS} AND {KNOWN}"
    yield from map(Rij._make, model.execute(query, {**bounds, "swv": swv}))


def _at_vestigingen(
    model: ReadModel, as_of: AsOf, swv: str, bounds: dict[str, int]
) -> Iterator[Rij]:
    """Yield what lies on a linked vestiging and is attributed to another, or to none."""
    query = (
        f"SELECT {_RIJ} FROM standen WHERE vestigingscode IN (SELECT vestigingscode "
        "FROM aansluitingen WHERE swv = :swv AND geldig_van <= :t AND geldig_tot > :t "
        f"AND {KNOWN}) AND {_DAYS} AND {KNOWN} AND (swv IS NULL OR swv <> :swv)"
    )
    values = {**bounds, **as_of.bounds, "swv": swv}
    yield from map(Rij._make, model.execute(query, values))


def rijen_op(model: ReadModel, as_of: AsOf, leerlingen: Iterable[str]) -> Iterator[Rij]:
    """Yield all rows of pupils on the teldatum, of any schoolsoort and wherever."""
    query = f"SELECT {_RIJ} FROM standen WHERE leerling IN ({{}}) AND {_DAYS} AND {KNOWN}"
    bounds = _bounds((as_of.teldatum, as_of.teldatum), as_of)
    yield from map(Rij._make, model.select_in(query, leerlingen, bounds))


def verleden(model: ReadModel, as_of: AsOf, groepen: Iterable[str]) -> Iterator[Rij]:
    """Yield every row of some groups of streams that was ever known by then, of any day."""
    query = f"SELECT {_RIJ} FROM standen WHERE groep IN ({{}}) AND bekend_van <= :k"
    yield from map(Rij._make, model.select_in(query, groepen, {"k": as_of.known}))


def tlvs_bekend(model: ReadModel, as_of: AsOf, leerlingen: Iterable[str]) -> Iterator[TlvRij]:
    """Yield the tlv's of pupils, as known then; never one withdrawn before it began."""
    query = f"SELECT {_TLV} FROM tlvs WHERE leerling IN ({{}}) AND begindatum <= laatste_dag"
    rows = model.select_in(f"{query} AND {KNOWN}", leerlingen, {"k": as_of.known})
    yield from map(_tlv, rows)


def tlvs_van(model: ReadModel, as_of: AsOf, swv: str) -> Iterator[TlvRij]:
    """Yield the tlv's that a samenwerkingsverband issued and that last to the teldatum."""
    query = (
        f"SELECT {_TLV} FROM tlvs WHERE nummer >= :swv || '-' AND nummer < :swv || '.' "
        f"AND begindatum <= laatste_dag AND laatste_dag >= :t AND {KNOWN}"
    )
    yield from map(_tlv, model.execute(query, {**as_of.bounds, "swv": swv}))


def koppelingen_bekend(
    model: ReadModel, as_of: AsOf, leerlingen: Iterable[str]
) -> Iterator[KoppelingRij]:
    """Yield the links of pupils' enrolments, as known then."""
    query = f"SELECT {_KOPPELING} FROM koppelingen WHERE leerling IN ({{}}) AND {KNOWN}"
    rows = model.select_in(query, leerlingen, {"k": as_of.known})
    yield from map(KoppelingRij._make, rows)


class Houder(NamedTuple):
    """A pupil that has a tlv number: issued for it (`afgegeven`), or linked; and since when."""

    nummer: str
    leerling: str
    afgegeven: bool
    bekend_van: int
    geopend_door: int


def houders(model: ReadModel, as_of: AsOf, nummers: Iterable[str]) -> Iterator[Houder]:
    """Yield which pupils have a tlv number, as known then."""
    listed = list(nummers)
    for table, issued in (("tlvs", True), ("koppelingen", False)):
        query = (
            f"SELECT nummer, leerling, bekend_van, geopend_door FROM {table} "
            f"WHERE nummer IN ({{}}) AND {KNOWN} ORDER BY bekend_van DESC, geopend_door DESC"
        )
        rows = model.select_in(query, listed, {"k": as_of.known})
        first = {(nummer, leerling): known for nummer, leerling, *known in rows}
        for (nummer, leerling), (since, door) in first.items():
            yield Houder(nummer, leerling, issued, since, door)


def gesloten(model: ReadModel, as_of: AsOf) -> dict[str, tuple[bool, int]]:
    """Return of each known vestiging whether it is of a closed institution, and since when."""
    query = f"SELECT vestigingscode, gesloten_inrichting, bekend_van FROM vestigingen WHERE {KNOWN}"
    rows = model.execute(query, {"k": as_of.known})
    return {code: (bool(closed), since) for code, closed, since in rows}


def groepen_van(model: ReadModel, as_of: AsOf, leerlingen: Iterable[str]) -> dict[str, str]:
    """Return the group of streams (hex) that pupils belong to, as known then."""
    query = f"SELECT leerling, groep FROM personen WHERE leerling IN ({{}}) AND {KNOWN}"
    return dict(model.select_in(query, leerlingen, {"k": as_of.known}))


def _bounds(days: tuple[date, date], as_of: AsOf) -> dict[str, int]:
    first, last = map(day_number, days)
    return {"first": first, "last": last, "k": as_of.known}


def _tlv(row: tuple[str, str, str, int, int, int, int]) -> TlvRij:
    leerling, nummer, categorie, begin, last, *known = row
    return TlvRij(leerling, nummer, categorie, day_of(begin), day_of(last), *known)
