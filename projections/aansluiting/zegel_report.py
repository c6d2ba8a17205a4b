"""The seals of reconciliations, and which sealed figures changed since (`seals`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from projections.aansluiting.verbroken import Wijziging, wijzigingen
from projections.aansluiting.zegel import Zegel, cijfers_van, zegels
from projections.questions import Question, herkomst_of, report_of
from projections.report import Fields, Report


def zegel_report(
    question: Question, swv: str | None = None, teldatum: date | None = None
) -> Report:
    """Return the seals, of all or of one samenwerkingsverband and teldatum, in order of booking.

    A second table has a row per sealed figure that is another one at the moment of the
    question. It is not about one day.
    """
    found = [
        (zegel, wijzigingen(question, zegel))
        for zegel in zegels(question.ledger, question.model.position)
        if swv in {None, zegel.swv} and teldatum in {None, zegel.feit.teldatum}
    ]
    rows = {
        "zegels": [_zegel(zegel, changed) for zegel, changed in found],
        "wijzigingen": list(_wijzigingen(found)),
    }
    return report_of("aansluiting-zegels", rows, herkomst_of(question, None, ""))


def _zegel(zegel: Zegel, changed: Sequence[Wijziging]) -> Fields:
    feit = zegel.feit
    return {
        "zegel": zegel.positie,
        "aansluiting": zegel.paar,
        "swv": zegel.swv,
        "teldatum": feit.teldatum,
        "zoals_bekend_op": feit.zoals_bekend_op,
        "verzegeld_op": zegel.verzegeld_op,
        "klopt": not changed,
        "vervangen": zegel.vervangen,
        "cijfers": len(cijfers_van(feit)),
        "gewijzigd": len(changed),
        "verschillen": feit.aantallen.get("verschillen"),
        "geaccepteerd": len(feit.geaccepteerd),
        "bestanden": " ".join(feit.bestanden),
    }


def _wijzigingen(found: Iterable[tuple[Zegel, Sequence[Wijziging]]]) -> Iterator[Fields]:
    for zegel, changed in found:
        for one in changed:
            yield {
                "zegel": zegel.positie,
                "cijfer": one.cijfer,
                "zoals_bekend_op": one.zoals_bekend_op,
                "verzegeld": one.verzegeld,
                "nu": one.nu,
                "verschil": one.nu - one.verzegeld,
                "gebeurtenissen": "; ".join(one.gebeurtenissen),
            }
