"""What is known of one pupil at one moment: enrolments, tlv's, residences (rules.md 2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, Protocol

import msgspec

from ledger.codes import (
    Categorie,
    Door,
    Schoolsoort,
    SoortVerblijf,
    SoortVerzuim,
    VoKenmerk,
)
from ledger.events import BepalingGemeld
from ledger.times import ONE_DAY

Sleutel = tuple[str, str]
"""The key of an enrolment within a pupil: (instellingscode, volgnummer)."""


class Periode(msgspec.Struct, frozen=True):
    """A period of an enrolment: from `vanaf` until the next one (rules.md 2)."""

    vanaf: date
    vestigingscode: str
    schoolsoort: Schoolsoort
    soort_verblijf: SoortVerblijf
    bekostigbaar: bool
    ondersteuningscategorie: Categorie | None
    cluster: int | str | None
    leerjaar: int | str | None
    vo_kenmerk: VoKenmerk | None


class Koppeling(msgspec.Struct, frozen=True):
    """A tlv registered with an enrolment, by the school or by DUO (rules.md 2)."""

    nummer: str
    door: Door


class Inschrijving(msgspec.Struct, frozen=True):
    """One enrolment; `einddatum` is the last day of attendance, None = it runs.

    `perioden` ascend and the first starts on `begindatum`; `bepalingen` are what DUO
    reported, the one known last at the end; `perspectieven` are the days, ascending, from
    which an ontwikkelingsperspectief holds.
    """

    instellingscode: str
    volgnummer: str
    begindatum: date
    einddatum: date | None
    perioden: tuple[Periode, ...]
    koppelingen: tuple[Koppeling, ...]
    bepalingen: tuple[BepalingGemeld, ...] = ()
    perspectieven: tuple[date, ...] = ()

    @property
    def sleutel(self) -> Sleutel:
        """The key within the pupil."""
        return self.instellingscode, self.volgnummer

    def periode_op(self, day: date) -> Periode | None:
        """Return the period in force on the day, None before the first one."""
        in_force = None
        for periode in self.perioden:
            if periode.vanaf > day:
                break
            in_force = periode
        return in_force


class Tlv(msgspec.Struct, frozen=True):
    """A tlv of the pupil (rules.md 2)."""

    nummer: str
    categorie: Categorie
    begindatum: date
    einddatum: date
    ingetrokken_per: date | None = None

    @property
    def laatste_dag(self) -> date:
        """The last day of validity: withdrawn per a date = until the day before."""
        if self.ingetrokken_per is None:
            return self.einddatum
        return min(self.einddatum, self.ingetrokken_per - ONE_DAY)

    @property
    def ooit_geldig(self) -> bool:
        """Whether it was valid on any day (withdrawn on or before its begin = never)."""
        return self.begindatum <= self.laatste_dag


class MetTermijn(Protocol):
    """A tlv as known, or as the read model holds it."""

    @property
    def begindatum(self) -> date:
        """The first day."""

    @property
    def laatste_dag(self) -> date:
        """The last day of validity."""


def geldig_op(tlv: MetTermijn, day: date) -> bool:
    """Tell whether a tlv is valid on a day (rules.md 2 and 3, rule 1)."""
    return tlv.begindatum <= day <= tlv.laatste_dag


class Woonplaats(msgspec.Struct, frozen=True):
    """Where the pupil lives from `vanaf`: a PC4, abroad, or only its samenwerkingsverbanden."""

    vanaf: date
    pc4: str | None
    buitenland: bool
    swv: tuple[str, ...]


class Traject(msgspec.Struct, frozen=True):
    """Days from `vanaf` up to and including `tot_en_met`, None = it runs."""

    vanaf: date
    tot_en_met: date | None

    def holds_on(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.vanaf <= day and (self.tot_en_met is None or day <= self.tot_en_met)

    def overlaps(self, other: Traject) -> bool:
        """Tell whether there is a day on which both hold."""
        return self.holds_on(max(self.vanaf, other.vanaf)) and other.holds_on(
            max(self.vanaf, other.vanaf)
        )


class Verzuim(Traject, frozen=True):
    """A stretch in which the pupil stays away from school."""

    soort: SoortVerzuim


class Vrijstelling(Traject, frozen=True):
    """A stretch in which the pupil need not attend school; `grond` as the source put it."""

    grond: str | None


class Dossier(msgspec.Struct, frozen=True):
    """Everything known of one pupil at one moment of knowledge.

    `geboortedatum` is None as long as it is not known, or stays sealed.
    """

    inschrijvingen: Mapping[Sleutel, Inschrijving] = {}
    tlvs: Mapping[str, Tlv] = {}
    woonplaatsen: tuple[Woonplaats, ...] = ()
    verzuimen: tuple[Verzuim, ...] = ()
    vrijstellingen: tuple[Vrijstelling, ...] = ()
    geboortedatum: date | None = None

    def woonplaats_op(self, day: date) -> Woonplaats | None:
        """Return the residence in force on the day, None before the first one known."""
        in_force = None
        for woonplaats in self.woonplaatsen:
            if woonplaats.vanaf > day:
                break
            in_force = woonplaats
        return in_force


EMPTY: Final = Dossier()
