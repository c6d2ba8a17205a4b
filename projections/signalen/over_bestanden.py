"""A signal about files: rows that were refused, so that the ledger does not know them."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.files import ImportedFile, imported_files
from projections.imports import ID_LENGTH
from projections.signalen.beeld import Beeld
from projections.signalen.model import Grond, Vondst
from projections.store.encoding import moment_number


def afgekeurde_regels(beeld: Beeld) -> Iterator[Vondst]:
    """Yield a file of which rows were refused, unless it was undone or read in again.

    Of a refused row the ledger holds nothing, also not why: a PGN that fails its check is one
    of the reasons. It stands beside the file, in NAME.afgekeurd.
    """
    moment = beeld.as_of.known
    for file in imported_files(beeld.question.ledger, beeld.model.position):
        fact = file.fact
        told = moment_number(file.geboekt_op)
        if not fact.afgekeurd or file.undone or told > moment or not _is_about(file, beeld.swv):
            continue
        yield Vondst(
            "afgekeurde-regels",
            f"{fact.naam} ({fact.sha256[:ID_LENGTH]}): {fact.afgekeurd} van {fact.regels} regels"
            " afgekeurd; de redenen staan in het bestand .afgekeurd ernaast",
            swv=fact.swv or "",
            gronden=(Grond(told, (file.positie,)),),
        )


def _is_about(file: ImportedFile, swv: str | None) -> bool:
    return swv is None or file.fact.swv in {None, swv}
