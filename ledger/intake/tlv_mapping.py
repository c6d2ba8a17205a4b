"""The mapping of a tlv register: which column is which, and what its words mean (A-33).

A TOML file that the user keeps beside the register:

    [kolommen]
    nummer = "TLV nr"

    [waarden.categorie]
    "Zwaar" = "HOOG"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ledger.failing import unreadable_toml
from ledger.intake.columns import CellError
from ledger.intake.readers import ReadOptions
from ledger.intake.tlv_columns import BY_NAME, NIET_GELEZEN, VELDEN, Veld
from ledger.problems import shown

KOLOMMEN: Final = "kolommen"
WAARDEN: Final = "waarden"

_FIELDS: Final = (*BY_NAME, *NIET_GELEZEN)
_WITH_WORDS: Final = tuple(veld.naam for veld in VELDEN if veld.betekenissen)


class MappingError(ValueError):
    """A mapping that cannot be used, with every reason: `mapping.toml sleutel: regel; remedie`."""

    def __init__(self, naam: str, reasons: list[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(f"{naam} {reason}" for reason in reasons))


def read_mapping(path: Path) -> ReadOptions:
    """Return the columns and the words of a mapping.

    Raises MappingError with all that is wrong with it, and OSError when it cannot be read.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise MappingError(
            path.name, [f"kan niet worden gelezen: {unreadable_toml(error)}"]
        ) from None
    reasons = [*_unknown_parts(written), *_wrong_columns(written), *_wrong_words(written)]
    if reasons:
        raise MappingError(path.name, reasons)
    columns = {
        veld: header
        for veld, header in written.get(KOLOMMEN, {}).items()
        if veld not in NIET_GELEZEN
    }
    words = {
        veld: {word: _meaning(BY_NAME[veld], meaning) for word, meaning in table.items()}
        for veld, table in written.get(WAARDEN, {}).items()
    }
    return ReadOptions(mapping=columns, waarden=words)


def _unknown_parts(written: Mapping[str, Any]) -> Iterator[str]:
    for part, content in written.items():
        if part not in (KOLOMMEN, WAARDEN):
            yield f"{shown(part)}: onbekend deel; gebruik [{KOLOMMEN}] en [{WAARDEN}.veld]"
        elif not isinstance(content, dict):
            yield f"{part}: is geen tabel; schrijf [{KOLOMMEN}] of [{WAARDEN}.veld] erboven"


def _wrong_columns(written: Mapping[str, Any]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for veld, header in _table(written, KOLOMMEN).items():
        key = f"{KOLOMMEN}.{veld}"
        if veld not in _FIELDS:
            yield f"{shown(key)}: onbekend veld; kies uit {', '.join(_FIELDS)}"
        elif not isinstance(header, str) or not header.strip():
            yield f"{key}: {shown(header)} is geen kop; zet de kop tussen aanhalingstekens"
        elif (other := seen.setdefault(header.strip(), veld)) != veld:
            yield f"{key}: de kolom {shown(header)} is ook die van {other}; laat er een weg"


def _wrong_words(written: Mapping[str, Any]) -> Iterator[str]:
    for veld, table in _table(written, WAARDEN).items():
        if veld not in _WITH_WORDS:
            which = ", ".join(_WITH_WORDS)
            yield f"{shown(f'{WAARDEN}.{veld}')}: hier horen geen waarden; kies uit {which}"
        elif not isinstance(table, dict):
            yield f"{WAARDEN}.{veld}: is geen tabel; schrijf [{WAARDEN}.{veld}] erboven"
        else:
            yield from _wrong_meanings(BY_NAME[veld], table)


def _wrong_meanings(veld: Veld, table: Mapping[str, Any]) -> Iterator[str]:
    for word, meaning in table.items():
        if not isinstance(meaning, str) or not _is_known(veld, meaning):
            which = ", ".join(veld.betekenissen)
            key = f"{WAARDEN}.{veld.naam} {shown(word)}"
            yield f"{key}: {shown(meaning)} is geen betekenis; kies uit {which}"


def _is_known(veld: Veld, word: str) -> bool:
    try:
        _meaning(veld, word)
    except CellError:
        return False
    return True


def _meaning(veld: Veld, word: str) -> str:
    return str(veld.lees(word))


def _table(written: Mapping[str, Any], part: str) -> dict[str, Any]:
    content = written.get(part)
    return content if isinstance(content, dict) else {}
