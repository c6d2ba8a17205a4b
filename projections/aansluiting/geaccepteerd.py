"""Accepting a difference with a reason and initials, until its value changes (rules.md 9).

A difference goes by a keyed hash of its key and by one of its class and values: the event
that accepts it holds no PGN, and it says nothing of a difference whose value is another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ledger import events as ev
from ledger.application import Ledger, reference_stream
from ledger.problems import masked
from ledger.vault import Vault
from projections.aansluiting.model import Aansluiting, Verschil
from projections.told import KENMERK_LENGTH


class OnbekendVerschilError(ValueError):
    """A key or kenmerk that no open difference, or more than one, goes by."""


def kenmerken(ledger: Ledger, aansluiting: Aansluiting) -> tuple[str, ...]:
    """Return the kenmerk of every difference, in their order: what `--accept` takes.

    The first twelve characters of the hash of its key: the same in every report of the same
    pair, samenwerkingsverband and teldatum, and readable on a command line without a PGN.
    """
    return tuple(
        _sleutel(ledger.vault, aansluiting, verschil)[:KENMERK_LENGTH]
        for verschil in aansluiting.verschillen
    )


def met_geaccepteerd(
    ledger: Ledger, aansluiting: Aansluiting, until: int | None = None
) -> Aansluiting:
    """Return the reconciliation with the reason and initials at each accepted difference.

    As accepted up to a position of the log; of two times the same, the last one counts.
    """
    accepted = _geaccepteerd(ledger, aansluiting, until)
    if not accepted:
        return aansluiting
    marked = [
        msgspec.structs.replace(
            verschil, geaccepteerd=accepted.get(_afdrukken(ledger.vault, aansluiting, verschil), "")
        )
        for verschil in aansluiting.verschillen
    ]
    return msgspec.structs.replace(aansluiting, verschillen=tuple(marked))


def acceptaties(
    ledger: Ledger, aansluiting: Aansluiting, gekozen: Sequence[str], reden: str, paraaf: str
) -> list[ev.VerschilGeaccepteerd]:
    """Return the events that accept the chosen differences: each by its kenmerk or its key.

    A key is written with slashes between its parts. Raises OnbekendVerschilError for what no
    open difference goes by. What could be a PGN in the reason is masked.
    """
    named = _op_naam(ledger, aansluiting)
    facts = []
    for keuze in gekozen:
        found = named.get(keuze, [])
        if len(found) != 1:
            raise OnbekendVerschilError(_onbekend(keuze, found))
        sleutel, waarde = _afdrukken(ledger.vault, aansluiting, found[0])
        fact = ev.VerschilGeaccepteerd(
            paar=aansluiting.paar,
            swv=aansluiting.swv,
            teldatum=aansluiting.teldatum,
            sleutel=sleutel,
            waarde=waarde,
            reden=masked(reden),
            paraaf=masked(paraaf),
        )
        facts.append(fact)
    return facts


def verzegelbaar(ledger: Ledger, aansluiting: Aansluiting) -> Iterable[dict[str, str]]:
    """Yield each accepted difference as a seal holds it: hash, class, reason and initials."""
    for verschil in aansluiting.verschillen:
        if verschil.geaccepteerd:
            sleutel = _sleutel(ledger.vault, aansluiting, verschil)
            said = {"klasse": verschil.klasse, "reden": verschil.geaccepteerd}
            yield {"sleutel": sleutel, **said}


def _onbekend(keuze: str, found: Sequence[Verschil]) -> str:
    if found:
        return f"'{masked(keuze)}' hoort bij {len(found)} verschillen; neem het kenmerk"
    return (
        f"'{masked(keuze)}' is geen open verschil van deze aansluiting; neem het kenmerk van "
        f"{KENMERK_LENGTH} tekens dat bij het verschil staat"
    )


def _op_naam(ledger: Ledger, aansluiting: Aansluiting) -> Mapping[str, list[Verschil]]:
    named: dict[str, list[Verschil]] = {}
    names = kenmerken(ledger, aansluiting)
    for kenmerk, verschil in zip(names, aansluiting.verschillen, strict=True):
        if not verschil.geaccepteerd:
            for name in (kenmerk, "/".join(verschil.sleutel)):
                named.setdefault(name, []).append(verschil)
    return named


def _geaccepteerd(
    ledger: Ledger, aansluiting: Aansluiting, until: int | None
) -> dict[tuple[str, str], str]:
    about = ev.VerschilGeaccepteerd(
        paar=aansluiting.paar,
        swv=aansluiting.swv,
        teldatum=aansluiting.teldatum,
        sleutel="",
        waarde="",
        reden="",
        paraaf="",
    )
    booked = ledger.events_of([reference_stream(about)], until)
    return {
        (fact.sleutel, fact.waarde): f"{fact.reden} ({fact.paraaf})"
        for event in sorted(booked, key=lambda event: (event.bekend_op, event.positie))
        if isinstance(fact := event.fact, ev.VerschilGeaccepteerd)
    }


def _afdrukken(vault: Vault, aansluiting: Aansluiting, verschil: Verschil) -> tuple[str, str]:
    return _sleutel(vault, aansluiting, verschil), _waarde(vault, verschil)


def _sleutel(vault: Vault, aansluiting: Aansluiting, verschil: Verschil) -> str:
    """Return the hash of the key, also of its class and columns: a key can differ in two ways."""
    about = (aansluiting.paar, aansluiting.swv, aansluiting.teldatum)
    what = (verschil.soort, verschil.klasse, sorted(verschil.kolommen))
    return vault.identity(b"verschil\0" + _canonical((*about, *what, verschil.sleutel))).hex()


def _waarde(vault: Vault, verschil: Verschil) -> str:
    cells = sorted(
        (kolom, cel.ons, cel.duo, cel.oordeel) for kolom, cel in verschil.kolommen.items()
    )
    said = (verschil.soort, verschil.klasse, verschil.aantal, cells)
    return vault.identity(b"waarde\0" + _canonical(said)).hex()


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=str)
