"""The samples of the readers (`events_samples/lezers`): which there are, and what each is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.command import Kijkglas
from tests.downloads import LEZERS

_FILES: Final = {path.relative_to(LEZERS).as_posix(): path for path in LEZERS.rglob("*.*")}
TABLES: Final = {
    name: path
    for name, path in sorted(_FILES.items())
    if path.suffix in {".csv", ".jsonl", ".xlsx"}
}
LISTS: Final = {
    "vestigingen-open-data": "vestigingen",
    "vestigingen-met-datums": "vestigingen",
    "beschadigd": "vestigingen",
    "postcodegebieden": "postcodegebieden",
    "samenwerkingsverbanden": "samenwerkingsverbanden",
    "tellingen": "tellingen",
}
OWN_HEADERS: Final = "tlv-register/eigen-koppen.csv"
RECOGNISED: Final = sorted(TABLES.keys() - {OWN_HEADERS})
REGISTER: Final = LEZERS / "tlv-register" / "tlv-register.csv"
MAPPING: Final = LEZERS / "tlv-register" / "mapping.toml"
DAMAGED: Final = "beschadigd"


def source_of(name: str) -> str:
    """Return what a sample is, by its folder."""
    folder, _, file = name.partition("/")
    return (
        LISTS[Path(file).stem]
        if folder == "referentie"
        else folder.removesuffix("-po").removesuffix("-vo")
    )


def days_of(name: str) -> list[str]:
    """Return what a sample needs beside itself: from when it holds."""
    return (
        ["--vanaf", "2014-08-01"] if source_of(name) in {"vestigingen", "postcodegebieden"} else []
    )


def imports(command: Kijkglas) -> list[dict[str, object]]:
    """Return the rows of `imports`."""
    return list(command.fine("imports", "--format", "json").rows)
