"""What can be set of a product beside its samenwerkingsverband (cli.md, `report`)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple


class Options(NamedTuple):
    """One field per option; the defaults are those of a product asked for without any."""

    lidmaatschap: date | None = None
    ongebruikte_tlv: bool = True
    peildatum: date | None = None
    maand: str | None = None
    tarieven: Path | None = None
    jaar: int | None = None
    prognose: bool = False
    ofb: Path | None = None
    maskeer: bool = False


class OptionError(ValueError):
    """What an option of a product was given does not fit; `optie` is how it is spelled."""

    def __init__(self, optie: str, wat: str) -> None:
        super().__init__(wat)
        self.optie = optie


def needed(path: Path | None, optie: str) -> Path:
    """Return the file of an option that a product cannot do without. Raises OptionError."""
    if path is None:
        raise OptionError(optie, "het bestand is nodig")
    return path
