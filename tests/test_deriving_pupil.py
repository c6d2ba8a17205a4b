"""What a source says of a pupil: exactly these facts, given what was known (events.md 2)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from ledger import events as ev
from ledger.deriving.pupil import told
from ledger.deriving.steps import RefusedStateError
from ledger.dossier import Dossier, Inschrijving, Koppeling
from ledger.fold import ATTRIBUTES, replay
from ledger.intake.feed import Parsed, parse_line
from ledger.states import (
    AnyStand,
    BepalingStand,
    InschrijvingStand,
    LeerlingStand,
    NietGeteldStand,
    PeriodeStand,
    TeldatumStand,
    TlvStand,
    VerwijderdStand,
    WoonplaatsStand,
)
from tests.histories import random_history
from tests.ledgers import NOW

KEY: dict[str, Any] = {"instellingscode": "01AA", "volgnummer": "1"}
AUG, NOV, JAN, T, MAR, JUL = (
    date(2024, 8, 1),
    date(2024, 11, 1),
    date(2025, 1, 6),
    date(2025, 2, 1),
    date(2025, 3, 3),
    date(2025, 7, 31),
)
T_NEXT = date(2026, 2, 1)
TLV, OTHER, THIRD = "PO0001-2024-00001", "PO0001-2024-00002", "PO0001-2024-00003"

Facts = tuple[ev.Fact, ...]


def registered(begin: date = AUG, **more: Any) -> ev.InschrijvingGeregistreerd:  # noqa: ANN401
    """Return a registration, of SO at 01AA00 unless said otherwise."""
    fields = {"vestigingscode": "01AA00", "schoolsoort": "SO", **more}
    return ev.InschrijvingGeregistreerd(**KEY, begindatum=begin, **fields)


def changed(vanaf: date, **more: Any) -> ev.InschrijvingGewijzigd:  # noqa: ANN401
    return ev.InschrijvingGewijzigd(**KEY, vanaf=vanaf, **more)


def corrected(**more: Any) -> ev.InschrijvingGecorrigeerd:  # noqa: ANN401
    return ev.InschrijvingGecorrigeerd(**KEY, **more)


def ended(einddatum: date) -> ev.UitschrijvingGeregistreerd:
    return ev.UitschrijvingGeregistreerd(**KEY, einddatum=einddatum)


def linked(nummer: str = TLV, door: Any = "school") -> ev.TlvGekoppeld:  # noqa: ANN401
    return ev.TlvGekoppeld(**KEY, nummer=nummer, door=door)


def unlinked(nummer: str = TLV, door: Any = "school") -> ev.TlvOntkoppeld:  # noqa: ANN401
    return ev.TlvOntkoppeld(**KEY, nummer=nummer, door=door)


def issued(nummer: str = TLV, begin: date = AUG, **more: Any) -> ev.TlvAfgegeven:  # noqa: ANN401
    fields = {"categorie": "LAAG", "einddatum": date(2026, 7, 31), **more}
    return ev.TlvAfgegeven(nummer=nummer, begindatum=begin, **fields)


def reported(teldatum: date = T, **more: Any) -> ev.BepalingGemeld:  # noqa: ANN401
    """Return what DUO determined: counted, by residence, unless said otherwise."""
    fields = {"swv": "PO0001", "wijze": "Woonplaats leerling", "telt": True, **more}
    return ev.BepalingGemeld(**KEY, teldatum=teldatum, **fields)


def period(vanaf: date = AUG, code: str = "01AA00", **more: Any) -> PeriodeStand:  # noqa: ANN401
    fields = {"schoolsoort": "SO", **more}
    return PeriodeStand(vanaf=vanaf, vestigingscode=code, **fields)


def listed(vanaf: date = AUG, code: str = "01AA00", **more: Any) -> ev.PeriodeVanInschrijving:  # noqa: ANN401
    fields = {"schoolsoort": "SO", **more}
    return ev.PeriodeVanInschrijving(vanaf=vanaf, vestigingscode=code, **fields)


def state(*perioden: PeriodeStand, **more: Any) -> InschrijvingStand:  # noqa: ANN401
    """Return an enrolment from its first period on that still runs, unless said otherwise."""
    chosen = perioden or (period(),)
    fields = {"begindatum": chosen[0].vanaf, "einddatum": None, **more}
    return InschrijvingStand(**KEY, perioden=chosen, **fields)


def counted(**more: Any) -> TeldatumStand:  # noqa: ANN401
    """Return a row of 1B of an enrolment in SO at 01AA00, LAAG, not residential, without tlv."""
    fields: dict[str, Any] = {
        "begindatum": AUG,
        "einddatum": None,
        "teldatum": T,
        "vestigingscode": "01AA00",
        "schoolsoort": "SO",
        "residentieel": False,
        "ondersteuningscategorie": "LAAG",
        "nummer": None,
    }
    return TeldatumStand(**KEY, **{**fields, **more})


def determined(**more: Any) -> BepalingStand:  # noqa: ANN401
    fields: dict[str, Any] = {
        "teldatum": T,
        "swv": "PO0001",
        "wijze": "Woonplaats leerling",
        "ondersteuningscategorie": "LAAG",
        "telt": True,
    }
    return BepalingStand(**KEY, **{**fields, **more})


def tlv(**more: Any) -> TlvStand:  # noqa: ANN401
    return TlvStand(nummer=TLV, **more)


def lives(vanaf: date = AUG, **where: Any) -> WoonplaatsStand:  # noqa: ANN401
    return WoonplaatsStand(vanaf=vanaf, **where)


def lived(vanaf: date = AUG, **where: Any) -> ev.WoonplaatsVastgelegd:  # noqa: ANN401
    return ev.WoonplaatsVastgelegd(vanaf=vanaf, **where)


def facts(known: Iterable[ev.Fact], *standen: AnyStand) -> Facts:
    """Return what is told; told again on top of it, nothing is."""
    dossier = replay(known)
    steps = told(dossier, standen)
    assert replay([*known, *steps.facts]) == steps.dossier
    assert told(steps.dossier, standen).facts == []
    return tuple(steps.facts)


Case = tuple[Facts, AnyStand, Facts]


def case(name: str, known: Facts, stand: AnyStand, *expected: ev.Fact) -> Any:  # noqa: ANN401
    return pytest.param(known, stand, expected, id=name)


# ------------------------------------------------------- an enrolment with its whole history

IJH: dict[str, Any] = {"soort_verblijf": "IJH"}
MOVED = (registered(), changed(NOV, vestigingscode="01AA01"))
ENROLMENTS = [
    case(
        "new with several periods and its links",
        (),
        state(
            period(),
            period(NOV, "01AA01"),
            period(JAN, "01AA01", soort_verblijf="IJH", ondersteuningscategorie="HOOG"),
            einddatum=JUL,
            tlv=(TLV, OTHER),
        ),
        registered(einddatum=JUL, tlv=(TLV, OTHER)),
        changed(NOV, vestigingscode="01AA01"),
        changed(JAN, soort_verblijf="IJH", ondersteuningscategorie="HOOG"),
    ),
    case("new with the defaults of the feed", (), state(), registered()),
    case(
        "new and linked by duo",
        (),
        state(tlv=(TLV,), door="duo"),
        registered(),
        linked(door="duo"),
    ),
    case(
        "new of which only periods are told",
        (),
        state(period(NOV), begindatum=UNSET, einddatum=UNSET),
        registered(NOV),
    ),
    case("nothing differs", MOVED, state(period(), period(NOV, "01AA01"))),
    case(
        "a period added", (registered(),), state(period(), period(NOV, **IJH)), changed(NOV, **IJH)
    ),
    case(
        "two periods added",
        (registered(),),
        state(period(), period(NOV, **IJH), period(JAN, "01AA01", **IJH)),
        changed(NOV, **IJH),
        changed(JAN, vestigingscode="01AA01"),
    ),
    case(
        "a period added and an end",
        (registered(),),
        state(period(), period(NOV, "01AA01"), einddatum=JUL),
        changed(NOV, vestigingscode="01AA01"),
        ended(JUL),
    ),
    case(
        "a period added after the end that was known",
        (registered(einddatum=NOV),),
        state(period(), period(JAN, "01AA01"), einddatum=JUL),
        corrected(einddatum=JUL),
        changed(JAN, vestigingscode="01AA01"),
    ),
    case(
        "one attribute of the first period",
        MOVED,
        state(period(code="01AA02"), period(NOV, "01AA01")),
        corrected(vestigingscode="01AA02"),
    ),
    case(
        "attributes of a later period",
        MOVED,
        state(period(), period(NOV, "01AA02", leerjaar=3)),
        corrected(periode=NOV, vestigingscode="01AA02", leerjaar=3),
    ),
    case(
        "another schoolsoort from the start",
        (registered(),),
        state(period(schoolsoort="SBO")),
        corrected(schoolsoort="SBO"),
    ),
    case(
        "attributes of two periods",
        MOVED,
        state(period(**IJH), period(NOV, "01AA01", **IJH)),
        corrected(perioden=(listed(**IJH), listed(NOV, "01AA01", **IJH))),
    ),
    case("a period taken away", MOVED, state(period()), corrected(perioden=(listed(),))),
    case(
        "a period between",
        MOVED,
        state(period(), period(date(2024, 9, 1), **IJH), period(NOV, "01AA01")),
        corrected(perioden=(listed(), listed(date(2024, 9, 1), **IJH), listed(NOV, "01AA01"))),
    ),
    case("an earlier begin", (registered(NOV),), state(period(AUG)), corrected(begindatum=AUG)),
    case(
        "a later begin, which drops the periods before it",
        MOVED,
        state(period(JAN, "01AA01")),
        corrected(begindatum=JAN),
    ),
    case(
        "a begin that was corrected, under its earlier begin",
        (registered(NOV),),
        state(period(AUG), oorspronkelijke_begindatum=NOV),
        corrected(begindatum=AUG),
    ),
    case(
        "another begin and another vestiging",
        (registered(NOV),),
        state(period(AUG, "01AA01")),
        corrected(begindatum=AUG),
        corrected(vestigingscode="01AA01"),
    ),
    case(
        "an earlier begin and a period more",
        (registered(NOV),),
        state(period(AUG), period(NOV, "01AA01")),
        corrected(begindatum=AUG),
        changed(NOV, vestigingscode="01AA01"),
    ),
    case(
        "a begin after the end that was known",
        (registered(einddatum=NOV),),
        state(period(JAN), einddatum=JUL),
        corrected(einddatum=JUL),
        corrected(begindatum=JAN),
    ),
    case("an end", (registered(),), state(einddatum=JUL), ended(JUL)),
    case(
        "an end moved", (registered(einddatum=JUL),), state(einddatum=MAR), corrected(einddatum=MAR)
    ),
    case(
        "an end taken back",
        (registered(einddatum=JUL),),
        state(),
        ev.UitschrijvingIngetrokken(**KEY),
    ),
    case(
        "an end before the last period, which falls away",
        MOVED,
        state(period(), einddatum=date(2024, 10, 1)),
        corrected(perioden=(listed(),)),
        ended(date(2024, 10, 1)),
    ),
    case("an end that is not told", (registered(einddatum=JUL),), state(einddatum=UNSET)),
    case(
        "attributes that are not told stay as known on the day",
        (
            registered(**IJH, leerjaar=2),
            changed(NOV, soort_verblijf="IGZ", cluster=4, bekostigbaar=False),
        ),
        state(period(), period(NOV)),
    ),
    case(
        "an attribute that is told to be none",
        (registered(ondersteuningscategorie="HOOG"),),
        state(period(ondersteuningscategorie=None)),
        corrected(ondersteuningscategorie=None),
    ),
    case(
        "a begin that is not told stays, of periods that lie later",
        MOVED,
        state(period(NOV, "01AA01"), begindatum=UNSET, eerder_onbekend=True),
    ),
    case(
        "a begin that is not told becomes that of the first period, when it lies earlier",
        (registered(NOV),),
        state(period(AUG), begindatum=UNSET),
        corrected(begindatum=AUG),
    ),
    case(
        "days before the first period stay as known",
        (registered(**IJH), changed(NOV, soort_verblijf="geen")),
        state(period(JAN, "01AA01"), begindatum=AUG, eerder_onbekend=True),
        changed(JAN, vestigingscode="01AA01"),
    ),
    case(
        "a first period that goes on as it was",
        (registered(**IJH),),
        state(period(NOV), period(JAN, "01AA01"), begindatum=AUG, eerder_onbekend=True),
        changed(JAN, vestigingscode="01AA01"),
    ),
    case(
        "days before the first period of one that is new are as in that period",
        (),
        state(period(NOV, "01AA01", **IJH), begindatum=AUG, eerder_onbekend=True),
        registered(AUG, vestigingscode="01AA01", **IJH),
    ),
    case(
        "a schoolsoort that is a guess gives way",
        (registered(schoolsoort="VSO"),),
        state(schoolsoort_onzeker=True),
    ),
    case(
        "a schoolsoort that is a guess of one that is new",
        (),
        state(schoolsoort_onzeker=True),
        registered(),
    ),
    case(
        "links that are not told stay",
        (registered(tlv=(TLV,)), linked(OTHER, "duo")),
        state(),
    ),
    case("a link by the school", (registered(),), state(tlv=(TLV,)), linked()),
    case(
        "a link taken away by the school, not the one of duo",
        (registered(tlv=(TLV,)), linked(OTHER, "duo")),
        state(tlv=()),
        unlinked(),
    ),
    case(
        "another link by the school",
        (registered(tlv=(TLV,)),),
        state(tlv=(OTHER,)),
        unlinked(),
        linked(OTHER),
    ),
    case("a number twice is one link", (registered(),), state(tlv=(TLV, TLV)), linked()),
    case(
        "the school links what duo linked",
        (registered(), linked(door="duo")),
        state(tlv=(TLV,)),
        linked(),
    ),
    case(
        "duo shows what the school linked, and lacks what duo linked: that may be of other days",
        (registered(tlv=(TLV,)), linked(OTHER, "duo")),
        state(tlv=(TLV,), door="duo"),
    ),
    case("duo links", (registered(),), state(tlv=(TLV,), door="duo"), linked(door="duo")),
    case(
        "removed",
        (registered(),),
        VerwijderdStand(**KEY, reden="nooit gestart"),
        ev.InschrijvingVerwijderd(**KEY, reden="nooit gestart"),
    ),
    case("removed and not known", (), VerwijderdStand(**KEY)),
    case(
        "there again after it was removed",
        (registered(tlv=(TLV,)), ev.InschrijvingVerwijderd(**KEY)),
        state(einddatum=JUL),
        registered(einddatum=JUL),
    ),
]


@pytest.mark.parametrize(("known", "stand", "expected"), ENROLMENTS)
def test_an_enrolment_with_its_whole_history(
    known: Facts, stand: AnyStand, expected: Facts
) -> None:
    assert facts(known, stand) == expected


# --------------------------------------------------------------------- a row of a teldatum

TWO_TELDATA = (registered(date(2023, 8, 1)), reported(date(2024, 2, 1)))
COUNTED = [
    case("new", (), counted(einddatum=JUL), registered(einddatum=JUL)),
    case(
        "new, residential and with a category",
        (),
        counted(residentieel=True, ondersteuningscategorie="HOOG"),
        registered(soort_verblijf="IJH", ondersteuningscategorie="HOOG"),
    ),
    case(
        "new, with the tlv that gives the category",
        (issued(categorie="HOOG"),),
        counted(ondersteuningscategorie="HOOG", nummer=TLV),
        registered(),
        linked(door="duo"),
    ),
    case(
        "new and residential with a tlv: the link is not the school's, so the category is told",
        (issued(categorie="HOOG"),),
        counted(residentieel=True, ondersteuningscategorie="HOOG", nummer=TLV),
        registered(soort_verblijf="IJH", ondersteuningscategorie="HOOG"),
        linked(door="duo"),
    ),
    case(
        "new in sbo",
        (),
        counted(schoolsoort="SBO", ondersteuningscategorie="SBO"),
        registered(schoolsoort="SBO"),
    ),
    case("nothing differs", (registered(tlv=(TLV,)),), counted(nummer=TLV)),
    case(
        "another vestiging, all days of the period",
        MOVED,
        counted(vestigingscode="01AA02"),
        corrected(periode=NOV, vestigingscode="01AA02"),
    ),
    case(
        "another vestiging than on the teldatum before",
        TWO_TELDATA,
        counted(begindatum=date(2023, 8, 1), vestigingscode="01AA01"),
        changed(T, vestigingscode="01AA01"),
    ),
    case(
        "another vestiging than on the teldatum after",
        (registered(), reported(T_NEXT)),
        counted(vestigingscode="01AA01"),
        corrected(perioden=(listed(code="01AA01"), listed(T_NEXT))),
    ),
    case(
        "another vestiging than on the teldata around it",
        (*TWO_TELDATA, reported(T_NEXT)),
        counted(begindatum=date(2023, 8, 1), vestigingscode="01AA01"),
        changed(T, vestigingscode="01AA01"),
        changed(T_NEXT, vestigingscode="01AA00"),
    ),
    case(
        "the vestiging of the period before, which then goes on",
        (*TWO_TELDATA, changed(T, vestigingscode="01AA01")),
        counted(begindatum=date(2023, 8, 1)),
        corrected(perioden=(listed(date(2023, 8, 1)),)),
    ),
    case(
        "a teldatum on which it did not count says nothing of its period",
        (
            registered(date(2023, 8, 1)),
            reported(date(2024, 2, 1), swv=None, wijze=None, telt=False),
        ),
        counted(begindatum=date(2023, 8, 1), vestigingscode="01AA01"),
        corrected(vestigingscode="01AA01"),
    ),
    case("residential after all", (registered(),), counted(residentieel=True), corrected(**IJH)),
    case(
        "not residential after all",
        (registered(soort_verblijf="IGZ"),),
        counted(),
        corrected(soort_verblijf="geen"),
    ),
    case(
        "which sort of stay is not told",
        (registered(soort_verblijf="IJG"),),
        counted(residentieel=True),
    ),
    case("a closed institution stays", (registered(soort_verblijf="GJI"),), counted()),
    case(
        "another category without tlv",
        (registered(),),
        counted(ondersteuningscategorie="MIDDEN"),
        corrected(ondersteuningscategorie="MIDDEN"),
    ),
    case(
        "LAAG without tlv where HOOG was registered",
        (registered(ondersteuningscategorie="HOOG"),),
        counted(),
        corrected(ondersteuningscategorie="LAAG"),
    ),
    case(
        "a category by tlv does not change the one registered",
        (issued(categorie="MIDDEN"), registered(ondersteuningscategorie="HOOG", tlv=(TLV,))),
        counted(ondersteuningscategorie="MIDDEN", nummer=TLV),
    ),
    case(
        "not fundable before",
        (registered(bekostigbaar=False),),
        counted(),
        corrected(bekostigbaar=True),
    ),
    case(
        "another begin",
        (registered(NOV),),
        counted(),
        corrected(begindatum=AUG),
    ),
    case(
        "another begin and another vestiging",
        (registered(NOV),),
        counted(vestigingscode="01AA01"),
        corrected(begindatum=AUG),
        corrected(vestigingscode="01AA01"),
    ),
    case("an end", (registered(),), counted(einddatum=MAR), ended(MAR)),
    case(
        "an end before a period that the row does not tell of, which falls away",
        (registered(), changed(MAR, vestigingscode="01AA01")),
        counted(einddatum=T),
        corrected(perioden=(listed(),)),
        ended(T),
    ),
    case(
        "an end taken back",
        (registered(einddatum=MAR),),
        counted(),
        ev.UitschrijvingIngetrokken(**KEY),
    ),
    case("a tlv", (issued(), registered()), counted(nummer=TLV), linked(door="duo")),
    case("a tlv that is not known", (registered(),), counted(nummer=TLV), linked(door="duo")),
    case(
        "a link by duo that would decide instead",
        (issued(), issued(OTHER, NOV), registered(), linked(OTHER, "duo")),
        counted(nummer=TLV),
        unlinked(OTHER, "duo"),
        linked(door="duo"),
    ),
    case(
        "a link by duo where no tlv decided",
        (issued(), registered(), linked(door="duo")),
        counted(),
        unlinked(door="duo"),
    ),
    case(
        "a link by duo that gives way to the one used stays",
        (issued(), issued(OTHER, NOV), registered(), linked(door="duo")),
        counted(nummer=OTHER),
        linked(OTHER, "duo"),
    ),
    case(
        "a link by the school stays, whatever duo used",
        (issued(), issued(OTHER, NOV), registered(tlv=(OTHER,))),
        counted(nummer=TLV),
        linked(door="duo"),
    ),
    case(
        "a link by duo of a tlv that does not hold on the teldatum stays",
        (issued(einddatum=date(2025, 1, 31)), registered(), linked(door="duo")),
        counted(),
    ),
    case(
        "a link by duo of a tlv that is not known stays",
        (registered(), linked(door="duo")),
        counted(),
    ),
    case(
        "a link by duo that decides nothing, of a residential pupil",
        (issued(), registered(**IJH), linked(door="duo")),
        counted(residentieel=True),
    ),
    case(
        "a link by duo that may be of another teldatum",
        (issued(), registered(), linked(door="duo"), reported(T_NEXT, wijze="TLV")),
        counted(),
    ),
]


@pytest.mark.parametrize(("known", "stand", "expected"), COUNTED)
def test_a_row_of_a_teldatum(known: Facts, stand: AnyStand, expected: Facts) -> None:
    assert facts(known, stand) == expected


NOT_COUNTED = ev.BepalingGemeld(**KEY, teldatum=T, telt=False)
GONE = NietGeteldStand(**KEY, teldatum=T, swv="PO0001")
REPORTS = [
    case("not known", (), GONE),
    case(
        "not counted any more",
        (registered(), reported()),
        GONE,
        corrected(bekostigbaar=False),
        NOT_COUNTED,
    ),
    case(
        "not counted any more, on this teldatum alone",
        (registered(date(2023, 8, 1)), reported(date(2024, 2, 1)), reported(), reported(T_NEXT)),
        GONE,
        changed(T, bekostigbaar=False),
        changed(T_NEXT, bekostigbaar=True),
        NOT_COUNTED,
    ),
    case(
        "not counted any more, and not enrolled on that day",
        (registered(einddatum=NOV), reported()),
        GONE,
        NOT_COUNTED,
    ),
    case(
        "gone from this file, and in one of another samenwerkingsverband meanwhile",
        (registered(), reported(), reported(swv="PO0002")),
        GONE,
    ),
    case(
        "gone from this file, and before that from one of another samenwerkingsverband",
        (registered(), reported(swv="PO0002"), NOT_COUNTED),
        GONE,
        corrected(bekostigbaar=False),
    ),
    case(
        "gone from this file, while DUO did not say who answered for it",
        (registered(), reported(swv=None, wijze=None)),
        GONE,
        corrected(bekostigbaar=False),
        NOT_COUNTED,
    ),
    case("known as not fundable", (registered(bekostigbaar=False), NOT_COUNTED), GONE),
    case(
        "a determination",
        (registered(),),
        determined(),
        reported(ondersteuningscategorie="LAAG"),
    ),
    case(
        "the same determination",
        (registered(), reported(ondersteuningscategorie="LAAG"), reported(T_NEXT)),
        determined(),
    ),
    case(
        "the determination of before the last one",
        (
            registered(),
            reported(ondersteuningscategorie="LAAG"),
            reported(swv="PO0002", ondersteuningscategorie="LAAG"),
        ),
        determined(),
        reported(ondersteuningscategorie="LAAG"),
    ),
]


@pytest.mark.parametrize(("known", "stand", "expected"), REPORTS)
def test_what_duo_determined(known: Facts, stand: AnyStand, expected: Facts) -> None:
    assert facts(known, stand) == expected


# ------------------------------------------------------------------- tlv, residence, birth

WHOLE: dict[str, Any] = {
    "categorie": "LAAG",
    "begindatum": AUG,
    "einddatum": date(2026, 7, 31),
}
WITHDRAWN = ev.TlvIngetrokken(nummer=TLV, per=JAN)
LAST_DAY = date(2025, 1, 5)
TLVS = [
    case("issued", (), tlv(**WHOLE), issued()),
    case("issued and withdrawn", (), tlv(**WHOLE, ingetrokken_per=JAN), issued(), WITHDRAWN),
    case("nothing differs", (issued(),), tlv(**WHOLE, ingetrokken_per=None)),
    case("nothing is told", (issued(),), tlv()),
    case(
        "another end",
        (issued(),),
        tlv(einddatum=JUL),
        ev.TlvGewijzigd(nummer=TLV, einddatum=JUL),
    ),
    case(
        "another category and begin",
        (issued(),),
        tlv(categorie="HOOG", begindatum=NOV),
        ev.TlvGewijzigd(nummer=TLV, categorie="HOOG", begindatum=NOV),
    ),
    case("withdrawn", (issued(),), tlv(ingetrokken_per=JAN), WITHDRAWN),
    case(
        "changed and withdrawn",
        (issued(),),
        tlv(categorie="HOOG", ingetrokken_per=JAN),
        ev.TlvGewijzigd(nummer=TLV, categorie="HOOG"),
        WITHDRAWN,
    ),
    case("withdrawn as known", (issued(), WITHDRAWN), tlv(**WHOLE, ingetrokken_per=JAN)),
    case(
        "withdrawn per another day",
        (issued(), WITHDRAWN),
        tlv(ingetrokken_per=MAR),
        ev.TlvIngetrokken(nummer=TLV, per=MAR),
    ),
    case("not withdrawn after all", (issued(), WITHDRAWN), tlv(ingetrokken_per=None), issued()),
    case(
        "not withdrawn after all, and another category",
        (issued(), WITHDRAWN),
        tlv(categorie="HOOG", ingetrokken_per=None),
        issued(categorie="HOOG"),
    ),
    case(
        "a source without withdrawals that has the end of before",
        (issued(), WITHDRAWN),
        tlv(**WHOLE),
    ),
    case(
        "a source without withdrawals that has the last day",
        (issued(), WITHDRAWN),
        tlv(**{**WHOLE, "einddatum": LAST_DAY}),
    ),
    case(
        "a source without withdrawals that has the last day, and another category",
        (issued(), WITHDRAWN),
        tlv(**{**WHOLE, "einddatum": LAST_DAY, "categorie": "HOOG"}),
        ev.TlvGewijzigd(nummer=TLV, categorie="HOOG"),
    ),
    case(
        "a source without withdrawals that has another end",
        (issued(), WITHDRAWN),
        tlv(**{**WHOLE, "einddatum": MAR}),
        issued(einddatum=MAR),
    ),
]


@pytest.mark.parametrize(("known", "stand", "expected"), TLVS)
def test_a_tlv(known: Facts, stand: AnyStand, expected: Facts) -> None:
    assert facts(known, stand) == expected


@pytest.mark.parametrize("missing", ["categorie", "begindatum", "einddatum"])
def test_a_tlv_that_is_not_told_as_a_whole_is_a_warning(missing: str) -> None:
    steps = told(replay([]), [tlv(**{**WHOLE, missing: UNSET}, ingetrokken_per=JAN)])
    assert steps.facts == []
    (warning,) = map(str, steps.warnings)
    assert warning == (
        f"tlv: tlv {TLV} is niet geboekt: haar categorie of data staan er niet in"
        "; lees het tlv-register van het samenwerkingsverband in"
    )


PC4 = lived(pc4="7511")
RESIDENCES = [
    case("a first PC4", (), lives(pc4="7511"), PC4),
    case("the same PC4 from a later day", (PC4,), lives(NOV, pc4="7511")),
    case("another PC4", (PC4,), lives(NOV, pc4="7601"), lived(NOV, pc4="7601")),
    case("another PC4 from the same day", (PC4,), lives(pc4="7601"), lived(pc4="7601")),
    case(
        "a PC4 from before the first one known",
        (lived(NOV, pc4="7511"),),
        lives(pc4="7511"),
        PC4,
    ),
    case("abroad", (PC4,), lives(NOV, buitenland=True), lived(NOV, buitenland=True)),
    case("abroad as known", (lived(buitenland=True),), lives(NOV, buitenland=True)),
    case("from abroad to a PC4", (lived(buitenland=True),), lives(pc4="7511"), PC4),
    case("a first samenwerkingsverband", (), lives(swv=("PO0001",)), lived(swv=("PO0001",))),
    case("the same", (lived(swv=("PO0001",)),), lives(NOV, swv=("PO0001",))),
    case(
        "another one",
        (lived(swv=("PO0001",)),),
        lives(NOV, swv=("PO0002",)),
        lived(NOV, swv=("PO0002",)),
    ),
    case(
        "of the other sector beside it",
        (lived(swv=("VO0001",)),),
        lives(swv=("PO0002",)),
        lived(swv=("PO0002", "VO0001")),
    ),
    case("a PC4 goes before it", (PC4,), lives(NOV, swv=("PO0002",))),
    case("a PC4 of a later day goes before it", (lived(NOV, pc4="7511"),), lives(swv=("PO0002",))),
    case("abroad goes before it", (lived(buitenland=True),), lives(swv=("PO0002",))),
    case(
        "after the samenwerkingsverband a PC4",
        (lived(swv=("PO0001",)),),
        lives(pc4="7511"),
        PC4,
    ),
    case(
        "a birth date",
        (),
        LeerlingStand(geboortedatum=NOV),
        ev.LeerlingGeregistreerd(geboortedatum=NOV),
    ),
    case(
        "the same birth date",
        (ev.LeerlingGeregistreerd(geboortedatum=NOV),),
        LeerlingStand(geboortedatum=NOV),
    ),
    case(
        "another birth date",
        (ev.LeerlingGeregistreerd(geboortedatum=NOV),),
        LeerlingStand(geboortedatum=JAN),
        ev.LeerlingGeregistreerd(geboortedatum=JAN),
    ),
]


@pytest.mark.parametrize(("known", "stand", "expected"), RESIDENCES)
def test_a_residence_and_a_birth_date(known: Facts, stand: AnyStand, expected: Facts) -> None:
    assert facts(known, stand) == expected


def test_states_are_told_one_after_another() -> None:
    """The tlv of a row is known when its enrolment is told: no other one would decide."""
    known = (issued(OTHER, NOV), registered(), linked(OTHER, "duo"))
    assert facts(known, tlv(**WHOLE), counted(nummer=TLV), determined(wijze="TLV")) == (
        issued(),
        unlinked(OTHER, "duo"),
        linked(door="duo"),
        reported(wijze="TLV", ondersteuningscategorie="LAAG"),
    )


# ------------------------------------------------------------------------------- refusals

SBO_TLV = "VO0001-2024-00001"
REFUSED = [
    pytest.param(
        (),
        state(einddatum=date(2024, 7, 1)),
        "einddatum: het einde ligt voor het begin; controleer beide data",
        id="an end before the begin, new",
    ),
    pytest.param(
        (registered(),),
        counted(einddatum=date(2024, 7, 1)),
        "einddatum: een inschrijving eindigt niet voor haar begin; controleer de data",
        id="an end before the begin, known",
    ),
    pytest.param(
        (),
        state(period(), period(NOV, schoolsoort="SBO")),
        "schoolsoort: de schoolsoort verandert niet binnen een inschrijving; "
        "registreer een uitschrijving en een nieuwe inschrijving",
        id="another schoolsoort within a new enrolment",
    ),
    pytest.param(
        MOVED,
        counted(schoolsoort="SBO", ondersteuningscategorie="SBO"),
        "schoolsoort: de schoolsoort verandert niet binnen een inschrijving; "
        "registreer een uitschrijving en een nieuwe inschrijving",
        id="another schoolsoort within a known enrolment",
    ),
    pytest.param(
        (),
        state(period(), period(NOV), period(NOV)),
        "vanaf: op deze dag begint al een periode van de inschrijving; "
        "gebruik InschrijvingGecorrigeerd met periode om die te verbeteren",
        id="two periods on a day",
    ),
    pytest.param(
        (),
        state(period(), period(JAN, "01AA01"), einddatum=NOV),
        "vanaf: een periode begint binnen de inschrijving; "
        "controleer vanaf, of corrigeer eerst begindatum of einddatum",
        id="a period after the end",
    ),
    pytest.param(
        (),
        state(tlv=(SBO_TLV,)),
        f"tlv: tlv {SBO_TLV} is van de verkeerde sector voor SO; "
        "SO vraagt een tlv van een samenwerkingsverband PO",
        id="a tlv of the wrong sector, new",
    ),
    pytest.param(
        (registered(),),
        counted(nummer=SBO_TLV),
        f"nummer: tlv {SBO_TLV} is van de verkeerde sector voor SO; "
        "SO vraagt een tlv van een samenwerkingsverband PO",
        id="a tlv of the wrong sector, known",
    ),
    pytest.param(
        (),
        determined(),
        "volgnummer: deze inschrijving is op dat moment niet bekend; "
        "lees eerst de InschrijvingGeregistreerd in, of controleer code en volgnummer",
        id="a determination of an enrolment that is not known",
    ),
    pytest.param(
        (),
        tlv(categorie="LAAG", begindatum=NOV, einddatum=AUG),
        "einddatum: het einde ligt voor het begin; controleer beide data",
        id="a tlv that ends before it begins, new",
    ),
    pytest.param(
        (issued(),),
        tlv(einddatum=date(2024, 7, 1)),
        "einddatum: een tlv eindigt niet voor zijn begin; controleer de data",
        id="a tlv that ends before it begins, known",
    ),
    pytest.param(
        (),
        TlvStand(nummer=SBO_TLV, categorie="SBO", begindatum=AUG, einddatum=JUL),
        "categorie: een samenwerkingsverband VO geeft geen tlv voor sbo af: verkeerde sector; "
        "controleer nummer en categorie",
        id="a tlv for sbo of a VO samenwerkingsverband",
    ),
    pytest.param(
        (),
        lives(swv=("PO0001", "PO0002")),
        "swv: een samenwerkingsverband per sector; geef er een per sector",
        id="two samenwerkingsverbanden of a sector",
    ),
    pytest.param(
        (),
        lives(date(1800, 1, 1), pc4="7511"),
        "vanaf: een datum ligt buiten 1900 tot en met 2999; "
        "controleer de datum; laat het veld weg als er geen is",
        id="a day out of bounds",
    ),
]


@pytest.mark.parametrize(("known", "stand", "message"), REFUSED)
def test_what_cannot_land_is_refused(known: Facts, stand: AnyStand, message: str) -> None:
    dossier = replay(known)
    with pytest.raises(RefusedStateError) as refusal:
        told(dossier, [stand])
    assert str(refusal.value) == message
    assert [str(problem) for problem in refusal.value.problems] == [message]


# ------------------------------------------------------------------- from any to any other


def dossiers(seed: int) -> list[Dossier]:
    """Return what is known of the pupils of a random history, after all of it."""
    lines = random_history(Random(seed))  # noqa: S311 - no secret is made
    per_pupil: dict[str, list[ev.Fact]] = {}
    for number, line in enumerate(lines, 1):
        parsed = parse_line(number, json.dumps(line).encode(), NOW)
        if isinstance(parsed, Parsed) and parsed.pgn is not None:
            per_pupil.setdefault(parsed.pgn, []).append(parsed.fact)
    return [replay(facts) for facts in per_pupil.values()]


def as_state(known: Inschrijving, **more: Any) -> InschrijvingStand:  # noqa: ANN401
    """Return an enrolment as a school would tell it, to the last attribute."""
    perioden = tuple(
        PeriodeStand(vanaf=one.vanaf, **{name: getattr(one, name) for name in ATTRIBUTES})
        for one in known.perioden
    )
    fields: dict[str, Any] = {
        "instellingscode": known.instellingscode,
        "volgnummer": known.volgnummer,
        "begindatum": known.begindatum,
        "einddatum": known.einddatum,
        "perioden": perioden,
        "tlv": tuple(link.nummer for link in known.koppelingen if link.door == "school"),
    }
    return InschrijvingStand(**{**fields, **more})


SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_any_enrolment_becomes_any_other_of_its_schoolsoort(seed: int) -> None:
    found = [
        (dossier, known)
        for each in (seed, seed + 1)
        for dossier in dossiers(each)
        for known in dossier.inschrijvingen.values()
    ]
    for (dossier, one), (_, two) in pairwise(found):
        if one.perioden[0].schoolsoort != two.perioden[0].schoolsoort:
            continue
        aim = as_state(two, instellingscode=one.instellingscode, volgnummer=one.volgnummer)
        steps = told(dossier, [aim])
        after = steps.dossier.inschrijvingen[one.sleutel]
        kept = [link for link in one.koppelingen if link.door == "duo"]
        by_school = [link for link in after.koppelingen if link.door == "school"]
        assert (after.begindatum, after.einddatum, after.perioden) == (
            two.begindatum,
            two.einddatum,
            two.perioden,
        )
        assert {link.nummer for link in by_school} == set(aim.tlv or ())
        assert [link for link in after.koppelingen if link.door == "duo"] == kept
        assert (after.bepalingen, after.perspectieven) == (one.bepalingen, one.perspectieven)
        assert _others(steps.dossier, one) == _others(dossier, one)
        assert told(steps.dossier, [aim]).facts == []


def _others(dossier: Dossier, one: Inschrijving) -> tuple[object, ...]:
    rest = {key: known for key, known in dossier.inschrijvingen.items() if key != one.sleutel}
    return rest, dossier.tlvs, dossier.woonplaatsen, dossier.geboortedatum


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_an_enrolment_as_it_is_known_tells_nothing(seed: int) -> None:
    for dossier in dossiers(seed):
        assert told(dossier, [as_state(one) for one in dossier.inschrijvingen.values()]).facts == []


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_a_dossier_is_told_anew_from_nothing(seed: int) -> None:
    """Enrolments with the school's links, tlv's and the birth date come out the same."""
    for dossier in dossiers(seed):
        steps = told(Dossier(), _everything(dossier))
        assert steps.warnings == []
        assert steps.dossier.inschrijvingen == {
            key: replace(one, koppelingen=_by_school(one), bepalingen=(), perspectieven=())
            for key, one in dossier.inschrijvingen.items()
        }
        assert steps.dossier.tlvs == dossier.tlvs
        assert steps.dossier.geboortedatum == dossier.geboortedatum


def _by_school(one: Inschrijving) -> tuple[Koppeling, ...]:
    return tuple(link for link in one.koppelingen if link.door == "school")


def _everything(dossier: Dossier) -> Iterable[AnyStand]:
    if dossier.geboortedatum is not None:
        yield LeerlingStand(geboortedatum=dossier.geboortedatum)
    for one in dossier.tlvs.values():
        yield TlvStand(
            nummer=one.nummer,
            categorie=one.categorie,
            begindatum=one.begindatum,
            einddatum=one.einddatum,
            ingetrokken_per=one.ingetrokken_per,
        )
    yield from map(as_state, dossier.inschrijvingen.values())
