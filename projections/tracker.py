"""What stays equal over knowledge stays open; what changes names its cause (rules.md 5)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import NamedTuple

from ledger.reference import Moment
from projections.items import Item, Rectangle

Slots = Mapping[Hashable, tuple[Item, ...]]
"""What is known of one thing (an enrolment, a tlv, a person) under a key of its own."""


class _Opened(NamedTuple):
    bekend_van: datetime
    door: int


class Tracker:
    """Turns what is known after every event into rectangles of knowledge time.

    Several events can be known at one moment: an item that comes and goes within it never
    was, and one that goes and comes back never went.
    """

    def __init__(self) -> None:
        self._slots: dict[Hashable, tuple[Item, ...]] = {}
        self._open: dict[Item, _Opened] = {}
        self._closing: dict[Item, tuple[_Opened, int]] = {}
        self._now: datetime | None = None
        self._done: list[Rectangle] = []

    def see(self, moment: Moment, slots: Slots) -> None:
        """Take in all that is known at the moment; slots that are absent hold nothing."""
        if moment[0] != self._now:
            self._settle()
            self._now = moment[0]
        known = self._slots
        for slot, items in slots.items():
            before = known.get(slot, ())
            if before is not items:
                self._change(before, items, moment)
        if len(known) > len(slots) or known.keys() - slots.keys():
            for slot in known.keys() - slots.keys():
                self._change(known[slot], (), moment)
        self._slots = dict(slots)

    def finish(self) -> list[Rectangle]:
        """Return all rectangles; those still open have no end."""
        self._settle()
        still = [
            Rectangle(item, opened.bekend_van, None, opened.door, None)
            for item, opened in self._open.items()
        ]
        return self._done + still

    def _change(self, before: tuple[Item, ...], after: tuple[Item, ...], moment: Moment) -> None:
        now, positie = moment
        for item in before:
            if item not in after:
                opened = self._open.pop(item)
                if opened.bekend_van != now:
                    self._closing[item] = opened, positie
        for item in after:
            if item not in before:
                resumed = self._closing.pop(item, None)
                self._open[item] = resumed[0] if resumed else _Opened(now, positie)

    def _settle(self) -> None:
        if self._closing:
            self._done += [
                Rectangle(item, opened.bekend_van, self._now, opened.door, door)
                for item, (opened, door) in self._closing.items()
            ]
            self._closing.clear()
