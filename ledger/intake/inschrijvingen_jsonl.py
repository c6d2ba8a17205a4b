"""Enrolments as JSON Lines: an object per enrolment, with its whole history. Pure.

The form is declared as structs; what does not fit is told in the words of
`ledger.intake.fields`, field by field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from ledger import events as ev
from ledger.codes import (
    Beschikkingsnummer,
    Categorie,
    Cluster,
    Instellingscode,
    Schoolsoort,
    SoortVerblijf,
    Vestigingscode,
    VoKenmerk,
    Volgnummer,
)
from ledger.intake.fields import REJECTED, checked_pgn, field_problems, repaired
from ledger.intake.inschrijving_opgave import Opgave, problems_of, standen_of
from ledger.intake.readers import Afkeuring, Melding
from ledger.intake.sheet_types import Rij, Sheet
from ledger.problems import Problem
from ledger.states import PeriodeStand
from ledger.times import TimeFormatError, parse_bekend_op


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object of which every key is known."""


class EnkelePeriode(_Strict, frozen=True, kw_only=True):
    """What holds in a period; UNSET = the source does not tell of it."""

    vestigingscode: Vestigingscode
    schoolsoort: Schoolsoort
    soort_verblijf: SoortVerblijf | UnsetType = UNSET
    bekostigbaar: bool | UnsetType = UNSET
    ondersteuningscategorie: Categorie | UnsetType | None = UNSET
    cluster: Cluster | UnsetType | None = UNSET
    leerjaar: int | str | UnsetType | None = UNSET
    vo_kenmerk: VoKenmerk | UnsetType | None = UNSET


class Periode(EnkelePeriode, frozen=True, kw_only=True):
    """A period in the list of an enrolment."""

    vanaf: date


class Verwijdering(_Strict, frozen=True, kw_only=True):
    """What every object has or may have; of a removed enrolment the key is enough."""

    pgn: str
    instellingscode: Instellingscode
    volgnummer: Volgnummer
    bekend_op: str | None = None
    geboortedatum: date | None = None
    woonplaats: dict[str, Any] | list[dict[str, Any]] | None = None
    begindatum: date | None = None
    einddatum: date | None = None
    oorspronkelijke_begindatum: date | None = None
    tlv: tuple[Beschikkingsnummer, ...] | UnsetType = UNSET
    verwijderd: bool = False
    reden: str | None = None
    perioden: list[dict[str, Any]] = []


class Inschrijving(Verwijdering, frozen=True, kw_only=True):
    """An enrolment with its list of periods."""

    begindatum: date
    perioden: Annotated[list[dict[str, Any]], Meta(min_length=1)]


class KorteInschrijving(Verwijdering, frozen=True, kw_only=True):
    """An enrolment of one period, from `begindatum` on; what holds in it stands beside this."""

    begindatum: date


_Kind = TypeVar("_Kind", bound=msgspec.Struct)
_OF_A_PERIOD: Final = frozenset(EnkelePeriode.__struct_fields__)
_BEKEND_OP: Final = "geef een datum of een moment met tijdzone"


def read_objects(sheet: Sheet) -> Iterator[Melding | Afkeuring]:
    """Yield what each object tells, or all that is wrong with it, in the order of the file.

    Two that contradict each other at one `bekend_op`: the later one is refused.
    """
    seen: dict[tuple[object, ...], tuple[int, int]] = {}
    for rij in sheet.rijen():
        outcome = _told(rij)
        if isinstance(outcome, Melding):
            last: Any = outcome.standen[-1]
            key = (outcome.pgn, last.instellingscode, last.volgnummer, outcome.bekend_op)
            told = hash(outcome.standen)
            line, before = seen.setdefault(key, (rij.regelnummer, told))
            if before != told:
                outcome = Afkeuring((rij,), (_contradicting(line),))
        yield outcome


def _contradicting(line: int) -> Problem:
    return Problem(
        "volgnummer",
        f"dubbele sleutel: regel {line} zegt iets anders van dezelfde inschrijving",
        "houd de regel over die klopt, of geef elke regel een eigen bekend_op",
    )


class _Reading:
    """The objects of one line as they are read: what is wrong, and what was put back."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def converted(
        self, kind: type[_Kind], values: Mapping[str, Any], where: str = ""
    ) -> _Kind | None:
        """Return an object as a struct, None after noting all that is wrong with it."""
        try:
            return msgspec.convert(values, kind)
        except msgspec.ValidationError:
            mended, repairs = repaired(kind, values)
        whole = {**values, **mended}
        try:
            found = msgspec.convert(whole, kind)
        except msgspec.ValidationError:
            self.problems += _at(where, field_problems(kind, whole))
            return None
        self.warnings += _at(where, repairs)
        return found

    def pgn(self, text: str) -> str | None:
        """Return a PGN, None after noting why it is none."""
        pgn, found = checked_pgn("pgn", text)
        (self.problems if pgn is None else self.warnings).extend(found)
        return pgn

    def bekend_op(self, text: str | None) -> datetime | None:
        """Return a moment, None when there is none or after noting why it is none."""
        try:
            return None if text is None else parse_bekend_op(text)
        except TimeFormatError as error:
            self.problems.append(Problem("bekend_op", str(error), _BEKEND_OP))
            return None


def _at(where: str, problems: Iterator[Problem] | list[Problem]) -> Iterator[Problem]:
    return (one._replace(veld=f"{where}.{one.veld}") if where else one for one in problems)


def _told(rij: Rij) -> Melding | Afkeuring:
    if rij.fout is not None or rij.velden is None:
        return Afkeuring((rij,), () if rij.fout is None else (rij.fout,))
    reading = _Reading()
    values = {name: value for name, value in rij.velden.items() if name != REJECTED}
    kind = _kind(values)
    own = _OF_A_PERIOD if kind is KorteInschrijving else frozenset[str]()
    whole = reading.converted(
        kind, {name: value for name, value in values.items() if name not in own}
    )
    perioden = (
        _only_period({name: value for name, value in values.items() if name in own}, whole, reading)
        if own
        else _periods(values, reading)
    )
    woonplaatsen = _residences(values, reading)
    pgn = reading.pgn(whole.pgn) if whole else None
    known = reading.bekend_op(whole.bekend_op) if whole else None
    if whole is None or pgn is None or reading.problems:
        return Afkeuring((rij,), tuple(reading.problems))
    opgave = _opgave(whole, perioden, woonplaatsen)
    if problems := problems_of(opgave):
        return Afkeuring((rij,), tuple(problems))
    return Melding((rij,), pgn, standen_of(opgave), known, tuple(reading.warnings))


def _kind(values: Mapping[str, Any]) -> type[Verwijdering]:
    if values.get("verwijderd") is True:
        return Verwijdering
    return Inschrijving if "perioden" in values else KorteInschrijving


def _only_period(
    values: Mapping[str, Any], whole: Verwijdering | None, reading: _Reading
) -> tuple[PeriodeStand, ...]:
    only = reading.converted(EnkelePeriode, values)
    if only is None or whole is None or whole.begindatum is None:
        return ()
    return (PeriodeStand(vanaf=whole.begindatum, **asdict(only)),)


def _periods(values: Mapping[str, Any], reading: _Reading) -> tuple[PeriodeStand, ...]:
    """Return the periods of an object, ascending."""
    found = [
        reading.converted(Periode, one, f"perioden[{place}]")
        for place, one in enumerate(_objects(values.get("perioden")), 1)
    ]
    told = (PeriodeStand(**asdict(one)) for one in found if one is not None)
    return tuple(sorted(told, key=lambda periode: periode.vanaf))


def _residences(
    values: Mapping[str, Any], reading: _Reading
) -> tuple[ev.WoonplaatsVastgelegd, ...]:
    found = [
        reading.converted(ev.WoonplaatsVastgelegd, one, "woonplaats")
        for one in _objects(values.get("woonplaats"))
    ]
    return tuple(one for one in found if one is not None)


def _objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list, or the one that stands alone."""
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, dict)]


def _opgave(
    whole: Verwijdering,
    perioden: tuple[PeriodeStand, ...],
    woonplaatsen: tuple[ev.WoonplaatsVastgelegd, ...],
) -> Opgave:
    before = whole.oorspronkelijke_begindatum
    return Opgave(
        whole.instellingscode,
        whole.volgnummer,
        whole.begindatum,
        whole.einddatum,
        perioden,
        whole.tlv,
        UNSET if before is None else before,
        whole.geboortedatum,
        woonplaatsen,
        whole.verwijderd,
        whole.reden,
    )
