"""A report: what a question answers, before anybody decides how it is shown.

Pure values. A question under `projections` makes a `Report`; `projections.render`
turns it into a screen, a file or JSON. Rows hold native values, never formatted text.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal

import msgspec

from ledger.times import AMSTERDAM
from projections.verklaring import Verklaring

Celsoort = Literal["tekst", "getal", "datum", "moment", "janee"]
"""What a column holds: str, int or Decimal, date, aware datetime, bool; or None = empty."""

Soort = Literal[Celsoort, "verschil"]
"""Also `verschil`: a tuple of Change, for the formats that can show one value inside another."""

HEADING_DATE: Final = "%d-%m-%Y"
HEADING_MOMENT: Final = "%d-%m-%Y %H:%M"


Fields = Mapping[str, object]
"""A row as a question answers it: native values by the fields of its layout."""


class Column(msgspec.Struct, frozen=True):
    """One column: its name as the file shows it, what it holds, and what it means.

    Rows of two tables are matched on the columns with `sleutel`. A column with
    `volgt_teldatum` follows from the teldatum itself, and is not compared between two;
    `volgt_bekend_op` is the moment that was asked about, and is never compared.
    """

    naam: str
    soort: Soort
    uitleg: str = ""
    sleutel: bool = False
    volgt_teldatum: bool = False
    volgt_bekend_op: bool = False


class Change(msgspec.Struct, frozen=True):
    """What a column held before and after; UNSET on the side where the row is not there."""

    kolom: Column
    voor: object
    na: object


class Table(msgspec.Struct, frozen=True):
    """Rows under columns; a row has one native value per column, in their order.

    `naam` is the key in JSON, `titel` the line above it on a screen, `bestandsnaam`
    DUO's file name without folder; empty = DUO has no file for it. `kort` has the same
    rows with a column of sort `verschil`: a screen and JSON show that one instead.
    `scherm` is what a screen alone shows: the same rows in fewer columns or another order.
    """

    naam: str
    titel: str
    kolommen: tuple[Column, ...]
    rijen: Sequence[tuple[object, ...]]
    bestandsnaam: str = ""
    kort: "Table | None" = None
    scherm: "Table | None" = None


class Moment(msgspec.Struct, frozen=True):
    """A teldatum as known at a moment (None: everything the ledger knows)."""

    teldatum: date
    bekend_op: datetime | None

    def __str__(self) -> str:
        return f"stand per {self.teldatum:{HEADING_DATE}}, {_known(self.bekend_op)}"


class Bestand(msgspec.Struct, frozen=True):
    """A file that was read into the ledger: `naam` without what could be a PGN, `regels` lines."""

    naam: str
    sha256: str
    regels: int
    geboekt_op: datetime


class Herkomst(msgspec.Struct, frozen=True):
    """What a report was made from: the two times, the position, and by which command.

    `van` = the first of two moments, when the report compares; `teldatum` and `bekend_op`
    are the second one then. `teldatum` None = the report is not about one day; `bekend_op`
    None = everything the ledger knows; `positie` = the last event that was seen; `hoofd` =
    the head of the hash chain there; `status` as in rules.md 6, empty = does not apply;
    `bestanden` = the files that were read in whole up to the position.
    """

    teldatum: date | None
    bekend_op: datetime | None
    positie: int
    opdracht: str
    versie: str
    hoofd: str
    status: str = ""
    opmerkingen: tuple[str, ...] = ()
    van: Moment | None = None
    bestanden: tuple[Bestand, ...] = ()

    def heading(self) -> str:
        """Return `Stand per 01-02-2025, zoals bekend op 03-03-2025 23:59 (gebeurtenis 18204)`.

        The line that every report carries (cli.md, Common), times in Amsterdam. With two
        moments: `Van stand per …, … naar stand per …, … (gebeurtenis 18204)`.
        """
        line = f"{self._moments()} (gebeurtenis {self.positie})"
        status = f" - {self.status}" if self.status else ""
        return line[0].upper() + line[1:] + status

    def _moments(self) -> str:
        if self.teldatum is None:
            return _known(self.bekend_op)
        naar = str(Moment(self.teldatum, self.bekend_op))
        return naar if self.van is None else f"van {self.van} naar {naar}"


def _known(bekend_op: datetime | None) -> str:
    if bekend_op is None:
        return "zoals nu bekend"
    return f"zoals bekend op {bekend_op.astimezone(AMSTERDAM):{HEADING_MOMENT}}"


class Report(msgspec.Struct, frozen=True):
    """The answer of one product: one table (`enkel`) or several under their own names.

    `verklaring` is set for `why` alone: it has a JSON, a screen and a picture of its own.
    A product that has several tables keeps `enkel` False also where one of them is
    asked for, so that the shape of its JSON never depends on the data.
    """

    product: str
    titel: str
    herkomst: Herkomst
    tabellen: tuple[Table, ...]
    enkel: bool
    verklaring: Verklaring | None = None

    def __post_init__(self) -> None:
        names = [table.naam for table in self.tabellen]
        assert len(set(names)) == len(names), f"{self.product}: twee tabellen met één naam: {names}"
        assert not self.enkel or len(names) == 1, f"{self.product}: enkel, maar {names}"
