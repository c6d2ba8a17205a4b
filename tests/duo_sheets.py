"""Files of DUO made in a test: lines of text in, what a reader says of them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ledger.intake.readers import Afkeuring, Melding, Reader, ReadOptions
from ledger.intake.sheet_types import Rij, Sheet
from ledger.intake.sheets import opened_sheet
from ledger.states import AnyStand

SAMPLES = Path(__file__).parents[1] / "events_samples"
GOLDEN = Path(__file__).parent / "golden"

Row = Mapping[str, str]


def sheet(naam: str, *rows: Row, kop: tuple[str, ...] = ()) -> Sheet:
    """Return a table with the rows below each other from line 2 on."""
    header = kop or tuple(rows[0])

    def rijen() -> Iterator[Rij]:
        for number, row in enumerate(rows, 2):
            yield Rij(number, tuple(row.get(name, "") for name in header))

    return Sheet(naam, "csv", header, ";", rijen)


def outcomes(reader: Reader, of: Sheet) -> list[Melding | Afkeuring]:
    """Return all that a reader says of a table."""
    return list(reader.read(of, ReadOptions()))


def told(reader: Reader, of: Sheet) -> list[tuple[AnyStand, ...]]:
    """Return the states of the rows; all of them must be good."""
    return [one.standen for one in good(reader, of)]


def good(reader: Reader, of: Sheet) -> list[Melding]:
    """Return what is told; nothing may be refused."""
    found = outcomes(reader, of)
    refused = [one for one in found if isinstance(one, Afkeuring)]
    assert not refused, refused
    return [one for one in found if isinstance(one, Melding)]


def problems(reader: Reader, of: Sheet) -> dict[tuple[int, ...], list[str]]:
    """Return the problems of what is refused, by the lines of the rows."""
    return {
        tuple(rij.regelnummer for rij in one.rijen): list(map(str, one.problems))
        for one in outcomes(reader, of)
        if isinstance(one, Afkeuring)
    }


def warnings(reader: Reader, of: Sheet) -> dict[tuple[int, ...], list[str]]:
    """Return the warnings of what is told, by the lines of the rows."""
    return {
        tuple(rij.regelnummer for rij in one.rijen): list(map(str, one.warnings))
        for one in outcomes(reader, of)
        if isinstance(one, Melding) and one.warnings
    }


def verdicts(reader: Reader, path: Path) -> dict[tuple[int, ...], str]:
    """Return for a file which lines are told, and which fields are wrong with the others."""
    with opened_sheet(path) as of:
        return {
            tuple(rij.regelnummer for rij in one.rijen): (
                "goed"
                if isinstance(one, Melding)
                else ", ".join(problem.veld for problem in one.problems)
            )
            for one in outcomes(reader, of)
        }
