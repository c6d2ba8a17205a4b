"""States: what a source says holds, where a feed says what changed (events.md 2). Pure.

A reader of a state file yields states; `ledger.deriving` compares each with what was known at
the moment of the file and says which events make the difference. `UNSET` = the source does
not say; None = it says that there is none.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from ledger.codes import Categorie, Cluster, Door, Schoolsoort, SoortVerblijf, VoKenmerk

ONBEKEND_VERBLIJF: Final[SoortVerblijf] = "IJH"
"""The sort of stay of a pupil of whom a source says only that it is residential (assumption).

IJH, since it is the most common one and any of the three counts alike (rules.md 3).
"""


class Stand(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """What a source says of one thing at one moment."""


class LeerlingStand(Stand, frozen=True, kw_only=True):
    """The birth date of a pupil."""

    geboortedatum: date


class WoonplaatsStand(Stand, frozen=True, kw_only=True):
    """Where a pupil lives from a day on: a PC4, abroad, or only the samenwerkingsverband.

    One that names a samenwerkingsverband alone never overrules a PC4 or abroad.
    """

    vanaf: date
    pc4: str | None = None
    buitenland: bool = False
    swv: tuple[str, ...] = ()


class TlvStand(Stand, frozen=True, kw_only=True):
    """A tlv of a pupil; `einddatum` may be its last day after a withdrawal.

    `ingetrokken_per` UNSET = the source knows no withdrawals; None = it was not withdrawn.
    """

    nummer: str
    categorie: Categorie | UnsetType = UNSET
    begindatum: date | UnsetType = UNSET
    einddatum: date | UnsetType = UNSET
    ingetrokken_per: date | UnsetType | None = UNSET


class PeriodeStand(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One period of an enrolment; what is UNSET stays as known, else as the feed's default."""

    vanaf: date
    vestigingscode: str
    schoolsoort: Schoolsoort
    soort_verblijf: SoortVerblijf | UnsetType = UNSET
    bekostigbaar: bool | UnsetType = UNSET
    ondersteuningscategorie: Categorie | UnsetType | None = UNSET
    cluster: Cluster | UnsetType | None = UNSET
    leerjaar: int | str | UnsetType | None = UNSET
    vo_kenmerk: VoKenmerk | UnsetType | None = UNSET


class InschrijvingStand(Stand, frozen=True, kw_only=True):
    """One enrolment with its whole history, as a ROD message or a school's export has it.

    `perioden` ascend, each with its schoolsoort; `schoolsoort_onzeker` = a guess, that gives
    way to what is known. The first starts on `begindatum`, unless `eerder_onbekend`: then the
    source does not tell of the days before the first period.
    `tlv` are all numbers that `door` linked; UNSET = the source does not tell of links.
    `oorspronkelijke_begindatum` is the begin under which it was sent before.
    """

    instellingscode: str
    volgnummer: str
    begindatum: date | UnsetType = UNSET
    einddatum: date | UnsetType | None = UNSET
    perioden: tuple[PeriodeStand, ...]
    schoolsoort_onzeker: bool = False
    tlv: tuple[str, ...] | UnsetType = UNSET
    door: Door = "school"
    oorspronkelijke_begindatum: date | UnsetType = UNSET
    eerder_onbekend: bool = False


class VerwijderdStand(Stand, frozen=True, kw_only=True):
    """The source has this enrolment no more: it was never there."""

    instellingscode: str
    volgnummer: str
    reden: str | None = None


class TeldatumStand(Stand, frozen=True, kw_only=True):
    """An enrolment as DUO counted it on a teldatum: what a row of Dashboard 1B tells.

    Vestiging, residential and category are those of the teldatum; of other days the row says
    nothing. `nummer` is the tlv that DUO used, None = it used none.
    """

    instellingscode: str
    volgnummer: str
    begindatum: date
    einddatum: date | None
    teldatum: date
    vestigingscode: str
    schoolsoort: Schoolsoort
    residentieel: bool
    ondersteuningscategorie: Categorie
    nummer: str | None


class NietGeteldStand(Stand, frozen=True, kw_only=True):
    """An enrolment that a complete file of a teldatum had before and has no more.

    Why is left open: "no longer in 1B" has several causes (events.md 2). `swv` is the
    samenwerkingsverband of the file.
    """

    instellingscode: str
    volgnummer: str
    teldatum: date
    swv: str


class BepalingStand(Stand, frozen=True, kw_only=True):
    """What DUO determined for an enrolment on a teldatum: kept beside what we compute."""

    instellingscode: str
    volgnummer: str
    teldatum: date
    swv: str | None
    wijze: str | None
    ondersteuningscategorie: str | None
    telt: bool


class SwvStand(Stand, frozen=True, kw_only=True):
    """The name of a samenwerkingsverband."""

    swv: str
    naam: str


class VestigingStand(Stand, frozen=True, kw_only=True):
    """The name of a vestiging, and whether it belongs to an institution."""

    vestigingscode: str
    naam: str | UnsetType = UNSET
    gesloten_inrichting: bool | UnsetType = UNSET
    residentieel: bool | UnsetType = UNSET


class AansluitingStand(Stand, frozen=True, kw_only=True):
    """A vestiging is linked to a samenwerkingsverband from a day on, perhaps until a day."""

    vestigingscode: str
    swv: str
    vanaf: date
    tot_en_met: date | None = None


class PostcodegebiedStand(Stand, frozen=True, kw_only=True):
    """The samenwerkingsverbanden of a PC4 area from a day on."""

    pc4: str
    swv_po: str | None
    swv_vo: str | None
    vanaf: date


class TellingStand(Stand, frozen=True, kw_only=True):
    """When the count of some schoolsoorten on a teldatum was fixed; `op` as the source wrote it."""

    teldatum: date
    schoolsoorten: tuple[Schoolsoort, ...]
    op: str


class AantallenStand(Stand, frozen=True, kw_only=True):
    """A row of counts that DUO reported (Dashboard 1A): an assertion, no fact about a pupil.

    `tabel` is met_tlv, totaal or vestigingen; `aantallen` by the column names of the layout,
    in lower case, a number or `<5`.
    """

    tabel: str
    swv: str
    teldatum: date
    schoolsoort: str | None = None
    vestigingscode: str | None = None
    deelnemend: bool | None = None
    aantallen: dict[str, int | str]


PupilStand = (
    LeerlingStand
    | WoonplaatsStand
    | TlvStand
    | InschrijvingStand
    | VerwijderdStand
    | TeldatumStand
    | NietGeteldStand
    | BepalingStand
)
ReferenceStand = (
    SwvStand
    | VestigingStand
    | AansluitingStand
    | PostcodegebiedStand
    | TellingStand
    | AantallenStand
)
"""Told of no pupil."""

AnyStand = PupilStand | ReferenceStand
