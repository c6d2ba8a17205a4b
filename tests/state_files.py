"""State files on disk, read into ledgers in any order, and all that a ledger then answers."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple
from uuid import UUID

from ledger.application import Ledger
from ledger.files import imported_files
from ledger.importing import Imported, Wishes, digest_of, import_file
from ledger.intake.recognise import FEED
from ledger.times import format_date
from ledger.undoing import undo
from projections.refresh import refreshed
from projections.store.encoding import EVERYTHING, moment_number
from projections.store.read_model import ReadModel
from projections.store.schema import PUPIL_TABLES
from tests.ledgers import NOW, Feed, write_feed
from tests.places import create
from tests.state_truths import Regel1b, T, Waarheid

KOP_1B: Final = (
    "BSN_OWN", "BESCHIKKINGSNUMMER", "LEEFTIJD_TELDATUM", "INSTELLINGSCODE", "VESTIGINGSCODE",
    "VESTIGINGSNAAM", "VESTIGING_SWVNUMMER", "VESTIGING_SWVNAAM", "ONDERSTEUNINGSCATEGORIE",
    "INSCHRIJVINGSVOLGNUMMER", "DATUM_INSCHRIJVING", "DATUM_UITSCHRIJVING", "BEGIN_DATUM_TLV",
    "EIND_DATUM_TLV", "RESIDENTIELE_LEERLING", "HOOFD_ONDERWIJSOORT", "WIJZE_VAN_BEPALING",
    "TELDATUM", "SAMENWERKINGSVERBAND",
)  # fmt: skip
KOP_TLV: Final = ("tlv_nummer", "bsn", "categorie", "begindatum", "einddatum", "ingetrokken_per")
CATEGORIE: Final = {
    "SBO": "SBO",
    "LAAG": "SO_VSO_LAAG",
    "MIDDEN": "SO_VSO_MIDDE",
    "HOOG": "SO_VSO_HOOG",
}


class Document(NamedTuple):
    """A file on disk, of what source, when it knew what it says, and whether it is complete.

    The moment of a feed is that of its events: it has none of its own.
    """

    path: Path
    source: str
    moment: datetime
    complete: bool = False


def dashboard_1b(
    folder: Path,
    moment: datetime,
    rows: Iterable[Regel1b],
    swv: str = "PO0001",
    teldatum: date = T,
    *,
    complete: bool = False,
    download: str = "",
) -> Document:
    """Write rows as DUO does; `download` in the header makes a content of its own of it."""
    own = (download,) if download else ()
    lines = [
        (
            row.pgn, row.nummer, "", row.code, row.vestiging, "", "", "", CATEGORIE[row.categorie],
            row.volgnummer, _day(row.begin), _day(row.eind), _day(row.tlv_begin),
            _day(row.tlv_eind), "Ja" if row.residentieel else "Nee", "", row.wijze,
            _day(teldatum), swv, *own,
        )
        for row in rows
    ]  # fmt: skip
    name = f"Bekostigde_leerlingen_{swv}_{teldatum:%d_%m_%Y}.csv"
    path = _written(folder / f"{moment:%m%dT%H%M}" / name, (*KOP_1B, *own), lines)
    return Document(path, "dashboard-1b", moment, complete)


def tlv_register(folder: Path, moment: datetime, waarheid: Waarheid) -> Document:
    """Write the tlv's of a truth as a samenwerkingsverband has them."""
    lines = [
        (tlv.nummer, leerling.pgn, tlv.categorie, _day(tlv.begin), _day(tlv.eind), _day(tlv.per))
        for leerling in waarheid
        for tlv in leerling.tlvs
    ]
    path = _written(folder / f"{moment:%m%dT%H%M}" / "tlv-register.csv", KOP_TLV, lines)
    return Document(path, "tlv-register", moment)


def school_export(folder: Path, moment: datetime, waarheid: Waarheid, code: str) -> Document:
    """Write the enrolments of one institution as a school's administration exports them."""
    lines = [
        {
            "pgn": leerling.pgn,
            "instellingscode": one.code,
            "volgnummer": one.volgnummer,
            "begindatum": one.begin.isoformat(),
            "einddatum": None if one.eind is None else one.eind.isoformat(),
            "perioden": [
                {
                    "vanaf": periode.vanaf.isoformat(),
                    "vestigingscode": periode.vestiging,
                    "schoolsoort": one.soort,
                    "soort_verblijf": "IGZ" if periode.residentieel else "geen",
                    "ondersteuningscategorie": periode.categorie,
                }
                for periode in one.perioden
            ],
            "tlv": list(one.tlv),
        }
        for leerling in waarheid
        for one in leerling.inschrijvingen
        if one.code == code
    ]
    path = folder / f"{moment:%m%dT%H%M}" / f"inschrijvingen_{code}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return Document(path, "inschrijvingen", moment)


def feed_document(folder: Path, events: Feed) -> Document:
    """Write events as a feed."""
    return Document(write_feed(folder / "feed.jsonl", events), FEED, NOW)


def _written(path: Path, kop: Sequence[str], lines: Iterable[Sequence[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(kop)
        writer.writerows(lines)
    return path


def _day(day: date | None) -> str:
    return "" if day is None else format_date(day)


@contextmanager
def ledger_with(*documents: Document) -> Iterator[Ledger]:
    """Give a ledger in a folder of its own that read the files in this order."""
    with TemporaryDirectory() as folder, create(Path(folder) / "grootboek") as ledger:
        for document in documents:
            take_in(ledger, document)
        yield ledger


def take_in(ledger: Ledger, document: Document) -> Imported:
    """Import a file; nothing may be refused."""
    wishes = Wishes(moment=document.moment, complete=document.complete)
    imported = import_file(ledger, document.path, document.source, NOW, wishes)
    assert not imported.booked.refused, list(map(str, imported.refusals()))
    return imported


def take_back(ledger: Ledger, document: Document) -> None:
    """Undo the import of a file."""
    sha256 = digest_of(document.path)
    standing = [
        file for file in imported_files(ledger) if file.fact.sha256 == sha256 and not file.undone
    ]
    undo(ledger, standing[-1])


Rows = list[tuple[str, ...]]
Answers = Mapping[tuple[str, str], Rows]
"""(PGN, moment of knowledge) -> every row that the read model has of the pupil as known then."""

_EVENTS: Final = frozenset(
    {
        "groep", "leerling", "bekend_van", "bekend_tot", "geopend_door", "gesloten_door",
        "mede_geopend_door", "mede_gesloten_door",
    }
)  # fmt: skip
"""Columns with ids of streams and events, and since when it was known: no answers."""

_TABLES: Final = {
    table: [column for column in PUPIL_TABLES[table] if column not in _EVENTS]
    for table in ("standen", "tlvs", "koppelingen")
}


def answers(ledger: Ledger, documents: Iterable[Document]) -> Answers:
    """Return all answers on any day, as known at the moment of each file and now."""
    moments = {
        f"{document.moment:%Y-%m-%d %H:%M}": moment_number(document.moment)
        for document in documents
        if document.source != FEED
    }
    model = refreshed(ledger)
    try:
        pgns = _pgns(ledger, model)
        found: dict[tuple[str, str], Rows] = {}
        for name, moment in {**moments, "nu": EVERYTHING}.items():
            for pupil, row in _rows(model, moment):
                found.setdefault((pgns[pupil], name), []).append(row)
        return {key: sorted(rows) for key, rows in found.items()}
    finally:
        model.close()


def _rows(model: ReadModel, moment: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    for table, columns in _TABLES.items():
        query = (
            f"SELECT leerling, {', '.join(columns)} FROM {table} "
            "WHERE bekend_van <= :k AND bekend_tot > :k"
        )
        for pupil, *values in model.execute(query, {"k": moment}):
            said = (f"{name}={value}" for name, value in zip(columns, values, strict=True))
            yield pupil, (table, *said)


def _pgns(ledger: Ledger, model: ReadModel) -> dict[str, str]:
    pupils = model.execute("SELECT DISTINCT leerling FROM personen")
    pgns = ledger.vault.pgns({UUID(name) for (name,) in pupils})
    return {stream.hex: pgn for stream, pgn in pgns.items()}


def differences(expected: Answers, found: Answers) -> dict[tuple[str, str], dict[str, Rows]]:
    """Return the rows that differ, by pupil and moment; empty when all answers are the same."""
    return {
        key: {
            "verwacht": [row for row in expected.get(key, []) if row not in found.get(key, [])],
            "gevonden": [row for row in found.get(key, []) if row not in expected.get(key, [])],
        }
        for key in sorted(expected.keys() | found.keys())
        if expected.get(key, []) != found.get(key, [])
    }
