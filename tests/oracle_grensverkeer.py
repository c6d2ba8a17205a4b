"""Kijkglas 4 and 5 from the words of rules.md 7 and law-and-money.md 5d and 5e, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle_attribution import previous_enrolment
from tests.oracle_facts import known, leerlingen
from tests.oracle_reference import referentie
from tests.oracle_state import Row, toestand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracle_facts import Event, Inschrijving, Leerling
    from tests.oracle_reference import Referentie

FOREVER = date.max


@dataclass(frozen=True)
class Betaling:
    """A pupil that one samenwerkingsverband pays another for in one school year."""

    pgn: str
    betaler: str
    uit: str
    ontvanger: str
    naar: str
    inschrijving: Inschrijving
    laatste_dag: date
    jaar: int

    @property
    def fte(self) -> Fraction:
        """1098 or 646 ten-thousandths (5e)."""
        begin = self.inschrijving.begindatum
        year = year_of(begin)
        late = date(year, 10, 2) <= begin <= date(year + 1, 7, 31)
        return Fraction(1098 if late and self.jaar == year + 1 else 646, 10000)


def year_of(moment: date) -> int:
    """Return the year in which the school year of a day began."""
    return moment.year - (moment.month < 8)


def betalingen(events: Sequence[Event], jaar: int, bekend_op: datetime | None) -> list[Betaling]:
    """Return who pays whom for which pupils in a school year, one payment a pupil."""
    told = known(events, bekend_op)
    reference = referentie(told)
    found = []
    for leerling in leerlingen(told):
        own = [
            betaling
            for inschrijving in leerling.inschrijvingen.values()
            if (betaling := _betaling(leerling, inschrijving, reference, jaar)) is not None
        ]
        if own:
            latest = max(one.inschrijving.begindatum for one in own)
            tied = [one for one in own if one.inschrijving.begindatum == latest]
            found.append(min(tied, key=lambda one: one.inschrijving.sleutel))
    return found


def _betaling(
    leerling: Leerling, inschrijving: Inschrijving, reference: Referentie, jaar: int
) -> Betaling | None:
    begin = inschrijving.begindatum
    before = previous_enrolment(leerling, inschrijving)
    if inschrijving.perioden[0].schoolsoort != "SBO" or before is None:
        return None
    if before.perioden[0].schoolsoort != "BO" or before.einddatum is None:
        return None
    uit = before.periode_on(before.einddatum).vestigingscode
    naar = inschrijving.periode_on(begin).vestigingscode
    betaler = reference.linked_swv(uit, "PO", before.einddatum)
    ontvanger = reference.linked_swv(naar, "PO", begin)
    left = _left_on(leerling, inschrijving)
    paid = year_of(begin) < jaar <= (year_of(left) if left < FOREVER else 9999)
    if "" in (betaler, ontvanger) or betaler == ontvanger or not paid:
        return None
    if not _decided(leerling, inschrijving, betaler) or _moved(
        leerling, begin, ontvanger, reference
    ):
        return None
    return Betaling(leerling.pgn, betaler, uit, ontvanger, naar, inschrijving, left, jaar)


def _decided(leerling: Leerling, inschrijving: Inschrijving, betaler: str) -> bool:
    begin = inschrijving.begindatum
    issuers = {
        nummer[:6]
        for nummer, _ in inschrijving.koppelingen
        if nummer in leerling.tlvs
        and leerling.tlvs[nummer].categorie == "SBO"
        and leerling.tlvs[nummer].valid_on(begin)
    }
    return betaler in issuers or (not issuers and begin < date(2022, 8, 1))


def _moved(leerling: Leerling, begin: date, ontvanger: str, reference: Referentie) -> bool:
    """Tell whether a move into the area lies at most six months from the admission."""
    moves = sorted(leerling.woonplaatsen)
    for index, moment in enumerate(moves[1:], 1):
        old, new = leerling.woonplaatsen[moves[index - 1]], leerling.woonplaatsen[moment]
        into = _area(new, moment, reference) == ontvanger != _area(old, moment, reference)
        if into and _months_before(moment, 6) <= begin <= _months_before(moment, -6):
            return True
    return False


def _area(woonplaats: Event, moment: date, reference: Referentie) -> str:
    if woonplaats.get("pc4"):
        return reference.postcode_swv(woonplaats["pc4"], "PO", moment)
    return next((swv for swv in woonplaats.get("swv") or () if swv.startswith("PO")), "")


def _months_before(moment: date, months: int) -> date:
    """Return the same day some months earlier; the last of that month when it has no such day."""
    number = moment.year * 12 + moment.month - 1 - months
    for number_of_day in range(moment.day, 0, -1):
        try:
            return date(number // 12, number % 12 + 1, number_of_day)
        except ValueError:
            continue
    raise AssertionError(moment)


def _left_on(leerling: Leerling, inschrijving: Inschrijving) -> date:
    """Return the last day at the school, walking along enrolments that follow on there."""
    last, frontier = date.min, [inschrijving]
    while frontier:
        here = frontier.pop()
        last = max(last, here.einddatum or FOREVER)
        for other in leerling.inschrijvingen.values():
            before = previous_enrolment(leerling, other)
            same = other.instellingscode == here.instellingscode
            sbo = other.perioden[0].schoolsoort == "SBO"
            if before is not None and before.sleutel == here.sleutel and same and sbo:
                frontier.append(other)
    return last


def kijkglas_5(
    events: Sequence[Event], swv: str, teldatum: date, bekend_op: datetime | None
) -> dict[str, list[Row]]:
    """Return the two tables of kijkglas 5."""
    jaar = year_of(teldatum)
    mine = [
        one for one in betalingen(events, jaar, bekend_op) if swv in (one.betaler, one.ontvanger)
    ]
    pairs = sorted({(one.betaler, one.ontvanger) for one in mine})
    paren: list[Row] = []
    for pair in pairs:
        fte = [one.fte for one in mine if (one.betaler, one.ontvanger) == pair]
        paren.append(
            {
                "BETALER": pair[0],
                "ONTVANGER": pair[1],
                "SCHOOLJAAR": f"{jaar}/{jaar + 1}",
                "AANTAL": len(fte),
                "FTE": sum(fte, Fraction(0)),
            }
        )
    rows = [_leerling_row(one) for one in mine]
    order = ("SWV_HERKOMST", "SWV_SBO", "VESTIGING_SBO", "DATUM_INSCHRIJVING", "BSN_OWN")
    rows.sort(key=lambda row: [row[name] for name in order])
    return {"paren": paren, "leerlingen": rows}


def _leerling_row(one: Betaling) -> Row:
    begin, gone = one.inschrijving.begindatum, one.laatste_dag < FOREVER
    first, last = year_of(begin) + 1, year_of(one.laatste_dag)
    return {
        "BSN_OWN": one.pgn,
        "SWV_HERKOMST": one.betaler,
        "VESTIGING_HERKOMST": one.uit,
        "SWV_SBO": one.ontvanger,
        "VESTIGING_SBO": one.naar,
        "DATUM_INSCHRIJVING": begin,
        "DATUM_UITSCHRIJVING": one.laatste_dag if gone else None,
        "SCHOOLJAAR_VAN": f"{first}/{first + 1}",
        "SCHOOLJAAR_TOT_EN_MET": f"{last}/{last + 1}" if gone else "",
    }


def kijkglas_4(
    events: Sequence[Event], swv: str, teldatum: date, bekend_op: datetime | None
) -> dict[str, list[Row]]:
    """Return the two tables of kijkglas 4."""
    jaar = year_of(teldatum)
    paid = {one.pgn for one in betalingen(events, jaar, bekend_op) if one.betaler != swv}
    days = (date(jaar, 10, 1), date(jaar + 1, 2, 1))
    (october, everybody), (february, _) = (_sbo(events, swv, on, bekend_op) for on in days)
    rows: list[Row] = []
    for code in sorted({code for code, _ in october + february}):
        here = [[pgn for place, pgn in listed if place == code] for listed in (october, february)]
        out = [sum(pgn in paid for pgn in listed) for listed in here]
        rows.append(
            {
                "SAMENWERKINGSVERBAND": swv,
                "VESTIGINGSCODE": code,
                "AANTAL_1_OKT": len(here[0]),
                "AANTAL_1_FEB": len(here[1]),
                "WAARVAN_GRENSVERKEER_1_OKT": out[0],
                "WAARVAN_GRENSVERKEER": out[1],
                "GROEI": len(here[1]) - out[1] - len(here[0]) + out[0],
            }
        )
    return {"groei": rows, "totaal": [_totaal(swv, october, february, everybody, paid)]}


def _totaal(
    swv: str,
    october: list[tuple[str, str]],
    february: list[tuple[str, str]],
    everybody: int,
    paid: set[str],
) -> Row:
    left = [sum(pgn not in paid for _, pgn in listed) for listed in (october, february)]
    share = (everybody * 2 + 50) // 100
    return {
        "SAMENWERKINGSVERBAND": swv,
        "AANTAL_1_OKT": len(october),
        "AANTAL_1_FEB": len(february),
        "WAARVAN_GRENSVERKEER_1_OKT": len(october) - left[0],
        "WAARVAN_GRENSVERKEER": len(february) - left[1],
        "GROEI": left[1] - left[0],
        "SBO_1_OKT": left[0],
        "SBO_1_FEB": left[1],
        "LEERLINGEN_1_OKT": everybody,
        "TWEE_PROCENT": share,
        "OVERDRACHT_GROEI": max(0, left[1] - left[0]),
        "OVERDRACHT_BOVEN_2_PROCENT": max(0, left[1] - share),
    }


def _sbo(
    events: Sequence[Event], swv: str, on: date, bekend_op: datetime | None
) -> tuple[list[tuple[str, str]], int]:
    """Return (vestiging, pgn) of the counting sbo pupils of S, and how many with those of bo."""
    state = toestand(events, on, bekend_op)
    here = [
        (regel.segment.periode, regel.leerling.pgn)
        for regel in state.regels
        if regel.telt
        and regel.segment.periode.schoolsoort in ("BO", "SBO")
        and state.referentie.linked_swv(regel.segment.periode.vestigingscode, "PO", on) == swv
    ]
    sbo = [(periode.vestigingscode, pgn) for periode, pgn in here if periode.schoolsoort == "SBO"]
    return sbo, len(here)
