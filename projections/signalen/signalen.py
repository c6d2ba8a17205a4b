"""All signals about the enrolments of a samenwerkingsverband, as a report (rules.md 10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from ledger.collector import collector_paused
from projections.moments import deciding_schoolsoorten, status_of
from projections.persons import pgns
from projections.questions import Question, herkomst_of, report_of
from projections.report import Fields, Report, Table
from projections.signalen import (
    over_bestanden,
    over_herhaling,
    over_inschrijving,
    over_nummer,
    over_tlv,
)
from projections.signalen.beeld import Beeld
from projections.signalen.model import SIGNALEN, Grond, Loop, Vondst, Waar
from projections.store.ask_signalen import Rij, verleden
from projections.store.encoding import moment_of

DEFAULT_MONTHS: Final = 3
"""How far before its end a tlv is signalled (rules.md 10, n; assumption: one can still act)."""

_FINDERS: Final[Mapping[str, Callable[[Beeld], Iterator[Vondst]]]] = {
    "residentieel-met-tlv": over_tlv.residentieel_met_tlv,
    "ander-samenwerkingsverband": over_tlv.ander_samenwerkingsverband,
    "gesloten-inrichting": over_inschrijving.gesloten_inrichting,
    "zonder-tlv": over_tlv.zonder_tlv,
    "tlv-loopt-af": over_tlv.tlv_loopt_af,
    "tlv-andere-leerling": over_nummer.tlv_andere_leerling,
    "tlv-termijn": over_tlv.tlv_termijn,
    "dubbele-inschrijving": over_inschrijving.dubbele_inschrijving,
    "gat-tussen-inschrijvingen": over_inschrijving.gat_tussen_inschrijvingen,
    "na-vaststelling": over_inschrijving.na_vaststelling,
    "pc4-zonder-samenwerkingsverband": over_herhaling.pc4_zonder_samenwerkingsverband,
    "geen-samenwerkingsverband": over_herhaling.geen_samenwerkingsverband,
    "afgekeurde-regels": over_bestanden.afgekeurde_regels,
    "zonder-effect": over_herhaling.zonder_effect,
}
assert tuple(_FINDERS) == tuple(SIGNALEN)

ON_SCREEN: Final = (
    "signaal",
    "vestigingscode",
    "volgnummer",
    "pgn",
    "toelichting",
    "sinds",
    "wie",
)
"""The columns of a screen; every other form has them all."""


class Keuze(NamedTuple):
    """What is asked for; no names = all signals, None = everywhere."""

    swv: str | None = None
    vestigingscode: str | None = None
    signalen: Sequence[str] = ()
    maanden: int = DEFAULT_MONTHS


class Gevonden(NamedTuple):
    """The rows, and at how many enrolments of how many pupils was looked."""

    rijen: list[Fields]
    inschrijvingen: int
    leerlingen: int


def signalen(question: Question, keuze: Keuze) -> Gevonden:
    """Return a row per finding, ordered by signal, vestiging, volgnummer and PGN.

    A narrowing to a vestiging leaves out what is about no enrolment there. Moments are UTC.
    """
    with collector_paused():
        beeld = Beeld(question, keuze.swv, keuze.maanden)
        chosen = keuze.signalen or tuple(SIGNALEN)
        found = [
            vondst
            for name in SIGNALEN
            if name in chosen
            for vondst in _FINDERS[name](beeld)
            if keuze.vestigingscode in {None, _waar(vondst).vestigingscode}
        ]
        since = _Since(beeld, [loop for vondst in found for loop in vondst.lopen])
        names = pgns(question.ledger, question.model, question.as_of, map(_leerling, found))
        rows = [_fields(vondst, since, names) for vondst in found]
    order = {name: place for place, name in enumerate(SIGNALEN)}
    rows.sort(key=lambda row: (order[str(row["signaal"])], *_place(row)))
    looked = [row for row in beeld.rijen if keuze.vestigingscode in {None, row.vestigingscode}]
    return Gevonden(rows, len(looked), len({row.leerling for row in looked}))


def signalen_report(question: Question, keuze: Keuze) -> Report:
    """Return the findings as a report, that says how much was looked at."""
    found = signalen(question, keuze)
    soorten = deciding_schoolsoorten(keuze.swv)
    status = status_of(question.as_of, soorten, question.model, question.now)
    herkomst = herkomst_of(
        question, question.as_of.teldatum, status, opmerkingen=_remarks(keuze, found)
    )
    report = report_of("signalen", {"signalen": found.rijen}, herkomst)
    return replace(report, tabellen=tuple(map(_on_screen, report.tabellen)))


def _remarks(keuze: Keuze, found: Gevonden) -> tuple[str, ...]:
    chosen = ", ".join(name for name in SIGNALEN if name in keuze.signalen)
    names = chosen or f"alle {len(SIGNALEN)} signalen"
    looked = f"{_counted(found.inschrijvingen, 'inschrijving')} in sbo, so en vso"
    pupils = _counted(found.leerlingen, "leerling")
    counted = f"Gekeken naar {looked} van {pupils}; {_counted(len(found.rijen), 'signaal')}"
    return counted, f"Gezocht: {names}"


def _counted(number: int, noun: str) -> str:
    many = noun.replace("aal", "al") + "en"
    return f"{number} {noun if number == 1 else many}"


def _on_screen(table: Table) -> Table:
    places = [place for place, column in enumerate(table.kolommen) if column.naam in ON_SCREEN]
    columns = tuple(table.kolommen[place] for place in places)
    rows = [tuple(row[place] for place in places) for row in table.rijen]
    return replace(table, scherm=Table(table.naam, table.titel, columns, rows))


class _Since:
    """Since when enrolments are what they are on a day, and by which events."""

    def __init__(self, beeld: Beeld, lopen: Iterable[Loop]) -> None:
        self._known = beeld.as_of.known
        self._rows: defaultdict[tuple[str, tuple[str, str]], list[Rij]] = defaultdict(list)
        groups = {loop.rij.groep for loop in lopen}
        for row in verleden(beeld.model, beeld.as_of, groups):
            self._rows[row.groep, row.sleutel].append(row)

    def grond(self, loop: Loop) -> Grond:
        """Return when the unbroken knowledge began in which the columns are as they are now."""
        on_day = [
            row
            for row in self._rows[loop.rij.groep, loop.rij.sleutel]
            if row.geldig_van <= loop.day < row.geldig_tot
        ]
        on_day.sort(key=lambda row: row.leerling != loop.rij.leerling)
        run = next(row for row in on_day if row.bekend_tot > self._known)
        look = _look(run, loop)
        while True:
            before = [row for row in on_day if row.bekend_tot == run.bekend_van]
            same = next((row for row in before if _look(row, loop) == look), None)
            if same is None:
                return Grond(run.bekend_van, run.openers)
            run = same


def _look(row: Rij, loop: Loop) -> tuple[object, ...]:
    return tuple(getattr(row, column) for column in loop.kolommen)


def _fields(vondst: Vondst, since: _Since, names: Mapping[str, str]) -> Fields:
    grounds = [*vondst.gronden, *map(since.grond, vondst.lopen)]
    positions = sorted({position for ground in grounds for position in ground.posities})
    row, signaal = vondst.rij, SIGNALEN[vondst.signaal]
    return {
        "signaal": vondst.signaal,
        "regel": signaal.regel,
        **_waar(vondst)._asdict(),
        "pgn": names.get(_leerling(vondst), ""),
        "swv": vondst.swv or (row.swv if row is not None and row.swv else ""),
        "beschikkingsnummer": vondst.beschikkingsnummer,
        "toelichting": vondst.toelichting,
        "sinds": moment_of(max(ground.bekend_van for ground in grounds)),
        "wie": vondst.wie or signaal.wie,
        "gebeurtenissen": " ".join(map(str, positions)),
    }


def _waar(vondst: Vondst) -> Waar:
    row = vondst.rij
    if row is None:
        return vondst.waar
    return Waar(row.instellingscode, row.volgnummer, row.vestigingscode, row.schoolsoort)


def _leerling(vondst: Vondst) -> str:
    return vondst.leerling or ("" if vondst.rij is None else vondst.rij.leerling)


def _place(row: Fields) -> tuple[str, ...]:
    return tuple(
        str(row[name]) for name in ("vestigingscode", "volgnummer", "pgn", "beschikkingsnummer")
    )
