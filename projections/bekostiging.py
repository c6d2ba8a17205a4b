"""The budget of a samenwerkingsverband: gross, deducted, net and tekort (rules.md 7).

Sources: `law-and-money.md` 6 (WPO art 122 to 125, WVO 2020 art 5.13 to 5.16) and 7.2 for the
years before 2023. What is counted says `bekostiging_telling`; the amounts are the user's.
Per line: number of pupils times amount is the sum, exactly; rounded to cents at the very end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from ledger.codes import sector_of_swv
from ledger.times import start_of_day
from projections.bekostiging_telling import (
    Onderdeel,
    Term,
    Vraag,
    membership_of,
    october_of,
    onderdelen,
)
from projections.options import OptionError, Options, needed
from projections.prognose import prognose
from projections.questions import Question, product_report
from projections.report import Fields, Report
from projections.supplied import TableError, read_tarieven
from projections.tarieven import MissingTariefError, Tarief, Tarieven, cents, named
from projections.tlv_kosten import tlv_kosten

HUNDRED: Final = Decimal(100)


class Prijzen(NamedTuple):
    """The amounts of one year, as known at a moment, for one samenwerkingsverband."""

    tarieven: Tarieven
    jaar: int
    vraag: Vraag

    def find(self, soort: str, categorie: str) -> Tarief | None:
        """Return an amount of this year, None when the file does not have it."""
        return self.tarieven.find(self.jaar, soort, categorie, self.vraag.as_of.bekend_op)


class Regel(NamedTuple):
    """A term with its amount: `aantal` may have decimals where a percentage was taken of it."""

    onderdeel: str
    term: Term
    aantal: Decimal
    tarief: Tarief
    regeling: str

    @property
    def bedrag(self) -> Decimal:
        """The exact product."""
        return self.aantal * self.tarief.bedrag


class Antwoord(NamedTuple):
    """The rows per table, and what a reader has to know beside them."""

    tabellen: dict[str, list[Fields]]
    opmerkingen: tuple[str, ...]


def bekostiging(
    vraag: Vraag, tarieven: Tarieven, jaar: int | None = None, *, vooruit: bool = False
) -> Antwoord:
    """Return the tables regels, totaal and tlv, and with `vooruit` also prognose.

    `jaar` is the year of the amounts, by default the year that the count funds. Raises
    MissingTariefError with every amount that the file lacks.
    """
    prijzen = Prijzen(tarieven, jaar or vraag.jaar, vraag)
    regels, left_out = _priced(prijzen, list(onderdelen(vraag)))
    tlv = tlv_kosten(vraag, tarieven)
    tables = {
        "regels": [_row(regel) for regel in regels],
        "totaal": list(_totals(regels)),
        "tlv": tlv.rijen,
    }
    remarks = [*_remarks(prijzen), *left_out, *tlv.opmerkingen]
    if vooruit:
        ahead = prognose(vraag, tarieven, prijzen.jaar)
        tables["prognose"] = ahead.rijen
        remarks += ahead.opmerkingen
    return Antwoord(tables, tuple(remarks))


def _priced(prijzen: Prijzen, parts: Sequence[Onderdeel]) -> tuple[list[Regel], list[str]]:
    """Return the terms with their amounts, and a remark per part that is not there in full."""
    found: list[Regel] = []
    needed: list[str] = []
    remarks: list[str] = []
    for part in parts:
        regels: list[Regel] = []
        missing: list[str] = []
        for term in part.termen:
            regel = _regel(prijzen, part.naam, term)
            if isinstance(regel, Regel):
                regels.append(regel)
            else:
                missing.append(regel)
        if missing and (part.eis == "alles" or (part.eis == "alles of niets" and regels)):
            needed += missing
        elif missing:
            remarks.append(f"{part.naam.capitalize()}: {_without(missing, regels)}.")
        found += regels
    if not needed and not found:
        needed = [one for part in parts for one in _names(prijzen, part)]
    if needed:
        raise prijzen.tarieven.missing(needed, prijzen.vraag.as_of.bekend_op)
    return found, remarks


def _without(missing: Sequence[str], regels: Sequence[Regel]) -> str:
    what = "onvolledig, zonder" if regels else "weggelaten, er is geen tarief"
    return f"{what} {', '.join(dict.fromkeys(missing))}"


def _names(prijzen: Prijzen, part: Onderdeel) -> Iterator[str]:
    for term in part.termen:
        yield named(prijzen.jaar, term.soort, term.categorie)


def _regel(prijzen: Prijzen, onderdeel: str, term: Term) -> Regel | str:
    """Return a term with its amount, or the name of what the file lacks for it."""
    tarief = prijzen.find(term.soort, term.categorie)
    if tarief is None and term.anders:
        tarief = prijzen.find(term.anders, term.categorie)
    if tarief is None:
        return named(prijzen.jaar, term.anders or term.soort, term.categorie)
    if not term.aandeel:
        return Regel(onderdeel, term, Decimal(term.aantal), tarief, tarief.regeling)
    share = prijzen.find(term.aandeel, prijzen.vraag.swv) or prijzen.find(term.aandeel, "")
    if share is None:
        return named(prijzen.jaar, term.aandeel, "")
    aantal = term.aantal * share.bedrag / HUNDRED
    percent = str(share.bedrag).replace(".", ",")
    told = f"{tarief.regeling} ({percent} % van {term.aantal})".strip()
    return Regel(onderdeel, term, aantal, tarief, told)


def _row(regel: Regel) -> Fields:
    naam, _, part = regel.onderdeel.partition(" ")
    return {
        "regel": "_".join(filter(None, (naam, regel.term.kant, part))),
        "soort": regel.term.soort,
        "categorie": regel.term.categorie,
        "basis": regel.term.basis,
        "aantal": int(regel.aantal) if regel.aantal == int(regel.aantal) else regel.aantal,
        "tarief": regel.tarief.bedrag,
        "bedrag": cents(regel.bedrag),
        "regeling": regel.regeling,
    }


def _totals(regels: Sequence[Regel]) -> Iterator[Fields]:
    """Yield per part: gross, deducted, and what is left or short, neither of them below zero."""
    nothing = Decimal(0)
    for naam in dict.fromkeys(regel.onderdeel for regel in regels):
        of_part = [regel for regel in regels if regel.onderdeel == naam]
        bruto = sum((one.bedrag for one in of_part if one.term.kant == "bruto"), nothing)
        af = sum((one.bedrag for one in of_part if one.term.kant == "af"), nothing)
        yield {
            "soort": naam.upper(),
            "bruto": cents(bruto),
            "af": cents(af),
            "netto": cents(max(nothing, bruto - af)),
            "tekort": cents(max(nothing, af - bruto)),
        }


def _remarks(prijzen: Prijzen) -> Iterator[str]:
    vraag, tarieven = prijzen.vraag, prijzen.tarieven
    yield f"Bekostiging {_year(vraag)}, tarieven van {prijzen.jaar}: {told_file(tarieven)}."
    if prijzen.jaar != vraag.jaar:
        yield f"De tarieven van {prijzen.jaar} staan op een telling die {vraag.jaar} bekostigt."
    yield from _days(vraag)
    if not vraag.since_2023:
        yield "Vóór 2023 ging sbo niet van de ondersteuning af (2%-regel, grensverkeer)."


def told_file(tarieven: Tarieven) -> str:
    """Return the rates file as a remark names it, with its hash."""
    return f"{tarieven.naam}, sha256 {tarieven.sha256}" if tarieven.sha256 else tarieven.naam


def _year(vraag: Vraag) -> str:
    if vraag.since_2023:
        return str(vraag.jaar)
    return f"schooljaar {vraag.jaar}-{(vraag.jaar + 1) % 100:02} en materieel {vraag.jaar}"


def _days(vraag: Vraag) -> Iterable[str]:
    days = {"vestigingen aangesloten": membership_of(vraag)}
    if vraag.swv.startswith("VO"):
        days["vo-leerlingen"] = october_of(vraag)
    yield f"Geteld: {', '.join(f'{what} op {day:%d-%m-%Y}' for what, day in days.items())}."
    known = vraag.as_of.bekend_op or vraag.now
    for what, day in days.items():
        if start_of_day(day) > known:
            yield f"Verwachting: {what} op {day:%d-%m-%Y}, een dag die nog moest komen."


def answer(question: Question, swv: str, options: Options) -> Report:
    """Return the product as a report. Raises OptionError for what is wrong with the rates."""
    asked = Vraag(question.ledger, question.model, question.as_of, swv, question.now)
    try:
        rates = read_tarieven(needed(options.tarieven, "--tarieven"))
        found = bekostiging(asked, rates, options.jaar, vooruit=options.prognose)
    except (TableError, MissingTariefError) as error:
        raise OptionError("--tarieven", str(error)) from None
    layout = f"bekostiging-{sector_of_swv(swv).lower()}"
    return product_report(question, layout, found.tabellen, swv, found.opmerkingen)
