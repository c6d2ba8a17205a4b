"""The slow oracle of the indicators: counted day by day, straight from the events."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from tests.oracle_attribution import basis
from tests.oracle_facts import Inschrijving, Leerling, day, known, leerlingen
from tests.oracle_state import Regel, Toestand, toestand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracle_facts import Event
    from tests.oracle_state import Row

ONE_DAY = timedelta(days=1)
CATEGORIEEN = {"PO": ("SBO", "LAAG", "MIDDEN", "HOOG"), "VO": ("LAAG", "MIDDEN", "HOOG")}
SECTOR = {"PO": ("BO", "SBO", "SO"), "VO": ("VO", "VSO")}
SPECIAL = {"PO": ("SBO", "SO"), "VO": ("VSO",)}
Stretch = dict[str, Any]


class Asked:
    """A history as known at K, and the states that the figures need."""

    def __init__(
        self, events: Sequence[Event], teldatum: date, bekend_op: datetime | None, swv: str
    ) -> None:
        """Ask about a samenwerkingsverband on a teldatum."""
        self.events, self.teldatum, self.bekend_op, self.swv = events, teldatum, bekend_op, swv
        self.sector = swv[:2]
        self.told = known(events, bekend_op)
        self.pupils = leerlingen(self.told)
        first = teldatum.year if teldatum.month >= 8 else teldatum.year - 1
        start = date(first, 8, 1)
        self.days = [start + n * ONE_DAY for n in range((date(first + 1, 8, 1) - start).days)]

    def state(self, on: date) -> Toestand:
        """Return the state on a day."""
        return toestand(self.events, on, self.bekend_op)

    def linked(self, state: Toestand, regel: Regel) -> bool:
        """Tell whether a row lies on a vestiging linked to S."""
        code = regel.segment.periode.vestigingscode
        return state.referentie.linked_swv(code, self.sector, state.teldatum) == self.swv


def indicatoren(
    events: Sequence[Event], teldatum: date, bekend_op: datetime | None, swv: str
) -> dict[str, list[Row]]:
    """Return the rows of all tables."""
    asked = Asked(events, teldatum, bekend_op, swv)
    return {
        "tlvs": _tlvs(asked),
        "verblijf": [_verblijf(asked, soort) for soort in SPECIAL[asked.sector]],
        "aandeel": _aandeel(asked),
        "stromen": _stromen(asked),
        "thuiszitters": _thuiszitters(asked),
    }


def _tlvs(asked: Asked) -> list[Row]:
    mine = [
        tlv
        for pupil in asked.pupils
        for tlv in pupil.tlvs.values()
        if tlv.nummer[:6] == asked.swv and tlv.valid_on(tlv.begindatum)
    ]
    rows = []
    for month in dict.fromkeys(one.strftime("%Y-%m") for one in asked.days):
        days = [one for one in asked.days if one.strftime("%Y-%m") == month]
        for categorie in CATEGORIEEN[asked.sector]:
            these = [tlv for tlv in mine if tlv.categorie == categorie]
            rows.append(
                {
                    "maand": month,
                    "categorie": categorie,
                    "afgegeven": sum(tlv.begindatum in days for tlv in these),
                    "lopend": sum(tlv.valid_on(days[-1]) for tlv in these),
                    "eindigend": sum(tlv.last_day in days for tlv in these),
                }
            )
    return rows


def _verblijf(asked: Asked, soort: str) -> Row:
    lengths = []
    for pupil in asked.pupils:
        own = [one for one in pupil.inschrijvingen.values() if one.perioden[0].schoolsoort == soort]
        for last in {one.einddatum for one in own if one.einddatum in asked.days}:
            assert last is not None
            if not _seen(own, last + ONE_DAY, 29) and _answered(asked, pupil, soort, last):
                lengths.append(_length(own, last))
    if not lengths:
        return {"schoolsoort": soort, "aantal": 0, "dagen": None, "jaren": None}
    mean = Decimal(sum(lengths)) / len(lengths)
    dagen, jaren = _tenths(mean), _tenths(mean / Decimal("365.25"))
    return {"schoolsoort": soort, "aantal": len(lengths), "dagen": dagen, "jaren": jaren}


def _seen(own: list[Inschrijving], first: date, days: int) -> bool:
    """Tell whether the pupil attends on any of a number of days."""
    return any(one.active_on(first + n * ONE_DAY) for n in range(days) for one in own)


def _length(own: list[Inschrijving], last: date) -> int:
    """Return the days from the first of the stay, walking back over gaps of at most 28 days."""
    first = here = last
    while (last - here).days <= (last - first).days + 29:
        if any(one.active_on(here) for one in own):
            first = here
        here -= ONE_DAY
    return (last - first).days + 1


def _answered(asked: Asked, pupil: Leerling, soort: str, last: date) -> bool:
    return any(
        regel.leerling.pgn == pupil.pgn
        and regel.segment.periode.schoolsoort == soort
        and regel.segment.toerekening.swv == asked.swv
        for regel in asked.state(last).regels
    )


def _tenths(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _aandeel(asked: Asked) -> list[Row]:
    state = asked.state(asked.teldatum)
    here = [
        (regel.segment.periode.vestigingscode, basis(regel.segment) == "TLV")
        for regel in state.regels
        if regel.telt
        and regel.segment.periode.schoolsoort in SECTOR[asked.sector]
        and asked.linked(state, regel)
    ]
    rows = [_share(code, here) for code in sorted({code for code, _ in here})]
    return [*rows, _share("totaal", [("totaal", tlv) for _, tlv in here])]


def _share(code: str, here: list[tuple[str, bool]]) -> Row:
    own = [tlv for place, tlv in here if place == code]
    share = _tenths(Decimal(sum(own) * 100) / len(own)) if own else None
    return {
        "vestigingscode": code,
        "leerlingen": len(own),
        "met_tlv": sum(own),
        "aandeel": share,
    }


def _stromen(asked: Asked) -> list[Row]:
    on = asked.teldatum
    leap = (on.month, on.day) == (2, 29)
    before = asked.state(date(on.year - 1, 2, 28) if leap else on.replace(year=on.year - 1))
    after = asked.state(on)
    onward = [("doorstroom", van, naar) for van in ("SBO", "SO") for naar in ("VO", "VSO")]
    back = {"PO": [("SBO", "BO"), ("SO", "BO")], "VO": [("VSO", "VO")]}[asked.sector]
    rows = []
    for richting, van, naar in [*onward, *(("teruggang", *pair) for pair in back)]:
        pairs = [
            (one, two)
            for one in before.regels
            for two in after.regels
            if one.telt and two.telt and one.leerling.pgn == two.leerling.pgn
            if one.segment.periode.schoolsoort == van and two.segment.periode.schoolsoort == naar
        ]
        if asked.sector == "VO" and richting == "doorstroom":
            mine = [
                two
                for _, two in pairs
                if two.segment.toerekening.swv == asked.swv
                or (naar == "VO" and asked.linked(after, two))
            ]
        else:
            mine = [one for one, _ in pairs if one.segment.toerekening.swv == asked.swv]
        rows.append({"richting": richting, "van": van, "naar": naar, "aantal": len(mine)})
    return rows


def _thuiszitters(asked: Asked) -> list[Row]:
    state = asked.state(asked.teldatum)
    counts = {"absoluut verzuim": 0, "relatief verzuim": 0, "vrijstelling": 0}
    perspectives = 0
    for pupil in asked.pupils:
        enrolled = [regel for regel in state.regels if regel.leerling.pgn == pupil.pgn]
        mine = [
            regel
            for regel in enrolled
            if regel.segment.toerekening.swv == asked.swv
            or (
                regel.segment.periode.schoolsoort in SECTOR[asked.sector]
                and asked.linked(state, regel)
            )
        ]
        if not (mine if enrolled else _lives(asked, state, pupil)):
            continue
        told = [event for event in asked.told if event.get("pgn") in pupil.pgns]
        for away in _stretches(told, "VerzuimGemeld", "VerzuimBeeindigd"):
            counts[f"{away['soort']} verzuim"] += _holds(away, asked.teldatum)
        freed = _stretches(told, "VrijstellingVerleend", "VrijstellingBeeindigd")
        counts["vrijstelling"] += any(_holds(one, asked.teldatum) for one in freed)
        keys = {regel.segment.inschrijving.sleutel for regel in mine}
        perspectives += any(_perspective(told, key, asked.teldatum) for key in keys)
    rows = [{"soort": soort, "aantal": number} for soort, number in counts.items()]
    return [*rows, {"soort": "ontwikkelingsperspectief", "aantal": perspectives}]


def _lives(asked: Asked, state: Toestand, pupil: Leerling) -> bool:
    began = [vanaf for vanaf in pupil.woonplaatsen if vanaf <= asked.teldatum]
    if not began:
        return False
    home = pupil.woonplaatsen[max(began)]
    if "pc4" not in home:
        return asked.swv in home.get("swv", ())
    return state.referentie.postcode_swv(home["pc4"], asked.sector, asked.teldatum) == asked.swv


def _stretches(told: list[Event], opening: str, ending: str) -> list[Stretch]:
    """Return the stretches after the events in their order; a senseless one has no effect."""
    found: list[Stretch] = []
    for event in told:
        if event["type"] == opening:
            end = day(event["tot_en_met"]) if "tot_en_met" in event else date.max
            new = {**event, "van": day(event["vanaf"]), "tot": end}
            others = [one for one in found if one["van"] != new["van"]]
            if not any(one["van"] <= end and new["van"] <= one["tot"] for one in others):
                found = [*others, new]
        elif event["type"] == ending:
            last = day(event["tot_en_met"])
            for one in found:
                if one["van"] <= last <= one["tot"]:
                    one["tot"] = last
    return found


def _holds(stretch: Stretch, on: date) -> bool:
    return bool(stretch["van"] <= on <= stretch["tot"])


def _perspective(told: list[Event], key: tuple[str, str], on: date) -> bool:
    """Tell whether one was fixed for the enrolment, since it was last known to be there."""
    fixed = False
    known_already = False
    for event in told:
        if (event.get("instellingscode"), event.get("volgnummer")) != key:
            continue
        match event["type"]:
            case "InschrijvingGeregistreerd":
                known_already = True
            case "InschrijvingVerwijderd":
                fixed = known_already = False
            case "OntwikkelingsperspectiefVastgesteld" if known_already:
                fixed = fixed or day(event["vanaf"]) <= on
    return fixed
