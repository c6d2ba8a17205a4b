"""Kijkglas 2, kijkglas 3 and toename, from the words of rules.md 7 on top of the slow oracle.

One row is kept per enrolment and first day by looking at every day on which anything can
turn; nothing is shared with `projections`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from tests.histories import interesting_days
from tests.oracle_attribution import CLOSED, RESIDENTIAL, basis, categorie
from tests.oracle_state import Regel, Row, Toestand, toestand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracle_facts import Event

COUNTS = (
    "AANTAL_1_OKT",
    "AANTAL_1_FEB",
    "INSTROOM",
    "UITSTROOM",
    "OVERGANG_IN",
    "OVERGANG_UIT",
)
BLOKKEN = {("SO", True): "2.2", ("SO", False): "2.3", ("VSO", True): "2.4", ("VSO", False): "2.5"}


@dataclass
class Year:
    """Everything known at one moment about one school year."""

    events: Sequence[Event]
    begin: int
    bekend_op: datetime | None

    def __post_init__(self) -> None:
        self.states: dict[date, Toestand] = {}

    def state(self, day: date) -> Toestand:
        """Return the state on a day."""
        if day not in self.states:
            self.states[day] = toestand(self.events, day, self.bekend_op)
        return self.states[day]

    @cached_property
    def all_rows(self) -> list[Regel]:
        """Return every row of SO and VSO that holds on any day of the school year."""
        first, last = date(self.begin, 8, 1), date(self.begin + 1, 7, 31)
        days = {first, *(day for day in interesting_days(self.events) if first <= day <= last)}
        found: dict[tuple[str, tuple[str, str], date], Regel] = {}
        for day in sorted(days):
            for regel in self.state(day).regels:
                if regel.segment.periode.schoolsoort in ("SO", "VSO"):
                    key = (regel.leerling.eerste, regel.segment.inschrijving.sleutel)
                    found[(*key, regel.geldig_van)] = regel
        return list(found.values())

    def member(self, swv: str, day: date) -> dict[str, Regel]:
        """Return who has an SO or VSO segment attributed to S by a tlv on a day, and its row."""
        rows = [
            regel
            for regel in self.state(day).regels
            if regel.segment.periode.schoolsoort in ("SO", "VSO")
            and regel.segment.toerekening.tlv is not None
            and regel.segment.toerekening.swv == swv
        ]
        return one_each(rows)


def one_each(rows: list[Regel]) -> dict[str, Regel]:
    """Return per pupil the counting row, else the one that began last, else the lowest key."""
    answer = {}
    for pupil in {regel.leerling.eerste for regel in rows}:
        mine = [regel for regel in rows if regel.leerling.eerste == pupil]
        counting = [regel for regel in mine if regel.telt]
        latest = max(regel.geldig_van for regel in mine)
        last = [regel for regel in mine if regel.geldig_van == latest]
        assert len(counting) < 2
        answer[pupil] = min(counting or last, key=lambda one: one.segment.inschrijving.sleutel)
    return answer


def kijkglas_2(year: Year, swv: str, peildatum: date) -> tuple[Row, list[Row]]:
    """Return the counts of block "Algemene gegevens" and the rows over (1 October, peildatum]."""
    begin = date(year.begin, 10, 1)
    before, after = year.member(swv, begin), year.member(swv, peildatum)
    rows = []
    for regel in year.all_rows:
        if regel.segment.toerekening.swv != swv:
            continue
        pupil = regel.leerling.eerste
        was, now = (_is(members.get(pupil), regel) for members in (before, after))
        elsewhere = pupil in before and now and _place(before[pupil]) != _place(regel)
        marks = (now and pupil not in before, was and pupil not in after, elsewhere)
        rows.append(_shown(year, regel, swv, peildatum, marks))
    counts: Row = {f"BLOK_{b.replace('.', '_')}": _with(rows, BLOK=b) for b in BLOKKEN.values()}
    counts |= {"INSCHRIJVINGEN": len(rows), "LEERLINGEN_BEGIN": len(before)}
    counts |= {"INSTROOM": len(after.keys() - before.keys())}
    counts |= {"UITSTROOM": len(before.keys() - after.keys())}
    both = before.keys() & after.keys()
    counts |= {"DOORSTROOM": sum(_place(before[p]) != _place(after[p]) for p in both)}
    return counts | {"LEERLINGEN_PEILDATUM": len(after)}, rows


def _shown(
    year: Year, regel: Regel, swv: str, peildatum: date, marks: tuple[bool, bool, bool]
) -> Row:
    segment = regel.segment
    place, soort = segment.periode.vestigingscode, segment.periode.schoolsoort
    linked = year.state(peildatum).referentie.linked_swv(place, swv[:2], peildatum) == swv
    tlv = segment.toerekening.tlv
    return {
        "BLOK": BLOKKEN[soort, linked],
        "BSN_OWN": regel.leerling.pgn,
        "INSTELLINGSCODE": segment.inschrijving.instellingscode,
        "VESTIGINGSCODE": place,
        "INSCHRIJVINGSVOLGNUMMER": segment.inschrijving.volgnummer,
        "BEGIN": regel.geldig_van,
        "EIND": regel.geldig_tot_en_met,
        "CATEGORIE": categorie(segment),
        "BASIS": basis(segment),
        "BESCHIKKINGSNUMMER": "" if tlv is None else tlv.nummer,
        "BEKOSTIGD": regel.telt,
        "REDEN": regel.reden,
        "INSTROOM": int(marks[0]),
        "UITSTROOM": int(marks[1]),
        "DOORSTROOM": int(marks[2]),
        "MAAND": "",
    }


def kijkglas_3(year: Year, swv: str) -> list[Row]:
    """Return the growth per vestiging and categorie between 1 October and 1 February."""
    before = year.member(swv, date(year.begin, 10, 1))
    after = year.member(swv, date(year.begin + 1, 2, 1))
    one, two = ({p: _cell(r) for p, r in members.items()} for members in (before, after))
    rows = []
    for cell in sorted({*one.values(), *two.values()}):
        were = {pupil for pupil in one if one[pupil] == cell}
        are = {pupil for pupil in two if two[pupil] == cell}
        came, left = are - were, were - are
        values = (
            len(were),
            len(are),
            len(came - one.keys()),
            len(left - two.keys()),
            len(came & one.keys()),
            len(left & two.keys()),
        )
        named = dict(zip(("SCHOOLSOORT", "VESTIGINGSCODE", "CATEGORIE"), cell, strict=True))
        rows.append(named | dict(zip(COUNTS, values, strict=True)))
    return rows


def toename(
    events: Sequence[Event], swv: str, teldatum: date, peildatum: date, bekend_op: datetime | None
) -> list[Row]:
    """Return per vestiging, schoolsoort and categorie: on the teldatum, on the plan's date, new."""
    year = Year(events, teldatum.year, bekend_op)
    before, after = (_enrolled(year, swv, day, peildatum) for day in (teldatum, peildatum))
    rows = []
    for cell in sorted({_cell(regel) for regel in (*before, *after)}):
        here = [regel for regel in after if _cell(regel) == cell]
        rows.append(
            {
                "VESTIGINGSCODE": cell[1],
                "SCHOOLSOORT": cell[0],
                "CATEGORIE": cell[2],
                "AANTAL_TELDATUM": [_cell(regel) for regel in before].count(cell),
                "AANTAL_PEILDATUM": len(here),
                "TOENAME": sum(not _was_admissible(regel, swv, teldatum) for regel in here),
            }
        )
    return rows


def _enrolled(year: Year, swv: str, day: date, peildatum: date) -> list[Regel]:
    state = year.state(day)
    return list(
        one_each(
            [
                regel
                for regel in state.regels
                if regel.segment.toerekening.tlv is not None
                and regel.segment.toerekening.swv == swv
                and regel.segment.periode.soort_verblijf not in RESIDENTIAL + CLOSED
                and state.referentie.linked_swv(_place(regel), swv[:2], peildatum) == swv
            ]
        ).values()
    )


def _was_admissible(regel: Regel, swv: str, teldatum: date) -> bool:
    """Tell whether the pupil had a valid tlv of S on the teldatum, for sbo or for (v)so."""
    for_sbo = regel.segment.periode.schoolsoort == "SBO"
    return any(
        tlv.nummer.startswith(swv)
        and tlv.valid_on(teldatum)
        and (tlv.categorie == "SBO") == for_sbo
        for tlv in regel.leerling.tlvs.values()
    )


def _is(one: Regel | None, other: Regel) -> bool:
    return (
        one is not None
        and one.segment.inschrijving.sleutel == other.segment.inschrijving.sleutel
        and one.geldig_van == other.geldig_van
    )


def _place(regel: Regel) -> str:
    return regel.segment.periode.vestigingscode


def _cell(regel: Regel) -> tuple[str, str, str]:
    return regel.segment.periode.schoolsoort, _place(regel), categorie(regel.segment)


def _with(rows: list[Row], **values: object) -> int:
    return sum(all(row[name] == value for name, value in values.items()) for row in rows)
