"""What files said, row by row, kept so that a file that comes late finds its place.

A state file is compared with what was known at its moment, and only the difference is
booked. When an earlier file is read in later, what the later ones said has to hold still:
they are told again from here (events.md 2). It is no part of the truth: without it every
answer is what it was, only a late file can no longer be fitted in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple, cast

import msgspec

from ledger.problems import Problem
from ledger.states import AnyStand, ReferenceStand


class Opgave(NamedTuple):
    """What one row of a file said: the states, when it knew them, and where it stands.

    `pgn` None = about a reference object. `bestand` is the SHA-256 of the file.
    """

    pgn: str | None
    standen: tuple[AnyStand, ...]
    bekend_op: datetime
    bron: str
    bestand: str
    regelnummer: int
    warnings: tuple[Problem, ...] = ()

    @property
    def about(self) -> ReferenceStand:
        """The state that says which reference object it is about."""
        return cast("ReferenceStand", self.standen[0])

    @property
    def place(self) -> tuple[str, int, datetime, str]:
        """The file, the row, the moment, and whose it is: a row can tell of several objects."""
        whose = self.pgn or (type(self.standen[0]).__name__ if self.standen else "")
        return *self.row, whose

    @property
    def row(self) -> tuple[str, int, datetime]:
        """The file, the row and the moment: the same file may come again at another moment."""
        return self.bestand, self.regelnummer, self.bekend_op

    @property
    def order(self) -> tuple[object, ...]:
        """What opgaven are told by: the moment, then the file, whichever was read in first."""
        return self.bekend_op, self.bestand, self.regelnummer


OPGAVE: Final = "Opgave"
"""By what the encryption of a stored opgave is bound to what it is."""

encode: Final = msgspec.json.Encoder().encode
decode: Final = msgspec.json.Decoder(tuple[AnyStand, ...]).decode


def stored_moment(moment: datetime) -> str:
    """Return a moment as text that sorts as the moments do."""
    clock = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{clock.isoformat(timespec='microseconds')}Z"
