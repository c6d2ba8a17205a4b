"""What the read model holds about a pupil: the attributes of rules.md 2 to 4 as items.

A pupil is named by the hex id of the stream that was known first.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

import msgspec

from ledger.codes import Basis, Categorie, Door, Schoolsoort, SoortVerblijf, VoKenmerk


class Stand(msgspec.Struct, frozen=True):
    """What holds for one enrolment on the days `geldig_van` up to, without, `geldig_tot`.

    `reden` is empty when it counts (`telt`). Categorie and basis are None
    for BO and VO. `nummer` is the tlv that decided (rules.md 3, rule 1).
    """

    leerling: str
    instellingscode: str
    volgnummer: str
    geldig_van: date
    geldig_tot: date
    vestigingscode: str
    schoolsoort: Schoolsoort
    begindatum: date
    einddatum: date | None
    soort_verblijf: SoortVerblijf
    bekostigbaar: bool
    cluster: int | str | None
    leerjaar: int | str | None
    vo_kenmerk: VoKenmerk | None
    swv: str | None
    wijze: str
    categorie: Categorie | None
    basis: Basis | None
    nummer: str | None
    reden: str


class TlvStand(msgspec.Struct, frozen=True):
    """What is known of a tlv of the pupil; `laatste_dag` takes its withdrawal into account."""

    leerling: str
    nummer: str
    categorie: Categorie
    begindatum: date
    laatste_dag: date


class KoppelingStand(msgspec.Struct, frozen=True):
    """A tlv linked to an enrolment, by the school or by DUO."""

    leerling: str
    instellingscode: str
    volgnummer: str
    nummer: str
    door: Door


class Persoon(msgspec.Struct, frozen=True):
    """By which PGN (the stream of it) and birth date (the event that holds it) a pupil goes."""

    leerling: str
    pgn_van: str
    geboren_in: int | None


Item = Stand | TlvStand | KoppelingStand | Persoon


class Rectangle(NamedTuple):
    """An item, the knowledge for which it held, and the events that opened and closed it.

    `bekend_tot` and `gesloten_door` are None while it holds; events are named by their
    position in the log. `mede` are events of the very moment of the opening one that it
    built upon: together they opened what holds. `mede_gesloten` are later ones of the
    moment of closing that changed again what the closing one had put in its place.
    """

    item: Item
    bekend_van: datetime
    bekend_tot: datetime | None
    geopend_door: int
    gesloten_door: int | None
    mede: tuple[int, ...] = ()
    mede_gesloten: tuple[int, ...] = ()
