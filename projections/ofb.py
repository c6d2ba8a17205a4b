"""An Ofb extract against kijkglas 1 of the same month (rules.md 7 and 9, ofb-controle).

Per line of the Ofb: what it counts, what the ledger counted at the end of that month, the
difference, and the events since then by class (rules.md 8). DUO's advice is to hold the Ofb
of December against kijkglas 1 of December (outputs-and-rules.md 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from ledger.application import Ledger
from ledger.codes import SCHOOLSOORTEN_OF_SECTOR, sector_of_swv
from projections.ofb_regels import Deel, OfbRegel, end_of_month
from projections.options import OptionError, Options, needed
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.store import ask, ask_numbers
from projections.store.read_model import ReadModel
from projections.supplied import Ofb, TableError, read_ofb
from projections.verklaring import Verklaring
from projections.why.explain import count_of, explain


class OfbVraag(NamedTuple):
    """Whose count is held against the Ofb, as known when; `now` is for the status alone."""

    ledger: Ledger
    model: ReadModel
    as_of: ask.AsOf
    swv: str
    now: datetime

    def at_end_of(self, maand: date) -> ask.AsOf:
        """Return the teldatum as known at the end of a month, and never later than asked."""
        end = end_of_month(maand)
        known = self.as_of.bekend_op
        return ask.AsOf(self.as_of.teldatum, end if known is None else min(end, known))


class Antwoord(NamedTuple):
    """The rows per table, and what a reader has to know beside them."""

    tabellen: dict[str, list[Fields]]
    opmerkingen: tuple[str, ...]


def ofb_controle(vraag: OfbVraag, ofb: Ofb) -> Antwoord:
    """Return the tables regels, sindsdien and gebeurtenissen.

    `regels` also has every part that the ledger counts and the Ofb does not mention; a line
    that is about no count is there without one, and a remark names it.
    """
    tables: dict[str, list[Fields]] = {"regels": [], "sindsdien": [], "gebeurtenissen": []}
    for regel, deel in _lines(vraag, ofb.regels):
        verklaring = None if deel is None else _explained(vraag, regel.maand, deel)
        tables["regels"].append(_row(regel, deel, verklaring))
        if verklaring is not None:
            place: Fields = {"maand": f"{regel.maand:%Y-%m}", "regel": regel.regel}
            tables["sindsdien"] += _classes(place, verklaring)
            tables["gebeurtenissen"] += _events(place, verklaring)
    return Antwoord(tables, tuple(_remarks(vraag, ofb)))


def _lines(vraag: OfbVraag, regels: Iterable[OfbRegel]) -> Iterator[tuple[OfbRegel, Deel | None]]:
    """Yield the lines of the Ofb by month, and after each month what it leaves out."""
    of_month: dict[date, list[OfbRegel]] = {}
    for regel in regels:
        of_month.setdefault(regel.maand, []).append(regel)
    for maand, listed in sorted(of_month.items()):
        parts = [regel.deel(vraag.swv) for regel in listed]
        yield from zip(listed, parts, strict=True)
        named = {part for part in parts if part is not None}
        for deel in _counted(vraag, maand):
            if deel not in named and deel._replace(categorie=None) not in named:
                text = " ".join(dict.fromkeys(map(str, deel)))
                yield OfbRegel(maand, text, None, None, genoemd=False), deel


def _counted(vraag: OfbVraag, maand: date) -> list[Deel]:
    """Return the parts that kijkglas 1 of a month has pupils in."""
    soorten = SCHOOLSOORTEN_OF_SECTOR[sector_of_swv(vraag.swv)]
    counts = ask_numbers.counts(vraag.model, vraag.at_end_of(maand), vraag.swv, soorten)
    return sorted({Deel(count.schoolsoort, count.categorie) for count in counts}, key=_order)


def _order(deel: Deel) -> tuple[str, str]:
    return deel.schoolsoort, deel.categorie or ""


def _explained(vraag: OfbVraag, maand: date, deel: Deel) -> Verklaring:
    """Return the count at the end of a month, the count now, and what lies between."""
    selection = count_of(
        ask.Selection(swv=vraag.swv, schoolsoorten=(deel.schoolsoort,), categorie=deel.categorie)
    )
    sides = (vraag.at_end_of(maand), vraag.as_of)
    return explain(vraag.ledger, vraag.model, sides, selection, vraag.now)


def _row(regel: OfbRegel, deel: Deel | None, verklaring: Verklaring | None) -> Fields:
    then = None if verklaring is None else verklaring.van.aantal
    counted = regel.aantal if regel.genoemd else 0
    return {
        "maand": f"{regel.maand:%Y-%m}",
        "regel": regel.regel,
        "schoolsoort": "" if deel is None else deel.schoolsoort,
        "categorie": "" if deel is None else deel.categorie or "",
        "aantal_ofb": regel.aantal,
        "aantal_grootboek": then,
        "verschil": None if counted is None or then is None else counted - then,
        "bedrag_ofb": regel.bedrag,
        "aantal_nu": None if verklaring is None else verklaring.naar.aantal,
    }


def _classes(place: Fields, verklaring: Verklaring) -> Iterator[Fields]:
    """Yield per class how many pupils it has and what they add to the count."""
    for klassen in verklaring.stappen.values():
        for klasse, bijdrage in klassen.items():
            pupils = sum(one.klasse == klasse for one in verklaring.leerlingen)
            yield {**place, "klasse": klasse, "leerlingen": pupils, "bijdrage": bijdrage}


def _events(place: Fields, verklaring: Verklaring) -> Iterator[Fields]:
    for change in verklaring.leerlingen:
        told: Fields = {"pgn": change.pgn, "klasse": change.klasse, "bijdrage": change.bijdrage}
        for event in change.gebeurtenissen:
            yield {**place, **told, **msgspec.structs.asdict(event), "regel": place["regel"]}


def _remarks(vraag: OfbVraag, ofb: Ofb) -> Iterator[str]:
    yield f"Ofb: {ofb.naam}, sha256 {ofb.sha256}."
    yield "VERSCHIL is het aantal van de Ofb min dat van het grootboek aan het eind van de maand."
    others = [regel.regel for regel in ofb.regels if regel.deel(vraag.swv) is None]
    if others:
        listed = ", ".join(f"'{text}'" for text in dict.fromkeys(others))
        yield f"Niet vergeleken, geen telling van {vraag.swv}: {listed}."


def answer(question: Question, swv: str, options: Options) -> Report:
    """Return the product as a report. Raises OptionError for what is wrong with the extract."""
    asked = OfbVraag(question.ledger, question.model, question.as_of, swv, question.now)
    try:
        found = ofb_controle(asked, read_ofb(needed(options.ofb, "--ofb")))
    except TableError as error:
        raise OptionError("--ofb", str(error)) from None
    return product_report(question, "ofb", found.tabellen, swv, found.opmerkingen)
