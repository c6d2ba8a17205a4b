"""What is known of vestigingen and samenwerkingsverbanden: links, names, fixed counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ledger.codes import Sector
from ledger.teldata import Telling
from projections.store.ask import AS_OF, KNOWN, AsOf
from projections.store.encoding import day_number, moment_of
from projections.store.read_model import ReadModel


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
