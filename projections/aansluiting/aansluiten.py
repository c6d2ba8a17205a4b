"""From two sides to a finished reconciliation (rules.md 9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from projections.aansluiting.duiders import duider_van
from projections.aansluiting.model import KLASSEN, Aansluiting, Paar, Verschil
from projections.aansluiting.vergelijken import Vergelijking, vergelijk
from projections.moments import deciding_schoolsoorten, status_of
from projections.questions import Question, herkomst_of
from projections.report import Herkomst
from projections.store.ask import AsOf
from projections.tarieven import Tarieven

Duider = Callable[[Question, Paar, Vergelijking, Tarieven | None], Sequence[Verschil]]
"""What makes differences of a comparison: each with its class, cause, who acts, and amount.

Their `aantal` must add up to the difference of the totals; every key that is not equal and
not hidden comes back.
"""

NIETS: Final = Decimal(0)


class UnbalancedError(ArithmeticError):
    """Differences that do not add up to the difference of the totals: a defect."""

    def __init__(self, found: int, expected: int) -> None:
        super().__init__(f"de verschillen tellen op tot {found}, de totalen verschillen {expected}")


def aansluiten(
    question: Question,
    paar: Paar,
    tarieven: Tarieven | None = None,
    *,
    duiden: Duider | None = None,
    opmerkingen: Sequence[str] = (),
) -> Aansluiting:
    """Return what differs between two sides and why, ranked by money, then by class.

    `duiden` says what the differences of this pair mean, by default as its name says;
    `opmerkingen` stand under the heading. Raises UnbalancedError when the differences do not
    add up.
    """
    found = vergelijk(paar)
    told = duiden or duider_van(paar.naam)
    verschillen = sorted(told(question, paar, found, tarieven), key=rang)
    expected = found.totaal_links - found.totaal_rechts
    explained = sum(verschil.aantal for verschil in verschillen)
    if explained != expected:
        raise UnbalancedError(explained, expected)
    remarks = (*opmerkingen, *_onleesbaar(paar), *_without_amount(verschillen, tarieven))
    return Aansluiting(
        paar=paar.naam,
        sleutel=paar.sleutel,
        kolommen=paar.kolommen,
        naam_links=paar.links.naam,
        naam_rechts=paar.rechts.naam,
        swv=paar.swv,
        teldatum=paar.teldatum,
        links=found.links,
        rechts=found.rechts,
        gelijk=len(found.gelijk),
        niet_te_zeggen=len(found.niet_te_zeggen),
        totaal_links=found.totaal_links,
        totaal_rechts=found.totaal_rechts,
        verschillen=tuple(verschillen),
        herkomst=_herkomst(question, paar, remarks),
        bestanden=tuple(_files(paar)),
    )


def rang(verschil: Verschil) -> tuple[object, ...]:
    """Return what differences are ordered by: most money first, then class, then key.

    Without amounts, those that change the number of pupils come first.
    """
    bedrag = verschil.bedrag
    worth = NIETS if bedrag is None else abs(bedrag)
    return (
        -worth,
        verschil.aantal == 0,
        KLASSEN.index(verschil.klasse),
        verschil.sleutel,
        verschil.soort,
    )


def _herkomst(question: Question, paar: Paar, opmerkingen: Sequence[str]) -> Herkomst:
    as_of = AsOf(paar.teldatum, question.as_of.bekend_op)
    asked = question._replace(as_of=as_of)
    status = status_of(as_of, deciding_schoolsoorten(paar.swv), question.model, question.now)
    return herkomst_of(asked, paar.teldatum, status, opmerkingen=tuple(opmerkingen))


def _onleesbaar(paar: Paar) -> list[str]:
    lines = (*paar.links.onleesbaar, *paar.rechts.onleesbaar)
    return [f"Niet gelezen en niet vergeleken: {line}" for line in lines]


def _without_amount(verschillen: Sequence[Verschil], tarieven: Tarieven | None) -> list[str]:
    unknown = sum(verschil.bedrag is None for verschil in verschillen)
    if tarieven is None or not unknown:
        return []
    noun = "verschil" if unknown == 1 else "verschillen"
    return [f"Van {unknown} {noun} is het bedrag niet bekend met {tarieven.naam}."]


def _files(paar: Paar) -> list[str]:
    sides = (paar.links, paar.rechts)
    return [
        f"{zijde.bestand}, sha256 {zijde.sha256}" if zijde.sha256 else zijde.bestand
        for zijde in sides
        if zijde.bestand
    ]
