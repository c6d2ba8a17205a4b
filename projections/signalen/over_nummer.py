"""A signal about tlv numbers: one that two pupils have (rules.md 10; outputs-and-rules.md 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ledger.codes import swv_of_tlv
from projections.signalen.beeld import Beeld
from projections.signalen.model import Grond, Vondst
from projections.store.ask_signalen import Houder, Rij, houders

Holders = Mapping[str, list[Houder]]
"""The pupils that have a number, each with the ways in which it has it."""


def tlv_andere_leerling(beeld: Beeld) -> Iterator[Vondst]:
    """Yield a tlv number that another pupil has too: a slip of the pen in a serial, mostly.

    For who issued it when it was issued twice, else for the school that linked it.
    """
    rows = _rows_by_number(beeld)
    for nummer, pupils in sorted(_holders(beeld).items()):
        issued = {who for who, ways in pupils.items() if any(way.afgegeven for way in ways)}
        for who in sorted(pupils):
            wrong = _of_another(who, set(pupils), issued)
            row = rows.get((nummer, who)) or rows.get(("", who))
            if wrong is None or (row is None and swv_of_tlv(nummer) != beeld.swv):
                continue
            yield Vondst(
                "tlv-andere-leerling",
                wrong,
                row,
                leerling=who,
                swv=swv_of_tlv(nummer),
                beschikkingsnummer=nummer,
                gronden=tuple(_since(who, pupils)),
                wie="samenwerkingsverband" if who in issued else "school",
            )


def _rows_by_number(beeld: Beeld) -> dict[tuple[str, str], Rij]:
    """Return the enrolment that a pupil's number is linked to; under "" the first of the pupil."""
    found = {("", row.leerling): row for row in reversed(beeld.rijen)}
    for row in beeld.rijen:
        for link in beeld.links(row):
            found[link.nummer, row.leerling] = row
    return found


def _holders(beeld: Beeld) -> dict[str, dict[str, list[Houder]]]:
    """Return who has a number, of the numbers that more than one pupil has."""
    numbers = {tlv.nummer for tlvs in beeld.tlvs.values() for tlv in tlvs}
    numbers.update(tlv.nummer for tlv in beeld.afgegeven)
    numbers.update(link.nummer for links in beeld.koppelingen.values() for link in links)
    found: defaultdict[str, dict[str, list[Houder]]] = defaultdict(dict)
    for holder in houders(beeld.model, beeld.as_of, sorted(numbers)):
        found[holder.nummer].setdefault(holder.leerling, []).append(holder)
    return {nummer: pupils for nummer, pupils in found.items() if len(pupils) > 1}


def _of_another(who: str, pupils: set[str], issued: set[str]) -> str | None:
    """Return what is wrong with a number at a pupil, None when it is the pupil's own."""
    if issued == {who}:
        return None
    if who in issued:
        return "het nummer is ook voor een andere leerling afgegeven"
    if issued:
        return "de gekoppelde tlv is voor een andere leerling afgegeven"
    assert len(pupils) > 1, pupils
    return "hetzelfde nummer is bij een andere leerling gekoppeld"


def _since(who: str, pupils: Holders) -> Iterator[Grond]:
    """Yield since when the pupil has it, and since when another one."""
    others = [way for other, ways in pupils.items() if other != who for way in ways]
    for ways in (pupils[who], others):
        first = min(ways, key=lambda way: way.bekend_van)
        yield Grond(first.bekend_van, (first.geopend_door,))
