"""The files that a user gives to a report beside the ledger: rates, and an Ofb extract.

Nothing of them is booked; a report names them with their hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ledger.intake.tables import Fields, TableError, read_table, sha256_of
from ledger.problems import Problem, masked
from projections import ofb_regels, tarieven
from projections.ofb_regels import OfbRegel
from projections.tarieven import Tarief, Tarieven, tarief_of

__all__ = ["Ofb", "TableError", "read_ofb", "read_tarieven"]


class Ofb(NamedTuple):
    """The lines of an Ofb extract, and the name and the hash of its file."""

    regels: tuple[OfbRegel, ...]
    naam: str
    sha256: str


def read_tarieven(path: Path) -> Tarieven:
    """Return the rates in a file. Raises TableError with all that is wrong with it."""
    seen: dict[tuple[object, ...], int] = {}
    rows: list[Tarief] = []

    def check(number: int, fields: Fields) -> Sequence[Problem]:
        row = tarief_of(fields)
        if isinstance(row, Problem):
            return (row,)
        problems = tarieven.twice(row, seen)
        if not problems:
            seen[tarieven.version_of(row)] = number
            rows.append(row)
        return problems

    for _ in read_table(path, tarieven.KOLOMMEN, check):
        pass
    return Tarieven(rows, masked(path.name), sha256_of(path))


def read_ofb(path: Path) -> Ofb:
    """Return the lines of an Ofb extract. Raises TableError with all that is wrong with it."""
    seen: dict[tuple[object, ...], int] = {}
    rows: list[OfbRegel] = []

    def check(number: int, fields: Fields) -> Sequence[Problem]:
        row = ofb_regels.regel_of(fields)
        problems = ofb_regels.twice(row, seen)
        if not problems:
            seen[row.sleutel] = number
            rows.append(row)
        return problems

    for _ in read_table(path, ofb_regels.KOLOMMEN, check):
        pass
    return Ofb(tuple(rows), masked(path.name), sha256_of(path))
