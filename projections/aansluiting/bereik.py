"""What the total of a row gives away of counts that are suppressed (`<5`) in it. Pure.

The parts that are shown and the total narrow the hidden ones, since they add up
(outputs-and-rules.md 3.8, I1 and I2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from projections.aansluiting.vergelijken import Bounds, grenzen


def bereik_of(value: object) -> Bounds:
    """Return between what a count lies, both included; what is absent counts nobody."""
    return grenzen(value) or (0, 0)


def onthuld(velden: Mapping[str, object], totaal: str, delen: Sequence[str]) -> dict[str, object]:
    """Return a row with every suppressed count that can be one number alone as that number.

    A row that cannot add up gives nothing away.
    """
    found = dict(velden)
    if not telt_op(velden, totaal, delen):
        return found
    laag, hoog = _som(velden, delen)
    least, most = bereik_of(velden[totaal])
    for deel in delen:
        low, high = bereik_of(velden.get(deel))
        low, high = max(low, least - (hoog - high)), min(high, most - (laag - low))
        if low == high and deel in velden:
            found[deel] = low
    if max(least, laag) == min(most, hoog):
        found[totaal] = max(least, laag)
    return found


def telt_op(velden: Mapping[str, object], totaal: str, delen: Sequence[str]) -> bool:
    """Tell whether a row has parts, and they can add up to its total (I1 and I2)."""
    if not delen or totaal not in velden:
        return False
    laag, hoog = _som(velden, delen)
    least, most = bereik_of(velden[totaal])
    return laag <= most and hoog >= least


def meer(links: object, rechts: object) -> int:
    """Return how many more the one count is than the other, as few as can be."""
    (left_low, left_high), (right_low, right_high) = bereik_of(links), bereik_of(rechts)
    if left_low > right_high:
        return left_low - right_high
    return min(0, left_high - right_low)


def _som(velden: Mapping[str, object], delen: Sequence[str]) -> Bounds:
    bounds = [bereik_of(velden.get(deel)) for deel in delen]
    return sum(low for low, _ in bounds), sum(high for _, high in bounds)
