"""What a reconciliation adds up to: per class, as a waterfall, and how much is explained. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from projections.aansluiting.model import KLASSEN, Aansluiting, Verschil
from projections.render.waterfall import Bar, kind_of

ONVERKLAARD: Final = frozenset({"alleen-bij-duo", "alleen-bij-ons", "gegevens-verschillen"})
"""Classes that say what differs and not why: explained only where an event stands with them."""

REST: Final = "niet verklaard"
"""What no difference accounts for: the last bar, when the totals do not add up."""


class Klasseregel(NamedTuple):
    """A class: its differences, what it adds from the left number to the right, who, how much.

    `bedrag` is the sum where amounts are known, None when none is. `verklaard` counts the
    differences whose cause is known, `met_gebeurtenis` those that an event caused.
    """

    klasse: str
    verschillen: int
    geaccepteerd: int
    naar_rechts: int
    wie: tuple[str, ...]
    bedrag: Decimal | None
    verklaard: int
    met_gebeurtenis: int


def klasseregels(aansluiting: Aansluiting) -> tuple[Klasseregel, ...]:
    """Return a line per class that has differences, in the order of the classes."""
    groups: dict[str, list[Verschil]] = {klasse: [] for klasse in KLASSEN}
    for verschil in aansluiting.verschillen:
        groups[verschil.klasse].append(verschil)
    return tuple(_regel(klasse, group) for klasse, group in groups.items() if group)


def _regel(klasse: str, group: Sequence[Verschil]) -> Klasseregel:
    amounts = [one.bedrag for one in group if one.bedrag is not None]
    return Klasseregel(
        klasse,
        len(group),
        sum(bool(one.geaccepteerd) for one in group),
        -sum(one.aantal for one in group),
        tuple(dict.fromkeys(one.wie for one in group)),
        sum(amounts, Decimal(0)) if amounts else None,
        sum(is_verklaard(one) for one in group),
        sum(bool(one.gebeurtenissen) for one in group),
    )


def is_verklaard(verschil: Verschil) -> bool:
    """Tell whether the cause of a difference is known: by its class, or by an event."""
    return verschil.klasse not in ONVERKLAARD or bool(verschil.gebeurtenissen)


def rest(aansluiting: Aansluiting) -> int:
    """Return what the differences leave between the two totals; 0 when they add up."""
    told = sum(verschil.aantal for verschil in aansluiting.verschillen)
    return aansluiting.totaal_rechts - aansluiting.totaal_links + told


def waterval(aansluiting: Aansluiting) -> tuple[Bar, ...]:
    """Return the bars from the number on the left to the one on the right; they add up.

    Accepted differences are in it: they still make the numbers differ.
    """
    regels = klasseregels(aansluiting)
    steps = [(regel.klasse, regel.naar_rechts, regel.verschillen) for regel in regels]
    if rest(aansluiting):
        steps.append((REST, rest(aansluiting), 0))
    levels = accumulate((change for _, change, _ in steps), initial=aansluiting.totaal_links)
    return (
        Bar(aansluiting.naam_links, "stand", 0, aansluiting.totaal_links),
        *(
            Bar(label, kind_of(end - begin), begin, end, count)
            for (label, _, count), (begin, end) in zip(steps, pairwise(levels), strict=True)
        ),
        Bar(aansluiting.naam_rechts, "stand", 0, aansluiting.totaal_rechts),
    )


def dekking(aansluiting: Aansluiting) -> str:
    """Return in a sentence how many differences are explained, and which classes are not."""
    regels = klasseregels(aansluiting)
    count, known = (sum(getattr(r, name) for r in regels) for name in ("verschillen", "verklaard"))
    if not count:
        return "Er is niets te verklaren."
    events = sum(regel.met_gebeurtenis for regel in regels)
    many = "verschil" if count == 1 else "verschillen"
    said = f"Verklaard: {known} van {count} {many} ({known * 100 // count} %)"
    said += f", {events} met een gebeurtenis erbij"
    open_ = [
        f"{regel.klasse} {regel.verschillen - regel.verklaard}"
        for regel in regels
        if regel.verklaard < regel.verschillen
    ]
    return f"{said}; niet verklaard: {', '.join(open_)}." if open_ else f"{said}."
