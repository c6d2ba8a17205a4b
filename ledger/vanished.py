"""Who is not in a file any more, of files that hold a whole population (events.md 2).

A complete file of a samenwerkingsverband and a teldatum also says who is not in it: an
enrolment that an earlier file had. And when an earlier file comes late, a complete one that
is later has said so of its rows already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from ledger import events as ev
from ledger.appending import Source
from ledger.application import Ledger
from ledger.files import imported_files
from ledger.intake.readers import About, Reader
from ledger.opgaven import OPGAVE, Opgave, decode
from ledger.states import AnyStand, NietGeteldStand, TeldatumStand

NOT_IN_FILE: Final = 0
"""The row number of what a file does not have."""

Key = tuple[str, str, str]
"""PGN, instellingscode, volgnummer."""


class _Earlier(NamedTuple):
    """A file of the same population, and when it knew what it says."""

    bestand: str
    moment: datetime
    volledig: bool


class Population:
    """The files of one product, samenwerkingsverband and teldatum, around one moment."""

    def __init__(self, ledger: Ledger, reader: Reader, about: About, moment: datetime) -> None:
        self._ledger = ledger
        self._bron = reader.BRON
        self._about = about
        self._moment = moment
        self._here: set[Key] = set()
        files = list(_files_of(ledger, reader.SOURCE, about)) if reader.COMPLETE else []
        self._before = [file.bestand for file in files if file.moment < moment]
        self._after = [
            (file, self._keys(file.bestand))
            for file in files
            if file.moment > moment and file.volledig
        ]

    def noted(self, opgaven: Iterable[Opgave]) -> list[Opgave]:
        """Note who is in the file; return who is not in a complete file of a later moment."""
        gone: list[Opgave] = []
        for opgave in opgaven:
            keys = set(_keys_of(opgave.pgn, opgave.standen))
            self._here |= keys
            for file, present in self._after:
                missing = keys - present
                if missing:
                    gone.append(self._gone(missing, file.bestand, file.moment))
        return gone

    def vanished(self, source: Source) -> list[Opgave]:
        """Return who was in an earlier file and is not in this one."""
        assert source.sha256 is not None, "a file has a hash"
        earlier = {key for bestand in self._before for key in self._keys(bestand)}
        by_pupil: dict[str, set[Key]] = {}
        for key in earlier - self._here:
            by_pupil.setdefault(key[0], set()).add(key)
        return [
            self._gone(keys, source.sha256, self._moment) for _, keys in sorted(by_pupil.items())
        ]

    def _gone(self, keys: set[Key], bestand: str, moment: datetime) -> Opgave:
        assert self._about.teldatum is not None, "its files are those of a teldatum"
        standen = tuple(
            NietGeteldStand(instellingscode=code, volgnummer=number, teldatum=self._about.teldatum)
            for _, code, number in sorted(keys)
        )
        pgn = min(keys)[0]
        return Opgave(pgn, standen, moment, self._bron, bestand, NOT_IN_FILE)

    def _keys(self, bestand: str) -> set[Key]:
        """Return the enrolments that the rows of a file were about."""
        rows = list(self._ledger.store.opgaven_from(bestand))
        streams = {UUID(row.stroom) for row in rows}
        vault = self._ledger.vault
        vault.load_keys(streams)
        pgns = vault.pgns(streams)
        keys: set[Key] = set()
        for row in rows:
            stream = UUID(row.stroom)
            clear = vault.unseal(stream, OPGAVE, row.inhoud)
            if clear is not None and row.regel != NOT_IN_FILE:
                keys.update(_keys_of(pgns[stream], decode(clear)))
        return keys


def _keys_of(pgn: str | None, standen: Iterable[AnyStand]) -> Iterator[Key]:
    for stand in standen:
        if pgn is not None and isinstance(stand, TeldatumStand):
            yield pgn, stand.instellingscode, stand.volgnummer


def _files_of(ledger: Ledger, source: str, about: About) -> Iterator[_Earlier]:
    """Yield the files of the population that were read in and not undone."""
    if about.teldatum is None or about.swv is None:
        return
    for file in imported_files(ledger):
        fact: ev.BestandIngelezen = file.fact
        same = (fact.product, fact.swv, fact.teldatum) == (source, about.swv, about.teldatum)
        if same and fact.gedownload_op is not None and not file.undone:
            yield _Earlier(fact.sha256, fact.gedownload_op, fact.volledig)
