"""Whether the counts of a vestiging were checked, and still are what was checked (issue 6).

A check is a download of Dashboard 1A, or counts of DUO in a feed, held against our counts as
known at that moment; or a sealed reconciliation with the ledger.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple

from ledger import events as ev
from ledger.application import reference_stream
from ledger.files import imported_files
from ledger.reference import row_of
from projections.aansluiting.namen import A_GROOTBOEK
from projections.aansluiting.vergelijken import VERSCHILLEND, oordeel_van
from projections.aansluiting.zegel import Zegel, cijfers, cijfers_van, zegels
from projections.aansluiting.zijden import EEN_B
from projections.dashboard_1a import dashboard_1a
from projections.moments import deciding_schoolsoorten, status_of
from projections.questions import Question, herkomst_of, report_of
from projections.report import Fields, Report
from projections.store import ask, ask_reference
from projections.store.encoding import moment_of

Kleur = Literal["groen", "rood", "geel", "grijs"]
"""The last check agrees; it does not; it did, and the counts changed since; never checked."""

DASHBOARD_1A: Final = "dashboard-1a"
MET_TLV: Final = "met_tlv"

Counts = Mapping[tuple[str, str], Mapping[str, object]]
"""By vestiging and schoolsoort: the columns of dashboard 1A, file 1, in lower case."""


class Controle(NamedTuple):
    """A check: when, of what, and on which vestigingen what differed; `zelfde` = still so now.

    `mis` tells of each vestiging that was checked what is wrong, empty when it agrees.
    """

    op: datetime
    wat: str
    mis: Mapping[str, str]
    zelfde: Callable[[str], bool]
    bij_duo: Mapping[str, str]


def status_per_vestiging(question: Question, swv: str) -> list[Fields]:
    """Return a row per vestiging that counts for S or was in a check, by vestigingscode."""
    nu = _ours(question, swv, question.as_of.bekend_op)
    checks = sorted(_checks(question, swv, nu), key=lambda check: check.op)
    codes = {code for code, _ in nu} | {code for check in checks for code in check.mis}
    names = ask_reference.names_of_vestigingen(question.model, question.as_of)
    return [
        {
            "vestigingscode": code,
            "vestigingsnaam": names.get(code, ""),
            "aantal_nu": _total(nu, code),
            **_colour(code, checks),
        }
        for code in sorted(codes)
    ]


def _colour(code: str, checks: list[Controle]) -> Fields:
    """Return the colour by the last check; of two at one moment the one that fails decides."""
    mine = [check for check in checks if code in check.mis]
    if not mine:
        return _fields("grijs", None, code, "nooit gecontroleerd")
    last = max(mine, key=lambda check: (check.op, bool(check.mis[code])))
    if last.mis[code]:
        return _fields("rood", last, code, last.mis[code])
    if last.zelfde(code):
        return _fields("groen", last, code, "")
    return _fields("geel", last, code, "aantallen gewijzigd sinds de controle")


def _fields(kleur: Kleur, check: Controle | None, code: str, said: str) -> Fields:
    return {
        "status": kleur,
        "aantal_duo": "" if check is None else check.bij_duo.get(code, ""),
        "controle": "" if check is None else check.wat,
        "gecontroleerd_op": None if check is None else check.op,
        "toelichting": said,
    }


def _checks(question: Question, swv: str, nu: Counts) -> Iterator[Controle]:
    known = moment_of(question.as_of.known)
    events = _reported(question, swv)
    downloads = _downloads(question, swv, events)
    moments = {event.bekend_op for event in events} | downloads
    seen: set[str] = set()
    for moment in sorted(moment for moment in moments if moment <= known):
        check = _against_duo(question, swv, nu, _Told(events, moment, whole=moment in downloads))
        seen |= set(check.mis)
        yield check
    for zegel in zegels(question.ledger, question.model.position):
        about = (zegel.swv, zegel.feit.teldatum) == (swv, question.as_of.teldatum)
        of_duo = zegel.paar in {A_GROOTBOEK, EEN_B} and cijfers_van(zegel.feit)
        if about and of_duo and zegel.feit.zoals_bekend_op <= known:
            check = _sealed(question, zegel, seen)
            seen |= set(check.mis)
            yield check


class _Told(NamedTuple):
    """What DUO reported by a moment; `whole` = a file said all of it then."""

    events: list[ev.Event]
    op: datetime
    whole: bool

    def rows(self) -> Counts:
        latest: dict[tuple[str, str], Mapping[str, object]] = {}
        for fact in self._facts(lambda event: event.bekend_op <= self.op):
            latest[str(fact.vestigingscode), str(fact.schoolsoort)] = fact.aantallen
        return latest

    def of_that_moment(self) -> set[str]:
        facts = self._facts(lambda event: event.bekend_op == self.op)
        return {str(fact.vestigingscode) for fact in facts}

    def _facts(self, wanted: Callable[[ev.Event], bool]) -> Iterator[ev.AantallenGemeld]:
        for event in self.events:
            if isinstance(event.fact, ev.AantallenGemeld) and wanted(event):
                yield event.fact


def _reported(question: Question, swv: str) -> list[ev.Event]:
    """Return the counts of file 1 that DUO reported for S on the teldatum, in order."""
    about = ev.AantallenGemeld(
        tabel=MET_TLV, swv=swv, teldatum=question.as_of.teldatum, aantallen={}
    )
    events = question.ledger.events_of([reference_stream(about)], question.model.position)
    wanted = row_of(about)[:3]
    mine = [
        event
        for event in events
        if isinstance(event.fact, ev.AantallenGemeld) and row_of(event.fact)[:3] == wanted
    ]
    return sorted(mine, key=lambda event: (event.bekend_op, event.positie))


def _downloads(question: Question, swv: str, events: Iterable[ev.Event]) -> set[datetime]:
    """Return the moments of the downloads of file 1, also of one that said nothing new."""
    hashes = {event.bestand for event in events}
    found = set()
    for file in imported_files(question.ledger, question.model.position):
        fact = file.fact
        about = fact.product, fact.swv, fact.teldatum
        if file.undone or about != (DASHBOARD_1A, swv, question.as_of.teldatum):
            continue
        is_file_1 = fact.sha256 in hashes or MET_TLV in fact.naam.lower()
        if is_file_1 and fact.gedownload_op is not None:
            found.add(fact.gedownload_op)
    return found


def _against_duo(question: Question, swv: str, nu: Counts, told: _Told) -> Controle:
    toen, duo = _ours(question, swv, told.op), told.rows()
    codes = {code for code, _ in (*toen, *duo, *nu)} if told.whole else told.of_that_moment()
    return Controle(
        told.op,
        "dashboard 1A",
        {code: _differs(toen, duo, code) for code in codes},
        lambda code: _of(toen, code) == _of(nu, code),
        {code: _sum_of_duo(duo, code) for code in codes},
    )


def _sealed(question: Question, zegel: Zegel, seen: set[str]) -> Controle:
    """Return a seal as a check; it does not say which vestiging an open difference is of.

    It is about the whole samenwerkingsverband, so also about the vestigingen `seen` before.
    """
    sealed, now = cijfers_van(zegel.feit), cijfers(question.model, question.as_of, zegel.swv)
    numbers = zegel.feit.aantallen
    left = numbers.get("verschillen", 0) - numbers.get("geaccepteerd", 0)
    said = f"verzegeld met {left} open verschillen (het zegel zegt niet bij welke vestiging)"
    mis = said if left else ""
    toen, nu = _per_vestiging(sealed), _per_vestiging(now)
    return Controle(
        zegel.feit.zoals_bekend_op,
        f"zegel {zegel.positie}, {zegel.paar}",
        dict.fromkeys({*toen, *nu, *seen}, mis),
        lambda code: toen.get(code) == nu.get(code),
        {},
    )


def _per_vestiging(figures: Mapping[str, int]) -> dict[str, Counter[str]]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, number in figures.items():
        found[name[:6]][name[7:]] += number
    return dict(found)


def _ours(question: Question, swv: str, known: datetime | None) -> Counts:
    as_of = ask.AsOf(question.as_of.teldatum, known)
    rows = dashboard_1a(question.model, as_of, swv)[MET_TLV]
    return {(str(row["vestigingscode"]), str(row["schoolsoort"])): row for row in rows}


def _differs(ours: Counts, duo: Counts, code: str) -> str:
    """Return where our counts and DUO's differ, by more than `<5` leaves open; empty = nowhere."""
    wrong = []
    for key in sorted({key for key in (*ours, *duo) if key[0] == code}):
        mine, theirs = ours.get(key, {}), duo.get(key, {})
        names = [name for name in (*theirs, *mine) if name == "totaal" or name[:7] == "aantal_"]
        for name in dict.fromkeys(names):
            one, other = mine.get(name, 0), theirs.get(name, 0)
            if oordeel_van(one, other) == VERSCHILLEND:
                wrong.append(f"{key[1]} {name}: ons {one}, DUO {other}")
    return "; ".join(wrong)


def _of(counts: Counts, code: str) -> dict[str, dict[str, object]]:
    return {
        soort: {name: value for name, value in row.items() if name != "deelnemende_vestiging"}
        for (one, soort), row in counts.items()
        if one == code
    }


def _total(counts: Counts, code: str) -> int:
    return sum(int(str(row["totaal"])) for (one, _), row in counts.items() if one == code)


def _sum_of_duo(duo: Counts, code: str) -> str:
    """Return what DUO counts in all, as text: a part can be hidden."""
    parts = [str(row.get("totaal", "")) for (one, _), row in sorted(duo.items()) if one == code]
    if all(part.isdecimal() for part in parts):
        return str(sum(map(int, parts)))
    return " + ".join(parts)


def status_report(question: Question, swv: str) -> Report:
    """Return the status per vestiging as a report, with how many there are of each colour."""
    rows = status_per_vestiging(question, swv)
    colours = Counter(str(row["status"]) for row in rows)
    said = ", ".join(f"{colour} {colours[colour]}" for colour in Kleur.__args__)  # type: ignore[attr-defined]  # a Literal has them
    status = status_of(question.as_of, deciding_schoolsoorten(swv), question.model, question.now)
    herkomst = herkomst_of(question, question.as_of.teldatum, status, opmerkingen=(said,))
    return report_of("status", {"vestigingen": rows}, herkomst)
