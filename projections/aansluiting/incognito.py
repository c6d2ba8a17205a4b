"""A reconciliation without PGN's: a pseudonym for each, the same throughout a report. Pure.

A PGN is what stands in `pgn`, in a column of PGN's, or passes the check of one in any other
column than the inschrijvingsvolgnummer; in running text also every run of eight or more
digits is masked. Birth dates and enrolment numbers stay: such a report is no open data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from ledger.codes import pgn_is_valid
from ledger.problems import masked
from projections.aansluiting.model import Aansluiting, Cel, Verschil
from projections.report import Herkomst
from projections.verklaring import Gebeurtenis

PGN_COLUMNS: Final = frozenset({"BSN_OWN", "BSN", "PGN", "OWN"})
NUMBER_COLUMNS: Final = frozenset({"INSCHRIJVINGSVOLGNUMMER", "VOLGNUMMER"})
"""Columns whose numbers may look like a PGN and are none."""

_DIGITS: Final = re.compile(r"\d{9}")

Namen = Mapping[str, str]


def incognito(aansluiting: Aansluiting) -> Aansluiting:
    """Return the reconciliation with `leerling-001` and so on in the place of every PGN.

    Numbered as the pupils come in the list; the same pupil has the same pseudonym in it.
    """
    namen: dict[str, str] = {}
    for pgn in _pgns(aansluiting):
        namen.setdefault(pgn, f"leerling-{len(namen) + 1:03}")
    verschillen = tuple(
        _verschil(one, aansluiting.sleutel, namen) for one in aansluiting.verschillen
    )
    return msgspec.structs.replace(
        aansluiting,
        verschillen=verschillen,
        naam_links=masked(aansluiting.naam_links),
        naam_rechts=masked(aansluiting.naam_rechts),
        herkomst=_herkomst(aansluiting.herkomst),
        bestanden=tuple(map(_file, aansluiting.bestanden)),
    )


def _pgns(aansluiting: Aansluiting) -> Iterator[str]:
    for verschil in aansluiting.verschillen:
        if verschil.pgn:
            yield verschil.pgn
        keys = zip(aansluiting.sleutel, verschil.sleutel, strict=False)
        cells = ((k, v) for k, cel in verschil.kolommen.items() for v in (cel.ons, cel.duo))
        yield from (value for name, value in (*keys, *cells) if _is_pgn(name, value))  # type: ignore[misc]  # texts


def _is_pgn(name: str, value: object) -> bool:
    column = name.upper()
    if not isinstance(value, str) or not value or column in NUMBER_COLUMNS:
        return False
    return column in PGN_COLUMNS or pgn_is_valid(value)


def _verschil(verschil: Verschil, columns: Iterable[str], namen: Namen) -> Verschil:
    keys = zip(columns, verschil.sleutel, strict=False)
    return msgspec.structs.replace(
        verschil,
        sleutel=tuple(str(_value(name, value, namen)) for name, value in keys),
        pgn=namen.get(verschil.pgn, "") if verschil.pgn else verschil.pgn,
        kolommen={name: _cel(name, cel, namen) for name, cel in verschil.kolommen.items()},
        oorzaak=_text(verschil.oorzaak, namen),
        gebeurtenissen=tuple(_event(event, namen) for event in verschil.gebeurtenissen),
        plaatsen=tuple(_text(plaats, namen) for plaats in verschil.plaatsen),
        geaccepteerd=_text(verschil.geaccepteerd, namen),
    )


def _value(name: str, value: object, namen: Namen) -> object:
    return namen[str(value)] if _is_pgn(name, value) else value


def _cel(name: str, cel: Cel, namen: Namen) -> Cel:
    ons, duo = (_value(name, value, namen) for value in (cel.ons, cel.duo))
    return Cel(ons, duo, cel.oordeel)


def _event(event: Gebeurtenis, namen: Namen) -> Gebeurtenis:
    return msgspec.structs.replace(
        event,
        omschrijving=_text(event.omschrijving, namen),
        bestand=_text(event.bestand, namen),
        bron=_text(event.bron, namen),
    )


def _text(text: str, namen: Namen) -> str:
    return masked(_DIGITS.sub(lambda found: namen.get(found[0], found[0]), text))


def _file(name: str) -> str:
    """Return the name of a file without a PGN; a SHA-256 is left as it is."""
    return name if len(name) == 64 else masked(name)  # noqa: PLR2004 - the length of a SHA-256


def _herkomst(herkomst: Herkomst) -> Herkomst:
    bestanden = tuple(
        msgspec.structs.replace(one, naam=masked(one.naam)) for one in herkomst.bestanden
    )
    return msgspec.structs.replace(
        herkomst,
        bestanden=bestanden,
        opdracht=masked(herkomst.opdracht),
        opmerkingen=tuple(map(masked, herkomst.opmerkingen)),
    )
