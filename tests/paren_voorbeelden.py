"""Small ledgers and files of DUO for the pairs of a reconciliation (rules.md 9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from ledger.intake.dashboard_1a import CELLEN
from projections.aansluiting.aansluiten import aansluiten
from projections.aansluiting.model import Aansluiting, Paar
from projections.aansluiting.paren import paar_van
from projections.questions import Question
from projections.store.ask import AsOf
from tests.command import Event
from tests.downloads import PGNS, REFERENCE, Row, counted, csv_file
from tests.ledgers import NOW, ledger_of, refreshed
from tests.oracle_examples import enrolled, event, issued, link

SWV: Final = "PO2304"
ELDERS: Final = "PO2305"
T: Final = date(2025, 2, 1)
EARLY = datetime(2025, 2, 10, tzinfo=UTC)
LATE = datetime(2026, 10, 1, tzinfo=UTC)
"""Moments of files: before and after all corrections in the examples."""

MET_TLV: Final = "Aantallen_leerlingen_met_tlv_svw_PO2304_01_02_2025.csv"
TOTAAL: Final = "Totaal_aantal_leerlingen_sbo_en_so_PO2304_01_02_2025.csv"
VESTIGINGEN: Final = "Aantallen_leerlingen_vestigingen_bo_en_sbo_PO2304_01_02_2025.csv"

REFERENTIE: Final[Sequence[Event]] = (
    *REFERENCE,
    event("SwvGeregistreerd", "2020-01-01", swv=ELDERS, naam="Heuvelrijk"),
    link("01AA00", ELDERS, bekend_op="2020-01-01"),
    *(
        event("PostcodegebiedToegewezen", pc4=pc4, vanaf="2014-08-01", swv_po=swv, swv_vo="VO2305")
        for pc4, swv in (("7511", SWV), ("7522", ELDERS))
    ),
)


def tlv(number: int, swv: str = SWV) -> str:
    """Return the number of the tlv of a pupil."""
    return f"{swv}-2023-{number + 1:05}"


def pupil(
    number: int,
    categorie: str = "LAAG",
    vestiging: str = "00SU00",
    bekend_op: str = "2023-08-02",
    **more: str,
) -> list[Event]:
    """Return a pupil in so with a tlv that the school linked, all known at one moment."""
    return [
        *alone(number, vestiging, bekend_op=bekend_op, **more),
        issued(tlv(number), "2023-08-01", "2026-07-31", categorie, PGNS[number]),
        koppeling(number, tlv(number), bekend_op, instellingscode=vestiging[:4]),
    ]


def alone(number: int, vestiging: str = "00SU00", pc4: str = "7511", **more: object) -> list[Event]:
    """Return a pupil in so without a tlv, and where it lives."""
    fields = {"volgnummer": str(number + 1), "pgn": PGNS[number], "bekend_op": "2023-08-02", **more}
    return [
        event("WoonplaatsVastgelegd", pgn=PGNS[number], vanaf="2020-01-01", pc4=pc4),
        enrolled("SO", "2023-08-01", None, vestiging, **fields),  # type: ignore[arg-type]  # texts
    ]


def koppeling(
    number: int, nummer: str, bekend_op: str = "2023-08-03", door: str = "school", **key: str
) -> Event:
    """Return that a tlv is linked to the enrolment of a pupil."""
    return about(number, "TlvGekoppeld", bekend_op, nummer=nummer, door=door, **key)


def about(number: int, kind: str, bekend_op: str, **fields: object) -> Event:
    """Return an event about the enrolment of a pupil."""
    key = {"pgn": PGNS[number], "instellingscode": "00SU", "volgnummer": str(number + 1)}
    return event(kind, bekend_op, **{**key, **fields})


def cells(**counts: int | str) -> dict[str, str]:
    """Return the counts of a row of file 1, and their sum as the total."""
    named = {name: counts.get(name.removeprefix("AANTAL_"), 0) for name in CELLEN}
    total = sum(value for value in named.values() if isinstance(value, int))
    return {"TOTAAL": str(counts.get("TOTAAL", total)), **{k: str(v) for k, v in named.items()}}


def rij_1a(
    vestiging: str = "00SU00", schoolsoort: str = "SO", deelnemend: str = "Ja", **counts: int | str
) -> Row:
    """Return a row of file 1 of 1A."""
    key = {"SCHOOLSOORT": schoolsoort, "VESTIGINGSCODE": vestiging}
    return {**key, "DEELNEMENDE_VESTIGING": deelnemend, **cells(**counts)}


def rij_2(schoolsoort: str, dit: int, ander: int) -> Row:
    """Return a row of file 2 of 1A."""
    counts = {"MET_TLV_DIT_SWV": dit, "MET_TLV_ANDER_SWV": ander, "TOTAAL": dit + ander}
    return {"SCHOOLSOORT": schoolsoort, **{name: str(count) for name, count in counts.items()}}


def rij_1b(number: int, **changes: str) -> Row:
    """Return the row of 1B of a pupil as `pupil` makes it."""
    return counted(number, **changes)


def zonder_tlv(number: int, **changes: str) -> Row:
    """Return the row of 1B of a pupil as `alone` makes it."""
    none = {"BESCHIKKINGSNUMMER": "", "BEGIN_DATUM_TLV": "", "EIND_DATUM_TLV": ""}
    return counted(number, **none, WIJZE_VAN_BEPALING="Woonplaats leerling", **changes)


def in_register(number: int, **changes: str) -> Row:
    """Return the row of a register of the tlv of a pupil."""
    return {
        "tlv_nummer": tlv(number),
        "bsn": PGNS[number],
        "categorie": "L",
        "begindatum": "1-8-2023",
        "einddatum": "31-7-2026",
        "ingetrokken_per": "",
        **changes,
    }


class Voorbeeld(NamedTuple):
    """A ledger to ask, and a folder for files."""

    question: Question
    folder: Path

    def bestand(self, naam: str, rows: Sequence[Row]) -> Path:
        """Write a file of DUO and return its path."""
        return csv_file(self.folder / naam, rows)

    def met_1a(self, *rows: Row, moment: datetime = LATE, naam: str = MET_TLV) -> Aansluiting:
        """Hold a file of 1A against the ledger."""
        return self.met({self.bestand(naam, rows): moment})

    def met(self, momenten: Mapping[Path, datetime]) -> Aansluiting:
        """Hold files against each other, or one against the ledger."""
        return aansluiten(self.question, self.paar(momenten))

    def paar(self, momenten: Mapping[Path, datetime]) -> Paar:
        """Return the pair that files are."""
        return paar_van(self.question, tuple(momenten), "ledger", momenten=momenten)


@contextmanager
def voorbeeld(
    folder: Path, *events: Event, bekend_op: datetime | None = None
) -> Iterator[Voorbeeld]:
    """Give a ledger that holds the reference data and the events."""
    with ledger_of([*REFERENTIE, *events]) as ledger:
        model = refreshed(ledger)
        question = Question(ledger, model, AsOf(T, bekend_op), NOW, "kijkglas", "0")
        yield Voorbeeld(question, folder)
        model.close()
