"""Who stays away, was freed from school, or has an ontwikkelingsperspectief (an indicator).

Sources: Leerplichtwet 1969 art 2, 5, 15 and 21a; WPO art 40a, WVO 2020 art 2.44. The log holds
verzuim and vrijstelling encrypted and no table holds them: the events of the pupils concerned
are read and folded (`ledger.leerplicht`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from ledger import events as ev
from ledger.application import Ledger
from ledger.codes import Sector, sector_of_swv
from ledger.dossier import Dossier, Sleutel, Woonplaats
from ledger.fold import replay
from ledger.reference import AsKnown
from projections.compute import RESIDENCE_ONLY
from projections.report import Fields
from projections.store import ask, ask_products, ask_pupils, ask_reference
from projections.store.read_model import PER_QUERY, ReadModel
from projections.woonplaatsen import booked_of, streams_of

SOORTEN: Final = (
    "absoluut verzuim",
    "relatief verzuim",
    "vrijstelling",
    "ontwikkelingsperspectief",
)

TOPICS: Final = (
    ev.VerzuimGemeld.__name__,
    ev.VrijstellingVerleend.__name__,
    ev.OntwikkelingsperspectiefVastgesteld.__name__,
)
"""The kinds of event that a pupil of these counts has at least one of."""

CLEAR: Final = RESIDENCE_ONLY | {fact.__name__ for fact in ev.LEERPLICHT}

SECTOR_SCHOOLSOORTEN: Final[dict[Sector, tuple[str, ...]]] = {
    "PO": ("BO", "SBO", "SO"),
    "VO": ("VO", "VSO"),
}
"""All schoolsoorten of a sector, also those that nobody is attributed for."""

_FOREVER: Final = datetime.max.replace(tzinfo=UTC), 2**62


def thuiszitters(ledger: Ledger, model: ReadModel, as_of: ask.AsOf, swv: str) -> list[Fields]:
    """Return a row per sort with the number of pupils of S on the teldatum, as known then.

    A pupil is of S by an enrolment on that day (attributed to S, or of its sector on a
    vestiging linked to S); without any enrolment by residence (assumption). Left out: who
    has no enrolment and lives abroad or nowhere known, or was forgotten.
    """
    dossiers = _dossiers(ledger, model, as_of)
    enrolled = _enrolled(model, as_of, swv, dossiers)
    known = AsKnown(ledger.reference(model.position), _moment(as_of))
    counts = dict.fromkeys(SOORTEN, 0)
    for leerling, dossier in dossiers.items():
        keys = enrolled.get(leerling)
        if keys is None:
            home = dossier.woonplaats_op(as_of.teldatum)
            mine = home is not None and _lives_in(home, swv, as_of.teldatum, known)
        else:
            mine = bool(keys)
        for soort in _sorts(dossier, keys or set(), as_of.teldatum) if mine else ():
            counts[soort] += 1
    return [{"soort": soort, "aantal": counts[soort]} for soort in SOORTEN]


def _moment(as_of: ask.AsOf) -> tuple[datetime, int]:
    return _FOREVER if as_of.bekend_op is None else (as_of.bekend_op, _FOREVER[1])


def _dossiers(ledger: Ledger, model: ReadModel, as_of: ask.AsOf) -> dict[str, Dossier]:
    """Return what was known of every pupil with an event of TOPICS, by pupil id."""
    joined = ledger.vault.joined()
    streams = map(UUID, ledger.store.streams_with(TOPICS, model.position))
    groups = {joined.get(stream, stream).hex for stream in streams}
    pupils = ask_pupils.persons(model, as_of, ask_pupils.pupils_of_groups(model, groups))
    booked = booked_of(ledger, model, as_of, groups, CLEAR)
    ledger.vault.drop_keys()
    return {
        leerling: _of_pupil(UUID(leerling), booked.get(groep, []))
        for leerling, groep in ask_products.groups_of(model, pupils).items()
    }


def _of_pupil(leerling: UUID, booked: list[ev.Event]) -> Dossier:
    streams = streams_of(leerling, booked)
    return replay(event.fact for event in booked if event.originator_id in streams)


def _enrolled(
    model: ReadModel, as_of: ask.AsOf, swv: str, leerlingen: Iterable[str]
) -> dict[str, set[Sleutel]]:
    """Return per pupil with an enrolment on the teldatum the keys of those that are of S."""
    linked = set(ask_reference.vestigingen_of(model, as_of, swv))
    mine = SECTOR_SCHOOLSOORTEN[sector_of_swv(swv)]
    found: defaultdict[str, set[Sleutel]] = defaultdict(set)
    listed = sorted(leerlingen)
    for start in range(0, len(listed), PER_QUERY):
        selection = ask.Selection(leerlingen=tuple(listed[start : start + PER_QUERY]))
        for row in ask.standen(model, as_of, selection):
            keys = found[row.leerling]
            if row.swv == swv or (row.schoolsoort in mine and row.vestigingscode in linked):
                keys.add((row.instellingscode, row.volgnummer))
    return found


def _lives_in(home: Woonplaats, swv: str, day: date, known: AsKnown) -> bool:
    if home.pc4 is None:
        return swv in home.swv
    return known.swv_of_pc4(home.pc4, sector_of_swv(swv), day) == swv


def _sorts(dossier: Dossier, keys: set[Sleutel], day: date) -> set[str]:
    """Return which sorts hold for a pupil of S on a day; each counts a pupil once."""
    sorts = {f"{one.soort} verzuim" for one in dossier.verzuimen if one.holds_on(day)}
    if any(one.holds_on(day) for one in dossier.vrijstellingen):
        sorts.add("vrijstelling")
    fixed = (
        vanaf
        for key in keys & dossier.inschrijvingen.keys()
        for vanaf in dossier.inschrijvingen[key].perspectieven
    )
    if any(vanaf <= day for vanaf in fixed):
        sorts.add("ontwikkelingsperspectief")
    return sorts
