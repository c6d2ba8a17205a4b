"""What is known of each pupil at a moment, replayed event by event (rules.md 1 and 2)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

Event: TypeAlias = dict[str, Any]

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BARE_DATE = len("2025-02-01")
PERIOD_ATTRIBUTES = (
    "vestigingscode",
    "schoolsoort",
    "soort_verblijf",
    "bekostigbaar",
    "ondersteuningscategorie",
    "cluster",
    "vo_kenmerk",
)


@dataclass(frozen=True)
class Periode:
    """A registered period of an enrolment: from `vanaf` until the next one (rules.md 2)."""

    vanaf: date
    vestigingscode: str
    schoolsoort: str
    soort_verblijf: str = "geen"
    bekostigbaar: bool = True
    ondersteuningscategorie: str | None = None
    cluster: int | None = None
    vo_kenmerk: str | None = None


@dataclass(frozen=True)
class Inschrijving:
    """An enrolment as known at one moment; `einddatum` None means it still runs (rules.md 2)."""

    instellingscode: str
    volgnummer: str
    begindatum: date
    einddatum: date | None
    perioden: tuple[Periode, ...]
    koppelingen: frozenset[tuple[str, str]] = frozenset()  # (beschikkingsnummer, door)
    bepalingen: tuple[Event, ...] = ()

    @property
    def sleutel(self) -> tuple[str, str]:
        """The key of the enrolment within the pupil."""
        return self.instellingscode, self.volgnummer

    def active_on(self, day: date) -> bool:
        """Tell whether the pupil attends on that day; the end date is inclusive."""
        return self.begindatum <= day and (self.einddatum is None or day <= self.einddatum)

    def periode_on(self, day: date) -> Periode:
        """Return the period in force on a day not before `begindatum`."""
        return [periode for periode in self.perioden if periode.vanaf <= day][-1]


@dataclass(frozen=True)
class Tlv:
    """A toelaatbaarheidsverklaring; `ingetrokken_per` None means never withdrawn (rules.md 2)."""

    nummer: str
    categorie: str
    begindatum: date
    einddatum: date
    ingetrokken_per: date | None = None

    @property
    def last_day(self) -> date:
        """The last day of validity: a withdrawn tlv is valid until the day before."""
        if self.ingetrokken_per is None:
            return self.einddatum
        return min(self.einddatum, self.ingetrokken_per - timedelta(days=1))

    def valid_on(self, day: date) -> bool:
        """Tell whether the tlv is valid; never when withdrawn on or before its begin."""
        return self.begindatum <= day <= self.last_day


@dataclass
class Leerling:
    """A pupil as known at one moment, under the newest of its PGN's."""

    pgn: str
    pgns: frozenset[str]
    eerste: str = ""  # of its PGN's the one that was known first
    geboortedatum: date | None = None
    woonplaatsen: dict[date, Event] = field(default_factory=dict)  # by `vanaf`
    tlvs: dict[str, Tlv] = field(default_factory=dict)
    inschrijvingen: dict[tuple[str, str], Inschrijving] = field(default_factory=dict)


def instant(value: str) -> datetime:
    """Return the moment of a `bekend_op` (rules.md 1): a bare date is 00:00 in Amsterdam."""
    if len(value) == BARE_DATE:
        return datetime.combine(day(value), time.min, AMSTERDAM).astimezone(UTC)
    moment = datetime.fromisoformat(value)
    assert moment.tzinfo is not None, value
    return moment.astimezone(UTC)


def known_until(value: str) -> datetime:
    """Return the K of a query (rules.md 1): a bare date is the end of that day in Amsterdam."""
    if len(value) == BARE_DATE:
        return end_of_day(day(value))
    return instant(value)


def end_of_day(value: date) -> datetime:
    """Return the last moment of a day in Amsterdam (rules.md 1)."""
    return datetime.combine(value, time.max, AMSTERDAM).astimezone(UTC)


def day(value: str) -> date:
    """Return the day a field of the feed names."""
    return date.fromisoformat(value)


def identity(event: Event) -> str:
    """Return what makes two lines the same event (events.md 1)."""
    if "kenmerk" in event:
        return json.dumps([event.get("bron", "feed"), event["kenmerk"]])
    return json.dumps(event, sort_keys=True)


def known(events: Sequence[Event], bekend_op: datetime | None) -> list[Event]:
    """Return what was known at K in the order of replay: `bekend_op`, position (rules.md 1)."""
    first_seen: dict[str, int] = {}
    for position, event in enumerate(events):
        first_seen.setdefault(identity(event), position)
    told = [(instant(events[at]["bekend_op"]), at) for at in first_seen.values()]
    return [events[at] for moment, at in sorted(told) if bekend_op is None or moment <= bekend_op]


def leerlingen(told: Sequence[Event]) -> list[Leerling]:
    """Replay the known events of every pupil (rules.md 1), joined where a PGN was replaced."""
    found = [Leerling(pgn, pgns, _first_known(told, pgns)) for pgn, pgns in _persons(told)]
    by_pgn = {pgn: leerling for leerling in found for pgn in leerling.pgns}
    for event in told:
        if "pgn" in event:
            _record(by_pgn[event["pgn"]], event)
    return found


def _first_known(told: Sequence[Event], pgns: frozenset[str]) -> str:
    """Return of a pupil's PGN's the one that the first known event names."""
    return str(next(event["pgn"] for event in told if event.get("pgn") in pgns))


def _persons(told: Sequence[Event]) -> list[tuple[str, frozenset[str]]]:
    """Return per pupil the newest PGN and all its PGN's (events.md 1, `PgnVervangen`)."""
    persons = {event["pgn"]: frozenset([event["pgn"]]) for event in told if "pgn" in event}
    for event in told:
        if event["type"] != "PgnVervangen":
            continue
        old, new = event["pgn"], event["nieuw_pgn"]
        joined = next(pgns for pgns in persons.values() if old in pgns) | {new}
        joined = joined.union(*(pgns for pgns in persons.values() if pgns & joined))
        persons = {pgn: pgns for pgn, pgns in persons.items() if not pgns & joined}
        persons[new] = joined
    return sorted(persons.items())


def _record(leerling: Leerling, event: Event) -> None:
    """Let one event change what is known of the pupil (rules.md 2)."""
    match event["type"]:
        case "LeerlingGeregistreerd":
            leerling.geboortedatum = day(event["geboortedatum"])
        case "WoonplaatsVastgelegd":
            leerling.woonplaatsen[day(event["vanaf"])] = event
        case "TlvAfgegeven" | "TlvGewijzigd" | "TlvIngetrokken":
            _record_tlv(leerling, event)
        case "InschrijvingGeregistreerd":
            _record_registration(leerling, event)
        case "InschrijvingVerwijderd":
            leerling.inschrijvingen.pop((event["instellingscode"], event["volgnummer"]), None)
        case _ if "volgnummer" in event:
            _record_change(leerling, event)


def _record_tlv(leerling: Leerling, event: Event) -> None:
    """Issue, change or withdraw a tlv; a change to an unknown one has no effect (rules.md 1)."""
    nummer = event["nummer"]
    known_tlv = leerling.tlvs.get(nummer)
    names = ("begindatum", "einddatum")
    dates: dict[str, Any] = {name: day(event[name]) for name in names if name in event}
    if event["type"] == "TlvAfgegeven":
        tlv = Tlv(nummer, event["categorie"], dates["begindatum"], dates["einddatum"])
    elif known_tlv is None:
        return
    elif event["type"] == "TlvIngetrokken":
        tlv = replace(known_tlv, ingetrokken_per=day(event["per"]))
    else:
        categorie = event.get("categorie", known_tlv.categorie)
        tlv = replace(known_tlv, categorie=categorie, **dates)
    if tlv.begindatum <= tlv.einddatum:
        leerling.tlvs[nummer] = tlv


def _record_registration(leerling: Leerling, event: Event) -> None:
    """Add an enrolment of one period; no effect when it is known already (events.md 4)."""
    begindatum = day(event["begindatum"])
    inschrijving = Inschrijving(
        instellingscode=event["instellingscode"],
        volgnummer=event["volgnummer"],
        begindatum=begindatum,
        einddatum=_optional_day(event.get("einddatum")),
        perioden=(Periode(begindatum, **_attributes(event)),),
        koppelingen=frozenset((nummer, "school") for nummer in event.get("tlv") or ()),
    )
    if inschrijving.sleutel not in leerling.inschrijvingen and _makes_sense(inschrijving):
        leerling.inschrijvingen[inschrijving.sleutel] = inschrijving


def _record_change(leerling: Leerling, event: Event) -> None:
    """Change a known enrolment; an event that makes no sense has no effect (rules.md 1)."""
    known_one = leerling.inschrijvingen.get((event["instellingscode"], event["volgnummer"]))
    if known_one is None:
        return
    changed = _changed(known_one, event)
    if changed is not None and _makes_sense(changed):
        leerling.inschrijvingen[known_one.sleutel] = changed


def _changed(inschrijving: Inschrijving, event: Event) -> Inschrijving | None:
    """Return the enrolment after the event, None when the event cannot apply (events.md 1)."""
    match event["type"]:
        case "InschrijvingGewijzigd":
            return _with_new_period(inschrijving, event)
        case "InschrijvingGecorrigeerd":
            return _corrected(inschrijving, event)
        case "UitschrijvingGeregistreerd":
            return replace(inschrijving, einddatum=day(event["einddatum"]))
        case "UitschrijvingIngetrokken":
            return replace(inschrijving, einddatum=None)
        case "BepalingGemeld":
            return replace(inschrijving, bepalingen=(*inschrijving.bepalingen, event))
        case _:
            return _linked(inschrijving, event)


def _linked(inschrijving: Inschrijving, event: Event) -> Inschrijving | None:
    """Register a tlv number with the enrolment, or remove that link (rules.md 2, Link)."""
    link = (event.get("nummer", ""), event.get("door", ""))
    if event["type"] == "TlvGekoppeld":
        return replace(inschrijving, koppelingen=inschrijving.koppelingen | {link})
    if event["type"] == "TlvOntkoppeld":
        return replace(inschrijving, koppelingen=inschrijving.koppelingen - {link})
    return None


def _with_new_period(inschrijving: Inschrijving, event: Event) -> Inschrijving | None:
    """Start a period that takes over what is in force on its `vanaf` (rules.md 2)."""
    vanaf = day(event["vanaf"])
    starts = [periode.vanaf for periode in inschrijving.perioden]
    if not inschrijving.active_on(vanaf) or vanaf in starts:
        return None
    new = replace(inschrijving.periode_on(vanaf), vanaf=vanaf, **_attributes(event))
    perioden = sorted([*inschrijving.perioden, new], key=lambda periode: periode.vanaf)
    return replace(inschrijving, perioden=tuple(perioden))


def _corrected(inschrijving: Inschrijving, event: Event) -> Inschrijving | None:
    """Return the enrolment as it should have been (events.md 1, `InschrijvingGecorrigeerd`)."""
    begindatum, einddatum = inschrijving.begindatum, inschrijving.einddatum
    perioden = _corrected_perioden(inschrijving, event)
    if perioden is None:
        return None
    if "begindatum" in event:
        begindatum = day(event["begindatum"])
        if "perioden" not in event:
            perioden = _moved(perioden, begindatum)
    if "einddatum" in event:
        einddatum = _optional_day(event["einddatum"])
    return replace(inschrijving, begindatum=begindatum, einddatum=einddatum, perioden=perioden)


def _corrected_perioden(inschrijving: Inschrijving, event: Event) -> tuple[Periode, ...] | None:
    """Return the periods, replaced or one of them corrected; None when `periode` is unknown."""
    if "perioden" in event:
        return tuple(Periode(day(one["vanaf"]), **_attributes(one)) for one in event["perioden"])
    perioden = inschrijving.perioden
    named = _optional_day(event.get("periode")) or perioden[0].vanaf
    if named not in [periode.vanaf for periode in perioden]:
        return None
    return tuple(
        replace(periode, **_attributes(event)) if periode.vanaf == named else periode
        for periode in perioden
    )


def _moved(perioden: tuple[Periode, ...], begindatum: date) -> tuple[Periode, ...]:
    """Move the period in force on the new begin, or the first; drop those before (rules.md 2)."""
    started = [periode for periode in perioden if periode.vanaf <= begindatum]
    first = started[-1] if started else perioden[0]
    return (
        replace(first, vanaf=begindatum),
        *(periode for periode in perioden if periode.vanaf > first.vanaf),
    )


def _makes_sense(inschrijving: Inschrijving) -> bool:
    """Tell whether dates and periods agree and there is one schoolsoort (events.md 4)."""
    starts = [periode.vanaf for periode in inschrijving.perioden]
    schoolsoorten = {periode.schoolsoort for periode in inschrijving.perioden}
    ascending = starts == sorted(set(starts))
    begins = bool(starts) and starts[0] == inschrijving.begindatum
    ends = inschrijving.einddatum is None or inschrijving.einddatum >= max(starts)
    return begins and ascending and ends and len(schoolsoorten) == 1


def _attributes(event: Event) -> dict[str, Any]:
    """Return the period attributes that the event names."""
    return {name: event[name] for name in PERIOD_ATTRIBUTES if name in event}


def _optional_day(value: str | None) -> date | None:
    """Return the day, or None for an absent one."""
    return None if value is None else day(value)
