"""Who is not in a file any more, of files that hold a whole population (events.md 2).

A complete file of a samenwerkingsverband and a teldatum also says who is not in it: every
enrolment that an earlier file had. That follows from the files that stand, in the order of
their moments, and is worked out anew when one comes late or is undone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from ledger.appending import Source
from ledger.application import Ledger
from ledger.events import BestandIngelezen
from ledger.files import imported_files
from ledger.intake.readers import About
from ledger.opgaven import Opgave
from ledger.states import NietGeteldStand, TeldatumStand
from ledger.stating import opened, tell

NOT_IN_FILE: Final = 0
"""The row number of what a file does not have."""

BRON: Final = "duo"

Key = tuple[str, str, str]
"""PGN, instellingscode, volgnummer."""


class PopulationFile(NamedTuple):
    """A file of a population, when it knew what it says, and who is in it (None: as stored)."""

    bestand: str
    moment: datetime
    volledig: bool
    keys: frozenset[Key] | None = None


def keys_of(opgaven: Iterable[Opgave]) -> Iterator[Key]:
    """Yield the enrolments of which rows say that they were counted."""
    for opgave in opgaven:
        for stand in opgave.standen:
            if opgave.pgn is not None and isinstance(stand, TeldatumStand):
                yield opgave.pgn, stand.instellingscode, stand.volgnummer


def vanished(
    ledger: Ledger, product: str, about: About, present: PopulationFile | None
) -> list[Opgave]:
    """Return what complete files say of who is not in them, where that is not as it was told.

    `present` is the file that is read in now. One that says nothing any more has no states.
    """
    if about.teldatum is None or about.swv is None:
        return []
    files = [
        file
        for file in _files_of(ledger, product, about)
        if present is None or file[:2] != present[:2]
    ]
    files += [present] if present is not None else []
    if not any(file.volledig for file in files):
        return []
    earlier: set[Key] = set()
    changed: list[Opgave] = []
    for file in sorted(files, key=lambda one: (one.moment, one.bestand)):
        stored = opened(ledger, list(ledger.store.opgaven_from(file.bestand)))
        said = [opgave for opgave in stored if opgave.bekend_op == file.moment]
        rows = (opgave for opgave in said if opgave.regelnummer != NOT_IN_FILE)
        here = set(keys_of(rows)) if file.keys is None else file.keys
        if file.volledig:
            told = {one.pgn: one for one in said if one.regelnummer == NOT_IN_FILE}
            changed += _changed(file, _missing(ledger, earlier, here), told, about)
        earlier |= here
    return changed


def _missing(ledger: Ledger, earlier: set[Key], here: Collection[Key]) -> set[Key]:
    """Return the keys of before that are not here, also not under another PGN of the pupil."""
    gone = {key for key in earlier if key not in here}
    if not gone:
        return gone
    pupils = ledger.vault.find({pgn for keys in (gone, here) for pgn, _, _ in keys})
    groups = {pgn: identity.groep for pgn, identity in pupils.items()}
    present = {(groups.get(pgn), code, number) for pgn, code, number in here}
    return {key for key in gone if (groups.get(key[0]), *key[1:]) not in present}


def vanished_anew(ledger: Ledger, fact: BestandIngelezen) -> None:
    """Tell anew who is not in complete files, since one of their population was undone."""
    opgaven = vanished(ledger, fact.product, About(fact.swv, fact.teldatum), None)
    for _ in tell(ledger, opgaven, Source(None, "opnieuw verteld")):
        pass


def _changed(
    file: PopulationFile, gone: set[Key], told: dict[str | None, Opgave], about: About
) -> Iterator[Opgave]:
    by_pupil: dict[str | None, list[Key]] = {pgn: [] for pgn in told}
    for key in sorted(gone):
        by_pupil.setdefault(key[0], []).append(key)
    for pgn, keys in by_pupil.items():
        standen = tuple(_stand(key, about) for key in keys)
        if pgn not in told or told[pgn].standen != standen:
            yield Opgave(pgn, standen, file.moment, BRON, file.bestand, NOT_IN_FILE)


def _stand(key: Key, about: About) -> NietGeteldStand:
    assert about.teldatum is not None, "its files name one"
    assert about.swv is not None, "its files name one"
    _, code, number = key
    return NietGeteldStand(
        instellingscode=code, volgnummer=number, teldatum=about.teldatum, swv=about.swv
    )


def _files_of(ledger: Ledger, product: str, about: About) -> Iterator[PopulationFile]:
    """Yield the files of the population that stand, at each moment at which they were read in."""
    for file in imported_files(ledger):
        fact = file.fact
        same = (fact.product, fact.swv, fact.teldatum) == (product, about.swv, about.teldatum)
        if same and fact.gedownload_op is not None and not file.undone:
            moments = {fact.gedownload_op, *ledger.store.moments_of(fact.sha256)}
            for moment in moments:
                yield PopulationFile(fact.sha256, moment, fact.volledig)
