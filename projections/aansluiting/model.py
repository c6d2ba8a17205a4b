"""What a reconciliation is: two sides, what was compared, and every difference (rules.md 9).

Pure and frozen; every output (screen, xlsx, html, json) is made from an `Aansluiting`.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple

import msgspec

from projections.report import Herkomst
from projections.verklaring import Gebeurtenis

Kant = Literal["duo", "ons"]
"""Whose numbers a side has: DUO's (a download), or ours (the ledger, the tlv register)."""

Klasse = Literal[
    "dubbele-sleutel",
    "gewijzigd-sinds-download",
    "na-vaststelling",
    "residentieel-met-tlv",
    "gesloten-inrichting",
    "tlv-niet-gekoppeld",
    "tlv-verlopen",
    "tlv-ander-nummer",
    "categorie-verschilt",
    "ander-samenwerkingsverband",
    "dubbele-inschrijving",
    "andere-vestiging",
    "datum-verschilt",
    "alleen-bij-duo",
    "alleen-bij-ons",
    "gegevens-verschillen",
]
"""The classes in their order: the first that fits (rules.md 9)."""

Wie = Literal["school", "samenwerkingsverband", "DUO"]
Soort = Literal["cel", "alleen-bij-duo", "alleen-bij-ons", "dubbel"]
Oordeel = Literal["gelijk", "verschillend", "niet te zeggen"]
"""Of a suppressed value (`<5`): a range agrees, disagrees, or cannot tell."""


class Regel(NamedTuple):
    """A row of a side: its key, its values by column, and where it stands (file and line)."""

    sleutel: tuple[str, ...]
    velden: dict[str, object]
    plaats: str
    pgn: str | None = None


class Zijde(NamedTuple):
    """One side: what it is called, whose it is, when it was known, and its rows.

    `onleesbaar` are the lines that could not be read, each with its reason: not compared.
    """

    naam: str
    kant: Kant
    bekend_op: datetime | None
    regels: tuple[Regel, ...]
    bestand: str | None = None
    sha256: str | None = None
    onleesbaar: tuple[str, ...] = ()


class Paar(NamedTuple):
    """Two sides to compare: key columns, the columns that are compared, and about what.

    `links` is DUO's side or the later one, `rechts` ours or the earlier one. `telkolom` is the
    column that says how many pupils a row stands for; None: every row is one pupil.
    """

    naam: str
    sleutel: tuple[str, ...]
    kolommen: tuple[str, ...]
    links: Zijde
    rechts: Zijde
    swv: str
    teldatum: date
    telkolom: str | None = None


class Cel(msgspec.Struct, frozen=True):
    """A column that differs: our value, DUO's value, and what a range says of them."""

    ons: object
    duo: object
    oordeel: Oordeel = "verschillend"


class Verschil(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: what differs, its class and cause, who acts, and what it is worth.

    `aantal` is what DUO counts more than we (a pupil more: 1); `bedrag` its effect in euro's
    per year where rates are known; `sinds` when the cause became known; `geaccepteerd` the
    reason and initials, when somebody accepted this very difference.
    """

    soort: Soort
    sleutel: tuple[str, ...]
    pgn: str | None = None
    klasse: Klasse
    kolommen: dict[str, Cel] = {}
    oorzaak: str
    gebeurtenissen: tuple[Gebeurtenis, ...] = ()
    wie: Wie
    aantal: int = 0
    bedrag: Decimal | None = None
    sinds: datetime | None = None
    vestigingscode: str = ""
    plaatsen: tuple[str, ...] = ()
    geaccepteerd: str = ""


class Aansluiting(msgspec.Struct, frozen=True, kw_only=True):
    """A finished reconciliation: what was compared, and every difference, ranked by money.

    `links`, `rechts` and `gelijk` count keys; `niet_te_zeggen` keys whose difference a
    suppressed value hides; `totaal_links` and `totaal_rechts` are the counts whose difference
    the differences explain.
    """

    paar: str
    sleutel: tuple[str, ...]
    kolommen: tuple[str, ...]
    naam_links: str
    naam_rechts: str
    swv: str
    teldatum: date
    links: int
    rechts: int
    gelijk: int
    niet_te_zeggen: int = 0
    totaal_links: int
    totaal_rechts: int
    verschillen: tuple[Verschil, ...]
    herkomst: Herkomst
    bestanden: tuple[str, ...] = ()


def per_klasse(aansluiting: Aansluiting) -> dict[str, int]:
    """Return how many differences each class has, in the order of the classes."""
    counts = dict.fromkeys(KLASSEN, 0)
    for verschil in aansluiting.verschillen:
        counts[verschil.klasse] += 1
    return {klasse: count for klasse, count in counts.items() if count}


KLASSEN: Final[tuple[str, ...]] = Klasse.__args__  # type: ignore[attr-defined]  # a Literal has them
