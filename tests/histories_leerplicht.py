"""Verzuim, vrijstelling and ontwikkelingsperspectief strewn through a random history.

They have a generator of their own, so that a history without them stays what its seed makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.histories_chooser import Chooser, moment_after, some, told
from tests.histories_pools import MOMENTS, TURNS

if TYPE_CHECKING:
    from random import Random

    from tests.oracle_facts import Event


def with_leerplicht(history: list[Event], random: Random) -> list[Event]:
    """Return the history with events about the same pupils among its own."""
    chooser = Chooser(random)
    mixed = list(history)
    for pgn in dict.fromkeys(event["pgn"] for event in history if "pgn" in event):
        registered = [
            event
            for event in history
            if event["type"] == "InschrijvingGeregistreerd" and event["pgn"] == pgn
        ]
        for one in _of_pupil(chooser, pgn, registered):
            mixed.insert(chooser.pick(tuple(range(len(mixed) + 1))), one)
    return mixed


def _of_pupil(chooser: Chooser, pgn: str, registered: list[Event]) -> list[Event]:
    """Return what is told of one pupil, in a sensible order of knowledge for the most part."""
    events: list[Event] = []
    for kind, fields, end in (
        ("VerzuimGemeld", {"soort": chooser.pick(("absoluut", "relatief"))}, "VerzuimBeeindigd"),
        ("VrijstellingVerleend", {}, "VrijstellingBeeindigd"),
    ):
        known = chooser.pick(MOMENTS)
        for _ in some(chooser, 3, 70):
            vanaf = chooser.pick(TURNS)
            events.append(told(chooser, kind, known, pgn=pgn, vanaf=vanaf, **fields))
            known = moment_after(chooser, known)
            if chooser.chance(60):
                last = chooser.pick(TURNS)
                events.append(told(chooser, end, known, pgn=pgn, tot_en_met=last))
    for one in registered:
        key = {name: one[name] for name in ("instellingscode", "volgnummer")}
        known = chooser.pick(MOMENTS)
        kind, vanaf = "OntwikkelingsperspectiefVastgesteld", chooser.pick(TURNS)
        if chooser.chance(60):
            events.append(told(chooser, kind, known, pgn=pgn, vanaf=vanaf, **key))
    return events
