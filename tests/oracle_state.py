"""The enrolments active on a teldatum as known at one moment, cut by the contest (rules.md 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.oracle_attribution import Segment, basis, categorie, reason_on, segments
from tests.oracle_facts import Leerling, known, leerlingen
from tests.oracle_reference import Referentie, referentie

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracle_facts import Event

Row: TypeAlias = dict[str, Any]

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Regel:
    """One enrolment on the teldatum: its segment, why it does not count, its own days."""

    leerling: Leerling
    segment: Segment
    reden: str
    geldig_van: date
    geldig_tot_en_met: date | None

    @property
    def telt(self) -> bool:
        """Tell whether the enrolment counts (rules.md 4)."""
        return not self.reden


@dataclass(frozen=True)
class Toestand:
    """Everything a report may ask at one (T, K)."""

    teldatum: date
    regels: list[Regel]
    referentie: Referentie


def toestand(events: Sequence[Event], teldatum: date, bekend_op: datetime | None) -> Toestand:
    """Return the state at (T, K), replayed from the events (rules.md 1 to 4)."""
    told = known(events, bekend_op)
    reference = referentie(told)
    regels = [
        regel for leerling in leerlingen(told) for regel in _regels(leerling, reference, teldatum)
    ]
    return Toestand(teldatum, regels, reference)


def _regels(leerling: Leerling, reference: Referentie, teldatum: date) -> list[Regel]:
    """Return the enrolments of one pupil that are active on the teldatum, by key."""
    by_key = {
        sleutel: segments(leerling, inschrijving, reference)
        for sleutel, inschrijving in sorted(leerling.inschrijvingen.items())
    }
    found = []
    for sleutel, own in by_key.items():
        others = [one for key, theirs in by_key.items() if key != sleutel for one in theirs]
        active = [segment for segment in own if segment.holds_on(teldatum)]
        found += [_cut(leerling, segment, others, teldatum) for segment in active]
    return found


def _cut(leerling: Leerling, segment: Segment, others: list[Segment], teldatum: date) -> Regel:
    """Cut a segment where the contest changes its outcome (rules.md 4), keep the part of T."""
    turns = {other.van for other in others}
    turns |= {other.tot_en_met + ONE_DAY for other in others if other.tot_en_met is not None}
    inside = {turn for turn in turns if segment.holds_on(turn)}
    parts: list[tuple[date, str]] = []
    for first in sorted({segment.van, *inside}):
        reden = reason_on(segment, others, first)
        if not parts or parts[-1][1] != reden:
            parts.append((first, reden))
    begun = [part for part in parts if part[0] <= teldatum]
    later = [part for part in parts if part[0] > teldatum]
    end = later[0][0] - ONE_DAY if later else segment.tot_en_met
    return Regel(leerling, segment, begun[-1][1], begun[-1][0], end)


def stand_row(regel: Regel) -> Row:
    """Return a row of the command `stand` (cli.md) without its two knowledge times."""
    segment, inschrijving = regel.segment, regel.segment.inschrijving
    tlv = segment.toerekening.tlv
    return {
        "pgn": regel.leerling.pgn,
        "geboortedatum": regel.leerling.geboortedatum,
        "instellingscode": inschrijving.instellingscode,
        "volgnummer": inschrijving.volgnummer,
        "vestigingscode": segment.periode.vestigingscode,
        "schoolsoort": segment.periode.schoolsoort,
        "begindatum": inschrijving.begindatum,
        "einddatum": inschrijving.einddatum,
        "soort_verblijf": segment.periode.soort_verblijf,
        "swv": segment.toerekening.swv,
        "wijze_van_bepaling": segment.toerekening.wijze,
        "ondersteuningscategorie": categorie(segment),
        "basis": basis(segment),
        "beschikkingsnummer": "" if tlv is None else tlv.nummer,
        "telt": regel.telt,
        "reden": regel.reden,
        "geldig_van": regel.geldig_van,
        "geldig_tot_en_met": regel.geldig_tot_en_met,
    }
