"""The state: one line per enrolment that is active on the teldatum (cli.md, `stand`)."""

from __future__ import annotations

from ledger.application import Ledger
from ledger.times import ONE_DAY
from projections.moments import deciding_schoolsoorten, status_of
from projections.persons import NOBODY, persons
from projections.questions import Question, herkomst_of, report_of
from projections.report import Fields, Report
from projections.store import ask
from projections.store.read_model import ReadModel


def stand(
    ledger: Ledger, model: ReadModel, as_of: ask.AsOf, selection: ask.Selection
) -> list[Fields]:
    """Return the rows by the names of cli.md, ordered by pgn, instellingscode, volgnummer.

    Dates are dates, moments are UTC, `telt` is a bool; what is open or absent is None,
    absent text is empty.
    """
    rows = list(ask.standen(model, as_of, selection))
    people = persons(ledger, model, as_of, (row.leerling for row in rows))
    fields: list[Fields] = [_fields(row, people.get(row.leerling, NOBODY)) for row in rows]
    fields.sort(key=_order)
    return fields


def _order(row: Fields) -> tuple[str, ...]:
    return str(row["pgn"]), str(row["instellingscode"]), str(row["volgnummer"])


def _fields(row: ask.StandRow, person: tuple[str, object]) -> dict[str, object]:
    pgn, geboortedatum = person
    return {
        "pgn": pgn,
        "geboortedatum": geboortedatum,
        "instellingscode": row.instellingscode,
        "volgnummer": row.volgnummer,
        "vestigingscode": row.vestigingscode,
        "schoolsoort": row.schoolsoort,
        "begindatum": row.begindatum,
        "einddatum": row.einddatum,
        "soort_verblijf": row.soort_verblijf,
        "swv": row.swv or "",
        "wijze_van_bepaling": row.wijze_van_bepaling,
        "ondersteuningscategorie": row.ondersteuningscategorie or "",
        "basis": row.basis or "",
        "beschikkingsnummer": row.beschikkingsnummer or "",
        "telt": row.telt,
        "reden": row.reden,
        "geldig_van": row.geldig_van,
        "geldig_tot_en_met": None if row.geldig_tot is None else row.geldig_tot - ONE_DAY,
        "bekend_van": row.bekend_van,
        "bekend_tot": row.bekend_tot,
    }


def stand_report(question: Question, selection: ask.Selection) -> Report:
    """Return the state on the teldatum as a report."""
    rows = stand(question.ledger, question.model, question.as_of, selection)
    schoolsoorten = selection.schoolsoorten or deciding_schoolsoorten(selection.swv)
    status = status_of(question.as_of, schoolsoorten, question.model, question.now)
    herkomst = herkomst_of(question, question.as_of.teldatum, status)
    return report_of("stand", {"stand": rows}, herkomst)
