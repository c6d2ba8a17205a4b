"""What differs between two sides: duplicates, rows of one side, cells (rules.md 9). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from ledger.intake.dashboard_1a import SMALL, SMALL_BOUNDS
from projections.aansluiting.model import Cel, Oordeel, Paar, Regel, Zijde

Sleutel = tuple[str, ...]
Bounds = tuple[int, int]

GELIJK: Final[Oordeel] = "gelijk"
VERSCHILLEND: Final[Oordeel] = "verschillend"
NIET_TE_ZEGGEN: Final[Oordeel] = "niet te zeggen"


class Dubbel(NamedTuple):
    """A key that stands on a side more than once, with the rows of both sides."""

    sleutel: Sleutel
    links: tuple[Regel, ...]
    rechts: tuple[Regel, ...]


class Cellen(NamedTuple):
    """A key on both sides, and the columns in which its rows differ (or may differ)."""

    sleutel: Sleutel
    links: Regel
    rechts: Regel
    kolommen: dict[str, Cel]


class Vergelijking(NamedTuple):
    """Every key of two sides, in one of six places, each in the order of the keys.

    `gelijk` keys have equal rows; `cellen` differ in at least one column; of
    `niet_te_zeggen` a suppressed value hides whether they differ. `links` and `rechts` are
    the numbers of keys of each side. The totals count pupils (`totalen`).
    """

    gelijk: tuple[Sleutel, ...]
    dubbel: tuple[Dubbel, ...]
    alleen_links: tuple[Regel, ...]
    alleen_rechts: tuple[Regel, ...]
    cellen: tuple[Cellen, ...]
    niet_te_zeggen: tuple[Cellen, ...]
    links: int
    rechts: int
    totaal_links: int
    totaal_rechts: int

    @property
    def vergeleken(self) -> int:
        """How many keys stand on both sides, once: their cells were compared."""
        return len(self.gelijk) + len(self.cellen) + len(self.niet_te_zeggen)


def vergelijk(paar: Paar) -> Vergelijking:
    """Return every key of a pair by what there is to say of it (rules.md 9).

    A key that stands on one of the sides more than once takes no further part: nobody can say
    which of its rows belongs to which.
    """
    left, right = _by_key(paar.links), _by_key(paar.rechts)
    found = _Found()
    for sleutel in sorted(left.keys() | right.keys()):
        _place(paar, sleutel, left.get(sleutel, []), right.get(sleutel, []), found)
    totals = [totalen(paar, left.get(key, []), right.get(key, [])) for key in {**left, **right}]
    return Vergelijking(
        gelijk=tuple(found.gelijk),
        dubbel=tuple(found.dubbel),
        alleen_links=tuple(found.alleen_links),
        alleen_rechts=tuple(found.alleen_rechts),
        cellen=tuple(found.cellen),
        niet_te_zeggen=tuple(found.niet_te_zeggen),
        links=len(left),
        rechts=len(right),
        totaal_links=sum(links for links, _ in totals),
        totaal_rechts=sum(rechts for _, rechts in totals),
    )


class _Found:
    """The lists of a comparison while it is made."""

    def __init__(self) -> None:
        self.gelijk: list[Sleutel] = []
        self.dubbel: list[Dubbel] = []
        self.alleen_links: list[Regel] = []
        self.alleen_rechts: list[Regel] = []
        self.cellen: list[Cellen] = []
        self.niet_te_zeggen: list[Cellen] = []


def _by_key(zijde: Zijde) -> Mapping[Sleutel, list[Regel]]:
    found: defaultdict[Sleutel, list[Regel]] = defaultdict(list)
    for regel in zijde.regels:
        found[regel.sleutel].append(regel)
    return dict(found)


def _place(
    paar: Paar, sleutel: Sleutel, left: Sequence[Regel], right: Sequence[Regel], found: _Found
) -> None:
    if len(left) > 1 or len(right) > 1:
        found.dubbel.append(Dubbel(sleutel, tuple(left), tuple(right)))
    elif not right:
        found.alleen_links.append(left[0])
    elif not left:
        found.alleen_rechts.append(right[0])
    elif not (kolommen := cellen_van(paar, left[0], right[0])):
        found.gelijk.append(sleutel)
    else:
        sure = any(cel.oordeel == VERSCHILLEND for cel in kolommen.values())
        listed = found.cellen if sure else found.niet_te_zeggen
        listed.append(Cellen(sleutel, left[0], right[0], kolommen))


def cellen_van(
    paar: Paar, links: Regel, rechts: Regel, kolommen: Sequence[str] | None = None
) -> dict[str, Cel]:
    """Return the columns in which two rows are not known to be equal, in their order.

    `duo` of a cell is the left side and `ons` the right one, unless the left side is ours.
    """
    swapped = paar.links.kant == "ons" and paar.rechts.kant == "duo"
    found = {}
    for kolom in paar.kolommen if kolommen is None else kolommen:
        one, other = links.velden.get(kolom), rechts.velden.get(kolom)
        if (said := oordeel_van(one, other)) != GELIJK:
            ons, duo = (one, other) if swapped else (other, one)
            found[kolom] = Cel(ons, duo, said)
    return found


def oordeel_van(one: object, other: object) -> Oordeel:
    """Return whether two values are equal, when a value may be suppressed (`<5`).

    A suppressed value stands for all numbers of SMALL_BOUNDS: different when the other
    value is none of them, else nobody can tell. Two that are both suppressed show the same,
    and are taken for equal (assumption).
    """
    if one == other:
        return GELIJK
    left, right = grenzen(one), grenzen(other)
    if left is None or right is None or SMALL not in {one, other}:
        return VERSCHILLEND
    disjoint = left[1] < right[0] or right[1] < left[0]
    return VERSCHILLEND if disjoint else NIET_TE_ZEGGEN


def grenzen(value: object) -> Bounds | None:
    """Return the least and the greatest that a count can be; None for what is no count."""
    if value == SMALL:
        return SMALL_BOUNDS
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value)
    return None


def totalen(paar: Paar, links: Sequence[Regel], rechts: Sequence[Regel]) -> tuple[int, int]:
    """Return how many pupils the rows of a key stand for on each side.

    A suppressed count is taken for the number of its range that is nearest to the other side
    (assumption), so that what nobody can tell never adds to a difference.
    """
    if paar.telkolom is None:
        return len(links), len(rechts)
    left, right = (_bounds(paar.telkolom, rows) for rows in (links, rechts))
    return _nearest(left, right), _nearest(right, left)


def aantal_van(paar: Paar, links: Sequence[Regel], rechts: Sequence[Regel]) -> int:
    """Return how many pupils the left side has more: the `aantal` of a difference."""
    left, right = totalen(paar, links, rechts)
    return left - right


def _bounds(kolom: str, rows: Sequence[Regel]) -> Bounds:
    all_of = [grenzen(row.velden.get(kolom)) or (0, 0) for row in rows]
    return sum(least for least, _ in all_of), sum(most for _, most in all_of)


def _nearest(own: Bounds, other: Bounds) -> int:
    """Return the number within `own` that lies nearest to `other`."""
    least, most = own
    if most < other[0]:
        return most
    if least > other[1]:
        return least
    return max(least, other[0])
