"""What differs between an Ofb and kijkglas 1 of its month, and the events since (rules.md 9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from ledger.times import parse_date
from projections.aansluiting.geld import Prijslijst
from projections.aansluiting.model import Cel, Klasse, Paar, Regel, Soort, Verschil
from projections.aansluiting.sindsdien import oorzaak_of, telling_of, vaststelling, wijzigingen
from projections.aansluiting.vergelijken import Vergelijking
from projections.aansluiting.wie import WIE
from projections.aansluiting.zijden_ofb import AANTAL, CATEGORIE, SCHOOLSOORT
from projections.ofb_regels import end_of_month
from projections.questions import Question
from projections.store import ask_numbers
from projections.store.ask import AsOf, Selection
from projections.tarieven import Tarieven
from projections.verklaring import Wijziging

_ZINNEN: Final[dict[Klasse, str]] = {
    "gewijzigd-sinds-download": "het aantal van de Ofb is dat van nu; sinds kijkglas 1 werd bekend",
    "na-vaststelling": "het aantal van de Ofb is dat van de vaststelling; daarna werd bekend",
    "dubbele-sleutel": "de regel staat meer dan een keer in de Ofb",
    "alleen-bij-duo": "de Ofb telt leerlingen, kijkglas 1 van de maand niet",
    "alleen-bij-ons": "kijkglas 1 van de maand telt leerlingen, de Ofb niet",
    "gegevens-verschillen": "geen gebeurtenis sinds de maand verklaart het verschil",
}


def duid_ofb(
    question: Question, paar: Paar, found: Vergelijking, tarieven: Tarieven | None
) -> list[Verschil]:
    """Return what the differences of an Ofb mean (a `Duider`)."""
    duider = _Duider(question, paar, tarieven)
    return [
        *(duider.verschil("cel", one.links, one.rechts) for one in found.cellen),
        *(duider.verschil("alleen-bij-duo", regel, None) for regel in found.alleen_links),
        *(duider.verschil("alleen-bij-ons", None, regel) for regel in found.alleen_rechts),
    ]


class _Duider:
    """What is asked of the ledger to explain the lines of one Ofb."""

    def __init__(self, question: Question, paar: Paar, tarieven: Tarieven | None) -> None:
        self._question = question
        self._paar = paar
        self._prijzen = Prijslijst(tarieven, paar.teldatum, question.as_of.bekend_op)

    def verschil(self, soort: Soort, links: Regel | None, rechts: Regel | None) -> Verschil:
        regel = links or rechts
        assert regel is not None, "a difference has a row"
        duo, ons = _aantal(links), _aantal(rechts)
        klasse, changed = self._klasse(regel, duo, ons)
        oorzaak = oorzaak_of(changed)
        deel = str(regel.velden[SCHOOLSOORT]), str(regel.velden[CATEGORIE] or "")
        events = str(oorzaak)
        return Verschil(
            soort=soort,
            sleutel=regel.sleutel,
            pgn=oorzaak.pgn,
            klasse=klasse,
            kolommen={AANTAL: Cel(ons, duo)},
            oorzaak=f"{_ZINNEN[klasse]}: {events}" if events else _ZINNEN[klasse],
            gebeurtenissen=oorzaak.gebeurtenissen,
            wie=WIE[klasse],
            aantal=duo - ons,
            bedrag=self._prijzen.waarde([(*deel, duo - ons)]),
            sinds=oorzaak.sinds,
            plaatsen=tuple(one.plaats for one in (links, rechts) if one is not None),
        )

    def _klasse(self, regel: Regel, duo: int, ons: int) -> tuple[Klasse, Sequence[Wijziging]]:
        """Return the first class that fits, and the pupils behind it."""
        selection = self._selection(regel)
        month = end_of_month(parse_date(f"{regel.sleutel[0]}-01"))
        until = self._question.as_of.bekend_op
        since = wijzigingen(self._question, month, until, selection)
        if since and ons + sum(one.bijdrage for one in since) == duo:
            return "gewijzigd-sinds-download", since
        fixed = vaststelling(self._question, self._paar.swv)
        if fixed < month and self._counted(fixed, selection) == duo:
            return "na-vaststelling", wijzigingen(self._question, fixed, month, selection)
        if not ons:
            return "alleen-bij-duo", ()
        return ("gegevens-verschillen" if duo else "alleen-bij-ons"), ()

    def _selection(self, regel: Regel) -> Selection:
        categorie: Any = regel.velden[CATEGORIE]
        soorten = (str(regel.velden[SCHOOLSOORT]),)
        return telling_of(self._paar.swv)._replace(schoolsoorten=soorten, categorie=categorie)

    def _counted(self, moment: datetime, selection: Selection) -> int:
        as_of = AsOf(self._paar.teldatum, moment)
        counts = ask_numbers.counts(
            self._question.model, as_of, self._paar.swv, selection.schoolsoorten
        )
        return sum(
            count.aantal for count in counts if selection.categorie in {None, count.categorie}
        )


def _aantal(regel: Regel | None) -> int:
    value = None if regel is None else regel.velden[AANTAL]
    return value if isinstance(value, int) else 0
