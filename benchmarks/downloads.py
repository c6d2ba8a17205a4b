"""Two downloads of Dashboard 1B and ledgers that know their pupils, made once and kept.

The second file has the same rows as the first, the other way round: nothing in it is new.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import msgspec

from benchmarks.corpus import NOW, SEED, kept, size_name
from ledger.application import create, open_ledger
from ledger.importing import Imported, Wishes, import_feed, import_file
from ledger.intake import dashboard_1b
from ledger.intake.readers import Melding, ReadOptions
from ledger.intake.sheets import opened_sheet
from ledger.times import format_date
from synthetic.numbers import bsn_numbers

SOURCE: Final = dashboard_1b.SOURCE
SWV: Final = "PO2304"
TELDATUM: Final = date(2025, 2, 1)
FIRST: Final = datetime(2025, 3, 3, 9, tzinfo=UTC)
SECOND: Final = datetime(2025, 4, 7, 9, tzinfo=UTC)
"""When the two files were downloaded."""

HEADER: Final = (
    "BSN_OWN", "BESCHIKKINGSNUMMER", "LEEFTIJD_TELDATUM", "INSTELLINGSCODE", "VESTIGINGSCODE",
    "VESTIGINGSNAAM", "VESTIGING_SWVNUMMER", "VESTIGING_SWVNAAM", "ONDERSTEUNINGSCATEGORIE",
    "INSCHRIJVINGSVOLGNUMMER", "DATUM_INSCHRIJVING", "DATUM_UITSCHRIJVING", "BEGIN_DATUM_TLV",
    "EIND_DATUM_TLV", "RESIDENTIELE_LEERLING", "HOOFD_ONDERWIJSOORT", "WIJZE_VAN_BEPALING",
    "TELDATUM", "SAMENWERKINGSVERBAND",
)  # fmt: skip
"""All columns of 1B (outputs-and-rules.md 3.7)."""

_CATEGORIES: Final = ("LAAG", "LAAG", "LAAG", "MIDDEN", "HOOG")
_NUMBERS_A_YEAR: Final = 99_999


class Pupil(NamedTuple):
    """A pupil as DUO knows it; `nieuw` = what the school did not say: a link, an end."""

    pgn: str
    school: int
    volgnummer: str
    begin: date
    tlv: str
    categorie: str
    by_tlv: bool
    nieuw: bool


class Downloads(NamedTuple):
    """Two files of `rows` rows in a folder, and a ledger before and after the first."""

    rows: int
    folder: Path

    @property
    def name(self) -> str:
        """The size as people write it: 30k rows."""
        return f"{size_name(self.rows)} rows"

    @property
    def first(self) -> Path:
        """The first download."""
        return self.folder / "1b_maart.csv"

    @property
    def second(self) -> Path:
        """The same rows at a later moment."""
        return self.folder / "1b_april.csv"

    @property
    def workbook(self) -> Path:
        """The first download as XLSX; it is there when xlsxwriter is installed."""
        return self.folder / "1b_maart.xlsx"

    @property
    def before(self) -> Path:
        """A ledger that knows every pupil from a feed."""
        return self.folder / "ervoor"

    @property
    def after(self) -> Path:
        """The ledger after the first download."""
        return self.folder / "erna"


def downloads(rows: int) -> Downloads:
    """Return the downloads of a size; made when there are none for the present sources."""
    name = f"1b_{size_name(rows)}"
    return Downloads(rows, kept(name, lambda folder: _make(Downloads(rows, folder))))


def import_download(ledger_folder: Path, path: Path, moment: datetime) -> Imported:
    """Import a download into the ledger of a folder, as known at its moment."""
    with open_ledger(ledger_folder) as ledger:
        return import_file(ledger, path, SOURCE, NOW, Wishes(moment=moment))


def pupils(count: int) -> Iterator[Pupil]:
    """Yield made-up pupils, the same ones at every call."""
    random, numbers = Random(SEED), bsn_numbers(SEED)
    for place, pgn in enumerate(islice(numbers, count)):
        year, serial = divmod(place, _NUMBERS_A_YEAR)
        yield Pupil(
            pgn,
            random.randrange(50),
            str(random.randrange(10**6, 10**7)),
            date(random.randrange(2020, 2025), 8, 1),
            f"{SWV}-{2018 + year}-{serial:05d}",
            random.choice(_CATEGORIES),
            by_tlv=random.random() < 0.9,
            nieuw=random.random() < 0.05,
        )


def events_of(pupil: Pupil) -> Iterator[dict[str, Any]]:
    """Yield what the feed tells of a pupil: birth, tlv, enrolment."""
    known = {"bekend_op": "2024-10-01", "bron": "school", "pgn": pupil.pgn}
    yield {"type": "LeerlingGeregistreerd", **known, "geboortedatum": "2015-03-02"}
    if pupil.by_tlv:
        yield {
            "type": "TlvAfgegeven",
            **known,
            "nummer": pupil.tlv,
            "categorie": pupil.categorie,
            "begindatum": pupil.begin,
            "einddatum": _tlv_end(pupil),
        }
    yield {
        "type": "InschrijvingGeregistreerd",
        **known,
        "instellingscode": _school(pupil),
        "volgnummer": pupil.volgnummer,
        "begindatum": pupil.begin,
        "vestigingscode": f"{_school(pupil)}00",
        "schoolsoort": "SO",
        "ondersteuningscategorie": None if pupil.by_tlv else pupil.categorie,
        "tlv": [pupil.tlv] if pupil.by_tlv and not pupil.nieuw else [],
    }


def row_of(pupil: Pupil) -> tuple[str, ...]:
    """Return the cells of a pupil in 1B, in the order of HEADER."""
    tlv = (pupil.tlv, format_date(pupil.begin), format_date(_tlv_end(pupil)))
    nummer, begin, end = tlv if pupil.by_tlv else ("", "", "")
    school = _school(pupil)
    cut_off = pupil.categorie.replace("MIDDEN", "MIDDE")  # as in DUO's files
    return (
        pupil.pgn, nummer, "9", school, f"{school}00", f"School {pupil.school}", SWV,
        "Verband", f"SO_VSO_{cut_off}", pupil.volgnummer, format_date(pupil.begin),
        "31-7-2025" if pupil.nieuw else "", begin, end, "Nee", "",
        "TLV" if pupil.by_tlv else "Woonplaats leerling", format_date(TELDATUM), SWV,
    )  # fmt: skip


def _school(pupil: Pupil) -> str:
    return f"{10 + pupil.school}AB"


def _tlv_end(pupil: Pupil) -> date:
    return date(pupil.begin.year + 6, 7, 31)


def _make(making: Downloads) -> None:
    feed, encode = making.folder / "feed.jsonl", msgspec.json.Encoder().encode
    with feed.open("wb") as file:
        for pupil in pupils(making.rows):
            file.writelines(encode(event) + b"\n" for event in events_of(pupil))
    rows = list(map(row_of, pupils(making.rows)))
    _write_csv(making.first, rows)
    _write_csv(making.second, reversed(rows))
    _write_workbook(making.workbook, rows)
    with create(making.before) as ledger:
        assert not import_feed(ledger, feed, NOW).booked.refused, "the feed has good lines only"
    feed.unlink()
    shutil.copytree(making.before, making.after)
    done = import_download(making.after, making.first, FIRST)
    assert not done.booked.refused, "the file has good rows only"


def _write_csv(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(rows)


def _write_workbook(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    """Write the rows as text, as a spreadsheet does: each text once, in a list beside them."""
    try:
        from xlsxwriter import Workbook  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return
    with Workbook(path) as book:
        sheet = book.add_worksheet("1B")
        for number, cells in enumerate((HEADER, *rows)):
            sheet.write_row(number, 0, cells)


def read_through(path: Path) -> int:
    """Read a file to its end by its reader alone, and return how many rows were good."""
    with opened_sheet(path) as sheet:
        read = dashboard_1b.read(sheet, ReadOptions())
        return sum(isinstance(one, Melding) for one in read)
