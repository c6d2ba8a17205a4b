"""Files as users download them, and all that a ledger answers, to compare two ledgers by."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook

from ledger.times import AMSTERDAM
from synthetic.numbers import bsn_numbers
from tests.command import SAMPLES, Event, Kijkglas, ledger_with
from tests.oracle_examples import event, link

LEZERS: Final = SAMPLES / "lezers"
PGNS: Final = tuple(islice(bsn_numbers(505), 12))
SWV: Final = "PO2304"
T: Final = "2025-02-01"
NAME: Final = "Bekostigde_leerlingen_PO2304_01_02_2025.csv"

FEB, MARCH, APRIL, MAY = (f"2025-0{month}-10T12:00" for month in (2, 3, 4, 5))
"""When the files of a story are downloaded."""
STORY: Final = ("2025-02-09", "2025-02-10", "2025-03-10", "2025-04-10", "nu")
"""Before, between and after those moments."""

Row = Mapping[str, str]

FIRST: Final[Row] = {
    "BSN_OWN": PGNS[0],
    "BESCHIKKINGSNUMMER": "PO2304-2023-00001",
    "LEEFTIJD_TELDATUM": "9",
    "INSTELLINGSCODE": "00SU",
    "VESTIGINGSCODE": "00SU00",
    "VESTIGINGSNAAM": "SO De Kei",
    "VESTIGING_SWVNUMMER": SWV,
    "VESTIGING_SWVNAAM": "Waterrijk",
    "ONDERSTEUNINGSCATEGORIE": "SO_VSO_LAAG",
    "INSCHRIJVINGSVOLGNUMMER": "1",
    "DATUM_INSCHRIJVING": "1-8-2023",
    "DATUM_UITSCHRIJVING": "",
    "BEGIN_DATUM_TLV": "1-8-2023",
    "EIND_DATUM_TLV": "31-7-2026",
    "RESIDENTIELE_LEERLING": "Nee",
    "HOOFD_ONDERWIJSOORT": "",
    "WIJZE_VAN_BEPALING": "TLV",
    "TELDATUM": "1-2-2025",
    "SAMENWERKINGSVERBAND": SWV,
}
"""A row of Dashboard 1B that a tlv decided."""

REFERENCE: Final[Sequence[Event]] = (
    event("SwvGeregistreerd", "2020-01-01", swv=SWV, naam="Waterrijk"),
    event("VestigingGeregistreerd", "2020-01-01", vestigingscode="00SU00", naam="SO De Kei"),
    event("VestigingGeregistreerd", "2020-01-01", vestigingscode="00SU01", naam="SO De Kei 2"),
    link("00SU00", SWV, bekend_op="2020-01-01"),
    link("00SU01", SWV, bekend_op="2020-01-01"),
)
"""What no dashboard tells: which vestigingen are of whom."""


def counted(number: int, **changes: str) -> Row:
    """Return a row of Dashboard 1B of the `number`-th pupil, with a tlv of its own."""
    own = {
        "BSN_OWN": PGNS[number],
        "BESCHIKKINGSNUMMER": f"PO2304-2023-{number + 1:05}",
        "INSCHRIJVINGSVOLGNUMMER": str(number + 1),
    }
    return {**FIRST, **own, **changes}


def by_residence(number: int, **changes: str) -> Row:
    """Return a row of Dashboard 1B without a tlv."""
    none = {"BESCHIKKINGSNUMMER": "", "BEGIN_DATUM_TLV": "", "EIND_DATUM_TLV": ""}
    return counted(number, **none, WIJZE_VAN_BEPALING="Woonplaats leerling", **changes)


def text_of(rows: Sequence[Row], delimiter: str = ";") -> str:
    """Return rows as the text of a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def csv_file(path: Path, rows: Sequence[Row], moment: str = FEB) -> Path:
    """Write rows as CSV; `moment` is the time that the file gets."""
    path.write_bytes(text_of(rows).encode("utf-8-sig"))
    return at(path, moment)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with `;`."""
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig")), delimiter=";"))


def workbook(path: Path, rows: Iterable[Iterable[object]], moment: str = FEB) -> Path:
    """Write cells as a workbook."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None, "a new workbook has a sheet"
    for cells in rows:
        sheet.append(list(cells))
    book.save(path)
    return at(path, moment)


def at(path: Path, moment: str) -> Path:
    """Give a file a time (Amsterdam), as if it was downloaded then."""
    stamp = datetime.fromisoformat(moment).replace(tzinfo=AMSTERDAM).timestamp()
    os.utime(path, (stamp, stamp))
    return path


def copied(folder: Path, *samples: Path, moment: str = "2025-11-01T12:00") -> list[Path]:
    """Copy samples into a folder, so that what an import writes beside them stays there."""
    folder.mkdir(exist_ok=True)
    paths = [folder / sample.name for sample in samples]
    for sample, path in zip(samples, paths, strict=True):
        path.write_bytes(sample.read_bytes())
        at(path, moment)
    return paths


def ledger_in(folder: Path, events: Iterable[Event] = REFERENCE) -> Kijkglas:
    """Make a ledger in a folder that is made for it."""
    folder.mkdir(exist_ok=True)
    return ledger_with(folder, events)


def import_id(path: Path) -> str:
    """Return by what `undo` knows a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def answers(
    command: Kijkglas,
    moments: Iterable[str] = ("nu",),
    *,
    pupils: Iterable[str] = (),
    teldata: Iterable[str] = (T,),
    swv: str = SWV,
) -> dict[str, Any]:
    """Return what a ledger answers: state, dashboards and histories, whatever its positions."""
    found: dict[str, Any] = {}
    for teldatum in teldata:
        for known in moments:
            when = ("--teldatum", teldatum, "--bekend-op", known, "--format", "json")
            for words in (
                ("stand",),
                ("report", "dashboard-1a", "--swv", swv),
                ("report", "dashboard-1b", "--swv", swv),
            ):
                answer = command.fine(*words, *when).answer
                found[" ".join((*words, teldatum, known))] = answer.get(
                    "rows", answer.get("tabellen")
                )
    for pgn in pupils:
        found[f"history {pgn}"] = history(command, pgn)
    return found


def differing(one: Mapping[str, Any], two: Mapping[str, Any]) -> list[str]:
    """Return the questions that two ledgers answer differently."""
    return [question for question in {**one, **two} if one.get(question) != two.get(question)]


def history(command: Kijkglas, key: str) -> list[dict[str, Any]]:
    """Return the history of a key without what every ledger has of its own."""
    done = command("history", key, "--format", "json")
    if done.status == 2:  # nothing is known of it
        return []
    left = [
        {name: value for name, value in row.items() if name not in {"positie", "geboekt_op"}}
        for row in done.rows
    ]
    return sorted(left, key=lambda row: json.dumps(row, sort_keys=True))


def feed(command: Kijkglas) -> list[bytes]:
    """Return the events of a ledger, sorted."""
    return sorted(command.exported().splitlines())


def verified(command: Kijkglas) -> bool:
    """Tell whether all checks found nothing wrong."""
    done = command("verify")
    return done.status == 0 and done.out.count(": goed\n") == 4


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file under a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
