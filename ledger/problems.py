"""What can be wrong with a line: refusals and warnings, with place, rule and remedy.

No text of a problem shows a PGN: values of identifying fields are left out, and digits that
could be one are masked (events.md 4, architecture.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_PGN_LIKE: Final = re.compile(r"\d{8,}")
_LONGEST: Final = 60


class Problem(NamedTuple):
    """One thing that is wrong with one field, and what to do about it."""

    veld: str
    regel: str
    remedie: str

    def __str__(self) -> str:
        """Return the problem as a text that shows no PGN."""
        field = f"{self.veld}: " if self.veld else ""
        return masked(f"{field}{self.regel}; {self.remedie}")


class Remark(NamedTuple):
    """A problem at its place: `bestand.jsonl:12 veld: regel; remedie`."""

    bestand: str
    regelnummer: int
    problem: Problem

    def __str__(self) -> str:
        return f"{masked(self.bestand)}:{self.regelnummer} {self.problem}"


def reasons(problems: Iterable[Problem]) -> str:
    """Return all that is wrong with a line as one text, for the file with refused lines."""
    return "; ".join(f"{one.veld}: {one.regel} ({one.remedie})" for one in problems)


def shown(value: object) -> str:
    """Return a value for an error text: short, and without anything that could be a PGN."""
    text = masked(str(value))
    return f"'{text[:_LONGEST]}…'" if len(text) > _LONGEST else f"'{text}'"


def masked(text: str) -> str:
    """Return the text with every run of eight or more digits masked: a PGN may be in it."""
    return _PGN_LIKE.sub("*********", text)
