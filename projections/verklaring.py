"""What a `why` answers (rules.md 8), in the shape of its JSON (cli.md, `why`). Pure values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal

import msgspec

from ledger.codes import Basis, Categorie, Schoolsoort

CORRECTIES: Final = "correcties"
MUTATIES: Final = "mutaties"
Stap = Literal["correcties", "mutaties"]
"""First what became known otherwise about the first teldatum, then what happened after it."""

Klasse = Literal[
    "late registratie",
    "gecorrigeerde datum",
    "gecorrigeerd kenmerk",
    "verwijderde inschrijving",
    "tlv-koppeling",
    "wijziging referentiegegevens",
    "dubbele inschrijving opgelost",
    "instroom",
    "uitstroom",
    "doorstroom",
    "categoriewijziging",
    "tlv verlopen",
    "tlv begonnen",
    "overgang naar ander samenwerkingsverband",
]
"""The classes of rules.md 8: seven of corrections, then seven of mutations."""


class UnbalancedError(ArithmeticError):
    """An explanation that does not add up: a defect, never shown as an answer."""

    def __init__(self, difference: int, pupils: int, classes: int) -> None:
        said = f"de telling verschilt {difference}, de leerlingen {pupils}, de klassen {classes}"
        super().__init__(f"een verklaring telt niet op: {said}")


class Kant(msgspec.Struct, frozen=True):
    """One side: the count on a teldatum as known at a moment (None: everything known)."""

    teldatum: date
    bekend_op: datetime | None
    aantal: int
    status: str


class Telrij(msgspec.Struct, frozen=True):
    """An enrolment on one teldatum as known at one moment, under the names of `stand`."""

    instellingscode: str
    volgnummer: str
    vestigingscode: str
    schoolsoort: Schoolsoort
    swv: str | None
    wijze_van_bepaling: str
    ondersteuningscategorie: Categorie | None
    basis: Basis | None
    beschikkingsnummer: str | None
    telt: bool
    reden: str


class Gebeurtenis(msgspec.Struct, frozen=True):
    """An event that made the change: its position in the log, what, when, by whom, from where.

    `vaststelling` tells whether it was known before (or at) the vaststelling of the teldatum
    of its step, or after: corrections look at the first teldatum, mutations at the second.
    """

    id: int
    type: str
    bekend_op: datetime
    geboekt_op: datetime
    vaststelling: Literal["voor", "na"]
    bron: str
    bestand: str
    regel: int | None
    sleutel: str
    omschrijving: str


class Wijziging(msgspec.Struct, frozen=True):
    """One pupil in one step: what it adds to the difference, of what class, by which events.

    `voor` and `na` are the rows inside the count, None when there is none, so that
    `bijdrage` is their difference in number. Where there is none, `voor_buiten` and
    `na_buiten` tell what the pupil had outside it: another samenwerkingsverband or
    vestiging, or a row that does not count.
    """

    pgn: str
    leerling: str
    stap: Stap
    klasse: Klasse
    bijdrage: int
    voor: Telrij | None
    na: Telrij | None
    voor_buiten: Telrij | None
    na_buiten: Telrij | None
    gebeurtenissen: tuple[Gebeurtenis, ...]


class Verklaring(msgspec.Struct, frozen=True):
    """The whole difference: both sides, the sum per step and class, and the pupils behind it.

    `stappen` has the two steps in their order, each with its classes in the order of
    `Klasse`; a class that nobody is in is absent. A class can add up to zero.
    """

    van: Kant
    naar: Kant
    verschil: int
    stappen: dict[Stap, dict[Klasse, int]]
    leerlingen: tuple[Wijziging, ...]

    def __post_init__(self) -> None:
        total = sum(wijziging.bijdrage for wijziging in self.leerlingen)
        per_class = sum(sum(klassen.values()) for klassen in self.stappen.values())
        found = self.naar.aantal - self.van.aantal
        if not self.verschil == found == total == per_class:
            raise UnbalancedError(found, total, per_class)
