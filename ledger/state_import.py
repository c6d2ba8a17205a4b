"""The import of a file with states: rows read, compared with what was known, booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from ledger.appending import Source
from ledger.application import Ledger, reference_stream
from ledger.booking import Booked, owners_of
from ledger.intake.feed import Refused, format_parsed
from ledger.intake.readers import About, Afkeuring, Melding, Reader, ReadOptions
from ledger.intake.rejects import rejected_rows
from ledger.intake.sheets import Rij, Sheet, UnreadableFileError, opened_sheet
from ledger.opgaven import Opgave
from ledger.problems import Problem, reasons
from ledger.states import AnyStand, ReferenceStand, TlvStand
from ledger.stating import tell
from ledger.times import AMSTERDAM, format_date
from ledger.vanished import Key, PopulationFile, keys_of, vanished

CHUNK: Final = 5000
"""Rows that are compared and booked at a time: it bounds memory."""

Passed = Melding | Afkeuring


class StateImport:
    """A file with states and the ledger that it is booked in."""

    def __init__(
        self,
        ledger: Ledger,
        path: Path,
        source: Source,
        reader: Reader,
        now: datetime,
        moment: datetime,
        reading: ReadOptions,
        progress: Callable[[int], None],
        show: Callable[[bytes], None],
        *,
        complete: bool,
    ) -> None:
        self.about = About()
        self.volledig = False
        self._here: set[Key] = set()
        self._ledger = ledger
        self._path = path
        self._source = source
        self._reader = reader
        self._now = now
        self._moment = moment
        self._reading = reading
        self._progress = progress
        self._show = show
        self._complete = complete
        self._sheet: Sheet | None = None
        self._bad: dict[int, tuple[Rij, str]] = {}

    def run(self, *, dry_run: bool) -> tuple[Booked, int]:
        """Read the file and book the difference; return what became of the rows, and how many."""
        total, count = Booked(), 0
        self._bad.clear()
        with opened_sheet(self._path) as sheet:
            self._sheet = sheet
            passed = self._reader.read(sheet, self._reading)
            first = next(passed, None)
            self._learn_about(first, sheet)
            rest = passed if first is None else _chained(first, passed)
            self._here.clear()
            while chunk := list(islice(rest, CHUNK)):
                count += sum(len(one.rijen) for one in chunk)
                total = total.plus(self._booked(chunk, dry_run=dry_run))
                self._progress(len(chunk))
            total = total.plus(self._told(self._vanished(), {}, dry_run=dry_run))
        return total, count

    def rejected(self, booked: Booked) -> tuple[str, Iterator[bytes]]:
        """Return the ending of the file for refused rows, and its content."""
        assert self._sheet is not None, "rows were read"
        bad = sorted({refused.regelnummer for refused in booked.refused})
        suffix = "jsonl" if self._sheet.soort == "jsonl" else "csv"
        return suffix, rejected_rows(self._sheet, map(self._bad.__getitem__, bad))

    def _learn_about(self, first: Passed | None, sheet: Sheet) -> None:
        """Note what the file is about. Raises UnreadableFileError for a wrong moment."""
        melding = first if isinstance(first, Melding) else Melding((), None, ())
        self.about = self._reader.about(melding, sheet)
        teldatum = self.about.teldatum
        if teldatum is not None and teldatum > self._moment.astimezone(AMSTERDAM).date():
            raise UnreadableFileError(
                f"{sheet.naam}: de teldatum {format_date(teldatum)} ligt na het moment waarop het "
                f"bestand bekend was; geef het moment van downloaden met --bekend-op"
            )

    def _vanished(self) -> list[Opgave]:
        """Return who is not in a complete file, this one or a later one."""
        if not self._reader.COMPLETE or self._source.sha256 is None:
            return []
        # Who was refused may be of those who seem to have vanished.
        self.volledig = self._complete and not self._bad
        present = PopulationFile(
            self._source.sha256, self._moment, self.volledig, frozenset(self._here)
        )
        return vanished(self._ledger, self._reader.SOURCE, self.about, present)

    def _booked(self, chunk: list[Passed], *, dry_run: bool) -> Booked:
        meldingen = [one for one in chunk if isinstance(one, Melding)]
        refused = [one for one in chunk if isinstance(one, Afkeuring)]
        known = self._with_pupil(meldingen, refused)
        total = Booked(refused=tuple(row for one in refused for row in self._refused(one)))
        opgaven: list[Opgave] = []
        rows: dict[int, tuple[Rij, ...]] = {}
        for melding in known:
            number = melding.rijen[0].regelnummer
            if melding.standen:
                rows[number] = melding.rijen
                opgaven += self._opgaven(melding)
            else:  # what an earlier row says already
                odd = tuple((number, problem) for problem in melding.warnings)
                total = total.plus(Booked(al_bekend=len(melding.rijen), warnings=odd))
        if self._reader.COMPLETE:
            self._here.update(keys_of(opgaven))
        return total.plus(self._told(opgaven, rows, dry_run=dry_run))

    def _told(
        self, opgaven: list[Opgave], rows: dict[int, tuple[Rij, ...]], *, dry_run: bool
    ) -> Booked:
        """Tell opgaven and add up what became of them; a row counts once."""
        lines, changed = 0, set[int]()
        refused: list[Refused] = []
        warnings: list[tuple[int, Problem]] = []
        if not opgaven:
            return Booked()
        for told in tell(self._ledger, opgaven, self._source, dry_run=dry_run):
            number = told.opgave.regelnummer
            lines += len(told.lines)
            for line in told.lines:
                self._show(format_parsed(line.parsed))
            if told.opgave.bestand != self._source.sha256:
                continue
            if told.lines or told.refused:
                changed.add(number)
            warnings += [(number, problem) for problem in told.warnings]
            if told.refused and number in rows:
                refused += self._refused(Afkeuring(rows[number], told.refused))
        known = sum(len(rijen) for number, rijen in rows.items() if number not in changed)
        return Booked(lines, known, tuple(refused), tuple(warnings))

    def _refused(self, one: Afkeuring) -> Iterator[Refused]:
        """Yield the rows that are refused; what is wrong with them stands with the first."""
        problems = one.problems
        for rij in one.rijen:
            self._bad[rij.regelnummer] = rij, reasons(one.problems)
            yield Refused(rij.regelnummer, problems, b"")
            problems = ()

    def _opgaven(self, melding: Melding) -> Iterator[Opgave]:
        """Yield what a row says: of a pupil as a whole, of reference data per object."""
        assert self._source.sha256 is not None, "a file has a hash"
        opgave = Opgave(
            melding.pgn,
            melding.standen,
            melding.bekend_op or self._moment,
            self._reader.BRON,
            self._source.sha256,
            melding.rijen[0].regelnummer,
            melding.warnings,
        )
        if melding.pgn is not None:
            yield opgave
            return
        per_object: defaultdict[object, list[AnyStand]] = defaultdict(list)
        for stand in melding.standen:
            assert isinstance(stand, ReferenceStand), stand
            per_object[reference_stream(stand)].append(stand)
        for standen in per_object.values():
            yield opgave._replace(standen=tuple(standen))

    def _with_pupil(self, meldingen: list[Melding], refused: list[Afkeuring]) -> list[Melding]:
        """Return the rows that can be told; a pupil that is not named is found by a tlv."""
        unnamed = {stand.nummer for one in meldingen for stand in _by_number(one)}
        owners = self._owners(unnamed) if unnamed else {}
        known: list[Melding] = []
        for melding in meldingen:
            if melding.bekend_op is not None and melding.bekend_op > self._now:
                refused.append(Afkeuring(melding.rijen, (_IN_FUTURE,)))
                continue
            pgns = {pgn for stand in _by_number(melding) for pgn in owners.get(stand.nummer, ())}
            if not _by_number(melding):
                known.append(melding)
            elif len(pgns) == 1:
                known.append(melding._replace(pgn=pgns.pop()))
            else:
                problem = _SEVERAL_PUPILS if pgns else _NO_PUPIL
                refused.append(Afkeuring(melding.rijen, (problem,)))
        return known

    def _owners(self, numbers: Iterable[str]) -> dict[str, set[str]]:
        """Return the PGN's of the pupils with whom each tlv number was seen."""
        owners = owners_of(self._ledger.store, numbers)
        pgns = self._ledger.vault.pgns(
            stream
            for streams in owners.values()
            for stream in streams
            if not isinstance(stream, str)
        )
        return {
            number: {pgns[one] for one in streams if not isinstance(one, str) and one in pgns}
            for number, streams in owners.items()
        }


def _by_number(melding: Melding) -> list[TlvStand]:
    """Return the tlv's by which the pupil of a row has to be found."""
    if melding.pgn is not None:
        return []
    return [stand for stand in melding.standen if isinstance(stand, TlvStand)]


def _chained(first: Passed, rest: Iterator[Passed]) -> Iterator[Passed]:
    yield first
    yield from rest


_IN_FUTURE: Final = Problem("bekend_op", "ligt in de toekomst", "controleer de datum en de klok")
_NO_PUPIL: Final = Problem(
    "pgn",
    "de rij noemt geen leerling en haar tlv-nummer is bij geen leerling bekend",
    "voeg een kolom met het BSN toe, of lees eerst een bestand in dat nummer en leerling noemt",
)
_SEVERAL_PUPILS: Final = Problem(
    "pgn",
    "de rij noemt geen leerling en haar tlv-nummer is bij meer dan een leerling bekend",
    "voeg een kolom met het BSN toe",
)
