"""What every output of a reconciliation shows, and its sentences and values in words.

Accepted differences stay out of the rows and are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from ledger.application import Ledger
from projections.aansluiting.dekking import dekking
from projections.aansluiting.geaccepteerd import kenmerken
from projections.aansluiting.incognito import incognito
from projections.aansluiting.model import Aansluiting, Cel, Paar, Verschil
from projections.render import text
from projections.render.waterfall_words import thousands
from projections.verklaring import Gebeurtenis

BEDRAG: Final = "bedrag: wat {} per jaar meer kost dan {}"


class Partij(NamedTuple):
    """A side as a heading names it: what it is, from which file, and when it was known."""

    naam: str
    bestand: str
    bekend_op: datetime | None

    def __str__(self) -> str:
        said = [self.naam]
        if self.bestand:
            said.append(self.bestand)
        if self.bekend_op:
            said.append(f"bekend op {text.minute(self.bekend_op)}")
        elif not self.bestand:
            said.append("zoals nu bekend")
        return ", ".join(said)


class Getoond(NamedTuple):
    """A difference and the kenmerk that it goes by."""

    kenmerk: str
    verschil: Verschil


class Weergave(NamedTuple):
    """What every output is made from; `verbroken` has a line per sealed figure that changed."""

    aansluiting: Aansluiting
    partijen: tuple[Partij, Partij]
    getoond: tuple[Getoond, ...]
    geaccepteerd: tuple[Getoond, ...]
    verbroken: tuple[str, ...] = ()

    @property
    def titel(self) -> str:
        """`Aansluiting 1B tegen grootboek, PO9901, teldatum 1-2-2025`."""
        about = self.aansluiting
        return f"Aansluiting {about.paar}, {about.swv}, teldatum {text.dutch_date(about.teldatum)}"

    @property
    def vergeleken(self) -> str:
        """How many keys were compared, in a sentence: also when nothing differs."""
        about = self.aansluiting
        said = f"Vergeleken op {' + '.join(about.sleutel)}: {thousands(about.links)} sleutels links"
        said += f" en {thousands(about.rechts)} rechts, {thousands(about.gelijk)} gelijk,"
        count = len(self.getoond)
        said += f" {thousands(count)} {'verschil' if count == 1 else 'verschillen'}"
        if about.niet_te_zeggen:
            said += f", {thousands(about.niet_te_zeggen)} niet te zeggen (<5)"
        return said + (
            f", {thousands(len(self.geaccepteerd))} geaccepteerd." if self.geaccepteerd else "."
        )

    @property
    def dekking(self) -> str:
        """How much of the difference is explained, in a sentence."""
        return dekking(self.aansluiting)


def weergave(
    ledger: Ledger,
    aansluiting: Aansluiting,
    paar: Paar,
    verbroken: Iterable[str] = (),
    *,
    zonder_pgn: bool = False,
) -> Weergave:
    """Return what the outputs show; `zonder_pgn` puts pseudonyms in the place of PGN's."""
    names = kenmerken(ledger, aansluiting)
    shown = incognito(aansluiting) if zonder_pgn else aansluiting
    all_ = [Getoond(*pair) for pair in zip(names, shown.verschillen, strict=True)]
    sides = zip((shown.naam_links, shown.naam_rechts), (paar.links, paar.rechts), strict=True)
    links, rechts = (Partij(naam, zijde.bestand or "", zijde.bekend_op) for naam, zijde in sides)
    return Weergave(
        shown,
        (links, rechts),
        tuple(one for one in all_ if not one.verschil.geaccepteerd),
        tuple(one for one in all_ if one.verschil.geaccepteerd),
        tuple(verbroken),
    )


def bedrag(value: Decimal | None) -> str:
    """Return an amount in whole euro's with its sign and dots, `+12.345`; empty for None."""
    if value is None:
        return ""
    shown = f"{value:+,.0f}".replace(",", ".")
    return "0" if shown in {"+0", "-0"} else shown


def uitleg_bedrag(shown: Weergave) -> str:
    """Return what the amounts are."""
    links, rechts = (partij.naam for partij in shown.partijen)
    return BEDRAG.format(links, rechts)


def kolommen(verschil: Verschil) -> str:
    """Return what differs: `EIND_DATUM_TLV: 31-7-2025 bij ons, leeg bij DUO; …`."""
    return "; ".join(f"{name}: {_cel(cel)}" for name, cel in verschil.kolommen.items())


def gebeurtenis(event: Gebeurtenis) -> str:
    """Return an event in a line: what, which, when it was known, and who said so."""
    about = f" {event.sleutel}" if event.sleutel else ""
    known = f"bekend op {text.minute(event.bekend_op)}, {event.vaststelling} vaststelling"
    return f"{event.type}{about} (gebeurtenis {event.id}, {known}, {event.bron})"


def waarde(value: object) -> str:
    """Return the value of a cell as text; `leeg` where there is none."""
    if value is None or value == "":
        return "leeg"
    if isinstance(value, bool):
        return text.ja_nee(value)
    if isinstance(value, datetime):
        return text.minute(value)
    return text.dutch_date(value) if isinstance(value, date) else text.printable(value)


def _cel(cel: Cel) -> str:
    said = f"{waarde(cel.ons)} bij ons, {waarde(cel.duo)} bij DUO"
    return said if cel.oordeel == "verschillend" else f"{said} ({cel.oordeel})"
