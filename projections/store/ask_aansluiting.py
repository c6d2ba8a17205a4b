"""What is known of the tlv's and links of some pupils, each with the event that said so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from ledger.codes import Categorie, Door
from projections.store.ask import KNOWN, AsOf
from projections.store.encoding import day_of
from projections.store.read_model import ReadModel


class TlvFeit(NamedTuple):
    """A tlv of a group of streams as known then; `bekend_van` and `door` are its cause."""

    groep: str
    nummer: str
    categorie: Categorie
    begindatum: date
    laatste_dag: date
    bekend_van: int
    geopend_door: int


class KoppelingFeit(NamedTuple):
    """A tlv that the school or DUO linked to an enrolment, as known then."""

    groep: str
    instellingscode: str
    volgnummer: str
    nummer: str
    door: Door
    bekend_van: int
    geopend_door: int


def tlv_feiten(model: ReadModel, as_of: AsOf, groepen: Iterable[str]) -> list[TlvFeit]:
    """Return the tlv's of groups of streams, as known then."""
    query = f"SELECT {', '.join(TlvFeit._fields)} FROM tlvs WHERE groep IN ({{}}) AND {KNOWN}"
    return [
        TlvFeit(groep, nummer, categorie, day_of(begin), day_of(last), *cause)
        for groep, nummer, categorie, begin, last, *cause in model.select_in(
            query, groepen, {"k": as_of.known}
        )
    ]


def koppeling_feiten(model: ReadModel, as_of: AsOf, groepen: Iterable[str]) -> list[KoppelingFeit]:
    """Return the links of groups of streams, as known then."""
    columns = ", ".join(KoppelingFeit._fields)
    query = f"SELECT {columns} FROM koppelingen WHERE groep IN ({{}}) AND {KNOWN}"
    rows = model.select_in(query, groepen, {"k": as_of.known})
    return [KoppelingFeit(*row) for row in rows]


def houders(model: ReadModel, as_of: AsOf, nummers: Iterable[str]) -> dict[str, set[str]]:
    """Return which groups of streams have each tlv, as known then."""
    query = f"SELECT nummer, groep FROM tlvs WHERE nummer IN ({{}}) AND {KNOWN}"
    found: dict[str, set[str]] = {}
    for nummer, groep in model.select_in(query, nummers, {"k": as_of.known}):
        found.setdefault(nummer, set()).add(groep)
    return found
