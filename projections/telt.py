"""Does an enrolment count on a day, and if not, why not (rules.md 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple, TypeVar

from ledger.codes import CLOSED
from ledger.dossier import Sleutel
from projections.attribution import Segment, in_cluster_1_or_2, is_attributed

TELT: Final = ""
DUBBEL: Final = "dubbele inschrijving"
GESLOTEN: Final = "gesloten inrichting"
GEEN_SWV: Final = "geen samenwerkingsverband"

Day = TypeVar("Day", date, int)
Days = tuple[date, date]
"""Days from the first up to, without, the second."""


class Piece(NamedTuple):
    """Days of a segment on which the answer is the same; an empty reden = it counts."""

    van: date
    tot: date
    segment: Segment
    reden: str


def own_reden(segment: Segment) -> str:
    """Return why the enrolment itself does not count, empty when it passes (rules.md 4)."""
    periode = segment.periode
    if periode.soort_verblijf in CLOSED:
        return GESLOTEN
    if in_cluster_1_or_2(periode):
        return "cluster 1 of 2"
    if not periode.bekostigbaar:
        return "niet bekostigbaar"
    if is_attributed(periode) and segment.bepaling.swv is None:
        return GEEN_SWV
    return TELT


def passing(segments: tuple[Segment, ...], redenen: Sequence[str]) -> tuple[Days, ...]:
    """Return the days on which an enrolment takes part in the contest; `redenen` are its own."""
    return tuple(
        (segment.van, segment.tot)
        for segment, reden in zip(segments, redenen, strict=True)
        if reden == TELT
    )


def covered_by_winners(
    begindata: Mapping[Sleutel, date], passing: Mapping[Sleutel, tuple[Days, ...]]
) -> dict[Sleutel, tuple[Days, ...]]:
    """Return per enrolment the days on which another one wins from it (rules.md 4).

    The latest begindatum wins, then the lowest key; BO and VO take part. The days are
    disjoint, ascending, and joined where they touch: the contest splits no more than it must.
    """
    if len(begindata) == 1:
        return dict.fromkeys(begindata, ())
    ranked = sorted(begindata)
    ranked.sort(key=begindata.__getitem__, reverse=True)
    covered: tuple[Days, ...] = ()
    answer = {}
    for sleutel in ranked:
        answer[sleutel] = covered
        covered = union(covered, passing[sleutel])
    return answer


def pieces(
    segments: tuple[Segment, ...], redenen: Sequence[str], covered: tuple[Days, ...]
) -> Iterator[Piece]:
    """Yield the segments cut where the enrolment begins or ceases to lose the contest.

    `redenen` are those of the enrolment itself (`own_reden`), one per segment.
    """
    for segment, reden in zip(segments, redenen, strict=True):
        van = segment.van
        if covered and reden == TELT:
            for start, stop in covered:
                first, last = max(van, start), min(segment.tot, stop)
                if first < last:
                    if van < first:
                        yield Piece(van, first, segment, TELT)
                    yield Piece(first, last, segment, DUBBEL)
                    van = last
        if van < segment.tot:
            yield Piece(van, segment.tot, segment, reden)


def union(
    one: tuple[tuple[Day, Day], ...], two: tuple[tuple[Day, Day], ...]
) -> tuple[tuple[Day, Day], ...]:
    """Return the days of both, ascending, joined where they touch."""
    joined: list[tuple[Day, Day]] = []
    for van, tot in sorted(one + two):
        if joined and van <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], tot)
        else:
            joined.append((van, tot))
    return tuple(joined)
