"""Propose a mapping for a tlv register, from its header and its first rows (A-33).

The text is TOML that `ledger.intake.tlv_mapping.read_mapping` reads. No PGN comes into it:
digits that could be one are masked in comments, and are never a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import islice
from typing import Final

from ledger.intake.columns import CellError, normalised
from ledger.intake.sheet_types import Sheet
from ledger.intake.tlv_columns import NIET_GELEZEN, VELDEN, Veld, chosen_headers
from ledger.intake.tlv_mapping import KOLOMMEN, WAARDEN
from ledger.problems import masked

ROWS: Final = 1_000
"""Rows that are looked at for words that are not known."""
MOST_WORDS: Final = 50
"""A column with more unknown words than this is not one of categories."""
ALIKE: Final = 0.7
"""How much two headers must be alike to be proposed, by difflib (our choice)."""
EXPECTED: Final = ("nummer", "categorie", "begindatum", "einddatum")
"""The fields that a tlv cannot do without; they are listed when no column was found."""


def suggest(sheet: Sheet) -> str:
    """Return a mapping as TOML: columns by alias, then by likeness, and words to fill in."""
    chosen = chosen_headers(sheet.kop)
    sure = {veld: headers[0] for veld, headers in chosen.items()}
    guessed = _guessed(sheet, sure)
    columns = {**sure, **guessed}
    doubtful = set(guessed) | {veld for veld, headers in chosen.items() if len(headers) > 1}
    lines = [
        f"# Voorstel voor {_text(masked(sheet.naam))}: kijk het na en vul aan.",
        "",
        f"[{KOLOMMEN}]",
        *_column_lines(columns, doubtful),
        *_rest(sheet, columns),
        *_word_lines(sheet, columns),
    ]
    return "\n".join(lines) + "\n"


def _column_lines(columns: Mapping[str, str], doubtful: set[str]) -> Iterator[str]:
    for veld in (one.naam for one in VELDEN):
        if veld in columns:
            remark = "  # controleer" if veld in doubtful else ""
            yield f"{veld} = {_text(columns[veld])}{remark}"
        elif veld in EXPECTED:
            yield f'# {veld} = ""  # geen kolom gevonden'


def _rest(sheet: Sheet, columns: Mapping[str, str]) -> Iterator[str]:
    """Yield comments with the fields and the headers that are left."""
    fields = [veld.naam for veld in VELDEN if veld.naam not in columns]
    optional = [veld for veld in fields if veld not in EXPECTED]
    if optional:
        yield f"# ook mogelijk: {', '.join(optional)}"
    yield f"# niet ingelezen: {', '.join(NIET_GELEZEN)}"
    used = set(columns.values())
    left = [_text(masked(header)) for header in sheet.kop if header.strip() and header not in used]
    if left:
        yield f"# kolommen zonder veld: {', '.join(left)}"


def _guessed(sheet: Sheet, sure: Mapping[str, str]) -> dict[str, str]:
    """Return the header most like each field that no alias found, each header once."""
    free = [
        header
        for header in dict.fromkeys(sheet.kop)
        if normalised(header) and header not in sure.values() and masked(header) == header
    ]
    scored = sorted(
        (
            (-_likeness(veld, header), place, veld.naam, header)
            for place, veld in enumerate(VELDEN)
            if veld.naam not in sure
            for header in free
        ),
    )
    found: dict[str, str] = {}
    for score, _, veld, header in scored:
        if -score >= ALIKE and veld not in found and header not in found.values():
            found[veld] = header
    return found


def _likeness(veld: Veld, header: str) -> float:
    name = normalised(header)
    names = (normalised(alias) for alias in (veld.naam, *veld.aliassen))
    return max(SequenceMatcher(None, name, alias).ratio() for alias in names)


def _word_lines(sheet: Sheet, columns: Mapping[str, str]) -> Iterator[str]:
    """Yield, as comments to fill in, the words of a column that have no known meaning."""
    for veld in VELDEN:
        if not veld.betekenissen or veld.naam not in columns:
            continue
        words = _unknown_words(sheet, veld, sheet.kop.index(columns[veld.naam]))
        if words:
            yield ""
            yield f"[{WAARDEN}.{veld.naam}]  # kies uit {', '.join(veld.betekenissen)}"
            yield from (f'# {_text(word)} = ""' for word in words)


def _unknown_words(sheet: Sheet, veld: Veld, place: int) -> list[str]:
    cells = (
        rij.cellen[place].strip()
        for rij in islice(sheet.rijen(), ROWS)
        if rij.fout is None and place < len(rij.cellen)
    )
    words = dict.fromkeys(word for word in cells if word and not _reads(veld, word))
    shown = [word for word in words if masked(word) == word]
    return shown if len(shown) <= MOST_WORDS else []


def _reads(veld: Veld, word: str) -> bool:
    try:
        veld.lees(word)
    except CellError:
        return False
    return True


def _text(text: str) -> str:
    """Return a text as a TOML string of one line, with all that does not print escaped."""
    return "".join(
        one if one.isprintable() else f"\\U{ord(one):08x}"
        for one in json.dumps(str(text), ensure_ascii=False)
    )
