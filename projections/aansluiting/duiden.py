"""What the differences of 1B mean: the facts of their pupils, class, cause, who and money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from projections.aansluiting.geld import Prijslijst, pupils_of
from projections.aansluiting.gevallen import Feiten, Geval, Groepen, gevallen_van, pupil_of
from projections.aansluiting.klassen import klasse_van, wie_van
from projections.aansluiting.model import Klasse, Paar, Regel, Verschil
from projections.aansluiting.oorzaken import Momenten, aanleiding
from projections.aansluiting.vergelijken import Vergelijking
from projections.aansluiting.woorden import Namen, in_woorden
from projections.aansluiting.zijden import (
    CATEGORIE,
    EEN_B,
    NUMMER,
    SCHOOLSOORT,
    VESTIGING,
    zijde_grootboek_1b,
)
from projections.moments import deciding_schoolsoorten, vaststelling_of
from projections.questions import Question
from projections.store.ask import AsOf, Selection
from projections.store.ask_aansluiting import houders, koppeling_feiten, tlv_feiten
from projections.store.encoding import EVERYTHING, day_number, moment_number
from projections.store.rectangles import StandRectangle, batches, rectangles_of
from projections.tarieven import Tarieven
from projections.told import Told, told
from projections.verklaring import Gebeurtenis
from projections.why.causes import Cause
from projections.why.explain import count_of
from projections.why.pairs import Point, rows_at
from projections.why.spoken import gebeurtenis_of

NOTHING: Final = Feiten()

Antwoorden = Mapping[str, list[Regel]]
"""The rows of 1B that the ledger had of each pupil at another moment."""


class Geduid(NamedTuple):
    """A difference with its class, and the events it rests on."""

    geval: Geval
    klasse: Klasse
    oorzaken: tuple[Cause, ...]


def duid_1b(
    question: Question, paar: Paar, found: Vergelijking, tarieven: Tarieven | None
) -> list[Verschil]:
    """Return what the differences of a 1B file mean, against the ledger or an earlier one."""
    fixed = vaststelling_of(paar.teldatum, deciding_schoolsoorten(paar.swv), question.model)
    momenten = _momenten(question, paar, fixed)
    explained = []
    for geval in _with_facts(question, paar, found, fixed):
        klasse = klasse_van(geval)
        explained.append(Geduid(geval, klasse, aanleiding(geval, klasse, momenten)))
    words = _words(question, explained)
    prijzen = Prijslijst(tarieven, paar.teldatum, question.as_of.bekend_op)
    namen = Namen(paar.links.naam, paar.rechts.naam)
    return [
        _verschil(one, namen, prijzen, [gebeurtenis_of(words[at], fixed) for _, at in one.oorzaken])
        for one in explained
    ]


def _verschil(
    geduid: Geduid,
    namen: Namen,
    prijzen: Prijslijst,
    events: Sequence[Gebeurtenis],
) -> Verschil:
    geval, klasse, _ = geduid
    sides = [pupils_of(rows, SCHOOLSOORT, CATEGORIE) for rows in (geval.links, geval.rechts)]
    return Verschil(
        soort=geval.soort,
        sleutel=geval.sleutel,
        pgn=geval.regel.pgn,
        klasse=klasse,
        kolommen=geval.kolommen,
        oorzaak=in_woorden(geval, klasse, namen, events),
        gebeurtenissen=tuple(events),
        wie=wie_van(geval, klasse),
        aantal=len(geval.links) - len(geval.rechts),
        bedrag=prijzen.verschil(*sides),
        sinds=max((event.bekend_op for event in events), default=None),
        vestigingscode=str(geval.regel.velden[VESTIGING] or ""),
        plaatsen=tuple(regel.plaats for regel in (*geval.links, *geval.rechts)),
    )


def _momenten(question: Question, paar: Paar, fixed: datetime) -> Momenten:
    """Return the moments between which an event explains: of two downloads the two of them."""
    links, rechts = _known(paar.links.bekend_op), _known(paar.rechts.bekend_op)
    asked = question.as_of.known
    if paar.naam == EEN_B:
        return Momenten(links, moment_number(fixed), asked)
    return Momenten(rechts, moment_number(fixed), links)


def _known(moment: datetime | None) -> int:
    return EVERYTHING if moment is None else moment_number(moment)


def _with_facts(
    question: Question, paar: Paar, found: Vergelijking, fixed: datetime
) -> list[Geval]:
    groepen = _groepen(question, (*paar.links.regels, *paar.rechts.regels))
    cases = gevallen_van(paar, found, groepen)
    if not cases:
        return []
    known = {case.groep for case in cases if case.groep is not None}
    feiten = _facts(question, paar, sorted(known))
    holders = _holders(question, cases)
    cases = [
        case._replace(
            feiten=feiten.get(case.groep or "", NOTHING),
            andere_houder=bool(_number(case) and holders.get(_number(case), set()) - {case.groep}),
        )
        for case in cases
    ]
    return _with_moments(question, paar, cases, fixed)


def _number(case: Geval) -> str:
    return "" if case.duo is None else str(case.duo.velden[NUMMER] or "")


def _holders(question: Question, cases: Iterable[Geval]) -> Mapping[str, set[str]]:
    numbers = sorted({_number(case) for case in cases} - {""})
    return houders(question.model, question.as_of, numbers)


def _groepen(question: Question, rows: Iterable[Regel]) -> Groepen:
    """Return the group of streams of each PGN; empty ones are of forgotten pupils."""
    pgns = {regel.pgn for regel in rows if regel.pgn}
    found = question.ledger.vault.find(sorted(pgns))
    return {pgn: identity.groep.hex for pgn, identity in found.items()}


def _facts(question: Question, paar: Paar, groepen: Sequence[str]) -> Mapping[str, Feiten]:
    """Return what is known of pupils, in a few queries for all together."""
    model, known = question.model, question.as_of.known
    point = Point(day_number(paar.teldatum), known)
    selection = count_of(Selection(swv=paar.swv))
    alles: defaultdict[str, list[StandRectangle]] = defaultdict(list)
    for part in batches(groepen):
        for row in rectangles_of(model, part, known, selection):
            alles[row.groep].append(row)
    tlvs, links = defaultdict(list), defaultdict(list)
    for tlv in tlv_feiten(model, question.as_of, groepen):
        tlvs[tlv.groep].append(tlv)
    for link in koppeling_feiten(model, question.as_of, groepen):
        links[link.groep].append(link)
    return {
        groep: Feiten(rows_at(alles[groep], point), alles[groep], tlvs[groep], links[groep])
        for groep in groepen
    }


def _with_moments(
    question: Question, paar: Paar, cases: Sequence[Geval], fixed: datetime
) -> list[Geval]:
    """Return the cases with whether the ledger of then agrees with DUO."""
    if paar.naam == EEN_B:
        at_file = _answers(question, paar, paar.links.bekend_op)
        at_fixing = _answers(question, paar, fixed)
        return [
            case._replace(
                sinds_download=_agrees(case, case.duo, at_file),
                na_vaststelling=_agrees(case, case.duo, at_fixing)
                and question.as_of.known > moment_number(fixed),
            )
            for case in cases
        ]
    earlier = _answers(question, paar, paar.rechts.bekend_op)
    later = _answers(question, paar, paar.links.bekend_op)
    return [
        case._replace(
            sinds_download=_agrees(case, case.ons, earlier) and _agrees(case, case.duo, later)
        )
        for case in cases
    ]


def _answers(question: Question, paar: Paar, moment: datetime | None) -> Antwoorden:
    zijde = zijde_grootboek_1b(question, paar.swv, AsOf(paar.teldatum, moment))
    groepen = _groepen(question, zijde.regels)
    found: defaultdict[str, list[Regel]] = defaultdict(list)
    for regel in zijde.regels:
        found[pupil_of(regel, groepen)].append(regel)
    return found


def _agrees(case: Geval, said: Regel | None, answers: Antwoorden) -> bool:
    """Tell whether the ledger of then said of a pupil what a row says, where sides differ.

    Of a row that is on one side alone: that it was there, under the same key.
    """
    if case.groep is None or case.soort == "dubbel" or case.elders:
        return False
    then = answers.get(case.groep, [])
    if said is None:
        return not then
    if len(then) != 1:
        return False
    if case.eenzijdig:
        return then[0].sleutel[1:] == said.sleutel[1:]
    return all(then[0].velden[kolom] == said.velden[kolom] for kolom in case.kolommen)


def _words(question: Question, explained: Sequence[Geduid]) -> Mapping[int, Told]:
    positions = sorted({position for one in explained for _, position in one.oorzaken})
    events = question.ledger.events_at(positions) if positions else []
    return {event.positie: event for event in told(question.ledger, events)} if events else {}
