"""What stays equal over knowledge stays open; what changes names its cause (rules.md 5)."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from ledger.reference import Moment
from projections.items import Item, Rectangle

Slots = Mapping[Hashable, tuple[Item, ...]]
"""What is known of one thing (an enrolment, a tlv, a person) under a key of its own."""


MANY: Final = 3
"""From so many items on, looking one up by its hash is sooner done than comparing."""


class _Open(NamedTuple):
    """An item that holds, since when, by which event, and which ones before it helped."""

    item: Item
    bekend_van: datetime
    door: int
    mede: tuple[int, ...] = ()


class _Closing(NamedTuple):
    """An item that ceased to hold at the present moment, by which event.

    `mede`: later ones of the moment that changed again what came in its place.
    """

    slot: Hashable
    opened: _Open
    door: int
    mede: tuple[int, ...] = ()


class Tracker:
    """Turns what is known after every event into rectangles of knowledge time.

    Several events can be known at one moment: an item that comes and goes within it never
    was, and one that goes and comes back never went.
    """

    def __init__(self) -> None:
        self._seen: Slots = {}
        self._open: dict[Hashable, list[_Open]] = {}
        self._closing: list[_Closing] = []
        self._now: datetime | None = None
        self._done: list[Rectangle] = []

    def see(self, moment: Moment, slots: Slots) -> None:
        """Take in all that is known at the moment; slots that are absent hold nothing."""
        if moment[0] != self._now:
            self._settle()
            self._now = moment[0]
        seen = self._seen
        if slots is seen:
            return
        for slot, items in slots.items():
            if seen.get(slot) is not items:
                self._change(slot, items, moment)
        if len(seen) > len(slots) or not seen.keys() <= slots.keys():
            for slot in seen:  # in their order: a set's differs from process to process
                if slot not in slots:
                    self._change(slot, (), moment)
        self._seen = slots

    def finish(self) -> list[Rectangle]:
        """Return all rectangles; those still open have no end."""
        self._settle()
        still = [
            Rectangle(item, bekend_van, None, door, None, mede)
            for opened in self._open.values()
            for item, bekend_van, door, mede in opened
        ]
        return self._done + still

    def _change(self, slot: Hashable, after: tuple[Item, ...], moment: Moment) -> None:
        now, positie = moment
        before = self._open.get(slot, [])
        same = _alike(before, after)
        stayed, before, after = before[:same], before[same:], after[same:]
        if before:
            kept, gone = _parted(before, after)
            superseded = [one for one in gone if one.bekend_van == now]
            if superseded:
                self._closing = [_also(one, slot, positie) for one in self._closing]
            self._closing.extend(
                _Closing(slot, opened, positie) for opened in gone if opened.bekend_van != now
            )
            known = [opened.item for opened in kept]
            mede = tuple(sorted({door for one in superseded for door in (one.door, *one.mede)}))
        else:
            kept, known, mede = [], [], ()
        new = [
            self._resumed(slot, item) or _Open(item, now, positie, mede)
            for item in after
            if item not in known
        ]
        self._open[slot] = stayed + kept + new

    def _resumed(self, slot: Hashable, item: Item) -> _Open | None:
        """Return what closed at this very moment and holds again, None when it is new."""
        for place, closing in enumerate(self._closing):
            if closing.slot == slot and closing.opened.item == item:
                return self._closing.pop(place).opened
        return None

    def _settle(self) -> None:
        if self._closing:
            self._done += [
                Rectangle(
                    opened.item, opened.bekend_van, self._now, opened.door, door, opened.mede, mede
                )
                for _, opened, door, mede in self._closing
            ]
            self._closing.clear()


def _alike(before: list[_Open], after: tuple[Item, ...]) -> int:
    """Return how many items are the same from the first on: mostly the last ones change."""
    count = 0
    for opened, item in zip(before, after, strict=False):
        if opened.item is not item and opened.item != item:
            break
        count += 1
    return count


def _parted(before: list[_Open], after: tuple[Item, ...]) -> tuple[list[_Open], list[_Open]]:
    """Return what of before is there after too, and what is not."""
    there: Collection[Item] = after if len(after) < MANY else set(after)
    kept: list[_Open] = []
    gone: list[_Open] = []
    for opened in before:
        (kept if opened.item in there else gone).append(opened)
    return kept, gone


def _also(closing: _Closing, slot: Hashable, positie: int) -> _Closing:
    return closing._replace(mede=(*closing.mede, positie)) if closing.slot == slot else closing
