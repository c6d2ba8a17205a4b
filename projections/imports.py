"""Which files were read in, what became of their rows, and which were undone (`imports`)."""

from __future__ import annotations

from ledger.files import ImportedFile, imported_files
from projections.questions import Question, herkomst_of, report_of
from projections.report import Fields, Report

ID_LENGTH = 12
"""Characters of the SHA-256 that name an import."""


def imports_report(question: Question) -> Report:
    """Return the imports in the order of booking as a report; it is not about one day."""
    rows = [_row(file) for file in imported_files(question.ledger, question.model.position)]
    return report_of("imports", {"imports": rows}, herkomst_of(question, None, ""))


def _row(file: ImportedFile) -> Fields:
    fact = file.fact
    return {
        "import_id": fact.sha256[:ID_LENGTH],
        "bestand": fact.naam,
        "bron": fact.product,
        "swv": fact.swv or "",
        "teldatum": fact.teldatum,
        "bekend_op": fact.gedownload_op,
        "regels": fact.regels,
        "geboekt": fact.geboekt,
        "al_bekend": fact.al_bekend,
        "afgekeurd": fact.afgekeurd,
        "volledig": fact.volledig,
        "geboekt_op": file.geboekt_op,
        "teruggedraaid": file.undone,
        "sha256": fact.sha256,
    }
