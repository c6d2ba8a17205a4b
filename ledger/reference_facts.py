"""The facts of the catalogue that are about no pupil (events.md 1): reference data and the log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from ledger.codes import Aantal, Afdruk, Pc4, Schoolsoort, Swv, Tabel, Vestigingscode
from ledger.facts import LogFact, ReferenceFact


class SwvGeregistreerd(ReferenceFact, frozen=True, kw_only=True):
    """A samenwerkingsverband and its name."""

    swv: Swv
    naam: str


class VestigingGeregistreerd(ReferenceFact, frozen=True, kw_only=True):
    """A vestiging, its name, and whether it belongs to an institution."""

    vestigingscode: Vestigingscode
    naam: str
    gesloten_inrichting: bool = False
    residentieel: bool = False


class VestigingAangesloten(ReferenceFact, frozen=True, kw_only=True):
    """A vestiging is linked to a samenwerkingsverband, one per sector at a time."""

    vestigingscode: Vestigingscode
    swv: Swv
    vanaf: date
    tot_en_met: date | None = None


class VestigingUitgetreden(ReferenceFact, frozen=True, kw_only=True):
    """A vestiging left a samenwerkingsverband after a last day."""

    vestigingscode: Vestigingscode
    swv: Swv
    tot_en_met: date


class PostcodegebiedToegewezen(ReferenceFact, frozen=True, kw_only=True):
    """A PC4 area belongs to a samenwerkingsverband per sector from a day on."""

    pc4: Pc4
    swv_po: Swv | None = None
    swv_vo: Swv | None = None
    vanaf: date


class TellingVastgesteld(ReferenceFact, frozen=True, kw_only=True):
    """The count of some schoolsoorten on a teldatum was fixed at a moment (rules.md 6).

    `op` is kept as the source wrote it; a bare date means the end of that day.
    """

    teldatum: date
    schoolsoorten: tuple[Schoolsoort, ...]
    op: str


class AantallenGemeld(ReferenceFact, frozen=True, kw_only=True):
    """A row of counts that DUO reported: an assertion to reconcile with, no fact about a pupil.

    `tabel` is a file of Dashboard 1A; `aantallen` goes by its column names in lower case. A
    row of the file of vestigingen has no schoolsoort, one of the totals no vestiging.
    """

    tabel: Tabel
    swv: Swv
    teldatum: date
    schoolsoort: Schoolsoort | None = None
    vestigingscode: Vestigingscode | None = None
    deelnemend: bool | None = None
    aantallen: dict[str, Aantal]


class BestandIngelezen(ReferenceFact, frozen=True, kw_only=True):
    """A file was imported; booked by the ledger itself, once per file content.

    `gedownload_op` is when the file knew what it says. `geboekt` counts events, `al_bekend`
    and `afgekeurd` rows; `volledig` = what it lacks was booked as vanished (--complete).
    """

    product: str
    swv: Swv | None = None
    teldatum: date | None = None
    gedownload_op: datetime | None = None
    sha256: str
    regels: int
    naam: str
    geboekt: int | None = None
    al_bekend: int | None = None
    afgekeurd: int | None = None
    volledig: bool = False


class BestandTeruggedraaid(ReferenceFact, frozen=True, kw_only=True):
    """An import was undone: what was booked from that file has lapsed (`BoekingVervallen`)."""

    sha256: str


class BoekingVervallen(LogFact, frozen=True, kw_only=True):
    """Events of this stream, by their positions in the log, have no effect any more.

    An import was undone, or what a file said leads to other facts since an earlier file
    was read in.
    """

    posities: tuple[int, ...]


class VerschilGeaccepteerd(ReferenceFact, frozen=True, kw_only=True):
    """Somebody accepted a difference of a reconciliation, as long as its value stays (rules.md 9).

    `sleutel` and `waarde` are keyed hashes of the key, and of the class and the values: the
    key of a difference may hold a PGN, which stands in the vault only.
    """

    paar: str
    swv: Swv
    teldatum: date
    sleutel: Afdruk
    waarde: Afdruk
    reden: Annotated[str, msgspec.Meta(min_length=1)]
    paraaf: Annotated[str, msgspec.Meta(min_length=1)]


class AansluitingVerzegeld(ReferenceFact, frozen=True, kw_only=True):
    """A finished reconciliation was sealed (rules.md 9)."""

    aansluiting: str
    bestanden: tuple[str, ...]
    teldatum: date
    zoals_bekend_op: datetime
    aantallen: dict[str, int]
    geaccepteerd: tuple[dict[str, str], ...] = ()
