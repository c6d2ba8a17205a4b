"""Layouts as data: which columns a product has, in which order and in whose words.

One TOML file per product and version stands beside this module; a new version of a
file of DUO's is a new TOML file, not a change of code (rules.md 7).
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from string import Formatter
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from projections.report import Celsoort, Column, Table

Snake = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Meta(min_length=1)]

PLACEHOLDERS: Final = frozenset({"swv", "dd_mm_yyyy"})
"""What a file name may be filled with: the samenwerkingsverband and the teldatum."""


class LayoutError(ValueError):
    """A layout that does not exist, is not right, or does not fit the rows it is given."""


class LayoutColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column; `veld` is the key of the row field that fills it.

    `sleutel`, `volgt_teldatum` and `volgt_bekend_op` say how rows of two moments are compared.
    """

    naam: Text
    soort: Celsoort
    veld: Snake
    uitleg: Text
    sleutel: bool = False
    volgt_teldatum: bool = False
    volgt_bekend_op: bool = False

    def __post_init__(self) -> None:
        if self.sleutel and (self.volgt_teldatum or self.volgt_bekend_op):
            raise ValueError(f"kolom '{self.naam}' volgt de teldatum en kan geen sleutel zijn")

    def column(self) -> Column:
        """Return the column as a report shows it."""
        return Column(
            self.naam,
            self.soort,
            self.uitleg,
            self.sleutel,
            self.volgt_teldatum,
            self.volgt_bekend_op,
        )


class LayoutTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table of a product; `bestandsnaam` is a pattern, empty = DUO has no such file."""

    naam: Snake
    titel: Text
    kolommen: Annotated[tuple[LayoutColumn, ...], Meta(min_length=1)]
    bestandsnaam: str = ""

    def __post_init__(self) -> None:
        _refuse_doubles("kolom", (column.naam for column in self.kolommen))
        _refuse_doubles("veld", (column.veld for column in self.kolommen))
        unknown = _placeholders(self.bestandsnaam) - PLACEHOLDERS
        if unknown:
            raise ValueError(f"bestandsnaam kent {{{'}, {'.join(sorted(unknown))}}} niet")

    def columns(self) -> tuple[Column, ...]:
        """Return the columns as a report shows them."""
        return tuple(kolom.column() for kolom in self.kolommen)


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tables of one product in one version; `bron` says where the layout comes from."""

    product: Text
    versie: Text
    bron: Text
    titel: Text
    tabellen: Annotated[tuple[LayoutTable, ...], Meta(min_length=1)]

    def __post_init__(self) -> None:
        _refuse_doubles("tabel", (table.naam for table in self.tabellen))

    def find(self, naam: str) -> LayoutTable:
        """Return the table of that name; raises LayoutError when there is none."""
        for table in self.tabellen:
            if table.naam == naam:
                return table
        known = ", ".join(table.naam for table in self.tabellen)
        raise LayoutError(f"{self.product} heeft geen tabel '{naam}'; wel: {known}")

    def table(
        self,
        naam: str,
        rows: Iterable[Mapping[str, object]],
        *,
        swv: str = "",
        teldatum: date | None = None,
    ) -> Table:
        """Return the table with the rows' fields in column order and DUO's file name.

        A row may hold more fields than the layout shows. Raises LayoutError for a field
        that is missing, and for a file name that lacks its `swv` or `teldatum`.
        """
        layout = self.find(naam)
        return Table(
            naam=layout.naam,
            titel=layout.titel,
            kolommen=layout.columns(),
            rijen=list(_picked(layout, rows)),
            bestandsnaam=_file_name(layout, swv, teldatum),
        )


@cache
def load(name: str) -> Layout:
    """Return the layout `name`, as in `dashboard-1b`; read and checked once.

    Raises LayoutError for an unknown name and for a file that is not a right layout.
    """
    if name not in names():
        raise LayoutError(f"layout '{name}' bestaat niet; wel: {', '.join(names())}")
    return parse(name, _folder().joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Layout:
    """Return the layout in a TOML text; `name` is for the message of a LayoutError."""
    try:
        return msgspec.convert(tomllib.loads(text), Layout)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise LayoutError(f"layout '{name}' klopt niet: {error}") from error


@cache
def names() -> tuple[str, ...]:
    """Return the names of all layouts, in alphabetical order."""
    files = (file.name for file in _folder().iterdir())
    return tuple(sorted(file.removesuffix(".toml") for file in files if file.endswith(".toml")))


def _folder() -> Traversable:
    return resources.files(__name__)


def _picked(
    layout: LayoutTable, rows: Iterable[Mapping[str, object]]
) -> Iterator[tuple[object, ...]]:
    fields = [column.veld for column in layout.kolommen]
    for row in rows:
        try:
            yield tuple(map(row.__getitem__, fields))
        except KeyError as error:
            raise LayoutError(f"tabel '{layout.naam}': een rij mist het veld {error}") from None


def _file_name(layout: LayoutTable, swv: str, teldatum: date | None) -> str:
    values = {"swv": swv, "dd_mm_yyyy": f"{teldatum:%d_%m_%Y}" if teldatum else ""}
    missing = sorted(key for key in _placeholders(layout.bestandsnaam) if not values[key])
    if missing:
        raise LayoutError(f"tabel '{layout.naam}': bestandsnaam mist {', '.join(missing)}")
    return layout.bestandsnaam.format_map(values)


def _placeholders(pattern: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(pattern) if field is not None}


def _refuse_doubles(what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{what} '{value}' staat er twee keer in")
        seen.add(value)
