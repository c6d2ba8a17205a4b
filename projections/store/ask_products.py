"""Questions of single products to the read model: whole enrolments, not one day of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from ledger.dossier import Dossier, Inschrijving, Koppeling, Periode, Sleutel, Tlv
from projections.store.ask import AS_OF, KNOWN, AsOf
from projections.store.encoding import day_number, day_of
from projections.store.read_model import ReadModel

_OF_PUPILS: Final = " WHERE leerling IN ({}) AND " + KNOWN
_PERIODE: Final = (
    "leerling, instellingscode, volgnummer, begindatum, einddatum, geldig_van, vestigingscode, "
    "schoolsoort, soort_verblijf, bekostigbaar, cluster, leerjaar, vo_kenmerk"
)

Key = tuple[str, Sleutel]
"""A pupil, and the key of one of its enrolments."""


def pupils_between(
    model: ReadModel, days: tuple[date, date], as_of: AsOf, schoolsoort: str
) -> list[str]:
    """Return the pupils enrolled in a schoolsoort on any day from the first to the last.

    Counting or not, as known at the moment of `as_of`; in the order of their id.
    """
    query = (
        "SELECT DISTINCT leerling FROM standen WHERE schoolsoort = :schoolsoort "
        f"AND geldig_van <= :last AND geldig_tot > :first AND {KNOWN} ORDER BY leerling"
    )
    first, last = map(day_number, days)
    values = {"schoolsoort": schoolsoort, "first": first, "last": last, "k": as_of.known}
    return [row[0] for row in model.execute(query, values)]


def counted_at(
    model: ReadModel, as_of: AsOf, vestigingen: Iterable[str], schoolsoort: str
) -> list[tuple[str, str]]:
    """Return (vestiging, pupil) of the counting enrolments of a schoolsoort on the teldatum."""
    query = (
        "SELECT vestigingscode, leerling FROM standen WHERE vestigingscode IN ({}) "
        f"AND schoolsoort = :schoolsoort AND telt = 1 AND {AS_OF}"
    )
    values = {**as_of.bounds, "schoolsoort": schoolsoort}
    return list(model.select_in(query, vestigingen, values))


def groups_of(model: ReadModel, leerlingen: Iterable[str]) -> dict[str, str]:
    """Return the group of streams (hex) that each pupil id belongs to."""
    query = "SELECT DISTINCT leerling, groep FROM personen WHERE leerling IN ({})"
    return dict(model.select_in(query, leerlingen, {}))


def dossiers(model: ReadModel, as_of: AsOf, leerlingen: Sequence[str]) -> dict[str, Dossier]:
    """Return what was known of pupils, as far as the read model holds it.

    That is without residences, reported determinations and categories of periods; periods
    are cut where an attribution or a count changes; the `einddatum` of a tlv is its last day
    of validity. A pupil without enrolments is absent.
    """
    koppelingen = _koppelingen(model, as_of, leerlingen)
    tlvs = _tlvs(model, as_of, leerlingen)
    found: defaultdict[str, dict[Sleutel, Inschrijving]] = defaultdict(dict)
    for (leerling, sleutel), rows in _perioden(model, as_of, leerlingen).items():
        begin, eind = rows[0][3], rows[0][4]
        found[leerling][sleutel] = Inschrijving(
            *sleutel,
            day_of(begin),
            None if eind is None else day_of(eind),
            tuple(map(_periode, rows)),
            tuple(koppelingen.get((leerling, sleutel), ())),
        )
    return {
        leerling: Dossier(dict(sorted(inschrijvingen.items())), tlvs.get(leerling, {}))
        for leerling, inschrijvingen in sorted(found.items())
    }


def _perioden(
    model: ReadModel, as_of: AsOf, leerlingen: Sequence[str]
) -> dict[Key, list[tuple[Any, ...]]]:
    """Return the rows of each enrolment, ascending."""
    query = f"SELECT {_PERIODE} FROM standen{_OF_PUPILS} ORDER BY geldig_van"
    found: defaultdict[Key, list[tuple[Any, ...]]] = defaultdict(list)
    for row in model.select_in(query, leerlingen, {"k": as_of.known}):
        found[row[0], (row[1], row[2])].append(row)
    return found


def _periode(row: tuple[Any, ...]) -> Periode:
    (
        *_, vanaf, vestigingscode, schoolsoort, verblijf, bekostigbaar, cluster, leerjaar, kenmerk,
    ) = row  # fmt: skip
    return Periode(
        day_of(vanaf),
        vestigingscode,
        schoolsoort,
        verblijf,
        bool(bekostigbaar),
        None,
        cluster,
        leerjaar,
        kenmerk,
    )


def _koppelingen(
    model: ReadModel, as_of: AsOf, leerlingen: Sequence[str]
) -> dict[Key, list[Koppeling]]:
    columns = "leerling, instellingscode, volgnummer, nummer, door"
    query = f"SELECT {columns} FROM koppelingen{_OF_PUPILS} ORDER BY nummer, door"
    found: defaultdict[Key, list[Koppeling]] = defaultdict(list)
    for leerling, code, volgnummer, nummer, door in _known(model, query, as_of, leerlingen):
        found[leerling, (code, volgnummer)].append(Koppeling(nummer, door))
    return found


def _tlvs(model: ReadModel, as_of: AsOf, leerlingen: Sequence[str]) -> dict[str, dict[str, Tlv]]:
    columns = "leerling, nummer, categorie, begindatum, laatste_dag"
    query = f"SELECT {columns} FROM tlvs{_OF_PUPILS} ORDER BY nummer"
    found: defaultdict[str, dict[str, Tlv]] = defaultdict(dict)
    for leerling, nummer, categorie, begin, laatste in _known(model, query, as_of, leerlingen):
        found[leerling][nummer] = Tlv(nummer, categorie, day_of(begin), day_of(laatste))
    return found


def _known(
    model: ReadModel, query: str, as_of: AsOf, leerlingen: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    yield from model.select_in(query, leerlingen, {"k": as_of.known})
