"""The fold: what is known of a pupil after facts in their order (rules.md 2, events.md 1)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest

from ledger import events as ev
from ledger.dossier import EMPTY, Dossier, Inschrijving, Koppeling, Periode
from ledger.fold import Senseless, apply, replay

KEY: dict[str, Any] = {"instellingscode": "12QN", "volgnummer": "1"}
TLV = "PO2304-2024-00001"
BEGIN, END = date(2024, 8, 1), date(2025, 7, 31)
OCTOBER, JANUARY, MARCH = date(2024, 10, 1), date(2025, 1, 1), date(2025, 3, 1)


def registered(**fields: Any) -> ev.InschrijvingGeregistreerd:  # noqa: ANN401 - any field
    """Return the registration of an enrolment that runs from 1 August 2024."""
    known = {"begindatum": BEGIN, "vestigingscode": "12QN00", "schoolsoort": "SO"}
    return ev.InschrijvingGeregistreerd(**{**KEY, **known, **fields})


def changed(vanaf: date, **fields: Any) -> ev.InschrijvingGewijzigd:  # noqa: ANN401 - idem
    """Return a change of the enrolment from a day on."""
    return ev.InschrijvingGewijzigd(**{**KEY, "vanaf": vanaf, **fields})


def corrected(**fields: Any) -> ev.InschrijvingGecorrigeerd:  # noqa: ANN401 - idem
    """Return a correction of the enrolment."""
    return ev.InschrijvingGecorrigeerd(**{**KEY, **fields})


def period(vanaf: date, code: str = "12QN00", **fields: Any) -> ev.PeriodeVanInschrijving:  # noqa: ANN401 - idem
    """Return a period as a correction lists it."""
    return ev.PeriodeVanInschrijving(vanaf=vanaf, vestigingscode=code, **fields)


def known_after(*facts: ev.Fact) -> Inschrijving:
    """Return the enrolment after facts that all make sense."""
    dossier = EMPTY
    for fact in facts:
        dossier = apply(dossier, fact)
    (inschrijving,) = dossier.inschrijvingen.values()
    return inschrijving


def periods_after(*facts: ev.Fact) -> list[tuple[date, str, str]]:
    """Return begin, vestiging and stay of the periods after facts that all make sense."""
    perioden = known_after(*facts).perioden
    return [(one.vanaf, one.vestigingscode, one.soort_verblijf) for one in perioden]


def refused(*facts: ev.Fact) -> str:
    """Return the field for which the last fact makes no sense after the others."""
    *before, last = facts
    dossier = EMPTY
    for fact in before:
        dossier = apply(dossier, fact)
    with pytest.raises(Senseless) as caught:
        apply(dossier, last)
    assert caught.value.regel
    assert caught.value.remedie
    return caught.value.veld


# Registration


def test_the_first_period_starts_on_begindatum_with_what_was_registered() -> None:
    fact = registered(
        einddatum=END,
        soort_verblijf="IJH",
        bekostigbaar=False,
        ondersteuningscategorie="HOOG",
        cluster=3,
        leerjaar=4,
        vo_kenmerk="pro",
        tlv=(TLV, TLV),
    )
    periode = Periode(
        vanaf=BEGIN,
        vestigingscode="12QN00",
        schoolsoort="SO",
        soort_verblijf="IJH",
        bekostigbaar=False,
        ondersteuningscategorie="HOOG",
        cluster=3,
        leerjaar=4,
        vo_kenmerk="pro",
    )
    assert known_after(fact) == Inschrijving(
        "12QN",
        "1",
        BEGIN,
        END,
        (periode,),
        (Koppeling(TLV, "school"),),
    )


def test_two_enrolments_of_one_pupil_are_kept_apart() -> None:
    dossier = replay([registered(), registered(volgnummer="2"), registered(instellingscode="13AA")])
    assert set(dossier.inschrijvingen) == {("12QN", "1"), ("12QN", "2"), ("13AA", "1")}


def test_a_second_registration_makes_no_sense() -> None:
    assert refused(registered(), registered(begindatum=OCTOBER)) == "volgnummer"


# Changes: a new period from a day on


def test_a_change_takes_over_what_was_in_force() -> None:
    after = periods_after(registered(), changed(OCTOBER, soort_verblijf="IGZ"))
    assert after == [(BEGIN, "12QN00", "geen"), (OCTOBER, "12QN00", "IGZ")]


def test_a_change_between_periods_leaves_the_later_one_as_it_is() -> None:
    after = periods_after(
        registered(),
        changed(MARCH, vestigingscode="12QN02"),
        changed(OCTOBER, vestigingscode="12QN01", soort_verblijf="IJH"),
    )
    assert after == [
        (BEGIN, "12QN00", "geen"),
        (OCTOBER, "12QN01", "IJH"),
        (MARCH, "12QN02", "geen"),
    ]


def test_a_change_can_take_an_attribute_away() -> None:
    known = known_after(
        registered(ondersteuningscategorie="HOOG", cluster=3),
        changed(OCTOBER, ondersteuningscategorie=None, cluster=None),
    )
    first, second = known.perioden
    assert (first.ondersteuningscategorie, first.cluster) == ("HOOG", 3)
    assert (second.ondersteuningscategorie, second.cluster) == (None, None)


def test_a_change_that_changes_nothing_is_a_period_all_the_same() -> None:
    assert len(periods_after(registered(), changed(OCTOBER))) == 2


@pytest.mark.parametrize("vanaf", [date(2024, 7, 31), date(2025, 8, 1)])
def test_a_change_outside_the_enrolment_makes_no_sense(vanaf: date) -> None:
    assert refused(registered(einddatum=END), changed(vanaf)) == "vanaf"


@pytest.mark.parametrize("vanaf", [OCTOBER, END])
def test_a_change_within_the_enrolment_does(vanaf: date) -> None:
    assert len(periods_after(registered(einddatum=END), changed(vanaf))) == 2


def test_a_second_period_on_one_day_makes_no_sense() -> None:
    assert refused(registered(), changed(BEGIN, cluster=3)) == "vanaf"
    assert refused(registered(), changed(OCTOBER), changed(OCTOBER)) == "vanaf"


def test_a_change_of_schoolsoort_makes_no_sense() -> None:
    assert refused(registered(), changed(OCTOBER, schoolsoort="VSO")) == "schoolsoort"
    assert len(periods_after(registered(), changed(OCTOBER, schoolsoort="SO"))) == 2


# Corrections


def test_a_correction_replaces_the_attributes_of_the_first_period() -> None:
    after = periods_after(
        registered(), changed(OCTOBER), corrected(vestigingscode="12QN09", soort_verblijf="IJG")
    )
    assert after == [(BEGIN, "12QN09", "IJG"), (OCTOBER, "12QN00", "geen")]


def test_a_correction_names_a_period_by_its_start() -> None:
    after = periods_after(
        registered(), changed(OCTOBER), corrected(periode=OCTOBER, vestigingscode="12QN09")
    )
    assert after == [(BEGIN, "12QN00", "geen"), (OCTOBER, "12QN09", "geen")]


def test_a_correction_of_a_period_that_is_not_there_makes_no_sense() -> None:
    assert refused(registered(), corrected(periode=OCTOBER, cluster=3)) == "periode"


def test_a_period_is_named_by_its_start_as_known_before_the_correction() -> None:
    fact = corrected(begindatum=OCTOBER, periode=BEGIN, vestigingscode="12QN09")
    assert periods_after(registered(), fact) == [(OCTOBER, "12QN09", "geen")]
    assert refused(registered(), corrected(begindatum=OCTOBER, periode=OCTOBER)) == "periode"


def test_a_begin_moved_earlier_moves_the_first_period() -> None:
    earlier = date(2024, 5, 1)
    known = known_after(registered(), changed(OCTOBER), corrected(begindatum=earlier))
    assert known.begindatum == earlier
    assert [periode.vanaf for periode in known.perioden] == [earlier, OCTOBER]


def test_a_begin_moved_later_drops_the_periods_before_it() -> None:
    facts = [
        registered(),
        changed(OCTOBER, vestigingscode="12QN01"),
        changed(MARCH, vestigingscode="12QN02"),
    ]
    after = periods_after(*facts, corrected(begindatum=JANUARY))
    assert after == [(JANUARY, "12QN01", "geen"), (MARCH, "12QN02", "geen")]
    assert periods_after(*facts, corrected(begindatum=MARCH)) == [(MARCH, "12QN02", "geen")]
    onwards = periods_after(*facts, corrected(begindatum=OCTOBER))
    assert onwards == [(OCTOBER, "12QN01", "geen"), (MARCH, "12QN02", "geen")]


def test_an_end_is_corrected_or_taken_away() -> None:
    assert known_after(registered(einddatum=END), corrected(einddatum=MARCH)).einddatum == MARCH
    assert known_after(registered(einddatum=END), corrected(einddatum=None)).einddatum is None
    assert known_after(registered(einddatum=END), corrected(cluster=3)).einddatum == END


def test_the_whole_list_of_periods_is_replaced() -> None:
    fact = corrected(perioden=(period(BEGIN, "12QN05"), period(MARCH, "12QN06")))
    after = periods_after(registered(), changed(OCTOBER), fact)
    assert after == [(BEGIN, "12QN05", "geen"), (MARCH, "12QN06", "geen")]


def test_a_listed_period_has_the_schoolsoort_of_the_enrolment() -> None:
    known = known_after(registered(), corrected(perioden=(period(BEGIN), period(MARCH))))
    assert {periode.schoolsoort for periode in known.perioden} == {"SO"}
    right = corrected(perioden=(period(BEGIN, schoolsoort="VSO"),))
    assert known_after(registered(), right).perioden[0].schoolsoort == "VSO"


def test_a_list_of_periods_with_another_begin_needs_that_begindatum() -> None:
    moved = (period(OCTOBER),)
    assert refused(registered(), corrected(perioden=moved)) == "perioden"
    known = known_after(registered(), corrected(begindatum=OCTOBER, perioden=moved))
    assert (known.begindatum, known.perioden[0].vanaf) == (OCTOBER, OCTOBER)


@pytest.mark.parametrize(
    ("perioden", "veld"),
    [
        ((period(BEGIN), period(BEGIN)), "perioden"),
        ((period(BEGIN), period(MARCH), period(OCTOBER)), "perioden"),
        ((period(BEGIN), period(MARCH, schoolsoort="VSO")), "schoolsoort"),
        ((period(BEGIN), period(date(2025, 8, 1))), "einddatum"),
    ],
)
def test_a_list_of_periods_has_to_make_sense(
    perioden: tuple[ev.PeriodeVanInschrijving, ...], veld: str
) -> None:
    assert refused(registered(einddatum=END), corrected(perioden=perioden)) == veld


def test_an_end_before_the_begin_or_the_last_period_makes_no_sense() -> None:
    assert refused(registered(), corrected(einddatum=date(2024, 7, 31))) == "einddatum"
    assert refused(registered(), changed(OCTOBER), corrected(einddatum=BEGIN)) == "einddatum"
    assert refused(registered(einddatum=OCTOBER), corrected(begindatum=MARCH)) == "einddatum"


# Leaving, coming back, and what never was


def left(einddatum: date) -> ev.UitschrijvingGeregistreerd:
    """Return an end of the enrolment."""
    return ev.UitschrijvingGeregistreerd(**KEY, einddatum=einddatum)


BACK = ev.UitschrijvingIngetrokken(**KEY)
GONE = ev.InschrijvingVerwijderd(**KEY)


def test_the_last_end_that_was_reported_holds_until_it_is_withdrawn() -> None:
    assert known_after(registered(), left(END)).einddatum == END
    assert known_after(registered(), left(END), left(MARCH)).einddatum == MARCH
    assert known_after(registered(), left(END), BACK).einddatum is None
    assert known_after(registered(), BACK).einddatum is None


def test_an_end_on_the_first_day_of_the_last_period_is_one_day() -> None:
    assert known_after(registered(), changed(OCTOBER), left(OCTOBER)).einddatum == OCTOBER
    assert known_after(registered(), left(BEGIN)).einddatum == BEGIN


def test_an_end_too_early_makes_no_sense() -> None:
    assert refused(registered(), left(date(2024, 7, 31))) == "einddatum"
    assert refused(registered(), changed(OCTOBER), left(date(2024, 9, 30))) == "einddatum"


def test_a_deleted_enrolment_is_as_if_it_never_was() -> None:
    assert apply(replay([registered()]), GONE) == EMPTY
    again = known_after(registered(tlv=(TLV,)), GONE, registered(begindatum=OCTOBER))
    assert (again.begindatum, again.koppelingen) == (OCTOBER, ())


@pytest.mark.parametrize(
    "fact",
    [
        changed(OCTOBER),
        corrected(einddatum=END),
        left(END),
        BACK,
        GONE,
        ev.TlvGekoppeld(**KEY, nummer=TLV, door="duo"),
        ev.TlvOntkoppeld(**KEY, nummer=TLV, door="duo"),
        ev.BepalingGemeld(**KEY, teldatum=JANUARY),
    ],
)
def test_facts_about_an_enrolment_that_is_not_known_make_no_sense(fact: ev.Fact) -> None:
    assert refused(fact) == "volgnummer"
    assert refused(registered(), GONE, fact) == "volgnummer"


# Tlv's


ISSUED = ev.TlvAfgegeven(nummer=TLV, categorie="LAAG", begindatum=BEGIN, einddatum=END)


def tlv_after(*facts: ev.Fact) -> tuple[str, date, date, bool]:
    """Return categorie, begin, last valid day and whether the tlv was ever valid."""
    tlv = replay(facts).tlvs[TLV]
    return tlv.categorie, tlv.begindatum, tlv.laatste_dag, tlv.ooit_geldig


def test_a_tlv_is_valid_until_its_end_included() -> None:
    assert tlv_after(ISSUED) == ("LAAG", BEGIN, END, True)


@pytest.mark.parametrize(
    ("per", "last", "ever"),
    [
        (MARCH, date(2025, 2, 28), True),
        (date(2024, 8, 2), BEGIN, True),
        (BEGIN, date(2024, 7, 31), False),
        (date(2024, 1, 1), date(2023, 12, 31), False),
        (date(2026, 1, 1), END, True),
    ],
)
def test_a_withdrawn_tlv_is_valid_until_the_day_before(per: date, last: date, ever: bool) -> None:
    withdrawn = ev.TlvIngetrokken(nummer=TLV, per=per)
    assert tlv_after(ISSUED, withdrawn) == ("LAAG", BEGIN, last, ever)


def test_a_change_of_a_tlv_keeps_what_it_does_not_name() -> None:
    later = ev.TlvGewijzigd(nummer=TLV, einddatum=date(2026, 7, 31))
    assert tlv_after(ISSUED, later) == ("LAAG", BEGIN, date(2026, 7, 31), True)
    high = ev.TlvGewijzigd(nummer=TLV, categorie="HOOG", begindatum=OCTOBER)
    assert tlv_after(ISSUED, high) == ("HOOG", OCTOBER, END, True)


def test_a_change_leaves_a_withdrawal_and_a_new_issue_takes_it_away() -> None:
    withdrawn = ev.TlvIngetrokken(nummer=TLV, per=MARCH)
    high = ev.TlvGewijzigd(nummer=TLV, categorie="HOOG")
    assert tlv_after(ISSUED, withdrawn, high) == ("HOOG", BEGIN, date(2025, 2, 28), True)
    assert tlv_after(ISSUED, withdrawn, ISSUED) == ("LAAG", BEGIN, END, True)


def test_a_change_to_an_end_before_the_begin_makes_no_sense() -> None:
    assert refused(ISSUED, ev.TlvGewijzigd(nummer=TLV, einddatum=date(2024, 7, 31))) == "einddatum"


def test_a_change_of_an_unknown_tlv_makes_no_sense() -> None:
    assert refused(ev.TlvGewijzigd(nummer=TLV, categorie="HOOG")) == "nummer"
    assert refused(ev.TlvIngetrokken(nummer=TLV, per=MARCH)) == "nummer"


def test_links_of_the_school_and_of_duo_are_two_links() -> None:
    school = ev.TlvGekoppeld(**KEY, nummer=TLV, door="school")
    duo = ev.TlvGekoppeld(**KEY, nummer=TLV, door="duo")
    gone = ev.TlvOntkoppeld(**KEY, nummer=TLV, door="school")
    both = (Koppeling(TLV, "school"), Koppeling(TLV, "duo"))
    assert known_after(registered(), school, duo, school).koppelingen == both
    assert known_after(registered(), school, duo, gone).koppelingen == both[1:]
    assert known_after(registered(tlv=(TLV,)), gone).koppelingen == ()
    assert known_after(registered(), gone).koppelingen == ()


def test_a_link_may_come_before_its_tlv() -> None:
    dossier = replay([registered(tlv=(TLV,)), ISSUED])
    assert dossier.inschrijvingen["12QN", "1"].koppelingen[0].nummer in dossier.tlvs


# Residence and determinations


def lives(vanaf: date, pc4: str) -> ev.WoonplaatsVastgelegd:
    """Return a residence in a postcode area."""
    return ev.WoonplaatsVastgelegd(vanaf=vanaf, pc4=pc4)


@pytest.mark.parametrize(
    ("day", "pc4"),
    [(date(2024, 7, 31), None), (BEGIN, "7901"), (date(2024, 12, 31), "7901"), (JANUARY, "7511")],
)
def test_a_residence_is_in_force_until_the_next_one(day: date, pc4: str | None) -> None:
    dossier = replay([lives(JANUARY, "7511"), lives(BEGIN, "7901")])
    woonplaats = dossier.woonplaats_op(day)
    assert (woonplaats.pc4 if woonplaats else None) == pc4


def test_a_residence_of_the_same_day_is_a_correction() -> None:
    dossier = replay([lives(BEGIN, "7901"), lives(BEGIN, "7511")])
    assert [one.pc4 for one in dossier.woonplaatsen] == ["7511"]


def test_determinations_are_kept_in_the_order_of_knowledge() -> None:
    one = ev.BepalingGemeld(**KEY, teldatum=JANUARY, swv="PO2304")
    two = ev.BepalingGemeld(**KEY, teldatum=JANUARY, swv="PO2305")
    assert known_after(registered(), one, two).bepalingen == (one, two)


# Verzuim, vrijstelling, ontwikkelingsperspectief


def away(vanaf: date, soort: Literal["absoluut", "relatief"] = "relatief") -> ev.VerzuimGemeld:
    """Return a report that a pupil stays away."""
    return ev.VerzuimGemeld(soort=soort, vanaf=vanaf)


def freed(vanaf: date, tot_en_met: date | None = None) -> ev.VrijstellingVerleend:
    """Return a vrijstelling."""
    return ev.VrijstellingVerleend(vanaf=vanaf, tot_en_met=tot_en_met)


def test_a_verzuim_runs_until_its_last_day() -> None:
    one, two = replay(
        [away(BEGIN), ev.VerzuimBeeindigd(tot_en_met=OCTOBER), away(JANUARY, "absoluut")]
    ).verzuimen
    assert (one.vanaf, one.tot_en_met, one.soort) == (BEGIN, OCTOBER, "relatief")
    assert (two.vanaf, two.tot_en_met, two.soort) == (JANUARY, None, "absoluut")
    assert [one.holds_on(day) for day in (BEGIN, OCTOBER, JANUARY)] == [True, True, False]
    assert [two.holds_on(day) for day in (OCTOBER, JANUARY, MARCH)] == [False, True, True]


def test_a_verzuim_of_the_same_first_day_is_told_anew() -> None:
    ended = ev.VerzuimBeeindigd(tot_en_met=OCTOBER)
    (one,) = replay([away(BEGIN), ended, away(BEGIN, "absoluut")]).verzuimen
    assert (one.tot_en_met, one.soort) == (None, "absoluut")


@pytest.mark.parametrize(
    ("before", "fact", "veld"),
    [
        ([away(BEGIN)], away(OCTOBER), "vanaf"),
        ([away(OCTOBER)], away(BEGIN), "vanaf"),
        ([], ev.VerzuimBeeindigd(tot_en_met=OCTOBER), "tot_en_met"),
        ([away(OCTOBER)], ev.VerzuimBeeindigd(tot_en_met=BEGIN), "tot_en_met"),
        ([freed(BEGIN, JANUARY)], freed(JANUARY), "vanaf"),
        ([freed(BEGIN, JANUARY)], ev.VrijstellingBeeindigd(tot_en_met=MARCH), "tot_en_met"),
        ([freed(OCTOBER)], ev.VrijstellingBeeindigd(tot_en_met=BEGIN), "tot_en_met"),
    ],
)
def test_a_stretch_that_cannot_be_is_senseless(
    before: list[ev.Fact], fact: ev.Fact, veld: str
) -> None:
    with pytest.raises(Senseless) as refused:
        apply(replay(before), fact)
    assert refused.value.veld == veld


def test_a_vrijstelling_can_be_cut_short() -> None:
    facts = [freed(BEGIN, MARCH), ev.VrijstellingBeeindigd(tot_en_met=OCTOBER), freed(JANUARY)]
    assert [one.tot_en_met for one in replay(facts).vrijstellingen] == [OCTOBER, None]


def test_an_ontwikkelingsperspectief_goes_with_its_enrolment() -> None:
    fixed = ev.OntwikkelingsperspectiefVastgesteld(**KEY, vanaf=OCTOBER)
    assert known_after(registered(), fixed, fixed).perspectieven == (OCTOBER,)
    gone = replay([registered(), fixed, ev.InschrijvingVerwijderd(**KEY)])
    assert not gone.inschrijvingen


# Replay


def test_a_fact_that_makes_no_sense_has_no_effect_on_replay() -> None:
    facts = [left(END), registered(), registered(begindatum=OCTOBER), left(date(2020, 1, 1))]
    assert replay(facts) == replay([registered()])


def test_facts_that_say_nothing_of_the_dossier_leave_it() -> None:
    for fact in (
        ev.PgnVervangen(nieuw_pgn="123456782"),
        ev.Beschermd(van="WoonplaatsVastgelegd", geheim=b"x"),
    ):
        assert apply(EMPTY, fact) is EMPTY


@pytest.mark.parametrize("name", ev.PUPIL_FACTS)
def test_every_pupil_fact_lands_or_says_which_field_makes_no_sense(name: str) -> None:
    fact_class = ev.PUPIL_FACTS[name]
    dossier = replay([registered(), ISSUED])
    said = _landed(dossier, fact_class(**_any_values(fact_class)))
    assert said in {"", *ev.feed_fields(fact_class)}


def _landed(dossier: Dossier, fact: ev.Fact) -> str:
    try:
        apply(dossier, fact)
    except Senseless as senseless:
        return senseless.veld
    return ""


def _any_values(fact_class: type[ev.Fact]) -> dict[str, Any]:
    """Return values for the fields that a fact needs."""
    known: dict[str, Any] = {
        **KEY,
        "begindatum": BEGIN,
        "einddatum": END,
        "vanaf": OCTOBER,
        "vestigingscode": "12QN00",
        "schoolsoort": "SO",
        "nummer": TLV,
        "categorie": "LAAG",
        "per": MARCH,
        "door": "duo",
        "teldatum": JANUARY,
        "geboortedatum": BEGIN,
        "soort": "absoluut",
        "tot_en_met": END,
    }
    return {name: known[name] for name in ev.feed_fields(fact_class) if name in known}


@pytest.mark.parametrize(
    "again",
    [
        corrected(begindatum=BEGIN, soort_verblijf="geen"),
        ev.UitschrijvingGeregistreerd(**KEY, einddatum=END),
        ev.TlvGekoppeld(**KEY, nummer=TLV, door="school"),
        ev.TlvOntkoppeld(**KEY, nummer=TLV, door="duo"),
        ev.TlvAfgegeven(nummer=TLV, categorie="LAAG", begindatum=BEGIN, einddatum=END),
        ev.TlvGewijzigd(nummer=TLV, categorie="LAAG"),
        ev.WoonplaatsVastgelegd(vanaf=BEGIN, pc4="7901"),
        ev.LeerlingGeregistreerd(geboortedatum=date(2015, 5, 20)),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_a_fact_that_says_what_was_known_leaves_the_same_dossier(again: ev.Fact) -> None:
    known = replay(
        [
            registered(tlv=(TLV,), einddatum=END),
            ev.TlvAfgegeven(nummer=TLV, categorie="LAAG", begindatum=BEGIN, einddatum=END),
            ev.WoonplaatsVastgelegd(vanaf=BEGIN, pc4="7901"),
            ev.LeerlingGeregistreerd(geboortedatum=date(2015, 5, 20)),
        ]
    )
    assert apply(known, again) is known
