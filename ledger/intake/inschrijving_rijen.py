"""From the rows of a table to enrolments: rows of one enrolment together, all or none. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple

from msgspec import UNSET

from ledger import events as ev
from ledger.intake.inschrijving_opgave import ATTRIBUTES, Opgave, problems_of, standen_of
from ledger.intake.inschrijvingen_csv import (
    VAN_DE_INSCHRIJVING,
    key_of,
    kolommen_of,
    present,
)
from ledger.intake.readers import Afkeuring, Melding
from ledger.intake.rows import Read, read_rows
from ledger.intake.sheet_types import Sheet
from ledger.problems import Problem
from ledger.states import PeriodeStand

_LATEST: Final = datetime.max.replace(tzinfo=UTC)
"""Where rows without a moment of their own stand: the file is the last to know."""


class Sleutel(NamedTuple):
    """What an enrolment goes by in a file (rules.md 2)."""

    pgn: str
    instellingscode: str
    volgnummer: str


class Onleesbaar(NamedTuple):
    """A refused row: its number, and what could be read of its key (None = not)."""

    regelnummer: int
    instellingscode: object
    volgnummer: object

    def may_be_of(self, sleutel: Sleutel) -> bool:
        """Tell whether the row may belong to an enrolment of its pupil."""
        return self.instellingscode in (None, sleutel.instellingscode) and self.volgnummer in (
            None,
            sleutel.volgnummer,
        )


def read_periods(sheet: Sheet) -> Iterator[Melding | Afkeuring]:
    """Yield what the rows of each enrolment tell, or why they are refused, all together.

    In the order of their first rows; of one enrolment in the order of `bekend_op`. The whole
    table is held: rows of one enrolment may stand anywhere.
    """
    fields = present(sheet)
    enrolments: dict[Sleutel, list[Read]] = defaultdict(list)
    refused: dict[str, list[Onleesbaar]] = defaultdict(list)
    outcomes: list[tuple[int, Melding | Afkeuring]] = []
    for row in read_rows(sheet, kolommen_of(sheet)):
        if isinstance(row, Read):
            enrolments[_sleutel(row)].append(row)
            continue
        rij = row.rijen[0]
        outcomes.append((rij.regelnummer, row))
        key = key_of(sheet, rij.cellen) if rij.fout is None else {}
        if pgn := str(key.get("pgn", "")):
            unreadable = Onleesbaar(
                rij.regelnummer, key.get("instellingscode"), key.get("volgnummer")
            )
            refused[pgn].append(unreadable)
    for sleutel, rows in enrolments.items():
        lost = [one.regelnummer for one in refused.get(sleutel.pgn, ()) if one.may_be_of(sleutel)]
        told = [_incomplete(rows, lost)] if lost else _told(sleutel, rows, fields)
        outcomes += [(rows[0].rij.regelnummer, outcome) for outcome in told]
    yield from map(itemgetter(1), sorted(outcomes, key=itemgetter(0)))


def _sleutel(row: Read) -> Sleutel:
    return Sleutel(*(str(row.velden[name]) for name in Sleutel._fields))


def _incomplete(rows: Sequence[Read], lost: Sequence[int]) -> Afkeuring:
    which = ", ".join(map(str, lost))
    problem = Problem(
        "",
        f"een regel van deze inschrijving is afgekeurd (regel {which})",
        "verbeter die regel en lees alle regels van de inschrijving samen in",
    )
    return Afkeuring(tuple(row.rij for row in rows), (problem,))


def _told(
    sleutel: Sleutel, rows: Sequence[Read], fields: frozenset[str]
) -> list[Melding | Afkeuring]:
    """Return what an enrolment's rows tell moment by moment, or all that is wrong with them."""
    moments: dict[datetime | None, list[Read]] = defaultdict(list)
    for row in rows:
        known: Any = row.velden["bekend_op"]
        moments[known].append(row)
    told: list[Melding | Afkeuring] = []
    problems: list[Problem] = []
    for known in sorted(moments, key=lambda moment: moment or _LATEST):
        message = moments[known]
        problems += _contradictions(message, fields)
        opgave = _opgave(sleutel, message, fields)
        problems += problems_of(opgave)
        if not problems:
            rijen = tuple(row.rij for row in message)
            warnings = _warnings(message, fields)
            told.append(Melding(rijen, sleutel.pgn, standen_of(opgave), known, warnings))
    if problems:
        return [Afkeuring(tuple(row.rij for row in rows), tuple(dict.fromkeys(problems)))]
    return told


def _contradictions(rows: Sequence[Read], fields: frozenset[str]) -> Iterator[Problem]:
    """Yield what rows of one enrolment say differently, and what they should have said."""
    for kolom in VAN_DE_INSCHRIJVING:
        yield from _differing(rows, kolom.veld)
    for day in {row.velden["pc4_vanaf"] for row in rows}:
        of_day = [row for row in rows if row.velden["pc4"] and row.velden["pc4_vanaf"] == day]
        yield from _differing(of_day, "pc4")
    if rows[0].velden["verwijderd"]:
        return
    needed = {"begindatum", "vanaf"} & fields | {"vestigingscode", "schoolsoort"}
    for row in rows:
        empty = [name for name in sorted(needed) if row.velden[name] is None]
        if row.velden["pc4"] and "pc4_vanaf" in fields and row.velden["pc4_vanaf"] is None:
            empty.append("pc4_vanaf")
        for name in empty:
            yield Problem(name, f"is leeg op regel {row.rij.regelnummer}", "vul de cel in")


def _differing(rows: Sequence[Read], veld: str) -> Iterator[Problem]:
    for row in rows[1:]:
        if row.velden[veld] != rows[0].velden[veld]:
            lines = f"{rows[0].rij.regelnummer} en {row.rij.regelnummer}"
            yield Problem(
                veld,
                f"verschilt tussen regel {lines} van dezelfde inschrijving",
                "geef alle regels van een inschrijving hier dezelfde waarde",
            )
            return


def _opgave(sleutel: Sleutel, rows: Sequence[Read], fields: frozenset[str]) -> Opgave:
    values: dict[str, Any] = rows[0].velden
    perioden = _periods(rows, fields)
    begin = values["begindatum"]
    if "begindatum" not in fields and perioden:
        begin = perioden[0].vanaf
    before, removed = values["oorspronkelijke_begindatum"], bool(values["verwijderd"])
    return Opgave(
        sleutel.instellingscode,
        sleutel.volgnummer,
        begin,
        values["einddatum"],
        perioden,
        (values["tlv"] or ()) if "tlv" in fields else UNSET,
        UNSET if before is None else before,
        values["geboortedatum"],
        _residences(rows),
        removed,
        values["reden"] if removed else None,
    )


def _periods(rows: Sequence[Read], fields: frozenset[str]) -> tuple[PeriodeStand, ...]:
    """Return the periods of an enrolment, ascending; rows that say the same are one.

    A row that lacks what a period needs is left out: it is refused elsewhere.
    """
    start = "vanaf" if "vanaf" in fields else "begindatum"
    told: dict[PeriodeStand, None] = {}
    for values in (row.velden for row in rows):
        if None not in (values[start], values["vestigingscode"], values["schoolsoort"]):
            told[_period(values, start, fields)] = None
    return tuple(sorted(told, key=lambda periode: periode.vanaf))


def _period(values: dict[str, Any], start: str, fields: frozenset[str]) -> PeriodeStand:
    own = {
        name: default if values[name] is None else values[name]
        for name, default in ATTRIBUTES.items()
        if name in fields
    }
    return PeriodeStand(
        vanaf=values[start],
        vestigingscode=values["vestigingscode"],
        schoolsoort=values["schoolsoort"],
        **own,
    )


def _residences(rows: Sequence[Read]) -> tuple[ev.WoonplaatsVastgelegd, ...]:
    """Return the PC4's of a pupil with a day from which they hold; the others tell nothing."""
    pairs: dict[tuple[Any, Any], None] = {
        (row.velden["pc4_vanaf"], row.velden["pc4"]): None for row in rows
    }
    return tuple(
        ev.WoonplaatsVastgelegd(vanaf=vanaf, pc4=pc4)
        for vanaf, pc4 in sorted(pair for pair in pairs if None not in pair)
    )


def _warnings(rows: Sequence[Read], fields: frozenset[str]) -> tuple[Problem, ...]:
    found = [warning for row in rows for warning in row.warnings]
    if "pc4_vanaf" not in fields and any(row.velden["pc4"] for row in rows):
        rule = "is niet gelezen: de kolom pc4_vanaf ontbreekt"
        found.append(Problem("pc4", rule, "zet erbij vanaf welke dag de leerling er woont"))
    return tuple(dict.fromkeys(found))
