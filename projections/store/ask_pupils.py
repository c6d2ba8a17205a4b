"""What is known of some pupils: who they are, their tlv's and links, and who has what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from projections.store.ask import KNOWN, AsOf
from projections.store.encoding import day_of
from projections.store.read_model import ReadModel


class TlvRow(NamedTuple):
    """A tlv of a pupil as known then."""

    leerling: str
    nummer: str
    begindatum: date
    laatste_dag: date


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
