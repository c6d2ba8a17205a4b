"""Tables made in a test, as `ledger.intake.sheets` would open them from a file."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ledger.intake.json_lines import cell_of_value
from ledger.intake.readers import Afkeuring, Melding
from ledger.intake.sheets import Rij, Sheet


def table(kop: str, *regels: str, naam: str = "bestand.csv") -> Sheet:
    """Return a table of a header and lines, with `;` between the cells."""
    rows = [Rij(line, tuple(cells.split(";"))) for line, cells in enumerate(regels, 2)]
    return Sheet(naam, "csv", tuple(kop.split(";")), ";", lambda: iter(rows))


def objects(*values: dict[str, object], naam: str = "bestand.jsonl") -> Sheet:
    """Return JSON Lines of these objects."""
    rows = [
        Rij(
            line,
            tuple(map(cell_of_value, fields.values())),
            rauw=json.dumps(fields).encode(),
            velden=fields,
        )
        for line, fields in enumerate(values, 1)
    ]
    return Sheet(naam, "jsonl", tuple(values[0]), "", lambda: iter(rows))


def told(outcomes: Iterable[Melding | Afkeuring]) -> list[Melding]:
    """Return what was told, of a file of which nothing may be refused."""
    found = list(outcomes)
    refused = [
        str(one) for outcome in found if isinstance(outcome, Afkeuring) for one in outcome[1]
    ]
    assert not refused
    return [outcome for outcome in found if isinstance(outcome, Melding)]


def refused(outcomes: Iterable[Melding | Afkeuring]) -> list[tuple[list[int], list[str]]]:
    """Return the refused rows with all that is wrong with them, as users read it."""
    return [
        ([rij.regelnummer for rij in outcome.rijen], [str(one) for one in outcome.problems])
        for outcome in outcomes
        if isinstance(outcome, Afkeuring)
    ]
