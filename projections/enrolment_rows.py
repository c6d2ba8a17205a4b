"""Enrolments in the columns of dashboard 1B, for every product that has them (rules.md 7).

The columns are those of manual 3.3; outputs-and-rules.md 3.7 and 4 (A-11, A-16) say which
other products have them too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.application import Ledger
from ledger.codes import RESIDENTIAL, Categorie, Sector
from ledger.times import full_years
from projections.persons import NOBODY, Person, persons
from projections.report import Fields
from projections.store import ask, ask_pupils, ask_reference
from projections.store.read_model import ReadModel

DUO_CATEGORIE: Final[dict[Categorie, str]] = {
    "SBO": "SBO",
    "LAAG": "SO_VSO_LAAG",
    "MIDDEN": "SO_VSO_MIDDE",
    "HOOG": "SO_VSO_HOOG",
}
"""DUO's literal values; MIDDE is cut off at twelve characters (manual 3.3)."""


class _Names(NamedTuple):
    vestigingen: dict[str, str]
    swvs: dict[str, str]
    links: dict[str, str]


class _Tlvs(NamedTuple):
    """The tlv's of pupils, and which of them are linked to which enrolment."""

    of_pupil: dict[str, list[ask_pupils.TlvRow]]
    linked: set[tuple[str, str, str, str]]


def enrolment_rows(
    ledger: Ledger,
    model: ReadModel,
    as_of: ask.AsOf,
    sector: Sector,
    rows: Sequence[ask.StandRow],
    *,
    ongebruikte_tlv: bool = True,
) -> list[Fields]:
    """Return the fields of 1B for each row, in the order of the rows.

    Age, names and links are those of the teldatum, also for a row that holds on other days;
    the link of a vestiging is that of `sector`. `swv` is who answers for the row, empty when
    nobody does. `ongebruikte_tlv` fills the three tlv columns of rows that no tlv decided
    with a tlv that the pupil has (variant 2 of the 2025 proposal).
    """
    pupils = {row.leerling for row in rows}
    people = persons(ledger, model, as_of, pupils)
    tlvs = _tlvs(model, as_of, pupils)
    names = _Names(
        ask_reference.names_of_vestigingen(model, as_of),
        ask_reference.names_of_swvs(model, as_of),
        ask_reference.links(model, as_of, sector),
    )
    return [
        {
            **_enrolment(row, names),
            **_person(people.get(row.leerling, NOBODY), as_of.teldatum),
            **_tlv(_shown(row, tlvs, as_of.teldatum, ongebruikte_tlv=ongebruikte_tlv)),
            "teldatum": as_of.teldatum,
            "swv": row.swv or "",
        }
        for row in rows
    ]


def by_vestiging(row: Fields) -> tuple[str, str, str]:
    """Return what rows are ordered by: vestiging, volgnummer, PGN (rules.md 7, dashboard-1b)."""
    return str(row["vestigingscode"]), str(row["volgnummer"]), str(row["pgn"])


def _tlvs(model: ReadModel, as_of: ask.AsOf, pupils: Iterable[str]) -> _Tlvs:
    listed = sorted(pupils)
    of_pupil: defaultdict[str, list[ask_pupils.TlvRow]] = defaultdict(list)
    for tlv in ask_pupils.tlvs_of(model, as_of, listed):
        of_pupil[tlv.leerling].append(tlv)
    return _Tlvs(of_pupil, ask_pupils.koppelingen_of(model, as_of, listed))


def _shown(
    row: ask.StandRow, tlvs: _Tlvs, teldatum: date, *, ongebruikte_tlv: bool
) -> ask_pupils.TlvRow | None:
    """Return the tlv that a row shows: the one that decided, else perhaps an unused one."""
    of_pupil = tlvs.of_pupil.get(row.leerling, [])
    if row.beschikkingsnummer is not None:
        return next((tlv for tlv in of_pupil if tlv.nummer == row.beschikkingsnummer), None)
    if not ongebruikte_tlv:
        return None
    begun = [tlv for tlv in of_pupil if tlv.begindatum <= min(teldatum, tlv.laatste_dag)]

    def preference(tlv: ask_pupils.TlvRow) -> tuple[bool, date, str]:
        key = (row.leerling, row.instellingscode, row.volgnummer, tlv.nummer)
        return key in tlvs.linked, tlv.begindatum, tlv.nummer

    return max(begun, key=preference, default=None)


def _enrolment(row: ask.StandRow, names: _Names) -> Fields:
    link = names.links.get(row.vestigingscode, "")
    categorie = row.ondersteuningscategorie
    return {
        "instellingscode": row.instellingscode,
        "vestigingscode": row.vestigingscode,
        "vestigingsnaam": names.vestigingen.get(row.vestigingscode, ""),
        "vestiging_swv": link,
        "vestiging_swvnaam": names.swvs.get(link, ""),
        "ondersteuningscategorie": "" if categorie is None else DUO_CATEGORIE[categorie],
        "volgnummer": row.volgnummer,
        "begindatum": row.begindatum,
        "einddatum": row.einddatum,
        "residentieel": row.soort_verblijf in RESIDENTIAL,
        "hoofd_onderwijssoort": "",
        "wijze_van_bepaling": row.wijze_van_bepaling,
    }


def _person(person: Person, teldatum: date) -> Fields:
    birth = person.geboortedatum
    return {"pgn": person.pgn, "leeftijd": None if birth is None else full_years(birth, teldatum)}


def _tlv(tlv: ask_pupils.TlvRow | None) -> Fields:
    return {
        "beschikkingsnummer": "" if tlv is None else tlv.nummer,
        "tlv_begindatum": None if tlv is None else tlv.begindatum,
        "tlv_einddatum": None if tlv is None else tlv.laatste_dag,
    }
