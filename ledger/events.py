"""The catalogue of events (events.md 1): what a source can report, field by field.

An event is a *fact* in an envelope. The facts below, of pupils, and those of
`ledger.reference_facts` are the catalogue; the envelope (`Event`) says whose fact it is, when
it was known and where it came from.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Final, get_type_hints
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from ledger.codes import (
    Beschikkingsnummer,
    Categorie,
    Cluster,
    Door,
    Instellingscode,
    Pc4,
    Pgn,
    Schoolsoort,
    SoortVerblijf,
    SoortVerzuim,
    Swv,
    Vestigingscode,
    VoKenmerk,
    Volgnummer,
)
from ledger.facts import Fact, LogFact, PupilFact, ReferenceFact
from ledger.reference_facts import (
    AansluitingVerzegeld,
    AantallenGemeld,
    BestandIngelezen,
    BestandTeruggedraaid,
    BoekingVervallen,
    PostcodegebiedToegewezen,
    SwvGeregistreerd,
    TellingVastgesteld,
    VerschilGeaccepteerd,
    VestigingAangesloten,
    VestigingGeregistreerd,
    VestigingUitgetreden,
)

__all__ = [
    "ALL_FACTS",
    "LEDGER_FACTS",
    "LEERPLICHT",
    "LOG_FACTS",
    "PERSONAL",
    "PUPIL_FACTS",
    "REFERENCE_FACTS",
    "UPCASTERS",
    "VERSIONS",
    "AansluitingVerzegeld",
    "AantallenGemeld",
    "BepalingGemeld",
    "Beschermd",
    "BestandIngelezen",
    "BestandTeruggedraaid",
    "BoekingVervallen",
    "Enrolment",
    "Event",
    "Fact",
    "InschrijvingGecorrigeerd",
    "InschrijvingGeregistreerd",
    "InschrijvingGewijzigd",
    "InschrijvingVerwijderd",
    "LeerlingGeregistreerd",
    "LogFact",
    "OntwikkelingsperspectiefVastgesteld",
    "PeriodeVanInschrijving",
    "PgnVervangen",
    "PostcodegebiedToegewezen",
    "PupilFact",
    "ReferenceFact",
    "SwvGeregistreerd",
    "TellingVastgesteld",
    "TlvAfgegeven",
    "TlvGekoppeld",
    "TlvGewijzigd",
    "TlvIngetrokken",
    "TlvOntkoppeld",
    "UitschrijvingGeregistreerd",
    "UitschrijvingIngetrokken",
    "VerschilGeaccepteerd",
    "VerzuimBeeindigd",
    "VerzuimGemeld",
    "VestigingAangesloten",
    "VestigingGeregistreerd",
    "VestigingUitgetreden",
    "VrijstellingBeeindigd",
    "VrijstellingVerleend",
    "WoonplaatsVastgelegd",
    "fact_class",
    "feed_fields",
    "topic_of",
    "upcast",
]

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class LeerlingGeregistreerd(PupilFact, frozen=True, kw_only=True):
    """The pupil was registered; again = the birth date was corrected."""

    geboortedatum: date


class PgnVervangen(PupilFact, frozen=True, kw_only=True):
    """Another PGN took the place of this one: one pupil, histories joined.

    In the feed `nieuw_pgn`; in the store `nieuw`, the id that the vault gave that PGN.
    """

    nieuw_pgn: Pgn | UnsetType = UNSET
    nieuw: UUID | UnsetType = UNSET


class WoonplaatsVastgelegd(PupilFact, frozen=True, kw_only=True):
    """Where the pupil lives from a day on: exactly one of pc4, buitenland or swv."""

    vanaf: date
    pc4: Pc4 | None = None
    buitenland: bool = False
    swv: tuple[Swv, ...] = ()


class Enrolment(PupilFact, frozen=True, kw_only=True):
    """A fact about one enrolment: key (pupil, instellingscode, volgnummer) (rules.md 2)."""

    instellingscode: Instellingscode
    volgnummer: Volgnummer


class PeriodeVanInschrijving(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One period of a corrected enrolment; schoolsoort absent = that of the enrolment."""

    vanaf: date
    vestigingscode: Vestigingscode
    schoolsoort: Schoolsoort | UnsetType = UNSET
    soort_verblijf: SoortVerblijf = "geen"
    bekostigbaar: bool = True
    ondersteuningscategorie: Categorie | None = None
    cluster: Cluster | None = None
    leerjaar: int | str | None = None
    vo_kenmerk: VoKenmerk | None = None


class InschrijvingGeregistreerd(Enrolment, frozen=True, kw_only=True):
    """A pupil was enrolled; its first period starts on `begindatum`."""

    begindatum: date
    vestigingscode: Vestigingscode
    schoolsoort: Schoolsoort
    einddatum: date | None = None
    soort_verblijf: SoortVerblijf = "geen"
    bekostigbaar: bool = True
    ondersteuningscategorie: Categorie | None = None
    cluster: Cluster | None = None
    leerjaar: int | str | None = None
    vo_kenmerk: VoKenmerk | None = None
    tlv: tuple[Beschikkingsnummer, ...] = ()


class InschrijvingGewijzigd(Enrolment, frozen=True, kw_only=True):
    """From `vanaf` on some attributes differ: a new period of the enrolment."""

    vanaf: date
    vestigingscode: Vestigingscode | UnsetType = UNSET
    schoolsoort: Schoolsoort | UnsetType = UNSET
    soort_verblijf: SoortVerblijf | UnsetType = UNSET
    bekostigbaar: bool | UnsetType = UNSET
    ondersteuningscategorie: Categorie | UnsetType | None = UNSET
    cluster: Cluster | UnsetType | None = UNSET
    leerjaar: int | str | UnsetType | None = UNSET
    vo_kenmerk: VoKenmerk | UnsetType | None = UNSET


class InschrijvingGecorrigeerd(Enrolment, frozen=True, kw_only=True):
    """What the enrolment should have been; `einddatum` null = it still runs.

    `perioden` replaces the whole list; otherwise the attributes given replace those of
    the period that started on `periode` as known before (default: the first).
    """

    begindatum: date | UnsetType = UNSET
    einddatum: date | UnsetType | None = UNSET
    perioden: (
        Annotated[tuple[PeriodeVanInschrijving, ...], msgspec.Meta(min_length=1)] | UnsetType
    ) = UNSET
    periode: date | UnsetType = UNSET
    vestigingscode: Vestigingscode | UnsetType = UNSET
    schoolsoort: Schoolsoort | UnsetType = UNSET
    soort_verblijf: SoortVerblijf | UnsetType = UNSET
    bekostigbaar: bool | UnsetType = UNSET
    ondersteuningscategorie: Categorie | UnsetType | None = UNSET
    cluster: Cluster | UnsetType | None = UNSET
    leerjaar: int | str | UnsetType | None = UNSET
    vo_kenmerk: VoKenmerk | UnsetType | None = UNSET


class UitschrijvingGeregistreerd(Enrolment, frozen=True, kw_only=True):
    """The enrolment ended; `einddatum` is the last day of attendance."""

    einddatum: date


class UitschrijvingIngetrokken(Enrolment, frozen=True, kw_only=True):
    """The enrolment did not end after all."""


class InschrijvingVerwijderd(Enrolment, frozen=True, kw_only=True):
    """The enrolment is as if it never was, from this knowledge on (rules.md 4)."""

    reden: str | None = None


class TlvAfgegeven(PupilFact, frozen=True, kw_only=True):
    """A samenwerkingsverband issued a tlv; again = it was stated anew as a whole."""

    nummer: Beschikkingsnummer
    categorie: Categorie
    begindatum: date
    einddatum: date


class TlvGewijzigd(PupilFact, frozen=True, kw_only=True):
    """Some facts of a tlv changed."""

    nummer: Beschikkingsnummer
    categorie: Categorie | UnsetType = UNSET
    begindatum: date | UnsetType = UNSET
    einddatum: date | UnsetType = UNSET


class TlvIngetrokken(PupilFact, frozen=True, kw_only=True):
    """A tlv was withdrawn: valid until the day before `per` (rules.md 2)."""

    nummer: Beschikkingsnummer
    per: date


class TlvGekoppeld(Enrolment, frozen=True, kw_only=True):
    """A tlv was registered with an enrolment, by the school or by DUO (rules.md 2)."""

    nummer: Beschikkingsnummer
    door: Door


class TlvOntkoppeld(Enrolment, frozen=True, kw_only=True):
    """A link made by the school or by DUO was taken away."""

    nummer: Beschikkingsnummer
    door: Door


class BepalingGemeld(Enrolment, frozen=True, kw_only=True):
    """What DUO determined for an enrolment on a teldatum, as its file said."""

    teldatum: date
    swv: Swv | None = None
    wijze: str | None = None
    ondersteuningscategorie: str | None = None
    telt: bool | None = None


class VerzuimGemeld(PupilFact, frozen=True, kw_only=True):
    """A pupil stays away from a day on: not enrolled anywhere (absoluut), or enrolled (relatief).

    Leerplichtwet 1969 art 2 and 21a.
    """

    soort: SoortVerzuim
    vanaf: date


class VerzuimBeeindigd(PupilFact, frozen=True, kw_only=True):
    """The running verzuim ended; `tot_en_met` is its last day."""

    tot_en_met: date


class VrijstellingVerleend(PupilFact, frozen=True, kw_only=True):
    """A pupil was freed from the duty to attend school (Leerplichtwet 1969 art 5 and 15)."""

    vanaf: date
    tot_en_met: date | None = None
    grond: str | None = None


class VrijstellingBeeindigd(PupilFact, frozen=True, kw_only=True):
    """The running vrijstelling ended; `tot_en_met` is its last day."""

    tot_en_met: date


class OntwikkelingsperspectiefVastgesteld(Enrolment, frozen=True, kw_only=True):
    """A school fixed an ontwikkelingsperspectief for an enrolment (WPO art 40a)."""

    vanaf: date


class Beschermd(Fact, frozen=True, kw_only=True):
    """A personal fact as the store holds it: encrypted under the pupil's own key.

    `van` is the name of the fact; the vault opens it (`Vault.reveal`) as long as the
    pupil's key exists.
    """

    van: str
    versie: int = 1
    geheim: bytes


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact in its envelope, as booked.

    `originator_id` is the stream (the pupil id, or the id of a reference object) and
    `originator_version` the place in it; `bekend_op` is in UTC; `bestand` is the SHA-256
    (hex) of the file and `regel` the line it was read from; `identiteit` tells the same
    event from another one (events.md 1); `positie` is its place in the log, 0 = not yet
    booked.
    """

    originator_id: UUID
    originator_version: int
    fact: Fact
    bekend_op: datetime
    bron: str = "feed"
    kenmerk: str | None = None
    bestand: str | None = None
    regel: int | None = None
    identiteit: bytes = b""
    positie: int = 0


def _leaves(base: type[Fact]) -> list[type[Fact]]:
    return [leaf for child in base.__subclasses__() for leaf in (_leaves(child) or [child])]


PUPIL_FACTS: Final[dict[str, type[Fact]]] = {fact.__name__: fact for fact in _leaves(PupilFact)}
REFERENCE_FACTS: Final[dict[str, type[Fact]]] = {
    fact.__name__: fact for fact in _leaves(ReferenceFact)
}
LOG_FACTS: Final[dict[str, type[Fact]]] = {fact.__name__: fact for fact in _leaves(LogFact)}
ALL_FACTS: Final = {**PUPIL_FACTS, **REFERENCE_FACTS, **LOG_FACTS}
LEDGER_FACTS: Final = frozenset(
    {BestandIngelezen.__name__, BestandTeruggedraaid.__name__, *LOG_FACTS}
)
"""Booked by the ledger itself: never read from a feed and never written to one."""

LEERPLICHT: Final[frozenset[type[Fact]]] = frozenset(
    {VerzuimGemeld, VerzuimBeeindigd, VrijstellingVerleend, VrijstellingBeeindigd}
)
"""Sensitive facts that build on each other: an import opens those of its own pupils."""

PERSONAL: Final[frozenset[type[Fact]]] = LEERPLICHT | {LeerlingGeregistreerd, WoonplaatsVastgelegd}
"""Facts that the store holds encrypted under a key per pupil (architecture.md)."""

VERSIONS: Final[dict[str, int]] = {}
"""The version of a fact's shape, where it is not 1."""

UPCASTERS: Final[dict[tuple[str, int], Upcaster]] = {}
"""(fact, version) -> what makes a stored shape of that version one of the next."""


def upcast(topic: str, version: int, shape: dict[str, Any]) -> dict[str, Any]:
    """Return a stored shape in its present version (events.md 3).

    Raises KeyError when a version has no upcaster: a release forgot one.
    """
    for step in range(version, VERSIONS.get(topic, 1)):
        shape = UPCASTERS[topic, step](shape)
    return shape


def topic_of(fact: Fact) -> str:
    """Return the registered short name of a fact, also of one that is encrypted."""
    return fact.van if isinstance(fact, Beschermd) else type(fact).__name__


def fact_class(topic: str) -> type[Fact]:
    """Return the class of a fact by its registered short name. Raises KeyError."""
    return ALL_FACTS[topic]


def feed_fields(fact: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the fields of a fact as the feed has them, in the order of the catalogue."""
    return tuple(name for name in get_type_hints(fact) if (fact, name) != (PgnVervangen, "nieuw"))
