"""What every reader of a state file offers, and what it yields (events.md 2).

A reader is a module with `SOURCE` (its name for `--source`, and the product that is booked),
`BRON` (who said so), `COMPLETE` (whether a file covers a whole population, so that rows can
be said to have vanished), `identify` (is this my file?) and `read` (rows to states, with
problems as values).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple, Protocol

from ledger.intake.sheets import Rij, Sheet
from ledger.problems import Problem
from ledger.states import AnyStand


class Melding(NamedTuple):
    """What one row, or the rows of one enrolment, of a file tell.

    `standen` are told in their order, all or none. `pgn` None = of no pupil, or of the pupil
    that a `TlvStand` among them names by its number. `bekend_op` None = the moment of the
    file. `warnings` is what is odd, such as a zero that was put back.
    """

    rijen: tuple[Rij, ...]
    pgn: str | None
    standen: tuple[AnyStand, ...]
    bekend_op: datetime | None = None
    warnings: tuple[Problem, ...] = ()


class Afkeuring(NamedTuple):
    """Rows that cannot be read, with everything that is wrong with them."""

    rijen: tuple[Rij, ...]
    problems: tuple[Problem, ...]


class ReadOptions(NamedTuple):
    """What the user adds: from when a list without dates holds, and which column is which.

    `mapping` gives for each field of the tlv register the header of its column; `waarden` for
    a field the values of the file and what they mean.
    """

    vanaf: date | None = None
    mapping: Mapping[str, str] | None = None
    waarden: Mapping[str, Mapping[str, str]] | None = None


class About(NamedTuple):
    """What a file as a whole is about, where it says so."""

    swv: str | None = None
    teldatum: date | None = None


class Reader(Protocol):
    """The module of a source."""

    SOURCE: str
    BRON: str
    COMPLETE: bool

    def identify(self, sheet: Sheet) -> bool:
        """Tell whether a file with this name and header is of this source."""

    def read(self, sheet: Sheet, options: ReadOptions) -> Iterator[Melding | Afkeuring]:
        """Yield what the rows tell, and the rows that cannot be read, in their order."""

    def about(self, melding: Melding, sheet: Sheet) -> About:
        """Return what the file is about, by what its first row tells."""
